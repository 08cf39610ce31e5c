//! The gates pass nothing that the full look would refuse, the policy's own rules come before every gate, and its
//! allowed values after none.

use proptest::prelude::*;

use super::forms::{may_have_shape, passes_gate};
use crate::phi::class::{Class, Place};
use crate::phi::cues::KeyClass;
use crate::phi::engine::Engine;
use crate::phi::settings::{Allowed, CustomRule, EngineSettings};
use crate::phi::url::{Expect, Lens, Of, Whose};

fn found(engine: &Engine, text: &str) -> Vec<Class> {
    let mut findings = Vec::new();
    engine.scan(text, Place::Url, KeyClass::Safe, &mut findings);
    findings.into_iter().map(|finding| finding.class).filter(|class| *class != Class::Name).collect()
}

/// Texts near the shapes the rules know, and any other.
fn texts() -> impl Strategy<Value = String> {
    prop_oneof![
        "[A-Za-z0-9-]{0,24}",
        "[A-Z]{0,3}[0-9]{0,4}[A-Za-z]{0,3}",
        "[a-z]{1,12}-[a-z]{1,12}",
        "[ -~]{0,24}",
        "[a-z ]{0,30}[0-9]{0,3}",
    ]
}

#[test]
fn a_cue_glued_to_three_digits_passes_no_gate() {
    for value in ["NI000A", "hC000A", "MRN1234"] {
        assert!(!passes_gate(value), "{value}");
    }
    for value in ["I10", "active", "2026", "v2"] {
        assert!(passes_gate(value), "{value}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn the_gate_passes_nothing_the_scan_finds(text in texts()) {
        let engine = Engine::default();
        if passes_gate(&text) {
            prop_assert_eq!(found(&engine, &text), []);
        }
        if !may_have_shape(&text) {
            prop_assert_eq!(found(&engine, &text), []);
        }
    }

    #[test]
    fn ids_the_digit_gate_passes_hold_no_shape(id in "[A-Za-z]{0,6}[-_.]?[0-9]{0,5}[A-Za-z]{0,4}") {
        let engine = Engine::default();
        let mut lens = Lens::new(&engine);
        lens.id(&id, Of::Thing);
        let digits = id.bytes().filter(u8::is_ascii_digit).count();
        if lens.findings.is_empty() && digits >= 4 {
            let missed: Vec<Class> = found(&engine, &id)
                .into_iter()
                // Judged by the day in the id itself, and not at all.
                .filter(|class| !matches!(class, Class::Date | Class::Url | Class::Clinical))
                .collect();
            prop_assert_eq!(missed, []);
        }
    }

    #[test]
    fn own_rules_come_before_every_gate(word in "[a-z]{1,8}", of in 0usize..3) {
        let custom = CustomRule {
            id: "acme.word".to_owned(),
            class: Class::OtherId,
            pattern: format!("^{word}$"),
            must_match: vec![word.clone()],
            must_not_match: vec![format!("{word} x")],
        };
        let engine = Engine::new(&EngineSettings { custom: vec![custom], ..EngineSettings::default() })
            .unwrap_or_else(|_| panic!("the rule compiles"));
        for expect in [Expect::Code, Expect::Fields, Expect::Opaque, Expect::Label, Expect::Flag, Expect::Window] {
            let mut lens = Lens::new(&engine);
            lens.value(expect, &word);
            prop_assert!(lens.findings.iter().any(|finding| finding.rule == "acme.word"), "{:?}", expect);
        }
        let mut lens = Lens::new(&engine);
        lens.id(&word, [Of::Person, Of::Thing, Of::Catalogue][of]);
        prop_assert!(!lens.findings.is_empty());
    }

    #[test]
    fn nothing_panics(text in any::<String>()) {
        let engine = Engine::default();
        let mut lens = Lens::new(&engine);
        for expect in [
            Expect::Phi(Class::Name, Whose::Person),
            Expect::Identifier(Class::Mrn, Whose::Person),
            Expect::Search,
            Expect::Filter,
            Expect::Code,
            Expect::Agent,
            Expect::Near,
            Expect::ServiceDate,
            Expect::Reference(Of::Person),
            Expect::Unknown(KeyClass::Unknown),
        ] {
            lens.value(expect, &text);
        }
        lens.id(&text, Of::Person);
        lens.stray_name(&text);
    }
}

#[test]
fn allowed_values_pass() {
    let settings = EngineSettings {
        allowed: vec![Allowed { value: "Desk@Example.org".to_owned(), reason: "hotline".to_owned() }],
        ..EngineSettings::default()
    };
    let engine = Engine::new(&settings).unwrap_or_else(|_| panic!("the settings compile"));
    for (value, expected) in
        [("desk@example.org", true), ("jane@example.org", false), ("desk@example.org,jo@example.org", false)]
    {
        for expect in [Expect::Phi(Class::Email, Whose::Person), Expect::Free, Expect::Code] {
            let mut lens = Lens::new(&engine);
            lens.value(expect, value);
            assert_eq!(lens.findings.is_empty(), expected, "{value} {expect:?}");
        }
    }
}
