//! Entries of a site's own table out of answers: a field that a person found under another name.

use super::Learned;
use crate::dialect::SiteTables;
use crate::embedded;
use crate::ledger::Receipt;
use crate::ledger::receipt::{Row, RowStatus};
use crate::model::device::PlatformKind;
use crate::model::facts::{quote, without_keys};
use crate::native::Form;
use crate::platform;
use crate::source::FileId;

/// What answers teach: for each field that is called otherwise an entry, or why there is none; and fields that are not
/// there at all, which no table of a site can take away.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Taught {
    /// Tables with one entry each.
    pub learned: Vec<Learned>,
    /// What is left to people, in a sentence each.
    pub left: Vec<String>,
}

/// What a receipt teaches.
pub fn answered(receipt: &Receipt) -> Taught {
    let mut taught = Taught::default();
    let (number, device) = (receipt.number(), &receipt.begun().device);
    for row in receipt.rows() {
        let place = format!("`{}`, `{}`", row.menu, row.field);
        match row.status {
            RowStatus::Renamed => match renamed(receipt, row) {
                Some(learned) => taught.learned.push(learned),
                None => taught.left.push(format!(
                    "{place} is called `{}` on {device} ({number}): its entry has to be written by hand",
                    row.said
                )),
            },
            RowStatus::Absent => taught.left.push(format!(
                "{place} is not there on {device} ({number}; looked for in: {}): no table of a site takes an entry away",
                row.said
            )),
            _ => {}
        }
    }
    taught
}

/// The entry as it is, under the name that was found; it is read with before it is handed out.
fn renamed(receipt: &Receipt, row: &Row) -> Option<Learned> {
    let visit = |(_, number): &(&str, &str)| number.trim_end_matches(')').parse::<u32>().is_ok();
    let menu = row.menu.rsplit_once(" (").filter(visit).map_or(&*row.menu, |(menu, _)| menu);
    for kind in PlatformKind::ALL {
        let file = format!("{}.sheet.kdl", kind.word());
        let Some((_, text)) = embedded::DIALECTS.iter().find(|(name, _)| *name == file) else { continue };
        let Some(rest) = entry(text, menu, &row.field, &without_keys(&row.path)) else { continue };
        let source = format!("receipt {} of {}: called so there", receipt.number(), receipt.begun().device);
        let head = format!("dialect {} form=\"sheet\" source={}", quote(kind.word()), quote(&source));
        let text =
            format!("{head} {{\n    page {} {{\n        field {} {rest}\n    }}\n}}\n", quote(menu), quote(&row.said));
        let mut tables = SiteTables::default();
        tables.add(&file, FileId::NONE, &text).ok()?;
        let on = platform::with(tables.of(kind));
        let line = format!("{menu}\t{}\t{}\n", row.said, row.value);
        let said =
            on.read(Form::Sheet, FileId::NONE, &line)?.facts.value(&row.path).is_some_and(|f| f.value.is_known());
        return said.then_some(Learned { file, text });
    }
    None
}

/// What a table says of a field behind its name: on one line, in the block of its page.
fn entry<'t>(table: &'t str, menu: &str, field: &str, path: &str) -> Option<&'t str> {
    let (page, field) = (format!("page {}", quote(menu)), format!("field {} ", quote(field)));
    let at = format!("at={} ", quote(path));
    let block = table.lines().skip_while(|line| !line.trim_start().starts_with(&page)).skip(1);
    let mut lines = block.take_while(|line| !line.starts_with("    }"));
    let rest = lines.find_map(|line| line.trim_start().strip_prefix(&field))?;
    let whole = rest.starts_with(&at) && !rest.contains(['{', '}']) && !rest.contains("grade=");
    whole.then_some(rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::{Lines, Placed, Purpose, Table};
    use crate::ledger::receipt::{Begun, Event};
    use crate::native::Grade;

    fn receipt(status: RowStatus, said: &str, path: &str, field: &str) -> Receipt {
        let at = jiff::Timestamp::UNIX_EPOCH + jiff::SignedDuration::from_hours(500_000);
        let none = String::new;
        let mut receipt = Receipt::begin(Begun::new("west", "np07", "ot-lead"), at).unwrap();
        let menu = "Security > Login Settings > Session Control".to_owned();
        let (field, path, said) = (field.to_owned(), path.to_owned(), said.to_owned());
        let row = Row { field, id: "0".into(), menu, path, said, status, typed: none(), value: "5".into() };
        receipt.add(Event::Row(row), at).unwrap();
        receipt
    }

    #[test]
    fn a_field_that_is_called_otherwise_teaches_its_entry() {
        let called = |said| receipt(RowStatus::Renamed, said, "login.auto-logout", "Auto logout (min)");
        let taught = answered(&called("Idle timeout (min)"));
        let [learned] = &taught.learned[..] else { panic!("{taught:?}") };
        assert_eq!(learned.file, "nport-6000-g2.sheet.kdl");
        assert!(learned.text.contains("field \"Idle timeout (min)\" at=\"login.auto-logout\""), "{}", learned.text);
        assert!(taught.left.is_empty());
        // on the sheets of the site it stands in the place of the shipped one, as sure as a site can be
        let mut tables = SiteTables::default();
        tables.add(&learned.file, FileId::NONE, &learned.text).unwrap();
        let on = platform::with(tables.of(PlatformKind::Nport6000G2));
        let Some(Table::Sheet(table)) = on.table(Form::Sheet).map(|dialect| &dialect.table) else { panic!("no table") };
        let facts = |field: &str| {
            let line = format!("Security > Login Settings > Session Control\t{field}\t5\n");
            on.read(Form::Sheet, FileId::NONE, &line).unwrap().facts
        };
        let own = facts("Auto logout (min)");
        assert_eq!(own, facts("Idle timeout (min)"));
        let mut out = Lines::new(Form::Sheet, Purpose::Write);
        let rows = crate::dialect::sheet::rows(table, &own, None, &Placed::default(), &mut out);
        let said: Vec<_> = rows.iter().map(|row| (&*row.field, row.place.grade)).collect();
        assert_eq!(said, [("Idle timeout (min)", Grade::Site)]);
        // what no one line says is left to people, and so is what is not there
        let other = answered(&receipt(RowStatus::Renamed, "x", "login.max-sessions", "Auto logout (min)"));
        assert!(other.learned.is_empty() && other.left.len() == 1);
        let gone = answered(&receipt(RowStatus::Absent, "all tabs", "login.auto-logout", "Auto logout (min)"));
        assert!(gone.learned.is_empty() && gone.left[0].contains("looked for in: all tabs"), "{gone:?}");
        assert_eq!(
            answered(&receipt(RowStatus::Done, "", "login.auto-logout", "Auto logout (min)")),
            Taught::default()
        );
    }
}
