//! The public keys that tokens are checked with: a JWKS file (RFC 7517), read as strictly as the policy.
//!
//! A key counts if it verifies one of the three algorithms and has a `kid`; others are for somebody else and left alone. A
//! set with private or shared secrets in it, or with two such keys of one `kid`, is refused as a whole.

use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ED25519, RSA_PKCS1_2048_8192_SHA256, RsaPublicKeyComponents, UnparsedPublicKey,
};
use data_encoding::BASE64URL_NOPAD;
use serde::de::{self, Deserialize, Deserializer, MapAccess, Visitor};
use serde_json::Value;

use crate::credentials::KeyProblem;

const KEYS_MAX: usize = 64;
const RSA_BYTES: std::ops::RangeInclusive<usize> = 256..=1024;

/// Signatures that are checked. `none` and shared secrets are not among them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Algorithm {
    Rs256,
    Es256,
    EdDsa,
}

impl Algorithm {
    pub(super) fn of(name: &str) -> Option<Algorithm> {
        match name {
            "RS256" => Some(Algorithm::Rs256),
            "ES256" => Some(Algorithm::Es256),
            "EdDSA" => Some(Algorithm::EdDsa),
            _ => None,
        }
    }
}

/// Public keys by `kid`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeySet(Vec<VerifyingKey>);

#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct VerifyingKey {
    kid: String,
    public: Public,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Public {
    Rsa {
        n: Vec<u8>,
        e: Vec<u8>,
    },
    /// Uncompressed.
    P256(Vec<u8>),
    Ed25519(Vec<u8>),
}

impl KeySet {
    pub fn parse(text: &[u8]) -> Result<KeySet, KeyProblem> {
        #[derive(serde::Deserialize)]
        struct Set {
            keys: Vec<Members>,
        }
        let set: Set = serde_json::from_slice(text).map_err(|_| KeyProblem::NotAKeySet)?;
        const SECRETS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];
        if set.keys.iter().any(|key| SECRETS.iter().any(|secret| key.get(secret).is_some())) {
            return Err(KeyProblem::SecretsInKeySet);
        }
        if set.keys.len() > KEYS_MAX {
            return Err(KeyProblem::NotAKeySet);
        }
        let mut keys: Vec<VerifyingKey> = Vec::new();
        for key in set.keys.iter().filter_map(VerifyingKey::of) {
            if keys.iter().any(|known| known.kid == key.kid) {
                return Err(KeyProblem::SameKid);
            }
            keys.push(key);
        }
        if keys.is_empty() { Err(KeyProblem::NoVerifyingKey) } else { Ok(KeySet(keys)) }
    }

    pub(super) fn of(&self, kid: &str) -> Option<&VerifyingKey> {
        self.0.iter().find(|key| key.kid == kid)
    }
}

impl VerifyingKey {
    fn of(key: &Members) -> Option<VerifyingKey> {
        let bytes = |name: &str| BASE64URL_NOPAD.decode(key.text(name)?.as_bytes()).ok();
        let kid = key.text("kid").filter(|kid| (1..=256).contains(&kid.len()))?;
        let to_verify = match key.get("key_ops") {
            None => true,
            Some(operations) => operations.as_array()?.iter().any(|operation| operation == "verify"),
        };
        if !to_verify || key.get("use").is_some_and(|usage| usage != "sig") {
            return None;
        }
        let public = match (key.text("kty")?, key.text("crv")) {
            ("RSA", _) => {
                let mut n = bytes("n")?;
                let zeros = n.iter().take_while(|byte| **byte == 0).count();
                n.drain(..zeros);
                let e = bytes("e")
                    .filter(|e| (1..=8).contains(&e.len()) && e.last().is_some_and(|low| low & 1 == 1))?;
                RSA_BYTES.contains(&n.len()).then_some(Public::Rsa { n, e })?
            }
            ("EC", Some("P-256")) => {
                let (x, y) = (bytes("x")?, bytes("y")?);
                (x.len() == 32 && y.len() == 32).then(|| Public::P256([&[4], x.as_slice(), &y].concat()))?
            }
            ("OKP", Some("Ed25519")) => Public::Ed25519(bytes("x").filter(|x| x.len() == 32)?),
            _ => return None,
        };
        let key_for = VerifyingKey { kid: kid.to_owned(), public };
        let named = key
            .get("alg")
            .is_none_or(|name| name.as_str().and_then(Algorithm::of) == Some(key_for.algorithm()));
        named.then_some(key_for)
    }

    pub(super) fn algorithm(&self) -> Algorithm {
        match self.public {
            Public::Rsa { .. } => Algorithm::Rs256,
            Public::P256(_) => Algorithm::Es256,
            Public::Ed25519(_) => Algorithm::EdDsa,
        }
    }

    pub(super) fn signed(&self, message: &[u8], signature: &[u8]) -> bool {
        match &self.public {
            Public::Rsa { n, e } => RsaPublicKeyComponents { n, e }
                .verify(&RSA_PKCS1_2048_8192_SHA256, message, signature)
                .is_ok(),
            Public::P256(point) => {
                UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, point).verify(message, signature).is_ok()
            }
            Public::Ed25519(key) => UnparsedPublicKey::new(&ED25519, key).verify(message, signature).is_ok(),
        }
    }
}

/// A JSON object in which no member stands twice: parsers differ in which one they take.
pub(super) struct Members(serde_json::Map<String, Value>);

impl Members {
    pub(super) fn get(&self, name: &str) -> Option<&Value> {
        self.0.get(name)
    }

    pub(super) fn text(&self, name: &str) -> Option<&str> {
        self.get(name)?.as_str()
    }
}

impl<'de> Deserialize<'de> for Members {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Members, D::Error> {
        struct Once;

        impl<'de> Visitor<'de> for Once {
            type Value = Members;

            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Members, A::Error> {
                let mut members = serde_json::Map::new();
                while let Some((name, value)) = map.next_entry::<String, Value>()? {
                    if members.insert(name, value).is_some() {
                        return Err(de::Error::custom("a member stands twice"));
                    }
                }
                Ok(Members(members))
            }
        }
        deserializer.deserialize_map(Once)
    }
}
