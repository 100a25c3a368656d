//! A second reader, in another language, written from `schema/image.md` alone: it opens what we seal, refuses what
//! we refuse, and names the same class for every vector.
//!
//! Needs `python3` with `cryptography` and `argon2-cffi`; without them the tests are not run.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use fieldlock::image::{
    self, Core, Derivations, Digest, Entropy, EntropyError, Expected, Firmware, GroupSecret, Holder, KdfCeiling,
    KdfParams, Origin, Part, PartKind, Passphrase, Plain, Proof, SecretSpan, StoreExpected, Unlock, UnlockCode, open,
    seal,
};
use fieldlock::secret::SecretValue;

use crate::common::needs;

struct Numbers(u8);

impl Entropy for Numbers {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        for byte in out {
            self.0 = self.0.wrapping_mul(141).wrapping_add(59);
            *byte = self.0;
        }
        Ok(())
    }
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Runs the script; `None` where it can't run here.
fn python(arguments: &[&str]) -> Option<Output> {
    if !needs::python("cryptography, argon2") {
        return None;
    }
    let script = root().join("tests/python/open_image.py");
    Some(Command::new("python3").arg(script).args(arguments).output().unwrap())
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

fn part(kind: PartKind, name: &str, text: &str, secrets: Vec<SecretSpan>) -> Part {
    Part { kind, name: name.into(), bytes: SecretValue::copy_of(text.as_bytes()), secrets }
}

fn write(folder: &Path, name: &str, bytes: &[u8]) -> String {
    let path: PathBuf = folder.join(name);
    std::fs::write(&path, bytes).unwrap();
    path.to_str().unwrap().to_owned()
}

#[test]
fn python_opens_what_we_seal() {
    let secrets = vec![SecretSpan { offset: 9, length: 7, token: "<secret np07/ot-admin>".into() }];
    let plain = Plain::new(vec![
        part(PartKind::Native, "native.ini", "Password=hunter2\r\nBanner=K\u{fc}che\r\n", secrets),
        part(PartKind::Native, "native.sheet", "", vec![]),
        part(PartKind::Other, "ca.pem", &"x".repeat(5_000), vec![]),
    ])
    .ok()
    .unwrap();
    let core = Core {
        demo: false,
        device: "np07".into(),
        firmware: Firmware { min: "2.2".into(), max: "2.3".into() },
        group: "west".into(),
        kind: "device".into(),
        mac: String::new(),
        model: "NPort \u{1f512} \u{e9} \\ \" \u{7f}".into(),
        not_after: "2026-03-12T18:00:00Z".into(),
        platform: "nport-6000".into(),
        review: plain.review(),
        revision: 9,
        serial: "417".into(),
        site: "west".into(),
    };
    let word = "seven words of which nobody would think";
    let passphrase = Passphrase::new(SecretValue::copy_of(word.as_bytes())).ok().unwrap();
    let derivations = Derivations::new();
    let cost = KdfParams { t: 3, m_kib: 65_536, p: 4 };
    let key = derivations.derive(&passphrase, cost, *b"sixteen of salt.", KdfCeiling(u32::MAX)).ok().unwrap();
    let sealed = seal(&plain, &core, &[Holder::Passphrase(&key)], &mut Numbers(1)).unwrap();

    let folder = tempfile::tempdir().unwrap();
    let image = write(folder.path(), "np07.flk", &sealed.bytes);
    let right = write(folder.path(), "right", format!("{word}\r\n").as_bytes());
    let wrong = write(folder.path(), "wrong", format!("{word}.\n").as_bytes());
    let now = ["--now", "2026-03-09T14:05:00Z"];

    let Some(output) = python(&[&[image.as_str(), &right], &now[..]].concat()) else { return };
    assert!(output.status.success(), "{}", said(&output));
    let opened: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(opened["core"], serde_json::to_value(&core).unwrap());
    assert_eq!(opened["digest"], sealed.digest.to_string());
    let parts = opened["parts"].as_array().unwrap();
    assert_eq!(parts.len(), plain.parts().len());
    for (theirs, ours) in parts.iter().zip(plain.parts()) {
        assert_eq!(theirs["name"], ours.name);
        assert_eq!(theirs["secrets"], serde_json::to_value(&ours.secrets).unwrap());
        assert_eq!(unbase64(theirs["base64"].as_str().unwrap()), ours.bytes.expose());
    }

    for (arguments, class) in [
        ([&[image.as_str(), &wrong], &now[..]].concat(), "passphrase"),
        (vec![&image, &right, "--now", "2026-03-12T18:00:01Z"], "stale"),
        (vec![&image, &right, "--now", "2026-03-09T14:05:00Z", "--device", "np08"], "stale"),
    ] {
        let output = python(&arguments).unwrap();
        assert_eq!(output.status.code(), Some(5), "{}", said(&output));
        assert_eq!(said(&output).trim(), format!("refused: {class}"));
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

/// Seals what the description says, by the second writer; `None` where it can't run here.
fn sealed_by_python(out: &Path, description: &serde_json::Value) -> Option<(Vec<u8>, Digest)> {
    python(&["--help"])?;
    let mut child = Command::new("python3")
        .args([&root().join("tests/python/seal_image.py"), out])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    child.stdin.take().unwrap().write_all(description.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    let digest = Digest::from_hex(String::from_utf8_lossy(&output.stdout).trim()).unwrap();
    Some((std::fs::read(out).unwrap(), digest))
}

/// The other direction: what a stranger seals from the page alone, we open, by every type of slot.
#[test]
fn we_open_what_python_seals() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("np07.flk");
    let text = "Password=hunter2\r\n";
    let review = Digest::of(b"Password=<secret np07/ot-admin>\r\n");
    let secrets = serde_json::json!([{"length": 7, "offset": 9, "token": "<secret np07/ot-admin>"}]);
    let part = |kind, name: &str, text: &str, secrets: serde_json::Value| serde_json::json!({"kind": kind, "name": name, "base64": base64(text.as_bytes()), "secrets": secrets});
    let code = "7F3K92XAQM0000011111ZZZZZ";
    let group_secret = GroupSecret::fresh(&mut Numbers(7)).unwrap();
    let plaintext = group_secret.plaintext();
    let head = "age-encryption.org/v1\n-> X25519 bm9ib2R5\nbm9ib2R5IGVpdGhlcg\n--- bm8gbWFj\n";
    let age_file = [head.as_bytes(), &[7; 85]].concat();
    let group = group_secret.wrapped(age_file.clone()).ok().unwrap();
    let core = serde_json::json!({
        "demo": false, "device": "np07", "firmware": {"max": "2.3", "min": "2.2"}, "group": "west", "kind": "device",
        "mac": "", "model": "NPort \u{1f512} \u{e9}", "not_after": "", "platform": "nport-6000",
        "review": review.to_string(), "revision": 4, "serial": "417", "site": "west",
    });
    let description = serde_json::json!({
        "kind": 1,
        "core": core,
        "parts": [part(1, "native.ini", text, secrets.clone()), part(2, "ca.pem", &"x".repeat(5_000), serde_json::json!([]))],
        "slots": [
            {"type": 3, "code": code, "salt": "000102030405060708090a0b0c0d0e0f"},
            {"type": 2, "age-file": hex(&age_file), "key": hex(&plaintext.expose()[21..])},
            {"type": 1, "passphrase": "correct horse", "t": 3, "m": 65_536, "p": 2, "salt": "0f0e0d0c0b0a09080706050403020100"},
        ],
    });
    let Some((file, digest)) = sealed_by_python(&out, &description) else { return };
    let derivations = Derivations::new();
    let passphrase = Passphrase::new(SecretValue::copy_of(b"correct horse")).ok().unwrap();
    let code = UnlockCode::parse(&SecretValue::copy_of(code.as_bytes())).ok().unwrap();
    let by_code = Unlock::Code(&code);
    let by_passphrase = Unlock::Passphrase { passphrase: &passphrase, derivations: &derivations };
    for (unlock, proof) in [(&by_code, Proof::UnlockCode), (&by_passphrase, Proof::Passphrase)] {
        let opened = open(&file, unlock, &expected()).ok().unwrap();
        assert_eq!((opened.proof, opened.digest), (proof, digest));
        assert_eq!(opened.plain.part("native.ini").unwrap().bytes.expose(), text.as_bytes());
        assert_eq!(opened.plain.parts().len(), 2);
    }
    let refused = open(&file, &Unlock::Recipient(&group), &expected()).err().unwrap();
    assert_eq!(refused.class(), "signature");
    assert_eq!(image::age_files(&file).unwrap(), [age_file]);

    let store = serde_json::json!({
        "kind": 2,
        "core": {"device": "np07", "group": "west", "kind": "secret-store", "revision": 1, "site": "west"},
        "parts": [part(2, "values", "hunter2", serde_json::json!([]))],
        "slots": [{"type": 1, "passphrase": "correct horse", "t": 3, "m": 65_536, "p": 2, "salt": "0f0e0d0c0b0a09080706050403020100"}],
    });
    let (file, _) = sealed_by_python(&out, &store).unwrap();
    let wanted = StoreExpected { site: "west", device: "np07", ceiling: KdfCeiling(u32::MAX) };
    let opened = image::open_store(&file, &by_passphrase, &wanted).ok().unwrap();
    assert_eq!(opened.plain.part("values").unwrap().bytes.expose(), b"hunter2");
    assert_eq!(derivations.runs(), 1, "one salt, one derivation");
    assert_eq!(open(&file, &by_passphrase, &expected()).err().unwrap().class(), "kind");
}

fn expected() -> Expected<'static> {
    Expected {
        site: Some("west"),
        device: Some("np07"),
        origin: Origin::NoSigners,
        seen: None,
        now: "2026-03-09T14:05:00Z".parse().unwrap(),
        ceiling: KdfCeiling(u32::MAX),
    }
}

fn base64(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0u32, |sum, i| sum << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        let digit = |i: usize| char::from(DIGITS[(group >> (18 - 6 * i)) as usize % 64]);
        out.extend((0..4).map(|i| if i <= chunk.len() { digit(i) } else { '=' }));
    }
    out
}

#[test]
fn python_names_the_same_class_for_every_vector() {
    let folder = root().join("tests/vectors/image");
    let Some(output) = python(&["--vectors", folder.to_str().unwrap()]) else { return };
    assert!(output.status.success(), "{}", said(&output));
    let theirs = String::from_utf8(output.stdout).unwrap();
    let mut ours: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            let class = text.lines().next().unwrap().strip_prefix("expect: ").unwrap();
            format!("{} {class}", path.file_stem().unwrap().to_str().unwrap())
        })
        .collect();
    ours.sort();
    let mut theirs: Vec<&str> = theirs.lines().collect();
    theirs.sort_unstable();
    assert!(ours.len() > 16);
    assert_eq!(theirs, ours);
}

fn unbase64(text: &str) -> Vec<u8> {
    let digit = |b: u8| match b {
        b'A'..=b'Z' => b - b'A',
        b'a'..=b'z' => b - b'a' + 26,
        b'0'..=b'9' => b - b'0' + 52,
        b'+' => 62,
        _ => 63,
    };
    let digits: Vec<u32> = text.bytes().filter(|b| *b != b'=').map(|b| u32::from(digit(b))).collect();
    let mut out = Vec::new();
    for group in digits.chunks(4) {
        let bits = (0..4).fold(0u32, |sum, i| sum << 6 | group.get(i).copied().unwrap_or(0));
        out.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    out
}
