//! `doctor`: why a device can't be read, from its address to its configuration.

use std::path::PathBuf;

use fieldlock::device::cli::Patience;
use fieldlock::device::doctor::{Step, examine};
use fieldlock::device::live::WITHIN;
use fieldlock::report::documents::{Examined, ExaminedStep};
use fieldlock::report::escape;

use super::args::{OutputArgs, PassphrasesArgs, SecretArgs};
use super::exit::Exit;
use super::keyring::Keyring;
use super::live::{LabFileArgs, password, reach};
use super::output::Output;
use super::problem::Problem;
use super::secrets::{self, ByDefault, Load};
use super::site;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock doctor ps7-router\n  fieldlock doctor ps7-router west --lab lab.json\n\
    \nExit codes: 0 the device shows its configuration, 4 it does not")]
pub(crate) struct DoctorArgs {
    /// The device
    #[arg(value_name = "DEVICE")]
    name: String,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    #[command(flatten)]
    lab: LabFileArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: DoctorArgs) -> Result<Exit, Problem> {
    let opened = site::open(args.site.as_deref())?;
    let root = opened.root.path().to_owned();
    let loaded = site::loaded(&opened);
    let device = site::device(&loaded.site, &args.name)?;
    let lab = args.lab.read()?;
    let steps = match reach(device, lab.as_ref()) {
        Ok(reach) => {
            let (store, damaged) = secrets::store(&loaded.site, &root)?;
            let keyring = Keyring::new(&args.passphrase, &loaded.site, &root, store)?;
            let load =
                Load { args: &args.secrets, by_default: ByDefault::StoreIfPassphrase, keyring: &keyring, damaged };
            let known = secrets::load(load, &loaded.site, &root, std::iter::once(device))?.0;
            let password = password(&reach, &known, lab.is_some());
            let mut steps = examine(device, &reach, password.as_ref().ok(), (WITHIN, Patience::default()));
            if let (Err(problem), true) = (password, steps.iter().all(|step| step.found.is_ok())) {
                let help = problem.help.unwrap_or_default();
                steps.push(Step { what: "login", found: Err((problem.message, help)) });
            }
            steps
        }
        Err(Problem { message, help, .. }) => {
            vec![Step { what: "described", found: Err((message, help.unwrap_or_default())) }]
        }
    };
    let well = steps.iter().all(|step| step.found.is_ok());
    let page = page(&args.name, &steps);
    let told = steps.into_iter().map(|Step { what, found }| {
        let (message, help) = found.clone().map_or_else(|(why, help)| (why, Some(help)), |found| (found, None));
        ExaminedStep { step: what.to_owned(), ok: found.is_ok(), message, help }
    });
    let document = Examined::of(args.name.clone(), told.collect());
    Output::new(&args.output).either(|| document, || page)?;
    Ok(if well { Exit::Done } else { Exit::NotCompared })
}

fn page(name: &str, steps: &[Step]) -> String {
    let mut text = format!("{}\n", escape::line(name));
    for Step { what, found } in steps {
        match found {
            Ok(found) => text.push_str(&format!("  ok    {what:<14} {}\n", escape::line(found))),
            Err((why, help)) => {
                text.push_str(&format!("  FAILS {what:<14} {}\n", escape::line(why)));
                text.push_str(&format!("        {:<14} help: {}\n", "", escape::line(help)));
            }
        }
    }
    text
}
