//! A rule's fix made into one for a device: its port, its account, its addresses.
//!
//! A rule's own text is written for no plant. Of it that part is taken which the finding is about; what every plant has
//! of its own (addresses, names, files, numbers of ports) comes from the device or from `site.kdl`, and where neither
//! says it the text has a blank, `"..."`: then it is advice, and no edit.

mod edit;

pub(super) use edit::edits;

use super::pattern::{Cause, is_stricter};
use super::rule::{Rule, on};
use super::{Context, Judged, SiteFacts};
use crate::finding::Fix;
use crate::model::facts::{Fact, Facts, Group, Item, Items, Setting, Value, below, key_text};
use crate::model::paths::{
    ALLOWLIST_HOST, LOG_LOCAL, LOG_SEND, LOG_SEND_CATEGORIES, LOG_SERVER, LOGIN_AUTO_LOGOUT, LOGIN_BANNER,
    LOGIN_FAILURE_MESSAGE, LOGIN_LOCKOUT, SNMP_TRAP,
};
use crate::model::shape::{At, FieldShape, GroupId, Kind, ScalarKind, Shape, parse_scalar, split_path};
use crate::model::write::{nodes, on_one_line};
use crate::platform;
use crate::site::SiteDevice;
use crate::source::Origin;

/// What a person has to fill in.
const BLANK: &str = "...";

/// Settings whose change takes nobody's access away and changes no way of working: sessions end and lock sooner, texts
/// are shown, new passwords are better, more is logged. All else is left to a person.
const HARMLESS: [&str; 8] = [
    LOGIN_AUTO_LOGOUT,
    LOGIN_LOCKOUT,
    LOGIN_BANNER,
    LOGIN_FAILURE_MESSAGE,
    "password-policy",
    LOG_SEND,
    LOG_SEND_CATEGORIES,
    LOG_LOCAL,
];

/// Whole numbers that are a plant's own: the pack's are those of its sample.
const OWN_NUMBERS: [&str; 6] = ["data-port", "command-port", "local-port", "port", "peer-port", "number"];

/// What mends a finding.
pub(super) enum Mending {
    /// Settings to write, as they are and as a fix.
    Write(Facts, Fix),
    /// Settings with blanks.
    Advice(Facts),
}

/// Settings on one line.
pub(super) fn text(settings: &Facts) -> String {
    on_one_line(&nodes(settings.shape, &settings.root, &|field, fact| fact.value.to_kdl_at(field)))
}

/// Settings with blanks, as help.
pub(super) fn fill_in(settings: &Facts) -> String {
    format!("write `{}`, with this plant's own for each `\"{BLANK}\"`", text(settings))
}

/// The fix of a rule for one cause on one device. `apart`: not all entries that share the line are meant.
pub(super) fn mend(
    rule: &Rule,
    judged: Judged<'_>,
    site: &SiteFacts,
    context: &Context<'_>,
    cause: &Cause,
    apart: bool,
) -> Option<Mending> {
    let asked = &on(&rule.fixes, judged.device.platform)?.settings;
    let shape = Shape::device();
    let (way, own) = (split_path(&cause.path), Some(&judged.complete.root));
    let mut mend =
        Mend { shape, site, device: judged.device, cause, notes: false, named: false, found: Found::default() };
    let start = Way { parts: &way, whole: true };
    let mut whole = mend.group(&asked.root, own, "", start);
    if !mend.found.changes {
        // what is missing is then what the rule says for people
        (mend.notes, mend.found) = (true, Found::default());
        whole = mend.group(&asked.root, own, "", start);
    }
    // what the rule does not write is for a person to say
    if mend.found.lost {
        whole = mend.unsaid(shape.root, own, &way)?;
    }
    let found = mend.found;
    let facts = Facts { shape, root: whole };
    let kdl = text(&facts);
    if kdl.is_empty() || !found.changes {
        return None;
    }
    Some(match found.blank {
        true => Mending::Advice(facts),
        false => {
            // where any value does, or another setting decides, writing what the device has changes nothing
            let open = || cause.open || platform::at(judged.device).follows_another(&cause.path);
            let kept = || facts.value(&cause.path).map(|fact| fact.value.to_kdl()) == cause.said;
            // which of two ends gives way, and what becomes of an entry too many, a person says
            let sure = !rule.site && facts.says(&cause.path) && (!open() || kept());
            let edits = if sure { edits(&facts, judged, context.sources, apart) } else { None };
            Mending::Write(facts, Fix { kdl, edits: edits.unwrap_or_default(), safe: !found.harmful })
        }
    })
}

/// What is to be known of a fix that is being made.
#[derive(Default)]
struct Found {
    /// Whether something is left to a person.
    blank: bool,
    /// Whether anything but harmless settings is written.
    harmful: bool,
    /// Whether the rule writes something else beside what the finding is about.
    lost: bool,
    /// Whether anything is another than the device has.
    changes: bool,
}

struct Mend<'a> {
    shape: &'static Shape,
    site: &'a SiteFacts,
    device: &'a SiteDevice,
    cause: &'a Cause,
    /// Whether what the rule says for people is asked for too.
    notes: bool,
    /// Whether the entry that is made gets its name from its plant.
    named: bool,
    found: Found,
}

/// What is left of the way to the setting that a finding is about.
#[derive(Clone, Copy)]
struct Way<'w> {
    parts: &'w [&'w str],
    /// Whether it ends at that setting; else the rule writes something else.
    whole: bool,
}

impl Way<'_> {
    const LOST: Way<'static> = Way { parts: &[], whole: false };

    fn ends_here(self) -> bool {
        self.parts.is_empty() && self.whole
    }
}

/// What a value is to the finding.
#[derive(Clone, Copy, PartialEq, Eq)]
enum About {
    /// What it is about.
    This,
    /// Beside what it is about, on the same line.
    Beside,
    /// Part of what has to be written.
    Around,
}

/// A step of a path: the field, and the key in brackets.
fn step(part: &str) -> (&str, Option<&str>) {
    part.split_once('[').map_or((part, None), |(name, key)| (name, Some(key.strip_suffix(']').unwrap_or(key))))
}

impl Mend<'_> {
    /// What the rule writes into a group, as far as it is on the way; all of it where the way ends here or leads to
    /// what the rule does not write.
    fn group(&mut self, rule: &Group, own: Option<&Group>, path: &str, way: Way<'_>) -> Group {
        let declared = self.shape.group(rule.shape);
        let target = way.parts.first().map(|part| step(part).0);
        let aimed = target.is_some();
        let target = target.filter(|name| rule.iter().any(|(ix, _)| declared.at(ix).name == *name));
        let rest = if target.is_some() { Way { parts: &way.parts[1..], ..way } } else { Way::LOST };
        // what lies in another group altogether is the rule's other way to mend it
        self.found.lost |= aimed && target.is_none() && (!path.is_empty() || self.is_note());
        let named = std::mem::take(&mut self.named);
        // a path to a group means its head
        let head = declared.head().filter(|_| way.ends_here()).map(|(ix, _)| ix);
        let mut out = Group::new(rule.shape, Origin::NONE);
        for (ix, setting) in rule.iter() {
            let field = declared.at(ix);
            let on_the_way = target.is_none_or(|name| name == field.name);
            // the words that a line begins with belong to whatever follows them, and so does a file that it needs
            let with_it = field.at == At::Arg || matches!(field.kind, Kind::Scalar(ScalarKind::Path));
            if !on_the_way && !with_it || field.key && (named || path.is_empty()) {
                continue;
            }
            let (here, there) = (below(path, field.name), own.and_then(|g| g.get(ix)));
            let aimed_at = aimed && on_the_way;
            if matches!(setting, Setting::Value(_)) && !aimed_at && !field.key && !self.has_place(field, &here) {
                continue;
            }
            let made = match setting {
                Setting::Value(fact) => {
                    let own = if let Some(Setting::Value(own)) = there { Some(own) } else { None };
                    let asked = target.is_some() && on_the_way || head == Some(ix);
                    let about = if asked {
                        About::This
                    } else if target.is_some() {
                        About::Beside
                    } else {
                        About::Around
                    };
                    self.value(field, fact, own, &here, about).map(Setting::Value)
                }
                Setting::Group(inner) => {
                    let own = if let Some(Setting::Group(own)) = there { Some(own) } else { None };
                    let made = self.group(inner, own, &here, rest);
                    (made.iter().next().is_some() || inner.iter().next().is_none()).then_some(Setting::Group(made))
                }
                Setting::Items(items) => {
                    let own = if let Some(Setting::Items(own)) = there { Some(own) } else { None };
                    let key = if target.is_some() { step(way.parts[0]).1 } else { None };
                    let made = self.items(items, own, &here, key, rest);
                    (!made.items.is_empty()).then_some(Setting::Items(made))
                }
            };
            if let Some(made) = made {
                out.set(ix, made);
            }
        }
        self.fit(&mut out, rule);
        self.own_words(&mut out, own);
        out
    }

    /// Whether the device can have it; what is said for people stands in the description alone.
    fn has_place(&self, field: &FieldShape, path: &str) -> bool {
        field.note || field.intent || platform::at(self.device).has_place(path)
    }

    /// Whether the finding is about what is said for people.
    fn is_note(&self) -> bool {
        let fields = self.shape.fields(&self.cause.path);
        fields.is_some_and(|fields| self.shape.field_at(&fields).is_some_and(|field| field.note))
    }

    /// What the device's own mode does not take asks for the rule's.
    fn fit(&mut self, out: &mut Group, rule: &Group) {
        let declared = self.shape.group(out.shape);
        let word = |ix| if let Value::Word(word) = out.fact(ix)?.value { Some((ix, word)) } else { None };
        let Some((ix, tag)) = declared.tag.and_then(word) else { return };
        let takes = |field: &FieldShape| field.only.is_empty() || field.only.contains(&tag);
        if !out.iter().all(|(ix, _)| takes(declared.at(ix)))
            && let Some(tag) = rule.fact(ix)
        {
            self.found.harmful = true;
            out.set(ix, Setting::Value(Fact::new(tag.value.clone(), Origin::NONE)));
        }
    }

    /// A line is one edit: what the device says on it stays.
    fn own_words(&self, out: &mut Group, own: Option<&Group>) {
        let declared = self.shape.group(out.shape);
        let Some(own) = own else { return };
        let tag = declared.tag.and_then(|ix| out.fact(ix)).map(|f| f.value.plain());
        let fits = |field: &FieldShape| {
            field.at == At::Prop
                && field.secret.is_none()
                && (field.only.is_empty() || tag.as_deref().is_some_and(|t| field.only.contains(&t)))
        };
        for (ix, setting) in own.iter().filter(|(ix, _)| fits(declared.at(*ix))) {
            if let Setting::Value(fact) = setting
                && out.get(ix).is_none()
                && fact.origin.layer > SiteDevice::BASE
                && fact.value.is_known()
            {
                out.set(ix, Setting::Value(fact.clone()));
            }
        }
    }

    /// The setting that a finding is about with a blank for its value, as it stands on the device otherwise.
    fn unsaid(&mut self, id: GroupId, own: Option<&Group>, way: &[&str]) -> Option<Group> {
        let (name, key) = step(way.first()?);
        let declared = self.shape.group(id);
        let (ix, field) = declared.field(name)?;
        let there = own.and_then(|g| g.get(ix));
        let setting = match &field.kind {
            // on or off: a blank is neither
            Kind::Scalar(ScalarKind::Switch) => return None,
            Kind::Scalar(_) | Kind::Scalars(_) => Setting::Value(self.left_blank()),
            Kind::Group(inner) => {
                let own = if let Some(Setting::Group(own)) = there { Some(own) } else { None };
                let head = || self.shape.group(*inner).head().map(|(_, f)| f.name);
                let rest = if way.len() > 1 { way[1..].to_vec() } else { vec![head()?] };
                Setting::Group(self.unsaid(*inner, own, &rest)?)
            }
            Kind::Groups(inner) => {
                let Some(Setting::Items(own)) = there else { return None };
                let own = &own.find(self.shape, key.unwrap_or_default())?.group;
                let mut group = self.unsaid(*inner, Some(own), way.get(1..).filter(|rest| !rest.is_empty())?)?;
                for (ix, _) in
                    self.shape.group(*inner).keys().filter(|(ix, _)| group.get(*ix).is_none()).collect::<Vec<_>>()
                {
                    group.set(ix, own.get(ix)?.clone());
                }
                Setting::Items(Items::new(Origin::NONE, vec![Item { group, dropped: false }]))
            }
        };
        let mut out = Group::new(id, Origin::NONE);
        out.set(ix, setting);
        if id != self.shape.root {
            let args = declared.args().filter_map(|(ix, _)| Some((ix, own?.get(ix)?.clone())));
            let args: Vec<_> = args.filter(|(ix, _)| out.get(*ix).is_none()).collect();
            args.into_iter().for_each(|(ix, setting)| drop(out.set(ix, setting)));
            self.own_words(&mut out, own);
        }
        Some(out)
    }

    /// One value: the rule's, where it is of a kind that rules decide; else what the device or a person says.
    fn value(&mut self, field: &FieldShape, rule: &Fact, own: Option<&Fact>, path: &str, about: About) -> Option<Fact> {
        let own = own.filter(|f| f.value.is_known() && f.value != Value::Held);
        let asked = about == About::This;
        if is_own(field, &rule.value) {
            let said = !field.note && field.secret.is_none() && must_be_said(field) || self.notes && field.note;
            return match own.filter(|_| !asked) {
                Some(own) => Some(own.clone()),
                // what has a default, or is for people, is not asked for beside something else
                None if !asked && !said => None,
                None => Some(self.left_blank()),
            };
        }
        let mode = field.at == At::Arg && matches!(field.kind, Kind::Scalar(ScalarKind::Word(_)));
        let mut value = self.decided(field, &rule.value, asked);
        // what is reported and asked for already stays so
        if let (Value::List(list), Some(Value::List(own))) = (&mut value, own.map(|fact| &fact.value))
            && is_harmless(path)
        {
            let more = own.iter().filter(|fact| list.iter().all(|said| said.value != fact.value));
            let more: Vec<Fact> = more.cloned().collect();
            list.extend(more);
        }
        if let Some(own) = own.filter(|_| !field.intent)
            && (own.value == value && own.origin.layer > SiteDevice::BASE || mode && about == About::Beside)
        {
            return Some(own.clone());
        }
        self.found.changes = true;
        self.found.blank |= value == Value::Text(BLANK.into());
        let takes_away = matches!(value, Value::Switch(false)) || field.intent;
        self.found.harmful |= takes_away || !is_harmless(path);
        let ours = |text: &str| text.contains("{device}") || text.contains("{zone}");
        let origin = match &rule.value {
            Value::Text(text) if ours(text) => Origin::new(self.device.loc),
            _ => Origin::NONE,
        };
        Some(Fact::new(value, origin))
    }

    /// The rule's value, as strict as this site asks for; a text says whose it is.
    fn decided(&self, field: &FieldShape, value: &Value, asked: bool) -> Value {
        let limit = self.cause.limit.as_ref().filter(|_| asked);
        match (value, limit) {
            (value, Some((toward, limit))) if is_stricter(*toward, limit, value) => limit.clone(),
            (Value::Text(text), _) if matches!(field.kind, Kind::Scalar(ScalarKind::Text { .. })) => {
                let site = self.site.site.name.as_ref().map_or("", |n| n.as_str());
                let zone = self.device.zone.as_deref().unwrap_or_default();
                let text = text.replace("{site}", site).replace("{device}", &self.device.name).replace("{zone}", zone);
                Value::Text(text.into())
            }
            (value, _) => value.clone(),
        }
    }

    fn left_blank(&mut self) -> Fact {
        (self.found.blank, self.found.changes) = (true, true);
        Fact::new(Value::Text(BLANK.into()), Origin::NONE)
    }

    /// The entry that the finding is about; else those that `site.kdl` knows, or the rule's with a blank for a name.
    fn items(&mut self, rule: &Items, own: Option<&Items>, path: &str, key: Option<&str>, way: Way<'_>) -> Items {
        self.found.harmful |= !is_harmless(path);
        let (shape, site) = (self.shape, self.site);
        let there = |key: &str| own.and_then(|items| items.find(shape, key)).map(|item| &item.group);
        let of = |mend: &mut Self, template: &Group, key: &str, way: Way<'_>| {
            let there = there(key);
            mend.named = true;
            let mut made = mend.group(template, there, path, way);
            mend.name(&mut made, template, there, key, way);
            made
        };
        // an entry that is there and does not do is no name for another
        let key = key.filter(|_| !way.ends_here() || known(site, path).is_empty());
        let groups: Vec<Group> = match (key, known(site, path)) {
            (Some(key), _) => template(shape, rule, key, way).map(|t| of(self, t, key, way)).into_iter().collect(),
            (None, known) if known.is_empty() => {
                rule.items.iter().map(|item| self.group(&item.group, None, path, Way::LOST)).collect()
            }
            (None, known) => {
                let first = rule.items.first();
                let missing: Vec<&String> = known.iter().filter(|key| there(key).is_none()).collect();
                self.found.changes |= !missing.is_empty();
                missing.into_iter().filter_map(|key| Some(of(self, &first?.group, key, Way::LOST))).collect()
            }
        };
        let items = groups.into_iter().map(|group| Item { group, dropped: false }).collect();
        Items::new(Origin::NONE, items)
    }

    /// Puts the key of this plant's entry in place of the sample's; a blank where the key itself is what is wrong.
    fn name(&mut self, made: &mut Group, template: &Group, own: Option<&Group>, key: &str, way: Way<'_>) {
        let declared = self.shape.group(made.shape);
        let goes = template.iter().any(|(ix, _)| declared.at(ix).intent);
        for (ix, field) in declared.keys() {
            let wrong = way.parts.first().is_some_and(|name| *name == field.name) && !goes;
            let said = own.and_then(|g| g.fact(ix)).cloned();
            let read = match &field.kind {
                Kind::Scalar(kind) => parse_scalar(kind, field.word, key).map(|v| Fact::new(v, Origin::NONE)),
                _ => None,
            };
            let fact = match said.or(read).filter(|_| !wrong) {
                Some(fact) => fact,
                None => self.left_blank(),
            };
            made.set(ix, Setting::Value(fact));
        }
    }
}

fn is_harmless(path: &str) -> bool {
    HARMLESS.iter().any(|safe| is_at(path, safe))
}

/// What `site.kdl` says of the entries of a list: who manages devices, who takes logs.
fn known(site: &SiteFacts, path: &str) -> Vec<String> {
    let site = &site.site;
    match path {
        ALLOWLIST_HOST => site.station.iter().filter_map(|s| s.address.as_ref()).map(ToString::to_string).collect(),
        LOG_SERVER | SNMP_TRAP => site.log_server.iter().filter_map(|s| s.address.clone()).collect(),
        _ => Vec::new(),
    }
}

/// The entry of the rule that says what is to become of one: that of the same key, one that takes it away where the key
/// itself is wrong, else the first; one that writes what the finding is about before one that does not.
fn template<'r>(shape: &Shape, rule: &'r Items, key: &str, way: Way<'_>) -> Option<&'r Group> {
    let declared = |g: &Group| shape.group(g.shape);
    let about_key = |g: &Group| way.parts.first().is_none_or(|name| declared(g).keys().any(|(_, f)| f.name == *name));
    let goes = |g: &&Group| g.iter().any(|(ix, _)| declared(g).at(ix).intent);
    let writes = |g: &&Group| {
        let name = way.parts.first().map(|part| step(part).0);
        name.is_none_or(|name| g.iter().any(|(ix, _)| declared(g).at(ix).name == name))
    };
    let same = |g: &&Group| key_text(shape, g) == key;
    let all = || rule.items.iter().map(|i| &i.group);
    all()
        .find(|g| same(g) && writes(g))
        .or_else(|| all().filter(|g| about_key(g)).find(goes))
        .or_else(|| all().find(|g| !goes(g) && writes(g)))
        .or_else(|| all().find(|g| same(g) || !goes(g)))
}

fn is_at(path: &str, safe: &str) -> bool {
    path.strip_prefix(safe).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
}

/// Whether a value is a plant's own, so that no pack can know it.
fn is_own(field: &FieldShape, value: &Value) -> bool {
    match &field.kind {
        Kind::Scalar(ScalarKind::Int { .. }) => OWN_NUMBERS.contains(&field.name),
        Kind::Scalar(ScalarKind::Text { .. }) => {
            field.key || field.note || matches!(value, Value::Text(t) if &**t == BLANK)
        }
        Kind::Scalars(ScalarKind::Text { .. }) => true,
        Kind::Scalar(kind) | Kind::Scalars(kind) => matches!(
            kind,
            ScalarKind::Network
                | ScalarKind::Address
                | ScalarKind::Name
                | ScalarKind::Path
                | ScalarKind::Mac
                | ScalarKind::SerialLine
                | ScalarKind::Vlan
                | ScalarKind::Vlans
                | ScalarKind::Ports
                | ScalarKind::PortNumbers
                | ScalarKind::Span
                | ScalarKind::Secret
        ),
        Kind::Group(_) | Kind::Groups(_) => false,
    }
}

/// Whether a line means nothing without it: its key, an address, a file.
fn must_be_said(field: &FieldShape) -> bool {
    let kind = |k: &ScalarKind| matches!(k, ScalarKind::Network | ScalarKind::Address | ScalarKind::Path);
    field.key || matches!(&field.kind, Kind::Scalar(k) | Kind::Scalars(k) if kind(k))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_harmless_or_a_plants_own_are_settings() {
        let shape = Shape::device();
        for path in HARMLESS {
            assert!(shape.fields(path).is_some(), "{path}");
        }
        for name in OWN_NUMBERS {
            let is = |f: &FieldShape| f.name == name && matches!(f.kind, Kind::Scalar(ScalarKind::Int { .. }));
            assert!(shape.groups.iter().flat_map(|g| &g.fields).any(is), "{name}");
        }
    }
}
