//! The printed sheet, as Markdown. No secret is in it, and nothing from outside is markup.

use std::borrow::Cow;
use std::fmt::Write as _;
use std::sync::Arc;

use super::{Cell, Row};
use crate::dialect::Alphabet;
use crate::model::facts::without_keys;
use crate::model::shape::{Kind, ScalarKind, Shape};

/// What stands on top of each printed sheet.
#[derive(Debug, Clone, Default)]
pub struct Head<'a> {
    /// The device's name.
    pub device: &'a str,
    /// The platform's word.
    pub platform: &'a str,
    /// The model, as its label says it.
    pub model: Option<&'a str>,
    /// Number in the asset register.
    pub asset: Option<&'a str>,
    /// Serial number on the label.
    pub serial: Option<&'a str>,
    /// Where it stands.
    pub location: Option<&'a str>,
    /// Firmware that the description is written for.
    pub firmware: Option<&'a str>,
    /// Revision of the image that the sheet belongs to.
    pub revision: &'a str,
    /// Digest of the reviewed text, 12 characters of it.
    pub review: &'a str,
    /// What the "now" column rests on: `capture of 2026-03-09 14:02 UTC`.
    pub compared: Option<&'a str>,
}

/// What to print.
pub struct Print<'a> {
    /// The top.
    pub head: Head<'a>,
    /// What there is to type, in the order of the vendor's menu.
    pub rows: &'a [Row],
    /// Rules that a setting decides, by its dotted path.
    pub why: &'a dyn Fn(&str) -> Arc<[String]>,
    /// What a certificate of the site is called beside the sheet, and its SHA-256, by its path in the site.
    pub upload: &'a dyn Fn(&str) -> Option<(String, String)>,
    /// Settings that have no place on any page and no native line.
    pub unplaced: &'a [String],
    /// Whether rows are printed that a capture shows as set already.
    pub full: bool,
}

/// The printed sheet: a head to tick, one block for each page with one SAVE, pages on which a slip shuts people out
/// last.
pub fn markdown(print: &Print<'_>) -> String {
    let mut out = String::new();
    head(&mut out, &print.head);
    let due: Vec<&Row> = print.rows.iter().filter(|r| print.full || is_due(r)).collect();
    let left = print.rows.len() - due.len();
    if due.is_empty() {
        out.push_str("Nothing is to be typed: the device is as it should be.\n\n");
    }
    let (risky, plain): (Vec<&Row>, Vec<&Row>) = due.into_iter().partition(|r| r.risky);
    let mut number = 0;
    pages(&mut out, &plain, print, &mut number);
    if !risky.is_empty() {
        out.push_str(
            "---\n\n**From here on a slip can shut you out. Log in from a second window before you close this one, \
             and keep both open until the last page is saved.**\n\n",
        );
        pages(&mut out, &risky, print, &mut number);
    }
    let all = print.rows.len();
    if left > 0 {
        let set = all - left;
        let _ = writeln!(out, "Of {all} settings {set} are to be typed; {left} the capture shows as set already.\n");
    } else if all > 0 {
        let _ = writeln!(out, "All {all} settings of this sheet are to be typed.\n");
    }
    if !print.unplaced.is_empty() {
        out.push_str("No page and no command is known for these; ask the vendor before you rely on them:\n\n");
        for path in print.unplaced {
            let _ = writeln!(out, "- {}", code(path));
        }
        out.push('\n');
    }
    out.push_str(
        "Grades: `confirmed` the vendor's guide shows page and field; `likely` the page is known or inferred and the \
         name of the field is a plain description, look for what it says.\n\nDone by ____________________   date \
         ____________   second person ____________________\n",
    );
    out
}

fn head(out: &mut String, head: &Head<'_>) {
    let _ = writeln!(out, "# Sheet for {}\n", code(head.device));
    let _ = writeln!(out, "Image revision {}, reviewed text {}\n", code(head.revision), code(head.review));
    let _ = writeln!(out, "Before you begin, tick what you have seen with your own eyes:\n");
    let platform = code(head.platform);
    match head.model {
        Some(model) => drop(writeln!(out, "- [ ] model on the label: {} ({platform})", code(model))),
        None => drop(writeln!(out, "- [ ] platform: {platform}")),
    }
    match head.serial {
        Some(serial) => drop(writeln!(out, "- [ ] serial number on the label: {}", code(serial))),
        None => out.push_str("- [ ] serial number on the label: ____________________ (none is written down)\n"),
    }
    if let Some(asset) = head.asset {
        let _ = writeln!(out, "- [ ] asset: {}", code(asset));
    }
    if let Some(location) = head.location {
        let _ = writeln!(out, "- [ ] place: {}", code(location));
    }
    match head.firmware {
        Some(firmware) => drop(writeln!(
            out,
            "- [ ] firmware that the device shows: ____________ (this sheet is written for {})",
            code(firmware)
        )),
        None => out.push_str("- [ ] firmware that the device shows: ____________\n"),
    }
    out.push_str("\nIf one of them differs, stop: this is another device, or not the one described.\n\n");
    match head.compared {
        Some(compared) => drop(writeln!(out, "The column `now` is from the {}.\n", code(compared))),
        None => out.push_str("No capture was compared: every row is printed, what runs now is not known.\n\n"),
    }
}

/// Whether a row has to be typed: secrets always, for what a device holds can't be seen.
fn is_due(row: &Row) -> bool {
    match &row.value {
        Cell::Secret(_) => true,
        Cell::Text(text) => row.removes || row.before.as_deref() != Some(text),
    }
}

/// One block for each page, each with one SAVE.
fn pages(out: &mut String, rows: &[&Row], print: &Print<'_>, number: &mut usize) {
    for page in rows.chunk_by(|a, b| a.menu == b.menu) {
        let Some(first) = page.first() else { continue };
        let _ = writeln!(out, "## {}\n", escape(&first.menu));
        out.push_str("| no. | field | type this | now | why | grade | initials |\n|---|---|---|---|---|---|---|\n");
        let mut notes = Vec::new();
        for row in page.iter().flat_map(in_parts) {
            *number += 1;
            let field = cell(&row.field, &mut notes);
            let value = match &row.value {
                Cell::Secret(name) => format!("the secret {}, from the sealed image", code(name.as_str())),
                Cell::Text(text) if row.removes => format!("take away {}", cell(text, &mut notes)),
                Cell::Text(text) if text.is_empty() => "(leave empty)".to_owned(),
                Cell::Text(text) => match (print.upload)(text).filter(|_| names_a_file(&row.path)) {
                    Some((file, digest)) => {
                        format!("the file {}, SHA-256 {}", cell(&file, &mut notes), code(&digest))
                    }
                    None => cell(text, &mut notes),
                },
            };
            let before = match (&row.before, print.head.compared) {
                (Some(text), _) if text.is_empty() => "(empty)".to_owned(),
                (Some(text), _) => cell(text, &mut notes),
                (None, Some(_)) => "-".to_owned(),
                (None, None) => "?".to_owned(),
            };
            let why = (print.why)(&row.path).join(", ");
            let grade = row.place.grade.word();
            let _ = write!(out, "| {number}");
            for text in [&*field, &*value, &*before, &*escape(&why), grade] {
                out.push_str(" | ");
                out.push_str(text);
            }
            out.push_str(" | |\n");
        }
        out.push('\n');
        for (i, note) in notes.iter().enumerate() {
            let fence = "`".repeat(longest_run(note).max(2) + 1);
            let _ = writeln!(out, "text {} of this page:\n\n{fence}text\n{note}\n{fence}\n", i + 1);
        }
        out.push_str("- [ ] SAVE pressed on this page\n\n");
    }
}

/// Whether the setting at a path is a file of the site.
fn names_a_file(path: &str) -> bool {
    let shape = Shape::device();
    let field = shape.setting(&without_keys(path)).and_then(|at| shape.field_at(&at));
    field.is_some_and(|field| field.kind == Kind::Scalar(ScalarKind::Path))
}

/// A row for each field of the page that a setting is typed into: address and mask, rate and bits.
fn in_parts<'r>(row: &&'r Row) -> Vec<Cow<'r, Row>> {
    let words = |text: &str| -> Option<Vec<String>> {
        let mut words: Vec<String> = text.split(' ').map(str::to_owned).collect();
        // `8N1`: data bits, parity, stop bits
        if let Some(frame) = words.pop_if(|word| word.len() >= 3 && words_of_frame(word).is_some()) {
            words.extend(words_of_frame(&frame)?.map(str::to_owned));
        }
        (words.len() == row.parts.len()).then_some(words)
    };
    let Cell::Text(text) = &row.value else { return vec![Cow::Borrowed(*row)] };
    let Some(values) = words(text).filter(|_| !row.removes) else { return vec![Cow::Borrowed(*row)] };
    let befores = row.before.as_deref().map(|text| words(text).unwrap_or_default());
    let part = |(at, (name, value)): (usize, (&String, String))| {
        let before = befores.as_ref().map(|b| b.get(at).cloned().or(row.before.clone()).unwrap_or_default());
        Cow::Owned(Row { field: name.clone(), value: Cell::Text(value), before, parts: Vec::new(), ..(*row).clone() })
    };
    row.parts.iter().zip(values).enumerate().map(part).collect()
}

/// Data bits, parity and stop bits of `8N1`.
fn words_of_frame(text: &str) -> Option<[&str; 3]> {
    let parity = match text.get(1..2)? {
        "N" => "None",
        "E" => "Even",
        "O" => "Odd",
        "M" => "Mark",
        "S" => "Space",
        _ => return None,
    };
    let bits = text.get(..1).filter(|b| ("5"..="8").contains(b))?;
    Some([bits, parity, text.get(2..)?])
}

/// A text in a cell: as it is where a cell can hold it, else by number in a block below the table.
fn cell(text: &str, notes: &mut Vec<String>) -> String {
    let text = visible(text);
    if text.contains(['|', '`', '\\']) || text.len() > 80 && text.chars().count() > 80 {
        notes.push(text.into_owned());
        return format!("text {} below", notes.len());
    }
    code(&text)
}

/// Code: nothing in it is markup.
fn code(text: &str) -> String {
    let text = visible(text);
    if !text.contains('`') && !text.is_empty() && !text.starts_with(' ') && !text.ends_with(' ') {
        return ["`", &text, "`"].concat();
    }
    let fence = "`".repeat(longest_run(&text) + 1);
    let edge = text.starts_with(['`', ' ']) || text.ends_with(['`', ' ']) || text.is_empty();
    let pad = if edge { " " } else { "" };
    format!("{fence}{pad}{text}{pad}{fence}")
}

fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// Words of ours and of packs: signs that mean something to Markdown are escaped.
fn escape(text: &str) -> Cow<'_, str> {
    let text = visible(text);
    let means = |c: char| "@<&|#\\`*_[]!~$".contains(c);
    if !text.contains(means) {
        return text;
    }
    let mut out = String::with_capacity(text.len() + 8);
    let mut signs = text.chars().peekable();
    while let Some(c) = signs.next() {
        match c {
            '@' | '<' | '&' | '|' => drop(write!(out, "&#{};", c as u32)),
            // a number after it would be a link on some sites
            '#' if signs.peek().is_some_and(char::is_ascii_digit) => out.push_str("&#35;"),
            '\\' | '`' | '*' | '_' | '[' | ']' | '!' | '~' | '$' => {
                out.push('\\');
                out.push(c);
            }
            c => out.push(c),
        }
    }
    Cow::Owned(out)
}

/// What can't be seen is spelled out.
fn visible(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| matches!(b, b' '..=b'~')) {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if Alphabet::Visible.holds(c) {
            out.push(c);
        } else {
            let _ = write!(out, "\\u{{{:x}}}", c as u32);
        }
    }
    Cow::Owned(out)
}
