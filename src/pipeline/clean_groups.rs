//! What many devices say alike is looked at once, whether they take it from one profile or each says it itself.
//!
//! A group that was found clean needs no second look on the same platform: no line of a table says settings of two
//! groups, and none says a note, as tests ask of every table.

use std::hash::{BuildHasher, Hash, Hasher};
use std::sync::{PoisonError, RwLock};

use foldhash::HashMap;
use foldhash::fast::{FoldHasher, RandomState};

use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{Group, Item, Setting, Value};
use crate::model::shape::{FieldIx, Shape};
use crate::secret::SecretRef;
use crate::site::SiteDevice;

/// Groups of settings that a device was found with against which nothing stands.
#[derive(Default)]
pub(super) struct CleanGroups(RwLock<Clean>);

#[derive(Default)]
struct Clean {
    /// Those of profiles, by identity. They are kept, so that no other group can have that of one of them.
    shared: HashMap<(PlatformKind, usize), Group>,
    /// All, by what they tell a device.
    alike: HashMap<(PlatformKind, u64), Vec<Group>>,
    seed: RandomState,
}

impl CleanGroups {
    /// What of a device's own settings still has to be looked at; `None` where that is all.
    pub(super) fn rest(&self, device: &SiteDevice) -> Option<Facts> {
        let clean = self.0.read().unwrap_or_else(PoisonError::into_inner);
        let root = &device.own.root;
        let mut rest = Group::with_room(root.shape, root.origin, 8);
        let mut some = false;
        for (ix, setting) in root.iter() {
            match setting {
                Setting::Group(group) if clean.holds(device.platform, group) => some = true,
                _ => drop(rest.set(ix, setting.clone())),
            }
        }
        some.then_some(Facts { shape: device.own.shape, root: rest })
    }

    /// Nothing stands against any setting of this device: other devices of its platform may have the same groups.
    /// `looked_at` are those that were not known to be clean.
    pub(super) fn remember(&self, device: &SiteDevice, looked_at: &Facts) {
        let mut clean = self.0.write().unwrap_or_else(PoisonError::into_inner);
        for (_, setting) in looked_at.root.iter() {
            if let Setting::Group(group) = setting {
                clean.add(device, group);
            }
        }
    }
}

impl Clean {
    fn holds(&self, platform: PlatformKind, group: &Group) -> bool {
        self.shared.contains_key(&(platform, group.identity()))
            || self
                .alike
                .get(&(platform, self.digest(group)))
                .is_some_and(|all| all.iter().any(|g| tell_the_same(g, group)))
    }

    fn add(&mut self, device: &SiteDevice, group: &Group) {
        if group.origin.loc().file != device.loc.file {
            self.shared.entry((device.platform, group.identity())).or_insert_with(|| group.clone());
        }
        let digest = self.digest(group);
        self.alike.entry((device.platform, digest)).or_default().push(group.clone());
    }

    /// Equal for groups that tell a device the same.
    fn digest(&self, group: &Group) -> u64 {
        let mut hasher = self.seed.build_hasher();
        feed(group, &mut hasher);
        hasher.finish()
    }
}

/// The settings of a group that tell a device anything: no note does.
fn told(group: &Group) -> impl Iterator<Item = (FieldIx, &Setting)> {
    let shape = Shape::device().group(group.shape);
    group.iter().filter(|(ix, _)| !shape.at(*ix).note)
}

fn feed(group: &Group, hasher: &mut FoldHasher<'_>) {
    for (ix, setting) in told(group) {
        hasher.write_u16(ix);
        match setting {
            Setting::Value(fact) => feed_value(&fact.value, hasher),
            Setting::Group(inner) => feed(inner, hasher),
            Setting::Items(items) => items.items.iter().for_each(|item| feed(&item.group, hasher)),
        }
    }
}

fn feed_value(value: &Value, hasher: &mut FoldHasher<'_>) {
    match value {
        Value::Switch(on) => on.hash(hasher),
        Value::Int(number) => number.hash(hasher),
        Value::Network(network) => network.hash(hasher),
        Value::Address(address) => address.hash(hasher),
        Value::List(list) => list.iter().for_each(|fact| feed_value(&fact.value, hasher)),
        Value::Secret(_) => {}
        other => other.plainly().hash(hasher),
    }
}

/// Whether two groups tell a device the same, wherever it was said and whatever their secrets are called.
fn tell_the_same(a: &Group, b: &Group) -> bool {
    let (mut mine, mut others) = (told(a), told(b));
    a.shape == b.shape
        && loop {
            match (mine.next(), others.next()) {
                (None, None) => break true,
                (Some((i, x)), Some((j, y))) if i == j && same(x, y) => {}
                _ => break false,
            }
        }
}

fn same(a: &Setting, b: &Setting) -> bool {
    match (a, b) {
        (Setting::Value(a), Setting::Value(b)) => match (&a.value, &b.value) {
            (Value::Secret(a), Value::Secret(b)) => SecretRef::new(a).is_ok() && SecretRef::new(b).is_ok(),
            (a, b) => a == b,
        },
        (Setting::Group(a), Setting::Group(b)) => tell_the_same(a, b),
        (Setting::Items(a), Setting::Items(b)) => {
            let mut pairs = a.items.iter().zip(&b.items);
            let alike = |a: &Item, b: &Item| a.dropped == b.dropped && tell_the_same(&a.group, &b.group);
            a.items.len() == b.items.len() && pairs.all(|(a, b)| alike(a, b))
        }
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dialect::Table;
    use crate::model::shape;
    use crate::native::Form;
    use crate::platform;
    use crate::source::FileId;

    /// The facts of a device that says this, in a file of some name.
    fn facts(text: &str) -> Facts {
        let text = format!("device \"d\" {{\n{text}\n}}");
        let tree = crate::syntax::parse(FileId(0), &text).tree.unwrap();
        let checked = shape::check(Shape::device(), FileId(0), &tree.nodes[0]);
        assert!(checked.findings.is_empty(), "{:?}", checked.findings);
        checked.facts
    }

    #[test]
    fn groups_that_tell_a_device_the_same() {
        let clean = Clean::default();
        let alike = |a: &str, b: &str| {
            let (a, b) = (facts(a).root, facts(b).root);
            let same = tell_the_same(&a, &b);
            assert_eq!(same, tell_the_same(&b, &a));
            assert!(!same || clean.digest(&a) == clean.digest(&b));
            same
        };
        let port = "ethernet { port \"1/1\" enabled=on purpose=\"drop 1\" }";
        assert!(alike(port, port));
        assert!(alike(port, &format!("// elsewhere\n\n{}", port.replace("drop 1", "drop 2"))));
        assert!(alike(port, &port.replace(" purpose=\"drop 1\"", "")));
        for other in [
            "ethernet { port \"1/2\" enabled=on }",
            "ethernet { port \"1/1\" enabled=off }",
            "ethernet { port \"1/1\" }",
        ] {
            assert!(!alike(port, other), "{other}");
        }
        assert!(!alike(port, &port.replace('}', "; port \"1/2\" enabled=on }")));
        let account =
            |name: &str, secret: &str| format!("accounts {{ account \"{name}\" password=(stored)\"{secret}\" }}");
        assert!(alike(&account("a", "d1/a"), &account("a", "d2/a")));
        assert!(!alike(&account("a", "d1/a"), &account("b", "d1/a")));
        let address = |of: &str| format!("network {{ interface \"lan\" {{ address \"{of}\" }} }}");
        assert!(!alike(&address("10.20.0.1/16"), &address("10.20.0.2/16")));
        let servers = |all: &str| format!("time {{ ntp {all} }}");
        assert!(!alike(&servers("\"10.20.0.5\""), &servers("\"10.20.0.5\" \"10.20.0.6\"")));
        let host = "allowlist { host \"10.20.0.10\" }";
        assert!(alike(host, host) && !alike(host, &host.replace("host", "(drop)host")));
        let lockout = |after: u32| format!("login {{ lockout on after={after} for=\"15 min\" }}");
        assert!(!alike(&lockout(3), &lockout(4)) && alike(&lockout(3), &lockout(3)));
    }

    #[test]
    fn no_table_says_a_note() {
        let mut count = 0;
        for on in PlatformKind::ALL.map(platform::of) {
            for form in [Form::Cli, Form::Sheet] {
                let specimens = match on.table(form).map(|dialect| &dialect.table) {
                    Some(Table::Cli(table)) => table.specimens(),
                    Some(Table::Sheet(table)) => table.specimens(),
                    _ => Vec::new(),
                };
                for (path, ..) in specimens {
                    let fields = Shape::device().fields(&path).unwrap();
                    assert!(!Shape::device().field_at(&fields).unwrap().note, "{}: {path}", on.kind.word());
                    count += 1;
                }
            }
        }
        assert!(count > 250, "only {count} settings");
    }
}
