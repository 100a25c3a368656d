//! One setting changed changes its own lines and no others, and is read back so: for every setting of every table of
//! command lines and of pages. Which settings there are, the tables say; a new one is asked for as soon as it is
//! written.

use std::collections::BTreeSet;

use crate::dialect::cli::{self, Extent};
use crate::dialect::lines::{Lines, Placed, Purpose};
use crate::dialect::sample::{device, secrets, settings};
use crate::dialect::{Table, load, of, sheet};
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{Fact, Group, Leaf, Setting, Value, below, key_text, leaves, without_keys};
use crate::model::shape::{FieldShape, ScalarKind, Shape, parse_scalar};
use crate::native::{Form, Grade, Reading};
use crate::source::FileId;

/// A device of which everything is said that a table of its kind has a place for.
fn said(kind: PlatformKind) -> Facts {
    let name = if matches!(kind, PlatformKind::MxNos | PlatformKind::MxRos) { "mx" } else { "nport" };
    let path = format!("{}/src/dialect/tests/{name}.kdl", env!("CARGO_MANIFEST_DIR"));
    device(&std::fs::read_to_string(path).expect("a text of the tree"))
}

/// Words that decide which other lines their entry has.
const DECIDE: [&str; 7] = [
    "certificate.kind",
    "serial.port.mode.kind",
    "nat.rule.mode",
    "vpn.ipsec.auth",
    "routing.ospf.interface.auth",
    "routing.vrrp.group.preempt",
    "routing.vrrp.version",
];

/// Settings that a page has one value of: the MIB package knows MD5 alone.
const ALONE: [(&str, &str); 1] = [("mx-nos.sheet", "time.key.type")];

fn lines<'t>(table: &'t Table, own: &Facts) -> Lines<'t> {
    match table {
        Table::Cli(table) => cli::render(table, own, None, Purpose::Write),
        Table::Sheet(table) => sheet::render(table, own, None, &Placed::default(), Purpose::Write),
        Table::Ini(_) => unreachable!("laid over an export: `tests/language/nport_6000.rs`"),
    }
}

fn read(table: &Table, text: &str) -> Reading {
    match table {
        Table::Cli(table) => cli::read(table, FileId(0), text, Extent::Part),
        Table::Sheet(table) => sheet::read(table, FileId(0), text),
        Table::Ini(_) => unreachable!("see above"),
    }
}

/// The settings that a table has a place for, without keys.
fn places(table: &Table) -> BTreeSet<String> {
    let paths: Vec<String> = match table {
        Table::Cli(table) => table.specimens().into_iter().map(|(path, ..)| path).collect(),
        Table::Sheet(table) => table.paths(),
        Table::Ini(_) => Vec::new(),
    };
    let told = |path: &String| !path.starts_with("asset.");
    paths.iter().map(|path| without_keys(path)).filter(told).collect()
}

/// Other values of a setting.
fn others(field: &FieldShape, now: &Value) -> Vec<Value> {
    use crate::model::shape::Kind;
    let (kind, several) = match &field.kind {
        Kind::Scalar(kind) => (kind, false),
        Kind::Scalars(kind) => (kind, true),
        _ => return Vec::new(),
    };
    let texts: Vec<String> = match kind {
        ScalarKind::Switch => ["on", "off"].map(str::to_owned).into(),
        ScalarKind::Word(words) => words.iter().map(|w| w.word.to_owned()).collect(),
        ScalarKind::Int { min, max } => [*min + 1, 5, 7, 40, *max - 1, *max, *min].map(|n| n.to_string()).into(),
        ScalarKind::Time => ["7 s", "3 h", "8 min", "40 d", "5 ms", "90 s"].map(str::to_owned).into(),
        ScalarKind::Secret => return vec![Value::Secret("d1/other".into())],
        _ => [
            "20,30,40",
            "44",
            "10.9.8.7",
            "10.9.0.0/16",
            "443",
            "8081",
            "other",
            "700 pps",
            "00:90:e8:00:00:99",
            "19200 8N1",
            "UTC+01:00",
            "2.2",
            "certs/other.pem",
            "0a",
            "800021f3050102",
            "1/7",
            "lan",
        ]
        .map(str::to_owned)
        .into(),
    };
    let values = texts.iter().filter_map(|text| parse_scalar(kind, field.word, text));
    match (several, now) {
        (false, _) => values.filter(|value| value != now).collect(),
        (true, Value::List(list)) => {
            let with = |value: Value| {
                let mut list = list.clone();
                list.push(Fact::new(value, list.first().map_or(crate::source::Origin::NONE, |f| f.origin)));
                Value::List(list)
            };
            let fewer = (list.len() > 1).then(|| Value::List(list[..list.len() - 1].to_vec()));
            let held = |value: &Value| list.iter().any(|f| f.value == *value);
            let origin = list.first().map_or(crate::source::Origin::NONE, |f| f.origin);
            let all = Value::List(values.clone().map(|value| Fact::new(value, origin)).collect());
            values.filter(|value| !held(value)).map(with).chain(fewer).chain([all]).collect()
        }
        _ => Vec::new(),
    }
}

/// Puts a value at a path.
fn put(group: &mut Group, path: &str, prefix: &str, value: &Value) -> bool {
    let shape = Shape::device();
    let id = group.shape;
    for (ix, setting) in group.iter_mut() {
        let name = shape.group(id).at(ix).name;
        let here = below(prefix, name);
        let done = match setting {
            Setting::Value(fact) if here == path => {
                fact.value = value.clone();
                true
            }
            Setting::Value(_) => false,
            Setting::Group(inner) => put(inner, path, &here, value),
            Setting::Items(items) => items.items.iter_mut().any(|item| {
                let here = format!("{here}[{}]", key_text(shape, &item.group));
                put(&mut item.group, path, &here, value)
            }),
        };
        if done {
            return true;
        }
    }
    false
}

/// Lines of one text that the other has not.
fn only<'a>(one: &'a str, other: &str) -> Vec<&'a str> {
    let mut left: Vec<&str> = other.lines().collect();
    let mut found = Vec::new();
    for line in one.lines() {
        match left.iter().position(|l| *l == line) {
            Some(at) => drop(left.swap_remove(at)),
            None => found.push(line),
        }
    }
    found
}

/// A table, what is said of a device that it takes, and what is written of it.
struct Bench<'t> {
    name: String,
    table: &'t Table,
    own: Facts,
    before: String,
    was: Vec<String>,
}

impl<'t> Bench<'t> {
    fn new(kind: PlatformKind, form: Form) -> Option<Bench<'t>> {
        let table = &of(kind.word(), form)?.table;
        let name = format!("{}.{}", kind.word(), form.ending());
        let mut own = said(kind);
        let mut rendered = lines(table, &own);
        // a value that this platform does not take gives way to one that it takes
        while let Some(path) = rendered.findings.iter().find_map(|f| f.path.clone()) {
            let leaf = leaves(&own).find(|l| l.path == path).map(|l| (l.field, l.fact.value.clone()));
            let takes = |value: &Value| {
                let mut facts = own.clone();
                put(&mut facts.root, &path, "", value);
                lines(table, &facts).findings.iter().all(|f| f.path.as_deref() != Some(&path))
            };
            let value = leaf.and_then(|(field, now)| others(field, &now).into_iter().find(takes));
            let Some(value) = value else { panic!("{name}: no value of {path}: {:?}", rendered.findings) };
            put(&mut own.root, &path, "", &value);
            rendered = lines(table, &own);
        }
        let unsaid = rendered.rendered.iter().find(|r| r.grade == Grade::Unknown || r.source.is_empty());
        assert!(unsaid.is_none(), "{name}: {unsaid:?}");
        let (before, was) = (rendered.text.redacted(), back(table, &own, &rendered));
        Some(Bench { name, table, own, before, was })
    }

    /// What is read back, and what is written, with another value of a setting; `None` where nothing else is written,
    /// or, but for `anywhere`, its lines are gone.
    fn with(&self, path: &str, value: &Value, anywhere: bool) -> Option<(Vec<String>, String)> {
        let mut facts = self.own.clone();
        assert!(put(&mut facts.root, path, "", value), "{path}");
        let lines = lines(self.table, &facts);
        let after = lines.text.redacted();
        let taken = lines.findings.is_empty() && after != self.before && (anywhere || has(&lines, path));
        taken.then(|| (back(self.table, &facts, &lines), after))
    }

    /// What is wrong where a setting changes; `None` where it changes its own lines alone.
    fn changing(&self, leaf: &Leaf<'_>) -> Option<String> {
        let (path, bare) = (&leaf.path, without_keys(&leaf.path));
        let all = || others(leaf.field, &leaf.fact.value).into_iter();
        // of some settings one value alone has a line, and another one needs another place
        let with = |anywhere| all().find_map(|value| self.with(path, &value, anywhere));
        let Some((now, after)) = with(false).or_else(|| with(true)) else {
            let alone = ALONE.contains(&(&*self.name, &*bare));
            return (!alone).then(|| format!("{}: {path}: no other value", self.name));
        };
        let decides = DECIDE.contains(&&*bare);
        let mine = match path.rsplit_once('.') {
            Some((entry, _)) if decides => format!("{entry}."),
            _ => format!("{path} "),
        };
        let gone = self.was.iter().filter(|said| !now.contains(said));
        let mut differ = gone.chain(now.iter().filter(|said| !self.was.contains(said))).peekable();
        let secret = matches!(leaf.fact.value, Value::Secret(_));
        let read_so = (secret || differ.peek().is_some()) && differ.all(|said| said.starts_with(&mine));
        let (gone, new) = (only(&self.before, &after), only(&after, &self.before));
        let wrong = !read_so || !decides && (gone.len() > 1 || new.len() > 1);
        wrong.then(|| format!("{}: {path}:\n  - {gone:?}\n  + {new:?}", self.name))
    }
}

/// The settings of what was written.
fn back(table: &Table, own: &Facts, lines: &Lines<'_>) -> Vec<String> {
    settings(&read(table, &lines.text.fill(&secrets(own)).expect("a value for each secret").text).facts)
}

/// Whether a setting has a line.
fn has(lines: &Lines<'_>, path: &str) -> bool {
    let element = format!("{path}[");
    lines.placed.iter().any(|placed| **placed == *path || placed.starts_with(&element))
}

#[test]
fn one_setting_changes_its_own_lines_and_is_read_back() {
    let (mut wrong, mut tried) = (Vec::new(), 0);
    for kind in PlatformKind::ALL {
        for bench in [Form::Cli, Form::Sheet].into_iter().filter_map(|form| Bench::new(kind, form)) {
            let mut missing = places(bench.table);
            let rendered = lines(bench.table, &bench.own);
            for leaf in leaves(&bench.own).filter(|leaf| leaf.field.is_told()) {
                let bare = without_keys(&leaf.path);
                missing.retain(|path| *path != bare && !bare.starts_with(&format!("{path}.")));
                if !leaf.field.key && has(&rendered, &leaf.path) {
                    tried += 1;
                    wrong.extend(bench.changing(&leaf));
                }
            }
            // entries that are their key alone
            missing.retain(|path| bench.own.items(path).is_none());
            wrong.extend(missing.iter().map(|path| format!("{}: {path} is not said", bench.name)));
        }
    }
    assert!(wrong.is_empty() && tried > 900, "{} of {tried}\n{}", wrong.len(), wrong.join("\n"));
}

/// What is of grade `unknown` is read where a device shows it, and written by nobody.
#[test]
fn no_line_of_grade_unknown_is_written() {
    let cli = r#"dialect "mx-ros" form="cli" firmware="2.0 to 3.99" grade="unknown" source="nobody" {
        line "hostname {name}" at="identity.hostname" as="text"
        switch "ip telnet" off="no ip telnet" at="services.telnet"
        switch "ip ssh" off="no ip ssh" at="services.ssh" grade="confirmed" off-grade="unknown"
        each "accounts.account" remove="no username {name}" { line "username {name}" { slot "name" at="name" as="text" } }
        values at="time.ntp" line="ntp {server}" as="text"
        members "log.send" grade="confirmed" { member "event cold" "cold-start" grade="unknown" }
        block "interface ethernet {name}" each="ethernet.port" { switch "no shutdown" off="shutdown" at="enabled" }
    }"#;
    let sheet = r#"dialect "mx-ros" form="sheet" firmware="2.0 to 3.99" grade="unknown" source="nobody" {
        page "A" {
            field "Name" at="identity.hostname" as="text"
            each "accounts.account" { entry "User" at="name" as="text"; field "{}: role" at="role" as="enum" { word "user" "U" } }
        }
    }"#;
    let own = device(
        r#"identity { hostname "r" }; services { telnet on; ssh off }; accounts { account "a" role="user" }
           time { ntp "10.0.0.1" }; log { send "cold-start" }; ethernet { port "1/1" enabled=on }"#,
    );
    for text in [cli, sheet] {
        let dialect = load(FileId(0), text, Grade::Confirmed).expect("a table");
        let lines = lines(&dialect.table, &own);
        assert_eq!((lines.text.redacted().as_str(), lines.placed.len(), lines.rendered.len()), ("", 0, 0));
    }
    let dialect = load(FileId(0), cli, Grade::Confirmed).expect("a table");
    let telnet = read(&dialect.table, "ip telnet\n").facts.value("services.telnet").map(|fact| fact.value.plain());
    assert_eq!(telnet.as_deref(), Some("on"));
}
