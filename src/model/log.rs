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
    /// What happens when the local log fills up.
    pub capacity: Option<Capacity>,
    /// Ways by which a single happening is told (NPort 6000 `[Event Settings]`, MX events).
    #[serde(default)]
    #[schemars(extend("x-fixed" = true))]
    pub alert: Vec<Alert>,
    /// Telephone numbers that text messages go to (NPort 6000 `[SMS Alert]`).
    #[schemars(extend("x-word" = "none"))]
    pub sms_to: Option<Vec<String>>,
}

/// What happens when the local log fills up: `capacity warning=on at=80 trap=on when-full="overwrite"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Capacity {
    /// Whether a warning is given.
    pub warning: Option<Switch>,
    /// Percentage at which it is given; 0 to 100 (nport.md 1.5).
    #[schemars(range(min = 0, max = 100))]
    pub at: Option<u32>,
    /// Whether it is sent by mail.
    pub mail: Option<Switch>,
    /// Whether it is sent as an SNMP trap.
    pub trap: Option<Switch>,
    /// What becomes of further entries.
    pub when_full: Option<WhenFull>,
}

/// What becomes of further entries of a full log (nport.md 1.5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum WhenFull {
    /// The oldest entries go.
    Overwrite,
    /// Nothing further is recorded.
    Stop,
}

/// Ways by which one happening is told: `alert "cold-start" mail=on trap=on`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Alert {
    /// Which.
    #[schemars(extend("x-key" = true))]
    pub on: Option<Happening>,
    /// By mail.
    pub mail: Option<Switch>,
    /// As an SNMP trap.
    pub trap: Option<Switch>,
    /// By a text message.
    pub sms: Option<Switch>,
    /// By the alarm of the device itself (relay or light).
    pub alarm: Option<Switch>,
    /// To the syslog servers (MX-ROS).
    pub syslog: Option<Switch>,
    /// How grave it is called (MX-ROS).
    pub severity: Option<SyslogSeverity>,
}

/// Happenings of which each is told by ways of its own. Those of MX are named after `warning-notification` and the
/// events of the MIB package.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Happening {
    /// Power came on.
    ColdStart,
    /// Restarted.
    WarmStart,
    /// The link of Ethernet port 1 went down.
    #[serde(rename = "link-1-down")]
    Link1Down,
    /// The link of Ethernet port 2 went down.
    #[serde(rename = "link-2-down")]
    Link2Down,
    /// The link of Ethernet port 3 went down.
    #[serde(rename = "link-3-down")]
    Link3Down,
    /// Somebody failed to prove himself.
    AuthenticationFail,
    /// An address changed.
    AddressChange,
    /// A password changed.
    PasswordChange,
    /// The first power supply came (MX-ROS).
    #[serde(rename = "power-1-on")]
    Power1On,
    /// The first power supply went (MX-ROS).
    #[serde(rename = "power-1-off")]
    Power1Off,
    /// The second power supply came (MX-ROS).
    #[serde(rename = "power-2-on")]
    Power2On,
    /// The second power supply went (MX-ROS).
    #[serde(rename = "power-2-off")]
    Power2Off,
    /// The first digital input closed (MX-ROS).
    #[serde(rename = "input-1-on")]
    Input1On,
    /// The first digital input opened (MX-ROS).
    #[serde(rename = "input-1-off")]
    Input1Off,
    /// A power supply came (MX-NOS).
    PowerOn,
    /// A power supply went (MX-NOS).
    PowerOff,
    /// A digital input closed (MX-NOS).
    InputOn,
    /// A digital input opened (MX-NOS).
    InputOff,
    /// The configuration changed.
    ConfigChange,
    /// A configuration file was taken (MX-NOS).
    ConfigImport,
    /// The log is nearly full (MX-NOS).
    LogCapacity,
    /// Somebody logged in (MX-NOS).
    Login,
    /// An account was locked (MX-NOS).
    Lockout,
    /// An account changed (MX-NOS).
    AccountChange,
    /// The certificate changed (MX-NOS).
    CertificateChange,
    /// The ring or spanning tree changed.
    Topology,
    /// The link between two rings changed.
    Coupling,
    /// Another device became master of the ring.
    MasterChange,
    /// Two masters are in the ring (MX-NOS).
    MasterMismatch,
    /// A fiber is too hot or too weak (MX-ROS).
    Fiber,
    /// Another router took the address (MX-ROS).
    VrrpState,
    /// A port refused somebody (802.1X).
    PortAuthFail,
    /// The firewall's rules changed (MX-ROS).
    FirewallChange,
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
    /// Facility that entries are sent under (NPort 6000).
    pub facility: Option<Facility>,
    /// Least severity that is sent (NPort 6000).
    pub severity: Option<SyslogSeverity>,
}

/// Syslog facilities for local use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Facility {
    /// 16.
    Local0,
    /// 17.
    Local1,
    /// 18.
    Local2,
    /// 19.
    Local3,
    /// 20.
    Local4,
    /// 21.
    Local5,
    /// 22.
    Local6,
    /// 23.
    Local7,
}

/// Syslog severities, the gravest first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum SyslogSeverity {
    /// 0.
    Emergency,
    /// 1.
    Alert,
    /// 2.
    Critical,
    /// 3.
    Error,
    /// 4.
    Warning,
    /// 5.
    Notice,
    /// 6.
    Informational,
    /// 7.
    Debug,
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
