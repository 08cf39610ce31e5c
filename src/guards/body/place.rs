//! Where in a body something stands: in words of the contract and of FHIR, never in a word of the body itself.

use super::fields::{Fields, Names};
use crate::contract::{Route, field_word};
use crate::phi::canon::{self, Part};

/// What stands for a name that nobody documents.
const UNDOCUMENTED: &str = "a parameter that is not documented";

/// A place in a body, as far as its beginning is still known.
pub(super) struct Place<'a> {
    pub(super) route: Option<&'static Route>,
    pub(super) is_search: bool,
    /// What came before, in order and whole.
    pub(super) before: [&'a [u8]; 2],
    /// How many bytes that is.
    pub(super) at: u64,
}

impl Place<'_> {
    /// For a person: `note[].text, byte 57 of the body`.
    pub(super) fn named(&self) -> String {
        let byte = format!("byte {} of the body", self.at + 1);
        let known = self.before.iter().map(|piece| piece.len() as u64).sum::<u64>() == self.at;
        match self.name().filter(|name| known && !name.is_empty()) {
            Some(name) => format!("{name}, {byte}"),
            None => byte,
        }
    }

    fn name(&self) -> Option<String> {
        let route = self.route?;
        let first =
            self.before.iter().flat_map(|piece| piece.iter()).find(|byte| !byte.is_ascii_whitespace());
        match (self.is_search, first) {
            (_, Some(b'{' | b'[')) => {
                let mut fields = Fields::new(route, Names::None);
                self.before.iter().for_each(|piece| fields.push(piece));
                let path = fields.here();
                match self.is_search {
                    true => Some(parameter(route, path.split(['.', '[']).next().unwrap_or_default())),
                    false => Some(in_known_words(&path)),
                }
            }
            (true, _) => {
                let text = self.before.concat();
                let pair = text.rsplit(|byte| *byte == b'&').next().unwrap_or_default();
                let name = pair.split(|byte| *byte == b'=').next().unwrap_or_default();
                let name = std::str::from_utf8(name).ok()?;
                Some(parameter(route, &canon::decode_once(name, Part::Query).ok()?))
            }
            _ => None,
        }
    }
}

fn parameter(route: &Route, name: &str) -> String {
    route.declared(name).map_or(UNDOCUMENTED, |param| param.name).to_owned()
}

/// `entry[].resource.?.value`: the path with a question mark for each name that nobody documents.
fn in_known_words(path: &str) -> String {
    let mut named = String::new();
    for element in path.split('.').filter(|_| !path.is_empty()) {
        let word = element.trim_end_matches("[]");
        if !named.is_empty() {
            named.push('.');
        }
        named.push_str(if word.is_empty() { "" } else { field_word(word).unwrap_or("?") });
        named.push_str(element.get(word.len()..).unwrap_or_default());
    }
    named
}

#[cfg(test)]
mod tests {
    use http::Method;

    use super::*;
    use crate::contract::{index_of, routes};

    fn named(template: &str, is_search: bool, body: &str) -> String {
        let method = if is_search { Method::GET } else { Method::POST };
        let route = &routes()[index_of(&method, template).unwrap()];
        let at = body.find('*').unwrap();
        // However the body was cut, the place is the same.
        let places: Vec<String> = (0..=at)
            .map(|cut| {
                let before = [&body.as_bytes()[..cut], &body.as_bytes()[cut..at]];
                Place { route: Some(route), is_search, before, at: at as u64 }.named()
            })
            .collect();
        assert!(places.iter().all(|place| *place == places[0]), "{places:?}");
        places[0].clone()
    }

    #[test]
    fn a_place_is_named_in_words_of_the_contract_alone() {
        for (template, body, expected) in [
            ("/v1/notes", r#"{"content":"a *"#, "content, byte 15 of the body"),
            (
                "/v1/patients",
                r#"{"a":[1,{"b":2}],"contact":[{"email":"*"#,
                "contact[].email, byte 39 of the body",
            ),
            ("/v1/patients", r#"{"Marisol":{"email":"*"#, "?.email, byte 22 of the body"),
            ("/v1/patients", r#"{"email":"x","clk*"#, "?, byte 18 of the body"),
            ("/v1/patients", r#"[{"email":"*"#, "[].email, byte 12 of the body"),
            ("/v1/patients", r#" "*"#, "byte 3 of the body"),
            (
                "/v1/fhir/{path}",
                r#"{"entry":[{"resource":{"note":[{"text":"*"#,
                "entry[].resource.note[].text, byte 41 of the body",
            ),
            (
                "/v1/fhir/{path}",
                r#"{"contained":[{"name":[{"given":["*"#,
                "contained[].name[].given[], byte 35 of the body",
            ),
        ] {
            assert_eq!(named(template, false, body), expected, "{body}");
        }
        for (body, expected) in [
            (r#"{"gender":"x","name":"*"#, "name, byte 23 of the body"),
            (r#"{"Marisol":"*"#, "a parameter that is not documented, byte 13 of the body"),
            ("gender=x&na%6De=*", "name, byte 17 of the body"),
            ("gender=x&clk*", "a parameter that is not documented, byte 13 of the body"),
        ] {
            assert_eq!(named("/v1/patients", true, body), expected, "{body}");
        }
    }

    #[test]
    fn what_is_no_longer_known_is_counted_only() {
        let route = routes().first();
        let place = Place { route, is_search: false, before: [b"{\"email\":\"", b"x"], at: 300_000 };
        assert_eq!(place.named(), "byte 300001 of the body");
    }
}
