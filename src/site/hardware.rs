//! What a device's `platform` line says against what is known of models: whose model it is, which ports it has, and
//! whether the firmware is said on which tables, factory settings and known holes hang.

use super::device::SiteDevice;
use super::models::{self, Model};
use crate::finding::{Finding, Verdict, codes};
use crate::model::facts::key_text;
use crate::model::paths::{ETHERNET_PORT, PLATFORM_FIRMWARE, SERIAL_PORT};
use crate::model::value::Set;
use crate::source::Origin;

/// All that is wrong with the thing itself.
pub(super) fn findings(device: &SiteDevice) -> Vec<Finding> {
    let mut findings: Vec<Finding> = no_firmware(device).into_iter().collect();
    let Some((kind, model)) = device.model.as_deref().and_then(models::known) else { return findings };
    if kind != device.platform {
        let (label, own) = (device.model.as_deref().unwrap_or_default(), device.platform.word());
        let message = format!("`{label}` is a model of `{}`, this device is said to be `{own}`", kind.word());
        let help = format!("write `platform \"{}\"`, or the model as the label says it", kind.word());
        findings.push(Finding::new(codes::site::FOREIGN_MODEL, device.platform_loc, message).help(help));
        return findings;
    }
    findings.extend(beyond(device, model, "Ethernet", ETHERNET_PORT, model.ethernet, model.port_name.as_deref()));
    findings.extend(beyond(device, model, "serial", SERIAL_PORT, model.serial, Some("{n}")));
    findings
}

fn no_firmware(device: &SiteDevice) -> Option<Finding> {
    if device.firmware.is_some() {
        return None;
    }
    let message = "nobody says which firmware the device has";
    let finding = Finding::new(codes::platform::NO_FIRMWARE, device.platform_loc, message).path(PLATFORM_FIRMWARE);
    Some(Finding { status: Verdict::Unknown, ..finding })
}

/// Entries of ports that the model does not have: by name where a source says how they are named, else by number.
fn beyond(
    device: &SiteDevice,
    model: &Model,
    what: &str,
    list: &str,
    count: Option<u32>,
    name: Option<&str>,
) -> Vec<Finding> {
    let (Some(count), Some(ports)) = (count, device.own.items(list)) else { return Vec::new() };
    let entries = ports.items.iter().map(|port| (key_text(device.own.shape, &port.group), port.group.origin));
    let beyond = entries.enumerate().filter(|(at, (port, _))| match name {
        Some(name) => models::number(name, port).is_none_or(|number| !(1..=count).contains(&number)),
        None => *at >= count as usize,
    });
    let mut lines: Vec<(Origin, Vec<String>)> = Vec::new();
    for (_, (port, origin)) in beyond {
        match lines.iter_mut().find(|(line, _)| line.loc() == origin.loc()) {
            Some((_, ports)) => ports.push(port),
            None => lines.push((origin, vec![port])),
        }
    }
    let told = |(origin, ports): (Origin, Vec<String>)| {
        let (port, model) = (ports.iter().collect::<Set>().to_string(), &model.name);
        // a name that is no number of a port stands for itself
        let port = if ports.len() == 1 { ports[0].clone() } else { port };
        let message = match ports.len() {
            1 => format!("`{port}` is no {what} port of {model}, which has {count}"),
            _ => format!("`{port}` are no {what} ports of {model}, which has {count}"),
        };
        let finding = Finding::new(codes::platform::NO_SUCH_PORT, origin.loc(), message);
        Finding { trail: device.trail(origin), ..finding.path(format!("{list}[{port}]")) }
    };
    lines.into_iter().map(told).collect()
}
