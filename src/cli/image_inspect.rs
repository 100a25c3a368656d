//! `image inspect`: what an image says of itself.

use std::path::PathBuf;

use fieldlock::image;
use fieldlock::report::documents::ImageDocument;

use super::args::Format;
use super::exit::Exit;
use super::opening::beside;
use super::output::Output;
use super::problem::Problem;
use super::{image_file, interrupted};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock image inspect out/images/np07.flk")]
pub(crate) struct InspectArgs {
    /// The image; or a device's name, inside its site
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: InspectArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output, false);
    let path = image_file::resolve_image_path(&args.file)?;
    interrupted::build(&beside(&path));
    let file = image_file::read(&path)?;
    let inspection = image::inspect(&file).map_err(|error| image_file::refused(&path, &error))?;
    output.either(|| ImageDocument::of(&inspection), || image_file::rows(&inspection.rows()))?;
    Ok(Exit::Done)
}
