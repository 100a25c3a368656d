//! `receipt`: what was really done on a device, for people; and whether it is what was written then.

use std::path::{Path, PathBuf};

use clap::Subcommand;
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::MAX_LEN;
use fieldlock::ledger::signature::{AllowedSigners, MAX_SIGNATURE_LEN, RECEIPT_NAMESPACE, signer_of};
use fieldlock::pipeline::receipts::{ENDING, FOLDER};
use fieldlock::report;
use fieldlock::report::documents::ReceiptDocument;
use fieldlock::report::escape;
use fieldlock::site::files::{Root, lf};

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::signing::Purpose;
use super::{clock, file, terminal};

#[derive(Debug, clap::Args)]
pub(crate) struct ReceiptArgs {
    #[command(subcommand)]
    verb: ReceiptVerb,
}

/// Verbs on a receipt.
#[derive(Debug, Subcommand)]
enum ReceiptVerb {
    /// Print a receipt: who did what, what a person confirmed, what is left
    #[command(after_help = "Examples:\n  fieldlock receipt show E:/west/receipts/np07-2026-03-11-91c077ab.receipt")]
    Show(OneArgs),
    /// Say whether a receipt is whole, and who signed it
    #[command(after_help = "Examples:\n  fieldlock receipt verify receipts/np07-2026-03-11-91c077ab.receipt\n\n\
        Exit codes: 0 whole, and signed by somebody who is trusted here, 5 altered, or nothing says who wrote it.")]
    Verify(OneArgs),
}

#[derive(Debug, clap::Args)]
struct OneArgs {
    /// The receipt
    file: PathBuf,
    /// File of those whose receipts count, as ssh-keygen has it [default: receipt_signers in your own folder]
    #[arg(long, value_name = "FILE", help_heading = "Signatures")]
    allowed_signers: Option<PathBuf>,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write it to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

const UNCHANGED: &str = "nothing was changed";

pub(crate) fn run(args: ReceiptArgs) -> Result<Exit, Problem> {
    let (args, verify) = match args.verb {
        ReceiptVerb::Show(args) => (args, false),
        ReceiptVerb::Verify(args) => (args, true),
    };
    let (bytes, receipt) = read(&args.file)?;
    let signers = Purpose::Receipts.signers(args.allowed_signers.as_deref())?;
    let signature = file::read_beside(&signature(&args.file), MAX_SIGNATURE_LEN)?;
    let signed = signed(&bytes, signature.as_deref(), &signers);
    let told = match &signed {
        Ok(signer) => format!("by {signer}"),
        Err(why) => format!("NOT PROVED: {why}"),
    };
    let output = Output::of(args.format, args.output, false);
    let document = || ReceiptDocument::of(&receipt, signed.clone().ok(), env!("CARGO_PKG_VERSION"));
    output.either(document, || match verify {
        true => format!("{} is whole, signed {}\n", receipt.number(), escape::line(&told)),
        false => report::receipt::text(&receipt, &told),
    })?;
    match (verify, signed) {
        (true, Err(_)) => {
            terminal::complain("help: `fieldlock trust add NAME KEY.pub --for receipts` says whose receipts count\n");
            Ok(Exit::Refused)
        }
        _ => Ok(Exit::Done),
    }
}

/// A receipt that ended, with its bytes.
pub(crate) fn read(path: &Path) -> Result<(Vec<u8>, Receipt), Problem> {
    let bytes = file::read_document(path, MAX_LEN + 1).map_err(|error| {
        Problem::invalid(format!("the receipt can't be read from `{}`: {error}", path.display()))
            .help("give a receipt that `fieldlock apply` wrote: they lie in `receipts/` of a stick, a build or a site")
            .state(UNCHANGED)
    })?;
    let receipt = Receipt::read(&bytes).map_err(|error| {
        Problem::refused(format!("`{}` is no receipt as fieldlock writes it: {error}", path.display()))
            .help("take it again from where it was written: a receipt is not edited")
            .state(UNCHANGED)
    })?;
    Ok((bytes, receipt))
}

/// Where the signature of a receipt lies.
pub(crate) fn signature(receipt: &Path) -> PathBuf {
    let mut name = receipt.as_os_str().to_owned();
    name.push(".sig");
    name.into()
}

/// The receipts of a folder, each with who signed it. What is none is passed over: nothing is proved by it.
pub(crate) fn all(root: &Root) -> Result<Vec<(Receipt, Option<String>)>, Problem> {
    let mut found = Vec::new();
    let signers = Purpose::Receipts.signers(None)?;
    for path in root.list(FOLDER, ENDING).unwrap_or_default() {
        let Ok(bytes) = root.read_bytes(&path, MAX_LEN).map(lf) else { continue };
        let Ok(receipt) = Receipt::read(&bytes) else { continue };
        let signer = signer(root, &path, &bytes, &signers);
        found.push((receipt, signer));
    }
    Ok(found)
}

/// Who signed a receipt of a folder, by the file beside it.
pub(crate) fn signer(root: &Root, path: &str, bytes: &[u8], signers: &AllowedSigners) -> Option<String> {
    signed(bytes, signature_beside(root, path).as_deref(), signers).ok()
}

/// The signature beside a receipt, whoever made it.
pub(crate) fn signature_beside(root: &Root, path: &str) -> Option<Vec<u8>> {
    root.read_bytes(&format!("{path}.sig"), MAX_SIGNATURE_LEN).ok().map(lf)
}

/// Who signed a receipt, or why nobody did.
pub(crate) fn signed(bytes: &[u8], signature: Option<&[u8]>, signers: &AllowedSigners) -> Result<String, String> {
    let signature = signature.ok_or("nobody signed it")?;
    signer_of(bytes, signature, (RECEIPT_NAMESPACE, signers), clock::now()).map_err(|why| why.to_string())
}
