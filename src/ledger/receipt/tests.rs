use proptest::prelude::*;

use super::*;

fn begun() -> Begun {
    Begun {
        answers: String::new(),
        approved: vec!["ot-security".into()],
        by: "ot-lead".into(),
        device: "np07".into(),
        emergency: String::new(),
        format: FORMAT.into(),
        image: Digest::of(b"image").to_string(),
        plan: String::new(),
        revision: 3,
        sheet: Digest::of(b"sheet").to_string(),
        site: "west".into(),
        tool: "fieldlock".into(),
    }
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_770_000_000 + second).unwrap()
}

fn row(id: &str, menu: &str, status: RowStatus) -> Event {
    Event::Row(Row {
        field: format!("field {id}"),
        id: id.into(),
        menu: menu.into(),
        path: "login.auto-logout".into(),
        said: String::new(),
        status,
        typed: String::new(),
        value: "5".into(),
    })
}

fn saved(menu: &str, seen: bool) -> Event {
    Event::Page(SavedPage { menu: menu.into(), saved: true, seen })
}

fn ended() -> Event {
    Event::Ended(Ended { confirmed: 1, left: 0, outcome: Outcome::Done })
}

fn of(events: Vec<Event>) -> Receipt {
    let mut receipt = Receipt::begin(begun(), at(0)).unwrap();
    for (second, event) in (1..).zip(events) {
        receipt.add(event, at(second)).unwrap();
    }
    receipt
}

fn sample() -> Receipt {
    let serial =
        Identity { expected: "417".into(), fits: true, how: How::Typed, part: Part::Serial, seen: "417".into() };
    of(vec![Event::Identity(serial), row("a", "One", RowStatus::Done), saved("One", true), ended()])
}

#[test]
fn what_is_written_is_read_back() {
    let receipt = sample();
    let read = Receipt::read(receipt.bytes()).unwrap();
    assert_eq!(read, receipt);
    assert_eq!(
        (read.serial(), read.begun().device.as_str(), read.times().0),
        (Some("417"), "np07", "2026-02-02T02:40:00Z")
    );
    assert!(read.number().starts_with("R-") && read.number().len() == 10);
}

/// Whatever is changed, taken out, doubled or moved is found; a journal that was torn is the lines that were whole.
#[test]
fn every_change_is_found_and_every_cut_is_a_journal() {
    let receipt = sample();
    let bytes = receipt.bytes();
    let last = bytes[..bytes.len() - 1].iter().rposition(|byte| *byte == b'\n').unwrap();
    for at in 0..bytes.len() {
        let mut other = bytes.to_vec();
        other[at] ^= 1;
        let read = Receipt::read(&other);
        // no line follows the last one: its number, and a signature, are what tells
        assert!(read.is_err() || at > last && read.is_ok_and(|read| read.number() != receipt.number()), "byte {at}");
        assert!(Receipt::read(&bytes[..at]).is_err(), "cut at {at}");
        let lines = bytes[..at].iter().filter(|byte| **byte == b'\n').count();
        assert_eq!(Receipt::parse(&bytes[..at]).map_or(0, |journal| journal.lines().len()), lines, "cut at {at}");
    }
    let lines: Vec<&[u8]> = bytes.split_inclusive(|byte| *byte == b'\n').collect();
    for left_out in 0..lines.len() {
        let rest: Vec<u8> =
            lines.iter().enumerate().filter(|(at, _)| *at != left_out).flat_map(|(_, l)| *l).copied().collect();
        assert!(Receipt::read(&rest).is_err(), "without line {left_out}");
        let doubled: Vec<u8> = lines
            .iter()
            .enumerate()
            .flat_map(|(at, l)| if at == left_out { [*l, *l].concat() } else { l.to_vec() })
            .collect();
        assert!(Receipt::read(&doubled).is_err(), "line {left_out} twice");
    }
}

#[test]
fn nothing_stands_where_it_can_not() {
    let mut ended = sample();
    assert_eq!(ended.add(row("b", "One", RowStatus::Done), at(9)), Err(ReceiptError::Order(6)));
    let mut open = Receipt::begin(begun(), at(0)).unwrap();
    assert_eq!(open.add(Event::Begun(Box::new(begun())), at(1)), Err(ReceiptError::Order(2)));
    for text in ["a\nb", "\u{1b}[2J", &"x".repeat(MAX_TEXT + 1)] {
        assert_eq!(open.add(Event::Confirmed(Said { text: text.into() }), at(1)), Err(ReceiptError::Value(2)));
    }
    assert!(Receipt::begin(Begun { format: "other".into(), ..begun() }, at(0)).is_err());
    assert!(Receipt::parse(b"").is_err() && Receipt::parse(b"{}\n").is_err());
}

/// Done alone is no proof: the page has to be saved and looked at behind the last answer on it.
#[test]
fn only_what_was_done_saved_and_seen_is_confirmed() {
    let ids = |events: Vec<Event>| -> Vec<String> { of(events).confirmed().iter().map(|row| row.id.clone()).collect() };
    let done = || row("a", "One", RowStatus::Done);
    assert!(ids(vec![done()]).is_empty());
    assert!(ids(vec![done(), saved("One", false)]).is_empty());
    assert!(ids(vec![saved("One", true), done()]).is_empty());
    assert!(ids(vec![done(), saved("Two", true)]).is_empty());
    assert_eq!(ids(vec![done(), saved("One", true)]), ["a"]);
    assert!(ids(vec![done(), saved("One", true), row("b", "One", RowStatus::Skipped)]).is_empty());
    for status in [RowStatus::Skipped, RowStatus::Absent, RowStatus::Other, RowStatus::Undone] {
        assert!(ids(vec![done(), row("a", "One", status), saved("One", true)]).is_empty(), "{status:?}");
    }
    // under another name it stands there all the same, unless it is another value
    let Event::Row(renamed) = row("a", "One", RowStatus::Renamed) else { unreachable!() };
    for (typed, confirmed) in [("", &["a"][..]), ("5", &["a"]), ("7", &[])] {
        let renamed = Event::Row(Row { typed: typed.into(), ..renamed.clone() });
        assert_eq!(ids(vec![renamed, saved("One", true)]), confirmed, "{typed}");
    }
}

proptest! {
    #[test]
    fn any_bytes_are_read_without_harm(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        if let Ok(receipt) = Receipt::read(&bytes) {
            prop_assert_eq!(receipt.bytes(), &bytes[..]);
        }
    }
}
