//! Files that are put into a folder which others had before: a stick, a clone. No link in it leads out of it.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::platform::{self, Folder, Kind};
use super::switch::enter;
use super::{Access, OURS, OutProblem};
use crate::site::files::{Root, check_name};

/// A folder in one that a person chose: held open, and no link.
#[derive(Debug)]
pub struct Within {
    folder: Folder,
    root: Root,
}

impl Within {
    /// Opens it, made where it is missing. Links in the path of `above` are the person's own.
    ///
    /// # Errors
    /// A link or a file stands in its place, or it can't be made.
    pub fn open(above: &Path, name: &str) -> Result<Within, OutProblem> {
        check_name(name).map_err(OutProblem::Name)?;
        let path = above.join(name);
        let shown = || path.display().to_string();
        let open = || -> io::Result<Option<Within>> {
            fs::create_dir_all(above)?;
            let Some(folder) = enter(&Folder::open_root(above)?, name, true)? else { return Ok(None) };
            let root = Root::of(&path, folder.enter(".")?);
            Ok(Some(Within { folder, root }))
        };
        let missing = || OutProblem::cannot_create(shown(), &io::ErrorKind::NotFound.into());
        let opened = open().map_err(|error| match platform::kind_of(&path) {
            Ok(Some(kind)) if kind != Kind::Folder => OutProblem::InTheWay { name: shown(), what: kind.words() },
            _ => OutProblem::cannot_create(shown(), &error),
        });
        opened?.ok_or_else(missing)
    }

    /// Puts a file into it, whole or not at all; with `replace` in the place of one that is there. The very same may
    /// lie there already.
    ///
    /// # Errors
    /// Something else stands in its place, or it can't be written.
    pub fn put(&self, name: &str, bytes: &[u8], access: Access, replace: bool) -> Result<PathBuf, OutProblem> {
        check_name(name).map_err(OutProblem::Name)?;
        let path = self.root.path().join(name);
        let shown = || path.display().to_string();
        if self.root.holds(name, bytes) {
            return Ok(path);
        }
        let failed = |error: io::Error| OutProblem::write(&shown(), &error);
        match self.folder.look(name).map_err(failed)? {
            None => {}
            Some(Kind::File) if replace => {}
            Some(kind) => return Err(OutProblem::InTheWay { name: shown(), what: kind.words() }),
        }
        self.write(bytes, access, |beside| self.folder.rename(beside, &self.folder, name)).map_err(failed)?;
        Ok(path)
    }

    /// That a file can be put into it, before there is one.
    ///
    /// # Errors
    /// It can't.
    pub fn try_out(&self) -> Result<(), OutProblem> {
        let tried = self.write(b"", Access::Everyone, |beside| self.folder.remove(beside));
        tried.map_err(|error| OutProblem::cannot_write(self.root.path().display().to_string(), &error))
    }

    /// Writes a file of our own, and does something with it once all of it is on the disk.
    fn write(&self, bytes: &[u8], access: Access, then: impl FnOnce(&str) -> io::Result<()>) -> io::Result<()> {
        let beside = format!("{OURS}{}", std::process::id());
        let mut file = self.folder.create(&beside, access == Access::Owner)?;
        let done = file.write_all(bytes).and_then(|()| file.sync_all());
        let done = done.and_then(|()| then(&beside)).and_then(|()| self.folder.sync());
        done.inspect_err(|_| drop(self.folder.remove(&beside)))
    }
}
