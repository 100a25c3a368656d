//! Bringing a device that answers into the state that is described, step by step over its command line.
//!
//! There is no list of steps that is worked off: what the device has is read, what is to be done is planned of that,
//! its first step is sent, and the device is read again. A plan goes on as long as each reading shows what it says of
//! that moment and nothing else; where anything else moved, and after each break, there is another one. So going on
//! after a break, after a restart of the device and after a lost connection are the same as going on, and going back is
//! planning what was there. What can't be read, a password, counts as long as the device has not restarted unseen, and
//! is proved by a second session.
//!
//! [`commands`](self) come of the tables, the order and what is proved before and after each step of
//! [`mod@crate::plan`]. This knows no network: a [`Door`] opens sessions, [`Told`] keeps the journal.

mod commands;
mod end;
mod prove;
mod save;
mod seen;
mod send;
mod session;
mod todo;
mod work;
#[cfg(test)]
mod tests;

use std::net::IpAddr;

pub use end::{Ending, State};
pub use seen::Seen;
pub use todo::{Left, Step};

use super::cli::{Cli, Login, Wire};
use super::live::LiveError;
use crate::native::Grade;
use crate::plan::Engineer;
use crate::plan::file::PlanFile;
use crate::secret::{SecretValue, Secrets};
use crate::site::SiteDevice;

/// What is to be done.
pub struct Task<'a> {
    /// The device, as it is described.
    pub device: &'a SiteDevice,
    /// The values of its secrets.
    pub secrets: &'a Secrets,
    /// Who works, from where.
    pub engineer: Engineer,
    /// The plan that was approved: nothing else is set.
    pub approved: Option<&'a PlanFile>,
    /// The least sure commands that are sent.
    pub grade: Grade,
    /// Who logs in today.
    pub login: Account,
}

/// An account with its password.
pub struct Account {
    /// Its name.
    pub name: String,
    /// Its password.
    pub password: SecretValue,
}

/// Opens sessions with one device.
pub trait Door {
    /// What they go over.
    type Wire: Wire;

    /// A new session, at an address that the device has by now, or where it is described.
    ///
    /// # Errors
    /// There is none.
    fn open(&mut self, login: &Login<'_>, to: Option<IpAddr>) -> Result<Cli<Self::Wire>, LiveError>;

    /// Waits before the device is tried again, this often already; `false` where that is long enough.
    fn wait(&mut self, tries: u32) -> bool;
}

/// What is told while the work goes on.
pub enum Note<'a> {
    /// What the device has before anything is sent. An error ends the work there.
    First(&'a Seen),
    /// A step is about to be sent: whatever stops the work from here on, the device may have it.
    Starting(&'a Step),
    /// What came of a step.
    Came(&'a Step, &'a Came),
    /// The connection was lost, and there is another one.
    Again(&'a str),
    /// What was done is taken back from here on; why.
    Undoing(&'a Trouble),
    /// The device saved what runs.
    Saved,
}

/// What came of a step.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Came {
    /// The device has it, as it was read back.
    ReadBack,
    /// The device took it without a word and does not show it.
    Taken,
    /// The device has not.
    Not(String),
}

/// Hears what happens, and decides.
pub trait Told {
    /// Takes a note, and returns when it is kept.
    ///
    /// # Errors
    /// It can't be kept, or nothing more may be done: the work ends there.
    fn tell(&mut self, note: Note<'_>) -> Result<(), String>;

    /// Whether what was done is taken back, after something went wrong. `false` leaves the device as it is.
    fn goes_back(&mut self, trouble: &Trouble) -> bool;
}

/// Why the work did not end as it should.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Trouble {
    /// No session, or none any more.
    #[error("{0}")]
    Lost(String),
    /// Another device answers.
    #[error("another device answers: its serial number is {seen}, not {expected}")]
    Other {
        /// That of the first reading.
        expected: String,
        /// What is told now.
        seen: String,
    },
    /// What it shows has no end or no beginning.
    #[error("what the device shows of its configuration is cut off")]
    Cut,
    /// The device refused a command.
    #[error("the device refused `{command}`: {line}")]
    Refused {
        /// The command, as it may be shown.
        command: String,
        /// What it said.
        line: String,
    },
    /// It took a command and shows something else.
    #[error("the device took `{command}` and does not have it")]
    Otherwise {
        /// The command, as it may be shown.
        command: String,
    },
    /// Something changed that nobody sent.
    #[error("{0} changed, and nobody sent that: does somebody else work on the device?")]
    Strange(String),
    /// A second session did not open.
    #[error("nobody gets in as `{account}` {when}: {why}")]
    Shut {
        /// The account.
        account: String,
        /// Before or after which command.
        when: String,
        /// Why.
        why: String,
    },
    /// No order is safe.
    #[error("{0}")]
    NoOrder(String),
    /// A step is no part of the plan that was approved.
    #[error("`{0}` is to be done now, and was not approved there")]
    NotApproved(String),
    /// Something of what was there nobody knows, or no command brings back.
    #[error("no command takes `{0}` back to what it was")]
    NoWayBack(String),
    /// An entry was being made when the connection was lost, and no command says the rest of it.
    #[error("`{0}` is there in part, and no command says the rest: nothing is saved, so that a restart takes it away")]
    InPart(String),
    /// It did not save.
    #[error("the device did not save: {0}")]
    NotSaved(String),
    /// The journal.
    #[error("{0}")]
    Journal(String),
    /// It was asked to go back.
    #[error("what was done was to be taken back")]
    Undone,
}

/// Brings the device into the state that is described. `before` is what it had before the work was begun, where that
/// was broken off.
pub fn apply<D: Door>(task: &Task<'_>, before: Option<&Seen>, door: &mut D, told: &mut dyn Told) -> Ending {
    work::Work::new(task, door, told).apply(before)
}

/// Brings the device back to what it had: a text that was read from it before.
pub fn undo<D: Door>(task: &Task<'_>, before: &Seen, door: &mut D, told: &mut dyn Told) -> Ending {
    work::Work::new(task, door, told).undo(before)
}
