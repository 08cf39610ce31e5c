//! What a trial puts in the place of a policy's own surroundings: sockets, upstream, keys and tokens, trail.
//!
//! `dev` runs a policy that is meant for somewhere else. Everything that decides about requests stays; what would reach out of
//! the trial, or needs what is not here, is replaced, at the start and at each reload.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::Policy;
use crate::audit::settings::{AuditSink, ResourceIdsShown};
use crate::compliance::KeyKind;
use crate::credentials::Usage;
use crate::credentials::settings::{KeyEnvironment, SecretSource};
use crate::guards::caller::settings::{CallerTokenSource, TokenProof};
use crate::telemetry::settings::TelemetrySettings;
use crate::upstream::settings::UpstreamSettings;

#[derive(Clone)]
pub struct Surroundings {
    pub listen: SocketAddr,
    pub ops: SocketAddr,
    pub upstream: UpstreamSettings,
    /// Where the trail is written.
    pub audit: PathBuf,
    /// What signs it, and what codes of ids are made with, where the policy wants that.
    pub signing_key: PathBuf,
    pub pseudonym_key: PathBuf,
    /// Where the key of a pair comes from: by the place of its tenant, its use, and the kind of key that the policy covers.
    pub key: fn(usize, Usage, KeyKind) -> SecretSource,
    /// Where a token of the trial comes from, for each name of a caller.
    pub token: fn(&str) -> SecretSource,
    /// Whether a token of the policy's own can be read here.
    pub is_here: fn(&SecretSource) -> bool,
    /// The public keys of signed tokens, in the place of the identity provider's.
    pub key_set: PathBuf,
    /// Instead of the policy's own.
    pub telemetry: Option<TelemetrySettings>,
}

impl Policy {
    /// The same policy in other surroundings.
    #[must_use]
    pub fn moved_to(mut self, place: &Surroundings) -> Policy {
        self.listen.addresses = vec![place.listen];
        self.listen.unix = None;
        self.listen.tls = None;
        self.ops.address = Some(place.ops);
        self.upstream = place.upstream.clone();
        self.process.user = None;
        let kind = match self.credentials.environment {
            KeyEnvironment::Live => KeyKind::Live,
            KeyEnvironment::Any if self.compliance.key_rule().live => KeyKind::Live,
            KeyEnvironment::Any | KeyEnvironment::Test => KeyKind::Test,
        };
        let tenants = &self.credentials.tenants;
        for pair in &mut self.credentials.pairs {
            let of = |name: &str| tenants.iter().position(|tenant| tenant.name == name);
            let tenant = pair.slot.tenant.as_deref().and_then(of).unwrap_or(0);
            pair.current = (place.key)(tenant, pair.slot.usage, kind);
            pair.next = None;
        }
        self.let_callers_in(place);
        if let Some(jwt) = &mut self.access.jwt {
            jwt.jwks_file.clone_from(&place.key_set);
        }
        self.audit.sink = AuditSink::File(place.audit.clone());
        self.audit.signing_key = self.audit.signing_key.map(|_| place.signing_key.clone());
        if let ResourceIdsShown::Pseudonym(key) = &mut self.audit.resource_ids {
            key.clone_from(&place.pseudonym_key);
        }
        self.audit.ship = None;
        self.audit.otlp = None;
        if let Some(telemetry) = &place.telemetry {
            self.telemetry = telemetry.clone();
        }
        self
    }

    /// Gives each caller a token of the trial, also those that are known by a certificate: here there is no TLS. Tokens of
    /// the policy's own go on where they can be read.
    fn let_callers_in(&mut self, place: &Surroundings) {
        let names: Vec<String> = self.caller.names().map(str::to_owned).collect();
        self.caller.tokens.retain(|token| match &token.proof {
            TokenProof::Secret(source) => (place.is_here)(source),
            TokenProof::Sha256(_) => true,
        });
        let trial = names.into_iter().map(|name| {
            let proof = TokenProof::Secret((place.token)(&name));
            CallerTokenSource { name, proof }
        });
        self.caller.tokens.extend(trial);
    }
}
