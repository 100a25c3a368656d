//! A newer list of firmware with known holes: taken where somebody signed it whom the person lets sign lists, and from
//! nowhere else.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use fieldlock::embedded;
use fieldlock::model::value::Sha256;

use super::trust::Person;
use crate::common::signer::Signer;
use crate::common::{self, project};

const PURPOSE: &str = "fieldlock-advisories.v1";
const SITE: &str = "examples/01-pump-station";

/// Somebody with a list, and one who signs lists.
struct Bench {
    person: Person,
    psirt: Signer,
}

/// The shipped list as a later version, with a hole in the firmware of `np07`.
fn newer(version: u32) -> String {
    let hole = "    advisory \"MPSA-999999\" platform=\"nport-6000-g2\" {\n        cve \"CVE-2027-0001\"\n        affected \
                \"NPort 6250-G2\" to=\"1.1.0\" fixed=\"1.2\" grade=\"confirmed\" source=\"record\"\n    }\n}\n";
    let shipped = embedded::ADVISORIES[0].1;
    let (_, holes) = shipped.split_once("advisories version=").unwrap().1.split_once('{').unwrap();
    format!("advisories version={version} date=\"2027-02-03\" {{{}{hole}", holes.trim_end().strip_suffix('}').unwrap())
}

impl Bench {
    /// `None` where ssh-keygen is missing.
    fn new() -> Option<Bench> {
        let bench = Bench { person: Person::new(), psirt: Signer::new("psirt")? };
        common::copy(&project(SITE), &bench.person.home.path().join("site"));
        Some(bench)
    }

    fn trusted() -> Option<Bench> {
        let bench = Bench::new()?;
        let told = bench.says(0, &["trust", "add", "psirt", &bench.psirt.public().to_line(), "--for", "advisories"]);
        assert!(told.contains("psirt may sign advisories for every site: ssh-ed25519 SHA256:"), "{told}");
        Some(bench)
    }

    fn says(&self, code: i32, args: &[&str]) -> String {
        self.person.says(code, args)
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.person.home.path().join(name), bytes).unwrap();
    }

    /// A list in a file, signed.
    fn signed(&self, list: &[u8]) {
        self.write("list.kdl", list);
        self.write("list.kdl.sig", &self.psirt.sign_for(list, PURPOSE).unwrap());
    }

    /// The list that a report names, and what the rule on known holes says of `np07`.
    fn judged(&self, code: i32) -> (serde_json::Value, String) {
        let args = ["check", "site", "--device", "np07", "--all", "--format", "json"];
        let report = common::document("report", &self.says(code, &args));
        let of_rule = |finding: &&serde_json::Value| finding["rule"] == "NP6-FWU-006";
        let said: Vec<&str> = report["findings"]
            .as_array()
            .unwrap()
            .iter()
            .filter(of_rule)
            .filter_map(|f| f["status"].as_str())
            .collect();
        (report["known_holes"].clone(), said.join(" "))
    }

    /// Nothing that was refused changed anything.
    fn refused(&self, code: i32, why: &str) {
        let before = self.says(0, &["advisories", "show"]);
        let told = self.says(code, &["advisories", "take", "list.kdl"]);
        assert!(told.contains(why) && told.contains("the list of known holes is as it was"), "{why}\n{told}");
        assert_eq!(self.says(0, &["advisories", "show"]), before, "{why}");
    }
}

#[test]
fn a_newer_list_judges_as_soon_as_somebody_trusted_signed_it() {
    let Some(bench) = Bench::trusted() else { return };
    let (shipped, said) = bench.judged(0);
    assert_eq!((&shipped["shipped"], &shipped["signer"], &*said), (&true.into(), &serde_json::Value::Null, "pass"));
    assert_eq!(shipped["sha256"], Sha256::of(embedded::ADVISORIES[0].1.as_bytes()).to_string());
    assert_eq!(bench.says(0, &["advisories", "show"]), embedded::ADVISORIES[0].1);
    let list = newer(9);
    bench.signed(list.as_bytes());
    let told = bench.says(0, &["advisories", "take", "list.kdl"]);
    assert!(told.starts_with("taken: list 9 of 2027-02-03, signed by psirt, SHA-256 "), "{told}");
    assert_eq!(bench.says(0, &["advisories", "show"]), list);
    let (holes, said) = bench.judged(1);
    assert_eq!(
        (&holes["version"], &holes["date"], &holes["signer"]),
        (&9.into(), &"2027-02-03".into(), &"psirt".into())
    );
    assert_eq!((&holes["sha256"], &*said), (&Sha256::of(list.as_bytes()).to_string().into(), "fail"));
    let plain = bench.says(1, &["check", "site", "--device", "np07", "--format", "plain"]);
    let line = format!(
        "list 9 of 2027-02-03, signed by psirt, SHA-256 {}...; no newer list than of that day",
        &holes["sha256"].as_str().unwrap()[..12]
    );
    assert!(plain.contains(&line) && plain.contains("MPSA-999999 (CVE-2027-0001)"), "{plain}");
    // whoever says of a model what is known goes by the same list
    let models =
        common::document("models", &bench.says(0, &["models", "--platform", "nport-6000-g2", "--format", "json"]));
    assert_eq!(models["known_holes"]["version"], 9);
    // again is no change, and an older one is none
    bench.says(0, &["advisories", "take", "list.kdl"]);
    bench.signed(newer(8).as_bytes());
    bench.refused(5, "list 8 of 2027-02-03 is older than list 9 of 2027-02-03");
    let told = bench.says(0, &["advisories", "drop"]);
    assert!(told.starts_with("the list that fieldlock came with judges: list "), "{told}");
    assert_eq!(bench.judged(0), (shipped, "pass".to_owned()));
}

#[test]
fn what_nobody_trusted_signed_for_this_is_not_taken() {
    let Some(bench) = Bench::new() else { return };
    let list = newer(9);
    bench.signed(list.as_bytes());
    bench.refused(5, "no line of the allowed signers has this key");
    // who may sign builds may not therefore say what is safe, nor the other way round
    bench.says(0, &["trust", "add", "psirt", &bench.psirt.public().to_line(), "--site", "example-west"]);
    bench.refused(5, "no line of the allowed signers has this key");
    bench.says(0, &["trust", "remove", "psirt", "--site", "example-west"]);
    bench.says(0, &["trust", "add", "psirt", &bench.psirt.public().to_line(), "--for", "advisories"]);
    assert!(bench.says(0, &["trust", "list"]).contains("for advisories\npsirt  ssh-ed25519  SHA256:"));
    bench.write("list.kdl", list.replace("1.2", "1.3").as_bytes());
    bench.refused(5, "it is not what was signed by");
    bench.write("list.kdl", list.as_bytes());
    bench.write("list.kdl.sig", &bench.psirt.sign(list.as_bytes()).unwrap());
    bench.refused(5, "the signature is for `fieldlock-index.v1`, not for `fieldlock-advisories.v1`");
    bench.write("list.kdl.sig", b"");
    bench.refused(5, "the signature file is not as ssh-keygen wrote it");
    std::fs::remove_file(bench.person.home.path().join("list.kdl.sig")).unwrap();
    bench.refused(2, "list.kdl.sig");
}

/// Signed, and no list that this fieldlock reads.
#[test]
fn a_signature_makes_no_list_of_what_is_none() {
    let Some(bench) = Bench::trusted() else { return };
    let (list, shipped) = (newer(9), embedded::ADVISORIES[0].1);
    let changed = shipped.replacen("nport-6000-g2", "nport-6000", 1);
    let nested = format!("advisories version=9 date=\"2027-02-03\" {{ {} }}", "a { ".repeat(5_000));
    let large = format!("{list}{}", "// \n".repeat(300_000));
    let cases: [(Vec<u8>, i32, &str); 11] = [
        (newer(1).replace("2027-02-03", "2026-05-04").into_bytes(), 5, "it is another list 1"),
        (changed.into_bytes(), 5, "it is another list 1"),
        (list.replace("2027-02-03", "2020-01-01").into_bytes(), 5, "says less of the time than list 1"),
        (list.replacen("version=9", "version=9 format=2", 1).into_bytes(), 5, "of another format"),
        (list.replace("fixed=\"1.2\"", "fixed=\"1.2\" hardware=\"2\"").into_bytes(), 5, "of another format"),
        (list.replace("grade=\"confirmed\" source=\"record\"", "").into_bytes(), 5, "no grade or no source"),
        (b"".to_vec(), 5, "a list is one `advisories` node"),
        (b"\xff\xfe\x00advisories".to_vec(), 5, "it is no UTF-8"),
        (b"advisories \"\x1b[2J\" {".to_vec(), 5, "it is no KDL"),
        (nested.into_bytes(), 5, "it is no KDL"),
        (large.into_bytes(), 2, "list.kdl"),
    ];
    for (list, code, why) in cases {
        bench.signed(&list);
        bench.refused(code, why);
    }
    let hostile = list.replace("MPSA-999999", "\\u{1b}[2J\\u{202e}").replace("CVE-2027-0001", "<b>");
    bench.signed(hostile.as_bytes());
    bench.says(0, &["advisories", "take", "list.kdl"]);
    for format in common::FORMATS {
        let told = bench.says(1, &["check", "site", "--device", "np07", "--format", format]);
        assert!(!told.contains(['\u{1b}', '\u{202e}']), "{format}: {told}");
    }
}

/// Neither what a clone brings along, nor what lay there once and nobody vouches for now.
#[test]
fn a_list_is_believed_from_the_persons_own_folder_and_as_long_as_its_signer_is() {
    let Some(bench) = Bench::trusted() else { return };
    bench.signed(newer(9).as_bytes());
    let read = |name: &str| std::fs::read(bench.person.home.path().join(name)).unwrap();
    let whole = [read("list.kdl.sig"), read("list.kdl")].concat();
    for name in ["advisories", "advisories.kdl", "known.kdl"] {
        bench.write(&format!("site/{name}"), &whole);
    }
    let (list, said) = bench.judged(0);
    assert!(list["shipped"] == true && said == "pass", "{list} {said}");
    bench.says(0, &["advisories", "take", "list.kdl"]);
    assert_eq!(bench.judged(1).1, "fail");
    let own = ".config/fieldlock/advisories";
    assert_eq!(read(own), whole);
    for changed in [&whole[..whole.len() - 1], &whole[1..], &read("list.kdl"), b"", b"\xff"] {
        bench.write(own, changed);
        let told = bench.says(5, &["check", "site", "--device", "np07"]);
        assert!(told.contains("is not believed: ") && told.contains("fieldlock advisories drop"), "{told}");
    }
    bench.write(own, &whole);
    assert_eq!(bench.judged(1).1, "fail");
    let told = bench.says(0, &["trust", "remove", "psirt", "--for", "advisories"]);
    assert!(told.contains("a list of known holes that was taken is not believed any more"), "{told}");
    for args in [&["check", "site"][..], &["models"], &["advisories", "show"]] {
        assert!(bench.says(5, args).contains("no line of the allowed signers has this key"), "{args:?}");
    }
    bench.says(0, &["advisories", "drop"]);
    assert_eq!(bench.judged(0).1, "pass");
}
