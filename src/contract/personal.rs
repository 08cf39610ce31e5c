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
        is_personal(class, path).then(|| element(path).unwrap_or_else(|| label(class)))
    }

    /// The label of a search parameter that tells of a person.
    pub fn personal_param(&self, name: &str) -> Option<&'static str> {
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
        KeyClass::Free => NOTES.contains(&leaf),
        KeyClass::Safe | KeyClass::Unknown => false,
    }
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
    }
}
