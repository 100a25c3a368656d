//! One file, or a folder of secrets in clear: there whole, or not at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::super::platform::{self, Kind};
use super::{Access, NewFolder, OutProblem, Privacy};
use crate::site::files::error_at;

/// Writes files into a folder that must not exist yet and that only its owner may enter. On any failure it is not
/// there. Where the file system keeps no permissions there are none: who may enter it then is handed back.
///
/// # Errors
/// Something stands in the folder's place, or it can't be written.
pub fn write_private_folder(folder: &Path, files: &[(&str, &[u8])]) -> Result<Privacy, OutProblem> {
    is_free(folder)?;
    let new = NewFolder::create(folder)?;
    files.iter().try_for_each(|(name, bytes)| new.add(name, bytes, Access::Owner))?;
    new.finish()?;
    Ok(platform::privacy(folder))
}

/// Whether something new can stand there, as far as that can be told before it is made.
///
/// # Errors
/// Something is there, the folder that it would stand in is not, or it can't be told.
pub fn is_free(path: &Path) -> Result<(), OutProblem> {
    let shown = || path.display().to_string();
    let above = path.parent().filter(|above| !above.as_os_str().is_empty());
    match platform::kind_of(path) {
        Ok(None) => match above.map(fs::metadata).transpose() {
            Ok(above) if above.as_ref().is_none_or(fs::Metadata::is_dir) => Ok(()),
            Ok(_) => Err(OutProblem::cannot_create(shown(), &io::ErrorKind::NotADirectory.into())),
            Err(error) => Err(OutProblem::cannot_create(shown(), &error)),
        },
        Ok(Some(_)) => Err(OutProblem::InTheWay { name: shown(), what: "a file or folder" }),
        Err(error) => Err(OutProblem::cannot_create(shown(), &error)),
    }
}

/// Writes a file beside its place and renames it: a new one, or with `replace` in the place of one that is there, which
/// stays until all of the new is on the disk. No link is followed. The device that swallows everything takes it, and
/// stays what it is.
///
/// # Errors
/// Something stands in its place that is not to be replaced, or it can't be written; what stood there stays.
pub fn write_file(path: &Path, bytes: &[u8], access: Access, replace: bool) -> Result<(), OutProblem> {
    let shown = || path.display().to_string();
    let failed = |error: io::Error| OutProblem::write(&shown(), &error_at(path, error));
    if replace && platform::is_null(path) {
        return Ok(());
    }
    let Some(name) = path.file_name() else {
        return Err(failed(io::Error::new(io::ErrorKind::IsADirectory, "it names a folder")));
    };
    // a rename would put a file in the place of a device or of what a link leads to
    match platform::kind_of(path).map_err(failed)? {
        None => {}
        Some(Kind::File) if replace => {}
        Some(kind) => return Err(OutProblem::InTheWay { name: shown(), what: kind.words() }),
    }
    let mut beside = name.to_owned();
    beside.push(format!(".{}.new", std::process::id()));
    let at = if replace { path.with_file_name(beside) } else { path.to_owned() };
    let mut file = platform::create_new(&at, access == Access::Owner).map_err(failed)?;
    let done = file.write_all(bytes).and_then(|()| file.sync_all());
    let done = done.and_then(|()| if replace { platform::rename(&at, path) } else { Ok(()) });
    done.map_err(|error| {
        // ours, and not whole; what stood at the place is untouched
        let _ = platform::remove(&at);
        failed(error)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_new_and_for_its_owner_alone() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("content");
        let privacy = write_private_folder(&folder, &[("native.cli", b"x")]).unwrap();
        assert_eq!(privacy, if cfg!(unix) { Privacy::Owner } else { Privacy::Unknown });
        assert_eq!(fs::read(folder.join("native.cli")).unwrap(), b"x");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
            assert_eq!(fs::metadata(folder.join("native.cli")).unwrap().permissions().mode() & 0o777, 0o600);
            // what FAT and exFAT answer after whatever was asked of them
            for mode in [0o755, 0o777, 0o740, 0o702] {
                fs::set_permissions(&folder, fs::Permissions::from_mode(mode)).unwrap();
                assert_eq!(platform::privacy(&folder), Privacy::Others, "{mode:o}");
            }
            assert_eq!(platform::privacy(&temp.path().join("none")), Privacy::Unknown);
        }
        assert!(matches!(write_private_folder(&folder, &[]), Err(OutProblem::InTheWay { .. })));
    }

    #[test]
    fn a_file_is_new_or_replaced_whole_and_no_link_is_followed() {
        let temp = tempfile::tempdir().unwrap();
        let file = temp.path().join("np07.flk");
        write_file(&file, b"one", Access::Owner, false).unwrap();
        assert!(matches!(write_file(&file, b"two", Access::Owner, false), Err(OutProblem::InTheWay { .. })));
        assert_eq!(fs::read(&file).unwrap(), b"one");
        write_file(&file, b"two", Access::Owner, true).unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"two");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
            let link = temp.path().join("link");
            std::os::unix::fs::symlink(&file, &link).unwrap();
            assert!(matches!(write_file(&link, b"x", Access::Owner, true), Err(OutProblem::InTheWay { .. })));
        }
        assert_eq!(fs::read(&file).unwrap(), b"two");
        assert_eq!(fs::read_dir(temp.path()).unwrap().count(), 1 + usize::from(cfg!(unix)));
    }

    #[test]
    fn a_file_that_can_not_be_written_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("content");
        assert!(write_private_folder(&folder, &[("a", b"x"), ("a", b"y")]).is_err());
        assert!(!folder.exists());
    }
}
