//! What was read from a device is judged where a description is silent, believed only where it can be, and laid under
//! nothing unless it is whole and of this device.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;

use fieldlock::finding::{Finding, Severity, Verdict};
use fieldlock::pipeline::{self, ReadySite, Running};
use fieldlock::report::{self, Shown, View};
use fieldlock::secret::Secrets;

use crate::common::{self, build, now, project, ready, secrets, selection};

/// A copy of an example, some of its files changed.
fn copy(example: &str, change: &dyn Fn(&str, String) -> String) -> tempfile::TempDir {
    let (from, to) = (project(example), tempfile::tempdir().unwrap());
    let mut folders = vec![from.clone()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
            let name = entry.strip_prefix(&from).unwrap().to_str().unwrap().replace('\\', "/");
            if entry.is_dir() {
                std::fs::create_dir(to.path().join(&name)).unwrap();
                folders.push(entry);
            } else {
                let text = std::fs::read_to_string(&entry).unwrap();
                std::fs::write(to.path().join(&name), change(&name, text)).unwrap();
            }
        }
    }
    to
}

const PUMP_STATION: &str = "examples/01-pump-station";

/// A site of one router that says nothing but what it is, and what was read from it.
fn router(description: &str, head: &str, text: &str) -> tempfile::TempDir {
    let site = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| {
        let path = site.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "site.kdl",
        "site \"s\" { packs \"iec-62443-4-2-mx\" \"ot-baseline\"; person \"ot-lead\" role=\"ot\"; station \"eng\" address=\"10.20.0.10\" }\n",
    );
    let platform = "platform \"mx-ros\" model=\"EDR-G9010\" firmware=\"3.24\"";
    write("devices/r.kdl", &format!("device \"r\" {{\n{platform}\nasset serial=\"TB1\"\n{description}\n}}\n"));
    let head = format!("capture \"r\" form=\"cli\" taken=\"2026-11-01 08:00 UTC\" by=\"ot-lead\" {head}\n");
    write("captures/r.kdl", &head);
    write("captures/r.cli", text);
    site
}

const HEAD: &str = "serial=\"TB1\" firmware=\"3.24\"";

fn loaded(site: &Path) -> ReadySite {
    ready(site, None)
}

/// Verdict and finding of a rule on a device.
fn judged(ready: &ReadySite, device: &str, rule: &str) -> (Verdict, Option<Finding>) {
    let judgement = ready.judge(&Secrets::Absent, now());
    let evaluation = judgement.evaluations.iter().find(|e| &*e.judged.device.name == device).unwrap();
    let outcome = evaluation.outcomes.iter().find(|o| &*o.rule == rule).unwrap();
    (outcome.verdict, evaluation.findings.iter().find(|f| f.rules.iter().any(|r| r.id == rule)).cloned())
}

fn codes(ready: &ReadySite) -> Vec<&str> {
    ready.findings.iter().map(|f| &*f.code).collect()
}

/// The example of issue 8, B1: `telnet off` deleted, and the capture says `ip telnet`.
#[test]
fn b1_a_setting_that_nobody_writes_is_judged_as_the_device_has_it() {
    let gone = |file: &'static str, line: &'static str| {
        move |name: &str, text: String| if name == file { text.replace(line, "") } else { text }
    };
    for (file, line, device, rule, capture, said) in [
        (
            "profiles/mx-baseline.kdl",
            "        telnet off\n",
            "ps7-router",
            "MX-SVC-002",
            "captures/ps7-router.cli:13",
            "on",
        ),
        ("profiles/nport-baseline.kdl", "        snmp off\n", "np07", "NP6-SVC-007", "captures/np07.sheet:25", "on"),
    ] {
        let site = copy(PUMP_STATION, &gone(file, line));
        let ready = loaded(site.path());
        let (verdict, finding) = judged(&ready, device, rule);
        assert_eq!(verdict, Verdict::Fail, "{rule}");
        let finding = finding.unwrap();
        if rule == "MX-SVC-002" {
            assert!(finding.label.starts_with(&format!("not written; the device has `{said}`")), "{}", finding.label);
        }
        assert!(!ready.sources.name(finding.loc.file).starts_with("captures/"), "where it would stand");
        let note = &finding.related[0];
        let place = ready.sources.get(note.loc.file).unwrap().position(note.loc.span.start);
        assert_eq!(format!("{}:{}", ready.sources.name(note.loc.file), place.line), capture);
        assert!(note.text.contains("as read 2026-10-02") && note.text.contains("by ot-lead"), "{}", note.text);
        let text =
            report::plain(&pipeline::check(&ready, &Secrets::Absent, &selection("")), &ready.sources, &View::default());
        assert!(!text.contains("the factory setting"), "{text}");

        let secrets = secrets(site.path(), &ready, None);
        let built = build(&ready, &secrets, &site.path().join("out"), "");
        assert!(!built.wrote);
    }
}

/// What the router is said to run now.
fn handed_in(text: &str) -> Running {
    Running::handed("r", "now.cli", text)
}

#[test]
fn b1_a_build_over_a_state_that_is_handed_in_judges_that_state() {
    let site = router("", HEAD, "hostname r\nno ip telnet\n");
    assert_eq!(judged(&loaded(site.path()), "r", "MX-SVC-002").0, Verdict::Pass);
    let handed = |text: &str| judged(&ready(site.path(), Some(handed_in(text))), "r", "MX-SVC-002").0;
    assert_eq!(handed("hostname r\nip telnet\n"), Verdict::Fail);
    assert_eq!(handed("hostname r\nno ip telnet\n"), Verdict::Pass);
}

/// What is handed in lies in no git: it may hold secrets, and nothing in it is for the site to mend.
#[test]
fn b1_a_state_that_is_handed_in_is_told_nothing_of_a_capture() {
    let site = router("", HEAD, "hostname r\nno ip telnet\n");
    let text = "hostname r\npassword-policy minimum-length 20\nusername ot password Canary-1 privilege 1\n";
    assert_eq!(codes(&ready(site.path(), Some(handed_in(text)))), [""; 0]);
    // the same text in the site
    let told = loaded(router("", HEAD, text).path());
    assert_eq!(codes(&told), ["site.secret-in-capture", "site.capture-value"]);
}

/// A spare part is no stranger, and what its text says beside its own number is what it says.
#[test]
fn a_spare_part_is_judged_as_what_it_stands_for() {
    let site = router("", HEAD, "hostname r\n");
    let text =
        "r# show system\nSerial No. : 10.0\nr# show running-config\nhostname r\nntp remote-server 10.0.0.9\nr#\n";
    let serial_and_ntp = |spare: bool| {
        let ready = ready(site.path(), Some(Running { spare, ..handed_in(text) }));
        let device = ready.site.device("r").unwrap();
        let read = &device.read.as_ref().unwrap().facts;
        ["asset.serial", "time.ntp"].map(|path| read.value(path).unwrap().value.plain())
    };
    assert_eq!(serial_and_ntp(false), ["10.0", "10.0.0.9"]);
    assert_eq!(serial_and_ntp(true), ["TB1", "10.0.0.9"]);
}

#[test]
fn b1_what_a_text_does_not_show_is_unknown_but_where_its_silence_says_something() {
    let site = router("", HEAD, "r# show running-config\nhostname r\nr#\n");
    let ready = loaded(site.path());
    assert_eq!(
        judged(&ready, "r", "MX-SVC-002").0,
        Verdict::Pass,
        "Telnet is off from the factory, and is not printed"
    );
    let (verdict, finding) = judged(&ready, "r", "MX-SVC-001");
    assert_eq!(verdict, Verdict::Unknown, "HTTP is on from the factory; the text shows neither");
    assert_eq!(
        finding.unwrap().reason.as_deref(),
        Some("not written, and what was read does not show it: write it, or look it up on the device")
    );
    // a text that was cut off says nothing by what it lacks
    for cut in ["hostname r\n", "r# show running-config\nhostname r\ninterface ethernet 1/1\n no shutdown\n"] {
        let (verdict, finding) = judged(&loaded(router("", HEAD, cut).path()), "r", "MX-SVC-002");
        assert_eq!(verdict, Verdict::Unknown, "{cut}");
        let reason = "not written, and what was read shows neither it nor its own end: capture the device again, whole";
        assert_eq!(finding.unwrap().reason.as_deref(), Some(reason));
    }
}

/// Silence says something only of a configuration that is shown whole, and that nobody changed unread afterwards.
#[test]
fn b8_silence_of_a_part_is_none() {
    let telnet = |text: &str| judged(&loaded(router("", HEAD, text).path()), "r", "MX-SVC-002").0;
    let shown = "r# show running-config\nhostname r\nlogging 10.20.0.9 514 1\n";
    for text in [format!("{shown}r# exit\n"), format!("{shown}r# write memory\nr(config)# ip ssh\nr# exit\n")] {
        assert_eq!(telnet(&text), Verdict::Pass, "{text}");
    }
    for text in [
        shown.replace("config\n", "config | include o\n"),
        shown.replace("hostname", "% Invalid input\nr(config)# hostname"),
        format!("{shown}r(config)# ip tel\n"),
        format!("{shown}no ip telnet\nr(config)# IP TELNET\n"),
        format!("{shown}no ip telnet\nip telnet enable\n"),
        format!("{shown}no ip telnet\nr# reload factory-default\n"),
    ] {
        assert_eq!(telnet(&format!("{text}r# exit\n")), Verdict::Unknown, "{text}");
    }
}

/// An entry of a list that can't be called is told, and no rule of the list holds.
#[test]
fn b8_an_entry_that_can_not_be_called_is_not_lost() {
    let list = "interface trusted-access\ninterface trusted-access 10.20.0.10 255.255.255.255 enable\n";
    let of = |line: &str| {
        let ready = loaded(router("", HEAD, &format!("hostname r\n{list}{line}\n")).path());
        let verdicts = ["MX-ACL-002", "MX-ACL-004", "MX-ACL-006"].map(|rule| judged(&ready, "r", rule).0);
        (verdicts, codes(&ready).into_iter().map(str::to_owned).collect::<Vec<_>>())
    };
    assert_eq!(of("ip ssh"), ([Verdict::Pass; 3], vec![]));
    for net in ["0.0.0.0 0.255.0.0", "10.0.0.0 255.0.255.0", "0.0.0.0 /0", "0.0.0.0/0"] {
        let told = vec!["site.capture-value".to_owned()];
        assert_eq!(of(&format!("interface trusted-access {net} enable")), ([Verdict::Unknown; 3], told), "{net}");
    }
    assert_eq!(of("Interface trusted-access 0.0.0.0 0.0.0.0 enable").0, [Verdict::Unknown; 3]);
    // a firewall's rule without its name, or of a name that is there, lets through what it lets through
    let verdict = |rule: &str, text: &str| judged(&loaded(router("", HEAD, text).path()), "r", rule).0;
    let filter = |name: &str| {
        format!(
            "hostname r\nl3l7-policy enable\nl3l7-policy\n{name} enable\n action allow\n mode ip\nexit\n\
             l3l7-policy\n name rest\n enable\n logging\n action deny\n mode ip\nexit\nl3l7-policy default-action deny\n"
        )
    };
    for name in [" name all\n", "", " name rest\n"] {
        assert_eq!(verdict("OT-NET-018", &filter(name)), Verdict::Fail, "{name}");
    }
    // what is said of an interface that is not there is said of nobody
    let nat = "interface lan\n ip address static 10.20.10.1 255.255.255.0\nexit\nip nat 1\n desc x\n mode 1-1\n \
               original in-iface wan dst-ip 1.2.3.4\n translated dst-ip 10.20.10.7\n enable\nexit\n";
    assert_eq!(verdict("OT-NET-029", nat), Verdict::Fail);
    // off is not there
    let logs = |lines: &str| verdict("MX-LOG-001", &format!("r# show running-config\nhostname r\n{lines}r# exit\n"));
    assert_eq!(logs("logging 10.20.0.9 514 1\n"), Verdict::Pass);
    assert_eq!(logs("logging 10.20.0.9 514 1\nlogging 10.20.0.9 514 disable\n"), Verdict::Unknown);
    // what is written is what the device will have
    let owned = router(
        "allowlist on { host \"10.20.0.10\" }",
        HEAD,
        &format!("{list}interface trusted-access 0.0.0.0 0.255.0.0 enable\n"),
    );
    assert_eq!(judged(&loaded(owned.path()), "r", "MX-ACL-002").0, Verdict::Pass);
}

/// The same in a file, where flag, address and mask of an entry are lines of their own.
#[test]
fn b8_an_entry_with_a_line_too_few_or_too_many_is_not_lost() {
    let with = |changes: &[(&str, &str)]| {
        let site = copy(PUMP_STATION, &|name, text| match name {
            "profiles/nport-baseline.kdl" => {
                let (before, rest) = text.split_once("    allowlist on {").unwrap();
                format!("{before}{}", rest.split_once("\n    }\n").unwrap().1)
            }
            "captures/np02.ini" => {
                changes.iter().fold(text.replace("\r\n", "\n"), |text, (from, to)| text.replace(from, to))
            }
            _ => text,
        });
        let ready = loaded(site.path());
        let told = ready.findings.iter().filter(|f| &*f.code == "site.capture-value").count();
        (["NP6-ACL-003", "NP6-ACL-004"].map(|rule| judged(&ready, "np02", rule).0), told)
    };
    assert_eq!(with(&[]), ([Verdict::Pass; 2], 0));
    let wide = [("Address #2=10.20.0.99", "Address #2=0.0.0.0"), ("Netmask #2=255.255.255.255", "Netmask #2=0.0.0.0")];
    assert_eq!(with(&wide), ([Verdict::Fail, Verdict::Pass], 0));
    for change in [
        ("Active #2=1\n", "Active #2=0\nActive #2=1\n"),
        ("Active #2=1\n", "Active #2=0\n\n[Accessible IP List]\nActive #2=1\n"),
        ("Active #2=1\n", ""),
        ("Netmask #2=0.0.0.0\n", ""),
        ("IP Address #2=0.0.0.0\n", ""),
        ("IP Address #2=0.0.0.0\n", "IP Address #2=<hidden>\n"),
    ] {
        assert_eq!(with(&[&wide[..], &[change]].concat()), ([Verdict::Unknown; 2], 1), "{change:?}");
    }
}

#[test]
fn b1_accounts_that_the_device_has_are_judged_until_a_list_is_written() {
    let text = "username admin privilege 1\nusername ot password <hidden> privilege 1\n";
    let (verdict, finding) = judged(&loaded(router("", HEAD, text).path()), "r", "MX-ACC-001");
    assert_eq!((verdict, finding.unwrap().path.as_deref()), (Verdict::Fail, Some("accounts.account[admin].name")));
    let owned = "accounts { account \"ot\" role=\"administrator\" owner=\"ot-lead\" review-by=\"2027-06-30\" }";
    assert_eq!(judged(&loaded(router(owned, HEAD, text).path()), "r", "MX-ACC-001").0, Verdict::Pass);
    let removed = "accounts { account \"admin\" removed; account \"ot\" role=\"administrator\" }";
    let site = router(removed, HEAD, text);
    let ready = loaded(site.path());
    let complete = ready.site.device("r").unwrap().complete();
    assert!(complete.value("accounts.account[admin].password").is_none(), "what goes takes nothing along");
}

#[test]
fn b1_show_names_who_says_what() {
    let site = router("services { ssh on }", HEAD, "hostname r\nip telnet\n");
    let ready = loaded(site.path());
    let device = ready.site.device("r").unwrap();
    let text = report::show(Shown { device, facts: &device.complete() }, &ready.sources, &View::default());
    let line = |word: &str| text.lines().find(|l| l.trim_start().starts_with(word)).unwrap().to_owned();
    assert!(line("telnet on").contains("captures/r.cli:2 as read 2026-11-01 08:00 UTC by ot-lead"), "{text}");
    assert!(line("ssh on").ends_with("devices/r.kdl:4"), "{text}");
    assert!(line("device \"r\"").ends_with("// devices/r.kdl:1"), "{text}");
}

#[test]
fn b8_a_value_that_is_not_believed_is_told_with_why() {
    let site = router("", HEAD, "hostname r\npassword-policy minimum-length 20\n");
    let ready = loaded(site.path());
    let [finding] = &ready.findings[..] else { panic!("{:?}", codes(&ready)) };
    assert_eq!((&*finding.code, finding.severity), ("site.capture-value", Severity::Low));
    assert!(finding.message.ends_with("outside of 4 to 16, which the device takes"), "{}", finding.message);
    let (verdict, finding) = judged(&ready, "r", "MX-PWD-001");
    assert_eq!(verdict, Verdict::Unknown);
    assert!(finding.unwrap().reason.unwrap().contains("outside of 4 to 16"));
    let site = router("", HEAD, "hostname r\npassword-policy minimum-length 16\n");
    assert_eq!(codes(&loaded(site.path())), [""; 0]);
}

#[test]
fn b8_a_file_that_was_cut_off_is_no_base() {
    let whole = std::fs::read_to_string(project(PUMP_STATION).join("captures/np02.ini")).unwrap();
    let lines: Vec<&str> = whole.split_inclusive('\n').collect();
    for keep in (20..lines.len()).step_by(37).chain([lines.len() - 1]) {
        let cut = lines[..keep].concat();
        let site = copy(PUMP_STATION, &|name, text| if name == "captures/np02.ini" { cut.clone() } else { text });
        let ready = loaded(site.path());
        assert_eq!(codes(&ready), ["site.capture-incomplete"], "{keep} of {} lines", lines.len());
        assert!(!ready.states.contains_key("np02") && ready.site.device("np02").unwrap().read.is_none());
    }
    // a part that is missing in the middle is missing as well
    let (before, part) = whole.split_once("[Operation Modes @Port #2]").unwrap();
    let middle = format!("{before}{}", &part[part.find("\n[").unwrap() + 1..]);
    let site = copy(PUMP_STATION, &|name, text| if name == "captures/np02.ini" { middle.clone() } else { text });
    assert_eq!(codes(&loaded(site.path())), ["site.capture-incomplete"]);
    // so is a place of a list, though no place behind it tells of it
    let place = |line: &&str| {
        !line.starts_with("Active #16") && !line.contains("IP Address #16") && !line.contains("Netmask #16")
    };
    let place: String = whole.split_inclusive('\n').filter(place).collect();
    let site = copy(PUMP_STATION, &|name, text| if name == "captures/np02.ini" { place.clone() } else { text });
    assert_eq!(codes(&loaded(site.path())), ["site.capture-incomplete"]);
    // no more is counted where nothing more is missing
    let one =
        whole.split_inclusive('\n').filter(|line| !line.starts_with("Password Minimum Length")).collect::<String>();
    let site = copy(PUMP_STATION, &|name, text| if name == "captures/np02.ini" { one.clone() } else { text });
    let [finding] = &loaded(site.path()).findings[..] else { panic!("one line is missing") };
    let message = "`captures/np02.ini` is no whole export: it lacks `[Password Login Policy] Password Minimum Length`";
    assert_eq!(finding.message, message);
}

/// Whose it is and when it was read, whatever packs a site names.
#[test]
fn b8_what_was_read_is_of_this_device_and_young() {
    let of = |description: &str, head: &str, text: &str| {
        let ready = loaded(router(description, head, text).path());
        ["OT-CAP-001", "OT-CAP-002"].map(|rule| judged(&ready, "r", rule))
    };
    let text = "hostname r\nno ip telnet\n";
    let [identity, age] = of("", HEAD, text);
    assert_eq!((identity.0, age.0), (Verdict::Pass, Verdict::Pass));
    for (description, head, text) in [
        ("", "serial=\"TB2\" firmware=\"3.24\"", text),
        ("", "serial=\"TB1\" firmware=\"3.14\"", text),
        ("", HEAD, "x# show system\nSerial No. : TB2\nx# show running-config\nhostname r\n"),
        ("", HEAD, "x# show version\nModel Name : EDR-8010\nx# show running-config\nhostname r\n"),
        ("", HEAD, "x# show version\nFirmware Version : V3.14 build 24010101\nx# show running-config\nhostname r\n"),
    ] {
        let [(verdict, finding), _] = of(description, head, text);
        assert_eq!(verdict, Verdict::Fail, "{head} {text}");
        assert_eq!(finding.unwrap().severity, Severity::Critical);
    }
    let [(verdict, _), _] = of("", "firmware=\"3.24\"", text);
    assert_eq!(verdict, Verdict::Unknown, "nothing tells whose it is");
    let age = |taken: &str, limit: &str| {
        let site = router("", HEAD, text);
        let change = |name: &str, from: &str, to: &str| {
            let path = site.path().join(name);
            let text = std::fs::read_to_string(&path).unwrap().replace(from, to);
            std::fs::write(path, text).unwrap();
        };
        change("captures/r.kdl", "2026-11-01", taken);
        change("site.kdl", " }", &format!("; {limit} }}"));
        judged(&loaded(site.path()), "r", "OT-CAP-002").0
    };
    assert_eq!(age("2026-11-23", ""), Verdict::Fail, "tomorrow");
    assert_eq!(age("2026-08-01", ""), Verdict::Fail, "more than 90 days ago");
    assert_eq!(age("2026-08-01", "max-capture-age \"365 d\""), Verdict::Pass);
    assert_eq!(age("2026-11-01", "max-capture-age \"7 d\""), Verdict::Fail);
}

#[test]
fn b8_a_text_without_its_head_is_told() {
    let site = router("", HEAD, "hostname r\n");
    for name in ["s.cli", "s.ini", "old/s.sheet"] {
        let path = site.path().join("captures").join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, "username x password Canary1\n").unwrap();
        let ready = loaded(site.path());
        assert_eq!(codes(&ready), ["site.capture-without-head"], "{name}");
        assert!(ready.findings[0].message.contains(name), "{}", ready.findings[0].message);
        std::fs::remove_file(path).unwrap();
    }
}

/// Nothing is described but what stands there: whatever fails, fails by what was read.
#[test]
fn the_brownfield_example_is_judged_by_what_was_read() {
    const SITE: &str = "examples/04-brownfield";
    let ready = loaded(&project(SITE));
    assert_eq!(codes(&ready), [""; 0]);
    let report = pipeline::check(&ready, &Secrets::Absent, &selection(SITE));
    assert_eq!(report.outcome().code(), 1);
    assert!(report.devices.iter().all(|device| !device.complies));
    for (device, rule, said) in [
        ("old-router", "MX-SVC-002", "captures/old-router.cli"),
        ("old-router", "MX-ACC-001", "captures/old-router.cli"),
        ("old-router", "MX-PRT-001", "captures/old-router.cli"),
        ("old-router", "MX-PWD-001", "captures/old-router.cli"),
        ("old-np", "NP6-SVC-007", "captures/old-np.sheet"),
        ("old-np", "NP6-SES-001", "captures/old-np.sheet"),
        ("old-server", "NP6-ACC-003", "captures/old-server.ini"),
    ] {
        let (verdict, finding) = judged(&ready, device, rule);
        assert_eq!(verdict, Verdict::Fail, "{device} {rule}");
        let notes = finding.unwrap().related;
        let told = notes.iter().any(|note| ready.sources.name(note.loc.file) == said);
        assert!(told, "{device} {rule}: {notes:?}");
    }
    let (verdict, finding) = judged(&ready, "old-router", "MX-PRT-002");
    assert_eq!(verdict, Verdict::Fail, "a port of which nobody speaks");
    assert!(finding.unwrap().label.ends_with(": 1/1-10"));
    let shown = report::plain(&report, &ready.sources, &View::default());
    assert!(!shown.contains("the factory setting (captures"));
    common::expected::expect(
        "tests/expected/04-brownfield/check.txt",
        &report::check(&report, &ready.sources, &View::default()),
    );
}
