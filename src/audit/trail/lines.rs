//! The lines of the trail, one at a time: numbered, chained, written, vouched for, rotated.
//!
//! Owns everything that moves with a line, under the one lock of the trail. What could not be written is kept here, up to a
//! bound, and written in order when the sink works again. Who waits and what a failure means to a client is the trail's.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

use crate::audit::chain::hex;
use crate::audit::checkpoint::{self, Checkpoint, Signer};
use crate::audit::medium::Medium;
use crate::audit::segment::{Found, Place, Segment};
use crate::audit::settings::{AuditSettings, AuditSink};
use crate::audit::ship::Spool;
use crate::audit::writable;

/// Lines kept when the sink fails, to be written when it works again.
pub(super) const PENDING_LINES_MAX: usize = 1024;
/// How long a line waits for a full pipe, under a second.
const STDOUT_WAIT: Duration = Duration::from_millis(50);
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(60);
/// Lines between two checkpoints.
pub(super) const CHECKPOINT_LINES: u64 = 1000;
/// How long a rotation that failed is left alone.
const ROTATION_RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// What the syncing thread sees without waiting for the lock of the lines, which a worker may hold.
pub(super) struct Seen {
    written: AtomicU64,
    file: Mutex<Option<Arc<Medium>>>,
    /// There are lines kept, or lost ones to put on record.
    untold: AtomicBool,
}

impl Seen {
    /// The last line written, and the file whose sync covers it. In this order: a file that was left was synced before.
    pub(super) fn to_sync(&self) -> (u64, Option<Arc<Medium>>) {
        let written = self.written.load(Ordering::Acquire);
        let file = self.file.lock().unwrap_or_else(PoisonError::into_inner);
        (written, file.clone())
    }

    pub(super) fn is_untold(&self) -> bool {
        self.untold.load(Ordering::Relaxed)
    }
}

pub(super) struct Lines {
    /// Where sealed segments are waited for.
    spool: Option<Arc<Spool>>,
    /// There are exchanges in the active file; of one found at the start known only with a spool.
    recorded: bool,
    pub(super) seen: Arc<Seen>,
    pub(super) sink: Sink,
    pub(super) place: Place,
    pub(super) settings: AuditSettings,
    signer: Option<Signer>,
    /// Members of lines that are still to be written.
    pub(super) pending: VecDeque<Vec<u8>>,
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

pub(super) enum Sink {
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

impl Lines {
    /// Opens the sink where it ended. Nothing is written yet but kept for the first flush.
    pub(super) fn open(
        settings: &AuditSettings,
        signer: Option<Signer>,
        spool: Option<Arc<Spool>>,
    ) -> io::Result<Lines> {
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
        // What a crash left unsealed is waited for elsewhere too.
        let recorded = match &sink {
            Sink::File(segment) if spool.is_some() && !new => segment.has_exchanges()?,
            _ => false,
        };
        let now = Instant::now();
        let seen = Seen {
            written: AtomicU64::new(place.tip.seq),
            file: Mutex::default(),
            untold: AtomicBool::new(false),
        };
        let mut lines = Lines {
            seen: Arc::new(seen),
            spool,
            recorded,
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
        if !matches!(lines.sink, Sink::Off) {
            if new {
                lines.start_segment();
            }
            if resumes || found != Found::default() {
                lines.note_resumed(&found);
            }
        }
        lines.show_file();
        Ok(lines)
    }

    pub(super) fn is_signed(&self) -> bool {
        self.signer.is_some()
    }

    fn show_file(&self) {
        let file = match &self.sink {
            Sink::File(segment) => segment.to_sync(),
            Sink::Stdout { .. } | Sink::Off => None,
        };
        *self.seen.file.lock().unwrap_or_else(PoisonError::into_inner) = file;
    }

    pub(super) fn flush_pending(&mut self) -> io::Result<()> {
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
        self.seen.untold.store(!self.lost.is_empty(), Ordering::Relaxed);
        Ok(())
    }

    pub(super) fn note_lost(&mut self, from: u64, to: u64) {
        self.seen.untold.store(true, Ordering::Relaxed);
        let full = self.lost.len() >= PENDING_LINES_MAX;
        match self.lost.last_mut() {
            Some(last) if last.1 + 1 >= from && last.0 <= from => last.1 = last.1.max(to),
            // Past the bound the last range grows over what lies between: rather too many are named than too few.
            Some(last) if full => last.1 = last.1.max(to),
            _ => self.lost.push((from, to)),
        }
    }

    /// Says whose clients were told of a failure. Waits for a disk that works, or the notes would be lost as well.
    pub(super) fn write_lost(&mut self) {
        for (from, to) in std::mem::take(&mut self.lost) {
            self.keep(fields_of(&Note::DurabilityLost { time: &now(), from, to }));
        }
    }

    pub(super) fn keep(&mut self, fields: Vec<u8>) {
        self.seen.untold.store(true, Ordering::Relaxed);
        if self.pending.len() < PENDING_LINES_MAX {
            self.pending.push_back(fields);
        } else {
            self.missed += 1;
        }
    }

    /// Writes one line; the chain moves on only if that worked.
    pub(super) fn write(&mut self, fields: &[u8]) -> io::Result<()> {
        if let Sink::File(segment) = &mut self.sink
            && segment.is_stale()
        {
            let found = segment.reopen()?;
            self.show_file();
            self.place.segment += 1;
            self.segment_opened = Instant::now();
            self.write_here(&self.segment_started())?;
            if found != Found::default() {
                self.note_resumed(&found);
            }
        }
        self.write_here(fields)?;
        self.recorded |= fields.starts_with(br#""event":"exchange""#);
        Ok(())
    }

    fn write_here(&mut self, fields: &[u8]) -> io::Result<()> {
        self.line.clear();
        let tip = self.place.tip.seal(fields, &mut self.line);
        match &mut self.sink {
            Sink::Off => return Ok(()),
            Sink::Stdout { torn } => {
                let out = io::stdout();
                writable(&out, STDOUT_WAIT)?;
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
        self.seen.written.store(tip.seq, Ordering::Release);
        self.unvouched += 1;
        Ok(())
    }

    /// Writes a checkpoint if `lines` have come since the last, or time has.
    pub(super) fn vouch_if_due(&mut self, lines: u64) -> io::Result<()> {
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

    pub(super) fn rotate_if_due(&mut self) {
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

    /// Seals a segment that is old though nothing comes any more: what is in it is waited for elsewhere.
    pub(super) fn seal_if_old(&mut self) {
        if self.spool.is_some() && self.recorded {
            self.rotate_if_due();
        }
    }

    /// Seals what there is, at the end.
    pub(super) fn seal(&mut self) {
        if self.spool.is_some()
            && self.recorded
            && let Err(error) = self.rotate()
        {
            tracing::error!(kind = %error.kind(), "the audit file could not be sealed; the next start goes on with it");
        }
    }

    fn rotate(&mut self) -> io::Result<()> {
        self.vouch()?;
        if let Sink::File(segment) = &self.sink
            && let Some(aside) = segment.free_name(&self.place)?
        {
            self.note_resumed(&Found { set_aside: Some(aside), missing: None });
        }
        if let Sink::File(segment) = &mut self.sink {
            let bytes = segment.bytes();
            segment.rotate(&self.place)?;
            if let Some(spool) = &self.spool {
                spool.add(bytes);
            }
        }
        self.recorded = false;
        self.show_file();
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
pub(in crate::audit) fn fields_of(line: &impl Serialize) -> Vec<u8> {
    members(&serde_json::to_vec(line).unwrap_or_default()).to_vec()
}

/// What stands between the braces.
pub(in crate::audit) fn members(object: &[u8]) -> &[u8] {
    object.strip_prefix(b"{").and_then(|rest| rest.strip_suffix(b"}")).unwrap_or_default()
}

pub(in crate::audit) fn now() -> String {
    format!("{:.6}", Timestamp::now())
}
