//! What `verify` tells in every format, and the page for the change board on a stick.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::Value;

use super::opening::Bench;
use crate::common::{self, copy, files};

/// What one run wrote in every format, each into a file of its own.
struct Told<'a> {
    bench: &'a Bench,
}

impl Told<'_> {
    #[track_caller]
    fn of<'a>(bench: &'a Bench, line: &str, wanted: i32) -> Told<'a> {
        let mut typed = line.to_owned();
        for format in common::FORMATS.iter().filter(|format| **format != "oscal-component") {
            typed.push_str(&format!(" --format {format}=told.{format}"));
        }
        bench.ends(&typed, wanted, "");
        Told { bench }
    }

    fn text(&self, format: &str) -> String {
        std::fs::read_to_string(self.bench.path(&format!("told.{format}"))).unwrap()
    }

    fn json(&self, format: &str) -> Value {
        serde_json::from_str(&self.text(format)).unwrap()
    }

    /// Code, device and status of each row.
    fn rows(&self) -> Vec<[String; 3]> {
        let text = self.text("csv");
        let mut table = csv::Reader::from_reader(text.as_bytes());
        table.records().map(Result::unwrap).map(|row| [&row[0], &row[3], &row[2]].map(str::to_owned)).collect()
    }

    fn with(&self, status: &str) -> BTreeSet<String> {
        let rows = self.rows();
        rows.iter().filter(|row| row[2] == status).map(|row| format!("{} {}", row[0], row[1])).collect()
    }

    /// The same rows in the same order, whoever reads them.
    fn agree(&self) {
        let rows = self.rows();
        let sarif = self.json("sarif");
        let of = |r: &Value| {
            format!("{} {}", r["ruleId"].as_str().unwrap(), r["properties"]["devices"][0].as_str().unwrap_or(""))
        };
        let results: Vec<String> = sarif["runs"][0]["results"].as_array().unwrap().iter().map(of).collect();
        assert_eq!(results, rows.iter().map(|row| format!("{} {}", row[0], row[1])).collect::<Vec<_>>());
        let open = |row: &&[String; 3]| row[2] == "fail" || row[2] == "unknown";
        let open: Vec<&str> = rows.iter().filter(open).map(|row| &*row[0]).collect();
        let gitlab = self.json("gitlab");
        let named: Vec<&str> = gitlab.as_array().unwrap().iter().map(|i| i["check_name"].as_str().unwrap()).collect();
        assert_eq!(named, open);
        let failing = self.text("junit").matches("<failure").count();
        let cases: BTreeSet<&[String]> =
            rows.iter().filter(|row| row[2] == "fail" || row[2] == "unknown").map(|row| &row[..2]).collect();
        assert_eq!(failing, cases.len(), "{}", self.text("junit"));
        let annotations = self.text("github");
        assert_eq!(annotations.lines().filter(|line| line.starts_with("::error")).count() > 0, !open.is_empty());
        let ladder = common::document("verified", &self.text("json"));
        let holds = ladder["ending"] == "holds";
        assert_eq!(open.is_empty(), holds, "{open:?} {ladder}");
        let (page, note) = (self.text("html"), self.text("markdown"));
        assert!(note.lines().count() < 60 && note.starts_with("# `fieldlock verify`"), "{note}");
        for text in [&page, &note] {
            assert_eq!(text.contains("all that was asked holds"), holds, "{text}");
        }
        for text in self.text("plain").lines().filter(|line| line.starts_with(|c: char| c.is_ascii_digit())) {
            let sentence = text.split_once(' ').unwrap().1.split(':').next().unwrap();
            assert!(page.contains(sentence) && note.contains(sentence), "{sentence}");
        }
    }
}

fn set(rows: &[&str]) -> BTreeSet<String> {
    rows.iter().map(|row| (*row).to_owned()).collect()
}

/// Each rung that does not hold is a row of its own, at the file that it is of; the run ends as it does for people.
#[test]
fn what_a_folder_proves_is_the_same_in_every_format() {
    let Some(bench) = Bench::new() else { return };
    let verify = "verify out --allowed-signers SIGNERS --all";
    let told = Told::of(&bench, verify, 0);
    told.agree();
    let whole: Vec<String> =
        ["np02", "np07", "ps7-router", "sw04"].map(|device| format!("verify.whole {device}")).into();
    let passes = told.with("pass");
    assert!(whole.iter().all(|row| passes.contains(row)), "{passes:?}");
    assert!(passes.contains("verify.signed ") && passes.contains("verify.origin ") && passes.contains("verify.page "));
    assert!(told.with("left for later").contains("verify.applied np07"), "no receipt is here");
    bench.ends(&format!("{verify} --format oscal-component"), 2, "what a folder proves has no components");
    // without `--all` what holds is no row
    bench.ends("verify out --allowed-signers SIGNERS --format gitlab", 0, "[]");

    let (out, kept) = (bench.plot.out(), bench.path("kept"));
    copy(&out, &kept);
    let broken = |change: &dyn Fn(&Path), args: &str, wanted: i32| {
        std::fs::remove_dir_all(&out).unwrap();
        copy(&kept, &out);
        change(&out);
        let told = Told::of(&bench, format!("verify out --all {args}").trim_end(), wanted);
        told.agree();
        told.with("fail")
    };
    let signed = "--allowed-signers SIGNERS";
    let write = |name: &'static str| move |out: &Path| std::fs::write(out.join(name), b"x").unwrap();
    let lost = "verify.origin ";
    let fails = broken(&write("sheets/sw04.sheet.md"), signed, 5);
    assert_eq!(fails, set(&[lost, "verify.whole sw04"]));
    assert_eq!(broken(&write("redacted/sw04.redacted.sheet"), signed, 5), set(&[lost, "verify.reviewed sw04"]));
    assert_eq!(broken(&write("images/evil.flk"), signed, 5), set(&[lost, "verify.stranger "]));
    let told = Told { bench: &bench };
    assert!(told.text("github").contains("::error file=out/images/evil.flk"), "{}", told.text("github"));
    assert!(told.text("sarif").contains("\"uri\": \"out/images/evil.flk\""));
    assert_eq!(broken(&write("review.html"), signed, 5), set(&[lost, "verify.page "]));
    assert_eq!(broken(&|_| (), "", 5), set(&[lost]));
    assert!(told.with("left for later").contains("verify.signed "), "nobody is trusted");
    assert_eq!(broken(&write("index.json.sig"), signed, 5), set(&[lost, "verify.signed "]));
    // the source is another by now; and so is a secret
    let device = bench.plot.site().join("devices/np07.kdl");
    let text = std::fs::read_to_string(&device).unwrap();
    std::fs::write(&device, text.replace("cabinet 1", "cabinet 2")).unwrap();
    assert_eq!(broken(&|_| (), &format!("{signed} --site site"), 3), set(&["verify.source np07"]));
    std::fs::write(&device, &text).unwrap();
    bench.plot.put("../secrets/sw04/ot-admin", b"Another-4-value-of-it!\n");
    let rebuild = format!("{signed} --site site --rebuild --secrets secrets --passphrase-file old");
    assert_eq!(broken(&|_| (), &rebuild, 3), set(&["verify.content sw04"]));
    // a newer one was seen here
    bench.plot.edit("devices/np07.kdl", "cabinet 1", "cabinet 3");
    std::fs::remove_dir_all(&out).unwrap();
    common::copy_build(&kept, &out);
    bench.build();
    bench.ends("verify out --allowed-signers SIGNERS", 0, "");
    let stale = broken(&|_| (), signed, 5);
    assert!(stale.contains("verify.now np07"), "{stale:?}");
}

/// What was approved goes along, and is what the list names; whoever is given one device is told of no other.
#[test]
fn the_page_for_the_change_board_is_on_the_stick() {
    let Some(bench) = Bench::new() else { return };
    let pages = ["review.html", "review.md"];
    let shown =
        bench.ends("bundle stick --from out --allowed-signers SIGNERS", 0, "review.md, review.html: what changes");
    assert!(shown.contains("4 images"), "{shown}");
    let stick = bench.path("stick");
    let read_me = std::fs::read_to_string(stick.join("READ-ME-FIRST.txt")).unwrap();
    for name in pages {
        let bytes = std::fs::read(stick.join(name)).unwrap();
        assert!(bytes == std::fs::read(bench.plot.out().join(name)).unwrap(), "{name}");
        let digest = fieldlock::image::Digest::of(&bytes).to_string();
        assert!(read_me.contains(name) && read_me.contains(&digest), "{read_me}");
        assert!(std::fs::read_to_string(stick.join("SHA256SUMS")).unwrap().contains(&format!("{digest}  {name}\n")));
    }
    let verify = "verify stick --allowed-signers SIGNERS";
    bench.ends(verify, 0, "review.md and review.html are the pages that the index names");
    for name in pages {
        let bytes = std::fs::read(stick.join(name)).unwrap();
        std::fs::write(stick.join(name), String::from_utf8(bytes.clone()).unwrap().replace("np07", "np70")).unwrap();
        bench.ends(verify, 5, "is not the page that the index names: approve nothing on it");
        std::fs::write(stick.join(name), bytes).unwrap();
    }
    bench.ends(verify, 0, "");
    // a page that is another where it is bundled from is bundled by nobody
    std::fs::write(bench.plot.out().join("review.html"), "x").unwrap();
    bench.ends("bundle other --from out --allowed-signers SIGNERS", 5, "nothing was bundled");
    bench.build();
    let one = "bundle one --from stick --device np07 --allowed-signers SIGNERS";
    bench.ends(one, 0, "the page for the change board speaks of all devices, and stays where it is");
    assert!(!files(&bench.path("one")).iter().any(|(name, _)| pages.contains(&&**name)));
    let read_me = std::fs::read_to_string(bench.path("one/READ-ME-FIRST.txt")).unwrap();
    assert!(read_me.contains("THE PAGE FOR THE CHANGE BOARD speaks of all devices"), "{read_me}");
    bench.ends("verify one --allowed-signers SIGNERS", 0, "the page for the change board is not here");
}
