//! Names for addresses and services, by which rules of a firewall mean them.

use schemars::JsonSchema;
use serde::Deserialize;
use serde::de::IntoDeserializer;
use serde::de::value::StrDeserializer;

use super::value::{PortNumbers, Span};

/// Names that rules use.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Objects {
    /// Addresses.
    #[serde(default)]
    pub address: Vec<AddressObject>,
    /// Services.
    #[serde(default)]
    pub service: Vec<ServiceObject>,
}

/// `address "plcs" "10.20.10.11-10.20.10.30"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct AddressObject {
    /// What rules call it.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// A host, a network, or the addresses from one to another.
    #[schemars(extend("x-at" = "arg"))]
    pub value: Option<Span>,
}

/// `service "opc-ua" tcp="4840"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct ServiceObject {
    /// What rules call it.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// TCP ports.
    pub tcp: Option<PortNumbers>,
    /// UDP ports.
    pub udp: Option<PortNumbers>,
    /// What ICMP is asked or told.
    pub icmp: Option<Icmp>,
    /// The code of it, where one alone is meant.
    #[schemars(range(min = 0, max = 255))]
    pub icmp_code: Option<u8>,
    /// Number of another protocol over IP.
    #[schemars(range(min = 0, max = 255))]
    pub protocol: Option<u8>,
}

/// A message of ICMP by its name at IANA (RFC 792, RFC 1256).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Icmp {
    /// An answer to an echo (0).
    EchoReply = 0,
    /// Something is not reached (3).
    DestinationUnreachable = 3,
    /// Another way is shorter (5).
    Redirect = 5,
    /// An echo is asked for (8).
    EchoRequest = 8,
    /// A router says that it is there (9).
    RouterAdvertisement = 9,
    /// Routers are asked for (10).
    RouterSolicitation = 10,
    /// A packet went on for too long (11).
    TimeExceeded = 11,
    /// A packet is not understood (12).
    ParameterProblem = 12,
    /// The time is asked for (13).
    TimestampRequest = 13,
    /// An answer to that (14).
    TimestampReply = 14,
}

impl Icmp {
    /// The type that packets of a name have.
    pub fn number(word: &str) -> Option<u8> {
        let word: StrDeserializer<'_, serde::de::value::Error> = word.into_deserializer();
        Icmp::deserialize(word).ok().map(|message| message as u8)
    }
}
