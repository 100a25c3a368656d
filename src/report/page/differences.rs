//! What differs on the devices.

use maud::{Markup, html};

use super::lists::wide;
use crate::native::Change;
use crate::report::escape::line;
use crate::report::{Comparison, DeviceReport, Report, sides};

pub(super) fn differences(report: &Report) -> Markup {
    let compared = report.devices.iter().filter_map(|device| Some((device, device.difference.as_ref()?)));
    html! {
        p { "What was read from each device against what is described. What can't be compared is no difference by itself." }
        @for (device, difference) in compared {
            details.row data-row data-device=(line(&device.name)) {
                summary {
                    b { (line(&device.name)) } " "
                    @match difference.comparison() {
                        Comparison::AsDescribed => { span.tag.held { "as described" } }
                        Comparison::Differs => { span.tag.waived { (difference.differing()) " differ" } }
                        Comparison::NotCompared => { span.tag.unknown { "nothing was read" } }
                    }
                    @if difference.unseen() > 0 { " " span.tag { (difference.unseen()) " can't be compared" } }
                    @if let Some(base) = &difference.base {
                        span.about { " " (line(&base.file)) ", read by " (line(&base.by)) " " (line(&base.taken)) }
                    }
                }
                (rows(device))
            }
        }
    }
}

fn rows(device: &DeviceReport) -> Markup {
    let changes: Vec<&Change> =
        device.difference.iter().flat_map(|d| &d.changes).map(|row| &row.change).filter(|c| c.is_compared()).collect();
    let cell = |text: Option<String>| text.map_or("-".to_owned(), |text| line(&text));
    html! {
        @if !changes.is_empty() {
            (wide(&line(&device.name), &html! {
                thead { tr { th scope="col" { "setting" } th scope="col" { "on the device" } th scope="col" { "as described" } } }
                tbody { @for change in changes {
                    @let (before, after) = sides(change);
                    tr { th scope="row" { (line(&change.path)) } td { (cell(before)) } td { (cell(after)) } }
                } }
            }))
        }
    }
}
