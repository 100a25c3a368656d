//! Saving a page of a form: each field is judged as its table has it, and all of the page is taken or none of it.

use super::{Console, Input, Refused, Typed, input};
use crate::dialect::exposure::HIDDEN;
use crate::dialect::sheet::{Each, Field, parts};
use crate::dialect::written::{BETWEEN, NONE, Spelling};
use crate::dialect::{Codec, CodecKind};
use crate::model::facts::{Group, key_text};
use crate::model::shape::Shape;
use crate::source::Origin;

/// A page that is being saved.
pub(super) struct Taking<'a> {
    pub(super) console: &'a Console,
    pub(super) menu: &'a str,
    pub(super) typed: &'a Typed,
    /// The rows that it would have.
    pub(super) rows: Vec<(String, String)>,
    pub(super) refused: Vec<Refused>,
}

impl Taking<'_> {
    fn all<'s>(&'s self, name: &'s str) -> impl Iterator<Item = &'s str> {
        self.typed.iter().filter(move |(typed, _)| typed == name).map(|(_, value)| &**value)
    }

    pub(super) fn field(&mut self, field: &Field, key: &str) {
        let name = field.label.of(key);
        let names: Vec<String> = field.parts.iter().map(|part| part.of(key)).collect();
        let value = match (&input(&field.written), self.joined(&name, &names)) {
            (Input::Several(_), _) => {
                let chosen: Vec<&str> = self.all(&name).filter(|word| !word.is_empty()).collect();
                // one that is not on the page says nothing, one with nothing ticked says so
                let shown = self.all(&name).next().is_some();
                shown.then(|| if chosen.is_empty() { NONE.to_owned() } else { chosen.join(BETWEEN) })
            }
            (Input::Secret, None) if self.console.value(self.menu, &name).is_some() => {
                return self.rows.push((name, HIDDEN.to_owned()));
            }
            (_, value) => value,
        };
        let Some(value) = value else { return };
        match judge(&field.written, &value) {
            Err(why) => self.refused.push(Refused { name: names.into_iter().next().unwrap_or(name), why }),
            Ok(()) if field.written.is_secret() => self.rows.push((name, HIDDEN.to_owned())),
            Ok(()) => self.rows.push((name, value)),
        }
    }

    /// What was typed into a field, or into the several that a page has for it; `None` for nothing.
    fn joined(&self, name: &str, names: &[String]) -> Option<String> {
        let words: Vec<&str> = names.iter().map(|name| self.all(name).next().unwrap_or_default()).collect();
        let text = match names.is_empty() {
            true => self.all(name).next().unwrap_or_default().to_owned(),
            false if words.iter().all(|word| word.is_empty()) => String::new(),
            false => parts::joined(&words),
        };
        Some(text).filter(|text| !text.is_empty())
    }

    pub(super) fn each(&mut self, each: &Each) {
        let Some((head, _, written, _)) = &each.head else {
            for (key, _) in self.console.keys(self.menu, each) {
                each.fields.iter().for_each(|field| self.field(field, &key));
            }
            return;
        };
        let goes = |value: &str| each.remove.as_deref().is_some_and(|remove| self.all(remove).any(|one| one == value));
        let mut named: Vec<String> = self.all(head).filter(|v| !v.is_empty() && !goes(v)).map(str::to_owned).collect();
        if !each.parts.is_empty() {
            let names: Vec<String> = each.parts.iter().map(ToString::to_string).collect();
            named.extend(self.joined(head, &names));
        }
        let mut keys: Vec<String> = Vec::new();
        for value in named {
            let found = judge(written, &value).map(|()| key(each, &value));
            match found {
                Ok(Some(key)) if !keys.contains(&key) => {
                    self.rows.push((head.to_string(), value));
                    each.fields.iter().for_each(|field| self.field(field, &key));
                    keys.push(key);
                }
                Ok(_) => self.refuse(each, head, "it is there already"),
                Err(why) => self.refuse(each, head, &why),
            }
        }
        if keys.is_empty() {
            self.rows.push((head.to_string(), NONE.to_owned()));
        }
    }

    fn refuse(&mut self, each: &Each, head: &str, why: &str) {
        let name = each.parts.first().map_or(head, |part| part);
        self.refused.push(Refused { name: name.to_owned(), why: why.to_owned() });
    }
}

/// Whether a page takes a text, as its table has it.
fn judge(written: &Spelling, text: &str) -> Result<(), String> {
    let refusal = |refusal: crate::dialect::Refusal| format!("{}: {}", refusal.message, refusal.help);
    if let Spelling::One(Codec { kind: CodecKind::Secret(rules), .. }) = written {
        return rules.judge(text).map_err(refusal);
    }
    if text.chars().any(char::is_control) {
        return Err("a character that no field holds".to_owned());
    }
    let setting = written.decode(text, Origin::NONE).ok_or_else(|| written.doubt(text).to_string())?;
    written.encode(&setting).map(drop).map_err(refusal)
}

/// The key of the entry that a text names.
pub(super) fn key(each: &Each, value: &str) -> Option<String> {
    let (_, target, written, _) = each.head.as_ref()?;
    let mut group = Group::new(each.list.list?, Origin::NONE);
    target.put(&mut group, written.decode(value, Origin::NONE)?, Origin::NONE);
    Some(key_text(Shape::device(), &group)).filter(|key| !key.is_empty()).map(|key| key.to_string())
}
