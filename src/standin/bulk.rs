//! Bulk export, import and their jobs. Work is done at once; a job is asked for afterwards, as with the API.

use std::collections::VecDeque;

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::call::{Call, error};
use super::limits::Limits;
use super::store::{Form, Store, Written};
use super::{ids, resources};

const JOBS_MAX: usize = 1000;
const RECORDS_MAX: usize = 10_000;
const ERRORS_MAX: usize = 100;

/// Jobs, the oldest dropped first.
#[derive(Default)]
pub(crate) struct Jobs {
    jobs: VecDeque<(String, Value)>,
}

pub(crate) fn answer(call: &Call, limits: &mut Limits, jobs: &mut Jobs, store: &mut Store) -> Answer {
    let path: Vec<&str> = call.path.iter().skip(1).map(String::as_str).collect();
    match (call.method.as_str(), path.as_slice()) {
        ("GET" | "HEAD", ["jobs", id]) => match jobs.jobs.iter().find(|(job, _)| job == id) {
            Some((_, job)) => call.success(200, job),
            None => call.not_found("Job"),
        },
        ("POST", [kind @ ("export" | "import")]) => {
            if !limits.take_bulk(call.moment) {
                let message = "Bulk operations are limited to 5 per hour";
                return error(429, "Too Many Requests", message, Some("RATE_LIMITED"), &call.request_id);
            }
            let job = if *kind == "export" { export(call, store) } else { import(call, limits, store) };
            job.map_or_else(|refused| refused, |job| jobs.start(kind, job))
        }
        _ => call.not_found("Route"),
    }
}

impl Jobs {
    fn start(&mut self, kind: &str, mut job: Value) -> Answer {
        let id = ids::job_id();
        job["id"] = json!(id);
        job["type"] = json!(kind);
        if kind == "export" {
            // A secret link on another host, never reachable through a proxy before the API alone.
            job["downloadUrl"] = json!(format!(
                "https://exports.clinikapi.example/org_7c2f/{id}.ndjson?X-Amz-Expires=3600&X-Amz-Signature=3f1c"
            ));
        }
        if self.jobs.len() == JOBS_MAX {
            self.jobs.pop_front();
        }
        self.jobs.push_back((id.clone(), job));
        let title = if kind == "export" { "Export" } else { "Import" };
        // The documented answer has no `meta`.
        let data = json!({"jobId": id, "status": "pending", "message": format!("{title} job started")});
        Answer::json(202, &json!({"data": data}))
    }
}

fn export(call: &Call, store: &Store) -> Result<Value, Answer> {
    let fields = call.object()?;
    let Some(types) = fields.get("resourceTypes").and_then(Value::as_array) else {
        return Err(call.invalid("export", &["resourceTypes: Required".to_owned()]));
    };
    let total: usize =
        types.iter().filter_map(Value::as_str).map(|fhir_type| store.of_type(fhir_type).count()).sum();
    Ok(json!({"status": "completed", "totalRecords": total, "processedRecords": total, "errors": []}))
}

fn import(call: &Call, limits: &mut Limits, store: &mut Store) -> Result<Value, Answer> {
    let fields = call.object()?;
    let text = |name: &str| fields.get(name).and_then(Value::as_str);
    let (Some(fhir_type), Some(data)) = (text("resourceType"), text("data")) else {
        return Err(call.invalid("import", &["resourceType, data: Required".to_owned()]));
    };
    let lines: Vec<&str> =
        data.lines().filter(|line| !line.trim().is_empty()).take(RECORDS_MAX + 1).collect();
    if lines.len() > RECORDS_MAX {
        return Err(call.invalid("import", &["data: at most 10000 records".to_owned()]));
    }
    let required = resources::of_type(fhir_type).map_or(&[][..], |resource| resource.required);
    let (mut processed, mut errors) = (0, Vec::new());
    for (number, line) in lines.iter().enumerate() {
        let record = serde_json::from_str(line).ok().and_then(|value| match value {
            Value::Object(fields) => Some(fields),
            _ => None,
        });
        let form_of = |fields: &Map<String, Value>| {
            if fields.contains_key("resourceType") { Form::Fhir } else { Form::Simple }
        };
        let form = record.as_ref().map(form_of);
        let complete = record.filter(|fields| {
            form == Some(Form::Fhir) || required.iter().all(|name| fields.contains_key(*name))
        });
        if let (Some(fields), Some(form)) = (complete, form) {
            processed += 1;
            store.put(fhir_type, &ids::uuid(), Written::new(form, fields, line.len()), &call.moment.iso());
        } else if errors.len() < ERRORS_MAX {
            let quoted: String = if call.careless { line.chars().take(200).collect() } else { String::new() };
            errors.push(format!("line {}: invalid record {quoted}", number + 1).trim_end().to_owned());
        }
    }
    limits.charge(call.budget.test_key, processed);
    let status = if processed == 0 && !errors.is_empty() { "failed" } else { "completed" };
    Ok(json!({
        "status": status, "totalRecords": lines.len(), "processedRecords": processed, "errors": errors,
    }))
}
