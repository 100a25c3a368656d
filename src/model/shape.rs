//! What may be written: the compiled form of the model's JSON Schema.
//!
//! A [`Shape`] is built once per root type and lives as long as the program; its names are `'static`.

mod check;
mod compile;
mod suggest;

use std::sync::LazyLock;

use foldhash::HashMap;

pub use check::{Checked, check, parse_scalar};
pub use suggest::closest;

/// Number of a group in its shape.
pub type GroupId = u16;
/// Number of a field in its group, in the order of declaration.
pub type FieldIx = u16;

/// All that may stand in one kind of file.
#[derive(Debug)]
pub struct Shape {
    /// The groups; fields refer to them by number.
    pub groups: Vec<GroupShape>,
    /// The group of the root node.
    pub root: GroupId,
}

/// One struct of the model.
#[derive(Debug)]
pub struct GroupShape {
    /// Its fields in the order of declaration.
    pub fields: Vec<FieldShape>,
    /// Number of the field that chooses a variant, for tagged enums. It is the first argument.
    pub tag: Option<FieldIx>,
    /// Number of the list that takes any unknown property, for open groups.
    pub open: Option<FieldIx>,
    /// Whether a secret that has a default name stands in it, or in a group within.
    pub secrets: bool,
    /// Whether native lines are written there, which may hold anything.
    pub passes: bool,
    /// What it is, from the struct's doc comment.
    pub doc: &'static str,
    /// Its fields by name: rules ask for settings by their paths, hundreds of times for each device.
    by_name: HashMap<&'static str, FieldIx>,
}

/// Where a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum At {
    /// As an argument of the node, in order of declaration.
    Arg,
    /// As `name=value`.
    Prop,
    /// As a node of its own in the block.
    Child,
}

/// One setting, or a group or list of them.
#[derive(Debug)]
pub struct FieldShape {
    /// Its name in KDL.
    pub name: &'static str,
    /// What it is, from the field's doc comment.
    pub doc: &'static str,
    /// Where it is written.
    pub at: At,
    /// What it holds.
    pub kind: Kind,
    /// Whether it is (part of) the key of its group in a list.
    pub key: bool,
    /// For people: never rendered, never compared.
    pub note: bool,
    /// Asked for, never read back.
    pub intent: bool,
    /// Order means something.
    pub ordered: bool,
    /// Entries exist by hardware: a written list does not own the others.
    pub fixed: bool,
    /// Must be there after merging.
    pub required: bool,
    /// A word beside the values: `never`, or `none` for an empty list.
    pub word: Option<&'static str>,
    /// A number whose 0 means never: above every limit.
    pub zero_never: bool,
    /// Default name of the secret, with `{device}` and `{key}`.
    pub secret: Option<&'static str>,
    /// Sibling field that must be set for the default to count (`auth`, `encrypted=on`, `version=v1,v2c`).
    pub secret_when: Option<&'static str>,
    /// Words of the tag that the field belongs to; empty for all.
    pub only: Vec<&'static str>,
    /// A key that may name several entries at once: `"1/1-4"`.
    pub spread: bool,
    /// The choice that it is one of; of these fields one stands.
    pub choice: Option<&'static str>,
    /// The fields of a choice that it means something to.
    pub beside: Option<&'static str>,
    /// The list that has what it names.
    pub refers: Option<&'static str>,
    /// An ordered list in which entries of lower layers come last.
    pub last: bool,
}

/// What a field holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Kind {
    /// One value.
    Scalar(ScalarKind),
    /// Several values on one node.
    Scalars(ScalarKind),
    /// A struct.
    Group(GroupId),
    /// A list of structs, keyed where a field of the group is a key.
    Groups(GroupId),
}

/// A kind of value.
#[derive(Debug, Clone, PartialEq)]
pub enum ScalarKind {
    /// `on` or `off`.
    Switch,
    /// A whole number in a range.
    Int {
        /// Lowest.
        min: i64,
        /// Highest.
        max: i64,
    },
    /// Text of a length in characters.
    Text {
        /// Fewest.
        min: usize,
        /// Most.
        max: usize,
    },
    /// One of a closed list of words.
    Word(Vec<Word>),
    /// `"5 min"`.
    Time,
    /// `"10.20.0.0/16"`.
    Network,
    /// `"10.20.0.10"`.
    Address,
    /// `"2027-06-30"`.
    Date,
    /// `"2026-03-12 18:00 UTC"`.
    Moment,
    /// `"3.14"`.
    Version,
    /// `"3.14 to 3.19"`.
    VersionRange,
    /// An id.
    Name,
    /// A path beneath the site.
    Path,
    /// `"00:90:e8:7a:12:03"`.
    Mac,
    /// A SHA-256.
    Sha256,
    /// The fingerprint of an SSH key.
    KeyFingerprint,
    /// A SHA-512.
    Sha512,
    /// `"9600 8N1"`.
    SerialLine,
    /// A VLAN: `20`, or its name.
    Vlan,
    /// `"10,20-29"`, or names.
    Vlans,
    /// `"1/1-4,2/1"`.
    Ports,
    /// Numbers of ports of TCP or UDP.
    PortNumbers,
    /// `"500 pps"`.
    Rate,
    /// `"10.20.0.5-10.20.0.9"`.
    Span,
    /// The name of a secret.
    Secret,
}

/// A word of a closed list. Their order is the order of declaration.
#[derive(Debug, Clone, PartialEq)]
pub struct Word {
    /// As written.
    pub word: &'static str,
    /// What it means.
    pub doc: &'static str,
}

impl Shape {
    /// Devices and profiles.
    pub fn device() -> &'static Shape {
        static SHAPE: LazyLock<Shape> = LazyLock::new(compile::of::<crate::model::Device>);
        &SHAPE
    }

    /// `site.kdl`.
    pub fn site() -> &'static Shape {
        static SHAPE: LazyLock<Shape> = LazyLock::new(compile::of::<crate::model::site::Site>);
        &SHAPE
    }

    /// Waivers.
    pub fn waiver() -> &'static Shape {
        static SHAPE: LazyLock<Shape> = LazyLock::new(compile::of::<crate::model::waiver::Waiver>);
        &SHAPE
    }

    /// Attestations.
    pub fn attestation() -> &'static Shape {
        static SHAPE: LazyLock<Shape> = LazyLock::new(compile::of::<crate::model::attestation::Attestation>);
        &SHAPE
    }

    /// Captures.
    pub fn capture() -> &'static Shape {
        static SHAPE: LazyLock<Shape> = LazyLock::new(compile::of::<crate::model::capture::Capture>);
        &SHAPE
    }

    /// What stood when a plant began.
    pub fn adoption() -> &'static Shape {
        static SHAPE: LazyLock<Shape> = LazyLock::new(compile::of::<crate::model::adoption::Adoption>);
        &SHAPE
    }

    /// The packs that a site is pinned to.
    pub fn lock() -> &'static Shape {
        static SHAPE: LazyLock<Shape> = LazyLock::new(compile::of::<crate::model::lock::Lock>);
        &SHAPE
    }

    /// A group by its number.
    pub fn group(&self, id: GroupId) -> &GroupShape {
        &self.groups[id as usize]
    }

    /// The root group.
    pub fn root(&self) -> &GroupShape {
        self.group(self.root)
    }

    /// The fields that a dotted path names, from the root: `serial.port.mode.data-port`. Keys in brackets are
    /// stepped over. `None` where a name is unknown.
    pub fn fields(&self, path: &str) -> Option<Vec<FieldIx>> {
        self.fields_from(self.root, path)
    }

    /// The same, from another group.
    pub fn fields_from(&self, group: GroupId, path: &str) -> Option<Vec<FieldIx>> {
        let mut at = Some(group);
        let mut found = Vec::new();
        for name in split_path(path) {
            let name = name.split('[').next().unwrap_or(name);
            let (ix, field) = self.group(at?).field(name)?;
            found.push(ix);
            at = match field.kind {
                Kind::Group(id) | Kind::Groups(id) => Some(id),
                _ => None,
            };
        }
        (!found.is_empty()).then_some(found)
    }

    /// The fields that the setting at a dotted path goes through; a path to a group with a head means the head, the
    /// path of a list or of an entry of it the list.
    pub fn setting(&self, path: &str) -> Option<Vec<FieldIx>> {
        let mut found = self.fields(path)?;
        if let Kind::Group(id) = self.field_at(&found)?.kind
            && let Some((ix, _)) = self.group(id).head()
        {
            found.push(ix);
        }
        Some(found)
    }

    /// The last field of such a list, from the root.
    pub fn field_at(&self, fields: &[FieldIx]) -> Option<&FieldShape> {
        self.field_below(self.root, fields)
    }

    /// The same, from another group.
    pub fn field_below(&self, mut group: GroupId, fields: &[FieldIx]) -> Option<&FieldShape> {
        let mut last = None;
        for ix in fields {
            let field = self.group(group).fields.get(*ix as usize)?;
            if let Kind::Group(id) | Kind::Groups(id) = field.kind {
                group = id;
            }
            last = Some(field);
        }
        last
    }
}

/// The names of a dotted path; dots in brackets (`host[10.0.0.1]`) do not part.
pub fn split_path(path: &str) -> Vec<&str> {
    path_parts(path).collect()
}

/// The same, one after the other.
pub(crate) fn path_parts(path: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(path);
    std::iter::from_fn(move || {
        let here = rest?;
        let mut depth = 0;
        let dot = here.bytes().position(|b| {
            match b {
                b'[' => depth += 1,
                b']' => depth -= 1,
                _ => {}
            }
            b == b'.' && depth == 0
        });
        let (part, behind) = dot.map_or((here, None), |at| (&here[..at], Some(&here[at + 1..])));
        rest = behind;
        Some(part)
    })
}

impl FieldShape {
    /// Whether it tells a device anything.
    pub fn is_told(&self) -> bool {
        !self.note && !self.intent
    }
}

impl GroupShape {
    /// A field by its name.
    pub fn field(&self, name: &str) -> Option<(FieldIx, &FieldShape)> {
        self.by_name.get(name).map(|ix| (*ix, self.at(*ix)))
    }

    /// A field by its number.
    pub fn at(&self, ix: FieldIx) -> &FieldShape {
        &self.fields[ix as usize]
    }

    /// Fields written as arguments, in order.
    pub fn args(&self) -> impl Iterator<Item = (FieldIx, &FieldShape)> {
        self.fields.iter().enumerate().filter(|(_, f)| f.at == At::Arg).map(|(i, f)| (i as FieldIx, f))
    }

    /// Whether one line may stand for several entries of a list of it.
    pub fn spreads(&self) -> bool {
        self.keys().any(|(_, field)| field.spread)
    }

    /// Whether a field means nothing where another one was chosen.
    pub fn excludes(&self, chosen: &FieldShape, field: &FieldShape) -> bool {
        let Some(choice) = chosen.choice else { return false };
        let other = field.choice == Some(choice) && field.name != chosen.name;
        let elsewhere = |beside: &str| !beside.split(' ').any(|name| name == chosen.name);
        other || field.beside.is_some_and(|beside| elsewhere(beside) && self.chooses(beside, choice))
    }

    /// What a field goes with, for messages.
    pub fn fields_beside(&self, ix: FieldIx) -> String {
        let names = self.at(ix).beside.unwrap_or_default().split(' ');
        names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(" and ")
    }

    /// Whether fields beside which something stands are those of a choice.
    fn chooses(&self, beside: &str, choice: &str) -> bool {
        beside.split(' ').any(|name| self.field(name).is_some_and(|(_, f)| f.choice == Some(choice)))
    }

    /// Fields that make the key of a list, in order.
    pub fn keys(&self) -> impl Iterator<Item = (FieldIx, &FieldShape)> {
        self.fields.iter().enumerate().filter(|(_, f)| f.key).map(|(i, f)| (i as FieldIx, f))
    }

    /// The field that a value written on the group itself means: the first argument that is no key (`lockout on`,
    /// `mode "udp"`).
    pub fn head(&self) -> Option<(FieldIx, &FieldShape)> {
        self.args().find(|(_, f)| !f.key)
    }
}

impl ScalarKind {
    /// What to write, for messages: `a time such as "5 min"`.
    pub fn expected(&self) -> String {
        match self {
            ScalarKind::Switch => "`on` or `off`".to_owned(),
            ScalarKind::Int { min, max } => format!("a whole number from {min} to {max}"),
            ScalarKind::Text { min: 0, max } => format!("text in quotes, at most {max} characters"),
            ScalarKind::Text { min, max } => format!("text in quotes, {min} to {max} characters"),
            ScalarKind::Word(words) => {
                let words: Vec<String> = words.iter().map(|w| format!("`\"{}\"`", w.word)).collect();
                format!("one of {}", words.join(", "))
            }
            ScalarKind::Time => "a time such as `\"5 min\"`".to_owned(),
            ScalarKind::Network => {
                "a network such as `\"10.20.0.0/16\"`, or a host such as `\"10.20.0.10\"`".to_owned()
            }
            ScalarKind::Address => "an address such as `\"10.20.0.10\"`".to_owned(),
            ScalarKind::Date => "a date such as `\"2027-06-30\"`".to_owned(),
            ScalarKind::Moment => "a date such as `\"2026-03-12\"`, or `\"2026-03-12 18:00 UTC\"`".to_owned(),
            ScalarKind::Version => "a version such as `\"3.14\"`".to_owned(),
            ScalarKind::VersionRange => "a range such as `\"3.14 to 3.19\"`".to_owned(),
            ScalarKind::Name => "a name of a-z 0-9 . _ -".to_owned(),
            ScalarKind::Path => "a path in the site such as `\"certs/ot-ca.pem\"`".to_owned(),
            ScalarKind::Sha256 => "a SHA-256, 64 digits".to_owned(),
            ScalarKind::KeyFingerprint => "a fingerprint, `SHA256:` and 43 characters".to_owned(),
            ScalarKind::Sha512 => "a SHA-512, 128 digits as the vendor prints them".to_owned(),
            ScalarKind::Mac => "a hardware address such as `\"00:90:e8:7a:12:03\"`".to_owned(),
            ScalarKind::SerialLine => "line settings such as `\"9600 8N1\"`".to_owned(),
            ScalarKind::Vlan => "the number of a VLAN, 1 to 4094, or its name in quotes".to_owned(),
            ScalarKind::Vlans => "VLANs such as `\"10,20-29\"`, or their names".to_owned(),
            ScalarKind::Rate => "packets a second such as `\"500 pps\"`".to_owned(),
            ScalarKind::Span => "addresses such as `\"10.20.0.0/16\"` or `\"10.20.0.5-10.20.0.9\"`".to_owned(),
            ScalarKind::PortNumbers => "numbers of ports such as `\"443\"` or `\"8000-8010\"`".to_owned(),
            ScalarKind::Ports => "ports such as `\"1/1-4,2/1\"`".to_owned(),
            ScalarKind::Secret => "the name of a secret: `(stored)\"np07/backup\"`".to_owned(),
        }
    }
}
