//! The vocabulary of the engine: what was found, where, how sure, and by which layer.
//!
//! Owns the closed sets every other `phi` module speaks in. A [`Finding`] never carries text: class, rule,
//! span and confidence are all a caller may keep, so nothing built from findings can leak what was found.

use std::ops::Range;

/// One of the identifier classes of HIPAA Safe Harbor, 45 CFR 164.514(b)(2)(i) A to R, or what is secret without
/// being one of them. The label of a class is the same in placeholders, verdicts, metrics and the policy file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Class {
    /// (A) Names of the individual, relatives, employers or household members.
    Name,
    /// (B) Geographic subdivisions smaller than a state.
    Geo,
    /// (C) Elements of dates, except year, related to an individual; ages of 90 and over.
    Date,
    /// (D) Telephone numbers.
    Phone,
    /// (E) Fax numbers.
    Fax,
    /// (F) E-mail addresses.
    Email,
    /// (G) Social security numbers.
    Ssn,
    /// (H) Medical record numbers, national patient numbers included.
    Mrn,
    /// (I) Health plan beneficiary numbers.
    HealthPlan,
    /// (J) Account numbers, cards and bank accounts included.
    Account,
    /// (K) Certificate and licence numbers, passports included.
    License,
    /// (L) Vehicle identifiers, serial numbers and plates.
    Vehicle,
    /// (M) Device identifiers and serial numbers.
    Device,
    /// (N) Web addresses that point at a person or carry PHI.
    Url,
    /// (O) Internet protocol addresses.
    Ip,
    /// (P) Biometric identifiers.
    Biometric,
    /// (Q) Full-face photographs and comparable images.
    Photo,
    /// (R) Any other unique identifying number, characteristic or code.
    OtherId,
    /// Health information in free text: names nobody, yet is PHI beside a person. Found by request echo only.
    Clinical,
    /// An API key, token or other credential.
    ApiKey,
}

impl Class {
    pub const ALL: [Class; 20] = [
        Class::Name,
        Class::Geo,
        Class::Date,
        Class::Phone,
        Class::Fax,
        Class::Email,
        Class::Ssn,
        Class::Mrn,
        Class::HealthPlan,
        Class::Account,
        Class::License,
        Class::Vehicle,
        Class::Device,
        Class::Url,
        Class::Ip,
        Class::Biometric,
        Class::Photo,
        Class::OtherId,
        Class::Clinical,
        Class::ApiKey,
    ];

    /// The stable label, as in `[REDACTED:name]`.
    pub const fn label(self) -> &'static str {
        match self {
            Class::Name => "name",
            Class::Geo => "geo",
            Class::Date => "date",
            Class::Phone => "phone",
            Class::Fax => "fax",
            Class::Email => "email",
            Class::Ssn => "ssn",
            Class::Mrn => "mrn",
            Class::HealthPlan => "health-plan",
            Class::Account => "account",
            Class::License => "license",
            Class::Vehicle => "vehicle",
            Class::Device => "device",
            Class::Url => "url",
            Class::Ip => "ip",
            Class::Biometric => "biometric",
            Class::Photo => "photo",
            Class::OtherId => "other-unique-id",
            Class::Clinical => "clinical",
            Class::ApiKey => "api_key",
        }
    }

    /// The class whose label this is.
    pub fn from_label(label: &str) -> Option<Class> {
        Class::ALL.into_iter().find(|class| class.label() == label)
    }
}

/// Where a text stands. The same text is judged differently in a URL, an upstream error and a log line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Place {
    Url,
    Error,
    Log,
}

impl Place {
    pub const ALL: [Place; 3] = [Place::Url, Place::Error, Place::Log];

    pub const fn label(self) -> &'static str {
        match self {
            Place::Url => "url",
            Place::Error => "error",
            Place::Log => "log",
        }
    }
}

/// The layer that made a finding, cheapest first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Layer {
    /// The shape of the value alone.
    Shape,
    /// The shape and a passing check digit or range.
    Checksum,
    /// A cue word or key beside the value.
    Context,
    /// The lexicon of personal names.
    Lexicon,
    /// The request carried the same value.
    Echo,
    /// The key, element or parameter that holds the value.
    Structure,
}

impl Layer {
    pub const fn label(self) -> &'static str {
        match self {
            Layer::Shape => "shape",
            Layer::Checksum => "check digit",
            Layer::Context => "context",
            Layer::Lexicon => "lexicon",
            Layer::Echo => "echo",
            Layer::Structure => "structure",
        }
    }
}

/// How sure a finding is. Ordered.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Confidence {
    Low,
    Medium,
    High,
}

impl Confidence {
    pub const fn label(self) -> &'static str {
        match self {
            Confidence::Low => "low",
            Confidence::Medium => "medium",
            Confidence::High => "high",
        }
    }
}

/// Why something is a finding, in our own words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reason {
    /// Stable id of the rule, such as `ssn.grouped`.
    pub rule: &'static str,
    pub layer: Layer,
    pub confidence: Confidence,
    /// The cue of our own vocabulary (never wire text) that unlocked the rule.
    pub cue: Option<&'static str>,
}

/// One thing found. Holds no text, so it is safe to log, count and print.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub class: Class,
    /// Stable id of the rule, such as `ssn.grouped`.
    pub rule: &'static str,
    pub layer: Layer,
    pub confidence: Confidence,
    /// The cue of our own vocabulary (never wire text) that unlocked the rule.
    pub cue: Option<&'static str>,
    /// Bytes of the scanned text.
    pub span: Range<usize>,
}

impl Finding {
    pub fn reason(&self) -> Reason {
        let Finding { rule, layer, confidence, cue, .. } = *self;
        Reason { rule, layer, confidence, cue }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_are_unique_and_round_trip() {
        for class in Class::ALL {
            assert_eq!(Class::from_label(class.label()), Some(class));
        }
    }
}
