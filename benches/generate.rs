//! A realistic fleet: devices of about 3 KB of KDL once their profiles are merged, one capture for every five.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

/// What a fleet is made for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// To be checked: a fifth of the devices have something wrong.
    Check,
    /// To be built: all comply.
    Build,
    /// To be reported: two findings of each device.
    Report,
}

/// Writes a site of `count` devices into an empty folder.
pub(crate) fn fleet(root: &Path, count: usize, purpose: Purpose) {
    for folder in ["devices", "profiles", "certs", "captures"] {
        fs::create_dir_all(root.join(folder)).expect("an empty folder");
    }
    let write = |path: &str, text: &str| fs::write(root.join(path), text).expect("room on the disk");
    write("site.kdl", SITE);
    write("profiles/nport.kdl", &NPORT.replace("nport-good", "nport"));
    write("profiles/mx.kdl", &MX.replace("mx-good", "mx"));
    write("certs/ot-ca.pem", include_str!("../examples/01-pump-station/certs/ot-ca.pem"));
    for n in 0..count {
        let name = name(n);
        let wrong = if purpose == Purpose::Report {
            Wrong::Twice
        } else if purpose == Purpose::Check && matches!(n % 10, 0 | 3) {
            Wrong::Once
        } else {
            Wrong::Nothing
        };
        let text = if n % 5 < 3 { nport(n, wrong) } else { mx(n, wrong) };
        write(&format!("devices/{name}.kdl"), &text);
        if n % 5 == 4 {
            let head =
                "form=\"cli\" taken=\"2026-10-02 08:40 UTC\" by=\"ot-lead\" how=\"running-config\" firmware=\"3.24\"";
            write(&format!("captures/{name}.kdl"), &format!("capture \"{name}\" {head} serial=\"TB{n:08}\"\n"));
            write(&format!("captures/{name}.cli"), &format!("hostname {name}\n{RUNNING}"));
        }
    }
}

/// What is wrong with a device.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Wrong {
    Nothing,
    Once,
    Twice,
}

/// The secrets of a fleet, as `--secrets -` takes them.
pub(crate) fn secrets(count: usize) -> String {
    let of = |n: usize| match n % 5 < 3 {
        true => vec![format!("{}/ot-lead", name(n))],
        false => vec![format!("{}/ot-admin", name(n)), format!("{}/backup", name(n))],
    };
    let one = |(at, name): (usize, String)| format!("\"{name}\":\"Kq7-plant-{at:06}-Wz\"");
    let all: Vec<String> = (0..count).flat_map(of).enumerate().map(one).collect();
    format!("{{{}}}", all.join(","))
}

fn name(n: usize) -> String {
    if n % 5 < 3 { format!("np{n:05}") } else { format!("mx{n:05}") }
}

fn nport(n: usize, wrong: Wrong) -> String {
    let name = name(n);
    let mut text = String::new();
    let (high, low) = (n / 250 % 250 + 1, n % 250 + 1);
    writeln!(
        text,
        "device \"{name}\" {{\n    platform \"nport-6000-g2\" model=\"NPort 6250-G2\" firmware=\"1.1.0\"\n    zone \"control\"\n    \
         asset id=\"A-{n:05}\" serial=\"TB{n:08}\" owner=\"ot-lead\" location=\"cabinet {low}\"\n    use \"nport\"\n    \
         identity {{ hostname \"{name}\"; location \"cabinet {low}\" }}\n    \
         network {{ interface \"lan\" {{ address \"10.20.{high}.{low}/16\"; gateway \"10.20.0.1\" }} }}"
    )
    .expect("memory");
    text.push_str(match wrong {
        Wrong::Nothing => "",
        Wrong::Once => "    login { lockout on after=0 for=\"15 min\" }\n",
        Wrong::Twice => "    login { lockout on after=0 for=\"15 min\"; auto-logout never }\n",
    });
    text.push_str("    serial {\n");
    for port in 1..=2 {
        writeln!(
            text,
            "        port {port} {{\n            in-use on\n            mode \"tcp-server\" data-port={} command-port={} \
             secure=\"encrypted-authenticated\" ca=\"certs/ot-ca.pem\"\n            line \"9600 8N1\" interface=\"rs-485-2w\"\n            \
             alias \"sensor-{port}\"\n            purpose \"flow meter {port} of cabinet {low}\"\n        }}",
            4000 + port,
            965 + port
        )
        .expect("memory");
    }
    text.push_str("    }\n}\n");
    text
}

fn mx(n: usize, wrong: Wrong) -> String {
    let name = name(n);
    let (high, low) = (n / 250 % 250 + 1, n % 250 + 1);
    let (platform, ports, services, more) = if n % 5 == 3 {
        let services = "syslog on; sntp on; modbus off; profinet off; ethernet-ip off";
        ("\"mx-nos\" model=\"MDS-G4012\" firmware=\"3.2\"", 12, services, "")
    } else {
        let services = "https { tls-min \"1.2\" }; serial-console off; rip off";
        (
            "\"mx-ros\" model=\"EDR-G9010\" firmware=\"3.24\"",
            10,
            services,
            "    password-policy { complexity-check on }\n    allowlist { whole-lan off }\n",
        )
    };
    let services = if wrong == Wrong::Nothing { services.to_owned() } else { format!("{services}; telnet on") };
    let more =
        if wrong == Wrong::Twice { format!("{more}    login {{ auto-logout never }}\n") } else { more.to_owned() };
    let mut text = format!(
        "device \"{name}\" {{\n    platform {platform}\n    zone \"control\"\n    asset id=\"A-{n:05}\" serial=\"TB{n:08}\" \
         owner=\"ot-lead\" location=\"cabinet {low}\"\n    use \"mx\"\n    identity {{ hostname \"{name}\" }}\n    \
         network {{ interface \"lan\" {{ address \"10.20.{high}.{low}/16\" }} }}\n    services {{ {services} }}\n{more}"
    );
    text.push_str("    ethernet {\n");
    for port in 1..=ports {
        let used = if port <= 8 { "on" } else { "off" };
        writeln!(text, "        port \"1/{port}\" enabled={used} in-use={used} purpose=\"drop {port}\"")
            .expect("memory");
    }
    text.push_str("    }\n}\n");
    text
}

const SITE: &str = r#"site "fleet" {
    packs "nport-6000-g2" "iec-62443-4-2-mx" "fleet"
    zone "control" sl-t=2 { subnet "10.20.0.0/16" }
    station "eng-01" address="10.20.0.10" zone="control"
    log-server "10.20.0.9"
    person "ot-lead" role="owner of the OT network"
}
"#;

/// What a router of the fleet runs: some of what is described, and what should go.
const RUNNING: &str = "username admin password <hidden> privilege 1
username ot-admin password <hidden> privilege 1
password-policy minimum-length 8
password-policy complexity-check
login-lockout
login-lockout retry-threshold 5
login-lockout lockout-time 5
interface trusted-access 10.20.0.10 255.255.255.255 enable
interface trusted-access 10.20.0.77 255.255.255.255 enable
interface trusted-access
ip telnet
logging 10.20.0.9 514 1
ntp remote-server 10.20.0.5
interface ethernet 1/1
 no shutdown
exit
";

const NPORT: &str = include_str!("../examples/02-findings/profiles/nport-good.kdl");
const MX: &str = include_str!("../examples/02-findings/profiles/mx-good.kdl");
