//! Ports that share a line, or a class: what is wrong with several of them there is one finding, which names them.

use foldhash::{HashMap, HashMapExt as _};

use crate::finding::Finding;
use crate::model::Facts;
use crate::model::facts::{Group, Setting, key_text, quote};
use crate::model::paths::ETHERNET_PORT;
use crate::model::value::Set;
use crate::source::Loc;

/// A path through a port: the port, and what follows its brackets.
fn port_of(path: &str) -> Option<(&str, &str)> {
    path.strip_prefix(ETHERNET_PORT)?.strip_prefix('[')?.split_once(']')
}

/// The ports of which something stands at a place: on their line, or on that of their class.
pub(super) fn ports_at(facts: &Facts, loc: Loc, path: &str) -> Set {
    if port_of(path).is_none() {
        return Set::default();
    }
    let ports = facts.items(ETHERNET_PORT).into_iter().flat_map(|ports| &ports.items);
    ports.filter(|port| stands_at(&port.group, loc)).map(|port| key_text(facts.shape, &port.group)).collect()
}

fn stands_at(group: &Group, loc: Loc) -> bool {
    let at = |setting: &Setting| match setting {
        Setting::Value(fact) => fact.origin.loc() == loc,
        Setting::Group(inner) => stands_at(inner, loc),
        Setting::Items(items) => items.items.iter().any(|item| stands_at(&item.group, loc)),
    };
    group.origin.loc() == loc || group.iter().any(|(_, setting)| at(setting))
}

/// The ports that the causes of a rule name, by place and setting.
pub(super) fn failing<'c>(causes: impl Iterator<Item = (Loc, &'c str)>) -> HashMap<(Loc, &'c str), Set> {
    let mut named: HashMap<(Loc, &str), Vec<&str>> = HashMap::new();
    for (loc, path) in causes {
        if let Some((port, rest)) = port_of(path) {
            named.entry((loc, rest)).or_default().push(port);
        }
    }
    named.into_iter().map(|(at, ports)| (at, ports.into_iter().collect())).collect()
}

/// Whether some only of the ports that share a place are meant.
pub(super) fn is_apart(facts: &Facts, failing: &HashMap<(Loc, &str), Set>, loc: Loc, path: &str) -> bool {
    let Some((_, rest)) = port_of(path) else { return false };
    let all = ports_at(facts, loc, path);
    failing.get(&(loc, rest)).is_some_and(|failing| all.len() > failing.len())
}

/// Names of settings side by side; ports of which the same is named are one name: `ethernet.port[1/1-4].trunk`.
pub(super) fn named_together(paths: &[String]) -> String {
    let mut named: Vec<(&str, Vec<&str>)> = Vec::new();
    for path in paths {
        let (rest, port) = port_of(path).map_or((path.as_str(), None), |(port, rest)| (rest, Some(port)));
        match named.iter_mut().find(|(known, ports)| *known == rest && ports.is_empty() == port.is_none()) {
            Some((_, ports)) => ports.extend(port),
            None => named.push((rest, port.into_iter().collect())),
        }
    }
    let shown = |(rest, ports): (&str, Vec<&str>)| match ports.is_empty() {
        true => format!("`{rest}`"),
        false => format!("`{ETHERNET_PORT}[{}]{rest}`", ports.into_iter().collect::<Set>()),
    };
    named.into_iter().map(shown).collect::<Vec<_>>().join(", ")
}

/// One finding for each line, rule and setting, whatever ports share the line. What no line of theirs says is told of
/// each.
pub(super) fn joined(findings: Vec<Finding>, facts: &Facts) -> Vec<Finding> {
    let mut kept: Vec<(Finding, Set, Vec<String>)> = Vec::with_capacity(findings.len());
    let mut places: HashMap<_, usize> = HashMap::new();
    for finding in findings {
        let path = finding.path.as_deref().unwrap_or_default();
        let all = ports_at(facts, finding.loc, path);
        let Some((port, rest)) = port_of(path).filter(|_| all.len() > 1) else {
            kept.push((finding, Set::default(), Vec::new()));
            continue;
        };
        let port = port.to_owned();
        let key = (finding.code.clone(), finding.loc, finding.status, rest.to_owned(), finding.waiver.clone());
        match places.get(&key) {
            Some(at) => kept[*at].2.push(port),
            None => {
                places.insert(key, kept.len());
                kept.push((finding, all, vec![port]));
            }
        }
    }
    kept.into_iter().map(|(finding, all, ports)| named(finding, &all, &ports)).collect()
}

/// Says of which ports a finding is, where its line stands for more than one.
fn named(mut finding: Finding, all: &Set, ports: &[String]) -> Finding {
    let (Some(first), Some(path)) = (ports.first(), finding.path.clone()) else { return finding };
    let set: Set = ports.iter().collect();
    let of = if set == *all { String::new() } else { format!(" of `{all}`") };
    finding.message = format!("{} (`{set}`{of})", finding.message);
    finding.path = Some(path.replacen(&format!("[{first}]"), &format!("[{set}]"), 1));
    let all_of_them = |text: &str| text.replacen(&quote(first), &quote(&set.to_string()), 1);
    if let Some(fix) = &mut finding.fix {
        fix.kdl = all_of_them(&fix.kdl);
        fix.edits.iter_mut().for_each(|edit| edit.text = all_of_them(&edit.text));
    }
    finding.help = finding.help.map(|help| all_of_them(&help));
    finding
}
