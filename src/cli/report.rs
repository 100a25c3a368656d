//! `report`: what a site has to show, for auditors.

use clap::Subcommand;
use fieldlock::pipeline::{self, coverage::coverage};
use fieldlock::policy::requirements::{number, requirements};
use fieldlock::report::{self, Commit};

use super::args::{OutputArgs, PassphrasesArgs, SecretArgs, SiteArgs};
use super::exit::Exit;
use super::judging::AtHand;
use super::output::Output;
use super::problem::Problem;
use super::{clock, git, site};

#[derive(Debug, clap::Args)]
pub(crate) struct ReportVerbArgs {
    #[command(subcommand)]
    kind: ReportKind,
}

/// What is told.
#[derive(Debug, Subcommand)]
enum ReportKind {
    /// What there is to show for each requirement of IEC 62443-4-2, by zone and device
    #[command(after_help = "Examples:\n  fieldlock report coverage\n  \
        fieldlock report coverage west --zone control --requirement \"CR 1.11\"\n  \
        fieldlock report coverage --all --format json --output coverage.json\n\
        Exit codes: 0 done, 2 the input can't be read. What fails is the business of `check`.")]
    Coverage(CoverageArgs),
}

/// Of which devices, and how it is shown.
#[derive(Debug, clap::Args)]
struct CoverageArgs {
    #[command(flatten)]
    site: SiteArgs,
    /// Only this requirement, device by device; `--all` shows every one so
    #[arg(long, value_name = "ID")]
    requirement: Option<String>,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) fn run(args: ReportVerbArgs) -> Result<Exit, Problem> {
    let ReportKind::Coverage(args) = args.kind;
    let output = Output::new(&args.output);
    let only = args.requirement.as_deref().map(row).transpose()?;
    let root = site::open(args.site.site.as_deref())?.root.path().to_owned();
    let AtHand { ready, secrets, chosen, .. } =
        AtHand::open(&args.site, &args.secrets, &args.passphrase, |_| Ok(Vec::new()))?;
    if let Some(finding) = ready.findings.iter().find(|finding| finding.is_input_error()) {
        return Err(Problem::invalid(format!("the site can't be judged: {}", finding.message))
            .help("`fieldlock check` says where, and what else there is"));
    }
    let pipeline::Commit { id, dirty, .. } = git::commit(&root, &root.join(site::OUT), &ready.files_read());
    let commit = (!id.is_empty() && !ready.site.demo).then_some(Commit { id, dirty });
    let mut told = coverage(&ready, &secrets, clock::now(), commit, |device| chosen.contains(&device.name));
    if let Some(only) = only {
        told.requirements.retain(|row| row.id == only);
    }
    let text = match (only, &told.requirements[..]) {
        (Some(_), [row]) => report::coverage_of(&told, row, output.view()),
        _ => report::coverage(&told, args.output.all, output.view()),
    };
    output.either(|| told, || text)?;
    ready.leave();
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
