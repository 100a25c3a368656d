//! All that is to be said of one rule, as plain data.

use std::sync::Arc;

use super::{Pack, Packs, Rule};
use crate::model::shape::{Shape, closest};

/// A rule explained.
#[derive(Debug, Clone)]
pub struct Explained<'a> {
    /// The rule: title, why, fix, menus, sources, requirements, samples.
    pub rule: &'a Arc<Rule>,
    /// Its pack.
    pub pack: &'a Pack,
    /// The guard in words, a line each; empty where there is none.
    pub when: Vec<String>,
    /// What is required in words, a line each, analyses included.
    pub requires: Vec<String>,
    /// Limits that a site may move to the stricter side: name, default, and `less` or `more`.
    pub adjustables: Vec<(&'a str, &'a str, &'static str)>,
    /// Other rules of its family in force.
    pub family: Vec<&'a Arc<Rule>>,
}

/// Explains the rule of an id, written in any case.
///
/// # Errors
/// The id that was most likely meant, where one is near.
pub fn explain<'a>(packs: &'a Packs, id: &str) -> Result<Explained<'a>, Option<&'a str>> {
    let found = packs.packs.iter().find_map(|pack| {
        let rule = pack.rules.iter().find(|r| r.id.eq_ignore_ascii_case(id))?;
        Some((pack, rule))
    });
    let Some((pack, rule)) = found else {
        let upper = id.to_ascii_uppercase();
        return Err(closest(&upper, packs.rules().map(|r| &*r.id)));
    };
    let shape = Shape::device();
    let words = |p: &Option<super::pattern::Pattern>| p.as_ref().map(|p| p.in_words(shape)).unwrap_or_default();
    let mut requires = words(&rule.require);
    for analyse in &rule.analyse {
        let params: Vec<String> = analyse.params.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let with = if params.is_empty() { String::new() } else { format!(" ({})", params.join(", ")) };
        requires.push(format!("{}{with}", analyse.analysis.doc));
    }
    let used = |name: &str| rule.wording.contains(&format!("adjustable=\"{name}\""));
    let adjustables = pack.adjustables.iter().filter(|(name, _)| used(name)).map(|(name, (default, toward))| {
        let way = match toward {
            super::pattern::Toward::Less => "less",
            super::pattern::Toward::More => "more",
        };
        (&**name, default.as_str(), way)
    });
    Ok(Explained {
        rule,
        pack,
        when: words(&rule.when),
        requires,
        adjustables: adjustables.collect(),
        family: packs.rules().filter(|r| r.family == rule.family && r.id != rule.id).collect(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::SourceMap;

    #[test]
    fn every_shipped_rule_is_explained() {
        let shipped = crate::embedded::POLICIES;
        let names = Packs::shipped_names(shipped);
        let (packs, _) = Packs::load(&names, shipped, &[], &mut SourceMap::new());
        for rule in packs.rules() {
            let said = explain(&packs, &rule.id.to_lowercase()).unwrap();
            assert!(!said.requires.is_empty() && !said.rule.wording.is_empty(), "{}", rule.id);
            assert!(rule.passes.iter().chain(&rule.fails).all(|s| s.settings.is_empty() || !s.kdl.is_empty()));
        }
        let idle = explain(&packs, "MX-SES-001").unwrap();
        assert!(idle.requires[0].starts_with("`login.auto-logout`: at most `\"10 min\"`"), "{:?}", idle.requires);
        assert!(idle.family.iter().any(|r| &*r.id == "NP6-SES-002"));
        assert_eq!(explain(&packs, "MX-SES-0O1").err(), Some(Some("MX-SES-001")));
    }
}
