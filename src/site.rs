//! A site: `site.kdl`, devices, profiles and captures beneath one root, merged into devices.

pub mod device;
pub mod factory;
pub mod files;
pub mod output;
mod platform;

pub use device::{Layer, SiteDevice};
