//! One setting as people and command lines write it: a word, several words, or a short list in one text.

use std::borrow::Cow;

use super::{Codec, CodecKind, Loader, Refusal, Target};
use crate::finding::codes;
use crate::model::facts::{Doubt, Fact, Group, Item, Items, Keyed, Setting, Value};
use crate::model::shape::{GroupId, Kind, ScalarKind, Shape, parse_scalar};
use crate::model::value::Network;
use crate::source::Origin;
use crate::syntax::Node;

/// How a setting is written in one piece of text.
#[derive(Debug, Clone)]
pub(super) enum Spelling {
    /// One value.
    One(Codec),
    /// A network as address and mask, `10.20.0.0 255.255.0.0`. IPv4 only: no source shows more.
    Mask,
    /// Several values.
    List { codec: Codec, between: Box<str>, none: Box<str> },
    /// Several values, of which a page has some sets to choose from, each by a name.
    Sets(Vec<(Vec<Value>, Box<str>)>),
    /// A list of entries that has no page of its own: `address=10.0.0.1 port=4001; address=...`.
    Records { list: GroupId, none: Box<str> },
}

/// What parts the values of a list on a page.
pub(super) const BETWEEN: &str = ", ";

/// What stands for a list without entries.
pub(super) const NONE: &str = "(none)";

impl Spelling {
    /// From `as=` and its properties.
    pub(super) fn load(loader: &mut Loader, node: &Node, target: &Target) -> Option<Spelling> {
        let form = node.prop("as").and_then(|e| e.text());
        match (form, target.list, target.scalar()) {
            (Some("mask"), _, Some(ScalarKind::Network)) => Some(Spelling::Mask),
            (Some("records"), Some(list), _) => Some(Spelling::Records { list, none: NONE.into() }),
            (Some("sets"), _, Some(_)) if target.is_scalars() => sets(loader, node, target).map(Spelling::Sets),
            _ => {
                let codec = loader.codec(node, target)?;
                if target.is_scalars() {
                    return Some(Spelling::List { codec, between: BETWEEN.into(), none: NONE.into() });
                }
                Some(Spelling::One(codec))
            }
        }
    }

    pub(super) fn is_secret(&self) -> bool {
        matches!(self, Spelling::One(codec) if codec.is_secret())
    }

    /// Whether a page has several fields for it: address and mask, the settings of a serial line.
    pub(super) fn has_parts(&self) -> bool {
        matches!(self, Spelling::Mask | Spelling::One(Codec { scalar: ScalarKind::SerialLine, .. }))
    }

    /// How many words of a command line it takes; `None` for the rest of the line.
    pub(super) fn words(&self) -> Option<usize> {
        match self {
            Spelling::Mask => Some(2),
            Spelling::One(codec) => match &codec.kind {
                CodecKind::Words(words) if words.iter().any(|w| w.native.contains(' ')) => None,
                _ => Some(1),
            },
            Spelling::List { .. } | Spelling::Sets(_) | Spelling::Records { .. } => None,
        }
    }

    /// The text of a setting. Secrets and unknown values have none: the caller deals with them first.
    pub(super) fn encode<'v>(&'v self, setting: &'v Setting) -> Result<Cow<'v, str>, Refusal> {
        match (self, setting) {
            (Spelling::Records { none, .. }, Setting::Items(items)) => records(items, none).map(Cow::Owned),
            (_, Setting::Value(fact)) => self.encode_value(&fact.value),
            _ => Err(no_text()),
        }
    }

    /// The same, of a value.
    pub(super) fn encode_value<'v>(&'v self, value: &'v Value) -> Result<Cow<'v, str>, Refusal> {
        match self {
            Spelling::One(codec) => codec.encode(value),
            Spelling::Mask => mask(value).map(Cow::Owned),
            Spelling::List { codec, between, none } => list(codec, between, none, value),
            Spelling::Sets(sets) => choice(sets, value),
            Spelling::Records { .. } => Err(no_text()),
        }
    }

    /// The setting of a text; `None` where the text means nothing that is known.
    pub(super) fn decode(&self, text: &str, origin: Origin) -> Option<Setting> {
        let value = match self {
            Spelling::One(codec) => codec.decode(text)?,
            Spelling::Mask => unmask(text)?,
            Spelling::Sets(sets) => {
                let (values, _) = sets.iter().find(|(_, name)| **name == *text)?;
                Value::List(values.iter().map(|value| Fact::new(value.clone(), origin)).collect())
            }
            Spelling::List { none, .. } if text == &**none => Value::List(Vec::new()),
            Spelling::List { codec, between, .. } => {
                let values: Option<Vec<Fact>> =
                    text.split(&**between).map(|word| Some(Fact::new(codec.decode(word)?, origin))).collect();
                let values = values.filter(|v| v.iter().enumerate().all(|(i, a)| !v[..i].contains(a)))?;
                Value::List(values)
            }
            Spelling::Records { list, none } => return read_records(*list, none, text, origin).map(Setting::Items),
        };
        Some(Setting::Value(Fact::new(value, origin)))
    }
}

impl Spelling {
    /// Why a text that [`decode`](Written::decode) refuses is not believed.
    pub(super) fn doubt(&self, text: &str) -> Doubt {
        match self {
            Spelling::One(codec) => codec.doubt(text),
            Spelling::List { codec, between, .. } => {
                let refused = text.split(&**between).find(|word| codec.decode(word).is_none());
                refused.map_or(Doubt::Twice, |word| codec.doubt(word))
            }
            Spelling::Mask | Spelling::Sets(_) | Spelling::Records { .. } => Doubt::Undocumented,
        }
    }
}

fn no_text() -> Refusal {
    Refusal::new("this has no native text", "leave it out")
}

fn mask(value: &Value) -> Result<String, Refusal> {
    match value {
        Value::Network(Network(ipnet::IpNet::V4(net))) => Ok(format!("{} {}", net.addr(), net.netmask())),
        _ => Err(Refusal::new(
            format!("`{}` can't be written as address and mask", value.plain()),
            "the device takes IPv4 here; no source shows how it writes others",
        )),
    }
}

fn unmask(text: &str) -> Option<Value> {
    let (address, mask) = text.split_once(' ')?;
    let (address, mask) = (address.parse().ok()?, mask.parse().ok()?);
    let net = ipnet::Ipv4Net::with_netmask(address, mask).ok()?;
    Some(Value::Network(Network(net.into())))
}

fn list<'v>(codec: &'v Codec, between: &str, none: &'v str, value: &'v Value) -> Result<Cow<'v, str>, Refusal> {
    let Value::List(values) = value else { return codec.encode(value) };
    if values.is_empty() {
        return Ok(none.into());
    }
    let mut words = Vec::new();
    for fact in values {
        let word = codec.encode(&fact.value)?;
        let clash = word == none || word.contains(between.trim()) || word.trim() != word || word.is_empty();
        if clash {
            let message = format!("`{word}` can't stand in a list of several values");
            return Err(Refusal::new(message, format!("leave out `{}`, which parts them", between.trim())));
        }
        words.push(word);
    }
    Ok(words.join(between).into())
}

/// `set "V1 and V2c" "v1" "v2c"`: the name on the page, then the words of ours.
fn sets(loader: &mut Loader, node: &Node, target: &Target) -> Option<Vec<(Vec<Value>, Box<str>)>> {
    let mut sets: Vec<(Vec<Value>, Box<str>)> = Vec::new();
    for child in node.children().iter().filter(|child| &*child.name == "set") {
        let args = loader.args(child);
        let Some((name, words)) = args.split_first() else { continue };
        let values: Option<Vec<Value>> = words.iter().map(|word| parse_scalar(target.scalar()?, None, word)).collect();
        let Some(values) = values.filter(|values| !values.is_empty()) else {
            let help = "write `set NAME WORD...`: the name on the page, then words of the setting";
            loader.report(codes::dialect::WORD, child.header, "a set without words of this setting", help);
            return None;
        };
        if sets.iter().any(|(known, other)| **other == **name || same(known, values.iter())) {
            loader.tell(codes::dialect::NOT_INJECTIVE, child.header, "two sets are one");
            return None;
        }
        sets.push((values, (*name).into()));
    }
    (!sets.is_empty()).then_some(sets)
}

fn same<'v>(set: &[Value], values: impl ExactSizeIterator<Item = &'v Value>) -> bool {
    set.len() == values.len() && values.into_iter().all(|value| set.contains(value))
}

fn choice<'v>(sets: &'v [(Vec<Value>, Box<str>)], value: &Value) -> Result<Cow<'v, str>, Refusal> {
    let Value::List(said) = value else { return Err(no_text()) };
    let found = sets.iter().find(|(set, _)| same(set, said.iter().map(|fact| &fact.value)));
    found.map(|(_, name)| Cow::Borrowed(&**name)).ok_or_else(|| {
        let words = |set: &[Value]| set.iter().map(|v| format!("`\"{}\"`", v.plain())).collect::<Vec<_>>().join(" ");
        let known: Vec<String> = sets.iter().map(|(set, _)| words(set)).collect();
        let message = format!("this device has no way to say `{}` together", value.plain());
        Refusal::new(message, format!("write one of {}", known.join(", or ")))
    })
}

fn records(items: &Items, none: &str) -> Result<String, Refusal> {
    let shape = Shape::device();
    if items.items.is_empty() {
        return Ok(none.to_owned());
    }
    let mut entries = Vec::new();
    for Item { group, .. } in &items.items {
        let mut words = Vec::new();
        for (ix, setting) in group.iter() {
            let field = shape.group(group.shape).at(ix);
            let Setting::Value(fact) = setting else { continue };
            let mut text = fact.value.plain();
            if let Value::Time(_) = fact.value {
                // `5s`: blanks part the words of an entry
                text.retain(|c| c != ' ');
            }
            if text.is_empty() || text.chars().any(|c| c.is_control() || c.is_whitespace() || matches!(c, ';' | '=')) {
                let message = format!("`{text}` can't stand in a list of several entries");
                return Err(Refusal::new(message, "write it without spaces, `;` and `=`"));
            }
            words.push(format!("{}={text}", field.name));
        }
        entries.push(words.join(" "));
    }
    Ok(entries.join("; "))
}

fn read_records(list: GroupId, none: &str, text: &str, origin: Origin) -> Option<Items> {
    let shape = Shape::device();
    let (mut items, mut keyed) = (Items::new(origin, Vec::new()), Keyed::default());
    if text == none {
        return Some(items);
    }
    for entry in text.split("; ") {
        let mut group = Group::new(list, origin);
        for word in entry.split(' ') {
            let (name, value) = word.split_once('=')?;
            let (ix, field) = shape.group(list).field(name)?;
            let Kind::Scalar(kind) = &field.kind else { return None };
            let unit = value.find(|c: char| c.is_ascii_alphabetic()).filter(|at| *at > 0 && *kind == ScalarKind::Time);
            let value =
                unit.map_or_else(|| value.into(), |at| Cow::Owned(format!("{} {}", &value[..at], &value[at..])));
            let value = parse_scalar(kind, field.word, &value)?;
            if group.set(ix, Setting::Value(Fact::new(value, origin))).is_some() {
                return None;
            }
        }
        let whole = shape.group(list).keys().all(|(ix, _)| group.get(ix).is_some());
        if !whole || keyed.find(shape, &items.items, &group).is_some() {
            return None;
        }
        items.items.push(Item { group, dropped: false });
    }
    Some(items)
}

/// Characters of a word that a command line holds as it is. Conservative: quotes, `?` (help), the backslash, `|`
/// (filters), `;`, and `!` and `#` (comments in command lines of this kind) are left out, since no source says how
/// the device reads them outside a password.
pub(super) fn is_word(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || "~@$%^&*-_:,./+=[]{}()".contains(c);
    !text.is_empty() && text.chars().all(legal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_network_is_an_address_and_a_mask() {
        let value = |text: &str| Value::Network(text.parse().unwrap());
        for (net, native) in [("10.20.0.10", "10.20.0.10 255.255.255.255"), ("10.20.0.5/16", "10.20.0.5 255.255.0.0")] {
            assert_eq!(mask(&value(net)).as_deref(), Ok(native));
            assert_eq!(unmask(native), Some(value(net)));
        }
        assert!(mask(&value("2001:db8::1")).is_err());
        for bad in ["", "10.0.0.1", "10.0.0.1 255.0.255.0", "10.0.0.1 24", "a b", "10.0.0.1  255.0.0.0"] {
            assert_eq!(unmask(bad), None, "{bad}");
        }
    }

    #[test]
    fn words_are_what_a_line_holds_as_it_is() {
        for good in ["ot-admin", "1/3", "10.0.0.1", "a@b"] {
            assert!(is_word(good), "{good}");
        }
        for bad in ["", "a b", "a\"", "a?", "a!", "#a", "a;b", "a|b", "<x>", "ä", "a\n", "a\u{200b}"] {
            assert!(!is_word(bad), "{bad:?}");
        }
    }
}
