//! The compiled `process` section.

use crate::config::{self, Node, Problems, read};

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ProcessSettings {
    /// Who to become when started as root.
    pub user: Option<User>,
    pub root: Root,
}

/// A user as the policy names it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum User {
    /// Looked up in `/etc/passwd`.
    Name(String),
    Ids {
        uid: u32,
        gid: u32,
    },
}

/// What to do when started as root without a user to become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Root {
    Warn,
    Refuse,
}

impl ProcessSettings {
    pub fn compile(section: &config::Process, problems: &mut Problems) -> ProcessSettings {
        let words = [("warn", Root::Warn), ("refuse", Root::Refuse)];
        ProcessSettings {
            user: section.user.or_none(None, user, problems),
            root: section.root.word(Root::Warn, &words, problems),
        }
    }
}

/// `name`, or `uid:gid`. Root is nobody to become.
fn user(node: &Node, problems: &mut Problems) -> Option<User> {
    const WHAT: &str = "the name of a user, or numbers such as 65532:65532";
    let id = |text: &str| text.parse::<u32>().ok().filter(|id| (1..u32::MAX).contains(id));
    let text = node.text().unwrap_or_default();
    match text.split_once(':') {
        Some((uid, gid)) => match id(uid).zip(id(gid)) {
            Some((uid, gid)) => Some(User::Ids { uid, gid }),
            None => problems.expected(node, &format!("{WHAT} (other than root)")),
        },
        None if text == "root" => problems.expected(node, &format!("{WHAT} (other than root)")),
        None if text.starts_with(|c: char| c.is_ascii_digit()) => {
            problems.expected(node, &format!("{WHAT} (the group is missing)"))
        }
        None => read::name(node, problems).map(User::Name),
    }
}
