mod network;
mod session;

use super::*;
use crate::dialect::sample::{device, mx, secrets, settings};
use crate::dialect::{Purpose, Table as AnyTable, of};
use crate::model::Facts;
use crate::model::facts::{Doubt, uncalled};
use crate::model::shape::Shape;
use crate::native::{Form, NativeText, Piece, Reading};
use crate::secret::Secrets;
use crate::source::FileId;

fn table(name: &str) -> &'static Table {
    let dialect = of(name, Form::Cli).expect("loads: `every_table_that_the_binary_carries_loads` says why not");
    let AnyTable::Cli(table) = &dialect.table else { panic!("no cli") };
    table
}

fn text(own: &Facts, base: Option<&Reading>) -> String {
    let lines = render(table("mx-ros"), own, base, Purpose::Write);
    assert_eq!(lines.findings, []);
    lines.text.redacted()
}

fn part(text: &str) -> Reading {
    read(table("mx-ros"), FileId(0), text, Extent::Part)
}

fn whole(text: &str) -> Reading {
    read(table("mx-ros"), FileId(0), text, Extent::Whole)
}

#[test]
fn tables_load() {
    for (name, text) in crate::embedded::DIALECTS.iter().filter(|(name, _)| name.ends_with(".cli.kdl")) {
        let found = crate::dialect::load(FileId(0), text, crate::native::Grade::Confirmed);
        assert_eq!(found.err(), None, "{name}");
    }
}

/// What devices share of one profile is looked at once, each top-level group alone.
#[test]
fn no_line_says_settings_of_two_top_level_groups() {
    for (name, _) in crate::embedded::DIALECTS.iter().filter(|(name, _)| name.ends_with(".cli.kdl")) {
        for entry in &table(name.split('.').next().unwrap()).entries {
            let Kind::Line(line) = &entry.kind else { continue };
            let tops: Vec<&str> = line.fills().filter_map(|(target, _)| target.path.split(['.', '[']).next()).collect();
            assert!(tops.windows(2).all(|pair| pair[0] == pair[1]), "{name}: {tops:?}");
        }
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
    mail { server "10.20.0.25"; port 587; account "ps7"; sender "ps7@example.org" }
    time { ntp "10.20.0.5" "10.20.0.6" }
    ethernet { port "1/3" enabled=off; port "1/4" enabled=on }
    exported-config scope="all" signed=on password=(stored)"d1/backup"
"#;

const LINES: &str = "\
hostname ps7-router
username ot-admin password <secret d1/ot-admin> privilege 1
no username admin
password-policy minimum-length 12
password-policy complexity-check digit
password-policy complexity-check alphabet
password-policy complexity-check special-characters
password-policy complexity-check
login-lockout retry-threshold 3
login-lockout lockout-time 15
login-lockout
auth radius server 1 10.20.0.7 port 1812 key <secret d1/radius>
auth mode radius local
no ip telnet
ip http-server max-login-users 2
logging 10.20.0.9 6514 1
warning-notification system-event cold-start active
warning-notification system-event auth-fail active
warning-notification system-event config-changed active
email-warning server 10.20.0.25 587
email-warning account ps7 <secret d1/mail>
email-warning sender ps7@example.org
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
config-file encryption-password <secret d1/backup>
save
";

#[test]
fn a_router_is_rendered_in_table_order() {
    assert_eq!(text(&device(ROUTER), None), LINES);
}

#[test]
fn what_is_rendered_is_read_back() {
    let own = device(ROUTER);
    let lines = render(table("mx-ros"), &own, None, Purpose::Write);
    let filled = lines.text.fill(&secrets(&own)).unwrap();
    let reading = part(&filled.text);
    assert_eq!(reading.kept, []);
    assert_eq!(settings(&reading.facts), settings(&own));
    assert!(reading.secrets["accounts.account[ot-admin].password"].expose() == b"Kz-d1_ot-admin-9!");
}

#[test]
fn hosts_come_before_the_switch_that_shuts_others_out() {
    let base = whole("interface trusted-access 10.20.0.77 255.255.255.255 enable\ninterface trusted-access\n");
    let own = device("allowlist on { host \"10.20.0.10\" }");
    assert_eq!(
        text(&own, Some(&base)),
        "interface trusted-access 10.20.0.10 255.255.255.255 enable\n\
         no interface trusted-access 10.20.0.77 255.255.255.255\ninterface trusted-access\nsave\n"
    );
}

#[test]
fn a_written_list_takes_away_what_it_does_not_name() {
    let base = whole(
        "username admin password <hidden> privilege 1\nusername ot password <hidden> privilege 2\n\
         ntp remote-server 10.20.0.1\nlogging 10.20.0.8 514 2\n",
    );
    let own = device(
        "accounts { account \"ot\" role=\"administrator\" }; time { ntp \"10.20.0.5\" }
         log { server \"10.20.0.9\" port=514 }",
    );
    assert_eq!(
        text(&own, Some(&base)),
        "username ot password <secret d1/ot> privilege 1\nno username admin\nlogging 10.20.0.9 514 1\n\
         logging 10.20.0.8 514 disable\nntp remote-server 10.20.0.5\nno ntp remote-server 10.20.0.1\nsave\n"
    );
    let nothing = device("services { telnet off }");
    assert_eq!(text(&nothing, Some(&base)), "no ip telnet\nsave\n", "absent is unmanaged");
}

#[test]
fn an_entry_keeps_its_number_and_takes_the_rest_of_its_line_from_the_base() {
    let base = whole("logging 10.20.0.9 514 2\n");
    let own = device("log { server \"10.20.0.9\"; server \"10.20.0.7\" port=600 }");
    assert_eq!(
        text(&own, Some(&base)),
        "logging 10.20.0.7 600 1\nsave\n".replace("logging 10.20.0.7", "logging 10.20.0.9 514 2\nlogging 10.20.0.7")
    );
}

#[test]
fn negative_forms_are_read() {
    let reading = part(
        "username a password x privilege 1\nusername b password y privilege 3\nno username a\nno login-lockout\n\
         interface trusted-access 10.0.0.1 255.255.255.255 enable\nno interface trusted-access 10.0.0.1 255.255.255.255\n",
    );
    let said = settings(&reading.facts);
    assert_eq!(
        said,
        ["accounts.account[b].password <secret>", "accounts.account[b].role \"user\"", "login.lockout.enabled off"]
    );
    assert_eq!(reading.secrets.keys().collect::<Vec<_>>(), ["accounts.account[b].password"]);
}

#[test]
fn words_that_one_line_means_together_go_together() {
    let own = device("password-policy { must-contain \"upper\" \"digit\" }");
    let lines = render(table("mx-ros"), &own, None, Purpose::Write);
    let [finding] = &lines.findings[..] else { panic!("one finding") };
    assert_eq!(
        (finding.code.as_ref(), finding.path.as_deref()),
        ("platform.limit", Some("password-policy.must-contain"))
    );
    assert!(finding.loc.is_some() && finding.help.as_ref().is_some_and(|h| h.contains("`\"lower\"`")));
}

#[test]
fn a_known_line_with_an_unknown_value_is_foreign_not_absent() {
    let reading = whole("login-lockout retry-threshold 99\nauth mode radius\nntp remote-server 10.0.0.1 simple\n");
    for path in ["login.lockout.after", "services.radius", "time.ntp"] {
        let value = &reading.facts.value(path).expect(path).value;
        assert!(!value.is_known(), "{path}: {value:?}");
    }
    assert_eq!(reading.kept, []);
}

#[test]
fn absence_means_what_the_table_says() {
    let reading = whole("hostname a\n");
    let ros = table("mx-ros");
    assert!(reading.facts.value("services.telnet").is_none());
    assert!(ros.absent_is_factory("services.telnet") && ros.absent_is_factory("services.telnet.enabled"));
    assert!(
        reading.facts.value("login.lockout").is_none() && !ros.absent_is_factory("login.lockout"),
        "no source says"
    );
}

fn said(reading: &Reading, path: &str) -> String {
    reading.facts.value(path).map_or("-".to_owned(), |f| f.value.plain())
}

#[test]
fn every_off_form_is_read_and_the_later_line_wins() {
    for (text, path, value) in [
        ("ip telnet\nno ip telnet\n", "services.telnet", "off"),
        ("no ip telnet\nip telnet\n", "services.telnet", "on"),
        ("login-lockout\nno login-lockout\n", "login.lockout", "off"),
        ("interface trusted-access\nno interface trusted-access\n", "allowlist", "off"),
        ("ntp remote-server 10.0.0.1\nno ntp remote-server\n", "time.ntp", ""),
        ("ntp remote-server 10.0.0.1\nno ntp remote-server 10.0.0.1\n", "time.ntp", ""),
        (
            "password-policy complexity-check digit\nno password-policy complexity-check digit\n",
            "password-policy.must-contain",
            "",
        ),
        ("username a password <hidden> privilege 1\nusername a privilege 4\n", "accounts.account[a].role", "no-login"),
    ] {
        assert_eq!(said(&whole(text), path), value, "{text}");
    }
    let hosts = |text: &str| whole(text).facts.items("allowlist.host").map(|i| i.items.len());
    let host = "interface trusted-access 10.0.0.1 255.255.255.255";
    assert_eq!(hosts(&format!("{host} enable\n{host} disable\n")), Some(0));
    assert_eq!(hosts(&format!("{host} enable\nno {host}\n")), Some(0));
    assert_eq!(hosts(&format!("{host} log\n")), Some(1), "an entry in unknown words is an entry");
    let back = whole("password-policy minimum-length 12\nno password-policy minimum-length\n");
    assert_eq!(back.facts.value("password-policy.min-length").unwrap().value.doubt(), Some(&Doubt::TakenBack));
}

/// An entry whose key means nothing is none that could be called, and it is there.
#[test]
fn an_entry_that_can_not_be_called_is_there() {
    for (name, line, path) in [
        ("mx-ros", "interface trusted-access 0.0.0.0 0.255.0.0 enable", "allowlist.host[<native 0.0.0.0 0.255.0.0>]"),
        ("mx-ros", "interface trusted-access 0.0.0.0 /0 enable", "allowlist.host[<native 0.0.0.0 /0>]"),
        ("mx-ros", "interface trusted-access 0.0.0.0/0 enable", "allowlist.host[<native <hidden>>]"),
        ("mx-ros", "interface trusted-access 0.0.0.0 0.255.0.0 log", "allowlist.host[<native <hidden>>]"),
        ("mx-ros", "warning-notification system-event x severity 1", "log.alert[<native x>]"),
        ("mx-ros", "ntp authentication-key x MD5 <hidden>", "time.key[<native x>]"),
        ("mx-ros", "ip igmp-snooping vlan x", "switching.igmp-snooping.vlan[<native x>]"),
        ("mx-ros", "ip dhcp pool x enable", "dhcp.pool[<native x>]"),
        ("mx-nos", "vlan create x", "switching.vlan[<native x>]"),
    ] {
        let reading = read(table(name), FileId(0), &format!("{line}\n"), Extent::Whole);
        let found = uncalled(&reading.facts);
        assert_eq!(found.iter().map(|leaf| &*leaf.path).collect::<Vec<_>>(), [path], "{line}");
    }
    for gone in ["interface trusted-access 0.0.0.0 0.255.0.0 disable", "no interface trusted-access 0.0.0.0 0.255.0.0"]
    {
        let reading = whole(&format!("{gone}\n"));
        assert_eq!((uncalled(&reading.facts).len(), reading.kept.len()), (0, 0), "{gone}");
    }
}

/// A written list takes it away in the device's own words, or the build says that it can't.
#[test]
fn an_entry_that_can_not_be_called_goes_or_is_told() {
    let own = device("allowlist on { host \"10.20.0.10\" }; time { ntp \"10.0.0.5\" }");
    let base = whole("interface trusted-access 0.0.0.0 0.255.0.0 enable\n");
    let lines = text(&own, Some(&base));
    assert!(lines.contains("\nno interface trusted-access 0.0.0.0 0.255.0.0\n"), "{lines}");
    for line in
        ["interface trusted-access 0.0.0.0/0 enable", "ntp remote-server 10.0.0.1 simple", "ntp remote-server a,b"]
    {
        let lines = render(table("mx-ros"), &own, Some(&whole(&format!("{line}\n"))), Purpose::Judge);
        assert_eq!(lines.findings.iter().map(|f| &*f.code).collect::<Vec<_>>(), ["platform.limit"], "{line}");
    }
}

#[test]
fn accounts_are_read_in_any_words() {
    for line in [
        "username admin privilege 1",
        "username admin password <hidden>",
        "username admin privilege 1 password Canary1",
        "username admin secret 5 Canary1",
        "username admin password Canary1 privilege 9",
    ] {
        let reading = whole(&format!("{line}\n"));
        let account = reading.facts.group("accounts.account[admin]");
        assert!(account.is_some(), "{line}");
        assert_eq!(
            reading.redacted,
            ["accounts.account[admin].password"],
            "{line}: it has one, and nobody knows which"
        );
        assert!(!format!("{:?}{:?}", reading.facts, reading.kept).contains("Canary1"), "{line}");
    }
    assert_eq!(said(&whole("username admin privilege 1\n"), "accounts.account[admin].role"), "administrator");
    let gone = whole("username admin privilege 1\nno username admin\n");
    assert!(gone.facts.group("accounts.account[admin]").is_none() && gone.redacted.is_empty());
}

#[test]
fn one_line_may_open_several_ports() {
    let reading = whole("interface ethernet 1/1-3\n shutdown\nexit\ninterface ethernet 1/2\n no shutdown\nexit\n");
    let ports = ["1/1", "1/2", "1/3"].map(|p| said(&reading, &format!("ethernet.port[{p}].enabled")));
    assert_eq!(ports, ["off", "on", "off"]);
    // what no description could name is kept, and is no port
    let wide = whole("interface ethernet 1/1-60000\n shutdown\nexit\n");
    assert!(wide.facts.items("ethernet.port").is_none_or(|ports| ports.items.is_empty()));
    assert!(wide.kept.iter().any(|kept| kept.line == 1), "{:?}", wide.kept);
}

#[test]
fn what_the_device_tells_of_itself_is_read() {
    let text = "MOXA EDR-G9010-VPN-2MGSFP-T Series  V3.2.99 build 23110317\n\
                Firewall/VPN Router 00000# show system\nSerial No.   : TBZKB1090123\nMAC Address  : 00:90:E8:7A:12:03\n\
                Firewall/VPN Router 00000# show running-config\nhostname r\nFirewall/VPN Router 00000#\n";
    let reading = whole(text);
    for (path, value) in [
        ("asset.seen-model", "EDR-G9010-VPN-2MGSFP-T"),
        ("asset.seen-firmware", "V3.2.99 build 23110317"),
        ("asset.serial", "TBZKB1090123"),
        ("asset.mac", "00:90:e8:7a:12:03"),
        ("identity.hostname", "r"),
    ] {
        assert_eq!(said(&reading, path), value);
    }
    assert_eq!(reading.kept, []);
}

#[test]
fn a_value_that_is_not_believed_says_why() {
    let why = |text: &str, path: &str| whole(text).facts.value(path).unwrap().value.doubt().cloned();
    let least = |n| why(&format!("password-policy minimum-length {n}\n"), "password-policy.min-length");
    assert_eq!((least(16), least(20), least(3)), (None, Some(Doubt::Outside(4, 16)), Some(Doubt::Outside(4, 16))));
    assert_eq!(why("auth mode radius\n", "services.radius"), Some(Doubt::Undocumented));
}

#[test]
fn no_line_of_a_redacted_text_opens_a_text() {
    let text = "banner login \"not this\nno banner \"not no password-policy minimum-length 8\nzzz password \"open\nexit\n\
                banner login \"^C\"\nhostname \"r\nip telnet\n";
    let public = redact(table("mx-ros"), text);
    assert_eq!(redact(table("mx-ros"), &public), public);
    assert!(!public.contains('"') && public.ends_with("ip telnet\n"), "{public}");
    // without the prompt in front, what follows would be one
    let public = redact(table("mx-ros"), "router# interface no router# terminal length 0\nhostname r\n");
    assert_eq!(public, "<hidden>\nhostname r\n");
}

#[test]
fn a_running_configuration_says_nothing_of_a_secret_and_shows_none() {
    let reading = whole("username a password hunter2 privilege 1\nenable secret hunter2\ndot1x radius hunter2\n");
    assert!(reading.secrets.is_empty(), "how a secret is printed is not known");
    assert_eq!(reading.redacted, ["accounts.account[a].password"]);
    let shown: Vec<&str> = reading.kept.iter().map(|k| k.shown.as_str()).collect();
    assert_eq!(shown, ["<hidden>", "dot1x radius <hidden>"]);
    assert!(!format!("{:?}", reading.facts).contains("hunter2"));
    let public = redact(table("mx-ros"), "username a password hunter2 privilege 1\nenable hunter2\nip telnet\n");
    assert_eq!(public, "username a password <hidden> privilege 1\n<hidden>\nip telnet\n");
    let blocks = "interface ethernet 1/1\n  shutdown\nexit\n!\nend\n";
    assert_eq!(redact(table("mx-ros"), blocks), blocks, "what ends a block is no secret");
}

#[test]
fn lines_of_an_unknown_block_are_no_settings() {
    let reading = part("ip vrrp 1\n  hostname evil\n  shutdown\nexit\nhostname good\n");
    assert_eq!(settings(&reading.facts), ["identity.hostname \"good\""]);
    assert_eq!(reading.kept.len(), 3);
    let flat = part("interface ethernet 1/1\nbridge group 2\nshutdown\nhostname good\n");
    assert_eq!(settings(&flat.facts), ["ethernet.port[1/1].enabled off", "identity.hostname \"good\""]);
}

#[test]
fn no_text_adds_a_line() {
    for hostile in
        ["x\\nno ip telnet", "a b", "a\\\"b", "a?", "a;b", "!a", "#a", "a\\u{85}b", "ä", "<secret x>", "a\\tb"]
    {
        let own = device(&format!(
            "identity {{ hostname \"{hostile}\" }}\naccounts {{ account \"{hostile}\" role=\"user\" }}"
        ));
        let lines = render(table("mx-ros"), &own, None, Purpose::Write);
        assert_eq!(lines.findings.len(), 2, "{hostile}");
        assert!(lines.findings.iter().all(|f| f.code == "platform.limit" && f.loc.is_some()));
        assert_eq!(lines.text.redacted(), "", "{hostile}");
    }
}

#[test]
fn a_secret_is_one_word() {
    let own = device("accounts { account \"a\" role=\"user\" }");
    let lines = render(table("mx-ros"), &own, None, Purpose::Write);
    for hostile in ["x privilege 1", "a\nno ip telnet", "a?", "\"x\"", "", "!x"] {
        let name = crate::secret::SecretRef::new("d1/a").unwrap();
        let value = crate::secret::SecretValue::copy_of(hostile.as_bytes());
        let refused = lines.text.fill(&Secrets::Loaded([(name, value)].into())).err().expect(hostile);
        assert!(!refused.to_string().contains("privilege"));
    }
}

#[test]
fn vendor_lines_are_of_the_table_and_of_no_entry() {
    let judged = |line: &str| {
        let own = device(&format!("vendor-settings {{ line \"{line}\" }}"));
        let written = crate::dialect::native_lines(&own);
        let dialect = crate::dialect::of("mx-ros", crate::native::Form::Cli).unwrap();
        let refused = written.iter().filter(|w| crate::dialect::passes(&dialect.table, w.line).is_err()).count();
        (render(table("mx-ros"), &own, None, Purpose::Write).text.redacted(), refused)
    };
    assert_eq!(judged("ip broadcast-forward"), ("ip broadcast-forward\nsave\n".to_owned(), 0));
    for refused in [
        "ip telnet",
        "no username a",
        "username a password b privilege 1",
        "made up",
        "dos  null-scan",
        "exit",
        "ntp remote-server 1.2.3.4 simple",
        "interface lan",
        "dos x\\nip telnet",
        "hostname",
    ] {
        assert_eq!(judged(refused), (String::new(), 1), "{refused}");
    }
}

#[test]
fn secrets_of_lines_are_pieces() {
    let own = device(ROUTER);
    let NativeText { pieces, .. } = render(table("mx-ros"), &own, None, Purpose::Write).text;
    let names: Vec<&str> = pieces
        .iter()
        .filter_map(|p| match p {
            Piece::Secret { name, .. } => Some(name.as_str()),
            _ => None,
        })
        .collect();
    assert_eq!(names, ["d1/ot-admin", "d1/radius", "d1/mail", "d1/backup"]);
}

proptest::proptest! {
    #[test]
    fn generated_routers_are_read_back(text in mx()) {
        let own = device(&text);
        let lines = render(table("mx-ros"), &own, None, Purpose::Write);
        proptest::prop_assert_eq!(&lines.findings, &[]);
        let filled = lines.text.fill(&secrets(&own)).unwrap();
        let reading = part(&filled.text);
        proptest::prop_assert_eq!(&reading.kept, &[]);
        let said = settings(&own);
        for setting in settings(&reading.facts) {
            let partly = setting.starts_with("log.send");
            proptest::prop_assert!(partly || said.contains(&setting), "{}", setting);
        }
        // and what was read renders to the same lines
        let again = render(table("mx-ros"), &named(reading.facts, &own), None, Purpose::Write);
        proptest::prop_assert_eq!(again.text.redacted(), lines.text.redacted());
    }

    #[test]
    fn any_text_is_read_and_shown_without_what_it_hides(text in "(\\PC{0,30}\n){0,4}|[ -~\n\t\r]{0,120}") {
        for extent in [Extent::Whole, Extent::Part] {
            let reading = read(table("mx-ros"), FileId(0), &text, extent);
            proptest::prop_assert!(reading.kept.len() <= text.lines().count());
        }
        let _ = redact(table("mx-ros"), &text);
    }
}

/// Read facts with the names of secrets put back where they are held.
fn named(mut read: Facts, own: &Facts) -> Facts {
    use crate::model::facts::{Group, Keyed, Setting, Value};
    fn visit(group: &mut Group, own: &Group) {
        let settings: Vec<_> = own.iter().map(|(ix, s)| (ix, s.clone())).collect();
        for (ix, said) in settings {
            match (group.get_mut(ix), said) {
                (Some(Setting::Value(held)), Setting::Value(said)) if held.value == Value::Held => {
                    held.value = said.value
                }
                (Some(Setting::Group(group)), Setting::Group(own)) => visit(group, &own),
                (Some(Setting::Items(items)), Setting::Items(own)) => {
                    let mut keyed = Keyed::default();
                    for item in &mut items.items {
                        if let Some(at) = keyed.find(Shape::device(), &own.items, &item.group) {
                            visit(&mut item.group, &own.items[at].group);
                        }
                    }
                }
                _ => {}
            }
        }
    }
    visit(&mut read.root, &own.root);
    read
}
