//! `schema/language.md` is true: every block compiles, and its list of settings is the model's.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fmt::Write as _;

use fieldlock::model::Shape;
use fieldlock::model::shape::{self, At, FieldShape, GroupId, Kind, ScalarKind};
use fieldlock::source::SourceMap;
use fieldlock::syntax;

use crate::common::expected::expect_part;
use crate::common::project;

const PAGE: &str = "schema/language.md";

#[test]
fn every_block_compiles() {
    let text = std::fs::read_to_string(project(PAGE)).unwrap();
    let mut blocks = 0;
    for block in text.split("```kdl\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let mut map = SourceMap::new();
        let file = map.add("language.md", block);
        let parsed = syntax::parse(file, block);
        assert!(parsed.findings.is_empty(), "{:?}", parsed.findings);
        for node in &parsed.tree.unwrap().nodes {
            let shape = match &*node.name {
                "device" | "profile" => Shape::device(),
                "site" => Shape::site(),
                "waiver" => Shape::waiver(),
                "attestation" => Shape::attestation(),
                "capture" => Shape::capture(),
                "lock" => Shape::lock(),
                "adoption" => Shape::adoption(),
                other => panic!("unknown root `{other}`"),
            };
            let checked = shape::check(shape, file, node);
            assert!(checked.findings.is_empty(), "{block}\n{:?}", checked.findings);
            blocks += 1;
        }
    }
    assert!(blocks >= 6, "the page lost its blocks");
}

#[test]
fn the_list_of_settings_is_the_models() {
    let mut list = String::new();
    let device = Shape::device();
    for field in &device.root().fields {
        section(device, field, &mut list);
    }
    expect_part(PAGE, "settings", &list);
}

fn section(shape: &Shape, field: &FieldShape, out: &mut String) {
    let (Kind::Group(id) | Kind::Groups(id)) = field.kind else {
        writeln!(out, "\n### {}\n{}\n", field.name, one_line(field.doc)).unwrap();
        return;
    };
    writeln!(out, "\n### {}\n{}\n", field.name, one_line(field.doc)).unwrap();
    writeln!(out, "| path | written as | what it is |\n|---|---|---|").unwrap();
    rows(shape, id, field.name, out);
}

fn rows(shape: &Shape, id: GroupId, prefix: &str, out: &mut String) {
    for field in &shape.group(id).fields {
        let path = format!("{prefix}.{}", field.name);
        match &field.kind {
            Kind::Group(inner) => rows(shape, *inner, &path, out),
            Kind::Groups(inner) => rows(shape, *inner, &format!("{path}[]"), out),
            Kind::Scalar(kind) => row(&path, field, kind, false, out),
            Kind::Scalars(kind) => row(&path, field, kind, true, out),
        }
    }
}

fn row(path: &str, field: &FieldShape, kind: &ScalarKind, many: bool, out: &mut String) {
    let place = match field.at {
        At::Arg if field.key => "key",
        At::Arg => "argument",
        At::Prop => "property",
        At::Child => "node",
    };
    let mut expected = kind.expected();
    if many {
        expected = format!("several, each {expected}");
    }
    if let Some(word) = field.word {
        expected = format!("{expected}, or `{word}`");
    }
    let note = if field.note { " (for people: never rendered)" } else { "" };
    writeln!(out, "| `{path}` | {place}: {} | {}{note} |", expected.replace('|', "\\|"), one_line(field.doc)).unwrap();
}

fn one_line(doc: &str) -> String {
    doc.split_whitespace().collect::<Vec<_>>().join(" ").replace('|', "\\|")
}
