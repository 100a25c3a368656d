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
pub struct SiteTables([Tables; PlatformKind::ALL.len()]);

impl Default for SiteTables {
    fn default() -> Self {
        SiteTables(PlatformKind::ALL.map(Tables::shipped))
    }
}

impl SiteTables {
    /// Those of a platform.
    pub fn of(&self, kind: PlatformKind) -> Tables {
        self.0.into_iter().find(|tables| tables.kind == kind).unwrap_or_else(|| Tables::shipped(kind))
    }

    /// Adds what a site says; `name` is its file's, which is called like the table: `mx-ros.cli.kdl`.
    ///
    /// # Errors
    /// Each mistake of it, at its line.
    pub fn add(&mut self, name: &str, file: FileId, text: &str) -> Result<(), Vec<Finding>> {
        let table = with_own(name, file, text)?;
        for tables in self.0.iter_mut().filter(|tables| tables.kind.word() == &*table.name) {
            tables.own[table.form as usize] = Some(table);
        }
        Ok(())
    }
}

/// A table that ships with what a site adds to it. Like those that ship it is kept as long as the program runs.
fn with_own(name: &str, file: FileId, text: &str) -> Result<&'static Dialect, Vec<Finding>> {
    static KEPT: Mutex<BTreeMap<(String, String), &Dialect>> = Mutex::new(BTreeMap::new());
    let Some((_, shipped)) = DIALECTS.iter().find(|(known, _)| *known == name) else {
        let known: Vec<&str> = DIALECTS.iter().map(|(name, _)| *name).collect();
        let at = Loc::new(file, Span::default());
        let finding = Finding::new(codes::dialect::ROOT, at, "no table is called like this file");
        return Err(vec![finding.help(format!("a site adds to the tables that there are: {}", known.join(", ")))]);
    };
    let mut kept = KEPT.lock().unwrap_or_else(PoisonError::into_inner);
    let key = (name.to_owned(), text.to_owned());
    if let Some(known) = kept.get(&key) {
        return Ok(known);
    }
    let loaded: &'static Dialect = Box::leak(Box::new(load::load_with_own(shipped, file, text)?));
    kept.insert(key, loaded);
    Ok(loaded)
}
