//! Rung 1: nothing was lost or changed on the way.

use super::files::DeviceFiles;
use super::line_ends;
use crate::image::{Core, Digest, Kind, inspect};
use crate::ledger::{Index, IndexImage};
use crate::pipeline::folder::{self, image, public};
use crate::pipeline::public::{Beside, PublicCertificate};

/// An image that is whole.
pub(super) struct Whole {
    /// What it says of itself.
    pub(super) core: Core,
    /// Where its table of keys is another than the one that it was built with: what it says that opens it.
    pub(super) rekeyed: Option<String>,
}

/// Holds each file against its own checksum and against the index; and what the image says of itself.
///
/// # Errors
/// What does not fit.
pub(super) fn look(files: &DeviceFiles, entry: &IndexImage, index: &Index) -> Result<Whole, String> {
    let failed = Err::<Whole, String>;
    let Some(bytes) = &files.image else { return failed(format!("`{}` is not here", image(&entry.device))) };
    let inspection = match inspect(bytes) {
        Ok(inspection) => inspection,
        Err(error) => return failed(format!("{error} [{}]", error.class())),
    };
    let rekeyed = (inspection.file != entry.file).then(|| inspection.openers());
    let Some(core) = inspection.core.filter(|_| inspection.kind == Kind::Device) else {
        return failed(format!("it is a {}, not a {}", inspection.kind.words(), Kind::Device.words()));
    };
    if inspection.digest != entry.image {
        let (wanted, found) = (entry.image.short(), inspection.digest.short());
        return failed(format!("it is not the image that the index names (index {wanted}, image {found})"));
    }
    let says = [
        (core.site == index.site, format!("it is for the site `{}`", core.site)),
        (core.device == entry.device, format!("it is for the device `{}`", core.device)),
        (
            core.revision == entry.revision,
            format!("it is revision {}, the index says {}", core.revision, entry.revision),
        ),
        (core.demo == index.demo, "image and index don't agree on whether this is a demo".to_owned()),
    ];
    if let Some((_, why)) = says.into_iter().find(|(holds, _)| !holds) {
        return failed(why);
    }
    let Some(bytes) = &files.public else { return failed(format!("`{}` is not here", public(&entry.device))) };
    if Digest::of(bytes) != entry.public {
        return failed(other(&public(&entry.device), bytes, &entry.public, "is not the one that the index names"));
    }
    let Some(beside) = Beside::of(bytes) else {
        return failed(format!("`{}` names no sheet", public(&entry.device)));
    };
    for ((name, printed), digest) in folder::sheets(&entry.device).iter().zip(&files.sheets).zip(beside.sheets()) {
        match printed {
            None => return failed(format!("`{name}` is not here")),
            Some(printed) if Digest::of(printed) != digest => {
                let why = format!("is not the one that `{}` names: type nothing from it", public(&entry.device));
                return failed(other(name, printed, &digest, &why));
            }
            Some(_) => {}
        }
    }
    if let Some(why) = uploaded(files, &entry.device, &beside.certificates) {
        return failed(why);
    }
    Ok(Whole { core, rekeyed })
}

/// What is said of a file that has not the digest that it should have.
pub(super) fn other(name: &str, bytes: &[u8], digest: &Digest, why: &str) -> String {
    format!("`{name}` {}", if line_ends::are_all(&[bytes], digest) { line_ends::CHANGED } else { why })
}

/// What is wrong with the files to be uploaded: each is there, the one that was named, and none lies beside them.
fn uploaded(files: &DeviceFiles, device: &str, named: &[PublicCertificate]) -> Option<String> {
    let told = |name: &str| (folder::certificate(device, name), public(device));
    for PublicCertificate { file, sha256 } in named {
        let (path, public) = told(file);
        match files.certificate(file) {
            None => return Some(format!("`{path}` is not here")),
            Some(bytes) if Digest::of(bytes) != *sha256 => {
                let why = format!("is not the one that `{public}` names: upload it nowhere");
                return Some(other(&path, bytes, sha256, &why));
            }
            Some(_) => {}
        }
    }
    let unnamed = files.certificates.iter().find(|(name, _)| !named.iter().any(|named| named.file == *name))?;
    let (path, public) = told(&unnamed.0);
    Some(format!("`{path}` is none that `{public}` names: upload it nowhere"))
}
