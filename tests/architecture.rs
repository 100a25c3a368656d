//! `ARCHITECTURE.md` names tests that exist, for every invariant, and modules that exist.

mod common;

use common::project;

#[test]
fn every_invariant_names_a_test_that_exists() {
    let page = std::fs::read_to_string(project("ARCHITECTURE.md")).unwrap();
    let named = regex::Regex::new(r"`((?:src|tests)/[a-z0-9_/]+\.rs)::([a-z0-9_]+)`").unwrap();
    let mut invariants = 0;
    for row in page.lines().filter(|l| l.starts_with("| ") && l.as_bytes()[2].is_ascii_digit()) {
        invariants += 1;
        let tests: Vec<_> = named.captures_iter(row).collect();
        assert!(!tests.is_empty(), "no test guards: {row}");
        for test in tests {
            let (file, name) = (&test[1], &test[2]);
            let text = std::fs::read_to_string(project(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
            assert!(text.contains(&format!("fn {name}(")), "{file} has no test `{name}`");
        }
    }
    assert_eq!(invariants, 16);
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
