//! What tables of native text say, and what they know of a text.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use crate::dialect::{NativePlace, SiteTables, names, places};
use crate::native::Grade;

/// Tables of native text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DialectList {
    /// Version of this format: 1.
    pub format_version: u32,
    /// Each table.
    pub tables: Vec<DialectTable>,
}

/// A table.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DialectTable {
    /// Its name: `mx-ros.cli`.
    pub table: String,
    /// How many native places it has of each grade: confirmed, likely, site, unknown.
    pub grades: [usize; 4],
    /// How many of them the site says.
    pub own: usize,
    /// The places; none where tables are only listed.
    pub places: Vec<DialectPlace>,
}

/// A native place.
#[derive(Debug, Serialize, JsonSchema)]
pub struct DialectPlace {
    /// The setting; entries of lists without their keys.
    pub path: String,
    /// The key in its section, the line, the field on its page.
    pub native: String,
    /// How sure it is.
    pub grade: Grade,
    /// Where it is known from.
    pub source: String,
    /// Whether the site says it.
    pub own: bool,
}

/// What the tables know of a text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct KnownText {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The file.
    pub file: String,
    /// What it is of.
    pub platform: String,
    /// `ini`, `cli` or `sheet`.
    pub form: String,
    /// How many settings were read from it.
    pub settings: usize,
    /// Whether what was read could be written again.
    pub rendered: bool,
    /// Lines that are settings and that fieldlock would write otherwise, without secrets.
    pub otherwise: Vec<TextLine>,
    /// How many lines the table knows and no setting says.
    pub listed: usize,
    /// Lines that the table does not know, as everybody may see them.
    pub unknown: Vec<TextLine>,
}

/// A line of a text.
#[derive(Debug, Serialize, JsonSchema)]
pub struct TextLine {
    /// Its number, from 1.
    pub line: usize,
    /// The line without secrets.
    pub text: String,
}

impl KnownText {
    /// Version of the document.
    pub const VERSION: u32 = FORMAT_VERSION;
}

impl DialectList {
    /// All tables, counted; with the places of `table` at the settings that `path` begins, where one is asked for.
    pub fn of(tables: &SiteTables, table: Option<&str>, path: &str) -> DialectList {
        let asked = names().filter(|name| table.is_none_or(|asked| asked == *name));
        let one = |name: &str| {
            let file = format!("{name}.kdl");
            let own = tables.own().iter().find(|(known, _)| *known == file).map(|(_, text)| &**text);
            let mut found = places(name, own);
            found.retain(|place| place.path.starts_with(path));
            let of = |grade: Grade| found.iter().filter(|place| place.grade == grade).count();
            DialectTable {
                table: name.to_owned(),
                grades: [Grade::Confirmed, Grade::Likely, Grade::Site, Grade::Unknown].map(of),
                own: found.iter().filter(|place| place.own).count(),
                places: if table.is_some() { found.into_iter().map(shown).collect() } else { Vec::new() },
            }
        };
        DialectList { format_version: FORMAT_VERSION, tables: asked.map(one).collect() }
    }
}

fn shown(NativePlace { path, native, grade, source, own }: NativePlace) -> DialectPlace {
    DialectPlace { path, native, grade, source, own }
}
