//! What others read by program: each format follows its schema, and says what all others say.

use super::*;

#[test]
fn the_json_document_follows_its_schema() {
    let schema = schemars::schema_for!(documents::report::Document).to_value();
    let validator = jsonschema::validator_for(&schema).unwrap();
    for case in [case(), built(), poisoned("\u{1b}[2J")] {
        let text = json(&case.report, &case.sources, &View { all: true, ..View::default() });
        let value: serde_json::Value = serde_json::from_str(&text).unwrap();
        let errors: Vec<String> = validator.iter_errors(&value).map(|e| e.to_string()).collect();
        assert_eq!(errors, Vec::<String>::new());
        assert!(value["findings"][0]["location"]["line"].as_u64().unwrap() > 0);
    }
}

/// A drift: the device of `built` is weaker, one did not answer, another was never read, a file is of no device.
fn drifted() -> Case {
    let mut case = built();
    case.report.verb = "drift";
    case.report.exit_code = true;
    case.report.findings.clear();
    case.report.devices[1].difference = Some(Difference::default());
    let refused = |file: &str, message: &str, help: Option<&str>| documents::RefusedFile {
        file: file.into(),
        message: message.into(),
        help: help.map(str::to_owned),
    };
    let name = case.report.devices[0].name.clone();
    case.report.unreached(vec![refused(&name, "nothing answers at 10.20.7.12:22", Some("is it on?"))]);
    case.report.unread = vec![refused("exports/x.ini", "it is of no device", None)];
    case
}

#[test]
fn every_other_format_is_what_was_looked_at() {
    let mut case = case();
    case.report.site = Some(SiteHead { name: "example-west".into(), argument: "plants/west".into() });
    case.report.waivers[0].loc = case.report.findings[1].related[0].loc;
    let edit = crate::finding::Edit { at: case.report.findings[0].loc, text: "after=3".into() };
    case.report.findings[0].fix.as_mut().unwrap().edits.push(edit);
    let drifted = drifted();
    for (name, format) in [
        ("sarif", sarif as formats::Write),
        ("junit", junit),
        ("gitlab", quality),
        ("github", annotations),
        ("markdown", merge),
        ("csv", csv),
    ] {
        let file = |of: &str| format!("tests/expected/report/{of}-{name}.txt");
        expect(&file("findings"), &format(&case.report, &case.sources, &View::default()));
        if name != "sarif" {
            expect(&file("drift"), &format(&drifted.report, &drifted.sources, &View::default()));
        }
    }
}

/// What a device is worth beside its description is one answer, for whoever reads it.
#[test]
fn every_format_says_how_each_device_stands() {
    let case = drifted();
    let json: serde_json::Value = serde_json::from_str(&json(&case.report, &case.sources, &View::default())).unwrap();
    let of = |at: usize, what: &str| json["devices"][at]["difference"][what].clone();
    assert_eq!([0, 1, 2].map(|at| of(at, "standing")), ["not-reached", "not-compared", "weaker"]);
    assert_eq!(of(2, "weaker_by"), serde_json::json!(["NP6-SES-001"]));
    assert_eq!(of(0, "not_reached"), "nothing answers at 10.20.7.12:22");
    let compared = &json["summary"]["compared"];
    assert_eq!((&compared["weaker"], &compared["not-reached"]), (&1.into(), &1.into()), "{compared}");
    for (name, text) in every_format(&case, &View::default()) {
        if ["difference", "plain", "markdown", "github", "csv", "html"].contains(&name) {
            assert!(text.contains("not reached") && text.to_lowercase().contains("weaker"), "{name}: {text}");
        }
        if ["difference", "plain", "csv", "junit", "gitlab", "sarif", "html"].contains(&name) {
            assert!(text.contains("nothing answers at 10.20.7.12:22"), "{name}: {text}");
        }
    }
}

/// What differs and what was never read is told in every format: none of them calls a drift clean.
#[test]
fn no_format_is_silent_on_a_drift() {
    let case = drifted();
    for (name, text) in every_format(&case, &View::default()) {
        if ["check", "build", "review", "concise"].contains(&name) {
            continue;
        }
        if ["markdown", "github", "junit", "gitlab", "csv", "sarif"].contains(&name) {
            for told in ["login.lockout.after", "x.ini", "weaker", "NP6-SES-001"] {
                assert!(text.contains(told), "{name} does not tell {told}: {text}");
            }
        }
    }
}

#[test]
fn fingerprints_stay_while_lines_move_and_are_each_there_once() {
    let mut case = case();
    let of = |case: &Case| -> Vec<String> {
        let text = quality(&case.report, &case.sources, &View::default());
        let issues: Vec<serde_json::Value> = serde_json::from_str(&text).unwrap();
        let sarif: serde_json::Value =
            serde_json::from_str(&sarif(&case.report, &case.sources, &View::default())).unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let hash = |r: &serde_json::Value| r["partialFingerprints"]["primaryLocationLineHash"].clone();
        assert_eq!(
            results.iter().map(hash).collect::<Vec<_>>(),
            issues.iter().map(|i| i["fingerprint"].clone()).collect::<Vec<_>>()
        );
        issues.iter().map(|i| i["fingerprint"].as_str().unwrap().to_owned()).collect()
    };
    let before = of(&case);
    let moved = case.sources.add("devices/np07.kdl", format!("// a line more\n{DEVICE}"));
    for finding in &mut case.report.findings {
        finding.loc = Loc::new(moved, Span::new(40, 42));
        finding.message.push_str(" still");
    }
    assert_eq!(of(&case), before);
    assert_eq!(before.iter().collect::<std::collections::BTreeSet<_>>().len(), before.len());
    case.report.findings.push(case.report.findings[0].clone());
    assert_eq!(of(&case).iter().collect::<std::collections::BTreeSet<_>>().len(), before.len() + 1);
}

#[test]
fn a_merge_request_of_three_hundred_devices_is_a_page() {
    let mut case = built();
    let (device, finding) = (case.report.devices[2].clone(), case.report.findings[0].clone());
    for n in 0..300 {
        let name = format!("np{n:03}");
        let mut one = DeviceReport { name: name.clone(), ..device.clone() };
        for (at, row) in one.difference.as_mut().unwrap().changes.iter_mut().enumerate() {
            row.change.path = format!("login.setting-{}", (n + at) % 40);
            row.rules = vec![RuleEffect {
                rule: format!("NP6-{}", n % 30),
                before: Some(if n % 2 == 0 { Verdict::Pass } else { Verdict::Fail }),
                after: if n % 2 == 0 { Verdict::Waived } else { Verdict::Pass },
                waiver: None,
                decides: true,
            }];
        }
        case.report.devices.push(one);
        let code = Code::rule(format!("NP6-SES-{:03}", n % 50));
        case.report.findings.push(Finding { device: Some(name), code, ..finding.clone() });
    }
    let page = merge(&case.report, &case.sources, &View::default());
    assert!(page.lines().count() < 60, "{page}");
    let weaker: Vec<bool> = page
        .lines()
        .filter(|l| l.contains("| pass | waived |") || l.contains("| fail | pass |"))
        .map(|l| l.contains("weaker"))
        .collect();
    assert!(weaker[0] && weaker.is_sorted_by(|a, b| a >= b), "{page}");
}
