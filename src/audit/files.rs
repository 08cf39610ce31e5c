//! Opens the files that stand in the trail's directory, so that nothing put in their place holds the guard up or leads it
//! elsewhere.
//!
//! Owns that no open waits for the other end of a pipe and no write follows a symbolic link. Links among the directories
//! above are followed, as mounts have them. Who may write to the directory can still delete what is in it: that is for the
//! chain to show.

use std::fs::{File, FileType, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::{FileTypeExt, OpenOptionsExt};
use std::path::Path;

use rustix::fs::OFlags;

use super::names::suffixed;

/// For reading; links are followed.
pub use crate::file::open as read;

/// For appending; made if it is not there. A device that takes lines will do.
pub fn append(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.create(true).read(true).append(true).mode(0o640);
    let file = match options.custom_flags(FLAGS).open(path) {
        Ok(file) => file,
        // What the system says of a link or a socket names neither.
        Err(error) => return Err(unfit(path).map_or(error, io::Error::other)),
    };
    match problem(file.metadata()?.file_type()) {
        Some(problem) => Err(io::Error::other(named(path, problem))),
        None => Ok(file),
    }
}

/// What stands at the path and cannot be a file of the trail.
pub fn unfit(path: &Path) -> Option<String> {
    let kind = std::fs::symlink_metadata(path).ok()?.file_type();
    problem(kind).map(|problem| named(path, problem))
}

/// Gives a file new content, all of it or none. What stands at the path is replaced, not what it may lead to.
pub fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = suffixed(path, ".new");
    match std::fs::remove_file(&new) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        // Left by a crash, or put there by somebody else.
        Ok(()) | Err(_) => {}
    }
    let mut file = OpenOptions::new().create_new(true).write(true).mode(0o640).open(&new)?;
    file.write_all(bytes)?;
    std::fs::rename(&new, path)
}

/// A pipe is not waited for, a terminal does not become that of the guard.
const FLAGS: i32 = OFlags::NONBLOCK.union(OFlags::NOCTTY).union(OFlags::NOFOLLOW).bits().cast_signed();

fn problem(kind: FileType) -> Option<&'static str> {
    if kind.is_file() || kind.is_char_device() {
        None
    } else if kind.is_symlink() {
        Some("is a symbolic link; expected a regular file, so name the one that the link leads to")
    } else if kind.is_fifo() {
        Some("is a pipe (FIFO); expected a regular file. `audit.sink: stdout` writes to a pipe")
    } else if kind.is_dir() {
        Some("is a directory; expected a regular file")
    } else {
        Some("is a socket or a block device; expected a regular file")
    }
}

fn named(path: &Path, problem: &str) -> String {
    format!("{} {problem}", path.file_name().unwrap_or_default().display())
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::os::unix::fs::symlink;
    use std::os::unix::net::UnixListener;

    use rustix::fs::{CWD, FileType as Kind, Mode, mknodat};

    use super::*;

    #[test]
    fn only_a_file_is_appended_to_and_nothing_is_waited_for() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("victim"), "precious\n").unwrap();
        fs::create_dir(at("directory")).unwrap();
        mknodat(CWD, at("fifo"), Kind::Fifo, Mode::RWXU, 0).unwrap();
        let _socket = UnixListener::bind(at("socket")).unwrap();
        symlink(at("victim"), at("link")).unwrap();
        symlink(at("nothing"), at("dangling")).unwrap();
        for (name, says) in [
            ("directory", "directory is a directory"),
            ("fifo", "fifo is a pipe (FIFO)"),
            ("socket", "socket is a socket"),
            ("link", "link is a symbolic link"),
            ("dangling", "dangling is a symbolic link"),
        ] {
            let error = append(&at(name)).unwrap_err().to_string();
            assert!(error.starts_with(says) && error.contains("expected a regular file"), "{error}");
            assert_eq!(unfit(&at(name)), Some(error));
        }
        assert!(!at("nothing").exists());
        assert!(read(&at("fifo")).is_err() && read(&at("directory")).is_err() && read(&at("link")).is_ok());
        // A link above the file is no link in its place.
        symlink(dir.path(), at("mount")).unwrap();
        append(&at("mount").join("made")).unwrap().write_all(b"line\n").unwrap();
        assert_eq!(fs::read_to_string(at("made")).unwrap(), "line\n");
        assert_eq!(
            (unfit(&at("made")), unfit(&at("nothing")), unfit(Path::new("/dev/full"))),
            (None, None, None)
        );
    }

    #[test]
    fn new_content_replaces_links_and_not_what_they_lead_to() {
        let dir = tempfile::tempdir().unwrap();
        let at = |name: &str| dir.path().join(name);
        fs::write(at("victim"), "precious\n").unwrap();
        symlink(at("victim"), at("head")).unwrap();
        symlink(at("victim"), at("head.new")).unwrap();
        replace(&at("head"), b"one\n").unwrap();
        fs::write(at("head.new"), "left by a crash, and longer\n").unwrap();
        replace(&at("head"), b"two\n").unwrap();
        assert_eq!(fs::read_to_string(at("victim")).unwrap(), "precious\n");
        assert_eq!(fs::read_to_string(at("head")).unwrap(), "two\n");
        assert!(fs::symlink_metadata(at("head")).unwrap().is_file() && !at("head.new").exists());
    }
}
