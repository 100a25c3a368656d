//! `schema/*.json` is what `fieldlock schema` prints.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Command;

use crate::common::expected::expect;

fn schema(name: &[&str]) -> String {
    let output = Command::new(env!("CARGO_BIN_EXE_fieldlock")).arg("schema").args(name).output().unwrap();
    assert!(output.status.success());
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_schemas_in_the_tree_are_those_of_the_types() {
    let list = schema(&[]);
    let names: Vec<&str> = list.lines().filter_map(|line| line.split_whitespace().next()).collect();
    assert!(names.len() >= 5, "{list}");
    for name in names {
        expect(&format!("schema/{name}.json"), &schema(&[name]));
    }
}
