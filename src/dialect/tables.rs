//! The tables of a platform, by form: those that ship, over them what a site adds.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use super::{Dialect, load, of};
use crate::embedded::DIALECTS;
use crate::finding::{Finding, codes};
use crate::model::device::PlatformKind;
use crate::native::Form;
use crate::source::{FileId, Loc, Span};

/// The tables of one platform.
#[derive(Debug, Clone, Copy)]
pub struct Tables {
    /// Which.
    pub kind: PlatformKind,
    /// Those that a site adds to, in the order of [`Form::ALL`].
    own: [Option<&'static Dialect>; Form::ALL.len()],
}

impl Tables {
    /// As they ship.
    pub fn shipped(kind: PlatformKind) -> Tables {
        Tables { kind, own: [None; Form::ALL.len()] }
    }

    /// The table of a form, where one is known.
    pub fn of(&self, form: Form) -> Option<&'static Dialect> {
        self.own[form as usize].or_else(|| of(self.kind.word(), form))
    }
}

/// The tables of all platforms, as a site knows them.
#[derive(Debug, Clone)]
pub struct SiteTables {
    tables: [Tables; PlatformKind::ALL.len()],
    /// Name and text of each file that adds to them.
    own: Vec<(String, String)>,
}

impl Default for SiteTables {
    fn default() -> Self {
        SiteTables { tables: PlatformKind::ALL.map(Tables::shipped), own: Vec::new() }
    }
}

impl SiteTables {
    /// Those of a platform.
    pub fn of(&self, kind: PlatformKind) -> Tables {
        self.tables.into_iter().find(|tables| tables.kind == kind).unwrap_or_else(|| Tables::shipped(kind))
    }

    /// Name and text of each file of the site that adds to them.
    pub fn own(&self) -> &[(String, String)] {
        &self.own
    }

    /// Adds what a site says; `name` is its file's, which is called like the table: `mx-ros.cli.kdl`.
    ///
    /// # Errors
    /// Each mistake of it, at its line.
    pub fn add(&mut self, name: &str, file: FileId, text: &str) -> Result<(), Vec<Finding>> {
        let table = with_own(name, file, text)?;
        self.own.push((name.to_owned(), text.to_owned()));
        for tables in self.tables.iter_mut().filter(|tables| tables.kind.word() == &*table.name) {
            tables.own[table.form as usize] = Some(table);
        }
        Ok(())
    }
}

/// The same, kept like those that ship: as long as the program runs.
fn with_own(name: &str, file: FileId, text: &str) -> Result<&'static Dialect, Vec<Finding>> {
    static KEPT: Mutex<BTreeMap<(String, String), &Dialect>> = Mutex::new(BTreeMap::new());
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (name.to_owned(), text.to_owned());
    if let Some(known) = kept.get(&key) {
        return Ok(known);
    }
    let loaded: &'static Dialect = Box::leak(Box::new(load_with_own(name, file, text)?));
    kept.insert(key, loaded);
    Ok(loaded)
}

/// A table that ships, by the name of its file, with what a site adds to it: one table, in which each key and line
/// still has one meaning, and none that was hidden is shown.
///
/// # Errors
/// Each mistake of the site's part, at its line; that no table is called so.
pub fn load_with_own(name: &str, file: FileId, text: &str) -> Result<Dialect, Vec<Finding>> {
    if let Some((_, shipped)) = DIALECTS.iter().find(|(known, _)| *known == name) {
        return load::load_with_own(shipped, file, text);
    }
    let known: Vec<&str> = DIALECTS.iter().map(|(name, _)| *name).collect();
    let finding =
        Finding::new(codes::dialect::ROOT, Loc::new(file, Span::default()), "no table is called like this file");
    Err(vec![finding.help(format!("a site adds to the tables that there are: {}", known.join(", ")))])
}
