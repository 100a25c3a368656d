//! A site: `site.kdl`, devices, profiles and captures beneath one root, merged into devices.
//!
//! [`load`] reads all of it, collects every finding, and gives devices whose facts know their lines. Where a profile
//! is used, `{device}`, `{site}` and `{zone}` in its texts and secret names become the device's; a device's own file
//! is taken as it is written. A profile lies beneath whatever uses it, and each is taken over once: where two `use`
//! lines lead to it, by the first.

mod assemble;
mod checks;
pub mod device;
mod documents;
pub mod factory;
pub mod files;
mod groups;
mod hardware;
pub mod identity;
mod load;
pub mod models;
pub mod output;
pub(crate) mod placeholders;
mod platform;
mod profiles;
mod required;
pub mod secrets;
mod types;

pub(crate) use checks::each;
pub use device::{AsRead, Layer, SiteDevice, TextRead};
pub use documents::LOCK;
pub use load::{LoadOptions, load, reserved};
pub use types::{
    Loaded, OwnPack, PackFile, SealedCapture, Site, SiteAdoption, SiteAttestation, SiteCapture, SiteLock, SiteWaiver,
};
