use std::collections::{BTreeMap, BTreeSet};

use super::*;
use crate::dialect::sample::{device, mx, nport, secrets};
use crate::model::facts::{Group, Setting};
use crate::model::shape::FieldIx;
use crate::native::{NativeText, Piece};

fn site_device(kind: PlatformKind, text: &str, firmware: &str) -> SiteDevice {
    let tables = crate::dialect::Tables::shipped(kind);
    SiteDevice { firmware: firmware.parse().ok(), ..SiteDevice::alone("d1", tables, device(text)) }
}

fn texts(config: &NativeConfig) -> impl Iterator<Item = &NativeText> {
    config.machine.iter().chain(&config.sheet)
}

/// Renders and reads back, both texts.
fn through(device: &SiteDevice, base: Option<&Reading>) -> NativeConfig {
    let on = at(device);
    let config = on.render(device, base).unwrap();
    for text in texts(&config) {
        let filled = text.fill(&secrets(&device.own)).unwrap();
        assert_eq!(read_back(&on, device, &config, &filled, base, &secrets(&device.own)), Ok(()));
    }
    config
}

const ROUTER: &str = r#"
    accounts { account "ot" role="administrator"; account "admin" removed }
    login { banner "Authorised use only."; auto-logout "5 min"; lockout on after=3 for="15 min" }
    services { telnet off; http off; https on }
    allowlist on { host "10.20.0.10" }
    log { server "10.20.0.9" port=514 tls=on; send "login-fail" "lockout" }
"#;

#[test]
fn a_router_is_set_by_command_and_the_rest_by_hand() {
    let config = through(&site_device(PlatformKind::MxRos, ROUTER, "3.14"), None);
    let [machine, sheet] = [&config.machine, &config.sheet].map(|t| t.as_ref().unwrap().redacted());
    assert!(machine.contains("interface trusted-access 10.20.0.10 255.255.255.255 enable\n"), "{machine}");
    assert!(sheet.contains("\tLogin message\tAuthorised use only.\n"), "{sheet}");
    assert!(sheet.contains("\tEvents that are reported\tAccount locked\n"), "{sheet}");
    assert!(!sheet.contains("Telnet") && !sheet.contains("Trusted"), "{sheet}");
    assert_eq!(config.unplaced, Vec::<String>::new());
}

#[test]
fn over_a_base_only_what_was_said_is_sent() {
    let on = of(PlatformKind::MxRos);
    let running =
        "hostname r\nusername old password <hidden> privilege 1\nip telnet\nlogging 10.20.0.8 514 1\nmade up\n";
    let base = on.read(Form::Cli, FileId(0), running).unwrap();
    let config = through(&site_device(PlatformKind::MxRos, "services { snmp off; telnet off }", "3.14"), Some(&base));
    assert_eq!(config.machine.unwrap().redacted(), "no ip telnet\nsave\n");
    assert_eq!(config.sheet.unwrap().redacted(), "System > Management Interface > SNMP\tSNMP\tDisable\n");
    assert_eq!(config.unmodelled.len(), 1);
}

#[test]
fn a_line_that_nobody_asked_for_is_found_before_sealing() {
    for (kind, line) in [
        (PlatformKind::MxRos, "username evil password p privilege 1\n"),
        (PlatformKind::MxRos, "ip telnet port 24\n"),
        (PlatformKind::MxRos, "made up\n"),
        // beside a setting that was said, and in a line of its own
        (PlatformKind::MxRos, "password-policy complexity-check digit\n"),
        (PlatformKind::MxNos, "System > Management Interface > User Interface\tTelnet\tEnable\n"),
        (PlatformKind::MxNos, "Somewhere\tElse\tOn\n"),
    ] {
        let device = site_device(kind, "services { https on }; password-policy { min-length 12 }", "3.14");
        let on = of(kind);
        let mut config = on.render(&device, None).unwrap();
        let text = if on.machine.is_some() { &mut config.machine } else { &mut config.sheet };
        text.as_mut().unwrap().pieces.push(Piece::Shown(line.to_owned()));
        let filled = text.as_ref().unwrap().fill(&secrets(&device.own)).unwrap();
        let found = read_back(&on, &device, &config, &filled, None, &secrets(&device.own)).unwrap_err();
        assert!(found.iter().all(|f| f.code == "platform.read-back"), "{line}: {found:?}");
    }
}

/// What stands on a line that says a setting is lent by what the device has; a line of its own is nobody's.
#[test]
fn what_a_line_takes_from_the_base_was_judged_with_it() {
    let on = of(PlatformKind::MxRos);
    let base = on.read(Form::Cli, FileId(0), "hostname r\nlogging 10.20.0.9 514 1\n").unwrap();
    let device = site_device(PlatformKind::MxRos, "log { server \"10.20.0.9\" tls=on }", "3.14");
    let mut config = through(&device, Some(&base));
    let machine = config.machine.as_mut().unwrap();
    assert!(machine.redacted().starts_with("logging 10.20.0.9 514 "), "{}", machine.redacted());
    machine.pieces.push(Piece::Shown("logging vpn-log\nip telnet max-login-users 5\n".to_owned()));
    let filled = machine.fill(&secrets(&device.own)).unwrap();
    let found = read_back(&on, &device, &config, &filled, Some(&base), &secrets(&device.own)).unwrap_err();
    assert!(found.iter().any(|f| f.path.as_deref() == Some("services.telnet.max-users")), "{found:?}");
}

#[test]
fn nobody_is_locked_out_by_a_list_of_accounts() {
    let found = |kind, text: &str, firmware| {
        let device = site_device(kind, text, firmware);
        of(kind).limits(&device).iter().map(|f| f.code.to_string()).collect::<Vec<_>>()
    };
    let none = Vec::<String>::new();
    let last = ["platform.last-administrator"];
    assert_eq!(found(PlatformKind::MxRos, "accounts { account \"a\" role=\"user\" }", "3.14"), last);
    assert_eq!(found(PlatformKind::MxRos, "accounts { account none }", "3.14"), last);
    assert_eq!(
        found(PlatformKind::MxRos, "accounts { account \"a\" role=\"administrator\" enabled=off }", "3.14"),
        last
    );
    assert_eq!(found(PlatformKind::MxRos, "accounts { account \"admin\" removed }", "3.14"), none);
    assert_eq!(found(PlatformKind::Nport6000G2, "accounts { account \"a\" group=\"Operator\" }", "1.1"), last);
    assert_eq!(found(PlatformKind::Nport6000G2, "accounts { account \"a\" group=\"Administrator\" }", "1.1"), none);
    let own = "accounts { account \"a\" group=\"Readers\"; group \"Readers\" access=\"read-only\" }";
    assert_eq!(found(PlatformKind::Nport6000G2, own, "1.1"), last);
    assert_eq!(found(PlatformKind::MxNos, "", "9.0"), ["platform.firmware"]);
}

#[test]
fn a_length_that_the_device_does_not_take_is_a_limit() {
    for (kind, firmware, length, taken) in [
        (PlatformKind::MxRos, "3.24", 16, true),
        (PlatformKind::MxRos, "3.24", 20, false),
        (PlatformKind::MxNos, "4.1", 20, true),
        (PlatformKind::MxNos, "4.1", 64, false),
    ] {
        let device = site_device(kind, &format!("password-policy {{ min-length {length} }}"), firmware);
        let found = of(kind).render(&device, None).map(|_| ()).map_err(|f| f[0].code.to_string());
        assert_eq!(found, if taken { Ok(()) } else { Err("platform.limit".to_owned()) }, "{}: {length}", kind.word());
    }
}

#[test]
fn what_has_no_page_is_told() {
    let device = site_device(PlatformKind::Nport6000G2, "services { telnet off; wins off }", "1.1");
    assert_eq!(through(&device, None).unplaced, ["services.telnet.enabled"]);
    let menus: BTreeMap<&str, Option<String>> =
        ["services.wins", "services.telnet"].map(|p| (p, at(&device).page(p).map(|page| page.menu))).into();
    assert_eq!(menus["services.wins"].as_deref(), Some("Security > Services"));
    assert_eq!(menus["services.telnet"], None);
}

/// What is told of a rendering: why there is none, else what has no place and which texts there are.
type Told = Result<(Vec<String>, Vec<Form>), Vec<Finding>>;

fn told(config: Result<NativeConfig, Vec<Finding>>) -> Told {
    let config = config?;
    let forms = texts(&config).map(|text| text.form).collect();
    Ok((config.unplaced, forms))
}

/// The state of a device: its own text, and a line that no table knows.
fn state(device: &SiteDevice) -> Option<Reading> {
    let on = at(device);
    let config = on.render(device, None).ok()?;
    let form = on.machine.unwrap_or(Form::Sheet);
    let text = texts(&config).find(|text| text.form == form)?.fill(&secrets(&device.own)).ok()?;
    on.read(form, FileId(0), &format!("{}made up\n", &*text.text))
}

proptest::proptest! {
    #[test]
    fn generated_devices_go_through(mx in [mx(), mx()], nport in [nport(), nport()], strange in 0..12usize) {
        for (kind, [text, other], firmware) in [
            (PlatformKind::MxRos, &mx, "3.14"),
            (PlatformKind::MxNos, &mx, "3.2"),
            (PlatformKind::Nport6000G2, &nport, "1.1"),
        ] {
            // some have a value that the device does not take
            let values = [("hostname \"", "hostname \"!"), ("account \"", "account \"a b"), ("min-length ", "min-length 1")];
            let (usual, wrong) = values.get(strange).unwrap_or(&("", ""));
            let device = site_device(kind, &text.replace(usual, wrong), firmware);
            let base = state(&site_device(kind, other, firmware));
            for base in [None, base.as_ref()] {
                // who only judges is told what whoever renders is told
                let on = of(kind);
                let judged = told(on.judge(&device, &device.own, base));
                proptest::prop_assert_eq!(&judged, &told(on.render(&device, base)));
                if judged.is_ok() {
                    through(&device, base);
                }
            }
            // what is said of each setting alone is what is said of all
            let judged = |settings: &Facts| match of(kind).judge(&device, settings, None) {
                Ok(config) => config.unplaced.into_iter().collect::<BTreeSet<String>>(),
                Err(findings) => findings.into_iter().map(|f| f.path.unwrap_or(f.message)).collect(),
            };
            let alone = |setting: (FieldIx, &Setting)| {
                let mut root = Group::new(device.own.root.shape, device.own.root.origin);
                root.set(setting.0, setting.1.clone());
                judged(&Facts { shape: device.own.shape, root })
            };
            let each: BTreeSet<String> = device.own.root.iter().flat_map(alone).collect();
            let renders = of(kind).judge(&device, &device.own, None).is_ok();
            let whole = judged(&device.own);
            proptest::prop_assert!(whole.is_subset(&each));
            proptest::prop_assert!(!renders || each == whole);
        }
    }
}

#[test]
fn whatever_a_command_sets_has_a_place_on_the_sheet_too() {
    for kind in PlatformKind::ALL {
        let on = of(kind);
        let Some(Table::Cli(table)) = on.table(Form::Cli).map(|dialect| &dialect.table) else { continue };
        let paths: BTreeSet<String> = table.specimens().into_iter().map(|(path, ..)| path).collect();
        assert!(paths.len() > 3, "{kind:?}: {paths:?}");
        let missing: Vec<&String> =
            paths.iter().filter(|path| !path.starts_with("asset.") && on.page(path).is_none()).collect();
        assert!(missing.is_empty(), "{kind:?}: {missing:?}");
        assert!(!on.has_place("serial.port.mode.kind"), "{kind:?}");
    }
    let nport = of(PlatformKind::Nport6000);
    assert!(nport.has_place("log.capacity.warning") && !nport.has_place("ethernet.port.enabled"));
}

#[test]
fn rows_of_the_mode_before_are_kept_lines_and_no_settings() {
    let sheet = |mode: &str| {
        let device = site_device(PlatformKind::Nport6000G2, &format!("serial {{ port 1 {{ mode {mode} }} }}"), "1.1");
        at(&device).render(&device, None).unwrap().sheet.unwrap().redacted()
    };
    let mode = |sheet: &str| sheet.lines().find(|row| row.contains("Port 1: Application")).unwrap().to_owned();
    let before = sheet("\"tcp-server\" data-port=4001 command-port=966 secure=\"encrypted\" ca=\"certs/a.pem\"");
    for (now, stays) in [("\"udp\"", &[][..]), ("\"none\"", &[]), ("\"real-com\"", &["ca"])] {
        let text = before.replace(&mode(&before), &mode(&sheet(now)));
        let reading = of(PlatformKind::Nport6000G2).read(Form::Sheet, FileId(0), &text).unwrap();
        let said = |name: &str| reading.facts.value(&format!("serial.port[1].mode.{name}")).is_some();
        for (name, value) in [("ca", "\tcerts/a.pem"), ("command-port", "\t966")] {
            let kept = reading.kept.iter().find(|kept| kept.shown.ends_with(value));
            let line = kept.and_then(|kept| text.lines().nth(kept.line - 1));
            assert_eq!(kept.map(|kept| &*kept.shown), line, "{now} {name}");
            assert_eq!((said(name), kept.is_some()), (stays.contains(&name), !stays.contains(&name)), "{now} {name}");
        }
    }
}
