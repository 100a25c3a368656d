//! What is kept of a secret over its life: its value, how it came, since when, and the values before it.
//!
//! A new value does not make the old one useless: until a device is proven to have taken it, the old one is what opens
//! the device. So the values before stay, until [`Stored::prove`] is given the receipt that says so.

use jiff::Timestamp;

use super::SecretValue;

/// Most values kept beside the one in force.
pub const MAX_EARLIER: usize = 16;

/// How a value came to be.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, schemars::JsonSchema)]
#[serde(tag = "came", rename_all = "kebab-case")]
pub enum Came {
    /// A person chose it.
    Set,
    /// It was drawn at random.
    Generated {
        /// Its length in characters.
        length: u32,
        /// The characters that it was drawn from, ascending.
        characters: String,
    },
}

impl Came {
    /// The word for it: `set`, `generated`.
    pub fn word(&self) -> &'static str {
        match self {
            Came::Set => "set",
            Came::Generated { .. } => "generated",
        }
    }
}

/// A value with its story. No `Debug`: it holds a secret.
#[derive(PartialEq, Eq)]
pub struct Version {
    /// The value.
    pub value: SecretValue,
    /// How it came.
    pub came: Came,
    /// Since when it is in force, to the second.
    pub since: Timestamp,
}

impl Version {
    /// A value in force from now on; the moment is kept to the second.
    pub fn new(value: SecretValue, came: Came, now: Timestamp) -> Version {
        let since = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Version { value, came, since }
    }
}

/// A secret as it is kept. No `Debug`: it holds secrets.
#[derive(PartialEq, Eq)]
pub struct Stored {
    now: Version,
    earlier: Vec<Version>,
    receipt: String,
}

/// Why a secret does not change.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RotateError {
    /// Too many values wait for a proof.
    #[error("{MAX_EARLIER} earlier values wait for the proof that a device took the next one")]
    TooManyEarlier,
    /// The new value is the one in force.
    #[error("the new value is the one that is in force already")]
    Same,
    /// The new value was in force before, and may still be.
    #[error("the new value is an earlier one")]
    Earlier,
}

impl RotateError {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            RotateError::TooManyEarlier => {
                "put the value in force on the device first; which of the earlier ones it has, nobody could tell"
            }
            RotateError::Same => "nothing is to be done; choose another value to change it",
            RotateError::Earlier => "choose a value that was never in force",
        }
    }
}

impl Stored {
    /// A secret that is new.
    pub fn new(now: Version) -> Stored {
        Stored { now, earlier: Vec::new(), receipt: String::new() }
    }

    /// As it was written down: the value in force, those before it (latest first), and the receipt that proved the
    /// value in force (empty where none did). `None` where that can't have been: too many, one twice, out of order.
    pub fn restore(now: Version, earlier: Vec<Version>, receipt: String) -> Option<Stored> {
        let order = std::iter::once(&now).chain(&earlier).map(|v| v.since);
        let descending = order.clone().zip(order.skip(1)).all(|(later, before)| later >= before);
        let proven_alone = receipt.is_empty() || earlier.is_empty();
        let sound = descending && proven_alone && earlier.len() <= MAX_EARLIER;
        sound.then_some(Stored { now, earlier, receipt })
    }

    /// The value in force.
    pub fn now(&self) -> &Version {
        &self.now
    }

    /// The values before it that no receipt has made useless, latest first.
    pub fn earlier(&self) -> &[Version] {
        &self.earlier
    }

    /// The receipt by which a device is proven to have the value in force; empty where none says so.
    pub fn receipt(&self) -> &str {
        &self.receipt
    }

    /// Puts another value in force. The one before is kept until the new one is proven.
    ///
    /// # Errors
    /// The value is in force already or was before, or too many wait for a proof; nothing changes then.
    pub fn rotate(&mut self, mut next: Version) -> Result<(), RotateError> {
        if next.value == self.now.value {
            return Err(RotateError::Same);
        }
        if self.earlier.iter().any(|v| v.value == next.value) {
            return Err(RotateError::Earlier);
        }
        if self.earlier.len() >= MAX_EARLIER {
            return Err(RotateError::TooManyEarlier);
        }
        // a clock that went back must not turn the order round
        next.since = next.since.max(self.now.since);
        self.earlier.insert(0, std::mem::replace(&mut self.now, next));
        self.receipt.clear();
        Ok(())
    }

    /// A device is proven to have the value in force: the ones before are dropped. Says how many.
    pub fn prove(&mut self, receipt: &str) -> usize {
        receipt.clone_into(&mut self.receipt);
        std::mem::take(&mut self.earlier).len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn version(value: &str, second: i64) -> Version {
        Version::new(SecretValue::copy_of(value.as_bytes()), Came::Set, Timestamp::from_second(second).unwrap())
    }

    fn values(stored: &Stored) -> Vec<&str> {
        std::iter::once(stored.now()).chain(stored.earlier()).map(|v| v.value.expose_text().unwrap()).collect()
    }

    #[test]
    fn rotation_keeps_the_old_value_until_the_new_one_is_proven() {
        let mut stored = Stored::new(version("one", 10));
        stored.rotate(version("two", 20)).unwrap();
        stored.rotate(version("three", 30)).unwrap();
        assert_eq!(values(&stored), ["three", "two", "one"]);
        assert_eq!(stored.receipt(), "");
        assert_eq!(stored.prove("R-0207"), 2);
        assert_eq!((values(&stored), stored.receipt()), (vec!["three"], "R-0207"));
        stored.rotate(version("four", 40)).unwrap();
        assert_eq!(
            (values(&stored), stored.receipt()),
            (vec!["four", "three"], ""),
            "the proof was of the value before"
        );
    }

    #[test]
    fn a_value_does_not_come_twice() {
        let mut stored = Stored::new(version("one", 10));
        assert_eq!(stored.rotate(version("one", 20)), Err(RotateError::Same));
        stored.rotate(version("two", 20)).unwrap();
        assert_eq!(stored.rotate(version("one", 30)), Err(RotateError::Earlier));
        assert_eq!(values(&stored), ["two", "one"]);
    }

    #[test]
    fn values_that_wait_for_a_proof_are_bounded() {
        let mut stored = Stored::new(version("0", 0));
        for n in 1..=MAX_EARLIER {
            stored.rotate(version(&n.to_string(), n as i64)).unwrap();
        }
        assert_eq!(stored.rotate(version("more", 99)), Err(RotateError::TooManyEarlier));
        assert_eq!((values(&stored)[0], stored.earlier().len()), ("16", MAX_EARLIER), "nothing changed");
        stored.prove("R-1");
        stored.rotate(version("more", 99)).unwrap();
    }

    #[test]
    fn a_clock_that_goes_back_changes_no_order() {
        let mut stored = Stored::new(version("one", 100));
        stored.rotate(version("two", 50)).unwrap();
        assert_eq!(stored.now().since.as_second(), 100);
    }

    #[test]
    fn what_can_not_have_been_is_not_restored() {
        let good = |now, earlier: &[i64], receipt: &str| {
            let earlier = earlier.iter().map(|s| version(&format!("v{s}"), *s)).collect();
            Stored::restore(version("now", now), earlier, receipt.to_owned()).is_some()
        };
        assert!(good(30, &[20, 10], "") && good(30, &[], "R-1") && good(30, &[30], ""));
        assert!(!good(10, &[20], "") && !good(30, &[10, 20], "") && !good(30, &[20], "R-1"));
        assert!(!good(99, &(0..=MAX_EARLIER as i64).rev().collect::<Vec<_>>(), ""));
    }
}
