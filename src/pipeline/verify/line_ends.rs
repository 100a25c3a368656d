//! Files that differ from what was built in their line ends only: git changed them, not somebody who means harm.

use crate::image::Digest;
use crate::site::files::lf;

/// What is said of them, behind their name.
pub(super) const CHANGED: &str = "is what was built but for its line ends, which git changes where `core.autocrlf` is \
                                  on: write `* -text` into `.gitattributes` beside `index.json` where it was built, \
                                  commit it, and check the folder out anew";

/// Whether texts, one behind the other, would have a digest if their line ends were LF or CRLF throughout.
pub(super) fn are_all(texts: &[&[u8]], digest: &Digest) -> bool {
    let spellings: Vec<[Vec<u8>; 2]> = texts.iter().map(|text| spellings(text)).collect();
    // each text by itself: a machine form may end its lines otherwise than the sheet behind it
    (0..1_usize << spellings.len().min(FORMS)).any(|choice| {
        let chosen = spellings.iter().enumerate().map(|(n, both)| &both[choice >> n & 1][..]);
        Digest::of_pieces(chosen) == *digest
    })
}

/// Texts that one digest covers, at most: more have no other spelling.
const FORMS: usize = 3;

fn spellings(text: &[u8]) -> [Vec<u8>; 2] {
    let lf = lf(text.to_vec());
    let mut crlf = Vec::with_capacity(lf.len() + lf.len() / 16);
    for line in lf.split_inclusive(|b| *b == b'\n') {
        match line.strip_suffix(b"\n") {
            Some(line) => [line, b"\r\n"].into_iter().for_each(|piece| crlf.extend_from_slice(piece)),
            None => crlf.extend_from_slice(line),
        }
    }
    [lf, crlf]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_but_line_ends_may_differ() {
        let built = Digest::of_pieces([&b"a=1\r\nb=2\r\n"[..], b"x\ty\tz\n"]);
        for (machine, sheet, expected) in [
            (&b"a=1\nb=2\n"[..], &b"x\ty\tz\r\n"[..], true),
            (b"a=1\r\nb=2\n", b"x\ty\tz\n", true),
            (b"a=1\nb=3\n", b"x\ty\tz\n", false),
            (b"a=1\nb=2", b"x\ty\tz\n", false),
            (b"a=1\n\nb=2\n", b"x\ty\tz\n", false),
        ] {
            assert_eq!(are_all(&[machine, sheet], &built), expected, "{machine:?} {sheet:?}");
        }
        assert!(are_all(&[], &Digest::of(b"")) && !are_all(&[b"a"], &Digest::of(b"")));
    }
}
