//! Plans: made, shown, approved, checked; one that is stale, altered, used or not approved is refused.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::{Command, Output};

use crate::common;
use crate::common::needs;

/// A copy of the example's site, the folders of a person, and keys.
struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(tempfile::tempdir().unwrap());
        let example = common::project("examples/01-pump-station");
        for (name, bytes) in common::files(&example) {
            desk.put(&format!("site/{name}"), &bytes);
        }
        desk
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        let path = self.path(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    fn text(&self, name: &str) -> String {
        std::fs::read_to_string(self.path(name)).unwrap()
    }

    fn change(&self, name: &str, from: &str, to: &str) {
        let text = self.text(name);
        assert!(text.contains(from), "{from} in {text}");
        self.put(name, text.replacen(from, to, 1).as_bytes());
    }

    fn run(&self, args: &[&str]) -> Output {
        Command::new(env!("CARGO_BIN_EXE_fieldlock"))
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .output()
            .unwrap()
    }

    #[track_caller]
    fn ends(&self, code: i32, args: &[&str]) -> String {
        let output = self.run(args);
        let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {shown}");
        shown
    }

    fn plan(&self) -> String {
        self.ends(0, &["plan", "np02", "site", "--by", "ot-lead", "--to", "plan.json"])
    }

    /// A key of somebody who may approve.
    fn key(&self, name: &str, listed: bool) {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", name, "-f"])
            .arg(self.path(name))
            .status()
            .unwrap();
        assert!(made.success());
        if listed {
            let own = self.path("config/fieldlock/plan_approvers");
            let before = std::fs::read_to_string(own).unwrap_or_default();
            let line = format!("{name} namespaces=\"fieldlock-plan.v1\" {}", self.text(&format!("{name}.pub")));
            self.put("config/fieldlock/plan_approvers", (before + &line).as_bytes());
        }
    }

    fn approve(&self, key: &str) {
        self.ends(0, &["plan", "approve", "plan.json", "--sign-key", key]);
    }
}

#[test]
fn a_plan_is_made_shown_and_the_same_for_the_same_input() {
    let desk = Desk::new();
    let shown = desk.plan();
    assert!(shown.contains("in today"), "{shown}");
    let first = desk.text("plan.json");
    let plan: serde_json::Value = serde_json::from_str(&first).unwrap();
    assert!(!plan["steps"].as_array().unwrap().is_empty());
    assert_eq!(plan["author"], "ot-lead");
    let markdown = desk.ends(0, &["plan", "show", "plan.json", "--markdown"]);
    assert!(markdown.starts_with("# Plan for `np02`"), "{markdown}");
    let json = desk.ends(0, &["plan", "show", "plan.json", "--format", "json"]);
    assert_eq!(serde_json::from_str::<serde_json::Value>(&json).unwrap(), plan);
    desk.plan();
    let again: serde_json::Value = serde_json::from_str(&desk.text("plan.json")).unwrap();
    assert_eq!(again["steps"], plan["steps"]);
}

#[test]
fn what_is_not_known_or_fails_is_not_planned() {
    let desk = Desk::new();
    desk.ends(2, &["plan", "np99", "site", "--by", "ot-lead"]);
    desk.ends(2, &["plan", "np02", "site", "--by", "nobody"]);
    desk.ends(2, &["plan", "np02", "site"]);
    assert!(desk.ends(2, &["plan", "show", "nothing"]).contains("`fieldlock plan DEVICE --to FILE`"));
    desk.change("site/site.kdl", "set \"iec", "station \"eng-02\" address=\"10.20.0.11\"\n    set \"iec");
    let shown = desk.ends(2, &["plan", "np02", "site", "--by", "ot-lead"]);
    assert!(shown.contains("--from"), "{shown}");
}

#[test]
fn a_plan_that_locks_out_is_refused_until_somebody_says_what_happens() {
    let desk = Desk::new();
    // from an address that the allowlist does not let in
    let out = ["plan", "ps7-router", "site", "--by", "ot-lead", "--from", "10.20.0.99"];
    let shown = desk.ends(5, &out);
    assert!(shown.contains("leaves nobody in"), "{shown}");
    let accept = |sentence: &'static str| [&out[..], &["--accept", sentence]].concat();
    let shown = desk.ends(5, &accept("yes"));
    let sentence = shown.split('`').nth(1).unwrap().to_owned();
    assert!(sentence.starts_with("ps7-router can't be reached from 10.20.0.99 after step"), "{shown}");
    let shown = desk.ends(0, &accept(sentence.leak()));
    assert!(shown.contains("NOBODY GETS IN AFTER IT"), "{shown}");
}

#[test]
fn a_plan_holds_once_and_while_nothing_moved() {
    if !needs::program("ssh-keygen") {
        return;
    }
    let desk = Desk::new();
    desk.plan();
    let check = ["plan", "check", "plan.json", "site"];
    assert!(desk.ends(5, &check).contains("approved by 0 of 1"));
    for (key, listed) in [("ot-security", true), ("ot-lead", true), ("OT-lead@desk", true), ("stranger", false)] {
        desk.key(key, listed);
    }
    // neither who made it, by whatever key, nor who may not
    desk.approve("ot-lead");
    desk.approve("OT-lead@desk");
    desk.approve("stranger");
    assert!(desk.ends(5, &check).contains("approved by 0 of 1"));
    desk.approve("ot-security");
    assert!(desk.ends(0, &check).contains("approved by ot-security"));
    // the tools of everybody say the same of it
    let verified = Command::new("ssh-keygen")
        .args(["-Y", "verify", "-n", "fieldlock-plan.v1", "-I", "ot-security", "-f"])
        .arg(desk.path("config/fieldlock/plan_approvers"))
        .arg("-s")
        .arg(desk.path("plan.json.4.sig"))
        .stdin(std::fs::File::open(desk.path("plan.json")).unwrap())
        .output()
        .unwrap();
    assert!(verified.status.success());

    // altered: what stands there is no plan, or not the one that was signed
    let good = desk.text("plan.json");
    for bad in [
        good.replacen('{', "{ ", 1),
        good.replacen("\"approvals\":1", "\"approvals\":0", 1).replacen("ot-lead", "ot-lees", 1),
    ] {
        desk.put("plan.json", bad.as_bytes());
        desk.ends(5, &check);
    }
    desk.put("plan.json", good.as_bytes());

    // stale: what is described, who must keep which rules, what the device shows
    let device = desk.text("site/devices/np02.kdl");
    desk.put(
        "site/devices/np02.kdl",
        device
            .replacen("device \"np02\" {", "device \"np02\" {\n    mail { sender \"np02@weir.example\" }", 1)
            .as_bytes(),
    );
    assert!(desk.ends(5, &check).contains("the description of the device says something else"));
    desk.put("site/devices/np02.kdl", device.as_bytes());
    let site = desk.text("site/site.kdl");
    desk.change("site/site.kdl", "demo on", "demo on\n    plan-approvals 2");
    assert!(desk.ends(5, &check).contains("more people must approve"));
    desk.put("site/site.kdl", site.as_bytes());
    desk.ends(0, &check);

    // used
    assert!(desk.ends(0, &[&check[..], &["--begin"]].concat()).contains("good for no other time"));
    assert!(desk.ends(5, &check).contains("was carried out already"));
}

/// The pack `plan`: what a change loses is refused, unless somebody answers for it; what follows from one is told, and
/// approved with the plan.
#[test]
fn the_changes_are_judged_by_rules_of_their_own() {
    let desk = Desk::new();
    let told =
        |desk: &Desk, device: &str| desk.ends(0, &["plan", device, "site", "--by", "ot-lead", "--to", "plan.json"]);
    desk.change("site/site.kdl", "\"fleet\"", "\"fleet\" \"plan\"");
    assert!(!told(&desk, "np07").contains("PLN-"));
    let (router, banner) = (desk.text("site/captures/ps7-router.cli"), "Property of Example Water");
    desk.put("site/captures/ps7-router.cli", format!("{router}unheard-of on\n").as_bytes());
    let line = router.lines().count() + 1;
    let shown = told(&desk, "ps7-router");
    assert!(
        shown.contains("medium PLN-006: ") && shown.contains(&format!("lines of what was read do: {line}\n")),
        "{shown}"
    );
    let imported = "certificate \"imported\" file=\"certs/np07.pem\" root=\"certs/web-ca.pem\"";
    desk.change("site/devices/np07.kdl", "10.20.7.7", "10.20.7.8");
    assert!(!told(&desk, "np07").contains("PLN-002"), "an imported certificate stays");
    desk.change(
        "site/devices/np07.kdl",
        imported,
        &format!("certificate \"self-signed\" sha256=\"{}\"", "3f".repeat(32)),
    );
    let shown = told(&desk, "np07");
    assert!(shown.contains("medium PLN-002: `address`: becomes 10.20.7.8/16, and is 10.20.7.7/16 today"), "{shown}");
    let plan: serde_json::Value = serde_json::from_str(&desk.text("plan.json")).unwrap();
    assert_eq!(plan["findings"][0]["rules"], serde_json::json!(["PLN-002"]));
    assert!(desk.ends(0, &["plan", "show", "plan.json", "--markdown"]).contains("- medium PLN-002: "));
    // the notice is lost, which only a rule of medium severity asks for
    let profile = desk.text("site/profiles/nport-baseline.kdl");
    let notice = profile.lines().find(|line| line.contains(banner)).unwrap();
    desk.change("site/profiles/nport-baseline.kdl", notice, "banner \"\"");
    let lost = ["plan", "np07", "site", "--by", "ot-lead"];
    let shown = desk.ends(5, &lost);
    assert!(
        shown.contains("the changes of np07 break PLN-004: ") && shown.contains("NP6-BAN-001 holds no longer"),
        "{shown}"
    );
    let waiver = "waiver \"W-2026-001\" {\n rule \"NP6-BAN-001\"\n device \"np07\" setting=\"login.banner\" value=\"\"\n from \
                  \"2020-01-01\"; until \"2999-01-01\"\n reason \"r\"; risk \"r\"; instead \"i\"\n ticket \"T-1\"; owner \
                  \"ot-lead\"; approver \"ot-security\"\n}\n";
    let (from, until) = (jiff::Timestamp::now() - jiff::SignedDuration::from_hours(24), jiff::Timestamp::now());
    let day = |time: jiff::Timestamp| time.strftime("%Y-%m-%d").to_string();
    let until = day(until + jiff::SignedDuration::from_hours(24 * 30));
    desk.put(
        "site/waivers/W-2026-001.kdl",
        waiver.replace("2020-01-01", &day(from)).replace("2999-01-01", &until).as_bytes(),
    );
    let shown = desk.ends(0, &lost);
    assert!(!shown.contains("PLN-004"), "{shown}");
    // a site that does not name the pack is not asked
    std::fs::remove_file(desk.path("site/waivers/W-2026-001.kdl")).unwrap();
    desk.change("site/site.kdl", " \"plan\"", "");
    assert!(!desk.ends(0, &lost).contains("PLN-"));
}
