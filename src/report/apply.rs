//! What stands on the terminal while somebody works at a device.

use std::collections::BTreeSet;

use super::escape::line;
use super::layout::count;
use crate::dialect::sheet::Verb;
use crate::ledger::Receipt;
use crate::ledger::receipt::{Ended, Row as Answer, RowStatus};
use crate::plan::Check;
use crate::sheet::{Head, Page, Row, Sheet, Was};

/// Before the first row.
pub fn head(sheet: &Sheet) -> String {
    let Head { address, asset, compared, factory, location, login, model, platform, .. } = &sheet.head;
    let model = if model.is_empty() { platform } else { model };
    let rows = count(sheet.rows().count(), "row", "rows");
    let pages = count(sheet.pages.len(), "page", "pages");
    let mut out = format!(
        "{}   {}, image revision {}, {rows} on {pages}, sheet {}\n",
        line(&sheet.device),
        line(model),
        sheet.revision,
        &sheet.digest().to_string()[..12]
    );
    let said = [
        ("asset", asset),
        ("stands", location),
        ("open", address),
        ("log in as", login),
        ("was read", compared),
        ("new", factory),
    ];
    for (name, said) in said.into_iter().filter(|(_, said)| !said.is_empty()) {
        out.push_str(&format!("  {name:<10} {}\n", line(said)));
    }
    out.extend(sheet.warnings.iter().map(|warning| format!("  {}\n", line(warning))));
    out
}

/// Above the rows of a page.
pub fn page(sheet: &Sheet, page: &Page) -> String {
    let number = sheet.pages.iter().position(|other| other.name == page.name).unwrap_or_default() + 1;
    let mut out = format!("\n{}   page {number} of {}\n", line(&page.name), sheet.pages.len());
    out.extend(page.warnings.iter().map(|warning| format!("  {}\n", line(warning))));
    out
}

/// What is seen on a page that was opened again, beside values that stand there.
pub fn looks(page: &Page) -> String {
    page.looks().iter().map(|(rows, look)| format!("      {}: {}\n", line(rows), line(look))).collect()
}

/// A row: what to do, what stood there, which rule asks for it.
pub fn row(row: &Row) -> String {
    let was = match &row.was {
        Was::NotRead => "not read".to_owned(),
        Was::Nothing => "nothing".to_owned(),
        Was::Set => "set, whichever".to_owned(),
        Was::Text(text) => text.clone(),
    };
    let why = row.why.first().map(|rule| format!("   {} {}", rule.id, rule.title)).unwrap_or_default();
    let mut out = format!("{:>4}  {}\n      {}\n", row.no, line(&row.field), line(&to_do(row)));
    out.push_str(&format!("      was {}{}\n", line(&was), line(&why)));
    out
}

/// What to do with a row: `type 3`, `choose Enable`.
pub fn to_do(row: &Row) -> String {
    let value = row.value.join(", ");
    match row.verb {
        Verb::Secret => format!("type the secret {value}"),
        Verb::Box if value == "ticked" => "tick the box".to_owned(),
        Verb::Box => "take the tick away".to_owned(),
        Verb::File => format!("upload the file {value}, SHA-256 {}", row.sha256),
        Verb::Delete => format!("delete {value}"),
        Verb::Leave => "leave it as it is".to_owned(),
        verb if value.is_empty() => format!("{} nothing: leave it empty", verb.word()),
        verb => format!("{} {value}", verb.word()),
    }
}

/// What is done with a file that a device is to import.
pub fn to_import((device, path): (&str, &str), lines: &[(&str, &str)], check: Option<&Check>, more: bool) -> String {
    let mut out = format!(
        "\n{} holds what {} exported, its secrets too, with {} as sealed:\n",
        line(path),
        line(device),
        count(lines.len(), "line", "lines")
    );
    for (place, value) in lines {
        out.push_str(&format!("  {}={}\n", line(place), line(value)));
    }
    out.push_str(match check {
        Some(Check::Blind(..)) => {
            "nothing but the import shows whether the device is still reached: have a way to it by hand\n"
        }
        Some(Check::NotKnown) => "nothing that was read shows how one gets in, before or after\n",
        _ => "",
    });
    let way = check.and_then(|check| match check {
        Check::Stays(way) | Check::Before(way) | Check::After(way) | Check::Blind(way, _) => Some(way),
        Check::NotKnown | Check::LockedOut => None,
    });
    if let Some(way) = way {
        let to = if way.to.is_empty() { String::new() } else { format!(" at {}", way.to) };
        out.push_str(&format!("afterwards log in as {} by {}{}\n", line(&way.account), line(&way.service), line(&to)));
    }
    out.push_str("import it on the page that the configuration was exported from, and export it there again\n");
    if more {
        out.push_str("another file follows: this one only adds, so that a way in is proved before anything goes\n");
    }
    out.push_str("then delete the file\n");
    out
}

/// What a device took of what it was given.
pub fn imported<'a>(lines: impl Iterator<Item = &'a Answer>) -> String {
    let (taken, other): (Vec<&Answer>, Vec<&Answer>) = lines.partition(|row| row.status == RowStatus::Done);
    let mut out =
        format!("{} of the file as sealed, read from the device\n", count(taken.len(), "line is", "lines are"));
    for row in other {
        out.push_str(&format!("  left  {}: {}\n", line(&row.field), super::receipt::why(row)));
    }
    out
}

/// What the way through a sheet leaves.
pub struct Left<'a> {
    /// Rows without an answer: they wait for a new plan; of what is taken back nobody knows whether they stand.
    pub open: Vec<(&'a Page, &'a Row)>,
    /// Rows that stay although what was done is taken back, by id.
    pub stays: BTreeSet<&'a str>,
}

/// At the end: what was done and what is left.
pub fn ending(receipt: &Receipt, ended: &Ended, Left { open, stays }: &Left<'_>) -> String {
    let mut out = format!("\n{}\n", line(&super::receipt::ending(receipt)));
    let undoing = receipt.is_undoing();
    let confirmed: BTreeSet<&str> = receipt.confirmed().into_iter().map(|row| &*row.id).collect();
    let is_left = |row: &&Answer| match undoing {
        true => stays.contains(&*row.id),
        false => ended.left > 0 && !confirmed.contains(&*row.id),
    };
    let mut left = |menu: &str, field: &str, why: &str| {
        out.push_str(&format!("  left  {}, {}: {why}\n", line(menu), line(field)));
    };
    for row in receipt.rows().into_iter().filter(is_left) {
        let back = undoing && row.status != RowStatus::Skipped;
        left(&row.menu, &row.field, &if back { "not taken back".to_owned() } else { super::receipt::why(row) });
    }
    let why = match undoing {
        true => "begun, and nobody looked whether it stands",
        false => "waits for a new plan, what comes before it was not done",
    };
    open.iter().for_each(|(page, row)| left(&page.name, &row.field, why));
    out
}
