//! What somebody else takes out of the file while it is written: it is told, and the trail goes on.

use super::*;
use crate::audit::verify::{Expected, Report, segments, verify};

fn verified(path: &Path) -> Report {
    verify(path, &Expected::default(), &mut |_, _| Ok(())).expect("readable")
}

/// As the trail says it: segment, bytes that were written, bytes that are left.
fn cuts(path: &Path) -> Vec<(u64, u64, u64)> {
    let all = segments(path).expect("a trail").into_iter().flat_map(|file| {
        let text = fs::read_to_string(file).expect("text");
        text.lines().filter_map(|line| serde_json::from_str(line).ok()).collect::<Vec<serde_json::Value>>()
    });
    let number = |line: &serde_json::Value, name: &str| line[name].as_u64().expect("a number");
    all.filter(|line| line["event"] == "segment_cut")
        .map(|line| (number(&line, "segment"), number(&line, "bytes_written"), number(&line, "bytes_left")))
        .collect()
}

fn cut(path: &Path, left: u64) {
    fs::OpenOptions::new().write(true).open(path).expect("open").set_len(left).expect("cut");
}

#[test]
fn a_file_that_is_cut_is_noticed_and_a_copy_of_it_makes_the_trail_whole() {
    for durability in [Durability::Strict, Durability::Relaxed] {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        let settings = AuditSettings { durability, ..settings(&path, OnAuditFailure::Refuse) };
        let trail = Arc::new(Trail::open(&settings, keys(None)).expect("the file can be opened"));
        let metrics = Arc::new(Metrics::new());
        trail.count_in(&metrics);
        for _ in 0..3 {
            assert_eq!(settle(&mut record(&trail)), Ok(()));
        }
        // As logrotate does with `copytruncate`.
        let copy = dir.path().join("audit.jsonl.1");
        fs::copy(&path, &copy).expect("copied");
        let written = fs::metadata(&path).expect("a file").len();
        cut(&path, 0);
        for _ in 0..3 {
            assert_eq!(settle(&mut record(&trail)), Ok(()));
        }
        trail.close();
        assert!(metrics.audit_failures.get() >= 1 && trail.healthy());
        assert_eq!(cuts(&path), [(1, written, 0)]);
        let first = &all_lines(&path)[0];
        assert_eq!((&first["event"], &first["segment"]), (&"segment_started".into(), &3.into()));
        assert_eq!(lines(&path).len(), 3);
        let missing = verified(&path);
        assert!(!missing.is_good() && missing.exchanges == 3, "{:?}", missing.problems);

        let chain = first["chain"].as_str().expect("a chain");
        fs::rename(copy, dir.path().join(format!("audit-{chain}-000001.jsonl"))).expect("renamed");
        let whole = verified(&path);
        assert!(whole.is_good() && whole.exchanges == 6, "{:?}", whole.problems);
    }
}

#[test]
fn half_a_line_that_a_cut_left_spoils_no_other() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let trail = open(&path, OnAuditFailure::Refuse);
    for _ in 0..3 {
        assert_eq!(settle(&mut record(&trail)), Ok(()));
    }
    let whole = fs::read_to_string(&path).expect("text");
    let kept: usize = whole.split_inclusive('\n').take(2).map(str::len).sum();
    cut(&path, kept as u64 + 20);
    assert_eq!(settle(&mut record(&trail)), Ok(()));
    trail.close();
    let report = verified(&path);
    let told: Vec<_> = report.problems.iter().map(|problem| problem.fault.to_string()).collect();
    assert_eq!(told, ["not a line of an audit trail", "records 3 to 4 are missing"]);
    assert_eq!(report.exchanges, 2, "the one before the cut and the one behind it");
    assert_eq!(cuts(&path), [(1, whole.len() as u64, kept as u64 + 20)]);
}

#[test]
fn a_cut_or_deleted_file_is_noticed_though_nothing_comes() {
    type Take = fn(&Path);
    for take in [(|path| cut(path, 0)) as Take, |path| fs::remove_file(path).expect("removed")] {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        let trail = open(&path, OnAuditFailure::Refuse);
        let metrics = Arc::new(Metrics::new());
        trail.count_in(&metrics);
        assert_eq!(settle(&mut record(&trail)), Ok(()));
        take(&path);
        trail.shared.tidy(u64::MAX);
        assert_eq!((cuts(&path).len(), metrics.audit_failures.get()), (1, 1));
        assert!(all_lines(&path)[0]["event"] == "segment_started" && trail.healthy());
        trail.shared.tidy(u64::MAX);
        assert_eq!(metrics.audit_failures.get(), 1, "told once");
    }
}
