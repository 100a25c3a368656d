//! What `benches/peers/run` does beside timing: a fleet, its devices as JSON, and rules in Rego over them.

use std::path::Path;
use std::{env, fs};

use regorus::{Engine, Value};
use serde_json::{Map, Value as Json};

#[allow(dead_code, reason = "of the fleets that benches make one is asked for")]
#[path = "../generate.rs"]
mod generate;

fn main() {
    let args: Vec<String> = env::args().skip(1).collect();
    match &args.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        ["fleet", folder, count] => {
            fs::create_dir_all(folder).expect("room on the disk");
            generate::fleet(Path::new(folder), count.parse().expect("a number"), generate::Purpose::Check);
        }
        ["nest", shown, folder] => nest(Path::new(shown), Path::new(folder)),
        ["judge", rules, folder] => judge(rules, Path::new(folder)),
        _ => eprintln!("fleet FOLDER COUNT | nest SHOWN FOLDER | judge RULES FOLDER"),
    }
}

/// What `show --format json` says of each device, as people keep such data: nested by name, a file each.
fn nest(shown: &Path, folder: &Path) {
    fs::create_dir_all(folder).expect("room on the disk");
    let shown: Json = serde_json::from_slice(&fs::read(shown).expect("what is shown")).expect("JSON");
    for device in shown["devices"].as_array().expect("devices") {
        let mut root = Json::Object(Map::new());
        for setting in device["settings"].as_array().expect("settings") {
            let (path, text) = (setting["path"].as_str().expect("a path"), setting["value"].as_str().expect("a value"));
            let mut at = &mut root;
            for name in parts(path) {
                if !at.is_object() {
                    *at = Json::Object(Map::new());
                }
                at = at.as_object_mut().expect("an object").entry(name).or_insert(Json::Null);
            }
            *at = value(path, text);
        }
        let text = serde_json::to_string_pretty(&root).expect("JSON");
        let name = device["device"].as_str().expect("a name");
        fs::write(folder.join(name).with_extension("json"), text).expect("room on the disk");
    }
}

/// The names of a path: `host[10.0.0.1].purpose` has three.
fn parts(path: &str) -> Vec<String> {
    let (mut names, mut name, mut within) = (Vec::new(), String::new(), false);
    for character in path.chars() {
        match character {
            '[' => (within, _) = (true, names.push(std::mem::take(&mut name))),
            ']' => within = false,
            '.' if !within => names.push(std::mem::take(&mut name)),
            _ => name.push(character),
        }
    }
    names.push(name);
    names
}

/// Switches, numbers, texts; lists where the setting is one.
fn value(path: &str, text: &str) -> Json {
    let quoted: Vec<Json> = text.split('"').skip(1).step_by(2).map(Json::from).collect();
    let is_list = ["ntp", "send", "must-contain", "keep"].iter().any(|list| path.ends_with(&format!(".{list}")));
    match (text, quoted.len()) {
        ("on" | "off", _) => Json::from(text == "on"),
        (_, 0) => text.parse::<i64>().map_or_else(|_| Json::from(text), Json::from),
        (_, 1) if !is_list => quoted[0].clone(),
        _ => Json::Array(quoted),
    }
}

fn judge(rules: &str, folder: &Path) {
    let mut engine = Engine::new();
    engine.add_policy_from_file(rules).expect("rules");
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let mut files: Vec<_> = entries.collect();
    files.sort();
    for file in files {
        let text = fs::read_to_string(file).expect("text");
        engine.set_input(Value::from_json_str(&text).expect("JSON"));
        let denied = engine.eval_rule("data.fieldlock.deny".into()).expect("a verdict");
        denied.as_set().expect("a set").iter().for_each(|message| println!("{message}"));
    }
}
