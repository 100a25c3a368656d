//! A folder of the person's own, beside no site: small files in it change under a lock, whole or not at all.

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use super::super::platform::{self, Folder};
use super::{Access, OutProblem, write_file};
use crate::site::files::check_name;

const LOCK: &str = ".lock";

/// A folder that only its owner may enter, locked for as long as the value lives. Whoever else wants to change
/// something in it waits.
#[derive(Debug)]
pub struct OwnFolder {
    path: PathBuf,
    _lock: File,
}

impl OwnFolder {
    /// Creates the folder where it is missing, and locks it.
    ///
    /// # Errors
    /// Something else stands in its place, or it can't be written.
    pub fn lock(path: &Path) -> Result<OwnFolder, OutProblem> {
        let shown = || path.display().to_string();
        let create = |e: io::Error| OutProblem::cannot_create(shown(), &e);
        if let Some(parent) = path.parent() {
            fs::create_dir_all(parent).map_err(create)?;
        }
        match platform::create_private_folder(path) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists && path.is_dir() => {}
            other => other.map_err(create)?,
        }
        let write = |e: io::Error| OutProblem::cannot_write(shown(), &e);
        let lock = platform::open_lock(&path.join(LOCK)).map_err(write)?;
        lock.lock().map_err(write)?;
        Ok(OwnFolder { path: path.to_owned(), _lock: lock })
    }

    /// Puts a file into place of the one there, for its owner alone. On any error the old one is as it was.
    ///
    /// # Errors
    /// A link or a folder stands in its place, or it can't be written.
    pub fn replace(&self, name: &str, bytes: &[u8]) -> Result<(), OutProblem> {
        check_name(name).map_err(OutProblem::Name)?;
        write_file(&self.path.join(name), bytes, Access::Owner, true)?;
        Folder::open_root(&self.path).and_then(|folder| folder.sync()).map_err(|error| OutProblem::write(name, &error))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_are_replaced_whole_and_are_the_owners_alone() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("state/fieldlock");
        for text in [b"one".as_slice(), b"another"] {
            OwnFolder::lock(&path).unwrap().replace("seen.json", text).unwrap();
            assert_eq!(fs::read(path.join("seen.json")).unwrap(), text);
        }
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = |p: &Path| fs::metadata(p).unwrap().permissions().mode() & 0o777;
            assert_eq!((mode(&path), mode(&path.join("seen.json"))), (0o700, 0o600));
        }
    }

    #[test]
    fn nothing_is_written_through_a_link_or_outside() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("own");
        let folder = OwnFolder::lock(&path).unwrap();
        fs::create_dir(path.join("folder")).unwrap();
        #[cfg(unix)]
        {
            fs::write(temp.path().join("target"), "kept").unwrap();
            std::os::unix::fs::symlink("../target", path.join("link")).unwrap();
            assert!(matches!(folder.replace("link", b"x"), Err(OutProblem::InTheWay { .. })));
            assert_eq!(fs::read(temp.path().join("target")).unwrap(), b"kept");
        }
        assert!(matches!(folder.replace("folder", b"x"), Err(OutProblem::InTheWay { .. })));
        assert!(folder.replace("../x", b"x").is_err());
    }

    #[test]
    fn two_writers_wait_for_each_other() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("own");
        let add = || {
            let folder = OwnFolder::lock(&path).unwrap();
            let before = fs::read_to_string(path.join("n")).unwrap_or_default();
            folder.replace("n", format!("{before}x").as_bytes()).unwrap();
        };
        std::thread::scope(|scope| {
            for _ in 0..8 {
                scope.spawn(add);
            }
        });
        assert_eq!(fs::read_to_string(path.join("n")).unwrap(), "xxxxxxxx");
    }
}
