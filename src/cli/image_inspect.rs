//! `image inspect`: what an image says of itself.

use fieldlock::image;

use super::args::InspectArgs;
use super::exit::Exit;
use super::image_file;
use super::output::Output;
use super::problem::Problem;

pub(crate) fn run(args: InspectArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output, false);
    let file = image_file::read(&args.file)?;
    let inspection = image::inspect(&file).map_err(|error| image_file::refused(&args.file, &error))?;
    output.text(&image_file::rows(&inspection.rows(), output.format()))?;
    Ok(Exit::Done)
}
