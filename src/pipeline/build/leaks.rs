//! No secret in what everybody may read: every public byte of a build is searched for every value that it knows, before
//! anything is put into place.

use std::sync::{Mutex, PoisonError};

use crate::finding::{Finding, codes};
use crate::pipeline::ReadySite;
use crate::secret::{SHORTEST, Search, SecretValue, Secrets, Sought};
use crate::site::secrets::wanted;
use crate::source::Loc;

/// The search of a build, and what it found.
pub(super) struct Leaks<'a> {
    search: Option<Search<'a>>,
    /// What was found, as it is said; the file; the line.
    found: Mutex<Vec<(String, String, usize)>>,
}

impl<'a> Leaks<'a> {
    /// For all values that are known, and for the passphrases of groups.
    pub(super) fn of(secrets: &'a Secrets, passphrases: &'a [(String, SecretValue)]) -> Leaks<'a> {
        let values = match secrets {
            Secrets::Loaded(values) => Some(values),
            _ => None,
        };
        let values = values.into_iter().flatten().map(|(name, value)| (Sought::Secret(name.as_str()), value));
        let phrases = passphrases.iter().map(|(group, value)| (Sought::Passphrase(group), value));
        let search = Search::of(values.chain(phrases).map(|(sought, value)| (sought, value.expose())));
        Leaks { search, found: Mutex::default() }
    }

    /// Looks through a public file. From any thread.
    pub(super) fn look(&self, path: &str, bytes: &[u8]) {
        if let Some((sought, line)) = self.search.as_ref().and_then(|search| search.find(bytes)) {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push((sought.to_string(), path.to_owned(), line));
        }
    }

    /// A finding for each value that was found, at the setting that names it. None shows the value.
    pub(super) fn findings(&self, ready: &ReadySite) -> Vec<Finding> {
        let mut found = std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner));
        found.sort();
        let places = if found.is_empty() { Vec::new() } else { wanted(&ready.site.devices) };
        found.chunk_by(|a, b| a.0 == b.0).map(|same| self.finding(ready, &places, same)).collect()
    }

    fn finding(
        &self,
        ready: &ReadySite,
        places: &[crate::site::secrets::Wanted],
        same: &[(String, String, usize)],
    ) -> Finding {
        let (sought, path, line) = &same[0];
        let more = match same.len() {
            1 => String::new(),
            n => format!(" and {} more files", n - 1),
        };
        let message = format!("{sought} would stand in `{path}`, line {line}{more}");
        let written = ready.sources.files().filter_map(|(_, file)| {
            let (found, line) = self.search.as_ref()?.find(file.text().as_bytes())?;
            (found.to_string() == *sought).then(|| format!("{}:{line}", file.name()))
        });
        let help = match written.take(5).collect::<Vec<_>>().as_slice() {
            [] => format!(
                "a value of {SHORTEST} characters or more that public files hold anyway is no secret: choose another one"
            ),
            written => format!(
                "it stands in clear in {}: take it out there and change the secret, git keeps it for ever; a word that \
                 has to stand there can be no secret",
                written.join(", ")
            ),
        };
        let place = places.iter().find(|wanted| Sought::Secret(wanted.name.as_str()).to_string() == *sought);
        let finding =
            Finding::new(codes::image::SECRET_IN_PUBLIC, place.map_or(Loc::NONE, |p| p.loc), message).help(help);
        match place {
            Some(place) => finding.device(&*place.device).path(&*place.path),
            None => finding,
        }
    }
}
