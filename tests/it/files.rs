//! Pipes, sockets and devices in the place of files: told as what they are, and never waited for.

use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use crate::commands::output;
use crate::harness::Harness;

fn put_pipe(path: &Path) {
    // What stood there may be gone already.
    let _none = std::fs::remove_file(path);
    mknodat(CWD, path, FileType::Fifo, Mode::RWXU, 0).unwrap();
}

#[test]
fn commands_say_that_a_pipe_is_no_file() {
    let dir = tempfile::tempdir().unwrap();
    let at = |name: &str| dir.path().join(name).display().to_string();
    put_pipe(dir.path().join("pipe").as_path());
    std::fs::write(at("trail"), "").unwrap();
    std::fs::write(
        at("key.yaml"),
        format!("version: 1\ncredentials: {{current: {{file: {}}}}}\n", at("pipe")),
    )
    .unwrap();
    std::fs::write(at("ca.yaml"), format!("version: 1\nupstream: {{ca_file: {}}}\n", at("pipe"))).unwrap();
    for arguments in [
        &["check", &at("pipe")][..],
        &["check", &at("key.yaml")],
        &["check", &at("ca.yaml")],
        &["run", "-c", &at("pipe")],
        &["run", "-c", &at("ca.yaml")],
        &["explain", "-c", &at("pipe"), "GET", "/v1/patients"],
        &["audit", "verify", &at("pipe")],
        &["audit", "verify", &at("trail"), "--key", &at("pipe")],
        &["audit", "tail", &at("pipe")],
        &["audit", "export", &at("pipe")],
        &["audit", "pseudonym", "--key-file", &at("pipe")],
        &["report", "--audit", &at("pipe")],
    ] {
        let output = output(arguments, b"");
        let said = String::from_utf8_lossy(&output.stderr) + String::from_utf8_lossy(&output.stdout);
        assert!(
            !output.status.success() && said.contains("a pipe, a socket or a device"),
            "{arguments:?}: {said}"
        );
    }
    // What a shell hands over is read.
    let output = output(&["check", "--no-files", "/dev/stdin"], b"version: 1\n");
    assert!(output.status.success());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_goes_on_with_pipes_in_the_place_of_its_files() {
    let harness = Harness::plain().await;
    for name in ["key", "ca.pem", "policy.yaml"] {
        put_pipe(&harness.path(name));
        harness.app().reload().await;
        assert_eq!(harness.get("/v1/patients?count=1").await.status, 200, "{name}");
    }
    assert!(harness.metric("clinik_guard_policy_reload_failures_total").await >= 1.0);
    harness.finish().await;
}
