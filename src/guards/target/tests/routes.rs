//! Which routes pass, as the policy narrows or opens them.

use super::*;

#[test]
fn undocumented_routes_pass_where_routes_are_not_enforced() {
    let mut policy = Policy::strict();
    assert_eq!(policy.code("GET", "/v2/unicorns/u_1"), Some("ROUTE_NOT_ALLOWED"));
    for (mode, noted) in [(Mode::Observe, &["ROUTE_NOT_ALLOWED"][..]), (Mode::Off, &[])] {
        policy.routes.mode = mode;
        for (method, operation) in [
            (Method::GET, Operation::Read),
            (Method::POST, Operation::Create),
            (Method::PUT, Operation::Update),
            (Method::PATCH, Operation::Update),
            (Method::DELETE, Operation::Delete),
        ] {
            let mut observed = Observed::default();
            let target = "/v2/unicorns/u_1/horn%20size?unit=cm";
            let clean = policy.guard().check(&method, target, &mut observed).expect("passes");
            let codes: Vec<&str> = observed.0.iter().map(|refusal| refusal.code.as_str()).collect();
            assert_eq!(codes, noted);
            assert_eq!(
                (clean.route_index(), clean.template(), clean.resource(), clean.operation()),
                (None, "unmatched", "unknown", operation)
            );
            assert_eq!(clean.path_and_query(), "/v2/unicorns/u_1/horn%20size?unit=cm");
        }
        for (method, target, code) in [
            ("GET", "/v2/unicorns/jane_doe", "PHI_IN_URL"),
            ("GET", "/v2/unicorns/123-45-6789", "PHI_IN_URL"),
            ("GET", "/v2/unicorns?lastName=Quintanar", "PHI_IN_URL"),
            ("GET", "/v2/unicorns?note=jane.doe%40example.com", "PHI_IN_URL"),
            ("GET", "/v2/unicorns;name=Quintanar", "PHI_IN_URL"),
            ("GET", "/v2/clk_live_abcdefgh1234", "KEY_IN_REQUEST"),
            ("GET", "/v2//unicorns", "INVALID_TARGET"),
            ("GET", "/v2/../unicorns", "INVALID_TARGET"),
            ("GET", "/v2/unicorns?a=%zz", "INVALID_TARGET"),
            ("GET", "/1/2/3/4/5/6/7/8/9/10/11/12/13/14/15/16/17", "INVALID_TARGET"),
            ("TRACE", "/v2/unicorns", "ROUTE_NOT_ALLOWED"),
        ] {
            assert_eq!(policy.code(method, target), Some(code), "{method} {target}");
        }
    }
}

#[test]
fn the_policy_narrows_the_passthrough() {
    let mut policy = Policy::strict();
    policy.routes.fhir.types = vec!["Patient".to_string()];
    policy.routes.fhir.chains = false;
    assert_eq!(policy.code("GET", "/v1/fhir/Patient"), None);
    assert_eq!(policy.code("GET", "/v1/fhir/Observation"), Some("ROUTE_NOT_ALLOWED"));
    assert_eq!(policy.code("GET", "/v1/fhir/Patient/x/Observation"), Some("ROUTE_NOT_ALLOWED"));
    assert_eq!(policy.code("GET", "/v1/fhir/Patient?organization.active=true"), Some("ROUTE_NOT_ALLOWED"));
    policy.routes.fhir.history = true;
    policy.routes.fhir.batch = true;
    policy.routes.fhir.conditional = true;
    assert_eq!(policy.code("GET", "/v1/fhir/Patient/x/_history/1"), None);
    assert_eq!(policy.code("POST", "/v1/fhir/"), None);
    assert_eq!(policy.code("PUT", "/v1/fhir/Patient?active=true"), None);
    assert_eq!(policy.code("PUT", "/v1/fhir/Patient?family=Doe"), Some("PHI_IN_URL"));
}
