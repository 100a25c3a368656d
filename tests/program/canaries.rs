//! Canary secrets through every verb: they stand in sealed files and nowhere else, in no spelling, in no digest, in no
//! temporary file and in no child's environment.

#![cfg(unix)]
#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};

use fieldlock::image::{Digest, Expected, KdfCeiling, Origin, Unlock, open};

use crate::common;

/// A text that shows in every escaping. Every secret and every passphrase begins as it does.
const CANARY: &str = "Canary-7f3k\"92xa/Zq";
/// The secret that is a device's private key.
const KEY: &str = "np07/certificate-key";
/// A variable of whoever starts fieldlock, as a job in CI has many.
const VARIABLE: &str = "Variable-4h8s-Kq";

/// A site that is no demo, its secrets, the folders that a run uses, and programs that tell what they saw.
struct Bench {
    temp: tempfile::TempDir,
    values: BTreeMap<String, String>,
}

impl Bench {
    fn new() -> Bench {
        let bench = Bench { temp: tempfile::tempdir().unwrap(), values: BTreeMap::new() };
        for folder in ["home", "tmp", "bin", "told", "site"] {
            std::fs::create_dir_all(bench.at(folder)).unwrap();
        }
        for program in ["git", "ssh-keygen", "age"] {
            bench.wrap(program);
        }
        bench.copy_site().with_secrets()
    }

    fn at(&self, path: &str) -> PathBuf {
        self.temp.path().join(path)
    }

    fn text(&self, path: &str) -> String {
        self.at(path).to_str().unwrap().to_owned()
    }

    /// A program of the same name that keeps its environment, its arguments and the temporary files of its time, and
    /// then runs the real one.
    fn wrap(&self, program: &str) {
        let found = Command::new("sh").args(["-c", &format!("command -v {program}")]).output().unwrap();
        let real = String::from_utf8(found.stdout).unwrap();
        if !common::needs::must(&format!("`{program}`"), !real.trim().is_empty()) {
            return;
        }
        let (told, tmp) = (self.text("told"), self.text("tmp"));
        let script = format!(
            "#!/bin/sh\ncat /proc/$$/environ > '{told}/{program}-env-'$$ 2>/dev/null || env > '{told}/{program}-env-'$$\n\
             echo \"$@\" > '{told}/{program}-args-'$$\ncp -r '{tmp}' '{told}/{program}-tmp-'$$\nexec '{}' \"$@\"\n",
            real.trim()
        );
        let path = self.at("bin").join(program);
        std::fs::write(&path, script).unwrap();
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o755)).unwrap();
    }

    /// The example's site, no demo any more.
    fn copy_site(self) -> Bench {
        let example = common::project("examples/01-pump-station");
        for folder in ["", "devices", "profiles", "captures", "certs"] {
            let to = self.at("site").join(folder);
            std::fs::create_dir_all(&to).unwrap();
            for entry in std::fs::read_dir(example.join(folder)).unwrap().map(Result::unwrap) {
                if entry.path().is_file() {
                    std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
                }
            }
        }
        let site = self.at("site/site.kdl");
        let text = std::fs::read_to_string(&site).unwrap();
        // with every rule on secrets in force
        let text = text.replace("demo on", "").replace("\"fleet\"", "\"fleet\" \"ot-strict\"");
        std::fs::write(&site, text).unwrap();
        let device = self.at("site/devices/np07.kdl");
        let text = std::fs::read_to_string(&device).unwrap();
        let root = "root=\"certs/web-ca.pem\"";
        assert!(text.contains(root));
        std::fs::write(&device, text.replace(root, &format!("{root} key=(stored)\"{KEY}\""))).unwrap();
        self
    }

    fn with_secrets(mut self) -> Bench {
        let demo = common::project("examples/01-pump-station/demo/secrets");
        for name in common::files(&demo).into_iter().map(|(name, _)| name).chain([KEY.to_owned()]) {
            // what a password of every platform may hold
            let value = format!("{}-{:02}A", CANARY.replace('"', "(").replace('/', ")"), self.values.len());
            self.values.insert(name, value);
        }
        for (name, value) in &self.values {
            let path = self.at("secrets").join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(&path, format!("{value}\n")).unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
        }
        std::fs::write(self.at("passphrase"), format!("{CANARY} of the site\n")).unwrap();
        self
    }

    /// A program among folders of our own, with a variable that it is to keep to itself.
    fn alone<'c>(&self, program: &'c mut Command) -> &'c mut Command {
        let path = format!("{}:{}", self.text("bin"), std::env::var("PATH").unwrap_or_default());
        program.current_dir(self.at("site")).env("PATH", path);
        program.env("TMPDIR", self.at("tmp")).env("FIELDLOCK_CANARY", VARIABLE);
        program.env("CREDENTIALS_DIRECTORY", self.at("secrets"));
        common::at_home(program, &self.at("home")).stdin(Stdio::null())
    }

    fn run(&self, args: &[&str]) -> Output {
        self.alone(Command::new(env!("CARGO_BIN_EXE_fieldlock")).args(args)).output().unwrap()
    }

    /// With a file on standard input.
    fn fed(&self, file: &str, args: &[&str]) -> Output {
        let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
        let file = std::fs::File::open(self.at(file)).unwrap();
        self.alone(program.args(args)).stdin(file).output().unwrap()
    }

    /// Runs and keeps what was said; the exit code has to be this one.
    fn says(&self, said: &mut Vec<(String, Vec<u8>)>, code: i32, args: &[&str]) {
        said.push(told(self.run(args), code, args));
    }
}

/// What was printed, under the command; the exit code has to be this one.
fn told(output: Output, code: i32, args: &[&str]) -> (String, Vec<u8>) {
    let text = format!("{}\n{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(code), "{args:?}: {text}");
    (args.join(" "), text.into_bytes())
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let digit = |group: u32, i: usize| char::from(DIGITS[(group >> (18 - 6 * i)) as usize % 64]);
    // only whole groups: what stands around a secret decides about the others
    let groups = bytes.chunks_exact(3).map(|c| (0..3).fold(0u32, |sum, i| sum << 8 | u32::from(c[i])));
    groups.flat_map(|group| (0..4).map(move |i| digit(group, i))).collect()
}

/// A secret in every spelling that a careless writer would give it.
fn spellings(secret: &str) -> Vec<String> {
    let bytes = secret.as_bytes();
    let hex = |upper: bool| -> String {
        bytes.iter().map(|b| if upper { format!("{b:02X}") } else { format!("{b:02x}") }).collect()
    };
    let percent = |all: bool| -> String {
        let keep = |b: &u8| !all && (b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b'~'));
        bytes.iter().map(|b| if keep(b) { char::from(*b).to_string() } else { format!("%{b:02X}") }).collect()
    };
    let mut all = vec![
        secret.to_owned(),
        secret.chars().rev().collect(),
        hex(false),
        hex(true),
        percent(false),
        percent(true),
        secret.replace('\\', "\\\\").replace('"', "\\\""),
        secret.replace('/', "\\/"),
        bytes.iter().map(|b| format!("\\u{b:04x}")).collect(),
        bytes.iter().map(|b| format!("\\x{b:02x}")).collect(),
        bytes.iter().map(|b| format!("&#{b};")).collect(),
    ];
    // in base64 a secret has three spellings, by where it begins
    all.extend((0..3).map(|from| base64(&bytes[from..])));
    all
}

/// Digests of a secret, as text and as bytes: with all but the secret known they let everybody try guesses.
fn digests(secret: &str) -> Vec<Vec<u8>> {
    [secret.to_owned(), format!("{secret}\n")]
        .iter()
        .map(|text| Digest::of(text.as_bytes()))
        .flat_map(|digest| [digest.to_string().into_bytes(), digest.as_bytes().to_vec()])
        .collect()
}

fn holds(haystack: &[u8], needle: &[u8]) -> bool {
    haystack.windows(needle.len()).any(|window| window == needle)
}

#[test]
fn canaries_stand_in_sealed_files_and_nowhere_else() {
    let bench = Bench::new();
    let (secrets, passphrase) = (bench.text("secrets"), bench.text("passphrase"));
    let image = "out/images/np07.flk";
    let mut said = Vec::new();
    for format in common::FORMATS {
        let with = ["--secrets", &secrets, "--format", format, "--all"];
        bench.says(&mut said, 0, &[&["check"][..], &with].concat());
        bench.says(&mut said, 0, &[&["diff"][..], &with].concat());
        bench.says(&mut said, 0, &[&["build", "--passphrase-file", &passphrase][..], &with].concat());
    }
    for format in common::FORMATS_OF_ALL {
        bench.says(&mut said, 0, &["image", "inspect", image, "--format", format]);
        let open = ["image", "open", image, "--passphrase-file", &passphrase, "--format", format];
        bench.says(&mut said, 0, &open);
    }
    bench.says(&mut said, 0, &["show", "np07", "--all"]);
    bench.says(&mut said, 2, &["firmware", "verify", &bench.text("secrets/np07/ot-lead")]);
    let retire = ["retire", "np07", "--by", "ot-lead", "--reason", "replaced", "--dry-run"];
    bench.says(&mut said, 0, &retire);
    bench.says(&mut said, 0, &[&retire[..], &["--format", "json"]].concat());
    bench.says(&mut said, 5, &["image", "open", image, "--passphrase-file", &bench.text("secrets/np07/ot-lead")]);
    let content = bench.text("content");
    bench.says(&mut said, 0, &["image", "open", image, "--passphrase-file", &passphrase, "--to", &content]);
    let native = std::fs::read_to_string(bench.at("content/native.sheet")).unwrap();
    assert!(native.contains("Canary-7f3k"), "the image holds them");

    let mut digests_of = sealed_digests(&bench);
    other_sources(&bench, &mut said);
    store_and_signature(&bench, &mut said);
    digests_of.extend(sealed_digests(&bench));
    recipients(&bench, &mut said);

    let sealed = |name: &str| name.ends_with(".flk");
    let mut seen = said;
    seen.extend(common::files(&bench.at("stick")).into_iter().filter(|(name, _)| !sealed(name)));
    seen.extend(common::files(&bench.at("site")).into_iter().filter(|(name, _)| !sealed(name)));
    seen.extend(common::files(&bench.at("home")));
    seen.extend(common::files(&bench.at("tmp")));
    let told = common::files(&bench.at("told"));
    for program in ["git", "ssh-keygen", "age"].iter().filter(|program| bench.at("bin").join(program).exists()) {
        let began = format!("{program}-env-");
        assert!(told.iter().any(|(name, _)| name.starts_with(&began)), "{program} was asked");
    }
    seen.extend(told);
    for (name, bytes) in &seen {
        for spelling in spellings("Canary-7f3k").into_iter().chain(spellings(VARIABLE)) {
            assert!(!holds(bytes, spelling.as_bytes()), "{name} shows `{spelling}`");
        }
        for (secret, value) in &bench.values {
            let digest = digests(value).into_iter().find(|digest| holds(bytes, digest));
            assert!(digest.is_none(), "{name} holds a digest of {secret}");
        }
        for (what, digest) in &digests_of {
            let shown = holds(bytes, digest.to_string().as_bytes()) || holds(bytes, digest.as_bytes());
            assert!(!shown, "{name} holds a digest of {what}");
        }
    }
    assert!(common::files(&bench.at("tmp")).is_empty(), "no temporary file is left");
    assert!(common::files(&bench.at("site")).iter().any(|(name, _)| sealed(name)));
}

/// Digests of what holds a secret: each sealed text.
fn sealed_digests(bench: &Bench) -> Vec<(String, Digest)> {
    let passphrase = common::passphrase(&format!("{CANARY} of the site"));
    let unlock = Unlock::Passphrase { passphrase: &passphrase, derivations: &common::DERIVATIONS };
    let expected = Expected {
        site: None,
        device: None,
        origin: Origin::NoSigners,
        seen: None,
        now: jiff::Timestamp::now(),
        ceiling: KdfCeiling(u32::MAX),
    };
    let mut all = Vec::new();
    for (name, file) in common::files(&bench.at("site/out/images")) {
        let plain = open(&file, &unlock, &expected).ok().unwrap().plain;
        for part in plain.parts().iter().filter(|part| !part.secrets.is_empty()) {
            all.push((format!("{} in {name}", part.name), Digest::of(part.bytes.expose())));
        }
    }
    assert!(all.len() >= 4);
    all
}

/// Secrets by every other way, right and wrong: a map, a descriptor, credentials, none on purpose; a state that runs.
fn other_sources(bench: &Bench, said: &mut Vec<(String, Vec<u8>)>) {
    let (secrets, passphrase) = (bench.text("secrets"), bench.text("passphrase"));
    let by = ["--passphrase-file", &passphrase];
    let map = serde_json::to_string(&bench.values).unwrap();
    std::fs::write(bench.at("map.json"), &map).unwrap();
    // cut in the middle of a value: what is told of it is a place
    std::fs::write(bench.at("broken.json"), &map[..map.len() - 7]).unwrap();
    let out = bench.text("other-out");
    for (file, code) in [("map.json", 0), ("broken.json", 2)] {
        let args = [&["build", "--secrets", "-", "--out", &out][..], &by].concat();
        said.push(told(bench.fed(file, &args), code, &args));
        let args = [&["check", "--secrets-fd", "0"][..], &by].concat();
        said.push(told(bench.fed(file, &args), code, &args));
    }
    bench.says(said, 0, &[&["build", "--secrets", "credentials", "--out", &out][..], &by].concat());
    bench.says(said, 0, &["build", "--secrets", "placeholder", "--out", &bench.text("draft-out")]);
    for format in common::FORMATS {
        // rules that fail on a secret say which and why, and not what it is
        let short = bench.text("short-secrets");
        common::copy(&bench.at("secrets"), &bench.at("short-secrets"));
        for known in ["np07/ot-lead", "np07/historian", "np02/ot-lead", "np02/backup", KEY] {
            std::fs::write(bench.at("short-secrets").join(known), "Canary-7f3k\n").unwrap();
        }
        bench.says(said, 1, &[&["build", "--secrets", &short, "--format", format][..], &by].concat());
        // what runs on a device, with its secrets in clear
        let running = std::fs::read_to_string(bench.at("site/captures/ps7-router.cli")).unwrap();
        let running = running.replacen("<hidden>", "Canary-7f3k-92xa", 1);
        std::fs::write(bench.at("running.cli"), &running).unwrap();
        let of = ["--running", &bench.text("running.cli"), "--device", "ps7-router"];
        bench.says(said, 0, &[&["diff", "--secrets", &secrets, "--format", format, "--all"][..], &of].concat());
        let build = ["build", "--secrets", &secrets, "--format", format, "--out", &bench.text("running-out")];
        bench.says(said, 0, &[&build[..], &of, &by].concat());
    }
    for format in common::FORMATS_OF_ALL {
        let (running, plan) = (bench.text("running.cli"), bench.text("plan.json"));
        let make = ["plan", "ps7-router", "--by", "ot-lead", "--secrets", &secrets, "--running", &running];
        bench.says(said, 0, &[&make[..], &["--to", &plan, "--format", format]].concat());
        bench.says(said, 0, &["plan", "show", &plan, "--format", format]);
        said.push((format!("the plan, {format}"), std::fs::read(&plan).unwrap()));
    }
    for folder in ["other-out", "draft-out", "running-out"] {
        let files = common::files(&bench.at(folder)).into_iter().filter(|(name, _)| !name.ends_with(".flk"));
        said.extend(files.map(|(name, bytes)| (format!("{folder}/{name}"), bytes)));
    }
    for args in [
        ["explain", "MX-PWD-001"],
        ["policy", "test"],
        ["schema", "report"],
        ["trust", "list"],
        ["trust", "remove"],
        ["advisories", "show"],
    ] {
        let code = i32::from(args[1] == "remove") * 2;
        bench.says(said, code, &args);
    }
}

/// Images for recipients, opened by an identity.
fn recipients(bench: &Bench, said: &mut Vec<(String, Vec<u8>)>) {
    if !["age", "ssh-keygen"].iter().all(|program| bench.at("bin").join(program).exists()) {
        return;
    }
    let (identity, key) = (bench.text("identity"), bench.text("ci-key"));
    let run = |program: &str, args: &[&str]| {
        let output = Command::new(program).args(args).output().unwrap();
        assert!(output.status.success(), "{program}");
        output.stdout
    };
    run("age-keygen", &["-o", &identity]);
    std::fs::write(bench.at("laptops.txt"), run("age-keygen", &["-y", &identity])).unwrap();
    run("ssh-keygen", &["-q", "-t", "ed25519", "-N", "", "-f", &key]);
    let signers = bench.text("signers");
    let public = std::fs::read_to_string(bench.at("ci-key.pub")).unwrap();
    std::fs::write(&signers, format!("ci@example {public}")).unwrap();
    let (secrets, laptops, out) = (bench.text("secrets"), bench.text("laptops.txt"), bench.text("age-out"));
    let build = ["build", "--secrets", &secrets, "--recipients", &laptops, "--sign-key", &key, "--out", &out];
    bench.says(said, 0, &[&build[..], &["--allowed-signers", &signers]].concat());
    let image = format!("{out}/images/np07.flk");
    // a build of its own, whose revisions begin anew
    let back = ["--allow-rollback", "another build"];
    let open = ["image", "open", &image, "--identity", &identity, "--allowed-signers", &signers];
    bench.says(said, 0, &[&open[..], &back].concat());
    let files = common::files(&bench.at("age-out")).into_iter().filter(|(name, _)| !name.ends_with(".flk"));
    said.extend(files.map(|(name, bytes)| (format!("age-out/{name}"), bytes)));
}

/// The same with the sealed store, a signature, a stick, and another passphrase.
fn store_and_signature(bench: &Bench, said: &mut Vec<(String, Vec<u8>)>) {
    let (passphrase, stick) = (bench.text("passphrase"), bench.text("stick"));
    let by = ["--passphrase-file", &passphrase];
    for name in bench.values.keys() {
        let file = bench.text(&format!("secrets/{name}"));
        bench.says(said, 0, &[&["secret", "set", name, "--from-file", &file][..], &by].concat());
    }
    for format in common::FORMATS_OF_ALL {
        bench.says(said, 0, &[&["secret", "list", "--format", format][..], &by].concat());
    }
    bench.says(said, 5, &[&["secret", "show", "np07/ot-lead"][..], &by].concat());
    std::fs::write(bench.at("weak"), "Canary-7f3k\n").unwrap();
    std::fs::write(bench.at("new"), "Canary-7f3k culvert gauge-board flume 58\n").unwrap();
    let (weak, new) = (bench.text("weak"), bench.text("new"));
    bench.says(said, 5, &[&["secret", "passphrase", "--new-passphrase-file", &weak][..], &by].concat());
    if bench.at("bin/ssh-keygen").exists() {
        let key = bench.text("key");
        let made = Command::new("ssh-keygen").args(["-q", "-t", "ed25519", "-N", "", "-f", &key]).status().unwrap();
        assert!(made.success());
        bench.says(said, 0, &["trust", "add", "ci@example", &format!("{key}.pub")]);
        // the builds so far are nobody's: whoever begins to sign vouches for the last of them
        bench.says(said, 5, &[&["build", "--sign-key", &key][..], &by].concat());
        common::copy(&bench.at("site/out"), &bench.at("last"));
        let (last, index) = (bench.text("last"), bench.text("last/index.json"));
        let mut signing = Command::new("ssh-keygen");
        signing.args(["-q", "-Y", "sign", "-n", "fieldlock-index.v1", "-f", &key, &index]);
        assert!(signing.status().unwrap().success());
        bench.says(said, 0, &[&["build", "--sign-key", &key, "--previous", &last][..], &by].concat());
    } else {
        bench.says(said, 0, &[&["build"][..], &by].concat());
    }
    bench.says(said, 0, &[&["bundle", &stick][..], &by].concat());
    for format in common::FORMATS_OF_ALL {
        let rebuilt = ["verify", &stick, "--site", ".", "--rebuild", "--format", format];
        bench.says(said, 0, &[&rebuilt[..], &by].concat());
        bench.says(
            said,
            2,
            &["verify", &stick, "--site", ".", "--rebuild", "--passphrase-file", &weak, "--format", format],
        );
    }
    let image = format!("{stick}/images/np07.flk");
    let granted = bench.text("granted.flk");
    bench.says(said, 5, &[&["image", "grant", &image, "--out", &granted][..], &by].concat());
    // at a terminal the code is shown, and nothing else
    let line = format!(
        "{} image grant {image} --out {granted} --passphrase-file {passphrase}",
        env!("CARGO_BIN_EXE_fieldlock")
    );
    let mut terminal = Command::new("script");
    let output = bench.alone(terminal.args(["-qec", &line, "/dev/null"]).env_remove("CI")).output();
    if common::needs::must("`script`", output.is_ok()) {
        said.push(told(output.unwrap(), 0, &["image", "grant", "at a terminal"]));
    }
    bench.says(said, 0, &[&["image", "rekey", &image, "--new-passphrase-file", &new][..], &by].concat());
    bench.says(said, 0, &[&["secret", "passphrase", "--new-passphrase-file", &new][..], &by].concat());
    bench.says(said, 0, &["secret", "rotate", "np07/ot-lead", "--passphrase-file", &new]);
    bench.says(said, 0, &["secret", "generate", "np07/spare", "--passphrase-file", &new]);
}

/// The search itself finds what it is to find.
#[test]
fn a_leak_would_be_seen() {
    let text = format!("x {CANARY} y");
    let json = serde_json::json!({ "a": CANARY }).to_string();
    let wide = base64(format!("..{CANARY}....").as_bytes());
    let of = |text: &str| spellings(CANARY).iter().filter(|s| holds(text.as_bytes(), s.as_bytes())).count();
    assert!(of(&text) == 1 && of(&json) == 1, "{json}");
    assert!(spellings("Canary-7f3k").iter().any(|s| holds(wide.as_bytes(), s.as_bytes())), "{wide}");
    assert!(digests(CANARY).contains(&Digest::of(CANARY.as_bytes()).to_string().into_bytes()));
}
