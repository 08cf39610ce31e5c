//! Exported records are what the receiving side takes: R4 by its definitions, CSV by RFC 4180.

use super::*;

fn exchange() -> Exchange {
    Exchange::read(
        br#"{"seq":7,"prev":"00","event":"exchange","time":"2026-11-22T01:02:03.000004Z","request_id":"req_1",
            "caller":"loopback","actor":"u-17","role":"nurse","action":"S","resource":"patients","method":"GET",
            "route":"/v1/patients","outcome":"answered","status":200,"redactions":0,"duration_us":12,"hash":"00"}"#,
    )
    .expect("an exchange")
}

/// With everything that a record can have.
fn whole() -> Exchange {
    let text = |text: &str| Some(text.to_owned());
    Exchange {
        actor_by: text("token"),
        tenant: text("north"),
        container: text(&"8c2f".repeat(16)),
        break_glass: text("emergency"),
        reason: text("ACCESS_DENIED"),
        resource_id: text("a1"),
        action: "R".to_owned(),
        ..exchange()
    }
}

/// The elements of R4 (4.0.1) that are in reach: <https://hl7.org/fhir/R4/auditevent-definitions.html> and datatypes. Each is
/// `name min max type`; a type in capitals is in this list too.
const R4: &[(&str, &[&str])] = &[
    (
        "AuditEvent",
        &[
            "id 0 1 id",
            "type 1 1 Coding",
            "subtype 0 * Coding",
            "action 0 1 C|R|U|D|E",
            "period 0 1 Period",
            "recorded 1 1 instant",
            "outcome 0 1 0|4|8|12",
            "outcomeDesc 0 1 string",
            "purposeOfEvent 0 * CodeableConcept",
            "agent 1 * Agent",
            "source 1 1 Source",
            "entity 0 * Entity",
        ],
    ),
    (
        "Agent",
        &[
            "extension 0 * Extension",
            "type 0 1 CodeableConcept",
            "role 0 * CodeableConcept",
            "who 0 1 Reference",
            "altId 0 1 string",
            "name 0 1 string",
            "requestor 1 1 boolean",
            "location 0 1 Reference",
            "policy 0 * uri",
            "media 0 1 Coding",
            "network 0 1 Network",
            "purposeOfUse 0 * CodeableConcept",
        ],
    ),
    ("Network", &["address 0 1 string", "type 0 1 1|2|3|4|5"]),
    ("Source", &["site 0 1 string", "observer 1 1 Reference", "type 0 * Coding"]),
    (
        "Entity",
        &[
            "what 0 1 Reference",
            "type 0 1 Coding",
            "role 0 1 Coding",
            "lifecycle 0 1 Coding",
            "securityLabel 0 * Coding",
            "name 0 1 string",
            "description 0 1 string",
            "query 0 1 base64Binary",
        ],
    ),
    ("Extension", &["url 1 1 uri", "valueCode 0 1 code"]),
    ("Coding", &["system 0 1 uri", "version 0 1 string", "code 0 1 code", "display 0 1 string"]),
    ("CodeableConcept", &["coding 0 * Coding", "text 0 1 string"]),
    (
        "Reference",
        &["reference 0 1 string", "type 0 1 uri", "identifier 0 1 Identifier", "display 0 1 string"],
    ),
    ("Identifier", &["system 0 1 uri", "value 0 1 string"]),
];

/// What R4 has against `value` as a `kind`.
fn against_r4(value: &Value, kind: &str, at: &str) -> Vec<String> {
    let Some((_, elements)) = R4.iter().find(|(name, _)| *name == kind) else {
        return if primitive(value, kind) { Vec::new() } else { vec![format!("{at}: no {kind}: {value}")] };
    };
    let Some(members) = value.as_object() else { return vec![format!("{at}: no {kind}")] };
    if members.is_empty() {
        return vec![format!("{at}: empty")];
    }
    let mut wrong = Vec::new();
    let known: Vec<Vec<&str>> = elements.iter().map(|element| element.split(' ').collect()).collect();
    for name in members.keys().filter(|name| !known.iter().any(|element| element[0] == *name)) {
        if at != "AuditEvent" || name != "resourceType" {
            wrong.push(format!("{at}.{name}: unknown"));
        }
    }
    for element in known {
        let &[name, min, max, kind] = element.as_slice() else { panic!("{element:?}") };
        let at = format!("{at}.{name}");
        match (members.get(name), max) {
            (None, _) if min == "1" => wrong.push(format!("{at}: missing")),
            (None, _) => {}
            (Some(Value::Array(items)), "*") if !items.is_empty() => {
                wrong.extend(items.iter().flat_map(|item| against_r4(item, kind, &at)));
            }
            (Some(_), "*") => wrong.push(format!("{at}: no list, or an empty one")),
            (Some(value), _) => wrong.extend(against_r4(value, kind, &at)),
        }
    }
    wrong
}

fn primitive(value: &Value, kind: &str) -> bool {
    let text = value.as_str().unwrap_or_default();
    let plain = !text.is_empty() && text.trim() == text;
    match kind {
        "boolean" => value.is_boolean(),
        "string" => plain,
        "code" | "uri" => plain && !text.contains(' '),
        "id" => {
            plain && text.len() <= 64 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-.".contains(&b))
        }
        "instant" => text.ends_with('Z') && text.parse::<jiff::Timestamp>().is_ok(),
        list if list.contains('|') => list.split('|').any(|word| word == text),
        _ => false,
    }
}

#[test]
fn every_event_is_one_of_r4() {
    let bare = Exchange {
        actor: None,
        caller: None,
        role: None,
        resource: None,
        route: None,
        outcome: "client_gone".to_owned(),
        status: 0,
        ..exchange()
    };
    for read in [exchange(), whole(), bare] {
        for (action, id) in [
            ("C", None),
            ("S", None),
            ("R", Some("a1")),
            ("U", Some("pseudonym:7f3k")),
            ("E", None),
            ("D", Some("a1")),
        ] {
            for (outcome, status) in [("answered", 200), ("answered", 404), ("refused", 503)] {
                let read = Exchange {
                    action: action.into(),
                    resource_id: id.map(Into::into),
                    outcome: outcome.into(),
                    status,
                    ..read.clone()
                };
                let event = read.to_fhir("00c0ffee0000");
                assert_eq!(event["resourceType"], "AuditEvent");
                assert_eq!(against_r4(&event, "AuditEvent", "AuditEvent"), Vec::<String>::new(), "{event:#}");
            }
        }
    }
}

#[test]
fn what_a_record_says_is_in_its_event() {
    let event = whole().to_fhir("c");
    let [actor, caller] = event["agent"].as_array().unwrap().as_slice() else { panic!("{event}") };
    assert_eq!(actor["extension"], json!([{"url": "urn:clinik-guard:actor-by", "valueCode": "token"}]));
    assert_eq!((actor["requestor"].as_bool(), caller["requestor"].as_bool()), (Some(true), Some(false)));
    assert_eq!(caller["network"], json!({"address": "8c2f".repeat(16), "type": "1"}));
    let [record, tenant] = event["entity"].as_array().unwrap().as_slice() else { panic!("{event}") };
    assert_eq!(record["what"]["reference"], "Patient/a1");
    assert_eq!(tenant["what"], json!({"type": "Organization", "identifier": {"value": "north"}}));
    assert_eq!(event["purposeOfEvent"][0]["coding"][0]["code"], "BTG");

    let coded = Exchange { resource_id: Some("pseudonym:7f3k".into()), ..whole() };
    let what = &coded.to_fhir("c")["entity"][0]["what"];
    let told = (what["identifier"]["value"].as_str(), what["type"].as_str(), what["reference"].is_null());
    assert_eq!(told, (Some("pseudonym:7f3k"), Some("Patient"), true));
    assert_eq!(Exchange { status: 503, ..exchange() }.to_fhir("c")["outcome"], "8");
    assert_eq!(Exchange { status: 404, ..exchange() }.to_fhir("c")["outcome"], "4");
}

#[test]
fn csv_has_a_field_per_column_and_no_formulas() {
    let row = Exchange { actor: Some("=1+1,\"x\"".into()), ..exchange() }.to_csv("c");
    assert!(row.starts_with(
        "7,2026-11-22T01:02:03.000004Z,\"'=1+1,\"\"x\"\"\",,nurse,,loopback,,,S,patients,,GET,"
    ));
    assert_eq!(exchange().to_csv("c").split(',').count(), CSV_HEADER.split(',').count());
    let row = whole().to_csv("5f3a09c2b1d4");
    let fields: Vec<(&str, &str)> = CSV_HEADER.split(',').zip(row.split(',')).collect();
    for (column, value) in [
        ("actor_by", "token"),
        ("tenant", "north"),
        ("caller", "loopback"),
        ("action", "R"),
        ("chain", "5f3a09c2b1d4"),
    ] {
        assert!(fields.contains(&(column, value)), "{column}");
    }
    assert!(fields.contains(&("container", "8c2f".repeat(16).as_str())));
}
