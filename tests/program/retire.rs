//! Taking a device out: what is said, what moves, what stays open.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::process::{Command, Output};

use serde_json::Value;

use crate::common;
use crate::common::plot::Plot;

const WHY: [&str; 4] = ["--by", "ot-lead", "--reason", "replaced \"CHG-4102\""];

fn run(plot: &Plot, args: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    program.args(args).current_dir(plot.site());
    common::alone(&mut program).output().unwrap()
}

fn retire(plot: &Plot, name: &str, more: &[&str]) -> (Option<i32>, String) {
    let output = run(plot, &[&["retire", name][..], &WHY, more].concat());
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.code(), if text.is_empty() { String::from_utf8_lossy(&output.stderr).into_owned() } else { text })
}

/// All files of the site.
fn there(plot: &Plot) -> BTreeSet<String> {
    common::files(&plot.site()).into_iter().map(|(name, _)| name).filter(|name| !name.starts_with('.')).collect()
}

/// Codes of findings of a check, with the line that they stand at.
fn found(plot: &Plot, wanted: &str) -> Vec<String> {
    let report: Value = serde_json::from_slice(&run(plot, &["check", "--format", "json"]).stdout).unwrap();
    let all = report["findings"].as_array().unwrap().iter();
    let told = all.filter(|f| f["rule"].as_str().unwrap().starts_with(wanted));
    told.map(|f| format!("{} {}", f["rule"].as_str().unwrap(), f["message"].as_str().unwrap())).collect()
}

#[test]
fn a_dry_run_says_all_of_it_and_writes_nothing() {
    let plot = Plot::new();
    // others that know it: an allowlist, the site, a shared secret
    plot.edit("devices/ps7-router.kdl", "allowlist {", "allowlist { host \"10.20.7.7\" purpose=\"np07\";");
    plot.edit("site.kdl", "log-server \"10.20.0.9\"", "log-server \"10.20.0.9\"\n    log-server \"10.20.7.7\"");
    let before = there(&plot);
    let (code, page) = retire(&plot, "np07", &["--dry-run"]);
    assert_eq!(code, Some(0), "{page}");
    for told in [
        "replaced \"CHG-4102\"",
        "Switch the old unit off and on, and within 60 seconds",
        "press its Reset button for 5 seconds",
        "asks to create the first account",
        "10.20.0.9 (log.server)",
        "10.20.0.5 (time.ntp)",
        "np07/ot-lead",
        "certs/np07.pem",
        "devices/np07.kdl -> retired/np07.kdl",
    ] {
        assert!(page.replace('\\', "").contains(told), "{told}: {page}");
    }
    assert!(!page.contains("-ca.pem"), "an authority is not the unit's to revoke: {page}");
    let document: Value = serde_json::from_slice(
        &run(&plot, &[&["retire", "np07", "--dry-run", "--format", "json"][..], &WHY].concat()).stdout,
    )
    .unwrap();
    let lines = document["lines"].as_array().unwrap();
    let mentioned = |file: &str, value: &str| {
        lines.iter().any(|l| l["location"]["file"] == file && l["value"].as_str().unwrap().starts_with(value))
    };
    assert!(mentioned("devices/ps7-router.kdl", "10.20.7.7") && mentioned("site.kdl", "10.20.7.7"), "{lines:?}");
    assert_eq!((document["dry_run"].as_bool(), document["steps"].as_array().unwrap().len()), (Some(true), 5));
    assert_eq!(there(&plot), before);
}

#[test]
fn the_reset_is_told_in_the_words_of_the_device() {
    let plot = Plot::new();
    plot.edit("profiles/nport-baseline.kdl", "reset-button \"after-boot\"", "reset-button \"always\"");
    let (_, page) = retire(&plot, "np07", &["--dry-run"]);
    assert!(page.contains("Keep the old unit powered on and press its Reset button for 5 seconds\n"), "{page}");
    let (_, page) = retire(&plot, "sw04", &["--dry-run"]);
    assert!(page.contains("reload factory-default") && !page.contains("Reset button"), "{page}");
    // what no source says of this family is not called certain
    assert!(page.replace('\\', "").contains("(likely: devices-2.md 1.1 has it of MX-ROS, a sister family)"), "{page}");
}

#[test]
fn its_files_move_and_the_record_is_open_until_somebody_answers() {
    let plot = Plot::new();
    let (code, page) = retire(&plot, "np07", &[]);
    assert_eq!(code, Some(0), "{page}");
    let files = there(&plot);
    for name in ["retired/np07.kdl", "attestations/retired-np07.kdl", "evidence/retired-np07.md"] {
        assert!(files.contains(name), "{name}: {files:?}");
    }
    assert!(!files.contains("devices/np07.kdl") && files.iter().all(|name| !name.starts_with("captures/np07.")));
    assert_eq!(std::fs::read_to_string(plot.site().join("evidence/retired-np07.md")).unwrap(), page);
    assert_eq!(found(&plot, "attestation."), Vec::<String>::new());
    assert_eq!(found(&plot, "site."), Vec::<String>::new());
    let open = found(&plot, "NP6-DEC-");
    assert_eq!(open.len(), 5, "{open:?}");
    assert!(open.iter().all(|told| told.contains("it is not so: ")), "{open:?}");
    let record = std::fs::read_to_string(plot.site().join("attestations/retired-np07.kdl")).unwrap();
    let answered = record.replace("\"no\" reason=\"not done yet\"", "\"yes\"");
    plot.put("attestations/retired-np07.kdl", answered.as_bytes());
    assert_eq!(found(&plot, "NP6-DEC-003"), Vec::<String>::new());
    // what was printed is what was signed
    plot.edit("evidence/retired-np07.md", "Reset button", "reset button");
    assert!(!found(&plot, "NP6-DEC-003").is_empty());
    // a description that comes back, and a second time
    plot.put("devices/np07.kdl", &std::fs::read(plot.site().join("retired/np07.kdl")).unwrap());
    assert_eq!(found(&plot, "site.retired-name").len(), 1);
    let before = there(&plot);
    assert_ne!(retire(&plot, "np07", &[]).0, Some(0));
    assert_eq!(there(&plot), before);
}

/// A name as long as an id may be: its record has an id of its own all the same.
#[test]
fn a_long_name_has_a_record() {
    let plot = Plot::new();
    let device = std::fs::read_to_string(plot.site().join("devices/sw04.kdl")).unwrap();
    let names = ["a", "b"].map(|end| format!("{}{end}", "sw-".repeat(20)));
    for name in &names {
        plot.put(&format!("devices/{name}.kdl"), device.replace("\"sw04\"", &format!("\"{name}\"")).as_bytes());
    }
    for name in &names {
        let (code, page) = retire(&plot, name, &[]);
        assert_eq!(code, Some(0), "{page}");
    }
    assert_eq!((found(&plot, "site.twin-names"), found(&plot, "shape.")), (Vec::new(), Vec::new()));
}

#[test]
fn what_is_not_there_or_broken_moves_nothing() {
    let plot = Plot::new();
    let before = there(&plot);
    assert_eq!(retire(&plot, "np70", &[]).0, Some(2));
    for args in [["--by", "nobody", "--reason", "x"], ["--by", "ot-lead", "--reason", " "]] {
        let output = run(&plot, &[&["retire", "np07"][..], &args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
    }
    // where the record would stand
    plot.put("evidence/retired-np07.md", b"mine");
    assert_eq!(retire(&plot, "np07", &[]).0, Some(2));
    std::fs::remove_file(plot.site().join("evidence/retired-np07.md")).unwrap();
    plot.edit("devices/ps7-router.kdl", "allowlist {", "allowlst {");
    assert_eq!(retire(&plot, "np07", &[]).0, Some(2));
    assert_eq!(there(&plot), before);
}
