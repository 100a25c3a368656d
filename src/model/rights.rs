//! What an account may do on its device: by its role, or by the rights of its group. A group's name says nothing of
//! them, but where the group came with the device and nobody described it.

use super::device::PlatformKind;
use super::facts::{Fact, Facts, Group, Value};
use crate::model::paths::ACCOUNTS_GROUP;

/// What an account may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Rights {
    /// Nothing: it can't log in.
    None,
    /// Look.
    Look,
    /// Change most settings.
    Operate,
    /// Everything.
    Full,
}

/// What is known of an account's rights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// These.
    Known(Rights),
    /// Its group is none of the device's.
    NoSuchGroup,
    /// Nobody says.
    Unknown,
}

/// Groups that come with a device. NPort 6000-G2: hardening guide 3.3. NPort 6000: as the export of an NP6650-16 has
/// them; what was read from the very device goes before it.
const COME_WITH: [(PlatformKind, &str, Rights); 5] = [
    (PlatformKind::Nport6000G2, "Administrator", Rights::Full),
    (PlatformKind::Nport6000G2, "Operator", Rights::Operate),
    (PlatformKind::Nport6000, "admin", Rights::Full),
    (PlatformKind::Nport6000, "guest", Rights::None),
    (PlatformKind::Nport6000, "port_admin", Rights::Operate),
];

/// Whether an account can log in as far as its switches say; `None` where they are silent. What is to be removed can't.
pub fn may_log_in(facts: &Facts, account: &Group) -> Option<bool> {
    let field = |name| field(facts, account, name);
    if field("removed").is_some() {
        return Some(false);
    }
    match (field("enabled").map(|f| &f.value), field("role").map(|f| &f.value)) {
        (Some(Value::Switch(false)), _) | (_, Some(Value::Word("no-login"))) => Some(false),
        (Some(Value::Switch(true)), _) => Some(true),
        // accounts of these devices have no switch of their own, their role is it
        (None, Some(Value::Word(_))) => Some(true),
        _ => None,
    }
}

/// What an account may do.
pub fn of(facts: &Facts, platform: PlatformKind, account: &Group) -> Standing {
    let field = |name| field(facts, account, name).map(|f| &f.value);
    if matches!(platform, PlatformKind::MxNos | PlatformKind::MxRos) {
        return match field("role") {
            Some(Value::Word("administrator")) => Standing::Known(Rights::Full),
            Some(Value::Word("configurator")) => Standing::Known(Rights::Operate),
            Some(Value::Word("user")) => Standing::Known(Rights::Look),
            Some(Value::Word("no-login")) => Standing::Known(Rights::None),
            _ => Standing::Unknown,
        };
    }
    let Some(name) = field("group").and_then(Value::text) else { return Standing::Unknown };
    let groups = facts.items(ACCOUNTS_GROUP).map(|l| &l.items);
    let is = |g: &Group| self::field(facts, g, "name").and_then(|f| f.value.text()) == Some(name);
    let described = groups.and_then(|groups| groups.iter().find(|g| is(&g.group)));
    match described.and_then(|g| self::field(facts, &g.group, "access")).map(|f| &f.value) {
        Some(Value::Word("full")) => return Standing::Known(Rights::Full),
        Some(Value::Word("operate")) => return Standing::Known(Rights::Operate),
        Some(Value::Word("read-only")) => return Standing::Known(Rights::Look),
        Some(Value::Foreign(row)) => return of_row(&row.raw).map_or(Standing::Unknown, Standing::Known),
        Some(_) => return Standing::Unknown,
        None => {}
    }
    match COME_WITH.iter().find(|(p, n, _)| *p == platform && *n == name) {
        Some((_, _, rights)) => Standing::Known(*rights),
        None if described.is_none() && groups.is_some() => Standing::NoSuchGroup,
        None => Standing::Unknown,
    }
}

/// The rights of a group as NPort 6000 keeps them: a row of numbers that ends with -1, the first six for its groups of
/// pages, 0 hidden, 1 to read, 2 to read and write (nport.md 1.4). Which pages each is for has no source, so the row
/// only tells whether all, some or none of them can be changed.
fn of_row(row: &str) -> Option<Rights> {
    let numbers: Vec<i8> = row.split(',').map(|n| n.trim().parse().ok()).collect::<Option<_>>()?;
    let (pages, rest) = numbers.strip_suffix(&[-1])?.split_at_checked(6)?;
    if rest.iter().any(|n| *n != 0) || pages.iter().any(|n| !(0..=2).contains(n)) {
        return None;
    }
    let (least, most) = (pages.iter().min()?, pages.iter().max()?);
    Some(match (least, most) {
        (2, _) => Rights::Full,
        (_, 2) => Rights::Operate,
        (_, 1) => Rights::Look,
        _ => Rights::None,
    })
}

fn field<'g>(facts: &Facts, group: &'g Group, name: &str) -> Option<&'g Fact> {
    let (ix, _) = facts.shape.group(group.shape).field(name)?;
    group.fact(ix)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_of_rights_tells_all_some_or_none() {
        for (row, rights) in [
            ("2,2,2,2,2,2,0,0,-1", Some(Rights::Full)),
            ("0,2,2,0,2,2,0,0,-1", Some(Rights::Operate)),
            ("1,1,1,1,1,1,-1", Some(Rights::Look)),
            ("0,0,0,0,0,0,0,-1", Some(Rights::None)),
            ("2,2,2,2,2,-1", None),
            ("2,2,2,2,2,2,1,-1", None),
            ("2,2,2,2,2,3,-1", None),
            ("2,2,2,2,2,2", None),
            ("<hidden>", None),
        ] {
            assert_eq!(of_row(row), rights, "{row}");
        }
    }
}
