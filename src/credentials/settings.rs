//! The compiled `credentials` section. Holds where keys come from, never a key.

use std::path::PathBuf;
use std::time::Duration;

use crate::compliance::KeyRule;
use crate::config::{self, Node, Position, Problems, Setting, read};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CredentialsSettings {
    pub environment: KeyEnvironment,
    /// What the `compliance` section says of keys.
    pub rule: KeyRule,
    pub current: SecretSource,
    pub next: Option<SecretSource>,
    pub reload_interval: Duration,
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
        let mut source = |secret: &Option<config::Secret>| {
            let secret = secret.as_ref()?;
            SecretSource::compile(secret.at, &secret.key_path, &secret.env, &secret.file, problems)
        };
        let current =
            source(&section.current).unwrap_or_else(|| SecretSource::Env("CLINIKAPI_SECRET_KEY".to_owned()));
        let next = source(&section.next);
        if let (Some(written), true) = (&section.next, next.as_ref() == Some(&current)) {
            problems.add(written.at, "credentials.next", "the same source as `credentials.current`");
        }
        let reload_interval = section.reload_interval.or(Duration::from_secs(2), read::duration, problems);
        CredentialsSettings { environment, rule, current, next, reload_interval }
    }
}

impl CredentialsSettings {
    /// ` (file /run/secrets/key)` for `credentials.current` and the like; empty for what has no source.
    pub fn source_of(&self, name: &str) -> String {
        let source = match name {
            "credentials.current" => Some(&self.current),
            "credentials.next" => self.next.as_ref(),
            _ => None,
        };
        source.map_or_else(String::new, |source| format!(" ({})", source.show()))
    }
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
