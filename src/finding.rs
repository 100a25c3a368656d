//! What fieldlock has to say about a line: the one currency of all stages.
//!
//! A finding is plain data; it becomes text only in `report`. It points at both ends: the user's line and the
//! rule's. Messages are lower case, without a full stop, with the user's text in backticks; the remedy is `help`.

mod code;
pub mod codes;

use std::collections::HashMap;

pub use code::{Class, Code, OwnCode};

use crate::source::Loc;

/// How bad it is. The order is the order of the words: `Info` is the least.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Worth knowing.
    Info,
    /// Little risk, or a matter of form.
    Low,
    /// Should be fixed.
    Medium,
    /// Must be fixed before sealing.
    High,
    /// Locks somebody out, or opens the door.
    Critical,
}

impl Severity {
    /// The word as written in packs and reports.
    pub fn word(self) -> &'static str {
        match self {
            Severity::Info => "info",
            Severity::Low => "low",
            Severity::Medium => "medium",
            Severity::High => "high",
            Severity::Critical => "critical",
        }
    }

    /// From the word; `None` for any other.
    pub fn from_word(word: &str) -> Option<Severity> {
        [Severity::Info, Severity::Low, Severity::Medium, Severity::High, Severity::Critical]
            .into_iter()
            .find(|s| s.word() == word)
    }
}

/// What became of a rule on a device. `Pass` and `NotApplicable` appear only where all are asked for.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Verdict {
    /// The rule holds.
    Pass,
    /// The rule is broken. Syntax, shape and site errors are `Fail` too.
    Fail,
    /// Absent, and no confirmed factory value: not a pass.
    Unknown,
    /// Broken or unknown, and a person answers for it until a date.
    Waived,
    /// Needs the secrets, the device, or an attestation that is not due yet.
    Deferred,
    /// The rule does not concern this device.
    NotApplicable,
}

/// What a verdict that is left for later waits for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Waits {
    /// The values of secrets.
    Secrets,
    /// A build, which has all files at hand.
    Build,
    /// The device itself.
    Device,
    /// Somebody who attests it, before the device runs.
    Attestation,
    /// Somebody who attests it while the device runs.
    Operation,
    /// Somebody who attests it when the device is taken out.
    Retirement,
}

impl Waits {
    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Waits::Secrets => "needs the secrets",
            Waits::Build => "judged when it is built",
            Waits::Device => "needs the device",
            Waits::Attestation => "needs an attestation",
            Waits::Operation => "needs an attestation while it runs",
            Waits::Retirement => "needs an attestation when it is taken out",
        }
    }
}

impl Verdict {
    /// How strong it is: 0 is broken, 3 holds or does not apply; none of what waits.
    pub fn strength(self) -> Option<u8> {
        match self {
            Verdict::Fail => Some(0),
            Verdict::Unknown => Some(1),
            Verdict::Waived => Some(2),
            Verdict::Pass | Verdict::NotApplicable => Some(3),
            Verdict::Deferred => None,
        }
    }

    /// As people read it.
    pub fn words(self) -> &'static str {
        match self {
            Verdict::Pass => "pass",
            Verdict::Fail => "fail",
            Verdict::Unknown => "unknown",
            Verdict::Waived => "waived",
            Verdict::Deferred => "left for later",
            Verdict::NotApplicable => "does not apply",
        }
    }
}

/// A place with a few words beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// Where.
    pub loc: Loc,
    /// What to say there.
    pub text: String,
}

/// What mends a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fix {
    /// The settings to write, as a person would.
    pub kdl: String,
    /// The same as edits of the files that own the settings; none where a person has to decide more than that.
    pub edits: Vec<Edit>,
    /// Whether these are settings whose change can't take anything away (no service off, no allowlist changed).
    pub safe: bool,
}

/// A change of a text: what stands at a place gives way to another text. Nothing else is touched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// The file, and the bytes that go; none of them where something is put in.
    pub at: Loc,
    /// What comes in their place.
    pub text: String,
}

/// One thing to tell, with where and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// The id of a rule, or a code of our own.
    pub code: Code,
    /// Family of the rule (`login.lockout`); empty for codes of our own.
    pub family: String,
    /// How bad.
    pub severity: Severity,
    /// What became of it.
    pub status: Verdict,
    /// The device, where it concerns one.
    pub device: Option<String>,
    /// Further devices that the same line makes it of.
    pub also: Vec<String>,
    /// Dotted path of the setting, where it concerns one.
    pub path: Option<String>,
    /// The sentence.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The user's line. [`Loc::NONE`] only where no text exists (a missing directory).
    pub loc: Loc,
    /// Words beside the underline.
    pub label: String,
    /// The rule's line.
    pub rule_loc: Option<Loc>,
    /// Further places: the station that an allowlist shuts out, the first of two twins.
    pub related: Vec<Note>,
    /// How the line reaches the device: `use` lines, the device's first.
    pub trail: Vec<Note>,
    /// The mending text, where one is known.
    pub fix: Option<Fix>,
    /// Every rule behind it, when equal findings of several rules were joined. Holds `code` too.
    pub rules: Vec<RuleRef>,
    /// The waiver that covers it.
    pub waiver: Option<String>,
    /// Menu path on the device's own web pages, where the fix is made by hand.
    pub menu: Option<String>,
    /// Requirements that the rule supports (`CR 1.11`).
    pub supports: Vec<String>,
    /// Why it is deferred or unknown, in a few words.
    pub reason: Option<String>,
    /// Whether it is about what people attest after the build: it keeps nothing from being sealed.
    pub later: bool,
    /// Why it fails no run though it is open: it stood there before what is looked at was changed.
    pub known: Option<String>,
}

/// A rule behind a finding.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleRef {
    /// Its id.
    pub id: String,
    /// Its line in the pack.
    pub loc: Loc,
    /// Its own severity.
    pub severity: Severity,
}

impl Finding {
    /// A failing finding at a place. Severity and help are those of the code.
    pub fn new(code: Code, loc: Loc, message: impl Into<String>) -> Finding {
        let (severity, help) = match &code {
            Code::Own(own) => (own.severity, Some(own.help.to_owned())),
            Code::Rule(_) => (Severity::High, None),
        };
        Finding {
            code,
            family: String::new(),
            severity,
            status: Verdict::Fail,
            device: None,
            also: Vec::new(),
            path: None,
            message: message.into(),
            help,
            loc,
            label: String::new(),
            rule_loc: None,
            related: Vec::new(),
            trail: Vec::new(),
            fix: None,
            rules: Vec::new(),
            waiver: None,
            menu: None,
            supports: Vec::new(),
            reason: None,
            later: false,
            known: None,
        }
    }

    /// With a more precise remedy than the code's.
    pub fn help(mut self, help: impl Into<String>) -> Finding {
        self.help = Some(help.into());
        self
    }

    /// With words beside the underline.
    pub fn label(mut self, label: impl Into<String>) -> Finding {
        self.label = label.into();
        self
    }

    /// With another severity.
    pub fn severity(mut self, severity: Severity) -> Finding {
        self.severity = severity;
        self
    }

    /// With a further place.
    pub fn related(mut self, loc: Loc, text: impl Into<String>) -> Finding {
        self.related.push(Note { loc, text: text.into() });
        self
    }

    /// On a device.
    pub fn device(mut self, device: impl Into<String>) -> Finding {
        self.device = Some(device.into());
        self
    }

    /// About a setting.
    pub fn path(mut self, path: impl Into<String>) -> Finding {
        self.path = Some(path.into());
        self
    }

    /// Whether it is told without being asked for: all but passes and rules that do not apply.
    pub fn is_told(&self) -> bool {
        !matches!(self.status, Verdict::Pass | Verdict::NotApplicable)
    }

    /// Every device that it concerns; none where it concerns the site.
    pub fn devices(&self) -> impl Iterator<Item = &str> {
        self.device.iter().chain(&self.also).map(String::as_str)
    }

    /// Whether it is listed without being asked for: it fails, or can't be told.
    pub fn is_open(&self) -> bool {
        matches!(self.status, Verdict::Fail | Verdict::Unknown)
    }

    /// Whether it says that the input itself can't be used: exit 2, no rule is judged on it.
    pub fn is_input_error(&self) -> bool {
        self.code.class() == Class::Input && self.status == Verdict::Fail
    }

    /// Whether it keeps its device from being built, whatever is asked for: the input can't be used, or the platform
    /// does not take it.
    pub fn is_refused(&self) -> bool {
        self.is_input_error() || self.code.class() == Class::Refusal && self.is_open()
    }
}

/// What two devices say of each other's line is one cause: the first of the two findings stays and names both devices.
pub fn join_ends(findings: &mut Vec<Finding>) {
    let mut first: HashMap<(Code, Loc, Loc), usize> = HashMap::new();
    let mut joined: HashMap<usize, usize> = HashMap::new();
    for (at, finding) in findings.iter().enumerate() {
        if !finding.is_open() || finding.device.is_none() {
            continue;
        }
        for end in finding.related.iter().filter(|end| end.loc.is_some() && end.loc != finding.loc) {
            let other = first.get(&(finding.code.clone(), end.loc, finding.loc)).copied();
            match other.filter(|other| findings[*other].device != finding.device) {
                Some(other) if findings[other].status == finding.status => {
                    joined.entry(at).or_insert(other);
                }
                _ => {
                    first.entry((finding.code.clone(), finding.loc, end.loc)).or_insert(at);
                }
            }
        }
    }
    for (at, other) in &joined {
        let device = findings[*at].device.clone();
        findings[*other].also.extend(device);
    }
    let mut place = 0..;
    findings.retain(|_| !place.next().is_some_and(|at| joined.contains_key(&at)));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::{FileId, Span};

    #[test]
    fn one_cause_at_two_ends_is_one_finding() {
        let loc = |n: usize| Loc::new(FileId(0), Span::new(n, n + 1));
        let end = |device: &str, own: usize, other: usize| {
            Finding::new(Code::rule("X-1"), loc(own), "they differ").device(device).related(loc(other), "the other end")
        };
        let told = |mut findings: Vec<Finding>| {
            join_ends(&mut findings);
            findings.iter().map(|f| f.devices().collect::<Vec<_>>().join(" ")).collect::<Vec<_>>()
        };
        assert_eq!(told(vec![end("a", 1, 5), end("c", 9, 12), end("b", 5, 1)]), ["a b", "c"]);
        assert_eq!(told(vec![end("a", 1, 5), end("b", 5, 9)]), ["a", "b"]);
        assert_eq!(told(vec![end("a", 1, 5), end("a", 5, 1)]), ["a", "a"]);
        let waived = Finding { status: Verdict::Waived, ..end("b", 5, 1) };
        assert_eq!(told(vec![end("a", 1, 5), waived]), ["a", "b"]);
    }
}
