//! `secret`: the site's sealed store. Its verbs have files of their own; here is what they share: the site, the store
//! under a lock, and writing it whole or not at all.

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::Subcommand;
use fieldlock::model::shape::closest;
use fieldlock::pipeline::store::{self, FOLDER, Owned, Store};
use fieldlock::platform::{SecretRules, secret_rules};
use fieldlock::secret::{Came, SecretRef, Stored, Version, generate};
use fieldlock::site::files::Root;
use fieldlock::site::output::{OutProblem, SiteFolder};
use fieldlock::site::secrets::{FINGERPRINT_KEY, Wanted, wanted};
use fieldlock::site::{LoadOptions, Loaded, Site, load};

use super::args::PassphrasesArgs;
use super::exit::Exit;
use super::keyring::Keyring;
use super::problem::Problem;
use super::{clock, entropy, interrupted, secret_passphrase, secret_read, secret_write, site, terminal};

/// State of a verb that changed nothing.
pub(crate) const UNCHANGED: &str = "no secret was changed";

#[derive(Debug, clap::Args)]
pub(crate) struct SecretVerbArgs {
    #[command(subcommand)]
    verb: SecretVerb,
}

/// Verbs on the store.
#[derive(Debug, Subcommand)]
enum SecretVerb {
    /// Take a value that you choose: typed twice, or from a file
    Set(secret_write::SetArgs),
    /// Draw values at random that the devices take
    Generate(secret_write::GenerateArgs),
    /// Print names and stories of all secrets, those that are missing too; never a value
    List(secret_read::ListArgs),
    /// Draw new values; the old ones are kept until the new ones are proven
    Rotate(secret_write::RotateArgs),
    /// Print one value on a terminal
    Show(secret_read::ShowArgs),
    /// Change the passphrase of a group's secrets; images that are built get it by `fieldlock image rekey`
    Passphrase(secret_passphrase::PassphraseVerbArgs),
}

pub(crate) fn run(args: SecretVerbArgs) -> Result<Exit, Problem> {
    match args.verb {
        SecretVerb::Set(args) => secret_write::set(&args),
        SecretVerb::Generate(args) => secret_write::generate(&args),
        SecretVerb::List(args) => secret_read::list(&args),
        SecretVerb::Rotate(args) => secret_write::rotate(&args),
        SecretVerb::Show(args) => secret_read::show(&args),
        SecretVerb::Passphrase(args) => secret_passphrase::run(&args),
    }
}

/// Which site, and its passphrases.
#[derive(Debug, clap::Args)]
pub(crate) struct StoreArgs {
    /// Folder of the site [default: found from here upwards by its site.kdl]
    #[arg(long, value_name = "DIR")]
    pub(crate) site: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) passphrase: PassphrasesArgs,
}

/// A site whose store is looked into.
pub(crate) struct StoreSite {
    /// Its folder.
    pub(crate) root: PathBuf,
    /// What its files say.
    pub(crate) loaded: Loaded,
}

impl StoreSite {
    /// Finds and reads the site. A demo has no store: its secrets are known to everybody.
    pub(crate) fn open(args: &StoreArgs) -> Result<StoreSite, Problem> {
        let opened = site::open(args.site.as_deref())?;
        let loaded = load(&opened.root, &LoadOptions::default());
        if !loaded.site.loc.is_some() {
            return Err(Problem::invalid("`site.kdl` can't be read")
                .help("`fieldlock check` says why")
                .state(UNCHANGED));
        }
        if loaded.site.demo {
            return Err(Problem::refused("a demo site keeps no secrets: everybody knows its passphrase")
                .help("its values lie in `demo/secrets/`; for real secrets remove `demo on` from site.kdl")
                .state(UNCHANGED));
        }
        Ok(StoreSite { root: opened.root.path().to_owned(), loaded })
    }

    /// The site.
    pub(crate) fn site(&self) -> &Site {
        &self.loaded.site
    }

    /// Every place that refers to a secret, by name.
    pub(crate) fn wanted(&self) -> Vec<Wanted> {
        wanted(&self.site().devices)
    }

    /// Locks the store's folder, so that nobody changes it between reading and writing.
    pub(crate) fn lock(&self) -> Result<SiteFolder, Problem> {
        interrupted::lock(&self.root.join(FOLDER)).map_err(|problem| folder(&problem))
    }

    /// The store as it is; a file that gives no secrets stops the verb.
    pub(crate) fn store(&self) -> Result<Store, Problem> {
        interrupted::secrets(&self.root);
        let (store, findings) = Store::read(&Root::open(&self.root)?);
        match findings.into_iter().next() {
            Some(finding) => {
                Err(Problem::refused(finding.message).help(finding.help.unwrap_or_default()).state(UNCHANGED))
            }
            None => Ok(store),
        }
    }

    /// The passphrases of the site's groups, with its store.
    pub(crate) fn keyring<'a>(&'a self, args: &'a StoreArgs) -> Result<Keyring<'a>, Problem> {
        Keyring::new(&args.passphrase, self.site(), &self.root, self.store()?)
    }
}

/// An owner's secrets. A file that gives none stops the verb: writing would lose them.
pub(crate) fn owned(keyring: &Keyring<'_>, owner: &str) -> Result<Owned, Problem> {
    keyring.owned(owner)?.map_err(|error| {
        Problem::refused(format!("`{}` gives no secrets: {error} [{}]", store::path(owner), error.class()))
            .help(error.help())
            .state(UNCHANGED)
    })
}

/// Seals what changed, and puts it into place: all of it or nothing. The first file of a store brings the key of
/// fingerprints with it.
pub(crate) fn write(
    place: &StoreSite,
    keyring: &Keyring<'_>,
    locked: &SiteFolder,
    mut changed: BTreeMap<String, Owned>,
) -> Result<Vec<String>, Problem> {
    let key: SecretRef = name(FINGERPRINT_KEY)?;
    if keyring.store().group(key.owner()).is_none() && !changed.contains_key(key.owner()) {
        let value = generate::hex_key(&mut entropy::System).map_err(|e| Problem::invalid(e.to_string()))?;
        let came = Came::Generated { length: 64, characters: "0123456789abcdef".to_owned() };
        let stored = Stored::new(Version::new(value, came, clock::now()));
        let owner = key.owner().to_owned();
        changed.insert(owner, Owned { secrets: BTreeMap::from([(key, stored)]), revision: 0 });
    }
    let mut files = Vec::new();
    for (owner, owned) in &changed {
        let key = keyring.key(place.site().group(owner))?;
        let sealed = store::seal(place.site(), owner, owned, &key, &mut entropy::System);
        let bytes = sealed.map_err(|error| Problem::invalid(error.to_string()).help(error.help()).state(UNCHANGED))?;
        files.push((format!("{owner}.flk"), bytes));
    }
    locked.replace(&files).map_err(|problem| folder(&problem))?;
    terminal::did("the secrets are changed all the same");
    Ok(files.into_iter().map(|(name, _)| format!("{FOLDER}/{name}")).collect())
}

/// A secret's name as typed. It is not repeated: a value may have been typed in its place.
pub(crate) fn name(typed: &str) -> Result<SecretRef, Problem> {
    SecretRef::new(typed).map_err(|error| Problem::invalid(error.to_string()).help(error.help()).state(UNCHANGED))
}

/// Refuses names that no device can refer to.
pub(crate) fn of_site(place: &StoreSite, name: &SecretRef) -> Result<(), Problem> {
    let owner = name.owner();
    let refuse = |message: String, help: String| Err(Problem::invalid(message).help(help).state(UNCHANGED));
    if owner == "site" {
        return refuse(
            format!("`{name}` is fieldlock's own"),
            "names begin with a device's, or with `shared/`".to_owned(),
        );
    }
    if name.segments().count() < 2 {
        return refuse(
            format!("`{name}` does not say whose secret it is"),
            format!("write `DEVICE/{name}`, or `shared/{name}`"),
        );
    }
    if owner != "shared" && place.site().device(owner).is_none() && place.site().is_sound(owner) {
        let help = match closest(owner, place.site().devices.iter().map(|d| &*d.name)) {
            Some(near) => format!("did you mean `{near}/...`?"),
            None => "a secret begins with the name of its device, or with `shared/`".to_owned(),
        };
        return refuse(format!("the site has no device `{owner}`"), help);
    }
    Ok(())
}

/// What all places of a secret ask of its value.
pub(crate) fn rules(place: &StoreSite, wanted: &[Wanted], name: &SecretRef) -> SecretRules {
    let places = wanted.iter().filter(|w| w.name == *name);
    let rules = places.filter_map(|w| Some(secret_rules(place.site().device(&w.device)?, &w.path)));
    rules.reduce(SecretRules::and).unwrap_or_default()
}

/// A problem of the store's folder, in its own words.
pub(crate) fn folder(problem: &OutProblem) -> Problem {
    let (message, help) = match problem {
        OutProblem::Busy { .. } => ("somebody else is changing the secrets of this site", "wait until it has ended"),
        OutProblem::IsLink { .. } | OutProblem::IsFile { .. } => (
            "`secrets` in the site is no folder",
            "put the folder itself there: secrets are not written through a link",
        ),
        OutProblem::Halfway { .. } => {
            let problem =
                Problem::invalid(problem.to_string()).help("mend the reason; the next change finishes this one first");
            return problem.state("some files in `secrets` are new and some are old");
        }
        _ => return Problem::invalid(problem.to_string()).help("make room or mend the permissions").state(UNCHANGED),
    };
    Problem::invalid(message).help(help).state(UNCHANGED)
}
