//! `plan approve`: a signature over a plan, beside it.

use std::path::{Path, PathBuf};

use fieldlock::ledger::signature::{MAX_SIGNATURE_LEN, PLAN_NAMESPACE};
use fieldlock::report::escape;

use super::super::exit::Exit;
use super::super::output::write_whole;
use super::super::problem::Problem;
use super::super::{file, signing, site, terminal};

#[derive(Debug, clap::Args)]
pub(crate) struct ApproveArgs {
    /// The plan
    file: PathBuf,
    /// Sign with this ssh-ed25519 key, by ssh-keygen; its .pub where an agent has the key
    #[arg(long, value_name = "FILE")]
    sign_key: PathBuf,
}

/// As many approvals are read of one plan.
const MOST: usize = 16;

pub(super) fn run(args: &ApproveArgs) -> Result<Exit, Problem> {
    let (bytes, plan) = super::read(&args.file)?;
    site::stays(&args.file)?;
    let signature = signing::sign_as(&bytes, &args.sign_key, PLAN_NAMESPACE, "the plan")?;
    let free = (1..=MOST).map(|number| beside(&args.file, number)).find(|path| !path.exists());
    let free = free.ok_or_else(|| {
        Problem::invalid(format!("the plan has {MOST} signatures already")).state("the signatures are as they were")
    })?;
    write_whole(&free, &signature)?;
    terminal::print(&format!(
        "the plan for {} is signed: {}\n",
        escape::line(&plan.device),
        escape::line(&free.display().to_string())
    ))?;
    Ok(Exit::Done)
}

/// The signatures of a plan.
pub(crate) fn signatures(plan: &Path) -> Result<Vec<Vec<u8>>, Problem> {
    let read = |number| file::read_beside(&beside(plan, number), MAX_SIGNATURE_LEN).transpose();
    (1..=MOST).filter_map(read).collect()
}

/// `np02.plan.json.1.sig`
pub(crate) fn beside(plan: &Path, number: usize) -> PathBuf {
    let mut name = plan.as_os_str().to_owned();
    name.push(format!(".{number}.sig"));
    name.into()
}
