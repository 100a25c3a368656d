//! The commands of one step: the lines that say what the device shall have, less those that say what it has. Both are
//! written by the table that everything else goes by.

use zeroize::Zeroizing;

use super::Seen;
use crate::device::Speech;
use crate::dialect::cli::{self, Extent, Running, Table, Taken};
use crate::dialect::{self, Purpose};
use crate::finding::Finding;
use crate::model::Facts;
use crate::model::facts::{Value, is_within, leaves, name_secrets};
use crate::native::{Alphabet, Grade, Piece};
use crate::secret::{SecretRef, Secrets};
use crate::source::FileId;

/// What stands for a secret where a command is shown.
const COVERED: &str = "<secret>";

/// One command.
pub(super) struct Command {
    /// As it is sent.
    pub(super) text: Zeroizing<String>,
    /// As it may be shown.
    pub(super) shown: String,
}

/// The commands of a step.
pub(super) struct Commands {
    /// Those of the configuration.
    pub(super) config: Vec<Command>,
    /// Those of the exec prompt.
    pub(super) exec: Vec<Command>,
    /// How sure it is that the device takes them.
    pub(super) grade: Grade,
}

/// Why a step has no commands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum NoCommands {
    /// The table has none.
    Unknown,
    /// A value that no command holds, or a secret that is not at hand.
    Unsaid(String),
}

impl NoCommands {
    /// As a person is told.
    pub(super) fn sentence(self) -> String {
        match self {
            NoCommands::Unknown => "no command is known for it: it is set by hand".to_owned(),
            NoCommands::Unsaid(why) => why,
        }
    }
}

/// A part of a line.
#[derive(Clone, PartialEq, Eq)]
enum Word {
    Shown(String),
    Secret(SecretRef, Alphabet),
}

/// A line with the lines that open what it stands in.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Line {
    within: Vec<Vec<Word>>,
    /// None where the opening lines say it all.
    words: Option<Vec<Word>>,
}

/// The commands that set what `to` has at some paths on a device that has what was seen.
pub(super) fn commands(
    table: &Table,
    seen: &Seen,
    to: &Facts,
    paths: &[&str],
    secrets: &Secrets,
) -> Result<Commands, NoCommands> {
    let mut after = seen.reading.facts.clone();
    paths.iter().for_each(|path| after.put(path, to));
    let mut found = between(table, seen, &after, paths)?;
    if found.0.is_empty() {
        // a line that is written whole has its secret too
        let entries = paths.iter().filter_map(|path| Some(&path[..=path.rfind(']')?]));
        entries.for_each(|entry| name_secrets(&mut after, entry, to));
        found = between(table, seen, &after, paths)?;
    }
    let (lines, grade) = found;
    if lines.is_empty() {
        return Err(NoCommands::Unknown);
    }
    let mut made = Commands { config: Vec::new(), exec: Vec::new(), grade };
    let mut open: Vec<Vec<Word>> = Vec::new();
    for Line { within, words } in lines {
        let common = open.iter().zip(&within).take_while(|(a, b)| a == b).count();
        made.config.extend(open[common..].iter().map(|_| plain(&seen.speech.leave)));
        for line in &within[common..] {
            made.config.push(filled(line, secrets)?);
        }
        open = within;
        let Some(words) = words else { continue };
        let command = filled(&words, secrets)?;
        match open.is_empty() && is_exec(table, &words) {
            true => made.exec.push(command),
            false => made.config.push(command),
        }
    }
    made.config.extend(open.iter().map(|_| plain(&seen.speech.leave)));
    let saves = |command: &Command, speech: &Speech| speech.save.contains(&command.shown);
    made.exec.retain(|command| !saves(command, seen.speech));
    if made.config.is_empty() && made.exec.is_empty() { Err(NoCommands::Unknown) } else { Ok(made) }
}

/// An entry that was not there at first and is not as it comes when all of its lines are taken: half a rule lets
/// through what the whole one does not. What no command says of it, with or without its lines, is none of this.
pub(super) fn in_part(goal: &Facts, first: &Seen, seen: &Seen) -> Option<String> {
    let (had, has) = (&first.reading.facts, &seen.reading.facts);
    let mut new: Vec<String> = Vec::new();
    dialect::wanted(goal, &mut |path, _| {
        if path.ends_with(']') && had.group(path).is_none() && has.group(path).is_some() {
            new.push(path.to_owned());
        }
    });
    let mut whole = had.clone();
    new.iter().for_each(|entry| whole.put(entry, goal));
    let mut text = String::new();
    for piece in cli::render(first.table, &whole, Some(&first.reading), Purpose::Write).text.pieces {
        text.push_str(if let Piece::Shown(shown) = &piece { shown } else { "secret" });
    }
    let whole = cli::read(first.table, FileId::NONE, &text, Extent::Part).facts;
    new.into_iter().find(|entry| {
        let own = leaves(&whole).filter(|leaf| is_within(&leaf.path, entry));
        own.filter(|leaf| !matches!(leaf.fact.value, Value::Secret(_) | Value::Held))
            .any(|leaf| has.value(&leaf.path).map(|fact| &fact.value) != Some(&leaf.fact.value))
    })
}

/// Lines that what shall be has and what is has not, and the least grade of those of the paths.
fn between(table: &Table, seen: &Seen, after: &Facts, paths: &[&str]) -> Result<(Vec<Line>, Grade), NoCommands> {
    let write = |facts: &Facts| cli::render(table, facts, Some(&seen.reading), Purpose::Write);
    let has = seen.lines.get_or_init(|| lines(write(&seen.reading.facts).text.pieces));
    let shall = write(after);
    let of_paths = |path: &str| paths.iter().any(|of| is_within(path, of));
    let refused = |finding: &&Finding| finding.path.as_deref().is_some_and(of_paths);
    if let Some(finding) = shall.findings.iter().find(refused) {
        return Err(NoCommands::Unsaid(finding.message.clone()));
    }
    let grades = shall.rendered.iter().filter(|one| of_paths(&one.path)).map(|one| one.grade);
    let mut left: Vec<&Line> = has.iter().collect();
    let mut found = lines(shall.text.pieces);
    found.retain(|line| match left.iter().position(|other| *other == line) {
        Some(at) => {
            // both stand in the same order: the next one is found at the front
            left.remove(at);
            false
        }
        None => true,
    });
    Ok((found, grades.min().unwrap_or(Grade::Confirmed)))
}

/// A text as lines, each with those that open what it stands in.
fn lines(pieces: Vec<Piece>) -> Vec<Line> {
    let mut all: Vec<Vec<Word>> = vec![Vec::new()];
    for piece in pieces {
        let text = match piece {
            Piece::Shown(text) => text,
            Piece::Hidden(_) => continue,
            Piece::Secret { name, alphabet, .. } => {
                all.last_mut().into_iter().for_each(|line| line.push(Word::Secret(name.clone(), alphabet)));
                continue;
            }
        };
        for (at, part) in text.split('\n').enumerate() {
            if at > 0 {
                all.push(Vec::new());
            }
            if let (false, Some(line)) = (part.is_empty(), all.last_mut()) {
                line.push(Word::Shown(part.to_owned()));
            }
        }
    }
    all.retain(|line| !line.is_empty());
    nested(all)
}

fn nested(all: Vec<Vec<Word>>) -> Vec<Line> {
    let indent = |line: &[Word]| match line.first() {
        Some(Word::Shown(text)) => text.len() - text.trim_start().len(),
        _ => 0,
    };
    let leaves = |line: &[Word]| matches!(line, [Word::Shown(text)] if text.trim() == "exit");
    let mut found = Vec::new();
    let mut open: Vec<Vec<Word>> = Vec::new();
    for (at, line) in all.iter().enumerate() {
        let next = all.get(at + 1);
        if leaves(line) {
            open.pop();
            continue;
        }
        let bare = trimmed(line);
        let deeper = next.is_some_and(|next| indent(next) > indent(line));
        if deeper {
            open.push(bare);
        } else if next.is_some_and(|next| leaves(next) && indent(next) == indent(line)) {
            open.push(bare);
            found.push(Line { within: open.clone(), words: None });
        } else {
            found.push(Line { within: open.clone(), words: Some(bare) });
        }
    }
    found
}

fn trimmed(line: &[Word]) -> Vec<Word> {
    let mut line = line.to_vec();
    if let Some(Word::Shown(text)) = line.first_mut() {
        *text = text.trim_start().to_owned();
    }
    line
}

fn plain(text: &str) -> Command {
    Command { text: Zeroizing::new(text.to_owned()), shown: text.to_owned() }
}

/// A line with its secrets.
fn filled(words: &[Word], secrets: &Secrets) -> Result<Command, NoCommands> {
    let mut command = plain("");
    for word in words {
        match word {
            Word::Shown(text) => {
                command.text.push_str(text);
                command.shown.push_str(text);
            }
            Word::Secret(name, alphabet) => {
                let value = secrets.get(name.as_str()).and_then(|value| value.expose_text());
                let value = value.ok_or_else(|| NoCommands::Unsaid(format!("the value of `{name}` is not at hand")))?;
                if !alphabet.holds(value) {
                    let why = format!("the secret `{name}` has a sign that a command line can't hold");
                    return Err(NoCommands::Unsaid(why));
                }
                // one buffer: one that grows leaves copies behind
                let mut text = Zeroizing::new(String::with_capacity(command.text.len() + value.len() + 256));
                text.push_str(&command.text);
                text.push_str(value);
                command.text = text;
                command.shown.push_str(COVERED);
            }
        }
    }
    Ok(command)
}

/// Whether the table has a line as a command of the exec prompt.
fn is_exec(table: &Table, words: &[Word]) -> bool {
    let text = words.iter().map(|word| if let Word::Shown(text) = word { text } else { "secret" });
    Running::empty(table).take(None, &text.collect::<String>()) == Taken::Exec
}

/// The table of a device's command line.
pub(super) fn table(dialect: &'static dialect::Dialect) -> Option<&'static Table> {
    if let dialect::Table::Cli(table) = &dialect.table { Some(table) } else { None }
}
