//! A count of devices on stderr, where a person watches.

use std::time::Duration;

use indicatif::{ProgressBar, ProgressStyle};

use super::terminal;

/// A running count; draws nothing where nobody watches, and nothing in the first moments.
pub(crate) struct Progress(Option<ProgressBar>);

impl Progress {
    /// Begins one.
    pub(crate) fn new(what: &'static str) -> Progress {
        if !terminal::can_draw() {
            return Progress(None);
        }
        let bar = ProgressBar::new_spinner();
        if let Ok(style) = ProgressStyle::with_template("{spinner} {msg} {pos}") {
            bar.set_style(style);
        }
        bar.set_message(what);
        bar.enable_steady_tick(Duration::from_millis(200));
        Progress(Some(bar))
    }

    /// One more.
    pub(crate) fn tick(&self) {
        if let Some(bar) = &self.0 {
            bar.inc(1);
        }
    }

    /// Does something in which a person may be asked: nothing is drawn over the question.
    pub(crate) fn aside<T>(&self, what: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(bar) => bar.suspend(what),
            None => what(),
        }
    }

    /// Takes it off the screen.
    pub(crate) fn done(self) {
        if let Some(bar) = self.0 {
            bar.finish_and_clear();
        }
    }
}
