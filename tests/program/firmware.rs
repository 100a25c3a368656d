//! A downloaded firmware against the site's list: each way to fail has a sentence and a code of its own.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::process::Output;

use sha2::{Digest, Sha512};

use super::cli::{code, fieldlock, text};
use crate::common;

const SITE: &str = "examples/01-pump-station";

/// A site whose list is `lines`, and beside it a file of 200,000 bytes.
struct Bench {
    dir: tempfile::TempDir,
    sha512: String,
}

impl Bench {
    fn new() -> Bench {
        let dir = tempfile::tempdir().unwrap();
        common::copy(&common::project(SITE), &dir.path().join("site"));
        let bytes: Vec<u8> = (0..200_000u32).map(|n| (n % 253) as u8).collect();
        std::fs::write(dir.path().join("fw.rom"), &bytes).unwrap();
        std::fs::write(dir.path().join("cut.rom"), &bytes[..199_999]).unwrap();
        let mut other = bytes.clone();
        other[100_000] ^= 1;
        std::fs::write(dir.path().join("other.rom"), other).unwrap();
        let sha512 = Sha512::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        Bench { dir, sha512 }
    }

    fn list(&self, lines: &str) {
        let path = self.dir.path().join("site/site.kdl");
        let text = std::fs::read_to_string(common::project(SITE).join("site.kdl")).unwrap();
        let lines = lines.replace("SHA", &self.sha512);
        std::fs::write(path, text.replace("    person \"ot-lead\"", &format!("{lines}\n    person \"ot-lead\"")))
            .unwrap();
    }

    fn verify(&self, args: &[&str]) -> Output {
        let args = [&["firmware", "verify"][..], args, &["--site", "site"]].concat();
        fieldlock(self.dir.path(), &args)
    }

    fn says(&self, expected: i32, args: &[&str], words: &str) {
        let output = self.verify(args);
        let shown = text(&output).split_whitespace().collect::<Vec<_>>().join(" ");
        assert_eq!(code(&output), expected, "{args:?}: {shown}");
        assert!(shown.contains(words), "{args:?}: `{words}` is not in {shown}");
    }
}

const G2: &str = "firmware \"NPort 6150-G2\" \"1.1.0\" sha512=\"SHA\" size=200000 approved=on from=\"https://vendor.example/fw\" \
                  taken=\"2026-03-09\" by=\"ot-lead\"";
const ROUTER: &str = "firmware \"EDR-G9010\" \"3.24\" size=200000 sha512=\"";

#[test]
fn each_way_to_fail_has_its_sentence_and_its_code() {
    let bench = Bench::new();
    let router = format!("{ROUTER}{}\"", "ab".repeat(64));
    let list = format!("{}\n{router}", G2.replace("SHA", &bench.sha512.to_uppercase().replace("A", " A")));
    bench.list(&list);
    bench.says(0, &["fw.rom"], "fw.rom is NPort 6150-G2 1.1.0");
    bench.says(0, &["fw.rom"], "https://vendor.example/fw, taken 2026-03-09 by ot-lead");
    bench.says(0, &["fw.rom", "--model", "NPort 6150-G2-T", "--version", "1.1"], "approved yes");
    bench.says(
        5,
        &["fw.rom", "--model", "EDR-G9010-VPN-2MGSFP"],
        "it is NPort 6150-G2 1.1.0, not `EDR-G9010-VPN-2MGSFP`",
    );
    bench.says(2, &["fw.rom", "--version", "1.0"], "no line with a SHA-512 for version 1.0");
    bench.says(2, &["fw.rom", "--version", "one"], "one");
    bench.says(5, &["other.rom"], "no line of `site.kdl` for any firmware has its SHA-512");
    bench.says(5, &["other.rom", "--model", "NPort 6150-G2"], "its SHA-512 is not that of NPort 6150-G2 1.1.0");
    bench.says(5, &["cut.rom", "--model", "NPort 6150-G2"], "it has 199999 bytes, NPort 6150-G2 1.1.0 has 200000");
    bench.says(2, &["none.rom"], "none.rom");
    bench.says(2, &["."], "names no file");
    let json = String::from_utf8(bench.verify(&["fw.rom", "--format", "json"]).stdout).unwrap();
    let json = common::document("firmware", &json);
    assert_eq!((&json["sha512"], &json["lines"][0]["by"]), (&bench.sha512.clone().into(), &"ot-lead".into()));
}

#[test]
fn a_list_that_says_too_little_or_wrong() {
    let bench = Bench::new();
    bench.says(2, &["fw.rom"], "lists no firmware with its SHA-512");
    bench.list(&G2.replace("200000", "199999"));
    bench.says(2, &["fw.rom"], "says 199999 bytes, and the file of that SHA-512 has 200000");
    bench.list(&format!(
        "{}\nfirmware \"NPort 6150-G2\" \"1.2\" approved=on",
        G2.replace("approved=on", "approved=off")
    ));
    bench.says(1, &["fw.rom"], "the site approves another version than NPort 6150-G2 1.1.0");
    bench.list(&format!("{G2}\nfirmware \"NPort 6150-G2\" \"1.2\" sha512=\"abc\""));
    bench.says(2, &["fw.rom"], "`site.kdl` has mistakes");
}

#[cfg(unix)]
#[test]
fn no_link_is_followed_and_no_pipe_waited_for() {
    let bench = Bench::new();
    bench.list(G2);
    std::os::unix::fs::symlink("fw.rom", bench.dir.path().join("link.rom")).unwrap();
    bench.says(2, &["link.rom"], "link.rom");
    bench.says(2, &["/dev/zero"], "zero");
}
