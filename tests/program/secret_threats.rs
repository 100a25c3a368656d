//! Attacks on secrets by whoever may only write texts of a site: guesses in rules, another device's secret, a build
//! without any.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use fieldlock::model::shape::{GroupId, Kind, ScalarKind, Shape};
use fieldlock::policy::Packs;
use fieldlock::source::SourceMap;

use crate::common;

/// Every setting that holds a secret, as nested names of groups, the innermost being the setting's own.
fn secret_settings() -> Vec<Vec<(&'static str, bool)>> {
    fn walk(group: GroupId, at: &[(&'static str, bool)], found: &mut Vec<Vec<(&'static str, bool)>>) {
        for field in &Shape::device().group(group).fields {
            let with = |list: bool| [at, &[(field.name, list)]].concat();
            match &field.kind {
                Kind::Scalar(ScalarKind::Secret) => found.push(with(false)),
                Kind::Group(inner) => walk(*inner, &with(false), found),
                Kind::Groups(inner) => walk(*inner, &with(true), found),
                _ => {}
            }
        }
    }
    let mut found = Vec::new();
    walk(Shape::device().root, &[], &mut found);
    found
}

fn findings_of(own: &[(&str, String)]) -> Vec<String> {
    let own: Vec<(String, String)> = own.iter().map(|(p, t)| ((*p).to_owned(), t.clone())).collect();
    let (_, findings) = Packs::load(&["cases"], &[], &own, &mut SourceMap::new());
    findings.iter().filter(|f| f.is_input_error()).map(|f| f.code.to_string()).collect()
}

fn rule(body: &str) -> Vec<(&'static str, String)> {
    let platforms = "\"nport-6000-g2\" \"nport-6000\" \"mx-nos\" \"mx-ros\"";
    let head = "title \"t\"; why \"w\"; source \"s\"; passes { }; fails { }";
    vec![
        ("packs/cases/pack.kdl", format!("pack \"cases\" version=\"1.0.0\" {{ platforms {platforms} }}")),
        (
            "packs/cases/T-1.kdl",
            format!("rule \"T-1\" severity=\"high\" family=\"x\" moment=\"build\" {{ {head}; {body} }}"),
        ),
    ]
}

/// H6: a rule written by whoever opens a merge request is no oracle: on no secret does any matcher get a bit of it.
#[test]
fn no_matcher_reads_a_secret() {
    let settings = secret_settings();
    assert!(settings.len() >= 8, "{settings:?}");
    let matchers = [
        "SETTING \"hunter2\"",
        "SETTING matches=\"^a\"",
        "SETTING contains=\"a\"",
        "SETTING contains=\"a\" fold=on",
        "SETTING length=\"1..8\"",
        "SETTING at-least=1",
        "SETTING at-most=\"z\"",
        "SETTING not=\"hunter2\"",
        "SETTING within=\"10.0.0.0/8\"",
        "SETTING { one-of \"hunter2\" }",
        "SETTING { none-of \"hunter2\" }",
        "SETTING { contains-any \"a\" }",
        "SETTING { contains-all \"a\" }",
        "SETTING { contains-none \"a\" }",
        "SETTING { canonical }",
        "SETTING { not { matches \"a\" } }",
    ];
    for setting in &settings {
        let (name, groups) = setting.split_last().unwrap();
        let around = |inner: &str| {
            groups.iter().rev().fold(inner.to_owned(), |inner, (group, list)| {
                let each = if *list { "each " } else { "" };
                format!("{each}{group} {{ {inner} }}")
            })
        };
        for matcher in matchers {
            let test = around(&matcher.replace("SETTING", name.0));
            let found = findings_of(&rule(&format!("require {{ {test} }}")));
            assert!(!found.is_empty(), "taken: {test}");
            // nor as a condition, whose verdict `not applicable` would tell as much
            let found =
                findings_of(&rule(&format!("when {{ {test} }}; require {{ login {{ auto-logout {{ present }} }} }}")));
            assert!(!found.is_empty(), "taken: when {test}");
        }
        if let Some(((list, true), above)) = groups.split_last() {
            let unique = above.iter().rev().fold(format!("unique {list} by=\"{}\"", name.0), |inner, (group, list)| {
                let each = if *list { "each " } else { "" };
                format!("{each}{group} {{ {inner} }}")
            });
            assert!(!findings_of(&rule(&format!("require {{ {unique} }}"))).is_empty(), "taken: {unique}");
        }
    }
}

/// H6: nor through the analyses of secrets, which take only words that a shipped pack lists.
#[test]
fn no_analysis_takes_a_guess() {
    for guess in ["hunter2", "Brick-Lake-71"] {
        let mut own = rule("analyse \"secret-not-default\" list=\"mine\"");
        own[0].1 = own[0].1.replace(" }", &format!("; list \"mine\" \"{guess}\" }}"));
        let found = findings_of(&own);
        assert!(found.contains(&"pack.secret-list".to_owned()), "{found:?}");
    }
}

struct Site(tempfile::TempDir);

impl Site {
    /// The pump station, no demo.
    fn new() -> Site {
        let site = Site(tempfile::tempdir().unwrap());
        let example = common::project("examples/01-pump-station");
        for folder in ["", "devices", "profiles", "captures", "certs"] {
            std::fs::create_dir_all(site.path(folder)).unwrap();
            for entry in std::fs::read_dir(example.join(folder)).unwrap().map(Result::unwrap) {
                if entry.path().is_file() {
                    std::fs::copy(entry.path(), site.path(folder).join(entry.file_name())).unwrap();
                }
            }
        }
        site.edit("site.kdl", "demo on", "");
        site
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn edit(&self, name: &str, from: &str, to: &str) {
        let text = std::fs::read_to_string(self.path(name)).unwrap();
        assert!(text.contains(from), "{name} has no {from}");
        std::fs::write(self.path(name), text.replacen(from, to, 1)).unwrap();
    }

    fn run(&self, args: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        common::alone(&mut program);
        program.args(args).current_dir(self.0.path()).stdin(Stdio::null()).output().unwrap()
    }
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// H7: a device whose image one may open does not get another's secret by asking, and no waiver changes that.
#[test]
fn another_devices_secret_can_not_be_had_by_a_waiver() {
    let site = Site::new();
    site.edit("devices/np07.kdl", "account \"ot-lead\"", "account \"ot-lead\" password=(stored)\"sw04/ot-admin\"");
    std::fs::create_dir_all(site.path("waivers")).unwrap();
    let waiver = "waiver \"W-1\" {\n    rule \"site.foreign-secret\"\n    \
        device \"np07\" setting=\"accounts.account[ot-lead].password\" value=\"sw04/ot-admin\"\n    \
        from \"2026-01-05\"; until \"2036-12-01\"\n    reason \"r\"; risk \"r\"; instead \"i\"\n    \
        owner \"ot-lead\"; approver \"ot-security\"\n}\n";
    std::fs::write(site.path("waivers/W-1.kdl"), waiver).unwrap();
    let checked = site.run(&["check", "--format", "json"]);
    assert_eq!(checked.status.code(), Some(2), "{}", text(&checked));
    let report: serde_json::Value = serde_json::from_slice(&checked.stdout).unwrap();
    let foreign = report["findings"].as_array().unwrap().iter().find(|f| f["rule"] == "site.foreign-secret").unwrap();
    assert_eq!((foreign["severity"].as_str(), foreign["status"].as_str()), (Some("critical"), Some("fail")));
    // nor is anything of that device built, or a value drawn in the other's name
    let built = site.run(&["build", "--secrets", "placeholder", "--keep-going", "--out", "out"]);
    assert_ne!(built.status.code(), Some(0), "{}", text(&built));
    assert!(!site.path("out/redacted/np07.redacted.sheet").exists());
}

/// The CI of a fork has no secrets: everything but sealing works, and says what it is.
#[test]
fn a_build_with_placeholders_does_everything_but_sealing() {
    let site = Site::new();
    let built = site.run(&["build", "--secrets", "placeholder"]);
    let told = text(&built);
    assert_eq!(built.status.code(), Some(0), "{told}");
    assert!(told.contains("NOT SEALED") && told.contains("need the secrets"), "{told}");
    let names: Vec<String> = common::files(&site.path("out")).into_iter().map(|(name, _)| name).collect();
    for name in ["NOT-SEALED.txt", "review.md", "redacted/np07.redacted.sheet", "public/sw04.public.json"] {
        assert!(names.iter().any(|n| n == name), "{name}: {names:?}");
    }
    assert!(names.iter().any(|n| n.starts_with("sheets/")));
    assert!(!names.iter().any(|n| n.starts_with("index.json") || n.ends_with(".flk")), "{names:?}");
    let review = std::fs::read_to_string(site.path("out/review.md")).unwrap();
    assert!(review.contains("**Not sealed"), "{review}");
    // judged on another day it says the same, and its pages stay
    let then = review.lines().find(|line| line.starts_with("Judged at ")).unwrap();
    for page in ["out/review.md", "out/review.html"] {
        let text = std::fs::read_to_string(site.path(page)).unwrap();
        assert!(text.contains(then), "{page}");
        std::fs::write(site.path(page), text.replace(then, "Judged at 2026-11-02 08:00 UTC.")).unwrap();
    }
    let before = common::files(&site.path("out"));
    assert_eq!(site.run(&["build", "--secrets", "placeholder"]).status.code(), Some(0));
    assert!(common::files(&site.path("out")) == before, "the same again");

    // a device that fails its rules fails here too
    site.edit("profiles/mx-baseline.kdl", "lockout on after=3", "lockout on after=0");
    let failed = site.run(&["build", "--secrets", "placeholder"]);
    assert_ne!(failed.status.code(), Some(0), "{}", text(&failed));
    assert!(common::files(&site.path("out")) == before, "nothing was written");
}

#[test]
fn a_build_with_placeholders_never_replaces_a_sealed_one() {
    let site = Site::new();
    std::fs::write(site.path("phrase"), "gravel umbrella ninety copper lagoon\n").unwrap();
    let generated = site.run(&["secret", "generate", "--missing", "--passphrase-file", "phrase"]);
    assert_eq!(generated.status.code(), Some(0), "{}", text(&generated));
    // the other way round, a sealed build takes the place
    assert_eq!(site.run(&["build", "--secrets", "placeholder"]).status.code(), Some(0));
    let sealed = site.run(&["build", "--passphrase-file", "phrase"]);
    assert_eq!(sealed.status.code(), Some(0), "{}", text(&sealed));
    assert!(!site.path("out/NOT-SEALED.txt").exists() && site.path("out/images/np07.flk").exists());
    let before = common::files(&site.path("out"));
    let refused = site.run(&["build", "--secrets", "placeholder"]);
    assert_eq!(refused.status.code(), Some(2), "{}", text(&refused));
    assert!(text(&refused).contains("holds a sealed build"), "{}", text(&refused));
    assert!(common::files(&site.path("out")) == before);
    let elsewhere = site.run(&["build", "--secrets", "placeholder", "--out", "draft"]);
    assert_eq!(elsewhere.status.code(), Some(0), "{}", text(&elsewhere));
    // the texts are those of the sealed build, but for fingerprints
    let structure = |folder: &str| {
        let text = std::fs::read_to_string(site.path(folder).join("redacted/np07.redacted.sheet")).unwrap();
        regex::Regex::new("<secret ([^ >]+) [^>]+>").unwrap().replace_all(&text, "<secret $1>").into_owned()
    };
    assert_eq!(structure("out"), structure("draft"));
}
