//! Where a refusal of PHI says that it is, and what to do there.

use super::*;
use crate::phi::settings::CustomRule;

fn advice(policy: &Policy, target: &str) -> String {
    let refusal = policy.check(&Method::GET, target).expect_err(target);
    assert_eq!(refusal.code, Code::PhiInUrl, "{target}");
    refusal.advice()
}

#[test]
fn a_refusal_says_where_without_a_word_of_the_request() {
    let policy = Policy::strict();
    let (path, undeclared) = ("At: the path.", "At: a parameter that is not documented.");
    for (target, at, said) in [
        ("/v1/patients/pt_marisol_quintanar", path, "by their opaque ids"),
        ("/v1/marisol/jane.doe@example.com", path, "by their opaque ids"),
        ("/v1/patients?email=jane.doe@example.com", "At: email.", "Send search values in the body"),
        ("/v1/observations?zzsecret=jane.doe@example.com", undeclared, "Leave it out"),
        ("/v1/nothing/here?zzsecret=jane.doe@example.com", undeclared, "Leave it out"),
        // Where there are two, the name that can be said.
        ("/v1/patients?zzsecret=jane.doe@example.com&name=Quintanar", "At: name.", "Send search values"),
    ] {
        let told = advice(&policy, target);
        assert!(told.contains(at) && told.contains(said), "{target}: {told}");
        assert!(!told.contains("jane") && !told.contains("marisol") && !told.contains("zzsecret"), "{told}");
    }
}

#[test]
fn a_key_is_said_to_be_where_it_is() {
    let policy = Policy::strict();
    let undeclared = "a parameter that is not documented";
    for (target, at) in [
        ("/v1/patients/clk_live_abcdefgh1234", "the path"),
        ("/v1/patients/%63lk_live_abcdefgh1234", "the path"),
        ("/v2/clk_live_abcdefgh1234?name=x", "the path"),
        ("/v1/patients?name=Quintanar&gender=clk_live_abcdefgh1234", "gender"),
        ("/v1/patients?name=Quintanar&gender=%63lk_live_abcdefgh1234", "gender"),
        ("/v1/patients?gender=Bearer+abcdefgh12345678", "gender"),
        ("/v1/patients?name=Quintanar&zzsecret=clk_live_abcdefgh1234", undeclared),
        ("/v1/patients?clk_live_abcdefgh1234", undeclared),
        ("/v1/patients?name=Quintanar&zzapikey=abcdef0123456789&api_key=abcdef0123456789", undeclared),
        ("/v1/nowhere?name=Quintanar&zzsecret=clk_live_abcdefgh1234", undeclared),
        ("/v1/fhir/Patient?family=Quintanar&gender=clk_live_abcdefgh1234", "gender"),
        ("http://localhost/v1/patients?gender=clk_live_abcdefgh1234", "gender"),
    ] {
        let refusal = policy.check(&Method::GET, target).expect_err(target);
        assert_eq!((refusal.code, refusal.subject.as_deref()), (Code::KeyInRequest, Some(at)), "{target}");
    }
}

#[test]
fn a_finding_of_a_rule_of_the_policy_names_the_rule() {
    let rule = CustomRule {
        id: "acme.badge".to_owned(),
        class: Class::OtherId,
        pattern: r"\bzq-\d+".to_owned(),
        must_match: vec!["zq-1".to_owned()],
        must_not_match: Vec::new(),
    };
    let policy = Policy::with(&EngineSettings { custom: vec![rule], ..EngineSettings::default() });
    for (target, at) in [
        ("/v1/patients/zq-17", "At: the path."),
        ("/v1/observations?zzsecret=zq-17", "At: a parameter that is not documented."),
        ("/v1/patients?name=zq-17", "At: name."),
    ] {
        let told = advice(&policy, target);
        assert!(told.contains("rule acme.badge of scrub.rules") && told.contains(at), "{target}: {told}");
        assert!(!told.contains("zq-17"));
    }
    assert!(!advice(&policy, "/v1/patients?email=jane.doe@example.com").contains("acme"));
}
