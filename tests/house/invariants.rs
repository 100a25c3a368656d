//! Invariants of the house that the text of the sources shows: 9 (what the library may touch) and 11 (who may name
//! which crate).

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;
use std::path::Path;

/// Every source below `src/`, with its path there.
fn texts() -> Vec<(String, String)> {
    fn walk(base: &Path, at: &Path, found: &mut Vec<(String, String)>) {
        for entry in fs::read_dir(at).unwrap().map(Result::unwrap) {
            let path = entry.path();
            if path.is_dir() {
                walk(base, &path, found);
            } else if path.extension().is_some_and(|e| e == "rs") {
                let name = path.strip_prefix(base).unwrap().to_str().unwrap().replace('\\', "/");
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    let base = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut found = Vec::new();
    walk(&base, &base, &mut found);
    assert!(found.len() > 100, "the sources are there");
    found
}

/// The same without comments and without their own tests.
fn sources() -> Vec<(String, String)> {
    let mut found = texts();
    found.retain(|(name, _)| !name.contains("test") && name != "image/forge.rs" && name != "dialect/sample.rs");
    for (_, text) in &mut found {
        let code = text.split("#[cfg(test)]\nmod").next().unwrap_or_default();
        let code: Vec<&str> = code.lines().map(|l| l.split("//").next().unwrap_or_default()).collect();
        *text = code.join("\n");
    }
    found
}

/// What no formatter does.
#[test]
fn comments_end_at_120_columns() {
    let is_long = |line: &&str| line.trim_start().starts_with("//") && line.chars().count() > 120;
    let long = |(name, text): &(String, String)| Some(format!("{name}: {}", text.lines().find(is_long)?));
    assert_eq!(texts().iter().filter_map(long).collect::<Vec<_>>(), Vec::<String>::new());
}

/// Files that name one of the words and that are not among those that may.
fn named_elsewhere(words: &[&str], may: impl Fn(&str) -> bool) -> Vec<String> {
    let names = |text: &str| words.iter().find(|w| text.contains(**w)).copied();
    let found = sources().into_iter().filter(|(name, _)| !may(name));
    found.filter_map(|(name, text)| names(&text).map(|word| format!("{name}: {word}"))).collect()
}

fn is_cli(name: &str) -> bool {
    name == "main.rs" || name == "cli.rs" || name.starts_with("cli/")
}

/// Invariant 9: the library never touches terminal, environment, clock or randomness.
#[test]
fn invariant_9_the_library_touches_nothing_but_what_it_is_handed() {
    let words = [
        "std::env::",
        "env::var",
        "stdin()",
        "stdout()",
        "stderr()",
        "println!",
        "eprintln!",
        "print!(",
        "SystemTime",
        "Instant::now",
        "Timestamp::now",
        "Zoned::now",
        "TimeZone::system",
        "TimeZone::try_system",
        "getrandom",
        "process::Command",
        "Command::new",
    ];
    assert_eq!(named_elsewhere(&words, is_cli), Vec::<String>::new());
}

/// Invariant 11: only `syntax` names the KDL crates, only `image` the ciphers, only `device` the network, only `cli`
/// clap and what asks people.
#[test]
fn invariant_11_each_crate_has_one_house() {
    let syntax = |name: &str| name == "syntax.rs" || name.starts_with("syntax/");
    assert_eq!(named_elsewhere(&["kdl::", "neco_kdl"], syntax), Vec::<String>::new());
    let image = |name: &str| name == "image.rs" || name.starts_with("image/");
    let ciphers = ["aes_gcm", "argon2::", "hkdf::", "hmac::"];
    assert_eq!(named_elsewhere(&ciphers, image), Vec::<String>::new());
    let container = |name: &str| name == "dialect/ini/container.rs";
    assert_eq!(named_elsewhere(&["simple_rijndael"], container), Vec::<String>::new());
    let ledger = |name: &str| name.starts_with("ledger/");
    assert_eq!(named_elsewhere(&["ed25519_dalek"], ledger), Vec::<String>::new());
    let formats = |name: &str| name.starts_with("report/formats/");
    assert_eq!(named_elsewhere(&["quick_junit", "csv::Writer"], formats), Vec::<String>::new());
    let wire = |name: &str| name.starts_with("device/ssh") || name == "device/lab/serve.rs";
    assert_eq!(named_elsewhere(&["russh::", "tokio::"], wire), Vec::<String>::new());
    let web = |name: &str| name == "device/probe/web.rs";
    assert_eq!(named_elsewhere(&["rustls::"], web), Vec::<String>::new());
    let device = |name: &str| name.starts_with("device/");
    assert_eq!(named_elsewhere(&["TcpStream", "TcpListener", "TcpSocket", "UdpSocket"], device), Vec::<String>::new());
    let people = ["clap::", "rpassword", "indicatif", "terminal_size", "anstyle_query", "glob::"];
    assert_eq!(named_elsewhere(&people, is_cli), Vec::<String>::new());
}
