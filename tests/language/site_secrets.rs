//! Where secrets come from, and what is said of those that don't.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use fieldlock::secret::{SecretValue, Secrets};
use fieldlock::site::files::Root;
use fieldlock::site::secrets::{Collected, SecretSource, collect, demo_passphrase};
use fieldlock::site::{LoadOptions, Loaded, load};

const DEVICE: &str = r#"device "np07" {
    platform "nport-6000-g2" firmware="1.1"
    accounts { account "ot-lead" group="Administrator"; account "old" removed }
    exported-config encrypted=on password=(stored)"shared/backup"
}
"#;

fn write(root: &Path, name: &str, text: &[u8]) {
    let path = root.join(name);
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(&path, text).unwrap();
    #[cfg(unix)]
    fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
}

fn site(demo: bool) -> (tempfile::TempDir, Loaded) {
    let dir = tempfile::tempdir().unwrap();
    let demo = if demo { "demo on" } else { "" };
    write(dir.path(), "site.kdl", format!("site \"west\" {{ {demo} }}\n").as_bytes());
    write(dir.path(), "devices/np07.kdl", DEVICE.as_bytes());
    write(dir.path(), "demo/secrets/np07/ot-lead", b"demo-lead\n");
    write(dir.path(), "demo/secrets/shared/backup", b"demo-backup\r\n");
    let loaded = load(&Root::open(dir.path()).unwrap(), &LoadOptions::default());
    assert!(loaded.findings.is_empty(), "{:?}", loaded.findings);
    (dir, loaded)
}

fn from(dir: &tempfile::TempDir, loaded: &Loaded, source: SecretSource) -> Collected {
    collect(&Root::open(dir.path()).unwrap(), &loaded.site, &loaded.site.devices, source)
}

fn is(secrets: &Secrets, name: &str, value: &[u8]) -> bool {
    secrets.get(name).is_some_and(|v| *v == SecretValue::copy_of(value))
}

fn told(collected: &Collected) -> Vec<(&str, &str)> {
    collected.findings.iter().map(|f| (&*f.code, f.message.as_str())).collect()
}

#[test]
fn a_folder_gives_what_devices_refer_to_and_nothing_else() {
    let (dir, loaded) = site(false);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "np07/ot-lead", b"  with spaces \r\n");
    write(folder.path(), "shared/backup", b"two\n\n");
    write(folder.path(), "np07/old", b"of an account that goes");
    let found = from(&dir, &loaded, SecretSource::Folder(folder.path()));
    assert_eq!(told(&found), []);
    assert!(is(&found.secrets, "np07/ot-lead", b"  with spaces "));
    assert!(is(&found.secrets, "shared/backup", b"two\n"), "one line break only is taken off");
    assert!(found.secrets.get("np07/old").is_none());
}

#[test]
fn a_missing_secret_is_named_with_its_line_and_where_it_was_looked_for() {
    let (dir, loaded) = site(false);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "shared/backup", b"\n");
    let found = from(&dir, &loaded, SecretSource::Folder(folder.path()));
    let expected = [
        ("site.missing-secret", "the secret `np07/ot-lead` is missing"),
        ("site.empty-secret", "the secret `shared/backup` is empty"),
    ];
    assert_eq!(told(&found), expected);
    let missing = &found.findings[0];
    assert_eq!(loaded.sources.shown(missing.loc), "account \"ot-lead\" group=\"Administrator\"");
    assert!(missing.help.as_ref().unwrap().contains(&folder.path().join("np07/ot-lead").display().to_string()));
    assert_eq!(found.findings[1].path.as_deref(), Some("exported-config.password"));
}

#[cfg(unix)]
#[test]
fn links_are_refused_and_open_files_told() {
    let (dir, loaded) = site(false);
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), "target", b"canary");
    fs::create_dir(folder.path().join("np07")).unwrap();
    std::os::unix::fs::symlink(folder.path().join("target"), folder.path().join("np07/ot-lead")).unwrap();
    write(folder.path(), "shared/backup", b"x");
    let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
    fs::set_permissions(folder.path().join("shared/backup"), open).unwrap();
    let found = from(&dir, &loaded, SecretSource::Folder(folder.path()));
    let expected = [
        ("site.link", "the secret `np07/ot-lead`: `np07/ot-lead` is a link"),
        ("site.open-secret", "other users may read the secret `shared/backup`"),
    ];
    assert_eq!(told(&found), expected);
    assert!(!found.findings[1].is_input_error(), "a warning");
}

#[test]
fn a_map_on_standard_input() {
    let (dir, loaded) = site(false);
    let json = |text: &str| from(&dir, &loaded, SecretSource::Json(&SecretValue::copy_of(text.as_bytes())));
    let found = json(r#"{"np07/ot-lead": "a\"b", "shared/backup": "c", "other": "d"}"#);
    assert_eq!(told(&found), []);
    assert!(is(&found.secrets, "np07/ot-lead", b"a\"b") && found.secrets.get("other").is_none());
    assert_eq!(
        told(&json(r#"{"shared/backup": "c"}"#)),
        [("site.missing-secret", "the secret `np07/ot-lead` is missing")]
    );
    for bad in [r#"{"np07/ot-lead": 31337}"#, r#"{"a": "31337", "a": "x"}"#, r#"["31337"]"#, "31337", "{} 31337", ""] {
        let found = json(bad);
        assert_eq!(found.findings[0].code, "site.secret-map", "{bad}");
        assert!(!format!("{:?}", found.findings).contains("31337"), "no message repeats a value");
        assert!(!found.secrets.is_loaded());
    }
}

#[test]
fn a_demo_uses_its_own_folder_and_refuses_every_other_source() {
    let (dir, loaded) = site(true);
    let found = from(&dir, &loaded, SecretSource::None);
    assert_eq!(told(&found), []);
    assert!(is(&found.secrets, "np07/ot-lead", b"demo-lead") && is(&found.secrets, "shared/backup", b"demo-backup"));
    let map = SecretValue::copy_of(br#"{"np07/ot-lead": "real", "shared/backup": "real"}"#);
    for source in [SecretSource::Folder(dir.path()), SecretSource::Json(&map), SecretSource::Placeholder] {
        let found = from(&dir, &loaded, source);
        assert_eq!(found.findings[0].code, "site.demo-source");
        assert!(!found.secrets.is_loaded());
        assert_eq!(loaded.sources.shown(found.findings[0].loc), "on");
    }
    let root = Root::open(dir.path()).unwrap();
    assert!(demo_passphrase(&root, &loaded.site).unwrap().is_none());
    write(dir.path(), "demo/passphrase", b"known\n");
    assert!(demo_passphrase(&root, &loaded.site).unwrap().unwrap() == SecretValue::copy_of(b"known\n"));
}

#[test]
fn a_site_that_is_no_demo_never_looks_into_a_demo_folder() {
    let (dir, loaded) = site(false);
    write(dir.path(), "demo/passphrase", b"known\n");
    assert!(matches!(from(&dir, &loaded, SecretSource::None).secrets, Secrets::Absent));
    assert!(matches!(from(&dir, &loaded, SecretSource::Placeholder).secrets, Secrets::Placeholder));
    assert!(demo_passphrase(&Root::open(dir.path()).unwrap(), &loaded.site).unwrap().is_none());
}

/// No device refers to it, so it is looked for wherever secrets come from; without it there is nothing to say.
#[test]
fn the_key_of_fingerprints_comes_from_every_source() {
    const KEY: &str = "site/fingerprint-key";
    let (dir, loaded) = site(false);
    let key = "5a".repeat(32);
    let (folder, flat) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
    for (name, value) in [("np07/ot-lead", "one"), ("shared/backup", "two"), (KEY, &key), ("site/other", "three")] {
        write(folder.path(), name, value.as_bytes());
        write(flat.path(), &name.replace('/', "+"), value.as_bytes());
    }
    let map = format!(r#"{{"np07/ot-lead": "one", "shared/backup": "two", "{KEY}": "{key}", "site/other": "three"}}"#);
    let json = SecretValue::copy_of(map.as_bytes());
    let stored = || {
        let of = |name: &str, value: &str| (name.parse().unwrap(), SecretValue::copy_of(value.as_bytes()));
        SecretSource::Store([of("np07/ot-lead", "one"), of("shared/backup", "two"), of(KEY, &key)].into())
    };
    for source in [
        SecretSource::Folder(folder.path()),
        SecretSource::Credentials(folder.path()),
        SecretSource::Credentials(flat.path()),
        SecretSource::Json(&json),
        stored(),
    ] {
        let found = from(&dir, &loaded, source);
        assert_eq!(told(&found), []);
        assert!(is(&found.secrets, KEY, key.as_bytes()) && is(&found.secrets, "np07/ot-lead", b"one"));
        assert!(found.secrets.get("site/other").is_none());
    }
    std::fs::remove_file(folder.path().join(KEY)).unwrap();
    assert_eq!(told(&from(&dir, &loaded, SecretSource::Folder(folder.path()))), []);
}

#[test]
fn what_the_store_has_not_is_told_with_the_verbs_that_make_it() {
    let (dir, loaded) = site(false);
    let found = from(&dir, &loaded, SecretSource::Store(Default::default()));
    assert_eq!(told(&found)[0], ("site.missing-secret", "the secret `np07/ot-lead` is not in the store"));
    assert!(found.findings[0].help.as_ref().unwrap().contains("fieldlock secret generate np07/ot-lead"));
}
