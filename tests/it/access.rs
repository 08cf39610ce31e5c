//! Who acts and what they may: roles, denials, emergencies, read-only; and what the record says of it.

use clinik_guard::outcome::Code;

use crate::harness::{Harness, Setup, code, json, logs};
use crate::refusals::refused;

const ACTOR: (&str, &str) = ("x-clinik-actor", "u-48f1");
const JSON: (&str, &str) = ("content-type", "application/json");
const FORM: (&str, &str) = ("content-type", "application/x-www-form-urlencoded");
const ID: &str = "5b0c1f1e-7a57-4d0e-9b5a-0f3f6a5b7c21";

fn role(name: &'static str) -> (&'static str, &'static str) {
    ("x-clinik-role", name)
}

/// A guard with these `guards.access` keys that requires an actor.
async fn start(access: &str) -> Harness {
    let policy = format!("guards: {{access: {{{access}}}}}");
    let audit = "sink: file, file: DIR/audit.jsonl, require_actor: true";
    Harness::start(Setup {
        policy: Box::leak(policy.into_boxed_str()),
        audit: Some(audit),
        ..Setup::default()
    })
    .await
}

async fn passes(harness: &Harness, method: &str, target: &str, headers: &[(&str, &str)], body: &[u8]) {
    let answer = harness.send(method, target, headers, body).await;
    let seen = harness.seen();
    assert_eq!(seen.len(), 1, "{method} {target} did not pass: {}", answer.status);
    assert!(seen[0].headers.keys().all(|name| !name.as_str().starts_with("x-clinik-")), "{target}");
    harness.standin.clear();
}

#[tokio::test(flavor = "multi_thread")]
async fn roles_and_actors() {
    let harness = start("roles: {receptionist: {appointments: [read, search]}, admin: {'*': ['*']}}").await;
    let desk = role("receptionist");
    refused(&harness, Code::ActorRequired, "GET", "/v1/appointments", &[desk], b"").await;
    for phi in [
        "marisol.q@example.org",
        "Marisol.Quintanar",
        "marisol_quintanar",
        "912-84-6713",
        "912846713",
        "MRN-00482917",
        "00482917",
        "512-555-0147",
        "5125550147",
        "1987-11-23",
        "19871123",
        "u 48f1",
        "u-48f1,u-48f2",
        "u\u{e9}",
        "",
        "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef0",
    ] {
        let sent = [desk, ("x-clinik-actor", phi)];
        refused(&harness, Code::ActorRequired, "GET", "/v1/appointments", &sent, b"").await;
    }
    refused(&harness, Code::AccessDenied, "GET", "/v1/notes", &[desk, ACTOR], b"").await;
    assert_eq!(harness.audit().last().unwrap()["role"], "receptionist");
    for no_role in ["root", "Receptionist", "receptionist ,admin", "receptionist,admin", "*", "adm\u{131}n"] {
        refused(&harness, Code::AccessDenied, "GET", "/v1/appointments", &[ACTOR, role(no_role)], b"").await;
        assert!(harness.audit().last().unwrap()["role"].is_null(), "{no_role}");
    }
    refused(&harness, Code::AccessDenied, "GET", "/v1/appointments", &[ACTOR], b"").await;
    passes(&harness, "GET", "/v1/appointments", &[desk, ACTOR], b"").await;
    let audit = harness.audit();
    let last = audit.last().unwrap();
    assert_eq!((last["actor"].as_str(), last["role"].as_str()), (Some("u-48f1"), Some("receptionist")));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_second_actor_or_role_is_none() {
    let harness = start("roles: {desk: {appointments: [read, search]}, admin: {'*': ['*']}}").await;
    let desk = role("desk");
    for two in [[("x-clinik-actor", "u-48f2"), desk], [("X-Clinik-ACTOR", "u-48f1"), desk]] {
        refused(&harness, Code::ActorRequired, "GET", "/v1/appointments", &[ACTOR, two[0], two[1]], b"")
            .await;
    }
    refused(
        &harness,
        Code::AccessDenied,
        "GET",
        "/v1/appointments",
        &[ACTOR, desk, ("X-CLINIK-Role", "admin")],
        b"",
    )
    .await;
    // A folded line and a name with white space before its colon never become a request.
    for smuggled in ["x-clinik-role: desk\r\n admin", "x-clinik-role : admin", "x-clinik-role\t: admin"] {
        let request = format!(
            "GET /v1/notes HTTP/1.1\r\nhost: localhost\r\nx-clinik-actor: u-48f1\r\n{smuggled}\r\nconnection: close\r\n\r\n"
        );
        assert!(harness.raw(request.as_bytes()).await.contains("MALFORMED_REQUEST"), "{smuggled}");
    }
    // What other servers read as the same name is another one here, and goes nowhere.
    refused(
        &harness,
        Code::AccessDenied,
        "GET",
        "/v1/notes",
        &[ACTOR, desk, ("x_clinik_role", "admin")],
        b"",
    )
    .await;
    assert!(harness.seen().is_empty());
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_actor_is_required_but_for_health_and_metadata() {
    let harness = start("").await;
    refused(&harness, Code::ActorRequired, "GET", "/v1/patients", &[], b"").await;
    for open in ["/health", "/v1/metadata", "/v1/fhir/metadata"] {
        passes(&harness, "GET", open, &[], b"").await;
    }
    passes(&harness, "GET", "/v1/patients", &[ACTOR], b"").await;
    harness.finish().await;
    // An unusable one is refused where none is required, unless the guard only observes.
    let observing = Harness::with_policy("guards: {access: {mode: observe}}").await;
    passes(&observing, "GET", "/v1/patients", &[("x-clinik-actor", "Marisol.Quintanar")], b"").await;
    let line = observing.audit().pop().unwrap();
    assert!(line["actor"].is_null() && line["observed"][0] == "ACTOR_REQUIRED", "{line}");
    observing.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_role_reaches_what_it_names_and_nothing_beside_it() {
    let access =
        "groups: {charts: [notes, labs]}, roles: {nurse: {charts: [read, search], Patient: [read, search]}}";
    let harness = start(access).await;
    let nurse = [ACTOR, role("nurse")];
    let form = [ACTOR, role("nurse"), FORM];
    for target in ["/v1/notes", "/v1/labs", "/v1/fhir/Patient", "/v1/fhir/Patient?gender=female"] {
        passes(&harness, "GET", target, &nurse, b"").await;
    }
    passes(&harness, "POST", "/v1/notes/_search", &form, b"count=1").await;
    passes(&harness, "POST", "/v1/fhir/Patient/_search", &form, b"gender=female").await;
    let patient = |rest: &str| format!("/v1/fhir/Patient{rest}");
    for target in [
        "/v1/patients".to_owned(),
        "/v1/fhir/DocumentReference".to_owned(),
        // Another type in the answer, or asked about.
        patient(&format!("/{ID}/Observation")),
        patient(&format!("/{ID}/$everything")),
        patient("?_include=Patient:organization"),
        patient("?_include%3Aiterate=Patient:organization"),
        patient("?_revinclude=Observation:subject"),
        patient("?_has:Condition:patient:code=E11"),
        patient("?organization.active=true"),
        format!("/v1/labs/{ID}?_include=patient"),
    ] {
        refused(&harness, Code::AccessDenied, "GET", &target, &nurse, b"").await;
    }
    for body in ["_revinclude=Observation%3Asubject", "_has%3ACondition%3Apatient%3Acode=E11"] {
        let target = "/v1/fhir/Patient/_search";
        refused(&harness, Code::AccessDenied, "POST", target, &form, body.as_bytes()).await;
    }
    refused(&harness, Code::AccessDenied, "POST", "/v1/bulk/export", &[ACTOR, role("nurse"), JSON], b"{}")
        .await;
    let create = [ACTOR, role("nurse"), JSON];
    refused(&harness, Code::AccessDenied, "POST", "/v1/notes", &create, b"{}").await;
    refused(&harness, Code::AccessDenied, "POST", "/v1/fhir/Patient", &create, b"{}").await;
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_denial_wins_on_both_sides() {
    let access = "roles: {admin: {'*': ['*']}, nurse: {'*': [read, search]}}, deny: {nurse: {notes: ['*']}, '*': {patients: [delete]}}";
    let harness = start(access).await;
    let (nurse, admin) = ([ACTOR, role("nurse")], [ACTOR, role("admin")]);
    passes(&harness, "GET", "/v1/labs", &nurse, b"").await;
    passes(&harness, "GET", "/v1/notes", &admin, b"").await;
    for target in
        ["/v1/notes", "/v1/fhir/DocumentReference", "/v1/labs?_include=x", "/v1/fhir/Patient/a1/$everything"]
    {
        refused(&harness, Code::AccessDenied, "GET", target, &nurse, b"").await;
    }
    for target in [format!("/v1/patients/{ID}"), format!("/v1/fhir/Patient/{ID}")] {
        refused(&harness, Code::AccessDenied, "DELETE", &target, &admin, b"").await;
    }
    let answer = harness.send("DELETE", &format!("/v1/patients/{ID}"), &admin, b"").await;
    assert!(json(&answer)["message"].as_str().unwrap().contains("guards.access.deny"), "the key is named");
    harness.finish().await;
    // Without roles a denial for everybody still holds.
    let open = Harness::with_policy("guards: {access: {deny: {'*': {patients: [delete]}}}}").await;
    refused(&open, Code::AccessDenied, "DELETE", &format!("/v1/fhir/Patient/{ID}"), &[], b"").await;
    passes(&open, "GET", "/v1/patients", &[], b"").await;
    open.finish().await;
}

const GLASS: &str = "roles: {nurse: {appointments: [read, search]}, clerk: {appointments: [read]}}, \
                     deny: {'*': {notes: ['*']}}, break_glass: {reasons: [emergency, cover], roles: [nurse]}";

fn glass(reason: &'static str) -> (&'static str, &'static str) {
    ("x-clinik-break-glass", reason)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_glass_opens_and_is_loud() {
    let harness = start(GLASS).await;
    refused(&harness, Code::AccessDenied, "GET", "/v1/patients", &[ACTOR, role("nurse")], b"").await;
    passes(&harness, "GET", "/v1/patients", &[ACTOR, role("nurse"), glass("emergency")], b"").await;
    let line = harness.audit().pop().unwrap();
    assert_eq!((line["break_glass"].as_str(), line["actor"].as_str()), (Some("emergency"), Some("u-48f1")));
    assert_eq!(harness.metric("clinik_guard_break_glass_total{reason=\"emergency\"}").await, 1.0);
    let id = line["request_id"].as_str().unwrap();
    let logs = logs();
    let warning =
        logs.lines().find(|line| line.contains(id) && line.contains("emergency access was asked for"));
    assert!(warning.is_some_and(|line| line.contains("\"level\":\"warn\"")), "{warning:?}");
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_glass_is_broken_with_a_reason_by_a_role_that_may() {
    let harness = start(GLASS).await;
    let target = "/v1/patients";
    for (who, reason) in [
        ("nurse", "because"),
        ("nurse", "Emergency"),
        ("nurse", "Marisol Quintanar is dying"),
        ("nurse", ""),
        ("clerk", "emergency"),
        ("root", "emergency"),
    ] {
        refused(&harness, Code::AccessDenied, "GET", target, &[ACTOR, role(who), glass(reason)], b"").await;
        // Not even where the role alone would do: a wrong reason is no request anybody meant.
        let own = [ACTOR, role(who), glass(reason)];
        refused(&harness, Code::AccessDenied, "GET", "/v1/appointments", &own, b"").await;
    }
    let twice = [ACTOR, role("nurse"), glass("emergency"), glass("cover")];
    refused(&harness, Code::AccessDenied, "GET", target, &twice, b"").await;
    refused(&harness, Code::ActorRequired, "GET", target, &[role("nurse"), glass("emergency")], b"").await;
    let nurse = [ACTOR, role("nurse"), glass("emergency"), JSON];
    refused(&harness, Code::AccessDenied, "POST", target, &nurse, b"{}").await;
    refused(&harness, Code::AccessDenied, "GET", "/v1/notes", &nurse[..3], b"").await;
    refused(&harness, Code::AccessDenied, "GET", "/v1/fhir/DocumentReference", &nurse[..3], b"").await;
    // Who asked in vain is on record too, without a word of what was sent.
    let lines = harness.audit();
    let glass = |reason: &str| lines.iter().filter(|line| line["break_glass"] == reason).count();
    assert_eq!((glass("misused"), glass("emergency"), lines.len()), (13, 4, 17));
    assert!(lines.iter().all(|line| line["outcome"] == "refused"));
    assert_eq!(harness.metric("clinik_guard_break_glass_total{reason=\"misused\"}").await, 13.0);
    assert!(!format!("{lines:?}").contains("Quintanar"));
    harness.finish().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn read_only_refuses_every_write_and_no_read() {
    let access = "read_only: true, roles: {admin: {'*': ['*']}}, break_glass: {reasons: [emergency], roles: [admin], operations: [create]}";
    let harness = start(access).await;
    let admin = [ACTOR, role("admin"), JSON];
    let loud = [ACTOR, role("admin"), glass("emergency"), JSON];
    for (method, target) in [
        ("POST", "/v1/patients".to_owned()),
        ("PATCH", format!("/v1/patients/{ID}")),
        ("DELETE", format!("/v1/patients/{ID}")),
        ("POST", "/v1/fhir/Patient".to_owned()),
        ("PUT", format!("/v1/fhir/Patient/{ID}")),
        ("PATCH", format!("/v1/fhir/Patient/{ID}")),
        ("DELETE", format!("/v1/fhir/Patient/{ID}")),
        ("POST", "/v1/fhir/Patient/$validate".to_owned()),
        ("POST", "/v1/bulk/export".to_owned()),
        ("POST", "/v1/bulk/import".to_owned()),
    ] {
        let body: &[u8] = if method == "DELETE" { b"" } else { b"{}" };
        let count = if method == "DELETE" { 2 } else { 3 };
        refused(&harness, Code::AccessDenied, method, &target, &admin[..count], body).await;
        refused(&harness, Code::AccessDenied, method, &target, &loud[..count + 1], body).await;
    }
    for target in ["/v1/patients", "/v1/fhir/Patient", "/v1/bulk/jobs/q1", "/health"] {
        passes(&harness, "GET", target, &admin[..2], b"").await;
    }
    passes(&harness, "HEAD", "/v1/patients", &admin[..2], b"").await;
    let form = [ACTOR, role("admin"), FORM];
    passes(&harness, "POST", "/v1/patients/_search", &form, b"name=Quintanar-Abbott").await;
    passes(&harness, "POST", "/v1/fhir/Patient/_search", &form, b"family=Quintanar-Abbott").await;
    harness.finish().await;
    let observing = Harness::with_policy("guards: {access: {mode: observe, read_only: true}}").await;
    passes(&observing, "POST", "/v1/patients", &[JSON], br#"{"firstName":"A","lastName":"B"}"#).await;
    assert_eq!(observing.audit()[0]["observed"][0], "ACCESS_DENIED");
    assert_eq!(code(&observing.get("/v1/nothing").await), "ROUTE_NOT_ALLOWED");
    observing.finish().await;
}
