//! The file under the trail: the four calls that it makes on one. In tests they fail as planned.

use std::fs::File;
use std::io::{self, Write};

pub struct Medium {
    file: File,
    #[cfg(test)]
    faults: Option<std::sync::Arc<faults::Faults>>,
}

impl Medium {
    #[cfg(not(test))]
    pub fn new(file: File) -> Medium {
        Medium { file }
    }

    pub fn file(&self) -> &File {
        &self.file
    }

    /// Appends some of the bytes, as many as fit.
    pub fn write(&self, bytes: &[u8]) -> io::Result<usize> {
        #[cfg(test)]
        let bytes = faults::of_write(self.faults.as_deref(), bytes)?;
        (&self.file).write(bytes)
    }

    pub fn set_len(&self, bytes: u64) -> io::Result<()> {
        #[cfg(test)]
        faults::of_cut(self.faults.as_deref())?;
        self.file.set_len(bytes)
    }

    pub fn sync_data(&self) -> io::Result<()> {
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

    /// Used up in order, writes, cuts and syncs apart; then everything works.
    #[derive(Debug, Default)]
    pub struct Faults {
        pub writes: Mutex<VecDeque<Fault>>,
        pub cuts: Mutex<VecDeque<Fault>>,
        pub syncs: Mutex<VecDeque<Fault>>,
    }

    thread_local! {
        static PLANNED: RefCell<Option<Arc<Faults>>> = const { RefCell::new(None) };
    }

    /// Files that this thread opens from now on fail as planned.
    pub fn plan(faults: Option<Arc<Faults>>) {
        PLANNED.with(|planned| *planned.borrow_mut() = faults);
    }

    impl Medium {
        pub fn new(file: File) -> Medium {
            Medium { file, faults: PLANNED.with(|planned| planned.borrow().clone()) }
        }
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

    pub(super) fn of_cut(faults: Option<&Faults>) -> io::Result<()> {
        error(faults.map_or(Fault::None, |faults| next(&faults.cuts)))
    }

    pub(super) fn of_sync(faults: Option<&Faults>) -> io::Result<()> {
        error(faults.map_or(Fault::None, |faults| next(&faults.syncs)))
    }
}
