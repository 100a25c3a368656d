use super::*;
use crate::dialect::sample::{device, mx, nport, secrets, settings};
use crate::dialect::{Lines, Placed, Purpose, Table as AnyTable, of, wanted};
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::uncalled;
use crate::native::{Form, Grade, Reading};
use crate::secret::Secrets;
use crate::source::FileId;

fn table(name: &str) -> &'static Table {
    let dialect = of(name, Form::Sheet).expect("loads: `every_table_that_the_binary_carries_loads` says why not");
    let AnyTable::Sheet(table) = &dialect.table else { panic!("no sheet") };
    table
}

#[test]
fn tables_load() {
    for (name, text) in crate::embedded::DIALECTS.iter().filter(|(name, _)| name.ends_with(".sheet.kdl")) {
        let found = crate::dialect::load(FileId(0), text, Grade::Confirmed);
        assert_eq!(found.err(), None, "{name}");
    }
    for kind in PlatformKind::ALL {
        assert!(of(kind.word(), Form::Sheet).is_some(), "{}", kind.word());
    }
}

const NPORT: &str = r#"
    identity { hostname "np07" }
    accounts { account "ot-admin" group="Administrator" enabled=on; account "old" removed }
    login { auto-logout never; lockout on after=3 for="15 min"; banner "Authorised use only." }
    services { https on; snmp off; wins off }
    allowlist on { host "10.20.0.10"; host "10.20.4.0/24" }
    log { server "10.20.0.9" port=6514 tls=on ca="certs/ot-ca.pem"; send "login-fail" "lockout" }
    serial { port 1 { mode "tcp-server" data-port=4001 secure="encrypted"; line "9600 8N1" } }
"#;

fn read_text(name: &str, text: &str) -> Reading {
    read(table(name), FileId(0), text)
}

/// What has no place.
fn open(own: &Facts, lines: &Lines<'_>) -> Vec<String> {
    let mut open = Vec::new();
    wanted(own, &mut |path, _| {
        if !lines.placed.contains(path) {
            open.push(path.to_owned());
        }
    });
    open
}

fn fill(lines: &Lines<'_>, own: &Facts) -> String {
    lines.text.fill(&secrets(own)).unwrap().text.to_string()
}

#[test]
fn rows_stand_in_the_order_of_the_menu() {
    let own = device(NPORT);
    let lines = render(table("nport-6000-g2"), &own, None, &Placed::default(), Purpose::Write);
    assert_eq!(lines.findings, []);
    let text = lines.text.redacted();
    let expected = [
        "System Settings > General > Identity\tServer name\tnp07",
        "System Settings > Notification\tEvents Settings\tLogin failed, Account locked",
        "System Settings > Notification\tServer Address\t10.20.0.9",
        "System Settings > Notification\t10.20.0.9: Port\t6514",
        "System Settings > Notification\t10.20.0.9: Enable TLS authentication\tticked",
        "System Settings > Notification\t10.20.0.9: CA Certificate, file of the site\tcerts/ot-ca.pem",
        "Serial Port Settings > Operation Modes\tPort 1: Application and mode\tSocket > TCP Server",
        "Serial Port Settings > Operation Modes\tPort 1: local TCP port\t4001",
        "Serial Port Settings > Serial Parameters\tPort 1: baud rate, data bits, parity, stop bits\t9600 8N1",
        "Serial Port Settings > Secure Connection\tPort 1: Secure Connection\tEncrypted connection",
        "Security > Services\tWeb Console\tOn",
        "Security > Services\tSNMP Agent\tOff",
        "Security > Services\tWINS\tOff",
        "Security > Allowlist\tIP Address and Netmask\t10.20.0.10 255.255.255.255",
        "Security > Allowlist\tIP Address and Netmask\t10.20.4.0 255.255.255.0",
        "Security > Allowlist\tAllowlist\tOn",
        "Security > Login Settings > Login Message\tLogin Message > Message Text\tAuthorised use only.",
        "Security > Login Settings > Login Lockout\tLogin Lockout\tEnable",
        "Security > Login Settings > Login Lockout\tRetry failure threshold\t3",
        "Security > Login Settings > Login Lockout\tLockout time (min)\t15",
        "Security > Login Settings > Session Control\tAuto logout (min)\t0",
        "Account Management > Accounts\tAccount Name\tot-admin",
        "Account Management > Accounts\tot-admin: Password\t<secret d1/ot-admin>",
        "Account Management > Accounts\tot-admin: Group\tAdministrator",
        "Account Management > Accounts\tot-admin: Status\tActive",
        "Account Management > Accounts\tDelete account\told",
    ];
    assert_eq!(text.lines().collect::<Vec<_>>(), expected);
    let open = open(&own, &lines);
    assert_eq!(open, Vec::<String>::new());
    let reading = read_text("nport-6000-g2", &fill(&lines, &own));
    assert_eq!((settings(&reading.facts), reading.kept), (settings(&own), Vec::new()));
    assert!(reading.secrets["accounts.account[ot-admin].password"].expose() == b"Kz-d1_ot-admin-9!");
}

#[test]
fn what_a_machine_sets_is_not_typed_again() {
    let own = device("log { send \"login-fail\" \"lockout\" }; services { telnet off; ssh on }");
    let placed = ["log.send[login-fail]", "services.telnet.enabled"].map(Into::into).into_iter().collect();
    let lines = render(table("mx-ros"), &own, None, &placed, Purpose::Write);
    assert_eq!(
        lines.text.redacted(),
        "System > Management Interface > User Interface\tSSH\tEnable\n\
         Diagnostics > Event Logs and Notifications\tEvents that are reported\tAccount locked\n"
    );
}

#[test]
fn an_empty_list_is_said_and_extra_entries_go() {
    let own = device("log { server none }; allowlist { host \"10.0.0.1\" }");
    let base = read_text("nport-6000-g2", "Security > Allowlist\tIP Address and Netmask\t10.0.0.2 255.255.255.255\n");
    let lines = render(table("nport-6000-g2"), &own, Some(&base), &Placed::default(), Purpose::Write);
    let text = lines.text.redacted();
    assert_eq!(
        text,
        "System Settings > Notification\tServer Address\t(none)\n\
         Security > Allowlist\tIP Address and Netmask\t10.0.0.1 255.255.255.255\n\
         Security > Allowlist\tDelete entry\t10.0.0.2 255.255.255.255\n"
    );
    let read = read_text("nport-6000-g2", &text);
    for list in ["log", "allowlist"] {
        assert_eq!(read.facts.group(list), own.group(list), "an empty list is read as one");
    }
}

#[test]
fn an_entry_that_can_not_be_called_is_there_and_its_leaving_is_told() {
    let base = read_text("nport-6000-g2", "Security > Allowlist\tIP Address and Netmask\t0.0.0.0 0.255.0.0\n");
    let paths: Vec<String> = uncalled(&base.facts).into_iter().map(|leaf| leaf.path).collect();
    assert_eq!(paths, ["allowlist.host[<native 0.0.0.0 0.255.0.0>]"]);
    let own = device("allowlist { host \"10.0.0.1\" }");
    let lines = render(table("nport-6000-g2"), &own, Some(&base), &Placed::default(), Purpose::Write);
    assert_eq!(lines.findings.iter().map(|f| &*f.code).collect::<Vec<_>>(), ["platform.limit"]);
}

#[test]
fn unknown_rows_are_kept_and_unknown_values_are_foreign() {
    let text = "\u{feff}Security > Services\tWINS\tmaybe\r\nSecurity > Services\tTFTP\thunter2\r\nx\ty\r\n\r\n\
                Security > Services\tSNMP Agent\tOn\r\nSecurity > Services\tSNMP Agent\tOff\r\n";
    let reading = read_text("nport-6000-g2", text);
    assert!(!reading.facts.value("services.wins").unwrap().value.is_known());
    assert!(!reading.facts.value("services.snmp").unwrap().value.is_known(), "two answers are none");
    let shown: Vec<(usize, &str)> = reading.kept.iter().map(|k| (k.line, k.shown.as_str())).collect();
    assert_eq!(shown, [(2, "Security > Services <hidden>"), (3, "<hidden>")]);
    let public = redact(table("nport-6000-g2"), "Account Management > Accounts\ta: Password\thunter2\nx\ty\thunter2\n");
    assert_eq!(public, "Account Management > Accounts\ta: Password\t<hidden>\n<hidden>\n");
}

#[test]
fn no_text_adds_a_row() {
    for hostile in
        ["a\\nSecurity > Services\\tWINS\\tOn", "a\\tb", "a\\u{7}", "a\\u{2028}b", "a\\u{202e}b", "\\u{1b}[2J"]
    {
        let own =
            device(&format!("login {{ banner \"{hostile}\" }}\naccounts {{ account \"{hostile}\" group=\"x\" }}"));
        for kind in PlatformKind::ALL {
            let lines = render(table(kind.word()), &own, None, &Placed::default(), Purpose::Write);
            assert_eq!(lines.findings.len(), 2, "{hostile} {:?}", lines.findings);
            assert_eq!(lines.text.redacted(), "", "{hostile}");
        }
    }
    let own = device("accounts { account \"a\" group=\"x\" }");
    let lines = render(table("nport-6000-g2"), &own, None, &Placed::default(), Purpose::Write);
    for hostile in ["a\tb", "a\nb", "\u{1b}"] {
        let name = crate::secret::SecretRef::new("d1/a").unwrap();
        let value = crate::secret::SecretValue::copy_of(hostile.as_bytes());
        assert!(lines.text.fill(&Secrets::Loaded([(name, value)].into())).is_err());
    }
}

#[test]
fn limits_are_told_at_the_value() {
    let long = "x".repeat(300);
    let own = device(&format!("login {{ banner \"{long}\"; lockout on after=0 for=\"90 s\" }}"));
    let count = |name: &str| render(table(name), &own, None, &Placed::default(), Purpose::Write).findings.len();
    assert_eq!(count("nport-6000-g2"), 3);
    assert_eq!(count("mx-nos"), 2, "500 characters fit there");
}

#[test]
fn every_setting_has_its_menu() {
    let menu = |kind: &str, path: &str| table(kind).page(path).map(|page| page.menu);
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(menu("nport-6000-g2", "services.wins"), some("Security > Services"));
    assert_eq!(menu("nport-6000-g2", "services.wins.enabled"), some("Security > Services"));
    assert_eq!(menu("nport-6000-g2", "allowlist"), some("Security > Allowlist"));
    assert_eq!(menu("nport-6000-g2", "allowlist.host[10.0.0.1]"), some("Security > Allowlist"));
    assert_eq!(menu("mx-ros", "accounts.account[ot].role"), some("System > Account Management > User Accounts"));
    assert_eq!(menu("mx-nos", "login.lockout.after"), some("Security > Device Security > Login Policy"));
    assert_eq!(menu("nport-6000-g2", "serial.port[2].mode.secure"), some("Serial Port Settings > Secure Connection"));
    assert_eq!(menu("nport-6000-g2", "serial.port[2].mode"), some("Serial Port Settings > Operation Modes"));
    assert_eq!(menu("mx-ros", "serial.port[1].alias"), None);
    assert_eq!(menu("mx-ros", "no.such"), None);
}

/// What a rule reads of a platform and no sheet of it has, each with the reason.
const NOT_ON: &[(&str, &str, &str)] = &[
    ("nport-6000-g2", "services.http", "not offered, guide 3.1"),
    ("nport-6000-g2", "services.ssh", "no command line on the network, guide 3.1"),
    ("nport-6000-g2", "services.telnet", "no command line on the network, guide 3.1"),
    ("nport-6000-g2", "services.lldp", "part of the MOXA Service, guide 3.1"),
    ("nport-6000-g2", "exported-config", "the guide shows no field for it"),
    ("nport-6000-g2", "snmp.engine-id", "the guide shows no field for it"),
    ("nport-6000", "snmp.engine-id", "no key of the export says it"),
    ("mx-nos", "accounts.group", "rights go by role"),
    ("mx-ros", "accounts.group", "rights go by role"),
    ("mx-nos", "firewall", "a switch: devices-2.md 2.3, its menus"),
    ("mx-nos", "objects", "a switch: devices-2.md 2.3, its menus"),
    ("mx-nos", "password-policy.complexity-check", "a switch for each class and none above them, MIB package"),
    ("mx-nos", "services.rip", "no RIP in the MIB package"),
    ("mx-nos", "services.serial-console", "not among the services of the MIB package"),
    ("mx-nos", "services.https.tls-min", "not among the services of the MIB package"),
    ("mx-nos", "log.server.tls", "servers have a UDP port alone, MIB package"),
    ("mx-nos", "log.server.ca", "servers have a UDP port alone, MIB package"),
    ("mx-ros", "switching.igmp-snooping", "on by VLAN alone, grammar"),
    ("mx-ros", "redundancy.mrp", "no word of it in either grammar"),
    ("mx-nos", "accounts.dial-in", "no serial ports"),
    ("mx-ros", "accounts.dial-in", "no serial ports"),
    ("nport-6000-g2", "accounts.dial-in", "the guide shows no field for it"),
    ("nport-6000", "accounts.dial-in", "the export says it: `[User Table]`"),
    ("mx-nos", "vpn", "a switch: devices-2.md 2.3, its menus"),
    ("mx-ros", "dot1x", "no word of it in its grammar"),
    ("nport-6000", "dot1x", "no key of the export says it"),
    ("nport-6000", "routing", "no key of the export says it"),
    ("nport-6000", "time.key", "no key of the export says it"),
    ("nport-6000", "vpn", "no key of the export says it"),
    ("nport-6000-g2", "dot1x", "the guide shows no field for it"),
    ("nport-6000-g2", "routing", "the guide shows no field for it"),
    ("nport-6000-g2", "time.key", "the guide shows no field for it"),
    ("nport-6000-g2", "vpn", "the guide shows no field for it"),
    ("mx-nos", "serial", "no serial ports"),
    ("mx-ros", "serial", "no serial ports"),
];

#[test]
fn whatever_a_rule_reads_has_a_place_on_the_sheet() {
    use crate::policy::Packs;
    let mut map = crate::source::SourceMap::new();
    let names = Packs::shipped_names(crate::embedded::POLICIES);
    let (packs, findings) = Packs::load(&names, crate::embedded::POLICIES, &[], &mut map);
    assert_eq!(findings, []);
    let shape = Shape::device();
    let mut missing = Vec::new();
    for rule in packs.rules() {
        for kind in &rule.platforms {
            for path in rule.paths() {
                let fields = shape.fields(&path).unwrap();
                let field = shape.field_at(&fields).unwrap();
                let about = path.split('.').next().unwrap_or("");
                let outside = matches!(about, "platform" | "zone" | "asset" | "use" | "name" | "vendor-settings");
                let excused = NOT_ON.iter().any(|(k, p, _)| *k == kind.word() && path.starts_with(p));
                if outside
                    || field.note
                    || field.intent
                    || field.key
                    || excused
                    || table(kind.word()).page(&path).is_some()
                {
                    continue;
                }
                missing.push(format!("{} {} {path}", rule.id, kind.word()));
            }
        }
    }
    missing.sort();
    missing.dedup();
    assert_eq!(missing, Vec::<String>::new());
}

#[test]
fn a_row_says_what_the_page_takes() {
    let own = device(
        r#"allowlist on { host "10.20.4.0/24" }
           serial {
               port 1 { mode "tcp-server" inactivity="30 s" alive-check="7 min"; line "9600 8N1" }
               port 2 { mode "reverse-ssh" inactivity="5 min"; line "19200 7E2" }
           }
           log { server "10.20.0.9" tls=on ca="certs/ot-ca.pem"; send "login-fail" "lockout" }
           time { ntp "10.20.0.5" "10.20.0.6" }
           accounts { account "ot-admin" }
"#,
    );
    let mut out = Lines::new(Form::Sheet, Purpose::Write);
    let rows = rows(table("nport-6000-g2"), &own, None, &Placed::default(), &mut out);
    assert_eq!(out.findings, []);
    let rows: Vec<Row> = rows.iter().flat_map(Row::in_parts).map(std::borrow::Cow::into_owned).collect();
    for (field, verb, texts) in [
        ("Port 1: inactivity time (ms)", Verb::Type, &["30000"][..]),
        ("Port 1: TCP alive check time (min)", Verb::Type, &["7"]),
        ("Port 2: inactivity time (min)", Verb::Type, &["5"]),
        ("IP Address", Verb::Type, &["10.20.4.0"]),
        ("Netmask", Verb::Type, &["255.255.255.0"]),
        ("Allowlist", Verb::Switch, &["On"]),
        ("Port 1: Application and mode", Verb::Choose, &["Socket > TCP Server"]),
        ("Port 1: baud rate", Verb::Choose, &["9600"]),
        ("Port 2: data bits", Verb::Choose, &["7"]),
        ("Port 2: parity", Verb::Choose, &["Even"]),
        ("Port 2: stop bits", Verb::Choose, &["2"]),
        ("10.20.0.9: Enable TLS authentication", Verb::Box, &["ticked"]),
        ("10.20.0.9: CA Certificate, file of the site", Verb::File, &["certs/ot-ca.pem"]),
        ("Events Settings", Verb::SelectExactly, &["Login failed", "Account locked"]),
        ("NTP servers", Verb::Type, &["10.20.0.5", "10.20.0.6"]),
        ("ot-admin: Password", Verb::Secret, &[]),
    ] {
        let row = rows.iter().find(|row| row.field == field).unwrap_or_else(|| panic!("{field}"));
        assert_eq!((row.verb, row.texts()), (verb, texts.iter().map(|t| (*t).to_owned()).collect()), "{field}");
    }
}

proptest::proptest! {
    #[test]
    fn generated_devices_are_read_back(mx in mx(), nport in nport()) {
        for (kind, text) in [("mx-nos", &mx), ("mx-ros", &mx), ("nport-6000-g2", &nport), ("nport-6000", &nport)] {
            let own = device(text);
            let lines = render(table(kind), &own, None, &Placed::default(), Purpose::Write);
            proptest::prop_assert_eq!(&lines.findings, &[]);
            let filled = fill(&lines, &own);
            let reading = read_text(kind, &filled);
            proptest::prop_assert_eq!(&reading.kept, &[]);
            let open = open(&own, &lines);
            let said: Vec<String> =
                settings(&own).into_iter().filter(|s| !open.iter().any(|o| s.starts_with(&format!("{o} ")))).collect();
            proptest::prop_assert_eq!(settings(&reading.facts), said);
        }
    }

    #[test]
    fn any_text_is_read(text in "(\\PC{0,30}\t\\PC{0,20}\t\\PC{0,20}\n){0,4}|[ -~\n\t\r]{0,120}") {
        for kind in PlatformKind::ALL {
            let reading = read_text(kind.word(), &text);
            proptest::prop_assert!(reading.kept.len() <= text.lines().count());
            let _ = redact(table(kind.word()), &text);
        }
    }
}
