//! How a device is reached, and by which key it is known.

use schemars::JsonSchema;
use serde::Deserialize;

use super::value::{Address, KeyFingerprint};

/// How fieldlock reaches the device to read it. Nothing of it is ever written onto the device.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case", deny_unknown_fields)]
pub struct Reach {
    /// Where it answers; where this is not said, the address of its first interface that has one.
    pub address: Option<Address>,
    /// TCP port of its command line; where this is not said, that of `services { ssh }`, or 22.
    #[schemars(range(min = 1, max = 65535))]
    pub port: Option<u16>,
    /// The account that reads; where this is not said, the first administrator that is described.
    #[schemars(length(min = 1, max = 32))]
    pub account: Option<String>,
    /// Fingerprints of its host keys as `ssh-keygen -lf` prints them, `SHA256:` and 43 characters. Nothing is sent to a
    /// device that has another; read them at the device's console, not over the network.
    #[serde(default)]
    pub host_key: Vec<KeyFingerprint>,
    /// Algorithms that are too weak to be spoken, and that this device has nothing better than.
    #[serde(default)]
    pub weak: Vec<WeakAlgorithm>,
}

/// An algorithm of SSH that is not spoken unless a device says so by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, JsonSchema)]
#[schemars(inline)]
pub enum WeakAlgorithm {
    /// Host keys proved with SHA-1.
    #[serde(rename = "ssh-rsa")]
    SshRsa,
    /// Key exchange over 2048 bits, with SHA-1.
    #[serde(rename = "diffie-hellman-group14-sha1")]
    Group14Sha1,
    /// Key exchange over a group that the device chooses, with SHA-1.
    #[serde(rename = "diffie-hellman-group-exchange-sha1")]
    GroupExchangeSha1,
    /// Key exchange over 1024 bits, with SHA-1.
    #[serde(rename = "diffie-hellman-group1-sha1")]
    Group1Sha1,
    /// AES of 128 bits, blocks chained.
    #[serde(rename = "aes128-cbc")]
    Aes128Cbc,
    /// AES of 192 bits, blocks chained.
    #[serde(rename = "aes192-cbc")]
    Aes192Cbc,
    /// AES of 256 bits, blocks chained.
    #[serde(rename = "aes256-cbc")]
    Aes256Cbc,
    /// Messages proved with SHA-1.
    #[serde(rename = "hmac-sha1")]
    HmacSha1,
}
