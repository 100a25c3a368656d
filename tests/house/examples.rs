//! The examples run, and say what they are there to say.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use fieldlock::finding::Verdict;
use fieldlock::image::{self, Expected, KdfCeiling, Origin, Unlock};
use fieldlock::pipeline;
use fieldlock::report::{self, View};
use fieldlock::secret::Secrets;

use crate::common::expected::expect;
use crate::common::{self, build, files, project, ready, secrets, selection};

const PUMP_STATION: &str = "examples/01-pump-station";
const FINDINGS: &str = "examples/02-findings";

/// Digests of images differ in every build: keys are fresh.
fn without_digests(text: &str) -> String {
    let digest = regex::Regex::new("image `[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}`").unwrap();
    digest.replace_all(text, "image `....-....-....`").into_owned()
}

#[test]
fn the_pump_station_is_built_and_says_so() {
    let site = project(PUMP_STATION);
    let ready = ready(&site, None);
    let secrets = secrets(&site, &ready, None);
    let out = tempfile::tempdir().unwrap();
    let built = build(&ready, &secrets, &out.path().join("out"), PUMP_STATION);
    assert!(built.wrote, "{:?}", built.report.findings);
    assert_eq!(built.report.outcome().code(), 0);

    let view = View::default();
    let expected = "tests/expected/01-pump-station";
    expect(&format!("{expected}/build.txt"), &report::build(&built.report, &ready.sources, &view));
    for (name, bytes) in files(&out.path().join("out")) {
        // a page is named by its digest in the public file, and its words are those of the other two
        let shown = ["redacted/", "sheets/", "review.", "public/"].iter().any(|p| name.starts_with(p));
        let shown = shown && !name.ends_with(".html");
        if shown {
            expect(&format!("{expected}/{name}"), &without_digests(&String::from_utf8(bytes).unwrap()));
        }
    }
}

/// Nothing in them ends: neither a certificate nor how long a capture is believed.
#[test]
fn d5_examples_are_judged_the_same_in_years() {
    for example in ["01-pump-station", "02-findings", "03-sealed"] {
        let ready = ready(&project("examples").join(example), None);
        let [now, later] = [common::now(), "2036-11-22T12:00:00Z".parse().unwrap()].map(|now| {
            let selection = pipeline::Selection { now, ..selection("") };
            pipeline::check(&ready, &Secrets::Absent, &selection)
        });
        assert!(!now.devices.is_empty());
        assert_eq!(format!("{:#?}", now.findings), format!("{:#?}", later.findings), "{example}");
    }
}

#[test]
fn two_builds_differ_in_nothing_but_their_keys() {
    let site = project(PUMP_STATION);
    let ready = ready(&site, None);
    let secrets = secrets(&site, &ready, None);
    let folder = tempfile::tempdir().unwrap();
    let (one, two) = (folder.path().join("one"), folder.path().join("two"));
    assert!(build(&ready, &secrets, &one, "").wrote && build(&ready, &secrets, &two, "").wrote);
    let (one, two) = (files(&one), files(&two));
    let names = |list: &[(String, Vec<u8>)]| list.iter().map(|f| f.0.clone()).collect::<Vec<_>>();
    assert_eq!(names(&one), names(&two));
    let mut images = 0;
    for ((name, a), (_, b)) in one.iter().zip(&two) {
        match name.split('/').next().unwrap() {
            "images" => {
                images += 1;
                assert_ne!(a, b, "{name}: a key was used twice");
                let open = |bytes: &[u8]| {
                    let expected = Expected {
                        site: Some("pump-station"),
                        device: None,
                        origin: Origin::NoSigners,
                        seen: None,
                        now: common::now(),
                        ceiling: KdfCeiling(u32::MAX),
                    };
                    image::open(bytes, &Unlock::Key(&common::key(true)), &expected).unwrap()
                };
                let (a, b) = (open(a), open(b));
                assert_eq!(a.core, b.core);
                assert!(a.plain == b.plain, "{name}: the plaintext differs");
            }
            "public" | "redacted" | "sheets" => assert!(a == b, "{name} differs"),
            _ => {}
        }
    }
    assert_eq!(images, 4);
}

/// What each says was read by hand against the guides.
#[test]
fn a_device_of_each_platform_fails_as_it_comes_out_of_its_box() {
    let site = project("examples/06-factory");
    let ready = ready(&site, None);
    let report = pipeline::check(&ready, &Secrets::Absent, &selection("examples/06-factory"));
    expect("tests/expected/06-factory/plain.txt", &report::plain(&report, &ready.sources, &View::default()));
    let hardened = project(PUMP_STATION);
    let at = common::ready(&hardened, None);
    let hardened = pipeline::check(&at, &secrets(&hardened, &at, None), &selection(PUMP_STATION));
    let platforms = |report: &fieldlock::report::Report, complies| {
        let devices = report.devices.iter().filter(|device| device.complies == complies);
        devices.map(|device| device.platform.clone()).collect::<BTreeSet<_>>()
    };
    assert_eq!(platforms(&report, false).len(), 4, "each platform, unhardened");
    assert_eq!(platforms(&report, false), platforms(&hardened, true), "and hardened");
}

/// At one place, a finding says something that no other says: of no setting twice the same, by no rule twice, and with
/// no remedy that another one has.
#[test]
fn a_second_finding_on_a_line_never_repeats_the_first() {
    let mut twice = Vec::new();
    for example in [
        PUMP_STATION,
        FINDINGS,
        "examples/03-sealed",
        "examples/04-brownfield",
        "examples/05-commissioning",
        "examples/06-factory",
    ] {
        let ready = ready(&project(example), None);
        let report = pipeline::check(&ready, &Secrets::Absent, &selection(""));
        let mut seen = BTreeSet::new();
        for finding in &report.findings {
            let line = ready.sources.start(finding.loc).line;
            let (path, at) = (finding.path.as_deref().unwrap_or(""), ready.sources.name(finding.loc.file));
            let rules = finding.rules.iter().map(|rule| format!("{} {path}", rule.id));
            let remedy = finding.fix.as_ref().map(|fix| format!("is mended by {}", fix.kdl));
            let said = rules.chain([format!("says {}", finding.message)]).chain(remedy);
            for device in finding.devices() {
                for what in said.clone() {
                    let told = format!("{at}:{line} {device} {what}");
                    twice.extend((!seen.insert(told.clone())).then(|| format!("{example}: {told}")));
                }
            }
        }
        let hardened = ["01-pump-station", "03-sealed", "05-commissioning"].iter().any(|name| example.ends_with(name));
        assert!(hardened || seen.len() > 20, "{example}");
    }
    assert!(twice.is_empty(), "{}", twice.join("\n"));
}

#[test]
fn the_failing_site_fails_as_its_files_are_named() {
    let site = project(FINDINGS);
    let ready = ready(&site, None);
    let report = pipeline::check(&ready, &Secrets::Absent, &selection(FINDINGS));
    let view = View::default();
    expect("tests/expected/02-findings/check.txt", &report::check(&report, &ready.sources, &view));
    expect("tests/expected/02-findings/plain.txt", &report::plain(&report, &ready.sources, &view));

    let failing: Vec<_> = report.findings.iter().filter(|f| f.status == Verdict::Fail).collect();
    let rules: BTreeSet<&str> = failing.iter().map(|f| &*f.code).collect();
    assert!(failing.len() >= 25, "{} findings", failing.len());
    assert!(rules.len() >= 15, "{} rules", rules.len());
    assert!(failing.iter().any(|f| !f.trail.is_empty()), "no finding comes through a profile");
    assert_eq!(report.outcome().code(), 1);

    // device, rule, and the very text that must be underlined
    for (device, rule, underlined) in PROMISES {
        let found = report.findings.iter().find(|f| {
            f.device.as_deref() == Some(device) && f.rules.iter().any(|r| r.id == *rule)
                || f.device.as_deref() == Some(device) && f.code == *rule
        });
        let found = found.unwrap_or_else(|| panic!("`{device}` has no finding of {rule}"));
        let text = ready.sources.get(found.loc.file).unwrap().text();
        assert_eq!(&text[found.loc.span.range()], *underlined, "{device} {rule}");
    }
}

const PROMISES: &[(&str, &str, &str)] = &[
    ("np-allowlist-shuts-out-station", "NP6-ACL-004", "\"10.20.0.110\""),
    ("np-lockout-never", "NP6-SES-001", "after=0"),
    ("np-lockout-never-too", "NP6-SES-002", "never"),
    ("np-serial-in-clear", "NP6-SER-004", "secure=\"none\""),
    ("np-serial-in-clear", "NP6-SER-007", "\"udp\""),
    ("np-terminal-over-telnet", "NP6-SER-003", "\"reverse-telnet\""),
    ("np-snmp-in-clear", "NP6-SNM-001", "on"),
    ("np-short-passwords", "NP6-ACC-003", "6"),
    ("np-account-admin", "NP6-ACC-002", "\"admin\""),
    ("np-old-tls", "NP6-TLS-001", "\"1.0\""),
    ("np-log-in-clear", "NP6-LOG-002", "tls=off"),
    ("sw-telnet-on", "MX-SVC-002", "on"),
    ("sw-unused-port-up", "MX-PRT-001", "enabled=on"),
    ("sw-never-logs-out", "MX-SES-001", "never"),
    ("sw-never-logs-out", "MX-SES-002-B", "after=5"),
    ("ro-allowlist-lets-everybody-in", "MX-ACL-002", "\"0.0.0.0/0\""),
    ("ro-backup-in-clear", "MX-BAK-001", "encrypted=off"),
    ("ro-short-passwords", "MX-PWD-001", "8"),
];

#[test]
fn nothing_is_written_where_a_device_fails() {
    let site = project(FINDINGS);
    let ready = ready(&site, None);
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let built = build(&ready, &Secrets::Absent, &out, FINDINGS);
    assert!(!built.wrote && built.report.written.is_empty());
    let left: Vec<String> = files(&out).into_iter().map(|f| f.0).filter(|n| !n.starts_with('.')).collect();
    assert!(left.is_empty(), "{left:?}");
}

#[test]
fn nothing_is_sealed_while_a_rule_waits_for_the_secrets() {
    let ready = ready(&project(PUMP_STATION), None);
    let folder = tempfile::tempdir().unwrap();
    let built = build(&ready, &Secrets::Absent, &folder.path().join("out"), PUMP_STATION);
    let waiting: Vec<&str> = built
        .report
        .findings
        .iter()
        .filter(|f| f.code == "image.unproved")
        .filter_map(|f| f.device.as_deref())
        .collect();
    assert_eq!(waiting, ["np02", "np07", "ps7-router", "sw04"]);
    assert!(!built.wrote && built.report.outcome().code() == 1);
}

#[test]
fn a_profile_that_cannot_be_read_is_one_finding_and_its_devices_are_not_judged() {
    let folder = tempfile::tempdir().unwrap();
    let put = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    put("site.kdl", "site \"tiny\" {\n    packs \"nport-6000-g2\"\n    zone \"control\"\n}\n");
    put("profiles/base.kdl", "profile \"base\" {\n    zone \"control\"\n    login { auto-logout 5min }\n}\n");
    for name in ["a", "b"] {
        let platform = "platform \"nport-6000-g2\" model=\"NPort 6250-G2\" firmware=\"1.1.0\"";
        put(&format!("devices/{name}.kdl"), &format!("device \"{name}\" {{\n    {platform}\n    use \"base\"\n}}\n"));
    }
    let ready = ready(folder.path(), None);
    let report = pipeline::check(&ready, &Secrets::Absent, &selection(""));
    let codes: Vec<&str> = report.findings.iter().map(|f| &*f.code).collect();
    assert_eq!(codes, ["syntax.bare-value"]);
    assert_eq!(report.outcome().code(), 2);
    assert!(report::check(&report, &ready.sources, &View::default()).contains("2 not judged"));
    let built = build(&ready, &Secrets::Absent, &folder.path().join("out"), "");
    assert!(!built.wrote && built.report.devices.iter().all(|d| !d.complies));
}

/// H12: what is public says nothing of a secret, neither in clear nor as a digest that could be guessed against.
#[test]
fn no_public_file_holds_a_secret_or_a_digest_of_one() {
    let site = project(PUMP_STATION);
    let ready = ready(&site, None);
    let secrets = secrets(&site, &ready, None);
    let folder = tempfile::tempdir().unwrap();
    assert!(build(&ready, &secrets, &folder.path().join("out"), "").wrote);
    let files = files(&folder.path().join("out"));
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();

    let mut hidden: Vec<Vec<u8>> = Vec::new();
    for (name, value) in common::files(&site.join("demo/secrets")) {
        let value = value.strip_suffix(b"\n").unwrap_or(&value).to_vec();
        assert!(value.len() >= 8, "{name}: too short to look for");
        hidden.push(hex(&value).into_bytes());
        hidden.push(image::Digest::of(&value).to_string().into_bytes());
        hidden.push(value);
    }
    let expected = Expected {
        site: None,
        device: None,
        origin: Origin::NoSigners,
        seen: None,
        now: common::now(),
        ceiling: KdfCeiling(u32::MAX),
    };
    for (_, bytes) in files.iter().filter(|(name, _)| name.starts_with("images/")) {
        let opened = image::open(bytes, &Unlock::Key(&common::key(true)), &expected).unwrap();
        for part in opened.plain.parts().iter().filter(|p| !p.secrets.is_empty()) {
            hidden.push(image::Digest::of(part.bytes.expose()).to_string().into_bytes());
        }
    }
    assert!(hidden.len() > 20);
    for (name, bytes) in files.iter().filter(|(name, _)| !name.starts_with("images/")) {
        for secret in &hidden {
            assert!(!bytes.windows(secret.len()).any(|w| w == &secret[..]), "{name} tells a secret");
        }
    }
}

/// Nobody knows as whom and by what one is logged in to a device that was never read: what may be that goes last, by
/// itself, when what stays is known to let one in.
#[test]
fn a_device_that_was_never_read_loses_its_ways_in_last() {
    let site = project(PUMP_STATION);
    let ready = ready(&site, None);
    assert!(!ready.states.contains_key("sw04"));
    let text = std::fs::read(common::project("tests/expected/01-pump-station/sheets/sw04.sheet.json")).unwrap();
    let sheet = fieldlock::sheet::Sheet::read(&text).unwrap();
    let closes =
        |path: &str| ["accounts.account[admin]", "services.http.enabled", "services.telnet.enabled"].contains(&path);
    let (before, last): (Vec<_>, Vec<_>) =
        sheet.pages.iter().partition(|page| !page.rows.iter().any(|row| closes(&row.path)));
    assert_eq!(last.iter().flat_map(|page| &page.rows).count(), 3, "{last:?}");
    for page in &last {
        assert!(page.risky && page.rows.iter().all(|row| closes(&row.path) && row.chain == fieldlock::sheet::ACCESS));
        assert!(
            page.warnings.iter().any(|warning| warning.starts_with("Before SAVE log in a second time")),
            "{page:?}"
        );
    }
    assert_eq!(sheet.pages[before.len()..].len(), last.len(), "they stand at the end");
    let made = ["accounts.account[ot-admin].password", "services.https.enabled"];
    assert!(made.iter().all(|path| before.iter().any(|page| page.rows.iter().any(|row| row.path == *path))));
}
