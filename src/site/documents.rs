//! The KDL files of a site: each holds one node of a kind, named by its folder.

use std::sync::Arc;

use super::files::{FileProblem, Root};
use crate::finding::{Finding, codes};
use crate::model::Facts;
use crate::model::shape::{self, Shape};
use crate::source::{FileId, Loc, Span};
use crate::syntax::{self, Node, Tree};

/// The file of a site that says what packs it is judged by.
pub const LOCK: &str = "fieldlock.lock";
/// The file of a site that dates what stood when it began.
pub(super) const ADOPTION: &str = "adoption.kdl";

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Site,
    Device,
    Profile,
    Waiver,
    Attestation,
    Capture,
    Lock,
    Adoption,
}

/// A file that was read and checked. The tree is gone by now.
pub(super) struct Document {
    /// The whole text; empty where it could not be read.
    pub(super) text: Arc<str>,
    /// What it says; `None` where it is no KDL, or holds no node of its kind.
    pub(super) facts: Option<Facts>,
    /// Header of its node; the beginning of the file where there is none.
    pub(super) loc: Loc,
    pub(super) findings: Vec<Finding>,
    pub(super) masks: Vec<Loc>,
}

impl Kind {
    pub(super) const IN_FOLDERS: [Kind; 5] =
        [Kind::Device, Kind::Profile, Kind::Waiver, Kind::Attestation, Kind::Capture];

    pub(super) fn word(self) -> &'static str {
        match self {
            Kind::Site => "site",
            Kind::Device => "device",
            Kind::Profile => "profile",
            Kind::Waiver => "waiver",
            Kind::Attestation => "attestation",
            Kind::Capture => "capture",
            Kind::Lock => "lock",
            Kind::Adoption => "adoption",
        }
    }

    pub(super) fn folder(self) -> &'static str {
        match self {
            Kind::Site | Kind::Lock | Kind::Adoption => "",
            Kind::Device => "devices",
            Kind::Profile => "profiles",
            Kind::Waiver => "waivers",
            Kind::Attestation => "attestations",
            Kind::Capture => "captures",
        }
    }

    fn shape(self) -> &'static Shape {
        match self {
            Kind::Site => Shape::site(),
            Kind::Device | Kind::Profile => Shape::device(),
            Kind::Waiver => Shape::waiver(),
            Kind::Attestation => Shape::attestation(),
            Kind::Capture => Shape::capture(),
            Kind::Lock => Shape::lock(),
            Kind::Adoption => Shape::adoption(),
        }
    }

    fn of_word(word: &str) -> Option<Kind> {
        [Kind::Site, Kind::Lock, Kind::Adoption].into_iter().chain(Kind::IN_FOLDERS).find(|k| k.word() == word)
    }

    fn place(self) -> String {
        match self {
            Kind::Site => "`site.kdl`".to_owned(),
            Kind::Lock => format!("`{LOCK}`"),
            Kind::Adoption => format!("`{ADOPTION}`"),
            kind => format!("`{}/`", kind.folder()),
        }
    }
}

impl Document {
    /// A file that is not read, because of a finding about it.
    pub(super) fn unread(file: FileId, finding: Finding) -> Document {
        let loc = Loc::new(file, Span::default());
        Document { text: "".into(), facts: None, loc, findings: vec![finding], masks: Vec::new() }
    }

    /// The name after the kind: `device "np07"`. `None` where it is missing or was already reported as bad.
    pub(super) fn name(&self) -> Option<(&str, Loc)> {
        let facts = self.facts.as_ref()?;
        let (ix, _) = facts.shape.root().keys().next()?;
        let fact = facts.root.fact(ix)?;
        fact.value.text().map(|text| (text, fact.origin.loc()))
    }
}

/// Reads one file. Nothing of it is shown where it can't be read.
pub(super) fn read(root: &Root, kind: Kind, file: FileId, path: &str) -> Document {
    match root.read_text(path) {
        Ok(text) => check(kind, file, text),
        Err(FileProblem::Missing { .. }) if kind == Kind::Site => {
            let loc = Loc::new(file, Span::default());
            let finding =
                Finding::new(codes::site::MISSING_FILE, loc, "this folder has no `site.kdl`, so it is no site");
            Document::unread(file, finding.help("give the site's folder; a site begins with `site \"name\" { ... }`"))
        }
        Err(problem) => Document::unread(file, problem.finding(Loc::new(file, Span::default()))),
    }
}

/// Checks one text.
pub(super) fn check(kind: Kind, file: FileId, text: Arc<str>) -> Document {
    let parsed = syntax::parse(file, &text);
    let mut document = Document {
        text,
        facts: None,
        loc: Loc::new(file, Span::default()),
        findings: parsed.findings,
        masks: parsed.masks.iter().map(|span| Loc::new(file, *span)).collect(),
    };
    let Some(tree) = parsed.tree else { return document };
    let Some(node) = only_node(kind, &tree, &mut document) else { return document };
    let mut checked = shape::check(kind.shape(), file, node);
    document.loc = tree.loc(node.header);
    document.findings.append(&mut checked.findings);
    document.masks.append(&mut checked.masks);
    require_name(kind, &checked.facts, document.loc, &mut document.findings);
    document.facts = Some(checked.facts);
    document
}

/// The node of the file's kind; every other one is told, and masked, since no shape says what of it is secret.
fn only_node<'t>(kind: Kind, tree: &'t Tree, document: &mut Document) -> Option<&'t Node> {
    let word = kind.word();
    let mut found: Option<&Node> = None;
    for node in &tree.nodes {
        let loc = tree.loc(node.name_span);
        match found {
            None if &*node.name == word => {
                found = Some(node);
                continue;
            }
            Some(first) if &*node.name == word => document.findings.push(
                Finding::new(codes::site::SEVERAL_NODES, loc, format!("a second `{word}` in one file"))
                    .help(format!("give each {word} a file of its own"))
                    .related(tree.loc(first.header), "the first one, which counts"),
            ),
            _ => document.findings.push(wrong_node(kind, &node.name, loc)),
        }
        document.masks.push(tree.loc(Span::new(node.name_span.end as usize, node.span.end as usize)));
    }
    if tree.nodes.is_empty() {
        let finding = Finding::new(codes::site::NO_NODE, document.loc, format!("this file holds no `{word}`"));
        let help = match kind {
            Kind::Lock => "`fieldlock policy pin` writes it anew".to_owned(),
            Kind::Adoption => {
                "write `adoption { stands \"RULE\" until=\"2027-03-31\" owner=\"...\" }`, or remove the file".to_owned()
            }
            _ => format!("write `{word} \"name\" {{ ... }}`, or remove the file"),
        };
        document.findings.push(finding.help(help));
    }
    found
}

fn wrong_node(kind: Kind, name: &str, loc: Loc) -> Finding {
    let word = kind.word();
    let known = Kind::of_word(name);
    let help = match (known, shape::closest(name, [word])) {
        (Some(other), _) => format!("a {name} belongs into {}", other.place()),
        (None, Some(_)) => format!("did you mean `{word}`?"),
        _ if kind.shape().root().field(name).is_some() => {
            format!("put it into the block of `{word} \"name\" {{ ... }}`")
        }
        _ => format!("a file in {} holds one `{word}` and nothing else", kind.place()),
    };
    Finding::new(codes::site::WRONG_NODE, loc, format!("`{name}` does not belong into this file")).help(help)
}

fn require_name(kind: Kind, facts: &Facts, loc: Loc, findings: &mut Vec<Finding>) {
    let word = kind.word();
    for (_, field) in facts.shape.root().keys().filter(|(ix, _)| facts.root.get(*ix).is_none()) {
        let finding =
            Finding::new(codes::shape::MISSING, loc, format!("`{word}` needs its {} right after the word", field.name));
        findings.push(finding.help(format!("write `{word} \"name\"`")));
    }
}
