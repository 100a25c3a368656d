//! NPort 6000 series, firmware 2.x: an exported file, laid over with settings and imported again. What the file has no
//! key for is a sheet.

use std::collections::HashSet;

use super::{Platform, by_lines};
use crate::dialect::{Placed, Purpose, ini, wanted};
use crate::finding::{Finding, codes};
use crate::native::{Form, NativeConfig, Reading};
use crate::site::device::SiteDevice;

/// Settings laid over a base, and the sheet beside them. `findings` stand against the device already: they are told
/// with what is found here.
pub(super) fn render(
    platform: &Platform,
    device: &SiteDevice,
    base: Option<&Reading>,
    purpose: Purpose,
    mut findings: Vec<Finding>,
) -> Result<NativeConfig, Vec<Finding>> {
    let named = |findings: Vec<Finding>| findings.into_iter().map(|f| f.device(&*device.name)).collect();
    let (Some(dialect), Some(base)) = (platform.table(Form::Ini), base) else {
        findings.push(no_base(device));
        return Err(named(findings));
    };
    match ini::render(dialect, &device.own, base, &|origin| device.trail(origin)) {
        Err(more) => {
            findings.extend(more);
            Err(named(findings))
        }
        Ok(_) if !findings.is_empty() => Err(named(findings)),
        Ok(rendering) => {
            let placed = in_file(device, &rendering.unplaced);
            let (sheet, rest, unplaced) = by_lines::sheet(platform, device, &placed, purpose)?;
            let mut rendered = rendering.rendered;
            rendered.extend(rest);
            Ok(NativeConfig {
                machine: Some(rendering.text),
                sheet,
                rendered,
                unmodelled: rendering.unmodelled,
                omitted: rendering.omitted,
                unplaced,
            })
        }
    }
}

fn no_base(device: &SiteDevice) -> Finding {
    let message = "a file for this series is laid over one that the device exported, and there is none";
    let help = format!(
        "export it on the device and keep it, redacted, as `captures/{0}.ini` beside `captures/{0}.kdl`, or give the \
         file itself by `--running`",
        device.name
    );
    Finding::new(codes::platform::NO_BASE, device.platform_loc, message).help(help).path("platform")
}

/// What stands in the file: everything that was said but for what has no key.
fn in_file(device: &SiteDevice, unplaced: &[String]) -> Placed<'static> {
    let unplaced: HashSet<&str> = unplaced.iter().map(String::as_str).collect();
    let mut placed = Placed::default();
    wanted(&device.own, &mut |path, _| {
        if !unplaced.contains(path) {
            placed.insert(path.to_owned().into());
        }
    });
    placed
}
