//! What the tests of this module share.

/// Bytes from hexadecimal digits.
pub(super) fn unhex(text: &str) -> Vec<u8> {
    text.as_bytes().chunks(2).map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap()).collect()
}

const DIGITS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// Base64 with padding.
pub(super) fn base64(bytes: &[u8]) -> String {
    let mut out = String::new();
    for chunk in bytes.chunks(3) {
        let group = (0..3).fold(0u32, |sum, i| sum << 8 | u32::from(chunk.get(i).copied().unwrap_or(0)));
        let digit = |i: usize| char::from(DIGITS[(group >> (18 - 6 * i)) as usize % 64]);
        out.extend((0..4).map(|i| if i <= chunk.len() { digit(i) } else { '=' }));
    }
    out
}

/// From base64 in lines.
pub(super) fn unbase64(text: &str) -> Vec<u8> {
    let digits: Vec<u32> = text
        .bytes()
        .filter(|b| !b.is_ascii_whitespace() && *b != b'=')
        .map(|b| DIGITS.iter().position(|d| *d == b).unwrap() as u32)
        .collect();
    let mut out = Vec::new();
    for group in digits.chunks(4) {
        let bits = (0..4).fold(0u32, |sum, i| sum << 6 | group.get(i).copied().unwrap_or(0));
        out.extend_from_slice(&bits.to_be_bytes()[1..group.len()]);
    }
    out
}

#[test]
fn base64_and_back() {
    assert_eq!((base64(b"").as_str(), base64(b"f").as_str(), base64(b"foob").as_str()), ("", "Zg==", "Zm9vYg=="));
    for n in 0..20 {
        let bytes: Vec<u8> = (0..n).map(|i: u8| i.wrapping_mul(37)).collect();
        assert_eq!(unbase64(&base64(&bytes)), bytes);
    }
}
