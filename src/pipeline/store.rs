//! The sealed store of a site's secrets: one small file per device in `secrets/`, so that two people's changes merge.
//!
//! A file is `secrets/<owner>.flk`, the owner being the first part of its secrets' names: a device, `shared`, or
//! `site`. It is sealed with the passphrase of its owner's group; that it opens proves that somebody with the
//! passphrase sealed exactly this for this owner of this site.

mod content;

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, codes};
use crate::image::{
    Entropy, Holder, Inspection, KdfCeiling, KdfParams, Kind, MAX_FILE_LEN, OpenError, PassphraseKey, SealError,
    StoreCore, StoreExpected, Unlock, inspect, open_store, salts, seal_store,
};
use crate::secret::{SecretRef, Stored};
use crate::site::Site;
use crate::site::files::Root;
use crate::source::Loc;

/// The folder, beneath the site's root.
pub const FOLDER: &str = "secrets";

/// The files of a store, read and not opened.
#[derive(Default)]
pub struct Store {
    files: BTreeMap<String, StoreFile>,
}

/// One file. What it says of itself is not proved before it opened.
struct StoreFile {
    bytes: Vec<u8>,
    group: String,
    salts: Vec<(KdfParams, [u8; 16])>,
}

/// The secrets of one owner, opened. No `Debug`: it holds secrets.
#[derive(Default)]
pub struct Owned {
    /// By name; each begins with the owner.
    pub secrets: BTreeMap<SecretRef, Stored>,
    /// Of the file that they came from; 0 for none.
    pub revision: u32,
}

/// Why a file of the store gives no secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StoreError {
    /// It does not open.
    #[error(transparent)]
    Open(#[from] OpenError),
    /// It opened, and holds something else.
    #[error("the content is not one of secrets: {0}")]
    Content(&'static str),
}

impl StoreError {
    /// Whether the passphrase is another one.
    pub fn is_wrong_passphrase(&self) -> bool {
        matches!(self, StoreError::Open(error) if error.class() == "passphrase")
    }

    /// The layer that refused it, as `schema/image.md` calls it.
    pub fn class(&self) -> &'static str {
        match self {
            StoreError::Open(error) => error.class(),
            StoreError::Content(_) => "parts",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            StoreError::Open(error) if error.class() == "passphrase" => {
                "it may be sealed with an older passphrase, or an other group's: `git log` says who changed it last"
            }
            _ => "take the file again from git, as it was when it last opened",
        }
    }
}

impl Store {
    /// Reads the files. What can't be read, or is no store, is a finding, and no file of the store.
    pub fn read(root: &Root) -> (Store, Vec<Finding>) {
        let mut store = Store::default();
        let mut findings = Vec::new();
        let names = match root.list(FOLDER, "flk") {
            Ok(names) => names,
            Err(problem) => return (store, vec![problem.finding(Loc::NONE)]),
        };
        for path in names {
            let Some(owner) = owner_of(&path) else { continue };
            let bytes = match root.read_bytes(&path, MAX_FILE_LEN) {
                Ok(bytes) => bytes,
                Err(problem) => {
                    findings.push(problem.finding(Loc::NONE).device(owner));
                    continue;
                }
            };
            match (inspect(&bytes), salts(&bytes)) {
                (Ok(Inspection { kind: Kind::SecretStore, store: Some(core), .. }), Ok(salts)) => {
                    store.files.insert(owner.to_owned(), StoreFile { bytes, group: core.group, salts });
                }
                (Err(error), _) | (_, Err(error)) => findings.push(refused(owner, &error.into())),
                (Ok(_), _) => findings.push(refused(owner, &StoreError::Content("it is sealed for something else"))),
            }
        }
        (store, findings)
    }

    /// Whether there is no file.
    pub fn is_empty(&self) -> bool {
        self.files.is_empty()
    }

    /// The owners that have a file.
    pub fn owners(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }

    /// The group whose passphrase a file says that it is sealed with; `None` where the owner has no file.
    pub fn group(&self, owner: &str) -> Option<&str> {
        self.files.get(owner).map(|file| &*file.group)
    }

    /// The groups that files say they are sealed for.
    pub fn groups(&self) -> BTreeSet<&str> {
        self.files.values().map(|file| &*file.group).collect()
    }

    /// The salts of an owner's file. To be used for sealing only after the file opened.
    pub fn salts(&self, owner: &str) -> &[(KdfParams, [u8; 16])] {
        self.files.get(owner).map_or(&[], |file| &file.salts)
    }

    /// Opens an owner's file; without one there are no secrets.
    ///
    /// # Errors
    /// The first step that failed. Nothing of the content is in it.
    pub fn open(&self, site: &str, owner: &str, unlock: &Unlock<'_>, ceiling: KdfCeiling) -> Result<Owned, StoreError> {
        let Some(file) = self.files.get(owner) else { return Ok(Owned::default()) };
        let opened = open_store(&file.bytes, unlock, &StoreExpected { site, device: owner, ceiling })?;
        let secrets = content::read(&opened.plain, owner).map_err(StoreError::Content)?;
        Ok(Owned { secrets, revision: opened.core.revision })
    }
}

/// A file of the store that gives no secrets, as a finding.
pub fn refused(owner: &str, error: &StoreError) -> Finding {
    let message = format!("`{}` gives no secrets: {error} [{}]", path(owner), error.class());
    Finding::new(codes::site::SECRET_STORE, Loc::NONE, message).help(error.help()).device(owner)
}

/// Seals an owner's secrets: the content of [`path`], and its revision is one more than the one before.
///
/// # Errors
/// See [`SealError`].
pub fn seal(
    site: &Site,
    owner: &str,
    owned: &Owned,
    key: &PassphraseKey,
    entropy: &mut dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    let core = StoreCore {
        device: owner.to_owned(),
        group: site.group(owner).to_owned(),
        kind: "secret-store".to_owned(),
        revision: owned.revision.saturating_add(1),
        site: site.name.to_string(),
    };
    let plain = content::write(&owned.secrets)?;
    Ok(seal_store(&plain, &core, &[Holder::Passphrase(key)], entropy)?.bytes)
}

/// Where an owner's file lies, beneath the site's root.
pub fn path(owner: &str) -> String {
    format!("{FOLDER}/{owner}.flk")
}

/// The owner of a file; `None` for one in a folder within, or whose name is no owner's.
fn owner_of(path: &str) -> Option<&str> {
    let owner = path.strip_prefix(FOLDER)?.strip_prefix('/')?.strip_suffix(".flk")?;
    SecretRef::new(owner).ok().filter(|name| name.segments().count() == 1).map(|_| owner)
}
