//! `kill -9` at any moment: what a client was answered is on record, once, and the trail is whole.

use std::collections::HashMap;
use std::path::Path;
use std::process::{Child, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use clinik_guard::standin::{STANDIN_KEY, Standin, StandinConfig};
use tokio::sync::Mutex;

use crate::commands::{free_port, guard, output};
use crate::harness::PATIENCE;

/// How often the guard is killed; `CLINIK_GUARD_CRASH_RUNS` sets a few thousand.
const RUNS: usize = 12;
const CLIENTS: usize = 8;

#[expect(clippy::disallowed_methods, reason = "a longer run is asked for from outside")]
fn runs() -> usize {
    std::env::var("CLINIK_GUARD_CRASH_RUNS").ok().and_then(|runs| runs.parse().ok()).unwrap_or(RUNS)
}

/// A guard that can be started again on the same files.
pub struct Site {
    pub standin: Standin,
    pub dir: tempfile::TempDir,
    pub address: std::net::SocketAddr,
    pub ops: std::net::SocketAddr,
}

impl Site {
    /// `audit` are further keys of the section; `DIR` in them is the directory.
    pub async fn new(audit: &str) -> Site {
        let standin = Standin::start(StandinConfig::default()).await.unwrap();
        let dir = tempfile::tempdir().unwrap();
        let (port, ops) = (free_port(), free_port());
        let at = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(at("ca.pem"), standin.ca_pem()).unwrap();
        let policy = format!(
            "listen: {{addresses: ['127.0.0.1:{port}']}}\nops: {{address: '127.0.0.1:{ops}'}}\n\
             upstream: {{url: '{}', ca_file: {}}}\nlimits: {{mode: off}}\n\
             audit: {{sink: file, file: {}, {audit}}}\n",
            standin.url(),
            at("ca.pem"),
            at("audit.jsonl"),
            audit = audit.replace("DIR", &dir.path().display().to_string()),
        );
        std::fs::write(at("policy.yaml"), policy).unwrap();
        Site { address: ([127, 0, 0, 1], port).into(), ops: ([127, 0, 0, 1], ops).into(), standin, dir }
    }

    pub fn start(&self) -> Child {
        let child = guard(&["run", "--config", self.dir.path().join("policy.yaml").to_str().unwrap()])
            .env("CLINIKAPI_SECRET_KEY", STANDIN_KEY)
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let ops = self.ops.to_string();
        assert!(output(&["healthcheck", "--wait", "15", "--address", &ops], b"").status.success());
        child
    }

    fn verify(&self) -> std::process::Output {
        output(&["audit", "verify", self.dir.path().join("audit.jsonl").to_str().unwrap()], b"")
    }

    /// How often each request id stands in the trail in this directory.
    pub fn recorded(dir: &Path) -> HashMap<String, usize> {
        let trail = dir.join("audit.jsonl");
        let mut counts = HashMap::new();
        for segment in clinik_guard::audit::verify::segments(&trail).unwrap() {
            for line in std::fs::read_to_string(segment).unwrap().lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                // An answer that came from the upstream carries its id, a refusal ours.
                for id in
                    ["request_id", "upstream_request_id"].into_iter().filter_map(|name| line[name].as_str())
                {
                    *counts.entry(id.to_owned()).or_default() += 1;
                }
            }
        }
        counts
    }
}

/// Asks until nobody answers; notes what was answered.
pub async fn client(
    address: std::net::SocketAddr,
    acknowledged: Arc<Mutex<Vec<String>>>,
    count: Arc<AtomicUsize>,
) {
    while ask_once(address, &acknowledged).await {
        count.fetch_add(1, Ordering::Relaxed);
    }
}

/// One exchange, to its end; false if there was no answer.
pub async fn ask_once(address: std::net::SocketAddr, acknowledged: &Mutex<Vec<String>>) -> bool {
    let request = http::Request::get("/v1/patients?count=1")
        .header("host", "localhost")
        .body(http_body_util::Full::default())
        .unwrap();
    let Ok(answer) = clinik_guard::cli::client::send(address, request, PATIENCE).await else { return false };
    let id = answer.headers["x-request-id"].to_str().unwrap().to_owned();
    acknowledged.lock().await.push(id);
    true
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_acknowledged_is_on_record_once_after_any_kill() {
    let runs = runs();
    let site = Site::new("durability: strict, rotate: {size: 64KiB}").await;
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    for run in 0..runs {
        let mut guard = site.start();
        let count = Arc::new(AtomicUsize::new(0));
        let clients: Vec<_> = (0..CLIENTS)
            .map(|_| tokio::spawn(client(site.address, Arc::clone(&acknowledged), Arc::clone(&count))))
            .collect();
        // A different moment each time, from the first answer on.
        let moment = 1 + (run * 37) % 101;
        let reached = async {
            while count.load(Ordering::Relaxed) < moment {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, reached).await.unwrap();
        guard.kill().unwrap();
        guard.wait().unwrap();
        for client in clients {
            client.await.unwrap();
        }
    }
    let recorded = Site::recorded(site.dir.path());
    let acknowledged = acknowledged.lock().await;
    assert!(acknowledged.len() >= runs);
    for id in acknowledged.iter() {
        assert_eq!(recorded.get(id), Some(&1), "an answered exchange");
    }
    let verdict = site.verify();
    assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stdout));
    site.standin.shutdown().await;
}
