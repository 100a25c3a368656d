//! Entries that are alike but for what they are called stand on one line: `port "1/1-4" enabled=on`.

use crate::model::facts::{Fact, Group, Item, Items, Setting, Value};
use crate::model::shape::{FieldIx, Shape};
use crate::model::value::Set;

/// A group with such entries of its lists as one each.
pub(super) fn gathered(shape: &Shape, group: &Group) -> Group {
    let mut out = Group::new(group.shape, group.origin);
    for (ix, setting) in group.iter() {
        let setting = match setting {
            Setting::Value(_) => setting.clone(),
            Setting::Group(inner) => Setting::Group(gathered(shape, inner)),
            Setting::Items(items) => Setting::Items(of_list(shape, items)),
        };
        out.set(ix, setting);
    }
    out
}

fn of_list(shape: &Shape, items: &Items) -> Items {
    let mut lines: Vec<(Group, Vec<String>, &Item)> = Vec::new();
    for item in &items.items {
        let Some((key, name)) = key(shape, &item.group) else { return items.clone() };
        let mut rest = item.group.clone();
        rest.remove(key);
        match lines.iter_mut().find(|(alike, ..)| *alike == rest) {
            Some((_, names, _)) => names.push(name),
            None => lines.push((rest, vec![name], item)),
        }
    }
    let line = |(_, names, first): (Group, Vec<String>, &Item)| {
        let mut group = first.group.clone();
        if let Some((key, _)) = key(shape, &group).filter(|_| names.len() > 1)
            && let Some(origin) = group.fact(key).map(|fact| fact.origin)
        {
            let all: Set = names.iter().collect();
            group.set(key, Setting::Value(Fact::new(Value::Text(all.to_string().into()), origin)));
        }
        Item { group, dropped: first.dropped }
    };
    Items::new(items.origin, lines.into_iter().map(line).collect())
}

/// The key of an entry that a line may name several of, where it has one that ranges are written of.
fn key(shape: &Shape, group: &Group) -> Option<(FieldIx, String)> {
    let (key, _) = shape.group(group.shape).keys().find(|(_, field)| field.spread)?;
    let name = group.fact(key)?.value.text()?;
    let set: Set = name.parse().ok()?;
    (set.len() == 1 && set.to_string() == name).then(|| (key, name.to_owned()))
}
