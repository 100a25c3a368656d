//! The command line. The only place that names clap, the terminal, the environment, the clock and randomness.
//!
//! One verb per file: it resolves its flags, calls the library, prints the report, and returns an exit code. What
//! goes wrong on the way is a [`problem::Problem`], told here in one place.

mod advisories;
mod age;
mod apply;
mod args;
mod asking;
mod build;
mod build_cache;
mod bundle;
mod capture;
mod check;
mod clock;
mod dialect;
#[cfg(feature = "device")]
mod doctor;
mod diff;
mod drift;
mod ends;
mod entropy;
pub(crate) mod exit;
mod explain;
mod file;
mod firmware;
mod folders;
mod git;
mod git_tree;
mod image;
mod image_file;
mod image_grant;
mod image_inspect;
mod image_open;
mod image_folders;
mod image_rekey;
mod import;
mod incoming;
mod init;
mod interrupted;
mod judging;
mod keyring;
#[cfg(feature = "device")]
mod lab;
mod live;
mod machine;
mod models;
mod new;
mod new_adoption;
mod new_device;
mod new_rule;
mod opening;
mod output;
mod passphrase;
mod plan;
#[cfg(feature = "device")]
mod probe;
mod policy;
mod policy_pin;
mod posture;
mod problem;
mod programs;
mod put;
mod receipt;
mod recipients;
mod report;
mod reports;
mod restore;
mod retire;
mod returning;
mod progress;
mod schema;
mod seen;
mod secret;
mod secret_passphrase;
mod secret_read;
mod secret_write;
mod secrets;
mod show;
mod signing;
mod site;
mod terminal;
mod verify;
mod verify_keys;
mod verify_source;
#[cfg(test)]
mod tests;
mod trust;

use clap::{Parser, ValueEnum};

use args::{Args, Format, Verb};
use exit::Exit;
use fieldlock::report::escape;
use problem::Problem;

/// Parses the command line and runs the verb.
pub(crate) fn run() -> Exit {
    hush_panics();
    machine::no_core_dumps();
    machine::keep_descriptors();
    let args = match Args::try_parse() {
        Ok(args) => args,
        Err(error) => return usage(&error),
    };
    let done = std::panic::catch_unwind(|| dispatch(args));
    match done {
        Ok(Ok(exit)) => exit,
        Ok(Err(problem)) => problem.tell(format()),
        Err(_) => Exit::Invalid,
    }
}

fn dispatch(args: Args) -> Result<Exit, Problem> {
    match args.verb {
        Verb::Init(args) => init::run(args),
        Verb::New(args) => new::run(args),
        Verb::Models(args) => models::run(args),
        Verb::Dialect(args) => dialect::run(args),
        Verb::Check(args) => check::run(args),
        Verb::Build(args) => build::run(args),
        Verb::Diff(args) => diff::run(args),
        Verb::Posture(args) => posture::run(args),
        Verb::Plan(args) => plan::run(args),
        Verb::Show(args) => show::run(args),
        Verb::Explain(args) => explain::run(args),
        Verb::Policy(args) => policy::run(args),
        Verb::Receipt(args) => receipt::run(args),
        Verb::Trust(args) => trust::run(args),
        Verb::Advisories(args) => advisories::run(args),
        Verb::Bundle(args) => bundle::run(args),
        Verb::Apply(args) => apply::run(*args),
        Verb::Restore(args) => restore::run(args),
        Verb::Return(args) => returning::run(args),
        Verb::Verify(args) => verify::run(args),
        Verb::Report(args) => report::run(args),
        Verb::Schema(args) => schema::run(args),
        Verb::Import(args) => import::run(args),
        Verb::Capture(args) => capture::run(args),
        Verb::Drift(args) => drift::run(args),
        #[cfg(feature = "device")]
        Verb::Lab(args) => lab::run(args),
        #[cfg(feature = "device")]
        Verb::Probe(args) => probe::run(args),
        #[cfg(feature = "device")]
        Verb::Doctor(args) => doctor::run(args),
        #[cfg(not(feature = "device"))]
        Verb::Lab(_) | Verb::Probe(_) | Verb::Doctor(_) => Err(live::without()),
        Verb::Retire(args) => retire::run(args),
        Verb::Secret(args) => secret::run(args),
        Verb::Firmware(args) => firmware::run(args),
        Verb::Image(args) => image::run(args),
    }
}

/// What clap has to say: help and version on stdout with exit 0, the rest on stderr with exit 2. What was typed is
/// repeated in the latter, and may hold anything.
fn usage(error: &clap::Error) -> Exit {
    if error.use_stderr() {
        let text = error.render().to_string();
        if format() == Format::Json {
            let first = text.lines().next().unwrap_or_default().trim_start_matches("error: ");
            return Problem::invalid(first).help("the verb with `--help` says what it takes").tell(Format::Json);
        }
        terminal::complain(&escape::block(&text));
        return Exit::Invalid;
    }
    // a closed pipe behind `--help` is no fault of anybody
    let _ = error.print();
    Exit::Done
}

/// The format that was typed, before clap has read anything: what it refuses is told in it too.
fn format() -> Format {
    let typed: Vec<String> = std::env::args().skip(1).take_while(|arg| arg != "--").collect();
    let joined = typed.iter().filter_map(|arg| arg.strip_prefix("--format="));
    let apart = typed.windows(2).filter(|pair| pair[0] == "--format").map(|pair| &*pair[1]);
    // what goes to a file is no format of stdout
    joined.chain(apart).find_map(|word| Format::from_str(word, false).ok()).unwrap_or(Format::Human)
}

/// A panic is our fault: its message may hold anything, so only its place is told.
fn hush_panics() {
    std::panic::set_hook(Box::new(|info| {
        let place = info.location().map_or(String::new(), |l| format!(" at {}:{}", l.file(), l.line()));
        terminal::complain(&format!(
            "error: internal fault{place}\nhelp: this is a fault of fieldlock; please report this line and the \
             version ({})\nthe output folder is as it was before\n",
            env!("CARGO_PKG_VERSION")
        ));
    }));
}
