//! The same from what devices say: each change is made once, and the steps are those of the settings.

use crate::diff::{self, Context};
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::complete;
use crate::model::shape::{self, Shape};
use crate::native::{Change, Reading};
use crate::plan::{Check, Ends, Engineer, Input, Limits, Plan, Refusal, plan};
use crate::secret::Secrets;
use crate::source::SourceMap;

fn facts(text: &str) -> Facts {
    let text = format!("device \"d\" {{ {text} }}");
    let file = SourceMap::new().add("d.kdl", text.as_str());
    let tree = crate::syntax::parse(file, &text).tree.unwrap();
    let checked = shape::check(Shape::device(), file, &tree.nodes[0]);
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    checked.facts
}

struct Planned {
    changes: Vec<Change>,
    plan: Result<Plan, Refusal>,
}

impl Planned {
    /// The paths that each step sets.
    fn told(&self) -> Vec<String> {
        let step = |step: &crate::plan::Step| {
            let paths: Vec<&str> = step.changes.iter().map(|at| &*self.changes[*at].path).collect();
            let mark = match step.check {
                Some(Check::Before(_)) => "~",
                Some(Check::After(_)) => "?",
                Some(Check::Blind(..)) => "!",
                _ => "",
            };
            format!("{mark}{}", paths.join(" "))
        };
        self.plan.as_ref().unwrap().steps.iter().map(step).collect()
    }
}

/// What runs, and what is described.
fn planned(running: &str, described: &str, slots: Option<usize>) -> Planned {
    at_port(running, described, slots, None)
}

fn at_port(running: &str, described: &str, slots: Option<usize>, port: Option<&str>) -> Planned {
    let (before, own) = (facts(running), facts(described));
    let reading = Reading::of(before.clone());
    let context = Context { secrets: &Secrets::Absent, page: &|_| None, absent: &|_| None, is_held: &|_, _| None };
    let changes = diff::changes(&own, &reading, &context);
    let after = complete(own.shape, None, Some(&before), own);
    let plan = plan(&Input {
        platform: PlatformKind::MxRos,
        before: &before,
        after: &after,
        changes: &changes,
        engineer: Engineer {
            addresses: vec!["10.20.0.10".parse().unwrap()],
            port: port.map(str::to_owned),
            over_ssh: false,
        },
        login: None,
        length: &|end: Ends, _| (end == Ends::Goal).then_some(14),
        shipped: &|account| account == "admin",
        slots: &|list| slots.filter(|_| list == "log.server"),
        page: &|_| None,
        limits: Limits::default(),
        stations: &[("eng-02".to_owned(), "10.20.0.11".parse().unwrap())],
        foreign: false,
        consented: false,
    });
    if let Ok(plan) = &plan {
        let mut made: Vec<usize> = plan.steps.iter().flat_map(|step| step.changes.iter().copied()).collect();
        made.sort_unstable();
        assert_eq!(made, (0..changes.len()).collect::<Vec<_>>(), "each change is made once");
    }
    Planned { changes, plan }
}

const RUNS: &str = r#"
    accounts { account "admin" role="administrator" }
    services { https on; telnet on; ssh off }
    network { interface "lan" { address "10.20.0.1/16" } }
    log { server "10.20.0.9" }
    allowlist off
"#;

#[test]
fn what_a_device_says_is_ordered() {
    let planned = planned(
        RUNS,
        r#"
        accounts { account "ot" role="administrator" password=(stored)"d/ot" }
        services { https on; telnet off; ssh on }
        log { server "10.20.0.8" }
        allowlist on { host "10.20.0.10"; host "10.20.0.11" }
        "#,
        None,
    );
    assert_eq!(
        planned.told(),
        [
            "log.server[10.20.0.8]",
            "log.server[10.20.0.9]",
            "accounts.account[ot] accounts.account[ot].password",
            "services.ssh",
            "allowlist.host[10.20.0.10]",
            "allowlist.host[10.20.0.11]",
            "services.telnet",
            "allowlist",
            "~accounts.account[admin]",
        ]
    );
    let plan = planned.plan.unwrap();
    assert_eq!(plan.today.unwrap().account, "admin");
    assert_eq!(plan.then.unwrap().account, "ot");
    assert_eq!(plan.out, []);
}

#[test]
fn servers_take_turns_in_a_full_list_and_overlap_in_one_with_room() {
    let (old, new) = (
        r#"accounts { account "ot" role="administrator" }; services { ssh on }
           log { server "10.0.0.1"; server "10.0.0.2"; server "10.0.0.3" }"#,
        r#"log { server "10.0.0.4"; server "10.0.0.5"; server "10.0.0.6" }"#,
    );
    let last = |told: Vec<String>| -> String {
        told.iter().map(|path| path.trim_start_matches("log.server[10.0.0.").trim_end_matches(']')).collect()
    };
    assert_eq!(last(planned(old, new, Some(3)).told()), "142536");
    assert_eq!(last(planned(old, new, None).told()), "456123");
}

/// A device refuses a rule that names what it does not have; and what no rule matches is shut once the new ones are
/// there.
#[test]
fn rules_come_behind_what_they_name_and_before_what_shuts_the_rest() {
    let ways_in = r#"accounts { account "ot" role="administrator" }; services { ssh on }"#;
    let (old, new) = (
        format!(
            r#"{ways_in}; objects {{ address "a" "10.0.0.1"; service "s" tcp="1" }}
               firewall off {{ default "allow"; rule "old" "deny" source="a" service="s" }}"#
        ),
        r#"objects { address "b" "10.0.0.2"; service "t" tcp="2" }
           firewall on { default "deny"; rule "new" "allow" source="b" service="t" }"#,
    );
    assert_eq!(
        planned(&old, new, None).told(),
        [
            "objects.address[b]",
            "objects.service[t]",
            "firewall.rule[new]",
            "firewall",
            "firewall.default",
            "firewall.rule[old]",
            "objects.service[s]",
            "objects.address[a]",
        ]
    );
}

#[test]
fn another_station_that_is_out_between_is_told() {
    let planned = planned(
        r#"accounts { account "ot" role="administrator" }; services { ssh on }
           allowlist on { host "10.20.0.10"; host "10.20.0.11" }"#,
        r#"allowlist on { host "10.20.0.0/24"; host "10.20.0.10" }"#,
        None,
    );
    assert_eq!(planned.told(), ["allowlist.host[10.20.0.11]", "allowlist.host[10.20.0.0/24]"]);
    assert_eq!(planned.plan.unwrap().out, [("eng-02".to_owned(), vec![0])]);
}

#[test]
fn what_leaves_nobody_in_is_refused_with_what_is_missing() {
    use crate::plan::Part;
    for (described, missing) in [
        ("services { https off; telnet off; ssh off }", Part::Service),
        (r#"allowlist on { host "10.20.0.99" }"#, Part::Path),
        (r#"network { interface "lan" { address "10.99.0.1/16" } }"#, Part::Path),
        (r#"accounts { account "ot" role="user" }"#, Part::Account),
    ] {
        let refusal = planned(RUNS, described, None).plan.unwrap_err();
        assert_eq!(refusal, Refusal::NoWayAtEnd(vec![missing]), "{described}");
    }
}

#[test]
fn an_address_moves_last_and_unseen() {
    let planned = planned(
        RUNS,
        r#"network { interface "lan" { address "10.20.0.2/16" } }; services { telnet off }; login { banner "x" }"#,
        None,
    );
    assert_eq!(planned.told(), ["login.banner", "services.telnet", "!network.interface[lan].address"]);
}

#[test]
fn where_nothing_shows_a_way_in_that_is_said() {
    let planned = planned("", r#"services { telnet off }"#, None);
    let plan = planned.plan.unwrap();
    assert_eq!((plan.today, plan.then, plan.steps.len()), (None, None, 1));
    assert_eq!(plan.missing, [crate::plan::Part::Service, crate::plan::Part::Account]);
    assert_eq!(plan.steps[0].check, Some(Check::NotKnown));
}

const SWITCH: &str = r#"
    accounts { account "ot" role="administrator" }; services { ssh on }
    network { interface "vlan 1" { address "10.20.0.1/16" } }
    ethernet { port "1/1-2" enabled=on access=1; port "1/3" enabled=on trunk="1,20" native=999 }
"#;

#[test]
fn a_port_that_leaves_the_vlan_of_management_may_be_ones_own() {
    use crate::plan::Part;
    let parked = r#"ethernet { port "1/1" access=20 }"#;
    // nobody said which port the laptop is plugged into
    let refusal = planned(SWITCH, parked, None).plan.unwrap_err();
    assert_eq!(refusal, Refusal::NoWayAtEnd(vec![Part::Path]));
    assert_eq!(at_port(SWITCH, parked, None, Some("1/2")).told(), ["ethernet.port[1/1].access"]);
    let refusal = at_port(SWITCH, parked, None, Some("1/1")).plan.unwrap_err();
    assert_eq!(refusal, Refusal::NoWayAtEnd(vec![Part::Path]));
    // what it carries tagged is no way in for a laptop that is plugged in there
    let all = at_port(SWITCH, r#"ethernet { port "1/3" native=1 }"#, None, Some("1/3")).plan.unwrap();
    assert_eq!((all.today, all.then.map(|way| way.to)), (None, Some("10.20.0.1".to_owned())));
    // one that is switched off carries nothing, and what is set on one port is set at once
    let off = r#"ethernet { port "1/3" enabled=off trunk="20" }"#;
    assert!(planned(SWITCH, off, None).plan.is_err());
    let told = at_port(SWITCH, off, None, Some("1/1")).told();
    assert_eq!(told, ["ethernet.port[1/3].enabled ethernet.port[1/3].trunk"]);
}
