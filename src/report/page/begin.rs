//! What is looked at before the first row, and before the first risky page.

use maud::{Markup, html};

use super::{Shown, field, tick};
use crate::report::escape::line;

impl Shown<'_> {
    /// The right device, who does it, and how one logs in.
    pub(super) fn begin(&self) -> Markup {
        let (sheet, head) = (self.sheet, &self.sheet.head);
        let (rows, pages) = (sheet.rows().count(), sheet.pages.len());
        let last: String = {
            let all: Vec<char> = head.serial.chars().collect();
            all[all.len().saturating_sub(4)..].iter().collect()
        };
        html! {
            section.card #begin aria-labelledby="hb" {
                h1 { (line(&sheet.device)) ": " (rows) " rows on " (pages) " pages" }
                p {
                    @if head.compared.is_empty() { "Nothing was read from the device: every row is here, what stands there now is not known. " }
                    @else { "Compared with the " (line(&head.compared)) ". " }
                    @if head.left > 0 { (head.left) " more rows are set already and not printed. " }
                    "Site " (line(&sheet.site)) ", " (self.revision()) ", reviewed text " code { (line(sheet.review.get(..12).unwrap_or(&sheet.review))) } "."
                }
                @if rows == 0 { p.good { "Nothing is to be done: the device is as it should be." } }
                (self.no_script())
                h2 #hb { "Before you begin" }
                ul.checks {
                    li { (tick("label", &self.label())) }
                    li { @if head.serial.is_empty() {
                        (field("serial_last", "Serial number, read from the label (none is written down)", (14, 40)))
                    } @else {
                        label.field {
                            span { "Last " (last.chars().count()) " of the serial, read from the label (" code { (line(&head.serial)) } ")" }
                            input data-before="serial_last" size="7" maxlength="40" autocomplete="off" spellcheck="false";
                        }
                    } }
                    li { (self.address()) }
                    li { label.field {
                        span { "Firmware that the console shows. "
                            @if head.firmware.is_empty() { "None is written down." }
                            @else { "This sheet is for " b { (line(&head.firmware)) } } }
                        input data-before="firmware" size="7" maxlength="20" autocomplete="off" spellcheck="false";
                    } }
                    (who())
                }
                p #gate role="status" {}
                p #kept .jsonly {}
                p #differs { (field("differs", "Something differs or can\u{2019}t be read, and you go on. Why, and who agreed (10 characters or more):", (40, 200))) }
                h2 { "Log in" }
                (self.login())
                @for file in &sheet.files {
                    p { "File: " code { (line(&file.name)) } " beside this sheet, SHA-256 " code.small { (file.sha256) } }
                }
                (keys())
            }
        }
    }

    fn label(&self) -> Markup {
        let head = &self.sheet.head;
        html! {
            "Label on the housing: "
            @if head.model.is_empty() { b { (line(&head.platform)) } } @else { b { (line(&head.model)) } }
            @if !head.asset.is_empty() { ", asset " b { (line(&head.asset)) } }
            @if !head.location.is_empty() { ", place " b { (line(&head.location)) } }
        }
    }

    fn address(&self) -> Markup {
        let address = &self.sheet.head.address;
        if address.is_empty() {
            return field("address_typed", "Address of the console (none is written down)", (18, 60));
        }
        html! {
            (tick("address", &html! { "The address line of the console shows " code { (line(address)) } }))
            div.acts.noprint {
                button.jsonly type="button" data-copy=(line(address)) data-what="address" { "Copy address" }
                a.button href=(format!("{address}/")) target="_blank" rel="noreferrer noopener" { "Open console" }
            }
        }
    }

    fn login(&self) -> Markup {
        let head = &self.sheet.head;
        html! {
            p {
                @if head.login.is_empty() { "As an administrator that the device has" } @else { "As " b { (line(&head.login)) } }
                ", with the password that is set " b { "now" } ". Keep this window and the console side by side: Windows key + arrow left, then right."
                @if !head.idle.is_empty() && head.idle != "never" {
                    " The console logs you out after " (line(&head.idle)) " without a click, and what is not saved is lost: finish one page, press SAVE, then have your break."
                }
            }
            @if !head.factory.is_empty() { p.note { "Never set up before? " (line(&head.factory)) } }
            p.note { "Does the device ask for a first account? Then it was never set up: make the account that this sheet names, and tell so above under \u{201c}Something differs\u{201d}." }
        }
    }

    /// The second lock: from here on a slip shuts people out.
    pub(super) fn risk(&self) -> Markup {
        let risky: Vec<usize> = (1..).zip(&self.sheet.pages).filter(|(_, page)| page.risky).map(|(at, _)| at).collect();
        let pages: Vec<String> = risky.iter().map(ToString::to_string).collect();
        html! {
            section.card #risk aria-labelledby="hr" {
                h2 #hr { "From here on a slip can shut you out" }
                p.warn {
                    "Page " (pages.join(", ")) " can cut your way in. Stay logged in here AND log in a second time: in a private window (Ctrl+Shift+N) or another browser. A second tab is the same login and saves nobody. Keep both open until the last page is saved."
                }
                ul.checks {
                    li { (tick("second_login", &html! { "I am logged in a second time, in a private window or another browser" })) }
                    li {
                        (field("laptop", "Address of this laptop", (18, 45)))
                        p #laptop .jsonly role="status" {}
                        p #otherway { (field("other_way", "I have another way in, namely (10 characters or more):", (40, 200))) }
                    }
                }
                @if !self.sheet.allowlist.is_empty() {
                    p { "Who is let in once this is done: " @for (at, net) in self.sheet.allowlist.iter().enumerate() { @if at > 0 { ", " } code { (line(net)) } } }
                }
                p { "Shut out all the same? Undo the last page by the second login, and SAVE. Else what is left is the serial console, or the reset button, which loses everything." }
            }
        }
    }

    pub(super) fn no_script(&self) -> Markup {
        html! { p.note.nojs { "Script is off: fill in the page and print it, or print it and use a pen. Nothing is kept. If a row is not done, tick which and write it on the line: why, where you looked, the other name, the other value." } }
    }
}

/// The clock, and who does it.
pub(super) fn who() -> Markup {
    html! {
        li {
            (tick("clock_right", &html! { "The clock of this laptop is right: " span #now { "____-__-__ __:__" } }))
            label.field { span { "If not, the right time is" } input type="datetime-local" data-before="right_time"; }
            p #clock .bad hidden {}
        }
        li.several {
            (field("name", "Your name", (18, 80)))
            (field("initials", "Initials", (4, 4)))
            (field("second_name", "Second person, if any", (18, 80)))
        }
    }
}

/// What keys and answers mean.
pub(super) fn keys() -> Markup {
    let keys = [
        ("C", "copy"),
        ("1", "done, and next"),
        ("2 to 5", "the other answers"),
        ("0", "take back"),
        ("\u{2193} \u{2191}", "next row, row before"),
        ("N", "next without answer"),
        ("\u{2190} \u{2192}", "along the answers"),
        ("Space", "choose"),
        ("Enter", "in a text: on"),
        ("Ctrl+S", "save answers, anywhere"),
    ];
    html! {
        details.noprint {
            summary.button { "Keys and answers" }
            p { "In a row: " @for (key, what) in keys { kbd { (key) } " " (what) "; " } }
            p.jsonly { label.tick { input #keys type="checkbox" checked autocomplete="off"; span { "Keys C, N and 0 to 5 work" } } }
            dl {
                dt { "Done" } dd { "the value stands there as printed" }
                dt { "Skipped" } dd { "not done: say why" }
                dt { "Not there" } dd { "no such page or field: say where you looked" }
                dt { "Other name" } dd { "done, but the field is called otherwise" }
                dt { "Other value" } dd { "the device has, or wanted, something else" }
            }
            p { "Never write a password anywhere on this page." }
        }
    }
}
