//! Serial line settings in one word.

use std::fmt;
use std::str::FromStr;

/// Parity of a serial line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Parity {
    /// `N`
    None,
    /// `O`
    Odd,
    /// `E`
    Even,
    /// `M`
    Mark,
    /// `S`
    Space,
}

/// Speed in bit/s, 5 to 8 data bits, parity, 1 or 2 stop bits: `9600 8N1`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct SerialLine {
    /// Bits per second.
    pub baud: u32,
    /// Data bits, 5 to 8.
    pub data: u8,
    /// Parity.
    pub parity: Parity,
    /// Stop bits, 1 or 2.
    pub stop: u8,
}

const PARITIES: [(char, Parity); 5] =
    [('N', Parity::None), ('O', Parity::Odd), ('E', Parity::Even), ('M', Parity::Mark), ('S', Parity::Space)];

impl Parity {
    /// The letter.
    pub fn letter(self) -> char {
        PARITIES.iter().find(|(_, p)| *p == self).map_or('N', |(c, _)| *c)
    }
}

impl FromStr for SerialLine {
    type Err = String;
    fn from_str(text: &str) -> Result<SerialLine, String> {
        const HELP: &str =
            "line settings are written `9600 8N1`: bit/s, data bits 5 to 8, parity N O E M S, stop bits 1 or 2";
        let (baud, frame) = text.split_once(' ').ok_or(HELP)?;
        if !baud.bytes().all(|b| b.is_ascii_digit()) {
            return Err(HELP.to_owned());
        }
        let baud = baud.parse().ok().filter(|b| (50..=921_600).contains(b)).ok_or(HELP)?;
        let [data @ b'5'..=b'8', parity, stop @ (b'1' | b'2')] = frame.as_bytes() else { return Err(HELP.to_owned()) };
        let (_, parity) = PARITIES.iter().find(|(c, _)| *c == *parity as char).ok_or(HELP)?;
        Ok(SerialLine { baud, data: data - b'0', parity: *parity, stop: stop - b'0' })
    }
}

impl fmt::Display for SerialLine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {}{}{}", self.baud, self.data, self.parity.letter(), self.stop)
    }
}
super::text_scalar!(SerialLine, "serial-line");
