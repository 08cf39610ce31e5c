//! Values that hold keys of their own: forms and JSON inside a value, `_filter` expressions.

use super::forms::*;
use super::words::SORTS;
use super::{DEPTH_MAX, Names};
use crate::phi::class::{Class, Confidence, Layer};
use crate::phi::cues::{KeyClass, key_class};
use crate::phi::url::{Expect, Lens, Of, UrlFinding, params};

impl Lens<'_> {
    /// `key=value` pairs and JSON members inside a value, such as a whole URL or a search written as JSON.
    pub(super) fn nested(&mut self, text: &str, depth: usize) {
        if depth >= DEPTH_MAX || text.len() > NESTED_BYTES_MAX {
            return;
        }
        if text.contains('=') {
            for pair in text.split(['?', '&', ';', '#', '|', ',', ' ']) {
                let Some((key, value)) = pair.split_once('=') else { continue };
                self.member(key, value.trim_matches(['"', '\'']), depth);
            }
        }
        if text.contains('"') {
            for (key, value) in json_members(text) {
                self.member(key, value, depth);
            }
            self.first_and_last(text, depth);
        } else if text.contains([':', '~']) && !is_address(text) {
            // `lastName:Doe`, the query language of many search boxes.
            for word in text.split([' ', ',', ';', '&', '(', ')']) {
                if let Some((key, value)) = word.split_once([':', '~'])
                    && !SORTS.contains(&value)
                    && matches!(key_class(key), KeyClass::Phi(_))
                {
                    self.member(key, value, depth);
                }
            }
        }
        if text.contains('/') && (is_address(text) || text.starts_with('/')) && !is_terminology(text) {
            let path = text.split(['?', '#']).next().unwrap_or(text);
            for segment in path.split('/').skip(1).filter(|segment| is_id_like(segment)) {
                self.id(segment, Of::Thing);
            }
        }
    }

    /// `{"last":"Tanaka","first":"Aoi"}`: each of the two says what the other is.
    fn first_and_last(&mut self, text: &str, depth: usize) {
        let held = |wanted: &str| {
            let name = |value: &str| {
                value.starts_with(char::is_uppercase)
                    && value.chars().all(|c| c.is_alphabetic() || matches!(c, '-' | '\'' | ' '))
            };
            json_members(text).find(|(key, value)| key.eq_ignore_ascii_case(wanted) && name(value))
        };
        if let (Some((_, first)), Some((_, last))) = (held("first"), held("last")) {
            self.member("firstName", first, depth);
            self.member("lastName", last, depth);
        }
    }

    pub(super) fn member(&mut self, key: &str, value: &str, depth: usize) {
        if is_harmless(value) || SORTS.contains(&value) {
            return;
        }
        match key_class(key) {
            KeyClass::Phi(Class::Clinical) => {}
            // Records have dates of their own; one long ago is more likely somebody's.
            KeyClass::Phi(Class::Date) if key.eq_ignore_ascii_case("date") => self.day(value, Of::Thing),
            KeyClass::Phi(Class::Date) if !value.bytes().any(|byte| byte.is_ascii_digit()) => {}
            KeyClass::Phi(class) => {
                self.add(UrlFinding {
                    class,
                    rule: "url.nested-key",
                    layer: Layer::Structure,
                    confidence: Confidence::High,
                    cue: None,
                });
            }
            hint => self.text_at(value, Names::Pairs, hint, depth + 1),
        }
    }

    /// `contains(lastName,'Doe')`: a function of a field and a quoted text.
    fn filter_calls(&mut self, value: &str) {
        if !value.contains('(') || !value.contains(['\'', '"']) {
            return;
        }
        let mut before = "";
        for part in value.split(['(', ')', ',']).map(str::trim) {
            let quoted = part.len() > 2 && part.starts_with(['\'', '"']);
            if quoted && let KeyClass::Phi(class) = key_class(before) {
                self.add(UrlFinding::structure(class, "url.filter"));
            }
            before = part;
        }
    }

    /// `name eq "Jane" and birthdate ge 1980-01-01`: a parameter, an operator, a value.
    pub(super) fn filter(&mut self, value: &str) {
        self.filter_calls(value);
        if !value.contains(' ') {
            return;
        }
        let words: Vec<&str> = value.split([' ', '(', ')']).filter(|word| !word.is_empty()).collect();
        for three in words.windows(3) {
            let operator = matches!(
                three[1],
                "eq" | "ne"
                    | "co"
                    | "sw"
                    | "ew"
                    | "gt"
                    | "lt"
                    | "ge"
                    | "le"
                    | "ap"
                    | "sa"
                    | "eb"
                    | "in"
                    | "re"
                    | "="
                    | "=="
                    | "like"
                    | "LIKE"
                    | "ILIKE"
                    | "contains"
                    | "startswith"
                    | ">"
                    | "<"
                    | ">="
                    | "<="
                    | "is"
                    | "EQ"
            );
            if !operator || three[2].trim_matches(['"', '\'']).is_empty() {
                continue;
            }
            match params::read(None, three[0]).expect {
                Expect::Phi(class, _) | Expect::Identifier(class, _) => {
                    self.add(UrlFinding::structure(class, "url.filter"));
                }
                _ => {}
            }
        }
    }
}

pub(super) const NESTED_BYTES_MAX: usize = 16 * 1024;
