//! Ways to other networks.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, Network};

/// Routes that people set.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Routing {
    /// Static routes.
    #[serde(default)]
    pub route: Vec<Route>,
}

/// A static route: `route "10.60.0.0/16" "10.20.10.254" metric=1 purpose="weir"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Route {
    /// Where to.
    #[schemars(extend("x-key" = true))]
    pub destination: Option<Network>,
    /// The next hop.
    #[schemars(extend("x-key" = true))]
    pub via: Option<Address>,
    /// Cost: the lower one is taken.
    #[schemars(range(min = 1, max = 255))]
    pub metric: Option<u32>,
    /// Interface that it leaves by: `lan`, or `port 3` for the line of a serial port (NPort 6000).
    #[schemars(length(min = 1, max = 32))]
    pub interface: Option<String>,
    /// Why it is needed.
    #[schemars(extend("x-note" = true))]
    #[schemars(length(min = 1, max = 256))]
    pub purpose: Option<String>,
}
