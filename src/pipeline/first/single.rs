//! Single files of a site that is there: a waiver, an attestation, a rule with its pack, a profile; and a zone, which
//! is put into `site.kdl`.

use super::{Values, ZoneSaid, text};
use crate::model::device::PlatformKind;
use crate::model::facts::{Value, quote};
use crate::model::value::{Moment, Name, Sha256};
use crate::pipeline::adoption::Standing;
use crate::policy::Rule;
use crate::report::escape;
use crate::site::Site;
use crate::site::output::NewFile;
use crate::source::SourceMap;
use crate::syntax::edit::into_block;

/// Where a waiver or an attestation holds.
#[derive(Debug, Clone)]
pub enum Where {
    /// At devices; of a waiver at one.
    Devices(Vec<Name>),
    /// At every device of a zone.
    Zone(Name),
}

/// A waiver that begins.
#[derive(Debug, Clone)]
pub struct NewWaiver {
    /// Its number.
    pub id: String,
    /// The rule that is not met.
    pub rule: String,
    /// Where.
    pub at: Where,
    /// The setting that it is about.
    pub setting: Option<String>,
    /// The value of it that is put up with.
    pub value: Option<String>,
    /// From when, as written.
    pub from: String,
    /// Until when, as written.
    pub until: String,
    /// Why it is needed.
    pub reason: String,
    /// What it risks.
    pub risk: String,
    /// What is done instead.
    pub instead: String,
    /// Number in the change system.
    pub ticket: String,
    /// Whose it is.
    pub owner: String,
    /// Who allows it.
    pub approver: String,
}

/// An attestation that begins.
#[derive(Debug, Clone)]
pub struct NewAttestation {
    /// Its number.
    pub id: String,
    /// Where it was done.
    pub at: Where,
    /// Who did it.
    pub by: String,
    /// When, as written.
    pub when: String,
    /// What shows it: a file of the site, and its digest.
    pub evidence: (String, Sha256),
}

/// The file of a waiver.
pub fn waiver(new: &NewWaiver) -> Vec<u8> {
    let mut values = places(&new.at);
    for (word, said) in [
        ("waiver", &new.id),
        ("rule", &new.rule),
        ("from", &new.from),
        ("until", &new.until),
        ("reason", &new.reason),
        ("risk", &new.risk),
        ("instead", &new.instead),
        ("ticket", &new.ticket),
        ("owner", &new.owner),
        ("approver", &new.approver),
    ] {
        values.one(word, quote(said));
    }
    let property = |name: &str, said: &Option<String>| said.as_ref().map(|said| format!(" {name}={}", quote(said)));
    let properties = [property("setting", &new.setting), property("value", &new.value)];
    values.one("setting", properties.into_iter().flatten().collect::<String>());
    text("waiver.kdl", &values)
}

/// The file of an attestation that answers a rule. Its points are open.
pub fn attestation(new: &NewAttestation, rule: &Rule) -> Vec<u8> {
    let mut values = places(&new.at);
    let attest = rule.attest.as_ref();
    values.one("attestation", quote(&new.id));
    values.one("rule", quote(&rule.id));
    values.one("rule-word", &*rule.id);
    values.one("by", quote(&new.by));
    values.one("at", quote(&new.when));
    values.one("evidence", quote(&new.evidence.0));
    values.one("sha256", quote(&new.evidence.1.to_string()));
    values.flag("bound", attest.is_some_and(|attest| attest.bound));
    let points = || attest.iter().flat_map(|attest| &attest.points);
    values.flag("has-points", points().next().is_some());
    let open = |name: &str, said: &str| format!("{} \"no\" reason=\"not done yet\" // {said}", quote(name));
    values.many("point", points().map(|point| open(&point.name, &point.text)));
    text("attestation.kdl", &values)
}

/// The file that dates what stood on a day, as `2026-03-09`.
pub fn adoption(standing: &[Standing], day: &str, until: Moment, owner: &str) -> Vec<u8> {
    let mut values = Values::default();
    values.one("day", day);
    values.one("until", quote(&until.to_string()));
    values.one("owner", quote(owner));
    values.many("rule", standing.iter().map(|one| quote(&one.rule)));
    let named = |one: &Standing| one.devices.iter().map(|name| quote(name)).collect::<Vec<_>>().join(" ");
    values.many("devices", standing.iter().map(named));
    values.many("what", standing.iter().map(|one| escape::line(&format!("{}: {}", one.severity.word(), one.title))));
    text("adoption.kdl", &values)
}

/// The file of a rule in a pack of the site's own, and that of the pack where it is new.
pub fn rule(id: &str, pack: &Name, site: &str, platforms: &[PlatformKind], new_pack: bool) -> Vec<NewFile> {
    let mut values = Values::default();
    values.one("rule", quote(id));
    values.one("pack", quote(pack.as_str()));
    values.one("family", quote(&format!("{pack}.{}", id.to_ascii_lowercase())));
    values.one("title", quote(&format!("Rules of {site}")));
    values.one("source", quote(&format!("rules of {site}")));
    values.one("platforms", platforms.iter().map(|kind| quote(kind.word())).collect::<Vec<_>>().join(" "));
    let mut files = vec![(format!("packs/{pack}/{id}.kdl"), text("rule.kdl", &values))];
    if new_pack {
        files.push((format!("packs/{pack}/pack.kdl"), text("pack.kdl", &values)));
    }
    files
}

/// The file of a profile that says nothing yet.
pub fn bare_profile(name: &Name) -> Vec<u8> {
    let mut values = Values::default();
    values.one("profile", quote(name.as_str()));
    text("profile.kdl", &values)
}

/// `site.kdl` with a zone as the last thing of its block, all else as it is. Nothing where it is not plain enough.
pub fn with_zone(site: &Site, sources: &SourceMap, zone: &ZoneSaid, level: u8) -> Option<String> {
    let level = zone.level.unwrap_or(level);
    let node = format!("zone {} sl-t={level} {{ {} }}", quote(zone.name.as_str()), zone.subnets());
    with(site, sources, |file| into_block(file, site.loc.span, &[node]).map(|(at, text)| (at.range().start, text)))
}

/// `site.kdl` with a pack named by `packs`, all else as it is. Nothing where it is not plain enough.
pub fn with_pack(site: &Site, sources: &SourceMap, pack: &Name) -> Option<String> {
    let named = site.facts.value("packs").map(|fact| &fact.value);
    with(site, sources, |file| match named {
        Some(Value::List(packs)) if !packs.is_empty() => {
            let last = packs.last()?.origin.loc();
            (last.file == site.loc.file).then(|| (last.span.range().end, format!(" {}", quote(pack.as_str()))))
        }
        Some(_) => None,
        None => {
            let node = format!("packs {}", quote(pack.as_str()));
            into_block(file, site.loc.span, &[node]).map(|(at, text)| (at.range().start, text))
        }
    })
}

fn with(
    site: &Site,
    sources: &SourceMap,
    put: impl FnOnce(&crate::source::SourceFile) -> Option<(usize, String)>,
) -> Option<String> {
    let file = sources.get(site.loc.file)?;
    let (at, new) = put(file)?;
    let (before, after) = file.text().split_at_checked(at)?;
    Some(format!("{before}{new}{after}"))
}

fn places(at: &Where) -> Values {
    let mut values = Values::default();
    let (devices, zone) = match at {
        Where::Devices(devices) => (devices.iter().map(|name| quote(name.as_str())).collect(), None),
        Where::Zone(zone) => (Vec::new(), Some(quote(zone.as_str()))),
    };
    values.many("devices", (!devices.is_empty()).then(|| devices.join(" ")));
    values.many("device", devices.first().cloned());
    values.many("zone", zone);
    values
}
