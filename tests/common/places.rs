//! Every place of a secret that a table knows, with a canary in it: made of the tables themselves, so a new one is
//! tried as soon as it is written.

#![allow(dead_code, clippy::unwrap_used, reason = "each test file uses its part")]

use std::collections::BTreeSet;

use fieldlock::embedded::DIALECTS;
use fieldlock::model::device::PlatformKind;
use fieldlock::native::Form;
use fieldlock::source::FileId;
use fieldlock::syntax::{Node, parse};

/// What stands in every place of a secret.
pub(crate) const CANARY: &str = "Canary9";

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

/// The places of each table: the platform, the form, and a text for each.
pub(crate) fn places() -> Vec<(PlatformKind, Form, Vec<String>)> {
    let mut found = Vec::new();
    for (path, table) in DIALECTS {
        let Some((name, "kdl")) = path.rsplit_once('.') else { continue };
        let (platform, form) = name.rsplit_once('.').unwrap();
        let platform = platform.rsplit('/').next().unwrap();
        let (kind, form) = (PlatformKind::from_word(platform).unwrap(), Form::of(form).unwrap());
        let tree = parse(FileId(0), table).tree.unwrap();
        let root = &tree.nodes[0];
        let texts = match form {
            Form::Cli => commands(root),
            Form::Ini => keys(root),
            Form::Sheet => rows(root),
        };
        found.push((kind, form, texts.into_iter().collect()));
    }
    found
}
