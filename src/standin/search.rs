//! Does a record fit a search parameter? Simple equality and "contains", enough to see that a search reached us whole.

use serde_json::Value;

use super::shape::bare_id;

/// What a parameter says about a record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Fit {
    Yes,
    No,
    /// The record has nothing of that name.
    Unknown,
}

/// Simplified routes; `record` in its simplified form.
pub(crate) fn fits_simple(record: &Value, name: &str, wanted: &str) -> Fit {
    match name {
        "name" => {
            fit(&[&record["fullName"], &record["name"], &record["title"]], |text| contains(text, wanted))
        }
        "phone" => fit(&[&record["phone"]], |text| same_digits(text, wanted)),
        "dateFrom" => fit(&dates(record), |text| text.as_bytes() >= wanted.as_bytes()),
        "dateTo" => fit(&dates(record), |text| text.get(..wanted.len()).unwrap_or(text) <= wanted),
        _ if name.ends_with("Id") => fit(&[&record[name]], |text| bare_id(text) == bare_id(wanted)),
        _ => fit(&[&record[name]], |text| contains(text, wanted)),
    }
}

/// FHIR search parameters; `record` as FHIR. Modifiers and chains are not known.
pub(crate) fn fits_fhir(record: &Value, name: &str, wanted: &str) -> Fit {
    match name {
        "_id" => fit(&[&record["id"]], |text| text == wanted),
        "family" | "given" => fit(&each(&record["name"], name), |text| contains(text, wanted)),
        "name" => fit(&[&record["name"]], |text| contains(text, wanted)),
        "birthdate" => fit(&[&record["birthDate"]], |text| text == wanted.trim_start_matches("eq")),
        "email" | "telecom" => fit(&[&record["telecom"]], |text| text.eq_ignore_ascii_case(value_of(wanted))),
        "phone" => fit(&[&record["telecom"]], |text| same_digits(text, value_of(wanted))),
        "identifier" => fit(&[&record["identifier"]], |text| text == value_of(wanted)),
        "address" => fit(&[&record["address"]], |text| contains(text, wanted)),
        "address-city" => fit(&each(&record["address"], "city"), |text| contains(text, wanted)),
        "address-postalcode" => fit(&each(&record["address"], "postalCode"), |text| text == wanted),
        "patient" | "subject" => {
            let references = [&record["subject"]["reference"], &record["patient"]["reference"]];
            fit(&references, |text| bare_id(text) == bare_id(wanted))
        }
        "code" => fit(&[&record["code"]], |text| text.eq_ignore_ascii_case(value_of(wanted))),
        _ => fit(&[&record[name]], |text| contains(text, wanted)),
    }
}

/// The value of a token `system|value`.
fn value_of(token: &str) -> &str {
    token.rsplit('|').next().unwrap_or(token)
}

fn each<'a>(list: &'a Value, name: &str) -> Vec<&'a Value> {
    list.as_array().into_iter().flatten().map(|item| &item[name]).collect()
}

fn dates(record: &Value) -> Vec<&Value> {
    const NAMES: [&str; 11] = [
        "start",
        "date",
        "dateTime",
        "created",
        "createdDateTime",
        "effectiveDateTime",
        "occurrenceDateTime",
        "recordedDate",
        "authoredOn",
        "paymentDate",
        "recorded",
    ];
    NAMES.iter().map(|name| &record[*name]).filter(|value| value.is_string()).take(1).collect()
}

/// Whether any leaf below `values` passes.
fn fit(values: &[&Value], passes: impl Fn(&str) -> bool + Copy) -> Fit {
    if values.iter().all(|value| value.is_null()) {
        return Fit::Unknown;
    }
    if values.iter().any(|value| any_leaf(value, passes)) { Fit::Yes } else { Fit::No }
}

fn any_leaf(value: &Value, passes: impl Fn(&str) -> bool + Copy) -> bool {
    match value {
        Value::Null => false,
        Value::Bool(flag) => passes(if *flag { "true" } else { "false" }),
        Value::Number(number) => passes(&number.to_string()),
        Value::String(text) => passes(text),
        Value::Array(items) => items.iter().any(|item| any_leaf(item, passes)),
        Value::Object(parts) => parts.values().any(|part| any_leaf(part, passes)),
    }
}

fn contains(text: &str, wanted: &str) -> bool {
    text.to_lowercase().contains(&wanted.to_lowercase())
}

fn same_digits(text: &str, wanted: &str) -> bool {
    let digits = |text: &str| text.bytes().filter(u8::is_ascii_digit).collect::<Vec<_>>();
    let (have, want) = (digits(text), digits(wanted));
    !want.is_empty() && (have.ends_with(&want) || want.ends_with(&have)) && !have.is_empty()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn simple_parameters() {
        let record = json!({
            "fullName": "Marisol Quintanar-Abbott", "email": "marisol.q@example.org", "phone": "(512) 555-0147",
            "birthDate": "1987-11-23", "patientId": "p1", "start": "2026-08-20T15:00:00Z", "active": true,
        });
        let cases = [
            ("name", "quintanar", Fit::Yes),
            ("name", "other", Fit::No),
            ("email", "marisol.q@example.org", Fit::Yes),
            ("phone", "+15125550147", Fit::Yes),
            ("phone", "5125550148", Fit::No),
            ("phone", "", Fit::No),
            ("birthDate", "1987-11-23", Fit::Yes),
            ("patientId", "Patient/p1", Fit::Yes),
            ("patientId", "p2", Fit::No),
            ("dateFrom", "2026-08-20", Fit::Yes),
            ("dateFrom", "2026-08-21", Fit::No),
            ("dateTo", "2026-08-20", Fit::Yes),
            ("dateTo", "2026-08-19", Fit::No),
            ("active", "true", Fit::Yes),
            ("ssn", "1", Fit::Unknown),
        ];
        for (name, wanted, expected) in cases {
            assert_eq!(fits_simple(&record, name, wanted), expected, "{name}={wanted}");
        }
    }

    #[test]
    fn fhir_parameters() {
        let record = json!({
            "id": "a", "name": [{"family": "Example", "given": ["Ana"]}], "birthDate": "1980-02-03",
            "telecom": [{"system": "email", "value": "ana@example.org"}], "subject": {"reference": "Patient/p1"},
            "identifier": [{"system": "urn:example:mrn", "value": "MRN-1"}],
        });
        let cases = [
            ("_id", "a", Fit::Yes),
            ("family", "exam", Fit::Yes),
            ("given", "exam", Fit::No),
            ("birthdate", "eq1980-02-03", Fit::Yes),
            ("telecom", "email|ana@example.org", Fit::Yes),
            ("identifier", "urn:example:mrn|MRN-1", Fit::Yes),
            ("subject", "p1", Fit::Yes),
            ("famly", "Example", Fit::Unknown),
        ];
        for (name, wanted, expected) in cases {
            assert_eq!(fits_fhir(&record, name, wanted), expected, "{name}={wanted}");
        }
    }
}
