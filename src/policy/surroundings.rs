//! What a trial puts in the place of a policy's own surroundings: sockets, upstream, keys, trail.
//!
//! `dev` runs a policy that is meant for somewhere else. Everything that decides about requests stays; what would reach out of
//! the trial, or needs what is not here, is replaced, at the start and at each reload.

use std::net::SocketAddr;
use std::path::PathBuf;

use super::Policy;
use crate::audit::settings::{AuditSink, ResourceIdsShown};
use crate::compliance::KeyKind;
use crate::credentials::settings::{KeyEnvironment, SecretSource};
use crate::telemetry::settings::TelemetrySettings;
use crate::upstream::settings::UpstreamSettings;

#[derive(Clone)]
pub struct Surroundings {
    pub listen: SocketAddr,
    pub ops: SocketAddr,
    pub upstream: UpstreamSettings,
    /// Where the trail is written.
    pub audit: PathBuf,
    /// Where the key of a pair comes from, by the place of the pair and the kind of key that the policy covers.
    pub key: fn(usize, KeyKind) -> SecretSource,
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
        for (number, pair) in self.credentials.pairs.iter_mut().enumerate() {
            pair.current = (place.key)(number, kind);
            pair.next = None;
        }
        self.audit.sink = AuditSink::File(place.audit.clone());
        self.audit.signing_key = None;
        self.audit.resource_ids = ResourceIdsShown::Plain;
        self.audit.ship = None;
        self.audit.otlp = None;
        if let Some(telemetry) = &place.telemetry {
            self.telemetry = telemetry.clone();
        }
        self
    }
}
