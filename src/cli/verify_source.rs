//! The site's own files that a build is held against, as they were at its commit, and the secrets that they name.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fieldlock::finding::Finding;
use fieldlock::ledger::Index;
use fieldlock::pipeline::ReadySite;
use fieldlock::pipeline::store::Store;
use fieldlock::pipeline::verify::Values;
use fieldlock::secret::Secrets;
use fieldlock::site::files::Root;

use super::args::{PassphrasesArgs, SecretArgs};
use super::git_tree;
use super::keyring::Keyring;
use super::problem::Problem;
use super::secrets::{self, ByDefault};
use super::site::{self, Opened};
use super::verify_keys::Keys;

/// Where the site's source is.
pub(crate) enum SourceFound {
    /// Nobody asked, and it is not here: why.
    Absent(String),
    /// It is asked for and can't be read: why.
    Unreadable(String),
    /// Here it is.
    Here(Box<Here>),
}

/// The source.
pub(crate) struct Here {
    pub(crate) ready: ReadySite,
    /// Placeholders until [`Here::read_secrets`].
    pub(crate) secrets: Secrets,
    /// Whose values those are.
    pub(crate) values: Values,
    /// Where the files are from: `commit 3e90d77`.
    pub(crate) words: String,
    /// The site's folder as it is now, where what was done since comes home.
    pub(crate) folder: PathBuf,
    /// The sealed store of that commit, and what is wrong with it.
    store: (Store, Vec<Finding>),
}

/// Where secrets are, by flags, and of which devices they are needed.
#[derive(Clone, Copy)]
pub(crate) struct Given<'a> {
    pub(crate) devices: &'a dyn Fn(&str) -> bool,
    pub(crate) secrets: &'a SecretArgs,
    pub(crate) passphrase: &'a PassphrasesArgs,
}

impl SourceFound {
    /// The site that is `given`, or the one here if the index is of it; at the commit of the index where it has one.
    /// Where it is `needed`, or given, one that is missing is told and not passed over.
    pub(crate) fn find(given: Option<&Path>, needed: bool, index: &Index) -> Result<SourceFound, Problem> {
        let named = given.is_some() || needed;
        let opened = match site::open(given) {
            Ok(opened) => opened,
            Err(problem) if given.is_some() => return Err(problem),
            Err(problem) if needed => {
                return Err(problem.help("go into the site's folder, or say where it is with --site DIR"));
            }
            Err(_) => {
                return Ok(SourceFound::Absent(
                    "the site's source is not here: --site DIR says where it is".to_owned(),
                ));
            }
        };
        let folder = opened.root.path().to_owned();
        let (root, words) = if index.commit.is_empty() {
            (opened.root, "the site's folder as it is now".to_owned())
        } else {
            let short = index.commit.get(..7).unwrap_or(&index.commit);
            match git_tree::at(&folder, &index.commit) {
                Ok(root) => (root, format!("commit {short}")),
                Err(problem) if named => return Ok(SourceFound::Unreadable(problem.told())),
                Err(problem) => return Ok(SourceFound::Absent(problem.told())),
            }
        };
        let store = Store::read(&root);
        let ready = site::ready(Opened { root, argument: opened.argument }, None)?;
        if !named && *ready.site.name != *index.site {
            let other = &ready.site.name;
            return Ok(SourceFound::Absent(format!(
                "the site here is `{other}`: --site DIR says where the other's source is"
            )));
        }
        let (secrets, values) = (Secrets::Placeholder, Values::Own);
        Ok(SourceFound::Here(Box::new(Here { ready, secrets, values, words, folder, store })))
    }
}

impl Here {
    /// The secrets to render again with: as the flags say; or of the commit, not those that were rotated since, as far
    /// as the passphrase opens them; or else of the store as it is now, which may have been given another passphrase
    /// since.
    pub(crate) fn read_secrets(&mut self, given: Given<'_>, keys: &Keys) -> Result<(), Problem> {
        let demo = self.ready.site.demo;
        let (store, damaged) = if demo { Default::default() } else { std::mem::take(&mut self.store) };
        let mut values = Values::Own;
        let mut read = self.values(given, keys, store, damaged)?;
        if read.is_none() {
            let (store, damaged) = Store::read(&Root::open(&self.folder)?);
            values = Values::Later;
            read = self.values(given, keys, store, damaged)?;
        }
        match read {
            Some((secrets, findings)) => {
                self.ready.findings.extend(findings);
                (self.secrets, self.values) = (secrets, values);
            }
            None => {
                let (words, now) = (&self.words, "the site's folder as it is now");
                self.values = Values::Locked(match **words == *now {
                    true => format!("the passphrase does not open the sealed secrets of {now}"),
                    false => format!("the passphrase opens neither the sealed secrets of {words} nor those of {now}"),
                });
            }
        }
        Ok(())
    }

    /// `None` where they are in the store and the passphrase is another one.
    fn values(
        &self,
        given: Given<'_>,
        keys: &Keys,
        store: Store,
        damaged: Vec<Finding>,
    ) -> Result<Option<(Secrets, Vec<Finding>)>, Problem> {
        let site = &self.ready.site;
        let asked = site.devices.iter().filter(|d| (given.devices)(&d.name));
        let groups: BTreeSet<&str> = asked.map(|d| site.group(&d.name)).collect();
        // as a build does: rules look at all devices that share a passphrase, and the key of fingerprints is the site's
        // own
        let devices = site.devices.iter().filter(|d| groups.contains(site.group(&d.name)));
        let keyring = Keyring::new(given.passphrase, site, &self.folder, store)?;
        let mut fits = true;
        for group in groups.iter().copied().chain([&*site.name]) {
            if let Some(passphrase) = keys.copy(group) {
                fits &= keyring.adopt(group, passphrase)?;
            }
        }
        if !fits && given.secrets.are_in_store() {
            return Ok(None);
        }
        let load = secrets::Load { args: given.secrets, by_default: ByDefault::Store, keyring: &keyring, damaged };
        secrets::load(load, site, &self.folder, devices).map(Some)
    }
}
