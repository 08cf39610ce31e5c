//! The compiled `audit.ship` section.

use std::fmt;
use std::path::PathBuf;

use http::Uri;

use crate::audit::outbound::is_this_machine;
use crate::config::{self, Node, Problems, read};

/// Where sealed segments go, and on which terms.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ShipSettings {
    pub cloud: Cloud,
    pub bucket: String,
    /// Without slashes at its ends; empty for the whole bucket.
    pub prefix: String,
    /// Another service than the cloud's own, such as MinIO.
    pub endpoint: Option<String>,
    pub region: Option<String>,
    pub ca_file: Option<PathBuf>,
    /// `NAME=value` lines, read again for each pass; else the environment.
    pub credentials_file: Option<PathBuf>,
    pub object_lock: Option<ObjectLock>,
    /// Sealed segments stay here once they are there.
    pub keep_local: bool,
    /// Sealed and not yet there; beyond it `audit.on_failure` decides.
    pub spool_bytes_max: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cloud {
    S3,
    Google,
    Azure,
}

/// S3 refuses to delete or replace an object before its time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ObjectLock {
    pub mode: LockMode,
    pub retention_years: u16,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LockMode {
    /// Nobody can take it back.
    Compliance,
    /// Those with a special permission can.
    Governance,
}

/// The place, as the policy writes it.
impl fmt::Display for ShipSettings {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let scheme = match self.cloud {
            Cloud::S3 => "s3",
            Cloud::Google => "gs",
            Cloud::Azure => "az",
        };
        write!(f, "{scheme}://{}/{}", self.bucket, self.prefix)
    }
}

impl ShipSettings {
    /// The place, and whose it is if not the cloud's own. Without credentials.
    pub fn destination(&self) -> String {
        match &self.endpoint {
            Some(endpoint) => format!("{self} at {endpoint}"),
            None => self.to_string(),
        }
    }
}

/// 45 CFR 164.316(b)(2)(i).
const RETENTION_YEARS: u64 = 6;

impl ShipSettings {
    pub fn compile(section: &config::Ship, problems: &mut Problems) -> Option<ShipSettings> {
        let place = section.url.required(place, problems);
        let cloud = place.as_ref().map(|place| place.0);
        let object_lock = section.object_lock.as_ref().and_then(|lock| object_lock(lock, problems));
        if let (Some(lock), Some(Cloud::Google | Cloud::Azure)) = (&section.object_lock, cloud) {
            let message = "only S3 locks objects as they are written; set a retention policy on the bucket or container";
            problems.add(lock.at, "audit.ship.object_lock", message);
        }
        let settings = (
            section.endpoint.or_none(None, endpoint, problems),
            section.region.or_none(None, read::name, problems),
            section.ca_file.or_none(None, read::path, problems),
            section.credentials_file.or_none(None, read::path, problems),
            section.keep_local.or(true, read::flag, problems),
            section.spool_bytes_max.or(1 << 30, read::size(1 << 20..=1 << 44), problems),
        );
        let (cloud, bucket, prefix) = place?;
        let (endpoint, region, ca_file, credentials_file, keep_local, spool_bytes_max) = settings;
        Some(ShipSettings {
            cloud,
            bucket,
            prefix,
            endpoint,
            region,
            ca_file,
            credentials_file,
            object_lock,
            keep_local,
            spool_bytes_max,
        })
    }
}

#[cfg(test)]
impl ShipSettings {
    /// A bucket without credentials, for tests.
    pub fn local() -> ShipSettings {
        ShipSettings {
            cloud: Cloud::S3,
            bucket: "trail".into(),
            prefix: "clinic".into(),
            endpoint: None,
            region: Some("eu-central-1".into()),
            ca_file: None,
            credentials_file: None,
            object_lock: None,
            keep_local: true,
            spool_bytes_max: 1 << 30,
        }
    }
}

fn object_lock(section: &config::ObjectLock, problems: &mut Problems) -> Option<ObjectLock> {
    let words = [("compliance", LockMode::Compliance), ("governance", LockMode::Governance)];
    let mode = section.mode.required(|node, problems| read::word(node, &words, problems), problems);
    let years = section.retention_years.or(RETENTION_YEARS, read::number(1..=100), problems);
    Some(ObjectLock { mode: mode?, retention_years: u16::try_from(years).ok()? })
}

/// `s3://bucket/prefix`, `gs://…` or `az://container/prefix`.
fn place(node: &Node, problems: &mut Problems) -> Option<(Cloud, String, String)> {
    const WHAT: &str =
        "s3://BUCKET/PREFIX, gs://BUCKET/PREFIX or az://CONTAINER/PREFIX, without credentials or parameters";
    let parsed = node.text().and_then(|text| {
        let (scheme, rest) = text.split_once("://")?;
        let cloud = match scheme {
            "s3" => Cloud::S3,
            "gs" => Cloud::Google,
            "az" => Cloud::Azure,
            _ => return None,
        };
        let (bucket, prefix) = rest.split_once('/').unwrap_or((rest, ""));
        let prefix = prefix.trim_end_matches('/');
        let plain = |text: &str| {
            text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-._".contains(&byte))
                && !matches!(text, "" | "." | "..")
        };
        let fits = plain(bucket) && bucket.len() <= 222 && prefix.len() <= 512;
        let parts = prefix.is_empty() || prefix.split('/').all(plain);
        (fits && parts).then(|| (cloud, bucket.to_owned(), prefix.to_owned()))
    });
    match parsed {
        Some(place) => Some(place),
        None => problems.expected(node, WHAT),
    }
}

/// `https://host[:port]`; `http` to this machine only.
pub fn endpoint(node: &Node, problems: &mut Problems) -> Option<String> {
    const WHAT: &str = "a URL such as https://minio.example.org:9000, or http:// to this machine";
    let parsed = node.text().filter(|text| !text.contains(['@', '?', '#'])).and_then(|text| {
        let uri = text.parse::<Uri>().ok()?;
        let secure = uri.scheme_str() == Some("https")
            || uri.scheme_str() == Some("http") && is_this_machine(uri.host()?.trim_matches(['[', ']']));
        secure.then(|| text.trim_end_matches('/').to_owned())
    });
    match parsed {
        Some(endpoint) => Some(endpoint),
        None => problems.expected(node, WHAT),
    }
}
