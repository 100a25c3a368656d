//! `verify`: what a build's folder or a stick proves, rung by rung. Nothing is written there.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use fieldlock::finding::Finding;
use fieldlock::image::{Derivations, Index, Passphrase, Unlock};
use fieldlock::pipeline::Plant;
use fieldlock::pipeline::folder::INDEX;
use fieldlock::pipeline::store::Store;
use fieldlock::pipeline::verify::{Listing, ListingProblem, Source, SourceSite, Task, listing, verify as climb};
use fieldlock::report::escape;
use fieldlock::report::verify::{self as report, Ending, Ladder, Said};
use fieldlock::secret::Secrets;
use fieldlock::site::files::Root;

use super::args::{Format, PassphraseArgs, PassphrasesArgs, SecretArgs, SignerArgs};
use super::exit::Exit;
use super::keyring::Keyring;
use super::laptop::{Laptop, RollbackArgs};
use super::output::Output;
use super::problem::Problem;
use super::progress::Progress;
use super::secrets::ByDefault;
use super::site::{self, Opened};
use super::{clock, git_tree, machine, passphrase, secrets, signing, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock verify out\n  fieldlock verify E:/ --device np07\n  \
    fieldlock verify out --rebuild --secrets secrets-west\n\n\
    Exit codes: 0 all that was asked holds and something proves the origin, 2 the source can't be read,\n\
    3 text or content is another than the source gives, 5 damaged, not authentic, stale, or nothing proves the origin.")]
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
    /// Format of the report [default: human on a terminal, else plain]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write the report to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

pub(crate) fn run(args: VerifyArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output.clone(), false);
    let root = Root::open(&args.dir)?;
    let signers = signing::signers(&args.signers)?;
    let read = match listing(&root, signers.as_ref(), clock::now()) {
        Ok(read) => read,
        Err(ListingProblem::Signature(error)) => {
            return fallen(&output, &error.to_string(), error.help());
        }
        Err(problem @ (ListingProblem::NoSignature | ListingProblem::Index(_))) => {
            return fallen(&output, &problem.to_string(), problem.help());
        }
        Err(problem) => return Err(unlisted(&args.dir, &problem)),
    };
    let laptop = Laptop::recall()?;
    let asked = site::globs(&args.device)?;
    site::each_fits(&args.device, "device in the index", read.index.images.iter().map(|image| &*image.device))?;
    let keys = match args.demo {
        true => Keys::demo(),
        false => Keys::of(&args.passphrase, args.rebuild, &read)?,
    };
    let place = Place::of(&args, &read.index, &keys)?;
    let judgement;
    let source = match &place {
        Place::Absent(why) => Source::Absent(why.clone()),
        Place::Unreadable(why) => Source::Unreadable(why.clone()),
        Place::Here { plant, secrets, words } => {
            let judged_at = read.index.judged_at.parse().unwrap_or_else(|_| clock::now());
            judgement = plant.judge(secrets, judged_at);
            Source::Here(Box::new(SourceSite::new(plant, &judgement, secrets, &read.index, words.clone())))
        }
    };
    let progress = Progress::new("looking at images");
    let tick = || progress.tick();
    let verified = climb(&Task {
        folder: &root,
        listing: &read,
        devices: &|name| args.device.is_empty() || asked.is_match(name),
        source: &source,
        unlock: &|group| keys.unlock(group),
        rebuild: args.rebuild,
        memory: laptop.memory(),
        rollback: args.rollback.allow_rollback.is_some(),
        now: clock::now(),
        ceiling: machine::ceiling(),
        progress: Some(&tick),
        take: None,
    });
    progress.done();
    let ending = verified.ladder.ending();
    if ending == Ending::Holds {
        laptop.remember(&verified.sightings, &args.rollback)?;
    }
    print(&output, &verified.ladder)?;
    Ok(exit(ending))
}

/// The index itself does not hold: nothing behind it is looked at.
fn fallen(output: &Output, why: &str, help: &str) -> Result<Exit, Problem> {
    let ladder = Ladder::fallen(Said::Failed(why.to_owned()));
    print(output, &ladder)?;
    terminal::complain(&format!("help: {}\n", escape::line(help)));
    Ok(exit(ladder.ending()))
}

fn print(output: &Output, ladder: &Ladder) -> Result<(), Problem> {
    output.text(&match output.format() {
        Format::Human => report::verify(ladder, output.view()),
        Format::Plain => report::plain(ladder),
        Format::Json => report::json(ladder, env!("CARGO_PKG_VERSION")),
    })
}

fn exit(ending: Ending) -> Exit {
    match ending {
        Ending::Holds => Exit::Done,
        Ending::Refused => Exit::Refused,
        Ending::Unreadable => Exit::Invalid,
        Ending::Differs => Exit::Differs,
    }
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
        problem => Problem::invalid(format!("`{shown}`: {problem}")),
    };
    told.help(problem.help()).state("nothing was looked at and nothing was written")
}

/// What opens the images: one passphrase for all, or one for each group.
pub(crate) struct Keys(Vec<(Option<String>, Passphrase, Derivations)>);

impl Keys {
    /// The passphrase that everybody knows.
    fn demo() -> Keys {
        Keys(vec![(None, Passphrase::demo(), Derivations::new())])
    }

    /// As the flags say; asked for where one is `needed`.
    pub(crate) fn of(given: &PassphrasesArgs, needed: bool, read: &Listing) -> Result<Keys, Problem> {
        if given.passphrase_fd.is_some() || (needed && given.passphrase_file.is_empty()) {
            let single = PassphraseArgs { passphrase_file: None, passphrase_fd: given.passphrase_fd };
            let ask = format!("passphrase of {}: ", escape::line(&read.index.site));
            return Ok(Keys(vec![(None, passphrase::read(&single, &ask)?, Derivations::new())]));
        }
        let mut keys = Vec::new();
        for file in &given.passphrase_file {
            // a path may hold the sign too
            let named = file.to_str().and_then(|text| text.split_once('=')).filter(|_| !file.exists());
            let (group, file) = match named {
                Some((group, file)) => (Some(group.to_owned()), Path::new(file)),
                None => (None, file.as_path()),
            };
            keys.push((group, passphrase::checked(&passphrase::content(file)?)?, Derivations::new()));
        }
        Ok(Keys(keys))
    }

    /// The group's own, or the one that is for all.
    pub(crate) fn unlock(&self, group: &str) -> Option<Unlock<'_>> {
        let (_, passphrase, derivations) = self.of_group(group)?;
        Some(Unlock::Passphrase { passphrase, derivations })
    }

    fn copy(&self, group: &str) -> Option<Passphrase> {
        self.of_group(group).map(|(_, passphrase, _)| passphrase.copy())
    }

    fn of_group(&self, group: &str) -> Option<&(Option<String>, Passphrase, Derivations)> {
        let own = self.0.iter().find(|(of, ..)| of.as_deref() == Some(group));
        own.or_else(|| self.0.iter().find(|(of, ..)| of.is_none()))
    }
}

/// Where the site's source is.
enum Place {
    Absent(String),
    Unreadable(String),
    Here { plant: Box<Plant>, secrets: Secrets, words: String },
}

impl Place {
    /// The site that is named, or the one here if the index is of it; at the commit of the index where it has one.
    fn of(args: &VerifyArgs, index: &Index, keys: &Keys) -> Result<Place, Problem> {
        let named = args.site.is_some() || args.rebuild;
        let opened = match site::open(args.site.as_deref()) {
            Ok(opened) => opened,
            Err(problem) if named => return Err(problem),
            Err(_) => {
                return Ok(Place::Absent("the site's source is not here: --site DIR says where it is".to_owned()));
            }
        };
        let folder = opened.root.path().to_owned();
        let (root, words) = if index.commit.is_empty() {
            (opened.root, "the site's folder as it is now".to_owned())
        } else {
            let short = index.commit.get(..7).unwrap_or(&index.commit);
            match git_tree::at(&folder, &index.commit) {
                Ok(root) => (root, format!("commit {short}")),
                Err(problem) if named => return Ok(Place::Unreadable(problem.told())),
                Err(problem) => return Ok(Place::Absent(problem.told())),
            }
        };
        // the secrets of that commit, not those that were rotated since
        let (store, damaged) = Store::read(&root);
        let mut plant = site::plant(Opened { root, argument: opened.argument }, None);
        if !named && *plant.site.name != *index.site {
            let other = &plant.site.name;
            return Ok(Place::Absent(format!(
                "the site here is `{other}`: --site DIR says where the other's source is"
            )));
        }
        let secrets = if args.rebuild {
            let (store, damaged) = if plant.site.demo { Default::default() } else { (store, damaged) };
            let (secrets, findings) = values(args, &plant, &folder, keys, store, damaged)?;
            plant.findings.extend(findings);
            secrets
        } else {
            Secrets::Placeholder
        };
        Ok(Place::Here { plant: Box::new(plant), secrets, words })
    }
}

/// The secrets to render again with: as the flags say, or from the sealed store that the passphrase opens.
fn values(
    args: &VerifyArgs,
    plant: &Plant,
    folder: &Path,
    keys: &Keys,
    store: Store,
    damaged: Vec<Finding>,
) -> Result<(Secrets, Vec<Finding>), Problem> {
    let groups: BTreeSet<String> = plant.site.devices.iter().map(|d| plant.site.group(&d.name).to_owned()).collect();
    let keyring = Keyring::new(&args.passphrase, &plant.site, folder, store)?;
    for group in groups.iter().map(String::as_str).chain([&*plant.site.name]) {
        if let Some(passphrase) = keys.copy(group) {
            keyring.change(group, passphrase)?;
        }
    }
    let load = secrets::Load { args: &args.secrets, by_default: ByDefault::Store, keyring: &keyring, damaged };
    secrets::load(load, &plant.site, folder, plant.site.devices.iter())
}
