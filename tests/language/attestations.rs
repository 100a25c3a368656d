//! What people attest: what answers a rule, what does not, and what it keeps from being sealed.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use fieldlock::finding::{Finding, Verdict};
use fieldlock::model::value::Sha256;
use fieldlock::pipeline::{List, check};
use fieldlock::report::{self, Report, View};
use fieldlock::secret::Secrets;
use fieldlock::site::files::Root;
use fieldlock::site::{LoadOptions, load};

use crate::common;
use crate::common::plot::Plot;

const RECORD: &[u8] = b"what was seen\nand by whom\n";

fn sha256(bytes: &[u8]) -> String {
    Sha256::of(bytes).to_string()
}

/// An attestation of `np07` with its evidence, in the words of `more`.
fn attest(plot: &Plot, rules: &str, more: &str) {
    let evidence = format!("evidence \"evidence/record.txt\" sha256=\"{}\"", sha256(RECORD));
    attest_with(plot, rules, &format!("at \"2026-11-20\"; device \"np07\"; {evidence}; {more}"));
}

fn attest_with(plot: &Plot, rules: &str, said: &str) {
    plot.put("evidence/record.txt", RECORD);
    let text = format!("attestation \"A-1\" {{\n    rule {rules}\n    by \"ot-lead\"\n    {said}\n}}\n");
    plot.put("attestations/A-1.kdl", text.as_bytes());
}

fn checked(plot: &Plot) -> Report {
    let ready = common::ready(&plot.site(), None);
    let selection = fieldlock::pipeline::Selection { list: List::All, ..common::selection(".") };
    check(&ready, &Secrets::Absent, &selection)
}

/// The findings of a rule on a device, passes included.
fn of<'r>(report: &'r Report, rule: &str, device: &str) -> Vec<&'r Finding> {
    report.findings.iter().filter(|f| f.code == rule && f.device.as_deref() == Some(device)).collect()
}

/// Its verdict, and what is said.
fn said(plot: &Plot, rule: &str, device: &str) -> (Verdict, String) {
    let report = checked(plot);
    let found = of(&report, rule, device);
    let words: Vec<&str> = found.iter().map(|f| &*f.message).collect();
    (found.first().unwrap_or_else(|| panic!("{rule} on {device}")).status, words.join("; "))
}

#[test]
fn what_nobody_attests_waits_until_the_device_runs_and_is_unknown_then() {
    let plot = Plot::new();
    assert_eq!(said(&plot, "NP6-ENV-002", "np07").0, Verdict::Deferred);
    // the first attestation says that people run it; of the others nothing is said
    attest(&plot, "\"NP6-LOG-008\"", "");
    assert_eq!(said(&plot, "NP6-LOG-008", "np07").0, Verdict::Pass);
    let missing = (Verdict::Unknown, "nobody has attested `physical-protection`".to_owned());
    assert_eq!(said(&plot, "NP6-ENV-002", "np07"), missing);
    assert_eq!(said(&plot, "MX-REV-004", "sw04").0, Verdict::Deferred, "another device");
    assert_eq!(said(&plot, "NP6-DEC-003", "np07").0, Verdict::Deferred, "it is not taken out");
    let report = checked(&plot);
    let finding = of(&report, "NP6-ENV-002", "np07")[0];
    let help = finding.help.as_deref().unwrap();
    assert!(help.contains("rule \"NP6-ENV-002\"") && help.contains("good for 365 d"), "{help}");
    assert!(finding.loc.is_some() && finding.rule_loc.is_some());
}

/// What was not understood of it may be what ends it.
#[test]
fn one_with_a_mistake_answers_nothing() {
    let plot = Plot::new();
    for (more, verdict) in [
        ("", Verdict::Pass),
        ("until \"banana\"", Verdict::Fail),
        ("untl \"2026-11-21\"", Verdict::Fail),
        ("revision \"of today\"", Verdict::Fail),
        ("evidence \"evidence/other.txt\" sha256=\"zz\"", Verdict::Fail),
    ] {
        attest(&plot, "\"NP6-ENV-002\"", more);
        assert_eq!(said(&plot, "NP6-ENV-002", "np07").0, verdict, "{more}");
    }
}

/// What was found before is no answer to what was found since.
#[test]
fn the_newest_counts_though_an_older_one_would_hold() {
    let plot = Plot::new();
    attest(&plot, "\"NP6-ENV-002\"", "");
    assert_eq!(said(&plot, "NP6-ENV-002", "np07").0, Verdict::Pass);
    let zone = |at: &str, sha256: &str| {
        let evidence = format!("evidence \"evidence/record.txt\" sha256=\"{sha256}\"");
        let text = format!(
            "attestation \"A-2\" {{\n rule \"NP6-ENV-002\"\n by \"ot-lead\"\n at \"{at}\"; zone \"control\"; {evidence}\n}}\n"
        );
        plot.put("attestations/A-2.kdl", text.as_bytes());
        said(&plot, "NP6-ENV-002", "np07")
    };
    let (good, other) = (sha256(RECORD), "0".repeat(64));
    for (at, digest, expected) in [
        ("2026-11-19", &other, Verdict::Pass),
        ("2026-11-20", &good, Verdict::Pass),
        ("2026-11-20", &other, Verdict::Fail),
        ("2026-11-21", &other, Verdict::Fail),
        ("2026-11-21", &good, Verdict::Pass),
    ] {
        let (verdict, words) = zone(at, digest);
        assert_eq!(verdict, expected, "{at} {words}");
    }
}

#[test]
fn a_site_says_that_all_of_it_runs() {
    let plot = Plot::new();
    plot.edit("site.kdl", "log-server \"10.20.0.9\"", "log-server \"10.20.0.9\"\n    in-operation on");
    for (rule, device) in [("NP6-ENV-002", "np07"), ("MX-REV-004", "sw04"), ("MX-REV-004", "ps7-router")] {
        assert_eq!(said(&plot, rule, device).0, Verdict::Unknown);
    }
    let report = checked(&plot);
    let firewall = of(&report, "NP6-ENV-001", "np07")[0];
    assert!(report.fail_on.fails(firewall) && !report.blocks(firewall), "told, and no reason not to seal");
    assert_eq!(report.outcome().code(), 1);
}

#[test]
fn an_attestation_answers_for_what_it_names_alone() {
    let plot = Plot::new();
    let evidence = format!("evidence \"evidence/record.txt\" sha256=\"{}\"", sha256(RECORD));
    for (whom, others) in [
        ("device \"sw04\" \"ps7-router\"", Verdict::Pass),
        ("zone \"control\"", Verdict::Pass),
        ("group \"pump-station\"", Verdict::Pass),
        ("device \"sw04\"", Verdict::Deferred),
    ] {
        attest_with(&plot, "\"MX-REV-004\"", &format!("at \"2026-11-20\"; {whom}; {evidence}"));
        assert_eq!(said(&plot, "MX-REV-004", "sw04").0, Verdict::Pass, "{whom}");
        assert_eq!(said(&plot, "MX-REV-004", "ps7-router").0, others, "{whom}");
    }
}

#[test]
fn what_keeps_an_attestation_from_holding_is_said_at_its_line() {
    let plot = Plot::new();
    let good = sha256(RECORD);
    let evidence = |file: &str, sha: &str| format!("evidence \"{file}\" sha256=\"{sha}\"");
    let there = evidence("evidence/record.txt", &good);
    let upper = evidence("evidence/record.txt", &good.to_uppercase());
    let other = evidence("evidence/record.txt", &"0".repeat(64));
    let gone = evidence("evidence/gone.pdf", &good);
    plot.put("evidence/empty.pdf", b"");
    let empty = evidence("evidence/empty.pdf", &sha256(b""));
    let secret = evidence("site.kdl", &good);
    for (said_so, expected) in [
        (format!("at \"2026-11-20\"; {there}"), None),
        (format!("at \"2026-11-20\"; {upper}"), None),
        (format!("at \"2026-11-20\"; until \"2026-11-22\"; {there}"), None),
        (
            format!("at \"2026-10-20\"; until \"2026-11-21\"; {there}"),
            Some("attestation `A-1` ended with `2026-11-21`"),
        ),
        (format!("at \"2026-11-23\"; {there}"), Some("attestation `A-1` is of `2026-11-23`, which is still to come")),
        (format!("at \"2026-08-20\"; {there}"), Some("attestation `A-1` is of `2026-08-20`, more than 90 d ago")),
        (
            format!("at \"2026-11-20\"; {other}"),
            Some("the evidence `evidence/record.txt` is not the file that was attested"),
        ),
        (format!("at \"2026-11-20\"; {there}; {gone}"), Some("the evidence `evidence/gone.pdf` can't be read: ")),
        (format!("at \"2026-11-20\"; {there}; {empty}"), Some("the evidence `evidence/empty.pdf` is empty")),
        (
            format!("at \"2026-11-20\"; {secret}"),
            Some("`site.kdl` is no evidence: it does not lie beneath `evidence/`"),
        ),
    ] {
        attest_with(&plot, "\"NP6-LOG-008\"", &format!("device \"np07\"; {said_so}"));
        let (verdict, told) = said(&plot, "NP6-LOG-008", "np07");
        let fails = if expected.is_some() { Verdict::Fail } else { Verdict::Pass };
        assert_eq!(verdict, fails, "{said_so}: {told}");
        assert!(expected.is_none_or(|words| told.starts_with(words)), "{said_so}: {told}");
    }
    let ready = common::ready(&plot.site(), None);
    let report = checked(&plot);
    assert_eq!(ready.sources.name(of(&report, "NP6-LOG-008", "np07")[0].loc.file), "attestations/A-1.kdl");
}

#[test]
fn a_newer_one_that_holds_is_enough() {
    let plot = Plot::new();
    attest(&plot, "\"NP6-LOG-008\"", "");
    let old = std::fs::read_to_string(plot.site().join("attestations/A-1.kdl")).unwrap();
    let old = old.replace("A-1", "A-0").replace("2026-11-20", "2025-02-01");
    plot.put("attestations/A-0.kdl", old.as_bytes());
    assert_eq!(said(&plot, "NP6-LOG-008", "np07").0, Verdict::Pass);
    assert!(checked(&plot).findings.iter().all(|f| !f.code.starts_with("attestation.")), "the old one is history");
}

#[test]
fn line_ends_of_a_text_are_no_change_and_every_byte_of_another_file_is() {
    let plot = Plot::new();
    attest(&plot, "\"NP6-LOG-008\"", "");
    plot.put("evidence/record.txt", b"what was seen\r\nand by whom\r\n");
    assert_eq!(said(&plot, "NP6-LOG-008", "np07").0, Verdict::Pass);
    let binary = b"\xff\xd8\r\n\0".to_vec();
    let photo =
        format!("device \"np07\"; at \"2026-11-20\"; evidence \"evidence/seal.jpg\" sha256=\"{}\"", sha256(&binary));
    attest_with(&plot, "\"NP6-LOG-008\"", &photo);
    plot.put("evidence/seal.jpg", &binary);
    assert_eq!(said(&plot, "NP6-LOG-008", "np07").0, Verdict::Pass);
    plot.put("evidence/seal.jpg", b"\xff\xd8\n\0");
    assert_eq!(said(&plot, "NP6-LOG-008", "np07").0, Verdict::Fail);
}

#[test]
fn the_computer_is_eleven_points_and_each_is_answered() {
    let plot = Plot::new();
    let names = [
        "administrator",
        "firewall",
        "last-user",
        "software-restriction",
        "autorun",
        "storage-policies",
        "usb-storage",
        "netbios",
        "password-policy",
        "audit-policy",
        "account-lockout",
    ];
    let told = |answer: &dyn Fn(&str) -> String| {
        let points: Vec<String> = names.iter().map(|name| answer(name)).filter(|line| !line.is_empty()).collect();
        attest(&plot, "\"NP6-HST-001\"", &points.join("; "));
        said(&plot, "NP6-HST-001", "np07")
    };
    let yes = |name: &str| format!("point \"{name}\" \"yes\"");
    let but = |other: &'static str, line: &'static str| {
        move |name: &str| if name == other { line.to_owned() } else { yes(name) }
    };
    assert_eq!(told(&yes).0, Verdict::Pass);
    let none = "point \"netbios\" \"not-applicable\" reason=\"it speaks no IPv4\"";
    assert_eq!(told(&but("netbios", none)).0, Verdict::Pass);
    for (other, line, words) in [
        ("netbios", "point \"netbios\" \"no\"", "it is not so: NetBIOS over TCP/IP is disabled"),
        ("netbios", "point \"netbios\" \"not-applicable\"", "nobody says why `netbios` does not apply"),
        ("netbios", "point \"netbios\" \"not-applicable\" reason=\" \"", "nobody says why `netbios` does not apply"),
        ("autorun", "", "attestation `A-1` does not speak of `autorun`: AutoRun is restricted"),
    ] {
        assert_eq!(told(&but(other, line)), (Verdict::Fail, words.to_owned()), "{line}");
    }
}

#[test]
fn a_change_ends_what_was_said_of_the_description_before() {
    let plot = Plot::new();
    let revision = || {
        let loaded = load(&Root::open(&plot.site()).unwrap(), &LoadOptions::default());
        loaded.site.device("np07").unwrap().revision()
    };
    let now = revision();
    attest(&plot, "\"NP6-ENV-003\"", &format!("revision \"{now}\""));
    assert_eq!(said(&plot, "NP6-ENV-003", "np07").0, Verdict::Pass);
    attest(&plot, "\"NP6-ENV-003\"", "");
    let (verdict, words) = said(&plot, "NP6-ENV-003", "np07");
    assert_eq!((verdict, &*words), (Verdict::Fail, "attestation `A-1` does not say of which description it speaks"));
    attest(&plot, "\"NP6-ENV-003\"", &format!("revision \"{now}\""));
    // in a profile, which the device's own file does not show
    plot.edit("profiles/nport-baseline.kdl", "auto-logout \"5 min\"", "auto-logout \"4 min\"");
    assert_ne!(revision(), now);
    let (verdict, words) = said(&plot, "NP6-ENV-003", "np07");
    let changed = "attestation `A-1` speaks of another description: the device was changed since";
    assert_eq!((verdict, &*words), (Verdict::Fail, changed));
}

#[test]
fn a_site_moves_the_age_to_the_stricter_side() {
    let plot = Plot::new();
    let set = |to: &str| format!("log-server \"10.20.0.9\"\n    set \"nport-6000-g2\" max-log-review-age=\"{to}\"");
    attest(&plot, "\"NP6-LOG-008\"", "");
    plot.edit("site.kdl", "log-server \"10.20.0.9\"", &set("1 d"));
    assert_eq!(said(&plot, "NP6-LOG-008", "np07").0, Verdict::Fail);
    plot.edit("site.kdl", "\"1 d\"", "\"400 d\"");
    let report = checked(&plot);
    assert!(report.findings.iter().any(|f| f.code == "site.adjustable"));
}

#[test]
fn what_people_attest_later_keeps_nothing_from_being_sealed() {
    let plot = Plot::new();
    attest(&plot, "\"NP6-ENV-001\"", "until \"2026-11-21\"");
    assert_eq!(checked(&plot).outcome().code(), 1, "a firewall that nobody vouches for any more");
    let report = plot.build();
    assert!(report.findings.iter().any(|f| f.code == "NP6-ENV-001" && f.status == Verdict::Fail), "told all the same");
    assert_eq!((report.outcome().code(), report.device("np07").unwrap().complies), (0, true));
}

#[test]
fn a_rule_before_the_build_that_people_answer_keeps_from_it() {
    let plot = Plot::new();
    let rule = r#"rule "HB-1" severity="high" family="review.design" moment="describe" {
    title "The design was reviewed"
    why "For a test."
    attest "design-review"
    source "handbook" section="1"
    passes {
        with {
            site { person "ot-lead" }
            file "evidence/a" "x"
            attestation "A" { rule "HB-1"; device "np07"; by "ot-lead"; at "2026-03-02"; evidence "evidence/a" sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" }
            now "2026-03-09"
        }
    }
    fails {
        with {
            site { person "ot-lead" }
            attestation "A" { rule "HB-1"; device "np07"; by "ot-lead"; at "2026-03-02"; evidence "evidence/a" sha256="2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881" }
            now "2026-03-09"
        }
    }
}
"#;
    let head = "pack \"ours\" version=\"1.0.0\" {\n    title \"Ours\"\n    platforms \"nport-6000-g2\"\n}\n";
    plot.put("packs/ours/pack.kdl", head.as_bytes());
    plot.put("packs/ours/HB-1.kdl", rule.as_bytes());
    plot.edit("site.kdl", "\"fleet\"", "\"fleet\" \"ours\"");
    assert_eq!(said(&plot, "HB-1", "np07").0, Verdict::Unknown, "asked at once");
    assert!(!plot.try_build(&plot.out(), |_| {}).unwrap().wrote);
    let evidence = format!("evidence \"evidence/record.txt\" sha256=\"{}\"", sha256(RECORD));
    attest_with(&plot, "\"HB-1\"", &format!("at \"2026-11-20\"; until \"2027-01-01\"; zone \"control\"; {evidence}"));
    plot.build();
    let image = &plot.index().images;
    assert!(image.iter().any(|i| i.device == "np07"));
}

#[test]
fn every_report_names_it_and_the_public_file_carries_it_whole() {
    let plot = Plot::new();
    let until = "until \"2026-12-24\"; note \"seal 4711\"; point \"administrator\" \"yes\"";
    attest(&plot, "\"NP6-LOG-008\" \"NP6-HST-001\"", until);
    let ready = common::ready(&plot.site(), None);
    let report = checked(&plot);
    let view = View { all: true, width: 200, ..View::default() };
    for (name, text) in [
        ("human", report::check(&report, &ready.sources, &view)),
        ("plain", report::formats::plain(&report, &ready.sources, &view)),
        ("concise", report::formats::concise(&report, &ready.sources, &view)),
        ("json", report::formats::json(&report, &ready.sources, &view)),
    ] {
        assert!(text.contains("A-1"), "{name}: {text}");
    }
    let built = plot.build();
    assert!(report::review(&built).contains("`A-1` of 2026-11-20 until 2026-12-24"));
    let public = |device: &str| -> serde_json::Value {
        let path = plot.out().join(format!("public/{device}.public.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let whole = serde_json::json!([{
        "at": "2026-11-20", "by": "ot-lead", "id": "A-1", "note": "seal 4711", "revision": "", "until": "2026-12-24",
        "evidence": [{ "file": "evidence/record.txt", "sha256": sha256(RECORD) }],
        "points": [{ "answer": "yes", "name": "administrator", "reason": "" }],
        "rules": ["NP6-LOG-008", "NP6-HST-001"],
    }]);
    assert_eq!(public("np07")["attestations"], whole);
    assert_eq!(public("np02")["attestations"], serde_json::json!([]));
}
