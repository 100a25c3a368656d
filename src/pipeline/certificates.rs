//! Certificates that a device's settings name: each lies beside its sheet, for whoever uploads it has no site at hand.

use std::collections::{BTreeMap, BTreeSet};

use crate::finding::{Finding, codes};
use crate::model::Facts;
use crate::model::facts::{Fact, each_value, leaves};
use crate::model::shape::{FieldShape, Kind, ScalarKind};
use crate::policy::{Files, no_certificates};
use crate::site::SiteDevice;

/// A file that settings of a site name as a certificate, read and looked at once for all its devices.
pub struct CertificateFile {
    /// Its bytes.
    pub(super) bytes: Vec<u8>,
    /// Why it is no certificate, where it is none.
    wrong: Option<String>,
}

/// The files of a site, by path.
pub type CertificateFiles = BTreeMap<String, CertificateFile>;

/// Reads what devices name; what can't be read is left to its rules.
pub(super) fn read(devices: &[SiteDevice], files: &dyn Files) -> CertificateFiles {
    let mut found = CertificateFiles::new();
    for path in devices.iter().flat_map(|device| mentioned(&device.own, |_| true).into_keys()) {
        if !found.contains_key(path)
            && let Ok(bytes) = files.read(path)
        {
            let wrong = no_certificates(path, &bytes);
            found.insert(path.to_owned(), CertificateFile { bytes, wrong });
        }
    }
    found
}

/// A certificate on its way to a device.
pub(super) struct Certificate<'a> {
    /// Where it lies in the site.
    pub(super) path: &'a str,
    /// What it is called in the device's own folder.
    pub(super) name: String,
    /// Its bytes.
    pub(super) bytes: &'a [u8],
}

/// Paths in the site that settings name, each with the first setting that does.
pub(super) type Named<'a> = BTreeMap<&'a str, &'a Fact>;

/// What a device names and is given; what is noted for its rules alone goes nowhere.
pub(super) fn named(own: &Facts) -> Named<'_> {
    mentioned(own, |field| !field.note)
}

/// All files that settings of a device name are certificates.
fn mentioned(own: &Facts, of: impl Fn(&FieldShape) -> bool) -> Named<'_> {
    let mut named = BTreeMap::new();
    each_value(own, &mut |field, fact| {
        let file = field.kind == Kind::Scalar(ScalarKind::Path) && of(field);
        if let Some(path) = fact.value.text().filter(|_| file) {
            named.entry(path).or_insert(fact);
        }
    });
    named
}

/// Those of a device among all that were read.
pub(super) fn of<'a>(device: &'a SiteDevice, read: &'a CertificateFiles) -> Vec<Certificate<'a>> {
    let mut taken = BTreeSet::new();
    let there = named(&device.own).into_keys().filter_map(|path| Some((path, &read.get(path)?.bytes)));
    there.map(|(path, bytes)| Certificate { path, name: free(path, &mut taken), bytes }).collect()
}

/// Refused: files that hold anything else. What comes along lies there for everybody.
pub(super) fn refused(device: &SiteDevice, named: &Named<'_>, read: &CertificateFiles) -> Vec<Finding> {
    let said = |fact: &Fact| leaves(&device.own).find(|leaf| std::ptr::eq(leaf.fact, fact)).map(|leaf| leaf.path);
    let finding = |(path, fact): (&&str, &&Fact)| {
        let why = read.get(*path)?.wrong.as_ref()?;
        let finding = Finding::new(codes::image::CERTIFICATE, fact.origin.loc(), why.as_str())
            .device(&*device.name)
            .path(said(fact).unwrap_or_default());
        Some(Finding { trail: device.trail(fact.origin), ..finding })
    };
    named.iter().filter_map(finding).collect()
}

/// The last part of a path as every file system and every page takes it; with a number where another file of the device
/// has the name.
fn free(path: &str, taken: &mut BTreeSet<String>) -> String {
    let base = path.rsplit('/').next().unwrap_or(path);
    let stem = base.strip_suffix(".pem").or(base.strip_suffix(".PEM")).unwrap_or(base);
    let plain = |c: char| if c.is_ascii_alphanumeric() || "._-".contains(c) { c } else { '-' };
    let stem: String = stem.chars().take(LONGEST).map(plain).collect();
    let stem = match stem.trim_start_matches(['.', '-']) {
        "" => "ca",
        stem => stem,
    };
    let numbered = (2..).map(|n| format!("{stem}-{n}.pem"));
    let mut names = std::iter::once(format!("{stem}.pem")).chain(numbered);
    // one of more names than there are taken ones is free
    names.find(|name| taken.insert(name.to_ascii_lowercase())).unwrap_or_default()
}

/// Characters of a name before its ending.
const LONGEST: usize = 64;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_plain_and_none_is_given_twice() {
        let mut taken = BTreeSet::new();
        let long = format!("certs/{}.pem", "x".repeat(200));
        let given: Vec<String> = [
            "certs/ot-ca.pem",
            "new/OT-CA.PEM",
            "certs/ot-ca-2.pem",
            "old/ot-ca.pem",
            "certs/root.crt",
            "certs/Zertifikat für West.pem",
            "certs/-x.pem",
            "certs/.pem",
            &long,
        ]
        .map(|path| free(path, &mut taken))
        .to_vec();
        let long = format!("{}.pem", "x".repeat(LONGEST));
        assert_eq!(
            given,
            [
                "ot-ca.pem",
                "OT-CA-2.pem",
                "ot-ca-2-2.pem",
                "ot-ca-3.pem",
                "root.crt.pem",
                "Zertifikat-f-r-West.pem",
                "x.pem",
                "ca.pem",
                &long,
            ]
        );
    }
}
