//! The printed sheet of one device.

use super::Plant;
use super::seal::Sealed;
use crate::policy::Evaluation;

/// The sheet as Markdown.
pub(super) fn print(_plant: &Plant, evaluation: &Evaluation<'_>, sealed: &Sealed, revision: u32) -> String {
    let _ = revision;
    format!("# {}\n\n{}", evaluation.judged.device.name, sealed.sheet.clone().unwrap_or_default())
}
