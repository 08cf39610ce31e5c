//! What the key of a pair says of its value, beside its class: that it names a field, holds a message or what was sent, or may be
//! anything.
//!
//! Keys of what is no person are in `things`.

use std::cell::RefCell;

use super::super::{PLACEHOLDER_HEAD, class_of};
use super::sent::is_sent;
use crate::phi::{
    cues::{self, KeyClass},
    ends::Ends,
    list::List,
    memo::Memo,
};

/// The ends of keys of what clinicians and patients write, without case and separators.
#[rustfmt::skip] // Rows of words, not one a line.
static CLINICAL_ENDS: Ends<18> = Ends::new([
    "note", "notes", "complaint", "symptom", "symptoms", "diagnosis", "narrative", "hpi", "assessment", "comment",
    "comments", "history", "instruction", "instructions", "freetext", "notetext", "reasonforvisit", "visitreason",
]);

/// Keys of what clinicians and patients write.
fn says_clinical(squeezed: &str) -> bool {
    CLINICAL_ENDS.end(squeezed) && !squeezed.ends_with("releasenotes")
}

static SEARCHES: List<7> = List::new(["q", "query", "search", "term", "searchTerm", "keyword", "searchText"]);

/// Keys of what was searched for.
pub(crate) fn is_search_key(key: &str) -> bool {
    SEARCHES.has_exactly(key.as_bytes())
}

/// Could a key of clinical prose or of a search end in this run of lower-case letters?
pub(in crate::phi::structure) fn may_end_asking_key(word: &str) -> bool {
    SEARCHES.has(word.as_bytes())
        || CLINICAL_ENDS.of(word.as_bytes()).iter().any(|end| word.ends_with(end) || end.ends_with(word))
}

/// Keys of what other members mean: the system of a value, a statement and what was bound in it.
#[rustfmt::skip] // Rows of words, not one a line.
static KEYS_OF_OTHERS: List<9> = List::new([
    "system", "reference", "sql", "query", "statement", "bindings", "binds", "bindValues", "boundValues",
]);

/// Does a key of JSON make more of its value, or of those beside it, than its class says?
fn says_more(key: &str) -> bool {
    let odd = |byte: u8| matches!(byte, b'@' | b' ' | b'%' | b'=' | b'^' | b',') || !byte.is_ascii();
    key.bytes().any(odd)
        || key.bytes().filter(u8::is_ascii_digit).count() >= 6
        || key.starts_with('[')
        || is_search_key(key)
        || ["first", "last", "middle"].iter().any(|part| key.eq_ignore_ascii_case(part))
        || may_name_patient(key)
        || is_role_key(key)
        || is_person_key(key)
        || super::super::json::is_care_key(key)
        || KEYS_OF_OTHERS.has_exactly(key.as_bytes())
}

/// Keys of who did something or is something to a patient: `signedBy`, `approver`, `nurse`. A person, an account or a
/// program.
pub(crate) fn is_role_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static ROLES: List<36> = List::new([
        "applicant", "approver", "assignee", "attending", "caller", "claimant", "clinician", "counselor", "dentist", "doctor",
        "donor", "employee", "escort", "informant", "interpreter", "midwife", "nurse", "payee", "pharmacist", "physician",
        "prescriber", "referrer", "requester", "respondent", "reviewer", "signatory", "signer", "surgeon", "therapist", "visitor",
        "witness", "addressee", "participant", "author", "sender", "carer",
    ]);
    ROLES.has(key.as_bytes()) || key.ends_with("By") || key.ends_with("_by")
}

/// Keys of who is signed in, whose value may be made of their name: `{"user":"jane.doe"}`.
pub(crate) fn is_login_key(key: &str) -> bool {
    static LOGINS: List<8> =
        List::new(["user", "suser", "duser", "login", "principal", "operator", "actor", "account"]);
    LOGINS.has(key.as_bytes())
}

/// Keys of a patient, of who is insured and of who pays, whose value is their name where it reads as one: `{"cardholder":"MERCY …"}`.
pub(crate) fn is_person_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static PERSONS: List<20> = List::new([
        "patient", "subscriber", "cardholder", "cardHolder", "card_holder", "policyholder", "policyHolder", "policy_holder",
        "accountholder", "accountHolder", "account_holder", "insured", "guarantor", "enrollee", "dependent", "spouse", "guardian",
        "resident", "decedent", "kin",
    ]);
    PERSONS.has_exactly(key.as_bytes())
}

/// Keys that may hold the name of whom a visit is with.
pub(crate) fn may_name_patient(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static KEYS: List<17> = List::new([
        "patient", "patientName", "patient_name", "client", "subject", "name", "attendee", "attendeeName",
        "invitee", "member", "resident", "decedent", "pt", "guest", "who", "person", "caller",
    ]);
    KEYS.has_exactly(key.as_bytes())
}

/// `birthDate`, `last_name`, `Patient.name[0].family`, `address.line.0`: identifiers whose words we know.
pub(crate) fn is_field_name(value: &str) -> bool {
    let bytes = value.as_bytes();
    if bytes.is_empty()
        || value.len() > 96
        || value.contains(PLACEHOLDER_HEAD)
        || !bytes.iter().all(|b| b.is_ascii_alphanumeric() || b"_.-[]/#:$".contains(b))
    {
        return false;
    }
    let structured = bytes.iter().any(|b| b"_.[/#".contains(b))
        || bytes.windows(2).any(|pair| pair[0].is_ascii_lowercase() && pair[1].is_ascii_uppercase());
    let lower = bytes[0].is_ascii_lowercase() || !bytes[0].is_ascii_alphabetic();
    (structured || lower) && !matches!(class_of(value), KeyClass::Unknown) || is_element(value)
}

/// `diagnosis[0]`, `item[2].productOrService`: one of a list.
fn is_element(value: &str) -> bool {
    value.split_once('[').is_some_and(|(list, rest)| {
        let index = rest.bytes().take_while(u8::is_ascii_digit).count();
        let behind = rest.get(index..).and_then(|rest| rest.strip_prefix(']'));
        list.starts_with(|c: char| c.is_ascii_lowercase())
            && list.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.'))
            && (1..=4).contains(&index)
            && behind.is_some_and(|behind| {
                behind.is_empty() || behind.starts_with('.') && behind.bytes().all(|byte| byte != b'/')
            })
    })
}

/// Can this be the name or path of a field at all?
pub(crate) fn is_field_path(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= 96
        && value.chars().all(|c| c.is_alphanumeric() || "_.-[]/#:$ '\"".contains(c))
        && value.split(' ').count() <= 3
}

#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strength {
    /// Only ever names a field.
    Strong,
    /// Names a field if a value or a message stands beside it.
    Weak,
}

/// Keys whose value names a field.
fn says_field(squeezed: &str) -> Option<Strength> {
    #[rustfmt::skip] // Rows of words, not one a line.
    static STRONG: List<34> = List::new([
        "field", "fieldname", "fieldpath", "param", "parameter", "paramname", "parametername", "path", "property",
        "propertyname", "propertypath", "attribute", "attributename", "column", "columnname", "loc", "pointer",
        "datapath", "instancepath", "jsonpath", "jsonpointer", "argument", "expression", "fhirpath", "fields", "on",
        "campo", "champ", "feld", "feldname", "veld", "pole", "falt", "felt",
    ]);
    static WEAK: List<10> =
        List::new(["name", "key", "k", "target", "source", "location", "label", "element", "id", "title"]);
    if STRONG.has(squeezed.as_bytes()) {
        Some(Strength::Strong)
    } else {
        WEAK.has(squeezed.as_bytes()).then_some(Strength::Weak)
    }
}

/// Keys whose value is a sentence or a list of them.
fn says_message(squeezed: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    static MESSAGES: List<40> = List::new([
        "message", "messages", "msg", "error", "errors", "detail", "details", "diagnostics", "description", "reason",
        "reasons", "errormessage", "hint", "problem", "cause", "why", "fielderrors", "formerrors", "issues",
        "violations", "constraints", "warning", "warnings", "summary", "defaultmessage", "developermessage",
        "usermessage", "longmessage", "statustext", "stack", "stacktrace", "trace", "mensaje", "mensagem",
        "messaggio", "meldung", "melding", "nachricht", "komunikat", "meddelande",
    ]);
    MESSAGES.has(squeezed.as_bytes())
}

/// What the lists above say of one key: asked many times over for the same keys, so remembered.
#[derive(Clone, Copy)]
pub(crate) struct Traits {
    /// Of what clinicians and patients write.
    pub(crate) clinical: bool,
    /// Of what has a name and is no person.
    pub(crate) thing: bool,
    /// Its value is what was sent.
    pub(crate) value: bool,
    /// Its value is a sentence or a list of them.
    pub(crate) message: bool,
    /// Its value names a field.
    pub(crate) field: Option<Strength>,
    /// Of the day somebody was born or died.
    pub(crate) birth: bool,
    /// Calls for more than its class does.
    pub(crate) more: bool,
}

thread_local! {
    static TRAITS: RefCell<Memo<Traits>> = RefCell::new(Memo::new());
}

pub(crate) fn traits(key: &str) -> Traits {
    TRAITS.with_borrow_mut(|known| {
        known.get(key, |key| {
            let squeezed = squeezed(key);
            let squeezed = squeezed.as_str();
            let clinical = says_clinical(squeezed);
            Traits {
                clinical,
                thing: cues::is_thing(squeezed) || cues::are_things(squeezed),
                // `given` is a part of a name as often.
                value: is_sent(squeezed.as_bytes()) && key != "given",
                message: says_message(squeezed),
                field: says_field(squeezed),
                birth: says_birth(key),
                more: clinical || says_more(key),
            }
        })
    })
}

/// Keys of the day somebody was born or died.
fn says_birth(key: &str) -> bool {
    let lower = key.to_ascii_lowercase();
    ["birth", "dob", "bday", "death", "deceased", "born"].iter().any(|part| lower.contains(part))
}

/// Keys of clinical prose.
pub(crate) fn is_clinical_key(key: &str) -> bool {
    // Most keys end otherwise. Of a longer key less than the whole is looked at.
    let mut ends = key.bytes().rev().filter(u8::is_ascii_alphanumeric);
    if key.len() <= SQUEEZED_MAX
        && let (Some(last), Some(before)) = (ends.next(), ends.next())
        && CLINICAL_ENDS.of(&[before, last]).is_empty()
    {
        return false;
    }
    says_clinical(squeezed(key).as_str())
}

/// Keys whose value is what was sent.
pub(crate) fn is_value_key(key: &str) -> bool {
    traits(key).value
}

/// `dob_day`, `birthMonth`, `dayOfBirth`: a part of a birth date that has a key of its own.
pub(crate) fn is_day_part_key(key: &str) -> bool {
    const PARTS: [&str; 4] = ["day", "month", "dd", "mm"];
    let squeezed = squeezed(key);
    let key = squeezed.as_str();
    ["dob", "birth"].iter().any(|born| {
        PARTS.iter().any(|part| {
            key.strip_suffix(part).is_some_and(|head| head.ends_with(born))
                || key.strip_suffix(born).is_some_and(|head| head.ends_with("of") && head.starts_with(part))
        })
    })
}

/// What such a key holds: a day or a month in digits.
pub(crate) fn is_day_part(value: &str) -> bool {
    value.len() <= 2 && value.parse::<u8>().is_ok_and(|part| (1..=31).contains(&part))
}

const SQUEEZED_MAX: usize = 32;

/// A key without case and separators, in place.
pub(super) struct Squeezed {
    bytes: [u8; SQUEEZED_MAX],
    len: usize,
}

impl Squeezed {
    pub(super) fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

pub(super) fn squeezed(key: &str) -> Squeezed {
    let mut squeezed = Squeezed { bytes: [0; SQUEEZED_MAX], len: 0 };
    for byte in key.bytes().filter(u8::is_ascii_alphanumeric).take(SQUEEZED_MAX) {
        squeezed.bytes[squeezed.len] = byte.to_ascii_lowercase();
        squeezed.len += 1;
    }
    squeezed
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_ending_of_a_clinical_key_is_one_that_a_key_can_have() {
        for end in CLINICAL_ENDS.endings() {
            assert!(is_clinical_key(end) && is_clinical_key(&format!("visit_{end}")), "{end}");
        }
        for key in ["noteText", "progress_note_text", "medicalHistory", "SOAPNote"] {
            assert!(is_clinical_key(key) && traits(key).clinical, "{key}");
        }
        assert!(!is_clinical_key("releaseNotes") && !is_clinical_key("text"));
    }
}
