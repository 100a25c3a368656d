//! A site: `site.kdl`, devices, profiles and captures beneath one root, merged into devices.

pub mod device;

pub use device::{Layer, SiteDevice};
