//! One setting of some facts put into others, by its path.

use super::path::key_text;
use super::{Fact, Facts, Group, Item, Path, Setting, Step, Value};
use crate::model::shape::{FieldIx, Kind, Shape};
use crate::source::Origin;

impl Facts {
    /// Puts what stands at a dotted path in other facts into these; where nothing stands there, it is taken out. A path
    /// to a group with a head means the head, as in [`Facts::value`]. What is no path changes nothing.
    pub fn put(&mut self, path: &str, from: &Facts) {
        let shape = self.shape;
        if let Ok(path) = Path::parse(shape, path) {
            put(shape, &mut self.root, Some(&from.root), &path.steps);
        }
    }
}

fn put(shape: &Shape, to: &mut Group, from: Option<&Group>, steps: &[Step]) {
    let [Step::Field(ix), rest @ ..] = steps else { return };
    let there = from.and_then(|group| group.get(*ix));
    let kind = &shape.group(to.shape).at(*ix).kind;
    match (rest, kind) {
        ([], Kind::Group(id)) if let Some((head, _)) = shape.group(*id).head() => {
            let inner = if let Some(Setting::Group(inner)) = there { Some(inner) } else { None };
            if let Some(group) = to.group_mut(*ix, *id, Origin::NONE) {
                put(shape, group, inner, &[Step::Field(head)]);
            }
        }
        ([], _) => match there {
            Some(setting) => drop(to.set(*ix, setting.clone())),
            None => drop(to.remove(*ix)),
        },
        ([Step::Field(_), ..], Kind::Group(id)) => {
            let inner = if let Some(Setting::Group(inner)) = there { Some(inner) } else { None };
            if let Some(group) = to.group_mut(*ix, *id, Origin::NONE) {
                put(shape, group, inner, rest);
            }
        }
        ([Step::Key(key), rest @ ..], Kind::Groups(_)) => entry(shape, to, (*ix, there), key, rest),
        _ => {}
    }
}

fn entry(shape: &Shape, to: &mut Group, (ix, there): (FieldIx, Option<&Setting>), key: &str, rest: &[Step]) {
    let is = |item: &Item| key_text(shape, &item.group) == *key;
    let theirs = if let Some(Setting::Items(items)) = there { &items.items[..] } else { &[] };
    let place = theirs.iter().position(is);
    // what is only asked to go is not there
    let said = place.map(|at| &theirs[at].group).filter(|group| {
        let declared = shape.group(group.shape);
        !group.iter().any(|(ix, _)| declared.at(ix).intent)
    });
    let Some(items) = to.items_mut(ix, Origin::NONE) else { return };
    let held = items.items.iter().position(is);
    match (said, held, rest) {
        (None, Some(at), []) => drop(items.items.remove(at)),
        (None, None, _) => {}
        (Some(group), Some(at), []) => items.items[at].group = group.clone(),
        (said, Some(at), rest) => put(shape, &mut items.items[at].group, said, rest),
        (Some(group), None, rest) => {
            // behind the nearest of those that stand before it there
            let before = theirs[..place.unwrap_or(0)].iter().rev();
            let behind = before.filter_map(|item| {
                let key = key_text(shape, &item.group);
                items.items.iter().position(|held| key_text(shape, &held.group) == key)
            });
            let at = behind.map(|at| at + 1).next().unwrap_or(0);
            let mut new = if rest.is_empty() { group.clone() } else { key_alone(shape, group) };
            if !rest.is_empty() {
                put(shape, &mut new, Some(group), rest);
            }
            items.items.insert(at, Item { group: new, dropped: false });
        }
    }
}

fn key_alone(shape: &Shape, group: &Group) -> Group {
    let mut key = Group::new(group.shape, group.origin);
    for (ix, _) in shape.group(group.shape).keys() {
        if let Some(setting) = group.get(ix) {
            key.set(ix, setting.clone());
        }
    }
    key
}

/// Puts the names of secrets that others say within an entry into these facts: beside another word of a line that is
/// written whole.
pub fn name_secrets(facts: &mut Facts, entry: &str, from: &Facts) {
    let (Some(theirs), true) = (from.group(entry), facts.group(entry).is_some()) else { return };
    let declared = facts.shape.group(theirs.shape);
    let named = |(ix, setting): (FieldIx, &Setting)| match setting {
        Setting::Value(Fact { value: Value::Secret(_), .. }) => Some(format!("{entry}.{}", declared.at(ix).name)),
        _ => None,
    };
    let paths: Vec<String> = theirs.iter().filter_map(named).collect();
    paths.iter().for_each(|path| facts.put(path, from));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::shape;
    use crate::source::FileId;
    use crate::syntax;

    fn facts(text: &str) -> Facts {
        let tree = syntax::parse(FileId(0), &format!("device \"d\" {{\n{text}\n}}")).tree.unwrap();
        shape::check(Shape::device(), FileId(0), &tree.nodes[0]).facts
    }

    #[test]
    fn each_setting_put_makes_one_the_other() {
        let one = facts("services { telnet on; http off }\naccounts { account \"a\" role=\"user\" }");
        let two = facts(
            "services { telnet off }\naccounts { account \"b\" role=\"user\"; account \"a\" role=\"administrator\" }\n\
             time { ntp \"10.0.0.1\" }",
        );
        let paths = ["services.telnet", "services.http", "accounts.account[b]", "accounts.account[a].role", "time.ntp"];
        let mut made = one.clone();
        paths.iter().for_each(|path| made.put(path, &two));
        let values = |facts: &Facts| -> Vec<(String, String)> {
            super::super::leaves(facts).map(|leaf| (leaf.path, leaf.fact.value.plain())).collect()
        };
        assert_eq!(values(&made), values(&two));
        let mut back = made;
        paths.iter().rev().for_each(|path| back.put(path, &one));
        assert_eq!(values(&back), values(&one));
    }
}
