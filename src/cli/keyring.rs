//! The passphrases of a run, one per group: from files, or asked for one after the other; each derived once.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fieldlock::image::{Derivations, KdfParams, Passphrase, PassphraseKey, fresh_salt};
use fieldlock::pipeline::Keys;
use fieldlock::site::Site;

use super::args::PassphrasesArgs;
use super::passphrase::{self, Ask};
use super::problem::Problem;
use super::{entropy, machine, secrets};

/// Keys by group, each passphrase read when its group is first asked for.
pub(crate) struct Keyring<'a> {
    args: &'a PassphrasesArgs,
    site: &'a Site,
    root: &'a Path,
    derivations: Derivations,
    known: Mutex<BTreeMap<String, [u8; 16]>>,
    passphrases: Mutex<BTreeMap<String, Passphrase>>,
}

impl<'a> Keyring<'a> {
    /// Nothing is read yet, but what the flags say is checked against the site's groups.
    pub(crate) fn new(args: &'a PassphrasesArgs, site: &'a Site, root: &'a Path) -> Result<Keyring<'a>, Problem> {
        if !site.demo {
            passphrase::sources(args, site)?;
        }
        let (known, passphrases) = (Mutex::default(), Mutex::default());
        Ok(Keyring { args, site, root, derivations: Derivations::new(), known, passphrases })
    }

    /// The keys to seal these groups with.
    #[allow(dead_code, reason = "for stores; a build asks for one after the other")]
    pub(crate) fn keys<'g>(&self, groups: impl IntoIterator<Item = &'g str>) -> Result<Keys, Problem> {
        let mut keys = Keys::new();
        for group in groups {
            keys.insert(group, self.key(group)?);
        }
        Ok(keys)
    }

    /// The key to seal with for a group; typed twice where nothing sealed proves that it was typed well.
    pub(crate) fn key(&self, group: &str) -> Result<PassphraseKey, Problem> {
        self.key_with(group, None)
    }

    /// The same with the salt that images of the build before have, unless one is known already; without either, with a
    /// fresh one.
    pub(crate) fn key_with(&self, group: &str, salt: Option<[u8; 16]>) -> Result<PassphraseKey, Problem> {
        let mut passphrases = lock(&self.passphrases);
        if !passphrases.contains_key(group) {
            let passphrase = self.read(group, Ask::Twice)?;
            passphrases.insert(group.to_owned(), passphrase);
        }
        let mut salts = lock(&self.known);
        let salt = match (salts.get(group), salt) {
            (Some(salt), _) => *salt,
            (None, Some(salt)) => salt,
            (None, None) => {
                let salt = fresh_salt(&mut entropy::System).map_err(|error| Problem::invalid(error.to_string()))?;
                salts.insert(group.to_owned(), salt);
                salt
            }
        };
        let key = self.derivations.derive(&passphrases[group], KdfParams::WRITTEN, salt, machine::ceiling());
        key.map_err(|limit| Problem::invalid(limit.to_string()).help(limit.help()))
    }

    /// How many derivations were run.
    pub(crate) fn derivations(&self) -> usize {
        self.derivations.runs()
    }

    fn read(&self, group: &str, ask: Ask) -> Result<Passphrase, Problem> {
        if self.site.demo {
            return secrets::of_demo(self.args, self.site, self.root);
        }
        passphrase::of_group(self.args, self.site, group, ask)
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
