//! `examples/07-outputs`: one of each output, made here of a site with a history, a signed build and receipts; and its
//! page, which says where the answers of an auditor and of a change board stand.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::PathBuf;
use std::process::Command;

use fieldlock::image::KdfCeiling;
use fieldlock::pipeline::posture::{Earlier, Task as Change, posture};
use fieldlock::pipeline::verify::{self, Source, Task};
use fieldlock::pipeline::{self, List, Selection, Sign};
use fieldlock::report::verify::RungAnswer;
use fieldlock::report::{self, Report, View, documents, formats, page};
use fieldlock::secret::Secrets;
use fieldlock::site::SiteDevice;
use fieldlock::site::files::Root;
use jiff::Timestamp;

use crate::common::signer::Signer;
use crate::common::{self, With, build_with, files, needs, project, ready, secrets};

const EXAMPLE: &str = "examples/07-outputs";
/// What only the last commit has.
const NEW: [&str; 2] = ["devices/sw-gate.kdl", "waivers/W-2026-031.kdl"];
/// What came home from the plant.
const HOME: [&str; 4] = ["receipts/", "captures/np21.", "attestations/", "evidence/"];
/// What the last commit changed: file, as it is now, as it was.
const CHANGED: [(&str, &str, &str); 6] = [
    ("devices/weir-router.kdl", "telnet on purpose=\"vendor's gauge software\"", "telnet off"),
    (
        "devices/weir-router.kdl",
        "    allowlist on { whole-lan off; host \"10.40.0.77\" purpose=\"laptop of the gauge's vendor\" }\n",
        "    allowlist { whole-lan off }\n",
    ),
    ("packs/own/pack.kdl", "0.2.0", "0.1.0"),
    ("packs/own/OWN-SES-001.kdl", "at-most=\"10 min\"", "at-most=\"5 min\""),
    ("packs/own/OWN-SES-001.kdl", "after ten minutes", "after five minutes"),
    ("packs/own/OWN-SES-001.kdl", "longer than ten minutes", "longer than five minutes"),
];
const SECRETS: [(&str, &str); 6] = [
    ("np21/ot-lead", "Sluice-4-gate-and-board"),
    ("weir-router/ot-admin", "Tailrace-7-and-the-eel"),
    ("weir-router/backup", "Penstock-3-over-gravel"),
    ("sw-gate/ot-admin", "Culvert-9-under-a-lane"),
    ("sw-gate/backup", "Flume-5-behind-the-mill"),
    ("site/fingerprint-key", "6f1d2c3b4a5968778695a4b3c2d1e0f00f1e2d3c4b5a69788796a5b4c3d2e1f0"),
];

/// A repository with the example as it became, and a build that follows from one before.
struct Weir {
    dir: tempfile::TempDir,
    ana: Signer,
}

/// A commit: who, when, what they said of it.
type Said = (&'static str, &'static str, &'static str);
const PLANNED: Said = ("ana", "2026-11-20T10:00:00Z", "CHG-4460 the weir as it is planned");
const DONE: Said = ("ben", "2026-12-01T12:00:00Z", "CHG-4460 done at np21, receipts brought home");
const CHANGE: Said = ("ana", "2026-12-04T15:30:00Z", "CHG-4471 Telnet for the vendor of the gauge, until January");
const BUILT_BEFORE: &str = "2026-12-01T13:00:00Z";
const BUILT: &str = "2026-12-05T09:00:00Z";

fn at(time: &str) -> Timestamp {
    time.parse().unwrap()
}

impl Weir {
    fn new() -> Option<Weir> {
        let ana = Signer::new("ana@example")?;
        if !needs::program("git") {
            return None;
        }
        let weir = Weir { dir: tempfile::tempdir().unwrap(), ana };
        for (name, value) in SECRETS {
            let path = weir.path("secrets").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, value).unwrap();
            #[cfg(unix)]
            std::fs::set_permissions(&path, std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
        }
        let ignored = std::fs::read(project("schema/first/gitignore")).unwrap();
        weir.write(".gitignore", &ignored);
        weir.git(&["init", "-q", "-b", "main", "."], PLANNED);
        weir.put(|name| !is_any(&NEW, name) && !is_any(&HOME, name), true);
        weir.commit(PLANNED);
        weir.put(|name| is_any(&HOME, name), false);
        let done = weir.commit(DONE);
        weir.build(&done, DONE, BUILT_BEFORE);
        std::fs::rename(weir.site(), weir.path("before")).unwrap();
        common::copy(&weir.path("before"), &weir.site());
        weir.put(|_| true, false);
        let change = weir.commit(CHANGE);
        weir.build(&change, CHANGE, BUILT);
        Some(weir)
    }

    fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    fn site(&self) -> PathBuf {
        self.path("weir")
    }

    fn out(&self) -> PathBuf {
        self.path("out")
    }

    fn write(&self, name: &str, bytes: &[u8]) {
        let path = self.site().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, bytes).unwrap();
    }

    /// Files of the example, as they are or as they were.
    fn put(&self, wanted: impl Fn(&str) -> bool, before: bool) {
        for (name, bytes) in files(&project(EXAMPLE)) {
            let own = !["outputs/", "README.md", "ben.signers"].iter().any(|other| name.starts_with(other));
            if !own || !wanted(&name) {
                continue;
            }
            let mut text = String::from_utf8(bytes).unwrap();
            for (file, now, then) in CHANGED.iter().filter(|(file, ..)| before && *file == name) {
                assert!(text.contains(now), "{file} has no {now}");
                text = text.replace(now, then);
            }
            self.write(&name, text.as_bytes());
        }
    }

    fn git(&self, args: &[&str], (who, when, _): Said) -> String {
        let mut git = Command::new("git");
        let mail = format!("{who}@example");
        git.args(["-c", "commit.gpgsign=false", "-c", "core.autocrlf=false"]).args(args).current_dir(self.site());
        for (kind, date) in [("AUTHOR", when), ("COMMITTER", when)] {
            git.env(format!("GIT_{kind}_NAME"), who).env(format!("GIT_{kind}_EMAIL"), &mail);
            git.env(format!("GIT_{kind}_DATE"), date);
        }
        let output = common::alone(&mut git).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    fn commit(&self, said: Said) -> String {
        self.git(&["add", "."], said);
        self.git(&["commit", "-q", "-m", said.2], said);
        self.git(&["rev-parse", "HEAD"], said)
    }

    fn build(&self, commit: &str, (who, when, said): Said, now: &str) {
        let (site, sign) = (self.site(), &|index: &[u8]| self.ana.sign(index));
        let (ready, sign): (_, &Sign<'_>) = (ready(&site, None), sign);
        let values = secrets(&site, &ready, Some(&self.path("secrets")));
        let with = With {
            sign: Some(sign),
            signers: Some(&self.ana.allowed),
            commit,
            commit_time: when,
            commit_words: (who, said),
            now: at(now),
            steady: true,
            ..With::of(&ready)
        };
        let built = build_with(&ready, &values, &self.out(), &with).unwrap();
        assert!(built.wrote, "{:#?}", built.report.findings);
    }

    /// `check` of some devices, as it is shown in a format.
    fn checked(&self, devices: &'static [&'static str], list: List, write: formats::Write) -> String {
        let ready = ready(&self.site(), None);
        let chosen = |device: &SiteDevice| devices.contains(&&*device.name);
        let selection = Selection { list, edits: true, ..Selection::of(&chosen, at(BUILT)) };
        let mut report = pipeline::check(&ready, &Secrets::Absent, &selection);
        report.rules = pipeline::rule_pages(&ready);
        write(&report, &ready.sources, &View::default())
    }

    fn diff(&self) -> (Report, pipeline::ReadySite) {
        let ready = ready(&self.site(), None);
        let mut report = pipeline::compare(&ready, &Secrets::Absent, &Selection::of(&|_| true, at(BUILT)));
        // as `diff` does: what rules say of the description is the business of `check`
        report.findings.retain(fieldlock::finding::Finding::is_input_error);
        (report, ready)
    }

    fn ladder(&self) -> report::verify::Ladder {
        let folder = Root::open(&self.out()).unwrap();
        let listing = verify::listing(&folder, Some(&self.ana.allowed), at(BUILT)).unwrap();
        let task = Task {
            folder: &folder,
            listing: &listing,
            devices: &|_| true,
            source: &Source::Absent("the site's source is not here: --site DIR says where it is".to_owned()),
            unlock: &|_| None,
            rebuild: false,
            seen: &fieldlock::ledger::SeenRevisions::default(),
            rollback: false,
            now: at(BUILT),
            ceiling: KdfCeiling(u32::MAX),
            progress: None,
            take: None,
        };
        let mut ladder = verify::verify(&task).ladder;
        // names in OSCAL are made of what is said
        if let RungAnswer::Holds(text) = &mut ladder.signed {
            *text = steady(text);
        }
        ladder
    }

    /// A list of `report`, or the dossier, by the program: as of the time of the build, of what is committed.
    fn report(&self, args: &[&str]) -> String {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        program.arg("report").args(args).args([".", "--as-of", "2026-12-05 09:00 UTC"]);
        let output = common::alone(&mut program).current_dir(self.site()).output().unwrap();
        assert!(output.status.success(), "{args:?}: {}", String::from_utf8_lossy(&output.stderr));
        String::from_utf8(output.stdout).unwrap()
    }
}

fn is_any(begins: &[&str], name: &str) -> bool {
    begins.iter().any(|begin| name.starts_with(begin))
}

/// Whose key it is differs in every run.
fn steady(text: &str) -> String {
    // in Markdown, and in JSON of it, some of its letters are escaped
    let key = regex::Regex::new(r"SHA256:(?:\\{0,2}[A-Za-z0-9+/]){43}").unwrap();
    key.replace_all(text, "SHA256:Qm3vX0tqJ5mPz8bGkYw2nR4cLs7dHf1uEa9oTiVjB6U").into_owned()
}

#[test]
fn one_of_each_output_is_as_the_program_makes_it() {
    let Some(weir) = Weir::new() else { return };
    let mut made: Vec<(String, String)> = Vec::new();
    let mut add = |name: &str, text: String| made.push((name.to_owned(), text));
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap();
    const MX: &[&str] = &["sw-gate", "weir-router"];
    for (name, write) in [
        ("check.concise.txt", formats::concise as formats::Write),
        ("check.plain.txt", formats::plain),
        ("check.json", formats::json),
        ("check.sarif", formats::sarif),
        ("check.quality.json", formats::quality),
        ("check.github.txt", formats::annotations),
        ("check.md", formats::merge),
        ("check.csv", formats::csv),
        ("check.html", formats::html),
    ] {
        add(name, weir.checked(MX, List::Nothing, write));
    }
    add("check.junit.xml", weir.checked(&["sw-gate"], List::All, formats::junit));
    add("check.components.json", weir.checked(&["sw-gate"], List::All, formats::oscal_components));
    let (report, at_hand) = weir.diff();
    add("diff.md", formats::merge(&report, &at_hand.sources, &View::default()));
    add("diff.csv", formats::csv(&report, &at_hand.sources, &View::default()));
    let ladder = weir.ladder();
    let (rows, files) = verify::rows(&ladder, "out", &documents::said(at(BUILT)), &report.version);
    add("verify.md", report::verify::markdown(&ladder));
    add("verify.html", page::verified(&ladder));
    add("verify.oscal.json", formats::oscal(&rows, &files, &View::default()));
    add("verify.csv", formats::csv(&rows, &files, &View { all: true, ..View::default() }));
    for name in ["review.md", "review.html"] {
        add(name, read(weir.out().join(name)));
    }
    let before = ready(&weir.path("before"), None);
    let told = posture(&Change {
        before: Earlier::Site(&before, "the build before".to_owned()),
        after: (&at_hand, "commit of CHG-4471".to_owned()),
        secrets: &Secrets::Absent,
        now: at(BUILT),
        devices: &|_| true,
    });
    add("posture.txt", report::posture(&told, &View::default()));

    let ben = project(EXAMPLE).join("ben.signers");
    let (ben, out, ana) = (ben.to_str().unwrap(), weir.out(), weir.ana.file());
    let signed =
        ["--build", out.to_str().unwrap(), "--allowed-signers", ana.to_str().unwrap(), "--receipt-signers", ben];
    add("dossier.html", weir.report(&[&["dossier"], &signed[..]].concat()));
    add("coverage.csv", weir.report(&["coverage", "--format", "csv"]));
    add("evidence.txt", weir.report(&["evidence", "CR 1.11"]));
    add("waivers.csv", weir.report(&["waivers", "--format", "csv"]));
    add("inventory.csv", weir.report(&["inventory", "--format", "csv"]));
    add("firmware.txt", weir.report(&["firmware"]));
    add("receipts.txt", weir.report(&["receipts", "--allowed-signers", ben]));
    add("history.csv", weir.report(&["history", "--format", "csv"]));
    let curve = weir.path("history.svg");
    add("history.html", weir.report(&["history", "--format", "html", "--svg", curve.to_str().unwrap()]));
    add("history.svg", read(curve));
    let wrong: Vec<String> = made
        .iter()
        .filter_map(|(name, text)| common::expected::difference(&format!("{EXAMPLE}/outputs/{name}"), &steady(text)))
        .collect();
    assert!(wrong.is_empty(), "{}\n{} writes them anew", wrong.join("\n"), common::expected::bless());
    let kept: Vec<String> = files_of_outputs();
    let mut names: Vec<String> = made.into_iter().map(|(name, _)| name).collect();
    names.sort();
    assert_eq!(kept, names, "a file that nothing makes");
    let page = std::fs::read_to_string(project(EXAMPLE).join("README.md")).unwrap();
    for name in &names {
        assert!(page.contains(&format!("`{name}`")), "README.md does not tell of {name}");
    }
}

fn files_of_outputs() -> Vec<String> {
    files(&project(EXAMPLE).join("outputs")).into_iter().map(|(name, _)| name).collect()
}

/// Each of the twenty has its answer at the place that the page names.
#[test]
fn the_twenty_answers_stand_where_the_page_says() {
    let page = std::fs::read_to_string(project(EXAMPLE).join("README.md")).unwrap();
    let mut asked = 0;
    for row in page.lines().filter_map(|line| line.strip_prefix("| ")) {
        let cells: Vec<&str> = row.trim_end_matches(" |").split(" | ").collect();
        let [number, question, file, words] = cells[..] else { continue };
        if number.parse::<usize>().is_err() {
            continue;
        }
        asked += 1;
        let file = file.trim_matches('`');
        let text = std::fs::read_to_string(project(EXAMPLE).join("outputs").join(file)).unwrap();
        let words = words.split("`, `").map(|words| words.trim_matches('`'));
        for words in words {
            assert!(text.contains(words), "{question}: {file} does not say {words:?}");
        }
    }
    assert_eq!(asked, 20);
}
