//! What there has to be before a session: the site that the image is of, what runs, a plan that is approved.

use std::net::IpAddr;
use std::path::Path;

use fieldlock::device::Reach;
use fieldlock::device::apply::{Ending, Left, Seen};
use fieldlock::device::cli::Patience;
use fieldlock::device::live::{Asked, read};
use fieldlock::image::{MAX_FILE_LEN, Unlock};
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::Event;
use fieldlock::pipeline::backup::{Of, open};
use fieldlock::pipeline::{Running, sealed};
use fieldlock::plan::file::PlanFile;
use fieldlock::platform;
use fieldlock::secret::SecretValue;
use fieldlock::site::SiteDevice;

use super::super::approved::{self, Approved};
use super::super::journal::Journal;
use super::super::unlocked::Unlocked;
use super::super::{ApplyArgs, NOTHING, Stick, identity};
use crate::cli::args::SiteArgs;
use crate::cli::judging::AtHand;
use crate::cli::plan::{Who, from, planned};
use crate::cli::problem::Problem;
use crate::cli::{file, image_file, live, machine, secrets, site};

pub(super) struct Ready {
    pub(super) at_hand: AtHand,
    pub(super) reach: Reach,
    pub(super) password: SecretValue,
    pub(super) here: Vec<IpAddr>,
    /// Whether it is a device of a lab.
    pub(super) lab: bool,
    /// The plan that was approved, and who did.
    pub(super) approved: Approved,
    /// What is set, and nothing else: the plan that was approved, or the one that follows from what runs.
    pub(super) plan: Option<PlanFile>,
    name: String,
}

impl Ready {
    pub(super) fn of(
        args: &ApplyArgs,
        stick: &Stick,
        unlocked: &Unlocked<'_>,
        under_way: Option<&Receipt>,
    ) -> Result<Ready, Problem> {
        let of = SiteArgs { site: args.live.site.clone(), device: vec![args.device.clone()], zone: Vec::new() };
        secrets::refuse_shared_stdin(&args.live.secrets, &args.passphrase)?;
        let lab = args.live.lab.read()?;
        let mut way = None;
        let at_hand = AtHand::live(&of, &args.live.secrets, &args.passphrase, |site, secrets, _| {
            let device = site::device(site, &args.device).map_err(|problem| problem.state(NOTHING))?;
            let mut reach = live::reach(device, lab.as_ref())?;
            if let Some(login) = &args.live.login {
                reach.account.clone_from(login);
                reach.password = None;
            }
            let password = match &args.live.password {
                Some(path) => of_file(path)?,
                None => live::password(&reach, secrets, lab.is_some())?,
            };
            let asked = Asked { reach, password };
            let text = read(&asked, Patience::default())
                .map_err(|why| Problem::unreached(why.to_string()).help(why.help()).state(NOTHING))?;
            let seen =
                Seen::of(device, text.clone()).map_err(|why| Problem::unreached(why.to_string()).state(NOTHING))?;
            identity::read_fits(&identity::Asked {
                core: &stick.core,
                read: Some(&seen.tells),
                rebind: args.rebind.as_deref(),
                other: &|serial| stick.other(serial),
            })?;
            way = Some((asked.reach, asked.password));
            Ok(vec![Running { spare: args.rebind.is_some(), ..Running::live(&args.device, text) }])
        })?;
        let Some((reach, password)) = way else { return Err(Problem::invalid("nothing was read").state(NOTHING)) };
        let ready = &at_hand.ready;
        let device = site::device(&ready.site, &args.device)?;
        site::person(&ready.site, &args.by).map_err(|problem| problem.state(NOTHING))?;
        if *ready.site.name != *stick.core.site {
            return Err(Problem::refused(format!(
                "the site here is `{}`, the image is of `{}`",
                ready.site.name, stick.core.site
            ))
            .help("go into the site's folder, or say where it is with --site DIR")
            .state(NOTHING));
        }
        let on = platform::at(device);
        if let Some(path) = sealed::differs(&on, device, &at_hand.secrets, unlocked.plain()?, &stick.sheet.unplaced) {
            return Err(Problem::refused(format!(
                "`{path}` of {} is described otherwise than it is sealed",
                args.device
            ))
            .help("build again, have it reviewed, and take that")
            .state(NOTHING));
        }
        let here = from(ready, args.laptop.as_slice())?;
        let who = Who {
            author: args.by.clone(),
            from: here.clone(),
            port: None,
            login: Some(reach.account.clone()),
            foreign: false,
            accepted: None,
        };
        let now = || planned(ready, &at_hand.secrets, &args.device, &at_hand.argument, &who, Some(&stick.folder));
        let (limit, approved) = match under_way {
            // what is taken back follows no plan
            Some(_) if args.undo.is_some() => (None, Approved::default()),
            Some(receipt) => (approved::again(args, stick, &receipt.begun().plan)?, Approved::default()),
            None => {
                let now = now()?;
                let mut approved = approved::plan(args, stick)?;
                let plan = approved.plan.take();
                let moved = plan.as_ref().map(|plan| plan.moved(&now)).unwrap_or_default();
                if !moved.is_empty() {
                    return Err(Problem::refused(format!(
                        "the plan for {} is stale: {}",
                        args.device,
                        moved.join("; ")
                    ))
                    .help("make a new plan of what runs now, and have it approved: `fieldlock plan --running FILE`")
                    .state(NOTHING));
                }
                (Some(plan.unwrap_or(now)), approved)
            }
        };
        Ok(Ready {
            reach,
            password,
            here,
            lab: lab.is_some(),
            approved,
            plan: limit,
            name: args.device.clone(),
            at_hand,
        })
    }

    pub(super) fn device(&self) -> Result<&SiteDevice, Problem> {
        site::device(&self.at_hand.ready.site, &self.name)
    }

    /// What the device had before the work began: the backup that was sealed then.
    pub(super) fn before(&self, journal: &Journal, unlocked: &Unlocked<'_>, to: &Path) -> Result<Seen, Problem> {
        let receipt = journal.receipt.as_ref();
        let kept = receipt.into_iter().flat_map(Receipt::lines).find_map(|line| match &line.event {
            Event::Backup(backup) if !backup.digest.is_empty() => Some(backup.what.clone()),
            _ => None,
        });
        let nothing =
            || Problem::invalid("the backup of the first reading is not at hand").state("nothing more was done");
        let path = to.join(kept.ok_or_else(nothing)?);
        let bytes = file::read_document(&path, MAX_FILE_LEN)
            .map_err(|_| nothing().help(format!("it is looked for at {}", path.display())))?;
        let of = Of { site: &self.at_hand.ready.site.name, device: &self.name };
        let export = open(&bytes, of, &Unlock::Key(unlocked.key()?), machine::ceiling())
            .map_err(|why| image_file::refused(&path, &why))?;
        let text = export.expose_text().map(str::to_owned).ok_or_else(nothing)?;
        Seen::of(self.device()?, text).map_err(|why| Problem::invalid(why.to_string()).state("nothing more was done"))
    }

    /// Settings that no command sets, and that nobody is known to have set by hand.
    pub(super) fn left<'e>(&self, ending: &'e Ending) -> Vec<&'e Left> {
        let open = |path: &str| {
            let plan = self.plan.as_ref();
            plan.is_none_or(|plan| plan.steps.iter().flat_map(|step| &step.changes).any(|change| change.path == path))
        };
        ending.left.iter().filter(|left| open(&left.path)).collect()
    }
}

/// A password of a file: its first line.
fn of_file(path: &Path) -> Result<SecretValue, Problem> {
    let bytes = zeroize::Zeroizing::new(file::read_text(path, 4096).map_err(|error| {
        Problem::invalid(format!("the password can't be read from `{}`: {error}", path.display())).state(NOTHING)
    })?);
    let line = bytes.split(|byte| matches!(byte, b'\n' | b'\r')).next().unwrap_or_default();
    Ok(SecretValue::copy_of(line))
}
