//! Assessment results: an observation for each row, a finding for each requirement that rules in force support, a risk
//! for each row that is open or that a person answers for.

use std::collections::{BTreeMap, HashMap, HashSet};

use serde_json::{Value, json};

use super::super::super::paint::View;
use super::super::super::{DeviceReport, Report, WaiverWords, documents, escape};
use super::super::entries::{Entry, Fingerprints, entries};
use super::super::uri::Files;
use super::{Names, STANDARD, control, document, moment, place, properties, supported, time};
use crate::finding::Verdict;
use crate::policy::requirements::requirement;
use crate::source::SourceMap;

/// The document `assessment-results`, of all that was judged. A requirement counts as satisfied where every rule in
/// force that supports it holds on every device that was asked for.
pub fn results(report: &Report, sources: &SourceMap, _: &View) -> String {
    let names = Names::of(report);
    let (plan, resource) = names.resource("the rules in force, and the devices that were asked for");
    let (standard, of_standard) = names.resource(STANDARD);
    let mut told = Told::default();
    let rows = entries(report, true);
    let writer = Writer {
        report,
        sources,
        names: &names,
        files: Files::of(report),
        devices: report.devices.iter().map(|device| &*device.name).collect(),
        waivers: report.waivers.iter().map(|waiver| (&*waiver.said.id, &waiver.said)).collect(),
    };
    let mut fingerprints = Fingerprints::default();
    for entry in &rows {
        writer.tell(entry, &mut fingerprints, &mut told);
    }
    let body = json!({
        "import-ap": { "href": plan },
        "results": [writer.result(told, &standard)],
        "back-matter": { "resources": [resource, of_standard] },
    });
    document(report, &names, "assessment-results", body)
}

/// A device, as others point to it.
fn item(names: &Names, device: &DeviceReport) -> Value {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    json!({
        "uuid": names.uuid("device", &device.name),
        "description": escape::prose(&device.name),
        "props": properties([
            ("device", device.name.clone()),
            ("platform", device.platform.clone()),
            ("model", text(&device.model)),
            ("firmware", text(&device.firmware)),
            ("asset", text(&device.asset)),
            ("zone", device.zone.as_ref().map(|(zone, _)| zone.clone()).unwrap_or_default()),
        ]),
    })
}

/// What rows come to.
#[derive(Default)]
struct Told<'a> {
    observations: Vec<Value>,
    risks: Vec<Value>,
    /// Passes, and what does not apply: one observation for a rule, with all its devices.
    quiet: HashMap<(&'a str, Verdict), usize>,
    controls: BTreeMap<(usize, &'a str), Control>,
}

/// A requirement and its rows.
#[derive(Default)]
struct Control {
    verdicts: BTreeMap<Verdict, usize>,
    observations: Vec<String>,
    risks: Vec<String>,
}

struct Writer<'a> {
    report: &'a Report,
    sources: &'a SourceMap,
    names: &'a Names,
    files: Files,
    devices: HashSet<&'a str>,
    waivers: HashMap<&'a str, &'a WaiverWords>,
}

impl Writer<'_> {
    fn tell<'e>(&self, entry: &Entry<'e>, fingerprints: &mut Fingerprints, told: &mut Told<'e>) {
        let quiet = matches!(entry.status, Verdict::Pass | Verdict::NotApplicable);
        let name = if quiet { String::new() } else { fingerprints.next(entry, self.sources.name(entry.loc.file)) };
        let observation = if quiet { self.quiet(entry, told) } else { Some(self.names.uuid("observation", &name)) };
        let mut risk = None;
        if let Some(uuid) = observation.as_ref().filter(|_| !quiet) {
            told.observations.push(self.observation(entry, uuid));
            risk = Some(self.names.uuid("risk", &name)).filter(|_| entry.status != Verdict::Deferred);
            told.risks.extend(risk.as_ref().map(|risk| self.risk(entry, risk, uuid)));
        }
        for id in supported(entry).filter(|id| control(id).is_some()) {
            let control = told.controls.entry((place(id), id)).or_default();
            *control.verdicts.entry(entry.status).or_default() += entry.devices.len().max(1);
            control.observations.extend(observation.clone());
            control.risks.extend(risk.clone());
        }
    }

    /// One more device of a rule that holds, or that does not apply; the UUID where it is the first.
    fn quiet<'e>(&self, entry: &Entry<'e>, told: &mut Told<'e>) -> Option<String> {
        let (mut first, rows) = (None, &mut told.observations);
        let at = *told.quiet.entry((entry.code, entry.status)).or_insert_with(|| {
            let uuid = self.names.uuid("observation", &format!("{} {}", entry.code, entry.status.words()));
            rows.push(self.observation(entry, &uuid));
            first = Some(uuid);
            rows.len() - 1
        });
        let more = self.subjects(entry);
        if let (None, Value::Object(row)) = (&first, &mut told.observations[at])
            && !more.is_empty()
            && let Value::Array(subjects) = row.entry("subjects").or_insert_with(|| json!([]))
        {
            subjects.extend(more);
        }
        first
    }

    fn subjects(&self, entry: &Entry<'_>) -> Vec<Value> {
        let known = |name: &&&str| self.devices.contains(**name);
        let one = |name: &&str| json!({ "subject-uuid": self.names.uuid("device", name), "type": "inventory-item" });
        entry.devices.iter().filter(known).map(one).collect()
    }

    fn observation(&self, entry: &Entry<'_>, uuid: &str) -> Value {
        let waiver = entry.finding.and_then(|finding| finding.waiver.as_deref());
        let mut out = json!({
            "uuid": uuid,
            "title": escape::prose(&format!("{} {}", entry.code, entry.status.words())),
            "description": escape::prose(&format!("{}{}", entry.sentence(), entry.standing())),
            "props": properties([
                ("rule", entry.code.to_owned()),
                ("verdict", entry.status.words().to_owned()),
                ("severity", entry.severity.word().to_owned()),
                ("setting", entry.path.unwrap_or_default().to_owned()),
                ("waiver", waiver.unwrap_or_default().to_owned()),
            ]),
            "methods": ["EXAMINE"],
            "collected": time(&self.report.judged_at),
        });
        let subjects = self.subjects(entry);
        if !subjects.is_empty() {
            out["subjects"] = json!(subjects);
        }
        if let Some(at) = documents::at(self.sources, entry.loc)
            .filter(|_| !matches!(entry.status, Verdict::Pass | Verdict::NotApplicable))
        {
            let description = escape::prose(&format!("line {}, column {}", at.line, at.column));
            out["relevant-evidence"] = json!([{ "href": self.files.uri(&at.file), "description": description }]);
        }
        out
    }

    fn risk(&self, entry: &Entry<'_>, uuid: &str, observation: &str) -> Value {
        let waiver = entry.finding.and_then(|finding| self.waivers.get(finding.waiver.as_deref()?));
        let sentence = escape::prose(&entry.sentence());
        let mut out = json!({
            "uuid": uuid,
            "title": escape::prose(&format!("{}: {}", entry.code, entry.devices.join(", "))),
            "description": sentence,
            "statement": waiver.map_or(sentence.clone(), |waiver| escape::prose(&waiver.reason)),
            "status": if entry.status == Verdict::Waived { "deviation-approved" } else { "open" },
            "related-observations": [{ "observation-uuid": observation }],
        });
        if let Some(waiver) = waiver {
            let who = format!("{}; owner {}, approved by {}", waiver.instead, waiver.owner, waiver.approver);
            let factor = self.names.uuid("mitigating-factor", uuid);
            out["mitigating-factors"] = json!([{ "uuid": factor, "description": escape::prose(&who) }]);
            if let Some(until) = moment(&waiver.until) {
                out["deadline"] = json!(until.ends().to_string());
            }
        }
        if let Some(remedy) = entry.remedy() {
            let remediation = self.names.uuid("remediation", uuid);
            out["remediations"] = json!([{
                "uuid": remediation, "lifecycle": "recommendation", "title": "what to write, or do",
                "description": escape::code(remedy),
            }]);
        }
        out
    }

    fn result(&self, told: Told<'_>, standard: &str) -> Value {
        let report = self.report;
        let ids: Vec<Value> = told.controls.keys().map(|(_, id)| json!({ "control-id": control(id) })).collect();
        let selection = if ids.is_empty() { json!({ "include-all": {} }) } else { json!({ "include-controls": ids }) };
        let findings: Vec<Value> = told.controls.iter().filter_map(|((_, id), told)| self.finding(id, told)).collect();
        let at = time(&report.judged_at);
        let mut out = json!({
            "uuid": self.names.uuid("result", &report.judged_at),
            "title": escape::prose(&format!("{} of {}", report.verb, super::site(report))),
            "description": match report.verifies() {
                true => format!("{} devices: what the folder of a build proves of them", report.devices.len()),
                false => format!("{} devices, judged by {} packs of rules", report.devices.len(), report.packs.len()),
            },
            "start": at,
            "end": at,
            "reviewed-controls": {
                "links": [{ "href": standard, "rel": "reference" }],
                "control-selections": [selection],
            },
        });
        let items: Vec<Value> = report.devices.iter().map(|device| item(self.names, device)).collect();
        if !items.is_empty() {
            out["local-definitions"] = json!({ "inventory-items": items });
        }
        let attestations: Vec<Value> = report.attestations.iter().map(|a| {
            let until = a.until.as_deref().map(|until| format!(" until {until}")).unwrap_or_default();
            let prose = format!("{} attests {} at {}{until}; evidence: {}", a.by, a.rules.join(", "), a.at, a.evidence.join(", "));
            json!({ "parts": [{ "name": "attestation", "title": escape::prose(&a.id), "prose": escape::prose(&prose) }] })
        }).collect();
        for (name, rows) in [
            ("attestations", attestations),
            ("observations", told.observations),
            ("risks", told.risks),
            ("findings", findings),
        ] {
            if !rows.is_empty() {
                out[name] = Value::Array(rows);
            }
        }
        out
    }

    /// A requirement with all rows behind it; none where nothing of it applies.
    fn finding(&self, id: &str, told: &Control) -> Option<Value> {
        let counted = |verdict| told.verdicts.get(&verdict).copied().unwrap_or_default();
        let not = [Verdict::Fail, Verdict::Unknown, Verdict::Waived, Verdict::Deferred];
        let (state, reason) = match not.iter().find(|verdict| counted(**verdict) > 0) {
            Some(Verdict::Fail) => ("not-satisfied", "fail"),
            Some(_) => ("not-satisfied", "other"),
            None if counted(Verdict::Pass) > 0 => ("satisfied", "pass"),
            None => return None,
        };
        let rows: Vec<String> = told.verdicts.iter().map(|(verdict, n)| format!("{}: {n}", verdict.words())).collect();
        let title = requirement(id).map(|row| row.title).unwrap_or_default();
        let mut out = json!({
            "uuid": self.names.uuid("finding", id),
            "title": escape::prose(&format!("{id}: {title}")),
            "description": escape::prose(&format!("verdicts of rules on devices: {}", rows.join(", "))),
            "target": {
                "type": "objective-id", "target-id": control(id),
                "status": { "state": state, "reason": reason },
            },
            "related-observations": told.observations.iter().map(|uuid| json!({ "observation-uuid": uuid })).collect::<Vec<_>>(),
        });
        if !told.risks.is_empty() {
            out["related-risks"] = told.risks.iter().map(|uuid| json!({ "risk-uuid": uuid })).collect();
        }
        Some(out)
    }
}
