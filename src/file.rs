//! Opening what is to be read: a regular file, whatever was put in its place.
//!
//! Owns that no open and no read waits for the other end of a pipe, or takes a socket or a device for a file. Links are followed, as
//! mounts have them. What the process was started with (`/dev/stdin`) may be a pipe: whoever started it gave it. How much is read is
//! for the reader to say.

use std::fs::{File, OpenOptions};
use std::io::{self, ErrorKind};
use std::os::unix::fs::OpenOptionsExt;
use std::path::Path;

use rustix::fs::OFlags;

/// Below which the descriptors of the process stand.
const OWN: [&str; 3] = ["/dev/stdin", "/dev/fd", "/proc/self/fd"];

/// The error of what is no file, and of no other.
pub const NOT_A_FILE: ErrorKind = ErrorKind::Unsupported;

/// Opens a file for reading.
pub fn open(path: &Path) -> io::Result<File> {
    if OWN.iter().any(|own| path.starts_with(own)) {
        return File::open(path);
    }
    // A pipe is not waited for, a terminal does not become that of the process.
    let flags = (OFlags::NONBLOCK | OFlags::NOCTTY).bits().cast_signed();
    let opened = OpenOptions::new().read(true).custom_flags(flags).open(path);
    let found = match &opened {
        Ok(file) => file.metadata(),
        // A socket cannot be opened, and the system's error does not name it.
        Err(_) => std::fs::metadata(path),
    };
    match found.map(|found| found.file_type()) {
        Ok(kind) if kind.is_dir() => Err(ErrorKind::IsADirectory.into()),
        Ok(kind) if !kind.is_file() => Err(io::Error::new(NOT_A_FILE, reason(NOT_A_FILE))),
        Ok(_) | Err(_) => opened,
    }
}

/// Why a file cannot be read, in words that are the same on every system.
pub const fn reason(kind: ErrorKind) -> &'static str {
    match kind {
        ErrorKind::NotFound => "there is no such file",
        ErrorKind::PermissionDenied => "the file may not be read by this user",
        ErrorKind::IsADirectory => "this is a directory; expected a file",
        NOT_A_FILE => "this is a pipe, a socket or a device; expected a file",
        _ => "the file cannot be read",
    }
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType, Mode, mknodat};

    use super::*;

    #[test]
    fn only_a_file_is_opened_and_nothing_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        std::fs::write(at("file"), "x").unwrap();
        mknodat(CWD, at("pipe"), FileType::Fifo, Mode::RWXU, 0).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        for name in ["file", "pipe", "socket"] {
            symlink(at(name), at(&format!("to-{name}"))).unwrap();
        }
        for name in ["pipe", "socket", "to-pipe", "to-socket", "/dev/null", "/dev/zero"] {
            assert_eq!(open(&at(name)).unwrap_err().kind(), NOT_A_FILE, "{name}");
        }
        assert_eq!(open(dir.path()).unwrap_err().kind(), ErrorKind::IsADirectory);
        assert_eq!(open(&at("none")).unwrap_err().kind(), ErrorKind::NotFound);
        assert!(open(&at("file")).is_ok() && open(&at("to-file")).is_ok());
        assert!(open(Path::new("/proc/self/status")).is_ok());
    }
}
