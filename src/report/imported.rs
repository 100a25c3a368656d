//! What came in from devices, for people.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::documents::{ComparedExport, Imported, ImportedDevice, RefusedFile};
use super::escape::line;
use super::layout::count;

/// As many changes and unknown lines of a device are shown, and as many secrets of a plant.
const MOST: usize = 12;

/// The whole screen.
pub fn imported(i: &Imported, all: bool) -> String {
    let mut out = String::new();
    let most = if all { usize::MAX } else { MOST };
    for device in &i.devices {
        one(device, most, &mut out);
    }
    for profile in &i.profiles {
        let (devices, settings) =
            (count(profile.devices, "device", "devices"), count(profile.settings, "setting", "settings"));
        let have = if profile.devices == 1 { "has" } else { "have in common" };
        let _ = writeln!(out, "{}   {settings} that {devices} {have}", line(&profile.file));
    }
    if !i.read_secrets.is_empty() {
        let read = count(i.read_secrets.len(), "secret was read", "secrets were read");
        let became = match (i.sealed, i.dry_run) {
            (true, _) => "and sealed into the store",
            (false, true) => "and would be sealed with --passphrase-file",
            (false, false) => "and kept nowhere: the same again with --passphrase-file seals them",
        };
        let _ = writeln!(out, "{read} in clear {became}: {}", some(&i.read_secrets, all));
    }
    out.push_str(&refused(&i.refused));
    let new = i.devices.iter().filter(|device| device.description.is_some()).count();
    // a device of which two texts came in is one
    let names: BTreeSet<&str> = i.devices.iter().map(|device| &*device.device).collect();
    let (devices, files) =
        (count(names.len(), "device", "devices"), count(i.refused.len(), "file refused", "files refused"));
    let _ = writeln!(out, "{devices}   {new} new   {files}");
    out
}

/// Files that nothing was made of, each with why and what to do.
pub(super) fn refused(files: &[RefusedFile]) -> String {
    let mut out = String::new();
    for file in files {
        let _ = writeln!(out, "refused: `{}`: {}", line(&file.file), line(&file.message));
        if let Some(help) = &file.help {
            let _ = writeln!(out, "  help: {}", line(help));
        }
    }
    out
}

fn one(d: &ImportedDevice, most: usize, out: &mut String) {
    let about = [Some(&d.platform), d.model.as_ref(), d.firmware.as_ref(), d.serial.as_ref()];
    let about: Vec<String> = about.into_iter().flatten().map(|text| line(text)).collect();
    let sealed = if d.encrypted { ", which the device had encrypted" } else { "" };
    let _ = writeln!(out, "{}   {}", line(&d.device), about.join(", "));
    let _ = writeln!(out, "     from {}{sealed}", line(&d.from));
    if let Some(description) = &d.description {
        let over = d.profile.as_ref().map(|p| format!(" over profile `{}`", line(p))).unwrap_or_default();
        let _ = writeln!(out, "     {}, {} lines{over}", line(description), d.lines);
    }
    let without = match d.without_setting {
        0 => "every line is a setting".to_owned(),
        n => format!("{} without a setting", count(n, "line", "lines")),
    };
    if let Some(compared) = &d.sealed_export {
        let kept = d.capture.as_deref().map(line).unwrap_or_default();
        let _ = writeln!(out, "     nobody can read it: sealed in {kept}\n     {}", export(compared));
        return;
    }
    match &d.capture {
        Some(capture) => drop(writeln!(out, "     {}, {without}", line(capture))),
        None => drop(writeln!(out, "     nothing was read from it yet")),
    }
    few(&d.unknown, most, "unknown to fieldlock", &|unknown| line(unknown), out);
    let said = |side: &Option<String>| side.as_deref().map_or("-".to_owned(), line);
    few(
        &d.changes,
        most,
        "changed since it was read before",
        &|c| format!("{}: {} -> {}", line(&c.path), said(&c.before), said(&c.after)),
        out,
    );
    if !d.secrets.is_empty() {
        let _ = writeln!(out, "     secrets that are missing: {}", names(&d.secrets));
    }
}

/// How an export that nobody can read stands to the one before.
fn export(compared: &ComparedExport) -> String {
    let bytes = |n: usize| count(n, "byte", "bytes");
    match *compared {
        ComparedExport::First => "the first of its kind; the next one is held against it".to_owned(),
        ComparedExport::Same => "the same as the one before".to_owned(),
        ComparedExport::SameButVolatile { bytes: n } => {
            format!(
                "the same as the one before but for {}, which differ between exports of an untouched unit",
                bytes(n)
            )
        }
        ComparedExport::Learned { bytes: n, new } => {
            format!("{} differ from the one before, {new} of them not known as volatile until now", bytes(n))
        }
        ComparedExport::CannotTell { bytes: n } => format!(
            "{} differ, most of them whether anybody touched it or not: the device encrypts each export afresh, and \
             whether something was changed can't be told",
            bytes(n)
        ),
        ComparedExport::Differs { bytes: n, volatile } => {
            let beside = if volatile > 0 { format!(", and {volatile} volatile ones") } else { String::new() };
            format!("DIFFERENT from the one before: {}{beside}", bytes(n))
        }
        ComparedExport::OtherLength { before, now } => {
            format!("DIFFERENT from the one before: {now} bytes long, and not {before}")
        }
    }
}

fn names(names: &[String]) -> String {
    names.iter().map(|name| line(name)).collect::<Vec<_>>().join(", ")
}

/// Names of a whole plant: the first of them.
fn some(all: &[String], whole: bool) -> String {
    match all.len().checked_sub(MOST) {
        Some(more @ 1..) if !whole => format!("{} and {more} more (--all shows them)", names(&all[..MOST])),
        _ => names(all),
    }
}

fn few<T>(all: &[T], most: usize, what: &str, show: &dyn Fn(&T) -> String, out: &mut String) {
    if all.is_empty() {
        return;
    }
    let _ = writeln!(out, "     {} {what}", all.len());
    for one in all.iter().take(most) {
        let _ = writeln!(out, "       {}", show(one));
    }
    if all.len() > most {
        let _ = writeln!(out, "       and {} more (--all shows them)", all.len() - most);
    }
}
