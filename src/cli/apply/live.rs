//! `apply --live`: the same device, image, plan, journal and receipts, and the device itself does what it is told over
//! SSH. Nothing is done by a list: each step follows from what the device shows (`fieldlock::device::apply`).

mod log;
mod ready;

use std::net::IpAddr;
use std::path::PathBuf;
use std::time::Duration;

use fieldlock::device::Reach;
use fieldlock::device::apply::{self, Account, Door, Ending, Left, State, Task, Trouble};
use fieldlock::device::cli::{Cli, Login, Patience};
use fieldlock::device::live::{LiveError, WITHIN};
use fieldlock::device::ssh::Ssh;
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Ended, Event, Outcome, Said};
use fieldlock::native::Grade;
use fieldlock::plan::Engineer;
use fieldlock::report;
use fieldlock::secret::SecretValue;

use super::super::args::SecretArgs;
use super::super::exit::Exit;
use super::super::live::LabFileArgs;
use super::super::problem::Problem;
use super::super::terminal;
use super::journal::{Journal, can_keep};
use super::unlocked::Unlocked;
use super::{ApplyArgs, NOTHING, Stick, finish_late, under_way};
use log::Log;
use ready::Ready;

/// Working on a device that answers.
#[derive(Debug, clap::Args)]
pub(crate) struct LiveArgs {
    /// Speak to the device itself, over SSH, from the folder of its site; its host key has to be described
    #[arg(long, conflicts_with_all = ["answers", "emergency", "backup"], help_heading = "Devices that answer")]
    pub(super) live: bool,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    #[arg(long, value_name = "DIR", requires = "live", help_heading = "Devices that answer")]
    site: Option<PathBuf>,
    /// Account that you log in with today [default: the one that is described]
    #[arg(long = "as", value_name = "ACCOUNT", requires = "live", help_heading = "Devices that answer")]
    login: Option<String>,
    /// File that holds the password of that account [default: the secret of the site, else asked for]
    #[arg(long = "as-password", value_name = "FILE", requires = "live", help_heading = "Devices that answer")]
    password: Option<PathBuf>,
    /// Send commands, too, that no source confirms for this very platform
    #[arg(long, value_name = "GRADE", requires = "live", value_parser = ["likely"], help_heading = "Devices that answer")]
    accept: Option<String>,
    /// Where something is refused or can't go on, take back what was done without asking
    #[arg(long, requires = "live", help_heading = "Devices that answer")]
    go_back: bool,
    #[command(flatten)]
    lab: LabFileArgs,
    #[command(flatten)]
    secrets: SecretArgs,
}

impl LiveArgs {
    fn grade(&self) -> Grade {
        if self.accept.is_some() { Grade::Likely } else { Grade::Confirmed }
    }
}

pub(super) fn run(args: &ApplyArgs, stick: &Stick) -> Result<Exit, Problem> {
    let image = stick.files.image.as_deref().unwrap_or_default();
    let unlocked = Unlocked::of(&stick.listing, (image, &args.device), &args.passphrase)?;
    let mut journal = Journal::open(&stick.core.site, &args.device)?;
    let to = args.to.clone().unwrap_or_else(|| stick.folder.clone());
    if let Some(exit) = finish_late(args, &mut journal, &to)?.filter(|_| args.resume) {
        return Ok(exit);
    }
    let goes_on = under_way(args, &journal)?;
    if let Some(why) = &args.stop {
        journal.add(Event::Resumed(Said { text: format!("ended as it is: {why}") }), None)?;
        return end(args, &mut journal, &to, (Outcome::Stopped, 1));
    }
    if !goes_on {
        can_keep(&to, None)?;
    }
    let ready = Ready::of(args, stick, &unlocked, journal.receipt.as_ref())?;
    let before = goes_on.then(|| ready.before(&journal, &unlocked, &to)).transpose()?;
    if goes_on {
        journal.add(
            match &args.undo {
                Some(why) => Event::Undoing(Said { text: why.clone() }),
                None => Event::Resumed(Said { text: format!("by {}", args.by) }),
            },
            None,
        )?;
    }
    let task = Task {
        device: ready.device()?,
        secrets: &ready.at_hand.secrets,
        engineer: Engineer { addresses: ready.here.clone(), port: None, over_ssh: true },
        approved: ready.plan.as_ref(),
        grade: args.live.grade(),
        login: Account { name: ready.reach.account.clone(), password: SecretValue::copy_of(ready.password.expose()) },
    };
    let mut door = SshDoor { reach: ready.reach.clone(), lab: ready.lab };
    let mut log = Log::new(args, stick, &unlocked, &ready, (&mut journal, &to));
    let ending = match before.as_ref().filter(|_| args.undo.is_some()) {
        Some(before) => apply::undo(&task, before, &mut door, &mut log),
        None => apply::apply(&task, before.as_ref(), &mut door, &mut log),
    };
    let stopped = log.problem.take();
    let left = ready.left(&ending);
    finish(args, &mut journal, &to, (&ending, left, stopped), args.undo.is_some())
}

/// Ends what ended, and keeps the journal of what did not.
fn finish(
    args: &ApplyArgs,
    journal: &mut Journal,
    to: &std::path::Path,
    (ending, left, stopped): (&Ending, Vec<&Left>, Option<Problem>),
    undoing: bool,
) -> Result<Exit, Problem> {
    let sentence = ending.sentence(&args.device);
    if ending.is_done() {
        let outcome = if left.is_empty() { Outcome::Done } else { Outcome::Deviates };
        terminal::complain(&format!("{}\n", report::escape::line(&sentence)));
        for left in &left {
            let line = format!("  left  {}: {}", left.path, left.why);
            terminal::complain(&format!("{}\n", report::escape::line(&line)));
        }
        return end(args, journal, to, (outcome, left.len()));
    }
    if undoing && ending.back.is_none() && ending.state == State::AsBefore {
        return end(args, journal, to, (Outcome::Undone, 0));
    }
    let trouble = ending.back.as_ref().filter(|_| undoing).or(ending.trouble.as_ref());
    let told = stopped.unwrap_or_else(|| problem(trouble));
    if !journal.receipt.as_ref().is_some_and(Receipt::is_begun) {
        journal.forget()?;
        return Err(told.state(NOTHING));
    }
    let back = ending.back.as_ref().filter(|_| !undoing).map(|why| format!("; going back: {why}")).unwrap_or_default();
    let state = format!("{sentence}{back}");
    let unfinished = Problem { exit: Exit::Unfinished, ..told };
    if ending.state == State::AsBefore && !undoing {
        terminal::complain(&format!("{}\n", report::escape::line(&state)));
        let _ = end(args, journal, to, (Outcome::Undone, 0))?;
        return Err(unfinished
            .help("look at what the device refused, describe it otherwise, build and plan again")
            .state(state));
    }
    let help = "go on with --resume, take it back with --undo REASON, or end it with --stop REASON";
    let help = match (trouble, unfinished.help.as_deref()) {
        (Some(Trouble::Shut { .. }), Some(first)) => first.to_owned(),
        (Some(Trouble::InPart(_)), _) => "restart the device without saving, then go on with --resume".to_owned(),
        _ => help.to_owned(),
    };
    Err(unfinished.help(help).state(state))
}

fn end(
    args: &ApplyArgs,
    journal: &mut Journal,
    to: &std::path::Path,
    (outcome, left): (Outcome, usize),
) -> Result<Exit, Problem> {
    let (read, taken) = journal.receipt.as_ref().map_or((0, 0), Receipt::commands);
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    let ended = Ended { confirmed: count(read + taken), left: count(left), outcome };
    let shown = |done: &Receipt| format!("\n{}\n", report::escape::line(&report::receipt::ending(done)));
    let next = format!("fieldlock return {{}}, and fieldlock capture {} --live", report::escape::line(&args.device));
    super::finish(args, journal, to, &ended, &shown, &next)
}

fn problem(trouble: Option<&Trouble>) -> Problem {
    let Some(trouble) = trouble else { return Problem::invalid("it did not end") };
    let text = trouble.to_string();
    match trouble {
        Trouble::Lost(_) | Trouble::Cut => Problem { exit: Exit::Unreached, ..Problem::invalid(text) }
            .help("`fieldlock doctor DEVICE` says how far one comes"),
        Trouble::NoOrder(_) => {
            Problem::refused(text).help("do these settings by the sheet: `fieldlock apply DEVICE` without --live")
        }
        Trouble::NotApproved(_) => {
            Problem::refused(text).help("make a new plan of what runs now, and have it approved")
        }
        Trouble::Other { .. } => {
            Problem::refused(text).help("is it the right device? its serial number says that it is not")
        }
        Trouble::Shut { .. } => Problem::refused(text)
            .help("where nobody is let in any more, restart it: what is saved is as it was; then go on with --resume"),
        Trouble::NotSaved(_) => Problem::refused(text).help("look at the space on the device, and save by hand"),
        _ => Problem::refused(text),
    }
}

/// Sessions over SSH. A device of a lab is where the lab says, whatever its address is by now.
struct SshDoor {
    reach: Reach,
    lab: bool,
}

/// How long a device that restarts is waited for, and how often it is tried.
const PAUSE: Duration = Duration::from_secs(10);
const MOST: u32 = 30;

impl Door for SshDoor {
    type Wire = Ssh;

    fn open(&mut self, login: &Login<'_>, to: Option<IpAddr>) -> Result<Cli<Ssh>, LiveError> {
        let mut reach = self.reach.clone();
        if let Some(to) = to.filter(|_| !self.lab) {
            reach.at.set_ip(to);
        }
        let wire = Ssh::open(&reach, login, WITHIN)?;
        Ok(Cli::start(wire, reach.speech, Patience::default(), login)?)
    }

    fn wait(&mut self, tries: u32) -> bool {
        std::thread::sleep(if self.lab { PAUSE / 50 } else { PAUSE });
        tries < MOST
    }
}
