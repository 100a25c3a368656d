//! `check`: reads the site, judges it, reports.

use fieldlock::report::{self, DeviceReport, FailOn, Report};
use fieldlock::site::SiteDevice;

use super::args::CheckArgs;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::{clock, site};

pub(crate) fn run(args: CheckArgs) -> Result<Exit, Problem> {
    let found = site::found(args.site.site.as_deref())?;
    let output = Output::new(&args.output);
    let devices = site::select(&found.loaded.site, &args.site)?;
    let mut report = Report::new("check", env!("CARGO_PKG_VERSION"));
    report.site = Some(found.head());
    report.judged_at = clock::shown(clock::now());
    report.demo = found.loaded.site.demo;
    report.fail_on = FailOn { severity: args.fail.fail_on.into(), strict: args.fail.strict };
    report.devices = devices.iter().map(|d| device(d)).collect();
    report.findings = found.loaded.findings.clone();
    output.report(&report, &found.loaded.sources, report::check)?;
    Ok(report.outcome().into())
}

fn device(device: &SiteDevice) -> DeviceReport {
    DeviceReport {
        name: device.name.to_string(),
        loc: Some(device.loc),
        platform: device.platform.word().to_owned(),
        model: device.model.as_deref().map(str::to_owned),
        firmware: device.firmware.as_ref().map(ToString::to_string),
        zone: device.zone.as_deref().map(|z| (z.to_owned(), None)),
        ..DeviceReport::default()
    }
}
