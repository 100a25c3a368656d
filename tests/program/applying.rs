//! Work at a device, at a terminal that Python makes: the right device first, every answer kept before the next, broken
//! off anywhere, gone on with, taken back; and no secret in anything that is kept.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fieldlock::ledger::Receipt;
use fieldlock::ledger::receipt::{Event, Outcome};
use fieldlock::sheet::Sheet;
use fieldlock::sheet::answers::{
    Answers, Before, Clock, FORMAT as ANSWERS, OfSheet, PageAnswer, RowAnswer, Save, Status, Tick,
};

use crate::common;
use crate::common::plot::Plot;

const PERSON: &str = include_str!("../common/person.py");
const PASSPHRASE: &str = "weir sluice penstock tailrace";

/// A signed build, and the folders of whoever stands at the device.
pub(crate) struct Bench {
    pub(crate) plot: Plot,
}

pub(crate) type Rules<'a> = Vec<(&'a str, Vec<&'a str>)>;

impl Bench {
    pub(crate) fn new() -> Option<Bench> {
        if !common::needs::python("pty") || !common::needs::program("ssh-keygen") {
            return None;
        }
        let bench = Bench { plot: Plot::new() };
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"])
            .arg(bench.path("key"))
            .status();
        assert!(made.unwrap().success());
        std::fs::write(bench.path("phrase"), PASSPHRASE).unwrap();
        bench.ends(0, &["trust", "add", "ot-lead", "key.pub"]);
        bench.ends(0, &["trust", "add", "ot-lead", "key.pub", "--for", "receipts"]);
        bench.build();
        // what the device itself exports: nothing is blanked in it
        let capture = std::fs::read_to_string(bench.path("site/captures/np02.ini")).unwrap();
        std::fs::write(bench.path("np02.ini"), capture.replace("<hidden>", "k3eps-its-0wn")).unwrap();
        Some(bench)
    }

    pub(crate) fn build(&self) {
        let args = ["build", "site", "--out", "out", "--secrets", "secrets", "--passphrase-file", "phrase"];
        self.ends(0, &[&args[..], &["--sign-key", "key"]].concat());
    }

    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.plot.dir.path().join(name)
    }

    pub(crate) fn home<'c>(&self, command: &'c mut Command) -> &'c mut Command {
        command.current_dir(self.plot.dir.path()).env_remove("CI").stdin(Stdio::null());
        command.env("XDG_CONFIG_HOME", self.path("config")).env("XDG_STATE_HOME", self.path("state"))
    }

    #[track_caller]
    pub(crate) fn ends(&self, code: i32, args: &[&str]) -> String {
        let output = self.home(Command::new(env!("CARGO_BIN_EXE_fieldlock")).args(args)).output().unwrap();
        let shown = format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert_eq!(output.status.code(), Some(code), "{args:?}: {shown}");
        shown
    }

    /// What the terminal showed, and the exit code.
    pub(crate) fn person(&self, rules: &Rules<'_>, kill: usize, args: &[&str]) -> (String, i32) {
        let rules = serde_json::to_string(rules).unwrap();
        let mut python = Command::new("python3");
        python.args(["-c", PERSON, &rules, &kill.to_string(), env!("CARGO_BIN_EXE_fieldlock")]).args(args);
        let output = self.home(&mut python).output().unwrap();
        (String::from_utf8_lossy(&output.stdout).into_owned(), output.status.code().unwrap())
    }

    /// How many questions there are to who does everything.
    pub(crate) fn questions(&self) -> usize {
        let rules = serde_json::to_string(&diligent()).unwrap();
        let mut python = Command::new("python3");
        python.args(["-c", PERSON, &rules, "0", env!("CARGO_BIN_EXE_fieldlock")]).args(apply(&[]));
        let output = self.home(&mut python).output().unwrap();
        std::fs::remove_dir_all(self.path("out/receipts")).unwrap();
        String::from_utf8(output.stderr).unwrap().trim().parse().unwrap()
    }

    /// Somebody else than its author approves a plan.
    fn approve(&self, plan: &str) {
        let mut keygen = Command::new("ssh-keygen");
        keygen.args(["-q", "-t", "ed25519", "-N", "", "-C", "", "-f"]).arg(self.path("second"));
        assert!(keygen.status().unwrap().success());
        self.ends(0, &["plan", "approve", plan, "--sign-key", "second"]);
        self.ends(0, &["trust", "add", "ot-security", "second.pub", "--for", "plans"]);
    }

    pub(crate) fn sheet(&self) -> Sheet {
        Sheet::read(&std::fs::read(self.path("out/sheets/np07.sheet.json")).unwrap()).unwrap()
    }

    pub(crate) fn receipts(&self) -> Vec<Receipt> {
        let Ok(entries) = std::fs::read_dir(self.path("out/receipts")) else { return Vec::new() };
        let mut paths: Vec<PathBuf> = entries.map(|entry| entry.unwrap().path()).collect();
        paths.sort();
        let receipts = paths.iter().filter(|path| path.extension().is_some_and(|e| e == "receipt"));
        receipts.map(|path| Receipt::read(&std::fs::read(path).unwrap()).unwrap()).collect()
    }

    fn journal(&self) -> Option<Receipt> {
        let bytes = std::fs::read(self.path("state/fieldlock/journals/pump-station~np07/journal")).ok()?;
        (!bytes.is_empty()).then(|| Receipt::parse(&bytes).unwrap())
    }

    /// Nothing that is kept holds the value of a secret.
    pub(crate) fn no_secret_is_kept(&self) {
        let values = common::files(&self.path("secrets"));
        for folder in ["state", "out/receipts"] {
            for (name, bytes) in common::files(&self.path(folder)) {
                for (secret, value) in &values {
                    let value = value.trim_ascii();
                    let there = value.len() > 3 && bytes.windows(value.len()).any(|window| window == value);
                    assert!(!there, "{secret} stands in {folder}/{name}");
                }
            }
        }
    }
}

const APPLY: [&str; 7] = ["apply", "np07", "--by", "ot-lead", "--from", "out", "--sign-key"];

pub(crate) fn apply<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&APPLY[..], &["key"], more].concat()
}

/// Who does everything as it is printed, at the device that the image is for.
pub(crate) fn diligent<'a>() -> Rules<'a> {
    vec![
        ("opens, yes or no", vec!["yes"]),
        ("model of the device", vec!["NPort 6250-G2"]),
        ("serial number of the device", vec!["TBAAB0004417"]),
        ("MAC address of the device", vec!["00:90:e8:a1:04:07"]),
        ("firmware of the device", vec!["1.1.0"]),
        ("logged in a second time", vec!["yes"]),
        ("address of this laptop", vec!["10.20.0.10"]),
        ("SAVE pressed", vec!["yes"]),
        ("values stand, yes", vec!["yes"]),
        ("q stop", vec![""]),
    ]
}

#[test]
fn everything_is_done_and_signed_for() {
    let Some(bench) = Bench::new() else { return };
    let (shown, code) = bench.person(&diligent(), 0, &apply(&[]));
    assert_eq!(code, 0, "{shown}");
    let [receipt] = &bench.receipts()[..] else { panic!("{shown}") };
    let rows = bench.sheet().rows().count();
    let ended = receipt.ended().unwrap();
    assert_eq!((ended.outcome, ended.left, ended.confirmed as usize), (Outcome::Done, 0, rows));
    assert_eq!(receipt.serial(), Some("TBAAB0004417"));
    assert!(bench.journal().is_none(), "it is ended");
    let file = format!("out/receipts/{}", receipt_name(&bench));
    assert!(bench.ends(0, &["receipt", "verify", &file]).contains("signed by ot-lead"));
    let told = bench.ends(0, &["receipt", "show", &file]);
    assert!(told.contains("nothing is left") && told.contains("exports nothing that can be read"), "{told}");
    // the folder is what it was built as all the same
    bench.ends(0, &["verify", "out", "--device", "np07"]);
    bench.no_secret_is_kept();
}

fn receipt_name(bench: &Bench) -> String {
    let names = common::files(&bench.path("out/receipts"));
    names.into_iter().map(|(name, _)| name).find(|name| name.ends_with(".receipt")).unwrap()
}

/// Killed at any question, the journal holds every answer that was given; going on ends as if nothing had been.
#[test]
fn killed_anywhere_the_journal_is_true() {
    let Some(bench) = Bench::new() else { return };
    let sheet = bench.sheet();
    let rows = sheet.rows().count();
    // the console and who the device is take five questions; then rows and pages
    let questions = bench.questions();
    assert!(questions > 20, "only {questions} questions");
    for kill in (3..=questions).step_by(3) {
        let (shown, _) = bench.person(&diligent(), kill, &apply(&[]));
        let answered = bench.journal().map_or(0, |journal| journal.rows().len());
        let given = shown.matches("q stop [done]: ").count().saturating_sub(usize::from(shown.ends_with("[done]: ")));
        assert_eq!(answered, given, "kill at {kill}: {shown}");
        assert_eq!(bench.journal().is_some(), kill > 5, "kill at {kill}");
        if let Some(journal) = bench.journal() {
            if shown.ends_with("q stop [done]: ") {
                assert!(matches!(journal.lines().last().unwrap().event, Event::Started(_)), "kill at {kill}");
            }
            let (refused, code) = bench.person(&diligent(), 0, &apply(&[]));
            assert!(code == 5 && refused.contains("--resume"), "{refused}");
            let (shown, code) = bench.person(&diligent(), 0, &apply(&["--resume"]));
            assert_eq!(code, 0, "kill at {kill}: {shown}");
            let receipts = bench.receipts();
            let receipt = receipts.iter().find(|receipt| receipt.begun().sheet == sheet.digest().to_string()).unwrap();
            assert_eq!(receipt.ended().unwrap().confirmed as usize, rows, "kill at {kill}");
        }
        assert!(bench.journal().is_none(), "kill at {kill}");
        let _ = std::fs::remove_dir_all(bench.path("out/receipts"));
    }
}

#[test]
fn what_deviates_is_told_and_locks_what_follows_in_its_chain() {
    let Some(bench) = Bench::new() else { return };
    let sheet = bench.sheet();
    let (_, first) = sheet.rows().find(|(_, row)| !row.chain.is_empty()).unwrap();
    let wait = sheet.rows().filter(|(_, row)| row.chain == first.chain).count() - 1;
    assert!(wait > 0, "a chain of one row locks nothing");
    let mut rules = diligent();
    let head = format!("{:>4}  {}\r\n", first.no, first.field);
    rules.insert(0, ("      why: ", vec!["the panel is in use"]));
    rules.insert(1, (&head, vec!["s", ""]));
    let (shown, code) = bench.person(&rules, 0, &apply(&[]));
    assert_eq!(code, 6, "{shown}");
    let [receipt] = &bench.receipts()[..] else { panic!("{shown}") };
    assert_eq!(receipt.ended().unwrap().outcome, Outcome::Deviates);
    assert_eq!(shown.matches("waits for a new plan").count(), wait, "{shown}");
    assert!(shown.contains("skipped, the panel is in use"), "{shown}");
}

#[test]
fn another_device_is_named_and_nothing_is_sent() {
    let Some(bench) = Bench::new() else { return };
    let other = |serial: &'static str| {
        let mut rules = diligent();
        rules.insert(0, ("serial number of the device", vec![serial]));
        rules
    };
    let sibling = fieldlock::image::inspect(&bench.plot.image("sw04")).unwrap().core.unwrap().serial;
    let (shown, code) = bench.person(&other(sibling.clone().leak()), 0, &apply(&[]));
    assert!(code == 5 && shown.contains(&format!("{sibling}, which is sw04")), "{code} {shown}");
    assert!(shown.contains("nothing was sent"), "{shown}");
    let (shown, code) = bench.person(&other("TBAAB0009999"), 0, &apply(&[]));
    assert!(code == 5 && shown.contains("--rebind"), "{code} {shown}");
    assert!(bench.journal().is_none() && bench.receipts().is_empty());
    let mut rules = diligent();
    rules.insert(0, ("firmware of the device", vec!["9.9"]));
    let (shown, code) = bench.person(&rules, 0, &apply(&[]));
    assert!(code == 5 && shown.contains("firmware first"), "{code} {shown}");
    rules.insert(0, ("opens, yes or no", vec!["no"]));
    assert_eq!(bench.person(&rules, 0, &apply(&[])).1, 4);
    // what differed on the old one says nothing of this one
    let spare = apply(&["--rebind", "the old one burnt, CHG-7"]);
    let (shown, code) = bench.person(&other("TBAAB0009999"), 0, &spare);
    assert!(code == 5 && shown.contains("settings of np07 are not on this sheet"), "{code} {shown}");
    for (name, _) in common::files(&bench.path("site/captures")).iter().filter(|(name, _)| name.starts_with("np07.")) {
        std::fs::remove_file(bench.path("site/captures").join(name)).unwrap();
    }
    bench.build();
    // the end of a number is enough to know a device by, and not to write it down
    let (shown, code) = bench.person(&other("9999"), 0, &spare);
    assert!(code == 5 && shown.contains("no whole serial number"), "{code} {shown}");
    let (shown, code) = bench.person(&other("TBAAB0009999"), 0, &spare);
    assert_eq!(code, 0, "{shown}");
    let [receipt] = &bench.receipts()[..] else { panic!("{shown}") };
    assert!(
        receipt.lines().iter().any(|line| matches!(&line.event, Event::Rebound(said) if said.text.contains("CHG-7")))
    );
    // its description is of the spare part from then on
    bench.ends(0, &RETURN);
    let described = std::fs::read_to_string(bench.path("site/devices/np07.kdl")).unwrap();
    assert!(described.contains(" serial=\"TBAAB0009999\"") && !described.contains("TBAAB0004417"), "{described}");
    // and its stick comes home again without a word against it
    assert!(bench.ends(0, &RETURN).contains("in the site already"));
}

/// One secret for one row, on request; it is taken off the screen, and what is typed of it is not kept.
#[test]
fn a_secret_is_shown_for_its_row_and_kept_nowhere() {
    let Some(bench) = Bench::new() else { return };
    let mut rules = diligent();
    // a passphrase that opens nothing ends nothing
    rules.insert(0, ("passphrase of", vec!["another phrase altogether 77", PASSPHRASE]));
    rules.insert(1, ("Enter when it is typed", vec![""]));
    rules.insert(2, ("? show the secret", vec!["?", "?", ""]));
    let (shown, code) = bench.person(&rules, 0, &apply(&[]));
    assert_eq!(code, 0, "{shown}");
    assert_eq!(shown.matches("not shown: ").count(), 1, "{shown}");
    let value = String::from_utf8(std::fs::read(bench.path("secrets/np07/ot-lead")).unwrap()).unwrap();
    assert!(shown.matches(value.trim()).count() == 1 && shown.contains("\u{1b}[2A\u{1b}[J"), "{shown}");
    bench.no_secret_is_kept();
    // typed where it does not belong
    let mut rules = diligent();
    rules.insert(0, ("      why: ", vec![value.trim()]));
    rules.insert(1, ("q stop", vec!["s"]));
    let (shown, code) = bench.person(&rules, 0, &apply(&["--passphrase-file", "phrase"]));
    assert!(code == 6 && shown.contains("stands in what was typed"), "{code} {shown}");
    bench.no_secret_is_kept();
}

#[test]
fn what_does_not_verify_is_for_no_device() {
    let Some(bench) = Bench::new() else { return };
    // without a terminal nobody can be asked
    assert!(bench.ends(2, &apply(&[])).contains("--answers"));
    bench.ends(2, &["apply", "np99", "--by", "ot-lead", "--from", "out"]);
    // it can be read, and has to be
    assert!(bench.ends(5, &["apply", "np02", "--by", "ot-lead", "--from", "out"]).contains("--backup"));
    let sheet = bench.path("out/sheets/np07.sheet.json");
    let good = std::fs::read_to_string(&sheet).unwrap();
    std::fs::write(&sheet, good.replacen("\"page\":", "\"pages\":", 0).replacen("np07", "np08", 1)).unwrap();
    let refused = bench.ends(5, &apply(&[]));
    assert!(refused.contains("what does not verify") && refused.contains("nothing was sent"), "{refused}");
    std::fs::write(&sheet, good).unwrap();
    std::fs::remove_file(bench.path("out/index.json.sig")).unwrap();
    bench.ends(5, &apply(&[]));
    let demo = common::project("examples/01-pump-station");
    let to = bench.path("demo-out");
    bench.ends(0, &["build", demo.to_str().unwrap(), "--out", to.to_str().unwrap()]);
    let own = bench.path("nobody");
    let refused = Command::new(env!("CARGO_BIN_EXE_fieldlock"))
        .args(["apply", "np07", "--by", "ot-lead", "--from", to.to_str().unwrap()])
        .env("XDG_CONFIG_HOME", own.join("config"))
        .env("XDG_STATE_HOME", own.join("state"))
        .output()
        .unwrap();
    assert_eq!(refused.status.code(), Some(5));
    assert!(String::from_utf8_lossy(&refused.stderr).contains("is of a demo"), "{refused:?}");
    assert!(bench.journal().is_none() && !Path::new(&bench.path("out/receipts")).exists());
}

/// What somebody answered on the page: every row done, every page saved and seen.
pub(crate) fn answers(sheet: &Sheet, number: u32, previous: &str) -> Answers {
    let at = &*jiff::Timestamp::now().strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
    let tick = |seq: usize| Some(Tick { seq: seq as u64, at: at.into(), by: "ol".into() });
    let rows = sheet.rows().map(|(_, row)| RowAnswer {
        no: row.no,
        id: row.id.clone(),
        field: row.field.clone(),
        status: Status::Done,
        why: String::new(),
        place: String::new(),
        name: String::new(),
        value: String::new(),
        serial_last: String::new(),
        by: "ol".into(),
        at: at.into(),
        seq: u64::from(row.no),
    });
    let count = sheet.rows().count();
    let page = |(at, page): (usize, &fieldlock::sheet::Page)| PageAnswer {
        page: page.name.clone(),
        saved: tick(count + 2 * at + 1),
        seen: tick(count + 2 * at + 2),
    };
    Answers {
        format: ANSWERS.into(),
        sheet: OfSheet {
            kind: sheet.kind,
            site: sheet.site.clone(),
            device: sheet.device.clone(),
            serial: sheet.head.serial.clone(),
            revision: sheet.revision,
            review: sheet.review.clone(),
            sheet: sheet.digest(),
            tool: sheet.tool.clone(),
            demo: sheet.demo,
        },
        save: Save { number, at: at.into(), previous: previous.into() },
        clock: Clock { zone_min: 0, offset_s: 0 },
        before: Before {
            label: true,
            serial_last: "4417".into(),
            firmware: "1.1.0".into(),
            clock_right: true,
            name: "ot-lead".into(),
            initials: "ol".into(),
            ..Before::default()
        },
        pages: sheet.pages.iter().enumerate().map(page).collect(),
        rows: rows.collect(),
        log: Vec::new(),
    }
}

impl Bench {
    pub(crate) fn save(&self, answers: &Answers) -> PathBuf {
        let text = answers.to_text();
        let path = self.path(&format!("out/{}", answers.file_name(text.as_bytes())));
        std::fs::write(&path, text).unwrap();
        path
    }
}

const RETURN: [&str; 4] = ["return", "out", "--site", "site"];

/// Evidence for the verdicts, nothing left to do, the sixth rung: by what came home.
#[test]
fn what_was_done_comes_home_and_counts() {
    let Some(bench) = Bench::new() else { return };
    let models = [("NPort 6250-G2", "1.1"), ("NPort 6250", "2.3"), ("EDR-G9010", "3.24"), ("MDS-G4012", "3.2")];
    for (model, firmware) in models {
        let approved = format!("firmware \"{model}\" \"{firmware}\" approved=on\n    log-server");
        bench.plot.edit("site.kdl", "log-server", &approved);
    }
    bench.build();
    let diff = ["diff", "site", "--device", "np07", "--secrets", "secrets", "--exit-code"];
    assert!(bench.ends(3, &diff).contains("Auto logout") || bench.sheet().rows().count() > 3);
    assert!(bench.ends(0, &["verify", "out", "--device", "np07"]).contains("no receipt of it is here"));
    assert_eq!(bench.person(&diligent(), 0, &apply(&[])).1, 0);
    let told = bench.ends(0, &RETURN);
    assert!(told.contains("signed by ot-lead") && told.contains("commit them together"), "{told}");
    assert!(bench.ends(0, &RETURN).contains("in the site already"));
    let receipt = bench.receipts().remove(0);
    let rung = bench.ends(0, &["verify", "out", "--device", "np07"]);
    assert!(rung.contains(&format!("receipt {}", receipt.number())) && rung.contains("TBAAB0004417"), "{rung}");
    std::fs::rename(bench.path("out/receipts"), bench.path("gone")).unwrap();
    // the site's own count too; its sheet says by now that nothing is left
    let rung = bench.ends(3, &["verify", "out", "--device", "np07", "--site", "site"]);
    assert!(rung.contains(&format!("receipt {}", receipt.number())), "{rung}");
    let quiet = bench.ends(0, &diff);
    assert!(quiet.contains(&format!("receipt {}", receipt.number())), "{quiet}");
    bench.ends(0, &["check", "site", "--device", "np07", "--secrets", "secrets"]);
    bench.build();
    let public = std::fs::read_to_string(bench.path("out/public/np07.public.json")).unwrap();
    let public: serde_json::Value = serde_json::from_str(&public).unwrap();
    let evidence =
        |word: &str| public["rules"].as_array().unwrap().iter().filter(|rule| rule["evidence"] == word).count();
    assert!(evidence("person") > 10, "{public}");
    // the half of a rule that only the device shows is answered by whoever read it there
    let of = |rule: &serde_json::Value| (rule["moment"].to_string(), rule["verdict"].to_string());
    let rules = public["rules"].as_array().unwrap().iter().filter(|rule| rule["rule"] == "NP6-FWU-002");
    let at_device = rules.map(of).find(|(moment, _)| moment == "\"connect\"");
    assert_eq!(at_device.unwrap().1, "\"pass\"", "{public}");
    // nothing but secrets, which nobody can see, is on the sheet any more
    let due = bench.sheet();
    assert!(due.rows().all(|(_, row)| row.verb == fieldlock::dialect::sheet::Verb::Secret), "{due:?}");
}

#[test]
fn saved_answers_come_home_once_and_only_without_contradiction() {
    let Some(bench) = Bench::new() else { return };
    let sheet = bench.sheet();
    let first = answers(&sheet, 1, "");
    let path = bench.save(&first);
    let digest = fieldlock::image::Digest::of(first.to_text().as_bytes()).to_string();
    // what goes on from it takes its place
    let mut second = answers(&sheet, 2, &digest);
    let other =
        second.rows.iter().position(|row| sheet.rows().any(|(_, r)| r.id == row.id && r.path == "login.auto-logout"));
    let row = &mut second.rows[other.unwrap_or(0)];
    (row.status, row.why) = (Status::Skipped, "the panel is in use".into());
    let second = bench.save(&second);
    let told = bench.ends(0, &RETURN);
    assert!(told.contains("1 row left") && !told.contains("nothing is left"), "{told}");
    assert!(bench.ends(0, &RETURN).contains("in the site already"));
    // one that knows nothing of the other
    let mut stranger = answers(&sheet, 2, "");
    stranger.before.name = "contractor-2".into();
    let stranger = bench.save(&stranger);
    assert!(bench.ends(5, &RETURN).contains("a person decides"));
    for path in [&stranger, &second] {
        std::fs::remove_file(path).unwrap();
    }
    // of another sheet
    let good = std::fs::read_to_string(&path).unwrap();
    for (from, to) in [
        ("\"revision\": 1", "\"revision\": 2"),
        ("TBAAB0004417", "TBAAB0004418"),
        (&*sheet.digest().to_string(), &digest),
    ] {
        assert!(good.contains(from), "{from}");
        std::fs::write(&path, good.replacen(from, to, 1)).unwrap();
        assert!(bench.ends(5, &RETURN).contains("nothing was brought"), "{from}");
    }
    std::fs::write(&path, &good).unwrap();
    // in place of a walk, too
    let by_answers = [&apply(&[])[..], &["--answers", path.to_str().unwrap()]].concat();
    assert!(bench.ends(0, &by_answers).contains("nothing is left"));
    let wrong = good.replacen("\"serial_last\": \"4417\"", "\"serial_last\": \"4418\"", 1);
    std::fs::write(&path, wrong).unwrap();
    assert!(bench.ends(5, &by_answers).contains("nothing was sent"));
}

#[test]
fn what_holds_a_secret_or_was_altered_does_not_come_home() {
    let Some(bench) = Bench::new() else { return };
    let set = ["secret", "set", "np07/ot-lead", "--from-file", "secrets/np07/ot-lead", "--site", "site"];
    bench.ends(0, &[&set[..], &["--passphrase-file", "phrase"]].concat());
    let before = common::files(&bench.path("site"));
    let value = std::fs::read_to_string(bench.path("secrets/np07/ot-lead")).unwrap();
    let mut told = answers(&bench.sheet(), 1, "");
    told.rows[0].status = Status::Skipped;
    told.rows[0].why = format!("was {}", value.trim());
    let path = bench.save(&told);
    let home = [&RETURN[..], &["--passphrase-file", "phrase"]].concat();
    let refused = bench.ends(5, &home);
    assert!(
        refused.contains("the value of the secret `np07/ot-lead` stands in") && !refused.contains(value.trim()),
        "{refused}"
    );
    std::fs::remove_file(path).unwrap();
    assert_eq!(bench.person(&diligent(), 0, &apply(&[])).1, 0);
    let receipt = bench.path(&format!("out/receipts/{}", receipt_name(&bench)));
    let good = std::fs::read_to_string(&receipt).unwrap();
    std::fs::write(&receipt, good.replacen("ot-lead", "ot-leak", 1)).unwrap();
    assert!(bench.ends(5, &home).contains("nothing was brought"));
    assert!(common::files(&bench.path("site")) == before);
    std::fs::write(&receipt, good).unwrap();
    bench.ends(0, &home);
}

/// A time that can't be decides nothing; one that somebody put right on the page counts as put right.
#[test]
fn what_a_wrong_clock_dates_does_not_come_home() {
    let Some(bench) = Bench::new() else { return };
    let year = 366 * 24 * 3600;
    for (wrong, why) in [(2 * year, "which is in the future"), (-20 * year, "rests on what was read on")] {
        let mut told = answers(&bench.sheet(), 1, "");
        let at: jiff::Timestamp = told.save.at.parse().unwrap();
        let at = at + jiff::SignedDuration::from_secs(wrong);
        told.save.at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let path = bench.save(&told);
        let refused = bench.ends(5, &RETURN);
        assert!(refused.contains(why) && refused.contains("nothing was brought"), "{refused}");
        std::fs::remove_file(path).unwrap();
        told.clock.offset_s = -wrong;
        let path = bench.save(&told);
        bench.ends(0, &RETURN);
        std::fs::remove_file(path).unwrap();
        std::fs::remove_dir_all(bench.path("site/receipts")).unwrap();
    }
    // nobody types a secret into a page
    let mut told = answers(&bench.sheet(), 1, "");
    let sheet = bench.sheet();
    let secret = sheet.rows().find(|(_, row)| row.verb == fieldlock::dialect::sheet::Verb::Secret).unwrap().1;
    let row = told.rows.iter_mut().find(|row| row.id == secret.id).unwrap();
    (row.status, row.why, row.value) = (Status::Other, "it was too long".into(), "Canary-7!".into());
    bench.save(&told);
    let refused = bench.ends(5, &RETURN);
    assert!(refused.contains("of a secret") && !refused.contains("Canary-7!"), "{refused}");
}

/// A field of another name with the value of the sheet in it is the setting, as a person says; with another value it is
/// not.
#[test]
fn a_value_under_another_name_counts() {
    let Some(bench) = Bench::new() else { return };
    let sheet = bench.sheet();
    let (_, row) = sheet.rows().find(|(_, row)| row.path == "password-policy.min-length").unwrap();
    let diff = ["diff", "site", "--device", "np07", "--secrets", "secrets"];
    assert!(bench.ends(0, &diff).contains("min-length"));
    for (typed, counts) in [("10", false), ("", true), ("12", true)] {
        let mut told = answers(&sheet, 1, "");
        let answer = told.rows.iter_mut().find(|answer| answer.id == row.id).unwrap();
        (answer.status, answer.name, answer.value) = (Status::Renamed, "Shortest password".into(), typed.into());
        let path = bench.save(&told);
        let shown = bench.ends(0, &RETURN);
        assert_eq!(shown.contains("nothing is left"), counts, "{typed}: {shown}");
        assert_eq!(!bench.ends(0, &diff).contains("min-length"), counts, "{typed}");
        std::fs::remove_file(path).unwrap();
        std::fs::remove_dir_all(bench.path("site/receipts")).unwrap();
    }
}

/// A stick that was bundled again: what belongs to its sheet comes home, what belongs to the one before is named and
/// stays.
#[test]
fn answers_of_the_sheet_before_stay_on_the_stick_and_are_named() {
    let Some(bench) = Bench::new() else { return };
    let before = bench.save(&answers(&bench.sheet(), 1, ""));
    bench.plot.edit("profiles/nport-baseline.kdl", "min-length 12", "min-length 13");
    bench.build();
    let refused = bench.ends(5, &RETURN);
    assert!(refused.contains("another one lies here now") && refused.contains("nothing was brought"), "{refused}");
    assert!(refused.contains("bundled from"), "{refused}");
    bench.save(&answers(&bench.sheet(), 1, ""));
    let told = bench.ends(0, &RETURN);
    assert!(told.contains("LEFT ON THE STICK") && told.contains("nothing is left"), "{told}");
    assert_eq!(common::files(&bench.path("site/receipts")).iter().filter(|(n, _)| n.ends_with(".receipt")).count(), 1);
    assert!(before.exists());
}

/// What somebody typed to have a plan that locks out stands in the receipt of the work, too.
#[test]
fn what_was_accepted_in_the_plan_stands_in_the_receipt() {
    let Some(bench) = Bench::new() else { return };
    let plan =
        ["plan", "np07", "site", "--by", "ot-lead", "--build", "out", "--secrets", "secrets", "--to", "plan.json"];
    let plan = [&plan[..], &["--from", "10.20.0.77", "--accept"]].concat();
    let shown = bench.ends(5, &[&plan[..], &["yes"]].concat());
    let sentence = shown.split('`').nth(1).unwrap().to_owned();
    bench.ends(0, &[&plan[..], &[&sentence]].concat());
    bench.approve("plan.json");
    let (shown, code) = bench.person(&diligent(), 0, &apply(&["--plan", "plan.json"]));
    assert_eq!(code, 0, "{shown}");
    let stands = |receipt: &Receipt| {
        let accepted = |event: &Event| matches!(event, Event::Confirmed(said) if said.text.contains(&sentence));
        receipt.lines().iter().any(|line| accepted(&line.event))
    };
    assert!(bench.receipts().iter().any(stands), "{shown}");
    // and where the page's answers come home by themselves
    std::fs::remove_dir_all(bench.path("out/receipts")).unwrap();
    std::fs::create_dir_all(bench.path("out/plans")).unwrap();
    std::fs::copy(bench.path("plan.json"), bench.path("out/plans/np07.plan.json")).unwrap();
    bench.save(&answers(&bench.sheet(), 1, ""));
    bench.ends(0, &RETURN);
    let home = common::files(&bench.path("site/receipts"));
    let (_, bytes) = home.iter().find(|(name, _)| name.ends_with(".receipt")).unwrap();
    assert!(stands(&Receipt::read(bytes).unwrap()));
}

/// What lies beside a receipt says no more than it.
#[test]
fn a_text_of_what_was_confirmed_is_held_against_its_receipt() {
    let Some(bench) = Bench::new() else { return };
    bench.save(&answers(&bench.sheet(), 1, ""));
    bench.ends(0, &RETURN);
    let check = ["check", "site", "--device", "np07", "--secrets", "secrets"];
    bench.ends(0, &check);
    let (name, _) =
        common::files(&bench.path("site/receipts")).into_iter().find(|(n, _)| n.ends_with(".sheet")).unwrap();
    let path = bench.path("site/receipts").join(name);
    let good = std::fs::read_to_string(&path).unwrap();
    let line = good.lines().find(|line| !line.contains('<')).unwrap();
    let menu = line.split('\t').next().unwrap();
    for bad in [
        good.replacen(line, &format!("{line}7"), 1),
        format!("{good}Security > Never seen\tSNMP Agent\tOn\n"),
        good.replacen(menu, "Security > Never seen", 1),
    ] {
        std::fs::write(&path, bad).unwrap();
        let found = bench.ends(2, &check);
        assert!(found.contains("does not confirm"), "{found}");
    }
    std::fs::write(&path, good).unwrap();
    bench.ends(0, &check);
}

/// Whoever signs nothing proves nothing; and however many come home at once, what one of them proved is written.
#[test]
fn an_old_value_of_a_secret_goes_by_a_signed_receipt() {
    let Some(bench) = Bench::new() else { return };
    let with = |args: &[&'static str]| [args, &["--site", "site", "--passphrase-file", "phrase"]].concat();
    let value = std::fs::read_to_string(bench.path("secrets/np07/ot-lead")).unwrap();
    for value in [&*value, &format!("{}-2", value.trim())] {
        std::fs::write(bench.path("secrets/np07/ot-lead"), value).unwrap();
        bench.ends(0, &with(&["secret", "set", "np07/ot-lead", "--from-file", "secrets/np07/ot-lead"]));
    }
    bench.build();
    std::fs::create_dir(bench.path("site/out")).unwrap();
    std::fs::copy(bench.path("out/index.json"), bench.path("site/out/index.json")).unwrap();
    for hours in [1, 2] {
        let mut told = answers(&bench.sheet(), 1, "");
        let at = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(hours);
        told.save.at = at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        bench.save(&told);
    }
    let earlier = || {
        let told = bench.ends(0, &with(&["secret", "list", "--format", "json"]));
        let told: serde_json::Value = serde_json::from_str(told.trim()).unwrap();
        let secrets = told["secrets"].as_array().unwrap();
        let one = secrets.iter().find(|secret| secret["name"] == "np07/ot-lead").unwrap();
        (one["earlier"].as_array().unwrap().len(), one["receipt"].as_str().unwrap_or_default().to_owned())
    };
    let home = with(&["return", "out"]);
    assert!(!bench.ends(0, &home).contains("proved to be on"));
    assert_eq!(earlier(), (1, String::new()));
    let told = bench.ends(0, &[&home[..], &["--sign-key", "key"]].concat());
    assert_eq!(told.matches("np07/ot-lead is proved to be on the device: R-").count(), 1, "{told}");
    let (left, receipt) = earlier();
    assert!(left == 0 && told.contains(&receipt) && receipt.starts_with("R-"), "{left} {receipt} {told}");
}

/// Who answers what the image of a device says of it.
fn knowing(bench: &Bench, device: &str) -> Rules<'static> {
    let core = fieldlock::image::inspect(&bench.plot.image(device)).unwrap().core.unwrap();
    let mut rules = diligent();
    for (question, answer) in [
        ("model of the device", core.model),
        ("serial number of the device", core.serial),
        ("MAC address of the device", core.mac),
        ("firmware of the device", core.firmware.min),
    ] {
        rules.insert(0, (question, vec![&*answer.leak()]));
    }
    rules
}

#[test]
fn what_a_device_had_is_sealed_before_and_comes_back() {
    let Some(bench) = Bench::new() else { return };
    let export = bench.path("np02.ini");
    let given = ["--backup", export.to_str().unwrap(), "--passphrase-file", "phrase"];
    let np02 = [&["apply", "np02", "--by", "ot-lead", "--from", "out"][..], &given].concat();
    // a file of another platform is no export of this one
    let router = std::fs::read_to_string(bench.path("site/captures/ps7-router.cli")).unwrap();
    let other = bench.path("ps7-router.cli");
    std::fs::write(&other, router.replace("<hidden>", "k3eps-its-0wn").replace("<secret ", "<its-own ")).unwrap();
    let wrong = [&np02[..6], &["--backup", other.to_str().unwrap(), "--passphrase-file", "phrase"]].concat();
    let (shown, code) = bench.person(&knowing(&bench, "np02"), 0, &wrong);
    assert!(code == 5 && shown.contains("nothing that np02 exports"), "{shown}");
    let (shown, code) = bench.person(&knowing(&bench, "np02"), 0, &np02);
    assert!(code == 0 || code == 6, "{shown}");
    let backups = common::files(&bench.path("out/backups"));
    let [(name, sealed)] = &backups[..] else { panic!("{shown}") };
    let bytes = std::fs::read(&export).unwrap();
    assert!(name.starts_with("np02-") && !sealed.windows(20).any(|window| window == &bytes[..20]));
    let [receipt] = &bench.receipts()[..] else { panic!("{shown}") };
    assert!(
        receipt.lines().iter().any(|line| matches!(&line.event, Event::Backup(backup) if backup.what.ends_with(name)))
    );

    let backup = format!("out/backups/{name}");
    let serial = fieldlock::image::inspect(&bench.plot.image("np02")).unwrap().core.unwrap().serial;
    let restore = |device: &'static str| {
        [
            "restore",
            device,
            "--by",
            "ot-lead",
            "--reason",
            "CHG-1",
            "--to",
            "back.ini",
            "--serial",
            &*serial.clone().leak(),
            "--backup",
        ]
        .to_vec()
    };
    let with = |device, more: &[&'static str]| {
        let args: Vec<&str> = [&restore(device)[..], &[&*backup.clone().leak()], more].concat();
        args
    };
    bench.ends(5, &with("np07", &["--passphrase-file", "phrase"]));
    std::fs::write(bench.path("wrong"), "another phrase altogether 77").unwrap();
    bench.ends(5, &with("np02", &["--passphrase-file", "wrong"]));
    assert!(!bench.path("back.ini").exists());
    // written out, and nobody says that it was imported
    assert!(bench.ends(6, &with("np02", &["--passphrase-file", "phrase"])).contains("--imported"));
    assert!(std::fs::read(bench.path("back.ini")).unwrap() == bytes);
    assert!(bench.ends(5, &np02).contains("broken off"));
    bench.ends(0, &with("np02", &["--passphrase-file", "phrase", "--imported"]));
    let [.., last] = &bench.receipts()[..] else { panic!("no receipt") };
    assert!(bench.receipts().iter().any(|receipt| receipt.ended().unwrap().outcome == Outcome::Undone), "{last:?}");
    bench.ends(0, &["return", "out", "--site", "site"]);
    assert!(bench.path("site").join(&backup["out/".len()..]).exists());
}

#[test]
fn an_emergency_stays_a_finding_until_the_device_was_read_again() {
    let Some(bench) = Bench::new() else { return };
    let check = ["check", "site", "--device", "np07", "--secrets", "secrets"];
    bench.ends(0, &check);
    let urgent = ["apply", "np07", "--by", "ot-lead", "--from", "site", "--emergency", "INC-77", "--what"];
    bench.ends(2, &[&urgent[..], &[" "]].concat());
    let told = bench.ends(0, &[&urgent[..], &["Telnet opened for the vendor"]].concat());
    assert!(told.contains("stands in no description"), "{told}");
    let found = bench.ends(1, &check);
    assert!(found.contains("INC-77: Telnet opened for the vendor stands in no description"), "{found}");
    let capture = bench.path("site/captures/np07.kdl");
    let Ok(text) = std::fs::read_to_string(&capture) else { return };
    let taken = regex::Regex::new("taken=\"[^\"]*\"").unwrap();
    std::fs::write(&capture, &*taken.replace(&text, "taken=\"2999-01-01 00:00 UTC\"")).unwrap();
    assert!(!bench.ends(0, &check).contains("INC-77"));
}

/// Where the site asks for approvals, no bundle and no work at a device without the plan that has them.
#[test]
fn a_site_that_asks_for_approvals_gets_them() {
    let Some(bench) = Bench::new() else { return };
    bench.plot.edit("site.kdl", "zone \"control\"", "plan-approvals 1\n    zone \"control\"");
    bench.build();
    assert!(bench.ends(5, &apply(&[])).contains("asks for 1 approvals"));
    let bundle = ["bundle", "stick", "--from", "out", "--device", "np07"];
    assert!(bench.ends(5, &bundle).contains("asks for 1 approvals"));
    let plan =
        ["plan", "np07", "site", "--by", "ot-lead", "--build", "out", "--secrets", "secrets", "--to", "plan.json"];
    bench.ends(0, &plan);
    let with = [&bundle[..], &["--plan", "plan.json"]].concat();
    assert!(bench.ends(5, &with).contains("approved by 0 of 1"));
    bench.approve("plan.json");
    // nobody waits for what is no file
    assert!(Command::new("mkfifo").arg(bench.path("plan.json.2.sig")).status().unwrap().success());
    assert!(bench.ends(2, &with).contains("it is no regular file"));
    std::fs::remove_file(bench.path("plan.json.2.sig")).unwrap();
    bench.ends(0, &with);
    assert!(
        bench.path("stick/plans/np07.plan.json").exists() && bench.path("stick/plans/np07.plan.json.1.sig").exists()
    );
    bench.ends(0, &["verify", "stick"]);
    let from_stick = ["apply", "np07", "--by", "ot-lead", "--from", "stick"];
    let (shown, code) = bench.person(&diligent(), 0, &from_stick);
    assert_eq!(code, 0, "{shown}");
    let receipt = std::fs::read_dir(bench.path("stick/receipts")).unwrap().next().unwrap().unwrap().path();
    let receipt = Receipt::read(&std::fs::read(receipt).unwrap()).unwrap();
    assert_eq!(receipt.begun().approved, ["ot-security"]);
    let (shown, code) = bench.person(&diligent(), 0, &from_stick);
    assert!(code == 5 && shown.contains("carried out already"), "{shown}");
}
