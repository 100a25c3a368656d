//! The posture of each device, as a drawing and as a table: for each group of requirements of IEC 62443 the worst
//! state, and how many have something to show.

use std::collections::HashMap;

use maud::{Markup, html};

use super::Dossier;
use super::coverage::class;
use crate::policy::requirements::{Answered, number};
use crate::report::documents::{Covered, CoveredZone};
use crate::report::escape::line;
use crate::report::page::lists::wide;

/// The foundational requirements of IEC 62443, by the first number of what belongs to each.
const GROUPS: [&str; 7] =
    ["Identification", "Use control", "Integrity", "Confidentiality", "Data flow", "Events", "Availability"];

/// The same in a sentence.
const MEANING: [&str; 7] = [
    "identification and authentication control",
    "use control",
    "system integrity",
    "data confidentiality",
    "restricted data flow",
    "timely response to events",
    "resource availability",
];

/// Room for names, and of a cell.
const NAME: usize = 150;
const CELL: usize = 104;
const ROW: usize = 26;

/// What one device shows for one group.
#[derive(Clone, Copy)]
struct Cell {
    worst: Covered,
    held: usize,
    asked: usize,
}

impl Cell {
    fn words(self) -> String {
        let state = match self.worst {
            Covered::NotCheckable | Covered::VendorEvidence | Covered::NothingAsked => "nothing to show".to_owned(),
            state => state.words().to_owned(),
        };
        format!("{state}, {} of {} have something to show", self.held, self.asked)
    }
}

pub(super) fn posture(told: &Dossier<'_>) -> Markup {
    let by_device = cells(told);
    let cells_of = |device: &str| by_device.get(device).copied().unwrap_or([None; GROUPS.len()]);
    html! {
        p {
            "Each field is one device and one group of requirements: its colour and its letter say the worst that a rule found, its numbers how many requirements of the zone's level have something to show. "
            b { "F" } " failed, " b { "?" } " can't be told, " b { "W" } " waived, " b { "L" } " not judged yet, " b { "S" } " supported or attested, " b { "-" } " nothing that a configuration could show."
        }
        @for (at, zone) in told.coverage.zones.iter().enumerate() {
            @let name = zone.zone.as_deref().map_or("No zone".to_owned(), |name| format!("Zone {}", line(name)));
            h3 { (name) @if let Some(level) = zone.level { " (SL-T " (level) ")" } }
            div.wide.figure role="region" aria-label=(format!("{name}, drawing")) tabindex="0" { (drawing(at, &name, zone, &cells_of)) }
            details.noprint {
                summary { "The same as a table" }
                (wide(&name, &html! {
                    thead { tr { th scope="col" { "device" } @for (group, meaning) in GROUPS.iter().zip(MEANING) { th scope="col" { (group) " (" (meaning) ")" } } } }
                    tbody { @for device in &zone.devices {
                        tr data-row data-device=(line(device)) {
                            th scope="row" { (line(device)) }
                            @for cell in cells_of(device) { td { @match cell { Some(cell) => { (cell.words()) } None => { "nothing is asked" } } } }
                        }
                    } }
                }))
            }
        }
    }
}

fn drawing(at: usize, name: &str, zone: &CoveredZone, cells: &dyn Fn(&str) -> [Option<Cell>; 7]) -> Markup {
    let (width, height) = (NAME + CELL * GROUPS.len(), ROW * (zone.devices.len() + 1) + 4);
    html! {
        svg.heat role="img" aria-labelledby=(format!("heat{at} heat{at}w")) width=(width) height=(height)
            viewBox=(format!("0 0 {width} {height}")) {
            title id=(format!("heat{at}")) { (name) ": posture by device" }
            desc id=(format!("heat{at}w")) { (zone.devices.len()) " devices by " (GROUPS.len()) " groups of requirements; the table below says the same" }
            @for (column, group) in GROUPS.iter().enumerate() {
                text.head x=(NAME + CELL * column + CELL / 2) y="18" text-anchor="middle" { (group) }
            }
            @for (row, device) in zone.devices.iter().enumerate() {
                @let y = ROW * (row + 1);
                text x="0" y=(y + 17) { (clipped(device)) title { (line(device)) } }
                @for (column, cell) in cells(device).iter().enumerate() {
                    @let x = NAME + CELL * column;
                    @match cell {
                        Some(cell) => g class=(class(cell.worst)) {
                            rect x=(x + 1) y=(y + 1) width=(CELL - 2) height=(ROW - 2) rx="3" {}
                            text x=(x + CELL / 2) y=(y + 17) text-anchor="middle" { (sign(cell.worst)) " " (cell.held) "/" (cell.asked) }
                            title { (line(device)) ", " (MEANING[column]) ": " (cell.words()) }
                        },
                        None => g.none { rect x=(x + 1) y=(y + 1) width=(CELL - 2) height=(ROW - 2) rx="3" {} }
                    }
                }
            }
        }
    }
}

fn sign(state: Covered) -> &'static str {
    match class(state) {
        "failed" => "F",
        "unknown" => "?",
        "waived" => "W",
        "open" => "L",
        "held" => "S",
        _ => "-",
    }
}

fn clipped(name: &str) -> String {
    crate::report::layout::clip(&line(name), 20)
}

/// For each device what its groups show; what no level of its zone asks for, and what no configuration answers, is in
/// none.
fn cells<'d>(told: &'d Dossier<'_>) -> HashMap<&'d str, [Option<Cell>; GROUPS.len()]> {
    let zones = told.coverage.zones.iter();
    let levels: HashMap<&str, u32> =
        zones.flat_map(|zone| zone.devices.iter().map(|d| (&**d, zone.level.unwrap_or(4)))).collect();
    let mut found: HashMap<&str, [Option<Cell>; GROUPS.len()]> = HashMap::new();
    for row in told.coverage.requirements.iter().filter(|row| row.answered == Answered::Configuration) {
        let group = number(&row.id).and_then(|number| number.split('.').next()?.parse::<usize>().ok());
        let Some(group) = group.filter(|group| (1..=GROUPS.len()).contains(group)) else { continue };
        for device in &row.devices {
            let level = levels.get(&*device.device).copied().unwrap_or(4);
            if row.level.is_none_or(|asked| asked > level) {
                continue;
            }
            let cell = &mut found.entry(&device.device).or_insert([None; GROUPS.len()])[group - 1];
            let cell = cell.get_or_insert(Cell { worst: device.state, held: 0, asked: 0 });
            cell.worst = cell.worst.min(device.state);
            cell.held += usize::from(device.state.holds());
            cell.asked += 1;
        }
    }
    found
}
