//! The audit trail: one JSON line per exchange, who did what to which record and how it ended.
//!
//! `record` is what an exchange fills in; `trail` turns records into lines, in order, and waits for the disk; `chain` and
//! `checkpoint` make any later change show; `ids` is how records are named; `segment` is the file, `names` what it and others are
//! called, `files` how they are opened, `commit` the wait for the disk; `ship` sends sealed segments away, `otlp` every line; `verify` and `export` read it all back.
//! Nothing here knows HTTP, and nothing can hold a value of a request beyond ids that the guards have judged.

use std::io;
use std::time::Duration;

pub mod chain;
pub mod checkpoint;
mod commit;
mod courier;
pub mod export;
pub mod files;
mod follow;
pub mod ids;
mod medium;
pub mod names;
pub mod otlp;
pub mod outbound;
mod pause;
mod record;
pub mod segment;
pub mod settings;
pub mod ship;
mod trail;
pub mod verify;

pub use record::{Ended, Record};
pub use trail::{AuditFailed, Trail, TrailKeys};

/// Waits until a pipe takes a line without blocking: one that nobody reads must not hang the guard. Lines are shorter
/// than the space a writable pipe has (`PIPE_BUF`), but for ids of extreme length.
pub(crate) fn writable(out: &impl std::os::fd::AsFd, limit: Duration) -> io::Result<()> {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let limit = Timespec { tv_sec: 0, tv_nsec: i64::from(limit.subsec_nanos()) };
    let mut polled = [PollFd::new(out, PollFlags::OUT)];
    let ready = poll(&mut polled, Some(&limit))?;
    if ready == 0 { Err(io::ErrorKind::WouldBlock.into()) } else { Ok(()) }
}
