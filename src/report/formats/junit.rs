//! JUnit, for the test tab of a pipeline: a suite for each device, a case for each rule that was judged on it.

use std::collections::HashMap;

use quick_junit::{NonSuccessKind, TestCase, TestCaseStatus, TestSuite};

use super::super::paint::View;
use super::super::{Comparison, Report, check, documents, escape};
use super::entries::{DIFFERS, Entry, NOT_COMPARED, UNREAD, entries};
use super::uri::Files;
use crate::finding::{Class, Verdict};
use crate::source::SourceMap;

/// The suite of what concerns no device.
const SITE: &str = "the site";
/// The case of a comparison.
const AS_DESCRIBED: &str = "as-described";

/// All that was judged, passes included: a test that vanishes is none that was mended.
pub fn junit(report: &Report, sources: &SourceMap, _: &View) -> String {
    let rows = entries(report, true);
    let files = Files::of(report);
    let mut suites: Vec<Suite<'_>> = report.devices.iter().map(|device| Suite::new(&device.name)).collect();
    let mut known: HashMap<&str, usize> = suites.iter().enumerate().map(|(at, suite)| (suite.name, at)).collect();
    for entry in &rows {
        let devices: &[&str] = if entry.devices.is_empty() { &[SITE] } else { &entry.devices };
        for device in devices {
            let at = *known.entry(device).or_insert_with(|| {
                suites.push(Suite::new(device));
                suites.len() - 1
            });
            suites[at].add(entry);
        }
    }
    let site = report.site.as_ref().map(|site| format!(" {}", escape::line(&site.name))).unwrap_or_default();
    let mut out = quick_junit::Report::new(format!("fieldlock {}{site}", report.verb));
    for (at, suite) in suites.into_iter().enumerate() {
        let compared = report.devices.get(at).and_then(|device| device.difference.as_ref());
        let same = report.compares() && compared.is_some_and(|d| d.comparison() == Comparison::AsDescribed);
        out.add_test_suite(suite.finish(same, &files, sources));
    }
    // what can't be written in XML was escaped before
    out.to_string().unwrap_or_default()
}

/// A device and its cases, each with all that is said of it.
struct Suite<'a> {
    name: &'a str,
    cases: Vec<(&'a str, Vec<&'a Entry<'a>>)>,
    known: HashMap<&'a str, usize>,
}

impl<'a> Suite<'a> {
    fn new(name: &'a str) -> Suite<'a> {
        Suite { name, cases: Vec::new(), known: HashMap::new() }
    }

    /// A finding of several rules is one of each of them.
    fn add(&mut self, entry: &'a Entry<'a>) {
        let rules = entry.finding.map(|finding| &finding.rules[..]).unwrap_or_default();
        let others = rules.iter().map(|rule| &*rule.id).filter(|id| *id != entry.code);
        let own = match entry.code {
            DIFFERS | NOT_COMPARED => AS_DESCRIBED,
            code => code,
        };
        for code in std::iter::once(own).chain(others) {
            let at = *self.known.entry(code).or_insert_with(|| {
                self.cases.push((code, Vec::new()));
                self.cases.len() - 1
            });
            self.cases[at].1.push(entry);
        }
    }

    fn finish(self, same: bool, files: &Files, sources: &SourceMap) -> TestSuite {
        let name = escape::line(self.name);
        let mut suite = TestSuite::new(&*name);
        if same {
            suite.add_test_case(named(AS_DESCRIBED, &name, TestCaseStatus::success()));
        }
        for (code, told) in &self.cases {
            let Some(worst) = told.iter().max_by_key(|entry| rank(entry)) else { continue };
            let mut case = named(&escape::line(code), &name, status(worst, told, sources));
            if let Some(at) = documents::at(sources, worst.loc) {
                case.extra.insert("file".into(), escape::line(&files.path(&at.file)).into());
                case.extra.insert("line".into(), at.line.to_string().into());
            }
            suite.add_test_case(case);
        }
        suite
    }
}

fn named(code: &str, device: &str, status: TestCaseStatus) -> TestCase {
    let mut case = TestCase::new(code, status);
    case.set_classname(device);
    case
}

/// The verdict of a rule is the worst of what is found of it.
fn rank(entry: &Entry<'_>) -> usize {
    let order =
        [Verdict::NotApplicable, Verdict::Pass, Verdict::Deferred, Verdict::Waived, Verdict::Unknown, Verdict::Fail];
    order.iter().position(|verdict| *verdict == entry.status).unwrap_or(order.len())
}

/// What can't be read is an error, what is broken or not known a failure; a person answers for what is waived, and what
/// waits or is only worth knowing is no verdict: these are skipped, each with its reason.
fn status(worst: &Entry<'_>, told: &[&Entry<'_>], sources: &SourceMap) -> TestCaseStatus {
    let class = worst.finding.map(|finding| finding.code.class());
    let mut status = match worst.status {
        Verdict::Pass => return TestCaseStatus::success(),
        Verdict::Fail | Verdict::Unknown if class == Some(Class::Input) || worst.code == UNREAD => {
            TestCaseStatus::non_success(NonSuccessKind::Error)
        }
        Verdict::Fail | Verdict::Unknown if class != Some(Class::Note) && told.iter().any(|e| e.is_news()) => {
            TestCaseStatus::non_success(NonSuccessKind::Failure)
        }
        _ => TestCaseStatus::skipped(),
    };
    let more = match told.len() {
        1 => String::new(),
        n => format!(" (and {} more)", n - 1),
    };
    status.set_type(worst.severity.word());
    status.set_message(escape::line(&format!("{}{}", worst.sentence(), worst.standing())) + &more);
    let texts: Vec<String> = told.iter().map(|entry| details(entry, sources)).collect();
    status.set_description(texts.join("\n"));
    status
}

/// A finding in a few lines.
fn details(entry: &Entry<'_>, sources: &SourceMap) -> String {
    let finding = entry.finding;
    let rows = [
        ("at", check::place(sources, entry.loc)),
        ("setting", entry.path.map(escape::line)),
        ("write", entry.remedy().map(escape::line)),
        ("on the device", finding.and_then(|f| f.menu.as_deref()).map(escape::line)),
        ("supports", finding.map(|f| escape::line(&f.supports.join(", "))).filter(|text| !text.is_empty())),
    ];
    let mut out = escape::line(&format!("{}{}", entry.sentence(), entry.standing())) + "\n";
    for (name, text) in rows {
        out.extend(text.map(|text| format!("  {name}: {text}\n")));
    }
    out
}
