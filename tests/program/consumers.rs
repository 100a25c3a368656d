//! Reports as those read them whom they are for: official schemas, libraries of others, and one list of findings.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::process::Command;
use std::sync::LazyLock;

use serde_json::Value;

use super::cli::{code, fieldlock, text};
use crate::common::{self, needs, project};

/// What one run wrote in every format.
struct Reports {
    /// Where it ran.
    at: PathBuf,
    args: Vec<String>,
    exit: i32,
    folder: tempfile::TempDir,
}

impl Reports {
    fn of(at: PathBuf, args: &[&str]) -> Reports {
        let folder = tempfile::tempdir().unwrap();
        let mut typed: Vec<String> = args.iter().map(|arg| (*arg).to_owned()).collect();
        let components = args[0] != "verify";
        for format in common::FORMATS.into_iter().filter(|format| components || *format != "oscal-component") {
            typed.extend(["--format".into(), format!("{format}={}", folder.path().join(format).display())]);
        }
        let typed: Vec<&str> = typed.iter().map(String::as_str).collect();
        let output = fieldlock(&at, &typed);
        assert!(code(&output) != 2, "{args:?}: {}", text(&output));
        Reports { at, args: args.iter().map(|arg| (*arg).to_owned()).collect(), exit: code(&output), folder }
    }

    /// Whether a folder's proofs have such a report too.
    fn has(&self, format: &str) -> bool {
        self.path(format).is_file()
    }

    fn path(&self, format: &str) -> PathBuf {
        self.folder.path().join(format)
    }

    fn text(&self, format: &str) -> String {
        std::fs::read_to_string(self.path(format)).unwrap()
    }

    fn json(&self, format: &str) -> Value {
        serde_json::from_str(&self.text(format)).unwrap()
    }
}

/// Where an example is built.
static BUILT: LazyLock<tempfile::TempDir> = LazyLock::new(|| tempfile::tempdir().unwrap());

/// `check` and `diff` of every example, and `build` and `verify` of one, each in all formats at once.
static RUNS: LazyLock<Vec<Reports>> = LazyLock::new(|| {
    let mut runs = Vec::new();
    for example in std::fs::read_dir(project("examples")).unwrap() {
        let site = format!("examples/{}", example.unwrap().file_name().to_str().unwrap());
        for verb in [&["check"][..], &["check", "--all"], &["diff"]] {
            runs.push(Reports::of(project(""), &[verb, &[&site]].concat()));
        }
    }
    let out = BUILT.path().join("out").to_str().unwrap().to_owned();
    runs.push(Reports::of(project(""), &["build", "examples/01-pump-station", "--out", &out]));
    for more in [&[][..], &["--all"]] {
        runs.push(Reports::of(BUILT.path().to_owned(), &[&["verify", "out", "--demo"], more].concat()));
    }
    runs
});

fn schema(name: &str) -> Option<jsonschema::Validator> {
    let folder = std::env::var_os("FIELDLOCK_SCHEMAS").map(PathBuf::from);
    if !needs::may("FIELDLOCK_SCHEMAS is not set", folder.is_some()) {
        return None;
    }
    let text = std::fs::read_to_string(folder.unwrap().join(name)).unwrap();
    Some(jsonschema::validator_for(&serde_json::from_str(&text).unwrap()).unwrap())
}

/// Schemas of OASIS and NIST, read in place by whoever has them.
#[test]
fn documents_follow_their_official_schemas() {
    for (format, name) in [
        ("sarif", "sarif-2.1.0-schema.json"),
        ("oscal", "assessment-results-1.1.3.json"),
        ("oscal-component", "component-1.1.3.json"),
    ] {
        let Some(validator) = schema(name) else { return };
        for run in RUNS.iter().filter(|run| run.has(format)) {
            let document = run.json(format);
            let errors: Vec<String> =
                validator.iter_errors(&document).map(|e| format!("{} {e}", e.instance_path())).collect();
            assert_eq!(errors, Vec::<String>::new(), "{:?} {format}", run.args);
        }
    }
}

#[test]
fn a_result_of_sarif_leads_to_its_rule_and_file() {
    for run in &*RUNS {
        let log = run.json("sarif");
        let log = &log["runs"][0];
        for result in log["results"].as_array().unwrap() {
            let rule = &log["tool"]["driver"]["rules"][result["ruleIndex"].as_u64().unwrap() as usize];
            assert_eq!(rule["id"], result["ruleId"]);
            assert!(rule["help"]["markdown"].as_str().is_some_and(|text| text.len() > 20), "{rule}");
            let file = result["locations"][0]["physicalLocation"]["artifactLocation"]["uri"].as_str().unwrap();
            assert!(run.at.join(file).is_file(), "{file} is no file from where the program ran");
        }
    }
}

/// Every UUID that OSCAL points to is one of the same document, and none is given twice.
#[test]
fn what_oscal_points_to_is_there() {
    for run in &*RUNS {
        for format in ["oscal", "oscal-component"].into_iter().filter(|format| run.has(format)) {
            let (mut given, mut meant) = (Vec::new(), BTreeSet::new());
            walk(&run.json(format), &mut |key, value| match key {
                "uuid" => given.push(value.to_owned()),
                _ if key.ends_with("-uuid") => {
                    meant.insert(value.to_owned());
                }
                "href" | "source" => meant.extend(value.strip_prefix('#').map(str::to_owned)),
                _ => {}
            });
            let known: BTreeSet<String> = given.iter().cloned().collect();
            assert_eq!(known.len(), given.len(), "{:?} {format}: a UUID twice", run.args);
            let lost: Vec<&String> = meant.difference(&known).collect();
            assert!(lost.is_empty(), "{:?} {format}: {lost:?}", run.args);
        }
    }
}

fn walk(value: &Value, found: &mut impl FnMut(&str, &str)) {
    match value {
        Value::Object(object) => object.iter().for_each(|(key, value)| {
            if let Value::String(text) = value {
                found(key, text);
            }
            walk(value, found);
        }),
        Value::Array(array) => array.iter().for_each(|value| walk(value, found)),
        _ => {}
    }
}

/// Rule, devices, setting.
type Row = (String, Vec<String>, String);

fn row(code: &Value, devices: Vec<String>, setting: &Value) -> Row {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    (text(code), devices, text(setting))
}

fn strings(value: &Value) -> Vec<String> {
    value.as_array().into_iter().flatten().map(|v| v.as_str().unwrap().to_owned()).collect()
}

fn rows_of_json(document: &Value) -> Vec<Row> {
    let of = |f: &Value| {
        let devices = f["device"].as_str().map(str::to_owned).into_iter().chain(strings(&f["also"])).collect();
        row(&f["rule"], devices, &f["path"])
    };
    document["findings"].as_array().unwrap().iter().map(of).collect()
}

fn rows_of_sarif(log: &Value) -> Vec<Row> {
    let of = |r: &Value| row(&r["ruleId"], strings(&r["properties"]["devices"]), &r["properties"]["setting"]);
    log["runs"][0]["results"].as_array().unwrap().iter().map(of).collect()
}

fn rows_of_oscal(document: &Value, names: &BTreeMap<String, String>) -> Vec<Row> {
    let of = |o: &Value| {
        let prop = |name: &str| {
            let props = o["props"].as_array().into_iter().flatten();
            props.clone().find(|p| p["name"] == name).map_or(Value::Null, |p| p["value"].clone())
        };
        let devices = o["subjects"].as_array().into_iter().flatten();
        let devices = devices.map(|s| names[s["subject-uuid"].as_str().unwrap()].clone()).collect();
        let quiet = ["pass", "does not apply", "left for later"].iter().any(|word| prop("verdict") == *word);
        (!quiet).then(|| row(&prop("rule"), devices, &prop("setting")))
    };
    let result = &document["assessment-results"]["results"][0];
    result["observations"].as_array().into_iter().flatten().filter_map(of).collect()
}

/// The names of devices, by their UUID.
fn items(document: &Value) -> BTreeMap<String, String> {
    let result = &document["assessment-results"]["results"][0];
    let items = result["local-definitions"]["inventory-items"].as_array().into_iter().flatten();
    let of = |i: &Value| (i["uuid"].as_str().unwrap().to_owned(), i["props"][0]["value"].as_str().unwrap().to_owned());
    items.map(of).collect()
}

/// The same rows, told one by one for each device, without those that are told only on demand.
fn spread(rows: &[Row]) -> Vec<Row> {
    let one = |(code, devices, setting): &Row| {
        let devices = if devices.is_empty() { vec![String::new()] } else { devices.clone() };
        devices.into_iter().map(|d| (code.clone(), vec![d], setting.clone())).collect::<Vec<_>>()
    };
    rows.iter().flat_map(one).collect()
}

#[test]
fn every_format_tells_the_same_findings_in_one_order() {
    let title = regex::Regex::new(r"(?m)^::[^:]*title=([^ ,:%]+) (?:info|low|medium|high|critical)").unwrap();
    let row = regex::Regex::new(r"(?m)^\| (?:info|low|medium|high|critical)[^|]* \| `([^`]+)` \|").unwrap();
    for run in RUNS.iter().filter(|run| run.args[0] == "check" || run.args[0] == "build") {
        let (json, what) = (run.json("json"), &run.args);
        let all = rows_of_json(&json);
        assert_eq!(rows_of_sarif(&run.json("sarif")), all, "{what:?} sarif");
        let mut table = csv::Reader::from_path(run.path("csv")).unwrap();
        let cells: Vec<Row> = table
            .records()
            .map(|r| r.unwrap())
            .map(|r| (r[0].to_owned(), vec![r[3].to_owned()], r[4].to_owned()))
            .collect();
        assert_eq!(cells, spread(&all), "{what:?} csv");
        // what only some formats tell is none that the others could
        let findings = json["findings"].as_array().unwrap();
        let told = |f: &&Value| ["fail", "unknown", "waived"].iter().any(|word| f["status"] == *word);
        let open: Vec<Row> = findings.iter().zip(&all).filter(|(f, _)| told(f)).map(|(_, row)| row.clone()).collect();
        let codes: Vec<&str> = open.iter().map(|row| &*row.0).collect();
        let gitlab = run.json("gitlab");
        let named: Vec<&str> = gitlab.as_array().unwrap().iter().map(|i| i["check_name"].as_str().unwrap()).collect();
        assert_eq!(named, codes, "{what:?} gitlab");
        let oscal = run.json("oscal");
        assert_eq!(rows_of_oscal(&oscal, &items(&oscal)), open, "{what:?} oscal");
        // these two tell each cause once, with all its devices
        let known: BTreeSet<&str> = all.iter().map(|row| &*row.0).collect();
        let annotations = run.text("github");
        let titles: BTreeSet<&str> = title.captures_iter(&annotations).map(|c| c.get(1).unwrap().as_str()).collect();
        assert_eq!(titles, known, "{what:?} github");
        let note = run.text("markdown");
        let named: BTreeSet<&str> = row.captures_iter(&note).map(|c| c.get(1).unwrap().as_str()).collect();
        assert!(named.is_subset(&known) && (named == known || note.contains("more row")), "{what:?} markdown: {note}");
        assert!(note.lines().count() < 60, "{what:?} markdown");
        let failed = cases(&run.text("junit"));
        let every: BTreeSet<(String, String)> =
            spread(&open).into_iter().map(|(code, devices, _)| (devices[0].clone(), code)).collect();
        assert!(every.iter().all(|case| failed.contains(case)), "{what:?} junit");
    }
}

/// Device and rule of each case of JUnit that is no success.
fn cases(xml: &str) -> BTreeSet<(String, String)> {
    let case = regex::Regex::new(r#"<testcase name="([^"]*)" classname="([^"]*)"[^>]*[^/]>"#).unwrap();
    let device = |name: &str| if name == "the site" { String::new() } else { name.to_owned() };
    case.captures_iter(xml).map(|c| (device(&c[2]), c[1].to_owned())).collect()
}

#[test]
fn a_run_ends_the_same_with_all_formats_and_with_one() {
    for run in &*RUNS {
        let args: Vec<&str> = run.args.iter().map(String::as_str).collect();
        assert_eq!(code(&fieldlock(&run.at, &args)), run.exit, "{args:?}");
    }
}

/// `compliance-trestle`, `sarif-tools` and `junitparser`; the former two bring much along, and are asked once.
#[test]
fn libraries_of_others_read_our_reports() {
    if !needs::python("trestle, sarif, junitparser") {
        return;
    }
    for (run, found) in RUNS.iter().zip(read()) {
        let open = |value: &Value| value.as_array().unwrap().len();
        let issues = run.json("gitlab");
        assert_eq!(open(&found["gitlab"]), open(&issues), "{:?}", run.args);
        let results = rows_of_sarif(&run.json("sarif"));
        let read: Vec<&str> = found["sarif"].as_array().unwrap().iter().map(|r| r[1].as_str().unwrap()).collect();
        assert_eq!(read, results.iter().map(|row| &*row.0).collect::<Vec<_>>(), "{:?}", run.args);
        // what others make of our SARIF for the widget is what we write for it
        if run.args[..] == ["check", &run.args[1]] {
            let sorted = |value: &Value| {
                let mut rows: Vec<String> = value.as_array().unwrap().iter().map(Value::to_string).collect();
                rows.sort();
                rows
            };
            assert_eq!(sorted(&found["as_quality"]), sorted(&found["gitlab"]), "{:?}", run.args);
        }
        let junit = &found["junit"];
        assert_eq!(junit["tests"], junit["cases"], "{:?}", run.args);
        let oscal = run.json("oscal");
        let findings = oscal["assessment-results"]["results"][0]["findings"].as_array().map_or(0, Vec::len);
        assert_eq!(found["oscal"].as_object().unwrap().len(), findings, "{:?}", run.args);
        if !run.has("oscal-component") {
            continue;
        }
        let components = run.json("oscal-component");
        let components = components["component-definition"]["components"].as_array().map_or(0, Vec::len);
        assert_eq!(found["components"].as_object().unwrap().len(), components, "{:?}", run.args);
    }
}

/// What the script found in the reports of each run.
fn read() -> Vec<Value> {
    // each by the ending that its reader asks for
    let named = [
        ("sarif", "report.sarif"),
        ("junit", "junit.xml"),
        ("gitlab", "gitlab.json"),
        ("oscal", "oscal.json"),
        ("oscal-component", "components.json"),
    ];
    for run in &*RUNS {
        for (format, name) in named.into_iter().filter(|(format, _)| run.has(format)) {
            std::fs::copy(run.path(format), run.folder.path().join(name)).unwrap();
        }
    }
    let mut script = Command::new("python3");
    script.arg(project("tests/python/read_reports.py")).args(RUNS.iter().map(|run| run.folder.path()));
    let output = script.output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    serde_json::from_slice(&output.stdout).unwrap()
}
