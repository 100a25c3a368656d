//! `new rule`: a rule of the site's own, tried with its pack before it is written.

use std::path::PathBuf;

use fieldlock::embedded::POLICIES;
use fieldlock::model::device::PlatformKind;
use fieldlock::model::value::Name;
use fieldlock::pipeline::first::{self, file_name};
use fieldlock::policy::{Packs, samples};
use fieldlock::site::output::NewFile;
use fieldlock::source::SourceMap;

use super::models::platforms;
use super::new::Site;
use super::problem::Problem;
use super::site;

#[derive(Debug, clap::Args)]
pub(crate) struct RuleArgs {
    /// Its id: OWN-SES-001
    #[arg(value_parser = file_name)]
    id: String,
    /// Folder of the site [default: found from here upwards by its site.kdl]
    pub(super) site: Option<PathBuf>,
    /// The pack that it goes into; one that is not there begins with it
    #[arg(long)]
    pack: Name,
    /// Platforms that a new pack speaks of; may be given more than once [default: those of the devices]
    #[arg(long, value_name = "PLATFORM", value_parser = platforms())]
    platform: Vec<PlatformKind>,
}

/// The rule, the pack where it is new, and `site.kdl` where it did not name the pack.
pub(crate) fn rule(args: RuleArgs) -> Result<Vec<String>, Problem> {
    let site = Site::open(args.site)?;
    let own = &site.ready.site.own_packs;
    let (packs, ..) = site::all_packs(own);
    if let Some(other) = packs.rules().find(|rule| rule.id.eq_ignore_ascii_case(&args.id)) {
        let of =
            if packs.packs.iter().any(|pack| *pack.name == *other.pack && pack.shipped) { "shipped" } else { "own" };
        return Err(Problem::invalid(format!(
            "there is a rule `{}` already, in the {of} pack `{}`",
            other.id, other.pack
        ))
        .help("take another id"));
    }
    let there = own.iter().any(|pack| *pack.name == *args.pack.as_str());
    let mut kinds = args.platform;
    if kinds.is_empty() {
        kinds = site.ready.site.devices.iter().map(|device| device.platform).collect();
    }
    let kinds: Vec<PlatformKind> = PlatformKind::ALL.into_iter().filter(|kind| kinds.contains(kind)).collect();
    if kinds.is_empty() && !there {
        return Err(Problem::invalid("the site has no device whose platform the pack could speak of")
            .help("name one by --platform"));
    }
    let mut files = first::rule(&args.id, &args.pack, &site.ready.site.name, &kinds, !there);
    tried(&site, &args.pack, &files)?;
    let named = site.ready.site.typed.packs.iter().flatten().any(|pack| *pack == args.pack);
    let mut replaced = Vec::new();
    if !named {
        let text = first::with_pack(&site.ready.site, &site.ready.sources, &args.pack);
        let (before, after) = site.changed(text)?;
        files.push(after);
        replaced.push(before);
    }
    site.write(files, &replaced)
}

/// Loads the pack with its new files, and runs the samples.
fn tried(site: &Site, pack: &Name, files: &[NewFile]) -> Result<(), Problem> {
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let own = site.ready.site.own_packs.iter().filter(|own| *own.name == *pack.as_str()).flat_map(|own| &own.files);
    let mut all: Vec<(String, String)> = own.map(|file| (file.path.to_string(), file.text.to_string())).collect();
    all.extend(files.iter().map(|(name, bytes)| (name.clone(), text(bytes))));
    let mut sources = SourceMap::new();
    let (packs, mut findings) = Packs::load(&[pack.as_str()], POLICIES, &all, &mut sources);
    findings.extend(samples::run_own(&packs));
    match findings.first() {
        None => Ok(()),
        Some(finding) => {
            let problem = Problem::invalid(format!("the pack `{pack}` would not be sound: {}", finding.message));
            Err(problem.help(finding.help.as_deref().unwrap_or("`fieldlock policy test` says more")))
        }
    }
}
