//! Group commit: exchanges that wait for the disk share one `fdatasync`.
//!
//! Owns who waits for which line, what became of it, and when the next sync begins. The thread that syncs and the file are the
//! trail's. A sync costs more processor time than a whole exchange, and so does waking a sleeping thread. Hence two rules:
//! under load a sync begins at least [`GATHER`] after the one before, unless every exchange there is waits for it already, so
//! that a lone one never waits; and of the exchanges of one thread only one is woken from outside, which then wakes the others.

use std::pin::Pin;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::ThreadId;
use std::time::{Duration, Instant};

/// From the beginning of one sync to that of the next, while more exchanges are on their way to it.
const GATHER: Duration = Duration::from_millis(1);
/// Lost ranges remembered; an exchange asks at once, so few matter.
const LOST_MAX: usize = 64;

/// Lines up to a number are on the disk, or are known not to be.
pub struct Commit {
    state: Mutex<State>,
    wake: Condvar,
    /// Lines up to here are on the disk; does not move any more once some were lost. Read without the lock.
    synced: AtomicU64,
    /// Exchanges under way: each will wait for a sync sooner or later.
    open: AtomicUsize,
}

#[derive(Default)]
struct State {
    /// What became of lines up to here is known.
    settled: u64,
    /// Lines that may not have reached the disk though they were written; neighbours stand together.
    lost: Vec<(u64, u64)>,
    /// Ranges that were dropped from `lost`: nothing up to here is vouched for any more.
    forgotten: u64,
    /// One for each thread that ever waited; there are few.
    groups: Vec<Group>,
    waiting: usize,
    syncer: Syncer,
    begun: Option<Instant>,
    stopped: bool,
}

/// The exchanges of one thread.
struct Group {
    thread: ThreadId,
    waiting: Vec<Waiting>,
    /// What became of their lines is known; the one of them that was woken wakes these.
    due: Vec<Waker>,
}

struct Waiting {
    seq: u64,
    waker: Waker,
}

/// What the syncing thread is doing.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Syncer {
    #[default]
    Busy,
    /// Nobody waits.
    Idle,
    /// A sync has just been; more are to come to the next.
    Gathering,
}

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
        Commit {
            state: Mutex::new(state),
            wake: Condvar::new(),
            synced: AtomicU64::new(synced),
            open: AtomicUsize::new(0),
        }
    }

    /// An exchange began that will need a sync.
    pub fn enter(&self) {
        self.open.fetch_add(1, Ordering::Relaxed);
    }

    /// One of those ended.
    pub fn leave(&self) {
        self.open.fetch_sub(1, Ordering::Relaxed);
    }

    pub fn settled(&self) -> u64 {
        self.lock().settled
    }

    /// Waits until it is known whether line `seq` reached the disk, and says so.
    pub fn reached(&self, seq: u64) -> Reached<'_> {
        Reached { commit: self, seq, group: None }
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
        let mut first = Vec::new();
        for group in &mut state.groups {
            let known = group.waiting.extract_if(.., |one| one.seq <= seq).map(|one| one.waker);
            group.due.extend(known);
            first.extend(group.due.pop());
        }
        state.waiting = state.groups.iter().map(|group| group.waiting.len()).sum();
        drop(state);
        first.into_iter().for_each(Waker::wake);
        lost
    }

    /// Blocks the syncing thread until a sync is due, `at_most` has passed, or it is to end.
    pub fn next(&self, at_most: Duration) -> Woken {
        let mut state = self.lock();
        let since = state.begun.map_or(GATHER, |begun| begun.elapsed());
        if let Some(rest) = GATHER.checked_sub(since) {
            state.syncer = Syncer::Gathering;
            state = self.wait_while(state, rest, |state| !self.all_wait(state));
        }
        if state.waiting == 0 {
            state.syncer = Syncer::Idle;
            state = self.wait_while(state, at_most, |state| state.waiting == 0);
        }
        state.syncer = Syncer::Busy;
        state.begun = Some(Instant::now());
        if state.stopped { Woken::Stopped } else { Woken::Wanted }
    }

    pub fn stop(&self) {
        self.lock().stopped = true;
        self.wake.notify_all();
    }

    fn wait_while<'a>(
        &self,
        state: MutexGuard<'a, State>,
        at_most: Duration,
        condition: impl Fn(&State) -> bool,
    ) -> MutexGuard<'a, State> {
        let waited = self.wake.wait_timeout_while(state, at_most, |state| !state.stopped && condition(state));
        waited.unwrap_or_else(PoisonError::into_inner).0
    }

    fn all_wait(&self, state: &State) -> bool {
        state.waiting > 0 && state.waiting >= self.open.load(Ordering::Relaxed)
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// Whether line `seq` reached the disk, if that is known.
    fn outcome(&self, seq: u64) -> Option<bool> {
        let lost = seq <= self.forgotten || self.lost.iter().any(|(from, to)| (*from..=*to).contains(&seq));
        if lost { Some(false) } else { (seq <= self.settled).then_some(true) }
    }

    /// The group of the thread that asks.
    fn own_group(&mut self) -> usize {
        let thread = std::thread::current().id();
        self.groups.iter().position(|group| group.thread == thread).unwrap_or_else(|| {
            self.groups.push(Group { thread, waiting: Vec::new(), due: Vec::new() });
            self.groups.len() - 1
        })
    }
}

/// The wait of one exchange. May be dropped at any time.
pub struct Reached<'a> {
    commit: &'a Commit,
    seq: u64,
    /// Where it waits.
    group: Option<usize>,
}

impl Future for Reached<'_> {
    type Output = bool;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<bool> {
        if self.group.is_none() && self.seq <= self.commit.synced.load(Ordering::Acquire) {
            return Poll::Ready(true);
        }
        let mut state = self.commit.lock();
        if let Some(reached) = state.outcome(self.seq) {
            drop(state);
            self.end();
            return Poll::Ready(reached);
        }
        let seq = self.seq;
        let waker = context.waker();
        let group = *self.group.get_or_insert_with(|| state.own_group());
        let Some(list) = state.groups.get_mut(group).map(|group| &mut group.waiting) else {
            return Poll::Ready(false);
        };
        match list.iter_mut().find(|one| one.seq == seq) {
            Some(known) => known.waker.clone_from(waker),
            None => {
                list.push(Waiting { seq, waker: waker.clone() });
                state.waiting += 1;
            }
        }
        let wanted = match state.syncer {
            Syncer::Busy => false,
            Syncer::Idle => true,
            Syncer::Gathering => self.commit.all_wait(&state),
        };
        drop(state);
        if wanted {
            self.commit.wake.notify_one();
        }
        Poll::Pending
    }
}

impl Reached<'_> {
    /// Leaves the group and wakes those of it whose outcome is known: this may be the one that was to.
    fn end(&mut self) {
        let Some(group) = self.group.take() else { return };
        let mut state = self.commit.lock();
        let Some(group) = state.groups.get_mut(group) else { return };
        let before = group.waiting.len();
        group.waiting.retain(|one| one.seq != self.seq);
        let left = before - group.waiting.len();
        let due = std::mem::take(&mut group.due);
        state.waiting -= left;
        drop(state);
        due.into_iter().for_each(Waker::wake);
    }
}

impl Drop for Reached<'_> {
    fn drop(&mut self) {
        self.end();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::task::Wake;

    use super::*;

    #[derive(Default)]
    struct Count(AtomicUsize);

    impl Wake for Count {
        fn wake(self: Arc<Self>) {
            self.0.fetch_add(1, Ordering::Relaxed);
        }
    }

    /// One exchange, and how often it was woken.
    struct Exchange<'a> {
        wait: Pin<Box<Reached<'a>>>,
        woken: Arc<Count>,
    }

    impl<'a> Exchange<'a> {
        fn new(commit: &'a Commit, seq: u64) -> Exchange<'a> {
            commit.enter();
            Exchange { wait: Box::pin(commit.reached(seq)), woken: Arc::default() }
        }

        fn poll(&mut self) -> Poll<bool> {
            let waker = Arc::clone(&self.woken).into();
            self.wait.as_mut().poll(&mut Context::from_waker(&waker))
        }

        fn woken(&self) -> usize {
            self.woken.0.load(Ordering::Relaxed)
        }
    }

    fn known(commit: &Commit, seq: u64) -> Poll<bool> {
        Exchange::new(commit, seq).poll()
    }

    #[test]
    fn one_sync_tells_all_it_covers() {
        let commit = Commit::new(3);
        assert_eq!(known(&commit, 3), Poll::Ready(true));
        let (mut first, mut later) = (Exchange::new(&commit, 4), Exchange::new(&commit, 6));
        assert!(first.poll().is_pending() && later.poll().is_pending());
        assert_eq!(commit.next(Duration::ZERO), Woken::Wanted);
        assert_eq!(commit.settle(5, true), None);
        assert_eq!((first.woken(), first.poll()), (1, Poll::Ready(true)));
        assert_eq!((later.woken(), later.poll()), (0, Poll::Pending));
        assert_eq!((commit.settle(6, false), later.poll()), (Some((6, 6)), Poll::Ready(false)));
        assert_eq!((known(&commit, 6), known(&commit, 5)), (Poll::Ready(false), Poll::Ready(true)));
        assert_eq!((commit.settle(7, false), commit.settle(9, true)), (Some((7, 7)), None));
        for (seq, reached) in [(5, true), (6, false), (7, false), (8, true), (9, true)] {
            assert_eq!(known(&commit, seq), Poll::Ready(reached), "{seq}");
        }
        commit.stop();
        assert_eq!(commit.next(Duration::from_secs(60)), Woken::Stopped);
    }

    #[test]
    fn one_of_a_thread_is_woken_and_wakes_the_others() {
        let commit = Commit::new(0);
        let mut all: Vec<_> = (1..=5).map(|seq| Exchange::new(&commit, seq)).collect();
        assert!(all.iter_mut().all(|one| one.poll().is_pending()));
        commit.settle(5, true);
        let woken = |all: &[Exchange<'_>]| all.iter().map(Exchange::woken).sum::<usize>();
        assert_eq!(woken(&all), 1);
        let first = all.iter().position(|one| one.woken() == 1).unwrap();
        assert_eq!(all[first].poll(), Poll::Ready(true));
        assert_eq!(woken(&all), 5);
        assert!(
            all.iter_mut().filter(|one| one.wait.group.is_some()).all(|one| one.poll() == Poll::Ready(true))
        );
        assert_eq!(commit.lock().waiting, 0);
    }

    #[test]
    fn one_that_is_dropped_before_it_runs_still_wakes_the_others() {
        let commit = Commit::new(0);
        let mut all: Vec<_> = (1..=3).map(|seq| Exchange::new(&commit, seq)).collect();
        assert!(all.iter_mut().all(|one| one.poll().is_pending()));
        // One gives up before anything is known, one between being woken and running.
        all.remove(1);
        assert_eq!(commit.lock().waiting, 2);
        commit.settle(3, true);
        let first = all.iter().position(|one| one.woken() == 1).unwrap();
        all.remove(first);
        assert_eq!((all[0].woken(), all[0].poll()), (1, Poll::Ready(true)));
    }

    #[test]
    fn a_sync_waits_for_others_only_while_there_are_some() {
        let commit = Commit::new(0);
        let mut lone = Exchange::new(&commit, 1);
        assert!(lone.poll().is_pending());
        assert_eq!(commit.next(Duration::from_secs(60)), Woken::Wanted);
        commit.settle(1, true);
        commit.leave();
        // Shortly after the last sync, and again the only one there is.
        let mut again = Exchange::new(&commit, 2);
        assert!(again.poll().is_pending());
        let state = commit.lock();
        assert!(commit.all_wait(&state));
        drop(state);
        assert_eq!(commit.next(Duration::from_secs(60)), Woken::Wanted);
        // With another one under way it is not.
        commit.enter();
        assert!(!commit.all_wait(&commit.lock()));
        assert_eq!(commit.next(Duration::from_secs(60)), Woken::Wanted);
    }
}
