//! The binary as people and containers use it: real processes, real signals.

use std::io::Write;
use std::process::{Child, Command, Output, Stdio};

use clinik_guard::standin::{STANDIN_KEY, Standin, StandinConfig};

use crate::harness::{PATIENCE, SEEDS};

pub fn guard(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clinik-guard"));
    command.args(arguments).env_remove("CLINIKAPI_SECRET_KEY").env_remove("CLINIK_GUARD_CONFIG");
    command
}

pub fn output(arguments: &[&str], input: &[u8]) -> Output {
    let mut child =
        guard(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    // A command that refuses to start may be gone before it is offered its input; what it says is looked at.
    let _offered = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[test]
fn eval_answers_all_three_kinds_in_order_and_goes_on_after_a_bad_line() {
    let input = concat!(
        r#"{"id":1,"method":"GET","target":"/v1/patients?email=marisol.q%40example.org"}"#,
        "\n",
        r#"{"id":2,"method":"GET","target":"/v1/patients?count=2"}"#,
        "\n",
        "nonsense\n\n",
        r#"{"id":"c","status":422,"content_type":"application/json","request_body":"{\"lastName\":\"Zzyzx\"}","body":"{\"message\":\"no Zzyzx, ssn 912-84-6713\"}"}"#,
        "\n",
        r#"{"id":"d","line":"level=info msg=\"mail to marisol.q@example.org\""}"#,
        "\n",
        r#"{"id":"e","line":5}"#,
        "\n",
        r#"{"id":"f"}"#,
        "\n",
    );
    let output = output(&["eval"], input.as_bytes());
    // The good lines are judged, and whoever waits for the end learns of the others.
    assert_eq!(output.status.code(), Some(1));
    let complaint = String::from_utf8(output.stderr).unwrap();
    assert!(
        complaint.contains("3 lines could not be judged, of which the first is line 3: not JSON"),
        "{complaint}"
    );
    let lines: Vec<serde_json::Value> = String::from_utf8(output.stdout)
        .unwrap()
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(lines.len(), 7);
    assert_eq!(
        (&lines[0]["id"], &lines[0]["verdict"], &lines[0]["code"]),
        (&1.into(), &"reject".into(), &"PHI_IN_URL".into())
    );
    assert_eq!(lines[0]["classes"][0], "email");
    assert_eq!(lines[1]["verdict"], "allow");
    assert!(
        lines[2]["error"].as_str().unwrap().starts_with("line 3: not JSON; expected an object with method")
    );
    let body = lines[3]["body"].as_str().unwrap();
    assert!(
        !body.contains("Zzyzx")
            && !body.contains("912-84")
            && serde_json::from_str::<serde_json::Value>(body).is_ok()
    );
    assert!(!lines[4]["line"].as_str().unwrap().contains("marisol"));
    assert_eq!(lines[5]["error"], "line 7: line must be a string");
    assert!(lines[6]["error"].as_str().unwrap().starts_with("line 8: expected") && lines[6]["id"] == "f");
}

#[test]
fn explain_says_why_and_fails_on_a_refusal() {
    let refused = output(&["explain", "GET", "/v1/patients?name=Marisol"], b"");
    assert_eq!(refused.status.code(), Some(1));
    let text = String::from_utf8(refused.stdout).unwrap();
    assert!(
        text.contains("PHI_IN_URL") && text.contains("/v1/patients") && !text.contains("Marisol"),
        "{text}"
    );
    assert!(output(&["explain", "GET", "/v1/patients?count=1"], b"").status.success());
    // As the guard, to which a method in small letters is another one.
    let small = output(&["explain", "get", "/v1/patients"], b"");
    assert_eq!(small.status.code(), Some(1));
    let text = String::from_utf8(small.stdout).unwrap();
    assert!(text.contains("ROUTE_NOT_ALLOWED") && text.contains("capital letters"), "{text}");
    let search = output(&["explain", "POST", "/v1/patients/_search"], b"");
    let text = String::from_utf8(search.stdout).unwrap();
    assert!(
        text.starts_with("route: POST /v1/patients/_search (search)\nbody may name: ")
            && text.contains("birthDate"),
        "{text}"
    );
}

#[test]
fn lines_and_bodies_are_explained_without_their_text() {
    let lines = output(&["explain", "--lines"], b"ready\nmail to marisol.q@example.org\n");
    assert_eq!(lines.status.code(), Some(1));
    assert_eq!(
        String::from_utf8(lines.stdout).unwrap(),
        "line 1: nothing found\nline 2: bytes 8..29: email by email (shape, high)\n"
    );
    let body = output(&["explain", "--body"], br#"{"lastName":"Quintanar"}"#);
    assert_eq!(body.status.code(), Some(1));
    let text = String::from_utf8(body.stdout).unwrap();
    assert!(text.starts_with("body: bytes 13..22: name by ") && !text.contains("Quintanar"), "{text}");
    assert!(output(&["explain", "--body"], b"{}").status.success());

    let input = concat!(
        r#"{"line":"mail to marisol.q@example.org"}"#,
        "\n",
        r#"{"request_body":{"lastName":"Quintanar"},"body":"cannot use Quintanar twice"}"#,
        "\n",
    );
    let text = String::from_utf8(output(&["eval", "--why"], input.as_bytes()).stdout).unwrap();
    let why: Vec<serde_json::Value> = text
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap()["why"].clone())
        .collect();
    assert_eq!(why[0][0]["span"], serde_json::json!([8, 29]));
    assert_eq!((&why[1][0]["layer"], &why[1][0]["rule"]), (&"echo".into(), &"echo.value".into()));
    assert!(SEEDS.iter().all(|seed| !text.contains(seed)), "{text}");
}

#[test]
fn check_reports_every_problem_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.yaml");
    std::fs::write(&path, "lisen: {}\nupstream: {url: 5}\nguards: {body: {bytes_mx: 1}}\n").unwrap();
    let output = output(&["check", path.to_str().unwrap()], b"");
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).unwrap();
    for part in ["listen", "upstream.url", "bytes_max", ":1:1", ":2:", ":3:"] {
        assert!(text.contains(part), "{part} in {text}");
    }
}

#[test]
fn the_example_policy_is_good() {
    let example = concat!(env!("CARGO_MANIFEST_DIR"), "/config.example.yaml");
    assert!(output(&["check", example], b"").status.success());
}

#[test]
fn a_wrong_command_line_gets_a_suggestion() {
    let output = output(&["evall"], b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(String::from_utf8(output.stderr).unwrap().contains("eval"));
}

/// `check` and `run` turn away the same keys; what is not there yet is waited for.
#[test]
fn a_key_that_check_turns_away_ends_the_start() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("policy.yaml");
    let policy = path.to_str().unwrap();
    let text = "listen: {addresses: ['127.0.0.1:0']}\nops: {address: null}\naudit: {sink: off}\n";
    let more = format!(
        "credentials: {{current: {{file: {0}/key}}, next: {{file: {0}/next}}}}\n",
        dir.path().display()
    );
    std::fs::write(&path, text.to_owned() + &more).unwrap();
    for (key, problem) in [
        ("sk_live_synthetic00000000000000", "begins with neither clk_live_ nor clk_test_"),
        ("clk_test_1", "is too short"),
        ("clk_test_synthetic 0000000000000", "has characters other than visible ASCII"),
        ("clk_test_synthetic000\nclk_test_synthetic000", "has more than one line"),
        ("clk_test_PLACEHOLDER_NOT_A_KEY", "is a placeholder"),
        ("clk_test_REPLACE_ME", "is a placeholder"),
        ("clk_live_synthetic00000000000000", "is a live key"),
    ] {
        std::fs::write(dir.path().join("key"), key).unwrap();
        for (command, start) in
            [("check", "error: credentials.current.file: "), ("run", "credentials.current (file ")]
        {
            let arguments = if command == "run" { vec!["run", "-c", policy] } else { vec!["check", policy] };
            let said = output(&arguments, b"");
            let text = String::from_utf8(said.stdout).unwrap() + &String::from_utf8(said.stderr).unwrap();
            assert!(said.status.code() == Some(1) && text.contains(start), "{command} {key}: {text}");
            assert!(text.contains(problem) && !text.contains("synthetic"), "{command} {key}: {text}");
        }
    }
}

#[test]
fn scrub_filters_a_pipe() {
    let output = output(&["scrub"], b"login of marisol.q@example.org\nready\n");
    assert!(output.status.success());
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "login of [REDACTED:email]\nready\n");
}

struct Running {
    child: Child,
    address: std::net::SocketAddr,
    ops: std::net::SocketAddr,
    dir: tempfile::TempDir,
}

/// Ports of our own choosing, since a process cannot tell which it was given but in its log. They lie below those the
/// kernel gives out, so that no other test can be given one in between.
pub fn free_port() -> u16 {
    static NEXT: std::sync::atomic::AtomicU16 = std::sync::atomic::AtomicU16::new(0);
    let base = 20_000 + (std::process::id() % 1000) as u16 * 10;
    loop {
        let port = base + NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

fn start(standin: &Standin, level: &str) -> Running {
    let dir = tempfile::tempdir().unwrap();
    let (port, ops) = (free_port(), free_port());
    std::fs::write(dir.path().join("ca.pem"), standin.ca_pem()).unwrap();
    let policy = format!(
        "listen: {{addresses: ['127.0.0.1:{port}', '[::1]:{port}']}}\nops: {{address: '127.0.0.1:{ops}'}}\n\
         upstream: {{url: '{}', ca_file: {}}}\ntelemetry: {{level: {level}}}\n",
        standin.url(),
        dir.path().join("ca.pem").display()
    );
    std::fs::write(dir.path().join("policy.yaml"), policy).unwrap();
    let child = guard(&["run", "--config", dir.path().join("policy.yaml").to_str().unwrap()])
        .env("CLINIKAPI_SECRET_KEY", STANDIN_KEY)
        .stdout(std::fs::File::create(dir.path().join("audit")).unwrap())
        .stderr(std::fs::File::create(dir.path().join("log")).unwrap())
        .spawn()
        .unwrap();
    let ops = std::net::SocketAddr::from(([127, 0, 0, 1], ops));
    let healthy = output(&["healthcheck", "--wait", "15", "--address", &ops.to_string()], b"");
    assert!(healthy.status.success(), "{}", String::from_utf8_lossy(&healthy.stderr));
    Running { child, address: ([127, 0, 0, 1], port).into(), ops, dir }
}

fn signal(running: &Running, name: &str) {
    let status = Command::new("kill").args(["-s", name, &running.child.id().to_string()]).status().unwrap();
    assert!(status.success());
}

async fn ask(address: std::net::SocketAddr, target: &str) -> clinik_guard::cli::client::Answer {
    let request =
        http::Request::get(target).header("host", "localhost").body(http_body_util::Full::default()).unwrap();
    clinik_guard::cli::client::send(address, request, PATIENCE).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_process_serves_both_loopbacks_reloads_and_ends_cleanly() {
    let standin = Standin::start(StandinConfig::default()).await.unwrap();
    let mut running = start(&standin, "info");
    assert_eq!(ask(running.address, "/v1/patients?count=1").await.status, 200);
    let v6 = std::net::SocketAddr::from((std::net::Ipv6Addr::LOCALHOST, running.address.port()));
    if std::net::UdpSocket::bind("[::1]:0").is_ok() {
        assert_eq!(ask(v6, "/v1/patients?count=1").await.status, 200);
    }
    let path = running.dir.path().join("policy.yaml");
    let policy = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, policy + "guards: {routes: {deny: ['GET /v1/patients']}}\n").unwrap();
    signal(&running, "HUP");
    let applied = async {
        while ask(running.address, "/v1/patients?count=1").await.status != 403 {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, applied).await.unwrap();
    signal(&running, "TERM");
    let ended = tokio::task::spawn_blocking(move || (running.child.wait().unwrap(), running.dir));
    let (status, dir) = tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap();
    assert_eq!(status.code(), Some(0));
    let audit = std::fs::read_to_string(dir.path().join("audit")).unwrap();
    assert!(audit.lines().count() >= 3);
    let log = std::fs::read_to_string(dir.path().join("log")).unwrap();
    let last: serde_json::Value = serde_json::from_str(log.lines().last().unwrap()).unwrap();
    assert_eq!(last["message"], "stopped", "{log}");
    assert!(last["answered"].as_u64() >= Some(1) && last["refused"].as_u64() >= Some(1), "{last}");
    standin.shutdown().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_most_talkative_log_tells_nothing() {
    let standin = Standin::start(StandinConfig { careless: true, ..StandinConfig::default() }).await.unwrap();
    let mut running = start(&standin, "trace");
    for target in [
        "/v1/patients?name=Marisol%20Quintanar-Abbott",
        "/v1/patients/standin-err-422-issues-echo",
        "/v1/patients/standin-gw-500-node-stack",
        "/v1/patients/standin-err-500-request-echo",
    ] {
        ask(running.address, target).await;
    }
    let metrics = ask(running.ops, "/metrics").await;
    signal(&running, "TERM");
    let ended = tokio::task::spawn_blocking(move || (running.child.wait().unwrap(), running.dir));
    let (_, dir) = tokio::time::timeout(PATIENCE, ended).await.unwrap().unwrap();
    let written = std::fs::read_to_string(dir.path().join("log")).unwrap()
        + &std::fs::read_to_string(dir.path().join("audit")).unwrap()
        + &String::from_utf8_lossy(&metrics.body);
    assert!(written.contains("rustls"), "dependencies log through the same writer");
    for line in written.lines().filter(|line| line.starts_with('{')) {
        assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
    }
    for seed in SEEDS {
        assert!(!written.contains(seed), "{seed} was written");
    }
    standin.shutdown().await;
}

#[test]
fn check_opens_the_files_a_policy_names() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    std::fs::write(at("short"), "clk_test_1").unwrap();
    std::fs::write(at("live"), "clk_live_synthetic00000000000000").unwrap();
    std::fs::write(at("not.pem"), "nothing").unwrap();
    let check = |policy: &str, more: &[&str]| {
        std::fs::write(at("policy.yaml"), policy.replace("DIR", &dir.path().display().to_string())).unwrap();
        let output = output(&[&["check", &at("policy.yaml")], more].concat(), b"");
        let text = String::from_utf8(output.stdout).unwrap();
        (output.status.code(), text.replace(&dir.path().display().to_string(), "DIR"))
    };
    let bad = "\
upstream: {ca_file: DIR/not.pem}
listen: {tls: {addresses: ['127.0.0.1:0'], certificate_file: DIR/none.crt, key_file: DIR/none.key}}
credentials:
  current: {file: DIR/short}
  next: {file: DIR}
guards: {caller: {tokens: [{name: app, file: DIR/none}, {name: other, env: NOT_SET_ANYWHERE}]}}
audit: {sink: file, file: DIR/none/audit.jsonl, signing_key_file: DIR/not.pem}
scrub: {pseudonym_key_file: DIR/short}
";
    let (code, text) = check(bad, &[]);
    assert_eq!(code, Some(1), "{text}");
    for part in [
        "error: upstream.ca_file: holds no PEM certificate\n --> DIR/policy.yaml:1:21\n",
        "error: listen.tls.certificate_file: there is no such file: DIR/none.crt\n --> DIR/policy.yaml:2:62\n",
        "error: listen.tls.key_file: there is no such file: DIR/none.key\n",
        "error: credentials.current.file: is too short",
        "error: credentials.next.file: this is a directory; expected a file: DIR\n",
        "error: guards.caller.tokens[0].file: there is no such file: DIR/none\n",
        "error: audit.file: the directory it is to be in is not there\n",
        "error: audit.signing_key_file: no Ed25519 key in PEM",
        "error: scrub.pseudonym_key_file: is too short",
        "DIR/policy.yaml: 9 problems\n",
    ] {
        assert!(text.contains(part), "{part}\n{text}");
    }
    assert!(!text.contains("clk_test_1"));
    assert_eq!(check(bad, &["--no-files"]).0, Some(0));
    std::os::unix::fs::symlink(at("none"), at("audit.jsonl")).unwrap();
    let (code, text) = check("audit: {sink: file, file: DIR/audit.jsonl}\n", &[]);
    let told = text.contains("error: audit.file: audit.jsonl is a symbolic link; expected a regular file");
    assert!(code == Some(1) && told, "{text}");

    let (code, text) = check("credentials: {current: {file: DIR/live}}\n", &[]);
    assert!(code == Some(1) && text.contains("error: credentials.current.file: is a live key"), "{text}");
    let baa = "compliance: {baa: {signed_on: 2026-01-31, reference: A-1, signed_by: J. Roe}}\n";
    assert_eq!(check(&format!("{baa}credentials: {{current: {{file: DIR/live}}}}\n"), &[]).0, Some(0));

    let (code, text) = check("guards: {caller: {tokens: [{name: other, env: NOT_SET_ANYWHERE}]}}\n", &[]);
    assert_eq!(code, Some(0), "{text}");
    assert!(
        text.contains("warning: guards.caller.tokens[0].env: the variable NOT_SET_ANYWHERE is not set here"),
        "{text}"
    );
    assert!(
        text.contains("warning: credentials.current: the variable CLINIKAPI_SECRET_KEY is not set here"),
        "{text}"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn healthcheck_takes_names() {
    let harness = crate::harness::Harness::plain().await;
    let ops = format!("localhost:{}", harness.app().ops_address().unwrap().port());
    let healthy =
        tokio::task::spawn_blocking(move || output(&["healthcheck", "--address", &ops], b"")).await.unwrap();
    assert!(healthy.status.success(), "{}", String::from_utf8_lossy(&healthy.stderr));
    assert_eq!(output(&["healthcheck", "--address", "localhost"], b"").status.code(), Some(2));
    harness.finish().await;
}

#[test]
fn healthcheck_fails_when_nobody_answers() {
    let address = format!("127.0.0.1:{}", free_port());
    assert_eq!(output(&["healthcheck", "--address", &address], b"").status.code(), Some(1));
}
