//! `diff`: what is described against what runs.

use std::path::PathBuf;

use fieldlock::pipeline::{self, List, Selection};
use fieldlock::report::{self, FailOn};

use super::args::{OutputArgs, PassphrasesArgs, SecretArgs, SiteArgs};
use super::exit::Exit;
use super::keyring::Keyring;
use super::output::Output;
use super::problem::Problem;
use super::secrets::ByDefault;
use super::{clock, secrets, site};

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
    output: OutputArgs,
}

pub(crate) fn run(args: DiffArgs) -> Result<Exit, Problem> {
    secrets::come_apart(&args.secrets, &args.passphrase)?;
    let output = Output::new(&args.output);
    let running = site::running(args.running.as_deref(), &args.site)?;
    let opened = site::open(args.site.site.as_deref())?;
    let argument = opened.argument.clone();
    let root = opened.root.path().to_owned();
    let mut plant = site::plant(opened, running);
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
        fail_on: FailOn::default(),
        argument,
        now: clock::now(),
        texts: output.texts().then(clock::started),
        list: List::Nothing,
    };
    let mut report = pipeline::compare(&plant, &secrets, &selection);
    // what rules say of the description is the business of `check`
    report.findings.retain(|finding| finding.is_input_error());
    report.exit_code = args.exit_code;
    output.report(&report, &plant.sources, report::difference)?;
    plant.leave();
    Ok(report.outcome().into())
}
