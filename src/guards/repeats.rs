//! Blind repeats of a write whose outcome is unknown.
//!
//! A POST or PATCH that may have arrived and was never answered is remembered for a short while; the same write from the
//! same caller is then answered `OUTCOME_UNKNOWN` again instead of being carried out a second time. What is remembered is
//! an HMAC under a key of this process, never content. Left out: writes that are safe to repeat (PUT, DELETE, and what
//! carries `If-Match`), and bodies too long to be held, which are sent before they are known.

use std::collections::HashMap;
use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use aws_lc_rs::{hmac, rand};
use http::Method;

use crate::guards::{Mode, Observed};
use crate::outcome::{Code, Refusal};

pub mod settings;

use settings::RepeatsSettings;

type Tag = [u8; 32];

/// The writes of this process whose outcome is unknown.
pub struct Repeats {
    /// `None` if the system gave no randomness; then nothing is remembered.
    key: Option<hmac::Key>,
    unknown: Mutex<HashMap<Tag, Instant>>,
}

/// What makes two writes the same.
pub struct Write<'a> {
    pub caller: &'a str,
    /// Empty where there are none.
    pub tenant: &'a str,
    pub method: &'a Method,
    pub target: &'a str,
    pub body: &'a [u8],
}

impl Repeats {
    pub fn new() -> Arc<Repeats> {
        let mut secret = zeroize::Zeroizing::new([0; 32]);
        let key = rand::fill(secret.as_mut_slice())
            .ok()
            .map(|()| hmac::Key::new(hmac::HMAC_SHA256, secret.as_slice()));
        Arc::new(Repeats { key, unknown: Mutex::default() })
    }

    /// Refuses a write that was remembered; else gives out the attempt by which it is remembered if it comes to that.
    pub fn admit(
        self: &Arc<Repeats>,
        settings: &RepeatsSettings,
        write: &Write<'_>,
        now: Instant,
        observed: &mut Observed,
    ) -> Result<Option<Attempt>, Refusal> {
        let Some(key) = &self.key else { return Ok(None) };
        if settings.mode == Mode::Off || !matches!(*write.method, Method::POST | Method::PATCH) {
            return Ok(None);
        }
        let tag = tag(key, write);
        let remembered =
            self.lock().get(&tag).is_some_and(|since| now.duration_since(*since) < settings.window);
        if remembered {
            settings.mode.refuse(Refusal::new(Code::OutcomeUnknown).about("guards.repeats"), observed)?;
        }
        let (window, entries_max) = (settings.window, settings.entries_max);
        let memory = Arc::clone(self);
        let (left, settled) = (AtomicBool::new(false), AtomicBool::new(false));
        Ok(Some(Attempt(Arc::new(Open { memory, tag, window, entries_max, left, settled }))))
    }

    fn remember(&self, tag: Tag, window: Duration, entries_max: usize, now: Instant) {
        let mut unknown = self.lock();
        if unknown.len() >= entries_max {
            unknown.retain(|_, since| now.duration_since(*since) < window);
        }
        if unknown.len() >= entries_max
            && let Some(oldest) = unknown.iter().min_by_key(|(_, since)| **since).map(|(tag, _)| *tag)
        {
            unknown.remove(&oldest);
        }
        unknown.insert(tag, now);
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<Tag, Instant>> {
        self.unknown.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for Repeats {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Repeats({} remembered)", self.lock().len())
    }
}

/// Each part with its length, so that no two writes run together into one.
fn tag(key: &hmac::Key, write: &Write<'_>) -> Tag {
    let mut context = hmac::Context::with_key(key);
    for part in [
        write.caller.as_bytes(),
        write.tenant.as_bytes(),
        write.method.as_str().as_bytes(),
        write.target.as_bytes(),
        write.body,
    ] {
        context.update(&(part.len() as u64).to_be_bytes());
        context.update(part);
    }
    let mut tag = Tag::default();
    // HMAC-SHA256 makes exactly as many bytes.
    tag.copy_from_slice(context.sign().as_ref());
    tag
}

/// A write under way. When its last handle goes, it is remembered if it left and nobody settled it: also when the client
/// hung up or the exchange panicked.
#[derive(Clone, Debug)]
pub struct Attempt(Arc<Open>);

struct Open {
    memory: Arc<Repeats>,
    tag: Tag,
    window: Duration,
    entries_max: usize,
    left: AtomicBool,
    settled: AtomicBool,
}

impl Attempt {
    /// From here on the upstream may have it.
    pub fn leaves(&self) {
        self.0.left.store(true, Ordering::Relaxed);
    }

    /// Nothing of it was sent after all.
    pub fn stayed(&self) {
        self.0.left.store(false, Ordering::Relaxed);
    }

    /// The client was told how it ended.
    pub fn settle(&self) {
        self.0.settled.store(true, Ordering::Relaxed);
    }
}

impl fmt::Debug for Open {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Open")
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if *self.left.get_mut() && !*self.settled.get_mut() {
            self.memory.remember(self.tag, self.window, self.entries_max, Instant::now());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SETTINGS: RepeatsSettings =
        RepeatsSettings { mode: Mode::Enforce, window: Duration::from_secs(30), entries_max: 2 };

    fn write<'a>(target: &'a str, body: &'a [u8]) -> Write<'a> {
        Write { caller: "billing", tenant: "", method: &Method::POST, target, body }
    }

    fn admit(repeats: &Arc<Repeats>, write: &Write<'_>, now: Instant) -> Result<Option<Attempt>, Code> {
        repeats.admit(&SETTINGS, write, now, &mut Observed::default()).map_err(|refusal| refusal.code)
    }

    fn loses(repeats: &Arc<Repeats>, write: &Write<'_>) {
        admit(repeats, write, Instant::now()).unwrap().unwrap().leaves();
    }

    fn is_refused(repeats: &Arc<Repeats>, write: &Write<'_>) -> bool {
        admit(repeats, write, Instant::now()).is_err()
    }

    #[test]
    fn only_the_same_write_is_a_repeat() {
        let repeats = Repeats::new();
        loses(&repeats, &write("/v1/notes", b"{}"));
        assert!(is_refused(&repeats, &write("/v1/notes", b"{}")));
        let others = [
            write("/v1/notes", b"{ }"),
            write("/v1/notes", b""),
            write("/v1/note", b"s{}"),
            Write { method: &Method::PATCH, ..write("/v1/notes", b"{}") },
            Write { caller: "portal", ..write("/v1/notes", b"{}") },
            Write { tenant: "north", ..write("/v1/notes", b"{}") },
        ];
        for other in others {
            assert!(!is_refused(&repeats, &other), "{} {} {}", other.caller, other.method, other.target);
        }
    }

    #[test]
    fn what_is_known_or_never_left_is_not_remembered() {
        let repeats = Repeats::new();
        let note = write("/v1/notes", b"{}");
        let now = Instant::now();
        admit(&repeats, &note, now).unwrap().unwrap();
        assert!(!is_refused(&repeats, &note), "never left");
        let stayed = admit(&repeats, &note, now).unwrap().unwrap();
        stayed.leaves();
        stayed.stayed();
        drop(stayed);
        assert!(!is_refused(&repeats, &note), "came back unsent");
        let settled = admit(&repeats, &note, now).unwrap().unwrap();
        settled.leaves();
        settled.clone().settle();
        drop(settled);
        assert!(!is_refused(&repeats, &note), "answered");
        for method in [Method::PUT, Method::DELETE, Method::GET] {
            assert!(admit(&repeats, &Write { method: &method, ..write("/", b"") }, now).unwrap().is_none());
        }
    }

    #[test]
    fn the_memory_is_short_and_small() {
        let repeats = Repeats::new();
        let notes = [write("/1", b""), write("/2", b""), write("/3", b"")];
        for note in &notes {
            loses(&repeats, note);
        }
        assert!(!is_refused(&repeats, &notes[0]), "the oldest made room");
        assert!(is_refused(&repeats, &notes[1]) && is_refused(&repeats, &notes[2]));
        let later = Instant::now() + Duration::from_secs(31);
        assert!(admit(&repeats, &notes[2], later).is_ok());
    }

    #[test]
    fn the_mode_decides() {
        let repeats = Repeats::new();
        let note = write("/v1/notes", b"{}");
        loses(&repeats, &note);
        let mut observed = Observed::default();
        let observe = RepeatsSettings { mode: Mode::Observe, ..SETTINGS };
        assert!(repeats.admit(&observe, &note, Instant::now(), &mut observed).is_ok());
        assert_eq!(observed.0.len(), 1);
        let off = RepeatsSettings { mode: Mode::Off, ..SETTINGS };
        assert!(repeats.admit(&off, &note, Instant::now(), &mut observed).unwrap().is_none());
    }
}
