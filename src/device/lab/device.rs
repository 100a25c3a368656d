//! A device to rehearse on: what all its sessions share.

use std::net::IpAddr;
use std::time::Duration;

use ctutils::CtEq as _;

use super::fault::{Fault, Kind};
use crate::device::Speech;
use crate::dialect::cli::{self, Block, Extent, Running, Table, Taken};
use crate::dialect::{self, Purpose};
use crate::model::accounts::Role;
use crate::model::device::Device as Said;
use crate::model::paths::{ACCOUNTS_ACCOUNT, ALLOWLIST_HOST, NETWORK_INTERFACE};
use crate::model::value::Sha256;
use crate::native::{Form, Piece};
use crate::platform;
use crate::secret::{SecretValue, Secrets};
use crate::site::SiteDevice;
use crate::source::FileId;

/// Why a device can't be rehearsed on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabError {
    /// It has no command line that is known.
    #[error("`{0}` has no command line that is known")]
    NoCommandLine(String),
    /// A secret that it is described with was not given.
    #[error("the value of `{0}` is not at hand, and an account can't be without a password")]
    NoSecret(String),
    /// The network of this machine.
    #[error("`{name}` can't be served: {why}")]
    Network {
        /// The device.
        name: String,
        /// What the system says.
        why: String,
    },
}

/// Whether somebody is let in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// With the rights of an administrator or configurator, or to look only.
    In {
        /// Whether the configuration may be changed.
        configures: bool,
    },
    /// Wrong, or locked: nobody is told which.
    Refused,
}

/// A device.
pub struct Device {
    /// Its name in the site.
    pub name: String,
    speech: &'static Speech,
    table: &'static Table,
    model: String,
    firmware: String,
    serial: String,
    mac: String,
    running: Running<'static>,
    /// What runs, as settings: as far as it decides who is let in, and where.
    said: Said,
    startup: Running<'static>,
    factory: Running<'static>,
    faults: Vec<Fault>,
    /// How many commands it was sent.
    commands: usize,
    /// How often it was started.
    pub(super) starts: usize,
    failures: u32,
    locked_until: Option<Duration>,
    /// Nobody new gets in but with this, or with what it is started with.
    open_with: Option<Running<'static>>,
}

impl Device {
    /// A device of a site: as it leaves the factory, or with `secrets` as it is described.
    ///
    /// # Errors
    /// Its platform has no command line that is known, or a secret is missing.
    pub fn of(device: &SiteDevice, secrets: Option<&Secrets>, faults: Vec<Fault>) -> Result<Device, LabError> {
        let none = || LabError::NoCommandLine(device.name.to_string());
        let speech = Speech::of(device.platform).ok_or_else(none)?;
        let dialect = platform::at(device).table(Form::Cli).ok_or_else(none)?;
        let dialect::Table::Cli(table) = &dialect.table else { return Err(none()) };
        let described: Said = device.complete().decode().map_err(|_| none())?;
        let asset = described.asset.as_ref();
        let mut factory = Running::empty(table);
        speech.factory.iter().for_each(|line| {
            factory.take(None, line);
        });
        if let Some(facts) = device.factory.as_deref() {
            follow(&mut factory, &lines(table, facts, None)?);
        }
        let mut running = factory.clone();
        if let Some(secrets) = secrets {
            running = Running::empty(table);
            follow(&mut running, &lines(table, &device.complete(), Some(secrets))?);
        }
        Ok(Device {
            name: device.name.to_string(),
            speech,
            table,
            model: device.model.as_deref().unwrap_or("unknown").to_owned(),
            firmware: device.firmware.as_ref().map_or_else(|| "0.0".to_owned(), ToString::to_string),
            serial: asset.and_then(|asset| asset.serial.clone()).unwrap_or_default(),
            mac: asset.and_then(|asset| asset.mac).map(|mac| mac.to_string()).unwrap_or_default(),
            startup: running.clone(),
            said: said(table, &running).ok_or_else(none)?,
            running,
            factory,
            faults,
            commands: 0,
            starts: 0,
            failures: 0,
            locked_until: None,
            open_with: None,
        })
    }

    /// How its command line talks.
    pub fn speech(&self) -> &'static Speech {
        self.speech
    }

    /// Whether somebody from that address may knock at all: the list of hosts, where it is in force and not empty. An
    /// empty one lets the whole LAN in, and all of this machine is that.
    pub fn takes(&self, from: IpAddr) -> bool {
        let said = &self.said;
        let list = said.allowlist.as_ref().filter(|list| list.enabled.is_some_and(|on| on.0));
        let hosts = || list.iter().flat_map(|list| &list.host).filter_map(|host| host.net.as_ref());
        hosts().next().is_none() || hosts().any(|net| net.0.contains(&from))
    }

    /// Somebody logs in, at that time since the device is there.
    pub fn enter(&mut self, account: &str, password: &[u8], now: Duration) -> Entry {
        let is_open = |open: &Running<'_>| *open == self.running || self.startup == self.running;
        let is_shut = self.open_with.as_ref().is_some_and(|open| !is_open(open));
        if is_shut || self.locked_until.is_some_and(|until| now < until) {
            return Entry::Refused;
        }
        let said = &self.said;
        let role = said.accounts.iter().flat_map(|a| &a.account).find(|a| a.name.as_deref() == Some(account));
        let role = role.and_then(|account| account.role);
        let right = self::password(&self.running, account);
        let known = right.is_some_and(|right| right.as_bytes().ct_eq(password).to_bool());
        if known && role != Some(Role::NoLogin) {
            self.failures = 0;
            return Entry::In { configures: matches!(role, Some(Role::Administrator | Role::Configurator)) };
        }
        self.failures += 1;
        let lockout = said.login.as_ref().and_then(|login| login.lockout.as_ref());
        if let Some(lockout) = lockout.filter(|lockout| lockout.enabled.is_some_and(|on| on.0))
            && lockout.after.is_some_and(|after| self.failures >= after)
        {
            self.failures = 0;
            let time = lockout.r#for.map(|time| time.millis().map_or(Duration::MAX, Duration::from_millis));
            self.locked_until = time.map(|time| now.saturating_add(time));
        }
        Entry::Refused
    }

    /// What stands before the `#` of a session that begins now.
    pub(super) fn stem(&self) -> String {
        let host = self.said.identity.as_ref().and_then(|identity| identity.hostname.clone());
        host.unwrap_or_else(|| self.speech.prompt.trim_end_matches('#').replace("{model}", &self.model))
    }

    /// The lines behind a login.
    pub(super) fn greeting(&self) -> Vec<String> {
        let filled = self.speech.greeting.iter().map(|line| self.fill(line));
        filled.flat_map(|line| [line, "-".repeat(80)]).collect()
    }

    /// What it tells of itself.
    pub(super) fn about(&self, rows: &[(String, String)]) -> Vec<String> {
        rows.iter().map(|(name, value)| format!("{name:<28} : {}", self.fill(value))).collect()
    }

    /// Carries out a line of the configuration; beside it whether its address is another one now.
    pub(super) fn configure(&mut self, block: Option<&Block>, line: &str) -> (Taken, bool) {
        let before = self.addresses();
        let taken = self.running.take(block, line);
        self.look();
        let moved = before != self.addresses();
        (taken, moved)
    }

    /// Whether a line is a command of the exec prompt that its table has.
    pub(super) fn has_command(&self, line: &str) -> bool {
        self.running.clone().take(None, line) == Taken::Exec
    }

    /// What runs, or what it is started with.
    pub fn show(&self, startup: bool) -> Vec<String> {
        let of = if startup { &self.startup } else { &self.running };
        // newer firmware prints a digest of a password (devices-2.md 1.4); how it looks is in no source
        of.show(&|secret| Sha256::of(format!("{}\n{secret}", self.name).as_bytes()).to_string())
    }

    /// The power goes and comes: what is not saved is lost, and every session ends.
    pub(in crate::device) fn restart(&mut self) {
        self.running = self.startup.clone();
        self.open_with = None;
        self.starts += 1;
        self.look();
    }

    /// The same, with everything forgotten.
    pub(super) fn reset(&mut self) {
        self.startup = self.factory.clone();
        self.restart();
    }

    /// Saves; whether there was room.
    pub(super) fn save(&mut self) -> bool {
        let room = !self.has(Kind::Full);
        if room {
            self.startup = self.running.clone();
        }
        room
    }

    /// One command more; the faults that are due with it.
    pub(super) fn due(&mut self) -> Vec<Kind> {
        self.commands += 1;
        self.faults.iter().filter(|fault| fault.at == self.commands).map(|fault| fault.kind).collect()
    }

    /// Nobody new gets in once the configuration is another one than now.
    pub(super) fn shut(&mut self) {
        self.open_with = Some(self.running.clone());
    }

    /// Whether a fault goes on.
    pub(super) fn has(&self, kind: Kind) -> bool {
        kind.lasts() && self.faults.iter().any(|fault| fault.kind == kind && fault.at <= self.commands)
    }

    /// Whether it is reached at an address; one that says none is reached at any.
    #[cfg(test)]
    pub(in crate::device) fn answers_at(&self, address: IpAddr) -> bool {
        let nets = self.addresses();
        nets.is_empty() || nets.iter().filter_map(|net| net.parse().ok()).any(|net: ipnet::IpNet| net.addr() == address)
    }

    /// How many commands it was sent.
    #[cfg(test)]
    pub(in crate::device) fn commands(&self) -> usize {
        self.commands
    }

    /// Addresses that it is reached at.
    fn addresses(&self) -> Vec<String> {
        let said = &self.said;
        let interfaces = said.network.iter().flat_map(|network| &network.interface);
        interfaces.filter_map(|interface| interface.address.as_ref()).map(ToString::to_string).collect()
    }

    fn fill(&self, text: &str) -> String {
        let other = self.has(Kind::Other);
        let serial = if other { "ANOTHER-DEVICE" } else { &self.serial };
        let mac = if other { "00:00:5e:00:53:01" } else { &self.mac };
        let text = text.replace("{model}", &self.model).replace("{firmware}", &self.firmware);
        text.replace("{serial}", serial).replace("{mac}", mac).replace("{hostname}", &self.stem())
    }

    /// After a change: what is said now. A text that can't be read says nothing new.
    fn look(&mut self) {
        if let Some(said) = said(self.table, &self.running) {
            self.said = said;
        }
    }
}

/// The password of an account of a device that leaves the factory: everybody knows it.
pub fn shipped(speech: &Speech, account: &str) -> Option<SecretValue> {
    let dialect::Table::Cli(table) = &dialect::Tables::shipped(speech.platform).of(Form::Cli)?.table else {
        return None;
    };
    let mut factory = Running::empty(table);
    speech.factory.iter().for_each(|line| drop(factory.take(None, line)));
    let password = password(&factory, account)?;
    Some(SecretValue::copy_of(password.as_bytes()))
}

fn password<'r>(running: &'r Running<'_>, account: &str) -> Option<&'r str> {
    let place =
        |places: &[(&str, &'r str)], name| places.iter().find(|(known, _)| *known == name).map(|(_, text)| *text);
    let mut entries = running.entries(ACCOUNTS_ACCOUNT).into_iter();
    entries.find(|places| place(places, "name") == Some(account)).and_then(|places| place(&places, "password"))
}

/// What the lines of a configuration say of who is let in, and where.
fn said(table: &Table, running: &Running<'_>) -> Option<Said> {
    // after each line: what a firewall has in its hundreds decides nothing of that
    let asked = [ALLOWLIST_HOST, NETWORK_INTERFACE, ACCOUNTS_ACCOUNT];
    let text = running.show_with(&|_| "<hidden>".to_owned(), &|list| asked.contains(&list)).join("\n");
    cli::read(table, FileId::NONE, &text, Extent::Part).facts.decode().ok()
}

/// Carries out lines as a session does.
fn follow(running: &mut Running<'static>, text: &str) {
    let mut block: Option<Block> = None;
    for line in text.lines().map(str::trim) {
        if line == "exit" {
            block = block.and_then(Block::left);
        } else if let cli::Taken::Opened(opened) = running.take(block.as_ref(), line) {
            block = Some(opened);
        }
    }
}

/// The command lines of settings, with their secrets.
fn lines(table: &Table, facts: &crate::model::Facts, secrets: Option<&Secrets>) -> Result<String, LabError> {
    let mut text = String::new();
    for piece in cli::render(table, facts, None, Purpose::Write).text.pieces {
        match piece {
            Piece::Shown(shown) => text.push_str(&shown),
            Piece::Hidden(hidden) => text.push_str(&hidden),
            Piece::Secret { name, .. } => {
                let value = secrets.and_then(|secrets| secrets.get(name.as_str())).and_then(|v| v.expose_text());
                text.push_str(value.ok_or_else(|| LabError::NoSecret(name.to_string()))?);
            }
        }
    }
    Ok(text)
}
