//! Where secrets come from: a folder, a JSON map on stdin, a demo site's own folder. Never the environment, never a
//! place that the site names.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Read};
use std::path::Path;

use fieldlock::image::Passphrase;
use fieldlock::model::facts::{Value, leaves};
use fieldlock::secret::{SecretRef, SecretValue, Secrets};
use fieldlock::site::Site;
use fieldlock::site::files::{FileProblem, Root};
use serde::de::{Deserialize, Deserializer, Error, MapAccess, Visitor};

use super::args::{PassphraseArgs, SecretArgs};
use super::problem::Problem;

/// Longest secret, in bytes.
const MAX_SECRET: usize = 64 * 1024;
/// Longest JSON map of secrets, in bytes.
const MAX_MAP: usize = 8 * 1024 * 1024;

/// The secrets that the site's devices name, from where the flag says. Those that are missing are found at the line
/// that names them.
pub(crate) fn load(args: &SecretArgs, site: &Site, root: &Path) -> Result<Secrets, Problem> {
    match (site.demo, args.secrets.as_deref()) {
        (_, Some("placeholder")) => Ok(Secrets::Placeholder),
        (true, None) => folder(&root.join("demo").join("secrets"), site),
        (true, Some(_)) => Err(Problem::refused("a demo site takes its secrets from its own `demo` folder only")
            .help("leave out --secrets, or take `demo on` out of site.kdl")
            .state("nothing was read and nothing was written")),
        (false, None) => Ok(Secrets::Absent),
        (false, Some("-")) => map(io::stdin().lock()),
        (false, Some(path)) => folder(Path::new(path), site),
    }
}

/// A demo site's passphrase: the one that everybody knows, from the site's own folder; any other source is refused.
pub(crate) fn demo_passphrase(args: &PassphraseArgs, root: &Path) -> Result<Passphrase, Problem> {
    let refused = |message: &str| {
        Problem::refused(message)
            .help("a demo is for trying things out: its passphrase is public and its images are marked")
            .state("nothing was written")
    };
    if args.passphrase_file.is_some() || args.passphrase_fd.is_some() {
        return Err(refused("a demo site takes its passphrase from its own `demo` folder only"));
    }
    match Root::open(root)?.read_bytes("demo/passphrase", MAX_SECRET) {
        Err(FileProblem::Missing { .. }) => Ok(Passphrase::demo()),
        Err(problem) => Err(problem.into()),
        Ok(bytes) => match Passphrase::from_file(&SecretValue::new(bytes)) {
            Ok(passphrase) if passphrase.is_demo() => Ok(passphrase),
            _ => Err(refused("`demo/passphrase` is not the demo passphrase")),
        },
    }
}

/// Every secret that a description names.
fn named(site: &Site) -> BTreeSet<SecretRef> {
    let all = site.devices.iter().flat_map(|d| leaves(&d.own).map(|l| l.fact.value.clone()).collect::<Vec<_>>());
    all.filter_map(|value| match value {
        Value::Secret(name) => SecretRef::new(&name).ok(),
        _ => None,
    })
    .collect()
}

fn folder(path: &Path, site: &Site) -> Result<Secrets, Problem> {
    let names = named(site);
    let root = match Root::open(path) {
        Ok(root) => root,
        // nothing is asked for: a demo without secrets needs no folder
        Err(FileProblem::Missing { .. }) if names.is_empty() => return Ok(Secrets::Loaded(BTreeMap::new())),
        Err(problem) => {
            return Err(Problem::invalid(format!("the folder of secrets can't be read: {problem}"))
                .help("give a folder with one file for each secret, DEVICE/NAME, with --secrets"));
        }
    };
    let mut values = BTreeMap::new();
    for name in names {
        match root.read_bytes(name.as_str(), MAX_SECRET) {
            Ok(bytes) => {
                values.insert(name, without_line_end(bytes));
            }
            Err(FileProblem::Missing { .. }) => {}
            Err(problem) => {
                return Err(Problem::invalid(format!("a secret can't be read: {problem}")).help(problem.help()));
            }
        }
    }
    Ok(Secrets::Loaded(values))
}

/// One line end behind a secret belongs to the file, not to the secret.
fn without_line_end(mut bytes: Vec<u8>) -> SecretValue {
    if bytes.ends_with(b"\n") {
        bytes.pop();
        if bytes.ends_with(b"\r") {
            bytes.pop();
        }
    }
    SecretValue::new(bytes)
}

/// `{"np07/ot-admin": "..."}`. An error names a place in the text, never its content.
fn map(from: impl Read) -> Result<Secrets, Problem> {
    let mut text = zeroize::Zeroizing::new(Vec::with_capacity(64 * 1024));
    from.take(MAX_MAP as u64 + 1)
        .read_to_end(&mut text)
        .map_err(|error| Problem::invalid(format!("the secrets can't be read from stdin: {error}")))?;
    let help = "give one JSON object of names and texts: {\"np07/ot-admin\": \"...\"}";
    if text.len() > MAX_MAP {
        return Err(Problem::invalid("the secrets on stdin are larger than 8 MiB").help(help));
    }
    let values: Map = serde_json::from_slice(&text).map_err(|error| {
        let (line, column) = (error.line(), error.column());
        Problem::invalid(format!("the secrets on stdin are no map of names and texts (line {line}, column {column})"))
            .help(help)
    })?;
    Ok(Secrets::Loaded(values.0))
}

/// A map that refuses a name twice, and whose values go straight into secrets.
struct Map(BTreeMap<SecretRef, SecretValue>);

struct Text(SecretValue);

impl<'de> Deserialize<'de> for Text {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Text, D::Error> {
        String::deserialize(deserializer).map(|text| Text(SecretValue::new(text.into_bytes())))
    }
}

impl<'de> Deserialize<'de> for Map {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Map, D::Error> {
        struct Names;
        impl<'de> Visitor<'de> for Names {
            type Value = Map;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a map")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Map, A::Error> {
                let mut values = BTreeMap::new();
                while let Some((name, value)) = map.next_entry::<String, Text>()? {
                    let name = SecretRef::new(&name).map_err(|_| A::Error::custom("a name"))?;
                    if values.insert(name, value.0).is_some() {
                        return Err(A::Error::custom("a name twice"));
                    }
                }
                Ok(Map(values))
            }
        }
        deserializer.deserialize_map(Names)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_map_of_secrets() {
        let Ok(Secrets::Loaded(values)) = map(br#"{"np07/a": "x", "np07/b": "y\n"}"#.as_slice()) else { panic!() };
        assert_eq!(values.len(), 2);
        assert_eq!(values.values().map(SecretValue::len).collect::<Vec<_>>(), [1, 2]);
    }

    #[test]
    fn what_is_no_map_is_refused_without_its_content() {
        for text in [r#"{"np07/a": canary}"#, r#"["canary"]"#, r#"{"np07/a": "canary", "np07/a": "canary"}"#, ""] {
            let Err(problem) = map(text.as_bytes()) else { panic!("{text}") };
            assert!(!format!("{problem:?}").contains("canary"), "{problem:?}");
        }
    }

    #[test]
    fn one_line_end_is_not_of_the_secret() {
        let kept = |text: &str| without_line_end(text.as_bytes().to_vec()).expose_text().unwrap().to_owned();
        assert_eq!([kept("x\n"), kept("x\r\n"), kept("x\n\n"), kept("x")], ["x", "x", "x\n", "x"]);
    }
}
