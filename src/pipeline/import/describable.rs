//! What of a reading a person would write: settings that are understood, without those that the device has anyhow.

use crate::model::Facts;
use crate::model::facts::{Group, Item, Items, Setting, Value};
use crate::model::shape::{At, FieldShape, Shape};

/// Fields of `asset` that a person writes and a device tells.
const OF_ASSET: [&str; 2] = ["serial", "mac"];

/// What is worth writing: no secrets, which a description names, nothing that is not believed, and nothing that the
/// device has from the factory.
pub(super) fn describable(read: &Facts, factory: Option<&Facts>) -> Facts {
    let shape = read.shape;
    let walk = Walk { shape };
    let mut root = walk.group(&read.root, factory.map(|f| &f.root)).unwrap_or_else(|| bare(&read.root));
    if let Some((ix, field)) = shape.root().field("asset")
        && let Some(Setting::Group(asset)) = root.get(ix)
        && let crate::model::shape::Kind::Group(id) = field.kind
    {
        let mut told = bare(asset);
        for (at, setting) in asset.iter().filter(|(at, _)| OF_ASSET.contains(&shape.group(id).at(*at).name)) {
            told.set(at, setting.clone());
        }
        match told.is_empty() {
            true => drop(root.remove(ix)),
            false => drop(root.set(ix, Setting::Group(told))),
        }
    }
    Facts { shape, root }
}

fn bare(group: &Group) -> Group {
    Group::new(group.shape, group.origin)
}

struct Walk {
    shape: &'static Shape,
}

impl Walk {
    /// `None` where nothing is left but what names it.
    fn group(&self, read: &Group, factory: Option<&Group>) -> Option<Group> {
        let declared = self.shape.group(read.shape);
        // what a word chooses belongs together
        let whole = declared.tag.is_some() && factory.is_none_or(|f| f != read);
        let mut kept = bare(read);
        let mut leads = Vec::new();
        for (ix, setting) in read.iter() {
            let field = declared.at(ix);
            let beneath = factory.and_then(|f| f.get(ix));
            match setting {
                Setting::Value(fact) if !is_written(field, &fact.value) => {}
                Setting::Value(_) if field.key || field.at == At::Arg => leads.push((ix, setting, beneath)),
                Setting::Value(_) if !whole && beneath == Some(setting) => {}
                Setting::Value(_) => drop(kept.set(ix, setting.clone())),
                Setting::Group(inner) => {
                    let beneath = if let Some(Setting::Group(g)) = beneath { Some(g) } else { None };
                    if let Some(inner) = self.group(inner, beneath.filter(|_| !whole)) {
                        kept.set(ix, Setting::Group(inner));
                    }
                }
                Setting::Items(items) => {
                    let beneath = if let Some(Setting::Items(i)) = beneath { Some(i) } else { None };
                    if let Some(items) = self.items(items, beneath) {
                        kept.set(ix, Setting::Items(items));
                    }
                }
            }
        }
        // what stands in front on its line is written where anything of the line is
        let says = !kept.is_empty() || leads.iter().any(|(_, setting, beneath)| *beneath != Some(*setting));
        leads.into_iter().filter(|_| says).for_each(|(ix, setting, _)| drop(kept.set(ix, setting.clone())));
        (!kept.is_empty()).then_some(kept)
    }

    fn items(&self, read: &Items, factory: Option<&Items>) -> Option<Items> {
        if factory == Some(read) {
            return None;
        }
        let one = |item: &Item| {
            let beneath = factory.and_then(|factory| factory.like(self.shape, &item.group));
            let named = self
                .shape
                .group(item.group.shape)
                .keys()
                .all(|(ix, field)| item.group.fact(ix).is_some_and(|fact| is_written(field, &fact.value)));
            let group = self.group(&item.group, beneath.map(|b| &b.group)).filter(|_| named)?;
            Some(Item { group, dropped: false })
        };
        let items: Vec<Item> = read.items.iter().filter_map(one).collect();
        (!items.is_empty() || read.items.is_empty()).then_some(Items::new(read.origin, items))
    }
}

/// Whether a person could write a value that was read.
fn is_written(field: &FieldShape, value: &Value) -> bool {
    let held = |value: &Value| matches!(value, Value::Held | Value::Secret(_));
    let held = match value {
        Value::List(list) => list.iter().any(|f| held(&f.value)),
        value => held(value),
    };
    // an empty text is what a device has where nobody set one
    let empty = matches!(value, Value::Text(text) if text.is_empty());
    value.is_known() && !held && !field.note && !field.intent && (!empty || field.at == At::Arg || field.key)
}
