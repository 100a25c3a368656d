//! The order: of all that is left, the first in the order of classes that passes both questions; where none does, back
//! and another order, then temporary steps, then one step that only itself can prove.

use std::collections::HashSet;

use super::state::{Act, Key, State, World};
use super::step::{Class, Guard, Move, Obstacle, Proof, Seen};
use super::temporary;
use super::ways::Way;

/// As many states are looked at with each budget.
const NODES: usize = 1000;
/// As many changes may decide who gets in.
pub(super) const MOST: usize = 400;

/// One step of the order.
#[derive(Debug, Clone)]
pub(super) struct Placed {
    /// What is set.
    pub(super) what: Move,
    /// Its class there.
    pub(super) class: Class,
    /// How it is proved.
    pub(super) proof: Proof,
    /// The state that it leads to.
    pub(super) state: State,
}

/// Why there is no order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Stuck {
    /// Acts of the step that can't be made.
    pub(super) acts: Vec<usize>,
    /// Why not.
    pub(super) obstacle: Option<Obstacle>,
    /// Whether not every order was looked at.
    pub(super) cut: bool,
}

/// What may be done to get on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
struct Budget {
    /// Pages are saved more than once.
    parts: bool,
    /// Temporary steps.
    temporary: u8,
    /// Of these, such that neither end knows anything of.
    foreign: bool,
    /// Steps that nothing but themselves proves.
    blind: u8,
    /// What moves the path is done at once.
    together: bool,
}

/// Finds the order. `foreign`: whether steps are allowed that neither end knows anything of.
///
/// # Errors
/// No order is safe.
pub(super) fn order(guard: &Guard<'_>, foreign: bool) -> Result<Vec<Placed>, Stuck> {
    let world = guard.world;
    if world.acts.len() > MOST {
        return Err(Stuck { acts: Vec::new(), obstacle: None, cut: true });
    }
    let start = Seen::of(world, world.start.clone());
    let using = start.ways.best(guard.using.as_ref());
    let mut cut = false;
    let mut stuck = None;
    for budget in budgets(world, &start, guard, foreign) {
        let mut search = Search { guard, seen: HashSet::new(), nodes: 0, steps: Vec::new(), stuck: None };
        if search.go(&start, using.as_ref(), budget) {
            return Ok(search.steps);
        }
        cut |= search.nodes >= NODES;
        stuck = stuck.or(search.stuck);
    }
    let (acts, obstacle) = stuck.map_or((Vec::new(), None), |(acts, obstacle)| (acts, Some(obstacle)));
    Err(Stuck { acts, obstacle, cut })
}

fn budgets(world: &World, start: &Seen, guard: &Guard<'_>, foreign: bool) -> Vec<Budget> {
    let plain = Budget { parts: false, temporary: 0, foreign: false, blind: 0, together: false };
    let pages = world.acts.iter().any(|act| act.page.is_some());
    let aside = temporary::conceivable(world);
    let moving = world.acts.iter().filter(|act| moves_path(world, act)).count();
    let goal = Seen::of(world, world.goal.clone());
    // one address, and the path is wholly new: no order of anything else brings it back
    let addresses = world.keys.iter().filter(|key| matches!(key, Key::Address(_))).count();
    let hopeless = addresses == 1 && start.ways.is_any() && start.ways.common(&goal.ways).paths.is_empty();
    let mut all = Vec::new();
    if !hopeless || guard.consented {
        all.push(plain);
        all.extend(pages.then_some(Budget { parts: true, ..plain }));
        all.extend([1, 2].into_iter().filter(|_| aside).map(|temporary| Budget { parts: true, temporary, ..plain }));
    }
    let blind = Budget { blind: 1, ..plain };
    all.push(blind);
    all.extend(pages.then_some(Budget { parts: true, ..blind }));
    all.extend((moving > 1).then_some(Budget { parts: true, together: true, ..blind }));
    all.extend(aside.then_some(Budget { parts: true, together: moving > 1, temporary: 2, ..blind }));
    if foreign {
        all.push(Budget { parts: true, temporary: 2, foreign: true, ..plain });
        all.push(Budget { parts: true, temporary: 2, foreign: true, together: true, ..blind });
    }
    all
}

fn moves_path(world: &World, act: &Act) -> bool {
    act.places.iter().any(|at| matches!(world.keys[*at], Key::Address(_) | Key::Gateway(_) | Key::InVlan(_)))
}

struct Search<'g, 'w> {
    guard: &'g Guard<'w>,
    seen: HashSet<(State, Budget)>,
    nodes: usize,
    steps: Vec<Placed>,
    stuck: Option<(Vec<usize>, Obstacle)>,
}

impl Search<'_, '_> {
    fn go(&mut self, here: &Seen, using: Option<&Way>, budget: Budget) -> bool {
        let world = self.guard.world;
        if here.state == world.goal {
            return true;
        }
        if self.nodes >= NODES || !self.seen.insert((here.state.clone(), budget)) {
            return false;
        }
        self.nodes += 1;
        let mut open = Vec::new();
        for what in self.moves(&here.state, budget) {
            let after = what.applied(&here.state);
            match self.guard.judge(here, &after, using) {
                Ok((_, Proof::Blind(..), _)) if budget.blind == 0 => {}
                Ok((class, proof, seen)) => open.push((what, class, proof, seen)),
                Err(obstacle) if self.stuck.is_none() && !what.temporary => self.stuck = Some((what.acts, obstacle)),
                Err(_) => {}
            }
        }
        let rank = |proof: &Proof| match proof {
            Proof::Stays(_) | Proof::NotKnown => 0,
            Proof::Before(_) | Proof::After(_) => 1,
            Proof::Blind(..) => 2,
            Proof::LockedOut => 3,
        };
        open.sort_by_key(|(what, class, proof, _)| {
            (
                rank(proof) / 2,
                what.temporary,
                *class,
                rank(proof),
                what.sets.first().map(|(place, _)| world.keys[*place]),
            )
        });
        for (what, class, proof, seen) in open {
            let mut left = budget;
            left.temporary -= u8::from(what.temporary);
            left.blind -= u8::from(matches!(proof, Proof::Blind(..)));
            let using = match proof {
                Proof::Stays(_) => using.copied().or(seen.ways.best(None)),
                Proof::Before(way) | Proof::After(way) | Proof::Blind(way, _) => Some(way),
                Proof::NotKnown | Proof::LockedOut => None,
            };
            self.steps.push(Placed { what, class, proof, state: seen.state.clone() });
            if self.go(&seen, using.as_ref(), left) {
                return true;
            }
            self.steps.pop();
        }
        false
    }

    fn moves(&self, state: &State, budget: Budget) -> Vec<Move> {
        let world = self.guard.world;
        let pending: Vec<usize> = (0..world.acts.len())
            .filter(|act| world.acts[*act].places.iter().any(|at| state[*at] != world.goal[*at]))
            .collect();
        let of = |acts: Vec<usize>| {
            let places = acts.iter().flat_map(|act| world.acts[*act].places.iter());
            let sets = places.map(|at| (*at, world.goal[*at])).collect();
            Move { acts, sets, temporary: false }
        };
        let mut found = Vec::new();
        let page = |act: &usize| world.acts[*act].page;
        for (at, act) in pending.iter().enumerate() {
            match page(act) {
                Some(number) if pending[..at].iter().any(|other| page(other) == Some(number)) => {}
                Some(number) => {
                    found.push(of(pending.iter().copied().filter(|other| page(other) == Some(number)).collect()));
                }
                None => found.push(of(vec![*act])),
            }
        }
        if budget.parts {
            let shared = |act: &&usize| {
                page(act).is_some_and(|number| pending.iter().filter(|other| page(other) == Some(number)).count() > 1)
            };
            found.extend(pending.iter().filter(shared).map(|act| of(vec![*act])));
        }
        if budget.together {
            let moving: Vec<usize> =
                pending.iter().copied().filter(|act| moves_path(world, &world.acts[*act])).collect();
            if moving.len() > 1 {
                found.push(of(moving));
            }
        }
        // what a temporary step set, and no change sets again
        let own = |place: usize| world.acts.iter().any(|act| act.places.contains(&place));
        let left = (0..state.len()).filter(|place| state[*place] != world.goal[*place] && !own(*place));
        found.extend(left.map(|place| Move {
            acts: Vec::new(),
            sets: vec![(place, world.goal[place])],
            temporary: false,
        }));
        if budget.temporary > 0 {
            let new = |what: &Move| what.sets.iter().any(|(place, value)| state[*place] != *value);
            found.extend(temporary::within(world, state).into_iter().filter(new));
            if budget.foreign {
                found.extend(temporary::foreign(world, state));
            }
        }
        found
    }
}
