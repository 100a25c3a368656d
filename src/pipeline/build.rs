//! Sealing what complies, into an output folder that changes whole or not at all.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Read;

use rayon::prelude::*;

use super::gather::{self, Selection};
use super::public::{About, Public};
use super::seal::{Sealed, Stamp, seal_device};
use super::sheet::{self, Why};
use super::{Plant, compare};
use crate::finding::{Finding, Severity};
use crate::image::index::MAX_INDEX_LEN;
use crate::image::{Digest, Entropy, Index, IndexImage, IndexPack, PassphraseKey, parse_index};
use crate::native::{Change, Form, Grade, NativeConfig, Piece, SecretState};
use crate::policy::{Evaluation, Judgement, NotCompliant};
use crate::report::{self, DeviceReport, ImageReport, NativeReport, Report, SecretCount, Written, WrittenKind};
use crate::secret::Secrets;
use crate::site::output::{Access, OutDir, OutProblem};

/// What a build needs, beside the plant.
pub struct Order<'a> {
    /// The devices, what fails, now.
    pub selection: Selection<'a>,
    /// Values of secrets.
    pub secrets: &'a Secrets,
    /// The key of a group: one derivation each, asked for once something is to be sealed. `None` where there is none;
    /// whoever handed it in knows why.
    pub key: &'a (dyn Fn(&str) -> Option<&'a PassphraseKey> + Sync),
    /// The output folder, opened once something is to be sealed.
    pub out: &'a (dyn Fn() -> Result<OutDir, OutProblem> + Sync),
    /// A source of randomness for one thread.
    pub entropy: &'a (dyn Fn() -> Box<dyn Entropy> + Sync),
    /// Whether devices that comply are built though others fail.
    pub keep_going: bool,
    /// The commit of the site's files, its time, and whether something is uncommitted; empty outside git.
    pub commit: Commit,
    /// Called once per device sealed.
    pub progress: Option<&'a (dyn Fn() + Sync)>,
}

/// Where the site's files stand in git.
#[derive(Debug, Clone, Default)]
pub struct Commit {
    /// The commit, in hexadecimal.
    pub id: String,
    /// When it was committed, `YYYY-MM-DDTHH:MM:SSZ`.
    pub time: String,
    /// Whether files differ from it.
    pub dirty: bool,
}

/// What a build did.
pub struct Built {
    /// Everything found, changed and written.
    pub report: Report,
    /// Whether the output folder was changed.
    pub wrote: bool,
}

/// Why a build could not be finished. The output folder is as it was.
#[derive(Debug, thiserror::Error)]
pub enum BuildError {
    /// The output folder.
    #[error(transparent)]
    Out(#[from] OutProblem),
    /// The index of the build before can't be read.
    #[error("`index.json` in the output folder is not one of ours: {0}")]
    Previous(String),
    /// The folder holds images of devices of the site that this build was not asked for; they would be gone.
    #[error("the output folder holds images of devices that this build leaves out: {}", .0.join(", "))]
    Partial(Vec<String>),
    /// There is no key to seal with.
    #[error("there is no key to seal with")]
    NoKey,
    /// Something that can't happen did.
    #[error("the index could not be written: {0}")]
    Index(String),
}

/// What all devices of a build have in common.
struct Shared<'a> {
    packs: &'a [IndexPack],
    certificates: &'a BTreeMap<String, Vec<u8>>,
    previous: Option<&'a Index>,
    why: &'a Why,
}

struct Done {
    device: usize,
    result: Result<(Sealed, Digest), Vec<Finding>>,
}

/// Judges, compares, seals and writes. Nothing is written where a device fails, unless the order says to keep going.
///
/// # Errors
/// Of the output folder only; everything else is in the report.
pub fn build(plant: &Plant, order: &Order<'_>) -> Result<Built, BuildError> {
    let selection = &order.selection;
    let judgement = plant.judge(order.secrets, selection.now);
    let mut report = gather::report(plant, &judgement, "build", selection);
    compare::add(plant, &judgement, order.secrets, selection, &mut report);
    compare::add_first(plant, &judgement, &mut report);

    let block_on = gather::block_on(plant);
    let by_name = judgement.by_name();
    let complying = report.devices.iter().enumerate().filter(|(_, d)| d.complies);
    let chosen: Vec<(usize, &Evaluation<'_>)> =
        complying.filter_map(|(at, d)| Some((at, *by_name.get(&*d.name)?))).collect();
    report.findings.extend(unproved(&judgement, block_on, selection));
    let hopeless = report.findings.iter().any(|f| f.device.is_none() && f.is_input_error());
    // a device whose file can't be read is not among the report's: its image of the build before would be taken away
    let all = chosen.len() == report.devices.len() && !report.findings.iter().any(|f| f.is_input_error());
    if hopeless || !(all || order.keep_going) {
        return Ok(Built { report, wrote: false });
    }

    let out = (order.out)()?;
    let before = previous(&out)?;
    let previous = before.as_deref().map(parse_index).transpose();
    let previous = previous.map_err(|e| BuildError::Previous(e.to_string()))?;
    let left_out = |name: &&str| plant.site.device(name).is_some_and(|d| !(selection.devices)(d));
    let images = previous.iter().flat_map(|index| &index.images);
    let left_out: Vec<String> = images.map(|i| &*i.device).filter(left_out).map(str::to_owned).collect();
    if !left_out.is_empty() {
        return Err(BuildError::Partial(left_out));
    }
    // people are asked here, one group after the other, and not by the threads that seal
    let groups: BTreeSet<&str> = chosen.iter().map(|(_, e)| plant.site.group(&e.judged.device.name)).collect();
    if !groups.iter().all(|group| (order.key)(group).is_some()) {
        return Err(BuildError::NoKey);
    }
    let packs = plant.index_packs();
    let certificates = plant.certificates();
    let why = Why::of(plant);
    let shared = Shared { packs: &packs, certificates: &certificates, previous: previous.as_ref(), why: &why };
    let seal = |(at, evaluation): &(usize, &Evaluation<'_>)| {
        let result = one(plant, evaluation, block_on, order, &shared, &out);
        if let Some(progress) = order.progress {
            progress();
        }
        result.map(|result| Done { device: *at, result })
    };
    let done: Vec<Done> = chosen.par_iter().map(seal).collect::<Result<_, _>>()?;

    let mut images = Vec::new();
    let mut failed = false;
    for Done { device, result } in done {
        match result {
            Ok((sealed, public)) => {
                let entry = &mut report.devices[device];
                images.push(index_image(entry, &sealed, public, previous.as_ref()));
                describe(entry, &sealed, &mut report.written);
            }
            Err(findings) => {
                failed = true;
                report.devices[device].complies = false;
                report.findings.extend(findings);
            }
        }
    }
    if failed && !order.keep_going {
        report.written.clear();
        report.devices.iter_mut().for_each(|d| d.image = None);
        return Ok(Built { report, wrote: false });
    }
    if images.is_empty() {
        return Ok(Built { report, wrote: false });
    }
    let index = index(plant, order, before.as_deref(), packs, images);
    out.add("index.json", &index.to_bytes().map_err(|e| BuildError::Index(e.to_string()))?, Access::Everyone)?;
    report.written.push(Written { path: "index.json".to_owned(), kind: WrittenKind::Index, fresh: true });
    report.written.push(Written { path: "review.md".to_owned(), kind: WrittenKind::Review, fresh: true });
    out.add("review.md", report::review(&report).as_bytes(), Access::Everyone)?;
    out.commit()?;
    Ok(Built { report, wrote: true })
}

/// Devices that nothing is wrong with and that still can't be sealed: rules wait for the secrets, or there are none.
fn unproved(judgement: &Judgement<'_>, block_on: Severity, selection: &Selection<'_>) -> Vec<Finding> {
    let finding = |evaluation: &Evaluation<'_>| {
        let device = evaluation.judged.device;
        let (message, help) = match evaluation.compliant(block_on) {
            Err(NotCompliant::Open(rules)) => {
                let rules: Vec<&str> = rules.iter().map(|r| &**r).collect();
                let message = format!("`{}` can't be sealed without its secrets: {}", device.name, rules.join(", "));
                (
                    message,
                    "give them by `--secrets DIR`, a file per secret, or `--secrets -`, a JSON map on standard input",
                )
            }
            Err(NotCompliant::NoRules) => {
                let message =
                    format!("no rule in force applies to `{}`: nothing would be proved by sealing it", device.name);
                (message, "name a pack for its platform in `packs` of site.kdl")
            }
            Ok(_) | Err(NotCompliant::Broken(_)) => return None,
        };
        Some(Finding::error("image.unproved", device.loc, message).help(help).device(&*device.name))
    };
    let chosen = judgement.evaluations.iter().filter(|e| (selection.devices)(e.judged.device));
    chosen.filter_map(finding).collect()
}

/// Seals one device and stages its files.
fn one(
    plant: &Plant,
    evaluation: &Evaluation<'_>,
    block_on: Severity,
    order: &Order<'_>,
    shared: &Shared<'_>,
    out: &OutDir,
) -> Result<Result<(Sealed, Digest), Vec<Finding>>, BuildError> {
    let device = evaluation.judged.device;
    let Ok(compliant) = evaluation.compliant(block_on) else { return Ok(Err(Vec::new())) };
    let revision = next_revision(shared.previous, &device.name);
    let group = plant.site.group(&device.name);
    let key = (order.key)(group).ok_or(BuildError::NoKey)?;
    let stamp = Stamp { site: &plant.site.name, group, demo: plant.site.demo, revision };
    let mut entropy = (order.entropy)();
    let base = plant.under(device);
    let sealed = seal_device(&compliant, base, order.secrets, shared.certificates, &stamp, key, &mut *entropy);
    let sealed = match sealed {
        Ok(sealed) => sealed,
        Err(findings) => return Ok(Err(findings)),
    };
    let name = &device.name;
    let about = About { site: &plant.site.name, demo: plant.site.demo, packs: shared.packs, redacted: sealed.review };
    let public = Public::of(device, &sealed.native, evaluation, &about).to_bytes();
    let public = match public {
        Ok(public) => public,
        Err(error) => {
            let finding = Finding::error("image.public", device.loc, error.to_string()).device(&**name);
            return Ok(Err(vec![finding]));
        }
    };
    out.add(&format!("images/{name}.flk"), &sealed.image.bytes, Access::Owner)?;
    out.add(&format!("public/{name}.public.json"), &public, Access::Everyone)?;
    for (form, text) in redacted(&sealed) {
        out.add(&format!("redacted/{name}.redacted.{}", form.ending()), text.as_bytes(), Access::Everyone)?;
    }
    let sheet = sheet::print(plant, evaluation, &sealed, shared.why);
    out.add(&format!("sheets/{name}.sheet.md"), sheet.as_bytes(), Access::Everyone)?;
    Ok(Ok((sealed, Digest::of(&public))))
}

fn redacted(sealed: &Sealed) -> impl Iterator<Item = (Form, &String)> {
    let machine = sealed.native.machine.as_ref().map(|t| t.form).zip(sealed.machine.as_ref());
    let sheet = sealed.sheet.as_ref().map(|text| (Form::Sheet, text));
    machine.into_iter().chain(sheet)
}

fn next_revision(previous: Option<&Index>, device: &str) -> u32 {
    previous.and_then(|i| i.image(device)).map_or(1, |image| image.revision.saturating_add(1))
}

fn index_image(device: &DeviceReport, sealed: &Sealed, public: Digest, previous: Option<&Index>) -> IndexImage {
    IndexImage {
        device: device.name.clone(),
        file: sealed.image.file,
        image: sealed.image.digest,
        public,
        revision: next_revision(previous, &device.name),
        structure: sealed.structure,
    }
}

/// The index of the build before, as it lies there.
fn previous(out: &OutDir) -> Result<Option<Vec<u8>>, BuildError> {
    let Some(path) = out.previous("index.json") else { return Ok(None) };
    let failed = |e: std::io::Error| BuildError::Previous(e.to_string());
    let mut bytes = Vec::new();
    let file = std::fs::File::open(path).map_err(failed)?;
    file.take(MAX_INDEX_LEN as u64 + 1).read_to_end(&mut bytes).map_err(failed)?;
    Ok(Some(bytes))
}

fn index(
    plant: &Plant,
    order: &Order<'_>,
    previous: Option<&[u8]>,
    packs: Vec<IndexPack>,
    mut images: Vec<IndexImage>,
) -> Index {
    images.sort_by(|a, b| a.device.cmp(&b.device));
    Index {
        commit: order.commit.id.clone(),
        commit_time: order.commit.time.clone(),
        demo: plant.site.demo,
        dirty: order.commit.dirty,
        format: crate::image::index::FORMAT.to_owned(),
        images,
        judged_at: order.selection.now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
        packs,
        previous: previous.map(|b| Digest::of(b).to_string()).unwrap_or_default(),
        recipients: Vec::new(),
        site: plant.site.name.to_string(),
        tool: concat!("fieldlock ", env!("CARGO_PKG_VERSION")).to_owned(),
    }
}

fn describe(device: &mut DeviceReport, sealed: &Sealed, written: &mut Vec<Written>) {
    let name = device.name.clone();
    let mut file = |path: String, kind| {
        written.push(Written { path: path.clone(), kind, fresh: true });
        path
    };
    let image = file(format!("images/{name}.flk"), WrittenKind::Image);
    file(format!("public/{name}.public.json"), WrittenKind::Public);
    let texts: Vec<String> = redacted(sealed)
        .map(|(form, _)| file(format!("redacted/{name}.redacted.{}", form.ending()), WrittenKind::Redacted))
        .collect();
    file(format!("sheets/{name}.sheet.md"), WrittenKind::Sheet);
    device.native = Some(counted(&sealed.native));
    device.image = Some(ImageReport {
        revision: u64::from(sealed.revision),
        digest: sealed.image.digest.to_string(),
        fresh: true,
        file: image,
        redacted: texts.into_iter().next().unwrap_or_default(),
        not_after: sealed.not_after.clone(),
        secrets: secrets(device, &sealed.native),
    });
}

fn counted(native: &NativeConfig) -> NativeReport {
    let mut report = NativeReport {
        unmodelled: native.unmodelled.clone(),
        omitted: native.omitted.clone(),
        unplaced: native.unplaced.clone(),
        ..NativeReport::default()
    };
    for rendered in &native.rendered {
        let grade: Grade = rendered.grade;
        report.count(grade, rendered.form == Form::Sheet);
    }
    report
}

/// Secrets by how they compare with the running device; values are nowhere.
fn secrets(device: &DeviceReport, native: &NativeConfig) -> SecretCount {
    let texts = [&native.machine, &native.sheet].into_iter().flatten();
    let names: BTreeSet<&str> = texts
        .flat_map(|text| &text.pieces)
        .filter_map(|piece| if let Piece::Secret { name, .. } = piece { Some(name.as_str()) } else { None })
        .collect();
    let mut count = SecretCount { sealed: names.len(), ..SecretCount::default() };
    let changes = device.difference.iter().flat_map(|d| &d.changes).map(|row| &row.change);
    for state in changes.filter_map(|c: &Change| c.secret) {
        match state {
            SecretState::New => count.new += 1,
            SecretState::Changed => count.changed += 1,
            SecretState::Unchanged => count.unchanged += 1,
            SecretState::CannotCompare => count.cannot_compare += 1,
        }
    }
    count
}
