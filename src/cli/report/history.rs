//! `report history`: findings from commit to commit.

use fieldlock::pipeline::history::Timeline;
use fieldlock::report;

use super::state::{ShownArgs, StateArgs, show};
use crate::cli::exit::Exit;
use crate::cli::output::write_whole;
use crate::cli::problem::Problem;
use crate::cli::progress::Progress;
use crate::cli::{git, posture, site};

/// Over which commits, and how it is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock report history\n  \
    fieldlock report history west --commits 200 --format csv --output history.csv --svg history.svg\n\
    \nEach commit is judged by the time at which it was made and by the rules that this program has, without secrets.")]
pub(super) struct HistoryArgs {
    #[command(flatten)]
    state: StateArgs,
    /// How many commits that change the site, the last ones; merges count as one
    #[arg(long, value_name = "N", default_value_t = 50, value_parser = clap::value_parser!(u16).range(1..=2000))]
    commits: u16,
    /// Write the curve of open findings into this file too
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    svg: Option<std::path::PathBuf>,
    #[command(flatten)]
    shown: ShownArgs,
}

pub(super) fn run(args: HistoryArgs) -> Result<Exit, Problem> {
    let opened = site::open(args.state.site.site.as_deref())?;
    let folder = opened.root.path().to_owned();
    let last = git::resolve(&folder, args.state.rev().unwrap_or("HEAD"))?;
    let mut timeline = Timeline::default();
    let progress = Progress::new("judging commits");
    for (commit, at) in git::commits(&folder, &last, args.commits)? {
        // before there was a site, or while it was broken
        match posture::at(&folder, &commit) {
            Ok((ready, _)) => {
                let chosen = site::chosen(&ready.site, &args.state.site).unwrap_or_default();
                timeline.add(&commit, at, &ready, &|device| chosen.contains(&device.name));
            }
            Err(_) => timeline.skip(&commit, at),
        }
        progress.tick();
    }
    progress.done();
    let (ready, _) = posture::at(&folder, &last)?;
    let of = report::documents::ToldOf::new(
        &ready.site.name,
        report::documents::said(args.state.time()),
        Some(report::Commit { id: last, dirty: false }),
    );
    let told = timeline.end(of);
    if let Some(file) = &args.svg {
        write_whole(file, report::page::curve(&told).as_bytes())?;
    }
    show(&args.shown, &told, ("History", &told.of), &told.listings(), (Some(&told), None))?;
    ready.leave();
    Ok(Exit::Done)
}
