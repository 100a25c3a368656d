//! The program as people run it: exit codes, hostile texts, canary secrets, output folders.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::common;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

pub(super) fn fieldlock(folder: &Path, args: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    common::alone(&mut program);
    common::beneath(&mut program, common::own_folder());
    program.args(args).current_dir(folder).stdin(Stdio::null()).output().unwrap()
}

pub(super) fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

pub(super) fn text(output: &Output) -> String {
    let (out, err) = (String::from_utf8(output.stdout.clone()), String::from_utf8(output.stderr.clone()));
    out.unwrap() + &err.unwrap()
}

/// Writes files into a folder, making folders as needed.
fn write(folder: &Path, files: &[(&str, &str)]) {
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
}

fn hostile() -> Vec<String> {
    let lines = include_str!("../cases/hostile.txt").lines();
    lines.filter(|l| !l.is_empty() && !l.starts_with("//")).map(|l| serde_json::from_str(l).unwrap()).collect()
}

fn acts(c: char) -> bool {
    fieldlock::report::escape::acts(c) && c != '\n'
}

#[test]
fn every_format_is_tried_wherever_all_are() {
    let help = text(&fieldlock(&root(), &["check", "--help"]));
    let (_, values) = help.split_once("--format <FORMAT[=FILE]>").unwrap();
    let named = values.lines().map_while(|line| match line.trim() {
        end if end.starts_with("--") => None,
        line => Some(line.strip_prefix("- ").and_then(|value| value.split(':').next())),
    });
    assert_eq!(named.flatten().collect::<Vec<_>>(), common::FORMATS);
}

/// Numbers are numbers, and what is no sentence for people is none.
#[test]
fn what_verbs_print_for_programs_follows_its_schema() {
    let temp = tempfile::tempdir().unwrap();
    let site = "examples/01-pump-station";
    let out = temp.path().join("out");
    let out = out.to_str().unwrap();
    let image = format!("{out}/images/np07.flk");
    let said = |schema: &str, wanted: i32, args: &[&str]| {
        let output = fieldlock(&root(), &[args, &["--format", "json"]].concat());
        assert_eq!(code(&output), wanted, "{}", text(&output));
        common::document(schema, &String::from_utf8(output.stdout).unwrap())
    };
    said("report", 0, &["build", site, "--out", out]);
    let checked = said("report", 1, &["check", "examples/02-findings"]);
    let findings = checked["findings"].as_array().unwrap();
    let of_guide = findings.iter().flat_map(|f| f["rules"].as_array().unwrap()).find(|r| r["id"] == "NP6-SES-001");
    let (source, ours) = (&of_guide.unwrap()["source"], &of_guide.unwrap()["ours"]);
    assert_eq!((&source[0]["section"], &source[0]["lines"]), (&"2.4".into(), &serde_json::json!([96])));
    assert!(source[0]["sha256"].as_str().is_some_and(|sha256| sha256.starts_with("049fdb11")), "{source}");
    assert!(ours[0].as_str().is_some_and(|text| text.contains("without numbers")), "{ours}");
    let inspected = said("image", 0, &["image", "inspect", &image]);
    assert_eq!((&inspected["revision"], &inspected["demo"]), (&1.into(), &true.into()));
    assert_eq!((&inspected["origin"], &inspected["parts"]), (&"not-proved".into(), &serde_json::Value::Null));
    assert_eq!(inspected["opened_by"][0]["by"], "passphrase");
    let opened = said("image", 0, &["image", "open", &image, "--demo"]);
    assert_eq!(opened["origin"], "demo-passphrase");
    assert!(opened["parts"][0]["text"].as_str().unwrap().contains("<secret "));
    let verified = said("verified", 5, &["verify", out, "--demo"]);
    assert_eq!((&verified["ending"], &verified["demo"]), (&"refused".into(), &true.into()));
    assert_eq!(verified["devices"][0]["rungs"][0]["state"], "holds");
    let rule = said("explained", 0, &["explain", "NP6-SES-001"]);
    assert_eq!((&rule["kind"], &rule["id"]), (&"rule".into(), &"NP6-SES-001".into()));
    let own = said("explained", 0, &["explain", "site.no-zone"]);
    assert_eq!((&own["kind"], &own["id"]), (&"code".into(), &"site.no-zone".into()));
    let gone = said("explained", 0, &["explain", "np6-log-009"]);
    assert_eq!((&gone["kind"], &gone["id"]), (&"gone".into(), &"NP6-LOG-009".into()));
    assert_eq!(gone["into"], serde_json::json!(["NP6-LOG-004", "NP6-LOG-005"]));
    let listed = said("policies", 0, &["policy", "list", "--pack", "ot-baseline"]);
    let by = |id: &str| {
        let mut rules = listed["packs"][0]["rules"].as_array().unwrap().iter();
        rules.find(|rule| rule["id"] == id).unwrap()["checked_by"].clone()
    };
    assert_eq!(by("OT-CAP-001"), serde_json::json!(["capture-of-this-device"]));
    assert_eq!(by("OT-BAK-001"), serde_json::json!(["attestation"]));
    let retired = ["retire", "np07", site, "--by", "ot-lead", "--reason", "replaced", "--dry-run"];
    assert_eq!(said("retired", 0, &retired)["secrets"][0]["name"], "np07/historian");
    let tested = said("policy-tested", 0, &["policy", "test"]);
    assert!(tested["rules"].as_array().unwrap().len() > 100 && tested["wrong"].as_array().unwrap().is_empty());
    for all in [&[][..], &["--all"]] {
        let shown = said("shown", 0, &[&["show", "np02", site], all].concat());
        let settings = shown["devices"][0]["settings"].as_array().unwrap();
        let layers: BTreeSet<&str> = settings.iter().filter_map(|setting| setting["layer"].as_str()).collect();
        assert_eq!(layers.contains("capture"), !all.is_empty(), "{layers:?}");
        let platform = settings.iter().find(|setting| setting["path"] == "platform.kind").unwrap();
        assert_eq!(platform["value"], "\"nport-6000\"");
    }
    let refused = fieldlock(&root(), &["show", "nobody", site, "--format", "json"]);
    common::document("error", &String::from_utf8(refused.stdout).unwrap());
}

/// Invariant 10.
#[test]
fn exit_codes_do_not_depend_on_the_format() {
    let temp = tempfile::tempdir().unwrap();
    write(temp.path(), &[("site.kdl", "site \"x\" {\n"), ("image.flk", "no image")]);
    let broken = temp.path().to_str().unwrap().to_owned();
    let cases: [(&[&str], i32); 7] = [
        (&["check", "examples/01-pump-station"], 0),
        (&["check", "examples/02-findings"], 1),
        (&["check", "examples/02-findings", "--device", "sw-banner-says-welcome", "--strict"], 1),
        (&["check", &broken], 2),
        (&["check", "examples/01-pump-station", "--device", "nobody"], 2),
        (&["diff", "examples/01-pump-station", "--exit-code"], 3),
        (&["image", "inspect", &format!("{broken}/image.flk")], 5),
    ];
    for (args, wanted) in cases {
        let formats: &[&str] = if args[0] == "image" { &common::FORMATS_OF_ALL } else { &common::FORMATS };
        for format in formats {
            let output = fieldlock(&root(), &[args, &["--format", format]].concat());
            assert_eq!(code(&output), wanted, "{args:?} {format}\n{}", text(&output));
        }
    }
}

#[test]
fn the_json_report_follows_the_schema_in_the_tree() {
    let schema = std::fs::read_to_string(root().join("schema/report.json")).unwrap();
    let validator = jsonschema::validator_for(&serde_json::from_str(&schema).unwrap()).unwrap();
    for args in [["check", "examples/02-findings"], ["diff", "examples/01-pump-station"]] {
        let output = fieldlock(&root(), &[&args[..], &["--format", "json", "--all"]].concat());
        let value: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
        assert!(validator.is_valid(&value), "{args:?}");
        assert_eq!(value["summary"]["exit"].as_i64().unwrap(), i64::from(code(&output)));
    }
}

/// Invariant 13: as arguments.
#[test]
fn hostile_arguments_stay_text() {
    // a folder of our own: what `../../etc/passwd` leads to from there is nothing, wherever the project lies
    let site = root().join("examples/01-pump-station");
    let site = site.to_str().unwrap();
    let mut texts: Vec<String> = hostile().into_iter().filter(|t| !t.contains('\0') && !t.starts_with('-')).collect();
    // every argument is given all of them in one, and some of them alone: a run takes its time
    texts.insert(0, texts.concat());
    for (number, evil) in texts.iter().enumerate() {
        let (skipped, step) = if number == 0 { (0, 1) } else { (number % 5, 5) };
        let all = [
            vec!["check", evil],
            vec!["check", site, "--device", evil],
            vec!["check", "--format", evil],
            vec!["show", evil, site],
            vec!["retire", evil, site, "--by", "ot-lead", "--reason", "x", "--dry-run"],
            vec!["retire", "np07", site, "--by", evil, "--reason", "x", "--dry-run"],
            vec!["posture", evil],
            vec!["posture", site, "--since", evil],
            vec!["check", site, "--new-since", evil],
            vec!["plan", evil, site, "--by", "ot-lead"],
            vec!["plan", "np02", site, "--by", evil],
            vec!["plan", "np02", site, "--by", "ot-lead", "--running", evil],
            vec!["plan", "np02", site, "--by", "ot-lead", "--from", evil],
            vec!["plan", "show", evil],
            vec!["plan", "approve", evil, "--sign-key", evil],
            vec!["plan", "check", evil, site],
            vec!["receipt", "show", evil],
            vec!["apply", evil, "--by", "ot-lead", "--from", evil],
            vec!["apply", "np02", "--by", evil, "--file", evil, "--backup", evil, "--laptop", evil],
            vec!["return", evil, "--site", site],
            vec!["restore", "np07", "--by", "ot-lead", "--reason", "x", "--backup", evil, "--to", evil],
            vec!["receipt", "verify", evil, "--allowed-signers", evil],
            vec!["explain", evil],
            vec!["schema", evil],
            vec!["models", "--platform", evil],
            vec!["advisories", "take", evil],
            vec!["dialect", "show", evil],
            vec!["dialect", "show", "mx-ros.cli", evil],
            vec!["dialect", "learn", "--before", evil, "--after", evil, "--path", evil, "--value", evil],
            vec!["init", evil],
            vec!["init", "--zone", evil],
            vec!["init", "--person", evil, "--device", evil],
            vec!["new", "device", evil, site, "--model", evil],
            vec!["new", "device", "np99", site, "--profile", evil],
            vec!["new", "waiver", "W-1", site, "--rule", evil, "--zone", "control"],
            vec![
                "new",
                "attestation",
                "A-1",
                site,
                "--rule",
                "NP6-HST-001",
                "--device",
                "np07",
                "--by",
                evil,
                "--evidence",
                "x",
            ],
            vec!["new", "rule", evil, site, "--pack", "own"],
            vec!["policy", "list", "--pack", evil],
            vec!["policy", "test", evil],
            vec!["policy", "pin", evil],
            #[cfg(feature = "device")]
            vec!["lab", site, "--device", evil],
            #[cfg(feature = "device")]
            vec!["lab", site, "--fault", evil],
            #[cfg(feature = "device")]
            vec!["doctor", evil, site],
            #[cfg(feature = "device")]
            vec!["doctor", "ps7-router", site, "--lab", evil],
            #[cfg(feature = "device")]
            vec!["probe", site, "--device", evil],
            vec!["capture", evil, site, "--live", "--by", "ot-lead"],
            vec!["drift", site, "--live", "--lab", evil],
            vec!["report", "dossier", evil],
            vec!["report", "dossier", site, "--build", evil],
            vec!["report", "evidence", evil, site],
            vec!["report", "inventory", site, "--at", evil],
            vec!["report", "waivers", site, "--as-of", evil],
            vec!["report", "waivers", site, "--from", evil],
            vec!["report", "receipts", site, "--device", evil],
            vec!["report", "history", site, "--at", evil],
            vec!["report", "coverage", evil],
            vec!["report", "coverage", site, "--requirement", evil],
            vec!["image", "inspect", evil],
            vec!["firmware", "verify", evil, "--site", site],
            vec!["firmware", "verify", "Cargo.toml", "--site", evil],
            vec!["firmware", "verify", "Cargo.toml", "--version", evil],
            vec![evil.as_str()],
        ];
        for args in all.into_iter().skip(skipped).step_by(step) {
            let output = fieldlock(common::own_folder(), &args);
            let shown = text(&output);
            assert!(!shown.contains(acts), "{args:?}: {shown:?}");
            assert_eq!(code(&output), 2, "{args:?}: {shown}");
        }
    }
}

/// Invariant 13: as content of a site, well-formed and broken.
#[test]
fn hostile_sites_stay_text() {
    let temp = tempfile::tempdir().unwrap();
    let site = temp.path();
    write(site, &[("site.kdl", "site \"x\" { packs \"nport-6000-g2\" }\n")]);
    for (n, evil) in hostile().iter().enumerate() {
        let quoted: String = evil.chars().fold(String::new(), |mut out, c| {
            use std::fmt::Write as _;
            write!(out, "\\u{{{:x}}}", c as u32).unwrap();
            out
        });
        let device = format!(
            "device \"d{n}\" {{\n platform \"nport-6000-g2\" firmware=\"1.1\"\n login {{ banner \"{quoted}\"; lockout \
             \"{quoted}\" }}\n services {{ ssh on purpose=\"{quoted}\"; \"{quoted}\" on }}\n}}\n"
        );
        write(site, &[(&format!("devices/d{n}.kdl"), &device)]);
        write(site, &[(&format!("devices/raw{n}.kdl"), &format!("device \"raw{n}\" {{ banner {evil} \"{evil}\n"))]);
    }
    for format in common::FORMATS {
        for verb in ["check", "diff", "build"] {
            let output = fieldlock(site, &[verb, "--format", format, "--all"]);
            let shown = text(&output);
            let acting: Vec<char> = shown.chars().filter(|c| acts(*c)).collect();
            assert!(acting.is_empty(), "{verb} {format}: {acting:?}");
            assert_eq!(code(&output), 2, "{verb} {format}");
        }
    }
    assert!(!text(&fieldlock(site, &["show", "d*", "--all"])).contains(acts));
    assert!(!site.join("out").exists(), "nothing is written");
}

/// What is missing is told with every way to give it.
#[test]
fn each_way_to_give_what_is_missing_is_named() {
    let folder = tempfile::tempdir().unwrap();
    for (args, way) in [
        (&["drift"][..], "--live"),
        (&["capture", "np07", "--by", "ot-lead"], "--live"),
        (&["secret", "generate"], "--missing"),
    ] {
        let output = fieldlock(folder.path(), args);
        assert!(code(&output) == 2 && text(&output).contains(way), "{args:?}: {}", text(&output));
    }
    let told = text(&fieldlock(folder.path(), &["return", "nosuch", "--site", "."]));
    assert!(told.contains("there is no `nosuch`") && told.contains("from where you stand"), "{told}");
}

/// A site of no device is read, and what comes next is its first one.
#[test]
fn a_site_without_devices_is_told_how_its_first_one_begins() {
    let folder = tempfile::tempdir().unwrap();
    assert!(text(&fieldlock(folder.path(), &["check", "."])).starts_with("the site\n"));
    write(folder.path(), &[("site.kdl", "site \"weir\"\n")]);
    let told = text(&fieldlock(folder.path(), &["check", "."]));
    assert!(told.contains("next: fieldlock new device NAME") && !told.contains("can't be read"), "{told}");
}

#[test]
fn an_output_folder_that_is_a_file_is_left_alone() {
    let temp = tempfile::tempdir().unwrap();
    write(temp.path(), &[("out", "mine")]);
    let out = temp.path().join("out");
    let args = ["build", "examples/01-pump-station", "--out", out.to_str().unwrap()];
    let output = fieldlock(&root(), &args);
    let shown = text(&output);
    assert_eq!(code(&output), 2, "{shown}");
    assert!(shown.contains("nothing in the output folder was changed"), "{shown}");
    assert_eq!(std::fs::read_to_string(&out).unwrap(), "mine");
}

#[test]
fn a_demo_takes_no_secret_from_elsewhere() {
    for (flags, wanted) in [(["--secrets", "."], 2), (["--passphrase-file", "Cargo.toml"], 5)] {
        let temp = tempfile::tempdir().unwrap();
        let out = temp.path().join("out");
        let args = [&["build", "examples/01-pump-station", "--out", out.to_str().unwrap()], &flags[..]].concat();
        let output = fieldlock(&root(), &args);
        assert_eq!(code(&output), wanted, "{}", text(&output));
        assert!(!out.join("index.json").exists());
    }
}

#[test]
fn the_report_goes_to_a_file_whole() {
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("report.json");
    let path = file.to_str().unwrap();
    let output = fieldlock(&root(), &["check", "examples/02-findings", "--format", "json", "--output", path]);
    assert_eq!((code(&output), output.stdout.len()), (1, 0));
    serde_json::from_slice::<serde_json::Value>(&std::fs::read(&file).unwrap()).unwrap();
    assert_eq!(std::fs::read_dir(temp.path()).unwrap().count(), 1, "nothing else is left there");
    let nowhere = temp.path().join("missing/report.json");
    let output = fieldlock(&root(), &["check", "examples/02-findings", "--output", nowhere.to_str().unwrap()]);
    assert_eq!(code(&output), 2);
}

/// Each format says the same beside the others as alone, and stdout is for one of them.
#[test]
fn several_formats_go_to_files_of_their_own_in_one_run() {
    let temp = tempfile::tempdir().unwrap();
    let site = "examples/02-findings";
    let mut typed = vec!["check".to_owned(), site.to_owned()];
    for format in common::FORMATS {
        typed.extend(["--format".to_owned(), format!("{format}={}", temp.path().join(format).display())]);
    }
    let args: Vec<&str> = typed.iter().map(String::as_str).collect();
    let several = fieldlock(&root(), &[&args[..], &["--format", "concise"]].concat());
    assert_eq!(code(&several), 1, "{}", text(&several));
    // the minute, and what is named by it
    let minute = r#"\d{4}-\d\d-\d\d[ T]\d\d:\d\d( UTC|:00Z)|"uuid": "[0-9a-f-]{36}""#;
    let minute = regex::Regex::new(minute).unwrap();
    let steady = |text: &str| minute.replace_all(text, "").into_owned();
    for format in common::FORMATS {
        let alone = String::from_utf8(fieldlock(&root(), &["check", site, "--format", format]).stdout).unwrap();
        let beside = std::fs::read_to_string(temp.path().join(format)).unwrap();
        assert_eq!(steady(&beside), steady(&alone), "{format}");
        if format == "concise" {
            assert_eq!(String::from_utf8_lossy(&several.stdout), alone);
        }
    }
    // people are told where nothing else is asked of stdout
    let sarif = format!("sarif={}", temp.path().join("s").display());
    let output = fieldlock(&root(), &["check", site, "--format", &sarif]);
    assert!(String::from_utf8_lossy(&output.stdout).contains("must be fixed before it can be built"));
    for wrong in [
        &["--format", "sarif", "--format", "json"][..],
        &["--format", "sarif=x", "--format", "json=x"],
        &["--format", "sarif=x", "--output", "x"],
        &["--format", "sarif="],
        &["--format", "sarif=-"],
        &["--format", "nothing=x"],
    ] {
        let output = fieldlock(temp.path(), &[&["check"][..], wrong].concat());
        assert_eq!(code(&output), 2, "{wrong:?}");
        assert!(!temp.path().join("x").exists());
    }
}

#[test]
fn a_closed_pipe_ends_quietly() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    common::alone(&mut program);
    program.args(["check", "examples/02-findings", "--format", "json", "--all"]).current_dir(root());
    let mut child = program.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    drop(child.stdout.take());
    let output = child.wait_with_output().unwrap();
    assert_eq!(String::from_utf8(output.stderr).unwrap(), "");
}

#[test]
fn every_example_of_the_help_is_a_command() {
    for verb in [
        vec!["check"],
        vec!["build"],
        vec!["diff"],
        vec!["plan"],
        vec!["show"],
        vec!["explain"],
        vec!["policy", "test"],
        vec!["image", "open"],
    ] {
        let output = fieldlock(&root(), &[&verb[..], &["--help"]].concat());
        assert_eq!(code(&output), 0);
        assert!(text(&output).contains(&format!("  fieldlock {}", verb.join(" "))), "{verb:?}");
    }
}

#[test]
fn a_build_of_some_devices_takes_no_image_of_the_others_away() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let build = |more: &[&str]| {
        fieldlock(&root(), &[&["build", "examples/01-pump-station", "--out", out.to_str().unwrap()], more].concat())
    };
    assert_eq!(code(&build(&[])), 0);
    let image = out.join("images/sw04.flk");
    let genuine = std::fs::read(&image).unwrap();
    let some = build(&["--device", "np07"]);
    assert_eq!(code(&some), 0, "{}", text(&some));
    assert_eq!(std::fs::read(&image).unwrap(), genuine);
    assert_eq!(std::fs::read_dir(out.join("images")).unwrap().count(), 4);

    std::fs::write(&image, &genuine[..genuine.len() - 1]).unwrap();
    let some = build(&["--device", "np07"]);
    let said = text(&some);
    assert_eq!(code(&some), 2);
    assert!(said.contains("would be sealed now: sw04") && said.contains("build them too"), "{said}");
    assert_eq!(std::fs::read_dir(out.join("images")).unwrap().count(), 4);
}
