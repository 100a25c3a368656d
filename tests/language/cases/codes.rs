//! Every code of a finding has a case that produces it, and beside it what is right and does not.
//!
//! What no folder can hold (a link, a clock, a build before) stands in `elsewhere.txt` with the test that shows it.

use std::collections::{BTreeMap, BTreeSet};

use fieldlock::model::shape::Shape;

use super::{Case, sites, slips};
use crate::common;

/// What codes begin with.
const FAMILIES: &str = "syntax|shape|site|pack|dialect|waiver|platform|image";

/// Endings of files: `site.kdl` is no code.
const ENDINGS: [&str; 7] = ["kdl", "ini", "cli", "sheet", "json", "txt", "flk"];

/// Faults of fieldlock's own: what would give one of these is refused before, by a check or a rule.
const OUR_OWN: [&str; 6] =
    ["image.public", "image.refused", "image.secret", "platform.form", "platform.no-table", "site.internal"];

/// Every code that the sources name, with the first file that does.
fn named() -> BTreeMap<String, String> {
    let literal = regex::Regex::new(&format!(r#""((?:{FAMILIES})\.([a-z][a-z0-9-]*))""#)).unwrap();
    let finding = regex::Regex::new(r#"(?:Finding::error|\breport|\btell|\bproblem)\(\s*"([a-z.0-9-]+)""#).unwrap();
    let mut named = BTreeMap::new();
    for (file, text) in sources() {
        for found in
            literal.captures_iter(&text).filter(|found| !ENDINGS.contains(&&found[2]) && !is_setting(&found[1]))
        {
            named.entry(found[1].to_owned()).or_insert_with(|| file.clone());
        }
        for found in finding.captures_iter(&text).filter(|found| found[1].contains('.')) {
            named.entry(found[1].to_owned()).or_insert_with(|| file.clone());
        }
    }
    named
}

/// The sources without their tests.
fn sources() -> Vec<(String, String)> {
    let is_test = |name: &str| !name.ends_with(".rs") || name.ends_with("tests.rs") || name.contains("tests/");
    let files = common::files(&common::project("src")).into_iter().filter(|(name, _)| !is_test(name));
    let text = |(name, bytes): (String, Vec<u8>)| {
        let text = String::from_utf8(bytes).unwrap();
        let end = text.find("#[cfg(test)]\nmod tests {").unwrap_or(text.len());
        (name, text[..end].to_owned())
    };
    files.map(text).collect()
}

/// Whether a text names a setting of a device: `platform.model`.
fn is_setting(text: &str) -> bool {
    fieldlock::model::facts::Path::parse(Shape::device(), text).is_ok()
}

/// Codes whose cases are tests, and the tests: `code | tests/file.rs::test`.
fn elsewhere() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(common::project("tests/cases/elsewhere.txt")).unwrap();
    let row = |line: &str| line.split_once(" | ").map(|(code, test)| (code.to_owned(), test.to_owned()));
    text.lines().filter(|l| !l.starts_with("//")).map(|l| row(l).unwrap_or_else(|| panic!("{l}"))).collect()
}

fn cases() -> Vec<Case> {
    let mut cases = slips::cases();
    cases.extend(sites::cases());
    cases
}

/// Where a case for a code belongs.
fn place(code: &str) -> &'static str {
    match code.split('.').next().unwrap_or("") {
        "syntax" => "tests/cases/syntax",
        "shape" => "tests/cases/shape",
        "pack" => "tests/cases/policy",
        "dialect" => "tests/cases/dialect",
        "site" => "tests/cases/site or tests/cases/check",
        "image" => "tests/cases/build",
        _ => "tests/cases/check or tests/cases/build",
    }
}

#[test]
fn every_code_has_a_case_and_beside_it_what_is_right() {
    let (named, elsewhere, cases) = (named(), elsewhere(), cases());
    assert!(named.len() > 170, "only {} codes: are the sources read?", named.len());
    let with = |code: &str| cases.iter().filter(|c| c.codes.contains(code)).collect::<Vec<_>>();
    let mut wrong = Vec::new();
    for (code, file) in named.iter().filter(|(code, _)| !OUR_OWN.contains(&code.as_str())) {
        let produced = with(code);
        let parted = produced.iter().any(|c| c.right.as_ref().is_some_and(|right| !right.contains(code)));
        match (produced.first(), elsewhere.get(code)) {
            (Some(_), Some(_)) => wrong.push(format!("`{code}` has a case: take it out of tests/cases/elsewhere.txt")),
            (Some(case), None) if !parted => {
                wrong.push(format!("`{code}`: say what is right in tests/cases/{}", case.name));
            }
            (None, None) => {
                wrong.push(format!("`{code}` of src/{file} has no case: put one into {}", place(code)));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} codes:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn no_case_gives_a_code_that_the_sources_do_not_name() {
    let named = named();
    let of_rules = regex::Regex::new("^[A-Z0-9]+-[A-Z0-9-]+$").unwrap();
    let given: BTreeSet<String> = cases().into_iter().flat_map(|c| c.codes).collect();
    let strange: Vec<_> = given.iter().filter(|c| !named.contains_key(*c) && !of_rules.is_match(c)).collect();
    assert!(strange.is_empty(), "not found in the sources, so never asked for: {strange:?}");
}

#[test]
fn what_stands_elsewhere_is_shown_there() {
    let named = named();
    assert!(OUR_OWN.iter().all(|code| named.contains_key(*code)), "{OUR_OWN:?}");
    for (code, test) in elsewhere() {
        assert!(named.contains_key(&code), "no code `{code}`");
        let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("{test}"));
        let text = std::fs::read_to_string(common::project(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let begin = text.find(&format!("fn {name}(")).unwrap_or_else(|| panic!("{file} has no `{name}`"));
        let body = text[begin..].split("\n#[test]").next().unwrap_or("");
        assert!(body.contains(&code), "`{name}` does not speak of `{code}`");
    }
}
