//! The secrets of a site. Values are not in it, nor anything that is made of one.

use schemars::JsonSchema;
use serde::Serialize;

use super::FORMAT_VERSION;
use super::filled;
use crate::secret::{Came, SecretRef, Stored, Version};

/// The secrets that a store has or a site refers to, by name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SecretList {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The site's name.
    pub site: String,
    /// Each of them.
    pub secrets: Vec<SecretEntry>,
}

impl SecretList {
    /// Of a site.
    pub fn of(site: &str, secrets: Vec<SecretEntry>) -> SecretList {
        SecretList { format_version: FORMAT_VERSION, site: site.to_owned(), secrets }
    }
}

/// A secret.
#[derive(Debug, Serialize, JsonSchema)]
pub struct SecretEntry {
    /// Its name: `np07/ot-admin`.
    pub name: String,
    /// Whether the store has a value of it.
    pub stored: bool,
    /// How the value came.
    #[serde(flatten)]
    pub came: Option<Came>,
    /// Since when the value is in force, `YYYY-MM-DDTHH:MM:SSZ`.
    pub since: Option<String>,
    /// What proved that a device took it.
    pub receipt: Option<String>,
    /// Since when each earlier value was in force that a device may still have.
    pub earlier: Vec<String>,
    /// The settings that refer to it.
    pub used_by: Vec<Use>,
}

/// A setting that refers to a secret.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Use {
    /// The device.
    pub device: String,
    /// Dotted path of the setting.
    pub path: String,
}

impl SecretEntry {
    /// A secret, what the store has of it, and the devices and settings that refer to it.
    pub fn of(name: &SecretRef, stored: Option<&Stored>, used: &[(String, String)]) -> SecretEntry {
        let time = |version: &Version| version.since.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        let now = stored.map(Stored::now);
        SecretEntry {
            name: name.as_str().to_owned(),
            stored: stored.is_some(),
            came: now.map(|now| now.came.clone()),
            since: now.map(time),
            receipt: stored.and_then(|stored| filled(stored.receipt())),
            earlier: stored.map(|stored| stored.earlier().iter().map(time).collect()).unwrap_or_default(),
            used_by: used.iter().map(|(device, path)| Use { device: device.clone(), path: path.clone() }).collect(),
        }
    }
}
