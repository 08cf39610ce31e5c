//! The memory for answers that are held whole: bounded over all exchanges, since each may hold megabytes.
//!
//! Owns how much there is. Who finds none does not wait: the answer counts as one that is too long.

use std::sync::Arc;

use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// For all exchanges together, in bytes.
const ROOM_BYTES: usize = 64 * 1024 * 1024;
/// What is counted at once; each exchange has one of them in any case.
const UNIT_BYTES: usize = 64 * 1024;

/// Shared by all workers.
#[derive(Clone)]
pub struct Room(Arc<Semaphore>);

impl Default for Room {
    fn default() -> Room {
        Room(Arc::new(Semaphore::new(ROOM_BYTES / UNIT_BYTES)))
    }
}

impl Room {
    pub fn share(&self) -> Share {
        Share { room: Arc::clone(&self.0), held: None }
    }
}

/// What one exchange holds; given back when it is dropped.
pub struct Share {
    room: Arc<Semaphore>,
    held: Option<OwnedSemaphorePermit>,
}

impl Share {
    /// Holds so many bytes from now on, if there is room for them.
    pub fn hold(&mut self, bytes: usize) -> bool {
        let (units, held) =
            (bytes / UNIT_BYTES, self.held.as_ref().map_or(0, OwnedSemaphorePermit::num_permits));
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
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_shares_together_have_so_much_and_no_more() {
        let room = Room::default();
        let mut shares: Vec<Share> = (0..8).map(|_| room.share()).collect();
        for share in &mut shares {
            assert!((1..=128).all(|units| share.hold(units * UNIT_BYTES)));
        }
        let mut one_more = room.share();
        assert!(one_more.hold(UNIT_BYTES - 1) && !one_more.hold(UNIT_BYTES));
        assert!(shares[0].hold(ROOM_BYTES / 8) && !shares[0].hold(ROOM_BYTES / 8 + UNIT_BYTES));
        assert!(shares[0].hold(0) && one_more.hold(ROOM_BYTES / 8) && !shares[0].hold(UNIT_BYTES));
        shares.pop();
        assert!(shares[0].hold(ROOM_BYTES / 8));
        drop((shares, one_more));
        assert_eq!(room.0.available_permits(), ROOM_BYTES / UNIT_BYTES);
    }
}
