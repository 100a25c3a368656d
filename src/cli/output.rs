//! Where a report goes: stdout, or a file that is there whole or not at all.

use std::path::{Path, PathBuf};

use fieldlock::pipeline::List;
use fieldlock::report::documents;
use fieldlock::report::formats::{self, Write};
use fieldlock::report::{Report, View};
use fieldlock::site::output::{Access, write_file};
use fieldlock::source::SourceMap;
use serde::Serialize;

use super::args::{Format, OutputArgs};
use super::problem::Problem;
use super::{site, terminal};

/// Where and how results are shown: what the flags mean.
pub(crate) struct Output {
    format: Format,
    file: Option<PathBuf>,
    view: View,
}

impl Output {
    /// Of the flags of a verb that makes a report.
    pub(crate) fn new(args: &OutputArgs) -> Output {
        Output::of(args.format, args.output.clone(), args.all)
    }

    /// Of single flags.
    pub(crate) fn of(format: Option<Format>, file: Option<PathBuf>, all: bool) -> Output {
        Output { format: format.unwrap_or(Format::Human), view: terminal::view(all, file.is_some()), file }
    }

    /// The format.
    pub(crate) fn format(&self) -> Format {
        self.format
    }

    /// Which rules are listed though nothing is wrong with them: the same in every format.
    pub(crate) fn list(&self) -> List {
        if self.view.all { List::All } else { List::Nothing }
    }

    /// Whether `diff` shows native texts: people ask for them.
    pub(crate) fn texts(&self) -> bool {
        self.view.all || self.format != Format::Human
    }

    /// Whether `build` does: its log tells what changes, programs get everything.
    pub(crate) fn texts_in_log(&self) -> bool {
        self.format == Format::Json
    }

    /// How to show it.
    pub(crate) fn view(&self) -> &View {
        &self.view
    }

    /// Shows a report; `human` renders it for people.
    pub(crate) fn report(&self, report: &Report, sources: &SourceMap, human: Write) -> Result<(), Problem> {
        let write = match self.format {
            Format::Human => human,
            Format::Concise => formats::concise,
            Format::Plain => formats::plain,
            Format::Json => formats::json,
        };
        self.text(&write(report, sources, &self.view))
    }

    /// Shows what a verb has to say that makes no report: a document for programs, a text in every other format.
    pub(crate) fn either<D: Serialize>(
        &self,
        document: impl FnOnce() -> D,
        text: impl FnOnce() -> String,
    ) -> Result<(), Problem> {
        self.text(&match self.format {
            Format::Json => documents::text(&document()),
            Format::Human | Format::Concise | Format::Plain => text(),
        })
    }

    /// Shows a text.
    pub(crate) fn text(&self, text: &str) -> Result<(), Problem> {
        match &self.file {
            None => terminal::print(text),
            Some(file) => site::stays(file).and_then(|()| write_whole(file, text.as_bytes())),
        }
    }
}

/// Writes a file for everybody; what stood there stays until all of the new is there.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    write_file(path, bytes, Access::Everyone, true).map_err(|problem| {
        Problem::invalid(problem.to_string())
            .help("give a file in a folder that exists and that you may write to")
            .state("the file is as it was before")
    })
}
