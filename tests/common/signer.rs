//! Somebody who signs: a key made by `ssh-keygen`, as in life.

#![allow(dead_code, reason = "each test file uses its part")]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::Command;

use fieldlock::ledger::signature::{AllowedSigners, NAMESPACE, PublicKey};

/// A key, and the signers that it is one of.
pub(crate) struct Signer {
    pub(crate) dir: tempfile::TempDir,
    pub(crate) allowed: AllowedSigners,
}

impl Signer {
    /// `None` where ssh-keygen is missing.
    pub(crate) fn new(name: &str) -> Option<Signer> {
        Signer::allowed(name, "")
    }

    /// With more options on its line, such as `,valid-before="20260101Z"`.
    pub(crate) fn allowed(name: &str, options: &str) -> Option<Signer> {
        if !super::needs::program("ssh-keygen") {
            return None;
        }
        let dir = tempfile::tempdir().unwrap();
        let key = dir.path().join("key");
        let made =
            Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(&key).status();
        assert!(made.unwrap().success());
        let public = std::fs::read_to_string(dir.path().join("key.pub")).unwrap();
        let line = format!("{name} namespaces=\"{NAMESPACE}\"{options} {public}");
        std::fs::write(dir.path().join("allowed_signers"), &line).unwrap();
        let (allowed, problems) = AllowedSigners::parse(line.as_bytes());
        assert!(problems.is_empty());
        Some(Signer { dir, allowed })
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.dir.path().join("key")
    }

    /// The file that allows it.
    pub(crate) fn file(&self) -> PathBuf {
        self.dir.path().join("allowed_signers")
    }

    /// Its public half.
    pub(crate) fn public(&self) -> PublicKey {
        PublicKey::parse(&std::fs::read(self.dir.path().join("key.pub")).unwrap()).unwrap()
    }

    pub(crate) fn sign(&self, index: &[u8]) -> Option<Vec<u8>> {
        self.sign_for(index, NAMESPACE)
    }

    /// For another purpose than an index.
    pub(crate) fn sign_for(&self, text: &[u8], namespace: &str) -> Option<Vec<u8>> {
        let file = self.dir.path().join("index.json");
        let signature = self.dir.path().join("index.json.sig");
        let _ = std::fs::remove_file(&signature);
        std::fs::write(&file, text).unwrap();
        let mut command = Command::new("ssh-keygen");
        command.args(["-q", "-Y", "sign", "-n", namespace, "-f"]).arg(self.key()).arg(&file);
        assert!(command.output().unwrap().status.success());
        std::fs::read(signature).ok()
    }
}
