//! What is said of the packs elsewhere agrees with them: `policies/README.md`, which is made from them, and the
//! catalogue of rules that they are taken from. The catalogue lies beside the samples and is no part of the package;
//! without it its test is not run.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fieldlock::policy::{Became, Gone, Moment, Packs, Rule};
use fieldlock::report::documents::PolicyList;
use fieldlock::source::SourceMap;

use crate::common::expected::{BLESS, expect};
use crate::common::needs;

#[test]
fn the_readme_lists_the_rules_that_are_shipped() {
    expect("policies/README.md", &readme());
}

#[test]
fn no_rule_repeats_the_platforms_of_its_pack() {
    for pack in shipped().packs {
        for rule in pack.rules.iter().filter(|rule| rule.wording.contains("\n    platforms ")) {
            let fewer = rule.platforms.len() < pack.platforms.len();
            assert!(fewer, "{} has the platforms of its pack: delete the line", rule.id);
        }
    }
}

fn readme() -> String {
    let before = format!(
        "Each rule is a file: its condition in the shape of the device, why it exists, where it comes from, how to mend\n\
         it, and samples that pass and fail. `fieldlock explain RULE` shows one. A rule supports a requirement of\n\
         IEC 62443-4-2; no rule proves that a product meets it. The ids are never reused; a `-B` beside an id is the same\n\
         rule where it asks for something else (another severity, or another platform).\n\n\
         Made from the packs: `{BLESS}` writes it anew.\n"
    );
    fieldlock::report::policy_page(&PolicyList::of(&shipped()), &before)
}

/// Ids that begin so are asked for: the areas of the catalogue that are built, where its check begins with `config` or
/// is what people do, and its state is kept or new, or strict.
const AREAS: &[&str] = &["NP6-", "MX-", "FLT-", "OT-"];
/// Taken by name, for what a plan needs can be judged from a description already, or by people.
const SINGLES: &[&str] = &["PLN-003", "MX-REV-002", "OT-BAK-001"];
/// Asked for in an area that is built, and not written yet: they judge settings that the language has no word for.
const NOT_YET: &[&str] = &[];
/// Kept rows that the program itself answers, for every site: their ids say so.
const ANSWERED: &[&str] = &["OT-ATT-001", "OT-BAK-002", "OT-CRD-003", "OT-VND-001", "OT-WAI-001"];

/// Rows of plans that the program answers, in the head of the pack `plan`.
const PLANNED: &[&str] = &["PLN-001", "PLN-005"];

const ONE_PAGE: &str = "no source shows where another platform has its certificate";

/// Where a pack says something else than the catalogue: rule, column, why.
const DEVIATIONS: &[(&str, &str, &str)] = &[
    ("NP6-ACL-002-B", "severity", "an entry within another one lets nobody in that is not let in already"),
    ("MX-ACL-002-B", "severity", "an entry within another one lets nobody in that is not let in already"),
    ("MX-ACL-001-B", "family", "what stands beside the list is a fault of its own"),
    ("NP6-SER-003-B", "family", "the login is asked of consoles over SSH too, and of lines that dial in"),
    ("OT-NET-019-B", "family", "what is outside has to be said before it is judged"),
    ("OT-NET-019-B", "severity", "what answers there is the other rule's"),
    ("OT-NET-019-C", "family", "whom the list lets in, wherever the device stands"),
    ("OT-NET-019-C", "severity", "what answers there is the other rule's"),
    ("OT-NET-020-C", "family", "users who dial in have no ciphers of their own"),
    ("OT-NET-020-B", "family", "the key is judged apart from the ciphers, when it is at hand"),
    ("MX-SES-002-B", "severity", "the catalogue's warning for 4 and 5 tries, beside its error for more"),
    ("NP6-CRT-004-B", "severity", "the catalogue's warning of 90 days, beside its error of 30"),
    ("OT-TLS-003", "platforms", ONE_PAGE),
    ("OT-TLS-004", "platforms", ONE_PAGE),
    ("OT-TLS-005", "platforms", ONE_PAGE),
    ("OT-CRD-001", "family", "that of `MX-ACC-002`, which asks a part of it: both are one finding"),
    ("FLT-009", "platforms", ONE_PAGE),
    ("FLT-009", "family", "that of `OT-TLS-004`, which asks the same: both are one finding"),
    ("FLT-004", "platforms", "the routes of a router are not described"),
    ("FLT-005", "platforms", "only device servers have pair connections"),
    ("FLT-006", "platforms", "only device servers have serial ports"),
    ("OT-LOG-001", "platforms", "device servers show one log server"),
    ("OT-LOG-003", "platforms", "the others have no severity for a server"),
    ("OT-LOG-004", "family", "it asks for more of what `log.events-selected` asks for: one finding"),
    ("OT-LOG-004", "platforms", "the older device server sends categories"),
    ("OT-NET-007", "platforms", "no source shows port security of MX-ROS"),
    ("OT-NET-008", "platforms", "no source shows 802.1X of a port of MX-ROS"),
    ("OT-NET-009", "platforms", "MX-ROS has no DHCP snooping"),
    ("OT-NET-010", "platforms", "MX-ROS has no ARP inspection"),
    ("OT-NET-011", "platforms", "no source shows storm control of MX-ROS"),
    ("OT-NET-012", "platforms", "no source shows guards of MX-ROS"),
    ("OT-NET-017", "platforms", "the others have no such services"),
    ("FLT-010", "platforms", "only switches and routers are part of rings"),
    ("FLT-011", "platforms", "only switches and routers have ports that name their other end"),
    ("OT-NET-023", "platforms", "asked of switches and routers so far"),
    ("OT-NET-014", "platforms", "NPort 6000-G2 has LLDP in the vendor's service, the older one none"),
    ("OT-NET-016", "platforms", "NPort 6000-G2 has neither Telnet nor HTTP"),
    ("OT-NTP-001", "platforms", "device servers have no place for keys of time servers"),
    ("OT-NTP-002", "platforms", "device servers show one time server"),
    ("OT-SNM-001-B", "severity", "the catalogue's warning for SHA-1, beside its error for MD5"),
    ("OT-TLS-002", "check", "no setting tells the ciphers: a scan of the device does"),
];

#[test]
fn the_packs_hold_the_catalogues_rules() {
    let text = catalogue();
    needs::may("FIELDLOCK_SAMPLES does not lead to a catalogue beside it", text.is_some());
    let Some(text) = text else { return };
    let rows = rows(&text);
    assert!(rows.len() >= 74, "the catalogue has lost rows: {}", rows.len());
    let packs = shipped();
    let rules: Vec<_> = packs.rules().filter(|rule| rows.contains_key(first_part(&rule.id))).collect();
    let written: BTreeSet<&str> = rules.iter().map(|r| first_part(&r.id)).collect();
    let missing: Vec<&&str> =
        rows.keys().filter(|id| !written.contains(**id) && !NOT_YET.contains(id) && !ANSWERED.contains(id)).collect();
    assert!(missing.is_empty(), "{missing:?}");

    let mut differing = BTreeSet::new();
    for rule in &rules {
        let row = &rows[first_part(&rule.id)];
        let mut differs = |column: &'static str, does: bool| {
            if does {
                differing.insert((&*rule.id, column));
            }
        };
        differs("family", *row["family"] != *rule.family);
        differs("severity", row["severity"] != rule.severity.word());
        differs("check", row["check"].ends_with("device") != (rule.also == Some(Moment::Connect)));
    }
    for (id, row) in &rows {
        let parts = rules.iter().filter(|r| first_part(&r.id) == *id);
        let covered: BTreeSet<&str> = parts.flat_map(|r| platforms(r)).collect();
        let wanted = match row["platforms"] {
            "*" => "nport-6000-g2,nport-6000,mx-nos,mx-ros",
            named => named,
        };
        if !covered.is_empty() && !wanted.split(',').all(|p| covered.contains(p)) {
            differing.insert((*id, "platforms"));
        }
    }
    let allowed: BTreeSet<_> = DEVIATIONS.iter().map(|(id, column, _)| (*id, *column)).collect();
    assert_eq!(differing, allowed);
}

#[test]
fn every_rule_that_is_no_more_says_what_became_of_it() {
    let packs = shipped();
    let gone: BTreeMap<&str, &Gone> = packs.packs.iter().flat_map(|p| &p.gone).map(|g| (&*g.id, g)).collect();
    for (id, gone) in &gone {
        for into in gone.merged_into() {
            assert!(packs.rule(into).is_some(), "`{id}` is merged into `{into}`, which is no rule");
        }
    }
    let text = catalogue();
    needs::may("FIELDLOCK_SAMPLES does not lead to a catalogue beside it", text.is_some());
    let Some(text) = text else { return };
    let mut wanted = BTreeSet::new();
    for row in every_row(&text) {
        let (id, state) = (row["id"], row["state"]);
        if let Some(into) = state.strip_prefix("merged: ") {
            let into = into.split([',', ';']).map(str::trim).take_while(|word| !word.contains(' '));
            let told = gone.get(id).map(|g| g.merged_into().iter().map(|i| &**i).collect::<Vec<_>>());
            assert_eq!(told, Some(into.collect()), "{id}");
        } else if state.starts_with("retired") {
            assert!(gone.get(id).is_some_and(|g| matches!(g.became, Became::Retired)), "{id}");
        } else {
            continue;
        }
        wanted.insert(id);
    }
    assert!(wanted.len() >= 18, "the catalogue has lost rows: {wanted:?}");
    wanted.extend(ANSWERED.iter().chain(PLANNED));
    assert_eq!(gone.keys().copied().collect::<BTreeSet<_>>(), wanted);
}

/// Of each row of the catalogue `policy list` says what checks it, in which pack, and when; or that nothing does, and
/// why.
#[test]
fn the_list_accounts_for_every_row() {
    let mut told = BTreeMap::new();
    for pack in PolicyList::of(&shipped()).packs {
        for rule in pack.rules {
            assert!(!rule.checked_by.is_empty() && !rule.moments.is_empty(), "{}", rule.id);
            told.insert(first_part(&rule.id).to_owned(), (rule.checked_by, rule.moments));
        }
        for gone in pack.gone {
            let answered = gone.became.starts_with("answered") || gone.became.starts_with("merged");
            assert_eq!(answered, !gone.checked_by.is_empty() && !gone.moments.is_empty(), "{}", gone.id);
            told.insert(gone.id, (gone.checked_by, gone.moments));
        }
    }
    let text = catalogue();
    needs::may("FIELDLOCK_SAMPLES does not lead to a catalogue beside it", text.is_some());
    let Some(text) = text else { return };
    let rows: Vec<_> = every_row(&text).collect();
    assert!(rows.len() >= 217, "the catalogue has lost rows: {}", rows.len());
    let untold: Vec<&str> = rows.iter().map(|row| row["id"]).filter(|id| !told.contains_key(*id)).collect();
    assert_eq!(untold, NOT_YET);
    for row in rows.iter().filter(|row| row["check"] == "procedural" && row["state"].starts_with("keep")) {
        let (by, moments) = &told[row["id"]];
        let by_people = by.iter().any(|by| by == "attestation");
        assert!(by_people || ANSWERED.contains(&row["id"]), "{row:?} {by:?}");
        assert!(!moments.is_empty(), "{row:?}");
    }
}

/// `MX-SES-002-B` is a part of `MX-SES-002`.
fn first_part(id: &str) -> &str {
    id.strip_suffix("-B").or(id.strip_suffix("-C")).unwrap_or(id)
}

/// All rows, by column.
fn every_row(text: &str) -> impl Iterator<Item = BTreeMap<&str, &str>> {
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    lines.map(move |line| head.iter().copied().zip(line.split('\t')).collect())
}

/// The rows that are taken, by id, by column.
fn rows(text: &str) -> BTreeMap<&str, BTreeMap<&str, &str>> {
    let taken = every_row(text).filter(|row| {
        let lasts = ["keep", "new", "profile strict"].iter().any(|state| row["state"].starts_with(state));
        let named = AREAS.iter().any(|area| row["id"].starts_with(area))
            && (row["check"].starts_with("config") || row["check"] == "procedural");
        lasts && (named || SINGLES.contains(&row["id"]))
    });
    taken.map(|row| (row["id"], row)).collect()
}

fn catalogue() -> Option<String> {
    let samples = std::env::var_os("FIELDLOCK_SAMPLES")?;
    std::fs::read_to_string(Path::new(&samples).join("../facts/catalogue.tsv")).ok()
}

pub(crate) fn shipped() -> Packs {
    let shipped = fieldlock::embedded::POLICIES;
    let names = Packs::shipped_names(shipped);
    let (packs, findings) = Packs::load(&names, shipped, &[], &mut SourceMap::new());
    assert!(findings.is_empty(), "{findings:#?}");
    packs
}

fn platforms(rule: &Rule) -> Vec<&'static str> {
    rule.platforms.iter().map(|p| p.word()).collect()
}
