//! Where an answer turns: at the limit, one entry more, one rule of two.

use super::*;
use crate::model::facts::Value;
use crate::policy::pattern::{Toward, is_stricter};

#[test]
fn a_limit_is_stricter_on_its_own_side_only() {
    let (five, ten) = (Value::Int(5), Value::Int(10));
    for (toward, one, other, stricter) in [
        (Toward::Less, &five, &ten, true),
        (Toward::Less, &ten, &five, false),
        (Toward::More, &ten, &five, true),
        (Toward::More, &five, &ten, false),
        (Toward::Less, &five, &five, false),
        (Toward::More, &five, &five, false),
        (Toward::Less, &Value::Text("5".into()), &ten, false),
    ] {
        assert_eq!(is_stricter(toward, one, other), stricter, "{toward:?} {one:?} {other:?}");
    }
}

#[test]
fn a_count_is_told_as_far_as_it_is_known() {
    let rule = r#"require { accounts { count account at-least=2 at-most=3 { role "administrator" } } }"#;
    let told = |sure: usize, open: usize| {
        let all = (0..sure + open).map(|n| match n < sure {
            true => format!("account \"a{n}\" role=\"administrator\""),
            false => format!("account \"a{n}\""),
        });
        let accounts: Vec<String> = all.chain(["account \"z\" role=\"user\"".to_owned()]).collect();
        verdict(rule, &format!("device \"d\" {{ accounts {{ {} }} }}", accounts.join("; ")))
    };
    for (sure, open, expected) in [
        (1, 0, Verdict::Fail),
        (2, 0, Verdict::Pass),
        (3, 0, Verdict::Pass),
        (4, 0, Verdict::Fail),
        (0, 1, Verdict::Fail),
        (0, 2, Verdict::Unknown),
        (2, 1, Verdict::Pass),
        (2, 2, Verdict::Unknown),
        (4, 1, Verdict::Fail),
    ] {
        assert_eq!(told(sure, open), expected, "{sure} and {open} that may be");
    }
}

#[test]
fn entries_are_twins_by_a_value_that_both_have() {
    let told = |accounts: &str| {
        let own = format!("device \"d\" {{ accounts {{ {accounts} }} }}");
        let run = judge(&[r#"require { accounts { unique account by="group" } }"#], &own, None, "site \"s\"", &[]);
        let underlined = run.findings.first().map(|f| run.map.shown(f.loc).to_owned());
        (run.verdicts[0], underlined.unwrap_or_default())
    };
    assert_eq!(told("account \"a\" group=\"g\"; account \"b\" group=\"h\"").0, Verdict::Pass);
    assert_eq!(told("account \"a\"").0, Verdict::Pass, "alone");
    assert_eq!(told("account \"a\"; account \"b\"").0, Verdict::Unknown, "nothing that both have is the same");
    assert_eq!(told("account \"a\" group=\"g\"; account \"b\"").0, Verdict::Unknown);
    let (verdict, at) =
        told("account \"a\"; account \"b\" group=\"g\"; account \"c\" group=\"h\"; account \"d\" group=\"h\"");
    assert_eq!((verdict, &*at), (Verdict::Fail, "group=\"h\""));
}

/// A pattern and an analysis in one rule: the worse of both is the verdict, and its causes are told, no others.
#[test]
fn the_worse_of_a_pattern_and_an_analysis_counts() {
    let rule = r#"require { login { auto-logout at-most="10 min" } }
        analyse "administrators" at-least=1"#;
    let told = |logout: &str, accounts: &str| {
        let own = format!("device \"d\" {{ login {{ {logout} }}; accounts {{ {accounts} }} }}");
        let run = judge(&[rule], &own, None, "site \"s\"", &[]);
        let paths: Vec<String> = run.findings.iter().filter_map(|f| f.path.clone()).collect();
        (run.verdicts[0], paths.join(" "))
    };
    let (good, bad) = ("auto-logout \"5 min\"", "auto-logout \"20 min\"");
    let (one, none, open) = ("account \"a\" role=\"administrator\"", "account \"a\" role=\"user\"", "account \"a\"");
    let logout = "login.auto-logout";
    assert_eq!(told(good, one), (Verdict::Pass, String::new()));
    assert_eq!(told(bad, one), (Verdict::Fail, logout.to_owned()));
    assert_eq!(told(good, none), (Verdict::Fail, "accounts.account".to_owned()));
    assert_eq!(told(bad, none), (Verdict::Fail, format!("{logout} accounts.account")));
    assert_eq!(told(bad, open), (Verdict::Fail, logout.to_owned()), "what is not known is not told beside what fails");
    assert_eq!(told("banner \"x\"", none), (Verdict::Fail, "accounts.account".to_owned()), "nor the other way round");
    assert_eq!(told(good, open).0, Verdict::Unknown);
}

#[test]
fn numbers_of_serial_ports_at_their_edges() {
    let fails = |ports: &str| {
        let own = format!(
            "device \"d\" {{ platform \"nport-6000-g2\" model=\"NPort 6250-G2\" firmware=\"1.1\"; serial {{ {ports} }} }}"
        );
        let run = judge(&["analyse \"serial-port-numbers\""], &own, None, "site \"s\"", &[]);
        run.findings.iter().filter_map(|f| f.path.clone()).collect::<Vec<_>>()
    };
    let second = |data: u32, command: u32| {
        fails(&format!(
            "port 1 {{ mode \"real-com\" }}; port 2 {{ mode \"tcp-server\" data-port={data} command-port={command} }}"
        ))
    };
    let data = ["serial.port[2].mode.data-port"];
    // the model has two ports: Real COM takes 950, 951, 966 and 967
    for (number, told) in [(1023, true), (1024, false), (950, true), (967, true), (4001, false), (65535, false)] {
        assert_eq!(second(number, 5000), if told { &data[..] } else { &[] }, "{number}");
    }
    // numbers for commands may be below 1024, and may lie where Real COM's would: they have their own default there
    assert_eq!(second(4002, 968), [""; 0]);
    assert_eq!(second(4002, 966), ["serial.port[2].mode.command-port"], "taken by the first port");
    assert_eq!(second(4002, 443), ["serial.port[2].mode.command-port"], "the device's own");
    let without = "port 1 { mode \"none\" }; port 2 { mode \"tcp-server\" data-port=4002 command-port=966 }";
    assert_eq!(fails(without), [""; 0]);
}

/// What is said of a device by one rule, with the text that is underlined.
fn places(rule: &str, settings: &str) -> Vec<String> {
    let own = format!("device \"d\" {{ {settings} }}");
    let run = judge(&[rule], &own, None, "site \"s\"", &[]);
    run.findings.iter().map(|f| run.map.shown(f.loc).to_owned()).collect()
}

#[test]
fn where_a_groups_own_value_fails_its_block_is_not_asked() {
    let lockout = r#"require { login { lockout on { after at-most=5; for at-least="5 min" } } }"#;
    for (written, told) in [
        (r#"login { lockout off after=9 for="1 min" }"#, &["off"][..]),
        (r#"login { lockout on after=9 for="1 min" }"#, &["after=9", r#"for="1 min""#]),
        (r#"login { lockout after=3 for="1 min" }"#, &[r#"for="1 min""#]),
        (r#"login { lockout after=3 for="5 min" }"#, &[r#"lockout after=3 for="5 min""#]),
    ] {
        assert_eq!(places(lockout, written), told, "{written}");
    }
    let list = r#"require { allowlist { any-of { enabled on; enabled { absent } }; count host at-least=1 } }"#;
    assert_eq!(places(list, "allowlist off { host none }"), ["off"]);
    assert_eq!(places(list, "allowlist on { host none }"), ["host none"]);
    let ports = r#"require { ethernet { each port { enabled off; purpose { present } } } }"#;
    assert_eq!(places(ports, r#"ethernet { port "1/1" enabled=on }"#).len(), 2, "a property is no value of the group");
}

#[test]
fn a_none_points_at_its_first_condition() {
    let rule = r#"require { accounts { none account { role "administrator"; enabled on; owner { absent } } } }"#;
    for (written, told) in [
        (r#"account "a" enabled=on role="administrator""#, &[r#"role="administrator""#][..]),
        (r#"account "a" enabled=off role="administrator""#, &[]),
        (r#"account "a" role="administrator""#, &[r#"account "a" role="administrator""#]),
        (r#"account "a" enabled=on"#, &[r#"account "a" enabled=on"#]),
        (r#"account "a" enabled=on role="administrator" owner="ot-lead""#, &[]),
    ] {
        assert_eq!(places(rule, &format!("accounts {{ {written} }}")), told, "{written}");
    }
}

#[test]
fn an_any_points_at_the_entry_that_it_names() {
    let rule = r#"require { log { any local { category "security"; keep { contains-all "error" "notice" } } } }"#;
    for (written, told) in [
        (r#"local "system" { keep "error" }; local "security" { keep "error" }"#, &[r#"keep "error""#][..]),
        (r#"local "security" { keep "error" "notice" }; local "system" { keep none }"#, &[]),
        (r#"local "system" { keep "error" "notice" }; local "serial" { keep none }"#, &[r#"local "system""#]),
    ] {
        assert_eq!(places(rule, &format!("log {{ {written} }}")), told, "{written}");
    }
    let own = r#"device "d" { log { local "system" { keep "error" } } }"#;
    let run = judge(&[rule], own, None, "site \"s\"", &[]);
    assert!(run.findings[0].label.contains("an entry with `category` `\"security\"`"), "{:?}", run.told());
}

#[test]
fn what_a_device_has_no_place_for_is_not_asked_of_it_but_where_somebody_writes_it() {
    let serial = r#"require { serial { each port { mode "none" } } }"#;
    let (packs, findings, mut map) = pack(&[serial]);
    assert_eq!(findings, []);
    let site = site(&mut map, "site \"s\"", &[]);
    let told = |own: &str, map: &mut SourceMap| {
        let device = device(map, own, None);
        let complete = device.complete();
        let judged = [Judged { device: &device, complete: &complete }];
        let context = Context {
            now: "2026-03-09T12:00:00Z".parse().unwrap(),
            secrets: &Secrets::Absent,
            files: &NoFiles,
            advisories: &Advisories::shipped(),
            sources: map,
            changes: None,
            until: Moment::Build,
        };
        let outcome = evaluate(&packs, &site, &judged, &context).evaluations.remove(0).outcomes.remove(0);
        (outcome.verdict, outcome.reason)
    };
    let reason = "mx-ros has no place for `serial.port.mode`".to_owned();
    assert_eq!(told("device \"d\" { }", &mut map), (Verdict::NotApplicable, Some(reason)));
    assert_eq!(told("device \"d\" { serial { port 1 { mode \"udp\" } } }", &mut map), (Verdict::Fail, None));
    assert_eq!(told("device \"d\" { serial { port 1 { mode \"none\" } } }", &mut map), (Verdict::Pass, None));
    // one of two is enough, and what people say for people is no setting of the device
    for asked in [
        "serial { each port { mode \"none\" } }; login { auto-logout at-most=\"5 min\" }",
        "asset { owner { present } }",
    ] {
        assert_ne!(verdict(&format!("require {{ {asked} }}"), "device \"d\" { }"), Verdict::NotApplicable, "{asked}");
    }
}
