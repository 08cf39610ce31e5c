//! The compiled `guards.access.jwt` section.

use std::path::PathBuf;
use std::time::Duration;

use http::{HeaderName, header};

use crate::config::{self, Node, Problems, read};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JwtSettings {
    /// Public keys; read again when it changes.
    pub jwks_file: PathBuf,
    pub issuer: String,
    pub audience: String,
    pub header: HeaderName,
    pub actor_claim: String,
    pub role_claim: String,
    /// Whose value is a tenant of `credentials.tenants`.
    pub tenant_claim: Option<String>,
    pub clock_skew: Duration,
}

const CLOCK_SKEW_MAX: Duration = Duration::from_secs(300);

impl JwtSettings {
    pub fn compile(section: &config::Jwt, problems: &mut Problems) -> Option<JwtSettings> {
        let jwks_file = section.jwks_file.required(read::path, problems);
        let issuer = section.issuer.required(read::text, problems);
        let audience = section.audience.required(read::text, problems);
        let header = section.header.or(header::AUTHORIZATION, token_header, problems);
        let actor_claim = section.actor_claim.or("sub".to_owned(), read::text, problems);
        let role_claim = section.role_claim.or("role".to_owned(), read::text, problems);
        let tenant_claim = section.tenant_claim.or_none(None, read::text, problems);
        let clock_skew = section.clock_skew.or(Duration::from_secs(60), clock_skew, problems);
        let (jwks_file, issuer, audience) = (jwks_file?, issuer?, audience?);
        Some(JwtSettings {
            jwks_file,
            issuer,
            audience,
            header,
            actor_claim,
            role_claim,
            tenant_claim,
            clock_skew,
        })
    }
}

fn clock_skew(node: &Node, problems: &mut Problems) -> Option<Duration> {
    match read::duration_or_zero(node, problems)? {
        skew if skew <= CLOCK_SKEW_MAX => Some(skew),
        _ => problems.expected(node, "at most 5m: clocks that differ by more should be set"),
    }
}

/// `Authorization`, or a header without another meaning.
fn token_header(node: &Node, problems: &mut Problems) -> Option<HeaderName> {
    match node.text().is_some_and(|name| name.eq_ignore_ascii_case("authorization")) {
        true => Some(header::AUTHORIZATION),
        false => super::super::settings::own_header(node, problems),
    }
}
