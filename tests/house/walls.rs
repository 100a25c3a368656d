//! The walls between the modules: who uses whom, and what is named in one place only.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use crate::common::project;
use fieldlock::model::shape::Shape;

/// Every file of the library and the program but tests, without its inner tests: its path beneath `src/`, and its text.
fn sources() -> Vec<(String, String)> {
    let root = project("src");
    let (mut folders, mut found) = (vec![root.clone()], Vec::new());
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(&root).unwrap().to_str().unwrap().replace('\\', "/");
            if path.is_dir() {
                folders.push(path);
            } else if name.ends_with(".rs") && !name.contains("tests") {
                let text = std::fs::read_to_string(&path).unwrap();
                let inner = ["\n#[cfg(test)]\nmod ", "\n#[cfg(all(test, unix))]\nmod "];
                let own = inner.into_iter().fold(&*text, |text, tests| text.split(tests).next().unwrap());
                found.push((name, own.to_owned()));
            }
        }
    }
    assert!(found.len() > 200);
    found.sort();
    found
}

/// The module of the library that a file belongs to.
fn module(file: &str) -> &str {
    file.split('/').next().unwrap().trim_end_matches(".rs")
}

#[test]
fn no_module_uses_one_below_it() {
    let library = std::fs::read_to_string(project("src/lib.rs")).unwrap();
    let order: Vec<&str> = library.lines().filter_map(|l| l.strip_prefix("pub mod ")?.strip_suffix(';')).collect();
    let floor = |module: &str| order.iter().position(|m| *m == module);
    let used = regex::Regex::new(r"\bcrate::([a-z_]+)").unwrap();
    let mut wrong = BTreeSet::new();
    for (file, text) in sources() {
        let Some(own) = floor(module(&file)) else { continue };
        let code = text.lines().filter(|line| !line.trim_start().starts_with("//"));
        for name in code.flat_map(|line| used.captures_iter(line)).map(|c| c.get(1).unwrap().as_str()) {
            // what the build embeds is data for all
            if floor(name).is_some_and(|floor| floor > own) && name != "embedded" {
                wrong.insert(format!("src/{file} uses `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "the order is that of src/lib.rs:\n{}", Vec::from_iter(wrong).join("\n"));
}

#[test]
fn paths_of_settings_are_constants() {
    let literal = regex::Regex::new(r#""([a-z-]+(?:\.[a-z-]+)+)(?:\[[^"]*)?""#).unwrap();
    let mut wrong = BTreeSet::new();
    for (file, text) in sources().into_iter().filter(|(file, _)| !file.starts_with("model/")) {
        // a code of a finding may be spelled as a setting is
        let other = |line: &str| line.trim_start().starts_with("//") || line.contains("Finding::");
        for (number, line) in text.lines().enumerate().filter(|(_, line)| !other(line)) {
            for path in literal.captures_iter(line).map(|c| c.get(1).unwrap().as_str()) {
                if Shape::device().fields(path).is_some() {
                    wrong.insert(format!("src/{file}:{}: {path}", number + 1));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "name them in src/model/paths.rs:\n{}", Vec::from_iter(wrong).join("\n"));
}

/// Rules are data: what a pattern can't say is an analysis, and there are few of them, each of one idea. 62 serve the
/// catalogue, the others what relates the parts of a network.
/// What a person names is written by what looks for links out of a site, what lies beside a stick by handles.
#[test]
fn files_are_written_by_what_follows_no_link() {
    let names = regex::Regex::new(r"\b(?:write_file|fs::write|File::create|fs::copy|fs::rename)\b").unwrap();
    let of_verbs = |file: &str| file.starts_with("cli/") && file != "cli/output.rs";
    let wrong: Vec<String> =
        sources().into_iter().filter(|(f, t)| of_verbs(f) && names.is_match(t)).map(|s| s.0).collect();
    assert!(wrong.is_empty(), "`write_whole`, `write_new` and `Within` write files: {wrong:?}");
}

#[test]
fn analyses_are_few_and_short() {
    let folder = project("src/policy/analyses");
    let (mut all, mut long) = (0, Vec::new());
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        let text = std::fs::read_to_string(entry.path()).unwrap();
        let code = text.split("#[cfg(test)]").next().unwrap_or_default();
        let here = code.matches(": Analysis = Analysis {").count();
        all += here;
        if here > 0 && code.lines().count() / here >= 150 {
            long.push(entry.path());
        }
    }
    assert!((50..=78).contains(&all), "{all} analyses");
    assert!(long.is_empty(), "{long:?}");
    let rules = fieldlock::embedded::POLICIES.iter().filter(|(path, _)| !path.ends_with("/pack.kdl"));
    let (mut patterns, mut analysed, mut attested) = (0, 0, 0);
    for (_, text) in rules {
        match text {
            text if text.contains("\n    analyse ") => analysed += 1,
            text if text.contains("\n    attest ") => attested += 1,
            _ => patterns += 1,
        }
    }
    println!("{patterns} rules are patterns, {analysed} ask {all} analyses, {attested} ask people");
    assert!(patterns > analysed, "{patterns} patterns, {analysed} analyses");
}
