//! `README.md` is true: its transcripts are what the program prints.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::Path;
use std::process::Command;

use crate::common;

const FENCE: &str = "```console\n$ fieldlock ";

/// Times and digests differ from run to run.
fn steady(text: &str) -> String {
    let time = regex::Regex::new(r"judged at \d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC").unwrap();
    let commit = regex::Regex::new(r"commit [0-9a-f]{7,40}, [a-z ]+").unwrap();
    let text = time.replace_all(text, "judged at 2026-11-22 12:00 UTC");
    commit.replace_all(&text, "").into_owned()
}

fn run(folder: &Path, arguments: &str) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    common::alone(&mut command);
    command
        .current_dir(folder)
        .args(arguments.split_whitespace().filter(|word| *word != "\\"))
        .env_remove("COLUMNS")
        .env("NO_COLOR", "1");
    let output = command.output().unwrap();
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn transcripts_are_what_the_program_prints() {
    let readme = std::fs::read_to_string(common::project("README.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in common::files(&common::project("examples")) {
        if !name.split('/').any(|part| part == "out") {
            let path = folder.path().join("examples").join(&name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
    }
    let mut parts = readme.split(FENCE);
    let mut fresh = parts.next().unwrap().to_owned();
    let mut transcripts = 0;
    for part in parts {
        let (block, rest) = part.split_once("```").unwrap();
        // a command goes on behind a stroke at the end of its line
        let goes_on = |line: &&str| line.ends_with('\\');
        let lines = block.lines().take_while(goes_on).count() + 1;
        let arguments = block.lines().take(lines).collect::<Vec<_>>().join("\n");
        let printed = steady(&run(folder.path(), &arguments));
        fresh.push_str(&format!("{FENCE}{arguments}\n{}\n```{rest}", printed.trim_end()));
        transcripts += 1;
    }
    assert!(transcripts >= 2, "the README lost its transcripts");
    common::expected::expect("README.md", &fresh);
}

#[test]
fn the_first_command_is_the_one_that_is_shown() {
    let readme = std::fs::read_to_string(common::project("README.md")).unwrap();
    assert!(readme.contains("$ cargo run -- build examples/01-pump-station\n"));
    assert!(readme.contains("$ fieldlock build examples/01-pump-station\n"));
}
