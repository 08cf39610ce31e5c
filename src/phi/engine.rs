//! The compiled engine: settings, own rules and allow-lists made ready once, shared by `Arc`, never changed.
//!
//! Owns compilation and its errors. The scanning itself is `scan.rs`, `scrub.rs` and `url.rs`.

use std::collections::HashSet;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::class::{Class, Place};
use super::settings::{ClassSet, EngineSettings};

/// Immutable, `Send + Sync`, cheap to share. Holds no request data.
pub struct Engine {
    pub(super) settings: EngineSettings,
    pub(super) custom: Vec<CompiledRule>,
    /// Lower-case values that are never findings.
    pub(super) allowed: HashSet<String>,
}

pub(super) struct CompiledRule {
    pub(super) id: &'static str,
    pub(super) class: Class,
    pub(super) pattern: Regex,
}

/// Why a rule of the policy cannot be used. Says nothing of any request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// The id of the rule as the policy gives it.
    pub rule: String,
    pub message: String,
}

/// A pattern that compiles to more than this is refused: it would be slow, or wrong.
const PATTERN_BYTES_MAX: usize = 1 << 20;

impl Engine {
    /// Compiles the settings; reports every faulty rule at once.
    pub fn new(settings: &EngineSettings) -> Result<Engine, Vec<RuleError>> {
        let mut errors = Vec::new();
        let mut custom = Vec::new();
        for rule in &settings.custom {
            let mut fail = |message: String| errors.push(RuleError { rule: rule.id.clone(), message });
            let well_named = !rule.id.is_empty()
                && rule.id.len() <= 64
                && rule.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
            if !well_named {
                fail("the id must be 1 to 64 letters, digits, dots, dashes or underscores".to_owned());
                continue;
            }
            let pattern = match RegexBuilder::new(&rule.pattern).size_limit(PATTERN_BYTES_MAX).build() {
                Ok(pattern) => pattern,
                Err(error) => {
                    fail(format!("the pattern does not compile: {error}"));
                    continue;
                }
            };
            if pattern.is_match("") {
                fail("the pattern matches the empty text".to_owned());
            }
            for example in &rule.must_match {
                if !pattern.is_match(example) {
                    fail(format!("must_match example {example:?} does not match"));
                }
            }
            for example in &rule.must_not_match {
                if pattern.is_match(example) {
                    fail(format!("must_not_match example {example:?} matches"));
                }
            }
            custom.push(CompiledRule { id: intern(&rule.id), class: rule.class, pattern });
        }
        if !errors.is_empty() {
            return Err(errors);
        }
        let allowed = settings.allowed.iter().map(|entry| entry.value.to_ascii_lowercase()).collect();
        Ok(Engine { settings: settings.clone(), custom, allowed })
    }

    pub fn settings(&self) -> &EngineSettings {
        &self.settings
    }

    /// Classes the policy switched off for this place.
    pub(super) fn off(&self, place: Place) -> ClassSet {
        self.settings.off(place)
    }
}

impl Default for Engine {
    /// Everything on, no own rules.
    fn default() -> Engine {
        Engine { settings: EngineSettings::default(), custom: Vec::new(), allowed: HashSet::new() }
    }
}

/// Findings name rules by `&'static str`. Ids of the policy are kept once for the life of the process, so reloading
/// the same file does not grow memory.
fn intern(id: &str) -> &'static str {
    static IDS: Mutex<Vec<&'static str>> = Mutex::new(Vec::new());
    let mut ids = IDS.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(known) = ids.iter().find(|known| **known == id) {
        return known;
    }
    let kept: &'static str = Box::leak(id.to_owned().into_boxed_str());
    ids.push(kept);
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phi::settings::CustomRule;

    fn rule(pattern: &str, yes: &str, no: &str) -> EngineSettings {
        let custom = CustomRule {
            id: "acme.badge".to_owned(),
            class: Class::OtherId,
            pattern: pattern.to_owned(),
            must_match: vec![yes.to_owned()],
            must_not_match: vec![no.to_owned()],
        };
        EngineSettings { custom: vec![custom], ..EngineSettings::default() }
    }

    #[test]
    fn examples_are_checked_and_all_faults_are_told() {
        assert!(Engine::new(&rule("BADGE-[0-9]{4}", "BADGE-1234", "BADGE-12")).is_ok());
        let faults = Engine::new(&rule("[0-9]*", "x", "1")).err().unwrap_or_default();
        assert_eq!(faults.len(), 2, "{faults:?}");
        assert!(Engine::new(&rule("(", "x", "y")).is_err());
    }
}
