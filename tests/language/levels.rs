//! The target level of a zone decides which rules block: the same site at each level.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use fieldlock::finding::{Finding, Severity};
use fieldlock::pipeline::check;
use fieldlock::report::Report;
use fieldlock::secret::Secrets;

use crate::common;
use crate::common::plot::Plot;

const MX: &str = "profiles/mx-baseline.kdl";
const ZONE: &str = "zone \"control\" sl-t=2";

/// The pump station with a rule of each kind broken, its zone at a level.
fn at(level: &str) -> Report {
    let plot = Plot::new();
    plot.edit("site.kdl", ZONE, &format!("zone \"control\"{level}"));
    // high, asked for from SL 1 on, and from SL 2 on; medium and low
    plot.edit(MX, "auto-logout \"5 min\"", "auto-logout never");
    plot.edit(MX, "ntp \"10.20.0.5\"", "ntp none");
    plot.edit(MX, "Property of Example Water. ", "");
    plot.edit("devices/sw04.kdl", " location=\"Cabinet 1\"", "");
    check(&common::ready(&plot.site(), None), &Secrets::Absent, &common::selection("."))
}

fn blocking(report: &Report) -> BTreeSet<String> {
    let blocks = |f: &&Finding| report.blocks(f);
    report
        .findings
        .iter()
        .filter(blocks)
        .flat_map(|f| &f.rules)
        .filter(|r| r.severity >= Severity::High)
        .map(|r| r.id.clone())
        .collect()
}

#[test]
fn a_level_decides_what_blocks() {
    let high = ["MX-SES-001", "MX-TIM-001"];
    let medium = ["FLT-003", "MX-BAN-001"];
    let told = |level: &str| blocking(&at(level));
    let are = |lists: &[&[&str]]| lists.iter().flat_map(|l| l.iter().map(|r| (*r).to_owned())).collect::<BTreeSet<_>>();
    assert_eq!(told(" sl-t=1"), are(&[&["MX-SES-001"]]));
    assert_eq!(told(" sl-t=2"), are(&[&high]));
    assert_eq!(told(""), are(&[&high]), "a zone that says no level asks for no less");
    let three = told(" sl-t=3");
    let four = told(" sl-t=4");
    // packs that are made for SL 2 are told there
    let wanted = are(&[&high, &medium, &["OT-INV-002"]]);
    assert!(three.is_superset(&wanted) && !three.contains("OT-INV-001"), "{three:?}");
    assert!(four.is_superset(&wanted) && four.contains("OT-INV-001"), "{four:?}");
}

#[test]
fn a_finding_says_why_it_weighs_otherwise() {
    let report = at(" sl-t=3");
    let banner = report.findings.iter().find(|f| f.code == "MX-BAN-001").unwrap();
    assert_eq!(banner.severity, Severity::High);
    let note = banner.related.iter().find(|n| n.text.contains("SL 3")).unwrap();
    assert_eq!(note.text, "the zone's target is SL 3: medium elsewhere");
    assert!(note.loc.is_some());
    let report = at(" sl-t=1");
    let clock = report.findings.iter().find(|f| f.code == "MX-TIM-001").unwrap();
    assert_eq!(clock.severity, Severity::Medium);
    let note = clock.related.iter().find(|n| n.text.contains("SL 2")).unwrap();
    assert_eq!(note.text, "asked for from SL 2 on, and the zone's target is 1: high elsewhere");
}

/// What keeps a device from being told apart, or from being judged at all, weighs the same everywhere.
#[test]
fn no_level_takes_the_weight_from_what_every_verdict_rests_on() {
    for level in ["1", "2", "3", "4"] {
        let plot = Plot::new();
        plot.edit("site.kdl", ZONE, &format!("zone \"control\" sl-t={level}"));
        plot.edit("devices/np07.kdl", "mac=\"00:90:e8:a1:04:07\"", "mac=\"00:90:e8:30:12:02\"");
        let report = check(&common::ready(&plot.site(), None), &Secrets::Absent, &common::selection("."));
        let twins = report.findings.iter().find(|f| f.code == "FLT-001").unwrap();
        assert!(twins.severity == Severity::Critical && report.blocks(twins), "SL {level}");
    }
}

#[test]
fn a_device_without_a_zone_is_told() {
    let plot = Plot::new();
    plot.edit("devices/sw04.kdl", "    zone \"control\"\n", "");
    let report = check(&common::ready(&plot.site(), None), &Secrets::Absent, &common::selection("."));
    let told: Vec<&Finding> = report.findings.iter().filter(|f| f.code == "site.no-zone").collect();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].device.as_deref(), Some("sw04"));
}
