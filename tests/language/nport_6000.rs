//! NPort 6000: the real export, our own fixture, and what the sectioned form promises (invariants 5, 6, 12).

#![expect(clippy::expect_used, clippy::panic, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use fieldlock::dialect::{self, Dialect, ini};
use fieldlock::finding::Finding;
use fieldlock::model::device::PlatformKind;
use fieldlock::model::facts::{Doubt, Facts, Value, leaves};
use fieldlock::model::{Shape, shape};
use fieldlock::native::{Form, Grade, NativeConfig, Reading};
use fieldlock::platform;
use fieldlock::secret::{SecretRef, SecretValue, Secrets};
use fieldlock::site::device::SiteDevice;
use fieldlock::source::{FileId, Loc};
use proptest::prelude::*;

use crate::common::needs;

/// Written by us in the device's format: four ports, every service with a value of its own, no secret redacted.
const HARDENED: &str = include_str!("../fixtures/nport-6000/hardened.ini");

fn table() -> &'static Dialect {
    dialect::of("nport-6000", Form::Ini).expect("the table loads")
}

fn read(text: &str) -> Reading {
    ini::read(table(), FileId(7), text)
}

/// The export of a real device; it stays where it is.
fn export() -> Option<String> {
    let path = needs::samples()?.join("np6650-16_fw2.3_export.ini");
    Some(std::fs::read_to_string(path).expect("the sample is there"))
}

/// A description as its facts: the block of a device.
fn described(block: &str) -> Facts {
    checked(block).unwrap_or_else(|findings| panic!("{block}\n{findings:#?}"))
}

fn checked(block: &str) -> Result<Facts, Vec<Finding>> {
    let text = format!("device \"np02\" {{\nplatform \"nport-6000\" firmware=\"2.3\"\n{block}\n}}\n");
    let parsed = fieldlock::syntax::parse(FileId(1), &text);
    let Some(tree) = parsed.tree.filter(|_| parsed.findings.is_empty()) else { return Err(parsed.findings) };
    let mut checked = shape::check(Shape::device(), FileId(1), &tree.nodes[0]);
    fieldlock::model::facts::fill_secrets(&mut checked.facts, "np02");
    if checked.findings.is_empty() { Ok(checked.facts) } else { Err(checked.findings) }
}

fn device(own: Facts) -> SiteDevice {
    let at = Loc::new(FileId(1), fieldlock::source::Span::new(0, 4));
    let tables = fieldlock::dialect::Tables::shipped(PlatformKind::Nport6000);
    SiteDevice { loc: at, platform_loc: at, firmware: "2.3".parse().ok(), ..SiteDevice::alone("np02", tables, own) }
}

/// Every secret that a description of this file names.
static SECRETS: LazyLock<Secrets> = LazyLock::new(|| {
    let names = [
        "ot-lead",
        "shift-a",
        "a0",
        "a1",
        "a2",
        "a3",
        "mail",
        "radius",
        "tacacs",
        "snmp-trap",
        "snmp-read-only",
        "snmp-read-write",
        "snmp-viewer-auth",
        "snmp-viewer-privacy",
    ];
    let one = |n: &&str| {
        let name = SecretRef::new(&format!("np02/{n}")).expect("a name");
        if *n == "tacacs" {
            return (name, SecretValue::new(b"seventeen-letters".to_vec()));
        }
        (name, SecretValue::new(format!("pw-{n}").chars().take(12).collect::<String>().into_bytes()))
    };
    Secrets::Loaded(names.iter().map(one).collect::<BTreeMap<_, _>>())
});

fn render(own: &Facts, base: &Reading) -> Result<NativeConfig, Vec<Finding>> {
    platform::of(PlatformKind::Nport6000).render(&device(own.clone()), Some(base))
}

/// Rendered, filled, and read back as before sealing.
fn sealed(own: &Facts, base: &Reading) -> Result<String, Vec<Finding>> {
    let config = render(own, base)?;
    let filled = config.machine.as_ref().expect("a file").fill(&SECRETS).unwrap_or_else(|e| panic!("{e}"));
    let nport = platform::of(PlatformKind::Nport6000);
    platform::read_back(&nport, &device(own.clone()), &config, &filled, Some(base), &SECRETS)?;
    Ok(filled.text.to_string())
}

fn sealed_or_panic(own: &Facts, base: &Reading) -> String {
    sealed(own, base).unwrap_or_else(|f| panic!("{f:#?}"))
}

/// The lines that differ, as `[Section] Key=Value` of the second text. Both have the same lines otherwise.
fn changed(before: &str, after: &str) -> Vec<String> {
    assert_eq!(before.split('\n').count(), after.split('\n').count());
    let mut section = "";
    let mut found = Vec::new();
    for (a, b) in before.split('\n').zip(after.split('\n')) {
        if a.starts_with('[') {
            section = a.trim_end();
        }
        if a != b {
            found.push(format!("{section} {}", b.trim_end()));
        }
    }
    found
}

fn codes(findings: &[Finding]) -> Vec<String> {
    findings.iter().map(|f| format!("{} {}", f.code, f.path.as_deref().unwrap_or(""))).collect()
}

fn refused(block: &str) -> Vec<String> {
    let base = read(HARDENED);
    codes(&sealed(&described(block), &base).err().unwrap_or_default())
}

#[test]
fn the_export_is_read_whole_and_rendered_over_itself_byte_for_byte() {
    let Some(text) = export() else { return };
    let base = read(&text);
    let rendered = render(&base.facts, &base).unwrap_or_else(|f| panic!("{f:#?}"));
    let filled = rendered.machine.as_ref().expect("a file").fill(&Secrets::Absent).unwrap_or_else(|e| panic!("{e}"));
    assert!(*filled.text == text, "the bytes differ");
    assert!(rendered.omitted.is_empty() && rendered.unplaced.is_empty(), "{:?}", rendered.unplaced);
    assert!(base.kept.iter().all(|k| k.listed), "a key that the table does not list");
    for path in [
        "asset.serial",
        "asset.seen-model",
        "asset.seen-firmware",
        "asset.seen-address",
        "identity.hostname",
        "network.interface[lan].address",
        "serial.port[16].mode",
        "serial.port[16].line",
        "login.welcome",
        "allowlist",
        "password-policy.min-length",
        "services.snmp",
        "services.radius",
        "log.capacity.when-full",
        "log.alert[cold-start].trap",
        "log.local[system].enabled",
        "log.send-categories",
        "services.syslog",
        "login.auto-logout",
        "login.banner",
        "accounts.account[admin].group",
        "tls.high-security",
    ] {
        assert!(base.facts.value(path).is_some_and(|f| f.value.is_known()), "{path} is not read");
    }
    for path in ["time.timezone", "services.https", "accounts.group[guest].access"] {
        assert!(matches!(base.facts.value(path).map(|f| &f.value), Some(Value::Foreign(_))), "{path} has no source");
    }
    let words = leaves(&base.facts).filter(|l| l.path.ends_with(".mode.kind")).map(|l| l.fact.value.plain());
    assert_eq!(words.filter(|w| w == "rfc2217").count(), 6);
}

/// What no setting maps is little, and the table says of each key why.
#[test]
fn few_lines_of_the_export_have_no_setting() {
    let Some(text) = export() else { return };
    let base = read(&text);
    let dialect::Table::Ini(table) = &table().table else { panic!("sections") };
    assert!(base.kept.len() <= 160, "{} lines", base.kept.len());
    let why: BTreeMap<&str, &str> =
        table.loose().into_iter().map(|((_, name), key)| (name, key.why.as_deref().unwrap_or(""))).collect();
    for kept in &base.kept {
        let name = kept.shown.split('=').next().unwrap_or_default();
        assert!(why.get(name).is_some_and(|why| !why.is_empty()), "{name}");
    }
}

#[test]
fn the_export_redacted_shows_no_secret_and_reads_the_same() {
    for text in [Some(HARDENED.to_owned()), export()].into_iter().flatten() {
        let whole = read(&text);
        let public = ini::redact(table(), &text);
        assert_eq!(public.split('\n').count(), text.split('\n').count());
        assert!(!public.contains("fixture-"), "a value of the fixture that is a secret");
        for value in whole.secrets.values() {
            let secret = format!("={}\r\n", value.expose_text().expect("text"));
            assert!(!public.contains(&secret));
        }
        let again = read(&public);
        assert_eq!(again.facts, whole.facts);
        assert!(again.secrets.is_empty());
        assert_eq!(again.redacted.len(), whole.secrets.len());
        assert_eq!(ini::redact(table(), &public), public);
    }
}

#[test]
fn a_description_of_one_service_changes_its_line_and_no_other() {
    let base = read(HARDENED);
    let text = sealed_or_panic(&described("services { snmp off }"), &base);
    assert_eq!(changed(HARDENED, &text), ["[SNMP Agent] SNMP Mode=0"]);
}

#[test]
fn a_description_of_nothing_changes_nothing() {
    let base = read(HARDENED);
    assert!(sealed_or_panic(&described(""), &base) == HARDENED);
    assert!(sealed_or_panic(&base.facts, &base) == HARDENED);
}

#[test]
fn what_is_described_changes_the_lines_that_it_should() {
    let base = read(HARDENED);
    let own = described(
        r#"
        accounts {
            account "shift-a" group="guest" enabled=on
            account "a0" group="admin"
            account "old-vendor" removed
        }
        allowlist { host "10.77.0.10"; host "10.77.9.9"; host "10.77.6.0/24" }
        password-policy { must-contain "digit"; max-age never }
        login { auto-logout "10 min"; lockout on after=5 }
        snmp { community none; trap none }
        mail on { server "mail-1"; port 2525; authentication on; account "np02"; sender "np02@example.org"; to "ot@example.org" }
        time { ntp "10.77.0.6" }
        serial {
            port 1 { line "9600 8N2" interface="rs-232"; mode "tcp-server" secure="none" }
            port 3 { mode "reverse-ssh" inactivity="5 min" login="local" data-port=4403 }
            port 4 { mode "tcp-client" { destination "plc-7" port=4100; destination "plc-8" port=4101 } }
        }
        vendor-settings { key "Network Settings" "Gratuitous ARP" "1" }
        "#,
    );
    let text = sealed_or_panic(&own, &base);
    let mut lines = changed(HARDENED, &text);
    lines.sort();
    let mut expected = vec![
        // a free place is taken before one that is given up
        "[Accessible IP List] Active #2=1",
        "[Accessible IP List] Active #3=0",
        "[Accessible IP List] Active #4=1",
        "[Accessible IP List] IP Address #2=10.77.6.0",
        "[Accessible IP List] IP Address #3=0.0.0.0",
        "[Accessible IP List] Netmask #2=255.255.255.0",
        "[Accessible IP List] Netmask #3=0.0.0.0",
        "[Basic Settings] Time Server=10.77.0.6",
        "[Communication Parameters @Port #1] Baud Rate=12",
        "[Communication Parameters @Port #1] Interface=0",
        "[Communication Parameters @Port #1] Mode=7",
        "[Console Settings] Auto Logout Setting=10",
        "[E-Mail Alert] E-Mail Address 1=ot@example.org",
        // the list is owned whole
        "[E-Mail Alert] E-Mail Address 2=",
        "[E-Mail Alert] E-Mail Address 3=",
        "[E-Mail Alert] E-Mail Address 4=",
        "[E-Mail Alert] From E-Mail Address=np02@example.org",
        "[E-Mail Alert] Mail Port=2525",
        "[E-Mail Alert] Mail Server=mail-1",
        "[E-Mail Alert] Password=pw-mail",
        "[E-Mail Alert] SMTP Authentication=1",
        "[E-Mail Alert] User Name=np02",
        "[Network Settings] Gratuitous ARP=1",
        "[Operation Modes @Port #1] Secure=0",
        "[Operation Modes @Port #3] Application=3",
        "[Operation Modes @Port #3] Authentication Type=1",
        "[Operation Modes @Port #3] Inactivity Time Minute=5",
        "[Operation Modes @Port #3] Mode=18",
        "[Operation Modes @Port #3] Reverse Terminal Port=4403",
        "[Operation Modes @Port #4] TCP Client Dest. Address #1=plc-7",
        "[Operation Modes @Port #4] TCP Client Dest. Address #2=plc-8",
        "[Operation Modes @Port #4] TCP Client Dest. Address #3=",
        "[Operation Modes @Port #4] TCP Client Dest. Port #1=4100",
        "[Operation Modes @Port #4] TCP Client Dest. Port #2=4101",
        "[Password Login Policy] At Least One Special Character=0",
        "[Password Login Policy] Mixed Upper And Lower Case Letters=0",
        "[Password Login Policy] Password Lifetime=0",
        "[Password Login Policy] Retry Failure Threshold=5",
        "[SNMP Agent] Read Community String=",
        "[SNMP Trap] SNMP Trap Receiver=",
        "[SNMP Trap] Trap Community=",
        // the account that stays keeps its place, the new one takes the first free one, the others go
        "[User Settings] User Account #1=",
        "[User Settings] User Account #3=a0",
        "[User Settings] User Account #4=",
        "[User Settings] User Enable #1=0",
        "[User Settings] User Enable #3=1",
        "[User Settings] User Group #2=1",
        "[User Settings] User Group #3=0",
        "[User Settings] User Pass #1=",
        "[User Settings] User Pass #2=pw-shift-a",
        "[User Settings] User Pass #3=pw-a0",
        "[User Settings] User Pass #4=",
    ];
    expected.sort();
    assert_eq!(lines, expected);
}

#[test]
fn what_the_device_cant_hold_is_a_finding_at_the_value() {
    for (block, expected) in [
        ("password-policy { min-length 20 }", "platform.limit password-policy.min-length"),
        (r#"password-policy { must-contain "upper" "digit" }"#, "platform.limit password-policy.must-contain"),
        (r#"login { lockout after=11 }"#, "platform.limit login.lockout.after"),
        (r#"login { auto-logout never }"#, "platform.limit login.auto-logout"),
        (r#"login { auto-logout "90 s" }"#, "platform.limit login.auto-logout"),
        (r#"time { ntp "a" "b" }"#, "platform.limit time.ntp"),
        (r#"serial { port 9 { alias "x" } }"#, "platform.limit serial.port[9]"),
        (r#"serial { port 1 { mode "modem" } }"#, "platform.limit serial.port[1].mode.kind"),
        (r#"serial { port 1 { line "14400 8N1" } }"#, "platform.limit serial.port[1].line.settings"),
        (r#"allowlist { host "fe80::1" }"#, "platform.limit allowlist.host[fe80::1].net"),
        (r#"log { server "10.0.0.1"; server "10.0.0.2" }"#, "platform.limit log.server[10.0.0.2]"),
        (r#"accounts { account "ot-lead" group="nobody" }"#, "platform.limit accounts.account[ot-lead].group"),
        (r#"authentication { tacacs "10.0.0.1" }"#, "platform.limit authentication.tacacs[10.0.0.1].secret"),
        (r#"services { radius on }"#, "platform.limit services.radius.enabled"),
        (
            r#"routing { route "0.0.0.0/0" "10.77.0.1" }"#,
            "platform.limit routing.route[0.0.0.0/0,10.77.0.1].destination",
        ),
        (
            r#"network { interface "lan" { gateway "255.255.255.255" } }"#,
            "platform.limit network.interface[lan].gateway",
        ),
        (r#"services { sntp off }; time { ntp "10.77.0.6" }"#, "platform.contradiction services.sntp.enabled"),
        (
            r#"vendor-settings { key "Network Settings" "Gratuitous arp" "1" }"#,
            "platform.unknown-key vendor-settings.key",
        ),
        (
            r#"vendor-settings { key "SNMP Agent" "snmp  mode" "1" }"#,
            "platform.mapped-key vendor-settings.key[SNMP Agent,snmp  mode]",
        ),
        (
            r#"vendor-settings { key "Console Password" "Console Password" "x" }"#,
            "platform.hidden-key vendor-settings.key",
        ),
        (
            r#"vendor-settings { key "Network Settings" "Gratuitous ARP" "1\n[Console Password]" }"#,
            "platform.limit vendor-settings.key[Network Settings,Gratuitous ARP]",
        ),
        (r#"identity { hostname "<hidden>" }"#, "platform.limit identity.hostname"),
    ] {
        assert_eq!(refused(block), [expected], "{block}");
    }
}

/// A fault of a table or a renderer, as it would look: each is found at the setting, and nothing is sealed.
#[test]
fn a_file_that_says_something_else_than_was_judged_is_not_sealed() {
    let own = described(
        "password-policy { min-length 14; must-contain \"digit\" }\nnetwork { dns \"10.77.0.3\" \"10.77.0.4\" }\n\
         allowlist on { host \"10.20.0.10\"; host \"10.20.0.11\" }",
    );
    let base = read(HARDENED);
    let config = render(&own, &base).expect("it renders");
    let machine = config.machine.as_ref().expect("a file");
    let good = machine.fill(&SECRETS).unwrap_or_else(|e| panic!("{e}"));
    let nport = platform::of(PlatformKind::Nport6000);
    let found = |from: &str, to: &str| {
        let mut filled = machine.fill(&SECRETS).unwrap_or_else(|e| panic!("{e}"));
        assert!(good.text.contains(from), "{from:?} in\n{}", &*good.text);
        filled.text = good.text.replacen(from, to, 1).into();
        let back = platform::read_back(&nport, &device(own.clone()), &config, &filled, Some(&base), &SECRETS);
        let told = |f: &Finding| format!("{} {}", f.code, f.path.as_deref().unwrap_or_default());
        back.err().unwrap_or_default().iter().map(told).collect::<Vec<_>>()
    };
    assert_eq!(found("", ""), [""; 0]);
    for (what, from, to, path) in [
        (
            "a value that was said",
            "Password Minimum Length=14",
            "Password Minimum Length=8",
            "password-policy.min-length",
        ),
        (
            "as many words, and others",
            "At Least One Digit=1\r\nMixed Upper And Lower Case Letters=0\r\nAt Least One Special Character=0",
            "At Least One Digit=0\r\nMixed Upper And Lower Case Letters=0\r\nAt Least One Special Character=1",
            "password-policy.must-contain",
        ),
        (
            "the order of a list that has one",
            "DNS Server 1=10.77.0.3\r\nIPv4 DNS Server 2=10.77.0.4",
            "DNS Server 1=10.77.0.4\r\nIPv4 DNS Server 2=10.77.0.3",
            "network.dns",
        ),
        ("a list that was said", "10.20.0.11", "10.20.0.12", "allowlist.host"),
        ("a value that nobody said", "Auto Logout Setting=5", "Auto Logout Setting=7", "login.auto-logout"),
        (
            "a secret that nobody said",
            "Read Community String=fixture-read",
            "Read Community String=fixture-rea",
            "snmp.community[read-only].text",
        ),
        ("a line that no entry knows", "[Password Login Policy]", "[Password Login Policy]\r\nMade Up=1", "platform"),
    ] {
        let told = found(from, to);
        assert!(told.contains(&format!("platform.read-back {path}")), "{what}: {told:?}");
    }
}

#[test]
fn a_setting_that_has_no_key_stands_in_the_sheet() {
    let own =
        described(r#"time { timezone "Europe/London" }; services { https on; sntp on }; identity { hostname "f3" }"#);
    let config = render(&own, &read(HARDENED)).unwrap_or_else(|f| panic!("{f:#?}"));
    let form = |path: &str| config.rendered.iter().find(|r| r.path == path).map(|r| r.form);
    assert_eq!(form("identity.hostname"), Some(Form::Ini));
    assert_eq!(form("time.timezone"), Some(Form::Sheet));
    assert_eq!(form("services.https.enabled"), Some(Form::Sheet));
    let sheet = config.sheet.as_ref().expect("a sheet").redacted();
    assert!(sheet.contains("Europe/London") && !sheet.contains("f3"), "{sheet}");
}

#[test]
fn the_last_who_may_administer_is_not_taken_away() {
    let last = "platform.last-administrator accounts.account";
    assert!(refused(r#"accounts { account none }"#).contains(&last.to_owned()));
    assert!(refused(r#"accounts { account "ot-lead" removed }"#).contains(&last.to_owned()));
}

#[test]
fn the_example_is_rendered_over_its_capture_and_reads_back() {
    use fieldlock::site::{LoadOptions, files::Root, load};
    let root = Root::open(std::path::Path::new("examples/01-pump-station")).unwrap_or_else(|e| panic!("{e:?}"));
    let site = load(&root, &LoadOptions::default());
    let np02 = site.site.device("np02").expect("the example has it");
    let text = std::fs::read_to_string("examples/01-pump-station/captures/np02.ini").expect("a capture");
    let base = read(&text);
    assert_eq!(ini::redact(table(), &text), text, "a capture in a site is redacted");
    let nport = platform::of(PlatformKind::Nport6000);
    let config = nport.render(np02, Some(&base)).unwrap_or_else(|f| panic!("{f:#?}"));
    let filled = config.machine.as_ref().expect("a file").fill(&SECRETS).unwrap_or_else(|e| panic!("{e}"));
    platform::read_back(&nport, np02, &config, &filled, Some(&base), &SECRETS).unwrap_or_else(|f| panic!("{f:#?}"));
    assert!(config.unplaced.is_empty(), "{:?}", config.unplaced);
}

#[test]
fn without_a_base_the_platform_line_says_what_to_do() {
    let nport = platform::of(PlatformKind::Nport6000);
    let findings = nport.render(&device(described("services { snmp off }")), None).err().expect("refused");
    assert_eq!(findings[0].code, "platform.no-base");
    assert_eq!(findings[0].loc, Loc::new(FileId(1), fieldlock::source::Span::new(0, 4)));
}

#[test]
fn over_a_redacted_base_hidden_lines_are_left_out_and_said() {
    let public = ini::redact(table(), HARDENED);
    let base = read(&public);
    let own = described(r#"accounts { account "ot-lead" group="admin"; account "shift-a" group="shift" }"#);
    let config = render(&own, &base).unwrap_or_else(|f| panic!("{f:#?}"));
    let text = sealed_or_panic(&own, &base);
    assert!(text.contains("User Pass #1=pw-ot-lead\r\n") && text.contains("User Pass #2=pw-shift-a\r\n"));
    assert!(text.contains("User Pass #4=\r\n"), "an account that goes takes its password along");
    assert!(!text.contains("<hidden>"));
    let left: Vec<&str> = config.omitted.iter().map(|k| k.shown.as_str()).collect();
    assert!(left.contains(&"Console Password=<hidden>") && left.contains(&"Read Community String=<hidden>"));
    assert_eq!(text.lines().count() + left.len(), public.lines().count());
    // a file without the password lines takes them again
    let base = read(&text.replace("User Pass #1=pw-ot-lead\r\n", ""));
    let again = sealed_or_panic(&own, &base);
    assert!(again.contains("[User Settings]") && again.contains("User Pass #1=pw-ot-lead\r\n"));
}

#[test]
fn lines_that_are_odd_are_kept_and_hidden() {
    let odd = HARDENED
        .replace("[SNMP Agent]\r\n", "[SNMP Agent]\nstray words\nNew Key=secret-x\n")
        .replace("SNMP Mode=1\r\n", "SNMP Mode=9\r\nSNMP Mode=9\r\n")
        .replace("Password Lifetime=90\r\n", "Password Lifetime=90\r\nPassword Lifetime=30\r\n")
        .trim_end()
        .to_owned();
    let base = read(&odd);
    assert_eq!(
        base.facts.value("services.snmp").map(|f| f.value.clone()),
        Some(Value::foreign("9", Doubt::Undocumented))
    );
    assert!(!base.facts.value("password-policy.max-age").is_some_and(|f| f.value.is_known()), "two lines differ");
    assert_eq!(base.kept.iter().filter(|k| !k.listed).count(), 2);
    assert!(!ini::redact(table(), &odd).contains("secret-x") && !ini::redact(table(), &odd).contains("stray"));
    assert!(sealed_or_panic(&described(""), &base) == odd);
    let text = sealed_or_panic(&described("services { snmp off }"), &base);
    assert_eq!(changed(&odd, &text), ["[SNMP Agent] SNMP Mode=0", "[SNMP Agent] SNMP Mode=0"]);
}

/// What no table lists may be anything: a secret that somebody pasted in the wrong place.
#[test]
fn the_name_of_a_section_that_nobody_knows_is_hidden() {
    let text = format!("{HARDENED}\r\n[Canary-4711]\r\nMade Up=1\r\nEmpty=\r\n[]\r\n[Password Login Policy]\r\n");
    let public = ini::redact(table(), &text);
    assert!(
        public.contains("\n[<hidden>]\r\nMade Up=<hidden>\r\nEmpty=\r\n[]\r\n[Password Login Policy]\r\n"),
        "{public}"
    );
    assert_eq!(ini::redact(table(), &public), public);
    let veiled = dialect::veils(table(), &text);
    assert!(veiled.iter().any(|veil| &text[veil.span.range()] == "Canary-4711"));
    assert!(!dialect::veils(table(), &public).iter().any(|veil| public[veil.span.range()].contains("hidden")));

    let own = described("password-policy { min-length 14 }");
    let base = read(&text);
    let config = render(&own, &base).expect("it renders");
    let shown = config.machine.as_ref().expect("a file").redacted();
    assert!(!shown.contains("Canary") && shown.contains("\n[<hidden>]\r\nMade Up=<hidden>\r\n"), "{shown}");
    assert!(sealed_or_panic(&own, &base).contains("\n[Canary-4711]\r\nMade Up=1\r\n"));
    // over what was redacted, none of it can be written: it would stand in the section before
    let base = read(&public);
    let omitted: Vec<String> = render(&own, &base).expect("it renders").omitted.into_iter().map(|k| k.shown).collect();
    for line in ["[<hidden>]", "Made Up=<hidden>", "Empty="] {
        assert!(omitted.iter().any(|shown| shown == line), "{line}: {omitted:?}");
    }
    let written = sealed_or_panic(&own, &base);
    assert!(!written.contains("hidden") && !written.contains("\nEmpty="), "{written}");
}

#[test]
fn a_table_that_cant_be_read_back_does_not_load() {
    let head = r#"dialect "x" form="ini" firmware="1.0" grade="likely" source="s" { section "S" { "#;
    for (body, code) in [
        (r#"key "K" at="line" as="enum""#, "dialect.unknown-path"),
        (r#"key "K" at="services.rip" as="enum" { word "on" "1"; word "off" "1" }"#, "dialect.not-injective"),
        (r#"key "K" at="services.rip" as="enum" { word "on" "1" also="0"; word "off" "0" }"#, "dialect.not-injective"),
        (r#"tag "A" "B" at="services.rip" { word "on" "1" "2"; word "off" "1" "2" }"#, "dialect.not-injective"),
        (
            r#"members at="password-policy.must-contain" { member "A" "digit"; member "B" "digit" }"#,
            "dialect.not-injective",
        ),
        (r#"key "K" at="services.rip" as="bool"; key "K" at="services.wins" as="bool""#, "dialect.not-injective"),
        (r#"key "K" at="accounts.account[x].password" as="text""#, "dialect.codec"),
        (r#"key "K" at="services.rip" as="boole""#, "dialect.codec"),
        (r#"key "K" at="services.rip" as="bool" grade="sure""#, "dialect.grade"),
        (r#"key "K=1" at="services.rip" as="bool""#, "dialect.key"),
    ] {
        let text = format!("{head}{body} }} }}");
        let findings = dialect::load(FileId(3), &text, Grade::Confirmed).err().unwrap_or_default();
        assert!(findings.iter().any(|f| f.code == code && f.loc.file == FileId(3)), "{body}: {findings:#?}");
    }
    let text = format!("{head}key \"K\" at=\"services.rip\" as=\"bool\" grade=\"confirmed\" }} }}");
    let site = dialect::load(FileId(3), &text, Grade::Site).unwrap_or_else(|f| panic!("{f:#?}"));
    let dialect::Table::Ini(table) = &site.table else { panic!("sections") };
    assert_eq!(table.sections[0].entries[0].place.grade, Grade::Site, "a site's table reaches that at most");
}

const HOSTILE: [&str; 14] = [
    "a\\nSNMP Mode=1",
    "a\\r\\n[Console Password]\\r\\nConsole Password=x",
    "a\\u{0}b",
    "a\\u{1b}]52;c;x\\u{7}",
    "a\\u{85}b",
    "a\\u{2028}b",
    "a\\u{202e}b",
    "a\\u{200b}b",
    "\\\"",
    "[SNMP Agent]",
    "a;b",
    "?",
    "a=b",
    "\u{430}dmin",
];

#[test]
fn hostile_text_never_adds_a_line() {
    let base = read(HARDENED);
    let lines = HARDENED.split('\n').count();
    let mut refusals = 0;
    for text in HOSTILE {
        for block in [
            format!("identity {{ hostname \"{text}\" }}"),
            format!("identity {{ location \"{text}\" }}"),
            format!("identity {{ contact \"{text}\" }}"),
            format!("login {{ banner \"{text}\" }}"),
            format!("login {{ failure-message \"{text}\" }}"),
            format!("login {{ welcome on text=\"{text}\" }}"),
            format!("time {{ ntp \"{text}\" }}"),
            format!("serial {{ port 1 {{ alias \"{text}\" }} }}"),
            format!("accounts {{ account \"{text}\" password=(stored)\"np02/a0\" group=\"admin\" }}"),
            format!("accounts {{ account \"a0\" group=\"{text}\" }}"),
            format!("accounts {{ group \"{text}\" }}"),
            format!("log {{ server \"{text}\" }}"),
            format!("snmp {{ trap \"{text}\" version=\"v2c\" }}"),
            format!("authentication {{ radius \"{text}\" }}"),
            format!("vendor-settings {{ key \"DDNS\" \"Host Name\" \"{text}\" }}"),
            format!("vendor-settings {{ key \"{text}\" \"{text}\" \"1\" }}"),
        ] {
            // what the language itself refuses never comes this far
            let Ok(own) = checked(&block) else {
                refusals += 1;
                continue;
            };
            match sealed(&own, &base) {
                Ok(native) => {
                    assert_eq!(native.split('\n').count(), lines, "{block}");
                    assert!(!native.chars().any(|c| c.is_control() && c != '\r' && c != '\n') && native.is_ascii());
                    assert_eq!(native.matches('\r').count(), native.matches('\n').count());
                }
                Err(findings) => {
                    refusals += 1;
                    assert!(findings.iter().all(|f| f.code.starts_with("platform.")), "{findings:#?}");
                }
            }
        }
    }
    assert!(refusals > 100, "only {refusals}");
}

/// Descriptions of what this device can do.
fn blocks() -> impl Strategy<Value = String> {
    let switch = prop_oneof![Just("on"), Just("off")];
    let text = "[ -!#-:<-\\[\\]-~]{0,16}".prop_map(|t| t.trim().to_owned());
    let host = "10\\.[1-9]\\.[1-9][0-9]\\.[1-9]";
    let line = (0..4usize, 5..9u8, 0..5usize, 1..3u8)
        .prop_map(|(b, d, p, s)| format!("{} {d}{}{s}", [50, 9600, 115_200, 921_600][b], ["N", "O", "E", "M", "S"][p]));
    let mode = prop_oneof![
        Just("mode \"none\"".to_owned()),
        (1..100u32).prop_map(|n| format!("mode \"real-com\" alive-check=\"{n} min\" max-connections=2")),
        Just("mode \"rfc2217\" alive-check=never secure=\"encrypted\"".to_owned()),
        (1..65536u32, 0..2usize).prop_map(|(n, s)| format!(
            "mode \"tcp-server\" data-port={n} secure=\"{}\" inactivity=\"{n} ms\"",
            ["none", "encrypted"][s]
        )),
        prop::collection::btree_set("[a-z]{1,8}", 0..9).prop_map(|set| {
            let each: Vec<String> = set.iter().map(|h| format!("destination \"{h}\" port=4001")).collect();
            let each = if each.is_empty() { "destination none".to_owned() } else { each.join("; ") };
            format!("mode \"tcp-client\" {{ {each} }}")
        }),
        (1..65536u32, 1..9u8).prop_map(|(n, a)| format!(
            "mode \"udp\" local-port={n} {{ range \"10.0.0.{a}\" to=\"10.0.1.{a}\" port={n} }}"
        )),
        (1..100u32).prop_map(|n| format!("mode \"reverse-ssh\" inactivity=\"{n} min\" login=\"radius-local\"")),
    ];
    let identity = (text.clone(), text.clone())
        .prop_map(|(a, b)| format!("identity {{ hostname {}; location {} }}", quote(&a), quote(&b)));
    let login = (1..1441u32, 1..11u32, 1..61u32, switch.clone(), text.clone()).prop_map(|(a, b, c, s, t)| {
        format!("login {{ auto-logout \"{a} min\"; lockout {s} after={b} for=\"{c} min\"; banner {} }}", quote(&t))
    });
    let accounts = prop::collection::btree_set(0..4u8, 1..5).prop_map(|mut set| {
        // somebody who may administer stays
        set.insert(0);
        let groups = ["admin", "guest", "shift"];
        let each = set.iter().map(|n| format!("account \"a{n}\" group=\"{}\" enabled=on", groups[*n as usize % 3]));
        format!("accounts {{ {} }}", each.collect::<Vec<_>>().join("; "))
    });
    let hosts = (switch.clone(), prop::collection::btree_set(host, 0..17)).prop_map(|(s, set)| {
        let each: Vec<String> = set.iter().map(|h| format!("host \"{h}\"")).collect();
        let each = if each.is_empty() { "host none".to_owned() } else { each.join("; ") };
        format!("allowlist {s} {{ {each} }}")
    });
    let services = (switch.clone(), switch.clone(), switch.clone(), switch)
        .prop_map(|(a, b, c, d)| format!("services {{ snmp {a}; wins {b}; rip {c}; dhcp-client {d} }}"));
    let policy = (4..17u32, 0..8u8).prop_map(|(n, bits)| {
        let words = [(1, "\"digit\""), (2, "\"lower\" \"upper\""), (4, "\"special\"")];
        let words: Vec<&str> = words.iter().filter(|(b, _)| bits & b != 0).map(|(_, w)| *w).collect();
        let words = if words.is_empty() { "none".to_owned() } else { words.join(" ") };
        format!("password-policy {{ min-length {n}; must-contain {words} }}")
    });
    let server = host.prop_map(|h| format!("log {{ server \"{h}\" facility=\"local3\" }}; time {{ ntp \"{h}\" }}"));
    let port = (mode, line, text)
        .prop_map(|(m, l, t)| format!("serial {{ port 2 {{ {m}; line \"{l}\"; alias {} }} }}", quote(&t)));
    let all: Vec<BoxedStrategy<String>> = vec![
        identity.boxed(),
        login.boxed(),
        accounts.boxed(),
        hosts.boxed(),
        services.boxed(),
        policy.boxed(),
        server.boxed(),
        port.boxed(),
    ];
    prop::sample::subsequence((0..all.len()).collect::<Vec<_>>(), 0..=all.len())
        .prop_flat_map(move |picked| picked.iter().map(|i| all[*i].clone()).collect::<Vec<_>>())
        .prop_map(|parts| parts.join("\n"))
}

fn quote(text: &str) -> String {
    fieldlock::model::facts::quote(text)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reading_what_was_rendered_gives_what_was_said(block in blocks()) {
        let own = described(&block);
        let base = read(HARDENED);
        // `sealed` compares every setting after reading back
        let text = sealed(&own, &base).unwrap_or_else(|f| panic!("{block}\n{f:#?}"));
        let again = read(&text);
        prop_assert!(sealed_or_panic(&own, &again) == text, "said twice is said once");
        prop_assert!(sealed_or_panic(&again.facts, &again) == text, "what was read renders to what it was read from");
    }

    #[test]
    fn any_text_is_read_redacted_and_rendered_over_without_a_panic(
        noise in "\\PC{0,20}|[\\[\\]=;\r\n a#1]{0,40}",
        cuts in prop::collection::vec((0..HARDENED.len(), 0..40usize), 0..6),
    ) {
        let mut text = HARDENED.to_owned();
        // where a line break is lost and the key and `=` behind it too, a secret is part of a shown value: nobody can
        // tell
        let (mut breaks_are_there, mut signs_are_there) = (true, true);
        for (at, len) in cuts {
            let at = at.min(text.len());
            let end = (at + len).min(text.len());
            if text.is_char_boundary(at) && text.is_char_boundary(end) {
                breaks_are_there &= !text[at..end].contains(['\r', '\n']);
                signs_are_there &= !text[at..end].contains('=');
                text.replace_range(at..end, &noise);
            }
        }
        for text in [&text, &noise] {
            let base = read(text);
            let public = ini::redact(table(), text);
            let in_header = text.lines().any(|l| l.starts_with('[') && l.contains("fixture-"));
            prop_assert!(!public.contains("fixture-") || in_header || !(breaks_are_there || signs_are_there));
            if let Ok(config) = render(&described(""), &base) {
                let filled = config.machine.expect("a file").fill(&SECRETS).unwrap_or_else(|e| panic!("{e}"));
                // what comes from a site has LF; the device's line ends are the table's
                let own = if text.contains('\r') { text.clone() } else { text.replace('\n', "\r\n") };
                prop_assert!(config.omitted.is_empty() && *filled.text == *own || text.contains('<'));
            }
            let _ = sealed(&described("services { snmp off }"), &base);
        }
    }
}
