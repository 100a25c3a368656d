//! What the device demands of new passwords.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Switch, Time};
use crate::secret::CharClass;

/// Demands on passwords that are set from now on.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct PasswordPolicy {
    /// Whether strength is checked at all (NPort 6000: `Password Complexity Strength Check`).
    pub complexity_check: Option<Switch>,
    /// Fewest characters.
    #[schemars(range(min = 1, max = 128))]
    pub min_length: Option<u32>,
    /// Character classes that must occur.
    #[schemars(extend("x-word" = "none"))]
    pub must_contain: Option<Vec<CharClass>>,
    /// Age at which a password must be changed.
    #[schemars(extend("x-word" = "never"))]
    pub max_age: Option<Time>,
}
