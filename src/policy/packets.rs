//! Sets of packets, as a rule of a filter means them: exact, so that what earlier rules leave of a later one is known.
//!
//! A set is what some ranges of numbers allow on each side: the interfaces, the addresses, the services, the hardware
//! addresses. What one set leaves of another is a few such sets.

/// Numbers in ranges, sorted and apart.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(super) struct Ranges(Vec<(u128, u128)>);

impl Ranges {
    pub(super) fn all() -> Ranges {
        Ranges(vec![(0, u128::MAX)])
    }

    pub(super) fn one(number: u128) -> Ranges {
        Ranges(vec![(number, number)])
    }

    /// Of ranges in any order, each from its first number to its last.
    pub(super) fn of(ranges: impl IntoIterator<Item = (u128, u128)>) -> Ranges {
        let mut all: Vec<(u128, u128)> = ranges.into_iter().filter(|(first, last)| first <= last).collect();
        all.sort_unstable();
        let mut joined: Vec<(u128, u128)> = Vec::with_capacity(all.len());
        for (first, last) in all {
            match joined.last_mut().filter(|before| first <= before.1.saturating_add(1)) {
                Some(before) => before.1 = before.1.max(last),
                None => joined.push((first, last)),
            }
        }
        Ranges(joined)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn meets(&self, other: &Ranges) -> bool {
        let after = |range: &(u128, u128)| other.0.partition_point(|its| its.1 < range.0);
        self.0.iter().any(|range| other.0.get(after(range)).is_some_and(|its| its.0 <= range.1))
    }

    pub(super) fn and(&self, other: &Ranges) -> Ranges {
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(a), Some(b)) = (ours.peek(), theirs.peek()) {
            let (first, last) = (a.0.max(b.0), a.1.min(b.1));
            if first <= last {
                both.push((first, last));
            }
            if a.1 <= b.1 {
                ours.next()
            } else {
                theirs.next()
            };
        }
        Ranges(both)
    }

    /// How many numbers they are, nearly.
    fn count(&self) -> f64 {
        self.0.iter().map(|(first, last)| (last - first) as f64 + 1.0).sum()
    }

    pub(super) fn or(&self, other: &Ranges) -> Ranges {
        Ranges::of(self.0.iter().chain(&other.0).copied())
    }

    fn without(&self, other: &Ranges) -> Ranges {
        let mut between = Vec::with_capacity(other.0.len() + 1);
        let mut from = Some(0);
        for (first, last) in &other.0 {
            if let (Some(from), Some(before)) = (from, first.checked_sub(1))
                && from <= before
            {
                between.push((from, before));
            }
            from = last.checked_add(1);
        }
        between.extend(from.map(|from| (from, u128::MAX)));
        self.and(&Ranges(between))
    }
}

/// Services stand on a line: the number of the protocol over that of the port. This is the room of one protocol.
pub(super) const PROTOCOL: u128 = 1 << 16;

/// What a packet shows of itself.
#[derive(Debug, Clone, Copy)]
pub(super) enum Side {
    /// The interface that it comes in by.
    From,
    /// The interface that it leaves by.
    To,
    /// The address that it comes from.
    Source,
    /// The address that it goes to.
    Destination,
    /// Its protocol, and the port that it goes to.
    Service,
    /// Its protocol, and the port that it comes from.
    SourceService,
    /// The hardware address that it comes from.
    SourceMac,
    /// The hardware address that it goes to.
    DestinationMac,
}

const SIDES: usize = 8;

/// A set of packets.
#[derive(Debug, Clone)]
pub(super) struct Packets([Ranges; SIDES]);

impl Packets {
    pub(super) fn all() -> Packets {
        Packets(std::array::from_fn(|_| Ranges::all()))
    }

    /// Those of them that are so on one side.
    pub(super) fn with(mut self, side: Side, ranges: &Ranges) -> Packets {
        let at = side as usize;
        self.0[at] = self.0[at].and(ranges);
        self
    }

    pub(super) fn side(&self, side: Side) -> &Ranges {
        &self.0[side as usize]
    }

    /// Whether there is no such packet: one has a single protocol, whichever way its ports are asked for.
    pub(super) fn is_empty(&self) -> bool {
        let protocols = |side| {
            let Ranges(ranges) = self.side(side);
            Ranges::of(ranges.iter().map(|(first, last)| (first / PROTOCOL, last / PROTOCOL)))
        };
        self.0.iter().any(Ranges::is_empty) || protocols(Side::Service).and(&protocols(Side::SourceService)).is_empty()
    }

    /// How much of all of them these are, from 0 to 1.
    pub(super) fn share(&self, all: &Packets) -> f64 {
        self.0.iter().zip(&all.0).map(|(ours, all)| ours.count() / all.count()).product()
    }

    pub(super) fn meets(&self, other: &Packets) -> bool {
        // most rules have nothing in common on some side: nothing is made for them
        if !self.0.iter().zip(&other.0).all(|(ours, theirs)| ours.meets(theirs)) {
            return false;
        }
        let both = Packets(std::array::from_fn(|side| self.0[side].and(&other.0[side])));
        !both.is_empty()
    }

    /// What the other leaves of these: sets that are apart.
    pub(super) fn without(&self, other: &Packets) -> Vec<Packets> {
        if !self.meets(other) {
            return vec![self.clone()];
        }
        let mut left = Vec::new();
        let mut rest = self.clone();
        for side in 0..SIDES {
            let outside = rest.0[side].without(&other.0[side]);
            if !outside.is_empty() {
                let mut piece = rest.clone();
                piece.0[side] = outside;
                if !piece.is_empty() {
                    left.push(piece);
                }
            }
            rest.0[side] = rest.0[side].and(&other.0[side]);
        }
        left
    }
}

/// More pieces of one question are not followed: real firewalls have a few hundred rules.
pub(super) const MOST_PIECES: usize = 10_000;

/// What takes packets first, of what stands before: `None` where the question falls into more than `most` pieces. Each
/// is handed with its number; what nothing takes is left.
pub(super) fn taken_by<'r>(
    packets: &Packets,
    before: impl IntoIterator<Item = &'r Packets>,
    most: usize,
) -> Option<(Vec<usize>, Vec<Packets>)> {
    let mut left = if packets.is_empty() { Vec::new() } else { vec![packets.clone()] };
    let mut takers = Vec::new();
    for (number, earlier) in before.into_iter().enumerate() {
        if !left.iter().any(|piece| piece.meets(earlier)) {
            continue;
        }
        takers.push(number);
        left = left.iter().flat_map(|piece| piece.without(earlier)).collect();
        if left.len() > most {
            return None;
        }
        if left.is_empty() {
            break;
        }
    }
    Some((takers, left))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Sides that differ there: the rest lets everything in.
    const TRIED: [Side; 4] = [Side::From, Side::Source, Side::Service, Side::SourceService];

    /// Each side has four numbers; of services they are two ports of two protocols.
    fn number(side: Side, n: u128) -> u128 {
        match side {
            Side::Service | Side::SourceService => (n / 2) * PROTOCOL + n % 2,
            _ => n,
        }
    }

    fn set() -> impl Strategy<Value = Packets> {
        let side = prop_oneof![
            1 => Just(None),
            4 => any::<[bool; 4]>().prop_map(Some),
        ];
        proptest::collection::vec(side, TRIED.len()).prop_map(|sides| {
            TRIED.iter().zip(&sides).fold(Packets::all(), |packets, (side, bits)| {
                let Some(bits) = bits else { return packets };
                let some = (0..4).filter(|n| bits[*n as usize]).map(|n| number(*side, n));
                packets.with(*side, &Ranges::of(some.map(|n| (n, n))))
            })
        })
    }

    fn holds(packets: &Packets, packet: [u128; 4]) -> bool {
        TRIED.iter().zip(packet).all(|(side, n)| !packets.side(*side).and(&Ranges::one(number(*side, n))).is_empty())
    }

    /// Every packet that is one: its protocol is the same whichever port is asked for.
    fn every() -> impl Iterator<Item = [u128; 4]> {
        let four = || 0..4u128;
        let all = four()
            .flat_map(move |a| four().flat_map(move |b| four().flat_map(move |c| four().map(move |d| [a, b, c, d]))));
        all.filter(|[.., to, from]| to / 2 == from / 2)
    }

    proptest! {
        #[test]
        fn what_is_left_is_what_no_earlier_one_takes(list in proptest::collection::vec(set(), 1..7)) {
            let (last, before) = list.split_last().unwrap();
            let (takers, left) = taken_by(last, before, usize::MAX).unwrap();
            let mut first = std::collections::BTreeSet::new();
            for packet in every().filter(|packet| holds(last, *packet)) {
                let taker = before.iter().position(|set| holds(set, packet));
                prop_assert_eq!(taker.is_none(), left.iter().any(|piece| holds(piece, packet)), "{:?}", packet);
                prop_assert!(left.iter().filter(|piece| holds(piece, packet)).count() <= 1, "pieces are apart");
                first.extend(taker);
            }
            // numbers beyond those that are tried may be taken too
            prop_assert!(first.iter().all(|n| takers.contains(n)), "{:?} {:?}", first, takers);
            let nobody = every().all(|packet| !holds(last, packet) || before.iter().any(|set| holds(set, packet)));
            prop_assert!(!left.is_empty() || nobody);
            let tried = |side: Side| Ranges::of((0..4).map(|n| (number(side, n), number(side, n))));
            if TRIED.iter().all(|side| last.side(*side).without(&tried(*side)).is_empty()) {
                prop_assert_eq!(left.is_empty(), nobody);
            }
        }
    }

    #[test]
    fn ranges_are_taken_out_at_both_ends_of_all_numbers() {
        let all = Ranges::all();
        assert!(all.without(&all).is_empty());
        assert_eq!(all.without(&Ranges::one(0)), Ranges::of([(1, u128::MAX)]));
        assert_eq!(all.without(&Ranges::one(u128::MAX)), Ranges::of([(0, u128::MAX - 1)]));
        assert_eq!(Ranges::of([(5, 9), (1, 4), (20, 20)]), Ranges::of([(1, 9), (20, 20)]));
        assert_eq!(Ranges::of([(1, 9)]).without(&Ranges::of([(3, 4), (6, 6)])), Ranges::of([(1, 2), (5, 5), (7, 9)]));
    }

    #[test]
    fn too_many_pieces_are_no_answer() {
        let hole = |n: u128| Packets::all().with(Side::Source, &Ranges::one(n * 2)).with(Side::To, &Ranges::one(n));
        let holes: Vec<Packets> = (0..50).map(hole).collect();
        assert!(taken_by(&Packets::all(), &holes, 10).is_none());
        assert!(taken_by(&Packets::all(), &holes, 10_000).is_some());
    }
}
