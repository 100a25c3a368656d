//! What a finding shows of the sources: the line of each of its places, masked and escaped, with the places moved
//! along. The handlers of `miette` read it as one text in which each line stands under the name of its file.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::escape;
use super::layout::{width, wrap};
use crate::source::{FileId, Loc, SourceMap, Span};

/// Columns before the place that stay visible where a line is longer than what is shown of it.
const BEFORE: usize = 30;

/// Columns that words below a place need at least.
const WORDS: usize = 36;

/// A line of a file.
#[derive(Debug)]
struct Excerpt {
    name: String,
    /// From 0.
    line: usize,
    /// Where it begins in the text of all of them.
    start: usize,
    text: String,
    /// Its places in that text, each with its column in the file, from 0.
    places: Vec<(SourceSpan, usize)>,
}

/// All lines that a finding shows, in the order of its places.
#[derive(Debug, Default)]
pub(super) struct Excerpts {
    all: Vec<Excerpt>,
    labels: Vec<LabeledSpan>,
}

/// Places on one line of one file, none touching another.
struct Group {
    file: FileId,
    line: Span,
    number: usize,
    places: Vec<(Span, String)>,
}

impl Excerpts {
    /// Of places with words to say there; a line takes at most `columns`.
    pub(super) fn of(sources: &SourceMap, places: Vec<(Loc, String)>, columns: usize) -> Excerpts {
        let mut excerpts = Excerpts::default();
        for group in grouped(sources, places, columns) {
            excerpts.add(sources, group, columns);
        }
        excerpts
    }

    fn add(&mut self, sources: &SourceMap, group: Group, columns: usize) {
        let Some(file) = sources.get(group.file) else { return };
        let start = self.all.last().map_or(0, |last| last.start + last.text.len() + 1);
        let (line, first) = (group.line, group.places.first().map_or(Span::default(), |(span, _)| *span));
        let (from, until) = window(file.text(), line, first, columns);
        let shown = |from: u32, until: u32| {
            escape::block(&sources.shown(Loc::new(group.file, Span { start: from, end: until.max(from) })))
        };
        let mut text = if from > line.start { "...".to_owned() } else { String::new() };
        let (mut at, mut marked) = (from, Vec::new());
        for (span, label) in group.places {
            text.push_str(&shown(at, span.start));
            let begin = text.len();
            at = span.end.min(until).max(span.start);
            text.push_str(&shown(span.start, at));
            let place = SourceSpan::from((start + begin, text.len() - begin));
            marked.push((place, file.position(span.start).column - 1));
            // half of what is marked lies before the words, and as many signs as draw the way to them
            let taken = width(&text[..begin]) + width(&text[begin..]) / 2 + 12;
            let words = wrap(&escape::line(&label), columns.saturating_sub(taken).max(WORDS)).join("\n");
            self.labels.push(LabeledSpan::new_with_span((!words.is_empty()).then_some(words), place));
        }
        text.push_str(&shown(at, until));
        if until < line.end {
            text.push_str("...");
        }
        let text = text.trim_end().to_owned() + if marked.iter().all(|(p, _)| p.is_empty()) { " " } else { "" };
        let name = escape::line(file.name());
        self.all.push(Excerpt { name, line: group.number - 1, start, text, places: marked });
    }

    /// The places with their words.
    pub(super) fn labels(&self) -> impl Iterator<Item = LabeledSpan> {
        self.labels.iter().cloned()
    }
}

impl SourceCode for Excerpts {
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        lines_before: usize,
        _: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        // two lines are never one: what reaches over several is refused, so that each is drawn by itself
        let holds = |e: &&Excerpt| e.start <= start && end <= e.start + e.text.len();
        let excerpt = self.all.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        // where no line around it is asked for, the question is where the place itself stands
        let place = excerpt.places.iter().find(|(place, _)| lines_before == 0 && place == span);
        let (from, column) = place.map_or((excerpt.start, 0), |(place, column)| (place.offset(), *column));
        let data = &excerpt.text.as_bytes()[from - excerpt.start..];
        let whole = SourceSpan::from((from, data.len()));
        let name = excerpt.name.clone();
        Ok(Box::new(MietteSpanContents::new_named(name, data, whole, excerpt.line, column, 1)))
    }
}

/// Places of one line together where all of the line is shown; else each by itself.
fn grouped(sources: &SourceMap, places: Vec<(Loc, String)>, columns: usize) -> Vec<Group> {
    let mut groups: Vec<Group> = Vec::new();
    for (loc, label) in places {
        let Some(file) = sources.get(loc.file) else { continue };
        let number = file.position(loc.span.start).line;
        let line = file.line_span(number);
        let start = loc.span.start.clamp(line.start, line.end);
        let span = Span { start, end: loc.span.end.clamp(start, line.end) };
        let apart = |other: &Span| other.end < span.start || span.end < other.start;
        let fits = |g: &&mut Group| g.file == loc.file && g.number == number && line.len() <= columns;
        match groups.iter_mut().find(fits) {
            Some(group) if group.places.iter().all(|(other, _)| apart(other)) => {
                group.places.push((span, label));
                group.places.sort_by_key(|(span, _)| *span);
            }
            Some(group) if group.places.iter().any(|(other, _)| *other == span) => {
                let same = group.places.iter_mut().find(|(other, _)| *other == span);
                if let Some((_, words)) = same.filter(|(_, words)| !words.contains(&label)) {
                    *words = if words.is_empty() { label } else { format!("{words}; {label}") };
                }
            }
            _ => groups.push(Group { file: loc.file, line, number, places: vec![(span, label)] }),
        }
    }
    groups
}

/// The part of a line that is shown: all of it, or what lies around a place. No more of a long line is looked at.
fn window(text: &str, line: Span, place: Span, columns: usize) -> (u32, u32) {
    if line.len() <= columns {
        return (line.start, line.end);
    }
    // the dots at either end need room too
    let room = columns.saturating_sub(6).max(2 * BEFORE) as u32;
    let edge = |at: u32| text.floor_char_boundary(at as usize) as u32;
    let from = edge(place.start.saturating_sub(BEFORE as u32)).max(line.start);
    let from = if from < line.start + 8 { line.start } else { from };
    (from, edge(from + room).min(line.end).max(place.start))
}

#[cfg(test)]
mod tests {
    use std::time::Instant;

    use super::*;
    use crate::finding::{Code, Finding};
    use crate::report::{FindingDiagnostic, View, draw};

    fn shown(text: &str, under: &str, label: &str) -> String {
        let mut map = SourceMap::new();
        let id = map.add("devices/x.kdl", text);
        let at = text.find(under).unwrap();
        drawn(&map, Loc::new(id, Span::new(at, at + under.len())), label)
    }

    fn drawn(map: &SourceMap, loc: Loc, label: &str) -> String {
        let view = View { width: 80, ..View::default() };
        draw(
            &FindingDiagnostic::of(
                &Finding::new(Code::rule("X-1"), loc, "a sentence").label(label),
                map,
                view.width - 8,
            ),
            &view,
        )
    }

    #[test]
    fn the_mark_stands_below_the_place() {
        let out = shown("device \"x\" {\n\tlockout on after=0\r\n}", "after=0", "0 means never");
        assert_eq!(
            out,
            "X-1\n\n  \u{d7} a sentence\n   \u{256d}\u{2500}[devices/x.kdl:2:13]\n 2 \u{2502}     lockout on after=0\n   \u{b7}                ───┬───\n   \
             \u{b7}                   ╰── 0 means never\n   ╰────\n"
        );
    }

    #[test]
    fn wide_and_acting_characters_keep_the_mark_in_place() {
        let out = shown("banner \"日本\u{202e}\" x=1", "x=1", "");
        assert!(out.contains("banner \"日本\\u{202e}\" x=1\n   ·                       ───\n"), "{out}");
    }

    #[test]
    fn of_a_long_line_the_place_is_shown() {
        for (far, label) in [("a".repeat(500), "here"), ("é".repeat(1 << 19), "here")] {
            let out = shown(&format!("{far} x=1 {far}"), "x=1", label);
            assert!(out.lines().all(|l| width(l) <= 80), "{out}");
            assert!(out.contains("...") && out.contains("x=1") && out.contains("╰── here"), "{out}");
        }
        let far = "é".repeat(1 << 19);
        let out = shown(&far, &far, "here");
        assert!(out.lines().all(|l| width(l) <= 80) && out.contains("here"), "{out}");
    }

    #[test]
    fn two_places_of_one_line_are_drawn_at_once() {
        let mut map = SourceMap::new();
        let id = map.add("a.kdl", "server port=1 port=2");
        let at = |from, to| Loc::new(id, Span::new(from, to));
        let finding = Finding::new(Code::rule("X-1"), at(14, 20), "twice").label("again").related(at(7, 13), "first");
        let out = draw(&FindingDiagnostic::of(&finding, &map, 100), &View::default());
        assert!(out.matches("a.kdl").count() == 1 && out.contains("again") && out.contains("first"), "{out}");
    }

    #[test]
    fn a_masked_secret_is_not_shown() {
        let mut map = SourceMap::new();
        let id = map.add("a.kdl", "password=\"hunter2\" role=\"x\"");
        map.mask(Loc::new(id, Span::new(10, 17)));
        let out = drawn(&map, Loc::new(id, Span::new(19, 27)), "");
        assert!(out.contains("password=\"*******\"") && !out.contains("hunter2"), "{out}");
    }

    #[test]
    fn a_file_without_text_is_named() {
        let mut map = SourceMap::new();
        let id = map.add("devices/gone.kdl", "");
        assert!(drawn(&map, Loc::new(id, Span::default()), "").contains("devices/gone.kdl:1:1"));
    }

    #[test]
    fn at_the_end_of_a_large_file_it_costs_no_more_than_at_its_start() {
        let line = "    host \"10.20.0.10\" purpose=\"engineering station\"\n";
        let text = line.repeat(8 * 1024 * 1024 / line.len());
        let mut map = SourceMap::new();
        let id = map.add("devices/x.kdl", &*text);
        let lines = text.len() / line.len();
        let place = |at: usize| Loc::new(id, Span::new(at * line.len() + 4, at * line.len() + 8));
        drawn(&map, place(0), "the lines of a file are counted once");
        let timed = |from: usize| {
            let began = Instant::now();
            (from..from + 50).for_each(|at| drop(drawn(&map, place(at), "here")));
            began.elapsed().as_secs_f64()
        };
        let best = |from| (0..5).map(|_| timed(from)).fold(f64::MAX, f64::min);
        let (first, last) = (best(0), best(lines - 50));
        assert!(last < 4.0 * first, "{last} and {first}");
    }
}
