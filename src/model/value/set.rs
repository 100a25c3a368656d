//! Numbered things and names in one text: `10,20-29`, `control,mgmt`, `1/1-4,2/1`.

use std::collections::BTreeSet;
use std::fmt;
use std::str::FromStr;

/// Most members of one set: there are no more ports of a protocol.
const MOST: u32 = 65_536;

/// A set. **It has no order and one spelling**: ranges are joined, names stand last.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Set {
    runs: Vec<Run>,
    names: BTreeSet<Box<str>>,
}

/// Numbers without a gap, all with the same text before them: `1/` and 1 to 4.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Run {
    before: Box<str>,
    first: u32,
    last: u32,
}

impl Set {
    /// The numbers that have nothing before them, and the names; VLANs are meant by both.
    pub fn is_of_vlans(&self) -> bool {
        let vlan = |run: &Run| run.before.is_empty() && run.first >= 1 && run.last <= 4094;
        self.runs.iter().all(vlan)
    }

    /// How many members there are.
    pub fn len(&self) -> usize {
        let runs: u32 = self.runs.iter().map(|run| run.last - run.first + 1).sum();
        runs as usize + self.names.len()
    }

    /// Whether it has no member.
    pub fn is_empty(&self) -> bool {
        self.runs.is_empty() && self.names.is_empty()
    }

    /// The members, one by one, as each is written alone.
    pub fn members(&self) -> impl Iterator<Item = String> {
        let numbered = self.runs.iter().flat_map(|r| (r.first..=r.last).map(move |n| format!("{}{n}", r.before)));
        numbered.chain(self.names.iter().map(|name| name.to_string()))
    }

    /// The names among them.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }

    /// The runs of numbers, first and last.
    pub fn numbers(&self) -> impl Iterator<Item = (u32, u32)> {
        self.runs.iter().map(|run| (run.first, run.last))
    }

    /// Whether a member of the other is in it.
    pub fn meets(&self, other: &Set) -> bool {
        let meets = |a: &Run, b: &Run| a.before == b.before && a.first <= b.last && b.first <= a.last;
        self.runs.iter().any(|a| other.runs.iter().any(|b| meets(a, b)))
            || self.names.iter().any(|name| other.names.contains(name))
    }

    /// Whether all of the other's members are in it.
    pub fn holds(&self, other: &Set) -> bool {
        let within = |b: &Run| self.runs.iter().any(|a| a.before == b.before && a.first <= b.first && b.last <= a.last);
        other.runs.iter().all(within) && other.names.is_subset(&self.names)
    }

    /// The same with a number in place of each name that has one.
    pub fn with_numbers(&self, number: impl Fn(&str) -> Option<u32>) -> Set {
        let mut set = Set { runs: self.runs.clone(), names: BTreeSet::new() };
        for name in &self.names {
            match number(name) {
                Some(n) => set.runs.push(Run { before: "".into(), first: n, last: n }),
                None => drop(set.names.insert(name.clone())),
            }
        }
        set.joined()
    }

    fn joined(mut self) -> Set {
        self.runs.sort();
        let mut joined: Vec<Run> = Vec::with_capacity(self.runs.len());
        for run in self.runs {
            match joined.last_mut().filter(|last| last.before == run.before && run.first <= last.last + 1) {
                Some(last) => last.last = last.last.max(run.last),
                None => joined.push(run),
            }
        }
        Set { runs: joined, ..self }
    }
}

impl<S: AsRef<str>> FromIterator<S> for Set {
    /// Of members, each written alone; what is no member is left out.
    fn from_iter<T: IntoIterator<Item = S>>(members: T) -> Set {
        let mut set = Set::default();
        for member in members {
            if let Ok(one) = member.as_ref().parse::<Set>() {
                set.runs.extend(one.runs);
                set.names.extend(one.names);
            }
        }
        set.joined()
    }
}

impl FromStr for Set {
    type Err = String;
    fn from_str(text: &str) -> Result<Set, String> {
        const HELP: &str = "members are parted by commas, ranges count upwards: `10,20-29`, `1/1-4,2/1`";
        let mut set = Set::default();
        for part in text.split(',').map(str::trim) {
            let (before, numbers) = part.rsplit_once('/').map_or(("", part), |(b, _)| part.split_at(b.len() + 1));
            let (first, last) = numbers.split_once('-').unwrap_or((numbers, numbers));
            match (number(first), number(last)) {
                (Some(first), Some(last)) if first <= last && last - first < MOST => {
                    set.runs.push(Run { before: before.into(), first, last });
                }
                (Some(_), Some(_)) => return Err(HELP.to_owned()),
                _ if before.is_empty() && is_name(part) => drop(set.names.insert(part.into())),
                _ => return Err(HELP.to_owned()),
            }
        }
        let set = set.joined();
        if set.len() > MOST as usize { Err(format!("at most {MOST} of them")) } else { Ok(set) }
    }
}

/// A plain number of at most six digits, without a zero before it.
fn number(text: &str) -> Option<u32> {
    let plain = text.bytes().all(|b| b.is_ascii_digit()) && (text == "0" || !text.starts_with('0'));
    if plain && text.len() <= 6 { text.parse().ok() } else { None }
}

/// A name begins with a letter: nothing that is meant as a number is taken for one.
fn is_name(text: &str) -> bool {
    let legal = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
    text.starts_with(|c: char| c.is_ascii_alphabetic()) && text.len() <= 63 && text.chars().all(legal)
}

impl fmt::Display for Set {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut between = "";
        for Run { before, first, last } in &self.runs {
            match first == last {
                true => write!(f, "{between}{before}{first}")?,
                false => write!(f, "{between}{before}{first}-{last}")?,
            }
            between = ",";
        }
        for name in &self.names {
            write!(f, "{between}{name}")?;
            between = ",";
        }
        Ok(())
    }
}

/// Several VLANs, by number or name: `10,20-29`, `control,mgmt`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vlans(pub Set);

impl FromStr for Vlans {
    type Err = String;
    fn from_str(text: &str) -> Result<Vlans, String> {
        let set: Set = text.parse()?;
        match set.is_of_vlans() {
            true => Ok(Vlans(set)),
            false => Err("a VLAN has a number from 1 to 4094, or is meant by its name".to_owned()),
        }
    }
}

impl fmt::Display for Vlans {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
super::text_scalar!(Vlans, "vlans");

/// Several ports as the device counts them: `1/1-4,2/1`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ports(pub Set);

impl FromStr for Ports {
    type Err = String;
    fn from_str(text: &str) -> Result<Ports, String> {
        text.parse().map(Ports)
    }
}

impl fmt::Display for Ports {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
super::text_scalar!(Ports, "ports");

/// Several numbers of ports of TCP or UDP: `443`, `8000-8010,9000`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PortNumbers(pub Set);

impl FromStr for PortNumbers {
    type Err = String;
    fn from_str(text: &str) -> Result<PortNumbers, String> {
        let set: Set = text.parse()?;
        let port = |run: &Run| run.before.is_empty() && run.first >= 1 && run.last <= 65535;
        match set.names.is_empty() && set.runs.iter().all(port) {
            true => Ok(PortNumbers(set)),
            false => Err("a port of TCP or UDP has a number from 1 to 65535".to_owned()),
        }
    }
}

impl fmt::Display for PortNumbers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}
super::text_scalar!(PortNumbers, "port-numbers");

/// One VLAN, by its number or its name.
#[derive(Debug, Clone, PartialEq, Eq, serde::Deserialize)]
#[serde(untagged)]
pub enum Vlan {
    /// 1 to 4094.
    Number(u16),
    /// As `switching` has it.
    Name(Box<str>),
}

impl FromStr for Vlan {
    type Err = String;
    fn from_str(text: &str) -> Result<Vlan, String> {
        const HELP: &str = "a VLAN has a number from 1 to 4094, or is meant by its name";
        match number(text) {
            Some(n) if (1..=4094).contains(&n) => Ok(Vlan::Number(n as u16)),
            None if is_name(text) => Ok(Vlan::Name(text.into())),
            _ => Err(HELP.to_owned()),
        }
    }
}

impl schemars::JsonSchema for Vlan {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "vlan".into()
    }
    fn json_schema(_: &mut schemars::SchemaGenerator) -> schemars::Schema {
        schemars::json_schema!({ "type": "string", "x-format": "vlan" })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_set_has_one_spelling() {
        for (written, shown) in [
            ("10,20-29", "10,20-29"),
            ("3,2,1", "1-3"),
            ("1-4,3-9, 20", "1-9,20"),
            ("2/1,1/1-4", "1/1-4,2/1"),
            ("1/1,1/2,1/3", "1/1-3"),
            ("mgmt,control,10", "10,control,mgmt"),
            ("1,01a", ""),
        ] {
            let set = written.parse::<Set>();
            assert_eq!(set.as_ref().map(ToString::to_string).unwrap_or_default(), shown, "{written}");
            if let Ok(set) = set {
                assert_eq!(set.to_string().parse(), Ok(set.clone()));
                assert_eq!(set.members().collect::<Set>(), set);
                assert_eq!(set.members().count(), set.len());
            }
        }
        for wrong in ["", ",", "4-1", "1-", "-1", "1/a", "a/1-", "1/", "07", "1-9999999", "1-99999", "a b", "é"] {
            assert!(wrong.parse::<Set>().is_err(), "{wrong}");
        }
        for wrong in ["0", "65536", "1-65536", "https", "1/1", "443,1/1"] {
            assert!(wrong.parse::<PortNumbers>().is_err(), "{wrong}");
        }
        assert_eq!("1-65535".parse::<PortNumbers>().map(|ports| ports.0.len()), Ok(65535));
        assert!("4095".parse::<Vlans>().is_err() && "1/1".parse::<Vlans>().is_err() && "0-3".parse::<Vlans>().is_err());
    }

    #[test]
    fn sets_hold_and_meet_each_other() {
        let set = |text: &str| text.parse::<Set>().unwrap();
        assert!(set("1/1-8").holds(&set("1/2-4")) && !set("1/2-4").holds(&set("1/1-8")));
        assert!(set("1/1-4").meets(&set("1/4-8")) && !set("1/1-4").meets(&set("2/1-4")));
        assert!(!set("1/1-4").holds(&set("1/4-8")) && set("a,b").holds(&set("a")));
        assert_eq!(set("10,mgmt,x").with_numbers(|n| (n == "mgmt").then_some(11)), set("10-11,x"));
    }
}
