//! The device's own certificate.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Secret, Sha256, SitePath};

/// The certificate that the device shows of itself: to browsers, and to a log server that asks for it (guide 3.1, 3.2).
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "kebab-case", rename_all_fields = "kebab-case", deny_unknown_fields)]
#[schemars(extend("x-node" = "line"))]
pub enum Certificate {
    /// Made by the device itself, on a curve of 256 bits, and anew whenever its address changes (guide 3.2).
    SelfSigned {
        /// SHA-256 of the certificate as browsers show it: what whoever connects compares.
        #[schemars(extend("x-note" = true))]
        sha256: Option<Sha256>,
    },
    /// Issued by an authority, and imported (guide 3.2: PEM; RSA of 1024 to 4096 bits, curves of 256, 384 and 521).
    Imported {
        /// The certificate and, behind it, those that lead to `root`: a PEM file of the site.
        file: Option<SitePath>,
        /// The authority that all of them go back to: a PEM file of the site.
        #[schemars(extend("x-note" = true))]
        root: Option<SitePath>,
        /// Name of the secret that is its private key, in PEM. It is compared with the certificate, and goes into no
        /// image: no source says how the device takes it.
        #[schemars(extend("x-note" = true))]
        key: Option<Secret>,
    },
}
