//! Clock. Whether it is set from a server stands in `services { sntp }`.

use schemars::JsonSchema;
use serde::Deserialize;

/// Time servers and zone.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Clock {
    /// Time servers, in order of preference. `ntp none` says that there are none.
    #[schemars(extend("x-ordered" = true))]
    #[schemars(extend("x-word" = "none"))]
    #[schemars(length(min = 1, max = 64))]
    pub ntp: Option<Vec<String>>,
    /// Zone as the IANA names it: `Europe/London`.
    #[schemars(length(min = 1, max = 64))]
    pub timezone: Option<String>,
}
