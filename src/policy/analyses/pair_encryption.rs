//! Two ends of a pair connection that encrypt unlike.

/// Which end is to be raised, of two that encrypt unlike: what one has is not given up for the one that has
/// less. `other`: where the other end is.
pub(super) fn stronger(here: &str, there: &str, other: &str) -> Option<String> {
    const STRENGTH: [&str; 3] = ["none", "encrypted", "encrypted-authenticated"];
    let rank = |word: &str| STRENGTH.iter().position(|known| *known == word);
    Some(match rank(here)? > rank(there)? {
        true => format!("write `secure=\"{here}\"` at the other end, {other}"),
        false => format!("write `secure=\"{there}\"` here, as at the other end"),
    })
}
