//! `report`: what a site has to show, for auditors, now and then.

mod coverage;
mod dossier;
mod history;
mod lists;
mod state;

use clap::Subcommand;

use super::exit::Exit;
use super::problem::Problem;

#[derive(Debug, clap::Args)]
pub(crate) struct ReportVerbArgs {
    #[command(subcommand)]
    kind: ReportKind,
}

/// What is told.
#[derive(Debug, Subcommand)]
enum ReportKind {
    /// All of it in one page, for an acceptance test or an audit
    Dossier(dossier::DossierArgs),
    /// What there is to show for each requirement of IEC 62443-4-2, by zone and device
    Coverage(coverage::CoverageArgs),
    /// What there is to show for one requirement, device by device
    Evidence(coverage::EvidenceArgs),
    /// Waivers and attestations, by date
    Waivers(lists::WaiversArgs),
    /// The devices, as an asset register has them
    Inventory(lists::ListArgs),
    /// The firmware of each device, and what is known of its holes
    Firmware(lists::ListArgs),
    /// Who did what on which device, by the receipts that came home
    Receipts(lists::ReceiptsArgs),
    /// Open and closed findings from commit to commit, and how long it took to mend them
    History(history::HistoryArgs),
}

pub(crate) fn run(args: ReportVerbArgs) -> Result<Exit, Problem> {
    match args.kind {
        ReportKind::Dossier(args) => dossier::run(args),
        ReportKind::Coverage(args) => coverage::run(args),
        ReportKind::Evidence(args) => coverage::evidence(args),
        ReportKind::Waivers(args) => lists::waivers(args),
        ReportKind::Inventory(args) => lists::inventory(args),
        ReportKind::Firmware(args) => lists::firmware(args),
        ReportKind::Receipts(args) => lists::receipts(args),
        ReportKind::History(args) => history::run(args),
    }
}
