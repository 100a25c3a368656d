//! `check`: reads the site, judges it, reports.

use fieldlock::pipeline::{self, Selection};
use fieldlock::report::{self, FailOn};

use super::args::{CheckArgs, FailArgs};
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::{clock, secrets, site};

pub(crate) fn run(args: CheckArgs) -> Result<Exit, Problem> {
    let output = Output::new(&args.output);
    let opened = site::open(args.site.site.as_deref())?;
    let argument = opened.argument.clone();
    let root = opened.root.path().to_owned();
    let mut plant = site::plant(opened, None);
    let chosen = site::chosen(&plant.site, &args.site)?;
    let secrets = secrets::load(&args.secrets, &mut plant, &root)?;
    let selection = Selection {
        devices: &|device| chosen.contains(&device.name),
        fail_on: fail_on(&args.fail),
        argument,
        now: clock::now(),
        started: clock::started(),
        list: output.list(),
    };
    let report = pipeline::check(&plant, &secrets, &selection);
    output.report(&report, &plant.sources, report::check)?;
    Ok(report.outcome().into())
}

/// What the flags mean.
pub(crate) fn fail_on(args: &FailArgs) -> FailOn {
    FailOn { severity: args.fail_on.into(), strict: args.strict }
}
