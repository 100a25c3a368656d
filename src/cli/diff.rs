//! `diff`: what is described against what runs.

use std::path::PathBuf;

use fieldlock::pipeline::{self, List, Selection};
use fieldlock::report::{self, FailOn};

use super::args::{PassphrasesArgs, SecretArgs, SiteArgs};
use super::clock;
use super::exit::Exit;
use super::judging::{self, Judging};
use super::problem::Problem;
use super::reports::{ReportArgs, Reports};
use super::site;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock diff examples/01-pump-station\n  \
    fieldlock diff --device np02 --running np02.ini --exit-code")]
pub(crate) struct DiffArgs {
    #[command(flatten)]
    site: SiteArgs,
    /// What runs on the one device that is compared, instead of its capture
    #[arg(long, value_name = "FILE")]
    running: Option<PathBuf>,
    /// End with 3 where anything differs, with 4 where nothing was read from a device, with 0 where all that can be
    /// compared is as described
    #[arg(long)]
    exit_code: bool,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    #[command(flatten)]
    output: ReportArgs,
}

pub(crate) fn run(args: DiffArgs) -> Result<Exit, Problem> {
    let output = Reports::new(&args.output)?;
    let running = site::running(args.running.as_deref(), &args.site)?;
    let Judging { ready, secrets, chosen, argument } =
        judging::open(&args.site, &args.secrets, &args.passphrase, running.into_iter().collect())?;
    let selection = Selection {
        devices: &|device| chosen.contains(&device.name),
        fail_on: FailOn::default(),
        argument,
        now: clock::now(),
        texts: output.texts().then(clock::started),
        list: List::Nothing,
    };
    let mut report = pipeline::compare(&ready, &secrets, &selection);
    // what rules say of the description is the business of `check`
    report.findings.retain(|finding| finding.is_input_error());
    report.exit_code = args.exit_code;
    output.show(&mut report, &ready, report::difference)?;
    ready.leave();
    Ok(report.outcome().into())
}
