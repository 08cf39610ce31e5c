//! The compiled `credentials` section. Holds where keys come from, never a key.

use std::path::PathBuf;
use std::time::Duration;

use http::HeaderName;

use super::{Slot, Usage};
use crate::compliance::KeyRule;
use crate::config::{self, Node, Position, Problems, Setting, read};

mod tenants;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialsSettings {
    pub environment: KeyEnvironment,
    /// What the `compliance` section says of keys.
    pub rule: KeyRule,
    /// Of every tenant, or of a guard that has none.
    pub pairs: Vec<PairSource>,
    pub tenants: Vec<Tenant>,
    pub tenant_header: Option<TenantHeader>,
    pub reload_interval: Duration,
}

/// Where two keys are read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PairSource {
    pub slot: Slot,
    pub current: SecretSource,
    pub next: Option<SecretSource>,
}

/// Which key of a pair.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    Current,
    Next,
}

impl PairSource {
    pub fn of(&self, of: Of) -> Option<&SecretSource> {
        match of {
            Of::Current => Some(&self.current),
            Of::Next => self.next.as_ref(),
        }
    }

    /// As `credentials.read.next`, or `credentials.tenants north read.next`.
    pub fn name(&self, of: Of) -> String {
        let usage = match self.slot.usage {
            Usage::Any => "",
            Usage::Read => "read.",
            Usage::Write => "write.",
        };
        let key = if of == Of::Current { "current" } else { "next" };
        match &self.slot.tenant {
            None => format!("credentials.{usage}{key}"),
            Some(tenant) => format!("credentials.tenants {tenant} {usage}{key}"),
        }
    }
}

/// An organisation with keys of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tenant {
    pub name: String,
    /// Callers whose requests are this tenant's, as `guards.caller` names them.
    pub callers: Vec<String>,
}

/// Callers that may say for which tenant they ask.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TenantHeader {
    pub header: HeaderName,
    pub callers: Vec<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyEnvironment {
    /// `clk_live_` only.
    Live,
    /// `clk_test_` only.
    Test,
    Any,
}

/// Where a secret is read from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SecretSource {
    Env(String),
    File(PathBuf),
}

impl CredentialsSettings {
    pub fn compile(
        section: &config::Credentials,
        rule: KeyRule,
        problems: &mut Problems,
    ) -> CredentialsSettings {
        let words =
            [("live", KeyEnvironment::Live), ("test", KeyEnvironment::Test), ("any", KeyEnvironment::Any)];
        let environment = section.environment.word(KeyEnvironment::Any, &words, problems);
        let tenants = tenants::compile(section, problems);
        let pairs = match tenants.is_empty() {
            true => own_pairs(section, problems),
            false => tenants.iter().flat_map(|tenant| tenant.pairs.clone()).collect(),
        };
        let tenant_header = section
            .tenant_header
            .as_ref()
            .map(|section| tenants::header(section, !tenants.is_empty(), problems));
        let tenants = tenants.into_iter().map(|tenant| tenant.tenant).collect();
        let reload_interval = section.reload_interval.or(Duration::from_secs(2), read::duration, problems);
        CredentialsSettings { environment, rule, pairs, tenants, tenant_header, reload_interval }
    }
}

impl CredentialsSettings {
    /// No key comes from a variable.
    pub fn all_from_files(&self) -> bool {
        let sources = self.pairs.iter().flat_map(|pair| std::iter::once(&pair.current).chain(&pair.next));
        sources.into_iter().all(|source| matches!(source, SecretSource::File(_)))
    }

    /// Where the key of this [`PairSource::name`] is read from.
    pub fn source(&self, name: &str) -> Option<&SecretSource> {
        let sources = self.pairs.iter().flat_map(|pair| [(pair, Of::Current), (pair, Of::Next)]);
        sources.filter(|(pair, of)| pair.name(*of) == name).find_map(|(pair, of)| pair.of(of))
    }

    /// ` (file /run/secrets/key)` for `credentials.current` and the like; empty for what has no source.
    pub fn source_of(&self, name: &str) -> String {
        self.source(name).map_or_else(String::new, |source| format!(" ({})", source.show()))
    }
}

/// The keys of a guard without tenants.
fn own_pairs(section: &config::Credentials, problems: &mut Problems) -> Vec<PairSource> {
    let slot = |usage| Slot { tenant: None, usage };
    let special = [(&section.read, Usage::Read), (&section.write, Usage::Write)];
    let mut pairs: Vec<PairSource> = special
        .into_iter()
        .filter_map(|(pair, usage)| special_pair(pair.as_ref()?, slot(usage), problems))
        .collect();
    // With a key for each use there is none left for any.
    if section.current.is_some()
        || section.next.is_some()
        || section.read.is_none()
        || section.write.is_none()
    {
        let current = secret(&section.current, problems);
        let current = current.unwrap_or_else(|| SecretSource::Env("CLINIKAPI_SECRET_KEY".to_owned()));
        let next = secret(&section.next, problems);
        if let (Some(written), true) = (&section.next, next.as_ref() == Some(&current)) {
            problems.add(written.at, "credentials.next", "the same source as `credentials.current`");
        }
        pairs.push(PairSource { slot: slot(Usage::Any), current, next });
    }
    pairs
}

/// The keys for reads, or for writes.
fn special_pair(section: &config::ApiKeys, slot: Slot, problems: &mut Problems) -> Option<PairSource> {
    let next = secret(&section.next, problems);
    let Some(written) = &section.current else {
        problems.add(section.at, &section.key_path, "needs `current`, the key in use");
        return None;
    };
    let current =
        SecretSource::compile(written.at, &written.key_path, &written.env, &written.file, problems)?;
    if let (Some(written), true) = (&section.next, next.as_ref() == Some(&current)) {
        problems.add(written.at, &written.key_path, "the same source as `current` beside it");
    }
    Some(PairSource { slot, current, next })
}

fn secret(secret: &Option<config::Secret>, problems: &mut Problems) -> Option<SecretSource> {
    let secret = secret.as_ref()?;
    SecretSource::compile(secret.at, &secret.key_path, &secret.env, &secret.file, problems)
}

impl SecretSource {
    /// Where it is, for people.
    pub fn show(&self) -> String {
        match self {
            SecretSource::Env(name) => format!("variable {name}"),
            SecretSource::File(path) => format!("file {}", path.display()),
        }
    }

    /// `{env: NAME}` or `{file: PATH}`, exactly one of them.
    pub fn compile(
        at: Position,
        path: &str,
        env: &Setting,
        file: &Setting,
        problems: &mut Problems,
    ) -> Option<SecretSource> {
        match (env.written(), file.written()) {
            (Some(env), None) => variable(env, problems).map(SecretSource::Env),
            (None, Some(file)) => read::path(file, problems).map(SecretSource::File),
            (Some(_), Some(_)) => {
                problems.add(file.at, path, "both `env` and `file`; one of them");
                None
            }
            (None, None) => {
                problems.add(at, path, "needs `env` (the name of a variable) or `file` (a path)");
                None
            }
        }
    }
}

/// The name of an environment variable. Says so if the secret itself was written in its place, without repeating it.
fn variable(node: &Node, problems: &mut Problems) -> Option<String> {
    let is_name = |text: &&str| {
        text.len() <= 128
            && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
            && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
            && !text.starts_with("clk_")
            && !text.starts_with("sk_")
    };
    match node.text().filter(is_name) {
        Some(name) => Some(name.to_owned()),
        None => problems.expected(node, "the name of an environment variable, never the secret itself"),
    }
}
