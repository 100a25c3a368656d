//! Randomness, handed in: see [`crate::secret::Entropy`].

pub use crate::secret::{Entropy, EntropyError};
