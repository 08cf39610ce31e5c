//! How much the engine does, counted in tests only: bytes that a reader goes through, and looks at single tokens.
//!
//! Owns the counter. A reader adds the length of what it reads, a loop over what is left of a text what it went through,
//! so that a test can tell work that grows with the length from work that grows with its square. Without tests it is nothing.

#[cfg(test)]
use std::cell::Cell;

#[cfg(test)]
thread_local! {
    static DONE: Cell<u64> = const { Cell::new(0) };
}

/// Counts `steps` more.
#[cfg(test)]
pub(crate) fn add(steps: usize) {
    DONE.set(DONE.get() + steps as u64);
}

/// Nothing is counted.
#[cfg(not(test))]
#[inline(always)]
pub(crate) fn add(_steps: usize) {}

/// What `act` does.
#[cfg(test)]
pub(crate) fn of(act: impl FnOnce()) -> u64 {
    let before = DONE.get();
    act();
    DONE.get() - before
}
