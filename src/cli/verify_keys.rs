//! What opens the images that are looked at.

use std::path::Path;

use fieldlock::image::{Derivations, Passphrase, Unlock};
use fieldlock::pipeline::verify::Listing;
use fieldlock::report::escape;
use fieldlock::secret::{Search, Sought};

use super::args::{PassphraseArgs, PassphrasesArgs};
use super::problem::Problem;
use super::{passphrase, terminal};

/// What opens the images: one passphrase for all, or one for each group.
pub(crate) struct Keys(Vec<(Option<String>, Passphrase, Derivations)>);

impl Keys {
    /// The passphrase that everybody knows.
    pub(crate) fn demo() -> Keys {
        Keys(vec![(None, Passphrase::demo(), Derivations::new())])
    }

    /// As the flags say; asked for where one is `needed`.
    pub(crate) fn of(given: &PassphrasesArgs, needed: bool, read: &Listing) -> Result<Keys, Problem> {
        if given.passphrase_fd.is_some() || (needed && given.passphrase_file.is_empty()) {
            let single = PassphraseArgs { passphrase_file: None, passphrase_fd: given.passphrase_fd };
            let ask = format!("passphrase of {}: ", escape::line(&read.index.site));
            return Ok(Keys(vec![(None, passphrase::read(&single, &ask)?, Derivations::new())]));
        }
        if let Some(typed) = offered(given, read)? {
            return Ok(Keys(vec![(None, typed, Derivations::new())]));
        }
        let mut keys = Vec::new();
        for file in &given.passphrase_file {
            // a path may hold the sign too
            let named = file.to_str().and_then(|text| text.split_once('=')).filter(|_| !file.exists());
            let (group, file) = match named {
                Some((group, file)) => (Some(group.to_owned()), Path::new(file)),
                None => (None, file.as_path()),
            };
            keys.push((
                group,
                passphrase::checked(&passphrase::content(file, "--passphrase-file")?)?,
                Derivations::new(),
            ));
        }
        Ok(Keys(keys))
    }

    /// The group's own, or the one that is for all.
    pub(crate) fn unlock(&self, group: &str) -> Option<Unlock<'_>> {
        let (_, passphrase, derivations) = self.of_group(group)?;
        Some(Unlock::Passphrase { passphrase, derivations })
    }

    /// The group's passphrase, for its secrets.
    pub(crate) fn copy(&self, group: &str) -> Option<Passphrase> {
        self.of_group(group).map(|(_, passphrase, _)| passphrase.copy())
    }

    /// The passphrases, to be looked for where they must not stand; one that is for all under the site's name.
    pub(crate) fn sought<'a>(&'a self, site: &'a str) -> Option<Search<'a>> {
        let of = |group: &'a Option<String>| Sought::Passphrase(group.as_deref().unwrap_or(site));
        Search::of(self.0.iter().map(|(group, passphrase, _)| (of(group), passphrase.value().expose())))
    }

    fn of_group(&self, group: &str) -> Option<&(Option<String>, Passphrase, Derivations)> {
        let own = self.0.iter().find(|(of, ..)| of.as_deref() == Some(group));
        own.or_else(|| self.0.iter().find(|(of, ..)| of.is_none()))
    }
}

/// Where nobody's signature proves the images, a passphrase can: a person at a terminal is asked for it, and may go
/// without.
fn offered(given: &PassphrasesArgs, read: &Listing) -> Result<Option<Passphrase>, Problem> {
    if read.signed().is_some() || read.index.demo || !given.passphrase_file.is_empty() || !terminal::can_ask() {
        return Ok(None);
    }
    let ask = format!("passphrase of {}, or Enter to go without: ", escape::line(&read.index.site));
    let typed = passphrase::typed(&ask, "passphrase", "--passphrase-file")?;
    if typed.is_empty() { Ok(None) } else { passphrase::checked(&typed).map(Some) }
}
