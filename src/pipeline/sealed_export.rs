//! A file that a device exported and that nobody can read, as the NPort 6000-G2 does: it is kept sealed, and held
//! against the one before. Two exports of a unit that nobody touched teach which of its bytes say nothing.

use serde::{Deserialize, Serialize};

use super::backup::{Of, open_with, seal_with};
use crate::image::{
    Entropy, KdfCeiling, OpenError, Part, PartKind, PartsError, PassphraseKey, SealError, Unlock, canonical,
};
use crate::report::documents::ComparedExport;
use crate::secret::SecretValue;
use crate::site::Site;

const FORMAT: &str = "fieldlock-volatile.v1";
const VOLATILE: &str = "volatile.json";

/// What is kept of a device's export. No `Debug`: it may hold secrets.
pub struct SealedExport {
    bytes: SecretValue,
    volatile: Vec<Range>,
    revision: u32,
}

/// Bytes that differ between two exports of an untouched unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Range {
    length: u32,
    offset: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Volatile {
    format: String,
    ranges: Vec<Range>,
}

impl SealedExport {
    /// Opens what is kept of a device.
    ///
    /// # Errors
    /// The first step of the opening that failed.
    pub fn open(
        file: &[u8],
        site: &str,
        device: &str,
        unlock: &Unlock<'_>,
        ceiling: KdfCeiling,
    ) -> Result<SealedExport, OpenError> {
        let (bytes, opened) = open_with(file, Of { site, device }, unlock, ceiling)?;
        let told = opened.plain.part(VOLATILE).map(|part| canonical::read::<Volatile>(part.bytes.expose()));
        let told = told.transpose().map_err(|_| PartsError::Manifest)?;
        // one that was sealed before something was written to the device says nothing of its bytes
        let told = told.unwrap_or_else(|| Volatile { format: FORMAT.to_owned(), ranges: Vec::new() });
        if told.format != FORMAT || !fit(&told.ranges, bytes.len()) {
            return Err(PartsError::Manifest.into());
        }
        Ok(SealedExport { bytes, volatile: told.ranges, revision: opened.core.revision })
    }

    /// What follows on the export before: the new one, held against it. `untouched` says that nobody touched the unit
    /// in between, so that what differs says nothing.
    pub fn next(before: Option<&SealedExport>, bytes: SecretValue, untouched: bool) -> (SealedExport, ComparedExport) {
        let Some(before) = before else {
            return (SealedExport { bytes, volatile: Vec::new(), revision: 0 }, ComparedExport::First);
        };
        let revision = before.revision;
        if before.bytes.len() != bytes.len() {
            let compared = ComparedExport::OtherLength { before: before.bytes.len(), now: bytes.len() };
            return (SealedExport { bytes, volatile: Vec::new(), revision }, compared);
        }
        let differ: Vec<usize> = before
            .bytes
            .expose()
            .iter()
            .zip(bytes.expose())
            .enumerate()
            .filter_map(|(at, (a, b))| (a != b).then_some(at))
            .collect();
        let fresh = differ.iter().filter(|at| !holds(&before.volatile, **at)).count();
        let mut volatile = before.volatile.clone();
        let all = joined(&volatile, if untouched { &differ } else { &[] });
        let most = all.iter().map(|range| range.length as usize).sum::<usize>() * 2 > bytes.len();
        let compared = match (differ.len(), fresh) {
            (0, _) => ComparedExport::Same,
            (n, _) if most => {
                volatile = all;
                ComparedExport::CannotTell { bytes: n }
            }
            (n, 0) => ComparedExport::SameButVolatile { bytes: n },
            (n, fresh) if untouched => {
                volatile = all;
                ComparedExport::Learned { bytes: n, new: fresh }
            }
            (n, fresh) => ComparedExport::Differs { bytes: fresh, volatile: n - fresh },
        };
        (SealedExport { bytes, volatile, revision }, compared)
    }

    /// The file to keep.
    ///
    /// # Errors
    /// See [`SealError`].
    pub fn seal(
        &self,
        site: &Site,
        device: &str,
        key: &PassphraseKey,
        entropy: &mut dyn Entropy,
    ) -> Result<Vec<u8>, SealError> {
        let volatile = Volatile { format: FORMAT.to_owned(), ranges: self.volatile.clone() };
        let bytes = SecretValue::new(canonical::write(&volatile).map_err(|_| PartsError::Manifest)?);
        let beside = Part { kind: PartKind::Other, name: VOLATILE.to_owned(), bytes, secrets: Vec::new() };
        let export = SecretValue::copy_of(self.bytes.expose());
        let (of, revision) = (Of { site: &site.name, device }, self.revision.saturating_add(1));
        Ok(seal_with(export, vec![beside], of, (site.group(device), revision), key, entropy)?.bytes)
    }
}

/// Whether ranges ascend apart from each other, within so many bytes.
fn fit(ranges: &[Range], len: usize) -> bool {
    let end = |range: &Range| u64::from(range.offset) + u64::from(range.length);
    let apart = ranges.windows(2).all(|pair| end(&pair[0]) < u64::from(pair[1].offset));
    apart && ranges.iter().all(|range| range.length > 0 && end(range) <= len as u64)
}

fn holds(ranges: &[Range], at: usize) -> bool {
    let before = ranges.partition_point(|range| range.offset as usize <= at);
    before.checked_sub(1).is_some_and(|nth| at - (ranges[nth].offset as usize) < ranges[nth].length as usize)
}

/// Ranges with further bytes in them.
fn joined(ranges: &[Range], more: &[usize]) -> Vec<Range> {
    let held = ranges.iter().flat_map(|range| (range.offset..range.offset + range.length).map(|at| at as usize));
    let mut all: Vec<usize> = held.chain(more.iter().copied()).collect();
    all.sort_unstable();
    all.dedup();
    let mut joined: Vec<Range> = Vec::new();
    for at in all {
        match joined.last_mut() {
            Some(last) if (last.offset + last.length) as usize == at => last.length += 1,
            _ => joined.push(Range { length: 1, offset: u32::try_from(at).unwrap_or(u32::MAX) }),
        }
    }
    joined
}

#[cfg(test)]
mod tests {
    use super::*;

    fn value(text: &[u8]) -> SecretValue {
        SecretValue::copy_of(text)
    }

    fn next(before: &SealedExport, text: &[u8], untouched: bool) -> (SealedExport, ComparedExport) {
        SealedExport::next(Some(before), value(text), untouched)
    }

    #[test]
    fn two_exports_of_an_untouched_unit_teach_what_says_nothing() {
        let (first, told) = SealedExport::next(None, value(b"head 17:02 body"), false);
        assert_eq!(told, ComparedExport::First);
        assert_eq!(next(&first, b"head 17:02 body", false).1, ComparedExport::Same);
        assert_eq!(next(&first, b"head 18:41 body", false).1, ComparedExport::Differs { bytes: 3, volatile: 0 });
        let (second, told) = next(&first, b"head 18:41 body", true);
        assert_eq!(told, ComparedExport::Learned { bytes: 3, new: 3 });
        assert_eq!(second.volatile, [Range { length: 1, offset: 6 }, Range { length: 2, offset: 8 }]);
        let (third, told) = next(&second, b"head 19:33 body", false);
        assert_eq!(told, ComparedExport::SameButVolatile { bytes: 3 });
        assert_eq!(next(&third, b"head 19:33 bodY", false).1, ComparedExport::Differs { bytes: 1, volatile: 0 });
        assert_eq!(next(&third, b"head 21:00 bodY", false).1, ComparedExport::Differs { bytes: 2, volatile: 3 });
        assert_eq!(next(&third, b"xxxxxxxxxxxxxxx", true).1, ComparedExport::CannotTell { bytes: 15 });
        assert_eq!(next(&third, b"head", true).1, ComparedExport::OtherLength { before: 15, now: 4 });
    }

    #[test]
    fn ranges_are_joined_and_checked() {
        let range = |offset, length| Range { length, offset };
        assert_eq!(joined(&[range(2, 2)], &[4, 0, 9]), [range(0, 1), range(2, 3), range(9, 1)]);
        assert!(holds(&[range(2, 2)], 3) && !holds(&[range(2, 2)], 4) && !holds(&[range(2, 2)], 1));
        assert!(fit(&[range(0, 1), range(2, 2)], 4));
        for wrong in [&[range(0, 2), range(2, 1)][..], &[range(3, 2)], &[range(0, 0)], &[range(u32::MAX, 2)]] {
            assert!(!fit(wrong, 4), "{wrong:?}");
        }
    }
}
