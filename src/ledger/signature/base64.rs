//! Base64 as ssh-keygen reads it: white space anywhere is stepped over, padding is there, the bits behind the last
//! byte are zero.

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/// The text of some bytes, padded.
pub(super) fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(3) * 4);
    for group in bytes.chunks(3) {
        let bits = (0..3).fold(0u32, |bits, i| bits << 8 | group.get(i).map_or(0, |b| u32::from(*b)));
        for i in 0..4 {
            let digit = bits >> (18 - 6 * i) & 63;
            text.push(if i <= group.len() { char::from(ALPHABET[digit as usize]) } else { '=' });
        }
    }
    text
}

/// The bytes of a text; `None` where it is no base64.
pub(super) fn decode(text: &[u8]) -> Option<Vec<u8>> {
    let mut digits = text.iter().copied().filter(|b| !is_space(*b)).peekable();
    let mut bytes = Vec::with_capacity(text.len() / 4 * 3);
    let (mut bits, mut held) = (0u32, 0);
    while let Some(digit) = digits.next_if(|b| *b != b'=') {
        bits = bits << 6 | value(digit)?;
        held += 6;
        if held >= 8 {
            held -= 8;
            bytes.push((bits >> held & 0xff) as u8);
        }
    }
    let padding = match held {
        0 => 0,
        2 => 1,
        4 => 2,
        _ => return None,
    };
    let rest: Vec<u8> = digits.collect();
    let padded = rest.len() == padding && rest.iter().all(|b| *b == b'=');
    (padded && bits & ((1 << held) - 1) == 0).then_some(bytes)
}

fn value(digit: u8) -> Option<u32> {
    let value = match digit {
        b'A'..=b'Z' => digit - b'A',
        b'a'..=b'z' => digit - b'a' + 26,
        b'0'..=b'9' => digit - b'0' + 52,
        b'+' => 62,
        b'/' => 63,
        _ => return None,
    };
    Some(u32::from(value))
}

/// White space as C has it.
pub(super) fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | 0x0b | 0x0c | b'\r')
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
