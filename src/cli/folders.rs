//! The person's own folders: what they configured, and what this computer remembers. Never those of a site.

use std::ffi::OsString;
use std::path::PathBuf;

use fieldlock::report::escape;
use fieldlock::site::output::OwnFolder;

use super::terminal;

/// The folder of what the person configured: `allowed_signers`. `None` where the system names no such place.
pub(crate) fn config() -> Option<PathBuf> {
    config_in(&|name| std::env::var_os(name))
}

/// The folder of what this computer remembers: the highest revisions seen. `None` where the system names no such
/// place.
pub(crate) fn state() -> Option<PathBuf> {
    state_in(&|name| std::env::var_os(name))
}

/// The same, where something can be kept in it, for what is remembered of the folders that fieldlock writes to; told
/// where nothing can.
pub(crate) fn kept() -> Option<PathBuf> {
    let why = match state() {
        None => "there is none: set HOME or XDG_STATE_HOME".to_owned(),
        Some(folder) => match OwnFolder::lock(&folder) {
            Ok(_) => return Some(folder),
            Err(problem) => format!("`{}`: {problem}; XDG_STATE_HOME names another", folder.display()),
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
    cache_in(&|name| std::env::var_os(name))
}

type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

fn config_in(environment: Environment<'_>) -> Option<PathBuf> {
    if cfg!(windows) {
        return below("APPDATA", "", environment);
    }
    below("XDG_CONFIG_HOME", "", environment).or_else(|| below("HOME", ".config", environment))
}

fn state_in(environment: Environment<'_>) -> Option<PathBuf> {
    if cfg!(windows) {
        return below("LOCALAPPDATA", "", environment);
    }
    below("XDG_STATE_HOME", "", environment).or_else(|| below("HOME", ".local/state", environment))
}

fn cache_in(environment: Environment<'_>) -> Option<PathBuf> {
    if cfg!(windows) {
        return below("LOCALAPPDATA", "", environment).map(|folder| folder.join("cache"));
    }
    below("XDG_CACHE_HOME", "", environment).or_else(|| below("HOME", ".cache", environment))
}

/// `fieldlock` below the folder that a variable names. One that is not absolute would depend on where we are run, and
/// so could lie in a site.
fn below(variable: &str, inner: &str, environment: Environment<'_>) -> Option<PathBuf> {
    let folder = environment(variable).map(PathBuf::from).filter(|folder| folder.is_absolute())?;
    Some(if inner.is_empty() { folder } else { folder.join(inner) }.join("fieldlock"))
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn the_folders_of_the_system_and_no_relative_ones() {
        let home = |name: &str| (name == "HOME").then(|| OsString::from("/home/op"));
        assert_eq!(config_in(&home), Some(PathBuf::from("/home/op/.config/fieldlock")));
        assert_eq!(state_in(&home), Some(PathBuf::from("/home/op/.local/state/fieldlock")));
        assert_eq!(cache_in(&home), Some(PathBuf::from("/home/op/.cache/fieldlock")));
        let own = |name: &str| Some(OsString::from(if name == "HOME" { "/home/op" } else { "/own" }));
        assert_eq!(config_in(&own), Some(PathBuf::from("/own/fieldlock")));
        assert_eq!(state_in(&own), Some(PathBuf::from("/own/fieldlock")));
        assert_eq!(cache_in(&own), Some(PathBuf::from("/own/fieldlock")));
        for relative in ["", ".", "own", "../own"] {
            let some = |name: &str| Some(OsString::from(if name == "HOME" { "/home/op" } else { relative }));
            assert_eq!(config_in(&some), Some(PathBuf::from("/home/op/.config/fieldlock")));
            assert_eq!(config_in(&|_| Some(relative.into())), None);
        }
        assert_eq!(state_in(&|_| None), None);
    }
}
