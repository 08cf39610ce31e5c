//! `clinik-guard scrub`: a log filter, from standard input or from a file that is followed, to standard output.
//!
//! Owns the loop: one read, one pass of the [`filter`], one write. Lines that may be continued are held back until
//! the input has been quiet for a moment. The end of the input, SIGTERM and SIGINT end it with everything written that
//! was read; so does a closed output, without a word.

use std::io::{self, ErrorKind, Read, StdoutLock, Write};
use std::os::fd::AsFd;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use super::{complain, say};
use crate::credentials::pseudonym::PseudonymKey;
use crate::phi::Engine;
use crate::policy::Policy;
use crate::response::settings::Style;

mod filter;
mod follow;
mod wake;

use filter::{Counts, Filter};
use follow::{Piece, Tail};
use wake::{Ready, Wake};

/// Most that is read at once, in bytes.
const READ_BYTES: usize = 256 * 1024;
/// How long the input may be quiet before lines that may be continued are written.
const QUIET: Duration = Duration::from_millis(50);
/// How long they are held back at most.
const HELD_MAX: Duration = Duration::from_secs(1);
/// How often a followed file is looked at.
const POLL: Duration = Duration::from_millis(100);
/// What is still taken from a pipe after a signal, in bytes: what its writer said before the signal reached it.
const LAST_BYTES_MAX: usize = 16 * 1024 * 1024;

pub struct ScrubOptions {
    /// Instead of what the policy says.
    pub style: Option<Style>,
    /// Count what was taken out, and say so on standard error at the end.
    pub stats: bool,
    pub follow: Option<PathBuf>,
    /// Begin a followed file at its beginning and not at its end.
    pub from_start: bool,
}

/// Filters until the input ends, or a signal ends it.
pub fn run(policy: &Policy, options: &ScrubOptions) -> ExitCode {
    let engine = match engine(policy, options.style) {
        Ok(engine) => engine,
        Err(problem) => return complain(problem),
    };
    let wake = match Wake::on_signals() {
        Ok(wake) => wake,
        Err(error) => return complain(format_args!("cannot receive signals: {error}")),
    };
    let output = io::stdout().lock();
    let mut pump = Pump { filter: Filter::new(&engine), output, scrubbed: Vec::new(), held: None };
    let done = match &options.follow {
        None => pump.pipe(&mut io::stdin().lock(), &wake),
        Some(path) => Tail::open(path, options.from_start).and_then(|mut tail| {
            if !tail.is_open() {
                say(format_args!("{} does not exist yet: waiting for it", path.display()));
            }
            pump.follow(&mut tail, &wake)
        }),
    };
    if options.stats {
        report(pump.filter.counts());
    }
    match done {
        Ok(()) => ExitCode::SUCCESS,
        // `head` has seen enough: that is no failure.
        Err(error) if error.kind() == ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => complain(format_args!("cannot filter: {error}")),
    }
}

/// The engine of the policy, with a key for pseudonyms if they are asked for.
fn engine(policy: &Policy, style: Option<Style>) -> Result<Arc<Engine>, String> {
    if style.unwrap_or(policy.scrub.style) == Style::Label {
        return Ok(Arc::clone(&policy.engine));
    }
    let key = match &policy.scrub.pseudonym_key_file {
        Some(path) => PseudonymKey::read(path).map_err(|problem| {
            format!("scrub.pseudonym_key_file: the key in {} {problem}", path.display())
        })?,
        None => PseudonymKey::random().ok_or("the system gives no random bytes for a pseudonym key")?,
    };
    Ok(Arc::new(policy.engine.with_pseudonyms(Arc::new(key))))
}

/// One line for each number; classes in the order of Safe Harbor.
fn report(counts: &Counts) {
    let mut text = format!("lines {}\nredactions {}\n", counts.lines, counts.redactions.total());
    for (class, count) in counts.redactions.iter() {
        text += &format!("{} {count}\n", class.label());
    }
    let _closed = io::stderr().write_all(text.as_bytes());
}

/// Input, filter and output, and how long the filter has been holding lines back.
struct Pump<'a, O = StdoutLock<'static>> {
    filter: Filter<'a>,
    output: O,
    scrubbed: Vec<u8>,
    /// The record held back, by its number, and since when.
    held: Option<(u64, Instant)>,
}

impl<O: Write + AsFd> Pump<'_, O> {
    fn pipe(&mut self, input: &mut (impl Read + AsFd), wake: &Wake) -> io::Result<()> {
        let mut piece = vec![0; READ_BYTES];
        loop {
            match wake.wait(Some(input.as_fd()), self.patience())? {
                Ready::Input => match read(input, &mut piece)? {
                    0 => return self.finish(),
                    len => self.take(&piece[..len])?,
                },
                Ready::Nothing => self.release()?,
                Ready::Signal => {
                    self.take_last(input, &mut piece)?;
                    return self.finish();
                }
            }
        }
    }

    /// What waits in the input already.
    fn take_last(&mut self, input: &mut (impl Read + AsFd), piece: &mut [u8]) -> io::Result<()> {
        let mut taken = 0;
        while taken < LAST_BYTES_MAX && wake::is_readable(input.as_fd())? {
            match read(input, piece)? {
                0 => break,
                len => {
                    self.take(&piece[..len])?;
                    taken += len;
                }
            }
        }
        Ok(())
    }

    fn follow(&mut self, tail: &mut Tail, wake: &Wake) -> io::Result<()> {
        let mut piece = vec![0; READ_BYTES];
        let mut quiet = false;
        // How much was read since the signal.
        let mut taken = None;
        while taken.is_none_or(|taken| taken < LAST_BYTES_MAX) {
            if taken.is_none() && wake.wait(None, Some(Duration::ZERO))? == Ready::Signal {
                taken = Some(0);
            }
            match tail.read(&mut piece)? {
                Piece::Of(len) => {
                    self.take(&piece[..len])?;
                    taken = taken.map(|taken| taken + len);
                    quiet = false;
                }
                Piece::NewFile => self.end_file()?,
                Piece::Waiting if taken.is_some() => break,
                Piece::Waiting => {
                    if std::mem::replace(&mut quiet, true) {
                        self.release()?;
                    }
                    wake.wait(None, Some(POLL))?;
                }
            }
        }
        self.finish()
    }

    /// How long the input may stay quiet; for ever while nothing is held back.
    fn patience(&self) -> Option<Duration> {
        self.filter.holds().then_some(QUIET)
    }

    fn take(&mut self, piece: &[u8]) -> io::Result<()> {
        self.filter.push(piece, &mut self.scrubbed);
        let record = self.filter.written();
        self.held = match self.held.filter(|(number, _)| self.filter.holds() && *number == record) {
            Some((_, since)) if since.elapsed() > HELD_MAX => {
                self.filter.release(&mut self.scrubbed);
                None
            }
            Some(held) => Some(held),
            None => Some((record, Instant::now())),
        };
        self.write()
    }

    fn release(&mut self) -> io::Result<()> {
        self.filter.release(&mut self.scrubbed);
        self.write()
    }

    fn finish(&mut self) -> io::Result<()> {
        self.filter.finish(&mut self.scrubbed);
        self.write()
    }

    /// A file that is gone has ended its last line, written or not.
    fn end_file(&mut self) -> io::Result<()> {
        let partial = self.filter.holds_part();
        self.filter.finish(&mut self.scrubbed);
        if partial {
            self.scrubbed.push(b'\n');
        }
        self.write()
    }

    fn write(&mut self) -> io::Result<()> {
        let mut left = self.scrubbed.as_slice();
        while !left.is_empty() {
            match self.output.write(left) {
                Ok(0) => return Err(ErrorKind::WriteZero.into()),
                Ok(len) => left = &left[len..],
                Err(error) => wait_for(&self.output, error)?,
            }
        }
        self.scrubbed.clear();
        while let Err(error) = self.output.flush() {
            wait_for(&self.output, error)?;
        }
        Ok(())
    }
}

/// Waits until an output that did not take anything may be tried again. Who shares it may have made it non-blocking.
fn wait_for(output: &impl AsFd, error: io::Error) -> io::Result<()> {
    match error.kind() {
        ErrorKind::Interrupted => Ok(()),
        ErrorKind::WouldBlock => wake::until_writable(output.as_fd()),
        _ => Err(error),
    }
}

fn read(input: &mut impl Read, piece: &mut [u8]) -> io::Result<usize> {
    loop {
        match input.read(piece) {
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            done => return done,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::{Seek, SeekFrom};
    use std::os::fd::BorrowedFd;

    use super::*;
    use crate::phi::EngineSettings;

    /// Always readable, and gives a few bytes at a time.
    struct Drops {
        left: usize,
        ended: io::PipeReader,
    }

    impl Read for Drops {
        fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
            let len = self.left.min(8);
            buffer[..len].copy_from_slice(&b"a line.\n"[..len]);
            self.left -= len;
            Ok(len)
        }
    }

    impl AsFd for Drops {
        fn as_fd(&self) -> BorrowedFd<'_> {
            self.ended.as_fd()
        }
    }

    #[test]
    fn what_waits_at_a_signal_is_counted_in_bytes() {
        let engine = Engine::new(&EngineSettings::default()).unwrap();
        let output = tempfile::tempfile().unwrap();
        let mut pump = Pump { filter: Filter::new(&engine), output, scrubbed: Vec::new(), held: None };
        // More reads than whole buffers fit into what is still taken.
        let reads = 2 * LAST_BYTES_MAX / READ_BYTES;
        let mut input = Drops { left: reads * 8, ended: io::pipe().unwrap().0 };
        pump.take_last(&mut input, &mut vec![0; READ_BYTES]).unwrap();
        pump.finish().unwrap();
        let mut written = String::new();
        pump.output.seek(SeekFrom::Start(0)).unwrap();
        pump.output.read_to_string(&mut written).unwrap();
        assert_eq!(written, "a line.\n".repeat(reads));
    }
}
