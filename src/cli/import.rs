//! `import`: devices that run, into a site.

use std::path::PathBuf;

use fieldlock::model::value::Moment;
use fieldlock::pipeline::import;
use fieldlock::report;
use fieldlock::report::escape;
use fieldlock::site::files::Root;

use super::args::OutputArgs;
use super::exit::Exit;
use super::incoming::{self, ExportKeyArgs};
use super::output::Output;
use super::problem::Problem;
use super::secret::StoreArgs;
use super::secret_write::{fingerprint_key, keep};
use super::{put, site, terminal};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock import exports --by ot-lead --dry-run\n  fieldlock import np07.ini router.log \
    --by ot-lead --site west\n\nExit codes: 0 all files were taken over, 1 some were refused, 2 the site or what was \
    typed can't be used"
)]
pub(crate) struct ImportArgs {
    /// Files that devices exported or showed, or folders of them: an export of NPort 6000, encrypted or not, a recorded
    /// `show running-config`, a filled sheet; a list as CSV, whose first line names the columns name, model, serial,
    /// address, zone
    #[arg(required = true, value_name = "FILE|DIR")]
    files: Vec<PathBuf>,
    /// Who read them from the devices: a person of the site
    #[arg(long, value_name = "PERSON")]
    by: String,
    /// When they were read, `YYYY-MM-DD HH:MM UTC` [default: the time of each file]
    #[arg(long, value_name = "TIME")]
    at: Option<Moment>,
    /// Write nothing into the site, and say what would come of it
    #[arg(long)]
    dry_run: bool,
    /// With a passphrase, secrets that were read in clear are sealed into the site's store
    #[command(flatten)]
    store: StoreArgs,
    #[command(flatten)]
    keys: ExportKeyArgs,
    #[command(flatten)]
    output: OutputArgs,
}

pub(crate) const UNCHANGED: &str = "the site is as it was before";

pub(crate) fn run(args: ImportArgs) -> Result<Exit, Problem> {
    let opened = site::open(args.store.site.as_deref())?;
    let folder = opened.root.path().to_owned();
    // locked before anything is read, so that what was looked at is what is written into
    let locked = put::lock_unless(args.dry_run, &folder)?;
    let ready = site::ready(opened, None)?;
    site::person(&ready.site, &args.by).map_err(|problem| problem.state(UNCHANGED))?;
    let (key, passphrases) = if args.dry_run { (None, Vec::new()) } else { fingerprint_key(&args.store)? };
    let (mut asked, refused) = incoming::read(&args.files, &args.keys, &ready.site.tables, None)?
        .settled(&ready.site)
        .taken(&args.by, args.at);
    asked.key = key;
    let mut plan = import::import(&ready, &|| Root::open(&folder), &asked)?;
    plan.told.refused.extend(refused);
    plan.told.refused.sort_by(|a, b| a.file.cmp(&b.file));
    if let Some(locked) = locked
        && !plan.put.is_empty()
    {
        put::change(&locked, &plan.put, &plan.take)?;
        plan.told.dry_run = false;
    }
    plan.told.read_secrets = plan.secrets.iter().map(|(name, _)| name.to_string()).collect();
    if !plan.told.dry_run && args.store.passphrase.is_given() && !plan.secrets.is_empty() {
        keep(&args.store, passphrases, plan.secrets)
            .map_err(|problem| problem.state("the devices are in the site, their secrets are not"))?;
        plan.told.sealed = true;
    }
    let exit = if plan.told.refused.is_empty() { Exit::Done } else { Exit::Findings };
    let output = Output::new(&args.output);
    let (next, told) = (next(args.dry_run, plan.put.is_empty(), &site::typed(args.store.site.as_deref())), plan.told);
    let text = report::imported(&told, args.output.all);
    output.either(|| told, || text)?;
    terminal::complain(&escape::block(&next));
    Ok(exit)
}

fn next(dry_run: bool, nothing: bool, site: &str) -> String {
    match (dry_run, nothing) {
        (_, true) => format!("nothing was written: {UNCHANGED}\n"),
        (true, false) => "nothing was written: without --dry-run it is\n".to_owned(),
        (false, false) => format!("next: fieldlock check{site}\n"),
    }
}
