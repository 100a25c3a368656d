//! Native lines of descriptions (`vendor-settings`): nothing goes around the rules (invariant 17). A line that a table
//! maps is to be written as the setting, one whose place may hold a secret is refused unprinted, one that no machine
//! would get is refused, and any other is said to be unjudged.

use std::collections::btree_map::Entry;
use std::collections::{BTreeMap, BTreeSet};

use super::Platform;
use crate::dialect::{NativeLine, NotPassed, WrittenLine, native_lines, passes};
use crate::finding::{Code, Finding, codes};
use crate::model::facts::{Facts, Setting};
use crate::model::paths::{VENDOR_SETTINGS_KEY, VENDOR_SETTINGS_LINE};
use crate::native::{Form, Unjudged};
use crate::site::device::SiteDevice;
use crate::source::{Loc, SourceMap};

/// What became of the native lines of a device.
#[derive(Default)]
pub(super) struct Sorted {
    /// Why some are refused.
    pub(super) refused: Vec<Finding>,
    /// Bytes of those that nobody may see.
    veiled: Vec<Loc>,
    /// Those that the device will have.
    passed: Vec<Unjudged>,
}

/// Sorts the native lines of a device by the table of its machine form.
pub(super) fn sorted(platform: &Platform, device: &SiteDevice) -> Sorted {
    let mut sorted = Sorted::default();
    for written in native_lines(&device.own) {
        // a table is read when it is first asked for, and most devices have no such line
        let judged = match platform.machine.and_then(|form| platform.table(form)) {
            Some(dialect) => passes(&dialect.table, written.line),
            None => Err(no_machine(platform, written.line)),
        };
        match judged {
            Ok(touches) => {
                let (loc, shown) = (written.origin.loc(), text(written.line).into());
                sorted.passed.push(Unjudged { loc, shown, touches, read: false });
            }
            Err(why) => sorted.refuse(device, &written, why),
        }
    }
    sorted
}

/// A platform whose machine form nobody knows gets nothing that is passed through.
fn no_machine(platform: &Platform, line: NativeLine<'_>) -> NotPassed {
    // the command table of such a platform still knows what is secret
    let known = platform.table(Form::Cli).and_then(|dialect| passes(&dialect.table, line).err());
    if let Some(hidden) = known.filter(|why| why.code == codes::platform::HIDDEN_LINE) {
        return hidden;
    }
    let message = format!("nothing is passed through to `{}`: its settings are typed by hand", platform.kind.word());
    NotPassed::new(codes::platform::NO_MACHINE_FORM, message)
}

fn text(line: NativeLine<'_>) -> String {
    match line {
        NativeLine::Line(line) => line.to_owned(),
        NativeLine::Key(section, key, value) => format!("[{section}] {key}={value}"),
    }
}

impl Sorted {
    fn refuse(&mut self, device: &SiteDevice, written: &WrittenLine<'_>, why: NotPassed) {
        let path = match written.line {
            NativeLine::Line(_) if why.veiled => VENDOR_SETTINGS_LINE.to_owned(),
            NativeLine::Key(..) if why.veiled => VENDOR_SETTINGS_KEY.to_owned(),
            NativeLine::Line(line) => format!("{VENDOR_SETTINGS_LINE}[{line}]"),
            NativeLine::Key(section, key, _) => format!("{VENDOR_SETTINGS_KEY}[{section},{key}]"),
        };
        let mut finding = Finding::new(why.code, written.origin.loc(), why.message);
        finding.help = why.help.or(finding.help);
        finding.trail = device.trail(written.origin);
        self.refused.push(finding.path(path).device(&*device.name));
        if why.veiled {
            let facts = written.entry.iter().filter_map(|(_, setting)| match setting {
                Setting::Value(fact) => Some(fact.origin.loc()),
                _ => None,
            });
            self.veiled.extend(facts);
        }
    }
}

/// Sorts the native lines of all devices: masks what nobody may see, takes what is refused out of the descriptions, so
/// that no later stage has it, and tells it. What is left stands with the device as unjudged.
pub fn sort_native_lines(devices: &mut [SiteDevice], sources: &mut SourceMap) -> Vec<Finding> {
    let mut masks = BTreeSet::new();
    let mut told: BTreeMap<(Loc, Code), Finding> = BTreeMap::new();
    for device in devices {
        let Sorted { refused, veiled, passed } = sorted(&super::at(device), device);
        masks.extend(veiled);
        if !refused.is_empty() {
            let gone: Vec<Loc> = refused.iter().map(|f| f.loc).collect();
            take_out(&mut device.own, &gone);
        }
        for finding in refused {
            match told.entry((finding.loc, finding.code.clone())) {
                // what a shared line says of several devices is one finding that names them all
                Entry::Occupied(mut first) => first.get_mut().also.extend(finding.device),
                Entry::Vacant(place) => drop(place.insert(finding)),
            }
        }
        if !passed.is_empty() {
            device.unjudged = passed.into();
        }
    }
    masks.into_iter().for_each(|loc| sources.mask(loc));
    told.into_values().collect()
}

fn take_out(own: &mut Facts, gone: &[Loc]) {
    let Some((ix, _)) = own.shape.root().field("vendor-settings") else { return };
    let Some(Setting::Group(group)) = own.root.get_mut(ix) else { return };
    for (_, setting) in group.iter_mut() {
        if let Setting::Items(items) = setting {
            items.items.retain(|item| !gone.contains(&item.group.origin.loc()));
        }
    }
}
