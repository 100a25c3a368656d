//! Where the reports of a run go: one to stdout or `--output`, and any number to files of their own.

use std::ffi::OsStr;
use std::path::PathBuf;

use clap::builder::{EnumValueParser, PossibleValue, TypedValueParser};
use clap::{Arg, Command, ValueEnum};
use fieldlock::finding::Verdict;
use fieldlock::pipeline::{List, ReadySite, rule_pages};
use fieldlock::report::Report;
use fieldlock::report::formats::{self, Write};

use super::output::write_whole;
use super::problem::Problem;
use super::{site, terminal};

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

    /// Whether it tells the pages of rules.
    fn tells_rules(self) -> bool {
        matches!(self, ReportFormat::Sarif | ReportFormat::Json | ReportFormat::Html | ReportFormat::OscalComponent)
    }
}

/// A format as typed, and the file behind its `=`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Typed {
    format: ReportFormat,
    file: Option<PathBuf>,
}

/// Reads `sarif` and `sarif=out.sarif`.
#[derive(Debug, Clone)]
struct TypedParser;

impl TypedValueParser for TypedParser {
    type Value = Typed;

    fn parse_ref(&self, command: &Command, arg: Option<&Arg>, typed: &OsStr) -> Result<Typed, clap::Error> {
        let formats = EnumValueParser::<ReportFormat>::new();
        let apart = typed.to_str().and_then(|text| text.split_once('='));
        let (name, file) = apart.map_or((typed, None), |(name, file)| (OsStr::new(name), Some(file)));
        let format = formats.parse_ref(command, arg, name)?;
        match file {
            Some("" | "-") => Err(clap::Error::raw(
                clap::error::ErrorKind::InvalidValue,
                "a format with `=` takes the name of a file; without `=` it goes to stdout\n",
            )
            .with_cmd(command)),
            file => Ok(Typed { format, file: file.map(PathBuf::from) }),
        }
    }

    fn possible_values(&self) -> Option<Box<dyn Iterator<Item = PossibleValue> + '_>> {
        let known: Vec<PossibleValue> =
            ReportFormat::value_variants().iter().filter_map(ValueEnum::to_possible_value).collect();
        Some(Box::new(known.into_iter()))
    }
}

/// How the reports of a run are shown.
#[derive(Debug, Clone, clap::Args)]
pub(crate) struct ReportArgs {
    /// Format of the report [default: human; in a pipe too, without colours there]; with `=FILE` a further report that
    /// goes there, as many as are wanted
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = TypedParser, help_heading = "Report")]
    format: Vec<Typed>,
    /// Write the report to this file instead of stdout, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
    /// Show everything: passes, waived findings, rules left for later, values in full, native texts
    #[arg(long, help_heading = "Report")]
    all: bool,
}

/// Where and how the reports of a run are shown: what the flags mean.
pub(crate) struct Reports {
    /// Those in files of their own first: whoever sees the one on stdout finds them there.
    ends: Vec<Typed>,
    all: bool,
}

impl Reports {
    /// Of the flags.
    ///
    /// # Errors
    /// Two reports of one run would go to the same place.
    pub(crate) fn new(args: &ReportArgs) -> Result<Reports, Problem> {
        let (mut ends, bare): (Vec<Typed>, Vec<Typed>) = args.format.iter().cloned().partition(|t| t.file.is_some());
        let format = match &bare[..] {
            [] => ReportFormat::Human,
            [one] => one.format,
            [..] => {
                return Err(Problem::invalid("two formats would go to the same place")
                    .help("give all of them but one a file: `--format sarif=out.sarif`"));
            }
        };
        ends.push(Typed { format, file: args.output.clone() });
        for (at, end) in ends.iter().enumerate() {
            let Some(file) = &end.file else { continue };
            // what swallows everything may swallow several
            let swallows = ["/dev/null", "NUL"].iter().any(|name| file.as_os_str() == *name);
            if !swallows && ends[..at].iter().any(|other| other.file.as_ref() == Some(file)) {
                return Err(Problem::invalid(format!("two reports would go to `{}`", file.display()))
                    .help("give each a file of its own"));
            }
            site::stays(file)?;
        }
        Ok(Reports { ends, all: args.all })
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
        // the passes that some tell are nothing that the others list
        let with_passes = |end: &Typed| end.format.tells_passes().then(|| self.text(end, report, ready, human));
        let texts: Vec<Option<String>> = self.ends.iter().map(with_passes).collect();
        if !self.all && texts.iter().any(Option::is_some) {
            report.findings.retain(|finding| {
                !matches!(finding.status, Verdict::Pass | Verdict::NotApplicable | Verdict::Deferred)
            });
        }
        for (end, text) in self.ends.iter().zip(texts) {
            let text = text.unwrap_or_else(|| self.text(end, report, ready, human));
            match &end.file {
                None => terminal::print(&text)?,
                Some(file) => write_whole(file, text.as_bytes())?,
            }
        }
        Ok(())
    }

    fn text(&self, end: &Typed, report: &Report, ready: &ReadySite, human: Write) -> String {
        let write = match end.format {
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
        };
        write(report, &ready.sources, &terminal::view(self.all, end.file.is_some()))
    }
}
