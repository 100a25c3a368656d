//! `check`: reads the site, judges it, reports.

use fieldlock::pipeline::{self, Selection};
use fieldlock::report::{self, FailOn};

use super::args::{FailArgs, OutputArgs, PassphrasesArgs, SecretArgs, SiteArgs};
use super::exit::Exit;
use super::keyring::Keyring;
use super::output::Output;
use super::problem::Problem;
use super::secrets::ByDefault;
use super::{clock, secrets, site};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock check\n  fieldlock check examples/02-findings --device 'np-*'\n  \
    fieldlock check --format json --output report.json")]
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
    output: OutputArgs,
}

pub(crate) fn run(args: CheckArgs) -> Result<Exit, Problem> {
    secrets::come_apart(&args.secrets, &args.passphrase)?;
    let output = Output::new(&args.output);
    let opened = site::open(args.site.site.as_deref())?;
    let argument = opened.argument.clone();
    let root = opened.root.path().to_owned();
    let mut plant = site::plant(opened, None);
    let chosen = site::chosen(&plant.site, &args.site)?;
    let (store, damaged) = secrets::store(&plant.site, &root)?;
    let keyring = Keyring::new(&args.passphrase, &plant.site, &root, store)?;
    let devices = plant.site.devices.iter().filter(|d| chosen.contains(&d.name));
    let load =
        secrets::Load { args: &args.secrets, by_default: ByDefault::StoreIfPassphrase, keyring: &keyring, damaged };
    let (secrets, findings) = secrets::load(load, &plant.site, &root, devices)?;
    plant.findings.extend(findings);
    let selection = Selection {
        devices: &|device| chosen.contains(&device.name),
        fail_on: fail_on(&args.fail),
        argument,
        now: clock::now(),
        texts: None,
        list: output.list(),
    };
    let report = pipeline::check(&plant, &secrets, &selection);
    output.report(&report, &plant.sources, report::check)?;
    plant.leave();
    Ok(report.outcome().into())
}

/// What the flags mean.
pub(crate) fn fail_on(args: &FailArgs) -> FailOn {
    FailOn { severity: args.fail_on.into(), strict: args.strict }
}
