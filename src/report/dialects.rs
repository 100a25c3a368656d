//! Tables of native text, and what they know of a text, for people.

use std::fmt::Write as _;

use super::documents::{DialectList, KnownText, TextLine};
use super::escape;
use super::layout::{count, table};
use super::paint::{Ink, View};

/// Tables with how sure their places are; where one was asked for, its places.
pub fn dialects(list: &DialectList, view: &View) -> String {
    let mut text = String::new();
    let rows: Vec<Vec<String>> = list
        .tables
        .iter()
        .map(|one| {
            let [confirmed, likely, site, unknown] = one.grades;
            let own = if one.own == 0 { String::new() } else { format!("{} of the site's own", one.own) };
            let grades = format!("{confirmed} confirmed, {likely} likely, {site} site, {unknown} unknown");
            vec![one.table.clone(), count(one.grades.iter().sum(), "place", "places"), grades, own]
        })
        .collect();
    text.push_str(&table(&rows, 0));
    for one in list.tables.iter().filter(|one| !one.places.is_empty()) {
        let mut source = "";
        for place in &one.places {
            if place.source != source {
                source = &place.source;
                let head = format!("\n{}", escape::line(source));
                writeln!(text, "{}", view.ink(Ink::Faint, &head)).unwrap_or_default();
            }
            let (path, native) = (escape::line(&place.path), escape::line(&place.native));
            writeln!(text, "  {path}   {native}   {}", place.grade.word()).unwrap_or_default();
        }
    }
    text
}

/// What the tables know of a text.
pub fn known_text(known: &KnownText, view: &View) -> String {
    let mut text = String::new();
    let head = format!(
        "{}   {} as {}   {}   {} known without a setting",
        escape::line(&known.file),
        known.platform,
        known.form,
        count(known.settings, "setting", "settings"),
        count(known.listed, "line", "lines"),
    );
    writeln!(text, "{}", view.ink(Ink::Strong, &head)).unwrap_or_default();
    if !known.rendered {
        text.push_str("what was read can't be written again as a whole: `fieldlock import` says why\n");
    }
    let mut part = |title: &str, lines: &[TextLine]| {
        if !lines.is_empty() {
            writeln!(text, "\n{} {title}", count(lines.len(), "line", "lines")).unwrap_or_default();
            for line in lines {
                writeln!(text, "  {:>5}  {}", line.line, escape::line(&line.text)).unwrap_or_default();
            }
        }
    };
    part("that would be written otherwise", &known.otherwise);
    part("that the table does not know", &known.unknown);
    text
}
