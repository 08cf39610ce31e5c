//! The compiled `guards.routes` section.

use std::sync::LazyLock;

use super::{ALLOW, DENY};
use crate::config::{self, Node, Problems, read};
use crate::contract::{self, Route};
use crate::guards::Mode;

#[derive(Clone, Debug)]
pub struct RoutesSettings {
    pub mode: Mode,
    /// For each route of `contract::routes()`, by index, the key that takes it away: `allow` or `deny`.
    pub closed_by: Vec<Option<&'static str>>,
    pub search_by_body: bool,
    pub fhir: FhirSettings,
}

#[derive(Clone, Debug)]
pub struct FhirSettings {
    /// Empty allows every R4 type.
    pub types: Vec<String>,
    pub methods: Vec<http::Method>,
    /// With the leading `$`.
    pub operations: Vec<String>,
    pub chains: bool,
    pub history: bool,
    pub batch: bool,
    pub conditional: bool,
}

impl RoutesSettings {
    pub fn compile(section: &config::Routes, problems: &mut Problems) -> RoutesSettings {
        section.allow.not_null("a list of routes, or [] for all", problems);
        section.deny.not_null("a list of routes, or [] for none", problems);
        let mut patterns = |setting: &config::Setting| setting.list(Vec::new(), pattern, problems);
        let (allow, deny) = (patterns(&section.allow), patterns(&section.deny));
        let hit = |patterns: &[Pattern], route: &Route| patterns.iter().any(|pattern| pattern.matches(route));
        // A pattern that could not be read is a problem, so an empty list here is one that was written empty.
        let closed_by = |route: &Route| match (allow.is_empty() || hit(&allow, route), hit(&deny, route)) {
            (_, true) => Some(DENY),
            (false, _) => Some(ALLOW),
            (true, false) => None,
        };
        let closed_by: Vec<_> = contract::routes().iter().map(closed_by).collect();
        if !closed_by.contains(&None) {
            problems.warn(section.at, "guards.routes", "no route is left: every request is refused");
        }
        RoutesSettings {
            mode: section.mode.word(Mode::Enforce, &Mode::WORDS, problems),
            closed_by,
            search_by_body: section.search_by_body.or(true, read::flag, problems),
            fhir: FhirSettings::compile(&section.fhir, problems),
        }
    }
}

impl FhirSettings {
    fn compile(section: &config::Fhir, problems: &mut Problems) -> FhirSettings {
        use http::Method;
        let documented = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
        FhirSettings {
            types: section.types.list(Vec::new(), fhir_type, problems),
            methods: section.methods.list(documented.to_vec(), fhir_method, problems),
            operations: section.operations.list(
                vec!["$everything".to_owned(), "$validate".to_owned()],
                fhir_operation,
                problems,
            ),
            chains: section.chains.or(true, read::flag, problems),
            history: section.history.or(false, read::flag, problems),
            batch: section.batch.or(false, read::flag, problems),
            conditional: section.conditional.or(false, read::flag, problems),
        }
    }
}

/// Some routes of the contract: `GET /v1/patients/{id}`, `* /v1/observations` (every method), or
/// `GET /v1/patients/**` (the path and all below it).
struct Pattern {
    method: Option<http::Method>,
    path: String,
    and_below: bool,
}

impl Pattern {
    fn parse(text: &str) -> Option<Pattern> {
        let (method, path) = text.split_once(' ')?;
        let method = match method {
            "*" => None,
            _ => Some(method.parse().ok()?),
        };
        let (path, and_below) = match path.strip_suffix("/**") {
            Some(path) => (path, true),
            None => (path, false),
        };
        (path.starts_with('/') || and_below).then(|| Pattern { method, path: path.to_owned(), and_below })
    }

    fn matches(&self, route: &Route) -> bool {
        let same_method = self.method.as_ref().is_none_or(|method| *method == route.method);
        let (mut ours, mut theirs) = (self.path.split('/'), route.template.split('/'));
        let same_path = loop {
            match (ours.next(), theirs.next()) {
                (None, None) => break true,
                (None, Some(_)) => break self.and_below,
                (Some(_), None) => break false,
                // What a placeholder is called is nobody's business.
                (Some(a), Some(b)) if a == b || (a.starts_with('{') && b.starts_with('{')) => {}
                _ => break false,
            }
        };
        same_method && same_path
    }
}

fn pattern(node: &Node, problems: &mut Problems) -> Option<Pattern> {
    let pattern = node.text().and_then(Pattern::parse);
    match pattern.filter(|pattern| contract::routes().iter().any(|route| pattern.matches(route))) {
        Some(pattern) => Some(pattern),
        None => unknown_route(
            node,
            "a documented route such as GET /v1/patients/{id} or * /v1/observations",
            problems,
        ),
    }
}

/// Reads one route of the contract to its index.
pub fn route(node: &Node, problems: &mut Problems) -> Option<usize> {
    let pattern = node.text().and_then(Pattern::parse).filter(|p| p.method.is_some() && !p.and_below);
    match pattern.and_then(|pattern| contract::routes().iter().position(|route| pattern.matches(route))) {
        Some(index) => Some(index),
        None => unknown_route(node, "one documented route such as GET /v1/patients/{id}", problems),
    }
}

fn unknown_route<T>(node: &Node, what: &str, problems: &mut Problems) -> Option<T> {
    let Some(text) = node.text() else { return problems.expected(node, what) };
    static ROUTES: LazyLock<Vec<String>> = LazyLock::new(|| {
        contract::routes().iter().map(|route| format!("{} {}", route.method, route.template)).collect()
    });
    match problems.nearest(text, ROUTES.iter().map(String::as_str)) {
        Some(near) => problems.expected(node, &format!("{what} (did you mean `{near}`?)")),
        None => problems.expected(node, what),
    }
}

fn fhir_type(node: &Node, problems: &mut Problems) -> Option<String> {
    let types = || contract::fhir::types().iter().map(|known| known.name);
    match types().find(|name| node.text() == Some(name)) {
        Some(name) => Some(name.to_owned()),
        None => problems.expected_word(node, "a FHIR R4 resource type such as Patient", types()),
    }
}

fn fhir_method(node: &Node, problems: &mut Problems) -> Option<http::Method> {
    const METHODS: [(&str, usize); 5] = [("GET", 0), ("POST", 1), ("PUT", 2), ("PATCH", 3), ("DELETE", 4)];
    use http::Method;
    let methods = [Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE];
    read::word(node, &METHODS, problems).and_then(|index| methods.get(index).cloned())
}

fn fhir_operation(node: &Node, problems: &mut Problems) -> Option<String> {
    let is_operation = |text: &&str| {
        text.len() <= 64
            && text.strip_prefix('$').is_some_and(|name| {
                name.starts_with(|c: char| c.is_ascii_lowercase())
                    && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            })
    };
    match node.text().filter(is_operation) {
        Some(text) => Some(text.to_owned()),
        None => problems.expected(node, "an operation with its dollar sign such as $everything"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_whole_templates() {
        let route = |text: &str| {
            let pattern = Pattern::parse(text);
            pattern
                .map_or(0, |pattern| contract::routes().iter().filter(|route| pattern.matches(route)).count())
        };
        assert_eq!(route("GET /v1/patients/{id}"), 1);
        assert_eq!(route("GET /v1/patients/{patientId}"), 1);
        assert_eq!(route("* /v1/patients"), 2);
        assert_eq!(route("* /v1/patients/**"), 5);
        assert_eq!(route("GET /v1/patient/**"), 0);
        assert_eq!(route("* /**"), contract::routes().len());
        assert_eq!(route("GET"), 0);
    }
}
