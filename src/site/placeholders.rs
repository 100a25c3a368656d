//! `{device}`, `{site}` and `{zone}` in a profile's texts and names of secrets. There are no expressions.
//!
//! Only profiles have them: a text in a device's own file is taken as it is written, braces included. In a profile
//! a word in braces is always a placeholder, so one that is none of the three is a finding.

use std::collections::BTreeSet;

use crate::finding::{Finding, codes};
use crate::model::facts::{Fact, Facts, Group, Setting, Value};
use crate::model::shape::{Kind, ScalarKind, Shape, closest, parse_scalar};
use crate::secret::SecretRef;
use crate::source::Loc;

const KNOWN: [&str; 3] = ["device", "site", "zone"];

/// What stands for the placeholders on one device.
pub(super) struct Names<'a> {
    pub(super) device: &'a str,
    pub(super) site: &'a str,
    pub(super) zone: Option<&'a str>,
}

/// Whether a profile has placeholders at all; those that mean nothing are findings.
pub(super) fn scan(facts: &Facts, findings: &mut Vec<Finding>) -> bool {
    let mut any = false;
    texts(&facts.root, &mut |text, loc| {
        for name in names(text) {
            any = true;
            if !KNOWN.contains(&name) {
                let help = match closest(name, KNOWN) {
                    Some(near) => format!("did you mean `{{{near}}}`?"),
                    None => "a profile knows `{device}`, `{site}` and `{zone}`; a text with other words in braces \
                             belongs into the device's own file"
                        .to_owned(),
                };
                let message = format!("`{{{name}}}` is no placeholder");
                findings.push(Finding::new(codes::site::UNKNOWN_PLACEHOLDER, loc, message).help(help));
            }
        }
    });
    any
}

/// Puts a device's names in. What is no legal value afterwards is a finding, and bad.
pub(super) fn fill(shape: &Shape, group: &mut Group, names: &Names, findings: &mut Vec<Finding>) {
    let id = group.shape;
    for (ix, setting) in group.iter_mut() {
        let field = shape.group(id).at(ix);
        match setting {
            Setting::Value(fact) => match &field.kind {
                Kind::Scalar(kind) | Kind::Scalars(kind) => fill_fact(kind, field.word, fact, names, findings),
                Kind::Group(_) | Kind::Groups(_) => {}
            },
            Setting::Group(inner) if has_braces(inner) => fill(shape, inner, names, findings),
            Setting::Items(items) => {
                let within = items.items.iter_mut().filter(|i| has_braces(&i.group));
                within.for_each(|i| fill(shape, &mut i.group, names, findings));
            }
            Setting::Group(_) => {}
        }
    }
}

/// Whether there may be something to put in. A group without stays shared with the profile.
fn has_braces(group: &Group) -> bool {
    let mut found = false;
    texts(group, &mut |text, _| found |= text.contains('{'));
    found
}

fn fill_fact(
    kind: &ScalarKind,
    word: Option<&'static str>,
    fact: &mut Fact,
    names: &Names,
    findings: &mut Vec<Finding>,
) {
    let (Value::Text(text) | Value::Secret(text)) = &fact.value else {
        if let Value::List(list) = &mut fact.value {
            list.iter_mut().for_each(|f| fill_fact(kind, word, f, names, findings));
        }
        return;
    };
    let Some(filled) = substitute(text, names, fact.origin.loc(), findings) else {
        if text.contains("{zone}") && names.zone.is_none() {
            fact.value = Value::Bad;
        }
        return;
    };
    let value = match kind {
        ScalarKind::Secret => SecretRef::new(&filled).ok().map(|_| Value::Secret(filled.as_str().into())),
        _ => parse_scalar(kind, word, &filled),
    };
    if value.is_none() {
        let message = match filled.chars().count() {
            0..=60 => format!("on `{}` this becomes `{filled}`, which can't stand here", names.device),
            n => format!("on `{}` this becomes a text of {n} characters, which can't stand here", names.device),
        };
        let finding = Finding::new(codes::site::PLACEHOLDER, fact.origin.loc(), message);
        findings.push(finding.help(format!("what belongs here is {}", kind.expected())).device(names.device));
    }
    fact.value = value.unwrap_or(Value::Bad);
}

/// The text with names put in; `None` where there is nothing to put in, or no zone to name.
fn substitute(text: &str, known: &Names, loc: Loc, findings: &mut Vec<Finding>) -> Option<String> {
    let used: BTreeSet<&str> = names(text).filter(|n| KNOWN.contains(n)).collect();
    if used.is_empty() {
        return None;
    }
    if used.contains("zone") && known.zone.is_none() {
        let message = format!("`{}` says no zone to put in for `{{zone}}`", known.device);
        let finding = Finding::new(codes::site::PLACEHOLDER, loc, message);
        findings.push(finding.help("write `zone \"...\"` into the device").device(known.device));
        return None;
    }
    let filled = text.replace("{device}", known.device).replace("{site}", known.site);
    Some(filled.replace("{zone}", known.zone.unwrap_or_default()))
}

/// Whether what a device has would be taken for placeholders where a profile says it.
pub(crate) fn would_be_filled(setting: &Setting) -> bool {
    let mut found = false;
    texts_of(setting, &mut |text, _| found |= names(text).next().is_some());
    found
}

fn texts(group: &Group, visit: &mut dyn FnMut(&str, Loc)) {
    group.iter().for_each(|(_, setting)| texts_of(setting, visit));
}

fn texts_of(setting: &Setting, visit: &mut dyn FnMut(&str, Loc)) {
    let one = |fact: &Fact, visit: &mut dyn FnMut(&str, Loc)| {
        if let Value::Text(text) | Value::Secret(text) = &fact.value {
            visit(text, fact.origin.loc());
        }
    };
    match setting {
        Setting::Value(Fact { value: Value::List(list), .. }) => list.iter().for_each(|f| one(f, visit)),
        Setting::Value(fact) => one(fact, visit),
        Setting::Group(inner) => texts(inner, visit),
        Setting::Items(items) => items.items.iter().for_each(|i| texts(&i.group, visit)),
    }
}

/// The words in braces: `{device}`. Braces around anything else than small letters and dashes are just braces.
fn names(text: &str) -> impl Iterator<Item = &str> {
    let word = |w: &str| !w.is_empty() && w.bytes().all(|b| b.is_ascii_lowercase() || b == b'-');
    text.split('{').skip(1).filter_map(|rest| rest.split_once('}')).map(|(name, _)| name).filter(move |n| word(n))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_in_braces_are_found_and_other_braces_are_not() {
        assert_eq!(
            names("{device} at {site}: {a{zone}} {0..3} {} {A} {x").collect::<Vec<_>>(),
            ["device", "site", "zone"]
        );
    }

    #[test]
    fn names_are_put_in() {
        let known = Names { device: "np07", site: "west", zone: None };
        let mut findings = Vec::new();
        let mut fill = |text: &str| substitute(text, &known, Loc::NONE, &mut findings);
        assert_eq!(fill("{device} of {site}, {device}").as_deref(), Some("np07 of west, np07"));
        assert_eq!(fill("plain {0}"), None);
        assert_eq!(fill("{zone}"), None);
        assert_eq!(findings[0].code, "site.placeholder");
    }
}
