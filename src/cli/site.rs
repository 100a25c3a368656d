//! Finding the site, and the devices asked for.

use std::path::{Path, PathBuf};

use fieldlock::report::SiteHead;
use fieldlock::site::files::Root;
use fieldlock::site::{LoadOptions, Loaded, Site, SiteDevice, load};
use globset::{Glob, GlobSet, GlobSetBuilder};

use super::args::SiteArgs;
use super::problem::Problem;
use super::progress::Progress;

/// A site that was found and loaded.
pub(crate) struct Found {
    /// What stands in it.
    pub(crate) loaded: Loaded,
    /// How it was named on the command line; empty where it was found.
    pub(crate) argument: String,
}

impl Found {
    /// The site for the head of a report.
    pub(crate) fn head(&self) -> SiteHead {
        SiteHead { name: self.loaded.site.name.to_string(), argument: self.argument.clone() }
    }
}

/// Finds and loads the site.
pub(crate) fn found(given: Option<&Path>) -> Result<Found, Problem> {
    let path = match given {
        Some(path) => path.to_owned(),
        None => upwards()?,
    };
    let root = Root::open(&path)?;
    let progress = Progress::new("reading devices");
    let tick = || progress.tick();
    let loaded = load(&root, &LoadOptions { progress: Some(&tick), ..LoadOptions::default() });
    progress.done();
    let argument = given.map(|p| p.display().to_string()).unwrap_or_default();
    Ok(Found { loaded, argument })
}

/// The nearest folder from here upwards that holds a `site.kdl`.
fn upwards() -> Result<PathBuf, Problem> {
    let here = std::env::current_dir()
        .map_err(|error| Problem::invalid(format!("the current folder can't be read: {error}")))?;
    let site = here.ancestors().find(|folder| folder.join("site.kdl").is_file());
    site.map(Path::to_owned).ok_or_else(|| {
        Problem::invalid("there is no site here: neither this folder nor one above it holds a `site.kdl`")
            .help("go into a site's folder, or name it: `fieldlock check examples/01-pump-station`")
    })
}

/// The devices asked for, in the order of their names. A name or zone that fits none is a mistake of the person.
pub(crate) fn select<'a>(site: &'a Site, args: &SiteArgs) -> Result<Vec<&'a SiteDevice>, Problem> {
    let globs = globs(&args.device)?;
    for (index, pattern) in args.device.iter().enumerate() {
        if !site.devices.iter().any(|d| globs.matches(&*d.name).contains(&index)) {
            return Err(nothing("device", pattern, site.devices.iter().map(|d| &*d.name)));
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

fn globs(patterns: &[String]) -> Result<GlobSet, Problem> {
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        let refused = |error: globset::Error| {
            Problem::invalid(format!("`{pattern}` is no pattern of device names: {}", error.kind()))
                .help("write a name, with `*` for any letters: `--device 'np*'`")
        };
        set.add(Glob::new(pattern).map_err(refused)?);
    }
    set.build().map_err(|error| Problem::invalid(format!("the patterns of device names are too large: {error}")))
}

fn nothing<'a>(what: &str, asked: &str, names: impl Iterator<Item = &'a str>) -> Problem {
    let mut names: Vec<&str> = names.collect();
    names.dedup();
    let problem = Problem::invalid(format!("there is no {what} called `{asked}`"));
    match fieldlock::model::shape::closest(asked, names.iter().copied()) {
        Some(near) => problem.help(format!("is `{near}` meant?")),
        None if names.is_empty() => problem.help("the site has none that could be read; `fieldlock check` says why"),
        None => {
            let more = if names.len() > 8 { format!(" and {} more", names.len() - 8) } else { String::new() };
            problem.help(format!("there are {}{more}", names.iter().take(8).copied().collect::<Vec<_>>().join(", ")))
        }
    }
}
