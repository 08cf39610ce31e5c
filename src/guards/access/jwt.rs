//! The person by a signed token: a JWT (RFC 7519) that an identity provider made and the backend passes on.
//!
//! Three algorithms, each bound to its kind of key; the key is chosen by `kid` from a set of the policy's and by nothing else
//! in the token, so `jwk`, `jku`, `x5u` and `x5c` are never looked at. Signature first, claims after. The token stays here:
//! what leaves are claims that the caller of [`verify`] judges. Cryptography is aws-lc-rs, as everywhere.

use data_encoding::BASE64URL_NOPAD;
use http::HeaderMap;
use http::header::AUTHORIZATION;
use serde_json::Value;

mod keyset;
pub mod settings;

pub use keyset::KeySet;
use keyset::{Algorithm, Members};
use settings::JwtSettings;

/// Longest token, in bytes.
const TOKEN_BYTES_MAX: usize = 8 * 1024;

/// Why a token proves nothing, by the part of it at fault. Quotes nothing of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No set of keys was read yet.
    NoKeys,
    /// Sent twice, under another scheme, too long, or no JWT.
    Form,
    Algorithm,
    Kid,
    /// `crit`, or a `typ` of tokens for something else.
    Header,
    Signature,
    Claims,
    Issuer,
    Audience,
    Expired,
    NotYet,
}

impl Fault {
    /// What the client is told, in our own words.
    pub const fn subject(self) -> &'static str {
        match self {
            Fault::NoKeys => "guards.access.jwt.jwks_file",
            Fault::Form => "the form of the token",
            Fault::Algorithm => "alg",
            Fault::Kid => "kid",
            Fault::Header => "the header of the token",
            Fault::Signature => "the signature",
            Fault::Claims => "the form of the claims",
            Fault::Issuer => "iss",
            Fault::Audience => "aud",
            Fault::Expired => "exp",
            Fault::NotYet => "nbf",
        }
    }
}

/// The claims of a token that holds now.
pub struct Claims(Members);

impl Claims {
    pub fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }
}

/// The token of a request; `None` without one.
pub fn sent<'a>(settings: &JwtSettings, headers: &'a HeaderMap) -> Option<Result<&'a str, Fault>> {
    let mut values = headers.get_all(&settings.header).iter();
    let value = values.next()?;
    if values.next().is_some() {
        return Some(Err(Fault::Form));
    }
    let Ok(text) = value.to_str() else { return Some(Err(Fault::Form)) };
    let token = match text.split_once(' ') {
        Some((scheme, token)) if scheme.eq_ignore_ascii_case("bearer") => Some(token),
        None if settings.header != AUTHORIZATION => Some(text),
        _ => None,
    };
    Some(token.filter(|token| token.len() <= TOKEN_BYTES_MAX).ok_or(Fault::Form))
}

/// Checks signature and validity of a token.
pub fn verify(
    settings: &JwtSettings,
    keys: Option<&KeySet>,
    token: &str,
    now_unix: u64,
) -> Result<Claims, Fault> {
    let (signed, signature) = token.rsplit_once('.').ok_or(Fault::Form)?;
    let (header, claims) =
        signed.split_once('.').filter(|(_, claims)| !claims.contains('.')).ok_or(Fault::Form)?;
    let header = members(header).ok_or(Fault::Form)?;
    let algorithm = header.text("alg").and_then(Algorithm::of).ok_or(Fault::Algorithm)?;
    check_kind(&header)?;
    let kid = header.text("kid").ok_or(Fault::Kid)?;
    let key = keys.ok_or(Fault::NoKeys)?.of(kid).ok_or(Fault::Kid)?;
    if key.algorithm() != algorithm {
        return Err(Fault::Algorithm);
    }
    let signature = BASE64URL_NOPAD.decode(signature.as_bytes()).map_err(|_| Fault::Form)?;
    if !key.signed(signed.as_bytes(), &signature) {
        return Err(Fault::Signature);
    }
    let claims = members(claims).ok_or(Fault::Claims)?;
    check_validity(settings, &claims, now_unix)?;
    Ok(Claims(claims))
}

/// Extensions that must be understood are not (RFC 7515 section 4.1.11), and a token made for another use is not one
/// that says who acts (RFC 8725 section 3.11).
fn check_kind(header: &Members) -> Result<(), Fault> {
    let kind = match header.get("typ") {
        None => true,
        Some(Value::String(kind)) => {
            let kind = kind.to_ascii_lowercase();
            matches!(kind.strip_prefix("application/").unwrap_or(&kind), "jwt" | "at+jwt")
        }
        Some(_) => false,
    };
    if kind && header.get("crit").is_none() { Ok(()) } else { Err(Fault::Header) }
}

fn check_validity(settings: &JwtSettings, claims: &Members, now_unix: u64) -> Result<(), Fault> {
    if claims.text("iss") != Some(settings.issuer.as_str()) {
        return Err(Fault::Issuer);
    }
    let ours = |audience: &Value| audience.as_str() == Some(settings.audience.as_str());
    let meant = match claims.get("aud") {
        Some(Value::Array(all)) => all.iter().all(Value::is_string) && all.iter().any(ours),
        Some(one) => ours(one),
        None => false,
    };
    if !meant {
        return Err(Fault::Audience);
    }
    let (now, skew) = (now_unix, settings.clock_skew.as_secs());
    // Expired from that second on (RFC 7519 section 4.1.4).
    match claims.get("exp").map(numeric_date) {
        Some(Some(end)) if now < end.saturating_add(skew) => {}
        _ => return Err(Fault::Expired),
    }
    match claims.get("nbf").map(numeric_date) {
        None => Ok(()),
        Some(Some(start)) if start <= now.saturating_add(skew) => Ok(()),
        Some(_) => Err(Fault::NotYet),
    }
}

/// Seconds since the epoch, which may have a fraction (RFC 7519 section 2).
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "within the range that was checked"
)]
fn numeric_date(value: &Value) -> Option<u64> {
    const FAR: f64 = 1e12;
    value.as_u64().or_else(|| value.as_f64().filter(|date| (0.0..FAR).contains(date)).map(|date| date as u64))
}

fn members(part: &str) -> Option<Members> {
    let text = BASE64URL_NOPAD.decode(part.as_bytes()).ok()?;
    serde_json::from_slice(&text).ok()
}

#[cfg(test)]
mod tests;
