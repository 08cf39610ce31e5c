//! The judgement of one decoded value under an expectation.
//!
//! Owns the gate that lets plain values pass, the forms a FHIR search value can have (prefix, `system|code`, lists,
//! composites, references), nested key-value text, and the choice of how hard to look for names.

use super::{Expect, Lens, Of, UrlFinding, Whose, alternatives, id};
use crate::phi::canon;
use crate::phi::class::{Class, Confidence, Layer};
use crate::phi::cues::{KeyClass, key_class};
use crate::phi::names::{self, is_name_like};
use crate::phi::protect::is_uuid;

mod forms;
mod nested;
mod numbers;
#[cfg(test)]
mod tests;
mod words;

pub use forms::reference_of;
use forms::*;
use nested::NESTED_BYTES_MAX;
pub(super) use numbers::is_ndc;
use words::{NOBODY, ORDERS, SORTS};

/// How hard to look for names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Names {
    /// Not at all: organizations and products are called like people.
    Off,
    /// Two words or more that are a name together.
    Pairs,
    /// A single word too.
    Any,
}

/// Deepest unpacking: a token inside key-value text inside a token.
const DEPTH_MAX: usize = 3;

impl Lens<'_> {
    /// Looks at the decoded value of a parameter.
    pub fn value(&mut self, expect: Expect, value: &str) {
        let folded = canon::fold(value);
        let value = folded.trim();
        self.own_rules(value);
        if is_harmless(value) || self.is_allowed(value) {
            return;
        }
        match expect {
            // What the policy lets pass here may still hold what it does not.
            Expect::Phi(class, _) | Expect::Identifier(class, _) if !self.counts(class) => {
                self.text(value, Names::Any, KeyClass::Free);
            }
            Expect::ServiceDate if !self.counts(Class::Date) => {
                self.text(value, Names::Any, KeyClass::Free);
            }
            Expect::Phi(class, whose) => self.identifying(class, whose, value),
            Expect::Identifier(class, whose) => self.identifier(class, whose, value),
            Expect::ServiceDate => self.service_date(value),
            Expect::Reference(of) => self.references(value, of),
            Expect::Age => match without_prefix(value).parse::<u32>() {
                Ok(years) if years < 90 => {}
                Ok(_) => self.add(UrlFinding::structure(Class::Date, "url.age")),
                Err(_) => self.text(value, Names::Pairs, KeyClass::Unknown),
            },
            Expect::Agent => self.agent(value),
            Expect::Window => {
                if !alternatives(value).all(|part| is_day_or_time(&part)) {
                    self.text(value, Names::Any, KeyClass::Safe);
                }
            }
            Expect::Code => self.codes(value),
            Expect::Label => self.text(value, Names::Off, KeyClass::Safe),
            Expect::Fields => {
                self.sorted_by(value);
                if !is_field_list(value) {
                    self.text(value, Names::Pairs, KeyClass::Unknown);
                } else if value
                    .split(',')
                    .any(|field| names::in_slug(field.trim_start_matches('-')).is_some())
                {
                    self.text(value, Names::Any, KeyClass::Safe);
                }
            }
            Expect::Opaque => {
                if !id::is_opaque(value) {
                    self.text(value, Names::Pairs, KeyClass::Safe);
                    self.keyset(value);
                }
            }
            Expect::Near => {
                let plain = |c: char| {
                    c.is_ascii_digit() || matches!(c, '.' | '|' | '-' | '+' | ',' | '[' | ']' | '_' | ' ')
                };
                if value.split('|').take(3).any(|part| !part.chars().all(plain)) {
                    self.text(value, Names::Pairs, KeyClass::Safe);
                }
            }
            Expect::Somebody => self.somebody(value),
            Expect::Filter => {
                self.filter(value);
                self.text(value, Names::Any, KeyClass::Free);
            }
            Expect::Free | Expect::Search => {
                self.filter(value);
                let before = self.findings.len();
                self.text(value, Names::Any, KeyClass::Free);
                if expect == Expect::Search && self.findings.len() == before {
                    self.searched_name(value);
                }
            }
            Expect::Flag => {
                if !matches!(value, "true" | "false" | "1" | "0") {
                    self.text(value, Names::Any, KeyClass::Unknown);
                }
            }
            Expect::Unknown(hint) => self.unknown(value, hint),
        }
    }

    /// Looks at a parameter name that no vocabulary knows.
    pub fn stray_name(&mut self, name: &str) {
        let folded = canon::fold(name);
        let name = folded.trim();
        self.own_rules(name);
        if self.is_allowed(name) {
            return;
        }
        let before = self.findings.len();
        self.text(name, Names::Pairs, KeyClass::Unknown);
        if self.findings.len() == before && is_id_like(name) {
            self.id(name, Of::Thing);
        }
    }

    fn identifying(&mut self, class: Class, whose: Whose, value: &str) {
        if whose == Whose::Provider && !self.hide_providers {
            return self.text(value, Names::Off, KeyClass::Safe);
        }
        let is_value = match class {
            Class::Date => |part: &str| !without_prefix(part).is_empty(),
            _ => |part: &str| !is_harmless(part.trim()) && !SORTS.contains(&part.trim()),
        };
        if alternatives(value).any(|part| is_value(part.trim()) && !self.is_allowed(&part)) {
            self.add(UrlFinding::structure(class, "url.param"));
        }
    }

    /// `system|value`, `|value`, `value`, or `system|code|value` after `:of-type`.
    fn identifier(&mut self, class: Class, whose: Whose, value: &str) {
        for part in alternatives(value) {
            let (system, number) = part.rsplit_once('|').unwrap_or(("", &part));
            if number.trim().is_empty() || self.is_allowed(number) {
                continue;
            }
            match system_class(system) {
                Some((_, Whose::Provider)) if !self.hide_providers => {}
                Some((known, _)) => self.add(UrlFinding::structure(known, "url.identifier-system")),
                None if whose == Whose::Provider && !self.hide_providers => {}
                None => self.add(UrlFinding::structure(class, "url.identifier")),
            }
        }
    }

    fn service_date(&mut self, value: &str) {
        for part in alternatives(value) {
            let bare = without_prefix(&part);
            let window = bare.len() < part.len() && !part.starts_with("eq");
            if window && is_day_or_time(&part) || is_year(bare) {
                continue;
            }
            if bare.bytes().any(|byte| byte.is_ascii_digit()) {
                self.add(UrlFinding::structure(Class::Date, "url.service-date"));
            } else {
                self.text(bare, Names::Any, KeyClass::Unknown);
            }
        }
    }

    fn references(&mut self, value: &str, of: Of) {
        // By far the most references: an opaque id, with or without its type.
        let id = value.split_once('/').map_or(value, |(before, id)| if is_type(before) { id } else { value });
        if is_uuid(id.as_bytes()) {
            return;
        }
        if !value.bytes().any(|byte| matches!(byte, b',' | b'/' | b'|' | b':' | b' ' | b'@' | b'=')) {
            return self.id(value, of);
        }
        for part in alternatives(value) {
            let part = part.trim();
            match split_reference(part) {
                Some((fhir_type, id)) => self.id(id, reference_of(fhir_type)),
                // Ids have no system; what has one is an identifier.
                None if of == Of::Person
                    && part.split('|').nth(1).is_some_and(|number| !number.is_empty()) =>
                {
                    self.identifier(Class::Mrn, Whose::Person, part);
                }
                None if part.contains(['|', ':', '/', '@', ' ', '=']) => {
                    self.codes(part);
                    self.text(part, Names::Any, KeyClass::Unknown);
                }
                None => self.id(part, of),
            }
        }
    }

    /// A user id has a digit or a type before it; anything else here is a name.
    fn agent(&mut self, value: &str) {
        for part in alternatives(value) {
            let part = part.trim();
            let before = self.findings.len();
            if let Some((fhir_type, id)) = split_reference(part) {
                self.id(id, reference_of(fhir_type));
                continue;
            }
            self.id(part, Of::Person);
            if NOBODY.contains(&part.to_ascii_lowercase().as_str()) || id::is_prefixed(part) {
                continue;
            }
            let opaque = part.bytes().any(|byte| byte.is_ascii_digit())
                && part
                    .bytes()
                    .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'));
            if self.findings.len() == before && !opaque {
                self.add(UrlFinding::structure(Class::Name, "url.agent"));
            }
        }
    }

    fn somebody(&mut self, value: &str) {
        for part in alternatives(value) {
            let part = part.trim();
            let before = self.findings.len();
            match split_reference(part) {
                Some((fhir_type, id)) => self.id(id, reference_of(fhir_type)),
                None => self.id_or_day(part),
            }
            if self.findings.len() == before && !NOBODY.contains(&part) {
                self.text(part, Names::Any, KeyClass::Unknown);
            }
            if self.findings.len() == before {
                self.searched_name(part);
            }
        }
        if value.contains(',') {
            self.whole_name(value);
        }
    }

    /// `system|code` with lists and composites.
    fn codes(&mut self, value: &str) {
        if passes_gate(value) || is_code(value) {
            return;
        }
        for part in alternatives(value) {
            for piece in part.split('$') {
                let (system, code) = piece.rsplit_once('|').unwrap_or(("", piece));
                // A code of a terminology is what it says; only words need a look.
                let plain = !code.contains([' ', '@', ',', '=']);
                if plain && is_terminology(system) {
                    continue;
                }
                match system_class(system) {
                    Some((_, Whose::Provider)) if !self.hide_providers => {}
                    Some((class, _)) if !code.trim().is_empty() => {
                        self.add(UrlFinding::structure(class, "url.identifier-system"));
                    }
                    _ => match split_reference(piece) {
                        Some((fhir_type, id)) => self.id(id, reference_of(fhir_type)),
                        None => self.code(system, code),
                    },
                }
            }
        }
        // `Doe,Jane` is a list of two only for a machine.
        if value.contains(',') && !value.contains('|') {
            self.whole_name(value);
            self.whole_value(value);
        }
    }

    fn code(&mut self, system: &str, code: &str) {
        let before = self.findings.len();
        self.text(code, Names::Pairs, KeyClass::Safe);
        if self.findings.len() == before {
            self.id_or_day(code);
        }
        if system.is_empty() {
            return;
        }
        if is_address(system) {
            self.nested(system, 0);
        } else if let KeyClass::Phi(class) = key_class(system)
            && !code.trim().is_empty()
        {
            // `MRN|884213`
            self.add(UrlFinding::structure(class, "url.identifier-system"));
        } else {
            self.text(system, Names::Pairs, KeyClass::Safe);
        }
    }

    fn unknown(&mut self, value: &str, hint: KeyClass) {
        let before = self.findings.len();
        for part in alternatives(value) {
            if let Some((fhir_type, id)) = split_reference(&part) {
                self.id(id, reference_of(fhir_type));
            } else if part.contains('|') {
                self.codes(&part);
            } else {
                self.id_or_day(&part);
            }
        }
        if self.findings.len() == before {
            self.filter(value);
            self.text(value, Names::Pairs, hint);
        }
    }

    /// A cursor made of the values of the last row, such as `Doe|1984-03-12|88`.
    fn keyset(&mut self, text: &str) {
        if text.len() <= 120 && !is_uuid(text.as_bytes()) {
            self.day(text, Of::Thing);
            if text.contains(['|', '/', ';', ',', ':']) {
                let spaced = text.replace(['|', '/', ';', ',', ':'], " ");
                let words = spaced.split(' ').filter(|word| !word.bytes().any(|byte| byte.is_ascii_digit()));
                let name = words.collect::<Vec<_>>().join(" ");
                if name.trim().contains(' ') {
                    self.whole_name(name.trim());
                }
            }
        }
    }

    fn id_or_day(&mut self, text: &str) {
        if is_id_like(text) {
            self.id(text, Of::Thing);
        } else if text.len() <= 24 && text.bytes().any(|byte| byte.is_ascii_digit()) {
            if text.len() <= 12 {
                // `03/12/1984`
                self.day(text, Of::Thing);
            }
            self.day_by_name(text);
        }
    }

    fn day_by_name(&mut self, text: &str) {
        if numbers::named_day(text).is_some_and(|year| year <= id::RECORDS_SINCE) {
            self.add(UrlFinding::structure(Class::Date, "url.day-by-name"));
        }
    }

    /// Looks at a value that is one number, postcode or day and nothing else.
    fn whole_value(&mut self, text: &str) {
        if let Some(finding) = numbers::whole(text, self.regions) {
            self.add(finding);
        }
        self.day_by_name(text);
    }

    /// Looks at text by shape, by the lexicon, and at what is nested or packed in it.
    pub(super) fn text(&mut self, text: &str, names: Names, hint: KeyClass) {
        self.text_at(text, names, hint, 0);
    }

    fn text_at(&mut self, text: &str, names: Names, hint: KeyClass, depth: usize) {
        if is_harmless(text) || names != Names::Any && passes_gate(text) {
            return;
        }
        let before = self.findings.len();
        if is_uuid(text.as_bytes()) || numbers::is_ndc(text) {
            return;
        }
        // Text out of a token is not decoded yet.
        if depth > 0
            && depth < DEPTH_MAX
            && let Some(view) = canon::view(text)
        {
            return self.text_at(&view.text, names, hint, depth + 1);
        }
        if depth > 0 && !text.contains('"') {
            self.keyset(text);
        }
        if may_have_shape(text) || names != Names::Off && text.contains([' ', ',', '^', '*']) {
            let names = if names == Names::Pairs && is_eponym(text) { Names::Off } else { names };
            self.shapes(text, names, hint);
        }
        if self.findings.len() == before {
            if let Some(finding) = numbers::whole(text, self.regions) {
                self.add(finding);
            } else {
                self.labelled_text(text);
            }
        }
        if self.findings.len() == before && names != Names::Off {
            let words = text.split([' ', ',', '_', '.', '+', '^', '-']).filter(|word| word.len() > 1).count();
            let named = names == Names::Any || words >= 2 && !is_eponym(text);
            if named && words <= 5 && text.len() <= 80 {
                self.whole_name(text);
            }
        }
        // `Lab-Results-Maria-Santos.pdf`: a name inside the name of a file.
        if self.findings.len() == before
            && names != Names::Off
            && text.len() <= 96
            && text.contains(['-', '_'])
            && names::in_slug(text).is_some()
            && !is_eponym(text)
        {
            self.add(UrlFinding {
                class: Class::Name,
                rule: "url.name-in-slug",
                layer: Layer::Lexicon,
                confidence: Confidence::Medium,
                cue: None,
            });
        }
        self.nested(text, depth);
        if self.findings.len() == before && depth < DEPTH_MAX && text.len() >= canon::TOKEN_BYTES_MIN {
            canon::probe(text, &mut |inside| {
                let before = self.findings.len();
                self.text_at(inside, Names::Any, KeyClass::Unknown, depth + 1);
                self.findings.len() > before
            });
        }
    }

    /// Text that came out of a token.
    pub(super) fn unpacked(&mut self, text: &str, names: Names) {
        self.text_at(text, names, KeyClass::Unknown, 1);
    }

    fn whole_name(&mut self, text: &str) {
        let plain =
            |c: char| c.is_alphabetic() || matches!(c, ' ' | '\'' | '-' | '.' | ',' | '_' | '^' | '+');
        // `en-US`, `a-b`: too short for two names with a hyphen only.
        let short = text.len() < 8 && text.contains('-') && !text.contains(' ');
        if text.len() < 3 || short || !text.chars().all(plain) {
            return;
        }
        let spaced: String;
        let name = if text.contains(['_', '^', '+', '.']) {
            spaced = text.replace(['_', '^', '+', '.'], " ");
            spaced.trim()
        } else {
            text
        };
        if is_name_like(name) || matches!(name.to_ascii_lowercase().as_str(), "smith" | "doe") {
            self.add(UrlFinding {
                class: Class::Name,
                rule: "url.name",
                layer: Layer::Lexicon,
                confidence: Confidence::Medium,
                cue: None,
            });
        }
    }

    /// What is typed into the search box of a list of persons, in no dictionary, is mostly somebody's name.
    fn searched_name(&mut self, text: &str) {
        let word = text.trim_matches(['*', '%', '"', '\'', ' ']);
        if word.len() >= 4 && id::may_be_name(word) {
            self.add(UrlFinding {
                class: Class::Name,
                rule: "url.searched-name",
                layer: Layer::Context,
                confidence: Confidence::Low,
                cue: None,
            });
        }
    }

    /// `sort=name:Doe`: behind a field stands the order, not a value. No field is called `1987-11-23`.
    fn sorted_by(&mut self, text: &str) {
        if !text.contains(':') {
            return;
        }
        for part in text.split(',') {
            if let Some((key, value)) = part.split_once([':', '='])
                && key.starts_with(|c: char| c.is_ascii_lowercase())
                && !SORTS.contains(&value)
                && !ORDERS.contains(&value.to_ascii_lowercase().as_str())
                && matches!(key_class(key), KeyClass::Phi(_))
                && super::params::read(None, value).known.is_none()
            {
                self.member(key, value, 0);
            }
        }
    }

    /// `my ssn 078-05-1120`: a label and a number, whether or not the number can be valid.
    fn labelled_text(&mut self, text: &str) {
        if text.len() <= NESTED_BYTES_MAX && text.contains([' ', ':', '#', '=']) {
            let digits = text.bytes().filter(u8::is_ascii_digit).count();
            if digits >= 6 {
                self.labelled_words(text, digits);
            }
        }
    }
}
