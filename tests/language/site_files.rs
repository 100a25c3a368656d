//! What can't lie in the project's own tree: links, pipes, names that some systems refuse, sites over a limit.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use fieldlock::site::files::Root;
use fieldlock::site::{LoadOptions, Loaded, load};

fn site() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    write(dir.path(), "site.kdl", "site \"west\" { person \"ot-lead\" }\n");
    write(dir.path(), "devices/np07.kdl", "device \"np07\" {\n    platform \"nport-6000-g2\" firmware=\"1.1\"\n}\n");
    dir
}

fn write(root: &Path, name: &str, text: &str) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn loaded(root: &Path) -> Loaded {
    load(&Root::open(root).unwrap(), &LoadOptions::default())
}

/// Code, file and message of each finding.
fn told(loaded: &Loaded) -> Vec<(String, String, String)> {
    let one = |f: &fieldlock::finding::Finding| {
        (f.code.to_string(), loaded.sources.name(f.loc.file).to_owned(), f.message.clone())
    };
    loaded.findings.iter().map(one).collect()
}

fn only(loaded: &Loaded) -> (String, String, String) {
    let mut told = told(loaded);
    assert_eq!(told.len(), 1, "{told:?}");
    told.remove(0)
}

#[test]
fn a_sound_site_loads_without_a_word() {
    let dir = site();
    let loaded = loaded(dir.path());
    assert_eq!(told(&loaded), []);
    assert_eq!(loaded.site.devices.len(), 1);
    assert!(loaded.site.is_sound("np07") && loaded.site.device("np07").is_some());
}

#[cfg(unix)]
#[test]
fn invariant_15_links_and_pipes_are_findings_that_show_no_content() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "x.kdl", "hunter2-canary\n");
    for name in ["devices/np08.kdl", "profiles/a.kdl", "waivers/w.kdl", "captures/np07.kdl", "site.kdl"] {
        let dir = site();
        let _ = fs::remove_file(dir.path().join(name));
        fs::create_dir_all(dir.path().join(name).parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(outside.path().join("x.kdl"), dir.path().join(name)).unwrap();
        let linked = loaded(dir.path());
        assert_eq!(only(&linked), ("site.link".to_owned(), name.to_owned(), format!("`{name}` is a link")));
        assert!(linked.sources.files().all(|(_, f)| !f.text().contains("hunter2")));

        fs::remove_file(dir.path().join(name)).unwrap();
        let made = std::process::Command::new("mkfifo").arg(dir.path().join(name)).status().unwrap();
        assert!(made.success());
        assert_eq!(only(&loaded(dir.path())).0, "site.not-a-file");

        fs::remove_file(dir.path().join(name)).unwrap();
        fs::create_dir(dir.path().join(name)).unwrap();
        if name == "site.kdl" {
            assert_eq!(only(&loaded(dir.path())).0, "site.not-a-file");
        }
    }
    let dir = site();
    fs::remove_dir_all(dir.path().join("devices")).unwrap();
    std::os::unix::fs::symlink(outside.path(), dir.path().join("devices")).unwrap();
    assert_eq!(only(&loaded(dir.path())).2, "`devices` is a link");
}

#[cfg(unix)]
#[test]
fn a_link_in_place_of_a_captured_text_or_pack_shows_nothing() {
    let outside = tempfile::tempdir().unwrap();
    write(outside.path(), "x", "hunter2-canary\n");
    let dir = site();
    let capture = "capture \"np07\" form=\"sheet\" taken=\"2026-03-09\" by=\"ot-lead\"\n";
    write(dir.path(), "captures/np07.kdl", capture);
    std::os::unix::fs::symlink(outside.path().join("x"), dir.path().join("captures/np07.sheet")).unwrap();
    assert_eq!(only(&loaded(dir.path())).2, "`captures/np07.sheet` is a link");
    fs::remove_dir_all(dir.path().join("captures")).unwrap();

    write(dir.path(), "site.kdl", "site \"west\" { packs \"ours\"; person \"ot-lead\" }\n");
    write(dir.path(), "packs/ours/pack.kdl", "pack \"ours\"\n");
    std::os::unix::fs::symlink(outside.path().join("x"), dir.path().join("packs/ours/rule.kdl")).unwrap();
    let loaded = loaded(dir.path());
    assert_eq!(only(&loaded).2, "`packs/ours/rule.kdl` is a link");
    let paths: Vec<&str> = loaded.site.own_packs[0].files.iter().map(|f| &*f.path).collect();
    assert_eq!(paths, ["packs/ours/pack.kdl"]);
}

/// Where such a file can be written at all.
#[cfg(unix)]
#[test]
fn names_that_windows_keeps_or_takes_for_one() {
    let dir = site();
    write(dir.path(), "devices/com1.kdl", "device \"com1\" { platform \"mx-ros\" }\n");
    assert_eq!(only(&loaded(dir.path())).0, "site.file-name");
    fs::remove_file(dir.path().join("devices/com1.kdl")).unwrap();

    write(dir.path(), "devices/NP07.kdl", "device \"np07\" { accounts { account \"a\" password=\"canary\" } }\n");
    let loaded = loaded(dir.path());
    let message = "`devices/NP07.kdl` differs from `devices/np07.kdl` by case only";
    assert_eq!(only(&loaded), ("site.twin-names".to_owned(), "devices/NP07.kdl".to_owned(), message.to_owned()));
    assert!(loaded.sources.files().all(|(_, f)| !f.text().contains("canary")), "the twin is not read");
    assert!(loaded.site.device("np07").is_some());
}

#[test]
fn invariant_16_limits_have_their_own_messages() {
    let dir = site();
    write(dir.path(), "profiles/a.kdl", "profile \"a\" { use \"b\" }\n");
    write(dir.path(), "profiles/b.kdl", "profile \"b\" { use \"c\" }\n");
    write(dir.path(), "profiles/c.kdl", "profile \"c\" { login { auto-logout \"5 min\" } }\n");
    let hosts: String = (0..50).map(|n| format!("host \"10.0.0.{n}\"; ")).collect();
    let device = format!(
        "device \"np07\" {{ platform \"nport-6000-g2\" firmware=\"1.1\"; use \"a\"; allowlist on {{ {hosts} }} }}\n"
    );
    write(dir.path(), "devices/np07.kdl", &device);
    let root = Root::open(dir.path()).unwrap();
    let with = |change: fn(&mut LoadOptions)| {
        let mut options = LoadOptions::default();
        change(&mut options);
        load(&root, &options)
    };
    assert_eq!(told(&with(|_| {})), []);
    assert_eq!(only(&with(|o| o.max_files = 4)).0, "site.too-many-files");
    assert_eq!(only(&with(|o| o.max_profile_depth = 2)).2, "profiles use each other more than 2 deep");
    let many = with(|o| o.max_facts = 40);
    assert_eq!(only(&many).0, "site.too-many-facts");
    assert!(many.site.devices.is_empty() && !many.site.is_sound("np07"));
    // as many as may be
    let has = only(&many).2.split(' ').find_map(|word| word.parse().ok()).unwrap();
    assert_eq!(told(&load(&root, &LoadOptions { max_facts: has, ..LoadOptions::default() })), []);
}

/// A profile that doubles itself in sixteen steps is still taken over once.
#[test]
fn invariant_16_each_profile_is_resolved_once() {
    let dir = site();
    for n in 0..16 {
        let uses = if n < 15 { format!("use \"p{:02}\"; use \"q{:02}\"", n + 1, n + 1) } else { String::new() };
        write(dir.path(), &format!("profiles/p{n:02}.kdl"), &format!("profile \"p{n:02}\" {{ {uses} }}\n"));
        write(dir.path(), &format!("profiles/q{n:02}.kdl"), &format!("profile \"q{n:02}\" {{ {uses} }}\n"));
    }
    write(
        dir.path(),
        "devices/np07.kdl",
        "device \"np07\" { platform \"nport-6000-g2\" firmware=\"1.1\"; use \"p00\" }\n",
    );
    let loaded = loaded(dir.path());
    assert_eq!(told(&loaded), []);
    assert_eq!(loaded.site.devices[0].layers.len(), 2 + 31 + 1);
}

#[test]
fn a_file_of_100_mb_and_100_000_braces_are_refused() {
    let dir = site();
    let large = fs::File::create(dir.path().join("devices/np08.kdl")).unwrap();
    large.set_len(100 << 20).unwrap();
    let message = "`devices/np08.kdl` is larger than 8 MiB".to_owned();
    assert_eq!(only(&loaded(dir.path())), ("site.too-large".to_owned(), "devices/np08.kdl".to_owned(), message));
    write(dir.path(), "devices/np08.kdl", &"a{".repeat(100_000));
    assert_eq!(only(&loaded(dir.path())).0, "syntax.too-deep");
}

#[test]
fn the_same_site_gives_the_same_findings_whatever_thread_was_faster() {
    let dir = site();
    for n in 0..40 {
        let text = format!(
            "device \"d{n:02}\" {{ platform \"mx-ros\" firmware=\"3.24\"; zone \"nowhere\"; asset owner=\"nobody-{n}\" }}\n"
        );
        write(dir.path(), &format!("devices/d{n:02}.kdl"), &text);
    }
    let first = told(&loaded(dir.path()));
    assert_eq!(first.len(), 80);
    for threads in [1, 2, 7] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        assert_eq!(pool.install(|| told(&loaded(dir.path()))), first);
    }
}

const FILES: [(&str, &str); 4] = [
    ("site.kdl", "site \"west\" {\n    zone \"control\" { subnet \"10.0.0.0/8\" }\n    person \"ot-lead\"\n}\n"),
    (
        "profiles/a.kdl",
        "profile \"a\" {\n    use \"b\"\n    allowlist on { host \"10.0.0.1\" }\n    login { banner \"{device} {zone}\" }\n}\n",
    ),
    ("profiles/b.kdl", "profile \"b\" {\n    exported-config encrypted=on password=(stored)\"{device}/x\"\n}\n"),
    (
        "devices/np07.kdl",
        "device \"np07\" {\n    platform \"nport-6000-g2\"\n    zone \"control\"\n    use \"a\"\n    \
         allowlist { (drop)host \"10.0.0.1\" }\n    accounts { account \"ot\" owner=\"ot-lead\" }\n}\n",
    ),
];

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 200, failure_persistence: None, ..Default::default() })]

    /// A few signs changed anywhere: an answer, with places that exist and nothing merged that was not said.
    #[test]
    fn a_site_with_slips_anywhere_gets_an_answer(
        slips in proptest::collection::vec((0..FILES.len(), 0usize..400, "[{}\"#/*\\\\;=() a1\n-]{0,2}"), 1..6),
    ) {
        let dir = tempfile::tempdir().unwrap();
        let mut texts = FILES.map(|(_, text)| text.to_owned());
        for (file, at, sign) in slips {
            let at = at % texts[file].len().max(1);
            texts[file].replace_range(at..(at + 1).min(texts[file].len()), &sign);
        }
        for ((name, _), text) in FILES.iter().zip(&texts) {
            write(dir.path(), name, text);
        }
        let loaded = loaded(dir.path());
        for finding in &loaded.findings {
            let text = loaded.sources.get(finding.loc.file).map_or("", |f| f.text());
            proptest::prop_assert!(text.get(finding.loc.span.range()).is_some(), "{finding:?}");
        }
        let unread = |f: &fieldlock::finding::Finding| {
            let of_device = loaded.sources.name(f.loc.file).starts_with("devices/");
            of_device && f.is_input_error() && ["syntax.", "shape."].iter().any(|p| f.code.starts_with(p))
        };
        if loaded.findings.iter().any(unread) {
            let sound = loaded.site.devices.iter().any(|d| loaded.site.is_sound(&d.name));
            proptest::prop_assert!(!sound, "{:?}", loaded.findings);
        }
    }
}
