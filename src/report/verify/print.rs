//! The ladder for people, for logs and for programs.

use std::collections::BTreeMap;

use super::super::documents::moment;
use super::super::layout::{count, pad, width, wrap};
use super::super::paint::{Ink, View};
use super::super::{Commit, escape};
use super::{Ending, JudgedBy, Ladder, Rung, RungAnswer};

/// Devices named in a row before the rest is counted.
const NAMED: usize = 8;
/// Column of the answers.
const ANSWERS: usize = 56;

/// For people.
pub fn verify(ladder: &Ladder, view: &View) -> String {
    let mut out = head(ladder, view);
    let one = ladder.devices.len() == 1;
    for rung in Rung::ALL {
        let line = format!(" {} {}", rung.number(), rung.sentence(one));
        let rows = answers(ladder, rung);
        let mut before = pad(&line, ANSWERS);
        for (said, text) in rows {
            let word = shown(&said, rung);
            let room = view.width.saturating_sub(ANSWERS + width(word) + 3).max(30);
            let mut lines = wrap(&escape::line(&text), room).into_iter();
            let first = lines.next().unwrap_or_default();
            out.push_str(format!("{before}{}   {first}", view.ink(ink(&said), word)).trim_end());
            out.push('\n');
            for line in lines {
                out.push_str(&format!("{}{line}\n", " ".repeat(ANSWERS + width(word) + 3)));
            }
            before = " ".repeat(ANSWERS);
        }
        let (proves, not) = rung.meaning();
        out.push_str(&view.ink(Ink::Faint, &format!("     proves {proves}; not {not}")));
        out.push('\n');
    }
    out.push('\n');
    for line in closing(ladder, view) {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// For logs: a line for each rung, and one for each device that does not hold.
pub fn plain(ladder: &Ladder) -> String {
    let mut out = String::new();
    for rung in Rung::ALL {
        for (said, text) in answers(ladder, rung) {
            let sentence = rung.sentence(ladder.devices.len() == 1);
            let (proves, not) = rung.meaning();
            let because = if text.is_empty() { String::new() } else { format!(" ({})", escape::line(&text)) };
            let number = rung.number();
            out.push_str(&format!(
                "{number} {sentence}: {}{because}; proves {proves}, not {not}\n",
                shown(&said, rung)
            ));
        }
    }
    let bare = View { colour: false, ..View::default() };
    for line in closing(ladder, &bare) {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

fn head(ladder: &Ladder, view: &View) -> String {
    if ladder.site.is_empty() {
        return String::new();
    }
    let mut out = format!(
        "{}   {}   judged at {}\n",
        escape::line(&ladder.site),
        commit(ladder),
        escape::line(&moment(&ladder.judged_at))
    );
    if !ladder.packs.is_empty() {
        let packs = ladder.packs.iter().map(|by| format!("   {}", pack(by)));
        out.push_str(&format!("rules{}\n", packs.collect::<String>()));
    }
    for JudgedBy { pack, .. } in ladder.packs.iter().filter(|p| !p.known) {
        out.push_str(&format!("        {}: SHA-256 {}\n", escape::line(&pack.name), pack.sha256));
    }
    if ladder.demo {
        let told = "a demo: everybody knows its passphrase, and it proves nothing";
        out.push_str(&format!("{}\n", view.ink(Ink::Warn, told)));
    }
    if let [only] = &ladder.devices[..] {
        let (device, digest) = (escape::line(&only.device), escape::line(&only.digest));
        out.push_str(&format!("{}   revision {}   image {digest}\n", view.ink(Ink::Strong, &device), only.revision));
    }
    out.push('\n');
    out
}

fn commit(ladder: &Ladder) -> String {
    match &*ladder.commit {
        "" => "built outside git".to_owned(),
        id => Commit { id: id.to_owned(), dirty: ladder.dirty }.words(),
    }
}

fn pack(JudgedBy { pack, known }: &JudgedBy) -> String {
    let whose = match (known, pack.shipped) {
        (true, _) => "",
        (false, true) => " (not as this program brings it)",
        (false, false) => " (the site's own)",
    };
    format!("{} {}{whose}", escape::line(&pack.name), escape::line(&pack.version))
}

/// `west, commit 3e90d77, nothing uncommitted, judged at 2026-03-09 14:10 UTC`
pub(in crate::report) fn told_of(ladder: &Ladder) -> String {
    format!("{}, {}, judged at {}", ladder.site, commit(ladder), moment(&ladder.judged_at))
}

/// The packs that it was judged by, with whose they are.
pub(in crate::report) fn packs(ladder: &Ladder) -> Option<String> {
    let packs: Vec<String> = ladder.packs.iter().map(pack).collect();
    (!packs.is_empty()).then(|| packs.join(", "))
}

/// The answers of one rung: one row where all say the same, else a row for each answer, with the devices' names.
pub(in crate::report) fn answers(ladder: &Ladder, rung: Rung) -> Vec<(RungAnswer, String)> {
    if rung == Rung::Signed {
        return vec![(ladder.signed.clone(), ladder.signed.text().to_owned())];
    }
    let all = ladder.devices.len();
    if all == 0 {
        let why = RungAnswer::Open("nothing of the index is here, or it does not hold itself".to_owned());
        return vec![(why.clone(), why.text().to_owned())];
    }
    if all == 1 {
        return ladder
            .devices
            .iter()
            .map(|c| (ladder.said(rung, c).clone(), ladder.said(rung, c).text().to_owned()))
            .collect();
    }
    let mut rows: Vec<(RungAnswer, String)> = Vec::new();
    let of = |is: fn(&RungAnswer) -> bool| {
        ladder.devices.iter().filter(move |c| is(ladder.said(rung, c))).collect::<Vec<_>>()
    };
    let held = of(RungAnswer::holds);
    if let Some(first) = held.first() {
        let same = held.iter().all(|c| ladder.said(rung, c) == ladder.said(rung, first));
        let by = if same { ladder.said(rung, first).text().to_owned() } else { String::new() };
        let by = if by.is_empty() { by } else { format!("   {by}") };
        rows.push((RungAnswer::Holds(String::new()), format!("{} of {}{by}", held.len(), all)));
    }
    let not_held: [fn(&RungAnswer) -> bool; 3] = [
        |said| matches!(said, RungAnswer::Failed(_)),
        |said| matches!(said, RungAnswer::Differs(_)),
        |said| matches!(said, RungAnswer::Unreadable(_)),
    ];
    for is in not_held {
        let mut rest = of(is);
        if let Some((first, others)) = rest.split_first()
            && !others.is_empty()
            && others.iter().all(|c| ladder.said(rung, c) == ladder.said(rung, first))
        {
            let said = ladder.said(rung, first);
            rows.push((said.clone(), format!("{} of {all}: {}", rest.len(), said.text())));
            continue;
        }
        let more = rest.len().saturating_sub(NAMED);
        rest.truncate(NAMED);
        for device_rungs in rest {
            let said = ladder.said(rung, device_rungs);
            rows.push((said.clone(), format!("{}: {}", device_rungs.device, said.text())));
        }
        if more > 0
            && let Some(device_rungs) = of(is).last()
        {
            rows.push((ladder.said(rung, device_rungs).clone(), format!("and {more} more")));
        }
    }
    // a row for each reason, in the order in which they come up
    let mut open: Vec<(&RungAnswer, usize)> = Vec::new();
    for said in of(|said| matches!(said, RungAnswer::Open(_))).into_iter().map(|c| ladder.said(rung, c)) {
        match open.iter_mut().find(|(other, _)| *other == said) {
            Some((_, number)) => *number += 1,
            None => open.push((said, 1)),
        }
    }
    let more: usize = open.iter().skip(NAMED).map(|(_, number)| number).sum();
    for (said, number) in open.iter().take(NAMED) {
        let number = if *number == all { String::new() } else { format!("{number} of {all}: ") };
        rows.push(((*said).clone(), format!("{number}{}", said.text())));
    }
    if more > 0 {
        rows.push((RungAnswer::Open(String::new()), format!("and {more} more")));
    }
    rows
}

/// What is to be known beside the rungs, and how it ended.
pub(in crate::report) fn closing(ladder: &Ladder, view: &View) -> Vec<String> {
    let mut lines = Vec::new();
    let here = ladder.devices.len();
    if here < ladder.listed {
        let listed = count(ladder.listed, "device", "devices");
        lines.push(format!(
            "looked at {here} of {listed} that the index names; the others were not asked for or are not here"
        ));
    }
    for name in ladder.strangers.iter().take(NAMED) {
        let told = format!("NOT IN THE INDEX  {}: no build of this index made it; don't use it", escape::line(name));
        lines.push(view.ink(Ink::Bad, &told));
    }
    if ladder.strangers.len() > NAMED {
        lines.push(format!("and {} more that the index does not name", ladder.strangers.len() - NAMED));
    }
    for device_rungs in ladder.devices.iter().filter(|c| c.stale.is_some()).take(NAMED) {
        let why = device_rungs.stale.as_deref().unwrap_or_default();
        lines.push(
            view.ink(Ink::Bad, &format!("NOT FOR NOW  {}: {}", escape::line(&device_rungs.device), escape::line(why))),
        );
    }
    for device_rungs in ladder.devices.iter().filter(|c| c.back.is_some()).take(NAMED) {
        let why = device_rungs.back.as_deref().unwrap_or_default();
        let told = format!("OLDER ON PURPOSE  {}: {}", escape::line(&device_rungs.device), escape::line(why));
        lines.push(view.ink(Ink::Warn, &told));
    }
    if let Some(clock) = &ladder.clock {
        lines.push(view.ink(Ink::Bad, &format!("CLOCK  {}", escape::line(clock))));
    }
    lines.extend(tables(ladder).into_iter().map(|told| view.ink(Ink::Warn, &told)));
    lines.push(match &ladder.proved {
        Some(by) if ladder.falls() => view.ink(
            Ink::Bad,
            &format!("origin  NOT PROVED of what is marked above; of the list itself, by {}", escape::line(by)),
        ),
        Some(by) => format!("origin  proved by {}", escape::line(by)),
        None => view.ink(Ink::Bad, "origin  NOT PROVED: anybody can have made what is here"),
    });
    let page = escape::line(ladder.page.text());
    lines.push(match &ladder.page {
        RungAnswer::Failed(_) => view.ink(Ink::Bad, &page),
        RungAnswer::Holds(_) if !ladder.signed.holds() => format!("{page}; nobody signed either"),
        _ => page,
    });
    lines.push("none of this says what runs on a device; that takes a reading of it".to_owned());
    lines.push(match ladder.ending() {
        Ending::Holds if !ladder.sheets_hold() => view.ink(Ink::Warn, SHEETS),
        Ending::Holds => "all that was asked holds".to_owned(),
        Ending::Refused => "don't use it as it is; nothing was changed".to_owned(),
        Ending::Unreadable => "not all of it could be looked at; nothing was changed".to_owned(),
        Ending::Differs if !ladder.signed.holds() => {
            "not what the source gives, and nobody vouches for more than the images: don't use it; nothing was changed"
                .to_owned()
        }
        Ending::Differs => "it is genuine, and not what the source gives; nothing was changed".to_owned(),
    });
    lines
}

/// Where only a passphrase proves the images: anybody can have written a sheet beside them.
pub(super) const SHEETS: &str = "the images hold; nobody vouches for the sheets: type what `fieldlock image open` shows, or \
                                 compare them with the source by --site DIR";

/// Images whose table of keys is not the one of the build, a line for each that says the same.
pub fn tables(ladder: &Ladder) -> Vec<String> {
    let mut by: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
    for device_rungs in &ladder.devices {
        if let Some(openers) = &device_rungs.rekeyed {
            by.entry((device_rungs.opened, openers)).or_default().push(&device_rungs.device);
        }
    }
    let one = |((opened, openers), devices): ((bool, &str), Vec<&str>)| {
        let more = devices.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        let shown: Vec<String> = devices.iter().take(NAMED).map(|device| escape::line(device)).collect();
        let what = if opened {
            "somebody who could open it changed who can"
        } else {
            "rekeyed, granted, or broken: only opening it tells"
        };
        let openers = if openers.is_empty() { "nothing" } else { openers };
        format!(
            "WHO CAN OPEN IT is not as it was built: {}{more}; {what}; it says: {}",
            shown.join(", "),
            escape::line(openers)
        )
    };
    by.into_iter().map(one).collect()
}

/// An answer in a word.
pub(in crate::report) fn shown(said: &RungAnswer, rung: Rung) -> &'static str {
    match said {
        RungAnswer::Open(_) if rung == Rung::Content => "NOT PROVEN",
        RungAnswer::Holds(_) => "yes",
        RungAnswer::Failed(_) => "NO",
        RungAnswer::Differs(_) => "DIFFERS",
        RungAnswer::Unreadable(_) => "UNREADABLE",
        RungAnswer::Open(_) => "not checked",
    }
}

fn ink(said: &RungAnswer) -> Ink {
    match said {
        RungAnswer::Holds(_) => Ink::Good,
        RungAnswer::Failed(_) | RungAnswer::Differs(_) | RungAnswer::Unreadable(_) => Ink::Bad,
        RungAnswer::Open(_) => Ink::Warn,
    }
}
