//! Images that change together: those of a folder all at once or none, and a change that is interrupted is finished by
//! the next, as one of a build is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fieldlock::site::output::{OutDir, OutProblem, SiteFolder};

use super::opening::{beside, is_images};
use super::problem::Problem;
use super::{folders, interrupted};

/// The folders that images lie in, locked.
pub(crate) struct ImageFolders(BTreeMap<PathBuf, ImageFolder>);

enum ImageFolder {
    /// Of a build of this computer: its list of own files stays what it is, and the next build finishes what is
    /// interrupted.
    Build(OutDir),
    /// Any other: a stick, a copy.
    Folder(SiteFolder),
}

impl ImageFolders {
    /// Locks the folders of these images. What was interrupted there is finished, so that they are read afterwards.
    pub(crate) fn lock(images: &[PathBuf]) -> Result<ImageFolders, Problem> {
        let mut names: BTreeMap<PathBuf, Vec<String>> = BTreeMap::new();
        images.iter().for_each(|image| names.entry(folder(image)).or_default().push(name(image)));
        let lock = |(folder, names): (PathBuf, Vec<String>)| {
            let place = ImageFolder::lock(&folder, &names).map_err(|problem| unwritten(&problem, UNCHANGED))?;
            Ok((folder, place))
        };
        Ok(ImageFolders(names.into_iter().map(lock).collect::<Result<_, Problem>>()?))
    }

    /// Puts images into place, by their paths: each folder's all at once.
    pub(crate) fn replace(self, images: Vec<(PathBuf, Vec<u8>)>) -> Result<(), Problem> {
        let mut by_folder: BTreeMap<PathBuf, Vec<(String, Vec<u8>)>> = BTreeMap::new();
        for (path, bytes) in images {
            by_folder.entry(folder(&path)).or_default().push((name(&path), bytes));
        }
        let (mut changed, all) = (0, by_folder.len());
        for (folder, place) in self.0 {
            let Some(files) = by_folder.remove(&folder) else { continue };
            let state = match changed {
                0 => UNCHANGED.to_owned(),
                n => format!("the images of {n} of {all} folders have the new passphrase, the others are as they were"),
            };
            place.replace(&folder, files).map_err(|problem| unwritten(&problem, &state))?;
            changed += 1;
        }
        Ok(())
    }
}

impl ImageFolder {
    fn lock(folder: &Path, names: &[String]) -> Result<ImageFolder, OutProblem> {
        if is_images(folder) {
            match interrupted::open(&beside(&folder.join("any")), folders::kept().as_deref()) {
                Ok(out) if names.iter().all(|name| out.had(&within(folder, name))) => {
                    return Ok(ImageFolder::Build(out));
                }
                // laid beside those of a build
                Ok(_) => {}
                // of a build of another computer, or of none
                Err(OutProblem::Foreign { .. }) => {}
                Err(problem) => return Err(problem),
            }
        }
        interrupted::lock_images(folder).map(ImageFolder::Folder)
    }

    fn replace(self, folder: &Path, files: Vec<(String, Vec<u8>)>) -> Result<(), OutProblem> {
        match self {
            ImageFolder::Folder(folder) => folder.replace(&files),
            ImageFolder::Build(out) => {
                let named = |(name, bytes): (String, Vec<u8>)| (within(folder, &name), bytes);
                out.replace(&files.into_iter().map(named).collect::<Vec<_>>())
            }
        }
    }
}

const UNCHANGED: &str = "no file was changed";

fn unwritten(problem: &OutProblem, state: &str) -> Problem {
    Problem::invalid(problem.to_string())
        .help("make room, mend the permissions, or give another folder with --out; then rekey the others")
        .state(state)
}

fn name(image: &Path) -> String {
    image.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

/// How a build calls a file of a folder in its own.
fn within(folder: &Path, name: &str) -> String {
    format!("{}/{name}", folder.file_name().unwrap_or_default().to_string_lossy())
}

/// The folder of an image; a link to it is what it leads to.
fn folder(image: &Path) -> PathBuf {
    let folder = image.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    std::fs::canonicalize(folder).unwrap_or_else(|_| folder.to_owned())
}
