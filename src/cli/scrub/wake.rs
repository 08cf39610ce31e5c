//! Waiting: for input or a signal, whichever is first, and for an output that is full.

use std::io::{self, Read, Write};
use std::os::fd::BorrowedFd;
use std::time::Duration;

use rustix::event::{PollFd, PollFlags, Timespec, poll};
use rustix::io::Errno;
use tokio::signal::unix::{SignalKind, signal};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ready {
    Input,
    /// SIGTERM or SIGINT came.
    Signal,
    /// The time is over.
    Nothing,
}

/// Becomes readable with the first SIGTERM or SIGINT, and stays so.
pub struct Wake {
    told: io::PipeReader,
}

impl Wake {
    /// From here on these signals do not end the process.
    pub fn on_signals() -> io::Result<Wake> {
        let (told, mut tell) = io::pipe()?;
        let (mut installed, mut ready) = io::pipe()?;
        // Lives as long as the process: it does nothing but wait.
        std::thread::Builder::new().name("signals".to_owned()).spawn(move || {
            let mut wait = || -> io::Result<()> {
                let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build()?;
                runtime.block_on(async {
                    let mut terminate = signal(SignalKind::terminate())?;
                    let mut interrupt = signal(SignalKind::interrupt())?;
                    ready.write_all(&[1])?;
                    tokio::select! {
                        _ = terminate.recv() => {}
                        _ = interrupt.recv() => {}
                    }
                    tell.write_all(&[1])
                })
            };
            // Without handlers the end of the pipe is closed, which `on_signals` sees.
            let _failed = wait();
        })?;
        // A signal that comes after this line is not missed.
        match installed.read(&mut [0])? {
            1 => Ok(Wake { told }),
            _ => Err(io::Error::other("no handler could be installed")),
        }
    }

    /// Waits until `input` has something or has ended, a signal came, or `patience` is over.
    pub fn wait(&self, input: Option<BorrowedFd<'_>>, patience: Option<Duration>) -> io::Result<Ready> {
        let mut ends = vec![PollFd::new(&self.told, PollFlags::IN)];
        ends.extend(input.as_ref().map(|input| PollFd::new(input, PollFlags::IN)));
        let timeout = patience.and_then(|patience| Timespec::try_from(patience).ok());
        loop {
            match poll(&mut ends, timeout.as_ref()) {
                Ok(0) => return Ok(Ready::Nothing),
                Ok(_) => break,
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        // The end of a pipe, and what is no file at all, is for the read to report.
        match ends.first().is_some_and(|told| !told.revents().is_empty()) {
            true => Ok(Ready::Signal),
            false => Ok(Ready::Input),
        }
    }
}

/// Would a read return at once?
pub fn is_readable(input: BorrowedFd<'_>) -> io::Result<bool> {
    let mut ends = [PollFd::new(&input, PollFlags::IN)];
    match poll(&mut ends, Some(&Timespec { tv_sec: 0, tv_nsec: 0 })) {
        Ok(ready) => Ok(ready > 0),
        Err(Errno::INTR) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

/// Waits until an output takes something, or is closed: that is for the write to report.
pub fn until_writable(output: BorrowedFd<'_>) -> io::Result<()> {
    loop {
        match poll(&mut [PollFd::new(&output, PollFlags::OUT)], None) {
            Ok(_) => return Ok(()),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
}
