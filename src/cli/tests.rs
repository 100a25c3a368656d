//! No text on the screen names a verb or flag that is not there.

use std::collections::BTreeSet;
use std::path::Path;

use clap::{CommandFactory, ValueEnum};

use super::args::Args;
use super::reports::ReportFormat;

/// Verbs (`check`, `image open`) and flags (`--all`) that there are.
fn known() -> (BTreeSet<String>, BTreeSet<String>) {
    let (mut verbs, mut flags) = (BTreeSet::new(), BTreeSet::from(["--help".to_owned(), "--version".to_owned()]));
    fn visit(command: &clap::Command, prefix: &str, verbs: &mut BTreeSet<String>, flags: &mut BTreeSet<String>) {
        flags.extend(command.get_arguments().filter_map(|a| a.get_long()).map(|l| format!("--{l}")));
        for verb in command.get_subcommands() {
            let name =
                if prefix.is_empty() { verb.get_name().to_owned() } else { format!("{prefix} {}", verb.get_name()) };
            visit(verb, &name, verbs, flags);
            verbs.insert(name);
        }
    }
    visit(&Args::command(), "", &mut verbs, &mut flags);
    (verbs, flags)
}

fn sources(folder: &Path, found: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push((path.display().to_string(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// The help of the program and of each verb.
fn help(command: &mut clap::Command, found: &mut Vec<(String, String)>) {
    found.push((format!("help of {}", command.get_name()), command.render_long_help().to_string()));
    command.get_subcommands_mut().for_each(|verb| help(verb, found));
}

/// The text of a source file that can reach a screen: no comments, no tests.
fn on_screen(text: &str) -> String {
    let mut out = String::new();
    for line in text.lines() {
        if line.trim() == "#[cfg(test)]" && !line.starts_with(' ') {
            break;
        }
        let bare = line.trim_start();
        if !bare.starts_with("//") {
            out.push_str(bare);
            out.push('\n');
        }
    }
    // a text that goes on in the next line
    out.replace("\\\n", "")
}

#[test]
fn every_verb_and_flag_that_a_text_names_is_there() {
    let (verbs, mut flags) = known();
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    assert!(files.len() > 50);
    let mut wrong = Vec::new();
    // what `git` and `age` are told is not what people are told
    let told = |p: &str| !["tests.rs", "git.rs", "git_tree.rs"].iter().any(|name| p.ends_with(name));
    flags.insert("--encrypt".to_owned());
    let sources = files.iter().filter(|(p, _)| told(p)).map(|(path, text)| (path.clone(), on_screen(text)));
    let mut texts: Vec<(String, String)> = sources.collect();
    help(&mut Args::command(), &mut texts);
    assert!(texts.iter().filter(|(name, _)| name.starts_with("help of ")).count() > 20);
    for (path, text) in texts {
        for (at, _) in text.match_indices("fieldlock ") {
            let mut words = text[at + 10..].split(|c: char| !(c.is_ascii_alphanumeric() || c == '-'));
            let (first, second) = (words.next().unwrap_or(""), words.next().unwrap_or(""));
            let command = text[..at].ends_with(['`', ' ', '\n', '"']) && text[at..].starts_with("fieldlock ");
            // prose goes on in words that are no verbs; a command stands in backticks, at a line's start or behind `: `
            let shown = text[..at].ends_with('`') || text[..at].ends_with("\\n  ") || text[..at].ends_with(": ");
            let known = verbs.contains(first) || verbs.contains(&format!("{first} {second}"));
            if command && shown && !known && !first.is_empty() {
                wrong.push(format!("{path}: fieldlock {first}"));
            }
        }
        for (at, _) in text.match_indices("--") {
            let flag: String = text[at + 2..].chars().take_while(|c| c.is_ascii_lowercase() || *c == '-').collect();
            let begins = !text[..at].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '-');
            let word = flag.len() > 1 && flag.starts_with(|c: char| c.is_ascii_lowercase());
            if begins && word && !flags.contains(&format!("--{flag}")) {
                wrong.push(format!("{path}: --{flag}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

/// Verbs with verbs below them have their examples there.
fn without_examples(command: &clap::Command, found: &mut Vec<String>) {
    let examples = command.get_after_help().map(ToString::to_string).unwrap_or_default();
    if !command.has_subcommands() && !examples.contains("Examples:\n  fieldlock ") {
        found.push(command.get_name().to_owned());
    }
    command.get_subcommands().for_each(|verb| without_examples(verb, found));
}

#[test]
fn every_verb_has_examples_and_a_row_in_the_readme() {
    let command = Args::command();
    let mut without = Vec::new();
    without_examples(&command, &mut without);
    assert!(without.is_empty(), "no examples in the help (`after_help`): {without:?}");
    let readme = include_str!("../../README.md");
    let rows: Vec<&str> = readme.lines().filter(|line| line.starts_with("| `")).collect();
    let names = |row: &str, verb: &str| row.split(['`', ' ', '|', '\\']).any(|word| word == verb);
    for verb in command.get_subcommands().map(clap::Command::get_name) {
        assert!(rows.iter().any(|row| names(row, verb)), "README.md, section `The verbs`, has no row for `{verb}`");
    }
    let formats =
        ReportFormat::value_variants().iter().filter_map(|f| Some(f.to_possible_value()?.get_name().to_owned()));
    let typed = format!("`--format {}`", formats.collect::<Vec<_>>().join("|"));
    assert!(readme.contains(&typed), "README.md does not say {typed}");
}

#[test]
fn the_command_line_is_well_formed() {
    Args::command().debug_assert();
}
