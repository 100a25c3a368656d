//! What is not known is neither right nor wrong: no shipped rule passes a device for what nobody says of it.

use crate::finding::Verdict;
use crate::model::shape::{FieldShape, Kind, Shape};
use crate::policy::Pack;
use crate::policy::rule::{Rule, Sample};
use crate::policy::samples::{self, SampleOutcome};
use crate::policy::tests::shipped;
use crate::source::FileId;
use crate::syntax::Node;

/// Rules that pass a device of which nothing is said, and why that is true.
const PASSES_SILENCE: [(&str, &str); 1] = [("PLN-004", "a plan that changes nothing makes nothing weaker")];

/// Settings that a rule passes when nobody says them, though it fails one of their values, and why that is true.
const PASSES_WITHOUT: [(&str, &str, &str); 11] = [
    ("FLT-016", "routing.ospf.router-id", "what nobody writes is no other router's"),
    ("NP6-ACC-004", "password-policy.min-length", "the pack's own minimum is asked all the same"),
    ("NP6-ACC-005", "password-policy.complexity-check", "it is the switch of the classes: a length alone is a policy"),
    ("NP6-CRT-001", "certificate.file", "NP6-CRT-003 fails where the file of an imported one is not named"),
    ("NP6-SVC-001", "services.http", "NPort 6000-G2 has no HTTP: the guide's table of ports"),
    ("OT-LOG-005", "identity.hostname", "a name that nobody gave is no server's"),
    (
        "OT-NET-025",
        "redundancy.spanning-tree",
        "a router with a ring has no spanning tree: `redundancy mode` names one",
    ),
    ("OT-NET-025", "redundancy.turbo-chain.first", "a port that is not named is part of nothing"),
    ("OT-NET-029", "firewall", "OT-NET-018 asks whether a firewall with rules is on"),
    ("OT-NET-029", "firewall.default", "OT-NET-018 asks what becomes of the rest"),
    ("OT-NET-029", "services.https.port", "443, where nobody moved it"),
];

fn each(mut judge: impl FnMut(&Pack, &std::sync::Arc<Rule>)) {
    let packs = shipped();
    for pack in &packs.packs {
        pack.rules.iter().for_each(|rule| judge(pack, rule));
    }
}

fn judge(pack: &Pack, rule: &std::sync::Arc<Rule>, settings: Vec<Node>) -> Option<SampleOutcome> {
    let sample = Sample { settings, with: Vec::new(), ..rule.fails[0].clone() };
    samples::judge(pack, rule, &sample).ok()
}

#[test]
fn of_a_device_that_says_nothing_nothing_is_passed_and_nothing_is_called_wrong() {
    let mut told = Vec::new();
    let mut unknown = 0;
    each(|pack, rule| {
        for platform in &rule.platforms {
            let text = format!("platform \"{}\"", platform.word());
            let tree = crate::syntax::parse(FileId(0), &text).tree.unwrap();
            let said = judge(pack, rule, tree.nodes).unwrap();
            let allowed = PASSES_SILENCE.iter().any(|(id, _)| **id == *rule.id);
            if (said.verdict == Verdict::Pass) != allowed && said.verdict != Verdict::NotApplicable {
                told.push(format!("{} of {}: {:?}", rule.id, platform.word(), said.verdict));
            }
            for finding in said.findings.iter().filter(|f| f.status == Verdict::Unknown) {
                unknown += 1;
                if rule.otherwise.as_ref() == Some(&finding.message) || finding.reason.is_none() {
                    told.push(format!("{} is not known, and told as `{}`", rule.id, finding.message));
                }
            }
        }
    });
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(unknown > 100, "{unknown} findings of what is not known");
}

#[test]
fn what_a_rule_fails_it_does_not_pass_where_nobody_says_it() {
    let (mut told, mut tried, mut idle) = (Vec::new(), 0, PASSES_WITHOUT.to_vec());
    each(|pack, rule| {
        for sample in &rule.fails {
            if !samples::judge(pack, rule, sample).is_ok_and(|said| said.verdict == Verdict::Fail) {
                continue;
            }
            for (path, settings) in without(&sample.settings, "") {
                let mutant = Sample { settings, ..sample.clone() };
                let Ok(said) = samples::judge(pack, rule, &mutant) else { continue };
                tried += 1;
                if said.verdict == Verdict::Pass {
                    let allowed = |(id, setting, _): &(&str, &str, &str)| **id == *rule.id && *setting == path;
                    if !PASSES_WITHOUT.iter().any(allowed) {
                        told.push(format!("(\"{}\", \"{path}\", \"\"),", rule.id));
                    }
                    idle.retain(|entry| !allowed(entry));
                }
            }
        }
    });
    told.sort();
    told.dedup();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(idle.is_empty(), "listed for nothing: {idle:?}");
    assert!(tried > 150, "{tried} tried");
}

/// Nodes without one value each that somebody says to the device, with its path. Entries of lists are left out: one
/// that is not there is not there.
fn without(nodes: &[Node], within: &str) -> Vec<(String, Vec<Node>)> {
    let mut all = Vec::new();
    for (at, node) in nodes.iter().enumerate() {
        let path = if within.is_empty() { node.name.to_string() } else { format!("{within}.{}", node.name) };
        let mut replaced = |path: String, node: Option<Node>| {
            let mut with = nodes.to_vec();
            with.splice(at..=at, node);
            all.push((path, with));
        };
        // which device it is stays, and one value of several is as an entry of a list
        if !is_told_once(&path) || path == "platform" || node.args().count() > 1 {
            continue;
        }
        if node.entries.is_empty() && node.children().is_empty() {
            replaced(path.clone(), None);
        }
        for (n, entry) in node.entries.iter().enumerate() {
            let path = entry.name.as_ref().map_or(path.clone(), |(name, _)| format!("{path}.{name}"));
            let mut one = node.clone();
            one.entries.remove(n);
            let bare = one.entries.is_empty() && one.children().is_empty();
            if is_told_once(&path) {
                replaced(path, Some(one).filter(|_| !bare));
            }
        }
        for (path, inner) in without(node.children(), &path) {
            replaced(path, Some(Node { children: Some(inner), ..node.clone() }));
        }
    }
    all
}

/// Whether a path leads to a setting that a device is told, and lies in no list.
fn is_told_once(path: &str) -> bool {
    let shape = Shape::device();
    shape.fields(path).is_some_and(|fields| {
        (1..=fields.len()).all(|n| {
            let once = |field: &FieldShape| field.is_told() && !matches!(field.kind, Kind::Groups(_));
            shape.field_at(&fields[..n]).is_some_and(once)
        })
    })
}
