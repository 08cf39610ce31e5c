//! Error text inside successful answers that are read whole: the values under JSON pointers of the policy, answers that
//! are errors themselves, and outcomes among the resources that an answer carries.
//!
//! Finds where the values stand and leaves every byte outside of them alone. What is found goes through the reader of
//! error bodies as the member that it is, so that its keys, numbers and member names count as they do there. Reads
//! wider than RFC 6901 where that is the safe side: see [`Steps`].

use std::ops::Range;

use super::disguise::{self, Errors, Opening};
use super::{entries, envelope};
use crate::guards::body::json::JsonCheck;
use crate::phi::Engine;
use crate::phi::echo::Echo;
use crate::phi::scrub::Redactions;

/// Deepest nesting that is read.
const DEPTH_MAX: usize = 128;

/// What a text is scrubbed by.
pub struct Scope<'a> {
    pub pointers: &'a [String],
    pub engine: &'a Engine,
    pub echo: &'a Echo,
    pub outcome_bytes_max: usize,
}

/// Scrubs everything at or below each pointer (RFC 6901), the error that the whole is, and each outcome in it; nothing if
/// the text is not one JSON text of bounded depth, or would not be one afterwards.
pub fn scrub(text: &[u8], scope: &Scope<'_>) -> Option<(Vec<u8>, Redactions)> {
    let text =
        std::str::from_utf8(disguise::without_mark(text)).ok().filter(|text| is_json(text.as_bytes()))?;
    let mut finder = Finder { text, found: Vec::new() };
    match disguise::errors(text) {
        Errors::None => {}
        Errors::Whole => _ = finder.value(0, &[], 0..0),
        Errors::Enveloped => _ = finder.value(0, &[disguise::ENVELOPE.to_owned()], 0..0),
        Errors::Remarks => {
            for name in disguise::remarks() {
                finder.value(0, &[name.to_owned()], 0..0);
            }
        }
    }
    for pointer in scope.pointers {
        let steps = Steps::of(pointer);
        finder.value(0, &steps.0, 0..0);
        if let Some(other) = steps.other_envelope() {
            finder.value(0, &other, 0..0);
        }
    }
    if disguise::opening(text.as_bytes()) != Opening::Record {
        let mut outcomes = entries::Finder::default();
        outcomes.read(text.as_bytes(), 0).ok()?;
        finder.found.extend(outcomes.take_found().into_iter().map(Place::Outcome));
    }
    // The outer of two values that stand in one another covers the inner.
    finder.found.sort_unstable_by_key(|place| (place.value().start, std::cmp::Reverse(place.value().end)));

    let mut clean = Vec::with_capacity(text.len());
    let mut redactions = Redactions::default();
    let mut done = 0;
    for place in finder.found {
        let Range { start, end } = *place.value();
        if start < done {
            continue;
        }
        clean.extend_from_slice(text.as_bytes().get(done..start)?);
        let raw = text.get(start..end)?;
        let (value, counts) = match place {
            Place::Member { key, .. } => {
                let (value, counts) = scope.engine.scrub_member(text.get(key)?, raw, scope.echo);
                (envelope::in_place(value)?, counts)
            }
            Place::Outcome(_) => {
                entries::scrub(raw.as_bytes(), scope.engine, scope.echo, scope.outcome_bytes_max)?
            }
        };
        clean.extend_from_slice(&value);
        redactions.add_all(&counts);
        done = end;
    }
    clean.extend_from_slice(text.as_bytes().get(done..)?);
    is_json(&clean).then_some((clean, redactions))
}

fn is_json(text: &[u8]) -> bool {
    let mut check = JsonCheck::new(DEPTH_MAX, text.len());
    check.push(text).is_ok() && check.finish().is_ok()
}

/// The reference tokens of a pointer.
///
/// A token that is no index goes through an array into each of its elements, and so does `-`; names agree in any case of
/// their ASCII letters; a text where an object was expected is scrubbed itself.
struct Steps(Vec<String>);

impl Steps {
    fn of(pointer: &str) -> Steps {
        Steps(pointer.split('/').skip(1).map(|token| token.replace("~1", "/").replace("~0", "~")).collect())
    }

    /// The same without its envelope, or in one: a pointer means both.
    fn other_envelope(&self) -> Option<Vec<String>> {
        match self.0.split_first() {
            Some((first, [])) if first == "data" => None,
            Some((first, rest)) if first == "data" => Some(rest.to_vec()),
            _ => Some(std::iter::once("data".to_owned()).chain(self.0.iter().cloned()).collect()),
        }
    }
}

/// A value to scrub, as written.
enum Place {
    /// With the name it has, without its quotes.
    Member {
        key: Range<usize>,
        value: Range<usize>,
    },
    Outcome(Range<usize>),
}

impl Place {
    fn value(&self) -> &Range<usize> {
        match self {
            Place::Member { value, .. } | Place::Outcome(value) => value,
        }
    }
}

/// Walks a text that is known to be JSON. Recursion is bounded by the depth of that.
struct Finder<'a> {
    text: &'a str,
    found: Vec<Place>,
}

impl Finder<'_> {
    /// Follows `steps` from the value at `at`, and says where the value ends.
    fn value(&mut self, at: usize, steps: &[String], key: Range<usize>) -> usize {
        let at = self.blank(at);
        let Some((step, rest)) = steps.split_first() else {
            let end = self.skip(at);
            self.found.push(Place::Member { key, value: at..end });
            return end;
        };
        match self.byte(at) {
            b'{' => self.members(at, step, rest),
            b'[' => self.elements(at, step, steps, rest, key),
            b'"' => self.value(at, &[], key),
            _ => self.skip(at),
        }
    }

    fn members(&mut self, open: usize, step: &str, rest: &[String]) -> usize {
        let mut at = self.blank(open + 1);
        while self.byte(at) == b'"' {
            let end = self.skip(at);
            let key = at + 1..end.saturating_sub(1);
            // Over the colon.
            let value = self.blank(end) + 1;
            at = if self.is_named(key.clone(), step) {
                self.value(value, rest, key)
            } else {
                self.skip(self.blank(value))
            };
            at = self.blank(at);
            if self.byte(at) != b',' {
                break;
            }
            at = self.blank(at + 1);
        }
        at + 1
    }

    /// `steps` are all that are left: `step` and `rest`.
    fn elements(
        &mut self,
        open: usize,
        step: &str,
        steps: &[String],
        rest: &[String],
        key: Range<usize>,
    ) -> usize {
        let index: Option<usize> = step.parse().ok();
        let mut at = self.blank(open + 1);
        let mut position = 0;
        while !matches!(self.byte(at), b']' | 0) {
            at = match index {
                Some(index) if index == position => self.value(at, rest, key.clone()),
                Some(_) => self.skip(at),
                None if step == "-" => self.value(at, rest, key.clone()),
                None => self.value(at, steps, key.clone()),
            };
            position += 1;
            at = self.blank(at);
            if self.byte(at) != b',' {
                break;
            }
            at = self.blank(at + 1);
        }
        at + 1
    }

    fn is_named(&self, key: Range<usize>, step: &str) -> bool {
        let Some(raw) = self.text.get(key) else { return false };
        if !raw.contains('\\') {
            return raw.eq_ignore_ascii_case(step);
        }
        serde_json::from_str::<String>(&format!("\"{raw}\"")).is_ok_and(|key| key.eq_ignore_ascii_case(step))
    }

    /// The end of the value at `at`.
    fn skip(&self, at: usize) -> usize {
        let mut depth = 0usize;
        let mut at = at;
        loop {
            match self.byte(at) {
                b'"' => at = self.string_end(at + 1),
                b'{' | b'[' => {
                    depth += 1;
                    at += 1;
                }
                b'}' | b']' => {
                    depth = depth.saturating_sub(1);
                    at += 1;
                }
                b',' | b':' | b' ' | b'\t' | b'\r' | b'\n' => at += 1,
                0 => return self.text.len(),
                _ => at = self.scalar_end(at),
            }
            if depth == 0 {
                return at;
            }
        }
    }

    fn string_end(&self, from: usize) -> usize {
        let mut at = from;
        while let Some(found) = memchr::memchr2(b'"', b'\\', self.rest(at)) {
            at += found + 1;
            if self.byte(at - 1) == b'"' {
                return at;
            }
            at += 1;
        }
        self.text.len()
    }

    fn scalar_end(&self, at: usize) -> usize {
        let rest = self.rest(at);
        let ends = |byte: &u8| matches!(byte, b',' | b'}' | b']') || byte.is_ascii_whitespace();
        at + rest.iter().position(ends).unwrap_or(rest.len())
    }

    fn blank(&self, at: usize) -> usize {
        at + self.rest(at).iter().take_while(|byte| byte.is_ascii_whitespace()).count()
    }

    fn rest(&self, at: usize) -> &[u8] {
        self.text.as_bytes().get(at..).unwrap_or_default()
    }

    /// The byte there; NUL, which no JSON holds, beyond the end.
    fn byte(&self, at: usize) -> u8 {
        self.text.as_bytes().get(at).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn places(text: &str, pointer: &str) -> Vec<(String, String)> {
        assert!(is_json(text.as_bytes()), "{text}");
        let steps = Steps::of(pointer);
        let mut finder = Finder { text, found: Vec::new() };
        assert_eq!(finder.value(0, &steps.0, 0..0), text.trim_end().len(), "{text}");
        if let Some(other) = steps.other_envelope() {
            finder.value(0, &other, 0..0);
        }
        let cut = |range: Range<usize>| text.get(range).unwrap_or_default().to_owned();
        let members = finder.found.into_iter().filter_map(|place| match place {
            Place::Member { key, value } => Some((cut(key), cut(value))),
            Place::Outcome(_) => None,
        });
        members.collect()
    }

    #[test]
    fn values_are_found_wherever_the_pointer_leads() {
        for (text, pointer, expected) in [
            (
                r#"{"data":{"errors":[1, {"a":"]"}],"x":2}}"#,
                "/data/errors",
                &[("errors", r#"[1, {"a":"]"}]"#)][..],
            ),
            (r#"{"errors":"x"}"#, "/data/errors", &[("errors", r#""x""#)]),
            (r#"{"data":{"errors":"x"}}"#, "/errors", &[("errors", r#""x""#)]),
            (
                r#" { "data" : [ {"errors":1} , {"a":[]}, {"errors" : {"b":"\\\"}"} } ] } "#,
                "/data/errors",
                &[("errors", "1"), ("errors", r#"{"b":"\\\"}"}"#)],
            ),
            (
                r#"[{"data":{"errors":1}},[{"data":{"errors":2}}]]"#,
                "/data/errors",
                &[("errors", "1"), ("errors", "2")],
            ),
            (
                r#"{"data":{"err\u006frs":1,"ERRORS":2,"errors":3}}"#,
                "/data/errors",
                &[("err\\u006frs", "1"), ("ERRORS", "2"), ("errors", "3")],
            ),
            (r#"{"data":[{"errors":1},{"errors":2}]}"#, "/data/1/errors", &[("errors", "2")]),
            (
                r#"{"data":[{"errors":1},{"errors":2}]}"#,
                "/data/-/errors",
                &[("errors", "1"), ("errors", "2")],
            ),
            (r#"{"a/b":{"~":"c"}}"#, "/a~1b/~0", &[("~", r#""c""#)]),
            (r#"{"data":"row 3 of Doe","x":1}"#, "/data/errors", &[("data", r#""row 3 of Doe""#)]),
            (r#"{"data":{"error":1,"a":{"errors":2}},"b":[{"errors":3}]}"#, "/data/errors", &[]),
            (r#"{"data":{},"errors":null}"#, "/data/errors", &[("errors", "null")]),
            ("[]", "/data/errors", &[]),
            ("7", "/data/errors", &[]),
        ] {
            let found = places(text, pointer);
            let found: Vec<(&str, &str)> = found.iter().map(|(k, v)| (k.as_str(), v.as_str())).collect();
            assert_eq!(found, expected, "{text} {pointer}");
        }
    }

    #[test]
    fn depth_is_bounded_and_what_is_no_json_is_none() {
        let nested = |depth: usize| format!("{}{}", "[".repeat(depth), "]".repeat(depth));
        assert!(is_json(nested(DEPTH_MAX).as_bytes()) && !is_json(nested(DEPTH_MAX + 1).as_bytes()));
        places(&nested(DEPTH_MAX), "/data/errors");
        for text in ["", "{} x", "\u{feff}{}", "{\"a\":}"] {
            assert!(!is_json(text.as_bytes()), "{text}");
        }
    }
}
