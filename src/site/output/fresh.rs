//! A new folder of files: there whole, or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::platform;
use super::{Access, IGNORED, OutProblem};
use crate::site::files::check_name;

/// A folder in the making, beside the place that it will have. Dropped unfinished it leaves nothing.
#[derive(Debug)]
pub struct NewFolder {
    path: PathBuf,
    staging: PathBuf,
    finished: bool,
}

impl NewFolder {
    /// Begins one. Only its owner may enter it, where the file system keeps permissions.
    ///
    /// # Errors
    /// Something stands in its place, or the folder above can't be written.
    pub fn create(path: &Path) -> Result<NewFolder, OutProblem> {
        // without a slash at the end, which would follow a link
        let path: PathBuf = path.components().collect();
        let shown = || path.display().to_string();
        match platform::kind_of(&path) {
            Ok(None) => {}
            Ok(Some(_)) => return Err(OutProblem::InTheWay { name: shown(), what: "a file or folder" }),
            Err(error) => return Err(OutProblem::cannot_create(shown(), &error)),
        }
        let mut name = std::ffi::OsString::from(".");
        name.push(path.file_name().unwrap_or_default());
        name.push(format!(".{}.new", std::process::id()));
        let staging = path.with_file_name(name);
        platform::create_private_folder(&staging).map_err(|error| OutProblem::cannot_create(shown(), &error))?;
        Ok(NewFolder { path, staging, finished: false })
    }

    /// Puts a file into it. From any thread.
    ///
    /// # Errors
    /// The name can't be a file's or is taken, or the file can't be written.
    pub fn add(&self, name: &str, bytes: &[u8], access: Access) -> Result<(), OutProblem> {
        check_name(name).map_err(OutProblem::Name)?;
        let target = self.staging.join(name);
        let write = || -> io::Result<()> {
            if let Some(folder) = target.parent() {
                fs::create_dir_all(folder)?;
            }
            let mut file = platform::create_new(&target, access == Access::Owner)?;
            file.write_all(bytes)?;
            file.sync_all()
        };
        write().map_err(|error| OutProblem::write(name, &error))
    }

    /// Keeps it out of git, as an output folder is: nothing of it is a source.
    ///
    /// # Errors
    /// As of [`NewFolder::add`].
    pub fn ignore(&self) -> Result<(), OutProblem> {
        self.add(IGNORED.0, IGNORED.1.as_bytes(), Access::Everyone)
    }

    /// Gives it its place.
    ///
    /// # Errors
    /// Something stands there by now, or the folder above can't be written; nothing is left then.
    pub fn finish(mut self) -> Result<(), OutProblem> {
        let shown = self.path.display().to_string();
        // a rename would take the place of an empty folder that came to stand there
        match platform::kind_of(&self.path) {
            Ok(None) => {}
            Ok(Some(_)) => return Err(OutProblem::InTheWay { name: shown, what: "a file or folder" }),
            Err(error) => return Err(OutProblem::cannot_create(shown, &error)),
        }
        platform::rename(&self.staging, &self.path).map_err(|error| OutProblem::cannot_create(shown, &error))?;
        self.finished = true;
        Ok(())
    }
}

impl Drop for NewFolder {
    fn drop(&mut self) {
        if !self.finished {
            // ours, and nobody's any more
            let _ = fs::remove_dir_all(&self.staging);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_there_whole_or_not_at_all() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("stick");
        let count = || fs::read_dir(temp.path()).unwrap().count();
        let folder = NewFolder::create(&path).unwrap();
        folder.add("images/np07.flk", b"x", Access::Owner).unwrap();
        assert!(folder.add("images/np07.flk", b"y", Access::Owner).is_err(), "twice");
        assert!(folder.add("../x", b"y", Access::Everyone).is_err());
        assert!(!path.exists());
        drop(folder);
        assert_eq!(count(), 0);

        let folder = NewFolder::create(&path).unwrap();
        folder.add("images/np07.flk", b"x", Access::Owner).unwrap();
        folder.finish().unwrap();
        assert_eq!(fs::read(path.join("images/np07.flk")).unwrap(), b"x");
        assert!(matches!(NewFolder::create(&path), Err(OutProblem::InTheWay { .. })));
        assert_eq!(count(), 1);
    }

    #[test]
    fn what_came_to_stand_there_stays() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("stick");
        let folder = NewFolder::create(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(folder.finish().is_err());
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1);
    }
}
