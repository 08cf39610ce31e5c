//! Lines that wait for a sync are written with it: together, and told honestly when that fails.

use std::future::poll_fn;
use std::pin::Pin;
use std::task::Poll;

use super::*;
use crate::audit::segment::read_head;
use crate::audit::verify::{Expected, verify};

type Wait<'a> = Pin<Box<dyn Future<Output = Result<(), AuditFailed>> + 'a>>;

/// A strict trail whose syncs are this test's to begin, and on which calls fail as planned from now on.
fn strict(path: &Path) -> (Arc<Trail>, Arc<Faults>) {
    let faults = Arc::new(Faults::default());
    plan(Some(Arc::clone(&faults)));
    let settings = AuditSettings { durability: Durability::Strict, ..settings(path, OnAuditFailure::Refuse) };
    let trail = Arc::new(Trail::open(&settings, keys(None)).expect("opened"));
    plan(None);
    trail.close();
    (trail, faults)
}

/// What three exchanges were told, after `meanwhile` happened while all of them waited.
fn told(trail: &Arc<Trail>, meanwhile: impl FnOnce()) -> Vec<Result<(), AuditFailed>> {
    let ends =
        [("GET", Ended::Answered, 200), ("POST", Ended::Answered, 201), ("GET", Ended::Refused("X"), 400)];
    let mut records: Vec<_> = ends
        .iter()
        .map(|(method, ..)| Record::open(trail, &Arc::new(Metrics::new()), "req_1".into(), method))
        .collect();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let mut waits: Vec<Wait<'_>> = Vec::new();
        for (record, (_, ended, status)) in records.iter_mut().zip(ends) {
            let mut wait: Wait<'_> = Box::pin(record.settle(ended, status));
            assert!(poll_fn(|context| Poll::Ready(wait.as_mut().poll(context))).await.is_pending());
            waits.push(wait);
        }
        meanwhile();
        let mut told = Vec::new();
        for wait in waits {
            told.push(wait.await);
        }
        told
    })
}

fn outcomes(path: &Path) -> Vec<(String, String, u64)> {
    let text = |line: &serde_json::Value, name: &str| line[name].as_str().unwrap_or_default().to_owned();
    lines(path)
        .iter()
        .map(|line| (text(line, "outcome"), text(line, "reason"), line["status"].as_u64().unwrap()))
        .collect()
}

fn is_good(path: &Path) -> bool {
    verify(path, &Expected::default(), &mut |_, _| Ok(())).expect("readable").is_good()
}

#[test]
fn one_write_is_for_all_who_wait() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let (trail, faults) = strict(&path);
    faults.writes.lock().unwrap().extend([Fault::None, Fault::Broken]);
    assert_eq!(told(&trail, || trail.shared.sync()), vec![Ok(()); 3]);
    assert_eq!(faults.writes.lock().unwrap().len(), 1);
    assert_eq!(lines(&path).len(), 3);
    assert!(is_good(&path));
}

#[test]
fn what_could_not_be_written_is_on_record_as_it_was_told() {
    for fault in [Fault::Full, Fault::Broken, Fault::Short(700)] {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        let (trail, faults) = strict(&path);
        faults.writes.lock().unwrap().extend([fault, Fault::Full]);
        let before = fs::read(&path).expect("a trail");
        let last = trail.on_disk();
        // What was written of the lines is cut off.
        faults.cuts.lock().unwrap().push_back(Fault::None);
        assert_eq!(told(&trail, || trail.shared.sync()), vec![Err(AuditFailed); 3], "{fault:?}");
        assert_eq!((fs::read(&path).expect("a trail"), trail.on_disk()), (before, last));
        assert!(!trail.healthy());
        faults.writes.lock().unwrap().clear();
        assert_eq!(trail.ready(), Ok(()));
        assert_eq!(told(&trail, || trail.shared.sync()), vec![Ok(()); 3]);
        let refused = |reason: &str, status| ("refused".to_owned(), reason.to_owned(), status);
        let (unknown, unavailable) = (refused("OUTCOME_UNKNOWN", 409), refused("AUDIT_UNAVAILABLE", 503));
        assert_eq!(outcomes(&path)[..3], [unavailable, unknown, refused("X", 400)]);
        assert_eq!(outcomes(&path).len(), 6);
        assert!(all_lines(&path).iter().all(|line| line["event"] != "durability_lost"));
        assert!(is_good(&path) && trail.healthy());
        assert_eq!(Some(trail.on_disk()), crate::audit::segment::last_seq(&path));
    }
}

#[test]
fn a_full_disk_keeps_the_gate_shut_and_counts_whoever_passed_before() {
    const PASSED: usize = 1500;
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let (trail, faults) = strict(&path);
    faults.writes.lock().unwrap().extend(std::iter::repeat_n(Fault::Full, 4 * PASSED));
    assert_eq!(told(&trail, || trail.shared.sync()), vec![Err(AuditFailed); 3]);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    for _ in 0..PASSED {
        assert_eq!((trail.ready(), trail.healthy()), (Err(AuditFailed), false));
        // One that had passed the gate before.
        let mut passed = record(&trail);
        assert_eq!(runtime.block_on(passed.settle(Ended::Answered, 200)), Err(AuditFailed));
        trail.shared.sync();
    }
    faults.writes.lock().unwrap().clear();
    assert_eq!((trail.ready(), trail.healthy()), (Ok(()), true));
    let all = all_lines(&path);
    let of = |event: &str| all.iter().filter(|line| line["event"] == event).collect::<Vec<_>>();
    let missed = of("records_missed");
    assert_eq!(missed.len(), 1);
    assert_eq!(of("exchange").len() as u64 + missed[0]["count"].as_u64().unwrap(), 3 + PASSED as u64);
    assert!(is_good(&path));
}

#[test]
fn a_client_that_leaves_does_not_leave_its_line_behind() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let (trail, _) = strict(&path);
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(async {
        let mut left = record(&trail);
        let mut wait: Wait<'_> = Box::pin(left.settle(Ended::Answered, 200));
        assert!(poll_fn(|context| Poll::Ready(wait.as_mut().poll(context))).await.is_pending());
        drop(wait);
        drop(left);
    });
    drop(record(&trail));
    let told = outcomes(&path);
    assert_eq!((told.len(), told[0].0.as_str(), told[1].0.as_str()), (2, "answered", "client_gone"));
}

#[test]
fn the_copy_of_a_checkpoint_follows_the_file() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let (trail, _) = strict(&path);
    let before = read_head(&path);
    for _ in 0..1001 {
        assert!(trail.append(br#""event":"exchange""#, Client::Waits, Vec::new).is_ok());
    }
    assert_eq!(read_head(&path), before, "no line is on record that the file does not have");
    trail.shared.sync();
    assert!(read_head(&path).expect("a copy").tip.seq > 1000);
    assert!(is_good(&path));
}

#[test]
fn what_went_with_a_deleted_file_is_not_acknowledged() {
    for noticed in [false, true] {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        let (trail, _) = strict(&path);
        let lost = told(&trail, || {
            fs::remove_file(&path).expect("removed");
            if noticed {
                drop(record(&trail));
            }
            trail.shared.sync();
        });
        assert_eq!(lost, vec![Err(AuditFailed); 3]);
        assert_eq!(told(&trail, || trail.shared.sync()), vec![Ok(()); 3]);
        trail.shared.tidy(u64::MAX);
        let marked = all_lines(&path).into_iter().any(|line| line["event"] == "durability_lost");
        assert!(marked, "the chain goes on, and says whose clients were refused");
    }
}
