//! Waivers and attestations of a site by date, with what they cover at a time.

use jiff::Timestamp;

use super::ReadySite;
use crate::model::value::{Moment, Name};
use crate::policy::Judgement;
use crate::report::WaiverWords;
use crate::report::documents::{GivenAttestation, Granted, GrantedWaiver, Standing, ToldOf};
use crate::site::{SiteAttestation, SiteWaiver};

/// Lists what holds at some time between two moments; without one of them that end is open.
pub fn granted(
    ready: &ReadySite,
    judgement: &Judgement<'_>,
    of: ToldOf,
    now: Timestamp,
    (from, until): (Option<Moment>, Option<Moment>),
) -> Granted {
    let within = |begins: Timestamp, ends: Timestamp| {
        from.is_none_or(|from| ends > from.begins()) && until.is_none_or(|until| begins < until.ends())
    };
    let mut waivers: Vec<(Timestamp, GrantedWaiver)> = ready
        .site
        .waivers
        .iter()
        .filter_map(|waiver| {
            let (begins, ends) = (waiver.typed.from?.begins(), waiver.typed.until?.ends());
            within(begins, ends).then(|| (begins, of_waiver(waiver, judgement, standing(begins, Some(ends), now))))
        })
        .collect();
    let mut attestations: Vec<(Timestamp, GivenAttestation)> = ready
        .site
        .attestations
        .iter()
        .filter_map(|given| {
            let (begins, ends) = (given.typed.at?.begins(), given.typed.until.map(Moment::ends));
            let good = within(begins, ends.unwrap_or(Timestamp::MAX));
            good.then(|| (begins, of_attestation(given, judgement, standing(begins, ends, now))))
        })
        .collect();
    waivers.sort_by(|(m, a), (n, b)| (m, &a.said.id).cmp(&(n, &b.said.id)));
    attestations.sort_by(|(m, a), (n, b)| (m, &a.id).cmp(&(n, &b.id)));
    Granted {
        of,
        from: from.map(|from| from.to_string()),
        until: until.map(|until| until.to_string()),
        waivers: waivers.into_iter().map(|(_, waiver)| waiver).collect(),
        attestations: attestations.into_iter().map(|(_, given)| given).collect(),
    }
}

fn standing(begins: Timestamp, ends: Option<Timestamp>, now: Timestamp) -> Standing {
    match ends {
        _ if now < begins => Standing::ToCome,
        Some(ends) if now >= ends => Standing::Ended,
        _ => Standing::InForce,
    }
}

fn of_waiver(waiver: &SiteWaiver, judgement: &Judgement<'_>, standing: Standing) -> GrantedWaiver {
    let typed = &waiver.typed;
    let covers = |w: &crate::model::waiver::Waiver| w.id == typed.id;
    let place = |name: &Option<Name>, setting: &Option<String>, value: &Option<String>| {
        let name = name.as_ref().map(ToString::to_string);
        let parts: Vec<String> = [name, setting.clone(), value.clone()].into_iter().flatten().collect();
        parts.join(" ")
    };
    let device = typed.device.as_ref().map(|d| place(&d.name, &d.setting, &d.value));
    let zone = typed.zone.as_ref().map(|z| format!("zone {}", place(&z.name, &z.setting, &z.value)));
    GrantedWaiver {
        said: WaiverWords::of(typed),
        rules: typed.rule.iter().chain(&typed.family).flatten().cloned().collect(),
        place: device.or(zone).unwrap_or_default(),
        standing,
        devices: judgement.evaluations.iter().filter(|e| e.waivers.iter().any(covers)).count(),
    }
}

fn of_attestation(given: &SiteAttestation, judgement: &Judgement<'_>, standing: Standing) -> GivenAttestation {
    let typed = &given.typed;
    let named = |what: &str, names: &Option<Vec<Name>>| -> Vec<String> {
        names.iter().flatten().map(|name| format!("{what}{name}")).collect()
    };
    let place = [named("", &typed.device), named("zone ", &typed.zone), named("group ", &typed.group)].concat();
    let answers = |a: &crate::model::attestation::Attestation| a.id == typed.id;
    let shown = |evidence: &crate::model::attestation::Evidence| {
        let digest = evidence.sha256.map(|sha256| format!(" (SHA-256 {sha256})")).unwrap_or_default();
        Some(format!("{}{digest}", evidence.file.as_ref()?))
    };
    GivenAttestation {
        id: typed.id.clone().unwrap_or_default(),
        rules: typed.rule.clone().unwrap_or_default(),
        place: place.join(", "),
        at: typed.at.map(|at| at.to_string()).unwrap_or_default(),
        until: typed.until.map(|until| until.to_string()),
        standing,
        devices: judgement.evaluations.iter().filter(|e| e.attestations.iter().any(answers)).count(),
        by: typed.by.as_ref().map(ToString::to_string).unwrap_or_default(),
        evidence: typed.evidence.iter().filter_map(shown).collect(),
        note: typed.note.clone(),
    }
}
