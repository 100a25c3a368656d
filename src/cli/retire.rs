//! `retire`: a device is taken out. Its files move, a record is begun, and a page says what people have to do.

use std::path::PathBuf;

use fieldlock::model::value::Sha256;
use fieldlock::pipeline::{Reason, record, retirement};
use fieldlock::report;
use fieldlock::report::escape;
use fieldlock::site::files::Root;

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::{clock, put, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock retire np07 --by ot-lead --reason \"replaced, CHG-4102\" --dry-run\n  \
    fieldlock retire np07 west --by ot-lead --reason \"replaced, CHG-4102\" --output np07.md")]
pub(crate) struct RetireArgs {
    /// The device
    #[arg(value_name = "DEVICE")]
    name: String,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// Who takes it out: a person of the site
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// Why
    #[arg(long, value_name = "TEXT")]
    reason: String,
    /// Write nothing into the site, and say what would be done
    #[arg(long)]
    dry_run: bool,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write the page to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

const UNCHANGED: &str = "the site is as it was before";
/// As many characters are a reason.
const MOST: usize = 1000;
/// The largest file of a device that is moved, in bytes.
const MAX_FILE: usize = 16 << 20;

pub(crate) fn run(args: RetireArgs) -> Result<Exit, Problem> {
    let opened = site::open(args.site.as_deref())?;
    let folder = opened.root.path().to_owned();
    // locked before anything is read, so that what is judged is what is moved
    let locked = put::lock_unless(args.dry_run, &folder)?;
    let ready = site::ready(opened, None)?;
    let device = site::device(&ready.site, &args.name).map_err(|problem| problem.state(UNCHANGED))?;
    site::person(&ready.site, &args.by).map_err(|problem| problem.state(UNCHANGED))?;
    if args.reason.trim().is_empty() || args.reason.chars().count() > MOST {
        return Err(Problem::invalid(format!("--reason takes 1 to {MOST} characters")).state(UNCHANGED));
    }
    if ready.findings.iter().any(|f| f.is_input_error()) {
        return Err(Problem::invalid("the site has mistakes that leave something out of it")
            .help("`fieldlock check` says which; what speaks of the device could be among it")
            .state(UNCHANGED));
    }
    let why = Reason { by: &args.by, reason: &args.reason, at: clock::now() };
    let mut retired = retirement(&ready, device, &why);
    let page = report::retirement(&retired);
    if let Some(locked) = locked {
        let root = Root::open(&folder)?;
        let mut put = vec![
            (retired.page.clone(), page.clone().into_bytes()),
            (retired.record.clone(), record(&ready, &retired, Sha256::of(page.as_bytes())).into_bytes()),
        ];
        for moved in &retired.moved {
            put.push((moved.to.clone(), root.read_bytes(&moved.from, MAX_FILE)?));
        }
        let take: Vec<String> = retired.moved.iter().map(|moved| moved.from.clone()).collect();
        put::change(&locked, &put, &take)?;
        retired.dry_run = false;
    }
    let (next, name, site) = (next(&retired), retired.record.clone(), site::typed(args.site.as_deref()));
    let output = Output::of(args.format, args.output, false);
    output.either(|| retired, || page)?;
    terminal::complain(&escape::block(&if args.dry_run {
        "nothing was written: without --dry-run its files move and the record is begun\n".to_owned()
    } else {
        format!("next: do what the page says, answer the points of {name}{next}, then: fieldlock check{site}\n")
    }));
    Ok(Exit::Done)
}

fn next(retired: &report::documents::Retirement) -> String {
    let shared: Vec<&str> = retired.secrets.iter().filter(|s| !s.with.is_empty()).map(|s| &*s.name).collect();
    if shared.is_empty() { String::new() } else { format!(", fieldlock secret rotate {}", shared.join(" ")) }
}
