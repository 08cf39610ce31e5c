//! What the guards of an exchange are given, and what its record learns of each before it may refuse. Does not say in which order
//! they stand: [`Exchange::answer`](super::Exchange) does.

use http::Method;
use http::request::Parts;

use super::{Exchange, note};
use crate::audit::Record;
use crate::guards::access::{Actor, Told};
use crate::guards::body::{Patience, Purpose, Scope};
use crate::guards::caller::Admitted;
use crate::guards::headers::CleanHeaders;
use crate::guards::target::{CleanTarget, TargetGuard};
use crate::guards::tenant::{Keyed, Tenancy};
use crate::guards::{Observed, access, caller, headers, tenant};
use crate::metrics::Where;
use crate::outcome::{Code, Refusal};

/// Who asks: the process that was admitted, who acts through it, and for which tenant.
pub(super) struct Who {
    pub admitted: Admitted,
    pub actor: Actor,
    pub tenancy: Tenancy,
}

impl Exchange<'_> {
    /// Admits the caller. Who acts is read before anything else is judged, so that the record of whatever is refused says who asked.
    pub(super) fn who(
        &self,
        head: &Parts,
        now_unix: u64,
        record: &mut Record,
        observed: &mut Observed,
    ) -> Result<Who, Refusal> {
        let (policy, keys) = (&self.snapshot.policy, &self.snapshot.keys);
        record.container = self.caller.peer.container();
        let admitted = caller::admit(&policy.caller, &keys.tokens, self.caller, &head.headers, observed)?;
        record.caller = admitted.on_record();
        let told = Told { headers: &head.headers, key_set: keys.key_set(), now_unix };
        let actor = access::identify(&policy.access, &policy.engine, told);
        self.note_actor(record, &actor);
        let tenancy = tenant::identify(&policy.credentials, &admitted, &actor, &head.headers);
        record.tenant = tenancy.name().cloned();
        Ok(Who { admitted, actor, tenancy })
    }

    /// The request headers that travel on.
    pub(super) fn headers(
        &self,
        head: &Parts,
        admitted: &Admitted,
        observed: &mut Observed,
    ) -> Result<CleanHeaders, Refusal> {
        let policy = &self.snapshot.policy;
        let scope =
            headers::Scope { method: &head.method, headers: &head.headers, proven: admitted.is_proven() };
        let forwarded = headers::check(&policy.headers, &policy.engine, scope, observed)?;
        for class in forwarded.dropped() {
            self.worker.service.metrics.found(Where::RequestHeader, *class);
        }
        Ok(forwarded)
    }

    /// The target, judged. The record of a refused one has what its path asked for.
    pub(super) fn target(
        &self,
        guard: &TargetGuard<'_>,
        head: &Parts,
        record: &mut Record,
        observed: &mut Observed,
    ) -> Result<CleanTarget, Refusal> {
        // HEAD is GET without the content of the answer (RFC 9110 section 9.3.2), so it is judged as one.
        let method = if head.method == Method::HEAD { &Method::GET } else { &head.method };
        let sent = raw_target(&head.uri)?;
        let target = guard
            .check(method, sent, observed)
            .inspect_err(|_| note::note_asked(record, TargetGuard::asked(method, sent)))?;
        self.note_target(record, &target);
        Ok(target)
    }

    /// What the body is judged by.
    pub(super) fn scope_of_body<'a>(
        &self,
        head: &'a Parts,
        target: &CleanTarget,
        keyed: &Keyed,
    ) -> Scope<'a> {
        let policy = &self.snapshot.policy;
        Scope {
            method: &head.method,
            headers: &head.headers,
            route: target.route_index(),
            purpose: purpose(target),
            patience: Patience { grace: policy.listen.body_timeout, rate_min: policy.listen.body_rate_min },
            phi: policy.compliance.body_mode(keyed.pair().any_test()),
        }
    }
}

/// What the target makes of the body.
fn purpose(target: &CleanTarget) -> Purpose {
    match (target.is_search_by_body(), target.is_batch()) {
        (true, _) => Purpose::Search,
        (_, true) => Purpose::Batch,
        _ => Purpose::Forward,
    }
}

/// The target as it came, less scheme and authority of an absolute form. User information in one is a credential that
/// nobody asked for.
fn raw_target(uri: &http::Uri) -> Result<&str, Refusal> {
    if uri.authority().is_some_and(|authority| authority.as_str().contains('@')) {
        return Err(Code::InvalidTarget.into());
    }
    Ok(uri.path_and_query().map_or("", http::uri::PathAndQuery::as_str))
}
