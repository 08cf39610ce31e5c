//! The trail: where all records of the process become lines, one at a time, chained, and on the disk.
//!
//! A line is written in place, before the response leaves, without a hand-off to another thread. With `durability: strict` the
//! exchange waits until its line is on the disk; one thread writes and syncs for all that wait, since a worker that writes
//! during a sync waits for the page that both need. Lines that cannot be written are kept, up to a bound, and written in
//! order when the sink works again; what went beyond the bound is counted in a record of its own. Owns who waits, the syncing
//! thread, and what a failure means; `lines` has the lines themselves, `segment` the bytes on the disk.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use super::checkpoint::Signer;
use super::commit::{Commit, Woken};
use super::ids::ResourceIds;
use super::medium::{Medium, Settled};
use super::settings::{AuditSettings, AuditSink, Durability, OnAuditFailure};
use super::ship::Spool;
use crate::metrics::Metrics;

mod lines;
mod notes;

use lines::{Lines, Seen, Sink};
pub(super) use notes::{fields_of, members};

/// How long an exchange waits for the disk.
const SYNC_WAIT: Duration = Duration::from_secs(10);
/// How long a line may stay unsynced with `durability: relaxed`, and unvouched for by a checkpoint.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);

/// The line could not be written, or not be brought to the disk.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditFailed;

/// Names the line of a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Receipt {
    ticket: u64,
    /// The number it was given; free again if the line was taken back.
    seq: u64,
    awaited: bool,
}

/// Whether somebody waits for the answer that a record is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Client {
    Waits,
    Gone,
}

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
    /// Held during a sync: what was taken back is settled before a later one settles more.
    turn: Mutex<()>,
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
            turn: Mutex::default(),
        });
        let flusher = match settings.sink {
            AuditSink::Off => None,
            AuditSink::Stdout | AuditSink::File(_) => Some(Shared::start_flusher(&shared)?),
        };
        Ok(Trail { resource_ids, spool, shared, flusher: Mutex::new(flusher) })
    }

    /// Records that were written and are gone again count as failures.
    pub fn count_in(&self, metrics: &Arc<Metrics>) {
        self.shared.lock().count_in(Arc::clone(metrics));
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
        let _told_by_the_next_sync = inner.write_out();
    }

    pub fn refuses(&self) -> bool {
        self.shared.refuse_on_failure.load(Ordering::Relaxed)
    }

    /// The last line of which is known what became of it on the disk.
    pub fn on_disk(&self) -> u64 {
        // In this order: numbers are taken back before that is settled.
        let settled = self.shared.commit.settled();
        settled.saturating_sub(self.shared.seen.taken_back())
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
    /// told instead, are kept and tried again with the next record. With `durability: strict` the line of a client that waits is
    /// only sure to be written once [`Trail::durable`] says so.
    pub(super) fn append(
        &self,
        fields: &[u8],
        client: Client,
        withheld: impl FnOnce() -> Vec<u8>,
    ) -> Result<Receipt, AuditFailed> {
        let mut inner = self.shared.lock();
        if matches!(inner.sink, Sink::Off) {
            return Ok(Receipt { ticket: 0, seq: 0, awaited: false });
        }
        // Under the lock, so that a reload writes out what was collected before.
        let awaited = client == Client::Waits && self.shared.strict.load(Ordering::Relaxed);
        let written = inner.record(fields, awaited);
        // Of what is collected only the sync can tell.
        if written.is_err() || !inner.has_collected() {
            self.shared.note_health(&written);
        }
        let taken_back = self.shared.seen.taken_back();
        written.map(|ticket| Receipt { ticket, seq: ticket - taken_back, awaited }).map_err(|_| {
            inner.keep(if self.refuses() { withheld() } else { fields.to_vec() });
            AuditFailed
        })
    }

    /// Waits until the line is on the disk, where the policy asks for that.
    pub(super) async fn durable(&self, receipt: Receipt) -> Result<(), AuditFailed> {
        if !receipt.awaited {
            return Ok(());
        }
        let reached = match tokio::time::timeout(SYNC_WAIT, self.shared.commit.reached(receipt.ticket)).await
        {
            Ok(reached) => reached,
            Err(_) => {
                // The sync may still succeed, but the client has been told otherwise by then.
                self.shared.lock().note_late(receipt.seq);
                false
            }
        };
        if reached { Ok(()) } else { Err(AuditFailed) }
    }

    /// Nobody waits any more for lines that were collected.
    pub(super) fn write_out(&self) {
        // What cannot be written now is for the syncing thread to tell.
        let _tried_again = self.shared.lock().write_out();
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
    fn note_health<T>(&self, written: &io::Result<T>) {
        match (self.healthy.swap(written.is_ok(), Ordering::Relaxed), written) {
            (true, Err(error)) => tracing::error!(%error, "audit records cannot be written"),
            (false, Ok(_)) => tracing::info!("audit records can be written again"),
            (true, Ok(_)) | (false, Err(_)) => {}
        }
    }

    /// Writes what was kept, and a checkpoint after so many lines or a minute.
    fn tidy(&self, lines: u64) {
        let mut inner = self.lock();
        if !self.failing.load(Ordering::Relaxed) {
            inner.write_lost();
        }
        let flushed = inner.note_loss().and_then(|()| inner.flush_pending());
        // Nobody asks a guard that is not ready, so it has to find out by itself that it is again.
        self.note_health(&flushed);
        let _tried_again_later = flushed.and_then(|()| inner.vouch_if_due(lines));
        inner.seal_if_old();
    }

    /// Brings everything so far to the disk.
    fn sync(&self) {
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        let mut inner = self.lock();
        let taken_back = self.seen.taken_back();
        let (last, _) = inner.tickets();
        let tells = inner.has_collected();
        let collected = inner.write_out();
        let (_, written) = inner.tickets();
        let file = inner.to_sync();
        if collected.is_err() {
            inner.take_back(self.refuse_on_failure.load(Ordering::Relaxed));
        }
        let gone =
            self.strict.load(Ordering::Relaxed) && written > self.commit.settled() && inner.take_gone();
        drop(inner);
        if let Some((from, to)) = self.settle(written, file, gone) {
            self.lock().note_lost(from - taken_back, to - taken_back);
        }
        if tells {
            self.note_health(&collected);
        }
        if collected.is_err() {
            // The records are kept, and will say that their clients were refused.
            let _no_need_of_a_note = self.commit.settle(last, false);
        }
    }

    /// Syncs the file and tells who waits. Returns the range that may be lost.
    fn settle(&self, written: u64, file: Option<Arc<Medium>>, gone: bool) -> Option<(u64, u64)> {
        let failing = self.failing.load(Ordering::Relaxed);
        let owed = file.as_ref().is_some_and(|file| file.owes());
        if written <= self.commit.settled() && !failing && !owed {
            return None;
        }
        let Settled { reached, works } =
            file.map_or(Settled { reached: true, works: true }, |file| file.settle());
        let reached = reached && !gone;
        let lost = self.commit.settle(written, reached);
        self.failing.store(!works, Ordering::Relaxed);
        if !reached && !failing {
            tracing::error!("audit records may not have reached the disk");
        } else if works && failing {
            tracing::info!("audit records reach the disk again");
        }
        lost
    }

    fn lock(&self) -> MutexGuard<'_, Lines> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests;
