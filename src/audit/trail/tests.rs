//! The trail on real files: order, failure, crash and rotation.

use std::fs;
use std::path::Path;

mod collected;
mod cut;
mod faults;
mod places;

use super::lines::PENDING_LINES_MAX;
use super::*;
use crate::audit::medium::faults::{Fault, Faults, plan};
use crate::audit::record::{Ended, Record};

fn settings(path: &Path, on_failure: OnAuditFailure) -> AuditSettings {
    let sink = AuditSink::File(path.to_owned());
    AuditSettings { sink, on_failure, durability: Durability::Relaxed, ..AuditSettings::default() }
}

fn keys(signer: Option<Signer>) -> TrailKeys {
    TrailKeys { signer, resource_ids: ResourceIds::Plain }
}

fn open(path: &Path, on_failure: OnAuditFailure) -> Arc<Trail> {
    Arc::new(Trail::open(&settings(path, on_failure), keys(None)).expect("the file can be opened"))
}

impl Trail {
    fn look_at_path_again(&self) {
        if let Sink::File(segment) = &mut self.shared.lock().sink {
            segment.look_at_path_again();
        }
    }
}

fn record(trail: &Arc<Trail>) -> Record {
    Record::open(trail, &Arc::new(Metrics::new()), "req_1".into(), "GET")
}

fn all_lines(path: &Path) -> Vec<serde_json::Value> {
    let text = fs::read_to_string(path).unwrap_or_default();
    text.lines().map(|line| serde_json::from_str(line).expect("each line is JSON")).collect()
}

/// Exchanges only.
fn lines(path: &Path) -> Vec<serde_json::Value> {
    all_lines(path).into_iter().filter(|line| line["event"] == "exchange").collect()
}

fn settle(record: &mut Record) -> Result<(), AuditFailed> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build().expect("a runtime");
    runtime.block_on(record.settle(Ended::Answered, 200))
}

#[test]
fn a_record_is_written_once_however_it_ends() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let trail = open(&path, OnAuditFailure::Refuse);
    let mut finished = record(&trail);
    assert_eq!(settle(&mut finished), Ok(()));
    assert_eq!(settle(&mut finished), Ok(()));
    drop(finished);
    drop(record(&trail));
    let lines = lines(&path);
    assert_eq!(lines.len(), 2);
    assert_eq!(lines[0]["outcome"], "answered");
    assert_eq!(lines[1]["outcome"], "client_gone");
    assert_eq!((lines[0]["seq"].as_u64(), lines[1]["seq"].as_u64()), (Some(2), Some(3)));
    assert_eq!(lines[1]["prev"], lines[0]["hash"]);
}

#[test]
fn a_deleted_file_is_made_again_and_a_rotated_one_left_alone() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let trail = open(&path, OnAuditFailure::Refuse);
    drop(record(&trail));
    let rotated = dir.path().join("audit.1");
    fs::rename(&path, &rotated).expect("renamed");
    drop(record(&trail));
    trail.look_at_path_again();
    drop(record(&trail));
    let before = all_lines(&path);
    assert_eq!(before[0]["event"], "segment_started");
    assert_eq!(before[0]["prev"], all_lines(&rotated).last().expect("lines")["hash"], "the chain goes on");
    fs::remove_file(&path).expect("removed");
    drop(record(&trail));
    assert_eq!(lines(&rotated).len(), 2, "a renamed file keeps its lines until the rotation is noticed");
    assert_eq!(lines(&path).len(), 1, "a deleted one is noticed at once");
}

#[test]
fn a_record_that_comes_late_says_what_the_client_was_told() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("sub").join("audit.jsonl");
    fs::create_dir(path.parent().expect("a parent")).expect("made");
    let trail = open(&path, OnAuditFailure::Refuse);
    fs::remove_dir_all(path.parent().expect("a parent")).expect("removed");
    assert_eq!(settle(&mut record(&trail)), Err(AuditFailed));
    assert!(!trail.healthy());
    fs::create_dir(path.parent().expect("a parent")).expect("made");
    assert!(trail.ready().is_ok() && trail.healthy());
    let lines = lines(&path);
    assert_eq!((lines.len(), lines[0]["outcome"].as_str()), (1, Some("refused")));
    assert_eq!(
        (lines[0]["reason"].as_str(), lines[0]["status"].as_u64()),
        (Some("AUDIT_UNAVAILABLE"), Some(503))
    );
}

#[test]
fn a_full_disk_refuses_or_goes_on_as_the_policy_says() {
    let full = Path::new("/dev/full");
    let refusing = open(full, OnAuditFailure::Refuse);
    assert_eq!(settle(&mut record(&refusing)), Err(AuditFailed));
    assert_eq!(refusing.ready(), Err(AuditFailed));
    let going_on = open(full, OnAuditFailure::Continue);
    assert_eq!(settle(&mut record(&going_on)), Ok(()));
    assert!(going_on.ready().is_ok() && !going_on.healthy());
}

#[test]
fn what_could_not_be_kept_is_counted_on_record() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("sub").join("audit.jsonl");
    fs::create_dir(path.parent().expect("a parent")).expect("made");
    let trail = open(&path, OnAuditFailure::Continue);
    fs::remove_dir_all(path.parent().expect("a parent")).expect("removed");
    for _ in 0..PENDING_LINES_MAX + 7 {
        drop(record(&trail));
    }
    fs::create_dir(path.parent().expect("a parent")).expect("made");
    assert!(trail.ready().is_ok());
    let missed =
        all_lines(&path).into_iter().find(|line| line["event"] == "records_missed").expect("a marker");
    assert_eq!(missed["count"], 7);
    assert_eq!(lines(&path).len(), PENDING_LINES_MAX);
}

#[test]
fn a_restart_goes_on_with_the_chain() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    for _ in 0..3 {
        let trail = open(&path, OnAuditFailure::Refuse);
        assert_eq!(settle(&mut record(&trail)), Ok(()));
    }
    let lines = all_lines(&path);
    let events: Vec<_> = lines.iter().filter_map(|line| line["event"].as_str()).collect();
    let again = ["trail_resumed", "exchange", "checkpoint"];
    let expected = [&["segment_started", "exchange", "checkpoint"][..], &again, &again].concat();
    assert_eq!(events, expected);
    assert!(lines.windows(2).all(|pair| pair[1]["prev"] == pair[0]["hash"]));
    assert_eq!(
        lines.iter().map(|line| line["seq"].as_u64()).collect::<Vec<_>>(),
        (1..=9).map(Some).collect::<Vec<_>>()
    );
}

#[test]
fn a_torn_last_line_is_set_aside_and_put_on_record() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    drop(record(&open(&path, OnAuditFailure::Refuse)));
    let whole = fs::read_to_string(&path).expect("a trail");
    let last = whole.lines().last().expect("a line");
    for cut in [1, 20, last.len() - 1, last.len()] {
        // The last line without its end, after three whole ones.
        fs::write(&path, format!("{whole}{}", &last[..cut])).expect("written");
        let trail = open(&path, OnAuditFailure::Refuse);
        drop(trail);
        let lines = all_lines(&path);
        let resumed = &lines[3];
        assert_eq!(resumed["event"], "trail_resumed", "cut at {cut}");
        assert_eq!(resumed["set_aside_bytes"].as_u64(), Some(cut as u64));
        assert_eq!(resumed["prev"], lines[2]["hash"]);
        let aside = dir.path().join(resumed["set_aside"].as_str().expect("a name"));
        assert_eq!(fs::read_to_string(&aside).expect("kept"), last[..cut]);
        fs::remove_file(aside).expect("removed");
    }
}

#[test]
fn a_file_that_is_no_trail_is_set_aside_whole() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    fs::write(&path, "not a trail\n").expect("written");
    drop(record(&open(&path, OnAuditFailure::Refuse)));
    assert_eq!(
        fs::read_to_string(dir.path().join("audit.jsonl.set-aside-1")).expect("kept"),
        "not a trail\n"
    );
    assert_eq!(all_lines(&path)[1]["set_aside"], "audit.jsonl.set-aside-1");
    assert_eq!(lines(&path).len(), 1);
}

#[test]
fn lines_that_a_checkpoint_vouches_for_are_missed() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    drop(record(&open(&path, OnAuditFailure::Refuse)));
    let whole = fs::read_to_string(&path).expect("a trail");
    let first = whole.lines().next().expect("a line");
    fs::write(&path, format!("{first}\n")).expect("cut short");
    drop(open(&path, OnAuditFailure::Refuse));
    let resumed = &all_lines(&path)[1];
    assert_eq!((resumed["missing_from"].as_u64(), resumed["missing_to"].as_u64()), (Some(2), Some(3)));
    assert_eq!(resumed["seq"], 4, "a number is used once");
}

#[test]
fn two_processes_cannot_write_one_trail() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let first = open(&path, OnAuditFailure::Refuse);
    let second = Trail::open(&settings(&path, OnAuditFailure::Refuse), keys(None));
    assert!(second.err().is_some_and(|error| error.to_string().contains("another process")));
    drop(first);
    assert!(Trail::open(&settings(&path, OnAuditFailure::Refuse), keys(None)).is_ok());
}

#[test]
fn segments_rotate_by_size_and_by_age() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    for (rotate_bytes, rotate_age) in [(4096, Duration::from_hours(1)), (1 << 30, Duration::ZERO)] {
        let settings = AuditSettings { rotate_bytes, rotate_age, ..settings(&path, OnAuditFailure::Refuse) };
        let trail = Arc::new(Trail::open(&settings, keys(None)).expect("the file can be opened"));
        for _ in 0..30 {
            drop(record(&trail));
        }
    }
    let mut sealed: Vec<_> = fs::read_dir(dir.path())
        .expect("a directory")
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter(|name| crate::audit::names::of_sealed(&path, name).is_some())
        .collect();
    sealed.sort();
    assert!(sealed.len() > 30, "{} segments", sealed.len());
    let mut lines: Vec<_> = sealed.iter().flat_map(|name| all_lines(&dir.path().join(name))).collect();
    lines.extend(all_lines(&path));
    assert!(lines.windows(2).all(|pair| pair[1]["prev"] == pair[0]["hash"]));
    assert_eq!(lines.iter().filter(|line| line["event"] == "exchange").count(), 60);
}

#[test]
fn strict_records_wait_for_the_disk() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let settings =
        AuditSettings { durability: Durability::Strict, ..settings(&path, OnAuditFailure::Refuse) };
    let trail = Arc::new(Trail::open(&settings, keys(None)).expect("the file can be opened"));
    let before = trail.shared.commit.settled();
    assert_eq!(settle(&mut record(&trail)), Ok(()));
    assert!(trail.shared.commit.settled() > before);
    // A device that takes lines but cannot be synced is no failure: there is nothing to wait for.
    let null = AuditSettings { sink: AuditSink::File("/dev/null".into()), ..settings };
    let trail = Arc::new(Trail::open(&null, keys(None)).expect("opened"));
    assert_eq!(settle(&mut record(&trail)), Ok(()));
}

#[test]
fn a_rotation_that_cannot_happen_costs_one_checkpoint_and_is_left_alone() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let settings = AuditSettings { rotate_bytes: 4096, ..settings(&path, OnAuditFailure::Refuse) };
    let opens = Mutex::new([Fault::None, Fault::Full].into());
    plan(Some(Arc::new(Faults { opens, ..Faults::default() })));
    let trail = Arc::new(Trail::open(&settings, keys(None)).expect("the file can be opened"));
    for _ in 0..100 {
        assert_eq!(settle(&mut record(&trail)), Ok(()));
    }
    plan(None);
    let checkpoints = all_lines(&path).iter().filter(|line| line["event"] == "checkpoint").count();
    assert_eq!((lines(&path).len(), checkpoints), (100, 1));
}

#[test]
fn clients_that_were_told_of_a_failure_are_put_on_record_once() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let trail = open(&path, OnAuditFailure::Refuse);
    let mut inner = trail.shared.lock();
    for (from, to) in [(4, 5), (6, 6), (9, 9)] {
        inner.note_lost(from, to);
    }
    inner.write_lost();
    drop(inner);
    drop(record(&trail));
    let lost: Vec<_> = all_lines(&path)
        .into_iter()
        .filter(|line| line["event"] == "durability_lost")
        .map(|line| (line["from"].as_u64(), line["to"].as_u64()))
        .collect();
    assert_eq!(lost, [(Some(4), Some(6)), (Some(9), Some(9))]);
}

#[test]
fn a_foreign_file_at_the_path_is_set_aside_and_put_on_record() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let trail = open(&path, OnAuditFailure::Refuse);
    fs::rename(&path, dir.path().join("moved")).expect("renamed");
    fs::write(&path, "foreign\n").expect("written");
    trail.look_at_path_again();
    drop(record(&trail));
    drop(record(&trail));
    let resumed = all_lines(&path).into_iter().find(|line| line["event"] == "trail_resumed").expect("a note");
    assert_eq!(resumed["set_aside"], "audit.jsonl.set-aside-1");
    assert_eq!(lines(&path).len(), 2);
}

#[test]
fn what_a_crash_left_unsealed_is_sealed_though_nothing_comes() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let trail = open(&path, OnAuditFailure::Refuse);
    drop(record(&trail));
    // Without a spool nothing is sealed at the end: the file is as a crash leaves it.
    trail.close();
    drop(trail);
    let settings = AuditSettings {
        ship: Some(crate::audit::ship::settings::ShipSettings::local()),
        rotate_age: Duration::ZERO,
        ..settings(&path, OnAuditFailure::Refuse)
    };
    let trail = Trail::open(&settings, keys(None)).expect("opened");
    trail.shared.tidy(u64::MAX);
    let found = crate::audit::verify::segments(&path).expect("a trail");
    assert_eq!((found.len(), lines(&found[0]).len()), (2, 1));
    trail.shared.tidy(u64::MAX);
    assert_eq!(crate::audit::verify::segments(&path).expect("a trail").len(), 2, "nothing more to seal");
}
