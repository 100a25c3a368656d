//! Files of a site that change together: all of them, or none and what was there stays.
//!
//! For folders that are in git and that people share, such as `secrets/`: no list of ours lies there, files that are not
//! named stay byte for byte, and the few names of our own that may be left behind by a run that was killed are ignored by
//! git through a `.gitignore` of the folder's own.

use std::fs::{self, File, TryLockError};
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use super::super::platform::{self, Kind};
use super::{DONE, LOCK, OutProblem, PREVIOUS, STAGING, Steps, clear, commit};
use crate::site::files::check_name;

/// A folder of a site, locked for as long as the value lives.
#[derive(Debug)]
pub struct SiteFolder {
    path: PathBuf,
    steps: Steps,
    _lock: File,
}

impl SiteFolder {
    /// Creates the folder where it is missing, and locks it. What a run that was killed had moved away is put back.
    ///
    /// # Errors
    /// A link or a file stands in its place, somebody else holds it, or it can't be written.
    pub fn lock(path: &Path) -> Result<SiteFolder, OutProblem> {
        let steps = Steps { write: Box::new(|f, b| f.write_all(b)), rename: Box::new(|a, b| fs::rename(a, b)) };
        SiteFolder::lock_with(path, steps)
    }

    fn lock_with(path: &Path, steps: Steps) -> Result<SiteFolder, OutProblem> {
        let path: PathBuf = path.components().collect();
        let shown = || path.display().to_string();
        match platform::kind_of(&path) {
            Ok(None) => fs::create_dir(&path).map_err(|e| OutProblem::cannot_create(shown(), &e))?,
            Ok(Some(Kind::Folder)) => {}
            Ok(Some(Kind::Link)) => return Err(OutProblem::IsLink { path: shown() }),
            Ok(Some(_)) => return Err(OutProblem::IsFile { path: shown() }),
            Err(e) => return Err(OutProblem::cannot_create(shown(), &e)),
        }
        let write = |e: io::Error| OutProblem::cannot_write(shown(), &e);
        let lock = platform::open_lock(&path.join(LOCK)).map_err(write)?;
        match lock.try_lock() {
            Ok(()) => {}
            Err(TryLockError::WouldBlock) => return Err(OutProblem::Busy { path: shown() }),
            Err(TryLockError::Error(e)) => return Err(write(e)),
        }
        commit::recover(&path).map_err(write)?;
        ignore(&path).map_err(write)?;
        Ok(SiteFolder { path, steps, _lock: lock })
    }

    /// Puts files into place, each for its owner alone; names have no folders in them. On any error everything is as it
    /// was.
    ///
    /// # Errors
    /// A link or anything but a regular file stands in a file's place, or it can't be written.
    pub fn replace(&self, files: &[(String, Vec<u8>)]) -> Result<(), OutProblem> {
        let mut fresh = String::new();
        for (name, _) in files {
            check_name(name).map_err(OutProblem::Name)?;
            let taken = name.starts_with(".fieldlock-") || name.contains('/');
            if taken || files.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count() > 1 {
                return Err(OutProblem::Taken { name: name.clone() });
            }
            match platform::kind_of(&self.path.join(name)).map_err(|e| OutProblem::write(name, &e))? {
                Some(Kind::File) => {}
                None => fresh.push_str(&format!("{name}\n")),
                Some(_) => return Err(OutProblem::InTheWay { name: name.clone(), what: "a link or a folder" }),
            }
        }
        let staging = self.path.join(STAGING);
        let done = self.stage(&staging, files, &fresh).and_then(|()| self.place(&staging, files));
        // ours, and empty but for what failed
        let _ = clear(&staging);
        done
    }

    fn stage(&self, staging: &Path, files: &[(String, Vec<u8>)], fresh: &str) -> Result<(), OutProblem> {
        let whole = |e: io::Error| OutProblem::cannot_write(self.path.display().to_string(), &e);
        clear(staging).and_then(|()| platform::create_private_folder(staging)).map_err(whole)?;
        for (name, bytes) in files {
            let write = || -> io::Result<()> {
                let mut file = platform::create_new(&staging.join(name), true)?;
                (self.steps.write)(&mut file, bytes)?;
                file.sync_all()
            };
            write().map_err(|e| OutProblem::write(name, &e))?;
        }
        commit::begin(&self.path, staging, fresh, &self.steps).map_err(|e| commit::taken_back(&self.path, whole(e)))
    }

    fn place(&self, staging: &Path, files: &[(String, Vec<u8>)]) -> Result<(), OutProblem> {
        let back = |problem| commit::taken_back(&self.path, problem);
        for (name, _) in files {
            let aside = commit::set_aside(&self.path, name, &self.steps);
            let placed = aside.and_then(|()| (self.steps.rename)(&staging.join(name), &self.path.join(name)));
            placed.map_err(|e| back(OutProblem::write(name, &e)))?;
        }
        let ended = (self.steps.rename)(&self.path.join(PREVIOUS), &self.path.join(DONE));
        ended.map_err(|e| back(OutProblem::cannot_write(self.path.display().to_string(), &e)))?;
        // it counts; what can't be cleared now, the next one clears
        let _ = clear(&self.path.join(DONE));
        Ok(())
    }
}

/// Keeps what a run may leave behind out of git.
fn ignore(folder: &Path) -> io::Result<()> {
    let path = folder.join(".gitignore");
    if platform::kind_of(&path)?.is_none() {
        platform::create_new(&path, false)?.write_all(b".fieldlock-*\n")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    fn files(of: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
        of.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    fn there(folder: &Path) -> Vec<(String, String)> {
        let mut found = Vec::new();
        for entry in fs::read_dir(folder).unwrap().map(Result::unwrap) {
            let name = entry.file_name().into_string().unwrap();
            if ![LOCK, ".gitignore"].contains(&name.as_str()) {
                found.push((name, fs::read_to_string(entry.path()).unwrap()));
            }
        }
        found.sort();
        found
    }

    #[test]
    fn invariant_15_files_change_together_and_others_stay() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("secrets");
        let folder = SiteFolder::lock(&path).unwrap();
        folder.replace(&files(&[("a.flk", "1"), ("b.flk", "1")])).unwrap();
        fs::write(path.join("other"), "kept").unwrap();
        folder.replace(&files(&[("b.flk", "2"), ("c.flk", "2")])).unwrap();
        let wanted = [("a.flk", "1"), ("b.flk", "2"), ("c.flk", "2"), ("other", "kept")];
        assert_eq!(there(&path), wanted.map(|(n, t)| (n.to_owned(), t.to_owned())));
        assert!(matches!(SiteFolder::lock(&path), Err(OutProblem::Busy { .. })));
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(path.join("c.flk")).unwrap().permissions().mode() & 0o777, 0o600);
        }
    }

    #[test]
    fn invariant_15_whatever_step_fails_everything_stays() {
        for failing in 0.. {
            let temp = tempfile::tempdir().unwrap();
            let path = temp.path().join("secrets");
            SiteFolder::lock(&path).unwrap().replace(&files(&[("a.flk", "1"), ("b.flk", "1")])).unwrap();
            let before = there(&path);
            let count = std::sync::Arc::new(AtomicUsize::new(0));
            let step = move || match count.fetch_add(1, Ordering::Relaxed) == failing {
                true => Err(io::Error::from(io::ErrorKind::StorageFull)),
                false => Ok(()),
            };
            let (write, rename) = (step.clone(), step);
            let steps = Steps {
                write: Box::new(move |f, b| write().and_then(|()| f.write_all(b))),
                rename: Box::new(move |a, b| rename().and_then(|()| fs::rename(a, b))),
            };
            let done = SiteFolder::lock_with(&path, steps).unwrap().replace(&files(&[("a.flk", "2"), ("c.flk", "2")]));
            if done.is_ok() {
                assert!(failing >= 5, "only {failing} steps can fail");
                return;
            }
            assert_eq!(there(&path), before, "step {failing}");
        }
    }

    #[test]
    #[cfg(unix)]
    fn invariant_15_nothing_is_written_through_a_link() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("secrets");
        let folder = SiteFolder::lock(&path).unwrap();
        fs::write(temp.path().join("target"), "kept").unwrap();
        std::os::unix::fs::symlink("../target", path.join("a.flk")).unwrap();
        let refused = folder.replace(&files(&[("b.flk", "2"), ("a.flk", "2")]));
        assert!(matches!(refused, Err(OutProblem::InTheWay { .. })));
        assert!(!path.join("b.flk").exists() && fs::read_to_string(temp.path().join("target")).unwrap() == "kept");
        for name in ["../x", "x/y", ".fieldlock-files", "/x"] {
            assert!(folder.replace(&files(&[(name, "2")])).is_err(), "{name}");
        }
        std::os::unix::fs::symlink(&path, temp.path().join("link")).unwrap();
        assert!(matches!(SiteFolder::lock(&temp.path().join("link")), Err(OutProblem::IsLink { .. })));
    }
}
