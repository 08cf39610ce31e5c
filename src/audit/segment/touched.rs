//! What somebody else did to the file that is written to: renamed it, cut it, deleted it.
//!
//! Owns that it is noticed; where lines go then is for the trail to say. A file whose content was replaced by as much or more is not
//! noticed here: the chain shows that.

use std::fs::Metadata;
use std::io;
use std::os::unix::fs::{FileExt, MetadataExt};
use std::time::{Duration, Instant};

use super::Segment;

/// How long lines may go on into a file that something else renamed.
const ROTATION_CHECK_INTERVAL: Duration = Duration::from_secs(1);

/// What somebody else did to the open file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Touched {
    Not,
    /// It is no longer the one at its path.
    Renamed,
    /// It is shorter than what was written to it.
    Cut {
        left: u64,
    },
    Deleted,
}

impl Segment {
    /// What others did to the file. One that was cut or deleted took lines with it, so that is looked for with every batch; a
    /// renamed one keeps them, so looking at the path now and then is enough to follow a rotation.
    pub fn look(&mut self) -> Touched {
        if !self.regular {
            return Touched::Not;
        }
        let Ok(held) = self.file.file().metadata() else { return Touched::Renamed };
        if held.nlink() == 0 {
            return Touched::Deleted;
        }
        if held.len() < self.bytes {
            return Touched::Cut { left: held.len() };
        }
        if self.checked.is_some_and(|at| at.elapsed() < ROTATION_CHECK_INTERVAL) {
            return Touched::Not;
        }
        self.checked = Some(Instant::now());
        let same = |named: Metadata| (held.ino(), held.dev()) == (named.ino(), named.dev());
        if std::fs::symlink_metadata(&self.path).is_ok_and(same) { Touched::Not } else { Touched::Renamed }
    }

    /// Whether lines that were written went with a file that somebody cut or deleted.
    pub fn has_lost(&self) -> bool {
        let lost = |held: Metadata| held.nlink() == 0 || held.len() < self.bytes;
        self.regular && self.file.file().metadata().is_ok_and(lost)
    }

    /// Takes what is left of a file that was cut as where it ends. Half a line there is ended, so that the next one is whole.
    pub fn accept_cut(&mut self, left: u64) -> io::Result<()> {
        let mut last = *b"\n";
        if left > 0 {
            self.file.file().read_exact_at(&mut last, left - 1)?;
        }
        if last != *b"\n" {
            self.collected.insert(0, b'\n');
        }
        (self.bytes, self.torn, self.checked) = (left, 0, None);
        Ok(())
    }
}
