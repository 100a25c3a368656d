//! What runs on devices, read from them: one after the other, or many at once.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use super::cli::{Cli, CliError, Login, Patience, Wire};
use super::reach::{Reach, ReachError};
use super::ssh::{Ssh, SshError};
use crate::native::Form;
use crate::platform;
use crate::secret::SecretValue;
use crate::site::SiteDevice;
use crate::site::identity::{Contradiction, Tells, contradiction};
use crate::source::FileId;

/// How long one step of a connection may take.
pub const WITHIN: Duration = Duration::from_secs(10);

/// Why nothing was read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LiveError {
    /// Nobody says how it is reached.
    #[error(transparent)]
    Reach(#[from] ReachError),
    /// There is no session.
    #[error(transparent)]
    Ssh(#[from] SshError),
    /// It is not the one that is described.
    #[error("another device answers: its {} is {}, described is {}", .0.what, .0.told, .0.described)]
    Other(Contradiction),
    /// It shows something else.
    #[error("what it shows is no whole configuration")]
    NoConfiguration,
    /// The session gives no answer.
    #[error(transparent)]
    Cli(#[from] CliError),
    /// It shows no configuration.
    #[error("the device refused `{command}`: `{line}`")]
    Refused {
        /// What was sent.
        command: String,
        /// What it said.
        line: String,
    },
}

impl LiveError {
    /// What to do.
    pub fn help(&self) -> String {
        match self {
            LiveError::Reach(error) => error.help().to_owned(),
            LiveError::Other(_) => {
                "nothing of it was taken: go to the right device, or describe the one that is there".to_owned()
            }
            LiveError::NoConfiguration => {
                "log in by hand: is there a command line, or a menu? `login mode cli` switches to the command line"
                    .to_owned()
            }
            LiveError::Ssh(error) => error.help(),
            LiveError::Cli(error) => error.help().to_owned(),
            LiveError::Refused { .. } => "has the account the rights to see the configuration?".to_owned(),
        }
    }
}

/// A device that is to be read.
pub struct Asked {
    /// How it is reached.
    pub reach: Reach,
    /// The password of the account.
    pub password: SecretValue,
}

/// Reads one device: a recorded session, as a person would make it.
///
/// # Errors
/// How far it came.
pub fn read(asked: &Asked, patience: Patience) -> Result<String, LiveError> {
    let login = Login { account: &asked.reach.account, password: &asked.password };
    let wire = Ssh::open(&asked.reach, &login, WITHIN)?;
    let mut cli = Cli::start(wire, asked.reach.speech, patience, &login)?;
    record(&mut cli)
}

/// What a text that was read says of which device it is of.
///
/// # Errors
/// It is cut off or none at all, or of another one than the described.
pub fn is_of(device: &SiteDevice, text: &str) -> Result<Tells, LiveError> {
    let reading = platform::at(device).read(Form::Cli, FileId::NONE, text);
    let reading = reading.filter(|reading| reading.whole).ok_or(LiveError::NoConfiguration)?;
    let tells = Tells::of(&reading.facts);
    contradiction(device, &tells).map_or(Ok(tells), |other| Err(LiveError::Other(other)))
}

/// Reads many, as many at once as are allowed; in the order in which they were asked for.
pub fn many(
    asked: &[Asked],
    at_once: usize,
    patience: Patience,
    done: &(dyn Fn() + Sync),
) -> Vec<Result<String, LiveError>> {
    let waiting: Mutex<VecDeque<usize>> = Mutex::new((0..asked.len()).collect());
    let read_all = || {
        let mut found = Vec::new();
        loop {
            let next = waiting.lock().unwrap_or_else(PoisonError::into_inner).pop_front();
            let Some(number) = next else { return found };
            found.push((number, read(&asked[number], patience)));
            done();
        }
    };
    let mut all: Vec<(usize, Result<String, LiveError>)> = std::thread::scope(|scope| {
        let readers: Vec<_> = (0..at_once.clamp(1, asked.len().max(1))).map(|_| scope.spawn(read_all)).collect();
        readers.into_iter().flat_map(|reader| reader.join().unwrap_or_default()).collect()
    });
    all.sort_by_key(|(number, _)| *number);
    all.into_iter().map(|(_, read)| read).collect()
}

/// Asks a device what it is and what runs on it, and writes down what both said.
///
/// # Errors
/// It does not answer, or does not show its configuration.
pub fn record<W: Wire>(cli: &mut Cli<W>) -> Result<String, LiveError> {
    let speech = cli.speech();
    let mut text: String = cli.greeting.iter().map(|line| format!("{line}\n")).collect();
    // a device that has no such command shows its pages, and they are turned
    let asked = std::iter::once(&speech.unpaged).chain(speech.about.iter().map(|(command, _)| command));
    for command in asked.chain([&speech.running]) {
        let prompt = cli.prompt();
        let answer = cli.ask(command.as_str(), &[])?;
        if let Some(line) = answer.refusal.filter(|_| *command == speech.running) {
            return Err(LiveError::Refused { command: command.clone(), line });
        }
        text.push_str(&format!("{prompt} {command}\n"));
        answer.lines.iter().for_each(|line| {
            text.push_str(line);
            text.push('\n');
        });
    }
    text.push_str(&format!("{}\n", cli.prompt()));
    Ok(text)
}

#[cfg(test)]
mod tests;
