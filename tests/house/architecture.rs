//! `ARCHITECTURE.md` names tests that exist, for every invariant, and modules that exist.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use crate::common::project;

/// Rows of a table whose first cell fits, and how many there are; each names tests, and all of those exist.
fn guarded(page: &str, first_cell: &str) -> Vec<String> {
    let named = regex::Regex::new(r"`((?:src|tests)/[a-z0-9_/]+\.rs)::([a-z0-9_]+)`").unwrap();
    let row = regex::Regex::new(&format!(r"^\| ({first_cell}) \|")).unwrap();
    let mut ids = Vec::new();
    for line in page.lines() {
        let Some(id) = row.captures(line).map(|c| c[1].to_owned()) else { continue };
        let tests: Vec<_> = named.captures_iter(line).collect();
        assert!(!tests.is_empty(), "no test guards: {line}");
        for test in tests {
            let (file, name) = (&test[1], &test[2]);
            let text = std::fs::read_to_string(project(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
            assert!(text.contains(&format!("fn {name}(")), "{file} has no test `{name}`");
        }
        ids.push(id);
    }
    ids
}

#[test]
fn every_invariant_names_a_test_that_exists() {
    let page = std::fs::read_to_string(project("ARCHITECTURE.md")).unwrap();
    let numbers: Vec<String> = (1..=18).map(|n| n.to_string()).collect();
    assert_eq!(guarded(&page, "[0-9]+"), numbers);
}

#[test]
fn every_attack_names_a_test_that_exists() {
    let page = std::fs::read_to_string(project("ARCHITECTURE.md")).unwrap();
    let ids = "C1 C2 H1 H2 H3 H4 H5 H6 H7 H8 H9 H12 H13 H14 M1 M2 M3 M4 M5 M6 M7 L1 L2 L3";
    assert_eq!(guarded(&page, "[CHML][0-9]+").join(" "), ids);
    assert!(guarded(&page, "8[A-E][0-9]+").len() >= 3);
}

#[test]
fn every_fault_that_was_found_names_a_test_that_exists() {
    let page = std::fs::read_to_string(project("ARCHITECTURE.md")).unwrap();
    assert!(guarded(&page, "8[A-E][0-9]+").contains(&"8E1".to_owned()));
}

#[test]
fn every_module_of_the_map_exists_and_none_is_missing() {
    let page = std::fs::read_to_string(project("ARCHITECTURE.md")).unwrap();
    let library = std::fs::read_to_string(project("src/lib.rs")).unwrap();
    let modules = library.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';'));
    for module in modules.filter(|m| *m != "embedded").chain(["cli"]) {
        assert!(page.contains(&format!("\n| `{module}` |")), "`{module}` is not on the map");
    }
}
