//! Native keys that a description passes through: word for word of the table, and none that a setting owns.

use super::{Key, Section, Table};
use crate::dialect::exposure::{Exposure, HIDDEN, is_token};
use crate::dialect::passing::NotPassed;
use crate::dialect::{Alphabet, Refusal, TextRules};
use crate::finding::codes;
use crate::model::shape::closest;
use crate::native::Touches;
use crate::source::names_secret;

/// What may stand behind `Key=`.
fn rules() -> TextRules {
    TextRules { alphabet: Alphabet::Printable, except: ";".into(), min: 0, max: 512 }
}

/// Whether a key is passed through. Other cases and spacing of a name are known, so that none is a way around.
pub(in crate::dialect) fn passes(table: &Table, section: &str, key: &str, value: &str) -> Result<Touches, NotPassed> {
    let exact = table.section(section).map(|(known, _)| known);
    let known = exact.or_else(|| table.sections.iter().find(|s| same(&s.name, section)));
    let Some(known) = known else {
        let names = table.sections.iter().map(|s| &*s.name);
        return Err(unknown("section", section, names, &[section, key]));
    };
    let found = known.keys.get_key_value(key).or_else(|| known.keys.iter().find(|(name, _)| same(name, key)));
    match found {
        Some((_, Key { setting: Some(setting), exposure, .. })) => {
            let mapped = NotPassed::mapped(codes::platform::MAPPED_KEY, setting);
            Err(NotPassed { veiled: *exposure != Exposure::Shown, ..mapped })
        }
        Some((name, Key { exposure: Exposure::Hidden | Exposure::Secret, .. })) => {
            Err(NotPassed::hidden(codes::platform::HIDDEN_KEY, &format!("[{}] {name}", known.name)))
        }
        Some((name, listed)) if **name == *key && exact.is_some() => {
            let refused = rules().judge(value).and_then(|()| listed.judge(value)).err().or_else(|| {
                let message = format!("`{HIDDEN}` is what redaction leaves behind");
                is_token(value).then(|| Refusal::new(message, "write the value itself"))
            });
            match refused {
                Some(Refusal { message, help }) => {
                    Err(NotPassed { veiled: false, ..NotPassed::new(codes::platform::LIMIT, message).help(help) })
                }
                None => Ok(listed.touches.clone()),
            }
        }
        _ if exact.is_none() => Err(unknown("section", section, [&*known.name].into_iter(), &[section, key])),
        _ => Err(unknown("key", key, free(known), &[key])),
    }
}

fn free(section: &Section) -> impl Iterator<Item = &str> {
    section.keys.iter().filter(|(_, key)| key.setting.is_none()).map(|(name, _)| &**name)
}

fn same(a: &str, b: &str) -> bool {
    let spelled = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    spelled(a) == spelled(b)
}

fn unknown<'n>(what: &str, name: &str, names: impl Iterator<Item = &'n str>, said: &[&str]) -> NotPassed {
    if said.iter().any(|word| names_secret(word)) {
        return NotPassed::hidden(codes::platform::HIDDEN_KEY, "a key like this");
    }
    let help = match closest(name, names) {
        Some(near) => format!("did you mean `{near}`? Keys are written word for word"),
        None => "keys are written word for word as the device exports them".to_owned(),
    };
    NotPassed::new(codes::platform::UNKNOWN_KEY, format!("no {what} of this name is known on this platform")).help(help)
}
