//! Rows and pages of a sheet, from what is typed and from the visits of the plan.

use std::collections::{BTreeMap, BTreeSet};

use super::order::Visit;
use crate::dialect::sheet::{self as typed, Cell, STANDS, Verb};
use crate::model::Value;
use crate::model::paths::{ACCOUNTS_ACCOUNT, LOGIN_LOCKOUT, LOGIN_LOCKOUT_AFTER, LOGIN_LOCKOUT_FOR};
use crate::native::Grade;
use crate::plan::{Check, Temporary, Way};
use crate::sheet::{ACCESS, Page, Row, RowRule, SheetFile, Was};
use crate::site::SiteDevice;

/// What rows are made by.
pub(super) struct Maker<'a> {
    /// Whether anything was read from the device.
    pub(super) is_read: bool,
    /// The rule that asks for a setting.
    pub(super) why: &'a dyn Fn(&str) -> Option<RowRule>,
    /// That wrong passwords lock, in a sentence, where they do in the end.
    pub(super) lockout: String,
    /// What a certificate of the site is called beside the sheet, by its path in the site.
    pub(super) upload: &'a dyn Fn(&str) -> Option<SheetFile>,
    /// As whom one is logged in.
    pub(super) login: &'a str,
}

impl Maker<'_> {
    /// The pages, their rows numbered through.
    pub(super) fn pages(&self, rows: &[typed::Row], visits: Vec<Visit<'_>>) -> Vec<Page> {
        let mut names: BTreeMap<String, usize> = BTreeMap::new();
        let mut ids = BTreeSet::new();
        let mut no = 0;
        let mut pages = Vec::new();
        for visit in visits {
            let time = names.entry(visit.menu.clone()).and_modify(|time| *time += 1).or_insert(1);
            let name = if *time == 1 { visit.menu.clone() } else { format!("{} ({time})", visit.menu) };
            let own = visit.rows.iter().map(|(at, chain)| self.row(&rows[*at], chain));
            let mut own: Vec<Row> = visit.temporary.iter().map(|set| temporary(set)).chain(own).collect();
            for row in &mut own {
                no += 1;
                row.no = no;
                let id = |turn| Row::id_of(&row.path, &name, &row.field, (row.verb, &row.value), turn);
                row.id = (0..).map(id).find(|id| !ids.contains(id)).unwrap_or_default();
                ids.insert(row.id.clone());
            }
            let warnings = self.warnings(&visit, &own);
            pages.push(Page { menu: visit.menu, name, risky: visit.risky, rows: own, warnings });
        }
        pages
    }

    fn row(&self, row: &typed::Row, chain: &str) -> Row {
        let file = match (&row.value, row.verb) {
            (Cell::Text(path), Verb::File) => (self.upload)(path),
            _ => None,
        };
        let (value, sha256) = match (&row.value, file) {
            (Cell::Secret(name), _) => (vec![name.to_string()], String::new()),
            (Cell::Text(_), Some(file)) => (vec![file.name], file.sha256.to_string()),
            (Cell::Text(_), None) => (row.texts(), String::new()),
        };
        // nothing is uploaded where the site has no such file: its name is typed
        let verb = if row.verb == Verb::File && sha256.is_empty() { Verb::Type } else { row.verb };
        let was = match (&row.before, &row.value) {
            (Some(_), Cell::Secret(_)) => Was::Set,
            (Some(text), _) => Was::Text(text.clone()),
            (None, _) if self.is_read => Was::Nothing,
            (None, _) => Was::NotRead,
        };
        Row {
            chain: chain.to_owned(),
            field: row.field.clone(),
            grade: row.place.grade,
            id: String::new(),
            look: row.look.clone(),
            no: 0,
            path: row.path.clone(),
            sha256,
            temporary: false,
            value,
            verb,
            was,
            why: (self.why)(&row.path).into_iter().collect(),
        }
    }

    fn warnings(&self, visit: &Visit<'_>, rows: &[Row]) -> Vec<String> {
        let mut told: Vec<String> = visit.check.and_then(check).into_iter().collect();
        told.extend(visit.closes.then(|| CLOSES.to_owned()));
        let own = format!("{ACCOUNTS_ACCOUNT}[{}].password", self.login);
        if let Some(row) = rows.iter().find(|row| row.path == own) {
            told.push(format!(
                "Row {} changes the account that you are logged in with.{} After SAVE log in with the new password in a \
                 private window, before you go on.",
                row.no,
                self.lockout
            ));
        }
        told.extend(visit.temporary.iter().map(|set| {
            format!(
                "This is for a while: {} is set to {}, and a later page of this sheet sets it again.",
                set.setting, set.value
            )
        }));
        told
    }
}

/// That wrong passwords lock, where they do in the end.
pub(super) fn lockout(device: &SiteDevice) -> String {
    let facts = device.complete();
    let value = |path: &str| facts.value(path).map(|fact| &fact.value).filter(|value| value.is_known()).cloned();
    match (value(LOGIN_LOCKOUT), value(LOGIN_LOCKOUT_AFTER)) {
        (Some(Value::Switch(true)), Some(after)) => {
            let time = value(LOGIN_LOCKOUT_FOR).map(|time| format!(" for {}", time.plain())).unwrap_or_default();
            format!(" With the settings of this sheet {} wrong passwords lock it{time}.", after.plain())
        }
        _ => String::new(),
    }
}

/// Nothing was read from the device, so nobody knows what one is logged in by.
pub(super) const CLOSES: &str = "Before SAVE log in a second time, as an account and by a service that stay: what goes here may be what \
                      you are logged in by.";

/// A step that no setting of the description is.
fn temporary(set: &Temporary) -> Row {
    Row {
        chain: ACCESS.to_owned(),
        field: set.setting.clone(),
        grade: Grade::Likely,
        id: String::new(),
        look: STANDS.to_owned(),
        no: 0,
        path: set.path.clone(),
        sha256: String::new(),
        temporary: true,
        value: vec![set.value.clone()],
        verb: Verb::Type,
        was: Was::NotRead,
        why: Vec::new(),
    }
}

/// What is said of a step that touches the way in.
fn check(check: &Check) -> Option<String> {
    match check {
        Check::Stays(_) => None,
        Check::Before(way) => {
            Some(format!("Before SAVE log in a second time {}: the way that you are in by ends here.", by(way)))
        }
        Check::After(way) => {
            Some(format!("After SAVE log in a second time {}. Leave the first window open until that works.", by(way)))
        }
        Check::Blind(way, part) => Some(format!(
            "SAVE ends this session, and only that shows whether there is {}. Afterwards log in {}.",
            part.words(),
            by(way)
        )),
        Check::NotKnown => None,
        Check::LockedOut => Some("After this nobody gets in any more.".to_owned()),
    }
}

fn by(way: &Way) -> String {
    let Way { account, from, service, to } = way;
    let of = |word: &str, text: &str| if text.is_empty() { String::new() } else { format!(" {word} {text}") };
    format!("as {account}{}{}{}", of("by", service), of("at", to), of("from", from))
}
