//! The passphrases of a run, one per group: from files, or asked for one after the other; each derived once.
//!
//! Where the site has a sealed store, a passphrase is right when it opens the group's files, and its salt is the one
//! that they have: store, images and later builds share one derivation. A salt is taken from a file only after it
//! opened.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use fieldlock::finding::Finding;
use fieldlock::image::{Derivations, KdfParams, Passphrase, PassphraseKey, Unlock, fresh_salt};
use fieldlock::pipeline::store::{self, Owned, Store, StoreError};
use fieldlock::secret::{SecretRef, SecretValue};
use fieldlock::site::Site;

use super::args::PassphrasesArgs;
use super::passphrase::{self, Ask};
use super::problem::Problem;
use super::{entropy, machine, secrets};

/// Most salts that a passphrase is tried with before it is called wrong: each costs a second. Files that people made
/// apart and then merged have more than one.
const MAX_SALTS: usize = 4;

/// Keys by group, each passphrase read when its group is first asked for.
pub(crate) struct Keyring<'a> {
    args: &'a PassphrasesArgs,
    site: &'a Site,
    root: &'a Path,
    store: Store,
    derivations: Derivations,
    groups: Mutex<BTreeMap<String, Known>>,
}

/// A group's passphrase, and the salt that it has: from a file of the store that it opened, or fresh.
struct Known {
    passphrase: Passphrase,
    salt: Option<[u8; 16]>,
}

/// What a passphrase does with the files of its group.
enum Fit {
    /// It opens one, which has this salt.
    Opens([u8; 16]),
    /// It fits, or there is nothing to try it on; files that are refused for another reason tell when they are asked
    /// for.
    Untold,
    /// It opens none.
    Wrong,
}

/// An owner's values in force, or what is wrong with its file.
type Values = Result<Vec<(SecretRef, SecretValue)>, Finding>;

impl<'a> Keyring<'a> {
    /// Nothing is asked for yet, but what the flags say is checked against the site's groups.
    pub(crate) fn new(
        args: &'a PassphrasesArgs,
        site: &'a Site,
        root: &'a Path,
        store: Store,
    ) -> Result<Keyring<'a>, Problem> {
        if !site.demo {
            passphrase::sources(args, site)?;
        }
        Ok(Keyring { args, site, root, store, derivations: Derivations::new(), groups: Mutex::default() })
    }

    /// The site's sealed store.
    pub(crate) fn store(&self) -> &Store {
        &self.store
    }

    /// Whether flags say where a passphrase is.
    pub(crate) fn has_source(&self) -> bool {
        self.args.is_given()
    }

    /// The key to seal with for a group.
    pub(crate) fn key(&self, group: &str) -> Result<PassphraseKey, Problem> {
        self.key_with(group, None)
    }

    /// The same with the salt that images of the build before have, unless the store's is known; without either, with a
    /// fresh one.
    pub(crate) fn key_with(&self, group: &str, salt: Option<[u8; 16]>) -> Result<PassphraseKey, Problem> {
        self.know(group)?;
        let mut groups = self.lock();
        let known = groups.get_mut(group).ok_or_else(|| Problem::invalid("the passphrase is gone"))?;
        let salt = match known.salt.or(salt) {
            Some(salt) => salt,
            None => *known.salt.insert(fresh()?),
        };
        self.derive(&known.passphrase, KdfParams::WRITTEN, salt)
    }

    /// The values in force of these owners, and a finding for each file that gives none.
    pub(crate) fn values<'g>(
        &self,
        owners: impl IntoIterator<Item = &'g str>,
    ) -> Result<(BTreeMap<SecretRef, SecretValue>, Vec<Finding>), Problem> {
        let (mut values, mut findings) = (BTreeMap::new(), Vec::new());
        for owner in owners {
            match self.values_of(owner)? {
                Ok(of_owner) => values.extend(of_owner),
                Err(finding) => findings.push(finding),
            }
        }
        Ok((values, findings))
    }

    fn values_of(&self, owner: &str) -> Result<Values, Problem> {
        let value = |(name, stored): (SecretRef, fieldlock::secret::Stored)| {
            (name, SecretValue::copy_of(stored.now().value.expose()))
        };
        Ok(match self.owned(owner)? {
            Ok(owned) => Ok(owned.secrets.into_iter().map(value).collect()),
            Err(error) => Err(store::refused(owner, &error)),
        })
    }

    /// An owner's secrets with their stories; empty where there is no file.
    pub(crate) fn owned(&self, owner: &str) -> Result<Result<Owned, StoreError>, Problem> {
        let Some(group) = self.store.group(owner) else { return Ok(Ok(Owned::default())) };
        if !self.site.has_group(group) {
            return Ok(Err(StoreError::Content("it is sealed for a group that the site does not have")));
        }
        self.know(group)?;
        let groups = self.lock();
        let known = groups.get(group).ok_or_else(|| Problem::invalid("the passphrase is gone"))?;
        Ok(self.try_open(owner, &known.passphrase)?.map(|(owned, _)| owned))
    }

    /// Reads a group's passphrase, and proves it by a file of the store where there is one.
    fn know(&self, group: &str) -> Result<(), Problem> {
        let mut groups = self.lock();
        if groups.contains_key(group) {
            return Ok(());
        }
        let files = self.files(group);
        let known = if self.site.demo || files.is_empty() {
            let passphrase = self.read(group, Ask::Twice)?;
            if !self.site.demo {
                passphrase::judge_for(&passphrase, self.site)?;
            }
            Known { passphrase, salt: None }
        } else {
            let passphrase = self.read(group, Ask::Once)?;
            match self.fit(&files, &passphrase)? {
                Fit::Opens(salt) => Known { passphrase, salt: Some(salt) },
                Fit::Untold => Known { passphrase, salt: None },
                Fit::Wrong => {
                    let message = format!("wrong passphrase: it opens no secret of the group `{group}`");
                    return Err(Problem::refused(message)
                        .help("is it another group's, or was it changed since? `git log secrets` says when")
                        .state("nothing was opened and nothing was written"));
                }
            }
        };
        groups.insert(group.to_owned(), known);
        Ok(())
    }

    /// Takes a passphrase that was read already. Whether it is the group's: where the store has files of it, it has to
    /// open one.
    pub(crate) fn adopt(&self, group: &str, passphrase: Passphrase) -> Result<bool, Problem> {
        let files = self.files(group);
        let fit = if files.is_empty() { Fit::Untold } else { self.fit(&files, &passphrase)? };
        let salt = match fit {
            Fit::Opens(salt) => Some(salt),
            Fit::Untold => None,
            Fit::Wrong => return Ok(false),
        };
        self.lock().insert(group.to_owned(), Known { passphrase, salt });
        Ok(true)
    }

    fn files(&self, group: &str) -> Vec<&str> {
        self.store.owners().filter(|owner| self.store.group(owner) == Some(group)).collect()
    }

    fn fit(&self, files: &[&str], passphrase: &Passphrase) -> Result<Fit, Problem> {
        let mut wrong = Vec::new();
        let mut fits = false;
        for owner in files {
            let salts = self.store.salts(owner);
            if salts.iter().all(|salt| wrong.contains(salt)) {
                continue;
            }
            match self.try_open(owner, passphrase)? {
                Ok((_, salt)) => return Ok(Fit::Opens(salt)),
                Err(error) if error.is_wrong_passphrase() => wrong.extend_from_slice(salts),
                Err(_) => fits = true,
            }
            if wrong.len() >= MAX_SALTS {
                break;
            }
        }
        Ok(if fits { Fit::Untold } else { Fit::Wrong })
    }

    /// Opens a file with a passphrase, and says which salt it was.
    fn try_open(&self, owner: &str, passphrase: &Passphrase) -> Result<Result<(Owned, [u8; 16]), StoreError>, Problem> {
        let mut failed = None;
        for (kdf, salt) in self.store.salts(owner) {
            let key = self.derive(passphrase, *kdf, *salt)?;
            match self.store.open(&self.site.name, owner, &Unlock::Key(&key), machine::ceiling()) {
                Ok(owned) => return Ok(Ok((owned, *salt))),
                Err(error) => failed = Some(error),
            }
        }
        Ok(Err(failed.unwrap_or(StoreError::Content("it has no passphrase"))))
    }

    fn derive(&self, passphrase: &Passphrase, kdf: KdfParams, salt: [u8; 16]) -> Result<PassphraseKey, Problem> {
        let key = self.derivations.derive(passphrase, kdf, salt, machine::ceiling());
        key.map_err(|limit| Problem::invalid(limit.to_string()).help(limit.help()))
    }

    /// Whether this is the passphrase that a group has.
    pub(crate) fn has(&self, group: &str, passphrase: &Passphrase) -> bool {
        self.lock().get(group).is_some_and(|known| known.passphrase == *passphrase)
    }

    /// Those that were read by now, with their groups.
    pub(crate) fn passphrases(&self) -> Vec<(String, SecretValue)> {
        let copy = |known: &Known| SecretValue::copy_of(known.passphrase.value().expose());
        self.lock().iter().map(|(group, known)| (group.clone(), copy(known))).collect()
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

    /// Another passphrase for a group, with a fresh salt, from now on; what is in the store stays readable by
    /// [`Keyring::owned`] only until then.
    pub(crate) fn change(&self, group: &str, passphrase: Passphrase) -> Result<(), Problem> {
        let salt = Some(fresh()?);
        self.lock().insert(group.to_owned(), Known { passphrase, salt });
        Ok(())
    }

    fn lock(&self) -> MutexGuard<'_, BTreeMap<String, Known>> {
        self.groups.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn fresh() -> Result<[u8; 16], Problem> {
    fresh_salt(&mut entropy::System).map_err(|error| Problem::invalid(error.to_string()))
}
