//! `build`: judges, renders, seals, writes.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use fieldlock::image::Entropy;
use fieldlock::pipeline::{self, Before, BuildError, Built, History, Keys, Request, Selection};
use fieldlock::report::{self, escape};
use miette::Diagnostic;

use super::args::{FailArgs, PassphrasesArgs, SecretArgs, SignArgs, SignerArgs, SiteArgs};
use super::exit::Exit;
use super::keyring::Keyring;
use super::problem::Problem;
use super::progress::Progress;
use super::recipients::Recipients;
use super::reports::{ReportArgs, Reports};
use super::secrets::ByDefault;
use super::seen::SeenFile;
use super::{build_cache, check, clock, entropy, folders, git, interrupted, secrets, signing, site, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock build examples/01-pump-station\n  \
    fieldlock build --secrets secrets-west --passphrase-file west.passphrase\n  \
    fieldlock build --secrets - --recipients laptops.txt --sign-key ci.key --previous last")]
pub(crate) struct BuildArgs {
    #[command(flatten)]
    site: SiteArgs,
    /// Folder for images and their public files [default: out in the site]
    #[arg(short, long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Folder of the build before: what did not change since is kept, and revisions count on; `none` begins anew
    /// [default: the output folder]
    #[arg(long, value_name = "DIR")]
    previous: Option<PathBuf>,
    /// Build the devices that comply though others fail
    #[arg(long)]
    keep_going: bool,
    /// What runs on the one device that is built, instead of its capture
    #[arg(long, value_name = "FILE")]
    running: Option<PathBuf>,
    #[command(flatten)]
    fail: FailArgs,
    #[command(flatten)]
    secrets: SecretArgs,
    #[command(flatten)]
    passphrase: PassphrasesArgs,
    /// Seal for the public keys in this file, by age: the passphrase is then one of two ways only if a flag says where
    /// it is; without it the index has to be signed. It protects images of earlier days, not the secrets that this run
    /// has
    #[arg(long, value_name = "FILE", help_heading = "Secrets")]
    recipients: Option<PathBuf>,
    #[command(flatten)]
    sign: SignArgs,
    #[command(flatten)]
    signers: SignerArgs,
    #[command(flatten)]
    output: ReportArgs,
}

pub(crate) fn run(args: BuildArgs) -> Result<Exit, Problem> {
    let output = Reports::new(&args.output)?;
    secrets::refuse_shared_stdin(&args.secrets, &args.passphrase)?;
    let running = site::running(args.running.as_deref(), &args.site)?;
    let opened = site::open(args.site.site.as_deref())?;
    let argument = opened.argument.clone();
    let named = named(args.out.as_deref(), &argument);
    let root = opened.root.path().to_owned();
    interrupted::refuse_half(&root)?;
    let mut ready = site::ready(opened, running)?;
    let chosen = site::chosen(&ready.site, &args.site)?;
    let (store, damaged) = secrets::store(&ready.site, &root)?;
    let keyring = Keyring::new(&args.passphrase, &ready.site, &root, store)?;
    // what is left out stays only where it is what would be sealed now, which takes its secrets
    let groups: BTreeSet<&str> = chosen.iter().map(|name| ready.site.group(name)).collect();
    let devices = ready.site.devices.iter().filter(|d| groups.contains(ready.site.group(&d.name)));
    let load = secrets::Load { args: &args.secrets, by_default: ByDefault::Store, keyring: &keyring, damaged };
    let (secrets, findings) = secrets::load(load, &ready.site, &root, devices)?;
    ready.findings.extend(findings);
    let folder = args.out.clone().unwrap_or_else(|| root.join(site::OUT));
    site::stays(&folder)?;

    let recipients = args.recipients.as_deref().map(Recipients::read).transpose()?;
    if ready.site.demo && recipients.is_some() {
        return Err(Problem::refused("a demo site is sealed with the demo passphrase only")
            .help("leave --recipients out, or take `demo on` out of site.kdl"));
    }
    // whoever tries a demo has signers for other things; nothing about it can be proved
    let signers = match &args.signers.allowed_signers {
        None if ready.site.demo => None,
        _ => signing::signers(&args.signers)?.of(&ready.site.name).cloned(),
    };

    let signer = args.sign.sign_key.as_deref().map(signing::signer).transpose()?.flatten();

    // asked for only when something is to be sealed; why there is none is told when the build comes back
    let failed: OnceLock<Problem> = OnceLock::new();
    let progress = Progress::new("sealing");
    let tick = || progress.tick();
    let key = |group: &str, salt| {
        progress.aside(|| keyring.key_with(group, salt)).map_err(|problem| failed.set(problem)).ok()
    };
    let by_passphrase = recipients.is_none() || args.passphrase.is_given();
    let wrap = |_: &str| {
        let recipients = recipients.as_ref()?;
        progress.aside(|| recipients.wrap()).map_err(|problem| failed.set(problem)).ok()
    };
    let sign = |index: &[u8]| {
        let key = args.sign.sign_key.as_deref()?;
        let signed = progress.aside(|| signing::sign(index, key));
        signed.map_err(|problem| failed.set(problem)).ok()
    };
    let seen = if ready.site.demo { None } else { Some(SeenFile::recall()?) };
    let cached = build_cache::recall(&ready.site.name);
    let state = folders::kept();
    let before = before(args.previous.as_deref());
    if let Before::Folder(folder) = before {
        interrupted::build(folder);
    }
    let request = Request {
        selection: Selection {
            devices: &|device| chosen.contains(&device.name),
            fail_on: check::fail_on(&args.fail),
            argument,
            now: clock::now(),
            texts: output.texts_in_log().then(clock::started),
            list: output.list(),
            edits: output.edits(),
        },
        secrets: &secrets,
        keys: Keys {
            passphrase: by_passphrase.then_some(&key),
            passphrases: &|| keyring.passphrases(),
            recipients: recipients.as_ref().map(|r| pipeline::Recipients { lines: r.lines(), wrap: &wrap }),
            sign: args.sign.sign_key.is_some().then_some(&sign),
            signer,
            entropy: &|| Box::new(entropy::System) as Box<dyn Entropy>,
        },
        history: History {
            before,
            signers: signers.as_ref(),
            seen: seen.as_ref().map(SeenFile::revisions),
            cache: &cached,
        },
        out: &|| interrupted::open(&folder, state.as_deref()),
        keep_going: args.keep_going,
        commit: git::commit(&root, &folder, &ready.files_read()),
        progress: Some(&tick),
    };
    let built = pipeline::build(&ready, &request);
    progress.done();
    let mut built = match (built, failed.into_inner()) {
        (_, Some(problem)) => return Err(problem.state("nothing in the output folder was changed")),
        (Err(error), None) => return Err(stopped(&error)),
        (Ok(mut built), None) => {
            built.report.sealing.derivations = keyring.derivations();
            built.report.out = named;
            if built.wrote {
                terminal::did(format!("`{}` holds this build all the same", folder.display()));
            }
            if let Some(cache) = &built.cache {
                build_cache::keep(&ready.site.name, &cached, cache);
            }
            built
        }
    };
    output.show(&mut built.report, &ready, report::build)?;
    let exit = match Exit::from(built.report.outcome()) {
        Exit::Done if !built.wrote => Exit::Findings,
        exit => exit,
    };
    if exit != Exit::Done {
        let folder = escape::line(&folder.display().to_string());
        terminal::complain(&format!("{folder} {}\n", state_of_folder(&built)));
    }
    // names, paths and findings: nothing of it is secret
    std::mem::forget(built);
    ready.leave();
    Ok(exit)
}

/// The output folder as it is typed; empty for the one of the site that is found from here.
fn named(out: Option<&Path>, site: &str) -> String {
    match out {
        Some(out) => out.display().to_string(),
        None if site.is_empty() => String::new(),
        None => format!("{}/{}", site.trim_end_matches('/'), site::OUT),
    }
}

/// What a run that fails left in the output folder.
fn state_of_folder(built: &Built) -> &'static str {
    if !built.wrote {
        return "is as it was before: nothing was written";
    }
    let all = built.report.devices.iter().all(|device| device.image.is_some() || built.report.draft);
    match all && built.report.left.is_empty() {
        true => "holds this build; what fails it stands above",
        false => "holds what could be built; the others were not, and what was there of them stays",
    }
}

fn before(typed: Option<&Path>) -> Before<'_> {
    match typed {
        None => Before::Out,
        Some(word) if word == Path::new("none") => Before::Nothing,
        Some(folder) => Before::Folder(folder),
    }
}

fn stopped(error: &BuildError) -> Problem {
    let message = error.to_string();
    let problem = match error {
        BuildError::PreviousUnsigned
        | BuildError::PreviousForged(_)
        | BuildError::Signature(_)
        | BuildError::Unsigning => Problem::refused(message),
        _ => Problem::invalid(message),
    };
    if let BuildError::Out(out) = error {
        return problem.help(out.help()).state(out.state());
    }
    let problem = match error.help() {
        Some(help) => problem.help(help.to_string()),
        None => problem,
    };
    problem.state("nothing in the output folder was changed")
}
