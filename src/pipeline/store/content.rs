//! What stands in a file of the store: the values in one part, their stories in another.
//!
//! Values never pass through a text format: they lie one behind the other in the part `values`, and the sealed
//! manifest's spans say where each begins and ends. The part `secrets.json`, in canonical JSON, says of each span what
//! it is.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::image::{Part, PartKind, PartsError, Plain, SecretSpan, canonical};
use crate::native::Token;
use crate::secret::{Came, SecretRef, SecretValue, Stored, Version};

const FORMAT: &str = "fieldlock-secrets.v1";
const STORIES: &str = "secrets.json";
const VALUES: &str = "values";
const TIME: &str = "%Y-%m-%dT%H:%M:%SZ";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Content {
    format: String,
    secrets: Vec<Entry>,
}

/// One secret, its values in the order of the spans: the one in force, then the earlier ones, latest first.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    name: String,
    receipt: String,
    values: Vec<Story>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Story {
    came: String,
    characters: String,
    length: u32,
    since: String,
}

/// The parts to seal.
///
/// # Errors
/// More than a file can hold.
pub(super) fn write(secrets: &BTreeMap<SecretRef, Stored>) -> Result<Plain, PartsError> {
    let versions = |stored: &Stored| stored.earlier().iter().map(|v| v.value.len()).sum::<usize>();
    let total = secrets.values().map(|s| s.now().value.len() + versions(s)).sum();
    // sized once: growing would leave copies behind
    let mut values = zeroize::Zeroizing::new(Vec::with_capacity(total));
    let mut spans = Vec::new();
    let mut entries = Vec::new();
    for (name, stored) in secrets {
        let mut stories = Vec::new();
        for version in std::iter::once(stored.now()).chain(stored.earlier()) {
            let offset = u32::try_from(values.len()).map_err(|_| PartsError::TooLarge)?;
            let length = u32::try_from(version.value.len()).map_err(|_| PartsError::TooLarge)?;
            values.extend_from_slice(version.value.expose());
            spans.push(SecretSpan { length, offset, token: Token::of(name, None).to_string() });
            stories.push(story(version));
        }
        let (name, receipt) = (name.to_string(), stored.receipt().to_owned());
        entries.push(Entry { name, receipt, values: stories });
    }
    let content = Content { format: FORMAT.to_owned(), secrets: entries };
    let json = canonical::write(&content).map_err(|_| PartsError::Manifest)?;
    let part =
        |name: &str, bytes: SecretValue, secrets| Part { kind: PartKind::Other, name: name.to_owned(), bytes, secrets };
    Plain::of_store(vec![
        part(STORIES, SecretValue::new(json), Vec::new()),
        part(VALUES, SecretValue::copy_of(&values), spans),
    ])
}

/// The secrets of an opened file, each name beginning with its owner's.
///
/// # Errors
/// In words: what is wrong. Nothing of the content is in them.
pub(super) fn read(plain: &Plain, owner: &str) -> Result<BTreeMap<SecretRef, Stored>, &'static str> {
    let [stories, values] = plain.parts() else { return Err("it has other parts") };
    if (&*stories.name, &*values.name) != (STORIES, VALUES) || !stories.secrets.is_empty() {
        return Err("it has other parts");
    }
    let content: Content = canonical::read(stories.bytes.expose()).map_err(|_| "its list can't be read")?;
    if content.format != FORMAT {
        return Err("it was made by a newer fieldlock");
    }
    let mut spans = values.secrets.iter();
    let mut end = 0;
    let mut found = BTreeMap::new();
    let mut before: Option<SecretRef> = None;
    for entry in content.secrets {
        let name = SecretRef::new(&entry.name).map_err(|_| "a name in it is none")?;
        if name.owner() != owner || name.segments().count() < 2 {
            return Err("a secret in it belongs to somebody else");
        }
        if before.as_ref().is_some_and(|before| *before >= name) {
            return Err("its names are not in their order");
        }
        let mut versions = Vec::new();
        for story in &entry.values {
            let span = spans.next().ok_or("a value is missing")?;
            if span.token != Token::of(&name, None).to_string() || span.offset != end || span.length == 0 {
                return Err("its values are not where it says");
            }
            end += span.length;
            let value = &values.bytes.expose()[span.offset as usize..end as usize];
            versions.push(version(story, SecretValue::copy_of(value)).ok_or("a value's story can't be")?);
        }
        let mut versions = versions.into_iter();
        let now = versions.next().ok_or("a secret has no value")?;
        let stored = Stored::restore(now, versions.collect(), entry.receipt).ok_or("a secret's story can't be")?;
        before = Some(name.clone());
        found.insert(name, stored);
    }
    if spans.next().is_some() || end as usize != values.bytes.len() {
        return Err("a value belongs to no secret");
    }
    Ok(found)
}

fn story(version: &Version) -> Story {
    let (length, characters) = match &version.came {
        Came::Set => (0, String::new()),
        Came::Generated { length, characters } => (*length, characters.clone()),
    };
    let since = version.since.strftime(TIME).to_string();
    Story { came: version.came.word().to_owned(), characters, length, since }
}

fn version(story: &Story, value: SecretValue) -> Option<Version> {
    let came = match (&*story.came, story.length, &*story.characters) {
        ("set", 0, "") => Came::Set,
        ("generated", length @ 1.., characters) if !characters.is_empty() => {
            Came::Generated { length, characters: characters.to_owned() }
        }
        _ => return None,
    };
    let since: Timestamp = story.since.parse().ok()?;
    // one spelling: what is written again is what was read
    (since.strftime(TIME).to_string() == story.since).then_some(Version { value, came, since })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &str) -> SecretValue {
        SecretValue::copy_of(text.as_bytes())
    }

    fn version_of(text: &str, second: i64, came: Came) -> Version {
        Version::new(value(text), came, Timestamp::from_second(second).unwrap())
    }

    fn secrets() -> BTreeMap<SecretRef, Stored> {
        let drawn = Came::Generated { length: 6, characters: "abc<>\"\\".to_owned() };
        let mut admin = Stored::new(version_of("canary-old", 1_000, Came::Set));
        admin.rotate(version_of("canary", 2_000, drawn)).unwrap();
        let mut guest = Stored::new(version_of("\u{e4}\n\0binary", 3_000, Came::Set));
        guest.prove("R-0207");
        [("np07/admin", admin), ("np07/guest", guest)].map(|(n, s)| (n.parse().unwrap(), s)).into()
    }

    #[test]
    fn what_is_written_is_read_back() {
        let plain = write(&secrets()).unwrap();
        assert!(read(&plain, "np07").unwrap() == secrets());
        assert!(read(&write(&BTreeMap::new()).unwrap(), "np07").unwrap().is_empty());
    }

    #[test]
    fn values_stand_in_no_text_and_redaction_takes_them_all() {
        let plain = write(&secrets()).unwrap();
        let json = String::from_utf8(plain.part(STORIES).unwrap().bytes.expose().to_vec()).unwrap();
        assert!(!json.contains("canary") && json.contains("np07/admin"), "{json}");
        assert_eq!(plain.redacted(VALUES).unwrap(), b"<secret np07/admin><secret np07/admin><secret np07/guest>");
    }

    #[test]
    fn what_does_not_fit_gives_nothing() {
        let plain = write(&secrets()).unwrap();
        assert_eq!(read(&plain, "np08").err(), Some("a secret in it belongs to somebody else"));
        let good = String::from_utf8(plain.part(STORIES).unwrap().bytes.expose().to_vec()).unwrap();
        let spans = plain.part(VALUES).unwrap().secrets.clone();
        let with = |json: &str, spans: Vec<SecretSpan>| {
            let part = |name: &str, bytes: &[u8], secrets| Part {
                kind: PartKind::Other,
                name: name.to_owned(),
                bytes: SecretValue::copy_of(bytes),
                secrets,
            };
            let values = plain.part(VALUES).unwrap().bytes.expose();
            let parts = vec![part(STORIES, json.as_bytes(), Vec::new()), part(VALUES, values, spans)];
            read(&Plain::of_store(parts).unwrap(), "np07").err()
        };
        assert_eq!(with(&good, spans.clone()), None);
        for (from, to) in [
            ("np07/admin", "np07/zadmin"),
            ("np07/admin", "np07"),
            ("np07/admin", "np08/admin"),
            ("np07/guest", "np07/admin"),
            ("secrets.v1", "secrets.v2"),
            ("\"length\":6", "\"length\":0"),
            ("\"set\"", "\"found\""),
            ("1970-01-01T00:33:20Z", "1970-01-01T00:33:20+00:00"),
            ("1970-01-01T00:33:20Z", "1970-01-01T00:00:20Z"),
            ("\"receipt\":\"\"", "\"receipt\":\"R-1\""),
            ("\"receipt\"", "\"recipe\""),
        ] {
            let changed = good.replacen(from, to, 1);
            assert!(changed != good && with(&changed, spans.clone()).is_some(), "{from} -> {to}");
        }
        let fewer = spans[..2].to_vec();
        let shifted = spans.iter().map(|s| SecretSpan { length: s.length - 1, ..s.clone() }).collect();
        let renamed = spans.iter().map(|s| SecretSpan { token: "<hidden>".to_owned(), ..s.clone() }).collect();
        for spans in [fewer, shifted, renamed] {
            assert!(with(&good, spans).is_some());
        }
    }
}
