//! A downloaded firmware against what the site's list says of its file. The file is read in pieces and never kept.

use sha2::{Digest as _, Sha512 as Hasher};

use crate::model::site::Firmware;
use crate::model::value::{Sha, Sha512, Version};
use crate::site::files::{FileProblem, Root};
use crate::site::models;

/// The largest file that is read: sizes of a list are no larger either.
const MAX: u64 = 1 << 30;

/// What tells a file from every other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Print {
    /// SHA-512 of its bytes.
    pub sha512: Sha512,
    /// How many they are.
    pub size: u64,
}

impl Print {
    /// Of a file in a folder.
    ///
    /// # Errors
    /// What stands in the way of reading it.
    pub fn of(folder: &Root, name: &str) -> Result<Print, FileProblem> {
        let mut hasher = Hasher::new();
        let size = folder.read_pieces(name, MAX, &mut |piece| hasher.update(piece))?;
        Ok(Print { sha512: Sha(hasher.finalize().into()), size })
    }
}

/// Which firmware a person says that a file is; all of it may be left out.
#[derive(Debug, Clone, Copy, Default)]
pub struct Asked<'a> {
    /// The label of a model.
    pub model: Option<&'a str>,
    /// A version.
    pub version: Option<Version>,
}

impl Asked<'_> {
    fn is(&self, line: &Firmware) -> bool {
        let named = |label: &str| line.model.as_deref().is_some_and(|model| models::is_named(model, label));
        self.model.is_none_or(named) && self.version.is_none_or(|version| line.version == Some(version))
    }

    fn words(&self) -> String {
        match (self.model, self.version) {
            (Some(model), Some(version)) => format!("`{model}` {version}"),
            (Some(model), None) => format!("`{model}`"),
            (None, Some(version)) => format!("version {version}"),
            (None, None) => "any firmware".to_owned(),
        }
    }
}

/// Why a file is not what the site's list says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Mismatch {
    /// The list has nothing to hold a file against.
    #[error("`site.kdl` lists no firmware with its SHA-512")]
    NothingListed,
    /// It has, and not for what was asked.
    #[error("`site.kdl` has no line with a SHA-512 for {asked}")]
    NotListed {
        /// What was asked for.
        asked: String,
        /// What it has.
        listed: Vec<String>,
    },
    /// A line has the file's SHA-512 and another size.
    #[error("the line of {line} says {listed} bytes, and the file of that SHA-512 has {size}")]
    WrongLine {
        /// Which line.
        line: String,
        /// Its size.
        listed: u32,
        /// The file's.
        size: u64,
    },
    /// It is in the list as something else.
    #[error("it is {is}, not {asked}")]
    Another {
        /// What it is.
        is: String,
        /// What was asked for.
        asked: String,
    },
    /// Another size than that of the one line that it could be.
    #[error("it has {size} bytes, {line} has {listed}")]
    Size {
        /// The line.
        line: String,
        /// Its size.
        listed: u32,
        /// The file's.
        size: u64,
    },
    /// Another SHA-512 than that of the one line that it could be.
    #[error("its SHA-512 is not that of {line}")]
    Digest {
        /// The line.
        line: String,
    },
    /// None of several lines has its SHA-512.
    #[error("no line of `site.kdl` for {asked} has its SHA-512")]
    Unknown {
        /// What was asked for.
        asked: String,
    },
}

impl Mismatch {
    /// Whether the list is at fault, or what was asked of it; else the file is.
    pub fn is_of_the_list(&self) -> bool {
        matches!(self, Mismatch::NothingListed | Mismatch::NotListed { .. } | Mismatch::WrongLine { .. })
    }

    /// What to do.
    pub fn help(&self) -> String {
        match self {
            Mismatch::NothingListed => "take the SHA-512 from the vendor's page, and write it into `site.kdl`: \
                                        `firmware \"MODEL\" \"VERSION\" sha512=\"...\" size=... from=\"https://...\"`"
                .to_owned(),
            Mismatch::NotListed { listed, .. } => format!("there are {}", listed.join(", ")),
            Mismatch::WrongLine { .. } => "correct `size` of that line".to_owned(),
            Mismatch::Another { .. } => "it belongs onto no device of what was asked: take the other file".to_owned(),
            Mismatch::Size { .. } => {
                "it was cut off, or is another file: download it again, and upload it to no device".to_owned()
            }
            Mismatch::Digest { .. } | Mismatch::Unknown { .. } => {
                "it was damaged or changed, or is another file: download it again, and upload it to no device"
                    .to_owned()
            }
        }
    }
}

/// The lines of the list that say of a file what it is; never none.
///
/// # Errors
/// Why it is none of them.
pub fn find<'l>(list: &'l [Firmware], asked: Asked<'_>, print: Print) -> Result<Vec<&'l Firmware>, Mismatch> {
    let digested: Vec<&Firmware> = list.iter().filter(|line| line.sha512.is_some()).collect();
    let wanted: Vec<&Firmware> = digested.iter().copied().filter(|line| asked.is(line)).collect();
    if digested.is_empty() {
        return Err(Mismatch::NothingListed);
    }
    if wanted.is_empty() {
        return Err(Mismatch::NotListed { asked: asked.words(), listed: digested.into_iter().map(name).collect() });
    }
    let same = |line: &&Firmware| line.sha512 == Some(print.sha512);
    let found: Vec<&Firmware> = wanted.iter().copied().filter(same).collect();
    let wrong = found.iter().find_map(|line| Some((line, line.size.filter(|size| u64::from(*size) != print.size)?)));
    if let Some((line, listed)) = wrong {
        return Err(Mismatch::WrongLine { line: name(line), listed, size: print.size });
    }
    if !found.is_empty() {
        return Ok(found);
    }
    if let Some(other) = digested.into_iter().find(same) {
        return Err(Mismatch::Another { is: name(other), asked: asked.words() });
    }
    Err(match &wanted[..] {
        [line] => match line.size.filter(|size| u64::from(*size) != print.size) {
            Some(listed) => Mismatch::Size { line: name(line), listed, size: print.size },
            None => Mismatch::Digest { line: name(line) },
        },
        _ => Mismatch::Unknown { asked: asked.words() },
    })
}

/// Whether the site keeps a list of what is approved for a model, and this line is not on it.
pub fn is_refused(list: &[Firmware], line: &Firmware) -> bool {
    let approved = |line: &Firmware| line.approved.is_some_and(|switch| switch.0);
    !approved(line) && list.iter().any(|other| other.model == line.model && approved(other))
}

/// `NPort 6150-G2 1.1.0`
pub fn name(line: &Firmware) -> String {
    let version = line.version.map(|version| format!(" {version}")).unwrap_or_default();
    format!("{}{version}", line.model.as_deref().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(model: &str, version: &str, of: u8, size: Option<u32>) -> Firmware {
        Firmware {
            model: Some(model.to_owned()),
            version: version.parse().ok(),
            approved: None,
            sha512: Some(Sha([of; 64])),
            size,
            from: None,
            notes: None,
            taken: None,
            by: None,
        }
    }

    #[test]
    fn each_way_to_fail_is_another() {
        let print = Print { sha512: Sha([7; 64]), size: 100 };
        let list = [line("NPort 6150-G2", "1.1", 7, Some(100)), line("EDR-G9010", "3.24", 8, Some(100))];
        let any = Asked::default();
        let router = Asked { model: Some("EDR-G9010-VPN"), version: None };
        let old = Asked { version: "1.0".parse().ok(), ..any };
        assert_eq!(find(&list, any, print).unwrap().len(), 1);
        let told = |list: &[Firmware], asked, print| find(list, asked, print).unwrap_err();
        let other = Print { sha512: Sha([9; 64]), ..print };
        assert_eq!(told(&[], any, print), Mismatch::NothingListed);
        assert!(matches!(told(&list, old, print), Mismatch::NotListed { listed, .. } if listed.len() == 2));
        assert!(matches!(told(&list, router, print), Mismatch::Another { is, .. } if is == "NPort 6150-G2 1.1"));
        assert!(matches!(told(&list, router, other), Mismatch::Digest { .. }));
        assert!(matches!(told(&list, any, other), Mismatch::Unknown { .. }));
        assert!(matches!(
            told(&list, router, Print { size: 99, ..other }),
            Mismatch::Size { listed: 100, size: 99, .. }
        ));
        assert!(matches!(told(&list, any, Print { size: 99, ..print }), Mismatch::WrongLine { .. }));
    }

    #[test]
    fn a_file_is_read_in_pieces_to_its_end() {
        let temp = tempfile::tempdir().unwrap();
        let bytes: Vec<u8> = (0..200_001u32).map(|n| (n % 251) as u8).collect();
        std::fs::write(temp.path().join("fw.rom"), &bytes).unwrap();
        let print = Print::of(&Root::open(temp.path()).unwrap(), "fw.rom").unwrap();
        assert_eq!(print, Print { sha512: Sha(Hasher::digest(&bytes).into()), size: 200_001 });
    }
}
