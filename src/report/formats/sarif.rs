//! SARIF 2.1.0, for code scanning: findings as results, the rules behind them with their pages, waivers as
//! suppressions, requirements as a taxonomy.

mod schema;

use std::collections::{BTreeMap, HashMap, HashSet};

use self::schema::*;
use super::super::paint::View;
use super::super::{Report, RulePage, WaiverLine, documents, escape};
use super::entries::{Entry, Fingerprints, entries, page as page_of};
use super::uri::{Files, encoded, is_shipped};
use crate::finding::{Edit, Finding, Severity, Verdict, codes};
use crate::policy::guides::Cited;
use crate::policy::requirements::requirement;
use crate::source::{Loc, SourceMap};

/// Where the numbers of requirements come from. Its text is nobody's to give away: numbers only.
const TAXONOMY: &str = "IEC 62443-4-2";
/// What files that came with the program are relative to.
const SHIPPED: &str = "FIELDLOCK";

/// One run, with the results that `json` lists as findings, in their order, and what differs on devices behind them.
///
/// A verdict that is not known fails as a broken rule does: as `open` it would have no level, and code scanning would
/// show it to nobody.
pub fn sarif(report: &Report, sources: &SourceMap, view: &View) -> String {
    let rows = entries(report, view.all);
    let places = Places { files: Files::of(report), sources };
    let mut rules = Rules { pages: report.rules.iter().map(|r| (&*r.id, r)).collect(), ..Rules::default() };
    let waivers: HashMap<&str, &WaiverLine> = report.waivers.iter().map(|w| (&*w.said.id, w)).collect();
    let mut fingerprints = Fingerprints::default();
    let results: Vec<SarifResult> = rows
        .iter()
        .map(|entry| {
            let file = sources.name(entry.loc.file);
            let fingerprint = fingerprints.next(entry, file);
            result(entry, rules.index(entry), fingerprint, &waivers, &places)
        })
        .collect();
    let site = report.site.as_ref().map(|site| encoded(&site.name)).unwrap_or_default();
    let outcome = report.outcome();
    let log = Log {
        schema: "https://json.schemastore.org/sarif-2.1.0.json",
        version: "2.1.0",
        runs: [Run {
            tool: ToolOf {
                driver: Component {
                    name: "fieldlock",
                    version: Some(report.version.clone()),
                    short_description: None,
                    rules: Some(rules.listed),
                    taxa: None,
                    supported_taxonomies: vec![TaxonomyRef { name: TAXONOMY, index: 0 }],
                },
            },
            automation_details: AutomationDetails { id: format!("fieldlock/{}/{site}/", report.verb) },
            invocations: [Invocation {
                execution_successful: outcome < super::super::Outcome::Invalid,
                exit_code: outcome.code(),
            }],
            original_uri_base_ids: BTreeMap::from([(
                SHIPPED,
                BaseId { description: Message::of("the packs of rules that come with fieldlock") },
            )]),
            column_kind: "unicodeCodePoints",
            results,
            taxonomies: [Component {
                name: TAXONOMY,
                version: None,
                short_description: Some(Text {
                    text: "requirements that rules support, by their numbers; what supports one does not prove it"
                        .into(),
                }),
                rules: None,
                taxa: Some(rules.requirements.into_iter().map(|id| Taxon { id }).collect()),
                supported_taxonomies: Vec::new(),
            }],
            properties: RunProperties {
                site: report.site.as_ref().map(|site| site.name.clone()),
                judged_at: Some(report.judged_at.clone()).filter(|at| !at.is_empty()),
                commit: report.commit.clone(),
                packs: report.packs.clone(),
            },
        }],
    };
    documents::text(&log)
}

/// Rules in the order in which results name them first.
#[derive(Default)]
struct Rules<'a> {
    pages: HashMap<&'a str, &'a RulePage>,
    known: HashMap<&'a str, usize>,
    listed: Vec<Descriptor>,
    requirements: Vec<String>,
}

impl<'a> Rules<'a> {
    fn index(&mut self, entry: &Entry<'a>) -> usize {
        if let Some(known) = self.known.get(entry.code) {
            return *known;
        }
        let descriptor = self.descriptor(entry);
        self.known.insert(entry.code, self.listed.len());
        self.listed.push(descriptor);
        self.listed.len() - 1
    }

    fn descriptor(&mut self, entry: &Entry<'a>) -> Descriptor {
        let page = self.pages.get(entry.code).copied();
        let severity = page.map_or(entry.severity, |page| page.severity);
        let own = codes::find(entry.code);
        let told = own.map(|own| own.page().into_owned()).or_else(|| page_of(entry.code).map(str::to_owned));
        let first = told.as_deref().map(|told| told.split_once(". ").map_or(told, |(first, _)| first).to_owned());
        let short = page.map(|p| p.title.clone()).or(first).unwrap_or_else(|| entry.code.to_owned());
        let full = page.map(|p| p.why.clone()).or(told).filter(|full| !full.is_empty());
        let supports: Vec<String> = page.map_or_else(Vec::new, |page| {
            page.supports.iter().map(|s| s.split_once(" (").map_or(&**s, |(bare, _)| bare).to_owned()).collect()
        });
        // the schema wants each of a list once
        let mut once = HashSet::new();
        let supports: Vec<String> = supports.into_iter().filter(|id| once.insert(id.clone())).collect();
        let mut relationships: Vec<Relationship> = Vec::new();
        for id in supports.iter().filter(|id| requirement(id).is_some()) {
            if !self.requirements.contains(id) {
                self.requirements.push(id.clone());
            }
            relationships.push(Relationship {
                target: Target { id: id.clone(), tool_component: TaxonomyRef { name: TAXONOMY, index: 0 } },
                kinds: ["relevant"],
            });
        }
        let family = page.map(|page| page.family.clone()).filter(|family| !family.is_empty());
        let tags = ["security".to_owned()].into_iter().chain(family).chain(supports).take(10).collect();
        let full = full.unwrap_or_else(|| short.clone());
        let help = match (page, own) {
            (Some(page), _) => (plain_help(page), markdown_help(page)),
            (None, Some(own)) => {
                (own.help.to_owned(), format!("{}\n\n{}\n", escape::prose(&full), escape::prose(own.help)))
            }
            (None, None) => (full.clone(), escape::prose(&full)),
        };
        Descriptor {
            id: entry.code.to_owned(),
            short_description: Text { text: unlinked(&short) },
            full_description: Text { text: unlinked(&full) },
            help: Help { text: unlinked(&help.0), markdown: help.1 },
            default_configuration: Configuration { level: level(severity) },
            relationships,
            properties: RuleProperties {
                tags,
                precision: "high",
                security_severity: security_severity(severity),
                pack: page.map(|page| page.pack.clone()),
            },
        }
    }
}

fn plain_help(page: &RulePage) -> String {
    let mut out = format!("{}\n", escape::line(&page.why));
    let rows = [("write", page.fix.clone()), ("to do", page.help.clone()), ("on the device", page.menu.clone())];
    for (name, text) in rows {
        out.extend(text.map(|text| format!("{name}: {}\n", escape::block(&text))));
    }
    out
}

/// The page of a rule: why, what to write, who asks for it. What packs say is text, never markup.
fn markdown_help(page: &RulePage) -> String {
    let mut out = format!("{}\n", escape::prose(&page.why));
    for note in &page.notes {
        out.push_str(&format!("\n{}\n", escape::prose(note)));
    }
    if let Some(fix) = &page.fix {
        out.push_str(&format!("\n**Write**\n\n{}", escape::fenced(fix, "kdl")));
    }
    if let Some(help) = &page.help {
        out.push_str(&format!("\n**To do** {}\n", escape::prose(help)));
    }
    if let Some(menu) = &page.menu {
        out.push_str(&format!("\n**On the device** {}\n", escape::code(menu)));
    }
    let list = |name: &str, texts: &[String]| {
        let rows: String = texts.iter().map(|text| format!("- {}\n", escape::prose(text))).collect();
        if rows.is_empty() { rows } else { format!("\n**{name}**\n\n{rows}") }
    };
    out.push_str(&list("Asked for by", &page.sources.iter().map(Cited::words).collect::<Vec<_>>()));
    out.push_str(&list("Of our own beyond that", &page.ours));
    out.push_str(&list("Supports", &page.supports));
    out
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical | Severity::High => "error",
        Severity::Medium => "warning",
        Severity::Low | Severity::Info => "note",
    }
}

/// The middle of the band that code scanning calls by the same word; what is worth knowing is below all of them.
fn security_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Critical => "9.5",
        Severity::High => "8.0",
        Severity::Medium => "5.5",
        Severity::Low => "3.0",
        Severity::Info => "0.1",
    }
}

/// Places as SARIF has them.
struct Places<'a> {
    files: Files,
    sources: &'a SourceMap,
}

impl Places<'_> {
    fn artifact(&self, name: &str) -> Artifact {
        match is_shipped(name) {
            true => Artifact { uri: encoded(name), uri_base_id: Some(SHIPPED) },
            false => Artifact { uri: self.files.uri(name), uri_base_id: None },
        }
    }

    fn physical(&self, loc: Loc) -> Option<Physical> {
        let at = documents::at(self.sources, loc)?;
        let region =
            Region { start_line: at.line, start_column: at.column, end_line: at.end_line, end_column: at.end_column };
        Some(Physical { artifact_location: self.artifact(&at.file), region })
    }

    fn related(&self, loc: Loc, text: &str) -> Option<Location> {
        let physical_location = self.physical(loc)?;
        Some(Location { physical_location, logical_locations: Vec::new(), message: Some(Message::of(text)) })
    }
}

fn result(
    entry: &Entry<'_>,
    rule_index: usize,
    fingerprint: String,
    waivers: &HashMap<&str, &WaiverLine>,
    places: &Places<'_>,
) -> SarifResult {
    let (kind, level) = match entry.status {
        Verdict::Fail | Verdict::Unknown | Verdict::Waived => ("fail", level(entry.severity)),
        Verdict::Pass => ("pass", "none"),
        Verdict::NotApplicable => ("notApplicable", "none"),
        Verdict::Deferred => ("open", "none"),
    };
    let finding = entry.finding;
    let nowhere = || Physical {
        artifact_location: places.artifact("site.kdl"),
        region: Region { start_line: 1, start_column: 1, end_line: 1, end_column: 1 },
    };
    let logical = entry.devices.iter().map(|device| Logical {
        fully_qualified_name: match entry.path {
            Some(path) => format!("{device}/{path}"),
            None => (*device).to_owned(),
        },
    });
    let location = Location {
        physical_location: places.physical(entry.loc).unwrap_or_else(nowhere),
        logical_locations: logical.collect(),
        message: None,
    };
    SarifResult {
        rule_id: entry.code.to_owned(),
        rule_index,
        kind,
        level,
        baseline_state: finding.and_then(|finding| finding.known.as_ref()).map(|_| "unchanged"),
        message: Message::of(&sentence(entry)),
        locations: [location],
        related_locations: finding.map(|finding| related(finding, places)).unwrap_or_default(),
        partial_fingerprints: Partial { primary_location_line_hash: fingerprint },
        suppressions: suppressions(entry, waivers, places),
        fixes: finding.map(|finding| fixes(finding, places)).unwrap_or_default(),
        properties: ResultProperties {
            status: entry.status,
            severity: entry.severity,
            devices: entry.devices.iter().map(|device| (*device).to_owned()).collect(),
            setting: entry.path.map(str::to_owned),
            write: entry.remedy().map(str::to_owned),
            menu: finding.and_then(|finding| finding.menu.clone()),
            supports: finding.map(|finding| finding.supports.clone()).unwrap_or_default(),
            rules: finding.map(|f| f.rules.iter().map(|rule| rule.id.clone()).collect()).unwrap_or_default(),
        },
    }
}

/// What is wrong, where, and what to write: all that the list of alerts shows. What is to be written in a block stands
/// in the properties and the fix: a consumer may show its braces twice.
fn sentence(entry: &Entry<'_>) -> String {
    let devices = if entry.devices.is_empty() { String::new() } else { format!("{}: ", entry.devices.join(", ")) };
    let setting = entry.path.map(|path| format!(" ({path})")).unwrap_or_default();
    let remedy = Some(entry.remedy_words()).filter(|remedy| !remedy.contains(['{', '}'])).unwrap_or_default();
    format!("{devices}{}{setting}{}{remedy}", entry.sentence(), entry.standing())
}

/// Both ends: how the line reaches the device, what else it has to do with, the rule that asks.
fn related(finding: &Finding, places: &Places<'_>) -> Vec<Location> {
    let notes = finding.trail.iter().chain(&finding.related).map(|note| (note.loc, note.text.clone()));
    let rules = finding.rules.iter().map(|rule| (rule.loc, format!("asked by {}", rule.id)));
    let rule = finding.rule_loc.filter(|_| finding.rules.is_empty()).map(|loc| (loc, "asked here".to_owned()));
    let mut once = HashSet::new();
    let all = notes.chain(rules).chain(rule).filter(|place| once.insert(place.clone()));
    all.filter_map(|(loc, text)| places.related(loc, &text)).collect()
}

/// A waiver with its end, its reason and who answers for it. A result that nothing covers says so by an empty list.
fn suppressions(entry: &Entry<'_>, waivers: &HashMap<&str, &WaiverLine>, places: &Places<'_>) -> Vec<Suppression> {
    let Some(id) = entry.finding.and_then(|finding| finding.waiver.as_deref()) else { return Vec::new() };
    let waiver = waivers.get(id).copied();
    let justification = waiver.map_or(id.to_owned(), |WaiverLine { said: w, .. }| {
        format!(
            "{id} until {}: {}; instead: {}; owner {}, approved by {}",
            w.until, w.reason, w.instead, w.owner, w.approver
        )
    });
    let location = waiver.and_then(|w| places.physical(w.loc)).map(|physical_location| Location {
        physical_location,
        logical_locations: Vec::new(),
        message: None,
    });
    vec![Suppression { kind: "external", status: "accepted", justification, location }]
}

/// The edits of a fix, file by file; none where a person has to decide more than that.
fn fixes(finding: &Finding, places: &Places<'_>) -> Vec<Fix> {
    let Some(fix) = finding.fix.as_ref().filter(|fix| !fix.edits.is_empty()) else { return Vec::new() };
    let mut changes: Vec<ArtifactChange> = Vec::new();
    for Edit { at, text } in &fix.edits {
        let Some(Physical { artifact_location, region }) = places.physical(*at) else { return Vec::new() };
        let replacement = Replacement { deleted_region: region, inserted_content: Content { text: text.clone() } };
        match changes.iter_mut().find(|change| change.artifact_location == artifact_location) {
            Some(change) => change.replacements.push(replacement),
            None => changes.push(ArtifactChange { artifact_location, replacements: vec![replacement] }),
        }
    }
    vec![Fix { description: Message::of(&format!("mends {}", &*finding.code)), artifact_changes: changes }]
}

/// A text in which nothing is a link: SARIF 2.1.0, section 3.11.6.
fn unlinked(text: &str) -> String {
    escape::block(text).replace('\\', "\\\\").replace('[', "\\[").replace(']', "\\]")
}

impl Message {
    fn of(text: &str) -> Message {
        // a brace would begin a placeholder: section 3.11.5
        Message { text: unlinked(text).replace('{', "{{").replace('}', "}}") }
    }
}
