//! A plan for people: what is done in which order, how one knows that the device is still reached, and the way back.

use super::documents::moment;
use super::escape::{code, line, prose};
use super::layout::count;
use crate::image::Digest;
use crate::plan::file::{CheckKind, PlanChange, PlanFile, PlanStep};
use crate::plan::{Class, Part, Way};

/// As a text of ASCII.
pub fn text(plan: &PlanFile) -> String {
    let mut out = format!("{}   {}   {}\n", line(&plan.device), line(&plan.platform), steps(plan));
    for (head, said) in head(plan) {
        out.push_str(&format!("  {head:<12} {}\n", line(&said)));
    }
    out.extend(found(plan).map(|found| format!("  {}\n", line(&found))));
    for (number, step) in plan.steps.iter().enumerate() {
        out.push_str(&format!("\n{:>3}  {}\n", number + 1, class(step.class)));
        out.extend(first(step).map(|what| format!("     {}\n", line(&what))));
        out.extend(step.changes.iter().map(|change| format!("       {}\n", line(&told(change)))));
        out.extend(step.temporary.iter().map(|[setting, value]| {
            format!("       {}\n", line(&format!("{setting}: {value}, for a while; a later step ends it")))
        }));
        out.extend(notes(step).map(|note| format!("     {}\n", line(&note))));
    }
    out.push('\n');
    out.extend(warnings(plan).map(|warning| format!("{}\n", line(&warning))));
    out
}

/// As Markdown, for a change board.
pub fn markdown(plan: &PlanFile, digest: Digest) -> String {
    let mut out = format!("# Plan for {}\n\n{}, {}\n\n", code(&plan.device), prose(&plan.platform), steps(plan));
    out.push_str(&format!("Digest of the plan: {}\n\n", code(&digest.to_string())));
    out.extend(head(plan).into_iter().map(|(head, said)| format!("- {head}: {}\n", prose(&said))));
    out.extend(found(plan).map(|found| format!("- {}\n", prose(&found))));
    for (number, step) in plan.steps.iter().enumerate() {
        out.push_str(&format!("\n## {}. {}\n\n", number + 1, class(step.class)));
        out.extend(first(step).map(|what| format!("{}\n\n", prose(&what))));
        out.extend(step.changes.iter().map(|change| format!("- [ ] {}\n", prose(&told(change)))));
        out.extend(step.temporary.iter().map(|[setting, value]| {
            format!("- [ ] {}\n", prose(&format!("{setting}: {value}, for a while; a later step ends it")))
        }));
        out.extend(notes(step).map(|note| format!("\n{}\n", prose(&note))));
    }
    out.push('\n');
    out.extend(warnings(plan).map(|warning| format!("{}\n\n", prose(&warning))));
    out.push_str("Decision: [ ] approve [ ] reject, name ____________ date ________\n");
    out
}

fn steps(plan: &PlanFile) -> String {
    count(plan.steps.len(), "step", "steps")
}

fn head(plan: &PlanFile) -> Vec<(&'static str, String)> {
    let way = |ways: &[Way]| ways.first().map_or("not known from what was read".to_owned(), told_way);
    let lacking: Vec<&str> = plan.missing.iter().map(|part| part.words()).collect();
    let then = match plan.then.first() {
        Some(way) => told_way(way),
        None => format!("not known: nothing shows {}", lacking.join(", nor ")),
    };
    let read = match &*plan.read.file {
        "" => "nothing: the plan begins at what the device was shipped with".to_owned(),
        file => format!("{file} {}", plan.read.when).trim_end().to_owned(),
    };
    let build = match plan.image.get(..12) {
        Some(image) => format!("image {image}"),
        None => "none: nothing was sealed for it yet".to_owned(),
    };
    vec![
        ("made by", format!("{}, {}", plan.author, moment(&plan.made_at))),
        ("was read", read),
        ("build", build),
        ("in today", way(&plan.today)),
        ("in then", then),
    ]
}

/// What rules say of the changes.
fn found(plan: &PlanFile) -> impl Iterator<Item = String> {
    plan.findings.iter().map(|finding| {
        let waived = if finding.waiver.is_empty() { String::new() } else { format!(" (waived by {})", finding.waiver) };
        format!("{} {}: {}{waived}", finding.severity, finding.rules.join(", "), finding.message)
    })
}

fn told_way(way: &Way) -> String {
    let mut out = format!("{} by {}", way.account, way.service);
    if !way.to.is_empty() {
        out.push_str(&format!(" at {}", way.to));
    }
    if !way.from.is_empty() {
        out.push_str(&format!(", from {}", way.from));
    }
    out
}

fn class(class: Class) -> &'static str {
    match class {
        Class::Make => "comes, and opens nothing",
        Class::Tighten => "closes something",
        Class::Remove => "goes or asks for more, and closes nothing",
        Class::Loosen => "opens something",
        Class::Narrow => "leaves less room",
        Class::Path => "moves what the device is reached by",
    }
}

/// What is done before a step.
fn first(step: &PlanStep) -> Option<String> {
    let way = step.check.way.first()?;
    (step.check.kind == CheckKind::Before)
        .then(|| format!("before it log in once more: {}; it is what is left afterwards", told_way(way)))
}

/// What is to be known of a step.
fn notes(step: &PlanStep) -> impl Iterator<Item = String> {
    let way = step.check.way.first().map(told_way).unwrap_or_default();
    let part = match step.check.blind.first() {
        Some(Part::Path) => "the address",
        Some(Part::Service) => "the service",
        Some(Part::Account) => "the account",
        None => "the way",
    };
    let check = match step.check.kind {
        CheckKind::None | CheckKind::Stays | CheckKind::Before => None,
        CheckKind::After => Some(format!("leave this window open and log in from a second one: {way}; then go on")),
        CheckKind::Blind => Some(format!(
            "BLIND: the session ends, and nothing but the step shows that {part} works; then {way}. Where that does not \
             answer: by cable or console"
        )),
        CheckKind::NotKnown => {
            Some("what was read shows no way in, before and after: nobody can say who gets in".to_owned())
        }
        CheckKind::LockedOut => Some("NOBODY GETS IN AFTER IT, as was accepted".to_owned()),
    };
    let back = step.changes.iter().any(|change| !change.reversible);
    let back = back.then(|| "no way back: what was there is a secret, or was not read".to_owned());
    check.into_iter().chain(back)
}

fn told(change: &PlanChange) -> String {
    let side = |text: &str| if text.is_empty() { "-".to_owned() } else { text.to_owned() };
    let mut out = format!("{}: {} -> {}", change.path, side(&change.before), side(&change.after));
    if !change.menu.is_empty() {
        out.push_str(&format!("   [{}]", change.menu));
    }
    if !change.rules.is_empty() {
        out.push_str(&format!("   {}", change.rules.join(", ")));
    }
    out
}

fn warnings(plan: &PlanFile) -> impl Iterator<Item = String> {
    let out = plan.out.iter().map(|out| {
        let steps: Vec<String> = out.steps.iter().map(ToString::to_string).collect();
        format!("{} can't reach the device after step {}, until a later one", out.station, steps.join(", "))
    });
    let asked = match plan.approvals {
        0 => None,
        n => Some(format!("to be approved by {} other than {}", count(n as usize, "person", "persons"), plan.author)),
    };
    let accepted = Some(plan.accepted.clone()).filter(|text| !text.is_empty()).map(|text| format!("accepted: {text}"));
    let all: Vec<String> = out.chain(accepted).chain(asked).collect();
    all.into_iter()
}
