//! From a passphrase to a key: Argon2id, limits before cost, one run per passphrase and salt.

use std::sync::{Mutex, PoisonError};

use argon2::{Algorithm, Argon2, Params, Version};

use super::keys::Key;
use crate::secret::SecretValue;
use crate::secret::strength::{self, Weak};
use crate::secret::{Entropy, EntropyError};
use crate::source::Utf16;

/// The longest passphrase, in bytes.
pub const MAX_PASSPHRASE: usize = 1_024;
/// The passphrase of demo sites. Known to everybody: it protects nothing, and is refused outside a demo.
pub const DEMO_PASSPHRASE: &str = "fieldlock demo passphrase, protects nothing";

/// Most derived keys that are remembered; the oldest goes first.
const MAX_REMEMBERED: usize = 64;

/// A passphrase: 1 to [`MAX_PASSPHRASE`] bytes of printable ASCII. Erased on drop; compared in time that depends on
/// lengths only.
#[derive(PartialEq, Eq)]
pub struct Passphrase(SecretValue);

/// Why bytes are not a passphrase.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum PassphraseError {
    /// Nothing there.
    #[error("the passphrase is empty")]
    Empty,
    /// Too many bytes.
    #[error("the passphrase is longer than {MAX_PASSPHRASE} bytes")]
    TooLong,
    /// A byte outside `20` to `7E`.
    #[error("the passphrase has a character that is not printable ASCII")]
    Character,
    /// Not the encoding that it could be in.
    #[error("the passphrase can't be read: {Utf16}")]
    Utf16,
}

impl PassphraseError {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            PassphraseError::Utf16 => Utf16::HELP,
            _ => {
                "a passphrase is one line of letters, digits, spaces and signs as on any keyboard: no accents, no tabs"
            }
        }
    }
}

impl Passphrase {
    /// Takes the bytes over and checks them.
    pub fn new(bytes: SecretValue) -> Result<Passphrase, PassphraseError> {
        match bytes.expose() {
            [] => Err(PassphraseError::Empty),
            bytes if bytes.len() > MAX_PASSPHRASE => Err(PassphraseError::TooLong),
            bytes if !bytes.iter().all(|b| (0x20..=0x7e).contains(b)) => Err(PassphraseError::Character),
            _ => Ok(Passphrase(bytes)),
        }
    }

    /// From the content of a file: as [`SecretValue::of_file`] has it.
    pub fn from_file(content: &SecretValue) -> Result<Passphrase, PassphraseError> {
        Passphrase::new(SecretValue::of_file(content).map_err(|Utf16| PassphraseError::Utf16)?)
    }

    /// A second one, where it has to outlive its source. Not `Clone`, so that it is seen at the call.
    pub fn copy(&self) -> Passphrase {
        Passphrase(SecretValue::copy_of(self.0.expose()))
    }

    /// What it is, to be looked for where it must not stand.
    pub fn value(&self) -> &SecretValue {
        &self.0
    }

    /// The passphrase of demo sites.
    pub fn demo() -> Passphrase {
        Passphrase(SecretValue::copy_of(DEMO_PASSPHRASE.as_bytes()))
    }

    /// Whether it holds against somebody who has the files; `known` are words that he would try first.
    ///
    /// # Errors
    /// It does not.
    pub fn judge(&self, known: &[&str]) -> Result<(), Weak> {
        strength::judge(&self.0, known)
    }

    /// Whether it is the one that everybody knows.
    pub fn is_demo(&self) -> bool {
        self.0 == Passphrase::demo().0
    }
}

/// What a derivation costs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct KdfParams {
    /// Passes over the memory, 3 to 16.
    pub t: u32,
    /// Memory in KiB, 65,536 to 1,048,576.
    pub m_kib: u32,
    /// Lanes, 1 to 16.
    pub p: u8,
}

/// The most memory that a derivation may take on this machine, in KiB; the command line gives half of what the
/// machine has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KdfCeiling(pub u32);

/// Why a derivation is refused before its cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KdfLimit {
    /// Passes outside 3 to 16.
    #[error("{t} passes, 3 to 16 are allowed")]
    Passes {
        /// As in the file.
        t: u32,
    },
    /// Memory outside 64 MiB to 1 GiB.
    #[error("{m_kib} KiB of memory, 65536 to 1048576 are allowed")]
    Memory {
        /// As in the file.
        m_kib: u32,
    },
    /// Lanes outside 1 to 16, or more than the memory is for.
    #[error("{p} lanes, 1 to 16 are allowed")]
    Lanes {
        /// As in the file.
        p: u8,
    },
    /// More than 8 GiB of memory passed over in all.
    #[error("{t} passes over {m_kib} KiB are more than 8 GiB of work")]
    Work {
        /// Passes.
        t: u32,
        /// Memory.
        m_kib: u32,
    },
    /// More than this machine may give.
    #[error("it needs {} MiB of memory, this machine allows {} MiB", m_kib / 1024, ceiling / 1024)]
    Ceiling {
        /// Asked for, in KiB.
        m_kib: u32,
        /// Allowed, in KiB.
        ceiling: u32,
    },
    /// The machine did not give the memory.
    #[error("the machine has not the {} MiB of memory that it needs", m_kib / 1024)]
    NoMemory {
        /// Asked for, in KiB.
        m_kib: u32,
    },
}

impl KdfLimit {
    /// What to do about it.
    pub fn help(self) -> &'static str {
        match self {
            KdfLimit::Ceiling { .. } | KdfLimit::NoMemory { .. } => {
                "open it on a machine with more memory, or close other programs; the passphrase was not tried"
            }
            _ => "no fieldlock writes this; ask where the image came from; the passphrase was not tried",
        }
    }
}

impl KdfParams {
    /// What is written: 256 MiB, 3 passes, 4 lanes.
    pub const WRITTEN: KdfParams = KdfParams { t: 3, m_kib: 262_144, p: 4 };
    /// The least that is read: 64 MiB, 3 passes, 1 lane.
    pub const LEAST: KdfParams = KdfParams { t: 3, m_kib: 65_536, p: 1 };

    /// Whether a derivation with these may be run at all.
    pub fn check(self, ceiling: KdfCeiling) -> Result<(), KdfLimit> {
        let KdfParams { t, m_kib, p } = self;
        if !(3..=16).contains(&t) {
            return Err(KdfLimit::Passes { t });
        }
        if !(65_536..=1_048_576).contains(&m_kib) {
            return Err(KdfLimit::Memory { m_kib });
        }
        if !(1..=16).contains(&p) || m_kib < 8 * u32::from(p) {
            return Err(KdfLimit::Lanes { p });
        }
        if u64::from(t) * u64::from(m_kib) > 8 << 20 {
            return Err(KdfLimit::Work { t, m_kib });
        }
        if m_kib > ceiling.0 {
            return Err(KdfLimit::Ceiling { m_kib, ceiling: ceiling.0 });
        }
        Ok(())
    }
}

/// The key that a passphrase opens and writes slots with, together with what it came from. Erased on drop.
pub struct PassphraseKey {
    pub(super) kdf: KdfParams,
    pub(super) salt: [u8; 16],
    pub(super) key: Key,
    pub(super) demo: bool,
}

impl PassphraseKey {
    /// What it cost.
    pub fn kdf(&self) -> KdfParams {
        self.kdf
    }

    /// The salt, which belongs to the passphrase: later builds hand it in again and share the derivation.
    pub fn salt(&self) -> [u8; 16] {
        self.salt
    }

    /// Whether it came from the passphrase that everybody knows.
    pub fn is_demo(&self) -> bool {
        self.demo
    }

    pub(super) fn copy(&self) -> PassphraseKey {
        PassphraseKey { kdf: self.kdf, salt: self.salt, key: self.key.copy(), demo: self.demo }
    }
}

/// A fresh salt, for a passphrase that has none yet.
pub fn fresh_salt(entropy: &mut dyn Entropy) -> Result<[u8; 16], EntropyError> {
    let mut salt = [0; 16];
    entropy.fill(&mut salt)?;
    Ok(salt)
}

/// Derived keys, so that a build, or the opening of a whole folder, pays once per passphrase and salt. Shared by
/// threads; the second to ask waits for the first.
#[derive(Default)]
pub struct Derivations {
    known: Mutex<Known>,
}

#[derive(Default)]
struct Known {
    keys: Vec<(SecretValue, PassphraseKey)>,
    runs: usize,
}

impl Derivations {
    /// None yet.
    pub fn new() -> Derivations {
        Derivations::default()
    }

    /// How many times Argon2 was really run.
    pub fn runs(&self) -> usize {
        self.lock().runs
    }

    /// The key of a passphrase, derived at the first call. The limits are checked before any cost.
    pub fn derive(
        &self,
        passphrase: &Passphrase,
        kdf: KdfParams,
        salt: [u8; 16],
        ceiling: KdfCeiling,
    ) -> Result<PassphraseKey, KdfLimit> {
        kdf.check(ceiling)?;
        let mut known = self.lock();
        let same =
            |(of, key): &&(SecretValue, PassphraseKey)| key.kdf == kdf && key.salt == salt && *of == passphrase.0;
        if let Some((_, key)) = known.keys.iter().find(same) {
            return Ok(key.copy());
        }
        known.runs += 1;
        let key = PassphraseKey { kdf, salt, key: argon2id(passphrase, kdf, &salt)?, demo: passphrase.is_demo() };
        if known.keys.len() == MAX_REMEMBERED {
            known.keys.remove(0);
        }
        let copy = key.copy();
        known.keys.push((SecretValue::copy_of(passphrase.0.expose()), key));
        Ok(copy)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Runs Argon2id on threads of its own. The caller may be a worker of a pool and holds the lock of [`Derivations`]:
/// waiting inside that pool, it could be given another device's work, which asks for the same lock.
fn argon2id(passphrase: &Passphrase, kdf: KdfParams, salt: &[u8; 16]) -> Result<Key, KdfLimit> {
    let no_memory = KdfLimit::NoMemory { m_kib: kdf.m_kib };
    let params = Params::new(kdf.m_kib, kdf.t, u32::from(kdf.p), Some(32)).map_err(|_| KdfLimit::Lanes { p: kdf.p })?;
    let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let derive = || Key::fill(|out| argon2.hash_password_into(passphrase.0.expose(), salt, out).map_err(|_| no_memory));
    let pool = rayon::ThreadPoolBuilder::new().num_threads(usize::from(kdf.p)).build().map_err(|_| no_memory)?;
    std::thread::scope(|scope| scope.spawn(|| pool.install(derive)).join().unwrap_or(Err(no_memory)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::image::test_support::unhex;

    const ANY: KdfCeiling = KdfCeiling(u32::MAX);

    fn passphrase(text: &str) -> Result<Passphrase, PassphraseError> {
        Passphrase::from_file(&SecretValue::copy_of(text.as_bytes()))
    }

    /// RFC 9106, section 5.3.
    #[test]
    fn argon2id_is_the_published_one() {
        let params = argon2::ParamsBuilder::new()
            .m_cost(32)
            .t_cost(3)
            .p_cost(4)
            .data(argon2::AssociatedData::new(&[4; 12]).unwrap())
            .build()
            .unwrap();
        let argon2 = Argon2::new_with_secret(&[3; 8], Algorithm::Argon2id, Version::V0x13, params).unwrap();
        let mut out = [0; 32];
        argon2.hash_password_into(&[1; 32], &[2; 16], &mut out).unwrap();
        assert_eq!(out.to_vec(), unhex("0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659"));
    }

    #[test]
    fn passphrases_are_printable_ascii() {
        for (text, kept) in [("a b~", "a b~"), ("x\n", "x"), ("x\r\n", "x"), (" x \n", " x "), ("\u{feff}x\r\n", "x")] {
            assert!(passphrase(text).is_ok_and(|p| p.0.expose() == kept.as_bytes()), "{text:?}");
        }
        for (text, error) in [
            ("", PassphraseError::Empty),
            ("\u{feff}\r\n", PassphraseError::Empty),
            ("x\0y\0\r\0\n\0", PassphraseError::Utf16),
            ("\n", PassphraseError::Empty),
            ("x\n\n", PassphraseError::Character),
            ("x\r", PassphraseError::Character),
            ("a\tb", PassphraseError::Character),
            ("caf\u{e9}", PassphraseError::Character),
            ("x\u{7f}", PassphraseError::Character),
        ] {
            assert_eq!(passphrase(text).err(), Some(error), "{text:?}");
        }
        assert!(passphrase(&"x".repeat(MAX_PASSPHRASE)).is_ok());
        assert_eq!(passphrase(&"x".repeat(MAX_PASSPHRASE + 1)).err(), Some(PassphraseError::TooLong));
        assert!(Passphrase::demo().is_demo() && passphrase(DEMO_PASSPHRASE).is_ok_and(|p| p.is_demo()));
        assert!(passphrase("fieldlock").is_ok_and(|p| !p.is_demo()));
    }

    #[test]
    fn limits_come_before_the_cost() {
        let good = [(3, 65_536, 1), (16, 524_288, 16), (8, 1_048_576, 4), (3, 262_144, 4)];
        for (t, m_kib, p) in good {
            assert_eq!(KdfParams { t, m_kib, p }.check(ANY), Ok(()), "{t} {m_kib} {p}");
        }
        let bad = [
            (0, 65_536, 1),
            (2, 65_536, 1),
            (17, 65_536, 1),
            (u32::MAX, u32::MAX, 255),
            (3, 65_535, 1),
            (3, 0, 1),
            (3, 1_048_577, 1),
            (3, u32::MAX, 1),
            (3, 65_536, 0),
            (3, 65_536, 17),
            (9, 1_048_576, 1),
            (16, 524_289, 1),
        ];
        let derivations = Derivations::new();
        for (t, m_kib, p) in bad {
            let kdf = KdfParams { t, m_kib, p };
            assert!(derivations.derive(&Passphrase::demo(), kdf, [0; 16], ANY).is_err(), "{t} {m_kib} {p}");
        }
        let over = derivations.derive(&Passphrase::demo(), KdfParams::LEAST, [0; 16], KdfCeiling(65_535)).err();
        assert_eq!(over, Some(KdfLimit::Ceiling { m_kib: 65_536, ceiling: 65_535 }));
        assert_eq!(derivations.runs(), 0);
    }

    #[test]
    fn one_passphrase_is_derived_once_also_by_many_threads() {
        use rayon::prelude::*;
        let derivations = Derivations::new();
        let keys: Vec<[u8; 32]> = (0..64)
            .into_par_iter()
            .map(|_| {
                let key = derivations.derive(&Passphrase::demo(), KdfParams::LEAST, [7; 16], ANY).ok().unwrap();
                *key.key.expose()
            })
            .collect();
        assert!(keys.iter().all(|key| *key == keys[0]));
        assert_eq!(derivations.runs(), 1);
        let other =
            derivations.derive(&passphrase("other").ok().unwrap(), KdfParams::LEAST, [7; 16], ANY).ok().unwrap();
        assert!(*other.key.expose() != keys[0] && !other.is_demo());
        assert_eq!(derivations.runs(), 2);
    }
}
