//! Broken KDL, one slip per file. A file's name says what is wrong; the finding stands in it as comments:
//!
//! ```text
//! auto-logout 5min
//! //          ^^^^ syntax.bare-value: `5min` needs quotes
//! // help: write `"5 min"`
//! ```
//!
//! `//@1 ^` is a place in the first columns, `// also` a second place, `// **** masked` what is never shown. These
//! comments are taken out before the text is read. `FIELDLOCK_BLESS=1` writes them anew.

use std::fmt::Write as _;
use std::path::Path;

use fieldlock::finding::Finding;
use fieldlock::source::{FileId, SourceMap, Span};
use fieldlock::syntax::{Parsed, parse};

#[test]
fn every_broken_text_gives_the_finding_it_promises() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/syntax");
    let bless = std::env::var_os("FIELDLOCK_BLESS").is_some();
    let mut wrong = String::new();
    let mut count = 0;
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    for path in files.iter().filter(|p| p.extension().is_some_and(|e| e == "kdl")) {
        let expected = std::fs::read_to_string(path).unwrap();
        let text = without_expectations(&expected);
        let parsed = parse(FileId(0), &text);
        assert!(!parsed.findings.is_empty(), "{}: nothing found", path.display());
        let found = with_expectations(&text, &parsed);
        count += 1;
        if found != expected && bless {
            std::fs::write(path, found).unwrap();
        } else if found != expected {
            write!(wrong, "\n--- {}, expected:\n{expected}\n--- found:\n{found}", path.display()).unwrap();
        }
    }
    assert!(count >= 25, "only {count} cases");
    assert!(wrong.is_empty(), "{wrong}\n(FIELDLOCK_BLESS=1 writes what was found)");
}

#[test]
fn one_slip_is_one_finding_unless_the_name_says_more() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/syntax");
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(&path).unwrap();
        let found = parse(FileId(0), &without_expectations(&expected)).findings.len();
        assert!(found == 1 || (found > 1 && name.starts_with("several-")), "{name}: {found} findings");
    }
}

fn is_expectation(line: &str) -> bool {
    let Some(rest) = line.strip_prefix("//") else { return false };
    let rest = rest.trim_start_matches(['@', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9']).trim_start();
    let marks = rest.trim_start_matches('^');
    (marks.len() < rest.len() && marks.starts_with(' '))
        || rest.starts_with("help: ")
        || rest.starts_with("also ")
        || (rest.starts_with('*') && rest.ends_with("* masked"))
}

fn without_expectations(text: &str) -> String {
    text.split_inclusive('\n').filter(|l| !is_expectation(l.trim_end())).collect()
}

#[expect(clippy::unwrap_used, reason = "a test's helper")]
fn with_expectations(text: &str, parsed: &Parsed) -> String {
    let mut map = SourceMap::new();
    let id = map.add("case.kdl", text);
    let file = map.get(id).unwrap();
    let mut out = String::new();
    for (index, line) in text.split_inclusive('\n').enumerate() {
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push('\n');
        }
        let number = index + 1;
        let on_line = |span: Span| file.position(span.start).line == number;
        for mask in parsed.masks.iter().filter(|m| on_line(**m)) {
            writeln!(out, "{} masked", marks(line, file.position(mask.start).column, text, *mask, '*')).unwrap();
        }
        for Finding { code, message, help, loc, related, .. } in parsed.findings.iter().filter(|f| on_line(f.loc.span))
        {
            let marks = marks(line, file.position(loc.span.start).column, text, loc.span, '^');
            writeln!(out, "{marks} {code}: {message}").unwrap();
            if let Some(help) = help {
                writeln!(out, "// help: {help}").unwrap();
            }
            for note in related {
                let at = file.position(note.loc.span.start);
                let shown = &text[note.loc.span.range()];
                writeln!(out, "// also {}:{} `{shown}` {}", at.line, at.column, note.text).unwrap();
            }
        }
    }
    out
}

fn marks(line: &str, column: usize, text: &str, span: Span, mark: char) -> String {
    let first_line = text[span.range()].lines().next().unwrap_or("");
    let width = first_line.chars().count().max(1);
    let marks: String = std::iter::repeat_n(mark, width).collect();
    if column < 4 {
        return format!("//@{column} {marks}");
    }
    let tabs: String = line.chars().skip(2).take(column - 3).map(|c| if c == '\t' { '\t' } else { ' ' }).collect();
    format!("//{tabs}{marks}")
}
