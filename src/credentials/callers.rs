//! What callers and users are known by: tokens, of which only hashes are kept, and the public keys of signed tokens.
//!
//! Each belongs to the place it was read from. While that place cannot be read, what it gave last goes on; what another place
//! gave never does, so that naming a new file takes the power of the old one away.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use aws_lc_rs::{constant_time, digest};

use super::{KeyProblem, KeyReload, KeyStore, Keys, Secret, read_bounded};
use crate::guards::access::jwt::KeySet;
use crate::guards::access::jwt::settings::JwtSettings;
use crate::guards::caller::settings::{CallerTokenSource, TokenProof};

/// Shortest caller token: what is shorter can be guessed.
const TOKEN_BYTES_MIN: usize = 16;
const KEY_SET_BYTES_MAX: usize = 64 * 1024;
const KEY_SET: &str = "guards.access.jwt.jwks_file";

/// Where what callers and users are known by is read from.
#[derive(Clone, Copy, Default)]
pub struct Callers<'a> {
    pub tokens: &'a [CallerTokenSource],
    pub jwt: Option<&'a JwtSettings>,
}

/// A caller token by the name the policy gives it. Only its hash is kept, whether the policy has the token or the hash.
#[derive(Clone)]
pub struct CallerToken {
    pub name: Arc<str>,
    digest: [u8; 32],
    from: TokenProof,
}

impl CallerToken {
    /// Compares without telling by its duration how much was right. The token is random, so a plain hash of it is as
    /// hard to invert as the token is to guess.
    pub fn is(&self, sent: &[u8]) -> bool {
        constant_time::verify_slices_are_equal(&self.digest, &sha256(sent)).is_ok()
    }

    fn is_of(&self, source: &CallerTokenSource) -> bool {
        *self.name == *source.name && self.from == source.proof
    }
}

/// A hash is no secret, and nothing to show either.
impl fmt::Debug for CallerToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallerToken({})", self.name)
    }
}

/// The public keys of an issuer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct HeldKeySet {
    file: PathBuf,
    issuer: String,
    pub(super) keys: Arc<KeySet>,
}

impl HeldKeySet {
    fn is_of(&self, jwt: &JwtSettings) -> bool {
        self.file == jwt.jwks_file && self.issuer == jwt.issuer
    }
}

fn sha256(text: &[u8]) -> [u8; 32] {
    let mut hash = [0; 32];
    hash.copy_from_slice(digest::digest(&digest::SHA256, text).as_ref());
    hash
}

impl KeyStore {
    pub(super) fn tokens(
        &self,
        sources: &[CallerTokenSource],
        old: &Keys,
        reload: &mut KeyReload,
    ) -> Vec<CallerToken> {
        let mut tokens: Vec<CallerToken> = Vec::with_capacity(sources.len());
        for source in sources {
            let previous = old.tokens.iter().find(|known| known.is_of(source));
            let taken = |digest: &[u8; 32]| tokens.iter().any(|token| token.digest == *digest);
            let read = self.token(source);
            match read.and_then(|digest| if taken(&digest) { Err(KeyProblem::NotUnique) } else { Ok(digest) })
            {
                Ok(digest) => {
                    reload.changed |= previous.is_none_or(|known| known.digest != digest);
                    let name = source.name.as_str().into();
                    tokens.push(CallerToken { name, digest, from: source.proof.clone() });
                }
                Err(problem) => {
                    reload.problems.push((name_of(source), problem));
                    tokens.extend(previous.cloned());
                }
            }
        }
        let gone = |known: &CallerToken| !tokens.iter().any(|token| token.name == known.name);
        reload.changed |= tokens.len() != old.tokens.len() || old.tokens.iter().any(gone);
        tokens
    }

    /// The hash of the token.
    fn token(&self, source: &CallerTokenSource) -> Result<[u8; 32], KeyProblem> {
        match &source.proof {
            TokenProof::Sha256(digest) => Ok(*digest),
            TokenProof::Secret(from) => {
                let secret = Secret::parse(self.read(from)?.as_slice())?;
                // Long enough to resist guessing.
                if secret.expose().len() < TOKEN_BYTES_MIN {
                    return Err(KeyProblem::TooShort);
                }
                Ok(sha256(secret.expose().as_bytes()))
            }
        }
    }

    /// What another policy names and nobody could be known by: a place that is new, and cannot be read.
    pub fn unknown(&self, callers: Callers<'_>) -> Option<(String, KeyProblem)> {
        let held = self.current();
        let is_new = |source: &&CallerTokenSource| !held.tokens.iter().any(|known| known.is_of(source));
        let token = |source| Some((name_of(source), self.token(source).err()?));
        let new_tokens = callers.tokens.iter().filter(is_new);
        let new_key_set =
            callers.jwt.filter(|jwt| !held.key_set.as_ref().is_some_and(|known| known.is_of(jwt)));
        new_tokens
            .filter_map(token)
            .next()
            .or_else(|| Some((KEY_SET.to_owned(), read_key_set(new_key_set?).err()?)))
    }
}

fn name_of(source: &CallerTokenSource) -> String {
    format!("guards.caller.tokens {}", source.name)
}

pub(super) fn key_set(callers: &Callers<'_>, old: &Keys, reload: &mut KeyReload) -> Option<HeldKeySet> {
    let jwt = callers.jwt?;
    match read_key_set(jwt) {
        Ok(keys) => {
            Some(HeldKeySet { file: jwt.jwks_file.clone(), issuer: jwt.issuer.clone(), keys: Arc::new(keys) })
        }
        Err(problem) => {
            reload.problems.push((KEY_SET.to_owned(), problem));
            old.key_set.clone().filter(|known| known.is_of(jwt))
        }
    }
}

fn read_key_set(jwt: &JwtSettings) -> Result<KeySet, KeyProblem> {
    let text = read_bounded(&jwt.jwks_file, KEY_SET_BYTES_MAX)?;
    if text.len() > KEY_SET_BYTES_MAX {
        return Err(KeyProblem::KeySetTooLong);
    }
    KeySet::parse(&text)
}
