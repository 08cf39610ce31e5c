//! The compiled `telemetry` section.

use crate::config::{self, Problems};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TelemetrySettings {
    pub level: tracing::Level,
}

impl TelemetrySettings {
    pub fn compile(section: &config::Telemetry, problems: &mut Problems) -> TelemetrySettings {
        let words = [
            ("error", tracing::Level::ERROR),
            ("warn", tracing::Level::WARN),
            ("info", tracing::Level::INFO),
            ("debug", tracing::Level::DEBUG),
            ("trace", tracing::Level::TRACE),
        ];
        TelemetrySettings { level: section.level.word(tracing::Level::INFO, &words, problems) }
    }
}
