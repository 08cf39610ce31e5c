//! Every way an upstream can fail, stage by stage: what a read and a write are told, one audit line each, nothing of
//! the upstream's words passed on, and no harm to others.

use std::time::Duration;

use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Harness, PATIENCE, SEEDS, Setup, code, text};
use crate::rogue::{Authority, EMPTY_SEARCH, Rogue, Step, server_tls};

use Step::{Close, Drip, Flood, Handshake, Hang, ReadHead, ReadHello, ReadRequest, Reset, Send};

type Told = (u16, &'static str);

const UNREACHABLE: Told = (502, "UPSTREAM_UNREACHABLE");
const INVALID: Told = (502, "UPSTREAM_INVALID");
const LATE: Told = (504, "UPSTREAM_TIMEOUT");
const UNKNOWN: Told = (409, "OUTCOME_UNKNOWN");

/// Where the connection stands when the fault comes, the fault, and what a read and a write are told.
struct Fault {
    name: &'static str,
    steps: Vec<Step>,
    read: Told,
    write: Told,
}

fn fault(name: &'static str, steps: impl IntoIterator<Item = Step>, read: Told, write: Told) -> Fault {
    Fault { name, steps: steps.into_iter().collect(), read, write }
}

fn say(text: &str) -> Step {
    Send(text.as_bytes().to_vec())
}

/// A whole request was read; then this is said, and the connection ends so.
fn answers(name: &'static str, said: &str, end: Step, read: Told, write: Told) -> Fault {
    fault(name, [Handshake, ReadRequest, say(said), end], read, write)
}

const PHI: &str = "Marisol Quintanar 912-84-6713";

fn before_a_request() -> Vec<Fault> {
    vec![
        fault("reset at accept", [Reset], UNREACHABLE, UNREACHABLE),
        fault("close at accept", [Close], UNREACHABLE, UNREACHABLE),
        fault("silence at accept", [Hang], UNREACHABLE, UNREACHABLE),
        fault("reset in the handshake", [ReadHello, Reset], UNREACHABLE, UNREACHABLE),
        fault("close in the handshake", [ReadHello, Close], UNREACHABLE, UNREACHABLE),
        fault("silence in the handshake", [ReadHello, Hang], UNREACHABLE, UNREACHABLE),
        fault(
            "plain HTTP for TLS",
            [ReadHello, say("HTTP/1.1 400 Bad Request\r\n\r\n"), Hang],
            UNREACHABLE,
            UNREACHABLE,
        ),
        fault("noise for TLS", [ReadHello, say(PHI), Close], UNREACHABLE, UNREACHABLE),
    ]
}

fn before_an_answer() -> Vec<Fault> {
    vec![
        fault("silence after the handshake", [Handshake, Hang], LATE, UNKNOWN),
        fault("reset after the head", [Handshake, ReadHead, Reset], UNREACHABLE, UNKNOWN),
        fault("close after the head", [Handshake, ReadHead, Close], UNREACHABLE, UNKNOWN),
        fault("silence after the head", [Handshake, ReadHead, Hang], LATE, UNKNOWN),
        fault("reset after the request", [Handshake, ReadRequest, Reset], UNREACHABLE, UNKNOWN),
        fault("close after the request", [Handshake, ReadRequest, Close], UNREACHABLE, UNKNOWN),
        fault("silence after the request", [Handshake, ReadRequest, Hang], LATE, UNKNOWN),
    ]
}

fn in_the_head_of_an_answer() -> Vec<Fault> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\nx-name: Marisol";
    let slow = Drip(b"HTTP/1.1 200 OK\r\nx: ".repeat(40), Duration::from_millis(20));
    let huge = format!("HTTP/1.1 200 OK\r\nx-name: {}\r\n\r\n", "Marisol".repeat(20_000));
    let many = format!("HTTP/1.1 200 OK\r\n{}\r\n", "x-name: Marisol\r\n".repeat(500));
    vec![
        answers("half a head, then close", head, Close, UNREACHABLE, UNKNOWN),
        answers("half a head, then reset", head, Reset, UNREACHABLE, UNKNOWN),
        answers("half a head, then silence", head, Hang, LATE, UNKNOWN),
        fault("a head byte by byte", [Handshake, ReadRequest, slow, Hang], LATE, UNKNOWN),
        answers("a head too large", &huge, Hang, INVALID, UNKNOWN),
        answers("too many headers", &many, Hang, INVALID, UNKNOWN),
        answers("noise", "Marisol Quintanar\r\n\r\n", Close, INVALID, UNKNOWN),
        answers("a status that is none", "HTTP/1.1 99 Marisol\r\n\r\n", Close, INVALID, UNKNOWN),
        answers(
            "a redirect",
            "HTTP/1.1 302 Found\r\nlocation: https://elsewhere.example/Marisol\r\ncontent-length: 0\r\n\r\n",
            Hang,
            INVALID,
            UNKNOWN,
        ),
        answers(
            "another protocol",
            "HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n",
            Hang,
            INVALID,
            UNKNOWN,
        ),
        answers(
            "two lengths",
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{} ",
            Hang,
            INVALID,
            UNKNOWN,
        ),
        answers(
            "a length that is none",
            "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: -2\r\n\r\n{}",
            Hang,
            INVALID,
            UNKNOWN,
        ),
        fault(
            "interim answers without end",
            [Handshake, ReadRequest, Flood(b"HTTP/1.1 103 Early Hints\r\nlink: Marisol\r\n\r\n".to_vec())],
            LATE,
            UNKNOWN,
        ),
    ]
}

/// A success that breaks off. The client of a read has its head already and sees the connection end; the answer to a write
/// is not begun before it is whole.
fn in_the_body_of_an_answer() -> Vec<Fault> {
    let head = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n";
    let half = format!("{head}content-length: 100\r\n\r\n{{\"data\":[");
    let chunk = format!("{head}transfer-encoding: chunked\r\n\r\n9\r\n{{\"data\":[\r\n");
    vec![
        answers("half a body, then close", &half, Close, BROKEN, UNKNOWN),
        answers("half a body, then reset", &half, Reset, BROKEN, UNKNOWN),
        answers("half a body, then silence", &half, Hang, BROKEN, UNKNOWN),
        answers("no last chunk", &chunk, Close, BROKEN, UNKNOWN),
        answers("a chunk that is none", &format!("{chunk}zz\r\n"), Hang, INVALID, UNKNOWN),
        answers(
            "half a JSON text, whole by its length",
            &format!("{head}content-length: 9\r\n\r\n{{\"data\":["),
            Hang,
            (200, ""),
            UNKNOWN,
        ),
        answers(
            "a success without a body",
            &format!("{head}content-length: 0\r\n\r\n"),
            Hang,
            INVALID,
            UNKNOWN,
        ),
        answers(
            "a success that is a page",
            "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 7\r\n\r\nMarisol",
            Hang,
            INVALID,
            UNKNOWN,
        ),
        answers(
            "a length too long for its body",
            &format!("{head}content-length: 12\r\n\r\n{{\"data\":[]}}"),
            Close,
            BROKEN,
            UNKNOWN,
        ),
    ]
}

/// The head of a success, and a connection that ends before its body does.
const BROKEN: Told = (200, "broken off");

struct Scene {
    rogue: Rogue,
    harness: Harness,
    /// A client that stays connected through every fault.
    bystander: TcpStream,
    audited: usize,
}

/// Short enough for the faults that are waited out.
const IMPATIENT: &str =
    "connect_timeout: 300ms, response_timeout: 300ms, body_idle_timeout: 300ms, pool: {idle_max: 0}";

impl Scene {
    async fn start(upstream: &'static str) -> Scene {
        let authority = Authority::new("synthetic root");
        let rogue = Rogue::start(server_tls(&authority.server(), None)).await;
        let setup = Setup { instead: Some((rogue.url(), authority.pem())), upstream, ..Setup::default() };
        let harness = Harness::start(setup).await;
        let bystander = TcpStream::connect(harness.address()).await.unwrap();
        Scene { rogue, harness, bystander, audited: 0 }
    }

    async fn suffers(&mut self, fault: &Fault) {
        let head = "content-type: application/json\r\nhost: localhost\r\nconnection: close\r\n";
        // Each write another one: the same again would not be sent.
        let body = format!("{{\"firstName\":\"Marisol\",\"note\":{}}}", self.audited);
        let read = format!("GET /v1/patients?count=1 HTTP/1.1\r\n{head}\r\n");
        let write =
            format!("POST /v1/patients HTTP/1.1\r\ncontent-length: {}\r\n{head}\r\n{body}", body.len());
        for (request, told) in [(read, fault.read), (write, fault.write)] {
            self.rogue.script(fault.steps.clone());
            let raw = self.harness.raw(request.as_bytes()).await;
            assert_eq!(told_by(&raw), (told.0, told.1.to_owned()), "{}: {raw}", fault.name);
            for seed in SEEDS {
                assert!(!raw.contains(seed), "{}: {seed} in {raw}", fault.name);
            }
            self.audited(fault.name, told).await;
        }
        self.bystander_is_well(fault.name).await;
    }

    /// The one line that belongs to the last request.
    async fn audited(&mut self, name: &str, told: Told) {
        let lines = self.harness.audit();
        assert_eq!(lines.len(), self.audited + 1, "{name}: one line");
        self.audited = lines.len();
        let line = &lines[self.audited - 1];
        assert_eq!(line["status"], told.0, "{name}: {line}");
        if told.0 != 200 {
            assert_eq!(line["reason"], told.1, "{name}: {line}");
        }
    }

    async fn bystander_is_well(&mut self, name: &str) {
        self.bystander
            .write_all(b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n\r\n")
            .await
            .unwrap();
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        while !answer.ends_with(br#"{"data":[]}"#) {
            let read = tokio::time::timeout(PATIENCE, self.bystander.read(&mut piece)).await;
            let count = read.expect("in time").expect("connected");
            assert!(count > 0, "after {name}: {}", String::from_utf8_lossy(&answer));
            answer.extend_from_slice(&piece[..count]);
        }
        assert!(answer.starts_with(b"HTTP/1.1 200"), "after {name}: {}", String::from_utf8_lossy(&answer));
        self.audited(name, (200, "")).await;
    }
}

/// Status and code of a raw answer; a body shorter than announced is `broken off`, and so is an answer that was not even
/// begun when its body broke.
fn told_by(raw: &str) -> (u16, String) {
    if raw.is_empty() {
        return (BROKEN.0, BROKEN.1.to_owned());
    }
    let (head, body) = raw.split_once("\r\n\r\n").unwrap_or((raw, ""));
    let status = head.get(9..12).and_then(|status| status.parse().ok()).unwrap_or(0);
    let length = head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse::<usize>().ok());
    let whole = length.map_or(body.ends_with("0\r\n\r\n"), |length| body.len() == length);
    if !whole {
        return (status, "broken off".to_owned());
    }
    let json = serde_json::from_str::<serde_json::Value>(body).unwrap_or_default();
    (status, json["code"].as_str().unwrap_or_default().to_owned())
}

async fn all(faults: Vec<Fault>) {
    let mut scene = Scene::start(IMPATIENT).await;
    for fault in &faults {
        scene.suffers(fault).await;
    }
    scene.harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_before_a_request() {
    all(before_a_request()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_before_an_answer() {
    all(before_an_answer()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_in_the_head_of_an_answer() {
    all(in_the_head_of_an_answer()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn faults_in_the_body_of_an_answer() {
    all(in_the_body_of_an_answer()).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_listens() {
    let authority = Authority::new("synthetic root");
    let port = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    let instead = Some((format!("https://localhost:{port}"), authority.pem()));
    let harness = Harness::start(Setup { instead, ..Setup::default() }).await;
    for answer in [harness.get("/v1/patients?count=1").await, harness.post("/v1/patients", "{}").await] {
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), UNREACHABLE);
    }
    assert_eq!(harness.metric("clinik_guard_upstream_failures_total{cause=\"connect\"}").await, 2.0);
    harness.finish().await;
}

/// A body too long to be held, of which the upstream takes a part.
#[tokio::test(flavor = "multi_thread")]
async fn faults_in_the_middle_of_an_upload() {
    let mut scene = Scene::start(IMPATIENT).await;
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(900_000));
    for (end, name) in [(Reset, "reset"), (Close, "close"), (Hang, "silence")] {
        scene.rogue.script([Handshake, ReadHead, end]);
        let answer = scene.harness.post("/v1/notes", &body).await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), UNKNOWN, "{name}: {}", text(&answer));
        scene.audited(name, UNKNOWN).await;
        scene.bystander_is_well(name).await;
    }
    scene.harness.finish().await;
}

/// What follows an answer on its connection must not be taken for the answer to the next request.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_nobody_asked_for_reaches_nobody() {
    let authority = Authority::new("synthetic root");
    let rogue = Rogue::start(server_tls(&authority.server(), None)).await;
    let instead = Some((rogue.url(), authority.pem()));
    let harness = Harness::start(Setup { instead, ..Setup::default() }).await;
    let smuggled = b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 18\r\n\r\n{\"data\":\"Marisol\"}";
    for round in 0..10 {
        rogue.script([Handshake, ReadRequest, Send([EMPTY_SEARCH, smuggled].concat()), Step::Serve]);
        assert_eq!(harness.get("/v1/patients?count=1").await.status, 200, "round {round}");
        let next = harness.get("/v1/patients?count=1").await;
        assert_eq!(text(&next), r#"{"data":[]}"#, "round {round}");
        harness.app().reload().await;
    }
    harness.finish().await;
}

/// An answer may come before the upload has ended. What is still sent of it then is no request of its own, and every
/// later answer on the connection is read as what it is.
#[tokio::test(flavor = "multi_thread")]
async fn an_answer_before_the_end_of_an_upload_shifts_no_later_one() {
    let authority = Authority::new("synthetic root");
    let rogue = Rogue::start(server_tls(&authority.server(), None)).await;
    let instead = Some((rogue.url(), authority.pem()));
    let harness = Harness::start(Setup { instead, ..Setup::default() }).await;
    let early =
        b"HTTP/1.1 201 Created\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n{\"data\":{}}";
    let no_content =
        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 11\r\n\r\n".to_vec();
    let body = format!("{{\"text\":\"{}\"}}", "x".repeat(400_000 - 11));
    let (first, rest) = body.split_at(body.len() / 2 + 1000);
    let head = "host: localhost\r\ncontent-type: application/json\r\n";
    let post = format!("POST /v1/notes HTTP/1.1\r\n{head}content-length: {}\r\n\r\n{first}", body.len());
    rogue.script([
        Handshake,
        Step::AnswerHalfway(early.to_vec()),
        ReadRequest,
        Send(no_content),
        Step::Serve,
    ]);

    let mut client = TcpStream::connect(harness.address()).await.unwrap();
    client.write_all(post.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    while !answer.ends_with(b"}") {
        let read = tokio::time::timeout(PATIENCE, client.read_buf(&mut answer)).await;
        assert!(read.expect("in time").expect("connected") > 0, "{}", String::from_utf8_lossy(&answer));
    }
    assert!(answer.starts_with(b"HTTP/1.1 201"), "{}", String::from_utf8_lossy(&answer));
    client.write_all(rest.as_bytes()).await.unwrap();
    harness.audited(1).await;
    rogue.took(1).await;

    assert_eq!(harness.send("HEAD", "/v1/patients?count=1", &[], b"").await.status, 200);
    let next = harness.get("/v1/patients?count=1").await;
    assert_eq!((next.status.as_u16(), text(&next).as_str()), (200, r#"{"data":[]}"#));
    assert_eq!((rogue.requests(), rogue.connections()), (3, 1), "on one connection, each once");
    harness.finish().await;
}

/// The policy file goes bad in every way while a request is under way: that one ends well, and so does the next.
#[tokio::test(flavor = "multi_thread")]
async fn a_policy_file_that_turns_bad_changes_nothing() {
    let mut scene = Scene::start("pool: {idle_max: 0}").await;
    let path = scene.harness.path("policy.yaml");
    let good = std::fs::read_to_string(&path).unwrap();
    let failures = "clinik_guard_policy_reload_failures_total";
    for (count, name) in
        ["garbage", "nothing", "a directory", "a dangling link", "gone"].into_iter().enumerate()
    {
        let slow = Drip(EMPTY_SEARCH.to_vec(), Duration::from_millis(1));
        scene.rogue.script([Handshake, ReadRequest, slow, Hang]);
        let under_way = scene.harness.get("/v1/patients?count=1");
        let turns_bad = async {
            std::fs::remove_file(&path).unwrap();
            match name {
                "garbage" => std::fs::write(&path, b"\xff\x00: [Marisol").unwrap(),
                "nothing" => std::fs::write(&path, "\n").unwrap(),
                "a directory" => std::fs::create_dir(&path).unwrap(),
                "a dangling link" => std::os::unix::fs::symlink("..data/nothing", &path).unwrap(),
                _ => {}
            }
            scene.harness.app().reload().await;
        };
        let (answer, ()) = tokio::join!(under_way, turns_bad);
        assert_eq!(answer.status, 200, "{name}");
        assert_eq!(scene.harness.get("/v1/patients?count=1").await.status, 200, "{name}");
        assert_eq!(scene.harness.metric(failures).await, (count + 1) as f64, "{name}");
        match name {
            "a directory" => std::fs::remove_dir(&path).unwrap(),
            "gone" => {}
            _ => std::fs::remove_file(&path).unwrap(),
        }
        std::fs::write(&path, &good).unwrap();
        scene.harness.app().reload().await;
        scene.audited += 2;
        scene.bystander_is_well(name).await;
    }
    scene.harness.finish().await;
}
