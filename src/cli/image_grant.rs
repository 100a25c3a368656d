//! `image grant`: a copy of one image that opens by one code and by nothing else, for somebody who is to have one
//! device. The code is shown once, on a terminal, and kept nowhere.

use std::path::{Path, PathBuf};

use fieldlock::image::{self, UnlockCode};
use fieldlock::report::escape;
use fieldlock::site::output::is_free;

use super::exit::Exit;
use super::opening::{Found, Opener, OriginArgs, Proofs, UnlockArgs};
use super::output::write_new;
use super::problem::Problem;
use super::seen::SeenFile;
use super::{entropy, image_file, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock image grant np07 --out np07-acme.flk\n  \
    fieldlock image grant E:/images/np07.flk --out np07-acme.flk\n\n\
    Give the file and the code by two ways. Whoever has both can open this one image, today and always, and can hand\n\
    both on, or seal the copy for others; granting takes no other copy back, and no password on the device changes by it.")]
pub(crate) struct GrantArgs {
    /// The image; or a device's name, inside its site
    #[arg(value_name = "FILE")]
    file: PathBuf,
    /// The copy: a new file
    #[arg(short, long, value_name = "FILE")]
    out: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
    /// Refuse an image of another device
    #[arg(long, value_name = "NAME", help_heading = "What it has to be")]
    device: Option<String>,
    #[command(flatten)]
    origin: OriginArgs,
}

pub(crate) fn run(args: GrantArgs) -> Result<Exit, Problem> {
    // before anything else: where the code can't be shown, there must be none
    if !terminal::can_show() {
        return Err(Problem::refused("an unlock code is shown on a terminal only, and this is none")
            .help("run it in a terminal, with nothing redirected: in a log the code would open the image for everybody who reads it")
            .state("no code was made and nothing was written"));
    }
    site::stays(&args.out)?;
    is_free(&args.out).map_err(|error| not_written(&error))?;
    let proofs = Proofs::of(&args.origin)?;
    let seen = SeenFile::recall()?;
    let found = Found::read(&image_file::resolve_image_path(&args.file)?, &proofs)?;
    let opener = Opener::of(&args.unlock, &found.inspection)?;
    let opened = found.open(&opener, &seen, &args.origin.rollback, (None, args.device.as_deref()))?;
    let failed = |error: &dyn std::fmt::Display| {
        Problem::invalid(error.to_string()).state("no code was made and nothing was written")
    };
    let code = UnlockCode::fresh(&mut entropy::System).map_err(|error| failed(&error))?;
    let granted = image::grant(&found.file, &opened, &code, &mut entropy::System).map_err(|error| {
        Problem::refused(error.to_string()).help(error.help()).state("no code was made and nothing was written")
    })?;
    write_new(&args.out, &granted.bytes).map_err(|error| not_written(&error))?;
    let core = &opened.core;
    let what = format!("{} of {}, revision {}, image {}", core.device, core.site, core.revision, opened.digest.short());
    let told = format!(
        "{}   opens with this code, and with nothing else:\n\n    ",
        escape::line(&args.out.display().to_string()),
    );
    let shown = code.shown();
    let ending = format!(
        "\n\nit is for {}\nwrite the code down now: it is kept nowhere and is not shown again\ngive file and code by two \
         ways; whoever has both can open this image always\n",
        escape::line(&what)
    );
    show(&told, shown.expose_text().unwrap_or_default(), &ending, &args.out)
}

fn not_written(error: &dyn std::fmt::Display) -> Problem {
    Problem::invalid(error.to_string())
        .help("give a file that does not exist yet, in a folder that does, with --out")
        .state("no code was shown and nothing was written")
}

/// On the terminal; where that fails the copy is of no use to anybody, and goes.
fn show(before: &str, code: &str, after: &str, file: &Path) -> Result<Exit, Problem> {
    let shown = terminal::print(before).and_then(|()| terminal::print(code)).and_then(|()| terminal::print(after));
    match shown {
        Ok(()) => Ok(Exit::Done),
        Err(problem) => {
            // best effort: without its code nobody can open it
            let _ = std::fs::remove_file(file);
            Err(problem.state("the code was not shown, and the copy was taken away"))
        }
    }
}
