//! Unlock codes: what a person types who may open one image and nothing else.

use std::fmt::Write as _;

use zeroize::{Zeroize, Zeroizing};

use super::keys::{Key, extract};
use crate::secret::SecretValue;
use crate::secret::{Entropy, EntropyError};

/// Symbols of a code: 125 bits, so that no derivation has to be slow.
pub const CODE_SYMBOLS: usize = 25;

/// Crockford's alphabet: no I, L, O and U.
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// The longest text that is read as a code: symbols, and whatever separates them.
const MAX_TYPED: usize = 256;

/// A code of 25 symbols, upper case, without dashes. Erased on drop; shown once, by [`UnlockCode::shown`].
pub struct UnlockCode(Zeroizing<[u8; CODE_SYMBOLS]>);

/// Why a text is not an unlock code. Says nothing of the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Another number of symbols.
    #[error("an unlock code has {CODE_SYMBOLS} symbols, this has {found}")]
    Length {
        /// How many there are.
        found: usize,
    },
    /// A character that is in no code.
    #[error("character {at} of the unlock code is in no code")]
    Symbol {
        /// From 1.
        at: usize,
    },
}

impl CodeError {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        "type the five groups of five letters and digits as they were shown; dashes, spaces and case don't matter, and \
         a code has no U"
    }
}

impl UnlockCode {
    /// A new one.
    ///
    /// # Errors
    /// There is no randomness.
    pub fn fresh(entropy: &mut dyn Entropy) -> Result<UnlockCode, EntropyError> {
        let mut code = Zeroizing::new([0; CODE_SYMBOLS]);
        entropy.fill(&mut *code)?;
        // 256 is a multiple of 32: every symbol is as likely as any other
        code.iter_mut().for_each(|byte| *byte = ALPHABET[usize::from(*byte) % ALPHABET.len()]);
        Ok(UnlockCode(code))
    }

    /// As a person typed it: any case, I and L for 1, O for 0, with dashes and spaces or without.
    ///
    /// # Errors
    /// Another number of symbols, or one that is in no code.
    pub fn parse(typed: &SecretValue) -> Result<UnlockCode, CodeError> {
        let mut code = Zeroizing::new([0; CODE_SYMBOLS]);
        let mut found = 0;
        for (at, byte) in typed.expose().iter().take(MAX_TYPED).enumerate() {
            let symbol = match byte.to_ascii_uppercase() {
                b'-' | b' ' | b'\t' | b'\r' | b'\n' => continue,
                b'I' | b'L' => b'1',
                b'O' => b'0',
                upper if ALPHABET.contains(&upper) => upper,
                _ => return Err(CodeError::Symbol { at: at + 1 }),
            };
            if let Some(place) = code.get_mut(found) {
                *place = symbol;
            }
            found += 1;
        }
        if found == CODE_SYMBOLS && typed.len() <= MAX_TYPED {
            Ok(UnlockCode(code))
        } else {
            Err(CodeError::Length { found })
        }
    }

    /// In groups of five, as it is shown once: `7F3K9-...`.
    pub fn shown(&self) -> SecretValue {
        let mut text = Zeroizing::new(String::with_capacity(CODE_SYMBOLS + CODE_SYMBOLS / 5));
        for (i, symbol) in self.0.iter().enumerate() {
            if i > 0 && i % 5 == 0 {
                text.push('-');
            }
            // writing into a text of enough room can't fail
            let _ = text.write_char(char::from(*symbol));
        }
        SecretValue::copy_of(text.as_bytes())
    }

    /// The key of an unlock-code slot with this salt.
    pub(super) fn key(&self, salt: &[u8; 16]) -> Key {
        const LABEL: &[u8] = b"fieldlock/v1/unlock\0";
        let mut input = Zeroizing::new([0; LABEL.len() + CODE_SYMBOLS]);
        input[..LABEL.len()].copy_from_slice(LABEL);
        input[LABEL.len()..].copy_from_slice(&*self.0);
        let key = extract(salt, &*input);
        input.zeroize();
        key
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::forge::Repeatable;
    use crate::image::test_support::unhex;

    fn parse(text: &str) -> Result<UnlockCode, CodeError> {
        UnlockCode::parse(&SecretValue::copy_of(text.as_bytes()))
    }

    #[test]
    fn what_is_shown_is_read_however_it_is_typed() {
        let code = UnlockCode::fresh(&mut Repeatable::new(5)).unwrap();
        let shown = code.shown();
        let text = shown.expose_text().unwrap();
        assert_eq!((text.len(), text.matches('-').count()), (29, 4));
        let lower = text.to_lowercase().replace('-', " ").replace('1', "l").replace('0', "o");
        for typed in [text, &lower, &text.replace('-', ""), &format!(" {text}\r\n"), &text.replace('1', "I")] {
            assert!(*parse(typed).ok().unwrap().0 == *code.0, "{typed}");
        }
    }

    #[test]
    fn texts_that_are_no_code() {
        let err = |text: &str| parse(text).err().unwrap();
        assert_eq!(err(""), CodeError::Length { found: 0 });
        assert_eq!(err(&"7".repeat(24)), CodeError::Length { found: 24 });
        assert_eq!(err(&"7".repeat(26)), CodeError::Length { found: 26 });
        assert_eq!(err("7777u"), CodeError::Symbol { at: 5 });
        assert_eq!(err("7\u{e9}"), CodeError::Symbol { at: 2 });
        assert!(matches!(err(&(" ".repeat(300) + &"7".repeat(25))), CodeError::Length { .. }));
    }

    /// Computed by Python: `hmac(salt, b"fieldlock/v1/unlock\0" + b"0123456789ABCDEFGHJKMNPQR")`.
    #[test]
    fn the_key_is_the_one_that_others_derive() {
        let code = parse("01234-56789-abcde-fghjk-mnpqr").ok().unwrap();
        let expected = unhex("007756a0dff69ad903041934ca3908a21885634da835f41e82753cb09f789560");
        assert_eq!(code.key(b"salt of the site").expose().to_vec(), expected);
    }
}
