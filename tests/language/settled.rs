//! Where sources contradicted the tables, line by line: what each said, and where the table stands now.

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
        "places, contacts and zones of time by command say less than a description: a text without blanks, whole hours",
        "mx-ros.cli",
        &[r#"hide "snmp-server contact""#, r#"hide "snmp-server location""#, r#"keep "clock""#],
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
    ("a role changes without the password", "mx-ros.cli", &[r#"reads "username {name} privilege {role}""#]),
    (
        "switches have words of their own",
        "mx-nos.cli",
        &[r#"line "ip management address {address}""#, "!ip address static", r#"secret "snmp community"#],
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
    ("SNMPv3 by MD5 and SHA, no SHA-256", "mx-nos.sheet", &["!sha256"]),
    (
        "the clock's source is one of four, the address's one of three",
        "mx-nos.sheet",
        &[
            r#"at="services.sntp" as="bool" on="NTP" off="Local""#,
            r#"at="services.dhcp-client" as="bool" on="DHCP" off="Manual""#,
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
