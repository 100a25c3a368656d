//! What is recorded, and where it is sent.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{SitePath, Switch};

/// Remote and local logging.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Log {
    /// Servers that get the log. Whether it is sent stands in `services { syslog }`.
    #[serde(default)]
    pub server: Vec<LogServer>,
    /// Events that are reported, in one vocabulary for all platforms.
    #[schemars(extend("x-word" = "none"))]
    pub send: Option<Vec<Event>>,
    /// Categories of the local log.
    #[serde(default)]
    #[schemars(extend("x-fixed" = true))]
    pub local: Vec<LocalLog>,
    /// Categories that are sent to the server (NPort 6000).
    #[schemars(extend("x-word" = "none"))]
    pub send_categories: Option<Vec<Category>>,
}

/// A syslog server.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct LogServer {
    /// Address or name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub address: Option<String>,
    /// Port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Whether it is reached over TLS.
    pub tls: Option<Switch>,
    /// CA certificate that its own is checked against: a PEM file of the site.
    pub ca: Option<SitePath>,
}

/// One category of the local log: `local "security" { keep "notice" "warning" "error" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct LocalLog {
    /// Which.
    #[schemars(extend("x-key" = true))]
    pub category: Option<Category>,
    /// Whether it is recorded at all.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Severities that are kept.
    #[schemars(extend("x-word" = "none"))]
    pub keep: Option<Vec<LogSeverity>>,
}

/// A category of the local log. (Guide 3.5 for NPort 6000-G2; `config` and `operation-mode` are the NPort 6000's.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Category {
    /// The device itself.
    System,
    /// Ethernet.
    Network,
    /// What an administrator may have to look into.
    Security,
    /// Firmware and the like.
    Maintenance,
    /// Serial ports.
    Serial,
    /// Changes of the configuration (NPort 6000).
    Config,
    /// Serial operation modes (NPort 6000).
    OperationMode,
}

/// Severities of the local log (guide 3.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum LogSeverity {
    /// Problems.
    Error,
    /// Forewarnings.
    Warning,
    /// Not an error, but may need handling.
    Notice,
    /// Works as expected.
    Informational,
}

/// Something that happens on a device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Event {
    /// Power came on.
    ColdStart,
    /// Restarted.
    WarmStart,
    /// The configuration changed.
    ConfigChange,
    /// The firmware changed.
    Firmware,
    /// Somebody logged in.
    Login,
    /// Somebody failed to.
    LoginFail,
    /// An account was locked.
    Lockout,
    /// An account or password changed.
    AccountChange,
    /// The firewall's rules changed.
    FirewallChange,
    /// A port refused somebody (802.1X).
    PortAuthFail,
    /// A link went down or up.
    Link,
    /// A power supply failed.
    Power,
    /// The ring or spanning tree changed.
    Topology,
    /// An address changed.
    AddressChange,
}
