//! One value against another.

use super::{At, Walk};
use crate::model::facts::{Fact, Setting, Value};
use crate::model::shape::FieldShape;
use crate::native::{SecretState, Side};
use crate::secret::hashed::{self, Hashed};
use crate::secret::{SecretValue, Secrets};

impl Walk<'_> {
    pub(super) fn value(&mut self, field: &FieldShape, own: &Fact, there: Option<&Setting>, at: &At) {
        let there = if let Some(Setting::Value(fact)) = there { Some(&fact.value) } else { None };
        match &own.value {
            // reported where it was written
            Value::Bad => {}
            Value::Secret(name) => self.secret(name, own, there, at),
            wanted if there.is_some_and(|t| same(field, wanted, t)) => {}
            wanted => {
                let path = at.path();
                let before = match there {
                    Some(value) => Side::of(value),
                    None if self.running.redacted.contains(&path) => Side::Hidden,
                    None => match (self.context.absent)(&path) {
                        Some(value) if same(field, wanted, &value) => return,
                        value => value.map_or(Side::Nothing, |value| Side::of(&value)),
                    },
                };
                let change = self.change(path, before, Side::Value(wanted.clone()), own.origin);
                self.report(change);
            }
        }
    }

    fn secret(&mut self, name: &str, own: &Fact, there: Option<&Value>, at: &At) {
        let path = at.path();
        let (redacted, read) = (self.running.redacted.contains(&path), self.running.secrets.get(&path));
        let held = redacted || read.is_some() || there.is_some();
        let state = match held {
            true => match (read.filter(|_| !redacted), self.context.secrets.get(name)) {
                (None, Some(wanted)) => match (self.context.is_held)(&path, wanted) {
                    Some(true) => SecretState::Unchanged,
                    Some(false) => SecretState::Changed,
                    None => SecretState::CannotCompare,
                },
                (read, _) => state(self.context.secrets, name, read),
            },
            false if self.in_new_entry => SecretState::New,
            // many devices never show that they hold one
            false => SecretState::CannotCompare,
        };
        let before = if held { Side::Value(Value::Held) } else { Side::Nothing };
        let mut change = self.change(path, before, Side::Value(own.value.clone()), own.origin);
        change.secret = Some(state);
        match state {
            SecretState::Unchanged => self.found.same_secrets.push(change),
            _ => self.report(change),
        }
    }
}

/// How a secret that the device holds compares; the values are compared in constant time and go no further.
fn state(secrets: &Secrets, name: &str, read: Option<&SecretValue>) -> SecretState {
    match (read, secrets.get(name)) {
        (Some(read), Some(wanted)) if read == wanted => SecretState::Unchanged,
        (Some(read), Some(wanted)) => match hashed::compare(read, wanted) {
            Some(Hashed::Match) => SecretState::Unchanged,
            Some(Hashed::Opaque) => SecretState::Opaque,
            Some(Hashed::Differ) | None => SecretState::Changed,
        },
        _ => SecretState::CannotCompare,
    }
}

/// Whether two values mean the same to the device.
pub(super) fn same(field: &FieldShape, a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::List(a), Value::List(b)) if !field.ordered => {
            a.len() == b.len()
                && a.iter().all(|f| count(a, &f.value) == count(b, &f.value))
                && b.iter().all(|f| count(a, &f.value) == count(b, &f.value))
        }
        // nobody knows whether two unknown values mean the same but where they are the same text
        (Value::Bad, _) | (_, Value::Bad) => false,
        (a, b) => a == b,
    }
}

fn count(list: &[Fact], value: &Value) -> usize {
    list.iter().filter(|f| f.value == *value).count()
}
