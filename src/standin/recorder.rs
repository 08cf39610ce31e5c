//! What the stand-in has seen, for tests that show what reached the upstream and what did not.
//!
//! Bounded in number and in bytes; the oldest is dropped first. Holds request data, so nothing here has a `Debug`.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use http::{HeaderMap, Version};
use tokio::sync::Notify;

/// One request as it arrived. Entered when its head is read, completed when its body is.
#[derive(Clone)]
pub struct Seen {
    /// Counts from 1, one number for each accepted connection.
    pub connection: u64,
    pub version: Version,
    pub method: String,
    /// Path and query, byte for byte.
    pub target: String,
    /// `Host`, or `:authority` in HTTP/2.
    pub authority: String,
    pub headers: HeaderMap,
    /// The first `BODY_KEPT_MAX` bytes.
    pub body: Bytes,
    pub body_length: u64,
    /// The body was read to its end.
    pub complete: bool,
}

impl Seen {
    /// The value of a header, if it is there once or more and is text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

const REQUESTS_MAX: usize = 4096;
const BODY_KEPT_MAX: usize = 4 * 1024 * 1024;
const BODIES_KEPT_MAX: usize = 64 * 1024 * 1024;

#[derive(Default)]
pub(crate) struct Recorder {
    log: Mutex<Log>,
    changed: Notify,
}

#[derive(Default)]
struct Log {
    requests: VecDeque<Seen>,
    /// Number of the first request in `requests`; numbers are never used again.
    first: u64,
    body_bytes: usize,
}

impl Recorder {
    /// Enters a request; the number completes it later.
    pub(crate) fn begin(&self, seen: Seen) -> u64 {
        let mut log = self.lock();
        if log.requests.len() == REQUESTS_MAX {
            log.drop_oldest();
        }
        log.requests.push_back(seen);
        let number = log.first + log.requests.len() as u64 - 1;
        drop(log);
        self.changed.notify_waiters();
        number
    }

    pub(crate) fn end(&self, number: u64, body: &Bytes, body_length: u64, complete: bool) {
        let kept = body.slice(..body.len().min(BODY_KEPT_MAX));
        let mut log = self.lock();
        let Some(index) = number.checked_sub(log.first) else { return };
        let Some(seen) = log.requests.get_mut(usize::try_from(index).unwrap_or(usize::MAX)) else { return };
        (seen.body_length, seen.complete) = (body_length, complete);
        seen.body = kept.clone();
        log.body_bytes += kept.len();
        while log.body_bytes > BODIES_KEPT_MAX && log.requests.len() > 1 {
            log.drop_oldest();
        }
        drop(log);
        self.changed.notify_waiters();
    }

    pub(crate) fn requests(&self) -> Vec<Seen> {
        self.lock().requests.iter().cloned().collect()
    }

    pub(crate) fn count(&self) -> usize {
        self.lock().requests.len()
    }

    pub(crate) fn clear(&self) {
        let mut log = self.lock();
        log.first += log.requests.len() as u64;
        log.requests.clear();
        log.body_bytes = 0;
    }

    /// Waits until what is on record passes `enough`.
    pub(crate) async fn wait_until(&self, enough: impl Fn(&[Seen]) -> bool) -> Vec<Seen> {
        loop {
            let changed = self.changed.notified();
            tokio::pin!(changed);
            // Registered before looking, so that a change between the look and the wait is not missed.
            changed.as_mut().enable();
            let requests = self.requests();
            if enough(&requests) {
                return requests;
            }
            changed.await;
        }
    }

    fn lock(&self) -> MutexGuard<'_, Log> {
        self.log.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Log {
    fn drop_oldest(&mut self) {
        if let Some(oldest) = self.requests.pop_front() {
            self.first += 1;
            self.body_bytes -= oldest.body.len();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seen(target: String) -> Seen {
        Seen {
            connection: 1,
            version: Version::HTTP_11,
            method: "GET".to_owned(),
            target,
            authority: String::new(),
            headers: HeaderMap::new(),
            body: Bytes::new(),
            body_length: 0,
            complete: false,
        }
    }

    #[test]
    fn the_oldest_is_dropped_and_late_bodies_find_their_request() {
        let recorder = Recorder::default();
        let first = recorder.begin(seen("/0".to_owned()));
        let mut last = first;
        for number in 1..=REQUESTS_MAX {
            last = recorder.begin(seen(format!("/{number}")));
        }
        recorder.end(first, &Bytes::from_static(b"lost"), 4, true);
        recorder.end(last, &Bytes::from_static(b"kept"), 4, true);
        let requests = recorder.requests();
        assert_eq!((requests.len(), requests[0].target.as_str()), (REQUESTS_MAX, "/1"));
        assert_eq!(requests[REQUESTS_MAX - 1].body, Bytes::from_static(b"kept"));
        assert!(requests.iter().all(|seen| seen.body != Bytes::from_static(b"lost")));
    }

    #[test]
    fn bodies_are_bounded_together() {
        let recorder = Recorder::default();
        let large = Bytes::from(vec![b'x'; BODY_KEPT_MAX + 1]);
        for _ in 0..20 {
            let number = recorder.begin(seen("/".to_owned()));
            recorder.end(number, &large, large.len() as u64, true);
        }
        let requests = recorder.requests();
        assert_eq!(requests.len(), BODIES_KEPT_MAX / BODY_KEPT_MAX);
        assert!(requests.iter().all(|seen| seen.body.len() == BODY_KEPT_MAX));
        recorder.clear();
        assert_eq!(recorder.count(), 0);
    }
}
