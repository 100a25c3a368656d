//! Pages of the device and their rows.

use maud::{Markup, html};

use super::{Shown, last};
use crate::dialect::sheet::Verb;
use crate::native::Grade;
use crate::report::escape::line;
use crate::sheet::{Page, Row, Was};

/// The five answers, as the file and as the page has them.
const ANSWERS: [(&str, &str); 5] = [
    ("done", "Done"),
    ("skipped", "Skipped"),
    ("absent", "Not there"),
    ("renamed", "Other name"),
    ("other", "Other value"),
];

impl Shown<'_> {
    pub(super) fn page(&self, at: usize, page: &Page) -> Markup {
        let (menu, number) = (&page.name, at + 1);
        let above = menu.strip_suffix(last(menu)).unwrap_or_default();
        let likely = page.rows.iter().all(|row| row.grade != Grade::Confirmed);
        html! {
            section.page.risky[page.risky] id=(format!("p{number}")) data-name=(cut(menu)) {
                h2 {
                    small { "Page " (number) " of " (self.sheet.pages.len()) @if page.risky { " \u{b7} can shut you out" } }
                    span.above { (line(&above.replace(" > ", " \u{203a} "))) } (line(last(menu)))
                }
                p.locked.warn.noprint hidden { span {} " " a href="#begin" { "Go there" } }
                @for warning in &page.warnings { p.warn { (line(warning)) } }
                @if likely { p.note { "The names on this page may differ: look for what they say." } }
                @for row in &page.rows { (self.row(row, likely)) }
                (save(page))
            }
        }
    }

    fn row(&self, row: &Row, likely: bool) -> Markup {
        let no = row.no;
        html! {
            div.row id=(format!("r{no}")) role="group" aria-labelledby=(format!("f{no} v{no}"))
                data-no=(no) data-id=(line(&row.id)) data-chain=(line(&row.chain)) data-secret[row.verb == Verb::Secret] {
                h3 { b.no { (no) } span.field id=(format!("f{no}")) { (line(&row.field)) } }
                div.value id=(format!("v{no}")) {
                    (self.value(row))
                    (was(row))
                }
                p.why {
                    @for rule in &row.why { (line(&rule.title)) " " span.rule { (line(&rule.id)) } }
                    @if row.grade != Grade::Confirmed && !likely { " " em { "name may differ" } }
                }
                (answers(no))
            }
        }
    }

    fn value(&self, row: &Row) -> Markup {
        let value = |text: &str, copies: bool| {
            html! { p.one { (shown(text)) @if copies { button.copy.jsonly type="button" data-text=(text) aria-label=(format!("Copy {}", line(text))) { "Copy" } } } }
        };
        let texts = &row.value;
        html! {
            i.verb { (row.verb.word()) }
            @match (row.verb, &texts[..]) {
                (Verb::Secret, _) => {
                    @for name in texts { p.one { code { (line(name)) } } }
                    p.about { "Not on this page. " code.small { "fieldlock apply " (line(&self.sheet.device)) } " shows it, for this row alone; type it twice." }
                }
                (Verb::File, _) => {
                    @for name in texts { (value(name, true)) }
                    p.about { "SHA-256 " code.small { (line(row.sha256.get(..12).unwrap_or_default())) } ", whole at the top" }
                }
                (Verb::SelectExactly, []) => { p.one { b { "none of them" } } }
                (Verb::Type, []) => { p.one { b { "nothing: leave it empty" } } }
                (Verb::SelectExactly, _) => { ul { @for text in texts { li { (shown(text)) } } } }
                (Verb::Type, [_, _, ..]) => { ul { @for text in texts { li { (value(text, true)) } } } }
                (verb, _) => { @for text in texts { (value(text, verb == Verb::Type)) } }
            }
            @if row.temporary { p.about { b { "For a while." } } }
            @for text in texts.iter().filter(|text| row.verb == Verb::Type && text.chars().count() > 40) {
                p.about { (text.chars().count()) " characters" }
            }
        }
    }
}

/// A value: look-alikes and what can't be seen are told, spaces at its ends are seen.
fn shown(text: &str) -> Markup {
    let edge = |text: &str| text.starts_with(' ') || text.ends_with(' ') || text.contains("  ");
    let foreign = text.chars().any(|c| !matches!(c, ' '..='~'));
    html! {
        code.long[text.chars().count() > 34] { (line(text)) }
        @if edge(text) { em { "spaces at its ends or in a row" } }
        @if foreign { em { "not all of it is plain letters" } }
    }
}

fn was(row: &Row) -> Markup {
    let same = matches!(&row.was, Was::Text(text) if row.value.len() == 1 && row.value[0] == *text);
    html! {
        p.was {
            "was "
            @match &row.was {
                Was::NotRead => { "not read" }
                Was::Nothing => { "not there" }
                Was::Set => { "set" }
                Was::Text(text) if text.is_empty() => { "empty" }
                Was::Text(text) => { q { (line(text)) } }
            }
            @if same { ": only look" } @else if row.was != Was::NotRead { " " em.changes { "changes" } }
        }
    }
}

/// The five answers, and what they ask for. All of it is there without a script.
pub(super) fn answers(no: u32) -> Markup {
    let said = |name: &str, label: &str, most: usize, class: &str| {
        html! {
            label class=(class) {
                span { (label) } " "
                input name=(format!("{name}{no}")) maxlength=(most) autocomplete="off" spellcheck="false";
            }
        }
    };
    html! {
        div.answers role="radiogroup" aria-labelledby=(format!("f{no}")) {
            @for (status, words) in ANSWERS {
                label class=(status) { input type="radio" name=(format!("r{no}")) value=(status) autocomplete="off"; span { (words) } }
            }
            button.back.jsonly type="button" disabled title="Take back" aria-label=(format!("Take back the answer of row {no}")) { "\u{2715}" }
        }
        output {}
        (said("a", "If not:", 200, "said"))
        (said("b", "", 200, "said second"))
        (said("i", "Initials", 4, "initials"))
        p.need aria-live="polite" {}
        p.hint {}
    }
}

fn save(page: &Page) -> Markup {
    let looks = page.looks();
    html! {
        div.save {
            label.tick { input type="checkbox" value="saved" autocomplete="off"; span { "SAVE pressed" } }
            label.tick { input type="checkbox" value="seen" autocomplete="off"; span { "Opened again: the values stand" } }
            @if !looks.is_empty() {
                ul.looks { @for (rows, look) in looks { li { (line(&rows)) ": " (line(look)) } } }
            }
            p.after.noprint aria-live="polite" {}
        }
    }
}

/// A name as answers can say it.
fn cut(name: &str) -> String {
    line(name).chars().take(crate::sheet::answers::MAX_TEXT).collect()
}
