//! Writing results: all of a build's files appear, or none does and what was there stays.
//!
//! Files are written into a staging folder inside the output folder and synced, then moved into place. What they
//! replace is kept aside until the last one stands, and put back when one doesn't. What is under way is written down in
//! the person's own folder of states, never in the output folder: a run that was killed in between is ended by the next
//! one, and whatever a clone or a stick brings along is not believed.

mod fresh;
mod own;
mod place;
mod problem;
mod record;
mod several;
mod switch;
mod whole;
mod within;

pub use super::platform::Privacy;
pub use fresh::NewFolder;
pub use own::OwnFolder;
pub use place::{Between, Found, Interrupted, Left, left};
pub use problem::OutProblem;
pub use several::SiteFolder;
pub use whole::{is_free, write_file, write_private_folder};
pub use within::Within;

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use self::place::{OutFolder, create_all};
use self::switch::{Move, Walk};
use super::files::{FileProblem, Root, check_name};
use super::platform::Kind;

/// What names of our own begin with.
const OURS: &str = ".fieldlock-";
/// Files that may stand in an output folder before the first build.
const HARMLESS: [&str; 3] = [".gitignore", ".gitkeep", ".gitattributes"];
/// Files for git that a folder has of its own where they are missing, and what they say.
type ForGit = &'static [(&'static str, &'static str)];
/// Nothing of an output folder is a source.
const IGNORED: (&str, &str) = (".gitignore", "*\n");
/// Whoever commits a folder all the same gets each byte back, line ends too: digests name these bytes.
pub const VERBATIM: (&str, &str) = (".gitattributes", "* -text\n");

/// A file to be written: its name in the folder, and its bytes.
pub type NewFile = (String, Vec<u8>);

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
    place: OutFolder,
    /// What is read back is read from the folder that is held open, no link followed.
    root: Root,
    /// Files that the build before left here.
    ours: BTreeSet<String>,
    staged: Mutex<Staged>,
}

/// What a commit did. Names are relative to the output folder, sorted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Committed {
    /// Files that stand there now and were given to [`OutDir::add`].
    pub written: Vec<String>,
    /// Files of an earlier build that no longer belong.
    pub removed: Vec<String>,
}

#[derive(Debug, Default)]
struct Staged {
    /// Name to its number in the staging folder; `None` for one that stays as it is.
    files: BTreeMap<String, Option<usize>>,
    /// Lower-case names: a file system may not tell twins apart.
    folded: BTreeSet<String>,
}

/// Asked before each step on which a disk can fail: tests let it.
struct Steps {
    write: Step,
    rename: Step,
}

type Step = Box<dyn Fn() -> io::Result<()> + Send + Sync>;

impl Default for Steps {
    fn default() -> Steps {
        Steps { write: Box::new(|| Ok(())), rename: Box::new(|| Ok(())) }
    }
}

impl std::fmt::Debug for Steps {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Steps")
    }
}

impl OutDir {
    /// Opens an output folder, creating it where it is missing, and locks it for as long as the value lives. A build
    /// that was killed while it put its files into place is ended. `state` is the person's own folder of states, where
    /// it is remembered what we wrote: without one nothing is, and only a new or an empty folder is taken.
    ///
    /// # Errors
    /// A link or a file stands in its place, it has files that no build of this computer left there, another build
    /// works in it, or it can't be written.
    pub fn open(path: &Path, state: Option<&Path>) -> Result<OutDir, OutProblem> {
        OutDir::open_with(path, state, Steps::default())
    }

    fn open_with(path: &Path, state: Option<&Path>, steps: Steps) -> Result<OutDir, OutProblem> {
        let place = OutFolder::open(path, state, create_all, &[IGNORED, VERBATIM], steps)?;
        let ours = place.files();
        let shown = || place.path.display().to_string();
        let harmless = |name: &&String| HARMLESS.contains(&name.as_str()) || name.starts_with(OURS);
        if let Some(name) = place.names.iter().find(|name| !harmless(name)).filter(|_| ours.is_empty()) {
            return Err(OutProblem::Foreign { path: shown(), name: name.clone() });
        }
        // a place that can't be written to is told before anything is made for it
        let held = place
            .staging()
            .and_then(|_| place.folder.enter("."))
            .map_err(|error| OutProblem::cannot_write(shown(), &error))?;
        let root = Root::of(&place.path, held);
        Ok(OutDir { place, root, ours, staged: Mutex::default() })
    }

    /// The folder.
    pub fn path(&self) -> &Path {
        &self.place.path
    }

    /// What was found in it when it was opened.
    pub fn found(&self) -> &Found {
        &self.place.found
    }

    /// Whether the build before left a file of that name that is still a regular file.
    pub fn has(&self, name: &str) -> bool {
        let there = || {
            let mut walk = Walk::new(&self.place.folder);
            let (folder, last) = walk.to(name, false).ok()??;
            folder.look(last).ok()?
        };
        self.ours.contains(name) && there() == Some(Kind::File)
    }

    /// Whether the build before left a file of this name, whatever stands there now.
    pub fn had(&self, name: &str) -> bool {
        self.ours.contains(name)
    }

    /// The bytes of a file that the build before left, at most `max`.
    ///
    /// # Errors
    /// It left none of that name, or what stands there now can't be read or is no regular file of that size.
    pub fn read(&self, name: &str, max: usize) -> Result<Vec<u8>, FileProblem> {
        if !self.ours.contains(name) {
            return Err(FileProblem::Missing { name: name.to_owned() });
        }
        self.root.read_bytes(name, max)
    }

    /// Takes a file into the build. Where the build before left the very same bytes the file stays untouched. Whether
    /// it is a new one. From any thread.
    ///
    /// # Errors
    /// As of [`OutDir::add`].
    pub fn keep_or_add(&self, name: &str, bytes: &[u8], access: Access) -> Result<bool, OutProblem> {
        if self.ours.contains(name) && self.root.holds(name, bytes) {
            return self.claim(name, false).map(|_| false);
        }
        self.add(name, bytes, access).map(|()| true)
    }

    /// Takes a file into the build; it appears with the commit. From any thread.
    pub fn add(&self, name: &str, bytes: &[u8], access: Access) -> Result<(), OutProblem> {
        let Some(number) = self.claim(name, true)? else { return Ok(()) };
        self.place.stage(number, bytes, access == Access::Owner).map_err(|e| OutProblem::write(name, &e))
    }

    /// Leaves a file of the build before as it is: one that [`OutDir::read`] gave.
    ///
    /// # Errors
    /// The build before left none of that name, or it was taken in already.
    pub fn keep(&self, name: &str) -> Result<(), OutProblem> {
        if !self.ours.contains(name) {
            return Err(OutProblem::NothingToKeep { name: name.to_owned() });
        }
        self.claim(name, false).map(drop)
    }

    /// Puts files of the build before into place anew, each for its owner alone; all others of it stay.
    ///
    /// # Errors
    /// As of [`OutDir::add`] and [`OutDir::commit`].
    pub fn replace(self, files: &[(String, Vec<u8>)]) -> Result<(), OutProblem> {
        for name in self.ours.iter().filter(|name| !files.iter().any(|(new, _)| new == *name)) {
            self.claim(name, false)?;
        }
        files.iter().try_for_each(|(name, bytes)| self.add(name, bytes, Access::Owner))?;
        self.commit().map(drop)
    }

    /// Puts every file into place and removes those of the build before that were neither added nor kept. On any
    /// error everything is as it was.
    pub fn commit(self) -> Result<Committed, OutProblem> {
        let staged = std::mem::take(&mut *self.staged.lock().unwrap_or_else(PoisonError::into_inner));
        let moves = self.moves(&staged.files)?;
        self.place.switch(&moves)?;
        let named = |new: bool| moves.iter().filter(move |m| m.new == new).map(|m| m.name.clone());
        Ok(Committed { written: named(true).collect(), removed: named(false).collect() })
    }

    /// What is to be put into place and what is to go, in the order of names.
    fn moves(&self, files: &BTreeMap<String, Option<usize>>) -> Result<Vec<Move>, OutProblem> {
        let mut walk = Walk::new(&self.place.folder);
        let mut moves = Vec::new();
        for (name, number) in files {
            let Some(number) = *number else { continue };
            let old = target(&mut walk, &self.ours, name)?.is_some();
            moves.push(Move { name: name.clone(), number, new: true, old });
        }
        let stale = self.ours.iter().filter(|name| !files.contains_key(*name));
        for (more, name) in stale.enumerate() {
            let there = walk.to(name, false).ok().flatten().and_then(|(folder, last)| folder.look(last).ok().flatten());
            let old = matches!(there, Some(Kind::File | Kind::Link));
            moves.push(Move { name: name.clone(), number: files.len() + more, new: false, old });
        }
        moves.sort_by(|a, b| a.name.cmp(&b.name));
        Ok(moves)
    }

    /// A name is given once. The number of its new file, where it has one.
    fn claim(&self, name: &str, new: bool) -> Result<Option<usize>, OutProblem> {
        check_name(name).map_err(OutProblem::Name)?;
        if name.starts_with(OURS) {
            return Err(OutProblem::Taken { name: name.to_owned() });
        }
        let mut staged = self.staged.lock().unwrap_or_else(PoisonError::into_inner);
        if !staged.folded.insert(name.to_lowercase()) {
            return Err(OutProblem::Taken { name: name.to_owned() });
        }
        let number = new.then_some(staged.files.len());
        staged.files.insert(name.to_owned(), number);
        Ok(number)
    }
}

/// What stands where a file is to stand; refused where that isn't ours to replace.
fn target(walk: &mut Walk<'_>, ours: &BTreeSet<String>, name: &str) -> Result<Option<Kind>, OutProblem> {
    let in_the_way = |what| Err(OutProblem::InTheWay { name: name.to_owned(), what });
    let Ok(found) = walk.to(name, false) else {
        return in_the_way("a link or a file in place of one of its folders");
    };
    let Some((folder, last)) = found else { return Ok(None) };
    match folder.look(last).map_err(|error| OutProblem::write(name, &error))? {
        Some(Kind::Folder) => in_the_way("a folder"),
        Some(Kind::Other) => in_the_way("no regular file"),
        Some(_) if !ours.contains(name) => in_the_way("a file that no build left there"),
        other => Ok(other),
    }
}

#[cfg(test)]
mod tests;
