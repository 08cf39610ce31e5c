//! Cases are data: `tests/data/phi/url/*.jsonl`, and the request shapes of the SDK.

use http::Method;
use proptest::prelude::*;
use serde_json::Value;

use super::settings::{UrlException, UrlSettings};
use super::*;
use crate::contract;
use crate::guards::routes::DENY;
use crate::guards::routes::settings::FhirSettings;
use crate::phi::EngineSettings;

mod batch;
mod places;
mod routes;

const CASES: &[(&str, &str)] = &[
    ("params", include_str!("../../../tests/data/phi/url/params.jsonl")),
    ("undeclared", include_str!("../../../tests/data/phi/url/undeclared.jsonl")),
    ("fhir", include_str!("../../../tests/data/phi/url/fhir.jsonl")),
    ("encodings", include_str!("../../../tests/data/phi/url/encodings.jsonl")),
    ("ids", include_str!("../../../tests/data/phi/url/ids.jsonl")),
    ("values", include_str!("../../../tests/data/phi/url/values.jsonl")),
    ("targets", include_str!("../../../tests/data/phi/url/targets.jsonl")),
];
const SDK: &str = include_str!("../../../tests/data/clinikapi/sdk-requests.json");
const NOW: u64 = 1_795_000_000;

struct Policy {
    engine: Engine,
    url: UrlSettings,
    routes: RoutesSettings,
}

impl Policy {
    fn strict() -> Policy {
        Policy::with(&EngineSettings::default())
    }

    fn with(settings: &EngineSettings) -> Policy {
        Policy {
            engine: Engine::new(settings).unwrap_or_else(|_| panic!("settings compile")),
            url: UrlSettings { mode: Mode::Enforce, uri_bytes_max: 8192, exceptions: Vec::new() },
            routes: RoutesSettings {
                mode: Mode::Enforce,
                closed_by: vec![None; contract::routes().len()],
                search_by_body: true,
                fhir: FhirSettings {
                    types: Vec::new(),
                    methods: vec![Method::GET, Method::POST, Method::PUT, Method::PATCH, Method::DELETE],
                    operations: vec!["$everything".to_string(), "$validate".to_string()],
                    chains: true,
                    history: false,
                    batch: false,
                    conditional: false,
                },
            },
        }
    }

    fn guard(&self) -> TargetGuard<'_> {
        TargetGuard { engine: &self.engine, url: &self.url, routes: &self.routes, now_unix: NOW }
    }

    fn check(&self, method: &Method, target: &str) -> Result<CleanTarget, Refusal> {
        self.guard().check(method, target, &mut Observed::default())
    }

    fn code(&self, method: &str, target: &str) -> Option<&'static str> {
        let method = Method::from_bytes(method.as_bytes()).expect("a method");
        self.check(&method, target).err().map(|refusal| refusal.code.as_str())
    }
}

fn text<'a>(case: &'a Value, key: &str) -> &'a str {
    case[key].as_str().unwrap_or("")
}

#[test]
fn cases_are_judged_as_written() {
    let policy = Policy::strict();
    let (mut count, mut wrong) = (0, Vec::new());
    for (file, cases) in CASES {
        for line in cases.lines() {
            let case: Value = serde_json::from_str(line).expect("a case is JSON");
            count += 1;
            let method = Method::from_bytes(text(&case, "method").as_bytes()).expect("a method");
            let outcome = policy.check(&method, text(&case, "target"));
            let (code, classes) = match &outcome {
                Ok(_) => ("", Vec::new()),
                Err(refusal) => {
                    (refusal.code.as_str(), refusal.classes.iter().map(|class| class.label()).collect())
                }
            };
            let expected: Vec<&str> =
                case["classes"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            if code != text(&case, "code") || !expected.iter().all(|class| classes.contains(class)) {
                wrong.push(format!("{file} {} -> {code} {classes:?}", text(&case, "target")));
            }
        }
    }
    assert!(count >= 250, "{count} cases");
    assert!(wrong.is_empty(), "{} of {count}:\n{}", wrong.len(), wrong.join("\n"));
}

/// Harmless values for the parameters whose names the SDK's shapes leave empty.
fn harmless(name: &str) -> &'static str {
    match name {
        "count" | "_count" => "20",
        "cursor" => "40",
        "active" => "true",
        "dateFrom" | "dateTo" | "date" => "ge2024-01-01",
        "status" => "active",
        "code" => "44054006",
        name if name.ends_with("Id") => "550e8400-e29b-41d4-a716-446655440000",
        _ => "",
    }
}

#[test]
fn what_the_sdk_sends_passes() {
    let policy = Policy::strict();
    let shapes: Value = serde_json::from_str(SDK).expect("JSON");
    let mut wrong = Vec::new();
    for shape in shapes["requests"].as_array().expect("a list") {
        let target =
            text(shape, "target").replace("{id}", "pt_abc123").replace("{jobId}", "job_1").replace('…', "");
        let (path, query) = target.split_once('?').unwrap_or((&target, ""));
        let filled: Vec<String> = query
            .split('&')
            .filter(|pair| !pair.is_empty())
            .map(|pair| {
                let name = pair.split('=').next().unwrap_or(pair);
                format!("{name}={}", harmless(name))
            })
            .collect();
        let target =
            if filled.is_empty() { path.to_string() } else { format!("{path}?{}", filled.join("&")) };
        // What the strict policy keeps back on purpose.
        let kept_back = path == "/v1/fhir/";
        let code = policy.code(text(shape, "method"), &target);
        if code.is_some() != kept_back {
            wrong.push(format!("{} {target} -> {code:?}", text(shape, "method")));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn declared_identifiers_are_refused_on_every_route() {
    let policy = Policy::strict();
    for route in contract::routes() {
        let path = route.template.replace("{id}", "pt_abc123").replace("{jobId}", "job_1");
        for param in route.params() {
            let is_phi = matches!(param.class.kind, contract::ParamKind::Phi(_));
            let value = if param.name == "date" { "2024-03-15" } else { "Quintanar" };
            let code = policy.code(route.method.as_str(), &format!("{path}?{}={value}", param.name));
            if is_phi {
                assert_eq!(code, Some("PHI_IN_URL"), "{path}?{}", param.name);
            }
            assert_eq!(
                policy.code(route.method.as_str(), &format!("{path}?{}=", param.name)),
                None,
                "{path}"
            );
        }
    }
}

#[test]
fn a_clean_target_shows_its_template_only() {
    let policy = Policy::strict();
    let clean = policy
        .check(
            &Method::GET,
            "http://localhost:8080/v1/fhir/%50atient/pt%5Fabc123/$everything?_count=5&start=2024",
        )
        .expect("allowed");
    assert_eq!(clean.template(), "/v1/fhir/Patient/{id}/{operation}");
    assert_eq!(clean.path_and_query(), "/v1/fhir/Patient/pt_abc123/$everything?_count=5&start=2024");
    assert_eq!(clean.resource_id(), Some("pt_abc123"));
    assert_eq!(clean.resource(), "Patient");
    assert_eq!(clean.operation(), Operation::Fhir);
    let shown = format!("{clean:?}");
    assert!(shown.contains("{id}") && !shown.contains("abc123"), "{shown}");
    let read = policy.check(&Method::GET, "/v1/labs/lab_1").expect("allowed");
    assert_eq!(
        (read.operation(), read.resource(), read.template()),
        (Operation::Read, "labs", "/v1/labs/{id}")
    );
    assert_eq!(contract::routes()[read.route_index().expect("documented")].template, "/v1/labs/{id}");
}

#[test]
fn the_query_travels_byte_for_byte_unless_no_line_may_hold_it() {
    let policy = Policy::strict();
    for (target, sent) in [
        ("/v1/labs?status=fin%61l&count=5", "/v1/labs?status=fin%61l&count=5"),
        (
            "/v1/fhir/Observation?code=http://loinc.org|4548-4",
            "/v1/fhir/Observation?code=http://loinc.org|4548-4",
        ),
        ("/v1/organizations?name=Café X", "/v1/organizations?name=Caf%C3%A9%20X"),
    ] {
        assert_eq!(policy.check(&Method::GET, target).expect("allowed").path_and_query(), sent);
    }
}

#[test]
fn length_is_bounded() {
    let policy = Policy::strict();
    let at = |bytes: usize| format!("/v1/labs?status={}", "a".repeat(bytes - "/v1/labs?status=".len()));
    assert_eq!(policy.code("GET", &at(8192)), None);
    assert_eq!(policy.code("GET", &at(8193)), Some("URI_TOO_LONG"));
}

#[test]
fn exceptions_are_dated_and_bound_to_route_and_parameter() {
    let mut policy = Policy::strict();
    let route = contract::index_of(&Method::GET, "/v1/patients").expect("a route");
    let exception = |name: &str, expires_at| UrlException {
        owner: None,
        name: name.to_string(),
        route,
        params: vec!["name".to_string()],
        reason: "migration".to_string(),
        expires_at,
    };
    policy.url.exceptions = vec![exception("old", NOW), exception("legacy", NOW + 1)];
    let clean = policy.check(&Method::GET, "/v1/patients?name=Jane&count=5").expect("excepted");
    assert_eq!(clean.exceptions_used(), [1]);
    assert_eq!(
        policy.check(&Method::GET, "/v1/patients?name=").expect("clean").exceptions_used(),
        [0usize; 0]
    );
    assert_eq!(policy.code("GET", "/v1/patients?name=Jane&email=j"), Some("PHI_IN_URL"));
    assert_eq!(policy.code("GET", "/v1/persons?name=Jane"), Some("PHI_IN_URL"));
    assert_eq!(policy.code("GET", "/v1/patients?name=clk_live_abcdefgh1234"), Some("KEY_IN_REQUEST"));
    policy.url.exceptions.truncate(1);
    assert_eq!(policy.code("GET", "/v1/patients?name=Jane"), Some("PHI_IN_URL"));
}

#[test]
fn modes_observe_or_ignore() {
    let mut policy = Policy::strict();
    policy.url.mode = Mode::Observe;
    policy.routes.closed_by = vec![Some(DENY); contract::routes().len()];
    policy.routes.mode = Mode::Observe;
    let mut observed = Observed::default();
    assert!(policy.guard().check(&Method::GET, "/v1/patients?name=Jane", &mut observed).is_ok());
    let codes: Vec<&str> = observed.0.iter().map(|refusal| refusal.code.as_str()).collect();
    assert_eq!(codes, ["ROUTE_NOT_ALLOWED", "PHI_IN_URL"]);
    policy.url.mode = Mode::Off;
    policy.routes.mode = Mode::Off;
    let mut observed = Observed::default();
    assert!(policy.guard().check(&Method::GET, "/v1/patients?name=Jane", &mut observed).is_ok());
    assert!(observed.0.is_empty());
    assert_eq!(policy.code("GET", "/v1/unicorns?name=Jane"), None);
    assert_eq!(policy.code("GET", "/v1/patients/../labs"), Some("INVALID_TARGET"));
}

#[test]
fn a_sign_before_a_value_hides_nothing() {
    let policy = Policy::strict();
    for (target, code) in [
        ("/v1/patients?q=%25Jane%20Doe%25", Some("PHI_IN_URL")),
        ("/v1/patients?q=%25219-09-1234%25", Some("PHI_IN_URL")),
        ("/v1/patients?q=%25512-555-0147%25", Some("PHI_IN_URL")),
        ("/v1/patients?x=/Jane%20Doe/i", Some("PHI_IN_URL")),
        ("/v1/patients?next=https://app.example.org/Jane%20Doe", Some("PHI_IN_URL")),
        ("/v1/observations?patientId=Patient/Jane%20Doe", Some("PHI_IN_URL")),
        ("/v1/fhir/Observation?code-value-string=8480-6$Jane%20Doe", Some("PHI_IN_URL")),
        ("/v1/patients?status=100%25", None),
        ("/v1/fhir/Observation?code-value-quantity=8480-6$gt140", None),
    ] {
        assert_eq!(policy.code("GET", target), code, "{target}");
    }
}

#[test]
fn a_count_is_a_number_and_no_day() {
    let policy = Policy::strict();
    for (target, code) in [
        ("/v1/patients?count=20", None),
        ("/v1/patients?count=-1", None),
        ("/v1/patients?count=all", None),
        ("/v1/patients?count=1987-11-23", Some("PHI_IN_URL")),
        ("/v1/patients?count=Marisol%20Quintanar", Some("PHI_IN_URL")),
    ] {
        assert_eq!(policy.code("GET", target), code, "{target}");
    }
}

#[test]
fn providers_may_be_kept() {
    let policy = Policy::with(&EngineSettings { hide_providers: false, ..EngineSettings::default() });
    for target in [
        "/v1/practitioners?name=Chen",
        "/v1/practitioners?npi=1234567893",
        "/v1/fhir/Practitioner?family=Chen",
        "/v1/fhir/Practitioner?identifier=http://hl7.org/fhir/sid/us-npi|1234567893",
    ] {
        assert_eq!(policy.code("GET", target), None, "{target}");
    }
    assert_eq!(policy.code("GET", "/v1/patients?name=Chen"), Some("PHI_IN_URL"));
}

#[test]
fn a_search_by_body_becomes_a_get() {
    let policy = Policy::strict();
    let guard = policy.guard();
    let target = policy.check(&Method::POST, "/v1/patients/_search?count=5").expect("allowed");
    assert!(target.is_search_by_body());
    assert_eq!(target.template(), "/v1/patients/_search");
    for (content_type, body, sent) in [
        (
            Some("application/json"),
            r#"{"name":"Jane Doe","active":true,"cursor":null}"#,
            "name=Jane+Doe&active=true",
        ),
        (
            Some("application/x-www-form-urlencoded"),
            "name=Jane+Doe&birthDate=1984-03-12",
            "name=Jane+Doe&birthDate=1984-03-12",
        ),
        (Some("application/fhir+json; charset=utf-8"), r#"{"name":"José & Co"}"#, "name=Jos%C3%A9+%26+Co"),
        (None, "email=jane.doe%40example.com", "email=jane.doe%40example.com"),
    ] {
        let built = guard.search_by_body(&target, content_type, body.as_bytes()).expect("built");
        assert_eq!(built.path_and_query(), format!("/v1/patients?count=5&{sent}"));
    }
    for (content_type, body, code) in [
        ("application/json", r#"{"ssn":"123-45-6789"}"#, Code::ParameterUnknown),
        ("application/json", r#"{"name":{"a":1}}"#, Code::InvalidJson),
        ("application/json", "[1]", Code::InvalidJson),
        ("application/json", r#"{"name":"clk_live_abcdefgh1234"}"#, Code::KeyInRequest),
        ("application/x-www-form-urlencoded", "name=%zz", Code::InvalidTarget),
        ("application/x-www-form-urlencoded", "name=a%0d%0ab", Code::InvalidTarget),
        ("text/plain", "name=Jane", Code::UnsupportedMediaType),
    ] {
        let refusal = guard.search_by_body(&target, Some(content_type), body.as_bytes()).expect_err(body);
        assert_eq!(refusal.code, code, "{body}");
    }
    let fhir = policy.check(&Method::POST, "/v1/fhir/Patient/_search").expect("allowed");
    let built = guard
        .search_by_body(&fhir, Some("application/json"), br#"{"family":"Doe","_count":5}"#)
        .expect("built");
    assert_eq!(built.path_and_query(), "/v1/fhir/Patient?family=Doe&_count=5");
    assert!(built.echo_values().any(|(class, value)| class == KeyClass::Phi(Class::Name) && value == "Doe"));
}

#[test]
fn explanations_speak_our_own_words() {
    let policy = Policy::strict();
    let explained =
        policy.guard().explain(&Method::GET, "/v1/patients?name=Quintanar&zzsecret=jane.doe@example.com");
    let all = explained.lines.join("\n");
    assert!(all.contains("GET /v1/patients (search)") && all.contains("PHI_IN_URL"), "{all}");
    assert_eq!(explained.code(), Some(Code::PhiInUrl));
    for word in ["Quintanar", "zzsecret", "jane", "example.com"] {
        assert!(!all.contains(word), "{all}");
    }
}

/// Every byte as an escape, so that nothing of the text stands in the target as it is.
fn escaped(text: &str) -> String {
    text.bytes().map(|byte| format!("%{byte:02X}")).collect()
}

/// Values that are mostly refused, of every class, and others.
fn values() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Z][a-z]{2,8} [A-Z][a-z]{2,8}",
        "[1-8][0-9]{2}-[0-9]{2}-[0-9]{4}",
        "[a-z]{1,8}[.][a-z]{1,8}@example[.]com",
        "[(]?[2-9][0-9]{2}[)]?[ .-][2-9][0-9]{2}[ .-][0-9]{4}",
        "(MRN|ssn|dob)[:= ][0-9]{5,9}",
        "19[0-9]{2}-[01][0-9]-[0-3][0-9]",
        "[A-Z]{1,2}[0-9]{1,2} [0-9][A-Z]{2}",
        "[A-Za-z0-9 .,:/|_-]{0,40}",
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1500))]

    #[test]
    fn no_target_panics(target in any::<String>(), path in "[/a-z0-9%?&=;.$_-]{0,60}") {
        let mut policy = Policy::strict();
        for mode in [Mode::Enforce, Mode::Observe, Mode::Off] {
            policy.routes.mode = mode;
            policy.url.mode = mode;
            for target in [target.clone(), format!("/{path}"), format!("/v1/patients?{target}"), format!("/v1/fhir/{target}")] {
                for method in [Method::GET, Method::POST, Method::DELETE] {
                    let _ = policy.check(&method, &target);
                    let _ = policy.guard().explain(&method, &target);
                }
            }
        }
    }

    #[test]
    fn encoding_hides_nothing(value in values(), at in 0usize..4) {
        let policy = Policy::strict();
        let before = [
            "/v1/tasks?code=",
            "/v1/observations?note=",
            "/v1/fhir/Patient?name=",
            "/v1/patients?q=",
        ][at];
        let once = escaped(&value);
        let twice = escaped(&once);
        // A space of a value travels as `+` or as an escape, never as it is.
        let plain = format!("{before}{}", value.replace(' ', "%20"));
        if policy.code("GET", &plain).is_some() {
            prop_assert!(policy.code("GET", &format!("{before}{once}")).is_some(), "once");
            prop_assert!(policy.code("GET", &format!("{before}{twice}")).is_some(), "twice");
        }
    }

    #[test]
    fn explanations_quote_nothing(a in "zq[b-df-hj-np-tv-z]{6}", b in "[qxz]{8}", digits in "[1-9][0-9]{8}") {
        let mut policy = Policy::strict();
        for mode in [Mode::Enforce, Mode::Observe] {
            policy.routes.mode = mode;
            policy.url.mode = mode;
            for target in [
                format!("/v1/patients/{a}?{b}={digits}&name={a}"),
                format!("/v1/{a}/{b}?ssn={digits}"),
                format!("/v1/fhir/Patient?{a}.{b}={digits}&_has:{a}:{b}:name={b}"),
                format!("/{b}%zz{a}?{digits}"),
            ] {
                let explained = policy.guard().explain(&Method::GET, &target);
                let all = explained.lines.join("\n");
                for part in [&a, &b, &digits] {
                    prop_assert!(!all.contains(part.as_str()), "{}", all);
                }
            }
        }
    }
}
