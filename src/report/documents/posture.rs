//! What a change does to the verdicts of rules.

use schemars::JsonSchema;
use serde::Serialize;

use crate::finding::{Severity, Verdict};

/// The verdicts of all rules before and after, as far as they differ.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Posture {
    /// Version of this format: 1.
    pub format_version: u32,
    /// The site.
    pub site: String,
    /// What came before: `commit 3e90d77`, `what was read from the devices`.
    pub before: String,
    /// What comes after.
    pub after: String,
    /// When both were judged, UTC.
    pub judged_at: String,
    /// How the rules themselves are others than before; empty where they are the same.
    pub rules_changed: Vec<String>,
    /// Verdicts that got weaker, over all devices.
    pub weaker: usize,
    /// Verdicts that got stronger.
    pub stronger: usize,
    /// Devices with a verdict that is another, weaker ones first.
    pub devices: Vec<PostureDevice>,
    /// Devices of which every verdict is as before.
    pub unchanged: Vec<String>,
    /// What is described otherwise than before, whatever rules say of it: between two states of the site.
    pub settings: Vec<OtherSettings>,
}

/// Settings of a device that are others.
#[derive(Debug, Serialize, JsonSchema)]
pub struct OtherSettings {
    /// The device.
    pub device: String,
    /// Their paths.
    pub paths: Vec<String>,
}

/// A device and its verdicts that are others.
#[derive(Debug, Serialize, JsonSchema)]
pub struct PostureDevice {
    /// Its name.
    pub device: String,
    /// Whether it is on both sides.
    pub presence: Presence,
    /// Its verdicts, weaker ones first.
    pub flips: Vec<Flip>,
}

/// On which sides a device is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Presence {
    /// On both.
    Both,
    /// After only.
    New,
    /// Before only.
    Gone,
}

/// A rule whose verdict is another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Flip {
    /// The rule.
    pub rule: String,
    /// What it asks.
    pub title: String,
    /// How bad it is where it is broken.
    pub severity: Severity,
    /// Its verdict before; absent where there was no such rule or device.
    pub before: Option<Verdict>,
    /// Its verdict after.
    pub after: Option<Verdict>,
    /// Whether it got weaker; else it got stronger.
    pub weaker: bool,
    /// Whether only the rules of before say so: those of now would not tell it.
    pub by_rules_of_before: bool,
    /// The waivers that cover it now.
    pub waivers: Vec<String>,
}
