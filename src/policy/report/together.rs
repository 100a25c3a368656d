//! What nobody wrote has one place, the nearest line above: what a rule says there of several settings is one finding,
//! and so is all of which nobody says whether the device has it.

use std::collections::HashMap;

use super::super::fix::{edits, fill_in, text};
use super::{Found, join, spread};
use crate::finding::{Code, Finding, Fix, Verdict};
use crate::model::Facts;
use crate::model::facts::overlay;
use crate::policy::{Context, Judged};
use crate::source::Loc;

/// The family of findings about what nobody says is there: one for all rules that wait for it.
pub(super) const UNSAID: &str = "unsaid";

/// What to do about it.
pub(super) const SAY: &str =
    "write what the device has, `none` or `off` where it has none of it, or capture the device";

/// What makes findings one: who speaks (none where nobody says whether it is there), the place, what became of it, by
/// which waiver, and the sentence; of what is not known, the rules that ask for it.
type Alike = (Option<Code>, Loc, Verdict, Option<String>, String);

fn alike(found: &Found) -> Option<Alike> {
    let finding = &found.finding;
    finding.path.as_ref().filter(|_| found.unwritten)?;
    let rules = || finding.rules.iter().map(|rule| &*rule.id).collect::<Vec<_>>().join(" ");
    let (code, message) = match finding.status {
        _ if finding.family == UNSAID => (None, String::new()),
        Verdict::Unknown if found.silent => (Some(finding.code.clone()), rules()),
        _ => (Some(finding.code.clone()), finding.message.clone()),
    };
    Some((code, finding.loc, finding.status, finding.waiver.clone(), message))
}

/// What nobody says is there, where a part of it is asked for at the same place: the rules that wait for it are among
/// those that ask.
pub(super) fn waiting(all: Vec<Found>) -> Vec<Found> {
    let (waits, mut kept): (Vec<Found>, Vec<Found>) =
        all.into_iter().partition(|found| found.finding.family == UNSAID && found.silent);
    for found in waits {
        let of = |path: &Option<String>| path.clone().unwrap_or_default();
        let within = format!("{}.", of(&found.finding.path));
        let asks = |other: &&mut Found| {
            let there = (other.finding.loc, &other.finding.waiver) == (found.finding.loc, &found.finding.waiver);
            there && other.silent && of(&other.finding.path).starts_with(&within)
        };
        match kept.iter_mut().find(asks) {
            Some(other) => join(other, found),
            None => kept.push(found),
        }
    }
    kept
}

/// One finding for each rule, place and sentence.
pub(super) fn told(all: Vec<Found>, judged: Judged<'_>, context: &Context<'_>) -> Vec<Finding> {
    let mut kept: Vec<Vec<Found>> = Vec::with_capacity(all.len());
    let mut places: HashMap<Alike, usize> = HashMap::new();
    for found in all {
        let Some(alike) = alike(&found) else {
            kept.push(vec![found]);
            continue;
        };
        match places.get(&alike) {
            Some(at) => kept[*at].push(found),
            None => {
                places.insert(alike, kept.len());
                kept.push(vec![found]);
            }
        }
    }
    kept.into_iter().filter_map(|all| one(all, judged, context)).collect()
}

/// One finding of several that say the same of several settings.
fn one(mut all: Vec<Found>, judged: Judged<'_>, context: &Context<'_>) -> Option<Finding> {
    let paths: Vec<String> = all.iter().filter_map(|found| found.finding.path.clone()).collect();
    if paths.len() < 2 {
        return all.pop().map(|found| found.finding);
    }
    let (fix, help) = mending(&mut all, judged, context);
    let silent = all.iter().all(|found| found.silent);
    let asks = all[0].asks.clone().filter(|asks| all.iter().all(|found| found.asks.as_ref() == Some(asks)));
    let named = spread::named_together(&paths);
    let mut rest = all.into_iter().map(|found| found.finding);
    let mut main = rest.next()?;
    for mut finding in rest {
        main.severity = main.severity.max(finding.severity);
        main.later &= finding.later;
        finding.rules.retain(|rule| main.rules.iter().all(|own| own.id != rule.id));
        main.rules.append(&mut finding.rules);
        finding.supports.retain(|requirement| !main.supports.contains(requirement));
        main.supports.append(&mut finding.supports);
        finding.related.retain(|note| !main.related.contains(note));
        main.related.append(&mut finding.related);
        if asks.is_none() && !main.label.contains(&finding.label) {
            main.label = format!("{}; {}", main.label, finding.label);
        }
    }
    main.label = asks.map_or(main.label, |asks| format!("not written here; required: {asks}"));
    main.message = match main.family == UNSAID {
        true => match main.rules.len() {
            1 => format!("nobody says whether the device has these, and a rule waits for that: {named}"),
            rules => format!("nobody says whether the device has these, and {rules} rules wait for that: {named}"),
        },
        false if silent && main.status == Verdict::Unknown => match main.rules.len() {
            1 => format!("{named} are not known"),
            rules => format!("{named} are not known, and {rules} rules ask for them"),
        },
        false => format!("{}: {named}", main.message),
    };
    // ports alone: as their lines are named
    let ports = Some(named.trim_matches('`')).filter(|_| !named.contains(", "));
    main.path = ports.map(str::to_owned).or_else(|| within(&paths)).or(main.path);
    (main.fix, main.help) = (fix, help.or(main.help));
    Some(main)
}

/// The group that holds all of them.
fn within(paths: &[String]) -> Option<String> {
    let parts = |path: &'_ str| path.split('.').map(str::to_owned).collect::<Vec<_>>();
    let mut common = parts(&paths[0]);
    for path in &paths[1..] {
        let same = common.iter().zip(parts(path)).take_while(|(a, b)| *a == b).count();
        common.truncate(same);
    }
    (!common.is_empty()).then(|| common.join("."))
}

/// All settings laid over one another, neighbours first: laid over the whole one by one, thousands would take hours.
fn merged(mut settings: Vec<Facts>) -> Option<Facts> {
    while settings.len() > 1 {
        let mut each = settings.into_iter();
        let mut pairs = Vec::with_capacity(each.len().div_ceil(2));
        while let Some(mut one) = each.next() {
            if let Some(more) = each.next() {
                overlay(one.shape, &mut one.root, &more.root);
            }
            pairs.push(one);
        }
        settings = pairs;
    }
    settings.pop()
}

/// What mends all of them: as one text, and as edits where each has some.
fn mending(all: &mut [Found], judged: Judged<'_>, context: &Context<'_>) -> (Option<Fix>, Option<String>) {
    let help = all.iter().find_map(|found| found.finding.help.clone());
    let fixes: Option<Vec<&Fix>> = all.iter().map(|found| found.finding.fix.as_ref()).collect();
    let sides = |fixes: Vec<&Fix>| (fixes.iter().all(|f| !f.edits.is_empty()), fixes.iter().all(|f| f.safe));
    let told = fixes.map(sides);
    let settings = all.iter_mut().map(|found| found.settings.take()).collect::<Option<Vec<Facts>>>();
    let Some(whole) = settings.and_then(merged) else { return (None, help) };
    let Some((sure, safe)) = told else { return (None, Some(fill_in(&whole))) };
    let edits = if sure { edits(&whole, judged, context.sources, false) } else { None };
    (Some(Fix { kdl: text(&whole), edits: edits.unwrap_or_default(), safe }), None)
}

#[cfg(test)]
mod tests {
    use super::within;

    #[test]
    fn the_group_that_holds_settings_is_told() {
        let paths = |paths: &[&str]| within(&paths.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
        assert_eq!(paths(&["services.wins", "services.rip"]).as_deref(), Some("services"));
        assert_eq!(paths(&["log.server", "services.syslog"]), None);
    }
}
