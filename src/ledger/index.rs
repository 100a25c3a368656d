//! `index.json`: the list of a build's images (`schema/image.md`, section 10).

use serde::{Deserialize, Serialize};

use crate::image::Digest;
use crate::image::canonical::{self, CanonicalError};
use crate::image::core::{MAX_TEXT, is_name, utc};

/// What an index says it is.
pub const FORMAT: &str = "fieldlock-index.v1";
/// The largest index that is written or read, in bytes.
pub const MAX_INDEX_LEN: usize = 64 << 20;

/// The list of a build's images.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Index {
    /// The commit of the sources; empty outside git.
    pub commit: String,
    /// When it was committed, `YYYY-MM-DDTHH:MM:SSZ`, or empty.
    pub commit_time: String,
    /// Sealed with the passphrase that everybody knows.
    pub demo: bool,
    /// Whether the sources differed from the commit.
    pub dirty: bool,
    /// [`FORMAT`].
    pub format: String,
    /// Ascending by device.
    pub images: Vec<IndexImage>,
    /// The time that waivers were judged by, `YYYY-MM-DDTHH:MM:SSZ`.
    pub judged_at: String,
    /// The packs in force, ascending by name.
    pub packs: Vec<IndexPack>,
    /// The digest of review.md.
    pub page: Digest,
    /// The digest of review.html, the same for a browser; lists of older programs have none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub page_html: Option<Digest>,
    /// The digest of the index before, or empty.
    pub previous: String,
    /// Who else can open the images, ascending; empty where only the passphrase does.
    pub recipients: Vec<String>,
    /// The site's name.
    pub site: String,
    /// The digest of the tables that the images were rendered by.
    pub tables: Digest,
    /// What built it, with its version.
    pub tool: String,
}

/// One image of a build.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct IndexImage {
    /// The device's name.
    pub device: String,
    /// The digest of the file as built.
    pub file: Digest,
    /// D, the image's digest.
    pub image: Digest,
    /// The digest of the device's public.json.
    pub public: Digest,
    /// From 1, growing.
    pub revision: u32,
    /// See [`Plain::structure`](crate::image::Plain::structure).
    pub structure: Digest,
}

/// A pack that the images were judged by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, schemars::JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct IndexPack {
    /// Its name.
    pub name: String,
    /// The digest of its text.
    pub sha256: Digest,
    /// Whether it came with the program; else it is the site's own.
    pub shipped: bool,
    /// Its version.
    pub version: String,
}

/// A list that is not an index.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IndexError {
    /// More than [`MAX_INDEX_LEN`] bytes.
    #[error("the index is larger than 64 MiB")]
    TooLarge,
    /// Not canonical JSON of an index.
    #[error("the index can't be read: {0}")]
    Json(#[from] CanonicalError),
    /// A value that no index has.
    #[error("the index is not valid: {what}")]
    Value {
        /// What is wrong.
        what: &'static str,
    },
}

impl Index {
    /// The one spelling of this index, checked.
    pub fn to_bytes(&self) -> Result<Vec<u8>, IndexError> {
        self.check()?;
        let bytes = canonical::write(self)?;
        if bytes.len() > MAX_INDEX_LEN { Err(IndexError::TooLarge) } else { Ok(bytes) }
    }

    /// The image of a device.
    pub fn image(&self, device: &str) -> Option<&IndexImage> {
        let at = self.images.binary_search_by(|image| image.device.as_str().cmp(device)).ok()?;
        self.images.get(at)
    }

    fn check(&self) -> Result<(), IndexError> {
        let time = |text: &str| utc(text).is_some();
        let text = |text: &str| text.len() <= MAX_TEXT;
        let checks = [
            (self.format == FORMAT, "it is of another format"),
            (is_name(&self.site), "`site` is not a name"),
            (time(&self.judged_at), "`judged_at` is not a time"),
            (self.commit_time.is_empty() || time(&self.commit_time), "`commit_time` is not a time"),
            (text(&self.commit) && text(&self.tool), "`commit` or `tool` is too long"),
            (self.previous.is_empty() || Digest::from_hex(&self.previous).is_some(), "`previous` is not a digest"),
            (self.images.iter().all(|image| is_name(&image.device)), "an image's `device` is not a name"),
            (self.images.iter().all(|image| image.revision >= 1), "an image's `revision` is 0"),
            (ascending(&self.images, |image| &image.device), "`images` are not in their order"),
            (self.packs.iter().all(|pack| is_name(&pack.name) && text(&pack.version)), "a pack is not valid"),
            (ascending(&self.packs, |pack| &pack.name), "`packs` are not in their order"),
            (self.recipients.iter().all(|who| text(who)), "a recipient is too long"),
            (ascending(&self.recipients, |who| who), "`recipients` are not in their order"),
        ];
        match checks.into_iter().find(|(holds, _)| !holds) {
            Some((_, what)) => Err(IndexError::Value { what }),
            None => Ok(()),
        }
    }
}

/// Reads an index and checks every value. Where indexes are signed, only after the signature held.
pub fn parse_index(bytes: &[u8]) -> Result<Index, IndexError> {
    if bytes.len() > MAX_INDEX_LEN {
        return Err(IndexError::TooLarge);
    }
    let index: Index = canonical::read(bytes)?;
    index.check()?;
    Ok(index)
}

fn ascending<T>(items: &[T], key: impl Fn(&T) -> &String) -> bool {
    items.windows(2).all(|pair| key(&pair[0]) < key(&pair[1]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(device: &str) -> IndexImage {
        let digest = Digest::of(device.as_bytes());
        IndexImage {
            device: device.into(),
            file: digest,
            image: digest,
            public: digest,
            revision: 1,
            structure: digest,
        }
    }

    /// Told before anything of it is read.
    #[test]
    fn a_list_of_more_bytes_than_any_has() {
        let refused = parse_index(&vec![b'{'; MAX_INDEX_LEN + 1]);
        assert_eq!(refused, Err(IndexError::TooLarge));
        assert_ne!(parse_index(b"{"), Err(IndexError::TooLarge));
    }

    fn sample() -> Index {
        Index {
            commit: "3e90d77".into(),
            commit_time: "2026-03-09T14:02:00Z".into(),
            demo: false,
            dirty: true,
            format: FORMAT.into(),
            images: vec![image("np07"), image("sw04")],
            judged_at: "2026-03-09T14:05:00Z".into(),
            packs: vec![IndexPack {
                name: "fleet".into(),
                sha256: Digest::of(b"x"),
                shipped: true,
                version: "1.0.0".into(),
            }],
            page: Digest::of(b"page"),
            page_html: Some(Digest::of(b"html")),
            previous: String::new(),
            recipients: vec![],
            site: "example-west".into(),
            tables: Digest::of(b"tables"),
            tool: "fieldlock 0.1.0".into(),
        }
    }

    #[test]
    fn an_index_is_read_back() {
        let bytes = sample().to_bytes().unwrap();
        assert!(bytes.starts_with(b"{\"commit\":\"3e90d77\",\"commit_time\":\"2026-03-09T14:02:00Z\",\"demo\":false,"));
        let read = parse_index(&bytes).unwrap();
        assert_eq!(read, sample());
        assert_eq!(read.to_bytes().unwrap(), bytes);
        assert_eq!(read.image("sw04").unwrap().device, "sw04");
        assert_eq!(read.image("sw05"), None);
    }

    #[test]
    fn values_that_no_index_has() {
        let refused = |wanted: &str, change: fn(&mut Index)| {
            let mut index = sample();
            change(&mut index);
            let bytes = canonical::write(&index).unwrap();
            match parse_index(&bytes) {
                Err(IndexError::Value { what }) => assert!(what.contains(wanted), "{what}"),
                other => panic!("{wanted}: {other:?}"),
            }
            assert!(index.to_bytes().is_err());
        };
        refused("format", |index| index.format = "fieldlock-index.v2".into());
        refused("site", |index| index.site = "West".into());
        refused("judged_at", |index| index.judged_at = String::new());
        refused("commit_time", |index| index.commit_time = "yesterday".into());
        refused("previous", |index| index.previous = "x".into());
        refused("device", |index| index.images[0].device = "../x".into());
        refused("revision", |index| index.images[1].revision = 0);
        refused("images", |index| index.images.swap(0, 1));
        refused("images", |index| index.images.push(image("sw04")));
        refused("pack", |index| index.packs.push(index.packs[0].clone()));
        refused("recipients", |index| index.recipients = vec!["b".into(), "a".into()]);
        assert!(matches!(parse_index(b"{}"), Err(IndexError::Json(_))));
    }
}
