//! No secret in what everybody may read: every public byte of a build is searched for every value that it knows, before
//! anything is put into place.

use std::sync::{Mutex, PoisonError};

use crate::finding::{Finding, codes};
use crate::pipeline::Plant;
use crate::secret::{SHORTEST, Search, SecretRef, Secrets};
use crate::site::secrets::wanted;
use crate::source::Loc;

/// The search of a build, and what it found.
pub(super) struct Leaks<'a> {
    search: Option<Search<'a>>,
    found: Mutex<Vec<(SecretRef, String, usize)>>,
}

impl<'a> Leaks<'a> {
    pub(super) fn of(secrets: &'a Secrets) -> Leaks<'a> {
        Leaks { search: Search::of(secrets), found: Mutex::default() }
    }

    /// Looks through a public file. From any thread.
    pub(super) fn look(&self, path: &str, bytes: &[u8]) {
        if let Some((name, line)) = self.search.as_ref().and_then(|search| search.find(bytes)) {
            let mut found = self.found.lock().unwrap_or_else(PoisonError::into_inner);
            found.push((name.clone(), path.to_owned(), line));
        }
    }

    /// A finding for each secret that was found, at the setting that names it. None shows the value.
    pub(super) fn findings(&self, plant: &Plant) -> Vec<Finding> {
        let mut found = std::mem::take(&mut *self.found.lock().unwrap_or_else(PoisonError::into_inner));
        found.sort();
        let places = if found.is_empty() { Vec::new() } else { wanted(&plant.site.devices) };
        found.chunk_by(|a, b| a.0 == b.0).map(|same| self.finding(plant, &places, same)).collect()
    }

    fn finding(
        &self,
        plant: &Plant,
        places: &[crate::site::secrets::Wanted],
        same: &[(SecretRef, String, usize)],
    ) -> Finding {
        let (name, path, line) = &same[0];
        let more = match same.len() {
            1 => String::new(),
            n => format!(" and {} more files", n - 1),
        };
        let message = format!("the value of the secret `{name}` would stand in `{path}`, line {line}{more}");
        let written = plant.sources.files().filter_map(|(_, file)| {
            let (found, line) = self.search.as_ref()?.find(file.text().as_bytes())?;
            (found == name).then(|| format!("{}:{line}", file.name()))
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
        let place = places.iter().find(|wanted| wanted.name == *name);
        let finding =
            Finding::new(codes::image::SECRET_IN_PUBLIC, place.map_or(Loc::NONE, |p| p.loc), message).help(help);
        match place {
            Some(place) => finding.device(&*place.device).path(&*place.path),
            None => finding,
        }
    }
}
