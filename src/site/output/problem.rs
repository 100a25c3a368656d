//! Why results can't be written, and in what state the output folder is then.

use std::io;
use std::path::Path;

use crate::site::files::{FileProblem, file_above, why};
use crate::site::platform;

/// A build's results can't be written.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OutProblem {
    /// A file stands in the folder's place.
    #[error("the output folder `{path}` is a file")]
    IsFile {
        /// The folder.
        path: String,
    },
    /// A link stands in the folder's place.
    #[error("the output folder `{path}` is a link")]
    IsLink {
        /// The folder.
        path: String,
    },
    /// The folder can't be created.
    #[error("the output folder `{path}` can't be created: {why}")]
    CannotCreate {
        /// The folder.
        path: String,
        /// The system's reason.
        why: String,
    },
    /// The folder can't be written to.
    #[error("the output folder `{path}` can't be written: {why}")]
    CannotWrite {
        /// The folder.
        path: String,
        /// The system's reason.
        why: String,
    },
    /// Another build holds the lock.
    #[error("another build is writing to `{path}`")]
    Busy {
        /// The folder.
        path: String,
    },
    /// The folder has files of somebody else.
    #[error("the output folder `{path}` holds files that no build on this computer left there, `{name}` among them")]
    Foreign {
        /// The folder.
        path: String,
        /// The first of them.
        name: String,
    },
    /// Something that isn't ours stands where a file must go.
    #[error("`{name}` can't be written: {what} stands in its place")]
    InTheWay {
        /// The file.
        name: String,
        /// What stands there.
        what: &'static str,
    },
    /// A file can't be written: a full disk, above all.
    #[error("`{name}` can't be written: {why}")]
    Write {
        /// The file.
        name: String,
        /// The system's reason.
        why: String,
    },
    /// Another program holds a file open, and for more than a second.
    #[error("`{name}` can't be written: another program has it open")]
    Held {
        /// The file.
        name: String,
    },
    /// A name that can't be a file's.
    #[error(transparent)]
    Name(FileProblem),
    /// Two files of one name, letter case aside, or a name that fieldlock keeps for itself.
    #[error("`{name}` is written twice in one build")]
    Taken {
        /// The name.
        name: String,
    },
    /// No file of the build before to leave in place.
    #[error("there is no `{name}` of an earlier build to keep")]
    NothingToKeep {
        /// The name.
        name: String,
    },
    /// What this computer remembers of the folders that it writes to can't be read or written.
    #[error("`{path}`, what this computer remembers of the folder that it writes to: {why}")]
    Memory {
        /// The file, in the person's own folder.
        path: String,
        /// The reason.
        why: String,
    },
    /// A commit failed, and taking it back failed too.
    #[error("the output folder `{path}` is between two builds: {why}")]
    Halfway {
        /// The folder.
        path: String,
        /// What failed first.
        why: String,
    },
}

impl OutProblem {
    pub(super) fn cannot_create(path: String, error: &io::Error) -> OutProblem {
        // each system has an error of its own for it
        let through = file_above(Path::new(&path)).map(|_| io::ErrorKind::NotADirectory.into());
        OutProblem::CannotCreate { why: why(through.as_ref().unwrap_or(error)), path }
    }

    pub(super) fn cannot_write(path: String, error: &io::Error) -> OutProblem {
        OutProblem::CannotWrite { path, why: why(error) }
    }

    pub(super) fn write(name: &str, error: &io::Error) -> OutProblem {
        let name = name.to_owned();
        if platform::is_held(error) { OutProblem::Held { name } } else { OutProblem::Write { name, why: why(error) } }
    }

    pub(super) fn halfway(path: String, why: &OutProblem) -> OutProblem {
        OutProblem::Halfway { path, why: why.to_string() }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            OutProblem::IsFile { .. } => "give another folder with --out, or move the file away",
            OutProblem::IsLink { .. } => "give the folder itself with --out: results are not written through a link",
            OutProblem::CannotCreate { .. } | OutProblem::CannotWrite { .. } => {
                "give a folder that you may write to with --out"
            }
            OutProblem::Busy { .. } => "wait until it has ended, or give another folder with --out",
            OutProblem::Foreign { .. } => {
                "move it away, or give a new folder with --out; if it is a build of another computer or of a place that it \
                 was moved from, revisions count on from it with --previous"
            }
            OutProblem::InTheWay { .. } => "move it away, then build again",
            OutProblem::Write { .. } => "make room or mend the permissions, then build again",
            OutProblem::Held { .. } => "close it there (a viewer, a backup, a virus scanner), then do this again",
            OutProblem::Name(problem) => problem.help(),
            OutProblem::Taken { .. } => {
                "names that differ only in case are one name on some systems: rename one device"
            }
            OutProblem::NothingToKeep { .. } => "build again",
            OutProblem::Memory { .. } => {
                "make it readable and writable; if it is damaged, take it away: then give a new folder with --out"
            }
            OutProblem::Halfway { .. } => "mend the reason and build again: the next build finishes this one first",
        }
    }

    /// In what state the output folder is, as a sentence for the end of a run.
    pub fn state(&self) -> &'static str {
        match self {
            OutProblem::Halfway { .. } => "some files in the output folder are new and some are old",
            _ => "nothing in the output folder was changed",
        }
    }
}
