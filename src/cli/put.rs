//! Puts new files into a folder: all of them or none, and in the place of none that is there.

use std::path::Path;

use fieldlock::site::output::{NewFile, OutProblem, SiteFolder};

use super::problem::Problem;
use super::{folders, interrupted, site, terminal};

const UNTOUCHED: &str = "nothing was written";

/// Into a folder that is made where it is missing.
pub(crate) fn into_new(folder: &Path, files: &[NewFile]) -> Result<(), Problem> {
    site::stays(folder)?;
    free(folder, files)?;
    let made = folder.symlink_metadata().is_err();
    let done = SiteFolder::begin(folder, folders::kept().as_deref())
        .map_err(|why| unwritten(&why))
        .and_then(|locked| change(&locked, files, &[]));
    if made && done.is_err() {
        // only where nothing else has come into it
        let _ = std::fs::remove_dir(folder);
    }
    done
}

/// Into a site, and in the place of those of its files that are named with what stands in them.
pub(crate) fn into_site(folder: &Path, files: &[NewFile], replaced: &[NewFile]) -> Result<(), Problem> {
    let new = |file: &&NewFile| !replaced.iter().any(|(name, _)| *name == file.0);
    free(folder, &files.iter().filter(new).cloned().collect::<Vec<_>>())?;
    let locked = lock(folder)?;
    let root = fieldlock::site::files::Root::open(folder)?;
    if let Some((name, _)) = replaced.iter().find(|(name, bytes)| !root.holds(name, bytes)) {
        return Err(Problem::invalid(format!("`{name}` was changed meanwhile")).help("do it again").state(UNTOUCHED));
    }
    let take: Vec<String> = replaced.iter().map(|(name, _)| name.clone()).collect();
    change(&locked, files, &take)
}

/// Puts files into a folder that is locked and takes others away, and remembers that it did.
pub(crate) fn change(locked: &SiteFolder, put: &[NewFile], take: &[String]) -> Result<(), Problem> {
    locked.change(put, take).map_err(|why| unwritten(&why))?;
    let gone = take.iter().filter(|name| !put.iter().any(|(new, _)| new == *name)).count();
    terminal::did(format!("the site is changed all the same (files written: {}, gone: {gone})", put.len()));
    Ok(())
}

/// Locks a site before anything of it is read, so that what was looked at is what is written into; not to try it out.
pub(crate) fn lock_unless(dry_run: bool, folder: &Path) -> Result<Option<SiteFolder>, Problem> {
    (!dry_run).then(|| lock(folder)).transpose()
}

fn lock(folder: &Path) -> Result<SiteFolder, Problem> {
    interrupted::lock_site(folder).map_err(|why| unwritten(&why))
}

/// Whatever stands where a file is to be is told at once, all of it.
fn free(folder: &Path, files: &[NewFile]) -> Result<(), Problem> {
    let there = files.iter().filter(|(name, _)| folder.join(name).symlink_metadata().is_ok());
    let there: Vec<String> = there.map(|(name, _)| format!("`{name}`")).collect();
    match &there[..] {
        [] => Ok(()),
        [one] => Err(Problem::invalid(format!("{one} is there already"))),
        several => Err(Problem::invalid(format!("these are there already: {}", several.join(", ")))),
    }
    .map_err(|problem| {
        problem.help("nothing is replaced: take another name or folder, or move it away").state(UNTOUCHED)
    })
}

/// What is told where files can't be put in their places.
fn unwritten(why: &OutProblem) -> Problem {
    let said = why.to_string();
    let problem = Problem::invalid(said.strip_prefix("the output folder ").unwrap_or(&said));
    let problem = match why {
        OutProblem::Halfway { .. } => return problem.help(why.help()).state("some files are written and some are not"),
        OutProblem::IsLink { .. } => problem.help("give the folder itself: nothing is written through a link"),
        OutProblem::IsFile { .. } | OutProblem::CannotCreate { .. } | OutProblem::CannotWrite { .. } => {
            problem.help("give a folder that you may write to")
        }
        OutProblem::Write { .. } => problem.help("make room or mend the permissions, then do it again"),
        OutProblem::InTheWay { .. } => problem.help("move it away, then do it again"),
        OutProblem::Busy { .. } => problem.help("wait until it has ended, then do it again"),
        _ => problem.help(why.help()),
    };
    problem.state(UNTOUCHED)
}
