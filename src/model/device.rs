//! A device: what a person says of it, settings first.

use schemars::JsonSchema;
use serde::Deserialize;

use super::accounts::Accounts;
use super::allowlist::Allowlist;
use super::authentication::Authentication;
use super::certificate::Certificate;
use super::dhcp::Dhcp;
use super::dos::Dos;
use super::dot1x::Dot1x;
use super::ethernet::Ethernet;
use super::exported_config::ExportedConfig;
use super::firewall::Firewall;
use super::hardware::Hardware;
use super::identity::Identity;
use super::l2_filter::L2Filter;
use super::log::Log;
use super::login::Login;
use super::mail::Mail;
use super::mirror::Mirror;
use super::nat::Nat;
use super::network::Networking;
use super::objects::Objects;
use super::password_policy::PasswordPolicy;
use super::reach::Reach;
use super::redundancy::Redundancy;
use super::routing::Routing;
use super::serial::Serial;
use super::services::Services;
use super::session_limits::SessionLimits;
use super::snmp::Snmp;
use super::switching::Switching;
use super::time::Clock;
use super::tls::Tls;
use super::usb::Usb;
use super::value::{Address, Mac, Name, Version, VersionRange};
use super::vendor_settings::VendorSettings;
use super::vpn::Vpn;

/// One device, or a profile that devices `use`: everything may be absent, absent is unmanaged.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Device {
    /// Its name: the file's too.
    #[schemars(extend("x-key" = true))]
    pub name: Option<Name>,
    /// What it is.
    pub platform: Option<Platform>,
    /// The zone of the site that it stands in.
    #[schemars(extend("x-note" = true))]
    pub zone: Option<Name>,
    /// The thing itself, for people: label, place, owner.
    #[schemars(extend("x-note" = true))]
    pub asset: Option<Asset>,
    /// How fieldlock itself reaches it.
    #[schemars(extend("x-note" = true))]
    pub reach: Option<Reach>,
    /// Profiles that it takes over, the lower one wins.
    #[schemars(extend("x-note" = true))]
    #[schemars(extend("x-ordered" = true))]
    #[serde(default)]
    pub r#use: Vec<Use>,
    /// Name and place as the device itself tells them.
    pub identity: Option<Identity>,
    /// Addresses and names.
    pub network: Option<Networking>,
    /// Ways to other networks.
    pub routing: Option<Routing>,
    /// Who may log in.
    pub accounts: Option<Accounts>,
    /// What the device demands of new passwords.
    pub password_policy: Option<PasswordPolicy>,
    /// Sessions, lockout, banner.
    pub login: Option<Login>,
    /// What answers on the network and on the console.
    pub services: Option<Services>,
    /// Protocol settings behind HTTPS and serial encryption.
    pub tls: Option<Tls>,
    /// The certificate that it shows of itself.
    pub certificate: Option<Certificate>,
    /// Central login servers.
    pub authentication: Option<Authentication>,
    /// From where management is allowed (NPort: Allowlist, MX: Trusted Access).
    pub allowlist: Option<Allowlist>,
    /// SNMP agent and traps.
    pub snmp: Option<Snmp>,
    /// What is recorded, and where it is sent.
    pub log: Option<Log>,
    /// Mails about events, and the server that takes them.
    pub mail: Option<Mail>,
    /// Clock.
    pub time: Option<Clock>,
    /// How the device protects the files it exports.
    pub exported_config: Option<ExportedConfig>,
    /// Buttons of the device itself.
    pub hardware: Option<Hardware>,
    /// Ethernet ports.
    pub ethernet: Option<Ethernet>,
    /// VLANs, and what a switch does between its ports.
    pub switching: Option<Switching>,
    /// Names for addresses and services, for rules.
    pub objects: Option<Objects>,
    /// What is let through.
    pub firewall: Option<Firewall>,
    /// Addresses of the inside behind those of the outside.
    pub nat: Option<Nat>,
    /// What is let through between ports, by hardware addresses.
    pub l2_filter: Option<L2Filter>,
    /// How many connections a service takes.
    pub session_limits: Option<SessionLimits>,
    /// Packets that only an attacker sends.
    pub dos: Option<Dos>,
    /// Addresses that the device hands out.
    pub dhcp: Option<Dhcp>,
    /// Tunnels.
    pub vpn: Option<Vpn>,
    /// Ways around a cable that broke.
    pub redundancy: Option<Redundancy>,
    /// Who may use a port.
    pub dot1x: Option<Dot1x>,
    /// Copies of what goes over ports.
    pub mirror: Option<Mirror>,
    /// The socket for a stick.
    pub usb: Option<Usb>,
    /// Serial ports.
    pub serial: Option<Serial>,
    /// Native lines that no setting maps: passed through, never judged.
    pub vendor_settings: Option<VendorSettings>,
}

/// Platform, model and firmware that the description is written for.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Platform {
    /// Which command set or file form.
    #[schemars(extend("x-at" = "arg"))]
    #[schemars(extend("x-required" = true))]
    pub kind: Option<PlatformKind>,
    /// The model as its label says it: `EDR-G9010`.
    #[schemars(length(min = 1, max = 40))]
    pub model: Option<String>,
    /// Firmware that the description is written for.
    pub firmware: Option<Version>,
    /// Range of firmware that may take it; `firmware` alone where absent.
    pub accepts: Option<VersionRange>,
}

/// The platforms that fieldlock knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PlatformKind {
    /// NPort 6000-G2 series.
    #[serde(rename = "nport-6000-g2")]
    Nport6000G2,
    /// NPort 6000 series, firmware 1.x and 2.x.
    #[serde(rename = "nport-6000")]
    Nport6000,
    /// Switches with MX-NOS.
    MxNos,
    /// Routers with MX-ROS.
    MxRos,
}

impl PlatformKind {
    /// All of them, in order of declaration.
    pub const ALL: [PlatformKind; 4] =
        [PlatformKind::Nport6000G2, PlatformKind::Nport6000, PlatformKind::MxNos, PlatformKind::MxRos];

    /// The word as written in KDL, which also names its data files.
    pub fn word(self) -> &'static str {
        match self {
            PlatformKind::Nport6000G2 => "nport-6000-g2",
            PlatformKind::Nport6000 => "nport-6000",
            PlatformKind::MxNos => "mx-nos",
            PlatformKind::MxRos => "mx-ros",
        }
    }

    /// From the word; `None` for any other.
    pub fn from_word(word: &str) -> Option<PlatformKind> {
        PlatformKind::ALL.into_iter().find(|k| k.word() == word)
    }
}

/// The thing in the cabinet.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Asset {
    /// Number in the asset register.
    #[schemars(length(min = 1, max = 64))]
    pub id: Option<String>,
    /// Serial number on the label.
    #[schemars(length(min = 1, max = 64))]
    pub serial: Option<String>,
    /// Hardware address on the label.
    pub mac: Option<Mac>,
    /// A person of the site.
    pub owner: Option<Name>,
    /// Where it stands.
    #[schemars(length(min = 1, max = 128))]
    pub location: Option<String>,
    /// Model as the device itself told it when it was read; nobody writes this.
    #[schemars(length(min = 1, max = 64))]
    pub seen_model: Option<String>,
    /// Firmware as the device itself told it when it was read, build number included; nobody writes this.
    #[schemars(length(min = 1, max = 64))]
    pub seen_firmware: Option<String>,
    /// Address as the device itself told it when it was read; nobody writes this.
    pub seen_address: Option<Address>,
}

/// One profile that is taken over.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Use {
    /// Its name, `profiles/<name>.kdl`.
    #[schemars(extend("x-key" = true))]
    pub profile: Option<Name>,
}
