//! What may be shown of a part: its secret spans replaced by tokens.

use serde::{Deserialize, Serialize};

use crate::native::Token;

/// The longest token, in bytes.
pub const MAX_TOKEN: usize = 300;

/// A run of bytes in a part that may not be shown, and what stands in its place.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SecretSpan {
    /// Bytes; 0 where the secret is empty.
    pub length: u32,
    /// Bytes from the beginning of the part.
    pub offset: u32,
    /// `<hidden>`, `<secret NAME>` or `<secret NAME key:fingerprint>`: printable ASCII between one `<` and one `>`.
    pub token: String,
}

/// Whether the spans fit a part of `len` bytes: ascending, apart, within, and with tokens that can't add a line.
pub fn spans_fit(spans: &[SecretSpan], len: usize) -> bool {
    let mut free_from = 0;
    let mut least_offset = 0;
    spans.iter().all(|span| {
        let (start, length) = (u64::from(span.offset), u64::from(span.length));
        let fits = start >= free_from && start >= least_offset && start + length <= len as u64;
        free_from = start + length;
        least_offset = start + 1;
        fits && is_token(&span.token)
    })
}

fn is_token(token: &str) -> bool {
    let inner = token.strip_prefix('<').and_then(|rest| rest.strip_suffix('>'));
    token.len() <= MAX_TOKEN
        && inner.is_some_and(|inner| inner.bytes().all(|b| (0x20..=0x7e).contains(&b) && b != b'<' && b != b'>'))
}

/// The part with each span's token in its place. Spans that [`spans_fit`] refuses give nothing.
pub fn redact(bytes: &[u8], spans: &[SecretSpan]) -> Option<Vec<u8>> {
    redact_with(bytes, spans, str::to_owned)
}

/// As [`redact`], with the fingerprints blanked: two texts that differ in nothing but secrets become equal.
pub fn redact_structure(bytes: &[u8], spans: &[SecretSpan]) -> Option<Vec<u8>> {
    redact_with(bytes, spans, without_fingerprint)
}

/// `<secret NAME key:fingerprint>` becomes `<secret NAME>`; others stay.
fn without_fingerprint(token: &str) -> String {
    Token::read(token).map_or_else(|| token.to_owned(), |token| token.without_fingerprint().to_string())
}

/// As [`redact_structure`], of a text that is redacted already: `<secret NAME key:fingerprint>` becomes
/// `<secret NAME>`, and all else stays. For whoever has the public text and not the image.
pub fn blank_fingerprints(text: &[u8]) -> Vec<u8> {
    let blanked = |piece: &[u8]| {
        let at = piece.iter().rposition(|b| *b == b'<')?;
        let token = Token::read(str::from_utf8(&piece[at..]).ok()?)?.without_fingerprint();
        Some([&piece[..at], token.to_string().as_bytes()].concat())
    };
    let pieces = text.split_inclusive(|b| *b == b'>');
    pieces.flat_map(|piece| blanked(piece).unwrap_or_else(|| piece.to_vec())).collect()
}

fn redact_with(bytes: &[u8], spans: &[SecretSpan], token_of: fn(&str) -> String) -> Option<Vec<u8>> {
    if !spans_fit(spans, bytes.len()) {
        return None;
    }
    let mut out = Vec::with_capacity(bytes.len());
    let mut done = 0;
    for span in spans {
        let start = span.offset as usize;
        out.extend_from_slice(&bytes[done..start]);
        out.extend_from_slice(token_of(&span.token).as_bytes());
        done = start + span.length as usize;
    }
    out.extend_from_slice(&bytes[done..]);
    Some(out)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn span(offset: u32, length: u32, token: &str) -> SecretSpan {
        SecretSpan { offset, length, token: token.into() }
    }

    #[test]
    fn tokens_stand_in_the_place_of_secrets() {
        let text = b"user a password hunter2\nuser b password \n";
        let spans = [span(16, 7, "<secret d/a k1:XYZ>"), span(40, 0, "<hidden>")];
        let shown = |out: Option<Vec<u8>>| String::from_utf8(out.unwrap()).unwrap();
        assert_eq!(shown(redact(text, &spans)), "user a password <secret d/a k1:XYZ>\nuser b password <hidden>\n");
        assert_eq!(shown(redact_structure(text, &spans)), "user a password <secret d/a>\nuser b password <hidden>\n");
    }

    #[test]
    fn fingerprints_of_a_public_text_are_blanked_as_those_of_an_image() {
        for (text, blanked) in [
            ("a <secret d/a.b-c k1:7F3K92XAABCDE>;<hidden>\n", "a <secret d/a.b-c>;<hidden>\n"),
            ("<secret a k1:X><secret b k1:Y>", "<secret a><secret b>"),
            ("<secret d/a>", "<secret d/a>"),
            ("<secret d/a k1:>", "<secret d/a k1:>"),
            ("<secret d/a k1:X", "<secret d/a k1:X"),
            ("<secret ", "<secret "),
            ("<secret d/a with a text>", "<secret d/a with a text>"),
        ] {
            assert_eq!(String::from_utf8(blank_fingerprints(text.as_bytes())).unwrap(), blanked);
            assert_eq!(blank_fingerprints(blanked.as_bytes()), blanked.as_bytes());
        }
        let (text, spans) = (b"password hunter2\n", [span(9, 7, "<secret d/a k1:XYZ>")]);
        assert_eq!(blank_fingerprints(&redact(text, &spans).unwrap()), redact_structure(text, &spans).unwrap());
    }

    #[test]
    fn spans_that_do_not_fit() {
        let refused = |spans: &[SecretSpan]| assert_eq!(redact(b"0123456789", spans), None, "{spans:?}");
        refused(&[span(5, 6, "<hidden>")]);
        refused(&[span(11, 0, "<hidden>")]);
        refused(&[span(u32::MAX, u32::MAX, "<hidden>")]);
        refused(&[span(4, 2, "<hidden>"), span(5, 1, "<hidden>")]);
        refused(&[span(4, 2, "<hidden>"), span(0, 1, "<hidden>")]);
        refused(&[span(4, 0, "<hidden>"), span(4, 0, "<hidden>")]);
        refused(&[span(4, 0, "<hidden>"), span(4, 1, "<hidden>")]);
        for token in
            ["", "<", "x", "<a\nip telnet>", "<a><b>", "<\u{e9}>", "hidden>", &format!("<{}>", "x".repeat(299))]
        {
            refused(&[span(0, 1, token)]);
        }
        assert!(redact(b"0123456789", &[span(0, 5, "<a>"), span(5, 5, "<b>")]).is_some_and(|out| out == b"<a><b>"));
    }

    proptest! {
        #[test]
        fn no_byte_of_a_span_survives(pieces in prop::collection::vec(("[a-z]{0,8}", "[A-Z]{1,8}"), 0..8)) {
            let mut text = String::new();
            let mut spans = Vec::new();
            for (open, secret) in &pieces {
                text += open;
                spans.push(span(text.len() as u32, secret.len() as u32, "<hidden>"));
                text += secret;
            }
            let shown = String::from_utf8(redact(text.as_bytes(), &spans).unwrap()).unwrap();
            prop_assert!(!shown.contains(|c: char| c.is_ascii_uppercase()));
            prop_assert_eq!(shown, pieces.iter().map(|(open, _)| format!("{open}<hidden>")).collect::<String>());
        }
    }
}
