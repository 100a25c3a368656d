//! Whether the device is the one that the image is for: before anything else.

use fieldlock::image::Core;
use fieldlock::ledger::receipt::{Event, How, Identity, Part, Said};
use fieldlock::pipeline::returned::accepts;
use fieldlock::report::receipt::part;
use fieldlock::site::identity::{Tells, same_mac, same_model, same_serial};

use super::super::asking::ask;
use super::super::problem::Problem;
use super::super::terminal;

/// How the device is told.
pub(super) struct Asked<'a> {
    /// What the image is for.
    pub(super) core: &'a Core,
    /// What the device itself says, in a file that it exported.
    pub(super) read: Option<&'a Tells>,
    /// Why another device takes its place.
    pub(super) rebind: Option<&'a str>,
    /// Which other device of the build has a serial number.
    pub(super) other: &'a dyn Fn(&str) -> Option<String>,
}

/// The parts in the order in which they are asked.
const PARTS: [Part; 4] = [Part::Model, Part::Serial, Part::Mac, Part::Firmware];
/// Nothing was done.
const NOTHING: &str = "nothing was sent to any device";

/// What was seen of each part.
pub(super) fn tell(asked: &Asked<'_>) -> Result<Vec<Event>, Problem> {
    let mut events = Vec::new();
    for what in PARTS {
        let expected = expected(asked.core, what);
        let seen = match read(asked.read, what) {
            Some(seen) => Identity { fits: true, how: How::Read, part: what, seen, expected },
            None if expected.is_empty() && what != Part::Serial => continue,
            None => {
                if !terminal::can_ask() {
                    return Err(Problem::invalid(format!("nobody can be asked for the {} of the device", part(what)))
                        .help("work at a terminal; or give the saved answers of the page with --answers")
                        .state(NOTHING));
                }
                let question = format!("{} of the device, as its label or its console shows it", part(what));
                let seen = ask(&question, None, &|text| Ok(text.to_owned()))?;
                Identity { fits: true, how: How::Typed, part: what, seen, expected }
            }
        };
        check(asked, seen, &mut events)?;
    }
    Ok(events)
}

/// The same of what was read alone, before anything else is made of it.
#[cfg(feature = "device")]
pub(super) fn read_fits(asked: &Asked<'_>) -> Result<(), Problem> {
    PARTS.into_iter().filter_map(|part| Some((part, read(asked.read, part)?))).try_for_each(|(part, seen)| {
        let expected = expected(asked.core, part);
        check(asked, Identity { fits: true, how: How::Read, part, seen, expected }, &mut Vec::new())
    })
}

/// Takes one part, or says what speaks against it.
pub(super) fn check(asked: &Asked<'_>, seen: Identity, events: &mut Vec<Event>) -> Result<(), Problem> {
    let Identity { expected, seen: told, part: what, .. } = &seen;
    let fits = expected.is_empty()
        || match what {
            Part::Model => same_model(expected, told),
            Part::Serial => same_serial(expected, told),
            Part::Mac => same_mac(expected, told),
            Part::Firmware => accepts(expected, told),
        };
    let spare = asked.rebind.filter(|_| matches!(what, Part::Serial | Part::Mac));
    if !fits && spare.is_none() {
        return Err(wrong(asked, &seen));
    }
    // the end of a number is enough to know a device by, and not to write it down
    if !fits && *what == Part::Serial && told.chars().count() < expected.chars().count() {
        return Err(Problem::refused(format!("`{told}` is no whole serial number"))
            .help("a spare part is told by its whole one: work at a terminal, without --answers, and type it as the label has it")
            .state(NOTHING));
    }
    let rebound = |event: &Event| matches!(event, Event::Rebound(_));
    let reason = spare.filter(|_| !fits && !events.iter().any(rebound)).map(str::to_owned);
    events.push(Event::Identity(Identity { fits, ..seen }));
    events.extend(reason.map(|text| Event::Rebound(Said { text })));
    Ok(())
}

fn wrong(asked: &Asked<'_>, seen: &Identity) -> Problem {
    let Identity { expected, seen: told, part: what, .. } = seen;
    let device = &asked.core.device;
    let whose = match (asked.other)(told).filter(|_| *what == Part::Serial) {
        Some(other) => format!(", which is {other}"),
        None => String::new(),
    };
    let message = format!(
        "this is not {device} as it is sealed: the {} is {told}{whose}, the image is for {expected}",
        part(*what)
    );
    Problem::refused(message)
        .help(match what {
            Part::Firmware => {
                "bring the device to that firmware first, or widen `accepts` in its description and build again"
            }
            Part::Model => "go to the right device; another model has other pages",
            Part::Serial | Part::Mac => {
                "go to the right device; where it is a spare part in its place, say why: --rebind \"REASON\""
            }
        })
        .state(NOTHING)
}

fn expected(core: &Core, what: Part) -> String {
    match what {
        Part::Model => core.model.clone(),
        Part::Serial => core.serial.clone(),
        Part::Mac => core.mac.clone(),
        Part::Firmware if core.firmware.min == core.firmware.max => core.firmware.min.clone(),
        Part::Firmware => format!("{} to {}", core.firmware.min, core.firmware.max),
    }
}

fn read(tells: Option<&Tells>, what: Part) -> Option<String> {
    let tells = tells?;
    match what {
        Part::Model => tells.model.clone(),
        Part::Serial => tells.serial.clone(),
        Part::Mac => tells.mac.clone(),
        Part::Firmware => tells.firmware.map(|version| version.to_string()),
    }
}
