//! Who may use a port.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Secret, Switch, Time};

/// `dot1x on { method "radius"; server "10.20.99.8" port=1812 }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Dot1x {
    /// Whether ports ask who is there.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Who knows the answer.
    pub method: Option<Dot1xMethod>,
    /// Who knows hardware addresses.
    pub mab_method: Option<Dot1xMethod>,
    /// RADIUS servers, in order.
    #[serde(default)]
    #[schemars(extend("x-ordered" = true))]
    pub server: Vec<Dot1xServer>,
    /// Who the device itself knows.
    #[serde(default)]
    pub user: Vec<Dot1xUser>,
}

/// Who knows the answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum Dot1xMethod {
    /// A RADIUS server.
    #[serde(rename = "radius")]
    Radius,
    /// The device itself.
    #[serde(rename = "local")]
    Local,
}

/// `server "10.20.99.8" port=1812`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Dot1xServer {
    /// Its address.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 253))]
    pub server: Option<String>,
    /// Its UDP port.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// The key that both have.
    #[schemars(extend("x-secret" = "{device}/dot1x-{key}"))]
    pub secret: Option<Secret>,
    /// How long it is waited for.
    pub timeout: Option<Time>,
    /// How often it is asked again.
    #[schemars(range(min = 1, max = 254))]
    pub retries: Option<u8>,
}

/// `user "panel-5"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Dot1xUser {
    /// What it is called.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 20))]
    pub name: Option<String>,
    /// Its password.
    #[schemars(extend("x-secret" = "{device}/dot1x-user-{key}"))]
    pub password: Option<Secret>,
}
