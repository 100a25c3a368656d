//! Where sources contradicted the tables, line by line: what each said, and where the table stands now.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use fieldlock::model::device::PlatformKind;
use fieldlock::native::Form;
use fieldlock::platform;
use fieldlock::source::FileId;

use crate::common::project;

/// What a source says, the table, and what stands in it, or with `!` does not.
const SETTLED: &[(&str, &str, &[&str])] = &[
    (
        "routers have words for HTTP, HTTPS and SSH, and their ports",
        "mx-ros.cli",
        &[
            r#"switch "ip http-server" off="no ip http-server" at="services.http""#,
            r#"switch "ip http-server secure" off="no ip http-server secure" at="services.https""#,
            r#"switch "ip ssh" off="no ip ssh" at="services.ssh""#,
            r#"line "ip http-server port {port}""#,
            r#"line "ip http-server secure port {port}""#,
            r#"line "ip ssh port {port}""#,
        ],
    ),
    ("and for how long a password lives", "mx-ros.cli", &[r#"line "password-policy password max-life-time {n}""#]),
    (
        "places and contacts by command say less than a description: a text without blanks",
        "mx-ros.cli",
        &[r#"hide "snmp-server contact""#, r#"hide "snmp-server location""#],
    ),
    (
        "zones of time are whole hours from GMT, and summer time has two moments and an offset",
        "mx-ros.cli",
        &[
            r#"line "clock timezone gmt {hours}" at="time.timezone" as="enum""#,
            r#"word "UTC-12:00" "-12""#,
            r#"word "UTC+12:00" "12""#,
            "!UTC+05:30",
            r#"line "clock summer-time start-date {month} {week} {day} {hour} {minute}""#,
            r#"line "clock summer-time offset {hours}""#,
        ],
    ),
    (
        "more heads of lines are known: spanning tree, VRRP, OSPF, RIP, IGMP, DHCP, L2TP, tunnels, rules, objects",
        "mx-ros.cli",
        &[
            r#"group "redundancy""#,
            r#"block "vrrp {number}""#,
            r#"group "router ospf {id}""#,
            r#"group "router rip""#,
            r#"line "ip igmp-snooping querier vlan {vlan}""#,
            r#"block "ip dhcp pool {number}""#,
            r#"line "l2tp interface WAN local-ip {local} offer-ip {from} {to}""#,
            r#"block "ipsec {name}""#,
            r#"block "l3l7-policy""#,
            r#"block "ip nat {number}""#,
            r#"block "object address""#,
            r#"block "session-control""#,
            r#"block "l2-filter {number}""#,
            r#"line "ip route static {name} {destination} {via} {metric}""#,
        ],
    ),
    ("a configuration holds passwords as reversible text or a hash", "mx-ros.cli", &[r#"!secrets="as-set""#]),
    (
        "the least length of a password is 4 to 16",
        "mx-ros.cli",
        &[r#"at="password-policy.min-length" as="int" range="4..16""#],
    ),
    (
        "the least length of a password is 4 to 16",
        "mx-ros.sheet",
        &[r#"at="password-policy.min-length" as="int" range="4..16""#],
    ),
    (
        "a name of a device or account has 30 characters at most",
        "mx-ros.cli",
        &[r#"at="identity.hostname" as="text" length="1..30""#, r#"slot "name" at="name" as="text" length="1..30""#],
    ),
    (
        "`no ip telnet` is seen",
        "mx-ros.cli",
        &[r#"switch "ip telnet" off="no ip telnet" at="services.telnet" absent="factory" grade="confirmed""#],
    ),
    (
        "a user of SNMPv3 proves itself by the account's password: no place has one of its own",
        "mx-ros.cli",
        &["!auth-password"],
    ),
    (
        "words that carry secrets are hidden",
        "mx-ros.cli",
        &[
            r#"hide "ipsec""#,
            r#"secret "auth-mode psk {secret}""#,
            r#"secret "l2tp user {user} password {secret}""#,
            r#"secret "ip pptp {server} {user} {secret}""#,
            r#"secret "ip ddns password {secret}""#,
            r#"secret "openvpn""#,
            r#"secret "auth tacacs+""#,
        ],
    ),
    (
        "a router has three choices of SNMP versions",
        "mx-ros.sheet",
        &[r#"at="snmp.versions" as="sets""#, r#"set "V3 only" "v3""#],
    ),
    (
        "and so has a switch",
        "mx-nos.sheet",
        &[
            r#"at="snmp.versions" as="sets""#,
            r#"set "V1, V2c, V3" "v1" "v2c" "v3""#,
            r#"set "V1, V2c" "v1" "v2c""#,
            r#"set "V3 only" "v3""#,
        ],
    ),
    ("a role changes without the password", "mx-ros.cli", &[r#"reads "username {name} privilege {role}""#]),
    (
        "switches have words of their own",
        "mx-nos.cli",
        &[
            r#"line "ip management address {address}""#,
            "!ip address static",
            r#"secret "snmp community"#,
            r#"switch "rstp enable""#,
            "!at=\"time.timezone\"",
        ],
    ),
    (
        "and four switches for classes of characters, none above them",
        "mx-nos.sheet",
        &["!password-policy.complexity-check"],
    ),
    (
        "two numbers of sessions for two consoles each",
        "mx-nos.sheet",
        &[
            r#"at="login.max-sessions" as="int" range="1..10""#,
            r#"at="services.ssh.max-users" as="int" range="1..5""#,
            "!services.https.max-users",
            "!services.telnet.max-users",
        ],
    ),
    ("no choice of TLS, no serial console among the services", "mx-nos.sheet", &["!tls-min", "!serial-console"]),
    (
        "one switch of LLDP, at Diagnostics > Diagnosis",
        "mx-nos.sheet",
        &[
            "!\"LLDP\" at=\"services.lldp\" as=\"bool\" on=\"Enable\" off=\"Disable\"\n    }\n    page \"System > Management Interface > SNMP\"",
            "    page \"Diagnostics > Diagnosis\" source=\"menu of the MIB package, devices-2.md 2.3; fields of the standard LLDP MIB\" {\n        field \"LLDP\" at=\"services.lldp\"",
        ],
    ),
    (
        "the agent answers, does not, or lets people look alone, which no setting means",
        "mx-nos.sheet",
        &[
            r#"at="services.snmp" as="bool" on="Enable" off="Disable" source="vendor's MIB (mxUiServiceMgmt), devices-2.md 2.1; Read-only is a third choice"#,
        ],
    ),
    ("SNMPv3 by MD5 and SHA, no SHA-256", "mx-nos.sheet", &["!sha256"]),
    (
        "the clock's source is one of four, the address's one of three",
        "mx-nos.sheet",
        &[
            r#"at="services.sntp" as="bool" on="NTP" off="Local""#,
            r#"at="services.dhcp-client" as="bool" on="DHCP" off="Manual""#,
        ],
    ),
    (
        "the zone is one of 39 offsets",
        "mx-nos.sheet",
        &[
            r#"at="time.timezone" as="enum""#,
            r#"word "UTC-12:00" "UTC-12:00""#,
            r#"word "UTC+14:00" "UTC+14:00""#,
            r#"word "UTC+05:45""#,
        ],
    ),
    ("no RIP", "mx-nos.sheet", &["!services.rip"]),
    (
        "no events for firmware, firewall and address",
        "mx-nos.sheet",
        &["!word \"firmware\"", "!word \"firewall-change\"", "!word \"address-change\""],
    ),
    ("a server of the log has a UDP port alone", "mx-nos.sheet", &["!at=\"ca\"", "!{}: TLS"]),
];

#[test]
fn where_a_source_contradicted_a_table_the_table_follows_it() {
    let mut wrong = Vec::new();
    for (says, table, lines) in SETTLED {
        let text = std::fs::read_to_string(project(&format!("schema/dialects/{table}.kdl"))).unwrap();
        for line in *lines {
            let (wanted, line) = line.strip_prefix('!').map_or((true, *line), |line| (false, line));
            if text.contains(line) != wanted {
                wrong.push(format!("{table}: {says}: {line}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What a session shows: the path, and the value as a person writes it.
fn read(kind: PlatformKind, text: &str, path: &str) -> Option<String> {
    let reading = platform::of(kind).read(Form::Cli, FileId(0), text)?;
    reading.facts.value(path).map(|fact| fact.value.plain())
}

/// The prompt of a router from the factory has three words and a slash.
#[test]
fn a_prompt_of_several_words_is_one() {
    let prompt = "Firewall/VPN Router 00000#";
    for session in [
        format!("{prompt} show running-config\nhostname r7\npassword-policy minimum-length 9\n{prompt} exit\n"),
        format!(
            "{prompt} configure\nFirewall/VPN Router 00000(config)# hostname r7\nFirewall/VPN Router 00000(config)# password-policy minimum-length 9\n"
        ),
    ] {
        for (path, value) in [("identity.hostname", "r7"), ("password-policy.min-length", "9")] {
            assert_eq!(read(PlatformKind::MxRos, &session, path).as_deref(), Some(value), "{path}\n{session}");
        }
    }
    let said = "Firewall/VPN Router 00000# show running-config\nhostname r7\nip telnet\nFirewall/VPN Router 00000#\n";
    let reading = platform::of(PlatformKind::MxRos).read(Form::Cli, FileId(0), said).unwrap();
    assert!(reading.whole && reading.kept.is_empty(), "{:?}", reading.kept);
}

/// What stands behind `interface ethernet` may be a range, on switches as on routers.
#[test]
fn a_line_opens_a_range_of_ports() {
    let text = "interface ethernet 2/1-4\n shutdown\nexit\n";
    for kind in [PlatformKind::MxNos, PlatformKind::MxRos] {
        let ports = ["2/1", "2/4"].map(|port| read(kind, text, &format!("ethernet.port[{port}].enabled")));
        assert_eq!(ports, [Some("off".to_owned()), Some("off".to_owned())], "{kind:?}");
        assert_eq!(read(kind, text, "ethernet.port[2/5].enabled"), None);
    }
}

/// 3.14 is named by two advisories: a rule says so, and the router of the example has what mends them.
#[test]
fn the_firmware_of_advisories_is_asked_for() {
    let advisories = fieldlock::policy::Advisories::shipped();
    let router = std::fs::read_to_string(project("examples/01-pump-station/devices/ps7-router.kdl")).unwrap();
    assert!(router.contains(r#"firmware="3.24" accepts="3.24 to 3.24.1""#), "{router}");
    for (kind, model, floor) in [
        (PlatformKind::MxRos, "EDR-G9010", "3.24"),
        (PlatformKind::MxRos, "EDR-8010", "3.24"),
        (PlatformKind::MxNos, "EDS-4008", "4.1.58"),
        (PlatformKind::Nport6000, "NPort 6250", "2.0"),
        (PlatformKind::Nport6000G2, "NPort 6250-G2", "1.1.0"),
    ] {
        let lowest = advisories.lowest_clean(kind, model).map(|(version, _)| version.to_string());
        assert_eq!(lowest.as_deref(), Some(floor), "{model}");
    }
}

/// The pages of the guide in the order of its menu, each with what it shows of it.
const GUIDE: &[(&str, &[&str])] = &[
    ("System Settings > General > Identity", &[]),
    ("System Settings > General > Date & Time", &["\"Mode\"", "Sync with NTP server", "Manual", "Time Zone"]),
    (
        "System Settings > Notification",
        &["Events Settings", "Syslog", "Server Address", ": Port", "Enable TLS authentication", "CA Certificate"],
    ),
    ("System Settings > Notification > Email", &["Email"]),
    ("System Settings > Notification > SNMP Trap/Inform", &[]),
    ("System Settings > SNMP Agent", &[]),
    ("Network Settings > IP Address", &["Get IP From", "DHCP", "Subnet Mask", "IPv4 Gateway"]),
    ("Network Settings > Routing Table", &["RIP"]),
    ("Network Settings > Hosts & WINS", &[]),
    (
        "Serial Port Settings > Operation Modes",
        &[
            "Application",
            "No Operation",
            "COM-based Control",
            "Socket",
            "Pair Connection",
            "Connect Console",
            "Connect Modem",
        ],
    ),
    ("Serial Port Settings > Serial Parameters", &[]),
    (
        "Serial Port Settings > Secure Connection",
        &["Encrypted connection", "Encrypted and authenticated connection", "Remote Device Certificate > UPLOAD"],
    ),
    (
        "Security > Services",
        &["Web Console", "Serial Console Command-Line Interface", "SNMP Agent", "MOXA Service", "WINS"],
    ),
    ("Security > Allowlist", &["IP Address", "Netmask", "\"Allowlist\""]),
    ("Security > Certificate", &["MANAGE > Import user certificate"]),
    (
        "Security > Login Settings > Login Message",
        &["Login Message > Message Text", "Login Authentication Failure Message > Message Text", "Customized message"],
    ),
    ("Security > Login Settings > Login Lockout", &[]),
    ("Security > Login Settings > Session Control", &[]),
    ("Account Management > Accounts", &["Account Name", ": Password", ": Group", ": Status", "Active"]),
    ("Account Management > Groups", &["Group Name"]),
    ("Account Management > Password Policy", &[]),
    (
        "Account Management > Authentication Server",
        &[
            "Enable the server",
            "Server Address",
            ": Port",
            "Authentication Type",
            "Share Secret",
            "Timeout (sec)",
            "Enable accounting",
        ],
    ),
    ("Diagnostics > System Log > Log Settings > Events Settings", &["Error", "Warning", "Notice", "Informational"]),
];

/// The sheet of an NPort 6000-G2 has every page and field that the guide shows, in its order.
#[test]
fn the_sheet_of_a_g2_follows_the_guide() {
    let text = std::fs::read_to_string(project("schema/dialects/nport-6000-g2.sheet.kdl")).unwrap();
    let mut pages = text.split("\n    page ").skip(1);
    for (menu, fields) in GUIDE {
        let page = pages.next().unwrap();
        assert!(page.starts_with(&format!("\"{menu}\"")), "{menu}: {}", page.lines().next().unwrap());
        let missing: Vec<_> = fields.iter().filter(|field| !page.contains(**field)).collect();
        assert!(missing.is_empty(), "{menu}: {missing:?}");
    }
    // the last one is named in the guide, and its page is not
    assert!(pages.next().is_some_and(|page| page.starts_with("\"Reset button")) && pages.next().is_none());
}
