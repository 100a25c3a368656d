//! Base64 as ssh-keygen reads it: white space anywhere is stepped over, padding is there, the bits behind the last
//! byte are zero.

use base64ct::{Base64, Encoding};

/// The text of some bytes, padded.
pub(super) fn encode(bytes: &[u8]) -> String {
    Base64::encode_string(bytes)
}

/// The bytes of a text; `None` where it is no base64.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    // white space as C has it: a vertical tab too
    let is_digit = |b: &u8| !b.is_ascii_whitespace() && *b != 0x0b;
    let digits = String::from_utf8(text.iter().copied().filter(is_digit).collect()).ok()?;
    // one spelling: what is read is written so again
    Base64::decode_vec(&digits).ok().filter(|bytes| encode(bytes) == digits)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn vectors_of_rfc_4648() {
        for (bytes, text) in
            [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE=")]
        {
            assert_eq!(encode(bytes.as_bytes()), text);
            assert_eq!(decode(text.as_bytes()).unwrap(), bytes.as_bytes());
        }
    }

    #[test]
    fn what_is_no_base64() {
        assert_eq!(decode(b" Z\tm\r\n9v\x0b\x0c").unwrap(), b"foo");
        for text in
            ["Z", "Zg", "Zg=", "Zg===", "Zh==", "Zm9=", "Zm8", "Zm8==", "=", "====", "Zg==Zg==", "Zm-v", "Zg= =x"]
        {
            assert_eq!(decode(text.as_bytes()), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn there_and_back(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            prop_assert_eq!(decode(encode(&bytes).as_bytes()).unwrap(), bytes);
        }
    }
}
