//! Which secrets of an image differ from those of the image before: told by fingerprints, never by values, and never
//! across devices.

use std::collections::BTreeMap;

use super::previous::{Earlier, Previous};
use crate::finding::{Finding, codes};
use crate::image::Plain;
use crate::ledger::IndexImage;
use crate::native::Token;
use crate::report::SecretCount;
use crate::site::SiteDevice;

/// The secrets of a text by name: the fingerprint at each of its places, `None` where there is none.
pub(super) type Tokens = BTreeMap<String, Vec<Option<String>>>;

/// What is known of the image before.
#[derive(Debug, Default)]
pub(super) enum EarlierSecrets {
    /// There was none.
    #[default]
    None,
    /// There was one; nothing proves what its secrets were.
    Unknown {
        /// Whether its text had fingerprints, as far as anybody says.
        fingerprints: bool,
    },
    /// Its secrets.
    Known(Tokens),
}

/// What is known of the image before.
pub(super) fn earlier(
    previous: &Previous<'_>,
    entry: Option<&IndexImage>,
    earlier: Option<&Earlier>,
) -> EarlierSecrets {
    let Some(earlier) = earlier else {
        // the image is gone; the texts beside it still tell, as far as the list vouches for them
        let unknown = |entry| EarlierSecrets::Unknown { fingerprints: previous.shows_fingerprints(entry) };
        return entry.map_or(EarlierSecrets::None, unknown);
    };
    if let Some(opened) = &earlier.opened {
        return EarlierSecrets::Known(tokens(&opened.plain));
    }
    let named = entry.filter(|entry| entry.image == earlier.inspection.digest);
    let (Some(named), Some(core)) = (named, &earlier.inspection.core) else {
        return EarlierSecrets::Unknown { fingerprints: entry.is_some_and(|entry| previous.shows_fingerprints(entry)) };
    };
    // a list that somebody trusted signed names the image, which names the text
    if previous.signed().is_some()
        && let Some(text) = previous.redacted(&named.device, &core.review)
    {
        return EarlierSecrets::Known(tokens_in(&text));
    }
    EarlierSecrets::Unknown { fingerprints: core.review != named.structure }
}

/// The secrets that the texts of an image show as tokens.
pub(super) fn tokens(plain: &Plain) -> Tokens {
    by_name(plain.parts().iter().flat_map(|part| &part.secrets).filter_map(|span| Token::read(&span.token)))
}

/// The same of a redacted text.
fn tokens_in(text: &str) -> Tokens {
    by_name(Token::all(text).map(|(_, token)| token))
}

fn by_name<'a>(tokens: impl Iterator<Item = Token<'a>>) -> Tokens {
    let mut found = Tokens::new();
    for token in tokens {
        if let Token::Secret { name, fingerprint } = token {
            found.entry(name.to_owned()).or_default().push(fingerprint.map(str::to_owned));
        }
    }
    found
}

/// Refused: texts whose secrets had fingerprints, and now have none. Nobody would see that a secret changed.
pub(super) fn refuse_loss(device: &SiteDevice, before: &EarlierSecrets, now: &Tokens) -> Result<(), Vec<Finding>> {
    let has = |tokens: &Tokens| tokens.values().flatten().any(Option::is_some);
    let had = match before {
        EarlierSecrets::None => false,
        EarlierSecrets::Unknown { fingerprints } => *fingerprints,
        EarlierSecrets::Known(earlier) => has(earlier),
    };
    if now.is_empty() || has(now) || !had {
        return Ok(());
    }
    let message = format!("the texts of `{}` had fingerprints of its secrets, and would have none now", device.name);
    let finding = Finding::new(codes::image::FINGERPRINTS, device.loc, message).device(&*device.name);
    Err(vec![finding])
}

/// The secrets of an image that was kept.
pub(super) fn all_unchanged(now: &Tokens) -> SecretCount {
    SecretCount { sealed: now.len(), unchanged: now.len(), ..SecretCount::default() }
}

/// The secrets counted by what became of them.
pub(super) fn count(before: &EarlierSecrets, now: &Tokens) -> SecretCount {
    let mut count = SecretCount { sealed: now.len(), ..SecretCount::default() };
    for (name, fingerprints) in now {
        let state = match before {
            EarlierSecrets::None => &mut count.new,
            EarlierSecrets::Unknown { .. } => &mut count.cannot_compare,
            EarlierSecrets::Known(earlier) => match earlier.get(name) {
                None => &mut count.new,
                Some(earlier) if !comparable(earlier, fingerprints) => &mut count.cannot_compare,
                // a fingerprint holds for a place: one that stands in both texts is of one value
                Some(earlier) if fingerprints.iter().any(|f| earlier.contains(f)) => &mut count.unchanged,
                Some(_) => &mut count.changed,
            },
        };
        *state += 1;
    }
    count
}

/// Whether all have a fingerprint, made with one key.
fn comparable(a: &[Option<String>], b: &[Option<String>]) -> bool {
    let key = |f: &Option<String>| f.as_deref().and_then(|f| f.split_once(':')).map(|(key, _)| key.to_owned());
    let first = a.first().and_then(key);
    first.is_some() && a.iter().chain(b).all(|f| key(f) == first)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(list: &[(&str, &[&str])]) -> Tokens {
        let fingerprints = |of: &[&str]| of.iter().map(|f| (!f.is_empty()).then(|| (*f).to_owned())).collect();
        list.iter().map(|(name, of)| ((*name).to_owned(), fingerprints(of))).collect()
    }

    fn counted(before: &EarlierSecrets, now: &[(&str, &[&str])]) -> (usize, usize, usize, usize) {
        let SecretCount { new, changed, unchanged, cannot_compare, sealed } = count(before, &texts(now));
        assert_eq!(sealed, now.len());
        (new, changed, unchanged, cannot_compare)
    }

    #[test]
    fn secrets_are_compared_by_fingerprints_of_one_key() {
        let now: &[(&str, &[&str])] = &[("np07/a", &["k1:aaa"]), ("np07/b", &["k1:bbb", "k1:ccc"])];
        let known = |list: &[(&str, &[&str])]| EarlierSecrets::Known(texts(list));
        assert_eq!(counted(&EarlierSecrets::None, now), (2, 0, 0, 0));
        assert_eq!(counted(&EarlierSecrets::Unknown { fingerprints: true }, now), (0, 0, 0, 2));
        assert_eq!(counted(&known(now), now), (0, 0, 2, 0));
        assert_eq!(counted(&known(&[("np07/a", &["k1:aab"])]), now), (1, 1, 0, 0));
        assert_eq!(counted(&known(&[("np07/a", &["k1:aaa"]), ("np07/b", &["k1:ccc"])]), now), (0, 0, 2, 0));
        assert_eq!(counted(&known(&[("np07/a", &["k2:aaa"]), ("np07/b", &[""])]), now), (0, 0, 0, 2));
    }
}
