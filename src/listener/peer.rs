//! Who is at the other end of a unix socket: what the kernel noted of the process that connected.
//!
//! User and process ids are those of the moment of connecting. The container is looked up after it: a process that has ended
//! meanwhile has none, and one that got its number since would be taken for it.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;

use tokio::net::UnixStream;

use crate::guards::caller::Peer;
use crate::guards::caller::container::ContainerId;

/// Some forty lines of a long path.
const CGROUP_BYTES_MAX: u64 = 16 << 10;

pub(super) fn of_socket(stream: &UnixStream) -> io::Result<Peer> {
    let credentials = stream.peer_cred()?;
    // A process of another namespace has no number here.
    let pid = credentials.pid().filter(|pid| *pid > 0);
    let container = pid.and_then(|pid| container_of(Path::new("/proc"), pid));
    Ok(Peer::Unix { uid: credentials.uid(), container })
}

fn container_of(proc: &Path, pid: i32) -> Option<ContainerId> {
    let mut text = String::new();
    let file = File::open(proc.join(pid.to_string()).join("cgroup")).ok()?;
    let read = file.take(CGROUP_BYTES_MAX).read_to_string(&mut text).ok()? as u64;
    // One that is cut off could name a container that it goes on from.
    if read == CGROUP_BYTES_MAX { None } else { ContainerId::of_cgroup(&text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_container_is_read_from_a_bounded_file() {
        let id = "8c2f0e7b4d1a9c36e5f80b7d2a41c9e3f6b5d8071a2c3e4f5061728394a5b6c7";
        let proc = tempfile::tempdir().unwrap();
        std::fs::create_dir(proc.path().join("7")).unwrap();
        let write = |text: &str| std::fs::write(proc.path().join("7/cgroup"), text).unwrap();
        let line = format!("0::/docker/{id}\n");
        write(&line);
        assert_eq!(container_of(proc.path(), 7).map(|id| id.to_string()).as_deref(), Some(id));
        assert_eq!(container_of(proc.path(), 8), None, "gone");
        let max = usize::try_from(CGROUP_BYTES_MAX).unwrap();
        write(&format!("{line}{}", "1:cpu:/\n".repeat(max)));
        assert_eq!(container_of(proc.path(), 7), None);
        write("\u{0}");
        assert_eq!(container_of(proc.path(), 7), None);
    }
}
