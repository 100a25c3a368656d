//! Whether a passphrase that a person chose holds against somebody who has the sealed files and time.
//!
//! Guesses are counted by `zxcvbn`, which knows common words, names, dates and keyboard runs; words of the site are
//! handed in beside them. The floor is its highest score and 14 characters, and what is left without words of the site
//! has to reach it too: several of them in a row look long, and are few to try. Passwords of devices are held to less.

use zeroize::Zeroizing;

use super::SecretValue;

/// Fewest characters of a passphrase.
pub const LEAST_CHARACTERS: usize = 14;

/// Fewest characters of a known word that is taken out.
const LEAST_KNOWN: usize = 3;

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
    let text = looked_at(text);
    if !holds(text, known) {
        return Err(Weak::Guessable);
    }
    match without(text, known) {
        Some(own) if own.chars().count() < LEAST_CHARACTERS || !holds(&own, known) => Err(Weak::Guessable),
        _ => Ok(()),
    }
}

/// Whether a value is found in a million guesses: one that everybody knows, or would try first. `known` are tried
/// before all others. What is no text is no word either.
pub fn is_tried_first(value: &SecretValue, known: &[&str]) -> bool {
    score(value, known).is_some_and(|score| score < zxcvbn::Score::Two)
}

/// Whether a value is found in ten thousand million guesses: by who has what it protects, and time.
pub fn is_guessable(value: &SecretValue, known: &[&str]) -> bool {
    score(value, known).is_some_and(|score| score < zxcvbn::Score::Four)
}

fn score(value: &SecretValue, known: &[&str]) -> Option<zxcvbn::Score> {
    Some(zxcvbn::zxcvbn(looked_at(value.expose_text()?), known).score())
}

/// As much of a text as is looked at.
fn looked_at(text: &str) -> &str {
    let end = text.char_indices().nth(LOOKED_AT).map_or(text.len(), |(at, _)| at);
    &text[..end]
}

fn holds(text: &str, known: &[&str]) -> bool {
    zxcvbn::zxcvbn(text, known).score() >= zxcvbn::Score::Four
}

/// What is left of a text in small letters once the known words are taken out, and what stands between words with them.
/// `None` where none is in it.
fn without(text: &str, known: &[&str]) -> Option<Zeroizing<String>> {
    let mut known: Vec<String> = known.iter().map(|word| word.to_lowercase()).collect();
    // a word that holds another is taken out first; one or two letters are in everything
    known.retain(|word| word.chars().count() >= LEAST_KNOWN);
    known.sort_by_key(|word| std::cmp::Reverse(word.len()));
    let mut left = Zeroizing::new(text.to_lowercase());
    let whole = left.len();
    for word in &known {
        if left.contains(word.as_str()) {
            left = Zeroizing::new(left.replace(word.as_str(), ""));
        }
    }
    if left.len() == whole {
        return None;
    }
    left.retain(char::is_alphanumeric);
    Some(left)
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
        let site = ["weir", "np21", "weir-router", "control", "field", "ana", "ben", "eng"];
        for bad in [
            "ana ben weir np21 control",
            "weirnp21anabencontrol",
            "np21-weir-router-ana-ben-control",
            "weir np21 weir-router control eng",
            "Weir.Np21.Control.Field.2026",
            "weir weir weir weir weir weir weir",
        ] {
            assert_eq!(of(bad, &site), Err(Weak::Guessable), "{bad}");
        }
        // one of them among others takes nothing from those
        assert_eq!(of("gravel weir umbrella ninety copper lagoon", &site), Ok(()));
        assert_eq!(of("TBq4-wm8Z-ana-kk2P-91xe-77Ra", &site), Ok(()));
    }

    #[test]
    fn what_everybody_tries_is_told_from_what_takes_time() {
        let tried = |text: &str| is_tried_first(&SecretValue::copy_of(text.as_bytes()), &["moxa", "np07", "weir"]);
        for bad in ["moxa", "Moxa1!", "NP07", "Weir-07", "admin", "Password1!", "P@ssw0rd", "qwerty123", "12345678", ""]
        {
            assert!(tried(bad), "{bad}");
        }
        for good in ["Brick-Lake-71", "Demo-only.Sluice7-Gate", "xK4@mT9%pR2*wQ7-"] {
            assert!(!tried(good), "{good}");
        }
        assert!(!is_tried_first(&SecretValue::copy_of(&[0xff, 0xfe, 1, 2]), &[]), "no text");
        let guessed = |text: &str| is_guessable(&SecretValue::copy_of(text.as_bytes()), &["weir"]);
        assert!(guessed("Weir2026weir") && guessed("Passwordpassword2026"));
        assert!(!guessed("xK4mT9pR2wQ7aB3c") && !guessed("Fog-Harbour-34-Lamp"));
    }

    #[test]
    fn a_message_repeats_nothing() {
        for weak in [Weak::Short, Weak::Guessable] {
            assert!(!format!("{weak} {}", weak.help()).contains("password1"));
        }
    }
}
