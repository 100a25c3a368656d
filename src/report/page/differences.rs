//! What differs on the devices.

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::every;
use super::lists::wide;
use crate::native::Change;
use crate::report::escape::line;
use crate::report::{DeviceReport, Difference, Report, Standing, sides};

/// A device with what differs on it.
type Compared<'a> = (&'a DeviceReport, &'a Difference);
/// What is said of devices that are told together: how they stand, why they were not reached, what differs.
type Told<'a> = (Standing, Option<&'a str>, Vec<Row>);

pub(super) fn differences(report: &Report) -> Markup {
    // devices of which the same is said are told together
    let drifts = report.verb == "drift";
    let mut groups: BTreeMap<Told<'_>, Vec<Compared<'_>>> = BTreeMap::new();
    for device in &report.devices {
        let Some(difference) = &device.difference else { continue };
        let told = difference.unreached.as_ref().map(|why| why.message.as_str());
        groups.entry((difference.standing(), told, rows_of(difference))).or_default().push((device, difference));
    }
    let mut groups: Vec<_> = groups.into_iter().collect();
    groups.sort_by_key(|((standing, ..), devices)| (*standing, devices[0].0.name.clone()));
    html! {
        p { "What was read from each device against what is described. What can't be compared is no difference by itself; when each was read stands in the inventory." }
        @for ((standing, told, rows), devices) in &groups {
            @let names: Vec<&str> = devices.iter().map(|(device, _)| &*device.name).collect();
            @let (_, first) = devices[0];
            details.row data-row data-devices=(line(&names.join(" "))) {
                summary {
                    b { (named(&names)) } " "
                    @match standing {
                        Standing::AsDescribed => { span.tag.held { "as described" } }
                        Standing::Weaker if drifts => { span.tag.failed { (first.differing()) " differ, weaker" } }
                        Standing::Stronger if drifts => { span.tag.waived { (first.differing()) " differ, stronger" } }
                        Standing::Weaker | Standing::Stronger | Standing::Other => {
                            span.tag.waived { (first.differing()) " differ" }
                        }
                        Standing::NotReached => { span.tag.unknown { "not reached" } }
                        Standing::NotCompared => { span.tag.unknown { "nothing was read" } }
                    }
                    @if let ([(_, only)], Some(base)) = (&devices[..], &first.base) {
                        @if only.unseen() > 0 { " " span.tag { (only.unseen()) " can't be compared" } }
                        span.about { " " (line(&base.file)) ", read by " (line(&base.by)) " " (line(&base.taken)) }
                    }
                }
                @if names.len() > NAMED { p { (every(&names)) } }
                @let (weaker, stronger) = (first.rules_of(Standing::Weaker), first.rules_of(Standing::Stronger));
                @if drifts && !weaker.is_empty() { p { "weaker by " (line(&weaker.join(", "))) } }
                @if drifts && !stronger.is_empty() { p { "stronger by " (line(&stronger.join(", "))) } }
                @if let Some(told) = told { p { (line(told)) } }
                (table(&line(names[0]), rows))
            }
        }
    }
}

/// Devices named in the line that is always there, before the rest is counted.
const NAMED: usize = 4;

/// `sw04, np07 and 12 more`
fn named(names: &[&str]) -> String {
    let shown: Vec<String> = names.iter().take(NAMED).map(|name| line(name)).collect();
    let more = names.len().saturating_sub(NAMED);
    if more > 0 { format!("{} and {more} more", shown.join(", ")) } else { shown.join(", ") }
}

/// Setting, on the device, as described.
type Row = [String; 3];

fn rows_of(difference: &Difference) -> Vec<Row> {
    let cell = |text: Option<String>| text.map_or("-".to_owned(), |text| line(&text));
    let row = |change: &Change| {
        let (before, after) = sides(change);
        [line(&change.path), cell(before), cell(after)]
    };
    difference.changes.iter().map(|row| &row.change).filter(|change| change.is_compared()).map(row).collect()
}

fn table(name: &str, rows: &[Row]) -> Markup {
    html! {
        @if !rows.is_empty() {
            (wide(name, &html! {
                thead { tr { th scope="col" { "setting" } th scope="col" { "on the device" } th scope="col" { "as described" } } }
                tbody { @for [setting, before, after] in rows {
                    tr { th scope="row" { (setting) } td { (before) } td { (after) } }
                } }
            }))
        }
    }
}
