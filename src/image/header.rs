//! The fixed beginning of a file: magic, version, kind, lengths; and where everything else lies.

use std::ops::Range;

use super::digest::HASH_LEN;

/// The first bytes of every sealed file. Not text, and with line ends in it, so that a transfer which changes line
/// ends or strips the eighth bit is noticed at once.
pub const MAGIC: [u8; 8] = [0x8b, 0x46, 0x4c, 0x4b, 0x0d, 0x0a, 0x1a, 0x0a];
/// One number for layout and algorithms together.
pub const VERSION: u16 = 1;
/// Bytes before the core.
pub const FIXED_LEN: usize = 36;
/// The longest core, in bytes.
pub const MAX_CORE: usize = 65_536;
/// The plaintext is padded to a multiple of this, in bytes.
pub const PAD_TO: usize = 4_096;
/// The longest padded plaintext: 16 MiB.
pub const MAX_PADDED: usize = 16 << 20;
/// Bytes of a GCM tag.
pub const TAG_LEN: usize = 16;
/// The largest file: a reader reads at most one byte more.
pub const MAX_FILE_LEN: usize =
    FIXED_LEN + MAX_CORE + HASH_LEN + MAX_PADDED + TAG_LEN + super::slots::MAX_TABLE + 2 * HASH_LEN;

/// What a sealed file is for. A reader names the one it wants, so that a store is never taken for an image.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, serde::Serialize, schemars::JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// The configuration of one device.
    Device,
    /// The secrets of one device.
    SecretStore,
    /// The whole state of a device, to be restored.
    Backup,
}

impl Kind {
    /// The number in the file.
    pub fn number(self) -> u16 {
        match self {
            Kind::Device => 1,
            Kind::SecretStore => 2,
            Kind::Backup => 3,
        }
    }

    /// From the number in the file.
    pub fn from_number(number: u16) -> Option<Kind> {
        [Kind::Device, Kind::SecretStore, Kind::Backup].into_iter().find(|kind| kind.number() == number)
    }

    /// In words.
    pub fn words(self) -> &'static str {
        match self {
            Kind::Device => "device image",
            Kind::SecretStore => "secret store",
            Kind::Backup => "backup",
        }
    }
}

/// Why a file does not begin as a sealed file of the wanted kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum HeadError {
    /// The file does not begin as a sealed file does.
    #[error("this is not a fieldlock image")]
    Magic {
        /// It nearly does: line ends or the eighth bit were changed on the way.
        mangled: bool,
    },
    /// Another version of the layout.
    #[error("this image was made by a newer fieldlock (layout {found}, this one reads {VERSION})")]
    Version {
        /// The version in the file.
        found: u16,
    },
    /// A sealed file of another kind.
    #[error("this is {}, not a {}", kind_words(*found), wanted.map_or("kind that this fieldlock knows", Kind::words))]
    Kind {
        /// What was asked for; `None` where every known kind would do.
        wanted: Option<Kind>,
        /// The number in the file.
        found: u16,
    },
    /// A length that can't be, or a file that has not the room for what it declares.
    #[error("the image can't be read: {what}")]
    Length {
        /// What is wrong.
        what: &'static str,
    },
}

/// What to do about a file that changed on its way.
pub(super) const COPY_AGAIN: &str = "copy it again from where it was built; the passphrase was not tried";

impl HeadError {
    /// The class: see [`OpenError::class`](super::OpenError::class).
    pub fn class(&self) -> &'static str {
        match self {
            HeadError::Magic { .. } => "magic",
            HeadError::Version { .. } => "version",
            HeadError::Kind { .. } => "kind",
            HeadError::Length { .. } => "length",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            HeadError::Magic { mangled: true } => {
                "its beginning was changed on the way, as happens when a file is transferred as text; copy it again \
                 as binary"
            }
            HeadError::Magic { mangled: false } => "was another file given? an image ends in `.flk`",
            HeadError::Version { .. } => "use the fieldlock that built it, or a newer one",
            HeadError::Kind { .. } => "give an image: the files under `images/` of a build",
            HeadError::Length { .. } => COPY_AGAIN,
        }
    }
}

/// HEAD: the fixed part and the core.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head<'a> {
    /// What the file is for.
    pub kind: Kind,
    /// Random, so that no two sealings share a header.
    pub image_id: [u8; 16],
    /// The core's bytes, 1 to [`MAX_CORE`].
    pub core: &'a [u8],
    /// Length of the padded plaintext: a multiple of [`PAD_TO`] up to [`MAX_PADDED`].
    pub padded_len: usize,
}

/// Where the parts of a file lie, as offsets from its beginning.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Layout {
    /// Fixed part and core.
    pub head: Range<usize>,
    /// The commitment to the data key.
    pub commit: Range<usize>,
    /// Ciphertext and tag.
    pub payload: Range<usize>,
    /// Everything that the image's digest covers.
    pub body: Range<usize>,
}

impl Head<'_> {
    /// Where things lie in a file with this head.
    pub fn layout(&self) -> Layout {
        let head = FIXED_LEN + self.core.len();
        let commit = head + HASH_LEN;
        let body = commit + self.padded_len + TAG_LEN;
        Layout { head: 0..head, commit: head..commit, payload: commit..body, body: 0..body }
    }

    /// That it is another kind than the wanted one.
    pub(super) fn not_a(&self, wanted: Kind) -> HeadError {
        HeadError::Kind { wanted: Some(wanted), found: self.kind.number() }
    }

    /// The bytes of HEAD. The caller keeps the limits of core and padded length.
    pub fn write(&self) -> Vec<u8> {
        let u32_of = |n: usize| u32::try_from(n).unwrap_or(u32::MAX).to_be_bytes();
        let mut out = Vec::with_capacity(FIXED_LEN + self.core.len());
        out.extend_from_slice(&MAGIC);
        out.extend_from_slice(&VERSION.to_be_bytes());
        out.extend_from_slice(&self.kind.number().to_be_bytes());
        out.extend_from_slice(&u32_of(self.core.len()));
        out.extend_from_slice(&u32_of(self.padded_len + TAG_LEN));
        out.extend_from_slice(&self.image_id);
        out.extend_from_slice(self.core);
        out
    }
}

/// Reads HEAD of a whole file: the steps magic, version, kind and length of the opening, in this order. `wanted` of
/// `None` takes every known kind (`inspect`).
pub fn parse_head(file: &[u8], wanted: Option<Kind>) -> Result<Head<'_>, HeadError> {
    if file.get(..8) != Some(&MAGIC[..]) {
        return Err(HeadError::Magic { mangled: file.starts_with(&MAGIC[..4]) || file.starts_with(b"\x0bFLK") });
    }
    let short = || HeadError::Length { what: "the file ends inside its header" };
    let version = u16_at(file, 8).ok_or_else(short)?;
    if version != VERSION {
        return Err(HeadError::Version { found: version });
    }
    let number = u16_at(file, 10).ok_or_else(short)?;
    let kind = Kind::from_number(number);
    let kind = match (kind, wanted) {
        (Some(kind), None) => kind,
        (Some(kind), Some(wanted)) if kind == wanted => kind,
        _ => return Err(HeadError::Kind { wanted, found: number }),
    };
    let core_len = u32_at(file, 12).ok_or_else(short)? as usize;
    let payload_len = u32_at(file, 16).ok_or_else(short)? as usize;
    let image_id = file.get(20..FIXED_LEN).and_then(|id| id.try_into().ok()).ok_or_else(short)?;
    if !(1..=MAX_CORE).contains(&core_len) {
        return Err(HeadError::Length { what: "its core has an impossible length" });
    }
    let padded_len = payload_len.checked_sub(TAG_LEN).filter(|n| (PAD_TO..=MAX_PADDED).contains(n) && n % PAD_TO == 0);
    let padded_len = padded_len.ok_or(HeadError::Length { what: "its payload has an impossible length" })?;
    if file.len() > MAX_FILE_LEN {
        return Err(HeadError::Length { what: "the file is larger than any image" });
    }
    let least = FIXED_LEN + core_len + HASH_LEN + payload_len + 1 + 2 * HASH_LEN;
    if file.len() < least {
        return Err(HeadError::Length { what: "the file is cut short" });
    }
    Ok(Head { kind, image_id, core: &file[FIXED_LEN..FIXED_LEN + core_len], padded_len })
}

fn kind_words(number: u16) -> String {
    match Kind::from_number(number) {
        Some(kind) => format!("a {}", kind.words()),
        None => format!("a sealed file of an unknown kind ({number})"),
    }
}

fn u16_at(bytes: &[u8], at: usize) -> Option<u16> {
    bytes.get(at..at + 2)?.try_into().ok().map(u16::from_be_bytes)
}

fn u32_at(bytes: &[u8], at: usize) -> Option<u32> {
    bytes.get(at..at + 4)?.try_into().ok().map(u32::from_be_bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn file(head: &Head<'_>) -> Vec<u8> {
        let mut file = head.write();
        file.resize(head.layout().body.end + 1 + 2 * HASH_LEN, 0);
        file
    }

    fn class(file: &[u8]) -> &'static str {
        parse_head(file, Some(Kind::Device)).unwrap_err().class()
    }

    fn sample() -> Vec<u8> {
        file(&Head { kind: Kind::Device, image_id: [7; 16], core: b"{}", padded_len: PAD_TO })
    }

    #[test]
    fn each_field_has_its_class() {
        let change = |at: usize, byte: u8| {
            let mut file = sample();
            file[at] = byte;
            class(&file)
        };
        assert!(parse_head(&sample(), Some(Kind::Device)).is_ok());
        assert_eq!(change(0, 0), "magic");
        assert_eq!(change(9, 2), "version");
        assert_eq!(change(11, 2), "kind");
        assert_eq!(change(11, 9), "kind");
        assert_eq!(change(12, 1), "length");
        assert_eq!(change(15, 0), "length");
        assert_eq!(change(16, 0xff), "length");
        assert_eq!(change(19, 0x0f), "length");
    }

    #[test]
    fn every_truncation_is_refused() {
        let file = sample();
        for n in 0..file.len() {
            assert_eq!(class(&file[..n]), if n < 8 { "magic" } else { "length" }, "{n}");
        }
    }

    #[test]
    fn no_more_than_the_largest_file() {
        let mut file = sample();
        file.resize(MAX_FILE_LEN, 0);
        assert!(parse_head(&file, None).is_ok());
        file.push(0);
        assert_eq!(class(&file), "length");
        assert_eq!(MAX_FILE_LEN, 16_908_461, "schema/image.md says this number");
    }

    #[test]
    fn a_transfer_as_text_is_told_from_another_file() {
        let mut mangled = sample();
        mangled.remove(4);
        assert!(matches!(parse_head(&mangled, None), Err(HeadError::Magic { mangled: true })));
        assert!(matches!(parse_head(b"PK\x03\x04........", None), Err(HeadError::Magic { mangled: false })));
    }

    proptest! {
        #[test]
        fn written_heads_are_read_back(
            kind in prop::sample::select(vec![Kind::Device, Kind::SecretStore, Kind::Backup]),
            image_id: [u8; 16],
            core in prop::collection::vec(any::<u8>(), 1..200),
            blocks in 1usize..8,
        ) {
            let head = Head { kind, image_id, core: &core, padded_len: blocks * PAD_TO };
            let bytes = file(&head);
            let read = parse_head(&bytes, None).unwrap();
            prop_assert_eq!(&read, &head);
            prop_assert!(bytes.starts_with(&read.write()));
        }
    }
}
