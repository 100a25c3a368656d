//! Reading beneath a site's root: no name leads out of it, nothing is read unbounded (invariants 15 and 16).
//!
//! A name is relative, with `/`, and goes through folders only; a link anywhere in it is refused, even one that
//! stays inside, since what it leads to can change between review and build.

mod entered;
mod held;
mod name;
mod problem;
mod text;

pub use held::Held;
pub use name::check_name;
pub use problem::{FileProblem, error_at};
pub(in crate::site) use problem::{file_above, why};
pub use text::{lf, native};

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use self::entered::{Entered, enter};
use super::platform::{self, Folder, Kind};
use crate::model::value::Sha256;
use crate::syntax::MAX_BYTES;

/// As many files as a listing may have.
pub const MAX_FILES: usize = 100_000;

/// As deep as folders may stand in each other.
pub const MAX_FOLDERS: usize = 16;

/// The largest file that shows what somebody attests, in bytes: a commit that holds a larger one can't be read whole.
const MAX_EVIDENCE: usize = 16 << 20;

/// As many bytes are read at once of a file that is handed over in pieces.
const PIECE: usize = 32 * 1024;

/// A site's root folder, held open; or a tree of files in memory.
#[derive(Debug)]
pub struct Root {
    path: PathBuf,
    place: Access,
    /// Files that stand in the place of its own, as they would be.
    over: Option<held::Tree>,
}

#[derive(Debug)]
enum Access {
    Folder(Entered),
    Held(held::Tree),
}

impl Root {
    /// Opens a folder as root. Links in its own path are followed: the person chose it.
    pub fn open(path: &Path) -> Result<Root, FileProblem> {
        let shown = path.display().to_string();
        match Folder::open_root(path) {
            Ok(root) => Ok(Root { path: path.to_owned(), place: Access::Folder(Entered::new(root)), over: None }),
            // by what stands there: each system has an error of its own for it
            Err(_) if path.is_file() => Err(FileProblem::NotAFolder { name: shown }),
            Err(e) => match error_at(path, e) {
                e if e.kind() == io::ErrorKind::NotADirectory => Err(FileProblem::NotAFolder { name: shown }),
                e => Err(FileProblem::of_io(shown, &e)),
            },
        }
    }

    /// A folder that is held open already.
    pub(in crate::site) fn of(path: &Path, folder: Folder) -> Root {
        Root { path: path.to_owned(), place: Access::Folder(Entered::new(folder)), over: None }
    }

    /// A tree that is held in memory: a commit. `path` is what it is called in messages. Names that can't be a file's
    /// are never found.
    pub fn held(path: &Path, files: BTreeMap<String, Held>) -> Root {
        Root { path: path.to_owned(), place: Access::Held(held::Tree::new(files)), over: None }
    }

    /// The same with files that are not written yet, in the place of its own of that name.
    pub fn with(self, files: BTreeMap<String, Held>) -> Root {
        Root { over: Some(held::Tree::new(files)), ..self }
    }

    /// The root's path as it was given. Not for reading: see [`Root::read_text`].
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// A text of at most 8 MiB: UTF-8, a byte order mark taken off. Its lines end as they do in the file, whose bytes
    /// edits count.
    pub fn read_text(&self, name: &str) -> Result<Arc<str>, FileProblem> {
        text::decode(name, self.read_bytes(name, MAX_BYTES)?)
    }

    /// A text's bytes as they are, a UTF-8 byte order mark taken off: PEM, a passphrase.
    pub fn read_unmarked(&self, name: &str, max: usize) -> Result<Vec<u8>, FileProblem> {
        text::unmarked(name, self.read_bytes(name, max)?)
    }

    /// A file's bytes, refused before reading where they are more than `max`.
    pub fn read_bytes(&self, name: &str, max: usize) -> Result<Vec<u8>, FileProblem> {
        let (mut file, len) = self.bounded(name, max as u64)?;
        let mut bytes = Vec::with_capacity(len);
        file.read_to_end(&mut bytes).map_err(|e| FileProblem::of_io(name.to_owned(), &e))?;
        if bytes.len() > max { Err(too_large(name, max as u64)) } else { Ok(bytes) }
    }

    /// Hands a file's bytes over piece by piece, and says how many they were: for files that nobody keeps in memory.
    /// Refused before reading where they are more than `max`.
    pub fn read_pieces(&self, name: &str, max: u64, piece: &mut dyn FnMut(&[u8])) -> Result<u64, FileProblem> {
        let (mut file, _) = self.bounded(name, max)?;
        let mut all = 0;
        let read = pieces(&mut file, &mut |read| {
            all += read.len() as u64;
            piece(read);
            true
        });
        read.map_err(|e| FileProblem::of_io(name.to_owned(), &e))?;
        if all > max { Err(too_large(name, max)) } else { Ok(all) }
    }

    /// A file to be read to its end, one byte more than `max` at most, and how long it was when it was opened.
    fn bounded(&self, name: &str, max: u64) -> Result<(Box<dyn Read>, usize), FileProblem> {
        let held = |tree: &held::Tree| -> Result<(Box<dyn Read>, usize), FileProblem> {
            let bytes = tree.read(name, usize::try_from(max).unwrap_or(usize::MAX))?;
            let len = bytes.len();
            Ok((Box::new(io::Cursor::new(bytes)), len))
        };
        if let Some(tree) = self.over.as_ref().filter(|tree| tree.has(name)) {
            return held(tree);
        }
        let (file, data) = match &self.place {
            Access::Folder(folder) => folder.open(name)?,
            Access::Held(tree) => return held(tree),
        };
        let fits = usize::try_from(data.len()).ok().filter(|_| data.len() <= max);
        let len = fits.ok_or_else(|| too_large(name, max))?;
        Ok((Box::new(file.take(max.saturating_add(1))), len))
    }

    /// A text of a device: as [`Root::read_text`], with lines ended by LF whatever ends them in the file.
    pub fn read_native(&self, name: &str) -> Result<Arc<str>, FileProblem> {
        native(name, self.read_bytes(name, MAX_BYTES)?)
    }

    /// The bytes of a certificate: where it is text, as PEM is, with lines ended by LF.
    pub fn read_certificate(&self, name: &str, max: usize) -> Result<Vec<u8>, FileProblem> {
        Ok(text::lf_if_text(self.read_unmarked(name, max)?))
    }

    /// SHA-256 of a file: of a text with lines ended by LF, so that a clone on another system has the same.
    pub fn digest_of(&self, name: &str) -> Result<Sha256, FileProblem> {
        Ok(Sha256::of(&text::lf_if_text(self.read_bytes(name, MAX_EVIDENCE)?)))
    }

    /// Whether a file holds these very bytes; `false` where there is none, or none that can be read.
    pub fn holds(&self, name: &str, bytes: &[u8]) -> bool {
        let Access::Folder(folder) = &self.place else {
            return self.read_bytes(name, bytes.len()).is_ok_and(|there| there == bytes);
        };
        let Ok((mut file, data)) = folder.open(name) else { return false };
        data.len() == bytes.len() as u64 && same(&mut file, bytes).unwrap_or(false)
    }

    /// Whether other users of the machine may read a file; `false` where that can't be told.
    pub fn open_to_others(&self, name: &str) -> bool {
        match &self.place {
            Access::Folder(folder) => folder.open(name).is_ok_and(|(file, _)| platform::open_to_others(&file)),
            Access::Held(_) => false,
        }
    }

    /// Names, relative to the root, of the files with an extension (in any case) in a folder (`""` is the root) and in
    /// folders within, sorted. None where the folder is missing; names that begin with a dot are passed over. A link or
    /// a folder called like a file is listed like one, so that reading it says what is wrong with it.
    pub fn list(&self, folder: &str, extension: &str) -> Result<Vec<String>, FileProblem> {
        let mut names = self.list_own(folder, extension)?;
        if let Some(over) = &self.over {
            names.extend(over.list(folder, extension)?);
            names.sort_unstable();
            names.dedup();
        }
        Ok(names)
    }

    /// Names, relative to the root, of all files in it and in folders within, sorted; those that begin with a dot are
    /// passed over. For a folder of somebody else's files; of a tree in memory there are none.
    pub fn list_all(&self) -> Result<Vec<String>, FileProblem> {
        let Access::Folder(opened) = &self.place else { return Ok(Vec::new()) };
        let mut names = Vec::new();
        collect(opened.root(), "", None, 0, &mut 0, &mut names)?;
        names.sort_unstable();
        Ok(names)
    }

    fn list_own(&self, folder: &str, extension: &str) -> Result<Vec<String>, FileProblem> {
        let root = match &self.place {
            Access::Folder(opened) => opened.root(),
            Access::Held(tree) => return tree.list(folder, extension),
        };
        let mut names = Vec::new();
        let mut seen = 0;
        if folder.is_empty() {
            collect(root, "", Some(extension), 0, &mut seen, &mut names)?;
        } else {
            check_name(folder)?;
            match enter(root, folder) {
                Ok(opened) => collect(&opened, &format!("{folder}/"), Some(extension), 0, &mut seen, &mut names)?,
                Err(FileProblem::Missing { .. }) => {}
                Err(problem) => return Err(problem),
            }
        }
        names.sort_unstable();
        Ok(names)
    }
}

fn too_large(name: &str, max: u64) -> FileProblem {
    FileProblem::TooLarge { name: name.to_owned(), max: usize::try_from(max).unwrap_or(usize::MAX) }
}

/// Hands over what there is to read, piece by piece, until it ends or `each` has seen enough.
fn pieces(from: &mut dyn Read, each: &mut dyn FnMut(&[u8]) -> bool) -> io::Result<()> {
    let mut buffer = vec![0; PIECE];
    loop {
        match from.read(&mut buffer) {
            Err(e) if e.kind() == io::ErrorKind::Interrupted => continue,
            Ok(0) => return Ok(()),
            Ok(read) if !each(&buffer[..read]) => return Ok(()),
            read => drop(read?),
        }
    }
}

/// Piece by piece: what is compared is not kept.
fn same(file: &mut File, bytes: &[u8]) -> io::Result<bool> {
    let mut rest = Some(bytes);
    pieces(file, &mut |read| {
        rest = rest.and_then(|rest| rest.strip_prefix(read));
        rest.is_some()
    })?;
    Ok(rest == Some(&[]))
}

fn collect(
    folder: &Folder,
    prefix: &str,
    extension: Option<&str>,
    depth: usize,
    seen: &mut usize,
    names: &mut Vec<String>,
) -> Result<(), FileProblem> {
    let shown = || prefix.trim_end_matches('/').to_owned();
    if depth > MAX_FOLDERS {
        return Err(FileProblem::TooDeep { name: shown() });
    }
    let entries = folder.entries().map_err(|e| FileProblem::of_io(shown(), &e))?;
    *seen += entries.len();
    if *seen > MAX_FILES {
        return Err(FileProblem::TooManyFiles { name: shown() });
    }
    for (name, kind) in entries {
        let Some(name) = name.to_str() else {
            return Err(FileProblem::NameNotText { folder: shown(), name: name.to_string_lossy().into_owned() });
        };
        if name.starts_with('.') {
            continue;
        }
        let full = format!("{prefix}{name}");
        let named = match extension {
            Some(extension) => name.rsplit_once('.').is_some_and(|(_, e)| e.eq_ignore_ascii_case(extension)),
            None => kind != Kind::Folder,
        };
        if kind == Kind::Folder && !named {
            let inner = folder.enter(name).map_err(|e| FileProblem::of_io(full.clone(), &e))?;
            collect(&inner, &format!("{full}/"), extension, depth + 1, seen, names)?;
        } else if named {
            names.push(full);
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests;
