//! What can be asked of one value.

use std::cmp::Ordering;

use ipnet::IpNet;
use regex::Regex;

use super::judge::{all as every, any};
use super::{ANY_VALUE, Truth};
use crate::model::facts::{Fact, Value};
use crate::model::value::{Time, is_blank};
use crate::source::Origin;

/// Which way is stricter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Toward {
    /// The smaller value.
    Less,
    /// The greater value.
    More,
}

/// A question to one value.
#[derive(Debug, Clone)]
pub enum Test {
    /// The same value; of a list, exactly these values in any order.
    Equal(Value),
    /// Not below.
    AtLeast(Value),
    /// Not above. Where `true`, the device's 0 means never and is above every limit.
    AtMost(Value, bool),
    /// A network no wider than this prefix of IPv4; of IPv6, one of no more host bits.
    Prefix(u8),
    /// A regular expression finds something in it.
    Matches(Regex),
    /// A text holds this text, a list this value. Folded where `true`.
    Contains(Vec<Value>, bool),
    /// A text or list holds at least one of these.
    ContainsAny(Vec<Value>, bool),
    /// Characters of a text, values of a list: from, to.
    Length(usize, usize),
    /// A network or address that lies within one of these.
    Within(Vec<IpNet>),
    /// One of these. Folded where `true`.
    OneOf(Vec<Value>, bool),
    /// There is a value.
    Present,
    /// The same, where silence leaves it open ([`super::Pattern::opened`]).
    Said,
    /// A person wrote it: neither the factory nor a capture says it.
    Declared,
    /// A network without host bits.
    Canonical,
    /// At least one of these is not so (`true`: its opposite is meant).
    NotAll(Vec<(Test, bool)>),
}

/// What is required of a setting that is to be left out.
pub(super) const NOTHING: &str = "nothing here";

/// The lowest layer that a person writes: factory and base lie below.
pub(super) const FIRST_WRITTEN: u16 = 2;

impl Test {
    /// Asks. `None`: nothing is there.
    pub fn ask(&self, fact: Option<&Fact>) -> Truth {
        let Some(fact) = fact else {
            return match self {
                Test::Present | Test::Declared => Truth::False,
                _ => Truth::Unknown,
            };
        };
        match (self, &fact.value) {
            (_, Value::Bad) => Truth::Unknown,
            // a text of blanks is no text
            (Test::Present | Test::Said | Test::Declared, Value::Text(t)) if is_blank(t) => Truth::False,
            (Test::Present | Test::Said, _) => Truth::True,
            (Test::Declared, _) => Truth::of(written(fact.origin)),
            (_, Value::Foreign(_)) => Truth::Unknown,
            (_, value) => self.of_value(value),
        }
    }

    /// Asks a value that is there.
    fn of_value(&self, value: &Value) -> Truth {
        match self {
            Test::Equal(want) => same(value, want),
            Test::AtLeast(limit) => ordered(value, limit, |o| o != Ordering::Less),
            Test::AtMost(_, true) if *value == Value::Int(0) => Truth::False,
            Test::AtMost(limit, _) => ordered(value, limit, |o| o != Ordering::Greater),
            Test::Prefix(least) => value.network().map_or(Truth::Unknown, |net| {
                let host_bits = net.max_prefix_len() - net.prefix_len();
                Truth::of(host_bits <= 32_u8.saturating_sub(*least))
            }),
            Test::Matches(regex) => value.text().map_or(Truth::Unknown, |t| Truth::of(regex.is_match(t))),
            Test::Contains(all, fold) => every(all.iter().map(|v| holds(value, v, *fold))),
            Test::ContainsAny(some, fold) => any(some.iter().map(|v| holds(value, v, *fold))),
            Test::Length(min, max) => match value {
                Value::Text(t) if is_blank(t) => Truth::of(*min == 0),
                Value::Text(t) => Truth::of((*min..=*max).contains(&t.chars().count())),
                Value::List(list) => Truth::of((*min..=*max).contains(&list.len())),
                _ => Truth::Unknown,
            },
            Test::Within(nets) => match address(value) {
                Some(net) => Truth::of(nets.iter().any(|n| n.contains(&net))),
                None => Truth::Unknown,
            },
            Test::OneOf(some, fold) => any(some.iter().map(|v| equal(value, v, *fold))),
            Test::Canonical => match value {
                Value::Network(net) => Truth::of(net.is_canonical()),
                _ => Truth::Unknown,
            },
            Test::NotAll(tests) => any(tests.iter().map(|(t, negated)| flip(t.of_value(value), !negated))),
            Test::Present | Test::Said | Test::Declared => Truth::True,
        }
    }

    /// The limit and which way is stricter, where it is one.
    pub fn limit(&self) -> Option<(Toward, Value)> {
        match self {
            Test::AtLeast(v) => Some((Toward::More, v.clone())),
            Test::AtMost(v, _) => Some((Toward::Less, v.clone())),
            Test::Prefix(n) => Some((Toward::More, Value::Int(i64::from(*n)))),
            _ => None,
        }
    }

    /// Another limit in place of its own; nothing happens to a test without one.
    pub fn set_limit(&mut self, to: &Value) {
        match (self, to) {
            (Test::AtLeast(v) | Test::AtMost(v, _), to) => *v = to.clone(),
            (Test::Prefix(n), Value::Int(to)) => *n = u8::try_from(*to).unwrap_or(u8::MAX),
            _ => {}
        }
    }

    /// What is asked, to stand behind "required:".
    pub fn words(&self, negated: bool) -> String {
        let list = |values: &[Value]| {
            const SHOWN: usize = 6;
            let shown: Vec<String> = values.iter().take(SHOWN).map(|v| format!("`{}`", v.to_kdl())).collect();
            let more = if values.len() > SHOWN { ", ..." } else { "" };
            format!("{}{more}", shown.join(", "))
        };
        let not = if negated { "not " } else { "" };
        match self {
            Test::Equal(v) => format!("{not}`{}`", v.to_kdl()),
            Test::AtLeast(v) if negated => format!("less than `{}`", v.to_kdl()),
            Test::AtLeast(v) => format!("at least `{}`", v.to_kdl()),
            Test::AtMost(v, _) if negated => format!("more than `{}`", v.to_kdl()),
            Test::AtMost(v, _) => format!("at most `{}`", v.to_kdl()),
            Test::Prefix(n) if negated => format!("wider than `/{n}`"),
            Test::Prefix(n) => format!("no wider than `/{n}`"),
            Test::Matches(r) => format!("{not}text that matches `{}`", r.as_str()),
            Test::Contains(v, _) if negated => format!("without {}", list(v)),
            Test::Contains(v, _) => format!("with {}", list(v)),
            Test::ContainsAny(v, _) if negated => format!("without any of {}", list(v)),
            Test::ContainsAny(v, _) => format!("with one of {}", list(v)),
            Test::Length(min, usize::MAX) => format!("{not}of length {min} or more"),
            Test::Length(min, max) => format!("{not}of length {min} to {max}"),
            Test::Within(nets) => {
                let nets: Vec<String> = nets.iter().map(|n| format!("`{n}`")).collect();
                format!("{not}within {}", nets.join(", "))
            }
            Test::OneOf(v, _) if v.len() == 1 => format!("{not}{}", list(v)),
            Test::OneOf(v, _) if negated => format!("none of {}", list(v)),
            Test::OneOf(v, _) => format!("one of {}", list(v)),
            Test::Present if negated => NOTHING.to_owned(),
            Test::Present | Test::Said => ANY_VALUE.to_owned(),
            Test::Declared if negated => "nothing written here".to_owned(),
            Test::Declared => "a value that is written, not left as the device has it".to_owned(),
            Test::Canonical => format!("{not}a network without host bits"),
            Test::NotAll(tests) => {
                let words: Vec<String> = tests.iter().map(|(t, n)| t.words(!n)).collect();
                words.join(" or ")
            }
        }
    }
}

/// Whether a person wrote it.
pub(super) fn written(origin: Origin) -> bool {
    origin.layer >= FIRST_WRITTEN
}

pub(super) fn flip(truth: Truth, negated: bool) -> Truth {
    if negated { truth.negated() } else { truth }
}

/// The same value; a list with a bad or foreign value among them may be anything.
fn same(value: &Value, want: &Value) -> Truth {
    let (Value::List(have), Value::List(want)) = (value, want) else { return Truth::of(value == want) };
    let known = have.iter().all(|f| f.value.is_known());
    let all = want.iter().all(|w| have.iter().any(|h| h.value == w.value));
    let no_more = have.iter().filter(|h| h.value.is_known()).all(|h| want.iter().any(|w| w.value == h.value));
    match (all && no_more, known) {
        (true, true) => Truth::True,
        (_, false) if no_more => Truth::Unknown,
        _ => Truth::False,
    }
}

fn ordered(value: &Value, limit: &Value, holds: impl Fn(Ordering) -> bool) -> Truth {
    order(value, limit).map_or(Truth::Unknown, |o| Truth::of(holds(o)))
}

/// Whether one limit asks for more than another.
pub fn is_stricter(toward: Toward, one: &Value, other: &Value) -> bool {
    let wanted = match toward {
        Toward::Less => Ordering::Less,
        Toward::More => Ordering::Greater,
    };
    order(one, other) == Some(wanted)
}

/// How two values of one kind compare. Never is longer than any time.
pub(super) fn order(a: &Value, b: &Value) -> Option<Ordering> {
    match (a, b) {
        (Value::Int(a), Value::Int(b)) => Some(a.cmp(b)),
        (Value::Time(a), Value::Time(b)) => Some(Time::cmp(a, b)),
        (Value::Rate(a), Value::Rate(b)) => Some(a.cmp(b)),
        (Value::Version(a), Value::Version(b)) => Some(a.cmp(b)),
        (Value::Date(a), Value::Date(b)) => Some(a.cmp(b)),
        _ => None,
    }
}

fn equal(value: &Value, want: &Value, fold: bool) -> Truth {
    match (fold, value.text(), want.text()) {
        (true, Some(a), Some(b)) => Truth::of(a.to_lowercase() == b.to_lowercase()),
        _ => same(value, want),
    }
}

fn holds(value: &Value, part: &Value, fold: bool) -> Truth {
    match value {
        Value::List(list) => {
            let answers = list.iter().map(|f| match f.value.is_known() {
                true => equal(&f.value, part, fold),
                false => Truth::Unknown,
            });
            any(answers)
        }
        value => match (value.text(), part.text()) {
            (Some(a), Some(b)) if fold => Truth::of(a.to_lowercase().contains(&b.to_lowercase())),
            (Some(a), Some(b)) => Truth::of(a.contains(b)),
            _ => Truth::Unknown,
        },
    }
}

/// The network of a value; a text is one where it is an address. A host name can't be judged.
fn address(value: &Value) -> Option<IpNet> {
    value.network().or_else(|| value.text()?.parse::<std::net::IpAddr>().ok().map(IpNet::from))
}
