//! `public/<device>.public.json`: what a reviewer without any key may know of an image. Nothing random, no time of the
//! run: the same input gives the same bytes.

use serde::{Deserialize, Serialize};

use super::ReadySite;
use super::certificates::Certificate;
use super::evidence::Seen;
use super::folder::SHEETS;
use super::sheet::back;
use crate::finding::Verdict;
use crate::image::{Digest, canonical};
use crate::ledger::IndexPack;
use crate::model::attestation::{Attestation, PointAnswer};
use crate::model::waiver::Waiver;
use crate::native::{KeptLine, NativeConfig};
use crate::policy::evidence::Evidence;
use crate::policy::{Evaluation, Moment, RuleOutcome};
use crate::report::NativeReport;

/// What the file says it is.
const FORMAT: &str = "fieldlock-public.v1";

/// One device's public facts.
#[derive(Debug, Serialize)]
pub struct Public {
    approvals: u32,
    attestations: Vec<PublicAttestation>,
    certificates: Vec<PublicCertificate>,
    demo: bool,
    device: String,
    findings: Vec<PublicFinding>,
    format: &'static str,
    lines: Vec<PublicLine>,
    omitted: Vec<PublicKept>,
    packs: Vec<IndexPack>,
    platform: &'static str,
    read: String,
    redacted: Digest,
    rules: Vec<PublicRule>,
    sheet: Digest,
    sheet_data: Digest,
    sheet_page: Digest,
    site: String,
    unjudged: Vec<String>,
    unmodelled: Vec<PublicKept>,
    unplaced: Vec<String>,
    waivers: Vec<PublicWaiver>,
}

/// What the rules said of a device: all that its public files take from its evaluation.
#[derive(Debug, Serialize)]
pub(super) struct Verdicts {
    attestations: Vec<PublicAttestation>,
    findings: Vec<PublicFinding>,
    /// The verdict of each rule, in their order: what else is said of them is said by the packs and what was read.
    rules: Vec<Verdict>,
    /// Native lines that no rule can judge.
    unjudged: Vec<String>,
    waivers: Vec<PublicWaiver>,
}

/// A rule, and what it says of the device.
#[derive(Debug, Serialize)]
struct PublicRule {
    evidence: Evidence,
    moment: Moment,
    pack: String,
    rule: String,
    verdict: Verdict,
}

/// A finding that did not block sealing.
#[derive(Debug, Serialize)]
struct PublicFinding {
    path: String,
    rule: String,
    severity: &'static str,
    status: Verdict,
    waiver: String,
}

/// What somebody answers for: the whole waiver, since it lies in the site, which a reviewer may not have.
#[derive(Debug, Serialize)]
struct PublicWaiver {
    approver: String,
    families: Vec<String>,
    from: String,
    id: String,
    instead: String,
    owner: String,
    reason: String,
    risk: String,
    rules: Vec<String>,
    setting: String,
    ticket: String,
    until: String,
    value: String,
    zone: String,
}

/// What somebody attests: the whole attestation, for the same reason.
#[derive(Debug, Serialize)]
struct PublicAttestation {
    at: String,
    by: String,
    evidence: Vec<PublicEvidence>,
    id: String,
    note: String,
    points: Vec<PublicPoint>,
    revision: String,
    rules: Vec<String>,
    until: String,
}

/// A file that shows what is attested.
#[derive(Debug, Serialize)]
struct PublicEvidence {
    file: String,
    sha256: String,
}

/// A point that was answered.
#[derive(Debug, Serialize)]
struct PublicPoint {
    answer: &'static str,
    name: String,
    reason: String,
}

/// A setting and the native line it became, with how sure we are of it.
#[derive(Debug, Serialize)]
struct PublicLine {
    form: &'static str,
    grade: &'static str,
    path: String,
    place: String,
    source: String,
}

/// Digests of the files of a sheet, in the order of [`SHEETS`].
pub(super) type SheetDigests = [Digest; SHEETS.len()];

/// A file that a person uploads to the device.
#[derive(Debug, Serialize, Deserialize)]
pub struct PublicCertificate {
    /// In the device's folder beneath [`CERTIFICATES`](super::folder::CERTIFICATES).
    pub file: String,
    /// Of its bytes.
    pub sha256: Digest,
}

/// What else of a device a public file vouches for: files that people go by.
#[derive(Debug, Deserialize)]
pub struct Beside {
    /// How many have to approve the plan of what is put on the device; none in public files of earlier versions.
    #[serde(default)]
    pub approvals: u32,
    /// What was read from the device before, as lines of a filled sheet: what is taken back becomes that again. Empty
    /// where nothing was read.
    #[serde(default)]
    pub read: String,
    /// The printed sheet.
    pub sheet: Digest,
    /// What it is made from.
    pub sheet_data: Digest,
    /// The same as a page.
    pub sheet_page: Digest,
    /// What is uploaded; none in public files of earlier versions.
    #[serde(default)]
    pub certificates: Vec<PublicCertificate>,
}

/// A line of the base that no setting maps.
#[derive(Debug, Serialize, Deserialize)]
struct PublicKept {
    line: u64,
    listed: bool,
    text: String,
}

/// The lines of a base that a public file lists, and the settings without a place: what reports say of them too.
#[derive(Debug, Deserialize)]
pub(super) struct PublicLists {
    omitted: Vec<PublicKept>,
    unmodelled: Vec<PublicKept>,
    unplaced: Vec<String>,
}

/// What is said of one device, beside its native text.
pub struct About<'a> {
    /// The site's name.
    pub site: &'a str,
    /// Whether the site is a demo.
    pub demo: bool,
    /// The packs that it was judged by.
    pub packs: &'a [IndexPack],
    /// Digest of the redacted text that lies beside it.
    pub redacted: Digest,
    /// Digests of the files of the sheet: a person types what they say, and nothing else vouches for them without the
    /// source.
    pub sheets: SheetDigests,
    /// What is uploaded: nothing else vouches for it either.
    pub(super) certificates: &'a [Certificate<'a>],
}

impl Verdicts {
    /// Of one device.
    pub(super) fn of(evaluation: &Evaluation<'_>) -> Verdicts {
        let waivers = evaluation.waivers.iter().map(public_waiver).collect();
        let finding = |f: &crate::finding::Finding| PublicFinding {
            path: f.path.clone().unwrap_or_default(),
            rule: f.code.to_string(),
            severity: f.severity.word(),
            status: f.status,
            waiver: f.waiver.clone().unwrap_or_default(),
        };
        let unjudged = evaluation.judged.device.unjudged.iter().map(|line| line.shown.to_string()).collect();
        let attestations = evaluation.attestations.iter().map(public_attestation).collect();
        let findings = evaluation.findings.iter().map(finding).collect();
        let rules = evaluation.outcomes.iter().map(|outcome| outcome.verdict).collect();
        Verdicts { attestations, findings, rules, unjudged, waivers }
    }
}

impl Public {
    /// Gathers what may be known.
    pub fn of(ready: &ReadySite, evaluation: &Evaluation<'_>, native: &NativeConfig, about: &About<'_>) -> Public {
        let (device, verdicts) = (evaluation.judged.device, Verdicts::of(evaluation));
        let seen = Seen::of(ready, evaluation);
        let [sheet_data, sheet_page, sheet] = about.sheets;
        let rule = |outcome: &RuleOutcome| PublicRule {
            evidence: seen.evidence(outcome),
            moment: outcome.moment,
            pack: outcome.pack.to_string(),
            rule: outcome.rule.to_string(),
            verdict: outcome.verdict,
        };
        let line = |r: &crate::native::Rendered| PublicLine {
            form: r.form.ending(),
            grade: r.grade.word(),
            path: r.path.clone(),
            place: r.place.clone(),
            source: r.source.to_string(),
        };
        let certificate = |c: &Certificate<'_>| PublicCertificate { file: c.name.clone(), sha256: Digest::of(c.bytes) };
        Public {
            approvals: ready.site.typed.plan_approvals.unwrap_or(0),
            attestations: verdicts.attestations,
            certificates: about.certificates.iter().map(certificate).collect(),
            demo: about.demo,
            device: device.name.to_string(),
            findings: verdicts.findings,
            format: FORMAT,
            lines: native.rendered.iter().map(line).collect(),
            omitted: native.omitted.iter().map(kept).collect(),
            packs: about.packs.to_vec(),
            platform: device.platform.word(),
            read: back::lines_of(device),
            redacted: about.redacted,
            rules: evaluation.outcomes.iter().map(rule).collect(),
            sheet,
            sheet_data,
            sheet_page,
            site: about.site.to_owned(),
            unjudged: verdicts.unjudged,
            unmodelled: native.unmodelled.iter().map(kept).collect(),
            unplaced: native.unplaced.clone(),
            waivers: verdicts.waivers,
        }
    }

    /// Its one spelling: canonical JSON.
    ///
    /// # Errors
    /// Never for what [`Public::of`] gathers; the writer's own error otherwise.
    pub fn to_bytes(&self) -> Result<Vec<u8>, canonical::CanonicalError> {
        canonical::write(self)
    }
}

fn text<T: ToString>(value: Option<&T>) -> String {
    value.map(T::to_string).unwrap_or_default()
}

fn public_attestation(attestation: &Attestation) -> PublicAttestation {
    let evidence = attestation
        .evidence
        .iter()
        .map(|e| PublicEvidence { file: text(e.file.as_ref()), sha256: text(e.sha256.as_ref()) });
    let points = attestation.point.iter().map(|p| PublicPoint {
        answer: p.answer.map(PointAnswer::word).unwrap_or_default(),
        name: text(p.name.as_ref()),
        reason: text(p.reason.as_ref()),
    });
    PublicAttestation {
        at: text(attestation.at.as_ref()),
        by: text(attestation.by.as_ref()),
        evidence: evidence.collect(),
        id: text(attestation.id.as_ref()),
        note: text(attestation.note.as_ref()),
        points: points.collect(),
        revision: text(attestation.revision.as_ref()),
        rules: attestation.rule.clone().unwrap_or_default(),
        until: text(attestation.until.as_ref()),
    }
}

fn public_waiver(waiver: &Waiver) -> PublicWaiver {
    let (device, zone) = (waiver.device.as_ref(), waiver.zone.as_ref());
    let setting = device.and_then(|d| d.setting.as_ref()).or(zone.and_then(|z| z.setting.as_ref()));
    let value = device.and_then(|d| d.value.as_ref()).or(zone.and_then(|z| z.value.as_ref()));
    PublicWaiver {
        approver: text(waiver.approver.as_ref()),
        families: waiver.family.clone().unwrap_or_default(),
        from: text(waiver.from.as_ref()),
        id: text(waiver.id.as_ref()),
        instead: text(waiver.instead.as_ref()),
        owner: text(waiver.owner.as_ref()),
        reason: text(waiver.reason.as_ref()),
        risk: text(waiver.risk.as_ref()),
        rules: waiver.rule.clone().unwrap_or_default(),
        setting: text(setting),
        ticket: text(waiver.ticket.as_ref()),
        until: text(waiver.until.as_ref()),
        value: text(value),
        zone: text(zone.and_then(|z| z.name.as_ref())),
    }
}

impl Beside {
    /// The digests of the files of the sheet, in the order of [`SHEETS`].
    pub fn sheets(&self) -> SheetDigests {
        [self.sheet_data, self.sheet_page, self.sheet]
    }

    /// What a public file names; `None` where it names no sheet.
    pub fn of(public: &[u8]) -> Option<Beside> {
        serde_json::from_slice(public).ok()
    }
}

impl PublicLists {
    /// Those of a public file that was written by [`Public::to_bytes`]; `None` for anything else.
    pub(super) fn of(public: &[u8]) -> Option<PublicLists> {
        serde_json::from_slice(public).ok()
    }

    /// Into a report.
    pub(super) fn tell(self, native: &mut NativeReport) {
        let kept = |line: PublicKept| KeptLine { line: line.line as usize, shown: line.text, listed: line.listed };
        native.omitted = self.omitted.into_iter().map(kept).collect();
        native.unmodelled = self.unmodelled.into_iter().map(kept).collect();
        native.unplaced = self.unplaced;
    }
}

fn kept(line: &KeptLine) -> PublicKept {
    PublicKept { line: line.line as u64, listed: line.listed, text: line.shown.clone() }
}
