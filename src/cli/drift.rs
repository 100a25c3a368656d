//! `drift`: a folder of fresh exports against what is described.

use std::path::PathBuf;

use fieldlock::pipeline::{self, List, Running, Selection, owner};
use fieldlock::report::documents::RefusedFile;
use fieldlock::report::{self, FailOn};

use super::args::{PassphrasesArgs, SecretArgs, SiteArgs};
use super::exit::Exit;
use super::incoming::{self, ExportKeyArgs, Read};
use super::judging::{self, Judging};
use super::problem::Problem;
use super::reports::{ReportArgs, Reports};
use super::{clock, site};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock drift --from exports\n  fieldlock drift west --from exports --zone control\n\
    \nExit codes: 0 all devices are as described, 3 some differ, 4 of some nothing was read, or a file is of no device \
    of the site, 2 the input can't be read"
)]
pub(crate) struct DriftArgs {
    #[command(flatten)]
    site: SiteArgs,
    /// Files that devices exported or showed, or folders of them; may be given more than once
    #[arg(long, value_name = "FILE|DIR", required = true)]
    from: Vec<PathBuf>,
    #[command(flatten)]
    keys: ExportKeyArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    #[command(flatten)]
    output: ReportArgs,
}

pub(crate) fn run(args: DriftArgs) -> Result<Exit, Problem> {
    let output = Reports::new(&args.output)?;
    let loaded = site::found(args.site.site.as_deref())?;
    let Read { asked, mut refused } = incoming::read(&args.from, &args.keys, "", None)?;
    let mut running: Vec<Running> = Vec::new();
    for from in asked.files {
        let incoming = from.incoming;
        let mut refuse =
            |message: String| refused.push(RefusedFile { file: incoming.name.clone(), message, help: None });
        match owner(&loaded.site, &incoming) {
            Ok(None) => refuse("it is of no device of the site".to_owned()),
            Ok(Some(device)) if running.iter().any(|other| *other.device == *device.name) => {
                refuse(format!("another of these files is of the device `{}`, too", device.name));
            }
            Ok(Some(device)) => running.push(Running {
                device: device.name.to_string(),
                name: incoming.name.clone(),
                form: Some(incoming.form),
                text: incoming.reading.text.to_string(),
            }),
            Err(why) => refuse(why),
        }
    }
    let Judging { ready, secrets, chosen, argument } =
        judging::open(&args.site, &args.secrets, &args.passphrase, running)?;
    let selection = Selection {
        devices: &|device| chosen.contains(&device.name),
        fail_on: FailOn::default(),
        argument,
        now: clock::now(),
        texts: output.texts().then(clock::started),
        list: List::Nothing,
    };
    let mut report = pipeline::drift(&ready, &secrets, &selection);
    report.findings.retain(|finding| finding.is_input_error());
    report.exit_code = true;
    report.unread = refused;
    output.show(&mut report, &ready, report::difference)?;
    ready.leave();
    Ok(report.outcome().into())
}
