//! What this computer remembers of images: `seen.json` in the person's own folder of states, never in a site or on a
//! stick. Read before an image is used, written after everything held.

use std::path::{Path, PathBuf};

use fieldlock::image::{Core, Digest, Seen};
use fieldlock::ledger::SeenRevisions;
use fieldlock::ledger::seen::{MAX_SEEN_LEN, Reason, SeenError, Sighting};
use fieldlock::report::escape;
use fieldlock::site::files::{FileProblem, Root};
use fieldlock::site::output::OwnFolder;

use super::problem::Problem;
use super::{clock, folders, terminal};

const FILE: &str = "seen.json";

/// That a person says that something older is meant.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct RollbackArgs {
    /// Take an image though a newer one, or another of the same revision, was seen on this computer; the reason is kept
    #[arg(long, value_name = "REASON", help_heading = "What it has to be")]
    pub(crate) allow_rollback: Option<String>,
}

/// The file of the revisions that this computer saw.
pub(crate) struct SeenFile {
    folder: Option<PathBuf>,
    revisions: SeenRevisions,
}

impl SeenFile {
    /// Recalls it. A damaged list is told, and never taken for an empty one.
    pub(crate) fn recall() -> Result<SeenFile, Problem> {
        let folder = folders::state();
        if folder.is_none() {
            terminal::complain(&format!(
                "note: this computer has no folder for what fieldlock remembers, so an older image is not noticed; set {}\n",
                folders::STATE_BY
            ));
        }
        let revisions = folder.as_deref().map(read).transpose()?.unwrap_or_default();
        Ok(SeenFile { folder, revisions })
    }

    /// All of it.
    pub(crate) fn revisions(&self) -> &SeenRevisions {
        &self.revisions
    }

    /// What to hold an image against. A demo proves nothing and is not remembered; where a person allows something
    /// older, nothing is held against it.
    pub(crate) fn seen(&self, core: &Core, digest: Digest, args: &RollbackArgs) -> Option<Seen> {
        if core.demo || args.allow_rollback.is_some() {
            return None;
        }
        self.revisions.expects(&core.site, &core.device, &Seen { revision: core.revision, digest })
    }

    /// Remembers images that held in everything, before anything of them is shown or written: what can't be remembered
    /// could be played back later.
    pub(crate) fn remember(&self, sightings: &[Sighting], args: &RollbackArgs) -> Result<(), Problem> {
        let Some(folder) = self.folder.as_deref().filter(|_| !sightings.is_empty()) else { return Ok(()) };
        let reason = args.allow_rollback.as_deref().map(|text| Reason { text, at: clock::now() });
        if self.add(&mut self.revisions.clone(), sightings, reason)? == 0 {
            return Ok(());
        }
        let locked = OwnFolder::lock(folder).map_err(|problem| unwritten(folder, &problem))?;
        // somebody else may have written since
        let mut revisions = read(folder)?;
        if self.add(&mut revisions, sightings, reason)? == 0 {
            return Ok(());
        }
        let bytes = revisions.to_bytes().map_err(|error| problem(folder, &error))?;
        locked.replace(FILE, &bytes).map_err(|problem| unwritten(folder, &problem))
    }

    fn add(
        &self,
        revisions: &mut SeenRevisions,
        sightings: &[Sighting],
        reason: Option<Reason<'_>>,
    ) -> Result<usize, Problem> {
        let mut changed = 0;
        for sighting in sightings {
            let added = revisions.remember(sighting, reason);
            let added = added.map_err(|error| problem(self.folder.as_deref().unwrap_or(Path::new("")), &error))?;
            changed += usize::from(added);
        }
        Ok(changed)
    }
}

fn read(folder: &Path) -> Result<SeenRevisions, Problem> {
    let missing = |problem: &FileProblem| matches!(problem, FileProblem::Missing { .. });
    let bytes = match Root::open(folder).and_then(|root| root.read_bytes(FILE, MAX_SEEN_LEN)) {
        Ok(bytes) => bytes,
        Err(problem) if missing(&problem) => return Ok(SeenRevisions::default()),
        Err(problem) => {
            let message =
                format!("`{}`, what this computer remembers of images: {problem}", folder.join(FILE).display());
            let help = match &problem {
                // what can't be read now is not taken away for it
                FileProblem::Unreadable { .. } => problem.help().to_owned(),
                _ => mend(folder),
            };
            return Err(Problem::invalid(message).help(help).state(NOTHING));
        }
    };
    SeenRevisions::parse(&bytes).map_err(|error| problem(folder, &error))
}

fn problem(folder: &Path, error: &SeenError) -> Problem {
    let file = folder.join(FILE);
    match error {
        SeenError::Stale { .. } => Problem::refused(error.to_string())
            .help(
                "take the newer image; if the older one is meant, say why: `--allow-rollback \"CHG-4471 taken back\"`",
            )
            .state(NOTHING),
        SeenError::Reason => Problem::invalid(error.to_string())
            .help("say in a few words why the older image is meant: `--allow-rollback \"CHG-4471 taken back\"`")
            .state(NOTHING),
        _ => Problem::invalid(format!("`{}`, what this computer remembers of images: {error}", file.display()))
            .help(mend(folder))
            .state(NOTHING),
    }
}

const NOTHING: &str = "nothing was opened and nothing was written";

fn mend(folder: &Path) -> String {
    format!(
        "put back a good copy of it; or move it away, and know that this computer then takes older images for new: `{}`",
        escape::line(&folder.join(FILE).display().to_string())
    )
}

fn unwritten(folder: &Path, problem: &fieldlock::site::output::OutProblem) -> Problem {
    Problem::invalid(format!("what was seen can't be remembered in `{}`: {problem}", folder.display()))
        .help(format!("make the folder writable, or name another with {}", folders::STATE_BY))
        .state("nothing of the image was shown and nothing was written")
}
