//! `check`: reads the site, judges it, reports.

use fieldlock::pipeline::{self, Selection};
use fieldlock::report::{self, FailOn};

use super::args::{FailArgs, PassphrasesArgs, SecretArgs, SiteArgs};
use super::clock;
use super::exit::Exit;
use super::judging::{self, Judging};
use super::problem::Problem;
use super::reports::{ReportArgs, Reports};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock check\n  fieldlock check examples/02-findings --device \"np-*\"\n  \
    fieldlock check --format sarif=out.sarif --format junit=out.xml")]
pub(crate) struct CheckArgs {
    #[command(flatten)]
    site: SiteArgs,
    #[command(flatten)]
    fail: FailArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    #[command(flatten)]
    output: ReportArgs,
}

pub(crate) fn run(args: CheckArgs) -> Result<Exit, Problem> {
    let output = Reports::new(&args.output)?;
    let Judging { ready, secrets, chosen, argument } =
        judging::open(&args.site, &args.secrets, &args.passphrase, Vec::new())?;
    let selection = Selection {
        devices: &|device| chosen.contains(&device.name),
        fail_on: fail_on(&args.fail),
        argument,
        now: clock::now(),
        texts: None,
        list: output.list(),
    };
    let mut report = pipeline::check(&ready, &secrets, &selection);
    output.show(&mut report, &ready, report::check)?;
    ready.leave();
    Ok(report.outcome().into())
}

/// What the flags mean.
pub(crate) fn fail_on(args: &FailArgs) -> FailOn {
    FailOn { severity: args.fail_on.into(), strict: args.strict, ..FailOn::default() }
}
