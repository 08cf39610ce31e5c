//! What is left of a budget, over all callers or of each.
//!
//! Owns the one thing that `governor` does not do by itself: to look whether a request fits without taking it. The counters
//! are governor's, and so is the arithmetic.

use std::sync::Arc;

use governor::nanos::Nanos;
use governor::state::keyed::DashMapStateStore;
use governor::state::{InMemoryState, NotKeyed, StateStore};

/// How a limiter is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Ask {
    /// Does one more fit? Changes nothing.
    Look,
    Take,
}

pub(super) enum Purse {
    OfAll(InMemoryState),
    OfEach(DashMapStateStore<Arc<str>>),
}

impl StateStore for Purse {
    type Key = (Ask, Arc<str>);

    fn measure_and_replace<T, F, E>(&self, (ask, caller): &(Ask, Arc<str>), judge: F) -> Result<T, E>
    where
        F: Fn(Option<Nanos>) -> Result<(T, Nanos), E>,
    {
        // A state is replaced for an `Ok` alone, so a look wraps what it saw into an error.
        let look = |before| match judge(before) {
            Ok((fits, _)) => Err(Ok(fits)),
            Err(spent) => Err(Err(spent)),
        };
        match (ask, self) {
            (Ask::Take, Purse::OfAll(left)) => left.measure_and_replace(&NotKeyed::NonKey, judge),
            (Ask::Take, Purse::OfEach(left)) => left.measure_and_replace(caller, judge),
            (Ask::Look, Purse::OfAll(left)) => {
                left.measure_and_replace(&NotKeyed::NonKey, look).or_else(|seen| seen)
            }
            (Ask::Look, Purse::OfEach(left)) => left.measure_and_replace(caller, look).or_else(|seen| seen),
        }
    }
}
