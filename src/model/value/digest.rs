//! SHA-2 digests as people write them and vendors print them.

use std::fmt;
use std::str::FromStr;

use sha2::Digest as _;

/// A SHA-2 digest of `N` bytes: hexadecimal digits, in capitals or not, with blanks between them or none. Never of
/// anything that holds a secret, where it leaves the process in clear.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sha<const N: usize>(pub [u8; N]);

/// SHA-256: 64 digits.
pub type Sha256 = Sha<32>;

/// SHA-512: 128 digits.
pub type Sha512 = Sha<64>;

impl Sha256 {
    /// The digest of these bytes.
    pub fn of(bytes: &[u8]) -> Sha256 {
        Sha(sha2::Sha256::digest(bytes).into())
    }
}

impl<const N: usize> FromStr for Sha<N> {
    type Err = String;
    fn from_str(text: &str) -> Result<Sha<N>, String> {
        let help = || format!("a SHA-{} has {} digits of 0-9 and a-f, as it is printed", 8 * N, 2 * N);
        let digits: Vec<char> = text.chars().filter(|c| !c.is_whitespace()).collect();
        let mut bytes = [0; N];
        if digits.len() != 2 * N {
            return Err(format!("{}; here are {}", help(), digits.len()));
        }
        for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
            let digit = |c: char| c.to_digit(16).and_then(|d| u8::try_from(d).ok());
            let both = digit(pair[0]).zip(digit(pair[1])).map(|(high, low)| high << 4 | low);
            *byte = both.ok_or_else(help)?;
        }
        Ok(Sha(bytes))
    }
}

impl<const N: usize> fmt::Display for Sha<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}
/// The fingerprint of an SSH key as `ssh-keygen -lf` prints it: `SHA256:` and 43 characters of base64.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeyFingerprint(pub String);

impl FromStr for KeyFingerprint {
    type Err = String;
    fn from_str(text: &str) -> Result<KeyFingerprint, String> {
        use base64ct::Encoding as _;
        let digest = text.strip_prefix("SHA256:").and_then(|digits| base64ct::Base64Unpadded::decode_vec(digits).ok());
        match digest {
            Some(digest) if digest.len() == 32 => Ok(KeyFingerprint(text.to_owned())),
            _ => Err("a fingerprint is `SHA256:` and 43 characters, as `ssh-keygen -lf` prints it".to_owned()),
        }
    }
}

impl fmt::Display for KeyFingerprint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
super::text_scalar!(KeyFingerprint, "key-fingerprint");
super::text_scalar!(Sha256, "sha-256");
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
