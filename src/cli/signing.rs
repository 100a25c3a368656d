//! Signing an index, and whose signatures count. Both enter by flag or from the person's own folder, never from a
//! site.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use fieldlock::ledger::signature::{
    ADVISORIES_NAMESPACE, AllowedSigners, KEY_TYPE, LineProblem, MAX_SIGNATURE_LEN, MAX_SIGNERS_LEN, NAMESPACE,
    PLAN_NAMESPACE, PublicKey, RECEIPT_NAMESPACE, key_of,
};

use fieldlock::model::value::Name;
use fieldlock::pipeline::verify::{Listing, ListingProblem, listing};
use fieldlock::site::files::Root;

use super::args::SignerArgs;
use super::problem::Problem;
use super::programs::{self, Call};
use super::{file, folders, terminal};

/// The file in the person's own folder that says whose signatures count.
pub(crate) const OWN_SIGNERS: &str = "allowed_signers";

/// What somebody may sign. Each has a file of its own: whoever may sign builds may not therefore approve plans.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Purpose {
    /// Lists of builds (the default)
    Builds,
    /// Plans: an approval
    Plans,
    /// Receipts of what was done
    Receipts,
    /// Lists of firmware with known holes
    Advisories,
}

impl Purpose {
    /// All.
    pub(crate) const ALL: [Purpose; 4] = [Purpose::Builds, Purpose::Plans, Purpose::Receipts, Purpose::Advisories];

    /// How the person's own file is called, that of one site or of all.
    pub(crate) fn file(self, site: Option<&str>) -> String {
        match self {
            Purpose::Builds => own_name(site),
            Purpose::Plans => "plan_approvers".to_owned(),
            Purpose::Receipts => "receipt_signers".to_owned(),
            Purpose::Advisories => "advisory_signers".to_owned(),
        }
    }

    /// What signatures are made for.
    pub(crate) fn namespace(self) -> &'static str {
        match self {
            Purpose::Builds => NAMESPACE,
            Purpose::Plans => PLAN_NAMESPACE,
            Purpose::Receipts => RECEIPT_NAMESPACE,
            Purpose::Advisories => ADVISORIES_NAMESPACE,
        }
    }

    /// In a word, as it is typed.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Purpose::Builds => "builds",
            Purpose::Plans => "plans",
            Purpose::Receipts => "receipts",
            Purpose::Advisories => "advisories",
        }
    }

    /// Those of a file that is named, or of the person's own where there is one.
    pub(crate) fn signers(self, given: Option<&Path>) -> Result<AllowedSigners, Problem> {
        let own = folders::config().map(|folder| folder.join(self.file(None)));
        let Some(path) = given.or(own.as_deref()) else { return Ok(AllowedSigners::default()) };
        match read(path) {
            Ok(text) => Ok(AllowedSigners::parse(&text).0),
            Err(error) if given.is_none() && error.kind() == io::ErrorKind::NotFound => Ok(AllowedSigners::default()),
            Err(error) => Err(unreadable(path, &error)),
        }
    }
}

/// What ssh-keygen needs to ask an agent, or a person, for a key.
const ENVIRONMENT: [&str; 6] =
    ["SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"];

/// Whose signatures count, site by site. Which site that is an image or an index says, and that is what its passphrase
/// or signature proves in the end: one that calls itself after another site is refused as that of another.
#[derive(Default)]
pub(crate) struct Trust {
    /// For every site.
    everywhere: Option<AllowedSigners>,
    /// For one site, those of every site included.
    of_sites: BTreeMap<String, AllowedSigners>,
}

impl Trust {
    /// Those whose signature is asked for of a site; `None` where nobody's is.
    pub(crate) fn of(&self, site: &str) -> Option<&AllowedSigners> {
        self.of_sites.get(site).or(self.everywhere.as_ref())
    }

    /// The index of a folder, behind a signature of those who sign for its site. Where sites are told apart it is read
    /// for the site that it names first: that says whose signature is asked for, and no more.
    pub(crate) fn listing(&self, folder: &Root, now: jiff::Timestamp) -> Result<Listing, ListingProblem> {
        if self.of_sites.is_empty() {
            return listing(folder, self.everywhere.as_ref(), now);
        }
        let site = listing(folder, None, now)?.index.site;
        let read = listing(folder, self.of(&site), now)?;
        // another file by now
        if read.index.site == site { Ok(read) } else { Err(ListingProblem::NoSignature) }
    }
}

/// Whose signatures count: those of the file that is named, or of the person's own. Lines of no use are told on stderr.
pub(crate) fn signers(args: &SignerArgs) -> Result<Trust, Problem> {
    let everywhere = for_every_site(args)?;
    let mut trust = Trust { everywhere, ..Trust::default() };
    if args.allowed_signers.is_some() {
        return Ok(trust);
    }
    let everybody = own_file(None).map_or(Ok(Vec::new()), |path| read(&path)).unwrap_or_default();
    for (site, path) in own_sites() {
        let mut text = read(&path).map_err(|error| unreadable(&path, &error))?;
        tell(&path, &AllowedSigners::parse(&text).1);
        text.push(b'\n');
        text.extend_from_slice(&everybody);
        let (signers, problems) = AllowedSigners::parse(&text);
        // lines of no use ask for a signature all the same
        if !signers.lines().is_empty() || !problems.is_empty() {
            trust.of_sites.insert(site, signers);
        }
    }
    Ok(trust)
}

fn for_every_site(args: &SignerArgs) -> Result<Option<AllowedSigners>, Problem> {
    let own = own_file(None);
    if own.is_none() && args.allowed_signers.is_none() {
        terminal::complain(&format!(
            "note: this computer has no folder for what you configured, so nobody's signatures are asked for; set {}, or \
             give --allowed-signers\n",
            folders::CONFIG_BY
        ));
    }
    let Some(path) = args.allowed_signers.as_ref().or(own.as_ref()) else { return Ok(None) };
    let text = match read(path) {
        Ok(text) => text,
        Err(error) if args.allowed_signers.is_none() && error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let (signers, problems) = AllowedSigners::parse(&text);
    tell(path, &problems);
    // a file of one's own without any line is none; one that was asked for allows nobody
    let none = args.allowed_signers.is_none() && signers.lines().is_empty() && problems.is_empty();
    Ok((!none).then_some(signers))
}

/// Where the person's own signers are kept, those of one site or of all; `None` where the system names no such place.
pub(crate) fn own_file(site: Option<&str>) -> Option<PathBuf> {
    Some(folders::config()?.join(own_name(site)))
}

/// How the file is called: `allowed_signers`, `allowed_signers@weir`.
pub(crate) fn own_name(site: Option<&str>) -> String {
    site.map_or(OWN_SIGNERS.to_owned(), |site| format!("{OWN_SIGNERS}@{site}"))
}

/// The sites that the person has signers of their own for, with the files.
pub(crate) fn own_sites() -> BTreeMap<String, PathBuf> {
    let Some(Ok(entries)) = folders::config().map(std::fs::read_dir) else { return BTreeMap::new() };
    let site = |path: &PathBuf| {
        let name = path.file_name()?.to_str()?.strip_prefix(OWN_SIGNERS)?.strip_prefix('@')?.to_owned();
        name.parse::<Name>().is_ok().then_some(name)
    };
    let paths = entries.filter_map(Result::ok).map(|entry| entry.path());
    paths.filter_map(|path| Some((site(&path)?, path))).collect()
}

/// A file of allowed signers, and a byte more where it is too large.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    file::read_document(path, MAX_SIGNERS_LEN)
}

/// A file of allowed signers that can't be read is an error, never a file without signers.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::invalid(format!("the allowed signers can't be read from `{}`: {error}", path.display()))
        .help("give a file as ssh-keygen has it with --allowed-signers, or make your own with `fieldlock trust add`")
}

fn tell(path: &Path, problems: &[LineProblem]) {
    for LineProblem { line, kind } in problems {
        let told = format!("note: line {line} of {} is stepped over: {kind}", path.display());
        terminal::complain(&(fieldlock::report::escape::line(&told) + "\n"));
    }
}

/// Signs an index.
pub(crate) fn sign(index: &[u8], key: &Path) -> Result<Vec<u8>, Problem> {
    sign_as(index, key, NAMESPACE, "the index")
}

/// Signs a text for a purpose by `ssh-keygen -Y sign`: the key's file, its passphrase, an agent are its business. What
/// it made is checked before it is used.
pub(crate) fn sign_as(text: &[u8], key: &Path, namespace: &str, what: &str) -> Result<Vec<u8>, Problem> {
    let mut call = Call::new("ssh-keygen", ["-q", "-Y", "sign", "-n", namespace, "-f"]);
    call.args.push(key.into());
    call.stdin = Some(text);
    call.passes = &ENVIRONMENT;
    call.most = MAX_SIGNATURE_LEN;
    let output = programs::run(&call).map_err(|failed| failed.problem("ssh-keygen"))?;
    let refused = |why: &str| {
        Problem::invalid(format!("{what} was not signed with `{}`: {why}", key.display()))
            .help(format!("sign with the file of an {KEY_TYPE} key, or with its .pub where an agent has the key"))
    };
    if !output.success {
        return Err(refused(&output.complaint()));
    }
    let made = key_of(text, &output.stdout, namespace).map_err(|error| refused(&error.to_string()))?;
    match public_half(key) {
        Some(known) if known != made => Err(refused("ssh-keygen signed with another key")),
        _ => Ok(output.stdout),
    }
}

/// Whose signatures a key makes, where its public half lies beside it.
///
/// # Errors
/// There is no such file: a slip is told though nothing is to be signed today.
pub(crate) fn signer(key: &Path) -> Result<Option<PublicKey>, Problem> {
    match file::open(key) {
        Ok(_) => Ok(public_half(key)),
        Err(error) => {
            Err(Problem::invalid(format!("the key to sign with can't be read from `{}`: {error}", key.display()))
                .help(format!("give the file of an {KEY_TYPE} key, or its .pub where an agent has the key"))
                .state("nothing in the output folder was changed"))
        }
    }
}

/// The public half that lies beside a key's file, where one does.
fn public_half(key: &Path) -> Option<PublicKey> {
    let mut beside = key.as_os_str().to_owned();
    if key.extension().is_none_or(|extension| extension != "pub") {
        beside.push(".pub");
    }
    PublicKey::parse(&file::read_document(Path::new(&beside), 16 * 1024).ok()?).ok()
}
