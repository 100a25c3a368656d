//! Whether a passphrase that a person chose holds against somebody who has the sealed files and time.
//!
//! Guesses are counted by `zxcvbn`, which knows common words, names, dates and keyboard runs; words of the site are
//! handed in beside them. The floor is its highest score and 14 characters.

use super::SecretValue;

/// Fewest characters of a passphrase.
pub const LEAST_CHARACTERS: usize = 14;

/// Characters that are looked at: more add nothing to a passphrase that is bad so far, and cost time.
const LOOKED_AT: usize = 128;

/// What is wrong with a passphrase. Says nothing of what is in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Weak {
    /// Too short, whatever it is.
    #[error("the passphrase has fewer than {LEAST_CHARACTERS} characters")]
    Short,
    /// Somebody with the files would find it.
    #[error("the passphrase can be guessed: it is made of what people often take, or of names of this site")]
    Guessable,
}

impl Weak {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        "take six or seven words that nobody would expect together, from a list and by dice, or let a password manager \
         make 20 characters; whoever has a copy of the files can guess for years"
    }
}

/// Judges a passphrase. `known` are words that an attacker would try first: the names of the site, its devices, its
/// people.
///
/// # Errors
/// It does not hold.
pub fn judge(passphrase: &SecretValue, known: &[&str]) -> Result<(), Weak> {
    let text = passphrase.expose_text().unwrap_or_default();
    if text.chars().count() < LEAST_CHARACTERS {
        return Err(Weak::Short);
    }
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
    let score = zxcvbn::zxcvbn(&text[..end], known).score();
    if score < zxcvbn::Score::Four { Err(Weak::Guessable) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(text: &str, known: &[&str]) -> Result<(), Weak> {
        judge(&SecretValue::copy_of(text.as_bytes()), known)
    }

    #[test]
    fn passphrases_of_words_by_dice_hold() {
        for good in
            ["gravel umbrella ninety copper lagoon", "TBq4-wm8Z-kk2P-91xe-77Ra", "correct horse battery staple brick"]
        {
            assert_eq!(of(good, &["west", "np07"]), Ok(()), "{good}");
        }
        assert_eq!(
            of(&"gravel umbrella ninety copper ".repeat(30), &[]),
            Ok(()),
            "long ones are judged in bounded time"
        );
    }

    #[test]
    fn what_people_take_does_not() {
        assert_eq!(of("Tr0ub4dor&3", &[]), Err(Weak::Short));
        assert_eq!(of("", &[]), Err(Weak::Short));
        for bad in
            ["passwordpassword", "aaaaaaaaaaaaaaaaaaaa", "qwertyuiopasdfgh", "abcdefghijklmnop", "12345678901234567890"]
        {
            assert_eq!(of(bad, &[]), Err(Weak::Guessable), "{bad}");
        }
    }

    #[test]
    fn the_names_of_the_site_count_as_known() {
        let (text, site) = ("zulmbrk-waterworks", ["zulmbrk", "waterworks"]);
        assert_eq!(of(text, &site), Err(Weak::Guessable));
    }

    #[test]
    fn a_message_repeats_nothing() {
        for weak in [Weak::Short, Weak::Guessable] {
            assert!(!format!("{weak} {}", weak.help()).contains("password1"));
        }
    }
}
