//! SHA-512 as vendors print it.

use std::fmt;
use std::str::FromStr;

/// A SHA-512: 128 hexadecimal digits, in capitals or not, with blanks between them or none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha512(pub [u8; 64]);

impl FromStr for Sha512 {
    type Err = String;
    fn from_str(text: &str) -> Result<Sha512, String> {
        const HELP: &str = "a SHA-512 has 128 digits of 0-9 and a-f, as the vendor prints it";
        let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut bytes = [0; 64];
        if digits.len() != 2 * bytes.len() {
            return Err(format!("{HELP}; here are {}", digits.len()));
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |c: char| c.to_digit(16).and_then(|d| u8::try_from(d).ok());
            *byte = digit(pair[0]).zip(digit(pair[1])).map(|(high, low)| high << 4 | low).ok_or(HELP)?;
        }
        Ok(Sha512(bytes))
    }
}

impl fmt::Display for Sha512 {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
super::text_scalar!(Sha512, "sha-512");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn however_a_vendor_prints_it() {
        let plain = "0f".repeat(64);
        let read = |text: &str| text.parse::<Sha512>().map(|d| d.to_string());
        let blanks: String =
            plain.as_bytes().chunks(16).map(|c| format!("{} \n", String::from_utf8_lossy(c))).collect();
        for text in [plain.clone(), plain.to_uppercase(), blanks] {
            assert_eq!(read(&text).as_ref(), Ok(&plain), "{text}");
        }
        for text in
            ["", &plain[1..], &format!("{plain}00"), &plain.replacen('f', "g", 1), &plain.replacen('f', "\u{ff46}", 1)]
        {
            assert!(read(text).is_err(), "{text}");
        }
    }
}
