//! The spool: sealed segments that are not there yet, and the mark that one is.
//!
//! Owns what lies on the disk and how much of it; sends nothing. A segment that was sent and stays here has a file of its name
//! and `.shipped` beside it, which says where to. The mark only saves asking the store: without it, or with one of another store,
//! the segment is sent again, which changes nothing.

use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use tokio::sync::Notify;

use crate::audit::files;
use crate::audit::names::{self, SealedName};
use crate::audit::segment;
use crate::audit::ship::settings::ShipSettings;

/// Two lines, each of a URL at most.
const MARK_BYTES_MAX: u64 = 8 << 10;

/// Shared by the trail, which adds segments, and the shipper, which takes them away.
pub struct Spool {
    path: PathBuf,
    /// As marks name it.
    destination: String,
    bytes_max: u64,
    bytes: AtomicU64,
    /// A segment was sealed.
    pub(super) sealed: Notify,
}

/// A sealed segment that is still to be sent.
pub(super) struct Unsent {
    pub(super) path: PathBuf,
    pub(super) name: SealedName,
    pub(super) bytes: u64,
    pub(super) modified: Option<SystemTime>,
    /// Sent once, but not to the store of the policy: does not fill the spool.
    elsewhere: bool,
}

impl Spool {
    /// Of the trail at `path`.
    pub fn open(path: &Path, settings: &ShipSettings) -> io::Result<Spool> {
        let spool = Spool {
            path: path.to_owned(),
            destination: settings.destination(),
            bytes_max: settings.spool_bytes_max,
            bytes: AtomicU64::new(0),
            sealed: Notify::new(),
        };
        spool.unsent()?;
        Ok(spool)
    }

    /// Whether no more may be put aside.
    pub fn is_full(&self) -> bool {
        self.bytes.load(Ordering::Relaxed) > self.bytes_max
    }

    pub fn bytes(&self) -> u64 {
        self.bytes.load(Ordering::Relaxed)
    }

    /// A segment of so many bytes was sealed.
    pub fn add(&self, bytes: u64) {
        self.bytes.fetch_add(bytes, Ordering::Relaxed);
        self.sealed.notify_one();
    }

    /// What is still to be sent, the oldest first; counts it anew.
    pub(super) fn unsent(&self) -> io::Result<Vec<Unsent>> {
        let mut unsent = Vec::new();
        for (name, path) in names::sealed(&self.path)? {
            // One that was fetched back from the store has its hash in its name.
            if name.hash.is_some() || self.is_there(&path) {
                continue;
            }
            let meta = path.metadata()?;
            let elsewhere = names::mark(&path).exists();
            unsent.push(Unsent { path, name, bytes: meta.len(), modified: meta.modified().ok(), elsewhere });
        }
        self.bytes.store(unsent.iter().map(Unsent::counted).sum(), Ordering::Relaxed);
        Ok(unsent)
    }

    /// Deletes segments that were sent and that nobody has to read any more, up to line `released`.
    pub(super) fn clear(&self, released: u64) -> io::Result<()> {
        for (_, path) in names::sealed(&self.path)? {
            if self.is_there(&path) && segment::last_seq(&path).is_some_and(|last| last <= released) {
                std::fs::remove_file(&path)?;
                std::fs::remove_file(names::mark(&path))?;
            }
        }
        Ok(())
    }

    /// Notes that a segment was sent as `object`, or deletes it if it need not stay.
    pub(super) fn sent(&self, one: &Unsent, object: &str, keep: bool) -> io::Result<()> {
        if keep {
            let text = format!("{}\n{object}\n", self.destination);
            files::replace(&names::mark(&one.path), text.as_bytes())?;
        } else {
            std::fs::remove_file(&one.path)?;
            if one.elsewhere {
                std::fs::remove_file(names::mark(&one.path))?;
            }
        }
        segment::sync_directory(&one.path);
        let taken = |bytes: u64| Some(bytes.saturating_sub(one.counted()));
        let _always = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        Ok(())
    }

    /// Whether a mark says that the segment is in the store of the policy.
    fn is_there(&self, segment: &Path) -> bool {
        let mut text = String::new();
        let read = files::read(&names::mark(segment))
            .and_then(|file| file.take(MARK_BYTES_MAX).read_to_string(&mut text));
        read.is_ok() && text.lines().next() == Some(self.destination.as_str())
    }
}

impl Unsent {
    /// Its bytes in the spool: what is in a store already can wait for another one without holding requests up.
    fn counted(&self) -> u64 {
        if self.elsewhere { 0 } else { self.bytes }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_of_another_store_is_none() {
        let dir = tempfile::tempdir().unwrap();
        let trail = dir.path().join("audit.jsonl");
        let sealed = dir.path().join("audit-0123456789ab-000001.jsonl");
        let here = ShipSettings::local();
        let others = [
            ShipSettings { bucket: "other".into(), ..here.clone() },
            ShipSettings { prefix: "other".into(), ..here.clone() },
            ShipSettings { endpoint: Some("https://minio.example.org".into()), ..here.clone() },
        ];
        let line = br#"{"seq":1,"prev":"00","event":"exchange"}"#;
        std::fs::write(&sealed, [line.as_slice(), b"\n"].concat()).unwrap();
        let spool = Spool::open(&trail, &here).unwrap();
        let one = spool.unsent().unwrap().remove(0);
        assert!(spool.bytes() > 0);
        spool.sent(&one, "0123456789ab/audit-0123456789ab-000001-00.jsonl", true).unwrap();
        assert_eq!((spool.unsent().unwrap().len(), spool.bytes()), (0, 0));
        let mark = std::fs::read_to_string(names::mark(&sealed)).unwrap();
        assert!(mark.starts_with("s3://trail/clinic\n0123456789ab/"), "{mark}");

        for other in &others {
            let spool = Spool::open(&trail, other).unwrap();
            assert_eq!((spool.unsent().unwrap().len(), spool.bytes()), (1, 0), "{other}");
            spool.clear(u64::MAX).unwrap();
            assert!(sealed.exists(), "nothing is deleted that is not there: {other}");
        }
        // Of a version that did not write the place, or emptied by a loss of power.
        for old in ["0123456789ab/audit-0123456789ab-000001-00.jsonl\n", ""] {
            std::fs::write(names::mark(&sealed), old).unwrap();
            assert_eq!(spool.unsent().unwrap().len(), 1);
        }
        let one = spool.unsent().unwrap().remove(0);
        spool.sent(&one, "object", false).unwrap();
        assert!(!sealed.exists() && !names::mark(&sealed).exists());
    }
}
