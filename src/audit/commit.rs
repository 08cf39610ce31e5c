//! Group commit: exchanges that wait for the disk share one `fdatasync`.
//!
//! Owns who waits for which line and what became of it. The thread that syncs and the file are the trail's.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::oneshot;

/// Lines up to a number are on the disk, or are known not to be.
pub struct Commit {
    state: Mutex<State>,
    wake: Condvar,
    /// Lines up to here are on the disk; does not move any more once some were lost. Read without the lock.
    synced: AtomicU64,
}

#[derive(Default)]
struct State {
    /// What became of lines up to here is known.
    settled: u64,
    /// Lines that may not have reached the disk though they were written; neighbours stand together.
    lost: Vec<(u64, u64)>,
    /// Ranges that were dropped from `lost`: nothing up to here is vouched for any more.
    forgotten: u64,
    waiting: Vec<Waiting>,
    stopped: bool,
}

struct Waiting {
    seq: u64,
    told: oneshot::Sender<bool>,
}

/// Lost ranges remembered; an exchange asks at once, so few matter.
const LOST_MAX: usize = 64;

/// Why the syncing thread was woken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Woken {
    Wanted,
    Stopped,
}

impl Commit {
    /// `synced` is the last line that needs no sync.
    pub fn new(synced: u64) -> Commit {
        let state = State { settled: synced, ..State::default() };
        Commit { state: Mutex::new(state), wake: Condvar::new(), synced: AtomicU64::new(synced) }
    }

    /// Whether line `seq` is known to be on the disk, without the lock.
    pub fn is_synced(&self, seq: u64) -> bool {
        seq <= self.synced.load(Ordering::Acquire)
    }

    pub fn settled(&self) -> u64 {
        self.lock().settled
    }

    /// A receiver that is told whether line `seq` reached the disk, or what is known already.
    pub fn wait_for(&self, seq: u64) -> Result<bool, oneshot::Receiver<bool>> {
        let mut state = self.lock();
        if seq <= state.forgotten || state.lost.iter().any(|(from, to)| (*from..=*to).contains(&seq)) {
            return Ok(false);
        }
        if seq <= state.settled {
            return Ok(true);
        }
        let (told, outcome) = oneshot::channel();
        state.waiting.push(Waiting { seq, told });
        drop(state);
        self.wake.notify_one();
        Err(outcome)
    }

    /// Lines up to `seq` have been synced, or could not be. Returns the range that may be lost.
    pub fn settle(&self, seq: u64, reached: bool) -> Option<(u64, u64)> {
        let mut state = self.lock();
        let lost = (!reached && seq > state.settled).then_some((state.settled + 1, seq));
        if let Some((from, to)) = lost {
            match state.lost.last_mut() {
                Some(last) if last.1 + 1 == from => last.1 = to,
                _ => state.lost.push((from, to)),
            }
            if state.lost.len() > LOST_MAX {
                state.forgotten = state.lost.remove(0).1;
            }
        }
        state.settled = state.settled.max(seq);
        if state.lost.is_empty() {
            self.synced.store(state.settled, Ordering::Release);
        }
        let (done, still) = std::mem::take(&mut state.waiting).into_iter().partition(|one| one.seq <= seq);
        state.waiting = still;
        drop(state);
        let done: Vec<Waiting> = done;
        for one in done {
            // Nobody waits any more if the client has gone.
            let _gone = one.told.send(reached);
        }
        lost
    }

    /// Blocks the syncing thread until somebody waits, `at_most` has passed, or it is to end.
    pub fn next(&self, at_most: Duration) -> Woken {
        let state = self.lock();
        let idle = |state: &mut State| state.waiting.is_empty() && !state.stopped;
        let state = match self.wake.wait_timeout_while(state, at_most, idle) {
            Ok((state, _)) => state,
            Err(poisoned) => poisoned.into_inner().0,
        };
        if state.stopped { Woken::Stopped } else { Woken::Wanted }
    }

    pub fn stop(&self) {
        self.lock().stopped = true;
        self.wake.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_sync_tells_all_it_covers() {
        let commit = Commit::new(3);
        assert!(matches!(commit.wait_for(3), Ok(true)));
        let mut first = commit.wait_for(4).unwrap_err();
        let mut later = commit.wait_for(6).unwrap_err();
        assert_eq!(commit.next(Duration::ZERO), Woken::Wanted);
        assert_eq!(commit.settle(5, true), None);
        assert_eq!(first.try_recv(), Ok(true));
        assert!(later.try_recv().is_err());
        assert_eq!((commit.settle(6, false), later.try_recv()), (Some((6, 6)), Ok(false)));
        assert!(matches!(commit.wait_for(6), Ok(false)));
        assert!(matches!(commit.wait_for(5), Ok(true)));
        assert_eq!((commit.settle(7, false), commit.settle(9, true)), (Some((7, 7)), None));
        for (seq, reached) in [(5, true), (6, false), (7, false), (8, true), (9, true)] {
            assert!(matches!(commit.wait_for(seq), Ok(told) if told == reached), "{seq}");
            assert!(reached || !commit.is_synced(seq));
        }
        commit.stop();
        assert_eq!(commit.next(Duration::from_secs(60)), Woken::Stopped);
    }
}
