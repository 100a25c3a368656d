//! A canary in every place of a secret that a table knows, in each form and in any spelling of its line: what a site
//! keeps of the text, what everybody may see of it and what is told of it hold none. The places are those of the tables
//! themselves, so a new one is tried as soon as it is written.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;

use fieldlock::dialect::SiteTables;
use fieldlock::embedded::DIALECTS;
use fieldlock::model::device::PlatformKind;
use fieldlock::model::facts::leaves;
use fieldlock::native::Form;
use fieldlock::pipeline::import::{From, Taken};
use fieldlock::pipeline::{ReadBy, incoming};
use fieldlock::platform;
use fieldlock::source::FileId;
use fieldlock::syntax::{Node, parse};

const CANARY: &str = "Canary9";

/// What stands in a place that holds no secret.
const FILLINGS: [(&str, &str); 9] = [
    ("number", "1"),
    ("port", "49"),
    ("role", "1"),
    ("privilege", "1"),
    ("auth", "md5"),
    ("privacy", "des"),
    ("method", "md5"),
    ("access", "read-write"),
    ("name", "ops"),
];

fn each(nodes: &[Node], visit: &mut dyn FnMut(&Node)) {
    for node in nodes {
        visit(node);
        each(node.children(), visit);
    }
}

fn text(node: &Node, nth: usize) -> Option<&str> {
    node.arg(nth)?.text()
}

fn is_secret(node: &Node) -> bool {
    node.prop("as").and_then(|entry| entry.text()) == Some("secret")
}

/// Lines of commands with a secret: of settings, and of those that no setting maps.
fn commands(root: &Node) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    let mut line = |node: &Node| {
        let Some(pattern) = text(node, 0).filter(|_| matches!(&*node.name, "line" | "reads" | "secret")) else {
            return;
        };
        let slots = node.children().iter().filter(|child| is_secret(child)).filter_map(|slot| text(slot, 0));
        let mut secret: BTreeSet<&str> = slots.collect();
        match &*node.name {
            "secret" => drop(secret.insert("secret")),
            _ if is_secret(node) => {
                secret.extend(pattern.split(['{', '}']).skip(1).step_by(2));
            }
            _ => {}
        }
        if secret.is_empty() {
            return;
        }
        let word = |word: &str| match word.strip_prefix('{').and_then(|word| word.strip_suffix('}')) {
            Some(slot) if secret.contains(slot) => CANARY.to_owned(),
            Some(slot) => {
                FILLINGS.iter().find(|(name, _)| *name == slot).map_or("10.0.0.1", |(_, text)| text).to_owned()
            }
            None => word.to_owned(),
        };
        let filled = pattern.split_whitespace().map(word).collect::<Vec<_>>().join(" ");
        // words without a place have their secret behind them
        lines.insert(if filled.contains(CANARY) { filled } else { format!("{filled} {CANARY}") });
    };
    each(root.children(), &mut line);
    lines
}

/// A section of a file with each key that no table shows.
fn keys(root: &Node) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for section in root.children().iter().filter(|node| &*node.name == "section") {
        let Some(name) = text(section, 0) else { continue };
        let name = name.replace("{}", "1").replace("{port}", "1");
        let mut key = |node: &Node| {
            let secret = matches!(&*node.name, "secret" | "hidden") || &*node.name == "key" && is_secret(node);
            for entry in node.args().filter(|_| secret) {
                let Some(key) = entry.text() else { continue };
                for slot in ["1", "Read"] {
                    let key = key.replace("{slot}", slot).replace("{}", slot);
                    lines.insert(format!("[{name}]\r\n{key}={CANARY}\r\n"));
                }
            }
        };
        each(section.children(), &mut key);
    }
    lines
}

/// Rows of pages with a secret.
fn rows(root: &Node) -> BTreeSet<String> {
    let mut lines = BTreeSet::new();
    for page in root.children() {
        let mut row = |node: &Node| {
            if let (Some(menu), Some(name), true) = (text(page, 0), text(node, 0), is_secret(node)) {
                lines.insert(format!("{menu}\t{}\t{CANARY}\n", name.replace("{}", "1")));
            }
        };
        each(page.children(), &mut row);
    }
    lines
}

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
    for (path, table) in DIALECTS {
        let Some((name, "kdl")) = path.rsplit_once('.') else { continue };
        let (platform, form) = name.rsplit_once('.').unwrap();
        let platform = platform.rsplit('/').next().unwrap();
        let (kind, form) = (PlatformKind::from_word(platform).unwrap(), Form::of(form).unwrap());
        let tree = parse(FileId(0), table).tree.unwrap();
        let root = &tree.nodes[0];
        let texts: Vec<String> = match form {
            Form::Cli => commands(root).iter().flat_map(|line| spellings(line)).collect(),
            Form::Ini => keys(root).into_iter().collect(),
            Form::Sheet => rows(root).into_iter().collect(),
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
