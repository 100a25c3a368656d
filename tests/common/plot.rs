//! A site that is no demo, with its secrets beside it, built again and again.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "a test that can't set itself up has failed")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::SystemTime;

use fieldlock::ledger::{Index, parse_index};
use fieldlock::pipeline::{BuildError, Built};
use fieldlock::report::Report;

use super::{With, build_with, files, ready, secrets};

const PUMP_STATION: &str = "examples/01-pump-station";
/// Its devices, by name.
pub(crate) const DEVICES: [&str; 4] = ["np02", "np07", "ps7-router", "sw04"];

/// A copy of the example that is no demo, with its secrets beside it.
pub(crate) struct Plot {
    pub(crate) dir: tempfile::TempDir,
}

impl Plot {
    pub(crate) fn new() -> Plot {
        let plot = Plot { dir: tempfile::tempdir().unwrap() };
        for (name, bytes) in files(&crate::common::project(PUMP_STATION)) {
            if !name.starts_with("demo/") && !name.starts_with("out/") {
                plot.put(&name, &bytes);
            }
        }
        plot.edit("site.kdl", "demo on", "");
        for (name, bytes) in files(&crate::common::project(PUMP_STATION).join("demo/secrets")) {
            plot.put(&format!("../secrets/{name}"), &bytes);
        }
        plot
    }

    pub(crate) fn site(&self) -> PathBuf {
        self.dir.path().join("site")
    }

    pub(crate) fn out(&self) -> PathBuf {
        self.dir.path().join("out")
    }

    pub(crate) fn put(&self, name: &str, bytes: &[u8]) {
        let path = match name.strip_prefix("../") {
            Some(name) => self.dir.path().join(name),
            None => self.site().join(name),
        };
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(&path, bytes).unwrap();
        #[cfg(unix)]
        std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    }

    pub(crate) fn edit(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.site().join(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from:?}");
        self.put(name, text.replacen(from, to, 1).as_bytes());
    }

    pub(crate) fn try_build<'a>(&self, out: &Path, change: impl FnOnce(&mut With<'a>)) -> Result<Built, BuildError> {
        let ready = ready(&self.site(), None);
        let secrets = secrets(&self.site(), &ready, Some(&self.dir.path().join("secrets")));
        let mut with: With<'a> = With::of(&ready);
        change(&mut with);
        build_with(&ready, &secrets, out, &with)
    }

    pub(crate) fn build_as<'a>(&self, change: impl FnOnce(&mut With<'a>)) -> Report {
        let built = self.try_build(&self.out(), change).unwrap();
        assert!(built.wrote, "{:?}", built.report.findings);
        built.report
    }

    pub(crate) fn build(&self) -> Report {
        self.build_as(|_| {})
    }

    pub(crate) fn index(&self) -> Index {
        index(&self.out())
    }

    pub(crate) fn image(&self, device: &str) -> Vec<u8> {
        std::fs::read(self.image_path(device)).unwrap()
    }

    pub(crate) fn image_path(&self, device: &str) -> PathBuf {
        self.out().join(format!("images/{device}.flk"))
    }
}

/// A rule of a site's own pack, behind its id: sessions may stay a day.
const WEAK: &str = r#"severity="high" family="login.session-timeout" moment="describe" {
    title "Idle sessions end within a day"
    why "For a test."
    require { login { auto-logout at-most="24 h" } }
    source "handbook" section="1"
    passes { login { auto-logout "5 min" } }
    fails { login { auto-logout never } }
}"#;

/// Puts a pack of the site's own into a site, with that rule.
pub(crate) fn own_pack(site: &Path, folder: &str, name: &str, rule: &str) {
    let head = format!(
        "pack \"{name}\" version=\"1.0.0\" {{\n    title \"Ours\"\n    platforms \"nport-6000-g2\" \"mx-ros\"\n}}\n"
    );
    let folder = site.join("packs").join(folder);
    std::fs::create_dir_all(&folder).expect("a folder");
    std::fs::write(folder.join("pack.kdl"), head).expect("a file");
    std::fs::write(folder.join(format!("{rule}.kdl")), format!("rule \"{rule}\" {WEAK}\n")).expect("a file");
}

/// Another sheet of a device, named by a public file and a list that fit it: no key is needed for that.
pub(crate) fn forge_sheet(out: &Path, device: &str, from: &str, to: &str) {
    let read = |name: &str| std::fs::read_to_string(out.join(name)).unwrap();
    let (sheet, public) = (format!("sheets/{device}.sheet.md"), format!("public/{device}.public.json"));
    let digest = |text: &str| fieldlock::image::Digest::of(text.as_bytes()).to_string();
    let (old_sheet, old_public) = (read(&sheet), read(&public));
    let new_sheet = old_sheet.replacen(from, to, 1);
    assert_ne!(old_sheet, new_sheet);
    let new_public = old_public.replacen(&digest(&old_sheet), &digest(&new_sheet), 1);
    let index = read("index.json").replacen(&digest(&old_public), &digest(&new_public), 1);
    for (name, text) in [(&*sheet, new_sheet), (&*public, new_public), ("index.json", index)] {
        std::fs::write(out.join(name), text).unwrap();
    }
}

pub(crate) fn index(out: &Path) -> Index {
    parse_index(&std::fs::read(out.join("index.json")).unwrap()).unwrap()
}

pub(crate) fn revisions(index: &Index) -> Vec<(&str, u32)> {
    index.images.iter().map(|i| (&*i.device, i.revision)).collect()
}

pub(crate) fn fresh(report: &Report) -> Vec<&str> {
    report.written.iter().filter(|w| w.fresh).map(|w| &*w.path).collect()
}

/// The devices whose images are new.
pub(crate) fn sealed(report: &Report) -> Vec<&str> {
    report.devices.iter().filter(|d| d.image.as_ref().is_some_and(|i| i.fresh)).map(|d| &*d.name).collect()
}

/// When each file was written, and which file it is.
pub(crate) fn identities(folder: &Path) -> BTreeMap<String, (SystemTime, u64)> {
    let one = |name: String| {
        let data = std::fs::metadata(folder.join(&name)).unwrap();
        #[cfg(unix)]
        let number = std::os::unix::fs::MetadataExt::ino(&data);
        #[cfg(not(unix))]
        let number = 0;
        (name, (data.modified().unwrap(), number))
    };
    files(folder).into_iter().filter(|(name, _)| !name.starts_with('.')).map(|(name, _)| one(name)).collect()
}
