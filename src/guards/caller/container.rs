//! The container that a process runs in, by what `/proc/<pid>/cgroup` says of it.
//!
//! Pure: the listener reads the file. Container runtimes put the id, 64 hexadecimal digits, into the path of the control group,
//! each with its own dressing; what has no such id runs in none that has a name.

use std::fmt;

use data_encoding::HEXLOWER;

const ID_DIGITS: usize = 64;

/// The id of a container. Holds 256 bits and no text.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct ContainerId([u8; ID_DIGITS / 2]);

impl ContainerId {
    /// Of the lines of a `cgroup` file, of either version. Lines that name different containers name none.
    pub fn of_cgroup(text: &str) -> Option<ContainerId> {
        let mut ids = text.lines().filter_map(|line| of_path(line.splitn(3, ':').nth(2)?));
        let first = ids.next()?;
        ids.all(|other| other == first).then_some(first)
    }
}

/// Of the innermost container of a path.
fn of_path(path: &str) -> Option<ContainerId> {
    // The process that watches a container is not in it.
    let inside = path.rsplit('/').filter(|part| !part.contains("conmon"));
    inside.flat_map(|part| part.split(|c: char| !c.is_ascii_alphanumeric())).find_map(of_word)
}

fn of_word(word: &str) -> Option<ContainerId> {
    let id = HEXLOWER.decode(word.as_bytes()).ok()?;
    id.try_into().ok().map(ContainerId)
}

impl fmt::Display for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&HEXLOWER.encode(&self.0))
    }
}

impl fmt::Debug for ContainerId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ContainerId({self})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "8c2f0e7b4d1a9c36e5f80b7d2a41c9e3f6b5d8071a2c3e4f5061728394a5b6c7";
    const OTHER: &str = "0011223344556677889900aabbccddeeff0011223344556677889900aabbccdd";

    #[test]
    fn the_spellings_of_the_runtimes_are_read() {
        for path in [
            "/docker/ID",
            "/system.slice/docker-ID.scope",
            "/../docker-ID.scope",
            "/default/ID",
            "/system.slice/containerd.service/kubepods-burstable-pod1a2b.slice:cri-containerd:ID",
            "/kubepods/besteffort/pod5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21/ID",
            "/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod5b0c.slice/cri-containerd-ID.scope",
            "/../../kubepods-pod5b0c1f1e.slice/cri-containerd-ID.scope",
            "/kubepods.slice/kubepods-pod5b0c.slice/crio-ID.scope",
            "/kubepods.slice/kubepods-pod5b0c.slice/crio-ID.scope/container",
            "/machine.slice/libpod-ID.scope",
            "/machine.slice/libpod-ID.scope/container",
            "/libpod_parent/libpod-ID",
            "/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope/container",
            // A container in a container: the inner one.
            "/docker/OTHER/kubepods/besteffort/pod1/ID",
        ] {
            let path = path.replace("ID", ID).replace("OTHER", OTHER);
            for line in [format!("0::{path}\n"), format!("12:cpu,cpuacct:{path}\n1:name=systemd:{path}\n")] {
                let found = ContainerId::of_cgroup(&line).map(|id| id.to_string());
                assert_eq!(found.as_deref(), Some(ID), "{line}");
            }
        }
    }

    #[test]
    fn nothing_else_is_taken_for_an_id() {
        let upper = ID.to_ascii_uppercase();
        for text in [
            String::new(),
            "0::/\n".to_owned(),
            "0::/user.slice/user-1000.slice/session-3.scope\n".to_owned(),
            format!("0::/docker/{}\n", &ID[1..]),
            format!("0::/docker/{ID}0\n"),
            format!("0::/docker/g{}\n", &ID[1..]),
            format!("0::/docker/{upper}\n"),
            format!("0::/docker/x{ID}\n"),
            format!("0::/machine.slice/libpod-conmon-{ID}.scope\n"),
            format!("{ID}\n"),
            format!("0:{ID}:/\n"),
            format!("2:cpu:/docker/{ID}\n1:memory:/docker/{OTHER}\n"),
        ] {
            assert_eq!(ContainerId::of_cgroup(&text), None, "{text}");
        }
        // A hierarchy that the runtime left alone says nothing against it.
        let mixed = format!("2:cpu:/docker/{ID}\n1:name=systemd:/\n0::/\n");
        assert!(ContainerId::of_cgroup(&mixed).is_some());
    }
}
