//! What a change does to the verdicts of rules, for people: weaker first.

use std::collections::BTreeMap;

use super::documents::{Flip, OtherSettings, Posture, Presence};
use super::escape::line;
use super::layout::{clip, count, pad};
use super::paint::{Ink, View};
use crate::finding::Verdict;

/// Columns of what a rule asks.
const TITLE: usize = 60;
/// Names of a row before the rest is counted.
const NAMED: usize = 4;

/// The screen.
pub fn posture(told: &Posture, view: &View) -> String {
    let mut out = head(told, view);
    for device in &told.devices {
        let presence = match device.presence {
            Presence::Both => "",
            Presence::New => "   new",
            Presence::Gone => "   GONE",
        };
        out.push_str(&format!("\n{}{presence}\n", view.ink(Ink::Strong, &line(&device.device))));
        device.flips.iter().for_each(|flip| out.push_str(&row(flip, "", view)));
    }
    out + &closing(told)
}

/// The same by rule: one row for all devices of which the same is said.
pub fn posture_by_rule(told: &Posture, view: &View) -> String {
    let mut groups: BTreeMap<(bool, _, &str, _, _, bool), (&Flip, Vec<&str>)> = BTreeMap::new();
    for (device, flip) in told.devices.iter().flat_map(|d| d.flips.iter().map(move |f| (&*d.device, f))) {
        let key = (
            !flip.weaker,
            std::cmp::Reverse(flip.severity),
            &*flip.rule,
            flip.before,
            flip.after,
            flip.by_rules_of_before,
        );
        groups.entry(key).or_insert((flip, Vec::new())).1.push(device);
    }
    let mut out = head(told, view) + "\n";
    for (flip, devices) in groups.values() {
        out.push_str(&row(flip, &format!("   {}", some(devices)), view));
    }
    out + &closing(told)
}

fn some(names: &[impl AsRef<str>]) -> String {
    let named = names.iter().take(NAMED).map(|name| line(name.as_ref())).collect::<Vec<_>>().join(", ");
    match names.len().saturating_sub(NAMED) {
        0 => named,
        more => format!("{named} and {more} more"),
    }
}

fn head(told: &Posture, view: &View) -> String {
    let mut out = format!(
        "{}   {} -> {}   judged at {}\n",
        view.ink(Ink::Strong, &line(&told.site)),
        line(&told.before),
        line(&told.after),
        line(&told.judged_at)
    );
    if !told.rules_changed.is_empty() {
        out.push_str(&view.ink(Ink::Bad, "this change also touches the rules"));
        out.push_str(": what is described was judged by those of before as well\n");
        told.rules_changed.iter().for_each(|what| out.push_str(&format!("   {}\n", line(what))));
    }
    out
}

/// `   WEAKER    high      MX-SVC-002   pass -> waived W-2026-012   Telnet is off`
fn row(flip: &Flip, devices: &str, view: &View) -> String {
    let way = if flip.weaker { view.ink(Ink::Bad, "WEAKER  ") } else { view.ink(Ink::Good, "stronger") };
    let word = |verdict: Option<Verdict>| verdict.map_or("-", Verdict::words);
    let waivers: String = flip.waivers.iter().map(|id| format!(" {}", line(id))).collect();
    let by = if flip.by_rules_of_before { " by the rules of before" } else { "" };
    let verdicts = format!("{} -> {}{waivers}{by}", word(flip.before), word(flip.after));
    let (rule, severity) = (pad(&line(&flip.rule), 12), pad(flip.severity.word(), 8));
    let title = clip(&flip.title, TITLE);
    format!("   {way}   {severity}   {rule}   {}   {title}{devices}\n", pad(&verdicts, 16))
}

fn closing(told: &Posture) -> String {
    let devices = count(told.devices.len(), "device", "devices");
    let mut out = format!(
        "\n{} weaker   {} stronger   on {devices}; the verdicts of {} as before\n",
        told.weaker,
        told.stronger,
        told.unchanged.len()
    );
    if !told.settings.is_empty() {
        out.push_str("\nsettings that are others, whatever rules say of them\n");
    }
    for OtherSettings { device, paths } in &told.settings {
        out.push_str(&format!("   {}   {}\n", line(device), some(paths)));
    }
    out
}
