//! `plan show`: a plan for people.

use std::path::PathBuf;

use fieldlock::image::Digest;
use fieldlock::report;

use super::super::args::Format;
use super::super::exit::Exit;
use super::super::output::Output;
use super::super::problem::Problem;

#[derive(Debug, clap::Args)]
pub(crate) struct ShowArgs {
    /// The plan
    file: PathBuf,
    /// As Markdown, for a change board
    #[arg(long, conflicts_with = "format")]
    markdown: bool,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write it to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: ShowArgs) -> Result<Exit, Problem> {
    let (bytes, plan) = super::read(&args.file)?;
    let output = Output::of(args.format, args.output, false);
    match args.markdown {
        true => output.text(&report::plan::markdown(&plan, Digest::of(&bytes)))?,
        false => output.either(|| &plan, || report::plan::text(&plan))?,
    }
    Ok(Exit::Done)
}
