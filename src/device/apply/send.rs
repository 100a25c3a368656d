//! Sending commands, and what of their answers may be told.

use super::commands::Command;
use super::work::Work;
use super::{Door, Step};
use crate::device::cli::{CliError, Command as Asked};
use crate::dialect::Speech;

/// Why a command has no answer that counts.
pub(super) enum Failed {
    Refused(String),
    Lost(String),
}

impl<D: Door> Work<'_, '_, D> {
    /// Sends a step: what is of the configuration within it, the rest at the exec prompt.
    pub(super) fn send_all(&mut self, step: &Step) -> Result<(), (String, Failed)> {
        let Some(cli) = &self.cli else {
            return Err((String::new(), Failed::Lost("the connection is lost".to_owned())));
        };
        let enter = cli.speech().enter[0].clone();
        let sent = match step.commands.config.is_empty() {
            true => Ok(()),
            false => {
                let enter = Command { text: enter.clone().into(), shown: enter };
                std::iter::once(&enter).chain(&step.commands.config).try_for_each(|command| self.one(command))
            }
        };
        if !matches!(sent, Err((_, Failed::Lost(_)))) {
            self.leave()?;
        }
        sent?;
        step.commands.exec.iter().try_for_each(|command| self.one(command))
    }

    fn one(&mut self, command: &Command) -> Result<(), (String, Failed)> {
        self.send(command).map_err(|why| (command.shown.clone(), why))
    }

    /// Back to the exec prompt. A rule that the device does not take is refused when its block is left.
    fn leave(&mut self) -> Result<(), (String, Failed)> {
        let mut told = Ok(());
        for _ in 0..4 {
            let Some(cli) = &self.cli else { break };
            if cli.mode().is_none() {
                break;
            }
            let leave = cli.speech().leave.clone();
            let left = self.one(&Command { text: leave.clone().into(), shown: leave });
            match left {
                Err((command, Failed::Lost(why))) => return Err((command, Failed::Lost(why))),
                left => told = told.and(left),
            }
        }
        told
    }

    /// Sends one command, and gives what refuses it.
    fn send(&mut self, command: &Command) -> Result<(), Failed> {
        let Some(cli) = &mut self.cli else { return Err(Failed::Lost("the connection is lost".to_owned())) };
        let speech = cli.speech();
        let covered = *command.text != command.shown;
        let ours = speech.asks.iter().filter(|(asks, _)| *asks == command.shown);
        let replies: Vec<(&str, &str)> = ours.map(|(_, question)| (&**question, "y")).collect();
        let answer = cli.ask(Asked { text: &command.text, shown: &command.shown }, &replies);
        match answer {
            Ok(answer) => match answer.refusal {
                Some(line) => Err(Failed::Refused(refusal(speech, covered, line))),
                None => Ok(()),
            },
            Err(CliError::Asked { question, .. }) => {
                Err(Failed::Refused(if covered { "it asks back".to_owned() } else { format!("it asks `{question}`") }))
            }
            Err(why) => Err(Failed::Lost(why.to_string())),
        }
    }
}

/// What may be shown of a refusal: one of a command with a secret may repeat it.
fn refusal(speech: &Speech, covered: bool, line: String) -> String {
    let signs = speech.begins.iter().chain(&speech.contains);
    let sign = signs.filter(|sign| line.contains(&***sign)).max_by_key(|sign| sign.len());
    if covered { format!("`{} ...`", sign.map_or("", String::as_str)) } else { format!("`{line}`") }
}
