//! Every pattern rule fires: a device that complies is spoiled by each failing sample of each rule, and that very rule
//! says so. What the rule's fix and passing samples set is taken out of the device, then the failing sample laid over
//! it.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::sync::Arc;

use fieldlock::embedded;
use fieldlock::finding::{Severity, Verdict};
use fieldlock::model::device::PlatformKind;
use fieldlock::model::facts::{self, Group, Setting};
use fieldlock::model::shape::{self, Shape};
use fieldlock::model::{Facts, site};
use fieldlock::policy::{
    Advisories, Context, Judged, Moment, NoFiles, Packs, Rule, RuleOutcome, SiteFacts, evaluate, samples,
};
use fieldlock::secret::Secrets;
use fieldlock::site::{Layer, SiteDevice};
use fieldlock::source::{FileId, LayerKind, SourceMap};
use fieldlock::syntax::{self, Node};

/// One device per platform that no rule finds fault with.
const COMPLIANT: [(PlatformKind, &str); 4] = [
    (PlatformKind::Nport6000G2, G2),
    (PlatformKind::Nport6000, NPORT),
    (PlatformKind::MxNos, SWITCH),
    (PlatformKind::MxRos, ROUTER),
];

const G2: &str = r#"device "np07" {
    platform "nport-6000-g2" model="NPort 6250-G2" firmware="1.1"
    zone "control"
    asset id="A-1" serial="1" mac="00:90:e8:00:00:01" owner="ot-lead" location="Cabinet 1"
    certificate "self-signed" sha256="3f0b3d6c9f1c4b6a8e7d5c2b1a09f8e7d6c5b4a39281706f5e4d3c2b1a0f9e8d"
    accounts {
        account "j.miller" group="Administrator" enabled=on owner="ot-lead"
        account "cabinet-7" group="Administrator" enabled=on purpose="emergency" owner="ot-lead"
        account "historian" group="Readers" enabled=on purpose="monitor" owner="ot-lead"
        group "Readers" access="read-only"
    }
    password-policy { complexity-check on; min-length 16; must-contain "upper" "lower" "digit" "special"; max-age "180 d" }
    login {
        auto-logout "5 min"; max-sessions 5
        lockout on after=3 for="15 min"
        banner "Property of Example Water. Authorised use only. Unauthorised access is prohibited."
        failure-message "The account or password is not correct."
    }
    services {
        https on { tls-min "1.3" }
        serial-console off; vendor-service off; wins off; rip off; tacacs off; dhcp-client off
        radius on purpose="central login"
        snmp on purpose="monitoring"
        sntp on purpose="times in the log"
        syslog on purpose="central log"
    }
    snmp { versions "v3"; user "monitor" access="read-only" auth="sha256" privacy="aes" }
    allowlist on { host "10.20.0.10" purpose="engineering station" }
    log {
        server "10.20.0.9" port=6514 tls=on ca="certs/ot-ca.pem"
        send "login" "login-fail" "lockout" "account-change" "config-change" "firmware"
        local "security" on { keep "notice" "warning" "error" }
        local "system" { keep "error" }
        local "network" { keep "error" }
        local "maintenance" { keep "error" }
        local "serial" { keep "error" }
    }
    mail on { server "10.20.0.25"; sender "np07@example.org"; to "ot@example.org" }
    authentication { radius "10.20.0.8" port=1812 method="chap" accounting=on timeout="5 s"; tacacs none }
    network { interface "lan" { address "10.20.7.7/16" } }
    hardware { reset-button "after-boot" }
    time { ntp "10.20.0.5"; timezone "Europe/London" }
    serial {
        port 1 {
            mode "tcp-server" data-port=4001 command-port=966 secure="encrypted-authenticated" ca="certs/ot-ca.pem"
            purpose "flow meter"
        }
        port 2 {
            in-use on; mode "rfc2217" data-port=4002 secure="encrypted-authenticated" ca="certs/ot-ca.pem"
            purpose "RTU without a driver"
        }
    }
}"#;

const NPORT: &str = r#"device "np02" {
    platform "nport-6000" model="NPort 6250" firmware="2.3"
    zone "control"
    asset id="A-2" serial="2" mac="00:90:e8:00:00:02" owner="ot-lead" location="Cabinet 1"
    accounts { group "admin" access="full"; account "j.miller" group="admin" enabled=on owner="ot-lead" }
    password-policy { complexity-check on; min-length 16; must-contain "upper" "lower" "digit" "special"; max-age "180 d" }
    login {
        auto-logout "5 min"; max-sessions 5
        lockout on after=3 for="15 min"
        banner "Property of Example Water. Authorised use only. Unauthorised access is prohibited."
        failure-message "The account or password is not correct."
    }
    services {
        https on { tls-min "1.3" }
        http off; ssh off; telnet off; wins off; rip off; radius off; tacacs off; dhcp-client off
        snmp on purpose="monitoring"
        sntp on purpose="times in the log"
        syslog on purpose="central log"
    }
    snmp { versions "v3"; user "monitor" access="read-only" auth="sha" privacy="aes" }
    allowlist on { own-services on; host "10.20.0.10" purpose="engineering station" }
    log { server "10.20.0.9" severity="notice"; send-categories "system" "network" "config" "operation-mode" }
    network { interface "lan" { address "10.20.7.2/16" } }
    hardware { reset-button "after-boot" }
    exported-config encrypted=on password=(stored)"np02/backup"
    tls { high-security on }
    time { ntp "10.20.0.5"; timezone "Europe/London" }
    serial {
        port 1 { mode "tcp-server" data-port=4001 command-port=966 secure="encrypted"; purpose "analyser" }
        port 2 { in-use on; mode "modem"; purpose "line to the dam" }
        port 3 { in-use on; mode "terminal-ssh" login="local"; purpose "console of the drives" }
    }
}"#;

const SWITCH: &str = r#"device "sw04" {
    platform "mx-nos" model="MDS-G4012" firmware="3.2"
    zone "control"
    asset id="A-3" serial="3" mac="00:90:e8:00:00:03" owner="ot-lead" location="Cabinet 1"
    accounts { account "ot-admin" role="administrator" owner="ot-lead"; account "admin" removed }
    password-policy { complexity-check on; min-length 16; must-contain "upper" "lower" "digit" "special"; max-age "180 d" }
    login {
        auto-logout "5 min"; max-sessions 5
        lockout on after=3 for="15 min"
        banner "Property of Example Water. Authorised use only. Unauthorised access is prohibited."
    }
    services {
        https on { tls-min "1.3" }; ssh on purpose="jump host"; http off; telnet off; lldp off; snmp on purpose="monitoring"
        modbus off; profinet off; ethernet-ip off; syslog on; sntp on
        serial-console off; vendor-service off; rip off; radius off; tacacs off; dhcp-client off
    }
    snmp {
        versions "v3"
        user "monitor" access="read-only" auth="sha" privacy="aes"
        trap "10.20.0.9" version="v3" kind="inform"
    }
    allowlist on { host "10.20.0.10" purpose="engineering station" }
    log { server "10.20.0.9"; server "10.20.0.19"; send "login" "login-fail" "lockout" "account-change" "config-change" "link" }
    time { ntp "10.20.0.5" "10.20.0.6"; timezone "UTC" }
    exported-config encrypted=on password=(stored)"sw04/backup"
    switching {
        vlan 20 name="field"; vlan 99 name="mgmt" role="management"; vlan 999 name="parking" role="parking"
        dhcp-snooping on; arp-inspection on
    }
    ethernet {
        port "1/1" enabled=on purpose="PLC 1" role="edge" access="field" dhcp-trusted=off {
            storm-control broadcast="500 pps" multicast="500 pps"
            security on limit=1
            dot1x on control="auto"
            spanning-tree on edge=on bpdu-guard=on
        }
        port "1/2" enabled=off in-use=off access="parking"
        port "1/3" enabled=on purpose="ps7-router" role="uplink" trunk="field,mgmt" native="parking"
        port "1/4" enabled=on purpose="sw05" role="ring" trunk="field,mgmt" native="parking" { spanning-tree off }
        port "2/1" enabled=on purpose="sensor" role="monitor"
    }
    dot1x on
    network { ipv6 off; interface "management" { vlan "mgmt"; management "https" } }
    mirror { session 1 to="2/1" receive="1/1" purpose="intrusion detection" }
    usb { port off; auto-load off; auto-save off }
}"#;

const ROUTER: &str = r#"device "ps7-router" {
    platform "mx-ros" model="EDR-G9010" firmware="3.14"
    zone "control"
    asset id="A-4" serial="4" mac="00:90:e8:00:00:04" owner="ot-lead" location="Cabinet 1"
    accounts { account "ot-admin" role="administrator" owner="ot-lead"; account "admin" removed }
    password-policy { complexity-check on; min-length 16; must-contain "upper" "lower" "digit" "special"; max-age "180 d" }
    login {
        auto-logout "5 min"; max-sessions 5
        lockout on after=3 for="15 min"
        banner "Property of Example Water. Authorised use only. Unauthorised access is prohibited."
    }
    services {
        https on { tls-min "1.3" }; ssh on purpose="jump host"; http off; telnet off; lldp off; snmp off; rip off
        serial-console off; vendor-service off; radius off; tacacs off; dhcp-client off
    }
    snmp { trap "10.20.0.9" version="v3" kind="inform" }
    allowlist on { whole-lan off; host "10.20.0.10" purpose="engineering station" }
    log { server "10.20.0.9"; server "10.20.0.19"; send "cold-start" "warm-start" "config-change" "firewall-change" "topology" "login-fail" }
    time { ntp "10.20.0.5" "10.20.0.6"; timezone "UTC" }
    exported-config encrypted=on password=(stored)"ps7-router/backup"
    switching { vlan 20 name="field"; vlan 99 name="mgmt" role="management"; vlan 999 name="parking" role="parking" }
    ethernet {
        port "1/1" enabled=on purpose="sw04" role="uplink" trunk="field,mgmt" native="parking"
        port "1/2" enabled=off in-use=off access="parking"
    }
    network {
        ipv6 off; ping-response off
        interface "lan" { vlan "mgmt"; management "https"; proxy-arp off }
        interface "wan" { address "198.51.100.2/29"; outside on; management none; proxy-arp off }
    }
    mirror { session none }
    objects { address "hist" "10.21.0.5"; service "opc-ua" tcp="4840" }
    firewall on {
        default "deny"; log on
        rule "hist" "allow" from="wan" to="lan" source="hist" service="opc-ua" log=on enabled=on purpose="flow"
        rule "rest" "deny" log=on purpose="all else"
    }
    vpn { l2tp { user "j.miller" }; ipsec "scada" { ike version=2 encryption="aes256" hash="sha256" dh=14; esp encryption="aes256" hash="sha256" pfs=14 } }
    routing { ospf on { interface "lan" auth="md5" key-id=1 } }
    usb { port off; auto-load off; auto-save off }
}"#;

#[test]
fn every_pattern_rule_fires_on_a_spoiled_device() {
    let (packs, mut map) = packs();
    let mut fired = BTreeSet::new();
    let mut silent = Vec::new();
    for (platform, text) in COMPLIANT {
        let file = map.add("devices/x.kdl", text);
        let good = facts(file, &node(file, text));
        for rule in patterns(&packs).filter(|r| r.platforms.contains(&platform)) {
            for sample in &rule.fails {
                let mut spoiled = good.clone();
                for said in mending(rule) {
                    take_out(&mut spoiled.root, &facts(file, &as_device(&said)).root);
                }
                let over = facts(file, &as_device(&sample.settings));
                facts::overlay(Shape::device(), &mut spoiled.root, &over.root);
                let outcome = outcomes(&packs, platform, spoiled).into_iter().find(|o| o.rule == rule.id).unwrap();
                match outcome.verdict {
                    Verdict::Fail => drop(fired.insert(rule.id.to_string())),
                    Verdict::Unknown => {}
                    // what no page of it has is not asked of it
                    Verdict::NotApplicable if outcome.reason.is_some_and(|why| why.contains("has no place for")) => {}
                    other => silent.push((rule.id.to_string(), platform, sample.name.clone(), other)),
                }
            }
        }
    }
    assert!(silent.is_empty(), "{silent:#?}");
    let all: BTreeSet<String> = patterns(&packs).map(|r| r.id.to_string()).collect();
    assert_eq!(fired, all);
}

#[test]
fn no_pattern_rule_fires_on_a_device_that_complies() {
    let (packs, mut map) = packs();
    let mut passed = BTreeSet::new();
    for (platform, text) in COMPLIANT {
        let file = map.add("devices/x.kdl", text);
        for outcome in outcomes(&packs, platform, facts(file, &node(file, text))) {
            let Some(rule) = patterns(&packs).find(|r| r.id == outcome.rule) else { continue };
            match outcome.verdict {
                Verdict::Pass => passed.insert(rule.id.to_string()),
                Verdict::NotApplicable => false,
                _ if outcome.moment > Moment::Build => false,
                other => panic!("{} says {other:?} on {platform:?}: {:?}", rule.id, outcome.reason),
            };
        }
    }
    let all: BTreeSet<String> = patterns(&packs).map(|r| r.id.to_string()).collect();
    assert_eq!(passed, all, "each rule applies to one of the devices");
}

#[test]
fn telnet_http_and_old_tls_are_refused_on_every_platform_that_has_them() {
    let (packs, mut map) = packs();
    let insecure = [
        ("svc.telnet", "services { telnet on }"),
        ("svc.telnet", "services { telnet on purpose=\"old terminal\" }"),
        ("svc.http", "services { http on }"),
        ("tls.min", "services { https on { tls-min \"1.1\" } }"),
        ("tls.min", "services { https on { tls-min \"1.0\" } }"),
    ];
    for (platform, text) in COMPLIANT {
        for (family, over) in insecure {
            // the consoles in clear of NPort 6000-G2: there is none over Telnet, the one over HTTP is its web console's
            let family = match (platform, family) {
                (PlatformKind::Nport6000G2, "svc.telnet") => continue,
                (PlatformKind::Nport6000G2, "svc.http") => "svc.https",
                (_, family) => family,
            };
            let file = map.add("devices/x.kdl", text);
            let mut spoiled = facts(file, &node(file, text));
            let over_facts = facts(file, &node(file, &format!("device \"np07\" {{ {over} }}")));
            facts::overlay(Shape::device(), &mut spoiled.root, &over_facts.root);
            let outcomes = outcomes(&packs, platform, spoiled);
            let told = |o: &&RuleOutcome| o.family.starts_with(family) && o.verdict == Verdict::Fail;
            let severity = outcomes.iter().filter(told).map(|o| o.severity).max();
            assert!(severity >= Some(Severity::High), "{platform:?} with `{over}`: {severity:?}");
        }
    }
}

/// Switches that may stand either way, and why.
const EITHER_WAY: [(&str, &str); 5] = [
    ("services.ssh.enabled", "one of HTTPS and SSH is enough"),
    ("services.https.enabled", "off by decision"),
    ("services.snmp.enabled", "version 3 is as good as none"),
    ("ethernet.port.enabled", "a port that is in use may be off"),
    ("in-use", "a note"),
];

/// A value is worth as much as the switch above it: each switch of a device that complies, turned over, is told.
#[test]
fn every_switch_is_asked_for() {
    let (packs, mut map) = packs();
    let mut silent = Vec::new();
    let mut turned = 0;
    for (platform, text) in COMPLIANT {
        let file = map.add("devices/x.kdl", text);
        let good = facts(file, &node(file, text));
        for (at, from, to) in switches(text) {
            let over = format!("{}{to}{}", &text[..at], &text[at + from.len()..]);
            let spoiled = facts(file, &node(file, &over));
            let differs = |l: &facts::Leaf<'_>| spoiled.value(&l.path).map(|f| &f.value) != Some(&l.fact.value);
            let path = facts::leaves(&good).find(differs).unwrap().path;
            turned += 1;
            let told = outcomes(&packs, platform, spoiled);
            let bare = facts::without_keys(&path);
            let either = EITHER_WAY.iter().any(|(p, _)| bare == *p || bare.ends_with(&format!(".{p}")));
            if !either && !told.iter().any(|o| matches!(o.verdict, Verdict::Fail | Verdict::Unknown)) {
                silent.push(format!("{platform:?}: {path} {from} -> {to}"));
            }
        }
    }
    assert!(turned > 60, "{turned}");
    assert!(silent.is_empty(), "no rule minds:\n{}", silent.join("\n"));
}

/// The places of `on` and `off` outside quotes, with the opposite.
fn switches(text: &str) -> Vec<(usize, &'static str, &'static str)> {
    let edge = |c: Option<char>| c.is_none_or(|c| !c.is_alphanumeric() && c != '-' && c != '"');
    let mut found = Vec::new();
    for (from, to) in [("on", "off"), ("off", "on")] {
        for (at, _) in text.match_indices(from) {
            let (before, after) = (&text[..at], &text[at + from.len()..]);
            let quoted = before.matches('"').count() % 2 == 1;
            if !quoted && edge(before.chars().next_back()) && edge(after.chars().next()) {
                found.push((at, from, to));
            }
        }
    }
    found
}

#[test]
fn a_failing_sample_fails_for_one_reason() {
    let (packs, _) = packs();
    for pack in &packs.packs {
        for (rule, sample) in pack.rules.iter().flat_map(|r| r.fails.iter().map(move |s| (r, s))) {
            let said = samples::judge(pack, rule, sample).unwrap_or_else(|e| panic!("{}: {e:?}", rule.id));
            let told: Vec<&str> = said.findings.iter().map(|f| &*f.message).collect();
            assert_eq!(told.len(), 1, "{} `{:?}`: {told:#?}", rule.id, sample.name);
        }
    }
}

fn packs() -> (Packs, SourceMap) {
    let mut map = SourceMap::new();
    let names = Packs::shipped_names(embedded::POLICIES);
    let (packs, findings) = Packs::load(&names, embedded::POLICIES, &[], &mut map);
    assert!(findings.is_empty(), "{findings:#?}");
    (packs, map)
}

/// Rules that are patterns alone.
fn patterns(packs: &Packs) -> impl Iterator<Item = &Arc<Rule>> {
    packs.rules().filter(|r| r.require.is_some() && r.analyse.is_empty())
}

/// What a rule's fix and passing samples set.
fn mending(rule: &Rule) -> Vec<Vec<Node>> {
    let fixes = rule.fixes.iter().map(|(_, fix)| syntax::parse(FileId(0), &fix.kdl).tree.unwrap().nodes);
    rule.passes.iter().map(|sample| sample.settings.clone()).chain(fixes).collect()
}

/// Takes out of a group what another one sets: values and lists whole.
fn take_out(group: &mut Group, said: &Group) {
    for (ix, setting) in said.iter() {
        match (group.get_mut(ix), setting) {
            (Some(Setting::Group(inner)), Setting::Group(said)) => take_out(inner, said),
            _ => {
                group.remove(ix);
            }
        }
    }
}

fn outcomes(packs: &Packs, platform: PlatformKind, mut own: Facts) -> Vec<RuleOutcome> {
    facts::compose(&mut own);
    facts::stamp(&mut own.root, 2);
    let layers = [LayerKind::Factory, LayerKind::Base, LayerKind::Device].map(|kind| Layer {
        kind,
        name: "".into(),
        trail: Vec::new(),
    });
    let tables = fieldlock::dialect::Tables::shipped(platform);
    let device = SiteDevice { layers: layers.into(), ..SiteDevice::alone("np07", tables, own.clone()) };
    let text = r#"site "x" { station "eng-01" address="10.20.0.10"; log-server "10.20.0.9" }"#;
    let checked = shape::check(Shape::site(), FileId(0), &node(FileId(0), text));
    let site: site::Site = checked.facts.decode().unwrap();
    let site = SiteFacts::alone(site, checked.facts);
    let context = Context {
        now: "2026-03-09T12:00:00Z".parse().unwrap(),
        secrets: &Secrets::Absent,
        files: &NoFiles,
        advisories: &Advisories::shipped(),
        sources: &SourceMap::new(),
        changes: None,
        until: Moment::Describe,
    };
    let judged = [Judged { device: &device, complete: &own }];
    let judgement = evaluate(packs, &site, &judged, &context);
    judgement.evaluations.into_iter().flat_map(|e| e.outcomes).collect()
}

fn facts(file: FileId, node: &Node) -> Facts {
    let checked = shape::check(Shape::device(), file, node);
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    checked.facts
}

fn node(file: FileId, text: &str) -> Node {
    syntax::parse(file, text).tree.unwrap().nodes.remove(0)
}

/// A sample's settings as a device.
fn as_device(settings: &[Node]) -> Node {
    let mut device = node(FileId(0), "device \"np07\" { }");
    device.children = Some(settings.to_vec());
    device
}
