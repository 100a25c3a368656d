//! The texts of a bundle: what somebody reads first who finds a stick, with commands that do what they say.

use std::fmt::Write as _;

use super::folder::{INDEX, REVIEW, REVIEW_PAGE, SIGNATURE};
use super::verify::Listing;
use crate::image::Digest;
use crate::ledger::signature::NAMESPACE;
use crate::report::documents::moment;
use crate::sheet::Sheet;

/// What a person reads first.
pub const READ_ME: &str = "READ-ME-FIRST.txt";
/// What `sha256sum -c` reads.
pub const SUMS: &str = "SHA256SUMS";

/// A file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bundled {
    /// Its name in the folder, with `/`.
    pub name: String,
    /// The digest of its bytes.
    pub digest: Digest,
}

/// An image of a bundle.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct BundledImage {
    /// Its device.
    pub device: String,
    /// Its revision.
    pub revision: u32,
    /// Its file.
    pub file: Bundled,
    /// What is uploaded to the device.
    pub certificates: Vec<Bundled>,
}

/// What else is on the stick, or is to be known of it.
pub struct Told<'a> {
    /// Of which images the table of keys is not the one of the build.
    pub tables: &'a [String],
    /// Pages that several devices have alike.
    pub fleet: &'a [Sheet],
    /// The pages for the change board, by name.
    pub change: &'a [&'static str],
}

/// Digests as `sha256sum -c` reads them: LF only, sorted by name.
pub fn sums(files: &[Bundled]) -> String {
    let mut files: Vec<&Bundled> = files.iter().collect();
    files.sort();
    files.iter().map(|file| format!("{}  {}\n", file.digest, file.name)).collect()
}

/// `READ-ME-FIRST.txt`: plain ASCII, CRLF so that every editor on Windows shows its lines. Nothing in it is proof.
pub fn read_me(listing: &Listing, images: &[BundledImage], beside: &Told<'_>) -> String {
    let Told { tables, fleet, change } = beside;
    let index = &listing.index;
    let first = images.first().map_or("NAME", |image| &image.device);
    let mut out = String::from("READ ME FIRST\n\n");
    let named: Vec<String> = images.iter().map(|i| format!("{} (revision {})", i.device, i.revision)).collect();
    let _ = writeln!(out, "Sealed configurations of the site {}, for {}.", index.site, named.join(", "));
    let commit = if index.commit.is_empty() { "no commit" } else { &index.commit };
    let dirty = if index.dirty { ", with changes that are in no commit" } else { "" };
    let _ = writeln!(out, "Built from {commit}{dirty}; judged at {}.\n", moment(&index.judged_at));
    let _ = write!(
        out,
        "Nothing on a stick proves itself, this text included. Whom you trust to sign is never taken\n\
         from here: it is in your own folder (fieldlock trust add) or given by --allowed-signers.\n\n\
         WITH FIELDLOCK, in this folder:\n\n    \
         fieldlock verify .\n    \
         fieldlock image inspect images/{first}.flk\n    \
         fieldlock image open images/{first}.flk\n\n\
         The first says what is whole, signed and the text that was reviewed. Go on, and type from a sheet,\n\
         only if its last line is `all that was asked holds`. The second says what an image claims, without\n\
         any key. The third asks for the passphrase and shows the content, secrets masked.\n\n"
    );
    if listing.signature.is_none() {
        out.push_str(
            "This build is not signed. With the passphrase the first proves the images and nothing else: nobody\n\
             vouches for the sheets, and what is typed from one may be anybody's. Type what the third shows, or\n\
             compare the sheets with the source: fieldlock verify . --site DIR\n\n",
        );
    }
    if !tables.is_empty() {
        out.push_str("When this was bundled:\n");
        for told in *tables {
            let _ = writeln!(out, "    {told}");
        }
        out.push('\n');
    }
    if images.iter().any(|image| !image.certificates.is_empty()) {
        out.push_str("CERTIFICATES that the sheets name, to be uploaded on the pages of the devices:\n\n");
        for file in images.iter().flat_map(|image| &image.certificates) {
            let _ = writeln!(out, "    {}\n        SHA-256 {}", file.name, file.digest);
        }
        out.push('\n');
    }
    out.push_str(&change_page(listing, change, images.len()));
    if !fleet.is_empty() {
        out.push_str("PAGES that several devices have alike, each device a row; a browser opens them:\n\n");
        for sheet in *fleet {
            let count: usize = sheet.places.iter().map(|place| place.devices.len()).sum();
            let [_, page] = super::folder::fleet(&sheet.device);
            let _ = writeln!(out, "    {page}   {count} devices");
        }
        out.push('\n');
    }
    out.push_str("WITHOUT FIELDLOCK, in this folder:\n\n");
    out.push_str(&stock(listing, images));
    let _ = write!(
        out,
        "\nFAT sticks keep no permissions: whoever has this one can copy all of it. The images are sealed;\n\
         redacted texts, public files, sheets and certificates are not, and hold no secret.\n"
    );
    // names and times are checked to be ASCII when an index is read; a text that is not shows what it is
    let ascii: String = out.chars().map(|c| if c == '\n' || matches!(c, ' '..='~') { c } else { '?' }).collect();
    ascii.replace('\n', "\r\n")
}

/// Where it stands what changes, and that what was approved is this build.
fn change_page(listing: &Listing, change: &[&str], images: usize) -> String {
    let digests = [Some(listing.index.page), listing.index.page_html];
    let names = [REVIEW, REVIEW_PAGE].into_iter().zip(digests);
    let mut out = String::new();
    if change.is_empty() && images == listing.index.images.len() {
        return out;
    }
    out.push_str(match change {
        [] => {
            "THE PAGE FOR THE CHANGE BOARD speaks of all devices and stayed where this was built. It is the one that\n\
               was approved if its SHA-256 is the one that the list names:\n\n"
        }
        _ => {
            "THE PAGE FOR THE CHANGE BOARD says what changes, which rules get weaker, and the way back. It is the one\n\
              that was approved if its SHA-256 is the one of the ticket:\n\n"
        }
    });
    for (name, digest) in names.filter(|(name, _)| change.is_empty() || change.contains(name)) {
        out.extend(digest.map(|digest| format!("    {name}\n        SHA-256 {digest}\n")));
    }
    out.push('\n');
    out
}

/// Checks by programs that are on every machine.
fn stock(listing: &Listing, images: &[BundledImage]) -> String {
    let mut out = String::from("    nothing was lost on the way here (Linux, macOS with coreutils):\n");
    let _ = writeln!(out, "        sha256sum -c {SUMS}");
    out.push_str("    the same on Windows, a file at a time; each has to print the line below it:\n");
    for file in images.iter().flat_map(|image| std::iter::once(&image.file).chain(&image.certificates)) {
        let path = file.name.replace('/', "\\");
        let _ = writeln!(out, "        certutil -hashfile {path} SHA256\n            {}", file.digest);
    }
    if listing.signature.is_none() {
        out.push_str("    this build is not signed: only the passphrase proves where the images come from\n");
        return out;
    }
    let signer = listing.signed().map(|s| s.signer).filter(|name| is_plain(name));
    let signer = signer.as_deref().unwrap_or("SIGNER");
    let _ = writeln!(
        out,
        "    the list of images is signed by somebody whom you know (YOURS is your own file of allowed signers;\n    \
         on Windows in cmd, PowerShell has no `<`):\n        \
         ssh-keygen -Y verify -f YOURS -I {signer} -n {NAMESPACE} -s {SIGNATURE} < {INDEX}\n    \
         the signed list names each image as it was built, under `file`; one that somebody was granted a copy\n    \
         of, or that was given another passphrase, has another digest and the same content. It names each\n    \
         public file, under `public`; that names the sheet to type from, under `sheet`, `sheet_page` and\n    \
         `sheet_data`, and what is uploaded,\n    \
         under `certificates`"
    );
    out
}

/// A name that no shell takes for more than a word.
fn is_plain(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"@._+-".contains(&b);
    !name.is_empty() && !name.starts_with('-') && name.bytes().all(plain)
}
