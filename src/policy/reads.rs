//! Which settings a rule looks at.

use std::collections::BTreeSet;

use super::pattern::Pattern;
use super::rule::Rule;
use crate::model::Shape;
use crate::model::facts::without_keys;
use crate::model::shape::{FieldIx, GroupId, Kind};

impl Rule {
    /// Dotted paths, without keys, of the settings that it reads: `serial.port.mode`. Sorted.
    pub fn paths(&self) -> Vec<String> {
        let shape = Shape::device();
        let mut found = BTreeSet::new();
        for pattern in self.when.iter().chain(&self.require) {
            walk(shape, shape.root, "", pattern, &mut found);
        }
        let analysed = self.analyse.iter().flat_map(|a| a.analysis.reads.iter().chain(a.analysis.looks_at));
        found.extend(analysed.map(|path| (*path).to_owned()));
        found.into_iter().collect()
    }
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
        Pattern::All(list) | Pattern::Any(list) => list.iter().for_each(|p| walk(shape, group, prefix, p, found)),
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
        Pattern::Unique { field, .. } | Pattern::Values { field, .. } => {
            found.insert(below(*field).0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::concerns;

    #[test]
    fn a_change_concerns_rules_that_read_it_or_what_holds_it() {
        let paths = ["login.lockout".to_owned(), "serial.port.mode".to_owned()];
        assert!(concerns(&paths, "login.lockout.after"));
        assert!(concerns(&paths, "serial.port[1]"));
        assert!(concerns(&paths, "serial.port[1].mode.data-port"));
        assert!(!concerns(&paths, "login.lockouts") && !concerns(&paths, "allowlist.host[10.0.0.1]"));
    }
}
