//! Mails about events, and the server that takes them.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Secret, Switch};

/// Mails about events: `mail on { server "10.20.0.25"; sender "np07@example.org"; to "ot@example.org" }`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Mail {
    /// Whether mails are sent.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Address or name of the mail server.
    #[schemars(length(min = 1, max = 64))]
    pub server: Option<String>,
    /// Its TCP port; 25.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// Whether it is reached over TLS.
    pub tls: Option<Switch>,
    /// Whether the device logs in there (NPort 6000 `SMTP Authentication`).
    pub authentication: Option<Switch>,
    /// Account that it logs in with.
    #[schemars(length(min = 1, max = 64))]
    pub account: Option<String>,
    /// Name of that account's password.
    #[schemars(extend("x-secret" = "{device}/mail", "x-secret-when" = "account"))]
    pub password: Option<Secret>,
    /// Address that mails come from.
    #[schemars(length(min = 1, max = 64))]
    pub sender: Option<String>,
    /// Addresses that they go to.
    #[schemars(extend("x-word" = "none"))]
    pub to: Option<Vec<String>>,
}
