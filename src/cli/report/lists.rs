//! `report waivers`, `inventory`, `firmware` and `receipts`: lists of what a site holds.

use std::path::PathBuf;

use fieldlock::model::value::Moment;
use fieldlock::pipeline::granted::granted;
use fieldlock::pipeline::inventory;
use fieldlock::report::documents::{ReceiptEntry, ReceiptList};
use fieldlock::site::files::Root;

use super::state::{ShownArgs, State, StateArgs, show};
use crate::cli::exit::Exit;
use crate::cli::problem::Problem;
use crate::cli::receipt;
use crate::cli::signing::Purpose;

/// Of which state, and how it is shown.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock report inventory --format csv --output inventory.csv\n  \
    fieldlock report firmware west --as-of 2026-11-01 --at v3")]
pub(super) struct ListArgs {
    #[command(flatten)]
    state: StateArgs,
    #[command(flatten)]
    shown: ShownArgs,
}

/// The same, between two dates.
#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock report waivers\n  \
    fieldlock report waivers west --from 2026-01-01 --until 2026-12-31 --format csv")]
pub(super) struct WaiversArgs {
    #[command(flatten)]
    state: StateArgs,
    /// Only what holds at some time from this date on
    #[arg(long, value_name = "DATE")]
    from: Option<Moment>,
    /// Only what holds at some time up to this date, all of that day
    #[arg(long, value_name = "DATE")]
    until: Option<Moment>,
    #[command(flatten)]
    shown: ShownArgs,
}

/// The same, with those whose receipts count.
#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock report receipts\n  fieldlock report receipts west --device np07 --format html"
)]
pub(super) struct ReceiptsArgs {
    #[command(flatten)]
    state: StateArgs,
    /// File of those whose receipts count, as ssh-keygen has it [default: receipt_signers in your own folder]
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    allowed_signers: Option<PathBuf>,
    #[command(flatten)]
    shown: ShownArgs,
}

pub(super) fn waivers(args: WaiversArgs) -> Result<Exit, Problem> {
    let state = State::open(&args.state, None)?;
    let judgement = state.ready.judge(&state.secrets, state.now);
    let told = granted(&state.ready, &judgement, state.told_of(), state.now, (args.from, args.until));
    show(&args.shown, &told, ("Waivers and attestations", &told.of), &told.listings(), (None, None))?;
    drop(judgement);
    state.ready.leave();
    Ok(Exit::Done)
}

pub(super) fn inventory(args: ListArgs) -> Result<Exit, Problem> {
    listed(&args, false)
}

pub(super) fn firmware(args: ListArgs) -> Result<Exit, Problem> {
    listed(&args, true)
}

fn listed(args: &ListArgs, firmware: bool) -> Result<Exit, Problem> {
    let state = State::open(&args.state, None)?;
    let told = inventory::inventory(&state.ready, state.told_of(), |device| state.asked(device));
    let list = if firmware { told.firmware() } else { told.listing() };
    show(&args.shown, &told, (list.title, &told.of), std::slice::from_ref(&list), (None, None))?;
    state.ready.leave();
    Ok(Exit::Done)
}

pub(super) fn receipts(args: ReceiptsArgs) -> Result<Exit, Problem> {
    let state = State::open(&args.state, None)?;
    let told = ReceiptList { of: state.told_of(), receipts: of(&state, args.allowed_signers.as_deref())? };
    show(&args.shown, &told, ("Receipts", &told.of), &[told.listing()], (None, None))?;
    state.ready.leave();
    Ok(Exit::Done)
}

/// The receipts of the devices that are asked for, the oldest first, each with who signed it.
pub(super) fn of(state: &State, signers: Option<&std::path::Path>) -> Result<Vec<ReceiptEntry>, Problem> {
    let signers = Purpose::Receipts.signers(signers)?;
    let root: &Root = state.ready.root();
    let mut all = Vec::new();
    for one in state.ready.receipts.iter().filter(|(device, _)| state.chosen.contains(*device)).flat_map(|(_, all)| all)
    {
        let signer = receipt::signer(root, &one.path, one.receipt.bytes(), &signers);
        let signed = receipt::signature_beside(root, &one.path).is_some();
        all.push(ReceiptEntry::of(&one.receipt, signer, signed));
    }
    all.sort_by(|a, b| (&a.begun, &a.number).cmp(&(&b.begun, &b.number)));
    Ok(all)
}
