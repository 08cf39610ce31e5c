//! The policy's own rules: a pattern each, checked against its examples when the policy is loaded.
//!
//! Owns compilation and its errors, and where a rule hits. What a hit means for the text around it (a JSON number, a
//! key) is the structure's to say.

use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use regex::{Regex, RegexBuilder};

use super::class::{Class, Confidence, Finding, Layer};
use super::protect;
use super::settings::CustomRule;

/// A pattern that compiles to more than this is refused: it would be slow, or wrong.
const PATTERN_BYTES_MAX: usize = 1 << 20;

#[derive(Clone)]
pub(super) struct OwnRule {
    id: &'static str,
    class: Class,
    pattern: Regex,
}

/// Which part of a rule is at fault.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RulePart {
    Id,
    Pattern,
    /// The nth example.
    MustMatch(usize),
    MustNotMatch(usize),
}

/// Why a rule of the policy cannot be used. Quotes neither pattern nor examples.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleError {
    /// Which of the rules.
    pub index: usize,
    pub part: RulePart,
    pub message: String,
}

impl OwnRule {
    /// Compiles the `index`th rule and tells every fault of it.
    pub(super) fn new(index: usize, rule: &CustomRule, errors: &mut Vec<RuleError>) -> Option<OwnRule> {
        let known = errors.len();
        let mut fail = |part, message: &str| {
            errors.push(RuleError { index, part, message: message.to_owned() });
        };
        let well_named = (1..=64).contains(&rule.id.len())
            && rule.id.bytes().all(|b| b.is_ascii_alphanumeric() || b"._-".contains(&b));
        if !well_named {
            fail(RulePart::Id, "the id must be 1 to 64 letters, digits, dots, dashes or underscores");
        }
        let pattern = match RegexBuilder::new(&rule.pattern).size_limit(PATTERN_BYTES_MAX).build() {
            Ok(pattern) => pattern,
            Err(error) => {
                fail(RulePart::Pattern, &reason(&error));
                return None;
            }
        };
        if pattern.is_match("") {
            fail(RulePart::Pattern, "the pattern matches the empty text, so it would match everywhere");
        }
        let own = OwnRule { id: intern(&rule.id), class: rule.class, pattern };
        for (nth, example) in rule.must_match.iter().enumerate().filter(|(_, text)| !own.hits_any(text)) {
            let what = if own.pattern.is_match(example) {
                "the pattern matches this example, but its first group holds nothing to hide"
            } else {
                "the pattern does not match this example"
            };
            fail(RulePart::MustMatch(nth), what);
        }
        for (nth, _) in rule.must_not_match.iter().enumerate().filter(|(_, text)| own.hits_any(text)) {
            fail(RulePart::MustNotMatch(nth), "the pattern matches this example");
        }
        (errors.len() == known).then_some(own)
    }

    fn hits_any(&self, text: &str) -> bool {
        let mut any = false;
        self.hits(text, |_| any = true);
        any
    }

    /// Every span to hide: the first group of a match, else the whole of it. Placeholders inside are left out.
    pub(super) fn hits(&self, text: &str, mut hit: impl FnMut(Range<usize>)) {
        for captures in self.pattern.captures_iter(text) {
            let Some(found) = captures.get(1).or_else(|| captures.get(0)) else { continue };
            apart_from_placeholders(text, found.range(), &mut hit);
        }
    }

    pub(super) fn finding(&self, span: Range<usize>) -> Finding {
        Finding {
            class: self.class,
            rule: self.id,
            layer: Layer::Shape,
            confidence: Confidence::High,
            cue: None,
            span,
        }
    }
}

/// The parts of `span` that hold a letter or digit outside every placeholder.
fn apart_from_placeholders(text: &str, span: Range<usize>, hit: &mut impl FnMut(Range<usize>)) {
    let mut part = |part: Range<usize>| {
        if text[part.clone()].contains(char::is_alphanumeric) {
            hit(part);
        }
    };
    let mut from = span.start;
    // A placeholder may begin before the span.
    let mut at = text.floor_char_boundary(span.start.saturating_sub(protect::PLACEHOLDER_BYTES_MAX));
    while let Some(open) = memchr::memchr(b'[', &text.as_bytes()[at..span.end]).map(|next| at + next) {
        at = open + 1;
        let Some(close) = protect::placeholder_at(text.as_bytes(), open) else { continue };
        if from < open {
            part(from..open);
        }
        from = from.max(close);
        at = close.min(span.end);
    }
    if from < span.end {
        part(from..span.end);
    }
}

/// What is wrong with a pattern, without the pattern.
fn reason(error: &regex::Error) -> String {
    match error {
        regex::Error::CompiledTooBig(_) => "the pattern is too large when compiled".to_owned(),
        error => {
            let text = error.to_string();
            let last = text.rsplit("error: ").next().unwrap_or_default().trim();
            format!("the pattern is not a regular expression: {last}")
        }
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

    fn rule(pattern: &str, yes: &[&str], no: &[&str]) -> CustomRule {
        CustomRule {
            id: "acme.badge".to_owned(),
            class: Class::OtherId,
            pattern: pattern.to_owned(),
            must_match: yes.iter().map(|text| (*text).to_owned()).collect(),
            must_not_match: no.iter().map(|text| (*text).to_owned()).collect(),
        }
    }

    fn faults(rule: &CustomRule) -> Vec<RuleError> {
        let mut errors = Vec::new();
        assert_eq!(OwnRule::new(3, rule, &mut errors).is_none(), !errors.is_empty());
        errors
    }

    #[test]
    fn every_fault_is_told_with_its_part_and_without_the_text() {
        assert_eq!(faults(&rule(r"\bBADGE-\d{4}\b", &["BADGE-1234"], &["BADGE-12"])), []);
        let parts = |rule| faults(&rule).into_iter().map(|error| error.part).collect::<Vec<_>>();
        let wrong = rule("[0-9]*", &["x", "7"], &["secret", "1"]);
        assert_eq!(parts(wrong), [RulePart::Pattern, RulePart::MustMatch(0), RulePart::MustNotMatch(1)]);
        assert_eq!(parts(rule("badge (x)?y", &["badge y"], &[])), []);
        assert_eq!(parts(rule("badge(x*)y", &["badgey"], &[])), [RulePart::MustMatch(0)]);
        assert_eq!(parts(rule("(a{1000}){1000}", &["a"], &[])), [RulePart::Pattern]);
        let said = faults(&rule("secret(", &["x"], &[]));
        assert!(said[0].message.ends_with("unclosed group") && !said[0].message.contains("secret"));
        assert_eq!(said[0].index, 3);
    }

    #[test]
    fn placeholders_are_left_out_and_their_surroundings_are_not() {
        let own = OwnRule::new(0, &rule("note: (.+)", &["note: x"], &[]), &mut Vec::new()).unwrap();
        let hidden = |text: &str| {
            let mut parts = Vec::new();
            own.hits(text, |span| parts.push(text[span].to_owned()));
            parts
        };
        assert_eq!(hidden("note: Jo [REDACTED:name] left"), ["Jo ", " left"]);
        assert_eq!(hidden("note: [REDACTED:name], [REDACTED:name:7f3k9q2x]"), [""; 0]);
        assert_eq!(hidden("note: [x] y"), ["[x] y"]);
    }
}
