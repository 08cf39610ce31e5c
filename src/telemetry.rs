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
        event.record(&mut Fields { line: &mut line });
        line.push('}');
        emit(&line);
    }
}

/// Scrubs a line and writes it in one piece.
fn emit(line: &str) {
    // The subscriber is installed after the engine, so there is none only if nobody logs.
    let Some((engine, write_line)) = SCRUBBER.get() else { return };
    let mut out = Vec::with_capacity(line.len() + 1);
    engine.scrub_line(line.as_bytes(), &mut out);
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
struct Fields<'a> {
    line: &'a mut String,
}

impl Fields<'_> {
    fn key(&mut self, field: &Field) -> bool {
        // `log.*` fields repeat what the bridge has already put into the metadata.
        if field.name().starts_with("log.") || self.line.len() > LINE_BYTES_MAX {
            return false;
        }
        self.line.push(',');
        json_string(self.line, field.name());
        self.line.push(':');
        true
    }
}

impl Visit for Fields<'_> {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        if self.key(field) {
            let mut text = String::new();
            let _infallible = write!(Cut { text: &mut text }, "{value:?}");
            json_string(self.line, &text);
        }
    }

    fn record_str(&mut self, field: &Field, value: &str) {
        if self.key(field) {
            let mut text = String::new();
            let _infallible = Cut { text: &mut text }.write_str(value);
            json_string(self.line, &text);
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
        for part in
            ["[REDACTED:email]", "\"count\":3", "[REDACTED:ssn]", "clinik_guard::panic", "telemetry.rs"]
        {
            assert!(lines.contains(part), "{part} not in {lines}");
        }
        assert!(lines.lines().all(|line| serde_json::from_str::<serde_json::Value>(line).is_ok()), "{lines}");
    }
}
