//! What each expectation asks of a value: prefixes, `system|code`, lists, composites, references, cursors.

use super::forms::*;
use super::{NOBODY, Names, SORTS};
use crate::phi::class::Class;
use crate::phi::cues::{KeyClass, key_class};
use crate::phi::protect::is_uuid;
use crate::phi::url::{Lens, Of, UrlFinding, Whose, alternatives, id};

impl Lens<'_> {
    pub(super) fn identifying(&mut self, class: Class, whose: Whose, value: &str) {
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
    pub(super) fn identifier(&mut self, class: Class, whose: Whose, value: &str) {
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

    pub(super) fn service_date(&mut self, value: &str) {
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

    pub(super) fn references(&mut self, value: &str, of: Of) {
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
    pub(super) fn agent(&mut self, value: &str) {
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

    pub(super) fn somebody(&mut self, value: &str) {
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
    pub(super) fn codes(&mut self, value: &str) {
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

    pub(super) fn unknown(&mut self, value: &str, hint: KeyClass) {
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
    pub(super) fn keyset(&mut self, text: &str) {
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
}
