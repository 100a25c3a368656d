//! What merged layers come to: the words of a port's class beneath its own, and names of VLANs as the numbers that a
//! device knows them by.

use foldhash::{HashMap, HashMapExt as _, HashSet, HashSetExt as _};

use super::{Fact, Facts, Group, Item, Items, Setting, Value, overlay};
use crate::model::paths::{ETHERNET_CLASS, ETHERNET_PORT, ROUTING_OSPF, ROUTING_OSPF_INTERFACE, SWITCHING_VLAN};
use crate::model::shape::{FieldShape, Kind, ScalarKind, Shape, closest};
use crate::source::Origin;

/// Names that nothing has, in one value.
#[derive(Debug)]
pub struct Unknown {
    /// The names, or numbers.
    pub names: Vec<String>,
    /// Where it stands.
    pub origin: Origin,
    /// Dotted path of the setting, without keys.
    pub path: String,
    /// The list that has none of that name.
    pub list: &'static str,
    /// What the list has.
    pub known: Vec<String>,
}

impl Unknown {
    /// What is wrong.
    pub fn message(&self) -> String {
        let what = match self.list {
            SWITCHING_VLAN => "VLAN",
            other => other.rsplit('.').next().unwrap_or(other),
        };
        let names: Vec<String> = self.names.iter().map(|name| format!("`{name}`")).collect();
        format!("the device has no {what} {}", names.join(", "))
    }

    /// What to do.
    pub fn help(&self) -> String {
        // no number is near to another one
        let misspelled = self.names.iter().find(|name| !name.starts_with(|c: char| c.is_ascii_digit()));
        match misspelled.and_then(|name| closest(name, self.known.iter().map(String::as_str))) {
            Some(near) => format!("did you mean `{near}`?"),
            None if self.known.is_empty() => format!("describe it in `{}`, or correct the name", self.list),
            None => {
                let known: Vec<String> = self.known.iter().take(SHOWN).map(|name| format!("`{name}`")).collect();
                format!("there are {}", known.join(", "))
            }
        }
    }
}

/// As many names stand in a message.
const SHOWN: usize = 12;

/// Puts merged settings together. Gives the names that nothing has: of VLANs, classes and the like, in whatever layer
/// they were said.
pub fn compose(facts: &mut Facts) -> Vec<Unknown> {
    let shape = facts.shape;
    // what a class or a rule around others says is within already, so it is asked before they are laid together
    let names = refers(shape, &facts.root).then(|| Names::of(facts));
    classes(facts);
    rules(facts);
    areas(facts);
    let mut unknown = Vec::new();
    if let Some(names) = names {
        names.resolve(shape, &mut facts.root, "", &mut unknown);
    }
    // what a class says stands at each of its ports
    let mut told = HashSet::new();
    unknown.retain(|u| told.insert((u.origin.loc(), u.names.clone())));
    unknown
}

/// A class lies beneath each of its ports.
fn classes(facts: &mut Facts) {
    let shape = facts.shape;
    let Some(classes) = facts.items(ETHERNET_CLASS).map(|classes| classes.items.clone()) else { return };
    let Some(ports) = facts.items(ETHERNET_PORT) else { return };
    let class_of = |port: &Group| {
        let (ix, _) = shape.group(port.shape).field("class")?;
        let name = port.fact(ix)?.value.text()?;
        classes.iter().map(|class| &class.group).find(|class| super::key_text(shape, class) == name)
    };
    let key: Vec<_> = match ports.items.first() {
        Some(port) => shape.group(port.group.shape).keys().map(|(ix, _)| ix).collect(),
        None => return,
    };
    let with_class = |port: &Item| {
        let class = class_of(&port.group)?;
        let mut group = class.clone();
        key.iter().for_each(|ix| drop(group.remove(*ix)));
        overlay(shape, &mut group, &port.group);
        Some(group)
    };
    let made: Vec<Option<Group>> = ports.items.iter().map(with_class).collect();
    if let Some(ports) = facts.items_mut(ETHERNET_PORT) {
        for (port, made) in ports.items.iter_mut().zip(made) {
            port.group = made.unwrap_or_else(|| port.group.clone());
        }
    }
}

/// The rules of a firewall, those before and behind them too, as the one list that the device has. A rule of a name
/// that stands there already is laid over it, in its place.
fn rules(facts: &mut Facts) {
    let shape = facts.shape;
    let Some((ix, _)) = shape.root().field("firewall") else { return };
    let Some(Setting::Group(firewall)) = facts.root.get_mut(ix) else { return };
    let declared = shape.group(firewall.shape);
    let field = |name: &str| declared.field(name).map(|(ix, _)| ix);
    let (Some(before), Some(own), Some(after)) = (field("before"), field("rule"), field("after")) else { return };
    let around = |setting: Option<Setting>| match setting {
        Some(Setting::Group(mut group)) => {
            let (ix, _) = shape.group(group.shape).field("rule")?;
            if let Some(Setting::Items(items)) = group.remove(ix) { Some(items) } else { None }
        }
        _ => None,
    };
    let (before, after) = (around(firewall.remove(before)), around(firewall.remove(after)));
    let said = if let Some(Setting::Items(items)) = firewall.remove(own) { Some(items) } else { None };
    let Some(origin) = said.iter().chain(&before).chain(&after).map(|items| items.origin).next() else { return };
    let mut all: Vec<Item> = before.map_or_else(Vec::new, |items| items.items);
    let mut behind = after.map_or_else(Vec::new, |items| items.items);
    for item in said.map_or_else(Vec::new, |items| items.items) {
        let same = |other: &&mut Item| super::same_key(shape, &other.group, &item.group);
        match all.iter_mut().chain(&mut behind).find(same) {
            Some(below) => drop(overlay(shape, &mut below.group, &item.group)),
            None => all.push(item),
        }
    }
    all.extend(behind);
    firewall.set(own, Setting::Items(Items::new(origin, all)));
}

/// The areas of OSPF are those of its interfaces, where nobody says which.
fn areas(facts: &mut Facts) {
    let shape = facts.shape;
    let Some(interfaces) = facts.items(ROUTING_OSPF_INTERFACE) else { return };
    let mut found: Vec<Fact> = Vec::new();
    for item in &interfaces.items {
        let area = shape.group(item.group.shape).field("area").and_then(|(ix, _)| item.group.fact(ix));
        if let Some(area) = area.filter(|area| found.iter().all(|other| other.value != area.value)) {
            found.push(area.clone());
        }
    }
    let Some(first) = found.first().map(|fact| fact.origin) else { return };
    let mut group = &mut facts.root;
    for name in ROUTING_OSPF.split('.') {
        let Some((ix, _)) = shape.group(group.shape).field(name) else { return };
        let Some(Setting::Group(inner)) = group.get_mut(ix) else { return };
        group = inner;
    }
    if let Some((ix, _)) = shape.group(group.shape).field("area")
        && group.fact(ix).is_none()
    {
        group.set(ix, Setting::Value(Fact::new(Value::List(found), first)));
    }
}

/// What the lists of a device have, by path; VLANs by number and name.
struct Names {
    lists: HashMap<&'static str, Option<Vec<String>>>,
    vlans: HashMap<String, u32>,
}

impl Names {
    fn of(facts: &Facts) -> Names {
        let shape = facts.shape;
        let fields = shape.groups.iter().flat_map(|group| &group.fields);
        let keys = |path: &str| match (facts.items(path), facts.value(path).map(|fact| &fact.value)) {
            (Some(items), _) => Some(items.items.iter().map(|item| super::key_text(shape, &item.group)).collect()),
            (None, Some(Value::List(values))) => Some(values.iter().map(|fact| fact.value.plain()).collect()),
            _ => None,
        };
        let lists = fields.filter_map(|field| field.refers).map(|path| (path, keys(path))).collect();
        let mut vlans = HashMap::new();
        for item in facts.items(SWITCHING_VLAN).into_iter().flat_map(|vlans| &vlans.items) {
            let value = |name| item.group.fact(shape.group(item.group.shape).field(name)?.0).map(|f| &f.value);
            if let (Some(Value::Int(number)), Some(Value::Text(name))) = (value("number"), value("name")) {
                vlans.insert(name.to_string(), u32::try_from(*number).unwrap_or_default());
            }
        }
        Names { lists, vlans }
    }

    fn resolve(&self, shape: &Shape, group: &mut Group, path: &str, unknown: &mut Vec<Unknown>) {
        let id = group.shape;
        for (ix, setting) in group.iter_mut() {
            let field = shape.group(id).at(ix);
            let path = if path.is_empty() { field.name.to_owned() } else { format!("{path}.{}", field.name) };
            match setting {
                Setting::Value(fact) => {
                    let Some(list) = field.refers else { continue };
                    let origin = fact.origin;
                    let names = self.value(field, list, &mut fact.value);
                    if !names.is_empty() {
                        unknown.push(Unknown { names, origin, path, list, known: self.known(list) });
                    }
                }
                Setting::Group(inner) if refers(shape, inner) => self.resolve(shape, inner, &path, unknown),
                Setting::Items(items) => {
                    let within = items.items.iter_mut().filter(|item| refers(shape, &item.group));
                    within.for_each(|item| self.resolve(shape, &mut item.group, &path, unknown));
                }
                Setting::Group(_) => {}
            }
        }
    }

    /// Makes numbers of names of VLANs; gives the names that nothing has. A list of which nobody says anything may have
    /// any number.
    fn value(&self, field: &FieldShape, list: &str, value: &mut Value) -> Vec<String> {
        let vlan = matches!(field.kind, Kind::Scalar(ScalarKind::Vlan | ScalarKind::Vlans));
        match value {
            Value::Text(name) if vlan => match self.vlans.get(&**name) {
                Some(number) => *value = Value::Int((*number).into()),
                None => return vec![name.to_string()],
            },
            Value::Set(set) if vlan => **set = set.with_numbers(|name| self.vlans.get(name).copied()),
            _ => {}
        }
        match value {
            Value::Set(set) => set.members().filter(|member| !self.has(list, member, vlan)).collect(),
            Value::List(names) => {
                names.iter().map(|f| f.value.plain()).filter(|name| !self.has(list, name, vlan)).collect()
            }
            Value::Bad | Value::Foreign(_) => Vec::new(),
            said => Some(said.plain()).filter(|name| !self.has(list, name, vlan)).into_iter().collect(),
        }
    }

    fn has(&self, list: &str, name: &str, vlan: bool) -> bool {
        // VLAN 1 is always there, and `any` is none in particular
        if vlan && name == "1" || name == "any" {
            return true;
        }
        match self.lists.get(list) {
            Some(Some(keys)) => keys.iter().any(|key| key == name),
            _ => !vlan || name.bytes().all(|b| b.is_ascii_digit()),
        }
    }

    /// What a list has, for messages: VLANs by their names, where they have any.
    fn known(&self, list: &str) -> Vec<String> {
        let keys = self.lists.get(list).cloned().flatten().unwrap_or_default();
        let mut names: Vec<String> = match list {
            SWITCHING_VLAN => self.vlans.keys().cloned().collect(),
            _ => Vec::new(),
        };
        names.sort();
        names.into_iter().chain(keys).collect()
    }
}

/// Whether anything within names an entry of a list: only then is it changed, and no longer shared.
fn refers(shape: &Shape, group: &Group) -> bool {
    group.iter().any(|(ix, setting)| match setting {
        Setting::Value(_) => shape.group(group.shape).at(ix).refers.is_some(),
        Setting::Group(inner) => refers(shape, inner),
        Setting::Items(items) => items.items.iter().any(|item| refers(shape, &item.group)),
    })
}
