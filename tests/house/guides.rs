//! The sentences of the guides and the rules agree: each sentence that can be checked has rules or says why not, each
//! rule that names a guide serves a sentence of the section it names, and each limit that a guide does not write is
//! called our own. The guides lie beside the samples and are no part of the package; what is said of their texts is
//! asked where they are.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::path::Path;

use fieldlock::model::value::Sha256;
use fieldlock::platform;
use fieldlock::policy::guides::{Document, Sentence, cited, documents, sentences};
use fieldlock::policy::{Packs, Rule};

use crate::common::expected::{BLESS, expect};
use crate::common::needs;
use crate::policies_readme::shipped;

/// Texts that were gone through line by line, by document.
const TEXTS: [(&str, &str); 2] = [
    ("nport-6000-g2-hardening-guide", "nport-6000-g2-hardening-guide.txt"),
    ("iec-62443-4-2-checklist", "iec-62443-4-2-checklist-mx-nos-mx-ros.txt"),
];

/// Of 122 sentences that an auditor counted, 110 were to be served; more are told apart here, and no smaller share.
const LEAST_SERVED: f64 = 110.0 / 122.0;

#[test]
fn every_sentence_is_served_or_says_why_not() {
    let packs = shipped();
    let mut unserved = Vec::new();
    for sentence in sentences() {
        let Sentence { document, line, words, rules, lacks, .. } = sentence;
        assert!(TEXTS.iter().any(|(id, _)| id == document), "{document}");
        assert!(!words.is_empty() && (!rules.is_empty() || lacks.is_some()), "{document} {line}");
        for id in rules {
            let rule = packs.rule(id).unwrap_or_else(|| panic!("{document} {line}: there is no rule `{id}`"));
            assert!(has_a_place(rule), "{id} asks for what no device of its has a place for");
        }
        if lacks.is_some() {
            unserved.push(sentence);
        }
    }
    let (all, lacking) = (sentences().len(), unserved.len());
    assert!(all >= 122 && (all - lacking) as f64 >= LEAST_SERVED * all as f64, "{lacking} of {all}: {unserved:#?}");
    let repeated: BTreeSet<_> = sentences().iter().map(|s| (s.document, s.line, s.words)).collect();
    assert_eq!(repeated.len(), all, "a sentence stands there twice");
}

/// People answer it, a device of one of its platforms has a place for something that it asks, or it is about which
/// model and firmware the device is.
fn has_a_place(rule: &Rule) -> bool {
    let asked = rule.paths();
    let on = |path: &String| rule.platforms.iter().map(|kind| platform::of(*kind)).any(|p| p.has_place(path));
    let what_it_is = asked.iter().any(|path| path.starts_with("platform."));
    rule.attest.is_some() || what_it_is || asked.iter().any(on) || asked.is_empty() && !rule.analyse.is_empty()
}

#[test]
fn a_rule_names_the_sections_that_it_serves() {
    let packs = shipped();
    let known: BTreeSet<&str> = documents().iter().map(|document| document.id).collect();
    let mut wrong = Vec::new();
    for rule in packs.rules() {
        for cited in cited(rule) {
            if !known.contains(&*cited.document) {
                wrong.push(format!("{}: no document is called `{}`", rule.id, cited.document));
            }
            if cited.sha256.is_some() && cited.lines.is_empty() {
                wrong.push(format!("{}: no sentence of {} is served by it", rule.id, cited.words()));
            }
        }
    }
    for sentence in sentences() {
        for rule in sentence.rules.iter().filter_map(|id| packs.rule(id)) {
            let told = cited(rule).iter().any(|c| c.document == sentence.document && c.lines.contains(&sentence.line));
            if !told {
                wrong.push(format!("{}: `{}` of {} is not named", rule.id, sentence.section, sentence.document));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_page_of_sentences_is_made_from_the_table() {
    expect("schema/sentences.md", &page(&shipped()));
}

fn page(packs: &Packs) -> String {
    let (all, lacking) = (sentences().len(), sentences().iter().filter(|s| s.lacks.is_some()).count());
    let none = sentences().iter().filter(|s| s.rules.is_empty()).count();
    let mut out = format!(
        "# The guides, sentence by sentence\n\nEach sentence, row and step of the two guides that can be checked, in our \
         words: the rules that ask for it, the settings that they look at, and where these stand on the device. What is \
         not served says why. Lines are those of the text whose digest stands above them.\n\n\
         {all} sentences: {} served fully, {} partly, {none} not at all.\n\n\
         Made from `sentences.tsv`, `documents.tsv` and the packs: `{BLESS}` writes it anew.\n",
        all - lacking,
        lacking - none
    );
    for Document { id, by, title, sha256 } in documents().iter().filter(|document| document.sha256.is_some()) {
        let sha256 = sha256.unwrap();
        write!(out, "\n## {title}\n\n{by}, `{id}`, SHA-256 `{sha256}`.\n\n").unwrap();
        out.push_str("| section | line | sentence | rules | settings | on the device |\n|---|---|---|---|---|---|\n");
        for sentence in sentences().iter().filter(|sentence| sentence.document == *id) {
            let rules: Vec<_> = sentence.rules.iter().filter_map(|rule| packs.rule(rule)).collect();
            let asked: BTreeSet<String> =
                rules.iter().flat_map(|rule| rule.asked()).map(|path| format!("`{path}`")).collect();
            let settings = match rules.iter().all(|rule| rule.attest.is_some()) && !rules.is_empty() {
                true => "people attest it".to_owned(),
                false => asked.into_iter().collect::<Vec<_>>().join(", "),
            };
            let menus: BTreeSet<&str> = rules.iter().flat_map(|rule| &rule.menus).map(|(_, menu)| &**menu).collect();
            let served = sentence.rules.join(", ");
            let lacks = sentence.lacks.map(|why| format!("not: {why}"));
            let served = [Some(served).filter(|served| !served.is_empty()), lacks].into_iter().flatten();
            let served = served.collect::<Vec<_>>().join("; ");
            let menus = menus.into_iter().collect::<Vec<_>>().join("; ");
            let Sentence { section, line, words, .. } = sentence;
            writeln!(out, "| {section} | {line} | {words} | {served} | {settings} | {menus} |").unwrap();
        }
    }
    out
}

/// Digest, lines and words: what is cited is there, and is not copied.
#[test]
fn sentences_are_those_of_the_texts() {
    let texts = texts();
    needs::may("FIELDLOCK_SAMPLES does not lead to the guides beside it", texts.is_some());
    let Some(texts) = texts else { return };
    for document in documents() {
        let Some(sha256) = document.sha256 else { continue };
        let text = &texts[document.id];
        assert_eq!(Sha256::of(text.as_bytes()).to_string(), sha256, "{}", document.id);
    }
    let words = |text: &str| -> Vec<String> {
        text.to_lowercase().split(|c: char| !c.is_alphanumeric()).filter(|w| !w.is_empty()).map(str::to_owned).collect()
    };
    for Sentence { document, line, words: ours, .. } in sentences() {
        let said = texts[document].lines().nth(*line as usize - 1).unwrap_or_default();
        assert!(!said.trim().is_empty(), "{document} has nothing in line {line}");
        let (said, ours) = (words(said), words(ours));
        let copied = ours.windows(8).find(|run| said.windows(8).any(|other| other == *run));
        assert_eq!(copied, None, "{document} {line}");
    }
}

/// A number of a condition stands in a line that its rule serves, or the rule says that it is our own.
#[test]
fn limits_that_no_guide_writes_are_called_our_own() {
    let texts = texts();
    needs::may("FIELDLOCK_SAMPLES does not lead to the guides beside it", texts.is_some());
    let Some(texts) = texts else { return };
    let mut wrong = Vec::new();
    for rule in shipped().rules().filter(|rule| cited(rule).iter().any(|c| c.sha256.is_some())) {
        let lines = cited(rule).into_iter().filter(|c| c.sha256.is_some()).flat_map(|c| {
            let text = &texts[&*c.document];
            c.lines.into_iter().map(|line| text.lines().nth(line as usize - 1).unwrap_or_default()).collect::<Vec<_>>()
        });
        let said = lines.collect::<Vec<_>>().join(" ").replace("three", "3").replace("five", "5");
        let said = numbers(&said.replace("annual", "365 "));
        let asked: BTreeSet<String> =
            rule.wording.lines().filter(|l| !l.trim().starts_with("point ")).flat_map(asked_numbers).collect();
        let missing: Vec<_> = asked.iter().filter(|n| !["0", "1"].contains(&&***n) && !said.contains(*n)).collect();
        if !missing.is_empty() && rule.ours.is_empty() {
            wrong.push(format!("{}: {missing:?}", rule.id));
        }
    }
    assert!(wrong.is_empty(), "no line that they serve says these, and no `ours`: {wrong:#?}");
}

/// Numbers of a condition: `10`, `1.2`, both of `1..256`; not those within words.
fn asked_numbers(text: &str) -> BTreeSet<String> {
    let words = text.split(|c: char| !(c.is_alphanumeric() || c == '.')).flat_map(|word| word.split(".."));
    words.filter(|word| is_number(word)).map(str::to_owned).collect()
}

/// Numbers of a text, those within words too: `SNMPv3`.
fn numbers(text: &str) -> BTreeSet<String> {
    let parts = text.split(|c: char| !(c.is_ascii_digit() || c == '.')).map(|part| part.trim_matches('.'));
    parts.filter(|part| is_number(part)).map(str::to_owned).collect()
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_ascii_digit() || c == '.')
}

fn texts() -> Option<BTreeMap<&'static str, String>> {
    let folder = Path::new(&std::env::var_os("FIELDLOCK_SAMPLES")?).join("../sources");
    TEXTS.iter().map(|(id, file)| Some((*id, std::fs::read_to_string(folder.join(file)).ok()?))).collect()
}
