//! Which of the files that come in are of the same device.

use std::cmp::Reverse;
use std::collections::BTreeMap;

use super::From;
use crate::model::device::PlatformKind;
use crate::native::{Form, Reading};
use crate::pipeline::together::together;
use crate::site::identity::{Tells, same_mac, same_serial};

/// The texts of each device, the newest first: commands or a file, and a sheet beside them.
pub(super) fn by_device<'a>(files: Vec<&'a From>, refused: &mut BTreeMap<String, String>) -> Vec<Vec<&'a From>> {
    let mut devices: Vec<Vec<&'a From>> = Vec::new();
    for from in files {
        match devices.iter_mut().find(|texts| texts.iter().any(|other| is_twin(other, from))) {
            None => devices.push(vec![from]),
            Some(texts) => match texts.iter().find(|other| other.incoming.form == from.incoming.form) {
                None => texts.push(from),
                Some(other) => {
                    let why = format!("`{}` is of the same device", other.incoming.name);
                    refused.insert(from.incoming.name.clone(), why);
                }
            },
        }
    }
    // a sheet seldom says a serial number: it is of the only device that is called as it says
    let called = |texts: &[&From], form: fn(Form) -> bool| -> Option<(PlatformKind, String)> {
        let [from] = texts else { return None };
        let incoming = &from.incoming;
        let name = incoming.tells.hostname.clone().filter(|_| form(incoming.form))?;
        Some((incoming.on.kind, name))
    };
    let all: Vec<Vec<&From>> = std::mem::take(&mut devices);
    let (sheets, mut devices): (Vec<_>, Vec<_>) =
        all.into_iter().partition(|texts| called(texts, |form| form == Form::Sheet).is_some());
    for sheet in sheets {
        let name = called(&sheet, |_| true);
        let mut same = devices.iter_mut().filter(|texts| called(texts, |form| form != Form::Sheet) == name);
        match (same.next(), same.next()) {
            (Some(one), None) => one.extend(sheet),
            _ => devices.push(sheet),
        }
    }
    for texts in &mut devices {
        texts.sort_by_key(|from| Reverse(from.taken.at.begins()));
    }
    devices
}

/// Whether two files tell the same serial number or MAC address.
fn is_twin(a: &From, b: &From) -> bool {
    let both = |of: fn(&Tells) -> Option<&str>| of(&a.incoming.tells).zip(of(&b.incoming.tells));
    a.incoming.on.kind == b.incoming.on.kind
        && (both(|tells| tells.serial.as_deref()).is_some_and(|(a, b)| same_serial(a, b))
            || both(|tells| tells.mac.as_deref()).is_some_and(|(a, b)| same_mac(a, b)))
}

/// What the texts of one device say together, where they are several.
pub(super) fn joined(texts: &[&From]) -> Option<Reading> {
    let said: Vec<(Form, &Reading)> = texts.iter().map(|from| (from.incoming.form, &from.incoming.reading)).collect();
    together(&texts.first()?.incoming.on, &said)
}
