//! Firmware versions and ranges of them.

use std::fmt;
use std::str::FromStr;

/// Up to four numbers, `3.14` or `1.1.0`; a missing one counts as 0 when comparing.
#[derive(Debug, Clone, Copy)]
pub struct Version {
    parts: [u16; 4],
    given: u8,
}

impl PartialEq for Version {
    fn eq(&self, other: &Version) -> bool {
        self.parts == other.parts
    }
}
impl Eq for Version {}
impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Version) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl Ord for Version {
    fn cmp(&self, other: &Version) -> std::cmp::Ordering {
        self.parts.cmp(&other.parts)
    }
}

impl FromStr for Version {
    type Err = String;
    fn from_str(text: &str) -> Result<Version, String> {
        const HELP: &str = "a version is up to four numbers with dots: `3.14`, `1.1.0`";
        let mut parts = [0; 4];
        let mut given = 0;
        for (i, part) in text.split('.').enumerate() {
            let slot = parts.get_mut(i).ok_or(HELP)?;
            if part.is_empty() || !part.bytes().all(|b| b.is_ascii_digit()) {
                return Err(HELP.to_owned());
            }
            *slot = part.parse().map_err(|_| HELP)?;
            given = i as u8 + 1;
        }
        Ok(Version { parts, given })
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts: Vec<String> = self.parts[..self.given as usize].iter().map(u16::to_string).collect();
        f.write_str(&parts.join("."))
    }
}
super::text_scalar!(Version, "version");

/// From one version to another, both included: `3.14 to 3.19`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct VersionRange {
    /// Lowest.
    pub min: Version,
    /// Highest.
    pub max: Version,
}

impl VersionRange {
    /// Whether it holds the version.
    pub fn contains(self, version: Version) -> bool {
        self.min <= version && version <= self.max
    }
}

impl FromStr for VersionRange {
    type Err = String;
    fn from_str(text: &str) -> Result<VersionRange, String> {
        const HELP: &str = "a range of versions is written `3.14 to 3.19`";
        let (min, max) = text.split_once(" to ").unwrap_or((text, text));
        let (min, max) = (min.parse().map_err(|_| HELP)?, max.parse().map_err(|_| HELP)?);
        if min > max {
            return Err("the lower version comes first".to_owned());
        }
        Ok(VersionRange { min, max })
    }
}

impl fmt::Display for VersionRange {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.min == self.max { self.min.fmt(f) } else { write!(f, "{} to {}", self.min, self.max) }
    }
}
super::text_scalar!(VersionRange, "version-range");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_by_number_and_missing_parts_are_zero() {
        let v = |t: &str| t.parse::<Version>().unwrap();
        assert!(v("3.14") > v("3.9"));
        assert_eq!(v("1.1"), v("1.1.0"));
        assert_eq!(v("1.1.0").to_string(), "1.1.0");
        assert!("3.14 to 3.19".parse::<VersionRange>().unwrap().contains(v("3.19.0")));
        assert!("3..1".parse::<Version>().is_err() && "1.2.3.4.5".parse::<Version>().is_err());
    }
}
