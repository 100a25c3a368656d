//! Keys that no setting maps: what they take, and why no setting maps them.

use std::collections::BTreeMap;

use super::{Key, Table};
use crate::dialect::exposure::Exposure;
use crate::dialect::{Alphabet, Codec, CodecKind, Loader, NativeWord, Refusal, TextRules};
use crate::finding::codes;
use crate::model::shape::ScalarKind;
use crate::native::Touches;
use crate::syntax::Node;

const PROPS: [&str; 12] =
    ["touches", "why", "default", "as", "alphabet", "except", "length", "range", "unit", "zero", "on", "off"];

static NUMBER: ScalarKind = ScalarKind::Int { min: 0, max: u32::MAX as i64 };
static SWITCH: ScalarKind = ScalarKind::Switch;
static TEXT: ScalarKind = ScalarKind::Text { min: 0, max: 512 };
static ADDRESS: ScalarKind = ScalarKind::Address;

impl Key {
    pub(super) fn of(exposure: Exposure, touches: Touches) -> Key {
        Key { exposure, setting: None, touches, holds: None, default: None, why: None }
    }

    /// Judges what a description passes through.
    pub(super) fn judge(&self, value: &str) -> Result<(), Refusal> {
        self.holds.as_ref().map_or(Ok(()), |codec| judge(codec, value))
    }
}

fn judge(codec: &Codec, value: &str) -> Result<(), Refusal> {
    let takes = match &codec.kind {
        CodecKind::Text(rules) => {
            rules.judge(value)?;
            codec.scalar.expected()
        }
        CodecKind::Words(words) => {
            let word = |w: &NativeWord| format!("`{}` ({})", w.native, w.value.plain());
            words.iter().map(word).collect::<Vec<_>>().join(", ")
        }
        CodecKind::Int { min, max } => format!("a whole number from {min} to {max}"),
        _ => codec.scalar.expected(),
    };
    let refusal = || Refusal::new(format!("`{value}` is no value of this key"), format!("write {takes}"));
    codec.decode(value).map(|_| ()).ok_or_else(refusal)
}

/// What `show`, `hidden` and `secret` say of their keys; `around` is what the section says of all of its own.
pub(super) fn key(loader: &mut Loader, node: &Node, around: (&Touches, Option<&str>)) -> Option<Key> {
    loader.known_props(node, &PROPS);
    let exposure = match &*node.name {
        "show" => Exposure::Shown,
        "hidden" => Exposure::Hidden,
        _ => Exposure::Secret,
    };
    let touches = match node.prop("touches") {
        Some(_) => loader.touches(node)?,
        None => around.0.clone(),
    };
    let holds = match loader.prop(node, "as") {
        Some(word) => Some(codec(loader, node, word)?),
        None => None,
    };
    let default = loader.prop(node, "default");
    if let (Some(codec), Some(native)) = (&holds, default)
        && let Err(refusal) = judge(codec, native)
    {
        loader.tell(codes::dialect::VALUE, node.header, refusal.message);
    }
    let why = loader.prop(node, "why").or(around.1).map(Into::into);
    Some(Key { holds, default: default.map(Into::into), why, ..Key::of(exposure, touches) })
}

fn codec(loader: &mut Loader, node: &Node, word: &str) -> Option<Codec> {
    let scalar = match word {
        "int" => &NUMBER,
        "bool" => &SWITCH,
        "address" => {
            let rules = TextRules { alphabet: Alphabet::Host, except: "".into(), min: 0, max: 40 };
            return Some(Codec { kind: CodecKind::Text(rules), scalar: &ADDRESS, word: None });
        }
        _ => &TEXT,
    };
    loader.codec_of(node, scalar, None)
}

impl Table {
    /// Keys that no setting maps, by section and key, and why that is so.
    pub fn loose(&self) -> BTreeMap<(&str, &str), &Key> {
        let all = self.sections.iter().flat_map(|s| s.keys.iter().map(|(name, key)| ((&*s.name, &**name), key)));
        all.filter(|(_, key)| key.setting.is_none()).collect()
    }
}
