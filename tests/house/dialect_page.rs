//! `schema/dialects/README.md` is true: every block loads as a table, and the page tells of every node and property
//! that the shipped tables use.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use fieldlock::dialect;
use fieldlock::native::Grade;
use fieldlock::source::FileId;
use fieldlock::syntax::{self, Node};

use crate::common::project;

fn page() -> String {
    std::fs::read_to_string(project("schema/dialects/README.md")).unwrap()
}

#[test]
fn every_block_loads() {
    let page = page();
    let mut blocks = 0;
    for block in page.split("```kdl\n").skip(1) {
        let block = block.split("```").next().unwrap();
        // what a site adds has no firmware of its own
        let loaded = match block.contains("firmware=") {
            true => dialect::load(FileId::NONE, block, Grade::Confirmed).map(drop),
            false => dialect::load_with_own("nport-6000-g2.sheet.kdl", FileId::NONE, block).map(drop),
        };
        let told = loaded.err().unwrap_or_default();
        let told: Vec<&str> = told.iter().map(|finding| &*finding.message).collect();
        assert!(told.is_empty(), "{block}\n{}", told.join("\n"));
        blocks += 1;
    }
    assert!(blocks >= 4, "the page lost its blocks");
}

#[test]
fn the_page_tells_of_every_word_that_the_tables_use() {
    fn words(nodes: &[Node], found: &mut BTreeSet<String>) {
        for node in nodes {
            found.insert(format!("`{}", node.name));
            found.extend(node.props().map(|(name, _)| format!("{name}=")));
            words(node.children(), found);
        }
    }
    let page = page();
    let mut used = BTreeSet::new();
    for table in std::fs::read_dir(project("schema/dialects")).unwrap().map(|entry| entry.unwrap().path()) {
        if table.extension().is_some_and(|ending| ending == "kdl") {
            let text = std::fs::read_to_string(&table).unwrap();
            words(&syntax::parse(FileId::NONE, &text).tree.unwrap().nodes, &mut used);
        }
    }
    let missing: Vec<&String> = used.iter().filter(|word| !page.contains(word.as_str())).collect();
    assert!(used.len() > 40 && missing.is_empty(), "not on the page: {missing:?}");
}
