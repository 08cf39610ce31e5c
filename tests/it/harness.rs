//! A guard and a stand-in upstream, wired together, with everything they write captured.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use clinik_guard::app::{App, Options};
use clinik_guard::cli::client::{self, Answer};
use clinik_guard::standin::{Behaviour, STANDIN_KEY, Seen, Standin, StandinConfig};
use http::Request;
use http_body_util::Full;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

/// Invented PHI and the keys in use: whatever a test sends of it, none may be written down.
pub const SEEDS: [&str; 14] = [
    "Marisol",
    "Quintanar",
    "marisol.q@example.org",
    "marisol.q%40example.org",
    "1987-11-23",
    "912-84-6713",
    "MRN-00482917",
    "555-0147",
    "Larkspur",
    "XKH908812745",
    STANDIN_KEY,
    NEXT_KEY,
    "clk_test_north",
    "clk_test_south",
];

pub const NEXT_KEY: &str = "clk_test_standinNext000000000000";

/// Longest wait of any test for anything.
pub const PATIENCE: Duration = Duration::from_secs(20);

static LOGS: Mutex<Vec<u8>> = Mutex::new(Vec::new());

/// A failure on this route makes the log sink panic, with PHI in its payload: a bug in the middle of a request.
pub const PANIC_ROUTE: &str = "/v1/appointments/{id}";

pub fn capture(line: &[u8]) {
    let text = String::from_utf8_lossy(line);
    if text.contains("no answer from ClinikAPI") && text.contains(&format!("\"route\":\"{PANIC_ROUTE}\"")) {
        panic!("Marisol Quintanar 912-84-6713");
    }
    LOGS.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(line);
}

/// Everything logged by any test so far.
pub fn logs() -> String {
    String::from_utf8_lossy(&LOGS.lock().unwrap_or_else(PoisonError::into_inner)).into_owned()
}

pub struct Harness {
    pub standin: Standin,
    pub dir: tempfile::TempDir,
    app: Option<App>,
    address: SocketAddr,
    ops: SocketAddr,
}

/// What differs from a plain guard.
#[derive(Default)]
pub struct Setup {
    /// Further top-level sections of the policy, as YAML.
    pub policy: &'static str,
    /// Further keys of the sections the harness writes itself.
    pub listen: &'static str,
    pub upstream: &'static str,
    pub credentials: &'static str,
    /// No `credentials.current`.
    pub no_current_key: bool,
    /// Replaces the audit section's body.
    pub audit: Option<&'static str>,
    pub standin: Option<StandinConfig>,
    /// Another upstream than the stand-in: its URL and the certificate to trust, PEM.
    pub instead: Option<(String, String)>,
    /// Files to write before the start, by name. `DIR` in the policy is the directory they are in.
    pub files: Vec<(&'static str, String)>,
}

impl Harness {
    pub async fn plain() -> Harness {
        Harness::start(Setup::default()).await
    }

    pub async fn with_policy(policy: &'static str) -> Harness {
        Harness::start(Setup { policy, ..Setup::default() }).await
    }

    pub async fn start(setup: Setup) -> Harness {
        let config = setup.standin.clone().unwrap_or_default();
        let standin = Standin::start(config).await.expect("the stand-in starts");
        Harness::in_front_of(standin, &setup)
    }

    pub fn in_front_of(standin: Standin, setup: &Setup) -> Harness {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let ca_pem = setup.instead.as_ref().map_or(standin.ca_pem(), |(_, ca_pem)| ca_pem);
        std::fs::write(dir.path().join("ca.pem"), ca_pem).expect("writable");
        std::fs::write(dir.path().join("key"), STANDIN_KEY).expect("writable");
        for (name, text) in &setup.files {
            std::fs::write(dir.path().join(name), text).expect("writable");
        }
        let policy = dir.path().join("policy.yaml");
        std::fs::write(&policy, policy_text(&dir, &standin.url(), setup)).expect("writable");
        let options = Options { policy: Some(policy), read_env: |_| None, write_line: capture };
        let app = App::start(&options).unwrap_or_else(|error| panic!("the guard starts: {error}"));
        let address = app.addresses()[0];
        let ops = app.ops_address().expect("the ops port is on");
        Harness { standin, dir, app: Some(app), address, ops }
    }

    pub fn app(&self) -> &App {
        self.app.as_ref().expect("running until finish")
    }

    pub fn address(&self) -> SocketAddr {
        self.address
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.dir.path().join(name)
    }

    pub async fn get(&self, target: &str) -> Answer {
        self.send("GET", target, &[], b"").await
    }

    pub async fn post(&self, target: &str, body: &str) -> Answer {
        self.send("POST", target, &[("content-type", "application/json")], body.as_bytes()).await
    }

    pub async fn send(&self, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) -> Answer {
        let mut request = Request::builder().method(method).uri(target).header("host", "localhost");
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request =
            request.body(Full::new(Bytes::copy_from_slice(body))).expect("a well-formed test request");
        client::send(self.address, request, PATIENCE).await.expect("an answer from the guard")
    }

    /// Sends bytes as they are and reads until the guard closes the connection.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = tokio::net::TcpStream::connect(self.address).await.expect("connected");
        stream.write_all(bytes).await.expect("sent");
        let mut answer = Vec::new();
        tokio::time::timeout(PATIENCE, stream.read_to_end(&mut answer))
            .await
            .expect("in time")
            .expect("read");
        String::from_utf8_lossy(&answer).into_owned()
    }

    pub async fn ops(&self, path: &str) -> (u16, String) {
        let request =
            Request::get(path).header("host", "localhost").body(Full::default()).expect("well-formed");
        let answer = client::send(self.ops, request, PATIENCE).await.expect("an answer from the ops port");
        (answer.status.as_u16(), text(&answer))
    }

    pub async fn metric(&self, series: &str) -> f64 {
        let (_, metrics) = self.ops("/metrics").await;
        let line =
            metrics.lines().find(|line| line.starts_with(series) && line[series.len()..].starts_with(' '));
        line.and_then(|line| line.rsplit(' ').next()?.parse().ok()).unwrap_or(0.0)
    }

    /// Puts a directory where the audit file was: from now on no record can be written.
    pub fn break_audit(&self) {
        std::fs::remove_file(self.path("audit.jsonl")).expect("an audit file");
        std::fs::create_dir(self.path("audit.jsonl")).expect("a directory in its place");
    }

    pub fn audit(&self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.path("audit.jsonl")).unwrap_or_default();
        text.lines()
            .map(|line| serde_json::from_str::<Value>(line).expect("each audit line is JSON"))
            .filter(|line| line["event"] == "exchange")
            .collect()
    }

    /// Waits until the audit trail has this many lines.
    pub async fn audited(&self, count: usize) {
        let wait = async {
            while self.audit().len() < count {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.expect("in time");
    }

    pub fn seen(&self) -> Vec<Seen> {
        self.standin.requests()
    }

    pub fn script(&self, behaviour: Behaviour) {
        self.standin.script(behaviour);
    }

    /// Rewrites the policy file with these sections and has the guard look at it.
    pub async fn rewrite_policy(&self, setup: &Setup) {
        let text = policy_text(&self.dir, &self.standin.url(), setup);
        std::fs::write(self.path("policy.yaml"), text).expect("writable");
        self.app().reload().await;
    }

    /// Ends the guard, which must not take long.
    pub async fn end(&mut self) {
        let app = self.app.take().expect("ended once");
        app.drain().await;
        let joined = tokio::task::spawn_blocking(move || app.join());
        tokio::time::timeout(PATIENCE, joined).await.expect("the guard ends").expect("no panic");
    }

    /// Ends the guard and sweeps what it wrote.
    pub async fn finish(mut self) {
        let (_, metrics) = self.ops("/metrics").await;
        self.end().await;
        let audit = std::fs::read_to_string(self.path("audit.jsonl")).unwrap_or_default();
        let logs = logs();
        for seed in SEEDS {
            assert!(!audit.contains(seed), "seed {seed} in the audit trail");
            assert!(!metrics.contains(seed), "seed {seed} in the metrics");
            assert!(!logs.contains(seed), "seed {seed} in the logs");
        }
    }
}

fn policy_text(dir: &tempfile::TempDir, url: &str, setup: &Setup) -> String {
    let at = |name: &str| dir.path().join(name).display().to_string();
    // Only in what a test wrote: the random name of a directory can have these letters too.
    let here = |text: &str| text.replace("DIR", &dir.path().display().to_string());
    let audit = setup.audit.map_or_else(|| format!("sink: file, file: {}", at("audit.jsonl")), here);
    let url = setup.instead.as_ref().map_or(url, |(url, _)| url);
    let current =
        if setup.no_current_key { String::new() } else { format!("current: {{file: {}}}, ", at("key")) };
    format!(
        "listen: {{addresses: ['127.0.0.1:0'], workers: 1, {}}}\n\
         ops: {{address: '127.0.0.1:0'}}\n\
         upstream: {{url: '{url}', ca_file: {}, {}}}\n\
         credentials: {{{current}{}}}\n\
         audit: {{{audit}}}\n\
         telemetry: {{level: debug}}\n{}\n",
        here(setup.listen),
        at("ca.pem"),
        here(setup.upstream),
        here(setup.credentials),
        here(setup.policy),
    )
}

pub fn text(answer: &Answer) -> String {
    String::from_utf8_lossy(&answer.body).into_owned()
}

pub fn json(answer: &Answer) -> Value {
    serde_json::from_slice(&answer.body).unwrap_or_else(|_| panic!("JSON, not {}", text(answer)))
}

/// The machine code of an error, in either dialect.
pub fn code(answer: &Answer) -> String {
    json(answer)["code"].as_str().unwrap_or_default().to_owned()
}
