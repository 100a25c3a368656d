//! A clock that is behind makes ended waivers, keys and builds good again. No clock can be proved right; one that has
//! not yet reached what lies before it can be told wrong.

use jiff::{SignedDuration, Timestamp};

/// As far as two computers may be apart.
const SLACK: SignedDuration = SignedDuration::from_hours(24);

/// The latest of these times, where the clock is more than a day before it. Texts that say no time say nothing.
pub(super) fn behind<'t>(now: Timestamp, times: impl IntoIterator<Item = &'t str>) -> Option<Timestamp> {
    let latest = times.into_iter().filter_map(|time| time.parse::<Timestamp>().ok()).max()?;
    now.checked_add(SLACK).is_ok_and(|now| now < latest).then_some(latest)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_clock_is_behind_what_it_has_not_reached_but_for_a_day() {
        let now: Timestamp = "2026-11-22T12:00:00Z".parse().unwrap();
        let told = |times: &[&str]| behind(now, times.iter().copied()).map(|time| time.to_string());
        assert_eq!(told(&[]), None);
        assert_eq!(told(&["", "yesterday", "2026-11-01T00:00:00Z", "2026-11-23T12:00:00Z"]), None);
        assert_eq!(told(&["2026-11-23T12:00:01Z", "2026-11-01T00:00:00Z"]), Some("2026-11-23T12:00:01Z".to_owned()));
        assert_eq!(behind(Timestamp::MAX, ["9999-12-30T00:00:00Z"]), None);
    }
}
