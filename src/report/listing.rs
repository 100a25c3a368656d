//! Lists that people, spreadsheets and pages read: the same cells in each.

use std::fmt::Write as _;

use super::documents::{Coverage, Granted, History, Inventory, InventoryDevice, ReceiptList, ToldOf, moment};
use super::escape::line;
use super::formats::cells;
use super::layout::{clip, count, table};
use super::paint::{Ink, View};
use crate::ledger::receipt::Outcome;

/// Columns of a cell on a screen where not all is asked for; every other form has all of it.
const CELL: usize = 32;

/// A list.
#[derive(Debug, Clone, PartialEq)]
pub struct Listing {
    /// What is listed, in a word or two.
    pub title: &'static str,
    /// Names of the columns.
    pub columns: &'static [&'static str],
    /// The rows, each as long as the head.
    pub rows: Vec<Vec<String>>,
    /// What they come to, in a sentence.
    pub closing: String,
}

/// The lists of a report on a screen, below the state that they speak of.
pub fn listings(of: &ToldOf, lists: &[Listing], view: &View) -> String {
    let commit = of.commit.as_ref().map(|commit| format!("   {}", commit.words())).unwrap_or_default();
    let mut out = format!("{}{commit}   as of {}\n", view.ink(Ink::Strong, &line(&of.site)), line(&of.as_of));
    for list in lists {
        let cell = |text: &String| match (&*line(text), view.all) {
            ("", _) => "-".to_owned(),
            (text, true) => text.to_owned(),
            (text, false) => clip(text, CELL),
        };
        let head = list.columns.iter().map(|name| (*name).to_owned()).collect();
        let rows = list.rows.iter().map(|row| row.iter().map(cell).collect());
        writeln!(out, "\n{}", view.ink(Ink::Strong, list.title)).unwrap_or_default();
        if !list.rows.is_empty() {
            out.push_str(&table(&std::iter::once(head).chain(rows).collect::<Vec<_>>(), 1));
        }
        writeln!(out, " {}", line(&list.closing)).unwrap_or_default();
    }
    out
}

/// The same for spreadsheets. Several lists stand one below the other, a row without words between them.
pub fn listings_csv(lists: &[Listing]) -> String {
    let one = |list: &Listing| cells(list.columns, list.rows.iter().map(|row| row.iter().map(String::as_str)));
    lists.iter().map(one).collect::<Vec<_>>().join("\n")
}

impl Inventory {
    /// The devices, as an asset register has them.
    pub fn listing(&self) -> Listing {
        let row = |d: &InventoryDevice| {
            let read = d.read.as_ref().map(|read| format!("{} by {} ({})", read.at, read.by, read.how));
            let text = |text: &Option<String>| text.clone().unwrap_or_default();
            vec![
                d.device.clone(),
                d.model.clone().unwrap_or_else(|| d.platform.clone()),
                text(&d.zone),
                text(&d.asset),
                text(&d.serial),
                text(&d.mac),
                d.addresses.join(" "),
                text(&d.firmware),
                text(&d.location),
                text(&d.owner),
                read.unwrap_or_else(|| "never".to_owned()),
                text(&d.receipt),
            ]
        };
        let never = self.devices.iter().filter(|device| device.read.is_none()).count();
        Listing {
            title: "Inventory",
            columns: &[
                "device",
                "model",
                "zone",
                "asset",
                "serial",
                "mac",
                "addresses",
                "firmware",
                "location",
                "owner",
                "last read",
                "last receipt",
            ],
            rows: self.devices.iter().map(row).collect(),
            closing: format!("{}, {never} of them never read", count(self.devices.len(), "device", "devices")),
        }
    }

    /// The same devices with their firmware and its holes.
    pub fn firmware(&self) -> Listing {
        let row = |d: &InventoryDevice| {
            let hole = |hole: &super::documents::HoleInFirmware| {
                let may = if hole.certain { "" } else { "perhaps " };
                format!("{may}{} ({})", hole.advisory, hole.cves.join(", "))
            };
            let approved = match d.approved {
                Some(true) => "yes",
                Some(false) => "no",
                None => "",
            };
            vec![
                d.device.clone(),
                d.model.clone().unwrap_or_else(|| d.platform.clone()),
                d.firmware.clone().unwrap_or_default(),
                d.seen_firmware.join(" "),
                approved.to_owned(),
                d.holes.iter().map(hole).collect::<Vec<_>>().join("; "),
                d.mended_by.clone().unwrap_or_default(),
            ]
        };
        let with = self.devices.iter().filter(|device| !device.holes.is_empty()).count();
        Listing {
            title: "Firmware",
            columns: &["device", "model", "described", "read", "approved", "known holes", "take"],
            rows: self.devices.iter().map(row).collect(),
            closing: format!(
                "{}, {with} with firmware that has or may have a known hole; {}",
                count(self.devices.len(), "device", "devices"),
                self.known_holes.words()
            ),
        }
    }
}

impl Granted {
    /// Waivers, then attestations.
    pub fn listings(&self) -> [Listing; 2] {
        let waivers = self.waivers.iter().map(|w| {
            let devices = w.devices.to_string();
            let said = &w.said;
            let own = [&said.id, &w.rules.join(" "), &w.place, &said.from, &said.until, w.standing.words(), &devices]
                .map(str::to_owned);
            let said =
                [&said.ticket, &said.owner, &said.approver, &said.reason, &said.risk, &said.instead].map(String::clone);
            own.into_iter().chain(said).collect()
        });
        let attestations = self.attestations.iter().map(|a| {
            let devices = a.devices.to_string();
            [
                &*a.id,
                &a.rules.join(" "),
                &a.place,
                &a.at,
                a.until.as_deref().unwrap_or_default(),
                a.standing.words(),
                &devices,
                &a.by,
                &a.evidence.join("; "),
                a.note.as_deref().unwrap_or_default(),
            ]
            .map(str::to_owned)
            .to_vec()
        });
        let between = match (&self.from, &self.until) {
            (None, None) => String::new(),
            (from, until) => {
                let end = |end: &Option<String>| end.clone().unwrap_or_else(|| "any time".to_owned());
                format!(" that hold at some time from {} to {}", end(from), end(until))
            }
        };
        let (w, a) = (self.waivers.len(), self.attestations.len());
        [
            Listing {
                title: "Waivers",
                columns: &[
                    "waiver", "rules", "where", "from", "until", "standing", "devices", "ticket", "owner", "approver",
                    "reason", "risk", "instead",
                ],
                rows: waivers.collect(),
                closing: format!("{}{between}; who approved is a statement in a file", count(w, "waiver", "waivers")),
            },
            Listing {
                title: "Attestations",
                columns: &[
                    "attestation",
                    "rules",
                    "of",
                    "done",
                    "until",
                    "standing",
                    "devices",
                    "by",
                    "evidence",
                    "note",
                ],
                rows: attestations.collect(),
                closing: format!("{}{between}", count(a, "attestation", "attestations")),
            },
        ]
    }
}

/// How work ended, as people read it.
pub(super) fn outcome(outcome: Option<Outcome>) -> &'static str {
    match outcome {
        Some(Outcome::Done) => "done",
        Some(Outcome::Deviates) => "with deviations",
        Some(Outcome::Stopped) => "STOPPED between two states",
        Some(Outcome::Undone) => "taken back",
        None => "not ended",
    }
}

impl ReceiptList {
    /// Who did what, the oldest first.
    pub fn listing(&self) -> Listing {
        let rows = self.receipts.iter().map(|r| {
            let image = r.image.get(..12).unwrap_or(&r.image);
            let image = if r.revision == 0 { String::new() } else { format!("revision {} {image}", r.revision) };
            let rows = format!("{} confirmed, {} left", r.confirmed, r.left);
            let emergency = r.emergency.as_ref().map(|ticket| format!("EMERGENCY {ticket}")).unwrap_or_default();
            [
                &*r.number,
                &r.device,
                &moment(&r.begun),
                &moment(&r.ended),
                &r.by,
                &r.approved.join(" "),
                outcome(r.outcome),
                &rows,
                &image,
                r.serial.as_deref().unwrap_or_default(),
                r.signed_by.as_deref().unwrap_or(if r.signed { "nobody who is trusted here" } else { "nobody" }),
                &emergency,
            ]
            .map(str::to_owned)
            .to_vec()
        });
        let trusted = self.receipts.iter().filter(|receipt| receipt.signed_by.is_some()).count();
        let signed = self.receipts.iter().filter(|receipt| receipt.signed).count();
        let whose = match signed {
            0 => String::new(),
            _ => format!(", {trusted} of them by somebody who is trusted here"),
        };
        Listing {
            title: "Receipts",
            columns: &[
                "receipt",
                "device",
                "begun",
                "ended",
                "by",
                "approved by",
                "outcome",
                "rows",
                "image",
                "serial",
                "signed by",
                "ticket",
            ],
            rows: rows.collect(),
            closing: format!("{}, {signed} signed{whose}", count(self.receipts.len(), "receipt", "receipts")),
        }
    }
}

impl History {
    /// The points, then what is open.
    pub fn listings(&self) -> [Listing; 2] {
        let points = self.points.iter().map(|point| {
            let o = &point.open;
            let mut row = vec![point.at.clone(), point.commit.get(..7).unwrap_or(&point.commit).to_owned()];
            row.push(point.devices.map_or("not judged".to_owned(), |devices| devices.to_string()));
            let counts = [o.critical, o.high, o.medium, o.low, o.info, point.waived, point.opened, point.closed];
            row.extend(counts.map(|n| n.to_string()));
            row
        });
        let open = self.open.iter().map(|one| {
            let setting = one.setting.as_deref().unwrap_or_default();
            [&*one.since, one.severity.word(), &one.rule, &one.device, setting].map(str::to_owned).to_vec()
        });
        let mended = match (self.mended.median_days, self.mended.longest_days) {
            (Some(median), Some(longest)) => {
                format!(
                    "{} mended, half of them within {median} days, the longest took {longest}",
                    self.mended.findings
                )
            }
            _ => "nothing was mended in this time".to_owned(),
        };
        [
            Listing {
                title: "History",
                columns: &[
                    "committed",
                    "commit",
                    "devices",
                    "critical",
                    "high",
                    "medium",
                    "low",
                    "info",
                    "waived",
                    "opened",
                    "closed",
                ],
                rows: points.collect(),
                closing: mended,
            },
            Listing {
                title: "Open",
                columns: &["since", "severity", "rule", "device", "setting"],
                rows: open.collect(),
                closing: format!("{} open at the last of these commits", count(self.open.len(), "finding", "findings")),
            },
        ]
    }
}

impl Coverage {
    /// A row for each requirement, device and rule, as far as the requirement can be answered at all.
    pub fn listing(&self) -> Listing {
        let mut rows = Vec::new();
        for requirement in &self.requirements {
            for device in &requirement.devices {
                let head = [&*requirement.id, &requirement.title, &device.device, device.state.words()];
                let head = head.map(str::to_owned).to_vec();
                if device.rules.is_empty() {
                    rows.push([head.clone(), vec![String::new(); 6]].concat());
                }
                for rule in &device.rules {
                    let cells = [
                        &*rule.rule,
                        rule.verdict.words(),
                        rule.evidence.words(),
                        rule.seen.as_deref().unwrap_or_default(),
                        rule.by.as_deref().unwrap_or_default(),
                        &rule.waivers.join(" "),
                    ];
                    rows.push([head.clone(), cells.map(str::to_owned).to_vec()].concat());
                }
            }
        }
        Listing {
            title: "Coverage of IEC 62443-4-2",
            columns: &[
                "requirement",
                "title",
                "device",
                "state",
                "rule",
                "verdict",
                "rests on",
                "seen",
                "by",
                "waivers",
            ],
            rows,
            closing: "a rule supports a requirement; no rule proves that a product meets it".to_owned(),
        }
    }
}
