//! Why a text is scrubbed as it is: each finding with its rule, and its place in the text as it came.
//!
//! Reads as `scrub` does, round by round, and keeps the reasons that the normal path throws away.

use std::ops::Range;

use super::{Edit, Format, ROUNDS_MAX, Reader, edits, structure, view};
use crate::phi::class::{Finding, Place};
use crate::phi::echo::Echo;
use crate::phi::engine::Engine;

impl Engine {
    /// What [`Engine::scrub_line`] takes out of a log line, and why. Spans are bytes of the line.
    pub fn explain_line(&self, line: &[u8]) -> Vec<Finding> {
        findings(&mut Reader::new(self, Place::Log, None), line, Format::Sniffed)
    }

    /// What [`Engine::scrub_body`] takes out of a body, and why. Spans are bytes of the body; of UTF-16, of its text.
    pub fn explain_body(&self, content_type: Option<&str>, body: &[u8], echo: &Echo) -> Vec<Finding> {
        let mut reader = Reader::new(self, Place::Error, Some(echo));
        match view::utf16(body) {
            Some(view) => findings(&mut reader, view.text.as_bytes(), Format::Sniffed),
            None => findings(&mut reader, body, Format::of(content_type)),
        }
    }
}

/// One round: what was replaced, and where its placeholders stand afterwards.
struct Round {
    edits: Vec<Edit>,
    written: Vec<Range<usize>>,
}

fn findings(reader: &mut Reader<'_>, raw: &[u8], format: Format) -> Vec<Finding> {
    let mut rounds: Vec<Round> = Vec::new();
    let mut findings = Vec::new();
    let mut current = raw.to_vec();
    for _ in 0..ROUNDS_MAX {
        let edits = edits(reader, &current, format);
        if edits.is_empty() {
            break;
        }
        findings.extend(edits.iter().map(|edit| edit.finding(came_from(edit.span.clone(), &rounds))));
        let mut next = Vec::new();
        let written = structure::apply(&current, &edits, None, &mut next);
        reader.again(Some(written.clone()));
        rounds.push(Round { edits, written });
        current = next;
    }
    findings.sort_by_key(|finding| finding.span.start);
    findings
}

/// Where a span of a later text stands in the first one.
fn came_from(span: Range<usize>, rounds: &[Round]) -> Range<usize> {
    rounds.iter().rev().fold(span, |span, round| {
        let back = |at: usize, inside: fn(&Edit) -> usize| {
            let before = round.written.partition_point(|placeholder| placeholder.start < at);
            let Some((edit, placeholder)) =
                before.checked_sub(1).and_then(|last| round.edits.get(last).zip(round.written.get(last)))
            else {
                return at;
            };
            if at < placeholder.end { inside(edit) } else { edit.span.end + (at - placeholder.end) }
        };
        back(span.start, |edit| edit.span.start)..back(span.end, |edit| edit.span.end)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phi::class::{Class, Layer};

    /// Each finding as its text and what is said of it.
    fn why<'t>(text: &'t str, found: &[Finding]) -> Vec<(&'t str, Class, &'static str)> {
        found.iter().map(|finding| (&text[finding.span.clone()], finding.class, finding.rule)).collect()
    }

    #[test]
    fn lines_say_what_and_where_and_by_which_rule() {
        let text = "WARN caf\u{e9} ssn 219-09-1234 of jo.quint@example.org";
        let found = Engine::default().explain_line(text.as_bytes());
        assert_eq!(
            why(text, &found),
            [("219-09-1234", Class::Ssn, "ssn.grouped"), ("jo.quint@example.org", Class::Email, "email")]
        );
        assert_eq!(found[0].cue, Some("ssn"));
        assert_eq!(Engine::default().explain_line(b"ready in 12 ms"), []);
    }

    #[test]
    fn bodies_name_keys_echoes_and_own_places_behind_escapes() {
        let mut echo = Echo::new();
        echo.add_body(None, br#"{"lastName":"Zyrbeth"}"#, &|_| crate::phi::KeyClass::Unknown);
        let text = r#"{"city":"Gr\u00fcmbletown","message":"cannot use Zyrbeth twice","mrn":4711223}"#;
        let found = Engine::default().explain_body(Some("application/json"), text.as_bytes(), &echo);
        let said = why(text, &found);
        assert!(said.contains(&(r"Gr\u00fcmbletown", Class::Geo, "value.of-key")), "{said:?}");
        assert!(said.contains(&("4711223", Class::Mrn, "json.key")), "{said:?}");
        let echoed = found.iter().find(|finding| &text[finding.span.clone()] == "Zyrbeth").unwrap();
        assert_eq!(echoed.layer, Layer::Echo);
    }

    #[test]
    fn every_redaction_of_the_corpus_is_explained() {
        let engine = Engine::default();
        for case in include_str!("../../../tests/data/phi/log/hard.jsonl").lines() {
            let case: serde_json::Value = serde_json::from_str(case).unwrap();
            let line = case["line"].as_str().unwrap();
            let found = engine.explain_line(line.as_bytes());
            let mut out = Vec::new();
            let redactions = engine.scrub_line(line.as_bytes(), &mut out);
            assert_eq!(found.len() as u64, redactions.total(), "{line}");
            assert!(found.iter().all(|finding| finding.span.end <= line.len() && !finding.rule.is_empty()));
        }
    }
}
