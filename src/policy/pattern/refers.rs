//! Names that stand for something else: whether the list that holds it has such an entry.

use super::{Truth, judge};
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
    /// Whether the opposite is asked for.
    pub negated: bool,
}

impl Refers {
    /// What the pattern says of a group. An entry that names nothing is none that misses something.
    pub(super) fn judge(&self, group: Option<&Group>) -> Truth {
        let Some(items) = items(group, &self.list) else { return Truth::Unknown };
        let all = items.iter().map(|item| self.of(group, item)).min().unwrap_or(Truth::True);
        if self.negated { all.negated() } else { all }
    }

    /// The entries that name something which is not there, or is not known to be; none where the opposite is asked for,
    /// or the list is not known. With their numbers, from 0.
    pub(super) fn lacking<'g>(&self, group: Option<&'g Group>) -> Vec<(usize, &'g Item)> {
        let items = items(group, &self.list).filter(|_| !self.negated).unwrap_or_default();
        let worst = self.judge(group);
        items.iter().enumerate().filter(|(_, item)| self.of(group, item) == worst).collect()
    }

    /// What it says of one entry.
    fn of(&self, group: Option<&Group>, item: &Item) -> Truth {
        match self.said(item) {
            None => Truth::True,
            Some(Fact { value: Value::List(list), .. }) => {
                list.iter().map(|fact| self.has(group, &fact.value)).min().unwrap_or(Truth::True)
            }
            Some(fact) => self.has(group, &fact.value),
        }
    }

    /// What an entry names.
    pub(super) fn said<'g>(&self, item: &'g Item) -> Option<&'g Fact> {
        let (last, groups) = self.by.split_last()?;
        groups.iter().try_fold(&item.group, |group, field| judge::inside(Some(group), *field))?.fact(*last)
    }

    fn has(&self, group: Option<&Group>, name: &Value) -> Truth {
        let Some(among) = items(group, &self.among).filter(|_| name.is_known()) else { return Truth::Unknown };
        let key = |item: &Item| item.group.fact(self.key).map(|f| f.value.plainly() == name.plainly());
        Truth::of(among.iter().any(|item| key(item) == Some(true)))
    }
}

/// The entries of a list within groups; an absent list is not an empty one.
fn items<'g>(group: Option<&'g Group>, path: &[FieldIx]) -> Option<&'g [Item]> {
    let (list, groups) = path.split_last()?;
    let within = groups.iter().try_fold(group?, |group, field| judge::inside(Some(group), *field))?;
    judge::items(Some(within), *list)
}
