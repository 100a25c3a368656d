//! The sheet of one device: for most devices, what a person in the plant holds in hand.

pub mod back;
mod order;
mod rows;

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use super::folder::SHEETS;
use super::plan::{self, BothEnds, first, refused};
use super::why::Why;
use super::{ReadText, ReadySite, State, certificates, folder};
use crate::dialect::{Lines, Placed, Purpose, Table, sheet as typed};
use crate::diff;
use crate::finding::Verdict;
use crate::image::Digest;
use crate::model::Value;
use crate::model::device::PlatformKind;
use crate::model::facts::is_within;
use crate::model::paths::{
    ACCOUNTS_ACCOUNT, ALLOWLIST, ALLOWLIST_HOST, ASSET_ID, ASSET_LOCATION, ASSET_SERIAL, LOGIN_AUTO_LOGOUT,
    NETWORK_INTERFACE, SERVICES_HTTPS,
};
use crate::native::{Change, Form, NativeConfig};
use crate::plan::{Engineer, Way, is_way_in};
use crate::platform;
use crate::policy::analysis::Need;
use crate::policy::{Advisories, Evaluation, Rule};
use crate::report;
use crate::secret::Secrets;
use crate::sheet::{FORMAT, Head, RowRule, Sheet, SheetFile, SheetKind};
use crate::site::SiteDevice;

/// What a sheet says of the image that it belongs to. It says nothing random, so it names the reviewed text and not the
/// image, which differs in every build.
pub(super) struct Stamp<'a> {
    /// Digest of the reviewed text.
    pub(super) review: Digest,
    /// Its revision; 0 where none was sealed.
    pub(super) revision: u32,
    /// The end of a waiver that it stands on, or empty.
    pub(super) not_after: &'a str,
}

/// The sheet of a device. No secret decides anything in it: whoever has none gets the same.
pub(super) fn of(
    ready: &ReadySite,
    evaluation: &Evaluation<'_>,
    native: &NativeConfig,
    stamp: &Stamp<'_>,
    why: &Why,
) -> Sheet {
    let device = evaluation.judged.device;
    let all = typed_rows(ready, device, native);
    let full = !ready.states.contains_key(&device.name) || device.own.count() == 0;
    let due: Vec<typed::Row> = all.iter().filter(|row| full || row.is_due()).cloned().collect();
    let changes = changes(ready, device);
    let ends = BothEnds {
        stations: plan::stations(ready),
        device,
        changes: &changes,
        engineer: Engineer { addresses: stations(ready), ..Engineer::default() },
        login: None,
        foreign: false,
        length: &|_, _| None,
    };
    let plan = ends.with(|input| crate::plan::plan(input));
    let said = |path: &str| device.own.value(path).map(|fact| fact.value.plain()).unwrap_or_default();
    let today = plan.as_ref().ok().and_then(|plan| plan.today.as_ref());
    let (address, login) = (address(device, today), today.map(|way| way.account.clone()).unwrap_or_default());
    let unread = !ready.states.contains_key(&device.name);
    let head = Head {
        factory: if unread { shipped(device, address.is_empty(), login.is_empty()) } else { String::new() },
        address,
        asset: said(ASSET_ID),
        compared: compared(ready, device),
        firmware: match (device.accepts, device.firmware) {
            (Some(range), _) => range.to_string(),
            (None, firmware) => firmware.map(|version| version.to_string()).unwrap_or_default(),
        },
        idle: device
            .beneath()
            .and_then(|facts| facts.value(LOGIN_AUTO_LOGOUT))
            .map_or_else(String::new, |fact| if fact.value.is_known() { fact.value.plain() } else { String::new() }),
        left: settings(&all) - settings(&due),
        location: said(ASSET_LOCATION),
        login,
        model: device.model.as_deref().unwrap_or_default().to_owned(),
        not_after: stamp.not_after.to_owned(),
        not_before: not_before(ready, device),
        platform: device.platform.word().to_owned(),
        serial: said(ASSET_SERIAL),
    };
    let uploads = certificates::of(device, ready.certificates());
    let upload = |path: &str| {
        let one = uploads.iter().find(|upload| upload.path == path)?;
        Some(SheetFile { name: folder::certificate(&device.name, &one.name), sha256: Digest::of(one.bytes) })
    };
    let no_plan = plan.as_ref().err().map(|refusal| refused(refusal, &changes, &device.name).sentence());
    let closes = |row: &typed::Row| unread && closes(device, row);
    let order = order::order(&due, &changes, (plan.as_ref().ok(), &platform::at(device)), &closes);
    let idle = evaluation.outcomes.iter().filter(|outcome| outcome.verdict == Verdict::NotApplicable);
    let idle: HashSet<&str> = idle.map(|outcome| &*outcome.rule).collect();
    let why = |path: &str| asks(ready, &why.decided(device.platform, path), &idle);
    let lockout = rows::lockout(device);
    let maker = rows::Maker { is_read: !unread, why: &why, lockout, upload: &upload, login: &head.login };
    let pages = maker.pages(&due, order);
    let named = |name: &str| pages.iter().flat_map(|page| &page.rows).any(|row| row.value.iter().any(|v| v == name));
    let files = uploads.iter().filter_map(|one| upload(one.path)).filter(|file| named(&file.name)).collect();
    Sheet {
        allowlist: allowlist(device),
        demo: ready.site.demo,
        device: device.name.to_string(),
        files,
        format: FORMAT.to_owned(),
        head,
        kind: SheetKind::Device,
        pages,
        places: Vec::new(),
        review: stamp.review.to_string(),
        revision: stamp.revision,
        site: ready.site.name.to_string(),
        tool: format!("fieldlock {}", env!("CARGO_PKG_VERSION")),
        unplaced: native.unplaced.clone(),
        warnings: no_plan.into_iter().collect(),
    }
}

/// The files of a sheet, in the order of [`SHEETS`].
pub(super) fn files(sheet: &Sheet) -> [Vec<u8>; SHEETS.len()] {
    [sheet.to_bytes().unwrap_or_default(), report::page::page(sheet).into_bytes(), report::sheet(sheet).into_bytes()]
}

/// The one rule that asks for a setting: of those that it decides the most severe; `idle` do not concern the device.
fn asks(ready: &ReadySite, ids: &[String], idle: &HashSet<&str>) -> Option<RowRule> {
    // whether it concerns the device is to be the same for whoever has no secrets, and whatever is said of others
    let sees_more = |rule: &Rule| {
        let mut needs = rule.analyse.iter().flat_map(|analyse| analyse.analysis.needs);
        needs.any(|need| matches!(need, Need::Secrets | Need::Site | Need::Clock))
    };
    let concerns = |rule: &&Arc<Rule>| sees_more(rule) || !idle.contains(&*rule.id);
    let rules = ids.iter().filter_map(|id| ready.packs.rule(id)).filter(|rule| concerns(rule));
    let rule = rules.reduce(|first, next| if next.severity > first.severity { next } else { first })?;
    Some(RowRule { id: rule.id.to_string(), title: rule.title.clone() })
}

/// Everything that is typed: what was rendered for the sheet, no more and no less.
fn typed_rows(ready: &ReadySite, device: &SiteDevice, native: &NativeConfig) -> Vec<typed::Row> {
    let placed: Placed<'_> =
        native.rendered.iter().filter(|r| r.form != Form::Sheet).map(|r| r.path.as_str().into()).collect();
    let Some(Table::Sheet(table)) = platform::at(device).table(Form::Sheet).map(|d| &d.table) else {
        return Vec::new();
    };
    let running = ready.states.get(&device.name).map(State::reading);
    let mut out = Lines::new(Form::Sheet, Purpose::Write);
    let mut rows = typed::rows(table, &device.own, running, &placed, &mut out);
    let rendered = native.rendered.iter().filter(|r| r.form == Form::Sheet);
    let rendered: BTreeSet<&str> = rendered.map(|r| &*r.path).collect();
    rows.retain(|row| rendered.contains(&*row.path));
    rows.iter().flat_map(typed::Row::in_parts).map(std::borrow::Cow::into_owned).collect()
}

/// How many settings rows are of: an address has a row for its mask.
fn settings(rows: &[typed::Row]) -> usize {
    rows.iter().map(|row| (&row.path, row.verb == typed::Verb::Delete)).collect::<BTreeSet<_>>().len()
}

/// What is known of how one gets in where nothing was set yet. Nothing is guessed: an address or an account that no
/// source gives is looked for.
fn shipped(device: &SiteDevice, no_address: bool, no_login: bool) -> String {
    // hardening guide of the NPort 6000-G2: its search utility finds devices, and makes the first account from 3.0 on
    let tool = match device.platform {
        PlatformKind::Nport6000 | PlatformKind::Nport6000G2 => ", or let the vendor's Device Search Utility find it",
        PlatformKind::MxRos | PlatformKind::MxNos => "",
    };
    let accounts = device.factory.as_ref().and_then(|facts| facts.items(ACCOUNTS_ACCOUNT));
    let none = accounts.is_some_and(|accounts| accounts.items.is_empty());
    let mut told = Vec::new();
    if no_address {
        told.push(format!("The address that it comes with is not known here: look at its label and its manual{tool}."));
    }
    match (no_login, none) {
        (_, true) => told.push("It comes without an account: the first one is made at the first login.".to_owned()),
        (true, false) => {
            told.push("The account that it comes with is not known here: look at its label and its manual.".to_owned())
        }
        (false, false) => {}
    }
    told.join(" ")
}

/// Whether a row takes an account away, or switches a service off.
fn closes(device: &SiteDevice, row: &typed::Row) -> bool {
    let off = || device.own.value(&row.path).is_some_and(|fact| fact.value == Value::Switch(false));
    is_within(&row.path, ACCOUNTS_ACCOUNT) && row.verb == typed::Verb::Delete || is_way_in(&row.path) && off()
}

/// What differs, as far as it can be told without secrets.
fn changes(ready: &ReadySite, device: &SiteDevice) -> Vec<Change> {
    let (on, secrets) = (&platform::at(device), &Secrets::Absent);
    let Some(state) = ready.states.get(&device.name) else {
        return first(on, device, secrets).into_iter().map(|row| row.change).collect();
    };
    let running = state.reading();
    let page = |path: &str| on.page(path);
    let absent = diff::factory(device.factory.as_deref(), |path| state.absent_is_factory(on, path));
    diff::changes(&device.own, running, &diff::Context { secrets, page: &page, absent: &absent, is_held: &|_, _| None })
}

/// From where one works: the one station of the site.
fn stations(ready: &ReadySite) -> Vec<std::net::IpAddr> {
    let all: Vec<_> = ready.site.typed.station.iter().filter_map(|s| s.address).map(|a| a.0).collect();
    if all.len() == 1 { all } else { Vec::new() }
}

/// The address of the console as it is reached today.
fn address(device: &SiteDevice, today: Option<&Way>) -> String {
    let Some(facts) = device.beneath() else { return String::new() };
    let nets = facts.items(NETWORK_INTERFACE).into_iter().flat_map(|items| &items.items);
    let key = |group| crate::model::facts::key_text(facts.shape, group);
    let path = |group| format!("{NETWORK_INTERFACE}[{}].address", key(group));
    let mut hosts = nets.filter_map(|item| facts.value(&path(&item.group))?.value.network());
    let today = today.filter(|way| way.service.starts_with("http") && !way.to.is_empty());
    match (today, hosts.next()) {
        (Some(way), _) => {
            let (scheme, port) = way.service.split_once(" port ").unwrap_or((&way.service, ""));
            format!("{scheme}://{}{}{port}", host(&way.to), if port.is_empty() { "" } else { ":" })
        }
        (None, Some(net)) => {
            let off = facts.value(SERVICES_HTTPS).is_some_and(|fact| fact.value == Value::Switch(false));
            format!("{}://{}", if off { "http" } else { "https" }, host(&net.addr().to_string()))
        }
        (None, None) => String::new(),
    }
}

fn host(address: &str) -> String {
    if address.contains(':') { format!("[{address}]") } else { address.to_owned() }
}

/// Who is let in once all is done.
fn allowlist(device: &SiteDevice) -> Vec<String> {
    let facts = device.complete();
    if facts.value(ALLOWLIST).is_none_or(|fact| fact.value != Value::Switch(true)) {
        return Vec::new();
    }
    let hosts = facts.items(ALLOWLIST_HOST).into_iter().flat_map(|items| &items.items);
    let path = |group| format!("{ALLOWLIST_HOST}[{}].net", crate::model::facts::key_text(facts.shape, group));
    hosts.filter_map(|item| Some(facts.value(&path(&item.group))?.value.network()?.to_string())).collect()
}

/// The youngest day that it rests on: what was read, and the list of known holes that came with the program. A newer
/// list is of whoever has it, and would make another sheet.
fn not_before(ready: &ReadySite, device: &SiteDevice) -> String {
    let texts = ready.states.get(&device.name).into_iter().flat_map(State::texts);
    let taken = texts.filter_map(|text| text.capture.as_ref()?.typed.taken);
    let days = taken.map(|taken| taken.to_string().chars().take(10).collect::<String>());
    days.chain([Advisories::shipped().date.to_string()]).max().unwrap_or_default()
}

/// What "was" rests on.
fn compared(ready: &ReadySite, device: &SiteDevice) -> String {
    let called = |text: &ReadText| match &text.capture {
        Some(c) => format!("capture of {}", c.typed.taken.map(|t| t.to_string()).unwrap_or_default()),
        None => format!("text {} that was {}", ready.sources.name(text.file), text.how),
    };
    let texts = ready.states.get(&device.name).into_iter().flat_map(State::texts);
    texts.map(called).collect::<Vec<_>>().join(" and ")
}
