//! One line per exchange, whatever happens to it.

use std::process::{Command, Stdio};

use clinik_guard::standin::{Behaviour, STANDIN_KEY};
use rustix::fs::{CWD, FileType, Mode, mknodat};
use tokio::io::AsyncWriteExt;

use crate::commands::{free_port, guard, output};
use crate::harness::{Harness, PATIENCE, Setup, code};

#[tokio::test(flavor = "multi_thread")]
async fn a_line_says_who_did_what_to_which_record() {
    let harness = Harness::plain().await;
    let id = "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21";
    harness.get(&format!("/v1/patients/{id}")).await;
    let line = &harness.audit()[0];
    for (member, value) in [
        ("caller", "loopback"),
        ("action", "R"),
        ("resource", "patients"),
        ("resource_id", id),
        ("method", "GET"),
        ("route", "/v1/patients/{id}"),
        ("outcome", "answered"),
    ] {
        assert_eq!(line[member], value, "{member}");
    }
    assert_eq!((line["status"].as_u64(), line["seq"].as_u64()), (Some(404), Some(2)));
    assert_eq!(line["key"].as_str().map(str::len), Some(8));
    assert!(
        line["upstream_request_id"].is_string() && line["time"].is_string() && line["duration_us"].is_u64()
    );
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_client_that_hangs_up_leaves_one_line() {
    let harness = Harness::plain().await;
    harness.script(Behaviour::NeverAnswer);
    let mut stream = tokio::net::TcpStream::connect(harness.address()).await.unwrap();
    stream.write_all(b"GET /v1/patients?count=1 HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
    harness.standin.wait_for(1).await;
    drop(stream);
    let written = async {
        while harness.audit().is_empty() {
            tokio::task::yield_now().await;
        }
    };
    tokio::time::timeout(PATIENCE, written).await.unwrap();
    let audit = harness.audit();
    assert_eq!((audit.len(), audit[0]["outcome"].as_str()), (1, Some("client_gone")));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn without_a_record_nothing_is_shown() {
    let harness = Harness::plain().await;
    harness.break_audit();
    let first = harness.get("/v1/patients?count=1").await;
    assert_eq!((first.status.as_u16(), code(&first).as_str()), (503, "AUDIT_UNAVAILABLE"));
    let seen = harness.seen().len();
    assert_eq!(seen, 1, "exactly one well-formed read");
    // From now on the trail is known to fail: nothing goes out any more, writes least of all.
    let second = harness.post("/v1/patients", "{}").await;
    assert_eq!((second.status.as_u16(), code(&second).as_str()), (503, "AUDIT_UNAVAILABLE"));
    assert_eq!(harness.seen().len(), seen);
    assert_eq!(harness.ops("/readyz").await.0, 503);
    assert!(harness.metric("clinik_guard_audit_failures_total").await >= 2.0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_pipe_in_place_of_the_trail_blocks_nobody() {
    let mut harness = Harness::plain().await;
    let trail = harness.path("audit.jsonl");
    std::fs::remove_file(&trail).unwrap();
    mknodat(CWD, &trail, FileType::Fifo, Mode::RWXU, 0).unwrap();
    for _ in 0..3 {
        let answer = harness.get("/v1/patients?count=1").await;
        assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (503, "AUDIT_UNAVAILABLE"));
        assert_eq!(harness.ops("/readyz").await.0, 503);
    }
    std::fs::remove_file(&trail).unwrap();
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    assert_eq!(harness.ops("/readyz").await.0, 200);
    assert_eq!(harness.audit().len(), 4);
    // The end too waits for no reader.
    std::fs::remove_file(&trail).unwrap();
    mknodat(CWD, &trail, FileType::Fifo, Mode::RWXU, 0).unwrap();
    assert_eq!(harness.get("/v1/patients?count=1").await.status, 503);
    harness.end().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_write_whose_record_fails_is_of_unknown_outcome() {
    let harness = Harness::plain().await;
    harness.break_audit();
    let answer = harness.post("/v1/patients", r#"{"firstName":"A","lastName":"B"}"#).await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (409, "OUTCOME_UNKNOWN"));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_disk_that_is_full_from_the_start_lets_nothing_through() {
    let harness =
        Harness::start(Setup { audit: Some("sink: file, file: /dev/full"), ..Setup::default() }).await;
    let answer = harness.get("/v1/patients?count=1").await;
    assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (503, "AUDIT_UNAVAILABLE"));
    assert_eq!(harness.seen().len(), 0);
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_policy_may_prefer_service_over_records() {
    let setup =
        Setup { audit: Some("sink: file, file: /dev/full, on_failure: continue"), ..Setup::default() };
    let harness = Harness::start(setup).await;
    for _ in 0..3 {
        assert_eq!(harness.get("/v1/patients?count=1").await.status, 200);
    }
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_target_is_recorded_with_the_route_it_asked_for() {
    let harness = Harness::plain().await;
    let cases = [
        ("GET", "/v1/patients?email=marisol.q%40example.org", Some("/v1/patients"), "S", "patients"),
        ("GET", "/v1/patients/Marisol%20Quintanar", Some("/v1/patients/{id}"), "R", "patients"),
        ("DELETE", "/v1/patients/912-84-6713", Some("/v1/patients/{id}"), "D", "patients"),
        ("GET", "/v1/fhir/Patient?family=Quintanar", Some("/v1/fhir/Patient"), "S", "Patient"),
        ("GET", "/v1/Marisol/Quintanar", None, "R", ""),
        ("GET", "/v1/../patients", None, "R", ""),
    ];
    for (index, (method, target, route, action, resource)) in cases.into_iter().enumerate() {
        harness.send(method, target, &[], b"").await;
        let line = &harness.audit()[index];
        assert_eq!(line["outcome"], "refused", "{target}");
        assert_eq!(line["route"].as_str(), route, "{target}");
        assert_eq!(
            (&line["action"], line["resource"].as_str().unwrap_or("")),
            (&action.into(), resource),
            "{target}"
        );
        assert!(line["resource_id"].is_null(), "{target}");
    }
    harness.finish().await;
}

const KEY: &str = "0123456789abcdef0123456789abcdef";

#[tokio::test(flavor = "multi_thread")]
async fn records_can_have_pseudonyms_that_only_the_key_finds() {
    let harness = Harness::start(Setup {
        audit: Some(
            "sink: file, file: DIR/audit.jsonl, resource_ids: pseudonym, pseudonym_key_file: DIR/ids",
        ),
        files: vec![("ids", KEY.to_owned())],
        ..Setup::default()
    })
    .await;
    for id in ["pt_standin1", "pt_standin2", "pt_standin1"] {
        harness.get(&format!("/v1/patients/{id}")).await;
    }
    let file = harness.path("audit.jsonl").display().to_string();
    let text = std::fs::read_to_string(&file).unwrap();
    assert!(!text.contains("pt_standin") && text.matches("\"resource_id\":\"pseudonym:").count() == 3);
    let key = harness.path("ids").display().to_string();
    let found = output(&["audit", "pseudonym", "--key-file", &key], b"pt_standin1\npt_standin2\n");
    let codes = String::from_utf8(found.stdout).unwrap();
    let counts: Vec<_> = codes.lines().map(|code| text.matches(code).count()).collect();
    assert_eq!(counts, [2, 1]);
    let rows = ["audit", "export", &file, "--resource-id", "pt_standin1", "--pseudonym-key-file", &key];
    let rows = String::from_utf8(output(&rows, b"").stdout).unwrap();
    assert_eq!(rows.lines().count(), 3, "{rows}");
    std::fs::write(harness.path("short"), "short").unwrap();
    let short = harness.path("short").display().to_string();
    let refused = output(&["audit", "pseudonym", "--key-file", &short], b"pt_standin1\n");
    assert!(String::from_utf8(refused.stderr).unwrap().contains("needs 32 characters"));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn ids_of_records_can_be_left_out() {
    let audit = Some("sink: file, file: DIR/audit.jsonl, resource_ids: omit");
    let harness = Harness::start(Setup { audit, ..Setup::default() }).await;
    harness.get("/v1/patients/pt_standin1").await;
    let line = &harness.audit()[0];
    assert_eq!((line["route"].as_str(), line["resource_id"].as_str()), (Some("/v1/patients/{id}"), None));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn standard_output_has_the_lines_and_nothing_else() {
    let dir = tempfile::tempdir().unwrap();
    let (port, ops) = (free_port(), free_port());
    let policy = dir.path().join("policy.yaml");
    let text = format!(
        "listen: {{addresses: ['127.0.0.1:{port}']}}\nops: {{address: '127.0.0.1:{ops}'}}\naudit: {{sink: stdout}}\n"
    );
    std::fs::write(&policy, text).unwrap();
    let run = guard(&["run", "--config", policy.to_str().unwrap()])
        .env("CLINIKAPI_SECRET_KEY", STANDIN_KEY)
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap();
    let at_ops = format!("127.0.0.1:{ops}");
    assert!(output(&["healthcheck", "--wait", "15", "--address", &at_ops], b"").status.success());
    for _ in 0..3 {
        let request = http::Request::get("/v1/patients?email=a@example.org").header("host", "localhost");
        let request = request.body(http_body_util::Full::default()).unwrap();
        let address = ([127, 0, 0, 1], port).into();
        let answer = clinik_guard::cli::client::send(address, request, PATIENCE).await.unwrap();
        assert_eq!(answer.status, 400);
    }
    let asked = Command::new("kill").args(["-s", "TERM", &run.id().to_string()]).status().unwrap();
    assert!(asked.success());
    let written = run.wait_with_output().unwrap();
    assert!(written.status.success());
    // What a collector kept of it is a trail like any other.
    let trail = dir.path().join("audit.jsonl");
    std::fs::write(&trail, &written.stdout).unwrap();
    let verdict = output(&["audit", "verify", trail.to_str().unwrap()], b"");
    let verdict = String::from_utf8(verdict.stdout).unwrap();
    assert!(verdict.starts_with("intact: 3 exchanges"), "{verdict}");
    assert!(
        verdict
            .contains("\nno .head beside the file: an end that was cut off would not show; see --expect\n")
    );
    let chain = verdict.lines().find_map(|line| line.strip_prefix("chain ")).unwrap();
    for (pinned, code) in [(chain, 0), ("00c0ffee0000", 1), ("other", 2)] {
        let verdict = output(&["audit", "verify", trail.to_str().unwrap(), "--chain", pinned], b"");
        assert_eq!(verdict.status.code(), Some(code), "{pinned}");
    }
    // Another run has a chain of its own, and the collector keeps both in one file.
    let again = String::from_utf8(written.stdout.clone()).unwrap().replace(chain, "00c0ffee0000");
    std::fs::write(&trail, [written.stdout.as_slice(), again.as_bytes()].concat()).unwrap();
    let events = output(&["audit", "export", trail.to_str().unwrap(), "--format", "fhir"], b"");
    let events = String::from_utf8(events.stdout).unwrap();
    let ids =
        events.lines().map(|event| serde_json::from_str::<serde_json::Value>(event).unwrap()["id"].clone());
    let ids: Vec<String> = ids.map(|id| id.as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.iter().collect::<std::collections::BTreeSet<_>>().len(), 6, "{ids:?}");
    assert!(
        ids[..3].iter().all(|id| id.starts_with(chain)) && ids[3].starts_with("00c0ffee0000-"),
        "{ids:?}"
    );
    for line in String::from_utf8(written.stdout).unwrap().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert!(line["seq"].is_u64() && line["hash"].is_string());
    }
}
