//! What the key of a pair says of its value, beside its class: that it names a field, holds a message, or may be anything.

use std::cell::RefCell;

use super::super::{PLACEHOLDER_HEAD, class_of};
use crate::phi::{
    class::Class,
    cues::{self, KeyClass},
    ends::Ends,
    list::List,
    memo::Memo,
    names,
};

/// The ends of keys of what clinicians and patients write.
static CLINICAL_ENDS: Ends<19> = Ends::new([
    "note",
    "notes",
    "complaint",
    "symptom",
    "symptoms",
    "diagnosis",
    "narrative",
    "hpi",
    "assessment",
    "comment",
    "comments",
    "history",
    "instruction",
    "instructions",
    "freetext",
    "noteText",
    "reasonforvisit",
    "visitreason",
    "medicalhistory",
]);

/// Keys of what clinicians and patients write.
fn says_clinical(squeezed: &str) -> bool {
    CLINICAL_ENDS.end(squeezed) && !squeezed.ends_with("releasenotes")
}

/// Keys of what was searched for.
pub(crate) fn is_search_key(key: &str) -> bool {
    matches!(key, "q" | "query" | "search" | "term" | "searchTerm" | "keyword" | "searchText")
}

/// Could a key of clinical prose or of a search end in this run of lower-case letters?
pub(in crate::phi::structure) fn may_end_asking_key(word: &str) -> bool {
    matches!(word, "q" | "query" | "search" | "term" | "searchterm" | "keyword" | "searchtext")
        || CLINICAL_ENDS.of(word.as_bytes()).iter().any(|end| word.ends_with(end) || end.ends_with(word))
}

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
        || super::super::json::is_care_key(key)
        || matches!(
            key,
            "system"
                | "reference"
                | "sql"
                | "query"
                | "statement"
                | "bindings"
                | "binds"
                | "bindValues"
                | "boundValues"
        )
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

/// Keys that may hold the name of whom a visit is with.
pub(crate) fn may_name_patient(key: &str) -> bool {
    matches!(
        key,
        "patient"
            | "patientName"
            | "patient_name"
            | "client"
            | "subject"
            | "name"
            | "attendee"
            | "attendeeName"
            | "invitee"
            | "member"
            | "resident"
            | "decedent"
            | "pt"
            | "guest"
            | "who"
            | "person"
            | "caller"
    )
}

/// Keys of what has a name and is no person.
pub(crate) fn is_thing_key(key: &str) -> bool {
    traits(key).thing
}

/// Keys of a thing that is a place or a company: it has a telephone and an address of mail of its own.
pub(crate) fn is_site_key(key: &str) -> bool {
    #[rustfmt::skip] // Rows of words, not one a line.
    const SITES: [&str; 27] = [
        "branch", "brand", "building", "clinic", "department", "distributor", "facility", "healthcareservice", "hospital",
        "insurer", "lab", "laboratory", "location", "maker", "managingorganization", "manufacturer", "org", "organisation",
        "organization", "payer", "pharmacy", "serviceprovider", "site", "store", "supplier", "tenant", "vendor",
    ];
    SITES.contains(&squeezed(key).as_str())
}

/// `software: {"name": "Gideon"`, `"service":{"name":…`, `/v1/organizations?name=`: the object is one of a thing, and so is
/// its name.
pub(crate) fn is_of_a_thing(text: &str, key: usize) -> bool {
    const REACH: usize = 120;
    if text[..key].ends_with(['?', '&', ';']) {
        let before = &text[text.ceil_char_boundary(key.saturating_sub(REACH))..key];
        let behind = &text[key..text.floor_char_boundary((key + REACH).min(text.len()))];
        let behind =
            behind.split(|c: char| c.is_whitespace() || matches!(c, '"' | '\'')).next().unwrap_or("");
        let beside = before.rsplit_once('?').map_or("", |(_, query)| query);
        return is_sought_of_things(before) && !is_of_a_person(beside) && !is_of_a_person(behind);
    }
    let before = &text[text.ceil_char_boundary(key.saturating_sub(REACH))..key];
    if before.strip_suffix('[').is_some_and(is_control) {
        return !is_name_of_somebody(&text[key..]);
    }
    let Some(open) = before.rfind(['{', '}']).filter(|at| before[*at..].starts_with('{')) else {
        return false;
    };
    let head = before[..open].trim_end();
    let Some(head) = head.strip_suffix([':', '=']) else { return false };
    let head = head.trim_end().trim_end_matches(['"', '\'', '\\']);
    let parent = head.rsplit(|c: char| !(c.is_alphanumeric() || matches!(c, '_' | '-' | '.'))).next();
    parent.is_some_and(is_thing_key)
}

/// `name="Okafor"`: does an attribute hold a listed name that is no other word? Fields are called after what they hold.
fn is_name_of_somebody(attribute: &str) -> bool {
    let value =
        attribute.split_once('=').map_or("", |(_, value)| value).trim_start_matches(['"', '\'', '\\']);
    let word = value.split(|c: char| !c.is_alphabetic()).next().unwrap_or_default();
    word.starts_with(char::is_uppercase) && names::is_listed(word) && names::is_distinctive(word)
}

/// `button#confirm.primary`, `form > input`: does a selector of a control of a page end here?
fn is_control(before: &str) -> bool {
    const CONTROLS: [&str; 8] = ["button", "input", "select", "textarea", "form", "iframe", "a", "meta"];
    let last = before.rsplit([' ', '>', '"', '\'']).next().unwrap_or_default();
    last.split(['#', '.', '[', ':']).next().is_some_and(|element| CONTROLS.contains(&element))
}

/// `/v1/organizations?name=`, `Location?status=active&name=`: does a query, up to one of its keys, seek what is no person?
fn is_sought_of_things(before: &str) -> bool {
    const THINGS: [&str; 9] = [
        "organization",
        "organisation",
        "location",
        "device",
        "medication",
        "medicationknowledge",
        "healthcareservice",
        "facility",
        "pharmacy",
    ];
    let Some((path, query)) = before.rsplit_once('?') else { return false };
    let collection =
        path.rsplit(|c: char| !(c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))).next().unwrap_or("");
    let squeezed = squeezed(collection);
    let plural = squeezed.as_str();
    let singular = plural.strip_suffix('s').unwrap_or(plural);
    let facility = singular.strip_suffix("ie").map(|stem| format!("{stem}y"));
    !query.contains(|c: char| c.is_whitespace() || matches!(c, '"' | '\''))
        && [plural, singular].into_iter().chain(facility.as_deref()).any(|word| THINGS.contains(&word))
}

/// `&dob=1980-01-01`, `?patient=`: does a parameter beside a name say that it is a person's?
fn is_of_a_person(query: &str) -> bool {
    query.split(['&', ';', '?']).filter_map(|parameter| parameter.split_once('=')).any(|(key, _)| {
        let key = key.split([':', '.']).next().unwrap_or("");
        let identifies = matches!(
            class_of(key),
            KeyClass::Phi(
                Class::Date
                    | Class::Mrn
                    | Class::Ssn
                    | Class::HealthPlan
                    | Class::Account
                    | Class::License
                    | Class::Email
            )
        );
        identifies
            || ["patient", "subject", "member", "given", "family", "first", "last", "gender", "sex"]
                .iter()
                .any(|head| key.get(..head.len()).is_some_and(|word| word.eq_ignore_ascii_case(head)))
                && !key.eq_ignore_ascii_case("lastUpdated")
    })
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
    (structured || lower) && !matches!(class_of(value), KeyClass::Unknown)
}

/// Can this be the name or path of a field at all?
pub(crate) fn is_field_path(value: &str) -> bool {
    !value.is_empty()
        && value.len() <= 96
        && value.bytes().all(|b| b.is_ascii_alphanumeric() || b"_.-[]/#:$ '\"".contains(&b))
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
    let strong = matches!(
        squeezed,
        "field"
            | "fieldname"
            | "fieldpath"
            | "param"
            | "parameter"
            | "paramname"
            | "parametername"
            | "path"
            | "property"
            | "propertyname"
            | "propertypath"
            | "attribute"
            | "attributename"
            | "column"
            | "columnname"
            | "loc"
            | "pointer"
            | "datapath"
            | "instancepath"
            | "jsonpath"
            | "jsonpointer"
            | "argument"
            | "expression"
            | "fhirpath"
            | "fields"
            | "on"
            | "campo"
            | "champ"
            | "feld"
            | "feldname"
            | "veld"
            | "pole"
            | "falt"
            | "felt"
    );
    let weak = matches!(
        squeezed,
        "name" | "key" | "k" | "target" | "source" | "location" | "label" | "element" | "id" | "title"
    );
    match (strong, weak) {
        (true, _) => Some(Strength::Strong),
        (_, true) => Some(Strength::Weak),
        _ => None,
    }
}

/// Keys whose value is what was sent.
fn says_value(squeezed: &str) -> bool {
    matches!(
        squeezed,
        "value"
            | "values"
            | "received"
            | "receivedvalue"
            | "input"
            | "inputvalue"
            | "actual"
            | "actualvalue"
            | "got"
            | "given"
            | "rejectedvalue"
            | "rejected"
            | "attempted"
            | "attemptedvalue"
            | "invalidvalue"
            | "badvalue"
            | "original"
            | "originalvalue"
            | "supplied"
            | "provided"
            | "providedvalue"
            | "submitted"
            | "submittedvalue"
            | "current"
            | "currentvalue"
            | "found"
            | "raw"
            | "rawvalue"
            | "fieldvalue"
            | "oldvalue"
            | "newvalue"
            | "previous"
            | "existing"
            | "existingvalue"
            | "valuestring"
            | "val"
            | "v"
            | "stringvalue"
            | "literal"
            | "offending"
            | "offendingvalue"
            | "suggestions"
            | "candidates"
            | "diff"
            | "data"
            | "was"
            | "valor"
            | "valeur"
            | "wert"
            | "waarde"
            | "valore"
            | "wartosc"
            | "varde"
            | "verdi"
    )
}

/// Keys whose value is a sentence or a list of them.
fn says_message(squeezed: &str) -> bool {
    matches!(
        squeezed,
        "message"
            | "messages"
            | "msg"
            | "error"
            | "errors"
            | "detail"
            | "details"
            | "diagnostics"
            | "description"
            | "reason"
            | "reasons"
            | "errormessage"
            | "hint"
            | "problem"
            | "cause"
            | "why"
            | "fielderrors"
            | "formerrors"
            | "issues"
            | "violations"
            | "constraints"
            | "warning"
            | "warnings"
            | "summary"
            | "defaultmessage"
            | "developermessage"
            | "usermessage"
            | "longmessage"
            | "statustext"
            | "stack"
            | "stacktrace"
            | "trace"
            | "mensaje"
            | "mensagem"
            | "messaggio"
            | "meldung"
            | "melding"
            | "nachricht"
            | "komunikat"
            | "meddelande"
    )
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
                value: says_value(squeezed) && key != "given",
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
struct Squeezed {
    bytes: [u8; SQUEEZED_MAX],
    len: usize,
}

impl Squeezed {
    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

fn squeezed(key: &str) -> Squeezed {
    let mut squeezed = Squeezed { bytes: [0; SQUEEZED_MAX], len: 0 };
    for byte in key.bytes().filter(u8::is_ascii_alphanumeric).take(SQUEEZED_MAX) {
        squeezed.bytes[squeezed.len] = byte.to_ascii_lowercase();
        squeezed.len += 1;
    }
    squeezed
}
