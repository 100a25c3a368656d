//! What a run that was interrupted, or somebody else, left in a folder that fieldlock writes to: told on stderr by
//! every verb that writes to it or reads from it.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use fieldlock::pipeline::store::FOLDER;
use fieldlock::report::escape;
use fieldlock::site::output::{Between, Found, Interrupted, Left, OutDir, OutProblem, SiteFolder, left};

use super::problem::Problem;
use super::{folders, terminal};

/// What a folder holds, and how an interrupted change of it is finished.
struct Holds {
    what: &'static str,
    change: &'static str,
    finish: &'static str,
}

const BUILD: Holds = Holds {
    what: "files",
    change: "a build or rekeying",
    finish: "the next `fieldlock build` or `fieldlock image rekey` finishes it",
};
const IMAGES: Holds =
    Holds { what: "images", change: "a rekeying", finish: "the next `fieldlock image rekey` there finishes it" };
const SITE: Holds = Holds {
    what: "files of the site",
    change: "a change of the site, by `new`, `import`, `capture`, `return` or `retire`,",
    finish: "the next of them finishes it: do the same again",
};
const SECRETS: Holds = Holds {
    what: "files of secrets",
    change: "a change of the secrets",
    finish: "`fieldlock secret generate --missing` finishes it, as every change does; where it was one of the passphrase, \
             give the new one",
};

/// Opens a build's output folder.
pub(crate) fn open(folder: &Path, state: Option<&Path>) -> Result<OutDir, OutProblem> {
    let out = OutDir::open(folder, state)?;
    found(folder, out.found(), &BUILD);
    Ok(out)
}

/// Locks the folder of a site's secrets.
pub(crate) fn lock(folder: &Path) -> Result<SiteFolder, OutProblem> {
    let locked = SiteFolder::lock(folder, folders::kept().as_deref())?;
    found(folder, locked.found(), &SECRETS);
    Ok(locked)
}

/// Locks a folder of images that is no build's of this computer.
pub(crate) fn lock_images(folder: &Path) -> Result<SiteFolder, OutProblem> {
    let locked = SiteFolder::there(folder, folders::kept().as_deref())?;
    found(folder, locked.found(), &IMAGES);
    Ok(locked)
}

/// Locks the folder of a site, to put files into it and to move them.
pub(crate) fn lock_site(folder: &Path) -> Result<SiteFolder, OutProblem> {
    let locked = SiteFolder::there(folder, folders::kept().as_deref())?;
    found(folder, locked.found(), &SITE);
    Ok(locked)
}

/// Tells what is to be told of a build's folder that is read.
pub(crate) fn build(folder: &Path) {
    read(folder, &BUILD);
    read(&folder.join("images"), &IMAGES);
}

/// Tells what is to be told of a site's secrets that are read.
pub(crate) fn secrets(root: &Path) {
    read(&root.join(FOLDER), &SECRETS);
}

/// Tells what is to be told of a site that is read.
pub(crate) fn site(root: &Path) {
    read(root, &SITE);
}

/// Refuses a site that is between two states: nothing is made of it that others rely on.
pub(crate) fn refuse_half(root: &Path) -> Result<(), Problem> {
    let Left { between: Some(between), .. } = left(root, folders::state().as_deref()) else { return Ok(()) };
    let (told, next) = between_told(between, &SITE);
    Err(Problem::refused(format!("`{}` {told}", root.display()))
        .help(next)
        .state("nothing in the output folder was changed"))
}

fn read(folder: &Path, holds: &Holds) {
    let Left { between, litter } = left(folder, folders::state().as_deref());
    if let Some((told, next)) = between.map(|between| between_told(between, holds)) {
        note(folder, &format!("{told}; {next}"));
    }
    litters(folder, &litter);
}

/// In what state a folder is between two, and what to do.
fn between_told(between: Between, holds: &Holds) -> (String, &'static str) {
    let Holds { what, change, finish } = holds;
    match between {
        Between::Busy => (
            format!("is being changed right now: some {what} are new and some are old"),
            "look again when it has ended",
        ),
        Between::Interrupted => {
            (format!("holds {change} that was interrupted: some {what} are new and some are old"), *finish)
        }
    }
}

fn found(folder: &Path, found: &Found, holds: &Holds) {
    let Holds { what, change, .. } = holds;
    match found.interrupted {
        None => {}
        Some(Interrupted::Finished) => {
            note(
                folder,
                &format!("held {change} that was interrupted: it is finished now, all its {what} are in place"),
            );
        }
        Some(Interrupted::Lost) => note(
            folder,
            &format!(
                "holds {change} that was interrupted and can't be finished, since what it had made is gone: some {what} may be new and some old"
            ),
        ),
    }
    litters(folder, &found.litter);
}

fn litters(folder: &Path, names: &[String]) {
    for name in names {
        note(
            &folder.join(name),
            "was not left there by a run on this computer: nothing is taken from it, and it stays until somebody removes it",
        );
    }
}

/// Each is told once, though a verb may come by several times: for each image of a build.
fn note(path: &Path, told: &str) {
    static TOLD: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
    let text = escape::line(&format!("note: `{}` {told}", path.display())) + "\n";
    if TOLD.lock().unwrap_or_else(PoisonError::into_inner).insert(text.clone()) {
        terminal::complain(&text);
    }
}
