//! `plan check`: whether a plan may be carried out now.

use std::collections::BTreeSet;
use std::net::IpAddr;
use std::path::{Path, PathBuf};

use fieldlock::image::Digest;
use fieldlock::ledger::signature::{PLAN_NAMESPACE, signer_of};
use fieldlock::plan::file::PlanFile;
use fieldlock::report::escape;
use fieldlock::site::output::OwnFolder;

use super::super::args::{ApproverArgs, PassphrasesArgs, SecretArgs, SiteArgs};
use super::super::exit::Exit;
use super::super::judging::AtHand;
use super::super::problem::Problem;
use super::super::signing::Purpose;
use super::super::{clock, file, folders, site, terminal};
use super::{NOTHING, Who, approve, planned};

#[derive(Debug, clap::Args)]
pub(crate) struct CheckArgs {
    /// The plan
    file: PathBuf,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    site: Option<PathBuf>,
    /// What runs on the device now, instead of its capture
    #[arg(long, value_name = "FILE")]
    running: Option<PathBuf>,
    /// Folder of the build that the plan is for [default: out in the site, where there is one]
    #[arg(long, value_name = "OUT")]
    build: Option<PathBuf>,
    #[command(flatten)]
    approvers: ApproverArgs,
    /// The plan is carried out now: it is good for no other time
    #[arg(long)]
    begin: bool,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
}

/// The file in the folder of what is remembered that names the plans that were begun, a digest a line.
const USED: &str = "used_plans";
/// The largest of it, in bytes: more than 200,000 plans.
const MAX_USED: usize = 16 << 20;

pub(super) fn run(args: CheckArgs) -> Result<Exit, Problem> {
    let (bytes, plan) = super::read(&args.file)?;
    let digest = Digest::of(&bytes);
    let of = SiteArgs { site: args.site, device: vec![plan.device.clone()], zone: Vec::new() };
    let running = site::running(args.running.as_deref(), &of)?;
    let AtHand { ready, secrets, argument, .. } =
        AtHand::open(&of, &args.secrets, &args.passphrase, |_| Ok(running.into_iter().collect()))?;
    let approved = approvals(&plan, &bytes, &args.file, args.approvers.approvers.as_deref(), 0)?;
    let state = folders::state();
    unused(state.as_deref(), digest, &plan.device)?;
    let who = Who {
        author: plan.author.clone(),
        from: plan.from.iter().filter_map(|from| from.parse::<IpAddr>().ok()).collect(),
        port: Some(plan.port.clone()).filter(|port| !port.is_empty()),
        login: Some(plan.login.clone()).filter(|login| !login.is_empty()),
        foreign: plan.foreign,
        accepted: Some(plan.accepted.clone()).filter(|sentence| !sentence.is_empty()),
    };
    let now = planned(&ready, &secrets, &plan.device, &argument, &who, args.build.as_deref())?;
    let moved = plan.moved(&now);
    if !moved.is_empty() {
        return Err(Problem::refused(format!("the plan for {} is stale: {}", plan.device, moved.join("; ")))
            .help("make a new plan, and have it approved")
            .state(NOTHING));
    }
    if now.approvals as usize > approved.len() {
        return Err(unapproved(&plan, now.approvals, &approved));
    }
    if args.begin {
        remember(state.as_deref(), digest)?;
    }
    let left = now.steps.len();
    let steps = if left == plan.steps.len() {
        format!("{left} steps")
    } else {
        format!("{left} of its {} steps are left", plan.steps.len())
    };
    let by = approved.into_iter().collect::<Vec<_>>().join(", ");
    terminal::print(&format!(
        "the plan for {} holds: {steps}, approved by {}{}\n",
        escape::line(&plan.device),
        escape::line(if by.is_empty() { "nobody, as the site asks" } else { &by }),
        if args.begin { "; it is begun, and good for no other time" } else { "" }
    ))?;
    ready.leave();
    Ok(Exit::Done)
}

/// Who somebody is, by the name that a key is trusted as: a person of the site is called `ben`, and signs as
/// `ben@example` at one desk and as `ben@laptop` at another.
fn person(signer: &str) -> String {
    signer.split('@').next().unwrap_or_default().to_lowercase()
}

/// Those who approved it and are not its author: as many as it says, and as are asked for.
pub(crate) fn approvals(
    plan: &PlanFile,
    bytes: &[u8],
    path: &Path,
    given: Option<&Path>,
    asked: u32,
) -> Result<BTreeSet<String>, Problem> {
    let signers = Purpose::Plans.signers(given)?;
    let now = clock::now();
    let (mut names, mut people) = (BTreeSet::new(), BTreeSet::from([person(&plan.author)]));
    for signature in approve::signatures(path)? {
        match signer_of(bytes, &signature, (PLAN_NAMESPACE, &signers), now) {
            Ok(name) if people.insert(person(&name)) => drop(names.insert(name)),
            Ok(_) => {}
            Err(why) => terminal::complain(&format!(
                "note: a signature of the plan does not count: {}\n",
                escape::line(&why.to_string())
            )),
        }
    }
    let asked = asked.max(plan.approvals);
    match names.len() < asked as usize {
        true => Err(unapproved(plan, asked, &names)),
        false => Ok(names),
    }
}

fn unapproved(plan: &PlanFile, asked: u32, names: &BTreeSet<String>) -> Problem {
    Problem::refused(format!(
        "the plan for {} is approved by {} of {asked} that the site asks for",
        plan.device,
        names.len()
    ))
    .help(
        "somebody else than its author signs it with `fieldlock plan approve`; `fieldlock trust add NAME KEY.pub --for plans` \
         says here who may",
    )
    .state(NOTHING)
}

/// That a plan was not carried out yet, as far as this computer knows.
pub(crate) fn unused(state: Option<&Path>, digest: Digest, device: &str) -> Result<(), Problem> {
    match used(state)?.lines().any(|line| *line == digest.to_string()) {
        false => Ok(()),
        true => Err(Problem::refused(format!("the plan for {device} was carried out already"))
            .help("a plan is good for one time: make a new one, of what the device is now")
            .state(NOTHING)),
    }
}

/// The plans that were begun on this computer.
fn used(state: Option<&Path>) -> Result<String, Problem> {
    let Some(path) = state.map(|folder| folder.join(USED)) else { return Ok(String::new()) };
    match file::read_text(&path, MAX_USED) {
        Ok(text) => Ok(String::from_utf8_lossy(&text).into_owned()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => {
            Err(Problem::invalid(format!("the plans that were begun can't be read from `{}`: {error}", path.display()))
                .state(NOTHING))
        }
    }
}

/// It is carried out now: it is good for no other time.
pub(crate) fn remember(state: Option<&Path>, digest: Digest) -> Result<(), Problem> {
    let unkept = || {
        Problem::invalid("nothing can be kept on this computer, so a plan could be carried out twice")
            .help(format!("set {}", folders::STATE_BY))
            .state(NOTHING)
    };
    let folder = state.ok_or_else(unkept)?;
    let locked = OwnFolder::lock(folder).map_err(|_| unkept())?;
    let mut text = used(Some(folder))?;
    text.push_str(&format!("{digest}\n"));
    locked.replace(USED, text.as_bytes()).map_err(|_| unkept())
}
