//! Lines that stand for several entries: `port "1/1-4,2/1"`. They become one entry each before anything else sees
//! them; a line for fewer entries lies over the one that holds them all, wherever in the file it stands.

use std::collections::BTreeSet;

use foldhash::HashMap;

use super::{Cx, MAX_ENTRIES};
use crate::finding::{Finding, codes};
use crate::model::facts::{Fact, Group, Item, Items, Keyed, Setting, Value, by_count, overlay};
use crate::model::value::Set;
use crate::source::Loc;
use crate::syntax::Node;

/// Most entries of one line. No device has so many ports.
const MOST: usize = 256;

impl Cx {
    /// Puts such lines into their list.
    pub(super) fn spread(&mut self, lines: Vec<(Item, &Node)>, items: &mut Items) {
        let mut wide = false;
        let mut read: Vec<(Set, Item, &Node)> = Vec::with_capacity(lines.len());
        for (item, node) in lines {
            match self.members(&item.group) {
                Some(set) => {
                    wide |= set.len() > 1;
                    read.push((set, item, node));
                }
                // without a key, or with one that was told: it is there, and nothing lies over it
                None => self.add(items, item, node, &mut Keyed::default()),
            }
        }
        read.sort_by_key(|(set, ..)| std::cmp::Reverse(set.len()));
        let mut places: HashMap<String, (usize, usize)> = HashMap::default();
        let mut told = BTreeSet::new();
        for (line, (set, item, node)) in read.iter().enumerate() {
            for member in set.members() {
                let one = self.one(item, &member);
                match places.get(&member) {
                    Some((place, before)) if read[*before].0.len() > set.len() && read[*before].0.holds(set) => {
                        let below = &mut items.items[*place];
                        overlay(self.shape, &mut below.group, &one.group);
                        below.dropped = one.dropped;
                        let place = *place;
                        places.insert(member, (place, line));
                    }
                    Some((_, before)) => {
                        if told.insert((line, *before)) {
                            self.shared(&member, set, node, &read[*before]);
                        }
                    }
                    None if items.items.len() >= MAX_ENTRIES => {
                        let message = format!("more than {MAX_ENTRIES} entries of `{}`", node.name);
                        self.tell(codes::shape::TOO_MANY, node.header, message);
                        return;
                    }
                    None => {
                        places.insert(member, (items.items.len(), line));
                        items.items.push(one);
                    }
                }
            }
        }
        if wide {
            by_count(self.shape, &mut items.items);
        }
    }

    /// What the key of a line stands for; a text that is no range stands for itself.
    fn members(&mut self, group: &Group) -> Option<Set> {
        let (ix, _) = self.shape.group(group.shape).keys().next()?;
        let fact = group.fact(ix)?;
        let text = fact.value.text()?;
        let problem = match text.parse::<Set>() {
            Ok(set) if set.len() <= MOST => return Some(set),
            Ok(_) => format!("more than the {MOST} of any device"),
            Err(help) => help,
        };
        if text.contains([',', '-']) {
            let message = format!("`{text}` names no ports");
            self.report(codes::shape::BAD_VALUE, fact.origin.span, message, problem);
        }
        None
    }

    /// The entry of one member.
    fn one(&self, item: &Item, member: &str) -> Item {
        let mut group = item.group.clone();
        if let Some((ix, _)) = self.shape.group(group.shape).keys().next()
            && let Some(fact) = group.fact(ix)
            && fact.value.text() != Some(member)
        {
            let origin = fact.origin;
            group.set(ix, Setting::Value(Fact::new(Value::Text(member.into()), origin)));
        }
        Item { group, dropped: item.dropped }
    }

    fn shared(&mut self, member: &str, set: &Set, node: &Node, (other, _, first): &(Set, Item, &Node)) {
        let what = if set == other { set.to_string() } else { member.to_owned() };
        let message = format!("`{what}` is listed twice");
        let first = Loc::new(self.file, first.header);
        let finding = Finding::new(codes::shape::REPEATED_ENTRY, self.loc(node.header), message);
        let finding = match set == other {
            true => finding,
            false => finding.help("a line for fewer of them may lie over one that holds them all; these two overlap"),
        };
        self.findings.push(finding.related(first, "listed here first"));
    }
}
