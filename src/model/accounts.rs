//! Who may log in, with what rights.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Date, Name, Secret, Switch};

/// Accounts and groups.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Accounts {
    /// Local accounts. A list that is written is owned whole.
    #[serde(default)]
    pub account: Vec<Account>,
    /// Groups that accounts belong to (NPort).
    #[serde(default)]
    pub group: Vec<Group>,
    /// Who may dial in or log in on a serial port (NPort 6000 `[User Table]`).
    #[serde(default)]
    pub dial_in: Vec<DialIn>,
}

/// Somebody who may dial in: `dial-in "service" phone="0123"`. The password is the secret `<device>/dial-in-<name>`.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct DialIn {
    /// Name; 16 characters (MOXA-NP6000-MIB, userNameUserTable).
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 16))]
    pub name: Option<String>,
    /// Name of the password's secret.
    #[schemars(extend("x-secret" = "{device}/dial-in-{key}"))]
    pub password: Option<Secret>,
    /// Telephone number; 16 characters (MOXA-NP6000-MIB, phoneNumberUserTable).
    #[schemars(length(min = 1, max = 16))]
    pub phone: Option<String>,
}

/// One local account. Its password is the secret `<device>/<account>` unless another is named.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Account {
    /// Login name, printable ASCII.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 32))]
    pub name: Option<String>,
    /// Asks for the account to be deleted from the device; says nothing else.
    #[schemars(extend("x-intent" = true))]
    #[schemars(extend("x-at" = "arg"))]
    pub removed: Option<Removed>,
    /// Rights on MX devices (privilege 1 to 4, mx.md section 2).
    pub role: Option<Role>,
    /// Name of the group whose rights it has (NPort: `Administrator`, `Operator`, or one of your own).
    #[schemars(length(min = 1, max = 32))]
    pub group: Option<String>,
    /// Whether it may log in.
    pub enabled: Option<Switch>,
    /// Name of the password's secret.
    #[schemars(extend("x-secret" = "{device}/{key}"))]
    pub password: Option<Secret>,
    /// What it is for.
    #[schemars(extend("x-note" = true))]
    pub purpose: Option<Purpose>,
    /// Who answers for it: a person of the site.
    #[schemars(extend("x-note" = true))]
    pub owner: Option<Name>,
    /// When to look at it again.
    #[schemars(extend("x-note" = true))]
    pub review_by: Option<Date>,
}

/// `removed`, beside the name of what should go.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Removed {
    /// Delete it.
    Removed,
}

/// Rights on MX devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Role {
    /// May change everything (privilege 1).
    Administrator,
    /// May change the configuration (privilege 2).
    Configurator,
    /// May look (privilege 3).
    User,
    /// May not log in (privilege 4).
    NoLogin,
}

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Purpose {
    /// A person who operates or maintains.
    Work,
    /// Only reads: monitoring, inventory.
    Monitor,
    /// For emergencies, sealed.
    Emergency,
}

/// A group of accounts on an NPort.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Group {
    /// Its name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 32))]
    pub name: Option<String>,
    /// What its members may do.
    pub access: Option<Access>,
}

/// What the members of a group may do. (Guide 3.3: Administrator everything, Operator everything but Security and
/// Account Management; groups of one's own can be made.)
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Access {
    /// Everything.
    Full,
    /// Everything but Security and Account Management.
    Operate,
    /// Looking only.
    ReadOnly,
}
