//! Receipts of a site: what people confirmed on its devices, laid over what was read from them before.
//!
//! A receipt that came home brings a text along, of lines as a filled sheet has them: what a person confirmed, and
//! other values that somebody typed. It is read by the same table as a sheet that was filled in, and counts as one.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::together::State;
use crate::dialect::Survey;
use crate::finding::{Finding, codes};
use crate::ledger::Receipt;
use crate::ledger::receipt::{Event, MAX_LEN, RowStatus};
use crate::model::facts::stamp;
use crate::native::{Form, Token};
use crate::platform;
use crate::site::files::{FileProblem, Root, lf};
use crate::site::{Site, SiteDevice};
use crate::source::{FileId, Loc, SourceMap, Span};

/// The folder, beneath the site's root.
pub const FOLDER: &str = "receipts";
/// How their files end.
pub const ENDING: &str = "receipt";

/// A receipt of the site.
pub struct SiteReceipt {
    /// What it says.
    pub receipt: Receipt,
    /// Its file.
    pub path: String,
    /// What was confirmed, as lines of a sheet; with their place among the sources.
    pub confirmed: Option<(FileId, Arc<str>)>,
}

/// By device, the oldest first.
pub type Receipts = BTreeMap<Arc<str>, Vec<SiteReceipt>>;

/// Whether the site has a receipt, byte for byte.
pub fn holds(receipts: &Receipts, receipt: &Receipt) -> bool {
    let of_device = receipts.get(&*receipt.begun().device).into_iter().flatten();
    of_device.into_iter().any(|known| known.receipt.bytes() == receipt.bytes())
}

/// Reads all. One that is none, or of a device that the site has not, is a finding.
pub(super) fn read(root: &Root, site: &Site, sources: &mut SourceMap, findings: &mut Vec<Finding>) -> Receipts {
    let mut found = Receipts::new();
    for path in root.list(FOLDER, ENDING).unwrap_or_default() {
        let receipt = match root.read_bytes(&path, MAX_LEN).map(|bytes| Receipt::read(&lf(bytes))) {
            Ok(Ok(receipt)) => receipt,
            Ok(Err(why)) => {
                let file = sources.add(path.as_str(), "");
                let message = format!("`{path}` is no receipt as it was written: {why}");
                findings.push(Finding::new(codes::site::RECEIPT, Loc::new(file, Default::default()), message));
                continue;
            }
            Err(problem) => {
                findings.push(problem.finding(Loc::NONE));
                continue;
            }
        };
        let device = &*receipt.begun().device;
        let Some(device) = site.device(device).filter(|_| *receipt.begun().site == *site.name) else { continue };
        let beside = format!("{}.sheet", path.trim_end_matches(".receipt"));
        let confirmed = match root.read_native(&beside) {
            Ok(text) => {
                let file = sources.add(beside.as_str(), Arc::clone(&text));
                let stranger = unsaid(&receipt, &text);
                findings.extend(stranger.as_ref().map(|line| {
                    let field = line.split('\t').nth(1).unwrap_or_default();
                    let message = format!("`{beside}` says of `{field}` what {path} does not confirm");
                    Finding::new(codes::site::RECEIPT, Loc::new(file, Default::default()), message)
                        .device(device.name.to_string())
                }));
                stranger.is_none().then_some((file, text))
            }
            Err(FileProblem::Missing { .. }) => None,
            Err(problem) => {
                findings.push(problem.finding(Loc::NONE));
                None
            }
        };
        let one = SiteReceipt { receipt, path, confirmed };
        findings.extend(emergency(site, &one, sources));
        found.entry(Arc::clone(&device.name)).or_default().push(one);
    }
    for receipts in found.values_mut() {
        receipts.sort_by(|a, b| a.receipt.times().1.cmp(b.receipt.times().1));
    }
    found
}

/// A line that no answer of the receipt is behind. What several rows say together stands in one line, which none of
/// them spells: of that the page has to be one that was confirmed.
fn unsaid<'t>(receipt: &Receipt, text: &'t str) -> Option<&'t str> {
    let standing = receipt.standing();
    let page = |name: &str| name.rsplit_once(" (").map_or(name.len(), |(menu, _)| menu.len());
    let is_said = |line: &&str| {
        let mut cells = line.splitn(3, '\t');
        let (menu, field, value) = (cells.next().unwrap_or_default(), cells.next(), cells.next().unwrap_or_default());
        let of_page = || standing.iter().filter(|row| row.menu == menu || row.menu[..page(&row.menu)] == *menu);
        let mut of_field = of_page().filter(|row| Some(&*row.field) == field).peekable();
        match of_field.peek() {
            None => of_page().any(|row| row.is_as_printed()),
            Some(_) => of_field.any(|row| match row.status {
                _ if row.is_as_printed() => {
                    row.value == value || is_secret(value, &row.value) || is_file(value, &row.value)
                }
                RowStatus::Other | RowStatus::Renamed => row.typed == value,
                _ => false,
            }),
        }
    };
    text.lines().find(|line| !line.is_empty() && !is_said(line))
}

/// A file of the site has another folder on the stick.
fn is_file(value: &str, printed: &str) -> bool {
    let name = |path: &str| path.rsplit_once('/').map(|(_, name)| name.to_owned());
    name(value).is_some_and(|value| Some(value) == name(printed))
}

fn is_secret(value: &str, named: &str) -> bool {
    matches!(Token::read(value), Some(Token::Secret { name, .. }) if name == named)
}

/// Lays what was confirmed over what was read, where it is not older.
pub(super) fn lay(
    site: &Site,
    receipts: &Receipts,
    sources: &mut SourceMap,
    findings: &mut Vec<Finding>,
    states: &mut BTreeMap<Arc<str>, State>,
) {
    for (name, of_device) in receipts {
        let Some(device) = site.device(name) else { continue };
        let on = platform::at(device);
        let since = taken(site, name);
        for one in of_device {
            let Some((file, text)) = &one.confirmed else { continue };
            let older = since.as_deref().is_some_and(|since| one.receipt.times().1 < since);
            if older || states.get(name).is_some_and(State::handed) {
                continue;
            }
            let Some(Survey { mut reading, veils, .. }) = on.survey(Form::Sheet, *file, text) else { continue };
            findings.extend(super::ready::clear_secrets(name, *file, &veils, sources));
            veils.iter().for_each(|veil| sources.mask(Loc::new(*file, veil.span)));
            stamp(&mut reading.facts.root, SiteDevice::BASE);
            // a row that is confirmed, and puts nothing there, took the entry away
            let confirmed = one.receipt.confirmed();
            let gone: Vec<&str> = confirmed.iter().map(|row| &*row.path).collect();
            let gone: Vec<&str> = gone.into_iter().filter(|path| reading.facts.group(path).is_none()).collect();
            match states.get_mut(name) {
                Some(state) => state.confirm(&on, *file, reading, &gone),
                None => drop(states.insert(Arc::clone(name), State::confirmed_alone(*file, reading))),
            }
        }
    }
}

/// What was done in an emergency, until the device was read again: then what differs is told as everywhere.
fn emergency(site: &Site, one: &SiteReceipt, sources: &mut SourceMap) -> Option<Finding> {
    let begun = one.receipt.begun();
    let (_, done) = one.receipt.times();
    if begun.emergency.is_empty() || taken(site, &begun.device).is_some_and(|taken| *done < *taken) {
        return None;
    }
    let what = one.receipt.lines().iter().find_map(|line| match &line.event {
        Event::Emergency(said) => Some(&*said.text),
        _ => None,
    });
    let text = String::from_utf8_lossy(one.receipt.bytes()).into_owned();
    let loc = Loc::new(sources.add(one.path.as_str(), text), Span::default());
    let message = format!("{}: {} stands in no description", begun.emergency, what.unwrap_or("what was done"));
    Some(Finding::new(codes::site::EMERGENCY, loc, message).device(begun.device.clone()))
}

/// When a device was read last, spelled as receipts spell times.
fn taken(site: &Site, device: &str) -> Option<String> {
    let taken = site.captures_of(device).iter().filter_map(|capture| capture.typed.taken);
    taken.map(|taken| taken.to_string().replacen(' ', "T", 1).trim_end_matches(" UTC").to_owned()).max()
}

/// The last receipt that was laid over what was read from a device.
pub(super) fn last<'a>(receipts: &'a Receipts, device: &str, state: &State) -> Option<&'a SiteReceipt> {
    receipts
        .get(device)?
        .iter()
        .rfind(|one| one.confirmed.as_ref().is_some_and(|(file, _)| state.confirmed().contains(file)))
}

impl SiteReceipt {
    /// `confirmed by ot-lead 2026-03-11T09:42:00Z, R-91c077ab`
    pub fn words(&self) -> String {
        let by = &self.receipt.begun().by;
        format!("confirmed by {by} {}, {}", self.receipt.times().1, self.receipt.number())
    }
}
