//! The work: read, plan, send the first step, prove that somebody still gets in, read again.

use std::collections::BTreeSet;

use super::commands::in_part;
use super::send::Failed;
use super::session::Known;
use super::todo::{Ahead, Mine, Todo, ahead, changes, concerns, todo};
use super::{Account, Came, Door, Left, Note, Seen, Step, Task, Told, Trouble, seen};
use crate::device::cli::Cli;
use crate::model::Facts;
use crate::model::facts::Value;
use crate::model::paths::ACCOUNTS_ACCOUNT;
use crate::plan::Check;
use crate::secret::SecretValue;

pub(super) struct Work<'a, 't, D: Door> {
    pub(super) task: &'a Task<'t>,
    pub(super) door: &'a mut D,
    pub(super) told: &'a mut dyn Told,
    pub(super) cli: Option<Cli<D::Wire>>,
    /// Ways in, that in use first; the last one is that which it all began with.
    pub(super) known: Vec<Known>,
    pub(super) mine: Mine,
    /// What is being followed, as long as the device is as it says.
    pub(super) plan: Option<Ahead>,
    /// Steps that the device took since it may have restarted.
    pub(super) sent: BTreeSet<String>,
    pub(super) lost: u32,
    pub(super) why_lost: String,
    pub(super) first: Option<Seen>,
    /// How many steps were begun.
    pub(super) begun: usize,
    /// Whether others may have been, in work that was broken off.
    pub(super) goes_on: bool,
    /// What was sent last, as it may be shown.
    pub(super) last: String,
    /// Secrets that were set: nobody can read what was there.
    pub(super) secrets: BTreeSet<String>,
    /// All that differed at first.
    pub(super) touched: BTreeSet<String>,
    /// Whether the device is started with what runs, as it was seen last.
    pub(super) saved: Option<bool>,
}

impl<'a, 't, D: Door> Work<'a, 't, D> {
    pub(super) fn new(task: &'a Task<'t>, door: &'a mut D, told: &'a mut dyn Told) -> Work<'a, 't, D> {
        let Account { name, password } = &task.login;
        let account = Account { name: name.clone(), password: SecretValue::copy_of(password.expose()) };
        Work {
            task,
            door,
            told,
            cli: None,
            known: vec![Known { account, at: None }],
            mine: Mine::default(),
            plan: None,
            sent: BTreeSet::new(),
            lost: 0,
            why_lost: String::new(),
            first: None,
            begun: 0,
            goes_on: false,
            last: String::new(),
            secrets: BTreeSet::new(),
            touched: BTreeSet::new(),
            saved: None,
        }
    }

    /// The first reading, which is kept before anything is sent.
    pub(super) fn begin(&mut self, before: Option<&Seen>) -> Result<(), Trouble> {
        self.goes_on = before.is_some();
        seen::may_send(self.task)?;
        let now = self.look()?;
        self.told.tell(Note::First(&now)).map_err(Trouble::Journal)?;
        let first = match before {
            Some(before) => {
                now.same_device(before)?;
                Seen::of(self.task.device, before.text.to_string())?
            }
            None => now,
        };
        let goal = &self.task.device.own;
        let all = changes(self.task, goal, &first, self.me(), &self.mine);
        self.touched = all.into_iter().map(|change| change.path).collect();
        self.first = Some(first);
        Ok(())
    }

    /// Works until nothing is left that a command sets, and what runs is saved. What is `wanted` is shown then, or
    /// nothing is saved.
    pub(super) fn reach(&mut self, goal: &Facts, wanted: Option<&Seen>) -> Result<Vec<Left>, Trouble> {
        let mut seen = self.look()?;
        loop {
            let (step, left) = self.next(goal, &seen)?;
            let Some(step) = step else {
                let other = wanted.map(|wanted| seen.differ(wanted)).unwrap_or_default();
                if !other.is_empty() {
                    return Err(Trouble::NoWayBack(other.join("`, `")));
                }
                // whatever was lost on the way: nothing else changed
                let touched = |path: &String| self.touched.iter().any(|set| concerns(set, path));
                let other = self.first.as_ref().map(|first| seen.differ(first)).unwrap_or_default();
                if let Some(path) = other.iter().find(|path| wanted.is_none() && !touched(path)) {
                    return Err(Trouble::Strange(path.clone()));
                }
                // a line may have been the last one that the device took
                let is_torn = self.lost > 0 || self.goes_on;
                let first = self.first.as_ref().filter(|_| is_torn && wanted.is_none());
                if let Some(entry) = first.and_then(|first| in_part(goal, first, &seen)) {
                    return Err(Trouble::InPart(entry));
                }
                self.gets_in_before_saving()?;
                if self.save(&seen)? {
                    return Ok(left);
                }
                seen = self.look()?;
                continue;
            };
            let strange = |plan: &crate::plan::file::PlanFile| {
                step.sets.iter().find(|(path, value)| !plan.sets(path, value)).map(|(path, _)| path.clone())
            };
            if let Some(path) = self.task.approved.and_then(strange) {
                return Err(Trouble::NotApproved(path));
            }
            if self.sent.contains(&step.id) {
                return Err(Trouble::Otherwise { command: step.name() });
            }
            seen = self.step(goal, &step, &seen)?;
        }
    }

    /// What keeps everybody out is not saved, whichever step it came with: a restart would not bring them back.
    fn gets_in_before_saving(&mut self) -> Result<(), Trouble> {
        if self.begun == 0 {
            return Ok(());
        }
        // once more, where the first one was lost by chance
        let second = self.second(None).or_else(|_| self.second(None));
        second.map(drop).map_err(|(account, why)| Trouble::Shut { account, when: "before saving".to_owned(), why })
    }

    pub(super) fn todo(&self, goal: &Facts, seen: &Seen) -> Result<Todo, Trouble> {
        todo(self.task, goal, seen, self.me(), &self.mine)
    }

    /// The next step, beside what no command sets: of the plan that is being followed, where what was read is what that
    /// says of this moment; else of a new one.
    fn next(&mut self, goal: &Facts, seen: &Seen) -> Result<(Option<Step>, Vec<Left>), Trouble> {
        if let Some(mut plan) = self.plan.take()
            && plan.holds(&changes(self.task, goal, seen, self.me(), &self.mine), self.me())
            && let (Some(step), left) = plan.next(self.task, goal, seen)?
        {
            self.plan = Some(plan);
            return Ok((Some(step), left));
        }
        let (plan, Todo { step, left, .. }) = ahead(self.task, goal, seen, self.me(), &self.mine)?;
        self.plan = Some(plan);
        Ok((step, left))
    }

    fn step(&mut self, goal: &Facts, step: &Step, before: &Seen) -> Result<Seen, Trouble> {
        let shut = |when: &str, (account, why): (String, String)| Trouble::Shut {
            account,
            when: format!("{when} `{}`", step.name()),
            why,
        };
        let goes = |account: &str| step.sets.contains(&(format!("{ACCOUNTS_ACCOUNT}[{account}]"), String::new()));
        let before_it = match &step.check {
            Some(Check::Before(way)) if way.account != self.me().name => Some(way.account.clone()),
            _ if goes(&self.me().name) => {
                let other = self.other_administrator();
                Some(other.ok_or_else(|| shut("before", (self.me().name.clone(), "there is nobody else".to_owned())))?)
            }
            _ => None,
        };
        if let Some(account) = before_it {
            let second = self.second(Some(&account)).map_err(|why| shut("before", why))?;
            self.work_in(second);
        }
        let (own, lost) = (format!("{ACCOUNTS_ACCOUNT}[{}].password", self.me().name), self.lost);
        let sets_own = step.sets.iter().any(|(path, _)| *path == own);
        if let Some(known) = self.ahead(step, sets_own, goal) {
            // behind that in use, until it is known to work
            self.known.insert(1, known);
        }
        self.told.tell(Note::Starting(step)).map_err(Trouble::Journal)?;
        self.begun += 1;
        self.last = step.name();
        match self.send_all(step) {
            Ok(()) => {}
            Err((command, Failed::Refused(line))) => {
                self.came(step, &Came::Not(line.clone()))?;
                return Err(Trouble::Refused { command, line });
            }
            Err((_, Failed::Lost(why))) => {
                self.lose(why)?;
                let seen = self.look()?;
                let still = self.is_left(goal, step, &seen);
                self.came(step, &if still { Came::Not(self.why_lost.clone()) } else { Came::ReadBack })?;
                return Ok(seen);
            }
        }
        for (path, _) in step.sets.iter().filter(|(path, _)| is_secret(goal, path)) {
            self.secrets.insert(path.clone());
            if !sets_own || *path != own {
                self.prove_other(path);
            }
        }
        if let Err(why) = self.prove(step, sets_own) {
            self.take_back(step, before);
            return Err(shut("after", why));
        }
        if sets_own {
            self.mine.proved.insert(own);
        }
        let seen = self.look()?;
        if self.lost == lost {
            self.believe(goal, step, &seen);
            let differs = seen.differ(before);
            // more moved than what was sent: what was planned did not know that
            if differs.iter().any(|path| !step.sets(path)) {
                self.plan = None;
            }
            let strange: Vec<String> = differs.into_iter().filter(|path| !step.concerns(path)).take(3).collect();
            if !strange.is_empty() {
                return Err(Trouble::Strange(strange.join(", ")));
            }
            self.sent.insert(step.id.clone());
        }
        let still = self.is_left(goal, step, &seen);
        let taken = step.sets.iter().any(|(path, _)| self.mine.taken.contains(path));
        self.came(
            step,
            &match (still, taken) {
                (true, _) => Came::Not("it shows something else".to_owned()),
                (false, true) => Came::Taken,
                (false, false) => Came::ReadBack,
            },
        )?;
        Ok(seen)
    }

    /// What was sent and is not to be read is believed to be there.
    fn believe(&mut self, goal: &Facts, step: &Step, seen: &Seen) {
        for (path, value) in &step.sets {
            let shown = seen.reading.facts.says(path);
            let proved =
                self.mine.proved.contains(path) || *path == format!("{ACCOUNTS_ACCOUNT}[{}].password", self.me().name);
            if is_secret(goal, path) && !proved || !value.is_empty() && !shown {
                self.mine.taken.insert(path.clone());
            }
        }
    }

    /// Whether something of a step is still to be done.
    fn is_left(&self, goal: &Facts, step: &Step, seen: &Seen) -> bool {
        let left = changes(self.task, goal, seen, self.me(), &self.mine);
        left.iter().any(|change| step.sets.iter().any(|(path, _)| *path == change.path))
    }

    fn came(&mut self, step: &Step, came: &Came) -> Result<(), Trouble> {
        self.told.tell(Note::Came(step, came)).map_err(Trouble::Journal)
    }
}

fn is_secret(goal: &Facts, path: &str) -> bool {
    goal.value(path).is_some_and(|fact| matches!(fact.value, Value::Secret(_)))
}
