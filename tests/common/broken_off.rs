//! Work at a cabinet that somebody was called away from. Whoever uses it names what it is made of: tests of the library
//! call the library otherwise than those beside it.

use super::{Begun, Event, Receipt, RowStatus, Said, SavedPage, Sheet, Started, answered};

/// The journal of somebody who did that many rows; the page in hand saved or not.
pub(crate) fn journal(sheet: &Sheet, rows: usize, saved: bool) -> Receipt {
    let at = jiff::Timestamp::UNIX_EPOCH;
    let mut journal = Receipt::begin(Begun::new(&sheet.site, &sheet.device, "ot-lead"), at).unwrap();
    let mut add = |event| drop(journal.add(event, at).unwrap());
    let mut left = rows;
    for page in &sheet.pages {
        let done = left.min(page.rows.len());
        for row in &page.rows[..done] {
            add(Event::Started(Started { id: row.id.clone() }));
            add(Event::Row(answered(page, row, RowStatus::Done, String::new(), String::new())));
        }
        left -= done;
        if done == page.rows.len() || done > 0 && saved {
            add(Event::Page(SavedPage { menu: page.name.clone(), saved: true, seen: true }));
        }
        if left == 0 {
            break;
        }
    }
    add(Event::Undoing(Said { text: "the valve sticks".into() }));
    journal
}
