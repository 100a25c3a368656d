//! Ethernet ports.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Name, Ports, Rate, Switch, Time, Vlan, Vlans};

/// The ports of a switch or router.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Ethernet {
    /// What many ports have in common: a port's own words lie over those of its class.
    #[serde(default)]
    #[schemars(extend("x-note" = true))]
    pub class: Vec<EthernetPort>,
    /// One each, or several on a line: `port "1/1-4"`. A line for fewer ports lies over one that holds them all.
    #[serde(default)]
    #[schemars(extend("x-fixed" = true))]
    pub port: Vec<EthernetPort>,
    /// Ports that are one link.
    #[serde(default)]
    pub aggregation: Vec<Aggregation>,
}

/// `port "1/3" enabled=off in-use=off`, `port "1/5-8" class="edge" access=20`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct EthernetPort {
    /// Module and port as the device counts them, one or several: `1/3`, `1/1-4,2/1`. Of a class its name.
    #[schemars(extend("x-key" = true, "x-spread" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub name: Option<String>,
    /// The class whose words it takes.
    #[schemars(extend("x-note" = true, "x-ref" = "ethernet.class"))]
    pub class: Option<Name>,
    /// Whether it carries traffic.
    pub enabled: Option<Switch>,
    /// Whether something is plugged in.
    #[schemars(extend("x-note" = true))]
    pub in_use: Option<Switch>,
    /// What it is for in the network.
    #[schemars(extend("x-note" = true))]
    pub role: Option<PortRole>,
    /// What is plugged in.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 128))]
    pub purpose: Option<String>,
    /// The device of the site at the other end of the cable.
    #[schemars(extend("x-note" = true))]
    pub peer: Option<Name>,
    /// The port at the other end.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 16))]
    pub peer_port: Option<String>,
    /// Its name on the device itself.
    #[schemars(length(min = 1, max = 64))]
    pub description: Option<String>,
    /// Speed and duplex, or what both ends agree on.
    pub speed: Option<Speed>,
    /// The one VLAN of whatever is plugged in.
    #[schemars(extend("x-choice" = "vlans", "x-ref" = "switching.vlan"))]
    pub access: Option<Vlan>,
    /// The VLANs of a link between switches, tagged.
    #[schemars(extend("x-choice" = "vlans", "x-ref" = "switching.vlan"))]
    pub trunk: Option<Vlans>,
    /// The tagged VLANs of a port that has untagged ones beside them.
    #[schemars(extend("x-choice" = "vlans", "x-ref" = "switching.vlan"))]
    pub hybrid: Option<Vlans>,
    /// The untagged VLANs of a hybrid port.
    #[schemars(extend("x-beside" = "hybrid", "x-ref" = "switching.vlan"))]
    pub untagged: Option<Vlans>,
    /// The VLAN of frames without a tag.
    #[schemars(extend("x-beside" = "trunk hybrid", "x-ref" = "switching.vlan"))]
    pub native: Option<Vlan>,
    /// Which frames are let in.
    #[schemars(extend("x-beside" = "trunk hybrid"))]
    pub frames: Option<Frames>,
    /// What it tells its neighbour of the device, and hears of it.
    pub lldp: Option<PortLldp>,
    /// Whether it is reported when its link comes or goes.
    pub alert: Option<Switch>,
    /// Whether DHCP servers are believed that answer there.
    pub dhcp_trusted: Option<Switch>,
    /// Whether ARP is believed that comes in there.
    pub arp_trusted: Option<Switch>,
    /// Whether packets are let in from addresses alone that DHCP snooping knows.
    pub source_guard: Option<Switch>,
    /// Floods that are held back.
    pub storm_control: Option<StormControl>,
    /// Which hardware addresses are let in.
    pub security: Option<PortSecurity>,
    /// Who may use it.
    pub dot1x: Option<PortDot1x>,
    /// Spanning tree of the port.
    pub spanning_tree: Option<PortSpanningTree>,
    /// Power that it gives to what is plugged in.
    pub poe: Option<PortPoe>,
    /// How much goes in and out.
    pub rate: Option<PortRate>,
    /// Which frames go first.
    pub qos: Option<PortQos>,
}

/// `poe on mode="auto" limit=15`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct PortPoe {
    /// Whether it gives power.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// How it is found out how much.
    pub mode: Option<PoeMode>,
    /// Most power, in watts.
    #[schemars(range(min = 0, max = 90))]
    pub limit: Option<u8>,
    /// Who keeps it where there is not enough for all.
    pub priority: Option<PoePriority>,
}

/// How it is found out how much power is wanted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PoeMode {
    /// By what is plugged in.
    Auto,
    /// More than the standard has.
    HighPower,
    /// Whether or not it is asked for.
    Force,
}

/// Who keeps power where there is not enough for all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PoePriority {
    /// To the last.
    Critical,
    /// Before most.
    High,
    /// After the others.
    Low,
}

/// `rate ingress=100 egress=50`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct PortRate {
    /// What goes in at most, in Mbit/s.
    #[schemars(range(min = 1, max = 1000))]
    pub ingress: Option<u16>,
    /// What goes out at most, in Mbit/s.
    #[schemars(range(min = 1, max = 1000))]
    pub egress: Option<u16>,
}

/// `qos trust="dscp" priority=5`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct PortQos {
    /// Which mark of a frame is believed.
    pub trust: Option<QosTrust>,
    /// Of frames without a mark.
    #[schemars(range(min = 0, max = 7))]
    pub priority: Option<u8>,
}

/// Which mark of a frame is believed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum QosTrust {
    /// That of its tag.
    Cos,
    /// That of its address header.
    Dscp,
}

/// `aggregation "Trk1" ports="1/1-2" mode="lacp"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Aggregation {
    /// What the device calls it.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 16))]
    pub name: Option<String>,
    /// The ports that are one link.
    #[schemars(extend("x-ref" = "ethernet.port"))]
    pub ports: Option<Ports>,
    /// How both ends agree on that.
    pub mode: Option<AggregationMode>,
}

/// How both ends agree that ports are one link.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum AggregationMode {
    /// By telling each other (LACP).
    Lacp,
    /// By what people set at both.
    Manual,
}

/// What a port is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PortRole {
    /// A device of the plant, or one that is to be plugged in.
    Edge,
    /// Another switch or router.
    Uplink,
    /// Part of a ring.
    Ring,
    /// Whoever manages devices.
    Management,
    /// Whoever listens to copies.
    Monitor,
}

/// Speed in Mbit/s and duplex.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Speed {
    /// What both ends agree on.
    #[serde(rename = "auto")]
    Auto,
    /// 10 Mbit/s, one end at a time.
    #[serde(rename = "10-half")]
    H10,
    /// 10 Mbit/s.
    #[serde(rename = "10-full")]
    F10,
    /// 100 Mbit/s, one end at a time.
    #[serde(rename = "100-half")]
    H100,
    /// 100 Mbit/s.
    #[serde(rename = "100-full")]
    F100,
    /// 1 Gbit/s.
    #[serde(rename = "1000-full")]
    F1000,
    /// 2.5 Gbit/s.
    #[serde(rename = "2500-full")]
    F2500,
    /// 10 Gbit/s.
    #[serde(rename = "10000-full")]
    F10000,
}

/// Which frames a port lets in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Frames {
    /// With a tag, and without one.
    All,
    /// With a tag alone.
    Tagged,
    /// Without a tag alone.
    Untagged,
}

/// Neighbour discovery of a port.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum PortLldp {
    /// Neither told nor heard.
    None,
    /// Heard alone.
    Receive,
    /// Told alone.
    Send,
    /// Told and heard.
    Both,
}

/// `storm-control broadcast="500 pps" multicast="500 pps"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct StormControl {
    /// Packets to everybody that are let in.
    #[schemars(extend("x-word" = "never"))]
    pub broadcast: Option<Rate>,
    /// Packets to groups that are let in.
    #[schemars(extend("x-word" = "never"))]
    pub multicast: Option<Rate>,
    /// Packets to hardware addresses that the device does not know.
    #[schemars(extend("x-word" = "never"))]
    pub unknown_unicast: Option<Rate>,
}

/// `security on mode="sticky" limit=1 violation="shut"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct PortSecurity {
    /// Whether hardware addresses are looked at.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// How they become known. A device has one way for all ports.
    pub mode: Option<PortSecurityMode>,
    /// Most addresses.
    #[schemars(range(min = 1, max = 1024))]
    pub limit: Option<u16>,
    /// What becomes of others.
    pub violation: Option<Violation>,
}

/// How hardware addresses become known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum PortSecurityMode {
    /// The first ones that come are kept.
    #[serde(rename = "sticky")]
    Sticky,
    /// Somebody writes them.
    #[serde(rename = "static")]
    Static,
}

/// What becomes of packets from other hardware addresses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Violation {
    /// They are dropped.
    #[serde(rename = "drop")]
    Drop,
    /// The port is shut.
    #[serde(rename = "shut")]
    Shut,
}

/// `dot1x on control="auto" reauth="1 h"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct PortDot1x {
    /// Whether whoever is plugged in has to say who it is.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Whether that is asked at all.
    pub control: Option<PortControl>,
    /// Whether a hardware address is enough for what can't answer.
    pub mab: Option<Switch>,
    /// After how long it is asked again.
    pub reauth: Option<Time>,
    /// How long it is not asked after a wrong answer.
    pub quiet: Option<Time>,
}

/// Whether whoever is plugged in is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum PortControl {
    /// It is asked.
    #[serde(rename = "auto")]
    Auto,
    /// Everybody is let in.
    #[serde(rename = "force-authorized")]
    ForceAuthorized,
    /// Nobody is let in.
    #[serde(rename = "force-unauthorized")]
    ForceUnauthorized,
}

/// `spanning-tree on edge=on bpdu-guard=on`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct PortSpanningTree {
    /// Whether the port takes part.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Whether no switch is behind it, so that it forwards at once.
    pub edge: Option<Switch>,
    /// Whether the device finds out by itself.
    pub auto_edge: Option<Switch>,
    /// Whether the port is shut where a switch speaks on it.
    pub bpdu_guard: Option<Switch>,
    /// Whether what switches say is neither sent nor heard.
    pub bpdu_filter: Option<Switch>,
    /// Whether no root is believed behind it.
    pub root_guard: Option<Switch>,
    /// Whether it stays shut where the other end falls silent.
    pub loop_guard: Option<Switch>,
    /// Which of several ports is taken: the lowest. In steps of 16.
    #[schemars(range(min = 0, max = 240))]
    pub priority: Option<u8>,
    /// How dear the way is.
    #[schemars(range(min = 1, max = 200000000))]
    pub cost: Option<u32>,
}
