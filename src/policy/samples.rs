//! Samples: each rule carries devices that it passes and fails. A sample is judged without the factory layer.

use std::collections::BTreeMap;
use std::sync::Arc;

use rayon::prelude::*;

use super::analysis::Need;
use super::rule::{Rule, Sample, device_node};
use super::{Advisories, Changes, Context, Cost, Files, Judged, Judgement, Moment, Pack, Packs, SiteFacts, evaluate};
use crate::dialect::Tables;
use crate::finding::{Finding, Severity, Verdict, codes};
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{compose, fill_secrets, overlay, stamp};
use crate::model::paths::{PLATFORM_FIRMWARE, PLATFORM_MODEL};
use crate::model::shape::{self, Shape};
use crate::model::site::Site;
use crate::model::value::{Moment as Day, Sha256};
use crate::native::Form;
use crate::secret::{SecretRef, SecretValue, Secrets};
use crate::site::{AsRead, Layer, SiteAttestation, SiteCapture, SiteDevice, TextRead};
use crate::source::{FileId, LayerKind, Loc, SourceMap};
use crate::syntax::{Entry, Node, Scalar};

/// The name of the device that a sample describes.
pub const DEVICE: &str = "np07";

/// Runs all samples of all rules; a finding for each that does not say what it should.
pub fn run(packs: &Packs) -> Vec<Finding> {
    let mut findings = Vec::new();
    for pack in &packs.packs {
        for rule in &pack.rules {
            of_rule(pack, rule, &mut findings);
        }
    }
    findings
}

/// Most samples of a site's own packs: each is judged in every run.
const MAX_OWN: usize = 2000;

/// Runs the samples of a site's own packs, as far as their number is bounded.
pub fn run_own(packs: &Packs) -> Vec<Finding> {
    let own = packs.packs.iter().filter(|pack| !pack.shipped);
    let rules: Vec<(&Pack, &Arc<Rule>)> =
        own.flat_map(|pack| pack.rules.iter().map(move |rule| (pack, rule))).collect();
    let mut seen = 0;
    let counted = rules.iter().map(|(_, rule)| {
        seen += rule.passes.len() + rule.fails.len();
        seen <= MAX_OWN
    });
    let within = counted.take_while(|fits| *fits).count();
    let run = |(pack, rule): &(&Pack, &Arc<Rule>)| {
        let mut findings = Vec::new();
        of_rule(pack, rule, &mut findings);
        findings
    };
    let mut findings: Vec<Finding> = rules[..within].par_iter().flat_map_iter(run).collect();
    if let Some((_, rule)) = rules.get(within) {
        let message = format!("the site's own packs have more than {MAX_OWN} samples");
        findings.push(Finding::new(codes::pack::TOO_MANY_SAMPLES, rule.loc, message));
    }
    findings
}

fn of_rule(pack: &Pack, rule: &Arc<Rule>, findings: &mut Vec<Finding>) {
    let (mut passed, mut failed) = (rule.passes.is_empty(), rule.fails.is_empty());
    for (samples, fails) in [(&rule.passes, false), (&rule.fails, true)] {
        for sample in samples {
            match judge(pack, rule, sample) {
                Err(mut wrong) => findings.append(&mut wrong),
                Ok(said) => {
                    passed |= said.verdict == Verdict::Pass;
                    failed |= said.verdict == Verdict::Fail;
                    let right = match fails {
                        true => matches!(said.verdict, Verdict::Fail | Verdict::Unknown),
                        false => matches!(said.verdict, Verdict::Pass | Verdict::NotApplicable),
                    };
                    if !right {
                        findings.push(wrong(rule, sample, &said, fails));
                    }
                }
            }
        }
    }
    for (is, what) in [(passed, "passes"), (failed, "fails")] {
        if !is {
            let message = format!("no sample of `{}` really {what}", rule.id);
            let help = format!("add a `{what}` sample whose verdict is neither unknown nor not applicable");
            findings.push(Finding::new(codes::pack::SAMPLE, rule.loc, message).help(help));
        }
    }
}

/// What a sample came to.
pub struct SampleOutcome {
    /// The verdict of its rule.
    pub verdict: Verdict,
    /// What was found.
    pub findings: Vec<Finding>,
}

fn wrong(rule: &Rule, sample: &Sample, said: &SampleOutcome, fails: bool) -> Finding {
    let should = if fails { "fail" } else { "pass" };
    let name = sample.name.as_deref().map(|n| format!(" `{n}`")).unwrap_or_default();
    let message = format!("the sample{name} of `{}` should {should}, its verdict is {:?}", rule.id, said.verdict);
    let mut finding = Finding::new(codes::pack::SAMPLE, sample.loc, message);
    for found in &said.findings {
        finding = finding.related(found.loc, found.message.clone());
    }
    finding
}

/// Judges one sample.
///
/// # Errors
/// Findings where the sample itself is not well written.
pub fn judge(pack: &Pack, rule: &Arc<Rule>, sample: &Sample) -> Result<SampleOutcome, Vec<Finding>> {
    judge_with(pack, rule, sample, None)
}

/// The same with something written over the sample's own words: a fix.
fn judge_with(
    pack: &Pack,
    rule: &Arc<Rule>,
    sample: &Sample,
    over: Option<&Facts>,
) -> Result<SampleOutcome, Vec<Finding>> {
    let file = sample.loc.file;
    let mut beside = Beside::read(file, &sample.with)?;
    let mut own = device(file, rule, DEVICE, &sample.settings, sample.loc)?;
    if let Some(over) = over {
        overlay(over.shape, &mut own.own.root, &over.root);
        compose(&mut own.own);
    }
    let mut devices = vec![own];
    for (name, settings, loc) in std::mem::take(&mut beside.devices) {
        devices.push(device(file, rule, &name, &settings, loc)?);
    }
    devices[0].read = beside.read.take().map(Arc::new);
    let complete: Vec<Facts> = devices.iter().map(|d| d.complete()).collect();
    let judged: Vec<Judged<'_>> =
        devices.iter().zip(&complete).map(|(device, complete)| Judged { device, complete }).collect();
    let alone = Pack { rules: vec![rule.clone()], ..pack.clone() };
    let needs_secrets = rule.analyse.iter().any(|a| a.analysis.needs.contains(&Need::Secrets));
    let secrets = if needs_secrets { Secrets::Loaded(beside.secrets) } else { Secrets::Absent };
    let sources = SourceMap::new();
    // a sample is one of the shipped list, whatever list a run judges by
    let advisories = Advisories::shipped();
    let context = Context {
        now: beside.now,
        secrets: &secrets,
        files: &beside.files,
        advisories: &advisories,
        sources: &sources,
        changes: Some(&beside.changes),
        until: Moment::Retire,
    };
    let Judgement { mut evaluations, findings } =
        evaluate(&Packs { packs: vec![alone] }, &beside.site, &judged, &context);
    if !findings.is_empty() {
        return Err(findings);
    }
    let first = evaluations.swap_remove(0);
    let verdict = first.outcomes.first().map_or(Verdict::NotApplicable, |o| o.verdict);
    Ok(SampleOutcome { verdict, findings: first.findings })
}

/// What stands beside a sample's device.
struct Beside {
    site: SiteFacts,
    secrets: BTreeMap<SecretRef, SecretValue>,
    files: SampleFiles,
    devices: Vec<(String, Vec<Node>, Loc)>,
    read: Option<AsRead>,
    changes: Changes,
    now: jiff::Timestamp,
}

struct SampleFiles(BTreeMap<String, Vec<u8>>);

impl Files for SampleFiles {
    fn read(&self, path: &str) -> Result<Vec<u8>, String> {
        self.0.get(path).cloned().ok_or_else(|| "there is no such file".to_owned())
    }

    fn digest(&self, path: &str) -> Result<Sha256, String> {
        self.read(path).map(|bytes| Sha256::of(&bytes))
    }
}

impl Beside {
    fn read(file: FileId, nodes: &[Node]) -> Result<Beside, Vec<Finding>> {
        let mut beside = Beside {
            site: site(file, &[])?,
            secrets: BTreeMap::new(),
            files: SampleFiles(BTreeMap::new()),
            devices: Vec::new(),
            read: None,
            changes: Changes::default(),
            now: jiff::Timestamp::UNIX_EPOCH,
        };
        for node in nodes {
            let arg = |n: usize| node.arg(n).and_then(Entry::text);
            let good = match (&*node.name, arg(0), arg(1)) {
                ("site", ..) => {
                    let said = std::mem::take(&mut beside.site.attestations);
                    beside.site = SiteFacts { attestations: said, ..site(file, node.children())? };
                    true
                }
                ("secret", Some(name), Some(value)) => match SecretRef::new(name) {
                    Ok(name) => {
                        beside.secrets.insert(name, SecretValue::copy_of(value.as_bytes()));
                        true
                    }
                    Err(_) => false,
                },
                ("file", Some(path), Some(text)) => {
                    beside.files.0.insert(path.to_owned(), text.as_bytes().to_vec());
                    true
                }
                ("device", Some(name), _) => {
                    let loc = Loc::new(file, node.header);
                    beside.devices.push((name.to_owned(), node.children().to_vec(), loc));
                    true
                }
                ("read", None, None) => {
                    beside.read = Some(read(file, node)?);
                    true
                }
                ("unknown-lines", None, None) => {
                    let line = |entry: &Entry| match entry.value {
                        Scalar::Int(n) => usize::try_from(n).ok(),
                        _ => None,
                    };
                    beside.changes.unknown.extend(node.args().filter_map(line));
                    !beside.changes.unknown.is_empty()
                }
                ("costs", Some(rule), Some(path)) => {
                    beside.changes.costs.push(Cost { rule: rule.to_owned(), path: path.to_owned() });
                    true
                }
                ("attestation", Some(_), _) => {
                    beside.site.attestations.push(attestation(file, node)?);
                    true
                }
                ("now", Some(text), _) => match text.parse::<Day>() {
                    Ok(at) => {
                        beside.now = at.begins();
                        true
                    }
                    Err(_) => false,
                },
                _ => false,
            };
            if !good {
                let help = "it takes `site { }`, `secret \"np07/ot-admin\" \"...\"`, `file \"certs/ca.pem\" \"...\"`, \
                            `device \"name\" { }`, `attestation \"A-1\" { }`, `read taken=\"...\" serial=\"...\" { }`, \
                            `unknown-lines 7`, `costs \"RULE\" \"setting\"` and `now \"2026-03-09\"`";
                let loc = Loc::new(file, node.header);
                return Err(vec![
                    Finding::new(codes::pack::SAMPLE, loc, "this can't stand beside a sample").help(help),
                ]);
            }
        }
        Ok(beside)
    }
}

fn site(file: FileId, settings: &[Node]) -> Result<SiteFacts, Vec<Finding>> {
    let checked = shape::check(Shape::site(), file, &device_node("site", "sample", settings));
    refuse(checked.findings)?;
    let site: Site = checked.facts.decode().map_err(|e| vec![Finding::new(codes::pack::SAMPLE, Loc::NONE, e)])?;
    Ok(SiteFacts::alone(site, checked.facts))
}

/// What somebody attests of the sample's device.
fn attestation(file: FileId, node: &Node) -> Result<SiteAttestation, Vec<Finding>> {
    let checked = shape::check(Shape::attestation(), file, node);
    refuse(checked.findings)?;
    let typed = checked.facts.decode().map_err(|e| vec![Finding::new(codes::pack::SAMPLE, Loc::NONE, e)])?;
    Ok(SiteAttestation { sound: true, loc: Loc::new(file, node.header), facts: checked.facts, typed })
}

/// What was read from the sample's device: what the file of a capture says, and the settings of its text.
fn read(file: FileId, node: &Node) -> Result<AsRead, Vec<Finding>> {
    let mut head = device_node("capture", DEVICE, &[]);
    head.entries.extend(node.entries.iter().cloned());
    let head = shape::check(Shape::capture(), file, &head);
    refuse(head.findings)?;
    let typed = head.facts.decode().map_err(|e| vec![Finding::new(codes::pack::SAMPLE, Loc::NONE, e)])?;
    let settings = shape::check(Shape::device(), file, &device_node("device", DEVICE, node.children()));
    refuse(settings.findings)?;
    let mut facts = settings.facts;
    stamp(&mut facts.root, SiteDevice::BASE);
    let (loc, text) = (Loc::new(file, node.header), Arc::from(""));
    let capture = SiteCapture { loc, facts: head.facts, typed, form: Form::Cli, text, file };
    let capture = Some(Arc::new(capture));
    let text = TextRead { facts: facts.clone(), file, firmware: None, capture, cut: false };
    Ok(AsRead { facts, texts: vec![text] })
}

fn device(file: FileId, rule: &Rule, name: &str, settings: &[Node], loc: Loc) -> Result<SiteDevice, Vec<Finding>> {
    let checked = shape::check(Shape::device(), file, &device_node("device", name, settings));
    refuse(checked.findings)?;
    let mut own = checked.facts;
    stamp(&mut own.root, 2);
    let unknown = compose(&mut own);
    if !unknown.is_empty() {
        return Err(unknown.iter().map(|u| Finding::new(codes::pack::SAMPLE, u.origin.loc(), u.message())).collect());
    }
    fill_secrets(&mut own, name);
    stamp(&mut own.root, 2);
    own.root.origin.file = loc.file;
    own.root.origin.span = loc.span;
    let said = own.value("platform").and_then(|f| PlatformKind::from_word(&f.value.plain()));
    let text = |path: &str| own.value(path).map(|f| Arc::from(f.value.plain()));
    let layer = |kind, name: &str| Layer { kind, name: name.into(), trail: Vec::new() };
    let platform = said.or(rule.platforms.first().copied()).unwrap_or(PlatformKind::Nport6000G2);
    Ok(SiteDevice {
        loc,
        platform_loc: loc,
        model: text(PLATFORM_MODEL),
        firmware: own.value(PLATFORM_FIRMWARE).and_then(|f| f.value.plain().parse().ok()),
        zone: text("zone"),
        layers: vec![
            layer(LayerKind::Factory, "factory settings"),
            layer(LayerKind::Base, "capture"),
            layer(LayerKind::Device, "device"),
        ],
        ..SiteDevice::alone(name, Tables::shipped(platform), own)
    })
}

fn refuse(mut findings: Vec<Finding>) -> Result<(), Vec<Finding>> {
    findings.retain(|f| f.severity >= Severity::High);
    for finding in &mut findings {
        finding.code = codes::pack::SAMPLE;
    }
    if findings.is_empty() { Ok(()) } else { Err(findings) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::facts::{leaves, without_keys};
    use crate::policy::tests::shipped;

    /// The rules of a pack, each with the devices that it fails.
    fn failing(pack: &Pack) -> impl Iterator<Item = (&Arc<Rule>, &Sample)> {
        pack.rules.iter().flat_map(|rule| rule.fails.iter().map(move |sample| (rule, sample)))
    }

    /// What a fix writes, as a device's.
    fn written(kdl: &str, file: FileId) -> shape::Checked {
        let tree = crate::syntax::parse(file, &format!("device \"{DEVICE}\" {{ {kdl} }}")).tree.unwrap();
        shape::check(Shape::device(), file, &tree.nodes[0])
    }

    /// A fix is for the device that it is printed for: written into it, nothing is left of what it is for; and nothing
    /// stands in it that only the sample's plant has.
    #[test]
    fn every_shipped_fix_mends_the_device_that_it_is_printed_for() {
        let packs = shipped();
        let (mut tried, mut told) = (0, Vec::new());
        let address = regex::Regex::new(r#"\d+\.\d+\.\d+\.\d+"#).unwrap();
        for pack in &packs.packs {
            for (rule, sample) in failing(pack) {
                let Ok(said) = judge(pack, rule, sample) else { continue };
                for finding in &said.findings {
                    let Some(fix) = &finding.fix else { continue };
                    tried += 1;
                    let beside = format!("{}{:?}", sample.kdl, sample.with);
                    if let Some(alien) = address.find_iter(&fix.kdl).find(|a| !beside.contains(a.as_str())) {
                        told.push(format!("{}: {} is nobody's here", rule.id, alien.as_str()));
                    }
                    let mut checked = written(&fix.kdl, sample.loc.file);
                    stamp(&mut checked.facts.root, 2);
                    let after = match checked.findings.is_empty() {
                        true => {
                            judge_with(pack, rule, sample, Some(&checked.facts)).unwrap_or_else(|e| panic!("{e:?}"))
                        }
                        false => panic!("{}: {}: {:?}", rule.id, fix.kdl, checked.findings),
                    };
                    // an entry too many is gone only when a person takes it out
                    let entry = finding.path.as_deref().is_some_and(|path| path.ends_with(']'));
                    if !entry && after.findings.iter().any(|f| f.path == finding.path) {
                        let name = sample.name.as_deref().unwrap_or("");
                        let path = finding.path.as_deref().unwrap_or("");
                        told.push(format!("{} `{name}` {path}: {}", rule.id, fix.kdl));
                    }
                }
            }
        }
        assert!(told.is_empty(), "{}", told.join("\n"));
        assert!(tried > 40, "{tried} fixes tried");
    }

    /// What a fix writes, the device has a place for: on each platform that its rule is asked of.
    #[test]
    fn every_shipped_fix_is_of_settings_that_its_platforms_have() {
        let packs = shipped();
        let (mut tried, mut told) = (0, Vec::new());
        for pack in &packs.packs {
            for (rule, platform) in pack.rules.iter().flat_map(|r| r.platforms.iter().map(move |on| (r, *on))) {
                let on_it = Arc::new(Rule { platforms: vec![platform], ..Rule::clone(rule) });
                for finding in on_it.fails.iter().filter_map(|s| judge(pack, &on_it, s).ok()).flat_map(|j| j.findings) {
                    let Some(fix) = &finding.fix else { continue };
                    tried += 1;
                    let on = crate::platform::of(platform);
                    for leaf in leaves(&written(&fix.kdl, FileId(0)).facts) {
                        let path = without_keys(&leaf.path);
                        // a sample of another platform may be about what this one has no place for
                        let asked = finding.path.as_deref() == Some(&*leaf.path);
                        let said = leaf.field.key || leaf.field.note || leaf.field.intent;
                        if !asked && !said && !on.has_place(&path) {
                            told.push(format!("{} on {}: no place for {path}", rule.id, platform.word()));
                        }
                    }
                }
            }
        }
        assert!(told.is_empty(), "{}", told.join("\n"));
        assert!(tried > 200, "{tried} fixes");
    }

    /// Whatever a shipped rule finds, it says what to do.
    #[test]
    fn every_finding_of_a_shipped_rule_has_a_remedy() {
        let packs = shipped();
        let (mut tried, mut told) = (0, Vec::new());
        for pack in &packs.packs {
            for (rule, sample) in failing(pack) {
                for finding in judge(pack, rule, sample).map(|said| said.findings).unwrap_or_default() {
                    tried += 1;
                    if finding.fix.is_none() && finding.help.is_none() {
                        let name = sample.name.as_deref().unwrap_or("");
                        told.push(format!("{} `{name}`: {}", rule.id, finding.message));
                    }
                }
            }
        }
        assert!(told.is_empty(), "{}", told.join("\n"));
        assert!(tried > 600, "{tried} findings");
    }

    /// Every shipped rule does on its samples what they promise.
    #[test]
    fn every_shipped_rule_keeps_its_samples() {
        let shipped = crate::embedded::POLICIES;
        let names = Packs::shipped_names(shipped);
        let mut map = SourceMap::new();
        let (packs, mut findings) = Packs::load(&names, shipped, &[], &mut map);
        findings.extend(run(&packs));
        let told: Vec<String> = findings
            .iter()
            .map(|f| {
                let at = map.start(f.loc);
                let related: Vec<&str> = f.related.iter().map(|n| &*n.text).collect();
                let help = f.help.as_deref().unwrap_or("");
                format!("{}:{}: {}: {} ({help}) {related:?}", map.name(f.loc.file), at.line, f.code, f.message)
            })
            .collect();
        assert!(told.is_empty(), "{}", told.join("\n"));
    }
}
