//! `schema`: the JSON Schemas of everything that is read and written, generated from the types.

use std::path::PathBuf;

use fieldlock::{model, report};

use super::exit::Exit;
use super::output::write_whole;
use super::problem::Problem;
use super::terminal;

const NAMES: [(&str, &str); 6] = [
    ("device", "devices/*.kdl and profiles/*.kdl"),
    ("site", "site.kdl"),
    ("waiver", "waivers/*.kdl"),
    ("capture", "captures/*.kdl"),
    ("report", "what --format json prints"),
    ("error", "what --format json prints where a verb could not do its work"),
];

#[derive(Debug, clap::Args)]
#[command(after_help = "Examples:\n  fieldlock schema\n  fieldlock schema report\n  fieldlock schema --write schema")]
pub(crate) struct SchemaArgs {
    /// device, site, waiver, capture, report or error; without one their names are listed
    name: Option<String>,
    /// Write all of them into this folder, as NAME.json
    #[arg(long, value_name = "DIR", conflicts_with = "name")]
    write: Option<PathBuf>,
}

pub(crate) fn run(args: SchemaArgs) -> Result<Exit, Problem> {
    if let Some(folder) = args.write {
        for (name, _) in NAMES {
            write_whole(&folder.join(format!("{name}.json")), text(name).as_bytes())?;
        }
        return Ok(Exit::Done);
    }
    let Some(name) = args.name else {
        let list: String = NAMES.iter().map(|(name, what)| format!("{name:<8} {what}\n")).collect();
        terminal::print(&list)?;
        return Ok(Exit::Done);
    };
    if !NAMES.iter().any(|(n, _)| *n == name) {
        let names: Vec<&str> = NAMES.iter().map(|(n, _)| *n).collect();
        return Err(Problem::invalid(format!("there is no schema called `{name}`"))
            .help(format!("there are {}", names.join(", "))));
    }
    terminal::print(&text(&name))?;
    Ok(Exit::Done)
}

/// One schema as text.
fn text(name: &str) -> String {
    let schema = match name {
        "device" => schemars::schema_for!(model::Device).to_value(),
        "site" => schemars::schema_for!(model::site::Site).to_value(),
        "waiver" => schemars::schema_for!(model::waiver::Waiver).to_value(),
        "capture" => schemars::schema_for!(model::capture::Capture).to_value(),
        "error" => report::json::error_schema(),
        _ => report::json::schema(),
    };
    format!("{schema:#}\n")
}
