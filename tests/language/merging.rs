//! Laws of merging: whose words win, what is taken away, and what stays as it was.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;

use fieldlock::model::facts::{Facts, complete, leaves, overlay};
use fieldlock::model::shape::{Shape, check};
use fieldlock::source::FileId;
use fieldlock::syntax::parse;
use proptest::prelude::*;

fn facts(body: &str) -> Facts {
    let text = format!("device \"np07\" {{ {body} }}");
    let checked = check(Shape::device(), FileId(0), &parse(FileId(0), &text).tree.unwrap().nodes[0]);
    assert!(checked.findings.is_empty(), "{text}: {:?}", checked.findings);
    checked.facts
}

fn over(under: &Facts, over: &Facts) -> Facts {
    let mut merged = under.clone();
    assert!(overlay(merged.shape, &mut merged.root, &over.root).is_empty(), "every drop finds its entry");
    merged
}

fn values(facts: &Facts) -> BTreeMap<String, String> {
    leaves(facts).map(|l| (l.path, l.fact.value.to_kdl())).collect()
}

/// Lines by group; the number chooses the value, so that layers disagree.
const LINES: [(&str, &str); 11] = [
    ("services", "telnet off;|telnet on;|"),
    ("services", "ssh on purpose=\"a\";|ssh on;|ssh off;"),
    ("login", "auto-logout \"5 min\";|auto-logout never;|"),
    ("login", "lockout on after=3;|lockout for=\"15 min\";|lockout off;"),
    ("allowlist", "host \"10.0.0.1\";|host \"10.0.0.1\" purpose=\"x\";|"),
    ("allowlist", "host \"10.0.0.2\" purpose=\"y\";||"),
    ("accounts", "account \"ot\" role=\"administrator\";|account \"ot\" enabled=on;|"),
    ("accounts", "account \"hist\" role=\"user\";||account \"hist\" role=\"user\" enabled=off;"),
    ("password-policy", "min-length 12;|min-length 8;|must-contain \"upper\";"),
    ("time", "ntp \"10.0.0.1\";|ntp \"10.0.0.2\" \"10.0.0.3\";|"),
    ("serial", "port 1 { mode \"udp\" };|port 1 { purpose \"meter\" };|port 2 { mode \"none\" };"),
];

fn layer() -> impl Strategy<Value = Facts> {
    prop::collection::vec(0usize..4, LINES.len()).prop_map(|choices| {
        let mut groups: BTreeMap<&str, String> = BTreeMap::new();
        for ((group, lines), choice) in LINES.iter().zip(choices) {
            if let Some(line) = lines.split('|').nth(choice) {
                groups.entry(group).or_default().push_str(line);
            }
        }
        facts(&groups.iter().map(|(group, lines)| format!("{group} {{ {lines} }};")).collect::<String>())
    })
}

proptest! {
    #[test]
    fn the_upper_words_always_win(a in layer(), b in layer()) {
        let merged = values(&over(&a, &b));
        for (path, value) in values(&b) {
            prop_assert_eq!(&merged[&path], &value, "{}", path);
        }
    }

    #[test]
    fn nothing_is_lost_that_nobody_overrides(a in layer(), b in layer()) {
        let (merged, upper) = (values(&over(&a, &b)), values(&b));
        for (path, value) in values(&a) {
            prop_assert_eq!(&merged[&path], upper.get(&path).unwrap_or(&value), "{}", path);
        }
    }

    /// Without `(drop)`, `none` and a change of variant: those say something of what lies below.
    #[test]
    fn layers_may_be_joined_in_any_grouping(a in layer(), b in layer(), c in layer()) {
        prop_assert_eq!(over(&over(&a, &b), &c), over(&a, &over(&b, &c)));
    }

    #[test]
    fn a_layer_over_itself_or_over_nothing_is_itself(a in layer()) {
        prop_assert_eq!(over(&a, &a), a.clone());
        prop_assert_eq!(values(&over(&facts(""), &a)), values(&a));
        prop_assert_eq!(over(&a, &facts("")), a);
    }

    #[test]
    fn a_dropped_entry_is_gone_and_nothing_else(a in layer()) {
        let with = over(&a, &facts("allowlist { host \"10.0.0.9\" purpose=\"old\" }"));
        let without = over(&with, &facts("allowlist { (drop)host \"10.0.0.9\" }"));
        prop_assert!(without.group("allowlist.host[10.0.0.9]").is_none());
        prop_assert_eq!(values(&without), values(&a));
        let again = over(&without, &facts("allowlist { host \"10.0.0.9\" }"));
        prop_assert!(again.group("allowlist.host[10.0.0.9]").is_some());
        prop_assert!(again.value("allowlist.host[10.0.0.9].purpose").is_none(), "what it said before is gone");
    }

    #[test]
    fn own_words_win_over_base_and_factory(own in layer(), base in layer(), factory in layer()) {
        let merged = complete(Shape::device(), Some(&factory), Some(&base), own.clone());
        let all = values(&merged);
        for (path, value) in values(&own) {
            prop_assert_eq!(&all[&path], &value, "{}", path);
        }
        for (path, value) in values(&base) {
            if !path.contains('[') && !values(&own).contains_key(&path) {
                prop_assert_eq!(&all[&path], &value, "{}", path);
            }
        }
        // a written list is owned whole
        if own.group("allowlist").is_some() {
            let hosts = |f: &Facts| ["10.0.0.1", "10.0.0.2"].map(|h| f.group(&format!("allowlist.host[{h}]")).is_some());
            if hosts(&own) != [false, false] {
                prop_assert_eq!(hosts(&merged), hosts(&own));
            }
        }
    }
}

#[test]
fn drops_leave_nothing_behind_wherever_they_stand() {
    let idle = |under: &str, upper: &str| {
        let mut merged = facts(under);
        let idle = overlay(merged.shape, &mut merged.root, &facts(upper).root).len();
        (idle, merged.group("allowlist.host[10.0.0.1]").is_some())
    };
    assert_eq!(idle("", "allowlist on { (drop)host \"10.0.0.1\" }"), (1, false));
    assert_eq!(idle("allowlist on", "allowlist { (drop)host \"10.0.0.1\" }"), (1, false));
    assert_eq!(idle("allowlist { host \"10.0.0.1\" }", "allowlist { (drop)host \"10.0.0.1\" }"), (0, false));
    assert_eq!(idle("allowlist { host \"10.0.0.1\" }", "allowlist { (drop)host \"10.0.0.2\" }"), (1, true));
}

#[test]
fn none_empties_an_inherited_list() {
    let merged = over(&facts("log { server \"10.0.0.9\" }"), &facts("log { server none }"));
    assert!(merged.group("log.server[10.0.0.9]").is_none());
    let again = over(&merged, &facts("log { server \"10.0.0.8\" }"));
    assert!(again.group("log.server[10.0.0.8]").is_some());
}

#[test]
fn another_mode_takes_nothing_over_from_the_old_one() {
    let under = facts("serial { port 1 { mode \"tcp-server\" data-port=4001; purpose \"meter\" } }");
    let merged = over(&under, &facts("serial { port 1 { mode \"none\" } }"));
    assert!(merged.value("serial.port[1].mode.data-port").is_none());
    assert_eq!(merged.value("serial.port[1].purpose").unwrap().value.plain(), "meter");
}

#[test]
fn who_says_what_an_account_is_takes_it_back_from_those_that_go() {
    let gone = facts("accounts { account \"admin\" removed }");
    let kept = facts("accounts { account \"admin\" role=\"administrator\" }");
    let removed = |merged: &Facts| merged.value("accounts.account[admin].removed").is_some();
    let role = |merged: &Facts| merged.value("accounts.account[admin].role").is_some();
    let own = over(&gone, &kept);
    assert!(!removed(&own) && role(&own));
    assert!(removed(&over(&kept, &gone)));
    assert!(removed(&over(&gone, &gone)));
}

/// What is said of each port that a list names, as `port=value`.
fn of_ports(facts: &Facts, field: &str) -> String {
    let of = |(path, value): (String, String)| {
        let (port, rest) = path.strip_prefix("ethernet.port[")?.split_once("].")?;
        (rest == field).then(|| format!("{port}={value}"))
    };
    values(facts).into_iter().filter_map(of).collect::<Vec<_>>().join(" ")
}

#[test]
fn a_line_for_fewer_ports_lies_over_the_one_that_holds_them() {
    for body in [
        r#"port "1/2" enabled=on; port "1/1-4" enabled=off; port "1/2-3" purpose="pump""#,
        r#"port "1/2-3" purpose="pump"; port "1/1-4" enabled=off; port "1/2" enabled=on"#,
        r#"port "1/1-2,1/3-4" enabled=off; port "1/2" enabled=on; port "1/3,1/2" purpose="pump""#,
    ] {
        let facts = facts(&format!("ethernet {{ {body} }}"));
        assert_eq!(of_ports(&facts, "enabled"), "1/1=off 1/2=on 1/3=off 1/4=off", "{body}");
        assert_eq!(of_ports(&facts, "purpose"), r#"1/2="pump" 1/3="pump""#, "{body}");
    }
}

#[test]
fn a_class_lies_beneath_its_ports_in_whatever_layer_they_stand() {
    let below = r#"ethernet { class "edge" access=20 lldp="none"; class "link" native=999 frames="tagged" }"#;
    let mut merged = over(
        &facts(&format!(r#"{below}; switching {{ vlan 20; vlan 30 name="field"; vlan 999 }}"#)),
        &facts(
            r#"ethernet { class "edge" enabled=on
               port "1/1-3" class="edge"; port "1/2" access="field"; port "1/3" trunk="field,20" class="link"; port "1/4" enabled=off }"#,
        ),
    );
    assert!(fieldlock::model::facts::compose(&mut merged).is_empty());
    assert_eq!(of_ports(&merged, "access"), "1/1=20 1/2=30");
    assert_eq!(of_ports(&merged, "lldp"), r#"1/1="none" 1/2="none""#);
    assert_eq!(of_ports(&merged, "enabled"), "1/1=on 1/2=on 1/4=off");
    assert_eq!(of_ports(&merged, "trunk"), r#"1/3="20,30""#);
    assert_eq!(of_ports(&merged, "native"), "1/3=999");
}

#[test]
fn what_is_chosen_above_takes_the_other_choices_away() {
    let port = |words: &str| facts(&format!("ethernet {{ port \"1/1\" {words} }}"));
    let link = port(r#"trunk="20,30" native=999 frames="tagged" enabled=on"#);
    let merged = over(&link, &port("access=20"));
    assert_eq!(of_ports(&merged, "access"), "1/1=20");
    for gone in ["trunk", "native", "frames"] {
        assert_eq!(of_ports(&merged, gone), "", "{gone}");
    }
    let hybrid = over(&link, &port("hybrid=20"));
    assert_eq!((of_ports(&hybrid, "trunk"), of_ports(&hybrid, "native")), (String::new(), "1/1=999".to_owned()));
    // what was read from the device gives way too
    let whole = complete(link.shape, None, Some(&link), port("access=20"));
    assert_eq!((of_ports(&whole, "access"), of_ports(&whole, "native")), ("1/1=20".to_owned(), String::new()));
    assert_eq!(of_ports(&whole, "enabled"), "1/1=on");
}

/// The names of a firewall's rules, in order.
fn rules(facts: &Facts) -> Vec<String> {
    let rules = facts.items("firewall.rule").unwrap();
    rules.items.iter().map(|rule| fieldlock::model::facts::key_text(facts.shape, &rule.group)).collect()
}

#[test]
fn rules_before_and_behind_lie_around_those_of_the_device() {
    let lower = r#"firewall on { before { rule "telnet" "deny" }; after { rule "logs" "allow"; rule "rest" "deny" } }"#;
    let upper = r#"firewall { before { rule "http" "deny" }; after { rule "dns" "allow"; rule "logs" "deny" } }"#;
    let device = r#"firewall { rule "flow" "allow"; rule "telnet" "allow" purpose="old terminal" }"#;
    let mut merged = over(&over(&facts(lower), &facts(upper)), &facts(device));
    assert!(fieldlock::model::facts::compose(&mut merged).is_empty());
    // of the same name in its place, whoever says it
    assert_eq!(rules(&merged), ["telnet", "http", "flow", "dns", "logs", "rest"]);
    let said = values(&merged);
    assert_eq!(
        (&*said["firewall.rule[telnet].action"], &*said["firewall.rule[logs].action"]),
        ("\"allow\"", "\"deny\"")
    );
    assert!(!said.keys().any(|path| path.contains("before") || path.contains("after")), "{said:?}");
    // put together twice it is the same
    let once = merged.clone();
    fieldlock::model::facts::compose(&mut merged);
    assert_eq!(once, merged);
}
