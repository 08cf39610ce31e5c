//! What must show, made by hand on trails that the writer wrote.

use std::fs;
use std::sync::Arc;
use std::time::Duration;

use aws_lc_rs::signature::Ed25519KeyPair;
use data_encoding::BASE64;

use super::*;
use crate::audit::checkpoint::Signer;
use crate::audit::ids::ResourceIds;
use crate::audit::settings::{AuditSettings, AuditSink, Durability};
use crate::audit::{Record, Trail, TrailKeys};
use crate::metrics::Metrics;

fn keys(signer: Option<Signer>) -> TrailKeys {
    TrailKeys { signer, resource_ids: ResourceIds::Plain }
}

mod beside;
mod positions;

struct Made {
    dir: tempfile::TempDir,
    path: PathBuf,
    key: PathBuf,
}

/// Three runs of twenty exchanges each, in segments of 4 KiB, every run ended by a checkpoint.
fn made() -> Made {
    let dir = tempfile::tempdir().expect("a temporary directory");
    let (path, key) = (dir.path().join("audit.jsonl"), dir.path().join("key.pem"));
    let der = Ed25519KeyPair::generate().expect("randomness").to_pkcs8v1().expect("PKCS#8");
    let label = ["PRIVATE", "KEY"].join(" ");
    let pem = format!("-----BEGIN {label}-----\n{}\n-----END {label}-----\n", BASE64.encode(der.as_ref()));
    fs::write(&key, pem).expect("written");
    for _ in 0..3 {
        let settings = AuditSettings {
            sink: AuditSink::File(path.clone()),
            durability: Durability::Relaxed,
            rotate_bytes: 4096,
            rotate_age: Duration::from_hours(1),
            ..AuditSettings::default()
        };
        let signer = Signer::read(&key).expect("a key");
        let trail = Arc::new(Trail::open(&settings, keys(Some(signer))).expect("opened"));
        for _ in 0..20 {
            drop(Record::open(&trail, &Arc::new(Metrics::new()), "req_1".into(), "GET"));
        }
    }
    Made { dir, path, key }
}

impl Made {
    fn verify(&self) -> Report {
        let expected =
            Expected { verifiers: vec![Verifier::read(&self.key).expect("a key")], ..Expected::default() };
        verify(&self.path, &expected, &mut |_, _| Ok(())).expect("readable")
    }

    fn faults(&self) -> Vec<Fault> {
        self.verify().problems.into_iter().map(|problem| problem.fault).collect()
    }

    /// Builds the whole chain anew, as anybody who can write the files can.
    fn rebuild(&self, change: impl Fn(&str) -> String) {
        let mut tip = Tip::START;
        for file in segments(&self.path).expect("segments") {
            let mut out = Vec::new();
            for line in fs::read_to_string(&file).expect("text").lines() {
                let link = Link::read(line.as_bytes()).expect("a line");
                tip = tip.seal(change(&String::from_utf8_lossy(link.fields)).as_bytes(), &mut out);
            }
            fs::write(file, out).expect("written");
        }
    }

    /// Changes the lines of the segment with this index.
    fn change(&self, index: usize, change: impl FnOnce(&mut Vec<String>)) {
        let file = &segments(&self.path).expect("segments")[index];
        let mut lines: Vec<String> =
            fs::read_to_string(file).expect("text").lines().map(str::to_owned).collect();
        change(&mut lines);
        fs::write(file, lines.iter().map(|line| format!("{line}\n")).collect::<String>()).expect("written");
    }
}

#[test]
fn an_untouched_trail_is_good() {
    let made = made();
    let report = made.verify();
    assert_eq!(report.problems, []);
    assert_eq!((report.exchanges, report.unvouched), (60, 0));
    assert!(report.segments > 5 && report.signed >= report.segments as u64 - 1 && report.unsigned == 0);
    let blind = verify(&made.path, &Expected::default(), &mut |_, _| Ok(())).expect("readable");
    assert_eq!((blind.signed, blind.unchecked), (0, report.signed));
}

#[test]
fn every_kind_of_change_is_found_and_named() {
    type Change = fn(&mut Vec<String>);
    type Found = fn(&Fault) -> bool;
    let cases: [(Change, Found); 7] = [
        (
            |lines| lines[2] = lines[2].replace("client_gone", "answered"),
            |fault| matches!(fault, Fault::Altered { .. }),
        ),
        (|lines| drop(lines.remove(2)), |fault| matches!(fault, Fault::Missing { .. })),
        (|lines| lines.swap(1, 2), |fault| matches!(fault, Fault::Missing { .. })),
        (|lines| lines.insert(2, lines[1].clone()), |fault| matches!(fault, Fault::OutOfOrder { .. })),
        (|lines| lines[1] = "{}".to_owned(), |fault| matches!(fault, Fault::NoLine)),
        (|lines| lines[1] = "x".repeat(LINE_BYTES_MAX + 10), |fault| matches!(fault, Fault::NoLine)),
        (
            |lines| {
                // Made again with a hash that fits: only the next line gives it away.
                let link = Link::read(lines[2].as_bytes()).expect("a line");
                let fields = String::from_utf8_lossy(link.fields).replace("client_gone", "answered");
                let before = Tip { seq: link.seq - 1, hash: link.prev };
                let mut line = Vec::new();
                before.seal(fields.as_bytes(), &mut line);
                lines[2] = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
            },
            |fault| matches!(fault, Fault::Unlinked { .. }),
        ),
    ];
    for (index, (change, found)) in cases.into_iter().enumerate() {
        let made = made();
        made.change(1, change);
        let report = made.verify();
        assert!(!report.is_good(), "case {index}");
        assert!(found(&report.problems[0].fault), "case {index}: {:?}", report.problems[0].fault);
        assert_eq!(report.problems[0].file, segments(&made.path).expect("segments")[1]);
        assert!(report.problems[0].line > 0);
    }
}

#[test]
fn a_chain_built_anew_lacks_the_signature() {
    let made = made();
    made.rebuild(|fields| fields.replace("client_gone", "answered"));
    let faults = made.faults();
    let forged = |fault: &Fault| {
        matches!(fault, Fault::Forged { .. } | Fault::NeverSigned | Fault::HeadDiffers { .. })
    };
    assert!(!faults.is_empty() && faults.iter().all(forged));
}

#[test]
fn with_a_key_only_its_signatures_count() {
    // Built anew from the last run on, and not signed at all.
    let made = made();
    made.rebuild(|fields| {
        let end = fields.find(",\"key\":").unwrap_or(fields.len());
        fields[..end].replace("client_gone", "answered")
    });
    assert!(made.faults().contains(&Fault::NeverSigned));
    // The key of somebody else.
    let other = self::made();
    let expected =
        Expected { verifiers: vec![Verifier::read(&other.key).expect("a key")], ..Expected::default() };
    let report = verify(&self::made().path, &expected, &mut |_, _| Ok(())).expect("readable");
    assert_eq!(report.problems[0].fault, Fault::NeverSigned);
}

#[test]
fn an_unsigned_end_after_signed_checkpoints_shows() {
    let made = made();
    let settings = AuditSettings {
        sink: AuditSink::File(made.path.clone()),
        durability: Durability::Relaxed,
        ..AuditSettings::default()
    };
    let without = Arc::new(Trail::open(&settings, keys(None)).expect("opened"));
    drop(Record::open(&without, &Arc::new(Metrics::new()), "req_1".into(), "GET"));
    drop(without);
    assert!(matches!(made.faults()[..], [Fault::NotSigned { .. }]));
    // A signature after that vouches for all of it.
    let signer = Signer::read(&made.key).expect("a key");
    drop(Trail::open(&settings, keys(Some(signer))).expect("opened"));
    assert_eq!(made.faults(), []);
}

#[test]
fn what_is_gone_from_either_end_or_the_middle_shows() {
    let last = made();
    let whole = last.verify().last;
    fs::remove_file(&last.path).expect("removed");
    assert!(matches!(last.faults()[..], [Fault::CutShort { known, .. }] if known == whole));

    let tail = made();
    tail.change(segments(&tail.path).expect("segments").len() - 1, |lines| drop(lines.pop()));
    assert!(matches!(tail.faults()[..], [Fault::CutShort { known, .. }] if known == whole));

    let middle = made();
    fs::remove_file(&segments(&middle.path).expect("segments")[2]).expect("removed");
    assert!(matches!(middle.faults()[..], [Fault::Missing { .. }]));

    let first = made();
    fs::remove_file(&segments(&first.path).expect("segments")[0]).expect("removed");
    assert!(matches!(first.faults()[..], [Fault::Missing { from: 1, .. }]));
    let partial = Expected { partial: true, ..Expected::default() };
    assert!(verify(&first.path, &partial, &mut |_, _| Ok(())).expect("readable").is_good());

    let torn = made();
    let text = fs::read(&torn.path).expect("text");
    fs::write(&torn.path, &text[..text.len() - 1]).expect("written");
    assert!(torn.faults().contains(&Fault::Torn));

    let known = made();
    fs::remove_file(crate::audit::names::head(&known.path)).expect("removed");
    let later = Expected { seq: Some(whole + 1), ..Expected::default() };
    assert_eq!(verify(&known.path, &later, &mut |_, _| Ok(())).expect("readable").problems.len(), 1);
    drop(known.dir);
}

#[test]
fn a_chain_put_in_place_of_the_old_one_shows() {
    let (old, new) = (made(), made());
    let active = fs::read(&old.path).expect("text");
    let fresh = fs::read(segments(&new.path).expect("segments")[0].clone()).expect("text");
    fs::write(&old.path, [active, fresh].concat()).expect("written");
    assert!(old.faults().iter().any(|fault| matches!(fault, Fault::Restarted { .. })));
}

#[test]
fn a_copy_of_the_last_checkpoint_must_be_signed_and_stand_in_the_trail() {
    let head = |made: &Made| crate::audit::names::head(&made.path);
    // Made by somebody without the key, to hide that the end is gone.
    let hidden = made();
    let file = segments(&hidden.path).expect("segments").pop().expect("a segment");
    let line = fs::read_to_string(&file).expect("text").lines().next().expect("a line").to_owned();
    let link = Link::read(line.as_bytes()).expect("a line");
    let mut forged = Vec::new();
    let fields = br#""event":"checkpoint","time":"2026-11-22T00:00:00Z","chain":"00c0ffee0000","segment":1"#;
    link.tip().seal(fields, &mut forged);
    fs::write(head(&hidden), forged).expect("written");
    assert!(hidden.faults().contains(&Fault::HeadNotSigned));

    let broken = made();
    fs::write(head(&broken), "{}\n").expect("written");
    assert!(broken.faults().contains(&Fault::HeadBroken));
    let blind = verify(&broken.path, &Expected::default(), &mut |_, _| Ok(())).expect("readable");
    assert_eq!(blind.problems[0].fault, Fault::HeadBroken);

    // All of the trail is built anew but the copy, and nobody has a key.
    let rebuilt = made();
    rebuilt.rebuild(|fields| fields.replace("client_gone", "answered"));
    let blind = verify(&rebuilt.path, &Expected::default(), &mut |_, _| Ok(())).expect("readable");
    assert!(
        matches!(blind.problems[..], [Problem { fault: Fault::HeadDiffers { .. }, .. }]),
        "{:?}",
        blind.problems
    );
}

#[test]
fn a_whole_other_chain_of_the_same_key_shows_by_its_name() {
    let made = made();
    let report = made.verify();
    let [own] = report.chains.as_slice() else { panic!("{:?}", report.chains) };
    let pinned = |made: &Made, chain: &str| {
        let verifiers = vec![Verifier::read(&made.key).expect("a key")];
        let expected = Expected { verifiers, chain: Some(chain.to_owned()), ..Expected::default() };
        verify(&made.path, &expected, &mut |_, _| Ok(())).expect("readable").problems
    };
    assert_eq!(pinned(&made, own), []);
    let other = pinned(&made, "00c0ffee0000");
    assert_eq!((other.len(), other[0].fault, other[0].line), (1, Fault::OtherChain, 1));

    // The copy of the last checkpoint stayed behind when the rest was replaced, and is no later than the other trail ends.
    let replaced = self::made();
    let checkpoint = fs::read_to_string(&segments(&made.path).expect("segments")[0]).expect("text");
    let early = checkpoint.lines().find(|line| line.contains("checkpoint")).expect("signed from the start");
    fs::write(crate::audit::names::head(&replaced.path), early).expect("written");
    let blind = verify(&replaced.path, &Expected::default(), &mut |_, _| Ok(())).expect("readable");
    assert_eq!(
        blind.problems.iter().map(|problem| problem.fault).collect::<Vec<_>>(),
        [Fault::HeadElsewhere]
    );

    // Lines of which none names a chain.
    let nameless = self::made();
    for file in segments(&nameless.path).expect("segments") {
        fs::remove_file(file).expect("removed");
    }
    let mut line = Vec::new();
    Tip::START.seal(br#""event":"exchange""#, &mut line);
    fs::write(&nameless.path, line).expect("written");
    assert!(pinned(&nameless, own).iter().any(|problem| problem.fault == Fault::OtherChain));
}

#[test]
fn a_copy_of_the_last_checkpoint_that_is_gone_is_told_and_one_that_cannot_be_read_is_a_fault() {
    let made = made();
    assert!(!made.verify().head_missing);
    let head = crate::audit::names::head(&made.path);
    fs::remove_file(&head).expect("removed");
    let report = made.verify();
    assert!(report.is_good() && report.head_missing);
    fs::create_dir(&head).expect("made");
    assert_eq!(made.faults(), [Fault::HeadBroken]);
}
