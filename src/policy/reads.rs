//! Which settings a rule looks at.

use std::collections::BTreeSet;

use super::analysis::ParamValue;
use super::pattern::Pattern;
use super::rule::{Analyse, Rule};
use crate::model::Shape;
use crate::model::facts::without_keys;
use crate::model::shape::{FieldIx, GroupId, Kind};

impl Rule {
    /// Those that say whether the rule applies: of its `when`, and of analyses, which may say so too. Sorted.
    pub fn guards(&self) -> Vec<String> {
        let shape = Shape::device();
        let mut found = BTreeSet::new();
        if let Some(pattern) = &self.when {
            walk(shape, shape.root, "", pattern, &mut found);
        }
        found.extend(self.analysed().map(str::to_owned));
        found.into_iter().collect()
    }

    /// What analyses read. Where a rule hands one the name of a setting, that stands for the groups that it might be
    /// of.
    fn analysed(&self) -> impl Iterator<Item = &str> {
        self.analyse.iter().flat_map(|analyse| {
            let Analyse { analysis, params, .. } = analyse;
            let setting = params.iter().find_map(|(name, value)| match value {
                ParamValue::Text(path) if *name == "setting" => Some(&**path),
                _ => None,
            });
            let own = move |path: &&&str| setting.is_none() || !is_group(path);
            analysis.reads.iter().chain(analysis.looks_at).filter(own).copied().chain(setting)
        })
    }

    /// Dotted paths, without keys, of the settings that it reads: `serial.port.mode`. Sorted.
    pub fn paths(&self) -> Vec<String> {
        let shape = Shape::device();
        let mut found = BTreeSet::new();
        for pattern in self.when.iter() {
            walk(shape, shape.root, "", pattern, &mut found);
        }
        found.extend(self.asked());
        found.into_iter().collect()
    }

    /// Those of them that it asks something of; the others say whether it asks at all. Sorted.
    pub fn asked(&self) -> Vec<String> {
        let shape = Shape::device();
        let mut found = BTreeSet::new();
        for pattern in self.require.iter() {
            walk(shape, shape.root, "", pattern, &mut found);
        }
        found.extend(self.analysed().map(str::to_owned));
        found.extend(self.analyse.iter().flat_map(handed));
        found.into_iter().collect()
    }
}

fn is_group(path: &str) -> bool {
    let shape = Shape::device();
    let field = shape.fields(path).and_then(|fields| shape.field_at(&fields).map(|field| &field.kind));
    matches!(field, Some(Kind::Group(_)))
}

/// The settings of a group that an analysis looks at, where the rule hands it their names in a list that is called like
/// the group.
fn handed(analyse: &Analyse) -> impl Iterator<Item = String> {
    let lists = analyse.params.iter().filter(|(name, _)| analyse.analysis.looks_at.contains(*name));
    lists.flat_map(|(group, value)| match value {
        ParamValue::List(names) => names.iter().map(|name| format!("{group}.{name}")).collect(),
        _ => Vec::new(),
    })
}

/// Whether a change at `path` (with keys) concerns one of the paths that a rule reads.
pub fn concerns(paths: &[String], path: &str) -> bool {
    concerns_bare(paths, &without_keys(path))
}

/// The same, for a path without keys: who asks many rules takes the keys off once.
pub fn concerns_bare(paths: &[String], bare: &str) -> bool {
    let within =
        |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|r| r.is_empty() || r.starts_with('.'));
    paths.iter().any(|p| within(bare, p) || within(p, bare))
}

/// The settings at the paths of which a rule asks something, each by the fields it goes through: found once for all
/// that [`decides_bare`] is asked of the rule.
pub fn settings(asked: &[String]) -> Vec<Vec<FieldIx>> {
    asked.iter().filter_map(|path| Shape::device().setting(path)).collect()
}

/// Whether what stands at a path (without keys) is itself one of the settings that a rule asks something of, or an
/// entry of a list that holds one; what merely lies in the same group is not.
pub fn decides_bare(asked: &[Vec<FieldIx>], bare: &str) -> bool {
    let shape = Shape::device();
    let Some(wanted) = shape.setting(bare) else { return false };
    let is_list = matches!(shape.field_at(&wanted).map(|f| &f.kind), Some(Kind::Groups(_)));
    asked.iter().any(|path| *path == wanted || is_list && path.starts_with(&wanted))
}

fn walk(shape: &Shape, group: GroupId, prefix: &str, pattern: &Pattern, found: &mut BTreeSet<String>) {
    let below = |field: FieldIx| {
        let field = shape.group(group).at(field);
        let path = if prefix.is_empty() { field.name.to_owned() } else { format!("{prefix}.{}", field.name) };
        let inner = match field.kind {
            Kind::Group(id) | Kind::Groups(id) => id,
            _ => group,
        };
        (path, inner)
    };
    match pattern {
        Pattern::All(list) | Pattern::Any(list) | Pattern::NotAll(list) => {
            list.iter().for_each(|p| walk(shape, group, prefix, p, found))
        }
        Pattern::If { when, then } => {
            walk(shape, group, prefix, when, found);
            walk(shape, group, prefix, then, found);
        }
        Pattern::Into { field, inner }
        | Pattern::Each { field, inner }
        | Pattern::Some { field, inner }
        | Pattern::Last { field, inner, .. } => {
            let (path, id) = below(*field);
            walk(shape, id, &path, inner, found);
        }
        Pattern::Count { field, filter, .. } => {
            let (path, id) = below(*field);
            if let Some(filter) = filter {
                walk(shape, id, &path, filter, found);
            }
            found.insert(path);
        }
        Pattern::Leaf(leaf) | Pattern::Has(leaf) => {
            found.insert(below(leaf.field).0);
        }
        Pattern::Refers(refers) => {
            let path = |word: &str| if prefix.is_empty() { word.to_owned() } else { format!("{prefix}.{word}") };
            let [list, by, among] = &refers.words;
            let (list, among) = (path(list), path(among));
            for (inner, prefix) in [(&refers.entry, &list), (&refers.named, &among)] {
                let of = shape.fields(prefix).and_then(|fields| shape.field_at(&fields).map(|f| &f.kind));
                if let (Some(inner), Some(Kind::Groups(id))) = (inner, of) {
                    walk(shape, *id, prefix, inner, found);
                }
            }
            found.insert(format!("{list}.{by}"));
            found.insert(among);
        }
        Pattern::Unique { field, .. } | Pattern::Values { field, .. } => {
            found.insert(below(*field).0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{concerns, decides_bare, settings};

    #[test]
    fn a_row_decides_what_asks_for_it_and_no_neighbour() {
        let asked = |paths: &[&str]| settings(&paths.iter().map(|p| (*p).to_owned()).collect::<Vec<_>>());
        let lockout = asked(&["login.lockout.after", "accounts.account.group"]);
        assert!(decides_bare(&lockout, "login.lockout.after") && !decides_bare(&lockout, "login.lockout"));
        assert!(decides_bare(&lockout, "accounts.account") && !decides_bare(&lockout, "accounts.account.enabled"));
        assert!(decides_bare(&asked(&["login.lockout.enabled"]), "login.lockout"));
        assert!(decides_bare(&asked(&["login.lockout"]), "login.lockout.enabled"));
        assert!(!decides_bare(&asked(&["services"]), "services.telnet"));
    }

    #[test]
    fn a_change_concerns_rules_that_read_it_or_what_holds_it() {
        let paths = ["login.lockout".to_owned(), "serial.port.mode".to_owned()];
        assert!(concerns(&paths, "login.lockout.after"));
        assert!(concerns(&paths, "serial.port[1]"));
        assert!(concerns(&paths, "serial.port[1].mode.data-port"));
        assert!(!concerns(&paths, "login.lockouts") && !concerns(&paths, "allowlist.host[10.0.0.1]"));
    }
}
