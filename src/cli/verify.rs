//! `verify`: what a build's folder or a stick proves, rung by rung. Nothing is written there.

use std::path::{Path, PathBuf};

use fieldlock::image::MAX_FILE_LEN;
use fieldlock::native::Form;
use fieldlock::pipeline::folder::{INDEX, redacted};
use fieldlock::pipeline::verify::{ListingProblem, Source, SourceSite, Task, applied, verify as verify_folder};
use fieldlock::report::documents::said;
use fieldlock::report::escape;
use fieldlock::report::verify::{Ending, Ladder, RungAnswer};
use fieldlock::site::files::Root;

use super::args::{PassphrasesArgs, SecretArgs, SignerArgs};
use super::exit::Exit;
use super::problem::Problem;
use super::progress::Progress;
use super::reports::{ReportArgs, Reports};
use super::seen::{RollbackArgs, SeenFile};
use super::verify_keys::Keys;
use super::verify_source::{Given, SourceFound};
use super::{clock, interrupted, machine, receipt, secrets, signing, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock verify out\n  fieldlock verify E:/ --device np07\n  \
    fieldlock verify out --rebuild --secrets secrets-west\n  \
    fieldlock verify out --format junit=proof.xml --format html=proof.html\n\n\
    Exit codes: 0 all that was asked holds and something proves the origin, 2 the source can't be read or the passphrase\n\
    opens nothing, 3 text or content is another than the source gives, 5 damaged, not authentic, stale, or nothing\n\
    proves the origin. Where only a passphrase proves the images, the last line says that nobody vouches for the sheets.")]
pub(crate) struct VerifyArgs {
    /// Folder of a build, or of a bundle: the one with index.json
    dir: PathBuf,
    /// Only this device; may be given more than once, `*` and `?` stand for any letters
    #[arg(long, value_name = "NAME", help_heading = "Which devices")]
    device: Vec<String>,
    /// Folder of the site's source, in git where the build was [default: found from here upwards]
    #[arg(long, value_name = "DIR", help_heading = "What it is held against")]
    site: Option<PathBuf>,
    /// Render again with the secrets, and compare with what the images open to; takes the passphrase
    #[arg(long, help_heading = "What it is held against")]
    rebuild: bool,
    #[command(flatten)]
    signers: SignerArgs,
    #[command(flatten)]
    rollback: RollbackArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    /// Open a demo's images, with the passphrase that everybody knows
    #[arg(long, conflicts_with_all = ["passphrase_file", "passphrase_fd"], help_heading = "Secrets")]
    demo: bool,
    #[command(flatten)]
    output: ReportArgs,
}

pub(crate) fn run(args: VerifyArgs) -> Result<Exit, Problem> {
    let output = Reports::of_ladder(&args.output)?;
    let shown = args.dir.display().to_string();
    let print = |ladder: &Ladder| output.show_ladder(ladder, &shown, &said(clock::now()));
    secrets::refuse_shared_stdin(&args.secrets, &args.passphrase)?;
    let root = folder(&args.dir)?;
    interrupted::build(&args.dir);
    let signers = signing::signers(&args.signers)?;
    let read = match signers.listing(&root, clock::now()) {
        Ok(read) => read,
        Err(ListingProblem::Signature(error)) => {
            return fallen(print, &error, error.help());
        }
        Err(problem @ (ListingProblem::NoSignature | ListingProblem::Index(_))) => {
            return fallen(print, &problem, problem.help());
        }
        Err(problem) => return Err(unlisted(&args.dir, &problem)),
    };
    let seen = SeenFile::recall()?;
    let asked = site::globs(&args.device)?;
    site::each_fits(&args.device, "device in the index", read.index.images.iter().map(|image| &*image.device))?;
    let mut place = SourceFound::find(args.site.as_deref(), args.rebuild, &read.index)?;
    let keys = match args.demo {
        true => Keys::demo(),
        false => Keys::of(&args.passphrase, args.rebuild, &read)?,
    };
    if let (true, SourceFound::Here(here)) = (args.rebuild, &mut place) {
        let devices = |name: &str| args.device.is_empty() || asked.is_match(name);
        here.read_secrets(Given { devices: &devices, secrets: &args.secrets, passphrase: &args.passphrase }, &keys)?;
    }
    let judgement;
    let source = match &place {
        SourceFound::Absent(why) => Source::Absent(why.clone()),
        SourceFound::Unreadable(why) => Source::Unreadable(why.clone()),
        SourceFound::Here(here) => {
            let judged_at = read.index.judged_at.parse().unwrap_or_else(|_| clock::now());
            judgement = here.ready.judge(&here.secrets, judged_at);
            let (values, words) = (here.values.clone(), here.words.clone());
            Source::Here(Box::new(SourceSite::new(
                &here.ready,
                &judgement,
                (&here.secrets, values),
                &read.index,
                words,
            )))
        }
    };
    let progress = Progress::new("looking at images");
    let tick = || progress.tick();
    let mut verified = verify_folder(&Task {
        folder: &root,
        listing: &read,
        devices: &|name| args.device.is_empty() || asked.is_match(name),
        source: &source,
        unlock: &|group| keys.unlock(group),
        rebuild: args.rebuild,
        seen: seen.revisions(),
        rollback: args.rollback.allow_rollback.is_some(),
        now: clock::now(),
        ceiling: machine::ceiling(),
        progress: Some(&tick),
        take: None,
    });
    progress.done();
    let mut receipts = receipt::all(&root)?;
    if let SourceFound::Here(here) = &place {
        receipts.extend(receipt::all(&Root::open(&here.folder)?)?);
    }
    receipts.sort_by(|(a, _), (b, _)| a.times().1.cmp(b.times().1));
    applied(&mut verified.ladder, &read, &receipts, &|device| {
        root.read_bytes(&redacted(device, Form::Cli), MAX_FILE_LEN).is_ok()
    });
    let ending = verified.ladder.ending();
    if ending == Ending::Holds {
        seen.remember(&verified.sightings, &args.rollback)?;
    }
    print(&verified.ladder)?;
    Ok(exit(ending))
}

/// The index itself does not hold: nothing behind it is looked at.
fn fallen(
    print: impl Fn(&Ladder) -> Result<(), Problem>,
    problem: &dyn std::fmt::Display,
    help: &str,
) -> Result<Exit, Problem> {
    let ladder = Ladder::fallen(RungAnswer::Failed(problem.to_string()));
    print(&ladder)?;
    terminal::complain(&format!("help: {}\n", escape::line(help)));
    Ok(exit(ladder.ending()))
}

fn exit(ending: Ending) -> Exit {
    match ending {
        Ending::Holds => Exit::Done,
        Ending::Refused => Exit::Refused,
        Ending::Unreadable => Exit::Invalid,
        Ending::Differs => Exit::Differs,
    }
}

/// The folder of a build, held open.
pub(crate) fn folder(path: &Path) -> Result<Root, Problem> {
    Root::open(path).map_err(|problem| {
        Problem::invalid(problem.to_string())
            .help(format!("give the folder of a build or of a bundle: the one that holds `{INDEX}` and `images`"))
    })
}

/// No index: images without one are proved by nothing; else it is another folder that was meant.
pub(crate) fn unlisted(folder: &Path, problem: &ListingProblem) -> Problem {
    let shown = folder.display();
    let images = folder.join("images").is_dir();
    let told = match problem {
        ListingProblem::NoIndex if images => {
            Problem::refused(format!("`{shown}` holds images and no `{INDEX}`: nothing proves where they come from"))
        }
        ListingProblem::NoIndex => Problem::invalid(format!("`{shown}` is no build: it has no `{INDEX}`")),
        problem => Problem::refused(format!("`{shown}`: {problem}")),
    };
    told.help(problem.help()).state("nothing was looked at and nothing was written")
}
