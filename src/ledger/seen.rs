//! The highest revision that this computer saw of each device, so that an older image is noticed (attacks M7 and H13).
//! A list in canonical JSON; which file it is, and its lock, are the command line's.
//!
//! The highest revision never goes down. Whoever goes back to an older image says why; that is kept, and the same image
//! is taken again without asking until a newer one is seen.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::image::canonical::{self, CanonicalError};
use crate::image::core::{MAX_TEXT, is_name, utc};
use crate::image::{Core, Digest, Seen};

/// What the list says it is.
pub const FORMAT: &str = "fieldlock-seen.v1";
/// Most devices that are remembered.
pub const MAX_DEVICES: usize = 200_000;
/// The largest list, in bytes.
pub const MAX_SEEN_LEN: usize = 128 << 20;
/// Most goings back that are kept of one device; the oldest goes first.
pub const MAX_KEPT: usize = 8;

/// The highest revisions seen, by site and device.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct SeenRevisions {
    devices: BTreeMap<(String, String), SeenDevice>,
}

/// What was seen of one device.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SeenDevice {
    /// The highest revision seen, and which image it was.
    pub highest: Seen,
    /// Goings back to something else, the latest last.
    pub rollbacks: Vec<Rollback>,
    /// Whether the latest of them is where things stand: nothing newer was seen since.
    pub went_back: bool,
}

/// One going back, and why.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rollback {
    /// When, `YYYY-MM-DDTHH:MM:SSZ`.
    pub at: String,
    /// The image that was taken.
    pub digest: Digest,
    /// Why, in the person's words: 1 to 200 bytes.
    pub reason: String,
    /// Its revision.
    pub revision: u32,
}

/// An image that held in everything else.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// The site.
    pub site: String,
    /// The device.
    pub device: String,
    /// The revision and the image's digest.
    pub seen: Seen,
}

/// Why somebody goes back to an older image.
#[derive(Debug, Clone, Copy)]
pub struct Reason<'a> {
    /// In the person's words.
    pub text: &'a str,
    /// When.
    pub at: Timestamp,
}

/// Why a list is not one of seen revisions, or something can't be kept in it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SeenError {
    /// More bytes than a list has.
    #[error("it is larger than 128 MiB")]
    TooLarge,
    /// Not canonical JSON of a list.
    #[error("it is damaged, or was edited: {0}")]
    Json(#[from] CanonicalError),
    /// A value that no list has.
    #[error("it is damaged, or was edited: {what}")]
    Value {
        /// What is wrong.
        what: &'static str,
    },
    /// There is no room for another device.
    #[error("it is full: {MAX_DEVICES} devices are remembered")]
    Full,
    /// A reason that is none.
    #[error("a reason has 1 to {MAX_TEXT} bytes")]
    Reason,
    /// Lower than what was seen, or another of the same revision, and no reason was given.
    #[error(
        "`{device}` of `{site}` was seen here in revision {} ({}), this is revision {} ({})",
        highest.revision, highest.digest.short(), found.revision, found.digest.short()
    )]
    Stale {
        /// The site.
        site: String,
        /// The device.
        device: String,
        /// What was seen before.
        highest: Seen,
        /// What is there now.
        found: Seen,
    },
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct List {
    format: String,
    seen: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    device: String,
    digest: Digest,
    revision: u32,
    rollbacks: Vec<Rollback>,
    site: String,
    went_back: bool,
}

impl Sighting {
    /// Of an image by what it says of itself, once that is proved.
    pub fn of(core: &Core, digest: Digest) -> Sighting {
        Sighting {
            site: core.site.clone(),
            device: core.device.clone(),
            seen: Seen { revision: core.revision, digest },
        }
    }
}

impl SeenDevice {
    /// Whether an image may be used without a reason: it is newer, the same, or the one that somebody went back to.
    pub fn takes(&self, found: &Seen) -> bool {
        let same = |revision, digest: &Digest| (revision, digest) == (found.revision, &found.digest);
        found.revision > self.highest.revision
            || same(self.highest.revision, &self.highest.digest)
            || (self.went_back && self.rollbacks.last().is_some_and(|back| same(back.revision, &back.digest)))
    }
}

impl SeenRevisions {
    /// Reads a list, strictly: what is damaged is told, never taken for empty.
    pub fn parse(bytes: &[u8]) -> Result<SeenRevisions, SeenError> {
        if bytes.len() > MAX_SEEN_LEN {
            return Err(SeenError::TooLarge);
        }
        let list: List = canonical::read(bytes)?;
        if list.format != FORMAT {
            return Err(SeenError::Value { what: "it is of another format" });
        }
        if list.seen.len() > MAX_DEVICES {
            return Err(SeenError::Full);
        }
        if !list.seen.is_sorted_by(|a, b| (&a.site, &a.device) < (&b.site, &b.device)) {
            return Err(SeenError::Value { what: "its devices are not in their order" });
        }
        let devices = list.seen.into_iter().map(Entry::seen).collect::<Result<_, _>>()?;
        Ok(SeenRevisions { devices })
    }

    /// The list's one spelling.
    pub fn to_bytes(&self) -> Result<Vec<u8>, SeenError> {
        let seen = self.devices.iter().map(|((site, device), known)| Entry {
            device: device.clone(),
            digest: known.highest.digest,
            revision: known.highest.revision,
            rollbacks: known.rollbacks.clone(),
            site: site.clone(),
            went_back: known.went_back,
        });
        let bytes = canonical::write(&List { format: FORMAT.to_owned(), seen: seen.collect() })?;
        if bytes.len() > MAX_SEEN_LEN { Err(SeenError::TooLarge) } else { Ok(bytes) }
    }

    /// What is remembered of a device.
    pub fn of(&self, site: &str, device: &str) -> Option<&SeenDevice> {
        self.devices.get(&(site.to_owned(), device.to_owned()))
    }

    /// The going back by which an image is taken that is older than what was seen, if it is.
    pub fn went_back(&self, sighting: &Sighting) -> Option<&Rollback> {
        let known = self.of(&sighting.site, &sighting.device)?;
        let older = known.highest != sighting.seen && sighting.seen.revision <= known.highest.revision;
        known.rollbacks.last().filter(|_| older && known.went_back && known.takes(&sighting.seen))
    }

    /// How many devices are remembered.
    pub fn len(&self) -> usize {
        self.devices.len()
    }

    /// Whether nothing is remembered.
    pub fn is_empty(&self) -> bool {
        self.devices.is_empty()
    }

    /// What to hold an image of a device against: for [`Expected::seen`](crate::image::Expected::seen). `None` where
    /// nothing was seen, or where this very image is the one that somebody went back to.
    pub fn expects(&self, site: &str, device: &str, found: &Seen) -> Option<Seen> {
        self.of(site, device).filter(|known| !(known.went_back && known.takes(found))).map(|known| known.highest)
    }

    /// Whether an image may be used without a reason.
    pub fn check(&self, sighting: &Sighting) -> Result<(), SeenError> {
        match self.of(&sighting.site, &sighting.device) {
            Some(known) if !known.takes(&sighting.seen) => Err(SeenError::Stale {
                site: sighting.site.clone(),
                device: sighting.device.clone(),
                highest: known.highest,
                found: sighting.seen,
            }),
            _ => Ok(()),
        }
    }

    /// Remembers an image, after everything else held. True where that changed something.
    ///
    /// # Errors
    /// [`SeenError::Stale`] where it is older than what was seen, or another of the same revision, and no reason is
    /// given; nothing changes then.
    pub fn remember(&mut self, sighting: &Sighting, reason: Option<Reason<'_>>) -> Result<bool, SeenError> {
        if !(is_name(&sighting.site) && is_name(&sighting.device)) || sighting.seen.revision == 0 {
            return Err(SeenError::Value { what: "a site or device has no name" });
        }
        let checked = self.check(sighting);
        let found = &sighting.seen;
        let key = (sighting.site.clone(), sighting.device.clone());
        let full = self.devices.len() >= MAX_DEVICES;
        let Some(known) = self.devices.get_mut(&key) else {
            if full {
                return Err(SeenError::Full);
            }
            let fresh = SeenDevice { highest: *found, rollbacks: Vec::new(), went_back: false };
            self.devices.insert(key, fresh);
            return Ok(true);
        };
        if checked.is_err() {
            let Some(reason) = reason else { return checked.map(|()| false) };
            known.go_back(found, reason)?;
            return Ok(true);
        }
        let forward = found.revision > known.highest.revision || found.digest == known.highest.digest;
        let changed = forward && (known.highest != *found || known.went_back);
        if changed {
            known.highest = *found;
            known.went_back = false;
        }
        Ok(changed)
    }
}

impl SeenDevice {
    fn go_back(&mut self, to: &Seen, reason: Reason<'_>) -> Result<(), SeenError> {
        let back = Rollback {
            at: reason.at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            digest: to.digest,
            reason: reason.text.trim().to_owned(),
            revision: to.revision,
        };
        if !back.is_sound() {
            return Err(SeenError::Reason);
        }
        if self.rollbacks.len() == MAX_KEPT {
            self.rollbacks.remove(0);
        }
        self.rollbacks.push(back);
        self.went_back = true;
        Ok(())
    }
}

impl Rollback {
    fn is_sound(&self) -> bool {
        !self.reason.is_empty() && self.reason.len() <= MAX_TEXT && self.revision >= 1 && utc(&self.at).is_some()
    }
}

impl Entry {
    fn seen(self) -> Result<((String, String), SeenDevice), SeenError> {
        let checks = [
            (is_name(&self.site) && is_name(&self.device), "a site or device has no name"),
            (self.revision >= 1, "a revision is 0"),
            (
                self.rollbacks.len() <= MAX_KEPT && self.rollbacks.iter().all(Rollback::is_sound),
                "a going back is not one",
            ),
            (!self.went_back || !self.rollbacks.is_empty(), "somebody went back and to nothing"),
        ];
        if let Some((_, what)) = checks.into_iter().find(|(holds, _)| !holds) {
            return Err(SeenError::Value { what });
        }
        let highest = Seen { revision: self.revision, digest: self.digest };
        let known = SeenDevice { highest, rollbacks: self.rollbacks, went_back: self.went_back };
        Ok(((self.site, self.device), known))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(revision: u32, content: &str) -> Sighting {
        let seen = Seen { revision, digest: Digest::of(content.as_bytes()) };
        Sighting { site: "west".into(), device: "np07".into(), seen }
    }

    fn because(text: &str) -> Option<Reason<'_>> {
        Some(Reason { text, at: "2026-03-11T09:42:00Z".parse().unwrap() })
    }

    fn at_revision_9() -> SeenRevisions {
        let mut seen = SeenRevisions::default();
        assert_eq!(seen.remember(&image(9, "nine"), None), Ok(true));
        seen
    }

    fn stale(seen: &SeenRevisions, image: &Sighting) -> bool {
        matches!(seen.check(image), Err(SeenError::Stale { .. }))
    }

    #[test]
    fn the_highest_revision_never_goes_down() {
        let mut seen = at_revision_9();
        assert_eq!(seen.remember(&image(9, "nine"), None), Ok(false), "the same again");
        assert_eq!(seen.remember(&image(11, "eleven"), None), Ok(true));
        for old in [image(10, "ten"), image(9, "nine"), image(11, "another eleven")] {
            assert!(stale(&seen, &old), "{old:?}");
            let before = seen.clone();
            assert!(matches!(seen.remember(&old, None), Err(SeenError::Stale { .. })));
            assert_eq!(seen, before);
            assert_eq!(seen.expects("west", "np07", &old.seen).unwrap().revision, 11);
        }
    }

    /// H13: the same device name in another site is another device.
    #[test]
    fn h13_sites_and_devices_are_apart() {
        let seen = at_revision_9();
        for (site, device) in [("east", "np07"), ("west", "np08")] {
            let other = Sighting { site: site.into(), device: device.into(), ..image(1, "one") };
            assert_eq!(seen.check(&other), Ok(()));
        }
    }

    #[test]
    fn going_back_needs_a_reason_that_is_kept_and_holds_until_something_newer_comes() {
        let mut seen = at_revision_9();
        let old = image(8, "eight");
        assert_eq!(seen.remember(&old, because("CHG-4471 taken back")), Ok(true));
        assert_eq!(seen.check(&old), Ok(()), "the same again needs no reason");
        assert_eq!(seen.expects("west", "np07", &old.seen), None);
        assert!(stale(&seen, &image(8, "another eight")) && stale(&seen, &image(7, "seven")));
        assert_eq!(seen.remember(&old, None), Ok(false));
        let known = seen.of("west", "np07").unwrap();
        assert_eq!((known.highest.revision, &*known.rollbacks[0].reason), (9, "CHG-4471 taken back"));

        assert_eq!(seen.remember(&image(9, "nine"), None), Ok(true), "forward again");
        assert!(stale(&seen, &old), "and the way back is closed again");
        assert_eq!(seen.of("west", "np07").unwrap().rollbacks.len(), 1, "why somebody went back stays");
    }

    #[test]
    fn a_reason_is_one() {
        let mut seen = at_revision_9();
        for text in ["", "  ", &"x".repeat(MAX_TEXT + 1)] {
            assert_eq!(seen.remember(&image(8, "eight"), because(text)), Err(SeenError::Reason));
        }
        for n in 0..20 {
            assert_eq!(seen.remember(&image(1, &format!("{n}")), because("trying")), Ok(true));
        }
        assert_eq!(seen.of("west", "np07").unwrap().rollbacks.len(), MAX_KEPT);
        assert_eq!(SeenRevisions::parse(&seen.to_bytes().unwrap()), Ok(seen));
    }

    #[test]
    fn a_list_is_read_back_and_nothing_else_is() {
        let mut seen = at_revision_9();
        assert_eq!(seen.remember(&image(8, "eight"), because("na\u{ef}ve\u{202e}")), Ok(true));
        let other = Sighting { site: "east".into(), ..image(1, "one") };
        assert_eq!(seen.remember(&other, None), Ok(true));
        let bytes = seen.to_bytes().unwrap();
        assert!(bytes.is_ascii());
        assert_eq!(SeenRevisions::parse(&bytes), Ok(seen));
        let text = String::from_utf8(bytes.clone()).unwrap();
        for (what, bad) in [
            ("nothing", String::new()),
            ("cut", text[..text.len() - 1].to_owned()),
            ("line end", format!("{text}\n")),
            ("format", text.replace("seen.v1", "seen.v2")),
            ("order", text.replace("\"east\"", "\"zz\"")),
            ("twice", text.replace("\"east\"", "\"west\"")),
            ("name", text.replace("\"east\"", "\"../x\"")),
            ("revision", text.replace("\"revision\":9", "\"revision\":0")),
            ("nowhere back", text.replacen("\"went_back\":false", "\"went_back\":true", 1)),
            ("unknown key", text.replacen("{\"device\"", "{\"also\":1,\"device\"", 1)),
        ] {
            assert!(SeenRevisions::parse(bad.as_bytes()).is_err(), "{what}");
        }
        for n in 0..text.len() {
            assert!(SeenRevisions::parse(&bytes[..n]).is_err(), "cut at {n}");
        }
    }

    #[test]
    fn a_list_of_more_bytes_than_any_has() {
        assert_eq!(SeenRevisions::parse(&vec![b'{'; MAX_SEEN_LEN + 1]).err(), Some(SeenError::TooLarge));
        assert_ne!(SeenRevisions::parse(b"{").err(), Some(SeenError::TooLarge));
    }

    #[test]
    fn what_has_no_name_is_not_remembered() {
        let mut seen = SeenRevisions::default();
        for bad in [image(0, "x"), Sighting { site: "West".into(), ..image(1, "x") }] {
            assert!(seen.remember(&bad, None).is_err());
        }
        assert!(seen.is_empty());
    }
}
