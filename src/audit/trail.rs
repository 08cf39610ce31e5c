//! The trail: where all records of the process become lines, one at a time, chained, and on the disk.
//!
//! A line is written in place, before the response leaves, without a hand-off to another thread. With `durability:
//! strict` the exchange then waits until a sync covers its line; one thread syncs for all that wait. Lines that cannot
//! be written are kept, up to a bound, and written in order when the sink works again; what went beyond the bound is
//! counted in a record of its own. Owns order, checkpoints, rotation and failure; the bytes on the disk are `segment`'s.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use super::chain::hex;
use super::checkpoint::{self, Checkpoint, Signer};
use super::commit::{Commit, Woken};
use super::ids::ResourceIds;
use super::segment::{Found, Place, Segment};
use super::settings::{AuditSettings, AuditSink, Durability, OnAuditFailure};

/// Lines kept when the sink fails, to be written when it works again.
const PENDING_LINES_MAX: usize = 1024;
/// How long a line waits for a full pipe, under a second.
const STDOUT_WAIT: Duration = Duration::from_millis(50);
/// How long an exchange waits for the disk.
const SYNC_WAIT: Duration = Duration::from_secs(10);
/// How long a line may stay unsynced with `durability: relaxed`, and unvouched for by a checkpoint.
const SYNC_INTERVAL: Duration = Duration::from_secs(1);
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(60);
const CHECKPOINT_LINES: u64 = 1000;
/// How long a rotation that failed is left alone.
const ROTATION_RETRY_INTERVAL: Duration = Duration::from_secs(60);

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
    inner: Mutex<Inner>,
}

struct Inner {
    sink: Sink,
    place: Place,
    settings: AuditSettings,
    signer: Option<Signer>,
    /// Members of lines that are still to be written.
    pending: VecDeque<Vec<u8>>,
    /// Records that found `pending` full.
    missed: u64,
    /// Lines whose clients were told of a failure, to be put on record once the disk works.
    lost: Vec<(u64, u64)>,
    /// A rotation that failed is not tried again before.
    rotate_at: Instant,
    unvouched: u64,
    vouched_at: Instant,
    segment_opened: Instant,
    line: Vec<u8>,
}

enum Sink {
    Off,
    Stdout { torn: bool },
    File(Segment),
}

/// Lines that the trail writes of itself.
#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Note<'a> {
    /// The first line of each file.
    SegmentStarted { time: &'a str, chain: &'a str, segment: u64, version: &'a str },
    /// A process goes on with a trail that was there.
    TrailResumed {
        time: &'a str,
        #[serde(skip_serializing_if = "Option::is_none")]
        set_aside: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        set_aside_bytes: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        set_aside_sha256: Option<String>,
        #[serde(skip_serializing_if = "Option::is_none")]
        missing_from: Option<u64>,
        #[serde(skip_serializing_if = "Option::is_none")]
        missing_to: Option<u64>,
    },
    /// So many records could not be written and were not kept either.
    RecordsMissed { time: &'a str, count: u64 },
    /// The clients of these lines were told of a failure, whatever the lines say.
    DurabilityLost { time: &'a str, from: u64, to: u64 },
}

impl Trail {
    /// Opens the sink and goes on where it ended. Keys have been read by then.
    pub fn open(settings: &AuditSettings, keys: TrailKeys) -> io::Result<Trail> {
        let TrailKeys { signer, resource_ids } = keys;
        let mut found = Found::default();
        let mut new = true;
        let (sink, place) = match &settings.sink {
            AuditSink::Off => (Sink::Off, Place::fresh()),
            AuditSink::Stdout => (Sink::Stdout { torn: false }, Place::fresh()),
            AuditSink::File(path) => {
                let (segment, place, what, is_new) = Segment::recover(path)?;
                (found, new) = (what, is_new);
                (Sink::File(segment), place)
            }
        };
        let resumes = place.tip.seq > 0;
        let commit = Commit::new(place.tip.seq);
        let now = Instant::now();
        let mut inner = Inner {
            sink,
            place,
            settings: settings.clone(),
            signer,
            pending: VecDeque::new(),
            missed: 0,
            lost: Vec::new(),
            rotate_at: now,
            unvouched: 0,
            vouched_at: now,
            segment_opened: now,
            line: Vec::with_capacity(1024),
        };
        if !matches!(inner.sink, Sink::Off) {
            if new {
                inner.start_segment();
            }
            if resumes || found != Found::default() {
                inner.note_resumed(&found);
            }
        }
        // What cannot be written now stays pending: whether requests go on without is for the policy to say.
        // A signed trail is vouched for from its start.
        let first = if inner.signer.is_some() { 1 } else { u64::MAX };
        let healthy = inner.flush_pending().and_then(|()| inner.vouch_if_due(first)).is_ok();
        let shared = Arc::new(Shared {
            refuse_on_failure: AtomicBool::new(settings.on_failure == OnAuditFailure::Refuse),
            strict: AtomicBool::new(settings.durability == Durability::Strict),
            healthy: AtomicBool::new(healthy),
            failing: AtomicBool::new(false),
            commit,
            inner: Mutex::new(inner),
        });
        let flusher = match settings.sink {
            AuditSink::Off => None,
            AuditSink::Stdout | AuditSink::File(_) => Some(Shared::start_flusher(&shared)?),
        };
        Ok(Trail { resource_ids, shared, flusher: Mutex::new(flusher) })
    }

    pub(super) fn resource_ids(&self) -> &ResourceIds {
        &self.resource_ids
    }

    /// Whether a request may go on: with lines still pending it tries to write them first.
    pub fn ready(&self) -> Result<(), AuditFailed> {
        if self.shared.failing.load(Ordering::Relaxed)
            && self.shared.strict.load(Ordering::Relaxed)
            && self.refuses()
        {
            return Err(AuditFailed);
        }
        let mut inner = self.shared.lock();
        if inner.pending.is_empty() || inner.flush_pending().is_ok() {
            self.shared.healthy.store(true, Ordering::Relaxed);
            return Ok(());
        }
        if self.refuses() { Err(AuditFailed) } else { Ok(()) }
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

    /// Whether the last line was written; for readiness. Waits for nobody, so a hung sink cannot hang a probe.
    pub fn healthy(&self) -> bool {
        self.shared.healthy.load(Ordering::Relaxed) && !self.shared.failing.load(Ordering::Relaxed)
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
        if written.is_ok() {
            let receipt = Receipt(inner.place.tip.seq);
            // The record stands. A checkpoint that cannot be written is due at the next one.
            let _due_at_the_next = inner.vouch_if_due(CHECKPOINT_LINES);
            inner.rotate_if_due();
            self.shared.healthy.store(true, Ordering::Relaxed);
            return Ok(receipt);
        }
        self.shared.healthy.store(false, Ordering::Relaxed);
        inner.keep(if self.refuses() { withheld() } else { fields.to_vec() });
        Err(AuditFailed)
    }

    /// Waits until the line is on the disk, where the policy asks for that.
    pub(super) async fn durable(&self, receipt: Receipt) -> Result<(), AuditFailed> {
        if !self.shared.strict.load(Ordering::Relaxed) || self.shared.commit.is_synced(receipt.0) {
            return Ok(());
        }
        let reached = match self.shared.commit.wait_for(receipt.0) {
            Ok(reached) => reached,
            Err(outcome) => match tokio::time::timeout(SYNC_WAIT, outcome).await {
                Ok(told) => told == Ok(true),
                Err(_) => {
                    // The sync may still succeed, but the client has been told otherwise by then.
                    self.shared.lock().note_lost(receipt.0, receipt.0);
                    false
                }
            },
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
            while shared.commit.next(SYNC_INTERVAL) == Woken::Wanted {
                shared.flush(false);
            }
            shared.flush(true);
        })
    }

    /// Brings everything written so far to the disk.
    fn flush(&self, last: bool) {
        let (file, seq) = {
            let mut inner = self.lock();
            let due = if last { 1 } else { u64::MAX };
            let _tried_again_later = inner.flush_pending().and_then(|()| inner.vouch_if_due(due));
            let file = match &inner.sink {
                Sink::File(segment) => segment.to_sync(),
                Sink::Stdout { .. } | Sink::Off => None,
            };
            (file, inner.place.tip.seq)
        };
        let failing = self.failing.load(Ordering::Relaxed);
        if seq <= self.commit.settled() && !failing {
            return;
        }
        let reached = file.is_none_or(|file| file.sync_data().is_ok());
        let lost = self.commit.settle(seq, reached);
        self.failing.store(!reached, Ordering::Relaxed);
        if reached != failing {
            // Nothing changed but, perhaps, the lines concerned.
        } else if reached {
            tracing::info!("audit records reach the disk again");
        } else {
            tracing::error!("audit records may not have reached the disk");
        }
        let mut inner = self.lock();
        if let Some((from, to)) = lost {
            inner.note_lost(from, to);
        }
        if reached {
            inner.write_lost();
        }
    }

    fn lock(&self) -> MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn flush_pending(&mut self) -> io::Result<()> {
        while let Some(fields) = self.pending.pop_front() {
            if let Err(error) = self.write(&fields) {
                self.pending.push_front(fields);
                return Err(error);
            }
        }
        if self.missed > 0 {
            let note = Note::RecordsMissed { time: &now(), count: self.missed };
            self.write(&fields_of(&note))?;
            self.missed = 0;
        }
        Ok(())
    }

    fn note_lost(&mut self, from: u64, to: u64) {
        let full = self.lost.len() >= PENDING_LINES_MAX;
        match self.lost.last_mut() {
            Some(last) if last.1 + 1 >= from && last.0 <= from => last.1 = last.1.max(to),
            // Past the bound the last range grows over what lies between: rather too many are named than too few.
            Some(last) if full => last.1 = last.1.max(to),
            _ => self.lost.push((from, to)),
        }
    }

    /// Says whose clients were told of a failure. Waits for a disk that works, or the notes would be lost as well.
    fn write_lost(&mut self) {
        for (from, to) in std::mem::take(&mut self.lost) {
            self.keep(fields_of(&Note::DurabilityLost { time: &now(), from, to }));
        }
    }

    fn keep(&mut self, fields: Vec<u8>) {
        if self.pending.len() < PENDING_LINES_MAX {
            self.pending.push_back(fields);
        } else {
            self.missed += 1;
        }
    }

    /// Writes one line; the chain moves on only if that worked.
    fn write(&mut self, fields: &[u8]) -> io::Result<()> {
        if let Sink::File(segment) = &mut self.sink
            && segment.is_stale()
        {
            let found = segment.reopen()?;
            self.place.segment += 1;
            self.segment_opened = Instant::now();
            self.write_here(&self.segment_started())?;
            if found != Found::default() {
                self.note_resumed(&found);
            }
        }
        self.write_here(fields)
    }

    fn write_here(&mut self, fields: &[u8]) -> io::Result<()> {
        self.line.clear();
        let tip = self.place.tip.seal(fields, &mut self.line);
        match &mut self.sink {
            Sink::Off => return Ok(()),
            Sink::Stdout { torn } => {
                let out = io::stdout();
                super::writable(&out, STDOUT_WAIT)?;
                let mut out = out.lock();
                if *torn {
                    out.write_all(b"\n")?;
                }
                *torn = true;
                out.write_all(&self.line)?;
                out.flush()?;
                *torn = false;
            }
            Sink::File(segment) => segment.append(&self.line)?,
        }
        self.place.tip = tip;
        self.unvouched += 1;
        Ok(())
    }

    /// Writes a checkpoint if `lines` have come since the last, or time has.
    fn vouch_if_due(&mut self, lines: u64) -> io::Result<()> {
        let late = self.unvouched > 0 && self.vouched_at.elapsed() >= CHECKPOINT_INTERVAL;
        if self.unvouched >= lines || late { self.vouch() } else { Ok(()) }
    }

    fn vouch(&mut self) -> io::Result<()> {
        let Place { chain, segment, tip } = &self.place;
        let fields = fields_of(&Checkpoint {
            event: checkpoint::EVENT,
            time: &now(),
            chain,
            segment: *segment,
            key: self.signer.as_ref().map(Signer::fingerprint),
            signature: self.signer.as_ref().map(|signer| signer.sign(chain, tip.seq + 1, &tip.hash)),
        });
        self.write_here(&fields)?;
        self.unvouched = 0;
        self.vouched_at = Instant::now();
        if let Sink::File(segment) = &self.sink
            && segment.write_head(&self.line).is_err()
        {
            tracing::warn!("the copy of the last audit checkpoint could not be written");
        }
        Ok(())
    }

    fn rotate_if_due(&mut self) {
        let Sink::File(segment) = &self.sink else { return };
        let full = segment.bytes() >= self.settings.rotate_bytes
            || self.segment_opened.elapsed() >= self.settings.rotate_age;
        if !full || !segment.is_regular() || Instant::now() < self.rotate_at {
            return;
        }
        if let Err(error) = self.rotate() {
            self.rotate_at = Instant::now() + ROTATION_RETRY_INTERVAL;
            tracing::error!(kind = %error.kind(), "the audit file cannot be rotated and goes on growing");
        }
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.vouch()?;
        if let Sink::File(segment) = &mut self.sink {
            segment.rotate(&self.place)?;
        }
        self.place.segment += 1;
        self.segment_opened = Instant::now();
        self.start_segment();
        self.flush_pending()
    }

    fn segment_started(&self) -> Vec<u8> {
        let Place { chain, segment, .. } = &self.place;
        let version = env!("CARGO_PKG_VERSION");
        fields_of(&Note::SegmentStarted { time: &now(), chain, segment: *segment, version })
    }

    fn start_segment(&mut self) {
        self.pending.push_front(self.segment_started());
    }

    fn note_resumed(&mut self, found: &Found) {
        let aside = found.set_aside.as_ref();
        let name = aside.and_then(|aside| aside.file.file_name());
        let note = Note::TrailResumed {
            time: &now(),
            set_aside: name.map(|name| name.to_string_lossy().into_owned()),
            set_aside_bytes: aside.map(|aside| aside.bytes),
            set_aside_sha256: aside.and_then(|aside| aside.sha256).map(|hash| hex(&hash)),
            missing_from: found.missing.map(|(from, _)| from),
            missing_to: found.missing.map(|(_, to)| to),
        };
        if let Some(aside) = aside {
            tracing::error!(bytes = aside.bytes, "what was no whole audit record was set aside");
        }
        if let Some((from, to)) = found.missing {
            tracing::error!(from, to, "audit records are missing that a checkpoint vouches for");
        }
        self.pending.push_back(fields_of(&note));
    }
}

/// The members of a line, without braces. Plain data; writing it to memory cannot fail.
pub(super) fn fields_of(line: &impl Serialize) -> Vec<u8> {
    members(&serde_json::to_vec(line).unwrap_or_default()).to_vec()
}

/// What stands between the braces.
pub(super) fn members(object: &[u8]) -> &[u8] {
    object.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or_default()
}

pub(super) fn now() -> String {
    format!("{:.6}", Timestamp::now())
}

#[cfg(test)]
mod tests;
