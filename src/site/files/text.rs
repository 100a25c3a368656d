//! Bytes to text: UTF-8, and a word on what else it seems to be.

use std::sync::Arc;

use super::FileProblem;

/// The text, a UTF-8 byte order mark taken off.
pub(super) fn decode(name: &str, mut bytes: Vec<u8>) -> Result<Arc<str>, FileProblem> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || looks_like_utf16(&bytes) {
        return Err(FileProblem::Utf16 { name: name.to_owned() });
    }
    if bytes.starts_with(&[0xef, 0xbb, 0xbf]) {
        bytes.drain(..3);
    }
    if let Some(at) = bytes.iter().position(|b| *b == 0) {
        return Err(FileProblem::Nul { name: name.to_owned(), line: line(&bytes, at) });
    }
    match String::from_utf8(bytes) {
        Ok(text) => Ok(text.into()),
        Err(error) => {
            let at = error.utf8_error().valid_up_to();
            Err(FileProblem::NotUtf8 { name: name.to_owned(), line: line(error.as_bytes(), at) })
        }
    }
}

/// Without a mark: every other byte of its beginning is NUL, as Latin letters are in UTF-16.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(64) & !1];
    let nul = |offset: usize| start.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, pairs) = (nul(0), nul(1), start.len() / 2);
    pairs > 0 && ((even == 0 && odd * 4 >= pairs * 3) || (odd == 0 && even * 4 >= pairs * 3))
}

fn line(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|b| **b == b'\n').count()
}
