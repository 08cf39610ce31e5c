//! Tokens that hold, and every way we know to make one that does not.

use aws_lc_rs::hmac;
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair, Ed25519KeyPair, KeyPair, RSA_PKCS1_SHA256, RsaKeyPair,
};
use http::HeaderValue;
use serde_json::json;

use super::*;
use crate::credentials::KeyProblem;

const NOW: u64 = 1_795_000_000;

fn settings() -> JwtSettings {
    JwtSettings {
        jwks_file: "/run/jwks.json".into(),
        issuer: "https://idp.example.org/".into(),
        audience: "clinic".into(),
        header: AUTHORIZATION,
        actor_claim: "sub".into(),
        role_claim: "role".into(),
        tenant_claim: None,
        clock_skew: std::time::Duration::from_secs(60),
    }
}

fn b64(bytes: impl AsRef<[u8]>) -> String {
    BASE64URL_NOPAD.encode(bytes.as_ref())
}

fn claims() -> Value {
    json!({"iss": "https://idp.example.org/", "aud": "clinic", "sub": "u-48f1", "exp": NOW + 300, "nbf": NOW - 10})
}

/// One key of each kind, and the set of their public halves.
struct Keys {
    rsa: RsaKeyPair,
    p256: EcdsaKeyPair,
    ed25519: Ed25519KeyPair,
}

impl Keys {
    fn new() -> Keys {
        Keys {
            rsa: RsaKeyPair::generate(KeySize::Rsa2048).unwrap(),
            p256: EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING).unwrap(),
            ed25519: Ed25519KeyPair::generate().unwrap(),
        }
    }

    fn jwks(&self) -> Vec<Value> {
        // PKCS #1: a sequence of the modulus, whose 256 bytes begin here, and the exponent.
        let n = &self.rsa.public_key().as_ref()[9..265];
        let point = self.p256.public_key().as_ref();
        vec![
            json!({"kty": "RSA", "kid": "r", "use": "sig", "alg": "RS256",
                   "n": b64(n), "e": "AQAB"}),
            json!({"kty": "EC", "crv": "P-256", "kid": "p", "x": b64(&point[1..33]), "y": b64(&point[33..])}),
            json!({"kty": "OKP", "crv": "Ed25519", "kid": "e", "key_ops": ["verify"],
                   "x": b64(self.ed25519.public_key())}),
        ]
    }

    fn set(&self) -> KeySet {
        KeySet::parse(json!({"keys": self.jwks()}).to_string().as_bytes()).unwrap()
    }

    /// A token of these raw parts, signed as `kid` says whatever the header says.
    fn sign(&self, kid: &str, header: &str, claims: &str) -> String {
        let signed = format!("{}.{}", b64(header), b64(claims));
        let random = SystemRandom::new();
        let signature = match kid {
            "r" => {
                let mut signature = vec![0; self.rsa.public_modulus_len()];
                self.rsa.sign(&RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
                signature
            }
            "p" => self.p256.sign(&random, signed.as_bytes()).unwrap().as_ref().to_vec(),
            _ => self.ed25519.sign(signed.as_bytes()).as_ref().to_vec(),
        };
        format!("{signed}.{}", b64(signature))
    }

    fn ed(&self, header: &Value, claims: &Value) -> String {
        self.sign("e", &header.to_string(), &claims.to_string())
    }
}

fn header() -> Value {
    json!({"alg": "EdDSA", "kid": "e", "typ": "JWT"})
}

fn with(mut object: Value, name: &str, value: Value) -> Value {
    object[name] = value;
    object
}

fn fault(set: &KeySet, token: &str) -> Option<Fault> {
    verify(&settings(), Some(set), token, NOW).err()
}

#[test]
fn each_algorithm_holds_with_its_key_and_no_other() {
    let keys = Keys::new();
    let set = keys.set();
    let kinds = [("r", "RS256"), ("p", "ES256"), ("e", "EdDSA")];
    for (kid, alg) in kinds {
        let token = keys.sign(kid, &json!({"alg": alg, "kid": kid}).to_string(), &claims().to_string());
        let held = verify(&settings(), Some(&set), &token, NOW).ok();
        assert_eq!(held.and_then(|claims| claims.get("sub").cloned()), Some(json!("u-48f1")), "{alg}");
        for (other, wrong) in kinds.into_iter().filter(|(_, other)| *other != alg) {
            let confused =
                keys.sign(kid, &json!({"alg": wrong, "kid": kid}).to_string(), &claims().to_string());
            assert_eq!(fault(&set, &confused), Some(Fault::Algorithm), "{alg} as {wrong}");
            let confused =
                keys.sign(kid, &json!({"alg": wrong, "kid": other}).to_string(), &claims().to_string());
            assert_eq!(fault(&set, &confused), Some(Fault::Signature), "{alg} under {other}");
        }
        assert_eq!(verify(&settings(), None, &token, NOW).err(), Some(Fault::NoKeys));
        assert_eq!(fault(&Keys::new().set(), &token), Some(Fault::Signature), "another provider's {alg}");
    }
}

#[test]
fn neither_none_nor_a_shared_secret_signs() {
    let keys = Keys::new();
    let set = keys.set();
    for alg in ["none", "None", "NONE", "", "HS256", "HS512", "RS384", "PS256", "ES384", "eddsa", "EdDSA "] {
        let signed =
            format!("{}.{}", b64(json!({"alg": alg, "kid": "e"}).to_string()), b64(claims().to_string()));
        assert_eq!(fault(&set, &format!("{signed}.")), Some(Fault::Algorithm), "{alg}");
        // The classic: the public key, which everybody has, as the secret of an HMAC.
        let secret = hmac::Key::new(hmac::HMAC_SHA256, keys.ed25519.public_key().as_ref());
        let forged = format!("{signed}.{}", b64(hmac::sign(&secret, signed.as_bytes())));
        assert_eq!(fault(&set, &forged), Some(Fault::Algorithm), "{alg}");
    }
    let unsigned = keys.ed(&header(), &claims());
    let (signed, signature) = unsigned.rsplit_once('.').unwrap();
    assert_eq!(fault(&set, &format!("{signed}.")), Some(Fault::Signature));
    assert_eq!(
        fault(&set, &format!("{signed}.{}", &signature[..signature.len() - 2])),
        Some(Fault::Signature)
    );
}

#[test]
fn nothing_in_the_token_brings_its_own_key() {
    let (keys, attacker) = (Keys::new(), Keys::new());
    let set = keys.set();
    let own = &attacker.jwks()[2];
    for (name, value) in [
        ("jwk", own.clone()),
        ("jku", json!("https://attacker.example/jwks.json")),
        ("x5u", json!("https://attacker.example/cert.pem")),
        ("x5c", json!(["MIIB"])),
    ] {
        let embedded = with(header(), name, value);
        assert_eq!(fault(&set, &attacker.ed(&embedded, &claims())), Some(Fault::Signature), "{name}");
        assert_eq!(fault(&set, &keys.ed(&embedded, &claims())), None, "{name} is not looked at");
    }
    for (kid, expected) in
        [(json!("unknown"), Fault::Kid), (json!(null), Fault::Kid), (json!(["e"]), Fault::Kid)]
    {
        assert_eq!(fault(&set, &keys.ed(&with(header(), "kid", kid), &claims())), Some(expected));
    }
    assert_eq!(fault(&set, &keys.ed(&json!({"alg": "EdDSA"}), &claims())), Some(Fault::Kid));
    assert_eq!(
        fault(&set, &keys.ed(&with(header(), "crit", json!(["exp"])), &claims())),
        Some(Fault::Header)
    );
    for kind in [json!("logout+jwt"), json!("dpop+jwt"), json!(7)] {
        assert_eq!(fault(&set, &keys.ed(&with(header(), "typ", kind), &claims())), Some(Fault::Header));
    }
    for kind in ["at+jwt", "application/at+jwt", "jwt"] {
        assert_eq!(fault(&set, &keys.ed(&with(header(), "typ", json!(kind)), &claims())), None, "{kind}");
    }
}

#[test]
fn claims_say_for_whom_and_when() {
    let keys = Keys::new();
    let set = keys.set();
    let judged = |name: &str, value: Value| fault(&set, &keys.ed(&header(), &with(claims(), name, value)));
    for (name, value, expected) in [
        ("iss", json!("https://idp.example.org"), Some(Fault::Issuer)),
        ("iss", json!(["https://idp.example.org/"]), Some(Fault::Issuer)),
        ("aud", json!("clinic2"), Some(Fault::Audience)),
        ("aud", json!(["other", "clinics"]), Some(Fault::Audience)),
        ("aud", json!([]), Some(Fault::Audience)),
        ("aud", json!(["clinic", 7]), Some(Fault::Audience)),
        ("aud", json!({"clinic": "clinic"}), Some(Fault::Audience)),
        ("aud", json!(["other", "clinic"]), None),
        ("exp", json!(NOW - 60), Some(Fault::Expired)),
        ("exp", json!(NOW - 59), None),
        ("exp", json!((NOW - 59) as f64 + 0.5), None),
        ("exp", json!((NOW + 300).to_string()), Some(Fault::Expired)),
        ("exp", json!(null), Some(Fault::Expired)),
        ("exp", json!(-1), Some(Fault::Expired)),
        ("exp", json!(1e300), Some(Fault::Expired)),
        ("nbf", json!(NOW + 61), Some(Fault::NotYet)),
        ("nbf", json!(NOW + 60), None),
        ("nbf", json!("0"), Some(Fault::NotYet)),
        ("nbf", json!(null), Some(Fault::NotYet)),
    ] {
        assert_eq!(judged(name, value.clone()), expected, "{name} {value}");
    }
    for (name, expected) in [("iss", Fault::Issuer), ("aud", Fault::Audience), ("exp", Fault::Expired)] {
        let mut without = claims();
        without.as_object_mut().unwrap().remove(name);
        assert_eq!(fault(&set, &keys.ed(&header(), &without)), Some(expected), "{name}");
    }
}

#[test]
fn what_can_be_read_in_two_ways_is_not_read() {
    let keys = Keys::new();
    let set = keys.set();
    let (header, claims) = (header().to_string(), claims().to_string());
    let twice = claims.replacen('{', r#"{"sub":"u-admin","#, 1);
    assert_eq!(fault(&set, &keys.sign("e", &header, &twice)), Some(Fault::Claims));
    let escaped = claims.replacen('{', r#"{"\u0073ub":"u-admin","#, 1);
    assert_eq!(fault(&set, &keys.sign("e", &header, &escaped)), Some(Fault::Claims));
    let twice = header.replacen('{', r#"{"alg":"none","#, 1);
    assert_eq!(fault(&set, &keys.sign("e", &twice, &claims)), Some(Fault::Form));
    for text in ["[]", "null", "", "{", "\"u\"", "{} {}"] {
        assert_eq!(fault(&set, &keys.sign("e", &header, text)), Some(Fault::Claims), "{text}");
        assert_eq!(fault(&set, &keys.sign("e", text, &claims)), Some(Fault::Form), "{text}");
    }
    let good = keys.sign("e", &header, &claims);
    assert_eq!(fault(&set, &good), None);
    let (signed, signature) = good.rsplit_once('.').unwrap();
    for bad in [
        String::new(),
        ".".into(),
        "..".into(),
        signed.to_owned(),
        format!("{good}."),
        format!("{good}.x"),
        format!(".{good}"),
        format!("{signed}.{signature}="),
        format!("{signed}.{signature}\n"),
        format!("{signed}.!{}", &signature[1..]),
        good.replacen(&good[1..3], "+/", 1),
    ] {
        assert!(fault(&set, &bad).is_some(), "{bad}");
    }
}

#[test]
fn a_token_is_sent_once_and_bounded() {
    let settings = settings();
    let map = |values: &[&str]| {
        let mut headers = HeaderMap::new();
        for value in values {
            headers.append(&settings.header, HeaderValue::from_str(value).unwrap());
        }
        headers
    };
    let sent = |values: &[&str]| super::sent(&settings, &map(values)).map(|sent| sent.map(str::to_owned));
    assert_eq!(sent(&[]), None);
    assert_eq!(sent(&["Bearer a.b.c"]), Some(Ok("a.b.c".into())));
    assert_eq!(sent(&["bearer a.b.c"]), Some(Ok("a.b.c".into())));
    for bad in [&["a.b.c"][..], &["Basic a.b.c"], &["Bearer"], &["Bearer a.b.c", "Bearer a.b.c"]] {
        assert_eq!(sent(bad), Some(Err(Fault::Form)), "{bad:?}");
    }
    let (longest, longer) = ("a".repeat(TOKEN_BYTES_MAX), "a".repeat(TOKEN_BYTES_MAX + 1));
    assert_eq!(sent(&[&format!("Bearer {longest}")]), Some(Ok(longest)));
    assert_eq!(sent(&[&format!("Bearer {longer}")]), Some(Err(Fault::Form)));
}

#[test]
fn a_key_set_has_public_keys_with_names_of_their_own() {
    let jwks = Keys::new().jwks();
    let parse = |keys: &[Value]| KeySet::parse(json!({"keys": keys}).to_string().as_bytes());
    assert!(parse(&jwks).is_ok());
    let problem = |name: &str, value: Value| {
        let changed: Vec<Value> = jwks.iter().map(|key| with(key.clone(), name, value.clone())).collect();
        parse(&changed).err()
    };
    for (name, value) in [
        ("use", json!("enc")),
        ("key_ops", json!(["sign", "encrypt"])),
        ("alg", json!("HS256")),
        ("alg", json!("RS512")),
        ("alg", json!(7)),
        ("kid", json!("")),
        ("kid", json!(7)),
        ("kty", json!("oct")),
    ] {
        assert_eq!(problem(name, value.clone()), Some(KeyProblem::NoVerifyingKey), "{name} {value}");
    }
    assert_eq!(problem("kid", json!("same")), Some(KeyProblem::SameKid));
    for secret in ["d", "k", "p"] {
        assert_eq!(problem(secret, json!("AA")), Some(KeyProblem::SecretsInKeySet));
    }
    for (at, name, value) in
        [(0, "n", "AQAB"), (0, "e", "AQAA"), (1, "x", "AA"), (1, "crv", "P-384"), (2, "x", "AA")]
    {
        assert_eq!(
            parse(&[with(jwks[at].clone(), name, json!(value))]),
            Err(KeyProblem::NoVerifyingKey),
            "{name}"
        );
    }
    // An encryption key may have the name of a signing key: it is no key of ours.
    let mut both = jwks.clone();
    both.push(with(with(jwks[0].clone(), "kid", json!("e")), "use", json!("enc")));
    assert!(parse(&both).is_ok());
    assert_eq!(parse(&vec![jwks[0].clone(); KEYS_OVER]), Err(KeyProblem::NotAKeySet));
    for text in [
        "",
        "[]",
        "{}",
        "{\"keys\":{}}",
        "{\"keys\":[],\"keys\":[]}",
        "{\"keys\":[{\"kid\":\"a\",\"kid\":\"b\"}]}",
    ] {
        assert_eq!(KeySet::parse(text.as_bytes()).err(), Some(KeyProblem::NotAKeySet), "{text}");
    }
}

const KEYS_OVER: usize = 65;
