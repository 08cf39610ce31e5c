//! No room for another line, in the running guard: nothing is answered without a record, nothing that was answered is lost,
//! and all goes on when there is room again.
//!
//! A limit on the size of files stands in for the disk, since it can be had without privileges and lifted again: a write that
//! goes beyond it is cut short, and the next one fails.

use std::path::PathBuf;
use std::process::Child;
use std::sync::Arc;

use bytes::Bytes;
use clinik_guard::cli::client::{self, Answer};
use http::Request;
use http_body_util::Full;
use rustix::process::{Pid, Resource, Rlimit, prlimit};
use tokio::sync::Mutex;

use crate::commands::output;
use crate::crash::Site;
use crate::harness::{PATIENCE, code};
use crate::ship::{ask, end, until};

/// Not even a whole line.
const ROOM: u64 = 100;

struct Disk<'a> {
    site: &'a Site,
    guard: Child,
}

impl Disk<'_> {
    fn trail(&self) -> PathBuf {
        self.site.dir.path().join("audit.jsonl")
    }

    fn limit(&self, bytes: Option<u64>) {
        let pid = Pid::from_raw(i32::try_from(self.guard.id()).unwrap());
        prlimit(pid, Resource::Fsize, Rlimit { current: bytes, maximum: None }).unwrap();
    }

    fn fill(&self) {
        self.limit(Some(std::fs::metadata(self.trail()).unwrap().len() + ROOM));
    }

    async fn get(&self, target: &str, ops: bool) -> Answer {
        let address = if ops { self.site.ops } else { self.site.address };
        let request =
            Request::get(target).header("host", "localhost").body(Full::<Bytes>::default()).unwrap();
        client::send(address, request, PATIENCE).await.unwrap()
    }

    /// Asks until the disk is noticed to be full; what was answered otherwise is on record.
    async fn until_refused(&self, acknowledged: &Mutex<Vec<String>>) -> Vec<String> {
        let mut refused = Vec::new();
        for _ in 0..3 {
            let answer = self.get("/v1/patients?count=1", false).await;
            assert_eq!((answer.status.as_u16(), code(&answer).as_str()), (503, "AUDIT_UNAVAILABLE"));
            refused.push(answer.headers["x-request-id"].to_str().unwrap().to_owned());
        }
        acknowledged.lock().await.extend(refused.iter().cloned());
        assert_eq!(self.get("/readyz", true).await.status, 503);
        let trail = std::fs::read(self.trail()).unwrap();
        assert!(trail.ends_with(b"\n"), "what was written of a line is cut off");
        refused
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_full_disk_refuses_and_loses_nothing() {
    let site = Site::new("durability: strict").await;
    let acknowledged = Arc::new(Mutex::new(Vec::new()));
    let disk = Disk { guard: site.start(), site: &site };
    ask(&site, 30, &acknowledged).await;
    disk.fill();
    let refused = disk.until_refused(&acknowledged).await;

    // Room again: the guard goes on by itself, and says what it told its clients meanwhile.
    disk.limit(None);
    until(|| async { disk.get("/readyz", true).await.status == 200 }).await;
    ask(&site, 30, &acknowledged).await;

    // Full again, and killed; what a crash in the middle of a line leaves stands at the end.
    disk.fill();
    let Disk { mut guard, .. } = disk;
    guard.kill().unwrap();
    guard.wait().unwrap();
    let trail = site.dir.path().join("audit.jsonl");
    let whole = std::fs::read(&trail).unwrap();
    std::fs::write(&trail, [whole.as_slice(), b"{\"seq\":9999,\"event\":\"exch"].concat()).unwrap();
    let disk = Disk { guard: site.start(), site: &site };
    ask(&site, 30, &acknowledged).await;
    end(disk.guard);

    let recorded = Site::recorded(site.dir.path());
    let acknowledged = acknowledged.lock().await;
    assert!(acknowledged.len() >= 93);
    for id in acknowledged.iter() {
        assert_eq!(recorded.get(id), Some(&1), "an answered exchange");
    }
    let text = std::fs::read_to_string(&trail).unwrap();
    let lines: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let told: Vec<&str> = lines
        .iter()
        .filter(|line| line["reason"] == "AUDIT_UNAVAILABLE")
        .filter_map(|line| line["request_id"].as_str())
        .collect();
    assert_eq!(told, refused, "the refused ones are on record as such, and no others");
    let resumed: Vec<_> = lines.iter().filter(|line| line["event"] == "trail_resumed").collect();
    assert_eq!((resumed.len(), resumed[0]["set_aside_bytes"].as_u64()), (1, Some(25)), "{resumed:?}");
    let aside = site.dir.path().join(resumed[0]["set_aside"].as_str().unwrap());
    assert_eq!(std::fs::read(aside).unwrap(), b"{\"seq\":9999,\"event\":\"exch");
    assert!(output(&["audit", "verify", trail.to_str().unwrap()], b"").status.success());
    site.standin.shutdown().await;
}
