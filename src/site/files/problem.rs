//! Why a file can't be read. No problem shows anything of what stands in the file or behind a link.

use std::io;
use std::path::Path;

use crate::finding::{Code, Finding, codes};
use crate::site::platform;
use crate::source::Loc;

/// A file or folder that can't be read, or a name that isn't one. Names are as they were given, relative to the site.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FileProblem {
    /// Nothing of that name.
    #[error("there is no `{name}`")]
    Missing {
        /// The name.
        name: String,
    },
    /// The system refuses to read it.
    #[error("`{name}` can't be read: {why}")]
    Unreadable {
        /// The name.
        name: String,
        /// The system's reason.
        why: String,
    },
    /// A file or something else where a folder must be.
    #[error("`{name}` is not a folder")]
    NotAFolder {
        /// The name.
        name: String,
    },
    /// A folder where a file must be.
    #[error("`{name}` is a folder, not a file")]
    IsFolder {
        /// The name.
        name: String,
    },
    /// A device, pipe or socket.
    #[error("`{name}` is not a regular file")]
    NotAFile {
        /// The name.
        name: String,
    },
    /// A link in the name.
    #[error("`{at}` is a link")]
    Link {
        /// The name.
        name: String,
        /// Its part that is the link.
        at: String,
    },
    /// `/etc/hosts`, `C:/temp`.
    #[error("`{name}` is an absolute path")]
    Absolute {
        /// The name.
        name: String,
    },
    /// `.` or `..` in a name.
    #[error("`{name}` holds `.` or `..` as a part")]
    Dots {
        /// The name.
        name: String,
    },
    /// Nothing between two `/`, or no name at all.
    #[error("`{name}` has an empty part")]
    EmptyPart {
        /// The name.
        name: String,
    },
    /// A backslash.
    #[error("`{name}` holds a backslash")]
    Backslash {
        /// The name.
        name: String,
    },
    /// A control character, line break or tab.
    #[error("the name `{name}` holds the control character U+{code:04X}")]
    ControlCharacter {
        /// The name, escaped.
        name: String,
        /// The character's number.
        code: u32,
    },
    /// A name that Windows can't have.
    #[error("`{part}` can't be a file's name on every system")]
    NotPortable {
        /// The name.
        name: String,
        /// The part that can't stand.
        part: String,
    },
    /// A name on disk that isn't UTF-8.
    #[error("a name in `{folder}` is not UTF-8: `{name}`")]
    NameNotText {
        /// The folder, empty for the root.
        folder: String,
        /// The name, broken characters replaced.
        name: String,
    },
    /// More bytes than allowed.
    #[error("`{name}` is larger than {}", size(*max))]
    TooLarge {
        /// The name.
        name: String,
        /// Bytes allowed.
        max: usize,
    },
    /// More files than allowed.
    #[error("there are more than {} files up to `{name}`", super::MAX_FILES)]
    TooManyFiles {
        /// The folder in which the count went over.
        name: String,
    },
    /// Folders too deep in each other.
    #[error("folders stand in each other more than {} deep at `{name}`", super::MAX_FOLDERS)]
    TooDeep {
        /// The folder that is too deep.
        name: String,
    },
    /// UTF-16 text.
    #[error("`{name}` is UTF-16, not UTF-8")]
    Utf16 {
        /// The name.
        name: String,
    },
    /// A byte that no UTF-8 text holds there.
    #[error("`{name}` is not UTF-8 from line {line} on")]
    NotUtf8 {
        /// The name.
        name: String,
        /// Line of the first such byte, from 1.
        line: usize,
    },
    /// A NUL byte.
    #[error("`{name}` holds a NUL byte in line {line}, so it is no text")]
    Nul {
        /// The name.
        name: String,
        /// Line of the first one, from 1.
        line: usize,
    },
}

impl FileProblem {
    /// What the system says of a file.
    pub fn of_io(name: String, error: &io::Error) -> FileProblem {
        match error.kind() {
            io::ErrorKind::NotFound => FileProblem::Missing { name },
            _ => FileProblem::Unreadable { name, why: why(error) },
        }
    }

    /// A code of its own for each: `site.link`.
    pub fn code(&self) -> Code {
        match self {
            FileProblem::Missing { .. } => codes::site::MISSING_FILE,
            FileProblem::Unreadable { .. } => codes::site::UNREADABLE_FILE,
            FileProblem::NotAFolder { .. } => codes::site::NOT_A_FOLDER,
            FileProblem::IsFolder { .. } | FileProblem::NotAFile { .. } => codes::site::NOT_A_FILE,
            FileProblem::Link { .. } => codes::site::LINK,
            FileProblem::Absolute { .. }
            | FileProblem::Dots { .. }
            | FileProblem::EmptyPart { .. }
            | FileProblem::Backslash { .. } => codes::site::PATH,
            FileProblem::ControlCharacter { .. }
            | FileProblem::NotPortable { .. }
            | FileProblem::NameNotText { .. } => codes::site::FILE_NAME,
            FileProblem::TooLarge { .. } => codes::site::TOO_LARGE,
            FileProblem::TooManyFiles { .. } => codes::site::TOO_MANY_FILES,
            FileProblem::TooDeep { .. } => codes::site::TOO_DEEP,
            FileProblem::Utf16 { .. } | FileProblem::NotUtf8 { .. } | FileProblem::Nul { .. } => codes::site::NOT_TEXT,
        }
    }

    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            FileProblem::Missing { .. } => "names are relative to the site's folder; upper and lower case differ",
            FileProblem::Unreadable { .. } => {
                "look at its permissions; where another program has it open, close it there"
            }
            FileProblem::NotAFolder { .. } => "give the folder that holds `site.kdl`, or move what stands in its place",
            FileProblem::IsFolder { .. } | FileProblem::NotAFile { .. } => "put a regular file in its place",
            FileProblem::Link { .. } => {
                "put the file itself there: a site has no links, so what is reviewed is what is read"
            }
            FileProblem::Absolute { .. } | FileProblem::Dots { .. } | FileProblem::EmptyPart { .. } => {
                "name a file within the site, from the site's folder on: `certs/ot-ca.pem`"
            }
            FileProblem::Backslash { .. } => "write `/` between folders",
            FileProblem::ControlCharacter { .. } => {
                "write `/` between folders: in quotes, `\\t` is a tab and `\\n` a line break"
            }
            FileProblem::NotPortable { .. } => {
                "choose a name without `<>:\"|?*`, not ending in a dot, and none of Windows' device names"
            }
            FileProblem::NameNotText { .. } => "rename the file",
            FileProblem::TooLarge { .. } => "split it, or take out what doesn't belong there",
            FileProblem::TooManyFiles { .. } | FileProblem::TooDeep { .. } => {
                "is this the site's own folder? move what doesn't belong to the site"
            }
            FileProblem::Utf16 { .. } => "PowerShell's `>` writes UTF-16; save the file as UTF-8, or use --output",
            FileProblem::NotUtf8 { .. } => "save the file as UTF-8",
            FileProblem::Nul { .. } => "this looks like a binary file; put the text in its place",
        }
    }

    /// As a finding, at the line that names the file (or [`Loc::NONE`]).
    pub fn finding(&self, loc: Loc) -> Finding {
        Finding::new(self.code(), loc, self.to_string()).help(self.help())
    }
}

/// The error of a path in the kind and the words that it has on every system: elsewhere than on Unix a folder that is
/// opened as a file is a permission denied, and a path through a file is one that is not there.
pub fn error_at(path: &Path, error: io::Error) -> io::Error {
    let refused = matches!(error.kind(), io::ErrorKind::IsADirectory | io::ErrorKind::PermissionDenied);
    match file_above(path) {
        Some(file) => {
            let told = format!("`{}` in its path is a file, not a folder", file.display());
            io::Error::new(io::ErrorKind::NotADirectory, told)
        }
        None if refused && path.is_dir() => io::Error::new(io::ErrorKind::IsADirectory, "it is a folder, not a file"),
        None => error,
    }
}

/// A file that a path goes on behind, as if it were a folder.
pub(in crate::site) fn file_above(path: &Path) -> Option<&Path> {
    path.ancestors().skip(1).find(|above| above.is_file())
}

/// The system's reason: in plain words where we have some, else as the system tells it.
pub(in crate::site) fn why(error: &io::Error) -> String {
    let words = match error.kind() {
        io::ErrorKind::PermissionDenied => "permission denied",
        io::ErrorKind::ReadOnlyFilesystem => "the place is read-only",
        io::ErrorKind::StorageFull => "the disk is full",
        io::ErrorKind::QuotaExceeded => "the disk quota is used up",
        io::ErrorKind::NotADirectory => "a part of its path is not a folder",
        io::ErrorKind::InvalidFilename if cfg!(windows) => "its name has a sign that no name has here",
        io::ErrorKind::InvalidFilename => "its name is too long",
        _ if platform::is_held(error) => "another program has it open",
        _ => return error.to_string(),
    };
    words.to_owned()
}

fn size(bytes: usize) -> String {
    if bytes >= 1 << 20 { format!("{} MiB", bytes >> 20) } else { format!("{bytes} bytes") }
}
