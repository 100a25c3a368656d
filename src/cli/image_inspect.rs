//! `image inspect`: what an image says of itself.

use fieldlock::image;

use super::args::InspectArgs;
use super::exit::Exit;
use super::image_file;
use super::output::Output;
use super::problem::Problem;

pub(crate) fn run(args: InspectArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output, false);
    let path = image_file::meant(&args.file);
    let file = image_file::read(&path)?;
    let inspection = image::inspect(&file).map_err(|error| image_file::refused(&path, &error))?;
    output.text(&image_file::rows(&inspection.rows(), output.format()))?;
    Ok(Exit::Done)
}
