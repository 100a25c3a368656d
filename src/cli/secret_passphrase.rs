//! `secret passphrase`: another passphrase for a group's secrets. All its files of the store are sealed anew, with a
//! fresh salt, or none is.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use fieldlock::report::escape;

use super::exit::Exit;
use super::passphrase;
use super::problem::Problem;
use super::secret::{StoreArgs, StoreSite, UNCHANGED, owned, write};
use super::terminal;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock secret passphrase\n  \
    fieldlock secret passphrase --group north --passphrase-file north=old.passphrase --new-passphrase-file new.passphrase")]
pub(crate) struct PassphraseVerbArgs {
    /// The group [default: the site's own]
    #[arg(long, value_name = "NAME")]
    group: Option<String>,
    /// File that holds the new passphrase, `-` for stdin [default: typed twice]
    #[arg(long, value_name = "FILE")]
    new_passphrase_file: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
}

/// As many devices are named in a hint.
const NAMED: usize = 12;

pub(crate) fn run(args: &PassphraseVerbArgs) -> Result<Exit, Problem> {
    if args.new_passphrase_file.as_deref() == Some(Path::new("-")) && args.store.passphrase.reads_stdin() {
        return Err(Problem::invalid("both passphrases can't come from stdin")
            .help("give one of them as a file")
            .state(UNCHANGED));
    }
    let place = StoreSite::open(&args.store)?;
    let site = place.site();
    let group = args.group.as_deref().unwrap_or(&site.name);
    if !site.has_group(group) {
        let named: Vec<&str> = site.typed.group.iter().filter_map(|g| g.name.as_ref()).map(|n| n.as_str()).collect();
        let help = format!("it has its own, `{}`, and those it declares: {}", site.name, named.join(", "));
        return Err(Problem::invalid(format!("the site has no group `{group}`")).help(help).state(UNCHANGED));
    }
    let locked = place.lock()?;
    let keyring = place.keyring(&args.store)?;
    let owners: Vec<String> =
        keyring.store().owners().filter(|o| keyring.store().group(o) == Some(group)).map(str::to_owned).collect();
    if owners.is_empty() {
        return Err(Problem::invalid(format!("the store has no file of the group `{group}`"))
            .help("images alone are given another passphrase by `fieldlock image rekey`")
            .state(UNCHANGED));
    }
    let mut changed = BTreeMap::new();
    for owner in owners {
        changed.insert(owner.clone(), owned(&keyring, &owner)?);
    }
    let new = passphrase::chosen(args.new_passphrase_file.as_deref())?;
    if keyring.has(group, &new) {
        return Err(Problem::invalid("the new passphrase is the one that the group has")
            .help("take another: who knows the old one would know the new one")
            .state(UNCHANGED));
    }
    passphrase::judge_for(&new, site)?;
    keyring.change(group, new)?;
    let count = changed.len();
    let devices: Vec<&str> =
        site.devices.iter().map(|d| &*d.name).filter(|device| site.group(device) == group).collect();
    // those of other groups have passphrases of their own
    let images = match devices.len() == site.devices.len() || devices.len() > NAMED {
        true => "out/images/*.flk".to_owned(),
        false => devices.join(" "),
    };
    write(&place, &keyring, &locked, changed)?;
    terminal::complain(&escape::block(&format!(
        "{count} files of the group {group} have the new passphrase: commit them with the site\n\
         images still have the old one: `fieldlock image rekey {images}` gives it to them; without it the next \
         build seals all of them anew\n\
         old copies stay openable by the old one: in git, in backups, and every image built so far; where it is known to \
         somebody who should not know it, change the secrets too (`fieldlock secret rotate`) and build again\n"
    )));
    Ok(Exit::Done)
}
