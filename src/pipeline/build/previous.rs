//! The build before, believed only as far as it proves itself: files are read once, and what is wrong with one of them
//! is no error, since its device is then sealed anew.

use std::path::Path;

use super::{BuildError, Request};
use crate::image::redact::blank_fingerprints;
use crate::image::{
    Digest, Expected, Inspection, KdfCeiling, MAX_FILE_LEN, Opened, Origin, PassphraseKey, Unlock, inspect, open,
};
use crate::ledger::index::MAX_INDEX_LEN;
use crate::ledger::signature::{MAX_SIGNATURE_LEN, verify_index};
use crate::ledger::{Index, IndexImage, parse_index};
use crate::pipeline::folder::{self, FORMS, INDEX, SIGNATURE};
use crate::report::Signed;
use crate::site::files::{FileProblem, Root, lf};
use crate::site::output::OutDir;

/// Where the build before lies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Before<'a> {
    /// In the output folder, if there is one.
    Out,
    /// In another folder; there has to be one.
    Folder(&'a Path),
    /// Nowhere: revisions begin at 1.
    Nothing,
}

/// The build before.
pub(super) struct Previous<'a> {
    place: PreviousPlace<'a>,
    list: Option<List>,
}

/// Its list, as it lies there.
struct List {
    index: Index,
    bytes: Vec<u8>,
    signature: Option<Vec<u8>>,
    /// By whom, where somebody whom we trust did.
    signed: Option<Signed>,
}

enum PreviousPlace<'a> {
    Out(&'a OutDir),
    Folder(Root),
    Nowhere,
}

/// An image of the build before.
pub(super) struct Earlier {
    /// The whole file, as it was read.
    pub(super) bytes: Vec<u8>,
    /// What it says of itself.
    pub(super) inspection: Inspection,
    /// What is in it; `None` where the key of this build doesn't open it, or it is for another device.
    pub(super) opened: Option<Opened>,
}

impl<'a> Previous<'a> {
    /// Reads its list.
    pub(super) fn find(request: &Request<'_>, site: &str, out: &'a OutDir) -> Result<Previous<'a>, BuildError> {
        let place = match request.history.before {
            Before::Out => PreviousPlace::Out(out),
            Before::Nothing => PreviousPlace::Nowhere,
            Before::Folder(path) => {
                PreviousPlace::Folder(Root::open(path).map_err(|e| BuildError::Previous(e.to_string()))?)
            }
        };
        let mut previous = Previous { place, list: None };
        let bytes = match previous.try_read(INDEX, MAX_INDEX_LEN) {
            Ok(bytes) => bytes,
            Err(FileProblem::Missing { .. }) => {
                return match previous.place {
                    PreviousPlace::Folder(_) => Err(BuildError::Previous("there is none".to_owned())),
                    // numbering anew because a file is gone would be for whoever took it away
                    PreviousPlace::Out(out) if out.had(INDEX) => Err(BuildError::Previous("it is gone".to_owned())),
                    PreviousPlace::Out(_) | PreviousPlace::Nowhere => Ok(previous),
                };
            }
            Err(problem @ FileProblem::TooLarge { .. }) => return Err(BuildError::Previous(problem.to_string())),
            Err(problem) => return Err(BuildError::PreviousUnread(problem)),
        };
        let signature = previous.read(SIGNATURE, MAX_SIGNATURE_LEN).map(lf);
        let verified = request.history.signers.map(|signers| {
            // a signature that was taken away is no way back to believing anybody
            let signature = signature.as_deref().ok_or(BuildError::PreviousUnsigned)?;
            let now = request.selection.now;
            verify_index(&bytes, signature, signers, now).map_err(BuildError::PreviousForged)
        });
        let verified = verified.transpose()?;
        let index = match &verified {
            Some(verified) => verified.index().clone(),
            None => parse_index(&bytes).map_err(|e| BuildError::Previous(e.to_string()))?,
        };
        if index.site != site {
            return Err(BuildError::OtherSite(index.site));
        }
        let signed = verified.map(|verified| Signed::by(&verified));
        previous.list = Some(List { index, bytes, signature, signed });
        Ok(previous)
    }

    /// Its list, where there is one.
    pub(super) fn index(&self) -> Option<&Index> {
        self.list.as_ref().map(|list| &list.index)
    }

    /// The list's file; empty where there is none.
    pub(super) fn bytes(&self) -> &[u8] {
        self.list.as_ref().map_or(&[], |list| &list.bytes)
    }

    /// The digest of the list's file.
    pub(super) fn digest(&self) -> Option<Digest> {
        self.list.as_ref().map(|list| Digest::of(&list.bytes))
    }

    /// The list's signature, as it lies there.
    pub(super) fn signature(&self) -> Option<&[u8]> {
        self.list.as_ref()?.signature.as_deref()
    }

    /// Who signed the list; `None` where nobody whom we trust did.
    pub(super) fn signed(&self) -> Option<&Signed> {
        self.list.as_ref()?.signed.as_ref()
    }

    /// Whether its files lie where this build writes.
    pub(super) fn is_out(&self) -> bool {
        matches!(self.place, PreviousPlace::Out(_))
    }

    /// What its list says of a device.
    pub(super) fn entry(&self, device: &str) -> Option<&IndexImage> {
        self.index()?.image(device)
    }

    /// A file of it; `None` where there is none that can be read.
    pub(super) fn read(&self, name: &str, max: usize) -> Option<Vec<u8>> {
        self.try_read(name, max).ok()
    }

    fn try_read(&self, name: &str, max: usize) -> Result<Vec<u8>, FileProblem> {
        match &self.place {
            PreviousPlace::Out(out) => out.read(name, max),
            PreviousPlace::Folder(root) => root.read_bytes(name, max),
            PreviousPlace::Nowhere => Err(FileProblem::Missing { name: name.to_owned() }),
        }
    }

    /// The redacted text of a device, machine form and sheet, if it is the one of this digest.
    pub(super) fn redacted(&self, device: &str, review: &Digest) -> Option<String> {
        let texts: Vec<u8> = self.texts(device).into_iter().flatten().collect();
        String::from_utf8(texts).ok().filter(|text| Digest::of(text.as_bytes()) == *review)
    }

    /// Whether the redacted text of a device has fingerprints, and is one of the structure that the list names.
    pub(super) fn shows_fingerprints(&self, entry: &IndexImage) -> bool {
        let texts = self.texts(&entry.device);
        let blanked: Vec<Vec<u8>> = texts.iter().map(|text| blank_fingerprints(text)).collect();
        blanked != texts && Digest::of_pieces(blanked.iter().map(Vec::as_slice)) == entry.structure
    }

    /// Its redacted texts that are there, machine form first.
    fn texts(&self, device: &str) -> Vec<Vec<u8>> {
        FORMS.iter().filter_map(|form| self.read(&folder::redacted(device, *form), MAX_FILE_LEN)).collect()
    }

    /// The image of a device, opened where this key opens it; `None` where there is no image at all.
    pub(super) fn image(&self, site: &str, device: &str, key: Option<&PassphraseKey>) -> Option<Earlier> {
        let bytes = self.read(&folder::image(device), MAX_FILE_LEN)?;
        let inspection = inspect(&bytes).ok()?;
        let opened = key.and_then(|key| open_earlier(&bytes, site, device, key));
        Some(Earlier { bytes, inspection, opened })
    }
}

fn open_earlier(bytes: &[u8], site: &str, device: &str, key: &PassphraseKey) -> Option<Opened> {
    let expected = Expected {
        site: Some(site),
        device: Some(device),
        // what a signed list names is held against it by whoever asks
        origin: Origin::NoSigners,
        seen: None,
        // one that has ended still tells its revision; whether it is kept is judged by what would be sealed now
        now: jiff::Timestamp::MIN,
        ceiling: KdfCeiling(u32::MAX),
    };
    open(bytes, &Unlock::Key(key), &expected).ok()
}
