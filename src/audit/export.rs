//! Renders records for other eyes: CSV for a spreadsheet, FHIR R4 `AuditEvent` for a record repository.
//!
//! Owns the reading of a record from its line and both forms; choosing and writing is the command's. Pure.

use serde::Deserialize;
use serde_json::{Value, json};

use super::ids;
use crate::contract;

/// One exchange, read back.
#[derive(Clone, Debug, Deserialize, PartialEq, Eq)]
pub struct Exchange {
    pub seq: u64,
    pub time: String,
    pub request_id: String,
    pub upstream_request_id: Option<String>,
    pub caller: Option<String>,
    pub container: Option<String>,
    pub tenant: Option<String>,
    pub actor: Option<String>,
    pub actor_by: Option<String>,
    pub role: Option<String>,
    pub break_glass: Option<String>,
    pub action: String,
    pub resource: Option<String>,
    pub resource_id: Option<String>,
    pub method: String,
    pub route: Option<String>,
    pub outcome: String,
    pub reason: Option<String>,
    pub status: u16,
    pub upstream_status: Option<u16>,
    pub redactions: u64,
    #[serde(default)]
    pub observed: Vec<String>,
    #[serde(default)]
    pub exceptions: Vec<String>,
    pub key: Option<String>,
    pub duration_us: u64,
}

/// Who vouched for the actor: `header` or `token`. R4 has no element for it.
const ACTOR_BY: &str = "urn:clinik-guard:actor-by";

pub const CSV_HEADER: &str = "seq,time,actor,actor_by,role,break_glass,caller,container,tenant,action,resource,resource_id,method,route,outcome,reason,status,\
upstream_status,redactions,observed,exceptions,request_id,upstream_request_id,key,duration_us,chain";

impl Exchange {
    /// `None` for a line that is no exchange.
    pub fn read(line: &[u8]) -> Option<Exchange> {
        serde_json::from_slice(line).ok()
    }

    /// Whether it reached a record and does not say which.
    pub fn names_no_record(&self) -> bool {
        let of_one = self.route.as_deref().is_some_and(|route| route.contains('{'));
        of_one && self.resource_id.is_none() && self.outcome == "answered"
    }

    /// One row, without line end (RFC 4180). With the chain, since numbers begin anew in each.
    pub fn to_csv(&self, chain: &str) -> String {
        let optional = |text: &Option<String>| text.clone().unwrap_or_default();
        [
            self.seq.to_string(),
            self.time.clone(),
            optional(&self.actor),
            optional(&self.actor_by),
            optional(&self.role),
            optional(&self.break_glass),
            optional(&self.caller),
            optional(&self.container),
            optional(&self.tenant),
            self.action.clone(),
            optional(&self.resource),
            optional(&self.resource_id),
            self.method.clone(),
            optional(&self.route),
            self.outcome.clone(),
            optional(&self.reason),
            self.status.to_string(),
            self.upstream_status.map(|status| status.to_string()).unwrap_or_default(),
            self.redactions.to_string(),
            self.observed.join(" "),
            self.exceptions.join(" "),
            self.request_id.clone(),
            optional(&self.upstream_request_id),
            optional(&self.key),
            self.duration_us.to_string(),
            chain.to_owned(),
        ]
        .map(|field| csv_field(&field))
        .join(",")
    }

    /// A FHIR R4 `AuditEvent` (<https://hl7.org/fhir/R4/auditevent.html>): the actor requested, the caller's machine
    /// carried it, the guard observed.
    pub fn to_fhir(&self, chain: &str) -> Value {
        let (action, interaction) = match self.action.as_str() {
            "C" => ("C", Some(("create", "create"))),
            "R" => ("R", Some(("read", "read"))),
            "U" => ("U", Some(("update", "update"))),
            "D" => ("D", Some(("delete", "delete"))),
            // R4 records a search as the execution of a query.
            "S" => ("E", Some(("search-type", "search-type"))),
            _ => ("E", None),
        };
        let mut event = json!({
            "resourceType": "AuditEvent",
            "id": format!("{chain}-{}", self.seq),
            "type": coding("http://terminology.hl7.org/CodeSystem/audit-event-type", "rest", "RESTful Operation"),
            "action": action,
            "recorded": self.time,
            "outcome": self.fhir_outcome(),
            "agent": self.fhir_agents(),
            "source": {
                "observer": {"display": "clinik-guard"},
                "type": [coding("http://terminology.hl7.org/CodeSystem/security-source-type", "4", "Application Server")],
            },
        });
        if let Some((code, display)) = interaction {
            event["subtype"] = json!([coding("http://hl7.org/fhir/restful-interaction", code, display)]);
        }
        if let Some(reason) = &self.reason {
            event["outcomeDesc"] = json!(reason);
        }
        if self.break_glass.is_some() {
            let system = "http://terminology.hl7.org/CodeSystem/v3-ActReason";
            event["purposeOfEvent"] = json!([{"coding": [coding(system, "BTG", "break the glass")]}]);
        }
        let entities: Vec<Value> = self.fhir_entity().into_iter().chain(self.fhir_tenant()).collect();
        if !entities.is_empty() {
            event["entity"] = entities.into();
        }
        event
    }

    /// 0 success, 4 the request failed, 8 the service failed.
    fn fhir_outcome(&self) -> &'static str {
        match (self.outcome.as_str(), self.status) {
            ("answered", 200..=299) => "0",
            (_, 500..) => "8",
            _ => "4",
        }
    }

    fn fhir_agents(&self) -> Value {
        let mut agents = Vec::new();
        if let Some(actor) = &self.actor {
            let mut agent = json!({
                "who": {"identifier": {"value": actor}},
                "requestor": true,
            });
            if let Some(role) = &self.role {
                agent["role"] = json!([{"text": role}]);
            }
            if let Some(by) = &self.actor_by {
                agent["extension"] = json!([{"url": ACTOR_BY, "valueCode": by}]);
            }
            agents.push(agent);
        }
        let mut caller = json!({
            "type": {"coding": [coding("http://dicom.nema.org/resources/ontology/DCM", "110153", "Source Role ID")]},
            "who": {"identifier": {"value": self.caller.as_deref().unwrap_or("unknown")}},
            "requestor": self.actor.is_none(),
        });
        if let Some(container) = &self.container {
            // 1 is the name of a machine.
            caller["network"] = json!({"address": container, "type": "1"});
        }
        agents.push(caller);
        Value::Array(agents)
    }

    /// The organisation whose keys were used.
    fn fhir_tenant(&self) -> Option<Value> {
        Some(json!({
            "what": {"type": "Organization", "identifier": {"value": self.tenant.as_ref()?}},
            "type": coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "3", "Organization"),
            "role": coding("http://terminology.hl7.org/CodeSystem/object-role", "19", "Customer"),
        }))
    }

    fn fhir_entity(&self) -> Option<Value> {
        let resource = self.resource.as_deref()?;
        let mut entity = json!({
            "type": coding("http://terminology.hl7.org/CodeSystem/audit-entity-type", "2", "System Object"),
            "description": self.route.as_deref().unwrap_or(resource),
        });
        if self.action == "S" {
            entity["role"] = coding("http://terminology.hl7.org/CodeSystem/object-role", "24", "Query");
        }
        let fhir_type = contract::type_of_resource(resource);
        match (&self.resource_id, fhir_type) {
            // No server resolves a pseudonym.
            (Some(code), Some(fhir_type)) if ids::is_pseudonym(code) => {
                entity["what"] = json!({"type": fhir_type, "identifier": {"value": code}});
            }
            (Some(id), Some(fhir_type)) => entity["what"] = json!({"reference": format!("{fhir_type}/{id}")}),
            (Some(id), None) => entity["what"] = json!({"identifier": {"value": id}, "display": resource}),
            (None, Some(fhir_type)) => entity["what"] = json!({"type": fhir_type, "display": resource}),
            (None, None) => entity["what"] = json!({"display": resource}),
        }
        Some(entity)
    }
}

fn coding(system: &str, code: &str, display: &str) -> Value {
    json!({"system": system, "code": code, "display": display})
}

/// Quoted where it has to be; a leading sign that a spreadsheet takes for a formula is disarmed.
fn csv_field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r']);
    if formula || text.contains([',', '"', '\n', '\r']) {
        let mark = if formula { "'" } else { "" };
        format!("\"{mark}{}\"", text.replace('"', "\"\""))
    } else {
        text.to_owned()
    }
}

#[cfg(test)]
mod tests;
