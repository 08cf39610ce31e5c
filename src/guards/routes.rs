//! Whether the policy allows a route the contract has.
//!
//! Owns the reading of `guards.routes`: which documented routes, and of the FHIR passthrough which types, methods,
//! operations, history, batch, chained and conditional requests. Does not find routes and does not look at values.

pub mod settings;

use http::Method;

use settings::RoutesSettings;

/// Keys of the policy, as refusals name them.
pub const ALLOW: &str = "guards.routes.allow";
pub const DENY: &str = "guards.routes.deny";
pub const SEARCH_BY_BODY: &str = "guards.routes.search_by_body";
pub const CONDITIONAL: &str = "guards.routes.fhir.conditional";
pub const CHAINS: &str = "guards.routes.fhir.chains";

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
    /// The key of the policy that takes this documented route away; `None` where it may be used. The index is that of
    /// `contract::routes()`.
    pub fn route_closed_by(&self, index: usize) -> Option<&'static str> {
        self.closed_by.get(index).copied().unwrap_or(Some(ALLOW))
    }

    /// The key that closes the passthrough to such a use, or what is wrong with it; `None` where it may be used so. `types`
    /// are the R4 types of the path.
    pub fn fhir_closed_by(
        &self,
        method: &Method,
        types: &[&str],
        usage: FhirUse<'_>,
    ) -> Option<&'static str> {
        let fhir = &self.fhir;
        let known = |name: &&str| fhir.types.is_empty() || fhir.types.iter().any(|allowed| allowed == name);
        if !types.iter().all(known) {
            return Some("guards.routes.fhir.types");
        }
        // A search by body is sent on as a GET.
        let sent = if usage == FhirUse::SearchByBody { &Method::GET } else { method };
        if usage != FhirUse::Metadata && !fhir.methods.contains(sent) {
            return Some("guards.routes.fhir.methods");
        }
        match usage {
            FhirUse::Plain | FhirUse::Metadata => None,
            FhirUse::SearchByBody => (!self.search_by_body).then_some(SEARCH_BY_BODY),
            FhirUse::Operation(_) if !matches!(*method, Method::GET | Method::POST) => {
                Some("the method, which for an operation is GET or POST")
            }
            FhirUse::Operation(name) => {
                let listed = fhir.operations.iter().any(|allowed| allowed == name);
                (!listed).then_some("guards.routes.fhir.operations")
            }
            FhirUse::History => (!fhir.history).then_some("guards.routes.fhir.history"),
            FhirUse::Batch => (!fhir.batch).then_some("guards.routes.fhir.batch"),
            FhirUse::Conditional => (!fhir.conditional).then_some(CONDITIONAL),
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
            closed_by: vec![None, Some(DENY)],
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
    fn routes_are_closed_by_index() {
        assert_eq!(settings().route_closed_by(0), None);
        assert_eq!(settings().route_closed_by(1), Some(DENY));
        assert_eq!(settings().route_closed_by(2), Some(ALLOW));
    }

    #[test]
    fn each_use_has_its_switch() {
        let settings = settings();
        let fhir = |key: &str| (!key.is_empty()).then(|| format!("guards.routes.fhir.{key}"));
        for (method, types, usage, closed_by) in [
            (Method::GET, &["Patient"][..], FhirUse::Plain, ""),
            (Method::PUT, &["Patient"], FhirUse::Plain, "methods"),
            (Method::GET, &["Account"], FhirUse::Plain, "types"),
            (Method::GET, &["Patient", "Account"], FhirUse::Plain, "types"),
            (Method::GET, &["Patient"], FhirUse::Operation("$everything"), ""),
            (Method::GET, &["Patient"], FhirUse::Operation("$match"), "operations"),
            (Method::GET, &["Patient"], FhirUse::History, "history"),
            (Method::POST, &[], FhirUse::Batch, "batch"),
            (Method::POST, &["Patient"], FhirUse::Conditional, "conditional"),
            (Method::POST, &["Patient"], FhirUse::SearchByBody, ""),
            (Method::GET, &[], FhirUse::Metadata, ""),
        ] {
            let closed = settings.fhir_closed_by(&method, types, usage);
            assert_eq!(closed.map(str::to_owned), fhir(closed_by), "{method} {types:?} {usage:?}");
        }
        let writes = RoutesSettings {
            fhir: FhirSettings { methods: vec![Method::DELETE], ..settings.fhir.clone() },
            ..settings
        };
        let closed = |usage| writes.fhir_closed_by(&Method::DELETE, &["Patient"], usage);
        assert_eq!(closed(FhirUse::Plain), None);
        assert!(closed(FhirUse::Operation("$everything")).is_some_and(|at| at.contains("GET or POST")));
        let by_body = writes.fhir_closed_by(&Method::POST, &["Patient"], FhirUse::SearchByBody);
        assert_eq!(by_body, Some("guards.routes.fhir.methods"));
    }
}
