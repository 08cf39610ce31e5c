//! One request: recorded, then answered by a queued behaviour, by an example, or by the stand-in's own work.

use std::io;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use bytes::{Bytes, BytesMut};
use http::{HeaderMap, Method, Request, Response, Version, header};
use http_body_util::BodyExt;
use hyper::body::Incoming;
use serde_json::{Map, Value, json};

use super::answer::{Answer, Script};
use super::behaviour::{self, Behaviour};
use super::call::{Call, Plus, decode, error, pairs};
use super::clock::Moment;
use super::limits::Budget;
use super::recorder::Seen;
use super::wire::Tamper;
use super::{Held, Shared, api, bulk, clock, examples, fhir, ids, limits, resources};

/// Asks for an example by its id, on any route and without a key.
pub const EXAMPLE_HEADER: &str = "x-standin-example";
/// An id in a path that begins so asks for the example named by the rest.
pub const EXAMPLE_ID_PREFIX: &str = "standin-";

/// A top-level field of a JSON body that does the same, for requests that have no id in their path.
pub const EXAMPLE_FIELD: &str = "standinExample";

/// What the service knows of its connection.
pub(crate) struct Connection {
    pub(crate) number: u64,
    pub(crate) tamper: Arc<Tamper>,
}

pub(crate) async fn handle(
    shared: Arc<Shared>,
    connection: Arc<Connection>,
    req: Request<Incoming>,
) -> io::Result<Response<Script>> {
    let (head, body) = req.into_parts();
    let number = shared.recorder.begin(seen(&connection, &head));
    let behaviour = shared.next_behaviour();
    match behaviour {
        Some(Behaviour::CloseBeforeBody) => return Err(io::ErrorKind::ConnectionAborted.into()),
        Some(Behaviour::NeverRead) => return never(body).await,
        _ => {}
    }
    let (body, length) = match collect(body, shared.config.body_bytes_max).await {
        Ok(collected) => collected,
        Err(part) => {
            shared.recorder.end(number, &part, part.len() as u64, false);
            return Err(io::ErrorKind::ConnectionAborted.into());
        }
    };
    shared.recorder.end(number, &body, length, true);

    let exchange = Exchange { shared: &shared, head: &head, body, length };
    let delay = shared.config.latency;
    if !delay.is_zero() {
        tokio::time::sleep(delay).await;
    }
    match behaviour {
        None => Ok(exchange.answer().into_response()),
        Some(behaviour) => exchange.behave(behaviour, &connection.tamper).await,
    }
}

async fn never(body: Incoming) -> io::Result<Response<Script>> {
    // Kept, so that hyper neither reads on nor sees the body dropped.
    let _body = body;
    std::future::pending().await
}

fn seen(connection: &Connection, head: &http::request::Parts) -> Seen {
    let authority = head.uri.authority().map(ToString::to_string);
    let host = || head.headers.get(header::HOST)?.to_str().ok().map(str::to_owned);
    Seen {
        connection: connection.number,
        version: head.version,
        method: head.method.as_str().to_owned(),
        target: target(head),
        authority: authority.or_else(host).unwrap_or_default(),
        headers: head.headers.clone(),
        body: Bytes::new(),
        body_length: 0,
        complete: false,
    }
}

/// Path and query as sent; in HTTP/2 the rest of the URI is pseudo-headers. An absolute form of HTTP/1 stays whole.
fn target(head: &http::request::Parts) -> String {
    if head.version == Version::HTTP_2 {
        return head.uri.path_and_query().map(ToString::to_string).unwrap_or_default();
    }
    head.uri.to_string()
}

/// The body up to `max`, and its whole length. `Err` holds what came before the client went away.
async fn collect(mut body: Incoming, max: usize) -> Result<(Bytes, u64), Bytes> {
    let (mut kept, mut length) = (BytesMut::new(), 0);
    while let Some(frame) = body.frame().await {
        let Ok(frame) = frame else { return Err(kept.freeze()) };
        if let Ok(data) = frame.into_data() {
            length += data.len() as u64;
            let room = max - kept.len();
            kept.extend_from_slice(&data[..data.len().min(room)]);
        }
    }
    Ok((kept.freeze(), length))
}

struct Exchange<'a> {
    shared: &'a Shared,
    head: &'a http::request::Parts,
    body: Bytes,
    length: u64,
}

impl Exchange<'_> {
    async fn behave(&self, behaviour: Behaviour, tamper: &Tamper) -> io::Result<Response<Script>> {
        let http1 = self.head.version != Version::HTTP_2;
        let answer = match behaviour {
            Behaviour::Answer { status, headers, body, coding } => {
                behaviour::coded(status, headers, body, coding)
            }
            Behaviour::Example(id) => behaviour::example(&id),
            Behaviour::Delay(time) => {
                tokio::time::sleep(time).await;
                self.answer()
            }
            Behaviour::CloseMidBody { status } => behaviour::close_mid_body(status),
            Behaviour::TruncatedBody { status } => behaviour::truncated_body(status),
            Behaviour::HangMidBody { status } => behaviour::hang_mid_body(status),
            Behaviour::SlowBody { status, pause } => behaviour::slow_body(status, pause),
            Behaviour::Large { status, bytes } => behaviour::large(status, bytes),
            Behaviour::Redirect => behaviour::redirect(),
            Behaviour::EchoRequest => self.echo(),
            Behaviour::NeverAnswer => return std::future::pending().await,
            Behaviour::Trailers if !http1 => behaviour::trailers_http2(),
            Behaviour::EarlyHints => {
                if http1 {
                    tamper.before(behaviour::early_hints());
                }
                self.answer()
            }
            Behaviour::Trailers if http1 => last_words(tamper, behaviour::trailers_http1()),
            Behaviour::GarbageAnswer if http1 => last_words(tamper, Bytes::from_static(behaviour::GARBAGE)),
            Behaviour::Raw(bytes) if http1 => last_words(tamper, bytes),
            // Of the rest, HTTP/2 shows a reset stream, HTTP/1 a closed connection.
            Behaviour::CloseBeforeAnswer
            | Behaviour::CloseBeforeBody
            | Behaviour::NeverRead
            | Behaviour::ResetOnConnect
            | Behaviour::StallOnConnect
            | Behaviour::Trailers
            | Behaviour::GarbageAnswer
            | Behaviour::Raw(_) => return Err(io::ErrorKind::ConnectionAborted.into()),
        };
        Ok(answer.into_response())
    }

    /// What the API would answer.
    fn answer(&self) -> Answer {
        let path: Vec<String> =
            self.head.uri.path().split('/').skip(1).map(|segment| decode(segment, Plus::IsPlus)).collect();
        if let Some(id) = self.asked_example(&path) {
            return behaviour::example(&id);
        }
        let moment = clock::now();
        let reading = matches!(self.head.method, Method::GET | Method::HEAD);
        match path.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
            ["health"] if reading => {
                return Answer::json(200, &json!({"status": "ok", "timestamp": moment.iso()}));
            }
            ["v1", "metadata"] if reading => return Answer::fhir(200, &fhir::capability_statement()),
            _ => {}
        }
        let request_id = ids::request_id();
        let mut answer = self
            .admitted(&request_id, moment)
            .map(|(organisation, budget)| {
                let worked = self.work(path, &request_id, moment, &budget, organisation);
                let mut answer = limits_headers(worked, &budget);
                answer.headers.push(("x-timestamp".to_owned(), moment.iso()));
                answer
            })
            .unwrap_or_else(|refused| refused);
        answer.headers.push(("x-request-id".to_owned(), request_id));
        answer
    }

    fn asked_example(&self, path: &[String]) -> Option<String> {
        let by_header = self.head.headers.get(EXAMPLE_HEADER).and_then(|value| value.to_str().ok());
        let by_path = || {
            let mut ids = path.iter().filter_map(|segment| segment.strip_prefix(EXAMPLE_ID_PREFIX));
            ids.find(|id| examples::find(id).is_some())
        };
        let by_config = || self.shared.config.example.clone();
        by_header.or_else(by_path).map(str::to_owned).or_else(|| self.example_field()).or_else(by_config)
    }

    fn example_field(&self) -> Option<String> {
        // Bodies are parsed for this only if they hold the word.
        memchr::memmem::find(&self.body, EXAMPLE_FIELD.as_bytes())?;
        let value: Value = serde_json::from_slice(&self.body).ok()?;
        Some(value.get(EXAMPLE_FIELD)?.as_str()?.to_owned())
    }

    /// Method override, key, scope and limits, in the API's order. Says whose records are meant.
    fn admitted(&self, request_id: &str, moment: Moment) -> Result<(usize, Budget), Answer> {
        const OVERRIDES: [&str; 3] = ["x-http-method-override", "x-http-method", "x-method-override"];
        if OVERRIDES.iter().any(|name| self.head.headers.contains_key(*name)) {
            let message = "HTTP method override headers are not supported";
            let code = Some("METHOD_OVERRIDE_REJECTED");
            return Err(error(400, "Bad Request", message, code, request_id));
        }
        let key = self.key(request_id)?;
        let config = &self.shared.config;
        if api::is_write(&self.head.method) && config.read_only_keys.contains(&key) {
            let message = "This key does not have the write scope";
            return Err(error(403, "Forbidden", message, None, request_id));
        }
        let mut limits = self.shared.limits.lock().unwrap_or_else(PoisonError::into_inner);
        let (spent, budget) = limits.take(key.starts_with("clk_test_"), moment);
        match limits::refusal(&spent, &budget, request_id) {
            Some(refused) => Err(limits_headers(refused, &budget).header("x-timestamp", moment.iso())),
            None => Ok(((config.organisation)(&key), budget)),
        }
    }

    fn key(&self, request_id: &str) -> Result<String, Answer> {
        let unauthorized = |message: &str, code| error(401, "Unauthorized", message, Some(code), request_id);
        let mut values = self.head.headers.get_all("x-api-key").iter();
        let Some(value) = values.next() else {
            return Err(unauthorized("Missing x-api-key header", "UNAUTHORIZED"));
        };
        let key = value.to_str().unwrap_or_default();
        let formed = key.starts_with("clk_live_") || key.starts_with("clk_test_");
        if !formed || values.next().is_some() {
            let mut message = "API key must match clk_live_* or clk_test_*".to_owned();
            if self.shared.config.careless {
                message.push_str(&format!(", got {key}"));
            }
            return Err(unauthorized(&message, "INVALID_KEY_FORMAT"));
        }
        let keys = self.shared.keys.read().unwrap_or_else(PoisonError::into_inner);
        if keys.accepted.iter().any(|accepted| accepted == key) {
            return Ok(key.to_owned());
        }
        if keys.retired.iter().any(|retired| retired == key) {
            return Err(unauthorized("API key has been revoked", "KEY_REVOKED"));
        }
        Err(unauthorized("API key not found", "INVALID_KEY"))
    }

    fn work(
        &self,
        path: Vec<String>,
        request_id: &str,
        moment: Moment,
        budget: &Budget,
        organisation: usize,
    ) -> Answer {
        if self.length > self.body.len() as u64 {
            return Answer::json(413, &json!({"message": "Request Entity Too Large"}));
        }
        let raw_query = self.head.uri.query().unwrap_or_default();
        let call = Call {
            method: self.head.method.clone(),
            path: path.into_iter().skip(1).collect(),
            query: pairs(raw_query),
            raw_query: raw_query.to_owned(),
            body: self.body.clone(),
            request_id: request_id.to_owned(),
            moment,
            budget: budget.clone(),
            careless: self.shared.config.careless,
        };
        let mut held = self.shared.held.lock().unwrap_or_else(PoisonError::into_inner);
        let Held { store, jobs } = held.entry(organisation).or_default();
        let below_v1 = self.head.uri.path().starts_with("/v1/");
        match call.path.first().map(String::as_str) {
            Some("fhir") if below_v1 => fhir::answer(&call, store),
            Some("bulk") if below_v1 => {
                let mut limits = self.shared.limits.lock().unwrap_or_else(PoisonError::into_inner);
                bulk::answer(&call, &mut limits, jobs, store)
            }
            Some(name) if below_v1 => match resources::find(name) {
                Some(resource) => api::answer(&call, resource, store),
                None => call.not_found("Route"),
            },
            _ => call.not_found("Route"),
        }
    }

    fn echo(&self) -> Answer {
        let body = match serde_json::from_slice::<Value>(&self.body) {
            Ok(value) => value,
            Err(_) => Value::String(String::from_utf8_lossy(&self.body).into_owned()),
        };
        Answer::json(
            400,
            &json!({
                "error": "Bad Request",
                "message": format!("Cannot process {} {}", self.head.method, self.head.uri),
                "code": "BAD_REQUEST",
                "request": {
                    "method": self.head.method.as_str(),
                    "target": target(self.head),
                    "headers": header_map(&self.head.headers),
                    "body": body,
                },
            }),
        )
    }
}

fn header_map(headers: &HeaderMap) -> Map<String, Value> {
    headers
        .iter()
        .map(|(name, value)| (name.to_string(), json!(String::from_utf8_lossy(value.as_bytes()))))
        .collect()
}

fn limits_headers(mut answer: Answer, budget: &Budget) -> Answer {
    answer.headers.extend(budget.headers.iter().cloned());
    answer
}

/// Sends `bytes` in place of the answer. The empty answer makes hyper write something and then close.
fn last_words(tamper: &Tamper, bytes: Bytes) -> Answer {
    tamper.instead(bytes);
    Answer::new(200).header("connection", "close")
}

impl Shared {
    /// The next behaviour that concerns a request.
    fn next_behaviour(&self) -> Option<Behaviour> {
        // Most requests find the queue empty; the count spares them the lock.
        if self.queued.load(Ordering::Acquire) == 0 {
            return None;
        }
        self.take_behaviour(|behaviour| !behaviour.concerns_connection())
    }
}
