//! A device that is changed by a file: everything in it is there at once, and a line that the device does not take is
//! noticed by nobody. So it is one step of a plan, and it is looked at with each of its lines left out.
//!
//! The file is what the device exported just now, with the lines that are sealed in their places: what is sealed
//! leaves out keeps what it has. Where one file would be a leap, what only adds goes first, and is proved.

use std::collections::{BTreeMap, BTreeSet};

use zeroize::Zeroizing;

use super::plan::{NoPlan, refused, slots};
use crate::dialect::Table;
use crate::dialect::sheet::Verb;
use crate::diff;
use crate::model::facts::{is_within, overlap};
use crate::model::paths::{ACCOUNTS_ACCOUNT, ALLOWLIST_HOST};
use crate::native::{Change, Form, Reading};
use crate::plan::{self, Check, Ends, Engineer, Input, Limits, Plan, Refusal};
use crate::platform::Platform;
use crate::secret::{SecretValue, Secrets};
use crate::sheet::Row;
use crate::site::factory;
use crate::source::{FileId, SourceMap};

/// As many lines may differ: each is looked at with all others.
const MOST: usize = 500;
/// The largest export that is looked at, in bytes; one of a device with 16 ports has 75 KiB.
const MOST_BYTES: usize = 512 << 10;

/// A file to import.
pub struct Import {
    /// It, secrets in clear.
    pub text: Zeroizing<String>,
    /// The lines in it that the device has not yet.
    pub lines: Vec<ImportLine>,
    /// How it is known that the device is still reached afterwards; none where it decides nobody's way in.
    pub check: Option<Check>,
    /// Whether another file follows, once it is known that this one was taken.
    pub more: bool,
}

/// A line of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportLine {
    /// The same in each file that says the same.
    pub id: String,
    /// `[Password Login Policy] Password Minimum Length`
    pub place: String,
    /// What it says; what may be a secret is not shown.
    pub value: String,
}

/// Why nothing is imported.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NoImport {
    /// One of the texts is none.
    #[error("it is no export that can be read")]
    Text,
    /// More than is looked at line by line.
    #[error("more than {MOST} lines differ, or the export is larger than {} KiB", MOST_BYTES >> 10)]
    Many,
    /// The device has no such line: it would not tell that it does not take it.
    #[error("the device has no line `{0}`: its export is of another firmware than the sealed one")]
    Unknown(String),
    /// Who gets in may rest on it, and nothing tells how.
    #[error("the line `{0}` differs, no source says what its values mean, and `{1}` rests on it")]
    Unexplained(String, String),
    /// Nobody would get in.
    #[error("{message}")]
    Refused {
        /// Why, in one sentence.
        message: String,
        /// The remedy.
        help: String,
    },
    /// One line that the device does not take shuts people out.
    #[error("were the line `{0}` not taken, nobody would get in")]
    Line(String),
    /// Too much at once, and no part of it can go before.
    #[error("one file would take the way in that is in use and bring another one, and no part of it can go before")]
    Leap,
}

/// The settings beneath which it is decided who gets in.
const DECIDE: [&str; 5] = ["services", "accounts", "authentication", "login", "allowlist"];

/// Where a line stands: its section, its key, and which of several with that name.
type Place<'t> = (&'t str, &'t str, usize);

/// A text by its lines.
struct Lines<'t> {
    all: Vec<&'t str>,
    places: BTreeMap<Place<'t>, usize>,
}

impl<'t> Lines<'t> {
    fn of(text: &'t str) -> Lines<'t> {
        let all: Vec<&str> = text.split_inclusive('\n').collect();
        let (mut places, mut section) = (BTreeMap::new(), "");
        let mut turns: BTreeMap<(&str, &str), usize> = BTreeMap::new();
        for (at, line) in all.iter().enumerate() {
            let line = line.trim_end_matches(['\r', '\n']);
            if line.starts_with('[') && line.ends_with(']') {
                section = line;
            } else if let Some((key, _)) = line.split_once('=') {
                let turn = turns.entry((section, key)).and_modify(|turn| *turn += 1).or_default();
                places.insert((section, key, *turn), at);
            }
        }
        Lines { all, places }
    }

    fn value(&self, at: usize) -> &'t str {
        let line = self.all[at].trim_end_matches(['\r', '\n']);
        line.split_once('=').map_or("", |(_, value)| value)
    }
}

/// A line that is to become another one, by its number in both texts.
struct Differs<'t> {
    place: Place<'t>,
    has: usize,
    gets: usize,
}

/// What is to be imported next of a sealed text into a device that has exported one; lines whose ids are left out are
/// let be. `None` where nothing differs.
///
/// # Errors
/// It can't be read, or nobody would get in, or one line decides that nobody does.
pub fn import(
    on: &Platform,
    device: &str,
    (export, sealed): (&str, &str),
    (engineer, left_out): (&Engineer, &BTreeSet<String>),
) -> Result<Option<Import>, NoImport> {
    if export.len().max(sealed.len()) > MOST_BYTES {
        return Err(NoImport::Many);
    }
    let (has, gets) = (Lines::of(export), Lines::of(sealed));
    let redacted = on.redact(Form::Ini, sealed);
    let shown = Lines::of(&redacted);
    let (Some(Table::Ini(table)), Some(_)) =
        (on.table(Form::Ini).map(|dialect| &dialect.table), on.read(Form::Ini, FileId::NONE, sealed))
    else {
        return Err(NoImport::Text);
    };
    let mut differs = Vec::new();
    for (place, at) in &gets.places {
        if table.is_told(place.0.trim_matches(['[', ']']), place.1) {
            continue;
        }
        let there = has.places.get(place).ok_or_else(|| NoImport::Unknown(called(place)))?;
        if has.value(*there) != gets.value(*at) && !left_out.contains(&line(place, &shown).id) {
            differs.push(Differs { place: *place, has: *there, gets: *at });
        }
    }
    if differs.is_empty() {
        return Ok(None);
    }
    if differs.len() > MOST {
        return Err(NoImport::Many);
    }
    for Differs { place, .. } in &differs {
        let setting = table.unexplained(place.0.trim_matches(['[', ']']), place.1);
        if let Some(setting) = setting.filter(|path| DECIDE.iter().any(|top| is_within(path, top))) {
            return Err(NoImport::Unexplained(called(place), setting.to_owned()));
        }
    }
    let all: Vec<usize> = (0..differs.len()).collect();
    let mut guard = Guard { on, device, engineer, has: &has, gets: &gets, differs: &differs, touched: Vec::new() };
    guard.touched = guard.find_touched(&all)?;
    let now = guard.reading(&[])?;
    let (chosen, check, more) = match guard.safe((&now, &[]), &all) {
        Ok(check) => (all, check, false),
        Err(why) => {
            let (first, check) = guard.part(&now, &all)?.ok_or(why)?;
            (first, check, true)
        }
    };
    let lines = chosen.iter().map(|at| line(&differs[*at].place, &shown)).collect();
    Ok(Some(Import { text: guard.text(&chosen), lines, check, more }))
}

/// What the lines of some ids say in an export, and whether that is what is sealed.
pub fn taken(on: &Platform, export: &str, sealed: &str) -> BTreeMap<String, (ImportLine, bool)> {
    let (has, gets) = (Lines::of(export), Lines::of(sealed));
    let redacted = on.redact(Form::Ini, sealed);
    let shown = Lines::of(&redacted);
    let each = gets.places.iter().map(|(place, at)| {
        let same = has.places.get(place).is_some_and(|there| has.value(*there) == gets.value(*at));
        let line = line(place, &shown);
        (line.id.clone(), (line, same))
    });
    each.collect()
}

fn called((section, key, _): &Place<'_>) -> String {
    format!("{section} {key}")
}

fn line(place: &Place<'_>, shown: &Lines<'_>) -> ImportLine {
    let (section, key, turn) = *place;
    let value = shown.places.get(place).map_or("<hidden>", |at| shown.value(*at)).to_owned();
    let id = Row::id_of("", section, key, (Verb::Type, std::slice::from_ref(&value)), turn);
    ImportLine { id, place: called(place), value }
}

/// Lines that are imported at once, and how it is known that the device is still reached.
type Chosen = (Vec<usize>, Option<Check>);

struct Guard<'a> {
    on: &'a Platform,
    device: &'a str,
    engineer: &'a Engineer,
    has: &'a Lines<'a>,
    gets: &'a Lines<'a>,
    differs: &'a [Differs<'a>],
    /// Of each line the settings that are others where it is not taken.
    touched: Vec<Vec<String>>,
}

impl Guard<'_> {
    /// What the device exported, with some of the lines as they are to be.
    fn text(&self, chosen: &[usize]) -> Zeroizing<String> {
        let new: BTreeMap<usize, usize> =
            chosen.iter().map(|at| (self.differs[*at].has, self.differs[*at].gets)).collect();
        let bodies = |at: usize| match new.get(&at) {
            Some(gets) => self.gets.all[*gets].trim_end_matches(['\r', '\n']),
            None => self.has.all[at].trim_end_matches(['\r', '\n']),
        };
        // what was read has lost the line ends of its device; what is sealed has them
        let end = if self.gets.all.first().is_some_and(|line| line.ends_with("\r\n")) { "\r\n" } else { "\n" };
        let length = (0..self.has.all.len()).map(|at| bodies(at).len() + end.len()).sum();
        // sized once: growing would leave copies of secrets behind
        let mut text = Zeroizing::new(String::with_capacity(length));
        for at in 0..self.has.all.len() {
            text.push_str(bodies(at));
            text.push_str(end);
        }
        text
    }

    fn reading(&self, chosen: &[usize]) -> Result<Reading, NoImport> {
        self.on.read(Form::Ini, FileId::NONE, &self.text(chosen)).ok_or(NoImport::Text)
    }

    fn find_touched(&self, all: &[usize]) -> Result<Vec<Vec<String>>, NoImport> {
        let whole = self.reading(all)?;
        let one = |left: &usize| {
            let without = self.reading(&all.iter().filter(|at| *at != left).copied().collect::<Vec<_>>())?;
            let settings = self.changes(&without, &whole).into_iter().map(|change| change.path);
            let length = |reading: &Reading, path: &str| reading.secrets.get(path).map(SecretValue::len);
            let secrets = whole.secrets.keys().chain(without.secrets.keys());
            let secrets = secrets.filter(|path| length(&whole, path) != length(&without, path)).cloned();
            Ok(settings.chain(secrets).collect())
        };
        all.iter().map(one).collect()
    }

    /// Whether some lines can be imported at once into a device that has some already.
    fn safe(&self, (before, had): (&Reading, &[usize]), chosen: &[usize]) -> Result<Option<Check>, NoImport> {
        let after = self.reading(chosen)?;
        let (plan, changes) = self.plan(before, &after, true).map_err(|(why, changes)| self.refused(&why, &changes))?;
        let core: Vec<&plan::Step> = plan.steps.iter().filter(|step| step.check.is_some()).collect();
        if core.len() > 1 {
            return Err(NoImport::Leap);
        }
        // a part of what several lines say together is another setting of the same list
        let decide = core.iter().flat_map(|step| &step.changes).map(|at| list(&changes[*at].path));
        let decide: BTreeSet<&str> = decide.collect();
        let decides = |at: &usize| self.touched[*at].iter().any(|path| decide.contains(list(path)));
        for left in chosen.iter().filter(|at| !had.contains(at) && decides(at)) {
            let others: Vec<usize> = chosen.iter().filter(|at| *at != left).copied().collect();
            let without = self.reading(&others)?;
            if let Err((Refusal::NoWayAtEnd(_), _)) = self.plan(before, &without, true) {
                return Err(NoImport::Line(called(&self.differs[*left].place)));
            }
        }
        Ok(core.first().and_then(|step| step.check.clone()))
    }

    /// The least that can go before, by the order that the changes have one by one, so that the rest can follow.
    fn part(&self, now: &Reading, all: &[usize]) -> Result<Option<Chosen>, NoImport> {
        let after = self.reading(all)?;
        let (plan, changes) = self.plan(now, &after, false).map_err(|(why, changes)| self.refused(&why, &changes))?;
        let core: Vec<&plan::Step> = plan.steps.iter().filter(|step| step.check.is_some()).collect();
        for count in 1..core.len() {
            let steps = &core[..count];
            if steps.iter().any(|step| step.temporary.is_some()) {
                return Ok(None);
            }
            let paths = |steps: &[&plan::Step]| -> Vec<&str> {
                steps.iter().flat_map(|step| &step.changes).map(|at| &*changes[*at].path).collect()
            };
            let (made, later) = (paths(steps), paths(&core[count..]));
            let of = |at: &usize, paths: &[&str]| {
                self.touched[*at].iter().any(|path| paths.iter().any(|other| overlap(path, other)))
            };
            let whole = |at: &&usize| of(at, &made) && !of(at, &later);
            let first: Vec<usize> = all.iter().filter(whole).copied().collect();
            let Ok(check) = self.safe((now, &[]), &first) else { continue };
            if !first.is_empty() && self.safe((&self.reading(&first)?, &first), all).is_ok() {
                return Ok(Some((first, check)));
            }
        }
        Ok(None)
    }

    fn changes(&self, before: &Reading, after: &Reading) -> Vec<Change> {
        let page = |path: &str| self.on.page(path);
        let context =
            diff::Context { secrets: &Secrets::Absent, page: &page, absent: &|_| None, is_held: &|_, _| None };
        diff::changes(&after.facts, before, &context)
    }

    fn plan(
        &self,
        before: &Reading,
        after: &Reading,
        at_once: bool,
    ) -> Result<(Plan, Vec<Change>), (Refusal, Vec<Change>)> {
        let changes = self.changes(before, after);
        let (shipped, _) = factory::facts(self.on.kind, None, &mut SourceMap::default());
        let secret = |end: Ends, name: &str| match end {
            Ends::Start => before.secrets.get(name).map(SecretValue::len),
            Ends::Goal => after.secrets.get(name).map(SecretValue::len),
        };
        let input = Input {
            platform: self.on.kind,
            before: &before.facts,
            after: &after.facts,
            changes: &changes,
            engineer: self.engineer.clone(),
            login: None,
            length: &secret,
            shipped: &|account| {
                shipped.as_ref().is_some_and(|facts| facts.group(&format!("{ACCOUNTS_ACCOUNT}[{account}]")).is_some())
            },
            slots: &|list| slots(self.on, list),
            page: &|_| at_once.then_some(0),
            limits: Limits { entries: slots(self.on, ALLOWLIST_HOST), accounts: slots(self.on, ACCOUNTS_ACCOUNT) },
            stations: &[],
            foreign: false,
            consented: false,
        };
        let planned = plan::plan(&input);
        match planned {
            Ok(plan) => Ok((plan, changes)),
            Err(refusal) => Err((refusal, changes)),
        }
    }

    fn refused(&self, refusal: &Refusal, changes: &[Change]) -> NoImport {
        match refused(refusal, changes, self.device) {
            NoPlan::Refused { message, help } => NoImport::Refused { message, help },
            NoPlan::Fails | NoPlan::NoSecrets | NoPlan::NotAccepted(_) => NoImport::Leap,
        }
    }
}

/// The list that a setting is of, or itself.
fn list(path: &str) -> &str {
    path.split('[').next().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::device::PlatformKind;

    /// The list holds off from the device's own pages too.
    fn export() -> String {
        let text = include_str!("../../examples/01-pump-station/captures/np02.ini");
        text.replace("IP Filter Plus Mode=0", "IP Filter Plus Mode=1")
    }

    const LAPTOP: &str = "10.20.0.10";

    /// The export with some lines as they are to be.
    fn sealed(lines: &[(&str, &str)]) -> String {
        let mut text = export();
        for (from, to) in lines {
            assert!(text.contains(&format!("\n{from}\r\n")), "{from}");
            text = text.replacen(&format!("\n{from}\r\n"), &format!("\n{to}\r\n"), 1);
        }
        text
    }

    fn imported(sealed: &str, laptop: &str) -> Result<Option<Import>, NoImport> {
        let on = crate::platform::of(PlatformKind::Nport6000);
        let engineer = Engineer { addresses: vec![laptop.parse().unwrap()], ..Engineer::default() };
        import(&on, "np02", (&export().replace("\r\n", "\n"), sealed), (&engineer, &BTreeSet::new()))
    }

    fn why(sealed: &str, laptop: &str) -> NoImport {
        match imported(sealed, laptop) {
            Err(why) => why,
            Ok(file) => panic!("{:?}", file.map(|file| file.lines)),
        }
    }

    #[test]
    fn nothing_is_imported_where_nothing_differs() {
        assert!(imported(&sealed(&[]), LAPTOP).unwrap().is_none());
        // told by the device, and never taken
        assert!(imported(&sealed(&[("IP Address=10.20.7.2", "IP Address=10.20.7.3")]), LAPTOP).unwrap().is_none());
    }

    #[test]
    fn a_file_is_the_export_with_what_is_sealed_in_its_place() {
        let wanted = sealed(&[("SNMP Mode=1", "SNMP Mode=0"), ("Auto Logout Setting=10", "Auto Logout Setting=5")]);
        // a line that is left out of what is sealed stays as the device has it
        let without = wanted.replacen("Mail Port=25\r\n", "", 1);
        for text in [&wanted, &without] {
            let file = imported(text, LAPTOP).unwrap().unwrap();
            assert_eq!(*file.text, wanted);
            assert_eq!(file.lines.len(), 2, "{:?}", file.lines);
            assert!(!file.more);
        }
        assert!(taken(&crate::platform::of(PlatformKind::Nport6000), &wanted, &wanted).values().all(|(_, same)| *same));
    }

    /// Any bytes have an answer, and what is too much is not looked at.
    #[test]
    fn what_is_no_export_or_too_much_is_refused_at_once() {
        let on = crate::platform::of(PlatformKind::Nport6000);
        let engineer = Engineer::default();
        let sealed = sealed(&[("SNMP Mode=1", "SNMP Mode=0")]);
        let refused = |export: &str| import(&on, "np02", (export, &sealed), (&engineer, &BTreeSet::new())).err();
        for export in ["", "[", "=", "[a]\n=\n=", "\u{0}\r\r\n[SNMP Agent]\nSNMP Mode"] {
            assert!(matches!(refused(export), Some(NoImport::Unknown(_))), "{export:?}");
        }
        assert_eq!(refused(&"a=\n".repeat(MOST_BYTES / 3 + 1)), Some(NoImport::Many));
        assert!(matches!(refused(&"a=\n".repeat(MOST_BYTES / 3)), Some(NoImport::Unknown(_))));
        let other: String =
            export().lines().map(|line| format!("{line}{}\n", if line.contains('=') { "x" } else { "" })).collect();
        assert_eq!(refused(&other), Some(NoImport::Many));
        assert!(!taken(&on, "", &sealed).is_empty());
    }

    #[test]
    fn a_line_that_the_device_has_not_is_no_silence() {
        let text = sealed(&[("SNMP Mode=1", "SNMP Mode=1\r\nSNMP Newer=1")]);
        assert_eq!(why(&text, LAPTOP), NoImport::Unknown("[SNMP Agent] SNMP Newer".into()));
    }

    /// A number whose bits switch the consoles, the one in use among them.
    #[test]
    fn a_line_that_no_source_explains_is_not_imported_where_it_may_decide_who_gets_in() {
        let refused = |from: &str, to: &str, setting: &str| {
            let NoImport::Unexplained(_, of) = why(&sealed(&[(from, to)]), LAPTOP) else { panic!("{from}") };
            assert_eq!(of, setting);
        };
        refused("Console Settings=0", "Console Settings=1", "services.https");
        let rights = export().lines().find(|line| line.starts_with("Group Privilege #2=")).unwrap().to_owned();
        refused(&rights, "Group Privilege #2=0", "accounts.group.access");
        // nobody's way in
        assert!(imported(&sealed(&[("SMTP Security=0", "SMTP Security=1")]), LAPTOP).unwrap().is_some());
    }

    /// The one entry that lets the laptop in becomes another one.
    #[test]
    fn one_line_that_is_not_taken_shuts_nobody_out() {
        let other = sealed(&[("IP Address #1=10.20.0.10", "IP Address #1=10.20.0.11")]);
        assert!(matches!(why(&other, LAPTOP), NoImport::Refused { .. }), "nobody is let in in the end");
        // its own entry goes, another one that lets it in comes: first the one, and once it stands the other
        let moves = sealed(&[
            ("Active #1=1", "Active #1=0"),
            ("IP Address #1=10.20.0.10", "IP Address #1=0.0.0.0"),
            ("Netmask #1=255.255.255.255", "Netmask #1=0.0.0.0"),
            ("Active #3=0", "Active #3=1"),
            ("IP Address #3=0.0.0.0", "IP Address #3=10.20.0.8"),
            ("Netmask #3=0.0.0.0", "Netmask #3=255.255.255.248"),
            ("Server Location=cabinet 1", "Server Location=cabinet 2"),
        ]);
        let file = imported(&moves, LAPTOP).unwrap().unwrap();
        assert!(file.more);
        let places: Vec<&str> = file.lines.iter().map(|line| &*line.place).collect();
        let added = ["Active #3", "IP Address #3", "Netmask #3"];
        assert_eq!(places, added.map(|key| format!("[Accessible IP List] {key}")));
        // what was added stands, and the rest is one file
        let on = crate::platform::of(PlatformKind::Nport6000);
        let engineer = Engineer { addresses: vec![LAPTOP.parse().unwrap()], ..Engineer::default() };
        let rest = import(&on, "np02", (&file.text, &moves), (&engineer, &BTreeSet::new())).unwrap().unwrap();
        assert!(!rest.more && rest.lines.len() == 4, "{:?}", rest.lines);
        // a line that was not taken is not offered again, where it decides nobody's way in
        let place = rest.lines.iter().find(|line| line.place.ends_with("Server Location")).unwrap();
        let left: BTreeSet<String> = [place.id.clone()].into();
        let rest = import(&on, "np02", (&file.text, &moves), (&engineer, &left)).unwrap().unwrap();
        assert_eq!(rest.lines.len(), 3);
    }
}
