//! Every code of a finding has a case that produces it, and beside it what is right and does not.
//!
//! What no folder can hold (a link, a clock, a build before) stands in `elsewhere.txt` with the test that shows it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use fieldlock::finding::{Class, codes};
use fieldlock::report::{self, View};

use super::{Case, sites, slips};
use crate::common;

/// Faults of fieldlock's own: what would give one of these is refused before, by a check or a rule.
const OUR_OWN: [&str; 5] = ["image.public", "image.refused", "image.secret", "platform.form", "site.internal"];

/// Codes whose cases are tests, and the tests: `code | tests/file.rs::test`.
fn elsewhere() -> BTreeMap<String, String> {
    let text = std::fs::read_to_string(common::project("tests/cases/elsewhere.txt")).unwrap();
    let row = |line: &str| line.split_once(" | ").map(|(code, test)| (code.to_owned(), test.to_owned()));
    text.lines().filter(|l| !l.starts_with("//")).map(|l| row(l).unwrap_or_else(|| panic!("{l}"))).collect()
}

fn cases() -> Vec<&'static Case> {
    slips::CASES.iter().chain(sites::CASES.iter()).collect()
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
    let (elsewhere, cases) = (elsewhere(), cases());
    let with = |code: &str| cases.iter().filter(|c| c.codes.contains(code)).collect::<Vec<_>>();
    let mut wrong = Vec::new();
    for code in codes::all().map(|code| code.id).filter(|code| !OUR_OWN.contains(code)) {
        let produced = with(code);
        let parted = produced.iter().any(|c| c.right.as_ref().is_some_and(|right| !right.contains(code)));
        match (produced.first(), elsewhere.get(code)) {
            (Some(_), Some(_)) => wrong.push(format!("`{code}` has a case: take it out of tests/cases/elsewhere.txt")),
            (Some(case), None) if !parted => {
                wrong.push(format!("`{code}`: say what is right in tests/cases/{}", case.name));
            }
            (None, None) => {
                wrong.push(format!("`{code}` has no case: put one into {}", place(code)));
            }
            _ => {}
        }
    }
    assert!(wrong.is_empty(), "{} codes:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn codes_are_of_their_family_and_say_what_they_mean() {
    let mut seen = BTreeSet::new();
    for code in codes::all() {
        let (family, name) = code.id.split_once('.').unwrap();
        assert!(seen.insert(code.id), "two codes are called `{}`", code.id);
        assert!(
            [family, name].iter().all(|part| part.chars().all(|c| c.is_ascii_lowercase() || "-0123456789".contains(c)))
        );
        let page = code.page();
        assert!(page.ends_with('.') && page.len() > 20 && !page.contains("  "), "{}: {page}", code.id);
        assert!(!code.help.is_empty() && !code.help.ends_with('.'), "{}: {}", code.id, code.help);
        let explained = report::explain_code(code, &View { width: 20_000, ..View::default() });
        assert!(explained.starts_with(code.id) && explained.contains(code.class.meaning()), "{explained}");
    }
}

/// `schema/codes.md`: what `explain` says of each, in one page.
#[test]
fn the_page_of_codes_is_what_explain_says() {
    let mut page = String::from(
        "# Codes\n\nWhat `check`, `build`, `diff` and `verify` tell beside the rules of packs. `fieldlock explain CODE` prints one of \
         them.\nThis page is generated from `src/finding/codes`.\n\n| class | what it means |\n|---|---|\n",
    );
    for class in [Class::Input, Class::Rule, Class::Refusal, Class::Note, Class::Proof] {
        writeln!(page, "| {} | {} |", class.word(), class.meaning()).unwrap();
    }
    let mut family = "";
    for code in codes::all() {
        let own = code.id.split_once('.').unwrap().0;
        if own != family {
            writeln!(page, "\n## `{own}`").unwrap();
            family = own;
        }
        let (class, severity) = (code.class.word(), code.severity.word());
        writeln!(page, "\n**`{}`** ({class}, {severity}). {}\n  To do: {}.", code.id, code.page(), code.help).unwrap();
    }
    common::expected::expect("schema/codes.md", &page);
}

#[test]
fn what_stands_elsewhere_is_shown_there() {
    assert!(OUR_OWN.iter().all(|code| codes::find(code).is_some()), "{OUR_OWN:?}");
    for (code, test) in elsewhere() {
        assert!(codes::find(&code).is_some(), "no code `{code}`");
        let (file, name) = test.split_once("::").unwrap_or_else(|| panic!("{test}"));
        let text = std::fs::read_to_string(common::project(file)).unwrap_or_else(|e| panic!("{file}: {e}"));
        let begin = text.find(&format!("fn {name}(")).unwrap_or_else(|| panic!("{file} has no `{name}`"));
        let body = text[begin..].split("\n#[test]").next().unwrap_or("");
        assert!(body.contains(&code), "`{name}` does not speak of `{code}`");
    }
}
