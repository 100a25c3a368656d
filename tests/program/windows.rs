//! What people type and save on Windows, as far as it can be had on every system: marks and UTF-16 in files, what
//! stands in the way of a path, quotes that every shell knows, the device that swallows what is written to it.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write as _;
use std::process::{Command, Stdio};

use crate::common::plot::Plot;
use crate::common::{self, project};

const PASSPHRASE: &str = "weir sluice penstock tailrace";

/// As Notepad and PowerShell save a text.
fn marked(text: &str) -> Vec<u8> {
    format!("\u{feff}{}", text.replace('\n', "\r\n")).into_bytes()
}

fn utf16(text: &str) -> Vec<u8> {
    format!("\u{feff}{text}").encode_utf16().flat_map(u16::to_le_bytes).collect()
}

/// Runs a verb in the folder above the site; exit code and what it said.
fn run(plot: &Plot, args: &[&str], stdin: &[u8]) -> (i32, String) {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    common::configured(common::alone(&mut program), &plot.dir.path().join("config"));
    program.args(args).current_dir(plot.dir.path()).env("CI", "1");
    let mut child = program.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // a program that refuses before it reads closes the pipe
    let _ = child.stdin.take().unwrap().write_all(stdin);
    let output = child.wait_with_output().unwrap();
    let said = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap()).concat();
    (output.status.code().unwrap(), said)
}

#[track_caller]
fn says(plot: &Plot, code: i32, args: &[&str], words: &str) -> String {
    let (ended, said) = run(plot, args, b"");
    assert_eq!(ended, code, "{args:?}\n{said}");
    assert!(said.contains(words), "{args:?}: {words} is not in\n{said}");
    said
}

fn built(plot: &Plot) {
    plot.put("../own", format!("{PASSPHRASE}\n").as_bytes());
    says(plot, 0, &["build", "site", "--out", "out", "--secrets", "secrets", "--passphrase-file", "own"], "");
}

/// What is the same text, with or without a mark, gives the same images; the passphrase of one opens the other.
#[test]
fn w7_a_mark_in_a_passphrase_or_a_secret_is_none_of_it() {
    let plot = Plot::new();
    built(&plot);
    for secret in ["secrets/np07/ot-lead", "secrets/np07/log-psk"] {
        let path = plot.dir.path().join(secret);
        if let Ok(value) = std::fs::read_to_string(&path) {
            std::fs::write(path, marked(&value)).unwrap();
        }
    }
    plot.put("../marked", &marked(&format!("{PASSPHRASE}\n")));
    let build = ["build", "site", "--out", "out", "--secrets", "secrets", "--passphrase-file", "marked"];
    let before = plot.image("np07");
    says(&plot, 0, &build, "");
    assert_eq!(plot.image("np07"), before, "the values are the same: the image is kept");
    for file in ["own", "marked"] {
        says(&plot, 0, &["image", "open", "out/images/np07.flk", "--passphrase-file", file], "masked");
    }
    let typed = marked(&format!("{PASSPHRASE}\n"));
    let (code, said) = run(&plot, &["image", "open", "out/images/np07.flk", "--passphrase-file", "-"], &typed);
    assert_eq!(code, 0, "{said}");
    // the longest with a mark and a line end too, and not one more
    for (length, too_long) in [(1_024, false), (1_025, true)] {
        plot.put("../long", &marked(&format!("{}\n", "x".repeat(length))));
        let said = says(
            &plot,
            if too_long { 2 } else { 5 },
            &["image", "open", "out/images/np07.flk", "--passphrase-file", "long"],
            "",
        );
        assert_eq!(said.contains("longer than 1024 bytes"), too_long, "{said}");
    }
}

#[test]
fn w7_utf16_is_called_that() {
    let plot = Plot::new();
    built(&plot);
    plot.put("../wide", &utf16(&format!("{PASSPHRASE}\r\n")));
    let told = "UTF-16";
    let open = says(&plot, 2, &["image", "open", "out/images/np07.flk", "--passphrase-file", "wide"], told);
    assert!(open.contains("save the file as UTF-8"), "{open}");
    says(&plot, 2, &["build", "site", "--out", "new", "--secrets", "secrets", "--passphrase-file", "wide"], told);
    says(
        &plot,
        2,
        &["image", "rekey", "out/images/np07.flk", "--passphrase-file", "own", "--new-passphrase-file", "wide"],
        told,
    );
    says(
        &plot,
        2,
        &["secret", "set", "np07/ot-lead", "--site", "site", "--from-file", "wide", "--passphrase-file", "own"],
        told,
    );
    plot.put("../secrets/np07/ot-lead", &utf16("Canary-4qk9-hidden-Wd\r\n"));
    let check = says(&plot, 2, &["check", "site", "--secrets", "secrets"], "`np07/ot-lead` is UTF-16");
    assert!(!check.contains("Canary"), "{check}");
    for (bytes, words) in [(utf16("{\"np07/ot-lead\": \"Canary\"}"), told), (marked("{}\n"), "is missing")] {
        let (_, said) = run(&plot, &["check", "site", "--secrets", "-"], &bytes);
        assert!(said.contains(words) && !said.contains("Canary") && !said.contains("can't be read from"), "{said}");
    }
}

#[test]
fn w7_lists_of_keys_and_certificates_have_marks() {
    let plot = Plot::new();
    let keys = std::fs::read_to_string(project("tests/vectors/signature/keys")).unwrap();
    let key = keys.lines().find_map(|line| line.strip_prefix("a ")).unwrap();
    plot.put("../ci.pub", &marked(&format!("{key}\n")));
    says(&plot, 0, &["trust", "add", "ci@example", "ci.pub"], "ci@example may sign");
    plot.put("../wide.pub", &utf16(key));
    says(&plot, 2, &["trust", "add", "lead@example", "wide.pub"], "UTF-16");
    // the first line of the person's own file counts, whoever saved it
    let own = plot.dir.path().join("config/fieldlock/allowed_signers");
    let text = std::fs::read_to_string(&own).unwrap();
    std::fs::write(&own, marked(&text)).unwrap();
    let list = says(&plot, 0, &["trust", "list"], "ci@example");
    assert!(!list.contains('\u{feff}') && !list.contains("stepped over"), "{list}");
    std::fs::write(&own, utf16(&text)).unwrap();
    says(&plot, 2, &["trust", "list"], "UTF-16");
    std::fs::remove_file(&own).unwrap();
    // a file of recipients is read before anything is asked of `age`
    plot.put("../laptops.txt", &utf16("age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p\n"));
    let build = ["build", "site", "--out", "out", "--secrets", "secrets", "--recipients", "laptops.txt"];
    plot.put("../ci", b"");
    says(&plot, 2, &[&build[..], &["--sign-key", "ci"]].concat(), "UTF-16");
    plot.put("../laptops.txt", &marked("# laptops\nnobody\n"));
    says(&plot, 2, &[&build[..], &["--sign-key", "ci"]].concat(), "line 2 of `laptops.txt` is no recipient");

    let pem = std::fs::read(plot.site().join("certs/ot-ca.pem")).unwrap();
    built(&plot);
    let before = plot.image("sw04");
    plot.put("certs/ot-ca.pem", &[b"\xef\xbb\xbf", &pem[..]].concat());
    says(&plot, 0, &["check", "site", "--secrets", "secrets"], "");
    built(&plot);
    assert_eq!(plot.image("sw04"), before, "a mark is no part of a certificate");
    plot.put("certs/ot-ca.pem", &utf16(&String::from_utf8(pem).unwrap()));
    says(&plot, 1, &["check", "site", "--secrets", "secrets"], "`certs/ot-ca.pem` is UTF-16");
}

/// cmd.exe hands `'` on as a letter of the argument: no verb's help, no message and no page tells to type it.
#[test]
fn w9_what_is_to_be_typed_stands_in_double_quotes() {
    let plot = Plot::new();
    let mut verbs: Vec<Vec<String>> = vec![Vec::new()];
    let mut pages = 0;
    while let Some(verb) = verbs.pop() {
        let help =
            says(&plot, 0, &verb.iter().map(String::as_str).chain(["--help"]).collect::<Vec<_>>(), "Usage: fieldlock");
        // what clap says of itself
        let ours = help.replace("with '-h'", "");
        assert!(!ours.contains(" '") && !ours.contains("='"), "{verb:?}\n{help}");
        pages += 1;
        let listed = help.split_once("Commands:\n").map_or("", |(_, rest)| rest.split("\n\n").next().unwrap());
        let names = listed.lines().filter_map(|line| line.strip_prefix("  ")?.split(' ').next());
        for name in names.filter(|name| !name.is_empty() && *name != "help") {
            verbs.push(verb.iter().cloned().chain([name.to_owned()]).collect::<Vec<String>>());
        }
    }
    assert!(pages > 20, "{pages}");
    let quoted = regex::Regex::new(r"--[a-z-]+[ =]'|`fieldlock [^`\n]* '").unwrap();
    let mut texts = vec![project("README.md"), project("examples/03-sealed/README.md")];
    let mut folders = vec![project("src")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            if entry.is_dir() { folders.push(entry) } else { texts.push(entry) }
        }
    }
    for path in texts {
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(!quoted.is_match(&text), "{}: {:?}", path.display(), quoted.find(&text));
    }
}

/// Each system has an error of its own for these, and some have one for several.
#[test]
fn w8_what_stands_in_the_way_is_called_what_it_is() {
    let plot = Plot::new();
    built(&plot);
    plot.put("../file", b"x");
    let (image, folder) = ("out/images/np07.flk", "it is a folder, not a file");
    says(&plot, 2, &["image", "open", image, "--passphrase-file", "out"], folder);
    says(&plot, 2, &["image", "open", image, "--unlock-code-file", "out"], folder);
    says(&plot, 2, &["image", "inspect", "out"], "`out` is a folder");
    says(&plot, 2, &["trust", "add", "ci@example", "out"], folder);
    says(&plot, 2, &["verify", "out", "--allowed-signers", "out"], folder);
    let build = ["build", "site", "--secrets", "secrets", "--passphrase-file", "own"];
    says(&plot, 2, &[&build[..], &["--sign-key", "out"]].concat(), folder);
    says(&plot, 2, &["build", "site", "--recipients", "out", "--sign-key", "file"], folder);
    says(&plot, 2, &["diff", "site", "--device", "np02", "--running", "out"], "`out` is a folder, not a file");
    says(
        &plot,
        2,
        &["secret", "set", "np07/x", "--site", "site", "--from-file", "out", "--passphrase-file", "own"],
        folder,
    );

    let through = "`file` in its path is a file, not a folder";
    says(&plot, 2, &["image", "open", image, "--passphrase-file", "file/x"], through);
    says(&plot, 2, &["image", "inspect", "file/x/y.flk"], through);
    says(&plot, 2, &["verify", "out", "--allowed-signers", "file/x"], through);
    for (verb, words) in [
        (&["check", "file"][..], "`file` is not a folder"),
        (&["check", "file/x"], "is not a folder"),
        (&["check", "site", "--secrets", "file"], "`file` is not a folder"),
        (&["verify", "file"], "`file` is not a folder"),
        (&["diff", "site", "--device", "np02", "--running", "file/x"], "`file` is not a folder"),
        (&["check", "none"], "there is no `none`"),
    ] {
        says(&plot, 2, verb, words);
    }
}

/// What a viewer, a backup or a scanner has open is named, and no build is half in place; what is read-only is
/// replaced. Elsewhere an open file can be: there a disk and steps that fail stand for it.
#[cfg(windows)]
#[test]
fn w4_w6_what_is_held_is_named_and_what_is_read_only_is_replaced() {
    use std::os::windows::fs::OpenOptionsExt as _;

    const READ_BY_OTHERS: u32 = 1; // FILE_SHARE_READ
    let plot = Plot::new();
    built(&plot);
    let before = common::files(&plot.out());
    let build = ["build", "site", "--out", "out", "--secrets", "secrets", "--passphrase-file", "own"];
    plot.edit("profiles/nport-baseline.kdl", "auto-logout \"5 min\"", "auto-logout \"4 min\"");
    for (name, others, words) in [
        ("images/np07.flk", READ_BY_OTHERS, "`images/np07.flk` can't be written: another program has it open"),
        ("review.md", READ_BY_OTHERS, "`review.md` can't be written: another program has it open"),
        ("index.json", READ_BY_OTHERS, "`index.json` can't be written: another program has it open"),
        ("index.json", 0, "another program has it open"),
    ] {
        let held = std::fs::File::options().read(true).share_mode(others).open(plot.out().join(name)).unwrap();
        let said = says(&plot, 2, &build, words);
        assert!(!said.contains("--previous none") && !said.contains("uncategorized"), "{said}");
        drop(held);
        assert!(before == common::files(&plot.out()), "{name}");
    }
    let review = plot.out().join("review.md");
    let mut rights = review.metadata().unwrap().permissions();
    rights.set_readonly(true);
    std::fs::set_permissions(&review, rights).unwrap();
    says(&plot, 0, &build, "written  index.json");
    says(&plot, 0, &build, "4 unchanged, kept");
    assert!(before != common::files(&plot.out()));
}

/// The device takes a report of any size, and is afterwards what it was: nothing is renamed over it.
#[test]
fn w10_the_device_that_swallows_everything_is_a_place_for_a_report() {
    let plot = Plot::new();
    let null = if cfg!(windows) { "NUL" } else { "/dev/null" };
    for args in [
        &["check", "site", "--secrets", "secrets"][..],
        &["diff", "site", "--format", "json"],
        &["show", "np07", "site"],
        &["explain", "MX-PRT-002", "--format", "json"],
    ] {
        let (code, said) = run(&plot, args, b"");
        let (silent, rest) = run(&plot, &[args, &["--output", null]].concat(), b"");
        assert!(!said.is_empty() && rest.is_empty(), "{args:?}: {said}\n{rest}");
        assert_eq!(silent, code, "{args:?}");
    }
    assert!(!std::fs::metadata(null).is_ok_and(|there| there.is_file()));
    let left: Vec<_> = std::fs::read_dir(plot.dir.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| ["site", "secrets", "config"].iter().any(|known| name == known)), "{left:?}");
    // any other device is left alone, and so is this one as a place for what must not be lost
    if cfg!(unix) {
        says(
            &plot,
            2,
            &["check", "site", "--output", "/dev/zero"],
            "something that is no regular file stands in its place",
        );
    }
    built(&plot);
    says(&plot, 2, &["build", "site", "--secrets", "secrets", "--passphrase-file", "own", "--out", null], "is a file");
    let open = ["image", "open", "out/images/np07.flk", "--passphrase-file", "own", "--to", null];
    says(&plot, 2, &open, "stands in its place");
}
