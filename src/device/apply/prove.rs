//! That somebody still gets in: a second session, while the first one stays; and taking back the step that shut it.

use super::commands::commands;
use super::session::{Known, Second, Shut};
use super::work::Work;
use super::{Account, Door, Seen, Step};
use crate::model::Facts;
use crate::model::facts::Value;
use crate::model::paths::ACCOUNTS_ACCOUNT;
use crate::plan::{Check, Way};
use crate::secret::SecretValue;

impl<D: Door> Work<'_, '_, D> {
    /// The way that a step leads to, where it is another one.
    pub(super) fn ahead(&self, step: &Step, sets_own: bool, goal: &Facts) -> Option<Known> {
        let mut known = self.known[0].copy();
        if sets_own {
            known.account.password = self.wanted(goal, &known.account.name)?;
            return Some(known);
        }
        let Some(Check::Blind(way, _)) = &step.check else { return None };
        known.at = way.to.parse().ok().or(known.at);
        if way.account != known.account.name {
            known.account = Account { password: self.wanted(goal, &way.account)?, name: way.account.clone() };
        }
        Some(known)
    }

    /// The password that an account shall have.
    fn wanted(&self, goal: &Facts, account: &str) -> Option<SecretValue> {
        let path = format!("{ACCOUNTS_ACCOUNT}[{account}].password");
        let Value::Secret(name) = &goal.value(&path)?.value else { return None };
        Some(SecretValue::copy_of(self.task.secrets.get(name)?.expose()))
    }

    /// Tries the password of another account, where that is what was set. One that may not log in proves nothing.
    pub(super) fn prove_other(&mut self, path: &str) {
        let account = path.strip_prefix(ACCOUNTS_ACCOUNT).and_then(|rest| rest.strip_prefix('['));
        let Some(account) = account.and_then(|rest| rest.strip_suffix("].password")) else { return };
        let Some(password) = self.password(account) else { return };
        let known = Known { account: Account { name: account.to_owned(), password }, at: self.known[0].at };
        if self.knock(known).is_ok() {
            self.mine.proved.insert(path.to_owned());
        }
    }

    /// After a step that decides who gets in: a second session opens, while the first one stays.
    pub(super) fn prove(&mut self, step: &Step, sets_own: bool) -> Result<(), Shut> {
        let way: Option<&Way> = match &step.check {
            None => return Ok(()),
            Some(Check::Stays(way) | Check::Before(way) | Check::After(way) | Check::Blind(way, _)) => Some(way),
            Some(Check::NotKnown | Check::LockedOut) => None,
        };
        let account = way.map(|way| &*way.account);
        let ahead = sets_own || matches!(step.check, Some(Check::Blind(..)));
        let second = match ahead && self.known.len() > 1 {
            true => {
                let known = self.known.remove(1);
                self.knock(known)
            }
            // whoever stays in use is tried as such
            false => self.second(account.filter(|_| !matches!(step.check, Some(Check::Stays(_))))),
        };
        let second = second?;
        let moved = ahead || second.0.account.name != self.me().name;
        if moved {
            self.work_in(second);
        }
        Ok(())
    }

    /// Goes on in another session; the way that was used is remembered.
    pub(super) fn work_in(&mut self, (known, cli): Second<D>) {
        self.known.insert(0, known);
        self.cli = Some(cli);
    }

    /// The one step that shut people out, taken back in the session that is still open.
    pub(super) fn take_back(&mut self, step: &Step, before: &Seen) {
        if self.known.len() > 1 {
            self.known.truncate(1);
        }
        let Some(Ok(text)) = self.cli.as_mut().map(crate::device::live::record) else { return };
        let Ok(now) = Seen::of(self.task.device, text) else { return };
        let paths: Vec<&str> = step.sets.iter().map(|(path, _)| &**path).collect();
        if let Ok(commands) = commands(now.table, &now, &before.reading.facts, &paths, self.task.secrets) {
            let back = Step { id: step.id.clone(), sets: step.sets.clone(), commands, check: None };
            let _ = self.send_all(&back);
        }
    }
}
