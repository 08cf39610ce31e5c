//! The ops port: probes and metrics, read only, on a listener of its own.
//!
//! `/livez` answers while the process runs, `/readyz` when a policy is loaded and a key is present, `/metrics` in the
//! Prometheus text format. Readiness does not ask the upstream: one outage there must not take every pod out of
//! service. Shows no secret and no configuration, since every process of the pod can read it.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use bytes::Bytes;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use tokio::task::AbortHandle;

use crate::exchange::Service;

pub mod settings;

/// Probes and scrapers need few connections, and are quick: one more takes the place of the oldest, so that nobody who only
/// connects keeps the probes out.
const CONNECTIONS_MAX: usize = 64;
const HEADER_TIMEOUT: Duration = Duration::from_secs(5);
const CONNECTION_TIMEOUT: Duration = Duration::from_secs(10);

/// Serves until dropped. `draining` turns readiness off.
pub async fn serve(listener: TcpListener, service: Arc<Service>, draining: Arc<AtomicBool>) {
    let mut open: VecDeque<AbortHandle> = VecDeque::with_capacity(CONNECTIONS_MAX);
    loop {
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        open.retain(|connection| !connection.is_finished());
        if open.len() >= CONNECTIONS_MAX
            && let Some(oldest) = open.pop_front()
        {
            oldest.abort();
        }
        let service = Arc::clone(&service);
        let draining = Arc::clone(&draining);
        let connection = tokio::spawn(async move {
            let answer = service_fn(|request: Request<Incoming>| {
                let response = answer(&request, &service, &draining);
                async move { Ok::<_, Infallible>(response) }
            });
            let connection = http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(HEADER_TIMEOUT)
                .keep_alive(false)
                .serve_connection(TokioIo::new(stream), answer);
            // One answer each, in bounded time: nobody can keep the probes out by not reading.
            let _ended = tokio::time::timeout(CONNECTION_TIMEOUT, connection).await;
        });
        open.push_back(connection.abort_handle());
        // Whoever has asked already is answered before the next one can take the place.
        tokio::task::yield_now().await;
    }
}

fn answer(request: &Request<Incoming>, service: &Service, draining: &AtomicBool) -> Response<Full<Bytes>> {
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return text(StatusCode::METHOD_NOT_ALLOWED, "only GET\n");
    }
    match request.uri().path() {
        "/livez" => text(StatusCode::OK, "ok\n"),
        "/readyz" => match not_ready(service, draining) {
            None => text(StatusCode::OK, "ok\n"),
            Some(reason) => text(StatusCode::SERVICE_UNAVAILABLE, format!("{reason}\n")),
        },
        "/metrics" => {
            let snapshot = service.snapshot();
            if let Some(oldest) = snapshot.keys.preferred().map(|key| key.since()).min() {
                service.metrics.key_age.set(oldest.elapsed().as_secs_f64());
            }
            let mut response = Response::new(Full::new(Bytes::from(service.metrics.render())));
            let kind = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
            response.headers_mut().insert(header::CONTENT_TYPE, kind);
            response
        }
        _ => text(StatusCode::NOT_FOUND, "one of /livez, /readyz, /metrics\n"),
    }
}

fn not_ready(service: &Service, draining: &AtomicBool) -> Option<&'static str> {
    if draining.load(Ordering::Relaxed) {
        return Some("draining");
    }
    let snapshot = service.snapshot();
    let lacking = snapshot.keys.lacking(snapshot.policy.callers());
    lacking.or_else(|| (!service.trail.healthy()).then_some("the audit sink cannot be written"))
}

fn text(status: StatusCode, body: impl Into<Bytes>) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(body.into()));
    *response.status_mut() = status;
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    response
}
