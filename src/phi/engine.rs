//! The compiled engine: settings, own rules and allow-lists made ready once, shared by `Arc`, never changed.
//!
//! Owns what the policy lets pass. Own rules are `own.rs`; the scanning itself is `scan.rs`, `scrub.rs` and `url.rs`.

use std::collections::HashSet;
use std::sync::Arc;

use super::class::{Confidence, Place};
use super::own::{OwnRule, RuleError};
use super::pseudonym::KeyedDigest;
use super::settings::EngineSettings;

/// Immutable, `Send + Sync`, cheap to share. Holds no request data.
#[derive(Clone)]
pub struct Engine {
    pub(super) settings: EngineSettings,
    pub(super) custom: Vec<OwnRule>,
    /// Lower-case values that are never findings.
    pub(super) allowed: HashSet<String>,
    /// Makes the codes of pseudonyms in log lines; without it placeholders carry none.
    pub(super) pseudonyms: Option<Arc<dyn KeyedDigest>>,
}

impl Engine {
    /// Compiles the settings; reports every fault of every rule at once.
    pub fn new(settings: &EngineSettings) -> Result<Engine, Vec<RuleError>> {
        let mut errors = Vec::new();
        let custom = settings
            .custom
            .iter()
            .enumerate()
            .filter_map(|(index, rule)| OwnRule::new(index, rule, &mut errors))
            .collect();
        if !errors.is_empty() {
            return Err(errors);
        }
        let allowed = settings.allowed.iter().map(|entry| entry.value.to_ascii_lowercase()).collect();
        Ok(Engine { settings: settings.clone(), custom, allowed, pseudonyms: None })
    }

    /// The same engine, whose placeholders in log lines carry pseudonyms: `[REDACTED:name:7f3k9q2x]`.
    ///
    /// In log lines only. An error goes to the app, and whoever can cause errors could try values there until a code
    /// of the logs comes back.
    #[must_use]
    pub fn with_pseudonyms(&self, digest: Arc<dyn KeyedDigest>) -> Engine {
        Engine { pseudonyms: Some(digest), ..self.clone() }
    }

    /// What makes pseudonyms in this place.
    pub(super) fn pseudonyms(&self, place: Place) -> Option<&dyn KeyedDigest> {
        self.pseudonyms.as_deref().filter(|_| place == Place::Log)
    }

    pub fn settings(&self) -> &EngineSettings {
        &self.settings
    }

    /// Does the policy let this very text pass?
    pub(super) fn allows(&self, text: &str) -> bool {
        if self.allowed.is_empty() {
            return false;
        }
        let lower = text.trim().to_ascii_lowercase();
        self.allowed.contains(&lower) || self.holds_only_allowed(&lower)
    }

    /// Is a finding of several words made of allowed texts only, with signs between?
    fn holds_only_allowed(&self, lower: &str) -> bool {
        const BYTES_MAX: usize = 256;
        if lower.len() > BYTES_MAX {
            return false;
        }
        let mut rest = lower.trim_start_matches(|c: char| !c.is_alphanumeric());
        let mut known = false;
        while !rest.is_empty() {
            let fits = |text: &&String| {
                rest.strip_prefix(text.as_str())
                    .is_some_and(|behind| !behind.starts_with(char::is_alphanumeric))
            };
            // The longest, so that an entry that opens another does not stand in its way.
            let Some(text) = self
                .allowed
                .iter()
                .filter(|text| !text.is_empty())
                .filter(fits)
                .max_by_key(|text| text.len())
            else {
                return false;
            };
            known = true;
            rest = rest[text.len()..].trim_start_matches(|c: char| !c.is_alphanumeric());
        }
        known
    }

    /// Does every finding in this place count?
    pub(super) fn is_strict(&self, place: Place) -> bool {
        let at = self.settings.at(place);
        self.allowed.is_empty() && at.off.is_empty() && at.confidence_min == Confidence::Low
    }
}

impl Default for Engine {
    /// Everything on, no own rules.
    fn default() -> Engine {
        Engine {
            settings: EngineSettings::default(),
            custom: Vec::new(),
            allowed: HashSet::new(),
            pseudonyms: None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phi::echo::Echo;
    use crate::phi::settings::{Allowed, ClassSet, CustomRule, PlaceSettings, Region, RegionSet};
    use crate::phi::{Class, url};

    fn engine(settings: EngineSettings) -> Engine {
        Engine::new(&settings).unwrap_or_else(|errors| panic!("{errors:?}"))
    }

    fn line(engine: &Engine, text: &str) -> String {
        let mut out = Vec::new();
        engine.scrub_line(text.as_bytes(), &mut out);
        String::from_utf8(out).unwrap()
    }

    fn body(engine: &Engine, text: &str) -> String {
        String::from_utf8(engine.scrub_body(None, text.as_bytes(), &Echo::new()).body).unwrap()
    }

    fn in_url(engine: &Engine, value: &str) -> Vec<Class> {
        let mut lens = url::Lens::new(engine);
        lens.value(url::Expect::Free, value);
        lens.findings.iter().map(|finding| finding.class).collect()
    }

    fn off(classes: &[Class]) -> PlaceSettings {
        let off = classes.iter().fold(ClassSet::EMPTY, |set, class| set.with(*class));
        PlaceSettings { off, ..PlaceSettings::STRICT }
    }

    #[test]
    fn a_class_is_off_in_its_place_only() {
        let engine = engine(EngineSettings { log: off(&[Class::Email]), ..EngineSettings::default() });
        for text in [
            "mail jo.quint@example.org now",
            r#"{"email":"jo.quint@example.org"}"#,
            "email=jo.quint@example.org",
        ] {
            assert_eq!(line(&engine, text), text);
            assert!(!body(&engine, text).contains("quint"), "{text}");
        }
        assert_eq!(in_url(&engine, "jo.quint@example.org"), [Class::Email]);
    }

    #[test]
    fn a_key_whose_class_is_off_still_hides_what_else_its_value_holds() {
        let lenient = off(&[Class::Name, Class::Clinical, Class::Date]);
        let engine = engine(EngineSettings {
            log: lenient,
            error: lenient,
            url: lenient,
            ..EngineSettings::default()
        });
        let inside = "Jane Doe, ssn 219-09-1234, jane@example.org";
        for text in [
            format!(r#"{{"name":"{inside}"}}"#),
            format!(r#"{{"note":"{inside}"}}"#),
            format!(r#"{{"birthDate":"{inside}"}}"#),
            format!("name: '{inside}'"),
            format!("<name>{inside}</name>"),
            format!("PID|1||4711||{inside}"),
            format!("BEGIN:VCARD\nFN:{inside}\nEND:VCARD"),
        ] {
            for out in [line(&engine, &text), body(&engine, &text)] {
                assert!(!out.contains("219-09") && !out.contains("jane@"), "{text}\n{out}");
            }
        }
        assert!(line(&engine, &format!(r#"{{"name":"{inside}"}}"#)).contains("Jane Doe, ssn [REDACTED:ssn]"));
        for expect in [
            url::Expect::Phi(Class::Name, url::Whose::Person),
            url::Expect::Identifier(Class::Name, url::Whose::Person),
            url::Expect::ServiceDate,
        ] {
            let mut lens = url::Lens::new(&engine);
            lens.value(expect, "jane@example.org");
            assert_eq!(lens.findings.iter().map(|found| found.class).collect::<Vec<_>>(), [Class::Email]);
        }
        let mut lens = url::Lens::new(&engine);
        lens.value(url::Expect::Phi(Class::Name, url::Whose::Person), "Jane Doe");
        assert_eq!(lens.findings, []);
    }

    #[test]
    fn regions_are_those_of_the_place() {
        let us = PlaceSettings { regions: RegionSet::NONE.with(Region::Us), ..PlaceSettings::STRICT };
        let engine = engine(EngineSettings { log: us, ..EngineSettings::default() });
        let nino = "ref AB123456C ok";
        assert_eq!(line(&engine, nino), nino);
        assert_eq!(body(&engine, nino), "ref [REDACTED:other-unique-id] ok");
        assert_eq!(in_url(&engine, "AB123456C"), [Class::OtherId]);
        // Nor do the words of a region speak where it is off.
        let cued = "bvn 22123456789 rejected";
        assert_eq!(line(&engine, cued), cued);
        assert_eq!(body(&engine, cued), "bvn [REDACTED:account] rejected");
        let engine = self::engine(EngineSettings { url: us, ..EngineSettings::default() });
        assert_eq!(in_url(&engine, "AB123456C"), []);
    }

    #[test]
    fn what_is_less_sure_than_asked_for_passes() {
        let sure = PlaceSettings { confidence_min: Confidence::High, ..PlaceSettings::STRICT };
        let engine = engine(EngineSettings { log: sure, ..EngineSettings::default() });
        let text = "seen at 12 Oak Street; ssn 219-09-1234";
        let (lenient, strict) = (line(&engine, text), body(&engine, text));
        assert!(lenient.contains("12 Oak Street; ssn [REDACTED:ssn]"), "{lenient}");
        assert!(!strict.contains("Oak"), "{strict}");
    }

    #[test]
    fn allowed_text_passes_and_nothing_around_it() {
        let allowed = |value: &str| Allowed { value: value.to_owned(), reason: "test".to_owned() };
        let engine = engine(EngineSettings {
            allowed: vec![allowed("Desk@Example.org"), allowed("512-555-0100")],
            ..EngineSettings::default()
        });
        for text in [
            "write to desk@example.org or call 512-555-0100",
            r#"{"email":"desk@example.org","phone":"512-555-0100"}"#,
        ] {
            assert_eq!(line(&engine, text), text);
            assert_eq!(body(&engine, text), text);
        }
        let out = line(&engine, "write to jo.desk@example.org or call 512-555-0101");
        assert!(!out.contains("example.org") && !out.contains("0101"), "{out}");
        assert_eq!(in_url(&engine, "desk@example.org"), []);
        assert_eq!(in_url(&engine, "a-desk@example.org"), [Class::Email]);
    }

    fn badge(pattern: &str) -> Engine {
        let rule = CustomRule {
            id: "acme.badge".to_owned(),
            class: Class::OtherId,
            pattern: pattern.to_owned(),
            must_match: Vec::new(),
            must_not_match: Vec::new(),
        };
        engine(EngineSettings { custom: vec![rule], ..EngineSettings::default() })
    }

    #[test]
    fn own_rules_reach_every_form_of_text_and_leave_json_json() {
        let engine = badge(r"\b(?:qx|zq)\d\b|\b77\d\b|\btrue\b");
        for text in [
            "qx7",
            "id=qx7&count=770",
            r#"{"id":"qx7","status":"zq1","n":771,"ok":true,"qx7":1,"zq2":[772,"a qx1\nb"]}"#,
            r#"{"resourceType":"qx7","in":"{\"status\":\"zq1\"}"}"#,
            "[771, 772]",
            "771",
            "<a href=\"/x/qx7\">zq1</a>",
            r#"INFO {"status":"qx7"} 200"#,
            r#"{"status":"qx7", broken zq1"#,
            "2026-11-21T22:04:11Z INFO qx7",
            "550e8400-e29b-41d4-a716-446655440000 qx7",
        ] {
            for out in [line(&engine, text), body(&engine, text)] {
                for word in ["qx", "zq", "77", "true"] {
                    assert!(!out.contains(word), "{text}\n{out}");
                }
                let json = |text: &str| serde_json::from_str::<serde_json::Value>(text).is_ok();
                assert_eq!(json(text), json(&out), "{out}");
                assert_eq!(line(&engine, &out), out);
                assert_eq!(body(&engine, &out), out);
            }
        }
        assert_eq!(in_url(&engine, "qx7"), [Class::OtherId]);
    }

    #[test]
    fn own_rules_may_speak_of_what_stands_around_and_of_opaque_ids() {
        let engine = badge(r#"(?i)badge"?\s*[:=]\s*"?(\w+)"#);
        assert_eq!(line(&engine, "Badge: kappa ok"), "Badge: [REDACTED:other-unique-id] ok");
        assert_eq!(line(&engine, r#"{"badge":"kappa"}"#), r#"{"badge":"[REDACTED:other-unique-id]"}"#);
        assert_eq!(line(&engine, r#"{"badge":7}"#), r#"{"badge":"[REDACTED:other-unique-id]"}"#);
        let engine = badge("pt_[a-z0-9]{6}|[0-9a-f-]{36}");
        let out = line(&engine, "GET /v1/patients/pt_abc123 550e8400-e29b-41d4-a716-446655440000");
        assert_eq!(out, "GET /v1/patients/[REDACTED:other-unique-id] [REDACTED:other-unique-id]");
    }
}
