//! Where results go that are no report on devices: stdout, or a file that is there whole or not at all.

use std::path::{Path, PathBuf};

use fieldlock::report::View;
use fieldlock::report::documents;
use fieldlock::site::output::{Access, write_file};
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

    /// How to show it.
    pub(crate) fn view(&self) -> &View {
        &self.view
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
            Some(file) => write_whole(file, text.as_bytes()),
        }
    }
}

/// Writes a file for everybody; what stood there stays until all of the new is there. Never by a link out of a site.
pub(crate) fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    site::stays(path)?;
    write_file(path, bytes, Access::Everyone, true).map_err(|problem| {
        let problem = Problem::invalid(problem.to_string())
            .help("give a file in a folder that exists and that you may write to")
            .state("the file is as it was before");
        terminal::after(problem)
    })?;
    terminal::did(format!("`{}` is written", path.display()));
    Ok(())
}

/// Writes a new file for its owner alone. Never by a link out of a site.
pub(crate) fn write_new(path: &Path, bytes: &[u8]) -> Result<(), Problem> {
    site::stays(path)?;
    write_file(path, bytes, Access::Owner, false).map_err(|problem| Problem::invalid(problem.to_string()))?;
    terminal::did(format!("`{}` is written", path.display()));
    Ok(())
}
