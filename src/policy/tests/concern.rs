//! Whether a rule concerns a device: what nobody says, what is guarded away, what an analysis never saw.

use super::*;

/// What comes of a rule on a router.
fn told(body: &str, own: &str) -> (Verdict, Vec<String>) {
    let run = judge(&[body], own, None, "site \"s\"", &[]);
    let shown = run.findings.iter().map(|f| format!("{} {}", f.severity.word(), f.message)).collect();
    (run.verdicts[0], shown)
}

const TUNNELS: &str = "when { vpn { ipsec { present } } }\nrequire { vpn { each ipsec { ike { version 2 } } } }";

#[test]
fn a_guard_over_what_nobody_says_is_unknown_and_never_no_concern() {
    let (verdict, shown) = told(TUNNELS, "device \"d\" { login { banner \"x\" } }");
    assert_eq!((verdict, shown), (Verdict::Unknown, vec!["medium `vpn.ipsec` is not known".to_owned()]));
    // said to be none: nothing is asked, and that is known
    assert_eq!(told(TUNNELS, "device \"d\" { vpn { ipsec none } }"), (Verdict::NotApplicable, Vec::new()));
    assert_eq!(told(TUNNELS, "device \"d\" { vpn { ipsec \"a\" { ike version=2 } } }").0, Verdict::Pass);
    assert_eq!(told(TUNNELS, "device \"d\" { vpn { ipsec \"a\" { ike version=1 } } }").0, Verdict::Fail);
    // told, and nothing that keeps a device from being sealed
    let own = "device \"d\" { login { auto-logout \"5 min\" } }";
    let run = judge(&[TUNNELS, IDLE], own, None, "site \"s\"", &[]);
    assert!(run.compliant.is_ok() && run.findings.len() == 1, "{:?}", run.told());
}

#[test]
fn what_no_table_has_a_place_for_nobody_has_to_say() {
    let serial = "when { serial { port { present } } }\nrequire { login { auto-logout at-most=\"5 min\" } }";
    assert_eq!(told(serial, "device \"d\" { login { auto-logout never } }"), (Verdict::NotApplicable, Vec::new()));
    // a person alone says what a port is for: where nobody does, it is for nothing
    let note = "when { ethernet { any port { role \"edge\" } } }\nrequire { login { auto-logout at-most=\"5 min\" } }";
    let port = "device \"d\" { login { auto-logout never }; ethernet { port \"1/1\" } }";
    assert_eq!(told(note, port).0, Verdict::NotApplicable);
}

#[test]
fn all_that_nobody_says_is_one_finding_and_joins_what_asks_for_a_part_of_it() {
    let mirrors =
        "when { mirror { session { present } } }\nrequire { mirror { each session { purpose { present } } } }";
    let run = judge(&[TUNNELS, mirrors], "device \"d\" { login { banner \"x\" } }", None, "site \"s\"", &[]);
    let message = "nobody says whether the device has these, and 2 rules wait for that: `vpn.ipsec`, `mirror.session`";
    assert_eq!(run.findings.iter().map(|f| &*f.message).collect::<Vec<_>>(), [message]);
    let names = "when { accounts { present } }\nrequire { accounts { each account { owner { present } } } }";
    let some = "require { accounts { count account at-least=1 } }";
    let run = judge(&[names, some], "device \"d\" { login { banner \"x\" } }", None, "site \"s\"", &[]);
    let rules: Vec<Vec<&str>> = run.findings.iter().map(|f| f.rules.iter().map(|r| &*r.id).collect()).collect();
    assert_eq!(rules, [["T-2", "T-1"]], "{:?}", run.told());
    assert_eq!(run.findings[0].severity, Severity::High, "as severe as what is surely asked");
}

#[test]
fn what_is_asked_of_nothing_is_no_pass() {
    let edges = "require { ethernet { each port { when { role \"edge\" }; enabled off } } }";
    let of = |ports: &str| told(edges, &format!("device \"d\" {{ ethernet {{ {ports} }} }}")).0;
    assert_eq!(of("port \"1/1\" enabled=on"), Verdict::NotApplicable);
    assert_eq!(of("port none"), Verdict::NotApplicable);
    assert_eq!(of("port \"1/1\" enabled=on; port \"1/2\" enabled=off role=\"edge\""), Verdict::Pass);
    assert_eq!(of("port \"1/1\" enabled=on; port \"1/2\" enabled=on role=\"edge\""), Verdict::Fail);
    let named = r#"require { refers "ethernet.port" by="access" among="switching.vlan" { named { role "parking" } } }"#;
    let ports = |port: &str| {
        told(
            named,
            &format!("device \"d\" {{ ethernet {{ port \"1/1\" {port} }}; switching {{ vlan 9 role=\"parking\" }} }}"),
        )
        .0
    };
    assert_eq!(ports(""), Verdict::NotApplicable, "it names none");
    assert_eq!(ports("access=9"), Verdict::Pass);
    // one part that is asked is enough
    let both = "require { login { auto-logout at-most=\"5 min\" }; ethernet { each port { when { role \"edge\" }; enabled off } } }";
    assert_eq!(
        told(both, "device \"d\" { login { auto-logout \"5 min\" }; ethernet { port \"1/1\" } }").0,
        Verdict::Pass
    );
    // nor is an analysis that saw nothing of what it looks at
    let seen = "analyse \"approved-log-server\"";
    assert_eq!(told(seen, "device \"d\" { log { server none } }").0, Verdict::Pass);
    let fits = "analyse \"addresses-fit\"";
    assert_eq!(told(fits, "device \"d\" { login { banner \"x\" } }").0, Verdict::NotApplicable);
    assert_eq!(
        told(fits, "device \"d\" { network { interface \"lan\" { address \"10.0.0.7/24\" } } }").0,
        Verdict::Pass
    );
}

#[test]
fn of_a_guard_the_first_open_part_is_told() {
    let body = "when { services { snmp on }; snmp { versions contains=\"v3\" } }\nrequire { snmp { each user { auth \"sha\" } } }";
    assert_eq!(told(body, "device \"d\" { login { banner \"x\" } }").1, ["high `services.snmp` is not known"]);
    assert_eq!(told(body, "device \"d\" { services { snmp on } }").1, ["high `snmp.versions` is not known"]);
}

#[test]
fn one_cause_is_one_finding() {
    let heads = |bodies: &[&str], own: &str| {
        let run = judge(bodies, own, None, "site \"s\"", &[]);
        run.findings
            .iter()
            .map(|f| format!("{} {} {}", f.rules.len(), f.path.as_deref().unwrap_or(""), f.message))
            .collect::<Vec<_>>()
    };
    let own = "device \"d\" { login { banner \"x\" } }";
    // whoever writes it answers both: who asks for a value, and who asks that there be one
    let (off, said) = ("require { services { telnet off } }", "require { services { telnet { declared } } }");
    assert_eq!(heads(&[off, said], own).len(), 1);
    // of one rule, at one place, in one sentence: one
    let all = "otherwise \"nobody says it\"\nrequire { services { telnet { declared }; http { declared }; ssh { declared } } }";
    assert_eq!(heads(&[all], own), ["1 services nobody says it: `services.telnet`, `services.http`, `services.ssh`"]);
    let two = "require { usb { port off; auto-load off } }";
    assert_eq!(heads(&[two], own), ["1 usb `usb.port`, `usb.auto-load` are not known"]);
    // what somebody wrote is told line by line
    let written = "device \"d\" { usb { port on; auto-load on } }";
    assert_eq!(heads(&[two], written).len(), 2);
}
