//! Taking back by hand what was done by hand. It is no list that is gone backwards: what stands on the device by the
//! journal is planned to what was read before, with the same guard and the same pages as the way there.

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::sync::Arc;

use super::rows::{CLOSES, Maker, lockout};
use super::{address, allowlist, closes, order};
use crate::dialect::sheet::{self as typed, Cell, Verb};
use crate::dialect::{Lines, Placed, Purpose, SiteTables, Table, Tables};
use crate::diff;
use crate::ledger::Receipt;
use crate::ledger::receipt::{Event, Row as Answer, RowStatus};
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{Fact, Value, overlap};
use crate::model::paths::ACCOUNTS_ACCOUNT;
use crate::native::{Form, Reading};
use crate::pipeline::plan::{BothEnds, refused};
use crate::plan::{self, Engineer};
use crate::platform::{self, Platform};
use crate::secret::Secrets;
use crate::sheet::{ACCESS, Head, Page, Row, Sheet, Was};
use crate::site::device::AsRead;
use crate::site::{SiteDevice, factory};
use crate::source::{FileId, Origin, SourceMap};

/// What takes a device back.
pub struct Back {
    /// What is done, as a sheet of its own.
    pub sheet: Sheet,
    /// Why no order of it is safe, in a sentence; none where one is.
    pub refused: Option<String>,
    /// Rows that were done and stay, by id: nobody knows what stood there before.
    pub stays: BTreeSet<String>,
    /// Rows that were done and changed nothing, by id.
    pub same: BTreeSet<String>,
}

/// What a sheet is taken back by.
pub struct Before<'a> {
    /// What devices take, as the build knew it.
    pub tables: &'a SiteTables,
    /// What was read before, as lines of a filled sheet.
    pub read: &'a str,
    /// The lines of the sheet that was reviewed.
    pub reviewed: &'a str,
    /// The laptop's address, where it is known.
    pub laptop: Option<IpAddr>,
}

/// What was read from a device, as lines of a filled sheet; nothing that is a secret.
pub(in crate::pipeline) fn lines_of(device: &SiteDevice) -> String {
    let (on, read) = (platform::at(device), device.read.as_deref());
    let Some((table, read)) = table(&on).zip(read) else { return String::new() };
    let mut out = Lines::new(Form::Sheet, Purpose::Write);
    let rows = typed::rows(table, &read.facts, None, &Placed::default(), &mut out);
    let line = |row: typed::Row| match row.value {
        Cell::Text(text) => Some(format!("{}\t{}\t{text}\n", row.menu, row.field)),
        Cell::Secret(_) => None,
    };
    rows.into_iter().filter_map(line).collect()
}

fn table(on: &Platform) -> Option<&'static typed::Table> {
    match on.table(Form::Sheet).map(|dialect| &dialect.table) {
        Some(Table::Sheet(table)) => Some(table),
        _ => None,
    }
}

/// Rows of a sheet whose answer stands on the device by the journal: on a page that was saved since.
pub fn standing<'r>(sheet: &Sheet, journal: &'r Receipt) -> BTreeMap<&'r str, &'r Answer> {
    let mut typed: BTreeMap<&str, Vec<&Answer>> = BTreeMap::new();
    let mut stands: BTreeMap<&str, &Answer> = BTreeMap::new();
    let mut undoing = false;
    for line in journal.lines() {
        match &line.event {
            Event::Undoing(_) => undoing = true,
            Event::Row(row) if row.status == RowStatus::Undone => {
                stands.remove(&*row.id);
                typed.values_mut().for_each(|rows| rows.retain(|other| other.id != row.id));
            }
            // that it can't be taken back changes nothing
            Event::Row(row) if undoing && row.status == RowStatus::Skipped => {}
            Event::Row(row) => typed.entry(&*row.menu).or_default().push(row),
            Event::Page(page) if page.saved => {
                for row in typed.remove(&*page.menu).unwrap_or_default() {
                    match row.status {
                        RowStatus::Skipped | RowStatus::Absent | RowStatus::Undone => drop(stands.remove(&*row.id)),
                        RowStatus::Done | RowStatus::Renamed | RowStatus::Other => drop(stands.insert(&row.id, row)),
                    }
                }
            }
            // what was typed and not saved is lost in a break
            Event::Resumed(_) => typed.clear(),
            _ => {}
        }
    }
    let own: BTreeSet<&str> = sheet.rows().map(|(_, row)| &*row.id).collect();
    stands.retain(|id, _| own.contains(id));
    stands
}

/// Plans the way back; `None` where the program does not know the platform.
pub fn back(sheet: &Sheet, before: &Before<'_>, journal: &Receipt) -> Option<Back> {
    let kind = PlatformKind::ALL.into_iter().find(|kind| kind.word() == sheet.head.platform)?;
    let tables = before.tables.of(kind);
    let on = platform::with(tables);
    let read = |text: &str| on.read(Form::Sheet, FileId::NONE, text).map(|reading| reading.facts);
    let (goal, described) = (read(before.read)?, read(before.reviewed)?);
    let stands = standing(sheet, journal);
    let (now, opaque) = now(sheet, (&goal, &described), &stands, &read);
    // of a device that nobody read nobody knows what was not there
    let goal = match before.read.is_empty() {
        true => goal,
        false => with_lists(goal, &now, stands.values().map(|answer| &*answer.path)),
    };

    let way = planned(&sheet.device, (tables, &on), (now, &goal), before.laptop, (opaque, &sheet.head.login))?;
    let Planned { device, running, today, why, mut pages } = way;
    let head = Head {
        address: address(&device, today.as_ref()),
        compared: "the journal of the work".to_owned(),
        factory: String::new(),
        left: 0,
        login: today.map_or_else(|| sheet.head.login.clone(), |way| way.account),
        ..sheet.head.clone()
    };
    let left = Left::of(sheet, &stands, &pages, (&goal, &running.facts));
    left.clear(&mut pages);
    again(&mut pages);
    let sheet = Sheet {
        allowlist: allowlist(&device),
        files: Vec::new(),
        head,
        pages,
        unplaced: Vec::new(),
        warnings: why.iter().cloned().collect(),
        ..sheet.clone()
    };
    Some(Back { sheet, refused: why, stays: left.stays, same: left.same })
}

/// What takes a device from what it has to what it is to have.
struct Planned {
    device: SiteDevice,
    running: Reading,
    today: Option<plan::Way>,
    why: Option<String>,
    pages: Vec<Page>,
}

fn planned(
    name: &str,
    (tables, on): (Tables, &Platform),
    (now, goal): (Facts, &Facts),
    laptop: Option<IpAddr>,
    (opaque, login): (bool, &str),
) -> Option<Planned> {
    let (shipped, _) = factory::facts(on.kind, None, &mut SourceMap::default());
    let device = SiteDevice {
        factory: shipped.map(Arc::new),
        read: Some(Arc::new(AsRead { facts: now.clone(), texts: Vec::new() })),
        // whoever was let in before knows the password of before
        ..SiteDevice::alone(name, tables, with_passwords(goal.clone()))
    };
    let running = Reading::of(now);
    let page = |path: &str| on.page(path);
    let context = diff::Context { secrets: &Secrets::Absent, page: &page, absent: &|_| None, is_held: &|_, _| None };
    let changes = diff::changes(goal, &running, &context);
    let ends = BothEnds {
        stations: Vec::new(),
        device: &device,
        changes: &changes,
        engineer: Engineer { addresses: laptop.into_iter().collect(), ..Engineer::default() },
        login: None,
        foreign: false,
        length: &|_, _| None,
    };
    let plan = ends.with(|input| plan::plan(input));
    let why = plan.as_ref().err().map(|why| refused(why, &changes, name).sentence());
    let why = why.or(opaque.then(|| "Something is set for a while that the guard can't follow.".to_owned()));
    let plan = plan.ok().filter(|_| !opaque);

    let due = due(table(on)?, goal, &running);
    let closing = |row: &typed::Row| plan.is_none() && closes(&device, row);
    let visits = order::order(&due, &changes, (plan.as_ref(), on), &closing);
    let today = plan.as_ref().and_then(|plan| plan.today.clone());
    let login = today.as_ref().map_or(login, |way| &way.account);
    let maker = Maker { is_read: true, why: &|_| None, lockout: lockout(&device), upload: &|_| None, login };
    let pages = maker.pages(&due, visits);
    Some(Planned { device, running, today, why, pages })
}

/// What stands on the device, and whether something does that nobody can tell as a setting.
fn now(
    sheet: &Sheet,
    (before, described): (&Facts, &Facts),
    stands: &BTreeMap<&str, &Answer>,
    read: &dyn Fn(&str) -> Option<Facts>,
) -> (Facts, bool) {
    let (mut now, mut opaque) = (before.clone(), false);
    let done: BTreeSet<&str> = stands.values().map(|answer| &*answer.path).collect();
    for (page, row) in sheet.rows() {
        match stands.get(&*row.id) {
            Some(answer) if !answer.typed.is_empty() => {
                let line = format!("{}\t{}\t{}", page.menu, row.field, answer.typed);
                read(&line).iter().for_each(|typed| now.put(&row.path, typed));
            }
            Some(_) if row.temporary => opaque |= !for_a_while(&mut now, row, described),
            Some(_) => now.put(&row.path, described),
            // a field of an entry that came without it
            None if !done.contains(&*row.path) => now.put(&row.path, before),
            None => {}
        }
    }
    (now, opaque)
}

/// Sets what no description says; `false` where a path and a text don't say what that is.
fn for_a_while(now: &mut Facts, row: &Row, described: &Facts) -> bool {
    let text = row.value.first().map_or("", String::as_str);
    let value = match (text, now.value(&row.path).map(|fact| &fact.value)) {
        ("off", _) => {
            now.put(&row.path, &Facts::empty(now.shape, Origin::NONE));
            return true;
        }
        ("on", _) => {
            now.put(&row.path, described);
            return now.group(&row.path).is_some();
        }
        (text, Some(Value::Int(_))) => text.parse().ok().map(Value::Int),
        (text, Some(Value::Address(_))) => text.parse().ok().map(Value::Address),
        _ => None,
    };
    let mut found = false;
    if let Some((value, at)) = value.zip(now.at_mut(&row.path)) {
        *at = Fact::new(value, Origin::NONE);
        found = true;
    }
    found
}

/// A list that has entries now and had none is one without entries, and not one that nobody knows.
fn with_lists<'p>(mut goal: Facts, now: &Facts, paths: impl Iterator<Item = &'p str>) -> Facts {
    for path in paths {
        let Some((list, _)) = path.split_once('[') else { continue };
        if goal.items(list).is_none() && now.items(list).is_some() {
            goal.put(list, now);
            goal.items_mut(list).into_iter().for_each(|items| items.items.clear());
        }
    }
    goal
}

fn with_passwords(mut facts: Facts) -> Facts {
    let shape = facts.shape;
    for item in facts.items_mut(ACCOUNTS_ACCOUNT).into_iter().flat_map(|items| &mut items.items) {
        let password = shape.group(item.group.shape).field("password").map(|(ix, _)| ix);
        if let Some(ix) = password.filter(|ix| item.group.get(*ix).is_none()) {
            item.group.set(ix, crate::model::facts::Setting::Value(Fact::new(Value::Held, Origin::NONE)));
        }
    }
    facts
}

/// What is typed.
fn due(table: &'static typed::Table, goal: &Facts, running: &Reading) -> Vec<typed::Row> {
    let mut out = Lines::new(Form::Sheet, Purpose::Write);
    let rows = typed::rows(table, goal, Some(running), &Placed::default(), &mut out);
    let rows = rows.iter().flat_map(typed::Row::in_parts).map(std::borrow::Cow::into_owned);
    rows.filter(|row| row.is_due() && row.verb != Verb::Leave && matches!(row.value, Cell::Text(_))).collect()
}

/// An account that comes again comes with a password that stands nowhere.
fn again(pages: &mut [Page]) {
    for page in pages {
        let is_account = |row: &&Row| {
            row.verb != Verb::Delete
                && row.was == Was::Nothing
                && row.path.strip_suffix(']').is_some_and(|path| path.starts_with(&format!("{ACCOUNTS_ACCOUNT}[")))
        };
        let rows = page.rows.iter().filter(is_account);
        let told: Vec<String> = rows
            .map(|row| format!("Row {}: give it the password that it had before, which stands nowhere.", row.no))
            .collect();
        page.warnings.extend(told);
    }
}

/// Rows that were done and that nothing of the new plan takes back.
struct Left<'s> {
    stays: BTreeSet<String>,
    same: BTreeSet<String>,
    /// Fields that were empty.
    empty: Vec<(&'s Page, &'s Row)>,
}

impl<'s> Left<'s> {
    fn of(
        sheet: &'s Sheet,
        stands: &BTreeMap<&str, &Answer>,
        pages: &[Page],
        (goal, now): (&Facts, &Facts),
    ) -> Left<'s> {
        let mut left = Left { stays: BTreeSet::new(), same: BTreeSet::new(), empty: Vec::new() };
        let planned = |path: &str| pages.iter().flat_map(|page| &page.rows).any(|row| overlap(&row.path, path));
        for (page, row) in sheet.rows().filter(|(_, row)| stands.contains_key(&*row.id) && !planned(&row.path)) {
            let (was, is) = (goal.value(&row.path), now.value(&row.path));
            match (&row.was, row.verb) {
                _ if row.temporary || row.verb == Verb::Leave => drop(left.same.insert(row.id.clone())),
                _ if row.verb != Verb::Secret && was.is_some() && was == is => drop(left.same.insert(row.id.clone())),
                (Was::Nothing, Verb::Type) => left.empty.push((page, row)),
                _ => drop(left.stays.insert(row.id.clone())),
            }
        }
        left
    }

    /// Adds rows that leave a field empty again: with what is typed on their page; what decides who gets in, last.
    fn clear(&self, pages: &mut Vec<Page>) {
        for (page, row) in &self.empty {
            let core = row.chain == ACCESS;
            let was = Was::Text(row.value.join(", "));
            let new = Row { value: Vec::new(), was, why: Vec::new(), ..(*row).clone() };
            let there = |other: &&mut Page| other.menu == page.menu;
            match pages.iter_mut().rev().find(there) {
                Some(there) => there.rows.push(new),
                None => {
                    let time = pages.iter().filter(|other| other.menu == page.menu).count() + 1;
                    let name = if time == 1 { page.menu.clone() } else { format!("{} ({time})", page.menu) };
                    let warnings = core.then(|| CLOSES.to_owned()).into_iter().collect();
                    let at = if core { pages.len() } else { 0 };
                    pages.insert(at, Page { menu: page.menu.clone(), name, risky: core, rows: vec![new], warnings });
                }
            }
        }
        let mut no = 0;
        for page in pages {
            for row in &mut page.rows {
                no += 1;
                row.no = no;
                row.id = Row::id_of(&row.path, &page.name, &row.field, (row.verb, &row.value), no as usize);
            }
        }
    }
}

#[cfg(test)]
mod tests;
