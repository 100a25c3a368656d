//! Opening an image: what the person brings to open it with, and what has to prove where it comes from. Shared by all
//! verbs that look into one.

use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use fieldlock::image::slots::SlotParams;
use fieldlock::image::{
    self, Derivations, Expected, GroupKey, Inspection, OpenError, Opened, Origin, Passphrase, Proof, Unlock, UnlockCode,
};
use fieldlock::ledger::Sighting;
use fieldlock::pipeline::verify::{Listing, ListingProblem, listing};
use fieldlock::report::escape;
use fieldlock::secret::SecretValue;
use fieldlock::site::files::Root;
use fieldlock::source::Utf16;

use super::args::{PassphraseArgs, SignerArgs};
use super::problem::Problem;
use super::seen::{RollbackArgs, SeenFile};
use super::signing::{self, Trust};
use super::{age, clock, image_file, interrupted, machine, passphrase};

/// What opens an image. Never an argument itself: others can read those.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct UnlockArgs {
    #[command(flatten)]
    pub(crate) passphrase: PassphraseArgs,
    /// File that holds the unlock code, `-` for stdin [default: asked for, where the image has only that]
    #[arg(long, value_name = "FILE", conflicts_with_all = ["passphrase_file", "passphrase_fd"], help_heading = "Secrets")]
    pub(crate) unlock_code_file: Option<PathBuf>,
    /// File of an age identity; the `age` program opens the image's key with it
    #[arg(
        long, value_name = "FILE", conflicts_with_all = ["passphrase_file", "passphrase_fd", "unlock_code_file"],
        help_heading = "Secrets"
    )]
    pub(crate) identity: Option<PathBuf>,
    /// Open a demo's image, with the passphrase that everybody knows
    #[arg(
        long, conflicts_with_all = ["passphrase_file", "passphrase_fd", "unlock_code_file", "identity"],
        help_heading = "Secrets"
    )]
    pub(crate) demo: bool,
}

/// What proves where an image comes from.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct OriginArgs {
    /// Folder of the signed index [default: where the image lies, above its `images` folder]
    #[arg(long, value_name = "DIR", help_heading = "What it has to be")]
    pub(crate) index: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) signers: SignerArgs,
    #[command(flatten)]
    pub(crate) rollback: RollbackArgs,
}

/// What the person brought.
pub(crate) enum Opener {
    /// A passphrase; one derivation for all images of one salt.
    Passphrase(Passphrase, Derivations),
    /// An unlock code.
    Code(UnlockCode),
    /// An age identity, and the keys that the `age` program got by it.
    Identity(PathBuf, Mutex<Vec<(Vec<u8>, GroupKey)>>),
}

impl Opener {
    /// By the flags; or asked for, as the image's slots tell what can open it.
    pub(crate) fn of(args: &UnlockArgs, inspection: &Inspection) -> Result<Opener, Problem> {
        let has = |is: fn(&SlotParams) -> bool| inspection.slots.iter().any(|slot| is(&slot.params));
        let flagged = args.passphrase.passphrase_file.is_some() || args.passphrase.passphrase_fd.is_some();
        let by_passphrase = flagged || has(|p| matches!(p, SlotParams::Passphrase { .. }));
        if let Some(identity) = &args.identity {
            return Ok(Opener::Identity(identity.clone(), Mutex::default()));
        }
        if args.demo {
            return Ok(Opener::Passphrase(Passphrase::demo(), Derivations::new()));
        }
        let group = escape::line(inspection.core.as_ref().map_or("", |core| &core.group));
        if let Some(file) = &args.unlock_code_file {
            return code(&passphrase::content(file, "--unlock-code-file")?);
        }
        if by_passphrase {
            let passphrase = passphrase::read(&args.passphrase, &format!("passphrase of {group}: "))?;
            return Ok(Opener::Passphrase(passphrase, Derivations::new()));
        }
        if has(|p| matches!(p, SlotParams::UnlockCode { .. })) {
            let device = inspection.core.as_ref().map_or("", |core| &core.device);
            let ask = format!("unlock code of {}: ", escape::line(device));
            return code(&passphrase::typed(&ask, "unlock code", "--unlock-code-file")?);
        }
        Err(Problem::invalid("nothing here opens this image: it was made for recipients")
            .help("give the age identity of one of them with --identity FILE")
            .state("nothing was opened and nothing was written"))
    }

    /// Whether it is this passphrase.
    pub(crate) fn is(&self, other: &Passphrase) -> bool {
        matches!(self, Opener::Passphrase(passphrase, _) if passphrase == other)
    }

    /// Opens one image.
    pub(crate) fn open(&self, path: &Path, file: &[u8], expected: &Expected<'_>) -> Result<Opened, Problem> {
        let refused = |error: OpenError| image_file::refused(path, &error);
        match self {
            Opener::Passphrase(passphrase, derivations) => {
                image::open(file, &Unlock::Passphrase { passphrase, derivations }, expected).map_err(refused)
            }
            Opener::Code(code) => image::open(file, &Unlock::Code(code), expected).map_err(refused),
            Opener::Identity(identity, known) => {
                // an age file costs a touch of a token, or more: not for what nobody signed
                image::check_named(file, expected).map_err(refused)?;
                let mut known = known.lock().unwrap_or_else(PoisonError::into_inner);
                let slots = image::age_files(file).map_err(refused)?;
                if slots.is_empty() {
                    return Err(Problem::refused("this image was made for no recipient")
                        .help("open it by its passphrase or unlock code")
                        .state("nothing was opened and nothing was written"));
                }
                let at = match known.iter().position(|(slot, _)| slots.contains(slot)) {
                    Some(at) => at,
                    None => {
                        known.push(decrypted(identity, slots)?);
                        known.len() - 1
                    }
                };
                image::open(file, &Unlock::Recipient(&known[at].1), expected).map_err(refused)
            }
        }
    }
}

fn code(typed: &SecretValue) -> Result<Opener, Problem> {
    let typed = SecretValue::of_file(typed)
        .map_err(|utf16| Problem::invalid(format!("the unlock code can't be read: {utf16}")).help(Utf16::HELP))?;
    UnlockCode::parse(&typed).map(Opener::Code).map_err(|error| Problem::invalid(error.to_string()).help(error.help()))
}

/// The first slot that the identity opens. `age` gets the slot on its standard input, and nothing else of the image.
fn decrypted(identity: &Path, slots: Vec<Vec<u8>>) -> Result<(Vec<u8>, GroupKey), Problem> {
    let mut last = None;
    for slot in slots {
        match age::decrypt(identity, &slot) {
            Ok(plaintext) => {
                let key = GroupKey::opened(&plaintext, slot.clone());
                let key = key.map_err(|error| Problem::refused(error.to_string()).help(error.help()))?;
                return Ok((slot, key));
            }
            Err(problem) => last = Some(problem),
        }
    }
    Err(last.unwrap_or_else(|| Problem::refused("this image was made for no recipient")))
}

/// Where the signed index of images is, if anybody is trusted here to sign one.
pub(crate) struct Proofs {
    trust: Trust,
    index: Option<PathBuf>,
    known: Mutex<Vec<(PathBuf, Listing)>>,
}

impl Proofs {
    /// By the flags, or the person's own folder; never by what lies beside the image.
    pub(crate) fn of(args: &OriginArgs) -> Result<Proofs, Problem> {
        Ok(Proofs { trust: signing::signers(&args.signers)?, index: args.index.clone(), known: Mutex::default() })
    }

    /// The verified index for an image of a site; `None` where nobody is trusted to sign for that one. Where somebody
    /// is, an index that is missing is refused, whatever opens the image.
    pub(crate) fn listing(&self, image: &Path, site: &str) -> Result<Option<Listing>, Problem> {
        let Some(signers) = self.trust.of(site) else { return Ok(None) };
        let folder = self.index.clone().unwrap_or_else(|| beside(image));
        let mut known = self.known.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, listing)) = known.iter().find(|(of, listing)| *of == folder && listing.index.site == site) {
            return Ok(Some(listing.clone()));
        }
        let read = Root::open(&folder).map_err(ListingProblem::File);
        let read = read.and_then(|root| listing(&root, Some(signers), clock::now()));
        let listing = read.map_err(|problem| {
            Problem::refused(format!("`{}`: {problem} [signature]", folder.join("index.json").display()))
                .help(match problem {
                    ListingProblem::NoIndex | ListingProblem::File(_) => {
                        "signers are trusted here, so only what a signed index names is opened: copy index.json and \
                         index.json.sig of the build too, or say where they are with --index DIR"
                            .to_owned()
                    }
                    other => other.help().to_owned(),
                })
                .state("nothing was opened and nothing was written")
        })?;
        known.push((folder, listing.clone()));
        Ok(Some(listing))
    }
}

/// The folder of the build that an image lies in.
pub(crate) fn beside(image: &Path) -> PathBuf {
    let folder = match image.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent.to_owned(),
        _ => PathBuf::from("."),
    };
    if !is_images(&folder) {
        return folder;
    }
    if folder == Path::new(".") {
        return PathBuf::from("..");
    }
    folder.parent().filter(|above| !above.as_os_str().is_empty()).unwrap_or(Path::new(".")).to_owned()
}

/// Whether a folder is called as a build calls the one of its images; sticks keep no case.
pub(crate) fn is_images(folder: &Path) -> bool {
    let whole = std::path::absolute(folder).ok();
    whole.as_deref().and_then(Path::file_name).is_some_and(|name| name.eq_ignore_ascii_case("images"))
}

/// The device that a file is called after, where it lies as a build lays it, in small letters.
fn called(image: &Path) -> Option<String> {
    let whole = std::path::absolute(image).ok()?;
    let of_build = whole.parent().is_some_and(is_images) && whole.extension()?.eq_ignore_ascii_case("flk");
    whole.file_stem().filter(|_| of_build)?.to_str().map(str::to_lowercase)
}

/// An image that was read once, and what it says of itself; nothing of it is proved.
pub(crate) struct Found {
    /// Its file.
    pub(crate) path: PathBuf,
    /// All of it.
    pub(crate) file: Vec<u8>,
    /// What can be said without a key.
    pub(crate) inspection: Inspection,
    /// The verified index, where signers are trusted.
    pub(crate) listing: Option<Listing>,
}

impl Found {
    /// Reads an image once, and whatever can be told of it without a key, before anybody is asked for one.
    pub(crate) fn read(path: &Path, proofs: &Proofs) -> Result<Found, Problem> {
        interrupted::build(&beside(path));
        let file = image_file::read(path)?;
        let inspection = image::inspect(&file).map_err(|error| image_file::refused(path, &error))?;
        if let (Some(called), Some(core)) = (called(path), &inspection.core)
            && core.device.to_lowercase() != called
        {
            let (shown, device) = (path.display(), &core.device);
            return Err(Problem::refused(format!("`{shown}` says that it is for `{device}`, not for `{called}`"))
                .help("a build does not call it so: copy the folder again; somebody may have laid it in the other's place")
                .state("nothing was opened and nothing was written"));
        }
        let site = inspection.core.as_ref().map_or("", |core| &core.site);
        let listing = proofs.listing(path, site)?;
        Ok(Found { path: path.to_owned(), file, inspection, listing })
    }

    /// Opens it, held against the index, the clock and what this computer saw; and remembers it.
    pub(crate) fn open(
        &self,
        opener: &Opener,
        seen: &SeenFile,
        rollback: &RollbackArgs,
        (site, device): (Option<&str>, Option<&str>),
    ) -> Result<Opened, Problem> {
        let core = self.inspection.core.as_ref();
        let expected = Expected {
            // an index is of one site: another's image of the same name is not meant
            site: site.or_else(|| self.listing.as_ref().map(|l| &*l.index.site)),
            device,
            origin: self.listing.as_ref().map_or(Origin::NoSigners, Listing::origin),
            seen: core.and_then(|core| seen.seen(core, self.inspection.digest, rollback)),
            now: clock::now(),
            ceiling: machine::ceiling(),
        };
        let opened = opener.open(&self.path, &self.file, &expected)?;
        seen.remember(&sighting(&opened), rollback)?;
        Ok(opened)
    }
}

/// What may be remembered of an opened image: nothing of a demo, which anybody can make, and nothing that a code alone
/// proves. Whoever got a code could have sealed a revision under it that nobody ever gets past.
fn sighting(opened: &Opened) -> Vec<Sighting> {
    let counts = !opened.core.demo && opened.proof.vouches();
    counts.then(|| Sighting::of(&opened.core, opened.digest)).into_iter().collect()
}

/// What proved the origin, in words.
pub(crate) fn proof(proof: &Proof) -> String {
    match proof {
        Proof::Signature { signer } => format!("proved: {signer} signed for exactly this"),
        Proof::Passphrase => "proved: somebody with the passphrase sealed exactly this".to_owned(),
        Proof::UnlockCode => "proved to whoever holds the unlock code: somebody with it sealed exactly this".to_owned(),
        Proof::DemoPassphrase => "not proved: everybody knows the demo passphrase".to_owned(),
    }
}
