//! Reads a trail back and proves that nothing in it was changed, removed, inserted, reordered or cut off.
//!
//! Owns the judging of every line; `names` has the order of the segments. What the chain alone can tell ends at its last line:
//! the copy of the last checkpoint, or a number from elsewhere, shows a trail that was cut short. Without a key anyone who
//! can write the files can build a new chain; a signed checkpoint vouches for all before it. Prints nothing.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::chain::{GENESIS, Link, Tip};
use super::checkpoint::{self, Verifier, Vouched};
use super::names;
pub use super::names::segments;
use super::segment::{self, LINE_BYTES_MAX, Place};
pub use beside::Beside;

mod beside;

/// Problems told one by one; more are counted.
const PROBLEMS_MAX: usize = 100;
/// Chains told by name.
const CHAINS_MAX: usize = 8;
const BUFFER_BYTES: usize = 1 << 20;

/// Something that is not as it was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    pub file: PathBuf,
    /// 1 is the first; 0 is the file as a whole.
    pub line: u64,
    pub fault: Fault,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// No line of a trail, or too long for one.
    NoLine,
    /// The bytes of the line do not hash to what it states.
    Altered { seq: u64 },
    /// Lines are missing before this one.
    Missing { from: u64, to: u64 },
    /// A line that was read already, or one from elsewhere.
    OutOfOrder { expected: u64, found: u64 },
    /// The number fits, the hash of the line before does not.
    Unlinked { seq: u64 },
    /// A chain of its own begins where the one before should go on.
    Restarted { after: u64 },
    /// The signature is not that of the key.
    Forged { seq: u64 },
    /// Nothing signed by the key comes after this checkpoint, which is not.
    NotSigned { seq: u64 },
    /// There is a key, and nothing that it signed.
    NeverSigned,
    /// The file ends inside a line.
    Torn,
    /// The copy of the last checkpoint is none.
    HeadBroken,
    /// It is not signed by a given key.
    HeadNotSigned,
    /// It is of a chain that the trail does not have.
    HeadElsewhere,
    /// It says something else than the line with its number.
    HeadDiffers { seq: u64 },
    /// The line, or the trail as a whole, is not of the chain that the caller knows.
    OtherChain,
    /// A checkpoint or the caller knows of later lines.
    CutShort { last: u64, known: u64 },
    /// No line at all, and nothing that tells of one.
    Empty,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Fault::NoLine => f.write_str("not a line of an audit trail"),
            Fault::Altered { seq } => write!(f, "record {seq} was changed: it does not match its own hash"),
            Fault::Missing { from, to } if from == to => write!(f, "record {from} is missing"),
            Fault::Missing { from, to } => write!(f, "records {from} to {to} are missing"),
            Fault::OutOfOrder { expected, found } => {
                write!(f, "record {found} stands where {expected} belongs: reordered, repeated or inserted")
            }
            Fault::Unlinked { seq } => {
                write!(f, "record {seq} does not follow from the one before it: one of them was replaced")
            }
            Fault::Restarted { after } => {
                write!(f, "a new chain begins after record {after}: nothing ties it to what was before")
            }
            Fault::Forged { seq } => write!(f, "the signature of checkpoint {seq} is not that of the key"),
            Fault::NotSigned { seq } => {
                write!(
                    f,
                    "checkpoint {seq} is not signed by a given key, and no later one is: who could write the file could write this"
                )
            }
            Fault::NeverSigned => {
                f.write_str("no checkpoint is signed by a given key: nothing vouches for this trail")
            }
            Fault::Torn => f.write_str("ends inside a line"),
            Fault::HeadBroken => {
                f.write_str("is no checkpoint, so that an end that was cut off would not show")
            }
            Fault::HeadNotSigned => f.write_str(
                "is not signed by a given key: who could write it could hide an end that was cut off",
            ),
            Fault::HeadDiffers { seq } => {
                write!(f, "checkpoint {seq} is not the one that was kept a copy of: the trail was built anew")
            }
            Fault::HeadElsewhere => {
                f.write_str("is of another chain than the trail: one of the two was replaced")
            }
            Fault::OtherChain => f.write_str("is not of the chain that --chain names"),
            Fault::CutShort { last, known } => {
                write!(f, "ends at record {last}, but record {known} is known to have been written")
            }
            Fault::Empty => f.write_str("holds no records: nothing to verify"),
        }
    }
}

/// What a trail holds and whether that can be trusted.
#[derive(Debug, Default)]
pub struct Report {
    pub segments: usize,
    pub lines: u64,
    /// Lines that are exchanges.
    pub exchanges: u64,
    /// Number of the last line.
    pub last: u64,
    pub signed: u64,
    pub unsigned: u64,
    /// Signed, but with a key that was not at hand.
    pub unchecked: u64,
    /// Lines after the last checkpoint whose signature was good.
    pub unvouched: u64,
    /// Ids of the chains that its lines name, the first ones.
    pub chains: Vec<String>,
    /// There is no copy of the last checkpoint: nothing here shows an end that was cut off.
    pub head_missing: bool,
    pub problems: Vec<Problem>,
    pub problems_left_out: u64,
    /// Where records that are missing may be.
    pub beside: Vec<Beside>,
}

impl Report {
    pub fn is_good(&self) -> bool {
        self.problems.is_empty()
    }

    fn fault(&mut self, file: &Path, line: u64, fault: Fault) {
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem { file: file.to_owned(), line, fault });
        } else {
            self.problems_left_out += 1;
        }
    }
}

/// What to check beside the chain itself.
#[derive(Default)]
pub struct Expected {
    /// Keys that checkpoints may be signed with; more than one after a change of keys.
    pub verifiers: Vec<Verifier>,
    /// A record known to have been written, from a log or a collector.
    pub seq: Option<u64>,
    /// Id of the chain, from a log or an earlier look. A key may sign more than one.
    pub chain: Option<String>,
    /// The oldest segments are kept elsewhere.
    pub partial: bool,
}

/// Takes each whole line, after the file that it stands in. What it gets is what was judged.
pub type Take<'a> = dyn FnMut(&Path, &[u8]) -> io::Result<()> + 'a;

/// Reads all segments of the trail at `path`.
pub fn verify(path: &Path, expected: &Expected, take: &mut Take<'_>) -> io::Result<Report> {
    let mut report = Report::default();
    let head = Head::read(path, expected, &mut report);
    let mut walk = Walk { head, chain: None, tip: Tip::START, begun: false, unsigned: None };
    let files = segments(path)?;
    for file in &files {
        walk.segment(file, expected, &mut report, take)?;
        report.segments += 1;
    }
    report.last = walk.tip.seq;
    if !expected.verifiers.is_empty() && report.signed == 0 {
        report.fault(path, 0, Fault::NeverSigned);
    } else if let Some(unsigned) = walk.unsigned {
        report.fault(&unsigned.file, unsigned.line, unsigned.fault);
    }
    if expected.chain.is_some() && walk.chain.is_none() {
        report.fault(path, 0, Fault::OtherChain);
    }
    if walk.head.as_ref().is_some_and(|head| walk.chain.is_some() && !head.of_trail) {
        report.fault(&names::head(path), 0, Fault::HeadElsewhere);
    }
    if walk.head.as_ref().is_some_and(|head| !head.signed && !head.found) {
        report.fault(&names::head(path), 0, Fault::HeadNotSigned);
    }
    let head = walk.head.map(|head| head.place.tip.seq);
    if let Some(known) = head.max(expected.seq).filter(|known| *known > report.last) {
        report.fault(path, 0, Fault::CutShort { last: report.last, known });
    } else if report.lines == 0 {
        report.fault(path, 0, Fault::Empty);
    }
    report.beside = beside::find(path, &files, &report);
    Ok(report)
}

/// The copy of the last checkpoint.
struct Head {
    place: Place,
    /// By a given key, or none was given.
    signed: bool,
    /// The trail has a line of its chain.
    of_trail: bool,
    /// The trail has this very checkpoint, and is judged by it.
    found: bool,
}

impl Head {
    fn read(path: &Path, expected: &Expected, report: &mut Report) -> Option<Head> {
        let line = match segment::head_line(path) {
            Ok(None) => {
                report.head_missing = true;
                return None;
            }
            Ok(Some(line)) => line,
            // There is something, but it does not tell.
            Err(_) => Vec::new(),
        };
        let read = Link::read(&line).zip(checkpoint::read_fields(&line)).zip(segment::place_of_head(&line));
        let Some(((link, fields), place)) = read else {
            report.fault(&names::head(path), 0, Fault::HeadBroken);
            return None;
        };
        let by = |verifier: &Verifier| fields.check(&link, Some(verifier)) == Vouched::Signed;
        let signed = expected.verifiers.is_empty() || expected.verifiers.iter().any(by);
        Some(Head { place, signed, of_trail: false, found: false })
    }
}

struct Walk {
    /// What the copy of the last checkpoint says.
    head: Option<Head>,
    /// The last one that a line named.
    chain: Option<String>,
    tip: Tip,
    begun: bool,
    /// With keys given, the first checkpoint without their signature since the last with one. A later signature vouches
    /// for it.
    unsigned: Option<Problem>,
}

impl Walk {
    fn segment(
        &mut self,
        path: &Path,
        expected: &Expected,
        report: &mut Report,
        take: &mut Take<'_>,
    ) -> io::Result<()> {
        let mut file = BufReader::with_capacity(BUFFER_BYTES, crate::file::open(path)?);
        let mut line = Vec::new();
        let mut number = 0;
        loop {
            line.clear();
            let read = (&mut file).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line)?;
            if read == 0 {
                return Ok(());
            }
            number += 1;
            match line.strip_suffix(b"\n") {
                Some(whole) => {
                    self.line(whole, path, number, expected, report);
                    take(path, whole)?;
                }
                None if read == LINE_BYTES_MAX => {
                    report.fault(path, number, Fault::NoLine);
                    skip_line(&mut file)?;
                }
                None => report.fault(path, number, Fault::Torn),
            }
        }
    }

    fn line(&mut self, line: &[u8], path: &Path, number: u64, expected: &Expected, report: &mut Report) {
        report.lines += 1;
        report.unvouched += 1;
        let Some(link) = Link::read(line) else {
            report.fault(path, number, Fault::NoLine);
            return;
        };
        if !link.intact {
            report.fault(path, number, Fault::Altered { seq: link.seq });
        }
        let next = self.tip.seq + 1;
        if !self.begun && (expected.partial || link.tip().seq == 1 && link.prev == GENESIS) {
            // Where the trail begins.
        } else if link.seq == 1 && link.prev == GENESIS {
            report.fault(path, number, Fault::Restarted { after: self.tip.seq });
        } else if link.seq > next {
            report.fault(path, number, Fault::Missing { from: next, to: link.seq - 1 });
        } else if link.seq < next {
            report.fault(path, number, Fault::OutOfOrder { expected: next, found: link.seq });
        } else if link.prev != self.tip.hash {
            report.fault(path, number, Fault::Unlinked { seq: link.seq });
        }
        self.begun = true;
        // Go on from what the line says, so that one fault is told once.
        self.tip = link.tip();
        let event = link.event();
        if event == Some("exchange") {
            report.exchanges += 1;
        } else if let Some((chain, _)) = segment::named_place(line) {
            self.chain(chain, path, number, expected, report);
        }
        if event == Some(checkpoint::EVENT) {
            self.checkpoint(line, &link, path, number, expected, report);
        }
    }

    /// A line names its chain.
    fn chain(&mut self, chain: String, path: &Path, number: u64, expected: &Expected, report: &mut Report) {
        if self.chain.as_ref() == Some(&chain) {
            return;
        }
        if expected.chain.as_ref().is_some_and(|known| *known != chain) {
            report.fault(path, number, Fault::OtherChain);
        }
        if let Some(head) = &mut self.head {
            head.of_trail |= head.place.chain == chain;
        }
        if report.chains.len() < CHAINS_MAX && !report.chains.contains(&chain) {
            report.chains.push(chain.clone());
        }
        self.chain = Some(chain);
    }

    fn checkpoint(
        &mut self,
        line: &[u8],
        link: &Link<'_>,
        path: &Path,
        number: u64,
        expected: &Expected,
        report: &mut Report,
    ) {
        let Some(fields) = checkpoint::read_fields(line) else {
            report.fault(path, number, Fault::NoLine);
            return;
        };
        let of_line = |head: &&mut Head| head.place.chain == fields.chain && head.place.tip.seq == link.seq;
        if let Some(head) = self.head.as_mut().filter(of_line) {
            head.found = head.place.tip == link.tip();
            if !head.found {
                report.fault(path, number, Fault::HeadDiffers { seq: link.seq });
            }
        }
        let verifier = expected.verifiers.iter().find(|verifier| fields.key == Some(&verifier.fingerprint));
        match fields.check(link, verifier) {
            Vouched::Signed => {
                report.signed += 1;
                report.unvouched = 0;
                self.unsigned = None;
                return;
            }
            Vouched::Unsigned => report.unsigned += 1,
            Vouched::Unchecked => report.unchecked += 1,
            Vouched::Forged => {
                report.fault(path, number, Fault::Forged { seq: link.seq });
                return;
            }
        }
        if !expected.verifiers.is_empty() && self.unsigned.is_none() {
            let fault = Fault::NotSigned { seq: link.seq };
            self.unsigned = Some(Problem { file: path.to_owned(), line: number, fault });
        }
    }
}

fn skip_line(file: &mut impl BufRead) -> io::Result<()> {
    loop {
        let buffer = file.fill_buf()?;
        let (used, done) = match buffer.iter().position(|byte| *byte == b'\n') {
            Some(at) => (at + 1, true),
            None => (buffer.len(), buffer.is_empty()),
        };
        file.consume(used);
        if done {
            return Ok(());
        }
    }
}

#[cfg(test)]
mod tests;
