//! What broken files, folders and disks do to the program: a message of its own at its place, the right exit code,
//! nothing lost, nothing half written, no panic, and never a byte of a secret.

#![allow(clippy::unwrap_used, clippy::panic, reason = "helpers of tests")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use crate::common;

const CANARY: &str = "Canary-4qk9-hidden-Wd";

struct Bench {
    temp: tempfile::TempDir,
}

impl Bench {
    /// The pump station, to be broken.
    fn new() -> Bench {
        let bench = Bench { temp: tempfile::tempdir().unwrap() };
        copy(&root().join("examples/01-pump-station"), &bench.site());
        bench
    }

    fn site(&self) -> PathBuf {
        self.temp.path().join("site")
    }

    fn write(&self, name: &str, bytes: impl AsRef<[u8]>) {
        let path = self.site().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, bytes).unwrap();
    }

    fn read(&self, name: &str) -> String {
        fs::read_to_string(self.site().join(name)).unwrap()
    }

    fn remove(&self, name: &str) {
        let path = self.site().join(name);
        if path.is_dir() { fs::remove_dir_all(path).unwrap() } else { fs::remove_file(path).unwrap() }
    }

    fn run(&self, args: &[&str]) -> (i32, String) {
        told(&program(&self.site(), args).output().unwrap())
    }

    /// Every verb on the broken site: exit code, the words, no panic, no canary, and an output folder as it was.
    #[track_caller]
    fn refused(&self, what: &str, words: &str) {
        let before = files(&self.site().join("out"));
        for verb in ["check", "build", "diff"] {
            let (code, shown) = self.run(&[verb, "."]);
            assert_eq!(code, 2, "{what}: {verb}: {shown}");
            assert!(shown.contains(words), "{what}: {verb}: {words} is not in {shown}");
            sane(what, &shown);
        }
        let (code, shown) = self.run(&["show", "np07", "."]);
        assert!(matches!(code, 0 | 2), "{what}: show: {shown}");
        sane(what, &shown);
        assert_eq!(files(&self.site().join("out")), before, "{what}: nothing is written and nothing is lost");
    }

    fn built(self) -> Bench {
        let (code, shown) = self.run(&["build"]);
        assert_eq!(code, 0, "{shown}");
        self
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn program(folder: &Path, args: &[&str]) -> Command {
    let mut program = Command::new(env!("CARGO_BIN_EXE_fieldlock"));
    common::alone(&mut program);
    program.args(args).current_dir(folder).stdin(Stdio::null());
    program
}

fn told(output: &Output) -> (i32, String) {
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    (output.status.code().unwrap(), text(&output.stdout) + &text(&output.stderr))
}

fn sane(what: &str, shown: &str) {
    assert!(!shown.contains("internal fault"), "{what}: {shown}");
    assert!(!shown.contains(CANARY), "{what}: a secret is shown: {shown}");
    assert!(!shown.contains("root:x:0"), "{what}: the content of another file is shown: {shown}");
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap().map(Result::unwrap) {
        match entry.path() {
            path if path.is_dir() && entry.file_name() == "out" => {}
            path if path.is_dir() => copy(&path, &to.join(entry.file_name())),
            path => drop(fs::copy(&path, to.join(entry.file_name())).unwrap()),
        }
    }
}

/// Everything beneath a folder but what is there for git, with its content.
fn files(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![folder.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).into_iter().flatten().map(Result::unwrap) {
            match entry.path() {
                path if path.is_dir() => folders.push(path),
                path if path.ends_with(".gitignore") || path.ends_with(".gitattributes") => {}
                // a pipe has no content, and reading it waits for one
                path if !path.is_file() => found.push((path, Vec::new())),
                path => found.push((path.clone(), fs::read(&path).unwrap())),
            }
        }
    }
    found.sort();
    found
}

/// Bytes without an order, the same in every run: xorshift.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        (state >> 32) as u8
    };
    std::iter::repeat_with(next).take(length).collect()
}

/// The same as text: every byte a character, NUL left out.
fn noisy_text(length: usize) -> String {
    noise(length).into_iter().filter(|b| *b != 0).map(char::from).collect()
}

fn utf16(text: &str) -> Vec<u8> {
    let units = std::iter::once(0xfeff).chain(text.encode_utf16());
    units.flat_map(u16::to_le_bytes).collect()
}

const READ: [&str; 6] = [
    "site.kdl",
    "devices/np07.kdl",
    "profiles/nport-baseline.kdl",
    "captures/np02.kdl",
    "captures/np02.ini",
    "captures/ps7-router.cli",
];

#[test]
fn any_bytes_in_place_of_any_file() {
    for name in READ {
        let bench = Bench::new();
        let sound = bench.read(name);
        bench.write(name, noise(4000));
        bench.refused(&format!("noise in {name}"), &format!("`{name}`"));
        bench.write(name, utf16(&sound));
        bench.refused(&format!("UTF-16 in {name}"), &format!("`{name}` is UTF-16, not UTF-8"));
        bench.write(name, [b"// \xff\n", sound.as_bytes()].concat());
        bench.refused(&format!("invalid UTF-8 in {name}"), &format!("`{name}` is not UTF-8 from line 1 on"));
        bench.write(name, format!("{sound}\n\0{CANARY}"));
        bench.refused(&format!("NUL in {name}"), &format!("`{name}` holds a NUL byte"));
        bench.write(name, noisy_text(4000));
        bench.refused(&format!("characters in {name}"), name);
        bench.write(name, "");
        bench.refused(&format!("nothing in {name}"), "");
        let large = fs::File::create(bench.site().join(name)).unwrap();
        large.set_len(100 << 20).unwrap();
        bench.refused(&format!("100 MB of {name}"), &format!("`{name}` is larger than 8 MiB"));
    }
}

#[test]
fn a_mark_at_the_beginning_is_no_content() {
    let bench = Bench::new();
    for name in READ {
        bench.write(name, format!("\u{feff}{}", bench.read(name)));
    }
    for verb in ["check", "build", "diff"] {
        let (code, shown) = bench.run(&[verb]);
        assert_eq!(code, 0, "{verb}: {shown}");
    }
}

#[test]
fn a_folder_or_a_missing_file_in_place_of_a_file() {
    for name in READ {
        let bench = Bench::new();
        bench.remove(name);
        fs::create_dir(bench.site().join(name)).unwrap();
        bench.refused(&format!("folder {name}"), &format!("`{name}` is a folder, not a file"));
    }
    let bench = Bench::new();
    bench.remove("captures/np02.ini");
    bench.refused("no captured text", "the captured text `captures/np02.ini` is missing");
    bench.remove("site.kdl");
    bench.refused("no site", "this folder has no `site.kdl`");
    let bench = Bench::new();
    bench.remove("profiles/nport-baseline.kdl");
    bench.refused("no profile", "nport-baseline");
    let bench = Bench::new();
    bench.remove("devices");
    bench.write("devices", "");
    bench.refused("a file called devices", "`devices` is not a folder");
}

/// H5: a link shows nothing of what it leads to.
#[test]
#[cfg(unix)]
fn links_pipes_and_files_without_permission() {
    use std::os::unix::fs::{PermissionsExt as _, symlink};
    for name in READ {
        let bench = Bench::new();
        bench.remove(name);
        symlink("/etc/passwd", bench.site().join(name)).unwrap();
        bench.refused(&format!("link {name}"), &format!("`{name}` is a link"));
        bench.remove(name);
        let made = Command::new("mkfifo").arg(bench.site().join(name)).status();
        if made.is_ok_and(|m| m.success()) {
            bench.refused(&format!("pipe {name}"), &format!("`{name}` is not a regular file"));
        }
    }
    let bench = Bench::new();
    bench.remove("certs/ot-ca.pem");
    symlink("/etc/passwd", bench.site().join("certs/ot-ca.pem")).unwrap();
    let (code, shown) = bench.run(&["build"]);
    assert_eq!(code, 1, "{shown}");
    assert!(shown.contains("`certs/ot-ca.pem` is a link") && !shown.contains("root:x:0"), "{shown}");
    assert!(!bench.site().join("out").exists());

    let bench = Bench::new();
    let file = bench.site().join("devices/np07.kdl");
    fs::set_permissions(&file, fs::Permissions::from_mode(0o0)).unwrap();
    if !common::needs::may("this user may read everything", fs::File::open(&file).is_err()) {
        return;
    }
    bench.refused("no permission", "`devices/np07.kdl` can't be read: permission denied");
}

#[test]
fn braces_without_end() {
    let bench = Bench::new();
    for text in ["a{".repeat(100_000), "{".repeat(100_000), format!("{}{}", "a{".repeat(100_000), "}".repeat(100_000))]
    {
        bench.write("devices/np07.kdl", &text);
        bench.refused("100,000 braces", "more than 128 deep");
    }
    bench.write("devices/np07.kdl", "/*".repeat(100_000));
    bench.refused("100,000 comments", "devices/np07.kdl");
}

#[test]
fn packs_of_any_bytes() {
    let bench = Bench::new();
    bench.write("site.kdl", bench.read("site.kdl").replacen("packs ", "packs \"ours\" ", 1));
    bench.refused("a pack that is nowhere", "no pack is called `ours`");
    for (what, bytes) in [
        ("noise", noise(4000)),
        ("characters", noisy_text(4000).into_bytes()),
        ("UTF-16", utf16("pack \"ours\" version=\"1\"")),
        ("nothing", Vec::new()),
        ("another file", b"device \"np07\" { }".to_vec()),
    ] {
        bench.write("packs/ours/pack.kdl", bytes);
        bench.refused(what, "packs/ours/pack.kdl");
    }
    bench.write("packs/ours/pack.kdl", "pack \"ours\" version=\"1\" { title \"ours\"; platforms \"mx-ros\" }\n");
    for (what, bytes) in [("noise", noise(4000)), ("characters", noisy_text(4000).into_bytes())] {
        bench.write("packs/ours/R-1.kdl", bytes);
        bench.refused(what, "packs/ours/R-1.kdl");
    }
    let large = fs::File::create(bench.site().join("packs/ours/R-1.kdl")).unwrap();
    large.set_len(100 << 20).unwrap();
    bench.refused("100 MB", "`packs/ours/R-1.kdl` is larger than 8 MiB");
}

#[test]
fn captures_that_are_no_captures() {
    let bench = Bench::new();
    for (name, form) in [("captures/np02.ini", "ini"), ("captures/ps7-router.cli", "cli")] {
        let sound = bench.read(name);
        for text in ["", "\n\n", "Dear all,\nthe export is attached.\n", &noisy_text(4000)] {
            bench.write(name, text);
            bench.refused(name, &format!("no line of `{name}` is a setting in the form `{form}`"));
        }
        bench.write(name, &sound);
    }
    let running = bench.temp.path().join("running");
    for (bytes, words) in [
        (noise(4000), "NUL byte"),
        (utf16("[Basic Settings]"), "no line of"),
        (format!("{CANARY} = {CANARY}\n").into_bytes(), "no line of"),
    ] {
        fs::write(&running, bytes).unwrap();
        let (code, shown) = bench.run(&["diff", "--device", "np02", "--running", running.to_str().unwrap()]);
        assert_eq!(code, 2, "{shown}");
        assert!(shown.contains(words), "{words}: {shown}");
        sane("--running", &shown);
    }
    let nowhere = bench.temp.path().join("nowhere").display().to_string();
    for file in [nowhere.as_str(), bench.temp.path().to_str().unwrap()] {
        let (code, shown) = bench.run(&["diff", "--device", "np02", "--running", file]);
        assert_eq!(code, 2, "{shown}");
        assert!(shown.contains(&format!("--running {file}: ")), "{shown}");
    }
}

#[test]
fn devices_that_are_none_or_twins() {
    let bench = Bench::new().built();
    let text = bench.read("devices/np07.kdl");
    bench.write("devices/np08.kdl", &text);
    bench.refused("two of one name", "a second device `np07`");
    bench.remove("devices/np08.kdl");
    bench.write("devices/more/np07.kdl", &text);
    bench.refused("two of one name in folders", "a second device `np07`");
    bench.remove("devices/more");
    bench.write("devices/NP07.kdl", text.replacen("\"np07\"", "\"NP07\"", 1));
    // two files only where the file system tells them apart
    if bench.read("devices/np07.kdl") == text {
        bench.refused("names that differ by case", "`devices/NP07.kdl` differs from `devices/np07.kdl` by case only");
    }
    bench.remove("devices");
    bench.refused("no devices", "the site has no devices");
}

#[test]
fn profiles_in_a_circle() {
    let bench = Bench::new();
    bench.write("profiles/a.kdl", "profile \"a\" { use \"b\" }\n");
    bench.write("profiles/b.kdl", "profile \"b\" { use \"a\" }\n");
    bench.refused("circle", "profiles use each other in a circle: `a`, `b` and again `a`");
    bench.write("profiles/b.kdl", "profile \"b\" { use \"b\" }\n");
    bench.refused("itself", "`b` uses itself");
}

#[test]
fn secrets_that_are_missing_or_none() {
    let bench = Bench::new().built();
    let file = "demo/secrets/np07/ot-lead";
    bench.remove(file);
    bench.refused("missing", "the secret `np07/ot-lead` is missing");
    let (_, shown) = bench.run(&["check", "--format", "json"]);
    let report: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let open = report["findings"].as_array().unwrap().iter().filter(|f| f["status"] != "deferred").count();
    assert_eq!(open, 1, "one mistake, one finding: {shown}");
    bench.write(file, "\n");
    bench.refused("empty", "the secret `np07/ot-lead` is empty");
    bench.remove(file);
    fs::create_dir(bench.site().join(file)).unwrap();
    bench.refused("folder", "the secret `np07/ot-lead`: `demo/secrets/np07/ot-lead` is a folder, not a file");
    bench.remove(file);
    let before = files(&bench.site().join("out"));
    for text in [
        format!("{CANARY}\nusername evil password p privilege 1"),
        format!("{CANARY}\r"),
        format!("{CANARY}\u{1b}[2J"),
        format!("{CANARY}\u{9b}A1"),
        format!("{CANARY}\tA1"),
        format!("{CANARY}\0A1"),
    ] {
        bench.write(file, &text);
        let (code, shown) = bench.run(&["build"]);
        assert_eq!(code, 1, "{text:?}: {shown}");
        assert!(shown.contains("the secret `np07/ot-lead` has characters that native text can't hold"), "{shown}");
        sane("secret", &shown);
        assert_eq!(files(&bench.site().join("out")), before);
    }
    bench.write(file, noise(4000));
    let (code, shown) = bench.run(&["build"]);
    assert_eq!(code, 1, "{shown}");
    bench.write(file, noise(100 << 10));
    bench.refused("large", "the secret `np07/ot-lead`");
}

#[test]
fn sources_of_secrets_that_are_none() {
    use std::io::Write as _;
    let bench = Bench::new();
    bench.write("site.kdl", bench.read("site.kdl").replacen("demo on", "", 1));
    for (folder, words) in [("/nowhere", "secrets: there is no `/nowhere`"), ("site.kdl", "`site.kdl` is not a folder")]
    {
        let (code, shown) = bench.run(&["build", "--secrets", folder]);
        assert_eq!(code, 2, "{shown}");
        assert!(shown.contains(words) && shown.contains("give the folder of secrets"), "{shown}");
    }
    let both = bench.run(&["build", "--secrets", "-", "--passphrase-file", "-"]);
    assert_eq!((both.0, both.1.contains("can't both come from stdin")), (2, true), "{}", both.1);
    for bytes in [noise(4000), Vec::new(), format!("{{\"np07/ot-lead\": \"{CANARY}").into_bytes(), b"[1]".to_vec()] {
        let mut child = program(&bench.site(), &["check", "--secrets", "-"]);
        let mut child = child.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        child.stdin.take().unwrap().write_all(&bytes).unwrap();
        let (code, shown) = told(&child.wait_with_output().unwrap());
        assert_eq!(code, 2, "{shown}");
        assert!(shown.contains("the map of secrets can't be read from line"), "{shown}");
        sane("map", &shown);
    }
}

#[test]
fn images_of_any_bytes() {
    let bench = Bench::new().built();
    let image = fs::read(bench.site().join("out/images/np07.flk")).unwrap();
    let flipped = |at: usize| {
        let mut bytes = image.clone();
        bytes[at] ^= 1;
        bytes
    };
    let large = vec![0; 20 << 20];
    for (what, bytes, layer) in [
        ("noise", noise(4000), "magic"),
        ("nothing", Vec::new(), "magic"),
        ("cut", image[..300].to_vec(), "length"),
        ("longer", [&image[..], b"x"].concat(), "damaged"),
        ("flipped", flipped(900), "damaged"),
        ("flipped in its last byte", flipped(image.len() - 1), "damaged"),
        ("large", [&image[..8], &large].concat(), ""),
    ] {
        let file = bench.temp.path().join("x.flk");
        fs::write(&file, bytes).unwrap();
        let file = file.to_str().unwrap();
        let to = bench.temp.path().join("content");
        let open = ["image", "open", file, "--passphrase-file", "demo/passphrase", "--to", to.to_str().unwrap()];
        for args in [&["image", "inspect", file][..], &open] {
            let (code, shown) = bench.run(args);
            assert_eq!(code, 5, "{what}: {shown}");
            assert!(shown.contains(&format!("[{layer}")), "{what}: {shown}");
            assert!(shown.contains("nothing was opened and nothing was written"), "{what}: {shown}");
            assert!(!to.exists(), "{what}");
        }
    }
    let open = |passphrase: &[u8]| {
        bench.write("p", passphrase);
        bench.run(&["image", "open", "out/images/np07.flk", "--passphrase-file", "p"])
    };
    assert_eq!(open(b"some other words of mine\n").0, 5);
    for passphrase in [&noise(4000)[..], b"", b"a\nb", "päss wörd of mine".as_bytes()] {
        let (code, shown) = open(passphrase);
        assert_eq!(code, 2, "{shown}");
    }
    for (file, words) in [("out", "`out` is a folder"), ("nowhere.flk", "can't be read")] {
        let (code, shown) = bench.run(&["image", "inspect", file]);
        assert_eq!((code, shown.contains(words)), (2, true), "{shown}");
    }
    #[cfg(unix)]
    if Command::new("mkfifo").arg(bench.site().join("pipe.flk")).status().is_ok_and(|s| s.success()) {
        let (code, shown) = bench.run(&["image", "inspect", "pipe.flk"]);
        assert_eq!((code, shown.contains("`pipe.flk` is no regular file")), (2, true), "{shown}");
    }
}

/// Nothing is written while a file can't be read: the build before stays whole.
#[test]
fn a_device_that_can_not_be_read_takes_no_image_away() {
    let bench = Bench::new().built();
    bench.write("devices/np07.kdl", noise(4000));
    bench.refused("np07", "np07");
    assert!(bench.site().join("out/images/np07.flk").exists());
    // nor does one that is told to go on
    let (code, shown) = bench.run(&["build", "--keep-going"]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("3 unchanged, kept") && shown.contains("left as they were   np07 (revision 1)"), "{shown}");
    assert!(bench.site().join("out/images/np07.flk").exists());
}

#[test]
fn output_folders_that_can_not_be() {
    let bench = Bench::new();
    let within = Path::new("site.kdl").join("out").display().to_string();
    for (out, words) in [
        ("site.kdl", "the output folder `site.kdl` is a file"),
        (&within, &format!("the output folder `{within}` can't be created: a part of its path is not a folder")),
        ("devices", "holds files that no build on this computer left there, `np02.kdl` among them"),
        (if cfg!(windows) { "../NUL/out" } else { "/proc/fieldlock-out" }, "can't be created"),
    ] {
        let before = files(&bench.site());
        let (code, shown) = bench.run(&["build", "--out", out]);
        assert_eq!(code, 2, "{shown}");
        assert!(shown.contains(words), "{shown}");
        assert!(shown.contains("nothing in the output folder was changed"), "{shown}");
        assert_eq!(files(&bench.site()), before);
    }
    let bench = bench.built();
    bench.write("out/index.json", noise(400));
    let before = files(&bench.site());
    let (code, shown) = bench.run(&["build"]);
    assert_eq!(code, 2, "{shown}");
    assert!(shown.contains("`index.json` of the build before can't be used: the index can't be read"), "{shown}");
    assert_eq!(files(&bench.site()), before);
}

#[test]
#[cfg(unix)]
fn reports_that_can_not_be_written() {
    let bench = Bench::new();
    std::os::unix::fs::symlink("site.kdl", bench.site().join("link")).unwrap();
    let made = Command::new("mkfifo").arg(bench.site().join("pipe")).status().is_ok_and(|s| s.success());
    let before = files(&bench.site());
    let mut cases = vec![
        ("devices", "a folder stands in its place"),
        ("link", "a link stands in its place"),
        ("nowhere/x", "can't be written"),
    ];
    cases.extend(made.then_some(("pipe", "something that is no regular file stands in its place")));
    for (output, words) in cases {
        if output == "pipe" {
            fs::remove_file(bench.site().join("link")).unwrap();
        }
        let (code, shown) = bench.run(&["check", "--output", output]);
        assert_eq!((code, shown.contains(words)), (2, true), "{output}: {shown}");
        assert!(shown.contains("the file is as it was before"), "{shown}");
    }
    fs::remove_file(bench.site().join("pipe")).unwrap();
    let after: Vec<_> = files(&bench.site());
    assert!(
        before.iter().filter(|(p, _)| !p.ends_with("link") && !p.ends_with("pipe")).eq(&after),
        "nothing is changed"
    );
    if let Ok(full) = fs::OpenOptions::new().write(true).open("/dev/full") {
        let output = program(&bench.site(), &["check"]).stdout(full).output().unwrap();
        let (code, shown) = told(&output);
        assert_eq!((code, shown.contains("the results can't be printed")), (2, true), "{shown}");
    }
}

/// Runs a shell in a mount namespace of its own with a small or read-only disk at `disk`; `None` where that is not
/// allowed.
#[cfg(target_os = "linux")]
fn with_disk(bench: &Bench, options: &str, script: &str) -> Option<(i32, String)> {
    let disk = bench.site().join("disk");
    fs::create_dir_all(&disk).unwrap();
    let mounted = format!("exec 2>&1\nmount -t tmpfs -o {options} none disk || exit 99\n{script}");
    let mut shell = Command::new("unshare");
    shell.args(["-rm", "sh", "-c", &mounted, env!("CARGO_BIN_EXE_fieldlock")]).current_dir(bench.site());
    let output = shell.stdin(Stdio::null()).output().ok()?;
    let mounted = !matches!(output.status.code(), Some(99 | 1 | 127));
    common::needs::may("no disk can be mounted here", mounted).then(|| told(&output))
}

#[test]
#[cfg(target_os = "linux")]
fn a_read_only_disk() {
    let bench = Bench::new();
    let script = "\"$0\" build --out disk; echo \"exit $?\"; \"$0\" build --out disk/out; echo \"exit $?\"; ls -A disk";
    let Some((_, shown)) = with_disk(&bench, "ro", script) else { return };
    assert!(shown.contains("the output folder `disk` can't be written: the place is read-only"), "{shown}");
    assert!(shown.contains("the output folder `disk/out` can't be created: the place is read-only"), "{shown}");
    assert_eq!(shown.matches("exit 2\n").count(), 2, "{shown}");
}

/// W4: a list that can't be read now is no reason to number images anew; a file that somebody holds is named, whatever
/// file of the build it is, and everything stays.
#[test]
#[cfg(target_os = "linux")]
fn files_that_somebody_holds() {
    let bench = Bench::new();
    let script = "set -e\n\"$0\" build --out disk/out >/dev/null\ncp -a disk/out before\n\
        sed -i 's/auto-logout \"5 min\"/auto-logout \"4 min\"/' profiles/*.kdl\n\
        for held in images/np07.flk review.md index.json; do cp disk/out/$held held; mount --bind held disk/out/$held\n\
        \"$0\" build --out disk/out || echo \"exit $?\"\numount disk/out/$held; diff -r before disk/out && echo same\n\
        done\nmv disk/out/index.json held; mkdir disk/out/index.json\n\"$0\" build --out disk/out || echo \"exit $?\"\n\
        rmdir disk/out/index.json; mv held disk/out/index.json\n\"$0\" build --out disk/out && echo \"exit $?\"";
    let Some((_, shown)) = with_disk(&bench, "size=20m", script) else { return };
    for held in ["images/np07.flk", "review.md", "index.json"] {
        assert!(shown.contains(&format!("`{held}` can't be written: another program has it open\n")), "{shown}");
    }
    assert_eq!(shown.matches("help: close it there").count(), 3, "{shown}");
    assert_eq!((shown.matches("exit 2\nsame\n").count(), shown.matches("exit 2\n").count()), (3, 4), "{shown}");
    assert!(shown.contains("the index of the build before: `index.json` is a folder"), "{shown}");
    assert!(!shown.contains("--previous none") && shown.ends_with("exit 0\n"), "{shown}");
}

/// A disk that is full from the first file on, and one that fills up half-way with a build of before in place.
#[test]
#[cfg(target_os = "linux")]
fn a_disk_that_fills_up_half_way() {
    let bench = Bench::new();
    let script = "\"$0\" build --out disk/out; echo \"exit $?\"; find disk/out -type f -not -name '.git*'";
    let Some((_, shown)) = with_disk(&bench, "size=100k", script) else { return };
    assert!(shown.contains("can't be written: the disk is full"), "{shown}");
    assert!(shown.contains("nothing in the output folder was changed\n"), "{shown}");
    assert!(shown.contains("exit 2\n") && shown.ends_with("exit 2\n"), "{shown}");

    let script = "set -e\n\"$0\" build --out disk/out >/dev/null\ncp -a disk/out before\n\
        sed -i 's/auto-logout \"5 min\"/auto-logout \"4 min\"/' profiles/*.kdl\n\
        dd if=/dev/zero of=disk/fill bs=1k count=100000 2>/dev/null || true\n\
        dd if=/dev/null of=disk/fill bs=1k seek=$(( $(stat -c %s disk/fill) / 1024 - 60 )) 2>/dev/null\n\
        \"$0\" build --out disk/out || echo \"exit $?\"\ndiff -r before disk/out && echo same";
    let Some((_, shown)) = with_disk(&bench, "size=2m", script) else { return };
    assert!(shown.contains("the disk is full"), "{shown}");
    assert!(shown.contains("exit 2\n") && shown.ends_with("same\n"), "{shown}");
}

#[test]
fn two_builds_at_once_into_one_folder() {
    let bench = Bench::new();
    // of one person: where a folder can't be locked by itself, it is by a file in the person's own folder
    let home = bench.temp.path().join("home");
    let start = || {
        let mut build = program(&bench.site(), &["build"]);
        common::at_home(&mut build, &home).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
    };
    let running: Vec<_> = (0..4).map(|_| start()).collect();
    let ended: Vec<_> = running.into_iter().map(|c| told(&c.wait_with_output().unwrap())).collect();
    let (done, refused): (Vec<_>, Vec<_>) = ended.into_iter().partition(|(code, _)| *code == 0);
    assert!(!done.is_empty());
    for (code, shown) in &refused {
        assert_eq!(*code, 2, "{shown}");
        assert!(shown.contains("another build is writing to"), "{shown}");
        assert!(shown.contains("nothing in the output folder was changed"), "{shown}");
    }
    let index = fs::read(bench.site().join("out/index.json")).unwrap();
    let index: serde_json::Value = serde_json::from_slice(&index).unwrap();
    assert_eq!(index["images"].as_array().unwrap().len(), 4);
    for image in ["np02", "np07", "ps7-router", "sw04"] {
        let file = format!("out/images/{image}.flk");
        let (code, shown) = bench.run(&["image", "open", &file, "--passphrase-file", "demo/passphrase"]);
        assert_eq!(code, 0, "{shown}");
    }
    let (code, shown) = told(&common::at_home(&mut program(&bench.site(), &["build"]), &home).output().unwrap());
    assert_eq!(code, 0, "nothing is in the way of the next: {shown}");
}
