//! Every labelled case of `tests/data/phi`, three ways: judged by the engine or the guard on targets, scrubbed, and sent
//! through the running guard (or the `scrub` process). The ways agree, and each place keeps to its goal.
//!
//! Owns running and counting. What a case means is in `cases`.

mod cases;

use std::collections::HashSet;

use bytes::Bytes;
use clinik_guard::guards::Observed;
use clinik_guard::guards::target::TargetGuard;
use clinik_guard::phi::echo::Echo;
use clinik_guard::phi::{Engine, KeyClass};
use clinik_guard::policy::Policy;
use clinik_guard::standin::{Behaviour, StandinConfig};
use http::{Method, Request, Uri};
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;

use crate::harness::{Harness, PATIENCE, Setup};
use cases::{Case, Place};

/// No budget ends the run early; everything else is the default.
const POLICY: &str = "limits: {operations: {bulk_per_hour: null}}";

const ERROR_LEAK_GOAL: f64 = 0.01;
const LOG_LEAK_GOAL: f64 = 0.03;

/// One kept-alive connection to the guard, opened anew when the guard closed it.
struct Session<'a> {
    harness: &'a Harness,
    sender: Option<SendRequest<Full<Bytes>>>,
}

impl Session<'_> {
    /// Status, request id and body of the answer.
    async fn send(&mut self, request: Request<Full<Bytes>>) -> (u16, String, String) {
        let exchange = async {
            let answer = self.sender().await.send_request(request).await.expect("an answer from the guard");
            let status = answer.status().as_u16();
            let id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok());
            let id = id.unwrap_or_default().to_owned();
            let body = http_body_util::Limited::new(answer.into_body(), 4 << 20);
            #[expect(clippy::disallowed_methods, reason = "bounded by the line above")]
            let body = body.collect().await.expect("a whole answer").to_bytes();
            (status, id, String::from_utf8(body.into()).expect("answers are UTF-8"))
        };
        tokio::time::timeout(PATIENCE, exchange).await.expect("in time")
    }

    async fn sender(&mut self) -> &mut SendRequest<Full<Bytes>> {
        let open = match &mut self.sender {
            Some(sender) => sender.ready().await.is_ok(),
            None => false,
        };
        if !open {
            let stream = tokio::net::TcpStream::connect(self.harness.address()).await.expect("connected");
            let (sender, connection) = http1::handshake(TokioIo::new(stream)).await.expect("a connection");
            tokio::spawn(connection);
            self.sender = Some(sender);
        }
        self.sender.as_mut().expect("opened above")
    }
}

async fn harness() -> Harness {
    let standin = StandinConfig { plan_per_minute: u32::MAX, ..StandinConfig::default() };
    Harness::start(Setup { policy: POLICY, standin: Some(standin), ..Setup::default() }).await
}

/// Did the guard forward a target? The upstream saw one request then, and nothing otherwise.
async fn is_forwarded(session: &mut Session<'_>, method: &Method, target: &str) -> bool {
    session.harness.standin.clear();
    let refused_with = match target.parse::<Uri>() {
        Ok(uri) => {
            let writes = !matches!(*method, Method::GET | Method::HEAD | Method::DELETE | Method::OPTIONS);
            let mut request = Request::builder().method(method).uri(uri).header("host", "localhost");
            if writes {
                request = request.header("content-type", "application/json");
            }
            let body = if writes { "{}" } else { "" };
            session.send(request.body(Full::from(body)).expect("a well-formed request")).await.0
        }
        // What no client library would send.
        Err(_) => {
            let head = format!("{method} {target} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n");
            let answer = session.harness.raw(head.as_bytes()).await;
            answer.split(' ').nth(1).and_then(|status| status.parse().ok()).expect("a status line")
        }
    };
    match session.harness.standin.request_count() {
        0 => {
            assert!((400..500).contains(&refused_with), "{target}: neither forwarded nor refused");
            false
        }
        1 => true,
        more => panic!("{target}: the upstream saw {more} requests"),
    }
}

/// What the reader of heads settles before the guard sees a target: it refuses what is no URI and an absolute form that
/// differs from `host`, and a fragment ends there.
fn is_decided_by_http(target: &str) -> bool {
    !target.starts_with('/') || target.contains('#') || target.parse::<Uri>().is_err()
}

#[tokio::test(flavor = "multi_thread")]
async fn targets_are_judged_alike_by_the_guard_alone_and_by_the_proxy() {
    let harness = harness().await;
    let policy = Policy::from_str("corpus", POLICY).expect("a policy");
    let guard = TargetGuard { engine: &policy.engine, url: &policy.url, routes: &policy.routes, now_unix: 0 };
    let mut session = Session { harness: &harness, sender: None };
    let (mut hits, mut misses, mut false_alarms, mut clean) = (0u32, 0u32, 0u32, 0u32);
    for case in cases::read(Place::Url) {
        let (method, target) = (case.method(), case.text("target"));
        let judged = if method == Method::HEAD { Method::GET } else { method.clone() };
        let refused = guard.check(&judged, target, &mut Observed::default()).is_err();
        let forwarded = is_forwarded(&mut session, &method, target).await;
        if is_decided_by_http(target) {
            assert!(harness.seen().iter().all(|seen| !seen.target.contains(['#', ' '])), "{}", case.id);
        } else {
            assert_ne!(refused, forwarded, "{}: the proxy and the guard differ", case.id);
        }
        if case.counts() {
            match (case.text("verdict") == "reject", refused) {
                (true, true) => hits += 1,
                (true, false) => misses += 1,
                (false, true) => (clean, false_alarms) = (clean + 1, false_alarms + 1),
                (false, false) => clean += 1,
            }
        }
    }
    let (hits, misses, false_alarms) = (f64::from(hits), f64::from(misses), f64::from(false_alarms));
    assert!(hits >= 500.0 && clean >= 500, "most cases are gone");
    assert!(hits / (hits + misses) >= 0.99, "recall: {misses} of {} missed", hits + misses);
    assert!(hits / (hits + false_alarms) >= 0.99, "precision: {false_alarms} false alarms");
    assert!(false_alarms <= 0.005 * f64::from(clean), "{false_alarms} of {clean} clean targets refused");
    harness.finish().await;
}

/// The request that a scripted error answers: with a body it is a write, so that the guard has something to echo.
fn request_of(case: &Case) -> Request<Full<Bytes>> {
    // What the guard would refuse never reaches the upstream.
    let json =
        case.optional("request_body").filter(|body| body.starts_with(['{', '[']) && cases::is_json(body));
    let request = Request::builder().header("host", "localhost").uri("/v1/patients/pt_1");
    let request = match json {
        Some(body) => request
            .method(Method::PATCH)
            .header("content-type", "application/json")
            .body(Full::from(body.to_owned())),
        None => request.body(Full::default()),
    };
    request.expect("a well-formed request")
}

/// An error that an upstream can send and the guard reads: a success is passed as it came, a spent quota ends the run, and
/// JSON that does not parse never reaches the upstream.
fn travels(case: &Case) -> bool {
    let broken = |body: &str| body.starts_with(['{', '[']) && !cases::is_json(body);
    case.status() >= 400
        && !case.text("body").contains("QUOTA_EXCEEDED")
        && !case.optional("request_body").is_some_and(broken)
}

#[tokio::test(flavor = "multi_thread")]
async fn errors_are_scrubbed_alike_by_the_engine_alone_and_by_the_proxy() {
    let harness = harness().await;
    let engine = Engine::default();
    let mut session = Session { harness: &harness, sender: None };
    let mut tally = Tally::default();
    for case in cases::read(Place::Error) {
        let body = case.text("body");
        let mut echo = Echo::new();
        if let Some(request) = case.optional("request_body") {
            echo.add_body(None, request.as_bytes(), &|_| KeyClass::Unknown);
        }
        let content_type = case.optional("content_type");
        let scrubbed = engine.scrub_body(content_type, body.as_bytes(), &echo).body;
        let scrubbed = String::from_utf8(scrubbed).expect("UTF-8 stays UTF-8");
        tally.count(&case, body, &scrubbed);
        if !travels(&case) {
            continue;
        }
        let headers = content_type.map(|kind| ("content-type".to_owned(), kind.to_owned()));
        harness.script(Behaviour::Answer {
            status: case.status(),
            headers: headers.into_iter().collect(),
            body: body.to_owned().into(),
            coding: None,
        });
        let (status, id, mut copy) = session.send(request_of(&case)).await;
        // An id of the guard's own making is random, and may hold a short secret by chance.
        if !body.contains(&id) {
            copy = copy.replace(&id, "");
        }
        assert!((400..600).contains(&status), "{}: an error came out as {status}", case.id);
        assert!(cases::is_json(&copy), "{}: the client's copy is not JSON", case.id);
        // The proxy knows more of the request and leaves more out: it may hide more, never less.
        let leaks: HashSet<_> = case.survivors(&scrubbed).into_iter().collect();
        for secret in case.survivors(&copy) {
            assert!(leaks.contains(secret), "{}: only the proxy lets a secret through", case.id);
        }
        if case.is_clean() && scrubbed == body && !body.contains("[REDACTED:") {
            assert!(!copy.contains("[REDACTED:"), "{}: only the proxy redacts", case.id);
        }
    }
    tally.keeps_to(ERROR_LEAK_GOAL);
    harness.finish().await;
}

#[test]
fn lines_are_scrubbed_alike_by_the_engine_alone_and_by_the_log_filter() {
    let engine = Engine::default();
    let mut tally = Tally::default();
    let (mut input, mut expected) = (String::new(), String::new());
    for case in cases::read(Place::Log) {
        let line = case.text("line");
        let mut scrubbed = Vec::new();
        engine.scrub_line(line.as_bytes(), &mut scrubbed);
        let scrubbed = String::from_utf8(scrubbed).expect("UTF-8 stays UTF-8");
        tally.count(&case, line, &scrubbed);
        // A case of several lines is several lines to the filter.
        if !line.contains(['\n', '\r']) {
            input.extend([line, "\n"]);
            expected.extend([scrubbed.as_str(), "\n"]);
        }
    }
    let filtered = filter(&input);
    for (number, (got, wanted)) in filtered.lines().zip(expected.lines()).enumerate() {
        assert!(got == wanted, "line {number}: the filter and the engine differ");
    }
    assert_eq!(filtered.len(), expected.len());
    tally.keeps_to(LOG_LEAK_GOAL);
    let (bare, leaked) = (tally.bare, tally.bare_leaked);
    assert!(leaked as f64 <= 0.15 * bare as f64, "{leaked} of {bare} bare names");
}

/// One run of the `scrub` process. Its input is a file, since nobody reads its output while a pipe is filled.
fn filter(input: &str) -> String {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("lines");
    std::fs::write(&path, input).expect("writable");
    let output = std::process::Command::new(env!("CARGO_BIN_EXE_clinik-guard"))
        .arg("scrub")
        .env_remove("CLINIK_GUARD_CONFIG")
        .stdin(std::fs::File::open(&path).expect("readable"))
        .output()
        .expect("the filter runs");
    assert!(output.status.success());
    String::from_utf8(output.stdout).expect("UTF-8 stays UTF-8")
}

/// Counts of one place.
#[derive(Default)]
struct Tally {
    phi: usize,
    leaked: Vec<String>,
    bare: usize,
    bare_leaked: usize,
    clean: usize,
    damaged: Vec<String>,
    broken: Vec<String>,
}

impl Tally {
    fn count(&mut self, case: &Case, before: &str, after: &str) {
        if cases::is_json(before) && !cases::is_json(after) {
            self.broken.push(case.id.clone());
        }
        if !case.counts() {
            return;
        }
        if case.is_clean() {
            self.clean += 1;
            if before != after {
                self.damaged.push(case.id.clone());
            }
            return;
        }
        let leaks = !case.survivors(after).is_empty();
        if case.has_tag("name-none") {
            self.bare += 1;
            self.bare_leaked += usize::from(leaks);
        } else {
            self.phi += 1;
            if leaks {
                self.leaked.push(case.id.clone());
            }
        }
    }

    /// The given bound for leaks, the goals for the rest. Bare names have a goal in log lines only.
    fn keeps_to(&self, leak_max: f64) {
        let share = |part: usize, whole: usize| part as f64 / whole.max(1) as f64;
        assert!(self.phi >= 300 && self.clean >= 300, "most cases are gone");
        assert!(share(self.leaked.len(), self.phi) <= leak_max, "leaks: {:?}", self.leaked);
        assert!(share(self.damaged.len(), self.clean) <= 0.01, "damaged: {:?}", self.damaged);
        assert!(self.broken.is_empty(), "no longer JSON: {:?}", self.broken);
    }
}
