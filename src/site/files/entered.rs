//! A root folder that is held open, and folders in it that were entered: most files lie in a few of them, and a path
//! need not be walked for each.

use std::fs::{File, Metadata};
use std::io;
use std::sync::{Arc, Mutex, PoisonError};

use super::name::check_name;
use super::problem::FileProblem;
use crate::site::platform::{Folder, Kind};

/// As many folders stay open beneath a root. Where a folder is known by its path only, none: what stands there now may
/// be a link by the time of the next file.
const MAX_ENTERED: usize = if cfg!(unix) { 8 } else { 0 };

/// A folder that is held open, and those in it that were entered last.
#[derive(Debug)]
pub(super) struct Entered {
    root: Folder,
    /// By path; the one that was entered first goes first.
    entered: Mutex<Vec<(String, Arc<Folder>)>>,
}

impl Entered {
    pub(super) fn new(root: Folder) -> Entered {
        Entered { root, entered: Mutex::default() }
    }

    pub(super) fn root(&self) -> &Folder {
        &self.root
    }

    /// Opens a file, through folders only.
    pub(super) fn open(&self, name: &str) -> Result<(File, Metadata), FileProblem> {
        check_name(name)?;
        let of_io = |e: io::Error| FileProblem::of_io(name.to_owned(), &e);
        let (folders, last) = name.rsplit_once('/').map_or((None, name), |(f, l)| (Some(f), l));
        let entered = folders.map(|f| self.enter(f)).transpose()?;
        let folder = entered.as_deref().unwrap_or(&self.root);
        match folder.kind(last).map_err(of_io)? {
            Kind::File => {}
            Kind::Link => return Err(FileProblem::Link { name: name.to_owned(), at: name.to_owned() }),
            Kind::Folder => return Err(FileProblem::IsFolder { name: name.to_owned() }),
            Kind::Other => return Err(FileProblem::NotAFile { name: name.to_owned() }),
        }
        let file = folder.open(last).map_err(of_io)?;
        // what was opened, not what stood there a moment ago
        let data = file.metadata().map_err(of_io)?;
        if data.is_file() { Ok((file, data)) } else { Err(FileProblem::NotAFile { name: name.to_owned() }) }
    }

    /// A folder, kept to save time. That no link leads to it is seen by [`enter`], once; held open it stays that
    /// folder, whatever takes its place.
    fn enter(&self, path: &str) -> Result<Arc<Folder>, FileProblem> {
        let entered = || self.entered.lock().unwrap_or_else(PoisonError::into_inner);
        let known = |entered: &[(String, Arc<Folder>)]| {
            entered.iter().find(|(name, _)| name == path).map(|(_, folder)| Arc::clone(folder))
        };
        if let Some(folder) = known(&entered()) {
            return Ok(folder);
        }
        // not under the lock: other threads read other files meanwhile
        let folder = Arc::new(enter(&self.root, path)?);
        let mut entered = entered();
        if let Some(folder) = known(&entered) {
            return Ok(folder);
        }
        entered.push((path.to_owned(), Arc::clone(&folder)));
        if entered.len() > MAX_ENTERED {
            entered.remove(0);
        }
        Ok(folder)
    }
}

/// A folder beneath another, each part of the path a folder itself and no link.
pub(super) fn enter(root: &Folder, path: &str) -> Result<Folder, FileProblem> {
    let mut folder: Option<Folder> = None;
    let mut end = 0;
    for part in path.split('/') {
        end += part.len() + usize::from(end > 0);
        let at = || path[..end].to_owned();
        let of_io = |e: io::Error| FileProblem::of_io(at(), &e);
        let parent = folder.as_ref().unwrap_or(root);
        match parent.kind(part).map_err(of_io)? {
            Kind::Folder => folder = Some(parent.enter(part).map_err(of_io)?),
            Kind::Link => return Err(FileProblem::Link { name: path.to_owned(), at: at() }),
            Kind::File | Kind::Other => return Err(FileProblem::NotAFolder { name: at() }),
        }
    }
    folder.ok_or_else(|| FileProblem::EmptyPart { name: path.to_owned() })
}
