//! A folder that is written to: held open and locked, with what this computer remembers of it.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};

use super::super::platform::{self, Folder, Kind, SYNCS_LATER};
use super::record::Record;
use super::switch::{Move, Switch, new_name};
use super::{ForGit, OURS, OutProblem, Steps};

/// As many names for a staging folder are tried.
const MAX_NAMES: usize = 1_000;

/// What a run found in a folder when it opened it, for whoever started it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Found {
    /// A run before was interrupted while it put its files into place.
    pub interrupted: Option<Interrupted>,
    /// Names that only we use, of things that no run on this computer left there. They are not looked at.
    pub litter: Vec<String>,
}

/// What became of a switch of files that was interrupted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Interrupted {
    /// Its files are all in place now.
    Finished,
    /// What it had not put into place yet is gone: somebody removed it.
    Lost,
}

#[derive(Debug)]
pub(super) struct OutFolder {
    pub(super) path: PathBuf,
    pub(super) folder: Folder,
    pub(super) found: Found,
    /// All that lies in the folder itself.
    pub(super) names: BTreeSet<String>,
    steps: Steps,
    /// Written with the first file that is staged.
    for_git: ForGit,
    inner: Mutex<Inner>,
    _lock: Option<File>,
}

#[derive(Debug)]
struct Inner {
    record: Record,
    staging: Option<Arc<Folder>>,
    /// A switch is under way: what is staged is needed, whatever happens to this value.
    under_way: bool,
}

impl OutFolder {
    /// Opens and locks a folder, which `create` makes where it is missing. A switch that was interrupted is finished.
    pub(super) fn open(
        path: &Path,
        state: Option<&Path>,
        create: fn(&Path) -> io::Result<()>,
        for_git: ForGit,
        steps: Steps,
    ) -> Result<OutFolder, OutProblem> {
        // without a slash at the end, which would follow a link
        let path: PathBuf = path.components().collect();
        let shown = || path.display().to_string();
        let mut made = false;
        let folder = Folder::open_itself(&path).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => {
                create(&path)?;
                made = true;
                Folder::open_itself(&path)
            }
            _ => Err(error),
        });
        let folder = folder.map_err(|error| match platform::kind_of(&path) {
            Ok(Some(Kind::Link)) => OutProblem::IsLink { path: shown() },
            Ok(Some(Kind::File | Kind::Other)) => OutProblem::IsFile { path: shown() },
            _ => OutProblem::cannot_create(shown(), &error),
        })?;
        let unwritten = |e: io::Error| OutProblem::cannot_write(shown(), &e);
        let mut record = Record::of(&folder, &path, state).map_err(unwritten)?;
        let lock = record.lock(&folder).map_err(|error| match error.kind() {
            io::ErrorKind::WouldBlock => OutProblem::Busy { path: shown() },
            _ => unwritten(error),
        })?;
        // what is known of another that stood here is not known of this one
        let moves = if made { record.end().map(|()| None)? } else { record.recall()? };
        let staging = record.text.staging.clone();
        let staged = staging.as_deref().and_then(|name| folder.enter(name).ok());
        let interrupted = match (moves, &staged) {
            (None, _) => None,
            (Some(moves), None) => {
                record.text.files.extend(moves.into_iter().filter(|m| m.new).map(|m| m.name));
                Some(Interrupted::Lost)
            }
            (Some(moves), Some(staged)) => {
                finish(&folder, staged, &moves, &steps).map_err(|why| OutProblem::halfway(shown(), &why))?;
                record_moves(&mut record, &moves);
                Some(Interrupted::Finished)
            }
        };
        if interrupted.is_some() {
            record.save()?;
            record.end()?;
        }
        if let (Some(name), Some(staged)) = (&staging, &staged) {
            // where something that is not ours lies in it, it stays, and the next one is called otherwise
            let _ = clear(&folder, name, staged);
        }
        let names = names(&folder).map_err(unwritten)?;
        let found = Found { interrupted, litter: litter(&names, None) };
        let inner = Mutex::new(Inner { record, staging: None, under_way: false });
        Ok(OutFolder { path, folder, found, names, steps, for_git, inner, _lock: lock })
    }

    /// Files that a build of this computer left here.
    pub(super) fn files(&self) -> BTreeSet<String> {
        self.inner().record.text.files.clone()
    }

    /// Writes a new file into the staging folder. From any thread.
    pub(super) fn stage(&self, number: usize, bytes: &[u8], private: bool) -> io::Result<()> {
        let staging = self.staging()?;
        let mut file = staging.create(&new_name(number), private)?;
        (self.steps.write)()?;
        file.write_all(bytes)?;
        if SYNCS_LATER { Ok(()) } else { file.sync_all() }
    }

    /// Puts what was staged into place, all of it: on any error everything is as it was. What a killed run leaves, the
    /// next one finishes.
    pub(super) fn switch(&self, moves: &[Move]) -> Result<(), OutProblem> {
        if moves.is_empty() {
            return Ok(());
        }
        let whole = |e: io::Error| OutProblem::cannot_write(self.path.display().to_string(), &e);
        let staging = self.staging().map_err(whole)?;
        let mut inner = self.inner();
        let before = inner.record.text.clone();
        let switch = Switch { root: &self.folder, staging: &staging, steps: &self.steps };
        inner.under_way = true;
        let mut all = || {
            // nothing old goes before all of the new is on the disk
            switch.sync_new(moves).and_then(|()| (self.steps.rename)()).map_err(whole)?;
            inner.record.begin(moves)?;
            switch.forth(moves, false)?;
            switch.sync_names(moves).and_then(|()| (self.steps.rename)()).map_err(whole)?;
            record_moves(&mut inner.record, moves);
            inner.record.save()
        };
        let done = all();
        let ended = if done.is_ok() {
            inner.record.end()
        } else {
            inner.record.text = before;
            let back = switch.back(moves).map_err(|error| OutProblem::write("what was there before", &error));
            back.and_then(|()| inner.record.end())
        };
        inner.under_way = ended.is_err();
        match (done, ended) {
            // what is still to be done is nothing, and the next run does it
            (Ok(()), Err(_)) => Ok(()),
            (Err(problem), Err(_)) => Err(OutProblem::halfway(self.path.display().to_string(), &problem)),
            (done, Ok(())) => {
                inner.clear(&self.folder);
                done
            }
        }
    }

    pub(super) fn staging(&self) -> io::Result<Arc<Folder>> {
        let mut inner = self.inner();
        if let Some(staging) = &inner.staging {
            return Ok(Arc::clone(staging));
        }
        let free = |name: &String| !self.names.contains(name);
        let mut known =
            inner.record.text.staging.iter().cloned().chain((1..=MAX_NAMES).map(|n| format!("{OURS}new-{n}")));
        let name = known.find(free).ok_or(io::ErrorKind::AlreadyExists)?;
        if inner.record.text.staging.as_ref() != Some(&name) {
            inner.record.text.staging = Some(name.clone());
            inner.record.save().map_err(|problem| io::Error::other(problem.to_string()))?;
        }
        self.folder.create_folder(&name, true)?;
        let staging = Arc::new(self.folder.enter(&name)?);
        inner.staging = Some(Arc::clone(&staging));
        self.for_git.iter().try_for_each(|(name, text)| self.keep_for_git(&staging, name, text))?;
        Ok(staging)
    }

    /// Writes a file for git where it is missing: beside its place first, since a full disk would leave an empty one.
    fn keep_for_git(&self, staging: &Folder, name: &str, text: &str) -> io::Result<()> {
        let is_there = match self.folder.look(name)? {
            None => false,
            Some(Kind::File) => self.folder.open(name)?.metadata()?.len() > 0,
            Some(_) => true,
        };
        if is_there {
            return Ok(());
        }
        let mut file = staging.create(name, false)?;
        file.write_all(text.as_bytes()).and_then(|()| file.sync_all())?;
        staging.rename(name, &self.folder, name)
    }

    fn inner(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    /// Best effort: the next run clears it as well.
    fn clear(&mut self, folder: &Folder) {
        if let (Some(staging), Some(name)) = (self.staging.take(), &self.record.text.staging) {
            let _ = clear(folder, name, &staging);
        }
    }
}

impl Drop for OutFolder {
    fn drop(&mut self) {
        let mut inner = self.inner.lock().unwrap_or_else(PoisonError::into_inner);
        if !inner.under_way {
            inner.clear(&self.folder);
        }
    }
}

fn finish(folder: &Folder, staging: &Folder, moves: &[Move], steps: &Steps) -> Result<(), OutProblem> {
    let switch = Switch { root: folder, staging, steps };
    switch.forth(moves, true)?;
    switch.sync_names(moves).map_err(|error| OutProblem::write("the folder", &error))
}

/// Which files are ours once the moves are made.
fn record_moves(record: &mut Record, moves: &[Move]) {
    for m in moves {
        if m.new {
            record.text.files.insert(m.name.clone());
        } else {
            record.text.files.remove(&m.name);
        }
    }
}

/// Removes a staging folder and the files in it; nothing else was ever put there by us, and nothing else is removed.
fn clear(folder: &Folder, name: &str, staging: &Folder) -> io::Result<()> {
    for (entry, _) in staging.entries()? {
        if let Some(entry) = entry.to_str() {
            staging.remove(entry)?;
        }
    }
    folder.remove_folder(name)
}

fn names(folder: &Folder) -> io::Result<BTreeSet<String>> {
    Ok(folder.entries()?.into_iter().map(|(name, _)| name.to_string_lossy().into_owned()).collect())
}

fn litter(names: &BTreeSet<String>, staging: Option<&str>) -> Vec<String> {
    names.iter().filter(|name| name.starts_with(OURS) && staging != Some(name)).cloned().collect()
}

/// What a run of before left in a folder that is only read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Left {
    /// A switch of its files is under way: some of them are new and some old.
    pub between: Option<Between>,
    /// As in [`Found`].
    pub litter: Vec<String>,
}

/// Why a folder is between two states.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Between {
    /// Somebody writes to it right now.
    Busy,
    /// Whoever wrote to it was interrupted.
    Interrupted,
}

/// Looks at a folder that is to be read. One that can't be opened has nothing to tell: whoever reads it says why.
pub fn left(path: &Path, state: Option<&Path>) -> Left {
    let look = || -> Option<Left> {
        let folder = Folder::open_root(path).ok()?;
        let mut record = Record::of(&folder, path, state).ok()?;
        let moves = record.recall().ok()?;
        let busy = || matches!(record.lock(&folder), Err(error) if error.kind() == io::ErrorKind::WouldBlock);
        let between = moves.map(|_| if busy() { Between::Busy } else { Between::Interrupted });
        let staging =
            record.text.staging.as_deref().filter(|name| folder.look(name).ok().flatten() == Some(Kind::Folder));
        let litter = litter(&names(&folder).ok()?, staging);
        Some(Left { between, litter })
    };
    look().unwrap_or_default()
}

/// Creates a folder, and those above it.
pub(super) fn create_all(path: &Path) -> io::Result<()> {
    fs::create_dir_all(path)
}

/// Creates a folder in one that is there.
pub(super) fn create_one(path: &Path) -> io::Result<()> {
    fs::create_dir(path)
}
