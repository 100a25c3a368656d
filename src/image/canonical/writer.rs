//! The one spelling, as a format of serde_json's writer: types say their keys in order, and are refused where they
//! don't.

use std::io::{self, ErrorKind, Write};

use serde_json::ser::{CharEscape, CompactFormatter, Formatter};

use super::MAX_INTEGER;

/// Writes straight from what serialises itself.
#[derive(Default)]
pub(super) struct Canonical {
    /// Of each object that is open, the key written last, where there is one.
    last: Vec<Option<Vec<u8>>>,
    /// The key that is being written.
    key: Vec<u8>,
    in_key: bool,
}

fn refused() -> io::Error {
    ErrorKind::InvalidData.into()
}

macro_rules! integers {
    ($($name:ident: $type:ty),*) => {
        $(fn $name<W: ?Sized + Write>(&mut self, out: &mut W, n: $type) -> io::Result<()> {
            let n = u64::try_from(n).ok().filter(|n| *n <= MAX_INTEGER).ok_or_else(refused)?;
            CompactFormatter.write_u64(out, n)
        })*
    };
}

impl Formatter for Canonical {
    integers!(write_i8: i8, write_i16: i16, write_i32: i32, write_i64: i64, write_i128: i128);
    integers!(write_u64: u64, write_u128: u128);

    fn write_null<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        Err(refused())
    }

    fn write_f32<W: ?Sized + Write>(&mut self, _: &mut W, _: f32) -> io::Result<()> {
        Err(refused())
    }

    fn write_f64<W: ?Sized + Write>(&mut self, _: &mut W, _: f64) -> io::Result<()> {
        Err(refused())
    }

    fn write_string_fragment<W: ?Sized + Write>(&mut self, out: &mut W, text: &str) -> io::Result<()> {
        if self.in_key {
            self.key.extend_from_slice(text.as_bytes());
        }
        // control characters are not in here, but for one
        if text.is_ascii() && !text.as_bytes().contains(&0x7f) {
            return out.write_all(text.as_bytes());
        }
        for c in text.chars() {
            if matches!(c, ' '..='~') {
                out.write_all(&[c as u8])?;
                continue;
            }
            for unit in c.encode_utf16(&mut [0; 2]) {
                write!(out, "\\u{unit:04x}")?;
            }
        }
        Ok(())
    }

    fn write_char_escape<W: ?Sized + Write>(&mut self, out: &mut W, escape: CharEscape) -> io::Result<()> {
        if self.in_key {
            self.key.push(match escape {
                CharEscape::Quote => b'"',
                CharEscape::ReverseSolidus => b'\\',
                CharEscape::Solidus => b'/',
                CharEscape::Backspace => 0x08,
                CharEscape::FormFeed => 0x0c,
                CharEscape::LineFeed => b'\n',
                CharEscape::CarriageReturn => b'\r',
                CharEscape::Tab => b'\t',
                CharEscape::AsciiControl(byte) => byte,
            });
        }
        CompactFormatter.write_char_escape(out, escape)
    }

    fn begin_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.last.push(None);
        out.write_all(b"{")
    }

    fn begin_object_key<W: ?Sized + Write>(&mut self, out: &mut W, first: bool) -> io::Result<()> {
        self.in_key = true;
        CompactFormatter.begin_object_key(out, first)
    }

    fn end_object_key<W: ?Sized + Write>(&mut self, _: &mut W) -> io::Result<()> {
        self.in_key = false;
        let last = self.last.last_mut().ok_or_else(refused)?;
        if last.as_ref().is_some_and(|last| *last >= self.key) {
            return Err(refused());
        }
        // what was the last key becomes the room for the next
        std::mem::swap(last.get_or_insert_default(), &mut self.key);
        self.key.clear();
        Ok(())
    }

    fn end_object<W: ?Sized + Write>(&mut self, out: &mut W) -> io::Result<()> {
        self.last.pop();
        out.write_all(b"}")
    }
}
