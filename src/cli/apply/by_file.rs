//! `--file`: a device that is changed by a file which somebody imports at its console. The file is made of what the
//! device exported just now; an export afterwards shows what was taken of it, and whether another file follows.

use std::collections::BTreeSet;
use std::path::Path;

use fieldlock::dialect::ini::container::{PRESET, close, open};
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Event, Line, Row, RowStatus, SavedPage, Started};
use fieldlock::model::device::PlatformKind;
use fieldlock::native::Form;
use fieldlock::pipeline::by_file::{ImportLine, NoImport, import, taken};
use fieldlock::pipeline::capture::FOLDER;
use fieldlock::plan::Engineer;
use fieldlock::platform::{self, Platform};
use fieldlock::report;
use fieldlock::report::escape;
use fieldlock::sheet::Sheet;
use fieldlock::site::output::Access;

use super::super::exit::Exit;
use super::super::output::write_new;
use super::super::problem::Problem;
use super::super::{clock, terminal};
use super::backup::{self, Before, Export};
use super::journal::{Journal, beside, stopped};
use super::unlocked::{Unlocked, search};
use super::vendor_tool::Tool;
use super::{ApplyArgs, NOTHING, Stick, keep_again};

/// What receipts call it, as if it were a page.
const PAGE: &str = "imported file";

/// Lines that were handed out in a file and of which nobody knows yet whether they were taken.
pub(super) fn pending(sheet: &Sheet, receipt: &Receipt) -> BTreeSet<String> {
    let mut open = BTreeSet::new();
    // rows by which something is taken back are of another sheet
    let until = |line: &&Line| !matches!(line.event, Event::Undoing(_));
    for line in receipt.lines().iter().take_while(until) {
        match &line.event {
            Event::Started(started) if !sheet.rows().any(|(_, row)| row.id == started.id) => {
                open.insert(started.id.clone());
            }
            Event::Row(row) => drop(open.remove(&row.id)),
            _ => {}
        }
    }
    open
}

/// The platform, where its devices import a file.
pub(super) fn takes(stick: &Stick) -> Result<Platform, Problem> {
    let kind = PlatformKind::ALL.into_iter().find(|kind| kind.word() == stick.core.platform);
    kind.map(|kind| platform::with(stick.tables.of(kind))).filter(|on| on.machine == Some(Form::Ini)).ok_or_else(|| {
        Problem::refused(format!("{} takes no file that fieldlock can write", stick.core.device))
            .help("work through the sheet, without --file")
            .state(NOTHING)
    })
}

/// One file after the other, each of what the device exported after the last; `false` where a person has to import one,
/// and the work goes on later.
pub(super) fn files(
    args: &ApplyArgs,
    (stick, unlocked): (&Stick, &Unlocked<'_>),
    journal: &mut Journal,
    (mut before, mut tool): (Before, Option<&mut Tool>),
    (to, home): (&Path, &Path),
) -> Result<bool, Problem> {
    let answered = |journal: &Journal| journal.receipt.as_ref().map_or(0, |receipt| receipt.rows().len());
    let mut imported = false;
    while let Before::Export(export) = &before {
        let known = answered(journal);
        if step(args, stick, unlocked, journal, export, (to, home))? {
            break;
        }
        if imported && answered(journal) == known {
            return Err(Problem::refused(format!("{} took nothing of the file", args.device)));
        }
        let Some(tool) = &mut tool else { return Ok(false) };
        tool.import()?;
        imported = true;
        tool.renew(&args.device, unlocked.values());
        before = backup::look(args, stick, Some(&tool.export()?))?;
        keep_again(args, (stick, unlocked), journal, &before, home)?;
    }
    Ok(true)
}

/// Says of the lines of the last file what the device has, and writes the next file. `true` where none is left.
fn step(
    args: &ApplyArgs,
    stick: &Stick,
    unlocked: &Unlocked<'_>,
    journal: &mut Journal,
    export: &Export,
    (to, home): (&Path, &Path),
) -> Result<bool, Problem> {
    let device = &args.device;
    let Some(receipt) = journal.receipt.clone() else { return Ok(true) };
    let (on, has) = (takes(stick)?, export.text.as_deref().map_or("", String::as_str));
    let sealed = unlocked.machine(Form::Ini)?;
    let sealed = sealed.expose_text().unwrap_or_default();
    let receipt = told(&stick.sheet, receipt, &taken(&on, has, sealed))?;
    let refused = |row: &&Row| row.menu == PAGE && row.status == RowStatus::Other;
    let left_out: BTreeSet<String> = receipt.rows().into_iter().filter(refused).map(|row| row.id.clone()).collect();
    journal.keep(receipt.clone())?;
    let engineer = Engineer { addresses: args.laptop.into_iter().collect(), ..Engineer::default() };
    let file = import(&on, device, (has, sealed), (&engineer, &left_out)).map_err(|why| {
        let message = format!("no file is imported into {device}: {why}");
        match why {
            NoImport::Refused { help, .. } => Problem::refused(message).help(help),
            NoImport::Text | NoImport::Unknown(_) => Problem::refused(message)
                .help("export its configuration again; bring the device to the firmware of its image first"),
            NoImport::Unexplained(..) => Problem::refused(message).help(format!(
                "keep what the device has: `fieldlock capture {device} --from EXPORT` in the site and build again; to \
                 change it, use its own page and look who still gets in"
            )),
            NoImport::Line(_) | NoImport::Leap | NoImport::Many => {
                Problem::refused(message).help("work through the sheet page by page, without --file")
            }
        }
    })?;
    let Some(file) = file else {
        keep(device, &on.kept(Form::Ini, has).0, home)?;
        terminal::complain(&report::apply::imported(receipt.rows().into_iter().filter(|row| row.menu == PAGE)));
        return Ok(true);
    };
    let mut receipt = receipt;
    for line in &file.lines {
        receipt
            .add(Event::Started(Started { id: line.id.clone() }), clock::now())
            .map_err(|why| stopped(&why.to_string()))?;
    }
    let values = unlocked.values();
    if search(&values).is_some_and(|search| search.find(receipt.bytes()).is_some()) {
        return Err(Problem::refused("a secret would stand in the receipt").state(NOTHING));
    }
    journal.keep(receipt)?;
    let text = file.text.as_bytes();
    let bytes = match export.encrypted {
        true => close(text, &key(args, export)?).map_err(|why| Problem::invalid(why.to_string()).state(NOTHING))?,
        false => text.to_vec(),
    };
    let bytes = zeroize::Zeroizing::new(bytes);
    write_new(to, &bytes).map_err(|why| {
        Problem { exit: Exit::Unfinished, ..why }
            .help("give a new file in a folder that you may write to, and go on with --resume")
            .state(format!("{device} is as it was"))
    })?;
    if args.tool.vendor_tool.is_some() {
        return Ok(false);
    }
    let lines: Vec<(&str, &str)> = file.lines.iter().map(|line| (&*line.place, &*line.value)).collect();
    let path = to.display().to_string();
    terminal::complain(&report::apply::to_import((device, &path), &lines, file.check.as_ref(), file.more));
    Ok(false)
}

/// What the device exported last, without its secrets: it comes home as what was read from it.
fn keep(device: &str, text: &str, home: &Path) -> Result<(), Problem> {
    let kept = |why: &dyn std::fmt::Display| {
        Problem { exit: Exit::Unfinished, ..Problem::invalid(format!("what was read can't be kept: {why}")) }
            .help("--to names a folder that can be written to; then go on with --resume")
            .state(format!("{device} has what it took; the journal says so"))
    };
    let folder = beside(home, FOLDER).map_err(|why| kept(&why))?;
    let name = format!("{device}.{}", Form::Ini.ending());
    folder.put(&name, text.as_bytes(), Access::Everyone, true).map(drop).map_err(|why| kept(&why))
}

/// A file was written, and somebody has to import it.
pub(super) fn waits(device: &str) -> Problem {
    Problem { exit: Exit::Unfinished, ..Problem::invalid("nobody says yet what the device took of the file") }
        .help("import it, export the configuration again, and go on: --resume --backup EXPORT --file NEXT --laptop ADDRESS")
        .state(format!("{} may be between two states; the journal says so", escape::line(device)))
}

/// What became of the lines that were handed out before.
fn told(
    sheet: &Sheet,
    mut receipt: Receipt,
    taken: &std::collections::BTreeMap<String, (ImportLine, bool)>,
) -> Result<Receipt, Problem> {
    let open = pending(sheet, &receipt);
    // nothing of it is there: it was never imported, and is written again
    if !open.iter().any(|id| taken.get(id).is_some_and(|(_, same)| *same)) {
        return Ok(receipt);
    }
    for id in &open {
        let (line, same) = taken.get(id).map_or((None, false), |(line, same)| (Some(line), *same));
        let row = Row {
            field: line.map(|line| line.place.clone()).unwrap_or_default(),
            id: id.clone(),
            menu: PAGE.to_owned(),
            path: String::new(),
            said: if same { String::new() } else { "the device has another value".to_owned() },
            status: if same { RowStatus::Done } else { RowStatus::Other },
            typed: String::new(),
            value: line.map(|line| line.value.chars().take(200).collect()).unwrap_or_default(),
        };
        receipt.add(Event::Row(row), clock::now()).map_err(|why| stopped(&why.to_string()))?;
    }
    let page = SavedPage { menu: PAGE.to_owned(), saved: true, seen: true };
    receipt.add(Event::Page(page), clock::now()).map_err(|why| stopped(&why.to_string()))?;
    Ok(receipt)
}

/// The key that the device encrypted its export with.
fn key(args: &ApplyArgs, export: &Export) -> Result<zeroize::Zeroizing<Vec<u8>>, Problem> {
    let keys = args.keys.read()?;
    let preset = zeroize::Zeroizing::new(PRESET.as_bytes().to_vec());
    let opens = |key: &zeroize::Zeroizing<Vec<u8>>| open(export.bytes.expose(), key).is_ok();
    keys.into_iter().chain([preset]).find(opens).ok_or_else(|| {
        Problem::refused("none of the keys opens the export").help("give it with --export-key-file").state(NOTHING)
    })
}
