//! The guard on the request target: one decision from METHOD and TARGET to a [`CleanTarget`] or a refusal.
//!
//! Owns the order of the checks, which is a security property: length, form, decoding until stable, the route of the
//! contract, what the policy allows of it, credentials, ids, parameters. Each step works only on what the one before
//! has made sure of. PHI wins over other faults: a target that is refused anyway is looked through for PHI as far as
//! it decodes, because "you are leaking" is the more urgent answer; it is reported as `PHI_IN_URL` then. A credential
//! wins over both.
//!
//! Does not read bodies, except to build the query of a search by body ([`search`]) and to judge the requests in a
//! batch ([`batch`]). `observe` and `off` of
//! `guards.url` apply to length, PHI and credentials, those of `guards.routes` to what the policy allows and to
//! routes the contract does not have: such a request goes on as `unmatched`, every segment and parameter looked at as
//! something nobody declared. A fault of form (`INVALID_TARGET`) ends a request in every mode: what cannot be read
//! one way only cannot be checked, and the upstream could read it another way than whatever was decided here.
//!
//! Invariants: nothing of the request is printable from here: [`CleanTarget`] shows its template, refusals name
//! parameters of our own vocabulary. The upstream path is rebuilt from decoded segments of `[A-Za-z0-9._$-]`.

mod batch;
mod explain;
mod form;
mod place;
mod query;
mod resolve;
mod search;
pub mod settings;

use std::borrow::Cow;
use std::fmt;
use std::ops::Range;
use std::sync::OnceLock;

use http::Method;

use crate::contract::Operation;
use crate::guards::opaque::OpaqueId;
use crate::guards::routes::settings::RoutesSettings;
use crate::guards::routes::{CHAINS, CONDITIONAL};
use crate::guards::{Mode, Observed};
use crate::outcome::{Code, Refusal};
use crate::phi::url::{Lens, UrlFinding, keys};
use crate::phi::{Class, Engine, KeyClass};
pub use explain::Explanation;
use form::Form;
use place::Place;
use query::Context;
use resolve::Resolved;
use settings::UrlSettings;

/// Whose records an answer can hold, or a search can ask about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Reach {
    /// Those of the resource in the path, and of the compartment's type.
    Named,
    /// Others too: includes, chains, `$everything`, bulk, batches.
    Any,
}

/// A target that passed the guard. Only its template may be printed.
pub struct CleanTarget {
    /// `None`: the contract has no such route.
    route: Option<usize>,
    template: &'static str,
    operation: Operation,
    resource: &'static str,
    fhir_type: Option<&'static str>,
    /// Bytes of `path_and_query`.
    id: Option<Range<usize>>,
    path_and_query: String,
    by_body: bool,
    batch: bool,
    writes: bool,
    compartment: Option<&'static str>,
    reach: Reach,
    exceptions: Vec<usize>,
    /// Decoded when an error has to be scrubbed, which most targets never see.
    echo: OnceLock<Vec<(KeyClass, String)>>,
}

impl CleanTarget {
    /// Index into `contract::routes()`; for a search by body that of the GET search it becomes. `None` when the
    /// contract has no such route and `guards.routes` does not enforce.
    pub fn route_index(&self) -> Option<usize> {
        self.route
    }

    /// The only printable form: the path with `{id}` for what varies. Of the passthrough, with the R4 type.
    pub fn template(&self) -> &'static str {
        self.template
    }

    /// What the request does; on the passthrough what it amounts to (`GET /v1/fhir/Patient/{id}` is a read).
    pub fn operation(&self) -> Operation {
        self.operation
    }

    /// A word of a closed set: the contract's resource, or the R4 type on the passthrough.
    pub fn resource(&self) -> &'static str {
        self.resource
    }

    /// The R4 type concerned, if it is one.
    pub fn fhir_type(&self) -> Option<&'static str> {
        self.fhir_type
    }

    /// The id of the record for the audit line. Only an enforcing guard vouches that it is opaque.
    pub fn id_on_record(&self, url: &UrlSettings) -> Option<OpaqueId> {
        (url.mode == Mode::Enforce).then(|| self.resource_id().and_then(OpaqueId::of)).flatten()
    }

    fn resource_id(&self) -> Option<&str> {
        self.id.clone().and_then(|span| self.path_and_query.get(span))
    }

    /// What is sent upstream: the path rebuilt from decoded segments, the query byte for byte.
    pub fn path_and_query(&self) -> &str {
        &self.path_and_query
    }

    pub fn is_search_by_body(&self) -> bool {
        self.by_body
    }

    /// Its body holds requests of their own: [`TargetGuard::batch`] judges them.
    pub fn is_batch(&self) -> bool {
        self.batch
    }

    /// Whether ClinikAPI may change something: by the method that is sent, so a search by body is a read.
    pub fn writes(&self) -> bool {
        self.writes
    }

    /// The type that is searched, where the resource only says in whose compartment.
    pub fn compartment(&self) -> Option<&'static str> {
        self.compartment
    }

    pub fn reach(&self) -> Reach {
        self.reach
    }

    /// Indices of the exceptions of `guards.url` that let PHI pass.
    pub fn exceptions_used(&self) -> &[usize] {
        &self.exceptions
    }

    /// Decoded values of the target, for the request echo.
    pub fn echo_values(&self) -> impl Iterator<Item = (KeyClass, &str)> {
        let values = self.echo.get_or_init(|| query::echo(self));
        values.iter().map(|(class, value)| (*class, value.as_str()))
    }
}

impl fmt::Debug for CleanTarget {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CleanTarget").field("template", &self.template).finish_non_exhaustive()
    }
}

/// The guard, with what it needs of one policy snapshot.
#[derive(Clone, Copy)]
pub struct TargetGuard<'a> {
    pub engine: &'a Engine,
    pub url: &'a UrlSettings,
    pub routes: &'a RoutesSettings,
    /// Decides whether an exception still holds.
    pub now_unix: u64,
}

/// What the path of a target asks for, whatever is wrong with the rest of it. Words of the contract only.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Asked {
    pub template: &'static str,
    pub operation: Operation,
    pub resource: &'static str,
}

impl TargetGuard<'_> {
    /// The documented route that a target asks for, if its path can be read. For the record of a target that is refused.
    pub fn asked(method: &Method, target: &str) -> Option<Asked> {
        let path = Form::read(target).ok()?.path().ok()?;
        let mut segments = [""; form::SEGMENTS_MAX];
        let segments = form::segments(&path, method, &mut segments).ok()?;
        let Resolved { template, operation, resource, .. } = resolve::find(method, segments).ok()?;
        Some(Asked { template, operation, resource })
    }

    /// Judges a target as the client sent it: origin form or absolute form.
    pub fn check(
        &self,
        method: &Method,
        target: &str,
        observed: &mut Observed,
    ) -> Result<CleanTarget, Refusal> {
        if target.len() > self.url.uri_bytes_max {
            self.url.mode.refuse(Refusal::new(Code::UriTooLong), observed)?;
        }
        self.inspect(method, target, observed).or_else(|fault| {
            let of_route = fault.code.is_undocumented() || fault.code == Code::RouteNotAllowed;
            if of_route || fault.code == Code::InvalidTarget {
                self.look_through(target, observed)?;
            }
            Err(fault)
        })
    }

    fn inspect(
        &self,
        method: &Method,
        target: &str,
        observed: &mut Observed,
    ) -> Result<CleanTarget, Refusal> {
        let form = Form::read(target)?;
        let path = form.path()?;
        let mut segments = [""; form::SEGMENTS_MAX];
        let segments = form::segments(&path, method, &mut segments)?;
        let resolved = self.resolved(method, segments, observed)?;
        if let Some(key) = resolved.closed_by(self.routes, method) {
            self.not_allowed(key, observed)?;
        }
        let mut exceptions = Vec::new();
        let mut reaches_others = false;
        if self.url.mode != Mode::Off {
            let decoded = match &path {
                Cow::Owned(path) => Some(path.as_str()),
                Cow::Borrowed(_) => None,
            };
            if keys::holds_key(target) || decoded.is_some_and(keys::holds_key) {
                self.key_found(query::place_of_key(target, Context::of(&resolved)), observed)?;
            }
            let mut lens = Lens::new(self.engine);
            if resolved.index.is_none() {
                query::look_at_path(&path, &mut lens, &mut None);
            }
            for (id, of) in resolved.ids(segments) {
                lens.id(id, of);
            }
            self.no_phi(&lens.findings, Place::Path, observed)?;
        }
        if let Some(query) = form.query {
            let context = Context::of(&resolved);
            let used = self.query(query, context, observed)?;
            if used.chained && !self.routes.fhir.chains {
                self.not_allowed(CHAINS, observed)?;
            }
            if used.selects && !resolved.may_select(self.routes) {
                self.not_allowed(CONDITIONAL, observed)?;
            }
            reaches_others = used.reaches_others;
            exceptions = used.exceptions;
        }
        let mut clean = resolved.clean(segments, form.query, exceptions);
        if reaches_others {
            clean.reach = Reach::Any;
        }
        Ok(clean)
    }

    /// The route, or what stands for one where undocumented routes are not refused.
    fn resolved<'s>(
        &self,
        method: &Method,
        segments: &[&'s str],
        observed: &mut Observed,
    ) -> Result<Resolved<'s>, Refusal> {
        match resolve::route(method, segments) {
            Err(fault) if fault.code.is_undocumented() => {
                let unmatched = Resolved::unmatched(method).ok_or_else(|| fault.clone())?;
                self.routes.mode.refuse(fault, observed)?;
                Ok(unmatched)
            }
            outcome => outcome,
        }
    }

    /// `key` is what closes the route: as a rule a key of the policy.
    fn not_allowed(&self, key: &'static str, observed: &mut Observed) -> Result<(), Refusal> {
        self.routes.mode.refuse(Refusal::new(Code::RouteNotAllowed).about(key), observed)
    }

    fn key_found(&self, place: Place, observed: &mut Observed) -> Result<(), Refusal> {
        self.url.mode.refuse(place.holds_key().with_classes(vec![Class::ApiKey]), observed)
    }

    /// Turns findings into a refusal. A credential among them outweighs the rest, and `place` is its place then.
    fn no_phi(&self, findings: &[UrlFinding], place: Place, observed: &mut Observed) -> Result<(), Refusal> {
        if findings.is_empty() {
            return Ok(());
        }
        let mut classes: Vec<Class> = findings.iter().map(|finding| finding.class).collect();
        classes.sort_unstable();
        classes.dedup();
        if classes.contains(&Class::ApiKey) {
            return self.url.mode.refuse(place.holds_key().with_classes(classes), observed);
        }
        let own = &self.engine.settings().custom;
        let rule = findings.iter().find_map(|finding| own.iter().find(|rule| rule.id == finding.rule));
        let refusal = place.refusal(rule.map(|rule| rule.id.as_str()));
        self.url.mode.refuse(refusal.with_classes(classes), observed)
    }

    /// Looks for credentials and PHI in a target that is refused for another fault, as far as it decodes.
    fn look_through(&self, target: &str, observed: &mut Observed) -> Result<(), Refusal> {
        if self.url.mode == Mode::Off {
            return Ok(());
        }
        if keys::holds_key(target) {
            let path = target.split(['?', '#']).next().unwrap_or_default();
            let context = query::look_at_path(path, &mut Lens::new(self.engine), &mut None);
            return self.key_found(query::place_of_key(target, context), observed);
        }
        let (findings, place) = query::look_through(self.engine, target);
        self.no_phi(&findings, place, observed)
    }
}

impl Resolved<'_> {
    fn clean(self, segments: &[&str], query: Option<&str>, exceptions: Vec<usize>) -> CleanTarget {
        let (path_and_query, id) = form::rebuild(segments, self.id_at, query);
        CleanTarget {
            route: self.index,
            template: self.template,
            operation: self.operation,
            resource: self.resource,
            fhir_type: self.fhir_type,
            id,
            path_and_query,
            by_body: self.by_body,
            batch: self.is_batch(),
            writes: self.writes && !self.by_body,
            compartment: self.compartment,
            reach: self.reach(),
            exceptions,
            echo: OnceLock::new(),
        }
    }
}

#[cfg(test)]
mod tests;
