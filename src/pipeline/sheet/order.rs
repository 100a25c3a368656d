//! In which order the pages of a device are gone through, by its plan.
//!
//! What decides nobody's way in comes first, in the order of the vendor's menu; risky pages of it after that; then what
//! decides who gets in, step by step as planned, so a page may be saved more than once. A row that decides nothing is
//! done with the first visit that its page has.

use std::collections::BTreeMap;

use crate::dialect::sheet::Row;
use crate::model::facts::without_keys;
use crate::model::paths::{
    self, ACCOUNTS_ACCOUNT, AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, LOG_SERVER, SNMP_TRAP,
};
use crate::native::{Change, Form};
use crate::plan::{Check, Plan, Temporary};
use crate::platform::Platform;
use crate::sheet::{ACCESS, FIREWALL, SERVERS};

/// Lists of which new entries come before old ones leave.
const LISTS: [&str; 4] = [LOG_SERVER, AUTHENTICATION_RADIUS, AUTHENTICATION_TACACS, SNMP_TRAP];

/// One save of a page.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Visit<'p> {
    /// Its menu path.
    pub(super) menu: String,
    /// Whether a slip on it, or the step that it is, can shut people out.
    pub(super) risky: bool,
    /// Rows by number, with the chain that each is of.
    pub(super) rows: Vec<(usize, String)>,
    /// What is set for a while.
    pub(super) temporary: Vec<&'p Temporary>,
    /// How it is known that the device is still reached afterwards.
    pub(super) check: Option<&'p Check>,
    /// Whether it takes away what one may be logged in by, and nobody knows whether it is.
    pub(super) closes: bool,
}

/// The visits. Without a plan, pages in the order of the menu, risky ones last. `closes` is whether a row takes away
/// what one may be logged in by, where nobody knows by what one is.
pub(super) fn order<'p>(
    rows: &[Row],
    changes: &[Change],
    (plan, on): (Option<&'p Plan>, &Platform),
    closes: &dyn Fn(&Row) -> bool,
) -> Vec<Visit<'p>> {
    let by_path: BTreeMap<&str, usize> = changes.iter().enumerate().map(|(at, c)| (&*c.path, at)).collect();
    let steps = plan.map_or(&[][..], |plan| &plan.steps);
    let mut turn: BTreeMap<usize, usize> = BTreeMap::new();
    steps.iter().enumerate().for_each(|(step, one)| turn.extend(one.changes.iter().map(|at| (*at, step))));
    let step_of = |row: &Row| change_of(&by_path, &row.path).and_then(|at| turn.get(&at).copied());
    let core = |step: usize| steps.get(step).is_some_and(|step| step.check.is_some());
    let turns: Vec<Option<usize>> = rows.iter().map(step_of).collect();

    // pages that decide nobody's way in
    let mut plain: Vec<Visit<'_>> = Vec::new();
    let mut last: Vec<Visit<'_>> = Vec::new();
    for (at, row) in rows.iter().enumerate().filter(|(at, _)| !turns[*at].is_some_and(core)) {
        let visits = if row.risky { &mut last } else { &mut plain };
        let chain = chain(&row.path, false);
        match visits.iter_mut().find(|visit| *visit.menu == *row.menu) {
            Some(visit) => visit.rows.push((at, chain)),
            None => visits.push(Visit { rows: vec![(at, chain)], ..Visit::of(&row.menu, row.risky) }),
        }
    }
    // what does, as planned
    let mut planned: Vec<Visit<'p>> = Vec::new();
    for (number, step) in steps.iter().enumerate().filter(|(_, step)| step.check.is_some()) {
        let check = step.check.as_ref();
        let risk = matches!(check, Some(Check::Before(_) | Check::After(_) | Check::Blind(..) | Check::LockedOut));
        let own: Vec<usize> = (0..rows.len()).filter(|at| turns[*at] == Some(number)).collect();
        let menus = own.iter().map(|at| &*rows[*at].menu);
        let mut menus: Vec<(String, bool)> = menus.map(|menu| (menu.to_owned(), false)).collect();
        menus.dedup();
        if let Some(set) = &step.temporary {
            let page = on.page(&set.path);
            menus.push(page.map_or_else(|| (set.setting.clone(), true), |page| (page.menu, page.risky)));
        }
        for (menu, risky) in menus {
            let mine = own.iter().filter(|at| *rows[**at].menu == menu);
            let risky = risky || risk || mine.clone().any(|at| rows[*at].risky);
            let mine: Vec<(usize, String)> = mine.map(|at| (*at, chain(&rows[*at].path, true))).collect();
            // commands are planned one by one, and what is left of them for a page is saved together
            let together = on.machine == Some(Form::Cli) && step.temporary.is_none();
            match planned.last_mut().filter(|visit| together && visit.menu == menu && visit.is_calm()) {
                Some(visit) => {
                    visit.rows.extend(mine);
                    visit.risky |= risky;
                    visit.check = check;
                }
                None => planned.push(Visit {
                    rows: mine,
                    temporary: step.temporary.iter().collect(),
                    check,
                    ..Visit::of(&menu, risky)
                }),
            }
        }
    }
    // a page that is saved for both is saved once
    for planned in &mut planned {
        for rest in [&mut plain, &mut last] {
            if let Some(at) = rest.iter().position(|visit| visit.menu == planned.menu) {
                planned.rows.extend(rest.remove(at).rows);
                planned.rows.sort_unstable();
            }
        }
    }
    let mut visits = plain;
    visits.append(&mut last);
    visits.append(&mut planned);
    visits.iter_mut().for_each(|visit| in_turn(visit, &turns));
    apart(visits, &|at| closes(&rows[at]))
}

/// What closes is saved by itself and last: only then is it known that what stays lets one in.
fn apart<'p>(visits: Vec<Visit<'p>>, closes: &dyn Fn(usize) -> bool) -> Vec<Visit<'p>> {
    let (mut out, mut last): (Vec<Visit<'p>>, Vec<Visit<'p>>) = (Vec::new(), Vec::new());
    for mut visit in visits {
        let (goes, stays): (Vec<_>, Vec<_>) = visit.rows.into_iter().partition(|(at, _)| closes(*at));
        let goes: Vec<(usize, String)> = goes.into_iter().map(|(at, _)| (at, ACCESS.to_owned())).collect();
        visit.rows = stays;
        if !goes.is_empty() {
            last.push(Visit { rows: goes, closes: true, ..Visit::of(&visit.menu, true) });
        }
        if !visit.rows.is_empty() || !visit.temporary.is_empty() {
            out.push(visit);
        }
    }
    out.append(&mut last);
    out
}

impl Visit<'_> {
    fn of(menu: &str, risky: bool) -> Visit<'static> {
        Visit { menu: menu.to_owned(), risky, rows: Vec::new(), temporary: Vec::new(), check: None, closes: false }
    }

    /// Whether the way in stays as it is, so that the next step may be saved along with it.
    fn is_calm(&self) -> bool {
        self.temporary.is_empty() && matches!(self.check, None | Some(Check::Stays(_) | Check::NotKnown))
    }
}

/// The change that a row types: its own, that of the entry or the switch above it, or one of what it lists.
fn change_of(by_path: &BTreeMap<&str, usize>, path: &str) -> Option<usize> {
    let mut above = Some(path);
    while let Some(path) = above {
        if let Some(at) = by_path.get(path) {
            return Some(*at);
        }
        above = match path.strip_suffix(']') {
            Some(body) => body.rfind('[').map(|at| &path[..at]),
            None => path.rfind('.').filter(|dot| !path[*dot..].contains(']')).map(|dot| &path[..dot]),
        };
    }
    let within = |(found, at): (&&str, &usize)| {
        let rest = found.strip_prefix(path)?;
        rest.starts_with(['.', '[']).then_some(*at)
    };
    by_path.range(path..).take_while(|(found, _)| found.starts_with(path)).find_map(within)
}

/// What a row is done in order with.
fn chain(path: &str, core: bool) -> String {
    if core || path.starts_with(&format!("{ACCOUNTS_ACCOUNT}[")) {
        return ACCESS.to_owned();
    }
    let bare = without_keys(path);
    if bare == paths::FIREWALL || bare.starts_with(&format!("{}.", paths::FIREWALL)) {
        return FIREWALL.to_owned();
    }
    let list = LISTS.iter().find(|list| bare == **list || bare.starts_with(&format!("{list}.")));
    list.map(|list| format!("{SERVERS}{list}")).unwrap_or_default()
}

/// Puts the rows of a chain into the order of their steps, each where one of the chain stands.
fn in_turn(visit: &mut Visit<'_>, turns: &[Option<usize>]) {
    let ordered = |chain: &str| chain == FIREWALL || chain.starts_with(SERVERS);
    let mut chains: Vec<String> = visit.rows.iter().map(|(_, chain)| chain.clone()).filter(|c| ordered(c)).collect();
    chains.sort_unstable();
    chains.dedup();
    for chain in chains {
        let at: Vec<usize> = (0..visit.rows.len()).filter(|at| visit.rows[*at].1 == chain).collect();
        let mut rows: Vec<usize> = at.iter().map(|at| visit.rows[*at].0).collect();
        rows.sort_by_key(|row| (turns[*row].unwrap_or(usize::MAX), *row));
        at.into_iter().zip(rows).for_each(|(at, row)| visit.rows[at].0 = row);
    }
}
