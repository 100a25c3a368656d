//! What `report` tells auditors: lists, evidence, history and the dossier, now and as of a time.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

use serde_json::Value;

use super::cli::{code, fieldlock, text};
use super::posture::Repository;
use super::receipts::receipt;
use crate::common;

const FOUND: &str = "examples/02-findings";

fn told(wanted: i32, args: &[&str]) -> String {
    let output = fieldlock(&common::project(""), &[&["report"], args].concat());
    assert_eq!(code(&output), wanted, "{args:?}: {}", text(&output));
    String::from_utf8(output.stdout).unwrap()
}

/// A report in JSON, held against its schema; and how many rows its table has beside the head.
fn both(schema: &str, args: &[&str]) -> (Value, usize) {
    let json = common::document(schema, &told(0, &[args, &["--format", "json"]].concat()));
    let table = told(0, &[args, &["--format", "csv"]].concat());
    let mut rows = csv::ReaderBuilder::new().flexible(true).from_reader(table.as_bytes());
    (json, rows.records().map(Result::unwrap).count())
}

/// A copy of a site with a receipt that came home.
fn with_receipt() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    common::copy(&common::project("examples/01-pump-station"), folder.path());
    let site = folder.path().join("site.kdl");
    fs::write(&site, fs::read_to_string(&site).unwrap().replace("\"pump-station\"", "\"west\"")).unwrap();
    fs::create_dir_all(folder.path().join("receipts")).unwrap();
    fs::write(folder.path().join("receipts/np07-2026-03-11.receipt"), receipt().bytes()).unwrap();
    folder
}

#[test]
fn each_list_says_the_same_in_every_format() {
    let site = with_receipt();
    let site = site.path().to_str().unwrap();
    for (kind, schema, list) in [
        (&["inventory", site][..], "inventory", "devices"),
        (&["firmware", site], "inventory", "devices"),
        (&["receipts", site], "receipts", "receipts"),
        (&["waivers", FOUND], "granted", "waivers"),
    ] {
        let (json, rows) = both(schema, kind);
        let listed = json[list].as_array().unwrap();
        // waivers are followed by an empty list of attestations: a line without words and a head
        let below = if kind[0] == "waivers" { 1 } else { 0 };
        assert!(!listed.is_empty() && listed.len() + below == rows, "{kind:?}: {rows} rows, {json}");
        let name = listed[0].get("device").or(listed[0].get("id")).unwrap().as_str().unwrap();
        for format in ["human", "plain", "html"] {
            assert!(told(0, &[kind, &["--format", format]].concat()).contains(name), "{kind:?} {format}");
        }
        assert_eq!(json["format_version"], 1);
    }
    let (json, _) = both("receipts", &["receipts", site]);
    let one = &json["receipts"][0];
    assert_eq!((&one["number"], &one["device"]), (&receipt().number().into(), &"np07".into()));
    assert_eq!((&one["outcome"], &one["confirmed"], &one["left"]), (&"deviates".into(), &1.into(), &1.into()));
    assert_eq!(one["signed_by"], Value::Null, "nobody is trusted here");
    let (json, _) = both("inventory", &["inventory", site, "--device", "np07"]);
    assert_eq!(json["devices"][0]["receipt"], receipt().number());
    assert_eq!(json["devices"][0]["addresses"], serde_json::json!(["10.20.7.7"]));
    let (json, _) = both("inventory", &["inventory", site, "--device", "sw04"]);
    assert_eq!(json["devices"][0]["read"], Value::Null, "nobody ever read it");
}

#[test]
fn firmware_with_known_holes_is_told_with_what_mends_it() {
    let folder = tempfile::tempdir().unwrap();
    common::copy(&common::project("examples/01-pump-station"), folder.path());
    let device = folder.path().join("devices/ps7-router.kdl");
    let old = fs::read_to_string(&device).unwrap().replace("firmware=\"3.24\"", "firmware=\"3.12\"");
    fs::write(&device, old).unwrap();
    let site = folder.path().to_str().unwrap();
    let (json, _) = both("inventory", &["firmware", site, "--device", "ps7-router"]);
    let device = &json["devices"][0];
    assert!(!device["holes"].as_array().unwrap().is_empty() && device["mended_by"].is_string(), "{device}");
    assert!(told(0, &["firmware", site]).contains("1 with firmware that has or may have a known hole"));
}

/// What ends, ends by the time that is asked for; lists are of what holds between two dates.
#[test]
fn a_time_is_asked_for() {
    let standing = |more: &[&str]| -> Vec<String> {
        let (json, _) = both("granted", &[&["waivers", FOUND], more].concat());
        json["waivers"].as_array().unwrap().iter().map(|w| w["standing"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(standing(&["--as-of", "2025-05-31"]), ["to-come"]);
    assert_eq!(standing(&["--as-of", "2025-09-01"]), ["in-force"], "the last day, to its end");
    assert_eq!(standing(&["--as-of", "2025-09-02 00:00 UTC"]), ["ended"]);
    assert_eq!(standing(&["--as-of", "2025-07-01", "--from", "2025-09-01"]), ["in-force"]);
    assert_eq!(standing(&["--from", "2025-09-02"]), Vec::<String>::new());
    assert_eq!(standing(&["--until", "2025-05-31"]), Vec::<String>::new());
    let covered = |as_of: &str| {
        let (json, _) = both("granted", &["waivers", FOUND, "--as-of", as_of]);
        json["waivers"][0]["devices"].as_u64().unwrap()
    };
    assert_eq!((covered("2025-07-01"), covered("2026-07-01")), (1, 0));
    let json = told(0, &["coverage", FOUND, "--as-of", "2025-07-01", "--device", "sw-telnet-on", "--format", "json"]);
    assert!(json.contains("\"waived\"") && json.contains("2025-07-01"), "{json}");
    assert!(told(2, &["waivers", FOUND, "--as-of", "yesterday"]).is_empty());
}

#[test]
fn evidence_is_of_one_requirement() {
    let site = "examples/01-pump-station";
    let text = told(0, &["evidence", "CR 1.11", site]);
    assert!(text.contains("CR 1.11  Limit failed logins") && !text.contains("CR 1.12"), "{text}");
    let (json, rows) = both("coverage", &["evidence", "1.11", site, "--zone", "control"]);
    let devices = json["requirements"][0]["devices"].as_array().unwrap();
    let all: usize = devices.iter().map(|device| device["rules"].as_array().unwrap().len()).sum();
    assert!(rows == all && all >= 4, "{rows} of {all}");
    told(2, &["evidence", "CR 1.111", site]);
}

#[test]
fn another_state_of_the_site_is_read_out_of_git() {
    let Some(repository) = Repository::new() else { return };
    let zone = |more: &[&str]| {
        let args = [&["report", "inventory", "plants/west", "--device", "np07", "--format", "json"], more].concat();
        let json = common::document("inventory", &repository.ends(0, &args));
        (json["devices"][0]["location"].clone(), json["commit"]["id"].as_str().unwrap_or_default().len())
    };
    repository.edit("site.kdl", "demo on", "");
    repository.commit_at("2026-11-02T00:00:00Z");
    repository.edit("devices/np07.kdl", "Cabinet 1", "Cabinet 9");
    assert_eq!(zone(&[]), ("Cabinet 9".into(), 40));
    assert_eq!(zone(&["--at", "HEAD"]), ("Cabinet 1".into(), 40));
    let dossier = |more: &[&str]| {
        let args = ["report", "dossier", "plants/west", "--as-of", "2026-11-30"];
        repository.ends(0, &[&args[..], more].concat())
    };
    assert!(dossier(&[]).contains("Cabinet 9") && !dossier(&["--at", "HEAD"]).contains("Cabinet 9"));
    repository.ends(2, &["report", "inventory", "plants/west", "--at", "nothing"]);
    let refused = ["report", "coverage", "plants/west", "--at", "HEAD", "--secrets", "placeholder"];
    repository.ends(2, &refused);
}

#[test]
fn history_tells_what_was_open_and_how_long_it_took() {
    let Some(repository) = Repository::new() else { return };
    let opened = "services { telnet on }";
    let device = |services: &str| {
        let text = format!(
            "device \"gate\" {{\n    platform \"mx-ros\" model=\"EDR-G9010\" firmware=\"3.24\"\n    zone \"control\"\n    \
             {services}\n}}\n"
        );
        fs::write(repository.site().join("devices/gate.kdl"), text).unwrap();
    };
    device(opened);
    repository.commit_at("2026-11-05T00:00:00Z");
    fs::write(repository.site().join("devices/broken.kdl"), "device {\n").unwrap();
    repository.commit_at("2026-11-06T00:00:00Z");
    fs::remove_file(repository.site().join("devices/broken.kdl")).unwrap();
    device("services { telnet off }");
    repository.commit_at("2026-11-09T12:00:00Z");
    let svg = repository.site().join("../history.svg");
    let args = ["report", "history", "plants/west", "--svg", svg.to_str().unwrap(), "--format", "json"];
    let json = common::document("history", &repository.ends(0, &args));
    let points = json["points"].as_array().unwrap();
    assert_eq!(points.len(), 4);
    let number = |point: &Value, name: &str| point[name].as_u64().unwrap();
    assert!(number(&points[1], "opened") > 0 && number(&points[1], "closed") == 0, "{json}");
    assert_eq!((&points[2]["devices"], number(&points[2], "closed")), (&Value::Null, 0), "it can't be judged");
    assert!(number(&points[3], "closed") > 0, "{json}");
    let mended = &json["mended"];
    assert_eq!((&mended["longest_days"], &mended["median_days"]), (&4.5.into(), &4.5.into()), "{json}");
    let open = json["open"].as_array().unwrap();
    assert!(open.iter().any(|one| one["device"] == "gate" && one["since"] == "2026-11-05 00:00 UTC"), "{json}");
    assert!(!open.iter().any(|one| one["rule"] == "MX-SVC-002"), "mended");
    let drawn = fs::read_to_string(svg).unwrap();
    assert!(drawn.starts_with("<?xml") && drawn.matches("<polygon").count() == 4, "{drawn}");
    let page = repository.ends(0, &["report", "history", "plants/west", "--format", "html", "--commits", "2"]);
    assert!(page.contains("<svg") && page.contains("Open findings over time"), "{page}");
    assert!(repository.ends(0, &["report", "history", "plants/west"]).contains("longest took 4.5"));
}

/// The names of all tags but of what comes and goes with the text itself.
fn tags(page: &str) -> Vec<String> {
    page.split('<').skip(1).map(|tag| tag.chars().take_while(|c| !matches!(c, ' ' | '>')).collect()).collect()
}

fn dossier(site: &Path) -> String {
    told(0, &["dossier", site.to_str().unwrap(), "--as-of", "2026-11-30"])
}

/// Every question has its part; the page asks for nothing, and its policy lets nothing else run.
#[test]
fn a_dossier_is_whole_and_says_the_same_again() {
    let site = with_receipt();
    let page = dossier(site.path());
    assert_eq!(page, dossier(site.path()));
    for part in [
        "summary",
        "posture",
        "coverage",
        "guides",
        "findings",
        "waivers",
        "receipts",
        "inventory",
        "differences",
        "digests",
        "glossary",
    ] {
        assert!(
            page.contains(&format!("<section id=\"{part}\"")) && page.contains(&format!("href=\"#{part}\"")),
            "{part}"
        );
    }
    for told in ["R-", "CR 1.11", "never read", "SHA-256", "No build is at hand", "10.20.7.7", "class=\"heat\""] {
        assert!(page.contains(told), "{told}");
    }
    assert!(page.contains("default-src 'none'; style-src 'sha256-") && !page.contains("unsafe-inline"));
    let links = page.split("href=\"").skip(1).all(|link| link.starts_with('#'));
    assert!(links && !page.contains(" src=") && !page.contains(" style=") && !page.contains(" onclick"), "it loads");
    assert_eq!((page.matches("<script").count(), page.matches("<style").count()), (1, 1));
}

/// A build is told with who signed it; one that is of another site, or that nobody can read, is none.
#[test]
fn a_dossier_tells_of_the_build() {
    let temp = tempfile::tempdir().unwrap();
    let out = temp.path().join("out");
    let out = out.to_str().unwrap();
    let built = fieldlock(&common::project(""), &["build", "examples/01-pump-station", "--out", out]);
    assert_eq!(code(&built), 0, "{}", text(&built));
    let page = told(0, &["dossier", "examples/01-pump-station", "--build", out]);
    assert!(page.contains("Nobody vouches for it") && page.contains("review.md: SHA-256"), "of the build");
    told(2, &["dossier", FOUND, "--build", out]);
    fs::write(Path::new(out).join("index.json"), "{}").unwrap();
    told(5, &["dossier", "examples/01-pump-station", "--build", out]);
}

/// Text from a site is never markup: a page has the tags that it has for harmless words.
#[test]
fn hostile_texts_stay_text_in_a_dossier() {
    let lines = include_str!("../cases/hostile.txt").lines().filter(|line| line.starts_with('"'));
    let hostile: Vec<String> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    assert!(hostile.len() >= 25);
    // one site says all of them, each in a waiver of its own
    let page = |texts: &[String]| {
        let site = with_receipt();
        fs::create_dir_all(site.path().join("waivers")).unwrap();
        for (n, said) in texts.iter().enumerate() {
            // one of blanks alone says nothing
            let quoted: String = format!("x{said}").chars().map(|c| format!("\\u{{{:x}}}", c as u32)).collect();
            let text = format!(
                "waiver \"W-{n}\" {{\n rule \"NP6-SES-001\"\n device \"np07\" setting=\"login.lockout\" value=\"on\"\n \
                 from \"2026-11-01\"; until \"2026-12-20\"\n reason \"{quoted}\"; risk \"{quoted}\"; instead \"{quoted}\"\n \
                 ticket \"C\"; owner \"ot-lead\"; approver \"ot-security\"\n}}\n"
            );
            fs::write(site.path().join(format!("waivers/W-{n}.kdl")), text).unwrap();
        }
        dossier(site.path())
    };
    let harmless = page(&vec!["x".to_owned(); hostile.len()]);
    let page = page(&hostile);
    assert_eq!(tags(&page), tags(&harmless));
    let body = page.split("</style>").nth(1).unwrap().split("<script").next().unwrap();
    let acting: Vec<char> = body.chars().filter(|c| fieldlock::report::escape::acts(*c) && *c != '\n').collect();
    assert!(acting.is_empty(), "{acting:?}");
}
