//! What somebody else puts where a file of the trail belongs: it holds nobody up, and nothing is written through it.

use std::os::unix::fs::symlink;
use std::os::unix::net::UnixListener;

use rustix::fs::{CWD, FileType, Mode, mknodat};

use super::*;
use crate::audit::names::{head, sealed, suffixed};

/// With nobody at its other end.
fn make_fifo(path: &Path) {
    mknodat(CWD, path, FileType::Fifo, Mode::RWXU, 0).expect("made");
}

type Put = fn(&Path);

/// Ways to put something else at a path, and what is said of it.
const OTHERS: [(Put, &str); 5] = [
    (make_fifo, "pipe (FIFO)"),
    (|path| drop(UnixListener::bind(path).expect("made")), "socket"),
    (|path| fs::create_dir(path).expect("made"), "directory"),
    (|path| symlink(victim(path), path).expect("made"), "symbolic link"),
    (|path| symlink(path.with_file_name("nothing"), path).expect("made"), "symbolic link"),
];

fn victim(path: &Path) -> std::path::PathBuf {
    path.with_file_name("victim")
}

#[test]
fn a_trail_starts_only_with_a_file() {
    for (put, says) in OTHERS {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        fs::write(victim(&path), "").expect("written");
        put(&path);
        let error = Trail::open(&settings(&path, OnAuditFailure::Refuse), keys(None)).err().expect("refused");
        assert!(error.to_string().contains(says), "{error}");
        assert!(!dir.path().join("nothing").exists());
        assert_eq!(fs::read(victim(&path)).expect("still there"), b"");
    }
    let dir = tempfile::tempdir().expect("a temporary directory");
    fs::create_dir(dir.path().join("..data")).expect("made");
    symlink("..data", dir.path().join("mount")).expect("made");
    let path = dir.path().join("mount").join("audit.jsonl");
    assert_eq!(settle(&mut record(&open(&path, OnAuditFailure::Refuse))), Ok(()));
    assert_eq!(
        lines(&dir.path().join("..data").join("audit.jsonl")).len(),
        1,
        "links above the file are followed"
    );
}

#[test]
fn what_takes_the_place_of_the_file_is_a_failure_until_it_is_gone() {
    for (put, says) in OTHERS {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        let moved = dir.path().join("moved");
        fs::write(victim(&path), "").expect("written");
        let trail = open(&path, OnAuditFailure::Refuse);
        assert_eq!(settle(&mut record(&trail)), Ok(()));
        fs::rename(&path, &moved).expect("renamed");
        put(&path);
        trail.look_at_path_again();
        for _ in 0..3 {
            assert_eq!(settle(&mut record(&trail)), Err(AuditFailed), "{says}");
            assert!(trail.ready().is_err() && !trail.healthy(), "{says}");
        }
        assert_eq!(lines(&moved).len(), 1, "nothing goes where nobody looks for it");
        assert!(!dir.path().join("nothing").exists());
        assert_eq!(fs::read(victim(&path)).expect("still there"), b"");
        fs::rename(&path, dir.path().join("gone")).expect("renamed");
        assert!(trail.ready().is_ok() && trail.healthy());
        assert_eq!(settle(&mut record(&trail)), Ok(()));
        trail.close();
        let written = lines(&path);
        let refused = written.iter().filter(|line| line["reason"] == "AUDIT_UNAVAILABLE").count();
        assert_eq!((written.len(), refused), (4, 3), "{says}");
    }
}

#[test]
fn a_trail_whose_place_is_taken_ends() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let trail = open(&path, OnAuditFailure::Refuse);
    fs::rename(&path, dir.path().join("moved")).expect("renamed");
    make_fifo(&path);
    trail.look_at_path_again();
    assert_eq!(settle(&mut record(&trail)), Err(AuditFailed));
    trail.close();
}

#[test]
fn a_renamed_file_behind_a_link_is_not_the_one_at_the_path() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    let trail = open(&path, OnAuditFailure::Refuse);
    fs::rename(&path, dir.path().join("moved")).expect("renamed");
    symlink(dir.path().join("moved"), &path).expect("made");
    trail.look_at_path_again();
    assert_eq!(settle(&mut record(&trail)), Err(AuditFailed), "a rotation would rename the link");
}

#[test]
fn the_files_beside_the_trail_hold_nothing_up_and_lead_nowhere() {
    for (put, says) in OTHERS {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let path = dir.path().join("audit.jsonl");
        fs::write(victim(&path), "precious\n").expect("written");
        put(&head(&path));
        put(&suffixed(&head(&path), ".new"));
        put(&dir.path().join("audit-5f3a09c2b1d4-000001.jsonl"));
        let trail = open(&path, OnAuditFailure::Refuse);
        assert_eq!(settle(&mut record(&trail)), Ok(()), "{says}");
        trail.close();
        assert_eq!(fs::read_to_string(victim(&path)).expect("still there"), "precious\n");
        assert!(!dir.path().join("nothing").exists());
        // A link to a file may be where an old segment is kept.
        let linked =
            fs::metadata(dir.path().join("audit-5f3a09c2b1d4-000001.jsonl")).is_ok_and(|meta| meta.is_file());
        assert_eq!(sealed(&path).expect("readable").len(), usize::from(linked), "{says}");
    }
}

#[test]
fn what_a_crash_left_is_not_set_aside_through_a_link() {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let path = dir.path().join("audit.jsonl");
    drop(open(&path, OnAuditFailure::Refuse));
    let whole = fs::read_to_string(&path).expect("a trail");
    let last = whole.lines().count();
    fs::write(&path, format!("{whole}half a li")).expect("written");
    fs::write(victim(&path), "precious\n").expect("written");
    let aside = suffixed(&path, &format!(".torn-after-{last:012}"));
    symlink(victim(&path), &aside).expect("made");
    let error = Trail::open(&settings(&path, OnAuditFailure::Refuse), keys(None)).err().expect("refused");
    assert!(error.to_string().contains("torn-after"), "{error}");
    assert_eq!(fs::read_to_string(victim(&path)).expect("still there"), "precious\n");
    fs::remove_file(&aside).expect("removed");
    drop(open(&path, OnAuditFailure::Refuse));
    assert_eq!(fs::read_to_string(&aside).expect("kept"), "half a li");
}
