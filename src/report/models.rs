//! What fieldlock knows of each model, as a page.

use std::fmt::Write as _;

use super::documents::{ModelEntry, ModelList};
use super::escape;
use super::layout::{count, table};
use super::paint::{Ink, View};
use crate::native::Grade;

/// Models by platform: ports, the firmware from which on no hole is known, and how sure that is.
pub fn models(list: &ModelList, view: &View) -> String {
    let mut text = String::new();
    for platform in &list.platforms {
        let by = match platform.machine_form.as_deref() {
            Some("ini") => "a file laid over the device's own export, the rest typed from a sheet",
            Some(_) => "commands, the rest typed from a sheet",
            None => "typed from a sheet",
        };
        let tables: Vec<String> = platform.tables.iter().map(|t| format!("{} for {}", t.form, t.firmware)).collect();
        let head = format!("{}   {by}   tables: {}", platform.platform, tables.join(", "));
        writeln!(text, "{}", view.ink(Ink::Strong, &escape::line(&head))).unwrap_or_default();
        let mut sources: Vec<String> = Vec::new();
        let rows: Vec<Vec<String>> = platform
            .models
            .iter()
            .map(|model| {
                let said = format!("{}: {}", model.grade.word(), model.source);
                let number = sources.iter().position(|source| *source == said).unwrap_or_else(|| {
                    sources.push(said);
                    sources.len() - 1
                });
                vec![model.model.clone(), ports(model), format!("[{}]", number + 1), firmware(model)]
            })
            .collect();
        text.push_str(&table(&rows, 2));
        for (number, source) in sources.iter().enumerate() {
            writeln!(text, "  [{}] {}", number + 1, escape::line(source)).unwrap_or_default();
        }
        text.push('\n');
    }
    writeln!(text, "known holes in firmware: {}", escape::line(&list.known_holes.words())).unwrap_or_default();
    text
}

fn ports(model: &ModelEntry) -> String {
    let ethernet = model.ethernet_ports.map(|n| match &model.ethernet_port_name {
        Some(name) => {
            let named = |n: u32| name.replace("{n}", &n.to_string());
            format!("{n} Ethernet, {} to {}", named(1), named(n))
        }
        None => format!("{n} Ethernet"),
    });
    let serial = model.serial_ports.map(|n| format!("{n} serial"));
    ethernet.into_iter().chain(serial).collect::<Vec<_>>().join(", ")
}

fn firmware(model: &ModelEntry) -> String {
    let known = count(model.advisories.len(), "advisory", "advisories");
    match &model.firmware_floor {
        Some(floor) => {
            let sure = if floor.grade == Grade::Confirmed { "" } else { ", likely" };
            format!("firmware {} or later ({known}{sure})", floor.version)
        }
        None if model.advisories.is_empty() => "no advisory names it".to_owned(),
        None => format!("no firmware with all fixes is named ({known})"),
    }
}
