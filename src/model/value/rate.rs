//! How many packets a second are let through.

use std::fmt;
use std::str::FromStr;

/// Packets a second, or no limit. **Never is above any limit**: 0 of a device means it, and is never written here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rate {
    /// As many.
    PerSecond(u64),
    /// As many as come.
    Never,
}

impl FromStr for Rate {
    type Err = String;
    fn from_str(text: &str) -> Result<Rate, String> {
        const HELP: &str =
            "a rate is a number of packets a second, `\"500 pps\"`, or `never` where nothing is held back";
        if text == "never" {
            return Ok(Rate::Never);
        }
        let number = text.strip_suffix(" pps").filter(|n| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
        let rate = number.and_then(|n| n.parse().ok()).filter(|n| *n > 0).ok_or(HELP)?;
        Ok(Rate::PerSecond(rate))
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Rate::PerSecond(n) => write!(f, "{n} pps"),
            Rate::Never => f.write_str("never"),
        }
    }
}
super::text_scalar!(Rate, "rate");

/// What an address object stands for: a host, a network, or the addresses from one to another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span(Box<str>);

impl FromStr for Span {
    type Err = String;
    fn from_str(text: &str) -> Result<Span, String> {
        use std::net::Ipv4Addr;
        let range = text.split_once('-').map(|(a, b)| (a.parse::<Ipv4Addr>(), b.parse::<Ipv4Addr>()));
        match range {
            Some((Ok(first), Ok(last))) if first <= last => Ok(Span(text.into())),
            None if text.parse::<super::Network>().is_ok() => Ok(Span(text.into())),
            _ => Err("addresses are written `10.20.0.5`, `10.20.0.0/16` or `10.20.0.5-10.20.0.9`".to_owned()),
        }
    }
}

impl fmt::Display for Span {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}
super::text_scalar!(Span, "span");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn never_is_above_any_rate() {
        assert!(Rate::Never > Rate::PerSecond(u64::MAX));
        for text in ["500 pps", "1 pps", "never"] {
            assert_eq!(text.parse::<Rate>().map(|r| r.to_string()).as_deref(), Ok(text));
        }
        for text in ["", "500", "0 pps", "500pps", "-1 pps", " pps", "1.5 pps", "99999999999999999999 pps"] {
            assert!(text.parse::<Rate>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_span_is_a_host_a_network_or_a_range() {
        for text in ["10.0.0.1", "10.0.0.0/8", "10.0.0.1-10.0.0.9", "2001:db8::/32"] {
            assert!(text.parse::<Span>().is_ok(), "{text}");
        }
        for text in ["", "x", "10.0.0.9-10.0.0.1", "10.0.0.1-", "10.0.0.0/33", "any", "10.0.0.1-10.0.0.2-10.0.0.3"] {
            assert!(text.parse::<Span>().is_err(), "{text}");
        }
    }
}
