//! Taking back at a cabinet: from wherever the work was broken off a plan of its own, never a list gone backwards.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use fieldlock::dialect::SiteTables;
use fieldlock::dialect::sheet::Verb;
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Begun, Event, Outcome, RowStatus, Said, SavedPage, Started};
use fieldlock::model::device::PlatformKind;
use fieldlock::model::facts::{Value, leaves};
use fieldlock::model::{Facts, shape::Shape};
use fieldlock::native::Form;
use fieldlock::pipeline::back::{Before, back};
use fieldlock::pipeline::returned::row as answered;
use fieldlock::platform;
use fieldlock::sheet::Sheet;
use fieldlock::source::{FileId, Origin};

use super::applying::{Bench, apply, diligent};
use broken_off::journal;

#[path = "../common/broken_off.rs"]
mod broken_off;

/// What an old switch has in place of what is described: consoles in clear, everybody let in, another administrator.
const OLD: [(&str, &str); 9] = [
    ("\tSSH\tEnable", "\tSSH\tDisable"),
    ("\tHTTPS\tEnable", "\tHTTPS\tDisable"),
    ("\tHTTP\tDisable", "\tHTTP\tEnable"),
    ("\tTelnet\tDisable", "\tTelnet\tEnable"),
    ("\tTrusted access\tEnable", "\tTrusted access\tDisable"),
    ("\tMinimum length\t12", "\tMinimum length\t8"),
    ("\tUser name\tot-admin", "\tUser name\tadmin"),
    ("\tot-admin: authority\t", "\tadmin: authority\t"),
    (": port\t6514", ": port\t514"),
];

struct Switch {
    sheet: Sheet,
    read: String,
    reviewed: String,
}

impl Switch {
    fn new() -> Option<Switch> {
        let bench = Bench::new()?;
        let reviewed = || std::fs::read_to_string(bench.path("out/redacted/sw04.redacted.sheet")).unwrap();
        let gone = ["Delete account", "ot-admin: password", "Encryption password", "Trusted Access\tIP address"];
        let desired = reviewed();
        let old: String = desired.lines().filter(|line| !gone.iter().any(|gone| line.contains(gone))).fold(
            String::new(),
            |text, line| {
                let line = OLD.iter().fold(line.to_owned(), |line, (from, to)| line.replace(from, to));
                format!("{text}{line}\n")
            },
        );
        std::fs::write(bench.path("sw04.sheet"), format!("{old}Label\tSerial number\tTBMDS0012204\n")).unwrap();
        bench.ends(0, &["capture", "sw04", "site", "--from", "sw04.sheet", "--by", "ot-lead"]);
        bench.build();
        let read = |name: &str| std::fs::read(bench.path(name)).unwrap();
        let public: serde_json::Value = serde_json::from_slice(&read("out/public/sw04.public.json")).unwrap();
        Some(Switch {
            sheet: Sheet::read(&read("out/sheets/sw04.sheet.json")).unwrap(),
            read: public["read"].as_str().unwrap().to_owned(),
            reviewed: reviewed(),
        })
    }

    fn facts(&self, text: &str) -> Facts {
        let on = platform::with(SiteTables::default().of(PlatformKind::MxNos));
        on.read(Form::Sheet, FileId::NONE, text).unwrap().facts
    }
}

/// What of a device counts here, read with other eyes than the planner's.
fn on(facts: &Facts, path: &str) -> bool {
    facts.value(path).is_some_and(|fact| fact.value == Value::Switch(true))
}

fn lets_in(facts: &Facts) -> bool {
    let door = ["http", "https", "ssh", "telnet"].iter().any(|door| on(facts, &format!("services.{door}")));
    let who = ["admin", "ot-admin"].iter().any(|who| facts.group(&format!("accounts.account[{who}]")).is_some());
    let list = !on(facts, "allowlist") || facts.group("allowlist.host[10.20.0.10]").is_some();
    door && who && list
}

/// How open it is: consoles in clear, to whom.
fn open(facts: &Facts) -> (bool, bool) {
    (on(facts, "services.http") || on(facts, "services.telnet"), !on(facts, "allowlist"))
}

fn values(facts: &Facts) -> BTreeSet<(String, String)> {
    let seen = leaves(facts).filter(|leaf| !leaf.path.ends_with("password"));
    seen.map(|leaf| (leaf.path, leaf.fact.value.plain())).collect()
}

#[test]
fn from_any_point_it_ends_as_before_and_no_page_shuts_out_or_opens_more() {
    let Some(switch) = Switch::new() else { return };
    let (goal, described) = (switch.facts(&switch.read), switch.facts(&switch.reviewed));
    let rows = switch.sheet.rows().count();
    assert!(rows > 15, "{rows}");
    assert!(lets_in(&goal) && on(&goal, "services.telnet"), "{}", switch.read);
    let tables = SiteTables::default();
    let laptop = "10.20.0.10".parse().ok();
    let before = Before { tables: &tables, read: &switch.read, reviewed: &switch.reviewed, laptop };
    let (mut seconds, mut reordered) = (0, 0);
    for (done, saved) in (0..=rows).flat_map(|done| [(done, true), (done, false)]) {
        let journal = journal(&switch.sheet, done, saved);
        let way = back(&switch.sheet, &before, &journal).unwrap();
        assert_eq!(way.refused, None, "after {done} rows");
        // what stands there, by the journal
        let mut state = goal.clone();
        let stands = fieldlock::pipeline::back::standing(&switch.sheet, &journal);
        let standing: Vec<_> = switch.sheet.rows().filter(|(_, row)| stands.contains_key(&*row.id)).collect();
        standing.iter().for_each(|(_, row)| state.put(&row.path, &described));
        for (_, row) in switch.sheet.rows().filter(|(_, row)| !stands.contains_key(&*row.id)) {
            if !standing.iter().any(|(_, other)| other.path == row.path) {
                state.put(&row.path, &goal);
            }
        }
        let start = open(&state);
        assert!(lets_in(&state), "the way there shuts out after {done} rows");
        for page in &way.sheet.pages {
            for row in &page.rows {
                let nothing = Facts::empty(Shape::device(), Origin::NONE);
                let gone = row.verb == Verb::Delete || row.value.is_empty();
                state.put(&row.path, if gone { &nothing } else { &goal });
            }
            assert!(lets_in(&state), "{done} rows, {saved}: {} shuts out: {:?}", page.name, way.sheet.pages);
            let (now, end) = (open(&state), open(&goal));
            let within = |end: (bool, bool)| now.0 <= end.0 && now.1 <= end.1;
            assert!(within(start) || within(end), "{done} rows: {} opens more", page.name);
            seconds += page.warnings.iter().filter(|warning| warning.contains("log in a second time")).count();
        }
        let stays =
            |path: &str| way.stays.iter().any(|id| switch.sheet.rows().any(|(_, r)| r.id == *id && r.path == path));
        let left: Vec<_> =
            values(&state).symmetric_difference(&values(&goal)).filter(|(path, _)| !stays(path)).cloned().collect();
        assert!(left.is_empty(), "after {done} rows: {left:?}");
        // not the list gone backwards
        let order = |sheet: &Sheet| -> Vec<String> {
            sheet.rows().map(|(_, row)| row.path.clone()).filter(|path| path.starts_with("services.")).collect()
        };
        let mut backwards: Vec<String> = order(&switch.sheet);
        let there = order(&way.sheet);
        backwards.retain(|path| there.contains(path));
        backwards.reverse();
        reordered += usize::from(there != backwards);
    }
    assert!(seconds > 0, "a second login is asked for nowhere");
    assert!(reordered > 0);
}

/// At the terminal: what is in doubt is looked at, the second login is asked for as on the way there, pages are saved
/// and seen, and only then is anything told as taken back.
#[test]
fn what_was_done_is_taken_back_page_by_page() {
    let Some(bench) = Bench::new() else { return };
    let questions = bench.questions();
    for (at, kill) in [questions - 1, questions * 2 / 3, questions / 2].into_iter().enumerate() {
        bench.person(&diligent(), kill, &apply(&[]));
        let mut rules = diligent();
        rules.insert(0, ("stand there, yes", vec!["yes"]));
        rules.insert(1, ("it stands there, yes", vec!["yes"]));
        let (shown, code) = bench.person(&rules, 0, &apply(&["--undo", "the valve sticks"]));
        let receipts = bench.receipts();
        let [receipt] = &receipts[..] else { panic!("{shown}") };
        let ended = receipt.ended().unwrap();
        assert_eq!(ended.outcome, Outcome::Undone, "{code} {shown}");
        assert_eq!(code, if ended.left == 0 { 0 } else { 6 }, "{shown}");
        let back = receipt.lines().iter().skip_while(|line| !matches!(line.event, Event::Undoing(_)));
        let back: Vec<&Event> = back.map(|line| &line.event).collect();
        // a row of the way there is told as taken back behind a page that was saved and looked at
        let sheet = bench.sheet();
        let own = |id: &str| sheet.rows().any(|(_, row)| row.id == id);
        let first = back
            .iter()
            .position(|event| matches!(event, Event::Row(row) if row.status == RowStatus::Undone && own(&row.id)));
        let saved = back.iter().position(|event| matches!(event, Event::Page(page) if page.saved && page.seen));
        assert!(saved.is_some() && saved < first, "{shown}");
        if at == 0 {
            assert!(shown.contains("logged in a second time"), "{shown}");
            assert!(shown.contains("can't be taken back"), "passwords of before are not known: {shown}");
        }
        let (shown, code) = bench.person(&diligent(), 0, &apply(&["--undo", "again"]));
        assert!(code == 5 && shown.contains("nothing was broken off"), "{shown}");
        std::fs::remove_dir_all(bench.path("out/receipts")).unwrap();
    }
}

/// Ended before the way back came to its end, the device is between two states, and every row that stays is listed.
#[test]
fn a_way_back_that_is_stopped_is_told_as_that() {
    let Some(bench) = Bench::new() else { return };
    bench.person(&diligent(), bench.questions() * 2 / 3, &apply(&[]));
    bench.person(&diligent(), 1, &apply(&["--undo", "the valve sticks"]));
    let (shown, code) = bench.person(&diligent(), 0, &apply(&["--stop", "later"]));
    let ended = bench.receipts().remove(0).ended().unwrap().clone();
    assert_eq!((code, ended.outcome), (6, Outcome::Stopped), "{shown}");
    assert!(ended.left > 1 && shown.matches("  left  ").count() == ended.left as usize, "{shown}");
    assert!(shown.contains("is between two states: taking back was not ended"), "{shown}");
}

/// Broken off on the way back as well, it goes on; and what a page saved is taken back from its file.
#[test]
fn the_way_back_goes_on_after_a_break_and_begins_at_saved_answers() {
    let Some(bench) = Bench::new() else { return };
    bench.person(&diligent(), bench.questions() * 2 / 3, &apply(&[]));
    let mut rules = diligent();
    rules.insert(0, ("stand there, yes", vec!["yes"]));
    rules.insert(1, ("it stands there, yes", vec!["yes"]));
    let (shown, _) = bench.person(&rules, 6, &apply(&["--undo", "the valve sticks"]));
    assert!(bench.receipts().is_empty(), "{shown}");
    let (shown, code) = bench.person(&rules, 0, &apply(&["--resume"]));
    assert_eq!(bench.receipts().remove(0).ended().unwrap().outcome, Outcome::Undone, "{code} {shown}");
    assert!(!shown.contains(": its page was not saved"), "{shown}");
    std::fs::remove_dir_all(bench.path("out/receipts")).unwrap();

    let path = bench.save(&super::applying::answers(&bench.sheet(), 1, ""));
    let args = ["--answers", path.to_str().unwrap(), "--undo", "the valve sticks"];
    let (shown, code) = bench.person(&rules, 0, &apply(&args));
    let receipt = bench.receipts().remove(0);
    assert_eq!(receipt.ended().unwrap().outcome, Outcome::Undone, "{code} {shown}");
    // the answers that were taken back are no second word on the device
    let told = bench.ends(0, &["return", "out", "--site", "site"]);
    assert_eq!(told.matches("R-").count(), 1, "{told}");
}
