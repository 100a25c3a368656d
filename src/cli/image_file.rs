//! Reading a sealed file, bounded, and what both image verbs tell of a file they refuse.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use fieldlock::image::{MAX_FILE_LEN, OpenError};
use fieldlock::pipeline::folder;
use fieldlock::report::escape;
use fieldlock::site::files::error_at;

use super::file;
use super::problem::Problem;
use super::site::{self, OUT};

/// The file that is meant: the one of this name; or, where there is none, the image that the site here was built with
/// for the device of this name.
pub(crate) fn resolve_image_path(given: &Path) -> Result<PathBuf, Problem> {
    let given = file::one(given).map_err(|error| not_found(given, &error))?;
    let device = given.to_str().filter(|name| !given.exists() && !name.contains(['/', '\\']));
    let built = device.and_then(|name| Some(site::open(None).ok()?.root.path().join(OUT).join(folder::image(name))));
    Ok(built.filter(|file| file.is_file()).unwrap_or(given))
}

/// The same for several, a pattern being all the files that are called like it.
pub(crate) fn resolve_image_paths(given: &[PathBuf]) -> Result<Vec<PathBuf>, Problem> {
    let all = |path: &PathBuf| file::all(path).map_err(|error| not_found(path, &error));
    let paths = given.iter().map(all).collect::<Result<Vec<_>, _>>()?.concat();
    paths.iter().map(|path| resolve_image_path(path)).collect()
}

fn not_found(path: &Path, error: &std::io::Error) -> Problem {
    Problem::invalid(format!("`{}`: {error}", path.display()))
        .help("give images, the files under `images/` of a build; or devices' names, inside their site")
}

/// The whole file, at most one byte more than an image can have.
pub(crate) fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let failed = |error: std::io::Error| {
        let error = error_at(path, error);
        Problem::invalid(format!("`{}` can't be read: {error}", path.display()))
            .help("give an image, one of the files under `images/` of a build; or a device's name, inside its site")
    };
    // before it is opened: opening a pipe waits for a writer
    let data = std::fs::metadata(path).map_err(failed)?;
    if !data.is_file() {
        let what = if data.is_dir() { "a folder" } else { "no regular file" };
        return Err(Problem::invalid(format!("`{}` is {what}", path.display()))
            .help("give an image: the files under `images/` of a build"));
    }
    let mut bytes = Vec::new();
    let file = File::open(path).map_err(failed)?;
    file.take(MAX_FILE_LEN as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(bytes)
}

/// A file that was refused: exit 5, with the layer that refused it.
pub(crate) fn refused(path: &Path, error: &OpenError) -> Problem {
    Problem::refused(format!("`{}`: {error} [{}]", path.display(), error.class()))
        .help(error.help())
        .state("nothing was opened and nothing was written")
}

/// Name and value rows for people.
pub(crate) fn rows(rows: &[(&str, String)]) -> String {
    rows.iter().map(|(name, value)| format!("{name:<14} {}\n", escape::line(value))).collect()
}
