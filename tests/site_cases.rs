//! Small sites, one mistake each: the folder's name says what is wrong, `expected.txt` in it what is found.
//!
//! `FIELDLOCK_BLESS=1` writes the expectations anew.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};

use fieldlock::finding::Note;
use fieldlock::site::files::Root;
use fieldlock::site::{LoadOptions, Loaded, load};
use fieldlock::source::{Loc, SourceMap};

fn loaded(folder: &Path) -> Loaded {
    load(&Root::open(folder).unwrap(), &LoadOptions::default())
}

fn cases() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases/site");
    let mut cases: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    cases.sort();
    cases
}

#[test]
fn every_site_gives_the_findings_it_promises() {
    let bless = std::env::var_os("FIELDLOCK_BLESS").is_some();
    let mut wrong = String::new();
    for case in cases() {
        let found = shown(&loaded(&case));
        let path = case.join("expected.txt");
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if found != expected && bless {
            std::fs::write(&path, &found).unwrap();
        } else if found != expected {
            write!(wrong, "\n--- {}, expected:\n{expected}\n--- found:\n{found}", path.display()).unwrap();
        }
    }
    assert!(cases().len() >= 25, "only {} cases", cases().len());
    assert!(wrong.is_empty(), "{wrong}\n(FIELDLOCK_BLESS=1 writes what was found)");
}

#[test]
fn one_mistake_is_one_finding_unless_the_name_says_more() {
    for case in cases() {
        let name = case.file_name().unwrap().to_string_lossy().into_owned();
        let count = loaded(&case).findings.len();
        let several = name.starts_with("several-");
        let none = name.starts_with("good-");
        assert!(if none { count == 0 } else { (count == 1) != several && count > 0 }, "{name}: {count} findings");
    }
}

#[test]
fn the_examples_load_without_a_word() {
    for name in ["01-pump-station", "02-findings"] {
        let loaded = loaded(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(name));
        assert_eq!(shown(&loaded), "", "{name}");
        assert!(loaded.site.unsound.is_empty());
    }
}

#[test]
fn no_finding_shows_a_secret() {
    for case in cases() {
        let loaded = loaded(&case);
        assert!(!shown(&loaded).contains("canary"), "{}", case.display());
        for (id, file) in loaded.sources.files().filter(|(_, f)| f.name().ends_with(".kdl")) {
            let all = fieldlock::source::Span::new(0, file.text().len());
            let text = loaded.sources.shown(Loc::new(id, all));
            assert!(!text.contains("canary"), "{}: {text}", file.name());
        }
    }
}

fn place(map: &SourceMap, loc: Loc) -> String {
    if !loc.is_some() {
        return "the site".to_owned();
    }
    let at = map.start(loc);
    format!("{}:{}:{}", map.name(loc.file), at.line, at.column)
}

fn notes(out: &mut String, word: &str, notes: &[Note], map: &SourceMap) {
    for note in notes {
        writeln!(out, "    {word} {}: {}", place(map, note.loc), note.text).unwrap();
    }
}

fn shown(loaded: &Loaded) -> String {
    let mut out = String::new();
    for finding in &loaded.findings {
        let device = finding.device.as_ref().map_or(String::new(), |d| format!(" ({d})"));
        let (code, severity) = (&finding.code, finding.severity.word());
        writeln!(out, "{} {severity} {code}{device}: {}", place(&loaded.sources, finding.loc), finding.message)
            .unwrap();
        let underlined = loaded.sources.shown(finding.loc);
        if let Some(first) = underlined.lines().next() {
            writeln!(out, "    | {first}").unwrap();
        }
        if !finding.label.is_empty() {
            writeln!(out, "    ^ {}", finding.label).unwrap();
        }
        if let Some(help) = &finding.help {
            writeln!(out, "    help: {help}").unwrap();
        }
        notes(&mut out, "also", &finding.related, &loaded.sources);
        notes(&mut out, "through", &finding.trail, &loaded.sources);
    }
    out
}
