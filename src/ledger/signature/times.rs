//! Times of `valid-after` and `valid-before` as ssh-keygen reads them (with the GNU C library): `YYYYMMDD`,
//! `YYYYMMDDHHMM`, `YYYYMMDDHHMMSS`; with `Z` or `UTC` behind it in UTC, else in the local zone.
//!
//! Two things that surprise: a day that its month does not have is a day of the next month, and a local time is
//! standard time, in summer too.

use jiff::Timestamp;
use jiff::tz::{Dst, TimeZone};

use super::base64::is_space;

/// Seconds since 1970 began; `None` where there is no such time, and for all times up to that.
pub(super) fn parse(text: &[u8], zone: &TimeZone) -> Option<i64> {
    let (digits, utc) = match text {
        [digits @ .., b'z' | b'Z'] if !digits.is_empty() => (digits, true),
        [digits @ .., b'u' | b'U', b't' | b'T', b'c' | b'C'] if !digits.is_empty() => (digits, true),
        _ => (text, false),
    };
    if !matches!(digits.len(), 8 | 12 | 14) {
        return None;
    }
    let field = |at: usize, least: i64, most: i64| match digits.get(at..at + 2) {
        Some(field) => number(field, least, most),
        None => Some(0),
    };
    let year = number(&digits[..4], 0, 9999)?;
    let (month, day) = (field(4, 1, 12)?, field(6, 1, 31)?);
    let (hour, minute, second) = (field(8, 0, 23)?, field(10, 0, 59)?, field(12, 0, 61)?);
    let civil = (days(year, month) + day - 1) * 86_400 + hour * 3_600 + minute * 60 + second;
    let time = if utc { civil } else { local(civil, zone)? };
    (time > 0).then_some(time)
}

/// A field of digits. Spaces may stand in front of it, and then it is shorter.
fn number(field: &[u8], least: i64, most: i64) -> Option<i64> {
    let digits = &field[field.iter().position(|b| !is_space(*b)).unwrap_or(field.len())..];
    let all = !digits.is_empty() && digits.iter().all(u8::is_ascii_digit);
    let value = digits.iter().fold(0, |value, digit| value * 10 + i64::from(digit.wrapping_sub(b'0')));
    (all && (least..=most).contains(&value)).then_some(value)
}

/// Days from 1970 to the first of a month, in the calendar of today.
fn days(year: i64, month: i64) -> i64 {
    let (year, month) = if month <= 2 { (year - 1, month + 9) } else { (year, month - 3) };
    let (era, of_era) = (year.div_euclid(400), year.rem_euclid(400));
    era * 146_097 + of_era * 365 + of_era / 4 - of_era / 100 + (153 * month + 2) / 5 - 719_468
}

/// The instant at which clocks of the zone show this, by the standard time that is nearest.
fn local(civil: i64, zone: &TimeZone) -> Option<i64> {
    const STRIDE: i64 = 601_200;
    const FURTHEST: i64 = 446;
    let standard = |at: i64| {
        let at = Timestamp::from_second(at).unwrap_or(if at < 0 { Timestamp::MIN } else { Timestamp::MAX });
        let info = zone.to_offset_info(at);
        (info.dst() == Dst::No).then(|| i64::from(info.offset().seconds()))
    };
    // what the clocks show there is what was asked for, in standard time
    let exact = |near: i64| standard(near).map(|offset| civil - offset).filter(|t| standard(*t) == Some(civil - t));
    let here = [0, -86_400, 86_400].into_iter().find_map(|step| exact(civil + step));
    here.or_else(|| {
        let steps = (1..=FURTHEST).flat_map(|n| [-n * STRIDE, n * STRIDE]);
        steps.filter_map(|step| standard(civil + step)).next().map(|offset| civil - offset)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn utc(text: &str) -> Option<String> {
        let time = parse(text.as_bytes(), &TimeZone::UTC)?;
        Some(Timestamp::from_second(time).unwrap().to_string())
    }

    #[test]
    fn the_three_forms() {
        assert_eq!(utc("20260309").unwrap(), "2026-03-09T00:00:00Z");
        assert_eq!(utc("202603091410Z").unwrap(), "2026-03-09T14:10:00Z");
        assert_eq!(utc("20260309141059utc").unwrap(), "2026-03-09T14:10:59Z");
        assert_eq!(utc("20240229").unwrap(), "2024-02-29T00:00:00Z");
    }

    #[test]
    fn days_and_seconds_that_are_not_there_are_later_ones() {
        assert_eq!(utc("20260231").unwrap(), "2026-03-03T00:00:00Z");
        assert_eq!(utc("20261231235960").unwrap(), "2027-01-01T00:00:00Z");
        assert_eq!(utc("2026 3 9").unwrap(), "2026-03-09T00:00:00Z");
    }

    #[test]
    fn what_is_no_time() {
        for text in [
            "",
            "Z",
            "UTC",
            "2026",
            "2026030",
            "202603091",
            "20261301",
            "20260001",
            "20260100",
            "20260132",
            "202603092400",
            "202603090060",
            "20260309000062",
            "2026-3-9",
            "+0260309",
            "19700101",
            "19691231",
            "20260309ZZ",
            "20260309 Z",
        ] {
            assert_eq!(utc(text), None, "{text}");
        }
    }

    #[test]
    fn local_times_are_standard_times() {
        let berlin = TimeZone::posix("CET-1CEST,M3.5.0,M10.5.0/3").unwrap();
        for (text, wanted) in [
            ("202601151200", "2026-01-15T11:00:00Z"),
            ("202607151200", "2026-07-15T11:00:00Z"),
            ("202603290230", "2026-03-29T01:30:00Z"),
            ("202610250230", "2026-10-25T01:30:00Z"),
            ("202607151200Z", "2026-07-15T12:00:00Z"),
        ] {
            let time = parse(text.as_bytes(), &berlin).unwrap();
            assert_eq!(Timestamp::from_second(time).unwrap().to_string(), wanted, "{text}");
        }
        assert!(parse(b"99991231", &berlin).is_some());
    }
}
