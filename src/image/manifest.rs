//! The sealed manifest: the digest and the secret spans of every other part.
//!
//! It stays inside: the digest of a text of which all but the secret is known lets everybody try guesses.

use serde::{Deserialize, Serialize};

use super::canonical;
use super::digest::Digest;
use super::keys::equal;
use super::parts::{Part, PartsError};
use super::redact::{SecretSpan, spans_fit};
use crate::secret::SecretValue;

/// The name of the part that it is.
pub(super) const NAME: &str = "manifest.json";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Manifest {
    parts: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    secrets: Vec<SecretSpan>,
    sha256: Digest,
}

/// The manifest of these parts, which are in their order.
pub(super) fn write_manifest(parts: &[Part]) -> Result<SecretValue, PartsError> {
    let entry = |part: &Part| Entry {
        name: part.name.clone(),
        secrets: part.secrets.clone(),
        sha256: Digest::of(part.bytes.expose()),
    };
    let manifest = Manifest { parts: parts.iter().map(entry).collect() };
    canonical::write(&manifest).map(SecretValue::new).map_err(|_| PartsError::Manifest)
}

/// Checks the manifest against the parts that came with it, and gives them their spans.
pub(super) fn apply_manifest(bytes: &[u8], parts: &mut [Part]) -> Result<(), PartsError> {
    let manifest: Manifest = canonical::read(bytes).map_err(|_| PartsError::Manifest)?;
    if manifest.parts.len() != parts.len() {
        return Err(PartsError::ManifestDiffers);
    }
    for (entry, part) in manifest.parts.into_iter().zip(parts) {
        let digest = Digest::of(part.bytes.expose());
        if entry.name != part.name || !equal(entry.sha256.as_bytes(), digest.as_bytes()) {
            return Err(PartsError::ManifestDiffers);
        }
        if !spans_fit(&entry.secrets, part.bytes.len()) {
            return Err(PartsError::Spans);
        }
        part.secrets = entry.secrets;
    }
    Ok(())
}
