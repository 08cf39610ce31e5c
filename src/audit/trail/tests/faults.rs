//! A disk that fails in any way, at any call: what was acknowledged is on record once, the rest is told honestly.

use std::collections::HashMap;
use std::collections::VecDeque;

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;
use crate::audit::medium::faults::{Fault, Faults, plan};
use crate::audit::verify::{Expected, segments, verify};

fn fault() -> impl Strategy<Value = Fault> {
    prop_oneof![
        6 => Just(Fault::None),
        2 => Just(Fault::Full),
        2 => Just(Fault::Broken),
        2 => (0usize..700).prop_map(Fault::Short),
    ]
}

fn queue(faults: Vec<Fault>) -> Mutex<VecDeque<Fault>> {
    Mutex::new(faults.into())
}

/// Every line of every segment.
fn lines_of(path: &Path) -> Vec<serde_json::Value> {
    segments(path).expect("a trail").iter().flat_map(|segment| all_lines(segment)).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 96, ..ProptestConfig::default() })]
    #[test]
    fn a_failing_disk_loses_nothing_that_was_acknowledged(
        writes in vec(fault(), 0..60),
        cuts in vec(fault(), 0..12),
        syncs in vec(prop_oneof![3 => Just(Fault::None), 1 => Just(Fault::Broken)], 0..20),
        strict: bool,
    ) {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        let faults = Faults { writes: queue(writes), cuts: queue(cuts), syncs: queue(syncs), ..Faults::default() };
        let faults = Arc::new(faults);
        let durability = if strict { Durability::Strict } else { Durability::Relaxed };
        let settings = AuditSettings { durability, rotate_bytes: 6 << 10, ..settings(&path, OnAuditFailure::Refuse) };
        plan(Some(Arc::clone(&faults)));
        let trail = Arc::new(Trail::open(&settings, keys(None)).expect("opened"));
        let mut acknowledged = Vec::new();
        let mut refused = Vec::new();
        for number in 0..40 {
            let id = format!("req_{number}");
            let mut record = Record::open(&trail, &Arc::new(Metrics::new()), id.as_str().into(), "GET");
            match settle(&mut record) {
                Ok(()) => acknowledged.push(id),
                Err(AuditFailed) => {
                    refused.push(id);
                    // What the syncing thread does every second.
                    trail.shared.tidy(u64::MAX);
                    trail.shared.sync();
                }
            }
        }
        // The disk works again.
        for queue in [&faults.writes, &faults.cuts, &faults.syncs] {
            queue.lock().unwrap().clear();
        }
        trail.shared.sync();
        trail.shared.tidy(u64::MAX);
        prop_assert!(trail.ready().is_ok());
        trail.close();
    plan(None);
        plan(None);
        prop_assert!(trail.healthy());

        let report = verify(&path, &Expected::default(), &mut |_, _| Ok(())).expect("readable");
        prop_assert!(report.is_good(), "{:?}", report.problems);
        let lines = lines_of(&path);
        let mut outcomes: HashMap<&str, Vec<(u64, &str)>> = HashMap::new();
        for line in lines.iter().filter(|line| line["event"] == "exchange") {
            let told = (line["seq"].as_u64().unwrap(), line["outcome"].as_str().unwrap());
            outcomes.entry(line["request_id"].as_str().unwrap()).or_default().push(told);
        }
        for id in &acknowledged {
            let found: Vec<_> = outcomes[id.as_str()].iter().map(|(_, outcome)| *outcome).collect();
            prop_assert_eq!(found, vec!["answered"], "{}", id);
        }
        let lost: Vec<(u64, u64)> = lines
            .iter()
            .filter(|line| line["event"] == "durability_lost")
            .map(|line| (line["from"].as_u64().unwrap(), line["to"].as_u64().unwrap()))
            .collect();
        // What the disk dropped was acknowledged to nobody who waits for the disk, and is under a marker.
        for line in faults.dropped_lines() {
            let (id, seq) = (line["request_id"].as_str().unwrap_or_default(), line["seq"].as_u64().unwrap());
            prop_assert!(!strict || !acknowledged.iter().any(|one| one == id), "{}", id);
            prop_assert!(lost.iter().any(|(from, to)| (*from..=*to).contains(&seq)), "{}", line);
        }
        for id in &refused {
            let found = &outcomes[id.as_str()];
            prop_assert_eq!(found.len(), 1, "{}", id);
            let (seq, outcome) = found[0];
            // Either the line says what the client was told, or a marker says that it does not.
            let marked = lost.iter().any(|(from, to)| (*from..=*to).contains(&seq));
            prop_assert!(outcome == "refused" || marked, "{} {}", id, seq);
        }
    }
}

/// Each line fills a segment. Planned until `plan(None)`.
fn planned(path: &Path, durability: Durability, faults: Faults) -> (Arc<Trail>, Arc<Faults>) {
    let faults = Arc::new(faults);
    plan(Some(Arc::clone(&faults)));
    let settings = AuditSettings { durability, rotate_bytes: 1, ..settings(path, OnAuditFailure::Refuse) };
    let trail = Arc::new(Trail::open(&settings, keys(None)).expect("opened"));
    (trail, faults)
}

#[test]
fn a_sync_that_fails_for_a_rotation_is_known_to_who_waits() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let faults = Faults { syncs: queue(vec![Fault::Broken]), ..Faults::default() };
    let (trail, faults) = planned(&path, Durability::Strict, faults);
    assert_eq!(settle(&mut record(&trail)), Err(AuditFailed), "the disk dropped it");
    assert!(faults.dropped_lines().iter().any(|line| line["request_id"] == "req_1"));
    trail.shared.sync();
    trail.shared.tidy(u64::MAX);
    assert_eq!(settle(&mut record(&trail)), Ok(()));
    trail.close();
    plan(None);
    let told = lines_of(&path);
    let marker = told.iter().find(|line| line["event"] == "durability_lost").expect("a marker");
    assert!(marker["from"].as_u64() <= Some(2) && marker["to"].as_u64() >= Some(2));
}

#[test]
fn a_rotation_without_a_new_file_leaves_the_old_one_in_place() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let faults = Faults { opens: queue(vec![Fault::None, Fault::Full]), ..Faults::default() };
    let (trail, _) = planned(&path, Durability::Relaxed, faults);
    for _ in 0..2 {
        assert_eq!(settle(&mut record(&trail)), Ok(()));
    }
    assert_eq!(segments(&path).expect("a trail"), std::slice::from_ref(&path), "nothing is sealed");
    trail.close();
    plan(None);
    assert_eq!(lines(&path).len(), 2);
}

#[test]
fn what_stands_under_the_name_of_a_segment_is_set_aside_and_put_on_record() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let (trail, _) = planned(&path, Durability::Relaxed, Faults::default());
    let place = trail.shared.lock().place.clone();
    let sealed = crate::audit::names::sealed_path(&path, &place);
    let beside = |suffix: &str| crate::audit::names::suffixed(&sealed, suffix);
    fs::write(&sealed, "of somebody else\n").expect("written");
    // Believed, this mark would have the new segment deleted unsent.
    fs::write(beside(".shipped"), "s3://trail/clinic\n").expect("written");
    fs::write(beside(".set-aside-1"), "of yesterday\n").expect("written");
    for _ in 0..2 {
        assert_eq!(settle(&mut record(&trail)), Ok(()));
    }
    trail.close();
    plan(None);
    assert_eq!(fs::read_to_string(beside(".set-aside-2")).expect("kept"), "of somebody else\n");
    assert_eq!(fs::read_to_string(beside(".set-aside-1")).expect("kept"), "of yesterday\n");
    assert!(!beside(".shipped").exists() && beside(".shipped.set-aside-1").exists());
    let files = segments(&path).expect("a trail");
    assert_eq!((files[0].clone(), files.len()), (sealed.clone(), 3), "it rotates at once");
    let note = lines_of(&path).into_iter().find(|line| line["event"] == "trail_resumed").expect("a note");
    assert_eq!(note["set_aside"], beside(".set-aside-2").file_name().unwrap().to_str().unwrap());
    assert_eq!(note["set_aside_bytes"], 17);
    let report = crate::audit::verify::verify(&path, &Default::default(), &mut |_, _| Ok(())).expect("read");
    assert!(report.is_good());
}
