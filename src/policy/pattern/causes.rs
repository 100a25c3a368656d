//! Why a pattern does not hold: the lines of the device that decide it. Made only for rules that do not pass.

use super::judge::{count, inside, items, passes, twins};
use super::test::NOTHING;
use super::{Cause, Leaf, Pattern, Refers, Test, Truth};
use crate::finding::Note;
use crate::model::facts::{Fact, Group, Item, Setting, Value, key_text};
use crate::model::paths::PLATFORM;
use crate::model::shape::{FieldIx, FieldShape, Kind, ScalarKind, Shape};
use crate::source::Origin;

/// A walk through the facts of one device.
pub struct Walk {
    shape: &'static Shape,
    path: Vec<String>,
    homes: Vec<Origin>,
    found: Vec<Cause>,
}

impl Walk {
    /// The causes of a pattern that is false or unknown of a device. `home`: the device's own header.
    pub fn causes(shape: &'static Shape, pattern: &Pattern, root: &Group, home: Origin) -> Vec<Cause> {
        let mut walk = Walk { shape, path: Vec::new(), homes: vec![home], found: Vec::new() };
        if pattern.judge(Some(root)) != Truth::True {
            walk.visit(pattern, shape.root, Some(root));
        }
        walk.found
    }

    /// The causes that a guard is false or unknown.
    pub fn of_guard(shape: &'static Shape, guard: &Pattern, root: &Group, home: Origin) -> Vec<Cause> {
        let mut walk = Walk { shape, path: Vec::new(), homes: vec![home], found: Vec::new() };
        if guard.judge(Some(root)) != Truth::True {
            walk.guard(guard, shape.root, Some(root));
        }
        walk.found
    }

    /// Of a guard the first part that does not hold: what the others say is of no interest before it is known.
    fn guard(&mut self, guard: &Pattern, id: u16, group: Option<&Group>) {
        match guard {
            Pattern::All(list) => {
                let truth = guard.judge(group);
                if let Some(first) = list.iter().find(|part| part.judge(group) == truth) {
                    self.guard(first, id, group);
                }
            }
            Pattern::Into { field, inner } => {
                let shape = self.shape.group(id).at(*field);
                let Kind::Group(inside_id) = shape.kind else { return };
                let there = inside(group, *field);
                self.enter(shape.name.to_owned(), there.map(|g| g.origin), |w| w.guard(inner, inside_id, there));
            }
            _ => self.visit(guard, id, group),
        }
    }

    fn visit(&mut self, pattern: &Pattern, id: u16, group: Option<&Group>) {
        let truth = pattern.judge(group);
        match pattern {
            Pattern::All(list) => self.all(list, truth, id, group),
            Pattern::Any(list) => self.alternatives(list, truth, id, group),
            Pattern::NotAll(list) => {
                if let Some(first) = list.iter().find(|p| p.judge(group) == truth) {
                    self.visit(first, id, group);
                }
            }
            Pattern::If { when, then } => {
                if when.judge(group) == Truth::Unknown {
                    self.guard(when, id, group);
                } else {
                    self.visit(then, id, group);
                }
            }
            Pattern::Into { field, inner } => {
                let shape = self.shape.group(id).at(*field);
                let Kind::Group(inside_id) = shape.kind else { return };
                let there = inside(group, *field);
                self.enter(shape.name.to_owned(), there.map(|g| g.origin), |w| w.visit(inner, inside_id, there));
            }
            Pattern::Leaf(leaf) => self.leaf(leaf, id, group),
            Pattern::Has(leaf) => self.has(leaf, id, group),
            Pattern::Each { field, inner } => self.entries(*field, inner, truth, id, group),
            Pattern::Some { field, inner } => self.some(*field, inner, id, group),
            Pattern::Last { field, inner, .. } => match items(group, *field) {
                Some(items @ [.., last]) => self.entry(*field, items.len() - 1, last, inner, id),
                _ => self.list(*field, id, group, "an entry"),
            },
            Pattern::Count { field, filter, min, max, .. } => {
                let (fewest, most) = count(group, *field, filter.as_deref());
                let what = if filter.is_some() { "entries that fit" } else { "entries" };
                let asked = match (*min, *max, filter.is_some()) {
                    (1, usize::MAX, true) | (0, 1, true) => "entry that fits",
                    (1, usize::MAX, false) | (0, 1, false) => "entry",
                    _ => what,
                };
                let words = match (*min, *max) {
                    (min, usize::MAX) => format!("at least {min}"),
                    (0, max) => format!("at most {max}"),
                    (min, max) => format!("{min} to {max}"),
                };
                self.list(*field, id, group, &format!("{words} {asked}"));
                if most != usize::MAX
                    && let Some(cause) = self.found.last_mut()
                {
                    cause.sentence = Some(match most {
                        _ if fewest != most => {
                            format!("{fewest} to {most} {what}, as far as is known; required: {words}")
                        }
                        0 => format!("no {what}; required: {words}"),
                        1 if filter.is_some() => format!("one entry that fits; required: {words}"),
                        1 => format!("one entry; required: {words}"),
                        _ => format!("{most} {what}; required: {words}"),
                    });
                }
            }
            Pattern::Unique { field, by, .. } => self.unique(*field, *by, id, group),
            Pattern::Refers(refers) => self.refers(refers, group),
            Pattern::Values { field, tests, some } => self.values(*field, tests, *some, id, group),
        }
    }

    fn enter(&mut self, name: String, origin: Option<Origin>, then: impl FnOnce(&mut Self)) {
        let home = self.home();
        self.path.push(name);
        // what only the factory or a capture says is no place where a person could write
        self.homes.push(origin.filter(|o| super::test::written(*o)).unwrap_or(home));
        then(self);
        self.homes.pop();
        self.path.pop();
    }

    fn home(&self) -> Origin {
        self.homes.last().copied().unwrap_or(Origin::NONE)
    }

    fn path_to(&self, name: &str) -> String {
        let mut path = self.path.join(".");
        if !path.is_empty() && !name.is_empty() {
            path.push('.');
        }
        path + name
    }

    /// All parts that do not hold. Where a group's own value (`lockout on`) is one of them, its block is not asked:
    /// what stands in it means nothing then.
    fn all(&mut self, list: &[Pattern], truth: Truth, id: u16, group: Option<&Group>) {
        let head = self.shape.group(id).head().map(|(ix, _)| ix);
        let (own, block): (Vec<&Pattern>, Vec<&Pattern>) =
            list.iter().filter(|p| p.judge(group) == truth).partition(|p| head.is_some_and(|ix| p.asks_only(ix)));
        for part in if own.is_empty() { block } else { own } {
            self.visit(part, id, group);
        }
    }

    /// The entry that was meant: the only one, or the one whose key is asked for.
    fn some(&mut self, field: FieldIx, inner: &Pattern, id: u16, group: Option<&Group>) {
        let Kind::Groups(item_id) = self.shape.group(id).at(field).kind else { return };
        let item = self.shape.group(item_id);
        let parts = if let Pattern::All(list) = inner { &list[..] } else { std::slice::from_ref(inner) };
        let key = parts.iter().find_map(|part| match part {
            Pattern::Leaf(leaf) if item.at(leaf.field).key => Some((item.at(leaf.field).name, leaf)),
            _ => None,
        });
        let entries = items(group, field).unwrap_or_default();
        let Some((name, key)) = key else {
            return match entries {
                [only] => self.entry(field, 0, only, inner, id),
                _ => self.list(field, id, group, "an entry that fits"),
            };
        };
        let meant = |(_, item): &(usize, &Item)| key.judge(Some(&item.group)) == Truth::True;
        let mut meant = entries.iter().enumerate().filter(meant);
        match (meant.next(), meant.next()) {
            (Some((index, item)), None) => self.entry(field, index, item, inner, id),
            (Some(_), Some(_)) => self.list(field, id, group, "an entry that fits"),
            (None, _) => {
                let asked = key.test.words(key.negated);
                self.list(field, id, group, &format!("an entry with `{name}` {asked}"));
            }
        }
    }

    /// Of alternatives that all fail one is shown, the one nearest to holding; the others are named beside it. One that
    /// nobody can choose is none: another platform, or silence where something is said.
    fn alternatives(&mut self, list: &[Pattern], truth: Truth, id: u16, group: Option<&Group>) {
        let mut ways: Vec<Vec<Cause>> = Vec::new();
        for p in list.iter().filter(|p| p.judge(group) == truth) {
            let before = std::mem::take(&mut self.found);
            self.visit(p, id, group);
            ways.push(std::mem::replace(&mut self.found, before));
        }
        let open = |way: &[Cause]| !way.iter().any(|c| c.path == PLATFORM || c.said.is_some() && c.expected == NOTHING);
        if ways.iter().any(|way| open(way)) {
            ways.retain(|way| open(way));
        }
        let mut best: Option<Vec<Cause>> = None;
        let mut others = Vec::new();
        for causes in ways {
            let rank = |c: &[Cause]| (c.iter().all(|c| c.said.is_none() || c.beneath.is_some()), c.len());
            let best_so_far = best.take();
            match best_so_far {
                Some(so_far) if rank(&so_far) <= rank(&causes) => {
                    others.extend(causes);
                    best = Some(so_far);
                }
                Some(so_far) => {
                    others.extend(so_far);
                    best = Some(causes);
                }
                None => best = Some(causes),
            }
        }
        let mut best = best.unwrap_or_default();
        if let Some(first) = best.first_mut() {
            for other in &others {
                let at = other.beneath.unwrap_or(other.origin);
                let note = Note { loc: at.loc(), text: format!("or here: {}", other.words()) };
                if !first.related.contains(&note) && first.related.len() < 4 {
                    first.related.push(note);
                }
            }
        }
        self.found.extend(best);
    }

    fn leaf(&mut self, leaf: &Leaf, id: u16, group: Option<&Group>) {
        let field = self.shape.group(id).at(leaf.field);
        let fact = group.and_then(|g| g.fact(leaf.field));
        // `services.telnet` means its switch
        let head = self.shape.group(id).head().is_some_and(|(ix, _)| ix == leaf.field) && !self.path.is_empty();
        let path = self.path_to(if head { "" } else { field.name });
        self.value(field, path, fact, &leaf.test, leaf.negated);
    }

    fn value(&mut self, field: &FieldShape, path: String, fact: Option<&Fact>, test: &Test, negated: bool) {
        let secret = field.kind == Kind::Scalar(ScalarKind::Secret);
        let home = self.home();
        let never = field.zero_never && fact.is_some_and(|f| f.value == Value::Int(0));
        let mut cause = Cause {
            expected: test.words(negated),
            open: matches!(test, Test::Declared),
            meaning: never.then_some("0 means never"),
            limit: test.limit(),
            ..Cause::at(home, path)
        };
        if let Some(fact) = fact {
            cause.reported = has_bad(&fact.value);
            cause.foreign = has_foreign(&fact.value);
            cause.said = Some(if secret { "set".to_owned() } else { fact.value.to_kdl() });
            if super::test::written(fact.origin) {
                cause.origin = fact.origin;
            } else {
                cause.beneath = Some(fact.origin);
            }
        }
        self.found.push(cause);
    }

    fn has(&mut self, leaf: &Leaf, id: u16, group: Option<&Group>) {
        let field = self.shape.group(id).at(leaf.field);
        let origin = match group.and_then(|g| g.get(leaf.field)) {
            Some(Setting::Group(g)) => Some(g.origin),
            Some(Setting::Items(i)) => Some(i.origin),
            _ => None,
        };
        let mut cause = self.plain(field.name, origin, leaf.test.words(leaf.negated));
        cause.said = origin.map(|_| "there".to_owned());
        self.found.push(cause);
    }

    /// A cause at a place, or where the thing would stand.
    fn plain(&self, name: &str, origin: Option<Origin>, expected: String) -> Cause {
        let written = origin.filter(|o| super::test::written(*o));
        Cause {
            origin: written.unwrap_or(self.home()),
            path: self.path_to(name),
            said: None,
            expected,
            open: false,
            meaning: None,
            reported: false,
            foreign: false,
            beneath: if written.is_none() { origin } else { None },
            related: Vec::new(),
            limit: None,
            sentence: None,
            help: None,
        }
    }

    /// The list itself: too few entries, or none that fits.
    fn list(&mut self, field: FieldIx, id: u16, group: Option<&Group>, expected: &str) {
        let shape = self.shape.group(id).at(field);
        let (origin, said, bad) = match group.and_then(|g| g.get(field)) {
            Some(Setting::Items(items)) => (Some(items.origin), Some(items.items.len()), false),
            Some(Setting::Value(fact)) => match &fact.value {
                Value::List(list) => (Some(fact.origin), Some(list.len()), has_bad(&fact.value)),
                other => (Some(fact.origin), None, *other == Value::Bad),
            },
            _ => (None, None, false),
        };
        let mut cause = self.plain(shape.name, origin, expected.to_owned());
        cause.reported = bad;
        cause.said = said.map(|n| match n {
            0 => "none".to_owned(),
            1 => "1 entry".to_owned(),
            n => format!("{n} entries"),
        });
        self.found.push(cause);
    }

    fn entries(&mut self, field: FieldIx, inner: &Pattern, truth: Truth, id: u16, group: Option<&Group>) {
        let Some(items) = items(group, field) else {
            return self.list(field, id, group, "entries that all fit");
        };
        for (i, item) in items.iter().enumerate() {
            if inner.judge(Some(&item.group)) == truth {
                self.entry(field, i, item, inner, id);
            }
        }
    }

    fn entry(&mut self, field: FieldIx, index: usize, item: &Item, inner: &Pattern, id: u16) {
        let shape = self.shape.group(id).at(field);
        let Kind::Groups(item_id) = shape.kind else { return };
        let name = format!("{}[{}]", shape.name, self.key(index, item));
        self.enter(name, Some(item.group.origin), |w| w.visit(inner, item_id, Some(&item.group)));
    }

    fn key(&self, index: usize, item: &Item) -> String {
        let key = key_text(self.shape, &item.group);
        if key.is_empty() { (index + 1).to_string() } else { key }
    }

    fn unique(&mut self, field: FieldIx, by: FieldIx, id: u16, group: Option<&Group>) {
        let shape = self.shape.group(id).at(field);
        let Kind::Groups(item_id) = shape.kind else { return };
        let by_shape = self.shape.group(item_id).at(by);
        let Some(items) = items(group, field) else {
            return self.list(field, id, group, &format!("entries that differ in {}", by_shape.name));
        };
        match twins(items, by) {
            Some((first, second)) => {
                let name = format!("{}[{}]", shape.name, self.key(second, &items[second]));
                let earlier = items[first].group.fact(by).map_or(Origin::NONE, |f| f.origin);
                let fact = items[second].group.fact(by);
                let origin = items[second].group.origin;
                self.enter(name, Some(origin), |w| {
                    let mut cause = w.plain(by_shape.name, fact.map(|f| f.origin), "a value of its own".to_owned());
                    cause.said = fact.map(|f| f.value.to_kdl());
                    cause.related.push(Note { loc: earlier.loc(), text: "the same value here".to_owned() });
                    w.found.push(cause);
                });
            }
            None => self.list(field, id, group, &format!("entries that differ in {}", by_shape.name)),
        }
    }

    /// The entries that name something which is not there.
    fn refers(&mut self, refers: &Refers, group: Option<&Group>) {
        let [list, by, among] = &refers.words;
        let not = if refers.negated { "not " } else { "" };
        let fits = if refers.named.is_some() { " that fits" } else { "" };
        let expected = format!("{not}the name of an entry of `{among}`{fits}");
        let lacking = refers.lacking(group);
        if lacking.is_empty() {
            let origin = group.map(|g| g.origin);
            return self.found.push(self.plain(list, origin, expected));
        }
        for (index, item) in lacking {
            let fact = refers.said(item);
            let path = format!("{list}[{}].{by}", self.key(index, item));
            let mut cause = self.plain(&path, fact.map(|f| f.origin), expected.clone());
            cause.said = fact.map(|f| f.value.to_kdl());
            cause.reported = fact.is_some_and(|f| has_bad(&f.value));
            cause.foreign = fact.is_some_and(|f| has_foreign(&f.value));
            self.found.push(cause);
        }
    }

    fn values(&mut self, field: FieldIx, tests: &[(Test, bool)], some: bool, id: u16, group: Option<&Group>) {
        let shape = self.shape.group(id).at(field);
        let words: Vec<String> = tests.iter().map(|(t, n)| t.words(*n)).collect();
        let words = words.join(" and ");
        let fact = group.and_then(|g| g.fact(field));
        let Some(Value::List(list)) = fact.map(|f| &f.value) else {
            return self.list(field, id, group, &words);
        };
        if some {
            return self.list(field, id, group, &format!("a value that is {words}"));
        }
        for value in list.iter().filter(|v| passes(tests, v) != Truth::True) {
            let mut cause = self.plain(shape.name, Some(value.origin), words.clone());
            cause.said = Some(value.value.to_kdl());
            cause.reported = value.value == Value::Bad;
            cause.foreign = matches!(value.value, Value::Foreign(_));
            self.found.push(cause);
        }
    }
}

fn has_bad(value: &Value) -> bool {
    match value {
        Value::Bad => true,
        Value::List(list) => list.iter().any(|f| f.value == Value::Bad),
        _ => false,
    }
}

fn has_foreign(value: &Value) -> bool {
    match value {
        Value::Foreign(_) => true,
        Value::List(list) => list.iter().any(|f| matches!(f.value, Value::Foreign(_))),
        _ => false,
    }
}
