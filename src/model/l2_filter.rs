//! What is let through between ports, by hardware addresses.

use schemars::JsonSchema;
use serde::Deserialize;

use super::firewall::Action;
use super::value::Mac;

/// Rules in order.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct L2Filter {
    /// The rules: the first one that fits decides.
    #[serde(default)]
    #[schemars(extend("x-ordered" = true))]
    pub rule: Vec<L2Rule>,
}

/// `rule 1 "deny" source-mac="00:90:e8:11:22:33"`. What is not said is any.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct L2Rule {
    /// Its number.
    #[schemars(extend("x-key" = true))]
    #[schemars(range(min = 1, max = 1024))]
    pub number: Option<u16>,
    /// Whether what fits is let through.
    #[schemars(extend("x-at" = "arg"))]
    pub action: Option<Action>,
    /// Where frames come in.
    #[schemars(length(min = 1, max = 32))]
    pub from: Option<String>,
    /// Where they leave.
    #[schemars(length(min = 1, max = 32))]
    pub to: Option<String>,
    /// The hardware address that they come from.
    pub source_mac: Option<Mac>,
    /// The hardware address that they go to.
    pub destination_mac: Option<Mac>,
    /// The protocol, in the device's own word.
    #[schemars(length(min = 1, max = 16))]
    pub protocol: Option<String>,
    /// The type of frames, in the device's own writing.
    #[schemars(length(min = 1, max = 16))]
    pub ether_type: Option<String>,
    /// Why it is there.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
}
