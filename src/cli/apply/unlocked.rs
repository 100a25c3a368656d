//! The image of the device, opened where that is asked for: to show one secret for one row, to look for secrets in what
//! was typed, and to seal a backup with the same passphrase.

use std::cell::OnceCell;
use std::io::Write as _;

use fieldlock::image::{Derivations, Expected, Opened, PartKind, PassphraseKey, Unlock, open, salts};
use fieldlock::native::Form;
use fieldlock::pipeline::verify::Listing;
use fieldlock::secret::{Search, SecretValue, Sought};

use super::super::args::PassphrasesArgs;
use super::super::asking::ask;
use super::super::problem::Problem;
use super::super::verify_keys::Keys;
use super::super::{clock, image_file, machine, terminal};
use super::NOTHING;

/// An image, and what opens it.
pub(super) struct Unlocked<'a> {
    listing: &'a Listing,
    image: &'a [u8],
    device: &'a str,
    given: &'a PassphrasesArgs,
    open: OnceCell<(Opened, PassphraseKey)>,
}

impl<'a> Unlocked<'a> {
    /// Of an image that verified; opened at once where its passphrase is at hand without asking.
    pub(super) fn of(
        listing: &'a Listing,
        (image, device): (&'a [u8], &'a str),
        given: &'a PassphrasesArgs,
    ) -> Result<Unlocked<'a>, Problem> {
        let unlocked = Unlocked { listing, image, device, given, open: OnceCell::new() };
        if !given.passphrase_file.is_empty() || given.passphrase_fd.is_some() {
            unlocked.opened()?;
        }
        Ok(unlocked)
    }

    /// The key that the image is sealed with; the passphrase is asked for where it was not given.
    pub(super) fn key(&self) -> Result<&PassphraseKey, Problem> {
        self.opened().map(|(_, key)| key)
    }

    /// What it holds.
    #[cfg(feature = "device")]
    pub(super) fn plain(&self) -> Result<&fieldlock::image::Plain, Problem> {
        self.opened().map(|(opened, _)| &opened.plain)
    }

    /// The values of its secrets, where it is open.
    pub(super) fn values(&self) -> Vec<(String, SecretValue)> {
        let Some((opened, _)) = self.open.get() else { return Vec::new() };
        let of_part = |part: &fieldlock::image::Part| -> Vec<(String, SecretValue)> {
            let spans = part.secrets.iter().filter_map(|span| {
                let value = part.bytes.expose().get(span.offset as usize..(span.offset + span.length) as usize)?;
                Some((name(&span.token).to_owned(), SecretValue::copy_of(value)))
            });
            spans.collect()
        };
        opened.plain.parts().iter().flat_map(of_part).collect()
    }

    /// The text that is sealed for the device's own form.
    pub(super) fn machine(&self, form: Form) -> Result<&SecretValue, Problem> {
        let (opened, _) = self.opened()?;
        let name = format!("native.{}", form.ending());
        let part = opened.plain.parts().iter().find(|part| part.kind == PartKind::Native && part.name == name);
        part.map(|part| &part.bytes).ok_or_else(|| {
            Problem::refused(format!("the image of {} holds no file for it", self.device)).state(NOTHING)
        })
    }

    /// Shows one secret at the terminal until the person has typed it.
    pub(super) fn show(&self, wanted: &str) -> Result<(), Problem> {
        if !terminal::can_show() {
            return Err(Problem::refused("secrets are shown on a terminal only").state("nothing was shown"));
        }
        self.opened()?;
        let values = self.values();
        let value = values.iter().find(|(name, _)| name == wanted).and_then(|(_, value)| value.expose_text());
        let Some(value) = value else {
            terminal::complain("      the image has no such secret that can be shown\n");
            return Ok(());
        };
        let mut out = std::io::stderr().lock();
        let _ =
            out.write_all(b"      ").and_then(|()| out.write_all(value.as_bytes())).and_then(|()| out.write_all(b"\n"));
        drop(out);
        let done = ask("      Enter when it is typed: it is taken off the screen", Some(""), &|_| Ok(()));
        // the two lines that it stood on
        terminal::complain("\x1b[2A\x1b[J");
        done
    }

    fn opened(&self) -> Result<&(Opened, PassphraseKey), Problem> {
        if let Some(open) = self.open.get() {
            return Ok(open);
        }
        let keys = Keys::of(self.given, true, self.listing)?;
        let refused = |why: &fieldlock::image::OpenError| image_file::refused(std::path::Path::new(self.device), why);
        let slots = salts(self.image).map_err(|why| refused(&why))?;
        let group = fieldlock::image::inspect(self.image).ok().and_then(|i| i.core).map(|core| core.group);
        let phrase = keys.copy(group.as_deref().unwrap_or_default());
        let (Some((kdf, salt)), Some(phrase)) = (slots.first().copied(), phrase) else {
            return Err(Problem::refused(format!("no passphrase opens the image of {}", self.device))
                .help("give that of its group with --passphrase-file; an image for recipients shows no secret here")
                .state(NOTHING));
        };
        let key = Derivations::new().derive(&phrase, kdf, salt, machine::ceiling());
        let key = key.map_err(|limit| Problem::invalid(limit.to_string()).help(limit.help()).state(NOTHING))?;
        let expected = Expected {
            site: Some(&self.listing.index.site),
            device: Some(self.device),
            origin: self.listing.origin(),
            seen: None,
            now: clock::now(),
            ceiling: machine::ceiling(),
        };
        let opened = open(self.image, &Unlock::Key(&key), &expected).map_err(|why| refused(&why))?;
        Ok(self.open.get_or_init(|| (opened, key)))
    }
}

/// Looks for the values of a device's secrets.
pub(super) fn search(values: &[(String, SecretValue)]) -> Option<Search<'_>> {
    Search::of(values.iter().map(|(name, value)| (Sought::Secret(name), value.expose())))
}

/// The name in a token: `<secret np21/ot-lead k7f3k:92xa6m0c4tq8d>`.
fn name(token: &str) -> &str {
    token.trim_start_matches("<secret ").split([' ', '>']).next().unwrap_or_default()
}
