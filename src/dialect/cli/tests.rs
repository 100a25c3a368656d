use super::*;
use crate::dialect::{Table as AnyTable, of};
use crate::model::Facts;
use crate::model::facts::leaves;
use crate::model::shape::Shape;
use crate::native::{Form, Reading};
use crate::source::{FileId, SourceMap};
use crate::syntax;

fn table(name: &str) -> &'static Table {
    let dialect = of(name, Form::Cli).expect("loads");
    let AnyTable::Cli(table) = &dialect.table else { panic!("no cli") };
    table
}

fn device(text: &str) -> Facts {
    let text = format!("device \"ps7\" {{ {text} }}");
    let mut map = SourceMap::new();
    let file = map.add("devices/ps7.kdl", text.as_str());
    let parsed = syntax::parse(file, &text);
    let checked = crate::model::shape::check(Shape::device(), file, &parsed.tree.expect("well-formed").nodes[0]);
    assert_eq!(checked.findings, []);
    let mut facts = checked.facts;
    crate::model::facts::fill_secrets(&mut facts, "ps7");
    facts
}

fn text(own: &Facts, base: Option<&Reading>) -> String {
    let lines = render(table("mx-ros"), own, base);
    assert_eq!(lines.findings, []);
    lines.text.redacted()
}

fn part(text: &str) -> Reading {
    read(table("mx-ros"), FileId(0), text, Extent::Part)
}

fn whole(text: &str) -> Reading {
    read(table("mx-ros"), FileId(0), text, Extent::Whole)
}

fn settings(facts: &Facts) -> Vec<String> {
    leaves(facts).map(|l| format!("{} {}", l.path, l.fact.value.to_kdl())).collect()
}

#[test]
fn tables_load() {
    for (name, text) in crate::embedded::DIALECTS.iter().filter(|(name, _)| name.ends_with(".cli.kdl")) {
        let found = crate::dialect::load(FileId(0), text, crate::native::Grade::Confirmed);
        assert_eq!(found.err(), None, "{name}");
    }
}

const ROUTER: &str = r#"
    identity { hostname "ps7-router" }
    network { interface "lan" { address "10.20.1.1/24" }; interface "vlan 12" { address "10.20.12.1/24" } }
    accounts { account "ot-admin" role="administrator"; account "admin" removed }
    password-policy { complexity-check on; min-length 12; must-contain "upper" "lower" "digit" "special" }
    login { lockout on after=3 for="15 min"; max-sessions 2 }
    services { telnet off; lldp off; radius on }
    authentication { radius "10.20.0.7" port=1812 }
    allowlist on { host "10.20.0.10"; host "10.20.4.0/24" }
    log { server "10.20.0.9" port=6514; send "cold-start" "config-change" "login-fail" }
    time { ntp "10.20.0.5" "10.20.0.6" }
    ethernet { port "1/3" enabled=off; port "1/4" enabled=on }
    exported-config scope="all" signed=on password=(stored)"ps7/backup"
"#;

const LINES: &str = "\
hostname ps7-router
username ot-admin password <secret ps7/ot-admin> privilege 1
no username admin
password-policy minimum-length 12
password-policy complexity-check digit
password-policy complexity-check alphabet
password-policy complexity-check special-characters
password-policy complexity-check
login-lockout retry-threshold 3
login-lockout lockout-time 15
login-lockout
auth radius server 1 10.20.0.7 port 1812 key <secret ps7/radius>
auth mode radius local
no ip telnet
ip http-server max-login-users 2
logging 10.20.0.9 6514 1
warning-notification system-event cold-start active
warning-notification system-event auth-fail active
warning-notification system-event config-changed active
ntp remote-server 10.20.0.5
ntp remote-server 10.20.0.6
no lldp enable
interface ethernet 1/3
\x20   shutdown
exit
interface ethernet 1/4
\x20   no shutdown
exit
interface trusted-access 10.20.0.10 255.255.255.255 enable
interface trusted-access 10.20.4.0 255.255.255.0 enable
interface trusted-access
interface lan
\x20   ip address static 10.20.1.1 255.255.255.0
exit
interface vlan 12
\x20   ip address 10.20.12.1 255.255.255.0
exit
config-file data-encryption all
config-file digital-signature
config-file encryption-password <secret ps7/backup>
save
";

#[test]
fn a_router_is_rendered_in_table_order() {
    assert_eq!(text(&device(ROUTER), None), LINES);
}
