//! A component definition: each model of the devices that were asked for, with the rules that speak of it and the
//! requirements that these support.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use serde_json::{Value, json};

use super::super::super::paint::View;
use super::super::super::{Report, RulePage, escape};
use super::super::entries::entries;
use super::{NAMESPACE, Names, STANDARD, control, document, place, properties, supported};
use crate::finding::Verdict;
use crate::source::SourceMap;

/// What rules of a component are, by requirement.
type Rules<'a> = BTreeMap<(usize, &'a str), BTreeSet<&'a str>>;

/// The document `component-definition`.
pub fn components(report: &Report, _: &SourceMap, _: &View) -> String {
    let names = Names::of(report);
    let (standard, resource) = names.resource(STANDARD);
    let pages: HashMap<&str, &RulePage> = report.rules.iter().map(|page| (&*page.id, page)).collect();
    let kinds: HashMap<&str, (&str, &str)> =
        report.devices.iter().map(|d| (&*d.name, (&*d.platform, d.model.as_deref().unwrap_or_default()))).collect();
    let mut found: BTreeMap<(&str, &str), Rules<'_>> = BTreeMap::new();
    let rows = entries(report, true);
    for entry in rows.iter().filter(|entry| entry.status != Verdict::NotApplicable) {
        for kind in entry.devices.iter().filter_map(|device| kinds.get(device)) {
            let rules = found.entry(*kind).or_default();
            for id in supported(entry).filter(|id| control(id).is_some()) {
                rules.entry((place(id), id)).or_default().insert(entry.code);
            }
        }
    }
    let components: Vec<Value> =
        found.iter().map(|(kind, rules)| component(&names, *kind, rules, &pages, &standard)).collect();
    let mut body = json!({});
    if !components.is_empty() {
        body["components"] = json!(components);
    }
    body["back-matter"] = json!({ "resources": [resource] });
    document(report, &names, "component-definition", body)
}

fn component(
    names: &Names,
    (platform, model): (&str, &str),
    rules: &Rules<'_>,
    pages: &HashMap<&str, &RulePage>,
    standard: &str,
) -> Value {
    let name = if model.is_empty() { platform } else { model };
    let kind = format!("{platform}\0{model}");
    let all: BTreeSet<&str> = rules.values().flatten().copied().collect();
    let title = |id: &str| pages.get(id).map_or(id.to_owned(), |page| page.title.clone());
    // as `compliance-trestle` groups what is said of one rule
    let rule = |(at, id): (usize, &&str)| {
        [("Rule_Id", (*id).to_owned()), ("Rule_Description", title(id)), ("Check_Id", (*id).to_owned())].map(
            |(name, value)| {
                let value = escape::line(&value);
                json!({ "name": name, "ns": NAMESPACE, "value": value.trim(), "remarks": format!("rule_set_{at:04}") })
            },
        )
    };
    let of_kind = properties([("platform", platform.to_owned()), ("model", model.to_owned())]);
    let mut props = of_kind.as_array().cloned().unwrap_or_default();
    props.extend(all.iter().enumerate().flat_map(rule));
    let requirements = rules.iter().map(|((_, id), rules)| {
        let titles: Vec<String> = rules.iter().map(|rule| escape::prose(&title(rule))).collect();
        json!({
            "uuid": names.uuid("implemented-requirement", &format!("{kind}\0{id}")),
            "control-id": control(id),
            "description": titles.join("; "),
            "props": rules
                .iter()
                .map(|rule| json!({ "name": "Rule_Id", "ns": NAMESPACE, "value": rule }))
                .collect::<Vec<_>>(),
        })
    });
    let requirements: Vec<Value> = requirements.collect();
    let mut out = json!({
        "uuid": names.uuid("component", &kind),
        "type": "hardware",
        "title": escape::prose(name),
        "description": escape::prose(&format!("{name} ({platform})")),
        "props": props,
    });
    if !requirements.is_empty() {
        out["control-implementations"] = json!([{
            "uuid": names.uuid("control-implementation", &kind),
            "source": standard,
            "description": "what rules in force look at; what supports a requirement does not prove it",
            "implemented-requirements": requirements,
        }]);
    }
    out
}
