//! A canary in every place of a secret that a table knows, in each form and in any spelling of its line: what a site
//! keeps of the text, what everybody may see of it and what is told of it hold none. The places are those of the tables
//! themselves, so a new one is tried as soon as it is written.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use fieldlock::dialect::SiteTables;
use fieldlock::model::device::PlatformKind;
use fieldlock::model::facts::leaves;
use fieldlock::native::Form;
use fieldlock::pipeline::import::{From, Taken};
use fieldlock::pipeline::{ReadBy, incoming};
use fieldlock::platform;
use fieldlock::source::FileId;

use crate::common::places::{CANARY, places};

/// Ways to write a line of commands, and to come upon it in a session.
fn spellings(line: &str) -> Vec<String> {
    let session = |line: &str| format!("r# show running-config\nhostname r7\n{line}\nip telnet\nr#\n");
    let prompted = |line: &str| format!("Pump house/7 (config)# {line}\nhostname r7\nip telnet\n");
    let ways = [
        line.to_owned(),
        line.to_uppercase(),
        format!("  {line}  "),
        format!("no {line}"),
        line.replace(' ', "\t"),
        line.replace(CANARY, &format!("\"{CANARY} and {CANARY}\"")),
        format!("{line} {CANARY} {CANARY}"),
        format!("\u{feff}{line}\r"),
        format!("--More--\r        \r{line}"),
        format!("\u{1b}[7m--More--\u{1b}[m\u{8}\u{8}{line}"),
    ];
    ways.iter().flat_map(|way| [session(way), prompted(way), format!("hostname r7\n{way}\n")]).collect()
}

fn is_clean(kind: PlatformKind, form: Form, text: &str) {
    let holds = |said: &str| said.to_lowercase().contains(&CANARY.to_lowercase());
    let on = platform::of(kind);
    let why = |what: &str| format!("{} {}: {what} of {text:?}", kind.word(), form.ending());
    let (kept, _) = on.kept(form, text);
    assert!(!holds(&kept), "{}\n{kept}", why("what is kept"));
    assert!(!holds(&on.redact(form, text)), "{}", why("what is shown"));
    let reading = on.read(form, FileId(0), text).unwrap();
    for line in &reading.kept {
        assert!(!holds(&line.shown), "{}: {}", why("what has no setting"), line.shown);
    }
    for leaf in leaves(&reading.facts) {
        assert!(!holds(&leaf.fact.value.plain()), "{}: {}", why("what was read"), leaf.path);
    }
}

#[test]
fn every_secret_of_every_table_stays_out_of_what_is_kept() {
    let mut counts = [0; 3];
    for (kind, form, places) in places() {
        let texts: Vec<String> = match form {
            Form::Cli => places.iter().flat_map(|line| spellings(line)).collect(),
            _ => places,
        };
        counts[Form::ALL.iter().position(|one| *one == form).unwrap()] += texts.len();
        texts.iter().for_each(|text| is_clean(kind, form, text));
    }
    let [ini, cli, sheet] = counts;
    assert!(ini > 20 && cli > 1000 && sheet > 25, "ini {ini}, cli {cli}, sheet {sheet}");
}

/// What people type at a device before it shows anything is in their recordings.
#[test]
fn what_was_typed_at_a_prompt_is_in_nothing_that_is_kept() {
    let session = "login as: admin\nadmin@10.40.1.1's password: Canary9\nPassword: Canary9\n\
        MOXA EDR-G9010-VPN-2MGSFP Series  V3.24 build 26040210\n\
        --------------------------------------------------------------------------------\n\
        Firewall/VPN Router 00000# copy running-config scp ops Canary9 10.40.0.9 r.cfg\n\
        Firewall/VPN Router 00000# show running-config\nhostname r7\nip telnet\nFirewall/VPN Router 00000# exit\n";
    is_clean(PlatformKind::MxRos, Form::Cli, session);
    let tables = SiteTables::default();
    let by = ReadBy { keys: &[], tables: &tables, of: None };
    let incoming = incoming("r.log", session.as_bytes().to_vec(), &by, FileId(0)).ok().unwrap();
    let taken = Taken { by: "ot-lead".to_owned(), at: "2026-11-20".parse().unwrap() };
    assert!(From::of(incoming, taken).is_ok());
}
