//! Receipts: shown, verified; one that was altered, or that nobody known here signed, proves nothing.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::Command;

use fieldlock::image::Digest;
use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{
    Begun, Ended, Event, FORMAT, How, Identity, Outcome, Part, Row, RowStatus, SavedPage,
};
use fieldlock::ledger::signature::RECEIPT_NAMESPACE;

use crate::common;

struct Desk(tempfile::TempDir);

impl Desk {
    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    #[track_caller]
    fn ends(&self, code: i32, args: &[&str]) -> String {
        let output = Command::new(env!("CARGO_BIN_EXE_fieldlock"))
            .args(args)
            .current_dir(self.0.path())
            .env("XDG_CONFIG_HOME", self.path("config"))
            .env("XDG_STATE_HOME", self.path("state"))
            .output()
            .unwrap();
        let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {shown}");
        shown
    }
}

/// What somebody did at one device; a row was skipped.
pub(super) fn receipt() -> Receipt {
    let at = |second: i64| jiff::Timestamp::from_second(1_773_222_120 + second).unwrap();
    let begun = Begun {
        answers: String::new(),
        approved: Vec::new(),
        by: "ot-lead".to_owned(),
        device: "np07".to_owned(),
        emergency: String::new(),
        format: FORMAT.to_owned(),
        image: Digest::of(b"image").to_string(),
        plan: String::new(),
        revision: 17,
        sheet: Digest::of(b"sheet").to_string(),
        site: "west".to_owned(),
        tool: "fieldlock 0.1.0".to_owned(),
    };
    let row = |id: &str, field: &str, status, said: &str| {
        let (menu, path) = ("Security > Login Settings".to_owned(), "login.lockout.after".to_owned());
        let (id, field, said) = (id.to_owned(), field.to_owned(), said.to_owned());
        Event::Row(Row { field, id, menu, path, said, status, typed: String::new(), value: "3".to_owned() })
    };
    let serial = Identity {
        expected: "TBAAB0004417".to_owned(),
        fits: true,
        how: How::Typed,
        part: Part::Serial,
        seen: "TBAAB0004417".to_owned(),
    };
    let mut receipt = Receipt::begin(begun, at(0)).unwrap();
    let page = SavedPage { menu: "Security > Login Settings".to_owned(), saved: true, seen: true };
    for (second, event) in (1..).zip([
        Event::Identity(serial),
        row("0a1b2c3d", "Retry failure threshold", RowStatus::Done, ""),
        row("1a1b2c3d", "Lockout time (min)", RowStatus::Skipped, "\u{202e}the panel is in use"),
        Event::Page(page),
        Event::Ended(Ended { confirmed: 1, left: 1, outcome: Outcome::Deviates }),
    ]) {
        receipt.add(event, at(second)).unwrap();
    }
    receipt
}

#[test]
fn a_receipt_is_shown_and_proved_by_whoever_signed_it() {
    let desk = Desk(tempfile::tempdir().unwrap());
    let receipt = receipt();
    common::expected::expect("fuzz/seeds/receipt/np07.receipt", std::str::from_utf8(receipt.bytes()).unwrap());
    std::fs::write(desk.path("np07.receipt"), receipt.bytes()).unwrap();
    let shown = desk.ends(0, &["receipt", "show", "np07.receipt"]);
    for told in
        ["serial number TBAAB0004417, typed by a person", "SKIPPED, \\u{202e}the panel", "1 row left", "NOT PROVED"]
    {
        assert!(shown.contains(told), "{told} in {shown}");
    }
    let json: serde_json::Value =
        serde_json::from_str(&desk.ends(0, &["receipt", "show", "np07.receipt", "--format", "json"])).unwrap();
    assert_eq!((&json["confirmed"][0], &json["number"]), (&"0a1b2c3d".into(), &receipt.number().into()));
    assert!(desk.ends(5, &["receipt", "verify", "np07.receipt"]).contains("nobody signed it"));
    assert!(desk.ends(2, &["receipt", "show", "nothing"]).contains("give a receipt that `fieldlock apply` wrote"));

    if common::needs::program("ssh-keygen") {
        let keygen = |args: &[&str]| {
            assert!(
                Command::new("ssh-keygen").args(args).current_dir(desk.0.path()).output().unwrap().status.success()
            );
        };
        keygen(&["-q", "-t", "ed25519", "-N", "", "-C", "", "-f", "key"]);
        keygen(&["-q", "-Y", "sign", "-n", RECEIPT_NAMESPACE, "-f", "key", "np07.receipt"]);
        assert!(desk.ends(5, &["receipt", "verify", "np07.receipt"]).contains("NOT PROVED"));
        // whoever signs builds does not therefore sign receipts
        desk.ends(0, &["trust", "add", "ot-lead", "key.pub"]);
        assert!(desk.ends(5, &["receipt", "verify", "np07.receipt"]).contains("NOT PROVED"));
        desk.ends(2, &["trust", "add", "ot-lead", "key.pub", "--for", "receipts", "--site", "west"]);
        desk.ends(0, &["trust", "add", "ot-lead", "key.pub", "--for", "receipts"]);
        assert!(desk.ends(0, &["receipt", "verify", "np07.receipt"]).contains("is whole, signed by ot-lead"));
        let listed = desk.ends(0, &["trust", "list"]);
        assert!(listed.contains("for receipts\not-lead"), "{listed}");
        desk.ends(0, &["trust", "remove", "ot-lead", "--for", "receipts"]);
        assert!(desk.ends(5, &["receipt", "verify", "np07.receipt"]).contains("NOT PROVED"));
    }
    let text = String::from_utf8(receipt.bytes().to_vec()).unwrap();
    for (from, to) in [("skipped", "done"), ("\"revision\":17", "\"revision\":18"), ("0a1b2c3d", "0a1b2c3e")] {
        std::fs::write(desk.path("np07.receipt"), text.replacen(from, to, 1)).unwrap();
        for verb in ["show", "verify"] {
            assert!(desk.ends(5, &["receipt", verb, "np07.receipt"]).contains("is no receipt"), "{from}");
        }
    }
    let (open, _) = text.trim_end().rsplit_once('\n').unwrap();
    std::fs::write(desk.path("np07.receipt"), format!("{open}\n")).unwrap();
    assert!(desk.ends(5, &["receipt", "verify", "np07.receipt"]).contains("it does not end"));
}

/// Nobody writes into what stands where a document or its signature is to be: it is refused, and not waited for.
#[test]
#[cfg(unix)]
fn no_pipe_is_waited_for() {
    let desk = Desk(tempfile::tempdir().unwrap());
    std::fs::write(desk.path("np07.receipt"), receipt().bytes()).unwrap();
    for name in ["np07.receipt.sig", "pipe"] {
        assert!(Command::new("mkfifo").arg(desk.path(name)).status().unwrap().success());
    }
    for line in ["receipt show np07.receipt", "receipt verify np07.receipt", "receipt show pipe", "plan show pipe"] {
        let told = desk.ends(2, &line.split(' ').collect::<Vec<_>>());
        assert!(told.contains("it is no regular file"), "{line}: {told}");
    }
}
