//! One rule on a page: what it asks, why, what to do, and a sample that passes and one that fails.

use schemars::JsonSchema;
use serde::Serialize;

use super::escape;
use super::layout::{table, wrap};
use super::paint::{Ink, View, severity_ink};
use crate::finding::{OwnCode, Severity};
use crate::policy::guides::{self, Cited};
use crate::policy::{self, Pack, Packs, Rule};
use crate::source::{Loc, SourceMap, Span};

/// A rule as people read it.
#[derive(Debug, Clone, PartialEq, Serialize, JsonSchema)]
pub struct RulePage {
    /// Its id.
    pub id: String,
    /// Its family.
    pub family: String,
    /// How bad a violation is.
    pub severity: Severity,
    /// What it asks, in a sentence.
    pub title: String,
    /// Why.
    pub why: String,
    /// What of it goes beyond these documents: limits of our own.
    pub ours: Vec<String>,
    /// Further remarks.
    pub notes: Vec<String>,
    /// When it is judged.
    pub moment: String,
    /// Pack and version that hold it.
    pub pack: String,
    /// Platforms it judges; empty for all of the pack.
    pub platforms: Vec<String>,
    /// What is required, as KDL or as the name of an analysis.
    pub require: String,
    /// What to write.
    pub fix: Option<String>,
    /// What to do where no settings can be offered.
    pub help: Option<String>,
    /// Menu path on the device.
    pub menu: Option<String>,
    /// Documents and sections that ask for it.
    pub sources: Vec<Cited>,
    /// Requirements that it supports: `CR 2.5 (SL 1)`.
    pub supports: Vec<String>,
    /// Samples that pass.
    pub passes: Vec<Sample>,
    /// Samples that fail.
    pub fails: Vec<Sample>,
    /// Where it stands.
    pub place: String,
}

/// A sample of a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Sample {
    /// What is the matter with it; may be empty.
    pub name: String,
    /// The KDL.
    pub kdl: String,
}

impl RulePage {
    /// The page of a rule of these packs; `digest` is that of its pack's texts.
    pub fn of(rule: &Rule, packs: &Packs, sources: &SourceMap, digest: &str) -> RulePage {
        let pack = packs.packs.iter().find(|p| p.name == rule.pack);
        let sample =
            |s: &policy::Sample| Sample { name: s.name.clone().unwrap_or_default(), kdl: kdl(s, rule.loc, sources) };
        let supports = |s: &policy::Supports| match s.sl {
            Some(level) => format!("{} (SL {level})", s.requirement),
            None => s.requirement.clone(),
        };
        let menus: Vec<String> = rule.menus.iter().map(|(_, menu)| menu.clone()).collect();
        let fixes: Vec<String> = rule
            .fixes
            .iter()
            .map(|(platform, fix)| match platform {
                Some(platform) => format!("// {}\n{}", platform.word(), fix.kdl),
                None => fix.kdl.clone(),
            })
            .collect();
        RulePage {
            id: rule.id.to_string(),
            family: rule.family.to_string(),
            severity: rule.severity,
            title: rule.title.clone(),
            why: rule.why.clone(),
            ours: rule.ours.clone(),
            notes: rule.notes.clone(),
            moment: moment(rule.moment, rule.also),
            pack: pack.map_or(rule.pack.to_string(), |p| whose(p, rule, digest)),
            platforms: rule.platforms.iter().map(|p| p.word().to_owned()).collect(),
            require: rule.wording.clone(),
            fix: (!fixes.is_empty()).then(|| fixes.join("\n")),
            help: rule.help.clone(),
            menu: (!menus.is_empty()).then(|| menus.join(", or ")),
            sources: guides::cited(rule),
            supports: rule.supports.iter().map(supports).collect(),
            passes: rule.passes.iter().map(sample).collect(),
            fails: rule.fails.iter().map(sample).collect(),
            place: super::check::place(sources, rule.loc).unwrap_or_default(),
        }
    }
}

/// `ot-baseline 1.0.0, in force in every site`
fn whose(pack: &Pack, rule: &Rule, digest: &str) -> String {
    let whose = match (pack.shipped, rule.always) {
        (false, _) => "the site's own",
        (true, true) => "shipped, in force in every site; no waiver covers it",
        (true, false) => "shipped",
    };
    format!("{} {}, {whose}; SHA-256 {digest}", pack.name, pack.version)
}

fn moment(moment: policy::Moment, also: Option<policy::Moment>) -> String {
    let words = |m| match m {
        policy::Moment::Describe => "check: from the description alone",
        policy::Moment::Build => "build: secrets and files are at hand",
        policy::Moment::Connect => "the device, before the first step",
        policy::Moment::Operate => "work, by an attestation",
        policy::Moment::Retire => "the end, when the device is taken out",
    };
    match also {
        Some(also) => format!("{}; its other half at {}", words(moment), words(also)),
        None => words(moment).to_owned(),
    }
}

/// A sample's settings as they stand in the rule, and what stands beside the device.
fn kdl(sample: &policy::Sample, rule: Loc, sources: &SourceMap) -> String {
    let text = |span: Span| sources.shown(Loc::new(rule.file, span));
    let settings = sample.settings.iter().map(|node| text(node.span));
    let beside = sample.with.iter().map(|node| format!("with {{ {} }}", text(node.span)));
    settings.chain(beside).collect::<Vec<_>>().join("\n")
}

/// The page of a code of our own for a terminal.
pub fn explain_code(code: &OwnCode, view: &View) -> String {
    let (id, severity) = (view.ink(Ink::Strong, code.id), view.ink(severity_ink(code.severity), code.severity.word()));
    let mut out = format!("{id}   {severity}\n\n");
    paragraph(&mut out, &code.page(), view);
    section(&mut out, "what to do", &wrap(code.help, text_width(view)).join("\n"), view);
    out.push_str(&format!("\n  {}: {}\n", code.class.word(), code.class.meaning()));
    out
}

/// The page of an id that no rule has, or none any more.
pub fn explain_gone(gone: &policy::Gone, view: &View) -> String {
    let mut out = format!("{}   no rule of its own\n\n", view.ink(Ink::Strong, &escape::line(&gone.id)));
    paragraph(&mut out, &gone.words(), view);
    out
}

/// Words of at most so many columns are read well.
fn text_width(view: &View) -> usize {
    view.width.saturating_sub(4).min(96)
}

fn paragraph(out: &mut String, text: &str, view: &View) {
    for line in wrap(&escape::line(text), text_width(view)) {
        out.push_str(&format!("  {line}\n"));
    }
}

/// The page of a rule for a terminal.
pub fn explain(rule: &RulePage, view: &View) -> String {
    let mut out = format!(
        "{}   {}   {}\n",
        view.ink(Ink::Strong, &escape::line(&rule.id)),
        view.ink(severity_ink(rule.severity), rule.severity.word()),
        escape::line(&rule.title)
    );
    out.push('\n');
    paragraph(&mut out, &rule.why, view);
    for ours in &rule.ours {
        paragraph(&mut out, &format!("Of our own: {ours}"), view);
    }
    for note in &rule.notes {
        out.push('\n');
        paragraph(&mut out, note, view);
    }
    section(&mut out, "asks", &rule.require, view);
    section(&mut out, "write", rule.fix.as_deref().unwrap_or_default(), view);
    for sample in &rule.passes {
        section(&mut out, &titled("passes", &sample.name), or_nothing(&sample.kdl), view);
    }
    for sample in &rule.fails {
        section(&mut out, &titled("fails", &sample.name), or_nothing(&sample.kdl), view);
    }
    out.push('\n');
    out.push_str(&table(&facts(rule), 2));
    out
}

fn or_nothing(kdl: &str) -> &str {
    if kdl.trim().is_empty() { "// nothing is said" } else { kdl }
}

fn facts(rule: &RulePage) -> Vec<Vec<String>> {
    let mut rows: Vec<(&str, String)> = Vec::new();
    rows.extend(rule.help.as_deref().map(|help| ("to do", help.to_owned())));
    rows.extend(rule.menu.as_deref().map(|m| ("on the device", m.to_owned())));
    rows.push(("judged at", rule.moment.clone()));
    rows.push(("platforms", rule.platforms.join(", ")));
    rows.push(("supports", rule.supports.join(", ")));
    rows.extend(rule.sources.iter().map(|s| ("source", s.words())));
    rows.push(("family", rule.family.clone()));
    rows.push(("pack", rule.pack.clone()));
    rows.push(("rule", rule.place.clone()));
    let filled = rows.into_iter().filter(|(_, text)| !text.is_empty());
    filled.map(|(name, text)| vec![name.to_owned(), escape::line(&text)]).collect()
}

fn titled(word: &str, name: &str) -> String {
    if name.is_empty() { word.to_owned() } else { format!("{word}: {}", escape::line(name)) }
}

fn section(out: &mut String, title: &str, text: &str, view: &View) {
    if text.trim().is_empty() {
        return;
    }
    out.push_str(&format!("\n  {}\n", view.ink(Ink::Faint, title)));
    for line in dedent(&escape::block(text)).lines() {
        out.push_str(format!("    {line}").trim_end());
        out.push('\n');
    }
}

/// Takes away the white space that all lines but the first begin with.
fn dedent(text: &str) -> String {
    let text = text.trim_matches('\n').trim_end();
    let indent = |l: &str| l.len() - l.trim_start_matches(' ').len();
    let common = text.lines().skip(1).filter(|l| !l.trim().is_empty()).map(indent).min().unwrap_or(0);
    let first_common = text.lines().next().map_or(0, indent);
    let cut = |(i, l): (usize, &str)| l.get(if i == 0 { first_common } else { common }..).unwrap_or("").to_owned();
    text.lines().enumerate().map(cut).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page_holds_what_the_rule_says_and_nothing_acts() {
        let page = |text: &str| RulePage {
            id: "MX-SES-001".into(),
            family: "login.session-timeout".into(),
            severity: Severity::High,
            title: text.into(),
            why: text.into(),
            notes: vec![text.into()],
            moment: "describe".into(),
            pack: "iec-62443-4-2-mx 1.0.0".into(),
            platforms: vec!["mx-nos".into()],
            require: "login {\n    auto-logout at-most=\"10 min\"\n}".into(),
            fix: Some("login { auto-logout \"5 min\" }".into()),
            help: None,
            menu: Some(text.into()),
            sources: vec![Cited {
                document: text.into(),
                title: Some(text.into()),
                sha256: None,
                section: text.into(),
                lines: vec![1],
            }],
            ours: vec![text.into()],
            supports: vec!["CR 2.5 (SL 1)".into()],
            passes: vec![Sample { name: String::new(), kdl: text.into() }],
            fails: vec![Sample { name: text.into(), kdl: String::new() }],
            place: "policies/x.kdl:3".into(),
        };
        let text = explain(&page("idle sessions are closed"), &View::default());
        assert!(text.contains("    login {\n        auto-logout at-most=\"10 min\"\n    }\n"), "{text}");
        for hostile in escape::hostile() {
            let text = explain(&page(&hostile), &View::default());
            assert!(!text.contains(|c| escape::acts(c) && c != '\n'), "{hostile:?}");
        }
    }
}
