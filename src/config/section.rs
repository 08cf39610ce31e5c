//! Sections and settings: the known keys of a mapping, each read or reported.

use super::problem::{Position, Problems};
use super::source::quote_key;
use super::tree::{Node, Value, join};

/// Declares a section: its keys are its fields. Reading one reports every key it does not know.
macro_rules! section {
    ($(#[$meta:meta])* $name:ident { $($key:ident: $kind:ty),* $(,)? }) => {
        $(#[$meta])*
        pub struct $name {
            /// Where the section stands; for one that is not written, where its parent stands.
            pub at: $crate::config::Position,
            pub key_path: String,
            $(pub $key: $kind,)*
        }

        impl $crate::config::section::Section for $name {
            const KEYS: &'static [&'static str] = &[$(stringify!($key)),*];

            fn of_keys(at: $crate::config::Position, path: String, keys: &mut $crate::config::section::Keys, problems: &mut $crate::config::Problems) -> Self {
                Self {
                    $($key: $crate::config::section::Slot::of_setting(keys.take(stringify!($key)), problems),)*
                    at,
                    key_path: path,
                }
            }

            fn leaves(prefix: &str, out: &mut Vec<String>) {
                $(<$kind as $crate::config::section::Slot>::paths(&$crate::config::section::path_of(prefix, stringify!($key)), out);)*
            }
        }
    };
}
pub(super) use section;

/// A mapping with a closed set of keys.
pub trait Section: Sized {
    const KEYS: &'static [&'static str];

    fn of_keys(at: Position, path: String, keys: &mut Keys, problems: &mut Problems) -> Self;

    /// The paths of all settings below, lists and optional sections included.
    fn leaves(prefix: &str, out: &mut Vec<String>);
}

/// What can stand under a key: a setting, a section, a section that may be absent, or a list of sections.
pub trait Slot: Sized {
    fn of_setting(setting: Setting, problems: &mut Problems) -> Self;

    fn paths(path: &str, out: &mut Vec<String>);
}

/// One key of a section as written. Says nothing about what the key takes; `read` has the readers for that.
#[derive(Clone)]
pub struct Setting {
    /// Where the value stands, or the section that lacks it.
    pub at: Position,
    pub path: String,
    /// `None` when the key is not written.
    pub node: Option<Node>,
}

impl Setting {
    pub(super) fn root(node: Option<Node>) -> Setting {
        Setting { at: node.as_ref().map_or(Position::START, |node| node.at), path: String::new(), node }
    }

    /// The value, unless it is not written or null.
    pub fn written(&self) -> Option<&Node> {
        self.node.as_ref().filter(|node| !node.is_null())
    }

    pub fn is_null(&self) -> bool {
        self.node.as_ref().is_some_and(Node::is_null)
    }

    /// For a key whose absence opens something: null is a problem.
    pub fn not_null(&self, what: &str, problems: &mut Problems) {
        if self.is_null() {
            problems.nothing_here(self.at, &self.path, what);
        }
    }

    /// What `read` makes of the value. Not written, null and (with a problem) unreadable give `default`.
    pub fn or<T>(
        &self,
        default: T,
        read: impl Fn(&Node, &mut Problems) -> Option<T>,
        problems: &mut Problems,
    ) -> T {
        self.written().and_then(|node| read(node, problems)).unwrap_or(default)
    }

    /// For a key whose null means "none": only a key that is not written gives `default`.
    pub fn or_none<T>(
        &self,
        default: Option<T>,
        read: impl Fn(&Node, &mut Problems) -> Option<T>,
        problems: &mut Problems,
    ) -> Option<T> {
        match self.node {
            None => default,
            Some(_) => self.written().and_then(|node| read(node, problems)),
        }
    }

    /// For a key that has no default.
    pub fn required<T>(
        &self,
        read: impl Fn(&Node, &mut Problems) -> Option<T>,
        problems: &mut Problems,
    ) -> Option<T> {
        match self.written() {
            Some(node) => read(node, problems),
            None => {
                let (section, key) = self.path.rsplit_once('.').unwrap_or(("", &self.path));
                problems.add(self.at, section, format!("`{key}` is missing and has no default"));
                None
            }
        }
    }

    /// The items of a list that `read` can read; `default` when the list is not written.
    pub fn list<T>(
        &self,
        default: Vec<T>,
        read: impl Fn(&Node, &mut Problems) -> Option<T>,
        problems: &mut Problems,
    ) -> Vec<T> {
        match self.written() {
            None => default,
            Some(Node { value: Value::List(items), .. }) => {
                items.iter().filter_map(|item| read(item, problems)).collect()
            }
            Some(node) => problems.expected_many(node, "a list such as [a, b]").unwrap_or(default),
        }
    }

    /// Reads a closed word; everything but the words listed is a problem that names the nearest.
    pub fn word<T: Copy>(&self, default: T, words: &[(&'static str, T)], problems: &mut Problems) -> T {
        self.or(default, |node, problems| super::read::word(node, words, problems), problems)
    }
}

/// The keys of one mapping on their way into a section.
pub struct Keys {
    at: Position,
    path: String,
    entries: Vec<super::tree::Entry>,
}

impl Keys {
    pub fn take(&mut self, key: &str) -> Setting {
        let path = join(&self.path, key);
        match self.entries.iter().position(|entry| entry.key == key) {
            Some(i) => {
                let node = self.entries.remove(i).value;
                Setting { at: node.at, path, node: Some(node) }
            }
            None => Setting { at: self.at, path, node: None },
        }
    }
}

/// The section, or `None` with a problem if something other than a mapping stands there.
fn read_section<S: Section>(setting: Setting, problems: &mut Problems) -> Option<S> {
    let Setting { at, path, node } = setting;
    let entries = match node {
        Some(Node { value: Value::Map(entries), .. }) => entries,
        Some(node) if !node.is_null() => {
            let first = S::KEYS.first().copied().unwrap_or_default();
            return problems.expected_many(&node, &format!("a mapping with keys such as `{first}`"));
        }
        _ => Vec::new(),
    };
    let mut keys = Keys { at, path: path.clone(), entries };
    let section = S::of_keys(at, path.clone(), &mut keys, problems);
    for entry in keys.entries {
        let unseen = entry.key.chars().any(|c| c.is_whitespace() && c != ' ' || c.is_control());
        let known = match problems.nearest(&entry.key, S::KEYS.iter().copied()) {
            _ if unseen => "it has a character that only looks like a space".to_owned(),
            _ if entry.value.is_null() && entry.key.contains(':') => {
                "write a space behind its colon".to_owned()
            }
            Some(key) => format!("did you mean `{key}`?"),
            None => match elsewhere(&entry.key, problems) {
                Some(path) => format!("did you mean `{path}`?"),
                None => format!("known here: {}", S::KEYS.join(", ")),
            },
        };
        let message = format!("unknown key{}; {known}", shown(&entry.key));
        problems.add(entry.key_at, join(&path, &entry.key), message);
    }
    Some(section)
}

fn shown(key: &str) -> String {
    match quote_key(key) {
        quoted if quoted.starts_with('`') => format!(" {quoted}"),
        _ => String::new(),
    }
}

/// The only path of the policy that ends in this key: right key, wrong section.
fn elsewhere(key: &str, problems: &Problems) -> Option<String> {
    problems.nearest(key, [key])?;
    let mut paths = Vec::new();
    super::PolicyFile::leaves("", &mut paths);
    paths.retain(|path| path.rsplit('.').next() == Some(key) && !path.contains("[]"));
    match paths.len() {
        1 => paths.pop(),
        _ => None,
    }
}

pub fn path_of(prefix: &str, key: &str) -> String {
    join(prefix, key)
}

impl Slot for Setting {
    fn of_setting(setting: Setting, _: &mut Problems) -> Setting {
        setting
    }

    fn paths(path: &str, out: &mut Vec<String>) {
        out.push(path.to_owned());
    }
}

impl<S: Section> Slot for S {
    fn of_setting(setting: Setting, problems: &mut Problems) -> S {
        let (at, path) = (setting.at, setting.path.clone());
        read_section(setting, problems).unwrap_or_else(|| {
            let mut none = Keys { at, path: path.clone(), entries: Vec::new() };
            S::of_keys(at, path, &mut none, problems)
        })
    }

    fn paths(path: &str, out: &mut Vec<String>) {
        S::leaves(path, out);
    }
}

impl<S: Section> Slot for Option<S> {
    fn of_setting(setting: Setting, problems: &mut Problems) -> Option<S> {
        setting.written()?;
        read_section(setting, problems)
    }

    fn paths(path: &str, out: &mut Vec<String>) {
        out.push(path.to_owned());
        S::leaves(path, out);
    }
}

/// A list of sections.
pub struct Items<S> {
    /// Whether the list is written, were it empty.
    pub written: bool,
    null_at: Option<(Position, String)>,
    pub items: Vec<S>,
}

impl<S> Items<S> {
    /// For a list whose absence opens something: null is a problem.
    pub fn not_null(&self, what: &str, problems: &mut Problems) {
        if let Some((at, path)) = &self.null_at {
            problems.nothing_here(*at, path, what);
        }
    }
}

impl<S: Section> Slot for Items<S> {
    fn of_setting(setting: Setting, problems: &mut Problems) -> Items<S> {
        if setting.written().is_none() {
            let null_at = setting.is_null().then_some((setting.at, setting.path));
            return Items { written: false, null_at, items: Vec::new() };
        }
        let items = match setting.node {
            Some(Node { value: Value::List(items), .. }) => items,
            Some(node) => {
                problems.expected_many::<()>(&node, "a list of mappings");
                Vec::new()
            }
            None => Vec::new(),
        };
        let read = |node: Node| {
            let setting = Setting { at: node.at, path: node.path.clone(), node: Some(node) };
            read_section(setting, problems)
        };
        Items { written: true, null_at: None, items: items.into_iter().filter_map(read).collect() }
    }

    fn paths(path: &str, out: &mut Vec<String>) {
        out.push(path.to_owned());
        S::leaves(&format!("{path}[]"), out);
    }
}
