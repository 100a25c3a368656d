//! Classes of characters that a password must contain.

use schemars::JsonSchema;
use serde::Deserialize;

/// A class of characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum CharClass {
    /// A to Z.
    Upper,
    /// a to z.
    Lower,
    /// 0 to 9.
    Digit,
    /// Anything else that can be typed.
    Special,
}

impl CharClass {
    /// Whether a byte of a password is of the class.
    pub fn holds(self, byte: u8) -> bool {
        match self {
            CharClass::Upper => byte.is_ascii_uppercase(),
            CharClass::Lower => byte.is_ascii_lowercase(),
            CharClass::Digit => byte.is_ascii_digit(),
            CharClass::Special => !byte.is_ascii_alphanumeric(),
        }
    }
}
