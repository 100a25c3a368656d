//! Why an image does not open: one class per step of the opening, in the order of the steps.

use super::core::CoreError;
use super::digest::Digest;
use super::header::HeadError;
use super::kdf::KdfLimit;
use super::parts::PartsError;
use super::slots::SlotsError;

/// The first step of the opening that failed. Holds nothing of the plaintext.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The beginning of the file is not one of a sealed file of the wanted kind.
    #[error(transparent)]
    Head(#[from] HeadError),
    /// The checksum does not fit.
    #[error("the image was damaged on its way here: its checksum does not fit")]
    Damaged,
    /// The readable part says something that no image says.
    #[error("the image's description of itself is not valid: {0}")]
    Core(#[from] CoreError),
    /// The table of slots is not one.
    #[error("the image's table of keys is not valid: {0}")]
    Slots(#[from] SlotsError),
    /// Turning the passphrase into a key would cost too much, or too little.
    #[error("the image's key derivation is refused: {0}")]
    KdfLimit(#[from] KdfLimit),
    /// Nothing proves where the image comes from, or a verified index names another one.
    #[error("{0}")]
    Signature(#[from] OriginProblem),
    /// No slot is ours.
    #[error("{0}")]
    Passphrase(#[from] PassphraseProblem),
    /// The slot is ours, and its data key does not unwrap.
    #[error("the image's key slot is forged or broken")]
    Slot,
    /// The table was changed by somebody without the data key.
    #[error("the image's table of keys was changed after sealing")]
    Mac,
    /// The payload belongs to another data key.
    #[error("the image's content is not the one that its key was made for")]
    Commit,
    /// The payload does not decrypt.
    #[error("the image's content is forged or broken")]
    Payload,
    /// The padding is not the one there can be.
    #[error("the image's content is not padded as it has to be")]
    Padding,
    /// The list of parts, or the manifest, is not valid.
    #[error("the image's content is not valid: {0}")]
    Parts(#[from] PartsError),
    /// Redacted, it is not the text that was reviewed.
    #[error("the image does not hold the text that was reviewed")]
    Review,
    /// Genuine, but not for here and now.
    #[error("{0}")]
    Stale(#[from] Stale),
}

/// Why the origin of an image is not proved.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OriginProblem {
    /// A verified index names another image.
    #[error("the image is not the one that the index names (index {}, image {})", wanted.short(), found.short())]
    Other {
        /// The digest that the index names.
        wanted: Digest,
        /// The image's own.
        found: Digest,
    },
    /// The verified index does not list the device.
    #[error("the signed index does not list this image")]
    Unlisted,
    /// Signers are configured, and no index with a valid signature came with the image.
    #[error("the image comes without an index that a trusted signer signed")]
    Missing,
    /// A recipient's key opens it, and no signer is configured: anybody could have made it.
    #[error("a recipient's key does not prove where the image comes from, and nobody is trusted here to sign")]
    Recipient,
}

/// Why no slot opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseProblem {
    /// There is a slot, and this is not its passphrase.
    #[error("wrong passphrase")]
    Wrong,
    /// There is no passphrase slot.
    #[error("this image has no passphrase")]
    NoSlot,
    /// There is a slot for a code, and this is not its code.
    #[error("wrong unlock code")]
    WrongCode,
    /// There is no slot for a code.
    #[error("this image has no unlock code")]
    NoCode,
    /// There is a slot for recipients, and its key is another one.
    #[error("the key does not belong to this image's recipients")]
    WrongRecipient,
    /// There is no slot for recipients.
    #[error("this image has no recipients")]
    NoRecipient,
    /// A code or a recipient's key, on a secret store.
    #[error("a secret store is opened by its passphrase only")]
    Store,
    /// The passphrase that everybody knows, on an image that is no demo.
    #[error("the demo passphrase can't open an image that is not marked as a demo")]
    Demo,
}

/// Why a genuine image is refused here and now.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Stale {
    /// Another site's.
    #[error("the image is for the site `{found}`, not for `{wanted}`")]
    Site {
        /// Asked for.
        wanted: String,
        /// In the image.
        found: String,
    },
    /// Another device's.
    #[error("the image is for the device `{found}`, not for `{wanted}`")]
    Device {
        /// Asked for.
        wanted: String,
        /// In the image.
        found: String,
    },
    /// A waiver that it stands on has ended.
    #[error("the image stands on a waiver that ended on {not_after}")]
    Ended {
        /// When, RFC 3339 UTC.
        not_after: String,
    },
    /// A higher revision was seen on this computer.
    #[error("the image is revision {found}, and revision {seen} of this device was seen on this computer")]
    Older {
        /// In the image.
        found: u32,
        /// The highest that was seen.
        seen: u32,
    },
    /// The same revision was seen on this computer with other content: two builds from one state.
    #[error("revision {revision} of this device was seen on this computer with other content")]
    Twin {
        /// In both images.
        revision: u32,
    },
}

impl OpenError {
    /// The class: a word that scripts and test vectors may rely on.
    pub fn class(&self) -> &'static str {
        match self {
            OpenError::Head(head) => head.class(),
            OpenError::Damaged => "damaged",
            OpenError::Core(_) => "core",
            OpenError::Slots(_) => "slots",
            OpenError::KdfLimit(_) => "kdf-limit",
            OpenError::Signature(_) => "signature",
            OpenError::Passphrase(_) => "passphrase",
            OpenError::Slot => "slot",
            OpenError::Mac => "mac",
            OpenError::Commit => "commit",
            OpenError::Payload => "payload",
            OpenError::Padding => "padding",
            OpenError::Parts(_) => "parts",
            OpenError::Review => "review",
            OpenError::Stale(_) => "stale",
        }
    }

    /// What to do about it.
    pub fn help(&self) -> &'static str {
        use super::header::COPY_AGAIN;
        const FORGED: &str = "somebody who knows its key made it by other means than fieldlock; don't use it, find out \
                              where it came from, and build the image anew";
        match self {
            OpenError::Head(head) => head.help(),
            OpenError::Damaged => COPY_AGAIN,
            OpenError::Core(_) | OpenError::Slots(_) => {
                "it is whole, but no fieldlock writes this; build the image anew, and ask where this one came from"
            }
            OpenError::KdfLimit(limit) => limit.help(),
            OpenError::Signature(OriginProblem::Other { .. } | OriginProblem::Unlisted) => {
                "take image and index from the same build"
            }
            OpenError::Signature(OriginProblem::Missing) => {
                "bring `index.json` and `index.json.sig` of the build with it; a passphrase does not stand in for them \
                 where signers are configured"
            }
            OpenError::Signature(OriginProblem::Recipient) => {
                "trust whoever signs the builds with `fieldlock trust add`, or open it by its passphrase"
            }
            OpenError::Passphrase(PassphraseProblem::Wrong) => {
                "the file itself is whole; `fieldlock image inspect` says which group's passphrase it wants"
            }
            OpenError::Passphrase(PassphraseProblem::WrongCode) => {
                "the file itself is whole; a code opens the one copy that it was granted for"
            }
            OpenError::Passphrase(PassphraseProblem::WrongRecipient) => {
                "ask whoever built it for an image that names you as a recipient"
            }
            OpenError::Passphrase(
                PassphraseProblem::NoSlot | PassphraseProblem::NoCode | PassphraseProblem::NoRecipient,
            ) => "`fieldlock image inspect` says what it is opened by",
            OpenError::Passphrase(PassphraseProblem::Store) => "give the passphrase of its group",
            OpenError::Passphrase(PassphraseProblem::Demo) => "everybody knows that passphrase; give the site's own",
            OpenError::Slot | OpenError::Mac | OpenError::Commit | OpenError::Payload => FORGED,
            OpenError::Padding | OpenError::Parts(_) | OpenError::Review => FORGED,
            OpenError::Stale(Stale::Site { .. } | Stale::Device { .. }) => {
                "take the image that is for it; `fieldlock image inspect` says what each is for"
            }
            OpenError::Stale(Stale::Older { .. }) => {
                "take the newest image; to go back on purpose, say why with `--allow-rollback`"
            }
            OpenError::Stale(Stale::Twin { .. }) => {
                "two builds were made from one state: find out which is meant, and build again on top of the other; to \
                 use this one on purpose, say why with `--allow-rollback`"
            }
            OpenError::Stale(Stale::Ended { .. }) => {
                "build again: without the waiver its rule holds, or a new waiver says why not"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::header::Kind;

    fn one_of_each() -> Vec<OpenError> {
        let digest = Digest::of(b"");
        vec![
            HeadError::Magic { mangled: false }.into(),
            HeadError::Version { found: 2 }.into(),
            HeadError::Kind { wanted: Some(Kind::Device), found: 2 }.into(),
            HeadError::Length { what: "the file is cut short" }.into(),
            OpenError::Damaged,
            OpenError::Core(CoreError::TooLong),
            OpenError::Slots(SlotsError("there is none")),
            OpenError::KdfLimit(KdfLimit::Passes { t: 2 }),
            OpenError::Signature(OriginProblem::Other { wanted: digest, found: digest }),
            OpenError::Passphrase(PassphraseProblem::Wrong),
            OpenError::Slot,
            OpenError::Mac,
            OpenError::Commit,
            OpenError::Payload,
            OpenError::Padding,
            OpenError::Parts(PartsError::Order),
            OpenError::Review,
            OpenError::Stale(Stale::Device { wanted: "a".into(), found: "b".into() }),
        ]
    }

    #[test]
    fn the_page_for_strangers_lists_the_classes_in_their_order() {
        let page = include_str!("../../schema/image.md");
        let order = &page[page.find("## 9. Order of opening").unwrap()..page.find("## 10.").unwrap()];
        let rows: Vec<&str> =
            order.lines().filter_map(|line| line.split('`').nth(1).filter(|_| line.starts_with("| "))).collect();
        let classes: Vec<&str> = one_of_each().iter().map(OpenError::class).collect();
        assert_eq!(rows, classes);
    }

    #[test]
    fn messages_are_as_all_messages_are() {
        for error in one_of_each() {
            let text = error.to_string();
            assert!(!text.ends_with('.') && !text.contains("  ") && !text.starts_with(char::is_uppercase), "{text}");
            let help = error.help();
            assert!(!help.is_empty() && !help.ends_with('.') && !help.contains("  "), "{help}");
        }
        let kind = OpenError::from(HeadError::Kind { wanted: Some(Kind::Device), found: 2 });
        assert_eq!(kind.to_string(), "this is a secret store, not a device image");
    }
}
