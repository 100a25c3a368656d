//! Loading: list, read side by side, check, merge, and hold it all against `site.kdl`.
//!
//! Files get their numbers before they are read, in the order of their paths, so that the same site gives the same
//! findings whatever thread was faster.

mod answered;
mod captures;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use super::assemble::{Around, Assembled, assemble};
use super::checks::Known;
use super::device::SiteDevice;
use super::documents::{self, Document, Kind};
use super::files::{FileProblem, MAX_FILES, Root};
use super::groups;
use super::profiles::Profiles;
use super::types::{Loaded, OwnPack, PackFile, Site, SiteAdoption, SiteLock};
use crate::dialect::SiteTables;
use crate::finding::{Finding, codes};
use crate::model::adoption::Adoption;
use crate::model::shape::Shape;
use crate::model::value::Version;
use crate::model::{self, Facts};
use crate::source::{FileId, Loc, Origin, SourceMap, Span};

/// The folder of a site's own tables.
const TABLES: &str = "dialects";

/// How much a site may hold, and whom to tell that it goes on.
pub struct LoadOptions<'a> {
    /// Most files of a site. [`MAX_FILES`] unless a test wants less.
    pub max_files: usize,
    /// Most profiles in a chain of `use` lines.
    pub max_profile_depth: usize,
    /// Most values of a merged device.
    pub max_facts: usize,
    /// Called once per device read, from any thread.
    pub progress: Option<&'a (dyn Fn() + Sync)>,
}

impl Default for LoadOptions<'_> {
    fn default() -> Self {
        LoadOptions { max_files: MAX_FILES, max_profile_depth: 16, max_facts: 100_000, progress: None }
    }
}

/// Loads a site: everything that could be read, and every finding about the rest, by place.
pub fn load(root: &Root, options: &LoadOptions) -> Loaded {
    let mut load = Load { root, options, sources: SourceMap::new(), findings: Vec::new(), listed: true };
    let site = load.site();
    let Load { sources, mut findings, .. } = load;
    join_equal(&mut findings);
    Loaded { site, sources, findings }
}

/// Why no device can be called so, and what to do; none where one can.
pub fn reserved(name: &str) -> Option<(String, String)> {
    matches!(name, "site" | "shared").then(|| {
        let help = format!("secrets under `{name}/` belong to no device; choose another name");
        (format!("no device can be called `{name}`"), help)
    })
}

struct Load<'a> {
    root: &'a Root,
    options: &'a LoadOptions<'a>,
    sources: SourceMap,
    findings: Vec<Finding>,
    /// Whether every folder could be listed, so that what is not there is really missing.
    listed: bool,
}

/// A file that will be read, or the finding that keeps it from being read.
struct Planned {
    kind: Kind,
    path: String,
    refused: Option<Finding>,
}

impl Planned {
    fn stem(&self) -> &str {
        let name = self.path.rsplit('/').next().unwrap_or(&self.path);
        name.strip_suffix(".kdl").unwrap_or(name)
    }
}

impl Load<'_> {
    fn site(&mut self) -> Site {
        let plan = self.plan();
        let documents = self.read(&plan);
        let mut by_kind: BTreeMap<&str, Vec<(&Planned, Document)>> = BTreeMap::new();
        for (planned, document) in plan.iter().zip(documents) {
            by_kind.entry(planned.kind.word()).or_default().push((planned, document));
        }
        let mut take = |kind: Kind| by_kind.remove(kind.word()).unwrap_or_default();

        let mut site = self.site_file(take(Kind::Site).pop().map(|(_, d)| d));
        let site_read = site.loc.is_some();
        site.tables = self.own_tables(site.loc);
        let profiles = self.profiles(take(Kind::Profile));
        let devices = take(Kind::Device);
        if devices.is_empty() && site_read && self.listed {
            self.no_devices(&site);
        }
        self.devices(&mut site, site_read, &profiles, devices);
        if site_read {
            let (groups, findings) = groups::assign(&site, self.listed);
            site.groups = groups;
            self.findings.extend(findings);
        }
        self.waivers(&mut site, site_read, take(Kind::Waiver));
        self.attestations(&mut site, site_read, take(Kind::Attestation));
        self.retired(&mut site);
        self.captures(&mut site, site_read, take(Kind::Capture));
        self.own_packs(&mut site);
        site.lock = self.lock();
        site.adoption = self.adoption(&site);
        site
    }

    /// All KDL files but those of packs, `site.kdl` first, then by folder and path.
    fn plan(&mut self) -> Vec<Planned> {
        let mut plan = vec![Planned { kind: Kind::Site, path: "site.kdl".to_owned(), refused: None }];
        for kind in Kind::IN_FOLDERS {
            match self.root.list(kind.folder(), "kdl") {
                Ok(paths) => plan.extend(paths.into_iter().map(|path| Planned { kind, path, refused: None })),
                Err(problem) => {
                    self.listed = false;
                    self.findings.push(problem.finding(Loc::NONE));
                }
            }
        }
        if plan.len() > self.options.max_files {
            let message = format!("the site has {} files, more than {}", plan.len(), self.options.max_files);
            let finding = Finding::new(codes::site::TOO_MANY_FILES, Loc::NONE, message);
            self.findings.push(finding.help("is this the site's own folder? split it into several sites"));
            self.listed = false;
            plan.truncate(1);
        }
        refuse_twins(&mut plan);
        plan
    }

    /// Reads and checks side by side; texts and masks go into the source map in the order of the plan.
    fn read(&mut self, plan: &[Planned]) -> Vec<Document> {
        let (root, progress) = (self.root, self.options.progress);
        let read = |(index, planned): (usize, &Planned)| {
            let file = FileId(index as u32);
            let document = match &planned.refused {
                Some(finding) => {
                    Document::unread(file, Finding { loc: Loc::new(file, Span::default()), ..finding.clone() })
                }
                None => documents::read(root, planned.kind, file, &planned.path),
            };
            if let (Kind::Device, Some(tell)) = (planned.kind, progress) {
                tell();
            }
            document
        };
        let documents: Vec<Document> = plan.par_iter().enumerate().map(read).collect();
        for (planned, document) in plan.iter().zip(&documents) {
            let file = self.sources.add(planned.path.as_str(), document.text.clone());
            self.sources.veil(file, crate::syntax::comments);
            for mask in &document.masks {
                self.sources.mask(*mask);
            }
            let device = match planned.kind {
                Kind::Device => Some(document.name().map_or(planned.stem(), |(name, _)| name).to_owned()),
                _ => None,
            };
            let findings = document.findings.iter().cloned();
            self.findings.extend(findings.map(|f| Finding { device: f.device.or_else(|| device.clone()), ..f }));
        }
        documents
    }

    fn site_file(&mut self, document: Option<Document>) -> Site {
        let (facts, loc) = match document {
            Some(Document { facts: Some(facts), loc, .. }) => (facts, loc),
            _ => (Facts::empty(Shape::site(), Origin::NONE), Loc::NONE),
        };
        self.required(&facts);
        let typed: model::site::Site = self.typed(&facts, loc).unwrap_or_else(empty_site);
        Known::new(&typed, &facts).site(&mut self.findings);
        Site {
            name: typed.name.as_ref().map_or("site", |n| n.as_str()).into(),
            loc,
            demo: typed.demo.is_some_and(|s| s.0),
            facts,
            typed,
            devices: Vec::new(),
            groups: BTreeMap::new(),
            unsound: BTreeSet::new(),
            waivers: Vec::new(),
            attestations: Vec::new(),
            retired: BTreeSet::new(),
            captures: BTreeMap::new(),
            sealed: BTreeMap::new(),
            own_packs: Vec::new(),
            lock: None,
            adoption: None,
            tables: SiteTables::default(),
        }
    }

    fn profiles(&mut self, files: Vec<(&Planned, Document)>) -> Profiles {
        let mut profiles = Profiles::new(self.options.max_profile_depth);
        for (planned, document) in files {
            self.misnamed(planned, &document);
            profiles.add(planned.stem(), document, &mut self.findings);
        }
        profiles.check(&mut self.findings);
        profiles
    }

    fn no_devices(&mut self, site: &Site) {
        let finding = Finding::new(codes::site::NO_DEVICES, site.loc, "the site has no devices");
        self.findings.push(finding);
    }

    fn devices(&mut self, site: &mut Site, check: bool, profiles: &Profiles, files: Vec<(&Planned, Document)>) {
        let mut first: BTreeMap<String, Loc> = BTreeMap::new();
        let mut sound = Vec::new();
        for (planned, document) in files {
            match document.name() {
                Some((name, loc)) => {
                    let (name, twin) = (name.to_owned(), first.get(name).copied());
                    if let Some(twin) = twin {
                        let finding = Finding::new(codes::site::TWIN_NAMES, loc, format!("a second device `{name}`"));
                        self.findings.push(finding.related(twin, "the first one"));
                        continue;
                    }
                    self.misnamed(planned, &document);
                    self.reserved(&name, loc);
                    first.insert(name.clone(), loc);
                    sound.push((name, document));
                }
                None => drop(site.unsound.insert(planned.stem().into())),
            }
        }
        let around = Around { profiles, site: &site.name, max_facts: self.options.max_facts };
        let known = check.then(|| Known::new(&site.typed, &site.facts));
        let one = |(name, document): (String, Document)| -> Option<(Assembled, Vec<Finding>)> {
            let assembled = assemble(&name, document, &around)?;
            let findings = match (&known, &assembled.device) {
                (Some(known), Some(device)) => known.device(device, assembled.sound),
                _ => Vec::new(),
            };
            Some((assembled, findings))
        };
        let assembled: Vec<_> = sound.into_par_iter().filter_map(one).collect();
        for (Assembled { name, device, sound, findings }, more) in assembled {
            if !sound {
                site.unsound.insert(name);
            }
            self.findings.extend(findings);
            self.findings.extend(more);
            site.devices.extend(device);
        }
        site.devices.iter_mut().for_each(|device| device.tables = site.tables.of(device.platform));
        self.factory(&mut site.devices);
        site.devices.sort_by(|a, b| a.name.cmp(&b.name));
    }

    /// Factory settings, once per platform and firmware.
    fn factory(&mut self, devices: &mut [SiteDevice]) {
        let mut known: BTreeMap<(&str, Option<Version>), Option<Arc<Facts>>> = BTreeMap::new();
        for device in devices {
            let firmware = device.firmware;
            let facts = known.entry((device.platform.word(), firmware)).or_insert_with(|| {
                let (facts, findings) = super::factory::facts(device.platform, firmware, &mut self.sources);
                self.findings.extend(findings);
                facts.map(Arc::new)
            });
            device.factory = facts.clone();
        }
    }

    /// A file is called like what it holds, so that people find it.
    fn misnamed(&mut self, planned: &Planned, document: &Document) {
        let Some((name, loc)) = document.name() else { return };
        if name != planned.stem() {
            let message = format!("`{name}` stands in a file called `{}.kdl`", planned.stem());
            let folder = planned.path.rsplit_once('/').map_or("", |(folder, _)| folder);
            let finding = Finding::new(codes::site::FILE_NAME, loc, message);
            self.findings.push(finding.help(format!("call the file `{folder}/{name}.kdl`")));
        }
    }

    fn reserved(&mut self, name: &str, loc: Loc) {
        if let Some((message, help)) = reserved(name) {
            let finding = Finding::new(codes::site::RESERVED_NAME, loc, message);
            self.findings.push(finding.help(help).device(name));
        }
    }

    /// What the site knows more of its platforms than the tables that ship: the files of `dialects/`.
    fn own_tables(&mut self, at: Loc) -> SiteTables {
        let mut tables = SiteTables::default();
        let paths = self.root.list(TABLES, "kdl").map_err(|problem| self.findings.push(problem.finding(at)));
        for path in paths.unwrap_or_default() {
            match self.root.read_text(&path) {
                Ok(text) => {
                    let file = self.sources.add(path.as_str(), text.clone());
                    self.sources.veil(file, crate::syntax::comments);
                    let name = path.strip_prefix(TABLES).unwrap_or(&path).trim_start_matches('/');
                    self.findings.extend(tables.add(name, file, &text).err().unwrap_or_default());
                }
                Err(problem) => self.findings.push(problem.finding(at)),
            }
        }
        tables
    }

    /// The folders beneath `packs/`. Names that lie nowhere are the policy's to tell.
    fn own_packs(&mut self, site: &mut Site) {
        let paths = match self.root.list("packs", "kdl") {
            Ok(paths) => paths,
            Err(problem) => return self.findings.push(problem.finding(site.loc)),
        };
        for path in paths {
            let Some((name, _)) = path.strip_prefix("packs/").and_then(|rest| rest.split_once('/')) else { continue };
            match self.root.read_text(&path) {
                Ok(text) => {
                    let file = self.sources.add(path.as_str(), text.clone());
                    self.sources.veil(file, crate::syntax::comments);
                    let read = PackFile { path: path.as_str().into(), text, file };
                    match site.own_packs.last_mut().filter(|pack| &*pack.name == name) {
                        Some(pack) => pack.files.push(read),
                        None => site.own_packs.push(OwnPack { name: name.into(), files: vec![read] }),
                    }
                }
                Err(problem) => self.findings.push(problem.finding(site.loc)),
            }
        }
    }

    /// The packs that the site is pinned to; `None` where it is not.
    fn lock(&mut self) -> Option<SiteLock> {
        let (facts, loc) = self.single(Kind::Lock, documents::LOCK)?;
        let typed = self.typed(&facts, loc)?;
        Some(SiteLock { loc, facts, typed })
    }

    /// What stood when the plant began; `None` where nothing is said.
    fn adoption(&mut self, site: &Site) -> Option<SiteAdoption> {
        let (facts, loc) = self.single(Kind::Adoption, documents::ADOPTION)?;
        let typed: Adoption = self.typed(&facts, loc)?;
        let known = Known::new(&site.typed, &site.facts);
        known.people_of(&facts, &mut self.findings);
        Some(SiteAdoption { facts, typed })
    }

    /// A file beside `site.kdl`; `None` where there is none, or it says nothing.
    fn single(&mut self, kind: Kind, path: &str) -> Option<(Facts, Loc)> {
        let file = FileId(self.sources.files().count() as u32);
        let document = match self.root.read_text(path) {
            Ok(text) => documents::check(kind, file, text),
            Err(FileProblem::Missing { .. }) => return None,
            Err(problem) => Document::unread(file, problem.finding(Loc::new(file, Span::default()))),
        };
        self.sources.add(path, document.text.clone());
        self.sources.veil(file, crate::syntax::comments);
        document.masks.iter().for_each(|mask| self.sources.mask(*mask));
        self.findings.extend(document.findings);
        let (facts, loc) = (document.facts?, document.loc);
        self.required(&facts);
        Some((facts, loc))
    }

    fn required(&mut self, facts: &Facts) {
        if facts.root.origin.loc().is_some() {
            self.findings.extend(super::required::missing(facts).into_iter().map(|m| m.finding));
        }
    }

    fn typed<T: for<'f> serde::Deserialize<'f>>(&mut self, facts: &Facts, loc: Loc) -> Option<T> {
        match facts.decode() {
            Ok(typed) => Some(typed),
            Err(why) => {
                let finding = Finding::new(codes::site::INTERNAL, loc, format!("fieldlock can't use this: {why}"));
                self.findings.push(finding);
                None
            }
        }
    }
}

fn empty_site() -> model::site::Site {
    model::site::Site {
        name: None,
        packs: None,
        zone: Vec::new(),
        conduit: Vec::new(),
        group: Vec::new(),
        station: Vec::new(),
        log_server: Vec::new(),
        firmware: Vec::new(),
        person: Vec::new(),
        secret: Vec::new(),
        set: Vec::new(),
        block_on: None,
        plan_approvals: None,
        max_capture_age: None,
        in_operation: None,
        demo: None,
    }
}

/// Files of one kind whose names differ by case only: one of them would be lost on other systems. The one in small
/// letters is read, else the first.
fn refuse_twins(plan: &mut [Planned]) {
    let mut kept: BTreeMap<(&str, String), (usize, String)> = BTreeMap::new();
    for (index, planned) in plan.iter().enumerate() {
        let stem = planned.stem();
        let small = stem.to_lowercase();
        let exact = stem == small;
        kept.entry((planned.kind.word(), small))
            .and_modify(|kept| {
                if exact {
                    *kept = (index, planned.path.clone());
                }
            })
            .or_insert((index, planned.path.clone()));
    }
    let kept: BTreeMap<(String, String), (usize, String)> =
        kept.into_iter().map(|((kind, stem), at)| ((kind.to_owned(), stem), at)).collect();
    for (index, planned) in plan.iter_mut().enumerate() {
        let word = planned.kind.word();
        let Some((first, path)) = kept.get(&(word.to_owned(), planned.stem().to_lowercase())) else { continue };
        let same_name = plan_stem(path) == planned.stem();
        if *first == index || same_name {
            continue;
        }
        let message = format!("`{}` differs from `{path}` by case only", planned.path);
        let finding = Finding::new(codes::site::TWIN_NAMES, Loc::NONE, message)
            .help("rename one of them: on Windows they are one file")
            .related(Loc::new(FileId(*first as u32), Span::default()), "the other one, which was read");
        planned.refused = Some(finding);
    }
}

fn plan_stem(path: &str) -> &str {
    let name = path.rsplit('/').next().unwrap_or(path);
    name.strip_suffix(".kdl").unwrap_or(name)
}

/// Sorted by place; what a shared line says of several devices becomes one finding that names them all.
fn join_equal(findings: &mut Vec<Finding>) {
    findings.sort_by(|a, b| (a.loc, &a.code, &a.message, &a.device).cmp(&(b.loc, &b.code, &b.message, &b.device)));
    let mut joined: Vec<Finding> = Vec::new();
    for finding in findings.drain(..) {
        match joined.last_mut() {
            Some(last)
                if last.loc.is_some()
                    && (last.loc, &last.code, &last.message) == (finding.loc, &finding.code, &finding.message) =>
            {
                last.also.extend(finding.device);
            }
            _ => joined.push(finding),
        }
    }
    findings.extend(joined.into_iter().map(|mut finding| {
        if finding.label.is_empty() {
            match finding.also.len() {
                0 => {}
                1 => finding.label = "on one more device".to_owned(),
                more => finding.label = format!("on {more} more devices"),
            }
        }
        finding
    }));
}
