//! The file that the trail is written to: appended to, rotated, and found again after a crash.
//!
//! Owns what stands on the disk and the recovery of a file that a crash or a full disk left torn. A segment
//! that is full is renamed to `<stem>-<chain>-<number>.<extension>` beside the active one; nothing is ever deleted here. A
//! copy of the last checkpoint (`<file>.head`) tells a file that was cut short from one that ends there.

use std::fs::File;
use std::io::{self, BufRead, BufReader, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Instant;

use data_encoding::HEXLOWER;

use super::chain::{Hash, Link, Tip, sha256};
use super::checkpoint;
use super::files;
use super::medium::Medium;
use super::names::{self, is_chain, suffixed};

mod touched;

pub use touched::Touched;

/// The longest line that is read back; the writer stays far below.
pub const LINE_BYTES_MAX: usize = 64 * 1024;
/// How far from its end a file is searched for its last good line.
const TAIL_BYTES_MAX: u64 = 1024 * 1024;
/// Where the next line belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    pub chain: String,
    pub segment: u64,
    pub tip: Tip,
}

impl Place {
    /// The start of a chain of its own.
    pub fn fresh() -> Place {
        let mut id = [0; 6];
        // Without randomness two chains may share a name; their hashes still differ.
        let _filled = aws_lc_rs::rand::fill(&mut id);
        Place { chain: HEXLOWER.encode(&id), segment: 1, tip: Tip::START }
    }
}

/// What recovery found and put on record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Found {
    pub set_aside: Option<SetAside>,
    /// Lines that the last checkpoint vouches for and that are not there.
    pub missing: Option<(u64, u64)>,
}

/// Bytes that are no whole line of the trail, kept in a file of their own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetAside {
    pub file: PathBuf,
    pub bytes: u64,
    /// Of the bytes; `None` for a whole file that is no trail at all.
    pub sha256: Option<Hash>,
}

/// An open file of the trail.
pub struct Segment {
    path: PathBuf,
    file: Arc<Medium>,
    /// A device can neither be cut nor synced.
    regular: bool,
    /// Of what was written.
    bytes: u64,
    /// Whole lines that are still to be written.
    collected: Vec<u8>,
    checked: Option<Instant>,
    /// Bytes of an unfinished line at the end, which could not be cut off yet.
    torn: u64,
}

impl Segment {
    /// Opens the trail at `path` where it ended, whatever state it was left in. The flag says whether the file is new.
    pub fn recover(path: &Path) -> io::Result<(Segment, Place, Found, bool)> {
        let mut segment = Segment::open(path)?;
        let head = segment.regular.then(|| read_head(path)).flatten();
        let mut found = Found::default();
        if !segment.regular {
            return Ok((segment, Place::fresh(), found, true));
        }
        let mut place = None;
        if segment.bytes > 0 {
            match last_good_line(segment.file.file(), segment.bytes)? {
                Some((end, tip)) => {
                    found.set_aside = segment.set_aside_after(end, tip.seq)?;
                    let named = first_line(segment.file.file())?;
                    let (chain, number) = named
                        .or_else(|| head.as_ref().map(|head| (head.chain.clone(), head.segment)))
                        .unwrap_or_else(|| (Place::fresh().chain, 1));
                    place = Some(Place { chain, segment: number, tip });
                }
                None => found.set_aside = Some(segment.set_aside_whole()?),
            }
        }
        let new = place.is_none();
        let place = match (place, head) {
            (Some(mut place), Some(head)) => {
                if head.chain == place.chain && head.tip.seq > place.tip.seq {
                    found.missing = Some((place.tip.seq + 1, head.tip.seq));
                    // A number is used once, even if its line is gone.
                    place.tip.seq = head.tip.seq;
                }
                place
            }
            (Some(place), None) => place,
            (None, Some(head)) => Place { segment: head.segment + 1, ..head },
            (None, None) => Place::fresh(),
        };
        Ok((segment, place, found, new))
    }

    fn open(path: &Path) -> io::Result<Segment> {
        let file = Medium::open(path)?;
        let meta = file.file().metadata()?;
        let regular = meta.is_file();
        if regular {
            use rustix::fs::{FlockOperation, flock};
            flock(file.file(), FlockOperation::NonBlockingLockExclusive).map_err(|error| match error {
                rustix::io::Errno::WOULDBLOCK => io::Error::new(
                    io::ErrorKind::ResourceBusy,
                    "another process writes this trail; give each guard a file of its own",
                ),
                error => error.into(),
            })?;
        }
        let bytes = if regular { meta.len() } else { 0 };
        let path = path.to_owned();
        let file = Arc::new(file);
        Ok(Segment { path, file, regular, bytes, collected: Vec::new(), checked: None, torn: 0 })
    }

    /// Takes a line that [`Segment::write_out`] is to write.
    pub fn collect(&mut self, line: &[u8]) {
        self.collected.extend_from_slice(line);
    }

    /// The lines that could not be written; they are not tried again.
    pub fn take_collected(&mut self) -> Vec<u8> {
        std::mem::take(&mut self.collected)
    }

    pub fn collected_bytes(&self) -> usize {
        self.collected.len()
    }

    /// Writes a line, after those that were collected. If that fails the line is not kept.
    pub fn append(&mut self, line: &[u8]) -> io::Result<()> {
        let before = self.collected.len();
        self.collect(line);
        let written = self.write_out();
        if written.is_err() {
            self.collected.truncate(before);
        }
        written
    }

    /// Writes what was collected, all of it or nothing. What was written of a line that did not fit is cut off again.
    pub fn write_out(&mut self) -> io::Result<()> {
        if self.collected.is_empty() {
            return Ok(());
        }
        self.mend()?;
        let mut written = 0;
        while let Some(rest) = self.collected.get(written..).filter(|rest| !rest.is_empty()) {
            match self.file.write(rest) {
                Ok(0) => {
                    self.torn = written as u64;
                    return self.mend().and(Err(io::ErrorKind::WriteZero.into()));
                }
                Ok(more) => written += more,
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => {
                    self.torn = written as u64;
                    return self.mend().and(Err(error));
                }
            }
        }
        self.bytes += written as u64;
        self.collected.clear();
        Ok(())
    }

    /// Cuts off what a failed write left. A device cannot be cut: there the next line begins on a new one.
    fn mend(&mut self) -> io::Result<()> {
        if self.torn == 0 {
            return Ok(());
        }
        if self.regular {
            let end = self.file.file().metadata()?.len().saturating_sub(self.torn);
            self.file.set_len(end)?;
        } else {
            self.file.file().write_all(b"\n")?;
        }
        self.torn = 0;
        Ok(())
    }

    /// The name of a segment of this trail.
    pub fn name(&self, place: &Place) -> String {
        let sealed = names::sealed_path(&self.path, place);
        sealed.file_name().unwrap_or_default().to_string_lossy().into_owned()
    }

    /// Without what is still to be written.
    pub fn written_bytes(&self) -> u64 {
        self.bytes
    }

    /// Goes on in a new file at the same path.
    pub fn reopen(&mut self) -> io::Result<Found> {
        // Until that works every line finds the file stale: none goes where nobody looks for it.
        self.checked = None;
        self.write_out()?;
        self.file.sync()?;
        let mut fresh = Segment::open(&self.path)?;
        let set_aside = if fresh.bytes > 0 { Some(fresh.set_aside_whole()?) } else { None };
        sync_directory(&self.path);
        *self = fresh;
        Ok(Found { set_aside, missing: None })
    }

    /// Puts the full segment aside under its own name and goes on in a new file. If there can be none, the segment stays.
    pub fn rotate(&mut self, place: &Place) -> io::Result<()> {
        self.write_out()?;
        self.file.sync()?;
        let sealed = names::sealed_path(&self.path, place);
        rename_new(&self.path, &sealed)?;
        match Segment::open(&self.path) {
            Ok(fresh) => *self = fresh,
            Err(error) => {
                // A sealed file must not grow. If its name cannot be taken back, the next line notices and reopens.
                self.checked = None;
                return rename_new(&sealed, &self.path).and(Err(error));
            }
        }
        sync_directory(&self.path);
        Ok(())
    }

    /// Takes what stands under the name that this segment will be sealed with out of the way, and what says that it was
    /// sent: somebody else put it there.
    pub fn free_name(&self, place: &Place) -> io::Result<Option<SetAside>> {
        let sealed = names::sealed_path(&self.path, place);
        let Ok(meta) = std::fs::symlink_metadata(&sealed) else { return Ok(None) };
        let mark = names::mark(&sealed);
        if std::fs::symlink_metadata(&mark).is_ok() {
            rename_aside(&mark)?;
        }
        let file = rename_aside(&sealed)?;
        Ok(Some(SetAside { file, bytes: meta.len(), sha256: None }))
    }

    /// Whether exchanges are in it.
    pub fn has_exchanges(&self) -> io::Result<bool> {
        let mut file = self.file.file();
        file.seek(SeekFrom::Start(0))?;
        let mut file = BufReader::new(file);
        let mut line = Vec::new();
        while (&mut file).take(LINE_BYTES_MAX as u64).read_until(b'\n', &mut line)? > 0 {
            if Link::read(line.trim_ascii_end()).is_some_and(|link| link.event() == Some("exchange")) {
                return Ok(true);
            }
            line.clear();
        }
        Ok(false)
    }

    /// The file to sync, where that means anything.
    pub fn to_sync(&self) -> Option<Arc<Medium>> {
        self.regular.then(|| Arc::clone(&self.file))
    }

    /// With what is still to be written.
    pub fn bytes(&self) -> u64 {
        self.bytes + self.collected.len() as u64
    }

    pub fn is_regular(&self) -> bool {
        self.regular
    }

    #[cfg(test)]
    pub fn look_at_path_again(&mut self) {
        self.checked = None;
    }

    /// Keeps a copy of the last checkpoint beside the trail. One that cannot be kept is only missed by `audit verify`.
    pub fn write_head(&self, line: &[u8]) -> io::Result<()> {
        if !self.regular {
            return Ok(());
        }
        files::replace(&names::head(&self.path), line)
    }

    fn set_aside_after(&mut self, end: u64, seq: u64) -> io::Result<Option<SetAside>> {
        if end == self.bytes {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        let mut file = self.file.file();
        file.seek(SeekFrom::Start(end))?;
        file.take(TAIL_BYTES_MAX).read_to_end(&mut bytes)?;
        let aside = suffixed(&self.path, &format!(".torn-after-{seq:012}"));
        let mut kept = files::append(&aside)?;
        kept.write_all(&bytes)?;
        kept.sync_data()?;
        sync_directory(&aside);
        self.file.set_len(end)?;
        self.bytes = end;
        Ok(Some(SetAside { file: aside, bytes: bytes.len() as u64, sha256: Some(sha256(&bytes)) }))
    }

    /// Renames a file that is no trail and opens an empty one in its place.
    fn set_aside_whole(&mut self) -> io::Result<SetAside> {
        let bytes = self.bytes;
        let aside = rename_aside(&self.path)?;
        *self = Segment::open(&self.path)?;
        sync_directory(&self.path);
        Ok(SetAside { file: aside, bytes, sha256: None })
    }
}

/// What the copy of the last checkpoint says, if it is whole.
pub fn read_head(path: &Path) -> Option<Place> {
    place_of_head(&head_line(path).ok()??)
}

/// The copy of the last checkpoint, whatever it says; `None` if there is none.
pub fn head_line(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut line = Vec::new();
    let file = match files::read(&names::head(path)) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
        opened => opened?,
    };
    file.take(LINE_BYTES_MAX as u64).read_to_end(&mut line)?;
    line.truncate(line.trim_ascii_end().len());
    Ok(Some(line))
}

pub fn place_of_head(line: &[u8]) -> Option<Place> {
    let link = Link::read(line).filter(|link| link.intact && link.event() == Some(checkpoint::EVENT))?;
    let fields = checkpoint::read_fields(line)?;
    Some(Place { chain: fields.chain.to_owned(), segment: fields.segment, tip: link.tip() })
}

/// Renames a file to the next name for what was set aside.
fn rename_aside(path: &Path) -> io::Result<PathBuf> {
    let mut number = 1;
    loop {
        let aside = suffixed(path, &format!(".set-aside-{number}"));
        match rename_new(path, &aside) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => number += 1,
            renamed => return renamed.map(|()| aside),
        }
    }
}

/// Renames, but never over another file.
fn rename_new(from: &Path, to: &Path) -> io::Result<()> {
    use rustix::fs::{CWD, RenameFlags, renameat_with};
    use rustix::io::Errno;
    match renameat_with(CWD, from, CWD, to, RenameFlags::NOREPLACE) {
        // Some file systems cannot; nobody else makes files of these names.
        Err(Errno::INVAL | Errno::NOSYS | Errno::NOTSUP) => match std::fs::symlink_metadata(to) {
            Ok(_) => Err(io::ErrorKind::AlreadyExists.into()),
            Err(_) => std::fs::rename(from, to),
        },
        renamed => Ok(renamed?),
    }
}

/// A new or renamed file survives a loss of power only once its directory is on the disk. Some file systems cannot.
pub(super) fn sync_directory(path: &Path) {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _best_effort = File::open(parent).and_then(|directory| directory.sync_all());
}

/// Number of the last line of a segment.
pub fn last_seq(path: &Path) -> Option<u64> {
    let file = files::read(path).ok()?;
    let bytes = file.metadata().ok()?.len();
    Some(last_good_line(&file, bytes).ok()??.1.seq)
}

/// The last line of a sealed segment, which is its checkpoint.
pub fn last_line(path: &Path) -> io::Result<Option<Vec<u8>>> {
    let mut file = files::read(path)?;
    let start = file.metadata()?.len().saturating_sub(LINE_BYTES_MAX as u64);
    file.seek(SeekFrom::Start(start))?;
    let mut tail = Vec::new();
    file.take(LINE_BYTES_MAX as u64).read_to_end(&mut tail)?;
    let Some(body) = tail.strip_suffix(b"\n") else { return Ok(None) };
    let from = body.iter().rposition(|byte| *byte == b'\n').map_or(0, |before| before + 1);
    tail.drain(..from);
    Ok(Some(tail))
}

/// End and tip of the last line that is whole and hashes to what it states.
fn last_good_line(mut file: &File, bytes: u64) -> io::Result<Option<(u64, Tip)>> {
    let start = bytes.saturating_sub(TAIL_BYTES_MAX);
    let mut tail = Vec::new();
    file.seek(SeekFrom::Start(start))?;
    file.take(TAIL_BYTES_MAX).read_to_end(&mut tail)?;
    let mut end = match tail.iter().rposition(|byte| *byte == b'\n') {
        Some(last) => last + 1,
        None => return Ok(None),
    };
    while end > 0 {
        let body = tail.get(..end - 1).unwrap_or_default();
        let from = body.iter().rposition(|byte| *byte == b'\n').map_or(0, |before| before + 1);
        let line = body.get(from..).unwrap_or_default();
        if let Some(link) = Link::read(line).filter(|link| link.intact) {
            return Ok(Some((start + end as u64, link.tip())));
        }
        end = from;
    }
    Ok(None)
}

/// The chain that a file begins with.
pub fn chain_of_file(path: &Path) -> Option<String> {
    first_line(&files::read(path).ok()?).ok()?.map(|(chain, _)| chain)
}

/// Chain and number of the segment, from its first line.
pub(super) fn first_line(mut file: &File) -> io::Result<Option<(String, u64)>> {
    let mut head = vec![0; 4096];
    file.seek(SeekFrom::Start(0))?;
    let read = file.read(&mut head)?;
    head.truncate(read);
    let line = head.split(|byte| *byte == b'\n').next().unwrap_or_default();
    Ok(named_place(line))
}

/// Chain and number of the segment, from a line that names them: the first of a segment and every checkpoint.
pub fn named_place(line: &[u8]) -> Option<(String, u64)> {
    #[derive(serde::Deserialize)]
    struct Named {
        chain: String,
        segment: u64,
    }
    let named = serde_json::from_slice::<Named>(line).ok()?;
    is_chain(&named.chain).then_some((named.chain, named.segment))
}
