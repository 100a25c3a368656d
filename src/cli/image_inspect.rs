//! `image inspect`: what an image says of itself.

use fieldlock::image;

use super::args::InspectArgs;
use super::exit::Exit;
use super::opening::beside;
use super::output::Output;
use super::problem::Problem;
use super::{image_file, interrupted};

pub(crate) fn run(args: InspectArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output, false);
    let path = image_file::meant(&args.file);
    interrupted::build(&beside(&path));
    let file = image_file::read(&path)?;
    let inspection = image::inspect(&file).map_err(|error| image_file::refused(&path, &error))?;
    output.text(&image_file::rows(&inspection.rows(), output.format()))?;
    Ok(Exit::Done)
}
