//! Dialects: tables that map settings to native text, both ways.
//!
//! A table is data, `schema/dialects/*.kdl`. Each of its entries ties a path of the model to a native place by a
//! [`Codec`], with a grade and a source. Rendering and reading use the same entry, so what is written is what is
//! read. A table with a mistake in it is findings `dialect.*` at its lines, never half a table.

pub mod cli;
mod codec;
mod entries;
mod exposure;
pub mod ini;
mod lines;
mod listing;
mod load;
mod passing;
#[cfg(test)]
pub(crate) mod sample;
pub mod sheet;
pub mod speech;
mod tables;
mod target;
mod written;

use std::sync::OnceLock;

pub use codec::{Alphabet, Codec, CodecKind, NativeWord, Refusal, TextRules};
pub use exposure::{Exposure, HIDDEN, Survey, Touching, Veil, is_token, veils};
pub use lines::{Lines, Placed, Purpose, origins, wanted};
pub use listing::{NativePlace, names, places};
pub use load::{Loader, Place};
pub use passing::{NativeLine, NotPassed, WrittenLine, native_lines, passes};
pub use speech::Speech;
pub use tables::{SiteTables, Tables, load_with_own};
pub use target::Target;

use crate::finding::Finding;
use crate::model::value::VersionRange;
use crate::native::{Form, Grade};
use crate::source::FileId;

/// The line break that a native file is written with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Newline {
    /// `\n`
    Lf,
    /// `\r\n`
    Crlf,
}

/// One table, loaded.
#[derive(Debug)]
pub struct Dialect {
    /// Its name: that of the platform it serves.
    pub name: Box<str>,
    /// Which form of native text it describes.
    pub form: Form,
    /// Firmware that it holds for.
    pub firmware: VersionRange,
    /// How lines end.
    pub newline: Newline,
    /// Its entries.
    pub table: Table,
}

/// The entries of a table, by form.
#[derive(Debug)]
pub enum Table {
    /// Command lines.
    Cli(cli::Table),
    /// Sections and keys.
    Ini(ini::Table),
    /// Web pages.
    Sheet(sheet::Table),
}

impl Table {
    /// The entries of a `dialect` node.
    fn load(loader: &mut Loader, form: Form, root: &crate::syntax::Node) -> Option<Table> {
        match form {
            Form::Cli => cli::Table::load(loader, root).map(Table::Cli),
            Form::Ini => Some(Table::Ini(ini::Table::load(loader, root))),
            Form::Sheet => sheet::Table::load(loader, root).map(Table::Sheet),
        }
    }
}

/// Reads one table. `limit` is the highest grade that its words may give: a site's own table reaches
/// [`Grade::Site`] at most.
///
/// # Errors
/// Every mistake in it, each at its line.
pub fn load(file: FileId, text: &str, limit: Grade) -> Result<Dialect, Vec<Finding>> {
    load::load(file, text, limit)
}

/// The carried table for a platform and form, read when it is first asked for. A test reads them all; one that can't
/// be read is none.
pub fn of(name: &str, form: Form) -> Option<&'static Dialect> {
    const COUNT: usize = crate::embedded::DIALECTS.len();
    static TABLES: [OnceLock<Option<Dialect>>; COUNT] = [const { OnceLock::new() }; COUNT];
    // asked for at every setting: most paths differ in their first letters
    let ending = |path: &'static str| path.strip_prefix(name)?.strip_prefix('.')?.strip_suffix(".kdl");
    let at = crate::embedded::DIALECTS.iter().position(|(path, _)| ending(path) == Some(form.ending()))?;
    let read = || load(FileId::NONE, crate::embedded::DIALECTS[at].1, Grade::Confirmed).ok();
    TABLES[at].get_or_init(read).as_ref()
}

#[cfg(test)]
mod tests {
    mod changes;

    use super::*;

    #[test]
    fn every_table_that_the_binary_carries_loads() {
        for (name, text) in crate::embedded::DIALECTS {
            let mut map = crate::source::SourceMap::new();
            let file = map.add(*name, *text);
            let findings = load(file, text, Grade::Confirmed).err().unwrap_or_default();
            let told: Vec<String> = findings
                .iter()
                .map(|f| {
                    let at = map.start(f.loc).line;
                    let help = f.help.as_deref().unwrap_or("");
                    format!("schema/dialects/{name}:{at}: {}: {} ({help})", f.code, f.message)
                })
                .collect();
            assert!(told.is_empty(), "{}", told.join("\n"));
            let table = load(file, text, Grade::Confirmed).unwrap();
            assert_eq!(*name, format!("{}.{}.kdl", table.name, table.form.ending()));
            assert!(of(&table.name, table.form).is_some());
        }
    }
}
