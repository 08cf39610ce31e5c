//! PHI in targets: what a query parameter or a path id may hold, and whether what it holds identifies somebody.
//!
//! Owns the semantics of FHIR R4 search ([`params`]), the judgement of a decoded value under an expectation
//! ([`value`]), of an id ([`id`]), and the look for credentials ([`keys`]). Takes decoded text (`canon` decodes, the
//! target guard splits) and knows neither the contract nor policies: whoever calls says what it expects.
//!
//! Invariants: findings carry no text; time is linear in the value; nothing is allocated for a value that passes the
//! byte gate.

pub mod id;
pub mod keys;
pub mod params;
pub mod value;

use std::borrow::Cow;

use super::canon;
use super::class::{Class, Confidence, Finding, Layer};
use super::cues::KeyClass;
use super::engine::Engine;
use super::settings::RegionSet;

/// What may stand in a parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Expect {
    /// An identifier: any value is PHI.
    Phi(Class, Whose),
    /// `system|value`: an identifier if it has a value.
    Identifier(Class, Whose),
    /// A day of service: an exact day is PHI, a window or a year is not.
    ServiceDate,
    /// An id, `Type/id` or URL. Of a person when the ids of that type are given to persons.
    Reference(Of),
    /// Years: from 90 on they count as a date.
    Age,
    /// A member of staff, by opaque id or by name.
    Agent,
    /// Bounds of a search window, system times.
    Window,
    /// Codes and choices, with or without system.
    Code,
    /// `system|value` of an organization, a place or a product: the public number of a provider that it is.
    ThingIdentifier,
    /// What stands on a device: with the number of the product alone it is nobody's.
    Udi,
    /// A title, or the name of an organization or a product: may look like a name.
    Label,
    /// Names of fields, types and formats.
    Fields,
    /// A cursor.
    Opaque,
    /// Coordinates around which facilities are searched.
    Near,
    /// The expression language of `_filter`.
    Filter,
    /// Human text.
    Free,
    /// Somebody who did or gets something, by a key nobody declared: an id, a word for a team, or a name.
    Somebody,
    /// Human text that searches persons: a word in no dictionary is taken for a name.
    Search,
    /// `:missing`, booleans.
    Flag,
    /// Not declared; what the key says.
    Unknown(KeyClass),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Whose {
    Person,
    /// A clinician or an organization: refused unless the policy keeps providers.
    Provider,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Of {
    /// Patients, relatives, clinicians: a name or birth date in the id is theirs.
    Person,
    /// Records.
    Thing,
    /// Organizations, places, definitions, products: may be called like a person.
    Catalogue,
}

impl Expect {
    /// What the request echo should know about a value that was expected so.
    pub fn key_class(self) -> KeyClass {
        match self {
            Expect::Phi(class, _) | Expect::Identifier(class, _) => KeyClass::Phi(class),
            Expect::ServiceDate => KeyClass::Phi(Class::Date),
            Expect::Udi => KeyClass::Phi(Class::Device),
            Expect::Agent => KeyClass::Phi(Class::Name),
            Expect::Free | Expect::Search | Expect::Somebody | Expect::Filter | Expect::Label => {
                KeyClass::Free
            }
            Expect::Unknown(class) => class,
            Expect::Reference(_)
            | Expect::Window
            | Expect::Code
            | Expect::ThingIdentifier
            | Expect::Fields
            | Expect::Opaque
            | Expect::Near
            | Expect::Age
            | Expect::Flag => KeyClass::Safe,
        }
    }
}

/// One thing found in a target.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UrlFinding {
    pub class: Class,
    pub rule: &'static str,
    pub layer: Layer,
    pub confidence: Confidence,
    /// From our own vocabulary, never from the wire.
    pub cue: Option<&'static str>,
}

impl UrlFinding {
    pub(crate) fn structure(class: Class, rule: &'static str) -> UrlFinding {
        UrlFinding { class, rule, layer: Layer::Structure, confidence: Confidence::High, cue: None }
    }
}

impl From<Finding> for UrlFinding {
    fn from(finding: Finding) -> UrlFinding {
        let Finding { class, rule, layer, confidence, cue, span: _ } = finding;
        UrlFinding { class, rule, layer, confidence, cue }
    }
}

/// Looks at decoded parts of one target.
pub struct Lens<'a> {
    engine: &'a Engine,
    hide_providers: bool,
    regions: RegionSet,
    pub findings: Vec<UrlFinding>,
}

impl<'a> Lens<'a> {
    pub fn new(engine: &'a Engine) -> Lens<'a> {
        let settings = engine.settings();
        Lens {
            engine,
            hide_providers: settings.hide_providers,
            regions: settings.url.regions,
            findings: Vec::new(),
        }
    }

    /// Does the policy let this very text pass?
    fn is_allowed(&self, text: &str) -> bool {
        self.engine.allows(text)
    }

    /// The policy's own rules. They may match what no gate here would look at, so they come before any gate.
    fn own_rules(&mut self, text: &str) {
        let engine = self.engine;
        for rule in &engine.custom {
            let mut found = None;
            rule.hits(text, |span| {
                if !engine.allows(&text[span.clone()]) {
                    found = Some(rule.finding(span));
                }
            });
            if let Some(finding) = found {
                self.add(finding.into());
            }
        }
    }

    /// Is the policy after this class in URLs?
    fn counts(&self, class: Class) -> bool {
        self.engine.settings.url.counts(class, Confidence::High)
    }

    fn add(&mut self, finding: UrlFinding) {
        if self.engine.settings.url.counts(finding.class, finding.confidence) {
            self.findings.push(finding);
        }
    }
}

/// The class of what a header value holds, looked at as the value of a parameter nobody declared. One that does not decode
/// one way only counts as opaque.
pub fn found_in_header(engine: &Engine, text: &str) -> Option<Class> {
    let mut lens = Lens::new(engine);
    match canon::decode(text, canon::Part::Path) {
        Ok(decoded) if !decoded.irregular => lens.value(Expect::Unknown(KeyClass::Unknown), &decoded.text),
        _ => return Some(Class::OtherId),
    }
    lens.findings.first().map(|finding| finding.class)
}

/// Splits a list of alternatives at commas that are not escaped. Every part is unescaped.
pub(crate) fn alternatives(value: &str) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(value);
    std::iter::from_fn(move || {
        let text = rest?;
        let bytes = text.as_bytes();
        let comma = (0..bytes.len()).find(|at| bytes[*at] == b',' && (*at == 0 || bytes[*at - 1] != b'\\'));
        let part = comma.map_or(text, |at| &text[..at]);
        rest = comma.map(|at| &text[at + 1..]);
        Some(if part.contains('\\') { Cow::Owned(part.replace('\\', "")) } else { Cow::Borrowed(part) })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_split_at_plain_commas() {
        let parts = |value| alternatives(value).map(Cow::into_owned).collect::<Vec<_>>();
        assert_eq!(parts("a,b"), ["a", "b"]);
        assert_eq!(parts(r"a\,b,c"), ["a,b", "c"]);
        assert_eq!(parts(""), [""]);
        assert_eq!(parts(","), ["", ""]);
    }
}
