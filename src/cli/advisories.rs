//! `advisories`: the list of firmware with known holes that judges on this computer. A newer one lies in the person's
//! own folder, with the signature of somebody whom they let sign such lists; a site brings none.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use clap::Subcommand;
use fieldlock::ledger::signature::{ADVISORIES_NAMESPACE, MAX_SIGNATURE_LEN, signer_of};
use fieldlock::policy::Advisories;
use fieldlock::policy::advisories::MAX_LEN;
use fieldlock::report::KnownHoles;
use fieldlock::site::files::{FileProblem, Root};
use fieldlock::site::output::OwnFolder;

use super::exit::Exit;
use super::problem::Problem;
use super::signing::Purpose;
use super::{clock, file, folders, terminal};

#[derive(Debug, clap::Args)]
pub(crate) struct AdvisoriesArgs {
    #[command(subcommand)]
    verb: AdvisoriesVerb,
}

/// Verbs on the list of known holes.
#[derive(Debug, Subcommand)]
enum AdvisoriesVerb {
    /// Print the list that judges on this computer, as it is signed
    #[command(after_help = "Examples:\n  fieldlock advisories show > known.kdl")]
    Show,
    /// Take a newer list, signed by somebody whom you let sign lists
    #[command(after_help = "Examples:\n  fieldlock trust add psirt psirt.pub --for advisories\n  \
        ssh-keygen -Y sign -n fieldlock-advisories.v1 -f psirt known.kdl\n  fieldlock advisories take known.kdl\n\n\
        A list takes the place of the one before as a whole, on this computer, for every site.\n\
        Exit codes: 5 where it is not signed by one of them, or older than the list that judges")]
    Take(TakeArgs),
    /// Go back to the list that fieldlock came with
    #[command(after_help = "Examples:\n  fieldlock advisories drop")]
    Drop,
}

#[derive(Debug, clap::Args)]
struct TakeArgs {
    /// The list; its signature lies beside it as FILE.sig
    file: PathBuf,
}

/// The list in the person's own folder, behind its signature.
const OWN: &str = "advisories";
/// The last line of a signature: what stands behind it is the list.
const END: &[u8] = b"-----END SSH SIGNATURE-----\n";
const UNCHANGED: &str = "the list of known holes is as it was";

pub(crate) fn run(args: AdvisoriesArgs) -> Result<Exit, Problem> {
    match args.verb {
        AdvisoriesVerb::Show => {
            let text = own()?.map(|(text, _)| text);
            terminal::print(text.as_deref().unwrap_or(Advisories::shipped_text()))?;
        }
        AdvisoriesVerb::Take(args) => take(&args.file)?,
        AdvisoriesVerb::Drop => drop_own()?,
    }
    Ok(Exit::Done)
}

/// The list that judges: the newer one of the person's own and the one that the program came with. One that nobody
/// vouches for any more is refused, since the shipped one may know less.
pub(crate) fn in_force() -> Result<Arc<Advisories>, Problem> {
    Ok(own()?.map_or_else(Advisories::shipped, |(_, list)| list))
}

/// The person's own list, where it is newer than the shipped one.
fn own() -> Result<Option<(String, Arc<Advisories>)>, Problem> {
    let Some(folder) = folders::config() else { return Ok(None) };
    let bytes = match Root::open(&folder).and_then(|root| root.read_bytes(OWN, MAX_LEN + MAX_SIGNATURE_LEN)) {
        Ok(bytes) => bytes,
        Err(FileProblem::Missing { .. }) => return Ok(None),
        Err(problem) => return Err(unbelieved(&folder, &problem.to_string())),
    };
    let cut = bytes.windows(END.len()).position(|line| line == END).map_or(0, |at| at + END.len());
    let (signature, text) = bytes.split_at(cut);
    let (text, list) = vouched(text, signature).map_err(|why| unbelieved(&folder, &why))?;
    let newer = list.follows(&Advisories::shipped()).is_ok();
    Ok(newer.then(|| (text.to_owned(), Arc::new(list))))
}

/// A list, as soon as its signature holds: no byte of it is read before.
fn vouched<'a>(text: &'a [u8], signature: &[u8]) -> Result<(&'a str, Advisories), String> {
    let signers = Purpose::Advisories.signers(None).map_err(|problem| problem.message)?;
    let signer =
        signer_of(text, signature, (ADVISORIES_NAMESPACE, &signers), clock::now()).map_err(|why| why.to_string())?;
    let text = std::str::from_utf8(text).map_err(|_| "it is no UTF-8".to_owned())?;
    Ok((text, Advisories::signed(text, &signer)?))
}

fn take(given: &Path) -> Result<(), Problem> {
    let shown = given.display().to_string();
    let read = |path: &Path, max| {
        let (folder, name) = file::place(path)?;
        Root::open(folder).and_then(|folder| folder.read_bytes(name, max)).map_err(|problem| {
            Problem::invalid(format!("`{}`: {problem}", path.display()))
                .help("give the list, with its signature beside it as FILE.sig")
                .state(UNCHANGED)
        })
    };
    let mut beside = given.as_os_str().to_owned();
    beside.push(".sig");
    let (text, signature) = (read(given, MAX_LEN)?, read(Path::new(&beside), MAX_SIGNATURE_LEN)?);
    let refused = |why: &str| Problem::refused(format!("`{shown}` is not taken: {why}")).state(UNCHANGED);
    let (_, list) = vouched(&text, &signature).map_err(|why| {
        refused(&why).help(
            "a list is signed for `fieldlock-advisories.v1`, by a key that you let sign lists: ask its owner for the \
             fingerprint by another way, then `fieldlock trust add NAME KEY --for advisories`",
        )
    })?;
    let folder = config()?;
    let locked = lock(&folder)?;
    list.follows(&*in_force()?).map_err(|why| {
        refused(&why)
            .help("take a newer one; `fieldlock advisories drop` goes back to the list that fieldlock came with")
    })?;
    locked
        .replace(OWN, &[signature, text].concat())
        .map_err(|problem| Problem::invalid(problem.to_string()).help(problem.help()).state(UNCHANGED))?;
    tell("taken", &KnownHoles::of(&list))
}

fn drop_own() -> Result<(), Problem> {
    let folder = config()?;
    let _locked = lock(&folder)?;
    match std::fs::remove_file(folder.join(OWN)) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
            Err(Problem::invalid(format!("`{}`: {error}", folder.join(OWN).display())).state(UNCHANGED))
        }
        _ => tell("the list that fieldlock came with judges", &KnownHoles::of(&Advisories::shipped())),
    }
}

fn tell(what: &str, list: &KnownHoles) -> Result<(), Problem> {
    terminal::did("this list judges from now on all the same");
    terminal::print(&(fieldlock::report::escape::line(&format!("{what}: {}", list.words())) + "\n"))
}

fn config() -> Result<PathBuf, Problem> {
    folders::config().ok_or_else(|| super::trust::no_folder().state(UNCHANGED))
}

fn lock(folder: &Path) -> Result<OwnFolder, Problem> {
    OwnFolder::lock(folder)
        .map_err(|problem| Problem::invalid(problem.to_string()).help(problem.help()).state(UNCHANGED))
}

fn unbelieved(folder: &Path, why: &str) -> Problem {
    Problem::refused(format!("the list of known holes in `{}` is not believed: {why}", folder.join(OWN).display()))
        .help(
            "take one that is signed by somebody whom you let sign lists, with `fieldlock advisories take`; \
         `fieldlock advisories drop` goes back to the list that fieldlock came with",
        )
}
