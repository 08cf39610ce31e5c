//! A guard in front of an upstream that keeps every byte it is sent.
//!
//! The upstream has a parser of its own, httparse and a few lines, and believes nothing: what is left of a connection's
//! bytes when its requests are taken out is kept, too, and must be nothing.

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use clinik_guard::app::{App, Options};
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};

use crate::harness::{PATIENCE, capture};

/// What the guard adds, and the app must never see or need.
pub const KEY: &str = "clk_test_wiretap000000000000";

/// A request as the upstream read it.
#[derive(Clone, Debug)]
pub struct Captured {
    /// `METHOD target`.
    pub line: String,
    pub headers: Vec<(String, String)>,
    pub body: Vec<u8>,
}

impl Captured {
    pub fn all(&self, name: &str) -> Vec<&str> {
        self.headers.iter().filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.as_str()).collect()
    }
}

#[derive(Default)]
struct Tape {
    requests: Vec<Captured>,
    /// Every byte, to look for what must not be there.
    bytes: Vec<u8>,
    /// Connections whose bytes were no requests.
    garbled: usize,
    /// What to answer next instead of the usual.
    answers: VecDeque<Reply>,
}

/// What the upstream does with a request instead of the usual.
pub enum Reply {
    /// These bytes, and then the connection ends.
    Bytes(Vec<u8>),
    /// These bytes, and then nothing until the guard goes.
    Silence(Vec<u8>),
}

pub struct Wiretap {
    app: Option<App>,
    address: SocketAddr,
    dir: tempfile::TempDir,
    tape: Arc<Mutex<Tape>>,
    served: usize,
}

impl Wiretap {
    /// A guard with these further sections and keys of `listen`.
    pub async fn start(policy: &str, listen: &str) -> Wiretap {
        let tape = Arc::new(Mutex::new(Tape::default()));
        let upstream = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let port = upstream.local_addr().expect("bound").port();
        tokio::spawn(record(upstream, Arc::clone(&tape)));
        let dir = tempfile::tempdir().expect("a temporary directory");
        let at = |name: &str| dir.path().join(name).display().to_string();
        std::fs::write(at("key"), KEY).expect("writable");
        let text = format!(
            "listen: {{addresses: ['127.0.0.1:0'], workers: 1, {listen}}}\nops: {{address: null}}\n\
             upstream: {{url: 'http://127.0.0.1:{port}', allow_plaintext_loopback: true}}\n\
             credentials: {{current: {{file: {}}}}}\naudit: {{sink: file, file: {}}}\n{policy}\n",
            at("key"),
            at("audit.jsonl"),
        );
        std::fs::write(at("policy.yaml"), text).expect("writable");
        let options =
            Options { policy: Some(dir.path().join("policy.yaml")), read_env: |_| None, write_line: capture };
        let app = App::start(&options).unwrap_or_else(|error| panic!("the guard starts: {error}"));
        let address = app.addresses()[0];
        Wiretap { app: Some(app), address, dir, tape, served: 0 }
    }

    pub async fn connect(&self) -> TcpStream {
        let stream = TcpStream::connect(self.address).await.expect("connected");
        stream.set_nodelay(true).expect("a socket");
        stream
    }

    pub fn app(&self) -> &App {
        self.app.as_ref().expect("running until finish")
    }

    pub async fn wait_for_connections(&self, count: i64) {
        let metrics = &self.app().service().metrics;
        self.wait(|| metrics.connections.get() == count, "connections open").await;
    }

    pub async fn wait_for_requests(&self, count: usize) {
        self.wait(|| self.tape().requests.len() == count, "requests upstream").await;
    }

    async fn wait(&self, so: impl Fn() -> bool, what: &str) {
        let wait = async {
            while !so() {
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, wait).await.unwrap_or_else(|_| panic!("{what}"));
    }

    /// Has the upstream do this with the next request.
    pub fn answer_next(&self, reply: Reply) {
        self.tape().answers.push_back(reply);
    }

    /// Sends bytes and reads until the guard closes the connection.
    pub async fn raw(&self, bytes: &[u8]) -> String {
        let mut stream = self.connect().await;
        stream.write_all(bytes).await.expect("sent");
        until_closed(&mut stream).await
    }

    /// Takes back what was to be answered and was not.
    pub fn forget_answers(&self) {
        self.tape().answers.clear();
    }

    fn tape(&self) -> std::sync::MutexGuard<'_, Tape> {
        self.tape.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The requests that arrived since the last time.
    pub fn take_requests(&self) -> Vec<Captured> {
        std::mem::take(&mut self.tape().requests)
    }

    pub fn garbled(&self) -> usize {
        self.tape().garbled
    }

    pub fn saw(&self, text: &str) -> bool {
        memchr::memmem::find(&self.tape().bytes, text.as_bytes()).is_some()
    }

    /// The audit lines written since the last time.
    pub fn take_audit(&mut self) -> Vec<Value> {
        let text = std::fs::read_to_string(self.dir.path().join("audit.jsonl")).unwrap_or_default();
        let lines: Vec<Value> = text
            .lines()
            .skip(self.served)
            .map(|line| serde_json::from_str(line).expect("each audit line is JSON"))
            .collect();
        self.served += lines.len();
        // The trail has lines of its own besides.
        lines.into_iter().filter(|line| line["outcome"].is_string()).collect()
    }

    /// Waits until so many more lines are written, and takes them.
    pub async fn wait_for_audit(&mut self, count: usize) -> Vec<Value> {
        let mut lines = Vec::new();
        let all = async {
            while lines.len() < count {
                lines.extend(self.take_audit());
                tokio::time::sleep(Duration::from_millis(2)).await;
            }
        };
        tokio::time::timeout(PATIENCE, all).await.expect("the audit lines are written");
        lines
    }

    /// Ends the guard: it must drain, and no thread of it may have panicked.
    pub async fn finish(mut self) {
        let app = self.app.take().expect("finished once");
        app.drain().await;
        let joined = tokio::task::spawn_blocking(move || app.join());
        tokio::time::timeout(PATIENCE, joined).await.expect("the guard ends").expect("no panic");
    }
}

/// What comes until the guard closes the connection.
pub async fn until_closed(stream: &mut TcpStream) -> String {
    let mut came = Vec::new();
    // A reset ends it as well; what came before counts.
    let _end = tokio::time::timeout(PATIENCE, stream.read_to_end(&mut came)).await.expect("the guard closes");
    String::from_utf8_lossy(&came).into_owned()
}

async fn record(listener: TcpListener, tape: Arc<Mutex<Tape>>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(serve(stream, Arc::clone(&tape)));
    }
}

async fn serve(mut stream: TcpStream, tape: Arc<Mutex<Tape>>) {
    let mut unread = Vec::new();
    let mut piece = vec![0; 16 * 1024];
    loop {
        let Ok(n) = stream.read(&mut piece).await else { return };
        tape.lock().unwrap_or_else(PoisonError::into_inner).bytes.extend_from_slice(&piece[..n]);
        unread.extend_from_slice(&piece[..n]);
        loop {
            let taken = take_request(&mut unread);
            let (usual, scripted) = {
                let mut tape = tape.lock().unwrap_or_else(PoisonError::into_inner);
                match taken {
                    Ok(None) => {
                        tape.garbled += usize::from(n == 0 && !unread.is_empty());
                        break;
                    }
                    Err(()) => {
                        tape.garbled += 1;
                        return;
                    }
                    Ok(Some(request)) => {
                        let usual = usual(&request);
                        tape.requests.push(request);
                        (usual, tape.answers.pop_front())
                    }
                }
            };
            let answer = match &scripted {
                None => &usual,
                Some(Reply::Bytes(bytes) | Reply::Silence(bytes)) => bytes,
            };
            if stream.write_all(answer).await.is_err() {
                return;
            }
            match scripted {
                None => {}
                Some(Reply::Bytes(_)) => {
                    let _closed = stream.shutdown().await;
                    return;
                }
                Some(Reply::Silence(_)) => {
                    let _gone = stream.read(&mut piece).await;
                    return;
                }
            }
        }
        if n == 0 {
            return;
        }
    }
}

fn usual(request: &Captured) -> Vec<u8> {
    let status = if request.line.starts_with("POST") { "201 Created" } else { "200 OK" };
    let body = if request.line.starts_with("HEAD") { "" } else { "{\"data\":{}}" };
    format!("HTTP/1.1 {status}\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{body}")
        .into_bytes()
}

/// Takes one whole request off the front, if it is there.
fn take_request(bytes: &mut Vec<u8>) -> Result<Option<Captured>, ()> {
    let mut fields = [httparse::EMPTY_HEADER; 64];
    let mut head = httparse::Request::new(&mut fields);
    let httparse::Status::Complete(length) = head.parse(bytes).map_err(|_| ())? else { return Ok(None) };
    let headers: Vec<(String, String)> = head
        .headers
        .iter()
        .map(|field| (field.name.to_owned(), String::from_utf8_lossy(field.value).into_owned()))
        .collect();
    let line = format!("{} {}", head.method.unwrap_or_default(), head.path.unwrap_or_default());
    let mut captured = Captured { line, headers, body: Vec::new() };
    let chunked = !captured.all("transfer-encoding").is_empty();
    let mut rest = &bytes[length..];
    if chunked {
        loop {
            let Some(end) = memchr::memmem::find(rest, b"\r\n") else { return Ok(None) };
            let size = std::str::from_utf8(&rest[..end]).map_err(|_| ())?;
            let size = usize::from_str_radix(size, 16).map_err(|_| ())?;
            rest = &rest[end + 2..];
            if rest.len() < size + 2 {
                return Ok(None);
            }
            captured.body.extend_from_slice(&rest[..size]);
            if &rest[size..size + 2] != b"\r\n" {
                return Err(());
            }
            rest = &rest[size + 2..];
            if size == 0 {
                break;
            }
        }
    } else {
        let length =
            captured.all("content-length").first().map_or(Ok(0), |text| text.parse()).map_err(|_| ())?;
        if rest.len() < length {
            return Ok(None);
        }
        captured.body.extend_from_slice(&rest[..length]);
        rest = &rest[length..];
    }
    let left = rest.to_vec();
    *bytes = left;
    Ok(Some(captured))
}
