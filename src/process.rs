//! The process itself: what it may do, and what is left of it when it dies.
//!
//! No core dump, no debugger of the same user, no new privileges. Started as root it becomes the user of the policy, once
//! the sockets are bound and before anything is read that has to be read again later. System calls act on the calling
//! thread, so all of this runs before the first other thread is started.

use std::fmt;
use std::path::Path;

use rustix::process::{DumpableBehavior, Resource, Rlimit, getgid, getuid, set_dumpable_behavior, setrlimit};
use rustix::thread::{
    set_no_new_privs, set_thread_gid, set_thread_groups, set_thread_res_gid, set_thread_res_uid,
    set_thread_uid,
};
use rustix::{
    fs::{Gid, Uid},
    io::Errno,
};

pub mod settings;

use settings::{ProcessSettings, Root, User};

/// Most of `/etc/passwd` that is read.
const PASSWD_BYTES_MAX: u64 = 1024 * 1024;

/// Keeps keys and PHI out of core dumps and other processes. Fails where a sandbox forbids it; says what.
pub fn harden() -> Result<(), &'static str> {
    let none = Rlimit { current: Some(0), maximum: Some(0) };
    setrlimit(Resource::Core, none).map_err(|_| "core dumps stay allowed: RLIMIT_CORE cannot be set")?;
    // Also keeps others of this user from reading memory and environment through procfs.
    set_dumpable_behavior(DumpableBehavior::NotDumpable)
        .map_err(|_| "the process stays dumpable: PR_SET_DUMPABLE is not possible")?;
    set_no_new_privs(true).map_err(|_| "new privileges stay possible: PR_SET_NO_NEW_PRIVS is not possible")
}

/// Why the guard does not run as whoever it was started.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum UserError {
    RunsAsRoot,
    NoSuchUser,
    NotRoot,
    Refused,
    /// Root could be had back.
    NotForGood,
}

impl fmt::Display for UserError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            UserError::RunsAsRoot => {
                "started as root, which process.root: refuse forbids; set process.user, or start as another user"
            }
            UserError::NoSuchUser => "process.user is not in /etc/passwd; write numbers such as 65532:65532",
            UserError::NotRoot => "process.user is another than the one the guard was started as, and only root can change it",
            UserError::Refused => "the system refused to change to process.user; CAP_SETUID and CAP_SETGID are needed",
            UserError::NotForGood => "the change to process.user could be taken back; refusing to go on",
        })
    }
}

/// Who the guard became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Became {
    /// Not root to begin with, or that user already.
    Same,
    /// Root, and nobody to become.
    StillRoot,
    Other {
        uid: u32,
        gid: u32,
    },
}

/// Becomes the user of the policy. `socket` is given to that user, who has to serve it.
pub fn become_user(settings: &ProcessSettings, socket: Option<&Path>) -> Result<Became, UserError> {
    let root = getuid().is_root();
    let Some(user) = &settings.user else {
        return match (root, settings.root) {
            (false, _) => Ok(Became::Same),
            (true, Root::Warn) => Ok(Became::StillRoot),
            (true, Root::Refuse) => Err(UserError::RunsAsRoot),
        };
    };
    let (uid, gid) = ids(user)?;
    if !root {
        let same = (getuid().as_raw(), getgid().as_raw()) == (uid, gid);
        return if same { Ok(Became::Same) } else { Err(UserError::NotRoot) };
    }
    if let Some(socket) = socket {
        std::os::unix::fs::chown(socket, Some(uid), Some(gid)).map_err(|_| UserError::Refused)?;
    }
    drop_to(Uid::from_raw(uid), Gid::from_raw(gid)).map_err(|_| UserError::Refused)?;
    if set_thread_uid(Uid::ROOT).is_ok() || set_thread_gid(Gid::ROOT).is_ok() || getuid().as_raw() != uid {
        return Err(UserError::NotForGood);
    }
    Ok(Became::Other { uid, gid })
}

/// Groups first, since only root may change them. Real, effective and saved ids, so that none leads back.
fn drop_to(uid: Uid, gid: Gid) -> Result<(), Errno> {
    set_thread_groups(&[gid])?;
    set_thread_res_gid(gid, gid, gid)?;
    set_thread_res_uid(uid, uid, uid)
}

fn ids(user: &User) -> Result<(u32, u32), UserError> {
    let name = match user {
        User::Ids { uid, gid } => return Ok((*uid, *gid)),
        User::Name(name) => name,
    };
    use std::io::Read;
    let mut passwd = String::new();
    let file = std::fs::File::open("/etc/passwd").map_err(|_| UserError::NoSuchUser)?;
    file.take(PASSWD_BYTES_MAX).read_to_string(&mut passwd).map_err(|_| UserError::NoSuchUser)?;
    of_passwd(&passwd, name).filter(|(uid, gid)| *uid != 0 && *gid != 0).ok_or(UserError::NoSuchUser)
}

/// User and group of a name, as `passwd(5)` writes them.
fn of_passwd(passwd: &str, name: &str) -> Option<(u32, u32)> {
    passwd.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (found, _password, uid, gid) = (fields.next()?, fields.next()?, fields.next()?, fields.next()?);
        if found == name { Some((uid.parse().ok()?, gid.parse().ok()?)) } else { None }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_passwd() {
        let passwd = "root:x:0:0:root:/root:/bin/sh\nbroken\nguard:x:65532:65533::/:/sbin/nologin\n";
        assert_eq!(of_passwd(passwd, "guard"), Some((65532, 65533)));
        assert_eq!(of_passwd(passwd, "gua"), None);
        assert_eq!(of_passwd(passwd, "broken"), None);
        assert_eq!(
            ids(&User::Name("root".to_owned())),
            Err(UserError::NoSuchUser),
            "root is nobody to become"
        );
    }

    #[test]
    fn without_a_user_only_root_is_something_to_say() {
        let settings = |root| ProcessSettings { user: None, root };
        let (root, warned) = (getuid().is_root(), become_user(&settings(Root::Warn), None));
        assert_eq!(warned, Ok(if root { Became::StillRoot } else { Became::Same }));
        let refused = become_user(&settings(Root::Refuse), None);
        assert_eq!(refused, if root { Err(UserError::RunsAsRoot) } else { Ok(Became::Same) });
    }
}
