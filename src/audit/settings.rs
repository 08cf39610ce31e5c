//! The compiled `audit` section.

use std::path::PathBuf;

use crate::config::{self, Problems, read};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AuditSettings {
    pub sink: AuditSink,
    pub on_failure: OnAuditFailure,
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
    Log,
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
        let on_failure = section.on_failure.word(
            OnAuditFailure::Refuse,
            &[("refuse", OnAuditFailure::Refuse), ("log", OnAuditFailure::Log)],
            problems,
        );
        AuditSettings { sink, on_failure }
    }
}
