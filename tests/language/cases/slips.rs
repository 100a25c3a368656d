//! Single texts with a slip each. The findings stand in them as comments:
//!
//! ```text
//! auto-logout 5min
//! //          ^^^^ syntax.bare-value: `5min` needs quotes
//! // help: write `"5 min"`
//! // right: auto-logout "5 min"
//! ```
//!
//! `//@1 ^` is a place in the first columns, `// also` a second place, `// **** masked` what is never shown. These
//! comments are taken out before the text is read.

use std::fmt::Write as _;
use std::sync::LazyLock;

use fieldlock::finding::Finding;
use fieldlock::model::shape::{self, Shape};
use fieldlock::native::Grade;
use fieldlock::policy::{Packs, samples};
use fieldlock::source::{FileId, Loc, SourceMap, Span};
use fieldlock::{dialect, syntax};

use super::mended::Text;
use super::{Case, counted, nothing_left};
use crate::common;
use crate::common::expected::{bless, difference};

/// The pack of rules that stand alone.
const PACK: &str = r#"pack "cases" version="1.0.0" {
    platforms "mx-ros"
    adjustable "max-idle" "10 min" toward="less"
    list "default-names" "admin" "moxa"
}"#;

/// A text that was read, and what is wrong with it.
struct Read {
    map: SourceMap,
    findings: Vec<Finding>,
    masks: Vec<Loc>,
}

type Reader = fn(&str, &str) -> Read;

const READERS: [(&str, Reader); 4] = [("syntax", syntax), ("shape", shape), ("policy", policy), ("dialect", table)];

fn syntax(_: &str, text: &str) -> Read {
    let mut map = SourceMap::new();
    let file = map.add("case.kdl", text);
    let parsed = syntax::parse(file, text);
    let masks = parsed.masks.iter().map(|m| Loc::new(file, *m)).collect();
    Read { map, findings: parsed.findings, masks }
}

/// A device, or what else its first node is.
fn shape(name: &str, text: &str) -> Read {
    let mut read = syntax(name, text);
    for node in syntax::parse(FileId(0), text).tree.iter().flat_map(|t| &t.nodes) {
        let shape = match &*node.name {
            "site" => Shape::site(),
            "waiver" => Shape::waiver(),
            "attestation" => Shape::attestation(),
            "capture" => Shape::capture(),
            "lock" => Shape::lock(),
            "adoption" => Shape::adoption(),
            _ => Shape::device(),
        };
        let checked = shape::check(shape, FileId(0), node);
        read.findings.extend(checked.findings);
        read.masks.extend(checked.masks);
    }
    read
}

/// Files called `pack-*` are a `pack.kdl`, the others a rule `T-1`; of `sample-*` the samples are run, too.
fn policy(name: &str, text: &str) -> Read {
    let pack = name.starts_with("pack-");
    let mut files = vec![("packs/cases/pack.kdl".to_owned(), if pack { text } else { PACK }.to_owned())];
    if !pack {
        files.push(("packs/cases/T-1.kdl".to_owned(), text.to_owned()));
    }
    let mut map = SourceMap::new();
    let (packs, mut findings) = Packs::load(&["cases"], &[], &files, &mut map);
    if name.starts_with("sample-") {
        findings.extend(samples::run(&packs));
    }
    Read { map, findings, masks: Vec::new() }
}

fn table(_: &str, text: &str) -> Read {
    let mut map = SourceMap::new();
    let file = map.add("case.kdl", text);
    Read { map, findings: dialect::load(file, text, Grade::Confirmed).err().unwrap_or_default(), masks: Vec::new() }
}

/// The texts of a folder, by name.
fn texts(folder: &str) -> Vec<(String, String)> {
    let files = common::files(&common::project("tests/cases").join(folder));
    let text = |(name, bytes): (String, Vec<u8>)| (name, String::from_utf8(bytes).unwrap());
    files.into_iter().map(text).collect()
}

/// All of them.
pub(crate) static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let mut cases = Vec::new();
    for (folder, read) in READERS {
        for (name, text) in texts(folder) {
            let text = Text::of(&text, is_expectation);
            let found = read(&name, &text.wrong()).findings;
            let codes = |found: &[Finding]| found.iter().map(|f| f.code.to_string()).collect();
            let right = text.right().map(|right| codes(&read(&name, &right).findings));
            cases.push(Case { name: format!("{folder}/{name}"), count: found.len(), codes: codes(&found), right });
        }
    }
    cases
});

#[test]
fn every_slip_gives_the_finding_it_promises() {
    let mut wrong = String::new();
    for (folder, read) in READERS {
        let texts = texts(folder);
        assert!(!texts.is_empty(), "{folder}");
        for (name, expected) in texts {
            let text = Text::of(&expected, is_expectation);
            let mut read = read(&name, &text.wrong());
            assert!(!read.findings.is_empty(), "{folder}/{name}: nothing found");
            read.masks.iter().for_each(|m| read.map.mask(*m));
            let found = with_expectations(&text, &read);
            wrong.extend(difference(&format!("tests/cases/{folder}/{name}"), &found));
            no_secret(&name, &read);
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{} writes what was found", bless());
}

#[test]
fn one_slip_is_one_finding_unless_the_name_says_more() {
    counted(&CASES);
}

#[test]
fn what_is_right_beside_a_slip_gives_no_finding() {
    nothing_left(&CASES);
}

/// No message and no excerpt of a whole text says a literal that no text may hold.
fn no_secret(name: &str, read: &Read) {
    let told: String = read.findings.iter().map(|f| format!("{} {} {:?}", f.message, f.label, f.help)).collect();
    let whole = |(id, file): (FileId, &fieldlock::source::SourceFile)| {
        read.map.shown(Loc::new(id, Span::new(0, file.text().len())))
    };
    let shown: String = read.map.files().map(whole).collect();
    for secret in ["hunter2", "canary"] {
        assert!(!told.contains(secret), "{name}: {told}");
        assert!(!shown.contains(secret), "{name}: {shown}");
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

fn with_expectations(text: &Text<'_>, read: &Read) -> String {
    let mut out = String::new();
    for (index, line) in text.lines.iter().enumerate() {
        out.push_str(line);
        if !line.ends_with('\n') {
            out.push('\n');
        }
        let on_line = |loc: Loc| read.map.start(loc).line == index + 1;
        for mask in read.masks.iter().filter(|m| on_line(**m)) {
            writeln!(out, "{} masked", marks(line, read, *mask, '*')).unwrap();
        }
        for Finding { code, message, help, loc, related, .. } in read.findings.iter().filter(|f| on_line(f.loc)) {
            writeln!(out, "{} {code}: {message}", marks(line, read, *loc, '^')).unwrap();
            if let Some(help) = help {
                writeln!(out, "// help: {help}").unwrap();
            }
            for note in related {
                let (at, shown) = (read.map.start(note.loc), read.map.shown(note.loc));
                writeln!(out, "// also {}:{} `{shown}` {}", at.line, at.column, note.text).unwrap();
            }
        }
        for right in text.right.get(&index).into_iter().flatten() {
            writeln!(out, "{}", format!("// right: {right}").trim_end()).unwrap();
        }
    }
    out
}

/// The place of a finding, as signs below its first line.
fn marks(line: &str, read: &Read, loc: Loc, mark: char) -> String {
    let (start, end) = (read.map.start(loc), read.map.end(loc));
    let last =
        if end.line == start.line { end.column } else { line.trim_end_matches(['\n', '\r']).chars().count() + 1 };
    let marks: String = std::iter::repeat_n(mark, last.saturating_sub(start.column).max(1)).collect();
    if start.column < 4 {
        return format!("//@{} {marks}", start.column);
    }
    let tabs = line.chars().skip(2).take(start.column - 3).map(|c| if c == '\t' { '\t' } else { ' ' });
    format!("//{}{marks}", tabs.collect::<String>())
}
