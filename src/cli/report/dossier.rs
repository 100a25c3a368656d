//! `report dossier`: all of it in one page.

use std::path::{Path, PathBuf};

use fieldlock::pipeline::folder::INDEX;
use fieldlock::pipeline::{Selection, dossier::dossier};
use fieldlock::report::escape;
use fieldlock::report::page::{self, BuildOfRecord};
use fieldlock::site::SiteDevice;
use fieldlock::site::files::Root;

use super::lists;
use super::state::{State, StateArgs};
use crate::cli::args::{PassphrasesArgs, SecretArgs, SignerArgs};
use crate::cli::exit::Exit;
use crate::cli::output::Output;
use crate::cli::problem::Problem;
use crate::cli::{clock, signing, site, terminal};

/// Of which state and build, and where it goes.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock report dossier --output dossier.html\n  \
    fieldlock report dossier west --at v3 --as-of 2026-11-01 --build last --output acceptance.html\n\
    Exit codes: 0 done, 2 the input can't be read. What fails is the business of `check`.")]
pub(super) struct DossierArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Folder of the build whose list and signature are told [default: out of the site, where there is one]
    #[arg(long, value_name = "DIR")]
    build: Option<PathBuf>,
    /// File of those whose receipts count, as ssh-keygen has it [default: receipt_signers in your own folder]
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    receipt_signers: Option<PathBuf>,
    #[command(flatten)]
    signers: SignerArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    /// Write the page to this file instead of stdout, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

pub(super) fn run(args: DossierArgs) -> Result<Exit, Problem> {
    let state = State::open(&args.state, Some((&args.secrets, &args.passphrase)))?;
    let receipts = lists::of(&state, args.receipt_signers.as_deref())?;
    let build = build(&state, args.build.as_deref(), &args.signers)?;
    let asked = |device: &SiteDevice| state.asked(device);
    let selection = Selection { argument: state.argument.clone(), ..Selection::of(&asked, state.now) };
    let told = dossier(&state.ready, &state.secrets, &selection, state.told_of(), receipts, build);
    Output::of(None, args.output, false).text(&page::dossier(&told))?;
    drop(told);
    state.ready.leave();
    Ok(Exit::Done)
}

/// The list of the build, and who signed it. One that is named has to be there; one that nobody vouches for is told as
/// that, and so is one whose signature does not hold.
fn build(state: &State, named: Option<&Path>, signers: &SignerArgs) -> Result<Option<BuildOfRecord>, Problem> {
    let folder = named.map_or_else(|| state.folder.join(site::OUT), Path::to_owned);
    if named.is_none() && !folder.join(INDEX).is_file() {
        return Ok(None);
    }
    let root = Root::open(&folder).map_err(|problem| Problem::invalid(problem.to_string()))?;
    match signing::signers(signers)?.listing(&root, clock::now()) {
        Ok(read) if read.index.site == *state.ready.site.name => Ok(Some(BuildOfRecord {
            folder: folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default(),
            digest: read.digest().to_string(),
            signed: read.signed().map(|signature| signature.words()),
            index: read.index,
        })),
        Ok(read) => Err(Problem::invalid(format!("the build is of site `{}`", read.index.site))
            .help("give the folder of a build of this site with --build")),
        Err(problem) if named.is_some() => Err(Problem::refused(format!("`{}`: {problem}", folder.display()))
            .help(problem.help())
            .state("no page was written")),
        Err(problem) => {
            let told = format!("the build in `{}` is left out: {problem}\n", folder.display());
            terminal::complain(&escape::block(&told));
            Ok(None)
        }
    }
}
