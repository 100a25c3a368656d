//! Mutants: what a rule passes, changed in one place. A rule that passes every one of them checks nothing.
//!
//! Changed are the words of its passing samples and of what stands beside them: taken out, switched over, 0, one more
//! and one less, far more, empty; and each part of a failing sample is put in. A mutant that the language refuses is
//! none.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::rule::{Rule, Sample};
use super::samples::judge;
use super::{Pack, Packs};
use crate::finding::Verdict;
use crate::syntax::{Entry, Node, Scalar};

/// What became of the mutants of a rule.
#[derive(Debug, Clone)]
pub struct Mutated {
    /// The rule.
    pub rule: Arc<Rule>,
    /// How many there were that the language takes.
    pub tried: usize,
    /// How many of them the rule fails. One that leaves it without an answer is not among them.
    pub failed: usize,
}

/// Judges the mutants of all rules.
pub fn run(packs: &Packs) -> Vec<Mutated> {
    let rules: Vec<(&Pack, &Arc<Rule>)> =
        packs.packs.iter().flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule))).collect();
    rules.into_par_iter().map(|(pack, rule)| of_rule(pack, rule)).collect()
}

/// As many mutants of one sample are judged.
const MOST: usize = 1000;

fn of_rule(pack: &Pack, rule: &Arc<Rule>) -> Mutated {
    let mut mutated = Mutated { rule: Arc::clone(rule), tried: 0, failed: 0 };
    let mut wrong = Wrong::default();
    rule.fails.iter().for_each(|sample| {
        wrong.collect("", &sample.settings);
        wrong.collect("", &sample.with);
    });
    for sample in &rule.passes {
        if judge(pack, rule, sample).is_ok_and(|said| said.verdict != Verdict::Pass) {
            continue;
        }
        let settings = wrong.changed("", &sample.settings);
        let settings = settings.into_iter().map(|settings| Sample { settings, ..sample.clone() });
        let beside = wrong.changed("", &sample.with).into_iter().map(|with| Sample { with, ..sample.clone() });
        for mutant in settings.chain(beside).take(MOST) {
            let Ok(said) = judge(pack, rule, &mutant) else { continue };
            mutated.tried += 1;
            mutated.failed += usize::from(said.verdict == Verdict::Fail);
        }
    }
    mutated
}

/// What stands in the failing samples of a rule: each part of it by itself is put into what passes.
#[derive(Default)]
struct Wrong<'a> {
    /// By the name of the node that they stand in.
    nodes: BTreeMap<&'a str, Vec<&'a Node>>,
    /// By the name of their node.
    entries: BTreeMap<&'a str, Vec<&'a Entry>>,
}

impl<'a> Wrong<'a> {
    fn collect(&mut self, within: &'a str, nodes: &'a [Node]) {
        for node in nodes {
            self.nodes.entry(within).or_default().push(node);
            self.entries.entry(&node.name).or_default().extend(&node.entries);
            self.collect(&node.name, node.children());
        }
    }

    /// Nodes with one change each.
    fn changed(&self, within: &str, nodes: &[Node]) -> Vec<Vec<Node>> {
        let mut all = Vec::new();
        let replaced = |at: usize, other: Node| {
            let mut with = nodes.to_vec();
            with[at] = other;
            with
        };
        for (at, node) in nodes.iter().enumerate() {
            let mut without = nodes.to_vec();
            without.remove(at);
            all.push(without);
            let inside = self.changed(&node.name, node.children()).into_iter();
            let inside = inside.map(|inner| Node { children: Some(inner), ..node.clone() });
            let others = self.others(node).into_iter().map(|entries| Node { entries, ..node.clone() });
            all.extend(inside.chain(others).map(|other| replaced(at, other)));
        }
        for more in self.nodes.get(within).into_iter().flatten().filter(|more| !nodes.contains(more)) {
            all.push(nodes.iter().cloned().chain([(*more).clone()]).collect());
            let twin = nodes.iter().position(|node| node.name == more.name);
            all.extend(twin.map(|at| replaced(at, (*more).clone())));
        }
        all
    }

    /// The entries of a node with one change each.
    fn others(&self, node: &Node) -> Vec<Vec<Entry>> {
        let entries = &node.entries;
        let mut all = Vec::new();
        let wrong = || self.entries.get(&*node.name).into_iter().flatten().copied();
        let named = |entry: &Entry| entry.name.as_ref().map(|(name, _)| name.clone());
        for (at, entry) in entries.iter().enumerate() {
            let mut without = entries.to_vec();
            without.remove(at);
            all.push(without);
            let wrong = wrong().filter(|w| named(w) == named(entry) && w.value != entry.value).map(|w| w.value.clone());
            all.extend(others(&entry.value).into_iter().chain(wrong).map(|value| {
                let mut with = entries.to_vec();
                with[at].value = value;
                with
            }));
        }
        let more = wrong().filter(|w| w.name.is_some() && !entries.iter().any(|e| named(e) == named(w)));
        all.extend(more.map(|more| entries.iter().chain([more]).cloned().collect()));
        all
    }
}

/// What may stand in the place of a value.
fn others(value: &Scalar) -> Vec<Scalar> {
    match value {
        Scalar::Int(n) => [0, n - 1, n + 1, n.saturating_mul(1000)].into_iter().map(Scalar::Int).collect(),
        Scalar::Bool(is) => vec![Scalar::Bool(!is)],
        Scalar::Text(text) => texts(text).into_iter().map(|text| Scalar::Text(text.into())).collect(),
        Scalar::Number(_) | Scalar::Null => Vec::new(),
    }
}

fn texts(text: &str) -> Vec<String> {
    let mut others: Vec<String> = match text {
        "on" => vec!["off".to_owned()],
        "off" => vec!["on".to_owned()],
        _ => [" ", "x", "0", "never", "0.0.0.0/0", "1.0"].map(str::to_owned).to_vec(),
    };
    // `5 min`, `15 d`: about the limit and far from it
    if let Some((number, unit)) = text.split_once(' ')
        && let Ok(number) = number.parse::<u32>()
    {
        let more = [number.saturating_sub(1), number.saturating_add(1), number.saturating_mul(1000)];
        others.extend(more.map(|n| format!("{n} {unit}")));
    }
    others
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, SourceMap};

    #[test]
    fn each_change_is_one_change() {
        let tree = crate::syntax::parse(FileId(0), "login { auto-logout \"5 min\"; banner \"b\" }").tree.unwrap();
        let all = Wrong::default().changed("", &tree.nodes);
        assert!(all.iter().all(|mutant| *mutant != tree.nodes));
        let shown: Vec<String> = all.iter().map(|mutant| format!("{mutant:?}")).collect();
        for (at, one) in shown.iter().enumerate() {
            assert!(!shown[at + 1..].contains(one), "{one}");
        }
        for wanted in ["never", "6 min", "4 min"] {
            assert!(shown.iter().any(|mutant| mutant.contains(wanted)), "{wanted}");
        }
    }

    /// A rule that nothing can break would say "complies" of anything.
    #[test]
    fn every_shipped_rule_fails_for_a_change() {
        let packs = crate::policy::tests::shipped();
        let all = run(&packs);
        let blind: Vec<&str> = all.iter().filter(|m| m.failed == 0).map(|m| &*m.rule.id).collect();
        assert!(blind.is_empty(), "{blind:?}");
        let (tried, failed) = all.iter().fold((0, 0), |(tried, failed), m| (tried + m.tried, failed + m.failed));
        assert!(tried > 20 * all.len() && failed * 10 > tried, "{failed} of {tried}");
    }

    /// And one that passes everything is found.
    #[test]
    fn a_rule_that_checks_nothing_is_found() {
        let head = "pack \"ours\" version=\"1.0.0\" {\n title \"Ours\"\n platforms \"mx-ros\"\n}\n";
        let rule = "rule \"OURS-1\" severity=\"high\" family=\"x.y\" moment=\"describe\" {\n title \"t\"\n why \"w\"\n \
                    require { login { auto-logout at-most=\"never\" } }\n source \"handbook\" section=\"1\"\n \
                    passes { login { auto-logout \"5 min\" } }\n}\n";
        let own = [("packs/ours/pack.kdl", head), ("packs/ours/OURS-1.kdl", rule)];
        let own = own.map(|(path, text)| (path.to_owned(), text.to_owned()));
        let (packs, findings) = Packs::load(&["ours"], &[], &own, &mut SourceMap::new());
        let Some(ours) = run(&packs).into_iter().find(|m| &*m.rule.id == "OURS-1") else { panic!("{findings:?}") };
        assert!(ours.tried > 5, "{ours:?}");
        assert_eq!(ours.failed, 0, "taken out it is unknown, and nothing makes it fail");
    }
}
