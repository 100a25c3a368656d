//! All that a dossier tells, gathered at one time from one state of a site.

use std::collections::BTreeMap;

use super::granted::granted;
use super::inventory::inventory;
use super::{ReadySite, Selection, compare, coverage, gather, rule_pages};
use crate::finding::Verdict;
use crate::policy::guides::{documents, sentences};
use crate::report::documents::{ReceiptEntry, ToldOf};
use crate::report::page::{BuildOfRecord, Dossier, GuideTold, SentenceTold};
use crate::secret::Secrets;

/// Gathers it. Receipts and the build come from outside: who signed them, trust says, which is no part of a site.
pub fn dossier<'a>(
    ready: &'a ReadySite,
    secrets: &Secrets,
    selection: &Selection<'_>,
    of: ToldOf,
    receipts: Vec<ReceiptEntry>,
    build: Option<BuildOfRecord>,
) -> Dossier<'a> {
    let judgement = ready.judge_for(secrets, selection);
    let mut report = gather::checked(ready, &judgement, selection);
    compare::differences(ready, &judgement, secrets, selection, &mut report);
    let mut verdicts: BTreeMap<&str, BTreeMap<Verdict, usize>> = BTreeMap::new();
    let chosen = judgement.evaluations.iter().filter(|e| (selection.devices)(e.judged.device));
    for outcome in chosen.flat_map(|evaluation| &evaluation.outcomes) {
        *verdicts.entry(&outcome.rule).or_default().entry(outcome.verdict).or_default() += 1;
    }
    let guides = documents().iter().filter(|document| document.sha256.is_some()).map(|document| GuideTold {
        title: document.title,
        by: document.by,
        sha256: document.sha256.unwrap_or_default(),
        sentences: sentences()
            .iter()
            .filter(|sentence| sentence.document == document.id)
            .map(|sentence| SentenceTold {
                sentence,
                verdicts: sum(sentence.rules.iter().filter_map(|rule| verdicts.get(*rule))),
            })
            .collect(),
    });
    report.rules = rule_pages(ready);
    Dossier {
        guides: guides.collect(),
        coverage: coverage::coverage(ready, &judgement, selection.now, of.commit.clone(), selection.devices),
        granted: granted(ready, &judgement, of.clone(), selection.now, (None, None)),
        inventory: inventory(ready, of.clone(), selection.devices),
        packs: ready.index_packs().to_vec(),
        sources: &ready.sources,
        report,
        receipts,
        build,
        of,
    }
}

fn sum<'v>(all: impl Iterator<Item = &'v BTreeMap<Verdict, usize>>) -> BTreeMap<Verdict, usize> {
    let mut sum = BTreeMap::new();
    all.flatten().for_each(|(verdict, n)| *sum.entry(*verdict).or_default() += n);
    sum
}
