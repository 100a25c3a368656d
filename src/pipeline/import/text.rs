//! Descriptions and profiles as a person would write them, with where each line comes from.

use std::collections::HashMap;

use super::ranges::gathered;
use super::shared::Shared;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{Fact, quote};
use crate::model::shape::FieldShape;
use crate::model::value::Version;
use crate::model::write::{Node, nodes, on_one_line};
use crate::native::Form;
use crate::report::escape::line;
use crate::source::{FileId, Origin};

/// What stands in front of a device's settings.
pub(super) struct Head<'a> {
    pub(super) name: &'a str,
    /// Its line `platform`.
    pub(super) platform: String,
    pub(super) zone: Option<&'a str>,
    pub(super) profile: Option<&'a str>,
    /// The texts whose lines are named.
    pub(super) read: Vec<Source>,
    /// How many settings have a secret that has to be there.
    pub(super) secrets: usize,
}

/// A text that settings were read from.
pub(super) struct Source {
    /// The captured text.
    pub(super) capture: String,
    /// Its form.
    pub(super) form: Form,
    /// What places in it are told by.
    pub(super) file: FileId,
    /// Its lines.
    pub(super) lines: Lines,
}

/// `platform "nport-6000" model="NPort 6250" firmware="2.3"`
pub(super) fn platform(kind: PlatformKind, model: Option<&str>, firmware: Option<Version>) -> String {
    let mut line = format!("platform {}", quote(kind.word()));
    model.iter().for_each(|model| line.push_str(&format!(" model={}", quote(model))));
    firmware.iter().for_each(|firmware| line.push_str(&format!(" firmware={}", quote(&firmware.to_string()))));
    line
}

fn written(field: &FieldShape, fact: &Fact) -> String {
    fact.value.to_kdl_at(field)
}

/// The file of a device.
pub(super) fn device(head: &Head<'_>, own: &Facts) -> String {
    let number = |node: &Node| {
        let origin = origin(node);
        let source = head.read.iter().position(|source| source.file == origin.loc().file)?;
        let number = head.read[source].lines.number(origin)?;
        Some(if source == 0 { number.to_string() } else { format!("{} {number}", head.read[source].form.ending()) })
    };
    let mut out = String::new();
    for (nth, Source { capture, form, .. }) in head.read.iter().enumerate() {
        out.push_str(&match nth {
            0 => format!("// As it was read: numbers behind a line are the lines of `{capture}` that say it.\n"),
            _ => format!("// `{} 7` is line 7 of `{capture}`, for what the other does not tell.\n", form.ending()),
        });
    }
    if head.secrets > 0 {
        out.push_str("// Secrets are not in here: `fieldlock secret list` names those that it needs.\n");
    }
    out.push_str(&format!("device {} {{\n    {}\n", quote(head.name), head.platform));
    let (asset, rest): (Vec<Node>, Vec<Node>) = nodes(own.shape, &gathered(own.shape, &own.root), &written)
        .into_iter()
        .partition(|node| node.line.starts_with("asset"));
    out.extend(head.zone.map(|zone| format!("    zone {}\n", quote(zone))));
    let behind = Behind { of: &number, joined: true };
    asset.iter().for_each(|node| block(node, 1, &behind, &mut out));
    out.extend(head.profile.map(|profile| format!("    use {}\n", quote(profile))));
    rest.iter().for_each(|node| block(node, 1, &behind, &mut out));
    out + "}\n"
}

/// A profile of what devices share.
pub(super) fn profile(name: &str, platform: &str, of: &str, devices: usize, shared: &Shared) -> String {
    // what a device tells may hold anything, and a comment ends with its line
    let of = line(of);
    let mut out = match devices {
        1 => format!("// What was read from one {of}, but for what is each device's own.\n"),
        n => format!(
            "// What {n} devices have in common ({of}). Where not all say the same, it is told how many do; the others \
             say what\n// they have in their own files.\n"
        ),
    };
    out.push_str(&format!("profile {} {{\n    platform {}\n", quote(name), quote(platform)));
    let agree = |node: &Node| {
        let agree = shared.agreeing(origin(node)).filter(|agree| *agree < devices)?;
        Some(format!("{agree} of {devices}"))
    };
    let behind = Behind { of: &agree, joined: false };
    let facts = &shared.facts;
    nodes(facts.shape, &gathered(facts.shape, &facts.root), &written)
        .iter()
        .for_each(|node| block(node, 1, &behind, &mut out));
    out + "}\n"
}

/// Where a node was read: the first value of its line, or its own.
fn origin(node: &Node) -> Origin {
    let values = || node.values.iter().map(|(_, origin)| *origin).find(|origin| origin.loc().is_some());
    if node.origin.loc().is_some() { node.origin } else { values().unwrap_or(node.origin) }
}

/// As wide is a line that a block is written on as a whole.
const WIDE: usize = 100;

/// A node, its short blocks on one line. What is to be said of a line stands behind it.
fn block(node: &Node, depth: usize, behind: &Behind<'_>, out: &mut String) {
    let indent = "    ".repeat(depth);
    let mut put = |text: &str, said: &str| {
        let said = if said.is_empty() { String::new() } else { format!(" // {said}") };
        out.push_str(&format!("{indent}{text}{said}\n"));
    };
    if node.block.is_empty() {
        return put(&node.line, &(behind.of)(node).unwrap_or_default());
    }
    let whole = format!("{} {{ {} }}", node.line, on_one_line(&node.block));
    let mut said: Vec<String> = leaves(node).into_iter().filter_map(behind.of).collect();
    said.dedup();
    // several blocks in one another are on one line where none of them has two
    let simple = node.block.len() == 1 || node.block.iter().all(|inner| inner.block.is_empty());
    if simple && leaves(node).len() <= MANY && depth * 4 + whole.len() <= WIDE && (behind.joined || said.is_empty()) {
        return put(&whole, &said.join(", "));
    }
    put(&format!("{} {{", node.line), "");
    node.block.iter().for_each(|inner| block(inner, depth + 1, behind, out));
    out.push_str(&format!("{indent}}}\n"));
}

/// As many settings stand on one line.
const MANY: usize = 5;

/// The nodes without a block in a node.
fn leaves(node: &Node) -> Vec<&Node> {
    if node.block.is_empty() { vec![node] } else { node.block.iter().flat_map(leaves).collect() }
}

/// What is said behind a line.
struct Behind<'a> {
    of: &'a dyn Fn(&Node) -> Option<String>,
    /// Whether what is said of several is said of them together.
    joined: bool,
}

/// Where the lines of a text end, and which line of the capture each is.
pub(super) struct Lines {
    ends: Vec<usize>,
    kept: HashMap<usize, usize>,
}

impl Lines {
    pub(super) fn of(text: &str, kept: &[usize]) -> Lines {
        let kept = kept.iter().enumerate().filter(|(_, was)| **was > 0).map(|(at, was)| (*was, at + 1));
        Lines { ends: text.match_indices('\n').map(|(at, _)| at).collect(), kept: kept.collect() }
    }

    fn number(&self, origin: Origin) -> Option<usize> {
        let start = origin.loc().is_some().then(|| origin.loc().span.start as usize)?;
        self.kept.get(&(1 + self.ends.partition_point(|end| *end < start))).copied()
    }
}
