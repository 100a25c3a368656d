//! Names that a site's own packs can't have: those of shipped packs and rules. Whoever reads such a name takes what
//! stands behind it for ours.

use std::collections::{BTreeMap, BTreeSet};

use super::pack::{Pack, heads};
use crate::finding::{Finding, codes};
use crate::source::{Loc, SourceMap, Span};

/// The names of shipped packs and rules, of those too that are no more, by their letters and digits.
pub(super) struct Reserved<'a> {
    packs: BTreeMap<String, &'a str>,
    rules: BTreeMap<String, &'a str>,
    shipped: &'a [(&'a str, &'a str)],
}

impl<'a> Reserved<'a> {
    /// Of paths beneath `policies/`: a rule's file is called as the rule.
    pub(super) fn of(shipped: &'a [(&'a str, &'a str)]) -> Reserved<'a> {
        let parts = shipped.iter().filter_map(|(path, _)| path.strip_suffix(".kdl")?.split_once('/'));
        let (heads, rules): (Vec<_>, Vec<_>) = parts.partition(|(_, file)| *file == "pack");
        Reserved {
            packs: heads.into_iter().map(|(name, _)| (letters(name), name)).collect(),
            rules: rules.into_iter().map(|(_, id)| (letters(id), id)).collect(),
            shipped,
        }
    }

    /// Folders of the site that are called as a shipped pack, whether the site names them or not.
    pub(super) fn folders(&self, own: &[(String, String)], map: &SourceMap, findings: &mut Vec<Finding>) {
        let mut told = BTreeSet::new();
        for (path, _) in own {
            let folder = path.strip_prefix("packs/").unwrap_or(path).split('/').next().unwrap_or("");
            let Some(name) = self.packs.get(&letters(folder)).filter(|_| told.insert(folder)) else { continue };
            let loc = map.find(path).map_or(Loc::NONE, |file| Loc::new(file, Span::new(0, 0)));
            let message = format!("`packs/{folder}` has the name of `{name}`, a pack that fieldlock ships");
            findings.push(Finding::new(codes::pack::RESERVED_NAME, loc, message));
        }
    }

    /// Takes the rules out of a site's own pack that are called as a shipped one.
    pub(super) fn rules(&self, pack: &mut Pack, findings: &mut Vec<Finding>) {
        let gone: BTreeSet<String> =
            heads(self.shipped).iter().flat_map(|head| &head.gone).map(|gone| letters(&gone.id)).collect();
        pack.rules.retain(|rule| {
            let name = letters(&rule.id);
            let message = match self.rules.get(&name) {
                Some(id) => format!("`{}` has the id of `{id}`, a rule that fieldlock ships", rule.id),
                None if gone.contains(&name) => format!("`{}` has the id of a rule that fieldlock shipped", rule.id),
                None => return true,
            };
            findings.push(Finding::new(codes::pack::RESERVED_ID, rule.loc, message));
            false
        });
    }
}

/// What is left of a name in small letters without what stands between letters and digits.
fn letters(name: &str) -> String {
    name.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}
