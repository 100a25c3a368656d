//! Rules written for tests, and what they say of devices.

mod concern;
mod edges;
mod firewall;
mod lists;
mod silence;

use std::sync::Arc;

use super::*;
use crate::dialect::Tables;
use crate::finding::{Finding, Severity, Verdict};
use crate::model::device::PlatformKind;
use crate::model::shape::{self, Shape};
use crate::site::Layer;
use crate::source::{LayerKind, SourceMap};

const PACK: &str = r#"pack "test" version="1.0.0" {
    title "For tests"
    platforms "mx-ros" "nport-6000-g2"
    adjustable "max-idle" "10 min" toward="less"
    adjustable "min-length" 12 toward="more"
    adjustable "max-accounts" 2 toward="less"
    list "default-names" "admin" "Moxa"
}"#;

const HEAD: &str =
    r#"severity="high" family="x.y" moment="describe" { title "t"; why "w"; source "s"; passes { }; fails { }"#;

/// The packs that fieldlock ships.
pub(super) fn shipped() -> Packs {
    let shipped = crate::embedded::POLICIES;
    Packs::load(&Packs::shipped_names(shipped), shipped, &[], &mut SourceMap::new()).0
}

/// A pack of rules from their bodies, `T-1`, `T-2`, ...
fn pack(bodies: &[&str]) -> (Packs, Vec<Finding>, SourceMap) {
    let mut files = vec![("packs/test/pack.kdl".to_owned(), PACK.to_owned())];
    for (i, body) in bodies.iter().enumerate() {
        files.push((format!("packs/test/T-{}.kdl", i + 1), format!("rule \"T-{}\" {HEAD}\n{body}\n}}", i + 1)));
    }
    let mut map = SourceMap::new();
    let (packs, findings) = Packs::load(&["test"], &[], &files, &mut map);
    (packs, findings, map)
}

fn facts(map: &mut SourceMap, shape: &'static Shape, text: &str, layer: u16) -> Facts {
    let file = map.add("x.kdl", text);
    let tree = crate::syntax::parse(file, text).tree.unwrap();
    let mut facts = shape::check(shape, file, &tree.nodes[0]).facts;
    crate::model::facts::stamp(&mut facts.root, layer);
    facts
}

fn device(map: &mut SourceMap, text: &str, factory: Option<&str>) -> SiteDevice {
    let mut own = facts(map, Shape::device(), text, 2);
    assert!(crate::model::facts::compose(&mut own).is_empty(), "{text}");
    let layer = |kind, name: &str| Layer { kind, name: name.into(), trail: Vec::new() };
    SiteDevice {
        loc: own.root.origin.loc(),
        platform_loc: own.root.origin.loc(),
        zone: Some("control".into()),
        factory: factory.map(|f| Arc::new(facts(map, Shape::device(), f, 0))),
        layers: vec![layer(LayerKind::Factory, "f"), layer(LayerKind::Base, "b"), layer(LayerKind::Device, "d")],
        ..SiteDevice::alone("np07", Tables::shipped(PlatformKind::MxRos), own)
    }
}

fn site(map: &mut SourceMap, text: &str, waivers: &[&str]) -> SiteFacts {
    let facts_of_site = facts(map, Shape::site(), text, 0);
    let waivers = waivers.iter().map(|w| {
        let facts = facts(map, Shape::waiver(), w, 0);
        (facts.decode().unwrap(), facts)
    });
    let waivers = waivers.collect();
    SiteFacts { waivers, ..SiteFacts::alone(facts_of_site.decode().unwrap(), facts_of_site) }
}

struct Run {
    map: SourceMap,
    verdicts: Vec<Verdict>,
    findings: Vec<Finding>,
    of_site: Vec<Finding>,
    compliant: Result<Option<jiff::Timestamp>, NotCompliant>,
}

impl Run {
    /// `severity code "underlined" message [label]` of each finding.
    fn told(&self) -> Vec<String> {
        let show = |f: &Finding| format!("{} `{}` {} [{}]", f.code, self.map.shown(f.loc), f.message, f.label);
        self.findings.iter().map(show).collect()
    }
}

fn judge(bodies: &[&str], own: &str, factory: Option<&str>, site_text: &str, waivers: &[&str]) -> Run {
    let (packs, findings, mut map) = pack(bodies);
    assert!(findings.is_empty(), "{findings:#?}");
    let site = site(&mut map, site_text, waivers);
    let device = device(&mut map, own, factory);
    let complete = device.complete();
    let context = Context {
        now: "2026-03-09T12:00:00Z".parse().unwrap(),
        secrets: &Secrets::Absent,
        files: &NoFiles,
        advisories: &Advisories::shipped(),
        sources: &map,
        changes: None,
        until: Moment::Build,
    };
    let judged = [Judged { device: &device, complete: &complete }];
    let mut judgement = evaluate(&packs, &site, &judged, &context);
    let evaluation = judgement.evaluations.remove(0);
    let compliant = evaluation.compliant(Severity::High).map(|c| c.not_after());
    Run {
        verdicts: evaluation.outcomes.iter().map(|o| o.verdict).collect(),
        findings: evaluation.findings,
        of_site: judgement.findings,
        compliant,
        map,
    }
}

fn verdict(body: &str, own: &str) -> Verdict {
    judge(&[body], own, None, "site \"s\"", &[]).verdicts[0]
}

const IDLE: &str = r#"require { login { auto-logout at-most="10 min" adjustable="max-idle" } }"#;
const LOCKOUT: &str = r#"require { login { lockout on { after at-most=5; for at-least="1 min" } } }"#;

#[test]
fn never_and_0_are_longer_than_any_limit() {
    assert_eq!(verdict(IDLE, "device \"d\" { login { auto-logout \"5 min\" } }"), Verdict::Pass);
    assert_eq!(verdict(IDLE, "device \"d\" { login { auto-logout never } }"), Verdict::Fail);
    assert_eq!(verdict(LOCKOUT, "device \"d\" { login { lockout on after=3 for=never } }"), Verdict::Pass);
    let run = judge(&[LOCKOUT], "device \"d\" { login { lockout on after=0 for=\"1 min\" } }", None, "site \"s\"", &[]);
    assert_eq!(
        run.told(),
        ["T-1 `after=0` `after` is `0` (0 means never); required: at most `5` [0 means never; required: at most `5`]"]
    );
}

#[test]
fn what_is_not_written_is_unknown_and_points_at_where_it_would_stand() {
    let run = judge(&[IDLE, LOCKOUT], "device \"d\" { login { banner \"x\" } }", None, "site \"s\"", &[]);
    assert_eq!(run.verdicts, [Verdict::Unknown, Verdict::Unknown]);
    assert_eq!(run.findings[0].loc, run.findings[1].loc);
    assert_eq!(run.map.shown(run.findings[0].loc), "login");
    assert_eq!(run.compliant, Err(NotCompliant::Broken(vec!["T-1".into(), "T-2".into()])));
    let bare = judge(&[IDLE], "device \"d\" { }", None, "site \"s\"", &[]);
    assert_eq!(bare.map.shown(bare.findings[0].loc), "device \"d\"");
}

#[test]
fn a_factory_value_decides_and_the_finding_names_it() {
    let rule = "require { services { telnet off } }";
    let run = judge(
        &[rule],
        "device \"d\" { services { http off } }",
        Some("device \"f\" { services { telnet on } }"),
        "site \"s\"",
        &[],
    );
    assert_eq!(run.verdicts, [Verdict::Fail]);
    assert_eq!(run.map.shown(run.findings[0].loc), "services");
    assert_eq!(run.map.shown(run.findings[0].related[0].loc), "on");
    assert_eq!(run.findings[0].related[0].text, "the factory setting");
    let declared = "require { services { telnet { declared } } }";
    let run =
        judge(&[declared], "device \"d\" { }", Some("device \"f\" { services { telnet on } }"), "site \"s\"", &[]);
    assert_eq!(run.verdicts, [Verdict::Fail]);
}

#[test]
fn a_bad_value_is_unknown_without_a_second_message() {
    let run = judge(&[IDLE], "device \"d\" { login { auto-logout 5 } }", None, "site \"s\"", &[]);
    assert_eq!((run.verdicts, run.findings.len()), (vec![Verdict::Unknown], 0));
    assert!(run.compliant.is_err());
}

#[test]
fn lists_are_judged_entry_by_entry() {
    let names = r#"require { accounts { each account { name { none-of list="default-names" fold=on } } } }"#;
    let own = "device \"d\" { accounts { account \"ot\"; account \"ADMIN\"; account \"moxa\" } }";
    let run = judge(&[names], own, None, "site \"s\"", &[]);
    let under: Vec<String> = run.findings.iter().map(|f| run.map.shown(f.loc)).collect();
    assert_eq!(under, ["\"ADMIN\"", "\"moxa\""]);
    assert_eq!(verdict(names, "device \"d\" { }"), Verdict::Unknown);
    assert_eq!(verdict(names, "device \"d\" { accounts { account none } }"), Verdict::NotApplicable);
    let some = "require { allowlist on { count host at-least=1 } }";
    assert_eq!(verdict(some, "device \"d\" { allowlist on { host none } }"), Verdict::Fail);
    assert_eq!(verdict(some, "device \"d\" { allowlist on { host \"10.0.0.1\" } }"), Verdict::Pass);
    let guarded = r#"require { serial { each port { when { in-use off }; mode "none" } } }"#;
    let used = "device \"d\" { serial { port 1 { in-use on; mode \"udp\" } } }";
    assert_eq!(verdict(guarded, used), Verdict::NotApplicable, "asked of none");
    assert_eq!(verdict(guarded, "device \"d\" { serial { port 1 { in-use off; mode \"udp\" } } }"), Verdict::Fail);
    let by_line = r#"require { serial { each port { when { line { interface "rs-232" } }; mode "none" } } }"#;
    assert_eq!(verdict(by_line, "device \"d\" { serial { port 1 { mode \"udp\" } } }"), Verdict::Unknown);
    assert_eq!(verdict(by_line, "device \"d\" { serial { port 1 { mode \"none\" } } }"), Verdict::Pass);
    assert_eq!(
        verdict(guarded, "device \"d\" { serial { port 1 { mode \"udp\" } } }"),
        Verdict::NotApplicable,
        "what only a person says is known to be unsaid"
    );
}

#[test]
fn a_site_moves_an_adjustable_to_the_stricter_side_only() {
    let own = "device \"d\" { login { auto-logout \"8 min\" } }";
    let tight = judge(&[IDLE], own, None, "site \"s\" { set \"test\" max-idle=\"5 min\" }", &[]);
    assert_eq!((tight.verdicts, tight.of_site.len()), (vec![Verdict::Fail], 0));
    let own = "device \"d\" { login { auto-logout \"15 min\" } }";
    let loose = judge(&[IDLE], own, None, "site \"s\" { set \"test\" max-idle=\"20 min\" }", &[]);
    assert_eq!(loose.verdicts, [Verdict::Fail]);
    assert_eq!(loose.of_site[0].code, "site.adjustable");
}

#[test]
fn a_count_is_adjusted_too_and_a_list_can_be_asked_whether_it_is_there() {
    let few = r#"when { accounts { account { present } } }
        require { accounts { count account at-most=2 adjustable="max-accounts" } }"#;
    let two = "device \"d\" { accounts { account \"a\"; account \"b\" } }";
    let verdicts = |own: &str, site: &str| judge(&[few], own, None, site, &[]).verdicts;
    assert_eq!(verdicts(two, "site \"s\" { }"), [Verdict::Pass]);
    assert_eq!(verdicts(two, "site \"s\" { set \"test\" max-accounts=\"1\" }"), [Verdict::Fail]);
    assert_eq!(
        verdicts("device \"d\" { accounts { group \"g\" } }", "site \"s\" { }"),
        [Verdict::Unknown],
        "nobody says"
    );
    assert_eq!(verdicts("device \"d\" { accounts { account none } }", "site \"s\" { }"), [Verdict::Pass]);
}

const WAIVER: &str = r#"waiver "W-1" {
    rule "T-1"
    device "np07" setting="login.auto-logout" value="15 min"
    from "2026-01-05"; until "2026-12-01"
    reason "r"; risk "r"; instead "i"; ticket "t"; owner "a"; approver "b"
}"#;
const PEOPLE: &str = "site \"s\" { person \"a\"; person \"b\" }";

#[test]
fn a_waiver_covers_its_value_until_its_day_and_hides_nothing() {
    let own = "device \"d\" { login { auto-logout \"15 min\" } }";
    let with = |own: &str, waiver: &str, site: &str| judge(&[IDLE], own, None, site, &[waiver]);
    let run = with(own, WAIVER, PEOPLE);
    assert_eq!(run.verdicts, [Verdict::Waived]);
    assert_eq!((run.findings[0].status, run.findings[0].waiver.as_deref()), (Verdict::Waived, Some("W-1")));
    assert_eq!(run.compliant, Ok(Some("2026-12-02T00:00:00Z".parse().unwrap())));
    let code = |run: &Run| (run.verdicts[0], run.of_site.iter().map(|f| f.code.to_string()).collect::<Vec<_>>());
    let other_value = "device \"d\" { login { auto-logout \"20 min\" } }";
    assert_eq!(code(&with(other_value, WAIVER, PEOPLE)), (Verdict::Fail, vec!["waiver.idle".to_owned()]));
    let mended = "device \"d\" { login { auto-logout \"5 min\" } }";
    assert_eq!(code(&with(mended, WAIVER, PEOPLE)), (Verdict::Pass, vec!["waiver.idle".to_owned()]));
    for (from, to, expected) in [
        ("until \"2026-12-01\"", "until \"2026-03-08\"", "waiver.expired"),
        ("until \"2026-12-01\"", "until \"2027-01-06\"", "waiver.too-long"),
        ("from \"2026-01-05\"", "from \"2026-03-10\"", "waiver.not-yet"),
        ("until \"2026-12-01\"", "until \"2026-01-04\"", "waiver.backwards"),
        (" value=\"15 min\"", "", "waiver.incomplete"),
        (" setting=\"login.auto-logout\" value=\"15 min\"", "", "waiver.incomplete"),
        (" setting=\"login.auto-logout\" value=\"15 min\"", " setting=\"login\"", "waiver.incomplete"),
        ("rule \"T-1\"", "rule \"T-9\"", "waiver.unmatched"),
        ("device \"np07\"", "device \"np08\"", "waiver.unmatched"),
        ("owner \"a\"", "owner \"b\"", "waiver.same-person"),
    ] {
        assert_eq!(
            code(&with(own, &WAIVER.replace(from, to), PEOPLE)),
            (Verdict::Fail, vec![expected.to_owned()]),
            "{to}"
        );
    }
    // who is unknown or missing is told where the waiver is read
    for (from, to) in [("owner \"a\"", "owner \"z\""), ("approver \"b\"", "approver \"z\""), ("approver \"b\"", "")] {
        let run = with(own, &WAIVER.replace(from, to), PEOPLE);
        assert_eq!(code(&run), (Verdict::Fail, Vec::new()), "{to}");
    }
    let today = WAIVER.replace("2026-12-01", "2026-03-09");
    assert_eq!(with(own, &today, PEOPLE).verdicts, [Verdict::Waived], "a day ends at its end");
}

#[test]
fn no_rule_at_all_is_no_proof() {
    let run = judge(&[], "device \"d\" { }", None, "site \"s\"", &[]);
    assert_eq!(run.compliant, Err(NotCompliant::NoRules));
}

#[test]
fn one_family_at_one_place_is_one_finding_with_the_strictest_fix() {
    let loose = r#"require { login { auto-logout at-most="10 min" } }; fix { login { auto-logout "10 min" } }"#;
    let tight = r#"require { login { auto-logout at-most="5 min" } }; fix { login { auto-logout "5 min" } }"#;
    let run = judge(&[loose, tight], "device \"d\" { login { auto-logout \"1 h\" } }", None, "site \"s\"", &[]);
    assert_eq!(run.findings.len(), 1);
    assert_eq!(run.findings[0].rules.iter().map(|r| &*r.id).collect::<Vec<_>>(), ["T-1", "T-2"]);
    assert_eq!(run.findings[0].fix.as_ref().unwrap().kdl, "login { auto-logout \"5 min\" }");
}

/// Conditions that reach every kind of pattern.
const CONDITIONS: [&str; 14] = [
    r#"login { auto-logout at-most="10 min" }"#,
    r#"login { lockout on { after at-least=1 at-most=5 } }"#,
    r#"accounts { each account { role "administrator" } }"#,
    r#"accounts { any account { name { one-of list="default-names" fold=on } } }"#,
    r#"accounts { none account { role "user" } }"#,
    r#"accounts { only account { name not="admin" } }"#,
    r#"accounts { count account at-least=1 at-most=2 { role "administrator" } }"#,
    r#"accounts { unique account by="group" }"#,
    r#"authentication { last radius { port 1812 } }"#,
    r#"time { each ntp { one-of "a" "b" }; any ntp length="1..1" }"#,
    r#"any-of { services { telnet off }; services { ssh { declared } } }"#,
    r#"serial { each port { when { line { interface "rs-232" } }; mode { none-of "udp" "modem" } } }"#,
    r#"password-policy { must-contain { contains-all "upper" "lower" } }"#,
    r#"allowlist { host { present }; each host { net prefix-at-least=24 { canonical } } }"#,
];

const SETTINGS: [&str; 14] = [
    "login { auto-logout \"5 min\" }",
    "login { auto-logout never; lockout on after=0 for=\"1 min\" }",
    "login { auto-logout 5; lockout off after=3 }",
    "accounts { account \"a\" role=\"administrator\" group=\"g\"; account \"b\" group=\"g\" }",
    "accounts { account \"ADMIN\" role=\"user\"; account \"c\" role=\"administrator\" group=\"h\" }",
    "accounts { account none }",
    "authentication { radius \"r1\" port=1645; radius \"r2\" port=1812 }",
    "time { ntp \"a\" \"c\" }",
    "time { ntp none }",
    "services { telnet off; ssh on }",
    "serial { port 1 { mode \"udp\"; line \"9600 8N1\" interface=\"rs-232\" }; port 2 { mode \"none\" } }",
    "password-policy { must-contain \"upper\" \"digit\" }",
    "allowlist on { host \"10.0.0.1/16\"; host \"10.1.0.0/24\" }",
    "allowlist on { host none }",
];

fn compiled(text: &str) -> pattern::Pattern {
    let mut map = SourceMap::new();
    let file = map.add("p.kdl", text);
    let tree = crate::syntax::parse(file, text).tree.unwrap();
    let lists = [("default-names".into(), vec!["admin".to_owned()])].into();
    let mut compiler = pattern::Compiler {
        shape: Shape::device(),
        file,
        adjustables: &Default::default(),
        lists: &lists,
        findings: Vec::new(),
        masks: Vec::new(),
    };
    let pattern = compiler.block(Shape::device().root, &tree.nodes);
    assert!(compiler.findings.is_empty(), "{text}: {:?}", compiler.findings);
    pattern
}

proptest::proptest! {
    /// Pushing `not` to the leaves keeps the meaning, unknown included; what does not hold has a cause.
    #[test]
    fn the_opposite_is_the_opposite(
        conditions in proptest::collection::vec(0..CONDITIONS.len(), 1..4),
        settings in proptest::collection::vec(0..SETTINGS.len(), 0..5),
        any in proptest::bool::ANY,
    ) {
        let all: Vec<&str> = conditions.iter().map(|i| CONDITIONS[*i]).collect();
        let word = if any { "any-of" } else { "all-of" };
        let body = format!("{word} {{ {} }}", all.join("; "));
        let says = compiled(&body);
        let opposite = compiled(&format!("not {{ {body} }}"));
        let mut names = std::collections::BTreeSet::new();
        let own = settings.iter().map(|i| SETTINGS[*i]).filter(|s| names.insert(s.split(' ').next()));
        let mut map = SourceMap::new();
        let device = device(&mut map, &format!("device \"d\" {{ {} }}", own.collect::<Vec<_>>().join("; ")), None);
        let root = &device.own.root;
        proptest::prop_assert_eq!(says.judge(Some(root)).negated(), opposite.judge(Some(root)));
        proptest::prop_assert_eq!(says.judge(None).negated(), opposite.judge(None));
        for p in [&says, &opposite] {
            let causes = pattern::Walk::causes(Shape::device(), p, root, analysis::header(&device));
            let holds = p.judge(Some(root)) == pattern::Truth::True;
            proptest::prop_assert_eq!(causes.is_empty(), holds, "{:?}", causes);
            proptest::prop_assert!(causes.iter().all(|c| c.origin.loc().is_some()));
        }
    }
}

/// Words of the policy language are no names of settings.
#[test]
fn no_setting_has_a_reserved_name() {
    for group in &Shape::device().groups {
        for field in &group.fields {
            assert!(!pattern::RESERVED.contains(&field.name), "`{}` is reserved", field.name);
        }
    }
}

/// What analyses say they read is there to be read.
#[test]
fn analyses_read_what_exists() {
    for analysis in analysis::all() {
        assert!(
            analysis.reads.iter().chain(analysis.looks_at).all(|p| Shape::device().fields(p).is_some()),
            "{}",
            analysis.name
        );
    }
    let names: Vec<&str> = analysis::all().map(|a| a.name).collect();
    assert!(names.is_sorted(), "{names:?}");
}

/// Findings on secrets say yes or no: no value, no length, nothing of what is in them.
#[test]
fn analyses_of_secrets_show_nothing_of_them() {
    let packs = shipped();
    let mut judged = 0;
    for pack in &packs.packs {
        for rule in
            pack.rules.iter().filter(|r| r.analyse.iter().any(|a| a.analysis.needs.contains(&analysis::Need::Secrets)))
        {
            for sample in rule.passes.iter().chain(&rule.fails) {
                let said = samples::judge(pack, rule, sample).unwrap_or_else(|e| panic!("{e:?}"));
                let shown = format!("{:?}", said.findings);
                let secrets = sample.with.iter().filter(|n| &*n.name == "secret");
                for value in secrets.filter_map(|n| n.arg(1)?.text()).filter(|v| v.len() > 6) {
                    assert!(!shown.contains(value), "{}", rule.id);
                    judged += 1;
                }
            }
        }
    }
    assert!(judged >= 8, "only {judged} secrets");
}

/// Without secrets their rules wait; what is waiting stands against sealing.
#[test]
fn without_secrets_their_rules_wait_and_nothing_is_sealed() {
    let rule = r#"analyse "secret-length" at-least=12"#;
    let own = "device \"d\" { accounts { account \"a\" password=(stored)\"np07/a\" } }";
    let run = judge(&[rule], own, None, "site \"s\"", &[]);
    assert_eq!(run.verdicts, [Verdict::Deferred]);
    assert_eq!(run.compliant, Err(NotCompliant::Open(vec!["T-1".into()])));
}
