//! The person's own folders: what they configured, and what this computer remembers. Never those of a site.

use std::ffi::{OsStr, OsString};
use std::path::{Path, PathBuf};

use fieldlock::report::escape;
use fieldlock::site::output::OwnFolder;

use super::terminal;

/// The folder of what the person configured: `allowed_signers`. `None` where the system names no such place.
pub(crate) fn config() -> Option<PathBuf> {
    HERE.config(&|name| std::env::var_os(name))
}

/// The folder of what this computer remembers: the highest revisions seen. `None` where the system names no such
/// place.
pub(crate) fn state() -> Option<PathBuf> {
    HERE.state(&|name| std::env::var_os(name))
}

/// The variables that name the folder of what is remembered.
pub(crate) const STATE_BY: &str = if cfg!(windows) { "LOCALAPPDATA" } else { "HOME or XDG_STATE_HOME" };

/// The variables that name the folder of what the person configured.
pub(crate) const CONFIG_BY: &str = if cfg!(windows) { "APPDATA" } else { "HOME or XDG_CONFIG_HOME" };

/// The same, where something can be kept in it, for what is remembered of the folders that fieldlock writes to; told
/// where nothing can.
pub(crate) fn kept() -> Option<PathBuf> {
    let why = match state() {
        None => format!("there is none: set {STATE_BY}"),
        Some(folder) => match OwnFolder::lock(&folder) {
            Ok(_) => return Some(folder),
            Err(problem) => format!("`{}`: {problem}; {STATE_BY} names another", folder.display()),
        },
    };
    let told = "note: nothing can be kept in the folder of what fieldlock remembers, so a run that is interrupted is not \
                noticed, and the next build needs a new output folder: ";
    terminal::complain(&(escape::line(&format!("{told}{why}")) + "\n"));
    None
}

/// The folder of what only saves time: what a build need not find out again. `None` where the system names no such
/// place.
pub(crate) fn cache() -> Option<PathBuf> {
    HERE.cache(&|name| std::env::var_os(name))
}

/// Whether a folder lies in the person's own, which a system of lists of rights keeps from others unless somebody
/// changed that.
pub(crate) fn in_profile(folder: &Path) -> bool {
    lies_in_profile(folder, &|name| std::env::var_os(name))
}

fn lies_in_profile(folder: &Path, environment: Environment<'_>) -> bool {
    let profile = environment("USERPROFILE").filter(|profile| !profile.is_empty());
    let profile = profile.and_then(|profile| PathBuf::from(profile).canonicalize().ok());
    profile.zip(folder.canonicalize().ok()).is_some_and(|(profile, folder)| folder.starts_with(profile))
}

type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// Where a system keeps what is a person's own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum System {
    /// As freedesktop.org has it.
    Unix,
    /// In the profile: `APPDATA` goes along to other computers, `LOCALAPPDATA` stays.
    Windows,
}

const HERE: System = if cfg!(windows) { System::Windows } else { System::Unix };

impl System {
    fn config(self, environment: Environment<'_>) -> Option<PathBuf> {
        match self {
            System::Windows => self.below("APPDATA", "", environment),
            System::Unix => self.of_xdg("XDG_CONFIG_HOME", ".config", environment),
        }
    }

    fn state(self, environment: Environment<'_>) -> Option<PathBuf> {
        match self {
            System::Windows => self.below("LOCALAPPDATA", "", environment),
            System::Unix => self.of_xdg("XDG_STATE_HOME", ".local/state", environment),
        }
    }

    fn cache(self, environment: Environment<'_>) -> Option<PathBuf> {
        match self {
            System::Windows => self.below("LOCALAPPDATA", "", environment).map(|folder| folder.join("cache")),
            System::Unix => self.of_xdg("XDG_CACHE_HOME", ".cache", environment),
        }
    }

    fn of_xdg(self, variable: &str, inner: &str, environment: Environment<'_>) -> Option<PathBuf> {
        self.below(variable, "", environment).or_else(|| self.below("HOME", inner, environment))
    }

    /// `fieldlock` below the folder that a variable names. One that is not absolute would depend on where we are run,
    /// and so could lie in a site.
    fn below(self, variable: &str, inner: &str, environment: Environment<'_>) -> Option<PathBuf> {
        let folder = environment(variable).filter(|folder| self.is_absolute(folder)).map(PathBuf::from)?;
        Some(if inner.is_empty() { folder } else { folder.join(inner) }.join("fieldlock"))
    }

    /// `C:\Users\op`, `\\server\profiles\op`: not `C:op` and not `\op`, which depend on the drive that we are run on.
    fn is_absolute(self, folder: &OsStr) -> bool {
        let is = |byte: &u8| matches!(byte, b'\\' | b'/');
        match (self, folder.as_encoded_bytes()) {
            (System::Unix, [first, ..]) => *first == b'/',
            (System::Windows, [letter, b':', behind, ..]) => letter.is_ascii_alphabetic() && is(behind),
            (System::Windows, [first, second, _, ..]) => is(first) && is(second),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_the_system_and_no_relative_ones() {
        let home = |name: &str| (name == "HOME").then(|| OsString::from("/home/op"));
        assert_eq!(System::Unix.config(&home), Some(PathBuf::from("/home/op/.config/fieldlock")));
        assert_eq!(System::Unix.state(&home), Some(PathBuf::from("/home/op/.local/state/fieldlock")));
        assert_eq!(System::Unix.cache(&home), Some(PathBuf::from("/home/op/.cache/fieldlock")));
        let own = |name: &str| Some(OsString::from(if name == "HOME" { "/home/op" } else { "/own" }));
        assert_eq!(System::Unix.config(&own), Some(PathBuf::from("/own/fieldlock")));
        assert_eq!(System::Unix.state(&own), Some(PathBuf::from("/own/fieldlock")));
        assert_eq!(System::Unix.cache(&own), Some(PathBuf::from("/own/fieldlock")));
        for relative in ["", ".", "own", "../own"] {
            let some = |name: &str| Some(OsString::from(if name == "HOME" { "/home/op" } else { relative }));
            assert_eq!(System::Unix.config(&some), Some(PathBuf::from("/home/op/.config/fieldlock")));
            assert_eq!(System::Unix.config(&|_| Some(relative.into())), None);
        }
        assert_eq!(System::Unix.state(&|_| None), None);
    }
    #[test]
    fn on_windows_the_folders_of_the_profile_and_no_others() {
        let profile = |name: &str| match name {
            "APPDATA" => Some(OsString::from(r"C:\Users\Jörg Op\AppData\Roaming")),
            "LOCALAPPDATA" => Some(OsString::from(r"C:\Users\Jörg Op\AppData\Local")),
            // a shell of git has these too
            _ => Some(OsString::from("/c/Users/other")),
        };
        let (roaming, local) = (profile("APPDATA").map(PathBuf::from), profile("LOCALAPPDATA").map(PathBuf::from));
        let local = local.unwrap().join("fieldlock");
        assert_eq!(System::Windows.config(&profile), Some(roaming.unwrap().join("fieldlock")));
        assert_eq!(System::Windows.state(&profile), Some(local.clone()));
        assert_eq!(System::Windows.cache(&profile), Some(local.join("cache")));
        for share in [r"\\server\profiles\op", "//server/profiles/op", "d:/op"] {
            assert_eq!(System::Windows.state(&|_| Some(share.into())), Some(PathBuf::from(share).join("fieldlock")));
        }
        for relative in ["", ".", "op", r"..\op", "C:", "C:op", r"\op", "/op", r"\\", "1:/op"] {
            let some = |name: &str| (name != "HOME").then(|| OsString::from(relative));
            assert_eq!((System::Windows.config(&some), System::Windows.cache(&some)), (None, None), "{relative}");
        }
        assert_eq!(System::Windows.state(&|name| (name == "HOME").then(|| "/home/op".into())), None);
    }

    #[test]
    fn a_folder_is_in_the_profile_or_outside() {
        let temp = tempfile::tempdir().unwrap();
        let profile = temp.path().join("Users/op");
        std::fs::create_dir_all(profile.join("out")).unwrap();
        let own = |name: &str| (name == "USERPROFILE").then(|| profile.clone().into_os_string());
        assert!(lies_in_profile(&profile.join("out"), &own));
        assert!(!lies_in_profile(&profile.join("out/../.."), &own));
        assert!(!lies_in_profile(temp.path(), &own));
        assert!(!lies_in_profile(&profile.join("none"), &own), "what is not there is nowhere");
        assert!(!lies_in_profile(&profile.join("out"), &|_| None));
    }
}
