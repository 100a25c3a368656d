//! A cache saves work and decides nothing: whatever changed since the build before, a build that has it writes, says
//! and remembers the same, byte for byte, as one that has none.

#![allow(clippy::unwrap_used, reason = "a test that can't set itself up has failed")]

use std::collections::BTreeMap;
use std::path::Path;

use fieldlock::image::Digest;
use fieldlock::ledger::{BuildCache, parse_build_cache};
use fieldlock::pipeline::{Before, Built, Running};
use fieldlock::report::{DeviceReport, Written, WrittenKind};
use fieldlock::site::files::Root;
use fieldlock::site::secrets::{Collected, SecretSource, collect};
use rayon::prelude::*;

use crate::common::plot::Plot;
use crate::common::{With, build_with, copy, copy_build, files, passphrase, ready, secrets};

/// A site with all that an image may stand on: a waiver, a pack of its own, captures, shared secrets, fingerprints.
fn plot() -> Plot {
    let plot = Plot::new();
    plot.edit("devices/sw04.kdl", "identity {", "login { lockout on after=6 for=\"15 min\" }\n    identity {");
    let router = "login { lockout on after=4 for=\"15 min\" }\n    services { lldp on; https";
    plot.edit("devices/ps7-router.kdl", "services { https", router);
    let waiver = |id: &str, rule: &str, what: &str, from: &str, until: &str| {
        let text = format!(
            "waiver \"{id}\" {{\n    rule \"{rule}\"\n    device {what}\n    from \"{from}\"; until \"{until}\"\n    \
             reason \"shared panel\"; risk \"more guesses\"\n    instead \"locked cabinet\"\n    ticket \"CHG-4102\"\n    \
             owner \"ot-lead\"; approver \"ot-security\"\n}}\n"
        );
        plot.put(&format!("waivers/{id}.kdl"), text.as_bytes());
    };
    let lockout = "\"sw04\" setting=\"login.lockout.after\" value=\"6\"";
    waiver("W-2026-007", "MX-SES-002", lockout, "2026-01-05", "2026-12-01");
    let tries = "\"ps7-router\" setting=\"login.lockout.after\" value=\"4\"";
    waiver("W-2026-008", "MX-SES-002-B", tries, "2026-01-05", "2026-12-01");
    // begins later, and ends after the other: that it holds is all that it changes
    let lldp = "\"ps7-router\" setting=\"services.lldp\" value=\"on\"";
    waiver("W-2026-009", "MX-SVC-004", lldp, "2026-11-25", "2026-12-20");
    plot.edit("site.kdl", "\"fleet\"\n", "\"fleet\" \"ours\"\n");
    plot.put(
        "packs/ours/pack.kdl",
        b"pack \"ours\" version=\"1.0.0\" level=1 {\n    title \"Ours\"\n    platforms \"nport-6000-g2\" \"nport-6000\" \
          \"mx-nos\" \"mx-ros\"\n}\n",
    );
    plot.put(
        "packs/ours/OURS-001.kdl",
        b"rule \"OURS-001\" severity=\"high\" family=\"identity.hostname\" moment=\"describe\" {\n    \
          title \"A device has a name\"\n    why \"An alarm names it.\"\n    \
          platforms \"nport-6000-g2\" \"nport-6000\" \"mx-nos\" \"mx-ros\"\n    \
          require { identity { hostname length=\"1..40\" } }\n    fix { identity { hostname \"np07\" } }\n    \
          source \"ours\" section=\"1\"\n    \
          passes { identity { hostname \"np07\" } }\n    fails \"too long\" { identity { hostname \"a-name-of-more-than-forty-letters-and-digits\" } }\n}\n",
    );
    plot.put("../secrets/site/fingerprint-key", "5a".repeat(32).as_bytes());
    plot
}

/// What a build says and remembers.
#[derive(Debug)]
struct RungAnswer {
    wrote: bool,
    devices: Vec<DeviceReport>,
    written: Vec<Written>,
    findings: Vec<String>,
    cache: Option<Vec<u8>>,
}

fn said(built: Built) -> RungAnswer {
    let Built { report, wrote, cache } = built;
    let findings = report.findings.iter().map(|f| format!("{f:?}")).collect();
    RungAnswer { wrote, devices: report.devices, written: report.written, findings, cache }
}

fn steady<'a>(plot: &Plot, out: &Path, change: impl FnOnce(&mut With<'a>)) -> Result<RungAnswer, String> {
    let mut ready = ready(&plot.site(), None);
    let folder = plot.dir.path().join("secrets");
    let root = Root::open(&plot.site()).unwrap();
    // one that is missing is a finding, as in the program
    let Collected { secrets, findings } =
        collect(&root, &ready.site, &ready.site.devices, SecretSource::Folder(&folder));
    ready.findings.extend(findings);
    let mut with = With { steady: true, texts: false, ..With::of(&ready) };
    change(&mut with);
    build_with(&ready, &secrets, out, &with).map(said).map_err(|error| error.to_string())
}

/// A plot that was built once, with a second folder of the same, and what that build remembers.
fn built() -> (Plot, Vec<u8>) {
    let plot = plot();
    let told = steady(&plot, &plot.out(), |_| {}).unwrap();
    assert!(told.wrote && told.devices.len() == 4, "{:#?}", told.findings);
    copy_build(&plot.out(), &plot.dir.path().join("bare"));
    (plot, told.cache.unwrap())
}

/// Builds once more with the cache and once without, and compares everything.
fn same_without<'a>(
    what: &str,
    (plot, cache): (&Plot, &'a [u8]),
    change: impl Fn(&mut With<'a>),
) -> Result<RungAnswer, String> {
    let bare = plot.dir.path().join("bare");
    let with = steady(plot, &plot.out(), |with| {
        change(with);
        with.cache = cache;
    });
    same(what, &with, &steady(plot, &bare, &change));
    same_files(what, &plot.out(), &bare);
    with
}

fn same_files(what: &str, a: &Path, b: &Path) {
    let of = |folder| files(folder).into_iter().collect::<BTreeMap<_, _>>();
    let (a, b) = (of(a), of(b));
    assert!(a.keys().eq(b.keys()), "{what}");
    for (name, bytes) in &a {
        assert!(b[name] == *bytes, "{what}: {name}");
    }
}

/// Equal, or the first that differs: all of it would be pages.
fn same(what: &str, a: &Result<RungAnswer, String>, b: &Result<RungAnswer, String>) {
    match (a, b) {
        (Ok(a), Ok(b)) => {
            assert_eq!((a.wrote, &a.findings), (b.wrote, &b.findings), "{what}");
            for (a, b) in a.devices.iter().zip(&b.devices) {
                assert_eq!((&a.image, &a.native), (&b.image, &b.native), "{what}: {}", a.name);
                assert!(a == b, "{what}: {}", a.name);
            }
            let differ = a.written.iter().zip(&b.written).find(|(a, b)| a != b);
            assert_eq!((differ, a.devices.len(), a.written.len()), (None, b.devices.len(), b.written.len()), "{what}");
            assert!(a.cache == b.cache, "{what}: what is remembered");
        }
        _ => assert_eq!(a.as_ref().err(), b.as_ref().err(), "{what}"),
    }
}

fn copied(plot: &Plot) -> Plot {
    let other = Plot { dir: tempfile::tempdir().unwrap() };
    for folder in ["site", "secrets", "out", "bare"] {
        let copy = if ["out", "bare"].contains(&folder) { copy_build } else { copy };
        copy(&plot.dir.path().join(folder), &other.dir.path().join(folder));
    }
    #[cfg(unix)]
    for (name, _) in files(&other.dir.path().join("secrets")) {
        let rights = std::os::unix::fs::PermissionsExt::from_mode(0o600);
        std::fs::set_permissions(other.dir.path().join("secrets").join(name), rights).unwrap();
    }
    other
}

fn fresh(said: &RungAnswer) -> Vec<&str> {
    said.devices.iter().filter(|d| d.image.as_ref().is_some_and(|i| i.fresh)).map(|d| &*d.name).collect()
}

#[test]
fn nothing_changed_and_nothing_is_told_otherwise() {
    let (plot, cache) = built();
    let told = same_without("nothing", (&plot, &cache), |_| {}).unwrap();
    assert_eq!(fresh(&told), Vec::<&str>::new());
    assert!(told.written.iter().all(|w| !w.fresh || w.kind == WrittenKind::Review), "{:?}", told.written);
    assert_eq!(told.cache, Some(cache));
}

/// Every line that people wrote, changed one at a time: its first digit is another one, or it is gone.
#[test]
fn whatever_line_of_a_site_changes() {
    let (plot, cache) = built();
    let mut changes = Vec::new();
    for (name, bytes) in files(&plot.site()) {
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        // an export has a thousand lines of one kind
        let step = if lines.len() > 200 { 61 } else { 1 };
        for at in (0..lines.len()).step_by(step).filter(|at| !lines[*at].trim().is_empty()) {
            let digit = lines[at].find(|c: char| c.is_ascii_digit());
            let line = digit.map_or(String::new(), |digit| {
                let other = if lines[at].as_bytes()[digit] == b'2' { "3" } else { "2" };
                [&lines[at][..digit], other, &lines[at][digit + 1..]].concat()
            });
            let text = [lines[..at].concat(), line, lines[at + 1..].concat()].concat();
            changes.push((format!("{name}:{}", at + 1), name.clone(), text));
        }
    }
    assert!(changes.len() > 250, "{}", changes.len());
    let told: Vec<(bool, usize)> = changes
        .par_iter()
        .map(|(what, name, text)| {
            let plot = copied(&plot);
            plot.put(name, text.as_bytes());
            same_without(what, (&plot, &cache), |_| {}).map_or((false, 0), |told| (told.wrote, fresh(&told).len()))
        })
        .collect();
    // some fail their rules, some are comments, and many are sealed anew: all of that has been seen
    let count = |holds: fn(&&(bool, usize)) -> bool| told.iter().filter(holds).count();
    let (failed, kept, sealed) = (count(|t| !t.0), count(|t| t.0 && t.1 == 0), count(|t| t.1 > 0));
    assert!(failed > 20 && kept > 20 && sealed > 40, "{failed} {kept} {sealed}");
}

/// What lies beside the site: secrets, the key of fingerprints, the passphrase, the clock, files added and taken away.
#[test]
fn whatever_else_changes() {
    type Change = fn(&Plot);
    let changes: &[(&str, Change, &[&str])] = &[
        ("a secret", |p| p.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n"), &["sw04"]),
        (
            "the key of fingerprints",
            |p| p.put("../secrets/site/fingerprint-key", "5b".repeat(32).as_bytes()),
            &["np02", "np07", "ps7-router", "sw04"],
        ),
        ("another device", |p| p.put("devices/np08.kdl", DEVICE.as_bytes()), &[]),
        ("a capture less", |p| std::fs::remove_file(p.site().join("captures/np07.kdl")).unwrap(), &[]),
        ("a device less", |p| std::fs::remove_file(p.site().join("devices/sw04.kdl")).unwrap(), &[]),
        ("a certificate", |p| p.edit("certs/ot-ca.pem", "-----BEGIN", "ours\n-----BEGIN"), &["np07"]),
    ];
    let (base, cache) = built();
    for (what, change, sealed) in changes {
        let plot = copied(&base);
        change(&plot);
        let told = same_without(what, (&plot, &cache), |_| {});
        if let Ok(told) = &told {
            assert!(
                sealed.iter().all(|name| fresh(told).contains(name)),
                "{what}: {:?} {:?}",
                fresh(told),
                told.findings
            );
        }
    }
    let plot = copied(&base);
    let later = |with: &mut With<'_>| with.now = "2026-11-26T12:00:00Z".parse().unwrap();
    let told = same_without("a waiver has begun", (&plot, &cache), later).unwrap();
    let written: Vec<&str> = told.written.iter().filter(|w| w.fresh).map(|w| &*w.path).collect();
    assert_eq!((fresh(&told), &written[..1]), (vec![], &["public/ps7-router.public.json"][..]), "{written:?}");
    let plot = copied(&base);
    let late = |with: &mut With<'_>| with.now = "2026-12-05T12:00:00Z".parse().unwrap();
    assert!(!same_without("a waiver has ended", (&plot, &cache), late).unwrap().wrote);
    let plot = copied(&base);
    let other = |with: &mut With<'_>| with.passphrase = passphrase("another one, of the same length");
    assert_eq!(fresh(&same_without("the passphrase", (&plot, &cache), other).unwrap()).len(), 4);
}

const DEVICE: &str =
    "device \"np08\" {\n    platform \"nport-6000-g2\" model=\"NPort 6250-G2\" firmware=\"1.1.0\"\n}\n";

/// Whoever can write where earlier builds are kept: nothing that he puts there is believed for a cache's sake.
#[test]
fn h1_a_cache_vouches_for_no_file_but_its_own() {
    let (base, genuine) = built();
    let change = |plot: &Plot, name: &str, from: &str, to: &str| {
        for folder in ["out", "bare"] {
            let path = plot.dir.path().join(folder).join(name);
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(text.contains(from), "{name} has no {from:?}");
            std::fs::write(path, text.replacen(from, to, 1)).unwrap();
        }
    };
    let swap = |plot: &Plot, name: &str, of: &str| {
        for folder in ["out", "bare"] {
            let folder = plot.dir.path().join(folder);
            std::fs::copy(folder.join(of), folder.join(name)).unwrap();
        }
    };
    type Attack<'a> = (&'a str, &'a dyn Fn(&Plot), &'a [&'a str]);
    let attacks: &[Attack<'_>] = &[
        ("a row of a sheet", &|p| change(p, "sheets/np07.sheet.md", "12", "6"), &[]),
        ("a line of the reviewed text", &|p| change(p, "redacted/ps7-router.redacted.cli", "12", "6"), &[]),
        ("a public file", &|p| change(p, "public/sw04.public.json", "\"findings\":[{", "\"findings\":[{ "), &[]),
        ("an image of another device", &|p| swap(p, "images/sw04.flk", "images/np07.flk"), &["sw04"]),
        ("a sheet of another device", &|p| swap(p, "sheets/sw04.sheet.md", "sheets/np07.sheet.md"), &[]),
        ("another revision in the list", &|p| change(p, "index.json", "\"revision\":1,", "\"revision\":9,"), &["np02"]),
    ];
    let clean = copied(&base);
    steady(&clean, &clean.out(), |_| {}).unwrap();
    let then = files(&clean.out());
    for (what, attack, sealed) in attacks {
        let plot = copied(&base);
        attack(&plot);
        let told = same_without(what, (&plot, &genuine), |_| {}).unwrap();
        assert_eq!(fresh(&told), *sealed, "{what}");
        let now = files(&plot.out());
        let restored = |(name, bytes): &(String, Vec<u8>)| {
            let sealed = sealed.iter().any(|device| name.contains(device)) || name == "index.json";
            sealed || name.starts_with("review.") || now.iter().any(|(n, b)| n == name && b == bytes)
        };
        assert!(then.iter().all(restored), "{what}: all is as it was");
    }
}

/// A cache that was damaged, or is another's, is of no use and does no harm.
#[test]
fn a_cache_that_is_none_changes_nothing() {
    let (base, genuine) = built();
    let cache = || parse_build_cache(&genuine).unwrap();
    let changed = |change: &dyn Fn(&mut BuildCache)| {
        let mut cache = cache();
        change(&mut cache);
        cache.to_bytes().unwrap()
    };
    let caches = [
        ("the tag of another device", changed(&|cache| cache.devices[0].tag = cache.devices[1].tag)),
        (
            "tags that anybody could make",
            changed(&|cache| cache.devices.iter_mut().for_each(|d| d.tag = Digest::of(d.device.as_bytes()))),
        ),
        (
            "other numbers",
            changed(&|cache| {
                cache.devices[1].machine += 1;
                cache.devices[2].secrets += 1;
                cache.devices[3].forms.reverse();
            }),
        ),
        ("half of the devices", changed(&|cache| cache.devices.truncate(2))),
        ("an object", b"{}".to_vec()),
        ("zeros", vec![0; 4096]),
    ];
    for (what, cache) in &caches {
        let plot = copied(&base);
        let told = same_without(what, (&plot, cache), |_| {}).unwrap();
        assert_eq!((fresh(&told), told.cache.as_ref()), (vec![], Some(&genuine)), "{what}");
    }
}

/// What runs on a device, handed in: for the one that it is of, and for no other.
#[test]
fn a_state_that_is_handed_in_is_the_devices_own() {
    let (base, _) = built();
    let running = std::fs::read_to_string(base.site().join("captures/np02.ini")).unwrap();
    let other = running.replacen("Period=", "Period=7", 1);
    assert_ne!(running, other);
    let build = |of: &str, cache: &[u8], out: &str| {
        let plot = &base;
        let state = Running::handed(of, "state.ini", other.as_str());
        let ready = ready(&plot.site(), Some(state));
        let secrets = secrets(&plot.site(), &ready, Some(&plot.dir.path().join("secrets")));
        let with = With { steady: true, cache, ..With::of(&ready) };
        build_with(&ready, &secrets, &plot.dir.path().join(out), &with).map(said).unwrap()
    };
    for folder in ["with", "without"] {
        copy_build(&base.out(), &base.dir.path().join(folder));
        build("nobody", &[], folder);
    }
    let cache = build("nobody", &[], "with").cache.unwrap();
    let told = build("np02", &cache, "with");
    same("a state of another", &Ok(build("np02", &[], "without")), &Ok(told));
    same_files("a state of another", &base.dir.path().join("with"), &base.dir.path().join("without"));
}

/// A folder that was carried elsewhere, and builds of one device.
#[test]
fn a_cache_goes_along() {
    let (base, cache) = built();
    let plot = copied(&base);
    let (ready, secrets) = (
        ready(&plot.site(), None),
        secrets(&plot.site(), &ready(&plot.site(), None), Some(&plot.dir.path().join("secrets"))),
    );
    let at = |name: &str| plot.dir.path().join(name);
    let into = |name: &str, before: &str, cache: &[u8], one: bool| {
        let last = at(before);
        let mut with = With { before: Before::Folder(&last), steady: true, cache, ..With::of(&ready) };
        if one {
            with.devices = &|device| &*device.name == "np07";
        }
        build_with(&ready, &secrets, &at(name), &with).map(said).map_err(|e| e.to_string())
    };
    same("carried", &into("carried", "out", &cache, false), &into("carried-bare", "bare", &[], false));
    same_files("carried", &at("carried"), &at("carried-bare"));
    let one = into("one", "out", &cache, true);
    same("one", &one, &into("one-bare", "bare", &[], true));
    same_files("one", &at("one"), &at("one-bare"));
    assert_eq!(one.unwrap().cache.as_ref(), Some(&cache), "what is left out is remembered on");
    // then everything again
    same("all", &into("all", "one", &cache, false), &into("all-bare", "one-bare", &[], false));
    same_files("all", &at("all"), &at("all-bare"));
}
