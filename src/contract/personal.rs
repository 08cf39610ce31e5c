//! Which body fields say who a person is, or tell about them in free text: names, days of birth and death, identifiers,
//! contacts, photographs, notes.
//!
//! Narrower than the classes of the contract: a day of service or a code is PHI beside a patient, and in nearly every
//! request, so it says nothing about whose data a request carries. Every label given out is a constant of ours: a
//! path of the contract's table, an element of FHIR, or the name of a class.

use super::{Route, fhir};
use crate::phi::{Class, KeyClass};

/// Last words of the paths of free text in which people write about a person.
const NOTES: [&str; 12] = [
    "comment",
    "content",
    "description",
    "div",
    "dosageText",
    "narrative",
    "note",
    "patientInstruction",
    "summary",
    "text",
    "title",
    "valueString",
];

/// Elements of FHIR resources that have a label of their own, by their last two words and their last one.
const ELEMENTS: [(&str, &str, &str); 19] = [
    ("", "family", "name.family"),
    ("", "given", "name.given"),
    ("name", "text", "name.text"),
    ("", "birthDate", "birthDate"),
    ("", "deceasedDateTime", "deceasedDateTime"),
    ("identifier", "value", "identifier.value"),
    ("telecom", "value", "telecom.value"),
    ("address", "line", "address.line"),
    ("address", "city", "address.city"),
    ("address", "district", "address.district"),
    ("address", "postalCode", "address.postalCode"),
    ("address", "text", "address.text"),
    ("photo", "data", "photo.data"),
    ("photo", "url", "photo.url"),
    ("text", "div", "text.div"),
    ("note", "text", "note.text"),
    ("", "comment", "comment"),
    ("", "description", "description"),
    ("", "valueString", "valueString"),
];

/// Elements of FHIR R4 that refer to a person, who is named in their `display`.
const PEOPLE: [&str; 30] = [
    "actor",
    "agent",
    "asserter",
    "author",
    "beneficiary",
    "collector",
    "enterer",
    "evaluator",
    "focus",
    "generalPractitioner",
    "individual",
    "informationSource",
    "member",
    "other",
    "owner",
    "participant",
    "patient",
    "payor",
    "performer",
    "policyHolder",
    "practitioner",
    "provider",
    "recipient",
    "recorder",
    "requester",
    "sender",
    "source",
    "subject",
    "subscriber",
    "who",
];

/// Search parameters of FHIR that look into the text of records, or hold a search of their own.
const TEXT_PARAMS: [&str; 4] = ["_content", "_filter", "_query", "_text"];

impl Route {
    /// The label of a body field that tells of a person, by its path such as `contact[].email`; of a patched one too.
    pub fn personal_field(&self, path: &str) -> Option<&'static str> {
        if self.resource != "fhir"
            && let Some((declared, class)) = self.declared_field(path)
        {
            return is_personal(class, path).then_some(declared);
        }
        // What the contract does not declare may still be called `ssn`.
        let class = fhir::body_class(path);
        if is_personal(class, path) {
            return Some(element(path).unwrap_or_else(|| label(class)));
        }
        self.personal_holder(path)
    }

    /// The label of what holds this field: a text that was sent as an object, or an element whose extension (`_birthDate`)
    /// says the same more exactly.
    fn personal_holder(&self, path: &str) -> Option<&'static str> {
        if let Some((before, rest)) = extended(path) {
            let plumbing = matches!(leaf(rest), "id" | "url" | "valueCode");
            return if plumbing { None } else { self.personal_field(&before) };
        }
        if self.resource == "fhir" {
            return None;
        }
        let mut holders = path.match_indices('.').filter_map(|(end, _)| path.get(..end));
        holders.find_map(|holder| {
            let (declared, class) = self.declared_field(holder.trim_end_matches("[]"))?;
            let is_text = matches!(class, KeyClass::Phi(_)) && !self.declares_below(declared);
            (is_text && is_personal(class, declared)).then_some(declared)
        })
    }

    /// Whether the contract declares fields inside of this one.
    fn declares_below(&self, holder: &str) -> bool {
        let below = |path: &str| path.strip_prefix(holder).is_some_and(|rest| rest.starts_with(['.', '[']));
        self.fields.iter().any(|(declared, _)| below(declared))
    }

    /// The label of a search parameter that tells of a person: of a modified, chained or reverse-chained one by what is
    /// compared in the end.
    pub fn personal_param(&self, name: &str) -> Option<&'static str> {
        if self.declared(name).is_none() {
            let asked = compared(name);
            if let Some(text) = TEXT_PARAMS.into_iter().find(|known| *known == asked) {
                return Some(text);
            }
            if asked != name {
                return self.personal_param(asked);
            }
        }
        match self.declared(name) {
            Some(param) => match param.class.kind {
                super::ParamKind::Phi(class) => is_personal(KeyClass::Phi(class), name).then_some(param.name),
                _ => None,
            },
            None => {
                let class = fhir::body_class(name);
                is_personal(class, name).then(|| label(class))
            }
        }
    }
}

fn is_personal(class: KeyClass, path: &str) -> bool {
    let leaf = leaf(path);
    match class {
        KeyClass::Phi(Class::Date) => ["birth", "born", "deceased", "death", "dob"]
            .iter()
            .any(|word| leaf.to_ascii_lowercase().contains(word)),
        KeyClass::Phi(Class::Url) => leaf == "url" && path.contains("photo"),
        KeyClass::Phi(_) => true,
        KeyClass::Free if leaf == "display" => PEOPLE.contains(&fhir::holder(path)),
        KeyClass::Free => NOTES.contains(&leaf),
        KeyClass::Safe | KeyClass::Unknown => false,
    }
}

/// `contact[].name._family.extension[].valueCode` as `contact[].name.family` and what stands below it.
fn extended(path: &str) -> Option<(String, &str)> {
    let start = if path.starts_with('_') { 0 } else { path.find("._")? + 1 };
    let (before, rest) = path.split_at(start);
    let (element, below) = rest.get(1..)?.split_once('.')?;
    Some((format!("{before}{element}"), below))
}

/// What a search compares: `name` of `_has:Patient:organization:name`, of `subject:Patient.name` and of `name:exact`.
fn compared(name: &str) -> &str {
    let mut asked = name;
    while let Some(rest) = asked.strip_prefix("_has:") {
        asked = rest.splitn(3, ':').nth(2).unwrap_or_default();
    }
    let asked = asked.rsplit('.').next().unwrap_or(asked);
    asked.split(':').next().unwrap_or(asked)
}

fn element(path: &str) -> Option<&'static str> {
    let (leaf, holder) = (leaf(path), fhir::holder(path));
    ELEMENTS
        .iter()
        .find(|(within, last, _)| *last == leaf && (within.is_empty() || *within == holder))
        .map(|(_, _, label)| *label)
}

fn leaf(path: &str) -> &str {
    path.rsplit('.').next().unwrap_or(path).trim_end_matches("[]")
}

fn label(class: KeyClass) -> &'static str {
    match class {
        KeyClass::Phi(class) => class.label(),
        KeyClass::Free | KeyClass::Safe | KeyClass::Unknown => "text",
    }
}

#[cfg(test)]
mod tests {
    use http::Method;

    use crate::contract::{index_of, routes};

    #[test]
    fn fields_that_tell_of_a_person_have_a_label_and_others_have_none() {
        for (template, path, expected) in [
            ("/v1/patients", "firstName", Some("firstName")),
            ("/v1/patients", "birthDate", Some("birthDate")),
            ("/v1/patients", "contact[].phone", Some("contact[].phone")),
            ("/v1/patients", "gender", None),
            ("/v1/patients", "address.state", None),
            ("/v1/patients", "ssn", Some("ssn")),
            ("/v1/notes", "content", Some("content")),
            ("/v1/notes", "category", None),
            ("/v1/appointments", "start", None),
            ("/v1/coverages", "subscriberId", Some("subscriberId")),
            ("/v1/bulk/import", "data", Some("data")),
            ("/v1/fhir/{path}", "name[].family", Some("name.family")),
            ("/v1/fhir/{path}", "entry[].resource.identifier[].value", Some("identifier.value")),
            ("/v1/fhir/{path}", "subject.reference", None),
            ("/v1/fhir/{path}", "subject.display", Some("text")),
            ("/v1/fhir/{path}", "participant[].individual.display", Some("text")),
            ("/v1/fhir/{path}", "code.coding[].display", None),
            ("/v1/fhir/{path}", "class.display", None),
            ("/v1/fhir/{path}", "_birthDate.extension[].valueDateTime", Some("birthDate")),
            ("/v1/fhir/{path}", "_birthDate.extension[].url", None),
            ("/v1/fhir/{path}", "contact[].name._family.extension[].valueString", Some("valueString")),
            ("/v1/fhir/{path}", "_status.extension[].valueDateTime", None),
            ("/v1/patients", "firstName.x", Some("firstName")),
            ("/v1/patients", "firstName[].x.y", Some("firstName")),
            ("/v1/patients", "gender.x", None),
            ("/v1/fhir/{path}", "meta.lastUpdated", None),
            ("/v1/fhir/{path}", "status", None),
        ] {
            let index = index_of(&Method::POST, template).expect("a route");
            assert_eq!(routes()[index].personal_field(path), expected, "{template} {path}");
        }
        let search = index_of(&Method::GET, "/v1/patients").expect("a route");
        for (name, expected) in
            [("name", Some("name")), ("birthDate", Some("birthDate")), ("gender", None), ("count", None)]
        {
            assert_eq!(routes()[search].personal_param(name), expected, "{name}");
        }
        let passthrough = index_of(&Method::POST, "/v1/fhir/{path}").expect("a route");
        for name in [
            "family",
            "family:exact",
            "subject:Patient.name",
            "_has:Patient:organization:name",
            "_has:Observation:patient:_has:AuditEvent:entity:agent.name",
            "_content",
            "_text",
            "_filter",
            "_has:Patient:link:_text",
            "patient._content",
        ] {
            assert!(routes()[passthrough].personal_param(name).is_some(), "{name}");
        }
        for name in
            ["_has:Observation:patient:code", "_id", "status:not", "patient", "_has:", "_has:a:b", "", "."]
        {
            assert_eq!(routes()[passthrough].personal_param(name), None, "{name}");
        }
    }
}
