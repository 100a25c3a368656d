//! The scalars that settings are made of, each with its spelling in KDL.
//!
//! Every type here is parsed, not validated: a value of it is a legal one. Each has an inlined JSON Schema with
//! `x-format`, from which the [`crate::model::shape`] learns how to read it. (schemars drops ranges on referenced
//! newtypes, so scalars are always inline.)

mod digest;
mod duration;
mod line;
mod net;
mod rate;
mod set;
mod version;

use std::sync::LazyLock;

pub use digest::{KeyFingerprint, Sha, Sha256, Sha512};
pub use duration::{Time, UNITS};
pub use line::{Parity, SerialLine};
pub use net::Network;
pub use rate::{Rate, Span};
pub use set::{PortNumbers, Ports, Set, Vlan, Vlans};
pub use version::{Version, VersionRange};

/// Implements the traits that make a text-spelled scalar usable in a typed setting.
macro_rules! text_scalar {
    ($type:ty, $format:literal) => {
        impl schemars::JsonSchema for $type {
            fn inline_schema() -> bool {
                true
            }
            fn schema_name() -> std::borrow::Cow<'static, str> {
                $format.into()
            }
            fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
                schemars::json_schema!({ "type": "string", "x-format": $format })
            }
        }
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
                to.collect_str(self)
            }
        }
        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
                let text = <std::borrow::Cow<'de, str>>::deserialize(from)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
pub(crate) use text_scalar;

/// Whether a text shows nothing: blanks of any script, marks without width, fillers, control characters.
pub fn is_blank(text: &str) -> bool {
    // of what is no letter, digit, punctuation or symbol nothing is seen; of these not all are: fillers, joiners,
    // an empty pattern of braille, what stands for an object
    static SEEN: LazyLock<Option<regex::Regex>> = LazyLock::new(|| {
        regex::Regex::new(r"[[\p{L}\p{N}\p{P}\p{S}]--[\p{Default_Ignorable_Code_Point}\u{2800}\u{FFFC}]]").ok()
    });
    let seen = |text: &str| SEEN.as_ref().is_some_and(|seen| seen.is_match(text));
    !text.bytes().any(|b| b.is_ascii_graphic()) && !seen(text)
}

/// A switch: `on` or `off`, never a bare truth value.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Switch(pub bool);

impl schemars::JsonSchema for Switch {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "switch".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "boolean", "x-format": "switch" })
    }
}

/// A calendar day, `2027-06-30`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Date(pub jiff::civil::Date);

impl std::str::FromStr for Date {
    type Err = String;
    fn from_str(text: &str) -> Result<Date, String> {
        let shaped = text.len() == 10 && text.as_bytes()[4] == b'-' && text.as_bytes()[7] == b'-';
        let parsed = if shaped { text.parse().ok() } else { None };
        parsed.map(Date).ok_or_else(|| "a date is written `2027-06-30`".to_owned())
    }
}

impl std::fmt::Display for Date {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
text_scalar!(Date, "date");

/// A moment: a date (whose whole day is meant), or a date with time and zone, `2026-03-12 18:00 UTC`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moment {
    /// A day, in UTC.
    Day(jiff::civil::Date),
    /// An instant.
    At(jiff::Timestamp),
}

impl Moment {
    /// The instant at which the moment begins.
    pub fn begins(self) -> jiff::Timestamp {
        match self {
            Moment::At(at) => at,
            Moment::Day(day) => start_of(day),
        }
    }

    /// The instant at which the moment has ended: for a day, the end of that day in UTC.
    pub fn ends(self) -> jiff::Timestamp {
        match self {
            Moment::At(at) => at,
            Moment::Day(day) => day.tomorrow().map_or(jiff::Timestamp::MAX, start_of),
        }
    }
}

fn start_of(day: jiff::civil::Date) -> jiff::Timestamp {
    day.to_datetime(jiff::civil::Time::midnight())
        .to_zoned(jiff::tz::TimeZone::UTC)
        .map_or(jiff::Timestamp::MAX, |z| z.timestamp())
}

impl std::str::FromStr for Moment {
    type Err = String;
    fn from_str(text: &str) -> Result<Moment, String> {
        const HELP: &str = "write `2026-03-12`, or with time and zone `2026-03-12 18:00 UTC`";
        if let Ok(day) = text.parse::<Date>() {
            return Ok(Moment::Day(day.0));
        }
        if let Some(rest) = text.strip_suffix(" UTC") {
            let at: jiff::civil::DateTime = rest.parse().map_err(|_| HELP.to_owned())?;
            let zoned = at.to_zoned(jiff::tz::TimeZone::UTC).map_err(|_| HELP.to_owned())?;
            return Ok(Moment::At(zoned.timestamp()));
        }
        text.parse().map(Moment::At).map_err(|_| HELP.to_owned())
    }
}

impl std::fmt::Display for Moment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Moment::Day(day) => day.fmt(f),
            Moment::At(at) => {
                let at = jiff::tz::TimeZone::UTC.to_datetime(*at);
                write!(f, "{} {:02}:{:02} UTC", at.date(), at.hour(), at.minute())
            }
        }
    }
}
text_scalar!(Moment, "moment");

/// An id: `[a-z0-9][a-z0-9._-]{0,62}`, no Windows device name, no trailing dot.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Box<str>);

impl Name {
    /// The text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl std::str::FromStr for Name {
    type Err = String;
    fn from_str(text: &str) -> Result<Name, String> {
        let legal = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, '.' | '_' | '-');
        let starts = text.starts_with(|c: char| c.is_ascii_lowercase() || c.is_ascii_digit());
        if !starts || text.len() > 63 || !text.chars().all(legal) || text.ends_with('.') {
            return Err("a name is 1 to 63 of a-z 0-9 . _ - and begins with a letter or digit".to_owned());
        }
        if is_windows_device(text) {
            return Err("a name that Windows keeps for a device can't be a file there".to_owned());
        }
        Ok(Name(text.into()))
    }
}

/// Whether Windows takes a file of this name for a device (`con`, `nul.txt`, `com1`).
pub fn is_windows_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or("").to_ascii_lowercase();
    let numbered =
        |p: &str| stem.strip_prefix(p).is_some_and(|n| n.len() == 1 && n.chars().all(|c| c.is_ascii_digit()));
    matches!(stem.as_str(), "con" | "prn" | "aux" | "nul") || numbered("com") || numbered("lpt")
}

impl std::fmt::Display for Name {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
text_scalar!(Name, "name");

/// A path of a file in the site, with `/`; whether it may be read is judged when it is opened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SitePath(pub Box<str>);

impl std::str::FromStr for SitePath {
    type Err = String;
    fn from_str(text: &str) -> Result<SitePath, String> {
        if text.is_empty() || text.starts_with('/') || text.contains('\\') || text.chars().any(char::is_control) {
            return Err("a path is relative to the site and written with `/`".to_owned());
        }
        if text.split('/').any(|part| part.is_empty() || part == "." || part == "..") {
            return Err("a path stays beneath the site: no `..`, no `.`, no empty part".to_owned());
        }
        Ok(SitePath(text.into()))
    }
}

impl std::fmt::Display for SitePath {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&self.0)
    }
}
text_scalar!(SitePath, "path");

/// An IPv4 or IPv6 address.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address(pub std::net::IpAddr);

impl std::str::FromStr for Address {
    type Err = String;
    fn from_str(text: &str) -> Result<Address, String> {
        // what a socket shows as `::ffff:10.20.0.10` is the host 10.20.0.10
        text.parse()
            .map(|a: std::net::IpAddr| Address(a.to_canonical()))
            .map_err(|_| "an address is written `10.20.0.10`".to_owned())
    }
}

impl std::fmt::Display for Address {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.fmt(f)
    }
}
text_scalar!(Address, "address");

/// A hardware address, `00:90:e8:7a:12:03`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mac(pub [u8; 6]);

impl std::str::FromStr for Mac {
    type Err = String;
    fn from_str(text: &str) -> Result<Mac, String> {
        const HELP: &str = "a hardware address is written `00:90:e8:7a:12:03`";
        let mut bytes = [0; 6];
        // labels and tools write dashes as well
        let mut parts = text.split(if text.contains('-') { '-' } else { ':' });
        for byte in &mut bytes {
            let part = parts.next().filter(|p| p.len() == 2 && !p.starts_with('+')).ok_or(HELP)?;
            *byte = u8::from_str_radix(part, 16).map_err(|_| HELP)?;
        }
        if parts.next().is_some() {
            return Err(HELP.to_owned());
        }
        Ok(Mac(bytes))
    }
}

impl std::fmt::Display for Mac {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let parts: Vec<String> = self.0.iter().map(|b| format!("{b:02x}")).collect();
        f.write_str(&parts.join(":"))
    }
}
text_scalar!(Mac, "mac");

/// The name of a secret, as written in a description; the value is never here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Secret(pub Box<str>);

impl schemars::JsonSchema for Secret {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "secret".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "x-format": "secret" })
    }
}

impl<'de> serde::Deserialize<'de> for Secret {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        Ok(Secret(Box::<str>::deserialize(from)?))
    }
}
