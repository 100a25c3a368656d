//! What devices of one model have in common, and what is left of each.

use std::collections::HashMap;

use crate::model::Facts;
use crate::model::facts::{Fact, Group, Item, Items, Setting};
use crate::model::paths;
use crate::model::shape::{At, FieldIx, Shape};
use crate::site::placeholders::would_be_filled;
use crate::source::{FileId, Origin};

/// What is each device's own, whatever others have: who it is, where it stands, what is connected to it.
const OWN: [&str; 4] = [paths::IDENTITY, paths::ASSET, paths::NETWORK_INTERFACE, paths::SERIAL_PORT_ALIAS];

/// What devices have in common.
pub(super) struct Shared {
    /// As a profile says it.
    pub(super) facts: Facts,
    /// How many have what was read at a place.
    agree: HashMap<(FileId, u32), usize>,
}

impl Shared {
    /// How many devices have what stands at this origin; the least of what one place says.
    pub(super) fn agreeing(&self, origin: Origin) -> Option<usize> {
        let loc = origin.loc();
        self.agree.get(&(loc.file, loc.span.start)).copied()
    }
}

/// What most of them say, of settings that all of them have: whoever has it otherwise says so, and nobody has to take
/// anything back.
pub(super) fn shared(devices: &[&Facts]) -> Option<Shared> {
    let shape = devices.first()?.shape;
    let mut common = Common { shape, agree: HashMap::new() };
    let groups: Vec<&Group> = devices.iter().map(|facts| &facts.root).collect();
    let root = common.group(&groups, "")?;
    Some(Shared { facts: Facts { shape, root }, agree: common.agree })
}

struct Common {
    shape: &'static Shape,
    agree: HashMap<(FileId, u32), usize>,
}

impl Common {
    fn group(&mut self, all: &[&Group], path: &str) -> Option<Group> {
        let first = *all.first()?;
        let declared = self.shape.group(first.shape);
        // where a word chooses what may follow, those that say another are told whole
        let all: Vec<&Group> = match declared.tag {
            None => all.to_vec(),
            Some(tag) => {
                let most = most(all.iter().filter_map(|group| group.fact(tag)))?.0.value.clone();
                all.iter().filter(|g| g.fact(tag).is_some_and(|f| f.value == most)).copied().collect()
            }
        };
        let first = *all.first()?;
        let mut kept = Group::new(first.shape, first.origin);
        let mut keys: Vec<(FieldIx, Setting)> = Vec::new();
        for (ix, setting) in first.iter() {
            let field = declared.at(ix);
            let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
            if OWN.contains(&path.as_str()) {
                continue;
            }
            let of_all: Vec<&Setting> = all.iter().filter_map(|group| group.get(ix)).collect();
            if of_all.len() < all.len() {
                continue;
            }
            let found = match setting {
                Setting::Value(_) if field.key => {
                    keys.push((ix, setting.clone()));
                    None
                }
                Setting::Value(_) => self.value(&of_all),
                Setting::Group(_) => {
                    let groups: Vec<&Group> =
                        of_all.iter().filter_map(|s| if let Setting::Group(g) = s { Some(g) } else { None }).collect();
                    self.group(&groups, &path).map(Setting::Group)
                }
                Setting::Items(_) => {
                    let lists: Vec<&Items> =
                        of_all.iter().filter_map(|s| if let Setting::Items(i) = s { Some(i) } else { None }).collect();
                    self.items(&lists, field.ordered, &path)
                }
            };
            if let Some(found) = found {
                kept.set(ix, found);
            }
        }
        if kept.is_empty() {
            return None;
        }
        keys.into_iter().for_each(|(ix, key)| drop(kept.set(ix, key)));
        Some(kept)
    }

    fn value(&mut self, of_all: &[&Setting]) -> Option<Setting> {
        let facts = of_all.iter().filter_map(|s| if let Setting::Value(fact) = s { Some(fact) } else { None });
        let (fact, count) = most(facts)?;
        // a value that few have is nobody's common one
        if count * 2 < of_all.len() || would_be_filled(&Setting::Value(fact.clone())) {
            return None;
        }
        let loc = fact.origin.loc();
        let agree = self.agree.entry((loc.file, loc.span.start)).or_insert(count);
        *agree = count.min(*agree);
        Some(Setting::Value(fact.clone()))
    }

    fn items(&mut self, lists: &[&Items], ordered: bool, path: &str) -> Option<Setting> {
        let first = *lists.first()?;
        let keyed = first.items.first().is_some_and(|i| self.shape.group(i.group.shape).keys().next().is_some());
        if ordered || !keyed {
            let alike = lists.iter().all(|list| *list == first);
            return Some(Setting::Items(first.clone())).filter(|items| alike && !would_be_filled(items));
        }
        let mut items = Vec::new();
        for item in &first.items {
            let groups: Vec<&Group> =
                lists.iter().filter_map(|list| Some(&list.like(self.shape, &item.group)?.group)).collect();
            if groups.len() < lists.len() {
                continue;
            }
            let bare = groups.iter().all(|group| group.iter().all(|(ix, _)| self.shape.group(group.shape).at(ix).key));
            let shared = if bare { Some(item.group.clone()) } else { self.group(&groups, path) };
            let key = |group: &Group| group.iter().any(|(_, setting)| would_be_filled(setting));
            items.extend(shared.filter(|group| !key(group)).map(|group| Item { group, dropped: false }));
        }
        (!items.is_empty()).then_some(Setting::Items(Items::new(first.origin, items)))
    }
}

/// What most say, and how many; of several the one that was met first.
fn most<'a>(facts: impl Iterator<Item = &'a Fact>) -> Option<(&'a Fact, usize)> {
    let mut counted: Vec<(&Fact, usize)> = Vec::new();
    for fact in facts {
        match counted.iter_mut().find(|(other, _)| other.value == fact.value) {
            Some((_, count)) => *count += 1,
            None => counted.push((fact, 1)),
        }
    }
    counted.into_iter().rev().max_by_key(|(_, count)| *count)
}

/// What a device has to say itself over what its profile says.
pub(super) fn left(own: &Facts, profile: &Facts) -> Facts {
    let root =
        left_of(own.shape, &own.root, &profile.root).unwrap_or_else(|| Group::new(own.root.shape, own.root.origin));
    Facts { shape: own.shape, root }
}

fn left_of(shape: &Shape, own: &Group, profile: &Group) -> Option<Group> {
    let declared = shape.group(own.shape);
    if let Some(tag) = declared.tag
        && own.fact(tag).map(|f| &f.value) != profile.fact(tag).map(|f| &f.value)
    {
        return Some(own.clone());
    }
    let mut kept = Group::new(own.shape, own.origin);
    let mut leads = Vec::new();
    for (ix, setting) in own.iter() {
        let field = declared.at(ix);
        let beneath = profile.get(ix);
        match (setting, beneath) {
            (Setting::Value(_), _) if field.key => leads.push((ix, setting)),
            (Setting::Value(_), Some(beneath)) if setting == beneath && field.at == At::Arg => {
                leads.push((ix, setting))
            }
            (_, Some(beneath)) if setting == beneath => {}
            (Setting::Group(inner), Some(Setting::Group(beneath))) => {
                if let Some(inner) = left_of(shape, inner, beneath) {
                    kept.set(ix, Setting::Group(inner));
                }
            }
            (Setting::Items(items), Some(Setting::Items(beneath))) if !field.ordered => {
                let one = |item: &Item| match beneath.like(shape, &item.group) {
                    Some(b) => left_of(shape, &item.group, &b.group).map(|group| Item { group, dropped: false }),
                    None => Some(item.clone()),
                };
                let left: Vec<Item> = items.items.iter().filter_map(one).collect();
                if !left.is_empty() || items.items.is_empty() {
                    kept.set(ix, Setting::Items(Items::new(items.origin, left)));
                }
            }
            _ => drop(kept.set(ix, setting.clone())),
        }
    }
    if kept.is_empty() {
        return None;
    }
    leads.into_iter().for_each(|(ix, setting)| drop(kept.set(ix, setting.clone())));
    Some(kept)
}
