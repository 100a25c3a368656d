//! Windows: a folder is known by its path; a link in the place of a file is opened itself and refused.

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
