//! A file that is followed by name, like `tail -F`: through rename, re-creation and truncation.
//!
//! Looks, never listens: file events do not cross every mount. A renamed file is read on until it has been at its end
//! for two looks and another file has its name. A truncated file begins anew, also when it has grown past the old place
//! since (the bytes before that place tell). Does not wait; whoever reads decides when to look again.

use std::fs::{File, Metadata};
use std::io::{self, Error, ErrorKind, Read, Seek, SeekFrom};
use std::os::unix::fs::{FileExt, MetadataExt};
use std::path::{Path, PathBuf};

/// How many of the bytes before the place are compared.
const MARK_BYTES: usize = 64;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// So many bytes were read.
    Of(usize),
    /// Nothing new.
    Waiting,
    /// What comes next is the beginning of a file.
    NewFile,
}

pub struct Tail {
    path: PathBuf,
    /// None until the file exists.
    file: Option<File>,
    /// Where the next read begins.
    place: u64,
    /// The bytes before it.
    mark: Vec<u8>,
    /// The file was at its end when it was last looked at.
    at_end: bool,
    /// Another file has the name.
    replaced: bool,
}

impl Tail {
    /// Opens the file at its end, or at its beginning. One that does not exist yet is waited for.
    pub fn open(path: &Path, from_start: bool) -> io::Result<Tail> {
        let mut tail = Tail {
            path: path.to_owned(),
            file: None,
            place: 0,
            mark: Vec::new(),
            at_end: false,
            replaced: false,
        };
        if let Some(mut file) = open(path)? {
            if !from_start {
                tail.place = file.seek(SeekFrom::End(0))?;
                tail.mark = before(&file, tail.place)?;
            }
            tail.file = Some(file);
        }
        Ok(tail)
    }

    /// False while no file has the name.
    pub fn is_open(&self) -> bool {
        self.file.is_some()
    }

    /// The next bytes of the file, or what became of it.
    pub fn read(&mut self, piece: &mut [u8]) -> io::Result<Piece> {
        let Some(file) = &mut self.file else {
            self.file = open(&self.path)?;
            return Ok(if self.file.is_some() { Piece::NewFile } else { Piece::Waiting });
        };
        // Only somebody else's truncation makes the bytes before the place differ, or be gone.
        if self.at_end && before(file, self.place)? != self.mark {
            file.seek(SeekFrom::Start(0))?;
            self.begin();
            return Ok(Piece::NewFile);
        }
        let len = match file.read(piece) {
            Err(error) if error.kind() == ErrorKind::Interrupted => 0,
            done => done?,
        };
        if len > 0 {
            self.place += len as u64;
            let kept = piece[..len].iter().rev().take(MARK_BYTES).rev();
            self.mark.extend(kept);
            self.mark.drain(..self.mark.len().saturating_sub(MARK_BYTES));
            self.at_end = false;
            self.replaced = false;
            return Ok(Piece::Of(len));
        }
        // Who still has the old file open may write to it after the rename, hence a second look.
        let looked_twice = self.at_end && self.replaced;
        self.at_end = true;
        self.replaced = self.is_replaced()?;
        if looked_twice
            && self.replaced
            && let Some(file) = open(&self.path)?
        {
            self.file = Some(file);
            self.begin();
            return Ok(Piece::NewFile);
        }
        Ok(Piece::Waiting)
    }

    fn begin(&mut self) {
        self.place = 0;
        self.mark.clear();
        self.at_end = false;
        self.replaced = false;
    }

    fn is_replaced(&self) -> io::Result<bool> {
        let id = |file: &Metadata| (file.dev(), file.ino());
        let Some(file) = &self.file else { return Ok(false) };
        match std::fs::metadata(&self.path) {
            Ok(named) => Ok(id(&named) != id(&file.metadata()?)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn open(path: &Path) -> io::Result<Option<File>> {
    match std::fs::metadata(path) {
        Ok(found) if !found.is_file() => {
            Err(Error::new(ErrorKind::InvalidInput, "what --follow names is not a regular file"))
        }
        Ok(_) => match crate::file::open(path) {
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            opened => opened.map(Some),
        },
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The bytes before a place; fewer, and none that were read, if the file ends before it.
fn before(file: &File, place: u64) -> io::Result<Vec<u8>> {
    let len = place.min(MARK_BYTES as u64);
    let mut mark = vec![0; len as usize];
    match file.read_exact_at(&mut mark, place - len) {
        Ok(()) => Ok(mark),
        Err(error) if error.kind() == ErrorKind::UnexpectedEof => Ok(Vec::new()),
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    struct Log {
        _dir: tempfile::TempDir,
        path: PathBuf,
    }

    impl Log {
        fn new(text: &str) -> Log {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("app.log");
            std::fs::write(&path, text).unwrap();
            Log { _dir: dir, path }
        }

        fn append(&self, text: &str) -> File {
            let mut file = File::options().append(true).create(true).open(&self.path).unwrap();
            file.write_all(text.as_bytes()).unwrap();
            file
        }
    }

    /// Everything until two looks in a row find nothing; `|` where a file begins.
    fn all(tail: &mut Tail) -> String {
        let mut text = Vec::new();
        let mut quiet = 0;
        let mut piece = [0; 7];
        while quiet < 4 {
            match tail.read(&mut piece).unwrap() {
                Piece::Of(len) => text.extend_from_slice(&piece[..len]),
                Piece::NewFile => text.push(b'|'),
                Piece::Waiting => quiet += 1,
            }
        }
        String::from_utf8(text).unwrap()
    }

    #[test]
    fn begins_where_it_is_told_and_goes_on() {
        let log = Log::new("old\n");
        let (mut end, mut start) =
            (Tail::open(&log.path, false).unwrap(), Tail::open(&log.path, true).unwrap());
        assert_eq!((all(&mut end), all(&mut start)), (String::new(), "old\n".to_owned()));
        log.append("new\n");
        assert_eq!((all(&mut end), all(&mut start)), ("new\n".to_owned(), "new\n".to_owned()));
    }

    #[test]
    fn a_renamed_file_is_read_to_its_end_first() {
        let log = Log::new("");
        let mut tail = Tail::open(&log.path, false).unwrap();
        let mut old = log.append("one\n");
        let rotated = log.path.with_extension("1");
        std::fs::rename(&log.path, &rotated).unwrap();
        old.write_all(b"two, unread\n").unwrap();
        assert_eq!(all(&mut tail), "one\ntwo, unread\n");
        // Renamed, and no file has the name yet.
        old.write_all(b"three\n").unwrap();
        assert_eq!(all(&mut tail), "three\n");
        log.append("four\n");
        old.write_all(b"late\n").unwrap();
        assert_eq!(all(&mut tail), "late\n|four\n");
        std::fs::remove_file(&log.path).unwrap();
        log.append("five\n");
        assert_eq!(all(&mut tail), "|five\n");
    }

    #[test]
    fn a_truncated_file_begins_anew_even_if_it_has_grown_since() {
        let log = Log::new("");
        let mut tail = Tail::open(&log.path, true).unwrap();
        log.append("first line\n");
        assert_eq!(all(&mut tail), "first line\n");
        File::options().write(true).open(&log.path).unwrap().set_len(0).unwrap();
        assert_eq!(all(&mut tail), "|");
        log.append("second\n");
        assert_eq!(all(&mut tail), "second\n");
        File::create(&log.path).unwrap().write_all(b"longer than what stood there before\n").unwrap();
        assert_eq!(all(&mut tail), "|longer than what stood there before\n");
        // At the end of a file of which nothing was read.
        let mut tail = Tail::open(&log.path, false).unwrap();
        assert_eq!(all(&mut tail), "");
        File::create(&log.path).unwrap().write_all(b"x\n").unwrap();
        assert_eq!(all(&mut tail), "|x\n");
    }

    #[test]
    fn a_file_that_comes_later_is_read_from_its_beginning() {
        let log = Log::new("");
        std::fs::remove_file(&log.path).unwrap();
        let mut tail = Tail::open(&log.path, false).unwrap();
        assert_eq!(all(&mut tail), "");
        log.append("here\n");
        assert_eq!(all(&mut tail), "|here\n");
        assert!(Tail::open(log.path.parent().unwrap(), false).is_err());
    }
}
