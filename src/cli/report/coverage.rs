//! `report coverage` and `report evidence`: what there is to show for IEC 62443-4-2.

use fieldlock::pipeline::coverage::coverage;
use fieldlock::policy::requirements::{number, requirements};
use fieldlock::report::{self, View};

use super::state::{ShownArgs, State, StateArgs, show};
use crate::cli::args::{PassphrasesArgs, SecretArgs};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::site;

/// Of which devices, and how it is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock report coverage\n  \
    fieldlock report coverage west --zone control --requirement \"CR 1.11\"\n  \
    fieldlock report coverage --all --format json --output coverage.json\n\
    Exit codes: 0 done, 2 the input can't be read. What fails is the business of `check`.")]
pub(super) struct CoverageArgs {
    #[command(flatten)]
    judged: JudgedArgs,
    /// Only this requirement, device by device; `--all` shows every one so
    #[arg(long, value_name = "ID")]
    requirement: Option<String>,
}

/// Of which state, with which secrets, and how it is shown.
#[derive(Debug, clap::Args)]
struct JudgedArgs {
    #[command(flatten)]
    state: StateArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    #[command(flatten)]
    shown: ShownArgs,
}

/// Of which requirement, and how it is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock report evidence \"CR 1.11\"\n  \
    fieldlock report evidence 1.11 west --as-of 2026-11-01 --at v3 --format csv\n\
    Exit codes: 0 done, 2 the input can't be read. What fails is the business of `check`.")]
pub(super) struct EvidenceArgs {
    /// The requirement: `CR 1.11`, or its number alone
    #[arg(value_name = "REQUIREMENT")]
    requirement: String,
    #[command(flatten)]
    judged: JudgedArgs,
}

/// The requirement is a positional argument, like the site's folder: it comes first.
pub(super) fn evidence(args: EvidenceArgs) -> Result<Exit, Problem> {
    told(&args.judged, Some(&args.requirement))
}

pub(super) fn run(args: CoverageArgs) -> Result<Exit, Problem> {
    told(&args.judged, args.requirement.as_deref())
}

fn told(args: &JudgedArgs, requirement: Option<&str>) -> Result<Exit, Problem> {
    let only = requirement.map(row).transpose()?;
    let state = State::open(&args.state, Some((&args.secrets, &args.passphrase)))?;
    let judgement = state.ready.judge(&state.secrets, state.now);
    let commit = state.commit.clone();
    let mut told = coverage(&state.ready, &judgement, state.now, commit, |device| state.asked(device));
    drop(judgement);
    if let Some(only) = only {
        told.requirements.retain(|row| row.id == only);
    }
    let text = |view: &View| match (only, &told.requirements[..]) {
        (Some(_), [row]) => report::coverage_of(&told, row, view),
        _ => report::coverage(&told, view.all, view),
    };
    let title = ("Coverage of IEC 62443-4-2", &state.told_of());
    show(&args.shown, &told, title, &[told.listing()], (None, Some(&text)))?;
    state.ready.leave();
    Ok(Exit::Done)
}

/// The requirement that is meant: `CR 1.11`, or its number alone.
fn row(asked: &str) -> Result<&'static str, Problem> {
    let meant = requirements().iter().find(|row| row.id.eq_ignore_ascii_case(asked) || number(row.id) == Some(asked));
    let by_number =
        || number(asked).and_then(|wanted| requirements().iter().find(|row| number(row.id) == Some(wanted)));
    meant
        .or_else(by_number)
        .map(|row| row.id)
        .ok_or_else(|| site::nothing("requirement", asked, requirements().iter().map(|row| row.id)))
}
