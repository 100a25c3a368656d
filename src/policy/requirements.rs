//! The requirements of IEC 62443-4-2, by number and in words of our own, and what could answer each.

use std::sync::LazyLock;

use schemars::JsonSchema;
use serde::Serialize;

/// A requirement on components.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Requirement {
    /// `CR 1.11`, `EDR/HDR/NDR 3.10`.
    pub id: &'static str,
    /// What it asks, in our words.
    pub title: &'static str,
    /// The lowest security level that asks for it; none where no component is asked.
    pub level: Option<u32>,
    /// What it asks beyond that, and from which level on.
    pub enhancements: &'static str,
    /// What could answer it.
    pub answered: Answered,
}

/// What could answer a requirement.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Answered {
    /// How the device is set up, what people attest of it.
    Configuration,
    /// The product alone: the vendor's own evidence.
    Product,
    /// A setting that no device of these platforms has.
    NotHere,
    /// Nothing: the number is there, and asks components for nothing.
    Nothing,
}

impl Answered {
    const WORDS: [(&'static str, Answered); 4] = [
        ("configuration", Answered::Configuration),
        ("product", Answered::Product),
        ("not here", Answered::NotHere),
        ("nothing", Answered::Nothing),
    ];
}

/// All rows, by number.
pub fn requirements() -> &'static [Requirement] {
    static ALL: LazyLock<Vec<Requirement>> = LazyLock::new(|| {
        let rows = super::guides::rows(include_str!("../../schema/requirements.tsv"));
        let one = |row: Vec<&'static str>| match row[..] {
            [id, title, level, enhancements, answered] => {
                let (_, answered) = *Answered::WORDS.iter().find(|(word, _)| *word == answered)?;
                Some(Requirement { id, title, level: level.parse().ok(), enhancements, answered })
            }
            _ => None,
        };
        rows.filter_map(one).collect()
    });
    &ALL
}

/// What components the standard asks: all of them, software, embedded ones, hosts, and those of a network.
const KINDS: [&str; 5] = ["CR", "SAR", "EDR", "HDR", "NDR"];

/// The row that a rule's `supports` speaks of: `EDR 3.10 RE1` is `EDR/HDR/NDR 3.10`; none of what is no requirement of
/// the standard.
pub fn requirement(supports: &str) -> Option<&'static Requirement> {
    let kinds = supports.split_once(' ')?.0;
    if !kinds.split('/').all(|kind| KINDS.contains(&kind)) {
        return None;
    }
    let number = number(supports)?;
    requirements().iter().find(|requirement| self::number(requirement.id) == Some(number))
}

/// The number within a name.
pub fn number(name: &str) -> Option<&str> {
    name.split([' ', '/']).find(|part| part.starts_with(|c: char| c.is_ascii_digit()))
}
