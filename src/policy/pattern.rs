//! Patterns: conditions in the shape of the device, compiled to field numbers.
//!
//! A pattern is judged in three values ([`Truth`], Kleene's logic): what is not known makes nothing true and nothing
//! false. Negation stands only at the leaves ([`Pattern::negated`] pushes it there), so that whatever does not hold
//! is a line of the device.

mod cause;
mod causes;
mod compile;
mod judge;
mod refers;
mod test;

pub use cause::{ANY_VALUE, Cause};
pub use causes::Walk;
pub use compile::{Compiler, RESERVED, limit};
pub use refers::Refers;
pub use test::{Test, Toward, is_stricter};

use crate::model::shape::FieldIx;
use crate::source::Loc;

/// What a pattern says of a device. The order makes "all" the least and "any" the greatest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Truth {
    /// It does not hold.
    False,
    /// A setting that decides it is not known.
    Unknown,
    /// It holds.
    True,
}

impl Truth {
    /// From a plain answer.
    pub fn of(holds: bool) -> Truth {
        if holds { Truth::True } else { Truth::False }
    }

    /// The opposite; unknown stays unknown.
    pub fn negated(self) -> Truth {
        match self {
            Truth::False => Truth::True,
            Truth::Unknown => Truth::Unknown,
            Truth::True => Truth::False,
        }
    }
}

/// A condition on a group of settings.
#[derive(Debug, Clone)]
pub enum Pattern {
    /// All of them.
    All(Vec<Pattern>),
    /// At least one of them.
    Any(Vec<Pattern>),
    /// The opposite of `All`, from the opposites of its parts: at least one of them. What is told is the first.
    NotAll(Vec<Pattern>),
    /// Only where `when` holds, `then` must.
    If {
        /// The guard.
        when: Box<Pattern>,
        /// What it guards.
        then: Box<Pattern>,
    },
    /// Within a group.
    Into {
        /// The group's field.
        field: FieldIx,
        /// What holds in it.
        inner: Box<Pattern>,
    },
    /// One setting.
    Leaf(Leaf),
    /// Every entry of a list; true of an empty one.
    Each {
        /// The list's field.
        field: FieldIx,
        /// What holds of an entry.
        inner: Box<Pattern>,
    },
    /// At least one entry of a list.
    Some {
        /// The list's field.
        field: FieldIx,
        /// What holds of it.
        inner: Box<Pattern>,
    },
    /// The last entry of an ordered list.
    Last {
        /// The list's field.
        field: FieldIx,
        /// What holds of it.
        inner: Box<Pattern>,
        /// What is said of an empty list.
        empty: bool,
    },
    /// How many entries of a list, or values of a scalar list, there are.
    Count {
        /// The list's field.
        field: FieldIx,
        /// Which entries count; all where there is none.
        filter: Option<Box<Pattern>>,
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
        /// The adjustable that one of them comes from, and which way it is stricter: more moves the fewest.
        adjustable: Option<(Box<str>, Toward)>,
    },
    /// Whether the entries of a list differ in a field.
    Unique {
        /// The list's field.
        field: FieldIx,
        /// The entry's field.
        by: FieldIx,
        /// Whether the opposite is asked for.
        negated: bool,
    },
    /// Whether what the entries of a list name is there.
    Refers(Refers),
    /// Each, or some, of the values of a scalar list.
    Values {
        /// The list's field.
        field: FieldIx,
        /// Whether one is enough.
        some: bool,
        /// What holds of a value.
        tests: Vec<(Test, bool)>,
    },
    /// Whether a group or list is there at all.
    Has(Leaf),
}

/// One test of one setting.
#[derive(Debug, Clone)]
pub struct Leaf {
    /// The setting's field.
    pub field: FieldIx,
    /// What is asked.
    pub test: Test,
    /// Whether the opposite is asked.
    pub negated: bool,
    /// Name of the adjustable that the limit comes from.
    pub adjustable: Option<Box<str>>,
    /// Whether only a person can say it (a note, an intent): where it is absent, nobody said it, and that is known.
    pub only_written: bool,
    /// Its line in the pack.
    pub loc: Loc,
}

impl Pattern {
    /// The opposite, with the negation at the leaves: not each is some not, not all is any not.
    pub fn negated(self) -> Pattern {
        let each = |list: Vec<Pattern>| list.into_iter().map(Pattern::negated).collect();
        let boxed = |inner: Box<Pattern>| Box::new(inner.negated());
        match self {
            Pattern::All(list) => Pattern::NotAll(each(list)),
            Pattern::Any(list) | Pattern::NotAll(list) => Pattern::All(each(list)),
            Pattern::If { when, then } => Pattern::All(vec![*when, then.negated()]),
            Pattern::Into { field, inner } => Pattern::Into { field, inner: boxed(inner) },
            Pattern::Leaf(leaf) => Pattern::Leaf(Leaf { negated: !leaf.negated, ..leaf }),
            Pattern::Has(leaf) => Pattern::Has(Leaf { negated: !leaf.negated, ..leaf }),
            Pattern::Each { field, inner } => Pattern::Some { field, inner: boxed(inner) },
            Pattern::Some { field, inner } => Pattern::Each { field, inner: boxed(inner) },
            Pattern::Last { field, inner, empty } => Pattern::Last { field, inner: boxed(inner), empty: !empty },
            Pattern::Unique { field, by, negated } => Pattern::Unique { field, by, negated: !negated },
            Pattern::Refers(refers) => Pattern::Refers(Refers { negated: !refers.negated, ..refers }),
            Pattern::Count { field, filter, min, max, .. } => {
                let count = |filter, min, max| Pattern::Count { field, filter, min, max, adjustable: None };
                let mut outside = Vec::new();
                if let Some(below) = min.checked_sub(1) {
                    outside.push(count(filter.clone(), 0, below));
                }
                if let Some(above) = max.checked_add(1) {
                    outside.push(count(filter, above, usize::MAX));
                }
                Pattern::Any(outside)
            }
            Pattern::Values { field, some, tests } => {
                // the opposite of "one value passes all tests" is "each value fails one of them"
                let one = |(test, negated): (Test, bool)| Pattern::Values {
                    field,
                    some: !some,
                    tests: vec![(test, !negated)],
                };
                match tests.len() {
                    1 => Pattern::All(tests.into_iter().map(one).collect()),
                    _ if !some => Pattern::Any(tests.into_iter().map(one).collect()),
                    _ => Pattern::Values { field, some: false, tests: vec![(Test::NotAll(tests), false)] },
                }
            }
        }
    }

    /// The same as a guard, where silence about what is to be `present` leaves open whether it is there. `None` where
    /// it asks for nothing of the kind. What only a person can say is there, or is not.
    pub fn opened(&self) -> Option<Pattern> {
        let (mut open, mut changed) = (self.clone(), false);
        open.visit_mut(&mut |pattern| match pattern {
            Pattern::Leaf(leaf) | Pattern::Has(leaf) if !leaf.negated && !leaf.only_written => {
                let present = matches!(leaf.test, Test::Present);
                changed |= present;
                if present {
                    leaf.test = Test::Said;
                }
            }
            _ => {}
        });
        changed.then_some(open)
    }

    /// Whether it asks of one setting of its group, and of nothing else.
    fn asks_only(&self, setting: FieldIx) -> bool {
        match self {
            Pattern::Leaf(leaf) => leaf.field == setting,
            Pattern::Any(list) | Pattern::NotAll(list) => list.iter().all(|p| p.asks_only(setting)),
            _ => false,
        }
    }

    /// Goes through the pattern and all within it, to change them.
    pub fn visit_mut(&mut self, change: &mut impl FnMut(&mut Pattern)) {
        change(self);
        match self {
            Pattern::All(list) | Pattern::Any(list) | Pattern::NotAll(list) => {
                list.iter_mut().for_each(|p| p.visit_mut(change))
            }
            Pattern::If { when, then } => {
                when.visit_mut(change);
                then.visit_mut(change);
            }
            Pattern::Into { inner, .. }
            | Pattern::Each { inner, .. }
            | Pattern::Some { inner, .. }
            | Pattern::Last { inner, .. } => inner.visit_mut(change),
            Pattern::Count { filter: Some(filter), .. } => filter.visit_mut(change),
            Pattern::Refers(refers) => {
                refers.entry.iter_mut().chain(&mut refers.named).for_each(|inner| inner.visit_mut(change));
            }
            Pattern::Count { filter: None, .. }
            | Pattern::Leaf(_)
            | Pattern::Has(_)
            | Pattern::Unique { .. }
            | Pattern::Values { .. } => {}
        }
    }
}
