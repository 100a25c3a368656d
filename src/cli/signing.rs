//! Signing an index, and whose signatures count. Both enter by flag or from the person's own folder, never from a
//! site.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fieldlock::image::signature::{
    AllowedSigners, KEY_TYPE, LineProblem, MAX_SIGNATURE_LEN, MAX_SIGNERS_LEN, NAMESPACE, PublicKey, verify_by_itself,
};

use super::args::SignerArgs;
use super::problem::Problem;
use super::programs::{self, Call};
use super::{clock, folders, terminal};

/// The file in the person's own folder that says whose signatures count.
pub(crate) const OWN_SIGNERS: &str = "allowed_signers";
/// What ssh-keygen needs to ask an agent, or a person, for a key.
const ENVIRONMENT: [&str; 6] =
    ["SSH_AUTH_SOCK", "SSH_ASKPASS", "SSH_ASKPASS_REQUIRE", "DISPLAY", "WAYLAND_DISPLAY", "XDG_RUNTIME_DIR"];

/// Whose signatures count: those of the file that is named, or of the person's own. `None`: nobody configured any.
/// Lines of no use are told on stderr.
pub(crate) fn signers(args: &SignerArgs) -> Result<Option<AllowedSigners>, Problem> {
    let own = own_file();
    if own.is_none() && args.allowed_signers.is_none() {
        terminal::complain(
            "note: this computer has no folder for what you configured, so nobody's signatures are asked for; set HOME \
             or XDG_CONFIG_HOME, or give --allowed-signers\n",
        );
    }
    let Some(path) = args.allowed_signers.as_ref().or(own.as_ref()) else { return Ok(None) };
    let text = match read(path) {
        Ok(text) => text,
        Err(error) if args.allowed_signers.is_none() && error.kind() == io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(unreadable(path, &error)),
    };
    let (signers, problems) = AllowedSigners::parse(&text, &clock::zone());
    tell(path, &problems);
    // a file of one's own without any line is none; one that was asked for allows nobody
    let none = args.allowed_signers.is_none() && signers.lines().is_empty() && problems.is_empty();
    Ok((!none).then_some(signers))
}

/// Where the person's own signers are kept; `None` where the system names no such place.
pub(crate) fn own_file() -> Option<PathBuf> {
    Some(folders::config()?.join(OWN_SIGNERS))
}

/// A file of allowed signers, and a byte more where it is too large.
pub(crate) fn read(path: &Path) -> io::Result<Vec<u8>> {
    let file = File::open(path)?;
    if !file.metadata()?.is_file() {
        return Err(io::Error::other("it is no regular file"));
    }
    let mut text = Vec::new();
    file.take(MAX_SIGNERS_LEN as u64 + 1).read_to_end(&mut text)?;
    Ok(text)
}

/// A file of allowed signers that can't be read is an error, never a file without signers.
pub(crate) fn unreadable(path: &Path, error: &io::Error) -> Problem {
    Problem::invalid(format!("the allowed signers can't be read from `{}`: {error}", path.display()))
        .help("give a file as ssh-keygen has it with --allowed-signers, or make your own with `fieldlock trust add`")
}

fn tell(path: &Path, problems: &[LineProblem]) {
    for LineProblem { line, kind } in problems {
        let told = format!("note: line {line} of {} is stepped over: {kind}", path.display());
        terminal::complain(&(fieldlock::report::escape::line(&told) + "\n"));
    }
}

/// Signs an index by `ssh-keygen -Y sign`: the key's file, its passphrase, an agent are its business. What it made is
/// checked before it is used.
pub(crate) fn sign(index: &[u8], key: &Path) -> Result<Vec<u8>, Problem> {
    let mut call = Call::new("ssh-keygen", ["-q", "-Y", "sign", "-n", NAMESPACE, "-f"]);
    call.args.push(key.into());
    call.stdin = Some(index);
    call.passes = &ENVIRONMENT;
    call.most = MAX_SIGNATURE_LEN;
    let output = programs::run(&call).map_err(|failed| failed.problem("ssh-keygen"))?;
    let refused = |why: &str| {
        Problem::invalid(format!("the index was not signed with `{}`: {why}", key.display()))
            .help(format!("sign with the file of an {KEY_TYPE} key, or with its .pub where an agent has the key"))
    };
    if !output.success {
        return Err(refused(&output.complaint()));
    }
    let made = verify_by_itself(index, &output.stdout).map_err(|error| refused(&error.to_string()))?;
    match public_half(key) {
        Some(known) if known != made => Err(refused("ssh-keygen signed with another key")),
        _ => Ok(output.stdout),
    }
}

/// Whose signatures a key makes, where its public half lies beside it.
///
/// # Errors
/// There is no such file: a slip is told though nothing is to be signed today.
pub(crate) fn signer(key: &Path) -> Result<Option<PublicKey>, Problem> {
    match File::open(key) {
        Ok(_) => Ok(public_half(key)),
        Err(error) => {
            Err(Problem::invalid(format!("the key to sign with can't be read from `{}`: {error}", key.display()))
                .help(format!("give the file of an {KEY_TYPE} key, or its .pub where an agent has the key"))
                .state("nothing in the output folder was changed"))
        }
    }
}

/// The public half that lies beside a key's file, where one does.
fn public_half(key: &Path) -> Option<PublicKey> {
    let mut beside = key.as_os_str().to_owned();
    if key.extension().is_none_or(|extension| extension != "pub") {
        beside.push(".pub");
    }
    let mut text = Vec::new();
    File::open(PathBuf::from(beside)).ok()?.take(16 * 1024).read_to_end(&mut text).ok()?;
    PublicKey::parse(&text).ok()
}
