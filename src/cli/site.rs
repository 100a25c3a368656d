//! Finding the site, and the devices asked for.

use std::collections::BTreeSet;
use std::path::{Component, Path, PathBuf};
use std::sync::Arc;

use fieldlock::embedded::POLICIES;
use fieldlock::finding::Finding;
use fieldlock::pipeline::{self, ReadySite, Running};
use fieldlock::policy::Packs;
use fieldlock::report;
use fieldlock::site::files::Root;
use fieldlock::site::{LoadOptions, Loaded, OwnPack, Site, SiteDevice, load};
use fieldlock::source::SourceMap;
use fieldlock::syntax::MAX_BYTES;
use globset::{Glob, GlobSet, GlobSetBuilder};

use super::args::SiteArgs;
use super::problem::Problem;
use super::progress::Progress;
use super::{advisories, file, interrupted};

/// The folder beneath a site that a build goes to where nothing else is said.
pub(crate) const OUT: &str = "out";

/// A site's folder, held open, and how it was named.
pub(crate) struct Opened {
    /// The folder.
    pub(crate) root: Root,
    /// How it was named on the command line; empty where it was found.
    pub(crate) argument: String,
}

/// A site as it is typed behind a command: nothing for the one found from here.
pub(crate) fn typed(given: Option<&Path>) -> String {
    report::argument(&given.map(|path| path.display().to_string()).unwrap_or_default())
}

/// Finds the site and opens its folder.
pub(crate) fn open(given: Option<&Path>) -> Result<Opened, Problem> {
    let path = match given {
        Some(path) => file::one(path).map_err(|error| Problem::invalid(format!("`{}`: {error}", path.display())))?,
        None => upwards()?,
    };
    let argument = given.map(|p| p.display().to_string()).unwrap_or_default();
    let root = Root::open(&path).map_err(|problem| {
        Problem::invalid(problem.to_string()).help("give the folder that holds `site.kdl`: `fieldlock check west`")
    })?;
    Ok(Opened { root, argument })
}

/// Finds the site and reads its files: all that verbs need which judge nothing.
pub(crate) fn found(given: Option<&Path>) -> Result<Loaded, Problem> {
    Ok(loaded(&open(given)?))
}

/// Reads the files of a site.
pub(crate) fn loaded(opened: &Opened) -> Loaded {
    interrupted::site(opened.root.path());
    let progress = Progress::new("reading devices");
    let tick = || progress.tick();
    let loaded = load(&opened.root, &LoadOptions { progress: Some(&tick), ..LoadOptions::default() });
    progress.done();
    loaded
}

/// Loads a site with its packs and captures; `running` stands in for the capture of one device.
pub(crate) fn ready(opened: Opened, running: Option<Running>) -> Result<ReadySite, Problem> {
    let loaded = loaded(&opened);
    ready_of(opened, loaded, running)
}

/// The same of a site that is read already.
pub(crate) fn ready_of(
    opened: Opened,
    loaded: Loaded,
    running: impl IntoIterator<Item = Running>,
) -> Result<ReadySite, Problem> {
    let advisories = advisories::in_force()?;
    let mut ready = pipeline::ready(opened.root, loaded, running);
    ready.advisories = advisories;
    Ok(ready)
}

/// What a person read from the one device that is asked for.
pub(crate) fn running(file: Option<&Path>, args: &SiteArgs) -> Result<Option<Running>, Problem> {
    let Some(path) = file else { return Ok(None) };
    let [device] = &args.device[..] else {
        return Err(Problem::invalid("--running is of one device, and there is not one named")
            .help("name it: `--device np02 --running np02.ini`"));
    };
    if device.contains(['*', '?', '[', '{']) {
        return Err(Problem::invalid(format!("--running is of one device, and `{device}` may mean several"))
            .help("write its whole name: `--device np02 --running np02.ini`"));
    }
    let (folder, name) = file::place(path).map_err(|problem| problem.help("give a file with --running"))?;
    let read = Root::open(folder).and_then(|folder| folder.read_bytes(name, MAX_BYTES));
    let text = read.and_then(|bytes| pipeline::legible(name, bytes)).map_err(|problem| {
        Problem::invalid(format!("--running {}: {problem}", path.display()))
            .help("give the text that the device exports or shows")
    })?;
    Ok(Some(Running::handed(device, name, &*text)))
}

/// The site that is named, or the one here; `None` where none is named and there is none.
pub(crate) fn if_any(given: Option<&Path>) -> Result<Option<Loaded>, Problem> {
    if given.is_none() && upwards().is_err() {
        return Ok(None);
    }
    found(given).map(Some)
}

/// The packs of a site and all that are shipped, what is wrong with them, and their texts.
pub(crate) fn all_packs(own: &[OwnPack]) -> (Packs, Vec<Finding>, SourceMap) {
    let mut names: Vec<&str> = own.iter().map(|pack| &*pack.name).collect();
    names.extend(Packs::shipped_names(POLICIES));
    names.sort_unstable();
    names.dedup();
    let files = own.iter().flat_map(|pack| &pack.files).map(|f| (f.path.to_string(), f.text.to_string()));
    let mut sources = SourceMap::new();
    let (packs, findings) = Packs::load(&names, POLICIES, &files.collect::<Vec<_>>(), &mut sources);
    (packs, findings, sources)
}

/// Refuses a place to write to that is in a site by its name and outside of it by a link: whoever made the site made
/// the link too. Outside of sites links are the person's own.
pub(crate) fn stays(path: &Path) -> Result<(), Problem> {
    let mut whole = PathBuf::new();
    for part in std::path::absolute(path).unwrap_or_else(|_| path.to_owned()).components() {
        match part {
            // above the topmost folder there is none
            Component::ParentDir => whole = whole.parent().map(Path::to_owned).unwrap_or(whole),
            part => whole.push(part),
        }
    }
    let Some(site) = whole.ancestors().skip(1).find(|folder| folder.join("site.kdl").is_file()) else { return Ok(()) };
    // what is not there yet is made in what is
    let real = |path: &Path| path.ancestors().find_map(|there| there.canonicalize().ok());
    if real(&whole).zip(real(site)).is_none_or(|(place, site)| place.starts_with(site)) {
        return Ok(());
    }
    Err(Problem::refused(format!("`{}` leads out of the site through a link", path.display()))
        .help("a site may come from anybody: name the place itself, where that is meant")
        .state("nothing was written"))
}

/// The nearest folder from here upwards that holds a `site.kdl`.
fn upwards() -> Result<PathBuf, Problem> {
    let here = std::env::current_dir()
        .map_err(|error| Problem::invalid(format!("the current folder can't be read: {error}")))?;
    let site = here.ancestors().find(|folder| folder.join("site.kdl").is_file());
    site.map(Path::to_owned).ok_or_else(|| {
        Problem::invalid("there is no site here: neither this folder nor one above it holds a `site.kdl`")
            .help("go into a site's folder or name it; `fieldlock init DIR` begins one")
    })
}

/// The devices asked for, in the order of their names. A name or zone that fits none is a mistake of the person.
pub(crate) fn select<'a>(site: &'a Site, args: &SiteArgs) -> Result<Vec<&'a SiteDevice>, Problem> {
    let globs = globs(&args.device)?;
    for (index, pattern) in args.device.iter().enumerate() {
        if !site.devices.iter().any(|d| globs.matches(&*d.name).contains(&index)) {
            return Err(no_device(site, pattern));
        }
    }
    for zone in &args.zone {
        if !site.devices.iter().any(|d| d.zone.as_deref() == Some(zone)) {
            return Err(nothing("zone with devices", zone, site.devices.iter().filter_map(|d| d.zone.as_deref())));
        }
    }
    let by_name = |d: &&SiteDevice| args.device.is_empty() || globs.is_match(&*d.name);
    let by_zone =
        |d: &&SiteDevice| args.zone.is_empty() || args.zone.iter().any(|z| d.zone.as_deref() == Some(z.as_str()));
    Ok(site.devices.iter().filter(by_name).filter(by_zone).collect())
}

/// The names of the devices asked for.
pub(crate) fn chosen(site: &Site, args: &SiteArgs) -> Result<BTreeSet<Arc<str>>, Problem> {
    Ok(select(site, args)?.into_iter().map(|d| Arc::clone(&d.name)).collect())
}

/// Patterns of device names.
pub(crate) fn globs(patterns: &[String]) -> Result<GlobSet, Problem> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let refused = |error: globset::Error| {
            Problem::invalid(format!("`{pattern}` is no pattern of device names: {}", error.kind()))
                .help("write a name, with `*` for any letters: `--device \"np*\"`")
        };
        set.add(Glob::new(pattern).map_err(refused)?);
    }
    set.build().map_err(|error| Problem::invalid(format!("the patterns of device names are too large: {error}")))
}

/// Refuses a pattern that fits none of the names: a mistake of the person.
pub(crate) fn each_fits<'a>(
    patterns: &[String],
    what: &str,
    names: impl Iterator<Item = &'a str> + Clone,
) -> Result<(), Problem> {
    for pattern in patterns {
        let one = globs(std::slice::from_ref(pattern))?;
        if !names.clone().any(|name| one.is_match(name)) {
            return Err(nothing(what, pattern, names));
        }
    }
    Ok(())
}

/// The device of a name.
pub(crate) fn device<'a>(site: &'a Site, name: &str) -> Result<&'a SiteDevice, Problem> {
    site.device(name).ok_or_else(|| no_device(site, name))
}

/// Refuses a name that no device has, or one of which nothing is known since its file is broken.
pub(crate) fn no_device(site: &Site, asked: &str) -> Problem {
    if site.unsound.contains(asked) {
        return Problem::invalid(format!("nothing is known of `{asked}`: its description can't be read"))
            .help("`fieldlock check` of the whole site says where it is broken");
    }
    nothing("device", asked, site.devices.iter().map(|device| &*device.name))
}

/// Refuses a name that is no person of the site.
pub(crate) fn person(site: &Site, id: &str) -> Result<(), Problem> {
    let people = || site.typed.person.iter().filter_map(|person| Some(person.id.as_ref()?.as_str()));
    if people().any(|known| known == id) { Ok(()) } else { Err(nothing("person", id, people())) }
}

/// Refuses a name that nothing has.
pub(crate) fn nothing<'a>(what: &str, asked: &str, names: impl Iterator<Item = &'a str>) -> Problem {
    let mut names: Vec<&str> = names.collect();
    names.dedup();
    let problem = Problem::invalid(format!("there is no {what} called `{asked}`"));
    match fieldlock::model::shape::closest(asked, names.iter().copied()) {
        Some(near) => problem.help(format!("is `{near}` meant?")),
        None if names.is_empty() => problem.help("the site has none that could be read; `fieldlock check` says why"),
        None => {
            let more = if names.len() > 8 { format!(" and {} more", names.len() - 8) } else { String::new() };
            let there = if names.len() == 1 { "there is" } else { "there are" };
            problem.help(format!("{there} {}{more}", names.iter().take(8).copied().collect::<Vec<_>>().join(", ")))
        }
    }
}
