//! Whether names that a device gives are used, and mean what the site means by them.

use std::collections::{BTreeMap, BTreeSet};

use super::answer;
use super::entries::{entries, text, value};
use crate::finding::Note;
use crate::model::facts::{Facts, Group, Setting, Value, key_text};
use crate::model::paths::{ETHERNET_CLASS, FIREWALL_RULE, OBJECTS_ADDRESS, OBJECTS_SERVICE, SWITCHING_VLAN};
use crate::model::value::Date;
use crate::policy::analysis::{Analysis, Answer, Input, Need};
use crate::policy::pattern::Cause;
use crate::source::Origin;

pub(super) static ANALYSIS: Analysis = Analysis {
    name: "names-are-used",
    doc: "Something names each object, VLAN and class that the device's own file writes (a VLAN with a `role` needs nobody); \
          an address object that is called as a `station` has its address; and no `review-by` of a firewall's rule lies \
          before today, UTC. What profiles write may be for other devices. Does not concern a \
          device that gives no names.",
    params: &[],
    reads: &[],
    looks_at: &[OBJECTS_ADDRESS, OBJECTS_SERVICE, SWITCHING_VLAN, ETHERNET_CLASS, FIREWALL_RULE],
    needs: &[Need::Site, Need::Clock],
    run,
};

fn run(input: &Input<'_>) -> Answer {
    if ANALYSIS.looks_at.iter().all(|list| input.items(list).is_none()) {
        return Answer::NotApplicable;
    }
    let mut named: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    gather(input.facts, &input.facts.root, &mut named);
    let own = input.device.layers.len().saturating_sub(1);
    let mut failed = Vec::new();
    for (list, what) in
        [(OBJECTS_ADDRESS, "object"), (OBJECTS_SERVICE, "object"), (SWITCHING_VLAN, "VLAN"), (ETHERNET_CLASS, "class")]
    {
        for group in entries(input.facts, list).filter(|group| usize::from(group.origin.layer) == own) {
            let key = key_text(input.facts.shape, group);
            let idle = list == SWITCHING_VLAN && value(input.facts, group, "role").is_some();
            if !idle && !named.get(list).is_some_and(|names| names.contains(&*key)) {
                failed.push(input.cause(
                    format!("{list}[{key}]"),
                    Some(group.origin),
                    format!("nothing names this {what}"),
                ));
            }
        }
    }
    failed.extend(entries(input.facts, OBJECTS_ADDRESS).filter_map(|object| unlike_station(input, object)));
    let today = Date(input.now.to_zoned(jiff::tz::TimeZone::UTC).date());
    for rule in entries(input.facts, FIREWALL_RULE) {
        let Some(fact) = input.field(rule, "review-by") else { continue };
        if matches!(fact.value, Value::Date(by) if by < today) {
            let path = format!("{FIREWALL_RULE}[{}].review-by", key_text(input.facts.shape, rule));
            let sentence = format!("the rule was to be looked at by {}", fact.value.plain());
            failed.push(input.cause(path, Some(fact.origin), sentence));
        }
    }
    answer(failed, Vec::new())
}

/// All that entries are named by, by their lists.
fn gather(facts: &Facts, group: &Group, named: &mut BTreeMap<&str, BTreeSet<String>>) {
    for (ix, setting) in group.iter() {
        let field = facts.shape.group(group.shape).at(ix);
        match setting {
            Setting::Value(fact) => {
                let Some(list) = field.refers else { continue };
                let names = named.entry(list).or_default();
                match &fact.value {
                    Value::Set(set) => names.extend(set.members()),
                    Value::List(list) => names.extend(list.iter().map(|fact| fact.value.plain())),
                    said => drop(names.insert(said.plain())),
                }
            }
            Setting::Group(inner) => gather(facts, inner, named),
            Setting::Items(items) => items.items.iter().for_each(|item| gather(facts, &item.group, named)),
        }
    }
}

fn unlike_station(input: &Input<'_>, object: &Group) -> Option<Cause> {
    let (name, fact) = (text(input.facts, object, "name")?, input.field(object, "value")?);
    let station = input.site.site.station.iter().find(|s| s.name.as_ref().is_some_and(|n| n.as_str() == name))?;
    let address = station.address.filter(|address| fact.value.text() != Some(&*address.to_string()))?;
    let sentence = format!("station `{name}` of the site is {address}");
    let mut cause = input.cause(format!("{OBJECTS_ADDRESS}[{name}].value"), Some(fact.origin), sentence);
    let there = input.site.facts.group(&format!("station[{name}]")).map_or(Origin::NONE, |group| group.origin);
    cause.related.push(Note { loc: there.loc(), text: "the station".to_owned() });
    Some(cause)
}
