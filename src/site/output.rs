//! Writing results: all of a build's files appear, or none does and what was there stays.
//!
//! Files are written into a staging folder inside the output folder, then renamed into place. What they replace is
//! kept aside until the last one stands, and put back when one doesn't; a build that was killed in between is put
//! back by the next one.

mod commit;
mod fresh;
mod own;
mod private;
mod problem;
mod several;

pub use fresh::NewFolder;
pub use own::OwnFolder;
pub use private::{is_free, write_private_file, write_private_folder};
pub use problem::OutProblem;
pub use several::SiteFolder;

use std::collections::{BTreeMap, BTreeSet};
use std::fs::{File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::files::{Root, check_name};
use super::platform::{self, Kind};

const LOCK: &str = ".fieldlock-lock";
const LIST: &str = ".fieldlock-files";
const STAGING: &str = ".fieldlock-staging";
/// What a running commit replaced; a commit that ended renames it to [`DONE`].
const PREVIOUS: &str = ".fieldlock-previous";
const DONE: &str = ".fieldlock-done";
/// Files that may stand in an output folder before the first build.
const HARMLESS: [&str; 2] = [".gitignore", ".gitkeep"];

/// Who may read a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Its owner alone: images. Where the file system keeps permissions.
    Owner,
    /// Anyone the folder lets in.
    Everyone,
}

/// An output folder, locked for this build. Dropped without a commit it leaves all files as they were.
#[derive(Debug)]
pub struct OutDir {
    path: PathBuf,
    /// The folder held open: what is read back is read from there, no link followed.
    root: Root,
    /// Files that the build before left here.
    ours: BTreeSet<String>,
    staged: Mutex<Staged>,
    steps: Steps,
    _lock: File,
}

/// What a commit did. Names are relative to the output folder, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Written {
    /// Files that stand there now and were given to [`OutDir::add`].
    pub written: Vec<String>,
    /// Files of an earlier build that no longer belong.
    pub removed: Vec<String>,
}

#[derive(Debug, Default)]
struct Staged {
    /// Name to its file in the staging folder; `None` for one that stays as it is.
    files: BTreeMap<String, Option<PathBuf>>,
    /// Lower-case names: a file system may not tell twins apart.
    folded: BTreeSet<String>,
}

/// The steps on which a disk can fail: tests put failing ones in.
struct Steps {
    write: WriteStep,
    rename: RenameStep,
}

type WriteStep = Box<dyn Fn(&mut File, &[u8]) -> io::Result<()> + Send + Sync>;
type RenameStep = Box<dyn Fn(&Path, &Path) -> io::Result<()> + Send + Sync>;

impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Steps")
    }
}

impl OutDir {
    /// Opens an output folder, creating it where it is missing, and locks it for as long as the value lives.
    /// Refused: a link or a file in its place, a folder with files that no build of ours left there, a folder that
    /// another build works in.
    pub fn open(path: &Path) -> Result<OutDir, OutProblem> {
        let steps = Steps { write: Box::new(|f, b| f.write_all(b)), rename: Box::new(|a, b| std::fs::rename(a, b)) };
        OutDir::open_with(path, steps)
    }

    fn open_with(path: &Path, steps: Steps) -> Result<OutDir, OutProblem> {
        // without a slash at the end, which would follow a link
        let path: PathBuf = path.components().collect();
        let shown = || path.display().to_string();
        match platform::kind_of(&path) {
            Ok(None) => std::fs::create_dir_all(&path).map_err(|e| OutProblem::cannot_create(shown(), &e))?,
            Ok(Some(Kind::Folder)) => {}
            Ok(Some(Kind::Link)) => return Err(OutProblem::IsLink { path: shown() }),
            Ok(Some(_)) => return Err(OutProblem::IsFile { path: shown() }),
            Err(e) => return Err(OutProblem::cannot_create(shown(), &e)),
        }
        if let Some(name) = foreign(&path).map_err(|e| OutProblem::cannot_write(shown(), &e))? {
            return Err(OutProblem::Foreign { path: shown(), name });
        }
        let lock = platform::open_lock(&path.join(LOCK)).map_err(|e| OutProblem::cannot_write(shown(), &e))?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OutProblem::Busy { path: shown() }),
            Err(TryLockError::Error(e)) => return Err(OutProblem::cannot_write(shown(), &e)),
        }
        commit::recover(&path).map_err(|e| OutProblem::cannot_write(shown(), &e))?;
        let staging = path.join(STAGING);
        clear(&staging)
            .and_then(|()| platform::create_private_folder(&staging))
            .map_err(|e| OutProblem::cannot_write(shown(), &e))?;
        let ours = read_list(&path).map_err(|e| OutProblem::cannot_write(shown(), &e))?;
        let root = Root::open(&path).map_err(|e| OutProblem::CannotWrite { path: shown(), why: e.to_string() })?;
        Ok(OutDir { path, root, ours, staged: Mutex::default(), steps, _lock: lock })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A file of the build before, if it left one of that name that is still a regular file: for comparing.
    pub fn previous(&self, name: &str) -> Option<PathBuf> {
        let path = self.path.join(name);
        let regular = matches!(platform::kind_of(&path), Ok(Some(Kind::File)));
        (self.ours.contains(name) && regular).then_some(path)
    }

    /// Whether the build before left a file of this name, whatever stands there now.
    pub fn had(&self, name: &str) -> bool {
        self.ours.contains(name)
    }

    /// The bytes of a file that the build before left, at most `max`; `None` where it left none of that name, or where
    /// what stands there now is no regular file of that size.
    pub fn read(&self, name: &str, max: usize) -> Option<Vec<u8>> {
        if !self.ours.contains(name) {
            return None;
        }
        self.root.read_bytes(name, max).ok()
    }

    /// Takes a file into the build. Where the build before left the very same bytes the file stays untouched. Whether it
    /// is a new one. From any thread.
    ///
    /// # Errors
    /// As of [`OutDir::add`].
    pub fn settle(&self, name: &str, bytes: &[u8], access: Access) -> Result<bool, OutProblem> {
        if self.ours.contains(name) && self.root.holds(name, bytes) {
            return self.claim(name, |_| None).map(|_| false);
        }
        self.add(name, bytes, access).map(|()| true)
    }

    /// Takes a file into the build; it appears with the commit. From any thread.
    pub fn add(&self, name: &str, bytes: &[u8], access: Access) -> Result<(), OutProblem> {
        let staged = self.claim(name, |count| Some(self.path.join(STAGING).join(format!("{count:06}"))))?;
        let Some(path) = staged else { return Ok(()) };
        let write = || -> io::Result<()> {
            let mut file = platform::create_new(&path, access == Access::Owner)?;
            (self.steps.write)(&mut file, bytes)?;
            file.flush()
        };
        write().map_err(|e| OutProblem::write(name, &e))
    }

    /// Leaves a file of the build before as it is: one that [`OutDir::read`] gave.
    ///
    /// # Errors
    /// The build before left none of that name, or it was taken in already.
    pub fn keep(&self, name: &str) -> Result<(), OutProblem> {
        if !self.ours.contains(name) {
            return Err(OutProblem::NothingToKeep { name: name.to_owned() });
        }
        self.claim(name, |_| None).map(drop)
    }

    /// Puts every file into place and removes those of the build before that were neither added nor kept. On any
    /// error everything is as it was.
    pub fn commit(self) -> Result<Written, OutProblem> {
        let staged = std::mem::take(&mut *self.staged.lock().unwrap_or_else(PoisonError::into_inner));
        commit::commit(&self.path, &self.ours, staged.files, &self.steps)
    }

    fn claim(&self, name: &str, at: impl Fn(usize) -> Option<PathBuf>) -> Result<Option<PathBuf>, OutProblem> {
        check_name(name).map_err(OutProblem::Name)?;
        if name.starts_with(".fieldlock-") {
            return Err(OutProblem::Taken { name: name.to_owned() });
        }
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        if !staged.folded.insert(name.to_lowercase()) {
            return Err(OutProblem::Taken { name: name.to_owned() });
        }
        let path = at(staged.files.len());
        staged.files.insert(name.to_owned(), path.clone());
        Ok(path)
    }
}

impl Drop for OutDir {
    fn drop(&mut self) {
        // nothing to tell anybody: the next build clears it as well
        let _ = clear(&self.path.join(STAGING));
    }
}

/// The first file that no build left there, in a folder without our list.
fn foreign(path: &Path) -> io::Result<Option<String>> {
    let (mut first, mut listed) = (None, false);
    for entry in std::fs::read_dir(path)? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        listed |= name == LIST;
        let own = [LOCK, LIST, STAGING, PREVIOUS, DONE].contains(&name.as_str()) || HARMLESS.contains(&name.as_str());
        if !own && first.as_ref().is_none_or(|f| name < *f) {
            first = Some(name);
        }
    }
    // a commit that was killed has its list aside
    let interrupted = platform::kind_of(&path.join(PREVIOUS))? == Some(Kind::Folder);
    Ok(first.filter(|_| !listed && !interrupted))
}

/// Names in our list. It may have been tampered with: names that lead elsewhere are not ours.
fn read_list(path: &Path) -> io::Result<BTreeSet<String>> {
    let list = path.join(LIST);
    if platform::kind_of(&list)? != Some(Kind::File) {
        return Ok(BTreeSet::new());
    }
    let text = String::from_utf8_lossy(&std::fs::read(list)?).into_owned();
    let ours = text.lines().filter(|l| check_name(l).is_ok() && !l.starts_with(".fieldlock-"));
    Ok(ours.map(str::to_owned).collect())
}

/// Removes whatever stands at a path; a link itself, never what it leads to.
fn clear(path: &Path) -> io::Result<()> {
    match platform::kind_of(path)? {
        None => Ok(()),
        Some(Kind::Folder) => std::fs::remove_dir_all(path),
        Some(_) => std::fs::remove_file(path),
    }
}

#[cfg(test)]
mod tests;
