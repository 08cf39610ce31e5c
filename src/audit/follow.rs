//! Follows a trail line by line, through its segments and into the one that is being written.
//!
//! Owns where a reader stands: a chain and the number of the last line it took. Files may be sealed (renamed) or fetched away
//! meanwhile. Reads whole lines only, and none beyond the number it is told.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read};
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use super::chain::Link;
use super::files;
use super::names::segments;
use super::segment::{LINE_BYTES_MAX, first_line};

/// After which line a reader goes on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Cursor {
    /// Empty before anything was read.
    pub chain: String,
    pub seq: u64,
}

pub struct Follower {
    path: PathBuf,
    cursor: Cursor,
    open: Option<BufReader<File>>,
    /// Of a line that was not whole yet.
    partial: Vec<u8>,
    /// A line that was not on the disk yet.
    held: Option<(Vec<u8>, u64)>,
}

impl Follower {
    pub fn new(path: &Path, cursor: Cursor) -> Follower {
        Follower { path: path.to_owned(), cursor, open: None, partial: Vec::new(), held: None }
    }

    /// Goes back to a place that was left.
    pub fn rewind(&mut self, cursor: Cursor) {
        self.cursor = cursor;
        self.open = None;
        self.partial.clear();
        self.held = None;
    }

    /// The next lines, up to number `durable` and about so many bytes, and where they end. Nothing if there are none yet.
    pub fn next(&mut self, durable: u64, bytes_max: usize) -> io::Result<(Vec<Vec<u8>>, Cursor)> {
        let mut lines = Vec::new();
        let mut bytes = 0;
        while bytes < bytes_max {
            let next = match self.held.take() {
                Some(held) => Some(held),
                None => self.line()?,
            };
            match next {
                Some((line, seq)) if seq > durable => {
                    self.held = Some((line, seq));
                    break;
                }
                Some((line, seq)) if seq > self.cursor.seq => {
                    self.cursor.seq = seq;
                    bytes += line.len();
                    lines.push(line);
                }
                Some(_) => {}
                // A batch is of one segment, and so of one chain.
                None if lines.is_empty() => {
                    if !self.go_on()? {
                        break;
                    }
                }
                None => break,
            }
        }
        Ok((lines, self.cursor.clone()))
    }

    /// The next whole line of the open file.
    fn line(&mut self) -> io::Result<Option<(Vec<u8>, u64)>> {
        let Some(file) = &mut self.open else { return Ok(None) };
        let room = LINE_BYTES_MAX.saturating_sub(self.partial.len()) as u64;
        file.by_ref().take(room).read_until(b'\n', &mut self.partial)?;
        let whole = self.partial.ends_with(b"\n");
        if !whole && self.partial.len() < LINE_BYTES_MAX {
            return Ok(None);
        }
        let mut line = std::mem::take(&mut self.partial);
        line.truncate(line.trim_ascii_end().len());
        // What is no line of a trail has no number, and is passed over.
        let seq = Link::read(&line).map_or(0, |link| link.seq);
        Ok(Some((line, seq)))
    }

    /// Opens the file that has the line after the cursor; false if that is the one that is open, or there is none.
    fn go_on(&mut self) -> io::Result<bool> {
        let files: Vec<(PathBuf, String)> = match segments(&self.path) {
            Ok(files) => {
                files.into_iter().filter_map(|file| Some((file.clone(), starts(&file)?.0))).collect()
            }
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        let here = self.open.as_ref().and_then(|open| identity(open.get_ref()));
        let of_chain = |(_, chain): &&(PathBuf, String)| *chain == self.cursor.chain;
        let next = match files.iter().rposition(|file| {
            of_chain(&file) && starts(&file.0).is_some_and(|(_, first)| first <= self.cursor.seq + 1)
        }) {
            // Read to its end: the next in order, if another chain has begun.
            Some(at) if here.is_some() && of_path(&files[at].0) == here => files.get(at + 1),
            Some(at) => files.get(at),
            // Files are gone, or nothing was read yet.
            None => files.iter().find(of_chain).or(files.first()),
        };
        let Some((file, chain)) = next else { return Ok(false) };
        if here.is_some() && of_path(file) == here {
            return Ok(false);
        }
        let opened = files::read(file)?;
        if *chain != self.cursor.chain {
            self.cursor = Cursor { chain: chain.clone(), seq: 0 };
        }
        self.partial.clear();
        self.open = Some(BufReader::new(opened));
        Ok(true)
    }
}

/// Chain of a segment and number of its first line.
fn starts(path: &Path) -> Option<(String, u64)> {
    let file = files::read(path).ok()?;
    let (chain, _) = first_line(&file).ok()??;
    let mut line = Vec::new();
    let mut file = files::read(path).ok()?;
    BufReader::new(&mut file).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line).ok()?;
    Some((chain, Link::read(line.trim_ascii_end())?.seq))
}

fn identity(file: &File) -> Option<(u64, u64)> {
    file.metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

fn of_path(path: &Path) -> Option<(u64, u64)> {
    path.metadata().ok().map(|meta| (meta.dev(), meta.ino()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::chain::Tip;
    use crate::audit::names::sealed_path;
    use crate::audit::segment::Place;

    const CHAINS: [&str; 2] = ["0123456789ab", "ba9876543210"];

    /// Lines of a segment: the first names chain and number.
    fn segment(chain: &str, number: u64, tip: &mut Tip, lines: u64) -> Vec<u8> {
        let mut out = Vec::new();
        for line in 0..lines {
            let fields = match line {
                0 => format!(
                    r#""event":"segment_started","time":"t{number}","chain":"{chain}","segment":{number}"#
                ),
                _ => r#""event":"exchange""#.to_owned(),
            };
            *tip = tip.seal(fields.as_bytes(), &mut out);
        }
        out
    }

    fn numbers(lines: &[Vec<u8>]) -> Vec<u64> {
        lines.iter().map(|line| Link::read(line).unwrap().seq).collect()
    }

    #[test]
    fn lines_come_once_through_rotation_and_a_new_chain() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("audit.jsonl");
        let mut follower = Follower::new(&path, Cursor::default());
        assert!(follower.next(u64::MAX, 1 << 20).unwrap().0.is_empty(), "no trail yet");
        let mut tip = Tip::START;
        let first = segment(CHAINS[0], 1, &mut tip, 4);
        // The last line is not whole yet, and the third not on the disk.
        std::fs::write(&path, &first[..first.len() - 5]).unwrap();
        assert_eq!(numbers(&follower.next(2, 1 << 20).unwrap().0), [1, 2]);
        assert_eq!(numbers(&follower.next(u64::MAX, 1).unwrap().0), [3]);
        std::fs::write(&path, &first).unwrap();
        std::fs::rename(&path, sealed_path(&path, &Place { chain: CHAINS[0].into(), segment: 1, tip }))
            .unwrap();
        std::fs::write(&path, segment(CHAINS[0], 2, &mut tip, 2)).unwrap();
        let (lines, left) = follower.next(u64::MAX, 1 << 20).unwrap();
        let (more, reached) = follower.next(u64::MAX, 1 << 20).unwrap();
        assert_eq!([numbers(&lines), numbers(&more)].concat(), [4, 5, 6]);
        assert_eq!(reached, Cursor { chain: CHAINS[0].into(), seq: 6 });
        follower.rewind(Cursor { seq: 3, ..left });
        assert_eq!(numbers(&follower.next(u64::MAX, 1 << 20).unwrap().0)[0], 4);
        // A chain of its own takes the place of the old one.
        std::fs::rename(&path, sealed_path(&path, &Place { chain: CHAINS[0].into(), segment: 2, tip }))
            .unwrap();
        std::fs::write(&path, segment(CHAINS[1], 1, &mut Tip::START.clone(), 2)).unwrap();
        let mut rest = Vec::new();
        loop {
            let (lines, reached) = follower.next(u64::MAX, 1 << 20).unwrap();
            if lines.is_empty() {
                break;
            }
            rest.extend(numbers(&lines).into_iter().map(|seq| (reached.chain.clone(), seq)));
        }
        assert_eq!(rest[rest.len() - 2..], [(CHAINS[1].to_owned(), 1), (CHAINS[1].to_owned(), 2)]);
        let mut fresh = Follower::new(&path, reached);
        assert_eq!(
            numbers(&fresh.next(u64::MAX, 1 << 20).unwrap().0),
            [1, 2],
            "the new chain from its start"
        );
    }
}
