//! The server-side API keys and the caller tokens: read, watched, wiped.
//!
//! Owns every secret of the process. A secret has a redacted `Debug`, no `Display`, no `Serialize`, and its bytes are
//! locked into memory where the system allows it (`locked`) and overwritten when the last user drops it; only
//! [`Secret::expose`] and [`ApiKey::header_value`] give it out. What callers and users are known by is in `callers`.
//! Copies that hyper and rustls make in their write buffers while a request is sent, and the environment block the
//! kernel keeps, are outside its reach: mount keys as files where that matters.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use aws_lc_rs::{constant_time, digest};
use bytes::Bytes;
use zeroize::Zeroizing;

mod callers;
mod keys;
mod locked;
pub mod pseudonym;
pub mod settings;
mod traces;

use callers::key_set;
pub use callers::{CallerToken, Callers};
use keys::permitted;
pub use keys::{ApiKey, KeyPair, Keys, Slot, Usage};
use locked::LockedBytes;
pub use locked::all_locked;
use settings::{CredentialsSettings, Of, SecretSource};
pub use traces::{BODY_BYTES_MIN, Traces};

/// Longest secret accepted, in bytes.
pub const SECRET_BYTES_MAX: usize = 512;

/// A secret of visible ASCII characters.
#[derive(Clone)]
pub struct Secret(Bytes);

impl Secret {
    /// Trims one trailing line end; refuses what cannot be one header value.
    pub(crate) fn parse(raw: &[u8]) -> Result<Secret, KeyProblem> {
        let raw = raw.strip_suffix(b"\n").unwrap_or(raw);
        let raw = raw.strip_suffix(b"\r").unwrap_or(raw);
        if raw.is_empty() {
            return Err(KeyProblem::Empty);
        }
        if raw.len() > SECRET_BYTES_MAX {
            return Err(KeyProblem::TooLong);
        }
        if raw.iter().any(|byte| matches!(byte, b'\n' | b'\r')) {
            return Err(KeyProblem::SeveralLines);
        }
        if !raw.iter().all(u8::is_ascii_graphic) {
            return Err(KeyProblem::NotVisibleAscii);
        }
        Ok(Secret(Bytes::from_owner(LockedBytes::of(raw))))
    }

    /// The secret itself. Never log, format or store what this returns.
    pub fn expose(&self) -> &str {
        // `parse` admits ASCII only.
        std::str::from_utf8(&self.0).unwrap_or_default()
    }

    /// The same as bytes, without another look at them: an answer is compared with them many times.
    fn expose_bytes(&self) -> &[u8] {
        &self.0
    }

    /// Compares without telling by its duration how much was right.
    pub fn matches(&self, other: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.0, other).is_ok()
    }

    /// First 8 hex digits of the SHA-256 of the secret: tells keys apart, reveals none.
    pub fn fingerprint(&self) -> String {
        let hash = digest::digest(&digest::SHA256, &self.0);
        hash.as_ref().iter().take(4).map(|byte| format!("{byte:02x}")).collect()
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(redacted)")
    }
}

/// What is wrong with a secret. Quotes nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    Missing,
    Unreadable,
    NotAFile,
    Empty,
    TooShort,
    /// What manifests and guides write where the key goes.
    Placeholder,
    TooShortForPseudonyms,
    /// Another caller has the same token.
    NotUnique,
    OfAnotherTenant,
    TooLong,
    SeveralLines,
    NotVisibleAscii,
    NotLive,
    NotTest,
    NotClinikapi,
    NoBaa,
    TestInProduction,
    KeySetTooLong,
    NotAKeySet,
    SecretsInKeySet,
    SameKid,
    NoVerifyingKey,
}

impl KeyProblem {
    /// The key is fine, and the policy's `compliance` section does not cover it.
    pub const fn is_uncovered(self) -> bool {
        matches!(self, KeyProblem::NoBaa | KeyProblem::TestInProduction)
    }

    /// Nothing is there yet, which mounts and vaults mend by themselves. Everything else somebody has to correct.
    pub const fn may_still_come(self) -> bool {
        matches!(self, KeyProblem::Missing | KeyProblem::Empty)
    }
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyProblem::Missing => "is not there: the variable is not set, or the file does not exist yet",
            KeyProblem::Unreadable => "cannot be read",
            KeyProblem::NotAFile => "is not in a file, but in a pipe, a socket or a device",
            KeyProblem::Empty => "is empty",
            KeyProblem::TooShort => "is too short: a token needs 16 characters, a key 8 behind its prefix",
            KeyProblem::Placeholder => "is a placeholder: put the key that ClinikAPI gave you in its place",
            KeyProblem::TooShortForPseudonyms => "is too short: a pseudonym key needs 32 characters",
            KeyProblem::NotUnique => "is the token of another caller too",
            KeyProblem::OfAnotherTenant => "is the key of another tenant too",
            KeyProblem::TooLong => "is longer than 512 bytes",
            KeyProblem::SeveralLines => "has more than one line",
            KeyProblem::NotVisibleAscii => "has characters other than visible ASCII",
            KeyProblem::NotLive => "does not begin with clk_live_, as credentials.environment: live demands",
            KeyProblem::NotTest => "does not begin with clk_test_, as credentials.environment: test demands",
            KeyProblem::NotClinikapi => "begins with neither clk_live_ nor clk_test_",
            KeyProblem::NoBaa => {
                "is a live key, and the policy records no business associate agreement. Write \
                 `compliance: {baa: {signed_on: YYYY-MM-DD, reference: its number, signed_by: who signed for you}}` \
                 into the policy file, or mount a clk_test_ key"
            }
            KeyProblem::TestInProduction => {
                "is a test key, and the policy says `compliance.environment: production`. Mount a clk_live_ key, or \
                 correct the environment"
            }
            KeyProblem::KeySetTooLong => "is longer than 64 KiB",
            KeyProblem::NotAKeySet => {
                "is no JSON Web Key Set: expected {\"keys\": [...]} of at most 64 keys, no member twice"
            }
            KeyProblem::SecretsInKeySet => "holds a private or shared key; only public keys belong there",
            KeyProblem::SameKid => "has two keys of one `kid`",
            KeyProblem::NoVerifyingKey => "has no key with a `kid` for RS256, ES256 or EdDSA",
        })
    }
}

/// What one look at the sources did.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct KeyReload {
    pub changed: bool,
    /// Which secret (`credentials.current`, a token's name…) and what is wrong with it.
    pub problems: Vec<(String, KeyProblem)>,
}

/// Reads environment variables for the store, so that only the application touches the environment.
pub type ReadEnv = fn(&str) -> Option<String>;

/// Holds the keys in use and reads their sources again when told to.
#[derive(Debug)]
pub struct KeyStore {
    keys: RwLock<Arc<Keys>>,
    read_env: ReadEnv,
}

impl KeyStore {
    pub fn new(read_env: ReadEnv) -> KeyStore {
        KeyStore { keys: RwLock::new(Arc::default()), read_env }
    }

    /// The keys of this moment; take them once per request.
    pub fn current(&self) -> Arc<Keys> {
        // A poisoned lock still holds a whole `Arc`: it is only ever replaced, never edited.
        Arc::clone(&self.keys.read().unwrap_or_else(std::sync::PoisonError::into_inner))
    }

    /// Reads every source again and compares contents, since time stamps and file events lie for Kubernetes
    /// mounts. A source that is missing, empty or malformed keeps the secret it gave before.
    pub fn reload(&self, settings: &CredentialsSettings, callers: Callers<'_>, now: Instant) -> KeyReload {
        let old = self.current();
        let mut reload = KeyReload::default();
        let pairs = self.pairs(settings, &old, &mut reload, now);
        let tokens = self.tokens(callers.tokens, &old, &mut reload);
        let key_set = key_set(&callers, &old, &mut reload);
        reload.changed |= key_set != old.key_set;
        if reload.changed {
            let fresh = Arc::new(Keys::new(pairs, tokens, key_set));
            *self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        }
        reload
    }

    fn pairs(
        &self,
        settings: &CredentialsSettings,
        old: &Keys,
        reload: &mut KeyReload,
        now: Instant,
    ) -> Vec<Arc<KeyPair>> {
        let mut pairs: Vec<Arc<KeyPair>> = Vec::with_capacity(settings.pairs.len());
        for source in &settings.pairs {
            let known = old.pairs.iter().find(|pair| pair.slot == source.slot);
            let mut key = |of: Of, held: Option<&ApiKey>| -> Option<ApiKey> {
                let from = source.of(of)?;
                let read = self.read(from).and_then(|raw| ApiKey::parse(raw.as_slice(), settings, now));
                match read.and_then(|key| belongs_to_one(key, &source.slot, &pairs)) {
                    Ok(new) => match held {
                        Some(held) if held.secret().matches(&new.secret().0) => Some(held.clone()),
                        _ => {
                            reload.changed = true;
                            Some(new)
                        }
                    },
                    Err(problem) => {
                        reload.problems.push((source.name(of), problem));
                        held.and_then(|key| belongs_to_one(key.clone(), &source.slot, &pairs).ok())
                    }
                }
            };
            let current = key(Of::Current, known.and_then(|pair| pair.current.as_ref()));
            let next = key(Of::Next, known.and_then(|pair| pair.next.as_ref()));
            let held = known.map_or(0, |pair| pair.iter().count());
            let pair = KeyPair { slot: source.slot.clone(), current, next };
            reload.changed |= held != pair.iter().count();
            pairs.push(Arc::new(pair));
        }
        reload.changed |= pairs.len() != old.pairs.len();
        pairs
    }

    /// Which keys the settings of another policy would not cover: those at its sources, and where there is none to
    /// read, those in use.
    pub fn uncovered(&self, settings: &CredentialsSettings, now: Instant) -> Vec<(String, KeyProblem)> {
        let held = self.current();
        let judge = |source: &SecretSource, held: Option<&ApiKey>| match self
            .read(source)
            .and_then(|raw| ApiKey::parse(raw.as_slice(), settings, now))
        {
            Ok(_) => None,
            Err(problem) if problem.is_uncovered() => Some(problem),
            Err(_) => held.and_then(|key| permitted(key.kind(), settings.rule).err()),
        };
        let mut uncovered = Vec::new();
        for source in &settings.pairs {
            let pair = held.pairs.iter().find(|pair| pair.slot == source.slot);
            for (of, key) in [
                (Of::Current, pair.and_then(|pair| pair.current.as_ref())),
                (Of::Next, pair.and_then(|pair| pair.next.as_ref())),
            ] {
                let problem = source.of(of).and_then(|from| judge(from, key));
                uncovered.extend(problem.map(|problem| (source.name(of), problem)));
            }
        }
        uncovered
    }

    fn read(&self, source: &SecretSource) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
        match source {
            SecretSource::Env(name) => (self.read_env)(name)
                .map(|value| Zeroizing::new(value.into_bytes()))
                .ok_or(KeyProblem::Missing),
            SecretSource::File(path) => read_bounded(path, SECRET_BYTES_MAX),
        }
    }
}

/// A key that no other tenant has: with it, one would read the other's records.
fn belongs_to_one(key: ApiKey, slot: &Slot, pairs: &[Arc<KeyPair>]) -> Result<ApiKey, KeyProblem> {
    let mut others = pairs.iter().filter(|pair| pair.slot.tenant != slot.tenant).flat_map(|pair| pair.iter());
    match others.any(|other| other.secret().matches(&key.secret().0)) {
        true => Err(KeyProblem::OfAnotherTenant),
        false => Ok(key),
    }
}

/// Reads at most a little over `bytes_max`, into memory that is wiped.
fn read_bounded(path: &Path, bytes_max: usize) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
    use std::io::Read;
    let file = crate::file::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => KeyProblem::Missing,
        crate::file::NOT_A_FILE => KeyProblem::NotAFile,
        _ => KeyProblem::Unreadable,
    })?;
    // The capacity is fixed up front: a growing vector would leave unwiped copies behind.
    let mut raw = Zeroizing::new(Vec::with_capacity(bytes_max + 8));
    file.take(bytes_max as u64 + 4).read_to_end(&mut raw).map_err(|_| KeyProblem::Unreadable)?;
    Ok(raw)
}

#[cfg(test)]
mod tests;
