//! The lines of the trail, one at a time: numbered, chained, written, vouched for, rotated.
//!
//! Owns everything that moves with a line, under the one lock of the trail. Lines whose clients wait for the disk are collected and
//! written together, just before the sync; all others are written at once. What could not be written is kept here, up to a
//! bound, and written in order when the sink works again. Who waits and what a failure means to a client is the trail's.

use std::collections::VecDeque;
use std::io::{self, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

use super::notes::{Note, fields_of, now};
use crate::audit::chain::{Link, Tip, hex};
use crate::audit::checkpoint::{self, Checkpoint, Signer};
use crate::audit::medium::Medium;
use crate::audit::record::as_withheld;
use crate::audit::segment::{Found, Place, Segment};
use crate::audit::settings::{AuditSettings, AuditSink};
use crate::audit::ship::Spool;
use crate::audit::writable;
use crate::metrics::Metrics;

mod touched;

/// Lines kept when the sink fails, to be written when it works again.
pub(super) const PENDING_LINES_MAX: usize = 1024;
/// How long a line waits for a full pipe, under a second.
const STDOUT_WAIT: Duration = Duration::from_millis(50);
const CHECKPOINT_INTERVAL: Duration = Duration::from_secs(60);
/// Lines between two checkpoints.
pub(super) const CHECKPOINT_LINES: u64 = 1000;
/// A disk that hangs must not fill the memory: beyond this, lines are written at once.
const COLLECTED_BYTES_MAX: usize = 1 << 20;
/// How long a rotation that failed is left alone.
const ROTATION_RETRY_INTERVAL: Duration = Duration::from_secs(60);

/// What is seen without waiting for the lock of the lines.
#[derive(Default)]
pub(super) struct Seen {
    /// There are lines kept, or lost ones to put on record.
    untold: AtomicBool,
    /// Numbers that were taken back.
    taken_back: AtomicU64,
}

impl Seen {
    pub(super) fn is_untold(&self) -> bool {
        self.untold.load(Ordering::Relaxed)
    }

    /// What is to be added to the number of a line so that no two lines ever have the same: its ticket.
    pub(super) fn taken_back(&self) -> u64 {
        self.taken_back.load(Ordering::Relaxed)
    }
}

/// Where the trail stands on the disk, but for syncs.
#[derive(Clone, Copy)]
struct Written {
    tip: Tip,
    unvouched: u64,
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
    /// Lines are collected, not written.
    collects: bool,
    /// The last of what is not merely collected.
    written: Written,
    /// Lines were collected for a file that is gone.
    gone: bool,
    /// A checkpoint that was not copied yet: the copy must not know of lines that the file does not have.
    head: Option<Vec<u8>>,
    metrics: Option<Arc<Metrics>>,
}

pub(super) enum Sink {
    Off,
    Stdout { torn: bool },
    File(Segment),
}

/// How the record of an exchange begins.
const EXCHANGE: &[u8] = br#""event":"exchange""#;

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
        let written = Written { tip: place.tip, unvouched: 0 };
        let mut lines = Lines {
            seen: Arc::default(),
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
            collects: false,
            written,
            gone: false,
            head: None,
            metrics: None,
        };
        if !matches!(lines.sink, Sink::Off) {
            if new {
                lines.start_segment();
            }
            if resumes || found != Found::default() {
                lines.note_resumed(&found);
            }
        }
        Ok(lines)
    }

    pub(super) fn is_signed(&self) -> bool {
        self.signer.is_some()
    }

    /// The file whose sync covers all that was written; one that was left was synced before.
    pub(super) fn to_sync(&self) -> Option<Arc<Medium>> {
        match &self.sink {
            Sink::File(segment) => segment.to_sync(),
            Sink::Stdout { .. } | Sink::Off => None,
        }
    }

    /// The number of the last line, and of the last that is not merely collected, as tickets.
    pub(super) fn tickets(&self) -> (u64, u64) {
        let taken_back = self.seen.taken_back();
        (self.place.tip.seq + taken_back, self.written.tip.seq + taken_back)
    }

    /// Writes the line of a record and what is due after it, and returns its ticket. If its client waits for the disk and
    /// nothing is owed to it the line may be collected: what is kept is only written once that works.
    pub(super) fn record(&mut self, fields: &[u8], awaited: bool) -> io::Result<u64> {
        let has_room =
            |segment: &Segment| segment.is_regular() && segment.collected_bytes() < COLLECTED_BYTES_MAX;
        let owes = !self.pending.is_empty() || self.missed > 0;
        self.collects = awaited && !owes && matches!(&self.sink, Sink::File(segment) if has_room(segment));
        let written = self.flush_pending().and_then(|()| self.write(fields));
        let (ticket, _) = self.tickets();
        if written.is_ok() {
            // The record stands. A checkpoint that cannot be written is due at the next one.
            let _due_at_the_next = self.vouch_if_due(CHECKPOINT_LINES);
        }
        self.collects = false;
        if written.is_ok() {
            self.rotate_if_due();
        }
        written.map(|()| ticket)
    }

    /// Whether there are lines of which nobody knows yet if they can be written.
    pub(super) fn has_collected(&self) -> bool {
        matches!(&self.sink, Sink::File(segment) if segment.collected_bytes() > 0)
    }

    /// Writes what was collected.
    pub(super) fn write_out(&mut self) -> io::Result<()> {
        if let Sink::File(segment) = &mut self.sink {
            segment.write_out()?;
        }
        self.note_written();
        Ok(())
    }

    /// What was collected could not be written: its numbers are free again, and the records are kept for another try. They say
    /// then what their clients, who wait, are about to be told.
    pub(super) fn take_back(&mut self, refuses: bool) {
        let Sink::File(segment) = &mut self.sink else { return };
        let lines = segment.take_collected();
        let links: Vec<_> = lines.split(|byte| *byte == b'\n').filter_map(Link::read).collect();
        for link in links.iter().rev().filter(|link| link.event() != Some(checkpoint::EVENT)) {
            let fields = if refuses { as_withheld(link.fields) } else { link.fields.to_vec() };
            self.pending.push_front(fields);
        }
        while self.pending.len() > PENDING_LINES_MAX {
            // What the trail says of itself stays.
            let last = self.pending.iter().rposition(|fields| fields.starts_with(EXCHANGE));
            let _counted = self.pending.remove(last.unwrap_or(PENDING_LINES_MAX));
            self.missed += 1;
        }
        let Written { tip, unvouched } = self.written;
        self.seen.taken_back.fetch_add(self.place.tip.seq - tip.seq, Ordering::Relaxed);
        self.seen.untold.store(true, Ordering::Relaxed);
        self.lost.retain(|(from, _)| *from <= tip.seq);
        (self.place.tip, self.unvouched, self.head) = (tip, unvouched, None);
    }

    /// Whether lines that nobody synced went with a file that somebody deleted or cut.
    pub(super) fn take_gone(&mut self) -> bool {
        let lost = self.has_lost();
        std::mem::take(&mut self.gone) || lost
    }

    fn has_lost(&self) -> bool {
        matches!(&self.sink, Sink::File(segment) if segment.has_lost())
    }

    /// Where losses are counted.
    pub(super) fn count_in(&mut self, metrics: Arc<Metrics>) {
        self.metrics = Some(metrics);
    }

    fn note_written(&mut self) {
        self.written = Written { tip: self.place.tip, unvouched: self.unvouched };
        if let (Some(line), Sink::File(segment)) = (self.head.take(), &self.sink)
            && segment.write_head(&line).is_err()
        {
            tracing::warn!("the copy of the last audit checkpoint could not be written");
        }
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

    /// The client of a line was told that it may not be on the disk, before that was known.
    pub(super) fn note_late(&mut self, seq: u64) {
        // One that was taken back meanwhile is told by its new line.
        if seq <= self.place.tip.seq {
            self.note_lost(seq, seq);
        }
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
        // Of what is collected only the first line looks: whether all of it went with a file that somebody deleted is seen
        // again once it is written.
        if !(self.collects && self.has_collected()) {
            self.go_on()?;
        }
        self.write_here(fields)?;
        self.recorded |= fields.starts_with(EXCHANGE);
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
            Sink::File(segment) if self.collects => segment.collect(&self.line),
            Sink::File(segment) => segment.append(&self.line)?,
        }
        self.place.tip = tip;
        self.unvouched += 1;
        if !self.collects {
            self.note_written();
        }
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
        self.head = Some(self.line.clone());
        if !self.collects {
            self.note_written();
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
        self.seal_file()?;
        self.start_segment();
        self.flush_pending()
    }

    /// Puts the file aside under its name, and opens an empty one.
    fn seal_file(&mut self) -> io::Result<()> {
        self.vouch()?;
        self.write_out()?;
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
        self.place.segment += 1;
        self.segment_opened = Instant::now();
        Ok(())
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
