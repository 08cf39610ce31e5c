//! The server-side API keys and the caller tokens: read, watched, wiped.
//!
//! Owns every secret of the process. A secret has a redacted `Debug`, no `Display`, no `Serialize`, and its bytes are
//! locked into memory where the system allows it (`locked`) and overwritten when the last user drops it; only
//! [`Secret::expose`] and [`ApiKey::header_value`] give it out.
//! Copies that hyper and rustls make in their write buffers while a request is sent, and the environment block the
//! kernel keeps, are outside its reach: mount keys as files where that matters.

use std::fmt;
use std::path::Path;
use std::sync::{Arc, RwLock};
use std::time::Instant;

use aws_lc_rs::{constant_time, digest};
use bytes::Bytes;
use http::HeaderValue;
use zeroize::Zeroizing;

use crate::compliance::{KeyKind, KeyRule};
use crate::guards::access::jwt::KeySet;
use crate::guards::caller::settings::CallerTokenSource;

mod locked;
pub mod pseudonym;
pub mod settings;

use locked::LockedBytes;
pub use locked::all_locked;
use settings::{CredentialsSettings, KeyEnvironment, SecretSource};

/// Longest secret accepted, in bytes.
pub const SECRET_BYTES_MAX: usize = 512;
/// Shortest caller token, and shortest rest of a key behind its prefix: what is shorter can be guessed or is cut off.
const TOKEN_BYTES_MIN: usize = 16;
const KEY_BODY_BYTES_MIN: usize = 8;

const KEY_SET_BYTES_MAX: usize = 64 * 1024;
const KEY_SET: &str = "guards.access.jwt.jwks_file";

/// Where what callers and users are known by is read from.
#[derive(Clone, Copy, Default)]
pub struct Callers<'a> {
    pub tokens: &'a [CallerTokenSource],
    pub key_set_file: Option<&'a Path>,
}

/// A secret of visible ASCII characters.
#[derive(Clone)]
pub struct Secret(Bytes);

impl Secret {
    /// Trims one trailing line end; refuses what cannot be one header value.
    fn parse(raw: &[u8]) -> Result<Secret, KeyProblem> {
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

/// One API key of ClinikAPI.
#[derive(Clone, Debug)]
pub struct ApiKey {
    secret: Secret,
    kind: KeyKind,
    fingerprint: Arc<str>,
    since: Instant,
}

impl ApiKey {
    fn parse(raw: &[u8], settings: &CredentialsSettings, now: Instant) -> Result<ApiKey, KeyProblem> {
        let secret = Secret::parse(raw)?;
        let kind = match (settings.environment, KeyKind::of(secret.expose())) {
            (KeyEnvironment::Live | KeyEnvironment::Any, Some(KeyKind::Live)) => KeyKind::Live,
            (KeyEnvironment::Test | KeyEnvironment::Any, Some(KeyKind::Test)) => KeyKind::Test,
            (KeyEnvironment::Live, _) => return Err(KeyProblem::NotLive),
            (KeyEnvironment::Test, _) => return Err(KeyProblem::NotTest),
            (KeyEnvironment::Any, None) => return Err(KeyProblem::NotClinikapi),
        };
        if secret.expose().len() < "clk_live_".len() + KEY_BODY_BYTES_MIN {
            return Err(KeyProblem::TooShort);
        }
        permitted(kind, settings.rule)?;
        let fingerprint = secret.fingerprint().into();
        Ok(ApiKey { secret, kind, fingerprint, since: now })
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

/// Whether the agreements of the policy cover such a key.
fn permitted(kind: KeyKind, rule: KeyRule) -> Result<(), KeyProblem> {
    match kind {
        KeyKind::Live if !rule.live => Err(KeyProblem::NoBaa),
        KeyKind::Test if !rule.test => Err(KeyProblem::TestInProduction),
        KeyKind::Live | KeyKind::Test => Ok(()),
    }
}

/// What is wrong with a secret. Quotes nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyProblem {
    Missing,
    Unreadable,
    Empty,
    TooShort,
    TooShortForPseudonyms,
    /// Another caller has the same token.
    NotUnique,
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
}

impl fmt::Display for KeyProblem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            KeyProblem::Missing => "is not there: the variable is not set, or the file does not exist yet",
            KeyProblem::Unreadable => "cannot be read",
            KeyProblem::Empty => "is empty",
            KeyProblem::TooShort => "is too short: a token needs 16 characters, a key 8 behind its prefix",
            KeyProblem::TooShortForPseudonyms => "is too short: a pseudonym key needs 32 characters",
            KeyProblem::NotUnique => "is the token of another caller too",
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

/// A caller token by the name the policy gives it.
#[derive(Clone, Debug)]
pub struct CallerToken {
    pub name: Arc<str>,
    pub secret: Secret,
}

/// The secrets of one moment.
#[derive(Clone, Debug, Default)]
pub struct Keys {
    pub current: Option<ApiKey>,
    pub next: Option<ApiKey>,
    pub tokens: Vec<CallerToken>,
    /// Public keys of tokens that say who acts.
    pub key_set: Option<Arc<KeySet>>,
}

impl Keys {
    /// The key to try first: the current one, else the next one.
    pub fn preferred(&self) -> Option<&ApiKey> {
        self.current.as_ref().or(self.next.as_ref())
    }

    /// Whether a request may be sent with a test key.
    pub fn any_test(&self) -> bool {
        [&self.current, &self.next].into_iter().flatten().any(|key| key.kind == KeyKind::Test)
    }

    /// The key to try when `used` was refused.
    pub fn other_than(&self, used: &ApiKey) -> Option<&ApiKey> {
        [self.current.as_ref(), self.next.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.fingerprint != used.fingerprint)
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
        let mut key = |name: &str, source: Option<&SecretSource>, old: Option<&ApiKey>| -> Option<ApiKey> {
            let source = source?;
            match self.read(source).and_then(|raw| ApiKey::parse(raw.as_slice(), settings, now)) {
                Ok(new) => match old {
                    Some(old) if old.fingerprint == new.fingerprint => Some(old.clone()),
                    _ => {
                        reload.changed = true;
                        Some(new)
                    }
                },
                Err(problem) => {
                    reload.problems.push((name.to_owned(), problem));
                    old.cloned()
                }
            }
        };
        let current = key("credentials.current", Some(&settings.current), old.current.as_ref());
        let next = key("credentials.next", settings.next.as_ref(), old.next.as_ref());
        if next.is_none() && old.next.is_some() {
            reload.changed = true;
        }
        let mut kept: Vec<CallerToken> = Vec::with_capacity(callers.tokens.len());
        for token in callers.tokens {
            let previous = old.tokens.iter().find(|known| *known.name == *token.name);
            let secret = self.read(&token.source).and_then(|raw| Secret::parse(raw.as_slice()));
            match secret.and_then(|secret| usable_token(secret, &kept)) {
                Ok(secret) => {
                    reload.changed |= previous.is_none_or(|known| !known.secret.matches(&secret.0));
                    kept.push(CallerToken { name: token.name.as_str().into(), secret });
                }
                Err(problem) => {
                    reload.problems.push((format!("guards.caller.tokens {}", token.name), problem));
                    kept.extend(previous.cloned());
                }
            }
        }
        reload.changed |= kept.len() != old.tokens.len();
        let key_set = callers.key_set_file.and_then(|path| {
            match read_bounded(path, KEY_SET_BYTES_MAX) {
                Ok(text) if text.len() > KEY_SET_BYTES_MAX => Err(KeyProblem::KeySetTooLong),
                read => read.and_then(|text| KeySet::parse(&text)),
            }
            .map_or_else(
                |problem| {
                    reload.problems.push((KEY_SET.to_owned(), problem));
                    old.key_set.clone()
                },
                |fresh| Some(Arc::new(fresh)),
            )
        });
        reload.changed |= key_set != old.key_set;
        if reload.changed {
            let fresh = Arc::new(Keys { current, next, tokens: kept, key_set });
            *self.keys.write().unwrap_or_else(std::sync::PoisonError::into_inner) = fresh;
        }
        reload
    }

    /// Which keys the settings of another policy would not cover: those at its sources, and where there is none to
    /// read, those in use.
    pub fn uncovered(&self, settings: &CredentialsSettings, now: Instant) -> Vec<(String, KeyProblem)> {
        let held = self.current();
        let sources = [
            ("credentials.current", Some(&settings.current), &held.current),
            ("credentials.next", settings.next.as_ref(), &held.next),
        ];
        let judge = |source: &SecretSource, held: &Option<ApiKey>| {
            let read = self.read(source).and_then(|raw| ApiKey::parse(raw.as_slice(), settings, now));
            match read {
                Ok(_) => None,
                Err(problem) if problem.is_uncovered() => Some(problem),
                Err(_) => held.as_ref().and_then(|key| permitted(key.kind, settings.rule).err()),
            }
        };
        sources
            .into_iter()
            .filter_map(|(name, source, held)| Some((name.to_owned(), judge(source?, held)?)))
            .collect()
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

/// A token long enough to resist guessing that no caller before it has.
fn usable_token(secret: Secret, known: &[CallerToken]) -> Result<Secret, KeyProblem> {
    if secret.expose().len() < TOKEN_BYTES_MIN {
        return Err(KeyProblem::TooShort);
    }
    if known.iter().any(|token| token.secret.matches(&secret.0)) {
        return Err(KeyProblem::NotUnique);
    }
    Ok(secret)
}

/// Reads at most a little over `bytes_max`, into memory that is wiped.
fn read_bounded(path: &Path, bytes_max: usize) -> Result<Zeroizing<Vec<u8>>, KeyProblem> {
    use std::io::Read;
    let file = std::fs::File::open(path).map_err(|error| match error.kind() {
        std::io::ErrorKind::NotFound => KeyProblem::Missing,
        _ => KeyProblem::Unreadable,
    })?;
    // The capacity is fixed up front: a growing vector would leave unwiped copies behind.
    let mut raw = Zeroizing::new(Vec::with_capacity(bytes_max + 8));
    file.take(bytes_max as u64 + 4).read_to_end(&mut raw).map_err(|_| KeyProblem::Unreadable)?;
    Ok(raw)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(path: &Path, environment: KeyEnvironment) -> CredentialsSettings {
        CredentialsSettings {
            environment,
            rule: KeyRule { live: true, test: true },
            current: SecretSource::File(path.to_owned()),
            next: None,
            reload_interval: std::time::Duration::from_secs(1),
        }
    }

    #[test]
    fn secrets_are_trimmed_and_checked() {
        assert_eq!(
            Secret::parse(b"abc\r\n").map(|s| s.expose().to_owned()),
            Ok("abc".to_owned()).map_err(|()| KeyProblem::Empty)
        );
        for (raw, problem) in [
            (&b""[..], KeyProblem::Empty),
            (b"\n", KeyProblem::Empty),
            (b"a\nb", KeyProblem::SeveralLines),
            (b"a b", KeyProblem::NotVisibleAscii),
            (&[b'a'; 513], KeyProblem::TooLong),
        ] {
            assert_eq!(Secret::parse(raw).err(), Some(problem));
        }
        assert!(Secret::parse(&[b'a'; 512]).is_ok());
    }

    #[test]
    fn environment_decides_the_prefix() {
        let now = Instant::now();
        let parse = |raw: &str, environment| {
            ApiKey::parse(raw.as_bytes(), &settings(Path::new("/"), environment), now).err()
        };
        assert_eq!(parse("clk_live_synthetic", KeyEnvironment::Live), None);
        assert_eq!(parse("clk_test_synthetic", KeyEnvironment::Live), Some(KeyProblem::NotLive));
        assert_eq!(parse("clk_live_synthetic", KeyEnvironment::Test), Some(KeyProblem::NotTest));
        assert_eq!(parse("clk_test_synthetic", KeyEnvironment::Any), None);
        assert_eq!(parse("sk_live_synthetic", KeyEnvironment::Any), Some(KeyProblem::NotClinikapi));
    }

    #[test]
    fn debug_shows_no_secret() {
        let key = ApiKey::parse(
            b"clk_live_synthetic",
            &settings(Path::new("/"), KeyEnvironment::Any),
            Instant::now(),
        )
        .ok();
        let text = format!("{key:?} {:?}", key.as_ref().map(ApiKey::header_value));
        assert!(!text.contains("synthetic"), "{text}");
    }

    #[test]
    fn a_bad_rotation_keeps_the_old_key_and_a_good_one_replaces_it() {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("key");
        let settings = settings(&path, KeyEnvironment::Live);
        let store = KeyStore::new(|_| None);
        let now = Instant::now();

        let missing = store.reload(&settings, Callers::default(), now);
        assert_eq!(missing.problems, [("credentials.current".to_owned(), KeyProblem::Missing)]);
        assert!(store.current().preferred().is_none());

        std::fs::write(&path, "clk_live_first000\n").expect("writable");
        assert!(store.reload(&settings, Callers::default(), now).changed);
        let first = store.current();
        for bad in ["", "clk_test_other", "clk_live_a\nclk_live_b"] {
            std::fs::write(&path, bad).expect("writable");
            let reload = store.reload(&settings, Callers::default(), now);
            assert!(!reload.changed && reload.problems.len() == 1);
        }
        assert_eq!(
            store.current().preferred().map(ApiKey::fingerprint),
            first.preferred().map(ApiKey::fingerprint)
        );

        std::fs::write(&path, "clk_live_second00").expect("writable");
        assert!(store.reload(&settings, Callers::default(), now).changed);
        let second = store.current();
        assert_eq!(
            second.preferred().map(|key| key.secret().expose().to_owned()),
            Some("clk_live_second00".to_owned())
        );
    }
}
