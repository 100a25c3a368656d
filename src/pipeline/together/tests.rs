//! Laws of what two texts of one device say together: whose words win, entry by entry, and what becomes of secrets.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::*;
use crate::dialect::Tables;
use crate::model::device::PlatformKind;
use crate::model::shape::{Shape, check};
use crate::platform;
use crate::secret::SecretValue;
use crate::syntax::parse;

/// What a text may say, group by group: one of each, or nothing of it.
const SAID: [(&str, [&str; 3]); 8] = [
    ("services", ["telnet on", "telnet off", "telnet on; ssh off"]),
    ("login", ["auto-logout \"5 min\"", "lockout on after=3", "lockout off"]),
    ("accounts", ["account \"ot\" role=\"administrator\"", "account \"ot\" role=\"user\"", "account none"]),
    ("accounts", ["account \"hist\" role=\"user\"", "account \"hist\" enabled=off", ""]),
    ("allowlist", ["host \"10.0.0.1\"", "host \"10.0.0.2\"", "host none"]),
    ("time", ["ntp \"10.0.0.5\"", "ntp \"10.0.0.5\" \"10.0.0.6\"", "ntp none"]),
    ("ethernet", ["port \"1/1\" enabled=on", "port \"1/1\" enabled=off", "port \"1/2\" enabled=on"]),
    ("identity", ["hostname \"a\"", "hostname \"b\"", "location \"c\""]),
];

/// Settings that hold a secret, and what a text shows of each.
const HELD: [&str; 2] = ["accounts.account[ot].password", "snmp.user[m].privacy-password"];

fn reading(said: &[usize], held: &[usize], whole: bool) -> Reading {
    let mut groups: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for ((group, words), which) in SAID.iter().zip(said) {
        let words = words.get(*which).filter(|words| !words.is_empty());
        // an empty list stands alone in its group
        let fits = |words: &&&str| !words.ends_with("none") || !groups.contains_key(group);
        if let Some(words) = words.filter(fits)
            && groups.get(group).is_none_or(|said| !said.iter().any(|said| said.ends_with("none")))
        {
            groups.entry(group).or_default().push(words);
        }
    }
    let body: Vec<String> = groups.iter().map(|(group, words)| format!("{group} {{ {} }}", words.join("; "))).collect();
    let text = format!("device \"d\" {{ {} }}", body.join("; "));
    let checked = check(Shape::device(), FileId(0), &parse(FileId(0), &text).tree.unwrap().nodes[0]);
    assert!(checked.findings.is_empty(), "{text}: {:?}", checked.findings);
    let mut reading = Reading { whole, ..Reading::of(checked.facts) };
    for (path, what) in HELD.iter().zip(held) {
        match what {
            0 => drop(reading.secrets.insert((*path).to_owned(), SecretValue::copy_of(b"in clear"))),
            1 => reading.redacted.push((*path).to_owned()),
            _ => {}
        }
    }
    reading
}

fn values(facts: &Facts) -> BTreeMap<String, String> {
    leaves(facts).map(|leaf| (leaf.path, leaf.fact.value.to_kdl())).collect()
}

/// Whether an entry of a list is gone: a text that shows its lists whole shows this one, and not the entry; any text
/// may say that a list has none. What hardware has is always there.
fn is_gone(newer: &Facts, whole: bool, path: &str) -> bool {
    let Some((list, rest)) = path.split_once('[') else { return false };
    let key = rest.split(']').next().unwrap_or_default();
    let shows = |item: &crate::model::facts::Item| key_text(newer.shape, &item.group) == key;
    let shape = newer.shape;
    let fixed = shape.fields(list).and_then(|way| shape.field_at(&way)).is_some_and(|field| field.fixed);
    !fixed && newer.items(list).is_some_and(|said| said.items.is_empty() || whole && !said.items.iter().any(shows))
}

proptest! {
    #[test]
    fn the_newer_text_counts_entry_by_entry(
        new in prop::collection::vec(0..4usize, SAID.len()),
        old in prop::collection::vec(0..4usize, SAID.len()),
        held in prop::collection::vec(0..3usize, 2 * HELD.len()),
        whole: bool,
        by_command: bool,
    ) {
        let on = platform::with(Tables::shipped(PlatformKind::MxRos));
        let (form, other) = if by_command { (Form::Cli, Form::Sheet) } else { (Form::Sheet, Form::Cli) };
        // a sheet shows what somebody filled in, never all
        let whole = whole && by_command;
        let (new_held, old_held) = held.split_at(HELD.len());
        let (new, old) = (reading(&new, new_held, whole), reading(&old, old_held, !by_command));
        let all = together(&on, &[(form, &new), (other, &old)]).unwrap();

        let (said, before) = (values(&new.facts), values(&old.facts));
        let stays = |path: &String| {
            !said.contains_key(path) && !on.absent_is_factory(form, path, &new) && !is_gone(&new.facts, whole, path)
        };
        let mut wanted: BTreeMap<String, String> = before.into_iter().filter(|(path, _)| stays(path)).collect();
        wanted.extend(said);
        prop_assert_eq!(values(&all.facts), wanted);

        for path in HELD {
            let of = |reading: &Reading| (reading.secrets.contains_key(path), reading.redacted.iter().any(|r| r == path));
            let newest = if of(&new) == (false, false) { of(&old) } else { of(&new) };
            prop_assert_eq!(of(&all), newest, "{}", path);
        }
        let again = together(&on, &[(form, &new), (form, &new)]).unwrap();
        prop_assert_eq!(values(&again.facts), values(&new.facts), "a text beside itself says what it says");
    }
}
