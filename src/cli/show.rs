//! `show`: a device as it is merged.

use std::path::PathBuf;

use fieldlock::model::Facts;
use fieldlock::report::documents::{ShownDevice, ShownDevices};
use fieldlock::report::{self, Shown};

use super::args::{Format, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::{site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock show np07\n  fieldlock show np07 examples/01-pump-station --all")]
pub(crate) struct ShowArgs {
    /// The device
    #[arg(value_name = "DEVICE")]
    name: String,
    #[command(flatten)]
    site: SiteArgs,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
    /// Factory settings that nobody changed too
    #[arg(long, help_heading = "Report")]
    all: bool,
}

pub(crate) fn run(args: ShowArgs) -> Result<Exit, Problem> {
    let ready = site::ready(site::open(args.site.site.as_deref())?, None)?;
    let output = Output::of(args.format, args.output, args.all);
    let mut devices = args.site.device;
    devices.insert(0, args.name);
    let selection = SiteArgs { device: devices, ..args.site };
    let devices = site::select(&ready.site, &selection)?;
    let complete: Vec<Option<Facts>> = devices.iter().map(|device| args.all.then(|| device.complete())).collect();
    let shown = || {
        let facts = complete.iter().zip(&devices).map(|(all, device)| all.as_ref().unwrap_or(&device.own));
        devices.iter().zip(facts).map(|(device, facts)| Shown { device, facts })
    };
    output.either(
        || ShownDevices::of(shown().map(|shown| ShownDevice::of(shown, &ready.sources)).collect()),
        || shown().map(|shown| report::show(shown, &ready.sources, output.view())).collect::<Vec<_>>().join("\n"),
    )?;
    let broken = ready.findings.iter().filter(|f| f.is_input_error()).count();
    if broken > 0 {
        let mistakes = if broken == 1 { "1 mistake".to_owned() } else { format!("{broken} mistakes") };
        terminal::complain(&format!("{mistakes} in the site left something out: fieldlock check\n"));
        return Ok(Exit::Invalid);
    }
    Ok(Exit::Done)
}
