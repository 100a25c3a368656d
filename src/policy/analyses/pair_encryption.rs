//! Two ends of a pair connection that encrypt unlike.

use super::pair_peers_match::End;

/// Which end is to be raised, of two that encrypt unlike: what one has is not given up for the one that has less.
pub(super) fn stronger(here: &str, there: &str, other: &End<'_>) -> Option<String> {
    const STRENGTH: [&str; 3] = ["none", "encrypted", "encrypted-authenticated"];
    let rank = |word: &str| STRENGTH.iter().position(|known| *known == word);
    Some(match rank(here)? > rank(there)? {
        true => format!("write `secure=\"{here}\"` at the other end, port {} of `{}`", other.number, other.name),
        false => format!("write `secure=\"{there}\"` here, as at the other end"),
    })
}
