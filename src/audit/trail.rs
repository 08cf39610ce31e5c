//! The trail: where all records of the process become lines, one at a time, chained, and on the disk.
//!
//! A line is written in place, before the response leaves, without a hand-off to another thread. With `durability:
//! strict` the exchange then waits until a sync covers its line; one thread syncs for all that wait. Lines that cannot
//! be written are kept, up to a bound, and written in order when the sink works again; what went beyond the bound is
//! counted in a record of its own. Owns who waits, the syncing thread, and what a failure means; `lines` has the lines themselves,
//! `segment` the bytes on the disk.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::checkpoint::Signer;
use super::commit::{Commit, Woken};
use super::ids::ResourceIds;
use super::medium::Settled;
use super::settings::{AuditSettings, AuditSink, Durability, OnAuditFailure};
use super::ship::Spool;

mod lines;

use lines::{CHECKPOINT_LINES, Lines, Seen, Sink};
pub(super) use lines::{fields_of, members};

/// How long an exchange waits for the disk.
const SYNC_WAIT: Duration = Duration::from_secs(10);
/// How long a line may stay unsynced with `durability: relaxed`, and unvouched for by a checkpoint.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// The line could not be written, or not be brought to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditFailed;

/// Names the line of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt(u64);

/// The secrets of a trail.
pub struct TrailKeys {
    /// Signs checkpoints.
    pub signer: Option<Signer>,
    pub resource_ids: ResourceIds,
}

/// The sink of all records of the process.
pub struct Trail {
    resource_ids: ResourceIds,
    spool: Option<Arc<Spool>>,
    shared: Arc<Shared>,
    flusher: Mutex<Option<JoinHandle<()>>>,
}

struct Shared {
    refuse_on_failure: AtomicBool,
    strict: AtomicBool,
    healthy: AtomicBool,
    /// The last sync failed.
    failing: AtomicBool,
    commit: Commit,
    seen: Arc<Seen>,
    inner: Mutex<Lines>,
}

impl Trail {
    /// Opens the sink and goes on where it ended. Keys have been read by then.
    pub fn open(settings: &AuditSettings, keys: TrailKeys) -> io::Result<Trail> {
        let TrailKeys { signer, resource_ids } = keys;
        let spool = match (&settings.ship, &settings.sink) {
            (Some(ship), AuditSink::File(path)) => Some(Arc::new(Spool::open(path, ship)?)),
            _ => None,
        };
        let mut inner = Lines::open(settings, signer, spool.clone())?;
        let (commit, seen) = (Commit::new(inner.place.tip.seq), Arc::clone(&inner.seen));
        // What cannot be written now stays pending: whether requests go on without is for the policy to say.
        // A signed trail is vouched for from its start.
        let first = if inner.is_signed() { 1 } else { u64::MAX };
        let healthy = inner.flush_pending().and_then(|()| inner.vouch_if_due(first)).is_ok();
        let shared = Arc::new(Shared {
            refuse_on_failure: AtomicBool::new(settings.on_failure == OnAuditFailure::Refuse),
            strict: AtomicBool::new(settings.durability == Durability::Strict),
            healthy: AtomicBool::new(healthy),
            failing: AtomicBool::new(false),
            commit,
            seen,
            inner: Mutex::new(inner),
        });
        let flusher = match settings.sink {
            AuditSink::Off => None,
            AuditSink::Stdout | AuditSink::File(_) => Some(Shared::start_flusher(&shared)?),
        };
        Ok(Trail { resource_ids, spool, shared, flusher: Mutex::new(flusher) })
    }

    /// An exchange begins; it will need a line, and `ended` when it has one.
    pub(super) fn began(&self) {
        self.shared.commit.enter();
    }

    pub(super) fn ended(&self) {
        self.shared.commit.leave();
    }

    pub(super) fn resource_ids(&self) -> &ResourceIds {
        &self.resource_ids
    }

    /// Whether a request may go on: with lines still pending it tries to write them first.
    pub fn ready(&self) -> Result<(), AuditFailed> {
        let failing =
            self.shared.failing.load(Ordering::Relaxed) && self.shared.strict.load(Ordering::Relaxed);
        if (failing || self.spool_is_full()) && self.refuses() {
            return Err(AuditFailed);
        }
        let mut inner = self.shared.lock();
        let flushed = if inner.pending.is_empty() { Ok(()) } else { inner.flush_pending() };
        self.shared.note_health(&flushed);
        if flushed.is_err() && self.refuses() { Err(AuditFailed) } else { Ok(()) }
    }

    /// A reload changed what may change while the process runs.
    pub fn apply(&self, settings: &AuditSettings) {
        let refuse = settings.on_failure == OnAuditFailure::Refuse;
        self.shared.refuse_on_failure.store(refuse, Ordering::Relaxed);
        self.shared.strict.store(settings.durability == Durability::Strict, Ordering::Relaxed);
        let mut inner = self.shared.lock();
        inner.settings.rotate_bytes = settings.rotate_bytes;
        inner.settings.rotate_age = settings.rotate_age;
    }

    pub fn refuses(&self) -> bool {
        self.shared.refuse_on_failure.load(Ordering::Relaxed)
    }

    /// The last line of which is known what became of it on the disk.
    pub fn on_disk(&self) -> u64 {
        self.shared.commit.settled()
    }

    /// What is still to be sent to the object store, where the policy has one.
    pub fn spool(&self) -> Option<&Arc<Spool>> {
        self.spool.as_ref()
    }

    fn spool_is_full(&self) -> bool {
        self.spool.as_ref().is_some_and(|spool| spool.is_full())
    }

    /// Whether the last line was written; for readiness. Waits for nobody, so a hung sink cannot hang a probe.
    pub fn healthy(&self) -> bool {
        let shared = &self.shared;
        shared.healthy.load(Ordering::Relaxed)
            && !shared.failing.load(Ordering::Relaxed)
            && !self.spool_is_full()
    }

    /// Numbers, chains and writes one record. On failure the members that `withheld` makes, which say what the client is
    /// told instead, are kept and tried again with the next record.
    pub(super) fn append(
        &self,
        fields: &[u8],
        withheld: impl FnOnce() -> Vec<u8>,
    ) -> Result<Receipt, AuditFailed> {
        let mut inner = self.shared.lock();
        if matches!(inner.sink, Sink::Off) {
            return Ok(Receipt(0));
        }
        let written = inner.flush_pending().and_then(|()| inner.write(fields));
        self.shared.note_health(&written);
        if written.is_ok() {
            let receipt = Receipt(inner.place.tip.seq);
            // The record stands. A checkpoint that cannot be written is due at the next one.
            let _due_at_the_next = inner.vouch_if_due(CHECKPOINT_LINES);
            inner.rotate_if_due();
            return Ok(receipt);
        }
        inner.keep(if self.refuses() { withheld() } else { fields.to_vec() });
        Err(AuditFailed)
    }

    /// Waits until the line is on the disk, where the policy asks for that.
    pub(super) async fn durable(&self, receipt: Receipt) -> Result<(), AuditFailed> {
        if !self.shared.strict.load(Ordering::Relaxed) {
            return Ok(());
        }
        let reached = match tokio::time::timeout(SYNC_WAIT, self.shared.commit.reached(receipt.0)).await {
            Ok(reached) => reached,
            Err(_) => {
                // The sync may still succeed, but the client has been told otherwise by then.
                self.shared.lock().note_lost(receipt.0, receipt.0);
                false
            }
        };
        if reached { Ok(()) } else { Err(AuditFailed) }
    }

    /// Vouches for what was written, brings it to the disk and ends the syncing thread.
    pub fn close(&self) {
        let flusher = self.flusher.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(flusher) = flusher {
            self.shared.commit.stop();
            let _panicked_was_logged = flusher.join();
        }
    }
}

impl Drop for Trail {
    fn drop(&mut self) {
        self.close();
    }
}

impl Shared {
    fn start_flusher(shared: &Arc<Shared>) -> io::Result<JoinHandle<()>> {
        let shared = Arc::clone(shared);
        std::thread::Builder::new().name("audit".into()).spawn(move || {
            let mut tidied = Instant::now();
            while shared.commit.next(SYNC_INTERVAL) == Woken::Wanted {
                if shared.seen.is_untold() || tidied.elapsed() >= SYNC_INTERVAL {
                    shared.tidy(u64::MAX);
                    tidied = Instant::now();
                }
                shared.sync();
            }
            // What a failed sync lost is put on record only once one works.
            shared.sync();
            shared.tidy(1);
            shared.lock().seal();
            shared.sync();
        })
    }

    /// Whether lines can be written, and why not: told when it changes.
    fn note_health(&self, written: &io::Result<()>) {
        match (self.healthy.swap(written.is_ok(), Ordering::Relaxed), written) {
            (true, Err(error)) => tracing::error!(%error, "audit records cannot be written"),
            (false, Ok(())) => tracing::info!("audit records can be written again"),
            (true, Ok(())) | (false, Err(_)) => {}
        }
    }

    /// Writes what was kept, and a checkpoint after so many lines or a minute.
    fn tidy(&self, lines: u64) {
        let mut inner = self.lock();
        if !self.failing.load(Ordering::Relaxed) {
            inner.write_lost();
        }
        let flushed = inner.flush_pending();
        // Nobody asks a guard that is not ready, so it has to find out by itself that it is again.
        self.note_health(&flushed);
        let _tried_again_later = flushed.and_then(|()| inner.vouch_if_due(lines));
        inner.seal_if_old();
    }

    /// Brings everything written so far to the disk. Takes the lock of the lines only if that failed.
    fn sync(&self) {
        let (seq, file) = self.seen.to_sync();
        let failing = self.failing.load(Ordering::Relaxed);
        let owed = file.as_ref().is_some_and(|file| file.owes());
        if seq <= self.commit.settled() && !failing && !owed {
            return;
        }
        let Settled { reached, works } =
            file.map_or(Settled { reached: true, works: true }, |file| file.settle());
        let lost = self.commit.settle(seq, reached);
        self.failing.store(!works, Ordering::Relaxed);
        if !reached && !failing {
            tracing::error!("audit records may not have reached the disk");
        } else if works && failing {
            tracing::info!("audit records reach the disk again");
        }
        if let Some((from, to)) = lost {
            self.lock().note_lost(from, to);
        }
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
