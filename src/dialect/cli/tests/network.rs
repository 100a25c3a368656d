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
        ospf on {
            router-id "10.20.10.1"; redistribute "connected"
            interface "lan" area="0.0.0.0" hello="10 s" auth="md5" key-id=7
            interface "wan" area="1.1.1.1" auth="simple"
        }
        vrrp on {
            version 3
            group "lan" 1 address="10.20.10.253" priority=200 preempt=off delay="9 s"
            group "wan" 2 address="198.51.100.9" preempt=on delay="2 min" interval="10 s"
        }
    }
    dos { malformed on; malformed-log "flash" "trap"; log on { to "flash" } }
    dhcp on { host "panel-3" off { mac "00:90:e8:00:00:03"; address "10.20.10.60"; netmask "255.255.255.0" } }"#;

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
        "    local-multi-network 10.20.0.0/16\n    remote-multi-network 10.40.0.0/16\n    remote-multi-network 10.41.0.0/16\n    phase1\n        auth-mode psk <secret shared/scada>\n        ike-version ikev2\n        encryption aes256\n        life-time 43200\n    exit\n    phase2\n        encryption aes256\n    exit\nexit\n",
        "redundancy\n    spanning-tree priority 4096\n    spanning-tree hello-time 2\nexit\n",
        "ip route static weir 10.60.0.0 255.255.0.0 10.20.10.254 1\n",
        // an area that an interface names needs no line of its own in a description
        "router ospf 10.20.10.1\n    area 0.0.0.0\n    area 1.1.1.1\n    redistribute connected\nexit\n",
        "interface lan\n    ip ospf area 0.0.0.0\n    ip ospf hello-interval 10\n    ip ospf auth md5 7 auth-key <secret d1/ospf-lan>\nexit\n",
        "interface wan\n    ip ospf area 1.1.1.1\n    ip ospf auth simple auth-key <secret d1/ospf-wan>\nexit\n",
        // a delay would have it take back what it is to leave
        "vrrp 1\n    interface lan\n    vrid 1\n    virtual-ip 10.20.10.253\n    priority 200\n    no preempt\n    vrrp\nexit\n",
        "vrrp 2\n    interface wan\n    vrid 2\n    virtual-ip 198.51.100.9\n    preempt\n    preempt delay 120\n    adver-interval v3 10000\n    vrrp\nexit\n",
        "logging dos\nlogging dos flash\nno logging dos syslog\nno logging dos trap\nfirewall malformed\n",
        "firewall malformed logging flash\nno firewall malformed logging syslog\nfirewall malformed logging trap\n",
        "ip dhcp static pool panel-3 disable\nip dhcp static pool panel-3\n",
    ] {
        assert!(text.contains(block), "{block}\n--- in\n{text}");
    }
    // of these no source shows the words
    for path in ["objects.address[plant]", "objects.service[high]", "routing.vrrp.group[lan,1].delay"] {
        assert!(!lines.placed.contains(path), "{path}");
    }
    assert!(!text.contains("name plant") && !text.contains("name high"), "{text}");
}

#[test]
fn a_line_stands_only_where_what_it_counts_in_is_so() {
    let vrrp = |version: &str| {
        let group = "group \"lan\" 1 address=\"10.20.10.253\" interval=\"10 s\"";
        format!(
            "network {{ interface \"lan\" {{ address \"10.20.10.1/24\" }} }}\nrouting {{ vrrp on {{ {version}{group} }} }}"
        )
    };
    let line = "adver-interval v3 10000";
    let interval = "routing.vrrp.group[lan,1].interval";
    for (version, written) in [("version 3; ", true), ("version 2; ", false), ("", false)] {
        let own = device(&vrrp(version));
        let lines = render(table("mx-ros"), &own, None, Purpose::Write);
        assert_eq!(lines.text.redacted().contains(line), written, "{version}");
        assert_eq!(lines.placed.contains(interval), written, "{version}");
        assert!(lines.placed.contains("routing.vrrp.group[lan,1].address"), "{version}");
        // a device that speaks another version does not keep to it
        let shown = format!("{}\n", vrrp_of(version, line));
        let read = settings(&whole(&shown).facts).into_iter().any(|setting| setting.starts_with(interval));
        assert_eq!(read, written, "{version}");
    }
    // it is said by the device: what is described goes over that
    let base = whole("vrrp version 3\n");
    let lines = render(table("mx-ros"), &device(&vrrp("")), Some(&base), Purpose::Write);
    assert!(lines.text.redacted().contains(line), "{}", lines.text.redacted());

    // nothing that is off is made, and no line is written that the device refuses
    for (said, line) in [
        ("routing { route \"10.60.0.0/16\" \"10.20.10.254\" name=\"weir\" enabled=off }", "ip route"),
        ("time { summer-time on offset=\"1 h\" }", "offset"),
        ("network { ddns off service=\"no-ip\" }", "ddns"),
    ] {
        let lines = render(table("mx-ros"), &device(said), None, Purpose::Write);
        assert!(!lines.text.redacted().contains(line), "{}", lines.text.redacted());
    }
}

/// A running configuration with one group of VRRP.
fn vrrp_of(version: &str, line: &str) -> String {
    let version = version.strip_suffix("; ").map(|version| format!("vrrp {version}\n")).unwrap_or_default();
    format!("{version}vrrp 1\n interface lan\n vrid 1\n virtual-ip 10.20.10.253\n {line}\n vrrp\nexit")
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

/// What a rule without its name lets through is let through, and of two of one name nobody knows which one counts.
#[test]
fn an_entry_of_lines_without_its_name_or_with_one_that_is_there_is_there() {
    let rule = |name: &str| format!("l3l7-policy\n{name} enable\n action allow\n mode ip\nexit\n");
    for (text, paths) in [
        (rule(""), vec!["firewall.rule[<native <hidden>>]"]),
        ([rule(" name a\n"), rule(" name a\n")].concat(), vec!["firewall.rule[<native a>]"]),
        ([rule(" name a\n"), rule(" name b\n")].concat(), vec![]),
        ("ip nat 1\n mode 1-1\n enable\nexit\n".to_owned(), vec!["nat.rule[<native <hidden>>]"]),
    ] {
        let reading = whole(&text);
        let found = uncalled(&reading.facts);
        assert_eq!(found.iter().map(|leaf| &*leaf.path).collect::<Vec<_>>(), paths, "{text}");
    }
}

#[test]
fn a_log_server_that_is_switched_off_is_gone() {
    let on = "logging 10.20.0.9 6514 1\n";
    let off = "logging 10.20.0.9 6514 disable\n";
    for (text, there) in [(on.to_owned(), true), (off.to_owned(), false), ([on, off].concat(), false)] {
        let reading = whole(&text);
        let servers = reading.facts.items("log.server").map_or(0, |list| list.items.len());
        assert_eq!((servers, reading.kept.len()), (usize::from(there), 0), "{text}");
    }
}
