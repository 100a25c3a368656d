//! Renderings of hand-made findings, and the corpus of hostile texts through every format.

use super::*;
use crate::expected::expect;
use crate::finding::{Code, Fix, Note, RuleRef, Verdict};
use crate::model::Value;
use crate::native::{Change, Form, Grade, KeptLine, Page, Rendered, SecretState, Side};
use crate::source::{Loc, Origin, SourceMap, Span};

mod programs;

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
            said: WaiverWords {
                id: "W-2026-007".into(),
                from: "2026-01-05".into(),
                until: "2026-05-26".into(),
                owner: "ot-lead".into(),
                approver: "ot-security".into(),
                reason: "shared panel, gloves".into(),
                risk: "more guesses".into(),
                instead: "locked cabinet".into(),
                ticket: "CHG-4102".into(),
            },
            days_left: 78,
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
        unreached: None,
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
        let said = WaiverWords { id: id.clone(), ..case.report.waivers[0].said.clone() };
        case.report.waivers.push(WaiverLine { said, days_left: 90 - n, loc: Loc::NONE });
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
            said: WaiverWords {
                id: e(),
                from: e(),
                until: e(),
                owner: e(),
                approver: e(),
                reason: e(),
                risk: e(),
                instead: e(),
                ticket: e(),
            },
            days_left: 1,
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

/// Where there are more findings than anybody reads, the last line tells the shorter screen, and no other format does.
#[test]
fn many_findings_are_told_by_cause() {
    let screen = |times: usize, verb| {
        let mut case = case();
        case.report.verb = verb;
        case.report.site = Some(SiteHead { name: "example-west".into(), argument: "plants/west".into() });
        let one = case.report.findings[1].clone();
        case.report.findings.extend((0..times).map(|n| Finding { message: format!("cause {n}"), ..one.clone() }));
        let text = check(&case.report, &case.sources, &View::default());
        assert!(!json(&case.report, &case.sources, &View::default()).contains("--by-cause"));
        text.lines().last().unwrap_or_default().to_owned()
    };
    let told = screen(200, "check");
    assert_eq!(told, "203 findings of 202 causes, a row for each: fieldlock check --by-cause plants/west");
    assert!(!screen(3, "check").contains("--by-cause") && !screen(200, "build").contains("--by-cause"));
}
