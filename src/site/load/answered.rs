//! What people of a site answer for: waivers, attestations, and devices that they took out.

use std::collections::{BTreeMap, BTreeSet};

use super::super::checks::Known;
use super::super::documents::{Document, Kind};
use super::super::types::{Site, SiteAttestation, SiteWaiver};
use super::{Load, Planned, plan_stem};
use crate::finding::{Finding, codes};
use crate::model::Facts;
use crate::source::{FileId, Loc};

impl Load<'_> {
    pub(super) fn waivers(&mut self, site: &mut Site, check: bool, files: Vec<(&Planned, Document)>) {
        let answered = self.answered(site, check, Kind::Waiver, files);
        site.waivers = answered.into_iter().map(|(loc, facts, typed)| SiteWaiver { loc, facts, typed }).collect();
    }

    pub(super) fn attestations(&mut self, site: &mut Site, check: bool, files: Vec<(&Planned, Document)>) {
        let said = self.answered(site, check, Kind::Attestation, files);
        let wrong = self.findings.iter().filter(|f| f.is_input_error()).map(|f| f.loc.file);
        let wrong: BTreeSet<FileId> = wrong.collect();
        let sound = |loc: Loc| !wrong.contains(&loc.file);
        let said = said.into_iter().map(|(loc, facts, typed)| SiteAttestation { sound: sound(loc), loc, facts, typed });
        site.attestations = said.collect();
    }

    /// Devices that were taken out. Their descriptions are kept and never read; a name that comes back would take the
    /// secrets and records of another unit for its own.
    pub(super) fn retired(&mut self, site: &mut Site) {
        let paths = match self.root.list("retired", "kdl") {
            Ok(paths) => paths,
            Err(problem) => return self.findings.push(problem.finding(site.loc)),
        };
        for path in paths {
            if path.starts_with("retired/captures/") {
                continue;
            }
            let name = plan_stem(&path).to_owned();
            if let Some(device) = site.device(&name) {
                let message = format!("`{name}` is the name of a device that was taken out: `{path}`");
                self.findings.push(Finding::new(codes::site::RETIRED_NAME, device.loc, message).device(&*name));
            }
            site.retired.insert(name);
        }
    }

    /// What people of the site answer for, a file each, by numbers that are given once.
    fn answered<T: for<'f> serde::Deserialize<'f>>(
        &mut self,
        site: &Site,
        check: bool,
        kind: Kind,
        files: Vec<(&Planned, Document)>,
    ) -> Vec<(Loc, Facts, T)> {
        let mut first: BTreeMap<String, Loc> = BTreeMap::new();
        let mut all = Vec::new();
        for (_, document) in files {
            let name = document.name().map(|(name, loc)| (name.to_owned(), loc));
            let Document { facts: Some(facts), loc, .. } = document else { continue };
            self.required(&facts);
            if check {
                Known::new(&site.typed, &site.facts).people(&facts, &mut self.findings);
            }
            if let Some((name, at)) = name
                && let Some(twin) = first.insert(name.clone(), at)
            {
                let message = format!("a second {} `{name}`", kind.word());
                let finding = Finding::new(codes::site::TWIN_NAMES, at, message);
                self.findings.push(finding.related(twin, "the first one"));
            }
            all.extend(self.typed(&facts, loc).map(|typed| (loc, facts, typed)));
        }
        all
    }
}
