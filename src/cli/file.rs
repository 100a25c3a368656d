//! Files that a person names: found by a pattern where the shell leaves that to the program, opened, and read as text.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

use fieldlock::site::files::error_at;
use fieldlock::source::without_mark;
use glob::MatchOptions;

use super::problem::Problem;

/// As of Windows itself: letters in any case, and no name is hidden.
const AS_ON_WINDOWS: MatchOptions =
    MatchOptions { case_sensitive: false, require_literal_separator: true, require_literal_leading_dot: false };

/// Opens what is to be read: a file, a pipe, and no folder.
pub(crate) fn open(given: &Path) -> io::Result<File> {
    let path = &one(given)?;
    let opened = File::open(path).and_then(|file| match file.metadata()?.is_dir() {
        true => Err(io::ErrorKind::IsADirectory.into()),
        false => Ok(file),
    });
    opened.map_err(|error| error_at(path, error))
}

/// What stands in a text, without an editor's mark; of a longer one so many bytes and a few more.
pub(crate) fn read_text(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    open(path)?.take(most as u64 + 4).read_to_end(&mut bytes)?;
    without_mark(&bytes).map(<[u8]>::to_vec).map_err(io::Error::other)
}

/// The same of a file that came from somebody, or that lies beside one: a pipe there would be waited for for ever, and
/// nobody asked for it.
pub(crate) fn read_document(path: &Path, most: usize) -> io::Result<Vec<u8>> {
    let data = std::fs::metadata(one(path)?).map_err(|error| error_at(path, error))?;
    if !data.is_file() && !data.is_dir() {
        return Err(io::Error::other("it is no regular file"));
    }
    read_text(path, most)
}

/// What stands in a file that may lie beside another; `None` where there is none.
pub(crate) fn read_beside(path: &Path, most: usize) -> Result<Option<Vec<u8>>, Problem> {
    match read_document(path, most) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Problem::invalid(format!("`{}` can't be read: {error}", path.display()))
            .help("move it away, or put there what belongs there")),
    }
}

/// The folder of a file, and its name in it.
pub(crate) fn place(path: &Path) -> Result<(&Path, &str), Problem> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Problem::invalid(format!("`{}` names no file", path.display())));
    Ok((folder, name?))
}

/// The files that are meant. The shells of Windows hand `*` and `?` on as they were typed; all others put names in
/// their place, and what has such a sign left is a name.
///
/// # Errors
/// A pattern that no file is called like.
pub(crate) fn all(given: &Path) -> io::Result<Vec<PathBuf>> {
    if cfg!(windows) { matching(given) } else { Ok(vec![given.to_owned()]) }
}

/// The one file or folder that is meant.
///
/// # Errors
/// A pattern that none is called like, or several are.
pub(crate) fn one(given: &Path) -> io::Result<PathBuf> {
    if cfg!(windows) { only(given) } else { Ok(given.to_owned()) }
}

fn only(given: &Path) -> io::Result<PathBuf> {
    match &matching(given)?[..] {
        [one] => Ok(one.clone()),
        several => {
            let (first, second) = (several[0].display(), several[1].display());
            Err(io::Error::other(format!("several are called so: `{first}`, `{second}`; name the one that is meant")))
        }
    }
}

/// What there is of a name with `*` or `?`, by name; any other as it is. Never nothing.
fn matching(given: &Path) -> io::Result<Vec<PathBuf>> {
    // `\\?\C:\` is no pattern
    let mut names = given.components().filter(|part| !matches!(part, Component::Prefix(_)));
    let pattern = given
        .to_str()
        .filter(|_| names.any(|part| part.as_os_str().to_str().is_some_and(|name| name.contains(['*', '?']))));
    let Some(pattern) = pattern else { return Ok(vec![given.to_owned()]) };
    // what stands between brackets is a name there, and two `*` are one
    let mut pattern = pattern.replace('[', "[[]");
    while pattern.contains("**") {
        pattern = pattern.replace("**", "*");
    }
    let found = glob::glob_with(&pattern, AS_ON_WINDOWS).map_err(io::Error::other)?;
    let found = found.collect::<Result<Vec<_>, _>>().map_err(io::Error::from)?;
    if found.is_empty() {
        return Err(io::Error::new(
            io::ErrorKind::NotFound,
            "no file is called like this: `*` is any letters, `?` is one",
        ));
    }
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder(names: &[&str]) -> tempfile::TempDir {
        let temp = tempfile::tempdir().unwrap();
        for name in names {
            std::fs::create_dir_all(temp.path().join(name).parent().unwrap()).unwrap();
            std::fs::write(temp.path().join(name), "x").unwrap();
        }
        temp
    }

    #[test]
    fn patterns_are_the_files_that_are_called_like_them() {
        let names =
            ["out/images/np07.flk", "out/images/np08.FLK", "out/images/[a].flk", "out/index.json", "Pumpe 1/ä b.flk"];
        let temp = folder(&names);
        let name = |path: &PathBuf| path.strip_prefix(temp.path()).unwrap().to_str().unwrap().replace('\\', "/");
        let found = |pattern: &str| -> io::Result<Vec<String>> {
            Ok(matching(&temp.path().join(pattern))?.iter().map(name).collect())
        };
        for (pattern, expected) in [
            ("out/images/np*.flk", vec!["out/images/np07.flk", "out/images/np08.FLK"]),
            ("out/images/np0?.flk", vec!["out/images/np07.flk", "out/images/np08.FLK"]),
            ("*/*/**7.flk", vec!["out/images/np07.flk"]),
            ("out/images/[a].fl?", vec!["out/images/[a].flk"]),
            ("Pumpe */*.flk", vec!["Pumpe 1/ä b.flk"]),
            // names without a sign are as they were typed, there or not
            ("out/images/[a].flk", vec!["out/images/[a].flk"]),
            ("none.flk", vec!["none.flk"]),
        ] {
            assert_eq!(found(pattern).unwrap(), expected, "{pattern}");
        }
        for pattern in ["out/*.flk", "*.flk", "none/*"] {
            let error = found(pattern).unwrap_err();
            assert_eq!(error.kind(), io::ErrorKind::NotFound, "{pattern}");
            assert!(error.to_string().starts_with("no file is called like this"), "{error}");
        }
        let file = |pattern: &str| only(&temp.path().join(pattern));
        assert_eq!(file("*/images/*7.flk").unwrap(), temp.path().join(names[0]));
        let several = file("out/images/np*").unwrap_err().to_string();
        assert!(several.starts_with("several are called so: ") && several.contains("np08.FLK"), "{several}");
    }

    #[test]
    fn what_stands_in_the_way_is_called_that() {
        let temp = folder(&["west.passphrase"]);
        let told = |name: &str| open(&temp.path().join(name)).unwrap_err();
        let folder = told(".");
        assert_eq!((folder.kind(), &*folder.to_string()), (io::ErrorKind::IsADirectory, "it is a folder, not a file"));
        let through = told("west.passphrase/x/y");
        assert_eq!(through.kind(), io::ErrorKind::NotADirectory);
        assert!(through.to_string().ends_with("west.passphrase` in its path is a file, not a folder"), "{through}");
        assert_eq!(told("none/x").kind(), io::ErrorKind::NotFound);
    }
}
