//! One step in the simulation: what it sets, what class it is of in the present state, and what has to be proved.

use super::exposure::Exposure;
use super::state::{Key, Service, State, Value, World};
use super::takes::takes;
use super::ways::{Part, Way, Ways};

/// The classes, in the order that they are taken in. The class of a change depends on the state it is made in.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize, schemars::JsonSchema,
)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Comes, and opens nothing.
    Make,
    /// Closes something.
    Tighten,
    /// Goes or asks for more, and closes nothing.
    Remove,
    /// Opens something, no wider than one of both ends is.
    Loosen,
    /// Leaves fewer sessions, less time, fewer VLANs on a port.
    Narrow,
    /// Moves what the device is reached by.
    Path,
}

/// What is set at once.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Move {
    /// The acts that it is made of; empty for a temporary one.
    pub(super) acts: Vec<usize>,
    /// What it sets, by place.
    pub(super) sets: Vec<(usize, Value)>,
    /// Whether it is there for a while, and undone by a later step.
    pub(super) temporary: bool,
}

impl Move {
    /// The state that it leads to.
    pub(super) fn applied(&self, state: &State) -> State {
        let mut after = state.clone();
        for (place, value) in &self.sets {
            after[*place] = *value;
        }
        after
    }
}

/// How it is known that the device is still reached after a step, in the simulation.
pub(super) type Proof = super::Check<Way>;

/// Why a step can't be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Obstacle {
    /// The device refuses it.
    NotTaken,
    /// No way in is left.
    NoWay(Vec<Part>),
    /// More than one part of every way that is left would be new.
    Leap(Vec<Part>),
    /// Something would be open that is so at neither end.
    Weaker,
}

/// What is asked of every step: is a way in left, is nothing open that neither end has open.
pub(super) struct Guard<'w> {
    /// The simulation.
    pub(super) world: &'w World,
    start: Exposure,
    goal: Exposure,
    /// Whether lock-outs are let pass: the person accepted one by name.
    pub(super) consented: bool,
    /// The way that one is in by, where it is known; else the first that there is.
    pub(super) using: Option<Way>,
}

impl<'w> Guard<'w> {
    /// Between both ends of a world.
    pub(super) fn new(world: &'w World, consented: bool) -> Guard<'w> {
        let (start, goal) = (Exposure::of(world, &world.start), Exposure::of(world, &world.goal));
        Guard { world, start, goal, consented, using: None }
    }

    /// Whether a state is no weaker than both ends.
    pub(super) fn no_weaker(&self, exposure: &Exposure) -> bool {
        exposure.within_either(&self.start, &self.goal)
    }

    /// Judges a step from one state to another, by what is open and who is in before.
    ///
    /// # Errors
    /// What stands against it.
    pub(super) fn judge(
        &self,
        from: &Seen,
        after: &State,
        using: Option<&Way>,
    ) -> Result<(Class, Proof, Seen), Obstacle> {
        if !takes(self.world, &from.state, after) {
            return Err(Obstacle::NotTaken);
        }
        let seen = Seen::of(self.world, after.clone());
        if !self.no_weaker(&seen.exposure) {
            return Err(Obstacle::Weaker);
        }
        let class = self.class(from, &seen);
        let proof = self.proof(from, &seen, using)?;
        Ok((class, proof, seen))
    }

    fn proof(&self, from: &Seen, seen: &Seen, using: Option<&Way>) -> Result<Proof, Obstacle> {
        if !seen.ways.is_any() {
            let certain = seen.ways.certainly_missing(self.world, &seen.state);
            if self.consented && !certain.is_empty() {
                return Ok(Proof::LockedOut);
            }
            // of a way that nobody knows whole, what is known of it stays
            let had = from.ways.certainly_missing(self.world, &from.state);
            let lost: Vec<Part> = certain.into_iter().filter(|part| !had.contains(part)).collect();
            return match (from.ways.is_any(), self.consented) {
                (false, _) if lost.is_empty() => Ok(Proof::NotKnown),
                (false, _) => Err(Obstacle::NoWay(lost)),
                (true, true) => Ok(Proof::LockedOut),
                (true, false) => Err(Obstacle::NoWay(seen.ways.missing())),
            };
        }
        let common = from.ways.common(&seen.ways);
        if let Some(way) = common.best(using) {
            let stays = using.is_none_or(|using| seen.ways.has(using));
            return Ok(if stays { Proof::Stays(way) } else { Proof::Before(way) });
        }
        let Some(way) = seen.ways.best(using) else { return Ok(Proof::NotKnown) };
        if !from.ways.is_any() {
            return Ok(Proof::After(way));
        }
        match common.missing()[..] {
            [Part::Account] if self.two_sessions(&from.state, using.unwrap_or(&way)) => Ok(Proof::After(way)),
            [part] => Ok(Proof::Blind(way, part)),
            _ if self.consented => Ok(Proof::LockedOut),
            _ => Err(Obstacle::Leap(common.missing())),
        }
    }

    /// Whether a second session can be opened beside the one in use.
    fn two_sessions(&self, state: &State, way: &Way) -> bool {
        let limit = |key| !matches!(self.world.get(state, key), Value::Number(0 | 1));
        let web = matches!(way.door.0, Service::Https | Service::Http);
        limit(Key::Sessions(way.door.0)) && (!web || limit(Key::Sessions(Service::Vendor)))
    }

    fn class(&self, from: &Seen, seen: &Seen) -> Class {
        let moved = self.world.keys.iter().zip(from.state.iter().zip(&seen.state)).filter(|(_, (a, b))| a != b);
        let (mut comes, mut narrows) = (false, false);
        for (key, (before, after)) in moved {
            let less = matches!((before, after), (Value::Number(a), Value::Number(b)) if b < a);
            let here = matches!(after, Value::Off | Value::Unknown);
            match key {
                Key::Address(_) | Key::Gateway(_) | Key::InVlan(_) => return Class::Path,
                Key::Sessions(_) | Key::AutoLogout if less => narrows = true,
                Key::Untagged(_) => narrows = true,
                Key::Carries(..) => narrows |= here,
                Key::MinLength => comes |= less,
                Key::Password(_) => comes = true,
                _ => comes |= !here,
            }
        }
        let (no_wider, no_narrower) = (seen.exposure.within(&from.exposure), from.exposure.within(&seen.exposure));
        match (no_wider, no_narrower) {
            (false, _) => Class::Loosen,
            (true, false) => Class::Tighten,
            (true, true) if narrows => Class::Narrow,
            (true, true) if comes => Class::Make,
            (true, true) => Class::Remove,
        }
    }
}

/// A state with what follows from it.
#[derive(Debug, Clone)]
pub(super) struct Seen {
    /// The state.
    pub(super) state: State,
    /// Who gets in.
    pub(super) ways: Ways,
    /// What is open.
    pub(super) exposure: Exposure,
}

impl Seen {
    /// Of a state.
    pub(super) fn of(world: &World, state: State) -> Seen {
        Seen { ways: Ways::of(world, &state), exposure: Exposure::of(world, &state), state }
    }
}
