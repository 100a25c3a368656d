//! Durations with a unit, and the word `never`.

use std::fmt;
use std::str::FromStr;

/// A time span, or never. **Never is longer than any limit**: 0 of a device means it, and is never written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Time {
    /// In milliseconds.
    Millis(u64),
    /// Without end: compares above every number.
    Never,
}

/// Units, the longest first, each with its milliseconds.
pub const UNITS: [(&str, u64); 5] = [("d", 86_400_000), ("h", 3_600_000), ("min", 60_000), ("s", 1_000), ("ms", 1)];

impl Time {
    /// From seconds.
    pub const fn seconds(n: u64) -> Time {
        Time::Millis(n * 1_000)
    }

    /// Milliseconds; `None` is never.
    pub fn millis(self) -> Option<u64> {
        match self {
            Time::Millis(n) => Some(n),
            Time::Never => None,
        }
    }
}

impl FromStr for Time {
    type Err = String;
    fn from_str(text: &str) -> Result<Time, String> {
        const HELP: &str =
            "a time is a number and a unit: `\"5 min\"`, `\"90 s\"`, `\"500 ms\"`, `\"12 h\"`, `\"30 d\"`";
        if text == "never" {
            return Ok(Time::Never);
        }
        let (number, unit) = text.split_once(' ').ok_or(HELP)?;
        if number.is_empty() || !number.bytes().all(|b| b.is_ascii_digit()) {
            return Err(HELP.to_owned());
        }
        let number: u64 = number.parse().map_err(|_| HELP)?;
        let (_, factor) = UNITS.iter().find(|(u, _)| *u == unit).ok_or(HELP)?;
        number.checked_mul(*factor).map(Time::Millis).ok_or_else(|| HELP.to_owned())
    }
}

impl fmt::Display for Time {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Time::Millis(n) = *self else { return f.write_str("never") };
        if n == 0 {
            return f.write_str("0 s");
        }
        let (unit, factor) = UNITS.iter().find(|(_, factor)| n % factor == 0).copied().unwrap_or(("ms", 1));
        write!(f, "{} {unit}", n / factor)
    }
}
super::text_scalar!(Time, "duration");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_is_longer_than_any_limit() {
        assert!(Time::Never > Time::Millis(u64::MAX));
        assert_eq!("never".parse(), Ok(Time::Never));
    }

    #[test]
    fn spelling_round_trips() {
        for text in ["5 min", "90 s", "1 h", "500 ms", "30 d", "0 s"] {
            assert_eq!(text.parse::<Time>().unwrap().to_string(), text);
        }
        for text in ["5min", "5", "min", "-5 min", "5 minutes", "99999999999999999 d", " 5 min", "+5 min"] {
            assert!(text.parse::<Time>().is_err(), "{text}");
        }
    }
}
