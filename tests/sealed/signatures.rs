//! ssh-keygen, a reader in Python and we agree: on signatures, both ways, and on what files of allowed signers say.
//!
//! Needs `ssh-keygen`, and `python3` with `cryptography`. Where one is missing its tests are not run; the kept
//! signatures and the answers kept in the table are checked all the same.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use base64ct::{Base64, Encoding};
use fieldlock::ledger::signature::{
    AllowedSigners, LineProblem, LineProblemKind, NAMESPACE, PublicKey, verify_by_itself, verify_index,
};
use jiff::Timestamp;
use jiff::tz::TimeZone;

use crate::common::{self, project};

const TABLE: &str = "tests/cases/allowed_signers.txt";

fn ssh_keygen(args: &[&str], stdin: &[u8], tz: &str) -> Output {
    let mut command = Command::new("ssh-keygen");
    command.args(args).env("TZ", tz).env_remove("SSH_AUTH_SOCK").stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // whoever refuses a signature may not read the message
    let _ = child.stdin.take().unwrap().write_all(stdin);
    child.wait_with_output().unwrap()
}

fn kept(name: &str) -> Vec<u8> {
    std::fs::read(project("tests/vectors/signature").join(name)).unwrap()
}

fn keys() -> BTreeMap<String, String> {
    let text = String::from_utf8(kept("keys")).unwrap();
    text.lines().map(|line| line.split_once(' ').unwrap()).map(|(n, k)| (n.to_owned(), k.to_owned())).collect()
}

fn usual_now() -> Timestamp {
    "2026-03-09T14:05:00Z".parse().unwrap()
}

/// Whether ssh-keygen takes a signature by a name.
fn verifies(message: &[u8], signature: &Path, signers: &Path, name: &str, now: Timestamp, tz: &str) -> bool {
    let time = now.strftime("-Overify-time=%Y%m%d%H%M%SZ").to_string();
    let (signature, signers) = (signature.to_str().unwrap(), signers.to_str().unwrap());
    let args = ["-Y", "verify", &time, "-n", NAMESPACE, "-s", signature, "-f", signers, "-I", name];
    ssh_keygen(&args, message, tz).status.success()
}

/// What ssh-keygen names as principals; `None` where it finds none.
fn principals(signature: &Path, signers: &Path, now: Timestamp, tz: &str) -> Option<Vec<String>> {
    let time = now.strftime("-Overify-time=%Y%m%d%H%M%SZ").to_string();
    let (signature, signers) = (signature.to_str().unwrap(), signers.to_str().unwrap());
    let output = ssh_keygen(&["-Y", "find-principals", &time, "-s", signature, "-f", signers], b"", tz);
    let lines = || output.stdout.split(|b| *b == b'\n').map(|line| String::from_utf8_lossy(line).into_owned());
    output.status.success().then(|| lines().take_while(|line| !line.is_empty()).collect())
}

/// A case of the table.
struct Case {
    name: String,
    fields: BTreeMap<String, String>,
    /// As it stands in the table.
    text: String,
}

impl Case {
    fn field(&self, name: &str) -> &str {
        self.fields.get(name).map_or("", String::as_str)
    }

    fn asked(&self) -> Vec<String> {
        self.field("ask").split('|').map(str::trim).filter(|name| !name.is_empty()).map(str::to_owned).collect()
    }

    fn now(&self) -> Timestamp {
        let text = self.field("now");
        if text.is_empty() {
            return usual_now();
        }
        let civil = jiff::civil::DateTime::strptime("%Y%m%d%H%M%SZ", text).unwrap();
        TimeZone::UTC.to_timestamp(civil).unwrap()
    }

    /// Whether the file has a time that ssh-keygen takes and we don't: then we name nobody.
    fn is_refused_here(&self) -> bool {
        self.field("here") == "refused"
    }

    /// The bytes of the file.
    fn file(&self) -> Vec<u8> {
        let mut text = self.text.clone();
        for (name, line) in keys() {
            let blob = line.split(' ').nth(1).unwrap();
            let bytes = Base64::decode_vec(blob).unwrap();
            let (kind, raw) = bytes.split_at(bytes.len().min(19));
            let other = Base64::encode_string;
            text = text
                .replace(&format!("{{{name}}}"), &line)
                .replace(&format!("{{{name}:blob}}"), blob)
                .replace(&format!("{{{name}:short}}"), &blob[..blob.len() - 1])
                .replace(&format!("{{{name}:spaced}}"), &format!("{}\\v{}", &blob[..9], &blob[9..]))
                .replace(&format!("{{{name}:longer}}"), &other(&[&bytes[..], b"\0"].concat()))
                .replace(
                    &format!("{{{name}:31}}"),
                    &other(&[&kind[..15], &[0, 0, 0, 31], &raw[..31.min(raw.len())]].concat()),
                )
                .replace(
                    &format!("{{{name}:zero}}"),
                    &other(&[b"\0\0\0\x0c", &kind[4..15], b"\0", &bytes[15..]].concat()),
                );
        }
        for n in [1022, 1023] {
            text = text.replace(&format!("{{x{n}}}"), &"x".repeat(n));
        }
        let text = text.replace("\\.\n", "");
        let escapes = [("\\r", "\r"), ("\\t", "\t"), ("\\n", "\n"), ("\\0", "\0"), ("\\f", "\x0c"), ("\\v", "\x0b")];
        escapes.iter().fold(text, |text, (from, to)| text.replace(from, to)).into_bytes()
    }
}

fn cases() -> Vec<Case> {
    let table = std::fs::read_to_string(project(TABLE)).unwrap();
    let mut cases: Vec<Case> = Vec::new();
    for line in table.lines() {
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            cases.push(Case { name: name.to_owned(), fields: BTreeMap::new(), text: String::new() });
        } else if let Some(case) = cases.last_mut() {
            match line.split_once(':').filter(|_| case.text.is_empty()) {
                Some((field @ ("ask" | "now" | "here" | "taken" | "found" | "signer"), value)) => {
                    case.fields.insert(field.to_owned(), value.trim().to_owned());
                }
                _ => case.text.push_str(&format!("{line}\n")),
            }
        }
    }
    // the blank line before the next name belongs to nobody
    cases
        .iter_mut()
        .for_each(|case| case.text = case.text.strip_suffix("\n\n").map_or(case.text.clone(), |t| format!("{t}\n")));
    cases
}

/// The table with its answers, as somebody gives them.
fn answered(answer: impl Fn(&Case) -> [String; 3]) -> String {
    let table = std::fs::read_to_string(project(TABLE)).unwrap();
    let mut text = table[..table.find("\n[").unwrap() + 1].to_owned();
    for case in cases() {
        let [taken, found, signer] = answer(&case);
        text.push_str(&format!("[{}]\n", case.name));
        let known = [("ask", case.field("ask")), ("now", case.field("now")), ("here", case.field("here"))];
        let answers = [("taken", taken.as_str()), ("found", &found), ("signer", &signer)];
        for (name, value) in known.iter().filter(|(_, value)| !value.is_empty()).chain(&answers) {
            let short =
                [1023, 1022].iter().fold(value.to_string(), |v, n| v.replace(&"x".repeat(*n), &format!("{{x{n}}}")));
            text.push_str(format!("{name}: {short}").trim_end());
            text.push('\n');
        }
        text.push_str(&format!("{}\n", case.text));
    }
    text.trim_end().to_owned() + "\n"
}

#[test]
fn the_table_of_allowed_signers_is_read_as_it_says() {
    assert!(cases().len() >= 40);
    let key = verify_by_itself(&kept("index.json"), &kept("sha512.sig")).unwrap();
    let ours = answered(|case| {
        let (signers, problems) = AllowedSigners::parse(&case.file());
        let now = case.now();
        let asked = case.asked();
        if case.is_refused_here() {
            let kind = &problems[0].kind;
            assert!(matches!(kind, LineProblemKind::Time { .. } | LineProblemKind::NoZone { .. }), "{}", case.name);
            assert!(verify_index(&kept("index.json"), &kept("sha512.sig"), &signers, now).is_err(), "{}", case.name);
            return ["taken", "found", "signer"].map(|field| case.field(field).to_owned());
        }
        let taken = asked.iter().filter(|name| signers.allow(name.as_bytes(), &key, NAMESPACE, now));
        let taken: Vec<&str> = taken.map(String::as_str).collect();
        let found = signers.find_principals(&key, now).map_or("nobody".to_owned(), |names| names.join(" | "));
        let verified = verify_index(&kept("index.json"), &kept("sha512.sig"), &signers, now);
        [taken.join(" | "), found, verified.map_or("nobody".to_owned(), |v| v.signer().name.clone())]
    });
    common::expected::expect(TABLE, &ours);
}

#[test]
fn ssh_keygen_reads_the_table_as_it_says() {
    if !common::needs::program("ssh-keygen") {
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let (signers, signature) = (temp.path().join("signers"), project("tests/vectors/signature/sha512.sig"));
    let message = kept("index.json");
    let theirs = answered(|case| {
        std::fs::write(&signers, case.file()).unwrap();
        let now = case.now();
        let takes = |name: &str| verifies(&message, &signature, &signers, name, now, "UTC");
        let asked = case.asked();
        let taken: Vec<&str> = asked.iter().map(String::as_str).filter(|name| takes(name)).collect();
        let found = principals(&signature, &signers, now, "UTC");
        // whom we name is somebody that it takes; where it takes whom it finds, we name one
        let signer = case.field("signer");
        let long = [1022, 1023].iter().fold(signer.to_owned(), |s, n| s.replace(&format!("{{x{n}}}"), &"x".repeat(*n)));
        let named = signer == "nobody" || takes(&long);
        assert!(named, "{}: ssh-keygen does not take `{signer}`", case.name);
        let found_and_taken = found.iter().flatten().any(|name| takes(name));
        assert!(
            !found_and_taken || signer != "nobody" || case.is_refused_here(),
            "{}: ssh-keygen names one",
            case.name
        );
        [taken.join(" | "), found.map_or("nobody".to_owned(), |names| names.join(" | ")), signer.to_owned()]
    });
    let kept = std::fs::read_to_string(project(TABLE)).unwrap();
    let differ = similar::TextDiff::from_lines(&kept, &theirs);
    assert!(theirs == kept, "ssh-keygen reads some otherwise:\n{}", differ.unified_diff().context_radius(6));
}

#[test]
fn kept_signatures_verify_here_and_there() {
    let line = format!("ci@example namespaces=\"{NAMESPACE}\" {}\n", keys()["a"]);
    let (signers, problems) = AllowedSigners::parse(line.as_bytes());
    assert!(problems.is_empty());
    let temp = tempfile::tempdir().unwrap();
    let file = temp.path().join("signers");
    std::fs::write(&file, &line).unwrap();
    let here = common::needs::program("ssh-keygen");
    let message = kept("index.json");
    let mut count = 0;
    for entry in std::fs::read_dir(project("tests/vectors/signature")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "sig") {
            continue;
        }
        count += 1;
        let name = path.file_stem().unwrap().to_str().unwrap().to_owned();
        let ours = verify_index(&message, &std::fs::read(&path).unwrap(), &signers, usual_now());
        match &ours {
            Ok(verified) => assert_eq!(verified.signer().name, "ci@example"),
            Err(error) => assert!(name.starts_with(error.class()), "{name}: {error}"),
        }
        assert_eq!(ours.is_ok(), name == "sha512" || name == "sha256", "{name}");
        if here {
            let theirs = verifies(&message, &path, &file, "ci@example", usual_now(), "UTC");
            assert_eq!(ours.is_ok(), theirs, "{name}");
        }
    }
    assert!(count >= 6);
}

/// A key in a folder of its own; its private half goes with the folder.
fn fresh_key(folder: &Path, kind: &str) -> PathBuf {
    let key = folder.join(kind);
    let args = ["-q", "-t", kind, "-N", "", "-C", "test", "-f", key.to_str().unwrap()];
    assert!(ssh_keygen(&args, b"", "UTC").status.success());
    key
}

#[test]
fn what_ssh_keygen_signs_verifies_here() {
    if !common::needs::program("ssh-keygen") {
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    let key = fresh_key(temp.path(), "ed25519");
    let public = std::fs::read_to_string(key.with_extension("pub")).unwrap();
    let (signers, _) = AllowedSigners::parse(format!("ci@example {public}").as_bytes());
    for tool in ["", "fieldlock 0.1.0", &"x".repeat(200)] {
        let index = String::from_utf8(kept("index.json")).unwrap().replace("fieldlock 0.1.0", tool);
        for hash in ["sha512", "sha256"] {
            let option = format!("-Ohashalg={hash}");
            let args = ["-q", "-Y", "sign", &option, "-n", NAMESPACE, "-f", key.to_str().unwrap()];
            let signature = ssh_keygen(&args, index.as_bytes(), "UTC").stdout;
            let verified = verify_index(index.as_bytes(), &signature, &signers, usual_now()).unwrap();
            assert_eq!(verified.index().tool, tool);
            assert_eq!(verified.key(), PublicKey::parse(public.as_bytes()).unwrap());
        }
    }
}

#[test]
fn fingerprints_are_those_of_ssh_keygen() {
    if !common::needs::program("ssh-keygen") {
        return;
    }
    let temp = tempfile::tempdir().unwrap();
    for name in ["a", "b", "ca"] {
        let line = &keys()[name];
        let file = temp.path().join(name);
        std::fs::write(&file, line).unwrap();
        let shown = ssh_keygen(&["-l", "-f", file.to_str().unwrap()], b"", "UTC").stdout;
        let ours = PublicKey::parse(line.as_bytes()).unwrap().fingerprint();
        assert_eq!(String::from_utf8(shown).unwrap().split(' ').nth(1).unwrap(), ours);
    }
}

/// Numbers that look random, the same ones for a seed.
struct Dice(u64);

impl Dice {
    fn roll(&mut self, sides: usize) -> usize {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        usize::try_from((z ^ (z >> 31)) % sides as u64).unwrap()
    }

    fn pick<'a>(&mut self, of: &[&'a str]) -> &'a str {
        of[self.roll(of.len())]
    }
}

/// A file of allowed signers that somebody might write, or nobody.
fn strange_file(dice: &mut Dice, keys: &BTreeMap<String, String>) -> Vec<u8> {
    const NAMES: [&str; 14] =
        ["ci@example", "*", "*@example", "!ci@example", "?", "ot", "", ",", "\"", "!", "ci*", "x y", "#", "\u{e9}"];
    const OPTIONS: [&str; 16] = [
        "namespaces=\"fieldlock-index.v1\"",
        "namespaces=\"git\"",
        "namespaces=\"*,!git\"",
        "NAMESPACES=\"f?eldlock*\"",
        "namespaces=",
        "cert-authority",
        "valid-after=\"20260309Z\"",
        "valid-before=\"20260309140500Z\"",
        "valid-before=\"202603091504Z\"",
        "valid-after=\"20260228Z\"",
        "valid-before=\"99991231235959z\"",
        "valid-after=\"19700101Z\"",
        "x",
        "",
        "\\\"",
        "\"",
    ];
    const BETWEEN: [&str; 15] = [" ", " ", " ", " ", " ", " ", " ", " ", " ", "  ", "\t", "\r", "", "\x0b", "\x0c"];
    const BYTES: &[u8] = b" \t\r\n\0\x0b\x0c\",!*?=\\#AZaz09+/-\xc3\xff";
    let mut file = Vec::new();
    for _ in 0..=dice.roll(3) {
        let mut line = String::new();
        line.push_str(dice.pick(&["", "", "", " ", "\t", "#", "\u{feff}"]));
        let quoted = dice.pick(&["", "", "", "\""]);
        line.push_str(quoted);
        for n in 0..=dice.roll(3) {
            line.push_str(if n > 0 { "," } else { "" });
            line.push_str(dice.pick(&NAMES));
        }
        line.push_str(quoted);
        line.push_str(dice.pick(&BETWEEN));
        for n in 0..dice.roll(6).saturating_sub(2) {
            line.push_str(if n > 0 { "," } else { "" });
            // those behind are of no use
            let kinds = if dice.roll(4) > 0 { 11 } else { OPTIONS.len() };
            line.push_str(dice.pick(&OPTIONS[..kinds]));
        }
        line.push_str(dice.pick(&BETWEEN));
        line.push_str(&keys[dice.pick(&["a", "a", "a", "a", "a", "b", "rsa", "cert"])]);
        line.push_str(dice.pick(&["", "", " comment", "\r", "=", "\t\"", "A"]));
        line.push_str(dice.pick(&["\n", "\n", "\n", "\r\n", "\n\n", ""]));
        file.extend_from_slice(line.as_bytes());
    }
    for _ in 0..dice.roll(3) {
        let (at, byte) = (dice.roll(file.len() + 1), BYTES[dice.roll(BYTES.len())]);
        match dice.roll(3) {
            0 => file.insert(at, byte),
            1 if at < file.len() => file[at] = byte,
            _ if at < file.len() => drop(file.remove(at)),
            _ => {}
        }
    }
    file
}

/// Files at random: so many as FIELDLOCK_STRANGE_FILES says, from the seed FIELDLOCK_SEED on.
#[test]
fn strange_files_are_read_alike() {
    if !common::needs::program("ssh-keygen") {
        return;
    }
    let number = |name: &str, usual: u64| std::env::var(name).map_or(usual, |n| n.parse().unwrap());
    let (count, seed) = (number("FIELDLOCK_STRANGE_FILES", 60), number("FIELDLOCK_SEED", 1));
    let temp = tempfile::tempdir().unwrap();
    let (signers, signature) = (temp.path().join("signers"), project("tests/vectors/signature/sha512.sig"));
    let (message, keys) = (kept("index.json"), keys());
    let key = verify_by_itself(&message, &kept("sha512.sig")).unwrap();
    let zones = ["UTC", "CET-1CEST,M3.5.0,M10.5.0/3", "AEST-10AEDT,M10.1.0,M4.1.0/3"];
    let (mut taken, mut named) = (0, 0);
    for seed in seed..seed + count {
        let mut dice = Dice(seed);
        let file = strange_file(&mut dice, &keys);
        let tz = dice.pick(&zones);
        let now = usual_now();
        std::fs::write(&signers, &file).unwrap();
        let (ours, problems) = AllowedSigners::parse(&file);
        let found = principals(&signature, &signers, now, tz);
        let shown = || format!("seed {seed}, {tz}: {:?}", String::from_utf8_lossy(&file));
        // a time that it takes and we don't: then it may take more than we do, and never less
        let strict = |p: &LineProblem| matches!(p.kind, LineProblemKind::Time { .. } | LineProblemKind::NoZone { .. });
        let stricter = problems.iter().any(strict);
        if !stricter {
            assert_eq!(ours.find_principals(&key, now), found, "{}", shown());
        }
        let name = dice.pick(&["ci@example", "ot", "*", "x y", "?"]);
        let takes = |name: &str| verifies(&message, &signature, &signers, name, now, tz);
        let allowed = ours.allow(name.as_bytes(), &key, NAMESPACE, now);
        assert!(allowed == takes(name) || stricter && !allowed, "{name}, {}", shown());
        taken += usize::from(takes(name));
        if let Ok(signer) = ours.signer(&key, NAMESPACE, now) {
            named += 1;
            assert!(signer.name.contains(char::REPLACEMENT_CHARACTER) || takes(&signer.name), "{signer}, {}", shown());
        } else if let Some(name) =
            found.iter().flatten().find(|name| !stricter && !name.starts_with('!') && takes(name))
        {
            panic!("ssh-keygen names and takes {name}: {}", shown());
        }
    }
    println!("{count} files: {taken} times a name was taken, {named} times somebody named");
    assert!(count < 60 || (taken > 0 && named > 0));
}

/// Index, signature, signers, now.
type Asked = (Vec<u8>, Vec<u8>, Vec<u8>, Timestamp);

/// What `tests/python/verify_signature.py`, written from `schema/image.md` alone, says; `None` where it can't run here.
fn python(cases: &[Asked]) -> Option<Vec<String>> {
    if !common::needs::python("cryptography") {
        return None;
    }
    let hex = |bytes: &[u8]| bytes.iter().map(|b| format!("{b:02x}")).collect::<String>();
    let cases = cases.iter().map(|(index, signature, signers, now)| {
        let now = now.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        serde_json::json!({"index": hex(index), "signature": hex(signature), "signers": hex(signers), "now": now})
    });
    let input = serde_json::Value::from(cases.collect::<Vec<_>>()).to_string();
    let script = project("tests/python/verify_signature.py");
    let mut child = Command::new("python3");
    child.arg(script).arg("--batch").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = child.spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Some(serde_json::from_slice(&output.stdout).unwrap())
}

#[test]
fn a_reader_written_from_the_page_alone_says_the_same() {
    let (index, good) = (kept("index.json"), kept("sha512.sig"));
    let line = format!("ci@example {}\n", keys()["a"]).into_bytes();
    let mut inputs = Vec::new();
    let mut wanted = Vec::new();
    for case in cases() {
        inputs.push((index.clone(), good.clone(), case.file(), case.now()));
        wanted.push((case.name.clone(), case.field("signer").replace("nobody", "refused: signer")));
    }
    let mut signatures: Vec<(String, Vec<u8>)> = Vec::new();
    for entry in std::fs::read_dir(project("tests/vectors/signature")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_some_and(|e| e == "sig") {
            signatures.push((path.display().to_string(), std::fs::read(path).unwrap()));
        }
    }
    // every byte of the good one changed, and every cut
    for at in 0..good.len() {
        let mut changed = good.clone();
        changed[at] ^= 1 << (at % 7);
        signatures.push((format!("byte {at} changed"), changed));
        signatures.push((format!("cut to {at}"), good[..at].to_vec()));
    }
    let (signers, _) = AllowedSigners::parse(&line);
    for (name, signature) in signatures {
        let ours = match verify_index(&index, &signature, &signers, usual_now()) {
            Ok(verified) => verified.signer().name.clone(),
            Err(error) => format!("refused: {}", error.class()),
        };
        inputs.push((index.clone(), signature, line.clone(), usual_now()));
        wanted.push((name, ours));
    }
    let Some(theirs) = python(&inputs) else { return };
    assert_eq!(theirs.len(), wanted.len());
    let long = |name: String| [1022, 1023].iter().fold(name, |s, n| s.replace(&format!("{{x{n}}}"), &"x".repeat(*n)));
    let differ: Vec<_> =
        wanted.into_iter().zip(theirs).filter(|((_, ours), theirs)| long(ours.clone()) != *theirs).collect();
    assert!(differ.is_empty(), "{differ:#?}");
}
