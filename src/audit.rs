//! The audit trail: one JSON line per exchange, who did what to which record and how it ended.
//!
//! A [`Record`] is opened with the request and writes itself exactly once: when the exchange finishes it, or when
//! the exchange is dropped because the client hung up. It is written in place, before the response leaves, without
//! a hand-off to another thread. It holds ids, route templates and counts, never a value of the request. Lines
//! pass through [`Trail::append`] one at a time and numbered, which is where chaining belongs.

use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use jiff::Timestamp;
use serde::Serialize;

pub mod settings;

use settings::{AuditSettings, AuditSink, OnAuditFailure};

use crate::contract::Operation;
use crate::metrics::Metrics;
use crate::outcome::Code;

/// Lines kept when the sink fails, to be written when it works again.
const PENDING_LINES_MAX: usize = 1024;
/// How long a line waits for a full pipe, under a second.
const STDOUT_WAIT: Duration = Duration::from_millis(50);
/// How long lines may go on into a file that was renamed.
const ROTATION_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// The lines that could not be written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AuditFailed;

/// The sink of all records of the process.
pub struct Trail {
    refuse_on_failure: AtomicBool,
    healthy: AtomicBool,
    inner: Mutex<Inner>,
}

struct Inner {
    sink: Sink,
    sequence: u64,
    pending: Vec<Vec<u8>>,
    line: Vec<u8>,
    /// A write stopped inside a line: begin the next one on a fresh line.
    torn: bool,
}

enum Sink {
    Stdout(io::Stdout),
    File { path: PathBuf, open: Option<File>, checked: Option<Instant> },
    Off,
}

impl Trail {
    /// Opens the sink; a file is created readable by its owner and group only.
    pub fn open(settings: &AuditSettings) -> io::Result<Trail> {
        let sink = match &settings.sink {
            AuditSink::Off => Sink::Off,
            AuditSink::Stdout => Sink::Stdout(io::stdout()),
            AuditSink::File(path) => {
                Sink::File { path: path.clone(), open: Some(open_file(path)?), checked: None }
            }
        };
        let inner =
            Inner { sink, sequence: 0, pending: Vec::new(), line: Vec::with_capacity(1024), torn: false };
        let refuse = settings.on_failure == OnAuditFailure::Refuse;
        let refuse_on_failure = AtomicBool::new(refuse);
        Ok(Trail { refuse_on_failure, healthy: AtomicBool::new(true), inner: Mutex::new(inner) })
    }

    /// Whether a request may go on: with lines still pending it tries to write them first.
    pub fn ready(&self) -> Result<(), AuditFailed> {
        let mut inner = self.lock();
        if inner.pending.is_empty() || inner.flush_pending().is_ok() {
            self.healthy.store(true, Ordering::Relaxed);
            return Ok(());
        }
        if self.refuses() { Err(AuditFailed) } else { Ok(()) }
    }

    /// A reload changed what happens when a record cannot be written.
    pub fn set_on_failure(&self, on_failure: OnAuditFailure) {
        self.refuse_on_failure.store(on_failure == OnAuditFailure::Refuse, Ordering::Relaxed);
    }

    fn refuses(&self) -> bool {
        self.refuse_on_failure.load(Ordering::Relaxed)
    }

    /// Whether the last line was written; for readiness. Waits for nobody, so a hung sink cannot hang a probe.
    pub fn healthy(&self) -> bool {
        self.healthy.load(Ordering::Relaxed)
    }

    /// Numbers and writes one line. On failure `withheld` says what the client is told instead, and that line is
    /// kept and tried again with the next one.
    fn append(&self, line: &mut Line<'_>, withheld: Withheld) -> Result<(), AuditFailed> {
        let mut inner = self.lock();
        let inner = &mut *inner;
        if matches!(inner.sink, Sink::Off) {
            return Ok(());
        }
        inner.sequence += 1;
        line.seq = inner.sequence;
        inner.line.clear();
        // The line is plain data; writing it to memory cannot fail.
        if serde_json::to_writer(&mut inner.line, line).is_err() {
            return Err(AuditFailed);
        }
        inner.line.push(b'\n');
        if inner.pending.is_empty() || inner.flush_pending().is_ok() {
            let text = std::mem::take(&mut inner.line);
            let written = inner.write(&text);
            inner.line = text;
            if written.is_ok() {
                self.healthy.store(true, Ordering::Relaxed);
                return Ok(());
            }
        }
        self.healthy.store(false, Ordering::Relaxed);
        if self.refuses() {
            (line.outcome, line.reason, line.status) = ("refused", Some(withheld.reason), withheld.status);
        }
        if inner.pending.len() < PENDING_LINES_MAX {
            let mut kept = serde_json::to_vec(line).unwrap_or_default();
            kept.push(b'\n');
            inner.pending.push(kept);
        }
        Err(AuditFailed)
    }

    fn lock(&self) -> std::sync::MutexGuard<'_, Inner> {
        self.inner.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Inner {
    fn flush_pending(&mut self) -> io::Result<()> {
        let pending = std::mem::take(&mut self.pending);
        for (at, line) in pending.iter().enumerate() {
            if let Err(error) = self.write(line) {
                self.pending = pending.get(at..).unwrap_or_default().to_vec();
                return Err(error);
            }
        }
        Ok(())
    }

    fn write(&mut self, line: &[u8]) -> io::Result<()> {
        if self.torn {
            self.sink.write_all(b"\n")?;
            self.torn = false;
        }
        let written = self.sink.write_all(line);
        self.torn = written.is_err() && !matches!(&self.sink, Sink::File { open: None, .. });
        written
    }
}

impl Sink {
    fn write_all(&mut self, bytes: &[u8]) -> io::Result<()> {
        match self {
            Sink::Off => Ok(()),
            Sink::Stdout(out) => {
                writable(&*out, STDOUT_WAIT)?;
                let mut out = out.lock();
                out.write_all(bytes)?;
                out.flush()
            }
            Sink::File { path, open, checked } => {
                if is_stale(open.as_ref(), path, checked) {
                    *open = None;
                    *open = Some(open_file(path)?);
                }
                match open {
                    Some(file) => file.write_all(bytes),
                    None => Err(io::ErrorKind::NotFound.into()),
                }
            }
        }
    }
}

/// Waits until a pipe takes a line without blocking: one that nobody reads must not hang the guard. Lines are shorter
/// than the space a writable pipe has (`PIPE_BUF`), but for ids of extreme length.
pub(crate) fn writable(out: &impl std::os::fd::AsFd, limit: Duration) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let limit = Timespec { tv_sec: 0, tv_nsec: i64::from(limit.subsec_nanos()) };
    let mut polled = [PollFd::new(out, PollFlags::OUT)];
    let ready = poll(&mut polled, Some(&limit))?;
    if ready == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
}

/// Whether the open file is no longer the one at `path`. A deleted file would swallow lines, so it is noticed at every
/// line; a renamed one keeps them, so looking at the path now and then is enough to follow a rotation.
fn is_stale(open: Option<&File>, path: &Path, checked: &mut Option<Instant>) -> bool {
    let Some(held) = open.and_then(|file| file.metadata().ok()) else { return true };
    if held.nlink() == 0 {
        return true;
    }
    if checked.is_some_and(|at| at.elapsed() < ROTATION_CHECK_INTERVAL) {
        return false;
    }
    *checked = Some(Instant::now());
    !std::fs::metadata(path).is_ok_and(|named| (held.ino(), held.dev()) == (named.ino(), named.dev()))
}

fn open_file(path: &Path) -> io::Result<File> {
    OpenOptions::new().create(true).append(true).mode(0o640).open(path)
}

/// What a client is told when the answer it should have had cannot be recorded.
#[derive(Clone, Copy)]
struct Withheld {
    reason: &'static str,
    status: u16,
}

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The upstream's answer was passed on, scrubbed where needed.
    Answered,
    /// The guard refused or failed the request.
    Refused(&'static str),
    /// The client hung up before there was an answer.
    ClientGone,
}

/// One exchange on record. Fields are filled in as they become known.
pub struct Record {
    trail: Arc<Trail>,
    metrics: Arc<Metrics>,
    started: Instant,
    at: Timestamp,
    pub request_id: Arc<str>,
    pub method: &'static str,
    pub caller: Option<Arc<str>>,
    pub actor: Option<String>,
    pub role: Option<String>,
    pub operation: Option<Operation>,
    pub resource: Option<&'static str>,
    pub resource_id: Option<String>,
    pub route: Option<&'static str>,
    pub upstream_request_id: Option<String>,
    pub upstream_status: Option<u16>,
    pub key: Option<Arc<str>>,
    pub redactions: u64,
    /// Codes of what guards in `observe` would have refused.
    pub observed: Vec<&'static str>,
    /// Names of the policy's exceptions that let PHI pass.
    pub exceptions: Vec<String>,
    written: bool,
}

/// A line as it stands in the trail.
#[derive(Serialize)]
struct Line<'a> {
    seq: u64,
    time: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<&'a str>,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'static str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_status: Option<u16>,
    redactions: u64,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    observed: &'a [&'static str],
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    exceptions: &'a [String],
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    duration_us: u64,
}

impl Record {
    pub fn open(
        trail: &Arc<Trail>,
        metrics: &Arc<Metrics>,
        request_id: Arc<str>,
        method: &'static str,
    ) -> Record {
        Record {
            trail: Arc::clone(trail),
            metrics: Arc::clone(metrics),
            started: Instant::now(),
            at: Timestamp::now(),
            request_id,
            method,
            caller: None,
            actor: None,
            role: None,
            operation: None,
            resource: None,
            resource_id: None,
            route: None,
            upstream_request_id: None,
            upstream_status: None,
            key: None,
            redactions: 0,
            observed: Vec::new(),
            exceptions: Vec::new(),
            written: false,
        }
    }

    /// What was read must not be shown without a record; what was written cannot be taken back.
    pub fn withheld(&self) -> Code {
        if matches!(self.method, "GET" | "HEAD") { Code::AuditUnavailable } else { Code::OutcomeUnknown }
    }

    pub fn started(&self) -> Instant {
        self.started
    }

    /// Writes the record. Fails only where the policy refuses requests without one; [`Record::withheld`] is then what
    /// the client is told, and what the record says once it can be written.
    pub fn finish(&mut self, ended: Ended, status: u16) -> Result<(), AuditFailed> {
        if self.written {
            return Ok(());
        }
        self.written = true;
        let (outcome, reason) = match ended {
            Ended::Answered => ("answered", None),
            Ended::Refused(reason) => ("refused", Some(reason)),
            Ended::ClientGone => ("client_gone", None),
        };
        let mut line = Line {
            seq: 0,
            time: format!("{:.6}", self.at),
            request_id: &self.request_id,
            upstream_request_id: self.upstream_request_id.as_deref(),
            caller: self.caller.as_deref(),
            actor: self.actor.as_deref(),
            role: self.role.as_deref(),
            action: action(self.operation, self.method),
            resource: self.resource,
            resource_id: self.resource_id.as_deref(),
            method: self.method,
            route: self.route,
            outcome,
            reason,
            status,
            upstream_status: self.upstream_status,
            redactions: self.redactions,
            observed: &self.observed,
            exceptions: &self.exceptions,
            key: self.key.as_deref(),
            duration_us: u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
        };
        let code = self.withheld();
        let withheld = Withheld { reason: code.as_str(), status: code.status().as_u16() };
        match self.trail.append(&mut line, withheld) {
            Ok(()) => {
                self.metrics.audit_records.inc();
                Ok(())
            }
            Err(failed) => {
                self.metrics.audit_failures.inc();
                tracing::error!(request_id = %self.request_id, "audit record could not be written; kept for another try");
                if self.trail.refuses() { Err(failed) } else { Ok(()) }
            }
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.written {
            let operation = self.operation.map_or("unknown", Operation::as_str);
            let labels = [operation, self.resource.unwrap_or("unknown"), "client_gone"];
            self.metrics.requests.with_label_values(&labels).inc();
        }
        // Nobody is left to tell of a failure; `finish` has counted and logged it.
        let _recorded = self.finish(Ended::ClientGone, 0);
    }
}

/// The letters of the FHIR AuditEvent action value set, with S for search told apart from E.
fn action(operation: Option<Operation>, method: &str) -> &'static str {
    match operation {
        Some(Operation::Create) => "C",
        Some(Operation::Read) => "R",
        Some(Operation::Update) => "U",
        Some(Operation::Delete) => "D",
        Some(Operation::Search) => "S",
        Some(Operation::Bulk | Operation::Health | Operation::Metadata) => "E",
        Some(Operation::Fhir) | None => match method {
            "GET" | "HEAD" => "R",
            "POST" => "C",
            "PUT" | "PATCH" => "U",
            "DELETE" => "D",
            _ => "E",
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn trail(path: &Path, on_failure: OnAuditFailure) -> Arc<Trail> {
        let settings = AuditSettings { sink: AuditSink::File(path.to_owned()), on_failure };
        Arc::new(Trail::open(&settings).expect("the file can be opened"))
    }

    impl Trail {
        fn look_at_path_again(&self) {
            if let Sink::File { checked, .. } = &mut self.lock().sink {
                *checked = None;
            }
        }
    }

    fn record(trail: &Arc<Trail>) -> Record {
        Record::open(trail, &Arc::new(Metrics::new()), "req_1".into(), "GET")
    }

    fn lines(path: &Path) -> Vec<serde_json::Value> {
        let text = std::fs::read_to_string(path).unwrap_or_default();
        text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
    }

    #[test]
    fn a_record_is_written_once_however_it_ends() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        let trail = trail(&path, OnAuditFailure::Refuse);
        let mut finished = record(&trail);
        assert_eq!(finished.finish(Ended::Answered, 200), Ok(()));
        assert_eq!(finished.finish(Ended::Answered, 200), Ok(()));
        drop(finished);
        drop(record(&trail));
        let lines = lines(&path);
        assert_eq!(lines.len(), 2);
        assert_eq!(lines[0]["outcome"], "answered");
        assert_eq!(lines[1]["outcome"], "client_gone");
        assert_eq!((lines[0]["seq"].as_u64(), lines[1]["seq"].as_u64()), (Some(1), Some(2)));
    }

    #[test]
    fn a_deleted_file_is_made_again_and_a_rotated_one_left_alone() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        let trail = trail(&path, OnAuditFailure::Refuse);
        drop(record(&trail));
        let rotated = dir.path().join("audit.1");
        std::fs::rename(&path, &rotated).expect("renamed");
        drop(record(&trail));
        trail.look_at_path_again();
        drop(record(&trail));
        std::fs::remove_file(&path).expect("removed");
        drop(record(&trail));
        assert_eq!(lines(&rotated).len(), 2, "a renamed file keeps its lines until the rotation is noticed");
        assert_eq!(lines(&path).len(), 1, "a deleted one is noticed at once");
    }

    #[test]
    fn a_record_that_comes_late_says_what_the_client_was_told() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("sub").join("audit.jsonl");
        std::fs::create_dir(path.parent().expect("a parent")).expect("made");
        let trail = trail(&path, OnAuditFailure::Refuse);
        std::fs::remove_dir_all(path.parent().expect("a parent")).expect("removed");
        assert_eq!(record(&trail).finish(Ended::Answered, 200), Err(AuditFailed));
        assert!(!trail.healthy());
        std::fs::create_dir(path.parent().expect("a parent")).expect("made");
        assert!(trail.ready().is_ok() && trail.healthy());
        let lines = lines(&path);
        assert_eq!((lines.len(), lines[0]["outcome"].as_str()), (1, Some("refused")));
        assert_eq!(
            (lines[0]["reason"].as_str(), lines[0]["status"].as_u64()),
            (Some("AUDIT_UNAVAILABLE"), Some(503))
        );
    }

    #[test]
    fn a_full_disk_refuses_or_logs_as_the_policy_says() {
        let full = Path::new("/dev/full");
        let refusing = trail(full, OnAuditFailure::Refuse);
        assert_eq!(record(&refusing).finish(Ended::Answered, 200), Err(AuditFailed));
        assert_eq!(refusing.ready(), Err(AuditFailed));
        let logging = trail(full, OnAuditFailure::Log);
        assert_eq!(record(&logging).finish(Ended::Answered, 200), Ok(()));
        assert!(logging.ready().is_ok() && !logging.healthy());
    }
}
