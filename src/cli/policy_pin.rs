//! `policy pin`: a site agrees to the packs in force as they are.

use std::path::PathBuf;

use fieldlock::finding::{Finding, codes};
use fieldlock::pipeline::{ReadySite, pins};
use fieldlock::report::{documents::Pinned, pinned};
use fieldlock::site::LOCK;

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::{put, site};

/// Which site, and where the result goes.
#[derive(Debug, clap::Args)]
pub(super) struct PinArgs {
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: PinArgs) -> Result<Exit, Problem> {
    let opened = site::open(args.site.as_deref())?;
    let folder = opened.root.path().to_owned();
    // what is there, whatever it says, gives way to what is agreed to now
    let before = opened.root.read_bytes(LOCK, MAX).ok();
    let ready = site::ready(opened, None)?;
    if let Some(finding) = ready.findings.iter().find(|finding| stands_against(&ready, finding)) {
        return Err(Problem::invalid(finding.message.clone())
            .help("`fieldlock check` shows where; nobody can agree to packs that can't be read")
            .state("nothing was written"));
    }
    let file = (LOCK.to_owned(), pins::text(ready.index_packs()).into_bytes());
    let replaced: Vec<_> = before.map(|bytes| (LOCK.to_owned(), bytes)).into_iter().collect();
    if replaced.first() != Some(&file) {
        put::into_site(&folder, &[file], &replaced)?;
    }
    let output = Output::of(args.format, args.output, false);
    let told = Pinned::of(ready.site.lock.as_ref().map(|lock| &lock.typed), ready.index_packs());
    let text = pinned(&told);
    output.either(|| told, || text)?;
    Ok(Exit::Done)
}

/// The largest `fieldlock.lock`, in bytes.
const MAX: usize = 8 << 20;

/// Whether the packs themselves are not what they will be.
fn stands_against(ready: &ReadySite, finding: &Finding) -> bool {
    let of_lock = ready.sources.name(finding.loc.file) == LOCK || *finding.code == *codes::pack::PIN;
    finding.device.is_none() && finding.is_refused() && !of_lock
}
