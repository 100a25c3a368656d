//! Randomness enters here.

use fieldlock::image::{Entropy, EntropyError};

/// The operating system's.
pub(crate) struct System;

impl Entropy for System {
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError> {
        getrandom::fill(out).map_err(|e| EntropyError { reason: e.to_string() })
    }
}
