//! What a change board decides on, over all devices: what gets weaker, who loses and who gains access, who has to
//! change something, who answers for what, and what nobody knows. Devices of which the same is said stand in one row.

use std::collections::BTreeMap;

use super::super::escape::{code, prose};
use super::super::formats::grouped::{devices, effects, settings_of, table, with_purpose};
use super::super::layout::count;
use super::super::{Comparison, Report};
use crate::model::Value;
use crate::model::facts::is_within;
use crate::model::paths::{ACCOUNTS_ACCOUNT, ALLOWLIST, ALLOWLIST_HOST, SERIAL_PORT, SERVICES};
use crate::native::{Change, Side};

/// Rows of a table before the rest is counted: each stands in the block of its device too.
const ROWS: usize = 60;
/// Rows of the one that says nothing else than the blocks of the devices.
const SOME: usize = 25;
/// The head of tables of settings.
const SETTINGS: &str = "| setting | as read | will be | devices |";

/// All tables that have something to say.
pub(super) fn board(report: &Report) -> String {
    let rules = "| rule | as read | will be | devices |";
    let settings = |title: &str, wanted: fn(&Change) -> bool| table(title, SETTINGS, ROWS, settings_of(report, wanted));
    [
        table("Rules that change their verdict, weaker first", rules, ROWS, effects(report)),
        settings("Who loses access", loses_access),
        table(
            "Who gains access",
            "| setting | as read | will be | devices | what for |",
            ROWS,
            with_purpose(report, gains_access),
        ),
        settings("Serial clients that have to change", changes_clients),
        table(
            "Who answers for what is broken",
            "| waiver | rules | devices | until | risk | ticket | approver |",
            ROWS,
            waivers(report),
        ),
        table("Native lines that no rule judges", "| line | devices |", ROWS, unjudged(report)),
        table("What changes, over all devices", SETTINGS, SOME, settings_of(report, |_| true)),
        unknown(report),
    ]
    .concat()
}

/// An account or a host that goes or is switched off, a service that is, a list of hosts that begins to count.
fn loses_access(change: &Change) -> bool {
    let was_there = change.before != Side::Nothing;
    let becomes = |on: bool| change.after == Side::Value(Value::Switch(on));
    let goes = was_there && (change.after == Side::Nothing || becomes(false));
    match &*change.path {
        ALLOWLIST => becomes(true),
        path if is_within(path, ALLOWLIST_HOST) || is_within(path, ACCOUNTS_ACCOUNT) => goes,
        path => is_within(path, SERVICES) && was_there && becomes(false),
    }
}

/// An account or a host that comes or is switched on, a service that is, a list of hosts that no longer counts.
fn gains_access(change: &Change) -> bool {
    let becomes = |on: bool| change.after == Side::Value(Value::Switch(on));
    let comes = change.before == Side::Nothing && change.after != Side::Nothing && !becomes(false);
    match &*change.path {
        ALLOWLIST => becomes(false),
        // one whose password is set anew is there already
        path if is_within(path, ALLOWLIST_HOST) || is_within(path, ACCOUNTS_ACCOUNT) => {
            !path.ends_with(".password") && (comes || becomes(true))
        }
        path => is_within(path, SERVICES) && becomes(true),
    }
}

/// Who talks to a serial port has to talk otherwise: another mode, or encrypted from now on.
fn changes_clients(change: &Change) -> bool {
    is_within(&change.path, SERIAL_PORT) && change.path.contains("].mode")
}

fn waivers(report: &Report) -> Vec<String> {
    let one = |super::super::WaiverLine { said: waiver, .. }: &super::super::WaiverLine| {
        let covered = report.findings.iter().filter(|f| f.waiver.as_deref() == Some(&*waiver.id));
        let mut named: Vec<&str> = covered.clone().filter_map(|f| f.device.as_deref()).collect();
        let mut rules: Vec<&str> =
            covered.flat_map(|f| std::iter::once(&*f.code).chain(f.rules.iter().map(|rule| &*rule.id))).collect();
        for list in [&mut rules, &mut named] {
            list.sort_unstable();
            list.dedup();
        }
        let rules: Vec<String> = rules.into_iter().map(code).collect();
        (!rules.is_empty()).then(|| {
            format!(
                "| {} | {} | {} | {} | {} | {} | {} |",
                code(&waiver.id),
                rules.join(", "),
                devices(&named),
                prose(&waiver.until),
                prose(&waiver.risk),
                code(&waiver.ticket),
                code(&waiver.approver),
            )
        })
    };
    report.waivers.iter().filter_map(one).collect()
}

fn unjudged(report: &Report) -> Vec<String> {
    let mut lines: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for device in &report.devices {
        device.unjudged.iter().for_each(|line| lines.entry(line).or_default().push(&device.name));
    }
    lines.iter().map(|(line, named)| format!("| {} | {} |", code(line), devices(named))).collect()
}

/// What nobody can tell, in a few lines.
fn unknown(report: &Report) -> String {
    let differences = || report.devices.iter().filter_map(|device| Some((&*device.name, device.difference.as_ref()?)));
    let unread: Vec<&str> =
        differences().filter(|(_, d)| d.comparison() == Comparison::NotCompared).map(|(name, _)| name).collect();
    let hidden: usize = differences().map(|(_, d)| d.unseen()).sum();
    let kept: usize = differences().map(|(_, d)| d.kept.iter().filter(|line| !line.listed).count()).sum();
    let doubted = |change: &Change| matches!(&change.before, Side::Value(value) if !value.is_known());
    let doubts: usize = differences().map(|(_, d)| d.changes.iter().filter(|row| doubted(&row.change)).count()).sum();
    let mut lines = vec!["what a change does to traffic, and whether it restarts something: no source says".to_owned()];
    if !unread.is_empty() {
        lines.push(format!("what runs on {}: nothing was read from there", devices(&unread)));
    }
    for (n, one, many) in [
        (hidden, "value of a device can't be compared", "values of devices can't be compared"),
        (doubts, "value as it was read is not understood", "values as they were read are not understood"),
        (kept, "line on a device is known to no table and stays", "lines on devices are known to no table and stay"),
    ] {
        if n > 0 {
            lines.push(count(n, one, many));
        }
    }
    let lines: String = lines.iter().map(|line| format!("- {line}\n")).collect();
    format!("\n## What is not known\n\n{lines}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Origin;

    #[test]
    fn what_takes_access_away_is_told_from_what_gives_it() {
        let change = |path: &str, before: Side, after: Side| Change {
            path: path.into(),
            before,
            after,
            secret: None,
            origin: Origin::NONE,
            page: None,
            place: None,
        };
        let on = |on| Side::Value(Value::Switch(on));
        for (path, before, after, loses) in [
            ("services.telnet", on(true), on(false), true),
            ("services.telnet", on(false), on(true), false),
            ("services.telnet", Side::Nothing, on(false), false),
            ("services.https.tls-min", on(true), Side::Nothing, false),
            ("accounts.account[admin]", on(true), Side::Nothing, true),
            ("accounts.account[zoe].enabled", on(true), on(false), true),
            ("accounts.account[zoe]", Side::Nothing, on(true), false),
            ("allowlist.host[10.0.0.9]", on(true), Side::Nothing, true),
            ("allowlist", on(false), on(true), true),
            ("allowlist", on(true), on(false), false),
            ("allowlist.own-services", on(false), on(true), false),
        ] {
            assert_eq!(loses_access(&change(path, before, after)), loses, "{path}");
        }
        assert!(changes_clients(&change("serial.port[2].mode", on(true), on(true))));
        assert!(changes_clients(&change("serial.port[2].mode.secure", on(true), on(true))));
        assert!(!changes_clients(&change("serial.port[2].alias", on(true), on(true))));
    }
}
