//! API keys of ClinikAPI, in pairs: whose they are, what they are for, and which one a request is sent with.
//!
//! A pair belongs to one tenant, or to a guard that has none, and to reads, writes or both. [`Keys::pair`] finds exactly the
//! pair that is asked for; there is no falling back from one tenant, or from one use, to another.

use std::sync::Arc;
use std::time::Instant;

use http::HeaderValue;

use super::callers::HeldKeySet;
use super::settings::{CredentialsSettings, KeyEnvironment};
use super::{BODY_BYTES_MIN, CallerToken, Callers, KeyProblem, Secret, Traces};
use crate::compliance::{KeyKind, KeyRule};
use crate::guards::access::jwt::KeySet;

/// Shortest rest of a key behind its prefix: what is shorter is cut off.
const KEY_BODY_BYTES_MIN: usize = 8;

/// One API key of ClinikAPI.
#[derive(Clone, Debug)]
pub struct ApiKey {
    secret: Secret,
    kind: KeyKind,
    fingerprint: Arc<str>,
    since: Instant,
}

impl ApiKey {
    pub(super) fn parse(
        raw: &[u8],
        settings: &CredentialsSettings,
        now: Instant,
    ) -> Result<ApiKey, KeyProblem> {
        let secret = Secret::parse(raw)?;
        let kind = match (settings.environment, KeyKind::of(secret.expose())) {
            (KeyEnvironment::Live | KeyEnvironment::Any, Some(KeyKind::Live)) => KeyKind::Live,
            (KeyEnvironment::Test | KeyEnvironment::Any, Some(KeyKind::Test)) => KeyKind::Test,
            (KeyEnvironment::Live, _) => return Err(KeyProblem::NotLive),
            (KeyEnvironment::Test, _) => return Err(KeyProblem::NotTest),
            (KeyEnvironment::Any, None) => return Err(KeyProblem::NotClinikapi),
        };
        if secret.expose().len() < ApiKey::PREFIX_BYTES + KEY_BODY_BYTES_MIN {
            return Err(KeyProblem::TooShort);
        }
        if is_placeholder(secret.expose().get(ApiKey::PREFIX_BYTES..).unwrap_or_default()) {
            return Err(KeyProblem::Placeholder);
        }
        permitted(kind, settings.rule)?;
        let fingerprint = secret.fingerprint().into();
        Ok(ApiKey { secret, kind, fingerprint, since: now })
    }

    /// Bytes before the secret part of a key: `clk_live_` or `clk_test_`.
    pub(super) const PREFIX_BYTES: usize = "clk_live_".len();

    /// The key, and the part of it that is secret if that is long enough to be known by itself.
    pub fn spellings(&self) -> impl Iterator<Item = &str> {
        let key = self.secret.expose();
        let body = key.get(ApiKey::PREFIX_BYTES..).filter(|body| body.len() >= BODY_BYTES_MIN);
        std::iter::once(key).chain(body)
    }

    pub fn kind(&self) -> KeyKind {
        self.kind
    }

    /// The value of `x-api-key`, marked sensitive; shares the wiped bytes instead of copying them.
    pub fn header_value(&self) -> HeaderValue {
        // `Secret::parse` admits visible ASCII only, which every header value may hold.
        let mut value = HeaderValue::from_maybe_shared(self.secret.0.clone())
            .unwrap_or_else(|_| HeaderValue::from_static(""));
        value.set_sensitive(true);
        value
    }

    pub fn secret(&self) -> &Secret {
        &self.secret
    }

    pub fn fingerprint(&self) -> &Arc<str> {
        &self.fingerprint
    }

    /// When this process first read this key.
    pub fn since(&self) -> Instant {
        self.since
    }
}

/// Whether this is what manifests and guides write where the secret part of a key goes: such words, whatever stands between
/// them, or one character again and again.
fn is_placeholder(body: &str) -> bool {
    const WORDS: [&str; 12] = [
        "placeholder",
        "notakey",
        "changeme",
        "replaceme",
        "replacethis",
        "replacewith",
        "yourkey",
        "yourapikey",
        "yoursecret",
        "yourtest",
        "yourlive",
        "keyhere",
    ];
    let lower = body.to_ascii_lowercase();
    let letters: String = lower.chars().filter(char::is_ascii_alphanumeric).collect();
    let same = letters.chars().all(|letter| letters.starts_with(letter));
    same || ["your_", "your-", "<", "{", "$", "..."].iter().any(|sign| lower.starts_with(sign))
        || WORDS.iter().any(|word| letters.contains(word))
}

/// Whether the agreements of the policy cover such a key.
pub(super) fn permitted(kind: KeyKind, rule: KeyRule) -> Result<(), KeyProblem> {
    match kind {
        KeyKind::Live if !rule.live => Err(KeyProblem::NoBaa),
        KeyKind::Test if !rule.test => Err(KeyProblem::TestInProduction),
        KeyKind::Live | KeyKind::Test => Ok(()),
    }
}

/// What a pair of keys is for. As ClinikAPI's scopes: a read is a GET.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Usage {
    Any,
    Read,
    Write,
}

/// Whose a pair of keys is, and what it is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Slot {
    /// `None` where the policy has no tenants.
    pub tenant: Option<Arc<str>>,
    pub usage: Usage,
}

impl Slot {
    /// The key of the policy behind it, in words of ours alone.
    pub fn subject(&self) -> &'static str {
        match (&self.tenant, self.usage) {
            (Some(_), _) => "credentials.tenants",
            (None, Usage::Any) => "credentials.current",
            (None, Usage::Read) => "credentials.read",
            (None, Usage::Write) => "credentials.write",
        }
    }
}

/// The current key and the next one, during a rotation.
#[derive(Clone, Debug)]
pub struct KeyPair {
    pub slot: Slot,
    pub current: Option<ApiKey>,
    pub next: Option<ApiKey>,
}

impl KeyPair {
    /// The key to try first: the current one, else the next one.
    pub fn preferred(&self) -> Option<&ApiKey> {
        self.current.as_ref().or(self.next.as_ref())
    }

    /// The key to try when `used` was refused.
    pub fn other_than(&self, used: &ApiKey) -> Option<&ApiKey> {
        self.iter().find(|key| key.fingerprint != used.fingerprint)
    }

    /// Whether a request may be sent with a test key.
    pub fn any_test(&self) -> bool {
        self.iter().any(|key| key.kind == KeyKind::Test)
    }

    pub fn iter(&self) -> impl Iterator<Item = &ApiKey> {
        [&self.current, &self.next].into_iter().flatten()
    }
}

/// The secrets of one moment.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    pub(super) pairs: Vec<Arc<KeyPair>>,
    pub tokens: Vec<CallerToken>,
    /// Public keys of tokens that say who acts.
    pub(super) key_set: Option<HeldKeySet>,
    /// Of the keys of all pairs.
    traces: Arc<Traces>,
}

impl Keys {
    pub(super) fn new(
        pairs: Vec<Arc<KeyPair>>,
        tokens: Vec<CallerToken>,
        key_set: Option<HeldKeySet>,
    ) -> Keys {
        let secrets = pairs.iter().flat_map(|pair| pair.iter()).map(|key| key.secret.clone());
        let traces = Arc::new(Traces::of(secrets));
        Keys { pairs, tokens, key_set, traces }
    }

    pub fn key_set(&self) -> Option<&KeySet> {
        self.key_set.as_ref().map(|held| &*held.keys)
    }

    /// The pair of exactly this tenant for a read or a write.
    pub fn pair(&self, tenant: Option<&str>, writes: bool) -> Option<&Arc<KeyPair>> {
        let own = if writes { Usage::Write } else { Usage::Read };
        let of = |usage| {
            self.pairs.iter().find(|pair| pair.slot.usage == usage && pair.slot.tenant.as_deref() == tenant)
        };
        of(own).or_else(|| of(Usage::Any))
    }

    /// Of every API key: none may stand in an answer, whoever is answered.
    pub fn traces(&self) -> &Arc<Traces> {
        &self.traces
    }

    /// Every pair has a key to send; of tenants, one has: the others are no reason to turn it away.
    pub fn suffice(&self) -> bool {
        let ready = |pair: &Arc<KeyPair>| pair.preferred().is_some();
        let tenants = self.pairs.iter().any(|pair| pair.slot.tenant.is_some());
        if tenants {
            self.pairs.iter().any(ready)
        } else {
            !self.pairs.is_empty() && self.pairs.iter().all(ready)
        }
    }

    /// What there is too little of to serve anybody, with the key of the policy it comes from.
    pub fn lacking(&self, callers: Callers<'_>) -> Option<&'static str> {
        if !self.suffice() {
            Some("no API key: credentials.current, or what stands for it, is missing or malformed")
        } else if !callers.tokens.is_empty() && self.tokens.is_empty() {
            Some("no caller token: every source of guards.caller.tokens is missing or malformed")
        } else if callers.jwt.is_some() && self.key_set.is_none() {
            Some("no keys for tokens: guards.access.jwt.jwks_file is missing or malformed")
        } else {
            None
        }
    }

    /// The keys that are tried first.
    pub fn preferred(&self) -> impl Iterator<Item = &ApiKey> {
        self.pairs.iter().filter_map(|pair| pair.preferred())
    }
}
