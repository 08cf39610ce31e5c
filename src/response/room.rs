//! The memory for answers that are held whole: bounded over all exchanges, since each may hold megabytes.
//!
//! Owns how much there is. An error waits until there is room for all that may come of it, in the order in which they asked: long ones are
//! read beside the workers a few at a time anyway, and what waits is left in the sockets. Other answers do not wait: what finds no room
//! counts as too long.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// For the errors of all exchanges together, in bytes.
const ERRORS_BYTES: usize = 8 * 1024 * 1024;
/// For all other answers together.
const ANSWERS_BYTES: usize = 56 * 1024 * 1024;
/// What is counted at once; each exchange has one of them in any case.
const UNIT_BYTES: usize = 64 * 1024;

/// Shared by all workers.
#[derive(Clone)]
pub struct Room {
    errors: Arc<Semaphore>,
    answers: Arc<Semaphore>,
}

impl Default for Room {
    fn default() -> Room {
        let units = |bytes| Arc::new(Semaphore::new(bytes / UNIT_BYTES));
        Room { errors: units(ERRORS_BYTES), answers: units(ANSWERS_BYTES) }
    }
}

impl Room {
    pub fn of_error(&self) -> Share {
        Share { room: Arc::clone(&self.errors), waits: true, held: None }
    }

    pub fn of_answer(&self) -> Share {
        Share { room: Arc::clone(&self.answers), waits: false, held: None }
    }
}

/// What one exchange holds; given back when it is dropped.
pub struct Share {
    room: Arc<Semaphore>,
    waits: bool,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Holds so many bytes of a text that is still read, and that may become as long as `most`. An error has all of that at once, so
    /// that none of those that wait holds what another waits for; one that is longer than the room has the room to itself.
    pub async fn grow(&mut self, bytes: usize, most: usize) -> bool {
        if !self.waits {
            return self.hold(bytes);
        }
        if self.has_turn() || bytes < UNIT_BYTES {
            return true;
        }
        let units = u32::try_from(most.clamp(UNIT_BYTES, ERRORS_BYTES) / UNIT_BYTES).unwrap_or(u32::MAX);
        self.held = Arc::clone(&self.room).acquire_many_owned(units).await.ok();
        self.has_turn()
    }

    /// Whether it is an error that was long enough to wait.
    pub fn has_turn(&self) -> bool {
        self.waits && self.held.is_some()
    }

    /// Holds so many bytes and no more from now on, if there is room for them.
    pub fn hold(&mut self, bytes: usize) -> bool {
        let most = if self.waits { ERRORS_BYTES } else { usize::MAX };
        let (units, held) = (bytes.min(most) / UNIT_BYTES, self.units());
        if units <= held {
            drop(self.held.as_mut().and_then(|all| all.split(held - units)));
            return true;
        }
        let lacking = u32::try_from(units - held).unwrap_or(u32::MAX);
        let Ok(more) = Arc::clone(&self.room).try_acquire_many_owned(lacking) else { return false };
        match &mut self.held {
            Some(held) => held.merge(more),
            none => *none = Some(more),
        }
        true
    }

    fn units(&self) -> usize {
        self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits)
    }
}

#[cfg(test)]
mod tests {
    use std::future::poll_fn;
    use std::pin::{Pin, pin};
    use std::task::Poll;

    use super::*;

    async fn is_ready(waits: &mut Pin<&mut impl Future>) -> bool {
        poll_fn(|cx| Poll::Ready(waits.as_mut().poll(cx).is_ready())).await
    }

    #[test]
    fn all_shares_together_have_so_much_and_no_more() {
        let room = Room::default();
        const EACH: usize = ANSWERS_BYTES / 8;
        let mut shares: Vec<Share> = (0..8).map(|_| room.of_answer()).collect();
        for share in &mut shares {
            assert!((1..=EACH / UNIT_BYTES).all(|units| share.hold(units * UNIT_BYTES)));
        }
        let mut one_more = room.of_answer();
        assert!(one_more.hold(UNIT_BYTES - 1) && !one_more.hold(UNIT_BYTES));
        assert!(shares[0].hold(EACH) && !shares[0].hold(EACH + UNIT_BYTES));
        assert!(shares[0].hold(0) && one_more.hold(EACH) && !shares[0].hold(UNIT_BYTES));
        shares.pop();
        assert!(shares[0].hold(EACH));
        drop((shares, one_more));
        assert_eq!(room.answers.available_permits(), ANSWERS_BYTES / UNIT_BYTES);
    }

    #[tokio::test]
    async fn errors_wait_for_their_turn_with_nothing_that_another_waits_for() {
        const LONG: usize = 256 * 1024;
        let room = Room::default();
        let mut shares = Vec::new();
        for _ in 0..ERRORS_BYTES / LONG {
            let mut share = room.of_error();
            // As the first piece beyond what each has came; then the rest.
            assert!(share.grow(UNIT_BYTES, LONG).await && share.grow(LONG, LONG).await);
            shares.push(share);
        }
        assert_eq!(room.errors.available_permits(), 0);
        let mut short = room.of_error();
        assert!(short.grow(UNIT_BYTES - 1, LONG).await, "a short one needs no turn");
        assert!(room.of_answer().hold(UNIT_BYTES), "no answer breaks off for errors");
        let mut first = room.of_error();
        let mut second = room.of_error();
        let (mut first, mut second) = (pin!(first.grow(UNIT_BYTES, LONG)), pin!(second.grow(LONG, LONG)));
        assert!(!is_ready(&mut first).await && !is_ready(&mut second).await);
        shares.pop();
        assert!(!is_ready(&mut second).await && is_ready(&mut first).await);
        // Shorter in the end than it might have been: the rest is the next one's.
        assert!(shares[0].hold(LONG / 2) && shares[1].hold(LONG / 2));
        assert!(second.await);
    }

    #[tokio::test]
    async fn the_longest_error_that_a_policy_may_allow_has_room() {
        let room = Room::default();
        let mut share = room.of_error();
        assert!(share.grow(UNIT_BYTES, 16 << 20).await && share.grow(16 << 20, 16 << 20).await);
        assert!(share.hold(16 << 20));
        assert_eq!(room.errors.available_permits(), 0);
        drop(share);
        assert_eq!(room.errors.available_permits(), ERRORS_BYTES / UNIT_BYTES);
    }
}
