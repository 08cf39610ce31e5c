//! Whether the policy allows a route the contract has.
//!
//! Owns the reading of `guards.routes`: which documented routes, and of the FHIR passthrough which types, methods,
//! operations, history, batch, chained and conditional requests. Does not find routes and does not look at values.

pub mod settings;

use http::Method;

use settings::RoutesSettings;

/// What of the passthrough a request uses.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FhirUse<'a> {
    /// Read, search, create, update or delete of a type.
    Plain,
    /// `_search` with a body, turned into a GET.
    SearchByBody,
    /// An operation, with its `$`.
    Operation(&'a str),
    History,
    Batch,
    /// A write whose record is chosen by a search.
    Conditional,
    Metadata,
}

impl RoutesSettings {
    /// May this documented route be used? The index is that of `contract::routes()`.
    pub fn allows_route(&self, index: usize) -> bool {
        self.allowed.get(index).copied().unwrap_or(false)
    }

    /// May the passthrough be used so? `types` are the R4 types of the path.
    pub fn allows_fhir(&self, method: &Method, types: &[&str], usage: FhirUse<'_>) -> bool {
        let fhir = &self.fhir;
        let known = |name: &&str| fhir.types.is_empty() || fhir.types.iter().any(|allowed| allowed == name);
        if !types.iter().all(known) {
            return false;
        }
        let method_allowed = fhir.methods.contains(method);
        match usage {
            FhirUse::Plain => method_allowed,
            FhirUse::SearchByBody => self.search_by_body && fhir.methods.contains(&Method::GET),
            FhirUse::Operation(name) => {
                method_allowed
                    && matches!(*method, Method::GET | Method::POST)
                    && fhir.operations.iter().any(|allowed| allowed == name)
            }
            FhirUse::History => method_allowed && fhir.history,
            FhirUse::Batch => method_allowed && fhir.batch,
            FhirUse::Conditional => method_allowed && fhir.conditional,
            FhirUse::Metadata => *method == Method::GET,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::settings::FhirSettings;
    use super::*;
    use crate::guards::Mode;

    fn settings() -> RoutesSettings {
        RoutesSettings {
            mode: Mode::Enforce,
            allowed: vec![true, false],
            search_by_body: true,
            fhir: FhirSettings {
                types: vec!["Patient".to_string(), "Observation".to_string()],
                methods: vec![Method::GET, Method::POST],
                operations: vec!["$everything".to_string()],
                chains: true,
                history: false,
                batch: false,
                conditional: false,
            },
        }
    }

    #[test]
    fn routes_are_allowed_by_index() {
        assert!(settings().allows_route(0));
        assert!(!settings().allows_route(1));
        assert!(!settings().allows_route(2));
    }

    #[test]
    fn each_use_has_its_switch() {
        let settings = settings();
        for (method, types, usage, expected) in [
            (Method::GET, &["Patient"][..], FhirUse::Plain, true),
            (Method::PUT, &["Patient"], FhirUse::Plain, false),
            (Method::GET, &["Account"], FhirUse::Plain, false),
            (Method::GET, &["Patient", "Account"], FhirUse::Plain, false),
            (Method::GET, &["Patient"], FhirUse::Operation("$everything"), true),
            (Method::GET, &["Patient"], FhirUse::Operation("$match"), false),
            (Method::GET, &["Patient"], FhirUse::History, false),
            (Method::POST, &[], FhirUse::Batch, false),
            (Method::POST, &["Patient"], FhirUse::Conditional, false),
            (Method::POST, &["Patient"], FhirUse::SearchByBody, true),
            (Method::GET, &[], FhirUse::Metadata, true),
            (Method::POST, &[], FhirUse::Metadata, false),
        ] {
            assert_eq!(settings.allows_fhir(&method, types, usage), expected, "{method} {types:?} {usage:?}");
        }
    }
}
