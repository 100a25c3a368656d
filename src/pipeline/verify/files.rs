//! A device's files in a build's folder: each read once, no link followed.

use super::whole::other;
use crate::image::{Digest, MAX_FILE_LEN};
use crate::ledger::Index;
use crate::native::Form;
use crate::pipeline::folder::{
    CERTIFICATES, FORMS, MAX_PAGE, REVIEW, REVIEW_PAGE, SHEETS, certificate, image, public, redacted, sheets,
};
use crate::pipeline::ready::MAX_CERTIFICATE;
use crate::report::verify::RungAnswer;
use crate::site::files::{FileProblem, Root};

/// The largest public file that is read, in bytes.
pub const MAX_PUBLIC: usize = 32 << 20;
/// The largest redacted text or sheet that is read, in bytes.
const MAX_TEXT: usize = MAX_FILE_LEN;

/// What a build's folder holds of one device.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeviceFiles {
    /// `images/<device>.flk`.
    pub image: Option<Vec<u8>>,
    /// `public/<device>.public.json`.
    pub public: Option<Vec<u8>>,
    /// `redacted/<device>.redacted.<form>`: the machine form, then the sheet.
    pub redacted: Vec<(Form, Vec<u8>)>,
    /// `sheets/<device>.sheet.*`, in the order of [`SHEETS`]: what the public file names.
    pub sheets: [Option<Vec<u8>>; SHEETS.len()],
    /// `certs/<device>/<name>`, by name: all that lie there.
    pub certificates: Vec<(String, Vec<u8>)>,
}

impl DeviceFiles {
    /// A redacted text.
    pub fn text(&self, form: Form) -> Option<&[u8]> {
        self.redacted.iter().find(|(f, _)| *f == form).map(|(_, bytes)| &bytes[..])
    }

    /// A certificate.
    pub fn certificate(&self, name: &str) -> Option<&[u8]> {
        self.certificates.iter().find(|(n, _)| n == name).map(|(_, bytes)| &bytes[..])
    }

    /// All of them by their names in the folder, as far as they are there.
    pub fn named(&self, device: &str) -> Vec<(String, &[u8])> {
        let mut named: Vec<(String, &[u8])> = Vec::new();
        named.extend(self.image.as_deref().map(|bytes| (image(device), bytes)));
        named.extend(self.public.as_deref().map(|bytes| (public(device), bytes)));
        named.extend(self.redacted.iter().map(|(form, bytes)| (redacted(device, *form), &bytes[..])));
        let printed = sheets(device).into_iter().zip(&self.sheets);
        named.extend(printed.filter_map(|(name, bytes)| Some((name, bytes.as_deref()?))));
        named.extend(self.certificates.iter().map(|(name, bytes)| (certificate(device, name), &bytes[..])));
        named
    }
}

/// Reads them. `None` where there is none of a device's.
pub(super) fn read(folder: &Root, device: &str) -> Result<Option<DeviceFiles>, FileProblem> {
    let one = |name: &str, max: usize| match folder.read_bytes(name, max) {
        Ok(bytes) => Ok(Some(bytes)),
        Err(FileProblem::Missing { .. }) => Ok(None),
        Err(problem) => Err(problem),
    };
    let mut texts = Vec::new();
    for form in FORMS {
        texts.extend(one(&redacted(device, form), MAX_TEXT)?.map(|bytes| (form, bytes)));
    }
    let mut certificates = Vec::new();
    let own = certificate(device, "");
    for path in listed(folder, own.trim_end_matches('/'))? {
        let name = path.strip_prefix(&own).unwrap_or(&path);
        certificates.push((name.to_owned(), folder.read_bytes(&path, MAX_CERTIFICATE)?));
    }
    let mut printed = [const { None }; SHEETS.len()];
    for (bytes, name) in printed.iter_mut().zip(sheets(device)) {
        *bytes = one(&name, MAX_TEXT)?;
    }
    let files = DeviceFiles {
        certificates,
        image: one(&image(device), MAX_FILE_LEN)?,
        public: one(&public(device), MAX_PUBLIC)?,
        redacted: texts,
        sheets: printed,
    };
    Ok((files != DeviceFiles::default()).then_some(files))
}

/// The pages for the change board, as far as they are here, by name: the very bytes that the index names.
///
/// # Errors
/// One is another than the index names, or can't be read.
pub fn pages(folder: &Root, index: &Index) -> Result<Vec<(&'static str, Vec<u8>)>, String> {
    let mut here = Vec::new();
    for (name, named) in [(REVIEW, Some(index.page)), (REVIEW_PAGE, index.page_html)] {
        match (folder.read_bytes(name, MAX_PAGE), named) {
            (Ok(bytes), Some(named)) if Digest::of(&bytes) == named => here.push((name, bytes)),
            (Ok(bytes), Some(named)) => {
                let why = "is not the page that the index names: approve nothing on it";
                return Err(other(name, &bytes, &named, why));
            }
            (Ok(_), None) => {
                return Err(format!("{name} is a page that the index does not name: approve nothing on it"));
            }
            (Err(FileProblem::Missing { .. }), _) => {}
            (Err(problem), _) => return Err(problem.to_string()),
        }
    }
    Ok(here)
}

/// Whether the pages for the change board, where they are here, are those that the index names.
pub(super) fn page(folder: &Root, index: &Index) -> RungAnswer {
    let here = match pages(folder, index) {
        Ok(here) => here,
        Err(why) => return RungAnswer::Failed(why),
    };
    let names: Vec<&str> = here.iter().map(|(name, _)| *name).collect();
    match &names[..] {
        [] => RungAnswer::Open("the page for the change board is not here".to_owned()),
        [one] => RungAnswer::Holds(format!("{one} is the page that the index names")),
        several => RungAnswer::Holds(format!("{} are the pages that the index names", several.join(" and "))),
    }
}

/// Files of the folder that are called like a build's and that the index does not name.
pub(super) fn strangers(folder: &Root, index: &Index) -> Result<Vec<String>, FileProblem> {
    let mut found = Vec::new();
    for (place, extension, ending) in [
        ("images", "flk", ".flk"),
        ("public", "json", ".public.json"),
        ("redacted", "ini", ".redacted.ini"),
        ("redacted", "cli", ".redacted.cli"),
        ("redacted", "sheet", ".redacted.sheet"),
        ("sheets", "json", ".sheet.json"),
        ("sheets", "html", ".sheet.html"),
        ("sheets", "md", ".sheet.md"),
    ] {
        for name in folder.list(place, extension)? {
            let device =
                name.strip_prefix(place).and_then(|n| n.strip_prefix('/')).and_then(|n| n.strip_suffix(ending));
            if device.is_none_or(|device| index.image(device).is_none()) {
                found.push(name);
            }
        }
    }
    // those in the folder of a device that it names are looked at with the device
    let of_device = |name: &String| {
        let beneath = name.strip_prefix(CERTIFICATES).and_then(|n| n.strip_prefix('/')).and_then(|n| n.split_once('/'));
        beneath.is_some_and(|(device, _)| index.image(device).is_some())
    };
    found.extend(listed(folder, CERTIFICATES)?.into_iter().filter(|name| !of_device(name)));
    Ok(found)
}

/// Files in a folder that look like certificates, whoever put them there: a person may upload any of them.
fn listed(folder: &Root, place: &str) -> Result<Vec<String>, FileProblem> {
    let mut found = Vec::new();
    for extension in ["pem", "crt", "cer", "der"] {
        found.extend(folder.list(place, extension)?);
    }
    Ok(found)
}
