//! A source line with an underline below it.

use super::escape;
use super::layout::{width, wrap};
use super::paint::{Ink, View};
use crate::source::{Loc, SourceMap, Span};

/// Columns before the place that stay visible when a line is longer than the view.
const BEFORE: usize = 30;

/// Bytes of a line on either side of a place that are looked at: more than any view shows of them.
const AROUND: u32 = 4096;

/// Columns that words beside an underline need at least where they don't fit on one line.
const WORDS: usize = 36;

/// Two lines: the source line with its number, and the underline with words beside it. Masked bytes are `*`. Empty
/// where the place names no file, or one that could not be read.
pub(super) fn snippet(sources: &SourceMap, loc: Loc, label: &str, ink: Ink, view: &View) -> String {
    let Some(file) = sources.get(loc.file).filter(|f| !f.text().is_empty()) else { return String::new() };
    let position = file.position(loc.span.start);
    let line = file.line_span(position.line);
    let part = |start: u32, end: u32| {
        let span = Span { start, end: end.max(start).min(line.end.max(start)) };
        escape::block(&sources.shown(Loc::new(loc.file, span)))
    };
    let start = loc.span.start.clamp(line.start, line.end);
    let end = loc.span.end.clamp(start, line.end);
    let near = |at: u32| file.text().floor_char_boundary(at as usize) as u32;
    let from = near(start.saturating_sub(AROUND)).max(line.start);
    let until = near(end.saturating_add(AROUND)).min(line.end);
    let seen = near(start.saturating_add(AROUND)).max(start).min(end);
    let (mut before, marked) = (part(from, start), part(start, seen));
    let after = if seen < end { String::new() } else { part(end, until) };
    if from > line.start {
        before.insert_str(0, "...");
    }
    let gutter = format!("{:>5} | ", position.line);
    let room = view.width.saturating_sub(width(&gutter)).max(40);
    let (before, after) = fit(&before, &marked, &after, room);
    let marked = cut(&marked, room.saturating_sub(width(&before)));
    let underline = "^".repeat(width(&marked).max(1));
    let head = view.ink(Ink::Faint, &gutter);
    let blank = view.ink(Ink::Faint, &format!("{:>5} | ", ""));
    let pad = " ".repeat(width(&before));
    let mut out = format!("{head}{before}{marked}{}\n", after.trim_end());
    for line in below(&pad, &underline, &escape::line(label), room) {
        out.push_str(&blank);
        out.push_str(&view.ink(ink, &line));
        out.push('\n');
    }
    out
}

/// The underline with the words beside it, or below it where there is more room.
fn below(pad: &str, underline: &str, words: &str, room: usize) -> Vec<String> {
    let marked = width(pad) + width(underline);
    let beside = room.saturating_sub(marked + 1);
    if words.is_empty() {
        return vec![format!("{pad}{underline}")];
    }
    if width(words) <= beside || beside >= WORDS {
        let mut lines = wrap(words, beside).into_iter();
        let first = lines.next().unwrap_or_default();
        let rest = lines.map(|line| format!("{}{line}", " ".repeat(marked + 1)));
        return std::iter::once(format!("{pad}{underline} {first}")).chain(rest).collect();
    }
    let start = width(pad).min(room.saturating_sub(WORDS.max(room / 2)));
    let rest = wrap(words, room - start).into_iter().map(|line| format!("{}{line}", " ".repeat(start)));
    std::iter::once(format!("{pad}{underline}")).chain(rest).collect()
}

/// Shortens what stands around the marked text, so that the marked text is seen.
fn fit(before: &str, marked: &str, after: &str, room: usize) -> (String, String) {
    let whole = width(before) + width(marked) + width(after);
    let mut left = before.to_owned();
    if whole > room && width(before) > BEFORE {
        let mut kept: Vec<char> = Vec::new();
        for c in before.chars().rev() {
            if kept.len() + 3 >= BEFORE {
                break;
            }
            kept.push(c);
        }
        left = format!("...{}", kept.into_iter().rev().collect::<String>());
    }
    let rest = room.saturating_sub(width(&left) + width(marked));
    (left, cut(after, rest))
}

fn cut(text: &str, columns: usize) -> String {
    super::layout::clip(text, columns.max(4))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str, under: &str, label: &str) -> String {
        let mut map = SourceMap::new();
        let id = map.add("devices/x.kdl", text);
        let at = text.find(under).unwrap();
        let loc = Loc::new(id, Span::new(at, at + under.len()));
        snippet(&map, loc, label, Ink::Bad, &View { width: 80, ..View::default() })
    }

    #[test]
    fn the_underline_stands_below_the_place() {
        let out = shown("device \"x\" {\n\tlockout on after=0\r\n}", "after=0", "0 means never");
        assert_eq!(out, "    2 |     lockout on after=0\n      |                ^^^^^^^ 0 means never\n");
    }

    #[test]
    fn wide_and_acting_characters_keep_the_underline_in_place() {
        let out = shown("banner \"日本\u{202e}\" x=1", "x=1", "");
        assert_eq!(out, "    1 | banner \"日本\\u{202e}\" x=1\n      |                       ^^^\n");
    }

    #[test]
    fn a_long_line_shows_the_place() {
        let text = format!("{} x=1 {}", "a".repeat(500), "b".repeat(500));
        let out = shown(&text, "x=1", "here");
        assert!(out.lines().all(|l| width(l) <= 80), "{out}");
        assert!(out.contains("x=1") && out.contains("^^^ here"), "{out}");
    }

    #[test]
    fn of_a_line_of_a_megabyte_no_more_is_looked_at_than_is_shown() {
        let far = "é".repeat(1 << 19);
        let out = shown(&format!("{far} x=1 {far}"), "x=1", "here");
        assert!(out.lines().all(|l| width(l) <= 80) && out.contains("...") && out.contains("^^^ here"), "{out}");
        let out = shown(&far, &far, "here");
        assert!(out.lines().all(|l| width(l) <= 80) && out.contains("here"), "{out}");
    }

    #[test]
    fn a_masked_secret_is_not_shown() {
        let mut map = SourceMap::new();
        let id = map.add("a.kdl", "password=\"hunter2\" role=\"x\"");
        map.mask(Loc::new(id, Span::new(10, 17)));
        let out = snippet(&map, Loc::new(id, Span::new(19, 27)), "", Ink::Bad, &View::default());
        assert!(out.contains("password=\"*******\"") && !out.contains("hunter2"));
    }
}
