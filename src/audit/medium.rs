//! The file under the trail: the calls that it makes on one. In tests they fail as planned.
//!
//! Owns that a failed sync is heard of by who answers for the lines. Linux tells an error of writing back once for each open
//! file, to whoever syncs next, and two do: the syncing thread, which settles what became of the lines, and a rotation.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::{Mutex, PoisonError};

use super::files;

pub struct Medium {
    file: File,
    /// A sync failed of which the syncing thread has not heard. Held during a sync: one that runs beside another would find
    /// nothing wrong once the other was told.
    owed: Mutex<bool>,
    #[cfg(test)]
    faults: Option<std::sync::Arc<faults::Faults>>,
}

/// What a sync says.
#[derive(Clone, Copy, Debug)]
pub struct Settled {
    /// All that was written is on the disk; false also if a sync before failed for somebody else.
    pub reached: bool,
    /// This sync worked.
    pub works: bool,
}

impl Medium {
    pub fn open(path: &Path) -> io::Result<Medium> {
        #[cfg(test)]
        let faults = faults::planned();
        #[cfg(test)]
        faults::of_open(faults.as_deref())?;
        let file = files::append(path)?;
        Ok(Medium {
            file,
            owed: Mutex::new(false),
            #[cfg(test)]
            faults,
        })
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// Appends some of the bytes, as many as fit.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(test)]
        let bytes = faults::of_write(self.faults.as_deref(), bytes)?;
        let written = (&self.file).write(bytes)?;
        #[cfg(test)]
        faults::written(self.faults.as_deref(), bytes.get(..written).unwrap_or_default());
        Ok(written)
    }

    pub fn set_len(&self, bytes: u64) -> io::Result<()> {
        #[cfg(test)]
        faults::of_cut(self.faults.as_deref(), self.file.metadata()?.len().saturating_sub(bytes))?;
        self.file.set_len(bytes)
    }

    /// For who settles what became of the lines.
    pub fn settle(&self) -> Settled {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        let before = std::mem::take(&mut *owed);
        let works = self.sync_data().is_ok();
        Settled { reached: works && !before, works }
    }

    /// For who is about to leave the file. Once that failed the file is not left until `settle` was told.
    pub fn sync(&self) -> io::Result<()> {
        let mut owed = self.owed.lock().unwrap_or_else(PoisonError::into_inner);
        if *owed {
            return Err(io::Error::other("an earlier sync failed"));
        }
        let synced = self.sync_data();
        *owed = synced.is_err();
        synced
    }

    /// Whether `settle` is to be called though there are no new lines.
    pub fn owes(&self) -> bool {
        *self.owed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn sync_data(&self) -> io::Result<()> {
        #[cfg(test)]
        faults::of_sync(self.faults.as_deref())?;
        self.file.sync_data()
    }
}

/// What goes wrong, call by call.
#[cfg(test)]
pub mod faults {
    use std::cell::RefCell;
    use std::collections::VecDeque;
    use std::sync::{Arc, Mutex};

    use super::*;

    #[derive(Clone, Copy, Debug, PartialEq, Eq)]
    pub enum Fault {
        None,
        /// ENOSPC, before anything was written.
        Full,
        /// EIO.
        Broken,
        /// So many bytes are taken and no more.
        Short(usize),
    }

    /// Used up in order, each kind of call apart; then everything works. A sync that fails says so once and drops what was
    /// written since the last one that worked, as Linux does.
    #[derive(Debug, Default)]
    pub struct Faults {
        pub opens: Mutex<VecDeque<Fault>>,
        pub writes: Mutex<VecDeque<Fault>>,
        pub cuts: Mutex<VecDeque<Fault>>,
        pub syncs: Mutex<VecDeque<Fault>>,
        pub unsynced: Mutex<Vec<u8>>,
        /// By the failed sync.
        pub dropped: Mutex<Vec<Vec<u8>>>,
    }

    impl Faults {
        /// Lines that the disk never got, though they can still be read while the machine runs. Without parts of lines: a
        /// sync may come between two writes of one, and what lacks no more than its end of line is a part too, which the
        /// trail cuts off and writes anew.
        pub fn dropped_lines(&self) -> Vec<serde_json::Value> {
            let dropped = self.dropped.lock().unwrap();
            let lines = dropped.iter().flat_map(|bytes| bytes.split_inclusive(|byte| *byte == b'\n'));
            let whole = lines.filter(|line| line.ends_with(b"\n"));
            whole.filter_map(|line| serde_json::from_slice(line).ok()).collect()
        }
    }

    thread_local! {
        static PLANNED: RefCell<Option<Arc<Faults>>> = const { RefCell::new(None) };
    }

    /// Files that this thread opens from now on fail as planned.
    pub fn plan(faults: Option<Arc<Faults>>) {
        PLANNED.with(|planned| *planned.borrow_mut() = faults);
    }

    pub(super) fn planned() -> Option<Arc<Faults>> {
        PLANNED.with(|planned| planned.borrow().clone())
    }

    fn next(queue: &Mutex<VecDeque<Fault>>) -> Fault {
        queue.lock().unwrap().pop_front().unwrap_or(Fault::None)
    }

    fn error(fault: Fault) -> io::Result<()> {
        match fault {
            Fault::None | Fault::Short(_) => Ok(()),
            Fault::Full => Err(io::Error::from_raw_os_error(rustix::io::Errno::NOSPC.raw_os_error())),
            Fault::Broken => Err(io::Error::from_raw_os_error(rustix::io::Errno::IO.raw_os_error())),
        }
    }

    pub(super) fn of_write<'a>(faults: Option<&Faults>, bytes: &'a [u8]) -> io::Result<&'a [u8]> {
        let fault = faults.map_or(Fault::None, |faults| next(&faults.writes));
        error(fault)?;
        match fault {
            Fault::Short(most) => Ok(&bytes[..bytes.len().min(most)]),
            _ => Ok(bytes),
        }
    }

    pub(super) fn written(faults: Option<&Faults>, bytes: &[u8]) {
        if let Some(faults) = faults {
            faults.unsynced.lock().unwrap().extend_from_slice(bytes);
        }
    }

    pub(super) fn of_open(faults: Option<&Faults>) -> io::Result<()> {
        error(faults.map_or(Fault::None, |faults| next(&faults.opens)))
    }

    pub(super) fn of_cut(faults: Option<&Faults>, bytes: u64) -> io::Result<()> {
        let Some(faults) = faults else { return Ok(()) };
        error(next(&faults.cuts))?;
        let mut unsynced = faults.unsynced.lock().unwrap();
        let left = unsynced.len().saturating_sub(usize::try_from(bytes).unwrap());
        unsynced.truncate(left);
        Ok(())
    }

    pub(super) fn of_sync(faults: Option<&Faults>) -> io::Result<()> {
        let Some(faults) = faults else { return Ok(()) };
        let unsynced = std::mem::take(&mut *faults.unsynced.lock().unwrap());
        let failed = error(next(&faults.syncs));
        if failed.is_err() {
            faults.dropped.lock().unwrap().push(unsynced);
        }
        failed
    }
}
