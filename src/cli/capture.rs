//! `capture`: what was read from a device is kept in the site, redacted.

use std::path::{Path, PathBuf};

use fieldlock::model::value::Moment;
use fieldlock::pipeline::import::{Plan, again};
use fieldlock::platform;
use fieldlock::report;

use super::args::OutputArgs;
use super::exit::Exit;
use super::import::UNCHANGED;
use super::incoming::{self, ExportKeyArgs};
use super::output::Output;
use super::problem::Problem;
use super::site::Opened;
use super::{put, site};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock capture np07 --from np07.ini --by ot-lead\n  fieldlock capture np07 --blank --output np07.sheet\n  \
    ssh admin@10.20.1.1 < commands.txt | fieldlock capture ps7-router west --from - --by ot-lead"
)]
pub(crate) struct CaptureArgs {
    /// The device
    #[arg(value_name = "DEVICE")]
    name: String,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// What was read from it: an exported file, encrypted or not, a recorded session, a filled sheet; `-` for stdin
    #[arg(long, value_name = "FILE", required_unless_present = "blank")]
    from: Option<PathBuf>,
    /// Who read it: a person of the site
    #[arg(long, value_name = "PERSON", required_unless_present = "blank")]
    by: Option<String>,
    /// Print a sheet to be filled in at the device, for one that exports nothing that can be read: a row for each field
    /// of its pages, with the value behind the last tab. What stays blank says nothing
    #[arg(long, conflicts_with_all = ["from", "by", "at", "dry_run"])]
    blank: bool,
    /// When it was read, `YYYY-MM-DD HH:MM UTC` [default: the time of the file]
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// Write nothing into the site, and say what would be kept
    #[arg(long)]
    dry_run: bool,
    #[command(flatten)]
    keys: ExportKeyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: CaptureArgs) -> Result<Exit, Problem> {
    let opened = site::open(args.site.as_deref())?;
    let (Some(given), Some(by)) = (&args.from, &args.by) else { return blank(&args, opened) };
    let folder = opened.root.path().to_owned();
    let locked = put::lock_unless(args.dry_run, &folder)?;
    let ready = site::ready(opened, None)?;
    let device = site::device(&ready.site, &args.name).and_then(|device| {
        site::person(&ready.site, by)?;
        Ok(device)
    });
    let device = device.map_err(|problem| problem.state(UNCHANGED))?;
    let of = Some(device.platform);
    let read = match given == Path::new("-") {
        true => incoming::stdin(&args.keys, &ready.site.tables, of)?,
        false => incoming::read(std::slice::from_ref(given), &args.keys, &ready.site.tables, of)?,
    };
    let (asked, refused) = read.taken(by, args.at);
    let [from] = &asked.files[..] else {
        return Err(match refused.first() {
            Some(one) => incoming::refusal(one).state(UNCHANGED),
            None => Problem::invalid(format!("`{}` holds several files", given.display()))
                .help("name the file that was read from this device; `fieldlock import` takes folders"),
        });
    };
    let (captured, told) = again(&ready, device, from).map_err(|why| {
        Problem::refused(format!("`{}`: {why}", from.incoming.name))
            .help("is it the file of another device? where the device was replaced, describe the new one first")
            .state(UNCHANGED)
    })?;
    let mut plan = Plan::default();
    plan.add(captured, told);
    if let Some(locked) = locked {
        locked.change(&plan.put, &plan.take).map_err(|why| put::unwritten(&why))?;
        plan.told.dry_run = false;
    }
    let text = report::imported(&plan.told, args.output.all);
    Output::new(&args.output).either(|| plan.told, || text)?;
    Ok(Exit::Done)
}

fn blank(args: &CaptureArgs, opened: Opened) -> Result<Exit, Problem> {
    let ready = site::ready(opened, None)?;
    let device = site::device(&ready.site, &args.name)?;
    let sheet = platform::at(device).blank(device);
    Output::new(&args.output).text(&sheet)?;
    Ok(Exit::Done)
}
