//! Native lines that a description passes through (`vendor-settings`): what of them is let through, and what never is.

use super::{Table, cli, ini};
use crate::finding::{Code, codes};
use crate::model::facts::{Facts, Group, Setting};
use crate::native::Touches;
use crate::source::Origin;

/// A native line as a description writes it.
#[derive(Debug, Clone, Copy)]
pub enum NativeLine<'a> {
    /// A command.
    Line(&'a str),
    /// Section, key and value.
    Key(&'a str, &'a str, &'a str),
}

/// Why a native line is not passed through.
#[derive(Debug)]
pub struct NotPassed {
    /// The finding's code.
    pub code: Code,
    /// The sentence; it does not repeat the line.
    pub message: String,
    /// The remedy, where it is a more precise one than the code's; it does not repeat the line either.
    pub help: Option<String>,
    /// Whether the line may hold a secret, or is not known to hold none: it is never shown.
    pub veiled: bool,
}

impl NotPassed {
    /// A line that may hold anything.
    pub(crate) fn new(code: Code, message: impl Into<String>) -> NotPassed {
        NotPassed { code, message: message.into(), help: None, veiled: true }
    }

    pub(super) fn mapped(code: Code, setting: &str) -> NotPassed {
        let help = format!("write it as the setting: rules judge `{setting}`, and nothing that is passed through");
        NotPassed { veiled: false, ..NotPassed::new(code, format!("this is the setting `{setting}`")).help(help) }
    }

    pub(super) fn hidden(code: Code, place: &str) -> NotPassed {
        NotPassed::new(code, format!("`{place}` may hold a secret, or what a person wrote"))
    }

    pub(super) fn help(self, help: impl Into<String>) -> NotPassed {
        NotPassed { help: Some(help.into()), ..self }
    }
}

/// Whether a table lets a line through, and which settings it may change then.
///
/// # Errors
/// Why not.
pub fn passes(table: &Table, line: NativeLine<'_>) -> Result<Touches, NotPassed> {
    match (table, line) {
        (Table::Cli(table), NativeLine::Line(line)) => cli::passes(table, line),
        (Table::Ini(table), NativeLine::Key(section, key, value)) => ini::passes(table, section, key, value),
        (Table::Cli(_), NativeLine::Key(..)) => {
            let help = "write the command: `line \"ntp server\"`";
            Err(NotPassed::new(codes::platform::NATIVE_FORM, "this platform takes command lines, no keys").help(help))
        }
        (Table::Ini(_) | Table::Sheet(_), _) => {
            let help = "write section, key and value: `key \"Basic Settings\" \"Daylight Saving Time\" \"...\"`";
            Err(NotPassed::new(codes::platform::NATIVE_FORM, "this platform takes keys of its file, no lines")
                .help(help))
        }
    }
}

/// A native line of a description, with who wrote it.
#[derive(Debug, Clone, Copy)]
pub struct WrittenLine<'a> {
    /// The line.
    pub line: NativeLine<'a>,
    /// Its node.
    pub origin: Origin,
    /// The entry of its list.
    pub entry: &'a Group,
}

/// The native lines that facts hold, keys first, each list in order. What was reported as bad is none.
pub fn native_lines(facts: &Facts) -> Vec<WrittenLine<'_>> {
    let shape = facts.shape;
    let Some(group) = facts.group("vendor-settings") else { return Vec::new() };
    fn text<'a>(facts: &Facts, entry: &'a Group, name: &str) -> Option<&'a str> {
        let (ix, _) = facts.shape.group(entry.shape).field(name)?;
        entry.fact(ix)?.value.text()
    }
    let mut found = Vec::new();
    for (ix, setting) in group.iter() {
        let Setting::Items(items) = setting else { continue };
        let is_key = shape.group(group.shape).at(ix).name == "key";
        found.extend(items.items.iter().filter_map(|item| {
            let entry = &item.group;
            let said = |name: &str| text(facts, entry, name);
            let line = match is_key {
                // where one of the three is missing, the secret may stand in another's place
                true => {
                    let part = |name: &str| said(name).unwrap_or_default();
                    NativeLine::Key(part("section"), part("name"), part("value"))
                }
                false => NativeLine::Line(said("text")?),
            };
            Some(WrittenLine { line, origin: entry.origin, entry })
        }));
    }
    found
}
