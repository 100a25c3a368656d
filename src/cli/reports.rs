//! Reports on devices: in which formats, and what they ask for.

use std::path::PathBuf;

use clap::ValueEnum;
use fieldlock::finding::Verdict;
use fieldlock::pipeline::verify::rows;
use fieldlock::pipeline::{List, ReadySite, rule_pages};
use fieldlock::report::documents::{self, Verified};
use fieldlock::report::formats::{self, Write};
use fieldlock::report::verify::{self, Ladder};
use fieldlock::report::{Report, View, page};

use super::ends::{Typed, TypedParser, ends};
use super::problem::Problem;

/// A format of a report on devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum ReportFormat {
    /// For people; coloured on a terminal only (the default)
    Human,
    /// For editors and `grep`: one line a finding
    Concise,
    /// For logs and screen readers: no colour, no drawing
    Plain,
    /// For programs: see `fieldlock schema report`
    Json,
    /// For code scanning: SARIF 2.1.0
    Sarif,
    /// For test tabs: a suite a device, a case a rule
    Junit,
    /// For merge requests in GitLab: Code Quality
    Gitlab,
    /// For the log of a GitHub workflow: annotations
    Github,
    /// For the description of a merge request: a page, however many devices
    Markdown,
    /// For spreadsheets
    Csv,
    /// For a browser: one page that loads nothing
    Html,
    /// For tools of auditors: OSCAL 1.1.3, assessment results
    Oscal,
    /// The same: a component definition, each model with the rules that speak of it
    OscalComponent,
}

impl ReportFormat {
    /// Whether it tells passes too: a test tab knows a test as mended only by its pass, an auditor what was looked at.
    fn tells_passes(self) -> bool {
        matches!(self, ReportFormat::Junit | ReportFormat::Oscal | ReportFormat::OscalComponent)
    }

    /// What writes a report in it; `human` is what people read of the verb.
    fn write(self, human: Write) -> Write {
        match self {
            ReportFormat::Human => human,
            ReportFormat::Concise => formats::concise,
            ReportFormat::Plain => formats::plain,
            ReportFormat::Json => formats::json,
            ReportFormat::Sarif => formats::sarif,
            ReportFormat::Junit => formats::junit,
            ReportFormat::Gitlab => formats::quality,
            ReportFormat::Github => formats::annotations,
            ReportFormat::Markdown => formats::merge,
            ReportFormat::Csv => formats::csv,
            ReportFormat::Html => formats::html,
            ReportFormat::Oscal => formats::oscal,
            ReportFormat::OscalComponent => formats::oscal_components,
        }
    }

    /// Whether it tells the pages of rules.
    fn tells_rules(self) -> bool {
        matches!(self, ReportFormat::Sarif | ReportFormat::Json | ReportFormat::Html | ReportFormat::OscalComponent)
    }
}

/// How the reports of a run are shown.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReportArgs {
    /// Format of the report [default: human; in a pipe too, without colours there]; with `=FILE` a further report that
    /// goes there, as many as are wanted
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = TypedParser::<ReportFormat>::new(), help_heading = "Report")]
    format: Vec<Typed<ReportFormat>>,
    /// Write the report to this file instead of stdout, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
    /// Show everything: passes, waived findings, rules left for later, values in full, native texts
    #[arg(long, help_heading = "Report")]
    all: bool,
}

/// Where and how the reports of a run are shown: what the flags mean.
pub(crate) struct Reports {
    ends: Vec<Typed<ReportFormat>>,
    all: bool,
}

impl Reports {
    /// Of the flags.
    ///
    /// # Errors
    /// Two reports of one run would go to the same place.
    pub(crate) fn new(args: &ReportArgs) -> Result<Reports, Problem> {
        Ok(Reports { ends: ends(&args.format, args.output.as_deref(), ReportFormat::Human)?, all: args.all })
    }

    /// The same for what a folder proves, which has no components.
    ///
    /// # Errors
    /// Two reports of one run would go to the same place, or one is asked for that there is not.
    pub(crate) fn of_ladder(args: &ReportArgs) -> Result<Reports, Problem> {
        let reports = Reports::new(args)?;
        if reports.wants(ReportFormat::OscalComponent) {
            return Err(Problem::invalid("what a folder proves has no components")
                .help("`--format oscal` tells it as assessment results"));
        }
        Ok(reports)
    }

    fn wants(&self, format: ReportFormat) -> bool {
        self.ends.iter().any(|end| end.format == format)
    }

    /// Which rules are listed though nothing is wrong with them.
    pub(crate) fn list(&self) -> List {
        if self.all || self.ends.iter().any(|end| end.format.tells_passes()) { List::All } else { List::Nothing }
    }

    /// Whether fixes are told as edits of the files.
    pub(crate) fn edits(&self) -> bool {
        self.wants(ReportFormat::Json) || self.wants(ReportFormat::Sarif)
    }

    /// Whether `diff` shows native texts: people ask for them.
    pub(crate) fn texts(&self) -> bool {
        self.all || self.texts_in_log()
    }

    /// Whether `build` does: its log tells what changes, programs get everything.
    pub(crate) fn texts_in_log(&self) -> bool {
        self.wants(ReportFormat::Json)
    }

    /// Shows a report in every format that was asked for; `human` renders it for people.
    pub(crate) fn show(&self, report: &mut Report, ready: &ReadySite, human: Write) -> Result<(), Problem> {
        if self.ends.iter().any(|end| end.format.tells_rules()) {
            report.rules = rule_pages(ready);
        }
        let text = |end: &Typed<ReportFormat>, report: &Report| {
            end.format.write(human)(report, &ready.sources, &end.view(self.all))
        };
        // the passes that some tell are nothing that the others list
        let with_passes = |end: &Typed<ReportFormat>| end.format.tells_passes().then(|| text(end, report));
        let texts: Vec<Option<String>> = self.ends.iter().map(with_passes).collect();
        if !self.all && texts.iter().any(Option::is_some) {
            report.findings.retain(|finding| {
                !matches!(finding.status, Verdict::Pass | Verdict::NotApplicable | Verdict::Deferred)
            });
        }
        for (end, told) in self.ends.iter().zip(texts) {
            end.put(&told.unwrap_or_else(|| text(end, report)))?;
        }
        Ok(())
    }

    /// Shows what a folder proves, by the name that it was typed by, in every format that was asked for.
    pub(crate) fn show_ladder(&self, ladder: &Ladder, folder: &str, now: &str) -> Result<(), Problem> {
        let version = env!("CARGO_PKG_VERSION");
        let (report, sources) = rows(ladder, folder, now, version);
        for end in &self.ends {
            let view: View = end.view(self.all);
            let of_rows = |write: Write| write(&report, &sources, &view);
            end.put(&match end.format {
                ReportFormat::Human => verify::verify(ladder, &view),
                ReportFormat::Plain | ReportFormat::Concise => verify::plain(ladder),
                ReportFormat::Json => documents::text(&Verified::of(ladder, version)),
                ReportFormat::Markdown => verify::markdown(ladder),
                ReportFormat::Html => page::verified(ladder),
                ReportFormat::Sarif => of_rows(formats::sarif),
                ReportFormat::Junit => of_rows(formats::junit),
                ReportFormat::Gitlab => of_rows(formats::quality),
                ReportFormat::Github => of_rows(formats::annotations),
                ReportFormat::Csv => of_rows(formats::csv),
                ReportFormat::Oscal => of_rows(formats::oscal),
                ReportFormat::OscalComponent => of_rows(formats::oscal_components),
            })?;
        }
        Ok(())
    }
}
