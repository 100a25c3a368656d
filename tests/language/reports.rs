//! Every format tells the same findings, and no input makes a report slow.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use fieldlock::finding::Verdict;
use fieldlock::native::Side;
use fieldlock::pipeline::{self, ReadySite};
use fieldlock::report::{self, Report, View};
use fieldlock::secret::Secrets;

use crate::common::{self, project, ready, selection};

/// Code, device, setting: what a finding is about.
type Told = BTreeSet<(String, String, String)>;

/// Columns in which nothing is broken, so that the test reads lines.
const WIDE: View = View { colour: false, width: 20_000, ascii: false, all: false };

fn from_json(report: &Report, ready: &ReadySite) -> Told {
    let mut told = Told::new();
    for finding in report::formats::document(report, &ready.sources, false).findings {
        let devices: Vec<String> = finding.device.into_iter().chain(finding.also).collect();
        let path = finding.path.unwrap_or_default();
        for device in if devices.is_empty() { vec![String::new()] } else { devices } {
            told.insert((finding.rule.clone(), device, path.clone()));
        }
    }
    told
}

fn add(told: &mut Told, code: &str, devices: &[String], paths: &[String]) {
    let none = [String::new()];
    for device in if devices.is_empty() { &none } else { devices } {
        for path in if paths.is_empty() { &none } else { paths } {
            told.insert((code.to_owned(), device.clone(), path.clone()));
        }
    }
}

fn list(text: &str) -> Vec<String> {
    text.split(", ").map(str::to_owned).collect()
}

/// The number that a block begins with, and the rest of its first line.
fn numbered(line: &str) -> Option<(usize, &str)> {
    let (number, rest) = line.split_once(' ')?;
    Some((number.trim_end_matches('.').parse().ok()?, rest))
}

/// Numbered blocks, and rows of names and texts in them.
fn from_plain(text: &str) -> Told {
    let (mut told, mut blocks) = (Told::new(), 0);
    for block in text.split("\n\n").filter(|block| numbered(block).is_some()) {
        blocks += 1;
        let row = |name: &str| block.lines().find_map(|line| line.strip_prefix(name)).map_or(Vec::new(), list);
        add(&mut told, &row("diagnostic code: ")[0], &row("devices: "), &row("setting: "));
    }
    assert!(text.contains(&format!("\n{blocks} finding")), "the count is not {blocks}");
    told
}

/// One line a finding: where, how bad, its code. Devices and settings are counted beyond the first.
fn from_concise(text: &str) -> Vec<(String, usize)> {
    let code = regex::Regex::new(r"(?:^|: )(?:info|low|medium|high|critical) (\S+) ").unwrap();
    let others = regex::Regex::new(r"\[\S+ and (\d+) others?\]$").unwrap();
    let one = |line: &str| {
        let more = others.captures(line).map_or(0, |c| c[1].parse().unwrap());
        (code.captures(line).unwrap()[1].to_owned(), more + 1)
    };
    text.lines().map(one).collect()
}

/// Heads of devices at the margin, below them numbered findings; a head names those that are told above.
fn from_human(text: &str, known: &BTreeSet<String>) -> Told {
    let mut told = Told::new();
    let mut blocks: BTreeMap<usize, (String, BTreeSet<String>)> = BTreeMap::new();
    let (mut device, mut at) = (String::new(), 0);
    let mut heads: Vec<(String, usize)> = Vec::new();
    for line in text.lines().take_while(|line| !line.contains(" can be built   ")) {
        if let Some((number, rest)) = numbered(line) {
            let code = rest.split("   ").next().unwrap();
            blocks.insert(number, (code.to_owned(), BTreeSet::new()));
            heads.push((device.clone(), number));
            at = number;
        } else if let Some(site) = line.strip_prefix("site ") {
            assert!(!site.is_empty());
            device = String::new();
        } else if let Some((name, rest)) = line.split_once("   ").filter(|_| !line.starts_with(' ')) {
            device = name.trim().to_owned();
            let above = rest.split_once("told above in ").map_or(Vec::new(), |(_, numbers)| list(numbers));
            heads.extend(above.iter().map(|n| (device.clone(), n.parse().unwrap())));
            continue;
        }
        if let Some(block) = blocks.get_mut(&at).filter(|_| !line.contains('│')) {
            let tokens =
                line.trim_start().trim_start_matches("help: ").trim_start_matches("of ").split("   ").flat_map(list);
            block.1.extend(tokens.filter(|token| known.contains(token)));
        }
    }
    for (device, number) in heads {
        let (code, paths) = &blocks[&number];
        let devices = if device.is_empty() { Vec::new() } else { vec![device] };
        add(&mut told, code, &devices, &paths.iter().cloned().collect::<Vec<_>>());
    }
    told
}

/// An article each; names of devices and settings hold no blank.
fn from_html(page: &str) -> Told {
    let article = regex::Regex::new(r#"data-rule="([^"]*)" data-devices="([^"]*)" data-settings="([^"]*)""#).unwrap();
    let names = |text: &str| -> Vec<String> { text.split_whitespace().map(str::to_owned).collect() };
    let mut told = Told::new();
    for row in article.captures_iter(page) {
        add(&mut told, &row[1], &names(&row[2]), &names(&row[3]));
    }
    told
}

fn assert_same(site: &Path) -> Told {
    let ready = ready(site, None);
    let report = pipeline::check(&ready, &Secrets::Absent, &selection(""));
    let by_json = from_json(&report, &ready);
    let known = by_json.iter().map(|(_, _, path)| path.clone()).filter(|path| !path.is_empty()).collect();
    let told = |name: &str, told: Told| {
        let (more, less): (Vec<_>, Vec<_>) = (told.difference(&by_json).collect(), by_json.difference(&told).collect());
        assert!(more.is_empty() && less.is_empty(), "{}: {name} says {more:?} and not {less:?}", site.display());
    };
    told("plain", from_plain(&report::plain(&report, &ready.sources, &WIDE)));
    let causes = report::causes(&report, fieldlock::finding::Finding::is_told);
    let asked = causes.iter().map(|cause| (cause.finding.code.to_string(), cause.devices.len().max(1)));
    assert_eq!(from_concise(&report::concise(&report, &ready.sources, &WIDE)), asked.collect::<Vec<_>>());
    told("html", from_html(&report::html(&report, &ready.sources, &WIDE)));
    told("human", from_human(report::check(&report, &ready.sources, &WIDE).split("\npassed ").next().unwrap(), &known));
    by_json
}

/// A site of its own, of files by name.
fn site(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

const SITE: &str = "site \"s\" {\n    packs \"nport-6000-g2\" \"iec-62443-4-2-mx\" \"fleet\"\n    \
    zone \"control\" sl-t=2 { subnet \"10.20.0.0/16\" }\n    \
    station \"eng-07\" address=\"10.20.0.77\" zone=\"control\"\n    log-server \"10.20.0.8\"\n    \
    person \"a\" role=\"owner\"\n    person \"b\" role=\"approver\"\n}\n";

#[test]
fn all_formats_list_the_same_findings() {
    for example in std::fs::read_dir(project("examples")).unwrap() {
        assert_same(&example.unwrap().path());
    }
    let ports: String = (1..=28).map(|n| format!("        port \"1/{n}\" enabled=on in-use=off\n")).collect();
    let switch = |name: &str| {
        format!(
            "device \"{name}\" {{\n    platform \"mx-nos\" model=\"MDS-G4028\" firmware=\"5.0\"\n    \
             zone \"control\"\n    use \"weak\"\n}}\n"
        )
    };
    let weak = format!(
        "profile \"weak\" {{\n    platform \"mx-nos\" firmware=\"5.0\"\n    login {{ auto-logout never }}\n    \
         ethernet {{\n{ports}    }}\n}}\n"
    );
    let many = "device \"np16\" {\n    platform \"nport-6000\" model=\"NP6650-16\" firmware=\"2.3\"\n    \
        zone \"control\"\n    nonsense 1\n    serial { port 2 { mode \"udp\" } }\n}\n";
    let few = "device \"np8\" {\n    platform \"nport-6000\" model=\"NP6650-8\" firmware=\"2.3\"\n    \
        zone \"control\"\n    serial { port 2 { mode \"udp\" } }\n}\n";
    let waiver = "waiver \"W-1\" {\n    rule \"MX-SES-001\"\n    device \"sw1\" setting=\"login.auto-logout\" \
        value=\"never\"\n    from \"2026-06-01\"; until \"2027-01-01\"\n    reason \"r\"; risk \"r\"; instead \"i\"\n    \
        ticket \"C-1\"; owner \"a\"; approver \"b\"\n}\n";
    let own = site(&[
        ("site.kdl", SITE),
        ("profiles/weak.kdl", &weak),
        ("devices/sw1.kdl", &switch("sw1")),
        ("devices/sw2.kdl", &switch("sw2")),
        ("devices/sw3.kdl", &switch("sw3")),
        ("devices/np16.kdl", many),
        ("devices/np8.kdl", few),
        ("waivers/W-1.kdl", waiver),
    ]);
    let told = assert_same(own.path());
    let about = |device: &str, start: &str| told.iter().filter(|t| t.1 == device && t.2.starts_with(start)).count();
    assert!(about("sw2", "ethernet.port[") >= 28, "every port of a switch by its name");
    let ports = |t: &&(String, String, String)| t.1 == "np8" && t.2 == "serial.port";
    assert!(told.iter().any(|t| ports(&t)), "ports that are not described");
}

/// What a fix of a device says, by rule.
fn fixes(report: &Report, device: &str) -> BTreeMap<String, String> {
    let of_device = report.findings.iter().filter(|f| f.device.as_deref() == Some(device));
    let text = |f: &fieldlock::finding::Finding| {
        let safe = f.fix.as_ref().map_or("", |fix| if fix.safe { "safe " } else { "" });
        format!("{safe}{}", f.fix.as_ref().map(|fix| &*fix.kdl).or(f.help.as_deref()).unwrap_or_default())
    };
    of_device.map(|f| (f.code.to_string(), text(f))).collect()
}

#[test]
fn a_fix_is_for_this_device() {
    let np = "device \"np2\" {\n    platform \"nport-6000-g2\" model=\"NPort 6250-G2\" firmware=\"1.1.0\"\n    \
        zone \"control\"\n    login { auto-logout never; lockout on after=0 for=\"15 min\" }\n    \
        services { snmp on; https on; syslog on }\n    accounts { account \"zoe\" group=\"Administrator\" enabled=on }\n    \
        log { server \"10.20.0.8\" port=7000 tls=off }\n    allowlist on { host \"10.20.0.99\" }\n    \
        serial {\n        port 1 { mode \"none\" }\n        port 2 { mode \"real-com\" secure=\"none\" }\n    }\n}\n";
    let own = site(&[("site.kdl", SITE), ("devices/np2.kdl", np)]);
    let ready = ready(own.path(), None);
    let report = pipeline::check(&ready, &Secrets::Absent, &selection(""));
    let fixes = fixes(&report, "np2");
    let fix = |rule: &str| fixes.get(rule).map_or("", |fix| &**fix);
    assert_eq!(fix("NP6-SES-002"), "safe login { auto-logout \"5 min\" }");
    assert_eq!(fix("NP6-SES-001"), "safe login { lockout on after=3 for=\"15 min\" }");
    assert_eq!(fix("NP6-SER-004"), "serial { port 2 { mode \"real-com\" secure=\"encrypted\" } }");
    assert_eq!(fix("NP6-SNM-001"), "services { snmp off }");
    assert_eq!(fix("NP6-ACL-004"), "allowlist on { host \"10.20.0.77\" }");
    assert!(fix("NP6-LOG-002").contains("server \"10.20.0.8\" port=7000 tls=on"), "{}", fix("NP6-LOG-002"));
    for (rule, fix) in &fixes {
        for alien in ["10.20.0.10\"", "10.20.0.9\"", "j.miller", "Example Water", "6514", "4001"] {
            assert!(!fix.contains(alien), "{rule}: {fix}");
        }
    }
}

/// One stage of work on a site that grows.
fn checked(files: &[(&str, &str)]) -> Duration {
    let mut best = Duration::MAX;
    for _ in 0..2 {
        let own = site(files);
        let began = Instant::now();
        let ready = ready(own.path(), None);
        let report = pipeline::check(&ready, &Secrets::Absent, &selection(""));
        let view = View::default();
        let compared = pipeline::compare(&ready, &Secrets::Absent, &selection(""));
        let shown = [
            report::difference(&compared, &ready.sources, &view),
            report::check(&report, &ready.sources, &view),
            report::plain(&report, &ready.sources, &view),
            report::json(&report, &ready.sources, &view),
        ];
        best = best.min(began.elapsed());
        assert!(shown.iter().all(|text| !text.is_empty()));
    }
    best
}

#[test]
fn eight_times_the_input_takes_no_more_than_a_few_times_eight() {
    let within =
        |n: usize, one: &dyn Fn(usize) -> String, between: &str| (0..n).map(one).collect::<Vec<_>>().join(between);
    let device =
        |settings: String| format!("device \"x\" {{\n    platform \"mx-ros\" firmware=\"3.24\"\n    {settings}\n}}\n");
    let address = |i: usize| format!("10.{}.{}.{}", i >> 16, i >> 8 & 255, i & 255);
    let inputs: [(&str, &dyn Fn(usize) -> String); 7] = [
        ("unknown properties", &|n| {
            device(format!("login {{ lockout on {} }}", within(n, &|i| format!("x{i}=1"), " ")))
        }),
        ("masked properties", &|n| {
            device(format!("login {{ lockout on {} }}", within(n, &|i| format!("pass{i}=\"a\""), " ")))
        }),
        ("settings on one line", &|n| device(format!("login {{ {} }}", within(n, &|_| "x 1".to_owned(), "; ")))),
        ("one setting again and again", &|n| {
            device(format!("login {{ {} }}", within(n, &|_| "banner \"a\"".to_owned(), "\n")))
        }),
        ("hosts", &|n| {
            device(format!("allowlist on {{ {} }}", within(n, &|i| format!("host \"{}\"", address(i)), "\n")))
        }),
        ("the same host", &|n| {
            device(format!("allowlist on {{ {} }}", within(n, &|_| "host \"10.0.0.1\"".to_owned(), "\n")))
        }),
        ("servers", &|n| device(format!("log {{ {} }}", within(n, &|i| format!("server \"{}\"", address(i)), "\n")))),
    ];
    for (what, input) in inputs {
        let timed = |n: usize| checked(&[("site.kdl", SITE), ("devices/x.kdl", &input(n))]);
        assert_straight(&[(what, &timed)], 150);
    }
}

/// A device and what was read from it.
fn captured(platform: &str, form: &str, lines: &str) -> Duration {
    let device = format!("device \"x\" {{\n    platform {platform}\n}}\n");
    let head = format!("capture \"x\" form=\"{form}\" taken=\"2026-03-09 14:02 UTC\" by=\"a\" how=\"export\"\n");
    let text = if form == "sheet" { "captures/x.sheet" } else { "captures/x.cli" };
    checked(&[("site.kdl", SITE), ("devices/x.kdl", &device), ("captures/x.kdl", &head), (text, lines)])
}

#[test]
fn eight_times_the_capture_takes_no_more_than_a_few_times_eight() {
    let lines = |n: usize, one: &dyn Fn(usize) -> String| (0..n).map(one).collect::<String>();
    let address = |i: usize| format!("10.{}.{}.{}", i >> 16, i >> 8 & 255, i & 255);
    let (router, server) = ("\"mx-ros\" firmware=\"3.24\"", "\"nport-6000-g2\" firmware=\"1.1\"");
    let account = |i: usize| format!("username u{i} password <hidden> privilege 1\n");
    let inputs: [(&str, &dyn Fn(usize) -> Duration); 4] = [
        ("accounts", &|n| captured(router, "cli", &lines(n, &account))),
        ("accounts that leave", &|n| {
            let gone = lines(n, &|i| format!("no username u{i}\n"));
            captured(router, "cli", &(lines(n, &account) + &gone))
        }),
        ("hosts", &|n| {
            let host = |i: usize| format!("interface trusted-access {} 255.255.255.255 enable\n", address(i));
            captured(router, "cli", &lines(n, &host))
        }),
        ("rows", &|n| {
            let row = |i: usize| format!("Account Management > Accounts\tAccount Name\tu{i}\n");
            captured(server, "sheet", &lines(n, &row))
        }),
    ];
    assert_straight(&inputs, 150);
}

#[test]
fn eight_times_the_waivers_take_no_more_than_a_few_times_eight() {
    let waiver = |i: usize, device: &str, setting: &str| {
        let text = format!(
            "waiver \"W-{i}\" {{\n    rule \"MX-SVC-002\"\n    device \"{device}\" setting=\"{setting}\" value=\"on\"\n    \
             from \"2026-03-01\"; until \"2026-09-01\"\n    reason \"r\"\n    risk \"r\"\n    instead \"i\"\n    \
             ticket \"T\"\n    owner \"a\"; approver \"b\"\n}}\n"
        );
        (format!("waivers/w{i}.kdl"), text)
    };
    let device = |name: &str| {
        let text = format!(
            "device \"{name}\" {{\n    platform \"mx-ros\" firmware=\"3.24\"\n    services {{ telnet on }}\n}}\n"
        );
        (format!("devices/{name}.kdl"), text)
    };
    let all = |files: Vec<(String, String)>| {
        let named = files.iter().map(|(name, text)| (name.as_str(), text.as_str()));
        checked(&named.chain([("site.kdl", SITE)]).collect::<Vec<_>>())
    };
    let inputs: [(&str, &dyn Fn(usize) -> Duration); 2] = [
        ("waivers of one device", &|n| {
            let waivers = (0..n).map(|i| waiver(i, "x", &format!("services.s{i}")));
            all(waivers.chain([device("x")]).collect())
        }),
        ("waivers of a device each", &|n| {
            let name = |i: usize| format!("d{i}");
            all((0..n).flat_map(|i| [waiver(i, &name(i), "services.telnet"), device(&name(i))]).collect())
        }),
    ];
    assert_straight(&inputs, 60);
}

/// That each takes no more than a few times eight as long for eight times as much: 64 times would be a square.
fn assert_straight(inputs: &[(&str, &dyn Fn(usize) -> Duration)], from: usize) {
    let mut told = String::new();
    for (what, timed) in inputs {
        let (few, many) = (timed(from), timed(8 * from));
        let ratio = many.as_secs_f64() / few.as_secs_f64();
        if ratio > 16.0 {
            let _ = writeln!(told, "{what}: {ratio:.1} times as long, {few:?} and {many:?}");
        }
    }
    assert!(told.is_empty(), "{told}");
}

#[test]
fn what_is_too_many_is_told_where_it_begins() {
    let device = |settings: &str| {
        format!(
            "device \"x\" {{\n    platform \"mx-ros\" firmware=\"3.24\"\n    zone \"control\"\n    {settings}\n}}\n"
        )
    };
    let codes = |text: &str| {
        let own = site(&[("site.kdl", SITE), ("devices/x.kdl", text)]);
        let ready = ready(own.path(), None);
        ready.findings.iter().map(|f| f.code.to_string()).collect::<Vec<_>>()
    };
    let hosts = |n: usize| {
        let all: String = (0..n).map(|i| format!("host \"10.1.{}.{}\"\n", i / 256, i % 256)).collect();
        device(&format!("allowlist on {{\n{all}}}"))
    };
    assert_eq!(codes(&hosts(4096)), [""; 0]);
    assert_eq!(codes(&hosts(16_000)), ["shape.too-many"]);
    let properties: String = (0..20_000).map(|i| format!(" x{i}=1")).collect();
    assert_eq!(codes(&device(&format!("login {{ lockout on{properties} }}"))), ["syntax.too-many"]);
}

/// The command that a line tells to type: `next: fieldlock diff SITE   (why)   exit 0`.
fn commands(text: &str) -> Vec<String> {
    let typed = text
        .lines()
        .filter_map(|line| line.split_once("next: ").or(line.split_once("why: ")).or(line.split_once("then: ")));
    let command = |rest: &str| rest.split("   ").next().map(|c| c.trim_start_matches("fieldlock ").trim().to_owned());
    typed.filter_map(|(_, rest)| command(rest)).collect()
}

#[test]
fn every_next_line_leads_to_something_that_runs() {
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in common::files(&project("examples")) {
        if !name.split('/').any(|part| part == "out") {
            let path = folder.path().join("examples").join(&name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    let broken = folder.path().join("broken");
    std::fs::create_dir_all(broken.join("devices")).unwrap();
    std::fs::write(broken.join("site.kdl"), SITE).unwrap();
    std::fs::write(broken.join("devices/x.kdl"), "device \"x\" {").unwrap();
    let run = |arguments: &str| {
        let mut program = std::process::Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        common::alone(&mut program);
        let output = program.current_dir(folder.path()).args(arguments.split(' ')).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    let mut followed = BTreeSet::new();
    let mut due: Vec<String> = ["check", "diff", "build"]
        .iter()
        .flat_map(|verb| ["01-pump-station", "02-findings"].map(|site| format!("{verb} examples/{site}")))
        .chain(["check broken".to_owned(), "build examples/01-pump-station --device sw04 --out out-of-one".to_owned()])
        .collect();
    while let Some(arguments) = due.pop() {
        let (code, printed, complaint) = run(&arguments.replace("DIR", &format!("stick-{}", followed.len())));
        assert!(code != 2 || arguments.contains("broken"), "{arguments}: {complaint}");
        assert!(!printed.is_empty(), "{arguments} prints nothing: {complaint}");
        for command in commands(&printed) {
            if followed.insert(command.clone()) {
                due.push(command);
            }
        }
    }
    for verb in ["check", "explain", "build", "diff"] {
        assert!(followed.iter().any(|c| c.starts_with(verb)), "no line leads to {verb}: {followed:?}");
    }
}

#[test]
fn what_was_handed_in_is_named() {
    let text = "ip telnet\n".to_owned();
    let running = pipeline::Running::handed("ps7-router", "seen-today.txt", text);
    let ready = ready(&project("examples/01-pump-station"), Some(running));
    let report = pipeline::compare(&ready, &Secrets::Absent, &selection(""));
    let base = |name: &str| report.device(name).unwrap().difference.as_ref().unwrap().base.clone();
    assert_eq!(base("ps7-router").unwrap().file, "seen-today.txt");
    assert!(base("ps7-router").unwrap().by.is_empty(), "nobody read it that we know of");
    assert_eq!(base("np07").unwrap().file, "captures/np07.sheet");
    assert_eq!(base("sw04"), None);
    let shown = report::difference(&report, &ready.sources, &View::default());
    assert!(shown.contains("compared with seen-today.txt (handed in)"), "{shown}");
    assert!(shown.contains("1 not compared"), "{shown}");
}

/// What no text of a device has a place for is not read: told so, and no difference, whoever compares and however it is
/// shown.
#[test]
fn what_no_text_has_a_place_for_is_no_difference() {
    let capture = std::fs::read_to_string(project("examples/01-pump-station/captures/ps7-router.cli")).unwrap();
    let running = |text: &str| {
        let running = pipeline::Running { alone: true, ..pipeline::Running::handed("ps7-router", "now.cli", text) };
        ready(&project("examples/01-pump-station"), Some(running))
    };
    let ready = running(&capture);
    let [compared, drifted] = [pipeline::compare, pipeline::drift].map(|verb| {
        let mut report = verb(&ready, &Secrets::Absent, &selection(""));
        report.devices.retain(|device| &*device.name == "ps7-router");
        let difference = report.device("ps7-router").unwrap().difference.clone().unwrap();
        let unread = difference.changes.iter().filter(|row| row.change.before == Side::Unread);
        let unread: Vec<String> = unread.map(|row| row.change.path.clone()).collect();
        assert_eq!(difference.comparison(), report::Comparison::Differs);
        assert!(difference.unseen() >= unread.len() && unread.len() > 3, "{unread:?}");
        // commands have a word for it, a page alone for the other
        assert!(!unread.iter().any(|path| path == "hostname") && unread.iter().any(|path| path == "login.auto-logout"));
        let told = report::json(&report, &ready.sources, &WIDE);
        let told: serde_json::Value = serde_json::from_str(&told).unwrap();
        let device = told["devices"].as_array().unwrap().iter().find(|device| device["name"] == "ps7-router").unwrap();
        let changes = device["difference"]["changes"].as_array().unwrap();
        let not_read: Vec<_> = changes.iter().filter(|change| change["before"] == "<not read>").collect();
        assert!(not_read.len() == unread.len() && not_read.iter().all(|change| change["compared"] == false));
        let shown = report::difference(&report, &ready.sources, &WIDE);
        assert_eq!(shown.matches("<not read>").count(), unread.len(), "{shown}");
        let rows = report::csv(&report, &ready.sources, &WIDE);
        let rows = rows.lines().filter(|row| row.contains("differs") && row.contains("ps7-router"));
        assert!(!rows.clone().any(|row| row.contains("login.auto-logout")) && rows.count() >= difference.differing());
        (unread, difference.differing())
    });
    assert_eq!(compared, drifted);
}

/// A rule over several devices sees a device among the others as it runs, and is told beside what it asks of: beside no
/// other setting of the same group.
#[test]
fn a_rule_over_several_devices_stands_beside_what_it_asks_alone() {
    let capture = std::fs::read_to_string(project("examples/01-pump-station/captures/ps7-router.cli")).unwrap();
    let drift = |from: &str, to: &str| {
        let text = capture.replacen(from, to, 1);
        assert_ne!(text, capture);
        let running = pipeline::Running { alone: true, ..pipeline::Running::handed("ps7-router", "now.cli", text) };
        let ready = ready(&project("examples/01-pump-station"), Some(running));
        let report = pipeline::drift(&ready, &Secrets::Absent, &selection(""));
        let difference = report.device("ps7-router").unwrap().difference.clone().unwrap();
        let rules = difference.changes.iter().flat_map(|row| &row.rules).filter(|effect| effect.rule == "FLT-003");
        let rules: Vec<_> = rules.map(|effect| (effect.before, effect.after)).collect();
        (rules, difference.standing(), difference.rules_of(report::Standing::Weaker).join(" "))
    };
    let ntp = "ntp remote-server 10.20.0.5";
    let (other, standing, weaker) = drift(ntp, "ntp remote-server 10.20.0.77");
    assert_eq!(other, [(Some(Verdict::Fail), Verdict::Pass)], "its zone has another one");
    assert!(standing == report::Standing::Weaker && weaker.contains("FLT-003"), "{weaker}");
    let (key, ..) = drift(ntp, &format!("{ntp}\nclock timezone gmt -3"));
    assert_eq!(key, [], "another zone of time is no other server");
}

/// A rule that hands an analysis the name of a setting looks at that one, not at its neighbours.
#[test]
fn a_setting_that_is_handed_stands_for_its_group() {
    let ready = ready(&project("examples/06-factory"), None);
    let paths = |id: &str| ready.packs.rule(id).unwrap().paths();
    assert_eq!(paths("FLT-003"), ["time.ntp", "zone"]);
    let shape = fieldlock::model::Shape::device();
    let mut handed = 0;
    for rule in ready.packs.rules() {
        let setting = rule.analyse.iter().find_map(|analyse| Some(analyse.params.get("setting")?.to_string()));
        let Some(setting) = setting else { continue };
        let setting = setting.trim_matches('`').to_owned();
        handed += 1;
        assert!(shape.fields(&setting).is_some() && rule.paths().contains(&setting), "{}", rule.id);
        let top = setting.split('.').next().unwrap().to_owned();
        assert!(!rule.paths().contains(&top), "{} reads all of `{top}`", rule.id);
    }
    assert!(handed > 2, "{handed}");
}

/// What the screen, the page and the sheets count is one number.
#[test]
fn the_settings_that_are_typed_are_counted_alike() {
    let number = |text: &str, before: &str, after: &str| -> Vec<usize> {
        let pattern = regex::Regex::new(&format!("{before}(\\d+){after}")).unwrap();
        pattern.captures_iter(text).map(|found| found[1].parse().unwrap()).collect()
    };
    let read = |name: &str| std::fs::read_to_string(project("tests/expected/01-pump-station").join(name)).unwrap();
    let page = number(&read("review.md"), "", " typed by hand from the sheet");
    let sheets = ["np02", "np07", "ps7-router", "sw04"].map(|device| {
        let sheet = read(&format!("sheets/{device}.sheet.md"));
        number(&sheet, "(?:Of|All) ", " settings")[0]
    });
    assert_eq!(page, sheets);
    assert_eq!(number(&read("build.txt"), "", " typed from a sheet"), [page.iter().sum::<usize>()]);
}
