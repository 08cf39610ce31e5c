//! Lines on their way to a collector that is away, slow, refuses, or loses its answers.

use std::convert::Infallible;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bytes::Bytes;
use http::{Request, Response, StatusCode};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::Mutex as AsyncMutex;

use crate::crash::Site;
use crate::harness::PATIENCE;
use crate::ship::{self, end, until};

/// What the collector does with a request.
#[derive(Clone, Copy)]
enum Mood {
    Takes,
    /// 503.
    Busy,
    /// 401.
    Refuses,
    /// Keeps the records and breaks the connection.
    LosesAnswer,
}

struct Collector {
    address: std::net::SocketAddr,
    mood: Arc<Mutex<Mood>>,
    asked: Arc<AtomicUsize>,
    /// Requests in the order they came.
    got: Arc<Mutex<Vec<Value>>>,
}

impl Collector {
    async fn start() -> Collector {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let (mood, asked) = (Arc::new(Mutex::new(Mood::Takes)), Arc::new(AtomicUsize::new(0)));
        let got = Arc::new(Mutex::new(Vec::new()));
        let collector =
            Collector { address, mood: Arc::clone(&mood), asked: Arc::clone(&asked), got: Arc::clone(&got) };
        tokio::spawn(async move {
            loop {
                let (stream, _) = listener.accept().await.unwrap();
                let (mood, asked, got) = (Arc::clone(&mood), Arc::clone(&asked), Arc::clone(&got));
                tokio::spawn(async move {
                    let answer = service_fn(|request| answer(request, &mood, &asked, &got));
                    let _broken = http1::Builder::new().serve_connection(TokioIo::new(stream), answer).await;
                });
            }
        });
        collector
    }

    fn set(&self, mood: Mood) {
        *self.mood.lock().unwrap() = mood;
        self.asked.store(0, Ordering::Relaxed);
    }

    /// Number and line of every record, in the order they came.
    fn records(&self) -> Vec<(u64, String)> {
        let got = self.got.lock().unwrap();
        let mut records = Vec::new();
        for request in got.iter() {
            for record in request["resourceLogs"][0]["scopeLogs"][0]["logRecords"].as_array().unwrap() {
                let attribute = |name: &str| {
                    let all = record["attributes"].as_array().unwrap();
                    all.iter().find(|one| one["key"] == name).unwrap()["value"].clone()
                };
                let line = record["body"]["stringValue"].as_str().unwrap().to_owned();
                let read: Value = serde_json::from_str(&line).unwrap();
                let seq: u64 = attribute("audit.seq")["intValue"].as_str().unwrap().parse().unwrap();
                assert_eq!(read["seq"].as_u64(), Some(seq));
                assert_eq!(read["hash"], attribute("audit.hash")["stringValue"]);
                assert_eq!(attribute("audit.chain")["stringValue"].as_str().unwrap().len(), 12);
                let time: jiff::Timestamp = read["time"].as_str().unwrap().parse().unwrap();
                assert_eq!(record["timeUnixNano"], time.as_nanosecond().to_string());
                assert!(
                    record["severityNumber"] == 9
                        && record["eventName"].as_str().unwrap().starts_with("clinik_guard.audit.")
                );
                records.push((seq, line));
            }
        }
        records
    }
}

async fn answer(
    request: Request<Incoming>,
    mood: &Mutex<Mood>,
    asked: &AtomicUsize,
    got: &Mutex<Vec<Value>>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    assert_eq!((request.method().as_str(), request.uri().path()), ("POST", "/v1/logs"));
    assert_eq!(request.headers()["content-type"], "application/json");
    assert_eq!(request.headers()["authorization"], "Bearer of-the-collector");
    let mut body = request.into_body();
    let mut content = Vec::new();
    while let Some(frame) = body.frame().await {
        content.extend_from_slice(&frame.unwrap().into_data().unwrap());
    }
    asked.fetch_add(1, Ordering::Relaxed);
    let mood = *mood.lock().unwrap();
    let status = match mood {
        Mood::Busy => StatusCode::SERVICE_UNAVAILABLE,
        Mood::Refuses => StatusCode::UNAUTHORIZED,
        Mood::Takes | Mood::LosesAnswer => {
            got.lock().unwrap().push(serde_json::from_slice(&content).unwrap());
            if matches!(mood, Mood::LosesAnswer) {
                // The connection goes down with the task.
                panic!("an answer is lost, as the test wants");
            }
            StatusCode::OK
        }
    };
    Ok(Response::builder().status(status).body(Full::from(r#"{"partialSuccess":{}}"#)).unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_line_comes_in_order_through_outages_and_restarts() {
    let collector = Collector::start().await;
    let audit = format!(
        "rotate: {{size: 8KiB}}, otlp: {{endpoint: 'http://{}', headers_file: DIR/headers}}",
        collector.address
    );
    let site = Site::new(&audit).await;
    std::fs::write(site.dir.path().join("headers"), "Authorization: Bearer of-the-collector\n").unwrap();
    let acknowledged = Arc::new(AsyncMutex::new(Vec::new()));
    let mut guard = site.start();
    ship::ask(&site, 30, &acknowledged).await;
    until(|| async { !collector.records().is_empty() }).await;
    for mood in [Mood::Busy, Mood::Refuses, Mood::LosesAnswer] {
        collector.set(mood);
        ship::ask(&site, 30, &acknowledged).await;
        until(|| async { collector.asked.load(Ordering::Relaxed) > 0 }).await;
    }
    guard.kill().unwrap();
    guard.wait().unwrap();
    collector.set(Mood::Takes);
    let guard = site.start();
    ship::ask(&site, 30, &acknowledged).await;
    end(guard);

    // What stands in the files, in that order, with nothing left out; what came twice is the same.
    let trail = site.dir.path().join("audit.jsonl");
    let files = clinik_guard::audit::verify::segments(&trail).unwrap();
    let lines: Vec<String> = files
        .iter()
        .flat_map(|file| {
            std::fs::read_to_string(file).unwrap().lines().map(str::to_owned).collect::<Vec<_>>()
        })
        .collect();
    let mut came: Vec<String> = Vec::new();
    let mut last = 0;
    let mut doubles = 0;
    for (seq, line) in collector.records() {
        if seq > last {
            assert_eq!(seq, last + 1, "in order");
            came.push(line);
            last = seq;
        } else {
            doubles += 1;
            assert_eq!(came[usize::try_from(seq).unwrap() - 1], line);
        }
    }
    assert_eq!(came, lines);
    assert!(doubles > 0 && acknowledged.lock().await.len() >= 150);
    tokio::time::timeout(PATIENCE, site.standin.shutdown()).await.unwrap();
}
