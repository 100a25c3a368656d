//! `models`: what is known of each model, and nothing else.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::{Command, Output};

use serde_json::Value;

use crate::common;

fn run(args: &[&str]) -> Output {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    program.arg("models").args(args).current_dir(common::own_folder());
    common::alone(&mut program).output().unwrap()
}

fn models(args: &[&str]) -> Value {
    let output = run(&[&["--format", "json"], args].concat());
    assert_eq!(output.status.code(), Some(0));
    common::document("models", &String::from_utf8_lossy(&output.stdout))
}

#[test]
fn every_model_has_ports_a_grade_and_a_source() {
    let all = models(&[]);
    let platforms = all["platforms"].as_array().unwrap();
    assert_eq!(platforms.len(), 4);
    let mut floors = 0;
    for model in platforms.iter().flat_map(|platform| platform["models"].as_array().unwrap()) {
        assert!(model["ethernet_ports"].is_u64() || model["serial_ports"].is_u64(), "{model}");
        assert!(["likely", "confirmed"].contains(&model["grade"].as_str().unwrap()), "{model}");
        assert!(!model["source"].as_str().unwrap().is_empty(), "{model}");
        // where no advisory names it there is nothing to be said of its firmware
        assert!(model["firmware_floor"].is_null() || model["advisories"][0].is_string(), "{model}");
        floors += usize::from(model["firmware_floor"]["version"].is_string());
    }
    assert!(floors > 20, "only {floors}");
}

#[test]
fn one_platform_is_asked_for_by_its_word() {
    let one = models(&["--platform", "mx-ros"]);
    assert_eq!(one["platforms"].as_array().unwrap().len(), 1);
    assert_eq!(one["platforms"][0]["machine_form"], "cli");
    let g9010 = &one["platforms"][0]["models"][0];
    assert_eq!((g9010["model"].as_str(), g9010["ethernet_ports"].as_u64()), (Some("EDR-G9010"), Some(10)));
    assert_eq!(g9010["firmware_floor"]["version"], "3.24");
    let human = String::from_utf8(run(&["--platform", "mx-ros"]).stdout).unwrap();
    assert!(human.contains("EDR-G9010     10 Ethernet, 1/1 to 1/10  [1]  firmware 3.24 or later"), "{human}");
    let unknown = run(&["--platform", "mx"]);
    assert_eq!(unknown.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&unknown.stderr).contains("[possible values: nport-6000-g2"));
}
