//! From segments to one route of the contract, and of the passthrough to one form of FHIR's RESTful API.

use http::Method;

use super::Reach;
use super::form::{invalid, is_id};
use crate::contract::fhir::{self, FhirType};
use crate::contract::{self, Match, Operation};
use crate::guards::routes::settings::RoutesSettings;
use crate::guards::routes::{FhirUse, SEARCH_BY_BODY};
use crate::outcome::{Code, Refusal};
use crate::phi::url::Of;
use crate::phi::url::value::reference_of;

/// A route found, before policy and values.
pub(super) struct Resolved<'a> {
    /// `None`: the contract has no such route.
    pub(super) index: Option<usize>,
    pub(super) template: &'static str,
    pub(super) operation: Operation,
    pub(super) resource: &'static str,
    pub(super) fhir_type: Option<&'static str>,
    /// Position of the id of the record among the segments.
    pub(super) id_at: Option<usize>,
    /// Position of a version id.
    version_at: Option<usize>,
    pub(super) by_body: bool,
    /// Of the passthrough: how it is used.
    usage: Option<FhirUse<'a>>,
    /// A second type in the path.
    pub(super) compartment: Option<&'static str>,
    /// The method of the request writes. Of the passthrough, a query then selects the record (`PUT /Patient?…`).
    pub(super) writes: bool,
}

pub(super) fn route<'a>(method: &Method, segments: &[&'a str]) -> Result<Resolved<'a>, Refusal> {
    let resolved = find(method, segments)?;
    // The ids go into the rebuilt path as they are, so their alphabet is checked whatever the mode.
    let ids = [resolved.id_at, resolved.version_at];
    if ids.into_iter().flatten().any(|at| !is_id(segments[at])) {
        return Err(invalid());
    }
    Ok(resolved)
}

/// The route alone, ids unseen.
pub(super) fn find<'a>(method: &Method, segments: &[&'a str]) -> Result<Resolved<'a>, Refusal> {
    let (index, by_body) = match contract::find(method, segments) {
        Match::Route { index, .. } => (index, false),
        Match::SearchByBody { index, .. } => (index, true),
        Match::MethodNotAllowed if method.as_str().bytes().any(|byte| byte.is_ascii_lowercase()) => {
            let said = "ClinikAPI documents this path, but methods are in capital letters.";
            return Err(Refusal::new(Code::MethodUnknown)
                .about(methods_of(segments))
                .saying(said.to_owned()));
        }
        Match::MethodNotAllowed => {
            return Err(Refusal::new(Code::MethodUnknown).about(methods_of(segments)));
        }
        Match::None if segments == ["v1", "health"] => {
            let said =
                "ClinikAPI documents no such path: the state of the service is at /health, beside /v1.";
            return Err(Refusal::new(Code::PathUnknown).saying(said.to_owned()));
        }
        Match::None => return Err(Code::PathUnknown.into()),
    };
    let route = &contract::routes()[index];
    let mut resolved = Resolved {
        index: Some(index),
        template: if by_body { route.search_by_body.unwrap_or(route.template) } else { route.template },
        operation: route.operation,
        resource: route.resource,
        fhir_type: route.fhir_type,
        id_at: None,
        version_at: None,
        by_body,
        usage: None,
        compartment: None,
        writes: !matches!(*method, Method::GET | Method::HEAD),
    };
    if route.resource == "fhir" {
        passthrough(&mut resolved, method, &segments[2..])?;
    } else if route.template.ends_with('}') {
        resolved.id_at = Some(segments.len() - 1);
    }
    Ok(resolved)
}

/// What to say of a method that a path does not take.
fn methods_of(segments: &[&str]) -> &'static str {
    let takes = |method| matches!(contract::find(&method, segments), Match::Route { .. });
    let [get, post, patch, delete] = [Method::GET, Method::POST, Method::PATCH, Method::DELETE].map(takes);
    match (get, post, patch, delete) {
        (true, true, false, false) => "the method, which may be GET or POST here",
        (true, false, true, true) => "the method, which may be GET, PATCH or DELETE here",
        (true, false, false, true) => "the method, which may be GET or DELETE here",
        (true, false, false, false) => "the method, which may be GET here",
        (false, true, false, false) => "the method, which may be POST here",
        _ => "the method, which may be GET, POST, PUT, PATCH or DELETE here",
    }
}

/// Reads what stands below `/v1/fhir`.
fn passthrough<'a>(resolved: &mut Resolved<'a>, method: &Method, path: &[&'a str]) -> Result<(), Code> {
    let get = *method == Method::GET;
    let post = *method == Method::POST;
    resolved.fhir_type = None;
    let (template, operation, usage) = match path {
        [] if post => ("/v1/fhir", Operation::Fhir, FhirUse::Batch),
        ["metadata"] if get => ("/v1/fhir/metadata", Operation::Metadata, FhirUse::Metadata),
        ["_history"] if get => ("/v1/fhir/_history", Operation::Read, FhirUse::History),
        [name] if name.starts_with('$') => {
            ("/v1/fhir/{operation}", Operation::Fhir, FhirUse::Operation(name))
        }
        [] | ["metadata" | "_history"] => return Err(Code::MethodUnknown),
        [name, rest @ ..] => {
            let fhir_type = fhir::fhir_type(name).ok_or(Code::PathUnknown)?;
            resolved.fhir_type = Some(fhir_type.name);
            resolved.resource = fhir_type.name;
            below_type(resolved, fhir_type, method, rest)?
        }
    };
    resolved.template = template;
    resolved.operation = operation;
    resolved.usage = Some(usage);
    Ok(())
}

fn below_type<'a>(
    resolved: &mut Resolved<'a>,
    fhir_type: &'static FhirType,
    method: &Method,
    rest: &[&'a str],
) -> Result<(&'static str, Operation, FhirUse<'a>), Code> {
    use fhir::Form;
    let get = *method == Method::GET;
    let on_record = match *method {
        Method::GET => Ok(Operation::Read),
        Method::PUT | Method::PATCH => Ok(Operation::Update),
        Method::DELETE => Ok(Operation::Delete),
        _ => Err(Code::MethodUnknown),
    };
    let (form, operation, usage) = match rest {
        [] => match *method {
            Method::GET => (Form::Type, Operation::Search, FhirUse::Plain),
            Method::POST => (Form::Type, Operation::Create, FhirUse::Plain),
            _ => (Form::Type, on_record?, FhirUse::Conditional),
        },
        ["_search"] => {
            if !resolved.by_body {
                return Err(Code::MethodUnknown);
            }
            (Form::Search, Operation::Search, FhirUse::SearchByBody)
        }
        ["_history"] if get => (Form::TypeHistory, Operation::Read, FhirUse::History),
        [name] if name.starts_with('$') => (Form::TypeOperation, Operation::Fhir, FhirUse::Operation(name)),
        [_] => {
            resolved.id_at = Some(3);
            (Form::Instance, on_record?, FhirUse::Plain)
        }
        [_, "_history"] if get => {
            resolved.id_at = Some(3);
            (Form::InstanceHistory, Operation::Read, FhirUse::History)
        }
        [_, "_history", _] if get => {
            resolved.id_at = Some(3);
            resolved.version_at = Some(5);
            (Form::Version, Operation::Read, FhirUse::History)
        }
        [_, name] if name.starts_with('$') => {
            resolved.id_at = Some(3);
            (Form::InstanceOperation, Operation::Fhir, FhirUse::Operation(name))
        }
        [_, other] if get => {
            resolved.id_at = Some(3);
            resolved.compartment = Some(fhir::fhir_type(other).ok_or(Code::PathUnknown)?.name);
            (Form::Compartment, Operation::Search, FhirUse::Plain)
        }
        _ => return Err(Code::PathUnknown),
    };
    Ok((fhir_type.template(form), operation, usage))
}

impl Resolved<'_> {
    /// What stands for a route the contract does not have. Methods that are no operation on a resource have none.
    pub(super) fn unmatched(method: &Method) -> Option<Resolved<'static>> {
        let operation = match *method {
            Method::GET | Method::HEAD => Operation::Read,
            Method::POST => Operation::Create,
            Method::PUT | Method::PATCH => Operation::Update,
            Method::DELETE => Operation::Delete,
            _ => return None,
        };
        Some(Resolved {
            index: None,
            template: "unmatched",
            operation,
            resource: "unknown",
            fhir_type: None,
            id_at: None,
            version_at: None,
            by_body: false,
            usage: None,
            compartment: None,
            writes: !matches!(*method, Method::GET | Method::HEAD),
        })
    }

    /// What closes it, a key of the policy as a rule. An undocumented route was noted when it was not found. What depends on
    /// the query is asked by [`Resolved::may_select`].
    pub(super) fn closed_by(&self, routes: &RoutesSettings, method: &Method) -> Option<&'static str> {
        let types = [self.fhir_type.unwrap_or(""), self.compartment.unwrap_or("")];
        let count = usize::from(self.fhir_type.is_some()) + usize::from(self.compartment.is_some());
        let by_body = (self.by_body && !routes.search_by_body).then_some(SEARCH_BY_BODY);
        by_body
            .or_else(|| self.index.and_then(|index| routes.route_closed_by(index)))
            .or_else(|| self.usage.and_then(|usage| routes.fhir_closed_by(method, &types[..count], usage)))
    }

    pub(super) fn is_batch(&self) -> bool {
        self.usage == Some(FhirUse::Batch)
    }

    /// May a query choose the record that is written?
    pub(super) fn may_select(&self, routes: &RoutesSettings) -> bool {
        let plain_write = self.usage == Some(FhirUse::Plain) && self.writes;
        !plain_write || routes.fhir.conditional
    }

    /// Whose records the path alone can bring.
    pub(super) fn reach(&self) -> Reach {
        let fhir = match self.usage {
            Some(FhirUse::Operation(name)) => name != "$validate",
            Some(FhirUse::Batch) => true,
            // A history of everything names no type.
            Some(FhirUse::History) => self.fhir_type.is_none(),
            _ => false,
        };
        if fhir || self.index.is_none() || self.operation == Operation::Bulk {
            Reach::Any
        } else {
            Reach::Named
        }
    }

    /// The ids in the path, with whose they are.
    pub(super) fn ids<'s>(&self, segments: &[&'s str]) -> impl Iterator<Item = (&'s str, Of)> {
        let of = match self.resource {
            "bulk" => Of::Thing,
            _ => self.fhir_type.map_or(Of::Thing, reference_of),
        };
        let at = |position: Option<usize>| position.and_then(|at| segments.get(at).copied());
        let (id, version) = (at(self.id_at), at(self.version_at));
        id.map(|id| (id, of)).into_iter().chain(version.map(|id| (id, Of::Thing)))
    }
}
