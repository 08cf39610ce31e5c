//! Starting, the unix socket, draining.

use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::path::Path;
use std::time::Duration;

use clinik_guard::app::{App, Options, StartError};
use clinik_guard::guards::caller::container::ContainerId;
use clinik_guard::standin::Behaviour;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::{Harness, PATIENCE, Setup};

#[tokio::test(flavor = "multi_thread")]
async fn the_unix_socket_serves_and_has_its_mode() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("guard.sock");
    let listen = format!("unix: {{path: {}, mode: '0600'}}", path.display());
    let harness =
        Harness::start(Setup { listen: Box::leak(listen.into_boxed_str()), ..Setup::default() }).await;
    assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let answer = ask_on(&path).await;
    assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
    let line = harness.audit().remove(0);
    assert!(line["caller"].as_str().unwrap().starts_with("uid:"));
    // Who connected is this process.
    let here = ContainerId::of_cgroup(&std::fs::read_to_string("/proc/self/cgroup").unwrap());
    assert_eq!(line["container"].as_str().map(str::to_owned), here.map(|id| id.to_string()));
    harness.finish().await;
}

async fn ask_on(socket: &Path) -> String {
    let mut stream = tokio::net::UnixStream::connect(socket).await.unwrap();
    stream
        .write_all(b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n\r\n")
        .await
        .unwrap();
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    answer
}

#[tokio::test(flavor = "multi_thread")]
async fn the_unix_socket_serves_the_users_of_the_policy() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("guard.sock");
    let ours = std::fs::metadata(dir.path()).unwrap().uid();
    for (uid, served) in [(ours, true), (ours + 1, false)] {
        let listen = format!("unix: {{path: {}}}", path.display());
        let policy = format!("guards: {{caller: {{unix_uids: [{uid}]}}}}");
        let (listen, policy) = (Box::leak(listen.into_boxed_str()), Box::leak(policy.into_boxed_str()));
        let harness = Harness::start(Setup { listen, policy, ..Setup::default() }).await;
        let answer = ask_on(&path).await;
        assert_eq!(answer.starts_with("HTTP/1.1 200"), served, "{answer}");
        assert_eq!(answer.contains("CALLER_NOT_ALLOWED"), !served, "{answer}");
        assert_eq!(harness.seen().is_empty(), !served);
        harness.finish().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_drain_finishes_what_is_in_flight_and_takes_nothing_new() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::Delay(std::time::Duration::from_millis(300)));
    let mut stream = tokio::net::TcpStream::connect(harness.address()).await.unwrap();
    stream.write_all(b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    harness.standin.wait_for(1).await;
    harness.app().drain().await;
    let mut answer = String::new();
    tokio::time::timeout(PATIENCE, stream.read_to_string(&mut answer)).await.unwrap().unwrap();
    assert!(answer.starts_with("HTTP/1.1 200") && answer.contains("hasMore"), "{answer}");
    let closed = async {
        while tokio::net::TcpStream::connect(harness.address()).await.is_ok() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, closed).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn keep_alive_carries_many_requests() {
    let harness = Harness::plain().await;
    let mut stream = tokio::net::TcpStream::connect(harness.address()).await.unwrap();
    for _ in 0..3 {
        stream.write_all(b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut answer = Vec::new();
        let mut piece = [0; 4096];
        while !answer.ends_with(b"}}") {
            let n = tokio::time::timeout(PATIENCE, stream.read(&mut piece)).await.unwrap().unwrap();
            assert!(n > 0);
            answer.extend_from_slice(&piece[..n]);
        }
    }
    assert_eq!(harness.metric("clinik_guard_connections").await, 1.0);
    harness.finish().await;
}

#[test]
fn beyond_loopback_without_tokens_does_not_start() {
    let dir = tempfile::tempdir().unwrap();
    let policy = dir.path().join("policy.yaml");
    std::fs::write(&policy, "listen: {addresses: ['0.0.0.0:0']}\nops: {address: null}\n").unwrap();
    let started = App::start(&Options { policy: Some(policy), read_env: |_| None, write_line: |_| () });
    let Err(StartError::Policy(problems)) = started else { panic!("it must not start") };
    assert!(problems.to_string().contains("guards.caller.tokens"), "{problems}");
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_answer_while_others_hold_every_place() {
    let harness = Harness::plain().await;
    let mut silent = Vec::new();
    for _ in 0..200 {
        let mut stream = TcpStream::connect(harness.app().ops_address().unwrap()).await.unwrap();
        stream.write_all(b"GET /li").await.unwrap();
        silent.push(stream);
    }
    // Less than what a silent connection may take.
    let asked = tokio::time::timeout(Duration::from_secs(3), harness.ops("/livez")).await;
    assert_eq!(asked.map(|(status, _)| status), Ok(200));
    drop(silent);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn probes_answer_and_nothing_else_does() {
    let harness = Harness::plain().await;
    assert_eq!(harness.ops("/livez").await.0, 200);
    assert_eq!(harness.ops("/readyz").await.0, 200);
    assert_eq!(harness.ops("/").await.0, 404);
    let (status, metrics) = harness.ops("/metrics").await;
    assert!(
        status == 200 && metrics.contains("# TYPE clinik_guard_requests_total counter")
            || metrics.contains("clinik_guard_build_info")
    );
    harness.finish().await;
}
