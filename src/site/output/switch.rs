//! The moves that put new files into the place of old ones, forth and back.
//!
//! New files wait in a staging folder as `n1`, `n2`; what they replace goes there as `o1`, `o2`. So it can be told of
//! each move whether it was made, and a switch that was begun can be ended, or taken back, from wherever it stopped.
//! Folders are walked by handles, from the one that is held open, and no link is followed.

use std::collections::BTreeMap;
use std::io;

use serde::{Deserialize, Serialize};

use super::super::platform::{Folder, Kind, SYNCS_LATER};
use super::{OutProblem, Steps};
use crate::site::files::check_name;

/// As many files are written to the disk one by one; for more, one call for the whole file system takes less time,
/// though it writes what others left to be written too.
const FEW: usize = 64;

/// One file of a switch.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Move {
    /// Its name in the folder, with `/`.
    pub(super) name: String,
    /// Its number in the staging folder.
    pub(super) number: usize,
    /// Whether a new file is put there.
    pub(super) new: bool,
    /// Whether an old one is taken away.
    pub(super) old: bool,
}

/// What the new file of a number is called in the staging folder.
pub(super) fn new_name(number: usize) -> String {
    format!("n{number}")
}

impl Move {
    /// Whether it is one that could have been written: a name that leads nowhere else.
    pub(super) fn is_sound(&self) -> bool {
        check_name(&self.name).is_ok() && !self.name.starts_with(super::OURS)
    }

    fn old_name(&self) -> String {
        format!("o{}", self.number)
    }
}

/// A folder, and the staging folder in it.
pub(super) struct Switch<'a> {
    pub(super) root: &'a Folder,
    pub(super) staging: &'a Folder,
    pub(super) steps: &'a Steps,
}

impl Switch<'_> {
    /// The new files are on the disk when this comes back.
    pub(super) fn sync_new(&self, moves: &[Move]) -> io::Result<()> {
        if !SYNCS_LATER {
            return Ok(());
        }
        if moves.len() > FEW {
            return self.root.sync_all();
        }
        let mut new = moves.iter().filter(|m| m.new);
        new.try_for_each(|m| self.staging.open(&new_name(m.number))?.sync_all())?;
        self.staging.sync()
    }

    /// The moves are on the disk when this comes back.
    pub(super) fn sync_names(&self, moves: &[Move]) -> io::Result<()> {
        if SYNCS_LATER && moves.len() > FEW {
            return self.root.sync_all();
        }
        let mut walk = Walk::new(self.root);
        // of each folder one name
        let made = moves.iter().filter(|m| m.new || m.old);
        let folders: BTreeMap<_, _> = made.map(|m| (m.name.rsplit_once('/').map(|(folder, _)| folder), m)).collect();
        for m in folders.values() {
            if let Some((folder, _)) = walk.to(&m.name, false)? {
                folder.sync()?;
            }
        }
        self.staging.sync().and_then(|()| self.root.sync())
    }

    /// Makes the moves. `again`: some of them may have been made already.
    pub(super) fn forth(&self, moves: &[Move], again: bool) -> Result<(), OutProblem> {
        let mut walk = Walk::new(self.root);
        moves.iter().try_for_each(|m| self.one(&mut walk, m, again).map_err(|e| OutProblem::write(&m.name, &e)))?;
        moves.iter().filter(|m| !m.new).for_each(|m| remove_empty_parents(self.root, &m.name));
        Ok(())
    }

    fn one(&self, walk: &mut Walk<'_>, m: &Move, again: bool) -> io::Result<()> {
        if !m.new && !m.old {
            return Ok(());
        }
        let Some((folder, last)) = walk.to(&m.name, m.new)? else { return Ok(()) };
        if m.old && !(again && self.has(&m.old_name())?) {
            (self.steps.rename)()?;
            match folder.rename(last, self.staging, &m.old_name()) {
                Err(error) if again && error.kind() == io::ErrorKind::NotFound => {}
                moved => moved?,
            }
        }
        if m.new && (!again || self.has(&new_name(m.number))?) {
            (self.steps.rename)()?;
            self.staging.rename(&new_name(m.number), folder, last)?;
        }
        Ok(())
    }

    /// Takes back the moves that were made: everything is as it was before the first.
    pub(super) fn back(&self, moves: &[Move]) -> io::Result<()> {
        let mut walk = Walk::new(self.root);
        for m in moves.iter().rev().filter(|m| m.new || m.old) {
            let Some((folder, last)) = walk.to(&m.name, m.old)? else { continue };
            if m.new && !self.has(&new_name(m.number))? && folder.look(last)? == Some(Kind::File) {
                folder.rename(last, self.staging, &new_name(m.number))?;
            }
            if m.old && self.has(&m.old_name())? {
                self.staging.rename(&m.old_name(), folder, last)?;
            }
        }
        moves.iter().filter(|m| !m.old).for_each(|m| remove_empty_parents(self.root, &m.name));
        Ok(())
    }

    fn has(&self, name: &str) -> io::Result<bool> {
        Ok(self.staging.look(name)?.is_some())
    }
}

/// The folders of names, the last of them held open: names come in their order, so the next one is mostly in it too.
pub(super) struct Walk<'a> {
    root: &'a Folder,
    last: Option<(String, Folder)>,
}

impl<'a> Walk<'a> {
    pub(super) fn new(root: &'a Folder) -> Walk<'a> {
        Walk { root, last: None }
    }

    /// The folder of a name and its last part; `None` where the folder is missing and not to be made.
    ///
    /// # Errors
    /// A link or a file stands in a folder's place.
    pub(super) fn to<'n>(&mut self, name: &'n str, make: bool) -> io::Result<Option<(&Folder, &'n str)>> {
        let Some((path, last)) = name.rsplit_once('/') else { return Ok(Some((self.root, name))) };
        if self.last.as_ref().is_none_or(|(known, _)| known != path) {
            self.last = enter(self.root, path, make)?.map(|folder| (path.to_owned(), folder));
        }
        Ok(self.last.as_ref().map(|(_, folder)| (folder, last)))
    }
}

/// A folder beneath another; `None` where it is missing and not to be made.
///
/// # Errors
/// A link or a file stands in its place, or in that of a folder above.
pub(super) fn enter(root: &Folder, path: &str, make: bool) -> io::Result<Option<Folder>> {
    let mut inner: Option<Folder> = None;
    for part in path.split('/') {
        let folder = inner.as_ref().unwrap_or(root);
        let entered = match folder.enter(part) {
            Err(error) if error.kind() == io::ErrorKind::NotFound && make => {
                folder.create_folder(part, false).and_then(|()| folder.enter(part))
            }
            entered => entered,
        };
        match entered {
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            entered => inner = Some(entered?),
        }
    }
    Ok(inner)
}

/// Removes the folders of a name that have nothing in them any more.
fn remove_empty_parents(root: &Folder, name: &str) {
    for (at, _) in name.rmatch_indices('/') {
        let removed = Walk::new(root).to(&name[..at], false).and_then(|found| match found {
            Some((folder, last)) => folder.remove_folder(last),
            None => Ok(()),
        });
        // a folder with something in it stays, as it should
        if removed.is_err() {
            return;
        }
    }
}
