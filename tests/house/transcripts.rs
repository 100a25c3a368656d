//! Pages of examples are true: their transcripts are run, in a copy, by people with homes of their own.
//!
//! A block is fenced as ```` ```console NAME ````, NAME being whose computer it is; with ` terminal` behind it its
//! commands run at a terminal of their own (`script`, of util-linux), for what is shown or asked for nowhere else; with
//! ` answers FILE` somebody sits there and answers as the file says; with ` stays` the command, a lab, runs as long as
//! the story does. What differs from run to run (keys, codes, digests, times, ports) is put as it stands in the page.
//! `FIELDLOCK_BLESS=1` writes the page anew.

#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::common;

/// Folders of the people in the story, and a copy of what they begin with.
struct Stage {
    temp: tempfile::TempDir,
    /// The folder that its lines are run in.
    folder: &'static str,
    /// The code that was shown last, as whoever got it keeps it.
    code: Option<String>,
    /// What goes on meanwhile: it ends with its standard input, however the test ends.
    stays: Option<Child>,
    /// Ports that were given, in place of those that the page has.
    ports: Vec<(String, String)>,
}

impl Stage {
    /// `begins` is what the names of the files begin with that are there.
    fn new(example: &str, folder: &'static str, begins: &str) -> Stage {
        let stage = Stage { temp: tempfile::tempdir().unwrap(), folder, code: None, stays: None, ports: Vec::new() };
        for (name, bytes) in common::files(&common::project(example)) {
            let path = stage.site().join(&name);
            if name.starts_with("out/") || name == "README.md" || !name.starts_with(begins) {
                continue;
            }
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        }
        stage
    }

    fn site(&self) -> PathBuf {
        self.temp.path().join(self.folder)
    }

    /// A command as a person of the story has it: a program of their search path.
    fn command(&self, who: &str, program: &str) -> Command {
        let home = self.temp.path().join("homes").join(who);
        std::fs::create_dir_all(&home).unwrap();
        let own = Path::new(env!("CARGO_BIN_EXE_fieldlock")).parent().unwrap();
        let path = format!("{}:{}", own.display(), std::env::var("PATH").unwrap_or_default());
        let mut command = Command::new(program);
        command.current_dir(self.site()).env_clear().env("PATH", path).env("HOME", home).env("NO_COLOR", "1");
        command.env("TERM", "dumb").env("LC_ALL", "C").stdin(Stdio::null());
        command
    }

    /// Starts a lab as a person would in a terminal of its own, and gives what it shows once it is there. Others may
    /// have the ports of the page: it gets any, and from then on they are meant.
    fn stay(&mut self, who: &str, line: &str) -> String {
        let shown = self.temp.path().join("lab.shown");
        let mut command = self.command(who, "sh");
        command.args(["-c", &format!("exec {line} --port 0 --until-eof")]).stdin(Stdio::piped());
        let to = std::fs::File::create(&shown).unwrap();
        command.stdout(to.try_clone().unwrap()).stderr(to);
        self.stays = Some(command.spawn().unwrap());
        let port = regex::Regex::new(r"-p (\d+)|127\.0\.0\.1:(\d+)").unwrap();
        for _ in 0..200 {
            std::thread::sleep(Duration::from_millis(50));
            let text = std::fs::read_to_string(&shown).unwrap();
            if text.ends_with('\n') {
                let given = port.captures_iter(&text).filter_map(|found| found.get(1).or(found.get(2)));
                let given = given.enumerate().map(|(at, port)| (port.as_str().to_owned(), (2200 + at).to_string()));
                self.ports = given.collect();
                return self.paged(&text);
            }
        }
        panic!("the lab does not come: {line}");
    }

    /// A text with the ports of the page.
    fn paged(&self, text: &str) -> String {
        self.ports.iter().fold(text.to_owned(), |text, (given, paged)| text.replace(given, paged))
    }

    /// Runs one line as a person of the story would; gives what the terminal shows.
    fn run(&mut self, who: &str, how: &str, line: &str) -> String {
        if how == "stays" {
            return self.stay(who, line);
        }
        let line = &*self.ports.iter().fold(line.to_owned(), |line, (given, paged)| line.replace(paged, given));
        let mut command = self.command(who, "sh");
        if how == "terminal" {
            command = self.command(who, "script");
            command.args(["-qefc", line, "/dev/null"]);
        } else if let Some(answers) = how.strip_prefix("answers ") {
            let rules = rules(&std::fs::read_to_string(self.site().join(answers)).unwrap());
            command = self.command(who, "python3");
            command.args(["-c", include_str!("../common/person.py"), &rules, "0", "/bin/sh", "-c", line]);
        } else {
            command.args(["-c", &format!("{line} 2>&1")]);
        }
        let output = command.output().unwrap();
        let said = self.paged(&String::from_utf8(output.stdout).unwrap().replace('\r', ""));
        let code = regex::Regex::new(r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b").unwrap();
        if let Some(found) = code.find(&said) {
            // the person to whom it is read out writes it down
            std::fs::write(self.site().join("acme.code"), found.as_str()).unwrap();
            self.code = Some(found.as_str().to_owned());
        }
        said
    }
}

impl Drop for Stage {
    fn drop(&mut self) {
        if let Some(mut child) = self.stays.take() {
            drop(child.stdin.take());
            let _ = child.wait();
        }
    }
}

/// What a person answers, `TEXT OF THE QUESTION => ANSWER | NEXT ANSWER` a line, as the driver of the terminal has it.
fn rules(text: &str) -> String {
    let rule = |line: &str| {
        let (question, answers) = line.split_once(" => ")?;
        let answers: Vec<String> = answers.split(" | ").map(|answer| answer.trim().to_owned()).collect();
        Some((question.to_owned(), answers))
    };
    serde_json::to_string(&text.lines().filter_map(rule).collect::<Vec<_>>()).unwrap()
}

/// What differs from run to run, as it stands in the page.
fn steady(text: &str) -> String {
    let mut text = text.to_owned();
    for (pattern, fixed) in [
        (r"\b[0-9A-Z]{5}(?:-[0-9A-Z]{5}){4}\b", "7F3K9-2XAQM-4N0GT-WZ81C-5RBHD"),
        (r"SHA256:[A-Za-z0-9+/]{43}", "SHA256:Qm3vX0tqJ5mPz8bGkYw2nR4cLs7dHf1uEa9oTiVjB6U"),
        (r"\b[0-9a-f]{64}\b", "91c077abe2f4d05c6b1a8e3f7d2940b5c8a6e1f03b7d9254ac60f8e1b2d37495"),
        (r"\b[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}\b", "91c0-77ab-e2f4"),
        (r"\bk[0-9a-hjkmnp-tv-z]{4}:[0-9a-hjkmnp-tv-z]{13}\b", "k7f3k:92xa6m0c4tq8d"),
        (r"\d{4}-\d{2}-\d{2} \d{2}:\d{2} UTC", "2026-11-23 08:00 UTC"),
        (r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z", "2026-11-23T08:00:00Z"),
        // another minute of judgement is another review
        (r"(written  index\.json  index\.json\.sig)(?:  review\.md  review\.html)?\n", "$1  review.md  review.html\n"),
        (r"\bR-[0-9a-f]{8}\b", "R-91c077ab"),
        (r"-\d{4}-\d{2}-\d{2}-[0-9a-f]{8}\.", "-2026-11-23-91c077ab."),
        (r"\b(sheet|image|plan)( +)[0-9a-f]{12}\b", "$1${2}91c077abe2f4"),
        (r"(revision \d+, )[0-9a-f]{12}\b", "${1}91c077abe2f4"),
        (r"/tmp/\.tmp[A-Za-z0-9]+/homes/", "/home/"),
        (r"/tmp/\.tmp[A-Za-z0-9]+/", ""),
    ] {
        text = regex::Regex::new(pattern).unwrap().replace_all(&text, fixed).into_owned();
    }
    text
}

/// Messages of what went wrong, and how commands end that do not end well.
fn trouble(text: &str) -> Vec<&str> {
    let ends =
        |line: &&str| line.starts_with("  × ") || line.rsplit_once("   exit ").is_some_and(|(_, code)| code != "0");
    text.lines().filter(ends).map(|line| line.rsplit("   ").next().unwrap_or(line)).collect()
}

/// Runs the page of an example, and expects it as it stands; how many commands there were, and the code shown last.
fn told(example: &str, folder: &'static str, begins: &str) -> (usize, Option<String>) {
    let page = format!("{example}/README.md");
    let text = std::fs::read_to_string(common::project(&page)).unwrap();
    let mut stage = Stage::new(example, folder, begins);
    let mut parts = text.split("```console ");
    let mut fresh = parts.next().unwrap().to_owned();
    let mut commands = 0;
    for part in parts {
        let (block, rest) = part.split_once("```").unwrap();
        let (head, block) = block.split_once('\n').unwrap();
        let (who, how) = head.split_once(' ').unwrap_or((head, ""));
        fresh.push_str(&format!("```console {head}\n"));
        for line in block.lines().filter_map(|line| line.strip_prefix("$ ")) {
            let said = steady(&stage.run(who, how, line));
            fresh.push_str(&format!("$ {line}\n{}", said.trim_end()));
            fresh.push_str(if said.trim().is_empty() { "" } else { "\n" });
            commands += 1;
        }
        fresh.push_str(&format!("```{rest}"));
    }
    // a story that fails where it went well would else be written down as it fails
    assert_eq!(
        trouble(&fresh),
        trouble(&text),
        "{page}: a command ends otherwise; mend it, or write how it ends by hand"
    );
    common::expected::expect(&page, &fresh);
    (commands, stage.code.take())
}

#[test]
fn sealing_for_others_happens_as_told() {
    if !["ssh-keygen", "script"].into_iter().all(common::needs::program) {
        return;
    }
    let (commands, code) = told("examples/03-sealed", "weir", "");
    assert!(commands > 10 && code.is_some(), "the page lost its commands");
}

#[test]
fn the_first_hour_happens_as_told() {
    let (commands, _) = told("examples/04-brownfield", "first-hour", "exports/");
    assert!(commands > 8, "the page lost its commands");
}

/// Its second half is with devices that answer.
#[cfg(feature = "device")]
#[test]
fn a_day_in_the_plant_happens_as_told() {
    if !common::needs::python("pty") || !["ssh", "ssh-keygen"].into_iter().all(common::needs::program) {
        return;
    }
    let (commands, _) = told("examples/05-commissioning", "weir", "");
    assert!(commands > 20, "the page lost its commands");
    // a day on which nothing could be built is told as well, and is none
    let page = std::fs::read_to_string(common::project("examples/05-commissioning/README.md")).unwrap();
    let happens = [
        "receipt  ../stick/receipts/np21-",
        "receipt  ../friday/receipts/np21-",
        "files are new in the site",
        "1 as described   0 differ",
    ];
    for done in happens {
        assert!(page.contains(done), "the day has no `{done}`");
    }
}
