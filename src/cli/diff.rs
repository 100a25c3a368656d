//! `diff`: what is described against what runs.

use std::path::PathBuf;

use fieldlock::pipeline;

use super::exit::Exit;
use super::judging::{Judging, JudgingArgs, Unread};
use super::problem::Problem;
use super::site;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock diff examples/01-pump-station\n  \
    fieldlock diff --device np02 --running np02.ini --exit-code")]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    judging: JudgingArgs,
    /// What runs on the one device that is compared, instead of its capture
    #[arg(long, value_name = "FILE")]
    running: Option<PathBuf>,
    /// End with 3 where anything differs, with 4 where nothing was read from a device, with 0 where all that can be
    /// compared is as described
    #[arg(long)]
    exit_code: bool,
}

pub(crate) fn run(args: DiffArgs) -> Result<Exit, Problem> {
    let running = site::running(args.running.as_deref(), &args.judging.site)?;
    Judging::open(&args.judging, |_| Ok(running.into_iter().collect()))?.compare(
        pipeline::compare,
        args.exit_code,
        Unread::default(),
    )
}
