//! The ladder of `verify`: what a build's folder proves, rung by rung, in plain words. Each rung says what it proves
//! and what it does not.

use std::collections::BTreeMap;

use serde::Serialize;

use super::layout::{count, pad, width, wrap};
use super::paint::{Ink, View};
use super::{Commit, escape};

/// A rung.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Rung {
    /// Checksums and digests fit.
    Whole,
    /// Somebody who is trusted here signed the index.
    Signed,
    /// The redacted text beside the image is the one that it was sealed with.
    Reviewed,
    /// The site's files give that text.
    Source,
    /// The sealed content is that text plus secrets.
    Content,
}

impl Rung {
    /// All, from the ground up.
    pub const ALL: [Rung; 5] = [Rung::Whole, Rung::Signed, Rung::Reviewed, Rung::Source, Rung::Content];

    /// Its number, from 1.
    pub fn number(self) -> usize {
        self as usize + 1
    }

    /// What it says, of one device or of several.
    pub fn sentence(self, one: bool) -> &'static str {
        match (self, one) {
            (Rung::Whole, true) => "the file is whole",
            (Rung::Whole, false) => "the files are whole",
            (Rung::Signed, true) => "it is signed",
            (Rung::Signed, false) => "they are signed",
            (Rung::Reviewed, true) => "the redacted text is the one that was sealed",
            (Rung::Reviewed, false) => "the redacted texts are those that were sealed",
            (Rung::Source, true) => "that text follows from the source at that commit",
            (Rung::Source, false) => "those texts follow from the source at that commit",
            (Rung::Content, _) => "the sealed content is that text plus the secrets",
        }
    }

    /// What it proves where it holds, and what it does not.
    pub fn meaning(self) -> (&'static str, &'static str) {
        match self {
            Rung::Whole => ("nothing was lost or changed on the way here", "who made it"),
            Rung::Signed => {
                ("somebody who is trusted here listed exactly these images", "that they do what was agreed")
            }
            Rung::Reviewed => ("what reviewers read beside the image is what it says it holds", "what the secrets are"),
            Rung::Source => ("nobody wrote that text by hand, and its rules held", "the values of secrets"),
            Rung::Content => ("what a device will be given, secrets included", "that the device was given it"),
        }
    }
}

/// What a rung says of one device, or of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// It holds; by what.
    Holds(String),
    /// It does not: damaged, forged, not for here, or not there.
    Failed(String),
    /// The text or the content is another than the source gives.
    Differs(String),
    /// The source can't be read or judged.
    Unreadable(String),
    /// It was not looked at, or can't be without a key; why.
    Open(String),
}

impl Said {
    /// The state as one word for programs.
    pub fn word(&self) -> &'static str {
        match self {
            Said::Holds(_) => "holds",
            Said::Failed(_) => "failed",
            Said::Differs(_) => "differs",
            Said::Unreadable(_) => "unreadable",
            Said::Open(_) => "open",
        }
    }

    /// By what, or why not.
    pub fn text(&self) -> &str {
        match self {
            Said::Holds(text)
            | Said::Failed(text)
            | Said::Differs(text)
            | Said::Unreadable(text)
            | Said::Open(text) => text,
        }
    }

    /// Whether it holds.
    pub fn holds(&self) -> bool {
        matches!(self, Said::Holds(_))
    }

    fn shown(&self, rung: Rung) -> &'static str {
        match self {
            Said::Open(_) if rung == Rung::Content => "NOT PROVEN",
            Said::Holds(_) => "yes",
            Said::Failed(_) => "NO",
            Said::Differs(_) => "DIFFERS",
            Said::Unreadable(_) => "UNREADABLE",
            Said::Open(_) => "not checked",
        }
    }

    fn ink(&self) -> Ink {
        match self {
            Said::Holds(_) => Ink::Good,
            Said::Failed(_) | Said::Differs(_) | Said::Unreadable(_) => Ink::Bad,
            Said::Open(_) => Ink::Warn,
        }
    }
}

/// One device on the ladder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Climb {
    /// Its name.
    pub device: String,
    /// The revision that the index gives it.
    pub revision: u32,
    /// The image's digest in the index, short.
    pub digest: String,
    /// Rung 1.
    pub whole: Said,
    /// Rung 3.
    pub reviewed: Said,
    /// Rung 4.
    pub source: Said,
    /// Rung 5.
    pub content: Said,
    /// Whether it was opened, and is the redacted text beside it.
    pub opened: bool,
    /// Whether the source gives the very sheet.
    pub sheet: bool,
    /// Where its table of keys is not the one of the build: what it says that opens it now. Of what it holds that says
    /// nothing.
    pub rekeyed: Option<String>,
    /// Why it may not be used here and now though it may be genuine: ended, or older than what was seen here.
    pub stale: Option<String>,
}

/// How all of it ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Ending {
    /// All rungs that were asked for hold, and something proved the origin.
    Holds,
    /// Damaged, forged, stale, or nothing proves where it comes from.
    Refused,
    /// The source can't be read.
    Unreadable,
    /// Text or content is another than the source gives.
    Differs,
}

/// All that `verify` found out of a folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ladder {
    /// The site's name by the index; empty where the index could not be read.
    pub site: String,
    /// Its commit; empty outside git.
    pub commit: String,
    /// Whether something was uncommitted.
    pub dirty: bool,
    /// When it was judged, `YYYY-MM-DDTHH:MM:SSZ`.
    pub judged_at: String,
    /// A demo's: everybody knows its passphrase.
    pub demo: bool,
    /// How many devices the index names.
    pub listed: usize,
    /// Rung 2, for all of them.
    pub signed: Said,
    /// Those that something of is here, and that were asked for.
    pub devices: Vec<Climb>,
    /// Files here that the index does not name.
    pub strangers: Vec<String>,
    /// What proved the origin; `None`: nothing.
    pub proved: Option<String>,
    /// Why the machine's clock can't be trusted.
    pub clock: Option<String>,
}

impl Ladder {
    /// A ladder that ends at the ground: the index itself does not hold.
    pub fn fallen(signed: Said) -> Ladder {
        Ladder {
            site: String::new(),
            commit: String::new(),
            dirty: false,
            judged_at: String::new(),
            demo: false,
            listed: 0,
            signed,
            devices: Vec::new(),
            strangers: Vec::new(),
            proved: None,
            clock: None,
        }
    }

    /// What a rung says of a device.
    pub fn said<'a>(&'a self, rung: Rung, climb: &'a Climb) -> &'a Said {
        match rung {
            Rung::Whole => &climb.whole,
            Rung::Signed => &self.signed,
            Rung::Reviewed => &climb.reviewed,
            Rung::Source => &climb.source,
            Rung::Content => &climb.content,
        }
    }

    /// Whether something here is not what it should be: then nothing but the list has a proved origin.
    pub fn falls(&self) -> bool {
        let each = self.devices.iter().flat_map(|d| [&d.whole, &d.reviewed, &d.content]).chain([&self.signed]);
        each.into_iter().any(|said| matches!(said, Said::Failed(_))) || !self.strangers.is_empty()
    }

    /// Whether somebody or something vouches for the sheets that are typed from: a signature, or the source that gives them.
    /// A passphrase vouches for images only.
    pub fn sheets_hold(&self) -> bool {
        self.signed.holds() || self.devices.iter().all(|d| d.sheet)
    }

    /// How it ended: what is not authentic before what can't be read, that before what differs.
    pub fn ending(&self) -> Ending {
        let each = || self.devices.iter().flat_map(|d| [&d.whole, &d.reviewed, &d.source, &d.content]);
        let any = |is: fn(&Said) -> bool| is(&self.signed) || each().any(is);
        let stale = self.devices.iter().any(|d| d.stale.is_some()) || self.clock.is_some();
        if any(|s| matches!(s, Said::Failed(_))) || stale || !self.strangers.is_empty() || self.devices.is_empty() {
            Ending::Refused
        } else if any(|s| matches!(s, Said::Unreadable(_))) {
            Ending::Unreadable
        } else if any(|s| matches!(s, Said::Differs(_))) {
            Ending::Differs
        } else if self.proved.is_none() {
            Ending::Refused
        } else {
            Ending::Holds
        }
    }
}

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
            let word = said.shown(rung);
            let room = view.width.saturating_sub(ANSWERS + width(word) + 3).max(30);
            let mut lines = wrap(&escape::line(&text), room).into_iter();
            let first = lines.next().unwrap_or_default();
            out.push_str(format!("{before}{}   {first}", view.ink(said.ink(), word)).trim_end());
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
            out.push_str(&format!("{number} {sentence}: {}{because}; proves {proves}, not {not}\n", said.shown(rung)));
        }
    }
    let bare = View { colour: false, ..View::default() };
    for line in closing(ladder, &bare) {
        out.push_str(&line);
        out.push('\n');
    }
    out
}

/// For programs.
pub fn json(ladder: &Ladder, version: &str) -> String {
    let said = |said: &Said| serde_json::json!({ "state": said.word(), "text": said.text() });
    let devices = ladder.devices.iter().map(|climb| {
        let rungs = Rung::ALL.iter().map(|rung| (rung_word(*rung), said(ladder.said(*rung, climb))));
        let rungs: serde_json::Map<String, serde_json::Value> = rungs.collect();
        serde_json::json!({
            "name": climb.device, "revision": climb.revision, "image": climb.digest, "rungs": rungs,
            "opened": climb.opened, "table_of_keys_changed": climb.rekeyed, "stale": climb.stale,
        })
    });
    let rungs = Rung::ALL.iter().map(|rung| {
        let (proves, not) = rung.meaning();
        serde_json::json!({ "rung": rung.number(), "name": rung_word(*rung), "proves": proves, "does_not_prove": not })
    });
    let document = serde_json::json!({
        "format_version": 1,
        "tool": { "name": "fieldlock", "version": version },
        "verb": "verify",
        "site": ladder.site,
        "commit": ladder.commit,
        "dirty": ladder.dirty,
        "judged_at": ladder.judged_at,
        "demo": ladder.demo,
        "ending": ladder.ending(),
        "sheets_vouched_for": ladder.ending() == Ending::Holds && ladder.sheets_hold(),
        "origin_proved_by": ladder.proved.as_ref().filter(|_| !ladder.falls()),
        "signed": said(&ladder.signed),
        "listed": ladder.listed,
        "strangers": ladder.strangers,
        "clock": ladder.clock,
        "rungs": rungs.collect::<Vec<_>>(),
        "devices": devices.collect::<Vec<_>>(),
    });
    escape::json(&format!("{document:#}\n"))
}

fn rung_word(rung: Rung) -> String {
    serde_json::to_value(rung).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

fn head(ladder: &Ladder, view: &View) -> String {
    if ladder.site.is_empty() {
        return String::new();
    }
    let commit = match &*ladder.commit {
        "" => "built outside git".to_owned(),
        id => Commit { id: id.to_owned(), dirty: ladder.dirty }.words(),
    };
    let mut out =
        format!("{}   {commit}   judged at {}\n", escape::line(&ladder.site), escape::line(&ladder.judged_at));
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

/// The answers of one rung: one row where all say the same, else a row for each answer, with the devices' names.
fn answers(ladder: &Ladder, rung: Rung) -> Vec<(Said, String)> {
    if rung == Rung::Signed {
        return vec![(ladder.signed.clone(), ladder.signed.text().to_owned())];
    }
    let all = ladder.devices.len();
    if all == 0 {
        let why = Said::Open("nothing of the index is here, or it does not hold itself".to_owned());
        return vec![(why.clone(), why.text().to_owned())];
    }
    if all == 1 {
        return ladder
            .devices
            .iter()
            .map(|c| (ladder.said(rung, c).clone(), ladder.said(rung, c).text().to_owned()))
            .collect();
    }
    let mut rows: Vec<(Said, String)> = Vec::new();
    let of =
        |word: &str| ladder.devices.iter().filter(move |c| ladder.said(rung, c).word() == word).collect::<Vec<_>>();
    let held = of("holds");
    if let Some(first) = held.first() {
        let same = held.iter().all(|c| ladder.said(rung, c) == ladder.said(rung, first));
        let by = if same { ladder.said(rung, first).text().to_owned() } else { String::new() };
        let by = if by.is_empty() { by } else { format!("   {by}") };
        rows.push((Said::Holds(String::new()), format!("{} of {}{by}", held.len(), all)));
    }
    for word in ["failed", "differs", "unreadable"] {
        let mut rest = of(word);
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
        for climb in rest {
            let said = ladder.said(rung, climb);
            rows.push((said.clone(), format!("{}: {}", climb.device, said.text())));
        }
        if more > 0
            && let Some(climb) = of(word).last()
        {
            rows.push((ladder.said(rung, climb).clone(), format!("and {more} more")));
        }
    }
    let open = of("open");
    if let Some(first) = open.first() {
        let said = ladder.said(rung, first);
        let number = if open.len() == all { String::new() } else { format!("{} of {all}: ", open.len()) };
        rows.push((said.clone(), format!("{number}{}", said.text())));
    }
    rows
}

fn closing(ladder: &Ladder, view: &View) -> Vec<String> {
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
    for climb in ladder.devices.iter().filter(|c| c.stale.is_some()).take(NAMED) {
        let why = climb.stale.as_deref().unwrap_or_default();
        lines.push(view.ink(Ink::Bad, &format!("NOT FOR NOW  {}: {}", escape::line(&climb.device), escape::line(why))));
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
    lines.push("review.md is in no index and was not looked at".to_owned());
    lines.push("none of this says what runs on a device; that takes a reading of it".to_owned());
    lines.push(match ladder.ending() {
        Ending::Holds if !ladder.sheets_hold() => view.ink(Ink::Warn, SHEETS),
        Ending::Holds => "all that was asked holds".to_owned(),
        Ending::Refused => "don't use it as it is; nothing was changed".to_owned(),
        Ending::Unreadable => "not all of it could be looked at; nothing was changed".to_owned(),
        Ending::Differs => "it is genuine, and not what the source gives; nothing was changed".to_owned(),
    });
    lines
}

/// Where only a passphrase proves the images: anybody can have written a sheet beside them.
const SHEETS: &str =
    "the images hold; nobody vouches for the sheets: type nothing from them (a signature would, or --site DIR)";

/// Images whose table of keys is not the one of the build, a line for each that says the same.
pub fn tables(ladder: &Ladder) -> Vec<String> {
    let mut by: BTreeMap<(bool, &str), Vec<&str>> = BTreeMap::new();
    for climb in &ladder.devices {
        if let Some(openers) = &climb.rekeyed {
            by.entry((climb.opened, openers)).or_default().push(&climb.device);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn climb(device: &str) -> Climb {
        Climb {
            device: device.into(),
            revision: 17,
            digest: "91c0-77ab-e2f4".into(),
            whole: Said::Holds("as it was built".into()),
            reviewed: Said::Holds(format!("{device}.redacted.sheet")),
            source: Said::Open("no source here".into()),
            content: Said::Open("it takes the passphrase".into()),
            opened: false,
            sheet: false,
            rekeyed: None,
            stale: None,
        }
    }

    fn ladder(devices: Vec<Climb>) -> Ladder {
        Ladder {
            site: "example-west".into(),
            commit: "3e90d77aaaaaaaa".into(),
            judged_at: "2026-03-09T14:10:00Z".into(),
            listed: devices.len(),
            devices,
            proved: Some("the signature of ci@example".into()),
            ..Ladder::fallen(Said::Holds("ci@example".into()))
        }
    }

    #[test]
    fn what_is_worst_decides() {
        let good = ladder(vec![climb("np07"), climb("sw04")]);
        assert_eq!(good.ending(), Ending::Holds);
        let with = |change: fn(&mut Ladder)| {
            let mut ladder = good.clone();
            change(&mut ladder);
            ladder.ending()
        };
        assert_eq!(with(|l| l.proved = None), Ending::Refused);
        assert_eq!(with(|l| l.devices.clear()), Ending::Refused);
        assert_eq!(with(|l| l.strangers.push("images/x.flk".into())), Ending::Refused);
        assert_eq!(with(|l| l.clock = Some("behind".into())), Ending::Refused);
        assert_eq!(with(|l| l.devices[1].stale = Some("ended".into())), Ending::Refused);
        assert_eq!(with(|l| l.devices[0].source = Said::Differs("x".into())), Ending::Differs);
        assert_eq!(with(|l| l.devices[0].source = Said::Unreadable("x".into())), Ending::Unreadable);
        let both = |l: &mut Ladder| {
            l.devices[0].source = Said::Differs("x".into());
            l.devices[1].whole = Said::Failed("x".into());
        };
        assert_eq!(with(both), Ending::Refused);
        assert_eq!(Ladder::fallen(Said::Failed("x".into())).ending(), Ending::Refused);
    }

    /// A passphrase proves images. What is typed from rests on a signature, or on the source.
    #[test]
    fn sheets_that_nobody_vouches_for_are_told_last() {
        let mut unsigned = ladder(vec![climb("np07"), climb("sw04")]);
        let last = |ladder: &Ladder| plain(ladder).lines().last().unwrap().to_owned();
        assert_eq!(last(&unsigned), "all that was asked holds");
        unsigned.signed = Said::Open("nobody is trusted here yet".into());
        for climb in &mut unsigned.devices {
            (climb.opened, climb.content) = (true, Said::Holds("opened".into()));
        }
        assert_eq!((unsigned.ending(), last(&unsigned)), (Ending::Holds, SHEETS.to_owned()));
        assert!(json(&unsigned, "1").contains("\"sheets_vouched_for\": false"));
        unsigned.devices[0].sheet = true;
        assert_eq!(last(&unsigned), SHEETS);
        unsigned.devices[1].sheet = true;
        assert_eq!(last(&unsigned), "all that was asked holds");
    }

    #[test]
    fn tables_of_keys_that_are_not_as_built_are_told_by_what_they_say() {
        let mut devices: Vec<Climb> = (0..12).map(|n| climb(&format!("np{n:02}"))).collect();
        for (n, climb) in devices.iter_mut().enumerate() {
            climb.rekeyed = (n != 3).then(|| "a passphrase".to_owned());
        }
        (devices[11].rekeyed, devices[11].opened) = (Some("a passphrase, recipients".into()), true);
        let told = tables(&ladder(devices));
        assert_eq!(told.len(), 2);
        assert!(
            told[0].contains("np00, np01, np02, np04") && told[0].contains("and 2 more; rekeyed, granted, or broken")
        );
        assert!(
            told[1].ends_with("np11; somebody who could open it changed who can; it says: a passphrase, recipients")
        );
    }

    #[test]
    fn one_device_and_many() {
        let one = verify(&ladder(vec![climb("np07")]), &View::default());
        assert!(one.contains("np07   revision 17   image 91c0-77ab-e2f4"), "{one}");
        assert!(
            one.contains(" 1 the file is whole                                    yes   as it was built\n"),
            "{one}"
        );
        let mut many: Vec<Climb> = (0..20).map(|n| climb(&format!("np{n:02}"))).collect();
        for (n, climb) in many[..10].iter_mut().enumerate() {
            climb.whole = Said::Failed(format!("damaged at {n}"));
            climb.source = Said::Unreadable("no commit that git could find".into());
        }
        let many = verify(&ladder(many), &View::default());
        assert!(
            many.contains("10 of 20") && many.contains("np00: damaged at 0") && many.contains("and 2 more"),
            "{many}"
        );
        assert!(many.contains("UNREADABLE   10 of 20: no commit that git could find"), "{many}");
        assert!(many.lines().all(|l| width(l) <= 110), "{many}");
    }

    #[test]
    fn hostile_names_stay_text() {
        for evil in escape::hostile() {
            let mut ladder = ladder(vec![climb(&evil), climb("sw04")]);
            ladder.devices[0].whole = Said::Failed(evil.clone());
            ladder.devices[0].stale = Some(evil.clone());
            (ladder.site, ladder.signed) = (evil.clone(), Said::Failed(evil.clone()));
            (ladder.strangers, ladder.clock, ladder.proved) = (vec![evil.clone()], Some(evil.clone()), Some(evil));
            for text in [verify(&ladder, &View::default()), plain(&ladder), json(&ladder, "1")] {
                assert!(!text.chars().any(|c| escape::acts(c) && c != '\n'), "{text:?}");
            }
        }
    }
}
