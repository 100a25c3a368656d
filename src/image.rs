//! The sealed image.
