//! Nothing goes around the rules: packs that are not named, that are the site's own, and what stands in their place.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod common;

use common::plot::Plot;
use fieldlock::pipeline::{Built, check};
use fieldlock::report::Report;
use fieldlock::secret::Secrets;
use fieldlock::source::Loc;

const PACKS: &str = r#"packs "nport-6000-g2" "iec-62443-4-2-mx" "fleet""#;
const WEAK: &str = r#"severity="high" family="login.session-timeout" moment="describe" {
    title "Idle sessions end within a day"
    why "For a test."
    require { login { auto-logout at-most="24 h" } }
    source "handbook" section="1"
    passes { login { auto-logout "5 min" } }
    fails { }
}"#;

fn checked(plot: &Plot) -> Report {
    let plant = common::plant(&plot.site(), None);
    check(&plant, &Secrets::Absent, &common::selection("."))
}

/// `code device`, of findings that fail.
fn failing(report: &Report) -> Vec<String> {
    let fails = report.findings.iter().filter(|f| report.fail_on.fails(f) || f.is_input_error());
    let mut told: Vec<String> = fails.map(|f| format!("{} {}", f.code, f.device.as_deref().unwrap_or("-"))).collect();
    told.sort();
    told
}

/// Built without the question whether it was: what fails is in the report.
fn built(plot: &Plot) -> Built {
    plot.try_build(&plot.out(), |_| {}).unwrap()
}

fn with_packs(line: &str) -> Plot {
    let plot = Plot::new();
    plot.edit("site.kdl", PACKS, line);
    plot
}

/// A pack of the site's own with one rule.
fn own(plot: &Plot, folder: &str, name: &str, rule: &str) {
    let head = format!(
        "pack \"{name}\" version=\"1.0.0\" {{\n    title \"Ours\"\n    platforms \"nport-6000-g2\" \"mx-ros\"\n}}\n"
    );
    plot.put(&format!("packs/{folder}/pack.kdl"), head.as_bytes());
    plot.put(&format!("packs/{folder}/{rule}.kdl"), format!("rule \"{rule}\" {WEAK}\n").as_bytes());
}

const ALL: [&str; 4] = ["OT-PCK-001 np02", "OT-PCK-001 np07", "OT-PCK-001 ps7-router", "OT-PCK-001 sw04"];

#[test]
fn a_device_that_no_hardening_pack_judges_never_complies() {
    for (line, expected) in [
        ("", &ALL[..]),
        (r#"packs "fleet""#, &ALL[..]),
        (r#"packs "ot-baseline" "fleet""#, &ALL[..]),
        (r#"packs "nport-6000-g2""#, &ALL[2..]),
        (r#"packs "iec-62443-4-2-mx""#, &ALL[..2]),
        (PACKS, &[]),
    ] {
        let plot = with_packs(line);
        if line != PACKS {
            plot.edit("site.kdl", "set \"iec-62443-4-2-mx\" max-idle=\"5 min\"", "");
        }
        let report = checked(&plot);
        assert_eq!(failing(&report), expected, "{line}");
        assert_eq!(report.outcome().code(), u8::from(!expected.is_empty()), "{line}");
        let refused = |name: &str| expected.iter().any(|told| told.ends_with(name));
        // the others wait for their secrets
        assert!(report.devices.iter().all(|d| !d.complies), "{line}");
        let built = built(&plot);
        let complying = built.report.devices.iter().filter(|d| d.complies).map(|d| &*d.name);
        assert!(complying.clone().all(|name| !refused(name)), "{line}");
        assert_eq!(complying.count(), 4 - expected.len(), "{line}");
        assert_eq!(built.wrote, expected.is_empty(), "{line}");
    }
}

#[test]
fn the_finding_says_what_to_add_and_stands_at_both_ends() {
    let plot = with_packs(r#"packs "nport-6000-g2" "fleet""#);
    plot.edit("site.kdl", "set \"iec-62443-4-2-mx\" max-idle=\"5 min\"", "");
    let plant = common::plant(&plot.site(), None);
    let report = check(&plant, &Secrets::Absent, &common::selection("."));
    let finding = report.findings.iter().find(|f| f.code == "OT-PCK-001").unwrap();
    let place = |loc: Loc| format!("{}:{}", plant.sources.name(loc.file), plant.sources.start(loc).line);
    assert!(place(finding.loc).starts_with("devices/ps7-router.kdl"), "{}", place(finding.loc));
    assert!(place(finding.rule_loc.unwrap()).starts_with("policies/ot-baseline/OT-PCK-001.kdl"));
    assert!(place(finding.related[0].loc).starts_with("site.kdl"), "{finding:?}");
    assert!(finding.help.as_deref().unwrap().contains("\"iec-62443-4-2-mx\""), "{finding:?}");
}

/// What a site says of a rule that every site has, or of its pack, changes nothing.
#[test]
fn a_rule_of_every_site_is_neither_waived_nor_set_off() {
    let waiver = |what: &str| {
        format!(
            "waiver \"W-2026-900\" {{\n    {what}\n    device \"np07\"\n    from \"2026-11-01\"\n    until \"2027-03-31\"\n    \
             reason \"r\"; risk \"r\"; instead \"i\"\n    owner \"ot-lead\"; approver \"ot-security\"\n}}\n"
        )
    };
    for what in [r#"rule "OT-PCK-001""#, r#"family "pack.covers""#] {
        let plot = with_packs(r#"packs "fleet""#);
        plot.edit("site.kdl", "set \"iec-62443-4-2-mx\" max-idle=\"5 min\"", "");
        plot.put("waivers/W-2026-900.kdl", waiver(what).as_bytes());
        let report = checked(&plot);
        assert!(ALL.iter().all(|told| failing(&report).contains(&(*told).to_owned())), "{:?}", failing(&report));
        assert!(report.findings.iter().any(|f| f.code == "waiver.unmatched"), "{what}");
    }
}

#[test]
fn a_site_takes_the_place_of_no_shipped_pack() {
    for folder in ["nport-6000-g2", "NPort-6000-G2", "nport_6000_g2", "fleet", "ot-baseline"] {
        let plot = Plot::new();
        own(&plot, folder, folder, "OURS-1");
        plot.edit("profiles/nport-baseline.kdl", "auto-logout \"5 min\"", "auto-logout \"20 h\"");
        let report = checked(&plot);
        let failing = failing(&report);
        assert!(failing.contains(&"pack.reserved-name -".to_owned()), "{folder}: {failing:?}");
        assert!(failing.iter().any(|f| f.starts_with("NP6-SES-002 np07")), "{folder}: {failing:?}");
        assert_eq!(report.outcome().code(), 2);
        assert!(!built(&plot).wrote, "{folder}");
    }
}

#[test]
fn a_rule_of_a_site_has_no_id_of_a_shipped_one() {
    for id in ["NP6-SES-002", "np6-ses-002", "NP6_SES.002", "OT-PCK-001"] {
        let plot = with_packs(r#"packs "nport-6000-g2" "iec-62443-4-2-mx" "fleet" "ours""#);
        own(&plot, "ours", "ours", id);
        assert_eq!(failing(&checked(&plot)), ["pack.reserved-id -"], "{id}");
        assert!(!built(&plot).wrote, "{id}");
    }
    let plot = with_packs(r#"packs "nport-6000-g2" "iec-62443-4-2-mx" "fleet" "ours""#);
    own(&plot, "ours", "ours", "OURS-SES-002");
    assert_eq!(failing(&checked(&plot)), [""; 0]);
    assert!(built(&plot).wrote);
}
