//! The table of slots: who can open an image.

use super::digest::HASH_LEN;
use super::kdf::KdfParams;

/// Most slots in a table.
pub const MAX_SLOTS: usize = 8;
/// Most slots of the passphrase type: each costs a derivation.
pub const MAX_PASSPHRASE_SLOTS: usize = 2;
/// Bytes of a wrapped data key: 32 and the tag.
pub const WRAPPED_LEN: usize = 48;
/// The longest slot behind type and length, in bytes.
pub const MAX_SLOT_LEN: usize = 8_192;
/// The longest table.
pub const MAX_TABLE: usize = 1 + MAX_SLOTS * (3 + MAX_SLOT_LEN);

const ENDING: usize = HASH_LEN + WRAPPED_LEN;
const ARGON2_VERSION: u8 = 0x13;

/// Why a table of slots is none: what is wrong with it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct SlotsError(pub &'static str);

/// One way to open an image.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Slot {
    /// The type and its parameters.
    pub params: SlotParams,
    /// Commits to the key that opens the slot.
    pub commit: [u8; HASH_LEN],
    /// The data key, sealed.
    pub wrapped: [u8; WRAPPED_LEN],
}

/// How the key that opens a slot comes about.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SlotParams {
    /// Type 1: Argon2id of a passphrase.
    Passphrase {
        /// The cost, as it stands there: not yet judged.
        kdf: KdfParams,
        /// Belongs to the passphrase.
        salt: [u8; 16],
    },
    /// Type 2: the plaintext of an age file. Stepped over.
    Age(Vec<u8>),
    /// Type 3: a code for one device. Stepped over.
    UnlockCode {
        /// Random.
        salt: [u8; 16],
    },
    /// A type that this fieldlock does not know. Stepped over, and under the MAC like all.
    Other {
        /// The type.
        number: u8,
        /// Whatever it needs.
        params: Vec<u8>,
    },
}

impl SlotParams {
    /// The type's number.
    pub fn number(&self) -> u8 {
        match self {
            SlotParams::Passphrase { .. } => 1,
            SlotParams::Age(_) => 2,
            SlotParams::UnlockCode { .. } => 3,
            SlotParams::Other { number, .. } => *number,
        }
    }

    /// In words, for a list of who can open an image.
    pub fn words(&self) -> &'static str {
        match self {
            SlotParams::Passphrase { .. } => "passphrase",
            SlotParams::Age(_) => "age recipients",
            SlotParams::UnlockCode { .. } => "unlock code",
            SlotParams::Other { .. } => "unknown to this fieldlock",
        }
    }

    /// Type, length and parameters as they stand in the file; the slot's keys depend on these bytes.
    pub fn write(&self) -> Vec<u8> {
        let params = match self {
            SlotParams::Passphrase { kdf, salt } => {
                let mut params = vec![ARGON2_VERSION];
                params.extend_from_slice(&kdf.t.to_be_bytes());
                params.extend_from_slice(&kdf.m_kib.to_be_bytes());
                params.push(kdf.p);
                params.extend_from_slice(salt);
                params
            }
            SlotParams::Age(params) | SlotParams::Other { params, .. } => params.clone(),
            SlotParams::UnlockCode { salt } => salt.to_vec(),
        };
        let len = u16::try_from(params.len() + ENDING).unwrap_or(u16::MAX);
        let mut out = vec![self.number()];
        out.extend_from_slice(&len.to_be_bytes());
        out.extend_from_slice(&params);
        out
    }

    fn parse(number: u8, params: &[u8]) -> Result<SlotParams, SlotsError> {
        match number {
            0 => Err(SlotsError("a slot has no type")),
            1 => {
                let params: &[u8; 26] =
                    params.try_into().map_err(|_| SlotsError("a passphrase slot has another length"))?;
                let [version, t1, t2, t3, t4, m1, m2, m3, m4, p, salt @ ..] = *params;
                if version != ARGON2_VERSION {
                    return Err(SlotsError("a passphrase slot wants another version of Argon2"));
                }
                let t = u32::from_be_bytes([t1, t2, t3, t4]);
                let m_kib = u32::from_be_bytes([m1, m2, m3, m4]);
                Ok(SlotParams::Passphrase { kdf: KdfParams { t, m_kib, p }, salt })
            }
            2 if params.is_empty() => Err(SlotsError("an age slot is empty")),
            2 => Ok(SlotParams::Age(params.to_vec())),
            3 => params
                .try_into()
                .map(|salt| SlotParams::UnlockCode { salt })
                .map_err(|_| SlotsError("an unlock-code slot has another length")),
            _ => Ok(SlotParams::Other { number, params: params.to_vec() }),
        }
    }
}

/// The bytes of a table. The caller keeps the limits; a table read back by [`parse_table`] keeps them.
pub fn write_table(slots: &[Slot]) -> Vec<u8> {
    let mut out = vec![u8::try_from(slots.len()).unwrap_or(u8::MAX)];
    for slot in slots {
        out.extend_from_slice(&slot.params.write());
        out.extend_from_slice(&slot.commit);
        out.extend_from_slice(&slot.wrapped);
    }
    out
}

/// Reads a table that fills `bytes` exactly. What a derivation would cost is judged later, by
/// [`KdfParams::check`].
pub fn parse_table(bytes: &[u8]) -> Result<Vec<Slot>, SlotsError> {
    let short = || SlotsError("a slot is cut short");
    let (&count, mut rest) = bytes.split_first().ok_or(SlotsError("there is none"))?;
    if !(1..=MAX_SLOTS).contains(&usize::from(count)) {
        return Err(SlotsError("it has no slot, or more than eight"));
    }
    let mut slots: Vec<Slot> = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (&[number, high, low], behind) = rest.split_first_chunk().ok_or_else(short)?;
        let len = usize::from(u16::from_be_bytes([high, low]));
        if !(ENDING..=MAX_SLOT_LEN).contains(&len) {
            return Err(SlotsError("a slot has an impossible length"));
        }
        let (slot, behind) = behind.split_at_checked(len).ok_or_else(short)?;
        let (slot, wrapped) = slot.split_last_chunk().ok_or_else(short)?;
        let (params, commit) = slot.split_last_chunk().ok_or_else(short)?;
        slots.push(Slot { params: SlotParams::parse(number, params)?, commit: *commit, wrapped: *wrapped });
        rest = behind;
    }
    if !rest.is_empty() {
        return Err(SlotsError("bytes stand behind the last slot"));
    }
    if slots.iter().filter(|slot| slot.params.number() == 1).count() > MAX_PASSPHRASE_SLOTS {
        return Err(SlotsError("it has more than two passphrase slots"));
    }
    if (1..slots.len()).any(|i| slots[..i].contains(&slots[i])) {
        return Err(SlotsError("a slot stands there twice"));
    }
    Ok(slots)
}

#[cfg(test)]
pub(super) mod tests {
    use proptest::prelude::*;

    use super::*;

    fn slots() -> impl Strategy<Value = Slot> {
        let params = prop_oneof![
            (any::<u32>(), any::<u32>(), any::<u8>(), any::<[u8; 16]>())
                .prop_map(|(t, m_kib, p, salt)| SlotParams::Passphrase { kdf: KdfParams { t, m_kib, p }, salt }),
            prop::collection::vec(any::<u8>(), 1..300).prop_map(SlotParams::Age),
            any::<[u8; 16]>().prop_map(|salt| SlotParams::UnlockCode { salt }),
            (4u8.., prop::collection::vec(any::<u8>(), 0..300))
                .prop_map(|(number, params)| SlotParams::Other { number, params }),
        ];
        (params, any::<[u8; 32]>(), any::<[u8; 24]>()).prop_map(|(params, commit, half)| {
            let mut wrapped = [0; WRAPPED_LEN];
            wrapped[..24].copy_from_slice(&half);
            Slot { params, commit, wrapped }
        })
    }

    fn sample(number: u8, params: usize) -> Slot {
        let params = SlotParams::parse(number, &vec![0x13; params]).unwrap();
        Slot { params, commit: [1; 32], wrapped: [2; WRAPPED_LEN] }
    }

    fn refused(bytes: &[u8]) -> &'static str {
        match parse_table(bytes) {
            Err(SlotsError(what)) => what,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn tables_that_are_none() {
        assert_eq!(refused(&[]), "there is none");
        assert_eq!(refused(&[0]), "it has no slot, or more than eight");
        assert_eq!(refused(&[9]), "it has no slot, or more than eight");
        let one = write_table(&[sample(1, 26)]);
        let set = |at: usize, byte: u8| {
            let mut bytes = one.clone();
            bytes[at] = byte;
            bytes
        };
        assert_eq!(refused(&set(1, 0)), "a slot has no type");
        assert_eq!(refused(&set(1, 3)), "an unlock-code slot has another length");
        assert_eq!(refused(&set(2, 0xff)), "a slot has an impossible length");
        assert_eq!(refused(&set(3, 79)), "a slot has an impossible length");
        assert_eq!(refused(&set(3, 105)), "a passphrase slot has another length");
        assert_eq!(refused(&set(3, 107)), "a slot is cut short");
        assert_eq!(refused(&set(4, 0x10)), "a passphrase slot wants another version of Argon2");
        assert_eq!(refused(&[&one[..], &[0]].concat()), "bytes stand behind the last slot");
        assert_eq!(refused(&write_table(&[sample(9, 0), sample(9, 0)])), "a slot stands there twice");
        let mut empty_age = write_table(&[sample(9, 0)]);
        empty_age[1] = 2;
        assert_eq!(refused(&empty_age), "an age slot is empty");
        for n in 0..one.len() {
            assert!(parse_table(&one[..n]).is_err(), "{n}");
        }
    }

    #[test]
    fn at_most_two_passphrase_slots_and_eight_in_all() {
        let numbered = |params: &SlotParams, n: u8| Slot { params: params.clone(), commit: [n; 32], wrapped: [0; 48] };
        let passphrase = sample(1, 26).params;
        let other = sample(77, MAX_SLOT_LEN - ENDING).params;
        let make = |a: u8, b: u8| -> Vec<Slot> {
            (0..a).map(|n| numbered(&passphrase, n)).chain((0..b).map(|n| numbered(&other, n))).collect()
        };
        assert!(parse_table(&write_table(&make(2, 6))).is_ok());
        assert!(parse_table(&write_table(&make(3, 0))).is_err());
        assert!(parse_table(&write_table(&make(1, 8))).is_err());
        let largest = write_table(&make(0, 8));
        assert_eq!(largest.len(), MAX_TABLE);
        assert!(parse_table(&largest).is_ok());
    }

    proptest! {
        #[test]
        fn written_tables_are_read_back(slots in prop::collection::vec(slots(), 1..=8)) {
            let bytes = write_table(&slots);
            if let Ok(read) = parse_table(&bytes) {
                prop_assert_eq!(write_table(&read), bytes);
                prop_assert_eq!(read, slots);
            } else {
                let passphrases = slots.iter().filter(|s| s.params.number() == 1).count();
                prop_assert!(passphrases > MAX_PASSPHRASE_SLOTS);
            }
        }

        #[test]
        fn read_tables_are_written_back(bytes in prop::collection::vec(any::<u8>(), 0..200), tail: [u8; 80]) {
            let mut table = vec![1, bytes.first().copied().unwrap_or(4)];
            table.extend_from_slice(&u16::try_from(bytes.len() + ENDING).unwrap().to_be_bytes());
            table.extend_from_slice(&bytes);
            table.extend_from_slice(&tail);
            if let Ok(slots) = parse_table(&table) {
                prop_assert_eq!(write_table(&slots), table);
            }
        }
    }
}
