//! `models`: what fieldlock knows of each model.

use std::path::PathBuf;

use clap::builder::{PossibleValuesParser, TypedValueParser};
use fieldlock::model::device::PlatformKind;
use fieldlock::report;
use fieldlock::report::documents::ModelList;

use super::advisories;
use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock models\n  fieldlock models --platform mx-ros --format json")]
pub(crate) struct ModelsArgs {
    /// Only this platform; may be given more than once
    #[arg(long, value_name = "PLATFORM", value_parser = platforms())]
    platform: Vec<PlatformKind>,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

/// The platforms, by the words that descriptions have for them.
pub(crate) fn platforms() -> impl TypedValueParser<Value = PlatformKind> {
    PossibleValuesParser::new(PlatformKind::ALL.map(PlatformKind::word))
        .try_map(|word| PlatformKind::from_word(&word).ok_or("no platform"))
}

pub(crate) fn run(args: ModelsArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output, false);
    let asked = PlatformKind::ALL.into_iter().filter(|kind| args.platform.is_empty() || args.platform.contains(kind));
    let list = ModelList::of(&asked.collect::<Vec<_>>(), &*advisories::in_force()?);
    let text = report::models(&list, output.view());
    output.either(|| list, || text)?;
    Ok(Exit::Done)
}
