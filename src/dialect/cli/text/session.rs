//! A recorded session: which of its lines are the configuration, and which a device told for other commands.

use super::{PAGER, TextLine, mark_texts, shown};
use crate::dialect::Speech;

/// A text, parted.
pub(in crate::dialect::cli) struct Session<'a> {
    /// What the device showed as its configuration, and the commands that changed it afterwards.
    pub(in crate::dialect::cli) config: Vec<TextLine<'a>>,
    /// What it said when somebody logged in, or asked for something else.
    pub(in crate::dialect::cli) told: Vec<TextLine<'a>>,
    /// Whether the configuration is there from the command that asked for it to the prompt behind it. Of a text without
    /// them, and of one that a pager was left in, nobody can tell what is missing at its ends.
    pub(in crate::dialect::cli) whole: bool,
    /// Whether lines were picked out of it: of none can be told which block it stood in.
    pub(in crate::dialect::cli) picked: bool,
    /// Whether the recording ends before the device was done: it was asked for the configuration, and no prompt stands
    /// behind what it showed.
    pub(in crate::dialect::cli) cut_off: bool,
}

/// What the lines without a prompt are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Part {
    Config,
    /// The answer to another command.
    Told,
    /// The line after a command that changes something: a refusal of it, or the configuration goes on.
    Answer,
}

/// Parts a text. One without prompts is a configuration from its first line to its last.
pub(in crate::dialect::cli) fn session(text: &str) -> Session<'_> {
    let lines = shown(text);
    let stems: Vec<&str> = lines.iter().filter_map(|line| stem(&text[line.span.range()])).collect();
    let mut session = Session { config: Vec::new(), told: Vec::new(), whole: false, picked: false, cut_off: false };
    let mut part = Part::Config;
    // what is shown since somebody asked for it, up to the byte behind its last line
    let mut asked: Option<usize> = None;
    for mut line in lines {
        let Some(command) = command(text, &line, &stems) else {
            match part {
                Part::Told => session.told.push(line),
                // the device did not take the command before
                Part::Answer if is_refusal(&text[line.span.range()]) => {
                    session.told.extend(session.config.pop());
                    session.told.push(line);
                    part = Part::Config;
                }
                Part::Config | Part::Answer => {
                    asked = asked.map(|_| line.span.end as usize);
                    session.config.push(line);
                    part = Part::Config;
                }
            }
            continue;
        };
        if let Some(end) = asked.take() {
            session.whole = is_answer(text, &session.config) && !text[end..line.span.start as usize].contains(PAGER);
        }
        line.words = command.words;
        match running(&line.words) {
            _ if line.words.is_empty() => {}
            // what is picked out of what is there whole says nothing new
            Some(Shown::Part) if session.whole => part = Part::Told,
            Some(shown) => {
                // what was recorded before is not what runs
                session.told.append(&mut session.config);
                asked = (shown == Shown::Whole).then_some(line.span.end as usize);
                (session.whole, session.picked) = (false, shown == Shown::Part);
                part = Part::Config;
            }
            None if sets_nothing(&line.words, command.in_config) => {
                // what is typed below is of no block that was open before
                match line.words[..] {
                    ["exit" | "end"] if command.in_config => session.config.push(line),
                    ["configure" | "config" | "conf", ..] => {
                        line.words = vec!["end"];
                        session.config.push(line);
                    }
                    _ => {}
                }
                part = Part::Told;
            }
            None => {
                line.typed = true;
                session.config.push(line);
                part = Part::Answer;
            }
        }
    }
    session.cut_off = asked.is_some();
    mark_texts(text, &mut session.config);
    session
}

/// Whether a device of any platform answers so to a command that it does not take: a text does not say whose it is.
fn is_refusal(line: &str) -> bool {
    Speech::all().iter().any(|speech| speech.refuses(line))
}

/// Whether what stands behind `show running-config` is what was asked for, and no refusal.
fn is_answer(text: &str, lines: &[TextLine<'_>]) -> bool {
    let begins = lines.first().is_some_and(|line| !is_refusal(&text[line.span.range()]));
    // `^C` ends a banner
    begins && !lines.iter().any(|line| line.words[0].starts_with('%') || line.words[0] == "^")
}

/// Commands that stand behind prompts, and that are none of the configuration.
const OTHER: [&str; 17] = [
    "show",
    "sh",
    "terminal",
    "term",
    "configure",
    "config",
    "conf",
    "exit",
    "end",
    "logout",
    "copy",
    "reload",
    "ping",
    "clear",
    "save",
    "enable",
    "write",
];

/// Whether a command leaves the configuration as it was shown. One that brings another, or starts the device with the
/// one that is saved, does not.
fn sets_nothing(words: &[&str], in_config: bool) -> bool {
    match words {
        // on a port it may be short for `shutdown`, and in a rule it says that the rule is on
        ["sh"] | ["reload", ..] => false,
        ["enable"] => !in_config,
        ["configure" | "config" | "conf", mode @ ..] => matches!(mode, [] | ["terminal" | "t"]),
        ["write", what @ ..] => matches!(what, [] | ["memory"]),
        ["copy", what @ ..] => what.first().is_some_and(|what| is_running(what) || *what == "event-log"),
        ["clear", what @ ..] => matches!(what, ["logging" | "security-notification", ..]),
        [first, ..] => OTHER.contains(first),
        [] => true,
    }
}

/// How much of the running configuration a command shows.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Shown {
    Whole,
    /// As far as anybody can tell: no source knows the words.
    Unsure,
    /// What is picked out by the words behind the command.
    Part,
}

/// Whether a command shows the running configuration.
fn running(words: &[&str]) -> Option<Shown> {
    match words {
        ["show", what] if is_running(what) => Some(Shown::Whole),
        ["sh" | "sho", what] if is_running(what) => Some(Shown::Unsure),
        ["show" | "sh" | "sho", what, ..] if is_running(what) => Some(Shown::Part),
        _ => None,
    }
}

fn is_running(what: &str) -> bool {
    what.len() >= 3 && "running-config".starts_with(what)
}

/// What stands before `#` in a prompt that [`is_prompt`] does not know, learnt from a line that goes on with a known
/// command: the factory prompt is `Firewall/VPN Router 00000#` (devices-2.md 1.1). What a device is called may hold any
/// sign, so `[r-1]#` is one too.
fn stem(line: &str) -> Option<&str> {
    let (before, after) = line.split_once("# ")?;
    let known = after.split_whitespace().next().is_some_and(|word| OTHER.contains(&word));
    let mode = before.strip_suffix(')').and_then(|rest| rest.rsplit_once('('));
    let stem = mode.map(|(stem, _)| stem).filter(|stem| !stem.is_empty()).unwrap_or(before);
    // a line that begins with `!` is a remark
    let is_name = !stem.is_empty() && !stem.starts_with('!') && !stem.contains(['"', '#']) && !before.ends_with(' ');
    (known && is_name && (stem.contains(' ') || !stem.starts_with(|c: char| c.is_ascii_alphanumeric()))).then_some(stem)
}

/// What somebody typed.
struct Command<'a> {
    words: Vec<&'a str>,
    /// Whether the prompt is one of the configuration.
    in_config: bool,
}

/// The command after a prompt; `None` for a line without one. A prompt ends with `#` or `>>`, `)#` in the configuration
/// (mx.md section 1), and is one word with a name in front, or a [`stem`].
fn command<'a>(text: &'a str, line: &TextLine<'a>, stems: &[&str]) -> Option<Command<'a>> {
    let content = &text[line.span.range()];
    let long = stems.iter().find_map(|stem| {
        let rest = content.strip_prefix(stem)?;
        let (rest, in_config) = match rest.strip_prefix('(') {
            Some(mode) => (mode.split_once(')')?.1, true),
            None => (rest, false),
        };
        let rest = rest.strip_prefix('#').filter(|rest| super::parted(rest))?;
        Some(Command { words: super::words(rest), in_config })
    });
    let short = || {
        let (first, rest) = line.words.split_first()?;
        is_prompt(first).then(|| Command { words: rest.to_vec(), in_config: first.ends_with(")#") })
    };
    long.or_else(short)
}

fn is_prompt(word: &str) -> bool {
    let name = word.strip_suffix('#').or_else(|| word.strip_suffix(">>"));
    let named = |n: &str| n.starts_with(|c: char| c.is_ascii_alphanumeric()) && !n.contains(['"', '#']);
    name.is_some_and(named)
}
