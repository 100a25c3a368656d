//! How the work ended, and going back: in which state the device is, by what it shows.

use std::collections::BTreeMap;

use super::session::Known;
use super::work::Work;
use super::{Account, Door, Left, Note, Seen, Task, Trouble};
use crate::model::Facts;
use crate::model::facts::{Fact, Group, Setting, Value};
use crate::model::paths::ACCOUNTS_ACCOUNT;
use crate::model::shape::Shape;
use crate::secret::{SecretRef, SecretValue, Secrets};

/// The name of the password that somebody logged in with, while the device goes back.
const BEFORE: &str = "before/login";

/// In which state the device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// Nothing is left that a command sets.
    AsDescribed,
    /// All that is left is secrets, which no device shows: it may have them.
    Unseen,
    /// It shows what it showed before the first step.
    AsBefore,
    /// Neither.
    Between,
    /// Nobody could read it.
    Unknown,
}

/// How the work ended.
#[derive(Debug)]
pub struct Ending {
    /// In which state the device is.
    pub state: State,
    /// Whether it is started with what runs; `None` where nobody could see that.
    pub saved: Option<bool>,
    /// Why it did not go on.
    pub trouble: Option<Trouble>,
    /// Why it did not go back, where it was to.
    pub back: Option<Trouble>,
    /// How many steps were begun.
    pub steps: usize,
    /// The commands that were sent last, as they may be shown; empty where none was.
    pub last: String,
    /// What no command sets.
    pub left: Vec<Left>,
    /// Secrets that were set while it showed what it showed before: nobody knows what was there.
    pub secrets: Vec<String>,
}

impl Ending {
    /// Whether all is as it is described, and saved.
    pub fn is_done(&self) -> bool {
        self.trouble.is_none() && self.state == State::AsDescribed
    }

    /// The state of the device in one sentence.
    pub fn sentence(&self, device: &str) -> String {
        let saved = match self.saved {
            Some(true) => ", and that is saved",
            Some(false) => ", and that is not saved: a restart brings back what was saved before",
            None => "",
        };
        let secrets = match &self.secrets[..] {
            [] => String::new(),
            all => format!("; what was set of {} stays, for nobody knows what it was", all.join(", ")),
        };
        match self.state {
            State::AsDescribed => format!("{device} has all that a command sets{saved}"),
            State::AsBefore if self.steps == 0 => format!("nothing was sent to {device}"),
            State::AsBefore => format!("{device} shows what it showed before the first step{saved}{secrets}"),
            State::Unseen => {
                let all = self.secrets.join(", ");
                format!("{device} shows all that a command sets{saved}; what it has of {all} can't be read")
            }
            State::Between => format!("{device} is between two states{saved}"),
            State::Unknown if self.last.is_empty() => {
                format!("nothing more was sent to {device}, and what it has could not be read")
            }
            State::Unknown => {
                format!(
                    "{device} could not be read any more: whether it has `{}`, which was sent last, is not known",
                    self.last
                )
            }
        }
    }
}

impl<D: Door> Work<'_, '_, D> {
    pub(super) fn apply(mut self, before: Option<&Seen>) -> Ending {
        let goal = self.task.device.own.clone();
        let came = self.begin(before).and_then(|()| self.reach(&goal, None));
        match came {
            // that was seen before it was saved, and saving was seen
            Ok(left) => Ending {
                state: State::AsDescribed,
                saved: self.saved,
                trouble: None,
                back: None,
                steps: self.begun,
                last: self.last,
                left,
                secrets: Vec::new(),
            },
            Err(trouble) => {
                let goes = self.begun > 0 && self.first.is_some() && self.told.goes_back(&trouble);
                let back = if goes { self.go_back(&trouble).err() } else { None };
                self.ending(&goal, trouble, back)
            }
        }
    }

    pub(super) fn undo(mut self, before: &Seen) -> Ending {
        let goal = self.task.device.own.clone();
        let came = self.begin(Some(before)).and_then(|()| self.return_to_first());
        self.ending(&goal, Trouble::Undone, came.err())
    }

    fn go_back(&mut self, trouble: &Trouble) -> Result<(), Trouble> {
        self.told.tell(Note::Undoing(trouble)).map_err(Trouble::Journal)?;
        self.return_to_first()
    }

    /// Plans from what is seen to what was there first, and does that: no list of steps backwards.
    fn return_to_first(&mut self) -> Result<(), Trouble> {
        let now = self.look()?;
        let Some(first) = self.first.as_ref() else { return Ok(()) };
        let login = &self.task.login;
        let password = |account: &Account| SecretValue::copy_of(account.password.expose());
        let known = SecretRef::new(BEFORE).map(|name| BTreeMap::from([(name, password(login))])).unwrap_or_default();
        let secrets = Secrets::Loaded(known);
        let task = Task {
            device: self.task.device,
            secrets: &secrets,
            engineer: self.task.engineer.clone(),
            approved: None,
            grade: self.task.grade,
            login: Account { name: login.name.clone(), password: password(login) },
        };
        let goal = as_goal(&first.reading.facts, &now.reading.facts, &login.name);
        let wanted = Seen::of(self.task.device, first.text.to_string())?;
        let mut back = Work {
            first: self.first.take(),
            cli: self.cli.take(),
            known: self.known.iter().map(Known::copy).collect(),
            mine: std::mem::take(&mut self.mine),
            lost: 0,
            ..Work::new(&task, self.door, self.told)
        };
        let came = back.reach(&goal, Some(&wanted)).map(drop);
        let Work { first, cli, known, mine, last, begun, .. } = back;
        (self.first, self.cli, self.known) = (first, cli, known);
        // what was known to be there still is, where nothing was sent on the way back
        if begun == 0 {
            self.mine = mine;
        }
        self.begun += begun;
        if !last.is_empty() {
            self.last = last;
        }
        came
    }

    /// What the device has, and whether it is started with that; tried again whatever was lost before.
    fn last_look(&mut self) -> (Option<Seen>, Option<bool>) {
        self.lost = 0;
        loop {
            let Ok(seen) = self.look() else { return (None, None) };
            match self.is_saved() {
                Ok(saved) => return (Some(seen), saved),
                Err(why) => {
                    if self.lose(why).is_err() {
                        return (Some(seen), None);
                    }
                }
            }
        }
    }

    /// What the device has now, read once more.
    fn ending(mut self, goal: &Facts, trouble: Trouble, back: Option<Trouble>) -> Ending {
        let untouched = self.begun == 0 && !self.goes_on;
        let (seen, saved) = if untouched { (None, None) } else { self.last_look() };
        let set = || self.secrets.iter().cloned().collect();
        let (state, secrets) = match (&seen, &self.first) {
            (None, _) if untouched => (State::AsBefore, set()),
            (None, _) => (State::Unknown, Vec::new()),
            (Some(seen), Some(first)) if seen.differ(first).is_empty() => (State::AsBefore, set()),
            (Some(_), _) if matches!(trouble, Trouble::InPart(_)) => (State::Between, Vec::new()),
            (Some(seen), _) => match self.todo(goal, seen) {
                Ok(todo) if todo.step.is_none() => (State::AsDescribed, Vec::new()),
                Ok(todo) if !todo.unseen.is_empty() => (State::Unseen, todo.unseen),
                _ => (State::Between, Vec::new()),
            },
        };
        let (steps, last) = (self.begun, self.last);
        Ending { state, saved, trouble: Some(trouble), back, steps, last, left: Vec::new(), secrets }
    }
}

/// What was read, as something that is wanted: the password of whoever logged in is known, and lists that had nothing
/// are empty.
fn as_goal(read: &Facts, now: &Facts, login: &str) -> Facts {
    let mut goal = read.clone();
    emptied(Shape::device(), &mut goal.root, &now.root);
    if let Some((asset, _)) = goal.shape.root().field("asset") {
        goal.root.remove(asset);
    }
    if let Some(items) = goal.items_mut(ACCOUNTS_ACCOUNT) {
        let shape = Shape::device();
        let own = items
            .items
            .iter_mut()
            .map(|item| &mut item.group)
            .find(|group| crate::model::facts::key_text(shape, group) == login);
        own.into_iter().for_each(|group| name_password(shape, group));
    }
    goal
}

/// Lists that something has, and nothing is wanted of.
fn emptied(shape: &Shape, goal: &mut Group, now: &Group) {
    for (ix, setting) in now.iter() {
        let field = shape.group(now.shape).at(ix);
        let origin = now.origin;
        match (goal.get(ix).is_some(), setting) {
            (false, Setting::Items(_)) if !field.fixed => drop(goal.items_mut(ix, origin)),
            (false, Setting::Value(Fact { value: Value::List(_), .. })) => {
                goal.set(ix, Setting::Value(Fact::new(Value::List(Vec::new()), origin)));
            }
            (_, Setting::Group(now)) => {
                if let Some(goal) = goal.group_mut(ix, now.shape, origin) {
                    emptied(shape, goal, now);
                }
            }
            _ => {}
        }
    }
}

fn name_password(shape: &Shape, group: &mut Group) {
    if let Some((ix, _)) = shape.group(group.shape).field("password") {
        let fact = Fact::new(Value::Secret(BEFORE.into()), group.origin);
        group.set(ix, Setting::Value(fact));
    }
}
