//! Renderings of hand-made findings, and the corpus of hostile texts through every format.

use super::*;
use crate::expected::expect;
use crate::finding::{Code, Fix, Note, RuleRef, Verdict};
use crate::model::Value;
use crate::native::{Change, Form, Grade, KeptLine, Page, Rendered, SecretState, Side};
use crate::source::{Loc, Origin, SourceMap, Span};

struct Case {
    report: Report,
    sources: SourceMap,
}

/// A place: the first `under` in a file, taken in where it is new.
fn at(sources: &mut SourceMap, name: &str, text: &str, under: &str) -> Loc {
    let file = sources.find(name).unwrap_or_else(|| sources.add(name, text));
    let start = text.find(under).unwrap();
    Loc::new(file, Span::new(start, start + under.len()))
}

const DEVICE: &str = "device \"np07\" {\n    use \"nport-baseline\"\n    allowlist on { host \"10.20.0.110\" purpose=\"engineering station\" }\n}\n";
const PROFILE: &str = "profile \"nport-baseline\" {\n    login { lockout on after=0 for=\"15 min\" }\n}\n";

fn case() -> Case {
    let mut sources = SourceMap::new();
    let host = at(&mut sources, "devices/np07.kdl", DEVICE, "\"10.20.0.110\"");
    let used = at(&mut sources, "devices/np07.kdl", DEVICE, "use \"nport-baseline\"");
    let after = at(&mut sources, "profiles/nport-baseline.kdl", PROFILE, "after=0");
    let station = at(&mut sources, "site.kdl", "site \"west\" {\n    station \"eng-01\"\n}\n", "station");
    let rule = at(&mut sources, "policies/nport-6000-g2/NP6-SES-001.kdl", "rule \"NP6-SES-001\"\n", "rule");
    let ruled = |id: &str, severity, loc: Loc, message: &str| Finding {
        rules: vec![RuleRef { id: id.into(), loc: rule, severity }],
        rule_loc: Some(rule),
        ..Finding::new(Code::rule(id), loc, message).severity(severity)
    };
    let lockout = |device: &str| Finding {
        label: "0 means never; the rule allows 1 to 5".into(),
        trail: vec![Note { loc: used, text: "reaches np07 by use \"nport-baseline\"".into() }],
        fix: Some(Fix { kdl: "lockout on after=3 for=\"15 min\"".into(), edits: Vec::new(), safe: true }),
        menu: Some("Security > Login Settings > Login Lockout".into()),
        supports: vec!["CR 1.11".into()],
        device: Some(device.into()),
        ..ruled("NP6-SES-001", Severity::High, after, "failed logins never lock the account")
    };
    let shut_out = Finding {
        device: Some("np07".into()),
        supports: vec!["CR 2.1".into()],
        menu: Some("Security > Allowlist".into()),
        fix: Some(Fix { kdl: "host \"10.20.0.10\"".into(), edits: Vec::new(), safe: false }),
        related: vec![Note { loc: station, text: "eng-01 is 10.20.0.10".into() }],
        ..ruled("NP6-ACL-004", Severity::Critical, host, "the allowlist shuts out your engineering station")
    };
    let waived = Finding {
        device: Some("np07".into()),
        status: Verdict::Waived,
        waiver: Some("W-2026-007".into()),
        ..ruled("NP6-LOG-002", Severity::Medium, host, "syslog leaves the device unencrypted")
    };
    let device = |name: &str| DeviceReport {
        name: name.into(),
        platform: "nport-6000-g2".into(),
        model: Some("NPort 6250-G2".into()),
        firmware: Some("1.1.0".into()),
        zone: Some(("control".into(), Some(2))),
        tally: Tally {
            pass: 71,
            fail: 1,
            waived: 1,
            not_applicable: 9,
            no_place: 2,
            later_secrets: 4,
            later_device: 2,
            ..Tally::default()
        },
        ..DeviceReport::default()
    };
    let report = Report {
        site: Some(SiteHead { name: "example-west".into(), argument: String::new() }),
        packs: vec![PackHead {
            name: "nport-6000-g2".into(),
            version: "1.2.0".into(),
            rules: 55,
            shipped: true,
            named: true,
            pinned: true,
        }],
        judged_at: "2026-03-09 14:10 UTC".into(),
        devices: vec![device("np07"), device("np08"), DeviceReport { complies: true, ..device("np09") }],
        findings: vec![lockout("np07"), shut_out, lockout("np08"), waived],
        waivers: vec![WaiverLine {
            id: "W-2026-007".into(),
            from: "2026-01-05".into(),
            until: "2026-05-26".into(),
            days_left: 78,
            owner: "ot-lead".into(),
            approver: "ot-security".into(),
            reason: "shared panel, gloves".into(),
            risk: "more guesses".into(),
            instead: "locked cabinet".into(),
            ticket: "CHG-4102".into(),
            loc: Loc::NONE,
        }],
        ..Report::new("check", "0.1.0")
    };
    Case { report, sources }
}

fn built() -> Case {
    let mut case = case();
    let origin = |loc: Loc| Origin { layer: 2, ..Origin::new(loc) };
    let loc = case.report.findings[0].loc;
    let change = |path: &str, before, after, secret| Change {
        path: path.into(),
        before,
        after,
        secret,
        origin: origin(loc),
        page: Some(Page { menu: "Security > Login Settings".into(), risky: false }),
        place: Some(Rendered {
            path: path.into(),
            place: "Security > Login Settings > Retry".into(),
            form: Form::Sheet,
            grade: Grade::Confirmed,
            source: "guide 3.2".into(),
        }),
    };
    let number = |n| Side::Value(Value::Int(n));
    let effect = RuleEffect {
        rule: "NP6-SES-001".into(),
        before: Some(Verdict::Fail),
        after: Verdict::Pass,
        waiver: None,
        decides: true,
    };
    let device = &mut case.report.devices[2];
    device.difference = Some(Difference {
        beside: Vec::new(),
        base: Some(BaseHead {
            file: "captures/np09.ini".into(),
            taken: "2026-03-09 14:02 UTC".into(),
            by: "ot-lead".into(),
            how: "export".into(),
        }),
        changes: vec![
            ChangeRow { change: change("login.lockout.after", number(0), number(3), None), rules: vec![effect] },
            ChangeRow {
                change: change(
                    "accounts.account[ot].password",
                    Side::Nothing,
                    Side::Value(Value::Secret("x".into())),
                    Some(SecretState::New),
                ),
                rules: vec![],
            },
        ],
        kept: vec![KeptLine { line: 9, shown: "WINS=<hidden>".into(), listed: true }],
        text: "--- on the device\n+++ as described\n-After=0\n+After=3\n".into(),
        lock_out: Some("engineering station 10.20.0.10 keeps HTTPS and SSH".into()),
    });
    let mut native = NativeReport::default();
    native.count(Grade::Confirmed, false);
    native.count(Grade::Likely, true);
    device.native = Some(native);
    device.image = Some(ImageReport {
        revision: 17,
        digest: "91c077abe2f4aaaa".into(),
        fresh: true,
        file: "images/np09.flk".into(),
        redacted: "redacted/np09.redacted.ini".into(),
        ..ImageReport::default()
    });
    case.report.written = vec![Written { path: "review.md".into(), kind: WrittenKind::Review, fresh: true }];
    case
}

fn every_format(case: &Case, view: &View) -> Vec<(&'static str, String)> {
    let (r, s) = (&case.report, &case.sources);
    vec![
        ("check", check(r, s, view)),
        ("plain", plain(r, s, view)),
        ("concise", concise(r, s, view)),
        ("json", json(r, s, &View { all: true, ..*view })),
        ("build", build(r, s, view)),
        ("difference", difference(r, s, view)),
        ("review", review(r)),
        ("sarif", sarif(r, s, view)),
        ("junit", junit(r, s, view)),
        ("gitlab", quality(r, s, view)),
        ("github", annotations(r, s, view)),
        ("markdown", merge(r, s, view)),
        ("csv", csv(r, s, view)),
        ("html", html(r, s, view)),
        ("oscal", oscal(r, s, view)),
        ("oscal-component", oscal_components(r, s, view)),
    ]
}

#[test]
fn findings_for_people() {
    let case = case();
    expect("tests/expected/report/findings.txt", &check(&case.report, &case.sources, &View::default()));
}

#[test]
fn findings_for_logs() {
    let case = case();
    expect("tests/expected/report/findings-plain.txt", &plain(&case.report, &case.sources, &View::default()));
}

#[test]
fn a_build_for_people() {
    let case = built();
    expect("tests/expected/report/build.txt", &build(&case.report, &case.sources, &View::default()));
}

#[test]
fn a_difference_for_people() {
    let case = built();
    expect("tests/expected/report/difference.txt", &difference(&case.report, &case.sources, &View::default()));
}

#[test]
fn a_review_for_a_change_board() {
    expect("tests/expected/report/review.txt", &review(&built().report));
}

/// A configuration supports a requirement; that a product meets it is for others to say.
#[test]
fn no_report_claims_conformity() {
    let case = built();
    for (name, text) in every_format(&case, &View { all: true, ..View::default() }) {
        let text = text.to_lowercase();
        for claim in ["certified", "compliant", "compliance", "conform", "fulfil"] {
            assert!(!text.contains(claim), "{name} says `{claim}`:\n{text}");
        }
    }
    assert!(review(&case.report).contains("it is not a certificate"));
}

/// Each finding says by which it is waived; those that end first are named at the end.
#[test]
fn many_waivers_stand_on_one_line() {
    let mut case = case();
    for n in 0..9_i64 {
        let id = format!("W-2026-1{n:02}");
        case.report.waivers.push(WaiverLine { id: id.clone(), days_left: 90 - n, ..case.report.waivers[0].clone() });
        let waived = case.report.findings.iter().find(|f| f.waiver.is_some()).unwrap().clone();
        case.report.findings.push(Finding { waiver: Some(id), ..waived });
    }
    let text = check(&case.report, &case.sources, &View::default());
    assert!(text.contains("waived 3 (W-2026-007, 78 days left; W-2026-108, 82 days left; 8 more)   "), "{text}");
}

#[test]
fn colour_changes_nothing_but_colour() {
    let case = built();
    let plain_view = View { all: true, ..View::default() };
    let without = every_format(&case, &plain_view);
    let with = every_format(&case, &View { colour: true, ..plain_view });
    for ((name, a), (_, b)) in without.into_iter().zip(with) {
        let mut bare = String::new();
        let mut rest = b.as_str();
        while let Some((head, tail)) = rest.split_once('\u{1b}') {
            bare.push_str(head);
            rest = tail.split_once('m').unwrap().1;
        }
        bare.push_str(rest);
        assert_eq!(a, bare, "{name}");
    }
}

#[test]
fn findings_for_editors() {
    let case = case();
    expect("tests/expected/report/findings-concise.txt", &concise(&case.report, &case.sources, &View::default()));
}

#[test]
fn a_finding_is_a_diagnostic_with_labels_at_both_ends() {
    use miette::Diagnostic;
    let case = case();
    let finding = &case.report.findings[0];
    let told = FindingDiagnostic::of(finding, &case.sources, 110);
    let labels: Vec<String> = told.labels().unwrap().filter_map(|l| l.label().map(str::to_owned)).collect();
    assert_eq!(told.code().unwrap().to_string(), "NP6-SES-001");
    assert_eq!(told.help().unwrap().to_string(), "lockout on after=3 for=\"15 min\"");
    assert_eq!(told.severity(), Some(miette::Severity::Error));
    assert_eq!(labels, ["0 means never; the rule allows 1 to 5", "reaches np07 here", "asked here"]);
}

#[test]
fn a_terminal_without_lines_and_corners_gets_ascii() {
    let case = case();
    let text = check(&case.report, &case.sources, &View { ascii: true, ..View::default() });
    assert!(text.is_ascii(), "{text}");
}

/// Invariant 13: text from outside is never markup.
#[test]
fn hostile_texts_stay_text_in_every_format() {
    for hostile in escape::hostile() {
        let case = poisoned(&hostile);
        for (name, text) in every_format(&case, &View { all: true, ..View::default() }) {
            let acting: Vec<char> = text.chars().filter(|c| escape::acts(*c) && *c != '\n').collect();
            assert!(acting.is_empty(), "{name} lets {acting:?} of {hostile:?} through: `escape` has a function for it");
            if ["json", "sarif", "gitlab"].contains(&name) {
                serde_json::from_str::<serde_json::Value>(&text).unwrap();
            }
            if name == "junit" {
                // no text becomes an element or an attribute: the tags are those of harmless texts
                assert_eq!(tags(&text), tags(&junit(&poisoned("x").report, &poisoned("x").sources, &View::default())));
            }
            if name == "html" {
                let harmless = poisoned("x");
                let page = html(&harmless.report, &harmless.sources, &View { all: true, ..View::default() });
                assert_eq!(tags(&text), tags(&page), "{hostile:?}");
            }
            if name == "github" {
                let command = |line: &str| ["::error ", "::warning ", "::notice "].iter().any(|c| line.starts_with(c));
                assert!(text.lines().all(command), "{text}");
            }
            if name == "csv" {
                let mut rows = ::csv::Reader::from_reader(text.as_bytes());
                let cells = rows.records().flat_map(|row| row.unwrap().iter().map(str::to_owned).collect::<Vec<_>>());
                let formula = |cell: &String| cell.starts_with(['=', '+', '-', '@']);
                assert_eq!(cells.filter(formula).collect::<Vec<_>>(), Vec::<String>::new());
            }
            if ["review", "markdown"].contains(&name) && hostile.starts_with(['<', '!', '[']) && !hostile.contains('`')
            {
                let outside = outside_code(&text);
                assert!(!outside.contains(&hostile), "{hostile:?} stands in prose:\n{text}");
            }
        }
    }
}

/// The names of all tags, in order.
fn tags(xml: &str) -> Vec<&str> {
    xml.split('<').skip(1).map(|rest| rest.split([' ', '>', '\n']).next().unwrap()).collect()
}

/// Markdown without its code spans and fences.
fn outside_code(text: &str) -> String {
    let mut out = String::new();
    let mut fenced = false;
    for line in text.lines() {
        if line.starts_with("```") {
            fenced = !fenced;
        } else if !fenced {
            out.extend(line.split('`').step_by(2));
            out.push('\n');
        }
    }
    out
}

/// The text in every place that text from outside can reach.
fn poisoned(evil: &str) -> Case {
    let mut case = built();
    let e = || evil.to_owned();
    let file = case.sources.add(evil, format!("{evil}\n{evil} here {evil}\n"));
    let loc = Loc::new(file, Span::new(evil.len() + 1, evil.len() + 2 + evil.len()));
    let note = || Note { loc, text: e() };
    let r = &mut case.report;
    for f in &mut r.findings {
        f.message = format!("`{evil}` {evil}");
        f.label = e();
        f.help = Some(e());
        f.menu = Some(e());
        f.reason = Some(e());
        f.loc = loc;
        f.related = vec![note()];
        f.trail = vec![note()];
        f.supports = vec![e()];
        f.device = Some(e());
        f.path = Some(e());
        f.code = Code::rule(e());
        f.waiver = Some(e());
        f.fix = Some(Fix { kdl: e(), edits: Vec::new(), safe: true });
        f.rules = vec![RuleRef { id: e(), loc, severity: Severity::High }];
    }
    r.site = Some(SiteHead { name: e(), argument: e() });
    r.judged_at = e();
    for pack in &mut r.packs {
        pack.name = e();
        pack.version = e();
    }
    for w in &mut r.waivers {
        *w = WaiverLine {
            id: e(),
            from: e(),
            until: e(),
            days_left: 1,
            owner: e(),
            approver: e(),
            reason: e(),
            risk: e(),
            instead: e(),
            ticket: e(),
            loc,
        };
    }
    r.attestations = vec![AttestationLine {
        id: e(),
        rules: vec![e()],
        by: e(),
        at: e(),
        until: Some(e()),
        evidence: vec![e()],
        loc,
    }];
    for d in &mut r.devices {
        d.attested = vec![e()];
    }
    for w in &mut r.written {
        w.path = e();
    }
    for d in &mut r.devices {
        d.name = e();
        d.model = Some(e());
        d.firmware = Some(e());
        d.asset = Some(e());
        d.zone = Some((e(), Some(2)));
        if let Some(x) = &mut d.difference {
            x.base = Some(BaseHead { file: e(), taken: e(), by: e(), how: e() });
            x.text = format!("{evil}\n");
            x.lock_out = Some(e());
            x.kept = vec![KeptLine { line: 1, shown: e(), listed: false }];
            for row in &mut x.changes {
                row.change.path = e();
                row.change.before = Side::Value(Value::Text(e().into()));
                row.change.after = Side::Value(Value::foreign(e(), crate::model::facts::Doubt::Undocumented));
                row.change.secret = None;
                row.change.page = Some(Page { menu: e(), risky: true });
                row.change.place.iter_mut().for_each(|place| (place.place, place.source) = (e(), e().into()));
                for rule in &mut row.rules {
                    rule.rule = e();
                    rule.waiver = Some(e());
                }
            }
        }
        if let Some(n) = &mut d.native {
            n.unplaced = vec![e()];
        }
        if let Some(i) = &mut d.image {
            i.digest = e();
            i.file = e();
            i.redacted = e();
            i.not_after = e();
        }
    }
    case
}

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

/// A drift: the device of `built` differs, another was never read, a file is of no device.
fn drifted() -> Case {
    let mut case = built();
    case.report.verb = "drift";
    case.report.exit_code = true;
    case.report.findings.clear();
    case.report.devices[1].difference = Some(Difference::default());
    case.report.unread =
        vec![documents::RefusedFile { file: "exports/x.ini".into(), message: "it is of no device".into(), help: None }];
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

/// What differs and what was never read is told in every format: none of them calls a drift clean.
#[test]
fn no_format_is_silent_on_a_drift() {
    let case = drifted();
    for (name, text) in every_format(&case, &View::default()) {
        if ["check", "build", "review", "concise"].contains(&name) {
            continue;
        }
        if ["markdown", "github", "junit", "gitlab", "csv", "sarif"].contains(&name) {
            for told in ["login.lockout.after", "x.ini"] {
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
