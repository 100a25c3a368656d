//! A receipt, for programs.

use schemars::JsonSchema;
use serde::Serialize;

use super::{FORMAT_VERSION, Tool};
use crate::ledger::Receipt;
use crate::ledger::receipt::Line;

/// A receipt, read. The file itself is its lines, one after the other, each in canonical JSON.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ReceiptDocument {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The program.
    pub tool: Tool,
    /// What people call it.
    pub number: String,
    /// Who signed it, of those who are trusted here; absent where nobody did.
    pub signed_by: Option<String>,
    /// Rows that a person confirmed, by id.
    pub confirmed: Vec<String>,
    /// Its lines.
    pub lines: Vec<Line>,
}

impl ReceiptDocument {
    /// Of a receipt, by a version of the program.
    pub fn of(receipt: &Receipt, signed_by: Option<String>, version: &str) -> ReceiptDocument {
        ReceiptDocument {
            format_version: FORMAT_VERSION,
            tool: Tool { name: "fieldlock".to_owned(), version: version.to_owned() },
            number: receipt.number(),
            signed_by,
            confirmed: receipt.confirmed().iter().map(|row| row.id.clone()).collect(),
            lines: receipt.lines().to_vec(),
        }
    }
}
