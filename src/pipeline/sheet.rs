//! The printed sheet of one device: for most devices, what a person in the plant holds in hand.

use std::collections::BTreeSet;

use super::why::Why;
use super::{ReadText, ReadySite, State, certificates, folder};
use crate::dialect::{Lines, Placed, Purpose, Table, sheet};
use crate::image::Digest;
use crate::model::paths::{ASSET_ID, ASSET_LOCATION, ASSET_SERIAL};
use crate::native::{Form, NativeConfig};
use crate::platform;
use crate::site::SiteDevice;

/// The sheet as Markdown. It says nothing random, so it names the reviewed text and not the image, which differs in
/// every build.
pub(super) fn print(
    ready: &ReadySite,
    device: &SiteDevice,
    (native, review): (&NativeConfig, Digest),
    revision: impl std::fmt::Display,
    why: &Why,
) -> String {
    let placed: Placed<'_> =
        native.rendered.iter().filter(|r| r.form != Form::Sheet).map(|r| r.path.as_str().into()).collect();
    let state = ready.states.get(&device.name);
    let table = platform::at(device).table(Form::Sheet);
    let rows = match table.map(|d| &d.table) {
        Some(Table::Sheet(table)) => {
            let running = state.map(State::reading);
            let mut out = Lines::new(Form::Sheet, Purpose::Write);
            let mut rows = sheet::rows(table, &device.own, running, &placed, &mut out);
            // what is typed is what was rendered for the sheet, no more and no less
            let typed = native.rendered.iter().filter(|r| r.form == Form::Sheet);
            let typed: BTreeSet<&str> = typed.map(|r| &*r.path).collect();
            rows.retain(|row| typed.contains(&*row.path));
            rows
        }
        _ => Vec::new(),
    };
    let behind = |path: &str| why.decided(device.platform, path);
    let uploads = certificates::of(device, ready.certificates());
    let upload = |path: &str| {
        let one = uploads.iter().find(|c| c.path == path)?;
        Some((folder::certificate(&device.name, &one.name), Digest::of(one.bytes).to_string()))
    };
    let said = |path: &str| device.own.value(path).map(|f| f.value.plain());
    let (asset, serial, location) = (said(ASSET_ID), said(ASSET_SERIAL), said(ASSET_LOCATION));
    let (firmware, revision) = (device.firmware.map(|f| f.to_string()), revision.to_string());
    let review = review.to_string();
    let called = |text: &ReadText| match &text.capture {
        Some(c) => format!("capture of {}", c.typed.taken.map(|t| t.to_string()).unwrap_or_default()),
        None => format!("text {} that was handed in", ready.sources.name(text.file)),
    };
    let compared = state.map(|state| state.texts().iter().map(called).collect::<Vec<_>>().join(" and "));
    let head = sheet::Head {
        device: &device.name,
        platform: device.platform.word(),
        model: device.model.as_deref(),
        asset: asset.as_deref(),
        serial: serial.as_deref(),
        location: location.as_deref(),
        firmware: firmware.as_deref(),
        revision: &revision,
        review: review.get(..12).unwrap_or(&review),
        compared: compared.as_deref(),
    };
    let full = state.is_none() || device.own.count() == 0;
    let print = sheet::Print { head, rows: &rows, why: &behind, upload: &upload, unplaced: &native.unplaced, full };
    sheet::markdown(&print)
}
