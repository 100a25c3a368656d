//! Nothing goes around the rules: packs that are not named, that are the site's own, and what stands in their place;
//! what
//! `check` says is what `build` says.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;

use fieldlock::finding::Verdict;
use fieldlock::model::Value;
use fieldlock::model::facts::each_value;
use fieldlock::pipeline::{Built, check, pins};
use fieldlock::report::Report;
use fieldlock::secret::Secrets;
use fieldlock::source::Loc;

use crate::common;
use crate::common::plot::{Plot, own_pack};

const PACKS: &str = r#"packs "nport-6000-g2" "iec-62443-4-2-mx" "ot-baseline" "fleet""#;
fn checked(plot: &Plot) -> Report {
    let ready = common::ready(&plot.site(), None);
    check(&ready, &Secrets::Absent, &common::selection("."))
}

/// `code device`, of findings that fail.
fn failing(report: &Report) -> Vec<String> {
    let fails = report.findings.iter().filter(|f| report.fail_on.fails(f) || f.is_input_error());
    let mut told: Vec<String> = fails.map(|f| format!("{} {}", f.code, f.device.as_deref().unwrap_or("-"))).collect();
    told.sort();
    told
}

/// Built without the question whether it was: what fails is in the report.
fn built(plot: &Plot) -> Built {
    plot.try_build(&plot.out(), |_| {}).unwrap()
}

fn with_packs(line: &str) -> Plot {
    let plot = Plot::new();
    plot.edit("site.kdl", PACKS, line);
    plot
}

/// A pack of the site's own with one rule.
fn own(plot: &Plot, folder: &str, name: &str, rule: &str) {
    own_pack(&plot.site(), folder, name, rule);
}

const ALL: [&str; 4] = ["OT-PCK-001 np02", "OT-PCK-001 np07", "OT-PCK-001 ps7-router", "OT-PCK-001 sw04"];

#[test]
fn a_device_that_no_hardening_pack_judges_never_complies() {
    for (line, expected) in [
        ("", &ALL[..]),
        (r#"packs "fleet""#, &ALL[..]),
        (r#"packs "ot-baseline" "fleet""#, &ALL[..]),
        (r#"packs "nport-6000-g2""#, &ALL[2..]),
        (r#"packs "iec-62443-4-2-mx""#, &ALL[..2]),
        (PACKS, &[]),
    ] {
        let plot = with_packs(line);
        if line != PACKS {
            plot.edit("site.kdl", "set \"iec-62443-4-2-mx\" max-idle=\"5 min\"", "");
        }
        let report = checked(&plot);
        assert_eq!(failing(&report), expected, "{line}");
        assert_eq!(report.outcome().code(), u8::from(!expected.is_empty()), "{line}");
        let refused = |name: &str| expected.iter().any(|told| told.ends_with(name));
        // the others wait for their secrets
        assert!(report.devices.iter().all(|d| !d.complies), "{line}");
        let built = built(&plot);
        let complying = built.report.devices.iter().filter(|d| d.complies).map(|d| &*d.name);
        assert!(complying.clone().all(|name| !refused(name)), "{line}");
        assert_eq!(complying.count(), 4 - expected.len(), "{line}");
        assert_eq!(built.wrote, expected.is_empty(), "{line}");
    }
}

#[test]
fn the_finding_says_what_to_add_and_stands_at_both_ends() {
    let plot = with_packs(r#"packs "nport-6000-g2" "fleet""#);
    plot.edit("site.kdl", "set \"iec-62443-4-2-mx\" max-idle=\"5 min\"", "");
    let ready = common::ready(&plot.site(), None);
    let report = check(&ready, &Secrets::Absent, &common::selection("."));
    let finding = report.findings.iter().find(|f| f.code == "OT-PCK-001").unwrap();
    let place = |loc: Loc| format!("{}:{}", ready.sources.name(loc.file), ready.sources.start(loc).line);
    assert!(place(finding.loc).starts_with("devices/ps7-router.kdl"), "{}", place(finding.loc));
    assert!(place(finding.rule_loc.unwrap()).starts_with("policies/ot-baseline/OT-PCK-001.kdl"));
    assert!(place(finding.related[0].loc).starts_with("site.kdl"), "{finding:?}");
    assert!(finding.help.as_deref().unwrap().contains("\"iec-62443-4-2-mx\""), "{finding:?}");
}

/// What a site says of a rule that every site has, or of its pack, changes nothing.
#[test]
fn a_rule_of_every_site_is_neither_waived_nor_set_off() {
    let waiver = |what: &str| {
        format!(
            "waiver \"W-2026-900\" {{\n    {what}\n    device \"np07\"\n    from \"2026-11-01\"\n    until \"2027-03-31\"\n    \
             reason \"r\"; risk \"r\"; instead \"i\"\n    owner \"ot-lead\"; approver \"ot-security\"\n}}\n"
        )
    };
    for what in [r#"rule "OT-PCK-001""#, r#"family "pack.covers""#] {
        let plot = with_packs(r#"packs "fleet""#);
        plot.edit("site.kdl", "set \"iec-62443-4-2-mx\" max-idle=\"5 min\"", "");
        plot.put("waivers/W-2026-900.kdl", waiver(what).as_bytes());
        let report = checked(&plot);
        assert!(ALL.iter().all(|told| failing(&report).contains(&(*told).to_owned())), "{:?}", failing(&report));
        assert!(report.findings.iter().any(|f| f.code == "waiver.unmatched"), "{what}");
    }
}

#[test]
fn a_waiver_for_a_rule_that_is_no_more_is_told_what_became_of_it() {
    for (id, told) in [("NP6-LOG-007", "merged into NP6-LOG-001"), ("MX-REV-005", "retired: ")] {
        let plot = Plot::new();
        let text = format!(
            "waiver \"W-2026-901\" {{\n    rule \"{id}\"\n    device \"np07\"\n    from \"2026-11-01\"\n    until \
             \"2027-03-31\"\n    reason \"r\"; risk \"r\"; instead \"i\"\n    owner \"ot-lead\"; approver \"ot-security\"\n}}\n"
        );
        plot.put("waivers/W-2026-901.kdl", text.as_bytes());
        let report = checked(&plot);
        let finding = report.findings.iter().find(|f| f.code == "waiver.unmatched").unwrap();
        assert!(finding.help.as_deref().unwrap().contains(&format!("`{id}` is {told}")), "{finding:?}");
    }
}

#[test]
fn a_site_takes_the_place_of_no_shipped_pack() {
    for folder in ["nport-6000-g2", "NPort-6000-G2", "nport_6000_g2", "fleet", "ot-baseline"] {
        let plot = Plot::new();
        own(&plot, folder, folder, "OURS-1");
        plot.edit("profiles/nport-baseline.kdl", "auto-logout \"5 min\"", "auto-logout \"20 h\"");
        let report = checked(&plot);
        let failing = failing(&report);
        assert!(failing.contains(&"pack.reserved-name -".to_owned()), "{folder}: {failing:?}");
        assert!(failing.iter().any(|f| f.starts_with("NP6-SES-002 np07")), "{folder}: {failing:?}");
        assert_eq!(report.outcome().code(), 2);
        assert!(!built(&plot).wrote, "{folder}");
    }
}

#[test]
fn a_rule_of_a_site_has_no_id_of_a_shipped_one() {
    for id in ["NP6-SES-002", "np6-ses-002", "NP6_SES.002", "OT-PCK-001", "NP6-NET-001", "MX-REV-005"] {
        let plot = with_packs(r#"packs "nport-6000-g2" "iec-62443-4-2-mx" "ot-baseline" "fleet" "ours""#);
        own(&plot, "ours", "ours", id);
        assert_eq!(failing(&checked(&plot)), ["pack.reserved-id -"], "{id}");
        assert!(!built(&plot).wrote, "{id}");
    }
    let plot = with_packs(r#"packs "nport-6000-g2" "iec-62443-4-2-mx" "ot-baseline" "fleet" "ours""#);
    own(&plot, "ours", "ours", "OURS-SES-002");
    assert_eq!(failing(&checked(&plot)), [""; 0]);
    assert!(built(&plot).wrote);
}

const OURS: &str = r#"packs "nport-6000-g2" "iec-62443-4-2-mx" "fleet" "ours""#;

#[test]
fn a_pack_of_the_site_is_marked_wherever_packs_are_named() {
    let plot = with_packs(OURS);
    own(&plot, "ours", "ours", "OURS-SES-001");
    let report = plot.build();
    let marked: Vec<(&str, bool)> = report.packs.iter().map(|p| (&*p.name, p.shipped)).collect();
    assert_eq!(
        marked,
        [("nport-6000-g2", true), ("iec-62443-4-2-mx", true), ("fleet", true), ("ours", false), ("ot-baseline", true)]
    );
    let index = plot.index();
    let digest = index.packs.iter().find(|p| p.name == "ours").map(|p| (p.shipped, p.sha256)).unwrap();
    assert!(!digest.0 && index.packs.iter().filter(|p| !p.shipped).count() == 1);
    let file = |name: &str| String::from_utf8(std::fs::read(plot.out().join(name)).unwrap()).unwrap();
    assert!(file("review.md").contains("`ours` 1.0.0 (the site's own)"), "{}", file("review.md"));
    let public: serde_json::Value = serde_json::from_str(&file("public/np07.public.json")).unwrap();
    let own: Vec<&serde_json::Value> =
        public["packs"].as_array().unwrap().iter().filter(|p| p["shipped"] == false).collect();
    assert_eq!(own.len(), 1);
    assert_eq!((&own[0]["name"], &own[0]["sha256"]), (&"ours".into(), &digest.1.to_string().into()));
    let said = |args: &[&str]| {
        let output = std::process::Command::new(env!("CARGO_BIN_EXE_fieldlock"))
            .args(args)
            .current_dir(plot.site())
            .output()
            .unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    for format in common::FORMATS {
        let text = said(&["check", "--format", format]);
        let marked = text.contains("the site's own") || text.contains("\"shipped\": false");
        // one row a finding: no pack is named there
        let names = !["concise", "junit", "gitlab", "github", "csv"].contains(&format);
        assert_eq!(marked, names, "{format}: {text}");
        assert!(text.contains("ours") || !names, "{format}: {text}");
    }
    let page = said(&["explain", "OURS-SES-001"]);
    assert!(page.contains(&format!("the site's own; SHA-256 {}", digest.1)), "{page}");
    assert!(said(&["explain", "NP6-SES-002"]).contains(", shipped; SHA-256 "));
    let ladder = said(&["verify", "../out"]);
    assert!(ladder.contains("ours 1.0.0 (the site's own)"), "{ladder}");
    assert!(ladder.contains(&format!("ours: SHA-256 {}", digest.1)), "{ladder}");
}

/// The site's own rule says the same of the same line, more severely and with a looser limit.
#[test]
fn a_rule_of_the_site_speaks_in_the_place_of_no_shipped_one() {
    let plot = with_packs(OURS);
    own(&plot, "ours", "ours", "OURS-SES-001");
    plot.edit("packs/ours/OURS-SES-001.kdl", "severity=\"high\"", "severity=\"critical\"");
    plot.edit("packs/ours/OURS-SES-001.kdl", "\"24 h\"", "\"20 min\"");
    plot.edit("profiles/nport-baseline.kdl", "auto-logout \"5 min\"", "auto-logout \"90 min\"");
    let report = checked(&plot);
    let finding = report
        .findings
        .iter()
        .find(|f| f.family == "login.session-timeout" && f.device.as_deref() == Some("np07"))
        .unwrap();
    assert_eq!((&*finding.code, finding.severity), ("NP6-SES-002", fieldlock::finding::Severity::Critical));
    assert_eq!(finding.rules.len(), 2, "{:?}", finding.rules);
    let fix = &finding.fix.as_ref().unwrap().kdl;
    assert!(fix.contains("min"), "{fix}");
}

#[test]
fn samples_of_a_pack_of_the_site_run_in_every_check() {
    let wrong = |from: &str, to: &str| {
        let plot = with_packs(OURS);
        own(&plot, "ours", "ours", "OURS-SES-001");
        plot.edit("packs/ours/OURS-SES-001.kdl", from, to);
        let report = checked(&plot);
        let codes: Vec<String> = failing(&report);
        assert_eq!(report.outcome().code(), if codes.is_empty() { 0 } else { 2 });
        assert_eq!(report.devices.iter().any(|d| d.tally.pass > 0), codes.is_empty(), "{codes:?}");
        codes
    };
    assert_eq!(wrong("\"5 min\"", "\"5 min\""), [""; 0]);
    assert_eq!(
        wrong("passes { login { auto-logout \"5 min\" } }", "passes { login { auto-logout \"2 d\" } }"),
        ["pack.sample -", "pack.sample -"]
    );
    assert_eq!(wrong("    fails { login { auto-logout never } }\n", ""), ["pack.incomplete -"]);
    assert_eq!(wrong("    passes { login { auto-logout \"5 min\" } }\n", ""), ["pack.incomplete -"]);
    let many = "    fails { login { auto-logout never } }\n".repeat(2001);
    assert_eq!(wrong("    fails { login { auto-logout never } }\n", &many), ["pack.too-many-samples -"]);
}

/// `code device` of all that `check` says without secrets and `build` with them, but for rules that need secrets.
fn both(plot: &Plot) -> [Vec<String>; 2] {
    let build_rules = "ACC-002 ACC-004 PWD-006 BAK-002 SNM-001 SER-006 LOG-003";
    let told = |report: &Report| {
        let open = report.findings.iter().filter(|f| matches!(f.status, Verdict::Fail | Verdict::Unknown));
        let open =
            open.filter(|f| !build_rules.split(' ').any(|rule| f.code.ends_with(rule)) && f.code != "image.unproved");
        let mut told: Vec<String> =
            open.flat_map(|f| f.devices().map(|d| format!("{} {d}", f.code)).collect::<Vec<_>>()).collect();
        told.sort();
        told.dedup();
        told
    };
    let ready = common::ready(&plot.site(), None);
    for device in &ready.site.devices {
        each_value(&device.own, &mut |_, fact| {
            let Value::Secret(name) = &fact.value else { return };
            if !plot.dir.path().join("secrets").join(&**name).exists() {
                plot.put(&format!("../secrets/{name}"), b"Brick-Lake-71");
            }
        });
    }
    [told(&check(&ready, &Secrets::Absent, &common::selection("."))), told(&built(plot).report)]
}

#[test]
fn check_says_what_build_refuses_and_needs_no_secret() {
    type Change = fn(&Plot);
    let cases: [(&str, Change); 8] = [
        ("platform.no-base np02", |p| {
            std::fs::remove_file(p.site().join("captures/np02.ini")).unwrap();
            std::fs::remove_file(p.site().join("captures/np02.kdl")).unwrap();
        }),
        ("platform.firmware sw04", |p| p.edit("devices/sw04.kdl", "firmware=\"3.2\"", "firmware=\"99.0\"")),
        ("platform.no-firmware sw04", |p| p.edit("devices/sw04.kdl", " firmware=\"3.2\"", "")),
        ("platform.no-such-port np07", |p| p.edit("devices/np07.kdl", "NPort 6250-G2", "NPort 6150-G2")),
        ("platform.last-administrator np07", |p| {
            p.edit("devices/np07.kdl", "\"Administrator\"", "\"Operator\"");
        }),
        ("platform.unplaced np07", |p| {
            p.edit("devices/np07.kdl", "vendor-service off", "vendor-service off; telnet off")
        }),
        ("site.no-capture-text np02", |p| std::fs::remove_file(p.site().join("captures/np02.ini")).unwrap()),
        ("platform.limit ps7-router", |p| {
            p.edit("devices/ps7-router.kdl", "identity {", "identity { location \"café\";");
        }),
    ];
    for (expected, change) in cases {
        let plot = Plot::new();
        change(&plot);
        let [checked, built] = both(&plot);
        assert!(checked.iter().any(|told| told == expected), "{expected}: {checked:?}");
        assert_eq!(checked, built, "{expected}");
    }
}

/// Lines of the example's devices and profiles, each taken out or made strange once: what `check` says without secrets
/// is what `build` says with them.
#[test]
fn check_and_build_agree_on_mutated_sites() {
    let strange = ["\"\u{fc}ber\"", "\"a \\\" b; c\"", "\"10.20.0.1\"", "\"0\"", "off"];
    let mut cases = 0;
    for (name, bytes) in common::files(&common::project("examples/01-pump-station")) {
        if !(name.starts_with("devices/") || name.starts_with("profiles/")) {
            continue;
        }
        let text = String::from_utf8(bytes).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        for at in (1..lines.len()).filter(|at| at % 9 == name.len() % 9) {
            let with = |line: &str| -> String {
                lines.iter().enumerate().map(|(i, old)| format!("{}\n", if i == at { line } else { old })).collect()
            };
            let value = lines[at].split_inclusive(' ').collect::<Vec<_>>();
            let odd = strange[at % strange.len()];
            let last = value.iter().rposition(|word| word.starts_with('"')).map(|word| {
                let words =
                    value.iter().enumerate().map(|(i, w)| if i == word { format!("{odd} ") } else { (*w).to_owned() });
                words.collect::<String>()
            });
            for text in [Some(with("")), last.map(|line| with(&line))].into_iter().flatten() {
                let plot = Plot::new();
                plot.put(&name, text.as_bytes());
                let [checked, built] = both(&plot);
                assert_eq!(checked, built, "{name}:{}\n{text}", at + 1);
                cases += 1;
            }
        }
    }
    assert!(cases > 15, "{cases}");
}

/// Whoever has the public file and not the site reads what somebody answers for.
#[test]
fn the_public_file_carries_each_waiver_whole() {
    let plot = Plot::new();
    plot.edit("profiles/nport-baseline.kdl", "auto-logout \"5 min\"", "auto-logout \"20 min\"");
    let waiver = "waiver \"W-2026-901\" {\n    rule \"NP6-SES-002\"\n    \
                  zone \"control\" setting=\"login.auto-logout\" value=\"20 min\"\n    from \"2026-11-01\"; until \"2027-03-31\"\n    \
                  reason \"gloves\"; risk \"an open session\"; instead \"a locked cabinet\"; ticket \"CHG-9\"\n    \
                  owner \"ot-lead\"; approver \"ot-security\"\n}\n";
    plot.put("waivers/W-2026-901.kdl", waiver.as_bytes());
    plot.build();
    let public = |device: &str| -> serde_json::Value {
        let path = plot.out().join(format!("public/{device}.public.json"));
        serde_json::from_slice(&std::fs::read(path).unwrap()).unwrap()
    };
    let whole = serde_json::json!([{
        "approver": "ot-security", "families": [], "from": "2026-11-01", "id": "W-2026-901", "instead": "a locked cabinet",
        "owner": "ot-lead", "reason": "gloves", "risk": "an open session", "rules": ["NP6-SES-002"],
        "setting": "login.auto-logout", "ticket": "CHG-9", "until": "2027-03-31", "value": "20 min", "zone": "control",
    }]);
    assert_eq!(public("np07")["waivers"], whole);
    assert_eq!(public("sw04")["waivers"], serde_json::json!([]), "nothing of it is waived");
}

/// Every rule that speaks of the device's platform, with what its verdict rests on.
#[test]
fn the_public_file_lists_every_rule() {
    let plot = Plot::new();
    let listed = |device: &str| -> BTreeMap<String, (String, String)> {
        plot.build();
        let bytes = std::fs::read(plot.out().join(format!("public/{device}.public.json"))).unwrap();
        let public: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let text = |rule: &serde_json::Value, name: &str| rule[name].as_str().unwrap().to_owned();
        let rules = public["rules"].as_array().unwrap().iter();
        // of a rule of two moments the first counts
        rules.rev().map(|r| (text(r, "rule"), (text(r, "verdict"), text(r, "evidence")))).collect()
    };
    let rules = listed("ps7-router");
    let ready = common::ready(&plot.site(), None);
    let router = fieldlock::model::device::PlatformKind::MxRos;
    let packs = ready.packs.packs.iter().filter(|pack| pack.platforms.contains(&router));
    let wanted: Vec<&str> = packs.flat_map(|pack| &pack.rules).map(|rule| &*rule.id).collect();
    assert_eq!(rules.len(), wanted.len());
    assert!(wanted.iter().all(|id| rules.contains_key(*id)));
    let of = |rules: &BTreeMap<_, (String, String)>, id: &str| format!("{} {}", rules[id].0, rules[id].1);
    assert_eq!(of(&rules, "OT-NTP-003"), "pass read-back");
    assert_eq!(of(&rules, "MX-SVC-002"), "pass declared", "the capture says otherwise");
    assert_eq!(of(&rules, "MX-PWD-006"), "pass built");
    assert_eq!(of(&rules, "MX-REV-001"), "deferred none");
    assert_eq!(of(&listed("np07"), "NP6-NET-002"), "pass person");
    plot.edit("captures/ps7-router.cli", "10.20.0.5", "10.20.0.7");
    assert_eq!(of(&listed("ps7-router"), "OT-NTP-003"), "pass declared", "what was read is another server");
}

/// A date that somebody promised has passed: told on every site, and the review is not put off by a waiver.
#[test]
fn an_account_whose_review_is_overdue_is_found() {
    let plot = Plot::new();
    let overdue = |date: &str| {
        plot.put(
            "devices/np07.kdl",
            &std::fs::read(common::project("examples/01-pump-station/devices/np07.kdl")).unwrap(),
        );
        let account = "group=\"Administrator\" enabled=on";
        plot.edit("devices/np07.kdl", account, &format!("{account} review-by=\"{date}\""));
        let report = checked(&plot);
        let found: Vec<&str> =
            report.findings.iter().filter(|f| f.code == "OT-CRD-007").filter_map(|f| f.path.as_deref()).collect();
        found.join(" ")
    };
    assert_eq!(overdue("2026-11-21"), "accounts.account[ot-lead].review-by");
    assert_eq!(overdue("2026-11-22"), "", "the day itself");
}

/// A site that is pinned is told of a pack that is another one, that came or that went, and nothing is built.
#[test]
fn a_pack_that_is_not_the_one_that_was_agreed_to_is_told() {
    let plot = with_packs(r#"packs "nport-6000-g2" "iec-62443-4-2-mx" "ot-baseline" "fleet" "ours""#);
    own(&plot, "ours", "ours", "OURS-SES-001");
    let pin = || {
        let ready = common::ready(&plot.site(), None);
        plot.put("fieldlock.lock", pins::text(ready.index_packs()).as_bytes());
    };
    let pinned = |report: &Report| {
        let told = report.findings.iter().filter(|f| f.code == "pack.pin").map(|f| f.message.clone());
        (told.collect::<Vec<_>>(), report.packs.iter().filter(|pack| !pack.pinned).count())
    };
    assert_eq!(pinned(&checked(&plot)), (vec![], 5), "nothing is pinned yet");
    pin();
    assert_eq!(pinned(&checked(&plot)), (vec![], 0));
    // a line of a comment is a text, too: nobody has to know which lines matter
    plot.edit("packs/ours/OURS-SES-001.kdl", "rule", "// ours\nrule");
    let changed = "`ours` 1.0.0 has other rules or texts than what was agreed to";
    assert_eq!(pinned(&checked(&plot)), (vec![changed.to_owned()], 1));
    let refused = plot.try_build(&plot.out(), |with| with.keep_going = true).unwrap();
    assert!(!refused.wrote && failing(&refused.report).contains(&"pack.pin -".to_owned()));
    plot.edit("packs/ours/pack.kdl", "1.0.0", "1.1.0");
    assert_eq!(pinned(&checked(&plot)).0, ["`ours` is 1.1.0 now, and 1.0.0 was agreed to"]);
    plot.edit("fieldlock.lock", "from=\"own\"", "from=\"shipped\"");
    assert_eq!(pinned(&checked(&plot)).0, ["`ours` is the site's own now"]);
    pin();
    plot.edit("site.kdl", " \"fleet\" \"ours\"", "");
    assert_eq!(
        pinned(&checked(&plot)).0,
        ["`ours` is agreed to, and is not in force"],
        "`fleet` has a rule of every site"
    );
    plot.edit("site.kdl", "\"ot-baseline\"", "\"ot-baseline\" \"fleet\" \"ours\" \"ot-strict\"");
    assert_eq!(pinned(&checked(&plot)), (vec!["nobody agreed to what is in force: `ot-strict`".to_owned()], 1));
}

/// What `policy test` does with a site's own pack: a sample that says something else, and a rule that checks nothing.
#[test]
fn a_pack_of_a_site_is_tested_with_the_shipped_ones() {
    use std::process::Command;
    let plot = Plot::new();
    own(&plot, "ours", "ours", "OURS-SES-001");
    let run = |args: &[&str]| {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let output = common::alone(program.args(args).arg(plot.site())).output().unwrap();
        (output.status.code(), String::from_utf8(output.stdout).unwrap())
    };
    let (code, told) = run(&["policy", "test", "--pack", "ours"]);
    assert!(code == Some(0) && told.starts_with("1 rule   2 samples"), "{told}");
    assert!(run(&["policy", "list"]).1.contains("OURS-SES-001  high"));
    plot.edit("packs/ours/OURS-SES-001.kdl", "\"24 h\"", "\"never\"");
    let (code, told) = run(&["policy", "test", "--pack", "ours"]);
    assert!(
        code == Some(1) && told.contains("should fail") && told.contains("nothing was found that makes it fail"),
        "{told}"
    );
    let (code, doc) = run(&["policy", "doc", "--pack", "ours"]);
    assert!(code == Some(0) && doc.contains("| [OURS-SES-001](ours/OURS-SES-001.kdl) | high |"), "{doc}");
}
