//! Every field of a signature changed on its own, every bit of a signature file, and the order of the checks.

use ed25519_dalek::{Signer as _, SigningKey};
use jiff::Timestamp;
use sha2::{Digest as _, Sha256, Sha512};

use super::sshsig::armored;
use super::wire::put;
use super::*;
use crate::ledger::IndexImage;

/// The fields of a signature file, to be changed one by one.
struct Forged {
    magic: &'static [u8],
    version: u32,
    key_type: &'static [u8],
    namespace: &'static [u8],
    reserved: &'static [u8],
    hash: &'static [u8],
    signature_type: &'static [u8],
    trailing: &'static [u8],
}

const GOOD: Forged = Forged {
    magic: b"SSHSIG",
    version: 1,
    key_type: b"ssh-ed25519",
    namespace: NAMESPACE.as_bytes(),
    reserved: b"",
    hash: b"sha512",
    signature_type: b"ssh-ed25519",
    trailing: b"",
};

fn signing_key(seed: u8) -> SigningKey {
    SigningKey::from_bytes(&[seed; 32])
}

fn public(seed: u8) -> PublicKey {
    PublicKey::from_bytes(signing_key(seed).verifying_key().to_bytes())
}

impl Forged {
    /// The file, truly signed with what its fields say.
    fn file(&self, seed: u8, message: &[u8]) -> Vec<u8> {
        let mut signed = self.magic.to_vec();
        put(&mut signed, self.namespace);
        put(&mut signed, self.reserved);
        put(&mut signed, self.hash);
        match self.hash {
            b"sha256" => put(&mut signed, &Sha256::digest(message)),
            _ => put(&mut signed, &Sha512::digest(message)),
        }
        let mut signature = Vec::new();
        put(&mut signature, self.signature_type);
        put(&mut signature, &signing_key(seed).sign(&signed).to_bytes());
        let mut key = Vec::new();
        put(&mut key, self.key_type);
        put(&mut key, &signing_key(seed).verifying_key().to_bytes());
        let mut blob = self.magic.to_vec();
        blob.extend_from_slice(&self.version.to_be_bytes());
        for field in [&key, self.namespace, self.reserved, self.hash, &signature] {
            put(&mut blob, field);
        }
        blob.extend_from_slice(self.trailing);
        armored(&blob).into_bytes()
    }
}

fn now() -> Timestamp {
    "2026-03-09T14:05:00Z".parse().unwrap()
}

fn signers(text: &str) -> AllowedSigners {
    AllowedSigners::parse(text.as_bytes()).0
}

fn of(seed: u8, options: &str) -> AllowedSigners {
    signers(&format!("ci@example {options} {}\n", public(seed).to_line()))
}

fn index() -> Vec<u8> {
    Index {
        commit: String::new(),
        commit_time: String::new(),
        demo: false,
        dirty: false,
        format: crate::ledger::index::FORMAT.into(),
        images: vec![],
        judged_at: "2026-03-09T14:05:00Z".into(),
        packs: vec![],
        page: Digest::of(b""),
        page_html: None,
        previous: String::new(),
        recipients: vec![],
        site: "west".into(),
        tables: Digest::of(b""),
        tool: String::new(),
    }
    .to_bytes()
    .unwrap()
}

#[test]
fn a_signed_index_is_verified() {
    let index = index();
    for hash in [&b"sha512"[..], b"sha256"] {
        let file = Forged { hash, ..GOOD }.file(7, &index);
        let verified = verify_index(&index, &file, &of(7, "valid-after=\"20260105Z\""), now()).unwrap();
        assert_eq!(verified.signer().name, "ci@example");
        assert_eq!(verified.signer().since.unwrap().to_string(), "2026-01-05T00:00:00Z");
        assert_eq!(verified.key(), public(7));
        assert_eq!(verified.digest(), Digest::of(&index));
        assert_eq!(verified.index().site, "west");
        assert_eq!(verify_by_itself(&index, &file), Ok(public(7)));
        assert_eq!(rewritten(&file), Some(file), "a signature is written back as it was");
    }
}

/// Threat H13: the index of another site, by the same signer, names an image of the same device name.
#[test]
fn a_verified_index_names_images_of_its_own_site() {
    let digest = Digest::of(b"np07");
    let (device, file, public, structure) = ("np07".to_owned(), digest, digest, digest);
    let image = IndexImage { device, file, image: digest, public, revision: 1, structure };
    let bytes = Index { images: vec![image], ..parse_index(&index()).unwrap() }.to_bytes().unwrap();
    let verified = verify_index(&bytes, &GOOD.file(7, &bytes), &of(7, ""), now()).unwrap();
    assert_eq!(verified.image("west", "np07"), Some(digest));
    assert_eq!((verified.image("east", "np07"), verified.image("west", "np08")), (None, None));
    assert_eq!(SignedList::signer(&verified), "ci@example");
}

#[test]
fn each_field_has_its_own_refusal() {
    let index = index();
    let cases = [
        ("format", Forged { magic: b"SSHSIX", ..GOOD }),
        ("version", Forged { version: 2, ..GOOD }),
        ("version", Forged { version: 0, ..GOOD }),
        ("trailing", Forged { trailing: b"\0", ..GOOD }),
        ("key-type", Forged { key_type: b"ssh-rsa", ..GOOD }),
        ("key-type", Forged { key_type: b"sk-ssh-ed25519@openssh.com", ..GOOD }),
        ("key-type", Forged { key_type: b"ssh-ed25519-cert-v01@openssh.com", ..GOOD }),
        ("key-type", Forged { key_type: b"ssh-ed25519\0", ..GOOD }),
        ("namespace", Forged { namespace: b"git", ..GOOD }),
        ("namespace", Forged { namespace: b"", ..GOOD }),
        ("namespace", Forged { namespace: b"fieldlock-index.v1\0", ..GOOD }),
        ("reserved", Forged { reserved: b"x", ..GOOD }),
        ("hash", Forged { hash: b"sha1", ..GOOD }),
        ("hash", Forged { hash: b"SHA512", ..GOOD }),
        ("format", Forged { signature_type: b"ssh-rsa", ..GOOD }),
    ];
    for (class, forged) in cases {
        let file = forged.file(7, &index);
        let error = verify_index(&index, &file, &of(7, ""), now()).unwrap_err();
        assert_eq!(error.class(), class, "{error}");
        assert!(!error.help().is_empty());
    }
}

#[test]
fn every_bit_and_every_length_of_a_signature_file_matters() {
    let (index, signers) = (index(), of(7, ""));
    let file = GOOD.file(7, &index);
    for at in 0..file.len() {
        for bit in 0..8 {
            let mut changed = file.clone();
            changed[at] ^= 1 << bit;
            assert!(verify_index(&index, &changed, &signers, now()).is_err(), "bit {bit} of byte {at}");
        }
        assert!(verify_index(&index, &file[..at], &signers, now()).is_err(), "cut to {at}");
    }
    for bit in 0..index.len() * 8 {
        let mut changed = index.clone();
        changed[bit / 8] ^= 1 << (bit % 8);
        let error = verify_index(&changed, &file, &signers, now()).unwrap_err();
        assert_eq!(error, SignatureError::Forged { key: public(7) });
    }
}

#[test]
fn a_signature_has_one_spelling() {
    let index = index();
    let file = String::from_utf8(GOOD.file(7, &index)).unwrap();
    let body = file.lines().filter(|line| !line.starts_with('-')).collect::<String>();
    let spellings = [
        ("length", "x".repeat(MAX_SIGNATURE_LEN + 1)),
        ("armor", String::new()),
        ("armor", file.replace('\n', "\r\n")),
        ("armor", file.trim_end().to_owned()),
        ("armor", format!("{file}\n")),
        ("armor", format!("{file}x")),
        ("armor", format!(" {file}")),
        ("armor", format!("\u{feff}{file}")),
        ("armor", file.replacen("\n-----END", " \n-----END", 1)),
        ("armor", file.replace("SSH SIGNATURE", "SSH SIGNATURE ")),
        ("armor", format!("-----BEGIN SSH SIGNATURE-----\n{body}\n-----END SSH SIGNATURE-----\n")),
        ("armor", format!("{file}{file}")),
        ("armor", body),
    ];
    for (class, spelling) in spellings {
        let error = verify_index(&index, spelling.as_bytes(), &of(7, ""), now()).unwrap_err();
        assert_eq!(error.class(), class, "{spelling}");
    }
}

#[test]
fn who_may_sign_is_asked_after_the_signature_and_before_the_index() {
    let index = index();
    let file = GOOD.file(7, &index);
    let class = |index: &[u8], signers: &AllowedSigners| verify_index(index, &file, signers, now()).unwrap_err();
    assert_eq!(class(b"{}", &signers("")).class(), "forged");
    let unknown = SignatureError::Signer { key: public(7), why: Refusal::Unknown };
    assert_eq!(class(&index, &signers("")), unknown);
    assert_eq!(class(&index, &of(8, "")), unknown);
    assert_eq!(class(&index, &of(7, "cert-authority")), unknown);
    let no_index = GOOD.file(7, b"{}");
    let error = |signers: &AllowedSigners| verify_index(b"{}", &no_index, signers, now()).unwrap_err().class();
    assert_eq!((error(&of(8, "")), error(&of(7, ""))), ("signer", "index"));
}

#[test]
fn why_a_key_may_not_sign() {
    let why = |text: &str| signers(text).signer(&public(7), NAMESPACE, now()).unwrap_err();
    let key = public(7).to_line();
    assert_eq!(why(&format!("\n# x\na namespaces=\"git\" {key}")), Refusal::Namespace { line: 3 });
    let from = "2026-03-09T14:05:01Z".parse::<Timestamp>().unwrap();
    assert_eq!(why(&format!("a valid-after=\"20260309140501Z\" {key}")), Refusal::NotYet { line: 1, from });
    let until = from - jiff::SignedDuration::from_secs(2);
    assert_eq!(why(&format!("a valid-before=\"20260309140459Z\" {key}")), Refusal::Expired { line: 1, until });
    assert_eq!(why(&format!("!a {key}")), Refusal::Nobody { line: 1 });
    let text = format!("a namespaces=\"git\" {key}\na valid-before=\"20260101Z\" {key}\n!a {key}");
    assert!(matches!(why(&text), Refusal::Expired { line: 2, .. }));
    // both ends belong to the period
    assert!(of(7, "valid-before=\"20260309140500Z\"").signer(&public(7), NAMESPACE, now()).is_ok());
    assert!(of(7, "valid-after=\"20260309140500Z\"").signer(&public(7), NAMESPACE, now()).is_ok());
}

#[test]
fn files_are_bounded() {
    let line = format!("a {}\n", public(7).to_line());
    let (large, problems) = AllowedSigners::parse(line.repeat(20_000).as_bytes());
    assert!(large.lines().is_empty() && problems[0].kind == LineProblemKind::FileTooLarge);
    let long = format!("{} {}\n{line}", "a,".repeat(MAX_LINE_LEN / 2), public(7).to_line());
    let (signers, problems) = AllowedSigners::parse(long.as_bytes());
    assert_eq!(problems, [LineProblem { line: 1, kind: LineProblemKind::TooLong }]);
    assert_eq!(signers.signer(&public(7), NAMESPACE, now()).unwrap().line, 2);
}

/// RFC 8032, section 7.1, and the vectors of Wycheproof.
#[test]
fn published_vectors_of_ed25519() {
    let bytes = |hex: &str| -> Vec<u8> {
        (0..hex.len()).step_by(2).map(|at| u8::from_str_radix(&hex[at..at + 2], 16).unwrap()).collect()
    };
    let (mut valid, mut invalid) = (0, 0);
    for line in include_str!("../../../tests/vectors/ed25519.txt").lines() {
        let fields: Vec<&str> = line.split(' ').collect();
        let [result, key, message, signature, ..] = fields[..] else { continue };
        if line.starts_with('#') {
            continue;
        }
        let message = if message == "-" { "" } else { message };
        let signature = if signature == "-" { "" } else { signature };
        let key = PublicKey::from_bytes(bytes(key).try_into().unwrap());
        let made = bytes(signature).try_into().is_ok_and(|s: [u8; 64]| key.made(&s, &bytes(message)));
        assert_eq!(made, result == "valid", "{line}");
        *(if made { &mut valid } else { &mut invalid }) += 1;
    }
    assert!(valid >= 15 && invalid >= 40, "{valid} {invalid}");
}
