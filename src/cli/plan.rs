//! `plan`: in which order the changes of one device are made, as a file that people approve.

pub(crate) mod approve;
pub(crate) mod check;
mod show;

use std::net::IpAddr;
use std::path::{Path, PathBuf};

use clap::Subcommand;
use fieldlock::finding::Finding;
use fieldlock::ledger::IndexImage;
use fieldlock::pipeline::plan::{Asked, NoPlan, plan};
use fieldlock::pipeline::verify::listing;
use fieldlock::pipeline::{ReadySite, Selection};
use fieldlock::plan::file::{MAX_LEN, PlanFile};
use fieldlock::report;
use fieldlock::secret::Secrets;
use fieldlock::site::SiteDevice;
use fieldlock::site::files::Root;

use super::args::{Format, PassphrasesArgs, SecretArgs, SiteArgs};
use super::exit::Exit;
use super::judging::AtHand;
use super::output::{Output, write_whole};
use super::problem::Problem;
use super::{clock, file, site, terminal};

#[derive(Debug, clap::Args)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
#[command(
    after_help = "Examples:\n  fieldlock plan np02 examples/01-pump-station --by ot-lead --to np02.plan.json\n  \
    fieldlock plan sw04 --by ot-lead --running sw04.cli --from 10.20.0.10 --as ot-admin\n  \
    fieldlock plan show np02.plan.json --markdown\n  \
    fieldlock plan approve np02.plan.json --sign-key ot-security\n  \
    fieldlock plan check np02.plan.json examples/01-pump-station --begin\n\n\
    Exit codes: 0 there is a plan, 1 the device does not keep its rules, 2 the input can't be read, 5 no order is safe,\n\
    or the plan is stale, altered, used or not approved."
)]
pub(crate) struct PlanArgs {
    #[command(subcommand)]
    verb: Option<PlanVerb>,
    #[command(flatten)]
    make: MakeArgs,
}

/// Verbs on a plan that is made.
#[derive(Debug, Subcommand)]
enum PlanVerb {
    /// Print a plan, as a text or as Markdown
    #[command(after_help = "Examples:\n  fieldlock plan show np02.plan.json\n  \
        fieldlock plan show np02.plan.json --markdown --output np02.md")]
    Show(show::ShowArgs),
    /// Approve a plan: sign it, by ssh-keygen
    #[command(after_help = "Examples:\n  fieldlock plan approve np02.plan.json --sign-key ot-security")]
    Approve(approve::ApproveArgs),
    /// Say whether a plan may be carried out now: approved, not used, nothing moved
    #[command(after_help = "Examples:\n  fieldlock plan check np02.plan.json examples/01-pump-station\n  \
        fieldlock plan check np02.plan.json west --begin")]
    Check(check::CheckArgs),
}

#[derive(Debug, clap::Args)]
struct MakeArgs {
    /// The device
    #[arg(value_name = "DEVICE", required = true)]
    device: Option<String>,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// Who plans: a person of the site
    #[arg(long, value_name = "PERSON", required = true)]
    by: Option<String>,
    /// What runs on the device, instead of its capture
    #[arg(long, value_name = "FILE")]
    running: Option<PathBuf>,
    /// Address that you work from; may be given more than once [default: the one station of the site]
    #[arg(long, value_name = "ADDRESS", help_heading = "Who works")]
    from: Vec<IpAddr>,
    /// Port of the device that your laptop is plugged into
    #[arg(long, value_name = "PORT", help_heading = "Who works")]
    port: Option<String>,
    /// Account that you log in with today [default: any administrator that the device has]
    #[arg(long = "as", value_name = "ACCOUNT", help_heading = "Who works")]
    login: Option<String>,
    /// Allow steps that set what neither end has, for a while: a port that nobody uses
    #[arg(long)]
    foreign: bool,
    /// Accept that nobody gets in any more, by the sentence that says so
    #[arg(long, value_name = "SENTENCE")]
    accept: Option<String>,
    /// Folder of the build that the plan is for [default: out in the site, where there is one]
    #[arg(long, value_name = "OUT")]
    build: Option<PathBuf>,
    /// Write the plan to this file, for those who approve it; without, it is shown and not kept
    #[arg(long, value_name = "FILE")]
    to: Option<PathBuf>,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
}

const NOTHING: &str = "nothing was changed";

pub(crate) fn run(args: PlanArgs) -> Result<Exit, Problem> {
    match args.verb {
        Some(PlanVerb::Show(args)) => show::run(args),
        Some(PlanVerb::Approve(args)) => approve::run(&args),
        Some(PlanVerb::Check(args)) => check::run(args),
        None => make(args.make),
    }
}

fn make(args: MakeArgs) -> Result<Exit, Problem> {
    // both are asked for, but beside a verb of its own
    let (device, by) = (args.device.unwrap_or_default(), args.by.unwrap_or_default());
    let of = SiteArgs { site: args.site, device: vec![device.clone()], zone: Vec::new() };
    let running = site::running(args.running.as_deref(), &of)?;
    let AtHand { ready, secrets, argument, .. } =
        AtHand::open(&of, &args.secrets, &args.passphrase, |_| Ok(running.into_iter().collect()))?;
    site::person(&ready.site, &by).map_err(|problem| problem.state(NOTHING))?;
    let who = Who {
        author: by,
        from: from(&ready, &args.from)?,
        port: args.port,
        login: args.login,
        foreign: args.foreign,
        accepted: args.accept,
    };
    let plan = planned(&ready, &secrets, &device, &argument, &who, args.build.as_deref())?;
    let bytes = plan.to_bytes().map_err(|error| Problem::invalid(error.to_string()).state(NOTHING))?;
    if let Some(to) = &args.to {
        write_whole(to, &bytes)?;
    }
    Output::of(args.format, None, false).either(|| &plan, || report::plan::text(&plan))?;
    terminal::complain(&match &args.to {
        Some(to) => {
            let to = report::escape::line(&to.display().to_string());
            format!("next: fieldlock plan approve {to} --sign-key KEY\n")
        }
        None => "the plan was shown and not kept: --to FILE keeps it\n".to_owned(),
    });
    ready.leave();
    Ok(Exit::Done)
}

/// Who works, as it was said.
pub(crate) struct Who {
    pub(crate) author: String,
    pub(crate) from: Vec<IpAddr>,
    pub(crate) port: Option<String>,
    pub(crate) login: Option<String>,
    pub(crate) foreign: bool,
    pub(crate) accepted: Option<String>,
}

/// From where: as it was said, or the one station of the site.
pub(crate) fn from(ready: &ReadySite, said: &[IpAddr]) -> Result<Vec<IpAddr>, Problem> {
    let stations: Vec<IpAddr> = ready.site.typed.station.iter().filter_map(|s| s.address).map(|a| a.0).collect();
    match (said, &stations[..]) {
        ([], [] | [_]) => Ok(stations),
        ([], several) => {
            let all: Vec<String> = several.iter().map(ToString::to_string).collect();
            Err(Problem::invalid("the site has several stations, and nobody said which one you work from")
                .help(format!("say it with --from: {}", all.join(", ")))
                .state(NOTHING))
        }
        (said, _) => Ok(said.to_vec()),
    }
}

/// A plan of what is described and seen now.
pub(crate) fn planned(
    ready: &ReadySite,
    secrets: &Secrets,
    name: &str,
    argument: &str,
    who: &Who,
    build: Option<&Path>,
) -> Result<PlanFile, Problem> {
    let device = site::device(&ready.site, name).map_err(|problem| problem.state(NOTHING))?;
    // of other devices nothing is planned, and their secrets are not opened
    let of_this = |f: &&Finding| f.is_input_error() && (f.device.is_none() || f.devices().any(|one| one == name));
    if let Some(finding) = ready.findings.iter().find(of_this) {
        let what = format!("the site has a mistake that leaves something out of it: {}", finding.message);
        return Err(Problem::invalid(what)
            .help(format!("`fieldlock check{}` says where", report::argument(argument)))
            .state(NOTHING));
    }
    let alone = |other: &SiteDevice| other.name == device.name;
    let selection = Selection {
        argument: argument.to_owned(),
        texts: Some(clock::started()),
        ..Selection::of(&alone, clock::now())
    };
    let asked = Asked {
        author: &who.author,
        from: &who.from,
        port: who.port.as_deref(),
        login: who.login.as_deref(),
        foreign: who.foreign,
        accepted: who.accepted.as_deref(),
        built: built(ready, name, build)?,
    };
    plan(ready, secrets, device, &selection, &asked).map_err(|why| match why {
        NoPlan::Fails => {
            Problem { exit: Exit::Findings, ..Problem::invalid(format!("{name} does not keep its rules")) }
                .help(format!(
                    "what is not sealed is not planned: `fieldlock check --device {name}{}` says what is wrong",
                    report::argument(argument)
                ))
                .state(NOTHING)
        }
        NoPlan::NoSecrets => Problem::invalid(format!(
            "{name} can't be planned without its secrets: rules wait for them"
        ))
        .help("give the passphrase of its secrets with --passphrase-file FILE, or a folder of them with --secrets DIR")
        .state(NOTHING),
        NoPlan::Refused { message, help } => Problem::refused(message).help(help).state(NOTHING),
        NoPlan::NotAccepted(sentence) => {
            Problem::refused(format!("no order is safe, and `{sentence}` is what would happen"))
                .help(format!("where that is meant, say it: --accept \"{sentence}\""))
                .state(NOTHING)
        }
    })
}

/// The image of the device in a build, and the list that vouches for it.
fn built(
    ready: &ReadySite,
    device: &str,
    build: Option<&Path>,
) -> Result<Option<(fieldlock::image::Digest, fieldlock::image::Digest)>, Problem> {
    let folder = match build {
        Some(build) => build.to_owned(),
        None => ready.folder().join(site::OUT),
    };
    let read = Root::open(&folder).ok().and_then(|root| listing(&root, None, clock::now()).ok());
    let Some(read) = read else {
        return match build {
            Some(build) => Err(Problem::invalid(format!("there is no build in `{}`", build.display()))
                .help("give the folder that holds its index.json")
                .state(NOTHING)),
            None => Ok(None),
        };
    };
    let index = fieldlock::image::Digest::of(&read.bytes);
    Ok(read.index.image(device).map(|IndexImage { image, .. }| (*image, index)))
}

/// A plan's file, its bytes and what they say.
pub(crate) fn read(path: &Path) -> Result<(Vec<u8>, PlanFile), Problem> {
    let bytes = file::read_document(path, MAX_LEN + 1).map_err(|error| {
        Problem::invalid(format!("the plan can't be read from `{}`: {error}", path.display()))
            .help("give the file that `fieldlock plan DEVICE --to FILE` wrote")
            .state(NOTHING)
    })?;
    let plan = PlanFile::read(&bytes).map_err(|error| {
        Problem::refused(format!("`{}` is no plan as fieldlock writes it: {error}", path.display()))
            .help("a plan is not edited: make a new one with `fieldlock plan`")
            .state(NOTHING)
    })?;
    Ok((bytes, plan))
}
