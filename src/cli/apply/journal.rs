//! The journal of the work at one device: in the person's own folder of states, on the disk before what it tells is
//! done; and the receipt that it becomes.

use std::path::{Path, PathBuf};

use fieldlock::ledger::receipt::{Event, MAX_LEN};
use fieldlock::ledger::signature::RECEIPT_NAMESPACE;
use fieldlock::ledger::{Receipt, ReceiptError};
use fieldlock::pipeline::receipts::FOLDER;
use fieldlock::secret::Search;
use fieldlock::site::files::{FileProblem, Root};
use fieldlock::site::output::{Access, OwnFolder, Within};

use super::super::problem::Problem;
use super::super::receipt::signature;
use super::super::{clock, folders, signing, site, terminal};
use super::NOTHING;

const FILE: &str = "journal";

/// The journal of one device, held as long as somebody works on it.
pub(crate) struct Journal {
    folder: OwnFolder,
    path: PathBuf,
    /// What was done so far; none where nothing is under way.
    pub(crate) receipt: Option<Receipt>,
}

impl Journal {
    /// Opens it, and finds what was broken off.
    pub(crate) fn open(site: &str, device: &str) -> Result<Journal, Problem> {
        let unkept = |why: &dyn std::fmt::Display| {
            Problem::invalid(format!("no journal can be kept on this computer: {why}"))
                .help(format!("{} names the folder of what fieldlock remembers", folders::STATE_BY))
                .state(NOTHING)
        };
        let state = folders::state().ok_or_else(|| unkept(&"it has no folder for what is remembered"))?;
        let path = state.join("journals").join(format!("{site}~{device}"));
        let folder = OwnFolder::lock(&path).map_err(|why| unkept(&why))?;
        let bytes = match Root::open(&path).and_then(|root| root.read_bytes(FILE, MAX_LEN)) {
            Ok(bytes) => Some(bytes).filter(|bytes| !bytes.is_empty()),
            Err(FileProblem::Missing { .. }) => None,
            Err(why) => return Err(unkept(&why)),
        };
        let receipt = bytes.map(|bytes| Receipt::parse(&bytes)).transpose().map_err(|why| {
            Problem::invalid(format!("the journal of {device} is damaged: {why}"))
                .help(format!("look at the device, then move it away: `{}`", path.join(FILE).display()))
                .state(NOTHING)
        })?;
        Ok(Journal { folder, path, receipt })
    }

    /// Adds a line, and returns when it is on the disk. A text that holds a secret is refused unshown.
    pub(crate) fn add(&mut self, event: Event, search: Option<&Search<'_>>) -> Result<(), Problem> {
        let Some(mut receipt) = self.receipt.clone() else { return Ok(()) };
        let line = receipt.add(event, clock::now()).map_err(|why| stopped(&why.to_string()))?;
        if let Some((sought, _)) = search.and_then(|search| search.find(&line)) {
            return Err(stopped(&format!("{sought} stands in what was typed, and is not written down")));
        }
        self.keep(receipt)
    }

    /// Begins, or goes on with, a receipt.
    pub(crate) fn keep(&mut self, receipt: Receipt) -> Result<(), Problem> {
        self.folder.replace(FILE, receipt.bytes()).map_err(|why| stopped(&why.to_string()))?;
        self.receipt = Some(receipt);
        Ok(())
    }

    /// Writes what ended as a receipt into a folder, signs it, and forgets the journal. Where that was interrupted the
    /// same bytes lie there already.
    pub(crate) fn finish(&mut self, to: &Path, key: Option<&Path>) -> Result<PathBuf, Problem> {
        let Some(receipt) = &self.receipt else { return Err(stopped("nothing is under way")) };
        let kept = |why: &dyn std::fmt::Display| {
            Problem::invalid(format!("the receipt can't be written: {why}"))
                .help("--to names another folder; `fieldlock apply` with --resume writes it there")
                .state("what was done stays in the journal of this computer")
        };
        let folder = beside(to, FOLDER).map_err(|why| kept(&why))?;
        let put = |name: &str, bytes: &[u8]| folder.put(name, bytes, Access::Everyone, false).map_err(|why| kept(&why));
        let name = name(receipt);
        let path = put(&name, receipt.bytes())?;
        if let Some(key) = key {
            let signed = signing::sign_as(receipt.bytes(), key, RECEIPT_NAMESPACE, "the receipt")?;
            put(&signature(Path::new(&name)).to_string_lossy(), &signed)?;
        }
        self.forget()?;
        terminal::did(format!("the receipt is written: `{}`", path.display()));
        Ok(path)
    }

    /// Nothing is under way any more.
    pub(super) fn forget(&mut self) -> Result<(), Problem> {
        self.receipt = None;
        self.folder.replace(FILE, b"").map_err(|why| {
            Problem::invalid(format!("the journal can't be put away: {why}"))
                .help(format!("the receipt is written; `{}` may go", self.path.join(FILE).display()))
        })
    }
}

/// A folder beside what is worked from. Whoever had the stick, or made the site, may have put a link there.
pub(super) fn beside(to: &Path, folder: &str) -> Result<Within, Problem> {
    site::stays(to)?;
    Within::open(to, folder).map_err(|why| Problem::invalid(why.to_string()))
}

/// That a receipt, and what else is kept beside it, can be written into a folder, before there is anything to write.
pub(crate) fn can_keep(to: &Path, more: Option<&str>) -> Result<(), Problem> {
    let try_out = |folder| beside(to, folder)?.try_out().map_err(|why| Problem::invalid(why.to_string()));
    std::iter::once(FOLDER).chain(more).try_for_each(try_out).map_err(|why| {
        Problem::invalid(format!("what comes home can't be kept in `{}`: {why}", to.display()))
            .help("--to names another folder, which goes home with the stick")
            .state(NOTHING)
    })
}

/// `np07-2026-03-11-91c077ab.receipt`
pub(crate) fn name(receipt: &Receipt) -> String {
    let day = receipt.times().0.get(..10).unwrap_or_default();
    let number = receipt.number();
    format!("{}-{day}-{}.receipt", receipt.begun().device, number.trim_start_matches("R-"))
}

/// A receipt that can't begin, for what it is to tell is none of a receipt.
pub(crate) fn unsound(why: ReceiptError) -> Problem {
    Problem::invalid(why.to_string()).state(NOTHING)
}

pub(super) fn stopped(why: &str) -> Problem {
    Problem { exit: super::Exit::Unfinished, ..Problem::invalid(why) }
        .help("`fieldlock apply` with --resume goes on from what the journal says")
        .state("the device is between two states; the journal says what may have been done")
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;

    #[test]
    fn nothing_behind_a_link_is_touched() {
        let stick = tempfile::tempdir().unwrap();
        let (folder, theirs) = (stick.path().join(FOLDER), stick.path().join("authorized_keys"));
        std::fs::create_dir(&folder).unwrap();
        can_keep(stick.path(), None).unwrap();
        assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 0, "it leaves nothing");
        std::fs::write(&theirs, "ssh-ed25519 AAAA").unwrap();
        for name in [".fieldlock".to_owned(), format!(".fieldlock-{}", std::process::id())] {
            std::os::unix::fs::symlink(&theirs, folder.join(name)).unwrap();
        }
        assert!(can_keep(stick.path(), None).is_err());
        assert_eq!(std::fs::read_to_string(&theirs).unwrap(), "ssh-ed25519 AAAA");
    }
}
