//! Secrets are read strictly, kept when their source turns bad, and shown by nothing.

use super::settings::{KeyEnvironment, PairSource};
use super::*;
use crate::compliance::KeyRule;

fn settings(path: &Path, environment: KeyEnvironment) -> CredentialsSettings {
    CredentialsSettings {
        environment,
        rule: KeyRule { live: true, test: true },
        pairs: vec![PairSource {
            slot: Slot { tenant: None, usage: Usage::Any },
            current: SecretSource::File(path.to_owned()),
            next: None,
        }],
        tenants: Vec::new(),
        tenant_header: None,
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
    // As `k8s/secret.yaml` has it.
    assert_eq!(parse("clk_test_PLACEHOLDER_NOT_A_KEY", KeyEnvironment::Any), Some(KeyProblem::Placeholder));
}

#[test]
fn what_guides_write_is_no_key() {
    let parse = |raw: &str| {
        let settings = settings(Path::new("/"), KeyEnvironment::Any);
        ApiKey::parse(raw.as_bytes(), &settings, Instant::now()).err()
    };
    for body in [
        "your-key-here",
        "your_api_key",
        "YourApiKeyHere",
        "your-secret-key",
        "REPLACE_ME",
        "replace-with-your-key",
        "xxxxxxxxxxxxxxxx",
        "xxxx-xxxx-xxxx",
        "XXXXXXXXXX",
        "00000000",
        "********",
        "<your-key>",
        "${CLINIKAPI_KEY}",
        "...........",
        "insert-key-here",
        "change-me-please",
    ] {
        assert_eq!(parse(&format!("clk_test_{body}")), Some(KeyProblem::Placeholder), "{body}");
    }
    for body in
        ["synthetic", "0123456789abcdef", "Yx7kQ2mV9sT4bN8w", "yourselves9Qx2", "synthetic00000000000000"]
    {
        assert_eq!(parse(&format!("clk_test_{body}")), None, "{body}");
    }
}

#[test]
fn debug_shows_no_secret() {
    let key =
        ApiKey::parse(b"clk_live_synthetic", &settings(Path::new("/"), KeyEnvironment::Any), Instant::now())
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
    assert!(store.current().preferred().next().is_none());

    std::fs::write(&path, "clk_live_first000\n").expect("writable");
    assert!(store.reload(&settings, Callers::default(), now).changed);
    let first = store.current();
    for bad in ["", "clk_test_other", "clk_live_a\nclk_live_b"] {
        std::fs::write(&path, bad).expect("writable");
        let reload = store.reload(&settings, Callers::default(), now);
        assert!(!reload.changed && reload.problems.len() == 1);
    }
    assert_eq!(
        store.current().preferred().next().map(ApiKey::fingerprint),
        first.preferred().next().map(ApiKey::fingerprint)
    );

    std::fs::write(&path, "clk_live_second00").expect("writable");
    assert!(store.reload(&settings, Callers::default(), now).changed);
    let second = store.current();
    assert_eq!(
        second.preferred().next().map(|key| key.secret().expose().to_owned()),
        Some("clk_live_second00".to_owned())
    );
}

/// A key set, or a token, belongs to where it was read from: naming another place takes the power of the old one away.
#[test]
fn what_another_place_gave_does_not_go_on() {
    use crate::guards::access::jwt::settings::JwtSettings;
    use crate::guards::caller::settings::{CallerTokenSource, TokenProof};

    const JWKS: &str = r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "k", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
    const TOKEN: &str = "synthetic-token-0123";
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name);
    let jwt = |file: &str, issuer: &str| JwtSettings {
        jwks_file: at(file),
        issuer: issuer.to_owned(),
        audience: "clinic".to_owned(),
        header: http::header::AUTHORIZATION,
        actor_claim: "sub".to_owned(),
        role_claim: "role".to_owned(),
        tenant_claim: None,
        clock_skew: std::time::Duration::ZERO,
    };
    let token = |file: &str| {
        [CallerTokenSource {
            name: "portal".to_owned(),
            proof: TokenProof::Secret(SecretSource::File(at(file))),
        }]
    };
    std::fs::write(at("first.jwks"), JWKS).unwrap();
    std::fs::write(at("first.token"), TOKEN).unwrap();
    std::fs::write(at("key"), "clk_test_synthetic").unwrap();
    let (settings, now) = (settings(&at("key"), KeyEnvironment::Any), Instant::now());
    let store = KeyStore::new(|_| None);
    let (first, tokens) = (jwt("first.jwks", "https://a.example.org"), token("first.token"));
    let of_first = Callers { tokens: &tokens, jwt: Some(&first) };
    let in_force = || {
        let keys = store.current();
        (keys.tokens.iter().any(|token| token.is(TOKEN.as_bytes())), keys.key_set().is_some())
    };
    assert!(store.reload(&settings, of_first, now).changed && in_force() == (true, true));
    assert_eq!(store.unknown(of_first), None);

    // The same places, unreadable for a while: what they gave goes on.
    std::fs::remove_file(at("first.jwks")).unwrap();
    std::fs::remove_file(at("first.token")).unwrap();
    assert_eq!(store.reload(&settings, of_first, now).problems.len(), 2);
    assert_eq!((in_force(), store.unknown(of_first)), ((true, true), None));

    for other in [jwt("second.jwks", "https://a.example.org"), jwt("first.jwks", "https://b.example.org")] {
        let callers = Callers { tokens: &tokens, jwt: Some(&other) };
        assert_eq!(
            store.unknown(callers),
            Some(("guards.access.jwt.jwks_file".to_owned(), KeyProblem::Missing))
        );
        assert!(store.reload(&settings, callers, now).changed);
        assert_eq!(in_force(), (true, false), "of another file or issuer");
        assert!(!store.reload(&settings, of_first, now).changed);
        assert_eq!(in_force(), (true, false), "what was dropped does not come back by itself");
        std::fs::write(at("first.jwks"), JWKS).unwrap();
        store.reload(&settings, of_first, now);
        std::fs::remove_file(at("first.jwks")).unwrap();
    }
    let moved = token("second.token");
    let callers = Callers { tokens: &moved, jwt: Some(&first) };
    assert_eq!(store.unknown(callers), Some(("guards.caller.tokens portal".to_owned(), KeyProblem::Missing)));
    assert!(store.reload(&settings, callers, now).changed);
    assert_eq!(in_force(), (false, true));
}
