//! The clock enters here.

/// The time of the run.
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// The zone of this computer, in which people write times without one. UTC where it can't be told.
pub(crate) fn zone() -> jiff::tz::TimeZone {
    jiff::tz::TimeZone::system()
}

/// When the run began, by the clock that never goes back.
pub(crate) fn started() -> std::time::Instant {
    std::time::Instant::now()
}
