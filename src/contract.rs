//! The ClinikAPI contract as data: every documented route, its parameters and body fields with their PHI class.
//!
//! Owns `routes()` and the questions other modules ask of it: which route is this, what may stand in this parameter
//! or field, which FHIR R4 types exist. Facts come from ClinikAPI's published openapi.yaml (clinikapi/docs 59ad6f2,
//! 2026-08-01) and the request types of @clinikapi/sdk 0.3.1; `scripts/build_contract.py` turns them into
//! `data/contract/*.tsv`, which is embedded and read once, on first use, in well under a millisecond.
//!
//! The PHI classes are our judgement. Where one was arguable the class that fails safe in a URL or log was taken:
//! a clinician's name counts as a name (marked `Provider`, so a policy can relax it), a window of dates does not
//! count as a date, an id the API assigned does not count as an identifier.
//!
//! Does not decode, and knows nothing of policies: a route that exists here may still be refused.

pub mod fhir;
mod personal;
mod table;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use http::Method;

use crate::phi::{Class, KeyClass};

/// What a request does, as access rules, limits and metrics see it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Operation {
    Create,
    Read,
    Update,
    Delete,
    Search,
    Bulk,
    Fhir,
    Health,
    Metadata,
}

impl Operation {
    pub const ALL: [Operation; 9] = [
        Operation::Create,
        Operation::Read,
        Operation::Update,
        Operation::Delete,
        Operation::Search,
        Operation::Bulk,
        Operation::Fhir,
        Operation::Health,
        Operation::Metadata,
    ];

    pub const fn as_str(self) -> &'static str {
        match self {
            Operation::Create => "create",
            Operation::Read => "read",
            Operation::Update => "update",
            Operation::Delete => "delete",
            Operation::Search => "search",
            Operation::Bulk => "bulk",
            Operation::Fhir => "fhir",
            Operation::Health => "health",
            Operation::Metadata => "metadata",
        }
    }

    pub fn from_label(label: &str) -> Option<Operation> {
        Operation::ALL.into_iter().find(|operation| operation.as_str() == label)
    }
}

/// One documented method and path.
#[derive(Clone, Debug)]
pub struct Route {
    pub method: Method,
    /// The path with `{id}`, `{jobId}` or, for the FHIR passthrough, `{path}`.
    pub template: &'static str,
    pub operation: Operation,
    /// The path word, such as `patients`; `fhir`, `bulk`, `health` and `metadata` for the rest. A metric label.
    pub resource: &'static str,
    /// The R4 type behind the resource; `None` where there is none or any.
    pub fhir_type: Option<&'static str>,
    pub authenticated: bool,
    /// The path of the search by body that becomes this search, such as `/v1/patients/_search`.
    pub search_by_body: Option<&'static str>,
    params: Vec<Param>,
    /// Sorted by path; shared by the routes of a resource.
    fields: &'static [(&'static str, KeyClass)],
}

/// A declared query parameter.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Param {
    pub name: &'static str,
    pub class: ParamClass,
}

/// What a declared parameter may hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ParamClass {
    pub kind: ParamKind,
    pub subject: Subject,
    /// Human text: the class alone cannot be trusted.
    pub free: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParamKind {
    /// An identifier, whatever its value looks like.
    Phi(Class),
    /// Health information: identifies nobody by itself.
    Clinical,
    /// An opaque reference or the bound of a search window.
    Context,
    /// Closed lists, plumbing, catalogue data.
    Vocabulary,
}

/// Whom an identifier is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Subject {
    Person,
    Provider,
    Organization,
    /// A member of staff in an audit record.
    User,
}

/// Where a request leads.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Match<'a> {
    Route {
        index: usize,
        /// The segments that stand for the template's parameters; for the passthrough all below `/v1/fhir`.
        params: &'a [&'a str],
    },
    /// `POST …/_search`; `index` is the GET search route (for the passthrough: the GET route).
    SearchByBody {
        index: usize,
        params: &'a [&'a str],
    },
    /// The path exists, with other methods.
    MethodNotAllowed,
    None,
}

/// The route table. An index into it is stable within a build.
pub fn routes() -> &'static [Route] {
    &table::table().routes
}

/// Finds the route of a path given as decoded segments, without the leading empty one.
pub fn find<'a>(method: &Method, segments: &'a [&'a str]) -> Match<'a> {
    let table = table::table();
    match segments {
        ["health"] => table.fixed(method, "/health"),
        ["v1", "metadata"] => table.fixed(method, "/v1/metadata"),
        ["v1", "bulk", "export"] => table.fixed(method, "/v1/bulk/export"),
        ["v1", "bulk", "import"] => table.fixed(method, "/v1/bulk/import"),
        ["v1", "bulk", "jobs", _] => match table.fixed(method, "/v1/bulk/jobs/{jobId}") {
            Match::Route { index, .. } => Match::Route { index, params: &segments[3..] },
            other => other,
        },
        ["v1", "fhir", path @ ..] => match path {
            [_, "_search"] if *method == Method::POST => table
                .passthrough(&Method::GET)
                .map_or(Match::None, |index| Match::SearchByBody { index, params: path }),
            _ => table
                .passthrough(method)
                .map_or(Match::MethodNotAllowed, |index| Match::Route { index, params: path }),
        },
        ["v1", resource] => table.collection(method, resource),
        ["v1", resource, "_search"] if *method == Method::POST => table.search_by_body(resource),
        ["v1", resource, _] => match table.instance(method, resource) {
            Match::Route { index, .. } => Match::Route { index, params: &segments[2..] },
            other => other,
        },
        _ => Match::None,
    }
}

/// Method and path of a route, for people: `GET /v1/patients`.
pub fn route_label(index: usize) -> String {
    routes().get(index).map_or_else(String::new, |route| format!("{} {}", route.method, route.template))
}

/// The word itself, if a documented field or an element of FHIR is called so.
pub fn field_word(word: &str) -> Option<&'static str> {
    static WORDS: LazyLock<BTreeSet<&'static str>> = LazyLock::new(|| {
        let paths = routes().iter().flat_map(|route| route.fields).map(|(path, _)| *path);
        let words = paths.flat_map(|path| path.split('.')).map(|word| word.trim_end_matches("[]"));
        words.chain(fhir::ELEMENTS).collect()
    });
    WORDS.get(word).copied()
}

/// Index of the route with this method and template.
#[cfg(test)]
pub fn index_of(method: &Method, template: &str) -> Option<usize> {
    routes().iter().position(|route| route.method == *method && route.template == template)
}

/// The simplified resource that stores this R4 type, such as `labs` for `DiagnosticReport`.
pub fn resource_of_type(fhir_type: &str) -> Option<&'static str> {
    table::table().resource_of_type(fhir_type)
}

/// The R4 type that a simplified resource is stored as.
pub fn type_of_resource(word: &str) -> Option<&'static str> {
    table::table().type_of_resource(word)
}

impl Route {
    /// The declared parameter of exactly this name.
    pub fn declared(&self, name: &str) -> Option<&Param> {
        self.params.iter().find(|param| param.name == name)
    }

    /// The class of the declared parameter of exactly this name.
    pub fn param(&self, name: &str) -> Option<ParamClass> {
        self.declared(name).map(|param| param.class)
    }

    pub fn params(&self) -> &[Param] {
        &self.params
    }

    /// The class of a body field by its path, such as `address.line[]`. What the contract does not declare is
    /// judged by its key; bodies of the passthrough are FHIR resources.
    pub fn body_class(&self, path: &str) -> KeyClass {
        if self.resource == "fhir" {
            return fhir::body_class(path);
        }
        self.declared_field(path).map_or_else(|| fhir::body_class(path), |(_, class)| class)
    }

    /// The body field the contract declares at this path.
    fn declared_field(&self, path: &str) -> Option<(&'static str, KeyClass)> {
        let find = |path: &str| {
            self.fields.binary_search_by(|(declared, _)| (*declared).cmp(path)).ok().map(|at| self.fields[at])
        };
        // `items[].items[].items[]` nests without end and is declared once or twice.
        find(path).or_else(|| find(&collapse(path)?))
    }
}

/// Drops path elements that repeat the one before them, keeping two.
fn collapse(path: &str) -> Option<String> {
    let mut kept: Vec<&str> = Vec::new();
    let mut dropped = false;
    for element in path.split('.') {
        if kept.len() >= 2 && kept[kept.len() - 1] == element && kept[kept.len() - 2] == element {
            dropped = true;
        } else {
            kept.push(element);
        }
    }
    dropped.then(|| kept.join("."))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn matched(method: Method, path: &str) -> Option<(&'static str, Vec<String>)> {
        let segments: Vec<&str> = path.split('/').skip(1).collect();
        match find(&method, &segments) {
            Match::Route { index, params } => {
                Some((routes()[index].template, params.iter().map(ToString::to_string).collect()))
            }
            _ => None,
        }
    }

    #[test]
    fn the_table_is_complete() {
        assert_eq!(routes().len(), 318);
        let count = |operation| routes().iter().filter(|r| r.operation == operation).count();
        for (operation, expected) in [
            (Operation::Create, 62),
            (Operation::Read, 62),
            (Operation::Update, 60),
            (Operation::Delete, 62),
            (Operation::Search, 62),
            (Operation::Bulk, 3),
            (Operation::Fhir, 5),
            (Operation::Health, 1),
            (Operation::Metadata, 1),
        ] {
            assert_eq!(count(operation), expected, "{}", operation.as_str());
            assert_eq!(Operation::from_label(operation.as_str()), Some(operation));
        }
        assert_eq!(routes().iter().map(|r| r.params().len()).sum::<usize>(), 432);
        assert_eq!(routes().iter().filter(|r| !r.authenticated).count(), 2);
    }

    #[test]
    fn every_route_finds_itself() {
        for (index, route) in routes().iter().enumerate() {
            let path = route.template.replace("{path}", "Patient/x");
            let segments: Vec<&str> = path.split('/').skip(1).collect();
            match find(&route.method, &segments) {
                Match::Route { index: found, .. } => assert_eq!(found, index, "{}", route.template),
                other => panic!("{} {}: {other:?}", route.method, route.template),
            }
            assert_eq!(index_of(&route.method, route.template), Some(index));
        }
    }

    #[test]
    fn segments_that_stand_for_parameters_are_given_back() {
        assert_eq!(
            matched(Method::GET, "/v1/patients/abc"),
            Some(("/v1/patients/{id}", vec!["abc".to_string()]))
        );
        assert_eq!(
            matched(Method::GET, "/v1/bulk/jobs/j1"),
            Some(("/v1/bulk/jobs/{jobId}", vec!["j1".to_string()]))
        );
        assert_eq!(
            matched(Method::PUT, "/v1/fhir/Patient/7"),
            Some(("/v1/fhir/{path}", vec!["Patient".to_string(), "7".to_string()]))
        );
    }

    #[test]
    fn other_methods_and_paths_do_not_match() {
        let find = |method: Method, path: &str| {
            let segments: Vec<&str> = path.split('/').skip(1).collect();
            match find(&method, &segments) {
                Match::Route { .. } => "route",
                Match::SearchByBody { .. } => "search",
                Match::MethodNotAllowed => "method",
                Match::None => "none",
            }
        };
        for (method, path, expected) in [
            (Method::POST, "/v1/patients/_search", "search"),
            (Method::POST, "/v1/fhir/Patient/_search", "search"),
            (Method::GET, "/v1/patients/_search", "route"),
            (Method::PUT, "/v1/patients/x", "method"),
            (Method::PATCH, "/v1/audit-events/x", "method"),
            (Method::DELETE, "/v1/patients", "method"),
            (Method::POST, "/health", "method"),
            (Method::HEAD, "/v1/fhir/Patient", "method"),
            (Method::GET, "/v1/patient", "none"),
            (Method::POST, "/v1/patient/_search", "none"),
            (Method::GET, "/v1", "none"),
            (Method::GET, "/", "none"),
            (Method::GET, "/v1/patients/x/y", "none"),
            (Method::GET, "/v2/patients", "none"),
            (Method::GET, "/v1/bulk/jobs", "none"),
        ] {
            assert_eq!(find(method.clone(), path), expected, "{method} {path}");
        }
    }

    #[test]
    fn parameters_carry_class_and_subject() {
        let param = |template: &str, name: &str| {
            let index = index_of(&Method::GET, template).expect("route exists");
            routes()[index].param(name)
        };
        let kind = |template, name| param(template, name).map(|class| class.kind);
        assert_eq!(kind("/v1/patients", "name"), Some(ParamKind::Phi(Class::Name)));
        assert_eq!(kind("/v1/patients", "birthDate"), Some(ParamKind::Phi(Class::Date)));
        assert_eq!(kind("/v1/patients", "gender"), Some(ParamKind::Vocabulary));
        assert_eq!(kind("/v1/patients", "ssn"), None);
        assert_eq!(kind("/v1/organizations", "name"), Some(ParamKind::Vocabulary));
        assert_eq!(kind("/v1/notes", "date"), Some(ParamKind::Phi(Class::Date)));
        assert_eq!(kind("/v1/labs", "patientId"), Some(ParamKind::Context));
        assert_eq!(kind("/v1/conditions", "code"), Some(ParamKind::Clinical));
        let npi = param("/v1/practitioners", "npi").map(|class| class.subject);
        assert_eq!(npi, Some(Subject::Provider));
    }

    #[test]
    fn body_fields_have_classes() {
        let class = |method: Method, template: &str, path: &str| {
            routes()[index_of(&method, template).expect("route exists")].body_class(path)
        };
        let patients = |path| class(Method::POST, "/v1/patients", path);
        assert_eq!(patients("firstName"), KeyClass::Phi(Class::Name));
        assert_eq!(patients("address.line[]"), KeyClass::Phi(Class::Geo));
        assert_eq!(patients("address.state"), KeyClass::Safe);
        assert_eq!(patients("gender"), KeyClass::Unknown);
        let update = class(Method::PATCH, "/v1/patients/{id}", "contact[].firstName");
        assert_eq!(update, KeyClass::Phi(Class::Name));
        let intakes = |path| class(Method::POST, "/v1/intakes", path);
        assert_eq!(intakes("items[].items[].text"), intakes("items[].items[].items[].items[].text"));
        assert_eq!(class(Method::POST, "/v1/conditions", "severity"), KeyClass::Free);
    }
}
