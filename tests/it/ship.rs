//! Segments on their way to an S3-compatible server (moto), through lost answers, outages and kills.

use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};

use bytes::Bytes;
use clinik_guard::cli::client::{self, Answer};
use http::{Method, Request};
use http_body_util::Full;
use regex::Regex;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Mutex;

use crate::commands::{free_port, output};
use crate::crash::{self, Site};
use crate::harness::PATIENCE;

/// The server, and a place in front of it where the way can be cut.
struct Bucket {
    server: Child,
    address: SocketAddr,
    way: SocketAddr,
    cut: Arc<AtomicU8>,
    heads: Heads,
}

/// The beginning of each request that went through; a connection has one.
type Heads = Arc<std::sync::Mutex<Vec<String>>>;

/// The server wants to be told who asks, and believes it.
const SOMEBODY: &str = "AWS4-HMAC-SHA256 Credential=testing/20261122/us-east-1/s3/aws4_request, SignedHeaders=host, \
                        Signature=none";

/// What becomes of a connection to the server.
const OPEN: u8 = 0;
/// Nobody answers.
const CLOSED: u8 = 1;
/// The server gets the request, the guard no answer.
const ANSWER_LOST: u8 = 2;

impl Bucket {
    async fn start() -> Bucket {
        let port = free_port();
        let server = Command::new(concat!(env!("CARGO_MANIFEST_DIR"), "/scripts/s3.sh"))
            .arg(port.to_string())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        // The first time it is installed.
        let limit = std::time::Duration::from_secs(300);
        let up = async {
            while TcpStream::connect(address).await.is_err() {
                tokio::task::yield_now().await;
            }
        };
        tokio::time::timeout(limit, up).await.expect("the S3 server starts; `make setup` installs it");
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let (way, cut) = (listener.local_addr().unwrap(), Arc::new(AtomicU8::new(OPEN)));
        let heads = Heads::default();
        tokio::spawn(carry(listener, address, Arc::clone(&cut), Arc::clone(&heads)));
        let bucket = Bucket { server, address, way, cut, heads };
        bucket.ask(Method::PUT, "/trail", &[("x-amz-bucket-object-lock-enabled", "true")]).await;
        bucket
    }

    fn set(&self, cut: u8) {
        self.cut.store(cut, Ordering::Relaxed);
    }

    async fn ask(&self, method: Method, target: &str, headers: &[(&str, &str)]) -> Answer {
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", "localhost")
            .header("authorization", SOMEBODY);
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let answer = client::send(self.address, request.body(Full::<Bytes>::default()).unwrap(), PATIENCE)
            .await
            .unwrap();
        assert!(answer.status.is_success(), "{target}: {}", answer.status);
        answer
    }

    /// Names of all versions of all objects.
    async fn versions(&self) -> Vec<String> {
        let listed = self.ask(Method::GET, "/trail?versions", &[]).await;
        let text = String::from_utf8(listed.body.to_vec()).unwrap();
        let key = Regex::new("<Version>.*?<Key>([^<]+)</Key>").unwrap();
        key.captures_iter(&text.replace('\n', "")).map(|found| found[1].to_owned()).collect()
    }

    /// Everything there is, in one directory.
    async fn fetch(&self, into: &Path) {
        for key in self.versions().await {
            let object = self.ask(Method::GET, &format!("/trail/{key}"), &[]).await;
            std::fs::write(into.join(key.rsplit('/').next().unwrap()), object.body).unwrap();
        }
    }

    fn audit(&self, more: &str) -> String {
        format!(
            "rotate: {{size: 4KiB}}, signing_key_file: DIR/key.pem, ship: {{url: 's3://trail/clinic', \
             endpoint: 'http://{}', region: us-east-1, credentials_file: DIR/credentials, {more}}}",
            self.way
        )
    }
}

impl Drop for Bucket {
    fn drop(&mut self) {
        let _ended = self.server.kill().and_then(|()| self.server.wait());
    }
}

async fn carry(listener: TcpListener, server: SocketAddr, cut: Arc<AtomicU8>, heads: Heads) {
    loop {
        let Ok((mut near, _)) = listener.accept().await else { return };
        let how = cut.load(Ordering::Relaxed);
        if how == CLOSED {
            continue;
        }
        let heads = Arc::clone(&heads);
        tokio::spawn(async move {
            let mut head = vec![0; 4096];
            let read = near.peek(&mut head).await.unwrap_or(0);
            heads.lock().unwrap().push(String::from_utf8_lossy(&head[..read]).to_ascii_lowercase());
            let mut far = TcpStream::connect(server).await.unwrap();
            if how == OPEN {
                let _closed = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                return;
            }
            let (mut from_near, mut to_far) = (near, far);
            let mut buffer = vec![0; 64 * 1024];
            let mut answer = [0];
            loop {
                tokio::select! {
                    read = from_near.read(&mut buffer) => match read {
                        Ok(0) | Err(_) => return,
                        Ok(bytes) => to_far.write_all(&buffer[..bytes]).await.unwrap(),
                    },
                    // The server has done its part by the first byte of its answer; nobody hears of it.
                    _ = to_far.peek(&mut answer) => return,
                }
            }
        });
    }
}

fn write_keys(site: &Site) {
    let key = rcgen::KeyPair::generate_for(&rcgen::PKCS_ED25519).unwrap();
    std::fs::write(site.dir.path().join("key.pem"), key.serialize_pem()).unwrap();
    let credentials = "AWS_ACCESS_KEY_ID=testing\nAWS_SECRET_ACCESS_KEY=testing\n";
    std::fs::write(site.dir.path().join("credentials"), credentials).unwrap();
}

/// Asks so often, and notes what was answered.
pub async fn ask(site: &Site, times: usize, acknowledged: &Arc<Mutex<Vec<String>>>) {
    for _ in 0..times {
        assert!(crash::ask_once(site.address, acknowledged).await, "an answer");
    }
}

pub async fn until<F: Future<Output = bool>>(condition: impl Fn() -> F) {
    let reached = async {
        while !condition().await {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, reached).await.expect("in time");
}

async fn metric(site: &Site, name: &str) -> f64 {
    let request =
        Request::get("/metrics").header("host", "localhost").body(Full::<Bytes>::default()).unwrap();
    let Ok(answer) = client::send(site.ops, request, PATIENCE).await else { return 0.0 };
    let text = String::from_utf8(answer.body.to_vec()).unwrap();
    let values =
        text.lines().filter(|line| line.starts_with(name)).filter_map(|line| line.rsplit(' ').next());
    values.filter_map(|value| value.parse::<f64>().ok()).sum()
}

pub fn end(mut guard: Child) {
    let asked = Command::new("kill").args(["-s", "TERM", &guard.id().to_string()]).status().unwrap();
    assert!(asked.success());
    assert!(guard.wait().unwrap().success());
}

#[tokio::test(flavor = "multi_thread")]
async fn every_segment_arrives_once_through_outages_lost_answers_and_kills() {
    let bucket = Bucket::start().await;
    let site = Site::new(&bucket.audit("object_lock: {mode: governance}, keep_local: false")).await;
    write_keys(&site);
    let acknowledged = Arc::new(Mutex::new(Vec::new()));

    let mut guard = site.start();
    ask(&site, 40, &acknowledged).await;
    until(|| async { metric(&site, "clinik_guard_audit_shipped_total").await >= 1.0 }).await;
    // Nobody there, and killed with a full spool.
    bucket.set(CLOSED);
    ask(&site, 40, &acknowledged).await;
    until(|| async { metric(&site, "clinik_guard_audit_ship_failures_total").await >= 1.0 }).await;
    until(|| async { metric(&site, "clinik_guard_audit_spool_bytes").await > 4096.0 }).await;
    assert!(metric(&site, "clinik_guard_audit_spool_oldest_timestamp_seconds").await > 1e9);
    guard.kill().unwrap();
    guard.wait().unwrap();
    // What was sent is not known to have been sent; killed again.
    bucket.set(ANSWER_LOST);
    let mut guard = site.start();
    ask(&site, 40, &acknowledged).await;
    until(|| async { metric(&site, "clinik_guard_audit_ship_failures_total").await >= 1.0 }).await;
    guard.kill().unwrap();
    guard.wait().unwrap();
    bucket.set(OPEN);
    let guard = site.start();
    ask(&site, 40, &acknowledged).await;
    end(guard);

    let there = tempfile::tempdir().unwrap();
    bucket.fetch(there.path()).await;
    let recorded = Site::recorded(there.path());
    let acknowledged = acknowledged.lock().await;
    assert!(acknowledged.len() >= 160);
    for id in acknowledged.iter() {
        assert_eq!(recorded.get(id), Some(&1), "an answered exchange");
    }
    let trail = there.path().join("audit.jsonl").display().to_string();
    let key = std::fs::read_dir(there.path())
        .unwrap()
        .map(|entry| entry.unwrap().path().display().to_string())
        .find(|name| name.ends_with(".pub.pem"))
        .expect("the public key is there");
    let verdict = output(&["audit", "verify", &trail, "--key", &key], b"");
    assert!(verdict.status.success(), "{}", String::from_utf8_lossy(&verdict.stdout));
    // Nothing twice, nothing left here, nothing that could be deleted.
    let mut segments: Vec<_> =
        bucket.versions().await.into_iter().filter(|name| name.ends_with(".jsonl")).collect();
    let all = segments.len();
    segments.sort();
    segments.dedup();
    assert!(all > 20 && segments.len() == all, "{} of {all}", segments.len());
    let object = format!("/trail/{}", segments[0]);
    let locked = bucket.ask(Method::HEAD, &object, &[]).await.headers;
    assert_eq!(locked["x-amz-object-lock-mode"], "GOVERNANCE");
    let until: jiff::Timestamp =
        locked["x-amz-object-lock-retain-until-date"].to_str().unwrap().parse().unwrap();
    assert!(until.duration_since(jiff::Timestamp::now()).as_hours() > 6 * 365 * 24 - 24);
    let left = std::fs::read_dir(site.dir.path())
        .unwrap()
        .filter_map(|entry| entry.unwrap().file_name().into_string().ok());
    assert_eq!(left.filter(|name| name.starts_with("audit-")).collect::<Vec<_>>(), Vec::<String>::new());

    // A segment that is gone there shows, the last one too, by the checkpoint that names it.
    let last = segments.last().unwrap().rsplit('/').next().unwrap();
    std::fs::remove_file(there.path().join(last)).unwrap();
    let verdict = output(&["audit", "verify", &trail, "--key", &key], b"");
    assert!(
        !verdict.status.success()
            && String::from_utf8(verdict.stdout).unwrap().contains("is known to have been written")
    );
    site.standin.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_spool_refuses_until_it_is_empty_again() {
    let bucket = Bucket::start().await;
    bucket.set(CLOSED);
    let site = Site::new(&bucket.audit("spool_bytes_max: 1MiB")).await;
    write_keys(&site);
    let big = site.dir.path().join("audit-0123456789ab-000001.jsonl");
    std::fs::write(&big, vec![b'\n'; (1 << 20) + 1]).unwrap();
    let policy = site.dir.path().join("policy.yaml").display().to_string();
    let guard = crate::commands::guard(&["run", "--config", &policy])
        .env("CLINIKAPI_SECRET_KEY", clinik_guard::standin::STANDIN_KEY)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let ready = || async {
        let request =
            Request::get("/readyz").header("host", "localhost").body(Full::<Bytes>::default()).unwrap();
        client::send(site.ops, request, PATIENCE).await.ok().map(|answer| answer.status.as_u16())
    };
    until(|| async { ready().await == Some(503) }).await;
    let request =
        Request::get("/v1/patients?count=1").header("host", "localhost").body(Full::default()).unwrap();
    let refused = client::send(site.address, request, PATIENCE).await.unwrap();
    assert_eq!(refused.status, 503);
    assert_eq!(crate::harness::code(&refused), "AUDIT_UNAVAILABLE");
    bucket.set(OPEN);
    until(|| async { ready().await == Some(200) }).await;
    assert!(big.exists(), "keep_local is the default");
    end(guard);
    site.standin.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_segment_from_before_arrives_in_parts_once_and_locked() {
    let bucket = Bucket::start().await;
    let site = Site::new(&bucket.audit("object_lock: {mode: governance}")).await;
    write_keys(&site);
    let long = site.dir.path().join("audit-0123456789ab-000001.jsonl");
    let text = [b"a line\n".repeat(10_000_000), b"the last\n".to_vec()].concat();
    std::fs::write(&long, &text).unwrap();
    let shipped = || async { metric(&site, "clinik_guard_audit_shipped_total").await >= 1.0 };
    let mark = site.dir.path().join("audit-0123456789ab-000001.jsonl.shipped");
    for _ in 0..2 {
        let guard = site.start();
        until(shipped).await;
        end(guard);
        // A restart that does not know what was sent.
        std::fs::remove_file(&mark).unwrap();
    }
    let there: Vec<_> =
        bucket.versions().await.into_iter().filter(|name| name.contains("-0123456789ab-")).collect();
    assert_eq!(there.len(), 1, "{there:?}");
    // The second guard has compared it whole.
    let object = bucket.ask(Method::HEAD, &format!("/trail/{}", there[0]), &[]).await;
    assert_eq!(object.headers["content-length"], text.len().to_string());
    // S3 takes the lock of such an object when its upload begins; moto forgets it.
    let heads = bucket.heads.lock().unwrap().clone();
    let locked = |head: &&String| head.contains("\r\nx-amz-object-lock-mode: governance\r\n");
    let begun = heads.iter().find(|head| head.starts_with("post") && head.contains("?uploads")).unwrap();
    assert!(locked(&begun) && begun.contains("\r\nx-amz-object-lock-retain-until-date: "));
    let parts: Vec<_> = heads.iter().filter(|head| head.contains("partnumber=")).collect();
    assert!(parts.len() == 5 && !parts.iter().any(locked));
    site.standin.shutdown().await;
}
