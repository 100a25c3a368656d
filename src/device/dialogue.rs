//! What a command line waits for, told by what its screen shows. No network, no time: bytes in, a state out.

use super::Speech;
use super::screen::Screen;

/// What a device waits for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Now {
    /// It is still writing, or silent without reason.
    Writing,
    /// A command.
    Command,
    /// A key, for the next page.
    Key,
    /// An answer to this question.
    Answer(String),
    /// The name of an account.
    Name,
    /// A password.
    Password,
}

/// What a device answered to one command.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Answer {
    /// Its lines, without the echo of the command and without prompts.
    pub lines: Vec<String>,
    /// The line that refuses the command.
    pub refusal: Option<String>,
}

/// A longer answer is what was asked for, unless its first line refuses: texts that people wrote may stand in it.
const MOST_OF_A_REFUSAL: usize = 8;

/// A prompt: what it begins with, and the sign that it ends with.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Prompt {
    stem: String,
    sign: char,
}

/// A session as its screen shows it.
#[derive(Debug)]
pub struct Dialogue {
    speech: &'static Speech,
    screen: Screen,
    prompt: Option<Prompt>,
    /// Lines from here on are of the last command.
    from: usize,
    /// The prompt that the command was typed behind, and whether one was.
    typed: Option<String>,
    /// The line whose question or page was answered.
    answered: Option<usize>,
}

impl Dialogue {
    /// Nothing has been said.
    pub fn new(speech: &'static Speech) -> Dialogue {
        Dialogue { speech, screen: Screen::default(), prompt: None, from: 0, typed: None, answered: None }
    }

    /// Takes what came.
    pub fn feed(&mut self, bytes: &[u8]) {
        self.screen.feed(bytes);
    }

    /// A line was sent: what comes now is its answer.
    pub fn sent(&mut self) {
        self.typed = Some(self.screen.current());
        self.from = self.screen.lines().len();
        self.answered = None;
    }

    /// A question, a page or a login was answered: the line is not asked again.
    pub fn replied(&mut self) {
        self.answered = Some(self.screen.lines().len());
    }

    /// What the device waits for.
    pub fn now(&self) -> Now {
        let line = self.screen.current();
        let lines = self.screen.lines().len();
        if line.is_empty() || self.answered == Some(lines) {
            return Now::Writing;
        }
        if line.trim_start().starts_with(&*self.speech.more) {
            return Now::Key;
        }
        let small = line.to_lowercase();
        // the line of the command itself asks nothing
        if self.typed.is_none() || lines > self.from {
            if self.prompt.as_ref().is_some_and(|prompt| prompt.is(&line)) {
                return Now::Command;
            }
            if small.ends_with(self.speech.name.to_lowercase().trim_end()) {
                return Now::Name;
            }
            if small.ends_with(self.speech.password.to_lowercase().trim_end()) {
                return Now::Password;
            }
            if self.is_question(&small) {
                return Now::Answer(line);
            }
        }
        Now::Writing
    }

    /// Whether the same line stands twice at the end, as a prompt does after an empty command: it is the prompt then.
    pub fn learn(&mut self) -> bool {
        let line = self.screen.current();
        let twice = self.screen.lines().iter().rev().find(|l| !l.is_empty()) == Some(&line);
        let Some(sign) = line.chars().next_back().filter(|c| twice && !c.is_alphanumeric()) else { return false };
        let stem = line[..line.len() - sign.len_utf8()].to_owned();
        // a mode is no part of the prompt
        let stem =
            stem.strip_suffix(')').and_then(|s| s.rsplit_once('(')).map_or(stem.clone(), |(stem, _)| stem.to_owned());
        self.prompt = Some(Prompt { stem, sign });
        true
    }

    /// The mode that the prompt shows: `config` in `router(config)#`.
    pub fn mode(&self) -> Option<String> {
        let (line, prompt) = (self.screen.current(), self.prompt.as_ref()?);
        let inner = line.strip_prefix(&*prompt.stem)?.strip_suffix(prompt.sign)?;
        Some(inner.strip_prefix('(')?.strip_suffix(')')?.to_owned())
    }

    /// The line that is being written.
    pub fn line(&self) -> String {
        self.screen.current()
    }

    /// The same for messages: of a line that something was typed on, what stood there before.
    pub fn shown(&self) -> String {
        let typed = self.typed.clone().filter(|_| self.screen.lines().len() == self.from);
        typed.unwrap_or_else(|| self.line())
    }

    /// What came before anything was sent, or since the last command, prompts and its echo left out.
    pub fn answer(&self) -> Answer {
        let mut lines: Vec<String> = self.screen.lines()[self.from..].to_vec();
        // what was typed stands behind the prompt, or nothing where the device does not repeat it
        if let (Some(typed), Some(first)) = (&self.typed, lines.first())
            && first.starts_with(&**typed)
        {
            lines.remove(0);
        }
        lines.retain(|line| !self.prompt.as_ref().is_some_and(|prompt| prompt.begins(line)));
        for line in &mut lines {
            if let Some(rest) = line.trim_start().strip_prefix(&*self.speech.more) {
                *line = rest.trim_start().to_owned();
            }
        }
        let said: Vec<&String> = lines.iter().filter(|line| !line.trim().is_empty()).collect();
        let searched = if said.len() > MOST_OF_A_REFUSAL { 1 } else { said.len() };
        let refusal = said[..searched].iter().find(|line| self.speech.refuses(line)).map(|line| (*line).clone());
        Answer { lines, refusal }
    }

    /// Whether something that was typed is repeated behind the prompt: the prompt below it is then the answer's, and
    /// none that was still on its way.
    pub fn is_repeated(&self) -> bool {
        let Some(typed) = &self.typed else { return false };
        self.screen.lines()[self.from..]
            .iter()
            .any(|line| line.strip_prefix(&**typed).is_some_and(|rest| !rest.is_empty()))
    }

    /// Whether more came than anybody reads.
    pub fn is_full(&self) -> bool {
        self.screen.is_full()
    }

    fn is_question(&self, small: &str) -> bool {
        let known = self.speech.asks.iter().any(|(_, asked)| small.contains(&*asked.to_lowercase()));
        let choice = ["[y/n]", "(y/n)", "[yes/no]", "(yes/no)", "y/n?"].iter().any(|choice| small.contains(choice));
        known || choice || small.contains("are you sure") || small.ends_with('?')
    }
}

impl Prompt {
    /// The prompt itself, in any mode.
    fn is(&self, line: &str) -> bool {
        let inner = line.strip_prefix(&*self.stem).and_then(|rest| rest.strip_suffix(self.sign));
        inner.is_some_and(|inner| inner.is_empty() || inner.starts_with('(') && inner.ends_with(')'))
    }

    /// A line that begins with it: something was typed there.
    fn begins(&self, line: &str) -> bool {
        let Some(rest) = line.strip_prefix(&*self.stem).filter(|_| !self.stem.is_empty()) else { return self.is(line) };
        let rest = rest.strip_prefix('(').and_then(|mode| mode.split_once(')')).map_or(rest, |(_, rest)| rest);
        rest.starts_with(self.sign)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::device::PlatformKind;

    fn begun(prompt: &str) -> Dialogue {
        let mut dialogue = Dialogue::new(Speech::of(PlatformKind::MxRos).unwrap());
        dialogue.feed(format!("MOXA EDR-G9010 Series  V3.24\r\n-----\r\n{prompt} ").as_bytes());
        assert_eq!((dialogue.now(), dialogue.learn()), (Now::Writing, false), "once is no proof");
        dialogue.sent();
        dialogue.feed(format!("\r\n{prompt} ").as_bytes());
        assert!(dialogue.learn(), "{prompt}");
        dialogue
    }

    #[test]
    fn a_prompt_is_what_stands_there_again_whatever_its_shape() {
        for prompt in ["Firewall/VPN Router 00000#", "r#1#", "#", "a (b) c>", "sw(config)#", "\u{e4}\u{f6}%"] {
            let mut dialogue = begun(prompt);
            dialogue.sent();
            dialogue.feed(b"show version\r\n");
            assert_eq!(dialogue.now(), Now::Writing, "{prompt}");
            dialogue.feed(format!("Model Name : x\r\n{prompt} ").as_bytes());
            assert_eq!(dialogue.now(), Now::Command, "{prompt}");
            assert_eq!(dialogue.answer().lines, ["Model Name : x"], "{prompt}");
        }
    }

    #[test]
    fn modes_pages_questions_and_refusals_are_told_apart() {
        let mut dialogue = begun("Firewall/VPN Router 00000#");
        dialogue.sent();
        dialogue.feed(b"configure\r\nFirewall/VPN Router 00000(config)# ");
        assert_eq!((dialogue.now(), dialogue.mode().as_deref()), (Now::Command, Some("config")));
        dialogue.sent();
        dialogue.feed(b"ip tellnet\r\n^Parse error\r\nFirewall/VPN Router 00000(config)# ");
        assert_eq!(dialogue.answer().refusal.as_deref(), Some("^Parse error"));
        dialogue.sent();
        dialogue.feed(b"reload\r\nProceed with reload ? [Y/n]");
        assert_eq!(dialogue.now(), Now::Answer("Proceed with reload ? [Y/n]".to_owned()));
        dialogue.replied();
        dialogue.feed(b" n");
        assert_eq!(dialogue.now(), Now::Writing, "one question has one answer");
        dialogue.feed(b"\r\nFirewall/VPN Router 00000# ");
        dialogue.sent();
        dialogue.feed(b"show running-config\r\nhostname r\r\n--More--");
        assert_eq!(dialogue.now(), Now::Key);
        dialogue.replied();
        dialogue.feed(b"\r        \rip telnet\r\n--More--");
        assert_eq!(dialogue.now(), Now::Key, "the next page is another line");
        dialogue.replied();
        dialogue.feed(b"\r        \rend\r\nFirewall/VPN Router 00000# ");
        assert_eq!(
            (dialogue.now(), dialogue.answer().lines),
            (Now::Command, vec!["hostname r".into(), "ip telnet".into(), "end".into()])
        );
    }

    #[test]
    fn a_configuration_that_holds_the_words_of_a_refusal_is_none() {
        let mut dialogue = begun("r#");
        let configuration = "hostname r\r\n".to_owned() + &"interface lan\r\nexit\r\n".repeat(4);
        for text in ["aaa authentication fail-message \"Invalid Authentication Information\"", "% of water"] {
            dialogue.sent();
            dialogue.feed(format!("show running-config\r\n{configuration}{text}\r\nr# ").as_bytes());
            assert_eq!(dialogue.answer().refusal, None, "{text}");
        }
        for refused in ["^Parse error\r\n".to_owned() + &configuration, "hostname\r\n^Parse error\r\n".to_owned()] {
            dialogue.sent();
            dialogue.feed(format!("show running-config\r\n{refused}r# ").as_bytes());
            assert_eq!(dialogue.answer().refusal.as_deref(), Some("^Parse error"));
        }
    }

    #[test]
    fn what_was_typed_is_in_no_answer_whether_it_is_repeated_or_not() {
        for echo in ["username a password hunter2 privilege 1", "username a password ******* privilege 1", ""] {
            let mut dialogue = begun("r#");
            dialogue.sent();
            dialogue.feed(echo.as_bytes());
            assert_eq!(dialogue.shown(), "r#");
            dialogue.feed(b"\r\nr# ");
            assert_eq!((dialogue.now(), dialogue.answer()), (Now::Command, Answer::default()), "{echo}");
        }
    }

    proptest::proptest! {
        #[test]
        fn any_bytes_have_a_state(parts in proptest::collection::vec(proptest::collection::vec(0u8.., 0..60), 0..6)) {
            let mut dialogue = begun("r#");
            for part in parts {
                dialogue.feed(&part);
                match dialogue.now() {
                    Now::Command => dialogue.sent(),
                    Now::Writing => { dialogue.learn(); }
                    _ => dialogue.replied(),
                }
                dialogue.answer();
                dialogue.mode();
            }
        }
    }
}
