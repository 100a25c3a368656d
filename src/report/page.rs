//! The sheet as a page: one file that any browser opens from a disk, without a network, and that is a form to print
//! where its script does not run.
//!
//! Everything that differs between sheets is HTML, escaped by `maud` as it is compiled; the one script and the one
//! style are the same bytes in all of them, and nothing but these two runs or is shown: their digests stand in the
//! page's policy. A page asks for nothing over the network, and its only links go to the device.

mod begin;
mod board;
mod console;
mod curve;
mod differences;
mod dossier;
mod end;
mod findings;
mod fleet;
mod lists;
mod report;
mod rows;
mod shell;
mod verified;
#[cfg(test)]
mod tests;

use std::sync::LazyLock;

use maud::{DOCTYPE, Markup, PreEscaped, html};

pub use self::board::board;
pub use self::console::{Shown as ShownConsole, console};
pub use self::curve::curve;
pub use self::dossier::{BuildOfRecord, Dossier, GuideTold, SentenceTold, dossier};
pub use self::lists::lists;
pub use self::report::report;
pub use self::verified::verified;
use super::escape::line;
use crate::image::Digest;
use crate::sheet::{Sheet, SheetKind};

/// The script, in the order that its parts build on one another.
pub const SCRIPT: &str = concat!(
    include_str!("page/script/state.js"),
    include_str!("page/script/store.js"),
    include_str!("page/script/rows.js"),
    include_str!("page/script/before.js"),
    include_str!("page/script/file.js"),
    include_str!("page/script/start.js"),
);

/// The style, for screens and for paper.
pub const STYLE: &str = concat!(include_str!("page/style/screen.css"), include_str!("page/style/print.css"));

/// What may run and be shown on the page: the two by their digests, and nothing else from anywhere.
static POLICY: LazyLock<String> = LazyLock::new(|| shell::policy(STYLE, SCRIPT));

/// What all parts of a page say again and again.
pub(super) struct Shown<'a> {
    sheet: &'a Sheet,
    digest: Digest,
}

/// The page. The same sheet gives the same bytes.
pub fn page(sheet: &Sheet) -> String {
    let shown = Shown { sheet, digest: sheet.digest() };
    let fleet = sheet.kind == SheetKind::Fleet;
    let title = format!("{} {}, sheet {}", line(&sheet.device), shown.revision(), shown.digest.short());
    html! {
        (DOCTYPE)
        html lang="en"
            data-kind=(if fleet { "fleet" } else { "device" })
            data-site=(line(&sheet.site))
            data-device=(line(&sheet.device))
            data-serial=(line(&sheet.head.serial))
            data-firmware=(line(&sheet.head.firmware))
            data-revision=(sheet.revision)
            data-review=(line(&sheet.review))
            data-sheet=(shown.digest)
            data-not-before=(line(&sheet.head.not_before))
            data-not-after=(line(&sheet.head.not_after))
            data-allowlist=(line(&sheet.allowlist.join(" ")))
            data-tool=(line(&sheet.tool))
            data-demo=(if sheet.demo { "yes" } else { "no" }) {
            (shell::head(&title, &POLICY, STYLE))
            body {
                (shown.bar())
                // browsers repeat the head of a table on each sheet of paper, and nothing else
                table.run role="presentation" {
                    thead { tr { td { (shown.running()) } } }
                    tbody { tr { td { main {
                        @if sheet.demo { p.warn { b { "Demo." } " Of a site that is none: not for a device." } }
                        div #told role="alert" {}
                        @for warning in &sheet.warnings { p.bad { (line(warning)) } }
                        @if fleet { (shown.fleet()) } @else { (shown.device()) }
                        (shown.end())
                    } } } }
                }
                script type="module" { (PreEscaped(SCRIPT)) }
            }
        }
    }
    .into_string()
        + "\n"
}

impl Shown<'_> {
    fn revision(&self) -> String {
        match self.sheet.revision {
            0 => "not sealed".to_owned(),
            revision => format!("revision {revision}"),
        }
    }

    /// What stands on top while one scrolls.
    fn bar(&self) -> Markup {
        let sheet = self.sheet;
        let places = sheet.places.iter().map(|place| (fleet::name(place).to_owned(), false));
        let pages = sheet.pages.iter().map(|page| (page.name.clone(), page.risky));
        let parts: Vec<(String, bool)> =
            if sheet.kind == SheetKind::Fleet { places.collect() } else { pages.collect() };
        let count = match sheet.kind {
            SheetKind::Device => sheet.rows().count(),
            SheetKind::Fleet => sheet.places.iter().map(|place| place.devices.len()).sum(),
        };
        html! {
            header.bar { div.in {
                b.name { (line(&sheet.device)) }
                div.progress.jsonly {
                    span #progress {}
                    progress max=(count.max(1)) value="0" aria-label="Rows answered" {}
                }
                details.nav {
                    summary.button { "Pages" }
                    ol {
                        li { a href="#begin" { "Before you begin" b {} } }
                        @for (at, (name, risky)) in parts.iter().enumerate() {
                            li { a href=(format!("#p{}", at + 1)) {
                                span { (at + 1) " " (line(last(name))) @if *risky { " (risk)" } } b {}
                            } }
                        }
                        li { a href="#end" { "When you are done" b {} } }
                    }
                }
                button #save .main.jsonly type="button" { "Save answers" }
                @if sheet.kind == SheetKind::Fleet { (self.common()) }
                p #say role="status" { (self.revision()) ", sheet " (self.digest.short()) }
                div #elsewhere .bad hidden {
                    "Open in another window: work goes on there, and nothing pressed here counts. "
                    button #here type="button" { "Continue here instead" }
                }
            } }
        }
    }

    /// What stands on each sheet of paper.
    fn running(&self) -> Markup {
        let sheet = self.sheet;
        let review = sheet.review.get(..12).unwrap_or(&sheet.review);
        html! {
            b { (line(&sheet.device)) }
            @if !sheet.head.serial.is_empty() { " \u{b7} " (line(&sheet.head.serial)) }
            " \u{b7} " (self.revision())
            @if !review.is_empty() { " \u{b7} reviewed text " (line(review)) }
            " \u{b7} sheet " b { (self.digest.short()) }
        }
    }

    /// Head, rows and the lock before the risky ones, of one device.
    fn device(&self) -> Markup {
        let pages = &self.sheet.pages;
        let risky = pages.iter().position(|page| page.risky);
        html! {
            (self.begin())
            @for (at, page) in pages.iter().enumerate() {
                @if risky == Some(at) { (self.risk()) }
                (self.page(at, page))
            }
        }
    }
}

/// The last word of a menu path: pages are told apart by it.
fn last(menu: &str) -> &str {
    menu.rsplit(" > ").next().unwrap_or(menu)
}

/// A box to tick, with what it says.
fn tick(name: &str, text: &Markup) -> Markup {
    html! { label.tick { input type="checkbox" data-before=(name) autocomplete="off"; span { (text) } } }
}

/// A field to fill in. `size` in characters, at most `most` of them.
fn field(name: &str, label: &str, (size, most): (usize, usize)) -> Markup {
    html! {
        label.field {
            span { (label) }
            input data-before=(name) size=(size) maxlength=(most) autocomplete="off" spellcheck="false";
        }
    }
}

/// Names that a sentence has before the rest is counted.
const NAMED: usize = 12;

/// A few names, and how many more there are.
fn some(names: &[&str]) -> Markup {
    html! {
        (every(&names[..names.len().min(NAMED)]))
        @if names.len() > NAMED { " and " (names.len() - NAMED) " more" }
    }
}

/// Names, all of them.
fn every(names: &[&str]) -> Markup {
    html! { @for (at, name) in names.iter().enumerate() { @if at > 0 { ", " } code { (line(name)) } } }
}
