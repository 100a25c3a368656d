//! What a build is asked for.

use crate::image::{Entropy, GroupKey, PassphraseKey};
use crate::ledger::SeenRevisions;
use crate::ledger::signature::{AllowedSigners, PublicKey};
use crate::pipeline::gather::Selection;
use crate::secret::{SecretValue, Secrets};
use crate::site::output::{OutDir, OutProblem};

use super::Before;

/// What a build needs, beside the site.
pub struct Request<'a> {
    /// The devices, what fails, now.
    pub selection: Selection<'a>,
    /// Values of secrets; placeholders for a draft.
    pub secrets: &'a Secrets,
    /// Who opens the images and who signs for them.
    pub keys: Keys<'a>,
    /// What was built and seen before.
    pub history: History<'a>,
    /// The output folder, opened once something is to be sealed.
    pub out: &'a (dyn Fn() -> Result<OutDir, OutProblem> + Sync),
    /// Whether devices that comply are built though others fail.
    pub keep_going: bool,
    /// The commit of the site's files; empty outside git.
    pub commit: Commit,
    /// Called once per device: sealed, kept, or refused.
    pub progress: Option<&'a (dyn Fn() + Sync)>,
}

/// Who opens the images of a build, and who signs for them.
pub struct Keys<'a> {
    /// The key of a group, asked for once something is to be sealed: with the salt that the images of the build before
    /// have, which is a suggestion; without one if the key doesn't open them. `None`: recipients alone open the images.
    pub passphrase: Option<&'a KeyOf<'a>>,
    /// The passphrases that keys were derived from by then, with their groups: none of them may stand in a public file.
    pub passphrases: &'a (dyn Fn() -> Vec<(String, SecretValue)> + Sync),
    /// Who else opens the images.
    pub recipients: Option<Recipients<'a>>,
    /// Signs the index, where it is to be signed. Images that recipients alone open have to be: whoever knows the
    /// recipients could have made them.
    pub sign: Option<&'a Sign<'a>>,
    /// The public half of the key that it signs with, where that is known: a list that has this key's signature already
    /// needs no other.
    pub signer: Option<PublicKey>,
    /// A source of randomness for one thread.
    pub entropy: &'a (dyn Fn() -> Box<dyn Entropy> + Sync),
}

/// What was built and seen before, and whom of it to believe.
pub struct History<'a> {
    /// Where the build before lies.
    pub before: Before<'a>,
    /// Whose signatures count, where anybody's do: then the list of the build before is believed only if one of them
    /// signed it.
    pub signers: Option<&'a AllowedSigners>,
    /// What this computer saw of images: revisions count on from there, so that it refuses none that it makes as older.
    pub seen: Option<&'a SeenRevisions>,
    /// What an earlier build of the same person kept, from a place that nobody else writes to; empty where nothing is.
    pub cache: &'a [u8],
}

/// The key of a group's passphrase, derived with a salt; `None`, where there is none: whoever handed it in knows why.
pub type KeyOf<'a> = dyn Fn(&str, Option<[u8; 16]>) -> Option<PassphraseKey> + Sync + 'a;

/// The key of a group, wrapped for its recipients by the `age` program; `None` where that failed: whoever handed it in
/// knows why.
pub type Wrap<'a> = dyn Fn(&str) -> Option<GroupKey> + Sync + 'a;

/// Signs the bytes of an index; `None` where that failed: whoever handed it in knows why.
pub type Sign<'a> = dyn Fn(&[u8]) -> Option<Vec<u8>> + Sync + 'a;

/// Who opens the images beside those who have the passphrase.
#[derive(Clone, Copy)]
pub struct Recipients<'a> {
    /// Their public lines, ascending, none twice: the index names them.
    pub lines: &'a [String],
    /// A fresh key of a group, once per build.
    pub wrap: &'a Wrap<'a>,
}

/// Where the site's files stand in git.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// The commit, in hexadecimal.
    pub id: String,
    /// When it was committed, `YYYY-MM-DDTHH:MM:SSZ`.
    pub time: String,
    /// Whether files differ from it.
    pub dirty: bool,
    /// Who made it, as git says.
    pub author: String,
    /// The first line of what they said of it: where a ticket is named, most often.
    pub subject: String,
}
