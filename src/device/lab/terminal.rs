//! One session with a device to rehearse on: bytes in, bytes out.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use zeroize::Zeroizing;

use super::device::{Device, Entry};
use super::fault::Kind;
use crate::dialect::cli::{Block, Taken};

/// Longest line that is typed.
const LONGEST: usize = 4096;

/// Lines of a page where nobody says how high the terminal is.
const PAGE: usize = 24;

/// How long a slow answer takes.
const SLOW: Duration = Duration::from_secs(60);

/// What a session gives.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Output {
    /// Bytes for the terminal.
    Bytes(Vec<u8>),
    /// Nothing for so long.
    Pause(Duration),
    /// The session ends.
    End,
}

/// What it waits for.
enum Waits {
    Name,
    Password(String),
    Command,
    /// A key for the next page.
    Key,
    /// An answer; the command that is carried out after a yes.
    Answer(String),
    Nothing,
}

/// A session.
pub struct Terminal {
    device: Arc<Mutex<Device>>,
    waits: Waits,
    typed: Zeroizing<Vec<u8>>,
    /// The last byte was a carriage return: a line feed behind it is none of its own.
    returned: bool,
    echo: bool,
    /// Lines of a page; 0 for no pager.
    page: usize,
    pages: VecDeque<String>,
    stem: String,
    mode: Mode,
    configures: bool,
    starts: usize,
    out: Vec<Output>,
}

/// Where in the configuration it is.
enum Mode {
    Exec,
    Config,
    /// By the words that opened it, the innermost last.
    Block(Vec<String>, Block),
}

impl Terminal {
    /// A session that says nothing yet. `echo` where no terminal repeats what is typed.
    pub fn new(device: Arc<Mutex<Device>>, echo: bool) -> Terminal {
        Terminal {
            device,
            waits: Waits::Nothing,
            typed: Zeroizing::default(),
            returned: false,
            echo,
            page: PAGE,
            pages: VecDeque::new(),
            stem: String::new(),
            mode: Mode::Exec,
            configures: false,
            starts: 0,
            out: Vec::new(),
        }
    }

    /// Begins: at the prompt where somebody was let in already, else at the login.
    pub fn begin(&mut self, entered: Option<bool>) -> Vec<Output> {
        let starts = self.lock().starts;
        self.starts = starts;
        match entered {
            Some(configures) => self.entered(configures),
            None => self.ask_name(),
        }
        std::mem::take(&mut self.out)
    }

    /// How high the terminal is; nothing where that is not said.
    pub fn height(&mut self, rows: u32) {
        self.page = usize::try_from(rows).ok().filter(|rows| *rows > 1).unwrap_or(PAGE);
    }

    /// Takes what was typed. `now` is the time since the device is there.
    pub fn input(&mut self, bytes: &[u8], now: Duration) -> Vec<Output> {
        for byte in bytes {
            if matches!(self.waits, Waits::Nothing) || self.lock().starts != self.starts {
                self.end();
                break;
            }
            let returned = std::mem::replace(&mut self.returned, *byte == b'\r');
            match byte {
                b'\n' if returned => {}
                b'\r' | b'\n' => self.line(now),
                _ if matches!(self.waits, Waits::Key) => self.turn(*byte),
                b'\x03' => {
                    self.typed.clear();
                    self.say("\r\n");
                    self.prompt();
                }
                b'\x04' if self.typed.is_empty() => self.end(),
                b'\x08' | b'\x7f' if self.typed.pop().is_some() && self.repeats() => self.say("\x08 \x08"),
                byte if *byte >= b' ' && self.typed.len() < LONGEST => {
                    self.typed.push(*byte);
                    if self.repeats() {
                        self.out.push(Output::Bytes(vec![*byte]));
                    }
                }
                _ => {}
            }
        }
        joined(std::mem::take(&mut self.out))
    }

    fn repeats(&self) -> bool {
        self.echo && !matches!(self.waits, Waits::Password(_)) && !self.lock().has(Kind::Mute)
    }

    fn line(&mut self, now: Duration) {
        let typed = std::mem::take(&mut self.typed);
        let text = Zeroizing::new(String::from_utf8_lossy(&typed).trim().to_owned());
        if self.echo && !matches!(self.waits, Waits::Key) {
            self.say("\r\n");
        }
        match std::mem::replace(&mut self.waits, Waits::Nothing) {
            Waits::Name => {
                let ask = self.lock().speech().password.clone();
                self.say(&ask);
                self.waits = Waits::Password(text.to_string());
            }
            Waits::Password(account) => {
                let entry = self.lock().enter(&account, &typed, now);
                match entry {
                    Entry::In { configures } => self.entered(configures),
                    Entry::Refused => {
                        let wrong = self.lock().speech().wrong.clone();
                        self.say(&format!("\r\n{wrong}\r\n"));
                        self.ask_name();
                    }
                }
            }
            Waits::Key => {
                self.waits = Waits::Key;
                self.turn(b' ');
            }
            Waits::Answer(command) => {
                self.waits = Waits::Command;
                match text.to_lowercase().as_str() {
                    "y" | "yes" => self.carry_out(&command),
                    _ => self.prompt(),
                }
            }
            Waits::Command if text.is_empty() => {
                self.waits = Waits::Command;
                self.prompt();
            }
            Waits::Command => {
                self.waits = Waits::Command;
                self.command(&text);
            }
            Waits::Nothing => {}
        }
    }

    /// A command with what goes wrong at it.
    fn command(&mut self, text: &str) {
        let due = self.lock().due();
        if due.contains(&Kind::Power) {
            self.lock().restart();
            return self.end();
        }
        if due.contains(&Kind::Shut) {
            self.lock().shut();
        }
        if due.contains(&Kind::Slow) {
            self.out.push(Output::Pause(SLOW));
        }
        if due.contains(&Kind::Refuse) {
            return self.refuse();
        }
        let question = {
            let speech = self.lock().speech();
            speech.asks.iter().find(|(asks, _)| *asks == text).map(|(_, question)| question.clone())
        };
        match question {
            Some(question) if self.configures => {
                self.say(&question);
                self.waits = Waits::Answer(text.to_owned());
            }
            _ => self.carry_out(text),
        }
        if due.contains(&Kind::Drop) {
            self.out.clear();
            self.end();
        }
    }

    fn carry_out(&mut self, text: &str) {
        let speech = self.lock().speech();
        let words: Vec<&str> = text.split_whitespace().collect();
        let is = |one: &String| words.iter().copied().eq(one.split_whitespace());
        match (&self.mode, words.as_slice()) {
            (Mode::Exec, ["exit" | "logout" | "quit"]) => return self.end(),
            (_, ["end"]) => self.mode = Mode::Exec,
            (Mode::Config, _) if text == speech.leave => self.mode = Mode::Exec,
            (Mode::Block(..), _) if text == speech.leave => self.leave(),
            (Mode::Exec, _) if speech.enter.iter().any(is) && self.configures => self.mode = Mode::Config,
            (Mode::Exec, ["terminal", "length", lines]) if lines.parse::<usize>().is_ok() => {
                self.page = lines.parse().unwrap_or(PAGE);
            }
            (Mode::Exec, _) if is(&speech.running) && self.configures => {
                let lines = self.lock().show(false);
                return self.show(lines);
            }
            (Mode::Exec, _) if is(&speech.startup) && self.configures => {
                let lines = self.lock().show(true);
                return self.show(lines);
            }
            (Mode::Exec, _) if speech.save.iter().any(is) && self.configures => {
                let saved = self.lock().save();
                speech.saving.iter().for_each(|line| self.say(&format!("{line}\r\n")));
                match (saved, &speech.saved) {
                    (true, Some(said)) => self.say(&format!("{said}\r\n")),
                    (true, None) => {}
                    (false, _) => return self.refuse(),
                }
            }
            (Mode::Exec, ["reload"]) if self.configures => {
                self.lock().restart();
                return self.end();
            }
            (Mode::Exec, ["reload", "factory-default"]) if self.configures => {
                self.lock().reset();
                return self.end();
            }
            (Mode::Exec, _) => {
                if let Some((_, rows)) = speech.about.iter().find(|(command, _)| is(command)) {
                    let lines = self.lock().about(rows);
                    return self.show(lines);
                }
                let exec = self.configures && self.lock().has_command(text);
                if !exec {
                    return self.refuse();
                }
            }
            _ => return self.configure(text),
        }
        self.prompt();
    }

    fn configure(&mut self, text: &str) {
        let block = if let Mode::Block(_, block) = &self.mode { Some(block.clone()) } else { None };
        let (mut taken, mut moved) = self.lock().configure(block.as_ref(), text);
        // a command of the configuration leaves the block
        if block.is_some() && taken == Taken::Strange {
            (taken, moved) = self.lock().configure(None, text);
            if taken == Taken::Done {
                self.mode = Mode::Config;
            }
        }
        match taken {
            Taken::Done if moved => return self.end(),
            Taken::Done => {}
            Taken::Opened(block) => {
                let kind = text.split_whitespace().next().unwrap_or_default();
                let kind = if kind == "interface" { "if" } else { kind };
                let mut kinds = match std::mem::replace(&mut self.mode, Mode::Config) {
                    Mode::Block(kinds, within) if Some(&within) == block.clone().left().as_ref() => kinds,
                    _ => Vec::new(),
                };
                kinds.push(kind.to_owned());
                self.mode = Mode::Block(kinds, block);
            }
            Taken::Exec | Taken::Value | Taken::Strange => return self.refuse(),
        }
        self.prompt();
    }

    /// Out of a block, or of a mode within it.
    fn leave(&mut self) {
        self.mode = match std::mem::replace(&mut self.mode, Mode::Config) {
            Mode::Block(mut kinds, block) => {
                kinds.pop();
                block.left().map_or(Mode::Config, |block| Mode::Block(kinds, block))
            }
            other => other,
        };
    }

    fn refuse(&mut self) {
        let refusal = self.lock().speech().refusal.clone();
        self.say(&format!("{refusal}\r\n"));
        self.prompt();
    }

    fn show(&mut self, lines: Vec<String>) {
        self.pages = lines.into();
        self.next_page();
    }

    fn turn(&mut self, key: u8) {
        self.say(&format!("\r{}\r", " ".repeat(12)));
        self.waits = Waits::Command;
        if key == b'q' {
            self.pages.clear();
        }
        self.next_page();
    }

    fn next_page(&mut self) {
        let most = if self.page == 0 { usize::MAX } else { self.page.saturating_sub(1).max(1) };
        for _ in 0..most.min(self.pages.len()) {
            if let Some(line) = self.pages.pop_front() {
                self.say(&format!("{line}\r\n"));
            }
        }
        if self.pages.is_empty() {
            return self.prompt();
        }
        let more = self.lock().speech().more.clone();
        self.say(&more);
        self.waits = Waits::Key;
    }

    fn entered(&mut self, configures: bool) {
        self.configures = configures;
        let (greeting, stem) = {
            let device = self.lock();
            (device.greeting(), device.stem())
        };
        // the prompt of a session stays, whatever becomes of the host name
        self.stem = stem;
        greeting.iter().for_each(|line| self.say(&format!("{line}\r\n")));
        self.waits = Waits::Command;
        self.prompt();
    }

    fn ask_name(&mut self) {
        let ask = self.lock().speech().name.clone();
        self.say(&ask);
        self.waits = Waits::Name;
    }

    fn prompt(&mut self) {
        let (mode, strange) = {
            let device = self.lock();
            (device.speech().mode.clone(), device.has(Kind::Prompt))
        };
        let mode = match &self.mode {
            Mode::Exec => String::new(),
            Mode::Config => format!("({mode})"),
            Mode::Block(kinds, _) => format!("({mode}-{})", kinds.last().map_or("", String::as_str)),
        };
        let stem = if strange { "recovery" } else { &self.stem };
        self.say(&format!("{stem}{mode}# "));
    }

    fn say(&mut self, text: &str) {
        self.out.push(Output::Bytes(text.as_bytes().to_vec()));
    }

    fn end(&mut self) {
        self.waits = Waits::Nothing;
        self.out.push(Output::End);
    }

    fn lock(&self) -> MutexGuard<'_, Device> {
        self.device.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Bytes that follow bytes are one output.
fn joined(outputs: Vec<Output>) -> Vec<Output> {
    let mut all: Vec<Output> = Vec::new();
    for output in outputs {
        match (all.last_mut(), output) {
            (Some(Output::Bytes(last)), Output::Bytes(more)) => last.extend(more),
            (_, output) => all.push(output),
        }
    }
    all
}
