//! Export: every line of the trail goes to a collector as an OpenTelemetry log record, in order and at least once.
//!
//! OTLP over HTTP in its JSON encoding (<https://opentelemetry.io/docs/specs/otlp/>), written here by serde_json: the crates that
//! do it drop records when a queue is full and send several batches at once, which an audit trail cannot have. Nothing is queued:
//! a thread of its own reads the files behind the writer, and remembers in a file beside them how far the collector has
//! come. A record is sent again when its answer was lost; chain, number and hash tell doubles apart.

use std::io::Read;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Request, StatusCode, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::Trail;
use super::courier::{Courier, Errand};
use super::files;
use super::follow::{Cursor, Follower};
use super::names::suffixed;
use super::outbound::Outbound;
use crate::metrics::Metrics;

pub mod settings;

use settings::OtlpSettings;

/// Of one request.
const BATCH_BYTES: usize = 512 << 10;
/// What is read of an answer.
const ANSWER_BYTES_MAX: usize = 64 << 10;
const ANSWER_WAIT: Duration = Duration::from_secs(10);
const HEADERS_BYTES_MAX: u64 = 64 << 10;
/// A chain and a number, and room.
const CURSOR_BYTES_MAX: u64 = 100;

/// Why a batch was not taken. Of a closed set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum NotTaken {
    Settings(&'static str),
    /// No answer, or one that says to try later.
    Unavailable,
    /// An answer that says it never will be.
    Refused(StatusCode),
    /// The trail cannot be read, or the place in it not be kept.
    Unreadable,
}

impl NotTaken {
    fn as_str(self) -> &'static str {
        match self {
            NotTaken::Settings(_) => "settings",
            NotTaken::Unavailable => "unavailable",
            NotTaken::Refused(_) => "refused",
            NotTaken::Unreadable => "unreadable",
        }
    }
}

impl std::fmt::Display for NotTaken {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            NotTaken::Settings(what) => f.write_str(what),
            NotTaken::Unavailable => f.write_str("the collector does not answer, or asks to wait"),
            NotTaken::Refused(status) => write!(f, "the collector refuses with {}", status.as_u16()),
            NotTaken::Unreadable => {
                f.write_str("the trail, or the place reached in it, cannot be read or kept")
            }
        }
    }
}

/// The running exporter.
pub struct Exporter {
    courier: Courier,
    taken: Arc<AtomicU64>,
}

impl Exporter {
    /// `path` is the active file of the trail.
    pub fn start(
        settings: OtlpSettings,
        path: &Path,
        trail: Arc<Trail>,
        metrics: Arc<Metrics>,
    ) -> std::io::Result<Exporter> {
        let cursor = read_cursor(path);
        let taken = Arc::new(AtomicU64::new(cursor.seq));
        let courier = Courier::start(Lines {
            settings,
            path: path.to_owned(),
            follower: Follower::new(path, cursor.clone()),
            cursor,
            under_way: false,
            trail,
            metrics,
            taken: Arc::clone(&taken),
        })?;
        Ok(Exporter { courier, taken })
    }

    /// Up to which line the collector has the trail.
    pub fn taken(&self) -> Arc<AtomicU64> {
        Arc::clone(&self.taken)
    }

    /// Sends what is left, as far as that goes in a few seconds, and ends.
    pub fn close(self) {
        self.courier.close();
    }
}

/// The lines on their way.
struct Lines {
    settings: OtlpSettings,
    path: PathBuf,
    follower: Follower,
    /// What the collector has.
    cursor: Cursor,
    /// The follower has read on, and nobody knows whether the collector has.
    under_way: bool,
    trail: Arc<Trail>,
    metrics: Arc<Metrics>,
    taken: Arc<AtomicU64>,
}

impl Errand for Lines {
    type Problem = NotTaken;
    const NAME: &'static str = "otlp";
    const INTERVAL: Duration = Duration::from_secs(1);
    const LATE: NotTaken = NotTaken::Unavailable;

    /// Sends all that is on the disk.
    async fn pass(&mut self) -> Result<(), NotTaken> {
        if std::mem::take(&mut self.under_way) {
            self.follower.rewind(self.cursor.clone());
        }
        loop {
            let durable = self.trail.on_disk();
            let read = self.follower.next(durable, BATCH_BYTES);
            let (lines, reached) = read.map_err(|_| NotTaken::Unreadable)?;
            if lines.is_empty() {
                return Ok(());
            }
            self.under_way = true;
            self.send(&lines, &reached.chain).await?;
            self.under_way = false;
            self.metrics.audit_exported.inc_by(lines.len() as u64);
            self.cursor = reached;
            self.taken.store(self.cursor.seq, Ordering::Relaxed);
            // Not kept, the lines are sent again after a restart.
            write_cursor(&self.path, &self.cursor).map_err(|_| NotTaken::Unreadable)?;
        }
    }

    fn failed(&self, problem: NotTaken, is_new: bool) {
        self.metrics.audit_export_failures.with_label_values(&[problem.as_str()]).inc();
        if is_new {
            tracing::error!(problem = %problem, "the audit trail does not reach the collector");
        }
    }

    fn works_again(&self) {
        tracing::info!("the audit trail reaches the collector again");
    }
}

impl Lines {
    async fn send(&self, lines: &[Vec<u8>], chain: &str) -> Result<(), NotTaken> {
        let outbound = Outbound::new(self.settings.ca_file.as_deref())
            .map_err(|_| NotTaken::Settings("audit.otlp.ca_file cannot be used"))?;
        let content = serde_json::to_vec(&logs(lines, chain)).unwrap_or_default();
        let mut request = Request::new(Full::new(Bytes::from(content)));
        *request.method_mut() = http::Method::POST;
        let unusable = NotTaken::Settings("audit.otlp.endpoint cannot be asked");
        *request.uri_mut() = format!("{}/v1/logs", self.settings.endpoint).parse().map_err(|_| unusable)?;
        *request.headers_mut() = self.headers()?;
        let answer = outbound.send(request).await.map_err(|_| NotTaken::Unavailable)?;
        match answer.status() {
            StatusCode::OK => {
                let rejected = rejected(answer.into_body()).await?;
                if rejected > 0 {
                    self.metrics.audit_export_failures.with_label_values(&["rejected"]).inc_by(rejected);
                    tracing::error!(
                        records = rejected,
                        "the collector rejected audit records; it must not be asked again"
                    );
                }
                Ok(())
            }
            status if status.is_success() => Ok(()),
            StatusCode::TOO_MANY_REQUESTS => Err(NotTaken::Unavailable),
            status if status.is_server_error() => Err(NotTaken::Unavailable),
            status => Err(NotTaken::Refused(status)),
        }
    }

    /// Those of the file, such as an `Authorization`, read each time.
    fn headers(&self) -> Result<HeaderMap, NotTaken> {
        use std::io::Read;
        let mut headers = HeaderMap::new();
        if let Some(path) = &self.settings.headers_file {
            let problem = NotTaken::Settings(
                "audit.otlp.headers_file cannot be read, or has a line that is not `Name: value`",
            );
            let mut text = zeroize::Zeroizing::new(String::new());
            let file = crate::file::open(path).map_err(|_| problem)?;
            file.take(HEADERS_BYTES_MAX).read_to_string(&mut text).map_err(|_| problem)?;
            for line in text.lines().filter(|line| !line.trim().is_empty()) {
                let (name, value) = line.split_once(':').ok_or(problem)?;
                let name = HeaderName::try_from(name.trim()).map_err(|_| problem)?;
                let mut value = HeaderValue::try_from(value.trim()).map_err(|_| problem)?;
                value.set_sensitive(true);
                headers.insert(name, value);
            }
        }
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        Ok(headers)
    }
}

/// The records as an `ExportLogsServiceRequest`. The body is the line as it stands in the trail, so that its hash can be checked.
fn logs(lines: &[Vec<u8>], chain: &str) -> Value {
    let records: Vec<Value> = lines.iter().map(|line| record(line, chain)).collect();
    json!({"resourceLogs": [{
        "resource": {"attributes": [text("service.name", "clinik-guard"), text("audit.chain", chain)]},
        "scopeLogs": [{
            "scope": {"name": "clinik_guard.audit", "version": env!("CARGO_PKG_VERSION")},
            "logRecords": records,
        }],
    }]})
}

fn record(line: &[u8], chain: &str) -> Value {
    #[derive(serde::Deserialize)]
    struct Known<'a> {
        seq: u64,
        time: &'a str,
        event: &'a str,
        hash: &'a str,
    }
    let body = String::from_utf8_lossy(line);
    let Ok(known) = serde_json::from_slice::<Known<'_>>(line) else {
        return json!({"severityNumber": 9, "body": {"stringValue": body}});
    };
    let nanoseconds = known.time.parse::<Timestamp>().map_or(0, Timestamp::as_nanosecond).to_string();
    // In this encoding integers of 64 bits are texts.
    json!({
        "timeUnixNano": nanoseconds,
        "observedTimeUnixNano": nanoseconds,
        "severityNumber": 9,
        "severityText": "INFO",
        "eventName": format!("clinik_guard.audit.{}", known.event),
        "body": {"stringValue": body},
        "attributes": [
            text("audit.chain", chain),
            {"key": "audit.seq", "value": {"intValue": known.seq.to_string()}},
            text("audit.hash", known.hash),
        ],
    })
}

fn text(key: &str, value: &str) -> Value {
    json!({"key": key, "value": {"stringValue": value}})
}

/// How many records an `ExportLogsServiceResponse` says were not taken.
async fn rejected(mut body: Incoming) -> Result<u64, NotTaken> {
    let read = async {
        let mut answer = Vec::new();
        while let Some(frame) = body.frame().await {
            let frame = frame.map_err(|_| NotTaken::Unavailable)?;
            if let Ok(data) = frame.into_data() {
                if answer.len() + data.len() > ANSWER_BYTES_MAX {
                    return Ok(0);
                }
                answer.extend_from_slice(&data);
            }
        }
        let answer: Value = serde_json::from_slice(&answer).unwrap_or_default();
        let rejected = &answer["partialSuccess"]["rejectedLogRecords"];
        let number = rejected.as_u64().or_else(|| rejected.as_str().and_then(|text| text.parse().ok()));
        Ok(number.unwrap_or(0))
    };
    tokio::time::timeout(ANSWER_WAIT, read).await.unwrap_or(Err(NotTaken::Unavailable))
}

/// `<chain> <seq>` in `<file>.otlp`.
fn read_cursor(path: &Path) -> Cursor {
    let mut text = String::new();
    let _none_yet = files::read(&suffixed(path, ".otlp"))
        .and_then(|file| file.take(CURSOR_BYTES_MAX).read_to_string(&mut text));
    let read = text
        .trim()
        .split_once(' ')
        .and_then(|(chain, seq)| Some(Cursor { chain: chain.to_owned(), seq: seq.parse().ok()? }));
    read.unwrap_or_default()
}

fn write_cursor(path: &Path, cursor: &Cursor) -> std::io::Result<()> {
    let text = format!("{} {}\n", cursor.chain, cursor.seq);
    files::replace(&suffixed(path, ".otlp"), text.as_bytes())
}
