//! The compiled `audit.otlp` section.

use std::path::PathBuf;

use crate::audit::ship::settings::endpoint;
use crate::config::{self, Problems, read};

/// The collector that gets every line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OtlpSettings {
    /// Without `/v1/logs`.
    pub endpoint: String,
    pub ca_file: Option<PathBuf>,
    /// `Name: value` lines, read for each request.
    pub headers_file: Option<PathBuf>,
}

impl OtlpSettings {
    pub fn compile(section: &config::Otlp, problems: &mut Problems) -> Option<OtlpSettings> {
        let endpoint = section.endpoint.required(endpoint, problems);
        let ca_file = section.ca_file.or_none(None, read::path, problems);
        let headers_file = section.headers_file.or_none(None, read::path, problems);
        Some(OtlpSettings { endpoint: endpoint?, ca_file, headers_file })
    }
}
