//! Packs and rules with one slip each. A file's name says what is wrong; the finding stands in it as comments:
//!
//! ```text
//! require { login { auto-logut at-most="10 min" } }
//! //                ^^^^^^^^^^ pack.unknown-setting: no setting is called `auto-logut` here
//! // help: did you mean `auto-logout`?
//! ```
//!
//! Files called `pack-*` are a `pack.kdl`, the others a rule `T-1` of the pack below. `FIELDLOCK_BLESS=1` writes the
//! comments anew.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;
use std::path::Path;

use fieldlock::finding::Finding;
use fieldlock::policy::Packs;
use fieldlock::source::SourceMap;

const PACK: &str = r#"pack "cases" version="1.0.0" {
    platforms "mx-ros"
    adjustable "max-idle" "10 min" toward="less"
    list "default-names" "admin" "moxa"
}"#;

#[test]
fn every_slip_is_one_finding_at_its_line() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/policy");
    let bless = std::env::var_os("FIELDLOCK_BLESS").is_some();
    let mut files: Vec<_> = std::fs::read_dir(&folder).unwrap().map(|e| e.unwrap().path()).collect();
    files.sort();
    let mut wrong = String::new();
    for path in &files {
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        let expected = std::fs::read_to_string(path).unwrap();
        let text: String = expected.lines().filter(|l| !is_expectation(l)).flat_map(|l| [l, "\n"]).collect();
        let (map, findings) = load(&name, &text);
        let several = name.ends_with("-several");
        if findings.len() != 1 && !(several && findings.len() > 1) {
            let told: Vec<&str> = findings.iter().map(|f| &*f.message).collect();
            writeln!(wrong, "{name}: {} findings: {told:?}", findings.len()).unwrap();
        }
        let shown: String = findings.iter().map(|f| format!("{} {:?}", f.message, f.help)).collect();
        let all = fieldlock::source::Span::new(0, text.len());
        let snippets: String =
            findings.iter().map(|f| map.shown(fieldlock::source::Loc::new(f.loc.file, all))).collect();
        assert!(!format!("{shown}{snippets}").contains("hunter2"), "{name}: a literal secret is shown");
        let found = with_expectations(&text, &map, &findings);
        if found != expected && bless {
            std::fs::write(path, found).unwrap();
        } else if found != expected {
            write!(wrong, "\n--- {name}, expected:\n{expected}\n--- found:\n{found}").unwrap();
        }
    }
    assert!(files.len() >= 45, "only {} cases", files.len());
    assert!(wrong.is_empty(), "{wrong}\n(FIELDLOCK_BLESS=1 writes what was found)");
}

fn load(name: &str, text: &str) -> (SourceMap, Vec<Finding>) {
    let own = match name.starts_with("pack-") {
        true => vec![("packs/cases/pack.kdl".to_owned(), text.to_owned())],
        false => vec![
            ("packs/cases/pack.kdl".to_owned(), PACK.to_owned()),
            ("packs/cases/T-1.kdl".to_owned(), text.to_owned()),
        ],
    };
    let mut map = SourceMap::new();
    let (_, findings) = Packs::load(&["cases"], &[], &own, &mut map);
    (map, findings)
}

fn is_expectation(line: &str) -> bool {
    let rest = line.strip_prefix("//").map(str::trim_start);
    rest.is_some_and(|r| r.starts_with('^') || r.starts_with("help: "))
}

fn with_expectations(text: &str, map: &SourceMap, findings: &[Finding]) -> String {
    let mut out = String::new();
    for (i, line) in text.lines().enumerate() {
        out.push_str(line);
        out.push('\n');
        for finding in findings.iter().filter(|f| map.start(f.loc).line == i + 1) {
            let (start, end) = (map.start(finding.loc), map.end(finding.loc));
            let last = if end.line == start.line { end.column } else { line.chars().count() + 1 };
            // a place in the first two columns would lie beneath the comment's own signs
            let at = start.column.max(4) - 1;
            let width = last.saturating_sub(at + 1).max(1);
            let marks = format!("//{}{}", " ".repeat(at - 2), "^".repeat(width));
            writeln!(out, "{marks} {}: {}", finding.code, finding.message).unwrap();
            writeln!(out, "// help: {}", finding.help.as_deref().unwrap_or("")).unwrap();
        }
    }
    out
}
