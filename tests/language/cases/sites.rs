//! Small sites with a mistake each; `expected.txt` in them is what is found: by loading (`site`), judging (`check`),
//! rendering without judging (`render`) or building (`build`). Files without a `site.kdl` lie over the pump station
//! and, in `given`, over its secrets. Only codes of our own are told here: rules have samples of their own.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use fieldlock::finding::{Finding, Note};
use fieldlock::model::shape::{self, Shape};
use fieldlock::secret::Secrets;
use fieldlock::site::files::Root;
use fieldlock::site::secrets::{SecretSource, collect};
use fieldlock::site::{LoadOptions, load};
use fieldlock::source::{FileId, Loc, SourceFile, SourceMap, Span};
use fieldlock::{pipeline, platform, syntax};

use super::mended::Text;
use super::{Case, counted, nothing_left};
use crate::common;
use crate::common::expected::{bless, difference};
use crate::common::plot::Plot;

/// What was found in a site, and the texts that it speaks of.
type Found = (SourceMap, Vec<Finding>);

/// What a folder of cases is put through.
type Way = fn(&Path) -> Found;

const KINDS: [(&str, Way); 4] = [("site", loaded), ("check", checked), ("render", rendered), ("build", built)];

fn loaded(folder: &Path) -> Found {
    let loaded = load(&Root::open(folder).unwrap(), &LoadOptions::default());
    (loaded.sources, loaded.findings)
}

/// A site as the case has it, or what it lays over the pump station.
fn plot(folder: &Path) -> Plot {
    let own = folder.join("site.kdl").is_file();
    let plot = if own { Plot { dir: tempfile::tempdir().unwrap() } } else { Plot::new() };
    for (name, bytes) in common::files(folder) {
        plot.put(&name.strip_prefix("given/").map_or(name.clone(), |name| format!("../secrets/{name}")), &bytes);
    }
    plot
}

fn checked(folder: &Path) -> Found {
    let ready = common::ready(&plot(folder).site(), None);
    let mut findings = pipeline::check(&ready, &Secrets::Placeholder, &common::selection("")).findings;
    findings.retain(of_our_own);
    (ready.sources, findings)
}

fn rendered(folder: &Path) -> Found {
    let ready = common::ready(&plot(folder).site(), None);
    let mut findings = ready.findings.clone();
    for device in &ready.site.devices {
        let on = platform::of(device.platform);
        findings.extend(on.judge(device, &device.own, ready.under(device)).err().unwrap_or_default());
    }
    (ready.sources, findings)
}

fn built(folder: &Path) -> Found {
    let plot = plot(folder);
    let ready = common::ready(&plot.site(), None);
    let source = SecretSource::Folder(&plot.dir.path().join("secrets"));
    let collected = collect(&Root::open(&plot.site()).unwrap(), &ready.site, &ready.site.devices, source);
    let built = common::build_with(&ready, &collected.secrets, &plot.out(), &common::With::of(&ready));
    let mut findings = collected.findings;
    findings.extend(built.unwrap().report.findings);
    findings.retain(of_our_own);
    (ready.sources, findings)
}

/// A rule's id has no dot.
fn of_our_own(finding: &Finding) -> bool {
    finding.code.contains('.')
}

/// The sites of a kind, by name.
fn folders(kind: &str) -> Vec<PathBuf> {
    let folder = common::project("tests/cases").join(kind);
    let mut folders: Vec<PathBuf> = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()).collect();
    folders.sort();
    folders
}

/// The site as it would be right, where that is said: an empty file in `right` takes one away.
fn mended(case: &Path) -> Option<tempfile::TempDir> {
    let mut said = false;
    let mut files = BTreeMap::new();
    for (name, bytes) in common::files(case).into_iter().filter(|(name, _)| !name.starts_with("right/")) {
        let text = std::str::from_utf8(&bytes).ok().filter(|_| name.ends_with(".kdl"));
        let right = text.and_then(|text| Text::of(text, |_| false).right());
        said |= right.is_some();
        files.insert(name, right.map_or(bytes, String::into_bytes));
    }
    for (name, bytes) in common::files(&case.join("right")) {
        said = true;
        files.insert(name, bytes);
    }
    let dir = said.then(|| tempfile::tempdir().unwrap())?;
    for (name, bytes) in files.into_iter().filter(|(_, bytes)| !bytes.is_empty()) {
        let path = dir.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }
    Some(dir)
}

/// All of them, with and without their mistakes: several tests look at them, and finding takes a while.
pub(crate) static CASES: LazyLock<Vec<Case>> = LazyLock::new(|| {
    let codes = |found: Found| found.1.iter().map(|f| f.code.to_string()).collect();
    let mut cases = Vec::new();
    for (kind, find) in KINDS {
        for folder in folders(kind) {
            let found = find(&folder);
            let right = mended(&folder).map(|dir| codes(find(dir.path())));
            let name = format!("{kind}/{}", folder.file_name().unwrap().to_string_lossy());
            cases.push(Case { name, count: found.1.len(), codes: codes(found), right });
        }
    }
    cases
});

#[test]
fn every_site_gives_the_findings_it_promises() {
    let mut wrong = String::new();
    for (kind, find) in KINDS {
        let folders = folders(kind);
        assert!(!folders.is_empty(), "{kind}");
        for folder in folders {
            let (sources, findings) = find(&folder);
            let found = shown(&sources, &findings);
            if tells_a_secret(&sources, &found) {
                writeln!(wrong, "\n--- {}: a secret is shown", folder.display()).unwrap();
            }
            let name = folder.file_name().unwrap().to_string_lossy();
            wrong.extend(difference(&format!("tests/cases/{kind}/{name}/expected.txt"), &found));
        }
    }
    assert!(wrong.is_empty(), "{wrong}\n{} writes what was found", bless());
}

#[test]
fn one_mistake_is_one_finding_unless_the_name_says_more() {
    counted(&CASES);
}

#[test]
fn what_is_right_beside_a_mistake_gives_no_finding() {
    nothing_left(&CASES);
}

#[test]
fn the_examples_load_without_a_word() {
    for name in ["01-pump-station", "02-findings"] {
        let loaded = load(&Root::open(&common::project("examples").join(name)).unwrap(), &LoadOptions::default());
        assert_eq!(shown(&loaded.sources, &loaded.findings), "", "{name}");
        assert!(loaded.site.unsound.is_empty());
    }
}

/// What is printed to be written is what the language takes: whole, or but for the blanks that a person fills in.
#[test]
fn every_fix_that_is_printed_is_of_the_language() {
    let (mut printed, mut wrong) = (BTreeSet::new(), String::new());
    let examples = folders("../../examples").into_iter().filter(|folder| folder.join("site.kdl").is_file());
    let cases = ["check", "build"].into_iter().flat_map(folders).map(|folder| plot(&folder));
    let sites: Vec<(PathBuf, Option<Plot>)> =
        examples.map(|site| (site, None)).chain(cases.map(|plot| (plot.site(), Some(plot)))).collect();
    for (site, _plot) in &sites {
        let ready = common::ready(site, None);
        for secrets in [Secrets::Placeholder, Secrets::Absent] {
            let report = pipeline::check(&ready, &secrets, &common::selection(""));
            for finding in report.findings.iter().filter(|f| !f.rules.is_empty()) {
                printed.extend(finding.fix.iter().map(|fix| fix.kdl.clone()));
                printed.extend(finding.help.as_deref().and_then(to_write).map(str::to_owned));
            }
        }
    }
    for kdl in &printed {
        let text = format!("device \"x\" {{ {kdl} }}");
        let parsed = syntax::parse(FileId::NONE, &text);
        let node = parsed.tree.as_ref().and_then(|tree| tree.nodes.first());
        let found = node.map(|node| shape::check(Shape::device(), FileId::NONE, node).findings);
        let is_blank = |finding: &Finding| text[finding.loc.span.range()].contains(BLANK);
        if !found.as_ref().is_some_and(|found| found.iter().all(is_blank)) {
            writeln!(wrong, "{kdl}\n    {:?} {found:?}", parsed.findings).unwrap();
        }
        if kdl.contains("\"removed\"") {
            writeln!(wrong, "{kdl}\n    the language writes `removed` without quotes").unwrap();
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(printed.len() > 40 && printed.iter().any(|kdl| kdl.contains(BLANK)), "{printed:#?}");
}

/// What stands for what only the plant knows.
const BLANK: &str = "\"...\"";

/// The settings that a help says to write.
fn to_write(help: &str) -> Option<&str> {
    let (kdl, _) = help.strip_prefix("write `")?.split_once('`')?;
    kdl.ends_with('}').then_some(kdl)
}

/// Whatever is wrong with a site, a secret that stands in it is in no message and no excerpt.
fn tells_a_secret(sources: &SourceMap, shown: &str) -> bool {
    let whole = |(id, file): (FileId, &SourceFile)| sources.shown(Loc::new(id, Span::new(0, file.text().len())));
    shown.contains("canary") || sources.files().any(|file| whole(file).contains("canary"))
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

fn shown(sources: &SourceMap, findings: &[Finding]) -> String {
    let mut out = String::new();
    for finding in findings {
        let device = finding.device.as_ref().map_or(String::new(), |d| format!(" ({d})"));
        let (code, severity) = (&finding.code, finding.severity.word());
        writeln!(out, "{} {severity} {code}{device}: {}", place(sources, finding.loc), finding.message).unwrap();
        let underlined = sources.shown(finding.loc);
        if let Some(first) = underlined.lines().next() {
            writeln!(out, "    | {first}").unwrap();
        }
        if !finding.label.is_empty() {
            writeln!(out, "    ^ {}", finding.label).unwrap();
        }
        if let Some(help) = &finding.help {
            writeln!(out, "    help: {help}").unwrap();
        }
        notes(&mut out, "also", &finding.related, sources);
        notes(&mut out, "through", &finding.trail, sources);
    }
    out
}
