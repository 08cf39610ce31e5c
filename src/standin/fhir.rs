//! The passthrough `/v1/fhir/…`: bare FHIR on the same store, `OperationOutcome` for errors.

use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::api::{bundle_with_includes, page_size};
use super::call::{Call, pairs};
use super::search::{Fit, fits_fhir};
use super::store::{Form, Record, Store, Written};
use super::{ids, patch, shape};

pub(crate) fn answer(call: &Call, store: &mut Store) -> Answer {
    let path: Vec<&str> = call.path.iter().skip(1).map(String::as_str).collect();
    if path.first().is_some_and(|fhir_type| *fhir_type != "metadata" && !is_type(fhir_type)) {
        return outcome(404, "not-supported", "Unknown resource type");
    }
    let result = match (call.method.as_str(), path.as_slice()) {
        ("GET" | "HEAD", ["metadata"]) => Ok(Answer::fhir(200, &capability_statement())),
        ("GET" | "HEAD", [fhir_type]) => Ok(search(call, fhir_type, &call.query, store)),
        ("POST", [fhir_type, "_search"]) => {
            let form = pairs(&String::from_utf8_lossy(&call.body));
            Ok(search(call, fhir_type, &form, store))
        }
        ("POST", [_, "$validate"]) => {
            Ok(outcome_of("information", 200, "informational", "No issues detected"))
        }
        ("POST", [fhir_type]) => create(call, fhir_type, store),
        ("GET" | "HEAD", [fhir_type, id]) => Ok(read(call, fhir_type, id, store)),
        ("PUT", [fhir_type, id]) => put(call, fhir_type, id, store),
        ("PATCH", [fhir_type, id]) => update(call, fhir_type, id, store),
        ("DELETE", [fhir_type, id]) => Ok(delete(call, fhir_type, id, store)),
        ("GET" | "HEAD" | "POST", [fhir_type, id, "$everything"]) => {
            Ok(everything(call, fhir_type, id, store))
        }
        ("GET" | "HEAD", [fhir_type, id, "_history"]) => Ok(history(call, fhir_type, id, store)),
        _ => Ok(outcome(404, "not-supported", "Unknown interaction")),
    };
    result.unwrap_or_else(|refused| refused)
}

fn create(call: &Call, fhir_type: &str, store: &mut Store) -> Result<Answer, Answer> {
    let fields = resource(call, fhir_type)?;
    let written = Written::new(Form::Fhir, fields, call.body.len());
    let record = store.put(fhir_type, &ids::uuid(), written, &call.moment.iso());
    Ok(written_answer(201, record))
}

fn read(call: &Call, fhir_type: &str, id: &str, store: &Store) -> Answer {
    match store.find(fhir_type, id) {
        Some(record) => Answer::fhir(200, &shape::fhir(record))
            .header("etag", format!("W/\"{}\"", record.version))
            .header("last-modified", call.moment.iso()),
        None => unknown(fhir_type, id),
    }
}

fn put(call: &Call, fhir_type: &str, id: &str, store: &mut Store) -> Result<Answer, Answer> {
    let fields = resource(call, fhir_type)?;
    let written = Written::new(Form::Fhir, fields, call.body.len());
    let now = call.moment.iso();
    if store.find(fhir_type, id).is_some() {
        return Ok(store
            .update(fhir_type, id, written, &now)
            .map_or_else(|| unknown(fhir_type, id), |record| written_answer(200, record)));
    }
    Ok(written_answer(201, store.put(fhir_type, id, written, &now)))
}

fn update(call: &Call, fhir_type: &str, id: &str, store: &mut Store) -> Result<Answer, Answer> {
    let value = json_body(call)?;
    let mut document = store.find(fhir_type, id).map(shape::fhir).ok_or_else(|| unknown(fhir_type, id))?;
    let applied = match value {
        Value::Array(operations) => patch::apply(&mut document, &operations),
        Value::Object(partial) => document.as_object_mut().map(|fields| patch::merge(fields, partial)),
        _ => None,
    };
    let (Some(()), Value::Object(fields)) = (applied, document) else {
        return Err(outcome(422, "processing", "The patch does not apply"));
    };
    let bytes = Value::Object(fields.clone()).to_string().len();
    let written = Written::new(Form::Fhir, fields, bytes);
    Ok(store
        .update(fhir_type, id, written, &call.moment.iso())
        .map_or_else(|| unknown(fhir_type, id), |record| written_answer(200, record)))
}

fn delete(_call: &Call, fhir_type: &str, id: &str, store: &mut Store) -> Answer {
    if store.remove(fhir_type, id) { Answer::new(204) } else { unknown(fhir_type, id) }
}

fn search(call: &Call, fhir_type: &str, query: &[(String, String)], store: &Store) -> Answer {
    let wanted: Vec<&(String, String)> = query
        .iter()
        .filter(|(name, _)| name == "_id" || !(name.starts_with('_') || name == "page"))
        .collect();
    let all: Vec<(&Record, Value)> =
        store.of_type(fhir_type).map(|record| (record, shape::fhir(record))).collect();
    let fit = |name: &str, value: &str, row: &Value| fits_fhir(row, name, value);
    // A parameter no record knows is ignored with a warning, as lenient servers do.
    let (known, ignored): (Vec<_>, Vec<_>) = wanted.into_iter().partition(|(name, value)| {
        all.is_empty() || all.iter().any(|(_, row)| fit(name, value, row) != Fit::Unknown)
    });
    let rows: Vec<&Record> = all
        .iter()
        .filter(|(_, row)| known.iter().all(|(name, value)| fit(name, value, row) == Fit::Yes))
        .map(|(record, _)| *record)
        .collect();

    let asked = |name: &str| -> Vec<String> {
        query.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone()).collect()
    };
    let start = asked("page").first().and_then(|text| text.parse().ok()).unwrap_or(0).min(rows.len());
    let end = rows.len().min(start + page_size(asked("_count").first().map(String::as_str)));
    let mut bundle =
        bundle_with_includes(&rows[start..end], &asked("_include"), &asked("_revinclude"), store);
    bundle["total"] = json!(rows.len());
    if end < rows.len() {
        // The whole query again, with whatever it holds: that is what real servers answer.
        let url = format!("https://api.clinikapi.example/v1/fhir/{fhir_type}?{}&page={end}", call.raw_query);
        bundle["link"] = json!([{"relation": "next", "url": url}]);
    }
    if let (false, Some(entries)) = (ignored.is_empty(), bundle["entry"].as_array_mut()) {
        let issue = issue("warning", "processing", "One or more search parameters were ignored");
        entries.push(json!({"resource": issue, "search": {"mode": "outcome"}}));
    }
    Answer::fhir(200, &bundle)
}

fn everything(_call: &Call, fhir_type: &str, id: &str, store: &Store) -> Answer {
    let Some(record) = store.find(fhir_type, id) else { return unknown(fhir_type, id) };
    let reverse: Vec<String> =
        super::resources::RESOURCES.iter().map(|resource| resource.fhir_type.to_owned()).collect();
    Answer::fhir(200, &bundle_with_includes(&[record], &[], &reverse, store))
}

fn history(_call: &Call, fhir_type: &str, id: &str, store: &Store) -> Answer {
    let Some(record) = store.find(fhir_type, id) else { return unknown(fhir_type, id) };
    let entry = json!([{"resource": shape::fhir(record)}]);
    Answer::fhir(200, &json!({"resourceType": "Bundle", "type": "history", "total": 1, "entry": entry}))
}

pub(crate) fn capability_statement() -> Value {
    json!({
        "resourceType": "CapabilityStatement",
        "status": "active",
        "fhirVersion": "4.0.1",
        "format": ["json"],
        "rest": [{"mode": "server"}],
    })
}

fn written_answer(status: u16, record: &Record) -> Answer {
    Answer::fhir(status, &shape::fhir(record)).header("etag", format!("W/\"{}\"", record.version)).header(
        "location",
        format!(
            "https://api.clinikapi.example/v1/fhir/{}/{}/_history/{}",
            record.fhir_type, record.id, record.version
        ),
    )
}

fn json_body(call: &Call) -> Result<Value, Answer> {
    serde_json::from_slice(&call.body).map_err(|_| {
        if call.careless {
            let start: String = String::from_utf8_lossy(&call.body).chars().take(120).collect();
            return outcome(400, "structure", &format!("Error parsing JSON near {start}"));
        }
        outcome(400, "structure", "Error parsing JSON")
    })
}

fn resource(call: &Call, fhir_type: &str) -> Result<Map<String, Value>, Answer> {
    let Value::Object(fields) = json_body(call)? else {
        return Err(outcome(400, "structure", "Expected a resource"));
    };
    match fields.get("resourceType").and_then(Value::as_str) {
        Some(named) if named == fhir_type => Ok(fields),
        _ if call.careless => {
            Err(outcome(422, "invalid", &format!("Not a {fhir_type}: {}", Value::Object(fields))))
        }
        _ => Err(outcome(422, "invalid", "resourceType does not match the path")),
    }
}

fn unknown(fhir_type: &str, id: &str) -> Answer {
    outcome(404, "not-found", &format!("Resource {fhir_type}/{id} is not known"))
}

pub(crate) fn outcome(status: u16, code: &str, diagnostics: &str) -> Answer {
    outcome_of("error", status, code, diagnostics)
}

fn outcome_of(severity: &str, status: u16, code: &str, diagnostics: &str) -> Answer {
    Answer::fhir(status, &issue(severity, code, diagnostics))
}

fn issue(severity: &str, code: &str, diagnostics: &str) -> Value {
    json!({
        "resourceType": "OperationOutcome",
        "issue": [{"severity": severity, "code": code, "diagnostics": diagnostics}],
    })
}

fn is_type(text: &str) -> bool {
    (1..=64).contains(&text.len())
        && text.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.as_bytes()[0].is_ascii_uppercase()
}
