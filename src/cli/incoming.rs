//! Files from devices that a person names: single ones, or all of a folder.

use std::path::{Path, PathBuf};

use fieldlock::dialect::ini::container::LONGEST_KEY;
use fieldlock::model::value::Moment;
use fieldlock::pipeline::import::{Asked, From, ReadBy, is_list, read_list};
use fieldlock::pipeline::incoming;
use fieldlock::report::documents::RefusedFile;
use fieldlock::site::files::Root;
use fieldlock::source::FileId;
use fieldlock::syntax::MAX_BYTES;
use zeroize::Zeroizing;

use super::problem::Problem;
use super::{clock, file};

/// How files that devices encrypted are opened.
#[derive(Debug, clap::Args)]
pub(crate) struct ExportKeyArgs {
    /// File that holds the key that devices export with; may be given more than once [default: the factory's own]
    #[arg(long, value_name = "FILE", help_heading = "Files from devices")]
    pub(crate) export_key_file: Vec<PathBuf>,
}

/// What was read of files, and those that could not be.
#[derive(Default)]
pub(crate) struct Read {
    /// Read and recognised.
    pub(crate) asked: Asked,
    /// The others, with why.
    pub(crate) refused: Vec<RefusedFile>,
}

/// As many bytes are read of one run: a plant's exports have some hundred kilobytes each.
const MOST: usize = 1 << 30;

/// Reads single files, and all files of folders. `at` is when they were read from their devices, where a person says
/// it; else each file's own time counts.
pub(crate) fn read(given: &[PathBuf], keys: &ExportKeyArgs, by: &str, at: Option<Moment>) -> Result<Read, Problem> {
    let keys = keys.export_key_file.iter().map(|path| key(path)).collect::<Result<Vec<_>, _>>()?;
    let run = Run { keys: &keys, by, at };
    let mut read = Read::default();
    let mut left = MOST;
    for given in given {
        for path in file::all(given).map_err(|error| Problem::invalid(format!("`{}`: {error}", given.display())))? {
            let folder = path.is_dir();
            let (root, names) = if folder { whole(&path)? } else { single(&path)? };
            for name in names {
                let shown = if folder { path.join(&name) } else { path.clone() };
                one(&root, &name, &shown, &run, &mut left, &mut read)?;
            }
        }
    }
    Ok(read)
}

/// What all files of a run have in common.
struct Run<'a> {
    keys: &'a [Zeroizing<Vec<u8>>],
    by: &'a str,
    at: Option<Moment>,
}

/// What is typed or piped in.
pub(crate) fn stdin(keys: &ExportKeyArgs, by: &str, at: Option<Moment>) -> Result<Read, Problem> {
    use std::io::Read as _;
    let keys = keys.export_key_file.iter().map(|path| key(path)).collect::<Result<Vec<_>, _>>()?;
    let mut bytes = Vec::new();
    std::io::stdin()
        .take(MAX_BYTES as u64 + 1)
        .read_to_end(&mut bytes)
        .map_err(|error| Problem::invalid(format!("what comes in can't be read: {error}")))?;
    if bytes.len() > MAX_BYTES {
        return Err(Problem::invalid(format!("what comes in has more than {MAX_BYTES} bytes")));
    }
    let mut read = Read::default();
    recognise("-", bytes, &keys, ReadBy { by: by.to_owned(), at: at.unwrap_or(Moment::At(clock::now())) }, &mut read);
    Ok(read)
}

fn key(path: &Path) -> Result<Zeroizing<Vec<u8>>, Problem> {
    let told =
        |error: &dyn std::fmt::Display| Problem::invalid(format!("--export-key-file {}: {error}", path.display()));
    let mut key = file::read_text(path, LONGEST_KEY + 2).map(Zeroizing::new).map_err(|error| told(&error))?;
    while key.last().is_some_and(|byte| matches!(byte, b'\r' | b'\n')) {
        key.pop();
    }
    if key.is_empty() || key.len() > LONGEST_KEY || !key.is_ascii() {
        return Err(told(&format!("a key is one line of 1 to {LONGEST_KEY} characters of ASCII")));
    }
    Ok(key)
}

fn whole(path: &Path) -> Result<(Root, Vec<String>), Problem> {
    let root = Root::open(path)?;
    let names = root.list_all()?;
    if names.is_empty() {
        return Err(Problem::invalid(format!("there is no file in `{}`", path.display()))
            .help("give the folder that the exports of devices lie in"));
    }
    Ok((root, names))
}

fn single(path: &Path) -> Result<(Root, Vec<String>), Problem> {
    let folder = path.parent().filter(|p| !p.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Problem::invalid(format!("`{}` names no file", path.display())))?;
    Ok((Root::open(folder)?, vec![name.to_owned()]))
}

fn one(root: &Root, name: &str, path: &Path, run: &Run<'_>, left: &mut usize, read: &mut Read) -> Result<(), Problem> {
    let shown = path.display().to_string();
    let written = || {
        let time = path.metadata().and_then(|data| data.modified()).ok()?;
        jiff::Timestamp::try_from(time).ok()
    };
    match root.read_bytes(name, MAX_BYTES) {
        Ok(bytes) => {
            *left = left.checked_sub(bytes.len()).ok_or_else(|| {
                Problem::invalid(format!("these files have more than {} MiB", MOST >> 20))
                    .help("is this the folder of the exports? take them over part by part")
            })?;
            let at = run.at.unwrap_or_else(|| Moment::At(written().unwrap_or_else(clock::now)));
            recognise(&shown, bytes, run.keys, ReadBy { by: run.by.to_owned(), at }, read);
        }
        Err(problem) => read.refused.push(RefusedFile { file: shown, message: problem.to_string(), help: None }),
    }
    Ok(())
}

fn recognise(shown: &str, bytes: Vec<u8>, keys: &[Zeroizing<Vec<u8>>], by: ReadBy, read: &mut Read) {
    if is_list(&bytes) {
        match read_list(shown, &bytes) {
            Ok(rows) => read.asked.rows.extend(rows),
            Err(message) => read.refused.push(RefusedFile { file: shown.to_owned(), message, help: None }),
        }
        return;
    }
    let number = FileId(u32::try_from(read.asked.files.len()).unwrap_or(u32::MAX - 1));
    match incoming(shown, bytes, keys, None, number) {
        Ok(incoming) => read.asked.files.push(From { incoming, read: by }),
        Err(why) => {
            let help = Some(why.help().to_owned());
            read.refused.push(RefusedFile { file: shown.to_owned(), message: why.to_string(), help });
        }
    }
}
