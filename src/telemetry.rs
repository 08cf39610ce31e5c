//! Logs: one JSON object a line on standard error, scrubbed as its last step.
//!
//! Everything that logs goes through `emit`: our own events, the events of dependencies (`tracing` and `log`) and
//! panics. Each line is scanned by a PHI engine with every rule on, whatever the policy says, so that a careless
//! event of a dependency cannot leak. Panic messages are not logged, only where they happened.

use std::fmt::{self, Write as _};
use std::io::Write as _;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

use tracing::field::{Field, Visit};
use tracing::level_filters::LevelFilter;
use tracing::{Event, Subscriber};
use tracing_subscriber::layer::{Context, Layer, SubscriberExt as _};

use crate::phi::Engine;

pub mod settings;

use settings::TelemetrySettings;

/// Longest log line, in bytes; the rest is cut.
const LINE_BYTES_MAX: usize = 8 * 1024;

/// Fields of our own events that hold what the guard itself made: the number of a request, the hash of a policy, the
/// fingerprint of a key. To a scrubber such digits can look like somebody's number.
const MADE: [&str; 3] = ["request_id", "policy", "key"];

/// Where finished lines go; standard error, but for tests that look for what must not be logged.
pub type WriteLine = fn(&[u8]);

static SCRUBBER: OnceLock<(Arc<Engine>, WriteLine)> = OnceLock::new();

/// Installs the log subscriber. Later calls change nothing.
pub fn init(settings: &TelemetrySettings, engine: Arc<Engine>, write_line: WriteLine) {
    if SCRUBBER.set((engine, write_line)).is_err() {
        return;
    }
    let filter = LevelFilter::from_level(settings.level);
    let subscriber = tracing_subscriber::registry().with(JsonLines.with_filter(filter));
    // Fails only if a subscriber is set already, as in a test that brings its own.
    let _installed = tracing::subscriber::set_global_default(subscriber);
    let _bridged = tracing_log::LogTracer::init();
}

/// Has panics logged like everything else: where, and never what; a panic message can hold anything.
pub fn install_panic_hook() {
    std::panic::set_hook(Box::new(|panic| {
        let (file, line) = panic.location().map_or(("unknown", 0), |at| (at.file(), at.line()));
        tracing::error!(target: "clinik_guard::panic", file, line, "a task panicked; its message is withheld");
    }));
}

/// Formats events as JSON lines.
struct JsonLines;

impl<S: Subscriber> Layer<S> for JsonLines {
    fn on_event(&self, event: &Event<'_>, _context: Context<'_, S>) {
        use tracing_log::NormalizeEvent as _;
        let normalized = event.normalized_metadata();
        let metadata = normalized.as_ref().unwrap_or_else(|| event.metadata());
        let mut line = String::with_capacity(256);
        let _infallible = write!(
            line,
            "{{\"time\":\"{:.6}\",\"level\":\"{}\",\"target\":",
            jiff::Timestamp::now(),
            metadata.level().as_str().to_ascii_lowercase()
        );
        json_string(&mut line, metadata.target());
        let own = metadata.target().starts_with("clinik_guard");
        let mut fields = Fields { line, made: String::new(), own };
        event.record(&mut fields);
        let Fields { mut line, made, .. } = fields;
        line.push('}');
        emit(&line, &made);
    }
}

/// Scrubs a line, adds the members that need it not, and writes it in one piece.
fn emit(line: &str, made: &str) {
    // The subscriber is installed after the engine, so there is none only if nobody logs.
    let Some((engine, write_line)) = SCRUBBER.get() else { return };
    let mut out = Vec::with_capacity(line.len() + 1);
    engine.scrub_line(line.as_bytes(), &mut out);
    if out.last() == Some(&b'}') {
        out.pop();
        out.extend_from_slice(made.as_bytes());
        out.push(b'}');
    }
    out.push(b'\n');
    write_line(&out);
}

/// Writes a line to standard error.
pub fn to_stderr(line: &[u8]) {
    // A closed or stuck standard error must not stop the guard; the audit trail has its own sink.
    if crate::audit::writable(&std::io::stderr(), Duration::from_millis(10)).is_ok() {
        let _written = std::io::stderr().lock().write_all(line);
    }
}

/// Writes the fields of an event as members of the line's object.
struct Fields {
    line: String,
    /// Members of [`MADE`].
    made: String,
    /// The event is one of ours.
    own: bool,
}

impl Fields {
    /// Whether this is a text that we made, and where it stands then.
    fn keeps(&mut self, field: &Field, text: &str) -> bool {
        let made = self.own && MADE.contains(&field.name()) && is_made(text);
        if made {
            // Infallible: a `String`.
            let _infallible = write!(self.made, ",\"{}\":\"{text}\"", field.name());
        }
        made
    }

    fn key(&mut self, field: &Field) -> bool {
        // `log.*` fields repeat what the bridge has already put into the metadata.
        if field.name().starts_with("log.") || self.line.len() > LINE_BYTES_MAX {
            return false;
        }
        self.line.push(',');
        json_string(&mut self.line, field.name());
        self.line.push(':');
        true
    }
}

impl Visit for Fields {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let mut text = String::new();
        let _infallible = write!(Cut { text: &mut text }, "{value:?}");
        self.record_str(field, &text);
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if !self.keeps(field, value) && self.key(field) {
            let mut text = String::new();
            let _infallible = Cut { text: &mut text }.write_str(value);
            json_string(&mut self.line, &text);
        }
    }

    fn record_u64(&mut self, field: &Field, value: u64) {
        if self.key(field) {
            let _infallible = write!(self.line, "{value}");
        }
    }

    fn record_i64(&mut self, field: &Field, value: i64) {
        if self.key(field) {
            let _infallible = write!(self.line, "{value}");
        }
    }

    fn record_bool(&mut self, field: &Field, value: bool) {
        if self.key(field) {
            let _infallible = write!(self.line, "{value}");
        }
    }
}

/// Takes text up to the line limit.
struct Cut<'a> {
    text: &'a mut String,
}

impl fmt::Write for Cut<'_> {
    fn write_str(&mut self, piece: &str) -> fmt::Result {
        let room = LINE_BYTES_MAX.saturating_sub(self.text.len()).min(piece.len());
        let end = (0..=room).rev().find(|end| piece.is_char_boundary(*end)).unwrap_or(0);
        self.text.push_str(piece.get(..end).unwrap_or_default());
        Ok(())
    }
}

/// Hexadecimal digits, as of a hash or a number of ours, or several of them.
fn is_made(text: &str) -> bool {
    text.split(' ').all(|word| {
        let digits = word.strip_prefix("req_").unwrap_or(word);
        (8..=64).contains(&digits.len())
            && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    })
}

fn json_string(out: &mut String, text: &str) {
    // A string always serialises.
    out.push_str(&serde_json::to_string(text).unwrap_or_default());
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use super::*;
    use crate::phi::EngineSettings;

    static LINES: Mutex<Vec<u8>> = Mutex::new(Vec::new());

    fn capture(line: &[u8]) {
        LINES.lock().unwrap_or_else(std::sync::PoisonError::into_inner).extend_from_slice(line);
    }

    #[test]
    fn events_of_anyone_and_panics_are_scrubbed_json() {
        let engine = Engine::new(&EngineSettings::default()).expect("the defaults compile");
        init(&TelemetrySettings { level: tracing::Level::DEBUG }, Arc::new(engine), capture);
        tracing::info!(mail = "marisol.q@example.org", count = 3_u64, fine = true, "sent\nto a \"person\"");
        log::debug!("a dependency logs ssn 912-84-6713");
        tracing::info!(request_id = "req_9128467135551234", policy = %"198711230455", key = "20255501 91284671", "made here");
        tracing::info!(policy = "marisol.q@example.org", "and not");
        tracing::info!(target: "another", policy = "912-84-6713", "nor of others");
        let before = std::panic::take_hook();
        install_panic_hook();
        let panicked = std::panic::catch_unwind(|| panic!("Marisol Quintanar-Abbott"));
        std::panic::set_hook(before);
        assert!(panicked.is_err());

        let lines = LINES.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clone();
        let lines = String::from_utf8(lines).expect("log lines are text");
        for secret in ["marisol", "912-84", "Marisol", "Quintanar"] {
            assert!(!lines.contains(secret), "{secret} in {lines}");
        }
        for part in [
            "\"request_id\":\"req_9128467135551234\",\"policy\":\"198711230455\",\"key\":\"20255501 91284671\"}",
            "[REDACTED:email]",
            "\"count\":3",
            "[REDACTED:ssn]",
            "clinik_guard::panic",
            "telemetry.rs",
        ] {
            assert!(lines.contains(part), "{part} not in {lines}");
        }
        assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
    }
}
