//! `check`: reads the site, judges it, reports.

use fieldlock::report::FailOn;

use super::args::FailArgs;
use super::exit::Exit;
use super::judging::{Judging, JudgingArgs};
use super::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock check\n  fieldlock check examples/02-findings --device \"np-*\"\n  \
    fieldlock check --format sarif=out.sarif --format junit=out.xml")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    judging: JudgingArgs,
    #[command(flatten)]
    fail: FailArgs,
}

pub(crate) fn run(args: CheckArgs) -> Result<Exit, Problem> {
    Judging::open(&args.judging, |_| Ok(Vec::new()))?.check(fail_on(&args.fail))
}

/// What the flags mean.
pub(crate) fn fail_on(args: &FailArgs) -> FailOn {
    FailOn { severity: args.fail_on.into(), strict: args.strict, ..FailOn::default() }
}
