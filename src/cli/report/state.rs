//! Which state of a site a report speaks of, and how it is shown.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::sync::Arc;

use clap::ValueEnum;
use fieldlock::model::value::Moment;
use fieldlock::pipeline::{self, ReadySite};
use fieldlock::report::documents::{self, History, ToldOf};
use fieldlock::report::{self, Commit, Listing, View};
use fieldlock::secret::Secrets;
use fieldlock::site::SiteDevice;
use jiff::Timestamp;
use serde::Serialize;

use crate::cli::args::{PassphrasesArgs, SecretArgs, SiteArgs};
use crate::cli::ends::{Typed, TypedParser, ends};
use crate::cli::judging::AtHand;
use crate::cli::problem::Problem;
use crate::cli::{clock, git, posture, site};

/// Which state.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct StateArgs {
    #[command(flatten)]
    pub(super) site: SiteArgs,
    /// The site at this commit, tag or branch [default: the folder as it is now]
    #[arg(long, value_name = "REV", help_heading = "Which state")]
    at: Option<String>,
    /// Judge as of this time: what ends, ends by it. A date alone means the end of that day, UTC [default: now]
    #[arg(long, value_name = "DATE", help_heading = "Which state")]
    as_of: Option<Moment>,
}

/// How a list is shown.
#[derive(Debug, Clone, clap::Args)]
pub(super) struct ShownArgs {
    /// Format of the report [default: human; in a pipe too, without colours there]; with `=FILE` a further one that
    /// goes there, as many as are wanted
    #[arg(long, value_name = "FORMAT[=FILE]", value_parser = TypedParser::<ListFormat>::new(), help_heading = "Report")]
    format: Vec<Typed<ListFormat>>,
    /// Write the report to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
    /// Show everything: values in full, every row
    #[arg(long, help_heading = "Report")]
    all: bool,
}

/// A format of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum ListFormat {
    /// For people; coloured on a terminal only (the default)
    Human,
    /// The same
    Concise,
    /// For logs and screen readers: no colour, no drawing
    Plain,
    /// For programs: see `fieldlock schema`
    Json,
    /// For spreadsheets
    Csv,
    /// One page for a browser
    Html,
}

/// A state of a site.
pub(super) struct State {
    pub(super) ready: ReadySite,
    pub(super) secrets: Secrets,
    pub(super) chosen: BTreeSet<Arc<str>>,
    pub(super) now: Timestamp,
    pub(super) commit: Option<Commit>,
    pub(super) folder: PathBuf,
    pub(super) argument: String,
}

impl State {
    /// Opens it; without a way to secrets they are absent.
    pub(super) fn open(args: &StateArgs, keys: Option<(&SecretArgs, &PassphrasesArgs)>) -> Result<State, Problem> {
        let now = args.time();
        let opened = site::open(args.site.site.as_deref())?;
        let (folder, argument) = (opened.root.path().to_owned(), opened.argument.clone());
        if let Some(rev) = &args.at {
            if keys.is_some_and(|(secrets, _)| secrets.secrets.is_some() || secrets.secrets_fd.is_some()) {
                return Err(Problem::invalid("secrets are those of now, and --at is about another state")
                    .help("leave out --at or the secrets; rules that need them are left for later"));
            }
            let id = git::resolve(&folder, rev)?;
            let (ready, _) = posture::at(&folder, rev)?;
            let chosen = site::chosen(&ready.site, &args.site)?;
            let commit = Some(Commit { id, dirty: false });
            return Ok(State { ready, secrets: Secrets::Absent, chosen, now, commit, folder, argument });
        }
        let (ready, secrets, chosen) = match keys {
            Some((secrets, passphrase)) => {
                let at_hand = AtHand::open(&args.site, secrets, passphrase, |_| Ok(Vec::new()))?;
                (at_hand.ready, at_hand.secrets, at_hand.chosen)
            }
            None => {
                let ready = site::ready(opened, None)?;
                let chosen = site::chosen(&ready.site, &args.site)?;
                (ready, Secrets::Absent, chosen)
            }
        };
        if let Some(finding) = ready.findings.iter().find(|finding| finding.is_input_error()) {
            return Err(Problem::invalid(format!("the site can't be judged: {}", finding.message))
                .help("`fieldlock check` says where, and what else there is"));
        }
        let pipeline::Commit { id, dirty, .. } = git::commit(&folder, &folder.join(site::OUT), &ready.files_read());
        let commit = (!id.is_empty() && !ready.site.demo).then_some(Commit { id, dirty });
        Ok(State { ready, secrets, chosen, now, commit, folder, argument })
    }

    /// What stands in each document.
    pub(super) fn told_of(&self) -> ToldOf {
        ToldOf::new(&self.ready.site.name, documents::said(self.now), self.commit.clone())
    }

    /// Whether a device is asked for.
    pub(super) fn asked(&self, device: &SiteDevice) -> bool {
        self.chosen.contains(&device.name)
    }
}

impl StateArgs {
    /// The revision that is meant; none for the folder as it is now.
    pub(super) fn rev(&self) -> Option<&str> {
        self.at.as_deref()
    }

    /// The time that is meant.
    pub(super) fn time(&self) -> Timestamp {
        self.as_of.map_or_else(clock::now, last_of)
    }
}

/// The last second of a moment.
fn last_of(moment: Moment) -> Timestamp {
    match moment {
        Moment::At(at) => at,
        Moment::Day(_) => Timestamp::from_second(moment.ends().as_second() - 1).unwrap_or(Timestamp::MAX),
    }
}

/// What people read of a document instead of its lists.
type Text<'a> = &'a dyn Fn(&View) -> String;

/// Shows a document as lists, on a page below its drawing; `text` is what people read of it instead.
pub(super) fn show<D: Serialize>(
    args: &ShownArgs,
    document: &D,
    (title, of): (&str, &ToldOf),
    lists: &[Listing],
    (figure, text): (Option<&History>, Option<Text<'_>>),
) -> Result<(), Problem> {
    for end in ends(&args.format, args.output.as_deref(), ListFormat::Human)? {
        end.put(&match end.format {
            ListFormat::Json => documents::text(document),
            ListFormat::Csv => report::listings_csv(lists),
            ListFormat::Html => report::page::lists(title, of, lists, figure),
            ListFormat::Human | ListFormat::Concise | ListFormat::Plain => match &text {
                Some(text) => text(&end.view(args.all)),
                None => report::listings(of, lists, &end.view(args.all)),
            },
        })?;
    }
    Ok(())
}
