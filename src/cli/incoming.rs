//! Files from devices that a person names: single ones, or all of a folder.

use std::path::{Path, PathBuf};

use fieldlock::dialect::SiteTables;
use fieldlock::dialect::ini::container::LONGEST_KEY;
use fieldlock::model::device::PlatformKind;
use fieldlock::model::value::Moment;
use fieldlock::pipeline::import::{Asked, From, Row, Taken, is_list, read_list};
use fieldlock::pipeline::{self, Incoming, IncomingError, ReadBy, incoming, settle};
use fieldlock::report::documents::RefusedFile;
use fieldlock::site::files::{FileProblem, Root};
use fieldlock::site::{Site, SiteDevice};
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

/// What was read of files.
#[derive(Default)]
pub(crate) struct Read {
    /// Texts of devices, and when each file was written.
    pub(crate) files: Vec<(Incoming, jiff::Timestamp)>,
    /// Rows of lists.
    rows: Vec<Row>,
    /// The others, with why.
    pub(crate) refused: Vec<RefusedFile>,
}

/// As many bytes are read of one run: a plant's exports have some hundred kilobytes each.
const MOST: usize = 1 << 30;

/// Reads single files, and all files of folders; `of` is the platform of the device that they are said to be of.
pub(crate) fn read(
    given: &[PathBuf],
    keys: &ExportKeyArgs,
    tables: &SiteTables,
    of: Option<PlatformKind>,
) -> Result<Read, Problem> {
    let by = ReadBy { keys: &keys.read()?, tables, of };
    let mut read = Read::default();
    let mut left = MOST;
    for given in given {
        for path in file::all(given).map_err(|error| Problem::invalid(format!("`{}`: {error}", given.display())))? {
            let folder = path.is_dir();
            let (root, names) = if folder { whole(&path)? } else { single(&path)? };
            for name in names {
                let shown = if folder { path.join(&name) } else { path.clone() };
                match root.read_bytes(&name, MAX_BYTES) {
                    Ok(bytes) => {
                        left = left.checked_sub(bytes.len()).ok_or_else(too_many)?;
                        read.one(&shown.display().to_string(), bytes, written(&shown), &by);
                    }
                    Err(problem) => read.refuse(&shown.display().to_string(), &problem.into()),
                }
            }
        }
    }
    Ok(read)
}

/// Reads files of a folder that is held open: each of them has to be one, and no link.
pub(crate) fn beneath(root: &Root, names: &[&String]) -> Result<Read, Problem> {
    let by = ReadBy { keys: &[], tables: &SiteTables::default(), of: None };
    let mut read = Read::default();
    let mut left = MOST;
    for name in names {
        let bytes = root.read_bytes(name, MAX_BYTES)?;
        left = left.checked_sub(bytes.len()).ok_or_else(too_many)?;
        let path = root.path().join(name);
        read.one(&path.display().to_string(), bytes, written(&path), &by);
    }
    Ok(read)
}

/// One file, as it is.
pub(crate) struct Raw {
    /// How it is called in messages.
    pub(crate) shown: String,
    /// What stands in it; it may be a secret.
    pub(crate) bytes: Zeroizing<Vec<u8>>,
    /// When it was written.
    pub(crate) written: jiff::Timestamp,
}

impl Raw {
    /// Whether it is what a person fills in, or nothing at all, and no export.
    pub(crate) fn is_a_sheet_or_empty(&self) -> bool {
        let text = std::str::from_utf8(&self.bytes);
        let sheet = |text: &str| text.lines().next().is_none_or(|first| first.matches('\t').count() == 2);
        text.is_ok_and(sheet)
    }
}

/// Reads a file, or what is typed or piped in.
pub(crate) fn raw(given: &Path) -> Result<Raw, Problem> {
    let shown = given.display().to_string();
    let refuse = |why: FileProblem| {
        let mut read = Read::default();
        read.refuse(&shown, &why.into());
        read.refused.first().map_or_else(|| Problem::invalid("it can't be read"), refusal)
    };
    if given == Path::new("-") {
        use std::io::Read as _;
        let mut bytes = Zeroizing::new(Vec::new());
        let read = std::io::stdin().take(MAX_BYTES as u64 + 1).read_to_end(&mut bytes);
        return match read {
            Ok(_) if bytes.len() <= MAX_BYTES => Ok(Raw { shown, bytes, written: clock::now() }),
            Ok(_) => Err(refuse(FileProblem::TooLarge { name: "-".to_owned(), max: MAX_BYTES })),
            Err(error) => Err(refuse(FileProblem::of_io("-".to_owned(), &error))),
        };
    }
    let path = file::one(given).map_err(|error| Problem::invalid(format!("`{shown}`: {error}")))?;
    if path.is_dir() {
        return Err(Problem::invalid(format!("`{shown}` holds several files"))
            .help("name the file that was read from this device; `fieldlock import` takes folders"));
    }
    let (root, names) = single(&path)?;
    let bytes = root.read_bytes(&names[0], MAX_BYTES).map_err(refuse)?;
    Ok(Raw { shown, bytes: Zeroizing::new(bytes), written: written(&path) })
}

fn written(path: &Path) -> jiff::Timestamp {
    let written = path.metadata().and_then(|data| data.modified()).ok();
    written.and_then(|time| jiff::Timestamp::try_from(time).ok()).unwrap_or_else(clock::now)
}

/// What devices said themselves.
pub(crate) fn said(texts: Vec<(&SiteDevice, String)>) -> Read {
    let mut read = Read::default();
    for (number, (device, text)) in (0..).zip(texts) {
        match pipeline::said(device, &text, FileId(number)) {
            Ok(incoming) => read.files.push((incoming, clock::now())),
            Err(why) => read.refuse(&device.name, &why),
        }
    }
    read
}

/// Why a file that was read is nothing to go on with.
pub(crate) fn refusal(one: &RefusedFile) -> Problem {
    let problem = Problem::invalid(format!("`{}`: {}", one.file, one.message));
    one.help.iter().fold(problem, |problem, help| problem.help(help))
}

impl Read {
    /// What one file says.
    pub(crate) fn of(
        raw: &Raw,
        keys: &ExportKeyArgs,
        tables: &SiteTables,
        of: Option<PlatformKind>,
    ) -> Result<Read, Problem> {
        let by = ReadBy { keys: &keys.read()?, tables, of };
        let mut read = Read::default();
        read.one(&raw.shown, raw.bytes.to_vec(), raw.written, &by);
        Ok(read)
    }

    /// Whether it is a text of a platform, or of a model that says so.
    pub(crate) fn is_of(&self, kind: PlatformKind) -> bool {
        self.files.iter().any(|(incoming, _)| incoming.on.kind == kind || incoming.tells.model.is_some())
    }

    /// The same, with what of it a site tells: which platform's pages a sheet has.
    pub(crate) fn settled(mut self, site: &Site) -> Read {
        settle(site, &mut self.files, |(incoming, _)| incoming);
        self
    }

    /// What is to be taken over. `by` is who read it, `at` when, where not each file's own time counts.
    pub(crate) fn taken(mut self, by: &str, at: Option<Moment>) -> (Asked, Vec<RefusedFile>) {
        let mut asked = Asked { rows: std::mem::take(&mut self.rows), ..Asked::default() };
        for (incoming, written) in std::mem::take(&mut self.files) {
            let name = incoming.name.clone();
            match From::of(incoming, Taken { by: by.to_owned(), at: at.unwrap_or(Moment::At(written)) }) {
                Ok(from) => asked.files.push(from),
                Err(why) => self.refuse(&name, &why),
            }
        }
        (asked, self.refused)
    }

    fn one(&mut self, shown: &str, bytes: Vec<u8>, written: jiff::Timestamp, by: &ReadBy<'_>) {
        if is_list(&bytes) {
            match read_list(shown, &bytes) {
                Ok(rows) => self.rows.extend(rows),
                Err(message) => self.refused.push(RefusedFile { file: shown.to_owned(), message, help: None }),
            }
            return;
        }
        let number = FileId(u32::try_from(self.files.len()).unwrap_or(u32::MAX - 1));
        match incoming(shown, bytes, by, number) {
            Ok(incoming) => self.files.push((incoming, written)),
            Err(IncomingError::Nothing)
                if Path::new(shown).extension().is_some_and(|e| e.eq_ignore_ascii_case("csv")) =>
            {
                let message = "its first line does not name the columns".to_owned();
                let help = "a list has `name` there, and `model`, `serial`, `address` or `zone`".to_owned();
                self.refused.push(RefusedFile { file: shown.to_owned(), message, help: Some(help) });
            }
            Err(why) => self.refuse(shown, &why),
        }
    }

    fn refuse(&mut self, shown: &str, why: &IncomingError) {
        let help = Some(why.help().to_owned());
        self.refused.push(RefusedFile { file: shown.to_owned(), message: why.to_string(), help });
    }
}

impl ExportKeyArgs {
    pub(crate) fn read(&self) -> Result<Vec<Zeroizing<Vec<u8>>>, Problem> {
        self.export_key_file.iter().map(|path| key(path)).collect()
    }
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
    let (folder, name) = file::place(path)?;
    Ok((Root::open(folder)?, vec![name.to_owned()]))
}

fn too_many() -> Problem {
    Problem::invalid(format!("these files have more than {} MiB", MOST >> 20))
        .help("is this the folder of the exports? take them over part by part")
}
