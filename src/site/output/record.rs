//! What this computer remembers of a folder that it writes to: which files of it are its own, and whether a switch of
//! files is under way. It lies in the person's own folder of states, by what the folder is. Whatever lies in the folder
//! itself came with a clone, on a stick or in an artifact, and is input.

use std::collections::BTreeSet;
use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};

use super::super::platform::{self, Folder};
use super::switch::Move;
use super::{OutProblem, OwnFolder};
use crate::site::files::{FileProblem, Root};

/// In the person's own folder of states.
const FOLDERS: &str = "folders";
/// As long as a record may be: of 100,000 files with long names.
const MAX_RECORD: usize = 64 << 20;
/// As many folders are remembered; of more, those that were written to longest ago are not.
const MAX_FOLDERS: usize = 2_000;

/// Of one folder.
#[derive(Debug)]
pub(super) struct Record {
    /// Where it is kept; `None` where this computer has no place for it, and everything is forgotten with the run.
    own: Option<Own>,
    pub(super) text: Text,
}

#[derive(Debug)]
struct Own {
    folder: PathBuf,
    key: String,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Text {
    /// The folder, for whoever looks into the record.
    path: String,
    /// Files in it that a build of this computer left there.
    pub(super) files: BTreeSet<String>,
    /// What the folder within is called that new files are written into.
    pub(super) staging: Option<String>,
}

impl Record {
    /// Where the record of a folder is.
    ///
    /// # Errors
    /// The system does not tell what the folder is.
    pub(super) fn of(folder: &Folder, path: &Path, state: Option<&Path>) -> io::Result<Record> {
        let real = fs::canonicalize(path)?.display().to_string();
        let identity = folder.identity()?.unwrap_or_else(|| format!("path {real}"));
        let digest = Sha256::digest(identity.as_bytes());
        let key: String = digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let own = state.map(|state| Own { folder: state.join(FOLDERS), key });
        Ok(Record { own, text: Text { path: real, ..Text::default() } })
    }

    /// Locks the folder for as long as what is given back lives, by itself or, where it can't be, by a file of our own.
    ///
    /// # Errors
    /// [`io::ErrorKind::WouldBlock`]: somebody else holds it.
    pub(super) fn lock(&self, folder: &Folder) -> io::Result<Option<File>> {
        if folder.lock()? {
            return Ok(None);
        }
        let Some(own) = &self.own else { return Ok(None) };
        // made by whoever locks it for the first time
        drop(OwnFolder::lock(&own.folder).map_err(|problem| io::Error::other(problem.to_string()))?);
        let file = platform::open_lock(&own.folder.join(format!("{}.lock", own.key)))?;
        match file.try_lock() {
            Ok(()) => Ok(Some(file)),
            Err(fs::TryLockError::WouldBlock) => Err(io::ErrorKind::WouldBlock.into()),
            Err(fs::TryLockError::Error(error)) => Err(error),
        }
    }

    /// Reads what is remembered, and the switch that is under way, if one is.
    ///
    /// # Errors
    /// A record that can't be read: it is never taken for none.
    pub(super) fn recall(&mut self) -> Result<Option<Vec<Move>>, OutProblem> {
        if let Some(text) = self.read::<Text>("json")? {
            self.text = Text { path: std::mem::take(&mut self.text.path), ..text };
        }
        let moves = self.read::<Vec<Move>>("switch")?;
        match moves.iter().flatten().find(|m| !m.is_sound()) {
            Some(_) => Err(self.problem("it is damaged".to_owned())),
            None => Ok(moves),
        }
    }

    /// Keeps what is remembered.
    pub(super) fn save(&self) -> Result<(), OutProblem> {
        self.write("json", &self.text)
    }

    /// From now on the switch counts: whoever comes next finishes it.
    pub(super) fn begin(&self, moves: &[Move]) -> Result<(), OutProblem> {
        self.write("switch", &moves)
    }

    /// No switch is under way any more.
    pub(super) fn end(&self) -> Result<(), OutProblem> {
        let Some(own) = &self.own else { return Ok(()) };
        let gone = platform::remove(&own.file("switch")).or_else(|error| match error.kind() {
            io::ErrorKind::NotFound => Ok(()),
            _ => Err(error),
        });
        gone.map_err(|error| self.problem(crate::site::files::why(&error)))
    }

    fn read<T: DeserializeOwned>(&self, kind: &str) -> Result<Option<T>, OutProblem> {
        let Some(own) = &self.own else { return Ok(None) };
        let name = format!("{}.{kind}", own.key);
        match Root::open(&own.folder).and_then(|root| root.read_bytes(&name, MAX_RECORD)) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|_| self.problem("it is damaged".to_owned())),
            Err(FileProblem::Missing { .. }) => Ok(None),
            Err(problem) => Err(self.problem(problem.to_string())),
        }
    }

    fn write(&self, kind: &str, value: &impl Serialize) -> Result<(), OutProblem> {
        let Some(own) = &self.own else { return Ok(()) };
        let bytes = serde_json::to_vec(value).map_err(|error| self.problem(error.to_string()))?;
        let folder = OwnFolder::lock(&own.folder).map_err(|problem| self.problem(problem.to_string()))?;
        folder.replace(&format!("{}.{kind}", own.key), &bytes).map_err(|problem| self.problem(problem.to_string()))?;
        own.forget(MAX_FOLDERS);
        Ok(())
    }

    fn problem(&self, why: String) -> OutProblem {
        let path = self.own.as_ref().map_or_else(String::new, |own| own.file("json").display().to_string());
        OutProblem::Memory { path, why }
    }
}

impl Own {
    fn file(&self, kind: &str) -> PathBuf {
        self.folder.join(format!("{}.{kind}", self.key))
    }

    /// Forgets the folders that were written to longest ago. Best effort: what can't be removed now, the next run
    /// removes.
    fn forget(&self, most: usize) {
        let Ok(entries) = fs::read_dir(&self.folder) else { return };
        let records = entries.flatten().map(|entry| entry.path());
        let records: Vec<PathBuf> = records.filter(|path| path.extension().is_some_and(|e| e == "json")).collect();
        let Some(more) = records.len().checked_sub(most).filter(|more| *more > 0) else { return };
        // one of a switch that is under way is needed
        let ended = records.into_iter().filter(|path| !path.with_extension("switch").exists());
        let mut ended: Vec<_> = ended.filter_map(|path| Some((path.metadata().ok()?.modified().ok()?, path))).collect();
        ended.sort();
        for (_, path) in ended.into_iter().take(more) {
            let _ = fs::remove_file(path);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_folders_written_to_longest_ago_are_forgotten() {
        let temp = tempfile::tempdir().unwrap();
        let own = Own { folder: temp.path().to_owned(), key: "5".to_owned() };
        for n in 0..6_u64 {
            let file = File::create(temp.path().join(format!("{n}.json"))).unwrap();
            file.set_modified(std::time::UNIX_EPOCH + std::time::Duration::from_secs(n)).unwrap();
        }
        // of a switch that is under way
        fs::write(temp.path().join("1.switch"), "[]").unwrap();
        own.forget(3);
        let mut left: Vec<_> = fs::read_dir(temp.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        left.sort();
        assert_eq!(left, ["1.json", "1.switch", "4.json", "5.json"]);
    }
}
