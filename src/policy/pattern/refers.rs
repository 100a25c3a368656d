//! Names that stand for something else: whether the list that holds it has such an entry.

use super::judge::{self, all};
use super::{Pattern, Truth};
use crate::model::facts::{Fact, Group, Item, Value};
use crate::model::shape::FieldIx;

/// `refers account by="group" among="group"`: what each entry of a list names is the key of an entry of another one.
#[derive(Debug, Clone)]
pub struct Refers {
    /// The list whose entries name something, from the group that the pattern stands in.
    pub list: Vec<FieldIx>,
    /// The setting of an entry that holds the name, or the names.
    pub by: Vec<FieldIx>,
    /// The list that is to have them.
    pub among: Vec<FieldIx>,
    /// The key of its entries.
    pub key: FieldIx,
    /// `account`, `group`, `group`, as the pack writes them.
    pub words: [Box<str>; 3],
    /// Which entries are asked; all where there is none.
    pub entry: Option<Box<Pattern>>,
    /// What holds of an entry that is named. Where there is none it has to be there; else one that is not there is one
    /// of which nothing is said.
    pub named: Option<Box<Pattern>>,
    /// Whether the opposite is asked for.
    pub negated: bool,
}

impl Refers {
    /// What the pattern says of a group. An entry that names nothing is none that misses something.
    pub(super) fn judge(&self, group: Option<&Group>) -> Truth {
        let Some(items) = items(group, &self.list) else { return Truth::Unknown };
        let truth = all(items.iter().map(|item| self.of(group, item)));
        if self.negated { truth.negated() } else { truth }
    }

    /// The entries that name something which is not there, or is not known to be; none where the opposite is asked for,
    /// or the list is not known. With their numbers, from 0.
    pub(super) fn lacking<'g>(&self, group: Option<&'g Group>) -> Vec<(usize, &'g Item)> {
        let items = items(group, &self.list).filter(|_| !self.negated).unwrap_or_default();
        let worst = self.judge(group);
        items.iter().enumerate().filter(|(_, item)| self.of(group, item) == worst).collect()
    }

    /// Whether some entry that it asks of names something, or may.
    pub(super) fn asks(&self, group: Option<&Group>) -> bool {
        let asked = |item: &Item| {
            let asked = |entry: &Pattern| entry.judge(Some(&item.group)) != Truth::False;
            self.entry.as_deref().is_none_or(asked) && self.said(item).is_some()
        };
        items(group, &self.list).is_none_or(|items| items.iter().any(asked))
    }

    /// What it says of one entry.
    fn of(&self, group: Option<&Group>, item: &Item) -> Truth {
        let asked = self.entry.as_ref().map_or(Truth::True, |entry| entry.judge(Some(&item.group)));
        asked.negated().max(self.names(group, item))
    }

    fn names(&self, group: Option<&Group>, item: &Item) -> Truth {
        match self.said(item) {
            None => Truth::True,
            Some(Fact { value: Value::List(list), .. }) => {
                let has = |fact: &Fact| self.has(group, fact.value.is_known().then(|| fact.value.plain()));
                all(list.iter().map(has))
            }
            Some(Fact { value: Value::Set(set), .. }) => all(set.members().map(|member| self.has(group, Some(member)))),
            Some(fact) => self.has(group, fact.value.is_known().then(|| fact.value.plain())),
        }
    }

    /// What an entry names.
    pub(super) fn said<'g>(&self, item: &'g Item) -> Option<&'g Fact> {
        let (last, groups) = self.by.split_last()?;
        groups.iter().try_fold(&item.group, |group, field| judge::inside(Some(group), *field))?.fact(*last)
    }

    fn has(&self, group: Option<&Group>, name: Option<String>) -> Truth {
        let Some((among, name)) = items(group, &self.among).zip(name) else { return Truth::Unknown };
        let is = |item: &&Item| item.group.fact(self.key).is_some_and(|f| *f.value.plainly() == name);
        let found = among.iter().find(is).map(|item| &item.group);
        self.named.as_ref().map_or(Truth::of(found.is_some()), |named| named.judge(found))
    }
}

/// The entries of a list within groups; an absent list is not an empty one.
fn items<'g>(group: Option<&'g Group>, path: &[FieldIx]) -> Option<&'g [Item]> {
    let (list, groups) = path.split_last()?;
    let within = groups.iter().try_fold(group?, |group, field| judge::inside(Some(group), *field))?;
    judge::items(Some(within), *list)
}
