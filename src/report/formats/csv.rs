//! For spreadsheets: a row for each finding and device, and for each setting that differs.

use super::super::paint::View;
use super::super::{Report, Standing, documents, escape};
use super::entries::{Entry, entries};
use super::uri::Files;
use crate::finding::Finding;
use crate::source::SourceMap;

/// The columns.
const HEAD: [&str; 19] = [
    "rule",
    "severity",
    "status",
    "device",
    "setting",
    "message",
    "detail",
    "write",
    "reason",
    "waiver",
    "file",
    "line",
    "column",
    "menu",
    "supports",
    "rules",
    "on_the_device",
    "as_described",
    "standing",
];

/// A table with a head, rows ended by LF, cells in quotes where they need them.
pub fn csv(report: &Report, sources: &SourceMap, view: &View) -> String {
    let files = Files::of(report);
    let mut out = ::csv::Writer::from_writer(Vec::new());
    let _ = out.write_record(HEAD);
    for entry in &entries(report, view.all) {
        let at = documents::at(sources, entry.loc);
        let (file, line, column) = at.map_or((String::new(), String::new(), String::new()), |at| {
            (files.path(&at.file), at.line.to_string(), at.column.to_string())
        });
        let devices: &[&str] = if entry.devices.is_empty() { &[""] } else { &entry.devices };
        for device in devices {
            let _ = out.write_record(row(entry, device, [&file, &line, &column]).map(cell));
        }
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

fn row<'a>(
    entry: &'a Entry<'_>,
    device: &'a str,
    [file, line, column]: [&'a str; 3],
) -> [std::borrow::Cow<'a, str>; 19] {
    let of = |get: fn(&Finding) -> Option<&str>| entry.finding.and_then(get).unwrap_or_default();
    let joined = |get: fn(&Finding) -> Vec<&str>| entry.finding.map(get).unwrap_or_default().join(" ");
    let [on_device, described] = &entry.sides;
    [
        entry.code.into(),
        entry.severity.word().into(),
        entry.status.words().into(),
        device.into(),
        entry.path.unwrap_or_default().into(),
        (&*entry.message).into(),
        of(|f| Some(&*f.label)).into(),
        entry.remedy().unwrap_or_default().into(),
        of(|f| f.reason.as_deref()).into(),
        of(|f| f.waiver.as_deref()).into(),
        file.into(),
        line.into(),
        column.into(),
        of(|f| f.menu.as_deref()).into(),
        entry.finding.map(|f| f.supports.join("; ")).unwrap_or_default().into(),
        joined(|f| f.rules.iter().map(|rule| &*rule.id).collect()).into(),
        on_device.as_deref().unwrap_or_default().into(),
        described.as_deref().unwrap_or_default().into(),
        entry.standing.map(Standing::words).unwrap_or_default().into(),
    ]
}

/// A table with a head, its cells as no spreadsheet takes them for a formula.
pub(in crate::report) fn cells<'a>(head: &[&str], rows: impl Iterator<Item = impl Iterator<Item = &'a str>>) -> String {
    let mut out = ::csv::Writer::from_writer(Vec::new());
    // nothing can fail that is written into memory, all rows being as long as the head
    let _ = out.write_record(head);
    for row in rows {
        let _ = out.write_record(row.map(|text| cell(text.into())));
    }
    String::from_utf8(out.into_inner().unwrap_or_default()).unwrap_or_default()
}

/// A cell that no spreadsheet takes for a formula: one that begins as a formula does begins with a quote.
fn cell(text: std::borrow::Cow<'_, str>) -> String {
    let shown = escape::line(&text);
    // a tab or a line break acts, and is shown by now
    let begins =
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}']);
    if begins { format!("'{shown}") } else { shown }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", "\u{ff1d}1"] {
            assert!(cell(formula.into()).starts_with('\''), "{formula:?}");
        }
        assert_eq!(cell("a=1".into()), "a=1");
        assert_eq!(cell("\t=1".into()), "'\\u{9}=1");
    }
}
