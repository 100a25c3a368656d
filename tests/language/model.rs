//! The device language as the design shows it, read into facts and into the typed device.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use fieldlock::model::facts::{self, Setting, Value};
use fieldlock::model::shape::{self, Shape};
use fieldlock::model::value::Time;
use fieldlock::model::{Device, Facts};
use fieldlock::source::SourceMap;
use fieldlock::syntax;

use crate::common::expected::expect;

const ROUTER: &str = r#"device "ps7-router" {
    platform "mx-ros" model="EDR-G9010" firmware="3.14"
    zone "control"
    asset id="A-1042" serial="TBZKB1090123" mac="00:90:e8:7a:12:03" owner="ot-lead" location="Cabinet 3"
    use "router-baseline"

    network { interface "lan" { address "10.20.1.1/24" } }
    accounts {
        account "ot-admin" role="administrator" owner="ot-lead" review-by="2027-06-30"   // password: stored as ps7-router/ot-admin
        account "admin" removed
    }
    password-policy { min-length 12; must-contain "upper" "lower" "digit" "special" }
    login {
        auto-logout "5 min"
        lockout on after=3 for="15 min"
        banner "Property of Example Water. Authorised use only. Unauthorised access is prohibited. Use is monitored."
    }
    services {
        https on { tls-min "1.2" }
        ssh on purpose="remote maintenance through the jump host"
        http off; telnet off; snmp off
    }
    allowlist on { host "10.20.0.10" purpose="engineering station" }
    log {
        server "10.20.0.9" port=6514 tls=on ca="certs/ot-ca.pem"
        send "login-fail" "lockout" "config-change" "firmware"
    }
    time { ntp "10.20.0.5" "10.20.0.6"; timezone "Europe/London" }
    exported-config encrypted=on password=(stored)"ps7-router/backup"
}"#;

fn read(text: &str) -> (Facts, Vec<(String, String, String)>, SourceMap) {
    let mut map = SourceMap::new();
    let file = map.add("devices/x.kdl", text);
    let parsed = syntax::parse(file, text);
    let tree = parsed.tree.unwrap();
    let checked = shape::check(Shape::device(), file, &tree.nodes[0]);
    let shown = checked.findings.iter().chain(&parsed.findings).map(|f| {
        let under = text[f.loc.span.range()].to_owned();
        (f.code.to_string(), under, f.message.clone())
    });
    let shown = shown.collect();
    checked.masks.iter().for_each(|m| map.mask(*m));
    (checked.facts, shown, map)
}

#[test]
fn the_designs_device_is_read_without_a_finding() {
    let (facts, findings, _) = read(ROUTER);
    assert_eq!(findings, []);
    assert_eq!(facts.value("login.lockout.after").unwrap().value, Value::Int(3));
    assert_eq!(facts.value("login.lockout").unwrap().value, Value::Switch(true));
    assert_eq!(facts.value("services.https.tls-min").unwrap().value.plain(), "1.2");
    assert_eq!(facts.value("login.auto-logout").unwrap().value, Value::Time(Time::seconds(300)));
    assert!(matches!(facts.at(&facts::Path::parse(facts.shape, "allowlist.host").unwrap()), Some(Setting::Items(_))));
    assert_eq!(facts.value("accounts.account[ot-admin].role").unwrap().value, Value::Word("administrator"));
    assert_eq!(facts.value("network.interface[lan].address").unwrap().value.plain(), "10.20.1.1/24");
}

/// A name that no setting has may be a part of a secret where one has its place: `password abc=def`, pasted without
/// quotes.
#[test]
fn names_that_may_be_part_of_a_secret_are_not_shown() {
    for (line, hidden) in [
        ("accounts { account \"ot\" Canary47=\"x1y2\" }", true),
        ("accounts { account \"ot\" { Canary47 } }", true),
        ("accounts { account \"ot\" { password Canary47=\"x1y2\" } }", true),
        ("passwords { Canary47 \"x1y2\" }", true),
        ("login { Canary47 }", false),
    ] {
        let text = format!("device \"d\" {{\n    platform \"mx-ros\"\n    {line}\n}}\n");
        let (_, findings, map) = read(&text);
        let [(_, _, message)] = &findings[..] else { panic!("{line}: {findings:?}") };
        let file = map.find("devices/x.kdl").unwrap();
        let shown = map.shown(fieldlock::source::Loc::new(file, fieldlock::source::Span::new(0, text.len())));
        assert_eq!(!message.contains("Canary47") && !shown.contains("Canary47"), hidden, "{message}\n{shown}");
        assert!(!shown.contains("x1y2"), "{shown}");
    }
    // one that is nearly right is told
    let (_, findings, _) =
        read("device \"d\" {\n    platform \"mx-ros\"\n    accounts { account \"ot\" rol=\"user\" }\n}\n");
    assert_eq!(findings[0].2, "`account` has no property `rol`");
}

#[test]
fn facts_become_the_typed_device() {
    let (mut facts, _, _) = read(ROUTER);
    facts::fill_secrets(&mut facts, "ps7-router");
    let device: Device = facts.decode().unwrap();
    let accounts = device.accounts.unwrap().account;
    assert_eq!(&*accounts[0].password.as_ref().unwrap().0, "ps7-router/ot-admin");
    assert!(accounts[1].removed.is_some() && accounts[1].password.is_none());
    assert_eq!(device.password_policy.unwrap().must_contain.unwrap().len(), 4);
}

#[test]
fn each_slip_is_one_finding_at_its_place() {
    let (_, findings, map) = read(
        r#"device "x" {
    platform "mx-ross"
    accounts { account "ot-admin" role="amdin" password="hunter2-canary" }
    login { auto-logout 5; auto-logout "5 min"; lokcout on; banner }
    services { telnet #true; ssh on prupose="x"; auto-logout "5 min" }
    allowlist on { host "10.20.0.10"; host "10.20.0.10" }
    serial { port 1 { mode "udp" data-port=4001 } ; port 99 }
    time { ntp "a" "a" }
}"#,
    );
    let brief: String = findings.iter().map(|(code, under, _)| format!("{code} {under}\n")).collect();
    expect("tests/expected/slips-of-a-device.txt", &brief);
    let text: String = map
        .files()
        .map(|(id, f)| map.shown(fieldlock::source::Loc::new(id, fieldlock::source::Span::new(0, f.text().len()))))
        .collect();
    assert!(!text.contains("canary"));
    assert!(findings.iter().all(|f| !f.2.contains("canary")), "no message prints a secret");
}

#[test]
fn versions_of_tls_are_a_closed_list() {
    for version in ["1.0", "1.1", "1.2", "1.3"] {
        let (_, findings, _) = read(&format!(r#"device "x" {{ services {{ https on {{ tls-min "{version}" }} }} }}"#));
        assert!(findings.is_empty(), "{version}: {findings:?}");
    }
    // SSL 3.0 is older than TLS 1.0
    for version in ["3.0", "2.0", "1.4", "12", "1.2.0", "01.2", "ssl-3.0", ""] {
        let (_, findings, _) = read(&format!(r#"device "x" {{ services {{ https on {{ tls-min "{version}" }} }} }}"#));
        assert_eq!(findings.len(), 1, "{version}: {findings:?}");
        assert_eq!((&*findings[0].0, &*findings[0].1), ("shape.bad-word", &*format!("\"{version}\"")));
    }
}

#[test]
fn a_text_of_blanks_is_no_text() {
    // blanks of other scripts, and marks that show nothing
    for blank in [" ", "   ", "\\t\\n", "\u{a0}", "\u{3000}\u{2003}", "\u{200b}\u{2060}", "\u{2800}", "\u{3164} "] {
        let text = format!(r#"device "x" {{ services {{ ssh on purpose="{blank}" }}; log {{ server "{blank}" }} }}"#);
        let (_, findings, _) = read(&text);
        let codes: Vec<&str> = findings.iter().map(|f| &*f.0).collect();
        assert_eq!(codes, ["shape.out-of-range", "shape.out-of-range"], "{blank:?}: {findings:?}");
    }
    let (_, findings, _) = read("device \"x\" { services { ssh on purpose=\"\u{a0}x\" }; login { banner \"\" } }");
    assert!(findings.is_empty(), "{findings:?}");
}

#[test]
fn a_hardware_address_has_one_spelling_however_it_is_written() {
    for text in ["00:90:e8:7a:12:0f", "00:90:E8:7A:12:0F", "00-90-e8-7a-12-0f"] {
        let (facts, findings, _) = read(&format!(r#"device "x" {{ asset mac="{text}" }}"#));
        assert!(findings.is_empty(), "{findings:?}");
        assert_eq!(facts.value("asset.mac").unwrap().value.plain(), "00:90:e8:7a:12:0f");
    }
    for text in ["00:90-e8:7a:12:0f", "0090e87a120f", "00-90-e8-7a-12", "00:90:e8:7a:12:0f:00", "+0:90:e8:7a:12:0f"] {
        let (_, findings, _) = read(&format!(r#"device "x" {{ asset mac="{text}" }}"#));
        assert_eq!(findings.len(), 1, "{text}");
    }
}

#[test]
fn layers_lie_over_one_another() {
    let (factory, _, _) =
        read(r#"device "f" { services { telnet on; http on }; accounts { account "admin" role="administrator" } }"#);
    let (profile, _, _) = read(
        r#"profile "p" { allowlist on { host "10.9.0.0/16"; host "10.20.0.10" }; login { auto-logout "5 min" } }"#,
    );
    let (device, _, _) = read(
        r#"device "d" { allowlist { (drop)host "10.9.0.0/16" }; services { telnet off }; accounts { account "ot" } }"#,
    );
    let mut own = profile.clone();
    assert!(facts::overlay(own.shape, &mut own.root, &device.root).is_empty());
    let all = facts::complete(Shape::device(), Some(&factory), None, own);
    assert_eq!(all.value("services.telnet").unwrap().value, Value::Switch(false));
    assert_eq!(all.value("services.http").unwrap().value, Value::Switch(true));
    assert!(all.group("allowlist.host[10.9.0.0/16]").is_none());
    assert!(all.group("allowlist.host[10.20.0.10]").is_some());
    assert!(all.group("accounts.account[admin]").is_none(), "a written list is owned whole");
    assert!(all.value("allowlist").is_some());
}
