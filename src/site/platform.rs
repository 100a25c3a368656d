//! The file system without links: the only module that calls what one operating system has and another hasn't.
//!
//! On Unix a folder is held open and its entries are opened from there, so nobody can put a link into the path
//! between a check and its use. On Windows each folder is checked before it is gone through, and a link in the place of
//! a file is opened itself and refused.

use std::fs::File;
use std::io;
use std::path::Path;

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

#[cfg(unix)]
mod imp {
    use super::{Kind, Privacy};
    use rustix::fs::{AtFlags, Dir, FileType, FlockOperation, Mode, OFlags};
    use std::ffi::{OsStr, OsString};
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::fd::OwnedFd;
    use std::os::unix::ffi::OsStrExt;
    use std::os::unix::fs::{DirBuilderExt, FileTypeExt, MetadataExt, OpenOptionsExt};
    use std::path::Path;

    /// Whether a file that was closed can be written to the disk later, by itself or with its whole file system.
    pub(in crate::site) const SYNCS_LATER: bool = cfg!(any(target_os = "linux", target_os = "android"));

    /// A folder that is held open.
    #[derive(Debug)]
    pub(in crate::site) struct Folder(OwnedFd);

    impl Folder {
        /// The root: links in its own path are the caller's choice.
        pub(in crate::site) fn open_root(path: &Path) -> io::Result<Folder> {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
            Ok(Folder(rustix::fs::open(path, flags, Mode::empty())?))
        }

        /// What an entry is.
        pub(in crate::site) fn kind(&self, name: &str) -> io::Result<Kind> {
            let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
            Ok(kind(FileType::from_raw_mode(stat.st_mode)))
        }

        /// A folder in this one.
        pub(in crate::site) fn enter(&self, name: impl AsRef<OsStr>) -> io::Result<Folder> {
            let flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            Ok(Folder(rustix::fs::openat(&self.0, name.as_ref(), flags, Mode::empty())?))
        }

        /// A file in this one. A pipe put in its place is opened without waiting for a writer, and refused after.
        pub(in crate::site) fn open(&self, name: &str) -> io::Result<File> {
            let flags = OFlags::RDONLY | OFlags::NOFOLLOW | OFlags::NONBLOCK | OFlags::NOCTTY | OFlags::CLOEXEC;
            Ok(File::from(rustix::fs::openat(&self.0, name, flags, Mode::empty())?))
        }

        /// Creates a file that must not exist yet, links included.
        pub(in crate::site) fn create(&self, name: &str, private: bool) -> io::Result<File> {
            let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL | OFlags::NOFOLLOW | OFlags::CLOEXEC;
            let mode = Mode::from_raw_mode(if private { 0o600 } else { 0o644 });
            Ok(File::from(rustix::fs::openat(&self.0, name, flags, mode)?))
        }

        /// Creates a folder that must not exist yet.
        pub(in crate::site) fn create_folder(&self, name: &str, private: bool) -> io::Result<()> {
            let mode = Mode::from_raw_mode(if private { 0o700 } else { 0o777 });
            Ok(rustix::fs::mkdirat(&self.0, name, mode)?)
        }

        /// Moves an entry into another folder, over a file or a link that stands there. A link itself is moved.
        pub(in crate::site) fn rename(&self, name: &str, to: &Folder, new: &str) -> io::Result<()> {
            super::patiently(|| Ok(rustix::fs::renameat(&self.0, name, &to.0, new)?))
        }

        /// Removes a file, or a link itself.
        pub(in crate::site) fn remove(&self, name: &str) -> io::Result<()> {
            super::patiently(|| Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::empty())?))
        }

        /// Removes an empty folder.
        pub(in crate::site) fn remove_folder(&self, name: &str) -> io::Result<()> {
            Ok(rustix::fs::unlinkat(&self.0, name, AtFlags::REMOVEDIR)?)
        }

        /// What tells this folder from every other on this computer, one that takes its place included; `None` where
        /// the file system does not say when a folder was made.
        pub(in crate::site) fn identity(&self) -> io::Result<Option<String>> {
            let data = File::from(self.0.try_clone()?).metadata()?;
            let made = data.created().ok().and_then(|made| made.duration_since(std::time::UNIX_EPOCH).ok());
            Ok(made.map(|made| format!("inode {} of {}.{:09}", data.ino(), made.as_secs(), made.subsec_nanos())))
        }

        /// Locks the folder against whoever locks it too, for as long as it is held open. Whether that can be had here.
        ///
        /// # Errors
        /// [`io::ErrorKind::WouldBlock`]: somebody else holds it.
        pub(in crate::site) fn lock(&self) -> io::Result<bool> {
            match rustix::fs::flock(&self.0, FlockOperation::NonBlockingLockExclusive) {
                Ok(()) => Ok(true),
                Err(rustix::io::Errno::WOULDBLOCK) => Err(io::ErrorKind::WouldBlock.into()),
                Err(_) => Ok(false),
            }
        }

        /// The names in it are on the disk when this comes back.
        pub(in crate::site) fn sync(&self) -> io::Result<()> {
            Ok(rustix::fs::fsync(&self.0)?)
        }

        /// Everything that was written to its file system is on the disk when this comes back; where there is no such
        /// call, the names in it.
        pub(in crate::site) fn sync_all(&self) -> io::Result<()> {
            #[cfg(any(target_os = "linux", target_os = "android"))]
            return Ok(rustix::fs::syncfs(&self.0)?);
            #[cfg(not(any(target_os = "linux", target_os = "android")))]
            self.sync()
        }

        /// All entries, in no order.
        pub(in crate::site) fn entries(&self) -> io::Result<Vec<(OsString, Kind)>> {
            let mut entries = Vec::new();
            for entry in Dir::read_from(&self.0)? {
                let entry = entry?;
                let name = entry.file_name();
                if name == c"." || name == c".." {
                    continue;
                }
                let file_type = match entry.file_type() {
                    FileType::Unknown => {
                        let stat = rustix::fs::statat(&self.0, name, AtFlags::SYMLINK_NOFOLLOW)?;
                        FileType::from_raw_mode(stat.st_mode)
                    }
                    known => known,
                };
                entries.push((OsStr::from_bytes(name.to_bytes()).to_owned(), kind(file_type)));
            }
            Ok(entries)
        }
    }

    fn kind(file_type: FileType) -> Kind {
        match file_type {
            FileType::RegularFile => Kind::File,
            FileType::Directory => Kind::Folder,
            FileType::Symlink => Kind::Link,
            _ => Kind::Other,
        }
    }

    pub(super) fn open_to_others(file: &File) -> bool {
        file.metadata().is_ok_and(|data| data.mode() & 0o044 != 0)
    }

    pub(super) fn permit(options: &mut OpenOptions, mode: u32) {
        options.mode(mode);
    }

    pub(super) fn refuse_links(options: &mut OpenOptions) {
        options.custom_flags((OFlags::NOFOLLOW | OFlags::NONBLOCK).bits() as i32);
    }

    pub(super) fn remove_file(path: &Path) -> io::Result<()> {
        std::fs::remove_file(path)
    }

    pub(super) fn rename_file(from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)
    }

    /// Nothing is left to see: a link was not opened.
    pub(super) fn no_link(file: File) -> io::Result<File> {
        Ok(file)
    }

    /// Read back: FAT, exFAT and foreign disks take a mode and keep their own.
    pub(super) fn privacy(folder: &Path) -> Privacy {
        match std::fs::symlink_metadata(folder) {
            Ok(data) if data.mode() & 0o077 == 0 && data.uid() == rustix::process::geteuid().as_raw() => Privacy::Owner,
            Ok(_) => Privacy::Others,
            Err(_) => Privacy::Unknown,
        }
    }

    pub(super) fn is_null(path: &Path) -> bool {
        let device = |data: std::fs::Metadata| data.file_type().is_char_device().then(|| data.rdev());
        let at = std::fs::symlink_metadata(path).ok().and_then(device);
        at.is_some() && at == std::fs::metadata("/dev/null").ok().and_then(device)
    }

    /// A device is seen by what stands at the path.
    pub(super) fn is_device(_: &Path) -> bool {
        false
    }

    pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
        std::fs::DirBuilder::new().mode(0o700).create(path)
    }
}

#[cfg(windows)]
mod imp {
    use super::{Kind, Privacy, names_null};
    use crate::model::value::is_windows_device;
    use std::ffi::{OsStr, OsString};
    use std::fs::{File, OpenOptions};
    use std::io;
    use std::os::windows::fs::{MetadataExt, OpenOptionsExt};
    use std::path::{Path, PathBuf};

    /// `FILE_FLAG_OPEN_REPARSE_POINT`: what is opened is the link itself.
    const OPEN_LINK_ITSELF: u32 = 0x0020_0000;
    /// `FILE_ATTRIBUTE_REPARSE_POINT`: a link, a junction, or what a driver keeps in another place.
    const LINK: u32 = 0x0000_0400;

    /// Whether a file that was closed can be written to the disk later: not where that takes the right to write.
    pub(in crate::site) const SYNCS_LATER: bool = false;

    /// A folder by its path.
    #[derive(Debug)]
    pub(in crate::site) struct Folder(PathBuf);

    impl Folder {
        /// The root: links in its own path are the caller's choice.
        pub(in crate::site) fn open_root(path: &Path) -> io::Result<Folder> {
            std::fs::read_dir(path)?;
            Ok(Folder(path.to_owned()))
        }

        /// What an entry is.
        pub(in crate::site) fn kind(&self, name: impl AsRef<OsStr>) -> io::Result<Kind> {
            let path = self.0.join(name.as_ref());
            match is_device(&path) {
                true => Ok(Kind::Other),
                false => Ok(super::kind(std::fs::symlink_metadata(path)?.file_type())),
            }
        }

        /// A folder in this one.
        pub(in crate::site) fn enter(&self, name: impl AsRef<OsStr>) -> io::Result<Folder> {
            match self.kind(name.as_ref())? {
                Kind::Folder => Ok(Folder(self.0.join(name.as_ref()))),
                _ => Err(io::ErrorKind::NotADirectory.into()),
            }
        }

        /// A file in this one.
        pub(in crate::site) fn open(&self, name: &str) -> io::Result<File> {
            match self.kind(name)? {
                // one that was put there meanwhile is opened itself, and refused
                Kind::File => {
                    let options = File::options().read(true).custom_flags(OPEN_LINK_ITSELF).open(self.0.join(name));
                    options.and_then(no_link)
                }
                _ => Err(io::ErrorKind::InvalidInput.into()),
            }
        }

        /// Creates a file that must not exist yet, links included.
        pub(in crate::site) fn create(&self, name: &str, _: bool) -> io::Result<File> {
            File::options().write(true).create_new(true).open(self.0.join(name))
        }

        /// Creates a folder that must not exist yet.
        pub(in crate::site) fn create_folder(&self, name: &str, _: bool) -> io::Result<()> {
            std::fs::create_dir(self.0.join(name))
        }

        /// Moves an entry into another folder, over a file or a link that stands there. A link itself is moved.
        pub(in crate::site) fn rename(&self, name: &str, to: &Folder, new: &str) -> io::Result<()> {
            super::rename(&self.0.join(name), &to.0.join(new))
        }

        /// Removes a file, or a link itself.
        pub(in crate::site) fn remove(&self, name: &str) -> io::Result<()> {
            super::remove(&self.0.join(name))
        }

        /// Removes an empty folder.
        pub(in crate::site) fn remove_folder(&self, name: &str) -> io::Result<()> {
            super::patiently(|| std::fs::remove_dir(self.0.join(name)))
        }

        /// What tells this folder from every other on this computer: `None`, there is no number that stays.
        pub(in crate::site) fn identity(&self) -> io::Result<Option<String>> {
            Ok(None)
        }

        /// A folder can't be locked here.
        pub(in crate::site) fn lock(&self) -> io::Result<bool> {
            Ok(false)
        }

        /// There is no such call for folders.
        pub(in crate::site) fn sync(&self) -> io::Result<()> {
            Ok(())
        }

        /// There is no such call: files are written to the disk one by one.
        pub(in crate::site) fn sync_all(&self) -> io::Result<()> {
            Ok(())
        }

        /// All entries, in no order.
        pub(in crate::site) fn entries(&self) -> io::Result<Vec<(OsString, Kind)>> {
            std::fs::read_dir(&self.0)?
                .map(|entry| entry.and_then(|e| Ok((e.file_name(), super::kind(e.file_type()?)))))
                .collect()
        }
    }

    pub(super) fn open_to_others(_: &File) -> bool {
        false
    }

    pub(super) fn permit(_: &mut OpenOptions, _: u32) {}

    pub(super) fn refuse_links(options: &mut OpenOptions) {
        options.custom_flags(OPEN_LINK_ITSELF);
    }

    /// What was opened, where it is no link: of one the link itself was opened, and nothing behind it.
    pub(super) fn no_link(file: File) -> io::Result<File> {
        match file.metadata()?.file_attributes() & LINK {
            0 => Ok(file),
            _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "it is a link")),
        }
    }

    /// Rights are lists there, inherited from the folder above: who stands on them is not read.
    pub(super) fn privacy(_: &Path) -> Privacy {
        Privacy::Unknown
    }

    pub(super) fn is_null(path: &Path) -> bool {
        path.to_str().is_some_and(names_null)
    }

    /// By its name: asked what it is, the system tells of a wrong function.
    pub(super) fn is_device(path: &Path) -> bool {
        path.file_name().and_then(OsStr::to_str).is_some_and(is_windows_device) || is_null(path)
    }

    pub(super) fn remove_file(path: &Path) -> io::Result<()> {
        std::fs::remove_file(path).or_else(|error| {
            writable(path, error)?;
            std::fs::remove_file(path)
        })
    }

    pub(super) fn rename_file(from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to).or_else(|error| {
            writable(to, error)?;
            std::fs::rename(from, to)
        })
    }

    /// Takes the attribute read-only off a file, which keeps it here from being removed or replaced; the error where it
    /// has none.
    fn writable(path: &Path, error: io::Error) -> io::Result<()> {
        let Ok(data) = std::fs::symlink_metadata(path) else { return Err(error) };
        let mut rights = data.permissions();
        if !data.is_file() || !rights.readonly() {
            return Err(error);
        }
        rights.set_readonly(false);
        std::fs::set_permissions(path, rights)
    }

    pub(super) fn create_private_folder(path: &Path) -> io::Result<()> {
        std::fs::create_dir(path)
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
