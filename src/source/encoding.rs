//! In which encoding the bytes of a text are: editors and shells on Windows put a mark before it, or write UTF-16.

/// The bytes are UTF-16 and no text to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("it is UTF-16, as PowerShell's `>` writes, not UTF-8")]
pub struct Utf16;

impl Utf16 {
    /// What to do.
    pub const HELP: &'static str = "save the file as UTF-8: in PowerShell `Set-Content -Encoding ascii`, not `>`";
}

/// The bytes behind a UTF-8 byte order mark, or all of them where there is none.
///
/// # Errors
/// They are UTF-16, by their mark or by how Latin letters stand in it.
pub fn without_mark(bytes: &[u8]) -> Result<&[u8], Utf16> {
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) || looks_like_utf16(bytes) {
        return Err(Utf16);
    }
    Ok(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes))
}

/// Without a mark: every other byte of its beginning is NUL, as Latin letters are in UTF-16.
fn looks_like_utf16(bytes: &[u8]) -> bool {
    let start = &bytes[..bytes.len().min(64) & !1];
    let nul = |offset: usize| start.iter().skip(offset).step_by(2).filter(|b| **b == 0).count();
    let (even, odd, pairs) = (nul(0), nul(1), start.len() / 2);
    pairs > 0 && ((even == 0 && odd * 4 >= pairs * 3) || (odd == 0 && even * 4 >= pairs * 3))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_goes_and_utf16_is_told() {
        for (bytes, rest) in [("\u{feff}p", "p"), ("p", "p"), ("", ""), ("\u{feff}", ""), ("p\u{feff}", "p\u{feff}")] {
            assert_eq!(without_mark(bytes.as_bytes()), Ok(rest.as_bytes()), "{bytes:?}");
        }
        let wide = |order: fn(u16) -> [u8; 2], text: &str| text.encode_utf16().flat_map(order).collect::<Vec<u8>>();
        for order in [u16::to_le_bytes as fn(u16) -> [u8; 2], u16::to_be_bytes] {
            for text in ["\u{feff}", "\u{feff}pass", "pass\r\n", "\u{feff}\u{43f}\u{430}\u{440}"] {
                assert_eq!(without_mark(&wide(order, text)), Err(Utf16), "{text:?}");
            }
        }
    }
}
