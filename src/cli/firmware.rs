//! `firmware`: what is said of the files of firmware before one is uploaded to a device.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use fieldlock::model::site::Firmware;
use fieldlock::model::value::Version;
use fieldlock::pipeline::firmware::{Asked, Print, find, is_refused, name};
use fieldlock::report::documents::FirmwareFile;
use fieldlock::report::escape;
use fieldlock::site::Loaded;
use fieldlock::site::files::Root;

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::{file, site};

#[derive(Debug, clap::Args)]
pub(crate) struct FirmwareArgs {
    #[command(subcommand)]
    verb: FirmwareVerb,
}

/// Verbs on files of firmware.
#[derive(Debug, Subcommand)]
enum FirmwareVerb {
    /// Hold a downloaded file against what site.kdl says of it: size, SHA-512, model, version
    Verify(VerifyArgs),
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock firmware verify FWR_NPort6150-G2_V1.1.0.rom\n  fieldlock firmware verify \
    edr.rom --model EDR-G9010 --version 3.24 --site examples/01-pump-station\n\nExit codes: 1 where another version is \
    approved for the model, 2 where the file can't be read or the site lists no such firmware, 5 where the file is \
    not what the site lists"
)]
struct VerifyArgs {
    /// The file as it was downloaded
    file: PathBuf,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    #[arg(long, value_name = "DIR")]
    site: Option<PathBuf>,
    /// The model that it is for, as its label says it
    #[arg(long)]
    model: Option<String>,
    /// The version that it has to be
    #[arg(long)]
    version: Option<Version>,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: FirmwareArgs) -> Result<Exit, Problem> {
    match args.verb {
        FirmwareVerb::Verify(args) => verify(args),
    }
}

fn verify(args: VerifyArgs) -> Result<Exit, Problem> {
    let list = list(args.site.as_deref())?;
    let output = Output::of(args.format, args.output, false);
    let print = print_of(&args.file)?;
    let asked = Asked { model: args.model.as_deref(), version: args.version };
    let shown = args.file.display().to_string();
    let lines = find(&list, asked, print).map_err(|why| {
        let told = format!("`{shown}`: {why}");
        let problem = if why.is_of_the_list() { Problem::invalid(told) } else { Problem::refused(told) };
        problem.help(why.help())
    })?;
    let sha512 = print.sha512.to_string();
    output.either(
        || FirmwareFile::of(&shown, sha512.clone(), print.size, &lines),
        || human(&shown, &sha512, print.size, &lines),
    )?;
    let refused: Vec<String> = lines.iter().filter(|line| is_refused(&list, line)).map(|line| name(line)).collect();
    if refused.is_empty() {
        return Ok(Exit::Done);
    }
    super::terminal::complain(&format!(
        "the site approves another version than {}: `approved=on` in its line says otherwise\n",
        escape::line(&refused.join(", "))
    ));
    Ok(Exit::Findings)
}

/// The site's list; a `site.kdl` with mistakes may have left a line out.
fn list(given: Option<&Path>) -> Result<Vec<Firmware>, Problem> {
    let Loaded { site, sources, findings } = site::found(given)?;
    let of_site = |loc| sources.get(loc).is_some_and(|file| file.name() == "site.kdl");
    if findings.iter().any(|finding| finding.is_input_error() && of_site(finding.loc.file)) {
        return Err(Problem::invalid("`site.kdl` has mistakes, so a line of its list may be missing")
            .help("`fieldlock check` says which"));
    }
    Ok(site.typed.firmware)
}

/// No link is followed: what it leads to may be another file by the time of the upload.
fn print_of(given: &Path) -> Result<Print, Problem> {
    let shown = given.display();
    let path = file::one(given).map_err(|error| Problem::invalid(format!("`{shown}`: {error}")))?;
    let (folder, name) = file::place(&path).map_err(|problem| problem.help("give a file"))?;
    Root::open(folder)
        .and_then(|folder| Print::of(&folder, name))
        .map_err(|problem| Problem::invalid(format!("`{shown}`: {problem}")).help("give the file as it was downloaded"))
}

fn human(file: &str, sha512: &str, size: u64, lines: &[&Firmware]) -> String {
    let mut out = String::new();
    for line in lines {
        out.push_str(&format!("{} is {}, as the site lists it\n", escape::line(file), escape::line(&name(line))));
        let taken = line.taken.map(|day| format!(", taken {day}")).unwrap_or_default();
        let by = line.by.as_ref().map(|by| format!(" by {by}")).unwrap_or_default();
        let unsaid = || "not said".to_owned();
        let approved = match line.approved.map(|switch| switch.0) {
            Some(true) => "yes",
            Some(false) => "no",
            None => "not said",
        };
        for (what, said) in [
            ("SHA-512", sha512.to_owned()),
            (
                "size",
                format!("{size} bytes{}", if line.size.is_none() { ", which the site does not list" } else { "" }),
            ),
            ("from", format!("{}{taken}{by}", line.from.clone().unwrap_or_else(unsaid))),
            ("notes", line.notes.clone().unwrap_or_else(unsaid)),
            ("approved", approved.to_owned()),
        ] {
            out.push_str(&format!("  {what:<9} {}\n", escape::line(&said)));
        }
    }
    out
}
