//! One exchange from request head to response head, as two functions.
//!
//! [`serve`] never fails: it takes one snapshot of the policy, opens the record, has [`Exchange::answer`] do the work, turns a
//! refusal into a response, and records the result exactly once. [`Exchange::answer`] calls the guards in order with `?`; their
//! order is a security property and stands nowhere else.

use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body::Body;
use hyper::body::Incoming;

use crate::audit::{Ended, Record, Trail};
use crate::contract;
use crate::credentials::Keys;
use crate::forward::{Passes, UpstreamRequest};
use crate::guards::access::Told;
use crate::guards::body::{BodyWatch, Patience, Purpose, Scope};
use crate::guards::caller::Caller;
use crate::guards::opaque::PolicyName;
use crate::guards::rate::{Asker, Limits, QUOTA_PROBE_INTERVAL, SpentQuota};
use crate::guards::repeats::{Attempt, Repeats, Write};
use crate::guards::target::{CleanTarget, TargetGuard};
use crate::guards::tenant::Keyed;
use crate::guards::{Observed, access, body, caller, headers, tenant};
use crate::metrics::{Metrics, Where};
use crate::outcome::{Code, Refusal};
use crate::phi::echo::Echo;
use crate::policy::Policy;
use crate::reply::{self, Dialect};
use crate::response::{self, Aside, CleanResponse, Cleaner, ResponseBody, Room, UpstreamRequestId};
use crate::upstream::{Connector, Upstream, UpstreamBody};

mod count;
mod failure;
mod note;
mod send;

use send::RefusedKeys;

/// Everything of one moment that a request needs; replaced as a whole when the policy or a key changes.
pub struct Snapshot {
    pub policy: Arc<Policy>,
    pub keys: Arc<Keys>,
    pub limits: Arc<Limits>,
    pub connector: Arc<Connector>,
}

/// What all workers share.
pub struct Service {
    snapshot: RwLock<Arc<Snapshot>>,
    pub metrics: Arc<Metrics>,
    pub trail: Arc<Trail>,
    repeats: Arc<Repeats>,
    aside: Aside,
    room: Room,
    in_flight: AtomicUsize,
    refused_keys: RefusedKeys,
    request_id_seed: u64,
    requests: AtomicU64,
}

impl Service {
    pub fn new(
        snapshot: Snapshot,
        metrics: Arc<Metrics>,
        trail: Arc<Trail>,
        request_id_seed: u64,
    ) -> Service {
        show_names(&metrics, &snapshot.policy);
        Service {
            snapshot: RwLock::new(Arc::new(snapshot)),
            metrics,
            trail,
            repeats: Repeats::new(),
            aside: Aside::default(),
            room: Room::default(),
            in_flight: AtomicUsize::new(0),
            refused_keys: RefusedKeys::default(),
            request_id_seed,
            requests: AtomicU64::new(0),
        }
    }

    pub fn snapshot(&self) -> Arc<Snapshot> {
        // A poisoned lock still holds a whole `Arc`: it is only ever replaced.
        Arc::clone(&self.snapshot.read().unwrap_or_else(PoisonError::into_inner))
    }

    pub fn replace(&self, snapshot: Snapshot) {
        show_names(&self.metrics, &snapshot.policy);
        *self.snapshot.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(snapshot);
        self.refused_keys.forget();
    }

    /// Unique in this process, and not to be confused with those of another.
    fn request_id(&self) -> Arc<str> {
        let count = self.requests.fetch_add(1, Ordering::Relaxed);
        let number = self.request_id_seed.wrapping_add(count.wrapping_mul(0x9e37_79b9_7f4a_7c15));
        let mut id = *b"req_0000000000000000";
        if let Some((_, digits)) = id.split_at_mut_checked(4) {
            HEXLOWER.encode_mut(&number.to_be_bytes(), digits);
        }
        std::str::from_utf8(&id).unwrap_or_default().into()
    }
}

/// What the policy names and metrics count.
fn show_names(metrics: &Metrics, policy: &Policy) {
    let glass = policy.access.break_glass.iter();
    let reasons =
        glass.flat_map(|glass| glass.reasons.iter().map(PolicyName::as_str).chain([access::MISUSED]));
    metrics.name(policy.url.exceptions.iter().map(|exception| &exception.name), reasons);
}

/// One worker: what it shares, and the upstream pool it does not.
pub struct Worker {
    pub service: Arc<Service>,
    pub upstream: Arc<Upstream>,
}

/// Answers one request.
pub async fn serve(
    worker: &Worker,
    caller: Caller<'_>,
    request: Request<Incoming>,
) -> Response<ResponseBody> {
    let service = &worker.service;
    let snapshot = service.snapshot();
    let method = method_label(request.method());
    let mut record = Record::open(&service.trail, &service.metrics, service.request_id(), method);
    let dialect = Dialect::of_path(request.uri().path());
    let (head, body) = request.into_parts();
    let has_body = !body.is_end_stream();
    let mut unread = Some(body);
    let exchange = Exchange { worker, snapshot: &snapshot, caller, dialect };
    let mut observed = Observed::default();
    let mut attempt = None;

    let mut result = match InFlight::enter(service, snapshot.policy.listen.requests_in_flight_max.get()) {
        Some(_slot) => {
            let limit = snapshot.policy.listen.exchange_timeout;
            let answered = {
                let answer = exchange.answer(head, &mut unread, &mut record, &mut observed, &mut attempt);
                // Pinned, since moving kilobytes of future from wrapper to wrapper costs more than a guard.
                let answer = std::pin::pin!(answer);
                tokio::time::timeout(limit, failure::caught(answer)).await
            };
            match answered {
                Ok(Some(answered)) => answered,
                Ok(None) => {
                    service.metrics.panics.inc();
                    Err(failure::panicked(&record))
                }
                Err(_) => Err(failure::overdue(&record)),
            }
        }
        None => Err(Code::Overloaded.into()),
    };
    let ended = match &result {
        Ok(_) => Ended::Answered,
        Err(refusal) => Ended::Refused(refusal.code.as_str()),
    };
    let status = match &result {
        Ok(clean) => clean.status(),
        Err(refusal) => refusal.code.status(),
    };
    record.observed = observed.0.iter().map(|refusal| refusal.code.as_str()).collect();
    if record.settle(ended, status.as_u16()).await.is_err() && result.is_ok() {
        result = Err(withheld(record.withheld()));
    }
    let unknown = matches!(&result, Err(refusal) if refusal.code == Code::OutcomeUnknown);
    if let Some(attempt) = attempt.filter(|_| !unknown) {
        attempt.settle();
    }
    exchange.count(&result, &observed, &record);
    match result {
        Ok(clean) => clean.into_response(),
        Err(refusal) => {
            let mut response = reply::refusal(&refusal, dialect, &record.request_id);
            // Behind a tunnel that was asked for may stand what is no HTTP.
            if has_body || refusal.code == Code::MethodNotAllowed {
                // What is left of a refused request must not be taken for the next one.
                response.headers_mut().insert(header::CONNECTION, HeaderValue::from_static("close"));
            }
            response
        }
    }
}

/// Refuses what never became a request: a head that the listener's gate did not let pass.
pub async fn refuse(
    worker: &Worker,
    caller: Caller<'_>,
    method: Option<&Method>,
    dialect: Dialect,
    refusal: Refusal,
) -> Response<ResponseBody> {
    let service = &worker.service;
    let snapshot = service.snapshot();
    let method = method.map_or("OTHER", method_label);
    let mut record = Record::open(&service.trail, &service.metrics, service.request_id(), method);
    // Nothing was read and nothing sent, so a record that cannot be written changes nothing for the client.
    let (ended, status) = (Ended::Refused(refusal.code.as_str()), refusal.code.status().as_u16());
    let _recorded = record.settle(ended, status).await;
    let exchange = Exchange { worker, snapshot: &snapshot, caller, dialect };
    let response = reply::refusal(&refusal, dialect, &record.request_id);
    exchange.count(&Err(refusal), &Observed::default(), &record);
    response
}

/// One request and what it is judged by.
struct Exchange<'a> {
    worker: &'a Worker,
    snapshot: &'a Snapshot,
    caller: Caller<'a>,
    dialect: Dialect,
}

impl Exchange<'_> {
    /// The guards in order, then the upstream, then the way back.
    async fn answer(
        &self,
        head: http::request::Parts,
        unread: &mut Option<Incoming>,
        record: &mut Record,
        observed: &mut Observed,
        attempt: &mut Option<Attempt>,
    ) -> Result<CleanResponse, Refusal> {
        let Snapshot { policy, keys, limits, connector } = self.snapshot;

        record.container = self.caller.peer.container();
        let admitted = caller::admit(&policy.caller, &keys.tokens, self.caller, &head.headers, observed)?;
        record.caller = admitted.on_record();
        // Read before the target is judged, so that the record of a refused one says who asked.
        let now_unix = now_unix();
        let told = Told { headers: &head.headers, key_set: keys.key_set(), now_unix };
        let actor = access::identify(&policy.access, &policy.engine, told);
        self.note_actor(record, &actor);
        let tenancy = tenant::identify(&policy.credentials, &admitted, &actor, &head.headers);
        record.tenant = tenancy.name().cloned();
        let forwarded = headers::check(
            &policy.headers,
            &policy.engine,
            headers::Scope { method: &head.method, headers: &head.headers, proven: admitted.is_proven() },
            observed,
        )?;
        for class in forwarded.dropped() {
            self.worker.service.metrics.found(Where::RequestHeader, *class);
        }
        // HEAD is GET without the content of the answer (RFC 9110 section 9.3.2), so it is judged as one.
        let judged = if head.method == Method::HEAD { &Method::GET } else { &head.method };
        let guard =
            TargetGuard { engine: &policy.engine, url: &policy.url, routes: &policy.routes, now_unix };
        let sent = raw_target(&head.uri)?;
        let target = match guard.check(judged, sent, observed) {
            Ok(target) => target,
            Err(refusal) => {
                note::note_asked(record, TargetGuard::asked(judged, sent));
                return Err(refusal);
            }
        };
        self.note_target(record, &target);
        let access = access::Scope {
            settings: &policy.access,
            actor: &actor,
            require_actor: policy.audit.require_actor,
        };
        let mut authorized = access.authorize(&target, observed)?;
        let keyed = tenancy.keys(keys, &target)?;
        let who = Asker { caller: admitted.caller(), tenant: tenancy.name() };
        let budgeted = limits.admit(who, target.operation(), Instant::now(), observed)?;
        self.worker.service.trail.ready().map_err(|_| withheld(Code::AuditUnavailable))?;
        let scope = self.scope_of_body(&head, &target, &keyed);
        let body = body::bound(&policy.body, scope, unread, observed).await?;
        if target.is_batch() {
            let excepted = guard.batch(body.held().map_or(&[], |held| held), observed).await?;
            self.note_exceptions(record, &excepted);
        }
        let base = connector.settings.base_path.as_str();
        let target = if target.is_search_by_body() {
            let held = body.held().cloned().unwrap_or_default();
            let query = guard.search_by_body(&target, body.content_type(), &held)?;
            authorized = access.authorize_search(authorized, &query, observed)?;
            query
        } else {
            target
        };
        let passes =
            Passes { admitted: &admitted, authorized: &authorized, keyed: &keyed, budgeted: &budgeted };
        let mut upstream_request =
            UpstreamRequest::new(&passes, head.method.clone(), &target, base, forwarded, body)?;
        *attempt = self.attempt(&mut upstream_request, who, observed)?;
        let answer = self.send(&mut upstream_request, record).await?;
        observed.0.append(&mut upstream_request.watch().take_observed());
        self.learn(&answer, who);
        // An error, a redirect or a page is an answer, whatever the client is told of it; a success is one when it is whole.
        if let Some(attempt) = attempt.as_ref().filter(|_| !response::is_success(&answer)) {
            attempt.settle();
        }
        let cleaner = self.cleaner(&head, &target, &upstream_request, record);
        let watch = upstream_request.into_watch();
        let clean = cleaner.clean(answer, move || echo(&keyed, &target, &watch)).await?;
        record.redactions = clean.redactions().total();
        record.redacted = clean.redactions().iter().map(|(class, count)| (class.label(), count)).collect();
        self.learn_spent_quota(&clean, who);
        Ok(clean)
    }

    /// What the body is judged by.
    fn scope_of_body<'a>(
        &self,
        head: &'a http::request::Parts,
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

    /// What the answer is cleaned with.
    fn cleaner<'a>(
        &'a self,
        head: &http::request::Parts,
        target: &CleanTarget,
        request: &UpstreamRequest,
        record: &'a Record,
    ) -> Cleaner<'a> {
        let Snapshot { policy, keys, .. } = self.snapshot;
        Cleaner {
            settings: &policy.scrub,
            engine: &policy.engine,
            keys,
            metrics: &self.worker.service.metrics,
            aside: &self.worker.service.aside,
            room: &self.worker.service.room,
            request_bytes: request.watch().copy_bytes(),
            dialect: self.dialect,
            request_id: &record.request_id,
            upstream_request_id: record.upstream_request_id.as_ref().map(UpstreamRequestId::as_str),
            route: target.route_index(),
            safe: request.is_safe(),
            head: head.method == Method::HEAD,
            conditional: head.headers.contains_key(header::IF_NONE_MATCH),
        }
    }

    /// Refuses the blind repeat of a write whose outcome is unknown.
    fn attempt(
        &self,
        request: &mut UpstreamRequest,
        who: Asker<'_>,
        observed: &mut Observed,
    ) -> Result<Option<Attempt>, Refusal> {
        let body = request.held().filter(|_| !request.is_safe() && !request.is_conditional());
        let Some(body) = body else { return Ok(None) };
        let write = Write {
            caller: who.caller,
            tenant: who.tenant.map_or("", PolicyName::as_str),
            method: request.method(),
            target: request.target().as_str(),
            body,
        };
        let settings = &self.snapshot.policy.repeats;
        let attempt = self.worker.service.repeats.admit(settings, &write, Instant::now(), observed)?;
        request.set_attempt(attempt.clone());
        Ok(attempt)
    }

    /// Keeps what the answer tells of the plan's budgets.
    fn learn(&self, answer: &Response<UpstreamBody>, who: Asker<'_>) {
        let quota = response::quota(answer.headers());
        let metrics = &self.worker.service.metrics;
        let gauges = [
            (&metrics.upstream_ratelimit_remaining, quota.ratelimit_remaining),
            (&metrics.quota_used, quota.used),
            (&metrics.quota_limit, quota.limit),
            (&metrics.quota_overage, quota.overage),
        ];
        for (gauge, value) in gauges {
            if let Some(value) = value {
                gauge.set(value);
            }
        }
        if answer.status() != StatusCode::TOO_MANY_REQUESTS {
            self.snapshot.limits.quota_open(who);
        }
    }

    /// A 429 that names a quota is believed until the quota's reset.
    fn learn_spent_quota(&self, clean: &CleanResponse, who: Asker<'_>) {
        let quota = match clean.error_code() {
            Some("MONTHLY_QUOTA_EXCEEDED") => SpentQuota::Monthly,
            Some("SANDBOX_QUOTA_EXCEEDED") => SpentQuota::Sandbox,
            _ => return,
        };
        // Without a reset that lies ahead the quota is believed for as long as between two probes.
        let reset =
            response::quota_reset(clean.headers(), jiff::Timestamp::now()).unwrap_or(QUOTA_PROBE_INTERVAL);
        self.snapshot.limits.quota_spent(who, quota, reset, Instant::now());
    }
}

/// The values of a request, for removal wherever an answer repeats them.
fn echo(keyed: &Keyed, target: &CleanTarget, watch: &BodyWatch) -> Echo {
    let mut echo = Echo::new();
    for spelling in keyed.pair().iter().flat_map(|key| key.spellings()) {
        echo.add_secret(spelling);
    }
    for (class, value) in target.echo_values() {
        echo.add_value(class, value);
    }
    let route = target.route_index().and_then(|index| contract::routes().get(index));
    watch.with_copy(|content_type, copy, complete| {
        let class_of =
            |path: &str| route.map_or(crate::phi::KeyClass::Unknown, |route| route.body_class(path));
        echo.add_body(content_type, copy, &class_of);
        if !complete {
            echo.mark_incomplete();
        }
    });
    echo
}

/// What becomes of an exchange without a record.
fn withheld(code: Code) -> Refusal {
    Refusal::new(code).about("audit.on_failure")
}

#[expect(clippy::disallowed_methods, reason = "an exchange is where the clock is read, once")]
fn now_unix() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
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

/// One of a closed list, since a method is text from the wire.
fn method_label(method: &Method) -> &'static str {
    const KNOWN: [&str; 9] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "CONNECT"];
    KNOWN.into_iter().find(|known| *known == method.as_str()).unwrap_or("OTHER")
}

/// A place among the requests in flight.
struct InFlight<'a> {
    service: &'a Service,
}

impl<'a> InFlight<'a> {
    fn enter(service: &'a Service, max: usize) -> Option<InFlight<'a>> {
        let before = service.in_flight.fetch_add(1, Ordering::Relaxed);
        service.metrics.requests_in_flight.inc();
        let slot = InFlight { service };
        (before < max).then_some(slot)
    }
}

impl Drop for InFlight<'_> {
    fn drop(&mut self) {
        self.service.in_flight.fetch_sub(1, Ordering::Relaxed);
        self.service.metrics.requests_in_flight.dec();
    }
}
