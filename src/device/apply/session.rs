//! Sessions: one that is worked in, others that prove that somebody gets in, and a new one where it is lost.

use std::net::IpAddr;

use super::{Account, Door, Note, Seen, Trouble, work::Work};
use crate::device::cli::{Cli, CliError, Login};
use crate::device::live::{LiveError, record};
use crate::device::ssh::SshError;
use crate::model::accounts::Role;
use crate::secret::SecretValue;

/// So often a connection is lost before that is enough.
const MOST_LOST: u32 = 8;

/// One way in that may work.
pub(super) struct Known {
    pub(super) account: Account,
    pub(super) at: Option<IpAddr>,
}

impl Known {
    pub(super) fn copy(&self) -> Known {
        let password = SecretValue::copy_of(self.account.password.expose());
        Known { account: Account { name: self.account.name.clone(), password }, at: self.at }
    }
}

/// A session that was opened beside the one in use, with the way that it came.
pub(super) type Second<D> = (Known, Cli<<D as Door>::Wire>);

/// The account that did not get in, and why.
pub(super) type Shut = (String, String);

impl<D: Door> Work<'_, '_, D> {
    /// Reads the device, by a new session where the one there was is lost.
    pub(super) fn look(&mut self) -> Result<Seen, Trouble> {
        let mut doubted = false;
        loop {
            if self.cli.is_none() {
                self.connect()?;
            }
            let Some(cli) = &mut self.cli else { continue };
            let text = match record(cli).map_err(|why| why.to_string()) {
                Ok(text) => text,
                Err(why) => {
                    self.lose(why)?;
                    continue;
                }
            };
            let same = |seen: Seen| self.first.as_ref().map_or(Ok(()), |first| seen.same_device(first)).map(|()| seen);
            match Seen::of(self.task.device, text).and_then(same) {
                // what is cut off, or of another device, is looked at once more
                Err(why) if !doubted => {
                    doubted = true;
                    self.lose(why.to_string())?;
                }
                seen => return seen,
            }
        }
    }

    /// The session is over. What can't be read may be gone with it: the device may have restarted.
    pub(super) fn lose(&mut self, why: String) -> Result<(), Trouble> {
        self.cli = None;
        self.lost += 1;
        self.mine = Default::default();
        self.plan = None;
        self.sent.clear();
        self.why_lost.clone_from(&why);
        if self.lost >= MOST_LOST { Err(Trouble::Lost(why)) } else { Ok(()) }
    }

    /// A new session, by the first way that works: the one in use, the one that a step was about to lead to, the one
    /// that it all began with. A wrong password is tried once.
    fn connect(&mut self) -> Result<(), Trouble> {
        let mut refused: Vec<usize> = Vec::new();
        for tries in 0.. {
            let mut last = String::new();
            for number in 0..self.known.len() {
                if refused.contains(&number) {
                    continue;
                }
                let Known { account, at } = &self.known[number];
                match self.door.open(&Login { account: &account.name, password: &account.password }, *at) {
                    Ok(cli) => {
                        let known = self.known.remove(number);
                        self.known.insert(0, known);
                        self.cli = Some(cli);
                        if self.first.is_some() {
                            let why = std::mem::take(&mut self.why_lost);
                            self.told.tell(Note::Again(&why)).map_err(Trouble::Journal)?;
                        }
                        return Ok(());
                    }
                    Err(why) => {
                        if is_refused(&why) {
                            refused.push(number);
                        }
                        last = why.to_string();
                    }
                }
            }
            if refused.len() == self.known.len() || self.first.is_none() || !self.door.wait(tries) {
                return Err(Trouble::Lost(last));
            }
        }
        Ok(())
    }

    /// Opens a second session, as another account where one is named, and gives it.
    pub(super) fn second(&mut self, account: Option<&str>) -> Result<Second<D>, Shut> {
        let known = match account.filter(|account| *account != self.me().name) {
            None => self.known[0].copy(),
            Some(account) => {
                let shut = || (account.to_owned(), "its password is not at hand".to_owned());
                let password = self.password(account).ok_or_else(shut)?;
                Known { account: Account { name: account.to_owned(), password }, at: self.known[0].at }
            }
        };
        self.knock(known)
    }

    /// Another account that is described as an administrator, and whose password is known.
    pub(super) fn other_administrator(&self) -> Option<String> {
        let said: crate::model::device::Device = self.task.device.own.decode().ok()?;
        let accounts = said.accounts.into_iter().flat_map(|accounts| accounts.account);
        let mut other =
            accounts.filter(|account| account.role == Some(Role::Administrator) && account.removed.is_none());
        other.find_map(|account| account.name.filter(|name| *name != self.me().name && self.password(name).is_some()))
    }

    /// The same, with whatever is known.
    pub(super) fn knock(&mut self, known: Known) -> Result<Second<D>, Shut> {
        let Account { name, password } = &known.account;
        match self.door.open(&Login { account: name, password }, known.at) {
            Ok(cli) => Ok((known, cli)),
            Err(why) => Err((name.clone(), why.to_string())),
        }
    }

    /// Who works.
    pub(super) fn me(&self) -> &Account {
        &self.known[0].account
    }

    /// The password that an account shall have.
    pub(super) fn password(&self, account: &str) -> Option<SecretValue> {
        let path = format!("{}[{account}].password", crate::model::paths::ACCOUNTS_ACCOUNT);
        let name = self.task.device.own.value(&path)?.value.plain();
        Some(SecretValue::copy_of(self.task.secrets.get(&name)?.expose()))
    }
}

fn is_refused(why: &LiveError) -> bool {
    matches!(why, LiveError::Ssh(SshError::Refused(_)) | LiveError::Cli(CliError::Refused(_)))
}
