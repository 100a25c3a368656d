//! The plan that is carried out: approved, for this very build, by these tables, and not used yet.

use std::path::PathBuf;

use fieldlock::image::Digest;
use fieldlock::ledger::receipt::Event;
use fieldlock::pipeline::folder;
use fieldlock::pipeline::verify::Beside;

use super::super::folders;
use super::super::plan::check::{approvals, remember, unused};
use super::super::plan::read;
use super::super::problem::Problem;
use super::{ApplyArgs, NOTHING, Stick};

/// A plan that may be carried out.
#[derive(Default)]
pub(super) struct Approved {
    /// Its digest; empty where none is carried out.
    pub(super) digest: String,
    /// Who approved it.
    pub(super) by: Vec<String>,
    /// That a lock-out was accepted in it.
    pub(super) accepted: Option<Event>,
    /// What it says.
    #[cfg(feature = "device")]
    pub(super) plan: Option<fieldlock::plan::file::PlanFile>,
}

impl Approved {
    /// The plan is good for no other time: once the device is known to be the right one, and before anything is sent.
    pub(super) fn spend(&self) -> Result<(), Problem> {
        match Digest::from_hex(&self.digest) {
            Some(digest) => remember(folders::state().as_deref(), digest),
            None => Ok(()),
        }
    }
}

/// The plan that work under way was begun with: it may do nothing else. None where there was none.
#[cfg(feature = "device")]
pub(super) fn again(
    args: &ApplyArgs,
    stick: &Stick,
    digest: &str,
) -> Result<Option<fieldlock::plan::file::PlanFile>, Problem> {
    if digest.is_empty() {
        return Ok(None);
    }
    let path = place(args, stick);
    let (bytes, plan) = path.as_deref().map(read).transpose()?.unzip();
    match plan.filter(|_| bytes.is_some_and(|bytes| Digest::of(&bytes).to_string() == digest)) {
        Some(plan) => Ok(Some(plan)),
        None => {
            Err(Problem::refused(format!("the plan that the work on {} was begun with is not at hand", args.device))
                .help("give that very file with --plan, or take back what was done with --undo REASON")
                .state("nothing more was done"))
        }
    }
}

/// The file of the plan: named, or beside the image.
fn place(args: &ApplyArgs, stick: &Stick) -> Option<PathBuf> {
    let beside = stick.folder.join(folder::plan(&args.device));
    args.plan.clone().or_else(|| beside.is_file().then_some(beside))
}

/// The plan that is carried out, and who approved it.
pub(super) fn plan(args: &ApplyArgs, stick: &Stick) -> Result<Approved, Problem> {
    let asked = stick.files.public.as_deref().and_then(Beside::of).map_or(0, |beside| beside.approvals);
    let Some(path) = &place(args, stick) else {
        return match asked {
            0 => Ok(Default::default()),
            asked => Err(Problem::refused(format!(
                "the site asks for {asked} approvals of the plan for {}",
                args.device
            ))
            .help("make a plan, have it approved, and give it with --plan; `fieldlock bundle --plan` takes it along")
            .state(NOTHING)),
        };
    };
    let (bytes, plan) = read(path)?;
    let approved = approvals(&plan, &bytes, path, args.approvers.approvers.as_deref(), asked)?;
    let digest = Digest::of(&bytes);
    let state = folders::state();
    unused(state.as_deref(), digest, &plan.device)?;
    let image = stick.listing.index.image(&args.device).map(|entry| entry.image.to_string());
    let moved = [
        (plan.site != stick.core.site || plan.device != args.device, "it is for another device"),
        (plan.tables != stick.listing.index.tables, "it was planned by other tables of what devices take"),
        (plan.packs != stick.listing.index.packs, "the rules in force are others"),
        (
            Some(&plan.image) != image.as_ref() || plan.index != stick.listing.digest().to_string(),
            "the build is another one",
        ),
    ];
    let moved: Vec<&str> = moved.into_iter().filter_map(|(moved, what)| moved.then_some(what)).collect();
    if !moved.is_empty() {
        return Err(Problem::refused(format!("the plan for {} is stale: {}", plan.device, moved.join("; ")))
            .help("make a new plan, and have it approved")
            .state(NOTHING));
    }
    Ok(Approved {
        digest: digest.to_string(),
        by: approved.into_iter().collect(),
        accepted: plan.accepted(),
        #[cfg(feature = "device")]
        plan: Some(plan),
    })
}
