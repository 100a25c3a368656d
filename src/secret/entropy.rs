//! Randomness, handed in: the library has no source of its own.

/// A source of bytes that nobody can guess. The command line hands in the operating system's.
pub trait Entropy {
    /// Fills all of `out`, or fails.
    fn fill(&mut self, out: &mut [u8]) -> Result<(), EntropyError>;
}

/// The operating system gave no randomness; nothing can be sealed or generated.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("no randomness from the operating system: {reason}")]
pub struct EntropyError {
    /// What the operating system said.
    pub reason: String,
}
