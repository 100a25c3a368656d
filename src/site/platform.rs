//! The file system without links: the only module that calls what one operating system has and another hasn't.
//!
//! On Unix a folder is held open and its entries are opened from there, so nobody can put a link into the path
//! between a check and its use. On Windows each folder is checked before it is gone through, and a link in the place of
//! a file is opened itself and refused.

#[cfg(unix)]
mod unix;
#[cfg(windows)]
mod windows;

use std::fs::File;
use std::io;
use std::path::Path;

#[cfg(unix)]
use unix as imp;
#[cfg(windows)]
use windows as imp;

/// What an entry of a folder is, a link not followed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Folder,
    Link,
    /// A device, a pipe, a socket.
    Other,
}

/// Who may read what was made for its owner alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Privacy {
    /// The owner, who is the person that runs this.
    Owner,
    /// Others too: the file system kept no permissions, or none of ours.
    Others,
    /// The system does not say by permissions who.
    Unknown,
}

impl Kind {
    /// For people.
    pub(super) fn words(self) -> &'static str {
        match self {
            Kind::File => "another file",
            Kind::Folder => "a folder",
            Kind::Link => "a link",
            Kind::Other => "something that is no regular file",
        }
    }
}

/// Creates a file that must not exist yet, links included.
pub(super) fn create_new(path: &Path, private: bool) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    imp::permit(&mut options, if private { 0o600 } else { 0o644 });
    options.open(path)
}

/// Creates a folder that only its owner may enter.
pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
    imp::create_private_folder(path)
}

/// Whether something can't be done since another program has the file open: a viewer, a backup, a virus scanner.
pub(super) fn is_held(error: &io::Error) -> bool {
    // ERROR_SHARING_VIOLATION and ERROR_LOCK_VIOLATION, which have no kind of their own
    let by_number = cfg!(windows) && matches!(error.raw_os_error(), Some(32 | 33));
    by_number || matches!(error.kind(), io::ErrorKind::ResourceBusy | io::ErrorKind::ExecutableFileBusy)
}

/// Moves a file or folder, over a file that stands there.
pub(super) fn rename(from: &Path, to: &Path) -> io::Result<()> {
    patiently(|| imp::rename_file(from, to))
}

/// Removes a file, or a link itself.
pub(super) fn remove(path: &Path) -> io::Result<()> {
    patiently(|| imp::remove_file(path))
}

/// As often something is tried that another program keeps from being done, and what is waited in between: a second in
/// all. Most who look into a new file let go of it sooner.
const TRIES: u32 = 41;
const PAUSE: std::time::Duration = std::time::Duration::from_millis(25);

fn patiently(mut attempt: impl FnMut() -> io::Result<()>) -> io::Result<()> {
    for _ in 1..TRIES {
        match attempt() {
            // where a file that is being removed is still open elsewhere, its name is denied
            Err(error) if is_held(&error) || (cfg!(windows) && error.kind() == io::ErrorKind::PermissionDenied) => {
                std::thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
    attempt()
}

/// Opens a file to lock it, creating it where it is missing; a link is refused.
pub(super) fn open_lock(path: &Path) -> io::Result<File> {
    let mut options = File::options();
    options.read(true).write(true).create(true).truncate(false);
    imp::permit(&mut options, 0o644);
    imp::refuse_links(&mut options);
    imp::no_link(options.open(path)?)
}

/// Who may enter a folder that was made for its owner alone, as the file system has kept that.
pub(super) fn privacy(folder: &Path) -> Privacy {
    imp::privacy(folder)
}

/// Whether a path is the device that swallows what is written to it.
pub(super) fn is_null(path: &Path) -> bool {
    imp::is_null(path)
}

/// Whether Windows takes a path for that device: `NUL` in any case and any folder.
#[cfg(any(windows, test))]
fn names_null(path: &str) -> bool {
    let last = path.trim_end_matches([' ', '.', ':']).rsplit(['/', '\\', ':']).next();
    last.is_some_and(|name| name.eq_ignore_ascii_case("nul"))
}

/// What stands at a path, a link in its last place not followed; `None` for nothing.
pub(super) fn kind_of(path: &Path) -> io::Result<Option<Kind>> {
    match std::fs::symlink_metadata(path) {
        _ if imp::is_device(path) => Ok(Some(Kind::Other)),
        Ok(data) => Ok(Some(kind(data.file_type()))),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether others than the owner may read a file; always `false` where rights are kept in another way.
pub(super) fn open_to_others(file: &File) -> bool {
    imp::open_to_others(file)
}

fn kind(file_type: std::fs::FileType) -> Kind {
    if file_type.is_symlink() {
        Kind::Link
    } else if file_type.is_dir() {
        Kind::Folder
    } else if file_type.is_file() {
        Kind::File
    } else {
        Kind::Other
    }
}

pub(super) use imp::{Folder, SYNCS_LATER};

impl Folder {
    /// Opens a folder at a path whose last place is no link; those above it are the caller's choice.
    pub(super) fn open_itself(path: &Path) -> io::Result<Folder> {
        let above = path.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new("."));
        match path.file_name() {
            Some(name) => Folder::open_root(above)?.enter(name),
            None => Folder::open_root(path),
        }
    }

    /// What stands under a name, a link not followed; `None` for nothing.
    pub(super) fn look(&self, name: &str) -> io::Result<Option<Kind>> {
        match self.kind(name) {
            Ok(kind) => Ok(Some(kind)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(error),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_another_program_holds_is_tried_again_for_a_second() {
        let busy = || Err(io::Error::from(io::ErrorKind::ResourceBusy));
        let mut tries = 0;
        patiently(|| {
            tries += 1;
            if tries < 3 { busy() } else { Ok(()) }
        })
        .unwrap();
        assert_eq!(tries, 3);
        tries = 0;
        let ended = patiently(|| {
            tries += 1;
            busy()
        });
        assert!(ended.is_err_and(|error| is_held(&error)));
        assert_eq!(tries, TRIES);
        // nobody waits for what no waiting mends
        tries = 0;
        let full = patiently(|| {
            tries += 1;
            Err(io::ErrorKind::StorageFull.into())
        });
        assert!(full.is_err_and(|error| !is_held(&error)) && tries == 1);
    }

    #[test]
    fn the_device_that_swallows_everything() {
        for name in ["NUL", "nul", "Nul:", r"C:\temp\nul", "C:NUL", r"\\.\NUL", "out/NUL", "nul. "] {
            assert!(names_null(name), "{name}");
        }
        for name in ["", "null", "nul.txt", "report.nul", r"NUL\x", "annul", "CON"] {
            assert!(!names_null(name), "{name}");
        }
        assert!(is_null(Path::new(if cfg!(windows) { "NUL" } else { "/dev/null" })));
        assert!(!is_null(Path::new("src")) && !is_null(Path::new("/dev/full")) && !is_null(Path::new("none")));
    }
}
