//! The two faces of a record: the simplified form of `/v1/{resource}` and the FHIR form of `/v1/fhir/{Type}`.
//!
//! Patients, persons and practitioners are translated as the API does (name, telecom, address); of every other type
//! only the patient reference is, the rest keeps its fields. A stand-in, not a FHIR server.

use serde_json::{Map, Value, json};

use super::store::{Form, Record};

const PEOPLE: [&str; 3] = ["Patient", "Person", "Practitioner"];

pub(crate) fn simple(record: &Record) -> Value {
    let mut out = Map::new();
    out.insert("id".to_owned(), json!(record.id));
    let fields = match record.form {
        Form::Simple => record.fields.clone(),
        Form::Fhir => fields_from_fhir(record),
    };
    if PEOPLE.contains(&record.fhir_type.as_str()) {
        let part = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
        let full = format!("{} {}", part("firstName"), part("lastName"));
        out.insert("fullName".to_owned(), json!(full.trim()));
    }
    out.extend(fields);
    if record.fhir_type == "Patient" {
        out.entry("active").or_insert(json!(true));
    }
    Value::Object(out)
}

pub(crate) fn fhir(record: &Record) -> Value {
    let mut out = Map::new();
    out.insert("resourceType".to_owned(), json!(record.fhir_type));
    out.insert("id".to_owned(), json!(record.id));
    out.insert(
        "meta".to_owned(),
        json!({
            "versionId": record.version.to_string(),
            "lastUpdated": record.updated,
            "tag": [{"system": "https://clinikapi.com/tenant", "code": "org_7c2f"}],
        }),
    );
    out.extend(match record.form {
        Form::Fhir => record.fields.clone(),
        Form::Simple => fields_to_fhir(record),
    });
    Value::Object(out)
}

fn fields_to_fhir(record: &Record) -> Map<String, Value> {
    let mut fields = record.fields.clone();
    let mut out = Map::new();
    if PEOPLE.contains(&record.fhir_type.as_str()) {
        let given: Vec<Value> =
            ["firstName", "middleName"].iter().filter_map(|name| fields.shift_remove(*name)).collect();
        let family = fields.shift_remove("lastName");
        out.insert("name".to_owned(), json!([{"family": family, "given": given}]));
        let mut telecom = Vec::new();
        for system in ["phone", "email"] {
            if let Some(value) = fields.shift_remove(system) {
                telecom.push(json!({"system": system, "value": value}));
            }
        }
        if !telecom.is_empty() {
            out.insert("telecom".to_owned(), Value::Array(telecom));
        }
        if let Some(address) = fields.shift_remove("address") {
            out.insert("address".to_owned(), json!([address]));
        }
    }
    if let Some(Value::String(patient)) = fields.shift_remove("patientId") {
        out.insert("subject".to_owned(), json!({"reference": format!("Patient/{}", bare_id(&patient))}));
    }
    out.extend(fields);
    out
}

fn fields_from_fhir(record: &Record) -> Map<String, Value> {
    let mut fields = record.fields.clone();
    let mut out = Map::new();
    if PEOPLE.contains(&record.fhir_type.as_str()) {
        let name = fields.shift_remove("name").unwrap_or_default();
        let copy = |pointer: &str| name.pointer(pointer).cloned();
        for (key, value) in [("firstName", copy("/0/given/0")), ("lastName", copy("/0/family"))] {
            out.extend(value.map(|value| (key.to_owned(), value)));
        }
        for entry in fields.shift_remove("telecom").as_ref().and_then(Value::as_array).into_iter().flatten() {
            if let (Some(system @ ("phone" | "email")), Some(value)) =
                (entry["system"].as_str(), entry.get("value"))
            {
                out.entry(system).or_insert_with(|| value.clone());
            }
        }
        if let Some(Value::Array(addresses)) = fields.shift_remove("address") {
            out.extend(addresses.into_iter().next().map(|address| ("address".to_owned(), address)));
        }
    }
    let patient = ["subject", "patient"]
        .iter()
        .find_map(|name| Some(bare_id(fields.get(*name)?.get("reference")?.as_str()?).to_owned()));
    if let Some(patient) = patient {
        out.insert("patientId".to_owned(), json!(patient));
    }
    out.extend(fields);
    out
}

/// The id of `Patient/abc`, or of `abc`.
pub(crate) fn bare_id(reference: &str) -> &str {
    reference.rsplit('/').next().unwrap_or(reference)
}

/// Ids this record points to: every `reference`, every `…Id` and `…Ids`.
pub(crate) fn references(record: &Record) -> Vec<String> {
    let mut found = Vec::new();
    for (name, value) in &record.fields {
        collect_references(name, value, &mut found);
    }
    found
}

fn collect_references(name: &str, value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) if name == "reference" || name.ends_with("Id") || name.ends_with("Ids") => {
            found.push(bare_id(text).to_owned());
        }
        Value::Array(items) => items.iter().for_each(|item| collect_references(name, item, found)),
        // serde_json refuses text nested deeper than 128, which bounds this recursion.
        Value::Object(parts) => parts.iter().for_each(|(key, part)| collect_references(key, part, found)),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::super::store::{Store, Written};
    use super::*;

    fn put(store: &mut Store, form: Form, fields: Value) -> &Record {
        let Value::Object(fields) = fields else { unreachable!("the cases are objects") };
        store.put("Patient", "p1", Written::new(form, fields, 0), "2026-08-02T14:05:11.402Z")
    }

    #[test]
    fn a_patient_written_simply_is_read_as_fhir() {
        let mut store = Store::default();
        let record = put(
            &mut store,
            Form::Simple,
            json!({"firstName": "Ana", "lastName": "Example", "email": "ana@example.org", "birthDate": "1980-02-03"}),
        );
        assert_eq!(simple(record)["fullName"], "Ana Example");
        assert_eq!(simple(record)["active"], true);
        let fhir = fhir(record);
        assert_eq!(fhir["name"], json!([{"family": "Example", "given": ["Ana"]}]));
        assert_eq!(fhir["telecom"], json!([{"system": "email", "value": "ana@example.org"}]));
        assert_eq!((&fhir["resourceType"], &fhir["birthDate"]), (&json!("Patient"), &json!("1980-02-03")));
    }

    #[test]
    fn a_patient_written_as_fhir_is_read_simply() {
        let mut store = Store::default();
        let record = put(
            &mut store,
            Form::Fhir,
            json!({"resourceType": "Patient", "name": [{"family": "Example", "given": ["Ana"]}],
                   "telecom": [{"system": "phone", "value": "5125550147"}], "address": [{"city": "Austin"}]}),
        );
        let simple = simple(record);
        assert_eq!((&simple["fullName"], &simple["phone"]), (&json!("Ana Example"), &json!("5125550147")));
        assert_eq!(simple["address"]["city"], "Austin");
    }
}
