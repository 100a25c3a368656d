//! What verbs need that judge a site and write nothing into it: `check` and `diff`.

use std::collections::BTreeSet;
use std::sync::Arc;

use fieldlock::pipeline::{ReadySite, Running};
use fieldlock::secret::Secrets;

use super::args::{PassphrasesArgs, SecretArgs, SiteArgs};
use super::keyring::Keyring;
use super::problem::Problem;
use super::secrets::{self, ByDefault, Load};
use super::site;

/// A site with the secrets of the devices that were asked for.
pub(crate) struct Judging {
    /// The site; what is wrong with its secrets is among its findings.
    pub(crate) ready: ReadySite,
    /// Their values, where they were given.
    pub(crate) secrets: Secrets,
    /// Names of the devices that were asked for.
    pub(crate) chosen: BTreeSet<Arc<str>>,
    /// The site as it was typed.
    pub(crate) argument: String,
}

/// Opens a site. Nobody is asked for a passphrase just to look.
pub(crate) fn open(
    of: &SiteArgs,
    args: &SecretArgs,
    passphrase: &PassphrasesArgs,
    running: Vec<Running>,
) -> Result<Judging, Problem> {
    secrets::refuse_shared_stdin(args, passphrase)?;
    let opened = site::open(of.site.as_deref())?;
    let argument = opened.argument.clone();
    let root = opened.root.path().to_owned();
    let mut ready = site::ready(opened, running);
    let chosen = site::chosen(&ready.site, of)?;
    let (store, damaged) = secrets::store(&ready.site, &root)?;
    let keyring = Keyring::new(passphrase, &ready.site, &root, store)?;
    let devices = ready.site.devices.iter().filter(|d| chosen.contains(&d.name));
    let load = Load { args, by_default: ByDefault::StoreIfPassphrase, keyring: &keyring, damaged };
    let (secrets, findings) = secrets::load(load, &ready.site, &root, devices)?;
    ready.findings.extend(findings);
    Ok(Judging { ready, secrets, chosen, argument })
}
