//! `posture`: which rules change their verdict between two states of a site.

use fieldlock::pipeline::ReadySite;
use fieldlock::pipeline::posture::{Earlier, Task, posture};
use fieldlock::report;
use fieldlock::secret::Secrets;
use fieldlock::site::SiteDevice;

use super::args::{OutputArgs, SiteArgs};
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::site::{self, Opened};
use super::{clock, git, git_tree};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock posture examples/01-pump-station\n  \
    fieldlock posture --since main --fail-on-weaken\n  fieldlock posture --since v3 --to v4 --by-cause\n\
    \nWithout --since the devices as they were read come before, and what is described after.\n\
    Exit codes: 0 done, 1 something got weaker (with --fail-on-weaken only), 2 a side can't be read")]
pub(crate) struct PostureArgs {
    #[command(flatten)]
    site: SiteArgs,
    /// Compare with the site at this commit, tag or branch
    #[arg(long, value_name = "REV", help_heading = "What is compared")]
    since: Option<String>,
    /// Compare that commit with this one [default: the folder as it is now]
    #[arg(long, value_name = "REV", requires = "since", help_heading = "What is compared")]
    to: Option<String>,
    /// End with 1 where a verdict got weaker, be it that a person answers for it
    #[arg(long, help_heading = "What fails")]
    fail_on_weaken: bool,
    /// One row for all devices of which the same is said
    #[arg(long, help_heading = "Report")]
    by_cause: bool,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: PostureArgs) -> Result<Exit, Problem> {
    let output = Output::new(&args.output);
    let opened = site::open(args.site.site.as_deref())?;
    let folder = opened.root.path().to_owned();
    let at = |rev: &String| at(&folder, rev);
    let before = args.since.as_ref().map(at).transpose()?;
    let after = match &args.to {
        Some(rev) => at(rev)?,
        None => sound(site::ready(opened, None)?, "the folder as it is now".to_owned())?,
    };
    let chosen = site::chosen(&after.0.site, &args.site);
    // what is gone by now may be asked for too
    let chosen = match (&before, chosen) {
        (Some((before, _)), Err(_)) => site::chosen(&before.site, &args.site)?,
        (_, chosen) => chosen?,
    };
    let everything = args.site.device.is_empty() && args.site.zone.is_empty();
    let told = posture(&Task {
        before: before.as_ref().map_or(Earlier::Read, |(ready, name)| Earlier::Site(ready, name.clone())),
        after: (&after.0, after.1.clone()),
        secrets: &Secrets::Absent,
        now: clock::now(),
        devices: &|device: &SiteDevice| everything || chosen.contains(&device.name),
    });
    let exit = if args.fail_on_weaken && told.weaker > 0 { Exit::Findings } else { Exit::Done };
    let text = if args.by_cause { report::posture_by_rule } else { report::posture };
    let text = text(&told, output.view());
    output.either(|| told, || text)?;
    after.0.leave();
    Ok(exit)
}

/// The site at a revision, and how it is called.
pub(crate) fn at(folder: &std::path::Path, rev: &str) -> Result<(ReadySite, String), Problem> {
    let commit = git::resolve(folder, rev)?;
    let root = git_tree::at(folder, &commit)?;
    let name = format!("commit {}", &commit[..7]);
    sound(site::ready(Opened { root, argument: String::new() }, None)?, name)
}

/// A side that can't be read can't be judged either.
fn sound(ready: ReadySite, name: String) -> Result<(ReadySite, String), Problem> {
    match ready.findings.iter().find(|finding| finding.is_input_error()) {
        None => Ok((ready, name)),
        Some(finding) => Err(Problem::invalid(format!("{name} can't be judged: {}", finding.message))
            .help("`fieldlock check` says where, of the folder as it is now")),
    }
}
