//! Differences by meaning: what is one, what is none, and what is said of each.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;

use fieldlock::diff::{Compared, Context, changes, compare, factory, text_view};
use fieldlock::model::facts::{Doubt, Facts, Value, fill_secrets};
use fieldlock::model::shape::{Shape, check};
use fieldlock::native::{Change, Grade, KeptLine, Reading, SecretState, Side};
use fieldlock::pipeline;
use fieldlock::report::sides;
use fieldlock::secret::{SecretRef, SecretValue, Secrets};
use fieldlock::source::FileId;
use fieldlock::syntax::parse;
use proptest::prelude::*;

use crate::common;

fn facts(body: &str) -> Facts {
    let text = format!("device \"np07\" {{ {body} }}");
    let tree = parse(FileId(0), &text).tree.unwrap();
    let checked = check(Shape::device(), FileId(0), &tree.nodes[0]);
    assert!(checked.findings.is_empty(), "{text}: {:?}", checked.findings);
    checked.facts
}

fn reading(body: &str) -> Reading {
    Reading {
        facts: facts(body),
        secrets: BTreeMap::new(),
        redacted: Vec::new(),
        numbers: BTreeMap::new(),
        kept: Vec::new(),
        whole: true,
        text: String::new().into(),
    }
}

fn plain<'a>(secrets: &'a Secrets) -> Context<'a> {
    Context { secrets, page: &|_| None, absent: &|_| None, is_held: &|_, _| None }
}

fn between(own: &str, running: &str) -> Vec<String> {
    shown(&changes(&facts(own), &reading(running), &plain(&Secrets::Absent)))
}

fn shown(changes: &[Change]) -> Vec<String> {
    let side = |side: Option<String>| side.unwrap_or_else(|| "-".to_owned());
    let one = |change: &Change| {
        let (before, after) = sides(change);
        format!("{}: {} -> {}", change.path, side(before), side(after))
    };
    changes.iter().map(one).collect()
}

#[test]
fn only_what_people_wrote_is_compared() {
    assert_eq!(between("", "services { telnet on }; login { auto-logout \"5 min\" }"), [""; 0]);
    assert_eq!(between("services { telnet off }", "services { telnet on; http on }"), ["services.telnet: on -> off"]);
    assert_eq!(
        between("login { lockout on after=3 }", "login { lockout on after=5 }"),
        ["login.lockout.after: 5 -> 3"]
    );
    assert_eq!(
        between("login { auto-logout \"5 min\" }", "login { auto-logout never }"),
        ["login.auto-logout: never -> \"5 min\""]
    );
}

#[test]
fn what_the_device_is_and_notes_are_no_settings() {
    let own = "platform \"mx-ros\" firmware=\"3.14\"; zone \"control\"; asset id=\"A\"; use \"p\"; \
               services { ssh on purpose=\"remote maintenance\" }; allowlist on { host \"10.0.0.1\" purpose=\"eng\" }";
    let running = "platform \"mx-ros\" firmware=\"3.13\"; services { ssh on }; allowlist on { host \"10.0.0.1\" }";
    assert_eq!(between(own, running), [""; 0]);
}

#[test]
fn a_written_list_is_owned_whole() {
    let own = "allowlist on { host \"10.0.0.2\"; host \"10.0.0.1\" }";
    assert_eq!(between(own, "allowlist on { host \"10.0.0.1\"; host \"10.0.0.2\" }"), [""; 0]);
    assert_eq!(
        between(own, "allowlist on { host \"10.0.0.1\"; host \"10.0.0.9\" }"),
        ["allowlist.host[10.0.0.2]: - -> host \"10.0.0.2\"", "allowlist.host[10.0.0.9]: host \"10.0.0.9\" -> -",]
    );
    assert_eq!(
        between("accounts { account none }", "accounts { account \"guest\" role=\"user\" }"),
        ["accounts.account[guest]: account \"guest\" role=\"user\" -> -"]
    );
    assert_eq!(between("log { server none }", ""), [""; 0]);
}

#[test]
fn entries_that_exist_by_hardware_are_not_taken_away() {
    let own = "serial { port 1 { mode \"udp\" } }";
    assert_eq!(between(own, "serial { port 1 { mode \"udp\" }; port 2 { mode \"none\" } }"), [""; 0]);
    assert_eq!(between(own, "serial { port 1 { mode \"none\" } }"), ["serial.port[1].mode: \"none\" -> \"udp\""]);
}

#[test]
fn a_removed_account_that_is_there_is_a_change() {
    let own = "accounts { account \"ot\" role=\"administrator\"; account \"admin\" removed }";
    let both = "accounts { account \"ot\" role=\"administrator\"; account \"admin\" role=\"administrator\" }";
    assert_eq!(between(own, both), ["accounts.account[admin]: account \"admin\" role=\"administrator\" -> -"]);
    assert_eq!(between(own, "accounts { account \"ot\" role=\"administrator\" }"), [""; 0]);
}

#[test]
fn order_counts_only_where_it_means_something() {
    let lists = |must: &str, ntp: &str| format!("password-policy {{ must-contain {must} }}; time {{ ntp {ntp} }}");
    let own = lists("\"upper\" \"digit\"", "\"10.0.0.1\" \"10.0.0.2\"");
    assert_eq!(between(&own, &lists("\"digit\" \"upper\"", "\"10.0.0.1\" \"10.0.0.2\"")), [""; 0]);
    assert_eq!(
        between(&own, &lists("\"upper\" \"digit\"", "\"10.0.0.2\" \"10.0.0.1\"")),
        ["time.ntp: \"10.0.0.2\" \"10.0.0.1\" -> \"10.0.0.1\" \"10.0.0.2\""]
    );
}

#[test]
fn a_factory_value_that_the_device_does_not_show_is_no_difference() {
    let (own, running) = (facts("services { telnet off; http off }"), reading(""));
    let settings = facts("services { telnet off; http on }");
    let with = |means: bool| {
        let absent = factory(Some(&settings), move |_| means);
        let context = Context { secrets: &Secrets::Absent, page: &|_| None, absent: &absent, is_held: &|_, _| None };
        shown(&changes(&own, &running, &context))
    };
    assert_eq!(with(true), ["services.http: on -> off"]);
    assert_eq!(with(false), ["services.http: - -> off", "services.telnet: - -> off"]);
}

const WITH_SECRET: &str = "accounts { account \"ot\" role=\"administrator\" }";

fn with_secret(change: impl FnOnce(&mut Reading), secrets: Secrets) -> Compared {
    let mut own = facts(WITH_SECRET);
    fill_secrets(&mut own, "np07");
    let mut running = reading(WITH_SECRET);
    change(&mut running);
    compare(&own, &running, &plain(&secrets))
}

fn loaded(value: &str) -> Secrets {
    let name: SecretRef = "np07/ot".parse().unwrap();
    Secrets::Loaded([(name, SecretValue::copy_of(value.as_bytes()))].into())
}

#[test]
fn secrets_are_the_same_or_others_or_can_not_be_compared() {
    const PATH: &str = "accounts.account[ot].password";
    let clear = |r: &mut Reading| drop(r.secrets.insert(PATH.to_owned(), SecretValue::copy_of(b"canary")));
    let redacted = |r: &mut Reading| r.redacted.push(PATH.to_owned());
    let state = |c: &Compared| c.changes.iter().map(|c| c.secret.unwrap()).collect::<Vec<_>>();

    let same = with_secret(clear, loaded("canary"));
    assert_eq!((same.changes.len(), same.same_secrets[0].path.as_str()), (0, PATH));
    assert_eq!(state(&with_secret(clear, loaded("other"))), [SecretState::Changed]);
    assert_eq!(state(&with_secret(clear, Secrets::Placeholder)), [SecretState::CannotCompare]);
    assert_eq!(state(&with_secret(redacted, loaded("canary"))), [SecretState::CannotCompare]);
    let unseen = with_secret(|_| {}, loaded("canary"));
    assert_eq!((state(&unseen), &unseen.changes[0].before), (vec![SecretState::CannotCompare], &Side::Nothing));
    let all = format!("{:?}", with_secret(clear, loaded("canary-2")));
    assert!(!all.contains("canary"), "no change holds a value");
}

/// SHA-crypt of `Hello world!`, from its specification; the value never shows, whatever it is.
#[test]
fn a_devices_hash_is_compared_where_its_scheme_is_known() {
    const PATH: &str = "accounts.account[ot].password";
    let hash = |text: &'static str| {
        move |r: &mut Reading| drop(r.secrets.insert(PATH.to_owned(), SecretValue::copy_of(text.as_bytes())))
    };
    let known = "$5$saltstring$5B8vYYiY.CVt1RlTTf8KbXBH3hsxY/GNooZaBBGWEc5";
    let state = |c: &Compared| c.changes.iter().map(|c| c.secret.unwrap()).collect::<Vec<_>>();
    assert_eq!(with_secret(hash(known), loaded("Hello world!")).same_secrets.len(), 1);
    assert_eq!(state(&with_secret(hash(known), loaded("canary"))), [SecretState::Changed]);
    let opaque = with_secret(hash("$y$j9T$F5Jx5fExrKuPp53xLKQ..1$X3DX6M94c7o.9agCG9G317"), loaded("canary"));
    assert_eq!(state(&opaque), [SecretState::Opaque]);
    assert!(!format!("{opaque:?}").contains("j9T"), "no change holds a hash");
    let change = fieldlock::report::ChangeRow { change: opaque.changes[0].clone(), rules: Vec::new() };
    let difference = fieldlock::report::Difference { changes: vec![change], ..Default::default() };
    assert_eq!((difference.differing(), difference.unseen()), (0, 1), "what can't be compared is no drift");
}

#[test]
fn a_new_account_is_one_change_and_one_for_its_password() {
    let mut own = facts(WITH_SECRET);
    fill_secrets(&mut own, "np07");
    let found = changes(&own, &reading("accounts { account none }"), &plain(&Secrets::Absent));
    assert_eq!(
        shown(&found),
        [
            "accounts.account[ot]: - -> account \"ot\" role=\"administrator\"",
            "accounts.account[ot].password: - -> (stored)\"np07/ot\"",
        ]
    );
    assert_eq!(found[1].secret, Some(SecretState::New));
}

#[test]
fn a_native_value_that_nobody_can_decode_is_shown_where_it_may_be() {
    let own = facts("services { telnet off }");
    let with = |raw: &str| {
        let mut running = reading("services { telnet on }");
        let shape = running.facts.shape;
        let services = shape.root().field("services").unwrap().0;
        let Some(fieldlock::model::Setting::Group(group)) = running.facts.root.get_mut(services) else { panic!() };
        let telnet = shape.group(group.shape).field("telnet").unwrap().0;
        let Some(fieldlock::model::Setting::Group(group)) = group.get_mut(telnet) else { panic!() };
        let head = shape.group(group.shape).head().unwrap().0;
        let Some(fieldlock::model::Setting::Value(fact)) = group.get_mut(head) else { panic!() };
        fact.value = Value::foreign(raw, Doubt::Undocumented);
        changes(&own, &running, &plain(&Secrets::Absent))
    };
    let found = with("0x7");
    assert_eq!(sides(&found[0]).0.as_deref(), Some("0x7: no source shows such a value here"));
    assert!(found[0].is_compared() && found[0].reverse().is_none(), "what is not believed can't be set again");
    let hidden = with("");
    assert_eq!(sides(&hidden[0]).0.as_deref(), Some("<hidden>"));
    assert!(!hidden[0].is_compared() && hidden[0].reverse().is_none());
}

#[test]
fn vendor_settings_are_looked_for_among_the_kept_lines() {
    let own = facts("vendor-settings { key \"Basic\" \"Summer\" \"0,1\"; line \"ip igmp\" }");
    let kept = |line, shown: &str| KeptLine { line, shown: shown.to_owned(), listed: false };
    let mut running = reading("");
    running.text = "[Other]\nSummer=0,1\n[Basic]\nSummer=9,9\nip igmp\n".to_owned().into();
    running.kept = vec![kept(2, "Summer=0,1"), kept(4, "Summer=9,9"), kept(5, "ip igmp")];
    let found = changes(&own, &running, &plain(&Secrets::Absent));
    assert_eq!(shown(&found), ["vendor-settings.key[Basic,Summer].value: \"9,9\" -> \"0,1\""]);
    running.kept[1].shown = "Summer=0,1".to_owned();
    assert_eq!(changes(&own, &running, &plain(&Secrets::Absent)), []);
}

/// Each change of a plant that was read: what writes it is named with its grade and source, and pages that may cut the
/// connection say so.
#[test]
fn a_change_names_the_entry_that_writes_it() {
    let ready = common::ready(&common::project("examples/01-pump-station"), None);
    let report = pipeline::compare(&ready, &Secrets::Absent, &common::selection(""));
    let differences = report.devices.iter().filter_map(|device| device.difference.as_ref());
    let all: Vec<&Change> = differences.flat_map(|d| &d.changes).map(|row| &row.change).collect();
    for change in &all {
        match &change.place {
            Some(place) => {
                assert!(change.after != Side::Nothing && place.path.starts_with(&change.path), "{change:?}");
                assert!(place.grade > Grade::Unknown && !place.source.is_empty(), "{change:?}");
            }
            None => assert_eq!(change.after, Side::Nothing, "{}", change.path),
        }
    }
    let page = |path: &str| all.iter().find(|change| change.path == path).and_then(|change| change.page.as_ref());
    let risky = |path: &str| page(path).map(|page| page.risky);
    assert_eq!((risky("services.https"), risky("login.lockout")), (Some(true), Some(false)));
}

#[test]
fn line_ends_are_no_difference_and_others_are_unified() {
    let now = std::time::Instant::now();
    assert_eq!(text_view("a\nb\n", "a\r\nb", now), "");
    let text = text_view("a\nx\nc\n", "a\nb\nc\n", now);
    assert!(text.contains("--- running\n+++ described\n") && text.contains("\n-b\n+x\n"), "{text}");
}

/// Settings that a person might write, in two values each.
const SETTINGS: [(&str, &str, &str); 12] = [
    ("services", "telnet off", "telnet on"),
    ("services", "https on { tls-min \"1.2\" }", "https on { tls-min \"1.0\" }"),
    ("services", "ssh on", "ssh off"),
    ("login", "auto-logout \"5 min\"", "auto-logout never"),
    ("login", "lockout on after=3 for=\"15 min\"", "lockout on after=5 for=\"15 min\""),
    ("login", "banner \"a\"", "banner \"b\""),
    ("allowlist", "host \"10.0.0.1\"; host \"10.0.0.2\"", "host \"10.0.0.2\""),
    ("accounts", "account \"ot\" role=\"administrator\"", "account \"ot\" role=\"user\""),
    ("password-policy", "min-length 12", "min-length 8"),
    ("password-policy", "must-contain \"upper\" \"digit\"", "must-contain \"upper\""),
    ("time", "ntp \"10.0.0.1\" \"10.0.0.2\"", "ntp \"10.0.0.2\" \"10.0.0.1\""),
    ("log", "server \"10.0.0.9\" port=6514", "server \"10.0.0.9\" port=514"),
];

fn body(chosen: &[(usize, bool)]) -> String {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (index, first) in chosen {
        let (group, a, b) = SETTINGS[*index];
        groups.entry(group).or_default().push(if *first { a } else { b });
    }
    groups.iter().map(|(g, lines)| format!("{g} {{ {} }};", lines.join("; "))).collect()
}

fn chosen() -> impl Strategy<Value = Vec<(usize, bool)>> {
    let all: Vec<usize> = (0..SETTINGS.len()).collect();
    prop::sample::subsequence(all, 0..=SETTINGS.len())
        .prop_flat_map(|some| some.into_iter().map(|i| (Just(i), any::<bool>())).collect::<Vec<_>>())
}

proptest! {
    #[test]
    fn nothing_differs_from_itself(own in chosen()) {
        prop_assert_eq!(between(&body(&own), &body(&own)), Vec::<String>::new());
    }

    #[test]
    fn what_is_added_below_is_no_difference(own in chosen(), more in chosen()) {
        // groups that people did not write at all are unmanaged
        let written: Vec<&str> = own.iter().map(|(i, _)| SETTINGS[*i].0).collect();
        let below = more.into_iter().filter(|(i, _)| !written.contains(&SETTINGS[*i].0));
        let running: Vec<_> = own.iter().copied().chain(below).collect();
        prop_assert_eq!(between(&body(&own), &body(&running)), Vec::<String>::new());
    }

    #[test]
    fn each_setting_that_differs_is_one_change(own in chosen(), at in any::<prop::sample::Index>()) {
        prop_assume!(!own.is_empty());
        let mut running = own.clone();
        let at = at.index(own.len());
        running[at].1 = !running[at].1;
        let found = between(&body(&own), &body(&running));
        prop_assert_eq!(found.len(), 1, "{:?}", found);
        // and the other way round, so that nothing hides on one side: what takes the change back
        let (own, running) = (facts(&body(&own)), facts(&body(&running)));
        let change = |own: &Facts, there: Facts| {
            changes(own, &Reading { facts: there, ..reading("") }, &plain(&Secrets::Absent)).remove(0)
        };
        let (there, back) = (change(&own, running.clone()), change(&running, own.clone()));
        prop_assert_eq!(shown(&[there.reverse().unwrap()]), shown(&[back]));
    }
}
