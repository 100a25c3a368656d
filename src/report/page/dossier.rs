//! The dossier: one page for an acceptance test or an audit, that answers by itself what was judged, by what, when, who
//! answers for what is open, and what nobody knows.

mod begin;
mod coverage;
mod heat;
mod record;

use std::collections::BTreeMap;

use maud::{Markup, html};

use super::findings::findings;
use super::lists::table;
use super::{differences, shell};
use crate::finding::Verdict;
use crate::ledger::{Index, IndexPack};
use crate::policy::guides::Sentence;
use crate::report::Report;
use crate::report::documents::{Coverage, Granted, Inventory, ReceiptEntry, ReceiptList, ToldOf};
use crate::report::escape::line;
use crate::source::SourceMap;

/// All that a dossier tells.
pub struct Dossier<'a> {
    /// Of which state.
    pub of: ToldOf,
    /// What was found, with what differs on the devices, and the pages of the rules.
    pub report: Report,
    /// The texts that findings point at.
    pub sources: &'a SourceMap,
    /// The requirements of IEC 62443-4-2.
    pub coverage: Coverage,
    /// The guides' sentences.
    pub guides: Vec<GuideTold>,
    /// Waivers and attestations.
    pub granted: Granted,
    /// The devices.
    pub inventory: Inventory,
    /// What was done on them.
    pub receipts: Vec<ReceiptEntry>,
    /// The packs in force with the digests of their texts.
    pub packs: Vec<IndexPack>,
    /// The build of record, where there is one.
    pub build: Option<BuildOfRecord>,
}

/// A guide with its sentences.
#[derive(Debug, Clone)]
pub struct GuideTold {
    /// Its public title.
    pub title: &'static str,
    /// Who publishes it.
    pub by: &'static str,
    /// SHA-256 of its text.
    pub sha256: &'static str,
    /// What can be checked of it.
    pub sentences: Vec<SentenceTold>,
}

/// A sentence, with what its rules say of the devices.
#[derive(Debug, Clone)]
pub struct SentenceTold {
    /// The sentence.
    pub sentence: &'static Sentence,
    /// How many times its rules ended how, over all devices.
    pub verdicts: BTreeMap<Verdict, usize>,
}

/// The list of a build, and who signed it.
#[derive(Debug, Clone)]
pub struct BuildOfRecord {
    /// The folder, as it was named.
    pub folder: String,
    /// The list.
    pub index: Index,
    /// SHA-256 of the list.
    pub digest: String,
    /// Who signed it, by those who are trusted where this was made; absent where nobody vouches for it.
    pub signed: Option<String>,
}

/// The parts, in their order.
const PARTS: [(&str, &str); 11] = [
    ("summary", "Summary"),
    ("posture", "Posture"),
    ("coverage", "IEC 62443-4-2"),
    ("guides", "Hardening guides"),
    ("findings", "Findings"),
    ("waivers", "Waivers, attestations"),
    ("receipts", "Receipts"),
    ("inventory", "Inventory, firmware"),
    ("differences", "Differences"),
    ("digests", "Digests, signatures"),
    ("glossary", "Words"),
];

/// The page. The same dossier gives the same bytes.
pub fn dossier(told: &Dossier<'_>) -> String {
    let [waivers, attestations] = told.granted.listings();
    let receipts = ReceiptList { of: told.of.clone(), receipts: told.receipts.clone() };
    let part = |id: &str, body: Markup| {
        let name = PARTS.iter().find(|(other, _)| *other == id).map_or("", |(_, name)| name);
        html! { section id=(id) aria-labelledby=(format!("h-{id}")) { h2 id=(format!("h-{id}")) { (name) } (body) } }
    };
    let body = html! {
        (begin::cover(told))
        (begin::filters(told))
        (part("summary", begin::summary(told)))
        (part("posture", heat::posture(told)))
        (part("coverage", coverage::requirements(told)))
        (part("guides", coverage::guides(told)))
        (part("findings", findings(&told.report, told.sources, false)))
        (part("waivers", html! { h3 { "Waivers" } (table(&waivers)) h3 { "Attestations" } (table(&attestations)) }))
        (part("receipts", table(&receipts.listing())))
        (part("inventory", html! {
            h3 { "Devices" } (table(&told.inventory.listing()))
            h3 { "Firmware" } (table(&told.inventory.firmware()))
        }))
        (part("differences", differences::differences(&told.report)))
        (part("digests", record::digests(told)))
        (part("glossary", record::glossary()))
    };
    shell::read(&format!("Dossier of {}, as of {}", line(&told.of.site), line(&told.of.as_of)), &PARTS, &body)
}
