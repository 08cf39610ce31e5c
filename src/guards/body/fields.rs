//! Whether a body carries PHI, by the names of its fields: for bodies that would go where no agreement covers PHI.
//!
//! Walks JSON in whatever pieces it comes and keeps nothing of it but the path to where it is. A field counts when the
//! contract says that it tells of a person (`contract::personal`) and there is something in it. What the values say is
//! not looked at: invented people look like real ones. Whether the text is well-formed is `json`'s to say.

use crate::contract::Route;
use crate::phi::canon::{self, Part};

/// Labels kept of one body; more add nothing.
const FIELDS_MAX: usize = 16;
/// Fields that one operation of a patch may name, and different paths that its value may hold before it names one; an
/// operation with more counts as one with PHI.
const POINTERS_MAX: usize = 4;
const INSIDE_MAX: usize = 64;
/// The label of a patch that cannot be followed.
const UNKNOWN_PATCH: &str = "patch";
/// Longest path, key and JSON pointer that are followed. Beyond the path a field is known by its key alone.
const PATH_BYTES_MAX: usize = 512;
const KEY_BYTES_MAX: usize = 128;
/// As deep as `guards.body.depth_max` may be.
const DEPTH_MAX: usize = 128;

/// How a body is read.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Names {
    /// Fields of a resource, or of a JSON Patch.
    Fields,
    /// Parameters of a search.
    Parameters,
    /// No name counts: only the way to where something stands is followed.
    None,
}

/// The state between two pieces.
pub(super) struct Fields {
    route: &'static Route,
    names: Names,
    path: String,
    /// The last key, where it found no room in the path.
    beyond: String,
    open: Vec<Open>,
    /// Containers open beyond `DEPTH_MAX`.
    deeper: usize,
    token: Token,
    /// The key or pointer that is being read, as written.
    text: Vec<u8>,
    text_cut: bool,
    key_next: bool,
    patch: Patch,
    /// The path that was judged last: elements of a list share theirs.
    judged: String,
    found: Vec<&'static str>,
}

#[derive(Clone, Copy)]
struct Open {
    /// Length of the path that its members begin with.
    base: usize,
    array: bool,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Token {
    None,
    Key {
        escaped: bool,
    },
    Text {
        escaped: bool,
        any: bool,
    },
    /// A number, or one of `true`, `false` and `null`.
    Bare,
}

/// One operation of a JSON Patch (RFC 6902), which names its field in a value. Members may come in any order, and twice:
/// then each may be the one that counts.
#[derive(Default)]
struct Patch {
    /// Paths of the fields that are named.
    fields: Vec<String>,
    /// Paths of what the value holds, less those of the operation itself, each once.
    inside: Vec<String>,
    /// The value held more paths than are kept.
    cut: bool,
    /// A field that cannot be followed, or one that came when the value was cut.
    unknown: bool,
}

impl Fields {
    pub(super) fn new(route: &'static Route, names: Names) -> Fields {
        Fields {
            route,
            names,
            path: String::new(),
            beyond: String::new(),
            open: Vec::new(),
            deeper: 0,
            token: Token::None,
            text: Vec::new(),
            text_cut: false,
            key_next: false,
            patch: Patch::default(),
            judged: String::new(),
            found: Vec::new(),
        }
    }

    /// Labels of the fields found so far.
    pub(super) fn found(&self) -> &[&'static str] {
        &self.found
    }

    pub(super) fn push(&mut self, piece: &[u8]) {
        let mut at = 0;
        while let Some(&byte) = piece.get(at) {
            if self.found.len() == FIELDS_MAX {
                return;
            }
            // The bulk of a body is the inside of values.
            if let Token::Text { escaped: false, any: true } = self.token
                && !self.is_pointer()
            {
                let rest = piece.get(at..).unwrap_or_default();
                match memchr::memchr2(b'"', b'\\', rest) {
                    Some(0) => {}
                    Some(plain) => {
                        at += plain;
                        continue;
                    }
                    None => return,
                }
            }
            self.step(byte);
            at += 1;
        }
    }

    /// The path to where the text so far ends; a name that is still being read is `?`.
    pub(super) fn here(&self) -> String {
        match self.token_is_key() {
            false => self.path.clone(),
            true if self.path.is_empty() => "?".to_owned(),
            true => format!("{}.?", self.path),
        }
    }

    /// The names of a form, such as `name=…&birthDate=…`.
    pub(super) fn form(&mut self, text: &[u8]) {
        for pair in text.split(|byte| *byte == b'&') {
            let mut halves = pair.splitn(2, |byte| *byte == b'=');
            let (name, value) = (halves.next().unwrap_or_default(), halves.next().unwrap_or_default());
            let name =
                std::str::from_utf8(name).ok().and_then(|raw| canon::decode_once(raw, Part::Query).ok());
            if let (Some(name), false) = (name, value.is_empty()) {
                self.name(&name);
            }
        }
    }

    fn step(&mut self, byte: u8) {
        match self.token {
            Token::Key { escaped } => match byte {
                b'"' if !escaped => {
                    self.token = Token::None;
                    self.key();
                }
                _ => {
                    self.keep(byte);
                    self.token = Token::Key { escaped: byte == b'\\' && !escaped };
                }
            },
            Token::Text { escaped, any } => match byte {
                b'"' if !escaped => {
                    self.token = Token::None;
                    self.value(any);
                }
                _ => {
                    if self.is_pointer() {
                        self.keep(byte);
                    }
                    let any = any || !byte.is_ascii_whitespace();
                    self.token = Token::Text { escaped: byte == b'\\' && !escaped, any };
                }
            },
            Token::None | Token::Bare => self.structure(byte),
        }
    }

    fn structure(&mut self, byte: u8) {
        match byte {
            b'"' => {
                self.text.clear();
                self.text_cut = false;
                self.token = if self.key_next {
                    Token::Key { escaped: false }
                } else {
                    Token::Text { escaped: false, any: false }
                };
            }
            b'{' | b'[' => self.enter(byte == b'['),
            b'}' | b']' => self.leave(),
            b',' => {
                self.token = Token::None;
                self.key_next = self.open.last().is_some_and(|open| !open.array) && self.deeper == 0;
                self.rewind();
            }
            b':' => self.key_next = false,
            // A number is a value; a sign or digit begins one.
            b'-' | b'0'..=b'9' if self.token == Token::None => {
                self.token = Token::Bare;
                self.value(true);
            }
            b'a'..=b'z' if self.token == Token::None => self.token = Token::Bare,
            _ => {}
        }
    }

    fn enter(&mut self, array: bool) {
        self.token = Token::None;
        if self.open.len() == DEPTH_MAX {
            self.deeper += 1;
            self.key_next = false;
            return;
        }
        if array && self.path.len() < PATH_BYTES_MAX {
            self.path.push_str("[]");
        }
        self.open.push(Open { base: self.path.len(), array });
        self.key_next = !array;
    }

    fn leave(&mut self) {
        self.token = Token::None;
        self.key_next = false;
        if self.deeper > 0 {
            self.deeper -= 1;
            return;
        }
        if self.open.pop().is_some_and(|open| !open.array) && self.open.len() == usize::from(self.is_list()) {
            self.end_of_operation();
        }
        self.rewind();
    }

    /// Back to the path of the container.
    fn rewind(&mut self) {
        self.path.truncate(self.open.last().map_or(0, |open| open.base));
    }

    fn keep(&mut self, byte: u8) {
        let max = if self.token_is_key() { KEY_BYTES_MAX } else { PATH_BYTES_MAX };
        if self.text.len() < max {
            self.text.push(byte);
        } else {
            self.text_cut = true;
        }
    }

    fn token_is_key(&self) -> bool {
        matches!(self.token, Token::Key { .. })
    }

    /// The text that was read, with its escapes undone; nothing if it was longer than is followed.
    fn read_text(&mut self) -> Option<String> {
        if self.text_cut {
            return None;
        }
        let raw = std::str::from_utf8(&self.text).ok()?;
        if raw.contains('\\') {
            serde_json::from_str(&format!("\"{raw}\"")).ok()
        } else {
            Some(raw.to_owned())
        }
    }

    fn key(&mut self) {
        self.rewind();
        let key = self.read_text().unwrap_or_default();
        self.beyond.clear();
        if self.path.len() + key.len() < PATH_BYTES_MAX {
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(&key);
        } else {
            self.beyond = key;
        }
    }

    /// The outermost value is a list: of operations, or of resources.
    fn is_list(&self) -> bool {
        self.open.first().is_some_and(|open| open.array)
    }

    /// The path below the operation that is being read, if it may be one. Some write the only one without its list.
    fn of_operation(&self) -> Option<&str> {
        let inside = self.names == Names::Fields && self.deeper == 0;
        let path = if self.is_list() { self.path.strip_prefix("[].") } else { Some(self.path.as_str()) };
        path.filter(|_| inside)
    }

    /// Whether the text that is being read names the field of an operation.
    fn is_pointer(&self) -> bool {
        self.open.len() == 1 + usize::from(self.is_list())
            && self.of_operation().is_some_and(|path| path.eq_ignore_ascii_case("path"))
    }

    /// A value ended here; `any` says that there is something in it.
    fn value(&mut self, any: bool) {
        if self.is_pointer() {
            self.pointer();
        } else if any && self.deeper == 0 {
            let inside = self.of_operation().and_then(|path| {
                let (head, rest) = path.split_at_checked("value".len())?;
                let whole = rest.is_empty() || rest.starts_with(['.', '[']);
                (whole && head.eq_ignore_ascii_case("value")).then(|| rest.to_owned())
            });
            match inside.filter(|_| self.beyond.is_empty()) {
                Some(inside) => self.patched(inside),
                None => self.own_name(),
            }
        }
        // Elements of a list share its path.
        if self.open.last().is_some_and(|open| open.array) {
            self.rewind();
        }
    }

    /// A field of the body itself.
    fn own_name(&mut self) {
        if !self.beyond.is_empty() {
            let key = std::mem::take(&mut self.beyond);
            self.name(&key);
            self.beyond = key;
            return;
        }
        if self.path == self.judged {
            return;
        }
        let path = std::mem::take(&mut self.path);
        // A list of resources is a body too.
        self.name(path.strip_prefix("[].").unwrap_or(&path));
        self.judged.clone_from(&path);
        self.path = path;
    }

    /// A pointer ended here: what the value held before it belongs to its field.
    fn pointer(&mut self) {
        let Some(pointer) = self.read_text() else {
            self.patch.unknown = true;
            return;
        };
        self.patch.unknown |= self.patch.cut;
        let field = path_of_pointer(&pointer);
        let inside = std::mem::take(&mut self.patch.inside);
        for inside in &inside {
            self.name_patched(&field, inside);
        }
        self.patch.inside = inside;
        if self.patch.fields.len() < POINTERS_MAX {
            self.patch.fields.push(field);
        } else {
            self.patch.unknown = true;
        }
    }

    /// Something stands in the value of an operation.
    fn patched(&mut self, inside: String) {
        if !self.is_list() {
            self.own_name();
        }
        let fields = std::mem::take(&mut self.patch.fields);
        for field in &fields {
            self.name_patched(field, &inside);
        }
        self.patch.fields = fields;
        if self.patch.inside.contains(&inside) {
            return;
        }
        if self.patch.inside.len() < INSIDE_MAX {
            self.patch.inside.push(inside);
        } else {
            self.patch.cut = true;
        }
    }

    fn name_patched(&mut self, field: &str, inside: &str) {
        self.name(format!("{field}{inside}").trim_start_matches('.'));
    }

    fn end_of_operation(&mut self) {
        let patch = std::mem::take(&mut self.patch);
        let nowhere = patch.fields.is_empty() && self.is_list();
        for inside in patch.inside.iter().filter(|_| nowhere) {
            self.name_patched("", inside);
        }
        let unknown = patch.unknown && !patch.inside.is_empty() || nowhere && patch.cut;
        if unknown && !self.found.contains(&UNKNOWN_PATCH) {
            self.found.push(UNKNOWN_PATCH);
        }
    }

    fn name(&mut self, path: &str) {
        let label = match self.names {
            Names::Fields => self.route.personal_field(path),
            Names::Parameters => self.route.personal_param(path),
            Names::None => None,
        };
        if let Some(label) = label.filter(|label| !self.found.contains(label)) {
            self.found.push(label);
        }
    }
}

/// `/name/0/family` as `name[].family`; the whole document (RFC 6901 section 5) has no path. What is no pointer counts as
/// a path already.
fn path_of_pointer(pointer: &str) -> String {
    if !pointer.starts_with('/') {
        return pointer.to_owned();
    }
    let mut path = String::new();
    for part in pointer.split('/').skip(1) {
        if part == "-" || (!part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit())) {
            path.push_str("[]");
        } else {
            if !path.is_empty() {
                path.push('.');
            }
            path.push_str(&part.replace("~1", "/").replace("~0", "~"));
        }
    }
    path
}

#[cfg(test)]
mod tests;
