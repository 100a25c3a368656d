//! A signature file as `ssh-keygen -Y sign` writes it. Read strictly: one signature has one spelling.

use sha2::{Digest as _, Sha256, Sha512};

use super::base64;
use super::error::SignatureError;
use super::key::{KEY_TYPE, PublicKey};
use super::wire::{Reader, put};

/// The largest signature file that is read, in bytes. One by an Ed25519 key has some 300.
pub const MAX_SIGNATURE_LEN: usize = 4_096;

const BEGIN: &str = "-----BEGIN SSH SIGNATURE-----\n";
const END: &str = "-----END SSH SIGNATURE-----\n";
const LINE: usize = 70;
const MAGIC: &[u8; 6] = b"SSHSIG";
const VERSION: u32 = 1;

/// A signature that was read, and has yet to be checked.
pub(super) struct SshSig {
    pub(super) key: PublicKey,
    hash: Hash,
    signature: [u8; 64],
}

#[derive(Clone, Copy)]
enum Hash {
    Sha256,
    Sha512,
}

impl Hash {
    fn name(self) -> &'static str {
        match self {
            Hash::Sha256 => "sha256",
            Hash::Sha512 => "sha512",
        }
    }
}

impl SshSig {
    /// Reads a signature file. Each step has its own error.
    pub(super) fn parse(file: &[u8], namespace: &str) -> Result<SshSig, SignatureError> {
        if file.len() > MAX_SIGNATURE_LEN {
            return Err(SignatureError::TooLong);
        }
        let blob = dearmored(file)?;
        let mut reader = Reader::new(&blob);
        if reader.take(MAGIC.len()) != Some(&MAGIC[..]) {
            return Err(SignatureError::Format { what: "it does not begin with `SSHSIG`" });
        }
        let cut = SignatureError::Format { what: "it is cut short" };
        let Some(version) = reader.u32() else { return Err(cut) };
        if version != VERSION {
            return Err(SignatureError::Version { found: version });
        }
        let fields = [(); 5].map(|()| reader.text());
        let [Some(key), Some(found), Some(reserved), Some(hash), Some(signature)] = fields else { return Err(cut) };
        if !reader.is_empty() {
            return Err(SignatureError::Trailing);
        }
        let mut of_key = Reader::new(key);
        if let Some(name) = of_key.text().filter(|name| *name != KEY_TYPE.as_bytes()) {
            return Err(SignatureError::KeyType { name: lossy(name) });
        }
        let key = PublicKey::from_blob(key, false)
            .ok_or(SignatureError::Format { what: "its public key is not a whole one" })?;
        if found != namespace.as_bytes() {
            return Err(SignatureError::Namespace { found: lossy(found), wanted: namespace.to_owned() });
        }
        if !reserved.is_empty() {
            return Err(SignatureError::Reserved);
        }
        let hash = match hash {
            b"sha256" => Hash::Sha256,
            b"sha512" => Hash::Sha512,
            _ => return Err(SignatureError::Hash { name: lossy(hash) }),
        };
        let signature = ed25519(signature).ok_or(SignatureError::Format { what: "its last field is no signature" })?;
        Ok(SshSig { key, hash, signature })
    }

    /// The file that this was read from.
    #[cfg(any(test, fuzzing))]
    pub(super) fn write(&self, namespace: &str) -> Vec<u8> {
        let mut signature = Vec::new();
        put(&mut signature, KEY_TYPE.as_bytes());
        put(&mut signature, &self.signature);
        let mut blob = MAGIC.to_vec();
        blob.extend_from_slice(&VERSION.to_be_bytes());
        for field in [&self.key.blob()[..], namespace.as_bytes(), b"", self.hash.name().as_bytes(), &signature] {
            put(&mut blob, field);
        }
        armored(&blob).into_bytes()
    }

    /// Whether the key signed this message, in this namespace.
    pub(super) fn holds(&self, message: &[u8], namespace: &str) -> bool {
        let mut signed = MAGIC.to_vec();
        put(&mut signed, namespace.as_bytes());
        put(&mut signed, b"");
        put(&mut signed, self.hash.name().as_bytes());
        match self.hash {
            Hash::Sha256 => put(&mut signed, &Sha256::digest(message)),
            Hash::Sha512 => put(&mut signed, &Sha512::digest(message)),
        }
        self.key.made(&self.signature, &signed)
    }
}

/// The bytes between the two marks; refused where they are not written as ssh-keygen writes them.
fn dearmored(file: &[u8]) -> Result<Vec<u8>, SignatureError> {
    if file.windows(2).any(|pair| pair == b"\r\n") {
        return Err(SignatureError::Armor { what: "its line ends were changed to those of Windows" });
    }
    let Some(text) = file.strip_prefix(BEGIN.as_bytes()) else {
        return Err(SignatureError::Armor { what: "its first line is not `-----BEGIN SSH SIGNATURE-----`" });
    };
    let Some(text) = text.strip_suffix(END.as_bytes()) else {
        return Err(SignatureError::Armor { what: "its last line is not `-----END SSH SIGNATURE-----`" });
    };
    let blob = base64::decode(text).ok_or(SignatureError::Armor { what: "it is no base64 text" })?;
    if armored(&blob).as_bytes() == file {
        Ok(blob)
    } else {
        Err(SignatureError::Armor { what: "its lines were broken anew" })
    }
}

/// A signature file of these bytes.
pub(super) fn armored(blob: &[u8]) -> String {
    let text = base64::encode(blob);
    let lines: Vec<&str> = (0..text.len()).step_by(LINE).map(|at| &text[at..text.len().min(at + LINE)]).collect();
    format!("{BEGIN}{}\n{END}", lines.join("\n"))
}

/// The 64 bytes of a signature by an Ed25519 key.
fn ed25519(field: &[u8]) -> Option<[u8; 64]> {
    let mut reader = Reader::new(field);
    let name = reader.text()?;
    let signature = reader.text()?.try_into().ok()?;
    (name == KEY_TYPE.as_bytes() && reader.is_empty()).then_some(signature)
}

/// A word from outside, short enough for a message.
fn lossy(word: &[u8]) -> String {
    String::from_utf8_lossy(word).chars().take(60).collect()
}
