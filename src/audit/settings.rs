//! The compiled `audit` section.

use std::path::PathBuf;
use std::time::Duration;

use super::otlp::settings::OtlpSettings;
use super::ship::settings::ShipSettings;
use crate::config::{self, Problems, read};

const ROTATE_BYTES_MIN: u64 = 4 << 10;
const ROTATE_BYTES_MAX: u64 = 16 << 30;
/// With `audit.ship`: default and bound of a segment, and how long one stays open.
const SHIPPED_BYTES: u64 = 8 << 20;
const SHIPPED_BYTES_MAX: u64 = 64 << 20;
const SHIPPED_AGE: Duration = Duration::from_mins(5);

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSettings {
    pub sink: AuditSink,
    /// Requests without an actor are refused, but for the service's state and metadata.
    pub require_actor: bool,
    pub on_failure: OnAuditFailure,
    pub durability: Durability,
    /// Size at which a segment is closed.
    pub rotate_bytes: u64,
    /// Age at which it is.
    pub rotate_age: Duration,
    /// An Ed25519 key that signs checkpoints.
    pub signing_key: Option<PathBuf>,
    pub resource_ids: ResourceIdsShown,
    /// Where sealed segments are sent.
    pub ship: Option<ShipSettings>,
    /// Where every line is sent.
    pub otlp: Option<OtlpSettings>,
}

impl Default for AuditSettings {
    fn default() -> AuditSettings {
        AuditSettings {
            sink: AuditSink::Stdout,
            require_actor: false,
            on_failure: OnAuditFailure::Refuse,
            durability: Durability::Strict,
            rotate_bytes: 64 << 20,
            rotate_age: Duration::from_hours(24),
            signing_key: None,
            resource_ids: ResourceIdsShown::Plain,
            ship: None,
            otlp: None,
        }
    }
}

/// When a record counts as kept. Means something for a file only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// On the disk before the response's first byte.
    Strict,
    /// With the operating system before it, on the disk within a second.
    Relaxed,
}

/// How ids of records stand in the trail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ResourceIdsShown {
    Plain,
    /// Under the key in this file.
    Pseudonym(PathBuf),
    Omit,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AuditSink {
    Stdout,
    File(PathBuf),
    Off,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OnAuditFailure {
    Refuse,
    Continue,
}

impl AuditSettings {
    pub fn compile(section: &config::Audit, problems: &mut Problems) -> AuditSettings {
        let words = [("stdout", "stdout"), ("file", "file"), ("off", "off")];
        let sink = section.sink.word("stdout", &words, problems);
        let file = section.file.or_none(None, read::path, problems);
        let sink = match (sink, file) {
            ("file", Some(path)) => AuditSink::File(path),
            ("file", None) => {
                if section.file.written().is_none() {
                    problems.add(
                        section.sink.at,
                        "audit.sink",
                        "`file` needs `audit.file`, the path to write to",
                    );
                }
                AuditSink::Off
            }
            (word, file) => {
                if file.is_some() {
                    problems.warn(section.file.at, "audit.file", "not used: `audit.sink` is not `file`");
                }
                if word == "off" { AuditSink::Off } else { AuditSink::Stdout }
            }
        };
        if sink == AuditSink::Off && section.sink.written().is_some() {
            problems.warn(section.sink.at, "audit.sink", "no record is kept of who accessed what");
        }
        let require_actor = section.require_actor.or(false, read::flag, problems);
        let on_failure = section.on_failure.word(
            OnAuditFailure::Refuse,
            &[("refuse", OnAuditFailure::Refuse), ("continue", OnAuditFailure::Continue)],
            problems,
        );
        let standard = AuditSettings::default();
        let durability = section.durability.word(
            standard.durability,
            &[("strict", Durability::Strict), ("relaxed", Durability::Relaxed)],
            problems,
        );
        let ship = section.ship.as_ref().and_then(|ship| ShipSettings::compile(ship, problems));
        if let (Some(ship), false) = (&section.ship, matches!(sink, AuditSink::File(_))) {
            let message = "needs `audit.sink: file`: the segments of the file are what is sent";
            problems.add(ship.at, "audit.ship", message);
        }
        let otlp = section.otlp.as_ref().and_then(|otlp| OtlpSettings::compile(otlp, problems));
        if let (Some(otlp), false) = (&section.otlp, matches!(sink, AuditSink::File(_))) {
            let message = "needs `audit.sink: file`: what the collector has not taken yet is read from there";
            problems.add(otlp.at, "audit.otlp", message);
        }
        // What is sent is held in memory, and what is not sealed yet is lost with the disk.
        let (bytes, bytes_max, age) = match ship {
            Some(_) => (SHIPPED_BYTES, SHIPPED_BYTES_MAX, SHIPPED_AGE),
            None => (standard.rotate_bytes, ROTATE_BYTES_MAX, standard.rotate_age),
        };
        let rotate_bytes = section.rotate.size.or(bytes, read::size(ROTATE_BYTES_MIN..=bytes_max), problems);
        let rotate_age = section.rotate.age.or(age, read::duration, problems);
        let signing_key = section.signing_key_file.or_none(None, read::path, problems);
        let resource_ids = resource_ids(section, problems);
        AuditSettings {
            sink,
            require_actor,
            on_failure,
            durability,
            rotate_bytes,
            rotate_age,
            signing_key,
            resource_ids,
            ship,
            otlp,
        }
    }
}

fn resource_ids(section: &config::Audit, problems: &mut Problems) -> ResourceIdsShown {
    let words = [("plain", "plain"), ("pseudonym", "pseudonym"), ("omit", "omit")];
    let word = section.resource_ids.word("plain", &words, problems);
    let key = section.pseudonym_key_file.or_none(None, read::path, problems);
    match (word, key) {
        ("pseudonym", Some(key)) => ResourceIdsShown::Pseudonym(key),
        ("pseudonym", None) => {
            if section.pseudonym_key_file.written().is_none() {
                let message =
                    "`pseudonym` needs `audit.pseudonym_key_file`, or nobody could look a record up";
                problems.add(section.resource_ids.at, "audit.resource_ids", message);
            }
            ResourceIdsShown::Omit
        }
        (word, key) => {
            if key.is_some() {
                let message = "not used: `audit.resource_ids` is not `pseudonym`";
                problems.warn(section.pseudonym_key_file.at, "audit.pseudonym_key_file", message);
            }
            if word == "omit" { ResourceIdsShown::Omit } else { ResourceIdsShown::Plain }
        }
    }
}
