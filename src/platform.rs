//! Platforms: what a dialect can't say as data. Most of one is data, so most of the trait has its answer here.

mod by_lines;
mod native_lines;
mod over_export;
mod read_back;
mod secret_rules;

pub use native_lines::sort_native_lines;
pub use read_back::read_back;
pub use secret_rules::{SecretRules, secret_rules};

use crate::dialect::{self, Dialect, Purpose, Survey, Table, Tables, cli, ini, sheet};
use crate::finding::Finding;
use crate::model::Facts;
use crate::model::device::PlatformKind;
use crate::model::facts::{is_within, key_text, without_keys, without_misfits};
use crate::model::paths::{ETHERNET_PORT, SERIAL_PORT};
use crate::native::{Form, HIDDEN, KeptLine, NativeConfig, Page, Reading};
use crate::site::device::SiteDevice;
use crate::site::models;
use crate::source::FileId;

/// One kind of device. What is to be said of it is data: its tables, and here which form its machine text has.
#[derive(Debug, Clone, Copy)]
pub struct Platform {
    /// Which.
    pub kind: PlatformKind,
    /// The form that a machine reads, where one is known; else all is a sheet.
    pub machine: Option<Form>,
    tables: Tables,
}

/// The platform of a kind, with the tables that ship.
pub fn of(kind: PlatformKind) -> Platform {
    with(Tables::shipped(kind))
}

/// The platform of a device, with the tables of its site.
pub fn at(device: &SiteDevice) -> Platform {
    with(device.tables)
}

/// The platform of tables. The exported file of the NPort 6000-G2 is not public, and command lines of MX-NOS are likely
/// at best: for both, nothing is rendered for a machine, and tables of other forms serve to read.
pub fn with(tables: Tables) -> Platform {
    let machine = match tables.kind {
        PlatformKind::Nport6000 => Some(Form::Ini),
        PlatformKind::MxRos => Some(Form::Cli),
        PlatformKind::Nport6000G2 | PlatformKind::MxNos => None,
    };
    Platform { kind: tables.kind, machine, tables }
}

impl Platform {
    /// What the device can't do whatever its native text says: judged before anything is rendered, each at its value.
    pub fn limits(&self, device: &SiteDevice) -> Vec<Finding> {
        by_lines::limits(self, device)
    }

    /// All native text of a device: what people said of it, laid over a base where the form needs one.
    ///
    /// # Errors
    /// Every value that the device can't hold, at that value.
    pub fn render(&self, device: &SiteDevice, base: Option<&Reading>) -> Result<NativeConfig, Vec<Finding>> {
        self.rendered(device, &device.own, base, Purpose::Write)
    }

    /// The same of some of its settings, for judging alone: the texts are there, and empty.
    ///
    /// # Errors
    /// Every value of them that the device can't hold, and what stands against it whatever its settings are.
    pub fn judge(
        &self,
        device: &SiteDevice,
        settings: &Facts,
        base: Option<&Reading>,
    ) -> Result<NativeConfig, Vec<Finding>> {
        self.rendered(device, settings, base, Purpose::Judge)
    }

    fn rendered(
        &self,
        device: &SiteDevice,
        settings: &Facts,
        base: Option<&Reading>,
        purpose: Purpose,
    ) -> Result<NativeConfig, Vec<Finding>> {
        let mut refused = self.limits(device);
        refused.extend(native_lines::sorted(self, device).refused);
        match self.machine {
            Some(Form::Ini) => over_export::render(self, device, base, purpose, refused),
            _ => by_lines::render(self, device, settings, base, purpose, refused),
        }
    }

    /// Native text as it was read from a device. `None` where the platform has no table for the form.
    pub fn read(&self, form: Form, file: FileId, text: &str) -> Option<Reading> {
        let dialect = self.table(form)?;
        let reading = match &dialect.table {
            Table::Ini(_) => ini::read(dialect, file, text),
            Table::Cli(table) => cli::read(table, file, text, cli::Extent::Whole),
            Table::Sheet(table) => sheet::read(table, file, text),
        };
        Some(self.settled(form, reading))
    }

    /// A reading without what no description can say; the lines of that are kept.
    fn settled(&self, form: Form, mut reading: Reading) -> Reading {
        let misfits = without_misfits(&mut reading.facts);
        if misfits.is_empty() {
            return reading;
        }
        let public = self.redact(form, &reading.text);
        let lines: Vec<&str> = public.split('\n').collect();
        for misfit in misfits {
            reading.secrets.retain(|path, _| !is_within(path, &misfit.path));
            reading.redacted.retain(|path| !is_within(path, &misfit.path));
            reading.numbers.retain(|path, _| !is_within(path, &misfit.path));
            let start = misfit.origin.span.start as usize;
            let before = reading.text.get(..start).map_or(0, |text| text.matches('\n').count());
            let shown = lines.get(before).copied().unwrap_or(HIDDEN).to_owned();
            reading.kept.push(KeptLine { line: before + 1, shown, listed: true });
        }
        reading.kept.sort_by_key(|kept| kept.line);
        reading.kept.dedup();
        reading
    }

    /// The same, with what of it not everybody may see.
    pub fn survey(&self, form: Form, file: FileId, text: &str) -> Option<Survey> {
        let dialect = self.table(form)?;
        if let Table::Cli(table) = &dialect.table {
            let survey = cli::survey(table, file, text);
            return Some(Survey { reading: self.settled(form, survey.reading), ..survey });
        }
        let reading = self.read(form, file, text)?;
        Some(Survey { reading, veils: dialect::veils(dialect, text), touching: Vec::new() })
    }

    /// Native text for everybody's eyes: only values that are known not to be secret. Without a table, nothing is.
    pub fn redact(&self, form: Form, text: &str) -> String {
        match self.table(form) {
            Some(dialect) if form == Form::Ini => ini::redact(dialect, text),
            Some(Dialect { table: Table::Cli(table), .. }) => cli::redact(table, text),
            Some(Dialect { table: Table::Sheet(table), .. }) => sheet::redact(table, text),
            _ => text
                .lines()
                .map(|l| if l.is_empty() { "\n".to_owned() } else { format!("{}\n", dialect::HIDDEN) })
                .collect(),
        }
    }

    /// A redacted text as a site keeps it, which says whatever the text does but for what may not be seen; beside it
    /// the number of the line that each of its lines was, 0 for one that stands for others.
    pub fn kept(&self, form: Form, text: &str) -> (String, Vec<usize>) {
        if let Some(Dialect { table: Table::Cli(table), .. }) = self.table(form) {
            return cli::kept(table, text);
        }
        let redacted = self.redact(form, text);
        let lines = redacted.lines().count();
        (redacted, (1..=lines).collect())
    }

    /// A sheet to be filled in at a device; empty where no page of it is known.
    pub fn blank(&self, device: &SiteDevice) -> String {
        let Some(Dialect { table: Table::Sheet(table), .. }) = self.table(Form::Sheet) else { return String::new() };
        sheet::blank(table, device.model.as_deref(), &|list| self.keys(device, list))
    }

    /// The keys of a list that a device has: those that are described, and the ports of its model.
    pub fn keys(&self, device: &SiteDevice, list: &str) -> Vec<String> {
        let model = device.model.as_deref().and_then(|label| models::find(self.kind, label));
        let ports = match list {
            SERIAL_PORT => model.and_then(|m| m.serial).map(|n| (1..=n).map(|port| port.to_string()).collect()),
            ETHERNET_PORT => model
                .and_then(|m| m.ethernet.zip(m.port_name.as_deref()))
                .map(|(n, name)| (1..=n).map(|port| name.replace("{n}", &port.to_string())).collect()),
            _ => None,
        };
        let shape = device.own.shape;
        let described = || device.own.items(list).into_iter().flat_map(|items| &items.items);
        ports.unwrap_or_else(|| described().map(|item| key_text(shape, &item.group)).collect())
    }

    /// The table for a form.
    pub fn table(&self, form: Form) -> Option<&'static Dialect> {
        self.tables.of(form)
    }

    /// Whether a setting that native text of a form does not show has its factory value. Only a running configuration
    /// is silent on purpose, and one that is whole: a row that nobody filled in, or a key that a file lacks, says
    /// nothing.
    pub fn absent_is_factory(&self, form: Form, path: &str, read: &Reading) -> bool {
        match self.table(form).map(|dialect| &dialect.table) {
            Some(Table::Cli(table)) => read.whole && table.absent_is_factory(path),
            _ => false,
        }
    }

    /// Whether native text of a form has a place for a setting: where it has none, silence is no answer.
    pub fn shows(&self, form: Form, path: &str) -> bool {
        let bare = without_keys(path);
        match self.table(form).map(|dialect| &dialect.table) {
            Some(Table::Cli(table)) => table.shows(&bare),
            Some(Table::Ini(table)) => table.holds_of(&bare),
            Some(Table::Sheet(_)) => true,
            None => false,
        }
    }

    /// Whether a switch is none of its own in the text for a machine: it is on where another setting is filled.
    pub fn follows_another(&self, path: &str) -> bool {
        match self.machine.and_then(|form| self.table(form)).map(|dialect| &dialect.table) {
            Some(Table::Ini(table)) => table.follows_another(path),
            _ => false,
        }
    }

    /// Whether a device has anywhere to hold a setting; `path` as a rule reads it, without keys. Sheets have a row for
    /// whatever a command sets; of a file the groups that it holds something of count.
    pub fn has_place(&self, path: &str) -> bool {
        let file = self.table(Form::Ini).map(|dialect| &dialect.table);
        self.page(path).is_some() || matches!(file, Some(Table::Ini(table)) if table.holds_of(path))
    }

    /// The page of a setting on the device; `path` as [`crate::model::facts::leaves`] gives it.
    pub fn page(&self, path: &str) -> Option<Page> {
        match &self.table(Form::Sheet)?.table {
            Table::Sheet(table) => table.page(path),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests;
