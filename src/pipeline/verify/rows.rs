//! The ladder as findings of devices, for formats that know nothing but rows: a row for each rung of each device.

use std::collections::HashMap;

use crate::finding::codes::verify as codes;
use crate::finding::{Code, Finding, Verdict};
use crate::pipeline::folder::{INDEX, REVIEW, image};
use crate::report::verify::{Ending, Ladder, Rung, RungAnswer};
use crate::report::{DeviceReport, Outcome, Report, SiteHead};
use crate::source::{Loc, SourceMap, Span};

/// What a folder proves, by the name that it was typed by: what holds as passes, what can't be told as left for later.
/// `now` is the time of the run, as documents say it. The files that are named have no text here.
pub fn rows(ladder: &Ladder, folder: &str, now: &str, version: &str) -> (Report, SourceMap) {
    let mut rows = Rows::default();
    let site = if ladder.site.is_empty() { "-".to_owned() } else { ladder.site.clone() };
    let mut report = Report {
        site: Some(SiteHead { name: site, argument: folder.to_owned() }),
        judged_at: now.to_owned(),
        demo: ladder.demo,
        ended: Some(match ladder.ending() {
            Ending::Holds => Outcome::Clean,
            Ending::Refused => Outcome::Refused,
            Ending::Unreadable => Outcome::Invalid,
            Ending::Differs => Outcome::Differs,
        }),
        ..Report::new("verify", version)
    };
    rows.site(ladder);
    for rungs in &ladder.devices {
        let loc = rows.file(&image(&rungs.device));
        report.devices.push(DeviceReport { name: rungs.device.clone(), loc: Some(loc), ..DeviceReport::default() });
        for rung in Rung::ALL.into_iter().filter(|rung| *rung != Rung::Signed) {
            let row = row(code(rung), ladder.said(rung, rungs), rung.sentence(true), loc);
            rows.findings.push(row.device(&*rungs.device));
        }
        let now = rungs.stale.as_ref().map(|why| RungAnswer::Failed(why.clone()));
        let now = now.or_else(|| rungs.back.as_ref().map(|why| RungAnswer::Holds(why.clone())));
        let now = now.unwrap_or_else(|| RungAnswer::Holds(String::new()));
        rows.findings.push(row(codes::NOW, &now, "it is for now", loc).device(&*rungs.device));
    }
    report.findings = rows.findings;
    (report, rows.sources)
}

#[derive(Default)]
struct Rows {
    sources: SourceMap,
    files: HashMap<String, Loc>,
    findings: Vec<Finding>,
}

impl Rows {
    /// The beginning of a file of the folder.
    fn file(&mut self, name: &str) -> Loc {
        let sources = &mut self.sources;
        let loc = || Loc::new(sources.add(name, ""), Span::default());
        *self.files.entry(name.to_owned()).or_insert_with(loc)
    }

    /// What is said of all of it.
    fn site(&mut self, ladder: &Ladder) {
        let (index, page) = (self.file(INDEX), self.file(REVIEW));
        let origin = match &ladder.proved {
            Some(by) if !ladder.falls() => RungAnswer::Holds(format!("by {by}")),
            Some(by) => {
                RungAnswer::Failed(format!("nothing proves the origin of what does not hold; of the list, {by}"))
            }
            None => RungAnswer::Failed("nothing proves the origin: anybody can have made what is here".to_owned()),
        };
        let clock = ladder.clock.as_ref().map(|why| RungAnswer::Failed(why.clone()));
        self.findings.push(row(codes::SIGNED, &ladder.signed, Rung::Signed.sentence(false), index));
        self.findings.push(row(codes::ORIGIN, &origin, "the origin is proved", index));
        self.findings.push(row(
            codes::PAGE,
            &ladder.page,
            "the page for the change board is the one that is listed",
            page,
        ));
        self.findings.extend(clock.map(|why| row(codes::NOW, &why, "", index)));
        for name in &ladder.strangers {
            let loc = self.file(name);
            let why = RungAnswer::Failed(format!("`{name}` is a file that the list does not name"));
            self.findings.push(row(codes::STRANGER, &why, "", loc));
        }
    }
}

fn code(rung: Rung) -> Code {
    match rung {
        Rung::Whole => codes::WHOLE,
        Rung::Signed => codes::SIGNED,
        Rung::Reviewed => codes::REVIEWED,
        Rung::Source => codes::SOURCE,
        Rung::Content => codes::CONTENT,
        Rung::Applied => codes::APPLIED,
    }
}

fn row(code: Code, said: &RungAnswer, sentence: &str, loc: Loc) -> Finding {
    let text = said.text();
    let (status, message, reason) = match said {
        RungAnswer::Holds(_) => (Verdict::Pass, sentence.to_owned(), text),
        RungAnswer::Failed(_) => (Verdict::Fail, text.to_owned(), ""),
        RungAnswer::Differs(_) => (Verdict::Fail, format!("differs: {text}"), ""),
        RungAnswer::Unreadable(_) => (Verdict::Unknown, format!("can't be told: {sentence}"), text),
        RungAnswer::Open(_) => (Verdict::Deferred, format!("not proved: {sentence}"), text),
    };
    let reason = Some(reason.to_owned()).filter(|reason| !reason.is_empty());
    Finding { status, reason, ..Finding::new(code, loc, message) }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::escape::{acts, hostile};
    use crate::report::verify::DeviceRungs;
    use crate::report::{View, annotations, csv, junit, oscal, quality, sarif};

    /// Invariant 13: what a folder says of itself, and how its files are called, is text.
    #[test]
    fn hostile_names_stay_text_in_every_format() {
        for evil in hostile() {
            let said = || RungAnswer::Failed(evil.clone());
            let open = || RungAnswer::Open(evil.clone());
            let ladder = Ladder {
                site: evil.clone(),
                devices: vec![DeviceRungs {
                    device: evil.clone(),
                    revision: 1,
                    digest: evil.clone(),
                    whole: said(),
                    reviewed: RungAnswer::Differs(evil.clone()),
                    source: RungAnswer::Unreadable(evil.clone()),
                    content: open(),
                    applied: RungAnswer::Holds(evil.clone()),
                    opened: false,
                    sheet: false,
                    rekeyed: Some(evil.clone()),
                    stale: Some(evil.clone()),
                    back: None,
                }],
                strangers: vec![evil.clone()],
                page: said(),
                proved: Some(evil.clone()),
                clock: Some(evil.clone()),
                ..Ladder::fallen(said())
            };
            let (report, files) = rows(&ladder, &evil, "2026-03-09 14:10 UTC", "1");
            assert_eq!(report.outcome().code(), 5);
            let view = View { all: true, ..View::default() };
            for write in [sarif, junit, quality, annotations, csv, oscal] {
                let text = write(&report, &files, &view);
                assert!(!text.chars().any(|c| acts(c) && c != '\n'), "{text:?}");
            }
            let commands = annotations(&report, &files, &view);
            assert!(commands.lines().all(|line| line.starts_with("::")), "{commands}");
            let table = csv(&report, &files, &view);
            let mut cells = ::csv::Reader::from_reader(table.as_bytes());
            let formula = |cell: &str| cell.starts_with(['=', '+', '-', '@']);
            assert!(!cells.records().any(|row| row.is_ok_and(|row| row.iter().any(formula))), "{table}");
        }
    }
}
