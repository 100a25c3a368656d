//! Rule packs for people: a table of all rules, a page in Markdown, and what their samples and mutants say.

use std::fmt::Write as _;

use super::documents::{Pinned, PolicyList, PolicyTested};
use super::escape;
use super::layout::{count, table};
use super::paint::{Ink, View};
use super::{FindingDiagnostic, draw};
use crate::finding::Finding;
use crate::policy::Moment;
use crate::site::LOCK;
use crate::source::SourceMap;

/// All rules by pack, and what became of those that are no more.
pub fn policy_list(list: &PolicyList, view: &View) -> String {
    let mut text = String::new();
    for pack in &list.packs {
        let own = if pack.shipped { "" } else { "   the site's own" };
        let head = format!(
            "{} {}   {}   {}{own}",
            pack.name,
            pack.version,
            pack.title,
            count(pack.rules.len(), "rule", "rules")
        );
        writeln!(text, "{}", view.ink(Ink::Strong, &escape::line(&head))).unwrap_or_default();
        let rows = pack.rules.iter().map(|rule| {
            let moments = words(&rule.moments);
            [rule.id.clone(), rule.severity.word().to_owned(), moments, rule.checked_by.join(", "), rule.title.clone()]
                .map(|cell| escape::line(&cell))
                .to_vec()
        });
        text.push_str(&table(&rows.collect::<Vec<_>>(), 2));
        let rows = pack.gone.iter().map(|gone| {
            [gone.id.clone(), words(&gone.moments), gone.became.clone()].map(|cell| escape::line(&cell)).to_vec()
        });
        text.push_str(&table(&rows.collect::<Vec<_>>(), 2));
        text.push('\n');
    }
    text
}

/// What a site agreed to: a line for each pack, and where the pins stand.
pub fn pinned(told: &Pinned) -> String {
    let rows = told.packs.iter().map(|pinned| {
        let was = match (&pinned.before, pinned.same) {
            (_, true) => "as before".to_owned(),
            (None, false) => "new".to_owned(),
            (Some(before), false) if *before == pinned.pack.version => "other texts than before".to_owned(),
            (Some(before), false) => format!("was {before}"),
        };
        let whose = if pinned.pack.shipped { "shipped" } else { "the site's own" };
        [&pinned.pack.name, &pinned.pack.version, whose, &was].map(escape::line).to_vec()
    });
    let gone = told.gone.iter().map(|name| vec![escape::line(name), String::new(), String::new(), "gone".to_owned()]);
    format!("{}pinned in {LOCK}\n", table(&rows.chain(gone).collect::<Vec<_>>(), 0))
}

/// The packs as a page in Markdown, `before` behind its heading.
pub fn policy_page(list: &PolicyList, before: &str) -> String {
    let mut text = format!("# Rule packs\n\n{before}");
    for pack in &list.packs {
        let (name, version, title, count) = (&pack.name, &pack.version, &pack.title, pack.rules.len());
        write!(text, "\n## {name} {version}\n\n{title}. {count} rules.\n\n").unwrap_or_default();
        text.push_str("| rule | severity | moment | title | platforms | supports |\n|---|---|---|---|---|---|\n");
        for rule in &pack.rules {
            let cells = [
                format!("[{0}]({name}/{0}.kdl)", rule.id),
                rule.severity.word().to_owned(),
                words(&rule.moments),
                rule.title.clone(),
                rule.platforms.join(", "),
                rule.supports.join(", "),
            ];
            writeln!(text, "| {} |", cells.map(|cell| cell.replace('|', "\\|")).join(" | ")).unwrap_or_default();
        }
        if !pack.gone.is_empty() {
            text.push_str("\nRows of the catalogue without a rule of their own:\n\n| row | moment | what became of it |\n|---|---|---|\n");
        }
        for gone in &pack.gone {
            let cells = [gone.id.clone(), words(&gone.moments), gone.became.replace('|', "\\|")];
            writeln!(text, "| {} |", cells.join(" | ")).unwrap_or_default();
        }
    }
    text
}

fn words(moments: &[Moment]) -> String {
    moments.iter().map(|moment| moment.word()).collect::<Vec<_>>().join(", ")
}

/// What is wrong, rules that nothing makes fail, and how much was tried.
pub fn policy_tested(tested: &PolicyTested, wrong: &[Finding], sources: &SourceMap, view: &View) -> String {
    let mut text = String::new();
    for finding in wrong {
        text.push_str(&draw(&FindingDiagnostic::of(finding, sources, view.width), view));
        text.push('\n');
    }
    for rule in tested.blind() {
        let told =
            format!("{} ({}): nothing was found that makes it fail, of {} mutants", rule.id, rule.pack, rule.mutants);
        writeln!(text, "{}", escape::line(&told)).unwrap_or_default();
    }
    let sum = |of: fn(&super::documents::TestedRule) -> usize| tested.rules.iter().map(of).sum::<usize>();
    let (samples, mutants, failed) = (sum(|r| r.samples), sum(|r| r.mutants), sum(|r| r.failed));
    let (wrong, blind) = (wrong.len(), tested.blind().count());
    let (rules, samples) = (count(tested.rules.len(), "rule", "rules"), count(samples, "sample", "samples"));
    let mutants = count(mutants, "mutant", "mutants");
    writeln!(text, "{rules}   {samples}   {mutants}, {failed} of which fail their rule").unwrap_or_default();
    writeln!(text, "{wrong} wrong   {blind} that nothing makes fail").unwrap_or_default();
    text
}
