//! The spool: sealed segments that are not there yet, and the mark that one is.
//!
//! Owns what lies on the disk and how much of it; sends nothing. A segment that was sent and stays here has a file of its name
//! and `.shipped` beside it. The mark only saves asking the store: without it the segment is sent again, which changes nothing.

use std::ffi::OsString;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::SystemTime;

use tokio::sync::Notify;

use crate::audit::names::{self, SealedName};
use crate::audit::segment;

/// Shared by the trail, which adds segments, and the shipper, which takes them away.
pub struct Spool {
    path: PathBuf,
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
}

impl Spool {
    /// Of the trail at `path`.
    pub fn open(path: &Path, bytes_max: u64) -> io::Result<Spool> {
        let spool =
            Spool { path: path.to_owned(), bytes_max, bytes: AtomicU64::new(0), sealed: Notify::new() };
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
            if name.hash.is_some() || mark(&path).exists() {
                continue;
            }
            let meta = path.metadata()?;
            unsent.push(Unsent { path, name, bytes: meta.len(), modified: meta.modified().ok() });
        }
        self.bytes.store(unsent.iter().map(|one| one.bytes).sum(), Ordering::Relaxed);
        Ok(unsent)
    }

    /// Deletes segments that were sent and that nobody has to read any more, up to line `released`.
    pub(super) fn clear(&self, released: u64) -> io::Result<()> {
        for (_, path) in names::sealed(&self.path)? {
            let mark = mark(&path);
            if mark.exists() && segment::last_seq(&path).is_some_and(|last| last <= released) {
                std::fs::remove_file(&path)?;
                std::fs::remove_file(mark)?;
            }
        }
        Ok(())
    }

    /// Notes that a segment was sent as `object`, or deletes it if it need not stay.
    pub(super) fn sent(&self, one: &Unsent, object: &str, keep: bool) -> io::Result<()> {
        if keep {
            let mark = mark(&one.path);
            // A mark that a loss of power empties is still one.
            std::fs::write(&mark, format!("{object}\n"))?;
        } else {
            std::fs::remove_file(&one.path)?;
        }
        segment::sync_directory(&one.path);
        let taken = |bytes: u64| Some(bytes.saturating_sub(one.bytes));
        let _always = self.bytes.fetch_update(Ordering::Relaxed, Ordering::Relaxed, taken);
        Ok(())
    }
}

fn mark(segment: &Path) -> PathBuf {
    let mut name = OsString::from(segment);
    name.push(".shipped");
    PathBuf::from(name)
}
