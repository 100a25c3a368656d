//! `trust add`: one more line, after the fingerprint was compared.

use std::io::{self, Read};
use std::path::Path;

use fieldlock::ledger::signature::{AllowedSigners, KEY_TYPE, KeyError, MAX_SIGNERS_LEN, PublicKey};
use fieldlock::report::escape;
use fieldlock::source::without_mark;
use jiff::Timestamp;

use super::super::exit::Exit;
use super::super::problem::Problem;
use super::super::signing::Purpose;
use super::super::{clock, file, terminal};
use super::{Own, UNCHANGED};

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock trust add ci@example build-server.pub --site weir --valid-before 2027-01-01\n  \
    fieldlock trust add ot-lead \"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAI...\"\n  \
    fieldlock trust add ot-security approver.pub --for plans\n\
    Compare the fingerprint that is printed with what the key's owner tells you, by another way than the one the \
    key came by."
)]
pub(crate) struct AddArgs {
    /// Who it is: letters, digits and `. _ @ + -`
    name: String,
    /// File of the public key (KEY.pub), or its text
    key: String,
    /// Allow it for this site only; without, for every site: whatever nobody signed is refused from then on
    #[arg(long, value_name = "NAME")]
    site: Option<String>,
    /// What they may sign
    #[arg(long = "for", value_name = "WHAT", value_enum, default_value = "builds", hide_default_value = true)]
    purpose: Purpose,
    /// Allow it until this day begins or this time comes, in UTC: 2027-01-01 or 2027-01-01T06:00:00Z
    #[arg(long, value_name = "TIME")]
    valid_before: Option<String>,
    /// Allow it from this day or time on
    #[arg(long, value_name = "TIME")]
    valid_after: Option<String>,
}

/// The longest name.
const MAX_NAME: usize = 100;
/// The largest file of a public key.
const MAX_KEY: u64 = 16 * 1024;
/// How files of private keys begin.
const PRIVATE: &[u8] = b"-----BEGIN";

pub(super) fn run(args: &AddArgs) -> Result<Exit, Problem> {
    check_name(&args.name)?;
    let key = key(&args.key)?;
    let now = clock::now();
    let before = args.valid_before.as_deref().map(|text| time("--valid-before", text)).transpose()?;
    let after = args.valid_after.as_deref().map(|text| time("--valid-after", text)).transpose()?;
    if before.is_some_and(|before| before <= after.map_or(now, |after| after.max(now))) {
        return Err(Problem::invalid("--valid-before is over before it begins")
            .help("give a later time")
            .state(UNCHANGED));
    }
    let site = args.site.as_deref();
    let (own, namespace) = (Own::lock(site, args.purpose)?, args.purpose.namespace());
    let signers = own.signers();
    if let Some(line) = signers.lines().iter().find(|line| line.key() == Some(key) && line.is_for(namespace)) {
        return Err(Problem::invalid(format!(
            "{key} has a line already, as `{}` (line {})",
            line.names(),
            line.number()
        ))
        .help("to change its name or period, take it out first with `fieldlock trust remove`")
        .state(UNCHANGED));
    }
    let mut text = own.text.clone();
    if text.last().is_some_and(|last| *last != b'\n') {
        text.push(b'\n');
    }
    text.extend_from_slice(line(&args.name, key, (after, before), namespace, now).as_bytes());
    // what was written is what will be read, or it is not written
    let (read, _) = AllowedSigners::parse(&text);
    let signer = read.signer(&key, namespace, after.map_or(now, |after| after.max(now)));
    if text.len() > MAX_SIGNERS_LEN || !signer.is_ok_and(|signer| signer.name == args.name) {
        return Err(
            Problem::invalid(format!("`{}` has no room for one more line", own.path.display())).state(UNCHANGED)
        );
    }
    own.write(&text)?;
    let until = before.map_or(String::new(), |before| format!(" until {before}"));
    let from = after.map_or(String::new(), |after| format!(" from {after}"));
    let others = signers.lines().iter().filter(|line| line.names() == args.name && line.key().is_some()).count();
    let whose = site.map_or("every site".to_owned(), |site| format!("the site {site}"));
    let what = if args.purpose == Purpose::Builds { String::new() } else { format!(" {}", args.purpose.word()) };
    let mut told = format!("{} may sign{what} for {whose}{from}{until}: {KEY_TYPE} {key}\n", escape::line(&args.name));
    if site.is_none() && args.purpose == Purpose::Builds {
        told.push_str(
            "images of a site that nobody signs are refused here from now on; --site NAME asks it of one site\n",
        );
    }
    if others > 0 {
        told.push_str(&format!("{} older keys of the same name may sign too\n", others));
    }
    told.push_str(
        "compare the fingerprint with what its owner tells you, by another way than the one the key came by\n",
    );
    terminal::print(&told)?;
    Ok(Exit::Done)
}

/// A line as ssh-keygen reads it, for one namespace alone.
fn line(
    name: &str,
    key: PublicKey,
    (after, before): (Option<Timestamp>, Option<Timestamp>),
    namespace: &str,
    now: Timestamp,
) -> String {
    let mut options = format!("namespaces=\"{namespace}\"");
    for (option, time) in [("valid-after", after), ("valid-before", before)] {
        if let Some(time) = time {
            options.push_str(&format!(",{option}=\"{}\"", time.strftime("%Y%m%d%H%M%SZ")));
        }
    }
    format!("{name} {options} {} added {}\n", key.to_line(), now.strftime("%Y-%m-%d"))
}

/// A name that is one name to ssh-keygen, and no pattern.
fn check_name(name: &str) -> Result<(), Problem> {
    let known = |b: u8| b.is_ascii_alphanumeric() || b"._@+-".contains(&b);
    if !name.is_empty() && name.len() <= MAX_NAME && name.bytes().all(known) {
        return Ok(());
    }
    Err(Problem::invalid(format!("`{name}` can't be the name of a signer"))
        .help("use letters, digits and `. _ @ + -`, at most 100: `ci@example`")
        .state(UNCHANGED))
}

/// The key, from its text or its file.
fn key(given: &str) -> Result<PublicKey, Problem> {
    let as_text =
        given.contains(' ') && (given.starts_with("ssh-") || given.starts_with("ecdsa-") || given.starts_with("sk-"));
    let text = if as_text { given.as_bytes().to_vec() } else { read(Path::new(given))? };
    let what = if as_text { "the text".to_owned() } else { format!("`{given}`") };
    if text.starts_with(PRIVATE) {
        return Err(Problem::invalid(format!("{what} is no public key; it looks like a private one"))
            .help("give the public half, the file that ends in .pub, and keep the other to its owner")
            .state(UNCHANGED));
    }
    let lines = || text.split(|b| *b == b'\n').map(|line| line.trim_ascii()).filter(|line| !line.is_empty());
    if lines().count() > 1 {
        return Err(Problem::invalid(format!("{what} has more than one line"))
            .help("give one key at a time, as the line of a .pub file")
            .state(UNCHANGED));
    }
    let parsed = PublicKey::parse(lines().next().unwrap_or_default());
    parsed.map_err(|kind| {
        let why = match kind {
            KeyError::Type { name } => format!("a key of type {name} signs no index"),
            KeyError::Broken => "the key is damaged".to_owned(),
            KeyError::None => "there is no public key in it".to_owned(),
        };
        Problem::invalid(format!("{what} can't be used: {why}"))
            .help("give the .pub file of a key that `ssh-keygen -t ed25519` made, or its text in quotes")
            .state(UNCHANGED)
    })
}

fn read(path: &Path) -> Result<Vec<u8>, Problem> {
    let mut text = Vec::new();
    let read = file::open(path).and_then(|mut file| {
        file.by_ref().take(PRIVATE.len() as u64).read_to_end(&mut text)?;
        // no more than its first line's beginning of somebody's private key
        if text != PRIVATE {
            file.take(MAX_KEY).read_to_end(&mut text)?;
        }
        without_mark(&text).map(<[u8]>::to_vec).map_err(io::Error::other)
    });
    match read {
        Ok(text) => Ok(text),
        Err(error) => Err(Problem::invalid(format!("the key can't be read from `{}`: {error}", path.display()))
            .help("give the file of a public key, or its text in quotes: \"ssh-ed25519 AAAA...\"")
            .state(UNCHANGED)),
    }
}

/// A day, which begins at midnight, or a time; both in UTC, so that it is the same everywhere.
fn time(flag: &str, text: &str) -> Result<Timestamp, Problem> {
    let day = || text.parse::<jiff::civil::Date>().ok()?.to_zoned(jiff::tz::TimeZone::UTC).ok();
    let time = if text.contains('T') { text.parse().ok() } else { day().map(|day| day.timestamp()) };
    time.filter(|time: &Timestamp| time.as_second() > 0).ok_or_else(|| {
        Problem::invalid(format!("{flag} is no time: `{text}`"))
            .help("write a day as 2027-01-01, or a time as 2027-01-01T06:00:00Z")
            .state(UNCHANGED)
    })
}
