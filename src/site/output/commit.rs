//! The renames of a commit, and how they are taken back.
//!
//! `.fieldlock-previous` holds, under their own names, the files that the commit moved away, and a list of those that
//! are new. Renaming that folder to `.fieldlock-done` is the moment from which the commit counts.

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::super::platform::{self, Kind};
use super::{DONE, LIST, OutProblem, PREVIOUS, STAGING, Steps, Written, clear};
use crate::site::files::check_name;

/// In [`PREVIOUS`]: names of files that had no predecessor.
const NEW: &str = ".fieldlock-new";

pub(super) fn commit(
    out: &Path,
    ours: &BTreeSet<String>,
    files: BTreeMap<String, Option<PathBuf>>,
    steps: &Steps,
) -> Result<Written, OutProblem> {
    let stale: Vec<String> = ours.iter().filter(|n| !files.contains_key(*n)).cloned().collect();
    // the list would be the same too: a folder that nothing is written to can't end half written
    if stale.is_empty() && files.len() == ours.len() && files.values().all(Option::is_none) {
        return Ok(Written { written: Vec::new(), removed: stale });
    }
    let mut folders = Folders { out, seen: HashSet::new() };
    let (mut fresh, mut replaced) = (String::new(), HashSet::new());
    for name in files.iter().filter(|(_, staged)| staged.is_some()).map(|(n, _)| n) {
        if check_target(&mut folders, ours, name)?.is_none() {
            fresh.push_str(name);
            fresh.push('\n');
        } else {
            replaced.insert(name.as_str());
        }
    }
    if platform::kind_of(&out.join(LIST)).map_err(|e| OutProblem::write(LIST, &e))?.is_none() {
        fresh.push_str(LIST);
        fresh.push('\n');
    }
    let list: String = files.keys().map(|n| format!("{n}\n")).collect();
    let whole = |e: &io::Error| OutProblem::cannot_write(out.display().to_string(), e);
    let staging = out.join(STAGING);
    let staged_list = staging.join("list");
    let prepare = || -> io::Result<()> {
        write_new(&staged_list, &list, steps)?;
        begin(out, &staging, &fresh, steps)
    };
    if let Err(e) = prepare() {
        return Err(taken_back(out, whole(&e)));
    }
    for name in stale.iter().map(String::as_str).chain([LIST]) {
        set_aside(out, name, steps).map_err(|e| taken_back(out, OutProblem::write(name, &e)))?;
    }
    let mut made = HashSet::new();
    for (name, staged) in &files {
        let Some(staged) = staged else { continue };
        let aside = if replaced.contains(name.as_str()) { set_aside(out, name, steps) } else { Ok(()) };
        aside
            .and_then(|()| place(out, name, staged, &mut made, steps))
            .map_err(|e| taken_back(out, OutProblem::write(name, &e)))?;
    }
    (steps.rename)(&staged_list, &out.join(LIST))
        .and_then(|()| (steps.rename)(&out.join(PREVIOUS), &out.join(DONE)))
        .map_err(|e| taken_back(out, whole(&e)))?;
    // the commit counts; what can't be cleared now, the next build clears
    let _ = clear(&out.join(DONE));
    for name in &stale {
        remove_empty_parents(out, name);
    }
    let written = files.into_iter().filter(|(_, staged)| staged.is_some()).map(|(name, _)| name).collect();
    Ok(Written { written, removed: stale })
}

/// From here on files may be moved away: `fresh` names those that had no predecessor, a line each.
pub(super) fn begin(out: &Path, staging: &Path, fresh: &str, steps: &Steps) -> io::Result<()> {
    // half a name could be the name of another file: it comes into force whole
    let staged_new = staging.join(".fieldlock-new");
    write_new(&staged_new, fresh, steps)?;
    platform::create_private_folder(&out.join(PREVIOUS))?;
    (steps.rename)(&staged_new, &out.join(PREVIOUS).join(NEW))
}

/// Puts back what a commit that didn't end had moved away; nothing to do where the last one ended.
pub(super) fn recover(out: &Path) -> io::Result<()> {
    let previous = out.join(PREVIOUS);
    if platform::kind_of(&previous)? == Some(Kind::Folder) {
        let fresh = match fs::read(previous.join(NEW)) {
            Ok(bytes) => String::from_utf8_lossy(&bytes).into_owned(),
            Err(e) if e.kind() == io::ErrorKind::NotFound => String::new(),
            Err(e) => return Err(e),
        };
        for name in fresh.lines().filter(|n| check_name(n).is_ok()) {
            if parents_are_folders(out, name)? && platform::kind_of(&out.join(name))? == Some(Kind::File) {
                fs::remove_file(out.join(name))?;
            }
            remove_empty_parents(out, name);
        }
        put_back(&previous, out)?;
    }
    clear(&previous)?;
    clear(&out.join(DONE))
}

fn put_back(from: &Path, to: &Path) -> io::Result<()> {
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (source, target) = (entry.path(), to.join(entry.file_name()));
        if entry.file_name() == NEW {
            continue;
        }
        if entry.file_type()?.is_dir() {
            fs::create_dir_all(&target)?;
            put_back(&source, &target)?;
        } else {
            fs::rename(source, target)?;
        }
    }
    Ok(())
}

/// The problem, after everything is as it was; another one where that failed too.
pub(super) fn taken_back(out: &Path, problem: OutProblem) -> OutProblem {
    match recover(out) {
        Ok(()) => problem,
        Err(e) => OutProblem::halfway(out.display().to_string(), &problem, &e),
    }
}

/// What stands where a file is to stand; refused where that isn't ours to replace.
fn check_target(folders: &mut Folders<'_>, ours: &BTreeSet<String>, name: &str) -> Result<Option<Kind>, OutProblem> {
    let write = |e: io::Error| OutProblem::write(name, &e);
    if !folders.hold(name).map_err(write)? {
        return Err(OutProblem::InTheWay {
            name: name.to_owned(),
            what: "a link or a file in place of one of its folders",
        });
    }
    match platform::kind_of(&folders.out.join(name)).map_err(write)? {
        Some(Kind::Folder) => Err(OutProblem::InTheWay { name: name.to_owned(), what: "a folder" }),
        Some(Kind::Other) => Err(OutProblem::InTheWay { name: name.to_owned(), what: "no regular file" }),
        Some(Kind::File) if !ours.contains(name) => {
            Err(OutProblem::InTheWay { name: name.to_owned(), what: "a file that no build left there" })
        }
        other => Ok(other),
    }
}

/// Folders beneath the output folder. Those that were seen are not looked at again for each of their files.
struct Folders<'a> {
    out: &'a Path,
    seen: HashSet<String>,
}

impl Folders<'_> {
    /// Whether each folder of a name is one, or doesn't exist yet.
    fn hold(&mut self, name: &str) -> io::Result<bool> {
        for (at, _) in name.match_indices('/') {
            let folder = &name[..at];
            if self.seen.contains(folder) {
                continue;
            }
            match platform::kind_of(&self.out.join(folder))? {
                Some(Kind::Folder) => drop(self.seen.insert(folder.to_owned())),
                None => return Ok(true),
                Some(_) => return Ok(false),
            }
        }
        Ok(true)
    }
}

fn parents_are_folders(out: &Path, name: &str) -> io::Result<bool> {
    Folders { out, seen: HashSet::new() }.hold(name)
}

/// `made` are the folders that this commit made sure of.
fn place<'n>(out: &Path, name: &'n str, staged: &Path, made: &mut HashSet<&'n str>, steps: &Steps) -> io::Result<()> {
    let folder = name.rsplit_once('/').map_or("", |(folder, _)| folder);
    if made.insert(folder) {
        fs::create_dir_all(out.join(folder))?;
    }
    (steps.rename)(staged, &out.join(name))
}

pub(super) fn set_aside(out: &Path, name: &str, steps: &Steps) -> io::Result<()> {
    let (target, aside) = (out.join(name), out.join(PREVIOUS).join(name));
    let kind = if parents_are_folders(out, name)? { platform::kind_of(&target)? } else { None };
    if !matches!(kind, Some(Kind::File | Kind::Link)) {
        return Ok(());
    }
    if let Some(folder) = aside.parent() {
        fs::create_dir_all(folder)?;
    }
    (steps.rename)(&target, &aside)
}

fn write_new(path: &Path, text: &str, steps: &Steps) -> io::Result<()> {
    let mut file = platform::create_new(path, false)?;
    (steps.write)(&mut file, text.as_bytes())?;
    file.sync_all()
}

fn remove_empty_parents(out: &Path, name: &str) {
    for (at, _) in name.rmatch_indices('/') {
        // fails on a folder with something in it, as it should
        if fs::remove_dir(out.join(&name[..at])).is_err() {
            return;
        }
    }
}
