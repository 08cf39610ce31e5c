//! The identity provider of a trial: one key made for the run, and tokens that a policy's `guards.access.jwt` takes.

use std::path::Path;

use aws_lc_rs::error::Unspecified;
use aws_lc_rs::signature::{Ed25519KeyPair, KeyPair};
use data_encoding::BASE64URL_NOPAD;
use serde_json::{Map, Value, json};

use crate::guards::access::jwt::settings::JwtSettings;

const KID: &str = "clinik-guard-dev";
/// Longer than anybody leaves a trial running.
const LIFETIME_SECONDS: u64 = 30 * 24 * 60 * 60;

pub(super) struct Issuer {
    pair: Ed25519KeyPair,
    now_unix: u64,
}

/// What a token says.
pub(super) struct Person<'a> {
    pub(super) actor: &'a str,
    pub(super) role: Option<&'a str>,
    pub(super) tenant: Option<&'a str>,
}

impl Issuer {
    pub(super) fn new(now_unix: u64) -> Result<Issuer, Unspecified> {
        Ok(Issuer { pair: Ed25519KeyPair::generate()?, now_unix })
    }

    /// The public key as a set, beside those of the policy's own file if it can be read: its tokens are good here too.
    pub(super) fn key_set(&self, own: Option<&Path>) -> String {
        let x = BASE64URL_NOPAD.encode(self.pair.public_key().as_ref());
        let key = json!({"kty": "OKP", "crv": "Ed25519", "use": "sig", "alg": "EdDSA", "kid": KID, "x": x});
        let read = |path: &Path| serde_json::from_str(&std::fs::read_to_string(path).ok()?).ok();
        let mut set: Value = own.and_then(read).unwrap_or_else(|| json!({"keys": []}));
        match set.get_mut("keys").and_then(Value::as_array_mut) {
            Some(keys) => keys.push(key),
            None => set = json!({"keys": [key]}),
        }
        set.to_string()
    }

    pub(super) fn token(&self, settings: &JwtSettings, person: &Person<'_>) -> String {
        let mut claims = Map::new();
        claims.insert("iss".to_owned(), json!(settings.issuer));
        claims.insert("aud".to_owned(), json!(settings.audience));
        claims.insert("exp".to_owned(), json!(self.now_unix + LIFETIME_SECONDS));
        claims.insert(settings.actor_claim.clone(), json!(person.actor));
        if let Some(role) = person.role {
            claims.insert(settings.role_claim.clone(), json!(role));
        }
        if let Some((claim, tenant)) = settings.tenant_claim.as_ref().zip(person.tenant) {
            claims.insert(claim.clone(), json!(tenant));
        }
        let header = json!({"alg": "EdDSA", "kid": KID, "typ": "JWT"});
        let part = |value: &Value| BASE64URL_NOPAD.encode(value.to_string().as_bytes());
        let signed = format!("{}.{}", part(&header), part(&Value::Object(claims)));
        let signature = BASE64URL_NOPAD.encode(self.pair.sign(signed.as_bytes()).as_ref());
        format!("{signed}.{signature}")
    }
}
