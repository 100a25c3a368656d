//! Which secrets of an image differ from those of the image before: told by fingerprints, never by values, and never
//! across devices.

use std::collections::BTreeMap;

use super::previous::Earlier;
use crate::finding::Finding;
use crate::image::{IndexImage, Plain};
use crate::report::SecretCount;
use crate::site::SiteDevice;

/// The secrets of a text by name: the fingerprint at each of its places, `None` where there is none.
pub(super) type Tokens = BTreeMap<String, Vec<Option<String>>>;

/// What is known of the image before.
#[derive(Debug, Default)]
pub(super) enum Before {
    /// There was none.
    #[default]
    None,
    /// There was one; nothing proved what its secrets were.
    Unknown,
    /// Its secrets.
    Known(Tokens),
}

/// What is known of the image before.
pub(super) fn before(entry: Option<&IndexImage>, earlier: Option<&Earlier>) -> Before {
    match earlier.and_then(|e| e.opened.as_ref()) {
        Some(opened) => Before::Known(tokens(&opened.plain)),
        None if entry.is_some() || earlier.is_some() => Before::Unknown,
        None => Before::None,
    }
}

/// The secrets that the texts of an image show as tokens.
pub(super) fn tokens(plain: &Plain) -> Tokens {
    let mut found = Tokens::new();
    for span in plain.parts().iter().flat_map(|part| &part.secrets) {
        let Some(inner) = span.token.strip_prefix("<secret ").and_then(|t| t.strip_suffix('>')) else { continue };
        let (name, fingerprint) = inner.split_once(' ').map_or((inner, None), |(name, f)| (name, Some(f.to_owned())));
        found.entry(name.to_owned()).or_default().push(fingerprint);
    }
    // places move with the text; what stands there is what counts
    found.values_mut().for_each(|fingerprints| fingerprints.sort_unstable());
    found
}

/// Refused: texts whose secrets had fingerprints, and now have none. Nobody would see that a secret changed.
pub(super) fn refuse_loss(device: &SiteDevice, before: &Before, now: &Tokens) -> Result<(), Vec<Finding>> {
    let has = |tokens: &Tokens| tokens.values().flatten().any(Option::is_some);
    let Before::Known(earlier) = before else { return Ok(()) };
    if now.is_empty() || has(now) || !has(earlier) {
        return Ok(());
    }
    let message = format!("the texts of `{}` had fingerprints of its secrets, and would have none now", device.name);
    let finding = Finding::error("image.fingerprints", device.loc, message)
        .device(&*device.name)
        .help("give the secrets with `site/fingerprint-key` among them, as for the build before");
    Err(vec![finding])
}

/// The secrets of an image that was kept.
pub(super) fn all_unchanged(now: &Tokens) -> SecretCount {
    SecretCount { sealed: now.len(), unchanged: now.len(), ..SecretCount::default() }
}

/// The secrets counted by what became of them.
pub(super) fn count(before: &Before, now: &Tokens) -> SecretCount {
    let mut count = SecretCount { sealed: now.len(), ..SecretCount::default() };
    for (name, fingerprints) in now {
        let state = match before {
            Before::None => &mut count.new,
            Before::Unknown => &mut count.cannot_compare,
            Before::Known(earlier) => match earlier.get(name) {
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

    fn counted(before: &Before, now: &[(&str, &[&str])]) -> (usize, usize, usize, usize) {
        let SecretCount { new, changed, unchanged, cannot_compare, sealed } = count(before, &texts(now));
        assert_eq!(sealed, now.len());
        (new, changed, unchanged, cannot_compare)
    }

    #[test]
    fn secrets_are_compared_by_fingerprints_of_one_key() {
        let now: &[(&str, &[&str])] = &[("np07/a", &["k1:aaa"]), ("np07/b", &["k1:bbb", "k1:ccc"])];
        let known = |list: &[(&str, &[&str])]| Before::Known(texts(list));
        assert_eq!(counted(&Before::None, now), (2, 0, 0, 0));
        assert_eq!(counted(&Before::Unknown, now), (0, 0, 0, 2));
        assert_eq!(counted(&known(now), now), (0, 0, 2, 0));
        assert_eq!(counted(&known(&[("np07/a", &["k1:aab"])]), now), (1, 1, 0, 0));
        assert_eq!(counted(&known(&[("np07/a", &["k1:aaa"]), ("np07/b", &["k1:ccc"])]), now), (0, 0, 2, 0));
        assert_eq!(counted(&known(&[("np07/a", &["k2:aaa"]), ("np07/b", &[""])]), now), (0, 0, 0, 2));
    }
}
