//! `schema/policy.md` is true: every block compiles, its samples hold, and its list of analyses is the program's.

use std::fmt::Write as _;

use fieldlock::policy::{Packs, analysis, samples};
use fieldlock::source::SourceMap;
use fieldlock::syntax;

use crate::common::expected::expect_part;
use crate::common::project;

const PAGE: &str = "schema/policy.md";

#[test]
fn every_block_compiles_and_keeps_its_samples() {
    let text = std::fs::read_to_string(project(PAGE)).unwrap();
    let mut own = Vec::new();
    for block in text.split("```kdl\n").skip(1) {
        let block = block.split("```").next().unwrap();
        let mut map = SourceMap::new();
        let file = map.add("policy.md", block);
        for node in &syntax::parse(file, block).tree.unwrap().nodes {
            let name = match &*node.name {
                "pack" => "pack",
                "rule" => node.arg(0).unwrap().text().unwrap(),
                other => panic!("unknown root `{other}`"),
            };
            own.push((format!("packs/handbook/{name}.kdl"), block[node.span.range()].to_owned()));
        }
    }
    let mut map = SourceMap::new();
    let (packs, mut findings) = Packs::load(&["handbook"], &[], &own, &mut map);
    findings.extend(samples::run(&packs));
    let told: Vec<String> = findings.iter().map(|f| format!("{}: {}", map.name(f.loc.file), f.message)).collect();
    assert!(told.is_empty(), "{}", told.join("\n"));
    assert!(packs.rules().count() >= 9, "the page lost its rules");
}

#[test]
fn the_list_of_analyses_is_the_programs() {
    let mut list = String::from("| analysis | asks | parameters |\n|---|---|---|\n");
    for analysis in analysis::all() {
        let params: Vec<String> = analysis
            .params
            .iter()
            .map(|p| {
                let optional = if p.required { "" } else { ", optional" };
                let adjustable = if p.toward.is_some() { ", adjustable" } else { "" };
                format!("`{}=` {}{optional}{adjustable}", p.name, p.doc)
            })
            .collect();
        writeln!(list, "| `{}` | {} | {} |", analysis.name, analysis.doc, params.join("; ")).unwrap();
    }
    expect_part(PAGE, "analyses", &list);
}
