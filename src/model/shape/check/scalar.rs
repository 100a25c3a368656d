//! One scalar of KDL as a value of its kind, or what is wrong with it. No message prints a secret.

use super::super::{ScalarKind, closest};
use crate::finding::{Code, codes};
use crate::model::facts::Value;
use crate::model::value::{
    KeyFingerprint, Name, PortNumbers, Ports, Sha256, Sha512, SitePath, Span, Time, Vlan, Vlans, is_blank,
};
use crate::secret::SecretRef;
use crate::syntax::{Entry, Scalar};

/// What is wrong with a scalar.
pub(super) struct Problem {
    pub(super) code: Code,
    pub(super) message: String,
    pub(super) help: String,
    /// Whether it is a word that belongs there, mistyped.
    pub(super) near: bool,
}

fn problem(code: Code, message: impl Into<String>, help: impl Into<String>) -> Problem {
    Problem { code, message: message.into(), help: help.into(), near: false }
}

/// Reads a value; `word` is the word that may stand in a value's place (`never`).
pub(super) fn read(kind: &ScalarKind, word: Option<&'static str>, entry: &Entry) -> Result<Value, Problem> {
    if *kind == ScalarKind::Secret {
        return secret(entry);
    }
    if entry.ty.is_some() {
        let help = format!("write {} without an annotation", kind.expected());
        return Err(problem(codes::shape::ANNOTATION, "this value takes no annotation", help));
    }
    match (&entry.value, kind) {
        (Scalar::Bool(on), ScalarKind::Switch) => {
            let word = if *on { "on" } else { "off" };
            Err(problem(codes::shape::WRONG_TYPE, "a switch is a word", format!("write `{word}`")))
        }
        (Scalar::Int(n), ScalarKind::Int { min, max }) => int(*n, *min, *max),
        (Scalar::Text(text), ScalarKind::Int { .. }) if text.parse::<i64>().is_ok() => Err(problem(
            codes::shape::WRONG_TYPE,
            format!("`{text}` stands in quotes"),
            format!("write `{text}` without them"),
        )),
        (Scalar::Int(n), ScalarKind::Time) => Err(problem(
            codes::shape::NO_UNIT,
            format!("`{n}` has no unit"),
            if *n == 0 && word.is_some() {
                "a device's 0 means never: write `never`, or a time such as `\"5 min\"`".to_owned()
            } else {
                format!("write it with its unit: `\"{n} min\"` or `\"{n} s\"`")
            },
        )),
        (Scalar::Int(n), ScalarKind::Rate) => Err(problem(
            codes::shape::NO_UNIT,
            format!("`{n}` has no unit"),
            format!("write it with its unit: `\"{} pps\"`", (*n).max(1)),
        )),
        (Scalar::Int(n), ScalarKind::Vlan | ScalarKind::Vlans | ScalarKind::Ports | ScalarKind::PortNumbers) => {
            from_text(kind, word, &n.to_string())
        }
        (Scalar::Int(n), ScalarKind::Version) => Err(problem(
            codes::shape::WRONG_TYPE,
            format!("`{n}` is a number, a version is text"),
            format!("write it in quotes: `\"{n}\"`"),
        )),
        (Scalar::Number(n), _) => Err(problem(
            codes::shape::WRONG_TYPE,
            format!("`{n}` is not what belongs here"),
            format!("write {}", kind.expected()),
        )),
        (Scalar::Text(text), _) => from_text(kind, word, text),
        _ => Err(problem(
            codes::shape::WRONG_TYPE,
            "this is not what belongs here",
            format!("write {}", kind.expected()),
        )),
    }
}

/// Reads a value from bare text: for what native text and packs write. Secrets have no such form.
pub fn parse(kind: &ScalarKind, word: Option<&'static str>, text: &str) -> Option<Value> {
    match kind {
        ScalarKind::Int { min, max } => int(text.parse().ok()?, *min, *max).ok(),
        ScalarKind::Secret => None,
        _ => from_text(kind, word, text).ok(),
    }
}

fn int(n: i64, min: i64, max: i64) -> Result<Value, Problem> {
    if (min..=max).contains(&n) {
        return Ok(Value::Int(n));
    }
    Err(problem(
        codes::shape::OUT_OF_RANGE,
        format!("`{n}` is out of range"),
        format!("write a whole number from {min} to {max}"),
    ))
}

fn from_text(kind: &ScalarKind, word: Option<&'static str>, text: &str) -> Result<Value, Problem> {
    if *kind == ScalarKind::Time && text == "never" && word != Some("never") {
        return Err(problem(
            codes::shape::BAD_VALUE,
            "`never` has no meaning here",
            format!("write {}", kind.expected()),
        ));
    }
    let value = match kind {
        ScalarKind::Switch => return switch(text),
        ScalarKind::Word(words) => {
            if let Some(found) = words.iter().find(|w| w.word == text) {
                return Ok(Value::Word(found.word));
            }
            let near = closest(text, words.iter().map(|w| w.word));
            let help = match near {
                Some(near) => format!("did you mean `\"{near}\"`?"),
                None => format!("write {}", kind.expected()),
            };
            let told = problem(codes::shape::BAD_WORD, format!("`{text}` is no word that belongs here"), help);
            return Err(Problem { near: near.is_some(), ..told });
        }
        ScalarKind::Text { min, max } => return text_of(text, *min, *max),
        ScalarKind::Time => match (text.parse::<Time>(), word) {
            (Ok(Time::Millis(0)), Some(_)) => {
                let help = "a device's 0 means never: write `never`, or a longer time";
                return Err(problem(codes::shape::BAD_VALUE, "a time of 0 says nothing", help));
            }
            (time, _) => time.map(Value::Time),
        },
        ScalarKind::Network => text.parse().map(Value::Network),
        ScalarKind::Address => text.parse().map(Value::Address),
        ScalarKind::Date => text.parse().map(Value::Date),
        ScalarKind::Moment => text.parse().map(|m| Value::Moment(Box::new(m))),
        ScalarKind::Version => text.parse().map(Value::Version),
        ScalarKind::VersionRange => text.parse().map(|r| Value::Range(Box::new(r))),
        ScalarKind::Name => text.parse().map(|n: Name| Value::Text(n.as_str().into())),
        ScalarKind::Path => text.parse().map(|p: SitePath| Value::Text(p.0)),
        ScalarKind::Mac => text.parse().map(Value::Mac),
        ScalarKind::KeyFingerprint => text.parse().map(|key: KeyFingerprint| Value::Text(key.0.into())),
        ScalarKind::Sha256 => text.parse().map(|digest: Sha256| Value::Text(digest.to_string().into())),
        ScalarKind::Sha512 => text.parse().map(|digest: Sha512| Value::Text(digest.to_string().into())),
        ScalarKind::SerialLine => text.parse().map(Value::Line),
        ScalarKind::Vlan => text.parse().map(|vlan| match vlan {
            Vlan::Number(n) => Value::Int(n.into()),
            Vlan::Name(name) => Value::Text(name),
        }),
        ScalarKind::Vlans => text.parse().map(|vlans: Vlans| Value::Set(Box::new(vlans.0))),
        ScalarKind::Rate => text.parse().map(Value::Rate),
        ScalarKind::Span => text.parse().map(|span: Span| Value::Text(span.to_string().into())),
        ScalarKind::PortNumbers => text.parse().map(|ports: PortNumbers| Value::Set(Box::new(ports.0))),
        ScalarKind::Ports => text.parse().map(|ports: Ports| Value::Set(Box::new(ports.0))),
        ScalarKind::Int { .. } | ScalarKind::Secret => Err(kind.expected()),
    };
    value.map_err(|help| problem(codes::shape::BAD_VALUE, format!("`{text}` is not {}", article(kind)), help))
}

fn switch(text: &str) -> Result<Value, Problem> {
    match text {
        "on" => Ok(Value::Switch(true)),
        "off" => Ok(Value::Switch(false)),
        _ => {
            let near = match text {
                "true" | "yes" | "enable" | "enabled" => "write `on`",
                "false" | "no" | "disable" | "disabled" => "write `off`",
                _ => "write `on` or `off`",
            };
            Err(problem(codes::shape::BAD_WORD, format!("`{text}` is neither `on` nor `off`"), near))
        }
    }
}

fn text_of(text: &str, min: usize, max: usize) -> Result<Value, Problem> {
    let length = text.chars().count();
    if length > max {
        let message = format!("{length} characters are too many");
        return Err(problem(codes::shape::OUT_OF_RANGE, message, format!("at most {max} fit")));
    }
    if length < min {
        return Err(problem(
            codes::shape::OUT_OF_RANGE,
            "an empty text says nothing",
            format!("write {min} to {max} characters"),
        ));
    }
    if min > 0 && is_blank(text) {
        return Err(problem(
            codes::shape::OUT_OF_RANGE,
            "a text of blanks says nothing",
            "write words, or leave it out",
        ));
    }
    Ok(Value::Text(text.into()))
}

fn secret(entry: &Entry) -> Result<Value, Problem> {
    const HELP: &str =
        "name the secret instead, `(stored)\"np07/backup\"`, and change this one: a file in git keeps it for ever";
    match (&entry.value, entry.ty.as_deref()) {
        (Scalar::Text(text), Some("stored")) => match text.parse::<SecretRef>() {
            Ok(_) => Ok(Value::Secret(text.clone())),
            Err(_) => Err(problem(
                codes::shape::BAD_SECRET_NAME,
                "this is not the name of a secret",
                "a name is segments of a-z 0-9 . _ - joined by `/`: `(stored)\"np07/backup\"`",
            )),
        },
        (_, None) => Err(problem(codes::shape::LITERAL_SECRET, "a secret in clear", HELP)),
        _ => Err(problem(codes::shape::LITERAL_SECRET, "a secret is named by `(stored)` and nothing else", HELP)),
    }
}

/// The name of a secret with placeholders of profiles in it: `(stored)"{device}/backup"`.
pub(super) fn secret_template<'e>(kind: &ScalarKind, entry: &'e Entry) -> Option<&'e str> {
    let text = entry.text().filter(|t| *kind == ScalarKind::Secret && t.contains('{'))?;
    let filled = ["{device}", "{site}", "{zone}"].iter().fold(text.to_owned(), |t, p| t.replace(p, "x"));
    (entry.ty.as_deref() == Some("stored") && SecretRef::new(&filled).is_ok()).then_some(text)
}

fn article(kind: &ScalarKind) -> &'static str {
    match kind {
        ScalarKind::Time => "a time",
        ScalarKind::Network => "a network or host",
        ScalarKind::Address => "an address",
        ScalarKind::Date => "a date",
        ScalarKind::Moment => "a date or moment",
        ScalarKind::Version => "a version",
        ScalarKind::VersionRange => "a range of versions",
        ScalarKind::Name => "a name",
        ScalarKind::Path => "a path in the site",
        ScalarKind::Mac => "a hardware address",
        ScalarKind::Sha256 => "a SHA-256",
        ScalarKind::KeyFingerprint => "a fingerprint of a key",
        ScalarKind::Sha512 => "a SHA-512",
        ScalarKind::SerialLine => "line settings",
        ScalarKind::Vlan => "a VLAN",
        ScalarKind::Vlans => "a set of VLANs",
        ScalarKind::PortNumbers => "a set of port numbers",
        ScalarKind::Ports => "a set of ports",
        ScalarKind::Rate => "a rate",
        ScalarKind::Span => "a host, network or range",
        _ => "what belongs here",
    }
}
