//! `trust`: whose signatures count for the person at this computer. Kept in their own folder, in the file format of
//! ssh-keygen; nothing of it is ever read from a site, a stick or an image.

mod add;
mod list;
mod remove;

use std::io;
use std::path::PathBuf;

use clap::Subcommand;
use fieldlock::ledger::signature::AllowedSigners;
use fieldlock::model::value::Name;
use fieldlock::site::output::OwnFolder;

use super::exit::Exit;
use super::problem::Problem;
use super::signing::{self, Purpose};
use super::{folders, terminal};

#[derive(Debug, clap::Args)]
pub(crate) struct TrustArgs {
    #[command(subcommand)]
    verb: TrustVerb,
}

/// Verbs on the person's own signers.
#[derive(Debug, Subcommand)]
enum TrustVerb {
    /// Let the owner of a key sign builds, receipts or lists of known holes, or approve plans, for you and on this
    /// computer
    Add(add::AddArgs),
    /// List who may sign
    List(list::ListArgs),
    /// Let somebody sign no longer
    Remove(remove::RemoveArgs),
}

pub(crate) fn run(args: TrustArgs) -> Result<Exit, Problem> {
    match args.verb {
        TrustVerb::Add(args) => add::run(&args),
        TrustVerb::List(args) => list::run(&args),
        TrustVerb::Remove(args) => remove::run(&args),
    }
}

const UNCHANGED: &str = "the allowed signers are as they were";

/// The person's own file, locked while it is changed.
struct Own {
    folder: OwnFolder,
    name: String,
    path: PathBuf,
    text: Vec<u8>,
}

impl Own {
    fn lock(site: Option<&str>, purpose: Purpose) -> Result<Own, Problem> {
        if site.is_some() && purpose != Purpose::Builds {
            return Err(Problem::invalid(format!("who signs {} is the same for every site", purpose.word()))
                .help("leave --site out")
                .state(UNCHANGED));
        }
        if let Some(site) = site
            && let Err(why) = site.parse::<Name>()
        {
            return Err(Problem::invalid(format!("`{site}` can't be the name of a site: {why}")).state(UNCHANGED));
        }
        let folder = folders::config().ok_or_else(no_folder)?;
        let name = purpose.file(site);
        let path = folder.join(&name);
        let folder = OwnFolder::lock(&folder)
            .map_err(|problem| Problem::invalid(problem.to_string()).help(problem.help()).state(UNCHANGED))?;
        let text = match signing::read(&path) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(signing::unreadable(&path, &error).state(UNCHANGED)),
        };
        Ok(Own { folder, name, path, text })
    }

    fn signers(&self) -> AllowedSigners {
        AllowedSigners::parse(&self.text).0
    }

    /// Writes the changed text, whole or not at all.
    fn write(&self, text: &[u8]) -> Result<(), Problem> {
        self.folder
            .replace(&self.name, text)
            .map_err(|problem| Problem::invalid(problem.to_string()).help(problem.help()).state(UNCHANGED))?;
        terminal::did("the list is changed all the same");
        Ok(())
    }
}

pub(super) fn no_folder() -> Problem {
    Problem::invalid("this system names no folder for what you configure")
        .help(format!("set {} to an absolute path", folders::CONFIG_BY))
}
