//! The secrets of one run, by name.

use std::collections::BTreeMap;

use super::{SecretRef, SecretValue};

/// Where the values are.
#[derive(Default)]
pub enum Secrets {
    /// None were given: rules that need them are deferred, nothing can be sealed.
    #[default]
    Absent,
    /// On purpose none: everything but sealing works (`--secrets placeholder`).
    Placeholder,
    /// Read once, at the start.
    Loaded(BTreeMap<SecretRef, SecretValue>),
}

impl Secrets {
    /// A value by its name.
    pub fn get(&self, name: &str) -> Option<&SecretValue> {
        match self {
            Secrets::Loaded(values) => SecretRef::new(name).ok().and_then(|n| values.get(&n)),
            _ => None,
        }
    }

    /// The values whose names begin with this owner: a device, `shared` or `site`; by name.
    pub fn of<'a>(&'a self, owner: &str) -> impl Iterator<Item = (&'a SecretRef, &'a SecretValue)> + use<'a> {
        // `np07-b/x` stands before `np07/x`: the slash belongs to the beginning
        let begin = SecretRef(format!("{owner}/"));
        let values = match self {
            Secrets::Loaded(values) => Some(values.range(begin.clone()..)),
            _ => None,
        };
        values.into_iter().flatten().take_while(move |(name, _)| name.as_str().starts_with(begin.as_str()))
    }

    /// Whether values were given at all.
    pub fn is_loaded(&self) -> bool {
        matches!(self, Secrets::Loaded(_))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_owner_has_the_secrets_behind_its_slash() {
        let names = ["np07-b/x", "np07.b/x", "np07/a", "np07/b/c", "np070/x", "shared/a"];
        let value = |name: &&str| (SecretRef::new(name).unwrap(), SecretValue::copy_of(b"x"));
        let secrets = Secrets::Loaded(names.iter().map(value).collect());
        let of = |owner: &str| secrets.of(owner).map(|(name, _)| name.as_str()).collect::<Vec<_>>();
        assert_eq!(of("np07"), ["np07/a", "np07/b/c"]);
        assert_eq!(of("np07-b"), ["np07-b/x"]);
        assert_eq!((of("shared"), of("site"), of("np0")), (vec!["shared/a"], vec![], vec![]));
        assert_eq!(Secrets::Absent.of("np07").count(), 0);
    }
}
