//! The judgement of one decoded value under an expectation.
//!
//! Owns the gate that lets plain values pass, nested key-value text, and the choice of how hard to look for names. What each
//! expectation asks of a value is in `expected`, the forms that a FHIR search value can have in `forms`.

use super::{Expect, Lens, Of, UrlFinding, Whose, alternatives, id};
use crate::phi::canon;
use crate::phi::class::{Class, Confidence, Layer};
use crate::phi::cues::{KeyClass, key_class};
use crate::phi::names::{self, is_name_like};
use crate::phi::protect::is_uuid;

mod expected;
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

/// `https://example.org/~h.kriese/`: what people keep on a server of others.
fn is_home_page(value: &str) -> bool {
    value.split_once("://").is_some_and(|(_, rest)| {
        rest.match_indices("/~").any(|(at, mark)| rest[at + mark.len()..].starts_with(char::is_alphabetic))
    })
}

impl Lens<'_> {
    /// Looks at the decoded value of a parameter.
    pub fn value(&mut self, expect: Expect, value: &str) {
        let folded = canon::fold(value);
        let value = folded.trim();
        self.judge(expect, value);
        let (operand, is_text) = operand(value);
        if operand.len() < value.len() {
            let codes = matches!(expect, Expect::Code | Expect::Fields | Expect::Label | Expect::Unknown(_));
            self.judge(if is_text && codes { Expect::Free } else { expect }, operand);
        }
    }

    fn judge(&mut self, expect: Expect, value: &str) {
        self.own_rules(value);
        if is_harmless(value) || self.is_allowed(value) {
            return;
        }
        if is_home_page(value) && self.counts(Class::Url) {
            self.add(UrlFinding::structure(Class::Url, "url.home-page"));
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
            Expect::ThingIdentifier => {
                if !alternatives(value).all(|part| is_public_number(&part)) {
                    self.codes(value);
                }
            }
            Expect::Udi => {
                if !alternatives(value).all(|part| is_of_product(&part)) {
                    self.identifying(Class::Device, Whose::Person, value);
                }
            }
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
