//! Sessions, lockout, banner.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Switch, Time};

/// How logging in and staying logged in works.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Login {
    /// Idle time after which a session ends. A device's 0 is `never`.
    #[schemars(extend("x-word" = "never"))]
    pub auto_logout: Option<Time>,
    /// Most sessions of the web console at once.
    #[schemars(range(min = 1, max = 100))]
    pub max_sessions: Option<u32>,
    /// Locking an account after failed logins.
    pub lockout: Option<Lockout>,
    /// Text shown before login.
    #[schemars(length(min = 0, max = 1000))]
    pub banner: Option<String>,
    /// Text shown after a failed login.
    #[schemars(length(min = 0, max = 1000))]
    pub failure_message: Option<String>,
    /// Text shown when a terminal session begins (NPort 6000 `[Welcome Message]`).
    pub welcome: Option<Welcome>,
}

/// Text at the beginning of a terminal session: `welcome on text="Pump station"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Welcome {
    /// Whether it is shown.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// The text.
    #[schemars(length(min = 0, max = 1000))]
    pub text: Option<String>,
}

/// Locking after failed logins: `lockout on after=3 for="15 min"`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Lockout {
    /// Whether it is on.
    #[schemars(extend("x-at" = "arg"))]
    pub enabled: Option<Switch>,
    /// Failed logins until it locks; 0 is never.
    #[schemars(range(min = 0, max = 100))]
    #[schemars(extend("x-zero-never" = true))]
    pub after: Option<u32>,
    /// How long it stays locked.
    #[schemars(extend("x-word" = "never"))]
    pub r#for: Option<Time>,
}
