//! The whole guard against a bare hyper pass-through: same upstream, same load, one run.
//!
//! Starts an upstream over TLS, the guard with either durability, and a proxy of hyper and nothing else, each a process of its
//! own, and asks them for the same answers in turn. Reports CPU time per request and resident memory as the kernel counts
//! them. Rounds alternate, so that a loud neighbour disturbs both; the best round of each counts.

#![expect(clippy::expect_used, reason = "a benchmark that cannot start has nothing to report")]

use std::io::{BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::{Request, Response, Uri, header};
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1 as server;
use hyper::service::service_fn;
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::{Connected, Connection, HttpConnector};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::{TlsAcceptor, TlsConnector};

mod durability;

const ROLE: &str = "CLINIK_GUARD_BENCH_ROLE";
const DIR: &str = "CLINIK_GUARD_BENCH_DIR";
const KEY: &str = "clk_test_bench0000000000000000";
const ROUNDS: usize = 5;
const TARGET: &str = "/v1/observations?patientId=5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21&count=20";

#[expect(clippy::disallowed_methods, reason = "roles are told by the environment")]
fn main() {
    match std::env::var(ROLE).as_deref() {
        Ok("upstream") => run(upstream()),
        Ok("passthrough") => run(passthrough(std::env::var("CLINIK_GUARD_BENCH_UPSTREAM").expect("told"))),
        _ if std::env::args().any(|argument| argument == "durability") => run(durability::compare()),
        _ => run(compare()),
    }
}

fn run(role: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().expect("a runtime");
    runtime.block_on(role);
}

#[expect(clippy::disallowed_methods, reason = "roles are told by the environment")]
fn directory() -> std::path::PathBuf {
    std::env::var_os(DIR).expect("told").into()
}

/// An upstream that answers 2 KB of JSON, 8 MiB of it, or as much of records in a Bundle.
async fn upstream() {
    let dir = directory();
    let chain: Vec<_> = CertificateDer::pem_file_iter(dir.join("leaf.pem"))
        .expect("made")
        .collect::<Result<_, _>>()
        .expect("PEM");
    let key = PrivateKeyDer::from_pem_file(dir.join("leaf.key")).expect("made");
    let config =
        rustls::ServerConfig::builder().with_no_client_auth().with_single_cert(chain, key).expect("valid");
    let acceptor = TlsAcceptor::from(Arc::new(config));
    let small = Bytes::from(format!("{{\"data\":\"{}\"}}", "x".repeat(2036)));
    let large = Bytes::from(format!("{{\"data\":\"{}\"}}", "x".repeat(8 * 1024 * 1024)));
    let bundle = Bytes::from(bundle(8 * 1024 * 1024));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    announce(listener.local_addr().expect("bound"));
    loop {
        let (stream, _) = listener.accept().await.expect("accepted");
        stream.set_nodelay(true).expect("a socket");
        let (acceptor, small, large, bundle) =
            (acceptor.clone(), small.clone(), large.clone(), bundle.clone());
        tokio::spawn(async move {
            let Ok(stream) = acceptor.accept(stream).await else { return };
            let answer = service_fn(move |request: Request<Incoming>| {
                let body = match request.uri().path() {
                    "/v1/documents" => large.clone(),
                    "/v1/fhir/Patient" => bundle.clone(),
                    _ => small.clone(),
                };
                async move {
                    let response = Response::builder().header(header::CONTENT_TYPE, "application/json");
                    response.body(Full::new(body))
                }
            });
            let _ended = server::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), answer)
                .await;
        });
    }
}

/// A searchset of invented patients.
fn bundle(bytes: usize) -> String {
    let mut bundle = String::from("{\"resourceType\":\"Bundle\",\"type\":\"searchset\",\"entry\":[");
    for id in 0.. {
        if bundle.len() > bytes {
            break;
        }
        let comma = if id > 0 { "," } else { "" };
        bundle.push_str(&format!(
            "{comma}{{\"fullUrl\":\"https://example.org/fhir/Patient/p{id}\",\"resource\":{{\"resourceType\":\"Patient\",\"id\":\"p{id}\",\
             \"meta\":{{\"versionId\":\"1\",\"lastUpdated\":\"2026-11-01T08:00:00.000Z\"}},\"active\":true,\
             \"identifier\":[{{\"system\":\"https://example.org/mrn\",\"value\":\"{id}\"}}],\"name\":[{{\"use\":\"official\",\"family\":\"Doe\",\"given\":[\"Jane\",\"Q\"]}}],\
             \"telecom\":[{{\"system\":\"phone\",\"value\":\"555-0147\",\"use\":\"home\"}}],\"gender\":\"unknown\",\"birthDate\":\"1987-11-23\",\
             \"address\":[{{\"line\":[\"4417 Larkspur Bend\"],\"city\":\"Springfield\",\"state\":\"TX\",\"postalCode\":\"00000\"}}]}},\
             \"search\":{{\"mode\":\"match\"}}}}"
        ));
    }
    bundle.push_str("]}");
    bundle
}

/// hyper in front, hyper's own pool behind, TLS to the upstream, nothing looked at.
async fn passthrough(upstream: String) {
    let dir = directory();
    let mut roots = rustls::RootCertStore::empty();
    roots.add(CertificateDer::from_pem_file(dir.join("ca.pem")).expect("made")).expect("valid");
    let config = rustls::ClientConfig::builder().with_root_certificates(roots).with_no_client_auth();
    let client: Client<_, Incoming> =
        Client::builder(TokioExecutor::new()).build(Tls { connector: TlsConnector::from(Arc::new(config)) });
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    announce(listener.local_addr().expect("bound"));
    loop {
        let (stream, _) = listener.accept().await.expect("accepted");
        stream.set_nodelay(true).expect("a socket");
        let (client, upstream) = (client.clone(), upstream.clone());
        tokio::spawn(async move {
            let forward = service_fn(move |mut request: Request<Incoming>| {
                let path = request.uri().path_and_query().map_or("/", |path| path.as_str());
                *request.uri_mut() = format!("https://{upstream}{path}").parse::<Uri>().expect("a target");
                request.headers_mut().remove(header::HOST);
                client.request(request)
            });
            let _ended = server::Builder::new()
                .timer(TokioTimer::new())
                .serve_connection(TokioIo::new(stream), forward)
                .await;
        });
    }
}

#[derive(Clone)]
struct Tls {
    connector: TlsConnector,
}

struct TlsStream(TokioIo<tokio_rustls::client::TlsStream<TcpStream>>);

impl Connection for TlsStream {
    fn connected(&self) -> Connected {
        Connected::new()
    }
}

impl hyper::rt::Read for TlsStream {
    fn poll_read(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buffer: hyper::rt::ReadBufCursor<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_read(cx, buffer)
    }
}

impl hyper::rt::Write for TlsStream {
    fn poll_write(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
        buffer: &[u8],
    ) -> std::task::Poll<std::io::Result<usize>> {
        std::pin::Pin::new(&mut self.0).poll_write(cx, buffer)
    }

    fn poll_flush(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_flush(cx)
    }

    fn poll_shutdown(
        mut self: std::pin::Pin<&mut Self>,
        cx: &mut std::task::Context<'_>,
    ) -> std::task::Poll<std::io::Result<()>> {
        std::pin::Pin::new(&mut self.0).poll_shutdown(cx)
    }
}

impl tower_service::Service<Uri> for Tls {
    type Response = TlsStream;
    type Error = std::io::Error;
    type Future = std::pin::Pin<Box<dyn Future<Output = std::io::Result<TlsStream>> + Send>>;

    fn poll_ready(&mut self, _cx: &mut std::task::Context<'_>) -> std::task::Poll<std::io::Result<()>> {
        std::task::Poll::Ready(Ok(()))
    }

    fn call(&mut self, uri: Uri) -> Self::Future {
        let connector = self.connector.clone();
        Box::pin(async move {
            let mut http = HttpConnector::new();
            http.enforce_http(false);
            http.set_nodelay(true);
            let tcp = http.call(uri).await.map_err(std::io::Error::other)?;
            let name = ServerName::try_from("localhost").map_err(std::io::Error::other)?;
            Ok(TlsStream(TokioIo::new(connector.connect(name, tcp.into_inner()).await?)))
        })
    }
}

fn announce(address: SocketAddr) {
    let mut out = std::io::stdout();
    writeln!(out, "{address}").expect("a parent");
    out.flush().expect("a parent");
}

struct Process {
    child: Child,
    address: SocketAddr,
}

impl Process {
    fn role(role: &str, dir: &Path, upstream: &str) -> Process {
        let mut child = Command::new(std::env::current_exe().expect("this program"))
            .envs([(ROLE, role), ("CLINIK_GUARD_BENCH_UPSTREAM", upstream)])
            .env(DIR, dir)
            .stdout(Stdio::piped())
            .spawn()
            .expect("started");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("announced");
        Process { child, address: line.trim().parse().expect("an address") }
    }

    fn guard(dir: &Path, upstream: SocketAddr, durability: &str) -> Process {
        Process::guard_of(
            Path::new(env!("CARGO_BIN_EXE_clinik-guard")),
            dir,
            durability,
            upstream,
            durability,
        )
    }

    /// A guard of any build; `name` tells its files from those of others.
    fn guard_of(binary: &Path, dir: &Path, name: &str, upstream: SocketAddr, durability: &str) -> Process {
        let port = std::net::TcpListener::bind("127.0.0.1:0")
            .and_then(|free| free.local_addr())
            .expect("a port")
            .port();
        let policy = format!(
            "listen: {{addresses: ['127.0.0.1:{port}'], workers: 1}}\nops: {{address: null}}\n\
             upstream: {{url: 'https://localhost:{}', ca_file: {dir}/ca.pem}}\n\
             audit: {{sink: file, file: {dir}/{name}.jsonl, durability: {durability}}}\ntelemetry: {{level: warn}}\n",
            upstream.port(),
            dir = dir.display(),
        );
        let file = dir.join(format!("{name}.yaml"));
        std::fs::write(&file, policy).expect("writable");
        let child = Command::new(binary)
            .args(["run", "--config"])
            .arg(file)
            .env("CLINIKAPI_SECRET_KEY", KEY)
            .spawn()
            .expect("started");
        let address = SocketAddr::from(([127, 0, 0, 1], port));
        while std::net::TcpStream::connect(address).is_err() {
            std::thread::yield_now();
        }
        Process { child, address }
    }

    /// User and system time so far.
    fn cpu(&self) -> Duration {
        cpu(&self.child.id().to_string())
    }

    fn resident_kib(&self) -> u64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).expect("running");
        let line = status.lines().find(|line| line.starts_with("VmRSS:")).unwrap_or_default();
        line.split_whitespace().nth(1).and_then(|kib| kib.parse().ok()).unwrap_or(0)
    }
}

/// User and system time of a process so far.
fn cpu(process: &str) -> Duration {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat")).expect("running");
    let fields: Vec<&str> = stat.rsplit(')').next().unwrap_or_default().split_whitespace().collect();
    let ticks: u64 = [11, 12].iter().filter_map(|at| fields.get(*at)?.parse::<u64>().ok()).sum();
    Duration::from_millis(ticks * 10)
}

impl Drop for Process {
    fn drop(&mut self) {
        let _ended = self.child.kill().and_then(|()| self.child.wait());
    }
}

#[derive(Clone, Copy)]
struct Measured {
    cpu_us: f64,
    per_second: f64,
}

/// Asks `count` times over `connections` and divides.
async fn load(process: &Process, target: &'static str, count: usize, connections: usize) -> Measured {
    let cpu = process.cpu();
    let started = Instant::now();
    let mut clients = tokio::task::JoinSet::new();
    for _ in 0..connections {
        let address = process.address;
        clients.spawn(async move {
            let stream = TcpStream::connect(address).await.expect("connected");
            stream.set_nodelay(true).expect("a socket");
            let (mut sender, connection) =
                hyper::client::conn::http1::handshake(TokioIo::new(stream)).await.expect("HTTP");
            tokio::spawn(connection);
            for _ in 0..count / connections {
                let request =
                    Request::get(target).header(header::HOST, "localhost").body(Full::<Bytes>::default());
                let response = sender.send_request(request.expect("a request")).await.expect("an answer");
                let mut body = response.into_body();
                while let Some(frame) = body.frame().await {
                    frame.expect("a whole answer");
                }
            }
        });
    }
    while let Some(done) = clients.join_next().await {
        done.expect("no panic");
    }
    let elapsed = started.elapsed().as_secs_f64();
    let asked = f64::from(u32::try_from(count / connections * connections).expect("few"));
    Measured { cpu_us: (process.cpu() - cpu).as_secs_f64() * 1e6 / asked, per_second: asked / elapsed }
}

fn best(rounds: &[Measured]) -> Measured {
    let least = |value: fn(&Measured) -> f64| rounds.iter().map(value).fold(f64::INFINITY, f64::min);
    Measured { cpu_us: least(|m| m.cpu_us), per_second: -least(|m| -m.per_second) }
}

async fn compare() {
    let dir = tempfile::tempdir().expect("a directory");
    certificates(dir.path());
    let upstream = Process::role("upstream", dir.path(), "");
    let address = format!("localhost:{}", upstream.address.port());
    let bare = Process::role("passthrough", dir.path(), &address);
    let guard = Process::guard(dir.path(), upstream.address, "strict");
    let relaxed = Process::guard(dir.path(), upstream.address, "relaxed");
    let idle = (bare.resident_kib(), guard.resident_kib());

    let mut out = std::io::stdout();
    let cases = [
        ("2 KB answer, 50 connections", TARGET, 20_000, 50),
        ("refused: PHI in the URL", "/v1/patients?email=marisol.q%40example.org", 10_000, 50),
        ("8 MiB answer, 4 connections", "/v1/documents", 80, 4),
        ("8 MiB Bundle, 4 connections", "/v1/fhir/Patient?_count=20000", 80, 4),
    ];
    writeln!(
        out,
        "{:32} {:>12} {:>12} {:>7} {:>10} {:>10}",
        "", "bare CPU", "guard CPU", "ratio", "bare/s", "guard/s"
    )
    .expect("a terminal");
    for (name, target, count, connections) in cases {
        let (mut of_bare, mut of_guard) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            of_bare.push(load(&bare, target, count, connections).await);
            of_guard.push(load(&guard, target, count, connections).await);
        }
        let (bare, guard) = (best(&of_bare), best(&of_guard));
        writeln!(
            out,
            "{name:32} {:>9.1} us {:>9.1} us {:>7.2} {:>10.0} {:>10.0}",
            bare.cpu_us,
            guard.cpu_us,
            guard.cpu_us / bare.cpu_us,
            bare.per_second,
            guard.per_second
        )
        .expect("a terminal");
    }
    let (mut of_relaxed, mut of_strict) = (Vec::new(), Vec::new());
    for _ in 0..ROUNDS {
        of_relaxed.push(load(&relaxed, TARGET, 20_000, 50).await);
        of_strict.push(load(&guard, TARGET, 20_000, 50).await);
    }
    let (relaxed, strict) = (best(&of_relaxed), best(&of_strict));
    writeln!(
        out,
        "audit.durability, 2 KB answer: relaxed {:.1} us, {:.0}/s; strict {:.1} us, {:.0}/s, {:.0} % of relaxed",
        relaxed.cpu_us,
        relaxed.per_second,
        strict.cpu_us,
        strict.per_second,
        100.0 * strict.per_second / relaxed.per_second
    )
    .expect("a terminal");
    writeln!(
        out,
        "resident memory: idle {} / {} KiB, after the load {} / {} KiB (bare / guard)",
        idle.0,
        idle.1,
        bare.resident_kib(),
        guard.resident_kib()
    )
    .expect("a terminal");
}

fn certificates(dir: &Path) {
    use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
    let mut authority = CertificateParams::new(Vec::new()).expect("no names");
    authority.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let issuer =
        CertifiedIssuer::self_signed(authority, KeyPair::generate().expect("a key")).expect("signed");
    let leaf_key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(vec!["localhost".to_owned()])
        .expect("a name")
        .signed_by(&leaf_key, &issuer)
        .expect("signed");
    std::fs::write(dir.join("ca.pem"), issuer.pem()).expect("writable");
    std::fs::write(dir.join("leaf.pem"), leaf.pem()).expect("writable");
    std::fs::write(dir.join("leaf.key"), leaf_key.serialize_pem()).expect("writable");
}
