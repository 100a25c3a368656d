//! The pump station with one thing changed: what an engineer may write in good faith, and what the rules say of it. The
//! file that is changed stands first, then what is written in place of what.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use fieldlock::finding::Finding;
use fieldlock::pipeline::check;
use fieldlock::report::Report;
use fieldlock::secret::Secrets;

use crate::common;
use crate::common::plot::Plot;

type Case = (&'static str, &'static str, &'static str, &'static str);

const MX: &str = "profiles/mx-baseline.kdl";
const NP: &str = "profiles/nport-baseline.kdl";

fn report(plot: &Plot) -> Report {
    check(&common::ready(&plot.site(), None), &Secrets::Absent, &common::selection("."))
}

/// The pump station with one change.
fn changed(file: &str, from: &str, to: &str) -> Report {
    let plot = Plot::new();
    plot.edit(file, from, to);
    report(&plot)
}

fn open(report: &Report) -> BTreeSet<String> {
    report.findings.iter().filter(|f| is_open(f)).flat_map(|f| f.rules.iter().map(|r| r.id.clone())).collect()
}

fn is_open(finding: &Finding) -> bool {
    use fieldlock::finding::Verdict;
    matches!(finding.status, Verdict::Fail | Verdict::Unknown)
}

/// Each case is told by its rule, and by no other that was silent before.
fn each_is_told(cases: &[Case]) {
    let before = open(&report(&Plot::new()));
    let mut wrong = Vec::new();
    for (file, from, to, rule) in cases {
        let now = open(&changed(file, from, to));
        let new: Vec<&str> = now.difference(&before).map(|r| &**r).collect();
        if !new.contains(rule) {
            wrong.push(format!("{file}: `{from}` -> `{to}`: expected {rule}, told {new:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Nothing new is told of a case.
fn none_is_told(cases: &[(&str, &str, &str)]) {
    let before = open(&report(&Plot::new()));
    let mut wrong = Vec::new();
    for (file, from, to) in cases {
        let report = changed(file, from, to);
        let new: Vec<String> = open(&report).difference(&before).cloned().collect();
        let errors: Vec<&Finding> = report.findings.iter().filter(|f| f.is_input_error()).collect();
        if !new.is_empty() || !errors.is_empty() {
            wrong.push(format!("{file}: `{from}` -> `{to}`: {new:?} {errors:?}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

const NP07_ACCOUNT: &str = r#"account "ot-lead" group="Administrator" enabled=on purpose="work""#;

#[test]
fn a_value_is_worth_as_much_as_the_switch_above_it() {
    each_is_told(&[
        ("devices/ps7-router.kdl", "complexity-check on", "complexity-check off", "MX-PWD-002"),
        (NP, "complexity-check on", "complexity-check off", "NP6-ACC-005"),
        (MX, "lockout on", "lockout off", "MX-SES-002"),
        (NP, "lockout on", "lockout off", "NP6-SES-001"),
        (MX, "for=\"15 min\"", "for=never", "MX-SES-002"),
        (NP, "for=\"15 min\"", "for=\"61 min\"", "NP6-SES-001"),
        (MX, "allowlist on", "allowlist off", "MX-ACL-001"),
        (NP, "allowlist on", "allowlist off", "NP6-ACL-001"),
        ("devices/np02.kdl", "own-services on", "own-services off", "NP6-ACL-001-B"),
        (MX, "exported-config encrypted=on", "exported-config encrypted=off", "MX-BAK-001"),
        (NP, "local \"security\" on", "local \"security\" off", "NP6-LOG-005"),
        (NP, "syslog on purpose=\"central log\"", "syslog off", "NP6-LOG-001"),
        (NP, "sntp on purpose=\"log entries need the right time\"", "sntp off", "NP6-TIM-001"),
        (MX, "radius off; tacacs off", "radius on purpose=\"x\"; tacacs on purpose=\"x\"", "MX-AAA-001"),
        (NP, "radius off", "radius on purpose=\"x\"", "NP6-AAA-008"),
        (MX, "radius off;", "radius on purpose=\"x\";", "MX-AAA-002"),
    ]);
}

#[test]
fn what_looks_hardened_and_is_not_is_told() {
    let (ps7, np07) = ("devices/ps7-router.kdl", "devices/np07.kdl");
    let (accepts, model) =
        ("accepts=\"3.24 to 3.24.1\"", "model=\"EDR-G9010\" firmware=\"3.24\" accepts=\"3.24 to 3.24.1\"");
    const NOTICE: &str = "Authorised use only. Unauthorised access is prohibited. Use is monitored.";
    each_is_told(&[
        (ps7, "whole-lan off; ", "", "MX-ACL-001-B"),
        (ps7, "whole-lan off", "whole-lan on", "MX-ACL-001-B"),
        (MX, "account \"admin\" removed", "account \"Admin\" removed", "MX-ACC-001"),
        (ps7, model, "model=\"EDR G9010\" firmware=\"3.12\"", "MX-FWU-001"),
        (ps7, "rule \"rest\" \"deny\" enabled=on", "rule \"rest\" \"deny\" enabled=off", "OT-NET-018"),
        (ps7, "rule \"rest\" \"deny\"", "rule \"rest\" \"deny\" source=\"historian\"", "OT-NET-018"),
        ("captures/np02.ini", "Model Name=NP6250", "Model Name=NPort 6250-G2", "OT-CAP-001"),
        ("captures/np02.ini", "Model Name=NP6250", "Model Name=NPort", "OT-CAP-001"),
        ("captures/np02.ini", "Firmware Version=2.3", "Firmware Version=Ver. 1.18", "OT-CAP-001"),
        (
            MX,
            "allowlist on { host \"10.20.0.10\"",
            "allowlist on { host \"0.0.0.0\"; host \"10.20.0.10\"",
            "MX-ACL-006",
        ),
        (NP, "host \"10.20.0.10\"", "host \"224.0.0.1\"; host \"10.20.0.10\"", "NP6-ACL-002"),
        (MX, NOTICE, "Authorised use only. Nothing is prohibited.", "MX-BAN-001"),
        (MX, NOTICE, "Authorised use only. No visitor will be prosecuted.", "MX-BAN-001"),
        (MX, NOTICE, "Solo personal autorizado. No queda prohibido el acceso.", "MX-BAN-001"),
        (MX, NOTICE, "Riservato al personale autorizzato. Ogni altro uso non è vietato.", "MX-BAN-001"),
    ]);
    none_is_told(&[
        (ps7, accepts, "accepts=\"3.20 to 3.30\""),
        ("site.kdl", "address=\"10.20.0.10\"", "address=\"::ffff:10.20.0.10\""),
    ]);
    let blank = changed(np07, "purpose \"flow meter, pump 1\"", "purpose \"\u{fe0f}\"");
    assert!(blank.findings.iter().any(|f| f.is_input_error()), "a text that shows nothing");
    for other in ["9.0 to 9.9", "2.0 to 3.0", "3.24 to 4.9"] {
        let report = changed(ps7, accepts, &format!("accepts=\"{other}\""));
        assert!(report.findings.iter().any(|f| f.code == "platform.firmware"), "{other}");
    }
}

#[test]
fn rights_count_and_not_names() {
    let np07 = "devices/np07.kdl";
    each_is_told(&[
        (np07, "group=\"Administrator\" enabled=on", "group=\"Administrator\" enabled=off", "NP6-ACC-001"),
        (np07, "group=\"Administrator\"", "group=\"Operator\"", "NP6-ACC-001"),
        (np07, "group=\"Administrator\"", "group=\"Adminstrator\"", "NP6-ACC-006"),
        (
            np07,
            "access=\"read-only\"",
            "access=\"read-only\"; group \"Administrator\" access=\"read-only\"",
            "NP6-ACC-001",
        ),
        (np07, "access=\"read-only\"", "access=\"operate\"", "NP6-ACC-007"),
        (np07, "access=\"read-only\"", "access=\"full\"", "NP6-ACC-007"),
        (np07, NP07_ACCOUNT, "account \"admin\" group=\"Administrator\" enabled=on purpose=\"work\"", "NP6-ACC-002"),
        (MX, "role=\"administrator\" owner", "role=\"administrator\" enabled=off owner", "MX-ACC-001"),
        (MX, "role=\"administrator\" owner", "role=\"no-login\" owner", "MX-ACC-001"),
        (MX, "account \"admin\" removed", "account \"admin\" role=\"user\"", "MX-ACC-001"),
    ]);
    none_is_told(&[
        // whatever a group is called that has all rights
        (np07, NP07_ACCOUNT, "group \"Operator\" access=\"full\"; account \"ot-lead\" group=\"Operator\" enabled=on"),
        (np07, NP07_ACCOUNT, "group \"Leads\" access=\"full\"; account \"ot-lead\" group=\"Leads\" enabled=on"),
        // a default account that can't be used is none
        (MX, "account \"admin\" removed", "account \"admin\" role=\"no-login\""),
        (MX, "account \"admin\" removed", "account \"admin\" role=\"user\" enabled=off"),
    ]);
}

#[test]
fn servers_are_somebody_else() {
    each_is_told(&[
        (MX, "server \"10.20.0.9\"", "server \"127.0.0.1\"", "OT-LOG-005"),
        (MX, "server \"10.20.0.9\"", "server \"10.20.1.1\"", "OT-LOG-005"),
        (NP, "server \"10.20.0.9\"", "server \"0.0.0.0\"", "OT-LOG-005"),
        (NP, "server \"10.20.0.9\"", "server \"10.20.255.255\"", "OT-LOG-005"),
        (NP, "ntp \"10.20.0.5\"", "ntp \"10.20.7.7\"", "OT-LOG-005"),
        (MX, "ntp \"10.20.0.5\"", "ntp \"localhost\"", "OT-LOG-005"),
        (MX, "trap none", "trap \"224.0.0.1\" version=\"v3\"", "OT-LOG-005"),
        ("devices/np07.kdl", "network { interface", "network { dns \"127.0.0.1\"; interface", "OT-LOG-005"),
    ]);
}

#[test]
fn snmp_of_version_3_proves_and_encrypts() {
    let with = |auth: &str, privacy: &str| {
        let plot = Plot::new();
        let snmp = format!("versions \"v3\"; user \"m\" access=\"read-only\" auth=\"{auth}\" privacy=\"{privacy}\"");
        for file in [NP, MX] {
            plot.edit(file, "snmp off", "snmp on purpose=\"monitoring\"");
        }
        plot.edit(MX, "snmp { trap none }", &format!("snmp {{ trap none; {snmp} }}"));
        plot.edit(NP, "    time {", &format!("    snmp {{ {snmp} }}\n    time {{"));
        open(&report(&plot))
    };
    for (auth, privacy) in [("md5", "aes"), ("sha", "des"), ("none", "aes"), ("sha", "none")] {
        let told = with(auth, privacy);
        assert!(["NP6-SNM-002", "MX-SNM-003"].iter().all(|r| told.contains(*r)), "{auth} {privacy}: {told:?}");
    }
    let told = with("sha256", "aes");
    assert!(told.iter().all(|r| !r.contains("-SNM-")), "{told:?}");
}

const BANNER: &str =
    "Property of Example Water. Authorised use only. Unauthorised access is prohibited. Use is monitored.";

#[test]
fn a_notice_is_judged_by_what_it_says() {
    let bad = [
        "Welcome to the pump station. Property of Example Water. Authorised use only. Other use is prohibited.",
        "Property of Example Water. Authorised use only. Unauthorised access is not prohibited.",
        "Property of Example Water. Unauthorised access is prohibited.",
        "Pompestation van het waterschap",
        "Hello",
        " \u{a0} ",
    ];
    for text in bad {
        let report = changed(MX, BANNER, text);
        let told: Vec<&Finding> = report.findings.iter().filter(|f| f.code == "MX-BAN-001" && is_open(f)).collect();
        assert!(!told.is_empty(), "{text}");
        assert!(told.iter().all(|f| f.severity == fieldlock::finding::Severity::Medium), "{text}");
    }
    none_is_told(&[
        (MX, BANNER, "PROPERTY OF\\n   EXAMPLE WATER\\nAUTHORIZED USE\\nONLY. UNAUTHORIZED ACCESS\\nIS PROHIBITED."),
        (
            MX,
            BANNER,
            "Dieses Gerät ist Eigentum der Stadtwerke. Zugriff nur für Befugte. Jeder andere Zugriff ist verboten.",
        ),
        (
            MX,
            BANNER,
            "Ce système est la propriété de l'Eau. Réservé au personnel habilité. Tout autre accès est interdit.",
        ),
        (NP, BANNER, "Zugriff nur für befugtes Personal. Unbefugte Nutzung ist untersagt."),
    ]);
}

#[test]
fn a_failure_message_tells_not_which_half_was_wrong() {
    const MESSAGE: &str = "The account or password you entered is incorrect.";
    each_is_told(&[
        (NP, MESSAGE, "Unknown user, or try again.", "NP6-BAN-002"),
        (NP, MESSAGE, "Falsches Kennwort.", "NP6-BAN-002"),
        (NP, MESSAGE, "Beep.", "NP6-BAN-002"),
    ]);
    none_is_told(&[(NP, MESSAGE, "Invalid user name or password."), (NP, MESSAGE, "Anmeldung fehlgeschlagen.")]);
}

/// A copy of a device's file under another name, with what is changed in it.
fn copied(device: &str, changes: &[(&str, &str)]) -> (Plot, Report) {
    let plot = Plot::new();
    let mut text = std::fs::read_to_string(plot.site().join(format!("devices/{device}.kdl"))).unwrap();
    text = text.replace(&format!("device \"{device}\""), "device \"np99\"");
    for (from, to) in changes {
        assert!(text.contains(from), "{from}");
        text = text.replace(from, to);
    }
    plot.put("devices/np99.kdl", text.as_bytes());
    let report = report(&plot);
    (plot, report)
}

#[test]
fn a_copied_device_is_told_at_both_ends_and_once() {
    let (_plot, report) = copied("np07", &[]);
    let twins: Vec<&Finding> = report.findings.iter().filter(|f| f.code == "FLT-001").collect();
    for name in ["np07", "np99"] {
        let paths: BTreeSet<&str> =
            twins.iter().filter(|f| f.device.as_deref() == Some(name)).filter_map(|f| f.path.as_deref()).collect();
        let expected = ["asset.id", "asset.mac", "asset.serial", "identity.hostname", "network.interface[lan].address"];
        assert_eq!(paths, expected.into(), "{name}");
    }
    // one place and one sentence each, so that people read it once, and the other place beside it
    let told: BTreeSet<_> = twins.iter().map(|f| (f.loc, &f.message)).collect();
    assert_eq!(told.len(), 5, "{told:?}");
    assert!(twins.iter().all(|f| f.related.len() == 1 && f.related[0].loc.is_some() && f.related[0].loc != f.loc));
    assert!(report.devices.iter().filter(|d| ["np07", "np99"].contains(&&*d.name)).all(|d| !d.complies));
}

#[test]
fn a_device_of_its_own_is_no_twin() {
    let own = [
        ("A-1107", "A-1199"),
        ("TBAAB0004417", "TBAAB0004499"),
        ("00:90:e8:a1:04:07", "00:90:e8:a1:04:99"),
        ("hostname \"np07\"", "hostname \"np99\""),
        ("10.20.7.7/16", "10.20.7.99/16"),
    ];
    let (_plot, report) = copied("np07", &own);
    assert!(report.findings.iter().all(|f| f.code != "FLT-001"), "{:?}", report.findings);
    for (i, (from, _)) in own.iter().enumerate() {
        let others: Vec<(&str, &str)> = own.iter().copied().filter(|(f, _)| f != from).collect();
        let (_plot, report) = copied("np07", &others);
        let told = report.findings.iter().filter(|f| f.code == "FLT-001").count();
        assert_eq!(told, 2, "{i} {from}: one on each of the two");
    }
}

#[test]
fn addresses_gateways_and_zones_fit_together() {
    let np07 = "devices/np07.kdl";
    each_is_told(&[
        (np07, "10.20.7.7/16", "10.20.0.1/16", "OT-NET-003"),
        (np07, "10.20.7.7/16", "10.20.0.10/16", "OT-NET-003"),
        (np07, "10.20.7.7/16", "10.20.0.9/16", "OT-NET-003"),
        (np07, "10.20.7.7/16", "10.20.0.0/16", "OT-NET-003"),
        (np07, "10.20.7.7/16", "10.20.255.255/16", "OT-NET-003"),
        (np07, "10.20.7.7/16", "10.20.7.7", "OT-NET-003"),
        (np07, "10.20.7.7/16", "10.20.7.7/24", "OT-NET-003"),
        (np07, "gateway \"10.20.0.1\"", "gateway \"10.30.0.1\"", "OT-NET-003"),
        (np07, "gateway \"10.20.0.1\"", "gateway \"10.20.0.0\"", "OT-NET-003"),
        ("site.kdl", "subnet \"10.30.0.0/16\"", "subnet \"10.20.30.0/24\"", "OT-NET-003"),
        ("site.kdl", "subnet \"10.30.0.0/16\"", "subnet \"10.0.0.0/8\"", "OT-NET-003"),
    ]);
    none_is_told(&[
        (np07, "10.20.7.7/16", "10.20.0.2/16"),
        (np07, "10.20.7.7/16", "10.20.255.254/16"),
        (np07, "; gateway \"10.20.0.1\"", ""),
        ("site.kdl", "subnet \"10.30.0.0/16\"", "subnet \"10.21.0.0/16\""),
    ]);
}

#[test]
fn a_device_whose_firmware_or_model_is_not_said_right_does_not_comply() {
    for (device, from, to, code) in [
        ("np02", " firmware=\"2.3\"", "", "platform.no-firmware"),
        ("np07", " firmware=\"1.1.0\"", "", "platform.no-firmware"),
        ("sw04", " firmware=\"3.2\"", "", "platform.no-firmware"),
        ("ps7-router", " firmware=\"3.24\"", "", "platform.no-firmware"),
        ("sw04", "MDS-G4012", "EDR-G9010", "site.foreign-model"),
        ("np02", "NPort 6250", "NPort 6250-G2", "site.foreign-model"),
        ("np07", "NPort 6250-G2", "NPort 6150-G2", "platform.no-such-port"),
        ("np02", "NPort 6250", "NPort 6150", "platform.no-such-port"),
        ("sw04", "MDS-G4012", "TSN-G5004", "platform.no-such-port"),
    ] {
        let report = changed(&format!("devices/{device}.kdl"), from, to);
        let told = report.findings.iter().any(|f| f.code == code && f.device.as_deref() == Some(device));
        let complies = report.devices.iter().any(|d| d.name == device && d.complies);
        assert!(told && !complies, "{device}: `{from}` -> `{to}`: {:?}", report.findings);
    }
}

#[test]
fn tls_to_a_log_server_has_a_ca_on_every_platform() {
    each_is_told(&[
        (NP, " ca=\"certs/ot-ca.pem\"", "", "OT-LOG-006"),
        (MX, "server \"10.20.0.9\" port=6514", "server \"10.20.0.9\" port=6514 tls=on", "OT-LOG-006"),
    ]);
    none_is_told(&[
        (MX, "server \"10.20.0.9\" port=6514", "server \"10.20.0.9\" port=6514 tls=on ca=\"certs/ot-ca.pem\""),
        (MX, "server \"10.20.0.9\" port=6514", "server \"10.20.0.9\" port=6514 tls=off"),
    ]);
    // what is wrong with a file is mended in the file
    let report = changed("devices/np07.kdl", "ca=\"certs/ot-ca.pem\"", "ca=\"certs/gone.pem\"");
    let gone = report.findings.iter().find(|f| f.rules.iter().any(|r| r.id == "NP6-SER-006")).unwrap();
    assert!(gone.help.as_ref().unwrap().starts_with("put into `certs/gone.pem` the certificate"), "{gone:?}");
}

#[test]
fn the_devices_own_certificate_is_judged_as_described() {
    let np07 = "devices/np07.kdl";
    let line = "certificate \"imported\" file=\"certs/np07.pem\" root=\"certs/web-ca.pem\"";
    each_is_told(&[
        (np07, line, "certificate \"imported\" root=\"certs/web-ca.pem\"", "NP6-CRT-003"),
        (np07, line, "certificate \"imported\" file=\"certs/np07.pem\"", "NP6-CRT-003"),
        (np07, line, "certificate \"imported\" file=\"certs/gone.pem\" root=\"certs/web-ca.pem\"", "NP6-CRT-003"),
        // another authority, and one's own certificate in the place of the device's
        (np07, "root=\"certs/web-ca.pem\"", "root=\"certs/ot-ca.pem\"", "NP6-CRT-003"),
        (np07, "file=\"certs/np07.pem\"", "file=\"certs/web-ca.pem\"", "NP6-CRT-003"),
    ]);
    // an address alone, or a host name alone, may be another one: the certificate has both
    none_is_told(&[(np07, "10.20.7.7/16", "10.20.7.99/16"), (np07, "hostname \"np07\"", "hostname \"np99\"")]);
    let (_plot, report) =
        copied("np07", &[("10.20.7.7/16", "10.20.7.99/16"), ("hostname \"np07\"", "hostname \"np99\"")]);
    let told = |code: &str, device: &str| {
        let found = |f: &&Finding| f.rules.iter().any(|r| r.id == code) && f.device.as_deref() == Some(device);
        report.findings.iter().filter(found).count()
    };
    assert_eq!((told("NP6-CRT-004", "np99"), told("NP6-CRT-004", "np07")), (1, 0), "whose name it does not have");
    assert_eq!((told("FLT-009", "np99"), told("FLT-009", "np07")), (1, 1), "one key on two devices");
}
