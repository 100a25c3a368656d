//! The sheet of a device as Markdown: to be read anywhere, and printed where nothing shows the page.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::escape::{code, fenced, line, prose};
use crate::dialect::sheet::Verb;
use crate::sheet::{Head, Page, Row, Sheet, Was};

/// A head to tick, one block for each page with one SAVE, pages on which a slip shuts people out last.
pub fn sheet(sheet: &Sheet) -> String {
    let mut out = format!("# Sheet for {}\n\n", code(&sheet.device));
    head(&mut out, sheet);
    for warning in &sheet.warnings {
        let _ = writeln!(out, "**{}**\n", prose(warning));
    }
    if sheet.pages.is_empty() {
        out.push_str("Nothing is to be typed: the device is as it should be.\n\n");
    }
    let mut told = false;
    for page in &sheet.pages {
        if page.risky && !std::mem::replace(&mut told, true) {
            out.push_str(
                "---\n\n**From here on a slip can shut you out. Log in from a second window before you close this \
                 one, and keep both open until the last page is saved.**\n\n",
            );
        }
        block(&mut out, page);
    }
    let rows = sheet.rows().count();
    // an address has a row for its mask, and what is set for a while one more
    let lasting = sheet.rows().filter(|(_, row)| !row.temporary);
    let settings = lasting.map(|(_, row)| (&row.path, row.verb == Verb::Delete)).collect::<BTreeSet<_>>().len();
    match sheet.head.left {
        0 if rows == 0 => {}
        0 => drop(writeln!(out, "All {settings} settings of this sheet are to be set, in {rows} rows.\n")),
        left => drop(writeln!(
            out,
            "Of {} settings {settings} are to be set, in {rows} rows; {left} the capture shows as set already.\n",
            settings + left
        )),
    }
    if !sheet.unplaced.is_empty() {
        out.push_str("No page and no command is known for these; ask the vendor before you rely on them:\n\n");
        out.extend(sheet.unplaced.iter().map(|path| format!("- {}\n", code(path))));
        out.push('\n');
    }
    out.push_str(
        "Grades: `confirmed` the vendor's guide shows page and field; `likely` the page is known or inferred and the \
         name of the field is a plain description, look for what it says.\n\nDone by ____________________   date \
         ____________   second person ____________________\n",
    );
    out
}

fn head(out: &mut String, sheet: &Sheet) {
    let Head {
        model, platform, serial, asset, location, firmware, compared, address, login, factory, not_after, ..
    } = &sheet.head;
    let revision = if sheet.revision == 0 { "not sealed".to_owned() } else { format!("revision `{}`", sheet.revision) };
    let review = sheet.review.get(..12).unwrap_or(&sheet.review);
    let _ =
        writeln!(out, "Image {revision}, reviewed text {}, sheet {}\n", code(review), code(&sheet.digest().short()));
    let _ = writeln!(out, "Before you begin, tick what you have seen with your own eyes:\n");
    match &**model {
        "" => drop(writeln!(out, "- [ ] platform: {}", code(platform))),
        model => drop(writeln!(out, "- [ ] model on the label: {} ({})", code(model), code(platform))),
    }
    match &**serial {
        "" => out.push_str("- [ ] serial number on the label: ____________________ (none is written down)\n"),
        serial => drop(writeln!(out, "- [ ] serial number on the label: {}", code(serial))),
    }
    for (what, text) in [("asset", asset), ("place", location), ("the console is at", address)] {
        if !text.is_empty() {
            let _ = writeln!(out, "- [ ] {what}: {}", code(text));
        }
    }
    match &**firmware {
        "" => out.push_str("- [ ] firmware that the device shows: ____________\n"),
        firmware => drop(writeln!(
            out,
            "- [ ] firmware that the device shows: ____________ (this sheet is written for {})",
            code(firmware)
        )),
    }
    out.push_str("\nIf one of them differs, stop: this is another device, or not the one described.\n\n");
    if !login.is_empty() {
        let _ = writeln!(out, "Log in as {}.\n", code(login));
    }
    if !factory.is_empty() {
        let _ = writeln!(out, "Never set up before? {}\n", prose(factory));
    }
    if !not_after.is_empty() {
        let _ = writeln!(out, "It stands on a waiver that ends {}: do not use it after that.\n", code(not_after));
    }
    match &**compared {
        "" => out.push_str("No capture was compared: every row is printed, what runs now is not known.\n\n"),
        compared => drop(writeln!(out, "The column `now` is from the {}.\n", code(compared))),
    }
}

/// One page, with one SAVE.
fn block(out: &mut String, page: &Page) {
    let _ = writeln!(out, "## {}\n", code(&page.name));
    out.extend(page.warnings.iter().map(|warning| format!("**{}**\n\n", prose(warning))));
    out.push_str("| no. | field | what to do | now | why | grade | initials |\n|---|---|---|---|---|---|---|\n");
    let mut notes = Vec::new();
    for row in &page.rows {
        let was = match &row.was {
            Was::NotRead => "?".to_owned(),
            Was::Nothing => "-".to_owned(),
            Was::Set => "(set)".to_owned(),
            Was::Text(text) if text.is_empty() => "(empty)".to_owned(),
            Was::Text(text) => cell(text, &mut notes),
        };
        let why: Vec<&str> = row.why.iter().map(|rule| &*rule.id).collect();
        let cells = [
            row.no.to_string(),
            cell(&row.field, &mut notes),
            what(row, &mut notes),
            was,
            line(&why.join(", ")),
            row.grade.word().to_owned(),
            String::new(),
        ];
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    out.push('\n');
    for (i, note) in notes.iter().enumerate() {
        let _ = writeln!(out, "text {} of this page:\n\n{}", i + 1, fenced(note, "text"));
    }
    out.push_str("- [ ] SAVE pressed on this page\n- [ ] opened again: the values stand\n");
    for (rows, look) in page.looks() {
        let _ = writeln!(out, "  - {}: {}", prose(&rows), prose(look));
    }
    out.push('\n');
}

fn what(row: &Row, notes: &mut Vec<String>) -> String {
    let value: Vec<String> = row.value.iter().map(|text| cell(text, notes)).collect();
    let value = value.join(" and ");
    match row.verb {
        Verb::Secret => format!("type the secret {value}, from the sealed image"),
        Verb::File => format!("upload the file {value}, SHA-256 {}", code(&row.sha256)),
        Verb::SelectExactly if value.is_empty() => "select none".to_owned(),
        Verb::Type if value.is_empty() => "(leave empty)".to_owned(),
        Verb::Type => value,
        verb => format!("{} {value}", verb.word()),
    }
}

/// A text in a cell: as it is where a cell can hold it, else by number in a block below the table.
fn cell(text: &str, notes: &mut Vec<String>) -> String {
    let text = line(text);
    if text.contains(['|', '`', '\\']) || text.len() > 80 && text.chars().count() > 80 {
        notes.push(text);
        return format!("text {} below", notes.len());
    }
    code(&text)
}

#[cfg(test)]
mod tests;
