//! For programs: one document, its schema generated from its types into `schema/report.json`.

use std::collections::HashMap;

use super::super::documents::report::{
    Attestation, BySeverity, ChangeJson, Device, DifferenceJson, Document, EditJson, FindingJson, FixJson, Image,
    PlaceJson, Related, RuleJson, SinceJson, Summary, Verdicts, Waiver,
};
use super::super::documents::{FORMAT_VERSION, Tool, filled, location, text};
use super::super::{DeviceReport, Difference, Report, RulePage, Standing, Tally, View};
use crate::finding::{Edit, Finding, Note, Severity};
use crate::native::Change;
use crate::source::{Loc, SourceMap};

/// The report as JSON, with a line break at its end.
pub fn json(report: &Report, sources: &SourceMap, view: &View) -> String {
    text(&document(report, sources, view.all))
}

/// The report as the types of this format.
pub fn document(report: &Report, sources: &SourceMap, all: bool) -> Document {
    let place = |loc: Loc| location(sources, loc);
    let listed = |f: &&Finding| all || f.is_told();
    let pages: Pages<'_> = report.rules.iter().map(|page| (&*page.id, page)).collect();
    Document {
        format_version: FORMAT_VERSION,
        tool: Tool::of(&report.version),
        verb: report.verb.to_owned(),
        site: report.site.as_ref().map(|s| s.name.clone()),
        judged_at: filled(&report.judged_at),
        commit: report.commit.clone(),
        packs: report.packs.clone(),
        known_holes: report.known_holes.clone(),
        summary: summary(report),
        findings: report.findings.iter().filter(listed).map(|f| finding(f, &pages, sources)).collect(),
        devices: report.devices.iter().map(|d| device(d, sources)).collect(),
        waivers: report.waivers.iter().map(|w| Waiver { line: w.clone(), location: place(w.loc) }).collect(),
        attestations: report
            .attestations
            .iter()
            .map(|a| Attestation { line: a.clone(), location: place(a.loc) })
            .collect(),
        left: report.left.clone(),
        gone: report.gone.clone(),
        sealed_for: Some(report.sealing.clone()).filter(|sealing| !sealing.groups.is_empty()),
        written: report.written.clone(),
        unread: report.unread.clone(),
    }
}

fn summary(report: &Report) -> Summary {
    let outcome = report.outcome();
    let mut open = BySeverity::default();
    for finding in report.findings.iter().filter(|f| f.is_open()) {
        match finding.severity {
            Severity::Critical => open.critical += 1,
            Severity::High => open.high += 1,
            Severity::Medium => open.medium += 1,
            Severity::Low => open.low += 1,
            Severity::Info => open.info += 1,
        }
    }
    Summary {
        exit: outcome.code(),
        outcome,
        devices: report.devices.len(),
        complying: report.devices.iter().filter(|d| d.complies).count(),
        open,
        verdicts: verdicts(report.tally()),
        compared: report.compares().then(|| report.compared()),
    }
}

fn verdicts(tally: Tally) -> Verdicts {
    Verdicts {
        pass: tally.pass,
        fail: tally.fail,
        unknown: tally.unknown,
        waived: tally.waived,
        deferred: tally.later(),
        not_applicable: tally.not_applicable,
        no_place: tally.no_place,
    }
}

/// The rules in force, by id.
type Pages<'r> = HashMap<&'r str, &'r RulePage>;

fn finding(f: &Finding, pages: &Pages<'_>, sources: &SourceMap) -> FindingJson {
    let place = |loc: Loc| location(sources, loc);
    let notes = |notes: &[Note]| {
        notes.iter().map(|n| Related { message: n.text.clone(), location: place(n.loc) }).collect::<Vec<_>>()
    };
    FindingJson {
        rule: f.code.to_string(),
        family: f.family.clone(),
        severity: f.severity,
        status: f.status,
        device: f.device.clone(),
        also: f.also.clone(),
        path: f.path.clone(),
        message: f.message.clone(),
        label: filled(&f.label),
        help: f.help.clone(),
        reason: f.reason.clone(),
        location: place(f.loc),
        rule_location: f.rule_loc.and_then(place),
        related: notes(&f.related),
        trail: notes(&f.trail),
        fix: f.fix.as_ref().map(|fix| FixJson {
            kdl: fix.kdl.clone(),
            edits: fix.edits.iter().map(|edit| self::edit(edit, sources)).collect(),
            safe: fix.safe,
        }),
        rules: f
            .rules
            .iter()
            .map(|r| {
                let page = pages.get(&*r.id);
                RuleJson {
                    id: r.id.clone(),
                    severity: r.severity,
                    location: place(r.loc),
                    source: page.map(|page| page.sources.clone()).unwrap_or_default(),
                    ours: page.map(|page| page.ours.clone()).unwrap_or_default(),
                }
            })
            .collect(),
        waiver: f.waiver.clone(),
        known: f.known.clone(),
        menu: f.menu.clone(),
        supports: f.supports.clone(),
    }
}

fn edit(Edit { at, text }: &Edit, sources: &SourceMap) -> EditJson {
    let file = sources.name(at.file).to_owned();
    EditJson { file, start: at.span.start, end: at.span.end, text: text.clone() }
}

fn device(d: &DeviceReport, sources: &SourceMap) -> Device {
    Device {
        name: d.name.clone(),
        platform: d.platform.clone(),
        model: d.model.clone(),
        firmware: d.firmware.clone(),
        unjudged: d.unjudged.clone(),
        zone: d.zone.as_ref().map(|(name, _)| name.clone()),
        complies: d.complies,
        verdicts: verdicts(d.tally),
        attested: d.attested.clone(),
        difference: d.difference.as_ref().map(|x| difference(x, sources)),
        image: d.image.as_ref().map(|i| Image {
            file: i.file.clone(),
            revision: i.revision,
            digest: i.digest.clone(),
            fresh: i.fresh,
            not_after: filled(&i.not_after),
            secrets: i.secrets,
            since: i.since.as_ref().map(|since| SinceJson {
                revision: since.revision,
                lines_new: since.lines.added,
                lines_gone: since.lines.removed,
            }),
        }),
    }
}

fn owned(rules: Vec<&str>) -> Vec<String> {
    rules.into_iter().map(str::to_owned).collect()
}

fn difference(d: &Difference, sources: &SourceMap) -> DifferenceJson {
    let rows = d.changes.iter().map(|row| {
        let Change { path, secret, origin, page, place, .. } = &row.change;
        let (before, after) = super::super::sides(&row.change);
        ChangeJson {
            path: path.clone(),
            before,
            after,
            secret: *secret,
            compared: row.change.is_compared(),
            menu: page.as_ref().map(|page| page.menu.clone()),
            risky: page.as_ref().map(|page| page.risky),
            native: place.as_ref().map(|at| PlaceJson {
                form: at.form,
                place: at.place.clone(),
                grade: at.grade,
                source: at.source.to_string(),
            }),
            location: location(sources, origin.loc()),
            rules: row.rules.clone(),
        }
    });
    DifferenceJson {
        state: d.comparison(),
        standing: d.standing(),
        weaker_by: owned(d.rules_of(Standing::Weaker)),
        stronger_by: owned(d.rules_of(Standing::Stronger)),
        not_reached: d.unreached.as_ref().map(|why| why.message.clone()),
        help: d.unreached.as_ref().and_then(|why| why.help.clone()),
        compared_with: d.base.clone(),
        compared_beside: d.beside.clone(),
        changes: rows.collect(),
        unknown_lines: d.kept.iter().map(|k| k.shown.clone()).collect(),
        text: filled(&d.text),
    }
}
