//! Judging a pattern: numbers and comparisons only, no text is made.

use super::test::{flip, written};
use super::{Leaf, Pattern, Test, Truth};
use crate::model::facts::{Fact, Group, Item, Setting, Value};
use crate::model::shape::FieldIx;

impl Pattern {
    /// What the pattern says of a group. `None`: the group is not there, so nothing in it is known.
    pub fn judge(&self, group: Option<&Group>) -> Truth {
        match self {
            Pattern::All(list) => all(list.iter().map(|p| p.judge(group))),
            Pattern::Any(list) | Pattern::NotAll(list) => any(list.iter().map(|p| p.judge(group))),
            Pattern::If { when, then } => match when.judge(group).negated() {
                Truth::True => Truth::True,
                not => not.max(then.judge(group)),
            },
            Pattern::Into { field, inner } => inner.judge(inside(group, *field)),
            Pattern::Leaf(leaf) => leaf.judge(group),
            Pattern::Has(leaf) => leaf.is_there(group),
            Pattern::Each { field, inner } => match items(group, *field) {
                Some(items) => all(items.iter().map(|i| inner.judge(Some(&i.group)))),
                None => Truth::Unknown,
            },
            Pattern::Some { field, inner } => match items(group, *field) {
                Some(items) => any(items.iter().map(|i| inner.judge(Some(&i.group)))),
                None => Truth::Unknown,
            },
            Pattern::Last { field, inner, empty } => match items(group, *field) {
                Some(items) => items.last().map_or(Truth::of(*empty), |i| inner.judge(Some(&i.group))),
                None => Truth::Unknown,
            },
            Pattern::Count { field, filter, min, max, .. } => {
                let (fewest, most) = count(group, *field, filter.as_deref());
                if fewest >= *min && most <= *max {
                    Truth::True
                } else if most < *min || fewest > *max {
                    Truth::False
                } else {
                    Truth::Unknown
                }
            }
            Pattern::Unique { field, by, negated } => flip(unique(group, *field, *by), *negated),
            Pattern::Refers(refers) => refers.judge(group),
            Pattern::Values { field, some, tests } => {
                let Some(fact) = group.and_then(|g| g.fact(*field)) else { return Truth::Unknown };
                let Value::List(list) = &fact.value else { return Truth::Unknown };
                let answers = list.iter().map(|f| passes(tests, f));
                if *some { any(answers) } else { all(answers) }
            }
        }
    }
}

impl Pattern {
    /// Whether it asks anything of a group: not where it is guarded away, or a list has no entry to ask. What passes
    /// without being asked is no pass.
    pub fn asks(&self, group: Option<&Group>) -> bool {
        match self {
            Pattern::All(list) | Pattern::Any(list) | Pattern::NotAll(list) => list.iter().any(|p| p.asks(group)),
            Pattern::If { when, then } => when.judge(group) != Truth::False && then.asks(group),
            Pattern::Into { field, inner } => inner.asks(inside(group, *field)),
            Pattern::Each { field, inner } => {
                items(group, *field).is_none_or(|items| items.iter().any(|item| inner.asks(Some(&item.group))))
            }
            Pattern::Refers(refers) => refers.asks(group),
            Pattern::Leaf(_)
            | Pattern::Has(_)
            | Pattern::Some { .. }
            | Pattern::Last { .. }
            | Pattern::Count { .. }
            | Pattern::Unique { .. }
            | Pattern::Values { .. } => true,
        }
    }
}

impl Leaf {
    /// What the leaf says of its setting.
    pub(super) fn judge(&self, group: Option<&Group>) -> Truth {
        let fact = group.and_then(|g| g.fact(self.field));
        let said = match fact {
            None if self.only_written => Truth::False,
            fact => self.test.ask(fact),
        };
        flip(said, self.negated)
    }

    /// Whether a group or list is there.
    pub(super) fn is_there(&self, group: Option<&Group>) -> Truth {
        let origin = match group.and_then(|g| g.get(self.field)) {
            Some(Setting::Group(inner)) => Some(inner.origin),
            Some(Setting::Items(items)) => Some(items.origin),
            Some(Setting::Value(fact)) => Some(fact.origin),
            None => None,
        };
        let holds = match self.test {
            Test::Said if origin.is_none() => return Truth::Unknown,
            Test::Declared => origin.is_some_and(written),
            _ => origin.is_some(),
        };
        flip(Truth::of(holds), self.negated)
    }
}

/// Whether one value of a scalar list passes all tests.
pub(super) fn passes(tests: &[(Test, bool)], fact: &Fact) -> Truth {
    all(tests.iter().map(|(t, negated)| flip(t.ask(Some(fact)), *negated)))
}

/// The least of several answers: no further one is asked for once one is false.
pub(super) fn all(mut answers: impl Iterator<Item = Truth>) -> Truth {
    let lesser = |so_far: Truth, answer: Truth| match so_far.min(answer) {
        Truth::False => Err(Truth::False),
        least => Ok(least),
    };
    answers.try_fold(Truth::True, lesser).unwrap_or_else(|least| least)
}

/// The greatest of several answers: no further one is asked for once one is true.
pub(super) fn any(mut answers: impl Iterator<Item = Truth>) -> Truth {
    let greater = |so_far: Truth, answer: Truth| match so_far.max(answer) {
        Truth::True => Err(Truth::True),
        greatest => Ok(greatest),
    };
    answers.try_fold(Truth::False, greater).unwrap_or_else(|greatest| greatest)
}

pub(super) fn inside(group: Option<&Group>, field: FieldIx) -> Option<&Group> {
    match group?.get(field)? {
        Setting::Group(inner) => Some(inner),
        _ => None,
    }
}

/// The entries of a list; an absent list is not an empty one.
pub(super) fn items(group: Option<&Group>, field: FieldIx) -> Option<&[Item]> {
    match group?.get(field)? {
        Setting::Items(items) => Some(&items.items),
        _ => None,
    }
}

/// The fewest and the most entries that count.
pub(super) fn count(group: Option<&Group>, field: FieldIx, filter: Option<&Pattern>) -> (usize, usize) {
    match group.and_then(|g| g.get(field)) {
        Some(Setting::Items(items)) => {
            let Some(filter) = filter else { return (items.items.len(), items.items.len()) };
            items.items.iter().fold((0, 0), |(fewest, most), item| match filter.judge(Some(&item.group)) {
                Truth::True => (fewest + 1, most + 1),
                Truth::Unknown => (fewest, most + 1),
                Truth::False => (fewest, most),
            })
        }
        Some(Setting::Value(Fact { value: Value::List(list), .. })) => {
            let known = list.iter().filter(|f| f.value.is_known()).count();
            (known, list.len())
        }
        _ => (0, usize::MAX),
    }
}

fn unique(group: Option<&Group>, field: FieldIx, by: FieldIx) -> Truth {
    let Some(items) = items(group, field) else { return Truth::Unknown };
    if twins(items, by).is_some() {
        return Truth::False;
    }
    let known = |item: &Item| item.group.fact(by).is_some_and(|f| f.value.is_known());
    // entries whose field is absent may be equal to any other; a single entry differs from all
    if items.len() < 2 || items.iter().all(known) { Truth::True } else { Truth::Unknown }
}

/// The first two entries of the same value.
pub(super) fn twins(items: &[Item], by: FieldIx) -> Option<(usize, usize)> {
    let value = |i: usize| items[i].group.fact(by).map(|f| &f.value).filter(|v| v.is_known());
    (1..items.len()).find_map(|b| {
        let twin = (0..b).find(|a| value(*a).is_some() && value(*a) == value(b))?;
        Some((twin, b))
    })
}
