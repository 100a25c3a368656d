//! A sheet to be filled in at a device: every field that its pages have a row for, without a value.

use super::label::{LABEL, MODEL, ROWS};
use super::{Each, Entry, Table};
use crate::dialect::written::Spelling;
use crate::dialect::{Codec, CodecKind};
use crate::model::shape::{Kind, ScalarKind, Shape};

/// Rows as they are read again, each with its value to be written behind the last tab: what stands on the label first,
/// of which the model is known. `keys` are those of a list's entries, as far as they are known. Secrets have no row:
/// whoever types one here writes it on paper.
pub fn blank(table: &Table, model: Option<&str>, keys: &dyn Fn(&str) -> Vec<String>) -> String {
    let known = |row: &str| model.filter(|_| row == MODEL).unwrap_or_default();
    let mut out: String = ROWS.iter().map(|(row, _)| format!("{LABEL}\t{row}\t{}\n", known(row))).collect();
    for page in &table.pages {
        let mut row = |name: &str| out.push_str(&format!("{}\t{name}\t\n", page.menu));
        for entry in &page.entries {
            match entry {
                Entry::Field(field) if field.written.is_secret() => {}
                Entry::Field(field) => row(&field.label.of("")),
                Entry::Each(each) => of_list(each, keys, &mut row),
            }
        }
    }
    out
}

fn of_list(each: &Each, keys: &dyn Fn(&str) -> Vec<String>, row: &mut dyn FnMut(&str)) {
    let fields = || each.fields.iter().filter(|field| !field.written.is_secret());
    let known = known(each, keys);
    if let Some((head, ..)) = &each.head {
        // an entry begins with the row that names it
        known.iter().for_each(|_| row(head));
        row(head);
    }
    for key in &known {
        fields().for_each(|field| row(&field.label.of(key)));
    }
    // one whose entries are named at the device has a row for each field, with a place for the name
    if known.is_empty() {
        fields().for_each(|field| row(&field.label.of("NAME")));
    }
}

/// The keys of a list: those that a closed list of words gives, else those that the device has.
pub(super) fn known(each: &Each, keys: &dyn Fn(&str) -> Vec<String>) -> Vec<String> {
    Some(words(each)).filter(|words| !words.is_empty()).unwrap_or_else(|| keys(&each.list.path))
}

/// The keys of a list that a closed list of words gives.
fn words(each: &Each) -> Vec<String> {
    // of those, what the page has
    if let Some((_, _, Spelling::One(Codec { kind: CodecKind::Words(words), .. }), _)) = &each.head {
        return words.iter().map(|word| word.value.plain()).collect();
    }
    let group = each.list.list.map(|id| Shape::device().group(id));
    let keys: Vec<&Kind> = group.iter().flat_map(|group| group.keys().map(|(_, field)| &field.kind)).collect();
    match keys[..] {
        [Kind::Scalar(ScalarKind::Word(words))] => words.iter().map(|word| word.word.to_owned()).collect(),
        _ => Vec::new(),
    }
}

/// A sheet without the rows that nobody filled in: those say nothing.
pub fn filled(text: &str) -> String {
    let is_blank = |line: &&str| line.split('\t').count() == 3 && line.ends_with('\t');
    text.lines().filter(|line| !is_blank(line)).map(|line| format!("{line}\n")).collect()
}
