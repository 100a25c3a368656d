//! What was done on the devices of a site, by the receipts that came home.

use schemars::JsonSchema;
use serde::Serialize;

use super::listed::ToldOf;
use crate::ledger::Receipt;
use crate::ledger::receipt::Outcome;

/// The receipts of a site.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReceiptList {
    /// Of which state.
    #[serde(flatten)]
    pub of: ToldOf,
    /// The receipts, the oldest first.
    pub receipts: Vec<ReceiptEntry>,
}

/// A receipt in a list.
#[derive(Debug, Clone, Serialize, JsonSchema)]
pub struct ReceiptEntry {
    /// `R-91c077ab`.
    pub number: String,
    /// The device.
    pub device: String,
    /// When the work began, by the clock of the computer.
    pub begun: String,
    /// When its last line was written.
    pub ended: String,
    /// Who worked.
    pub by: String,
    /// Who approved the plan.
    pub approved: Vec<String>,
    /// How it ended; absent for one that did not.
    pub outcome: Option<Outcome>,
    /// Rows that a person confirmed.
    pub confirmed: u32,
    /// Rows that are left.
    pub left: u32,
    /// Revision of the image; 0 where none was at hand.
    pub revision: u32,
    /// Digest of the image; empty where none was at hand.
    pub image: String,
    /// The device's own serial number, as it was seen.
    pub serial: Option<String>,
    /// The ticket of an emergency; absent where it was none.
    pub emergency: Option<String>,
    /// Who signed it, of those who are trusted where this was made; absent where nobody did.
    pub signed_by: Option<String>,
    /// Whether a signature lies beside it, whoever made it.
    #[serde(skip)]
    pub signed: bool,
}

impl ReceiptEntry {
    /// Of a receipt, and who signed it.
    pub fn of(receipt: &Receipt, signed_by: Option<String>, signed: bool) -> ReceiptEntry {
        let (begun, (first, last)) = (receipt.begun(), receipt.times());
        let ended = receipt.ended();
        ReceiptEntry {
            number: receipt.number(),
            device: begun.device.clone(),
            begun: first.to_owned(),
            ended: last.to_owned(),
            by: begun.by.clone(),
            approved: begun.approved.clone(),
            outcome: ended.map(|ended| ended.outcome),
            confirmed: ended.map_or(0, |ended| ended.confirmed),
            left: ended.map_or(0, |ended| ended.left),
            revision: begun.revision,
            image: begun.image.clone(),
            serial: receipt.serial().map(str::to_owned),
            emergency: super::filled(&begun.emergency),
            signed_by,
            signed,
        }
    }
}
