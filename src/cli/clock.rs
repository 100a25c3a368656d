//! The clock enters here.

/// The time of the run.
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// When the run began, by the clock that never goes back.
pub(crate) fn started() -> std::time::Instant {
    std::time::Instant::now()
}
