//! Unix: a folder is held open, and its entries are opened from there.

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
