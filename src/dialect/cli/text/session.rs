//! A recorded session: which of its lines are the configuration, and which a device told for other commands.

use super::{PAGER, TextLine, mark_texts, shown};

/// A text, parted.
pub(in crate::dialect::cli) struct Session<'a> {
    /// What the device showed as its configuration, and the commands that changed it afterwards.
    pub(in crate::dialect::cli) config: Vec<TextLine<'a>>,
    /// What it said when somebody logged in, or asked for something else.
    pub(in crate::dialect::cli) told: Vec<TextLine<'a>>,
    /// Whether the configuration is there from the command that asked for it to the prompt behind it. Of a text without
    /// them, and of one that a pager was left in, nobody can tell what is missing at its ends.
    pub(in crate::dialect::cli) whole: bool,
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
    let mut session = Session { config: Vec::new(), told: Vec::new(), whole: false, cut_off: false };
    let mut part = Part::Config;
    // what is shown since somebody asked for it, up to the byte behind its last line
    let mut asked: Option<usize> = None;
    for mut line in lines {
        let Some(command) = command(text, &line, &stems) else {
            match part {
                Part::Told => session.told.push(line),
                // the device did not take the command before
                Part::Answer if line.words.first().is_some_and(|w| w.starts_with(['^', '%'])) => {
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
            session.whole = !text[end..line.span.start as usize].contains(PAGER);
        }
        line.words = command;
        match line.words.as_slice() {
            [] => {}
            ["show", what, ..] if is_running(what) => {
                // what was recorded before is not what runs
                session.told.append(&mut session.config);
                (asked, session.whole) = (Some(line.span.end as usize), false);
                part = Part::Config;
            }
            [first, ..] if OTHER.contains(first) => part = Part::Told,
            _ => {
                session.config.push(line);
                part = Part::Answer;
            }
        }
    }
    session.cut_off = asked.is_some();
    mark_texts(text, &mut session.config);
    session
}

/// Commands that set nothing.
const OTHER: [&str; 14] = [
    "show",
    "terminal",
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
];

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

/// The words after a prompt; `None` for a line without one. A prompt ends with `#` or `>>`, `)#` in the configuration
/// (mx.md section 1), and is one word with a name in front, or a [`stem`].
fn command<'a>(text: &'a str, line: &TextLine<'a>, stems: &[&str]) -> Option<Vec<&'a str>> {
    let content = &text[line.span.range()];
    let long = stems.iter().find_map(|stem| {
        let rest = content.strip_prefix(stem)?;
        let rest = match rest.strip_prefix('(') {
            Some(mode) => mode.split_once(')')?.1,
            None => rest,
        };
        rest.strip_prefix('#').filter(|rest| super::parted(rest))
    });
    if let Some(rest) = long {
        return Some(super::words(rest));
    }
    let (first, rest) = line.words.split_first()?;
    is_prompt(first).then(|| rest.to_vec())
}

fn is_prompt(word: &str) -> bool {
    let name = word.strip_suffix('#').or_else(|| word.strip_suffix(">>"));
    let named = |n: &str| n.starts_with(|c: char| c.is_ascii_alphanumeric()) && !n.contains(['"', '#']);
    name.is_some_and(named)
}
