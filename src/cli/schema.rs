//! `schema`: the JSON Schemas of everything that is read and written, generated from the types.

use std::path::PathBuf;

use fieldlock::model;
use fieldlock::report::documents::{self, Kind};
use schemars::JsonSchema;

use super::exit::Exit;
use super::output::write_whole;
use super::problem::Problem;
use super::terminal;

/// What people write.
const WRITTEN: [Kind; 7] = [
    Kind { name: "device", by: "devices/*.kdl and profiles/*.kdl", schema: of::<model::Device> },
    Kind { name: "site", by: "site.kdl", schema: of::<model::site::Site> },
    Kind { name: "waiver", by: "waivers/*.kdl", schema: of::<model::waiver::Waiver> },
    Kind { name: "attestation", by: "attestations/*.kdl", schema: of::<model::attestation::Attestation> },
    Kind { name: "capture", by: "captures/*.kdl", schema: of::<model::capture::Capture> },
    Kind { name: "adoption", by: "adoption.kdl", schema: of::<model::adoption::Adoption> },
    Kind { name: "lock", by: "fieldlock.lock, which `policy pin` writes", schema: of::<model::lock::Lock> },
];

fn all() -> impl Iterator<Item = &'static Kind> {
    WRITTEN.iter().chain(&documents::ALL)
}

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock schema\n  fieldlock schema report\n  fieldlock schema --write schema")]
pub(crate) struct SchemaArgs {
    /// Its name; without one, all names are listed
    name: Option<String>,
    /// Write all of them into this folder, as NAME.json
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    write: Option<PathBuf>,
}

pub(crate) fn run(args: SchemaArgs) -> Result<Exit, Problem> {
    if let Some(folder) = args.write {
        for kind in all() {
            write_whole(&folder.join(format!("{}.json", kind.name)), text(kind).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    let Some(name) = args.name else {
        let list: String = all().map(|kind| format!("{:<9} {}\n", kind.name, kind.by)).collect();
        terminal::print(&list)?;
        return Ok(Exit::Done);
    };
    let Some(kind) = all().find(|kind| kind.name == name) else {
        let names: Vec<&str> = all().map(|kind| kind.name).collect();
        return Err(Problem::invalid(format!("there is no schema called `{name}`"))
            .help(format!("there are {}", names.join(", "))));
    };
    terminal::print(&text(kind))?;
    Ok(Exit::Done)
}

/// One schema as text.
fn text(kind: &Kind) -> String {
    format!("{:#}\n", (kind.schema)())
}

fn of<T: JsonSchema>() -> serde_json::Value {
    schemars::schema_for!(T).to_value()
}
