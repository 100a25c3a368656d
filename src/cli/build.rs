//! `build`: judges, renders, seals, writes.

use std::collections::BTreeSet;
use std::sync::OnceLock;

use fieldlock::image::Entropy;
use fieldlock::pipeline::{self, BuildError, Order, Selection};
use fieldlock::report::{self, escape};
use fieldlock::site::output::OutDir;

use super::args::BuildArgs;
use super::exit::Exit;
use super::keyring::Keyring;
use super::output::Output;
use super::problem::Problem;
use super::progress::Progress;
use super::{check, clock, entropy, git, secrets, site, terminal};

pub(crate) fn run(args: BuildArgs) -> Result<Exit, Problem> {
    let output = Output::new(&args.output);
    if args.secrets.secrets.as_deref() == Some("-") && args.passphrase.from_stdin() {
        return Err(Problem::invalid("secrets and passphrase can't both come from stdin")
            .help("give one of them as a file, or the passphrase with --passphrase-fd"));
    }
    let running = site::running(args.running.as_deref(), &args.site)?;
    let opened = site::open(args.site.site.as_deref())?;
    let argument = opened.argument.clone();
    let root = opened.root.path().to_owned();
    let mut plant = site::plant(opened, running);
    let chosen = site::chosen(&plant.site, &args.site)?;
    let secrets = secrets::load(&args.secrets, &mut plant, &root)?;
    let folder = args.out.clone().unwrap_or_else(|| root.join("out"));

    // asked for only when something is to be sealed; why there is none is told when the build comes back
    let asked = OnceLock::new();
    let keyring = Keyring::new(&args.passphrase, &plant.site, &root)?;
    let groups: BTreeSet<&str> = chosen.iter().map(|device| plant.site.group(device)).collect();
    let keys = || asked.get_or_init(|| keyring.keys(groups.iter().copied())).as_ref().ok();
    let key = |group: &str| keys().and_then(|keys| keys.of(group));
    let progress = Progress::new("sealing");
    let tick = || progress.tick();
    let order = Order {
        selection: Selection {
            devices: &|device| chosen.contains(&device.name),
            fail_on: check::fail_on(&args.fail),
            argument,
            now: clock::now(),
            started: clock::started(),
            list: output.list(),
        },
        secrets: &secrets,
        key: &key,
        out: &|| OutDir::open(&folder),
        entropy: &|| Box::new(entropy::System) as Box<dyn Entropy>,
        keep_going: args.keep_going,
        commit: git::commit(&root),
        progress: Some(&tick),
    };
    let built = pipeline::build(&plant, &order);
    progress.done();
    let built = match (built, asked.into_inner()) {
        (_, Some(Err(problem))) => return Err(problem.state("nothing in the output folder was changed")),
        (Err(error), _) => return Err(stopped(&error)),
        (Ok(built), _) => built,
    };
    output.report(&built.report, &plant.sources, report::build)?;
    let exit = match Exit::from(built.report.outcome()) {
        Exit::Done if !built.wrote => Exit::Findings,
        exit => exit,
    };
    if exit != Exit::Done {
        let state = if built.wrote {
            "holds the devices that comply; the others were not built"
        } else {
            "is as it was before: nothing was written"
        };
        terminal::complain(&format!("{} {state}\n", escape::line(&folder.display().to_string())));
    }
    Ok(exit)
}

fn stopped(error: &BuildError) -> Problem {
    let problem = Problem::invalid(error.to_string());
    match error {
        BuildError::Out(out) => problem.help(out.help()).state(out.state()),
        BuildError::Previous(_) => {
            problem.help("give another folder with --out").state("nothing in the output folder was changed")
        }
        BuildError::Partial(_) => problem
            .help("build all devices, or give another folder with --out")
            .state("nothing in the output folder was changed"),
        BuildError::NoKey | BuildError::Index(_) => problem.state("nothing in the output folder was changed"),
    }
}
