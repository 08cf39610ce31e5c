//! Whether a body carries PHI, by the names of its fields: for bodies that would go where no agreement covers PHI.
//!
//! Walks JSON in whatever pieces it comes and keeps nothing of it but the path to where it is. A field counts when the
//! contract says that it tells of a person (`contract::personal`) and there is something in it. What the values say is
//! not looked at: invented people look like real ones. Whether the text is well-formed is `json`'s to say.

use crate::contract::Route;
use crate::phi::canon::{self, Part};

/// Labels kept of one body; more add nothing.
const FIELDS_MAX: usize = 16;
/// Longest path, key and JSON pointer that are followed; beyond them nothing is known by name.
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
}

/// The state between two pieces.
pub(super) struct Fields {
    route: &'static Route,
    names: Names,
    path: String,
    open: Vec<Open>,
    /// Containers open beyond `DEPTH_MAX`.
    deeper: usize,
    token: Token,
    /// The key or pointer that is being read, as written.
    text: Vec<u8>,
    text_cut: bool,
    key_next: bool,
    patch: Patch,
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

/// One operation of a JSON Patch (RFC 6902), which names its field in a value.
#[derive(Default)]
struct Patch {
    pointer: Option<String>,
    value: bool,
    /// Paths of what the value holds, less those of the operation itself.
    inside: Vec<String>,
}

impl Fields {
    pub(super) fn new(route: &'static Route, names: Names) -> Fields {
        Fields {
            route,
            names,
            path: String::new(),
            open: Vec::new(),
            deeper: 0,
            token: Token::None,
            text: Vec::new(),
            text_cut: false,
            key_next: false,
            patch: Patch::default(),
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
        if self.open.pop().is_some_and(|open| !open.array) && self.in_patch() {
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
        if self.path.len() + key.len() < PATH_BYTES_MAX {
            if !self.path.is_empty() {
                self.path.push('.');
            }
            self.path.push_str(&key);
        }
        if self.in_patch() && self.open.len() == 2 && key == "value" {
            self.patch.value = true;
        }
    }

    /// The list of operations is the outermost value.
    fn in_patch(&self) -> bool {
        self.names == Names::Fields && self.open.first().is_some_and(|open| open.array)
    }

    /// Whether the text that is being read names the field of an operation.
    fn is_pointer(&self) -> bool {
        self.open.len() == 2 && self.path == "[].path" && self.in_patch()
    }

    /// A value ended here; `any` says that there is something in it.
    fn value(&mut self, any: bool) {
        if self.is_pointer() {
            self.patch.pointer =
                self.read_text().filter(|pointer| pointer.is_empty() || pointer.starts_with('/'));
        } else if let Some(inside) = self.path.strip_prefix("[].value").filter(|_| self.in_patch() && any) {
            if self.patch.inside.len() < FIELDS_MAX {
                self.patch.inside.push(inside.to_owned());
            }
        } else if any && self.deeper == 0 {
            let path = std::mem::take(&mut self.path);
            // A list of resources is a body too.
            self.name(path.strip_prefix("[].").unwrap_or(&path));
            self.path = path;
        }
        // Elements of a list share its path.
        if self.open.last().is_some_and(|open| open.array) {
            self.rewind();
        }
    }

    fn end_of_operation(&mut self) {
        if self.open.len() != 1 {
            return;
        }
        let patch = std::mem::take(&mut self.patch);
        let (Some(pointer), true) = (patch.pointer, patch.value) else { return };
        let field = path_of_pointer(&pointer);
        for inside in &patch.inside {
            self.name(format!("{field}{inside}").trim_start_matches('.'));
        }
    }

    fn name(&mut self, path: &str) {
        let label = match self.names {
            Names::Fields => self.route.personal_field(path),
            Names::Parameters => self.route.personal_param(path),
        };
        if let Some(label) = label.filter(|label| !self.found.contains(label)) {
            self.found.push(label);
        }
    }
}

/// `/name/0/family` as `name[].family`; the whole document (RFC 6901 section 5) has no path.
fn path_of_pointer(pointer: &str) -> String {
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
mod tests {
    use http::Method;

    use super::*;
    use crate::contract::{index_of, routes};

    fn found(template: &str, text: &str, chunk: usize) -> Vec<&'static str> {
        let index = index_of(&Method::POST, template).expect("a route");
        let mut fields = Fields::new(&routes()[index], Names::Fields);
        for piece in text.as_bytes().chunks(chunk) {
            fields.push(piece);
        }
        fields.found().to_vec()
    }

    #[test]
    fn fields_are_found_by_path_in_whatever_pieces_they_come() {
        let fhir = "/v1/fhir/{path}";
        for (template, text, expected) in [
            ("/v1/patients", r#"{"firstName":"A","gender":"female","active":true}"#, &["firstName"][..]),
            ("/v1/patients", r#"{"firstName":"","lastName":null,"photo":{},"contact":[]}"#, &[]),
            ("/v1/patients", r#"{"firstName":"  ","birthDate":" 1"}"#, &["birthDate"]),
            ("/v1/patients", r#"{"phone":5550147}"#, &["phone"]),
            (
                "/v1/patients",
                r#"{"contact":[{"x":[1,{"y":"z"}]},{"email":"a\"b\\","firstName":"B"}],"address":{"line":["1"],"state":"OH"}}"#,
                &["contact[].email", "contact[].firstName", "address.line[]"],
            ),
            ("/v1/patients", r#"{"\u0066irstName":"A","meta":{"x":"firstName"}}"#, &["firstName"]),
            ("/v1/patients", r#"{"a":"firstName","gender":"{\"firstName\":\"A\"}"}"#, &[]),
            ("/v1/appointments", r#"{"start":"2026-11-22T09:00:00Z","patientId":"pt_1"}"#, &[]),
            (
                fhir,
                r#"{"resourceType":"Patient","name":[{"family":"A","given":["B","C"]}]}"#,
                &["name.family", "name.given"],
            ),
            (fhir, r#"[{"op":"replace","path":"/birthDate","value":"1987-11-23"}]"#, &["birthDate"]),
            (fhir, r#"[{"op":"add","value":{"family":"A"},"path":"/name/-"}]"#, &["name.family"]),
            (fhir, r#"[{"op":"replace","path":"","value":{"birthDate":"1987-11-23"}}]"#, &["birthDate"]),
            (
                fhir,
                r#"[{"op":"remove","path":"/name/0"},{"op":"replace","path":"/status","value":"final"}]"#,
                &[],
            ),
        ] {
            for chunk in 1..=text.len() {
                assert_eq!(found(template, text, chunk), expected, "{text} in pieces of {chunk}");
            }
        }
    }

    #[test]
    fn depth_length_and_nonsense_are_bounded() {
        let deep = format!("{}\"firstName\":\"A\"{}", "{\"a\":{".repeat(200), "}}".repeat(200));
        assert!(found("/v1/patients", &deep, 7).is_empty());
        let after = format!("{{\"a\":{}{},\"firstName\":\"A\"}}", "[".repeat(500), "]".repeat(500));
        assert_eq!(found("/v1/patients", &after, 7), ["firstName"]);
        let long = format!("{{\"{}\":\"A\",\"lastName\":\"B\"}}", "k".repeat(10_000));
        assert_eq!(found("/v1/patients", &long, 7), ["lastName"]);
        for nonsense in ["}}}]]]", "{{{{", "\"", "{\"firstName\"", ",,::", "{\"a\\", "[[[\"\\u"] {
            assert!(found("/v1/patients", nonsense, 1).is_empty());
        }
    }

    #[test]
    fn a_form_is_read_by_its_names() {
        let index = index_of(&Method::GET, "/v1/patients").expect("a route");
        let mut fields = Fields::new(&routes()[index], Names::Parameters);
        fields.form(b"%6eame=A&gender=female&email=&birth%44ate=1987-11-23&x&%zz=1");
        assert_eq!(fields.found(), ["name", "birthDate"]);
    }
}
