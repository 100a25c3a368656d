//! `check`: reads the site, judges it, reports.

use fieldlock::report::FailOn;

use super::args::FailArgs;
use super::exit::Exit;
use super::judging::{Judging, JudgingArgs};
use super::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock check\n  fieldlock check examples/02-findings --device \"np-*\"\n  \
    fieldlock check --format sarif=out.sarif --format junit=out.xml\n  fieldlock check --new-since main")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    judging: JudgingArgs,
    #[command(flatten)]
    fail: FailArgs,
    /// Fail only on what did not stand at this commit, tag or branch; all else is told and fails nothing
    #[arg(long, value_name = "REV", help_heading = "What fails")]
    new_since: Option<String>,
    /// Fail on each verdict that got weaker since then, whatever its severity, and if a person answers for it
    #[arg(long, requires = "new_since", help_heading = "What fails")]
    fail_on_weaken: bool,
    /// One row for each cause, those that reach most devices first: where to begin in a plant with many findings
    #[arg(long, help_heading = "Report")]
    by_cause: bool,
}

pub(crate) fn run(args: CheckArgs) -> Result<Exit, Problem> {
    let fail_on = FailOn { weaken: args.fail_on_weaken, ..fail_on(&args.fail) };
    Judging::open(&args.judging, |_| Ok(Vec::new()))?.check(fail_on, args.new_since.as_deref(), args.by_cause)
}

/// What the flags mean.
pub(crate) fn fail_on(args: &FailArgs) -> FailOn {
    let none = FailOn::default();
    let severity = args.fail_on.map_or(none.severity, Into::into);
    FailOn { severity, named: args.fail_on.is_some(), strict: args.strict, ..none }
}
