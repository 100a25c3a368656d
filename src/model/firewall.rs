//! What is let through a router, by rules in order.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Date, Mac, Switch};

/// `firewall on { default "deny"; rule "hist" "allow" from="dmz" to="lan" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Firewall {
    /// Whether rules are looked at.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// What becomes of what no rule speaks of.
    pub default: Option<Action>,
    /// Whether what rules decide is recorded, where they say so.
    pub log: Option<Switch>,
    /// Rules of profiles that stand before all others, those of the lowest profile first.
    pub before: Option<RulesAround>,
    /// The rules: the first one that fits decides.
    #[serde(default)]
    #[schemars(extend("x-ordered" = true))]
    pub rule: Vec<FirewallRule>,
    /// Rules of profiles that stand behind all others, those of the lowest profile last.
    pub after: Option<RulesBehind>,
}

/// Rules before those of the device.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RulesAround {
    /// The rules.
    #[serde(default)]
    #[schemars(extend("x-ordered" = true))]
    pub rule: Vec<FirewallRule>,
}

/// Rules behind those of the device.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct RulesBehind {
    /// The rules.
    #[serde(default)]
    #[schemars(extend("x-ordered" = true, "x-last" = true))]
    pub rule: Vec<FirewallRule>,
}

/// `rule "hist-plcs" "allow" from="dmz" to="lan" source="historian" destination="plcs" service="opc-ua"`. What is not
/// said is any.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct FirewallRule {
    /// What it is called.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// Whether what fits is let through.
    #[schemars(extend("x-at" = "arg"))]
    pub action: Option<Action>,
    /// The interface that packets come in by.
    #[schemars(extend("x-ref" = "network.interface"))]
    #[schemars(length(min = 1, max = 32))]
    pub from: Option<String>,
    /// The interface that they leave by.
    #[schemars(extend("x-ref" = "network.interface"))]
    #[schemars(length(min = 1, max = 32))]
    pub to: Option<String>,
    /// The addresses that they come from, by their name in `objects`.
    #[schemars(extend("x-ref" = "objects.address"))]
    #[schemars(length(min = 1, max = 63))]
    pub source: Option<String>,
    /// The addresses that they go to.
    #[schemars(extend("x-ref" = "objects.address"))]
    #[schemars(length(min = 1, max = 63))]
    pub destination: Option<String>,
    /// The service that they ask for.
    #[schemars(extend("x-ref" = "objects.service"))]
    #[schemars(length(min = 1, max = 63))]
    pub service: Option<String>,
    /// The service that they come from.
    #[schemars(extend("x-ref" = "objects.service"))]
    #[schemars(length(min = 1, max = 63))]
    pub source_service: Option<String>,
    /// The hardware address that they come from.
    pub source_mac: Option<Mac>,
    /// The hardware address that they go to.
    pub destination_mac: Option<Mac>,
    /// Whether what fits is recorded.
    pub log: Option<Switch>,
    /// Whether it is looked at.
    #[schemars(extend("x-at" = "prop"))]
    pub enabled: Option<Switch>,
    /// Why it is there.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
    /// When somebody looks whether it is still needed.
    #[schemars(extend("x-note" = true))]
    pub review_by: Option<Date>,
    /// Where it was asked for.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub ticket: Option<String>,
}

/// What becomes of a packet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Action {
    /// It is let through.
    #[serde(rename = "allow")]
    Allow,
    /// It is dropped.
    #[serde(rename = "deny")]
    Deny,
}
