//! What the gate, the service and the clock of one connection tell each other.
//!
//! Counts the requests of the connection, keeps the one refusal the gate may find, and knows since when the connection
//! idles or works. Shared by tasks of one thread; atomics only because such tasks must be `Send`.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use http::Method;
use tokio::time::Instant;

use crate::reply::Dialect;
use crate::wire::Fault;

/// A head that did not pass the gate.
pub(super) struct Refused {
    /// How many heads passed before it.
    pub(super) number: u64,
    pub(super) fault: Fault,
    pub(super) method: Option<Method>,
    pub(super) dialect: Dialect,
}

pub(super) struct Line {
    opened: Instant,
    refused: OnceLock<Refused>,
    requests: AtomicU64,
    /// Milliseconds from `opened` to the last change, times two, plus one while a request is in work.
    pulse: AtomicU64,
}

/// What the clock says of a connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Due {
    /// Look again then.
    Later(Instant),
    /// It idled long enough.
    Idle,
    /// Its request took too long.
    Overdue,
}

impl Line {
    pub(super) fn new() -> Line {
        Line {
            opened: Instant::now(),
            refused: OnceLock::new(),
            requests: AtomicU64::new(0),
            pulse: AtomicU64::new(0),
        }
    }

    pub(super) fn refuse(&self, refused: Refused) {
        // The gate shuts once.
        let _first = self.refused.set(refused);
    }

    /// The service was handed a request: which one it is, counted from 0, and whether it stands for a refused head.
    pub(super) fn request_begins(&self) -> (u64, Option<&Refused>) {
        self.beat(1);
        let number = self.requests.fetch_add(1, Ordering::Relaxed);
        (number, self.refused.get().filter(|refused| refused.number == number))
    }

    /// Part of a head is there. Between two requests only: one that was sent ahead waits for its turn.
    pub(super) fn head_begins(&self) {
        if self.pulse.load(Ordering::Relaxed) & 1 == 0 {
            self.beat(1);
        }
    }

    /// An answer has been handed over to the connection.
    pub(super) fn request_ends(&self) {
        self.beat(0);
    }

    fn beat(&self, busy: u64) {
        let elapsed = u64::try_from(self.opened.elapsed().as_millis()).unwrap_or(u64::MAX >> 1);
        self.pulse.store(elapsed << 1 | busy, Ordering::Relaxed);
    }

    pub(super) fn due(&self, idle_timeout: Duration, exchange_timeout: Duration) -> Due {
        let pulse = self.pulse.load(Ordering::Relaxed);
        let (limit, over) =
            if pulse & 1 == 0 { (idle_timeout, Due::Idle) } else { (exchange_timeout, Due::Overdue) };
        let at = self.opened + Duration::from_millis(pulse >> 1) + limit;
        // What is looked at now may change in a moment, and the shorter time counts from then.
        let soon = Instant::now() + idle_timeout.min(exchange_timeout);
        if Instant::now() >= at { over } else { Due::Later(at.min(soon)) }
    }
}

/// Ends the request on its line when the answer's body is dropped, read or not.
pub(super) struct Ends(pub(super) Arc<Line>);

impl Drop for Ends {
    fn drop(&mut self) {
        self.0.request_ends();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn idle_and_work_are_timed_apart() {
        let (idle, whole) = (Duration::from_secs(10), Duration::from_secs(60));
        let line = Arc::new(Line::new());
        assert!(matches!(line.due(idle, whole), Due::Later(_)));
        tokio::time::advance(idle).await;
        assert_eq!(line.due(idle, whole), Due::Idle);
        let ends = Ends(Arc::clone(&line));
        assert!(line.request_begins().1.is_none());
        tokio::time::advance(idle).await;
        assert!(matches!(line.due(idle, whole), Due::Later(_)), "a request in work is not idle");
        tokio::time::advance(whole).await;
        assert_eq!(line.due(idle, whole), Due::Overdue);
        drop(ends);
        assert!(matches!(line.due(idle, whole), Due::Later(_)));
    }
}
