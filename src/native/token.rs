//! What public text shows in the place of a native value.

use std::fmt;
use std::ops::Range;

use super::HIDDEN;
use crate::secret::SecretRef;

/// More bytes than a token has.
const MAX_LEN: usize = 300;

/// `<hidden>`, `<secret NAME>` or `<secret NAME KEY:FINGERPRINT>`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token<'a> {
    /// A value that may not be shown and has no name.
    Hidden,
    /// A secret.
    Secret {
        /// The name of a [`SecretRef`].
        name: &'a str,
        /// `KEY:FINGERPRINT`, each of ASCII letters and digits, where the site has a key for fingerprints.
        fingerprint: Option<&'a str>,
    },
}

impl<'a> Token<'a> {
    /// The token of a secret.
    pub fn of(name: &'a SecretRef, fingerprint: Option<&'a str>) -> Token<'a> {
        Token::Secret { name: name.as_str(), fingerprint }
    }

    /// Reads a text that is one token and nothing else; `None` for any other.
    pub fn read(text: &'a str) -> Option<Token<'a>> {
        if text == HIDDEN {
            return Some(Token::Hidden);
        }
        let inner = text.strip_prefix("<secret ")?.strip_suffix('>')?;
        let (name, fingerprint) = inner.split_once(' ').map_or((inner, None), |(name, f)| (name, Some(f)));
        let whole = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_alphanumeric());
        let print = fingerprint.is_none_or(|f| f.split_once(':').is_some_and(|(key, f)| whole(key) && whole(f)));
        (print && SecretRef::new(name).is_ok()).then_some(Token::Secret { name, fingerprint })
    }

    /// How many bytes of a text are the token that it begins with.
    pub fn leads(text: &str) -> Option<usize> {
        let end = text.bytes().take(MAX_LEN).position(|b| b == b'>')? + 1;
        Token::read(&text[..end]).map(|_| end)
    }

    /// Those in a text, in order, each with its bytes.
    pub fn all(text: &'a str) -> impl Iterator<Item = (Range<usize>, Token<'a>)> {
        let mut end = 0;
        text.split_inclusive('>').filter_map(move |piece| {
            end += piece.len();
            let token = &piece[piece.rfind('<')?..];
            Some((end - token.len()..end, Token::read(token)?))
        })
    }

    /// The same without the fingerprint: texts that differ in nothing but secrets become equal.
    pub fn without_fingerprint(self) -> Token<'a> {
        match self {
            Token::Hidden => Token::Hidden,
            Token::Secret { name, .. } => Token::Secret { name, fingerprint: None },
        }
    }

    /// The name of the secret.
    pub fn name(self) -> Option<&'a str> {
        if let Token::Secret { name, .. } = self { Some(name) } else { None }
    }
}

impl fmt::Display for Token<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Token::Hidden => f.write_str(HIDDEN),
            Token::Secret { name, fingerprint: None } => write!(f, "<secret {name}>"),
            Token::Secret { name, fingerprint: Some(fingerprint) } => write!(f, "<secret {name} {fingerprint}>"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_read_as_it_is_written() {
        for text in ["<hidden>", "<secret np07/ot-admin>", "<secret np07/ot-admin k9b83:r6x6dr82cg66a>"] {
            assert_eq!(Token::read(text).unwrap().to_string(), text);
        }
    }

    #[test]
    fn what_only_looks_like_a_token_is_none() {
        for text in [
            "<secret Moxa1234!>",
            "<secret hunter2 hunter3>",
            "<secret a k1:>",
            "<secret a k1:x y>",
            "<secret >",
            "<secret a> <secret b>",
            "<hidden> ",
            "<Hidden>",
        ] {
            assert_eq!(Token::read(text), None, "{text}");
        }
    }

    #[test]
    fn the_tokens_of_a_text_are_found() {
        let text = "a <b <secret a k1:X>;<hidden>> <secret B> <secret c";
        let found: Vec<_> =
            Token::all(text).map(|(at, token)| (&text[at], token.without_fingerprint().to_string())).collect();
        assert_eq!(found, [("<secret a k1:X>", "<secret a>".to_owned()), ("<hidden>", "<hidden>".to_owned())]);
    }
}
