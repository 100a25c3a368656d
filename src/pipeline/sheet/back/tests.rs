//! Generated pairs of states of a switch that is set by hand: the sheet leads from one to the other, the way back leads
//! from wherever the work was broken off to what was there, and no page of either shuts out or opens more than both
//! ends.

use proptest::prelude::*;
use proptest::sample::subsequence;

use super::*;
use crate::ledger::receipt::{Begun, Said, SavedPage, Started};
use crate::model::facts::leaves;
use crate::model::shape::{self, Shape};
use crate::pipeline::returned::row as answered;

#[path = "../../../../tests/common/broken_off.rs"]
mod broken_off;
use broken_off::journal;

const KIND: PlatformKind = PlatformKind::MxNos;
const LAPTOP: &str = "10.20.0.10";
const ACCOUNTS: [&str; 3] = ["admin", "ot-admin", "ot-two"];
const HOSTS: [&str; 4] = [LAPTOP, "10.20.0.0/24", "10.20.9.9", "10.30.0.0/24"];

/// A device as its settings are written.
fn device() -> impl Strategy<Value = String> {
    let services = any::<[bool; 4]>();
    let lists = (any::<bool>(), subsequence(HOSTS.to_vec(), 0..=4), subsequence(ACCOUNTS.to_vec(), 1..=3));
    let others = (any::<bool>(), prop::sample::select(vec![8, 12]), 1..4_u8, 1..3_u8);
    (services, lists, others).prop_map(|(services, (list, hosts, accounts), (lockout, least, server, name))| {
        let word = |on: bool| if on { "on" } else { "off" };
        let [http, https, ssh, telnet] = services.map(word);
        let hosts: String = hosts.iter().map(|net| format!("host \"{net}\"; ")).collect();
        let accounts: String =
            accounts.iter().map(|name| format!("account \"{name}\" role=\"administrator\"; ")).collect();
        format!(
            "identity {{ hostname \"switch-{name}\" }}; services {{ http {http}; https {https}; ssh {ssh}; telnet {telnet} }}
             allowlist {} {{ {hosts} }}; accounts {{ {accounts} }}; login {{ lockout {} }}
             password-policy {{ min-length {least} }}; log {{ server \"10.20.0.{server}\" }}",
            word(list),
            word(lockout),
        )
    })
}

fn read(text: &str) -> Facts {
    platform::with(SiteTables::default().of(KIND)).read(Form::Sheet, FileId::NONE, text).unwrap().facts
}

/// What is written of a device, as lines of a filled sheet.
fn lines(text: &str) -> String {
    let text = format!("device \"d\" {{ {text} }}");
    let tree = crate::syntax::parse(FileId::NONE, &text).tree.unwrap();
    let checked = shape::check(Shape::device(), FileId::NONE, &tree.nodes[0]);
    assert!(checked.findings.is_empty(), "{:?}", checked.findings);
    let as_read = AsRead { facts: checked.facts.clone(), texts: Vec::new() };
    let device =
        SiteDevice { read: Some(Arc::new(as_read)), ..SiteDevice::alone("d", Tables::shipped(KIND), checked.facts) };
    lines_of(&device)
}

/// With other eyes than the planner's.
fn on(facts: &Facts, path: &str) -> bool {
    facts.value(path).is_some_and(|fact| fact.value == Value::Switch(true))
}

fn lets_in(facts: &Facts) -> bool {
    let door = ["http", "https", "ssh", "telnet"].iter().any(|door| on(facts, &format!("services.{door}")));
    let who = ACCOUNTS.iter().any(|who| facts.group(&format!("{ACCOUNTS_ACCOUNT}[{who}]")).is_some());
    let from = HOSTS[..2].iter().any(|host| facts.group(&format!("allowlist.host[{host}]")).is_some());
    door && who && (!on(facts, "allowlist") || from)
}

/// How open it is: each console that answers, from how far, in clear or not, guessed at how often.
fn open(facts: &Facts) -> Vec<[u8; 3]> {
    let far = |host: &&str| u8::from(host.contains('/')) + 1;
    let listed = HOSTS.iter().filter(|host| facts.group(&format!("allowlist.host[{host}]")).is_some());
    let width = if on(facts, "allowlist") { listed.map(far).max().unwrap_or(0) } else { 3 };
    let doors = [("http", 1), ("https", 0), ("ssh", 0), ("telnet", 1)];
    let answers = doors.iter().filter(|(door, _)| on(facts, &format!("services.{door}")));
    answers.map(|(_, clear)| [width, *clear, u8::from(!on(facts, "login.lockout"))]).collect()
}

fn within(now: &[[u8; 3]], ends: [&[[u8; 3]]; 2]) -> bool {
    let at_most = |one: &[u8; 3], end: &[u8; 3]| one.iter().zip(end).all(|(one, end)| one <= end);
    now.iter().all(|one| ends.iter().flat_map(|end| *end).any(|end| at_most(one, end)))
}

fn values(facts: &Facts) -> BTreeSet<(String, String)> {
    let mut said: BTreeSet<_> = leaves(facts).map(|leaf| (leaf.path, leaf.fact.value.plain())).collect();
    crate::dialect::wanted(facts, &mut |path, _| {
        // a list that is empty is none that anybody sees
        if path.ends_with(']') {
            said.insert((path.to_owned(), String::new()));
        }
    });
    said.retain(|(path, _)| !path.ends_with("password"));
    said
}

/// Goes through pages, and gives what stands there then; `Err` names the page that shuts out or opens more.
fn walked(mut state: Facts, pages: &[Page], goal: &Facts) -> Result<Facts, String> {
    let (start, end) = (open(&state), open(goal));
    let nothing = Facts::empty(Shape::device(), Origin::NONE);
    for page in pages {
        for row in &page.rows {
            let gone = row.verb == Verb::Delete || row.value.is_empty();
            state.put(&row.path, if gone { &nothing } else { goal });
        }
        if !lets_in(&state) {
            return Err(format!("{} shuts out", page.name));
        }
        if !within(&open(&state), [&start, &end]) {
            return Err(format!("{} opens more: {:?} between {start:?} and {end:?}", page.name, open(&state)));
        }
    }
    Ok(state)
}

/// The sheet that leads from one to the other; none where no order of it is safe.
fn sheet(before: &Facts, described: &Facts) -> Option<Sheet> {
    let tables = SiteTables::default().of(KIND);
    let there = values(before);
    let goal = with_lists(described.clone(), before, there.iter().map(|(path, _)| &**path));
    let laptop = LAPTOP.parse().ok();
    let way = planned("d", (tables, &platform::with(tables)), (before.clone(), &goal), laptop, (false, "admin"))?;
    let pages = Some(way.pages).filter(|_| way.why.is_none())?;
    let head = Head { platform: KIND.word().to_owned(), ..Head::default() };
    Some(Sheet::bare("station", "d", head, pages))
}

/// All that counts of a pair: how many ways back there were, and how many of them nobody can go.
fn ways(old: &str, new: &str) -> Result<Option<(usize, usize)>, TestCaseError> {
    let (old, new) = (lines(old), lines(new));
    let (before, described) = (read(&old), read(&new));
    if !lets_in(&before) || !lets_in(&described) {
        return Ok(None);
    }
    let Some(sheet) = sheet(&before, &described) else { return Ok(None) };
    let end = walked(before.clone(), &sheet.pages, &described).map_err(TestCaseError::fail)?;
    prop_assert_eq!(values(&end), values(&described));
    let tables = SiteTables::default();
    let asked = Before { tables: &tables, read: &old, reviewed: &new, laptop: LAPTOP.parse().ok() };
    let (mut all, mut refused) = (0, 0);
    for (done, saved) in (0..=sheet.rows().count()).flat_map(|done| [(done, true), (done, false)]) {
        let journal = journal(&sheet, done, saved);
        let stands = standing(&sheet, &journal);
        let (mut state, nothing) = (before.clone(), Facts::empty(Shape::device(), Origin::NONE));
        for (_, row) in sheet.rows().filter(|(_, row)| stands.contains_key(&*row.id)) {
            state.put(&row.path, if row.verb == Verb::Delete { &nothing } else { &described });
        }
        // a page that is saved half is nobody's plan
        if !lets_in(&state) {
            continue;
        }
        let back = back(&sheet, &asked, &journal).unwrap();
        all += 1;
        if back.refused.is_some() {
            refused += 1;
            continue;
        }
        let told = |why: String| TestCaseError::fail(format!("after {done} rows, saved {saved}: {why}"));
        let state = walked(state, &back.sheet.pages, &before).map_err(told)?;
        let stays = |path: &str| back.stays.iter().any(|id| sheet.rows().any(|(_, r)| r.id == *id && r.path == path));
        let (there, wanted) = (values(&state), values(&before));
        let left: Vec<_> = there.symmetric_difference(&wanted).filter(|(path, _)| !stays(path)).collect();
        prop_assert!(left.is_empty(), "after {} rows, saved {}: {:?}", done, saved, left);
    }
    Ok(Some((all, refused)))
}

#[test]
fn from_any_point_of_generated_pairs_the_way_back_is_safe_and_ends_as_before() {
    let config =
        ProptestConfig { cases: 150, failure_persistence: None, max_shrink_iters: 300, ..ProptestConfig::default() };
    let mut runner = proptest::test_runner::TestRunner::new_with_rng(
        config,
        proptest::test_runner::TestRng::deterministic_rng(proptest::test_runner::RngAlgorithm::ChaCha),
    );
    let counts = std::cell::Cell::new((0, 0, 0));
    let tried = runner.run(&(device(), device()), |(old, new)| {
        if let Some((all, refused)) = ways(&old, &new)? {
            let (pairs, a, r) = counts.get();
            counts.set((pairs + 1, a + all, r + refused));
        }
        Ok(())
    });
    tried.unwrap_or_else(|why| panic!("{why}"));
    let (pairs, all, refused) = counts.get();
    println!("{pairs} pairs, {all} ways back, {refused} that nobody can go");
    assert!(pairs > 40 && all > 500 && refused * 10 < all, "{pairs} pairs, {all} ways back, {refused} refused");
}
