//! Asking a command line, one command after the other, over any wire.

use std::time::Duration;

use super::Speech;
use super::dialogue::{Answer, Dialogue, Now};
use crate::secret::SecretValue;

/// What bytes go over.
pub trait Wire {
    /// Sends bytes.
    ///
    /// # Errors
    /// The other end is gone.
    fn send(&mut self, bytes: &[u8]) -> Result<(), WireError>;

    /// What came; `None` where nothing came in that time.
    ///
    /// # Errors
    /// The other end is gone.
    fn receive(&mut self, wait: Duration) -> Result<Option<Vec<u8>>, WireError>;
}

/// Why a wire carries nothing more.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WireError {
    /// The other end closed it.
    #[error("the connection ended")]
    Ended,
    /// It broke.
    #[error("the connection broke: {0}")]
    Broken(String),
}

/// Why a command line gave no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CliError {
    /// The wire.
    #[error("{why}, while `{command}` was not answered")]
    Wire {
        /// What was sent last, as it may be shown.
        command: String,
        /// Why.
        why: WireError,
    },
    /// It says nothing more.
    #[error("the device did not answer `{command}`: what it shows last is `{line}`")]
    Silent {
        /// What was sent last, as it may be shown.
        command: String,
        /// The line that is being written.
        line: String,
    },
    /// It never showed a prompt.
    #[error("the device showed no prompt: what it shows last is `{0}`")]
    NoPrompt(String),
    /// It asked something that nobody may answer.
    #[error("the device asked `{question}` when `{command}` was sent, and was answered no")]
    Asked {
        /// What was sent, as it may be shown.
        command: String,
        /// The question.
        question: String,
    },
    /// It does not let this account in.
    #[error("the device refused the account `{0}` or its password")]
    Refused(String),
    /// It asks for an account in the middle of a session.
    #[error("the device ended the session when `{0}` was sent: it asks for a login again")]
    LoggedOut(String),
    /// It sends without end.
    #[error("the device sends without end: what it answers to `{0}` is more than anybody reads")]
    Endless(String),
}

impl CliError {
    /// What to do.
    pub fn help(&self) -> &'static str {
        match self {
            CliError::Wire { .. } | CliError::LoggedOut(_) => {
                "is somebody else at the device, or did it restart? try again"
            }
            CliError::Silent { .. } | CliError::Endless(_) => "log in by hand and send the same: what does it show?",
            CliError::NoPrompt(_) => "does it begin with a menu? switch it to the command line: `login mode cli`",
            CliError::Asked { .. } => "send that command by hand, where it is meant",
            CliError::Refused(_) => "too many tries lock the account: look at the secret of its password first",
        }
    }
}

/// What is sent, and what of it may be shown.
#[derive(Clone, Copy)]
pub struct Command<'a> {
    /// What is sent, without a line end.
    pub text: &'a str,
    /// The same as messages name it: without secrets.
    pub shown: &'a str,
}

impl<'a> From<&'a str> for Command<'a> {
    fn from(text: &'a str) -> Command<'a> {
        Command { text, shown: text }
    }
}

/// Who logs in.
pub struct Login<'a> {
    /// The account.
    pub account: &'a str,
    /// Its password.
    pub password: &'a SecretValue,
}

/// How long is waited.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// For an answer to go on.
    pub answer: Duration,
    /// For a device that seems to have said all.
    pub settle: Duration,
}

impl Default for Patience {
    fn default() -> Patience {
        Patience { answer: Duration::from_secs(15), settle: Duration::from_millis(400) }
    }
}

/// A session at a prompt.
pub struct Cli<W> {
    wire: W,
    dialogue: Dialogue,
    speech: &'static Speech,
    patience: Patience,
    /// Whether the device repeats what is typed, as soon as that is known.
    repeats: Option<bool>,
    /// What the device said before its first prompt.
    pub greeting: Vec<String>,
}

impl<W: Wire> Cli<W> {
    /// Waits for the prompt, and logs in where the device asks for it. A prompt is what an empty command gives again.
    ///
    /// # Errors
    /// There is none.
    pub fn start(wire: W, speech: &'static Speech, patience: Patience, login: &Login<'_>) -> Result<Cli<W>, CliError> {
        let mut cli =
            Cli { wire, dialogue: Dialogue::new(speech), speech, patience, repeats: None, greeting: Vec::new() };
        let (mut named, mut nudges) = (false, 0);
        let tries = (patience.answer.as_millis() / patience.settle.as_millis().max(1)).clamp(1, 100);
        for _ in 0..tries + 10_000 {
            let came = cli.receive(patience.settle, "(login)")?;
            let answer = cli.dialogue.answer();
            if named && answer.lines.iter().any(|line| line.contains(&*speech.wrong)) {
                return Err(CliError::Refused(login.account.to_owned()));
            }
            match cli.dialogue.now() {
                Now::Name if named => return Err(CliError::Refused(login.account.to_owned())),
                Now::Name => {
                    named = true;
                    cli.reply(login.account.as_bytes())?;
                    continue;
                }
                Now::Password => {
                    named = true;
                    // a device that repeats a password shows it to nobody else
                    cli.dialogue.sent();
                    cli.send_line(login.password.expose(), "(login)")?;
                    continue;
                }
                _ => {}
            }
            if nudges > 0 && cli.dialogue.learn() {
                if nudges > 1 {
                    while cli.receive(patience.settle, "(login)")? {}
                }
                return Ok(cli);
            }
            let seems = cli.dialogue.line().ends_with(['#', '>']) && nudges == 0;
            if !came && nudges as u128 > tries {
                break;
            }
            if seems || !came {
                if nudges == 0 {
                    cli.greeting = answer.lines;
                }
                nudges += 1;
                cli.dialogue.sent();
                cli.send(b"\n", "(login)")?;
            }
        }
        Err(CliError::NoPrompt(cli.dialogue.shown()))
    }

    /// Sends a command and reads its answer. `replies` are what may be answered to questions that hold a text; any
    /// other question is answered no.
    ///
    /// # Errors
    /// There is no answer, or a question that nobody may answer.
    pub fn ask<'c>(&mut self, command: impl Into<Command<'c>>, replies: &[(&str, &str)]) -> Result<Answer, CliError> {
        let command = command.into();
        let shown = || command.shown.to_owned();
        self.dialogue.sent();
        self.send_line(command.text.as_bytes(), command.shown)?;
        let (mut asked, mut nudged) = (None, false);
        let mut wait = self.patience.answer;
        loop {
            let came = self.receive(wait, command.shown)?;
            match self.dialogue.now() {
                Now::Command if self.dialogue.is_repeated() => {
                    self.repeats = Some(true);
                    break;
                }
                // an earlier prompt that was late, or a device that repeats nothing
                Now::Command if came => {
                    wait = if self.repeats == Some(false) { self.patience.settle } else { self.patience.answer / 3 }
                }
                Now::Command => {
                    self.repeats.get_or_insert(false);
                    break;
                }
                Now::Key => self.reply(b"")?,
                Now::Name | Now::Password => return Err(CliError::LoggedOut(shown())),
                Now::Answer(question) => {
                    let answer =
                        replies.iter().find(|(part, _)| question.to_lowercase().contains(&part.to_lowercase()));
                    if answer.is_none() {
                        asked = Some(question);
                    }
                    self.reply(answer.map_or("n", |(_, answer)| answer).as_bytes())?;
                }
                // a prompt that changed is one that an empty command gives again
                Now::Writing if nudged && self.dialogue.learn() => break,
                Now::Writing if !came && !nudged && self.dialogue.line().ends_with(['#', '>']) => {
                    nudged = true;
                    self.send(b"\n", command.shown)?;
                }
                Now::Writing if !came => {
                    return Err(CliError::Silent { command: shown(), line: self.dialogue.shown() });
                }
                Now::Writing => {}
            }
        }
        match asked {
            Some(question) => Err(CliError::Asked { command: shown(), question }),
            None => Ok(self.dialogue.answer()),
        }
    }

    /// The prompt that it shows.
    pub fn prompt(&self) -> String {
        self.dialogue.line()
    }

    /// The mode that it is in: `config`, `config-if`; `None` at the exec prompt.
    pub fn mode(&self) -> Option<String> {
        self.dialogue.mode()
    }

    /// How it talks.
    pub fn speech(&self) -> &'static Speech {
        self.speech
    }

    fn reply(&mut self, answer: &[u8]) -> Result<(), CliError> {
        self.dialogue.replied();
        self.send_line(answer, "(an answer)")
    }

    fn send_line(&mut self, text: &[u8], command: &str) -> Result<(), CliError> {
        self.send(&zeroize::Zeroizing::new([text, b"\n"].concat()), command)
    }

    fn send(&mut self, bytes: &[u8], command: &str) -> Result<(), CliError> {
        self.wire.send(bytes).map_err(|why| CliError::Wire { command: command.to_owned(), why })
    }

    /// Whether anything came.
    fn receive(&mut self, wait: Duration, command: &str) -> Result<bool, CliError> {
        let came = self.wire.receive(wait).map_err(|why| CliError::Wire { command: command.to_owned(), why })?;
        let came = came.filter(|bytes| !bytes.is_empty());
        if let Some(bytes) = &came {
            self.dialogue.feed(bytes);
        }
        if self.dialogue.is_full() {
            return Err(CliError::Endless(command.to_owned()));
        }
        Ok(came.is_some())
    }
}
