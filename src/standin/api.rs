//! The simplified routes `/v1/{resource}` and `/v1/{resource}/{id}`.

use http::Method;
use serde_json::{Map, Value, json};

use super::answer::Answer;
use super::call::Call;
use super::resources::Resource;
use super::search::{Fit, fits_simple};
use super::store::{Form, Record, Store, Written};
use super::{ids, patch, shape};

pub(crate) fn answer(call: &Call, resource: &Resource, store: &mut Store) -> Answer {
    let result = match (call.method.as_str(), call.path.get(1).map(String::as_str), call.path.len()) {
        ("POST", None, 1) => create(call, resource, store),
        ("GET" | "HEAD", None, 1) => Ok(search(call, resource, store)),
        ("GET" | "HEAD", Some(id), 2) => Ok(read(call, resource, id, store)),
        ("PATCH", Some(id), 2) if resource.updatable => update(call, resource, id, store),
        ("DELETE", Some(id), 2) => Ok(delete(call, resource, id, store)),
        _ => Ok(call.not_found("Route")),
    };
    result.unwrap_or_else(|refused| refused)
}

fn create(call: &Call, resource: &Resource, store: &mut Store) -> Result<Answer, Answer> {
    let fields = call.object()?;
    let issues = issues(call, &fields, resource.required);
    if !issues.is_empty() {
        return Err(call.invalid(&subject(resource, &fields), &issues));
    }
    let written = Written::new(Form::Simple, fields, call.body.len());
    let record = store.put(resource.fhir_type, &ids::uuid(), written, &call.moment.iso());
    Ok(call.success(201, &shape::simple(record)))
}

fn read(call: &Call, resource: &Resource, id: &str, store: &Store) -> Answer {
    let Some(record) = store.find(resource.fhir_type, id) else {
        return call.not_found(resource.fhir_type);
    };
    let includes = |name: &str| -> Vec<String> {
        let asked = call.query.iter().filter(|(key, _)| key == name);
        asked.map(|(_, value)| value.clone()).collect()
    };
    let (forward, reverse) = (includes("_include"), includes("_revinclude"));
    if forward.is_empty() && reverse.is_empty() {
        return call.success(200, &shape::simple(record));
    }
    call.success(200, &bundle_with_includes(&[record], &forward, &reverse, store))
}

fn update(call: &Call, resource: &Resource, id: &str, store: &mut Store) -> Result<Answer, Answer> {
    let value = call.value()?;
    let Some(record) = store.find(resource.fhir_type, id) else {
        return Err(call.not_found(resource.fhir_type));
    };
    let Value::Object(mut fields) = shape::simple(record) else { return Err(call.not_found("Record")) };
    match value {
        Value::Object(partial) => {
            let issues = issues(call, &partial, &[]);
            if !issues.is_empty() {
                return Err(call.invalid(&subject(resource, &partial), &issues));
            }
            patch::merge(&mut fields, partial);
        }
        Value::Array(operations) => {
            let mut document = Value::Object(fields);
            let applied = patch::apply(&mut document, &operations);
            match (applied, document) {
                (Some(()), Value::Object(patched)) => fields = patched,
                _ => return Err(call.invalid("patch", &["patch: operation does not apply".to_owned()])),
            }
        }
        _ => return Err(call.invalid("patch", &["body: Expected object".to_owned()])),
    }
    let bytes = Value::Object(fields.clone()).to_string().len();
    let written = Written::new(Form::Simple, fields, bytes);
    let updated = store.update(resource.fhir_type, id, written, &call.moment.iso());
    Ok(updated.map_or_else(
        || call.not_found(resource.fhir_type),
        |record| call.success(200, &shape::simple(record)),
    ))
}

fn delete(call: &Call, resource: &Resource, id: &str, store: &mut Store) -> Answer {
    if store.remove(resource.fhir_type, id) { Answer::new(204) } else { call.not_found(resource.fhir_type) }
}

fn search(call: &Call, resource: &Resource, store: &Store) -> Answer {
    const CONTROLS: [&str; 3] = ["count", "cursor", "sort"];
    let rows: Vec<Value> = store
        .of_type(resource.fhir_type)
        .map(shape::simple)
        .filter(|row| {
            let wanted = call.query.iter().filter(|(name, _)| !CONTROLS.contains(&name.as_str()));
            wanted.into_iter().all(|(name, value)| fits_simple(row, name, value) == Fit::Yes)
        })
        .collect();
    let start = call.parameter("cursor").and_then(|text| text.parse().ok()).unwrap_or(0).min(rows.len());
    let count = page_size(call.parameter("count"));
    let end = rows.len().min(start + count);
    let mut page =
        json!({"data": rows[start..end].to_vec(), "total": rows.len(), "hasMore": end < rows.len()});
    if end < rows.len() {
        page["cursor"] = json!(end.to_string());
    }
    call.success(200, &page)
}

/// Clamped, not refused: nothing, text, zero and negative are 20, more than 100 is 100.
pub(crate) fn page_size(asked: Option<&str>) -> usize {
    match asked.and_then(|text| text.parse::<i64>().ok()) {
        Some(count @ 1..=100) => count as usize,
        Some(101..) => 100,
        _ => 20,
    }
}

/// A searchset of `matches` and of what they point to, or what points to them, as asked by `Type:path` values.
pub(crate) fn bundle_with_includes(
    matches: &[&Record],
    forward: &[String],
    reverse: &[String],
    store: &Store,
) -> Value {
    let wanted = |asked: &[String], part: usize| -> Vec<String> {
        let types = asked.iter().map(|value| value.split(':').nth(part).unwrap_or_default().to_owned());
        types.collect()
    };
    let (reverse_types, forward_names) = (wanted(reverse, 0), wanted(forward, 1));
    let mut included: Vec<&Record> = Vec::new();
    let ids: Vec<&str> = matches.iter().map(|record| record.id.as_str()).collect();
    let pointed: Vec<String> = matches.iter().flat_map(|record| shape::references(record)).collect();
    for record in store.all().filter(|record| !ids.contains(&record.id.as_str())) {
        let points_here = || shape::references(record).iter().any(|id| ids.contains(&id.as_str()));
        let by_reverse = reverse_types.contains(&record.fhir_type) && points_here();
        // `Encounter:subject` and `Encounter:Patient` are both asked in the wild; any target is given.
        let by_forward = !forward_names.is_empty() && pointed.contains(&record.id);
        if by_reverse || by_forward {
            included.push(record);
        }
    }
    let entry =
        |record: &&Record, mode: &str| json!({"resource": shape::fhir(record), "search": {"mode": mode}});
    let entries: Vec<Value> = matches
        .iter()
        .map(|record| entry(record, "match"))
        .chain(included.iter().take(1000).map(|record| entry(record, "include")))
        .collect();
    json!({"resourceType": "Bundle", "type": "searchset", "total": matches.len(), "entry": entries})
}

/// What is wrong with the fields, a line each. Only a few documented constraints are known.
fn issues(call: &Call, fields: &Map<String, Value>, required: &[&str]) -> Vec<String> {
    let received = |name: &str| match fields.get(name) {
        Some(value) if call.careless => format!(", received {value}"),
        _ => String::new(),
    };
    let mut issues: Vec<String> = required
        .iter()
        .filter(|name| fields.get(**name).is_none_or(Value::is_null))
        .map(|name| format!("{name}: Required"))
        .collect();
    for check in CHECKS {
        match fields.get(check.field) {
            None | Some(Value::Null) => {}
            Some(Value::String(text)) if (check.passes)(text) => {}
            Some(Value::String(_)) => {
                issues.push(format!("{}: {}{}", check.field, check.sentence, received(check.field)));
            }
            Some(_) => issues.push(format!("{}: Expected string{}", check.field, received(check.field))),
        }
    }
    if call.careless && !issues.is_empty() {
        // A careless server prints the whole input beside each complaint.
        let rest = fields.iter().filter(|(name, _)| !CHECKS.iter().any(|check| check.field == name.as_str()));
        issues.extend(rest.take(20).map(|(name, value)| format!("{name}: received {value}")));
    }
    issues
}

struct Check {
    field: &'static str,
    sentence: &'static str,
    passes: fn(&str) -> bool,
}

const CHECKS: &[Check] = &[
    Check {
        field: "email",
        sentence: "Invalid email",
        passes: |value| value.matches('@').count() == 1 && !value.contains(' '),
    },
    Check {
        field: "phone",
        sentence: "String must contain at most 20 character(s)",
        passes: |value| value.chars().count() <= 20,
    },
    Check { field: "birthDate", sentence: "Invalid date", passes: is_date },
    Check { field: "firstName", sentence: NAME_LENGTH, passes: is_name_length },
    Check { field: "lastName", sentence: NAME_LENGTH, passes: is_name_length },
];

const NAME_LENGTH: &str = "String must contain at least 1 and at most 100 character(s)";

fn is_date(value: &str) -> bool {
    let form = value.bytes().enumerate().all(|(index, byte)| match index {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    form && matches!(value.len(), 4 | 7 | 10)
}

fn is_name_length(value: &str) -> bool {
    (1..=100).contains(&value.chars().count())
}

/// How a careless message names the record.
fn subject(resource: &Resource, fields: &Map<String, Value>) -> String {
    let part = |name: &str| fields.get(name).and_then(Value::as_str).unwrap_or_default();
    let named = format!("{} {} {}", resource.fhir_type.to_lowercase(), part("firstName"), part("lastName"));
    named.trim().to_owned()
}

/// `write` is everything but reading.
pub(crate) fn is_write(method: &Method) -> bool {
    !matches!(*method, Method::GET | Method::HEAD | Method::OPTIONS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn page_sizes_are_clamped() {
        let cases = [
            (None, 20),
            (Some("0"), 20),
            (Some("-3"), 20),
            (Some("x"), 20),
            (Some(""), 20),
            (Some("1"), 1),
            (Some("100"), 100),
            (Some("101"), 100),
            (Some("500"), 100),
            (Some("99999999999999999999"), 20),
        ];
        for (asked, size) in cases {
            assert_eq!(page_size(asked), size, "{asked:?}");
        }
    }

    #[test]
    fn dates_are_whole_and_plain() {
        for good in ["1987", "1987-11", "1987-11-23"] {
            assert!(is_date(good), "{good}");
        }
        for bad in ["", "1987-11-23T00:00", "1987/11/23", "23-11-1987", "19871123"] {
            assert!(!is_date(bad), "{bad}");
        }
    }
}
