//! One exchange on record: who did what to which record and how it ended.
//!
//! A [`Record`] is opened with the request and writes itself exactly once: when the exchange settles it, or when the
//! exchange is dropped because the client hung up. Its fields are route templates, counts, and words
//! that only guards can make, so that no value of the request fits in.  Order, chaining and failure are the trail's.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use jiff::Timestamp;
use serde::Serialize;
use serde_json::Value;

use super::trail::{AuditFailed, Client, Receipt, Trail, fields_of, members};
use crate::contract::Operation;
use crate::guards::access::ActorBy;
use crate::guards::caller::container::ContainerId;
use crate::guards::opaque::{OpaqueId, PolicyName};
use crate::metrics::Metrics;
use crate::outcome::Code;
use crate::response::UpstreamRequestId;

/// Room for the usual line, so that it is written without growing.
const LINE_BYTES: usize = 512;

/// How an exchange ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ended {
    /// The upstream's answer was passed on, scrubbed where needed.
    Answered,
    /// The guard refused or failed the request.
    Refused(&'static str),
    /// The client hung up before there was an answer.
    ClientGone,
}

/// One exchange on record. Fields are filled in as they become known.
pub struct Record {
    trail: Arc<Trail>,
    metrics: Arc<Metrics>,
    started: Instant,
    at: Timestamp,
    pub request_id: Arc<str>,
    pub method: &'static str,
    pub caller: Option<PolicyName>,
    /// Of a caller on the unix socket.
    pub container: Option<ContainerId>,
    /// Whose keys are used.
    pub tenant: Option<PolicyName>,
    pub actor: Option<OpaqueId>,
    pub actor_by: Option<ActorBy>,
    pub role: Option<PolicyName>,
    /// The policy's reason for emergency access.
    pub break_glass: Option<PolicyName>,
    pub operation: Option<Operation>,
    pub resource: Option<&'static str>,
    pub resource_id: Option<OpaqueId>,
    pub route: Option<&'static str>,
    pub upstream_request_id: Option<UpstreamRequestId>,
    pub upstream_status: Option<u16>,
    pub key: Option<Arc<str>>,
    pub redactions: u64,
    /// The same by class.
    pub redacted: BTreeMap<&'static str, u64>,
    /// Codes of what guards in `observe` would have refused.
    pub observed: Vec<&'static str>,
    /// Names of the policy's exceptions that let PHI pass.
    pub exceptions: Vec<PolicyName>,
    written: bool,
    /// Its line may be collected and not be written yet.
    waiting: bool,
}

/// A line as it stands in the trail.
#[derive(Serialize)]
struct Line<'a> {
    event: &'static str,
    time: String,
    request_id: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_request_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    caller: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    container: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    tenant: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    actor_by: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    role: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    break_glass: Option<&'a str>,
    action: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    resource_id: Option<Cow<'a, str>>,
    method: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    route: Option<&'static str>,
    outcome: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<&'static str>,
    status: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    upstream_status: Option<u16>,
    redactions: u64,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    redacted: &'a BTreeMap<&'static str, u64>,
    #[serde(skip_serializing_if = "<[_]>::is_empty")]
    observed: &'a [&'static str],
    #[serde(skip_serializing_if = "Vec::is_empty")]
    exceptions: Vec<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<&'a str>,
    duration_us: u64,
}

impl Record {
    pub fn open(
        trail: &Arc<Trail>,
        metrics: &Arc<Metrics>,
        request_id: Arc<str>,
        method: &'static str,
    ) -> Record {
        trail.began();
        Record {
            trail: Arc::clone(trail),
            metrics: Arc::clone(metrics),
            started: Instant::now(),
            at: Timestamp::now(),
            request_id,
            method,
            caller: None,
            container: None,
            tenant: None,
            actor: None,
            actor_by: None,
            role: None,
            break_glass: None,
            operation: None,
            resource: None,
            resource_id: None,
            route: None,
            upstream_request_id: None,
            upstream_status: None,
            key: None,
            redactions: 0,
            redacted: BTreeMap::new(),
            observed: Vec::new(),
            exceptions: Vec::new(),
            written: false,
            waiting: false,
        }
    }

    /// What was read must not be shown without a record; what was written cannot be taken back.
    pub fn withheld(&self) -> Code {
        withheld(self.method)
    }

    pub fn started(&self) -> Instant {
        self.started
    }

    /// Writes the record and, where the policy asks for it, waits until it is on the disk. Fails only where the policy
    /// refuses requests without one; [`Record::withheld`] is then what the client is told, and what the trail says once
    /// it can be written again.
    pub async fn settle(&mut self, ended: Ended, status: u16) -> Result<(), AuditFailed> {
        let Some(receipt) = self.finish(ended, status, Client::Waits)? else { return Ok(()) };
        self.waiting = true;
        let durable = self.trail.durable(receipt).await;
        self.waiting = false;
        match durable {
            Ok(()) => Ok(()),
            Err(failed) => {
                tracing::error!(request_id = %self.request_id, "audit record did not reach the disk");
                self.failed(failed)
            }
        }
    }

    /// Writes the record; there is no receipt for one that was written before, or could not be and need not.
    fn finish(&mut self, ended: Ended, status: u16, client: Client) -> Result<Option<Receipt>, AuditFailed> {
        if self.written {
            return Ok(None);
        }
        self.written = true;
        let (outcome, reason) = match ended {
            Ended::Answered => ("answered", None),
            Ended::Refused(reason) => ("refused", Some(reason)),
            Ended::ClientGone => ("client_gone", None),
        };
        let mut line = Vec::with_capacity(LINE_BYTES);
        let written = serde_json::to_writer(&mut line, &self.line(outcome, reason, status));
        if written.is_err() {
            line.clear();
        }
        let withheld = || {
            let code = self.withheld();
            fields_of(&self.line("refused", Some(code.as_str()), code.status().as_u16()))
        };
        match self.trail.append(members(&line), client, withheld) {
            Ok(receipt) => {
                self.metrics.audit_records.inc();
                Ok(Some(receipt))
            }
            Err(failed) => {
                tracing::error!(request_id = %self.request_id, "audit record could not be written; kept for another try");
                self.failed(failed).map(|()| None)
            }
        }
    }

    fn failed(&self, failed: AuditFailed) -> Result<(), AuditFailed> {
        self.metrics.audit_failures.inc();
        if self.trail.refuses() { Err(failed) } else { Ok(()) }
    }

    fn line<'a>(&'a self, outcome: &'static str, reason: Option<&'static str>, status: u16) -> Line<'a> {
        Line {
            event: "exchange",
            time: format!("{:.6}", self.at),
            request_id: &self.request_id,
            upstream_request_id: self.upstream_request_id.as_ref().map(UpstreamRequestId::as_str),
            caller: self.caller.as_ref().map(PolicyName::as_str),
            container: self.container.map(|id| id.to_string()),
            tenant: self.tenant.as_ref().map(PolicyName::as_str),
            actor: self.actor.as_ref().map(OpaqueId::as_str),
            actor_by: self.actor_by.map(ActorBy::as_str),
            role: self.role.as_ref().map(PolicyName::as_str),
            break_glass: self.break_glass.as_ref().map(PolicyName::as_str),
            action: action(self.operation, self.method),
            resource: self.resource,
            resource_id: self
                .resource_id
                .as_ref()
                .and_then(|id| self.trail.resource_ids().shown(id.as_str())),
            method: self.method,
            route: self.route,
            outcome,
            reason,
            status,
            upstream_status: self.upstream_status,
            redactions: self.redactions,
            redacted: &self.redacted,
            observed: &self.observed,
            exceptions: self.exceptions.iter().map(PolicyName::as_str).collect(),
            key: self.key.as_deref(),
            duration_us: u64::try_from(self.started.elapsed().as_micros()).unwrap_or(u64::MAX),
        }
    }
}

impl Drop for Record {
    fn drop(&mut self) {
        if !self.written {
            let operation = self.operation.map_or("unknown", Operation::as_str);
            let labels = [operation, self.resource.unwrap_or("unknown"), "client_gone"];
            self.metrics.requests.with_label_values(&labels).inc();
        }
        // Nobody is left to tell of a failure; `finish` has counted and logged it.
        let _recorded = self.finish(Ended::ClientGone, 0, Client::Gone);
        if self.waiting {
            self.trail.write_out();
        }
        self.trail.ended();
    }
}

fn withheld(method: &str) -> Code {
    if matches!(method, "GET" | "HEAD") { Code::AuditUnavailable } else { Code::OutcomeUnknown }
}

/// The members of a line whose client is told of a failure after all. A refusal is told as it is.
pub(super) fn as_withheld(fields: &[u8]) -> Vec<u8> {
    let object = [b"{", fields, b"}"].concat();
    let Ok(mut line) = serde_json::from_slice::<serde_json::Map<String, Value>>(&object) else {
        return fields.to_vec();
    };
    if line.get("outcome").and_then(Value::as_str) != Some("answered") {
        return fields.to_vec();
    }
    let code = withheld(line.get("method").and_then(Value::as_str).unwrap_or_default());
    line.insert("outcome".into(), "refused".into());
    line.insert("reason".into(), code.as_str().into());
    line.insert("status".into(), code.status().as_u16().into());
    fields_of(&line)
}

/// The letters of the FHIR AuditEvent action value set, with S for search told apart from E.
fn action(operation: Option<Operation>, method: &str) -> &'static str {
    match operation {
        Some(Operation::Create) => "C",
        Some(Operation::Read) => "R",
        Some(Operation::Update) => "U",
        Some(Operation::Delete) => "D",
        Some(Operation::Search) => "S",
        Some(Operation::Bulk | Operation::Health | Operation::Metadata) => "E",
        Some(Operation::Fhir) | None => match method {
            "GET" | "HEAD" => "R",
            "POST" => "C",
            "PUT" | "PATCH" => "U",
            "DELETE" => "D",
            _ => "E",
        },
    }
}
