//! A site with everything that judging needs: packs, captures read, layers completed.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use rayon::prelude::*;

use super::certificates::{self, CertificateFiles};
use super::connected;
use super::evidence::{self, Asked};
use super::receipts::{self, Receipts};
use super::together::{ReadText, State};
use super::{Selection, layers, pins};
use crate::dialect::{Exposure, Survey, Touching, Veil, ini};
use crate::embedded;
use crate::finding::{Finding, codes};
use crate::image::Digest;
use crate::ledger::IndexPack;
use crate::model::Facts;
use crate::model::facts::{Doubt, Leaf, Value, leaves, stamp, uncalled};
use crate::model::paths::{ASSET_MAC, ASSET_SERIAL};
use crate::model::value::Sha256;
use crate::native::{Form, Reading, Unjudged};
use crate::platform;
use crate::policy::{
    Advisories, Context, Files, InForce, Judged, Judgement, Moment, Pack, Packs, RuleOutcome, SiteFacts, evaluate,
    evaluate_one, samples,
};
use crate::secret::Secrets;
use crate::site::files::{Root, lf};
use crate::site::{self, LoadOptions, Loaded, OwnPack, Site, SiteCapture, SiteDevice};
use crate::source::{FileId, Loc, Origin, SourceMap, Span};

/// A text of a device that a person hands in instead of its capture. It may hold secrets in clear.
pub struct Running {
    /// The device.
    pub device: String,
    /// How the text is called in messages.
    pub name: String,
    /// Form of the text; that of the platform's own texts where it is not known.
    pub form: Option<Form>,
    /// The native text.
    pub text: String,
    /// Whether captures of the device in other forms are not looked at beside it.
    pub alone: bool,
    /// How it came, in words.
    pub how: &'static str,
    /// Whether it is of a spare part, which is judged as the device that it stands for: by the serial number and the
    /// address that are described.
    pub spare: bool,
}

impl Running {
    /// A file that somebody gave, beside what was captured of the device.
    pub fn handed(device: impl Into<String>, name: impl Into<String>, text: impl Into<String>) -> Running {
        Running {
            device: device.into(),
            name: name.into(),
            text: text.into(),
            form: None,
            alone: false,
            how: "handed in",
            spare: false,
        }
    }

    /// What the device itself showed now.
    pub fn live(device: &str, text: String) -> Running {
        Running { form: Some(Form::Cli), how: "read from the device now", ..Running::handed(device, device, text) }
    }
}

/// A loaded site, ready to be judged.
pub struct ReadySite {
    /// The site.
    pub site: Site,
    /// All texts.
    pub sources: SourceMap,
    /// What is wrong with the input, before any rule.
    pub findings: Vec<Finding>,
    /// The packs in force.
    pub packs: Packs,
    /// Made when first asked for.
    index_packs: OnceLock<Vec<IndexPack>>,
    /// The same.
    asked: OnceLock<Asked>,
    /// What runs on the devices, as captured or handed in, by device.
    pub states: BTreeMap<Arc<str>, State>,
    /// What was done on the devices, as it came home.
    pub receipts: Receipts,
    /// Firmware with known holes: the list that the program came with, until somebody puts a newer one here.
    pub advisories: Arc<Advisories>,
    facts: SiteFacts,
    complete: Vec<Facts>,
    root: Root,
    /// Read when first asked for.
    certificates: OnceLock<CertificateFiles>,
}

/// Loads a site, its packs and captures. Everything that is wrong is in [`ReadySite::findings`].
pub fn load(root: Root, options: &LoadOptions<'_>, running: impl IntoIterator<Item = Running>) -> ReadySite {
    let loaded = site::load(&root, options);
    ready(root, loaded, running)
}

/// The packs that a site names, each with its place.
fn named(site: &Site) -> Vec<(&str, Loc)> {
    let Some(Value::List(names)) = site.facts.value("packs").map(|fact| &fact.value) else { return Vec::new() };
    names.iter().filter_map(|name| Some((name.value.text()?, name.origin.loc()))).collect()
}

/// The same of a site that is read already: which device a text is of is only known then.
pub fn ready(root: Root, loaded: Loaded, running: impl IntoIterator<Item = Running>) -> ReadySite {
    let Loaded { mut site, mut sources, mut findings } = loaded;
    findings.extend(platform::sort_native_lines(&mut site.devices, &mut sources));
    let own: Vec<(String, String)> =
        site.own_packs.iter().flat_map(|p| &p.files).map(|f| (f.path.to_string(), f.text.to_string())).collect();
    let (packs, wrong) = Packs::load_named(&named(&site), embedded::POLICIES, &own, &mut sources);
    findings.extend(wrong);
    findings.extend(samples::run_own(&packs));
    let mut states = read_states(&mut site, &mut sources, &mut findings, running);
    let receipts = receipts::read(&root, &site, &mut sources, &mut findings);
    receipts::lay(&site, &receipts, &mut sources, &mut findings, &mut states);
    layers::lay(&mut site, &states, &receipts, &sources);
    let complete = site.devices.par_iter().map(SiteDevice::complete).collect();
    let facts = SiteFacts::of(&site);
    let (certificates, index_packs, asked) = (OnceLock::new(), OnceLock::new(), OnceLock::new());
    let advisories = Advisories::shipped();
    let mut ready = ReadySite {
        site,
        sources,
        findings,
        packs,
        index_packs,
        asked,
        states,
        receipts,
        advisories,
        facts,
        complete,
        root,
        certificates,
    };
    ready.findings.extend(pins::differing(&ready));
    ready
}

fn read_states(
    site: &mut Site,
    sources: &mut SourceMap,
    findings: &mut Vec<Finding>,
    running: impl IntoIterator<Item = Running>,
) -> BTreeMap<Arc<str>, State> {
    let handed: Vec<(Running, FileId)> = running
        .into_iter()
        .map(|running| {
            let file = sources.add(running.name.as_str(), running.text.as_str());
            // a state as it runs holds secrets in clear: no line of it is ever shown
            sources.mask(Loc::new(file, Span::new(0, running.text.len())));
            (running, file)
        })
        .collect();
    let mut of_device: BTreeMap<&str, Vec<&(Running, FileId)>> = BTreeMap::new();
    for one in &handed {
        of_device.entry(&one.0.device).or_default().push(one);
    }
    let job = |device: &SiteDevice| -> Vec<(ReadText, Vec<Veil>, Vec<Touching>)> {
        let on = &platform::at(device);
        let survey = |form, file, text: &str, (capture, how, spare)| {
            let Survey { mut reading, veils, touching } = on.survey(form, file, text)?;
            for path in [ASSET_SERIAL, ASSET_MAC].into_iter().filter(|_| spare) {
                reading.facts.put(path, &device.own);
            }
            stamp(&mut reading.facts.root, SiteDevice::BASE);
            Some((ReadText { form, file, capture, how, reading }, veils, touching))
        };
        let handed = of_device.get(&*device.name).map_or(&[][..], Vec::as_slice);
        let form = |running: &Running| running.form.or(on.machine).unwrap_or(Form::Sheet);
        let stands_in = |capture: &SiteCapture| handed.iter().any(|(r, _)| r.alone || form(r) == capture.form);
        let captures = site.captures_of(&device.name).iter().filter(|capture| !stands_in(capture));
        let captured = captures.filter_map(|c| survey(c.form, c.file, &c.text, (Some(Arc::clone(c)), "", false)));
        // a state that is handed in is masked whole, and nobody's fault
        let handed = handed.iter().filter_map(|(r, file)| survey(form(r), *file, &r.text, (None, r.how, r.spare)));
        handed.chain(captured).collect()
    };
    let read: Vec<_> = site.devices.par_iter().map(|device| (Arc::clone(&device.name), job(device))).collect();
    let mut states = BTreeMap::new();
    for (name, texts) in read {
        let mut sound = Vec::new();
        for (text, veils, touching) in texts {
            let file = text.file;
            let veils = if text.capture.is_some() { veils } else { Vec::new() };
            veils.iter().for_each(|veil| sources.mask(Loc::new(file, veil.span)));
            findings.extend(clear_secrets(&name, file, &veils, sources));
            if says_nothing(&text.reading) {
                findings.push(no_capture(&name, text.form, file, sources));
                continue;
            }
            if let Some(lacking) = incomplete(site, &name, &text) {
                findings.push(cut_off(&name, &lacking, file, sources));
                continue;
            }
            if text.capture.is_some() {
                findings.extend(doubts(&name, &text.reading));
            }
            unjudged(site, &name, file, touching);
            sound.push(text);
        }
        let on = site.device(&name).map(platform::at);
        if let Some(state) = on.and_then(|on| State::of(&on, sound)) {
            findings.extend(state.disagreement(&name, sources));
            states.insert(name, state);
        }
    }
    states
}

/// Whether no line of a text is known. In some forms a line that is not there is a setting as well, so facts don't
/// tell.
pub(super) fn says_nothing(reading: &Reading) -> bool {
    let lines = reading.text.lines().filter(|l| !l.trim().is_empty()).count();
    reading.secrets.is_empty()
        && reading.redacted.is_empty()
        && (reading.kept.len() >= lines || says_who_alone(&reading.facts))
}

/// Whether nothing is told but which device it is, or nothing at all.
fn says_who_alone(facts: &Facts) -> bool {
    let asset = facts.shape.root().field("asset").map(|(ix, _)| ix);
    facts.root.iter().all(|(ix, _)| Some(ix) == asset)
}

/// Another file, a damaged one, or one in another form: one finding in place of one for each setting that it lacks.
fn no_capture(device: &str, form: Form, file: FileId, sources: &mut SourceMap) -> Finding {
    let whole = sources.get(file).map_or(0, |f| f.text().len());
    sources.mask(Loc::new(file, Span::new(0, whole)));
    let message = format!("no line of `{}` is a setting in the form `{}`", sources.name(file), form.ending());
    Finding::new(codes::site::NO_CAPTURE, Loc::new(file, Span::new(0, 0)), message).device(device)
}

/// What a whole file lacks of a whole export.
fn incomplete(site: &Site, device: &str, text: &ReadText) -> Option<Vec<String>> {
    let dialect = platform::at(site.device(device)?).table(text.form)?;
    Some(ini::lacks(dialect, &text.reading.text)).filter(|lacking| !lacking.is_empty())
}

/// A file that was cut off is laid under nothing: what it lacks the device would lose.
fn cut_off(device: &str, lacking: &[String], file: FileId, sources: &SourceMap) -> Finding {
    let more = lacking.len().saturating_sub(1);
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let message = format!("`{}` is no whole export: it lacks `{}`{more}", sources.name(file), lacking[0]);
    Finding::new(codes::site::CAPTURE_INCOMPLETE, Loc::new(file, Span::new(0, 0)), message).device(device)
}

/// Values that are read and not believed, each with why. Where the table knows that no source says what a place means,
/// there is nothing to be mended.
fn doubts(device: &str, reading: &Reading) -> Vec<Finding> {
    let told = |leaf: Leaf<'_>| {
        let why = leaf.fact.value.doubt().filter(|why| **why != Doubt::NoMeaning)?;
        let message = format!("`{}` as it was read is not believed: {why}", leaf.path);
        let finding = Finding::new(codes::site::CAPTURE_VALUE, leaf.fact.origin.loc(), message);
        Some(finding.device(device).path(leaf.path))
    };
    leaves(&reading.facts).chain(uncalled(&reading.facts)).filter_map(told).collect()
}

/// Lines of what was read that no entry maps and that may change settings: no rule can judge them.
fn unjudged(site: &mut Site, device: &str, file: FileId, touching: Vec<Touching>) {
    let Ok(at) = site.devices.binary_search_by(|d| (*d.name).cmp(device)) else { return };
    let device = &mut site.devices[at];
    if touching.is_empty() {
        return;
    }
    let read =
        |t: Touching| Unjudged { loc: Loc::new(file, t.span), shown: t.shown.into(), touches: t.touches, read: true };
    device.unjudged = device.unjudged.iter().cloned().chain(touching.into_iter().map(read)).collect();
}

/// A capture of a site is in git: a secret in clear there is lost, whether its place is mapped, in use, or known at
/// all. One finding tells all of them.
pub(super) fn clear_secrets(device: &str, file: FileId, veils: &[Veil], sources: &SourceMap) -> Option<Finding> {
    let secrets: Vec<Loc> =
        veils.iter().filter(|veil| veil.exposure == Exposure::Secret).map(|veil| Loc::new(file, veil.span)).collect();
    let (first, rest) = secrets.split_first()?;
    let lines: Vec<usize> = secrets.iter().map(|loc| sources.start(*loc).line).collect();
    let message = match &lines[..] {
        [_] => "a capture in the site holds a secret in clear".to_owned(),
        lines => {
            let numbers: Vec<String> = lines.iter().map(ToString::to_string).collect();
            format!("a capture in the site holds {} secrets in clear, in the lines {}", lines.len(), numbers.join(", "))
        }
    };
    let finding = Finding::new(codes::site::SECRET_IN_CAPTURE, *first, message).device(device);
    Some(rest.iter().take(MOST_MARKED).fold(finding, |finding, loc| finding.related(*loc, "here, too")))
}

/// As many further secrets of one capture are shown with their lines; all are told by number.
const MOST_MARKED: usize = 20;

/// What every rule says of each device, by name.
pub(super) type Outcomes = BTreeMap<Arc<str>, Vec<RuleOutcome>>;

impl ReadySite {
    /// For a process that ends: the states that were read are erased, and the rest is not taken apart piece by piece.
    pub fn leave(mut self) {
        self.states.clear();
        std::mem::forget(self);
    }

    /// Judges every device. Secrets decide whether rules of moment `build` are judged or deferred. No fix is an edit.
    pub fn judge(&self, secrets: &Secrets, now: jiff::Timestamp) -> Judgement<'_> {
        let nothing = SourceMap::new();
        let context = Context { sources: &nothing, ..self.context(secrets, now) };
        self.settled(evaluate(&self.packs, &self.facts, &self.judged(), &context))
    }

    /// With what receipts say of the devices.
    fn settled<'a>(&'a self, mut judgement: Judgement<'a>) -> Judgement<'a> {
        connected::settle(self, &mut judgement);
        judgement
    }

    /// The same for a report, with what is wanted of it.
    pub(super) fn judge_for(&self, secrets: &Secrets, selection: &Selection<'_>) -> Judgement<'_> {
        match selection.edits {
            true => {
                self.settled(evaluate(&self.packs, &self.facts, &self.judged(), &self.context(secrets, selection.now)))
            }
            false => self.judge(secrets, selection.now),
        }
    }

    /// Judges every device by the packs and adjustables of another state of the site.
    pub(super) fn judge_by(&self, other: &ReadySite, secrets: &Secrets, now: jiff::Timestamp) -> Outcomes {
        // verdicts are asked for, no fix: none is looked up in the texts
        let nothing = SourceMap::new();
        let context = Context { sources: &nothing, ..self.context(secrets, now) };
        let judged = self.judged();
        let in_force = InForce::by(&other.packs, &other.facts, &self.facts, &judged, &context);
        let one = |one: &Judged<'_>| (Arc::clone(&one.device.name), evaluate_one(&in_force, &judged, *one).outcomes);
        judged.par_iter().map(one).collect()
    }

    /// Judges each device by what it has before anything that people wrote is on it: what was read, else its factory
    /// settings.
    pub(super) fn judge_beneath(&self, secrets: &Secrets, now: jiff::Timestamp) -> Outcomes {
        let nothing = SourceMap::new();
        let context = Context { sources: &nothing, ..self.context(secrets, now) };
        let (in_force, running) = (self.in_force(&context), self.running());
        let one = |device: &SiteDevice| {
            let beneath = device.beneath().cloned().unwrap_or_else(|| Facts::empty(device.own.shape, Origin::NONE));
            let judged = Judged { device, complete: &beneath };
            (Arc::clone(&device.name), evaluate_one(&in_force, &running, judged).outcomes)
        };
        self.site.devices.par_iter().map(one).collect()
    }

    /// Every device with what is judged of it.
    pub(super) fn judged(&self) -> Vec<Judged<'_>> {
        let devices = self.site.devices.iter().zip(&self.complete);
        devices.map(|(device, complete)| Judged { device, complete }).collect()
    }

    /// The same as they run: what nothing was read from is taken as it is described.
    pub(super) fn running(&self) -> Vec<Judged<'_>> {
        let devices = self.site.devices.iter().zip(&self.complete);
        let read = |(device, complete): (_, _)| {
            let device: &SiteDevice = device;
            Judged { device, complete: device.read.as_deref().map_or(complete, |read| &read.facts) }
        };
        devices.map(read).collect()
    }

    /// What rules see beside the devices.
    pub(super) fn context<'a>(&'a self, secrets: &'a Secrets, now: jiff::Timestamp) -> Context<'a> {
        Context {
            now,
            secrets,
            files: self,
            advisories: &self.advisories,
            sources: &self.sources,
            changes: None,
            until: Moment::Build,
        }
    }

    /// The rules and waivers by which running states are judged, one by one.
    pub(super) fn in_force<'a>(&'a self, context: &'a Context<'a>) -> InForce<'a> {
        InForce::of(&self.packs, &self.facts, &self.judged(), context)
    }

    /// What a device is rendered over: a whole file is laid over its base; commands and sheets take entries away that
    /// the device has and a written list does not.
    pub fn under(&self, device: &SiteDevice) -> Option<&Reading> {
        let form = platform::at(device).machine.unwrap_or(Form::Sheet);
        let state = self.states.get(&device.name)?;
        let text = state.in_form(form)?;
        // a file is laid over as it is; what commands and sheets take away, any text may have told
        Some(if form == Form::Ini { &text.reading } else { state.reading() })
    }

    /// The packs in force by name, with their digests: for pins and the index.
    pub fn index_packs(&self) -> &[IndexPack] {
        self.index_packs.get_or_init(|| index_packs(&self.packs, &self.site))
    }

    /// What the rules in force ask something of.
    pub(super) fn asked(&self) -> &Asked {
        self.asked.get_or_init(|| evidence::asked(self))
    }

    /// Its folder, held open.
    pub fn root(&self) -> &Root {
        &self.root
    }

    /// The path of its folder.
    pub fn folder(&self) -> &std::path::Path {
        self.root.path()
    }

    /// Names of the files that it was read from, as far as they lie in the site.
    pub fn files_read(&self) -> Vec<String> {
        let texts = self.sources.files().map(|(_, file)| file.name().to_owned());
        let attested = self.site.attestations.iter().flat_map(|a| &a.typed.evidence);
        let evidence = attested.filter_map(|evidence| evidence.file.clone());
        texts.chain(self.certificates().keys().cloned()).chain(evidence).collect()
    }

    /// Certificates that settings of the site name, by path; those that can't be read are left to their rules.
    pub fn certificates(&self) -> &CertificateFiles {
        self.certificates.get_or_init(|| certificates::read(&self.site.devices, self))
    }
}

fn index_packs(packs: &Packs, site: &Site) -> Vec<IndexPack> {
    let pack = |p: &Pack| IndexPack {
        name: p.name.to_string(),
        sha256: pack_digest(&p.name, &site.own_packs),
        shipped: p.shipped,
        version: p.version.clone(),
    };
    let mut packs: Vec<IndexPack> = packs.packs.iter().map(pack).collect();
    packs.sort_by(|a, b| a.name.cmp(&b.name));
    packs
}

/// The digest of a pack's texts, by path: those of the program where it ships one of that name.
pub fn pack_digest(name: &str, own: &[OwnPack]) -> Digest {
    let prefix = format!("{name}/");
    let mut shipped = embedded::POLICIES.iter().filter(|(path, _)| path.starts_with(&prefix)).peekable();
    let mut text = Vec::new();
    let mut add = |path: &str, content: &str| {
        for part in [path, content] {
            text.extend(lf(part.as_bytes().to_vec()));
            text.push(0);
        }
    };
    if shipped.peek().is_some() {
        shipped.for_each(|(path, content)| add(path, content));
    } else {
        own.iter().filter(|p| &*p.name == name).flat_map(|p| &p.files).for_each(|f| add(&f.path, &f.text));
    }
    Digest::of(&text)
}

/// Largest certificate file, in bytes.
pub(super) const MAX_CERTIFICATE: usize = 64 * 1024;

impl Files for ReadySite {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.root.read_certificate(path, MAX_CERTIFICATE).map_err(|e| e.to_string())
    }

    fn digest(&self, path: &str) -> Result<Sha256, String> {
        self.root.digest_of(path).map_err(|e| e.to_string())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::device::PlatformKind;
    use crate::site::PackFile;

    /// Another pack of the site changes nothing.
    #[test]
    fn a_pack_has_the_digest_of_its_own_files() {
        let pack = |name: &str, text: &str| OwnPack {
            name: name.into(),
            files: vec![PackFile { path: format!("packs/{name}/pack.kdl").into(), text: text.into(), file: FileId(0) }],
        };
        let of_a = |packs: &[OwnPack]| pack_digest("a", packs);
        let alone = of_a(&[pack("a", "1")]);
        assert_eq!(of_a(&[pack("a", "1"), pack("b", "1")]), alone);
        assert_ne!(of_a(&[pack("a", "2")]), alone);
    }

    /// A text of which some line is known, whatever it says, is not another file's.
    #[test]
    fn a_text_that_says_nothing_is_told_from_one_that_says_little() {
        let nothing = |kind, form, text: &str| {
            let reading = platform::of(kind).read(form, FileId(0), text).unwrap();
            says_nothing(&reading)
        };
        let cli = |text: &str| nothing(PlatformKind::MxRos, Form::Cli, text);
        assert!(cli("") && cli("\n \n") && cli("some text\nof another kind\n"));
        assert!(!cli("some text\nip telnet\nof another kind\n"));
        assert!(!cli("hostname r\n"));
        let ini = |text: &str| nothing(PlatformKind::Nport6000, Form::Ini, text);
        assert!(ini("") && ini("[Somewhere]\nElse=1\n") && ini("Else=1\n"));
        assert!(!ini("[Password Login Policy]\nPassword Minimum Length=8\n"));
        // a secret is something, in clear and redacted
        for value in ["public-1", "<hidden>"] {
            assert!(!ini(&format!("[SNMP Agent]\nRead Community String={value}\n")), "{value}");
        }
        // a table may say what silence means, though none does today: then there are facts whatever the text is
        let read = |text: &str| platform::of(PlatformKind::MxRos).read(Form::Cli, FileId(0), text).unwrap();
        let unknown_but = |known: usize| {
            let mut reading = Reading { facts: read("ip telnet\n").facts, ..read("made up\nanother\n") };
            reading.kept.truncate(2 - known);
            says_nothing(&reading)
        };
        assert!(unknown_but(0) && !unknown_but(1));
        assert!(cli("made up\nexit\n") && cli("Router# show running-config\nmade up\nRouter#\n"));
        let sheet = |text: &str| nothing(PlatformKind::MxNos, Form::Sheet, text);
        assert!(sheet("Somewhere\tElse\tOn\n") && !sheet("System > Management Interface > SNMP\tSNMP\tDisable\n"));
    }
}
