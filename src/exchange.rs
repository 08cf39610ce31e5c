//! One exchange from request head to response head, as two functions.
//!
//! [`serve`] never fails: it takes one snapshot of the policy, opens the record, has [`Exchange::answer`] do the work, turns a
//! refusal into a response, and records the result exactly once. [`Exchange::answer`] calls the guards in order with `?`; their
//! order is a security property and stands nowhere else.

use std::io;
use std::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use data_encoding::HEXLOWER;
use http::{HeaderValue, Method, Request, Response, header};
use http_body::Body;
use hyper::body::Incoming;

use crate::audit::{Ended, Record, Trail};
use crate::credentials::Keys;
use crate::forward::{Passes, UpstreamRequest};
use crate::guards::caller::Caller;
use crate::guards::opaque::PolicyName;
use crate::guards::rate::{Asker, Limits};
use crate::guards::repeats::{Attempt, Repeats, Write};
use crate::guards::target::TargetGuard;
use crate::guards::{Observed, access, body};
use crate::metrics::Metrics;
use crate::outcome::{Code, Refusal};
use crate::policy::Policy;
use crate::reply::{self, Dialect};
use crate::response::{self, Aside, CleanResponse, ResponseBody, Room};
use crate::upstream::{Connector, Upstream};

mod clean;
mod count;
mod failure;
mod guards;
mod note;
mod send;

use clean::echo;
use guards::Who;
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
    ) -> io::Result<Service> {
        show_names(&metrics, &snapshot.policy);
        Ok(Service {
            snapshot: RwLock::new(Arc::new(snapshot)),
            metrics,
            trail,
            repeats: Repeats::new(),
            aside: Aside::new()?,
            room: Room::default(),
            in_flight: AtomicUsize::new(0),
            refused_keys: RefusedKeys::default(),
            request_id_seed,
            requests: AtomicU64::new(0),
        })
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
        let now_unix = now_unix();

        let Who { admitted, actor, tenancy } = self.who(&head, now_unix, record, observed)?;
        let asker = Asker { caller: admitted.caller(), tenant: tenancy.name() };
        let forwarded = self.headers(&head, &admitted, observed)?;
        let guard =
            TargetGuard { engine: &policy.engine, url: &policy.url, routes: &policy.routes, now_unix };
        let target = self.target(&guard, &head, record, observed)?;
        let access = access::Scope {
            settings: &policy.access,
            actor: &actor,
            require_actor: policy.audit.require_actor,
        };
        let mut authorized = access.authorize(&target, observed)?;
        let keyed = tenancy.keys(keys, &target)?;
        // After the target, so that a refused request spends nothing.
        let budgeted = limits.admit(asker, target.operation(), Instant::now(), observed)?;
        self.worker.service.trail.ready().map_err(|_| withheld(Code::AuditUnavailable))?;
        let scope = self.scope_of_body(&head, &target, &keyed);
        let body = body::bound(&policy.body, scope, unread, observed).await?;
        if target.is_batch() {
            let excepted = guard.batch(body.held().map_or(&[], |held| held), observed).await?;
            self.note_exceptions(record, &excepted);
        }
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
        let base = connector.settings.base_path.as_str();
        let mut request = UpstreamRequest::new(&passes, head.method.clone(), &target, base, forwarded, body)?;
        *attempt = self.attempt(&mut request, asker, observed)?;
        let answer = self.send(&mut request, record).await?;

        observed.0.append(&mut request.watch().take_observed());
        self.learn_budgets(&answer, asker);
        // An error, a redirect or a page is an answer, whatever the client is told of it; a success is one when it is whole.
        if let Some(attempt) = attempt.as_ref().filter(|_| !response::is_success(&answer)) {
            attempt.settle();
        }
        let cleaner = self.cleaner(&head, &target, &request, record);
        let watch = request.into_watch();
        let clean = cleaner.clean(answer, move || echo(&keyed, &target, &watch)).await?;
        note::note_redactions(record, &clean);
        self.learn_spent_quota(&clean, asker);
        Ok(clean)
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
}

/// What becomes of an exchange without a record.
fn withheld(code: Code) -> Refusal {
    Refusal::new(code).about("audit.on_failure")
}

#[expect(clippy::disallowed_methods, reason = "an exchange is where the clock is read, once")]
fn now_unix() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |since| since.as_secs())
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
