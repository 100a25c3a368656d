//! Bytes to text: UTF-8, and a word on what else it seems to be.

use std::sync::Arc;

use super::FileProblem;
use crate::source::without_mark;

/// The bytes of a text, a UTF-8 byte order mark taken off.
pub(super) fn unmarked(name: &str, mut bytes: Vec<u8>) -> Result<Vec<u8>, FileProblem> {
    let mark = match without_mark(&bytes) {
        Ok(rest) => bytes.len() - rest.len(),
        Err(_) => return Err(FileProblem::Utf16 { name: name.to_owned() }),
    };
    bytes.drain(..mark);
    Ok(bytes)
}

/// The text, a UTF-8 byte order mark taken off.
pub(super) fn decode(name: &str, bytes: Vec<u8>) -> Result<Arc<str>, FileProblem> {
    let bytes = unmarked(name, bytes)?;
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

/// A text of a device: UTF-8, a byte order mark taken off, with lines ended by LF.
///
/// # Errors
/// It is in another encoding, or no text.
pub fn native(name: &str, bytes: Vec<u8>) -> Result<Arc<str>, FileProblem> {
    decode(name, lf(bytes))
}

/// A text with every CRLF as LF: git checks texts out with the line ends of the system, and what a file says, and any
/// digest of it, is the same on both.
pub fn lf(mut bytes: Vec<u8>) -> Vec<u8> {
    let mut end = 0;
    for at in 0..bytes.len() {
        if bytes[at] != b'\r' || bytes.get(at + 1) != Some(&b'\n') {
            bytes[end] = bytes[at];
            end += 1;
        }
    }
    bytes.truncate(end);
    bytes
}

/// The same where the bytes are text at all.
pub(super) fn lf_if_text(bytes: Vec<u8>) -> Vec<u8> {
    if std::str::from_utf8(&bytes).is_ok() { lf(bytes) } else { bytes }
}

fn line(bytes: &[u8], at: usize) -> usize {
    1 + bytes[..at].iter().filter(|b| **b == b'\n').count()
}
