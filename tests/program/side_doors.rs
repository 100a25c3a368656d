//! Ways around the rules and ways out for secrets, through the program itself: native lines, captures, what stands
//! beside a finding, and what a build would put where everybody reads it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use crate::common;

/// Begins every secret here; no output may hold it.
const CANARY: &str = "Canary7";

struct Bench(tempfile::TempDir);

impl Bench {
    /// A copy of the first example.
    fn new() -> Bench {
        let temp = tempfile::tempdir().unwrap();
        copy(&common::project("examples/01-pump-station"), temp.path());
        Bench(temp)
    }

    fn with(settings: &str, device: &str) -> Bench {
        let bench = Bench::new();
        bench.change(&format!("devices/{device}.kdl"), |text| {
            let end = text.rfind('}').unwrap();
            format!("{}    {settings}\n}}\n", &text[..end])
        });
        bench
    }

    fn captured(file: &str, lines: &str) -> Bench {
        let bench = Bench::new();
        bench.change(&format!("captures/{file}"), |text| format!("{text}{lines}\n"));
        bench
    }

    fn change(&self, file: &str, change: impl FnOnce(&str) -> String) {
        let path = self.0.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        std::fs::write(path, change(&text)).unwrap();
    }

    fn run(&self, args: &[&str]) -> (i32, String) {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let output =
            common::alone(program.args(args)).current_dir(self.0.path()).stdin(Stdio::null()).output().unwrap();
        let text = [output.stdout, output.stderr].map(|b| String::from_utf8_lossy(&b).into_owned()).join("\n");
        (output.status.code().unwrap(), text)
    }

    /// The findings of a device, as `code path`, and the exit code.
    fn found(&self, device: &str) -> (i32, Vec<String>) {
        let (code, text) = self.run(&["check", ".", "--device", device, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(text.trim()).unwrap();
        let word = |f: &serde_json::Value, name: &str| f[name].as_str().unwrap_or("").to_owned();
        let findings = json["findings"].as_array().unwrap().iter().filter(|f| f["status"] != "deferred");
        (code, findings.map(|f| format!("{} {} {}", word(f, "rule"), word(f, "status"), word(f, "path"))).collect())
    }

    /// Every verb that prints something of a site, in every format.
    fn says_nothing_of_it(&self, device: &str) {
        let mut said = Vec::new();
        for format in common::FORMATS {
            for verb in ["check", "diff", "build"] {
                said.push(self.run(&[verb, ".", "--format", format, "--all"]).1);
            }
        }
        said.push(self.run(&["show", device, "--all"]).1);
        said.push(self.run(&["build", ".", "--secrets", "placeholder", "--keep-going", "-o", "draft"]).1);
        for folder in ["out", "draft"] {
            let folder = self.0.path().join(folder);
            let files = if folder.is_dir() { common::files(&folder) } else { Vec::new() };
            said.extend(files.into_iter().map(|(_, bytes)| String::from_utf8_lossy(&bytes).into_owned()));
        }
        for text in said {
            let lines: Vec<&str> = text.lines().filter(|line| line.contains(CANARY)).collect();
            assert!(lines.is_empty(), "{lines:#?}");
        }
    }
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
        let path: PathBuf = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy(&entry.path(), &path)
        } else {
            let _ = std::fs::copy(entry.path(), path).unwrap();
        }
    }
}

/// Native lines that stand for their kind, and what is said of each.
const LINES: [(&str, &str); 17] = [
    ("ntp authentication-key 1 md5 Canary7", "hidden-line"),
    ("NTP Authent 1 md5 Canary7", "hidden-line"),
    ("no snmp-server community Canary7", "hidden-line"),
    ("snmp-server community public rw", "hidden-line"),
    ("username backdoor privilege 4", "hidden-line"),
    ("user x pass Canary7", "hidden-line"),
    ("l2tp user a password Canary7", "hidden-line"),
    ("ip pptp 10.0.0.1 a Canary7", "hidden-line"),
    ("openvpn client Canary7", "hidden-line"),
    ("copy running-config scp a Canary7 10.0.0.1 f", "hidden-line"),
    ("wifi psk Canary7", "hidden-line"),
    ("logging 198.51.100.7", "mapped-line"),
    ("IP  telnet", "mapped-line"),
    ("ip tel", "mapped-line"),
    ("no ip telnet", "mapped-line"),
    ("interface lan", "mapped-line"),
    ("made up", "unknown-line"),
];

#[test]
fn a_native_line_is_no_way_around_a_setting_and_no_place_for_a_secret() {
    for (line, code) in LINES {
        let bench = Bench::with(&format!("vendor-settings {{ line \"{line}\" }}"), "ps7-router");
        let (exit, found) = bench.found("ps7-router");
        assert_eq!(exit, 1, "{line}: {found:?}");
        assert!(found.iter().any(|f| f.starts_with(&format!("platform.{code} fail"))), "{line}: {found:?}");
        assert_eq!(bench.run(&["build", "."]).0, 1, "{line}");
    }
}

#[test]
fn refused_native_lines_reach_no_output() {
    for (line, _) in LINES.iter().filter(|(line, _)| line.contains(CANARY)).step_by(3) {
        Bench::with(&format!("vendor-settings {{ line \"{line}\" }}"), "ps7-router").says_nothing_of_it("ps7-router");
    }
    let twice = format!(
        "vendor-settings {{ line \"snmp-server host 10.0.0.1 {CANARY}\"; line \"snmp-server host 10.0.0.1 {CANARY}\" }}"
    );
    Bench::with(&twice, "ps7-router").says_nothing_of_it("ps7-router");
    let bench = Bench::new();
    bench.change("profiles/mx-baseline.kdl", |text| {
        let end = text.rfind('}').unwrap();
        format!("{}    vendor-settings {{ line \"ip ddns password {CANARY}\" }}\n}}\n", &text[..end])
    });
    bench.says_nothing_of_it("ps7-router");
}

#[test]
fn a_native_key_is_no_place_for_a_secret_either() {
    for (key, code) in [
        (r#""V.92 Modem Settings" "Password" "Canary7""#, "hidden-key"),
        (r#""v.92 modem settings" "PASSWORD" "Canary7""#, "hidden-key"),
        (r#""DDNS" "Password" "Canary7""#, "mapped-key"),
        (r#""DDNS" "Shared Secret" "Canary7""#, "hidden-key"),
        (r#""Console Settings" "auto logout setting" "0""#, "mapped-key"),
        (r#""Network Settings" "Gratuitous arp" "1""#, "unknown-key"),
        (r#""Network Settings" "Gratuitous ARP" "2""#, "limit"),
    ] {
        let bench = Bench::with(&format!("vendor-settings {{ key {key} }}"), "np02");
        let (exit, found) = bench.found("np02");
        assert!(exit == 1 && found.iter().any(|f| f.starts_with(&format!("platform.{code} fail"))), "{key}: {found:?}");
        if key.contains(CANARY) {
            bench.says_nothing_of_it("np02");
        }
    }
}

#[test]
fn nothing_is_passed_through_where_no_machine_takes_it() {
    for (device, line, code) in [
        ("sw04", r#"line "ntp server""#, "no-machine-form"),
        ("np07", r#"line "ntp server""#, "no-machine-form"),
        ("np07", r#"key "DDNS" "Host Name" "a""#, "no-machine-form"),
        ("ps7-router", r#"key "DDNS" "Host Name" "a""#, "native-form"),
        ("np02", r#"line "ntp server""#, "native-form"),
    ] {
        let (exit, found) = Bench::with(&format!("vendor-settings {{ {line} }}"), device).found(device);
        assert!(
            exit == 1
                && found == [format!("platform.{code} fail vendor-settings.{}", &line[..line.find(' ').unwrap()])],
            "{device} {line}: {found:?}"
        );
    }
    Bench::with(&format!("vendor-settings {{ line \"snmp-server community {CANARY}\" }}"), "sw04")
        .says_nothing_of_it("sw04");
}

#[test]
fn what_a_native_line_may_change_is_unknown_and_the_line_stands_as_unjudged() {
    let bench = Bench::with("vendor-settings { line \"password-policy weak\" }", "ps7-router");
    let (exit, found) = bench.found("ps7-router");
    assert_eq!(exit, 1, "{found:?}");
    assert!(found.iter().any(|f| f.starts_with("MX-ACC") && f.contains(" unknown ")), "{found:?}");

    let bench = Bench::with("vendor-settings { line \"ip broadcast-forward\" }", "ps7-router");
    let (exit, found) = bench.found("ps7-router");
    assert_eq!((exit, &found[..]), (0, &["platform.unjudged unknown vendor-settings".to_owned()][..]));
    // a definition of components says what rules ask of a model, and nothing of any device
    for format in common::FORMATS.iter().filter(|format| **format != "oscal-component") {
        assert!(bench.run(&["check", ".", "--format", format]).1.contains("ip broadcast-forward"), "{format}");
    }
    assert_eq!(bench.run(&["build", "."]).0, 0);
    for file in ["review.md", "public/ps7-router.public.json"] {
        let text = std::fs::read_to_string(bench.0.path().join("out").join(file)).unwrap();
        assert!(text.to_lowercase().contains("unjudged") && text.contains("ip broadcast-forward"), "{file}: {text}");
    }
}

#[test]
fn a_captured_line_that_no_setting_maps_leaves_no_rule_green() {
    for line in ["snmp-server community <hidden>", "snmp-server version v1-v2c"] {
        let (exit, found) = Bench::captured("ps7-router.cli", line).found("ps7-router");
        let unknown = |f: &String| f.starts_with("MX-SNM") && f.contains(" unknown ");
        assert!(exit == 1 && found.iter().any(unknown), "{line}: {found:?}");
    }
    assert_eq!(Bench::captured("ps7-router.cli", "ip broadcast-forward").found("ps7-router"), (0, Vec::new()));
    // beside a native line of the description, neither takes the other's place
    let both = Bench::with("vendor-settings { line \"password-policy weak\" }", "ps7-router");
    both.change("captures/ps7-router.cli", |text| format!("{text}snmp-server version v1-v2c\n"));
    let (_, found) = both.found("ps7-router");
    for rules in ["MX-ACC", "MX-SNM"] {
        assert!(found.iter().any(|f| f.starts_with(rules) && f.contains(" unknown ")), "{rules}: {found:?}");
    }
}

#[test]
fn every_secret_of_a_capture_is_told_at_once_whatever_its_place() {
    let lines = "username x password Canary7\nsnmp-server community Canary7 rw\n auth-mode psk Canary7\nl2tp user a password \
                 Canary7\nip pptp 10.0.0.1 a Canary7\nip ddns password Canary7\nopenvpn server Canary7\nauth tacacs+ \
                 shared-key Canary7\nr# copy running-config scp a Canary7 10.0.0.1 f\nunheard-of key Canary7\nusername b \
                 password 0123456789abcdef privilege 1";
    let bench = Bench::captured("ps7-router.cli", lines);
    let (exit, text) = bench.run(&["check", ".", "--format", "plain"]);
    assert!(
        exit == 2 && text.contains("11 secrets in clear, in the lines 22, 23, 24, 25, 26, 27, 28, 29, 30, 31, 32"),
        "{text}"
    );
    bench.says_nothing_of_it("ps7-router");
    let ini = "[DDNS]\nPassword=Canary7\n[GSM/GPRS Settings]\nPIN=1234\n[Console Password]\nConsole Password=Canary7\n\
               [Network Settings]\nIPv4 PPPoE Password=Canary7\n[User Settings]\nUser Pass #16=Canary7\n[New Thing]\nShared \
               Secret=Canary7\n; password Canary7";
    let bench = Bench::captured("np02.ini", ini);
    let (exit, text) = bench.run(&["check", ".", "--format", "plain"]);
    assert!(exit == 2 && text.contains("7 secrets in clear"), "{text}");
    bench.says_nothing_of_it("np02");
    let bench = Bench::captured("np07.sheet", "Somewhere\tSNMP community\tCanary7");
    assert_eq!(bench.run(&["check", "."]).0, 2);
    bench.says_nothing_of_it("np07");
}

#[test]
fn what_is_redacted_or_names_no_secret_is_none() {
    for (file, lines) in [
        (
            "ps7-router.cli",
            "snmp-server host 10.0.0.9 <hidden>\nip ping-response\npassword-policy password max-life-time 90\nip pptp 10.0.0.1 a <hidden>\nauth-mode psk <secret ps7/vpn>\nbypass mapping monkey",
        ),
        ("np02.ini", "[DDNS]\nPassword=<hidden>\n[GSM/GPRS Settings]\nPIN=\n[New Thing]\nMapping=1"),
    ] {
        let (exit, text) = Bench::captured(file, lines).run(&["check", ".", "--format", "plain"]);
        assert!(exit != 2 && !text.contains("secret-in-capture"), "{file}: {text}");
    }
}

#[test]
fn literals_beside_a_finding_are_masked_in_every_position() {
    for (file, wrong) in [
        ("devices/ps7-router.kdl", format!("accounts {{ account \"x\" role=\"user\" note=\"{CANARY}\" }}")),
        ("devices/ps7-router.kdl", format!("snmp {{ community \"read-only\" \"{CANARY}\" }}")),
        ("devices/ps7-router.kdl", format!("login {{ auto-logout \"5 min\" \"{CANARY}\" }}")),
        ("devices/ps7-router.kdl", format!("login {{ auto-logot \"5 min\" }} // the old password was {CANARY}")),
        ("devices/ps7-router.kdl", format!("login {{ auto-logot \"5 min\" /* {CANARY} */ }}")),
        ("devices/ps7-router.kdl", format!("login {{ auto-logot \"5 min\"; /- banner \"{CANARY}\" }}")),
        ("site.kdl", format!("person \"x\" role=\"y\" password=\"{CANARY}\"")),
        ("site.kdl", format!("passphrase \"{CANARY}\"")),
        ("profiles/mx-baseline.kdl", format!("radius \"10.0.0.1\" \"{CANARY}\"")),
        ("profiles/mx-baseline.kdl", format!("account \"x\" note=\"{CANARY}\" \"{CANARY}\"")),
    ] {
        let bench = Bench::new();
        bench.change(file, |text| {
            let end = text.rfind('}').unwrap();
            format!("{}    {wrong}\n}}\n", &text[..end])
        });
        assert_eq!(bench.run(&["check", "."]).0, 2, "{wrong}");
        bench.says_nothing_of_it("ps7-router");
    }
}

#[test]
fn a_secret_in_the_place_of_something_else_is_not_shown() {
    for line in [
        "snmp { community \"Canary7a\" }",
        "snmp { community \"Canary7a\" access=\"read-only\" }",
        "snmp { user \"u\" auth=\"Canary7a\" privacy=\"Canary7b\" }",
        "accounts { account \"z\" \"Canary7a\" }",
        "accounts { account \"z\" role=\"Canary7a\" }",
        "exported-config encrypted=\"Canary7a\"",
        "certificate \"-----BEGIN PRIVATE KEY-----\\nCanary7a\"",
        "routing { ospf { interface \"lan\" auth=\"Canary7a\" } }",
        "vendor-settings { \"radius-server host 192.0.2.1 key Canary7a\" }",
        "vendor-settings { command \"ppp password Canary7a\" }",
        "vendor-settings { key \"SNMP Agent\" \"Read Community String=Canary7a\" }",
        "vendor-settings { key \"Password\" \"Canary7a\" }",
        "vendor-settings { key section=\"SNMP Agent\" name=\"Read Community String\" value=\"Canary7a\" }",
        "native { line \"username x password Canary7a\" }",
        "\"password Canary7a\" 1",
        "pppoe \"Canary7a\"",
        "pppoe { login \"x\" \"Canary7a\" }",
    ] {
        let bench = Bench::with(line, "np02");
        for args in [
            &["check", ".", "--format", "human"][..],
            &["check", ".", "--format", "json"],
            &["check", ".", "--format", "html"],
            &["diff", ".", "--format", "github"],
            &["show", "np02", "."],
        ] {
            let (code, text) = bench.run(args);
            assert_ne!(code, 0, "{line} is no setting");
            assert!(!text.contains(CANARY), "{line}: {args:?}: {text}");
        }
    }
    let bench = Bench::new();
    bench.change("site.kdl", |text| {
        let end = text.rfind('}').unwrap();
        format!("{}    vendor-settings {{ line \"ppp password Canary7a\" }}\n}}\n", &text[..end])
    });
    let (code, text) = bench.run(&["check", "."]);
    assert!(code == 2 && !text.contains(CANARY), "{code} {text}");
}

#[test]
fn a_secret_in_a_public_file_stops_the_build() {
    let secret =
        std::fs::read_to_string(common::project("examples/01-pump-station/demo/secrets/np07/historian")).unwrap();
    let secret = secret.trim();
    let hex: String = secret.bytes().map(|b| format!("{b:02x}")).collect();
    for text in [secret.to_owned(), format!("was {secret} once"), hex] {
        let bench = Bench::new();
        bench.change("devices/np07.kdl", |device| device.replace("pump station, cabinet 1", &text));
        let (exit, said) = bench.run(&["build", "."]);
        assert!(exit == 1 && said.contains("image.secret-in-public") && said.contains("np07/historian"), "{said}");
        assert!(
            said.contains("devices/np07.kdl") && said.contains("np07.public.json") || said.contains("np07.redacted"),
            "{said}"
        );
        let out = bench.0.path().join("out");
        assert!(!out.join("index.json").exists() && !out.join("images").exists(), "nothing is put into place");
    }
    assert_eq!(Bench::new().run(&["build", "."]).0, 0);
}

#[test]
fn a_secret_that_leaks_through_another_device_later_is_found_too() {
    let bench = Bench::new();
    assert_eq!(bench.run(&["build", "."]).0, 0);
    // nothing about sw04 changes: its files would stay as they are
    let text = std::fs::read_to_string(bench.0.path().join("out/public/sw04.public.json")).unwrap();
    let word = text.split(|c: char| !c.is_ascii_hexdigit()).find(|w| w.len() == 64).unwrap();
    std::fs::write(bench.0.path().join("demo/secrets/np07/historian"), format!("Aa1!{word}")).unwrap();
    let (exit, said) = bench.run(&["build", "."]);
    assert_eq!(exit, 0, "a digest is no secret with more before it: {said}");
    std::fs::write(bench.0.path().join("demo/secrets/np07/historian"), word).unwrap();
    let (exit, said) = bench.run(&["build", "."]);
    assert!(exit != 0, "{said}");
}

/// What `check` finds and `build` would refuse is followed by no `build`, though no rule says so.
#[test]
fn d4_nothing_that_a_build_refuses_leads_to_a_build() {
    let next = "next: fieldlock build";
    assert!(Bench::new().run(&["check", "."]).1.contains(next));
    let bench = Bench::new();
    bench.change("profiles/mx-baseline.kdl", |text| text.replacen("lockout on after=3", "lockout on after=11", 1));
    let (exit, said) = bench.run(&["check", "."]);
    assert!(exit == 1 && said.contains("platform.limit") && !said.contains(next), "{said}");
}
