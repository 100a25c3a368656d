//! `site.kdl`: zones, people, packs in force, stations, secrets by name.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Date, Name, Network, Sha512, Switch, Time, Version};

/// The site. It names secrets and people; it never says whom to trust (invariant 14).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Site {
    /// Its name.
    #[schemars(extend("x-key" = true))]
    #[schemars(extend("x-required" = true))]
    pub name: Option<Name>,
    /// Packs that every device is judged by.
    pub packs: Option<Vec<Name>>,
    /// Zones with their target level.
    #[serde(default)]
    pub zone: Vec<Zone>,
    /// Permitted paths between zones.
    #[serde(default)]
    pub conduit: Vec<Conduit>,
    /// Groups of devices whose images and secrets are sealed with a passphrase of their own. Devices in none are sealed
    /// with the site's.
    #[serde(default)]
    pub group: Vec<PassphraseGroup>,
    /// Computers that devices are managed from.
    #[serde(default)]
    pub station: Vec<Station>,
    /// Approved receivers of logs and traps.
    #[serde(default)]
    pub log_server: Vec<ApprovedServer>,
    /// Firmware of the models: where a file came from, and which version is approved.
    #[serde(default)]
    pub firmware: Vec<Firmware>,
    /// People, by id.
    #[serde(default)]
    pub person: Vec<Person>,
    /// Secrets that several devices share, by name.
    #[serde(default)]
    pub secret: Vec<SharedSecret>,
    /// Adjustables of packs, only to the stricter side.
    #[serde(default)]
    pub set: Vec<Adjust>,
    /// Severity from which a finding blocks sealing. Default high; only tighter words are taken.
    pub block_on: Option<BlockOn>,
    /// How many persons other than its author must approve a plan; 1 where nothing is said.
    #[schemars(range(min = 0, max = 5))]
    pub plan_approvals: Option<u32>,
    /// How old a capture may be before its device is to be read again. Default 90 days, in a demo any age.
    pub max_capture_age: Option<Time>,
    /// Whether every device is in operation, so that what nobody attested is unknown. Without it that begins for a
    /// device with the first attestation that speaks of it.
    pub in_operation: Option<Switch>,
    /// Uses only the site's own `demo/` folder; images are marked and never applied.
    pub demo: Option<Switch>,
}

/// A zone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Zone {
    /// Its name.
    #[schemars(extend("x-key" = true))]
    pub name: Option<Name>,
    /// Target security level, 1 to 4 (IEC 62443).
    #[schemars(extend("x-at" = "prop"))]
    #[schemars(range(min = 1, max = 4))]
    pub sl_t: Option<u32>,
    /// Networks that belong to it.
    #[serde(default)]
    pub subnet: Vec<Subnet>,
}

/// A network of a zone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Subnet {
    /// The network.
    #[schemars(extend("x-key" = true))]
    pub net: Option<Network>,
}

/// A permitted path between two zones: `conduit "control" "office" purpose="historian"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Conduit {
    /// From.
    #[schemars(extend("x-key" = true))]
    pub from: Option<Name>,
    /// To.
    #[schemars(extend("x-key" = true))]
    pub to: Option<Name>,
    /// Why.
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
}

/// Devices whose images and secrets are sealed with a passphrase of their own: by zone, or one by one. The site says
/// who belongs together, never what the passphrase is or where it comes from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PassphraseGroup {
    /// Its name.
    #[schemars(extend("x-key" = true))]
    pub name: Option<Name>,
    /// All devices of these zones.
    pub zones: Option<Vec<Name>>,
    /// These devices.
    pub devices: Option<Vec<Name>>,
}

/// A computer that devices are managed from.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Station {
    /// Its name.
    #[schemars(extend("x-key" = true))]
    pub name: Option<Name>,
    /// Its address.
    #[schemars(extend("x-required" = true))]
    pub address: Option<Address>,
    /// The zone it stands in.
    pub zone: Option<Name>,
}

/// An approved receiver of logs and traps.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct ApprovedServer {
    /// Address or name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub address: Option<String>,
}

/// A firmware of a model: `firmware "EDR-G9010" "3.24" approved=on sha512="..." size=23068672 from="https://..."`. What
/// `fieldlock firmware verify` holds a downloaded file against.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Firmware {
    /// The model, as its label begins.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 40))]
    pub model: Option<String>,
    /// The version.
    #[schemars(extend("x-key" = true))]
    pub version: Option<Version>,
    /// Whether devices of the model are to have it.
    pub approved: Option<Switch>,
    /// SHA-512 of its file, as the vendor prints it.
    pub sha512: Option<Sha512>,
    /// Size of its file, in bytes.
    #[schemars(range(min = 1, max = 1_073_741_824))]
    pub size: Option<u32>,
    /// From where the file is.
    #[schemars(length(min = 1, max = 512))]
    pub from: Option<String>,
    /// Where its release notes are.
    #[schemars(length(min = 1, max = 512))]
    pub notes: Option<String>,
    /// When it was taken from there.
    pub taken: Option<Date>,
    /// Who took it: a person of the site.
    pub by: Option<Name>,
}

/// A person, by id.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Person {
    /// The id.
    #[schemars(extend("x-key" = true))]
    pub id: Option<Name>,
    /// What the person answers for.
    #[schemars(length(min = 1, max = 128))]
    pub role: Option<String>,
}

/// A secret that several devices share; its name begins with `shared/`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct SharedSecret {
    /// The name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 8, max = 200))]
    pub name: Option<String>,
    /// What it is for.
    #[schemars(length(min = 1, max = 128))]
    pub purpose: Option<String>,
}

/// `set "iec-62443-4-2-mx" max-idle="5 min"`: adjustables of one pack.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line", "x-open" = "value"))]
pub struct Adjust {
    /// The pack.
    #[schemars(extend("x-key" = true))]
    pub pack: Option<Name>,
    /// Name and value of each adjustable.
    #[serde(default)]
    pub value: Vec<AdjustValue>,
}

/// One adjustable and what it is set to.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct AdjustValue {
    /// Its name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub name: Option<String>,
    /// What it is set to, as written.
    #[schemars(extend("x-at" = "arg"))]
    #[schemars(length(min = 0, max = 64))]
    pub to: Option<String>,
}

/// Severity from which a finding blocks sealing. (A site may only tighten the default, high.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum BlockOn {
    /// From high up.
    High,
    /// From medium up.
    Medium,
    /// From low up.
    Low,
    /// Everything.
    Info,
}
