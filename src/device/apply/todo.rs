//! What is to be done, planned of what the device has now.

use std::collections::{BTreeSet, VecDeque};

use super::commands::{Command, Commands, NoCommands, commands};
use super::{Account, Seen, Task, Trouble};
use crate::diff;
use crate::image::Digest;
use crate::model::Facts;
use crate::model::facts::{complete, is_within, overlap};
use crate::model::paths::ACCOUNTS_ACCOUNT;
use crate::native::{Change, Form, SecretState, Side};
use crate::plan::{self, Check, Class, Input, Limits};
use crate::platform;
use crate::report::sides;
use crate::secret::SecretValue;

/// What nobody can read and is known all the same, until the device may have restarted.
#[derive(Default)]
pub(super) struct Mine {
    /// Passwords that a second session proved to be the ones that are desired.
    pub(super) proved: BTreeSet<String>,
    /// Settings that were taken and are not shown.
    pub(super) taken: BTreeSet<String>,
}

/// What is left.
pub(super) struct Todo {
    /// The first step; none where there is nothing to do.
    pub(super) step: Option<Step>,
    /// What no command sets.
    pub(super) left: Vec<Left>,
    /// What is to be done, where all of it is secrets, which no device shows: their paths.
    pub(super) unseen: Vec<String>,
}

/// A setting that no command sets, with why.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Left {
    /// The setting.
    pub path: String,
    /// Why.
    pub why: String,
}

/// One step.
pub struct Step {
    /// 8 hexadecimal digits over what it sets: the same whenever the same is to be set.
    pub id: String,
    /// What it sets: paths, and values as the language writes them; empty where a setting goes.
    pub sets: Vec<(String, String)>,
    pub(super) commands: Commands,
    pub(super) check: Option<Check>,
}

impl Step {
    /// Its commands, as they may be shown.
    pub fn shown(&self) -> Vec<&str> {
        let Commands { config, exec, .. } = &self.commands;
        config.iter().chain(exec).map(|Command { shown, .. }| &**shown).collect()
    }

    /// The command that stands for it.
    pub(super) fn name(&self) -> String {
        self.shown().join("; ")
    }

    /// Whether a setting is one that it sets, or a part of one.
    pub(super) fn sets(&self, path: &str) -> bool {
        self.sets.iter().any(|(set, _)| is_within(path, set))
    }

    /// Whether a setting is one of its own, or of an entry that it says something of.
    pub(super) fn concerns(&self, path: &str) -> bool {
        self.sets.iter().any(|(set, _)| concerns(set, path))
    }
}

/// Whether setting one path may change another: what it holds, what holds it, and what stands in the same entry of a
/// list, for one line may say all of that.
pub(super) fn concerns(set: &str, path: &str) -> bool {
    overlap(path, set) || head(set).is_some() && head(set) == head(path)
}

/// The entry of a list that a setting is of: one line may say all of it.
fn head(path: &str) -> Option<&str> {
    path.rfind(']').map(|at| &path[..=at])
}

/// What differs between what is desired and what was seen, as far as anybody knows.
pub(super) fn changes(task: &Task<'_>, goal: &Facts, seen: &Seen, me: &Account, mine: &Mine) -> Vec<Change> {
    let device = task.device;
    let on = &platform::at(device);
    let page = |path: &str| on.page(path);
    let absent = diff::factory(device.factory.as_deref(), |path| on.absent_is_factory(Form::Cli, path, &seen.reading));
    let own = format!("{ACCOUNTS_ACCOUNT}[{}].password", me.name);
    let is_held = |path: &str, wanted: &SecretValue| {
        (mine.proved.contains(path) || path == own && *wanted == me.password).then_some(true)
    };
    let context = diff::Context { secrets: task.secrets, page: &page, absent: &absent, is_held: &is_held };
    let mut changes = diff::changes(goal, &seen.reading, &context);
    changes.retain(|change| change.secret != Some(SecretState::Opaque) && !mine.taken.contains(&change.path));
    changes
}

/// A plan that is being followed. It counts as long as each reading shows what it says, and nothing else moved.
pub(super) struct Ahead {
    changes: Vec<Change>,
    steps: VecDeque<plan::Step>,
    /// What no command sets.
    left: Vec<Left>,
    /// What differs, in the order of the model, as long as all goes as planned.
    differs: Vec<String>,
    /// Who works.
    me: String,
}

/// Plans what is left between what is desired and what was seen.
///
/// # Errors
/// No order is safe.
pub(super) fn todo(task: &Task<'_>, goal: &Facts, seen: &Seen, me: &Account, mine: &Mine) -> Result<Todo, Trouble> {
    Ok(ahead(task, goal, seen, me, mine)?.1)
}

/// The same, with the plan that goes on behind its first step.
pub(super) fn ahead(
    task: &Task<'_>,
    goal: &Facts,
    seen: &Seen,
    me: &Account,
    mine: &Mine,
) -> Result<(Ahead, Todo), Trouble> {
    let device = task.device;
    let mut changes = changes(task, goal, seen, me, mine);
    let differs = changes.iter().map(|change| change.path.clone()).collect();
    let left = unsaid(task, goal, seen, &mut changes);
    let unseen = match changes.iter().all(|change| change.secret.is_some()) {
        true => changes.iter().map(|change| change.path.clone()).collect(),
        false => Vec::new(),
    };

    let before = seen.beneath(device, &task.engineer.addresses);
    let after = complete(goal.shape, None, Some(&before), goal.clone());
    let length = |_: plan::Ends, name: &str| task.secrets.get(name).map(SecretValue::len);
    let shipped = |account: &str| {
        let shipped = device.factory.as_deref();
        shipped.is_some_and(|facts| facts.group(&format!("{ACCOUNTS_ACCOUNT}[{account}]")).is_some())
    };
    let planned = plan::plan(&Input {
        platform: device.platform,
        before: &before,
        after: &after,
        changes: &changes,
        engineer: task.engineer.clone(),
        login: Some(&me.name),
        length: &length,
        shipped: &shipped,
        slots: &|_| None,
        page: &|_| None,
        limits: Limits::default(),
        stations: &[],
        foreign: false,
        consented: false,
    });
    let planned = planned
        .map_err(|why| Trouble::NoOrder(crate::pipeline::plan::refused(&why, &changes, &device.name).sentence()))?;
    let steps = planned.steps.into();
    let mut ahead = Ahead { changes, steps, left, differs, me: me.name.clone() };
    let (step, waiting) = ahead.next(task, goal, seen)?;
    let mut left = ahead.left.clone();
    left.extend(waiting);
    Ok((ahead, Todo { step, left, unseen }))
}

impl Ahead {
    /// Whether what differs now is what the plan has still to do.
    pub(super) fn holds(&self, now: &[Change], me: &Account) -> bool {
        self.me == me.name && now.iter().map(|change| &change.path).eq(&self.differs)
    }

    /// The next step, with its commands as they are now; beside it what waited for a step that does not come.
    ///
    /// # Errors
    /// The step is set for a while only.
    pub(super) fn next(
        &mut self,
        task: &Task<'_>,
        goal: &Facts,
        seen: &Seen,
    ) -> Result<(Option<Step>, Vec<Left>), Trouble> {
        // what one line says together with what comes later waits for that
        let mut waiting: (Vec<usize>, Option<NoCommands>) = Default::default();
        while let Some(step) = self.steps.pop_front() {
            if let Some(temporary) = &step.temporary {
                let what = format!(
                    "{} would have to be {} for a while: that is done by hand",
                    temporary.setting, temporary.value
                );
                return Err(Trouble::NoOrder(what));
            }
            let all: Vec<usize> = waiting.0.drain(..).chain(step.changes.iter().copied()).collect();
            let paths: Vec<&str> = all.iter().map(|at| &*self.changes[*at].path).collect();
            match commands(seen.table, seen, goal, &paths, task.secrets) {
                Ok(commands) => {
                    self.differs.retain(|path| !paths.contains(&&**path));
                    return Ok((Some(made(&self.changes, &all, commands, &step)), Vec::new()));
                }
                Err(why) => waiting = (all, Some(why)),
            }
        }
        let why = waiting.1.map(NoCommands::sentence).unwrap_or_default();
        let left = waiting.0.iter().map(|at| Left { path: self.changes[*at].path.clone(), why: why.clone() });
        Ok((None, left.collect()))
    }
}

fn made(changes: &[Change], all: &[usize], commands: Commands, step: &plan::Step) -> Step {
    let sets: Vec<(String, String)> =
        all.iter().map(|at| (changes[*at].path.clone(), sides(&changes[*at]).1.unwrap_or_default())).collect();
    let text: String = sets.iter().map(|(path, value)| format!("{path}\0{value}\0")).collect();
    let id = Digest::of(text.as_bytes()).to_string()[..8].to_owned();
    // what moves the path is known to work by nothing but itself, whatever is read
    let check = step.check.clone().or((step.class == Class::Path).then_some(Check::NotKnown));
    Step { id, sets, commands, check }
}

/// Takes out what no command sets, and says why.
fn unsaid(task: &Task<'_>, goal: &Facts, seen: &Seen, changes: &mut Vec<Change>) -> Vec<Left> {
    let try_out = |paths: &[&str]| commands(seen.table, seen, goal, paths, task.secrets);
    let sure = |made: Result<Commands, NoCommands>| match made {
        Ok(made) if made.grade < task.grade => {
            Err(format!("its command is {}, and nobody accepted that", made.grade.word()))
        }
        Ok(_) => Ok(()),
        Err(why) => Err(why.sentence()),
    };
    let entries: Vec<String> =
        changes.iter().filter(|c| matches!(c.after, Side::Entry(..))).map(|c| c.path.clone()).collect();
    let comes_with =
        |path: &str| entries.iter().find(|entry| path.strip_prefix(&***entry).is_some_and(|r| r.starts_with('.')));
    let mut said: Vec<Result<(), String>> = changes
        .iter()
        .map(|change| match comes_with(&change.path) {
            Some(_) => Ok(()),
            None => sure(try_out(&[&change.path])),
        })
        .collect();
    // several settings of one line
    let parent = |path: &str| path.rsplit_once('.').map_or("", |(parent, _)| parent).to_owned();
    let lone: BTreeSet<String> =
        changes.iter().zip(&said).filter(|(_, said)| said.is_err()).map(|(change, _)| parent(&change.path)).collect();
    for group in lone {
        let of: Vec<usize> =
            (0..changes.len()).filter(|at| parent(&changes[*at].path) == group && said[*at].is_err()).collect();
        let paths: Vec<&str> = of.iter().map(|at| &*changes[*at].path).collect();
        if of.len() > 1 && sure(try_out(&paths)).is_ok() {
            of.into_iter().for_each(|at| said[at] = Ok(()));
        }
    }
    // what comes with an entry that can't come can't either
    for at in 0..changes.len() {
        let head = comes_with(&changes[at].path).and_then(|head| changes.iter().position(|c| c.path == *head));
        if let Some(head) = head {
            said[at] = said[head].clone();
        }
    }
    let left = changes
        .iter()
        .zip(&said)
        .filter_map(|(change, said)| Some(Left { path: change.path.clone(), why: said.clone().err()? }));
    let left = left.collect();
    let mut said = said.into_iter();
    changes.retain(|_| said.next().is_some_and(|said| said.is_ok()));
    left
}
