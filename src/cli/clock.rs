//! The clock enters here.

/// The time of the run.
pub(crate) fn now() -> jiff::Timestamp {
    jiff::Timestamp::now()
}

/// A time as people read it: `2026-03-09 14:10 UTC`.
pub(crate) fn shown(time: jiff::Timestamp) -> String {
    time.strftime("%Y-%m-%d %H:%M UTC").to_string()
}
