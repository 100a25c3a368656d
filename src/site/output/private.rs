//! A folder of secrets in clear: new, for its owner alone, whole or not there at all.

use std::fs;
use std::io::{self, Write};
use std::path::Path;

use super::super::platform;
use super::OutProblem;

/// Writes files into a folder that must not exist yet and that only its owner may enter. On any failure the folder is
/// taken away again. Names have no folders in them. Where the file system keeps no permissions there are none.
///
/// # Errors
/// Something stands in the folder's place, or it can't be written.
pub fn write_private_folder(folder: &Path, files: &[(&str, &[u8])]) -> Result<(), OutProblem> {
    let shown = || folder.display().to_string();
    match platform::kind_of(folder) {
        Ok(None) => {}
        Ok(Some(_)) => return Err(OutProblem::InTheWay { name: shown(), what: "a file or folder" }),
        Err(error) => return Err(OutProblem::cannot_create(shown(), &error)),
    }
    platform::create_private_folder(folder).map_err(|error| OutProblem::cannot_create(shown(), &error))?;
    for (name, bytes) in files {
        let path = folder.join(name);
        let done = platform::create_new(&path, true).and_then(|mut file| {
            file.write_all(bytes)?;
            file.sync_all()
        });
        if let Err(error) = done {
            take_back(folder, files);
            return Err(OutProblem::write(name, &error));
        }
    }
    Ok(())
}

/// Removes what was written; the folder is ours, nobody else may enter it.
fn take_back(folder: &Path, files: &[(&str, &[u8])]) {
    let removed = |result: io::Result<()>| result.is_ok();
    for (name, _) in files {
        removed(fs::remove_file(folder.join(name)));
    }
    removed(fs::remove_dir(folder));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folder_is_new_and_for_its_owner_alone() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("content");
        write_private_folder(&folder, &[("native.cli", b"x")]).unwrap();
        assert_eq!(fs::read(folder.join("native.cli")).unwrap(), b"x");
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
            assert_eq!(fs::metadata(folder.join("native.cli")).unwrap().permissions().mode() & 0o777, 0o600);
        }
        assert!(matches!(write_private_folder(&folder, &[]), Err(OutProblem::InTheWay { .. })));
    }

    #[test]
    fn a_file_that_can_not_be_written_leaves_nothing() {
        let temp = tempfile::tempdir().unwrap();
        let folder = temp.path().join("content");
        assert!(write_private_folder(&folder, &[("a", b"x"), ("a", b"y")]).is_err());
        assert!(!folder.exists());
    }
}
