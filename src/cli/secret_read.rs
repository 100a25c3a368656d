//! `secret list`, `secret show`: what looks into the store.

use std::collections::BTreeMap;
use std::path::PathBuf;

use fieldlock::report::documents::{SecretEntry, SecretList};
use fieldlock::report::escape;
use fieldlock::secret::{Came, SecretRef, Stored, Version};
use fieldlock::site::secrets::Wanted;

use super::args::Format;
use super::exit::Exit;
use super::output::Output;
use super::problem::Problem;
use super::secret::{StoreArgs, StoreSite, UNCHANGED, name, owned};
use super::terminal;

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock secret list\n  fieldlock secret list --format json")]
pub(crate) struct ListArgs {
    #[command(flatten)]
    store: StoreArgs,
    /// Format [default: human; in a pipe too, without colours there]
    #[arg(long, value_enum, help_heading = "Report")]
    format: Option<Format>,
    /// Write to this file instead, whole or not at all
    #[arg(long, value_name = "FILE", help_heading = "Report")]
    output: Option<PathBuf>,
}

#[derive(Debug, clap::Args)]
#[command(
    after_help = "Examples:\n  fieldlock secret show np07/ot-admin\n  fieldlock secret show np07/ot-admin --earlier"
)]
pub(crate) struct ShowArgs {
    /// Its name: DEVICE/NAME, or shared/NAME
    name: String,
    /// The values before it too: what a device has that did not take the new one
    #[arg(long)]
    earlier: bool,
    #[command(flatten)]
    store: StoreArgs,
}

/// One line of the list. Values are not in it.
struct Row {
    name: SecretRef,
    stored: Option<Stored>,
    used: Vec<(String, String)>,
}

pub(crate) fn list(args: &ListArgs) -> Result<Exit, Problem> {
    let output = Output::of(args.format, args.output.clone(), false);
    let place = StoreSite::open(&args.store)?;
    let keyring = place.keyring(&args.store)?;
    let mut rows: BTreeMap<SecretRef, Row> = BTreeMap::new();
    let owners: Vec<String> = keyring.store().owners().map(str::to_owned).collect();
    for owner in owners {
        for (name, stored) in owned(&keyring, &owner)?.secrets {
            rows.insert(name.clone(), Row { name, stored: Some(stored), used: Vec::new() });
        }
    }
    for Wanted { name, device, path, .. } in place.wanted() {
        let row = rows.entry(name.clone()).or_insert(Row { name, stored: None, used: Vec::new() });
        row.used.push((device, path));
    }
    let rows: Vec<Row> = rows.into_values().collect();
    let site = &place.site().name;
    let entry = |row: &Row| SecretEntry::of(&row.name, row.stored.as_ref(), &row.used);
    output.either(|| SecretList::of(site, rows.iter().map(entry).collect()), || text_of(site, &rows))?;
    Ok(Exit::Done)
}

fn text_of(site: &str, rows: &[Row]) -> String {
    let count = |is: fn(&Row) -> bool| rows.iter().filter(|r| is(r)).count();
    let (there, missing) = (count(|r| r.stored.is_some()), count(|r| r.stored.is_none()));
    let waiting = count(|r| r.stored.as_ref().is_some_and(|s| !s.earlier().is_empty()));
    let mut text =
        format!("secrets of {site}   {there} in the store   {missing} missing   {waiting} wait for a proof\n\n");
    let width = rows.iter().map(|r| r.name.as_str().len()).max().unwrap_or(0);
    for row in rows {
        let story = row.stored.as_ref().map_or("missing".to_owned(), |stored| story(stored.now()));
        text.push_str(&format!(" {:width$}   {story}\n", row.name.as_str()));
        let mut more = |line: String| text.push_str(&format!(" {:width$}     {line}\n", ""));
        if let Some(stored) = row.stored.as_ref() {
            match stored.earlier() {
                [] => {}
                [one] => more(format!("earlier: 1 value, of {}, until a receipt proves the new one", day(one))),
                many => more(format!("earlier: {} values, until a receipt proves the new one", many.len())),
            }
            if !stored.receipt().is_empty() {
                more(format!("proven by {}", stored.receipt()));
            }
        }
        for (device, path) in row.used.iter().take(3) {
            more(format!("{device}  {path}"));
        }
        if row.used.len() > 3 {
            more(format!("and {} more", row.used.len() - 3));
        }
        if row.used.is_empty() && row.name.owner() != "site" {
            more("no setting of the site refers to it".to_owned());
        }
    }
    if missing > 0 {
        text.push_str("\nnext: fieldlock secret generate --missing      or one by one: fieldlock secret set NAME\n");
    }
    escape::block(&text)
}

fn story(version: &Version) -> String {
    let how = match &version.came {
        Came::Set => "set".to_owned(),
        Came::Generated { length, characters } => {
            format!("generated, {length} characters out of {}", characters.chars().count())
        }
    };
    format!("{how}, since {}", day(version))
}

fn day(version: &Version) -> String {
    version.since.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

pub(crate) fn show(args: &ShowArgs) -> Result<Exit, Problem> {
    // before anything is opened: a value in a pipe, a file or a log stays there
    if !terminal::can_show() {
        return Err(Problem::refused("a secret is shown on a terminal only, and this is none")
            .help("run it by hand, with nothing redirected; programs get secrets by `build --secrets`")
            .state("nothing was opened and nothing was shown"));
    }
    let place = StoreSite::open(&args.store)?;
    let name = name(&args.name)?;
    let keyring = place.keyring(&args.store)?;
    let of_owner = owned(&keyring, name.owner())?;
    let Some(stored) = of_owner.secrets.get(&name) else {
        return Err(Problem::invalid(format!("the store has no `{name}`"))
            .help("`fieldlock secret list` prints the names")
            .state(UNCHANGED));
    };
    let earlier = if args.earlier { stored.earlier() } else { &[] };
    let mut text = zeroize::Zeroizing::new(String::with_capacity(1 << 16));
    for version in std::iter::once(stored.now()).chain(earlier) {
        let value = version.value.expose_text().map(|value| zeroize::Zeroizing::new(escape::line(value)));
        text.push_str(value.as_ref().map_or("(not text)", |value| value.as_str()));
        text.push('\n');
        if args.earlier {
            text.push_str(&format!("  {}\n", story(version)));
        }
    }
    terminal::print(&text)?;
    Ok(Exit::Done)
}
