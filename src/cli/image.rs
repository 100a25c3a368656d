//! Verbs on sealed images.

use clap::Subcommand;

use super::exit::Exit;
use super::problem::Problem;
use super::{image_grant, image_inspect, image_open, image_rekey};

#[derive(Debug, clap::Args)]
pub(crate) struct ImageArgs {
    #[command(subcommand)]
    verb: ImageVerb,
}

/// Verbs on images.
#[derive(Debug, Subcommand)]
pub(crate) enum ImageVerb {
    /// Print what an image says of itself; needs no key, proves nothing
    Inspect(image_inspect::InspectArgs),
    /// Open an image and print what is in it, secrets masked
    Open(image_open::OpenArgs),
    /// Seal images for another passphrase; their content, digests and signatures stay
    Rekey(image_rekey::RekeyArgs),
    /// Make a copy of one image that opens by one code, shown once
    Grant(image_grant::GrantArgs),
}

pub(crate) fn run(args: ImageArgs) -> Result<Exit, Problem> {
    match args.verb {
        ImageVerb::Inspect(args) => image_inspect::run(args),
        ImageVerb::Open(args) => image_open::run(args),
        ImageVerb::Rekey(args) => image_rekey::run(args),
        ImageVerb::Grant(args) => image_grant::run(args),
    }
}
