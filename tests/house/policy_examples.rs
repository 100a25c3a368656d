//! The examples judged by their packs: the first complies, the second fails as its files' names promise.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;
use std::path::Path;

use fieldlock::embedded::POLICIES;
use fieldlock::finding::{Severity, Verdict};
use fieldlock::model::Facts;
use fieldlock::policy::{Advisories, Context, Judged, Moment, NotCompliant, Packs, SiteFacts, evaluate};
use fieldlock::secret::Secrets;
use fieldlock::site::files::Root;
use fieldlock::site::{LoadOptions, load};

use crate::common::expected::expect;

/// A device, and what stands against sealing it.
type Sealing = (String, Result<(), NotCompliant>);

/// `device verdict severity code line "underlined" message`, one line a finding, and what stands against sealing.
fn told(example: &str) -> (String, Vec<Sealing>) {
    let root = Root::open(&Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example)).unwrap();
    let mut loaded = load(&root, &LoadOptions::default());
    let site = SiteFacts::of(&loaded.site);
    let names: Vec<String> = site.site.packs.iter().flatten().map(ToString::to_string).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let (packs, findings) = Packs::load(&names, POLICIES, &[], &mut loaded.sources);
    assert!(findings.is_empty(), "{findings:?}");
    let complete: Vec<Facts> = loaded.site.devices.iter().map(|d| d.complete()).collect();
    let judged: Vec<Judged<'_>> =
        loaded.site.devices.iter().zip(&complete).map(|(device, complete)| Judged { device, complete }).collect();
    let now = "2026-03-09T14:02:00Z".parse().unwrap();
    let context = Context {
        now,
        secrets: &Secrets::Absent,
        files: &root,
        advisories: &Advisories::shipped(),
        sources: &loaded.sources,
        changes: None,
        until: Moment::Build,
    };
    let judgement = evaluate(&packs, &site, &judged, &context);
    let mut out = String::new();
    for finding in judgement.findings.iter().chain(judgement.evaluations.iter().flat_map(|e| &e.findings)) {
        let device = finding.device.as_deref().unwrap_or("site");
        let (file, at) = (loaded.sources.name(finding.loc.file), loaded.sources.start(finding.loc).line);
        let under = loaded.sources.shown(finding.loc);
        let status = match finding.status {
            Verdict::Fail => finding.severity.word().to_owned(),
            status => format!("{} {status:?}", finding.severity.word()),
        };
        writeln!(out, "{device}: {status} {} {file}:{at} `{under}`", finding.code).unwrap();
        writeln!(out, "    {}", finding.message).unwrap();
        writeln!(out, "    {}", finding.label).unwrap();
        for note in finding.related.iter().chain(&finding.trail) {
            let (file, at) = (loaded.sources.name(note.loc.file), loaded.sources.start(note.loc).line);
            writeln!(out, "    {file}:{at} {}", note.text).unwrap();
        }
    }
    let compliant = judgement.evaluations.iter().map(|e| {
        let name = e.judged.device.name.to_string();
        (name, e.compliant(Severity::High).map(|_| ()))
    });
    (out, compliant.collect())
}

#[test]
fn the_failing_example_says_what_its_files_promise() {
    let (out, _) = told("02-findings");
    expect("tests/expected/02-findings/judged.txt", &out);
}

#[test]
fn the_pump_station_has_nothing_that_fails() {
    let (out, compliant) = told("01-pump-station");
    assert_eq!(out, "");
    for (name, result) in compliant {
        assert!(matches!(result, Ok(()) | Err(NotCompliant::Open(_))), "{name}: {result:?}");
    }
}
