//! One page of many devices: the values once, a row for each device.

use maud::{Markup, html};

use super::{Shown, begin, rows};
use crate::report::escape::line;
use crate::sheet::{FleetDevice, Place, Row, Was};

impl Shown<'_> {
    /// The values, where they are seen all the time.
    pub(super) fn common(&self) -> Markup {
        html! {
            div.common {
                @for row in self.values() {
                    span { (line(&row.field)) " "
                        @for text in &row.value { code { (line(text)) } button.jsonly type="button" data-copy=(line(text)) data-what=(line(&row.field)) aria-label=(format!("Copy {}", line(text))) { "Copy" } }
                    }
                }
            }
        }
    }

    fn values(&self) -> impl Iterator<Item = &Row> {
        self.sheet.rows().map(|(_, row)| row)
    }

    pub(super) fn fleet(&self) -> Markup {
        let sheet = self.sheet;
        let count: usize = sheet.places.iter().map(|place| place.devices.len()).sum();
        let menu = sheet.pages.first().map(|page| page.name.replace(" > ", " \u{203a} ")).unwrap_or_default();
        html! {
            section.card #begin aria-labelledby="hb" {
                h1 { "One page of " (count) " devices: " (line(&menu)) }
                ul.values {
                    @for row in self.values() {
                        li { (line(&row.field)) ": " i.verb { (row.verb.word()) } " "
                            @for text in &row.value { code { (line(text)) } " " }
                            @for rule in &row.why { span.why { (line(&rule.title)) " " span.rule { (line(&rule.id)) } } } }
                    }
                }
                p { "On every device: log in, check the serial number, open the page, enter the values, SAVE, open the page again and look. Only then Done." }
                (self.no_script())
                h2 #hb { "Before you begin" }
                @if !sheet.head.factory.is_empty() { p.note { "Never set up before? " (line(&sheet.head.factory)) } }
                ul.checks { (begin::who()) }
                p #gate role="status" {}
                p #kept .jsonly {}
                p.note { "A row opens when the last characters of its serial number are typed in, as the label or the console shows them. If they belong to another device of this list, the row says which." }
                (begin::keys())
            }
            @for (at, place) in sheet.places.iter().enumerate() {
                section.page id=(format!("p{}", at + 1)) data-name=(line(name(place))) {
                    h2 { small { (place.devices.len()) " devices" } (line(name(place))) }
                    p.locked.warn.noprint hidden { span {} " " a href="#begin" { "Go there" } }
                    @for device in &place.devices { (one(device)) }
                }
            }
        }
    }
}

/// A place, as it is called.
pub(super) fn name(place: &Place) -> &str {
    if place.name.is_empty() { "No place is written down" } else { &place.name }
}

fn one(device: &FleetDevice) -> Markup {
    let no = device.no;
    let was: Vec<String> = device.was.iter().map(was).collect();
    html! {
        div.row id=(format!("r{no}")) role="group" aria-labelledby=(format!("f{no}"))
            data-no=(no) data-id=(device.device) data-chain="" data-last=(line(&device.last)) {
            h3 { b.no { (no) } span.field id=(format!("f{no}")) { (line(&device.device)) } }
            div.value id=(format!("v{no}")) {
                @if !device.address.is_empty() {
                    p.one { a href=(format!("{}/", device.address)) target="_blank" rel="noreferrer noopener" { code { (line(&device.address)) } } }
                } @else { p.one { "no address is written down" } }
                p.was { "was " q { (was.join(", ")) } }
            }
            p.why { "revision " (device.revision) ", its own sheet " code.small { (device.sheet.short()) } }
            label.serial {
                span { @if device.serial.is_empty() { "serial number, whole" } @else { "last " (device.last.chars().count()) " of " (line(&device.serial)) } } " "
                input name=(format!("q{no}")) maxlength="40" autocomplete="off" spellcheck="false";
            }
            (rows::answers(no))
        }
    }
}

fn was(was: &Was) -> String {
    match was {
        Was::NotRead => "not read".to_owned(),
        Was::Nothing => "not there".to_owned(),
        Was::Set => "set".to_owned(),
        Was::Text(text) => line(text),
    }
}
