//! `image open`: what is in an image, secrets masked; one value on a terminal; or, into a new folder, all of it.
//! Nothing is written unless `--to` says so.

use std::path::{Path, PathBuf};

use fieldlock::image::{Opened, PartKind, Plain};
use fieldlock::native::Token;
use fieldlock::pipeline::VENDORS_OWN;
use fieldlock::report::documents::ImageDocument;
use fieldlock::report::escape;
use fieldlock::site::output::{OutProblem, Privacy, is_free, write_private_folder};

use super::args::Format;
use super::exit::Exit;
use super::image_file;
use super::opening::{Found, Opener, OriginArgs, Proofs, UnlockArgs, proof};
use super::output::Output;
use super::problem::Problem;
use super::seen::SeenFile;
use super::{folders, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock image open out/images/np07.flk\n  \
    fieldlock image open out/images/np07.flk --show np07/ot-admin\n  \
    fieldlock image open out/images/np07.flk --passphrase-file west.passphrase --to np07-content")]
pub(crate) struct OpenArgs {
    /// The image; or a device's name, inside its site
    #[arg(value_name = "FILE")]
    file: PathBuf,
    #[command(flatten)]
    unlock: UnlockArgs,
    /// Print this secret in clear, by its name such as np07/ot-admin, or a whole part; on a terminal only
    #[arg(long, value_name = "NAME", conflicts_with_all = ["to", "format"])]
    show: Option<String>,
    /// Write the content, secrets in clear, into this new folder; who can read it is told then
    #[arg(long, value_name = "DIR")]
    to: Option<PathBuf>,
    /// Refuse an image of another site
    #[arg(long, value_name = "NAME", help_heading = "What it has to be")]
    site: Option<String>,
    /// Refuse an image of another device
    #[arg(long, value_name = "NAME", help_heading = "What it has to be")]
    device: Option<String>,
    #[command(flatten)]
    origin: OriginArgs,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
}

pub(crate) fn run(args: OpenArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, None, false);
    if args.show.is_some() && !terminal::can_show() {
        return Err(Problem::refused("a secret is shown on a terminal only, and this is none")
            .help(
                "run it in a terminal, with nothing redirected; or write all of it with --to DIR, a folder of your own",
            )
            .state("nothing was opened and nothing was written"));
    }
    // what can be told without a key is told before anybody is asked for one
    if let Some(folder) = &args.to {
        site::stays(folder)?;
        is_free(folder).map_err(not_written)?;
    }
    let proofs = Proofs::of(&args.origin)?;
    let seen = SeenFile::recall()?;
    let found = Found::read(&image_file::resolve_image_path(&args.file)?, &proofs)?;
    let opener = Opener::of(&args.unlock, &found.inspection)?;
    let wanted = (args.site.as_deref(), args.device.as_deref());
    let opened = found.open(&opener, &seen, &args.origin.rollback, wanted)?;
    if let Some(name) = &args.show {
        return show(&opened.plain, name);
    }
    if let Some(folder) = &args.to {
        let privacy = write_all(&opened.plain, folder)?;
        let count = opened.plain.parts().len();
        let told = format!(
            "{count} files, secrets in clear, in {}\n{}; delete them when you are done\n",
            folder.display(),
            who_reads(privacy, folders::in_profile(folder))
        );
        terminal::complain(&escape::block(&told));
        if opened.plain.part(VENDORS_OWN).is_some() {
            terminal::complain(&format!(
                "{VENDORS_OWN} is encrypted as the device does it, which protects little: keep it as secret as the rest\n"
            ));
        }
    }
    let mut rows = found.inspection.rows();
    if let Some(origin) = rows.iter_mut().find(|(name, _)| *name == "origin") {
        origin.1 = proof(&opened.proof);
    }
    output
        .either(|| ImageDocument::opened(&found.inspection, &opened), || image_file::rows(&rows) + &texts(&opened))?;
    Ok(Exit::Done)
}

/// One secret by its name, or one part. Names are listed where there is no such one: they are in the public text.
fn show(plain: &Plain, name: &str) -> Result<Exit, Problem> {
    let spans = plain.parts().iter().flat_map(|part| part.secrets.iter().map(move |span| (part, span)));
    let mut names: Vec<String> = Vec::new();
    for (part, span) in spans {
        let Some(secret) = Token::read(&span.token).and_then(Token::name) else { continue };
        let (from, length) = (span.offset as usize, span.length as usize);
        if secret == name
            && let Some(value) = part.bytes.expose().get(from..from + length)
        {
            return printed(value);
        }
        names.push(secret.to_owned());
    }
    if let Some(part) = plain.part(name) {
        return printed(part.bytes.expose());
    }
    names.sort();
    names.dedup();
    let parts = plain.parts().iter().map(|part| part.name.clone());
    let all: Vec<String> = names.into_iter().chain(parts).collect();
    Err(Problem::invalid(format!("there is no `{name}` in this image"))
        .help(format!("there are {}", all.join(", ")))
        .state("nothing was shown and nothing was written"))
}

fn printed(value: &[u8]) -> Result<Exit, Problem> {
    let text = zeroize::Zeroizing::new(escape::block(&String::from_utf8_lossy(value)));
    terminal::print(&text)?;
    if !text.ends_with('\n') {
        terminal::print("\n")?;
    }
    Ok(Exit::Done)
}

/// The native texts with their secrets masked; other files by name and size.
fn texts(opened: &Opened) -> String {
    let mut out = String::new();
    for part in opened.plain.parts() {
        let secrets = part.secrets.len();
        let bytes = part.bytes.len();
        out.push_str(&format!("\n{} ({bytes} bytes, {secrets} masked)\n", escape::line(&part.name)));
        if part.kind == PartKind::Native {
            out.push_str(&escape::block(&redacted(&opened.plain, &part.name)));
            if !out.ends_with('\n') {
                out.push('\n');
            }
        }
    }
    out
}

fn redacted(plain: &Plain, name: &str) -> String {
    String::from_utf8_lossy(&plain.redacted(name).unwrap_or_default()).into_owned()
}

/// Who can read what was written for its owner alone. Rights that are lists are those of the folder above: the person's
/// own, or anybody's.
fn who_reads(privacy: Privacy, in_profile: bool) -> &'static str {
    match privacy {
        Privacy::Owner => "only you can read them on this computer",
        Privacy::Others => {
            "others on this computer may read them too: this place keeps no permissions, as FAT and exFAT"
        }
        Privacy::Unknown if in_profile => {
            "they lie in your profile, which is closed to others unless somebody opened it"
        }
        Privacy::Unknown => "others on this computer may read them too: the folder lies outside of your profile",
    }
}

fn write_all(plain: &Plain, folder: &Path) -> Result<Privacy, Problem> {
    let files: Vec<(&str, &[u8])> = plain.parts().iter().map(|p| (&*p.name, p.bytes.expose())).collect();
    let privacy = write_private_folder(folder, &files).map_err(not_written)?;
    terminal::did(format!("`{}` holds what was opened", folder.display()));
    Ok(privacy)
}

fn not_written(problem: OutProblem) -> Problem {
    Problem::invalid(problem.to_string())
        .help("give a folder that does not exist yet with --to")
        .state("nothing of the image was written")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_called_private_that_was_not_found_to_be() {
        for in_profile in [true, false] {
            assert!(who_reads(Privacy::Owner, in_profile).starts_with("only you"));
            assert!(who_reads(Privacy::Others, in_profile).starts_with("others on this computer may read them too"));
        }
        assert!(who_reads(Privacy::Unknown, false).starts_with("others on this computer may read them too"));
        assert!(who_reads(Privacy::Unknown, true).ends_with("unless somebody opened it"));
    }
}
