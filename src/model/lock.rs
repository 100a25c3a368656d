//! `fieldlock.lock`: the packs that a site agreed to be judged by.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::Sha256;

/// What a site is judged by until somebody agrees to something else: `fieldlock policy pin` writes it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Lock {
    /// A pack in force.
    #[serde(default)]
    pub pack: Vec<Pin>,
}

/// A pack as it was when somebody agreed to it.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub struct Pin {
    /// Its name.
    #[schemars(extend("x-key" = true))]
    #[schemars(length(min = 1, max = 63))]
    pub name: Option<String>,
    /// Its version.
    #[schemars(extend("x-required" = true))]
    #[schemars(length(min = 1, max = 64))]
    pub version: Option<String>,
    /// SHA-256 of its files: of each its path, a zero byte, its text with lines ended by LF, a zero byte.
    #[schemars(extend("x-required" = true))]
    pub sha256: Option<Sha256>,
    /// Whose it is.
    #[schemars(extend("x-required" = true))]
    pub from: Option<From>,
}

/// Whose a pack is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum From {
    /// It came with fieldlock.
    Shipped,
    /// It is the site's own.
    Own,
}

impl From {
    /// Of a pack.
    pub fn of(shipped: bool) -> From {
        if shipped { From::Shipped } else { From::Own }
    }

    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            From::Shipped => "shipped",
            From::Own => "own",
        }
    }
}
