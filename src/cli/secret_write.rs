//! `secret set`, `secret generate`, `secret rotate`: what changes values. No value is an argument, or is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use fieldlock::image::{FingerprintKey, Passphrase};
use fieldlock::native::Alphabet;
use fieldlock::pipeline::store::Owned;
use fieldlock::report::escape;
use fieldlock::secret::state::RotateError;
use fieldlock::secret::{Came, SecretRef, SecretValue, Stored, Version};
use fieldlock::site::secrets::{FINGERPRINT_KEY, MAX_SECRET, Wanted};
use fieldlock::source::Utf16;

use super::exit::Exit;
use super::keyring::Keyring;
use super::problem::Problem;
use super::secret::{StoreArgs, StoreSite, UNCHANGED, name, of_site, owned, rules, write};
use super::{clock, entropy, file, passphrase, terminal};

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock secret set np07/ot-admin\n  \
    fieldlock secret set shared/backup --from-file backup.txt")]
pub(crate) struct SetArgs {
    /// Its name: DEVICE/NAME, or shared/NAME
    name: String,
    /// File that holds the value, `-` for stdin; one line break at its end is not part of it [default: typed twice]
    #[arg(long, value_name = "FILE")]
    from_file: Option<PathBuf>,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock secret generate --missing\n  \
    fieldlock secret generate np07/ot-admin np08/ot-admin --length 20")]
#[command(group(clap::ArgGroup::new("which").args(["names", "missing"]).required(true)))]
pub(crate) struct GenerateArgs {
    /// Names: DEVICE/NAME, or shared/NAME
    #[arg(value_name = "NAME")]
    names: Vec<String>,
    /// All that devices refer to and the store has not
    #[arg(long)]
    missing: bool,
    /// How many characters [default: 16, as far as the device takes them]
    #[arg(long, value_name = "N")]
    length: Option<usize>,
    #[command(flatten)]
    store: StoreArgs,
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock secret rotate np07/ot-admin")]
pub(crate) struct RotateArgs {
    /// Names: DEVICE/NAME, or shared/NAME
    #[arg(value_name = "NAME", required = true)]
    names: Vec<String>,
    /// How many characters [default: 16, as far as the device takes them]
    #[arg(long, value_name = "N")]
    length: Option<usize>,
    #[command(flatten)]
    store: StoreArgs,
}

pub(crate) fn set(args: &SetArgs) -> Result<Exit, Problem> {
    if args.from_file.as_deref() == Some(Path::new("-")) && args.store.passphrase.reads_stdin() {
        return Err(Problem::invalid("value and passphrase can't both come from stdin")
            .help("give one of them as a file")
            .state(UNCHANGED));
    }
    let place = StoreSite::open(&args.store)?;
    let name = name(&args.name)?;
    of_site(&place, &name)?;
    let wanted = place.wanted();
    let locked = place.lock()?;
    let keyring = place.keyring(&args.store)?;
    let mut of_owner = owned(&keyring, name.owner())?;
    let value = match &args.from_file {
        Some(file) => from_file(file)?,
        None => passphrase::typed_value(&format!("value of {}: ", escape::line(name.as_str())))?,
    };
    fits(&place, &wanted, &name, &value)?;
    let fresh = change(&mut of_owner, &name, Version::new(value, Came::Set, clock::now()))?;
    write(&place, &keyring, &locked, BTreeMap::from([(name.owner().to_owned(), of_owner)]))?;
    tell(&wanted, &[(name, fresh)]);
    Ok(Exit::Done)
}

pub(crate) fn generate(args: &GenerateArgs) -> Result<Exit, Problem> {
    let place = StoreSite::open(&args.store)?;
    let wanted = place.wanted();
    let named = named(&place, &args.names)?;
    if args.missing && !place.site().unsound.is_empty() {
        let names: Vec<&str> = place.site().unsound.iter().map(|n| &**n).take(8).collect();
        let told = format!("passed over, since their files can't be read: {}\n", names.join(", "));
        terminal::complain(&escape::block(&told));
    }
    let locked = place.lock()?;
    let keyring = place.keyring(&args.store)?;
    let mut owners = Owners::of(&keyring);
    let mut names = named;
    let mut passed = Vec::new();
    if args.missing {
        let unique: BTreeSet<&SecretRef> =
            wanted.iter().map(|w| &w.name).filter(|n| of_site(&place, n).is_ok()).collect();
        for name in unique {
            let stored = owners.get(name.owner())?.secrets.contains_key(name);
            match rules(&place, &wanted, name).is_file {
                _ if stored => {}
                true => passed.push(format!("passed over `{name}`: {}\n", by_file(name))),
                false => names.push(name.clone()),
            }
        }
    }
    terminal::complain(&escape::block(&passed.concat()));
    if names.is_empty() && !passed.is_empty() {
        return Ok(Exit::Done);
    }
    if names.is_empty() {
        terminal::complain("nothing is missing: the store has every secret that a device refers to\n");
        return Ok(Exit::Done);
    }
    for name in &names {
        if owners.get(name.owner())?.secrets.contains_key(name) {
            return Err(Problem::invalid(format!("the store has `{name}` already"))
                .help(format!("`fieldlock secret rotate {name}` draws a new value and keeps the old one"))
                .state(UNCHANGED));
        }
    }
    draw_all(&place, &wanted, &mut owners, &names, args.length)?;
    write(&place, &keyring, &locked, owners.changed(&names))?;
    tell(&wanted, &names.into_iter().map(|name| (name, true)).collect::<Vec<_>>());
    Ok(Exit::Done)
}

pub(crate) fn rotate(args: &RotateArgs) -> Result<Exit, Problem> {
    let place = StoreSite::open(&args.store)?;
    let wanted = place.wanted();
    let names = named(&place, &args.names)?;
    let locked = place.lock()?;
    let keyring = place.keyring(&args.store)?;
    let mut owners = Owners::of(&keyring);
    for name in &names {
        if !owners.get(name.owner())?.secrets.contains_key(name) {
            return Err(Problem::invalid(format!("the store has no `{name}`"))
                .help(format!("`fieldlock secret generate {name}` draws a first value"))
                .state(UNCHANGED));
        }
    }
    draw_all(&place, &wanted, &mut owners, &names, args.length)?;
    write(&place, &keyring, &locked, owners.changed(&names))?;
    tell(&wanted, &names.into_iter().map(|name| (name, false)).collect::<Vec<_>>());
    Ok(Exit::Done)
}

/// A group, and its passphrase.
pub(crate) type OfGroup = (String, SecretValue);

/// The key that marks secrets in public texts; the first that asks for it begins the store. `None` where nobody gives a
/// passphrase. Beside it what was read to open it: a descriptor gives it once.
pub(crate) fn fingerprint_key(args: &StoreArgs) -> Result<(Option<FingerprintKey>, Vec<OfGroup>), Problem> {
    if !args.passphrase.is_given() {
        return Ok((None, Vec::new()));
    }
    let wanted = name(FINGERPRINT_KEY)?;
    let place = StoreSite::open(args)?;
    let locked = place.lock()?;
    let mut keyring = place.keyring(args)?;
    if keyring.store().group(wanted.owner()).is_none() {
        write(&place, &keyring, &locked, BTreeMap::new())?;
        let begun = place.keyring(args)?;
        for (group, value) in keyring.passphrases() {
            let passphrase = Passphrase::new(value).map_err(|error| Problem::invalid(error.to_string()))?;
            begun.adopt(&group, passphrase)?;
        }
        keyring = begun;
    }
    Ok((fingerprint(&keyring)?, keyring.passphrases()))
}

/// The key that marks secrets in public texts, of a store that is open; `None` where it has none yet.
pub(crate) fn fingerprint(keyring: &Keyring<'_>) -> Result<Option<FingerprintKey>, Problem> {
    let wanted = name(FINGERPRINT_KEY)?;
    if keyring.store().group(wanted.owner()).is_none() {
        return Ok(None);
    }
    let of_site = owned(keyring, wanted.owner())?;
    Ok(of_site.secrets.get(&wanted).and_then(|stored| FingerprintKey::new(&stored.now().value)))
}

/// Seals values that were read from devices; one that the store has already stays as it is.
pub(crate) fn keep(
    args: &StoreArgs,
    known: Vec<OfGroup>,
    values: Vec<(SecretRef, SecretValue)>,
) -> Result<(), Problem> {
    let place = StoreSite::open(args)?;
    let locked = place.lock()?;
    let keyring = place.keyring(args)?;
    for (group, value) in known {
        let passphrase = Passphrase::new(value).map_err(|error| Problem::invalid(error.to_string()))?;
        keyring.adopt(&group, passphrase)?;
    }
    let mut owners = Owners::of(&keyring);
    let mut names = Vec::new();
    for (name, value) in values {
        let owned = owners.get(name.owner())?;
        if !owned.secrets.contains_key(&name) {
            change(owned, &name, Version::new(value, Came::Set, clock::now()))?;
            names.push(name);
        }
    }
    if names.is_empty() {
        return Ok(());
    }
    write(&place, &keyring, &locked, owners.changed(&names)).map(drop)
}

/// Owners' secrets, opened when they are first asked for.
struct Owners<'a> {
    keyring: &'a Keyring<'a>,
    opened: BTreeMap<String, Owned>,
}

impl<'a> Owners<'a> {
    fn of(keyring: &'a Keyring<'a>) -> Owners<'a> {
        Owners { keyring, opened: BTreeMap::new() }
    }

    fn get(&mut self, owner: &str) -> Result<&mut Owned, Problem> {
        if !self.opened.contains_key(owner) {
            self.opened.insert(owner.to_owned(), owned(self.keyring, owner)?);
        }
        self.opened.get_mut(owner).ok_or_else(|| Problem::invalid("a file of the store is gone").state(UNCHANGED))
    }

    /// Those of the names; what was only looked at keeps its file, byte for byte.
    fn changed(mut self, names: &[SecretRef]) -> BTreeMap<String, Owned> {
        self.opened.retain(|owner, _| names.iter().any(|name| name.owner() == owner));
        self.opened
    }
}

/// Names as typed, each once and of this site.
fn named(place: &StoreSite, typed: &[String]) -> Result<Vec<SecretRef>, Problem> {
    let mut names = Vec::new();
    for typed in typed {
        let name = name(typed)?;
        of_site(place, &name)?;
        if !names.contains(&name) {
            names.push(name);
        }
    }
    Ok(names)
}

fn draw_all(
    place: &StoreSite,
    wanted: &[Wanted],
    owners: &mut Owners<'_>,
    names: &[SecretRef],
    length: Option<usize>,
) -> Result<(), Problem> {
    for name in names {
        let version = draw(place, wanted, name, length)?;
        change(owners.get(name.owner())?, name, version)?;
    }
    Ok(())
}

/// How a private key gets into the store.
fn by_file(name: &SecretRef) -> String {
    format!("a private key is made with its certificate; `fieldlock secret set {name} --from-file KEY.pem` takes it")
}

/// A value that all places of a secret take.
fn draw(place: &StoreSite, wanted: &[Wanted], name: &SecretRef, asked: Option<usize>) -> Result<Version, Problem> {
    let rules = rules(place, wanted, name);
    if rules.is_file {
        return Err(Problem::invalid(format!("`{name}` can't be drawn")).help(by_file(name)).state(UNCHANGED));
    }
    let Some(length) = rules.length(asked) else {
        let most = if rules.most == usize::MAX { "any number of".to_owned() } else { rules.most.to_string() };
        return Err(Problem::invalid(format!("`{name}` can't be drawn at that length"))
            .help(format!("its places take {} to {most} characters", rules.least))
            .state(UNCHANGED));
    };
    if length > MAX_SECRET {
        return Err(Problem::invalid(format!("a secret has at most {MAX_SECRET} bytes")).state(UNCHANGED));
    }
    if rules.is_untold(length) && !wanted.iter().all(|w| w.name != *name) {
        terminal::complain(&escape::block(&format!(
            "note: no source says that the device of `{name}` takes {length} characters: try it there before you rely on it\n"
        )));
    }
    let recipe = rules.recipe(length);
    let value = recipe.draw(&mut entropy::System, &|value| rules.hold(value));
    let value = value.map_err(|error| {
        Problem::invalid(format!("`{name}` can't be drawn: {error}")).help(error.help()).state(UNCHANGED)
    })?;
    let length = u32::try_from(length).unwrap_or(u32::MAX);
    let came = Came::Generated { length, characters: recipe.characters().to_owned() };
    Ok(Version::new(value, came, clock::now()))
}

/// Puts a value in force. Says whether it is the secret's first.
fn change(owned: &mut Owned, name: &SecretRef, version: Version) -> Result<bool, Problem> {
    match owned.secrets.get_mut(name) {
        None => {
            owned.secrets.insert(name.clone(), Stored::new(version));
            Ok(true)
        }
        Some(stored) => {
            let refused =
                |error: RotateError| Problem::invalid(format!("`{name}`: {error}")).help(error.help()).state(UNCHANGED);
            stored.rotate(version).map_err(refused).map(|()| false)
        }
    }
}

/// Refuses a value that a place can't hold. It is not shown.
fn fits(place: &StoreSite, wanted: &[Wanted], name: &SecretRef, value: &SecretValue) -> Result<(), Problem> {
    let refuse =
        |message: &str, help: String| Err(Problem::invalid(format!("`{name}`: {message}")).help(help).state(UNCHANGED));
    if value.is_empty() {
        return refuse("the value is empty", "give one, or let `fieldlock secret generate` draw it".to_owned());
    }
    let rules = rules(place, wanted, name);
    if !rules.is_file && !value.expose_text().is_some_and(|text| Alphabet::Line.holds(text)) {
        return refuse(
            "the value has a character that native text can't hold",
            "a value is one line of printable characters".to_owned(),
        );
    }
    if rules.hold(value) {
        return Ok(());
    }
    let length = value.expose_text().map_or(0, |text| text.chars().count());
    if !(rules.least..=rules.most).contains(&length) {
        let most = if rules.most == usize::MAX { String::new() } else { format!(" and at most {}", rules.most) };
        let help = format!("its places take at least {}{most} characters", rules.least);
        return refuse("the value has not the length that the device takes", help);
    }
    let help = "letters, digits and `@%*-_:,.` stand everywhere; or let `fieldlock secret rotate` draw one";
    refuse("the value has a character that the device's text can't hold", help.to_owned())
}

/// The value in a file or on stdin, without one line break at its end. The buffer does not grow.
fn from_file(path: &Path) -> Result<SecretValue, Problem> {
    let shown = if path == Path::new("-") { "stdin".to_owned() } else { path.display().to_string() };
    let failed = |error: io::Error| {
        Problem::invalid(format!("the value can't be read from `{shown}`: {error}")).state(UNCHANGED)
    };
    // a mark, the value, a line break, and what shows that there is more
    let most = MAX_SECRET as u64 + 6;
    let mut bytes = Vec::with_capacity(MAX_SECRET + 7);
    let read = match path == Path::new("-") {
        true => io::stdin().lock().take(most).read_to_end(&mut bytes),
        false => file::open(path).and_then(|file| file.take(most).read_to_end(&mut bytes)),
    };
    let value = SecretValue::new(bytes);
    read.map_err(failed)?;
    let value = SecretValue::of_file(&value).map_err(|utf16| {
        let message = format!("the value can't be read from `{shown}`: {utf16}");
        Problem::invalid(message).help(Utf16::HELP).state(UNCHANGED)
    })?;
    if value.len() > MAX_SECRET {
        return Err(Problem::invalid(format!("a secret has at most {MAX_SECRET} bytes")).state(UNCHANGED));
    }
    Ok(value)
}

/// What was done, by name, on stderr: there is no result.
fn tell(wanted: &[Wanted], done: &[(SecretRef, bool)]) {
    let mut text = String::new();
    for (name, fresh) in done {
        let what = if *fresh {
            "sealed"
        } else {
            "changed; the value before is kept until a device is proven to have the new one"
        };
        text.push_str(&format!("{name}  {what}\n"));
        if !wanted.iter().any(|w| w.name == *name) {
            text.push_str(&format!("{name}  no setting of the site refers to it yet\n"));
        }
    }
    text.push_str("commit the folder `secrets` with the site\n");
    terminal::complain(&text);
}
