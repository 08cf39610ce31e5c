//! The request on its way: which of two keys goes first, the second try, and what is noted of either.

use std::collections::HashSet;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::Instant;

use http::{Response, StatusCode};

use super::{Exchange, Snapshot, failure};
use crate::audit::Record;
use crate::credentials::{ApiKey, KeyPair};
use crate::forward::UpstreamRequest;
use crate::outcome::{Code, Refusal};
use crate::response;
use crate::upstream::{Connector, UpstreamBody};

/// Fingerprints of keys that ClinikAPI refused: of each pair the one refused last, until the keys change.
#[derive(Default)]
pub(super) struct RefusedKeys(RwLock<HashSet<Arc<str>>>);

impl RefusedKeys {
    /// The key to try first: the preferred one, unless that was the last to be refused and there is another.
    fn first<'a>(&self, pair: &'a KeyPair) -> Option<&'a ApiKey> {
        let preferred = pair.preferred()?;
        let refused = self.0.read().unwrap_or_else(PoisonError::into_inner);
        match refused.contains(preferred.fingerprint()) {
            true => pair.other_than(preferred).or(Some(preferred)),
            false => Some(preferred),
        }
    }

    fn note(&self, refused: &ApiKey, other: &ApiKey) {
        let mut all = self.0.write().unwrap_or_else(PoisonError::into_inner);
        all.remove(other.fingerprint());
        all.insert(Arc::clone(refused.fingerprint()));
    }

    /// New keys deserve a new try.
    pub(super) fn forget(&self) {
        self.0.write().unwrap_or_else(PoisonError::into_inner).clear();
    }
}

impl Exchange<'_> {
    /// Sends with the preferred key of the request's pair; a safe request that is answered 401 is tried once with the other.
    pub(super) async fn send(
        &self,
        request: &mut UpstreamRequest,
        record: &mut Record,
    ) -> Result<Response<UpstreamBody>, Refusal> {
        let Snapshot { connector, policy, .. } = self.snapshot;
        let refused = &self.worker.service.refused_keys;
        let pair = Arc::clone(request.keys());
        let mut key = refused.first(&pair).ok_or(Refusal::new(Code::NoKey).about(pair.slot.subject()))?;
        let mut answer = self.send_once(connector, request, key, record).await?;
        if answer.status() == StatusCode::UNAUTHORIZED
            && let Some(other) = pair.other_than(key)
        {
            // Whatever becomes of this request, the next one starts with the key that was not refused.
            refused.note(key, other);
            if request.is_safe() {
                key = other;
                answer = self.send_once(connector, request, key, record).await?;
            }
        }
        if answer.status() == StatusCode::UNAUTHORIZED {
            tracing::error!(key = %key.fingerprint(), "ClinikAPI refused the guard's key");
            let mut refusal = Refusal::new(Code::UpstreamKeyRejected);
            refusal.upstream_code =
                response::key_refusal_code(answer, &policy.scrub, &self.worker.service.room).await;
            return Err(refusal);
        }
        Ok(answer)
    }

    async fn send_once(
        &self,
        connector: &Arc<Connector>,
        request: &mut UpstreamRequest,
        key: &ApiKey,
        record: &mut Record,
    ) -> Result<Response<UpstreamBody>, Refusal> {
        let started = Instant::now();
        // Noted before the wait: should the client hang up, the record still shows that the request went out.
        record.key = Some(Arc::clone(key.fingerprint()));
        let Snapshot { policy, keys, .. } = self.snapshot;
        let sent = self.worker.upstream.send(connector, request, key).await;
        match sent {
            Ok(answer) => {
                self.worker.service.metrics.upstream_duration.observe(started.elapsed().as_secs_f64());
                record.upstream_status = Some(answer.status().as_u16());
                record.upstream_request_id =
                    response::upstream_request_id(answer.headers(), &policy.engine, keys);
                Ok(answer)
            }
            Err(error) => {
                // The guard broke the upload off, for what the client sent: no failure of ClinikAPI.
                if let Some(refusal) = request.watch().refusal() {
                    return Err(refusal);
                }
                self.worker
                    .service
                    .metrics
                    .upstream_failures
                    .with_label_values(&[error.cause.as_str()])
                    .inc();
                let (request_id, cause) = (&record.request_id, error.cause.as_str());
                let route = record.route.unwrap_or("unknown");
                match error.cause.advice() {
                    Some(advice) => {
                        tracing::error!(request_id = %request_id, route, cause, "no answer from ClinikAPI: {advice}");
                    }
                    None => {
                        tracing::warn!(request_id = %request_id, route, cause, "no answer from ClinikAPI")
                    }
                }
                Err(failure::failure(error, request.is_safe()))
            }
        }
    }
}
