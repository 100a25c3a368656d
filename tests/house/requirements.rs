//! The rows of IEC 62443-4-2 are those of the list that lies beside the samples, and every rule supports one of them.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use fieldlock::policy::requirements::{Answered, requirement, requirements};

use crate::common::needs;
use crate::policies_readme::shipped;

/// Rows that a configuration could answer, and that no rule looks at yet.
const WITHOUT_A_RULE: &[&str] = &[];

#[test]
fn every_rule_supports_a_row_and_every_row_has_a_rule() {
    assert_eq!(requirements().len(), 58);
    let packs = shipped();
    let mut supported = BTreeSet::new();
    for rule in packs.rules() {
        for supports in &rule.supports {
            let row = requirement(&supports.requirement);
            let row = row.unwrap_or_else(|| panic!("{} supports `{}`, which is no row", rule.id, supports.requirement));
            supported.insert(row.id);
        }
    }
    let configured = requirements().iter().filter(|row| row.answered == Answered::Configuration);
    let without: Vec<&str> = configured.map(|row| row.id).filter(|id| !supported.contains(id)).collect();
    assert_eq!(without, WITHOUT_A_RULE);
    let others = requirements().iter().filter(|row| row.answered != Answered::Configuration);
    let with: Vec<&str> = others.map(|row| row.id).filter(|id| supported.contains(id)).collect();
    assert!(with.is_empty(), "a rule looks at what no configuration could answer: {with:?}");
}

#[test]
fn the_rows_are_those_of_the_list() {
    let text = std::env::var_os("FIELDLOCK_SAMPLES")
        .and_then(|samples| std::fs::read_to_string(Path::new(&samples).join("../facts/requirements.tsv")).ok());
    needs::may("FIELDLOCK_SAMPLES does not lead to the list of requirements beside it", text.is_some());
    let Some(text) = text else { return };
    let mut lines = text.lines();
    let head: Vec<&str> = lines.next().unwrap().split('\t').collect();
    let rows = lines.map(|line| head.iter().copied().zip(line.split('\t')).collect::<BTreeMap<_, _>>());
    let theirs: Vec<_> = rows.map(|row| (row["id"].to_owned(), row["sl_c"].parse().ok())).collect();
    let ours: Vec<_> = requirements().iter().map(|row| (row.id.to_owned(), row.level)).collect();
    assert_eq!(ours, theirs);
}
