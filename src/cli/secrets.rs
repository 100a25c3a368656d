//! What the flags on secrets mean. Where they lie enters here: the site's sealed store, a folder, stdin or a
//! descriptor, what a service manager hands over, a demo site's own folder; never the environment at large, never a
//! place that the site names.

use std::collections::BTreeSet;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fieldlock::finding::Finding;
use fieldlock::image::Passphrase;
use fieldlock::pipeline::store::Store;
use fieldlock::secret::{SecretValue, Secrets};
use fieldlock::site::files::Root;
use fieldlock::site::secrets::{FINGERPRINT_KEY, MAX_MAP, SecretSource, collect, demo_passphrase, wanted};
use fieldlock::site::{Site, SiteDevice};

use super::args::{PassphrasesArgs, SecretArgs};
use super::keyring::Keyring;
use super::problem::Problem;
use super::{interrupted, passphrase};

/// Whether a verb opens the site's sealed store where no flag says so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum ByDefault {
    /// It needs the passphrase anyway.
    Store,
    /// Only where a passphrase is given: nobody is asked for one just to look.
    StoreIfPassphrase,
}

/// The site's sealed store, unopened; what is wrong with it counts only where it is used. A demo has none.
pub(crate) fn store(site: &Site, root: &Path) -> Result<(Store, Vec<Finding>), Problem> {
    if site.demo {
        return Ok((Store::default(), Vec::new()));
    }
    interrupted::secrets(root);
    Ok(Store::read(&Root::open(root)?))
}

/// Refuses two things from one stdin, before anything is read.
pub(crate) fn refuse_shared_stdin(secrets: &SecretArgs, passphrase: &PassphrasesArgs) -> Result<(), Problem> {
    if secrets.read_stdin() && passphrase.reads_stdin() {
        return Err(Problem::invalid("secrets and passphrase can't both come from stdin")
            .help("give one of them as a file, or the passphrase with --passphrase-fd 3"));
    }
    Ok(())
}

/// What a verb says of where secrets are.
pub(crate) struct Load<'a> {
    /// Its flags.
    pub(crate) args: &'a SecretArgs,
    /// Where no flag says anything.
    pub(crate) by_default: ByDefault,
    /// The passphrases, and the store that they open.
    pub(crate) keyring: &'a Keyring<'a>,
    /// What is wrong with files of the store.
    pub(crate) damaged: Vec<Finding>,
}

/// The secrets that the devices name, and what is wrong with them.
pub(crate) fn load<'d>(
    Load { args, by_default, keyring, damaged }: Load<'_>,
    site: &Site,
    root: &Path,
    chosen: impl Iterator<Item = &'d SiteDevice>,
) -> Result<(Secrets, Vec<Finding>), Problem> {
    let json;
    let folder;
    let chosen: Vec<&SiteDevice> = chosen.collect();
    let mut findings = Vec::new();
    let unnamed = args.secrets.is_none() && args.secrets_fd.is_none();
    let usual = by_default == ByDefault::Store || keyring.has_source();
    let source = match (args.secrets.as_deref(), args.secrets_fd) {
        (_, Some(number)) => {
            json = descriptor(number)?;
            SecretSource::Json(&json)
        }
        (Some("placeholder"), _) => SecretSource::Placeholder,
        (Some("-"), _) => {
            json = bounded(io::stdin().lock(), "stdin")?;
            SecretSource::Json(&json)
        }
        (Some("credentials"), _) => {
            folder = credentials()?;
            SecretSource::Credentials(&folder)
        }
        (Some("store"), _) if site.demo => SecretSource::Store(Default::default()),
        (Some("store"), _) if keyring.store().is_empty() && damaged.is_empty() => {
            return Err(Problem::invalid("the site has no sealed store of secrets")
                .help("`fieldlock secret generate --missing` begins one; or give a folder with `--secrets DIR`"));
        }
        (named, _)
            if named == Some("store") || unnamed && usual && !(keyring.store().is_empty() && damaged.is_empty()) =>
        {
            findings.extend(damaged);
            let (values, more) = keyring.values(owners(keyring.store(), chosen.iter().copied()))?;
            findings.extend(more);
            SecretSource::Store(values)
        }
        (Some(path), _) => SecretSource::Folder(Path::new(path)),
        (None, _) => SecretSource::None,
    };
    // a store is opened for the devices that were asked for: what others refer to is not missing in it
    let all = || site.devices.iter().collect();
    let devices = if matches!(source, SecretSource::Store(_)) { chosen } else { all() };
    let collected = collect(&Root::open(root)?, site, devices, source);
    findings.extend(collected.findings);
    Ok((collected.secrets, findings))
}

/// Whose files are to be opened: of those that the devices refer to, and fieldlock's own.
fn owners<'s, 'd>(store: &'s Store, chosen: impl Iterator<Item = &'d SiteDevice>) -> Vec<&'s str> {
    let wanted = wanted(chosen);
    let mut names: BTreeSet<&str> = wanted.iter().map(|w| w.name.owner()).collect();
    names.extend(FINGERPRINT_KEY.split('/').next());
    store.owners().filter(|owner| names.contains(owner)).collect()
}

/// The folder of `$CREDENTIALS_DIRECTORY`: only where a flag asks for it.
fn credentials() -> Result<PathBuf, Problem> {
    let folder = std::env::var_os("CREDENTIALS_DIRECTORY").filter(|path| !path.is_empty());
    folder.map(PathBuf::from).ok_or_else(|| {
        Problem::invalid("--secrets credentials: `CREDENTIALS_DIRECTORY` is not set").help(
            "systemd sets it for a service with `LoadCredential=`; a secret is the credential `np07+ot-admin`, or the \
             file `np07/ot-admin` there",
        )
    })
}

/// A map is read whole, and the buffer does not grow: no copy stays behind.
fn bounded(from: impl Read, what: &str) -> Result<SecretValue, Problem> {
    let mut text = Vec::with_capacity(MAX_MAP + 1);
    let read = from.take(MAX_MAP as u64 + 1).read_to_end(&mut text);
    let text = SecretValue::new(text);
    match read {
        Ok(_) => Ok(text),
        Err(error) => Err(Problem::invalid(format!("the secrets can't be read from {what}: {error}"))),
    }
}

fn descriptor(number: u32) -> Result<SecretValue, Problem> {
    let file = passphrase::open_descriptor(number, "--secrets-fd")?;
    bounded(file, &format!("descriptor {number}"))
}

/// A demo site's passphrase: the one that everybody knows, from the site's own folder; any other source is refused.
pub(crate) fn of_demo(args: &PassphrasesArgs, site: &Site, root: &Path) -> Result<Passphrase, Problem> {
    let refused = |message: &str| {
        Problem::refused(message)
            .help("a demo is for trying things out: its passphrase is public and its images are marked")
    };
    if !args.passphrase_file.is_empty() || args.passphrase_fd.is_some() {
        return Err(refused("a demo site takes its passphrase from its own `demo` folder only"));
    }
    match demo_passphrase(&Root::open(root)?, site)? {
        None => Ok(Passphrase::demo()),
        Some(content) => match Passphrase::from_file(&content) {
            Ok(passphrase) if passphrase.is_demo() => Ok(passphrase),
            _ => Err(refused("`demo/passphrase` is not the demo passphrase")),
        },
    }
}
