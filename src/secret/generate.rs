//! Values drawn at random: every value that fits is as likely as any other.
//!
//! Characters are drawn one by one without bias (bytes that would favour some are thrown away), and a whole value that
//! does not fit is thrown away too: nothing is mended, so nothing can be guessed from the mending.

use zeroize::Zeroizing;

use super::{CharClass, Entropy, EntropyError, SecretValue};

/// Values that are drawn before it is said that none fits.
const MAX_TRIES: usize = 10_000;

/// The least room for values, in bits: a generated one is never guessed.
const LEAST_BITS: f64 = 64.0;

/// What a value may be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recipe {
    /// How many characters.
    pub length: usize,
    /// The characters that it may have: printable ASCII, each once, ascending. See [`Recipe::characters`].
    characters: String,
    /// Classes of characters that must occur.
    pub must: Vec<CharClass>,
}

/// Why there is no value.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum GenerateError {
    /// So few characters, or so few to choose from, could be guessed.
    #[error("{length} characters of {choice} could be guessed")]
    Guessable {
        /// Characters.
        length: usize,
        /// How many there are to choose from.
        choice: usize,
    },
    /// No value has all that is asked for.
    #[error("no value of {length} characters has all that is asked for")]
    Impossible {
        /// Characters.
        length: usize,
    },
    /// There is no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyError),
}

impl GenerateError {
    /// What to do about it.
    pub fn help(&self) -> &'static str {
        match self {
            GenerateError::Guessable { .. } => "ask for more characters with --length, as far as the device takes them",
            GenerateError::Impossible { .. } => {
                "the device's `password-policy` asks for a class of characters that its native text can't hold: \
                 choose a value yourself with `fieldlock secret set`"
            }
            GenerateError::Entropy(_) => "the operating system could not give random bytes; try again",
        }
    }
}

impl Recipe {
    /// A recipe for values of `length` characters out of `characters`; those that are not printable ASCII are left
    /// out, and order and repetitions mean nothing.
    pub fn new(length: usize, characters: impl IntoIterator<Item = char>, must: Vec<CharClass>) -> Recipe {
        let set: std::collections::BTreeSet<char> = characters.into_iter().filter(|c| matches!(c, '!'..='~')).collect();
        Recipe { length, characters: set.into_iter().collect(), must }
    }

    /// The characters, ascending.
    pub fn characters(&self) -> &str {
        &self.characters
    }

    /// Whether a value has its length, its characters, and every class that must occur.
    pub fn holds(&self, value: &SecretValue) -> bool {
        let bytes = value.expose();
        let has = |class: &CharClass| bytes.iter().any(|b| class.holds(*b));
        bytes.len() == self.length
            && bytes.iter().all(|b| self.characters.as_bytes().contains(b))
            && self.must.iter().all(has)
    }

    /// Draws a value that the recipe holds and that `fits` its places.
    ///
    /// # Errors
    /// It could be guessed, there is none, or there is no randomness.
    pub fn draw(
        &self,
        entropy: &mut dyn Entropy,
        fits: &dyn Fn(&SecretValue) -> bool,
    ) -> Result<SecretValue, GenerateError> {
        let choice = self.characters.len();
        if (choice as f64).log2() * (self.length as f64) < LEAST_BITS {
            return Err(GenerateError::Guessable { length: self.length, choice });
        }
        let possible = |class: &CharClass| self.characters.bytes().any(|b| class.holds(b));
        if self.must.iter().all(possible) {
            let mut numbers = Numbers::new(entropy);
            for _ in 0..MAX_TRIES {
                let mut bytes = Zeroizing::new(vec![0; self.length]);
                for byte in bytes.iter_mut() {
                    *byte = self.characters.as_bytes()[numbers.below(choice)?];
                }
                let value = SecretValue::copy_of(&bytes);
                if self.holds(&value) && fits(&value) {
                    return Ok(value);
                }
            }
        }
        Err(GenerateError::Impossible { length: self.length })
    }
}

/// 32 random bytes as 64 small hexadecimal digits: a key of fieldlock's own.
///
/// # Errors
/// There is no randomness.
pub fn hex_key(entropy: &mut dyn Entropy) -> Result<SecretValue, EntropyError> {
    let mut bytes = Zeroizing::new([0; 32]);
    entropy.fill(&mut *bytes)?;
    let digit = |nibble: u8| b"0123456789abcdef"[usize::from(nibble & 15)];
    let mut text = Vec::with_capacity(64);
    text.extend(bytes.iter().flat_map(|b| [digit(b >> 4), digit(*b)]));
    Ok(SecretValue::new(text))
}

/// Numbers without bias, from bytes drawn a block at a time.
struct Numbers<'a> {
    entropy: &'a mut dyn Entropy,
    block: Zeroizing<[u8; 64]>,
    used: usize,
}

impl<'a> Numbers<'a> {
    fn new(entropy: &'a mut dyn Entropy) -> Numbers<'a> {
        Numbers { entropy, block: Zeroizing::new([0; 64]), used: 64 }
    }

    /// Uniform in `0..bound`, for bounds of 1 to 256.
    fn below(&mut self, bound: usize) -> Result<usize, EntropyError> {
        // the bytes from here on would make the first numbers likelier
        let fair = 256 - 256 % bound;
        loop {
            if self.used == self.block.len() {
                self.entropy.fill(&mut *self.block)?;
                self.used = 0;
            }
            let byte = usize::from(self.block[self.used]);
            self.used += 1;
            if byte < fair {
                return Ok(byte % bound);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Counts upwards through all bytes: every byte occurs equally often.
    struct Counting(u8);

    impl Entropy for Counting {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
            for byte in out {
                *byte = self.0;
                self.0 = self.0.wrapping_add(1);
            }
            Ok(())
        }
    }

    /// A small generator with a period that tests don't see the end of.
    struct Seeded(u64);

    impl Entropy for Seeded {
        fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
            for byte in out {
                self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                *byte = (self.0 >> 56) as u8;
            }
            Ok(())
        }
    }

    struct Dry;

    impl Entropy for Dry {
        fn fill(&mut self, _: &mut [u8]) -> Result<(), EntropyError> {
            Err(EntropyError { reason: "none left".to_owned() })
        }
    }

    #[test]
    fn no_number_is_likelier_than_another() {
        for bound in 1..=256 {
            let mut counting = Counting(0);
            let mut numbers = Numbers::new(&mut counting);
            let fair = 256 - 256 % bound;
            let mut counts = vec![0; bound];
            // whole rounds through all bytes
            for _ in 0..fair * 64 {
                counts[numbers.below(bound).unwrap()] += 1;
            }
            assert!(counts.iter().all(|c| *c == counts[0]), "{bound}: {counts:?}");
        }
    }

    #[test]
    fn what_could_be_guessed_is_refused() {
        let any = |_: &SecretValue| true;
        let short = Recipe::new(8, 'a'..='z', Vec::new());
        assert_eq!(short.draw(&mut Seeded(1), &any).err(), Some(GenerateError::Guessable { length: 8, choice: 26 }));
        let one = Recipe::new(100, ['x'], Vec::new());
        assert!(matches!(one.draw(&mut Seeded(1), &any), Err(GenerateError::Guessable { choice: 1, .. })));
        let none = Recipe::new(100, [], Vec::new());
        assert!(matches!(none.draw(&mut Seeded(1), &any), Err(GenerateError::Guessable { choice: 0, .. })));
    }

    #[test]
    fn what_can_not_be_is_said() {
        let digits = Recipe::new(32, '0'..='9', vec![CharClass::Upper]);
        let any = |_: &SecretValue| true;
        assert_eq!(digits.draw(&mut Seeded(1), &any).err(), Some(GenerateError::Impossible { length: 32 }));
        let letters = Recipe::new(32, 'a'..='z', Vec::new());
        let never = |_: &SecretValue| false;
        assert_eq!(letters.draw(&mut Seeded(1), &never).err(), Some(GenerateError::Impossible { length: 32 }));
        assert!(matches!(letters.draw(&mut Dry, &any), Err(GenerateError::Entropy(_))));
        assert!(hex_key(&mut Dry).is_err());
    }

    #[test]
    fn a_key_is_64_hexadecimal_digits() {
        let key = hex_key(&mut Counting(0xf0)).unwrap();
        assert!(key.expose_text().unwrap().starts_with("f0f1f2f3") && key.len() == 64);
    }

    fn classes() -> impl Strategy<Value = Vec<CharClass>> {
        let all = vec![CharClass::Upper, CharClass::Lower, CharClass::Digit, CharClass::Special];
        prop::sample::subsequence(all, 0..=4)
    }

    proptest! {
        #[test]
        fn what_is_drawn_is_what_was_asked_for(seed in any::<u64>(), length in 14usize..64, must in classes()) {
            let recipe = Recipe::new(length, ('!'..='~').filter(|c| !"\"';<>".contains(*c)), must);
            let no_mark_first = |v: &SecretValue| !matches!(v.expose().first(), Some(b'!' | b'#'));
            let value = recipe.draw(&mut Seeded(seed), &no_mark_first).unwrap();
            prop_assert!(recipe.holds(&value) && no_mark_first(&value));
            let other = recipe.draw(&mut Seeded(seed ^ 0xabcd), &no_mark_first).unwrap();
            prop_assert!(value != other);
        }
    }
}
