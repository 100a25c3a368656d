//! What platforms have in common whose native text is lines: commands for a machine, a sheet for a person.

use super::Platform;
use crate::dialect::{Lines, Placed, Purpose, Table, cli, origins, sheet, wanted};
use crate::finding::{Finding, codes};
use crate::model::device::PlatformKind;
use crate::model::facts::{Facts, Group};
use crate::model::paths::{ACCOUNTS_ACCOUNT, PLATFORM_ACCEPTS};
use crate::model::rights::{self, Rights, Standing};
use crate::model::shape::Shape;
use crate::model::value::VersionRange;
use crate::native::{Form, NativeConfig, NativeText, Reading, Rendered};
use crate::site::device::SiteDevice;

/// Command lines where the platform has a machine form, then a sheet for what has none. `settings` are the device's
/// own, or some of them; `findings` stand against the device already: they are told with what is found here.
pub(super) fn render(
    platform: &Platform,
    device: &SiteDevice,
    settings: &Facts,
    base: Option<&Reading>,
    purpose: Purpose,
    mut findings: Vec<Finding>,
) -> Result<NativeConfig, Vec<Finding>> {
    let machine = match platform.machine.and_then(|form| platform.table(form)).map(|d| &d.table) {
        Some(Table::Cli(table)) => cli::render(table, settings, base, purpose),
        _ => Lines::new(Form::Cli, purpose),
    };
    let paper = paper(platform, settings, base, &machine.placed, purpose);
    findings.extend(machine.findings);
    findings.extend(paper.findings);
    if !findings.is_empty() {
        return Err(of_device(findings, device));
    }
    let unplaced = left_over(settings, [&machine.placed, &paper.placed]);
    let mut rendered = machine.rendered;
    rendered.extend(paper.rendered);
    let [machine, sheet] = [machine.text, paper.text].map(some);
    let unmodelled = base.filter(|_| purpose == Purpose::Write).map(|b| b.kept.clone()).unwrap_or_default();
    Ok(NativeConfig { machine, sheet, rendered, unmodelled, omitted: Vec::new(), unplaced })
}

/// The sheet for what a machine form leaves over, its settings, and what has no place at all.
pub(super) type Left = (Option<NativeText>, Vec<Rendered>, Vec<String>);

/// The sheet beside a machine form.
pub(super) fn sheet(
    platform: &Platform,
    device: &SiteDevice,
    placed: &Placed<'_>,
    purpose: Purpose,
) -> Result<Left, Vec<Finding>> {
    // no base: the file takes entries away by itself, the sheet only adds what the file has no key for
    let lines = paper(platform, &device.own, None, placed, purpose);
    if !lines.findings.is_empty() {
        return Err(of_device(lines.findings, device));
    }
    let unplaced = left_over(&device.own, [placed, &lines.placed]);
    Ok((some(lines.text), lines.rendered, unplaced))
}

fn paper(
    platform: &Platform,
    settings: &Facts,
    base: Option<&Reading>,
    placed: &Placed<'_>,
    purpose: Purpose,
) -> Lines<'static> {
    match platform.table(Form::Sheet).map(|d| &d.table) {
        Some(Table::Sheet(table)) => sheet::render(table, settings, base, placed, purpose),
        _ => Lines::new(Form::Sheet, purpose),
    }
}

fn some(text: NativeText) -> Option<NativeText> {
    (!text.pieces.is_empty()).then_some(text)
}

fn left_over(settings: &Facts, placed: [&Placed<'_>; 2]) -> Vec<String> {
    let within = |path: &str, inner: &str| inner.strip_prefix(path).is_some_and(|rest| rest.starts_with('.'));
    // an entry of a list is where its settings are
    let inside = |path: &str| path.ends_with(']') && placed.iter().copied().flatten().any(|inner| within(path, inner));
    let mut left = Vec::new();
    wanted(settings, &mut |path, _| {
        if !placed.iter().any(|placed| placed.contains(path)) && !inside(path) {
            left.push(path.to_owned());
        }
    });
    left
}

fn of_device(findings: Vec<Finding>, device: &SiteDevice) -> Vec<Finding> {
    let paths: Vec<String> = findings.iter().map(|finding| finding.path.clone().unwrap_or_default()).collect();
    let origins = origins(&device.own, paths.iter().map(String::as_str));
    let told = |(mut finding, path): (Finding, &String)| {
        if finding.trail.is_empty() {
            finding.trail = origins.get(&**path).map(|origin| device.trail(*origin)).unwrap_or_default();
        }
        finding.device(&*device.name)
    };
    findings.into_iter().zip(&paths).map(told).collect()
}

/// What no device of these platforms can do: another firmware than the tables are for, and nobody who may log in.
pub(super) fn limits(platform: &Platform, device: &SiteDevice) -> Vec<Finding> {
    let mut findings = Vec::new();
    let known = known_firmware(platform);
    if let Some((firmware, known)) = device.firmware.zip(known).filter(|(firmware, known)| !known.contains(*firmware)) {
        let message = format!("no source tells how firmware {firmware} of {} is set", platform.kind.word());
        let help = format!("pages and commands are known for {known}: is the firmware written right?");
        findings.push(Finding::new(codes::platform::FIRMWARE, device.platform_loc, message).help(help));
    }
    findings.extend(accepted(known, device));
    findings.extend(nobody_left(platform.kind, device));
    findings
}

/// The firmware of which it is known how it is set.
fn known_firmware(platform: &Platform) -> Option<VersionRange> {
    let mut forms = [platform.machine, Some(Form::Sheet)].into_iter().flatten();
    forms.find_map(|form| platform.table(form)).map(|dialect| dialect.firmware)
}

/// Firmware that is accepted beside the described one: that one is among it, and how all of it is set is known.
fn accepted(known: Option<VersionRange>, device: &SiteDevice) -> Option<Finding> {
    let (accepts, firmware) = device.accepts.zip(device.firmware)?;
    let message = match known {
        _ if !accepts.contains(firmware) => format!("`{accepts}` does not have the firmware {firmware} of this line"),
        Some(known) if !known.contains(accepts.min) || !known.contains(accepts.max) => {
            format!("no source tells how all firmware of `{accepts}` is set: {known} is known")
        }
        _ => return None,
    };
    let loc = device.own.value(PLATFORM_ACCEPTS).map_or(device.platform_loc, |fact| fact.origin.loc());
    let help = "accept the firmware that the device has, or may be found with: `accepts=\"3.24 to 3.24.1\"`";
    Some(Finding::new(codes::platform::FIRMWARE, loc, message).help(help))
}

/// A written list of accounts is owned whole: one without anybody who may change the configuration locks all out.
fn nobody_left(kind: PlatformKind, device: &SiteDevice) -> Option<Finding> {
    let shape = Shape::device();
    let written = device.own.items(ACCOUNTS_ACCOUNT)?.origin;
    // what is not said of an account that stays is as the device has it
    let complete = device.complete_in("accounts");
    let items = complete.items(ACCOUNTS_ACCOUNT)?;
    let removed = |g: &Group| g.iter().any(|(ix, _)| shape.group(g.shape).at(ix).intent);
    let left = items.items.iter().filter(|i| !removed(&i.group));
    if left.clone().any(|i| may_administer(kind, &i.group, &complete)) {
        return None;
    }
    // only removals: others that nobody knows of stay, except where the whole list stands in one file
    let read = device.read.as_ref().is_some_and(|read| read.facts.items(ACCOUNTS_ACCOUNT).is_some());
    if left.count() == 0 && !items.items.is_empty() && !read && kind != PlatformKind::Nport6000 {
        return None;
    }
    let message = "nobody would be left who may administer the device";
    let finding = Finding::new(codes::platform::LAST_ADMINISTRATOR, written.loc(), message);
    Some(finding.path(ACCOUNTS_ACCOUNT))
}

/// Whether an account has all rights, or may have them: what is not said is not held against it.
fn may_administer(kind: PlatformKind, account: &Group, facts: &Facts) -> bool {
    let can = rights::may_log_in(facts, account) != Some(false);
    // a group that is not described may be there all the same: the device has more than a person writes
    can && !matches!(rights::of(facts, kind, account), Standing::Known(less) if less != Rights::Full)
}
