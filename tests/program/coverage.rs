//! What `report coverage` tells auditors.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Command;

use serde_json::Value;

use crate::common;

fn told(wanted: i32, args: &[&str]) -> String {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    let output = common::alone(program.args(["report", "coverage"]).args(args)).output().unwrap();
    let text = String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(wanted), "{text}");
    // IEC 62443-4-2 is about products: a configuration supports it
    assert!(!text.contains("meets") || text.contains("no rule proves that a product meets it"), "{text}");
    text
}

fn row<'v>(document: &'v Value, id: &str) -> &'v Value {
    document["requirements"].as_array().unwrap().iter().find(|row| row["id"] == id).unwrap()
}

fn state(document: &Value, id: &str, device: &str) -> String {
    let devices = row(document, id)["devices"].as_array().unwrap();
    devices.iter().find(|d| d["device"] == device).unwrap()["state"].as_str().unwrap().to_owned()
}

#[test]
fn every_device_has_something_to_show_for_every_row() {
    let site = "examples/01-pump-station";
    let document = common::document("coverage", &told(0, &[site, "--format", "json"]));
    let rows = document["requirements"].as_array().unwrap();
    assert!(rows.len() == 58 && rows.iter().all(|row| row["devices"].as_array().unwrap().len() == 4));
    assert_eq!(document["zones"][0]["zone"], "control");
    assert_eq!(state(&document, "CR 1.11", "np07"), "supported");
    assert_eq!(state(&document, "CR 3.5", "np07"), "vendor-evidence");
    assert_eq!(state(&document, "CR 2.2", "np07"), "not-checkable");
    assert_eq!(state(&document, "CR 7.5", "np07"), "nothing-asked");
    assert_eq!(state(&document, "CR 4.2", "np07"), "open");
    let devices = row(&document, "CR 1.11")["devices"].as_array().unwrap();
    let rule = &devices.iter().find(|d| d["device"] == "np02").unwrap()["rules"][0];
    assert_eq!((&rule["rule"], &rule["evidence"]), (&"NP6-SES-001".into(), &"declared".into()));
    assert_eq!(rule["asked_for"], serde_json::json!(["on", "3", "15 min"]));
    assert_eq!(rule["on_the_device"], serde_json::json!(["off", "5", "5 min"]), "as it was read");
    let text = told(0, &[site]);
    assert!(text.contains("zone control (SL-T 2)   4 devices\n"), "{text}");
    assert!(text.contains("a configuration can answer are supported on every device"), "{text}");
    let only = told(0, &[site, "--requirement", "1.11", "--device", "np02"]);
    assert!(only.contains("CR 1.11  Limit failed logins") && only.contains("differs"), "{only}");
    assert!(only.contains(" 1 device: supported; rests on: 1 declared\n"), "{only}");
    assert!(told(2, &[site, "--requirement", "CR 1.111"]).contains("no requirement called `CR 1.111`"));
}

#[test]
fn what_fails_is_told_and_fails_nothing() {
    let document = common::document("coverage", &told(0, &["examples/02-findings", "--format", "json"]));
    assert_eq!(state(&document, "CR 1.11", "np-lockout-never"), "failed");
    assert_eq!(state(&document, "CR 1.11", "np-old-tls"), "supported");
    assert_eq!(state(&document, "CR 3.1", "sw-telnet-on"), "failed");
}
