//! What a router is for, by command: interfaces, objects, rules, NAT, tunnels.

use super::*;

/// What a router is for, as far as words are known.
const RULES: &str = r#"
    network { interface "lan" { address "10.20.10.1/24" }; interface "wan" { outside on }; interface "dmz" { outside off } }
    objects {
        address "hist" "10.21.0.5"; address "plant" "10.20.0.0/15"
        service "web" tcp="443"; service "high" tcp="8000-8010"; service "ping" icmp="echo-request"
    }
    firewall on {
        default "deny"
        rule "hist" "allow" from="dmz" to="lan" source="hist" service="web"
        rule "old" "deny" from="wan" source-mac="00:90:e8:00:00:01" enabled=off
        rule "rest" "deny" log=on
    }
    nat {
        rule "in" "pat" interface="wan" protocol="tcp" outside-port=8443 inside="10.21.0.5" inside-port=443
        rule "out" "n-1" interface="wan" inside="10.21.0.5-10.21.0.9"
    }
    vpn { ipsec "scada" {
        gateway "203.0.113.10"; start "wait"; local "10.20.0.0/16"; remote "10.40.0.0/16" "10.41.0.0/16"
        auth "psk"; psk (stored)"shared/scada"
        ike version=2 encryption="aes256" lifetime="12 h"; esp encryption="aes256"
    } }
    redundancy { spanning-tree on priority=4096 hello="2 s" }
    routing {
        route "10.60.0.0/16" "10.20.10.254" name="weir"
        ospf on { router-id "10.20.10.1"; interface "lan" hello="10 s" }
        vrrp on { version 3; group "lan" 1 address="10.20.10.253" priority=200 preempt=off }
    }"#;

#[test]
fn what_a_router_is_for_is_written_where_words_are_known() {
    let own = device(RULES);
    let lines = render(table("mx-ros"), &own, None, Purpose::Write);
    assert_eq!(lines.findings, []);
    let text = lines.text.redacted();
    for block in [
        "object address\n    name hist\n    ip-addr 10.21.0.5\nexit\n",
        "object service icmp\n    name ping\n    icmp-type 8\nexit\n",
        "l3l7-policy\n    name hist\n    enable\n    interface dmz lan\n    action allow\n    mode ip\n    src-ip hist\n    dst-port web\nexit\n",
        "l3l7-policy\n    name old\n    interface wan any\n    action deny\n    mode mac\n    src-mac 00:90:e8:00:00:01\nexit\n",
        "l3l7-policy\n    name rest\n    enable\n    logging\n    action deny\n    mode ip\nexit\n",
        "ip nat 1\n    desc in\n    mode pat\n    protocol tcp\n    original in-iface wan dst-port 8443\n    translated dst-ip 10.21.0.5 dst-port 443\n    enable\nexit\n",
        "ip nat 2\n    desc out\n    mode n-1\n    original src-ip 10.21.0.5-10.21.0.9\n    translated out-iface wan\n    enable\nexit\n",
        "    local-multi-network 10.20.0.0/16\n    remote-multi-network 10.40.0.0/16\n    remote-multi-network 10.41.0.0/16\n    phase1\n        auth-mode psk <secret shared/scada>\n        encryption aes256\n        life-time 43200\n    exit\n    phase2\n        encryption aes256\n    exit\nexit\n",
        "redundancy\n    spanning-tree priority 4096\n    spanning-tree hello-time 2\nexit\n",
        "ip route static weir 10.60.0.0 255.255.0.0 10.20.10.254 1\n",
        "router ospf 10.20.10.1\nexit\n",
        "interface lan\n    ip ospf hello-interval 10\nexit\n",
        "vrrp 1\n    interface lan\n    vrid 1\n    virtual-ip 10.20.10.253\n    priority 200\n    no preempt\n    vrrp\nexit\n",
    ] {
        assert!(text.contains(block), "{block}\n--- in\n{text}");
    }
    // of these no source shows the words
    for path in ["objects.address[plant]", "objects.service[high]", "vpn.ipsec[scada].ike.version"] {
        assert!(!lines.placed.contains(path), "{path}");
    }
    assert!(!text.contains("name plant") && !text.contains("name high"), "{text}");
}

#[test]
fn blocks_that_name_their_entry_are_read_back() {
    let own = device(RULES);
    let lines = render(table("mx-ros"), &own, None, Purpose::Write);
    let filled = lines.text.fill(&secrets(&own)).unwrap();
    let reading = part(&filled.text);
    assert_eq!(reading.kept, []);
    let said = settings(&own);
    let usual = |setting: &String| {
        ["enabled on", "enabled off", "log off", "loopback off", "double off", "metric 1"]
            .iter()
            .any(|end| setting.ends_with(end))
    };
    let other: Vec<String> = settings(&reading.facts).into_iter().filter(|s| !said.contains(s) && !usual(s)).collect();
    assert_eq!(other, Vec::<String>::new());
    let order: Vec<&str> = text_of_keys(&reading.facts, "firewall.rule");
    assert_eq!(order, ["hist", "old", "rest"]);
    assert!(reading.secrets.contains_key("vpn.ipsec[scada].psk"), "{:?}", reading.secrets.keys());
    // what was read renders to the same lines, and over itself to none of them
    let again = render(table("mx-ros"), &named(reading.facts.clone(), &own), None, Purpose::Write);
    assert_eq!(again.text.redacted(), lines.text.redacted());
    let over = render(table("mx-ros"), &own, Some(&reading), Purpose::Write).text.redacted();
    assert!(!over.contains("l3l7-policy\n") && !over.contains("object "), "{over}");
}

fn text_of_keys<'a>(facts: &'a Facts, list: &str) -> Vec<&'a str> {
    let items = facts.items(list).expect("a list").items.iter();
    items.filter_map(|item| item.group.key(Shape::device()).next()?.text()).collect()
}

#[test]
fn rules_grow_at_the_end_and_nowhere_else() {
    let rules =
        |rules: &str| device(&format!("network {{ interface \"lan\" {{ outside off }} }}\nfirewall on {{ {rules} }}"));
    let base = |own: &Facts| part(&render(table("mx-ros"), own, None, Purpose::Write).text.redacted());
    let (a, b, c) = ("rule \"a\" \"allow\" from=\"lan\";", "rule \"b\" \"deny\";", "rule \"c\" \"deny\" log=on;");
    let two = base(&rules(&format!("{a}{b}")));
    let written = |own: &Facts| {
        let lines = render(table("mx-ros"), own, Some(&two), Purpose::Write);
        let names =
            lines.text.redacted().lines().filter_map(|l| l.trim().strip_prefix("name ").map(str::to_owned)).collect();
        (names, lines.placed.iter().filter(|p| p.starts_with("firewall.rule[") && p.ends_with(']')).count())
    };
    for (now, names, placed) in [
        (format!("{a}{b}"), vec![], 2),
        (format!("{a}{b}{c}"), vec!["c".to_owned()], 3),
        (format!("{c}{a}{b}"), vec![], 0),
        (format!("{b}{a}"), vec![], 0),
        (a.to_owned(), vec![], 0),
        (format!("{a} rule \"b\" \"deny\" log=on;{c}"), vec![], 0),
    ] {
        assert_eq!(written(&rules(&now)), (names, placed), "{now}");
    }
}

#[test]
fn more_entries_than_a_device_takes_are_a_limit() {
    let rules = |most: usize| {
        let rules: String = (0..most).map(|n| format!("rule \"r{n}\" \"deny\"\n")).collect();
        render(table("mx-ros"), &device(&format!("firewall on {{\n{rules}}}")), None, Purpose::Judge).findings.len()
    };
    assert_eq!((rules(1024), rules(1025)), (0, 1));
}
