//! What was read from devices on the way: texts in the stick's folder of captures, one for a device, called like it.
//! Who read one is who works by the receipt that lies beside it. They are redacted again before they are kept.

use std::path::Path;

use fieldlock::image::FingerprintKey;
use fieldlock::ledger::receipt::Begun;
use fieldlock::model::value::Moment;
use fieldlock::pipeline::ReadySite;
use fieldlock::pipeline::capture::{FOLDER, From, Taken};
use fieldlock::pipeline::import::again;
use fieldlock::report::escape;
use fieldlock::site::files::Root;
use fieldlock::site::output::NewFile;
use fieldlock::site::{Site, SiteDevice};

use super::super::incoming;
use super::super::problem::Problem;
use super::UNCHANGED;
use super::stick::Come;

/// Captures of devices of the site that are younger than what it has; `key` is what marks secrets in them.
pub(super) fn bring(
    stick: &Root,
    ready: &ReadySite,
    come: &[Come],
    key: impl FnOnce() -> Result<Option<FingerprintKey>, Problem>,
    (put, take, told): (&mut Vec<NewFile>, &mut Vec<String>, &mut String),
) -> Result<(), Problem> {
    let unchanged = |problem: Problem| problem.state(UNCHANGED);
    let names = stick.list_all().map_err(|problem| unchanged(problem.into()))?;
    // a link in place of the folder is called like it, and reading it says what is wrong with it
    let of_it = |name: &&String| name.split('/').next() == Some(FOLDER);
    let names: Vec<&String> = names.iter().filter(of_it).collect();
    if names.is_empty() {
        return Ok(());
    }
    let read = incoming::beneath(stick, &names).map_err(unchanged)?;
    let key = key()?;
    for (incoming, written) in read.files {
        let file = incoming.name.clone();
        let refused = |why: &str| {
            Problem::refused(format!("`{file}`: {why}"))
                .help("take it off the stick, or bring it with `fieldlock capture NAME --from FILE --by PERSON`")
                .state(UNCHANGED)
        };
        let stem = Path::new(&file).file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
        let Some(device) = ready.site.device(stem) else {
            return Err(refused("it is called like no device of the site"));
        };
        let Some(begun) = last(come, &device.name) else {
            return Err(refused("no receipt beside it says who read it"));
        };
        let taken = Taken {
            by: by(&ready.site, begun).ok_or_else(|| refused("who works is no person of the site"))?,
            at: Moment::At(written),
        };
        if is_known(ready, device, written) {
            continue;
        }
        let from = From::of(incoming, taken).map_err(|why| refused(&why.to_string()))?;
        let (captured, _) = again(ready, device, &from, key.as_ref()).map_err(|why| refused(&why))?;
        take.extend(captured.take);
        put.extend(captured.put);
        told.push_str(&format!("{}  read again: {}\n", device.name, escape::line(&file)));
    }
    Ok(())
}

/// The last work at a device that came home.
fn last<'a>(come: &'a [Come], device: &str) -> Option<&'a Begun> {
    let of_it = come.iter().map(|one| &one.receipt).filter(|receipt| receipt.begun().device == device);
    of_it.max_by(|a, b| a.times().1.cmp(b.times().1)).map(|receipt| receipt.begun())
}

fn by(site: &Site, begun: &Begun) -> Option<String> {
    super::super::site::person(site, &begun.by).ok().map(|()| begun.by.clone())
}

/// Whether the site has a capture that is as young, or this very one.
fn is_known(ready: &ReadySite, device: &SiteDevice, written: jiff::Timestamp) -> bool {
    let captures = ready.site.captures_of(&device.name);
    let since = captures.iter().filter_map(|capture| capture.typed.taken).map(Moment::ends).max();
    since.is_some_and(|since| written <= since)
}
