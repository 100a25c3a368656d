//! Files of a site that change together: all of them, or none and what was there stays.
//!
//! For folders that are in git and that people share, such as `secrets/`: no list of ours lies there, files that are
//! not named stay byte for byte, and the few names of our own that may be left behind by a run that was killed are
//! ignored by git through a `.gitignore` of the folder's own.

use std::collections::BTreeSet;
use std::path::Path;

use super::super::platform::Kind;
use super::NewFile;
use super::place::{Found, OutFolder, create_one};
use super::switch::{Move, Walk};
use super::{ForGit, OURS, OutProblem, Steps, VERBATIM};
use crate::site::files::check_name;

/// Ignored is what a run may leave behind that was killed.
const FOR_GIT: ForGit = &[(".gitignore", ".fieldlock-*\n"), VERBATIM];

/// A folder of a site, locked for as long as the value lives.
#[derive(Debug)]
pub struct SiteFolder(OutFolder);

impl SiteFolder {
    /// Creates the folder where it is missing, and locks it. A change that was interrupted is finished. `state` is the
    /// person's own folder of states, where it is remembered what is under way.
    ///
    /// # Errors
    /// A link or a file stands in its place, somebody else holds it, or it can't be written.
    pub fn lock(path: &Path, state: Option<&Path>) -> Result<SiteFolder, OutProblem> {
        SiteFolder::lock_with(path, state, Steps::default())
    }

    /// Creates the folder where it is missing, and locks it: one that is going to be a site. Nothing for git is put
    /// into it.
    ///
    /// # Errors
    /// As of [`SiteFolder::lock`].
    pub fn begin(path: &Path, state: Option<&Path>) -> Result<SiteFolder, OutProblem> {
        Ok(SiteFolder(OutFolder::open(path, state, create_one, &[], Steps::default())?))
    }

    fn lock_with(path: &Path, state: Option<&Path>, steps: Steps) -> Result<SiteFolder, OutProblem> {
        Ok(SiteFolder(OutFolder::open(path, state, create_one, FOR_GIT, steps)?))
    }

    /// Locks a folder that is there and that is nobody's in particular, such as one on a stick: nothing for git is
    /// put into it.
    ///
    /// # Errors
    /// As of [`SiteFolder::lock`], and it is not there.
    pub fn there(path: &Path, state: Option<&Path>) -> Result<SiteFolder, OutProblem> {
        let missing = |_: &Path| Err(std::io::ErrorKind::NotFound.into());
        Ok(SiteFolder(OutFolder::open(path, state, missing, &[], Steps::default())?))
    }

    /// What was found in it when it was locked.
    pub fn found(&self) -> &Found {
        &self.0.found
    }

    /// Puts files into place, each for its owner alone; names have no folders in them. On any error everything is as it
    /// was.
    ///
    /// # Errors
    /// A link or anything but a regular file stands in a file's place, or it can't be written.
    pub fn replace(&self, files: &[(String, Vec<u8>)]) -> Result<(), OutProblem> {
        let mut moves = Vec::new();
        for (number, (name, _)) in files.iter().enumerate() {
            check_name(name).map_err(OutProblem::Name)?;
            let taken = name.starts_with(OURS) || name.contains('/');
            if taken || files.iter().filter(|(other, _)| other.eq_ignore_ascii_case(name)).count() > 1 {
                return Err(OutProblem::Taken { name: name.clone() });
            }
            let old = match self.0.folder.look(name).map_err(|e| OutProblem::write(name, &e))? {
                Some(Kind::File) => true,
                None => false,
                Some(_) => return Err(OutProblem::InTheWay { name: name.clone(), what: "a link or a folder" }),
            };
            moves.push(Move { name: name.clone(), number, new: true, old });
        }
        for (number, (name, bytes)) in files.iter().enumerate() {
            self.0.stage(number, bytes, true).map_err(|e| OutProblem::write(name, &e))?;
        }
        self.0.switch(&moves)
    }

    /// Puts new files into place and takes others away, in whatever folders beneath; one that is both put and taken is
    /// replaced. On any error everything is as it was.
    ///
    /// # Errors
    /// Something stands where a new file is to be, what is to go is no regular file, or it can't be written.
    pub fn change(&self, put: &[NewFile], take: &[String]) -> Result<(), OutProblem> {
        let new = |name: &String| put.iter().any(|(put, _)| put == name);
        let gone: Vec<&String> = take.iter().filter(|name| !new(name)).collect();
        let replaced: BTreeSet<&String> = take.iter().filter(|name| new(name)).collect();
        let names = put.iter().map(|(name, _)| (name, true)).chain(gone.into_iter().map(|name| (name, false)));
        let mut moves = Vec::new();
        for (number, (name, new)) in names.enumerate() {
            check_name(name).map_err(OutProblem::Name)?;
            if name.starts_with(OURS) || moves.iter().any(|m: &Move| m.name.eq_ignore_ascii_case(name)) {
                return Err(OutProblem::Taken { name: name.clone() });
            }
            let in_the_way = |what| Err(OutProblem::InTheWay { name: name.clone(), what });
            let mut walk = Walk::new(&self.0.folder);
            let Ok(place) = walk.to(name, false) else { return in_the_way("a link or a file in place of a folder") };
            let there = place.map(|(folder, last)| folder.look(last)).transpose();
            let there = there.map_err(|e| OutProblem::write(name, &e))?.flatten();
            match (there, new) {
                (None, true) | (Some(Kind::File), false) => {}
                (Some(Kind::File), true) if replaced.contains(name) => {}
                (Some(_), true) => return in_the_way("a file that is there already"),
                (_, false) => return in_the_way("no regular file"),
            }
            moves.push(Move { name: name.clone(), number, new, old: there.is_some() });
        }
        for (number, (name, bytes)) in put.iter().enumerate() {
            self.0.stage(number, bytes, false).map_err(|e| OutProblem::write(name, &e))?;
        }
        self.0.switch(&moves)
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::super::tests::{failing_at, killed_at, state, there};
    use super::super::{Interrupted, left};
    use super::*;

    fn files(of: &[(&str, &str)]) -> Vec<(String, Vec<u8>)> {
        of.iter().map(|(name, text)| ((*name).to_owned(), text.as_bytes().to_vec())).collect()
    }

    #[test]
    fn invariant_15_files_change_together_and_others_stay() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("secrets");
        let folder = SiteFolder::lock(&path, state()).unwrap();
        folder.replace(&files(&[("a.flk", "1"), ("b.flk", "1")])).unwrap();
        fs::write(path.join("other"), "kept").unwrap();
        folder.replace(&files(&[("b.flk", "2"), ("c.flk", "2")])).unwrap();
        let wanted = [("a.flk", "1"), ("b.flk", "2"), ("c.flk", "2"), ("other", "kept")];
        assert_eq!(there(&path), wanted.map(|(n, t)| (n.to_owned(), t.to_owned())).into());
        assert!(matches!(SiteFolder::lock(&path, state()), Err(OutProblem::Busy { .. })));
        assert_eq!(fs::read_to_string(path.join(".gitignore")).unwrap(), ".fieldlock-*\n");
    }

    /// Invariant 15: all or nothing, wherever the disk fails.
    #[test]
    fn invariant_15_whatever_step_fails_the_files_stay_as_they_were() {
        for failing in 0.. {
            let temp = tempfile::tempdir().unwrap();
            let path = temp.path().join("secrets");
            SiteFolder::lock(&path, state()).unwrap().replace(&files(&[("a.flk", "1"), ("b.flk", "1")])).unwrap();
            let before = there(&path);
            // two files are written, then the moves begin
            let steps = failing_at(failing, failing.checked_sub(2).unwrap_or(usize::MAX));
            let folder = SiteFolder::lock_with(&path, state(), steps).unwrap();
            if folder.replace(&files(&[("a.flk", "2"), ("c.flk", "2")])).is_ok() {
                assert!(failing >= 6, "only {failing} steps can fail");
                return;
            }
            drop(folder);
            assert_eq!(there(&path), before, "step {failing}");
            let next = SiteFolder::lock(&path, state()).unwrap();
            assert_eq!(next.found().interrupted, None, "step {failing}");
        }
    }

    /// Invariant 15: over folders too, with files that go.
    #[test]
    fn invariant_15_files_of_several_folders_move_together_or_not_at_all() {
        let moved = files(&[("retired/a.kdl", "1"), ("records/a.kdl", "2")]);
        let take = ["devices/a.kdl".to_owned()];
        for failing in 0.. {
            let temp = tempfile::tempdir().unwrap();
            let path = temp.path().join("site");
            fs::create_dir_all(path.join("devices")).unwrap();
            fs::write(path.join("devices/a.kdl"), "1").unwrap();
            fs::write(path.join("devices/b.kdl"), "b").unwrap();
            let before = there(&path);
            let steps = failing_at(failing, failing.checked_sub(2).unwrap_or(usize::MAX));
            let folder = SiteFolder::lock_with(&path, state(), steps).unwrap();
            let done = folder.change(&moved, &take);
            drop(folder);
            let now: Vec<String> = there(&path).into_keys().filter(|name| !name.starts_with('.')).collect();
            if done.is_ok() {
                assert!(failing >= 5, "only {failing} steps can fail");
                assert_eq!(
                    now,
                    ["devices/", "devices/b.kdl", "records/", "records/a.kdl", "retired/", "retired/a.kdl"]
                );
                let again = SiteFolder::there(&path, state()).unwrap();
                let there_already = again.change(&moved, &[]);
                assert!(matches!(there_already, Err(OutProblem::InTheWay { .. })));
                assert!(matches!(again.change(&[], &take), Err(OutProblem::InTheWay { .. })), "it is gone");
                return;
            }
            let names: Vec<String> = before.into_keys().filter(|name| !name.starts_with('.')).collect();
            assert_eq!(now, names, "step {failing}");
        }
    }

    /// Invariant 15: what is named for both is replaced, and only a regular file.
    #[test]
    fn invariant_15_a_file_is_replaced_where_that_was_asked_for() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("site");
        fs::create_dir(&path).unwrap();
        fs::write(path.join("site.kdl"), "1").unwrap();
        let folder = SiteFolder::there(&path, state()).unwrap();
        let new = files(&[("site.kdl", "2"), ("packs/own/pack.kdl", "p")]);
        assert!(matches!(folder.change(&new, &[]), Err(OutProblem::InTheWay { .. })));
        assert_eq!(fs::read_to_string(path.join("site.kdl")).unwrap(), "1");
        folder.change(&new, &["site.kdl".to_owned()]).unwrap();
        assert_eq!(fs::read_to_string(path.join("site.kdl")).unwrap(), "2");
        assert_eq!(fs::read_to_string(path.join("packs/own/pack.kdl")).unwrap(), "p");
    }

    #[test]
    fn a_change_that_was_killed_is_finished_by_the_next_and_told() {
        let mut finished = 0;
        for killed in 0..8 {
            let temp = tempfile::tempdir().unwrap();
            let path = temp.path().join("secrets");
            SiteFolder::lock(&path, state()).unwrap().replace(&files(&[("a.flk", "1"), ("b.flk", "1")])).unwrap();
            let _ = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
                let folder = SiteFolder::lock_with(&path, state(), killed_at(killed)).unwrap();
                folder.replace(&files(&[("a.flk", "2"), ("b.flk", "2")]))
            }));
            let told = left(&path, state()).between.is_some();
            let next = SiteFolder::lock(&path, state()).unwrap();
            assert_eq!(next.found().interrupted.is_some(), told);
            assert_ne!(next.found().interrupted, Some(Interrupted::Lost));
            finished += usize::from(told);
            let now: Vec<String> = there(&path).into_values().collect();
            assert!(now == ["1", "1"] && killed == 0 || now == ["2", "2"] && killed > 0, "{killed}: {now:?}");
        }
        assert!(finished > 3, "only {finished}");
    }

    #[test]
    #[cfg(unix)]
    fn invariant_15_nothing_is_written_through_a_link() {
        let temp = tempfile::tempdir().unwrap();
        let path = temp.path().join("secrets");
        let folder = SiteFolder::lock(&path, state()).unwrap();
        fs::write(temp.path().join("target"), "kept").unwrap();
        std::os::unix::fs::symlink("../target", path.join("a.flk")).unwrap();
        let refused = folder.replace(&files(&[("b.flk", "2"), ("a.flk", "2")]));
        assert!(matches!(refused, Err(OutProblem::InTheWay { .. })));
        assert!(!path.join("b.flk").exists() && fs::read_to_string(temp.path().join("target")).unwrap() == "kept");
        for name in ["../x", "x/y", ".fieldlock-files", "/x"] {
            assert!(folder.replace(&files(&[(name, "2")])).is_err(), "{name}");
        }
        std::os::unix::fs::symlink(&path, temp.path().join("link")).unwrap();
        assert!(matches!(SiteFolder::lock(&temp.path().join("link"), state()), Err(OutProblem::IsLink { .. })));
    }
}
